//! How long the ordinal matchings and the baselines take, with their checks, by size.
//! `cargo bench --bench ordinal`; `cargo bench --bench ordinal -- tiny` is a smoke test. Building
//! the problem and ranking it is not counted, except where it says so.

use divan::{Bencher, black_box};
use peermatch_assignment::{
    Frame, Left, Matching, Problem, RankTable, check_greedy, check_in_turn, check_largest,
    check_stable,
};
use peermatch_solve::{
    OrdinalOutcome, Outcome, Proposing, Quiet, greedy, in_turn, largest, stable,
};
use peermatch_testkit::graphs::{Spec, structured};
use peermatch_testkit::ordinal::{Kind, wide};

fn main() {
    divan::main();
}

/// Who proposes, and whether both sides rank by the same costs or by lists of their own.
const WAYS: [(&str, Proposing); 2] = [("lefts", Proposing::Lefts), ("rights", Proposing::Rights)];

fn names() -> impl Iterator<Item = &'static str> {
    WAYS.iter().map(|way| way.0)
}

/// Finds and checks, as every caller does: what is timed is what is checked.
fn find(frame: &Frame, ranks: &RankTable, proposing: Proposing) -> usize {
    let found = matching(stable(frame, black_box(ranks), proposing, &Quiet));
    check_stable(frame, ranks, &found).expect("stable").assigned()
}

fn matching(outcome: OrdinalOutcome) -> Matching {
    let OrdinalOutcome::Found(found) = outcome else { unreachable!("nobody is pinned") };
    found
}

fn by_cost(bencher: Bencher<'_, '_>, size: Spec, name: &str) {
    let Some(&(_, proposing)) = WAYS.iter().find(|way| way.0 == name) else { return };
    let (frame, pairs) = structured(&size, 1).into_parts();
    let ranks = RankTable::by_cost(pairs);
    bencher.bench_local(|| find(&frame, &ranks, proposing));
}

#[divan::bench(args = names())]
fn tiny(bencher: Bencher<'_, '_>, name: &str) {
    by_cost(bencher, Spec::TINY, name);
}

/// 10,000 x 1,000, 1.3 million pairs.
#[divan::bench(args = names(), sample_count = 10)]
fn m(bencher: Bencher<'_, '_>, name: &str) {
    by_cost(bencher, Spec::M, name);
}

/// 100,000 x 10,000, 4.5 million pairs.
#[divan::bench(args = names(), sample_count = 5)]
fn l(bencher: Bencher<'_, '_>, name: &str) {
    by_cost(bencher, Spec::L, name);
}

/// 1,000,000 x 100,000, lists of 10: independent lists, strict or in three classes on either side.
#[divan::bench(
    args = ["lefts, strict", "lefts, ties", "rights, strict", "rights, ties"],
    sample_count = 3
)]
fn million(bencher: Bencher<'_, '_>, name: &str) {
    let ties = name.ends_with("ties");
    let kind = Kind { left_ties: ties, right_ties: ties, pins: false };
    let (frame, ranks) = wide(1_000_000, 100_000, 10, 105, kind, 1);
    let proposing = if name.starts_with("lefts") { Proposing::Lefts } else { Proposing::Rights };
    bencher.bench_local(|| find(&frame, &ranks, proposing));
}

/// Ranks of both sides from the costs, at size L.
#[divan::bench(sample_count = 5)]
fn rank_l(bencher: Bencher<'_, '_>) {
    let (_, pairs) = structured(&Spec::L, 1).into_parts();
    bencher.with_inputs(|| pairs.clone()).bench_local_values(RankTable::by_cost);
}

#[divan::bench(sample_count = 5)]
fn greedy_l(bencher: Bencher<'_, '_>) {
    let (frame, pairs) = structured(&Spec::L, 1).into_parts();
    bencher.bench_local(|| {
        let found = matching(greedy(&frame, black_box(&pairs), &Quiet));
        check_greedy(&frame, &pairs, &found).expect("greedy").assigned()
    });
}

#[divan::bench(sample_count = 5)]
fn in_turn_l(bencher: Bencher<'_, '_>) {
    let (frame, pairs) = structured(&Spec::L, 1).into_parts();
    let order: Vec<Left> = Left::all(frame.lefts()).rev().collect();
    bencher.bench_local(|| {
        let found = matching(in_turn(&frame, black_box(&pairs), &order, &Quiet));
        check_in_turn(&frame, &pairs, &order, &found).expect("in turn").assigned()
    });
}

/// How many could be served, at size L, with the check of its proof.
#[divan::bench(sample_count = 3)]
fn largest_l(bencher: Bencher<'_, '_>) {
    most(bencher, &structured(&Spec::L, 1));
}

/// The same for 1,000,000 x 100,000, lists of 10.
#[divan::bench(sample_count = 1)]
fn largest_million(bencher: Bencher<'_, '_>) {
    let (frame, ranks) = wide(1_000_000, 100_000, 10, 105, Kind::default(), 1);
    let problem = Problem::new(frame, ranks.pairs().clone()).expect("one problem's parts");
    most(bencher, &problem);
}

fn most(bencher: Bencher<'_, '_>, problem: &Problem) {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    bencher.bench_local(|| {
        let Outcome::Optimal(found) = largest(frame, black_box(pairs), &Quiet) else {
            unreachable!("nobody is pinned and no minimum stated")
        };
        check_largest(frame, pairs, &found.matching, &found.prices).expect("largest").assigned()
    });
}
