//! The best total by enumeration, and the definition of the canonical matching among equals.

use peermatch_assignment::{
    Aim, Flow, Frame, Left, Matching, PairTable, Problem, Right, Supply, WorthTable,
};
use std::cmp::Reverse;
use std::collections::BTreeSet;

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

/// The places of each left in a flow being enumerated.
type Rows = [Vec<(Right, u32)>];

struct Flows<'p> {
    frame: &'p Frame,
    supply: &'p Supply,
    pairs: &'p PairTable,
    loads: Vec<u32>,
    rows: Vec<Vec<(Right, u32)>>,
}

/// Calls `each` with every feasible flow. Exponential: for a few lefts, rights and places.
pub fn flows(frame: &Frame, supply: &Supply, pairs: &PairTable, mut each: impl FnMut(&Rows)) {
    let mut search =
        Flows { frame, supply, pairs, loads: vec![0; frame.rights()], rows: Vec::new() };
    search.left(&mut each);
}

impl Flows<'_> {
    fn left(&mut self, each: &mut dyn FnMut(&Rows)) {
        let Some(left) =
            Left::from_index(self.rows.len()).filter(|left| left.index() < self.frame.lefts())
        else {
            if self.loads.iter().zip(self.frame.minimums()).all(|(load, least)| load >= least) {
                each(&self.rows);
            }
            return;
        };
        self.rows.push(Vec::new());
        self.pair(left, 0, self.supply.wanted(left), each);
        self.rows.pop();
    }

    /// Tries every number of places at the pair `at` of `left`, who may still have `rest`.
    fn pair(&mut self, left: Left, at: usize, rest: u32, each: &mut dyn FnMut(&Rows)) {
        let most = self.supply.each(left).min(self.supply.wanted(left));
        let Some(&right) = self.pairs.rights_of(left).get(at) else {
            let row = self.rows.last().expect("one row per left so far");
            let pin_kept =
                self.frame.pinned(left).is_none_or(|pin| most == 0 || row.contains(&(pin, most)));
            if pin_kept && self.supply.wanted(left) - rest >= self.supply.least(left) {
                self.left(each);
            }
            return;
        };
        self.pair(left, at + 1, rest, each);
        let spare = self.frame.capacity(right) - self.loads[right.index()];
        for units in 1..=most.min(rest).min(spare) {
            self.loads[right.index()] += units;
            self.rows.last_mut().expect("one row per left so far").push((right, units));
            self.pair(left, at + 1, rest - units, each);
            self.rows.last_mut().expect("one row per left so far").pop();
            self.loads[right.index()] -= units;
        }
    }
}

/// What waiting costs in a flow.
fn waiting(frame: &Frame, supply: &Supply, rows: &Rows) -> i128 {
    let one = |(left, row): (Left, &Vec<(Right, u32)>)| {
        let given = row.iter().map(|place| place.1).sum::<u32>();
        i128::from(frame.waiting_cost(left)) * i128::from(supply.wanted(left) - given)
    };
    Left::all(rows.len()).zip(rows).map(one).sum()
}

/// The least total cost of a flow, or `None` if none is feasible.
pub fn best_flow(problem: &Problem, supply: &Supply) -> Option<i128> {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let mut best: Option<i128> = None;
    flows(frame, supply, pairs, |rows| {
        let mut cost = waiting(frame, supply, rows);
        for (left, row) in Left::all(rows.len()).zip(rows) {
            for &(right, units) in row {
                let pair = pairs.cost(left, right).expect("only eligible pairs are enumerated");
                cost += i128::from(pair) * i128::from(units);
            }
        }
        best = Some(best.map_or(cost, |best| best.min(cost)));
    });
    best
}

/// What an aim makes of a flow, first things first: the less the better. From the definition of
/// each aim, not from its stages.
pub fn verdict(
    aim: Aim,
    frame: &Frame,
    supply: &Supply,
    worth: &WorthTable,
    rows: &Rows,
) -> Vec<i128> {
    let mut used = Vec::new();
    for (left, row) in Left::all(rows.len()).zip(rows) {
        for (right, what) in worth.row(left) {
            let units = row.iter().find(|place| place.0 == right).map_or(0, |place| place.1);
            used.push((what, i128::from(units)));
        }
    }
    let waiting = waiting(frame, supply, rows);
    let cost = used.iter().map(|(what, units)| i128::from(what.cost) * units).sum::<i128>();
    let at = |grade: u32| used.iter().filter(|(what, _)| what.grade == grade).map(|u| u.1).sum();
    let grades: BTreeSet<u32> = worth.grades().iter().copied().collect();
    match aim {
        Aim::MaxMin => {
            let worst = used.iter().filter(|(_, units)| *units > 0).map(|(what, _)| what.grade);
            vec![waiting, i128::from(worst.max().unwrap_or(0)), cost]
        }
        Aim::Leximin => {
            let counts = grades.iter().skip(1).rev().map(|&grade| at(grade));
            [waiting].into_iter().chain(counts).chain([cost]).collect()
        }
        Aim::Nash => {
            let gain = used.iter().map(|(what, units)| i128::from(what.gain) * units);
            vec![waiting, -gain.sum::<i128>(), cost]
        }
        Aim::RankMaximal => {
            let counts = grades.iter().map(|&grade| -at(grade));
            counts.chain([cost]).collect()
        }
    }
}

/// The least verdict of a flow, or `None` if none is feasible.
pub fn in_stages(
    aim: Aim,
    frame: &Frame,
    supply: &Supply,
    worth: &WorthTable,
) -> Option<Vec<i128>> {
    let mut best: Option<Vec<i128>> = None;
    flows(frame, supply, worth.pairs(), |rows| {
        let verdict = verdict(aim, frame, supply, worth, rows);
        if best.as_ref().is_none_or(|best| verdict < *best) {
            best = Some(verdict);
        }
    });
    best
}

/// Whether a flow is feasible, from the definition alone.
pub fn is_feasible(frame: &Frame, supply: &Supply, pairs: &PairTable, flow: &Flow) -> bool {
    let mut found = false;
    flows(frame, supply, pairs, |rows| found |= rows == flow.rows());
    found
}
