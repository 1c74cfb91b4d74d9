//! The ordinal checks against their definitions: every matching of thousands of tiny problems, right or wrong, judged by both.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{
    Blocking, Frame, Left, Matching, OrdinalRejection, PairTable, Prices, RankTable, Rejection,
    Right, check_greedy, check_in_turn, check_largest, check_stable,
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

/// What a pair says: cost (or key), rank of the left, rank of the right.
#[derive(Clone, Copy)]
struct Said {
    cost: i32,
    by_left: u32,
    by_right: u32,
}

/// Not feasible: nothing else is asked.
#[derive(Debug)]
struct Infeasible;

struct Tiny {
    frame: Frame,
    /// By left, by right.
    said: Vec<Vec<Option<Said>>>,
    order: Vec<Left>,
}

impl Tiny {
    fn new(dice: &mut Dice) -> Self {
        let (n, k) = (1 + dice.below(3), 1 + dice.below(3));
        let said: Vec<Vec<Option<Said>>> = (0..n)
            .map(|_| {
                let pair = |dice: &mut Dice| Said {
                    cost: i32::try_from(dice.below(3)).unwrap(),
                    by_left: 1 + u32::try_from(dice.below(3)).unwrap(),
                    by_right: 1 + u32::try_from(dice.below(3)).unwrap(),
                };
                (0..k).map(|_| (dice.below(4) > 0).then(|| pair(dice))).collect()
            })
            .collect();
        let mut capacity = Vec::new();
        let mut minimum = Vec::new();
        for _ in 0..k {
            let places = dice.below(3);
            capacity.push(u32::try_from(places).unwrap());
            minimum.push(u32::from(places > 0 && dice.below(6) == 0));
        }
        let right = |dice: &mut Dice| Right(u32::try_from(dice.below(k)).unwrap());
        let pins = (0..n).map(|_| (dice.below(5) == 0).then(|| right(dice))).collect();
        let frame = Frame::new(vec![5; n], pins, capacity, minimum).unwrap();
        let mut order: Vec<Left> = Left::all(n).collect();
        for last in (1..n).rev() {
            order.swap(last, dice.below(last + 1));
        }
        Self { frame, said, order }
    }

    fn pairs(&self) -> PairTable {
        let row = |row: &Vec<Option<Said>>| -> Vec<(Right, i32)> {
            Right::all(row.len()).zip(row).filter_map(|(r, s)| Some((r, (*s)?.cost))).collect()
        };
        PairTable::from_rows(self.frame.rights(), self.said.iter().map(row)).unwrap()
    }

    fn ranks(&self) -> RankTable {
        let all = || self.said.iter().flatten().flatten();
        let (left, right) = (all().map(|s| s.by_left), all().map(|s| s.by_right));
        RankTable::new(self.pairs(), left.collect(), right.collect()).unwrap()
    }

    fn edges(&self) -> u64 {
        self.said.iter().flatten().flatten().count() as u64
    }

    fn of(&self, left: Left, right: Right) -> Option<Said> {
        self.said[left.index()][right.index()]
    }

    /// Every way to give each left a right or none, eligible or not.
    fn every_matching(&self) -> Vec<Matching> {
        let (n, options) = (self.frame.lefts(), self.frame.rights() + 1);
        (0..options.pow(u32::try_from(n).unwrap()))
            .map(|mut code| {
                let mut rights = Vec::new();
                for _ in 0..n {
                    rights.push(
                        (code % options).checked_sub(1).map(|r| Right(u32::try_from(r).unwrap())),
                    );
                    code /= options;
                }
                Matching::new(rights)
            })
            .collect()
    }

    fn have(&self, matching: &Matching, right: Right) -> Vec<Left> {
        Left::all(self.frame.lefts()).filter(|&l| matching.right_of(l) == Some(right)).collect()
    }

    fn feasible(&self, matching: &Matching) -> bool {
        let lefts = Left::all(self.frame.lefts()).all(|left| {
            let assigned = matching.right_of(left);
            let pin = self.frame.pinned(left);
            pin.is_none_or(|pin| assigned == Some(pin))
                && assigned.is_none_or(|r| self.of(left, r).is_some())
        });
        lefts
            && Right::all(self.frame.rights()).all(|right| {
                let load = u32::try_from(self.have(matching, right).len()).unwrap();
                load >= self.frame.minimum(right) && load <= self.frame.capacity(right)
            })
    }

    /// The first pair, by left and then right, in which both would rather: `left_key` and `right_key` less is better.
    fn blocking<K: Ord>(
        &self,
        matching: &Matching,
        left_key: impl Fn(Said, Right) -> K,
        right_key: impl Fn(Said, Left) -> K,
    ) -> Option<(Left, Right, Blocking)> {
        for left in Left::all(self.frame.lefts()).filter(|&l| self.frame.pinned(l).is_none()) {
            for right in Right::all(self.frame.rights()) {
                let Some(said) = self.of(left, right) else { continue };
                let rather = matching.right_of(left).is_none_or(|own| {
                    left_key(said, right) < left_key(self.of(left, own).unwrap(), own)
                });
                if !rather {
                    continue;
                }
                let have = self.have(matching, right);
                let (load, capacity) =
                    (u32::try_from(have.len()).unwrap(), self.frame.capacity(right));
                if load < capacity {
                    return Some((left, right, Blocking::SparePlace { load, capacity }));
                }
                let movable = have.into_iter().filter(|&l| self.frame.pinned(l).is_none());
                // The lowest; of several, the first.
                let lowest = movable
                    .map(|l| (right_key(self.of(l, right).unwrap(), l), l))
                    .reduce(|low, next| if next.0 > low.0 { next } else { low });
                if let Some((key, than)) = lowest
                    && right_key(said, left) < key
                {
                    return Some((left, right, Blocking::Rather { than }));
                }
            }
        }
        None
    }

    /// What serving in turn gives, and whether the pins can be kept.
    fn in_turn(&self) -> Option<Matching> {
        let mut rights = vec![None; self.frame.lefts()];
        let mut taken = vec![0u32; self.frame.rights()];
        for left in Left::all(self.frame.lefts()) {
            let Some(pin) = self.frame.pinned(left) else { continue };
            self.of(left, pin)?;
            rights[left.index()] = Some(pin);
            taken[pin.index()] += 1;
        }
        if Right::all(taken.len()).any(|r| taken[r.index()] > self.frame.capacity(r)) {
            return None;
        }
        for &left in self.order.iter().filter(|&&l| self.frame.pinned(l).is_none()) {
            let open =
                Right::all(taken.len()).filter(|&r| taken[r.index()] < self.frame.capacity(r));
            let best = open.filter_map(|r| Some((self.of(left, r)?.cost, r))).min();
            if let Some((_, right)) = best {
                rights[left.index()] = Some(right);
                taken[right.index()] += 1;
            }
        }
        Some(Matching::new(rights))
    }
}

#[test]
fn every_matching_of_tiny_problems_is_judged_as_defined() {
    let mut dice = Dice(7);
    let [mut stable, mut blocked, mut turns, mut out_of_turn, mut greedy, mut largest] = [0; 6];
    for _ in 0..4_000 {
        let tiny = Tiny::new(&mut dice);
        let (pairs, ranks) = (tiny.pairs(), tiny.ranks());
        let due = tiny.in_turn();
        for matching in tiny.every_matching() {
            let feasible = tiny.feasible(&matching);

            let by_rank = tiny.blocking_if(
                feasible,
                &matching,
                |s, _| (s.by_left, 0),
                |s, _| (s.by_right, 0),
            );
            match (check_stable(&tiny.frame, &ranks, &matching), by_rank) {
                (Ok(verified), Ok(None)) => {
                    stable += 1;
                    assert_eq!(verified.matching(), &matching);
                    assert_eq!(
                        (verified.assigned(), verified.pairs_checked()),
                        (matching.assigned(), tiny.edges())
                    );
                }
                (
                    Err(OrdinalRejection::Blocked { left, right, assigned, why }),
                    Ok(Some(first)),
                ) => {
                    blocked += 1;
                    assert_eq!((left, right, why), first);
                    assert_eq!(assigned, matching.right_of(left));
                }
                (Err(OrdinalRejection::Feasibility(_)), Err(Infeasible)) => {}
                (verdict, defined) => panic!("{verdict:?} instead of {defined:?}"),
            }

            let by_cost =
                tiny.blocking_if(feasible, &matching, |s, r| (s.cost, r.0), |s, l| (s.cost, l.0));
            match (check_greedy(&tiny.frame, &pairs, &matching), by_cost) {
                (Ok(verified), Ok(None)) => {
                    greedy += 1;
                    assert_eq!(
                        (verified.assigned(), verified.pairs_checked()),
                        (matching.assigned(), tiny.edges())
                    );
                }
                (Err(OrdinalRejection::Blocked { left, right, .. }), Ok(Some(first))) => {
                    assert_eq!((left, right), (first.0, first.1));
                }
                (Err(OrdinalRejection::Feasibility(_)), Err(Infeasible)) => {}
                (verdict, defined) => panic!("{verdict:?} instead of {defined:?}"),
            }

            match check_in_turn(&tiny.frame, &pairs, &tiny.order, &matching) {
                Ok(verified) => {
                    turns += 1;
                    assert!(feasible);
                    assert_eq!(due.as_ref(), Some(&matching));
                    assert_eq!(
                        (verified.assigned(), verified.pairs_checked()),
                        (matching.assigned(), tiny.edges())
                    );
                }
                Err(OrdinalRejection::OutOfTurn { left, due: best, assigned }) => {
                    out_of_turn += 1;
                    let due = due.as_ref().unwrap();
                    let differs =
                        tiny.order.iter().find(|&&l| due.right_of(l) != matching.right_of(l));
                    assert_eq!(
                        (Some(&left), best, assigned),
                        (differs, due.right_of(left), matching.right_of(left))
                    );
                }
                Err(OrdinalRejection::Feasibility(_)) => assert!(!feasible || due.is_none()),
                Err(other) => panic!("{other}"),
            }
            assert!(
                !feasible
                    || due.as_ref() != Some(&matching)
                    || check_in_turn(&tiny.frame, &pairs, &tiny.order, &matching).is_ok()
            );
        }

        // The largest: accepted at most where nothing larger is feasible, and by some prices of a small grid somewhere.
        let feasible: Vec<Matching> =
            tiny.every_matching().into_iter().filter(|m| tiny.feasible(m)).collect();
        let most = feasible.iter().map(Matching::assigned).max();
        let rights = tiny.frame.rights();
        for code in 0..3usize.pow(u32::try_from(rights).unwrap()) {
            let price = |r: usize| {
                i64::try_from(code / 3usize.pow(u32::try_from(r).unwrap()) % 3).unwrap() - 1
            };
            let prices = Prices::new((0..rights).map(price).collect());
            for matching in &feasible {
                if let Ok(verified) = check_largest(&tiny.frame, &pairs, matching, &prices) {
                    largest += 1;
                    assert_eq!(
                        (Some(verified.assigned()), verified.pairs_checked()),
                        (most, tiny.edges())
                    );
                }
            }
        }
    }
    let all = [stable, blocked, turns, out_of_turn, greedy, largest];
    assert!(all.iter().all(|&count| count > 1_000), "{all:?}");
}

impl Tiny {
    /// The first blocking pair, if any.
    fn blocking_if<K: Ord>(
        &self,
        feasible: bool,
        matching: &Matching,
        left_key: impl Fn(Said, Right) -> K,
        right_key: impl Fn(Said, Left) -> K,
    ) -> Result<Option<(Left, Right, Blocking)>, Infeasible> {
        if feasible { Ok(self.blocking(matching, left_key, right_key)) } else { Err(Infeasible) }
    }
}

/// One problem, each fault by itself, and what is said of it.
#[test]
fn faults_are_named_and_said() {
    let frame = Frame::simple(2, 0, vec![1, 1]).unwrap();
    let row = || vec![(Right(0), 1), (Right(1), 2)];
    let pairs = PairTable::from_rows(2, [row(), row()]).unwrap();
    let matching = |a: Option<u32>, b: Option<u32>| Matching::new(vec![a.map(Right), b.map(Right)]);
    let (all, some) = ([Left(0), Left(1)], matching(Some(0), Some(1)));

    let order = |order: &[Left]| check_in_turn(&frame, &pairs, order, &some).unwrap_err();
    assert_eq!(order(&[Left(0)]), OrdinalRejection::OrderMisses { left: Left(1) });
    assert_eq!(order(&[Left(0), Left(0)]), OrdinalRejection::OrderTwice { left: Left(0) });
    assert_eq!(
        order(&[Left(2), Left(0)]),
        OrdinalRejection::OrderNamesNobody { left: Left(2), lefts: 2 }
    );

    let long = Matching::new(vec![None; 3]);
    for refused in [
        check_in_turn(&frame, &pairs, &all, &long).unwrap_err(),
        check_greedy(&frame, &pairs, &long).unwrap_err(),
    ] {
        assert!(
            matches!(refused, OrdinalRejection::Feasibility(Rejection::Lefts { matching: 3, .. })),
            "{refused}"
        );
    }
    let nowhere = matching(Some(2), None);
    assert!(matches!(
        check_greedy(&frame, &pairs, &nowhere).unwrap_err(),
        OrdinalRejection::Feasibility(Rejection::NoSuchRight { left: Left(0), right: Right(2) })
    ));

    let zero = RankTable::new(pairs.clone(), vec![1, 2, 0, 1], vec![1; 4]);
    let zero = zero.map(|ranks| check_stable(&frame, &ranks, &some).unwrap_err());
    assert!(
        zero.is_err() || zero == Ok(OrdinalRejection::RankZero { left: Left(1), right: Right(0) })
    );

    let spare = check_greedy(&frame, &pairs, &matching(None, Some(1))).unwrap_err();
    let rather = check_greedy(&frame, &pairs, &matching(Some(1), Some(0))).unwrap_err();
    let turn = check_in_turn(&frame, &pairs, &all, &matching(Some(1), None)).unwrap_err();
    let waits = check_in_turn(&frame, &pairs, &all, &matching(None, None)).unwrap_err();
    assert_eq!(
        [spare, rather, turn, waits].map(|refused| refused.to_string()),
        [
            "left 0 and right 0 block the matching: left 0 ranks right 0 above waiting, and right 0 has a place to spare (0 of 1 taken)",
            "left 0 and right 0 block the matching: left 0 ranks right 0 above right 1, and right 0 ranks them above left 1, whom it has",
            "in its turn left 0 must have right 0, but has right 1",
            "in its turn left 0 must have right 0, but has waiting",
        ]
    );
}
