//! What a check hands out is what it checked: every figure of every verified result, by hand.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{
    Aim, Chain, Flow, Frame, Left, Matching, PairTable, Prices, Right, Stage, Supply, WorthTable,
    check_chain, check_fewest_moves, check_flow, check_safe_menus,
};

fn places(rows: &[&[u32]]) -> Flow {
    Flow::new(rows.iter().map(|row| row.iter().map(|&right| (Right(right), 1)).collect()).collect())
}

/// Three lefts: the first wants two places and gets them, the second gets one, the third waits.
fn problem() -> (Frame, Supply, PairTable, Flow) {
    let frame = Frame::simple(3, 9, vec![2, 1, 1]).unwrap();
    let pairs = PairTable::from_rows(
        3,
        [
            vec![(Right(0), 4), (Right(1), 1)],
            vec![(Right(0), 3), (Right(2), 2)],
            vec![(Right(1), 8)],
        ],
    )
    .unwrap();
    let supply = Supply::new(vec![2, 1, 1], vec![0; 3], vec![1; 3]).unwrap();
    (frame, supply, pairs, places(&[&[0, 1], &[2], &[]]))
}

#[test]
fn a_flow_says_who_has_how_much_and_what_was_read() {
    let (frame, supply, pairs, flow) = problem();
    // With right 1 at a price of 1 the third is as well off waiting as there.
    let prices = Prices::new(vec![0, 1, 0]);
    let verified = check_flow(&frame, &supply, &pairs, &flow, &prices).unwrap();
    assert_eq!((verified.flow(), verified.prices()), (&flow, &prices));
    assert_eq!(verified.cost(), 4 + 1 + 2 + 9);
    assert_eq!((verified.units(), verified.served(), verified.pairs_checked()), (3, 2, 5));
}

#[test]
fn a_chain_says_its_stages_and_what_each_costs() {
    let (frame, _, pairs, flow) = problem();
    let worths = WorthTable::new(pairs, vec![3, 0, 5, 0, 2], vec![0; 5]).unwrap();
    let fixed = Supply::new(vec![2, 1, 0], vec![2, 1, 0], vec![1; 3]).unwrap();
    let chain = Chain { prices: vec![Prices::default(); 3], witness: Some(Prices::zero(3)) };
    let proven = check_chain(Aim::MaxMin, &frame, &fixed, &worths, &flow, &chain).unwrap();
    assert_eq!(proven.aim(), Aim::MaxMin);
    assert_eq!(proven.flow(), &flow);
    assert_eq!(proven.stages(), [Stage::Served, Stage::NoneAbove(3), Stage::Cost]);
    assert_eq!(proven.costs(), [0, 0, 4 + 1 + 2]);
    assert_eq!((proven.worst(), proven.pairs_checked()), (Some(3), 5));
}

#[test]
fn menus_are_handed_out_as_they_were_checked() {
    let (frame, _, pairs, _) = problem();
    let menus = vec![vec![Right(0), Right(1)], vec![Right(0), Right(2)], vec![]];
    let safe = check_safe_menus(&frame, &pairs, &menus, &Prices::zero(3)).unwrap();
    assert_eq!(safe.menus(), menus);
    assert_eq!((safe.degrees(), safe.residual()), (&[2, 1, 1][..], &[2, 1, 1][..]));
    assert_eq!(safe.loss_most(), (4 - 1) + (3 - 2));
}

#[test]
fn whoever_was_nowhere_that_exists_is_moved_by_nothing() {
    let frame = Frame::simple(2, 9, vec![1, 1]).unwrap();
    let pairs = PairTable::from_rows(2, vec![vec![(Right(0), 1), (Right(1), 1)]; 2]).unwrap();
    let matching = Matching::new(vec![Some(Right(0)), Some(Right(1))]);
    let prices = Prices::zero(2);
    for (start, moved) in [
        (vec![Some(Right(2)), Some(Right(1))], 0),
        (vec![Some(Right(0)), Some(Right(2))], 0),
        (vec![None, None], 0),
        (vec![Some(Right(0)), Some(Right(1))], 0),
    ] {
        let start = Matching::new(start);
        let told = check_fewest_moves(&frame, &pairs, &start, &matching, &prices, &prices).unwrap();
        assert_eq!(told.moved(), moved, "{start:?}");
        assert_eq!(told.verified().matching(), &matching);
        assert_eq!(told.into_verified().cost(), 2);
    }
    // Both must move: with one place less each had the other's.
    let crossed = PairTable::from_rows(2, [vec![(Right(0), 1)], vec![(Right(1), 1)]]).unwrap();
    let start = Matching::new(vec![Some(Right(1)), Some(Right(0))]);
    let told = check_fewest_moves(&frame, &crossed, &start, &matching, &prices, &prices).unwrap();
    assert_eq!(told.moved(), 2);
    assert_eq!(start.right_of(Left(0)), Some(Right(1)));
}
