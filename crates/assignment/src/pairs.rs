//! The eligible pairs: as a stream for the checker, as a table for solvers.

use crate::ids::{Left, Right};

/// Largest absolute cost of a pair: 2^30.
pub const COST_MAX: i32 = 1 << 30;

/// The eligible pairs of a problem as a stream, a row (the pairs of one left) at a time.
///
/// A checker needs no more than this, so a proof can run over pairs that are computed again on
/// the way and never stored.
///
/// # Contract
/// `visit` gives the rights of a row in ascending order, each at most once, and the same row each
/// time it is asked. The checker tests the order and refuses a stream that breaks it.
pub trait Pairs: Sync {
    /// Number of lefts, which is the number of rows.
    fn lefts(&self) -> usize;

    /// Calls `each` with every eligible pair of `left`: its right and its cost.
    fn visit(&self, left: Left, each: impl FnMut(Right, i32));
}

impl<P: Pairs> Pairs for &P {
    fn lefts(&self) -> usize {
        (**self).lefts()
    }

    fn visit(&self, left: Left, each: impl FnMut(Right, i32)) {
        (**self).visit(left, each);
    }
}

/// The same pairs, each at cost 0: where only who is served counts.
#[derive(Debug, Clone, Copy)]
pub struct Uncosted<P>(pub P);

impl<P: Pairs> Pairs for Uncosted<P> {
    fn lefts(&self) -> usize {
        self.0.lefts()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        self.0.visit(left, |right, _| each(right, 0));
    }
}

/// The eligible pairs in memory, row by row (compressed sparse rows): 8 bytes a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTable {
    /// Row `u` is `starts[u]..starts[u + 1]`.
    starts: Vec<usize>,
    rights: Vec<Right>,
    costs: Vec<i32>,
    right_count: usize,
}

/// Why a table of pairs was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairTableError {
    /// A pair names a left that does not exist.
    #[error("a pair names {left}, but there are only {lefts} lefts")]
    LeftOutOfRange {
        /// The left named.
        left: Left,
        /// Number of lefts.
        lefts: usize,
    },
    /// A pair names a right that does not exist.
    #[error("the pair of {left} names {right}, but there are only {rights} rights")]
    RightOutOfRange {
        /// Whose row.
        left: Left,
        /// The right named.
        right: Right,
        /// Number of rights.
        rights: usize,
    },
    /// The same pair stands twice.
    #[error("the pair of {left} and {right} stands twice")]
    Duplicate {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// A cost is beyond [`COST_MAX`].
    #[error("the cost {cost} of {left} and {right} is beyond +-{COST_MAX}")]
    Cost {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
        /// The cost given.
        cost: i32,
    },
    /// The row starts of [`PairTable::from_parts`] do not ascend from 0 to the number of pairs,
    /// or rights and costs differ in length.
    #[error("row starts must ascend from 0 to the number of pairs ({pairs} rights, {costs} costs)")]
    Parts {
        /// Number of rights given.
        pairs: usize,
        /// Number of costs given.
        costs: usize,
    },
    /// There are more lefts than a `u32` can number.
    #[error("more lefts than can be numbered")]
    TooMany,
}

impl PairTable {
    /// Builds the table from one list of `(right, cost)` per left, in any order within a row.
    ///
    /// `rights` is the number of rights. `O(E log d)` for rows of length `d`; rows already in
    /// order are not sorted again.
    ///
    /// # Errors
    /// [`PairTableError`] for the first bad pair, by row and then by right.
    ///
    /// ```
    /// use peermatch_assignment::{Left, PairTable, Right};
    /// let table = PairTable::from_rows(3, [vec![(Right(2), 7), (Right(0), 1)], vec![]])?;
    /// assert_eq!(table.rights_of(Left(0)), [Right(0), Right(2)]);
    /// assert_eq!(table.costs_of(Left(0)), [1, 7]);
    /// assert_eq!(table.len(), 2);
    /// # Ok::<(), peermatch_assignment::PairTableError>(())
    /// ```
    pub fn from_rows(
        rights: usize,
        rows: impl IntoIterator<Item = Vec<(Right, i32)>>,
    ) -> Result<Self, PairTableError> {
        let mut table =
            Self { starts: vec![0], rights: Vec::new(), costs: Vec::new(), right_count: rights };
        for mut row in rows {
            if !row.is_sorted_by_key(|&(right, _)| right) {
                row.sort_unstable();
            }
            for (right, cost) in row {
                table.rights.push(right);
                table.costs.push(cost);
            }
            table.starts.push(table.rights.len());
        }
        table.validate()?;
        Ok(table)
    }

    /// Builds the table from pairs in any order, by counting sort and then a sort of each row.
    ///
    /// `lefts` and `rights` are the sizes of the sides. `O(E log d + n)`.
    ///
    /// # Errors
    /// [`PairTableError`] for the first bad pair.
    pub fn from_triples(
        lefts: usize,
        rights: usize,
        triples: &[(Left, Right, i32)],
    ) -> Result<Self, PairTableError> {
        let mut starts = vec![0usize; lefts + 1];
        for &(left, _, _) in triples {
            if left.index() >= lefts {
                return Err(PairTableError::LeftOutOfRange { left, lefts });
            }
            starts[left.index() + 1] += 1;
        }
        for row in 0..lefts {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut placed = vec![(Right(0), 0i32); triples.len()];
        for &(left, right, cost) in triples {
            let place = &mut next[left.index()];
            placed[*place] = (right, cost);
            *place += 1;
        }
        for row in starts.windows(2) {
            placed[row[0]..row[1]].sort_unstable();
        }
        let (rights_column, costs) = placed.into_iter().unzip();
        Self::from_parts(rights, starts, rights_column, costs)
    }

    /// Takes the arrays as they are: row `u` is `starts[u]..starts[u + 1]` of `column` (the right
    /// of each pair, ascending within a row) and `costs`. Copies nothing. `O(E)`.
    ///
    /// # Errors
    /// [`PairTableError`] for the first fault. A row out of order is refused as the duplicate or
    /// the disorder it is (`Duplicate` for both, naming the pair that stands too late).
    pub fn from_parts(
        rights: usize,
        starts: Vec<usize>,
        column: Vec<Right>,
        costs: Vec<i32>,
    ) -> Result<Self, PairTableError> {
        let shaped = starts.first() == Some(&0)
            && starts.last() == Some(&column.len())
            && starts.is_sorted()
            && column.len() == costs.len();
        if !shaped {
            return Err(PairTableError::Parts { pairs: column.len(), costs: costs.len() });
        }
        let table = Self { starts, rights: column, costs, right_count: rights };
        table.validate()?;
        Ok(table)
    }

    fn validate(&self) -> Result<(), PairTableError> {
        let lefts = self.starts.len() - 1;
        if u32::try_from(lefts).is_err() {
            return Err(PairTableError::TooMany);
        }
        for left in Left::all(lefts) {
            let mut before = None;
            for (right, cost) in self.row(left) {
                if right.index() >= self.right_count {
                    return Err(PairTableError::RightOutOfRange {
                        left,
                        right,
                        rights: self.right_count,
                    });
                }
                if before.is_some_and(|before| right <= before) {
                    return Err(PairTableError::Duplicate { left, right });
                }
                if !(-COST_MAX..=COST_MAX).contains(&cost) {
                    return Err(PairTableError::Cost { left, right, cost });
                }
                before = Some(right);
            }
        }
        Ok(())
    }

    /// Number of eligible pairs, `E`.
    pub fn len(&self) -> usize {
        self.rights.len()
    }

    /// Whether there is no eligible pair at all.
    pub fn is_empty(&self) -> bool {
        self.rights.is_empty()
    }

    /// Number of lefts (rows).
    pub fn lefts(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of rights.
    pub fn rights(&self) -> usize {
        self.right_count
    }

    /// The rights eligible for `left`, ascending.
    #[inline]
    pub fn rights_of(&self, left: Left) -> &[Right] {
        &self.rights[self.starts[left.index()]..self.starts[left.index() + 1]]
    }

    /// The costs of the pairs of `left`, in the order of [`PairTable::rights_of`].
    #[inline]
    pub fn costs_of(&self, left: Left) -> &[i32] {
        &self.costs[self.starts[left.index()]..self.starts[left.index() + 1]]
    }

    /// Where the row of `left` stands among all pairs, for tables that run beside this one.
    #[inline]
    pub fn range(&self, left: Left) -> std::ops::Range<usize> {
        self.starts[left.index()]..self.starts[left.index() + 1]
    }

    /// The pairs of `left`, by ascending right.
    #[inline]
    pub fn row(&self, left: Left) -> impl ExactSizeIterator<Item = (Right, i32)> + '_ {
        self.rights_of(left).iter().copied().zip(self.costs_of(left).iter().copied())
    }

    /// The cost of a pair, or `None` if it is not eligible. `O(log d)`.
    pub fn cost(&self, left: Left, right: Right) -> Option<i32> {
        let at = self.rights_of(left).binary_search(&right).ok()?;
        Some(self.costs_of(left)[at])
    }
}

impl Pairs for PairTable {
    fn lefts(&self) -> usize {
        PairTable::lefts(self)
    }

    #[inline]
    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        for (right, cost) in self.row(left) {
            each(right, cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_builders_agree() {
        let rows = vec![vec![(Right(1), 5), (Right(0), -2)], vec![], vec![(Right(1), 0)]];
        let triples = [(Left(2), Right(1), 0), (Left(0), Right(1), 5), (Left(0), Right(0), -2)];
        let a = PairTable::from_rows(2, rows).unwrap();
        let b = PairTable::from_triples(3, 2, &triples).unwrap();
        let c = PairTable::from_parts(
            2,
            vec![0, 2, 2, 3],
            vec![Right(0), Right(1), Right(1)],
            vec![-2, 5, 0],
        )
        .unwrap();
        assert_eq!(a, b);
        assert_eq!(a, c);
        assert_eq!(a.cost(Left(0), Right(1)), Some(5));
        assert_eq!(a.cost(Left(1), Right(1)), None);
    }

    #[test]
    fn faults_are_named() {
        let duplicate = PairTable::from_rows(2, [vec![(Right(1), 5), (Right(1), 6)]]);
        assert_eq!(duplicate, Err(PairTableError::Duplicate { left: Left(0), right: Right(1) }));
        let beyond = PairTable::from_rows(1, [vec![(Right(1), 5)]]);
        assert_eq!(
            beyond,
            Err(PairTableError::RightOutOfRange { left: Left(0), right: Right(1), rights: 1 })
        );
        let huge = PairTable::from_rows(1, [vec![(Right(0), i32::MIN)]]);
        assert_eq!(
            huge,
            Err(PairTableError::Cost { left: Left(0), right: Right(0), cost: i32::MIN })
        );
        assert_eq!(
            PairTable::from_triples(1, 1, &[(Left(1), Right(0), 0)]),
            Err(PairTableError::LeftOutOfRange { left: Left(1), lefts: 1 })
        );
        assert_eq!(
            PairTable::from_parts(1, vec![0, 2], vec![Right(0)], vec![0]),
            Err(PairTableError::Parts { pairs: 1, costs: 1 })
        );
    }
}
