//! Safe menus: who gets one, what is on it, and the bound.

use divan::Bencher;
use peermatch_assignment::{Frame, Left, Problem, check_safe_menus};
use peermatch_solve::Quiet;
use peermatch_solve::menus::{MenusOutcome, safe_menus};
use peermatch_testkit::graphs::{self, Spec};

fn main() {
    divan::main();
}

/// People of the small structured problem, without pins and minimums.
fn problem() -> Problem {
    let drawn = graphs::structured(&Spec::S, 1);
    let frame = drawn.frame();
    let waiting = frame.waiting_costs().to_vec();
    let (n, k) = (frame.lefts(), frame.rights());
    let frame = Frame::new(waiting, vec![None; n], frame.capacities().to_vec(), vec![0; k]);
    Problem::new(frame.expect("tables fit"), drawn.pairs().clone()).expect("sizes agree")
}

#[divan::bench(args = [2, 3], sample_count = 5)]
fn safe(bencher: Bencher<'_, '_>, size: u32) {
    let problem = problem();
    let asked: Vec<Left> = Left::all(problem.frame().lefts()).collect();
    bencher.bench(|| safe_menus(&problem, &asked, size, &Quiet));
}

#[divan::bench(sample_count = 20)]
fn checked(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let asked: Vec<Left> = Left::all(problem.frame().lefts()).collect();
    let MenusOutcome::Found(found) = safe_menus(&problem, &asked, 3, &Quiet) else { return };
    bencher
        .bench(|| check_safe_menus(problem.frame(), problem.pairs(), &found.menus, &found.prices));
}
