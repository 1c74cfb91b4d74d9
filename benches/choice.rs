//! What choices cost, and how fast it is known: the residual graph, one pair, one person, all places, every pair. And a change: one person
//! comes, from what is there against from nothing.

use divan::{Bencher, black_box};
use peermatch_assignment::{
    Frame, Left, Matching, PairTable, Problem, Right, Supply, check_fewest_moves,
};
use peermatch_solve::choice::Choices;
use peermatch_solve::update::{UpdateOutcome, best_total_from};
use peermatch_solve::{FlowOutcome, FlowSolution, Outcome, Quiet, Solution, best_flow, best_total};
use peermatch_testkit::graphs::{Spec, Waiting, structured};

fn main() {
    divan::main();
}

fn solved(spec: &Spec) -> (Problem, Solution) {
    let problem = structured(spec, 1);
    match best_total(&problem, &Quiet) {
        Outcome::Optimal(found) => (problem, found),
        _ => unreachable!("a structured problem has no minimums and no pins"),
    }
}

/// 10,000 x 300: every pair in at most 5 s is asked for.
const WIDE: Spec = Spec { lefts: 10_000, rights: 300, regions: 6, ..Spec::TINY };
/// The same where everybody can walk with everybody: 3,000,000 pairs but for those a `must` rules out.
const DENSE: Spec = Spec { regions: 1, ..WIDE };

fn spec(name: &str) -> Spec {
    match name {
        "300x30" => Spec::TINY,
        "1000x100" => Spec::S,
        "10000x300" => WIDE,
        "10000x300 dense" => DENSE,
        "10000x300 by waiting" => WIDE.waiting(Waiting::Levels),
        _ => Spec::M,
    }
}

const ALL: [&str; 6] =
    ["300x30", "1000x100", "10000x300", "10000x300 dense", "10000x300 by waiting", "10000x1000"];

#[divan::bench(args = ALL, sample_count = 5)]
fn graph(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, found) = solved(&spec(name));
    bencher.bench(|| Choices::new(&problem, &found.matching, &found.prices));
}

#[divan::bench(args = ALL, sample_count = 20)]
fn one_pair(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, found) = solved(&spec(name));
    let choices = Choices::new(&problem, &found.matching, &found.prices).expect("a certificate");
    let right = problem.pairs().rights_of(Left(7)).last().copied().unwrap_or(Right(0));
    bencher.bench(|| choices.of(black_box(Left(7)), right));
}

#[divan::bench(args = ALL, sample_count = 20)]
fn one_person(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, found) = solved(&spec(name));
    let choices = Choices::new(&problem, &found.matching, &found.prices).expect("a certificate");
    bencher.bench(|| choices.row(black_box(Left(7))));
}

#[divan::bench(args = ALL, sample_count = 20)]
fn all_places(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, found) = solved(&spec(name));
    let choices = Choices::new(&problem, &found.matching, &found.prices).expect("a certificate");
    bencher.bench(|| choices.places());
}

#[divan::bench(args = ALL, sample_count = 3)]
fn every_pair(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, found) = solved(&spec(name));
    let choices = Choices::new(&problem, &found.matching, &found.prices).expect("a certificate");
    let end = choices.all(&Quiet, |left, right, cost| {
        let there = found.matching.right_of(left) == Some(right);
        assert!(if there { cost == Some(0) } else { cost.is_none_or(|cost| cost >= 0) });
        assert!(left.index() % 500 != 7 || cost == choices.of(left, right));
    });
    assert!(end.is_continue());
    bencher.bench(|| {
        let mut sum = 0i128;
        let end = choices.all(&Quiet, |_, _, cost| sum += i128::from(cost.unwrap_or(0)));
        assert!(end.is_continue());
        sum
    });
}

/// Everybody wants two places, of different rights: the least cost and what choices cost beside it.
fn two_each(spec: &Spec) -> (Problem, Supply, FlowSolution) {
    let problem = structured(&spec.demand(spec.demand_percent / 2), 1);
    let lefts = problem.frame().lefts();
    let supply = Supply::new(vec![2; lefts], vec![0; lefts], vec![1; lefts]).expect("small");
    let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else {
        unreachable!("a structured problem has no minimums and no pins")
    };
    (problem, supply, found)
}

#[divan::bench(args = ["300x30", "1000x100", "10000x300"], sample_count = 3)]
fn every_pair_two_each(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, supply, found) = two_each(&spec(name));
    let choices = Choices::of_flow(&problem, &supply, &found.flow, &found.prices);
    let choices = choices.expect("a certificate");
    let all = |each: &mut dyn FnMut(Left, Right, Option<i64>)| {
        assert!(choices.all(&Quiet, each).is_continue());
    };
    // What is there costs nothing, nothing costs less, and each is what it is alone.
    all(&mut |left, right, cost| {
        let there = found.flow.of(left).iter().any(|&(held, _)| held == right);
        assert!(if there { cost == Some(0) } else { cost.is_none_or(|cost| cost >= 0) });
        assert!(left.index() % 500 != 7 || cost == choices.of(left, right));
    });
    bencher.bench(|| {
        let mut sum = 0i128;
        all(&mut |_, _, cost| sum += i128::from(cost.unwrap_or(0)));
        sum
    });
}

/// The problem without its last left, solved; and the whole problem, to be solved from there.
fn one_comes(spec: &Spec) -> (Problem, Matching, Solution) {
    let whole = structured(spec, 1);
    let frame = whole.frame();
    let before = frame.lefts() - 1;
    let rows = Left::all(before).map(|left| whole.pairs().row(left).collect());
    let pairs = PairTable::from_rows(frame.rights(), rows).expect("rows of a table");
    let waiting = frame.waiting_costs()[..before].to_vec();
    let none = vec![0; frame.rights()];
    let frame = Frame::new(waiting, vec![None; before], frame.capacities().to_vec(), none);
    let problem = Problem::new(frame.expect("part of a frame"), pairs).expect("sizes agree");
    let Outcome::Optimal(found) = best_total(&problem, &Quiet) else {
        unreachable!("a structured problem has no minimums and no pins")
    };
    let seats = found.matching.rights().iter().copied().chain([None]).collect();
    (whole, Matching::new(seats), found)
}

#[divan::bench(args = ALL, sample_count = 10)]
fn one_comes_from_what_is_there(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, start, found) = one_comes(&spec(name));
    let update = || best_total_from(black_box(&problem), &start, &found.prices, &Quiet);
    let UpdateOutcome::Optimal(made) = update() else { unreachable!("no minimums") };
    let (frame, pairs, solution) = (problem.frame(), problem.pairs(), &made.solution);
    let (matching, prices) = (&solution.matching, &solution.prices);
    let proven = check_fewest_moves(frame, pairs, &start, matching, prices, &made.second);
    assert!(proven.is_ok_and(|proven| proven.moved() == made.moved));
    bencher.bench(update);
}

#[divan::bench(args = ALL, sample_count = 10)]
fn one_comes_from_nothing(bencher: Bencher<'_, '_>, name: &str) {
    let (problem, ..) = one_comes(&spec(name));
    bencher.bench(|| best_total(black_box(&problem), &Quiet));
}
