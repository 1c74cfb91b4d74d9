//! Lotteries: exact chances of every pair, and the proof that they are what was promised.
//!
//! A lottery is given by its *marginals*: for each left the rights it may be drawn to, each with its chance as a whole number of
//! [`Marginals::parts`]-ths. Nothing is rounded, so chances add up exactly and can be divided by later without error (inverse
//! propensity weighting).
//!
//! Two kinds are known here, each with its own check:
//!
//! - **capped**: no pair has a chance above `cap / parts`, and among all such marginals these cost least on average. It is a flow: a
//!   left wants `parts` places, at most `a_u = max(cap, ceil(parts / d_u))` of one right (`d_u` its eligible rights, or a left with few
//!   of them could not be served at all), a right has `parts` times its places. [`capped`] states that flow; prices prove it.
//! - **eating** (probabilistic serial): everybody eats at the same speed from the best right that still has something left.
//!   [`check_eating`] needs no certificate: such marginals are exactly those that are *ordinally fair* and *waste nothing*.
//!
//! [`check_outcome`] tests that a drawn matching is one that the marginals allow.
//!
//! # References
//!
//! - A. Bogomolnaia, H. Moulin, "A new solution to the random assignment problem", Journal of Economic Theory 100 (2001).
//! - T. Hashimoto, D. Hirata, O. Kesten, M. Kurino, M. U. Ünver, "Two axiomatic approaches to the probabilistic serial mechanism",
//!   Theoretical Economics 9 (2014): ordinal fairness and non-wastefulness characterise probabilistic serial.
//! - E. Budish, Y.-K. Che, F. Kojima, P. Milgrom, "Designing random allocation mechanisms", American Economic Review 103 (2013).

use crate::check::{Rejection, visit_row};
use crate::flow::Flow;
use crate::frame::{Frame, FrameError};
use crate::ids::{Left, Right};
use crate::matching::Matching;
use crate::pairs::Pairs;
use crate::supply::{Supply, SupplyError, WANTED_MAX};
use serde::{Deserialize, Serialize};

/// Largest denominator: 2^62, so that sums of two chances fit 64 bits.
pub const PARTS_MAX: u64 = 1 << 62;

/// The chance of each pair, in whole parts. A claim, until a checker has seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marginals {
    parts: u64,
    rows: Vec<Vec<(Right, u64)>>,
}

impl Marginals {
    /// Chances in `parts`-ths: per left the rights with a chance above 0. Rows are sorted by right; what stands twice, or adds up to
    /// more than `parts`, is left for the checker to refuse.
    pub fn new(parts: u64, mut rows: Vec<Vec<(Right, u64)>>) -> Self {
        for row in &mut rows {
            row.sort_unstable();
        }
        Self { parts, rows }
    }

    /// The chances that a flow of `parts` places per left stands for.
    pub fn of_flow(parts: u32, flow: &Flow) -> Self {
        let wide = |row: &Vec<(Right, u32)>| {
            row.iter().map(|&(right, units)| (right, u64::from(units))).collect()
        };
        Self { parts: u64::from(parts), rows: flow.rows().iter().map(wide).collect() }
    }

    /// The flow that these chances stand for, if every chance fits 32 bits.
    pub fn to_flow(&self) -> Option<Flow> {
        let narrow = |row: &Vec<(Right, u64)>| {
            let units = row.iter().map(|&(right, units)| Some((right, u32::try_from(units).ok()?)));
            units.collect::<Option<Vec<_>>>()
        };
        self.rows.iter().map(narrow).collect::<Option<Vec<_>>>().map(Flow::new)
    }

    /// The denominator of all chances.
    pub fn parts(&self) -> u64 {
        self.parts
    }

    /// All rows, by left.
    pub fn rows(&self) -> &[Vec<(Right, u64)>] {
        &self.rows
    }

    /// The rights that `left` may be drawn to; empty for a left that does not exist.
    pub fn of(&self, left: Left) -> &[(Right, u64)] {
        self.rows.get(left.index()).map_or(&[], Vec::as_slice)
    }

    /// The chance of a pair, in parts; 0 if it is not there.
    pub fn chance(&self, left: Left, right: Right) -> u64 {
        let row = self.of(left);
        row.binary_search_by_key(&right, |&(right, _)| right).map_or(0, |at| row[at].1)
    }

    /// The chance of `left` to be served at all, in parts.
    pub fn served(&self, left: Left) -> u128 {
        self.of(left).iter().map(|&(_, units)| u128::from(units)).sum()
    }

    /// How many lefts each of `rights` rights gets on average, in parts. What is beyond `rights` is not counted.
    fn loads(&self, rights: usize) -> Vec<u128> {
        let mut loads = vec![0u128; rights];
        for &(right, units) in self.rows.iter().flatten() {
            if let Some(load) = loads.get_mut(right.index()) {
                *load += u128::from(units);
            }
        }
        loads
    }
}

/// Why marginals or a draw were refused: the failing step, with indexes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LotteryRejection {
    /// The stream of pairs is malformed or does not go with the frame.
    #[error(transparent)]
    Malformed(#[from] Rejection),
    /// A size does not go with the frame.
    #[error("the frame has {frame} lefts, but {given} are given")]
    Lefts {
        /// Lefts of the frame.
        frame: usize,
        /// Lefts given.
        given: usize,
    },
    /// The denominator is 0 or too large.
    #[error("chances in {parts} parts: there must be 1..={most}")]
    Parts {
        /// The denominator given.
        parts: u64,
        /// The largest that this kind of lottery knows.
        most: u64,
    },
    /// The cap is 0 or above 1.
    #[error("a cap of {cap} out of {parts}: it must be above 0 and at most 1")]
    Cap {
        /// The cap given, in parts.
        cap: u32,
        /// The denominator.
        parts: u32,
    },
    /// Parts times places are beyond 32 bits.
    #[error("{right} has {capacity} places: too many to be dealt out in {parts} parts each")]
    TooFine {
        /// Which right.
        right: Right,
        /// Its places.
        capacity: u32,
        /// The denominator.
        parts: u32,
    },
    /// Stating the flow failed otherwise. Cannot happen for a frame within its own bounds.
    #[error("the lottery cannot be stated as a flow: {0}")]
    Stated(String),
    /// A row does not ascend: a right stands twice.
    #[error("the chances of {left} are out of order at {right}")]
    RowOrder {
        /// Whose chances.
        left: Left,
        /// Where.
        right: Right,
    },
    /// A chance of 0 is stated.
    #[error("{left} has a chance of 0 of {right}: only chances above 0 are stated")]
    NoChance {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// A pair with a chance is not eligible.
    #[error("{left} may be drawn to {right}, but they are not an eligible pair")]
    NotEligible {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// The chances of a left add up to more than 1.
    #[error("the chances of {left} add up to {sum} of {parts}")]
    AboveOne {
        /// Whose chances.
        left: Left,
        /// Their sum, in parts.
        sum: u128,
        /// The denominator.
        parts: u64,
    },
    /// A right is expected to get more than it has places.
    #[error("{right} is expected to get {load} of {parts}, but has {capacity} places")]
    OverCapacity {
        /// Which right.
        right: Right,
        /// Its average load, in parts.
        load: u128,
        /// The denominator.
        parts: u64,
        /// Its capacity.
        capacity: u32,
    },
    /// A pin is not certain.
    #[error("{left} must stay with {pinned} for certain")]
    PinBroken {
        /// Who is pinned.
        left: Left,
        /// Where to.
        pinned: Right,
    },
    /// An order of preference names a right that is not eligible, names one twice, or leaves one out.
    #[error("the order of {left} is not an order of its eligible rights")]
    NotAnOrder {
        /// Whose order.
        left: Left,
    },
    /// A place was left over that somebody would rather have had.
    #[error("{right} has something left, but {left} has something worse, or nothing")]
    Wasteful {
        /// Who would rather have had it.
        left: Left,
        /// What was left over.
        right: Right,
    },
    /// Somebody ate of a right before another who would have come to it earlier.
    #[error("{ahead} has of {right} although {behind} had less of what it likes at least as well")]
    NotOrdinallyFair {
        /// The right.
        right: Right,
        /// Who has of it.
        ahead: Left,
        /// Who came too short.
        behind: Left,
    },
    /// A minimum cannot be promised by this kind of lottery.
    #[error("{right} must have {minimum} lefts, but only {pinned} are certain")]
    UnmetMinimum {
        /// Which right.
        right: Right,
        /// Its minimum.
        minimum: u32,
        /// Lefts pinned to it.
        pinned: u32,
    },
    /// A pair was drawn that had no chance.
    #[error("{left} was drawn to {right}, which had no chance")]
    DrawnWithoutChance {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// Somebody whose chances add up to 1 was not drawn.
    #[error("{left} was certain to be served, but was not drawn")]
    CertainNotDrawn {
        /// Who.
        left: Left,
    },
    /// A right was drawn more or fewer lefts than its average load rounded up or down.
    #[error("{right} was drawn {load} lefts, but is expected to get {expected} of {parts}")]
    LoadOff {
        /// Which right.
        right: Right,
        /// Lefts drawn.
        load: u32,
        /// Average load, in parts.
        expected: u128,
        /// The denominator.
        parts: u64,
    },
}

/// The flow that a capped lottery is: `parts` places for each left, at most `a_u` of one right, `parts` times the places of each
/// right, minimums alike. A pin takes all parts. One pass over the pairs to count them.
///
/// # Errors
/// `Parts` (at most [`WANTED_MAX`]), `Cap`, `TooFine`, or a malformed stream.
pub fn capped(
    frame: &Frame,
    pairs: &impl Pairs,
    parts: u32,
    cap: u32,
) -> Result<(Frame, Supply), LotteryRejection> {
    if parts == 0 || parts > WANTED_MAX {
        return Err(LotteryRejection::Parts {
            parts: u64::from(parts),
            most: u64::from(WANTED_MAX),
        });
    }
    if cap == 0 || cap > parts {
        return Err(LotteryRejection::Cap { cap, parts });
    }
    if frame.lefts() != pairs.lefts() {
        return Err(LotteryRejection::Lefts { frame: frame.lefts(), given: pairs.lefts() });
    }
    let mut each = Vec::with_capacity(frame.lefts());
    for left in Left::all(frame.lefts()) {
        let eligible = visit_row(pairs, left, frame.rights(), |_, _| {})?;
        each.push(if frame.pinned(left).is_some() {
            parts
        } else {
            cap.max(u32::try_from(u64::from(parts).div_ceil(eligible.max(1))).unwrap_or(parts))
        });
    }
    let scaled = |places: &[u32]| {
        Right::all(frame.rights())
            .zip(places)
            .map(|(right, &capacity)| {
                capacity.checked_mul(parts).ok_or(LotteryRejection::TooFine {
                    right,
                    capacity,
                    parts,
                })
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let stated = |error: FrameError| LotteryRejection::Stated(error.to_string());
    let wide = Frame::new(
        frame.waiting_costs().to_vec(),
        frame.pins().to_vec(),
        scaled(frame.capacities())?,
        scaled(frame.minimums())?,
    )
    .map_err(stated)?;
    let supply = Supply::new(vec![parts; frame.lefts()], vec![0; frame.lefts()], each)
        .map_err(|error: SupplyError| LotteryRejection::Stated(error.to_string()))?;
    Ok((wide, supply))
}

/// What every lottery must be: eligible pairs, rows in order, nobody served more than once on average, no right overfull, pins certain.
/// Returns the average loads in parts, and calls `each` with every left's eligible rights.
fn feasible(
    frame: &Frame,
    pairs: &impl Pairs,
    marginals: &Marginals,
    mut each: impl FnMut(Left, &[Right]) -> Result<(), LotteryRejection>,
) -> Result<Vec<u128>, LotteryRejection> {
    let parts = marginals.parts();
    if parts == 0 || parts > PARTS_MAX {
        return Err(LotteryRejection::Parts { parts, most: PARTS_MAX });
    }
    for given in [pairs.lefts(), marginals.rows().len()] {
        if frame.lefts() != given {
            return Err(LotteryRejection::Lefts { frame: frame.lefts(), given });
        }
    }
    let mut eligible: Vec<Right> = Vec::new();
    for left in Left::all(frame.lefts()) {
        eligible.clear();
        visit_row(pairs, left, frame.rights(), |right, _| eligible.push(right))?;
        let row = marginals.of(left);
        if let Some(pair) = row.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(LotteryRejection::RowOrder { left, right: pair[1].0 });
        }
        for &(right, units) in row {
            if eligible.binary_search(&right).is_err() {
                return Err(LotteryRejection::NotEligible { left, right });
            }
            if units == 0 {
                return Err(LotteryRejection::NoChance { left, right });
            }
        }
        let sum = marginals.served(left);
        if sum > u128::from(parts) {
            return Err(LotteryRejection::AboveOne { left, sum, parts });
        }
        if let Some(pinned) = frame.pinned(left)
            && marginals.chance(left, pinned) != parts
        {
            return Err(LotteryRejection::PinBroken { left, pinned });
        }
        each(left, &eligible)?;
    }
    let loads = marginals.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let (load, capacity) = (loads[right.index()], frame.capacity(right));
        if load > u128::from(capacity) * u128::from(parts) {
            return Err(LotteryRejection::OverCapacity { right, load, parts, capacity });
        }
    }
    Ok(loads)
}

/// Checks that marginals are those of probabilistic serial: everybody, at the same speed, eats of the best right in its order
/// that has something left, until it has eaten one place or nothing is left. `orders` are the lefts' eligible rights, best first
/// (pinned lefts: their order is not looked at, they keep their place and eat nothing).
///
/// Let `F(u, w)` be how much `u` has of rights that it likes at least as well as `w`. Marginals are these exactly when
/// - nothing is wasted: if `w` has something left, everybody eligible has `F(u, w) = 1`;
/// - they are ordinally fair: who has of `w` has `F(u, w)` no larger than anybody who is eligible for `w`.
///
/// `O(E log d)` time, `O(E)` memory, no certificate needed, exact.
///
/// # Errors
/// [`LotteryRejection`] with the first failing step. Minimums that pins do not meet cannot be promised and are refused.
pub fn check_eating(
    frame: &Frame,
    pairs: &impl Pairs,
    orders: &[Vec<Right>],
    marginals: &Marginals,
) -> Result<(), LotteryRejection> {
    if orders.len() != frame.lefts() {
        return Err(LotteryRejection::Lefts { frame: frame.lefts(), given: orders.len() });
    }
    // Per right: the largest F of those who have of it, and the least F of those eligible for it.
    let mut latest: Vec<Option<(u128, Left)>> = vec![None; frame.rights()];
    let mut earliest: Vec<Option<(u128, Left)>> = vec![None; frame.rights()];
    let mut pins = vec![0u32; frame.rights()];
    let mut sorted: Vec<Right> = Vec::new();
    let loads = feasible(frame, pairs, marginals, |left, eligible| {
        if let Some(right) = frame.pinned(left) {
            pins[right.index()] += 1;
            return Ok(());
        }
        let order = &orders[left.index()];
        sorted.clone_from(order);
        sorted.sort_unstable();
        if sorted != eligible {
            return Err(LotteryRejection::NotAnOrder { left });
        }
        let mut eaten = 0u128;
        for &right in order {
            let own = marginals.chance(left, right);
            eaten += u128::from(own);
            let (late, early) = (&mut latest[right.index()], &mut earliest[right.index()]);
            if own > 0 && late.is_none_or(|(most, _)| eaten > most) {
                *late = Some((eaten, left));
            }
            if early.is_none_or(|(least, _)| eaten < least) {
                *early = Some((eaten, left));
            }
        }
        Ok(())
    })?;
    let whole = u128::from(marginals.parts());
    for right in Right::all(frame.rights()) {
        let (minimum, pinned) = (frame.minimum(right), pins[right.index()]);
        if pinned < minimum {
            return Err(LotteryRejection::UnmetMinimum { right, minimum, pinned });
        }
        let Some((least, behind)) = earliest[right.index()] else { continue };
        let full = loads[right.index()] == u128::from(frame.capacity(right)) * whole;
        if !full && least < whole {
            return Err(LotteryRejection::Wasteful { left: behind, right });
        }
        if let Some((most, ahead)) = latest[right.index()]
            && most > least
        {
            return Err(LotteryRejection::NotOrdinallyFair { right, ahead, behind });
        }
    }
    Ok(())
}

/// Checks that a drawn matching is one that the marginals allow: only pairs with a chance, everybody whose chances add up to 1 is
/// served, and each right has its average load rounded down or up. `marginals` must have passed their own check. `O(E + n + K)`.
///
/// # Errors
/// [`LotteryRejection`] with the first failing step.
pub fn check_outcome(
    rights: usize,
    marginals: &Marginals,
    drawn: &Matching,
) -> Result<(), LotteryRejection> {
    let parts = marginals.parts();
    if drawn.lefts() != marginals.rows().len() {
        return Err(LotteryRejection::Lefts {
            frame: marginals.rows().len(),
            given: drawn.lefts(),
        });
    }
    for left in Left::all(drawn.lefts()) {
        match drawn.right_of(left) {
            Some(right) if marginals.chance(left, right) == 0 => {
                return Err(LotteryRejection::DrawnWithoutChance { left, right });
            }
            Some(right) if right.index() >= rights => {
                return Err(Rejection::NoSuchRight { left, right }.into());
            }
            None if marginals.served(left) == u128::from(parts) => {
                return Err(LotteryRejection::CertainNotDrawn { left });
            }
            _ => {}
        }
    }
    let expected = marginals.loads(rights);
    for (right, load) in Right::all(rights).zip(drawn.loads(rights)) {
        let expected = expected[right.index()];
        let drawn = u128::from(load) * u128::from(parts);
        if drawn.abs_diff(expected) >= u128::from(parts) {
            return Err(LotteryRejection::LoadOff { right, load, expected, parts });
        }
    }
    Ok(())
}
