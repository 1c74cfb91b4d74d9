//! A second solver, plain and of a different kind: successive shortest paths by Bellman-Ford on
//! an explicit network. Slow, short, and sharing no idea with the solver under test.

use peermatch_assignment::{Left, Problem, Right};
use std::collections::VecDeque;

/// Worth more than any sum of costs at the sizes this solver is for.
const MINIMUM_REWARD: i128 = 1 << 90;

struct Arc {
    to: usize,
    room: i64,
    cost: i128,
}

struct Network {
    /// Arc `i ^ 1` is the reverse of arc `i`.
    arcs: Vec<Arc>,
    out: Vec<Vec<usize>>,
}

impl Network {
    fn new(nodes: usize) -> Self {
        Self { arcs: Vec::new(), out: vec![Vec::new(); nodes] }
    }

    fn arc(&mut self, from: usize, to: usize, room: i64, cost: i128) {
        self.out[from].push(self.arcs.len());
        self.arcs.push(Arc { to, room, cost });
        self.out[to].push(self.arcs.len());
        self.arcs.push(Arc { to: from, room: 0, cost: -cost });
    }

    /// Sends one unit along a cheapest path. Returns its cost, or `None` if there is no path.
    fn send_one(&mut self, source: usize, sink: usize) -> Option<i128> {
        let mut distance: Vec<Option<i128>> = vec![None; self.out.len()];
        let mut by = vec![usize::MAX; self.out.len()];
        let mut queued = vec![false; self.out.len()];
        distance[source] = Some(0);
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            queued[node] = false;
            let Some(here) = distance[node] else { continue };
            for &index in &self.out[node] {
                let arc = &self.arcs[index];
                let there = here + arc.cost;
                if arc.room > 0 && distance[arc.to].is_none_or(|known| there < known) {
                    distance[arc.to] = Some(there);
                    by[arc.to] = index;
                    if !queued[arc.to] {
                        queued[arc.to] = true;
                        queue.push_back(arc.to);
                    }
                }
            }
        }
        let cost = distance[sink]?;
        let mut node = sink;
        while node != source {
            let index = by[node];
            self.arcs[index].room -= 1;
            self.arcs[index ^ 1].room += 1;
            node = self.arcs[index ^ 1].to;
        }
        Some(cost)
    }
}

/// The least total cost, or `None` if minimums, pins and capacities cannot all be kept.
///
/// Every left sends one unit to the sink, through a right or past all of them; the first
/// `minimum` units through a right earn a reward that outweighs every cost.
pub fn best_total(problem: &Problem) -> Option<i128> {
    let frame = problem.frame();
    let (lefts, rights) = (frame.lefts(), frame.rights());
    let (source, sink) = (lefts + rights, lefts + rights + 1);
    let mut network = Network::new(lefts + rights + 2);
    for left in Left::all(lefts) {
        network.arc(source, left.index(), 1, 0);
        let pinned = frame.pinned(left);
        if pinned.is_none() {
            network.arc(left.index(), sink, 1, i128::from(frame.waiting_cost(left)));
        }
        for (right, cost) in problem.pairs().row(left) {
            if pinned.is_none_or(|pin| pin == right) {
                network.arc(left.index(), lefts + right.index(), 1, i128::from(cost));
            }
        }
    }
    let mut reward = 0i128;
    for right in Right::all(rights) {
        let (minimum, capacity) = (frame.minimum(right), frame.capacity(right));
        network.arc(lefts + right.index(), sink, i64::from(minimum), -MINIMUM_REWARD);
        network.arc(lefts + right.index(), sink, i64::from(capacity - minimum), 0);
        reward += MINIMUM_REWARD * i128::from(minimum);
    }
    let mut cost = reward;
    for _ in 0..lefts {
        cost += network.send_one(source, sink)?;
    }
    // A missing reward leaves far more than any sum of costs behind.
    (cost < MINIMUM_REWARD / 2).then_some(cost)
}
