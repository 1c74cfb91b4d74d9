//! How long the least cost under side constraints takes and its check. `cargo bench --bench side`;
//! `cargo bench --bench side -- tiny` is a smoke test. Building the problem is not counted.

use divan::{Bencher, black_box};
use peermatch_assignment::side::{Row, Rows, check_side};
use peermatch_assignment::{Left, Problem, Right, Supply};
use peermatch_solve::Quiet;
use peermatch_solve::side::{Effort, SideOutcome, best_side};
use peermatch_testkit::graphs::{Spec, structured};

/// Without the MILP, whose end is a matter of its clock.
const EFFORT: Effort = Effort { milp_work: 0, milp_seconds: None, splits: 20 };

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
    bencher.bench_local(|| best_side(black_box(&problem), &rows, EFFORT, &Quiet));
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
    let SideOutcome::Found(found) = best_side(&problem, &rows, EFFORT, &Quiet) else { return };
    let supply = Supply::one_each(problem.frame().lefts());
    let (frame, pairs) = (problem.frame(), problem.pairs());
    bencher.bench_local(|| {
        check_side(frame, &supply, pairs, &rows, black_box(&found.flow), &found.proof)
    });
}
