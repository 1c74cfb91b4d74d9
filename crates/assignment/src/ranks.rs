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

    /// Both sides rank by the costs of the pairs: less is better, equal costs rank equal, and a
    /// rank is one more than the number of pairs ranked above it (1, 2, 2, 4).
    ///
    /// `O(E log d)` for rows and columns of length `d`.
    ///
    /// ```
    /// use peermatch_assignment::{Left, PairTable, RankTable, Ranks, Right};
    /// let rows = [vec![(Right(0), 5), (Right(1), 5)], vec![(Right(0), 2), (Right(1), 9)]];
    /// let ranks = RankTable::by_cost(PairTable::from_rows(2, rows)?);
    /// let row: Vec<_> = ranks.row(Left(0)).collect();
    /// assert_eq!(row[0], (Right(0), Ranks { left: 1, right: 2 }));
    /// assert_eq!(row[1], (Right(1), Ranks { left: 1, right: 1 }));
    /// # Ok::<(), peermatch_assignment::PairTableError>(())
    /// ```
    pub fn by_cost(pairs: PairTable) -> Self {
        let mut left_ranks = vec![0u32; pairs.len()];
        let mut right_ranks = vec![0u32; pairs.len()];

        let mut line = Vec::new();
        let mut starts = vec![0usize; pairs.rights() + 1];
        for left in Left::all(pairs.lefts()) {
            line.clear();
            line.extend(pairs.range(left).zip(pairs.costs_of(left)).map(|(at, &cost)| (cost, at)));
            rank(&mut line, &mut left_ranks);
            for right in pairs.rights_of(left) {
                starts[right.index() + 1] += 1;
            }
        }

        // The same by columns: the pairs in order of their rights, by counting.
        for right in 0..pairs.rights() {
            starts[right + 1] += starts[right];
        }
        let mut next = starts.clone();
        let mut columns = vec![(0i32, 0usize); pairs.len()];
        for left in Left::all(pairs.lefts()) {
            for (at, (right, cost)) in pairs.range(left).zip(pairs.row(left)) {
                columns[next[right.index()]] = (cost, at);
                next[right.index()] += 1;
            }
        }
        for column in starts.windows(2) {
            rank(&mut columns[column[0]..column[1]], &mut right_ranks);
        }
        Self { pairs, left_ranks, right_ranks }
    }

    /// The pairs. Their costs take no part in anything ordinal.
    pub fn pairs(&self) -> &PairTable {
        &self.pairs
    }

    /// The pairs alone.
    pub fn into_pairs(self) -> PairTable {
        self.pairs
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

/// Ranks one line of `(cost, position of the pair)` and notes each rank at its pair.
fn rank(line: &mut [(i32, usize)], ranks: &mut [u32]) {
    line.sort_unstable();
    let mut rank = 1u32;
    for (above, &(cost, at)) in (1u32..).zip(line.iter()) {
        if above > 1 && line[above as usize - 2].0 != cost {
            rank = above;
        }
        ranks[at] = rank;
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
