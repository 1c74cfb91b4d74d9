//! Several places per left, against enumeration: cost, verdict and certificate of tiny wild
//! problems.

use peermatch_assignment::{
    FlowObstacle, Left, Problem, Right, Supply, check_flow, check_flow_infeasible,
};
use peermatch_solve::{FlowOutcome, Quiet, best_flow};
use peermatch_testkit::{brute, graphs};

/// Tiny, with up to three places each: enumeration stays below some ten thousand flows.
fn tiny(seed: u64) -> (Problem, Supply) {
    let (lefts, rights, wanted) = [(5, 3, 2), (4, 4, 2), (3, 3, 3)][(seed % 3) as usize];
    let problem = graphs::wild(lefts, rights, seed);
    let supply = graphs::wild_supply(problem.frame().lefts(), wanted, seed);
    (problem, supply)
}

/// Whether what stands in the way really does, from its definition alone.
fn stands_in_the_way(problem: &Problem, supply: &Supply, obstacle: &FlowObstacle) -> bool {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let most = |left: Left| u64::from(supply.each(left).min(supply.wanted(left)));
    let wanted = |left: Left| u64::from(supply.wanted(left));
    // Most and least places that a left can have inside a set of rights.
    let inside = |left: Left, rights: &[Right]| {
        let pin = frame.pinned(left).filter(|_| most(left) > 0);
        let count = |inside: bool| {
            let own = pairs.rights_of(left).iter();
            let counted = own.filter(|&&w| Some(w) != pin && rights.contains(&w) == inside);
            counted.count() as u64 * most(left)
        };
        let pinned = pin.map_or(0, |_| most(left));
        let pinned_inside = pin.filter(|pin| rights.contains(pin)).map_or(0, |_| most(left));
        let most_inside = pinned_inside + count(true).min(wanted(left) - pinned);
        let outside = count(false) + pinned - pinned_inside;
        let least_inside = u64::from(supply.least(left)).saturating_sub(outside).max(pinned_inside);
        (least_inside, most_inside)
    };
    let all = |of: &dyn Fn(Left) -> u64| {
        let who: Vec<Left> = Left::all(frame.lefts()).filter(|&left| of(left) > 0).collect();
        let sum = who.iter().map(|&left| of(left)).sum::<u64>();
        (who, sum)
    };
    match obstacle {
        FlowObstacle::PinNotEligible { left, right } => {
            frame.pinned(*left) == Some(*right) && pairs.cost(*left, *right).is_none()
        }
        FlowObstacle::PinsOverCapacity { right, pinned, needed, capacity } => {
            let (who, sum) =
                all(&|left| if frame.pinned(left) == Some(*right) { most(left) } else { 0 });
            *pinned == who
                && *needed == sum
                && *capacity == frame.capacity(*right)
                && *needed > u64::from(*capacity)
        }
        FlowObstacle::LeastOutOfReach { left, least, rights, reachable } => {
            rights == pairs.rights_of(*left)
                && *least == supply.least(*left)
                && *reachable == (rights.len() as u64 * most(*left)).min(wanted(*left))
                && *reachable < u64::from(*least)
        }
        FlowObstacle::TooFewPlaces { lefts, needed, rights, places } => {
            let (who, sum) = all(&|left| inside(left, rights).0);
            let capacity = rights.iter().map(|&w| u64::from(frame.capacity(w))).sum::<u64>();
            *lefts == who && *needed == sum && *places == capacity && *needed > *places
        }
        FlowObstacle::MinimumsOutOfReach { rights, needed, lefts, reachable } => {
            let (who, sum) = all(&|left| inside(left, rights).1);
            let minimums = rights.iter().map(|&w| u64::from(frame.minimum(w))).sum::<u64>();
            *lefts == who && *reachable == sum && *needed == minimums && *needed > *reachable
        }
    }
}

#[test]
fn twelve_thousand_tiny_flows() {
    let (mut feasible, mut kinds) = (0, [0; 5]);
    for seed in 0..12_000 {
        let (problem, supply) = tiny(seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let name = || format!("seed {seed}: {problem:?} {supply:?}");
        match (best_flow(&problem, &supply, &Quiet), brute::best_flow(&problem, &supply)) {
            (FlowOutcome::Optimal(found), Some(cost)) => {
                let proven = check_flow(frame, &supply, pairs, &found.flow, &found.prices);
                let proven = proven.unwrap_or_else(|why| panic!("{why}\n{found:?}\n{}", name()));
                assert_eq!(proven.cost(), cost, "{}", name());
                feasible += 1;
            }
            (FlowOutcome::Infeasible(prices), None) => {
                let proof = check_flow_infeasible(frame, &supply, pairs, &prices);
                let proof = proof.unwrap_or_else(|why| panic!("{why} {prices:?}\n{}", name()));
                assert!(
                    stands_in_the_way(&problem, &supply, proof.obstacle()),
                    "{proof:?}\n{}",
                    name()
                );
                kinds[match proof.obstacle() {
                    FlowObstacle::PinNotEligible { .. } => 0,
                    FlowObstacle::PinsOverCapacity { .. } => 1,
                    FlowObstacle::LeastOutOfReach { .. } => 2,
                    FlowObstacle::TooFewPlaces { .. } => 3,
                    FlowObstacle::MinimumsOutOfReach { .. } => 4,
                }] += 1;
            }
            (found, expected) => panic!("{found:?} but {expected:?}\n{}", name()),
        }
    }
    // Both verdicts and every obstacle must be well represented, or the test shows little.
    assert!((6_000..11_500).contains(&feasible), "{feasible} feasible");
    assert!(kinds.iter().all(|&kind| kind > 20), "{kinds:?}");
}
