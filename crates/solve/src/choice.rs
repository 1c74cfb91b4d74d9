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
use peermatch_assignment::{Left, Matching, Prices, Problem, Rejection, Right, check};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

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

impl Reach {
    fn new(nodes: usize) -> Self {
        Self {
            distance: vec![FAR; nodes],
            next: vec![(NONE, NONE); nodes],
            heap: BinaryHeap::new(),
        }
    }

    /// Dijkstra's search from `root` over `arcs`; stops early once `wanted` is settled.
    fn run(&mut self, arcs: &Arcs, root: usize, wanted: Option<usize>) {
        self.distance.fill(FAR);
        self.next.fill((NONE, NONE));
        self.heap.clear();
        self.distance[root] = 0;
        self.heap.push(Reverse((0, small(root))));
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            if distance > self.distance[node as usize] {
                continue;
            }
            if wanted == Some(node as usize) {
                return;
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
    /// Who moves, in the order of the path, each left once.
    pub moves: Vec<Move>,
}

impl Consequence {
    /// Who has a place now and would wait.
    pub fn lose_a_place(&self) -> impl Iterator<Item = Left> + '_ {
        self.moves.iter().filter(|m| m.from.is_some() && m.to.is_none()).map(|m| m.left)
    }

    /// Who waits now and would have a place.
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

/// The costs of all choices around one optimal matching.
///
/// Memory `O(A + n + K)` with `A <= min(E, K^2)` arcs of `H`; making it reads every pair twice.
#[derive(Debug)]
pub struct Choices<'p> {
    problem: &'p Problem,
    /// Node of each left's seat: its right, or `K` for the pool.
    seat: Vec<u32>,
    /// What each left pays now.
    pays: Vec<i64>,
    prices: Vec<i64>,
    load: Vec<u32>,
    /// Lefts by seat, ascending: `members[first[node]..first[node + 1]]`.
    first: Vec<usize>,
    members: Vec<u32>,
    out: Arcs,
    into: Arcs,
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
        let (frame, pairs) = (problem.frame(), problem.pairs());
        check(frame, pairs, matching, prices)?;
        let rights = frame.rights();
        let prices = prices.values().to_vec();
        let mut seat = Vec::with_capacity(frame.lefts());
        let mut pays = Vec::with_capacity(frame.lefts());
        let mut first = vec![0usize; rights + 2];
        for left in Left::all(frame.lefts()) {
            let at = matching.right_of(left);
            pays.push(match at.and_then(|right| Some((right, pairs.cost(left, right)?))) {
                Some((right, cost)) => i64::from(cost) + prices[right.index()],
                None => frame.waiting_cost(left),
            });
            let node = at.map_or(rights, Right::index);
            seat.push(small(node));
            first[node + 1] += 1;
        }
        for node in 0..=rights {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut members = vec![NONE; frame.lefts()];
        for (left, &node) in seat.iter().enumerate() {
            members[next[node as usize]] = small(left);
            next[node as usize] += 1;
        }
        let load = matching.loads(rights);
        let nothing = || Arcs { start: vec![0], arcs: Vec::new() };
        let mut choices = Self {
            problem,
            seat,
            pays,
            prices,
            load,
            first,
            members,
            out: nothing(),
            into: nothing(),
        };
        choices.out = choices.arcs();
        choices.into = choices.out.turned();
        Ok(choices)
    }

    /// The residual graph. Among equals the smallest left moves, so the result depends on the matching and the prices alone.
    fn arcs(&self) -> Arcs {
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
                if frame.pinned(left).is_some() {
                    continue;
                }
                let pays = self.pays[left.index()];
                if node != pool {
                    offer(&mut best, &mut reached, pool, frame.waiting_cost(left) - pays, v);
                }
                for (right, cost) in pairs.row(left) {
                    let to = right.index();
                    if to != node {
                        let length = i64::from(cost) + self.prices[to] - pays;
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

    /// Number of arcs of the residual graph: what one search costs, about.
    pub fn arc_count(&self) -> usize {
        self.out.arcs.len()
    }

    fn reduced(&self, left: Left, right: Right, cost: i32) -> i64 {
        i64::from(cost) + self.prices[right.index()] - self.pays[left.index()]
    }

    /// Backward distances to `goal`.
    fn toward(&self, goal: usize, wanted: Option<usize>) -> Reach {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.into, goal, wanted);
        reach
    }

    /// What forcing `left` to `right` costs everybody together: `None` if the pair is not eligible or nothing feasible holds it.
    ///
    /// One backward search: `O(A + K log K)`.
    ///
    /// # Panics
    /// If `left` is not of the problem; so for the other functions of one left.
    pub fn of(&self, left: Left, right: Right) -> Option<i64> {
        let cost = self.problem.pairs().cost(left, right)?;
        let goal = self.seat[left.index()] as usize;
        let reach = self.toward(goal, Some(right.index()));
        Some(self.reduced(left, right, cost) + reach.at(right.index())?)
    }

    /// What each eligible right of `left` costs, ascending by right. One backward search.
    pub fn row(&self, left: Left) -> Vec<(Right, Option<i64>)> {
        let reach = self.toward(self.seat[left.index()] as usize, None);
        self.row_with(left, &reach).collect()
    }

    fn row_with<'s>(
        &'s self,
        left: Left,
        reach: &'s Reach,
    ) -> impl Iterator<Item = (Right, Option<i64>)> + 's {
        self.problem.pairs().row(left).map(move |(right, cost)| {
            let on = reach.at(right.index());
            (right, on.map(|on| self.reduced(left, right, cost) + on))
        })
    }

    /// What leaving `left` on the waiting list costs everybody together, although it could be served: 0 if it waits already.
    pub fn waiting(&self, left: Left) -> Option<i64> {
        let goal = self.seat[left.index()] as usize;
        let reach = self.toward(goal, Some(self.pool()));
        let waits = self.problem.frame().waiting_cost(left) - self.pays[left.index()];
        Some(waits + reach.at(self.pool())?)
    }

    /// Prices every eligible pair: `each(left, right, cost)` as in [`Choices::of`], by the seat of the left, then by left, then by right.
    /// Stores nothing but one row of distances.
    ///
    /// One backward search per right that somebody has, and one for the waiting list: `O(K (A + K log K) + E)`.
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
        for goal in 0..nodes {
            if meter.step().is_err() {
                return ControlFlow::Break(());
            }
            let members = &self.members[self.first[goal]..self.first[goal + 1]];
            if members.is_empty() {
                continue;
            }
            reach.run(&self.into, goal, None);
            for &left in members {
                for (right, cost) in self.row_with(Left(left), &reach) {
                    each(Left(left), right, cost);
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Who would move where if `left` were forced to `right`, beginning with `left`. `None` as for [`Choices::of`].
    pub fn who_pays(&self, left: Left, right: Right) -> Option<Consequence> {
        let cost = self.problem.pairs().cost(left, right)?;
        let goal = self.seat[left.index()] as usize;
        if goal == right.index() {
            return Some(Consequence { cost: 0, moves: Vec::new() });
        }
        let reach = self.toward(goal, Some(right.index()));
        let cost = self.reduced(left, right, cost) + reach.at(right.index())?;
        let mut moves = vec![Move { left, from: self.right(goal), to: Some(right) }];
        self.follow(&reach, right.index(), goal, &mut moves);
        Some(Consequence { cost, moves })
    }

    /// Who would move where if `left` were left waiting. `None` if nothing feasible does that.
    pub fn who_gains(&self, left: Left) -> Option<Consequence> {
        let goal = self.seat[left.index()] as usize;
        if goal == self.pool() {
            return Some(Consequence { cost: 0, moves: Vec::new() });
        }
        let reach = self.toward(goal, Some(self.pool()));
        let waits = self.problem.frame().waiting_cost(left) - self.pays[left.index()];
        let cost = waits + reach.at(self.pool())?;
        let mut moves = vec![Move { left, from: self.right(goal), to: None }];
        self.follow(&reach, self.pool(), goal, &mut moves);
        Some(Consequence { cost, moves })
    }

    fn right(&self, node: usize) -> Option<Right> {
        (node != self.pool()).then(|| Right(small(node)))
    }

    /// The moves along a path of a backward search, from `node` to its goal.
    fn follow(&self, reach: &Reach, mut node: usize, goal: usize, moves: &mut Vec<Move>) {
        while node != goal {
            let (next, by) = reach.next[node];
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
        let reach = self.toward(self.pool(), Some(right.index()));
        self.less(right, &reach)
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
        reach.run(&self.out, self.pool(), Some(right.index()));
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
        let to_pool = self.toward(self.pool(), None);
        let mut from_pool = Reach::new(nodes);
        from_pool.run(&self.out, self.pool(), None);
        Right::all(self.pool())
            .map(|right| PlaceWorth {
                less: self.less(right, &to_pool),
                more: self.more(right, &from_pool),
            })
            .collect()
    }

    /// Who would move with one place less at `right`. `None` as for [`PlaceWorth::less`].
    pub fn who_loses_with_a_place_less(&self, right: Right) -> Option<Consequence> {
        let reach = self.toward(self.pool(), Some(right.index()));
        let cost = self.less(right, &reach)?;
        let mut moves = Vec::new();
        if self.load[right.index()] == self.problem.frame().capacity(right) {
            self.follow(&reach, right.index(), self.pool(), &mut moves);
        }
        Some(Consequence { cost, moves })
    }

    /// Who would move with one place more at `right`; the cost is then `-`[`Choices::place_more`]. Nobody moves if it is worth nothing.
    pub fn who_gains_with_a_place_more(&self, right: Right) -> Consequence {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.out, self.pool(), Some(right.index()));
        self.with_a_place_more(right, &reach)
    }

    /// [`Choices::who_gains_with_a_place_more`] for every right, by right: one search for all.
    pub fn all_with_a_place_more(&self) -> Vec<Consequence> {
        let mut reach = Reach::new(self.pool() + 1);
        reach.run(&self.out, self.pool(), None);
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
        Consequence { cost: -worth, moves }
    }
}
