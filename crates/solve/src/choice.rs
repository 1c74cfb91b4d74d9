//! What one choice costs everyone else: exact, for one pair, for one left, for all pairs.
//!
//! # The question
//!
//! A problem is solved. Somebody wants right `w` for left `u` whatever the matching says. By how much does the least total cost
//! rise when `(u, w)` is forced? That difference, `D(u, w)`, is the *opportunity cost* of the pair. It is 0 exactly when some
//! matching of least cost holds the pair.
//!
//! # How
//!
//! Let `p` be the prices that prove the matching, `y_u` what `u` pays now (`c + p` of its pair, or its cost of waiting) and
//! `r_uw = c_uw + p_w - y_u >= 0` the reduced cost. The residual graph `H` has a node per right and one, the *pool*, for the waiting
//! list and for places that nobody uses. Its arcs say how one left too many at a node can be passed on:
//!
//! | arc | length | what happens |
//! |---|---|---|
//! | `w -> x` | least `r_vx` over the lefts `v` at `w` | `v` moves from `w` to `x` |
//! | `w -> pool` | least `r_v0 = c_v0 - y_v` over the lefts `v` at `w` | `v` loses its place |
//! | `w -> pool` | `-p_w`, if `w` has a spare place | a spare place is used |
//! | `pool -> x` | least `r_vx` over the lefts `v` that wait | `v` gets a place |
//! | `pool -> x` | `p_x`, if `x` is above its minimum | `x` has one left less |
//!
//! Complementary slackness makes all lengths at least 0. Lefts that are pinned offer no arc. Then
//!
//! ```text
//! D(u, w) = r_uw + dist(w -> s(u))        s(u): the right of u, or the pool;  0 if w = s(u)
//! ```
//!
//! because the difference of two feasible flows splits into cycles of the residual network, the one through the forced pair costs at
//! least that much, and the others cost at least 0 (Ahuja, Magnanti and Orlin 1993, ch. 9). The goal of the path depends on
//! `s(u)` only, so `K + 1` backward searches price every pair.
//!
//! - Without a path, forcing the pair breaks a minimum, a pin or a capacity: there is no price, and none is told.
//! - `r_uw` alone is a lower bound of `D`, and can be far below it: at a full right somebody has to go elsewhere.
//! - Costs of several choices do not add up. Two choices together may cost more than the sum (both want the last place) or less (one
//!   moves into the place that the other leaves). Force one, solve again, ask again.
//! - For a left that is itself pinned, `D` is what another decision would cost instead, and may be below 0.
//!
//! # Several places each
//!
//! Where lefts want several places ([`Supply`]), forcing `(u, w)` means that `u` has at least one place of `w`: 0 if it has one. `u` may
//! give up any place it has for it, or one it was still waiting for, so that with `S(u)` its seats (the pool among them if it has
//! fewer places than it wants)
//!
//! ```text
//! D(u, w) = r_uw + min over s in S(u) of (dist(w -> s) - r_us)
//! ```
//!
//! `y_u` is then what the dearest of its places costs, so that `-r_us >= 0` at its seats, and a left `v` at `w` offers
//! `w -> x` at `r_vx - r_vw` for every `x` where it may have a place more, and `w -> pool` unless it must have all that it has.
//! A shortest path may seem to pass a left twice; as no length is below 0, it may as well go on from the first time at once, and
//! what is told does so. All pairs still take `K + 1` searches, and a comparison per pair and seat.
//!
//! A pin stands, and another pair of the same left is one more place. Only where the pin takes all that the left wants does one of
//! its places go to `w` instead, as where everybody wants one place.
//!
//! # Overflow
//!
//! None. Lengths along a path telescope: with pair costs within 2^30, waiting within 2^58, prices within 2^60 and at most 2^26
//! rights, each passed once, a distance stays within `2^26 * 2^31 + 2 * 2^58 + 2 * 2^60 < 2^62`, a reduced cost within `2^61 + 2^59`,
//! and their sum within `i64`.
//!
//! # Example
//!
//! ```
//! use peermatch_assignment::{Frame, Left, PairTable, Problem, Right};
//! use peermatch_solve::choice::Choices;
//! use peermatch_solve::{Outcome, Quiet, best_total};
//!
//! // Two lefts, two rights with one place each: left 0 at right 0 (cost 1), left 1 at right 1 (cost 2).
//! let frame = Frame::simple(2, 100, vec![1, 1])?;
//! let rows = [vec![(Right(0), 1), (Right(1), 3)], vec![(Right(0), 4), (Right(1), 2)]];
//! let problem = Problem::new(frame, PairTable::from_rows(2, rows)?)?;
//! let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { unreachable!() };
//!
//! let choices = Choices::new(&problem, &found.matching, &found.prices)?;
//! // Right 1 for left 0 sends left 1 to right 0: 3 + 4 instead of 1 + 2.
//! assert_eq!(choices.of(Left(0), Right(1)), Some(4));
//! assert_eq!(choices.of(Left(0), Right(0)), Some(0));
//! let told = choices.who_pays(Left(0), Right(1)).unwrap();
//! assert_eq!(told.moves[1].left, Left(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::instance::{NONE, small};
use crate::watch::{Meter, Stage, Watch};
use peermatch_assignment::{
    Flow, FlowRejection, Left, Matching, Prices, Problem, Rejection, Right, Supply, check,
    check_flow,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::{ControlFlow, Deref};
use std::sync::OnceLock;

/// "No path", and the distance of what was not reached.
const FAR: i64 = i64::MAX;

/// One way to pass a left on.
#[derive(Debug, Clone, Copy)]
struct Arc {
    /// The node at the other end.
    node: u32,
    /// Who moves; `NONE` where a spare place is used or a place is given up.
    by: u32,
    length: i64,
}

/// Arcs by node, in one array.
#[derive(Debug)]
struct Arcs {
    start: Vec<usize>,
    arcs: Vec<Arc>,
}

impl Arcs {
    fn of(&self, node: usize) -> &[Arc] {
        &self.arcs[self.start[node]..self.start[node + 1]]
    }

    /// The same arcs, by their other end.
    fn turned(&self) -> Self {
        let nodes = self.start.len() - 1;
        let mut start = vec![0usize; nodes + 1];
        for arc in &self.arcs {
            start[arc.node as usize + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut next = start.clone();
        let mut arcs = vec![Arc { node: NONE, by: NONE, length: 0 }; self.arcs.len()];
        for node in 0..nodes {
            for arc in self.of(node) {
                let place = &mut next[arc.node as usize];
                arcs[*place] = Arc { node: small(node), ..*arc };
                *place += 1;
            }
        }
        Self { start, arcs }
    }
}

/// Distances to one goal or from one source, with the first arc of each path.
#[derive(Debug)]
struct Reach {
    distance: Vec<i64>,
    /// Next node on the way and who moves there.
    next: Vec<(u32, u32)>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
}

/// What a search is for.
#[derive(Debug, Clone, Copy)]
enum Wanted<'w> {
    /// The distance of every node.
    All,
    /// The distances of these nodes, none of them twice: the search ends when they are settled.
    Nodes(&'w [usize]),
}

impl Reach {
    fn new(nodes: usize) -> Self {
        Self {
            distance: vec![FAR; nodes],
            next: vec![(NONE, NONE); nodes],
            heap: BinaryHeap::new(),
        }
    }

    /// Dijkstra's search over `arcs` from `roots`, each already at a distance of at least 0; stops early once all of `wanted` are settled.
    /// Paths end at a node without a next one. What is settled is the same however early the search stops.
    fn run(&mut self, arcs: &Arcs, roots: &[Seat], wanted: Wanted<'_>) {
        let mut open = match wanted {
            Wanted::All => usize::MAX,
            Wanted::Nodes(nodes) => nodes.len(),
        };
        if open == 0 {
            return;
        }
        self.distance.fill(FAR);
        self.next.fill((NONE, NONE));
        self.heap.clear();
        for root in roots {
            self.distance[root.node as usize] = root.spares;
            self.heap.push(Reverse((root.spares, root.node)));
        }
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            if distance > self.distance[node as usize] {
                continue;
            }
            if let Wanted::Nodes(nodes) = wanted
                && nodes.contains(&(node as usize))
            {
                open -= 1;
                if open == 0 {
                    return;
                }
            }
            for arc in arcs.of(node as usize) {
                let there = distance + arc.length;
                if there < self.distance[arc.node as usize] {
                    self.distance[arc.node as usize] = there;
                    self.next[arc.node as usize] = (node, arc.by);
                    self.heap.push(Reverse((there, arc.node)));
                }
            }
        }
    }

    fn at(&self, node: usize) -> Option<i64> {
        (self.distance[node] != FAR).then_some(self.distance[node])
    }
}

/// A search made now, or one that was kept.
#[derive(Debug)]
enum Searched<'c> {
    Now(Reach),
    Before(&'c Reach),
}

impl Deref for Searched<'_> {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        match self {
            Self::Now(reach) => reach,
            Self::Before(reach) => reach,
        }
    }
}

/// Where a left has a place that it can give up, or waits for one.
#[derive(Debug, Clone, Copy)]
struct Seat {
    /// The right, or `K` for the pool.
    node: u32,
    /// By how much this place is cheaper than the dearest of the same left: `-r`, at least 0.
    spares: i64,
}

/// One left goes from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Who.
    pub left: Left,
    /// From where; `None` is the waiting list.
    pub from: Option<Right>,
    /// To where; `None` is the waiting list.
    pub to: Option<Right>,
}

/// What a change costs in all, and one cheapest way to make it. Several ways may cost the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// By how much the total cost rises. Below 0 it falls.
    pub cost: i64,
    /// Who moves, in the order of the path, each left once and with one place.
    pub moves: Vec<Move>,
}

impl Consequence {
    /// Who has a place now and would wait; of lefts that want several places, who would have one less.
    pub fn lose_a_place(&self) -> impl Iterator<Item = Left> + '_ {
        self.moves.iter().filter(|m| m.from.is_some() && m.to.is_none()).map(|m| m.left)
    }

    /// Who waits now and would have a place; of lefts that want several places, who would have one more.
    pub fn get_a_place(&self) -> impl Iterator<Item = Left> + '_ {
        self.moves.iter().filter(|m| m.from.is_none() && m.to.is_some()).map(|m| m.left)
    }

    /// The matching after these moves.
    #[must_use]
    pub fn applied(&self, matching: &Matching) -> Matching {
        let mut rights = matching.rights().to_vec();
        for change in &self.moves {
            if let Some(right) = rights.get_mut(change.left.index()) {
                *right = change.to;
            }
        }
        Matching::new(rights)
    }

    /// The flow after these moves, one place each.
    #[must_use]
    pub fn applied_to(&self, flow: &Flow) -> Flow {
        let mut rows = flow.rows().to_vec();
        for change in &self.moves {
            let Some(row) = rows.get_mut(change.left.index()) else { continue };
            if let Some(from) = change.from
                && let Some(place) = row.iter_mut().find(|place| place.0 == from)
            {
                place.1 = place.1.saturating_sub(1);
            }
            if let Some(to) = change.to {
                match row.iter_mut().find(|place| place.0 == to) {
                    Some(place) => place.1 = place.1.saturating_add(1),
                    None => row.push((to, 1)),
                }
            }
            row.retain(|place| place.1 > 0);
        }
        Flow::new(rows)
    }

    /// Lets a left that the path passes twice go on from the first time at once.
    fn each_left_once(moves: Vec<Move>) -> Vec<Move> {
        let mut out: Vec<Move> = Vec::with_capacity(moves.len());
        for change in moves {
            match out.iter().position(|earlier| earlier.left == change.left) {
                Some(at) => {
                    out.truncate(at + 1);
                    out[at].to = change.to;
                }
                None => out.push(change),
            }
        }
        out
    }
}

/// What the number of places of a right is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceWorth {
    /// By how much the least total cost rises with one place less. `None` if there is no such problem: no place to take away, the
    /// minimum would be above the capacity, or pins and minimums could not all be kept.
    pub less: Option<i64>,
    /// By how much the least total cost falls with one place more.
    pub more: i64,
}

/// The costs of all choices around one optimal matching, or flow.
///
/// Memory `O(A + n + K)` with `A <= min(E, K^2)` arcs of `H` (of a flow, with as many more as places of its lefts); making it reads every
/// pair twice, and once more per place that its left has.
#[derive(Debug)]
pub struct Choices<'p> {
    problem: &'p Problem,
    /// Seats of each left, ascending by node: `seats[from[left]..from[left + 1]]`. A pin that leaves places free is none of them.
    seats: Vec<Seat>,
    from: Vec<usize>,
    /// What the dearest place of each left costs, waiting included.
    pays: Vec<i64>,
    /// Whether each left may wait for one place more than now.
    may_wait: Vec<bool>,
    prices: Vec<i64>,
    load: Vec<u32>,
    /// Lefts by seat, ascending: `members[first[node]..first[node + 1]]`.
    first: Vec<usize>,
    members: Vec<u32>,
    out: Arcs,
    into: Arcs,
    /// Distances to the pool, found when they are first asked for: whoever waits and has no place gives up nothing else, so that all of them
    /// share one search.
    to_pool: OnceLock<Reach>,
}

impl<'p> Choices<'p> {
    /// Checks that the prices prove the matching optimal, and builds the residual graph. `O(E + A + n + K)`.
    ///
    /// # Errors
    /// What `peermatch_assignment::check` says: around a matching that is not of least cost, differences to it mean nothing.
    pub fn new(
        problem: &'p Problem,
        matching: &Matching,
        prices: &Prices,
    ) -> Result<Self, Rejection> {
        check(problem.frame(), problem.pairs(), matching, prices)?;
        let supply = Supply::one_each(problem.frame().lefts());
        Ok(Self::around(problem, &supply, &Flow::from(matching), prices))
    }

    /// The same around a flow, where lefts want several places. `O(E d + A + n + K)` where a left has places at `d` rights at most.
    ///
    /// ```
    /// use peermatch_assignment::{Frame, Left, PairTable, Problem, Right, Supply};
    /// use peermatch_solve::choice::Choices;
    /// use peermatch_solve::{FlowOutcome, Quiet, best_flow};
    ///
    /// // Left 0 wants two of three rights and has 0 and 1; left 1 wants one and has right 2.
    /// let frame = Frame::simple(2, 100, vec![1, 1, 1])?;
    /// let rows = [
    ///     vec![(Right(0), 1), (Right(1), 4), (Right(2), 6)],
    ///     vec![(Right(1), 5), (Right(2), 2)],
    /// ];
    /// let problem = Problem::new(frame, PairTable::from_rows(3, rows)?)?;
    /// let supply = Supply::new(vec![2, 1], vec![0, 0], vec![1, 1])?;
    /// let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { unreachable!() };
    ///
    /// let choices = Choices::of_flow(&problem, &supply, &found.flow, &found.prices)?;
    /// // Right 2 for left 0: it gives right 1 to left 1 for it, 1 + 6 + 5 instead of 1 + 4 + 2.
    /// assert_eq!(choices.of(Left(0), Right(2)), Some(5));
    /// assert_eq!(choices.of(Left(0), Right(1)), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What `peermatch_assignment::check_flow` says.
    pub fn of_flow(
        problem: &'p Problem,
        supply: &Supply,
        flow: &Flow,
        prices: &Prices,
    ) -> Result<Self, FlowRejection> {
        check_flow(problem.frame(), supply, problem.pairs(), flow, prices)?;
        Ok(Self::around(problem, supply, flow, prices))
    }

    /// Around a flow that the prices prove.
    fn around(problem: &'p Problem, supply: &Supply, flow: &Flow, prices: &Prices) -> Self {
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let rights = frame.rights();
        let prices = prices.values().to_vec();
        let (mut seats, mut from) = (Vec::with_capacity(frame.lefts()), vec![0]);
        let mut pays = Vec::with_capacity(frame.lefts());
        let mut may_wait = Vec::with_capacity(frame.lefts());
        let mut first = vec![0usize; rights + 2];
        for left in Left::all(frame.lefts()) {
            let (wanted, units) = (u64::from(supply.wanted(left)), flow.units(left));
            // Places that can be given up, and what they cost here.
            let fixed = frame.pinned(left).filter(|_| supply.each(left) < supply.wanted(left));
            let start = seats.len();
            for &(right, _) in flow.of(left) {
                if fixed != Some(right)
                    && let Some(cost) = pairs.cost(left, right)
                {
                    let paid = i64::from(cost) + prices[right.index()];
                    seats.push(Seat { node: right.0, spares: paid });
                }
            }
            if units < wanted {
                seats.push(Seat { node: small(rights), spares: frame.waiting_cost(left) });
            }
            let own = &mut seats[start..];
            let most = own.iter().map(|seat| seat.spares).max().unwrap_or(0);
            for seat in own {
                seat.spares = most - seat.spares;
                first[seat.node as usize + 1] += 1;
            }
            pays.push(most);
            may_wait.push(units > u64::from(supply.least(left)));
            from.push(seats.len());
        }
        for node in 0..=rights {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut members = vec![NONE; seats.len()];
        for left in 0..frame.lefts() {
            for seat in &seats[from[left]..from[left + 1]] {
                members[next[seat.node as usize]] = small(left);
                next[seat.node as usize] += 1;
            }
        }
        // The check has found no load above its capacity.
        let load = flow.loads(rights);
        let load = load.into_iter().map(|load| u32::try_from(load).unwrap_or(u32::MAX)).collect();
        let nothing = || Arcs { start: vec![0], arcs: Vec::new() };
        let mut choices = Self {
            problem,
            seats,
            from,
            pays,
            may_wait,
            prices,
            load,
            first,
            members,
            out: nothing(),
            into: nothing(),
            to_pool: OnceLock::new(),
        };
        choices.out = choices.arcs(supply, flow);
        choices.into = choices.out.turned();
        choices
    }

    fn seats_of(&self, left: Left) -> &[Seat] {
        &self.seats[self.from[left.index()]..self.from[left.index() + 1]]
    }

    /// The residual graph. Among equals the smallest left moves, so the result depends on the flow and the prices alone.
    fn arcs(&self, supply: &Supply, flow: &Flow) -> Arcs {
        let (frame, pairs) = (self.problem.frame(), self.problem.pairs());
        let pool = self.pool();
        let mut start = Vec::with_capacity(pool + 2);
        start.push(0);
        let mut arcs: Vec<Arc> = Vec::new();
        // Shortest arc to each node from the node in hand, and the nodes that have one.
        let mut best = vec![(FAR, NONE); pool + 1];
        let mut reached: Vec<u32> = Vec::new();
        let offer = |best: &mut Vec<(i64, u32)>, reached: &mut Vec<u32>, node, length, by| {
            let known: &mut (i64, u32) = &mut best[node];
            if known.0 == FAR {
                reached.push(small(node));
            }
            if length < known.0 {
                *known = (length, by);
            }
        };
        for node in 0..=pool {
            if node == pool {
                for right in Right::all(pool) {
                    if self.load[right.index()] > frame.minimum(right) {
                        let price = self.prices[right.index()];
                        offer(&mut best, &mut reached, right.index(), price, NONE);
                    }
                }
            } else {
                let right = Right(small(node));
                if self.load[node] < frame.capacity(right) {
                    offer(&mut best, &mut reached, pool, -self.prices[node], NONE);
                }
            }
            for &v in &self.members[self.first[node]..self.first[node + 1]] {
                let left = Left(v);
                let most = supply.each(left).min(supply.wanted(left));
                if frame.pinned(left).is_some() && most == supply.wanted(left) {
                    continue;
                }
                let here = self.seats_of(left).iter().find(|seat| seat.node as usize == node);
                // What the place here costs, which is what the left pays where it has but one.
                let paid = self.pays[left.index()] - here.map_or(0, |seat| seat.spares);
                if node != pool && self.may_wait[left.index()] {
                    offer(&mut best, &mut reached, pool, frame.waiting_cost(left) - paid, v);
                }
                let mut held = flow.of(left).iter().peekable();
                for (right, cost) in pairs.row(left) {
                    let to = right.index();
                    let units = held.next_if(|place| place.0 == right).map_or(0, |place| place.1);
                    if to != node && units < most {
                        let length = i64::from(cost) + self.prices[to] - paid;
                        offer(&mut best, &mut reached, to, length, v);
                    }
                }
            }
            reached.sort_unstable();
            for &to in &reached {
                let (length, by) = best[to as usize];
                debug_assert!(length >= 0, "the check has found complementary slackness");
                arcs.push(Arc { node: to, by, length });
                best[to as usize] = (FAR, NONE);
            }
            reached.clear();
            start.push(arcs.len());
        }
        Arcs { start, arcs }
    }

    /// The node for the waiting list and for places that nobody uses.
    fn pool(&self) -> usize {
        self.problem.frame().rights()
    }

    fn reduced(&self, left: Left, right: Right, cost: i32) -> i64 {
        i64::from(cost) + self.prices[right.index()] - self.pays[left.index()]
    }

    /// Backward distances to the nearest of `goals`.
    fn toward(&self, goals: &[Seat], wanted: Wanted<'_>) -> Searched<'_> {
        if let &[only] = goals
            && only.node as usize == self.pool()
            && only.spares == 0
        {
            return Searched::Before(self.to_pool());
        }
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.into, goals, wanted);
        Searched::Now(reach)
    }

    /// Backward distances to the pool.
    fn to_pool(&self) -> &Reach {
        self.to_pool.get_or_init(|| {
            let mut reach = Reach::new(self.pool() + 1);
            reach.run(&self.into, &self.at_pool(), Wanted::All);
            reach
        })
    }

    /// The pool as where a search begins.
    fn at_pool(&self) -> [Seat; 1] {
        [Seat { node: small(self.pool()), spares: 0 }]
    }

    /// Whether `left` has a place of `right`.
    fn has(&self, left: Left, right: Right) -> bool {
        // A pin that leaves places free is no seat; what wants no place has none there, pinned or not.
        self.seats_of(left).iter().any(|seat| seat.node == right.0)
            || self.problem.frame().pinned(left) == Some(right) && !self.seats_of(left).is_empty()
    }

    /// What forcing `left` to `right` costs everybody together: `None` if the pair is not eligible or nothing feasible holds it.
    ///
    /// One backward search: `O(A + K log K)`.
    ///
    /// # Panics
    /// If `left` is not of the problem; so for the other functions of one left.
    pub fn of(&self, left: Left, right: Right) -> Option<i64> {
        let cost = self.problem.pairs().cost(left, right)?;
        if self.has(left, right) {
            return Some(0);
        }
        let reach = self.toward(self.seats_of(left), Wanted::Nodes(&[right.index()]));
        Some(self.reduced(left, right, cost) + reach.at(right.index())?)
    }

    /// What each eligible right of `left` costs, ascending by right. One backward search.
    pub fn row(&self, left: Left) -> Vec<(Right, Option<i64>)> {
        let reach = self.toward(self.seats_of(left), Wanted::All);
        self.row_with(left, &reach).collect()
    }

    fn row_with<'s>(
        &'s self,
        left: Left,
        reach: &'s Reach,
    ) -> impl Iterator<Item = (Right, Option<i64>)> + 's {
        self.problem.pairs().row(left).map(move |(right, cost)| {
            if self.has(left, right) {
                return (right, Some(0));
            }
            let on = reach.at(right.index());
            (right, on.map(|on| self.reduced(left, right, cost) + on))
        })
    }

    /// What leaving `left` on the waiting list costs everybody together, although it could be served: 0 if it waits already.
    ///
    /// A left that wants several places and has them all has one less. `None` if it must have as many, if its pin does not let it,
    /// and of a left that waits for a part of what it wants, which is not priced: the way back to the waiting list is its own.
    pub fn waiting(&self, left: Left) -> Option<i64> {
        self.who_gains(left).map(|told| told.cost)
    }

    /// Prices every eligible pair: `each(left, right, cost)` as in [`Choices::of`], by the last seat of the left, then by left, then by
    /// right; lefts that want nothing come last. Stores one row of distances, and the rows of lefts with several seats while it is at
    /// them.
    ///
    /// One backward search per right that somebody has, and one for the waiting list: `O(K (A + K log K) + E)`, where a row counts once per
    /// seat of its left.
    ///
    /// Breaks off when `watch` asks to.
    pub fn all(
        &self,
        watch: &dyn Watch,
        mut each: impl FnMut(Left, Right, Option<i64>),
    ) -> ControlFlow<()> {
        let nodes = self.pool() + 1;
        let mut meter = Meter::new(watch, Stage::Choices, nodes);
        let mut reach = Reach::new(nodes);
        // Least so far, for the lefts whose last seat is still to come.
        let mut open: BTreeMap<u32, Vec<(Right, Option<i64>)>> = BTreeMap::new();
        for goal in 0..nodes {
            if meter.step().is_err() {
                return ControlFlow::Break(());
            }
            let members = &self.members[self.first[goal]..self.first[goal + 1]];
            if members.is_empty() {
                continue;
            }
            reach.run(&self.into, &[Seat { node: small(goal), spares: 0 }], Wanted::All);
            for &member in members {
                let left = Left(member);
                if let &[_] = self.seats_of(left) {
                    for (right, cost) in self.row_with(left, &reach) {
                        each(left, right, cost);
                    }
                    continue;
                }
                let seats = self.seats_of(left);
                let spares =
                    seats.iter().find(|seat| seat.node as usize == goal).map_or(0, |s| s.spares);
                let here = self.row_with(left, &reach).map(|(right, cost)| {
                    let held = self.has(left, right);
                    (right, cost.map(|cost| if held { 0 } else { cost + spares }))
                });
                let row = match open.remove(&member) {
                    None => here.collect(),
                    Some(mut row) => {
                        for (known, (_, cost)) in row.iter_mut().zip(here) {
                            known.1 = match (known.1, cost) {
                                (Some(known), Some(cost)) => Some(known.min(cost)),
                                (known, cost) => known.or(cost),
                            };
                        }
                        row
                    }
                };
                if seats.last().is_some_and(|seat| seat.node as usize == goal) {
                    for (right, cost) in row {
                        each(left, right, cost);
                    }
                } else {
                    open.insert(member, row);
                }
            }
        }
        let lefts = Left::all(self.pays.len());
        for left in lefts.filter(|&left| self.seats_of(left).is_empty()) {
            for &right in self.problem.pairs().rights_of(left) {
                each(left, right, None);
            }
        }
        ControlFlow::Continue(())
    }

    /// Who would move where if `left` were forced to `right`, beginning with `left`. `None` as for [`Choices::of`].
    pub fn who_pays(&self, left: Left, right: Right) -> Option<Consequence> {
        self.who_pays_each(left, &[right]).pop().flatten()
    }

    /// [`Choices::who_pays`] for each of `rights`, in their order: one backward search for all of them, and none of its own where `left` waits
    /// and has no place. May be asked from several threads at once.
    pub fn who_pays_each(&self, left: Left, rights: &[Right]) -> Vec<Option<Consequence>> {
        let forced = |right: Right| {
            let cost = self.problem.pairs().cost(left, right)?;
            (!self.has(left, right)).then(|| self.reduced(left, right, cost))
        };
        let mut wanted: Vec<usize> = rights
            .iter()
            .filter(|&&right| forced(right).is_some())
            .map(|right| right.index())
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let reach = self.toward(self.seats_of(left), Wanted::Nodes(&wanted));
        let each = rights.iter().map(|&right| {
            self.problem.pairs().cost(left, right)?;
            match forced(right) {
                None => Some(Consequence { cost: 0, moves: Vec::new() }),
                Some(reduced) => self.instead(left, right.index(), reduced, &reach),
            }
        });
        each.collect()
    }

    /// Who would move where if `left` were left waiting. `None` if nothing feasible does that. See [`Choices::waiting`].
    pub fn who_gains(&self, left: Left) -> Option<Consequence> {
        let seats = self.seats_of(left);
        let waits = seats.last().is_some_and(|seat| seat.node as usize == self.pool());
        if seats.is_empty()
            || (waits && seats.len() == 1 && self.problem.frame().pinned(left).is_none())
        {
            return Some(Consequence { cost: 0, moves: Vec::new() });
        }
        if waits || !self.may_wait[left.index()] {
            return None;
        }
        let reduced = self.problem.frame().waiting_cost(left) - self.pays[left.index()];
        let reach = self.toward(seats, Wanted::Nodes(&[self.pool()]));
        self.instead(left, self.pool(), reduced, &reach)
    }

    /// `left` gives up one of its seats for a place at `node`, which costs it `reduced` more than it pays now; `reach` is a search back from
    /// its seats that settled `node`.
    fn instead(&self, left: Left, node: usize, reduced: i64, reach: &Reach) -> Option<Consequence> {
        let cost = reduced + reach.at(node)?;
        let mut moves = vec![Move { left, from: None, to: self.right(node) }];
        let end = self.follow(reach, node, &mut moves);
        // Where the path comes to the left itself, that is the place it gives up.
        let back = moves.iter().skip(1).position(|change| change.left == left);
        moves[0].from = back.map_or(self.right(end), |at| moves[at + 1].from);
        moves.truncate(back.map_or(moves.len(), |at| at + 1));
        Some(Consequence { cost, moves: Consequence::each_left_once(moves) })
    }

    fn right(&self, node: usize) -> Option<Right> {
        (node != self.pool()).then(|| Right(small(node)))
    }

    /// The moves along a path of a backward search, from `node` to where the search began, which is returned.
    fn follow(&self, reach: &Reach, mut node: usize, moves: &mut Vec<Move>) -> usize {
        loop {
            let (next, by) = reach.next[node];
            if next == NONE {
                return node;
            }
            if by != NONE {
                moves.push(Move {
                    left: Left(by),
                    from: self.right(node),
                    to: self.right(next as usize),
                });
            }
            node = next as usize;
        }
    }

    /// By how much the least total cost rises with one place less at `right`: see [`PlaceWorth::less`].
    pub fn place_less(&self, right: Right) -> Option<i64> {
        self.less(right, self.to_pool())
    }

    fn less(&self, right: Right, to_pool: &Reach) -> Option<i64> {
        let frame = self.problem.frame();
        let capacity = frame.capacity(right);
        if capacity == frame.minimum(right) {
            // No place at all, or none above the minimum.
            return None;
        }
        if self.load[right.index()] < capacity {
            return Some(0);
        }
        Some(self.prices[right.index()] + to_pool.at(right.index())?)
    }

    /// By how much the least total cost falls with one place more at `right`; 0 if it would stay empty or change nothing.
    pub fn place_more(&self, right: Right) -> i64 {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.out, &self.at_pool(), Wanted::Nodes(&[right.index()]));
        self.more(right, &reach)
    }

    fn more(&self, right: Right, from_pool: &Reach) -> i64 {
        if self.load[right.index()] < self.problem.frame().capacity(right) {
            return 0;
        }
        let price = self.prices[right.index()];
        from_pool.at(right.index()).map_or(0, |distance| (price - distance).max(0))
    }

    /// What the places of every right are worth, by right: two searches for all.
    pub fn places(&self) -> Vec<PlaceWorth> {
        let nodes = self.pool() + 1;
        let mut from_pool = Reach::new(nodes);
        from_pool.run(&self.out, &self.at_pool(), Wanted::All);
        Right::all(self.pool())
            .map(|right| PlaceWorth {
                less: self.less(right, self.to_pool()),
                more: self.more(right, &from_pool),
            })
            .collect()
    }

    /// Who would move with one place less at `right`. `None` as for [`PlaceWorth::less`].
    pub fn who_loses_with_a_place_less(&self, right: Right) -> Option<Consequence> {
        let reach = self.to_pool();
        let cost = self.less(right, reach)?;
        let mut moves = Vec::new();
        if self.load[right.index()] == self.problem.frame().capacity(right) {
            self.follow(reach, right.index(), &mut moves);
        }
        Some(Consequence { cost, moves: Consequence::each_left_once(moves) })
    }

    /// Who would move with one place more at `right`; the cost is then `-`[`Choices::place_more`]. Nobody moves if it is worth nothing.
    pub fn who_gains_with_a_place_more(&self, right: Right) -> Consequence {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.out, &self.at_pool(), Wanted::Nodes(&[right.index()]));
        self.with_a_place_more(right, &reach)
    }

    /// [`Choices::who_gains_with_a_place_more`] for every right, by right: one search for all.
    pub fn all_with_a_place_more(&self) -> Vec<Consequence> {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.out, &self.at_pool(), Wanted::All);
        Right::all(self.pool()).map(|right| self.with_a_place_more(right, &reach)).collect()
    }

    fn with_a_place_more(&self, right: Right, from_pool: &Reach) -> Consequence {
        let worth = self.more(right, from_pool);
        let mut moves = Vec::new();
        let mut node = if worth > 0 { right.index() } else { self.pool() };
        while node != self.pool() {
            // A forward search: `next` is where the path comes from.
            let (from, by) = from_pool.next[node];
            if by != NONE {
                moves.push(Move {
                    left: Left(by),
                    from: self.right(from as usize),
                    to: self.right(node),
                });
            }
            node = from as usize;
        }
        moves.reverse();
        Consequence { cost: -worth, moves: Consequence::each_left_once(moves) }
    }
}
