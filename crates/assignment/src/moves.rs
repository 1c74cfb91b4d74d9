//! The check that, of all matchings of least cost, one moves the fewest lefts away from where they were.
//!
//! After a change a problem is solved again. Everybody who had a place and does not keep it has been *moved*: to another right, or
//! to the waiting list. A left that had none, or is new, is moved by nothing. Wanted is a matching of least total cost that
//! moves as few as any matching of least cost does.
//!
//! # What proves it
//!
//! The prices `p` that prove the cost say which matchings are of least cost: exactly those that use pairs and waiting of reduced cost
//! 0, keep every right full whose price is above 0, and at its minimum whose price is below 0 (complementary slackness). This is
//! again a problem, the [`Face`]: fewer pairs, tighter places. In it a left costs 1 if it had a place and does not keep it, else 0. A
//! second set of prices proves the number of moves to be least there, by the same bound and the same [`check`].

use crate::check::{Rejection, VerifiedMatching, check};
use crate::frame::{Frame, FrameError};
use crate::ids::{Left, Right};
use crate::matching::Matching;
use crate::pairs::Pairs;
use crate::prices::Prices;

/// The matchings of least cost as a problem of their own, in which every left that does not keep its place costs 1.
///
/// Reads the pairs it was made from; stores `O(n + K)`.
#[derive(Debug)]
pub struct Face<'a, P> {
    base: &'a Frame,
    pairs: P,
    start: &'a Matching,
    prices: &'a Prices,
    /// What each left pays in the optimum.
    pays: Vec<i64>,
    frame: Frame,
}

impl<'a, P: Pairs> Face<'a, P> {
    /// The face around a matching that was verified for `frame` and `pairs`. One pass over the pairs.
    ///
    /// `start` is where each left was before; what it says beyond the lefts or rights of the frame counts as nowhere.
    ///
    /// # Errors
    /// [`FrameError`] if `verified` is not of this frame.
    pub fn new(
        frame: &'a Frame,
        pairs: P,
        start: &'a Matching,
        verified: &'a VerifiedMatching,
    ) -> Result<Self, FrameError> {
        let matching = verified.matching();
        let prices = verified.prices();
        let price = |right: Right| prices.of(right).unwrap_or(0);
        let mut pays = Vec::with_capacity(frame.lefts());
        for left in Left::all(frame.lefts()) {
            let mut own = frame.waiting_cost(left);
            if let Some(at) = matching.right_of(left) {
                pairs.visit(left, |right, cost| {
                    if right == at {
                        own = i64::from(cost) + price(right);
                    }
                });
            }
            pays.push(own);
        }
        // Dearer than moving everybody: a left that no matching of least cost leaves waiting does not wait.
        let never = i64::try_from(frame.lefts()).unwrap_or(i64::MAX).saturating_add(1);
        let waiting = Left::all(frame.lefts())
            .map(|left| {
                if frame.waiting_cost(left) == pays[left.index()] {
                    i64::from(was(start, frame, left).is_some())
                } else {
                    never
                }
            })
            .collect();
        let loads = matching.loads(frame.rights());
        let mut capacity = frame.capacities().to_vec();
        let mut minimum = frame.minimums().to_vec();
        for right in Right::all(frame.rights()) {
            let load = loads[right.index()];
            match price(right).signum() {
                1 => minimum[right.index()] = load,
                -1 => capacity[right.index()] = load,
                _ => {}
            }
        }
        let face = Frame::new(waiting, frame.pins().to_vec(), capacity, minimum)?;
        Ok(Self { base: frame, pairs, start, prices, pays, frame: face })
    }

    /// Costs of waiting, pins and places of the face.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Where a left was, if anywhere.
fn was(start: &Matching, frame: &Frame, left: Left) -> Option<Right> {
    start.right_of(left).filter(|right| right.index() < frame.rights())
}

impl<P: Pairs> Pairs for Face<'_, P> {
    fn lefts(&self) -> usize {
        self.pairs.lefts()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        let own = self.pays[left.index()];
        let before = was(self.start, self.base, left);
        let pinned = self.base.pinned(left);
        self.pairs.visit(left, |right, cost| {
            let price = self.prices.of(right).unwrap_or(0);
            if pinned == Some(right) || (pinned.is_none() && i64::from(cost) + price == own) {
                each(right, i32::from(before.is_some_and(|before| before != right)));
            }
        });
    }
}

/// A matching of least cost that moves the fewest. Only [`check_fewest_moves`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMoves {
    verified: VerifiedMatching,
    moved: usize,
}

impl VerifiedMoves {
    /// The matching, of least total cost.
    pub fn verified(&self) -> &VerifiedMatching {
        &self.verified
    }

    /// The same, taken out.
    pub fn into_verified(self) -> VerifiedMatching {
        self.verified
    }

    /// How many lefts had a place and do not keep it: the fewest of any matching of least cost.
    pub fn moved(&self) -> usize {
        self.moved
    }
}

/// Why a matching was refused as one of least cost that moves the fewest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MovesRejection {
    /// It is not even of least cost, as far as its prices prove.
    #[error("least cost: {0}")]
    Cost(Rejection),
    /// Its second prices do not prove that fewer moves are impossible.
    #[error("fewest moves: {0}")]
    Moves(Rejection),
    /// The face could not be stated.
    #[error("the matchings of least cost: {0}")]
    Face(FrameError),
}

/// Checks both proofs: least total cost by `prices`, and among those the fewest moves from `start` by `second`.
///
/// `O(E + n + K)`, three passes over the pairs.
///
/// # Errors
/// [`MovesRejection`] with the step that failed.
pub fn check_fewest_moves(
    frame: &Frame,
    pairs: &impl Pairs,
    start: &Matching,
    matching: &Matching,
    prices: &Prices,
    second: &Prices,
) -> Result<VerifiedMoves, MovesRejection> {
    let verified = check(frame, pairs, matching, prices).map_err(MovesRejection::Cost)?;
    let face = Face::new(frame, pairs, start, &verified).map_err(MovesRejection::Face)?;
    let second = check(face.frame(), &face, matching, second).map_err(MovesRejection::Moves)?;
    // Nobody waits in a matching of least cost to whom that is dearer than its best pair: the sum counts moves alone.
    let moved = usize::try_from(second.cost()).unwrap_or(usize::MAX);
    Ok(VerifiedMoves { verified, moved })
}
