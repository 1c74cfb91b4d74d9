//! How long objectives in stages take, and the checks of their chains. `cargo bench --bench stages`;
//! `cargo bench --bench stages -- tiny` is a smoke test. Building the problem is not counted, nor
//! the check of what is timed.

use divan::{Bencher, black_box};
use peermatch_assignment::{Aim, Frame, Supply, WorthTable, check_chain};
use peermatch_solve::{Quiet, StagesOutcome, in_stages};
use peermatch_testkit::graphs::{Spec, Waiting, structured, structured_worth};

const AIMS: [(&str, Aim); 4] = [
    ("max-min", Aim::MaxMin),
    ("leximin", Aim::Leximin),
    ("nash", Aim::Nash),
    ("rank-maximal", Aim::RankMaximal),
];

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    AIMS.iter().map(|aim| aim.0)
}

fn aim(name: &str) -> Aim {
    AIMS.iter().find(|aim| aim.0 == name).map_or(Aim::Leximin, |aim| aim.1)
}

/// `levels` grades.
fn problem(size: Spec, aim: Aim, levels: i32, wanted: u32) -> (Frame, Supply, WorthTable) {
    let demand = 105 / wanted as usize;
    let problem = structured(&size.waiting(Waiting::Most).demand(demand), 1);
    let worth = structured_worth(&problem, levels, aim == Aim::RankMaximal);
    let lefts = problem.frame().lefts();
    let supply = match wanted {
        1 => Supply::one_each(lefts),
        _ => match Supply::new(vec![wanted; lefts], vec![0; lefts], vec![1; lefts]) {
            Ok(supply) => supply,
            Err(_) => Supply::one_each(lefts),
        },
    };
    (problem.into_parts().0, supply, worth)
}

fn solve(bencher: Bencher<'_, '_>, size: Spec, name: &str, levels: i32, wanted: u32) {
    let aim = aim(name);
    let (frame, supply, worth) = problem(size, aim, levels, wanted);
    let StagesOutcome::Optimal(found) = in_stages(aim, &frame, &supply, &worth, &Quiet) else {
        unreachable!("no minimums")
    };
    assert!(check_chain(aim, &frame, &supply, &worth, &found.flow, &found.chain).is_ok());
    bencher.bench_local(|| in_stages(aim, black_box(&frame), &supply, &worth, &Quiet));
}

fn check(bencher: Bencher<'_, '_>, size: Spec, name: &str, levels: i32) {
    let aim = aim(name);
    let (frame, supply, worth) = problem(size, aim, levels, 1);
    let StagesOutcome::Optimal(found) = in_stages(aim, &frame, &supply, &worth, &Quiet) else {
        unreachable!("no minimums")
    };
    assert!(check_chain(aim, &frame, &supply, &worth, &found.flow, &found.chain).is_ok());
    bencher.bench_local(|| {
        check_chain(aim, &frame, &supply, &worth, black_box(&found.flow), &found.chain)
    });
}

/// 50 x 300, every grade its own.
const EXACT: Spec = Spec { lefts: 50, rights: 300, regions: 1, ..Spec::TINY };

#[divan::bench(args = names())]
fn tiny(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::TINY, name, 20, 1);
}

/// 1,000 x 100, 20 grades.
#[divan::bench(args = names(), sample_count = 10)]
fn s(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::S, name, 20, 1);
}

/// 10,000 x 1,000, 20 grades.
#[divan::bench(args = names(), sample_count = 3)]
fn m(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::M, name, 20, 1);
}

/// 10,000 x 1,000, 20 grades, two places each.
#[divan::bench(args = names(), sample_count = 3)]
fn m_two(bencher: Bencher<'_, '_>, name: &str) {
    solve(bencher, Spec::M, name, 20, 2);
}

/// 10,000 x 1,000, 1,000 grades.
#[divan::bench(sample_count = 1)]
fn m_fine(bencher: Bencher<'_, '_>) {
    solve(bencher, Spec::M, "leximin", 1_000, 1);
}

/// Leximin by exact losses, 50 x 300.
#[divan::bench(sample_count = 10)]
fn exact(bencher: Bencher<'_, '_>) {
    solve(bencher, EXACT, "leximin", 1_000_000, 1);
}

/// The independent check, 10,000 x 1,000, 20 grades.
#[divan::bench(args = names(), sample_count = 3)]
fn check_m(bencher: Bencher<'_, '_>, name: &str) {
    check(bencher, Spec::M, name, 20);
}

/// The independent check, 50 x 300, exact losses.
#[divan::bench(sample_count = 10)]
fn check_exact(bencher: Bencher<'_, '_>) {
    check(bencher, EXACT, "leximin", 1_000_000);
}
