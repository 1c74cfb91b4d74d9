//! Objectives in stages, against enumeration: what each aim makes of tiny wild problems, and the chain that
//! proves it.

use peermatch_assignment::{
    Aim, Chain, ChainRejection, Flow, Frame, PairTable, Prices, Right, Supply, WorthTable,
    check_chain, check_flow_infeasible,
};
use peermatch_solve::{FlowOutcome, Quiet, Stage, StagesOutcome, Watch, best_flow, in_stages};
use peermatch_testkit::graphs::{Spec, Waiting};
use peermatch_testkit::{brute, graphs};
use std::cell::Cell;
use std::ops::ControlFlow;

const AIMS: [Aim; 4] = [Aim::MaxMin, Aim::Leximin, Aim::Nash, Aim::RankMaximal];

/// Tiny, every second one with one place each.
fn tiny(seed: u64) -> (Frame, Supply, WorthTable) {
    let one_each = seed.is_multiple_of(2);
    let (lefts, rights, wanted) =
        if one_each { (5, 4, 1) } else { [(4, 3, 2), (3, 3, 3)][(seed / 2 % 2) as usize] };
    let (frame, pairs): (Frame, PairTable) = graphs::wild(lefts, rights, seed).into_parts();
    let supply = if one_each {
        Supply::one_each(frame.lefts())
    } else {
        graphs::wild_supply(frame.lefts(), wanted, seed)
    };
    let worth = graphs::wild_worth(&pairs, seed);
    (frame, supply, worth)
}

#[test]
fn six_thousand_tiny_problems_per_aim() {
    for aim in AIMS {
        let (mut feasible, mut witnessed) = (0, 0);
        for seed in 0..6_000 {
            let (frame, supply, worth) = tiny(seed);
            let name = || format!("{aim:?} seed {seed}: {frame:?} {supply:?} {worth:?}");
            let expected = brute::in_stages(aim, &frame, &supply, &worth);
            match (in_stages(aim, &frame, &supply, &worth, &Quiet), expected) {
                (StagesOutcome::Optimal(found), Some(best)) => {
                    let proven =
                        check_chain(aim, &frame, &supply, &worth, &found.flow, &found.chain);
                    proven.unwrap_or_else(|why| panic!("{why}\n{found:?}\n{}", name()));
                    let verdict = brute::verdict(aim, &frame, &supply, &worth, found.flow.rows());
                    assert_eq!(verdict, best, "{found:?}\n{}", name());
                    feasible += 1;
                    witnessed += u32::from(found.chain.witness.is_some());
                }
                (StagesOutcome::Infeasible(prices), None) => {
                    let proof = check_flow_infeasible(&frame, &supply, &worth.pairs(), &prices);
                    proof.unwrap_or_else(|why| panic!("{why} {prices:?}\n{}", name()));
                }
                (found, expected) => panic!("{found:?} but {expected:?}\n{}", name()),
            }
        }
        assert!((3_500..5_800).contains(&feasible), "{aim:?}: {feasible} feasible");
        assert_eq!(witnessed > 1_000, aim == Aim::MaxMin, "{aim:?}: {witnessed}");
    }
}

/// A mutated claim is refused, or is itself right by enumeration.
#[test]
fn mutations_are_refused_or_right() {
    for aim in AIMS {
        let (mut refused, mut right) = (0, 0);
        for seed in 0..600u64 {
            let (frame, supply, worth) = tiny(2_000_000 + seed);
            let StagesOutcome::Optimal(found) = in_stages(aim, &frame, &supply, &worth, &Quiet)
            else {
                continue;
            };
            let best = brute::in_stages(aim, &frame, &supply, &worth).unwrap();
            let mut judge = |flow: &Flow, chain: &Chain| match check_chain(
                aim, &frame, &supply, &worth, flow, chain,
            ) {
                Ok(_) => {
                    let verdict = brute::verdict(aim, &frame, &supply, &worth, flow.rows());
                    let feasible = brute::is_feasible(&frame, &supply, worth.pairs(), flow);
                    assert!(feasible && verdict == best, "{aim:?} seed {seed}");
                    right += 1;
                }
                Err(_) => refused += 1,
            };
            for left in 0..frame.lefts() {
                for to in Right::all(frame.rights()) {
                    // One place more, and one place from elsewhere.
                    let mut rows = found.flow.rows().to_vec();
                    match rows[left].iter_mut().find(|place| place.0 == to) {
                        Some(place) => place.1 += 1,
                        None => rows[left].push((to, 1)),
                    }
                    judge(&Flow::new(rows.clone()), &found.chain);
                    if let Some(place) = rows[left].iter_mut().find(|place| place.0 != to) {
                        place.1 -= 1;
                        rows[left].retain(|place| place.1 > 0);
                        judge(&Flow::new(rows), &found.chain);
                    }
                }
                for at in 0..found.flow.rows()[left].len() {
                    let mut rows = found.flow.rows().to_vec();
                    rows[left][at].1 -= 1;
                    rows[left].retain(|place| place.1 > 0);
                    judge(&Flow::new(rows), &found.chain);
                }
            }
            let with = |change: &dyn Fn(&mut Chain)| {
                let mut chain = found.chain.clone();
                change(&mut chain);
                chain
            };
            for stage in 0..found.chain.prices.len() {
                for at in 0..frame.rights() {
                    for by in [-1_000_000, -1, 1, 1_000_000] {
                        let chain = with(&|chain| {
                            let mut values = chain.prices[stage].values().to_vec();
                            values.resize(frame.rights(), 0);
                            values[at] += by;
                            chain.prices[stage] = Prices::new(values);
                        });
                        judge(&found.flow, &chain);
                    }
                }
                judge(&found.flow, &with(&|chain| chain.prices[stage] = Prices::default()));
                judge(&found.flow, &with(&|chain| drop(chain.prices.remove(stage))));
                judge(&found.flow, &with(&|chain| chain.prices.swap(0, stage)));
            }
            if found.chain.witness.is_some() {
                let chain = with(&|chain| chain.witness = None);
                let claim = check_chain(aim, &frame, &supply, &worth, &found.flow, &chain);
                assert!(matches!(claim, Err(ChainRejection::WitnessMissing { .. })));
            } else {
                let chain = with(&|chain| chain.witness = Some(Prices::zero(frame.rights())));
                let claim = check_chain(aim, &frame, &supply, &worth, &found.flow, &chain);
                assert_eq!(claim, Err(ChainRejection::WitnessNeedless));
            }
            for at in 0..frame.rights() {
                let Some(witness) = &found.chain.witness else { break };
                for by in [-1, 1] {
                    let mut values = witness.values().to_vec();
                    values[at] += by;
                    let chain = with(&|chain| chain.witness = Some(Prices::new(values.clone())));
                    judge(&found.flow, &chain);
                }
            }
        }
        assert!(refused > 5_000 && right > 200, "{aim:?}: {refused} refused, {right} right");
    }
}

/// A chain made for one aim, or for other grades, proves nothing about another.
#[test]
fn stages_cannot_be_left_out() {
    let frame = Frame::simple(2, 1, vec![1, 1]).unwrap();
    let row = vec![(Right(0), 0), (Right(1), 0)];
    let pairs = PairTable::from_rows(2, vec![row; 2]).unwrap();
    let worth = WorthTable::new(pairs, vec![0, 2, 2, 9], vec![0; 4]).unwrap();
    let supply = Supply::one_each(2);
    let greedy = Flow::new(vec![vec![(Right(0), 1)], vec![(Right(1), 1)]]);
    let none = Prices::default();
    // Who is served and least cost, without the grades between.
    let short = Chain { prices: vec![none.clone(); 2], witness: None };
    assert_eq!(
        check_chain(Aim::Leximin, &frame, &supply, &worth, &greedy, &short),
        Err(ChainRejection::StageCount { stages: 4, prices: 2 })
    );
    let full = Chain { prices: vec![none; 4], witness: None };
    let refused = check_chain(Aim::Leximin, &frame, &supply, &worth, &greedy, &full);
    assert!(matches!(refused, Err(ChainRejection::NotBest { at: 1, cost: 1, bound: 0, .. })));
}

/// Every grade its own: as many stages as pairs.
#[test]
fn exact_leximin_is_proven() {
    for seed in 0..3 {
        let spec = Spec { lefts: 50, rights: 60, regions: 2, ..Spec::TINY };
        let problem = graphs::structured(&spec.waiting(Waiting::Most), seed);
        let grades = (0..problem.pairs().len())
            .map(|at| (u32::try_from(at).unwrap() * 7_919) % 1_000_003)
            .collect();
        let gains = vec![0; problem.pairs().len()];
        let worth = WorthTable::new(problem.pairs().clone(), grades, gains).unwrap();
        let (frame, supply) = (problem.frame(), Supply::one_each(50));
        let StagesOutcome::Optimal(found) = in_stages(Aim::Leximin, frame, &supply, &worth, &Quiet)
        else {
            panic!("nothing forbids it")
        };
        assert!(found.chain.prices.len() > 500, "{}", found.chain.prices.len());
        check_chain(Aim::Leximin, frame, &supply, &worth, &found.flow, &found.chain).unwrap();
    }
}

/// Larger than enumeration can reach: the chain is the proof.
#[test]
fn structured_problems_are_proven() {
    for aim in AIMS {
        for waiting in [Waiting::Most, Waiting::Levels] {
            for (wanted, demand) in [(1, 105), (2, 52), (1, 60)] {
                let spec = Spec::TINY.waiting(waiting).demand(demand);
                let problem = graphs::structured(&spec, 11);
                let worth = graphs::structured_worth(&problem, 20, aim == Aim::RankMaximal);
                let (frame, lefts) = (problem.frame(), problem.frame().lefts());
                let supply =
                    Supply::new(vec![wanted; lefts], vec![0; lefts], vec![1; lefts]).unwrap();
                let outcome = in_stages(aim, frame, &supply, &worth, &Quiet);
                let StagesOutcome::Optimal(found) = outcome else { panic!("nothing forbids it") };
                check_chain(aim, frame, &supply, &worth, &found.flow, &found.chain).unwrap();
            }
        }
    }
}

/// Stops at its `at`-th call.
struct StopAt {
    at: usize,
    asked: Cell<usize>,
}

impl Watch for StopAt {
    fn progress(&self, _: Stage, done: u64, of: u64) -> ControlFlow<()> {
        assert!(done <= of);
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() == self.at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Wherever a watch stops it, nothing comes back; and it is asked in every stage.
#[test]
fn a_watch_can_stop_it_anywhere() {
    let problem = graphs::structured(&Spec::TINY.waiting(Waiting::Most), 2);
    let lefts = problem.frame().lefts();
    let two = Supply::new(vec![2; lefts], vec![0; lefts], vec![1; lefts]).unwrap();
    let watch = |at| StopAt { at, asked: Cell::new(0) };
    for aim in AIMS {
        let worth = graphs::structured_worth(&problem, 20, aim == Aim::RankMaximal);
        let solve = |watch: &StopAt| in_stages(aim, problem.frame(), &two, &worth, watch);
        let all = watch(0);
        assert!(matches!(solve(&all), StagesOutcome::Optimal(_)));
        let asked = all.asked.get();
        assert!(asked > 10, "{aim:?}: {asked}");
        for at in [1, 2, asked / 2, asked - 1, asked] {
            assert_eq!(solve(&watch(at)), StagesOutcome::Cancelled, "{aim:?}");
        }
    }
    let all = watch(0);
    assert!(matches!(best_flow(&problem, &two, &all), FlowOutcome::Optimal(_)));
    for at in [1, 2, all.asked.get() / 2, all.asked.get()] {
        assert_eq!(best_flow(&problem, &two, &watch(at)), FlowOutcome::Cancelled);
    }
}

/// The same input gives the same answer and the same proof.
#[test]
fn it_is_deterministic() {
    for aim in AIMS {
        let problem = graphs::structured(&Spec::TINY.waiting(Waiting::Levels), 5);
        let worth = graphs::structured_worth(&problem, 20, aim == Aim::RankMaximal);
        let supply = Supply::one_each(problem.frame().lefts());
        let solve = || in_stages(aim, problem.frame(), &supply, &worth, &Quiet);
        assert_eq!(solve(), solve());
    }
}
