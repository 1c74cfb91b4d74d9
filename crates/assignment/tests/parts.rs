//! What the checks are stated in: each part refuses what does not fit, up to the last number that does, and says what it was given.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::gain::{gain, log2};
use peermatch_assignment::number::gcd;
use peermatch_assignment::{
    COST_MAX, Flow, Frame, FrameError, GRADE_MAX, Left, Matching, PairTable, Pairs, Prices,
    RankTable, Ranked, Ranks, Right, SIDE_MAX, Supply, SupplyError, Uncosted, Valued,
    WAITING_COST_MAX, WANTED_MAX, Worth, WorthTable, WorthTableError,
};

#[test]
fn the_bounds_are_what_the_overflow_arguments_say() {
    assert_eq!(SIDE_MAX, 67_108_864);
    assert_eq!(WAITING_COST_MAX, 288_230_376_151_711_744);
    assert_eq!((WANTED_MAX, GRADE_MAX, COST_MAX), (1_048_576, 1_073_741_824, 1_073_741_824));
}

#[test]
fn a_frame_says_what_it_was_given_and_refuses_one_more() {
    let waits = vec![WAITING_COST_MAX, -WAITING_COST_MAX, 7];
    let pins = vec![None, Some(Right(1)), None];
    let frame = Frame::new(waits.clone(), pins.clone(), vec![5, 3], vec![0, 3]).unwrap();
    assert_eq!((frame.lefts(), frame.rights()), (3, 2));
    assert_eq!((frame.waiting_costs(), frame.pins()), (&waits[..], &pins[..]));
    assert_eq!((frame.capacities(), frame.minimums()), (&[5, 3][..], &[0, 3][..]));
    for left in Left::all(3) {
        assert_eq!(frame.waiting_cost(left), waits[left.index()]);
        assert_eq!(frame.pinned(left), pins[left.index()]);
    }
    for right in Right::all(2) {
        let own = (frame.capacity(right), frame.minimum(right));
        assert_eq!(own, [(5, 0), (3, 3)][right.index()]);
    }
    let simple = Frame::simple(2, 4, vec![6]).unwrap();
    assert_eq!(simple, Frame::new(vec![4, 4], vec![None, None], vec![6], vec![0]).unwrap());

    for cost in [WAITING_COST_MAX + 1, -WAITING_COST_MAX - 1, i64::MIN, i64::MAX] {
        let refused = Frame::new(vec![0, cost], vec![None, None], vec![], vec![]);
        assert_eq!(refused, Err(FrameError::WaitingCost { left: Left(1), cost }));
    }
    for right in [Right(2), Right(u32::MAX)] {
        let refused = Frame::new(vec![0], vec![Some(right)], vec![1, 1], vec![0, 0]);
        assert_eq!(refused, Err(FrameError::PinOutOfRange { left: Left(0), right, rights: 2 }));
    }
    let refused = Frame::new(vec![], vec![], vec![2, 2], vec![2, 3]);
    let right = Right(1);
    assert_eq!(refused, Err(FrameError::MinimumAboveCapacity { right, minimum: 3, capacity: 2 }));
    for (waiting_costs, pins) in [(0, 1), (2, 1)] {
        let refused = Frame::new(vec![0; waiting_costs], vec![None; pins], vec![], vec![]);
        assert_eq!(refused, Err(FrameError::LeftLengths { waiting_costs, pins }));
    }
    for (capacities, minimums) in [(0, 1), (2, 1)] {
        let refused = Frame::new(vec![], vec![], vec![1; capacities], vec![0; minimums]);
        assert_eq!(refused, Err(FrameError::RightLengths { capacities, minimums }));
    }
}

#[test]
fn a_supply_says_what_it_was_given_and_refuses_one_more() {
    let supply = Supply::new(vec![WANTED_MAX, 3, 0], vec![5, 3, 0], vec![7, 2, 9]).unwrap();
    assert_eq!(supply.lefts(), 3);
    let own = |left| (supply.wanted(left), supply.least(left), supply.each(left));
    let all: Vec<_> = Left::all(3).map(own).collect();
    assert_eq!(all, [(WANTED_MAX, 5, 7), (3, 3, 2), (0, 0, 9)]);
    assert_eq!(Supply::one_each(2), Supply::new(vec![1; 2], vec![0; 2], vec![1; 2]).unwrap());

    let one_each = |wanted: [u32; 2], least: [u32; 2]| {
        Supply::new(wanted.to_vec(), least.to_vec(), vec![1; 2]).unwrap().is_one_each()
    };
    assert!(one_each([1, 1], [0, 0]));
    assert!(!one_each([1, 2], [0, 0]) && !one_each([1, 0], [0, 0]) && !one_each([1, 1], [0, 1]));

    let left = Left(1);
    let refused = |wanted, least, each| {
        Supply::new(vec![1, wanted], vec![0, least], vec![1, each]).unwrap_err()
    };
    let wanted = WANTED_MAX + 1;
    assert_eq!(refused(wanted, 0, 1), SupplyError::Wanted { left, wanted });
    assert_eq!(refused(2, 3, 1), SupplyError::LeastAboveWanted { left, least: 3, wanted: 2 });
    assert_eq!(refused(2, 2, 0), SupplyError::NoneOfEach { left });
    for [wanted, least, each] in [[1, 2, 2], [2, 1, 2], [2, 2, 1]] {
        let refused = Supply::new(vec![1; wanted], vec![0; least], vec![1; each]);
        assert_eq!(refused, Err(SupplyError::Lengths { wanted, least, each }));
    }
}

fn pairs() -> PairTable {
    let rows = [vec![(Right(0), 5), (Right(2), -4)], vec![], vec![(Right(2), 6)]];
    PairTable::from_rows(3, rows).unwrap()
}

fn visited(stream: impl Valued) -> Vec<Vec<(Right, Worth)>> {
    let row = |left| {
        let mut row = Vec::new();
        stream.visit(left, |right, worth| row.push((right, worth)));
        row
    };
    Left::all(stream.lefts()).map(row).collect()
}

#[test]
fn worth_goes_with_its_pairs() {
    let (grades, gains) = (vec![GRADE_MAX, 0, 2], vec![COST_MAX, -COST_MAX, 3]);
    let table = WorthTable::new(pairs(), grades.clone(), gains.clone()).unwrap();
    assert_eq!((table.pairs(), table.grades(), table.gains()), (&pairs(), &grades[..], &gains[..]));
    let worth = |cost, grade, gain| Worth { cost, grade, gain };
    let rows = [
        vec![(Right(0), worth(5, GRADE_MAX, COST_MAX)), (Right(2), worth(-4, 0, -COST_MAX))],
        vec![],
        vec![(Right(2), worth(6, 2, 3))],
    ];
    assert_eq!(visited(&table), rows);
    assert_eq!(Left::all(3).map(|left| table.row(left).collect()).collect::<Vec<Vec<_>>>(), rows);

    let refused = |grade, gain| WorthTable::new(pairs(), vec![0, 0, grade], vec![0, 0, gain]);
    for (grade, gain) in
        [(GRADE_MAX + 1, 0), (0, COST_MAX + 1), (0, -COST_MAX - 1), (u32::MAX, i32::MIN)]
    {
        assert_eq!(refused(grade, gain), Err(WorthTableError::Bound { grade, gain }));
    }
    for (grades, gains) in [(2, 3), (3, 4)] {
        let refused = WorthTable::new(pairs(), vec![0; grades], vec![0; gains]);
        assert_eq!(refused, Err(WorthTableError::Lengths { pairs: 3, grades, gains }));
    }
}

fn ranked(stream: impl Ranked) -> Vec<Vec<(Right, Ranks)>> {
    let row = |left| {
        let mut row = Vec::new();
        stream.visit(left, |right, ranks| row.push((right, ranks)));
        row
    };
    Left::all(stream.lefts()).map(row).collect()
}

#[test]
fn ranks_go_with_their_pairs() {
    let table = RankTable::new(pairs(), vec![1, 2, 3], vec![4, 5, 6]).unwrap();
    assert_eq!((table.pairs(), table.rights()), (&pairs(), 3));
    let ranks = |left, right| Ranks { left, right };
    let rows = [
        vec![(Right(0), ranks(1, 4)), (Right(2), ranks(2, 5))],
        vec![],
        vec![(Right(2), ranks(3, 6))],
    ];
    assert_eq!(ranked(&table), rows);
    assert_eq!(table.into_pairs(), pairs());
    for (left, right) in [(2, 3), (3, 4)] {
        let refused = RankTable::new(pairs(), vec![1; left], vec![1; right]).unwrap_err();
        assert_eq!((refused.pairs, refused.left_ranks, refused.right_ranks), (3, left, right));
    }
}

/// One more than the number of pairs of the same line that cost less.
#[test]
fn ranks_by_cost_are_as_defined() {
    let mut state = 3u64;
    let mut below = |n: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for _ in 0..300 {
        let (n, k) = (1 + below(5), 1 + below(5));
        let costs: Vec<Vec<Option<i32>>> = (0..n)
            .map(|_| {
                let pair = |_| (below(4) > 0).then(|| i32::try_from(below(4)).unwrap());
                (0..k).map(pair).collect()
            })
            .collect();
        let row = |row: &Vec<Option<i32>>| -> Vec<(Right, i32)> {
            Right::all(row.len()).zip(row).filter_map(|(r, c)| Some((r, (*c)?))).collect()
        };
        let pairs =
            PairTable::from_rows(usize::try_from(k).unwrap(), costs.iter().map(row)).unwrap();
        let less = |of: &mut dyn Iterator<Item = Option<i32>>, cost: i32| {
            1 + u32::try_from(of.flatten().filter(|&other| other < cost).count()).unwrap()
        };
        let rows: Vec<Vec<(Right, Ranks)>> = Left::all(costs.len())
            .map(|left| {
                let own = &costs[left.index()];
                row(own)
                    .into_iter()
                    .map(|(right, cost)| {
                        let left = less(&mut own.iter().copied(), cost);
                        let column = &mut costs.iter().map(|row| row[right.index()]);
                        (right, Ranks { left, right: less(column, cost) })
                    })
                    .collect()
            })
            .collect();
        assert_eq!(ranked(RankTable::by_cost(pairs)), rows, "{costs:?}");
    }
}

#[test]
fn a_flow_says_what_it_was_given() {
    let sorted = [vec![], vec![(Right(0), 2), (Right(2), 3)], vec![(Right(2), 4)]];
    let flow = Flow::new(vec![vec![], vec![(Right(2), 3), (Right(0), 2)], vec![(Right(2), 4)]]);
    assert_eq!((flow.lefts(), flow.rows()), (3, &sorted[..]));
    let of: Vec<_> = Left::all(4).map(|left| (flow.of(left).to_vec(), flow.units(left))).collect();
    assert_eq!(of[..3], [(sorted[0].clone(), 0), (sorted[1].clone(), 5), (sorted[2].clone(), 4)]);
    assert_eq!(of[3], (vec![], 0), "nobody is there");
    let pairs: Vec<_> = flow.pairs().map(|(left, right, units)| (left.0, right.0, units)).collect();
    assert_eq!(pairs, [(1, 0, 2), (1, 2, 3), (2, 2, 4)]);
    assert_eq!(flow.loads(3), [2, 0, 7]);
    // What is beyond is not counted; the largest numbers are.
    assert_eq!(flow.loads(1), [2]);
    let large = Flow::new(vec![vec![(Right(0), u32::MAX)]; 3]);
    assert_eq!(
        (large.loads(1), large.units(Left(0))),
        (vec![3 * u64::from(u32::MAX)], u32::MAX.into())
    );

    let matching = Matching::new(vec![None, Some(Right(3)), Some(Right(1))]);
    let one = Flow::from(&matching);
    assert_eq!(one.rows(), [vec![], vec![(Right(3), 1)], vec![(Right(1), 1)]]);
    assert_eq!(one.as_matching(), Some(matching));
    assert_eq!(flow.as_matching(), None);
    for rows in [vec![(Right(0), 2)], vec![(Right(0), 0)], vec![(Right(0), 1), (Right(1), 1)]] {
        assert_eq!(Flow::new(vec![vec![], rows]).as_matching(), None);
    }
}

/// Every place of the binary logarithm, against its definition: `2^(x/2^20)` lies between whole numbers around `1 + fit`.
#[test]
fn gains_are_known_where_they_are_whole_and_rounded_elsewhere() {
    for power in 0..30u32 {
        assert_eq!(log2(1 << power), u64::from(power) << 48);
        assert_eq!(gain((1 << power) - 1), i32::try_from(power << 20).unwrap());
    }
    // log2(3), log2(5), log2(10), log2(1 + 10^6): 2^20 times 1.58496250072, 2.32192809489, 3.32192809489, 19.93157001190.
    let gains = [2, 4, 9, 1_000_000].map(gain);
    assert_eq!(gains, [1_661_954, 2_434_718, 3_483_294, 20_899_766]);
}

#[test]
fn a_matching_and_prices_say_what_they_were_given() {
    let matching = Matching::new(vec![Some(Right(1)), None, Some(Right(0))]);
    let pairs: Vec<(Left, Right)> = matching.pairs().collect();
    assert_eq!(pairs, [(Left(0), Right(1)), (Left(2), Right(0))]);
    let prices = Prices::new(vec![4, -2]);
    let of = |at: u32| prices.of(Right(at));
    assert_eq!((of(0), of(1), of(2), prices.values()), (Some(4), Some(-2), None, &[4, -2][..]));
}

#[test]
fn pairs_without_costs_are_the_same_pairs() {
    let table = PairTable::from_rows(2, [vec![(Right(0), 4), (Right(1), -7)], vec![]]).unwrap();
    let none = PairTable::from_rows(2, [vec![], vec![]]).unwrap();
    assert_eq!((table.is_empty(), table.len(), none.is_empty(), none.len()), (false, 2, true, 0));
    let free = Uncosted(&table);
    assert_eq!(free.lefts(), 2);
    for left in Left::all(2) {
        let mut seen = Vec::new();
        free.visit(left, |right, cost| seen.push((right, cost)));
        let same: Vec<(Right, i32)> =
            table.rights_of(left).iter().map(|&right| (right, 0)).collect();
        assert_eq!(seen, same);
    }
}

#[test]
fn the_greatest_common_divisor_is_what_counting_finds() {
    for a in 0u32..=24 {
        for b in 0u32..=24 {
            let divides = |d: &u32| a % d == 0 && b % d == 0;
            let counted = (1..=24).filter(divides).max().unwrap();
            let expected = if a == 0 && b == 0 { 0 } else { counted };
            assert_eq!(gcd(a, b), expected, "{a} {b}");
        }
    }
}
