//! How long the best total takes, and its check, by shape and size. `cargo bench --bench solve`;
//! `cargo bench --bench solve -- tiny` is a smoke test. Building the problem is not counted, nor the check of what is timed.

use divan::{Bencher, black_box};
use peermatch_assignment::check;
use peermatch_solve::{Outcome, Quiet, best_total};
use peermatch_testkit::graphs::{Costs, Spec, Waiting, structured};

/// Raw edges, as many as can be, longest wait first, and everything tied.
const SHAPES: [(&str, Costs, Waiting); 4] = [
    ("total", Costs::Wishes, Waiting::Zero),
    ("most", Costs::Wishes, Waiting::Most),
    ("longest-wait", Costs::Wishes, Waiting::Levels),
    ("all-equal", Costs::AllEqual, Waiting::Most),
];

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|shape| shape.0)
}

fn solve(bencher: Bencher<'_, '_>, size: Spec, name: &str) {
    let Some(&(_, costs, waiting)) = SHAPES.iter().find(|shape| shape.0 == name) else { return };
    let problem = structured(&size.costs(costs).waiting(waiting), 1);
    let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { unreachable!("no minimums") };
    assert!(check(problem.frame(), problem.pairs(), &found.matching, &found.prices).is_ok());
    bencher.bench_local(|| best_total(black_box(&problem), &Quiet));
}

#[divan::bench(args = names())]
fn tiny(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::TINY, name);
}

/// 1,000 x 100, about 30,000 pairs.
#[divan::bench(args = names())]
fn s(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::S, name);
}

/// 10,000 x 1,000, 1.3 million pairs.
#[divan::bench(args = names(), sample_count = 10)]
fn m(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::M, name);
}

/// The independent check of the certificate, at size M.
#[divan::bench(sample_count = 20)]
fn check_m(bencher: Bencher<'_, '_>) {
    let problem = structured(&Spec::M, 1);
    let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { unreachable!("no minimums") };
    assert!(check(problem.frame(), problem.pairs(), &found.matching, &found.prices).is_ok());
    bencher.bench_local(|| {
        check(problem.frame(), problem.pairs(), black_box(&found.matching), &found.prices)
    });
}
