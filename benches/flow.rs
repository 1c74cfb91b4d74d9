//! How long the best flow takes where lefts want several places, and its check. `cargo bench --bench flow`;
//! `cargo bench --bench flow -- tiny` is a smoke test. Building the problem is not counted, nor
//! the check of what is timed.

use divan::{Bencher, black_box};
use peermatch_assignment::{Frame, Problem, Supply, check_flow};
use peermatch_solve::{FlowOutcome, Quiet, best_flow};
use peermatch_testkit::graphs::{Costs, Spec, Waiting, structured};

/// Two places each of different rights, with one needed now and then; and a lottery: twelve parts
/// of a place each, at most three of them from one right.
const SHAPES: [(&str, u32, u32, Costs, Waiting); 5] = [
    ("two-total", 2, 1, Costs::Wishes, Waiting::Zero),
    ("two-most", 2, 1, Costs::Wishes, Waiting::Most),
    ("two-longest-wait", 2, 1, Costs::Wishes, Waiting::Levels),
    ("two-all-equal", 2, 1, Costs::AllEqual, Waiting::Most),
    ("lottery-most", 12, 3, Costs::Wishes, Waiting::Most),
];

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|shape| shape.0)
}

/// A structured problem with about 5 % more demand than places.
fn problem(size: Spec, name: &str) -> Option<(Problem, Supply)> {
    let &(_, wanted, each, costs, waiting) = SHAPES.iter().find(|shape| shape.0 == name)?;
    let lottery = each > 1;
    let demand = if lottery { 105 } else { 105 / 2 };
    let spec = size.costs(costs).waiting(waiting).demand(demand);
    let (frame, pairs) = structured(&spec, 1).into_parts();
    let parts = if lottery { wanted } else { 1 };
    let capacity = frame.capacities().iter().map(|&places| places * parts).collect();
    let pins = vec![None; frame.lefts()];
    let minimum = vec![0; frame.rights()];
    let frame = Frame::new(frame.waiting_costs().to_vec(), pins, capacity, minimum).ok()?;
    let lefts = frame.lefts();
    let supply = Supply::new(vec![wanted; lefts], vec![0; lefts], vec![each; lefts]).ok()?;
    Some((Problem::new(frame, pairs).ok()?, supply))
}

fn solve(bencher: Bencher<'_, '_>, size: Spec, name: &str) {
    let Some((problem, supply)) = problem(size, name) else { return };
    let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else {
        unreachable!("no minimums")
    };
    let (frame, pairs) = (problem.frame(), problem.pairs());
    assert!(check_flow(frame, &supply, pairs, &found.flow, &found.prices).is_ok());
    bencher.bench_local(|| best_flow(black_box(&problem), &supply, &Quiet));
}

#[divan::bench(args = names())]
fn tiny(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::TINY, name);
}

/// 1,000 x 100, about 30,000 pairs.
#[divan::bench(args = names(), sample_count = 10)]
fn s(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::S, name);
}

/// 10,000 x 1,000, 1.3 million pairs.
#[divan::bench(args = names(), sample_count = 3)]
fn m(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::M, name);
}

/// The independent check of the certificate, at size M.
#[divan::bench(sample_count = 10)]
fn check_m(bencher: Bencher<'_, '_>) {
    let Some((problem, supply)) = problem(Spec::M, "two-most") else { return };
    let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else {
        unreachable!("no minimums")
    };
    let (frame, pairs) = (problem.frame(), problem.pairs());
    assert!(check_flow(frame, &supply, pairs, &found.flow, &found.prices).is_ok());
    bencher.bench_local(|| {
        let flow = black_box(&found.flow);
        check_flow(problem.frame(), &supply, problem.pairs(), flow, &found.prices)
    });
}
