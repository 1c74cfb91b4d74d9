//! How many places each left wants, where it is not one: for people who need several workers, for
//! menus (options are places), and for lotteries (a place is dealt out in parts).

use crate::frame::SIDE_MAX;
use crate::ids::Left;
use serde::Serialize;

/// Largest number of places that one left may want.
pub const WANTED_MAX: u32 = 1 << 20;

/// What the lefts of a frame want: `wanted` places each, at least `least` of them, at most `each`
/// of them from one right. Waiting costs of the frame are then per place that is not given.
///
/// A pin saturates its pair: a pinned left takes `min(each, wanted)` places of that right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Supply {
    wanted: Vec<u32>,
    least: Vec<u32>,
    each: Vec<u32>,
}

/// Why a supply was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SupplyError {
    /// The tables differ in length.
    #[error(
        "{wanted} lefts want places, {least} say how many at least, {each} how many of one right"
    )]
    Lengths {
        /// Entries given.
        wanted: usize,
        /// Entries given.
        least: usize,
        /// Entries given.
        each: usize,
    },
    /// More lefts than a frame can have.
    #[error("{size} lefts: at most {SIDE_MAX} are supported")]
    TooMany {
        /// Number given.
        size: usize,
    },
    /// A left wants more than [`WANTED_MAX`].
    #[error("{left} wants {wanted} places: at most {WANTED_MAX} are supported")]
    Wanted {
        /// Who.
        left: Left,
        /// How many.
        wanted: u32,
    },
    /// More at least than at most.
    #[error("{left} needs at least {least} places but wants only {wanted}")]
    LeastAboveWanted {
        /// Who.
        left: Left,
        /// At least.
        least: u32,
        /// Wanted.
        wanted: u32,
    },
    /// Nothing may be taken of any right.
    #[error("{left} may take no place of any right")]
    NoneOfEach {
        /// Who.
        left: Left,
    },
}

impl Supply {
    /// Checks and keeps the tables, one entry per left each.
    ///
    /// # Errors
    /// The first [`SupplyError`] found.
    pub fn new(wanted: Vec<u32>, least: Vec<u32>, each: Vec<u32>) -> Result<Self, SupplyError> {
        if wanted.len() != least.len() || wanted.len() != each.len() {
            return Err(SupplyError::Lengths {
                wanted: wanted.len(),
                least: least.len(),
                each: each.len(),
            });
        }
        if wanted.len() > SIDE_MAX {
            return Err(SupplyError::TooMany { size: wanted.len() });
        }
        for left in Left::all(wanted.len()) {
            let (wanted, least, each) =
                (wanted[left.index()], least[left.index()], each[left.index()]);
            if wanted > WANTED_MAX {
                return Err(SupplyError::Wanted { left, wanted });
            }
            if least > wanted {
                return Err(SupplyError::LeastAboveWanted { left, least, wanted });
            }
            if each == 0 {
                return Err(SupplyError::NoneOfEach { left });
            }
        }
        Ok(Self { wanted, least, each })
    }

    /// One place each, or none: a matching.
    ///
    /// # Panics
    /// Beyond [`SIDE_MAX`] lefts.
    pub fn one_each(lefts: usize) -> Self {
        assert!(lefts <= SIDE_MAX, "a frame has at most 2^26 lefts");
        Self { wanted: vec![1; lefts], least: vec![0; lefts], each: vec![1; lefts] }
    }

    /// Number of lefts.
    pub fn lefts(&self) -> usize {
        self.wanted.len()
    }

    /// How many places `left` wants.
    ///
    /// # Panics
    /// If `left` is not of this supply; so for the other getters.
    #[inline]
    pub fn wanted(&self, left: Left) -> u32 {
        self.wanted[left.index()]
    }

    /// How many places `left` must have at least.
    #[inline]
    pub fn least(&self, left: Left) -> u32 {
        self.least[left.index()]
    }

    /// How many places of one right `left` may have at most.
    #[inline]
    pub fn each(&self, left: Left) -> u32 {
        self.each[left.index()]
    }

    /// Whether everybody wants one place and must have none: a matching as [`crate::check()`] knows it.
    pub fn is_one_each(&self) -> bool {
        self.wanted.iter().all(|&wanted| wanted == 1) && self.least.iter().all(|&least| least == 0)
    }
}
