//! What a problem says apart from its pairs: the cost of waiting, who is pinned where, and how
//! many places there are.

use crate::ids::{Left, Right};
use serde::Serialize;

/// Largest size of either side: 2^26, about 67 million. Keeps path lengths of a solver in `i64`.
pub const SIDE_MAX: usize = 1 << 26;

/// Largest absolute cost of waiting: 2^58. Longest-wait coverage for a million people and a hundred
/// thousand workers, everybody on a level of their own, needs 2.0e17 of its 2.9e17.
pub const WAITING_COST_MAX: i64 = 1 << 58;

/// The frame of a problem: `n` lefts and `K` rights without their eligible pairs. Immutable, and
/// consistent by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frame {
    waiting_cost: Vec<i64>,
    pinned: Vec<Option<Right>>,
    capacity: Vec<u32>,
    minimum: Vec<u32>,
}

/// Why a frame was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The two tables of the lefts differ in length.
    #[error("{waiting_costs} waiting costs but {pins} pin entries: one of each per left is needed")]
    LeftLengths {
        /// Number of waiting costs given.
        waiting_costs: usize,
        /// Number of pin entries given.
        pins: usize,
    },
    /// The two tables of the rights differ in length.
    #[error("{capacities} capacities but {minimums} minimums: one of each per right is needed")]
    RightLengths {
        /// Number of capacities given.
        capacities: usize,
        /// Number of minimums given.
        minimums: usize,
    },
    /// A side has more than [`SIDE_MAX`] members.
    #[error("{size} members on one side: at most {SIDE_MAX} are supported")]
    TooMany {
        /// Number of members given.
        size: usize,
    },
    /// A waiting cost is beyond [`WAITING_COST_MAX`].
    #[error("the waiting cost {cost} of {left} is beyond +-{WAITING_COST_MAX}")]
    WaitingCost {
        /// Whose cost.
        left: Left,
        /// The cost given.
        cost: i64,
    },
    /// A pin names a right that does not exist.
    #[error("{left} is pinned to {right}, but there are only {rights} rights")]
    PinOutOfRange {
        /// Who is pinned.
        left: Left,
        /// Where to.
        right: Right,
        /// Number of rights.
        rights: usize,
    },
    /// A minimum is larger than the capacity.
    #[error("{right} needs at least {minimum} but has only {capacity} places")]
    MinimumAboveCapacity {
        /// Whose minimum.
        right: Right,
        /// The minimum given.
        minimum: u32,
        /// The capacity given.
        capacity: u32,
    },
}

impl Frame {
    /// Checks and keeps the tables of both sides.
    ///
    /// `waiting_cost` and `pinned` have one entry per left, `capacity` and `minimum` one per
    /// right. Whether minimums and pins can all be kept is a question about the pairs and not
    /// asked here: a solver answers it, with a witness.
    ///
    /// # Errors
    /// The first [`FrameError`] found, in the order of its variants.
    pub fn new(
        waiting_cost: Vec<i64>,
        pinned: Vec<Option<Right>>,
        capacity: Vec<u32>,
        minimum: Vec<u32>,
    ) -> Result<Self, FrameError> {
        if waiting_cost.len() != pinned.len() {
            return Err(FrameError::LeftLengths {
                waiting_costs: waiting_cost.len(),
                pins: pinned.len(),
            });
        }
        if capacity.len() != minimum.len() {
            return Err(FrameError::RightLengths {
                capacities: capacity.len(),
                minimums: minimum.len(),
            });
        }
        for size in [waiting_cost.len(), capacity.len()] {
            if size > SIDE_MAX {
                return Err(FrameError::TooMany { size });
            }
        }
        for (left, &cost) in Left::all(waiting_cost.len()).zip(&waiting_cost) {
            if !(-WAITING_COST_MAX..=WAITING_COST_MAX).contains(&cost) {
                return Err(FrameError::WaitingCost { left, cost });
            }
        }
        for (left, &pin) in Left::all(pinned.len()).zip(&pinned) {
            if let Some(right) = pin
                && right.index() >= capacity.len()
            {
                return Err(FrameError::PinOutOfRange { left, right, rights: capacity.len() });
            }
        }
        for right in Right::all(capacity.len()) {
            let (minimum, capacity) = (minimum[right.index()], capacity[right.index()]);
            if minimum > capacity {
                return Err(FrameError::MinimumAboveCapacity { right, minimum, capacity });
            }
        }
        Ok(Self { waiting_cost, pinned, capacity, minimum })
    }

    /// A frame without pins and minimums, every left with the same cost of waiting.
    ///
    /// # Errors
    /// As [`Frame::new`].
    pub fn simple(lefts: usize, waiting_cost: i64, capacity: Vec<u32>) -> Result<Self, FrameError> {
        let minimum = vec![0; capacity.len()];
        Self::new(vec![waiting_cost; lefts], vec![None; lefts], capacity, minimum)
    }

    /// Number of lefts, `n`.
    #[inline]
    pub fn lefts(&self) -> usize {
        self.waiting_cost.len()
    }

    /// Number of rights, `K`.
    #[inline]
    pub fn rights(&self) -> usize {
        self.capacity.len()
    }

    /// What it costs to leave `left` on the waiting list.
    ///
    /// # Panics
    /// If `left` is not of this problem; so for the other getters.
    #[inline]
    pub fn waiting_cost(&self, left: Left) -> i64 {
        self.waiting_cost[left.index()]
    }

    /// The right that `left` must keep, if any.
    #[inline]
    pub fn pinned(&self, left: Left) -> Option<Right> {
        self.pinned[left.index()]
    }

    /// How many lefts `right` can take at most, pinned ones included.
    #[inline]
    pub fn capacity(&self, right: Right) -> u32 {
        self.capacity[right.index()]
    }

    /// How many lefts `right` must take at least, pinned ones included.
    #[inline]
    pub fn minimum(&self, right: Right) -> u32 {
        self.minimum[right.index()]
    }

    /// All waiting costs, by left.
    pub fn waiting_costs(&self) -> &[i64] {
        &self.waiting_cost
    }

    /// All pins, by left.
    pub fn pins(&self) -> &[Option<Right>] {
        &self.pinned
    }

    /// All capacities, by right.
    pub fn capacities(&self) -> &[u32] {
        &self.capacity
    }

    /// All minimums, by right.
    pub fn minimums(&self) -> &[u32] {
        &self.minimum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_does_not_fit_together() {
        let none = vec![None];
        assert_eq!(
            Frame::new(vec![], none.clone(), vec![], vec![]),
            Err(FrameError::LeftLengths { waiting_costs: 0, pins: 1 })
        );
        assert_eq!(
            Frame::new(vec![], vec![], vec![1], vec![]),
            Err(FrameError::RightLengths { capacities: 1, minimums: 0 })
        );
        assert_eq!(
            Frame::new(vec![i64::MIN], none.clone(), vec![], vec![]),
            Err(FrameError::WaitingCost { left: Left(0), cost: i64::MIN })
        );
        assert_eq!(
            Frame::new(vec![0], vec![Some(Right(1))], vec![1], vec![0]),
            Err(FrameError::PinOutOfRange { left: Left(0), right: Right(1), rights: 1 })
        );
        assert_eq!(
            Frame::new(vec![0], none, vec![1], vec![2]),
            Err(FrameError::MinimumAboveCapacity { right: Right(0), minimum: 2, capacity: 1 })
        );
    }
}
