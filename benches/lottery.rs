//! Lotteries: the flow of a capped one, its draw, and probabilistic serial.

use divan::Bencher;
use peermatch_assignment::lottery::{Marginals, capped, check_eating, check_outcome};
use peermatch_assignment::{Frame, Left, Problem, Right, Supply, check_flow};
use peermatch_solve::Quiet;
use peermatch_solve::lottery::{Eaten, draw, eating};
use peermatch_solve::transport::{FlowOutcome, FlowSolution, best_flow};
use peermatch_testkit::graphs::{self, Spec};

fn main() {
    divan::main();
}

fn problem() -> Problem {
    of(&Spec::S)
}

/// Without pins and minimums.
fn of(spec: &Spec) -> Problem {
    let drawn = graphs::structured(spec, 1);
    let frame = drawn.frame();
    let waiting = frame.waiting_costs().to_vec();
    let (n, k) = (frame.lefts(), frame.rights());
    let frame = Frame::new(waiting, vec![None; n], frame.capacities().to_vec(), vec![0; k]);
    Problem::new(frame.expect("tables fit"), drawn.pairs().clone()).expect("sizes agree")
}

/// With everybody in sixty parts, at most half of them with one worker.
fn half(problem: &Problem) -> (Problem, Supply) {
    let (frame, supply) = capped(problem.frame(), problem.pairs(), 60, 30).expect("small numbers");
    (Problem::new(frame, problem.pairs().clone()).expect("sizes agree"), supply)
}

fn solved(wide: &Problem, supply: &Supply) -> FlowSolution {
    let FlowOutcome::Optimal(found) = best_flow(wide, supply, &Quiet) else {
        unreachable!("no minimums")
    };
    let (frame, pairs) = (wide.frame(), wide.pairs());
    assert!(check_flow(frame, supply, pairs, &found.flow, &found.prices).is_ok());
    found
}

#[divan::bench(sample_count = 3)]
fn capped_at_half(bencher: Bencher<'_, '_>) {
    let (wide, supply) = half(&problem());
    solved(&wide, &supply);
    bencher.bench(|| best_flow(&wide, &supply, &Quiet));
}

#[divan::bench(sample_count = 10)]
fn one_draw(bencher: Bencher<'_, '_>) {
    let (wide, supply) = half(&problem());
    let marginals = Marginals::of_flow(60, &solved(&wide, &supply).flow);
    let rights = wide.frame().rights();
    let drawn = || {
        let mut state = 1u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % bound
        };
        draw(&marginals, rights, &mut below, &Quiet).expect("nobody stops it")
    };
    assert!(check_outcome(rights, &marginals, &drawn()).is_ok());
    bencher.bench(drawn);
}

/// Everybody's rights, best first.
fn orders(problem: &Problem) -> Vec<Vec<Right>> {
    let order = |left| {
        let mut row: Vec<(i32, Right)> =
            problem.pairs().row(left).map(|(right, cost)| (cost, right)).collect();
        row.sort_unstable();
        row.into_iter().map(|(_, right)| right).collect()
    };
    Left::all(problem.frame().lefts()).map(order).collect()
}

/// Each right that runs out can multiply the denominator by the number of those who eat: with few rights 62 bits hold the chances, with a hundred
/// they do not, and what is timed is how fast that is said.
fn serial(size: &str) -> (Problem, Vec<Vec<Right>>) {
    let few = Spec { rights: 6, regions: 1, ..Spec::TINY };
    let problem = if size == "300x6" { of(&few) } else { problem() };
    let orders = orders(&problem);
    match eating(problem.frame(), &orders, &Quiet) {
        Eaten::Found(chances) => {
            assert_eq!(size, "300x6");
            assert!(check_eating(problem.frame(), problem.pairs(), &orders, &chances).is_ok());
        }
        other => assert_eq!((size, other), ("1000x100, too fine", Eaten::TooFine)),
    }
    (problem, orders)
}

#[divan::bench(args = ["300x6", "1000x100, too fine"], sample_count = 5)]
fn probabilistic_serial(bencher: Bencher<'_, '_>, size: &str) {
    let (problem, orders) = serial(size);
    bencher.bench(|| eating(problem.frame(), &orders, &Quiet));
}
