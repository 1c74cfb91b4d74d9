//! Side constraints by enumeration, and seeded rows of every kind.

use peermatch_assignment::side::{Row, Rows};
use peermatch_assignment::{Flow, Left, Problem, Right, Supply};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The least cost of a flow that keeps frame, supply (one place of a right) and rows, with the first such flow found; `None` if there is none.
///
/// Exponential: for up to seven lefts and four rights.
pub fn best(problem: &Problem, supply: &Supply, rows: &Rows) -> Option<(i128, Flow)> {
    let mut search = Search {
        problem,
        supply,
        rows,
        loads: vec![0; problem.frame().rights()],
        chosen: Vec::new(),
        best: None,
    };
    search.descend(0);
    search.best
}

struct Search<'p> {
    problem: &'p Problem,
    supply: &'p Supply,
    rows: &'p Rows,
    loads: Vec<u32>,
    chosen: Vec<Vec<(Right, u32)>>,
    best: Option<(i128, Flow)>,
}

impl Search<'_> {
    fn descend(&mut self, cost: i128) {
        let frame = self.problem.frame();
        let Some(left) = Left::from_index(self.chosen.len()).filter(|u| u.index() < frame.lefts())
        else {
            return self.finish(cost);
        };
        let row: Vec<(Right, i32)> = self.problem.pairs().row(left).collect();
        for subset in 0u32..1 << row.len() {
            let taken: Vec<(Right, i32)> = row
                .iter()
                .enumerate()
                .filter(|(at, _)| subset >> at & 1 == 1)
                .map(|(_, &pair)| pair)
                .collect();
            let units = subset.count_ones();
            let pinned = frame.pinned(left);
            if units < self.supply.least(left)
                || units > self.supply.wanted(left)
                || pinned.is_some_and(|pin| taken.iter().all(|pair| pair.0 != pin))
                || taken.iter().any(|pair| self.loads[pair.0.index()] == frame.capacity(pair.0))
            {
                continue;
            }
            let waiting =
                i128::from(self.supply.wanted(left) - units) * i128::from(frame.waiting_cost(left));
            let pairs: i128 = taken.iter().map(|pair| i128::from(pair.1)).sum();
            for pair in &taken {
                self.loads[pair.0.index()] += 1;
            }
            self.chosen.push(taken.iter().map(|pair| (pair.0, 1)).collect());
            self.descend(cost + waiting + pairs);
            self.chosen.pop();
            for pair in &taken {
                self.loads[pair.0.index()] -= 1;
            }
        }
    }

    fn finish(&mut self, cost: i128) {
        let frame = self.problem.frame();
        if self.loads.iter().zip(frame.minimums()).any(|(load, minimum)| load < minimum)
            || self.best.as_ref().is_some_and(|best| best.0 <= cost)
        {
            return;
        }
        let flow = Flow::new(self.chosen.clone());
        // Each row by its definition alone.
        let kept = self.rows.rows().iter().all(|row| {
            let pairs = row
                .terms()
                .iter()
                .filter(|term| flow.of(term.0).iter().any(|place| place.0 == term.1));
            let waits = row.waiting().iter().map(|&(left, coefficient)| {
                let missing = u64::from(self.supply.wanted(left)) - flow.units(left);
                i128::from(coefficient) * i128::from(missing)
            });
            pairs.map(|term| i128::from(term.2)).sum::<i128>() + waits.sum::<i128>()
                <= i128::from(row.limit())
        });
        if kept {
            self.best = Some((cost, flow));
        }
    }
}

/// The largest least sum of fits (costs turned round) of the lefts that want a place, over all flows that keep frame and supply; `None` if there
/// is no flow or nobody wants one.
///
/// Exponential: as [`best`].
pub fn largest_least_sum(problem: &Problem, supply: &Supply) -> Option<i64> {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let lefts: Vec<Left> = Left::all(frame.lefts()).collect();
    let mut most = None;
    // Every choice of rights by each left, as one number of as many bits.
    let mut chosen: Vec<u32> = vec![0; lefts.len()];
    loop {
        let mut loads = vec![0u32; frame.rights()];
        let mut kept = true;
        let mut least: Option<i64> = None;
        for (&left, &subset) in lefts.iter().zip(&chosen) {
            let taken: Vec<(Right, i32)> = pairs
                .row(left)
                .enumerate()
                .filter(|(at, _)| subset >> at & 1 == 1)
                .map(|(_, pair)| pair)
                .collect();
            let units = subset.count_ones();
            kept &= units >= supply.least(left) && units <= supply.wanted(left);
            kept &= frame.pinned(left).is_none_or(|pin| taken.iter().any(|pair| pair.0 == pin));
            for pair in &taken {
                loads[pair.0.index()] += 1;
            }
            if supply.wanted(left) > 0 {
                let sum = -taken.iter().map(|pair| i64::from(pair.1)).sum::<i64>();
                least = Some(least.map_or(sum, |least| least.min(sum)));
            }
        }
        kept &= Right::all(frame.rights()).all(|right| {
            (frame.minimum(right)..=frame.capacity(right)).contains(&loads[right.index()])
        });
        if kept {
            most = most.max(least);
        }
        // The next choice, as an odometer.
        let next = lefts.iter().zip(&mut chosen).find_map(|(&left, subset)| {
            *subset += 1;
            if *subset < 1 << pairs.rights_of(left).len() {
                return Some(());
            }
            *subset = 0;
            None
        });
        if next.is_none() {
            return most;
        }
    }
}

/// One to four seeded rows for a problem: loads of a right, limits of a team, floors of a group, at least so many, and wild ones
/// with coefficients of both signs.
///
/// # Panics
/// Never for a problem within the bounds of a frame.
pub fn rows(problem: &Problem, seed: u64) -> Rows {
    let mut random = Pcg64::seed_from_u64(seed);
    let (lefts, rights) = (problem.frame().lefts(), problem.frame().rights());
    let all: Vec<(Left, Right, i32)> = Left::all(lefts)
        .flat_map(|left| problem.pairs().row(left).map(move |(right, cost)| (left, right, cost)))
        .collect();
    let load: Vec<i64> =
        (0..lefts).map(|_| [100, 60, 30, 10][random.random_range(0..4usize)]).collect();
    let group: Vec<bool> = (0..lefts).map(|_| random.random_range(0..2u8) == 0).collect();
    let rows = (0..random.random_range(1..=4u8)).map(|_| {
        let right = Right::from_index(random.random_range(0..rights)).expect("a small number");
        match random.random_range(0..6u8) {
            // A caseload in units of load.
            0 | 1 => {
                let of = all.iter().filter(|pair| pair.1 == right);
                let terms = of.map(|pair| (pair.0, pair.1, load[pair.0.index()])).collect();
                Row::at_most(terms, vec![], random.random_range(0..=25i64) * 10)
            }
            // A team's new people.
            2 => {
                let team: Vec<bool> =
                    (0..rights).map(|_| random.random_range(0..2u8) == 0).collect();
                let of = all.iter().filter(|pair| team[pair.1.index()]);
                let terms = of.map(|pair| (pair.0, pair.1, 1)).collect();
                Row::at_most(terms, vec![], random.random_range(0..=3i64))
            }
            // A group's mean.
            3 => {
                let mean = i64::from(all.first().map_or(0, |pair| pair.2));
                let of = all.iter().filter(|pair| group[pair.0.index()]);
                let terms = of.map(|pair| (pair.0, pair.1, i64::from(pair.2) - mean)).collect();
                Row::at_most(terms, vec![], 0)
            }
            // At least so many of a group.
            4 => {
                let of = all.iter().filter(|pair| group[pair.0.index()]);
                let terms = of.map(|pair| (pair.0, pair.1, 1)).collect();
                Row::at_least(terms, vec![], random.random_range(0..=2i64))
            }
            _ => {
                let terms = all
                    .iter()
                    .filter(|_| random.random_range(0..2u8) == 0)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|pair| (pair.0, pair.1, random.random_range(-4..=4i64)))
                    .collect();
                let waiting =
                    Left::all(lefts).map(|left| (left, random.random_range(-2..=2i64))).collect();
                Row::at_most(terms, waiting, random.random_range(-2..=4i64))
            }
        }
    });
    let rows = rows.collect();
    Rows::new(lefts, rows).expect("rows name what exists")
}
