//! A second solver, plain and of a different kind: successive shortest paths by Bellman-Ford on
//! an explicit network. Slow, short, and sharing no idea with the solver under test.

use peermatch_assignment::{Left, Problem, Right, Supply};
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

/// The least total cost of a matching, or `None` if minimums, pins and capacities cannot all be kept.
pub fn best_total(problem: &Problem) -> Option<i128> {
    best_flow(problem, &Supply::one_each(problem.frame().lefts()))
}

/// The least total cost of a flow, or `None` if none is feasible.
///
/// Every left sends what it wants to the sink, through rights or past them; the first `minimum` units through a
/// right, and all units of a pin, earn a reward that outweighs every cost.
pub fn best_flow(problem: &Problem, supply: &Supply) -> Option<i128> {
    let frame = problem.frame();
    let (lefts, rights) = (frame.lefts(), frame.rights());
    let (source, sink) = (lefts + rights, lefts + rights + 1);
    let mut network = Network::new(lefts + rights + 2);
    let (mut reward, mut units) = (0i128, 0u64);
    for left in Left::all(lefts) {
        let wanted = supply.wanted(left);
        let most = supply.each(left).min(wanted);
        units += u64::from(wanted);
        network.arc(source, left.index(), i64::from(wanted), 0);
        let waits = i64::from(wanted - supply.least(left));
        network.arc(left.index(), sink, waits, i128::from(frame.waiting_cost(left)));
        let pinned = frame.pinned(left).filter(|_| most > 0);
        if pinned.is_some_and(|pin| problem.pairs().cost(left, pin).is_none()) {
            return None;
        }
        for (right, cost) in problem.pairs().row(left) {
            let bonus = if pinned == Some(right) { MINIMUM_REWARD } else { 0 };
            reward += bonus * i128::from(most);
            network.arc(
                left.index(),
                lefts + right.index(),
                i64::from(most),
                i128::from(cost) - bonus,
            );
        }
    }
    for right in Right::all(rights) {
        let (minimum, capacity) = (frame.minimum(right), frame.capacity(right));
        network.arc(lefts + right.index(), sink, i64::from(minimum), -MINIMUM_REWARD);
        network.arc(lefts + right.index(), sink, i64::from(capacity - minimum), 0);
        reward += MINIMUM_REWARD * i128::from(minimum);
    }
    let mut cost = reward;
    for _ in 0..units {
        cost += network.send_one(source, sink)?;
    }
    // A missing reward leaves far more than any sum of costs behind.
    (cost < MINIMUM_REWARD / 2).then_some(cost)
}
