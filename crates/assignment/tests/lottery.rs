//! The checks of lotteries against their definitions: of all chances that a tiny problem allows, those of probabilistic serial alone are taken for
//! them; of all matchings that could be drawn, those alone that the chances allow; and every bound holds to the last part.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::lottery::{Marginals, PARTS_MAX, capped, check_eating, check_outcome};
use peermatch_assignment::{
    Flow, Frame, Left, LotteryRejection, Matching, PairTable, Rejection, Right, Supply, WANTED_MAX,
};

/// A generator of its own, so that this room stays alone.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// Fine enough for every event of three eaters at most.
const WHOLE: u64 = 46_656;

struct Tiny {
    frame: Frame,
    pairs: PairTable,
    orders: Vec<Vec<Right>>,
}

impl Tiny {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (lefts, rights) = [(2, 3), (3, 2), (2, 2), (1, 3)][dice.below(4)];
        let mut orders = Vec::new();
        for _ in 0..lefts {
            let mut order: Vec<Right> = Vec::new();
            for right in (0..rights).map(|at| Right(u32::try_from(at).unwrap())) {
                if dice.below(5) > 0 {
                    order.insert(dice.below(order.len() + 1), right);
                }
            }
            orders.push(order);
        }
        let capacities: Vec<u32> =
            (0..rights).map(|_| u32::try_from([0, 1, 1, 1, 2][dice.below(5)]).unwrap()).collect();
        let mut pins = vec![None; lefts];
        if dice.below(4) == 0 {
            pins[0] = orders[0].iter().copied().find(|right| capacities[right.index()] > 0);
        }
        // Now and then a minimum, which nothing but a pin can promise.
        let minimums: Vec<u32> = capacities
            .iter()
            .map(|&capacity| u32::from(capacity > 0 && dice.below(9) == 0))
            .collect();
        let rows = orders.iter().map(|order| {
            let mut row: Vec<(Right, i32)> = order.iter().map(|&right| (right, 0)).collect();
            row.sort_unstable();
            row
        });
        let pairs = PairTable::from_rows(rights, rows).unwrap();
        Self {
            frame: Frame::new(vec![0; lefts], pins, capacities, minimums).unwrap(),
            pairs,
            orders,
        }
    }

    /// Everybody eats at the same speed of the best that has something left, step by step.
    fn eaten(&self) -> Vec<Vec<u64>> {
        let lefts = self.frame.lefts();
        let mut rest: Vec<u64> =
            self.frame.capacities().iter().map(|&places| u64::from(places) * WHOLE).collect();
        let mut out = vec![vec![0; rest.len()]; lefts];
        let mut hungry = vec![WHOLE; lefts];
        for left in Left::all(lefts) {
            if let Some(pin) = self.frame.pinned(left) {
                rest[pin.index()] -= WHOLE;
                out[left.index()][pin.index()] = WHOLE;
                hungry[left.index()] = 0;
            }
        }
        loop {
            let at: Vec<Option<usize>> = (0..lefts)
                .map(|left| {
                    let order = self.orders[left].iter().map(|right| right.index());
                    order.filter(|_| hungry[left] > 0).find(|&right| rest[right] > 0)
                })
                .collect();
            let eaters =
                |right: usize| at.iter().flatten().filter(|&&own| own == right).count() as u64;
            let until_full = (0..lefts).filter(|&left| at[left].is_some()).map(|left| hungry[left]);
            let until_gone = (0..rest.len()).filter(|&right| eaters(right) > 0).map(|right| {
                assert_eq!(rest[right] % eaters(right), 0, "fine enough");
                rest[right] / eaters(right)
            });
            let Some(step) = until_full.chain(until_gone).min() else { return out };
            for left in 0..lefts {
                if let Some(right) = at[left] {
                    hungry[left] -= step;
                    rest[right] -= step;
                    out[left][right] += step;
                }
            }
        }
    }
}

fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// All ways to give at most `parts` parts of `rights`.
fn rows_of(parts: u64, rights: &[Right]) -> Vec<Vec<(Right, u64)>> {
    let Some((&right, rest)) = rights.split_first() else { return vec![vec![]] };
    let mut out = Vec::new();
    for units in 0..=parts {
        for mut row in rows_of(parts - units, rest) {
            if units > 0 {
                row.insert(0, (right, units));
            }
            out.push(row);
        }
    }
    out
}

#[test]
fn of_all_chances_those_of_probabilistic_serial_alone_are_accepted() {
    let (mut accepted, mut refused, mut pinned) = (0u32, 0u32, 0u32);
    for seed in 0..3_000 {
        let tiny = Tiny::new(seed);
        let eaten = tiny.eaten();
        let common = eaten.iter().flatten().fold(WHOLE, |a, &b| divisor(a, b));
        let parts = WHOLE / common;
        if parts > 6 {
            continue;
        }
        let truth: Vec<Vec<(Right, u64)>> = eaten
            .iter()
            .map(|row| {
                let row = row.iter().zip(0..).filter(|(units, _)| **units > 0);
                row.map(|(&units, at)| (Right(at), units / common)).collect()
            })
            .collect();
        let promised = (0..tiny.frame.rights()).all(|right| {
            let pins =
                tiny.frame.pins().iter().flatten().filter(|pin| pin.index() == right).count();
            tiny.frame.minimums()[right] as usize <= pins
        });
        pinned += u32::from(tiny.frame.pins().iter().any(Option::is_some));
        let mut chosen = vec![Vec::new()];
        for left in Left::all(tiny.frame.lefts()) {
            let own = rows_of(parts, tiny.pairs.rights_of(left));
            chosen = chosen
                .iter()
                .flat_map(|before: &Vec<_>| {
                    own.iter().map(|row| [before.clone(), vec![row.clone()]].concat())
                })
                .collect();
        }
        for rows in chosen {
            let right = promised && rows == truth;
            let marginals = Marginals::new(parts, rows);
            let judged = check_eating(&tiny.frame, &tiny.pairs, &tiny.orders, &marginals);
            assert_eq!(judged.is_ok(), right, "seed {seed}: {marginals:?} {judged:?}");
            *(if right { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(
        accepted > 1_500 && refused > 1_000_000 && pinned > 300,
        "{accepted} {refused} {pinned}"
    );
}

#[test]
fn what_can_be_drawn_is_what_the_chances_allow() {
    let (mut allowed, mut refused) = (0u32, 0u32);
    for seed in 0..3_000u64 {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) + 1);
        let (lefts, rights, parts) = (1 + dice.below(4), 1 + dice.below(3), 1 + dice.below(4));
        let rows: Vec<Vec<(Right, u64)>> = (0..lefts)
            .map(|_| {
                let all: Vec<Right> = Right::all(rights).collect();
                let ways = rows_of(parts as u64, &all);
                ways[dice.below(ways.len())].clone()
            })
            .collect();
        let marginals = Marginals::new(parts as u64, rows.clone());
        for way in 0..(rights + 1).pow(u32::try_from(lefts).unwrap()) {
            let mut code = way;
            let drawn: Vec<Option<usize>> = (0..lefts)
                .map(|_| {
                    let at = code % (rights + 1);
                    code /= rights + 1;
                    at.checked_sub(1)
                })
                .collect();
            let chance = |left: usize, right: usize| -> u64 {
                rows[left].iter().filter(|(own, _)| own.index() == right).map(|own| own.1).sum()
            };
            let people = (0..lefts).all(|left| match drawn[left] {
                Some(right) => chance(left, right) > 0,
                None => rows[left].iter().map(|own| own.1).sum::<u64>() < parts as u64,
            });
            let loads = (0..rights).all(|right| {
                let expected: u64 = (0..lefts).map(|left| chance(left, right)).sum();
                let load = drawn.iter().filter(|own| **own == Some(right)).count() as u64;
                let (down, up) = (expected / parts as u64, expected.div_ceil(parts as u64));
                load == down || load == up
            });
            let matching = Matching::new(
                drawn.iter().map(|own| own.map(|at| Right(u32::try_from(at).unwrap()))).collect(),
            );
            let judged = check_outcome(rights, &marginals, &matching);
            assert_eq!(judged.is_ok(), people && loads, "seed {seed}: {judged:?}");
            *(if people && loads { &mut allowed } else { &mut refused }) += 1;
        }
    }
    assert!(allowed > 5_000 && refused > 50_000, "{allowed} {refused}");
    let marginals = Marginals::new(1, vec![vec![]; 2]);
    let told = check_outcome(1, &marginals, &Matching::new(vec![None]));
    assert_eq!(told, Err(LotteryRejection::Lefts { frame: 2, given: 1 }));
}

#[test]
fn a_capped_lottery_is_the_flow_it_says() {
    let frame =
        Frame::new(vec![3, 4, 5], vec![None, None, Some(Right(1))], vec![2, 1, 0], vec![1, 0, 0])
            .unwrap();
    let all = |rights: &[u32]| rights.iter().map(|&right| (Right(right), 0)).collect::<Vec<_>>();
    let pairs = PairTable::from_rows(3, [all(&[0, 1, 2]), all(&[]), all(&[0, 1])]).unwrap();
    for parts in 1..=7u32 {
        for cap in 1..=parts {
            let (wide, supply) = capped(&frame, &pairs, parts, cap).unwrap();
            assert_eq!(wide.waiting_costs(), frame.waiting_costs());
            assert_eq!(wide.pins(), frame.pins());
            assert_eq!(wide.capacities(), [2 * parts, parts, 0]);
            assert_eq!(wide.minimums(), [parts, 0, 0]);
            // Whoever has three eligible rights needs a third of each to be certain; a pin takes all.
            let each = vec![cap.max(parts.div_ceil(3)), parts, parts];
            let expected = Supply::new(vec![parts; 3], vec![0; 3], each).unwrap();
            assert_eq!(supply, expected, "{parts} {cap}");
        }
        let too_much = Err(LotteryRejection::Cap { cap: parts + 1, parts });
        assert_eq!(capped(&frame, &pairs, parts, parts + 1), too_much);
        assert_eq!(capped(&frame, &pairs, parts, 0), Err(LotteryRejection::Cap { cap: 0, parts }));
    }
    let most = u64::from(WANTED_MAX);
    assert!(capped(&frame, &pairs, WANTED_MAX, WANTED_MAX).is_ok());
    for parts in [0, WANTED_MAX + 1] {
        let told = capped(&frame, &pairs, parts, 1);
        assert_eq!(told, Err(LotteryRejection::Parts { parts: parts.into(), most }));
    }
    let two = PairTable::from_rows(3, [all(&[0]), all(&[1])]).unwrap();
    let told = capped(&frame, &two, 2, 1);
    assert_eq!(told, Err(LotteryRejection::Lefts { frame: 3, given: 2 }));
    let wide = Frame::simple(1, 0, vec![u32::MAX / 2, u32::MAX / 3 + 1]).unwrap();
    let one = PairTable::from_rows(2, [all(&[0, 1])]).unwrap();
    assert!(capped(&wide, &one, 2, 1).is_ok());
    let told = capped(&wide, &one, 3, 1);
    let (right, capacity) = (Right(0), u32::MAX / 2);
    assert_eq!(told, Err(LotteryRejection::TooFine { right, capacity, parts: 3 }));
}

#[test]
fn chances_have_bounds() {
    let frame = Frame::simple(1, 0, vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)]]).unwrap();
    let orders = [vec![Right(0)]];
    let judged = |parts: u64, row: &[(u32, u64)]| {
        let row = row.iter().map(|&(right, units)| (Right(right), units)).collect();
        check_eating(&frame, &pairs, &orders, &Marginals::new(parts, vec![row]))
    };
    let (left, right) = (Left(0), Right(0));
    assert_eq!(judged(PARTS_MAX, &[(0, PARTS_MAX)]), Ok(()));
    for parts in [0, PARTS_MAX + 1] {
        let told = judged(parts, &[(0, parts)]);
        assert_eq!(told, Err(LotteryRejection::Parts { parts, most: PARTS_MAX }));
    }
    let told = judged(4, &[(0, 5)]);
    assert_eq!(told, Err(LotteryRejection::AboveOne { left, sum: 5, parts: 4 }));
    assert_eq!(judged(4, &[(0, 0)]), Err(LotteryRejection::NoChance { left, right }));
    assert_eq!(judged(4, &[(0, 2), (0, 2)]), Err(LotteryRejection::RowOrder { left, right }));
    let told = judged(4, &[(1, 4)]);
    assert_eq!(told, Err(LotteryRejection::NotEligible { left, right: Right(1) }));
    let told = judged(4, &[(0, 3)]);
    assert_eq!(told, Err(LotteryRejection::Wasteful { left, right }));
    let none = Marginals::new(1, vec![vec![]]);
    let told = check_eating(&frame, &pairs, &[], &none);
    assert_eq!(told, Err(LotteryRejection::Lefts { frame: 1, given: 0 }));
    let told = check_eating(&frame, &pairs, &orders, &Marginals::new(1, vec![vec![]; 2]));
    assert_eq!(told, Err(LotteryRejection::Lefts { frame: 1, given: 2 }));
    let two = PairTable::from_rows(1, vec![vec![(Right(0), 0)]; 2]).unwrap();
    let told = check_eating(&frame, &two, &orders, &none);
    assert_eq!(told, Err(LotteryRejection::Lefts { frame: 1, given: 2 }));
    for order in [vec![], vec![Right(0), Right(0)], vec![Right(7)]] {
        let told = check_eating(&frame, &pairs, &[order], &none);
        assert_eq!(told, Err(LotteryRejection::NotAnOrder { left }));
    }
}

#[test]
fn chances_are_flows_as_long_as_they_are_small() {
    let flow = Flow::new(vec![vec![(Right(0), 2), (Right(1), 3)], vec![]]);
    let marginals = Marginals::of_flow(5, &flow);
    assert_eq!(marginals, Marginals::new(5, vec![vec![(Right(0), 2), (Right(1), 3)], vec![]]));
    assert_eq!(marginals.to_flow(), Some(flow));
    let row = |units: u64| Marginals::new(PARTS_MAX, vec![vec![(Right(0), units)]]).to_flow();
    let most = Flow::new(vec![vec![(Right(0), u32::MAX)]]);
    assert_eq!((row(u64::from(u32::MAX)), row(1 << 32)), (Some(most), None));
    assert_eq!((marginals.chance(Left(0), Right(1)), marginals.served(Left(0))), (3, 5));
    assert_eq!((marginals.of(Left(9)), marginals.chance(Left(0), Right(2))), (&[][..], 0));
}

/// Two lefts, two rights for one each, everybody may have either.
fn two() -> (Frame, PairTable) {
    let row = vec![(Right(0), 0), (Right(1), 0)];
    (Frame::simple(2, 1, vec![1, 1]).unwrap(), PairTable::from_rows(2, [row.clone(), row]).unwrap())
}

fn order(rights: &[u32]) -> Vec<Right> {
    rights.iter().copied().map(Right).collect()
}

fn row(chances: &[(u32, u64)]) -> Vec<(Right, u64)> {
    chances.iter().map(|&(right, units)| (Right(right), units)).collect()
}

#[test]
fn every_fault_of_chances_is_named() {
    let (frame, pairs) = two();
    let orders = [order(&[0, 1]), order(&[0, 1])];
    let judged = |parts, first: &[(u32, u64)], second: &[(u32, u64)]| {
        let marginals = Marginals::new(parts, vec![row(first), row(second)]);
        check_eating(&frame, &pairs, &orders, &marginals)
    };
    let (left, right) = (Left(0), Right(0));
    assert_eq!(judged(2, &[(0, 1), (1, 1)], &[(0, 1), (1, 1)]), Ok(()));
    let half = PARTS_MAX / 2;
    assert_eq!(half, 1 << 61);
    let halves = [(0, half), (1, half)];
    assert_eq!(judged(PARTS_MAX, &halves, &halves), Ok(()), "the largest denominator");
    for parts in [0, PARTS_MAX + 1, u64::MAX] {
        assert_eq!(
            judged(parts, &halves, &halves),
            Err(LotteryRejection::Parts { parts, most: PARTS_MAX })
        );
    }
    assert_eq!(judged(2, &[(0, 1), (0, 1)], &[]), Err(LotteryRejection::RowOrder { left, right }));
    assert_eq!(
        judged(2, &[(0, 1), (1, 0)], &[]),
        Err(LotteryRejection::NoChance { left, right: Right(1) })
    );
    for unknown in [2, u32::MAX] {
        assert_eq!(
            judged(2, &[(0, 1), (unknown, 1)], &[]),
            Err(LotteryRejection::NotEligible { left, right: Right(unknown) })
        );
    }
    assert_eq!(
        judged(2, &[(0, 2), (1, 1)], &[]),
        Err(LotteryRejection::AboveOne { left, sum: 3, parts: 2 })
    );
    assert_eq!(
        judged(2, &[(0, u64::MAX), (1, u64::MAX)], &[]),
        Err(LotteryRejection::AboveOne { left, sum: 2 * u128::from(u64::MAX), parts: 2 })
    );
    assert_eq!(
        judged(2, &[(0, 2)], &[(0, 1), (1, 1)]),
        Err(LotteryRejection::OverCapacity { right, load: 3, parts: 2, capacity: 1 })
    );
    assert_eq!(
        judged(2, &[(0, 1), (1, 1)], &[(0, 1)]),
        Err(LotteryRejection::Wasteful { left: Left(1), right: Right(1) })
    );
    assert_eq!(
        judged(2, &[(0, 2)], &[(1, 2)]),
        Err(LotteryRejection::NotOrdinallyFair { right, ahead: left, behind: Left(1) })
    );

    let fair = Marginals::new(2, vec![row(&[(0, 1), (1, 1)]), row(&[(0, 1), (1, 1)])]);
    for wrong in [&[0][..], &[0, 0], &[0, 1, 1], &[0, 2], &[]] {
        let orders = [order(&[0, 1]), order(wrong)];
        assert_eq!(
            check_eating(&frame, &pairs, &orders, &fair),
            Err(LotteryRejection::NotAnOrder { left: Left(1) })
        );
    }
    assert_eq!(
        check_eating(&frame, &pairs, &orders[..1], &fair),
        Err(LotteryRejection::Lefts { frame: 2, given: 1 })
    );
    let short = Marginals::new(2, vec![vec![]]);
    assert_eq!(
        check_eating(&frame, &pairs, &orders, &short),
        Err(LotteryRejection::Lefts { frame: 2, given: 1 })
    );
    let fewer = PairTable::from_rows(2, [vec![]]).unwrap();
    assert_eq!(
        check_eating(&frame, &fewer, &orders, &fair),
        Err(LotteryRejection::Lefts { frame: 2, given: 1 })
    );
    let narrow = Frame::simple(2, 1, vec![2]).unwrap();
    assert_eq!(
        check_eating(&narrow, &pairs, &orders, &fair),
        Err(LotteryRejection::Malformed(Rejection::BrokenStream { left, right: Right(1) }))
    );
}

#[test]
fn pins_and_minimums_are_certain_or_refused() {
    let (_, pairs) = two();
    let orders = [vec![], order(&[1, 0])];
    let judged = |minimum, first: &[(u32, u64)]| {
        let frame =
            Frame::new(vec![1; 2], vec![Some(Right(0)), None], vec![2, 1], minimum).unwrap();
        let marginals = Marginals::new(4, vec![row(first), row(&[(1, 4)])]);
        check_eating(&frame, &pairs, &orders, &marginals)
    };
    assert_eq!(judged(vec![0, 0], &[(0, 4)]), Ok(()));
    assert_eq!(judged(vec![1, 0], &[(0, 4)]), Ok(()), "the pin alone meets it");
    let broken = Err(LotteryRejection::PinBroken { left: Left(0), pinned: Right(0) });
    for chances in [&[][..], &[(0, 3)], &[(0, 3), (1, 1)], &[(1, 4)]] {
        assert_eq!(judged(vec![0, 0], chances), broken);
    }
    assert_eq!(
        judged(vec![2, 0], &[(0, 4)]),
        Err(LotteryRejection::UnmetMinimum { right: Right(0), minimum: 2, pinned: 1 })
    );
    assert_eq!(
        judged(vec![0, 1], &[(0, 4)]),
        Err(LotteryRejection::UnmetMinimum { right: Right(1), minimum: 1, pinned: 0 })
    );
}

#[test]
fn every_fault_of_a_draw_is_named() {
    let marginals = Marginals::new(2, vec![row(&[(0, 2)]), row(&[(0, 1)]), row(&[(0, 1), (1, 1)])]);
    let judged = |drawn: &[Option<u32>]| {
        let drawn = Matching::new(drawn.iter().map(|at| at.map(Right)).collect());
        check_outcome(2, &marginals, &drawn)
    };
    assert_eq!(judged(&[Some(0), Some(0), Some(1)]), Ok(()));
    assert_eq!(judged(&[Some(0), None, Some(0)]), Ok(()));
    assert_eq!(judged(&[Some(0), Some(0)]), Err(LotteryRejection::Lefts { frame: 3, given: 2 }));
    for unlikely in [1, 2, u32::MAX] {
        assert_eq!(
            judged(&[Some(0), Some(unlikely), Some(0)]),
            Err(LotteryRejection::DrawnWithoutChance { left: Left(1), right: Right(unlikely) })
        );
    }
    assert_eq!(
        judged(&[Some(0), Some(0), None]),
        Err(LotteryRejection::CertainNotDrawn { left: Left(2) })
    );
    assert_eq!(
        judged(&[Some(0), Some(0), Some(0)]),
        Err(LotteryRejection::LoadOff { right: Right(0), load: 3, expected: 4, parts: 2 })
    );
    assert_eq!(
        judged(&[Some(0), None, Some(1)]),
        Err(LotteryRejection::LoadOff { right: Right(0), load: 1, expected: 4, parts: 2 })
    );
    // Chances of a right that does not exist, and a draw that gives it: refused, whatever was checked before.
    let beyond = Marginals::new(2, vec![row(&[(1, 2)])]);
    assert_eq!(
        check_outcome(1, &beyond, &Matching::new(vec![Some(Right(1))])),
        Err(LotteryRejection::Malformed(Rejection::NoSuchRight { left: Left(0), right: Right(1) }))
    );
}

#[test]
fn of_several_who_are_ahead_or_behind_the_first_is_named() {
    let right = Right(0);
    let frame = Frame::simple(3, 1, vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, vec![vec![(right, 0)]; 3]).unwrap();
    let orders = vec![order(&[0]); 3];
    for (units, ahead, behind) in [([3, 3, 0], 0, 2), ([0, 3, 3], 1, 0), ([0, 6, 0], 1, 0)] {
        let rows = units.map(|units| if units > 0 { row(&[(0, units)]) } else { vec![] });
        let marginals = Marginals::new(6, rows.to_vec());
        assert_eq!(
            check_eating(&frame, &pairs, &orders, &marginals),
            Err(LotteryRejection::NotOrdinallyFair {
                right,
                ahead: Left(ahead),
                behind: Left(behind)
            })
        );
    }
}
