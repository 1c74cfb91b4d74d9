//! How both sides rank each other: for the ordinal objectives, which read order and nothing else.

use crate::ids::{Left, Right};
use crate::pairs::PairTable;
use serde::{Deserialize, Serialize};

/// The two ranks of a pair, 1 for the best; equal ranks are ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ranks {
    /// Where the right stands in the left's own list.
    pub left: u32,
    /// Where the left stands in the right's list.
    pub right: u32,
}

/// The eligible pairs with both ranks, as a stream: see [`crate::Pairs`] for the contract.
pub trait Ranked: Sync {
    /// Number of lefts, which is the number of rows.
    fn lefts(&self) -> usize;

    /// Calls `each` with every eligible pair of `left`, by ascending right.
    fn visit(&self, left: Left, each: impl FnMut(Right, Ranks));
}

impl<R: Ranked> Ranked for &R {
    fn lefts(&self) -> usize {
        (**self).lefts()
    }

    fn visit(&self, left: Left, each: impl FnMut(Right, Ranks)) {
        (**self).visit(left, each);
    }
}

/// A table of pairs with both ranks in memory: 16 bytes a pair, the cost among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankTable {
    pairs: PairTable,
    left_ranks: Vec<u32>,
    right_ranks: Vec<u32>,
}

/// Ranks that do not go with the pairs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{pairs} pairs, {left_ranks} ranks by lefts, {right_ranks} by rights: one of each per pair is needed"
)]
pub struct RankTableError {
    /// Number of pairs.
    pub pairs: usize,
    /// Number of ranks given by lefts.
    pub left_ranks: usize,
    /// Number of ranks given by rights.
    pub right_ranks: usize,
}

impl RankTable {
    /// Joins pairs and, in the same order, their ranks.
    ///
    /// # Errors
    /// [`RankTableError`] when there is not one of each per pair.
    pub fn new(
        pairs: PairTable,
        left_ranks: Vec<u32>,
        right_ranks: Vec<u32>,
    ) -> Result<Self, RankTableError> {
        if pairs.len() != left_ranks.len() || pairs.len() != right_ranks.len() {
            return Err(RankTableError {
                pairs: pairs.len(),
                left_ranks: left_ranks.len(),
                right_ranks: right_ranks.len(),
            });
        }
        Ok(Self { pairs, left_ranks, right_ranks })
    }

    /// The pairs. Their costs take no part in anything ordinal.
    pub fn pairs(&self) -> &PairTable {
        &self.pairs
    }

    /// Number of rights.
    pub fn rights(&self) -> usize {
        self.pairs.rights()
    }

    /// The row of `left`: its rights, ascending, with both ranks.
    pub fn row(&self, left: Left) -> impl Iterator<Item = (Right, Ranks)> + '_ {
        let range = self.pairs.range(left);
        let (lefts, rights) = (&self.left_ranks[range.clone()], &self.right_ranks[range]);
        self.pairs
            .rights_of(left)
            .iter()
            .zip(lefts.iter().zip(rights))
            .map(|(&w, (&left, &right))| (w, Ranks { left, right }))
    }
}

impl Ranked for RankTable {
    fn lefts(&self) -> usize {
        self.pairs.lefts()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, Ranks)) {
        for (right, ranks) in self.row(left) {
            each(right, ranks);
        }
    }
}
