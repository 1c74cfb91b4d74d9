//! Against enumeration: cost, verdict, canonical matching and certificate of tiny wild problems.

use peermatch_assignment::{
    Left, Matching, Obstacle, Prices, Problem, Right, check, check_infeasible, check_within,
};
use peermatch_solve::{Outcome, Quiet, Stage, Watch, best_total};
use peermatch_testkit::brute::{self, Brute};
use peermatch_testkit::graphs;
use std::cell::Cell;
use std::ops::ControlFlow;

/// Whether what stands in the way really does, from its definition alone.
fn stands_in_the_way(problem: &Problem, obstacle: &Obstacle) -> bool {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    match obstacle {
        Obstacle::PinNotEligible { left, right } => {
            frame.pinned(*left) == Some(*right) && pairs.cost(*left, *right).is_none()
        }
        Obstacle::PinsOverCapacity { right, pinned, capacity } => {
            let all: Vec<Left> = Left::all(frame.lefts())
                .filter(|&left| frame.pinned(left) == Some(*right))
                .collect();
            *pinned == all
                && *capacity == frame.capacity(*right)
                && pinned.len() > frame.capacity(*right) as usize
        }
        Obstacle::MinimumsOutOfReach { rights, needed, reachable } => {
            let can_come = |left: &Left| match frame.pinned(*left) {
                Some(right) => rights.contains(&right),
                None => pairs.rights_of(*left).iter().any(|right| rights.contains(right)),
            };
            let all: Vec<Left> = Left::all(frame.lefts()).filter(can_come).collect();
            let minimums = rights.iter().map(|&right| u64::from(frame.minimum(right))).sum::<u64>();
            *reachable == all && *needed == minimums && *needed > all.len() as u64
        }
    }
}

/// Solves, checks the certificate, and compares everything with enumeration.
fn agrees_with_enumeration(problem: &Problem, name: &str) -> bool {
    let expected = brute::best_total(problem);
    match (best_total(problem, &Quiet), expected) {
        (Outcome::Optimal(found), Brute::Optimal { cost, matching, .. }) => {
            let checked = check(problem.frame(), problem.pairs(), &found.matching, &found.prices);
            let checked = checked.unwrap_or_else(|why| panic!("{name}: {why}\n{problem:?}"));
            assert_eq!(checked.cost(), cost, "{name}");
            assert_eq!(found.matching, matching, "{name}: canonical\n{problem:?}");
            true
        }
        (Outcome::Infeasible(prices), Brute::Infeasible) => {
            let proof = check_infeasible(problem.frame(), problem.pairs(), &prices);
            let proof = proof.unwrap_or_else(|why| panic!("{name}: {why}\n{problem:?}"));
            assert!(stands_in_the_way(problem, proof.obstacle()), "{name}: {proof:?}\n{problem:?}");
            false
        }
        (found, expected) => panic!("{name}: {found:?} but {expected:?}\n{problem:?}"),
    }
}

#[test]
fn twenty_thousand_wild_problems() {
    let mut feasible = 0;
    for seed in 0..20_000 {
        let problem = graphs::wild(6, 4, seed);
        feasible += u32::from(agrees_with_enumeration(&problem, &format!("seed {seed}")));
    }
    // Both verdicts must be well represented, or the test shows little.
    assert!((12_000..19_500).contains(&feasible), "{feasible} feasible");
}

/// Overflow checks are on in this profile: a sum that leaves its type would panic.
#[test]
fn the_bounds_of_the_numbers_hold() {
    let mut feasible = 0;
    for seed in 0..6_000 {
        let problem = graphs::extreme(6, 4, seed);
        feasible += u32::from(agrees_with_enumeration(&problem, &format!("extreme seed {seed}")));
    }
    assert!((1_000..5_500).contains(&feasible), "{feasible} feasible");
}

#[test]
fn some_wider_problems() {
    for seed in 0..300 {
        let problem = graphs::wild(8, 5, 1_000_000 + seed);
        agrees_with_enumeration(&problem, &format!("wider seed {seed}"));
    }
}

/// A mutated claim is refused, or is itself right by enumeration.
#[test]
fn mutations_are_refused_or_right() {
    let (mut refused, mut right) = (0, 0);
    for seed in 0..1_500u64 {
        let problem = graphs::wild(5, 3, 2_000_000 + seed);
        let Brute::Optimal { cost, .. } = brute::best_total(&problem) else {
            // No price may prove infeasible what is feasible, and the reverse: see below.
            continue;
        };
        let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { panic!("feasible") };
        let rights = problem.frame().rights();
        let mut judge = |matching: &Matching, prices: &Prices| {
            match check(problem.frame(), problem.pairs(), matching, prices) {
                // What passes is optimal, whoever made it.
                Ok(verified) => {
                    assert_eq!(verified.cost(), cost, "seed {seed}");
                    right += 1;
                }
                Err(_) => refused += 1,
            }
        };
        for left in 0..found.matching.lefts() {
            for target in
                (0..=rights).map(Right::from_index).map(|r| r.filter(|r| r.index() < rights))
            {
                let mut rights = found.matching.rights().to_vec();
                if rights[left] != target {
                    rights[left] = target;
                    judge(&Matching::new(rights), &found.prices);
                }
            }
        }
        for place in 0..rights {
            for change in [-1_000_000, -1, 1, 1_000_000] {
                let mut values = found.prices.values().to_vec();
                values[place] += change;
                judge(&found.matching, &Prices::new(values.clone()));
                let signs = values.iter().map(|value| value.signum()).collect::<Vec<_>>();
                let claim = check_infeasible(problem.frame(), problem.pairs(), &Prices::new(signs));
                assert!(claim.is_err(), "seed {seed}: feasible, yet proven infeasible");
            }
        }
    }
    assert!(refused > 10_000 && right > 500, "{refused} refused, {right} right");
}

#[test]
fn empty_sides_are_fine() {
    use peermatch_assignment::{Frame, PairTable};
    for (lefts, rights) in [(0, 0), (0, 3), (3, 0)] {
        let frame = Frame::simple(lefts, 7, vec![1; rights]).unwrap();
        let pairs = PairTable::from_rows(rights, vec![vec![]; lefts]).unwrap();
        agrees_with_enumeration(&Problem::new(frame, pairs).unwrap(), "empty");
    }
}

/// Stops at its `at`-th call, and counts how often it was asked.
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
    let all = StopAt { at: usize::MAX, asked: Cell::new(0) };
    let undisturbed = best_total(&problem, &all);
    assert_eq!(undisturbed, best_total(&problem, &Quiet), "watching changes nothing");
    let calls = all.asked.get();
    assert!(calls > 20, "{calls} calls");
    for at in 0..calls {
        let watch = StopAt { at, asked: Cell::new(0) };
        assert_eq!(best_total(&problem, &watch), Outcome::Cancelled);
        assert_eq!(watch.asked.get(), at + 1, "asked no more once it had said stop");
    }
}

/// Weak duality, tried: whatever the prices, the bound is never above the best cost, and no prices
/// prove infeasible what is feasible, nor optimal what enumeration calls infeasible.
#[test]
fn no_prices_fool_the_checker() {
    let (mut tight, mut proven) = (0, 0);
    for seed in 0..3_000u64 {
        let problem = graphs::wild(5, 3, 3_000_000 + seed);
        let rights = problem.frame().rights();
        let brute = brute::best_total(&problem);
        for draw in 0..8u64 {
            let values = (0..rights as u64).map(|right| {
                let mix = (seed * 8 + draw).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
                let bits = (mix ^ right.wrapping_mul(0xD1B5_4A32_D192_ED03)).wrapping_mul(mix | 1);
                let small = i64::try_from(bits >> 60).unwrap_or(0) - 8;
                if draw % 2 == 0 { small } else { small * 1_000_003 }
            });
            let prices = Prices::new(values.collect());
            match &brute {
                Brute::Optimal { cost, matching, .. } => {
                    let gap = check_within(problem.frame(), problem.pairs(), matching, &prices);
                    let gap = gap.unwrap();
                    assert_eq!(gap.cost(), *cost, "seed {seed}");
                    assert!(gap.bound() <= *cost && gap.gap() >= 0, "seed {seed}");
                    tight += u32::from(gap.gap() == 0);
                    let claim = check_infeasible(problem.frame(), problem.pairs(), &prices);
                    assert!(claim.is_err(), "seed {seed}");
                }
                Brute::Infeasible => {
                    let lefts = problem.frame().lefts();
                    let nobody = Matching::new(vec![None; lefts]);
                    let claim = check(problem.frame(), problem.pairs(), &nobody, &prices);
                    assert!(claim.is_err(), "seed {seed}");
                    // Prices of many levels name an obstacle too, if they prove anything.
                    let Outcome::Infeasible(witness) = best_total(&problem, &Quiet) else {
                        panic!("seed {seed}")
                    };
                    let mixed = witness.values().iter().zip(prices.values());
                    let mixed = mixed.map(|(&p, &noise)| 6 * p + noise.rem_euclid(7) - 3).collect();
                    for prices in [prices, Prices::new(mixed)] {
                        let proof = check_infeasible(problem.frame(), problem.pairs(), &prices);
                        if let Ok(proof) = proof {
                            proven += 1;
                            assert!(stands_in_the_way(&problem, proof.obstacle()), "seed {seed}");
                        }
                    }
                }
            }
        }
    }
    assert!(tight > 100 && proven > 100, "{tight} tight, {proven} proven");
}
