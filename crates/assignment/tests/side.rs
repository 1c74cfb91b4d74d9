//! The check of side constraints against its definition: the bound is computed a second time by trying every set of places of every left, and what
//! is accepted is held to every flow of the problem.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::side::{
    COEFFICIENT_MAX, LIMIT_MAX, MULTIPLIER_MAX, ROWS_MAX, Row, Rows, RowsError, SCALE_MAX,
    SideProof, SideRejection, StagedProof, Step, check_least_sum, check_side,
    check_side_infeasible, check_staged, leaf_bound, rows_of_cost, rows_of_sums, serving_weights,
    stage_frame,
};
use peermatch_assignment::{
    Flow, Frame, FrameError, Left, PRICE_MAX, PairTable, Rejection, Right, Supply,
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

    /// From `-most` to `most`.
    fn signed(&mut self, most: u32) -> i64 {
        i64::from(self.small(2 * most as usize + 1)) - i64::from(most)
    }
}

struct Tiny {
    frame: Frame,
    supply: Supply,
    pairs: PairTable,
    rows: Rows,
}

type Decided = Vec<(Left, Right, bool)>;

impl Tiny {
    fn new(dice: &mut Dice) -> Self {
        let (lefts, rights) = (1 + dice.below(3), 1 + dice.below(3));
        let wanted: Vec<u32> = (0..lefts).map(|_| dice.small(4)).collect();
        let least = wanted.iter().map(|&most| dice.small(3).min(most) / 2).collect();
        let (mut pins, mut table) = (vec![], vec![]);
        for _ in 0..lefts {
            pins.push((dice.below(6) == 0).then(|| Right(dice.small(rights))));
            let eligible: Vec<Right> = Right::all(rights).filter(|_| dice.below(5) > 0).collect();
            let row = eligible.into_iter().map(|w| (w, i32::try_from(dice.signed(6)).unwrap()));
            table.push(row.collect::<Vec<_>>());
        }
        let capacity: Vec<u32> = (0..rights).map(|_| dice.small(4)).collect();
        let minimum = capacity.iter().map(|&most| dice.small(4).min(most) / 2).collect();
        let waiting = (0..lefts).map(|_| dice.signed(6)).collect();
        let rows = (0..dice.below(3))
            .map(|_| {
                let mut terms = vec![];
                for left in Left::all(lefts) {
                    for right in Right::all(rights) {
                        terms.push((left, right, dice.signed(2)));
                    }
                }
                let waiting = Left::all(lefts).map(|left| (left, dice.signed(2))).collect();
                Row::at_most(terms, waiting, dice.signed(3))
            })
            .collect();
        Self {
            frame: Frame::new(waiting, pins, capacity, minimum).unwrap(),
            supply: Supply::new(wanted, least, vec![1; lefts]).unwrap(),
            pairs: PairTable::from_rows(rights, table).unwrap(),
            rows: Rows::new(lefts, rows).unwrap(),
        }
    }

    fn lefts(&self) -> usize {
        self.frame.lefts()
    }

    fn rights(&self) -> usize {
        self.frame.rights()
    }

    /// Every set of rights, by left.
    fn sets(&self) -> Vec<Vec<Right>> {
        (0..1u32 << self.rights())
            .map(|set| Right::all(self.rights()).filter(|w| set >> w.index() & 1 == 1).collect())
            .collect()
    }

    /// The sets that one left may have by itself.
    fn own_sets(&self, left: Left) -> Vec<Vec<Right>> {
        let range = self.supply.least(left) as usize..=self.supply.wanted(left) as usize;
        let mut all = self.sets();
        all.retain(|set| {
            range.contains(&set.len())
                && set.iter().all(|&w| self.pairs.cost(left, w).is_some())
                && self.frame.pinned(left).is_none_or(|pin| set.contains(&pin))
        });
        all
    }

    fn coefficient(row: &Row, left: Left, right: Right) -> i128 {
        let own = row.terms().iter().filter(|term| (term.0, term.1) == (left, right));
        own.map(|term| i128::from(term.2)).sum()
    }

    fn coefficient_of_waiting(row: &Row, left: Left) -> i128 {
        let own = row.waiting().iter().filter(|term| term.0 == left);
        own.map(|term| i128::from(term.1)).sum()
    }

    /// Cost of a set of places for one left, and its part of each row.
    fn cost(&self, left: Left, set: &[Right], costs: bool) -> (i128, Vec<i128>) {
        let missing = i128::from(self.supply.wanted(left)) - set.len() as i128;
        let waiting = missing * i128::from(self.frame.waiting_cost(left));
        let places: i128 =
            set.iter().map(|&w| i128::from(self.pairs.cost(left, w).unwrap_or(0))).sum();
        let parts = self.rows.rows().iter().map(|row| {
            let places: i128 = set.iter().map(|&w| Self::coefficient(row, left, w)).sum();
            places + missing * Self::coefficient_of_waiting(row, left)
        });
        (if costs { waiting + places } else { 0 }, parts.collect())
    }

    /// The bound of a leaf, times its scale, straight from its formula.
    fn leaf(&self, scale: u32, decided: &Decided, leaf: &Step, costs: bool) -> Option<i128> {
        let Step::Leaf { multipliers, prices } = leaf else { panic!("a leaf") };
        let mut sum = 0;
        for left in Left::all(self.lefts()) {
            let mut sets = self.own_sets(left);
            sets.retain(|set| {
                let own = decided.iter().filter(|(of, _, _)| *of == left);
                own.clone().all(|(_, right, is_in)| set.contains(right) == *is_in)
            });
            let modified = sets.into_iter().map(|set| {
                let (cost, parts) = self.cost(left, &set, costs);
                let priced: i128 = set.iter().map(|w| i128::from(prices[w.index()])).sum();
                let weighed: i128 =
                    parts.iter().zip(multipliers).map(|(part, &m)| part * i128::from(m)).sum();
                cost * i128::from(scale) + priced + weighed
            });
            sum += modified.min()?;
        }
        for (right, &price) in Right::all(self.rights()).zip(prices) {
            let price = i128::from(price);
            let (least, most) = (self.frame.minimum(right), self.frame.capacity(right));
            sum -= (price * i128::from(least)).max(price * i128::from(most));
        }
        for (row, &multiplier) in self.rows.rows().iter().zip(multipliers) {
            sum -= i128::from(multiplier) * i128::from(row.limit());
        }
        Some(sum)
    }

    /// Cost of a flow that keeps everything.
    fn judged(&self, sets: &[Vec<Right>]) -> Option<i128> {
        let mut cost = 0;
        let mut loads = vec![0; self.rights()];
        let mut values = vec![0; self.rows.len()];
        for (left, set) in Left::all(self.lefts()).zip(sets) {
            if !self.own_sets(left).contains(set) {
                return None;
            }
            let (own, parts) = self.cost(left, set, true);
            cost += own;
            values.iter_mut().zip(parts).for_each(|(value, part)| *value += part);
            for w in set {
                loads[w.index()] += 1;
            }
        }
        let places = Right::all(self.rights())
            .all(|w| (self.frame.minimum(w)..=self.frame.capacity(w)).contains(&loads[w.index()]));
        let rows =
            values.iter().zip(self.rows.rows()).all(|(&value, row)| value <= row.limit().into());
        (places && rows).then_some(cost)
    }

    /// Every flow with at most one place of a right, whatever it keeps.
    fn flows(&self) -> Vec<Vec<Vec<Right>>> {
        let mut all: Vec<Vec<Vec<Right>>> = vec![vec![]];
        for _ in 0..self.lefts() {
            all = all
                .iter()
                .flat_map(|begun| {
                    self.sets().into_iter().map(move |set| [&begun[..], &[set]].concat())
                })
                .collect();
        }
        all
    }

    fn random_leaf(&self, dice: &mut Dice) -> Step {
        Step::Leaf {
            multipliers: (0..self.rows.len()).map(|_| i64::from(dice.small(9))).collect(),
            prices: (0..self.rights()).map(|_| dice.signed(9)).collect(),
        }
    }

    /// A whole tree with its leaves and what was decided on the way to each.
    fn tree(
        &self,
        dice: &mut Dice,
        depth: usize,
        path: &mut Decided,
        steps: &mut Vec<Step>,
        leaves: &mut Vec<(Decided, Step)>,
    ) {
        // One left and one right more than there are: a split that decides nothing is allowed.
        let left = Left(dice.small(self.lefts() + 1));
        let right = Right(dice.small(self.rights() + 1));
        let again = path.iter().any(|decided| (decided.0, decided.1) == (left, right));
        if depth == 0 || again || dice.below(4) == 0 {
            let leaf = self.random_leaf(dice);
            leaves.push((path.clone(), leaf.clone()));
            steps.push(leaf);
            return;
        }
        steps.push(Step::Split(left, right));
        for is_in in [true, false] {
            path.push((left, right, is_in));
            self.tree(dice, depth - 1, path, steps, leaves);
            path.pop();
        }
    }
}

fn flow(sets: &[Vec<Right>]) -> Flow {
    Flow::new(sets.iter().map(|set| set.iter().map(|&right| (right, 1)).collect()).collect())
}

/// The quotient, rounded up.
fn up(sum: i128, scale: u32) -> i128 {
    let scale = i128::from(scale);
    sum.div_euclid(scale) + i128::from(sum.rem_euclid(scale) > 0)
}

#[test]
fn every_flow_and_every_bound_is_what_its_definition_says() {
    let mut dice = Dice(77);
    let (mut accepted, mut refused, mut proven, mut split) = (0, 0, 0, 0);
    for _ in 0..1500 {
        let tiny = Tiny::new(&mut dice);
        let scale = 1 + dice.small(4);
        let (mut steps, mut leaves) = (vec![], vec![]);
        let depth = dice.below(4);
        tiny.tree(&mut dice, depth, &mut vec![], &mut steps, &mut leaves);
        let proof = SideProof { scale, steps };
        assert_eq!(proof.leaves(), leaves.len());
        let Step::Leaf { multipliers, .. } = &leaves[0].1 else { panic!("a leaf") };
        assert_eq!(proof.multipliers(), multipliers);
        let (frame, supply, pairs, rows) = (&tiny.frame, &tiny.supply, &tiny.pairs, &tiny.rows);

        let mut sums = vec![];
        for (decided, leaf) in &leaves {
            let own = tiny.leaf(scale, decided, leaf, true);
            let Step::Leaf { multipliers, prices } = leaf else { panic!("a leaf") };
            let whole = (frame, supply, rows);
            let told = leaf_bound(whole, pairs, scale, decided, multipliers, prices).unwrap();
            // A pair of nobody cannot be in: the check does not have to see that.
            let nobody = |d: &(Left, Right, bool)| d.0.index() >= tiny.lefts();
            let own = if decided.iter().any(|d| nobody(d) && d.2) {
                let rest: Decided = decided.iter().copied().filter(|d| !nobody(d)).collect();
                tiny.leaf(scale, &rest, leaf, true)
            } else {
                own
            };
            assert_eq!(told, own, "{decided:?}");
            sums.extend(own);
        }
        let bound = sums.iter().map(|&sum| up(sum, scale)).min();

        let mut least: Option<i128> = None;
        for sets in tiny.flows() {
            let cost = tiny.judged(&sets);
            let told = check_side(frame, supply, pairs, rows, &flow(&sets), &proof);
            match cost {
                None => {
                    assert!(told.is_err());
                    refused += 1;
                }
                Some(cost) => {
                    let told = told.unwrap();
                    assert_eq!(told.flow(), &flow(&sets));
                    assert_eq!((told.cost(), Some(told.bound())), (cost, bound));
                    assert_eq!(told.gap(), cost - bound.unwrap());
                    assert_eq!(told.proven(), Some(cost) == bound);
                    assert_eq!(told.pairs_checked(), pairs.len() as u64);
                    least = Some(least.map_or(cost, |least| least.min(cost)));
                    accepted += 1;
                    proven += usize::from(told.proven());
                    split += usize::from(leaves.len() > 1);
                }
            }
        }
        if let (Some(least), Some(bound)) = (least, bound) {
            assert!(bound <= least);
        }
        // With all costs 0.
        let above = leaves.iter().all(|(decided, leaf)| {
            let kept: Decided =
                decided.iter().copied().filter(|d| d.0.index() < tiny.lefts()).collect();
            tiny.leaf(scale, &kept, leaf, false).is_none_or(|sum| sum > 0)
        });
        let told = check_side_infeasible(frame, supply, pairs, rows, &proof);
        assert_eq!(told, if above { Ok(()) } else { Err(SideRejection::NotInfeasible) });
        assert!(!above || least.is_none(), "what is feasible was called infeasible");
    }
    let counts = format!("{accepted} {refused} {proven} {split}");
    assert!(accepted > 1000 && refused > 10_000 && proven > 50 && split > 500, "{counts}");
}

/// Two lefts, two rights, one row, all at ease.
fn plain() -> Tiny {
    let row = Row::at_most(vec![(Left(0), Right(0), 1)], vec![], 1);
    Tiny {
        frame: Frame::simple(2, 9, vec![2, 2]).unwrap(),
        supply: Supply::one_each(2),
        pairs: PairTable::from_rows(2, vec![vec![(Right(0), 1), (Right(1), 2)]; 2]).unwrap(),
        rows: Rows::new(2, vec![row]).unwrap(),
    }
}

impl Tiny {
    fn told(&self, rows: Vec<Vec<(Right, u32)>>, proof: &SideProof) -> Result<i128, SideRejection> {
        let flow = Flow::new(rows);
        check_side(&self.frame, &self.supply, &self.pairs, &self.rows, &flow, proof)
            .map(|verified| verified.bound())
    }
}

fn both_at_0() -> Vec<Vec<(Right, u32)>> {
    vec![vec![(Right(0), 1)]; 2]
}

#[test]
fn numbers_of_a_proof_have_bounds() {
    let tiny = plain();
    let judged = |scale, multiplier, price| {
        tiny.told(both_at_0(), &SideProof::root(scale, vec![multiplier], vec![price, 0]))
    };
    assert_eq!(judged(1, 0, 0), Ok(2));
    assert!(judged(SCALE_MAX, MULTIPLIER_MAX, PRICE_MAX).is_ok());
    assert!(judged(SCALE_MAX, MULTIPLIER_MAX, -PRICE_MAX).is_ok());
    assert_eq!((SCALE_MAX, MULTIPLIER_MAX, LIMIT_MAX), (1 << 20, 1 << 48, 1 << 58));
    assert_eq!((COEFFICIENT_MAX, ROWS_MAX), (1 << 32, 1 << 16));
    for scale in [0, SCALE_MAX + 1, u32::MAX] {
        assert_eq!(judged(scale, 0, 0), Err(SideRejection::Scale { scale }));
    }
    for value in [-1, MULTIPLIER_MAX + 1, i64::MIN, i64::MAX] {
        assert_eq!(judged(1, value, 0), Err(SideRejection::Number { leaf: 0, value }));
    }
    for value in [-PRICE_MAX - 1, PRICE_MAX + 1, i64::MIN, i64::MAX] {
        assert_eq!(judged(1, 0, value), Err(SideRejection::Number { leaf: 0, value }));
    }
    for (multipliers, prices) in [(0, 2), (2, 2), (1, 1), (1, 3)] {
        let proof = SideProof::root(1, vec![0; multipliers], vec![0; prices]);
        let wrong = SideRejection::Counts { leaf: 0, multipliers, prices, rows: 1, rights: 2 };
        assert_eq!(tiny.told(both_at_0(), &proof), Err(wrong.clone()));
        let Tiny { frame, supply, pairs, rows } = &tiny;
        assert_eq!(check_side_infeasible(frame, supply, pairs, rows, &proof), Err(wrong));
    }
}

#[test]
fn the_steps_are_one_whole_tree() {
    let tiny = plain();
    let leaf = || Step::Leaf { multipliers: vec![0], prices: vec![0, 0] };
    let split = |left, right| Step::Split(Left(left), Right(right));
    let judged = |steps: Vec<Step>| tiny.told(both_at_0(), &SideProof { scale: 1, steps });
    let shape = |step| Err(SideRejection::Shape { step });
    assert_eq!(judged(vec![leaf()]), Ok(2));
    assert_eq!(judged(vec![]), shape(0));
    assert_eq!(judged(vec![leaf(), leaf()]), shape(1));
    assert_eq!(judged(vec![leaf(), split(0, 0)]), shape(1));
    assert_eq!(judged(vec![split(0, 0)]), shape(1));
    assert_eq!(judged(vec![split(0, 0), leaf()]), shape(2));
    assert_eq!(judged(vec![split(0, 0), leaf(), leaf()]), Ok(2));
    assert_eq!(judged(vec![split(0, 0), leaf(), leaf(), leaf()]), shape(3));
    assert_eq!(judged(vec![split(0, 0), split(0, 0), leaf(), leaf(), leaf()]), shape(1));
    // The same right of another, another right of the same, and the same pair on another way down.
    for (left, right) in [(1, 0), (0, 1)] {
        let inner = || [split(left, right), leaf(), leaf()];
        let both: Vec<Step> = [split(0, 0)].into_iter().chain(inner()).chain(inner()).collect();
        assert_eq!(judged(both), Ok(2));
    }
    let second = vec![split(0, 0), leaf(), split(0, 0), leaf(), leaf()];
    assert_eq!(judged(second), shape(2));
    let wrong = Step::Leaf { multipliers: vec![-1], prices: vec![0, 0] };
    assert_eq!(
        judged(vec![split(0, 0), leaf(), wrong]),
        Err(SideRejection::Number { leaf: 1, value: -1 })
    );
    assert_eq!(SideProof { scale: 1, steps: vec![] }.multipliers(), [0i64; 0]);
}

#[test]
fn every_fault_of_a_flow_is_named() {
    let mut tiny = plain();
    tiny.supply = Supply::new(vec![1, 2], vec![1, 1], vec![1, 1]).unwrap();
    let proof = SideProof::root(1, vec![0], vec![0, 0]);
    let (left, right) = (Left(1), Right(0));
    let judged =
        |own: Vec<(Right, u32)>| tiny.told(vec![vec![(right, 1)], own], &proof).map(|_| ());
    let one = |right| (Right(right), 1);
    assert_eq!(judged(vec![one(0)]), Ok(()));
    assert_eq!(judged(vec![one(0), one(1)]), Ok(()));
    let units = |units| Err(SideRejection::Units { left, units, least: 1, wanted: 2 });
    assert_eq!(judged(vec![]), units(0));
    assert_eq!(judged(vec![one(0), one(0)]), Err(SideRejection::NotOnePlace { left, right }));
    for several in [0, 2, u32::MAX] {
        assert_eq!(judged(vec![(right, several)]), Err(SideRejection::NotOnePlace { left, right }));
    }
    for unknown in [2, u32::MAX] {
        assert_eq!(
            judged(vec![one(unknown)]),
            Err(Rejection::NoSuchRight { left, right: Right(unknown) }.into())
        );
    }
    assert_eq!(
        tiny.told(vec![vec![one(0), one(1)], vec![one(0)]], &proof),
        Err(SideRejection::Units { left: Left(0), units: 2, least: 1, wanted: 1 })
    );
    for given in [1, 3] {
        assert_eq!(
            tiny.told(vec![vec![one(0)]; given], &proof),
            Err(Rejection::Lefts { frame: 2, pairs: 2, matching: given }.into())
        );
    }

    let mut tight = plain();
    tight.frame = Frame::new(vec![9; 2], vec![None; 2], vec![1, 2], vec![0, 1]).unwrap();
    assert_eq!(
        tight.told(vec![vec![one(0)], vec![one(0)]], &proof),
        Err(Rejection::OverCapacity { right, load: 2, capacity: 1 }.into())
    );
    assert_eq!(
        tight.told(vec![vec![one(0)], vec![]], &proof),
        Err(Rejection::BelowMinimum { right: Right(1), load: 0, minimum: 1 }.into())
    );
    tight.frame = Frame::new(vec![9; 2], vec![Some(right), None], vec![1, 2], vec![0, 0]).unwrap();
    assert_eq!(tight.told(vec![vec![one(0)], vec![]], &proof), Ok(1 + 1));
    for (own, assigned) in [(vec![], None), (vec![one(1)], Some(Right(1)))] {
        let (left, pinned) = (Left(0), right);
        assert_eq!(
            tight.told(vec![own, vec![]], &proof),
            Err(Rejection::PinBroken { left, pinned, assigned }.into())
        );
    }
    let row = Row::at_most(vec![(Left(0), right, 1)], vec![(left, 2)], 2);
    tight.rows = Rows::new(2, vec![row]).unwrap();
    assert_eq!(
        tight.told(vec![vec![one(0)], vec![]], &proof),
        Err(SideRejection::RowBroken { row: 0, value: 3, limit: 2 })
    );
    tight.pairs = PairTable::from_rows(2, vec![vec![(Right(1), 2)]; 2]).unwrap();
    assert_eq!(
        tight.told(vec![vec![one(0)], vec![]], &proof),
        Err(Rejection::NotEligible { left: Left(0), right }.into())
    );
}

#[test]
fn sizes_must_agree() {
    let tiny = plain();
    let proof = SideProof::root(1, vec![0], vec![0, 0]);
    let judged = |frame: &Frame, supply: &Supply, pairs: &PairTable, rows: &Rows| {
        let found = Flow::new(both_at_0());
        let told = check_side(frame, supply, pairs, rows, &found, &proof).map(|_| ());
        let staged = StagedProof { serving: Some(proof.clone()), cost: proof.clone() };
        if told.is_err() {
            let other = check_side_infeasible(frame, supply, pairs, rows, &proof);
            assert_eq!(told, other);
            let other = check_staged(frame, supply, pairs, (rows, rows), &found, &staged);
            assert_eq!(told, other.map(|_| ()));
            let whole = (frame, supply, rows);
            let other = leaf_bound(whole, pairs, 1, &[], &[0], &[0, 0]).map(|_| ());
            assert_eq!(told, other);
        }
        told
    };
    let Tiny { frame, supply, pairs, rows } = &tiny;
    assert_eq!(judged(frame, supply, pairs, rows), Ok(()));
    let three = Supply::one_each(3);
    let wrong = |supply, rows| Err(SideRejection::Lefts { frame: 2, supply, rows });
    assert_eq!(judged(frame, &three, pairs, rows), wrong(3, 2));
    assert_eq!(judged(frame, supply, pairs, &Rows::new(3, vec![]).unwrap()), wrong(2, 3));
    let one = PairTable::from_rows(2, vec![vec![]; 1]).unwrap();
    let wrong = Rejection::Lefts { frame: 2, pairs: 1, matching: 2 };
    assert_eq!(judged(frame, supply, &one, rows), Err(wrong.into()));
    for each in [vec![1, 2], vec![2, 1]] {
        let left = Left(u32::from(each[0] == 1));
        let twice = Supply::new(vec![1; 2], vec![0; 2], each).unwrap();
        assert_eq!(judged(frame, &twice, pairs, rows), Err(SideRejection::NotOneOfEach { left }));
    }
}

#[test]
fn together_at_most_2_to_the_29th_places_may_be_wanted() {
    // 512 lefts that want 2^20 places each, and one more.
    for more in [0, 1] {
        let mut wanted = vec![1 << 20; 512];
        wanted.push(more);
        let none = vec![0; 513];
        let supply = Supply::new(wanted, none, vec![1; 513]).unwrap();
        let frame = Frame::simple(513, 1, vec![]).unwrap();
        let pairs = PairTable::from_rows(0, vec![vec![]; 513]).unwrap();
        let rows = Rows::new(513, vec![]).unwrap();
        let proof = SideProof::root(1, vec![], vec![]);
        let empty = Flow::new(vec![vec![]; 513]);
        let told = check_side(&frame, &supply, &pairs, &rows, &empty, &proof);
        if more == 0 {
            assert_eq!(told.unwrap().cost(), 1 << 29);
        } else {
            assert_eq!(told, Err(SideRejection::NotOneOfEach { left: Left(512) }));
        }
    }
}

#[test]
fn rows_are_kept_within_their_bounds() {
    let judged = |terms: &[(u32, u32, i64)], waiting: &[(u32, i64)], limit| {
        let terms = terms.iter().map(|&(u, w, a)| (Left(u), Right(w), a)).collect();
        let waiting = waiting.iter().map(|&(u, a)| (Left(u), a)).collect();
        Rows::new(2, vec![Row::at_most(vec![], vec![], 0), Row::at_most(terms, waiting, limit)])
    };
    let most = COEFFICIENT_MAX;
    assert!(judged(&[(0, 0, most), (1, 0, -most)], &[(0, most), (1, -most)], LIMIT_MAX).is_ok());
    assert!(judged(&[(0, 0, 1), (0, 1, 1), (1, 0, 1)], &[], -LIMIT_MAX).is_ok());
    let large = Err(RowsError::TooLarge { row: 1 });
    for beyond in [most + 1, -most - 1, i64::MIN, i64::MAX] {
        assert_eq!(judged(&[(0, 0, 1), (1, 1, beyond)], &[], 0), large);
        assert_eq!(judged(&[], &[(0, 1), (1, beyond)], 0), large);
    }
    for beyond in [LIMIT_MAX + 1, -LIMIT_MAX - 1, i64::MIN, i64::MAX] {
        assert_eq!(judged(&[], &[], beyond), large);
    }
    for unknown in [2, u32::MAX] {
        let wrong = Err(RowsError::LeftOutOfRange { row: 1, left: Left(unknown), lefts: 2 });
        assert_eq!(judged(&[(unknown, 0, 1)], &[], 0), wrong);
        assert_eq!(judged(&[], &[(unknown, 1)], 0), wrong);
    }
    let twice = Err(RowsError::Duplicate { row: 1, left: Left(1) });
    assert_eq!(judged(&[(0, 0, 1), (1, 0, 1), (1, 0, 2)], &[], 0), twice);
    assert_eq!(judged(&[], &[(0, 1), (1, 1), (1, 2)], 0), twice);

    let rows = |number| Rows::new(0, vec![Row::at_most(vec![], vec![], 0); number]);
    assert_eq!(rows(ROWS_MAX).unwrap().len(), ROWS_MAX);
    assert_eq!(rows(ROWS_MAX + 1), Err(RowsError::TooMany { rows: ROWS_MAX + 1 }));
}

#[test]
fn rows_are_read_by_row_and_by_left() {
    let pair = |u, w, a| (Left(u), Right(w), a);
    let least = Row::at_least(
        vec![pair(1, 1, 3), pair(1, 0, -2), pair(0, 1, 0)],
        vec![(Left(1), 4), (Left(0), 0)],
        5,
    );
    assert_eq!(least.terms(), [pair(1, 0, 2), pair(1, 1, -3)]);
    assert_eq!((least.waiting(), least.limit()), (&[(Left(1), -4)][..], -5));
    let most = Row::at_most(vec![pair(0, 1, 7), pair(1, 1, 1)], vec![(Left(1), 2)], 6);
    let rows = Rows::new(2, vec![least.clone(), most.clone()]).unwrap();
    assert_eq!((rows.len(), rows.is_empty(), rows.lefts()), (2, false, 2));
    assert_eq!(rows.rows(), [least, most]);
    assert!(Rows::new(2, vec![]).unwrap().is_empty());
    assert_eq!(rows.terms_of(Left(0)), [(Right(1), 1, 7)]);
    assert_eq!(rows.terms_of(Left(1)), [(Right(0), 0, 2), (Right(1), 0, -3), (Right(1), 1, 1)]);
    let of = |u, w| rows.terms_of_pair(Left(u), Right(w)).collect::<Vec<_>>();
    assert_eq!((of(1, 0), of(1, 1)), (vec![(0, 2)], vec![(0, -3), (1, 1)]));
    assert_eq!((of(0, 0), of(1, 2)), (vec![], vec![]));
    assert_eq!(rows.terms_of_waiting(Left(1)), [(0, -4), (1, 2)]);
    assert_eq!(rows.terms_of_waiting(Left(0)), [(0u32, 0i64); 0]);

    // The second wants three: one place, twice what two missing ones weigh. More than wanted is missing nothing.
    let supply = Supply::new(vec![1, 3], vec![0; 2], vec![1; 2]).unwrap();
    let found = Flow::new(vec![vec![(Right(1), 1)], vec![(Right(1), 1)]]);
    assert_eq!(rows.values(&supply, &found), [-3 - 8, 7 + 1 + 4]);
    assert!(!rows.kept_by(&supply, &found));
    let found = Flow::new(vec![vec![], vec![(Right(1), 5)]]);
    assert_eq!(rows.values(&supply, &found), [-15, 5]);
    assert!(rows.kept_by(&supply, &found));
    let found = Flow::new(vec![vec![], vec![(Right(1), 6)]]);
    assert_eq!(rows.values(&supply, &found), [-18, 6]);
    assert!(rows.kept_by(&supply, &found), "the limit itself is kept");
}

#[test]
fn stages_serve_first_and_cost_second() {
    let mut dice = Dice(5);
    let (mut accepted, mut refused, mut proven) = (0, 0, 0);
    for _ in 0..400 {
        let tiny = Tiny::new(&mut dice);
        let Tiny { frame, supply, pairs, rows } = &tiny;
        let weights = serving_weights(supply);
        // Each weight is above all ranks that could be missed together; the earlier the larger.
        let ranked = || (1i64..).zip(Left::all(tiny.lefts()).rev());
        let all: i64 = ranked().map(|(rank, left)| i64::from(supply.wanted(left)) * rank).sum();
        for (rank, left) in ranked() {
            assert_eq!(weights[left.index()], 1 + all + rank);
        }
        let free = pairs_at_0(pairs, tiny.rights());
        let zero = SideProof::root(1, vec![0; rows.len()], vec![0; tiny.rights()]);
        let held = SideProof::root(1, vec![0; rows.len() + 1], vec![0; tiny.rights()]);
        let staged = StagedProof { serving: Some(zero.clone()), cost: held.clone() };
        let alone = StagedProof { serving: None, cost: zero.clone() };
        for sets in tiny.flows() {
            let found = flow(&sets);
            let told = check_staged(frame, supply, pairs, (rows, rows), &found, &staged);
            let plain = check_staged(frame, supply, pairs, (rows, rows), &found, &alone);
            let Some(_) = tiny.judged(&sets) else {
                assert!(told.is_err() && plain.is_err());
                refused += 1;
                continue;
            };
            let (told, plain) = (told.unwrap(), plain.unwrap());
            let single = check_side(frame, supply, pairs, rows, &found, &zero).unwrap();
            assert_eq!((plain.serving(), plain.cost()), (None, &single));
            assert_eq!((plain.flow(), plain.proven()), (&found, single.proven()));

            let served = stage_frame(frame, weights.clone()).unwrap();
            let served = check_side(&served, supply, &free, rows, &found, &zero).unwrap();
            let more = rows_of_cost(rows, &weights, served.cost()).unwrap();
            assert_eq!(more.values(supply, &found)[rows.len()], served.cost());
            let costs = stage_frame(frame, vec![0; tiny.lefts()]).unwrap();
            let costs = check_side(&costs, supply, pairs, &more, &found, &held).unwrap();
            let serving = told.serving().unwrap();
            assert_eq!((serving.value, serving.bound), (served.cost(), served.bound()));
            assert_eq!((told.cost(), told.flow()), (&costs, &found));
            assert_eq!(told.proven(), served.proven() && costs.proven());
            accepted += 1;
            proven += usize::from(told.proven());
        }
    }
    assert!(accepted > 300 && refused > 1000 && proven > 20, "{accepted} {refused} {proven}");
}

/// The same pairs, all at cost 0.
fn pairs_at_0(pairs: &PairTable, rights: usize) -> PairTable {
    let rows = Left::all(pairs.lefts())
        .map(|left| pairs.rights_of(left).iter().map(|&right| (right, 0)).collect::<Vec<_>>());
    PairTable::from_rows(rights, rows).unwrap()
}

#[test]
fn stages_refuse_weights_that_no_row_holds() {
    let rows = Rows::new(1, vec![]).unwrap();
    let large = Err(RowsError::TooLarge { row: 0 });
    assert_eq!(rows_of_cost(&rows, &[1], i128::from(i64::MAX) + 1), large);
    assert_eq!(rows_of_cost(&rows, &[1], i128::from(LIMIT_MAX) + 1), large);
    assert_eq!(rows_of_cost(&rows, &[COEFFICIENT_MAX + 1], 1), large);
    assert!(rows_of_cost(&rows, &[COEFFICIENT_MAX], i128::from(LIMIT_MAX)).is_ok());
    let frame = Frame::simple(1, 0, vec![1]).unwrap();
    assert_eq!(
        stage_frame(&frame, vec![i64::MAX]),
        Err(FrameError::WaitingCost { left: Left(0), cost: i64::MAX })
    );
    // 4,096 lefts who want 2^17 places each: a place not given weighs more than 2^32.
    let lefts = 1 << 12;
    let supply = Supply::new(vec![1 << 17; lefts], vec![0; lefts], vec![1; lefts]).unwrap();
    let frame = Frame::simple(lefts, 0, vec![]).unwrap();
    let pairs = PairTable::from_rows(0, vec![vec![]; lefts]).unwrap();
    let rows = Rows::new(lefts, vec![]).unwrap();
    let proof = StagedProof {
        serving: Some(SideProof::root(1, vec![], vec![])),
        cost: SideProof::root(1, vec![0], vec![]),
    };
    let empty = Flow::new(vec![vec![]; lefts]);
    assert_eq!(
        check_staged(&frame, &supply, &pairs, (&rows, &rows), &empty, &proof),
        Err(SideRejection::TooLargeForStages { lefts })
    );
}

#[test]
fn a_least_sum_is_that_of_its_flow_and_its_bound_is_proven() {
    let mut dice = Dice(41);
    let (mut accepted, mut refused, mut proven) = (0, 0, 0);
    for _ in 0..400 {
        let mut tiny = Tiny::new(&mut dice);
        let bound = dice.signed(8);
        let Ok(rows) = rows_of_sums(&tiny.supply, &tiny.pairs, bound + 1) else { panic!("small") };
        tiny.rows = rows;
        let leaf = tiny.random_leaf(&mut dice);
        let Step::Leaf { multipliers, prices } = leaf.clone() else { panic!("a leaf") };
        let proof = SideProof::root(1, multipliers, prices);
        let shown = tiny.leaf(1, &vec![], &leaf, false).is_none_or(|sum| sum > 0);
        let none = Rows::new(tiny.lefts(), vec![]).unwrap();
        let rows = std::mem::replace(&mut tiny.rows, none);
        assert_eq!(
            rows.len(),
            Left::all(tiny.lefts()).filter(|&left| tiny.supply.wanted(left) > 0).count()
        );
        let Tiny { frame, supply, pairs, .. } = &tiny;
        for sets in tiny.flows() {
            let least = Left::all(tiny.lefts())
                .zip(&sets)
                .filter(|(left, _)| supply.wanted(*left) > 0)
                .map(|(left, set)| {
                    set.iter().map(|&w| -i64::from(pairs.cost(left, w).unwrap_or(0))).sum::<i64>()
                })
                .min();
            let told = check_least_sum(frame, supply, pairs, &flow(&sets), bound, &proof);
            match (tiny.judged(&sets), least) {
                (Some(_), None) => assert_eq!(told, Err(SideRejection::NobodyWants)),
                (Some(_), Some(_)) if !shown => {
                    assert_eq!(told, Err(SideRejection::NotInfeasible));
                    refused += 1;
                }
                (Some(_), Some(least)) => {
                    let told = told.unwrap();
                    assert_eq!((told.flow(), told.least()), (&flow(&sets), least));
                    assert_eq!((told.bound(), told.gap()), (bound, bound - least));
                    assert_eq!(told.proven(), least == bound);
                    accepted += 1;
                    proven += usize::from(told.proven());
                }
                (None, _) => assert!(told.is_err()),
            }
        }
    }
    assert!(accepted > 100 && refused > 100 && proven > 0, "{accepted} {refused} {proven}");

    let tiny = plain();
    let proof = SideProof::root(1, vec![0; 2], vec![0; 2]);
    let judged = |supply: &Supply, pairs: &PairTable, bound| {
        check_least_sum(&tiny.frame, supply, pairs, &Flow::new(both_at_0()), bound, &proof)
            .map(|_| ())
    };
    for bound in [LIMIT_MAX, i64::MAX, i64::MIN, -LIMIT_MAX - 2] {
        let wrong = Err(SideRejection::SumBound { bound });
        assert_eq!(judged(&tiny.supply, &tiny.pairs, bound), wrong);
    }
    for bound in [LIMIT_MAX - 1, -LIMIT_MAX - 1] {
        let wrong = Err(SideRejection::NotInfeasible);
        assert_eq!(judged(&tiny.supply, &tiny.pairs, bound), wrong);
    }
    let wrong = |supply, rows| Err(SideRejection::Lefts { frame: 2, supply, rows });
    assert_eq!(judged(&Supply::one_each(3), &tiny.pairs, 0), wrong(3, 2));
    let one = PairTable::from_rows(2, vec![vec![]; 1]).unwrap();
    assert_eq!(judged(&tiny.supply, &one, 0), wrong(2, 1));
}
