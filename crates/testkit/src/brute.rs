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

/// As [`Key`], with the number of moves after the cost.
type MovesKey = (i128, usize, Vec<Reverse<bool>>, Vec<Option<Right>>);

/// Of all matchings of least cost those that take the fewest lefts away from where `start` had them, and of those the canonical one:
/// its cost, how many it moves, and itself. By enumeration of everything; `None` if nothing is feasible.
pub fn fewest_moves(problem: &Problem, start: &Matching) -> Option<(i128, usize, Matching)> {
    let frame = problem.frame();
    let options: Vec<Vec<Option<Right>>> = Left::all(frame.lefts())
        .map(|left| match frame.pinned(left) {
            Some(pin) => problem.pairs().cost(left, pin).map(|_| Some(pin)).into_iter().collect(),
            None => {
                problem.pairs().rights_of(left).iter().copied().map(Some).chain([None]).collect()
            }
        })
        .collect();
    let mut best: Option<MovesKey> = None;
    let mut digits = vec![0usize; options.len()];
    if options.iter().any(Vec::is_empty) {
        return None;
    }
    loop {
        let rights: Vec<_> = options.iter().zip(&digits).map(|(row, &digit)| row[digit]).collect();
        let matching = Matching::new(rights.clone());
        let loads = matching.loads(frame.rights());
        let fits = Right::all(frame.rights()).all(|right| {
            (frame.minimum(right)..=frame.capacity(right)).contains(&loads[right.index()])
        });
        if fits {
            let cost = Left::all(frame.lefts())
                .zip(&rights)
                .map(|(left, right)| {
                    match right.and_then(|right| problem.pairs().cost(left, right)) {
                        Some(cost) => i128::from(cost),
                        None => i128::from(frame.waiting_cost(left)),
                    }
                })
                .sum();
            let moved = Left::all(frame.lefts())
                .zip(&rights)
                .filter(|&(left, right)| {
                    start.right_of(left).is_some_and(|old| Some(old) != *right)
                })
                .count();
            let served = rights.iter().map(|right| Reverse(right.is_some())).collect();
            let key = (cost, moved, served, rights);
            if best.as_ref().is_none_or(|best| key < *best) {
                best = Some(key);
            }
        }
        let Some(place) = (0..digits.len()).find(|&place| digits[place] + 1 < options[place].len())
        else {
            break;
        };
        digits[..place].fill(0);
        digits[place] += 1;
    }
    best.map(|(cost, moved, _, rights)| (cost, moved, Matching::new(rights)))
}
