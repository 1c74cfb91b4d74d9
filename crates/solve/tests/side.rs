//! Side constraints against enumeration: cost, verdict, bound and certificate of tiny problems with rows of every kind.

use peermatch_assignment::side::{
    Row, Rows, SideProof, SideRejection, StagedProof, Step, check_least_sum, check_side,
    check_side_infeasible, check_staged, check_staged_infeasible, serving_weights,
};
use peermatch_assignment::{Flow, Frame, Left, PairTable, Problem, Right, Supply};
use peermatch_solve::side::{
    Claim, Effort, LeastSumOutcome, SideOutcome, StagedSideOutcome, as_given, best_side_flow,
    best_staged, max_min_sums,
};
use peermatch_solve::{Quiet, Stage, Watch};
use peermatch_testkit::{graphs, side as brute};
use std::cell::Cell;
use std::ops::ControlFlow;

const EFFORT: Effort =
    Effort { milp_work: 400_000, milp_seconds: None, splits: 200, flow_work: 30_000_000 };

#[derive(Debug, Default)]
struct Seen {
    proven: u32,
    at_root: u32,
    by_splits: u32,
    infeasible: u32,
    open: u32,
}

/// Solves, checks, and compares everything with enumeration.
fn agrees(
    problem: &Problem,
    supply: &Supply,
    rows: &Rows,
    effort: Effort,
    seen: &mut Seen,
    name: &str,
) {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let expected = brute::best(problem, supply, rows);
    match best_side_flow(problem, supply, rows, effort, &Quiet) {
        SideOutcome::Found(found) => {
            let (best, _) = expected.unwrap_or_else(|| panic!("{name}: found where nothing is"));
            let checked = check_side(frame, supply, pairs, rows, &found.flow, &found.proof)
                .unwrap_or_else(|why| panic!("{name}: {why}\n{problem:?}\n{rows:?}"));
            assert!(checked.bound() <= best, "{name}: the bound is above the best");
            assert!(checked.cost() >= best, "{name}: better than the best");
            assert_eq!(
                checked.proven(),
                found.claim == Claim::Proven,
                "{name}: {found:?}\n{problem:?}"
            );
            match found.claim {
                Claim::Proven => {
                    assert_eq!(checked.cost(), best, "{name}");
                    seen.proven += 1;
                    if found.proof.leaves() == 1 { seen.at_root += 1 } else { seen.by_splits += 1 }
                }
                Claim::Solver => {
                    assert_eq!(checked.cost(), best, "{name}: the solver claimed it");
                    seen.open += 1;
                }
                Claim::Open => seen.open += 1,
            }
        }
        SideOutcome::Infeasible(proof) => {
            assert_eq!(expected, None, "{name}: infeasible? {problem:?} {rows:?}");
            check_side_infeasible(frame, supply, pairs, rows, &proof)
                .unwrap_or_else(|why| panic!("{name}: {why}\n{problem:?}\n{rows:?}\n{proof:?}"));
            seen.infeasible += 1;
        }
        SideOutcome::NoneFound { claimed_infeasible, .. } => {
            assert!(!(claimed_infeasible && expected.is_some()), "{name}: a wrong claim");
            seen.open += 1;
        }
    }
}

#[test]
fn six_thousand_tiny_problems() {
    let mut seen = Seen::default();
    for seed in 0..6_000 {
        let problem = graphs::wild(5, 3, 7_000_000 + seed);
        let rows = brute::rows(&problem, seed);
        let supply = Supply::one_each(problem.frame().lefts());
        agrees(&problem, &supply, &rows, EFFORT, &mut seen, &format!("seed {seed}"));
    }
    assert!(seen.by_splits > 100 && seen.infeasible > 300 && seen.at_root > 2_000, "{seen:?}");
    // Where waiting costs 2e13 and pairs cost 10, floats no longer tell multipliers apart: a gap of a few units may stay, and is stated.
    assert!(seen.open <= 5, "{seen:?}");
}

/// Without the MILP the answers are as good: it is one way of finding, and proves nothing.
#[test]
fn splits_alone_find_the_same() {
    let mut seen = Seen::default();
    let effort = Effort { milp_work: 0, milp_seconds: None, splits: 400, flow_work: 30_000_000 };
    for seed in 0..1_500 {
        let problem = graphs::wild(5, 3, 8_000_000 + seed);
        let rows = brute::rows(&problem, 1_000_000 + seed);
        let supply = Supply::one_each(problem.frame().lefts());
        agrees(&problem, &supply, &rows, effort, &mut seen, &format!("seed {seed}"));
    }
    assert!(seen.by_splits > 30 && seen.open <= 5, "{seen:?}");
}

/// With no splits and no MILP what comes back is feasible, and its bound valid.
#[test]
fn little_effort_gives_gaps_and_never_wrong_bounds() {
    let mut seen = Seen::default();
    let effort = Effort { milp_work: 0, milp_seconds: None, splits: 0, flow_work: 30_000_000 };
    for seed in 0..1_500 {
        let problem = graphs::wild(6, 3, 9_000_000 + seed);
        let rows = brute::rows(&problem, 2_000_000 + seed);
        let supply = Supply::one_each(problem.frame().lefts());
        agrees(&problem, &supply, &rows, effort, &mut seen, &format!("seed {seed}"));
    }
    assert!(seen.open > 50 && seen.by_splits == 0, "{seen:?}");
}

/// Changes of one field of flow or proof: refused, or a true bound of a feasible flow.
#[test]
fn mutations_are_refused_or_right() {
    let (mut refused, mut right, mut infeasible) = (0u32, 0u32, 0u32);
    for seed in 0..600u64 {
        let problem = graphs::wild(4, 3, 10_000_000 + seed);
        let rows = brute::rows(&problem, 3_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let supply = Supply::one_each(frame.lefts());
        let best = brute::best(&problem, &supply, &rows);
        let mut judge = |flow: &Flow,
                         proof: &SideProof,
                         rows: &Rows,
                         best: &Option<(i128, Flow)>| {
            match check_side(frame, &supply, pairs, rows, flow, proof) {
                Ok(verified) => {
                    let (best, _) = best.as_ref().expect("feasible, for it was accepted");
                    assert!(verified.bound() <= *best && verified.cost() >= *best, "seed {seed}");
                    right += 1;
                }
                Err(_) => refused += 1,
            }
        };
        match best_side_flow(&problem, &supply, &rows, EFFORT, &Quiet) {
            SideOutcome::Found(found) => {
                judge(&found.flow, &found.proof, &rows, &best);
                for left in 0..frame.lefts() {
                    for to in [None, Some(Right(0)), Some(Right(1)), Some(Right(7))] {
                        let mut table = found.flow.rows().to_vec();
                        table[left] = to.map(|right| (right, 1)).into_iter().collect();
                        judge(&Flow::new(table), &found.proof, &rows, &best);
                    }
                    let mut table = found.flow.rows().to_vec();
                    table[left].push((Right(0), 2));
                    judge(&Flow::new(table), &found.proof, &rows, &best);
                }
                for proof in mutated(&found.proof, frame.lefts()) {
                    judge(&found.flow, &proof, &rows, &best);
                }
                // A limit made one tighter is another problem: the old answer holds for it only if it keeps it.
                for place in 0..rows.len() {
                    let mut tighter = rows.rows().to_vec();
                    let row = &tighter[place];
                    tighter[place] =
                        Row::at_most(row.terms().to_vec(), row.waiting().to_vec(), row.limit() - 1);
                    let tighter = Rows::new(frame.lefts(), tighter).unwrap();
                    let best = brute::best(&problem, &supply, &tighter);
                    judge(&found.flow, &found.proof, &tighter, &best);
                    // What is feasible is never proven infeasible.
                    if best.is_some() {
                        let claim =
                            check_side_infeasible(frame, &supply, pairs, &tighter, &found.proof);
                        assert!(claim.is_err(), "seed {seed}");
                    }
                }
            }
            SideOutcome::Infeasible(proof) => {
                infeasible += 1;
                for proof in mutated(&proof, frame.lefts()) {
                    // Whatever is accepted is true: nothing is feasible here.
                    let _ = check_side_infeasible(frame, &supply, pairs, &rows, &proof);
                    // The same proof for looser rows, which may be feasible.
                    let looser = rows.rows().iter().map(|row| {
                        Row::at_most(row.terms().to_vec(), row.waiting().to_vec(), row.limit() + 2)
                    });
                    let looser = Rows::new(frame.lefts(), looser.collect()).unwrap();
                    if brute::best(&problem, &supply, &looser).is_some() {
                        let claim = check_side_infeasible(frame, &supply, pairs, &looser, &proof);
                        assert!(claim.is_err(), "seed {seed}: feasible, yet proven infeasible");
                    }
                }
            }
            SideOutcome::NoneFound { .. } => {}
        }
    }
    assert!(refused > 3_000 && right > 3_000 && infeasible > 50, "{refused} {right} {infeasible}");
}

/// One number changed, one step taken out, put in twice, or split on another pair.
fn mutated(proof: &SideProof, lefts: usize) -> Vec<SideProof> {
    let mut out = Vec::new();
    let mut with = |change: &dyn Fn(&mut SideProof)| {
        let mut mutated = proof.clone();
        change(&mut mutated);
        out.push(mutated);
    };
    with(&|p| p.scale = 0);
    with(&|p| p.scale = 1);
    with(&|p| p.scale = p.scale * 2 - 1);
    for (place, step) in proof.steps.iter().enumerate().take(12) {
        with(&|p| drop(p.steps.remove(place)));
        with(&|p| p.steps.insert(place, step.clone()));
        if lefts > 0 {
            with(&|p| p.steps[place] = Step::Split(Left(0), Right(0)));
        }
        let Step::Leaf { multipliers, prices } = step else { continue };
        for change in [-1, 1, 4096, -100_000, 1 << 50] {
            for at in 0..multipliers.len() {
                with(&|p| {
                    if let Step::Leaf { multipliers, .. } = &mut p.steps[place] {
                        multipliers[at] += change;
                    }
                });
            }
            for at in 0..prices.len() {
                with(&|p| {
                    if let Step::Leaf { prices, .. } = &mut p.steps[place] {
                        prices[at] = prices[at].saturating_add(change);
                    }
                });
            }
        }
    }
    out
}

/// Weak duality, tried: whatever multipliers and prices, the bound is never above the least cost.
#[test]
fn no_multipliers_fool_the_checker() {
    let (mut tight, mut tried) = (0u32, 0u32);
    for seed in 0..2_000u64 {
        let problem = graphs::wild(4, 3, 11_000_000 + seed);
        let rows = brute::rows(&problem, 4_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let supply = Supply::one_each(frame.lefts());
        let Some((best, flow)) = brute::best(&problem, &supply, &rows) else { continue };
        for draw in 0..6u64 {
            let noise = |at: usize| {
                let mix = (seed * 8 + draw + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let bits = (mix ^ (at as u64).wrapping_mul(0xD1B5_4A32_D192_ED03)).rotate_left(23);
                i64::try_from(bits.wrapping_mul(mix | 1) >> 59).unwrap() - 16
            };
            let multipliers: Vec<i64> = (0..rows.len()).map(|at| noise(at).max(0)).collect();
            let prices: Vec<i64> = (0..frame.rights()).map(|at| noise(at + 100)).collect();
            let leaf = Step::Leaf { multipliers, prices };
            let split = Step::Split(Left(0), Right(0));
            for steps in [vec![leaf.clone()], vec![split, leaf.clone(), leaf.clone()]] {
                let proof = SideProof { scale: 1 + u32::try_from(draw).unwrap(), steps };
                let verified = check_side(frame, &supply, pairs, &rows, &flow, &proof).unwrap();
                assert_eq!(verified.cost(), best, "seed {seed}");
                assert!(verified.bound() <= best, "seed {seed}");
                assert!(check_side_infeasible(frame, &supply, pairs, &rows, &proof).is_err());
                tried += 1;
                tight += u32::from(verified.proven());
            }
        }
    }
    assert!(tried > 8_000 && tight > 50, "{tried} tried, {tight} tight");
}

/// A service of 100 people and 20 workers with loads and teams.
fn service(lefts: usize, rights: usize, seed: u64) -> (Problem, Rows) {
    let spec = graphs::Spec { lefts, rights, regions: 4, demand_percent: 90, ..graphs::Spec::TINY };
    let spec = spec.waiting(graphs::Waiting::Most);
    let drawn = graphs::structured(&spec, seed);
    let pairs = drawn.pairs().clone();
    // A price of waiting that floats can carry, as a service without coverage would state.
    let frame = Frame::new(
        vec![10_000_000; lefts],
        drawn.frame().pins().to_vec(),
        drawn.frame().capacities().to_vec(),
        drawn.frame().minimums().to_vec(),
    )
    .expect("small and in order");
    let load = |left: Left| [100i64, 60, 60, 30, 10][(left.index() * 7 + 3) % 5];
    let mut rows = Vec::new();
    let all: Vec<(Left, Right)> = Left::all(lefts)
        .flat_map(|left| pairs.rights_of(left).iter().map(move |&right| (left, right)))
        .collect();
    for right in Right::all(rights) {
        let of = all.iter().filter(|pair| pair.1 == right);
        let terms = of.map(|&(left, right)| (left, right, load(left))).collect();
        rows.push(Row::at_most(terms, vec![], i64::from(frame.capacity(right)) * 55));
    }
    for team in 0..4 {
        let of = all.iter().filter(|pair| pair.1.index() % 4 == team);
        let terms = of.map(|&(left, right)| (left, right, 1)).collect();
        rows.push(Row::at_most(
            terms,
            vec![],
            i64::try_from(lefts / 5).expect("small and in order"),
        ));
    }
    (
        Problem::new(frame, pairs).expect("small and in order"),
        Rows::new(lefts, rows).expect("small and in order"),
    )
}

/// The linear relaxation of such a service lies 0.2 % under the best flow known: what is found must be inside half a percent, and say so.
#[test]
fn a_service_of_a_hundred_people() {
    let (problem, rows) = service(100, 20, 5);
    let supply = Supply::one_each(100);
    let effort = Effort { milp_work: 0, milp_seconds: None, splits: 100, flow_work: 30_000_000 };
    let outcome = best_side_flow(&problem, &supply, &rows, effort, &Quiet);
    let SideOutcome::Found(found) = outcome else { panic!("{outcome:?}") };
    let checked =
        check_side(problem.frame(), &supply, problem.pairs(), &rows, &found.flow, &found.proof);
    let checked = checked.unwrap();
    assert!(checked.gap() * 200 <= checked.cost(), "within half a percent: {}", checked.gap());
    // The same again gives the same again.
    let again = best_side_flow(&problem, &supply, &rows, effort, &Quiet);
    assert_eq!(again, SideOutcome::Found(found));
}

/// What may be spent is counted: twice the same input gives the same answer, however busy the machine is.
#[test]
fn the_same_input_gives_the_same_answer() {
    let (problem, rows) = service(60, 12, 7);
    let supply = Supply::one_each(60);
    let effort = Effort { splits: 20, ..Effort::default() };
    assert_eq!(effort.milp_seconds, None, "no clock unless a caller asks for one");
    let once = best_side_flow(&problem, &supply, &rows, effort, &Quiet);
    assert_eq!(once, best_side_flow(&problem, &supply, &rows, effort, &Quiet));
}

/// However few flows may be solved, what comes back is feasible with a valid bound; and they are counted.
#[test]
fn few_flows_give_a_gap_and_no_lie() {
    let (problem, rows) = service(60, 12, 7);
    let supply = Supply::one_each(60);
    let asked = |flow_work: usize| {
        let asked = Cell::new(0usize);
        let effort = Effort { milp_work: 0, milp_seconds: None, splits: 50, flow_work };
        let outcome = best_side_flow(&problem, &supply, &rows, effort, &Counting(&asked));
        let SideOutcome::Found(found) = outcome else { panic!("{outcome:?}") };
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let checked = check_side(frame, &supply, pairs, &rows, &found.flow, &found.proof).unwrap();
        assert!(checked.bound() <= checked.cost());
        (asked.get(), checked.cost() - checked.bound())
    };
    let (few, wide) = asked(0);
    let (many, close) = asked(30_000_000);
    assert!(few < many, "{few} {many}");
    assert!(close <= wide, "{close} {wide}");
}

/// Counts how often the search itself asks.
struct Counting<'c>(&'c Cell<usize>);

impl Watch for Counting<'_> {
    fn progress(&self, stage: Stage, _: u64, _: u64) -> ControlFlow<()> {
        if stage == Stage::Limits {
            self.0.set(self.0.get() + 1);
        }
        ControlFlow::Continue(())
    }
}

/// The MILP stops at its time limit (or this test would not end), and what it gives is no worse than what was known.
#[test]
fn the_milp_keeps_its_time() {
    let (problem, rows) = service(100, 20, 5);
    let supply = Supply::one_each(100);
    let cost = |effort| {
        let outcome = best_side_flow(&problem, &supply, &rows, effort, &Quiet);
        let SideOutcome::Found(found) = outcome else { panic!("{outcome:?}") };
        let (frame, pairs) = (problem.frame(), problem.pairs());
        check_side(frame, &supply, pairs, &rows, &found.flow, &found.proof).unwrap().cost()
    };
    let with = cost(Effort {
        milp_work: 400_000,
        milp_seconds: Some(1.0),
        splits: 0,
        flow_work: 30_000_000,
    });
    assert!(
        with <= cost(Effort { milp_work: 0, milp_seconds: None, splits: 0, flow_work: 30_000_000 })
    );
}

/// Stops at its `at`-th call.
struct StopAt(usize, Cell<usize>);

impl Watch for StopAt {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        self.1.set(self.1.get() + 1);
        if self.1.get() > self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Whenever it is stopped, what comes back is feasible with a valid bound, or nothing is said.
#[test]
fn stopped_anywhere_it_tells_no_lies() {
    let (problem, rows) = service(30, 6, 2);
    let supply = Supply::one_each(30);
    let effort = Effort { milp_work: 0, milp_seconds: None, splits: 20, flow_work: 30_000_000 };
    let mut found_some = 0;
    let mut last = None;
    for at in (0..400).step_by(9) {
        let watch = StopAt(at, Cell::new(0));
        match best_side_flow(&problem, &supply, &rows, effort, &watch) {
            SideOutcome::Found(found) => {
                let checked = check_side(
                    problem.frame(),
                    &supply,
                    problem.pairs(),
                    &rows,
                    &found.flow,
                    &found.proof,
                );
                let checked = checked.unwrap();
                assert!(last.is_none_or(|last| checked.cost() <= last), "more time, no worse");
                last = Some(checked.cost());
                found_some += 1;
            }
            SideOutcome::NoneFound { claimed_infeasible, stopped } => {
                assert!(stopped && !claimed_infeasible);
            }
            SideOutcome::Infeasible(_) => panic!("nobody must be served"),
        }
    }
    assert!(found_some > 10, "{found_some}");
}

#[test]
fn rows_that_contradict_each_other_are_proven_so() {
    let frame = Frame::simple(2, 5, vec![2]).unwrap();
    let pairs = PairTable::from_rows(1, vec![vec![(Right(0), 1)]; 2]).unwrap();
    let problem = Problem::new(frame, pairs).unwrap();
    let both =
        |coefficient| vec![(Left(0), Right(0), coefficient), (Left(1), Right(0), coefficient)];
    let rows = vec![Row::at_most(both(60), vec![], 100), Row::at_least(both(1), vec![], 2)];
    let rows = Rows::new(2, rows).unwrap();
    let supply = Supply::one_each(2);
    let SideOutcome::Infeasible(proof) = best_side_flow(&problem, &supply, &rows, EFFORT, &Quiet)
    else {
        panic!("two cases of 60 do not fit into 100")
    };
    check_side_infeasible(problem.frame(), &supply, problem.pairs(), &rows, &proof).unwrap();
}

/// Who is served comes first: the stages against enumeration of each.
#[test]
fn stages_agree_with_enumeration() {
    let (mut proven, mut open, mut none, mut not_with_all) = (0u32, 0u32, 0u32, 0u32);
    for seed in 0..2_000u64 {
        let problem = graphs::wild(5, 3, 12_000_000 + seed);
        let rows = brute::rows(&problem, 5_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let supply = Supply::one_each(frame.lefts());
        // The first row is of serving, all are of the result.
        let first = Rows::new(frame.lefts(), rows.rows()[..1].to_vec()).unwrap();
        let weights = serving_weights(&supply);
        let with = |waiting: Vec<i64>, free: bool| {
            let rows = Left::all(frame.lefts()).map(|left| {
                pairs.row(left).map(|(r, cost)| (r, if free { 0 } else { cost })).collect()
            });
            let table = PairTable::from_rows(frame.rights(), rows.collect::<Vec<_>>()).unwrap();
            let (pins, capacities) = (frame.pins().to_vec(), frame.capacities().to_vec());
            let frame = Frame::new(waiting, pins, capacities, frame.minimums().to_vec()).unwrap();
            Problem::new(frame, table).unwrap()
        };
        let served = brute::best(&with(weights.clone(), true), &supply, &first);
        let best = served.as_ref().and_then(|(value, _)| {
            let held = peermatch_assignment::side::rows_of_cost(&rows, &weights, *value).unwrap();
            brute::best(&with(vec![0; frame.lefts()], false), &supply, &held)
        });
        let outcome = best_staged(&problem, &supply, (&first, &rows), true, EFFORT, &Quiet);
        match outcome {
            StagedSideOutcome::Found(found) => {
                let checked =
                    check_staged(frame, &supply, pairs, (&first, &rows), &found.flow, &found.proof);
                let checked = checked.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
                let value = served.expect("feasible").0;
                let serving = checked.serving().unwrap();
                assert!(serving.bound <= value && serving.value >= value, "seed {seed}");
                if checked.proven() {
                    assert_eq!(serving.value, value, "seed {seed}");
                    assert_eq!(checked.cost().cost(), best.expect("feasible").0, "seed {seed}");
                    proven += 1;
                } else {
                    open += 1;
                }
            }
            StagedSideOutcome::Infeasible(proof) => {
                assert!(served.is_none(), "seed {seed}");
                check_side_infeasible(frame, &supply, pairs, &first, &proof)
                    .unwrap_or_else(|why| panic!("seed {seed}: {why}"));
                none += 1;
            }
            StagedSideOutcome::NotWithAllRows(Some(proven)) => {
                assert!(served.is_some() && best.is_none(), "seed {seed}");
                let judge = |rows: &Rows, served: &Flow, proof: &StagedProof| {
                    check_staged_infeasible(frame, &supply, pairs, (&first, rows), served, proof)
                };
                judge(&rows, &proven.served, &proven.proof)
                    .unwrap_or_else(|why| panic!("seed {seed}: {why}"));
                // Nobody served is not the best that can be done, where somebody was; and without the further rows nothing is shown.
                let nobody = Flow::new(vec![Vec::new(); frame.lefts()]);
                if proven.served != nobody {
                    judge(&rows, &nobody, &proven.proof).unwrap_err();
                }
                let kept = judge(&first, &proven.served, &proven.proof);
                assert!(kept.is_err(), "seed {seed}: what is served keeps these rows");
                not_with_all += 1;
            }
            StagedSideOutcome::NotWithAllRows(None) => {
                assert!(served.is_some(), "seed {seed}");
                open += 1;
            }
            StagedSideOutcome::NoneFound { .. } => {
                assert!(served.is_none(), "seed {seed}");
                open += 1;
            }
            StagedSideOutcome::TooLarge => panic!("seed {seed}"),
        }
    }
    assert!(
        proven > 800 && open <= 5 && none > 100 && not_with_all > 10,
        "{proven} proven, {open} open, {none} none, {not_with_all} not with all rows"
    );
}

/// A number from a seed, below `below`.
fn draw(state: &mut u64, below: u32) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    u32::try_from((*state >> 33) % u64::from(below)).expect("small and well formed")
}

/// Up to four lefts that want up to three places each, of up to four rights.
fn several(seed: u64) -> (Problem, Supply) {
    let state = &mut seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (lefts, rights) = (1 + draw(state, 4), 1 + draw(state, 4));
    let most = [3, 10, 1_000_000][draw(state, 3) as usize];
    let mut rows = Vec::new();
    let (mut wanted, mut least) = (Vec::new(), Vec::new());
    for _ in 0..lefts {
        let mut row = Vec::new();
        for right in 0..rights {
            if draw(state, 4) > 0 {
                row.push((
                    Right(right),
                    -i32::try_from(draw(state, most + 1)).expect("small and well formed"),
                ));
            }
        }
        wanted.push(draw(state, 4));
        least.push(draw(state, 3).min(wanted[wanted.len() - 1]));
        rows.push(row);
    }
    let capacity: Vec<u32> = (0..rights).map(|_| 1 + draw(state, 3)).collect();
    let minimum = capacity.iter().map(|_| u32::from(draw(state, 8) == 0)).collect();
    let pins = rows.iter().zip(&wanted).map(|(row, &wanted)| {
        let pin = row.first().map(|pair| pair.0);
        if wanted > 0 && draw(state, 8) == 0 { pin } else { None }
    });
    let pins = pins.collect();
    let frame = Frame::new(vec![0; lefts as usize], pins, capacity, minimum)
        .expect("small and well formed");
    let pairs = PairTable::from_rows(rights as usize, rows).expect("small and well formed");
    let each = vec![1; lefts as usize];
    (
        Problem::new(frame, pairs).expect("small and well formed"),
        Supply::new(wanted, least, each).expect("small and well formed"),
    )
}

/// Who wants several places, under rows of every kind, by the MILP and by splits alone.
#[test]
fn demands_up_to_three_agree_with_enumeration() {
    let mut seen = Seen::default();
    for seed in 0..6_000 {
        let (problem, supply) = several(20_000_000 + seed);
        let rows = brute::rows(&problem, 4_000_000 + seed);
        let effort = if seed % 2 == 0 { EFFORT } else { Effort { milp_work: 0, ..EFFORT } };
        agrees(&problem, &supply, &rows, effort, &mut seen, &format!("seed {seed}"));
    }
    assert!(seen.by_splits > 50 && seen.infeasible > 300 && seen.at_root > 1_500, "{seen:?}");
    assert!(seen.open <= 5, "{seen:?}");
}

/// Changes of one field of a least sum's flow, bound or proof: refused, or still true.
#[test]
fn mutations_of_a_least_sum_are_refused_or_right() {
    let (mut refused, mut right) = (0u32, 0u32);
    for seed in 0..1_000 {
        let (problem, supply) = several(30_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let LeastSumOutcome::Found(found) = max_min_sums(&problem, &supply, EFFORT, &Quiet) else {
            continue;
        };
        let best = brute::largest_least_sum(&problem, &supply).expect("one was found");
        let mut judge = |flow: &Flow, bound: i64, proof: &SideProof| match check_least_sum(
            frame, &supply, pairs, flow, bound, proof,
        ) {
            Ok(checked) => {
                assert!(checked.least() <= best && best <= checked.bound(), "seed {seed}");
                assert_eq!(checked.bound(), bound, "seed {seed}");
                right += 1;
            }
            Err(_) => refused += 1,
        };
        for bound in [i64::MIN, -1, found.bound - 1, found.bound + 1, i64::MAX] {
            judge(&found.flow, bound, &found.proof);
        }
        for left in 0..frame.lefts() {
            for place in 0..5 {
                let mut table = found.flow.rows().to_vec();
                match table[left].iter().position(|taken| taken.0 == Right(place)) {
                    Some(at) => drop(table[left].remove(at)),
                    None => table[left].push((Right(place), 1)),
                }
                judge(&Flow::new(table), found.bound, &found.proof);
            }
            let mut table = found.flow.rows().to_vec();
            table[left].push((Right(0), 2));
            judge(&Flow::new(table), found.bound, &found.proof);
        }
        for proof in mutated(&found.proof, frame.lefts()) {
            judge(&found.flow, found.bound, &proof);
        }
    }
    assert!(refused > 5_000 && right > 3_000, "{refused} refused, {right} right");
}

#[test]
fn the_largest_least_sum_is_that_of_enumeration() {
    let (mut proven, mut open, mut none, mut several_given) = (0, 0, 0, 0);
    for seed in 0..6_000 {
        let (problem, supply) = several(seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let expected = brute::largest_least_sum(&problem, &supply);
        match max_min_sums(&problem, &supply, EFFORT, &Quiet) {
            LeastSumOutcome::Found(found) => {
                let best = expected.unwrap_or_else(|| panic!("{seed}: found where nothing is"));
                let (flow, bound, proof) = (&found.flow, found.bound, &found.proof);
                let checked = check_least_sum(frame, &supply, pairs, flow, bound, proof)
                    .unwrap_or_else(|why| panic!("{seed}: {why}\n{problem:?} {supply:?}"));
                assert_eq!(checked.least(), found.least, "{seed}");
                assert!(checked.least() <= best && best <= checked.bound(), "{seed}: {found:?}");
                assert_eq!(checked.proven(), found.claim == Claim::Proven, "{seed}");
                // A bound below the truth is not to be had by the same proof.
                if bound == best {
                    let wrong = check_least_sum(frame, &supply, pairs, flow, bound - 1, proof);
                    assert_eq!(wrong, Err(SideRejection::NotInfeasible), "{seed}");
                }
                match found.claim {
                    Claim::Open => open += 1,
                    Claim::Proven | Claim::Solver => {
                        assert_eq!(checked.least(), best, "{seed}");
                        proven += 1;
                    }
                }
                // Just as many places again, and never worse: what is given is one of the flows.
                let given = as_given(flow);
                assert!(
                    Left::all(frame.lefts()).all(|left| given.wanted(left) == given.least(left))
                );
                several_given += u32::from(flow.rows().iter().any(|row| row.len() > 1));
            }
            LeastSumOutcome::Infeasible(_) | LeastSumOutcome::NobodyWants => {
                assert_eq!(expected, None, "{seed}");
                none += 1;
            }
            LeastSumOutcome::Cancelled => panic!("{seed}: nobody stopped it"),
        }
    }
    assert!(proven > 3_000 && open <= 5 && none > 100 && several_given > 1_000);
}
