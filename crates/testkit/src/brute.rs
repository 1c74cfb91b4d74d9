//! The best total by enumeration, and the definition of the canonical matching among equals.

use peermatch_assignment::{Left, Matching, Problem, Right};
use std::cmp::Reverse;

/// What enumeration finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brute {
    /// The least cost and the canonical matching of that cost.
    Optimal {
        /// Least total cost.
        cost: i128,
        /// The canonical one among the matchings of that cost.
        matching: Matching,
        /// How many feasible matchings have that cost.
        ties: u64,
    },
    /// No matching keeps all capacities, minimums and pins.
    Infeasible,
}

/// Order among feasible matchings: less cost; then left 0 served rather than not, left 1 ...;
/// then left 0 with the smaller right, left 1 ...
type Key = (i128, Vec<Reverse<bool>>, Vec<Option<Right>>);

struct Search<'p> {
    problem: &'p Problem,
    loads: Vec<u32>,
    chosen: Vec<Option<Right>>,
    cost: i128,
    best: Option<Key>,
    ties: u64,
}

/// Enumerates every feasible matching. Exponential: for `n <= 6` or so.
pub fn best_total(problem: &Problem) -> Brute {
    let mut search = Search {
        problem,
        loads: vec![0; problem.frame().rights()],
        chosen: Vec::new(),
        cost: 0,
        best: None,
        ties: 0,
    };
    search.descend();
    match search.best {
        Some((cost, _, rights)) => {
            Brute::Optimal { cost, matching: Matching::new(rights), ties: search.ties }
        }
        None => Brute::Infeasible,
    }
}

impl Search<'_> {
    fn descend(&mut self) {
        let frame = self.problem.frame();
        let Some(left) = Left::from_index(self.chosen.len()).filter(|u| u.index() < frame.lefts())
        else {
            return self.finish();
        };
        let pinned = frame.pinned(left);
        if pinned.is_none() {
            let waiting = i128::from(frame.waiting_cost(left));
            self.with(None, waiting);
        }
        let row: Vec<_> = self.problem.pairs().row(left).collect();
        for (right, cost) in row {
            if pinned.is_some_and(|pin| pin != right)
                || self.loads[right.index()] == frame.capacity(right)
            {
                continue;
            }
            self.loads[right.index()] += 1;
            self.with(Some(right), i128::from(cost));
            self.loads[right.index()] -= 1;
        }
    }

    fn with(&mut self, right: Option<Right>, cost: i128) {
        self.chosen.push(right);
        self.cost += cost;
        self.descend();
        self.cost -= cost;
        self.chosen.pop();
    }

    fn finish(&mut self) {
        let frame = self.problem.frame();
        if self.loads.iter().zip(frame.minimums()).any(|(load, minimum)| load < minimum) {
            return;
        }
        let served = self.chosen.iter().map(|right| Reverse(right.is_some())).collect();
        let key = (self.cost, served, self.chosen.clone());
        match &self.best {
            Some(best) if best.0 < key.0 => {}
            Some(best) if best.0 == key.0 => {
                self.ties += 1;
                if key < *best {
                    self.best = Some(key);
                }
            }
            _ => {
                self.ties = 1;
                self.best = Some(key);
            }
        }
    }
}
