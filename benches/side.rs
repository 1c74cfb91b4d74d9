//! How long the least cost under side constraints takes and its check. `cargo bench --bench side`;
//! `cargo bench --bench side -- tiny` is a smoke test. Building the problem is not counted.

use divan::{Bencher, black_box};
use peermatch_assignment::side::{Row, Rows, check_least_sum, check_side, check_staged};
use peermatch_assignment::{Left, Problem, Right, Supply};
use peermatch_solve::side::{
    Effort, LeastSumOutcome, SideOutcome, SideSolution, StagedSideOutcome, as_given, best_side,
    best_staged, max_min_sums,
};
use peermatch_solve::{FlowOutcome, Quiet, best_flow};
use peermatch_testkit::graphs::{Spec, structured};

/// Without the MILP: what is timed is the search that gives the bound.
const EFFORT: Effort =
    Effort { milp_work: 0, milp_seconds: None, splits: 20, flow_work: 30_000_000 };

fn main() {
    divan::main();
}

/// A load for every tenth right, in contacts of 100, 60, 30 or 10, and a team of the first half.
fn limits(problem: &Problem) -> Option<Rows> {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let mut of_right: Vec<Vec<Left>> = vec![Vec::new(); frame.rights()];
    for left in Left::all(frame.lefts()) {
        for &right in pairs.rights_of(left) {
            of_right[right.index()].push(left);
        }
    }
    let load = |left: &Left| [100, 60, 30, 10][left.index() % 4];
    let on = |right: Right, weigh: &dyn Fn(&Left) -> i64| -> Vec<(Left, Right, i64)> {
        of_right[right.index()].iter().map(|left| (*left, right, weigh(left))).collect()
    };
    let mut rows: Vec<Row> = Right::all(frame.rights())
        .step_by(10)
        .map(|right| Row::at_most(on(right, &load), vec![], i64::from(frame.capacity(right)) * 40))
        .collect();
    let half = frame.rights() / 2;
    let team = Right::all(half).flat_map(|right| on(right, &|_| 1)).collect();
    let places: i64 = frame.capacities()[..half].iter().map(|&places| i64::from(places)).sum();
    rows.push(Row::at_most(team, vec![], places * 9 / 10));
    Rows::new(frame.lefts(), rows).ok()
}

fn solve(bencher: Bencher<'_, '_>, size: Spec) {
    let problem = structured(&size, 1);
    let Some(rows) = limits(&problem) else { return };
    let found = found(&problem, &rows);
    let supply = Supply::one_each(problem.frame().lefts());
    let (frame, pairs) = (problem.frame(), problem.pairs());
    assert!(check_side(frame, &supply, pairs, &rows, &found.flow, &found.proof).is_ok());
    bencher.bench_local(|| best_side(black_box(&problem), &rows, EFFORT, &Quiet));
}

fn found(problem: &Problem, rows: &Rows) -> SideSolution {
    let SideOutcome::Found(found) = best_side(problem, rows, EFFORT, &Quiet) else {
        unreachable!("limits from above can be kept by nobody being served")
    };
    found
}

/// Who is served first, by waiting, then the least cost: both under all limits.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn staged_tiny(bencher: Bencher<'_, '_>) {
    let problem = structured(&Spec::TINY, 1);
    let Some(rows) = limits(&problem) else { return };
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let supply = Supply::one_each(frame.lefts());
    let solve = || best_staged(black_box(&problem), &supply, (&rows, &rows), true, EFFORT, &Quiet);
    let StagedSideOutcome::Found(found) = solve() else {
        unreachable!("limits from above can be kept by nobody being served")
    };
    let both = (&rows, &rows);
    assert!(check_staged(frame, &supply, pairs, both, &found.flow, &found.proof).is_ok());
    bencher.bench_local(solve);
}

/// Two places each, of different rights: the least sum of fits of anybody as large as the search makes it.
#[divan::bench(args = [12, 40], sample_count = 3, sample_size = 1)]
fn least_sum(bencher: Bencher<'_, '_>, lefts: usize) {
    let spec = Spec { lefts, rights: lefts / 2, regions: 1, demand_percent: 45, ..Spec::TINY };
    let problem = structured(&spec, 1);
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let two = Supply::new(vec![2; lefts], vec![0; lefts], vec![1; lefts]).expect("small numbers");
    let FlowOutcome::Optimal(served) = best_flow(&problem, &two, &Quiet) else {
        unreachable!("no minimums")
    };
    let supply = as_given(&served.flow);
    let solve = || max_min_sums(black_box(&problem), &supply, EFFORT, &Quiet);
    let LeastSumOutcome::Found(found) = solve() else { unreachable!("what was served can be") };
    let proven = check_least_sum(frame, &supply, pairs, &found.flow, found.bound, &found.proof);
    assert!(proven.is_ok_and(|proven| proven.least() == found.least));
    bencher.bench_local(solve);
}

#[divan::bench(sample_count = 10)]
fn tiny(bencher: Bencher<'_, '_>) {
    solve(bencher, Spec::TINY);
}

/// 1,000 x 100, about 30,000 pairs.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn s(bencher: Bencher<'_, '_>) {
    solve(bencher, Spec::S);
}

/// The independent check of the bound, at size S.
#[divan::bench(sample_count = 10)]
fn check_s(bencher: Bencher<'_, '_>) {
    let problem = structured(&Spec::S, 1);
    let Some(rows) = limits(&problem) else { return };
    let found = found(&problem, &rows);
    let supply = Supply::one_each(problem.frame().lefts());
    let (frame, pairs) = (problem.frame(), problem.pairs());
    assert!(check_side(frame, &supply, pairs, &rows, &found.flow, &found.proof).is_ok());
    bencher.bench_local(|| {
        check_side(frame, &supply, pairs, &rows, black_box(&found.flow), &found.proof)
    });
}
