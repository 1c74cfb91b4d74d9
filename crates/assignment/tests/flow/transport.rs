//! [`check_flow`], [`check_flow_within`] and [`check_flow_infeasible`].

use crate::oracle::{Dice, FillOf, Tiny, bounds, charges, grid, prices};
use peermatch_assignment::{
    COST_MAX, Flow, FlowObstacle, FlowRejection, Frame, Left, Obstacle, PRICE_MAX, PairTable,
    Pairs, Prices, Rejection, Right, Supply, VerifiedFlowInfeasible, WAITING_COST_MAX, WANTED_MAX,
    check_flow, check_flow_infeasible, check_flow_within, check_infeasible,
};

/// The bound of some prices; there must be a fill for everybody.
fn bound(tiny: &Tiny, fills: &[Vec<FillOf>], prices: &[i64]) -> i128 {
    let least = |left: Left| {
        let of = fills[left.index()].iter().map(|fill| {
            tiny.value(left, fill, tiny.frame.waiting_cost(left), |right, worth| {
                i64::from(worth.cost) + prices[right.index()]
            })
        });
        of.min().unwrap()
    };
    Left::all(fills.len()).map(least).sum::<i128>() - charges(&bounds(&tiny.frame), prices)
}

fn cost(tiny: &Tiny, flow: &Flow) -> i128 {
    let of = |left| {
        let fill = tiny.units(flow, left);
        tiny.value(left, &fill, tiny.frame.waiting_cost(left), |_, worth| i64::from(worth.cost))
    };
    Left::all(flow.lefts()).map(of).sum()
}

#[test]
fn flows_of_tiny_problems_are_judged_as_defined() {
    let mut dice = Dice(11);
    let [mut proven, mut unproven, mut unfit] = [0; 3];
    for case in 0..1_500 {
        let extreme = case % 5 == 0;
        let tiny = Tiny::new(&mut dice, extreme);
        let (frame, supply, pairs) = (&tiny.frame, &tiny.supply, tiny.pairs());
        let (n, k) = (frame.lefts(), frame.rights());
        let fills: Vec<Vec<FillOf>> = Left::all(n).map(|left| tiny.fills(left)).collect();
        let feasible = tiny.flows();
        let least = feasible.iter().map(|flow| cost(&tiny, flow)).min();

        let mut claims: Vec<(Flow, Prices)> = Vec::new();
        for _ in 0..8 {
            let prices = prices(&mut dice, k, extreme);
            claims.push((tiny.wild(&mut dice, &feasible), prices));
        }
        // The best prices of a grid prove what is best, as a rule.
        if let Some(least) = least
            && !extreme
        {
            let best = grid(k, 2).into_iter().max_by_key(|p| bound(&tiny, &fills, p)).unwrap();
            let flows = feasible.iter().filter(|flow| cost(&tiny, flow) == least);
            claims.extend(flows.take(4).map(|flow| (flow.clone(), Prices::new(best.clone()))));
        }

        for (flow, prices) in claims {
            let name = || format!("{tiny:?}\n{flow:?} {prices:?}");
            let within = check_flow_within(frame, supply, &pairs, &flow, &prices);
            let whole = check_flow(frame, supply, &pairs, &flow, &prices);
            if let Some(fault) = tiny.fault(&flow) {
                unfit += 1;
                assert_eq!(within.as_ref(), Err(&fault), "{}", name());
                assert_eq!(whole, Err(fault), "{}", name());
                continue;
            }
            let (cost, bound) = (cost(&tiny, &flow), bound(&tiny, &fills, prices.values()));
            assert!(Some(bound) <= least);
            assert_eq!(
                within.map(|gap| (gap.cost(), gap.bound())),
                Ok((cost, bound)),
                "{}",
                name()
            );
            if cost == bound {
                proven += 1;
                let whole = whole.unwrap();
                assert_eq!((whole.flow(), whole.prices()), (&flow, &prices));
                assert_eq!((Some(whole.cost()), whole.pairs_checked()), (least, tiny.edges()));
                let units = flow.rows().iter().flatten().map(|place| u64::from(place.1)).sum();
                let served = flow.rows().iter().filter(|row| !row.is_empty()).count();
                assert_eq!((whole.units(), whole.served()), (units, served));
            } else {
                unproven += 1;
                assert_eq!(whole, Err(FlowRejection::NotOptimal { cost, bound }), "{}", name());
            }
        }
    }
    let all = [proven, unproven, unfit];
    assert!(all.iter().all(|&count| count > 1_000), "{all:?}");
}

/// What stands in the way, first in the order of the check; `Err` with the bound where the prices prove nothing.
fn obstacle(tiny: &Tiny, prices: &[i64]) -> Result<FlowObstacle, i128> {
    let (frame, supply) = (&tiny.frame, &tiny.supply);
    let (n, k) = (frame.lefts(), frame.rights());
    for left in Left::all(n) {
        let most = u64::from(tiny.most(left));
        if let Some(right) = frame.pinned(left)
            && most > 0
            && tiny.of(left, right).is_none()
        {
            return Ok(FlowObstacle::PinNotEligible { left, right });
        }
        let rights: Vec<Right> =
            Right::all(k).filter(|&right| tiny.of(left, right).is_some()).collect();
        let (wanted, least) = (u64::from(supply.wanted(left)), supply.least(left));
        let reachable = (rights.len() as u64 * most).min(wanted);
        if reachable < u64::from(least) {
            return Ok(FlowObstacle::LeastOutOfReach { left, least, rights, reachable });
        }
    }
    let fills: Vec<Vec<FillOf>> = Left::all(n).map(|left| tiny.fills(left)).collect();
    let least = |left: Left| {
        let of = fills[left.index()]
            .iter()
            .map(|fill| tiny.value(left, fill, 0, |right, _| prices[right.index()]));
        of.min().unwrap()
    };
    let bound = Left::all(n).map(least).sum::<i128>() - charges(&bounds(frame), prices);
    if bound <= 0 {
        return Err(bound);
    }
    for right in Right::all(k) {
        let pinned: Vec<Left> = Left::all(n)
            .filter(|&left| frame.pinned(left) == Some(right) && tiny.most(left) > 0)
            .collect();
        let needed = pinned.iter().map(|&left| u64::from(tiny.most(left))).sum();
        let capacity = frame.capacity(right);
        if needed > u64::from(capacity) {
            return Ok(FlowObstacle::PinsOverCapacity { right, pinned, needed, capacity });
        }
    }
    let inside = |left: Left, rights: &[Right]| {
        let rights = rights.to_vec();
        fills[left.index()]
            .iter()
            .map(move |fill| rights.iter().map(|right| u64::from(fill[right.index()])).sum::<u64>())
    };
    let mut levels = prices.to_vec();
    levels.sort_unstable();
    levels.dedup();
    for &level in levels.iter().filter(|&&level| level < 0) {
        let rights: Vec<Right> = Right::all(k).filter(|r| prices[r.index()] <= level).collect();
        let needed = rights.iter().map(|&right| u64::from(frame.minimum(right))).sum();
        let can = |left: &Left| inside(*left, &rights).max().unwrap();
        let lefts: Vec<Left> = Left::all(n).filter(|left| can(left) > 0).collect();
        let reachable = lefts.iter().map(can).sum();
        if needed > reachable {
            return Ok(FlowObstacle::MinimumsOutOfReach { rights, needed, lefts, reachable });
        }
    }
    for &level in levels.iter().rev().filter(|&&level| level > 0) {
        let rights: Vec<Right> = Right::all(k).filter(|r| prices[r.index()] >= level).collect();
        let places = rights.iter().map(|&right| u64::from(frame.capacity(right))).sum();
        let must = |left: &Left| inside(*left, &rights).min().unwrap();
        let lefts: Vec<Left> = Left::all(n).filter(|left| must(left) > 0).collect();
        let needed = lefts.iter().map(must).sum();
        if needed > places {
            return Ok(FlowObstacle::TooFewPlaces { lefts, needed, rights, places });
        }
    }
    panic!("a bound of {bound} and no level set: {tiny:?} {prices:?}");
}

#[test]
fn what_stands_in_the_way_is_derived_as_defined() {
    let mut dice = Dice(13);
    let (mut kinds, mut unproven) = ([0; 5], 0);
    for case in 0..12_000 {
        let extreme = case % 10 == 0;
        let tiny = Tiny::new(&mut dice, false);
        let (pairs, feasible) = (tiny.pairs(), tiny.flows());
        for _ in 0..4 {
            let prices = prices(&mut dice, tiny.frame.rights(), extreme);
            let found = check_flow_infeasible(&tiny.frame, &tiny.supply, &pairs, &prices);
            match obstacle(&tiny, prices.values()) {
                Ok(obstacle) => {
                    assert!(feasible.is_empty());
                    kinds[match obstacle {
                        FlowObstacle::PinNotEligible { .. } => 0,
                        FlowObstacle::PinsOverCapacity { .. } => 1,
                        FlowObstacle::LeastOutOfReach { .. } => 2,
                        FlowObstacle::TooFewPlaces { .. } => 3,
                        FlowObstacle::MinimumsOutOfReach { .. } => 4,
                    }] += 1;
                    let found = found.as_ref().map(VerifiedFlowInfeasible::obstacle);
                    assert_eq!(found, Ok(&obstacle), "{tiny:?} {prices:?}");
                }
                Err(bound) => {
                    unproven += 1;
                    let none = Err(FlowRejection::NotInfeasible { bound });
                    assert_eq!(found, none, "{tiny:?} {prices:?}");
                }
            }
        }
    }
    assert!(kinds.iter().all(|&kind| kind > 100) && unproven > 1_000, "{kinds:?} {unproven}");
}

/// The same for matchings, where one place each is wanted and nobody must have it.
#[test]
fn what_stands_in_the_way_of_a_matching_is_derived_as_defined() {
    let mut dice = Dice(19);
    let (mut kinds, mut unproven) = ([0; 3], 0);
    for case in 0..6_000 {
        let mut tiny = Tiny::new(&mut dice, false);
        tiny.supply = Supply::one_each(tiny.frame.lefts());
        let pairs = tiny.pairs();
        for _ in 0..4 {
            let prices = prices(&mut dice, tiny.frame.rights(), case % 10 == 0);
            let due = match obstacle(&tiny, prices.values()) {
                Err(bound) => {
                    unproven += 1;
                    Err(Rejection::NotInfeasible { bound })
                }
                Ok(FlowObstacle::PinNotEligible { left, right }) => {
                    kinds[0] += 1;
                    Ok(Obstacle::PinNotEligible { left, right })
                }
                Ok(FlowObstacle::PinsOverCapacity { right, pinned, capacity, .. }) => {
                    kinds[1] += 1;
                    Ok(Obstacle::PinsOverCapacity { right, pinned, capacity })
                }
                Ok(FlowObstacle::MinimumsOutOfReach { rights, needed, lefts, .. }) => {
                    kinds[2] += 1;
                    Ok(Obstacle::MinimumsOutOfReach { rights, needed, reachable: lefts })
                }
                Ok(other) => panic!("nobody must have a place: {other:?}"),
            };
            let found = check_infeasible(&tiny.frame, &pairs, &prices);
            let found = found.map(|proof| proof.obstacle().clone());
            assert_eq!(found, due, "{tiny:?} {prices:?}");
        }
    }
    assert!(kinds.iter().all(|&kind| kind > 100) && unproven > 1_000, "{kinds:?} {unproven}");
    // The pairs must be those of the frame; prices are one per right, within their bound.
    let frame = Frame::simple(2, 0, vec![1, 1]).unwrap();
    let told = Rejection::Lefts { frame: 2, pairs: 1, matching: 2 };
    let stream = Stream(vec![0, 1]);
    assert_eq!(check_infeasible(&frame, &stream, &Prices::zero(2)), Err(told));
    let frame = Frame::simple(1, 0, vec![1, 1]).unwrap();
    let refused = |stream: &Stream, prices| check_infeasible(&frame, stream, &prices).unwrap_err();
    let broken = Rejection::BrokenStream { left: Left(0), right: Right(0) };
    assert_eq!(refused(&Stream(vec![0, 0]), Prices::zero(2)), broken);
    let few = Rejection::PriceCount { rights: 2, prices: 1 };
    assert_eq!(refused(&stream, Prices::zero(1)), few);
    let beyond = Rejection::PriceBeyondBound { right: Right(1), price: i64::MIN };
    assert_eq!(refused(&stream, Prices::new(vec![0, i64::MIN])), beyond);
}

/// One left with these rights, as they are given.
struct Stream(Vec<u32>);

impl Pairs for Stream {
    fn lefts(&self) -> usize {
        1
    }

    fn visit(&self, _: Left, mut each: impl FnMut(Right, i32)) {
        self.0.iter().for_each(|&right| each(Right(right), 0));
    }
}

#[test]
fn malformed_parts_are_refused() {
    let frame = Frame::simple(1, 0, vec![1, 1]).unwrap();
    let one = Supply::one_each(1);
    let verdicts = |supply: &Supply, rights: &[u32], lefts: usize, prices: &[i64]| {
        let (stream, prices) = (Stream(rights.to_vec()), Prices::new(prices.to_vec()));
        let flow = Flow::new(vec![vec![]; lefts]);
        [
            check_flow(&frame, supply, &stream, &flow, &prices).err(),
            check_flow_within(&frame, supply, &stream, &flow, &prices).err(),
            check_flow_infeasible(&frame, supply, &stream, &prices).err(),
        ]
    };
    let nothing = Some(FlowRejection::NotInfeasible { bound: 0 });
    assert_eq!(verdicts(&one, &[0, 1], 1, &[0, 0]), [None, None, nothing.clone()]);
    for (rights, at) in [(&[1, 0][..], 0), (&[0, 0], 0), (&[0, 2], 2), (&[u32::MAX], u32::MAX)] {
        let broken = Rejection::BrokenStream { left: Left(0), right: Right(at) };
        for verdict in verdicts(&one, rights, 1, &[0, 0]) {
            assert_eq!(verdict, Some(broken.clone().into()), "{rights:?}");
        }
    }
    let few = Rejection::PriceCount { rights: 2, prices: 1 };
    let many = Rejection::PriceCount { rights: 2, prices: 3 };
    let low = Rejection::PriceBeyondBound { right: Right(1), price: -PRICE_MAX - 1 };
    let high = Rejection::PriceBeyondBound { right: Right(0), price: PRICE_MAX + 1 };
    for (prices, why) in [
        (&[0][..], few),
        (&[0, 0, 0], many),
        (&[0, -PRICE_MAX - 1], low),
        (&[PRICE_MAX + 1, 0], high),
    ] {
        for verdict in verdicts(&one, &[0, 1], 1, prices) {
            assert_eq!(verdict, Some(why.clone().into()));
        }
    }
    for lefts in [0, 2] {
        let [flow, _, prices] = verdicts(&Supply::one_each(lefts), &[0], 1, &[0, 0]);
        let told = FlowRejection::Lefts { frame: 1, pairs: 1, supply: lefts, flow: 1 };
        assert_eq!([flow, prices], [Some(told.clone()), Some(told)]);
        let [flow, ..] = verdicts(&one, &[0], lefts, &[0, 0]);
        assert_eq!(flow, Some(FlowRejection::Lefts { frame: 1, pairs: 1, supply: 1, flow: lefts }));
    }
    let two = Frame::simple(2, 0, vec![1, 1]).unwrap();
    let supply = Supply::one_each(2);
    let refused = check_flow_infeasible(&two, &supply, &Stream(vec![]), &Prices::zero(2));
    assert_eq!(refused, Err(FlowRejection::Lefts { frame: 2, pairs: 1, supply: 2, flow: 2 }));
}

/// Overflow checks are on in this profile: a sum that leaves its type would panic.
#[test]
fn the_largest_numbers_are_summed_and_one_more_is_refused() {
    let frame = Frame::new(
        vec![-WAITING_COST_MAX; 2],
        vec![None, Some(Right(0))],
        vec![u32::MAX, u32::MAX],
        vec![0, 0],
    )
    .unwrap();
    let row = || vec![(Right(0), COST_MAX), (Right(1), -COST_MAX)];
    let pairs = PairTable::from_rows(2, [row(), row()]).unwrap();
    let supply = Supply::new(vec![WANTED_MAX; 2], vec![0; 2], vec![u32::MAX; 2]).unwrap();
    let flow = |a: u32, b: u32| Flow::new(vec![vec![(Right(1), a)], vec![(Right(0), b)]]);
    let prices = Prices::new(vec![PRICE_MAX, -PRICE_MAX]);
    let judge = |a, b| check_flow_within(&frame, &supply, &pairs, &flow(a, b), &prices);
    let gap = judge(WANTED_MAX, WANTED_MAX).unwrap();
    let [wanted, price, places] =
        [i128::from(WANTED_MAX), i128::from(PRICE_MAX), i128::from(u32::MAX)];
    let cost = i128::from(COST_MAX);
    assert_eq!(gap.cost(), 0);
    assert_eq!(gap.bound(), wanted * (-cost - price) + wanted * (cost + price) - price * places);
    let most = WANTED_MAX;
    for units in [WANTED_MAX + 1, u32::MAX] {
        let (left, right) = (Left(0), Right(1));
        assert_eq!(
            judge(units, WANTED_MAX),
            Err(FlowRejection::TooManyOfOne { left, right, units, most })
        );
    }
    let (left, pinned, units) = (Left(1), Right(0), WANTED_MAX - 1);
    assert_eq!(
        judge(WANTED_MAX, units),
        Err(FlowRejection::PinBroken { left, pinned, must: most, units })
    );
    // Everything that can be named at once: far more than is wanted, and still a sum.
    let all = Flow::new(vec![vec![(Right(0), most), (Right(1), most)], vec![]]);
    let (left, units, wanted) = (Left(0), 2 * u64::from(most), WANTED_MAX);
    assert_eq!(
        check_flow_within(&frame, &supply, &pairs, &all, &prices),
        Err(FlowRejection::MoreThanWanted { left, units, wanted })
    );
    assert!(matches!(
        check_flow_infeasible(&frame, &supply, &pairs, &prices),
        Err(FlowRejection::NotInfeasible { bound }) if bound < 0
    ));
    // All that everybody wants of one place.
    let frame = Frame::simple(2, 0, vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)], vec![(Right(0), 0)]]).unwrap();
    let supply = Supply::new(vec![WANTED_MAX; 2], vec![WANTED_MAX; 2], vec![u32::MAX; 2]).unwrap();
    let prices = Prices::new(vec![PRICE_MAX]);
    let proof = check_flow_infeasible(&frame, &supply, &pairs, &prices).unwrap();
    let (lefts, needed) = (vec![Left(0), Left(1)], 2 * u64::from(WANTED_MAX));
    let rights = vec![Right(0)];
    assert_eq!(proof.obstacle(), &FlowObstacle::TooFewPlaces { lefts, needed, rights, places: 1 });
}
