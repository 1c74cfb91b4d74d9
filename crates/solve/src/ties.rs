//! The canonical matching among all of least cost.
//!
//! # The rule
//!
//! Lefts count in index order, rights in index order. Among all matchings of least cost:
//! 1. left 0 is served if any of them serves it; then left 1, given that; and so on;
//! 2. among those left, left 0 gets the smallest right possible, then left 1 given that; and so on.
//!
//! This names exactly one matching, which depends on the problem alone: not on how it was solved,
//! nor on the order in which pairs were listed.
//!
//! Step 1 also serves as many lefts as any matching of least cost does. The sets that such
//! matchings serve form a generalised matroid (an M-natural-convex family: minimisers of an
//! assignment valuation; Murota 2003, ch. 6): if one set is smaller than another, some member of
//! the other can be added to it. The greedy set cannot be added to, so none is larger.
//!
//! # How
//!
//! Optimal matchings are exactly those that use pairs (and waiting) of reduced cost 0 and keep
//! each right's load where complementary slackness puts it: full if its price is above 0, at its
//! minimum if below. So both steps are searches for alternating paths among tight pairs. The
//! tight residual graph only ever loses arcs as lefts are fixed, and a path is only ever turned
//! round within a strongly connected component, so a left whose other tight pairs all lead to
//! other components is done at once. With few ties the whole is `O(E)`. A search that fails
//! costs at most the tight pairs of one component; when failures have cost as much as a new
//! decomposition would, the decomposition is made again.

use crate::instance::{Instance, NONE, small};
use crate::seats::Seats;
use crate::watch::{Meter, Stopped};
use peermatch_assignment::Left;

/// Tight pairs and the room that complementary slackness leaves.
struct Tight<'i, 'p> {
    instance: &'i Instance<'p>,
    seats: Seats,
    /// Tight rights of left `u`: `rights[start[u]..start[u + 1]]`, ascending.
    start: Vec<usize>,
    rights: Vec<u32>,
    /// Lefts for which right `w` is tight: `lefts[column[w]..column[w + 1]]`, ascending.
    column: Vec<usize>,
    lefts: Vec<u32>,
    /// Whether waiting is tight for the left.
    may_wait: Vec<bool>,
    least: Vec<u32>,
    most: Vec<u32>,
}

/// Turns an optimal matching into the canonical one. `seats` and `prices` must be optimal.
pub(crate) fn canonical(
    instance: &Instance<'_>,
    seats: Seats,
    prices: &[i64],
    meter: &mut Meter<'_>,
) -> Result<Seats, Stopped> {
    let mut tight = Tight::new(instance, seats, prices);
    tight.serve_in_order(meter)?;
    tight.smallest_rights(meter)?;
    Ok(tight.seats)
}

impl<'i, 'p> Tight<'i, 'p> {
    fn new(instance: &'i Instance<'p>, seats: Seats, prices: &[i64]) -> Self {
        let mut start = Vec::with_capacity(instance.lefts() + 1);
        let mut rights = Vec::new();
        let mut may_wait = vec![false; instance.lefts()];
        start.push(0);
        let mut next = instance.free.iter().copied().peekable();
        for u in 0..small(instance.lefts()) {
            // Pinned lefts have an empty row: they take no part.
            if next.next_if_eq(&u).is_some() {
                let waiting = instance.waiting(u);
                let own = match seats.at(u) {
                    Some(right) => seats.cost(u) + prices[right],
                    None => waiting,
                };
                may_wait[u as usize] = waiting == own;
                for (right, cost) in instance.row(u) {
                    if cost + prices[right] == own {
                        rights.push(small(right));
                    }
                }
            }
            start.push(rights.len());
        }
        let count = instance.rights();
        let mut column = vec![0usize; count + 1];
        for &right in &rights {
            column[right as usize + 1] += 1;
        }
        for right in 0..count {
            column[right + 1] += column[right];
        }
        let mut next = column.clone();
        let mut lefts = vec![0; rights.len()];
        for u in 0..small(instance.lefts()) {
            for &right in &rights[start[u as usize]..start[u as usize + 1]] {
                lefts[next[right as usize]] = u;
                next[right as usize] += 1;
            }
        }
        let mut least = instance.minimum.clone();
        let mut most = instance.places.clone();
        for right in 0..count {
            match prices[right].signum() {
                1 => least[right] = seats.load(right),
                -1 => most[right] = seats.load(right),
                _ => {}
            }
        }
        // Rights with a price and no place at all are merely out of reach, not full at a price.
        Self { instance, seats, start, rights, column, lefts, may_wait, least, most }
    }

    fn row(&self, u: u32) -> &[u32] {
        &self.rights[self.start[u as usize]..self.start[u as usize + 1]]
    }

    fn has_room(&self, right: usize) -> bool {
        self.seats.load(right) < self.most[right]
    }

    fn can_lose(&self, right: usize) -> bool {
        self.seats.load(right) > self.least[right]
    }

    fn cost(&self, u: u32, right: usize) -> i32 {
        let right = peermatch_assignment::Right(small(right));
        self.instance.problem.pairs().cost(Left(u), right).expect("a tight pair is a pair")
    }

    fn seat(&mut self, u: u32, right: usize) {
        let cost = self.cost(u, right);
        self.seats.seat(u, right, cost);
    }

    /// Rule 1. A search that fails has visited a closed set of full rights whose members are all
    /// fixed; no later path can use it, so each right fails once.
    fn serve_in_order(&mut self, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        let rights = self.instance.rights();
        let mut by = vec![NONE; rights];
        let mut visited_in = vec![NONE; rights];
        let mut failed = vec![false; rights];
        let mut queue: Vec<usize> = Vec::new();
        // The last member who may wait, if any: who makes room there.
        let mut leaver: Vec<Option<u32>> = (0..rights).map(|right| self.leaver(right)).collect();
        for at in 0..self.instance.free.len() {
            let u = self.instance.free[at];
            if self.seats.at(u).is_some() || self.row(u).is_empty() {
                continue;
            }
            meter.step()?;
            queue.clear();
            let goal =
                |tight: &Self, right: usize| tight.has_room(right) || leaver[right] > Some(u);
            let mut found = None;
            let mut next = 0;
            // First `u` itself, then whoever sits where the search has been.
            let mut movers = vec![u];
            'search: loop {
                for &v in &movers {
                    for &right in self.row(v) {
                        let right = right as usize;
                        if visited_in[right] == u || failed[right] {
                            continue;
                        }
                        visited_in[right] = u;
                        by[right] = v;
                        queue.push(right);
                        if goal(self, right) {
                            found = Some(right);
                            break 'search;
                        }
                    }
                }
                let Some(&here) = queue.get(next) else { break };
                next += 1;
                movers.clear();
                movers.extend_from_slice(self.seats.members(here));
            }
            let Some(mut right) = found else {
                for &right in &queue {
                    failed[right] = true;
                }
                continue;
            };
            if !self.has_room(right)
                && let Some(v) = leaver[right]
            {
                self.seats.unseat(v);
            }
            loop {
                let v = by[right];
                let from = self.seats.at(v);
                if from.is_some() {
                    self.seats.unseat(v);
                }
                self.seat(v, right);
                leaver[right] = self.leaver(right);
                match from {
                    Some(from) => right = from,
                    None => break,
                }
            }
        }
        Ok(())
    }

    /// The last member of `right` who may wait: whoever leaves is searched for again, so it should
    /// be late in the order.
    fn leaver(&self, right: usize) -> Option<u32> {
        self.seats.members(right).iter().copied().filter(|&v| self.may_wait[v as usize]).max()
    }

    /// Rule 2, given who is served.
    fn smallest_rights(&mut self, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        let rights = self.instance.rights();
        let mut component = self.components(0);
        let worth = self.rights.len() + rights;
        let mut wasted = 0usize;
        let mut search = Turn::new(rights);
        for at in 0..self.instance.free.len() {
            let u = self.instance.free[at];
            let Some(home) = self.seats.at(u) else { continue };
            if self.row(u)[0] as usize == home {
                continue;
            }
            meter.step()?;
            search.begin();
            for index in self.start[u as usize]..self.start[u as usize + 1] {
                let right = self.rights[index] as usize;
                if right == home {
                    break;
                }
                if component[right] != component[home] || search.visited(right) {
                    continue;
                }
                if !search.arrivals_known {
                    self.mark_arrivals(&mut search, u, home);
                }
                if self.turn(&mut search, u, home, right) {
                    break;
                }
            }
            wasted += search.failed_cost;
            if wasted > 2 * worth {
                wasted = 0;
                component = self.components(u + 1);
            }
        }
        Ok(())
    }

    /// Marks the rights from which somebody who comes after `u` could move to `home` in one step.
    /// Meeting these halfway is what keeps searches short: most paths are two or three moves.
    fn mark_arrivals(&self, search: &mut Turn, u: u32, home: usize) {
        let column = &self.lefts[self.column[home]..self.column[home + 1]];
        for &v in &column[column.partition_point(|&v| v <= u)..] {
            if let Some(right) = self.seats.at(v)
                && right != home
            {
                search.arrival[right] = (search.round, v);
            }
        }
        search.arrivals_known = true;
    }

    /// Moves `u` from `home` to `first` if others who come after `u` can move so that all loads
    /// stay where they may be. Node `rights` of the search stands for spare room.
    fn turn(&mut self, search: &mut Turn, u: u32, home: usize, first: usize) -> bool {
        let spare = self.instance.rights();
        let home_can_lose = self.can_lose(home);
        search.queue.clear();
        search.visit(first, NONE, NONE);
        let mut cost = 0usize;
        let mut next = 0;
        let mut found = false;
        while let Some(&here) = search.queue.get(next) {
            next += 1;
            if here == spare {
                // Only reached when `home` itself must be refilled: somebody else loses one.
                for right in 0..spare {
                    if self.can_lose(right) && !search.visited(right) {
                        search.visit(right, small(spare), NONE);
                    }
                }
                cost += spare;
                continue;
            }
            if self.has_room(here) {
                if home_can_lose {
                    search.end(here);
                    found = true;
                    break;
                }
                if !search.visited(spare) {
                    search.visit(spare, small(here), NONE);
                }
            }
            if let Some(v) = search.arrives_from(here) {
                search.visit(home, small(here), v);
                search.end(home);
                found = true;
                break;
            }
            'members: for &v in self.seats.members(here) {
                if v <= u {
                    continue;
                }
                let row = self.row(v);
                cost += row.len();
                for &right in row {
                    let right = right as usize;
                    if search.visited(right) {
                        continue;
                    }
                    search.visit(right, small(here), v);
                    if let Some(last) = search.arrives_from(right) {
                        search.visit(home, small(right), last);
                        search.end(home);
                        found = true;
                        break 'members;
                    }
                }
            }
            if found {
                break;
            }
            cost += self.seats.members(here).len();
        }
        if !found {
            search.failed_cost += cost;
            return false;
        }
        // Everybody on the path stands up, then sits down one place on.
        let mut moves = vec![(u, first)];
        let mut right = search.last;
        while right != first {
            let (from, v) = search.from[right];
            if v != NONE {
                moves.push((v, right));
            }
            right = from as usize;
        }
        for &(v, _) in &moves {
            self.seats.unseat(v);
        }
        for &(v, right) in &moves {
            self.seat(v, right);
        }
        true
    }

    /// Strongly connected components of the tight residual graph of lefts `first..` (Tarjan 1972,
    /// with an explicit stack). The last node stands for spare room.
    fn components(&self, first: u32) -> Vec<u32> {
        let spare = self.instance.rights();
        let nodes = spare + 1;
        let mut start = Vec::with_capacity(nodes + 1);
        let mut arcs: Vec<u32> = Vec::new();
        start.push(0);
        let mut seen_from = vec![NONE; nodes];
        for right in 0..spare {
            let name = small(right);
            let mut arc = |to: u32, arcs: &mut Vec<u32>| {
                if seen_from[to as usize] != name {
                    seen_from[to as usize] = name;
                    arcs.push(to);
                }
            };
            for &v in self.seats.members(right) {
                if v >= first {
                    for &to in self.row(v) {
                        arc(to, &mut arcs);
                    }
                }
            }
            if self.has_room(right) {
                arc(small(spare), &mut arcs);
            }
            start.push(arcs.len());
        }
        for right in 0..spare {
            if self.can_lose(right) {
                arcs.push(small(right));
            }
        }
        start.push(arcs.len());

        let mut component = vec![NONE; nodes];
        let mut order = vec![NONE; nodes];
        let mut low = vec![0u32; nodes];
        let mut stack: Vec<usize> = Vec::new();
        let mut frames: Vec<(usize, usize)> = Vec::new();
        let (mut count, mut components) = (0u32, 0u32);
        for root in 0..nodes {
            if order[root] != NONE {
                continue;
            }
            frames.push((root, start[root]));
            while let Some(&mut (node, ref mut at)) = frames.last_mut() {
                if *at == start[node] && order[node] == NONE {
                    order[node] = count;
                    low[node] = count;
                    count += 1;
                    stack.push(node);
                }
                if *at < start[node + 1] {
                    let to = arcs[*at] as usize;
                    *at += 1;
                    if order[to] == NONE {
                        frames.push((to, start[to]));
                    } else if component[to] == NONE {
                        low[node] = low[node].min(order[to]);
                    }
                    continue;
                }
                frames.pop();
                if low[node] == order[node] {
                    while let Some(member) = stack.pop() {
                        component[member] = components;
                        if member == node {
                            break;
                        }
                    }
                    components += 1;
                }
                if let Some(&(parent, _)) = frames.last() {
                    low[parent] = low[parent].min(low[node]);
                }
            }
        }
        component
    }
}

/// Scratch of the searches for one left; rights visited in vain stay visited for that left.
struct Turn {
    round: u32,
    visited_in: Vec<u32>,
    /// From which node, and which left moves (`NONE`: spare room).
    from: Vec<(u32, u32)>,
    queue: Vec<usize>,
    /// Who could move from this right to the goal, and in which round that was found.
    arrival: Vec<(u32, u32)>,
    arrivals_known: bool,
    last: usize,
    failed_cost: usize,
}

impl Turn {
    fn new(rights: usize) -> Self {
        Self {
            round: 0,
            visited_in: vec![0; rights + 1],
            from: vec![(NONE, NONE); rights + 1],
            queue: Vec::new(),
            arrival: vec![(0, NONE); rights + 1],
            arrivals_known: false,
            last: 0,
            failed_cost: 0,
        }
    }

    fn begin(&mut self) {
        self.round += 1;
        self.failed_cost = 0;
        self.arrivals_known = false;
    }

    fn visited(&self, node: usize) -> bool {
        self.visited_in[node] == self.round
    }

    fn visit(&mut self, node: usize, from: u32, by: u32) {
        self.visited_in[node] = self.round;
        self.from[node] = (from, by);
        self.queue.push(node);
    }

    fn arrives_from(&self, node: usize) -> Option<u32> {
        let (round, left) = self.arrival[node];
        (round == self.round).then_some(left)
    }

    fn end(&mut self, node: usize) {
        self.last = node;
    }
}
