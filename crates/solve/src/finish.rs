//! From any prices to an optimum, exactly: shortest augmenting paths over the rights.
//!
//! Notation: `y_u` is what the seat of `u` costs it, `r_uw = c_uw + p_w - y_u >= 0` the reduced
//! cost. Kept at all times: no left has a negative reduced cost (waiting included), and who sits
//! or waits does so at reduced cost 0. What is repaired step by step is the other half of
//! complementary slackness: a right with `p > 0` is full, one with `p < 0` is at its minimum.
//!
//! Paths run over rights only. An arc `w -> x` means that some left `v` seated at `w` moves to
//! `x`; its length is the least `r_vx`. Searches are Dijkstra's with early stop, and prices of
//! the rights passed move by `distance to the goal - own distance` (Tomizawa 1971; Edmonds and
//! Karp 1972), which keeps all reduced costs from going below 0.

use crate::instance::{Columns, Instance, NONE};
use crate::seats::Seats;
use crate::watch::{Meter, Stopped};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FAR: i64 = i64::MAX;

/// A matching under repair.
pub(crate) struct Finish<'i, 'p> {
    instance: &'i Instance<'p>,
    pub(crate) prices: Vec<i64>,
    pub(crate) seats: Seats,
    search: Search,
}

/// Scratch of one search, cleared by the list of what it touched.
struct Search {
    distance: Vec<i64>,
    /// The left that moves along the last arc to (or, backwards, from) this right.
    by: Vec<u32>,
    /// Its cost at the far end of that arc.
    by_cost: Vec<i32>,
    /// Backwards only: where that left goes.
    toward: Vec<u32>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// Rights at the distance being settled, so that ties skip the heap.
    level: Vec<u32>,
}

impl Search {
    fn new(rights: usize) -> Self {
        Self {
            distance: vec![FAR; rights],
            by: vec![NONE; rights],
            by_cost: vec![0; rights],
            toward: vec![NONE; rights],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
            level: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for &right in &self.touched {
            self.distance[right as usize] = FAR;
        }
        self.touched.clear();
        self.heap.clear();
        self.level.clear();
    }

    /// Shortens the distance of `right` to `distance`, if it does; `now` is the distance being
    /// settled.
    #[inline]
    fn reach(&mut self, right: usize, distance: i64, now: i64) -> bool {
        let known = self.distance[right];
        if distance >= known {
            return false;
        }
        let name = u32::try_from(right).expect("a frame has at most 2^26 rights");
        if known == FAR {
            self.touched.push(name);
        }
        self.distance[right] = distance;
        if distance == now {
            self.level.push(name);
        } else {
            self.heap.push(Reverse((distance, name)));
        }
        true
    }

    /// The next right to settle at a distance below `limit`, with its distance.
    fn next(&mut self, now: i64, limit: impl Fn() -> i64) -> Option<(usize, i64)> {
        if now < limit()
            && let Some(right) = self.level.pop()
        {
            return Some((right as usize, now));
        }
        while let Some(Reverse((distance, right))) = self.heap.pop() {
            if distance >= limit() {
                return None;
            }
            if distance == self.distance[right as usize] {
                return Some((right as usize, distance));
            }
        }
        None
    }
}

/// Where an insertion ends.
#[derive(Clone, Copy)]
enum End {
    /// The inserted left waits.
    Waits,
    /// A right with a spare place.
    Spare(usize),
    /// A left seated at this right stands up and waits.
    Leaves(usize, u32),
}

/// Where a pull ends.
#[derive(Clone, Copy)]
enum Source {
    /// The price reaches its limit and nobody moves.
    Price,
    /// A waiting left comes to this right, at this cost.
    Waiting(u32, usize, i32),
    /// A right that can spare somebody.
    Spares(usize),
}

/// Rights that must have more lefts between them than can come.
pub(crate) struct OutOfReach(pub(crate) Vec<u32>);

fn narrow(cost: i64) -> i32 {
    i32::try_from(cost).expect("costs of pairs are within 2^30")
}

impl<'i, 'p> Finish<'i, 'p> {
    /// Starts from prices and a proposal of who holds places: those who are not exactly at a best
    /// option stand up. Returns the lefts without a seat, ascending; each must be inserted.
    pub(crate) fn new(
        instance: &'i Instance<'p>,
        prices: Vec<i64>,
        holders: &[Vec<u32>],
    ) -> (Self, Vec<u32>) {
        let mut proposed = vec![NONE; instance.lefts()];
        for (right, holders) in holders.iter().enumerate() {
            for &u in holders {
                proposed[u as usize] = crate::instance::small(right);
            }
        }
        let mut seats = Seats::new(instance);
        let mut standing = Vec::new();
        for &u in &instance.free {
            let held = proposed[u as usize] as usize;
            let mut best = instance.waiting(u);
            let mut own = None;
            for (right, cost) in instance.row(u) {
                let value = cost + prices[right];
                best = best.min(value);
                if right == held {
                    own = Some((value, cost));
                }
            }
            match own {
                Some((value, cost)) if value == best => seats.seat(u, held, narrow(cost)),
                _ => standing.push(u),
            }
        }
        let search = Search::new(instance.rights());
        (Self { instance, prices, seats, search }, standing)
    }

    /// Gives `u`, who has no seat, its part in an optimum of everybody inserted so far: a seat or
    /// the waiting list, moving others along a shortest path. `O(E + K log K)` at worst.
    pub(crate) fn insert(&mut self, u: u32) {
        let instance = self.instance;
        let waiting = instance.waiting(u);
        let own =
            instance.row(u).map(|(right, cost)| cost + self.prices[right]).fold(waiting, i64::min);
        let Self { prices, seats, search, .. } = self;
        search.clear();

        let mut goal = waiting - own;
        let mut end = End::Waits;
        for (right, cost) in instance.row(u) {
            let distance = cost + prices[right] - own;
            if distance < goal || (distance == goal && matches!(end, End::Waits)) {
                if seats.load(right) < instance.places[right] {
                    goal = distance;
                    end = End::Spare(right);
                }
                if search.reach(right, distance, 0) {
                    search.by[right] = u;
                    search.by_cost[right] = narrow(cost);
                }
                if goal == 0 && matches!(end, End::Spare(_)) {
                    break;
                }
            }
        }
        let mut now = 0;
        while let Some((here, distance)) = search.next(now, || goal) {
            now = distance;
            for &v in seats.members(here) {
                let seated = seats.cost(v) + prices[here];
                let leave = distance + (instance.waiting(v) - seated);
                if leave < goal {
                    goal = leave;
                    end = End::Leaves(here, v);
                }
                let base = distance - seated;
                for (right, cost) in instance.row(v) {
                    let reached = base + cost + prices[right];
                    if reached < goal && search.reach(right, reached, now) {
                        search.by[right] = v;
                        search.by_cost[right] = narrow(cost);
                        if seats.load(right) < instance.places[right] {
                            goal = reached;
                            end = End::Spare(right);
                        }
                    }
                }
                if goal <= now {
                    break;
                }
            }
        }
        for &right in &search.touched {
            let distance = search.distance[right as usize];
            if distance < goal {
                prices[right as usize] += goal - distance;
            }
        }
        let mut right = match end {
            End::Waits => return,
            End::Spare(right) => right,
            End::Leaves(right, v) => {
                seats.unseat(v);
                right
            }
        };
        // From the far end back to `u`: each moves into the place just freed.
        loop {
            let v = search.by[right];
            let cost = search.by_cost[right];
            if v == u {
                seats.seat(u, right, cost);
                return;
            }
            let from = seats.at(v).expect("who moves along a path was seated");
            seats.shift(v, right, cost);
            right = from;
        }
    }

    /// Whether the price of `right` says it should be full while it is not.
    fn unsettled(&self, right: usize) -> bool {
        self.prices[right] > 0 && self.seats.load(right) < self.instance.places[right]
    }

    /// Whether every price fits the use of its places already and minimums are kept.
    pub(crate) fn settled(&self) -> bool {
        let rights = 0..self.instance.rights();
        rights.into_iter().all(|right| {
            !self.unsettled(right) && self.seats.load(right) >= self.instance.minimum[right]
        })
    }

    /// Fills or makes free of charge every place that has a price and nobody in it. Afterwards
    /// the matching is optimal but for minimums.
    pub(crate) fn settle(
        &mut self,
        columns: &Columns,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stopped> {
        for right in 0..self.instance.rights() {
            while self.unsettled(right) {
                meter.step()?;
                let moved = self.pull(columns, right, Some(self.prices[right]), None);
                debug_assert!(moved.is_ok(), "lowering the price is always possible");
            }
        }
        Ok(())
    }

    /// Brings lefts to rights below their minimum, each at least extra cost.
    pub(crate) fn keep_minimums(
        &mut self,
        columns: &Columns,
        meter: &mut Meter<'_>,
    ) -> Result<Result<(), OutOfReach>, Stopped> {
        let minimum = self.instance.minimum.clone();
        for (right, &needed) in minimum.iter().enumerate() {
            while self.seats.load(right) < needed {
                meter.step()?;
                if let Err(out) = self.pull(columns, right, None, Some(&minimum)) {
                    return Ok(Err(out));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Lowers the price of `goal` until somebody comes (from the waiting list, or from a right
    /// that may lose somebody, through others), or until it has fallen by `limit`.
    ///
    /// A right may lose somebody if its load is above its entry in `minimum` (0 if not given);
    /// giving up a place there costs its price, which is then not below 0.
    fn pull(
        &mut self,
        columns: &Columns,
        goal: usize,
        limit: Option<i64>,
        minimum: Option<&[u32]>,
    ) -> Result<(), OutOfReach> {
        let instance = self.instance;
        let Self { prices, seats, search, .. } = self;
        search.clear();
        let mut fall = limit.unwrap_or(FAR);
        let mut source = Source::Price;
        search.reach(goal, 0, 0);
        let mut now = 0;
        while let Some((here, distance)) = search.next(now, || fall) {
            now = distance;
            for (v, cost) in columns.of(here) {
                let from = seats.at(v);
                if from == Some(here) {
                    continue;
                }
                let arrives = distance + cost + prices[here];
                let Some(from) = from else {
                    let reached = arrives - instance.waiting(v);
                    if reached < fall {
                        fall = reached;
                        source = Source::Waiting(v, here, narrow(cost));
                    }
                    continue;
                };
                let reached = arrives - seats.cost(v) - prices[from];
                if reached < fall && search.reach(from, reached, now) {
                    search.by[from] = v;
                    search.by_cost[from] = narrow(cost);
                    search.toward[from] = crate::instance::small(here);
                    let least = minimum.map_or(0, |minimum| minimum[from]);
                    if seats.load(from) > least && reached + prices[from] < fall {
                        fall = reached + prices[from];
                        source = Source::Spares(from);
                    }
                }
            }
        }
        if fall == FAR {
            let mut visited = search.touched.clone();
            visited.sort_unstable();
            return Err(OutOfReach(visited));
        }
        for &right in &search.touched {
            let distance = search.distance[right as usize];
            if distance < fall {
                prices[right as usize] -= fall - distance;
            }
        }
        let mut right = match source {
            Source::Price => return Ok(()),
            Source::Waiting(v, right, cost) => {
                // `right` may be full until the rest of the path has moved on: move it first.
                Self::advance(seats, search, right, goal);
                seats.seat(v, right, cost);
                return Ok(());
            }
            Source::Spares(right) => right,
        };
        Self::advance(seats, search, right, goal);
        right = goal;
        debug_assert!(seats.load(right) <= instance.places[right], "nobody sits without a place");
        Ok(())
    }

    /// Moves one left along each arc of the path from `first` to `goal`, last arc first.
    fn advance(seats: &mut Seats, search: &Search, first: usize, goal: usize) {
        let mut path = Vec::new();
        let mut right = first;
        while right != goal {
            path.push(right);
            right = search.toward[right] as usize;
        }
        for &right in path.iter().rev() {
            let to = search.toward[right] as usize;
            seats.shift(search.by[right], to, search.by_cost[right]);
        }
    }
}
