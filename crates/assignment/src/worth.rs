//! What a pair is worth, where one number does not say it: for objectives that go through several stages.

use crate::ids::{Left, Right};
use crate::pairs::{COST_MAX, PairTable};
use serde::{Deserialize, Serialize};

/// Largest grade of a pair.
pub const GRADE_MAX: u32 = 1 << 30;

/// What a pair is worth.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Worth {
    /// The cost that best total minimises, within [`COST_MAX`].
    pub cost: i32,
    /// How bad the pair is for its left, 0 for the best it could have, at most [`GRADE_MAX`]; for
    /// rank-maximal the left's rank, 1 for the best. Equal grades count as equally good.
    pub grade: u32,
    /// What Nash welfare sums, within [`COST_MAX`]: the more the better.
    pub gain: i32,
}

/// The eligible pairs with all that they are worth, as a stream: see [`crate::Pairs`] for the contract.
pub trait Valued: Sync {
    /// Number of lefts, which is the number of rows.
    fn lefts(&self) -> usize;

    /// Calls `each` with every eligible pair of `left`, by ascending right.
    fn visit(&self, left: Left, each: impl FnMut(Right, Worth));
}

impl<V: Valued> Valued for &V {
    fn lefts(&self) -> usize {
        (**self).lefts()
    }

    fn visit(&self, left: Left, each: impl FnMut(Right, Worth)) {
        (**self).visit(left, each);
    }
}

/// A table of pairs with their grades and gains in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorthTable {
    pairs: PairTable,
    grades: Vec<u32>,
    gains: Vec<i32>,
}

/// Why grades and gains do not go with the pairs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorthTableError {
    /// Not one of each per pair.
    #[error("{pairs} pairs, {grades} grades, {gains} gains: one of each per pair is needed")]
    Lengths {
        /// Number of pairs.
        pairs: usize,
        /// Number of grades.
        grades: usize,
        /// Number of gains.
        gains: usize,
    },
    /// Beyond [`GRADE_MAX`] or [`COST_MAX`].
    #[error("the grade {grade} or the gain {gain} of a pair is beyond its bound")]
    Bound {
        /// The grade.
        grade: u32,
        /// The gain.
        gain: i32,
    },
}

impl WorthTable {
    /// Joins pairs (with their costs) and, in the same order, their grades and gains.
    ///
    /// # Errors
    /// [`WorthTableError`] where they do not fit.
    pub fn new(
        pairs: PairTable,
        grades: Vec<u32>,
        gains: Vec<i32>,
    ) -> Result<Self, WorthTableError> {
        if pairs.len() != grades.len() || pairs.len() != gains.len() {
            return Err(WorthTableError::Lengths {
                pairs: pairs.len(),
                grades: grades.len(),
                gains: gains.len(),
            });
        }
        let beyond = |&(grade, gain): &(u32, i32)| {
            grade > GRADE_MAX || !(-COST_MAX..=COST_MAX).contains(&gain)
        };
        let both = grades.iter().copied().zip(gains.iter().copied());
        if let Some((grade, gain)) = both.into_iter().find(beyond) {
            return Err(WorthTableError::Bound { grade, gain });
        }
        Ok(Self { pairs, grades, gains })
    }

    /// The pairs and their costs.
    pub fn pairs(&self) -> &PairTable {
        &self.pairs
    }

    /// The grades, in the order of the pairs (row by row).
    pub fn grades(&self) -> &[u32] {
        &self.grades
    }

    /// The gains, in the order of the pairs.
    pub fn gains(&self) -> &[i32] {
        &self.gains
    }

    /// The row of `left`: its rights, ascending, with what each is worth.
    pub fn row(&self, left: Left) -> impl Iterator<Item = (Right, Worth)> + '_ {
        let range = self.pairs.range(left);
        let (grades, gains) = (&self.grades[range.clone()], &self.gains[range]);
        self.pairs
            .row(left)
            .zip(grades.iter().zip(gains))
            .map(|((right, cost), (&grade, &gain))| (right, Worth { cost, grade, gain }))
    }
}

impl Valued for WorthTable {
    fn lefts(&self) -> usize {
        self.pairs.lefts()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, Worth)) {
        for (right, worth) in self.row(left) {
            each(right, worth);
        }
    }
}
