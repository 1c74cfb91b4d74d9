//! A flow: who has how many places where. A claim, until the checker has seen it.

use crate::ids::{Left, Right};
use crate::matching::Matching;
use serde::{Deserialize, Serialize};

/// For each left the rights it has places of, ascending, with the number of places.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flow {
    rows: Vec<Vec<(Right, u32)>>,
}

impl Flow {
    /// The flow with these rows. Rows are sorted by right; what stands twice is left for the checker to refuse.
    pub fn new(mut rows: Vec<Vec<(Right, u32)>>) -> Self {
        for row in &mut rows {
            row.sort_unstable();
        }
        Self { rows }
    }

    /// Number of lefts, with or without places.
    pub fn lefts(&self) -> usize {
        self.rows.len()
    }

    /// The places of `left`; empty for the waiting list and for a left that does not exist.
    pub fn of(&self, left: Left) -> &[(Right, u32)] {
        self.rows.get(left.index()).map_or(&[], Vec::as_slice)
    }

    /// Number of places that `left` has.
    pub fn units(&self, left: Left) -> u64 {
        self.of(left).iter().map(|&(_, units)| u64::from(units)).sum()
    }

    /// All rows, by left.
    pub fn rows(&self) -> &[Vec<(Right, u32)>] {
        &self.rows
    }

    /// The pairs in use, by left and then right, with their places.
    pub fn pairs(&self) -> impl Iterator<Item = (Left, Right, u32)> + '_ {
        Left::all(self.rows.len())
            .zip(&self.rows)
            .flat_map(|(left, row)| row.iter().map(move |&(right, units)| (left, right, units)))
    }

    /// How many places of each of `rights` rights are taken. What is beyond `rights` is not counted.
    pub fn loads(&self, rights: usize) -> Vec<u64> {
        let mut loads = vec![0u64; rights];
        for (right, units) in self.rows.iter().flatten() {
            if let Some(load) = loads.get_mut(right.index()) {
                *load += u64::from(*units);
            }
        }
        loads
    }

    /// The matching this is, if nobody has more than one place.
    pub fn as_matching(&self) -> Option<Matching> {
        let one = |row: &Vec<(Right, u32)>| match row[..] {
            [] => Some(None),
            [(right, 1)] => Some(Some(right)),
            _ => None,
        };
        self.rows.iter().map(one).collect::<Option<Vec<_>>>().map(Matching::new)
    }
}

impl From<&Matching> for Flow {
    fn from(matching: &Matching) -> Self {
        let rows = matching.rights().iter().map(|right| right.iter().map(|&w| (w, 1)).collect());
        Self { rows: rows.collect() }
    }
}
