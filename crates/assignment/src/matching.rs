//! A matching: who has a place where. A claim, until the checker has seen it.

use crate::ids::{Left, Right};
use serde::{Deserialize, Serialize};

/// For each left the right it is assigned to, or `None` for the waiting list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Matching {
    rights: Vec<Option<Right>>,
}

impl Matching {
    /// The matching that gives left `u` the right `rights[u]`.
    pub fn new(rights: Vec<Option<Right>>) -> Self {
        Self { rights }
    }

    /// Number of lefts, assigned or not.
    pub fn lefts(&self) -> usize {
        self.rights.len()
    }

    /// Where `left` is assigned. `None` for the waiting list and for a left that does not exist.
    pub fn right_of(&self, left: Left) -> Option<Right> {
        self.rights.get(left.index()).copied().flatten()
    }

    /// The whole table, by left.
    pub fn rights(&self) -> &[Option<Right>] {
        &self.rights
    }

    /// Number of lefts that have a place.
    pub fn assigned(&self) -> usize {
        self.rights.iter().flatten().count()
    }

    /// The assigned pairs, by ascending left.
    pub fn pairs(&self) -> impl Iterator<Item = (Left, Right)> + '_ {
        Left::all(self.rights.len())
            .zip(&self.rights)
            .filter_map(|(left, right)| Some((left, (*right)?)))
    }

    /// How many lefts each of `rights` rights has. Assignments beyond `rights` are not counted.
    pub fn loads(&self, rights: usize) -> Vec<u32> {
        let mut loads = vec![0u32; rights];
        for right in self.rights.iter().flatten() {
            if let Some(load) = loads.get_mut(right.index()) {
                *load = load.saturating_add(1);
            }
        }
        loads
    }
}
