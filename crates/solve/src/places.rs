//! From any prices to an optimum, exactly, where lefts want several places: shortest augmenting
//! paths in units.
//!
//! This is [`crate::finish`] for lefts with several places. It is an engine of its own: with one place each, a
//! left is nothing but the arc it sits on, which saves that one the nodes, the room per pair and the amounts that are
//! needed here, and about two thirds of its time.
//!
//! Notation: `y_u` is what the left `u` pays for its last place, `r_uw = c_uw + p_w - y_u`. Kept at
//! all times: a pair with room has `r >= 0`, one in use has `r <= 0`; so for waiting. What is
//! repaired step by step is the other half: a right with `p > 0` is full, one with `p < 0` is at its
//! minimum.
//!
//! Paths alternate: a left goes to a right where it has room, a right sends a left away that holds
//! places there. Each carries as many places as its narrowest arc.

use crate::instance::{NONE, small};
use crate::network::{Found, Network};
use crate::watch::{Meter, Stopped};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FAR: i64 = i64::MAX;

/// Scratch of one search. Nodes are rights, then lefts.
struct Search {
    distance: Vec<i64>,
    /// The pair by which a node was reached.
    by: Vec<u32>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// Nodes at the distance being settled, so that ties skip the heap.
    level: Vec<u32>,
}

impl Search {
    fn new(nodes: usize) -> Self {
        Self {
            distance: vec![FAR; nodes],
            by: vec![NONE; nodes],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
            level: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for &node in &self.touched {
            self.distance[node as usize] = FAR;
        }
        self.touched.clear();
        self.heap.clear();
        self.level.clear();
    }

    #[inline]
    fn reach(&mut self, node: usize, distance: i64, now: i64, by: usize) -> bool {
        let known = self.distance[node];
        if distance >= known {
            return false;
        }
        let name = small(node);
        if known == FAR {
            self.touched.push(name);
        }
        self.distance[node] = distance;
        self.by[node] = if by == usize::MAX { NONE } else { small(by) };
        if distance == now {
            self.level.push(name);
        } else {
            self.heap.push(Reverse((distance, name)));
        }
        true
    }

    fn next(&mut self, now: i64, limit: i64) -> Option<(usize, i64)> {
        if now < limit
            && let Some(node) = self.level.pop()
        {
            return Some((node as usize, now));
        }
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            if distance >= limit {
                return None;
            }
            if distance == self.distance[node as usize] {
                return Some((node as usize, distance));
            }
        }
        None
    }
}

/// Rights that cannot give all that must be had of them, or that cannot get all that they must give.
pub(crate) enum Short {
    /// Some lefts must have more places of these than there are.
    Places(Vec<u32>),
    /// These must give more places than can be taken.
    Minimums(Vec<u32>),
}

/// Why an optimum was not reached.
pub(crate) enum Stop {
    Short(Short),
    Watch,
}

impl From<Stopped> for Stop {
    fn from(_: Stopped) -> Self {
        Self::Watch
    }
}

enum End {
    None,
    Waits(usize),
    Right(usize),
}

/// A flow under repair.
pub(crate) struct Places<'n> {
    network: &'n Network,
    pub(crate) prices: Vec<i64>,
    paid: Vec<i64>,
    /// Places in use per pair.
    used: Vec<u32>,
    waits: Vec<u32>,
    /// Places that each left has still to fill.
    standing: Vec<u32>,
    load: Vec<u32>,
    /// Pairs in use by right, and where each stands there.
    members: Vec<Vec<u32>>,
    slot: Vec<u32>,
    /// Pairs in use by left.
    holds: Vec<Vec<u32>>,
    search: Search,
}

impl<'n> Places<'n> {
    /// Starts from prices (below 0 only where capacity and minimum are the same) and a proposal of
    /// places per pair, within all capacities: who is not exactly at a best option gives it up.
    pub(crate) fn new(network: &'n Network, prices: Vec<i64>, proposal: &[u32]) -> Self {
        let (lefts, rights) = (network.lefts(), network.rights());
        let mut this = Self {
            network,
            prices,
            paid: vec![0; lefts],
            used: vec![0; network.pairs()],
            waits: vec![0; lefts],
            standing: network.need.clone(),
            load: vec![0; rights],
            members: vec![Vec::new(); rights],
            slot: vec![0; network.pairs()],
            holds: vec![Vec::new(); lefts],
            search: Search::new(lefts + rights),
        };
        for left in 0..lefts {
            if network.need[left] == 0 {
                continue;
            }
            let proposed = proposal[network.row(left)].iter().sum::<u32>();
            let wait = (network.need[left] - proposed).min(network.wait_high[left]);
            let mut paid =
                if wait < network.wait_high[left] { network.wait_cost[left] } else { FAR };
            for at in network.row(left) {
                if proposal[at] < network.high[at] {
                    paid = paid.min(this.value(at));
                }
            }
            if paid == FAR {
                // All that it could use it does use: any payment above all of it will do.
                let used = network.row(left).map(|at| this.value(at)).max();
                paid = network.wait_cost[left].max(used.unwrap_or(i64::MIN));
            }
            this.paid[left] = paid;
            for at in network.row(left) {
                if proposal[at] > 0 && this.value(at) <= paid {
                    this.give(at, proposal[at]);
                    this.standing[left] -= proposal[at];
                }
            }
            if network.wait_cost[left] <= paid {
                this.waits[left] = wait;
                this.standing[left] -= wait;
            }
        }
        this
    }

    #[inline]
    fn value(&self, pair: usize) -> i64 {
        i64::from(self.network.cost[pair]) + self.prices[self.network.right[pair] as usize]
    }

    fn give(&mut self, pair: usize, units: u32) {
        let right = self.network.right[pair] as usize;
        if self.used[pair] == 0 {
            self.slot[pair] = small(self.members[right].len());
            self.members[right].push(small(pair));
            self.holds[self.network.owner[pair] as usize].push(small(pair));
        }
        self.used[pair] += units;
        self.load[right] += units;
    }

    fn take(&mut self, pair: usize, units: u32) {
        let right = self.network.right[pair] as usize;
        self.used[pair] -= units;
        self.load[right] -= units;
        if self.used[pair] == 0 {
            let slot = self.slot[pair] as usize;
            self.members[right].swap_remove(slot);
            if let Some(&moved) = self.members[right].get(slot) {
                self.slot[moved as usize] = small(slot);
            }
            self.holds[self.network.owner[pair] as usize].retain(|&held| held as usize != pair);
        }
    }

    /// All the rest, in the order of the lefts given, then what rights ask for.
    pub(crate) fn run(
        mut self,
        order: impl Iterator<Item = usize>,
        placing: &mut Meter<'_>,
        settling: &mut Meter<'_>,
    ) -> Result<Self, Stop> {
        for left in order {
            while self.standing[left] > 0 {
                placing.step()?;
                self.insert(left).map_err(|rights| Stop::Short(Short::Places(rights)))?;
            }
        }
        self.settle(settling)
    }

    /// All the rest at once, then what rights ask for: where costs have few values.
    pub(crate) fn run_together(
        mut self,
        placing: &mut Meter<'_>,
        settling: &mut Meter<'_>,
    ) -> Result<Self, Stop> {
        self.insert_all(placing)?;
        self.settle(settling)
    }

    /// Fills rights with a price, and those below their minimum.
    fn settle(mut self, settling: &mut Meter<'_>) -> Result<Self, Stop> {
        let unsettled = |this: &Self, right: usize| {
            this.prices[right] > 0 && this.load[right] < this.network.places[right]
        };
        let below = |this: &Self, right: usize| this.load[right] < this.network.minimum[right];
        let rights = self.network.rights();
        if (0..rights).all(|right| !unsettled(&self, right) && !below(&self, right)) {
            return Ok(self);
        }
        let columns = self.network.columns();
        for right in 0..rights {
            while unsettled(&self, right) {
                settling.step()?;
                let (limit, room) =
                    (self.prices[right], self.network.places[right] - self.load[right]);
                let pulled = self.pull(&columns, right, limit, room);
                debug_assert!(pulled.is_ok(), "lowering the price is always possible");
            }
        }
        for right in 0..rights {
            while below(&self, right) {
                settling.step()?;
                let room = self.network.minimum[right] - self.load[right];
                self.pull(&columns, right, FAR, room)
                    .map_err(|rights| Stop::Short(Short::Minimums(rights)))?;
            }
        }
        Ok(self)
    }

    /// Fills places of `left` along one shortest path. `Err` names the rights that it could reach,
    /// all full.
    fn insert(&mut self, left: usize) -> Result<(), Vec<u32>> {
        let end = self.seek(&[left])?;
        let (network, rights) = (self.network, self.network.rights());
        let mut units = self.standing[left].min(self.room(&end));
        // From the far end back to `left`: pairs to be used, and pairs to be given up.
        let mut node = match end {
            End::Right(right) => right,
            End::Waits(v) => rights + v,
            End::None => return Err(self.full(|_| false)),
        };
        let mut path = Vec::new();
        while node != rights + left {
            let pair = self.search.by[node] as usize;
            if node < rights {
                units = units.min(network.high[pair] - self.used[pair]);
                node = rights + network.owner[pair] as usize;
                path.push((pair, true));
            } else {
                units = units.min(self.used[pair]);
                node = network.right[pair] as usize;
                path.push((pair, false));
            }
        }
        self.augment(left, &end, &path, units);
        Ok(())
    }

    /// How many more places can end here.
    fn room(&self, end: &End) -> u32 {
        match *end {
            End::Right(right) => self.network.places[right] - self.load[right],
            End::Waits(v) => self.network.wait_high[v] - self.waits[v],
            End::None => 0,
        }
    }

    /// Moves `units` of what `left` has to fill along a path: pairs to be used more, and less.
    fn augment(&mut self, left: usize, end: &End, path: &[(usize, bool)], units: u32) {
        self.standing[left] -= units;
        if let End::Waits(v) = *end {
            self.waits[v] += units;
        }
        for &(pair, gives) in path {
            if gives {
                self.give(pair, units);
            } else {
                self.take(pair, units);
            }
        }
    }

    /// Fills the places of all who stand, many along paths of the same length at once (Hopcroft and Karp 1973): a
    /// search from all of them sets prices, then paths of reduced cost 0 are taken until none is left
    /// that does not touch where others have failed. Better than one by one where costs have few
    /// values, so that many paths are equally long.
    fn insert_all(&mut self, placing: &mut Meter<'_>) -> Result<(), Stop> {
        let rights = self.network.rights();
        let mut seen = vec![false; rights + self.network.lefts()];
        let mut next = vec![0usize; self.network.lefts()];
        loop {
            let standing: Vec<usize> =
                (0..self.network.lefts()).filter(|&left| self.standing[left] > 0).collect();
            if standing.is_empty() {
                return Ok(());
            }
            self.seek(&standing).map_err(|rights| Stop::Short(Short::Places(rights)))?;
            seen.fill(false);
            for (left, next) in next.iter_mut().enumerate() {
                *next = self.network.starts[left];
            }
            for &left in &standing {
                placing.step()?;
                while self.standing[left] > 0 && self.free_path(left, &mut seen, &mut next) {}
            }
        }
    }

    /// Takes one path of reduced cost 0 from `left` to a place, past nodes not `seen`; those where no
    /// path was found stay seen. `next` is where each row is read on.
    fn free_path(&mut self, left: usize, seen: &mut [bool], next: &mut [usize]) -> bool {
        let (network, rights) = (self.network, self.network.rights());
        // The nodes of the path, and the pair by which each but the first was reached.
        let mut path = vec![(rights + left, usize::MAX)];
        let mut turn: Vec<usize> = Vec::new();
        if std::mem::replace(&mut seen[rights + left], true) {
            return false;
        }
        let end = loop {
            let Some(&(node, _)) = path.last() else { return false };
            if node < rights {
                // `turn` counts the members tried at each right of the path.
                let Some(at) = turn.last_mut() else { return false };
                let price = self.prices[node];
                let mut found = None;
                while let Some(&pair) = self.members[node].get(*at) {
                    *at += 1;
                    let v = network.owner[pair as usize] as usize;
                    let tight = i64::from(network.cost[pair as usize]) + price == self.paid[v];
                    if tight && !seen[rights + v] {
                        found = Some((rights + v, pair as usize));
                        break;
                    }
                }
                if let Some(step) = found {
                    seen[step.0] = true;
                    path.push(step);
                } else {
                    turn.pop();
                    path.pop();
                }
                continue;
            }
            let v = node - rights;
            if self.waits[v] < network.wait_high[v] && network.wait_cost[v] == self.paid[v] {
                break End::Waits(v);
            }
            let mut found = None;
            while next[v] < network.starts[v + 1] {
                let pair = next[v];
                let right = network.right[pair] as usize;
                let tight =
                    self.used[pair] < network.high[pair] && self.value(pair) == self.paid[v];
                if tight && (self.load[right] < network.places[right] || !seen[right]) {
                    found = Some((right, pair));
                    break;
                }
                next[v] += 1;
            }
            let Some(step) = found else {
                path.pop();
                continue;
            };
            path.push(step);
            if self.load[step.0] < network.places[step.0] {
                break End::Right(step.0);
            }
            seen[step.0] = true;
            turn.push(0);
        };
        let mut units = self.standing[left].min(self.room(&end));
        let mut pairs = Vec::with_capacity(path.len());
        for &(node, pair) in &path {
            // Others may still come through here.
            seen[node] = false;
            if pair != usize::MAX {
                let gives = node < rights;
                let room =
                    if gives { network.high[pair] - self.used[pair] } else { self.used[pair] };
                units = units.min(room);
                pairs.push((pair, gives));
            }
        }
        self.augment(left, &end, &pairs, units);
        true
    }

    /// Finds the nearest place for any of `lefts`, who stand, and moves prices so that all that is as near has
    /// reduced cost 0. `Err` names the rights that they could reach, all full.
    fn seek(&mut self, lefts: &[usize]) -> Result<End, Vec<u32>> {
        let network = self.network;
        let rights = network.rights();
        for &left in lefts {
            let mut paid = if self.waits[left] < network.wait_high[left] {
                network.wait_cost[left]
            } else {
                FAR
            };
            for at in network.row(left) {
                if self.used[at] < network.high[at] {
                    paid = paid.min(self.value(at));
                }
            }
            if paid == FAR {
                return Err(self.full(|_| false));
            }
            self.paid[left] = paid;
        }

        let Self { prices, paid, search, .. } = self;
        search.clear();
        for &left in lefts {
            search.reach(rights + left, 0, 0, usize::MAX);
        }
        let (mut goal, mut end, mut now) = (FAR, End::None, 0);
        while let Some((node, distance)) = search.next(now, goal) {
            now = distance;
            if node < rights {
                for &pair in &self.members[node] {
                    let pair = pair as usize;
                    let v = network.owner[pair] as usize;
                    let value = i64::from(network.cost[pair]) + prices[node];
                    let reached = distance + (paid[v] - value);
                    if reached < goal {
                        search.reach(rights + v, reached, now, pair);
                    }
                }
                continue;
            }
            let v = node - rights;
            let base = distance - paid[v];
            if self.waits[v] < network.wait_high[v] && base + network.wait_cost[v] < goal {
                goal = base + network.wait_cost[v];
                end = End::Waits(v);
            }
            for pair in network.row(v) {
                let right = network.right[pair] as usize;
                let reached = base + i64::from(network.cost[pair]) + prices[right];
                if reached < goal
                    && self.used[pair] < network.high[pair]
                    && search.reach(right, reached, now, pair)
                    && self.load[right] < network.places[right]
                {
                    goal = reached;
                    end = End::Right(right);
                    if goal <= now {
                        break;
                    }
                }
            }
            if goal <= now {
                break;
            }
        }
        if goal == FAR {
            return Err(self.full(|right| self.search.distance[right] < FAR));
        }
        for &node in &search.touched {
            let node = node as usize;
            let rise = goal - search.distance[node];
            if rise > 0 {
                if node < rights {
                    prices[node] += rise;
                } else {
                    paid[node - rights] += rise;
                }
            }
        }
        Ok(end)
    }

    /// The rights of a search that found no place: those it reached, and those that have none.
    fn full(&self, reached: impl Fn(usize) -> bool) -> Vec<u32> {
        let rights = 0..self.network.rights();
        rights
            .filter(|&right| self.network.places[right] == 0 || reached(right))
            .map(small)
            .collect()
    }

    /// Lowers the price of `goal` until somebody comes (off the waiting list, or from a right above its
    /// minimum, through others), at most `room` places, or until it has fallen by `limit`. `Err`
    /// names the rights that were asked in vain.
    fn pull(
        &mut self,
        columns: &(Vec<usize>, Vec<u32>),
        goal: usize,
        limit: i64,
        room: u32,
    ) -> Result<(), Vec<u32>> {
        let network = self.network;
        let rights = network.rights();
        let Self { prices, paid, search, .. } = self;
        search.clear();
        search.reach(goal, 0, 0, usize::MAX);
        let (mut fall, mut source, mut now) = (limit, End::None, 0);
        while let Some((node, distance)) = search.next(now, fall) {
            now = distance;
            if node < rights {
                for &pair in &columns.1[columns.0[node]..columns.0[node + 1]] {
                    let pair = pair as usize;
                    if self.used[pair] < network.high[pair] {
                        let v = network.owner[pair] as usize;
                        let value = i64::from(network.cost[pair]) + prices[node];
                        let reached = distance + (value - paid[v]);
                        if reached < fall {
                            search.reach(rights + v, reached, now, pair);
                        }
                    }
                }
                continue;
            }
            let v = node - rights;
            let base = distance + paid[v];
            if self.waits[v] > 0 && base - network.wait_cost[v] < fall {
                fall = base - network.wait_cost[v];
                source = End::Waits(v);
            }
            for &pair in &self.holds[v] {
                let pair = pair as usize;
                let right = network.right[pair] as usize;
                let reached = base - i64::from(network.cost[pair]) - prices[right];
                if reached < fall
                    && search.reach(right, reached, now, pair)
                    && self.load[right] > network.minimum[right]
                    && reached + prices[right] < fall
                {
                    fall = reached + prices[right];
                    source = End::Right(right);
                }
            }
        }
        if fall == FAR {
            let mut asked: Vec<u32> =
                search.touched.iter().copied().filter(|&node| (node as usize) < rights).collect();
            asked.sort_unstable();
            return Err(asked);
        }
        for &node in &search.touched {
            let node = node as usize;
            let drop = fall - search.distance[node];
            if drop > 0 {
                if node < rights {
                    prices[node] -= drop;
                } else {
                    paid[node - rights] -= drop;
                }
            }
        }

        let mut units = room;
        let mut node = match source {
            End::None => return Ok(()),
            End::Right(right) => {
                units = units.min(self.load[right] - network.minimum[right]);
                right
            }
            End::Waits(v) => {
                units = units.min(self.waits[v]);
                rights + v
            }
        };
        let mut path = Vec::new();
        while node != goal {
            let pair = search.by[node] as usize;
            if node < rights {
                units = units.min(self.used[pair]);
                node = rights + network.owner[pair] as usize;
                path.push((pair, false));
            } else {
                units = units.min(network.high[pair] - self.used[pair]);
                node = network.right[pair] as usize;
                path.push((pair, true));
            }
        }
        if let End::Waits(v) = source {
            self.waits[v] -= units;
        }
        for (pair, gives) in path {
            if gives {
                self.give(pair, units);
            } else {
                self.take(pair, units);
            }
        }
        Ok(())
    }

    /// Places per pair, prices and payments, in terms of the face the network was made from.
    pub(crate) fn found(
        self,
        face: &crate::network::Face<'_>,
        cost: impl Fn(usize) -> i32,
    ) -> Found {
        let network = self.network;
        let mut places = face.low.clone();
        for (&used, &origin) in self.used.iter().zip(&network.origin) {
            places[origin] += used;
        }
        let paid: Vec<Option<i64>> = self
            .paid
            .into_iter()
            .zip(&network.need)
            .map(|(paid, &need)| (need > 0).then_some(paid))
            .collect();
        // Rights without places took no part: their price must keep everybody away.
        let mut prices = self.prices;
        if network.places.contains(&0) {
            for left in peermatch_assignment::Left::all(network.lefts()) {
                let Some(paid) = paid[left.index()] else { continue };
                for (at, right) in face.pairs.range(left).zip(face.pairs.rights_of(left)) {
                    if network.places[right.index()] == 0 && face.high[at] > face.low[at] {
                        let price = &mut prices[right.index()];
                        *price = (*price).max(paid - i64::from(cost(at)));
                    }
                }
            }
        }
        Found { places, prices, paid }
    }

    /// Prices, and places in use per pair, to start something else from.
    pub(crate) fn into_lots(self) -> (Vec<i64>, Vec<u32>) {
        (self.prices, self.used)
    }
}
