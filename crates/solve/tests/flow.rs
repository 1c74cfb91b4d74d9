//! Several places per left, against enumeration: cost, verdict and certificate of tiny wild
//! problems.

use peermatch_assignment::{
    COST_MAX, Flow, FlowObstacle, FlowRejection, Frame, Left, PairTable, Prices, Problem, Right,
    Supply, WAITING_COST_MAX, check_flow, check_flow_infeasible, check_flow_within,
};
use peermatch_solve::{FlowOutcome, Quiet, best_flow};
use peermatch_testkit::graphs::{Costs, Spec, Waiting};
use peermatch_testkit::{brute, flow, graphs};

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

/// Far beyond what enumeration can reach, against a plain solver of a different kind.
#[test]
fn medium_flows_cost_what_another_solver_says() {
    let mut infeasible = 0;
    for seed in 0..120 {
        let problem = graphs::wild(60, 12, 7_000_000 + seed);
        let supply = graphs::wild_supply(problem.frame().lefts(), 1 + (seed % 5) as u32, seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        match (best_flow(&problem, &supply, &Quiet), flow::best_flow(&problem, &supply)) {
            (FlowOutcome::Optimal(found), Some(cost)) => {
                let proven = check_flow(frame, &supply, pairs, &found.flow, &found.prices);
                assert_eq!(proven.map(|proven| proven.cost()), Ok(cost), "seed {seed}");
            }
            (FlowOutcome::Infeasible(prices), None) => {
                let proof = check_flow_infeasible(frame, &supply, pairs, &prices);
                assert!(proof.is_ok(), "seed {seed}: {proof:?}");
                infeasible += 1;
            }
            (found, expected) => panic!("seed {seed}: {found:?} but {expected:?}"),
        }
    }
    assert!((10..100).contains(&infeasible), "{infeasible} infeasible");
}

/// Structured problems: auction, serving and lots are all in use, and the certificate holds.
#[test]
fn structured_flows_are_proven() {
    for waiting in [Waiting::Zero, Waiting::Most, Waiting::Levels] {
        for costs in [Costs::Wishes, Costs::Uniform, Costs::AllEqual] {
            for (wanted, least, each) in [(2, 0, 1), (3, 1, 1), (60, 0, 25)] {
                let spec =
                    Spec::TINY.waiting(waiting).costs(costs).demand(130 / wanted.min(3) as usize);
                let (frame, pairs) = graphs::structured(&spec, 3).into_parts();
                let parts = if wanted > 3 { wanted / 3 } else { 1 };
                let capacity = frame.capacities().iter().map(|&b| b * parts).collect::<Vec<_>>();
                // A minimum now and then.
                let minimum =
                    capacity.iter().map(|&b| if b % 5 == 0 { b / 2 } else { 0 }).collect();
                let lefts = frame.lefts();
                let frame = Frame::new(
                    frame.waiting_costs().to_vec(),
                    vec![None; lefts],
                    capacity,
                    minimum,
                )
                .unwrap();
                let problem = Problem::new(frame, pairs).unwrap();
                let least = (0..lefts).map(|left| if left % 7 == 0 { least } else { 0 }).collect();
                let supply = Supply::new(vec![wanted; lefts], least, vec![each; lefts]).unwrap();
                let (frame, pairs) = (problem.frame(), problem.pairs());
                match best_flow(&problem, &supply, &Quiet) {
                    FlowOutcome::Optimal(found) => {
                        let proven =
                            check_flow(frame, &supply, pairs, &found.flow, &found.prices).unwrap();
                        if wanted == 2 && waiting != Waiting::Levels {
                            assert_eq!(flow::best_flow(&problem, &supply), Some(proven.cost()));
                        }
                    }
                    FlowOutcome::Infeasible(prices) => {
                        check_flow_infeasible(frame, &supply, pairs, &prices).unwrap();
                    }
                    FlowOutcome::Cancelled => panic!("nobody cancels"),
                }
            }
        }
    }
}

/// Overflow checks are on in this profile: a sum that leaves its type would panic.
#[test]
fn the_bounds_of_the_numbers_hold() {
    let mut feasible = 0;
    for seed in 0..3_000 {
        let problem = graphs::extreme(4, 3, seed);
        let supply = graphs::wild_supply(problem.frame().lefts(), 2, seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        match (best_flow(&problem, &supply, &Quiet), brute::best_flow(&problem, &supply)) {
            (FlowOutcome::Optimal(found), Some(cost)) => {
                let proven = check_flow(frame, &supply, pairs, &found.flow, &found.prices);
                assert_eq!(proven.map(|proven| proven.cost()), Ok(cost), "seed {seed}");
                feasible += 1;
            }
            (FlowOutcome::Infeasible(prices), None) => {
                assert!(check_flow_infeasible(frame, &supply, pairs, &prices).is_ok(), "{seed}");
            }
            (found, expected) => panic!("seed {seed}: {found:?} but {expected:?}"),
        }
    }
    assert!((800..2_800).contains(&feasible), "{feasible} feasible");
}

/// Whatever the prices, the bound is no more than the least cost, and what is feasible is not proven infeasible.
#[test]
fn no_prices_prove_what_is_not_so() {
    let mut tight = 0;
    for seed in 0..4_000u64 {
        let (problem, supply) = tiny(3_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { continue };
        let cost = brute::best_flow(&problem, &supply).unwrap();
        for round in 0..8u64 {
            // A walk through signs and sizes that no seed repeats.
            let price = |w: usize| {
                let mixed = (seed * 31 + round * 7 + w as u64 * 13) % 23;
                let size = [1, 3, 1_000_000, 12_000_001][(round % 4) as usize];
                (mixed.cast_signed() - 11) * size
            };
            let prices = Prices::new((0..frame.rights()).map(price).collect());
            let gap = check_flow_within(frame, &supply, pairs, &found.flow, &prices).unwrap();
            assert_eq!(gap.cost(), cost);
            assert!(gap.bound() <= cost, "seed {seed}: {} above {cost}", gap.bound());
            tight += u32::from(gap.bound() == cost);
            let claim = check_flow_infeasible(frame, &supply, pairs, &prices);
            assert!(matches!(claim, Err(FlowRejection::NotInfeasible { .. })), "seed {seed}");
        }
    }
    assert!(tight > 100, "{tight}");
}

/// A mutated claim is refused, or is itself right by enumeration.
#[test]
fn mutations_are_refused_or_right() {
    let (mut refused, mut right) = (0, 0);
    for seed in 0..1_500u64 {
        let (problem, supply) = tiny(2_000_000 + seed);
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { continue };
        let cost = brute::best_flow(&problem, &supply).unwrap();
        let mut judge = |rows: &[Vec<(Right, u32)>], prices: &Prices| {
            let flow = Flow::new(rows.to_vec());
            match check_flow(frame, &supply, pairs, &flow, prices) {
                Ok(proven) => {
                    assert_eq!(proven.cost(), cost, "seed {seed}");
                    assert!(brute::is_feasible(frame, &supply, pairs, &flow), "seed {seed}");
                    right += 1;
                }
                Err(_) => refused += 1,
            }
        };
        for left in 0..frame.lefts() {
            for (at, &(from, units)) in found.flow.rows()[left].iter().enumerate() {
                // One place less; one place elsewhere.
                let mut rows = found.flow.rows().to_vec();
                rows[left][at].1 -= 1;
                judge(&rows, &found.prices);
                rows[left].retain(|place| place.1 > 0);
                judge(&rows, &found.prices);
                for to in Right::all(frame.rights() + 1).filter(|&to| to != from) {
                    let mut rows = rows.clone();
                    match rows[left].iter_mut().find(|place| place.0 == to) {
                        Some(place) => place.1 += 1,
                        None => rows[left].push((to, 1)),
                    }
                    judge(&rows, &found.prices);
                }
                // The same pair twice.
                let mut rows = found.flow.rows().to_vec();
                rows[left].push((from, units));
                judge(&rows, &found.prices);
            }
            // One place more.
            for to in Right::all(frame.rights()) {
                let mut rows = found.flow.rows().to_vec();
                match rows[left].iter_mut().find(|place| place.0 == to) {
                    Some(place) => place.1 += 1,
                    None => rows[left].push((to, 1)),
                }
                judge(&rows, &found.prices);
            }
        }
        for place in 0..frame.rights() {
            for change in [-1_000_000, -1, 1, 1_000_000] {
                let mut values = found.prices.values().to_vec();
                values[place] += change;
                judge(found.flow.rows(), &Prices::new(values));
            }
        }
        judge(&found.flow.rows()[..frame.lefts().saturating_sub(1)], &found.prices);
        judge(found.flow.rows(), &Prices::zero(frame.rights() + 1));
    }
    assert!(refused > 10_000 && right > 500, "{refused} refused, {right} right");
}

/// What the reader of a refusal needs: the failing step, each for itself.
#[test]
fn refusals_name_the_step() {
    // Left 0 wants two different ones and must have one; left 1 is pinned to right 0.
    let frame = Frame::new(vec![9, 9], vec![None, Some(Right(0))], vec![2, 1, 1], vec![0, 1, 0]);
    let frame = frame.unwrap();
    let row = vec![(Right(0), 1), (Right(1), 2)];
    let pairs = PairTable::from_rows(3, vec![row; 2]).unwrap();
    let supply = Supply::new(vec![2, 1], vec![1, 0], vec![1, 1]).unwrap();
    let (both, pinned) = (vec![(Right(0), 1), (Right(1), 1)], vec![(Right(0), 1)]);
    let refused = |rows: [&[(Right, u32)]; 2]| {
        let flow = Flow::new(rows.map(<[_]>::to_vec).to_vec());
        check_flow(&frame, &supply, &pairs, &flow, &Prices::zero(3)).map(|proven| proven.cost())
    };
    let (left, right) = (Left(0), Right(0));
    assert_eq!(refused([&both, &pinned]), Ok(4));
    let none = FlowRejection::FewerThanLeast { left, units: 0, least: 1 };
    assert_eq!(refused([&[], &pinned]), Err(none));
    assert_eq!(
        refused([&[(Right(0), 2)], &pinned]),
        Err(FlowRejection::TooManyOfOne { left, right, units: 2, most: 1 })
    );
    let unpinned = FlowRejection::PinBroken { left: Left(1), pinned: right, must: 1, units: 0 };
    assert_eq!(refused([&both, &[]]), Err(unpinned));
    let more = FlowRejection::MoreThanWanted { left: Left(1), units: 2, wanted: 1 };
    assert_eq!(refused([&both, &both]), Err(more));
    let over = FlowRejection::BelowMinimum { right: Right(1), load: 0, minimum: 1 };
    assert_eq!(refused([&pinned, &pinned]), Err(over));
    let twice = FlowRejection::Twice { left, right };
    assert_eq!(refused([&[(Right(0), 1), (Right(0), 1)], &pinned]), Err(twice));
    let nobody = FlowRejection::NoPlace { left, right: Right(1) };
    assert_eq!(refused([&[(Right(0), 1), (Right(1), 0)], &pinned]), Err(nobody));
    let elsewhere = FlowRejection::NotEligible { left, right: Right(2) };
    assert_eq!(refused([&[(Right(2), 1)], &pinned]), Err(elsewhere));
    let beyond = FlowRejection::NoSuchRight { left, right: Right(3) };
    assert_eq!(refused([&[(Right(3), 1)], &pinned]), Err(beyond));
}

/// The largest supply at the largest costs: sums stay within their type.
#[test]
fn the_largest_supply_is_summed() {
    use peermatch_assignment::{PRICE_MAX, WANTED_MAX};
    let lefts = 50;
    let frame = Frame::simple(lefts, WAITING_COST_MAX, vec![u32::MAX; 3]).unwrap();
    let row: Vec<(Right, i32)> = Right::all(3).map(|right| (right, -COST_MAX)).collect();
    let pairs = PairTable::from_rows(3, vec![row; lefts]).unwrap();
    let supply =
        Supply::new(vec![WANTED_MAX; lefts], vec![0; lefts], vec![WANTED_MAX; lefts]).unwrap();
    let flow = Flow::new(vec![vec![(Right(0), WANTED_MAX)]; lefts]);
    let proven = check_flow(&frame, &supply, &pairs, &flow, &Prices::zero(3)).unwrap();
    assert_eq!(proven.cost(), -50 * (1 << 50));
    for price in [-PRICE_MAX, PRICE_MAX] {
        let prices = Prices::new(vec![price; 3]);
        let gap = check_flow_within(&frame, &supply, &pairs, &flow, &prices).unwrap();
        assert!(gap.gap() > 1 << 60);
    }
    let problem = Problem::new(frame, pairs).unwrap();
    let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { panic!() };
    let proven = check_flow(problem.frame(), &supply, problem.pairs(), &found.flow, &found.prices);
    assert_eq!(proven.unwrap().cost(), -50 * (1 << 50));
}
