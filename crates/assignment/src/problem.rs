//! A whole problem: a frame and the table of its eligible pairs.

use crate::frame::Frame;
use crate::pairs::PairTable;

/// A problem in memory, ready for a solver. The two parts agree in size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    frame: Frame,
    pairs: PairTable,
}

/// Why frame and pairs do not make a problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// The number of lefts differs.
    #[error("the frame has {frame} lefts, the pairs have {pairs} rows")]
    Lefts {
        /// Lefts of the frame.
        frame: usize,
        /// Rows of the pairs.
        pairs: usize,
    },
    /// The number of rights differs.
    #[error("the frame has {frame} rights, the pairs were made for {pairs}")]
    Rights {
        /// Rights of the frame.
        frame: usize,
        /// Rights of the pairs.
        pairs: usize,
    },
}

impl Problem {
    /// Joins a frame and its pairs.
    ///
    /// # Errors
    /// [`ProblemError`] when the sizes of a side differ.
    pub fn new(frame: Frame, pairs: PairTable) -> Result<Self, ProblemError> {
        if frame.lefts() != pairs.lefts() {
            return Err(ProblemError::Lefts { frame: frame.lefts(), pairs: pairs.lefts() });
        }
        if frame.rights() != pairs.rights() {
            return Err(ProblemError::Rights { frame: frame.rights(), pairs: pairs.rights() });
        }
        Ok(Self { frame, pairs })
    }

    /// Waiting costs, pins, capacities, minimums.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The eligible pairs and their costs.
    pub fn pairs(&self) -> &PairTable {
        &self.pairs
    }

    /// Takes the problem apart again.
    pub fn into_parts(self) -> (Frame, PairTable) {
        (self.frame, self.pairs)
    }
}
