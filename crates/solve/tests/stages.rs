//! Objectives in stages, against enumeration: what each aim makes of tiny wild problems, and the chain that
//! proves it.

use peermatch_assignment::{
    Aim, Frame, PairTable, Supply, WorthTable, check_chain, check_flow_infeasible,
};
use peermatch_solve::{Quiet, StagesOutcome, in_stages};
use peermatch_testkit::{brute, graphs};

const AIMS: [Aim; 5] = [Aim::MaxMin, Aim::Leximin, Aim::Nash, Aim::RankMaximal, Aim::FewestMoves];

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
