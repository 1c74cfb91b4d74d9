//! Prices of places: the certificate of a matching, or of there being none.

use crate::ids::Right;
use serde::{Deserialize, Serialize};

/// Largest absolute price that the checker accepts: 2^60, far beyond what any problem within the
/// bounds of [`Frame`](crate::Frame) needs.
pub const PRICE_MAX: i64 = 1 << 60;

/// A price per right, of either sign: what a place there is worth (positive), or what a minimum
/// there costs (negative). In units of cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices {
    values: Vec<i64>,
}

impl Prices {
    /// The prices, by right.
    pub fn new(values: Vec<i64>) -> Self {
        Self { values }
    }

    /// Price 0 for each of `rights` rights.
    pub fn zero(rights: usize) -> Self {
        Self { values: vec![0; rights] }
    }

    /// The price of a place at `right`, or `None` if there is no such right.
    pub fn of(&self, right: Right) -> Option<i64> {
        self.values.get(right.index()).copied()
    }

    /// All prices, by right.
    pub fn values(&self) -> &[i64] {
        &self.values
    }
}
