//! Solving again from what is there: the same cost as from nothing, the fewest moves, both proven.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{
    Frame, Left, Matching, MovesRejection, PairTable, Prices, Problem, Right, check,
    check_fewest_moves, check_infeasible,
};
use peermatch_solve::update::{Update, UpdateOutcome, best_total_from};
use peermatch_solve::{Outcome, Quiet, Stage, Watch, best_total};
use peermatch_testkit::{brute, graphs};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::cell::Cell;
use std::ops::ControlFlow;

fn updated(problem: &Problem, start: &Matching, prices: &Prices) -> Option<Update> {
    match best_total_from(problem, start, prices, &Quiet) {
        UpdateOutcome::Optimal(update) => Some(update),
        UpdateOutcome::Infeasible(prices) => {
            check_infeasible(problem.frame(), problem.pairs(), &prices).expect("a witness");
            None
        }
        UpdateOutcome::Cancelled => panic!("nobody stopped it"),
    }
}

/// The checker accepts both proofs; returns cost and moves.
fn proven(problem: &Problem, start: &Matching, update: &Update) -> (i128, usize) {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let (matching, prices) = (&update.solution.matching, &update.solution.prices);
    let proof = check_fewest_moves(frame, pairs, start, matching, prices, &update.second);
    let proof = proof.unwrap_or_else(|why| panic!("{why}\n{problem:?}\n{start:?}\n{update:?}"));
    assert_eq!(proof.moved(), update.moved);
    (proof.verified().cost(), proof.moved())
}

/// Any start: a seat per left, possible or not.
fn any_start(random: &mut Pcg64, problem: &Problem) -> (Matching, Prices) {
    let (lefts, rights) = (problem.frame().lefts(), problem.frame().rights());
    let seat = |random: &mut Pcg64| {
        (random.random_range(0..4u8) != 0)
            .then(|| Right::from_index(random.random_range(0..rights)).unwrap())
    };
    let start = Matching::new((0..lefts).map(|_| seat(random)).collect());
    let scale = [0, 3, 1_000_000, 1 << 40][random.random_range(0..4usize)];
    let prices = (0..rights).map(|_| random.random_range(-scale..=scale)).collect();
    (start, Prices::new(prices))
}

#[test]
fn the_fewest_moves_of_twenty_thousand_problems() {
    let mut random = Pcg64::seed_from_u64(7);
    let (mut feasible, mut otherwise, mut moved) = (0, 0, 0);
    for seed in 0..20_000 {
        let problem = graphs::wild(5, 3, 100_000 + seed);
        let (start, prices) = any_start(&mut random, &problem);
        let expected = brute::fewest_moves(&problem, &start);
        let found = updated(&problem, &start, &prices);
        let Some((update, (cost, moves, matching))) = found.as_ref().zip(expected.as_ref()) else {
            assert!(found.is_none() && expected.is_none(), "seed {seed}");
            continue;
        };
        assert_eq!(proven(&problem, &start, update), (*cost, *moves), "seed {seed}\n{problem:?}");
        assert_eq!(update.solution.matching, *matching, "seed {seed}: canonical among these");
        let Outcome::Optimal(fresh) = best_total(&problem, &Quiet) else { panic!("feasible") };
        feasible += 1;
        otherwise += u32::from(fresh.matching != update.solution.matching);
        moved += u32::from(update.moved > 0);
        // Nothing but where everybody was counts.
        let (_, others) = any_start(&mut random, &problem);
        let again = updated(&problem, &start, &others).unwrap();
        assert_eq!(again.solution.matching, update.solution.matching, "seed {seed}");
    }
    assert!(
        feasible > 15_000 && otherwise > 500 && moved > 8_000,
        "{feasible} {otherwise} {moved}"
    );
}

#[test]
fn the_bounds_of_the_numbers_hold() {
    let mut random = Pcg64::seed_from_u64(8);
    for seed in 0..1_500 {
        let problem = graphs::extreme(5, 3, seed);
        let (start, prices) = any_start(&mut random, &problem);
        let expected = brute::fewest_moves(&problem, &start);
        let found = updated(&problem, &start, &prices);
        let found = found.map(|update| {
            let (cost, moves) = proven(&problem, &start, &update);
            (cost, moves, update.solution.matching)
        });
        assert_eq!(found, expected, "seed {seed}\n{problem:?}");
    }
}

/// A state that goes through changes: the problem in parts, and what was decided last.
struct State {
    rows: Vec<Vec<(Right, i32)>>,
    waiting: Vec<i64>,
    capacity: Vec<u32>,
    seats: Vec<Option<Right>>,
    prices: Vec<i64>,
}

impl State {
    fn of(problem: &Problem) -> Self {
        let frame = problem.frame();
        Self {
            rows: Left::all(frame.lefts()).map(|u| problem.pairs().row(u).collect()).collect(),
            waiting: frame.waiting_costs().to_vec(),
            capacity: frame.capacities().to_vec(),
            seats: vec![None; frame.lefts()],
            prices: vec![0; frame.rights()],
        }
    }

    fn problem(&self) -> Problem {
        let rights = self.capacity.len();
        let pairs = PairTable::from_rows(rights, self.rows.clone()).unwrap();
        let (none, minimum) = (vec![None; self.rows.len()], vec![0; rights]);
        let frame = Frame::new(self.waiting.clone(), none, self.capacity.clone(), minimum).unwrap();
        Problem::new(frame, pairs).unwrap()
    }

    fn change(&mut self, random: &mut Pcg64) {
        let rights = self.capacity.len();
        let right = random.random_range(0..rights);
        let left = random.random_range(0..self.rows.len().max(1)).min(self.rows.len().max(1) - 1);
        match random.random_range(0..7u8) {
            // Somebody comes, who looks like somebody else.
            0 | 1 if !self.rows.is_empty() => {
                self.rows.push(self.rows[left].clone());
                self.waiting.push(self.waiting[left]);
                self.seats.push(None);
            }
            // Somebody leaves.
            2 if self.rows.len() > 2 => {
                self.rows.remove(left);
                self.waiting.remove(left);
                self.seats.remove(left);
            }
            3 => self.capacity[right] += 1,
            4 => self.capacity[right] = self.capacity[right].saturating_sub(1),
            // A right is lost, with its column.
            5 if rights > 2 => {
                self.capacity.remove(right);
                self.prices.remove(right);
                let lost = Right::from_index(right).unwrap();
                let renamed = |w: Right| if w > lost { Right(w.0 - 1) } else { w };
                for row in &mut self.rows {
                    row.retain(|pair| pair.0 != lost);
                    for pair in row.iter_mut() {
                        pair.0 = renamed(pair.0);
                    }
                }
                for seat in &mut self.seats {
                    *seat = seat.filter(|&w| w != lost).map(renamed);
                }
            }
            _ => {
                if let Some(pair) = self.rows.get_mut(left).and_then(|row| row.first_mut()) {
                    pair.1 += random.random_range(-3..=3);
                }
            }
        }
    }
}

/// Long random walks of changes: each step costs what solving from nothing costs, with both proofs.
fn walks(specs: impl Iterator<Item = (Problem, u64)>, steps: usize) -> (u32, u32) {
    let (mut done, mut stayed) = (0, 0);
    for (problem, seed) in specs {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut state = State::of(&problem);
        for step in 0..steps {
            let problem = state.problem();
            let start = Matching::new(state.seats.clone());
            let update = updated(&problem, &start, &Prices::new(state.prices.clone())).unwrap();
            let (cost, moves) = proven(&problem, &start, &update);
            let Outcome::Optimal(fresh) = best_total(&problem, &Quiet) else { panic!("feasible") };
            let fresh =
                check(problem.frame(), problem.pairs(), &fresh.matching, &fresh.prices).unwrap();
            assert_eq!(cost, fresh.cost(), "seed {seed} step {step}");
            let fresh_moves = Left::all(problem.frame().lefts())
                .filter(|&u| {
                    start.right_of(u).is_some_and(|w| fresh.matching().right_of(u) != Some(w))
                })
                .count();
            assert!(moves <= fresh_moves, "seed {seed} step {step}");
            done += 1;
            stayed += u32::from(moves < fresh_moves);
            state.seats = update.solution.matching.rights().to_vec();
            state.prices = update.solution.prices.values().to_vec();
            state.change(&mut random);
        }
    }
    (done, stayed)
}

#[test]
fn walks_of_small_problems() {
    let problems = (0..300).map(|seed| {
        let wild = graphs::wild(12, 5, 110_000 + seed);
        let mut state = State::of(&wild);
        state.waiting = wild.frame().waiting_costs().to_vec();
        (state.problem(), seed)
    });
    let (done, stayed) = walks(problems, 30);
    assert!(
        done == 9_000 && stayed > 500,
        "{done} steps, {stayed} with fewer moves than canonical"
    );
}

#[test]
fn walks_of_structured_problems() {
    let shapes = [graphs::Waiting::Zero, graphs::Waiting::Most, graphs::Waiting::Levels];
    let problems = shapes.into_iter().enumerate().map(|(seed, waiting)| {
        (graphs::structured(&graphs::Spec::TINY.waiting(waiting), 3), seed as u64)
    });
    let (done, _) = walks(problems, 60);
    assert_eq!(done, 180);
}

/// A changed claim is refused, or is itself right.
#[test]
fn mutations_are_refused_or_right() {
    let mut random = Pcg64::seed_from_u64(9);
    let (mut refused, mut right) = (0, 0);
    for seed in 0..1_500 {
        let problem = graphs::wild(5, 3, 120_000 + seed);
        let (start, _) = any_start(&mut random, &problem);
        let rights = problem.frame().rights();
        let Some(update) = updated(&problem, &start, &Prices::zero(rights)) else { continue };
        let (cost, moves) = proven(&problem, &start, &update);
        let mut judge = |matching: &Matching, prices: &Prices, second: &Prices| {
            let (frame, pairs) = (problem.frame(), problem.pairs());
            match check_fewest_moves(frame, pairs, &start, matching, prices, second) {
                Ok(proof) => {
                    assert_eq!(
                        (proof.verified().cost(), proof.moved()),
                        (cost, moves),
                        "seed {seed}"
                    );
                    right += 1;
                }
                Err(_) => refused += 1,
            }
        };
        let (matching, prices) = (&update.solution.matching, &update.solution.prices);
        for left in 0..matching.lefts() {
            for target in Right::all(rights).map(Some).chain([None]) {
                let mut seats = matching.rights().to_vec();
                if seats[left] != target {
                    seats[left] = target;
                    judge(&Matching::new(seats), prices, &update.second);
                }
            }
        }
        for place in 0..rights {
            for change in [-1_000, -1, 1, 1_000] {
                let mut values = update.second.values().to_vec();
                values[place] += change;
                judge(matching, prices, &Prices::new(values));
                let mut values = prices.values().to_vec();
                values[place] += change;
                judge(matching, &Prices::new(values), &update.second);
            }
        }
    }
    assert!(refused > 10_000 && right > 500, "{refused} refused, {right} right");
}

#[test]
fn the_checker_names_the_step_that_fails() {
    let frame = Frame::simple(2, 100, vec![1, 1]).unwrap();
    let row = || vec![(Right(0), 7), (Right(1), 7)];
    let problem = Problem::new(frame, PairTable::from_rows(2, [row(), row()]).unwrap()).unwrap();
    let start = Matching::new(vec![Some(Right(1)), None]);
    let prices = Prices::zero(2);
    let claim = |matching: &Matching| {
        let (frame, pairs) = (problem.frame(), problem.pairs());
        check_fewest_moves(frame, pairs, &start, matching, &prices, &prices)
    };
    let canonical = Matching::new(vec![Some(Right(0)), Some(Right(1))]);
    assert!(matches!(claim(&canonical), Err(MovesRejection::Moves(_))));
    let nobody = Matching::new(vec![None, None]);
    assert!(matches!(claim(&nobody), Err(MovesRejection::Cost(_))));
    let stays = Matching::new(vec![Some(Right(1)), Some(Right(0))]);
    assert_eq!(claim(&stays).unwrap().moved(), 0);
}

struct StopAt {
    at: usize,
    asked: Cell<usize>,
}

impl Watch for StopAt {
    fn progress(&self, _: Stage, done: u64, of: u64) -> ControlFlow<()> {
        assert!(done <= of);
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > self.at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_watch_can_stop_it_at_any_point() {
    let spec = graphs::Spec::TINY.waiting(graphs::Waiting::Levels).costs(graphs::Costs::AllEqual);
    let problem = graphs::structured(&spec, 1);
    let start = Matching::new(vec![Some(Right(0)); problem.frame().lefts()]);
    let all = StopAt { at: usize::MAX, asked: Cell::new(0) };
    let prices = Prices::zero(problem.frame().rights());
    assert!(matches!(best_total_from(&problem, &start, &prices, &all), UpdateOutcome::Optimal(_)));
    let calls = all.asked.get();
    assert!(calls > 20, "{calls} calls");
    for at in 0..calls {
        let watch = StopAt { at, asked: Cell::new(0) };
        let stopped = best_total_from(&problem, &start, &prices, &watch);
        assert_eq!(stopped, UpdateOutcome::Cancelled);
        assert_eq!(watch.asked.get(), at + 1, "asked no more once it had said stop");
    }
}
