//! Safe menus: who gets one, what is on it, and the bound; and what a live menu shows. `cargo bench --bench menus`.

use divan::{Bencher, black_box};
use peermatch_assignment::{Frame, Left, Problem, check_safe_menus};
use peermatch_solve::choice::Choices;
use peermatch_solve::menus::{MenusOutcome, SafeMenus, by_loss, live_menu, safe_menus};
use peermatch_solve::{Outcome, Quiet, best_total};
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

fn made(problem: &Problem, size: u32) -> (Vec<Left>, SafeMenus) {
    let asked: Vec<Left> = Left::all(problem.frame().lefts()).collect();
    let MenusOutcome::Found(found) = safe_menus(problem, &asked, size, &Quiet) else {
        unreachable!("nobody stops it")
    };
    let menus = &found.menus;
    assert!(check_safe_menus(problem.frame(), problem.pairs(), menus, &found.prices).is_ok());
    assert!(menus.iter().any(|menu| menu.len() > 1), "somebody has a choice");
    (asked, found)
}

#[divan::bench(args = [2, 3], sample_count = 5)]
fn safe(bencher: Bencher<'_, '_>, size: u32) {
    let problem = problem();
    let (asked, _) = made(&problem, size);
    bencher.bench(|| safe_menus(&problem, &asked, size, &Quiet));
}

#[divan::bench(sample_count = 20)]
fn checked(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let (_, found) = made(&problem, 3);
    bencher
        .bench(|| check_safe_menus(problem.frame(), problem.pairs(), &found.menus, &found.prices));
}

/// A live menu of three: what each of somebody's rights would cost everybody, and which of them are shown.
#[divan::bench(sample_count = 20)]
fn live_for_one(bencher: Bencher<'_, '_>) {
    let problem = problem();
    let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { unreachable!("no minimums") };
    let choices = Choices::new(&problem, &found.matching, &found.prices).expect("a certificate");
    let menu = || live_menu(by_loss(&choices, black_box(Left(7))), 3, 250_000, 1_000_000);
    // Ascending, and each costs just what it costs alone.
    let shown = menu();
    assert!((2..=3).contains(&shown.len()) && shown.is_sorted());
    assert!(shown.iter().all(|option| choices.of(Left(7), option.right) == Some(option.loss)));
    bencher.bench(menu);
}
