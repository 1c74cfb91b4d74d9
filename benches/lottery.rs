//! Lotteries: the flow of a capped one, its draw, and probabilistic serial.

use divan::Bencher;
use peermatch_assignment::lottery::{Marginals, capped};
use peermatch_assignment::{Frame, Left, Problem, Right};
use peermatch_solve::Quiet;
use peermatch_solve::lottery::{draw, eating};
use peermatch_solve::transport::{FlowOutcome, best_flow};
use peermatch_testkit::graphs::{self, Spec};

fn main() {
    divan::main();
}

fn problem() -> Problem {
    let drawn = graphs::structured(&Spec::S, 1);
    let frame = drawn.frame();
    let waiting = frame.waiting_costs().to_vec();
    let (n, k) = (frame.lefts(), frame.rights());
    let frame = Frame::new(waiting, vec![None; n], frame.capacities().to_vec(), vec![0; k]);
    Problem::new(frame.expect("tables fit"), drawn.pairs().clone()).expect("sizes agree")
}

#[divan::bench(sample_count = 3)]
fn capped_at_half(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let (frame, supply) = capped(problem.frame(), problem.pairs(), 60, 30).expect("small numbers");
    let wide = Problem::new(frame, problem.pairs().clone()).expect("sizes agree");
    bencher.bench(|| best_flow(&wide, &supply, &Quiet));
}

#[divan::bench(sample_count = 10)]
fn one_draw(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let (frame, supply) = capped(problem.frame(), problem.pairs(), 60, 30).expect("small numbers");
    let wide = Problem::new(frame, problem.pairs().clone()).expect("sizes agree");
    let FlowOutcome::Optimal(found) = best_flow(&wide, &supply, &Quiet) else { return };
    let marginals = Marginals::of_flow(60, &found.flow);
    bencher.bench(|| {
        let mut state = 1u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % bound
        };
        draw(&marginals, wide.frame().rights(), &mut below, &Quiet)
    });
}

#[divan::bench(sample_count = 5)]
fn probabilistic_serial(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let orders: Vec<Vec<Right>> = Left::all(problem.frame().lefts())
        .map(|left| {
            let mut row: Vec<(i32, Right)> =
                problem.pairs().row(left).map(|(right, cost)| (cost, right)).collect();
            row.sort_unstable();
            row.into_iter().map(|(_, right)| right).collect()
        })
        .collect();
    bencher.bench(|| eating(problem.frame(), &orders, &Quiet));
}
