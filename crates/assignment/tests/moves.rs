//! The check of the fewest moves against its definition: every matching of many tiny problems, with every pair of small prices.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{
    Face, Frame, FrameError, Left, Matching, MovesRejection, PairTable, Pairs, Prices, Rejection,
    Right, check, check_fewest_moves,
};

/// A generator of its own, so that this room stays alone.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn small(&mut self, n: usize) -> u32 {
        u32::try_from(self.below(n)).unwrap()
    }
}

/// A right of these tests, or one of a few that do not exist.
fn right(index: usize) -> Right {
    Right(u32::try_from(index).unwrap())
}

/// A problem with its pairs by left and right, and where everybody was.
struct Tiny {
    frame: Frame,
    pairs: PairTable,
    start: Matching,
}

impl Tiny {
    fn new(dice: &mut Dice) -> Self {
        let (lefts, rights) = (1 + dice.below(3), 1 + dice.below(2));
        let mut pins = Vec::new();
        let mut rows = Vec::new();
        for _ in 0..lefts {
            pins.push((dice.below(5) == 0).then(|| right(dice.below(rights))));
            let mut row = Vec::new();
            for w in 0..rights {
                if dice.below(5) > 0 {
                    row.push((right(w), i32::try_from(dice.below(2)).unwrap()));
                }
            }
            rows.push(row);
        }
        let capacity: Vec<u32> = (0..rights).map(|_| 1 + dice.small(2)).collect();
        let minimum = capacity.iter().map(|&most| dice.small(4).min(most) / 2).collect();
        let waiting = (0..lefts).map(|_| i64::from(dice.small(3))).collect();
        // One beyond the rights counts as nowhere.
        let start = (0..lefts)
            .map(|_| (dice.below(5) > 0).then(|| right(dice.below(rights + 1))))
            .collect();
        Self {
            frame: Frame::new(waiting, pins, capacity, minimum).unwrap(),
            pairs: PairTable::from_rows(rights, rows).unwrap(),
            start: Matching::new(start),
        }
    }

    /// Cost and moves, if the matching is feasible.
    fn measured(&self, matching: &Matching) -> Option<(i64, usize)> {
        let (mut cost, mut moved) = (0, 0);
        let mut loads = vec![0; self.frame.rights()];
        for left in Left::all(self.frame.lefts()) {
            let at = matching.right_of(left);
            if self.frame.pinned(left).is_some_and(|pinned| at != Some(pinned)) {
                return None;
            }
            match at {
                None => cost += self.frame.waiting_cost(left),
                Some(at) => {
                    cost += i64::from(self.pairs.cost(left, at)?);
                    loads[at.index()] += 1;
                }
            }
            let was = self.start.right_of(left).filter(|was| was.index() < self.frame.rights());
            moved += usize::from(was.is_some() && was != at);
        }
        let kept = Right::all(self.frame.rights()).all(|right| {
            let (least, most) = (self.frame.minimum(right), self.frame.capacity(right));
            (least..=most).contains(&loads[right.index()])
        });
        kept.then_some((cost, moved))
    }

    /// Every way to put everybody somewhere, feasible or not.
    fn matchings(&self) -> Vec<Matching> {
        let mut all = vec![vec![]];
        for _ in 0..self.frame.lefts() {
            let mut next = Vec::new();
            for begun in all {
                for at in 0..=self.frame.rights() {
                    let mut longer: Vec<Option<Right>> = begun.clone();
                    longer.push((at < self.frame.rights()).then(|| right(at)));
                    next.push(longer);
                }
            }
            all = next;
        }
        all.into_iter().map(Matching::new).collect()
    }
}

/// All prices within a bound, one per right.
fn prices(rights: usize, bound: i64) -> Vec<Prices> {
    let mut all = vec![vec![]];
    for _ in 0..rights {
        all = all
            .iter()
            .flat_map(|begun: &Vec<i64>| {
                (-bound..=bound).map(move |price| [&begun[..], &[price]].concat())
            })
            .collect();
    }
    all.into_iter().map(Prices::new).collect()
}

#[test]
fn exactly_the_fewest_moves_are_proven() {
    let mut dice = Dice(20);
    let (mut accepted, mut refused, mut moving) = (0, 0, 0);
    for _ in 0..150 {
        let tiny = Tiny::new(&mut dice);
        let measured: Vec<_> =
            tiny.matchings().into_iter().map(|m| (tiny.measured(&m), m)).collect();
        let Some(best) = measured.iter().filter_map(|(measured, _)| *measured).min() else {
            continue;
        };
        moving += usize::from(best.1 > 0);
        for (measured, matching) in &measured {
            for first in prices(tiny.frame.rights(), 2) {
                let proves = |second: &Prices| {
                    let (frame, pairs) = (&tiny.frame, &tiny.pairs);
                    check_fewest_moves(frame, pairs, &tiny.start, matching, &first, second)
                };
                let cost = check(&tiny.frame, &tiny.pairs, matching, &first);
                let zero = Prices::zero(tiny.frame.rights());
                if let Err(why) = cost {
                    assert_eq!(proves(&zero), Err(MovesRejection::Cost(why)));
                    continue;
                }
                assert_eq!(measured.unwrap().0, best.0);
                let mut proven = false;
                for second in prices(tiny.frame.rights(), 4) {
                    match proves(&second) {
                        Ok(verified) => {
                            assert_eq!(*measured, Some(best), "{matching:?} moves too many");
                            assert_eq!(verified.moved(), best.1);
                            assert_eq!(verified.verified(), cost.as_ref().unwrap());
                            assert_eq!(&verified.into_verified(), cost.as_ref().unwrap());
                            proven = true;
                            accepted += 1;
                        }
                        Err(why) => {
                            assert!(matches!(why, MovesRejection::Moves(_)), "{why}");
                            refused += 1;
                        }
                    }
                }
                assert_eq!(proven, *measured == Some(best), "some prices prove what is best");
            }
        }
    }
    assert!(accepted > 1000 && refused > 1000 && moving > 20, "{accepted} {refused} {moving}");
}

#[test]
fn one_step_off_is_refused_with_the_step() {
    // Two people, one place, both cost the same: who had it keeps it.
    let frame = Frame::simple(2, 1, vec![1]).unwrap();
    let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)], vec![(Right(0), 0)]]).unwrap();
    let start = Matching::new(vec![None, Some(Right(0))]);
    let stays = Matching::new(vec![None, Some(Right(0))]);
    let moves = Matching::new(vec![Some(Right(0)), None]);
    let first = Prices::new(vec![1]);
    let judged = |matching: &Matching, first: &Prices, second: i64| {
        let second = Prices::new(vec![second]);
        check_fewest_moves(&frame, &pairs, &start, matching, first, &second)
            .map(|verified| verified.moved())
    };
    assert_eq!(judged(&stays, &first, 0), Ok(0));
    assert!(matches!(judged(&moves, &first, 0), Err(MovesRejection::Moves(_))));
    assert!(matches!(judged(&stays, &Prices::new(vec![0]), 0), Err(MovesRejection::Cost(_))));
    assert_eq!(
        judged(&stays, &first, i64::MAX),
        Err(MovesRejection::Moves(Rejection::PriceBeyondBound {
            right: Right(0),
            price: i64::MAX
        }))
    );
    let short = Matching::new(vec![Some(Right(0))]);
    assert_eq!(
        judged(&short, &first, 0),
        Err(MovesRejection::Cost(Rejection::Lefts { frame: 2, pairs: 2, matching: 1 }))
    );
    // A start that says less, or more, than there are lefts is nowhere for the others.
    for start in [vec![], vec![None, None, Some(Right(0))], vec![Some(Right(7)), Some(Right(1))]] {
        let start = Matching::new(start);
        let zero = Prices::zero(1);
        let verified = check_fewest_moves(&frame, &pairs, &start, &moves, &first, &zero).unwrap();
        assert_eq!(verified.moved(), 0);
    }
}

#[test]
fn a_face_is_stated_for_its_own_frame() {
    let row = || vec![(Right(0), 0)];
    let pairs = PairTable::from_rows(1, [row(), row()]).unwrap();
    let frame = Frame::simple(2, 1, vec![2]).unwrap();
    let matching = Matching::new(vec![Some(Right(0)), Some(Right(0))]);
    let verified = check(&frame, &pairs, &matching, &Prices::zero(1)).unwrap();
    let start = Matching::new(vec![Some(Right(0)), None]);
    let face = Face::new(&frame, &pairs, &start, &verified).unwrap();
    assert_eq!(face.lefts(), 2);
    // Nobody waits where waiting costs more: three is more than both moves together.
    assert_eq!(face.frame().waiting_costs(), [3, 3]);
    assert_eq!((face.frame().capacities(), face.frame().minimums()), (&[2][..], &[0][..]));

    // One in a place that another frame does not have.
    let full = Frame::simple(1, 9, vec![1]).unwrap();
    let one = PairTable::from_rows(1, [row()]).unwrap();
    let matching = Matching::new(vec![Some(Right(0))]);
    let verified = check(&full, &one, &matching, &Prices::new(vec![2])).unwrap();
    let closed = Frame::simple(1, 9, vec![0]).unwrap();
    assert_eq!(
        Face::new(&closed, &one, &start, &verified).map(|_| ()),
        Err(FrameError::MinimumAboveCapacity { right: Right(0), minimum: 1, capacity: 0 })
    );
}
