//! Counts of people that may be told outside: small ones hidden, the others rounded at random to a multiple of three.
//!
//! A table of counts tells of persons as soon as a cell is small, or as soon as two tables, or a total and its cells, are subtracted from each other. So:
//!
//! 1. a count below [`HIDDEN_BELOW`] is told as "fewer than six", nought among them;
//! 2. every other count, totals too, is rounded by itself to a multiple of [`BASE`] next to it: what is a multiple stays, anything else goes to the nearer
//!    one twice in three times and to the further one once, so it is never more than two off and right on average;
//! 3. where exactly one cell beneath a told total would be hidden, the least of the other cells is hidden as well, or the total if there is no other: one alone could be
//!    worked out, nearly.
//!
//! The lot of a cell is drawn from a secret of the roster, the cell's name and its count. So the same cell is told the same however often it is asked for (asking again and
//! again averages nothing out), and nobody who does not know the secret can tell which counts a figure may stand for but by the five that all figures may. Practice and
//! base are those of the Ministry of Social Development of Aotearoa New Zealand for published counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draw;

/// Counts below this are not told.
pub const HIDDEN_BELOW: u64 = 6;

/// What told counts are multiples of.
pub const BASE: u64 = 3;

/// A count as it may be told.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(untagged)]
pub enum Told {
    /// A multiple of [`BASE`], at most two off.
    About(u64),
    /// Not told: fewer than [`HIDDEN_BELOW`], or hidden so that another one cannot be worked out. Written as null.
    Hidden,
}

impl Told {
    /// The figure, if there is one.
    pub fn figure(self) -> Option<u64> {
        match self {
            Self::About(figure) => Some(figure),
            Self::Hidden => None,
        }
    }
}

/// A row of cells with their total, as they may be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToldRow {
    /// The cells, in the order given.
    pub cells: Vec<Told>,
    /// Their total, rounded by itself: it need not be the sum of the cells.
    pub total: Told,
}

/// Tells one count. `cell` names it; what whoever asks can choose (the days, say) is no part of the name, or they would get a new lot for each choice. `secret` is
/// the roster's.
pub fn tell(secret: &str, cell: &str, count: u64) -> Told {
    if count < HIDDEN_BELOW {
        return Told::Hidden;
    }
    let over = count % BASE;
    let below = count - over;
    if over == 0 {
        return Told::About(count);
    }
    // Nearer twice in three times: one over goes down on two lots of three, two over on one.
    let lot = draw::key("counts", 0, secret, &format!("{cell}\n{count}")) % 3;
    let down = u64::from(lot) < BASE - over;
    Told::About(if down { below } else { below.saturating_add(BASE) })
}

/// Tells the cells of a row and their total, so that no hidden one can be worked out from the others.
///
/// O(cells). `row` names the row, `cells` name and count each.
///
/// ```
/// use peermatch_core::counts::{Told, tell_row};
/// // One small cell beside two large ones: the lesser of those is hidden too, for total less cells would give the small one.
/// let row = tell_row("secret of the roster", "answers 2026-10", &[("picked", 40), ("none of these", 2), ("later", 9)]);
/// assert_eq!(row.cells[1..], [Told::Hidden, Told::Hidden]);
/// assert!(row.cells[0].figure().is_some_and(|told| (38..=42).contains(&told) && told % 3 == 0));
/// ```
pub fn tell_row(secret: &str, row: &str, cells: &[(&str, u64)]) -> ToldRow {
    let total = cells.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    let mut told: Vec<Told> =
        cells.iter().map(|(name, count)| tell(secret, &format!("{row}\n{name}"), *count)).collect();
    let mut total = tell(secret, &format!("{row}\n\ntotal"), total);
    let hidden = told.iter().filter(|told| **told == Told::Hidden).count();
    if hidden == 1 && total != Told::Hidden {
        let least =
            (0..cells.len()).filter(|&at| told[at] != Told::Hidden).min_by_key(|&at| cells[at].1);
        match least {
            Some(least) => told[least] = Told::Hidden,
            None => total = Told::Hidden,
        }
    }
    ToldRow { cells: told, total }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn small_counts_are_hidden_and_others_are_at_most_two_off() {
        for count in 0..10_000 {
            match tell("secret", "cell", count) {
                Told::Hidden => assert!(count < HIDDEN_BELOW),
                Told::About(told) => {
                    assert!(count >= HIDDEN_BELOW && told % BASE == 0 && told.abs_diff(count) <= 2);
                }
            }
        }
        assert!(tell("secret", "cell", u64::MAX).figure().is_some());
    }

    #[test]
    fn rounding_is_right_on_average() {
        for count in [7, 8, 100, 101] {
            let told = |i| tell("secret", &format!("cell {i}"), count).figure().unwrap();
            let sum: u64 = (0..9_000).map(told).sum();
            assert!(sum.abs_diff(9_000 * count) < 300, "{count}: {sum}");
        }
    }

    /// Somebody who joined between two tables cannot be told from the difference: every figure may stand for each of the counts around it, and
    /// two tables that differ by one person are often told the same.
    #[test]
    fn differences_tell_nothing() {
        let mut from: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        let mut same = 0;
        for i in 0..300 {
            let cell = format!("cell {i}");
            for count in 6..40 {
                from.entry(tell("secret", &cell, count).figure().unwrap())
                    .or_default()
                    .insert(count);
                same += u64::from(tell("secret", &cell, count) == tell("secret", &cell, count + 1));
            }
        }
        for (told, counts) in from.range(9..=36) {
            let all: BTreeSet<u64> =
                (told - 2..=told + 2).filter(|&count| count >= HIDDEN_BELOW).collect();
            assert_eq!(*counts, all, "{told}");
        }
        assert!(same > 300 * 34 / 3, "{same}");
    }

    #[test]
    fn asking_again_tells_the_same_and_another_secret_another() {
        let told = |secret: &str| -> Vec<Told> {
            (0..60).map(|count| tell(secret, "cell", count)).collect()
        };
        assert_eq!(told("a"), told("a"));
        assert_ne!(told("a"), told("b"));
    }

    /// From the total and the other cells, the interval that a hidden cell lies in is never narrower than what hiding promises.
    #[test]
    fn a_hidden_cell_cannot_be_worked_out_from_its_row() {
        for a in 0..12 {
            for b in 0..12 {
                for c in 0..30 {
                    let row = tell_row("secret", "row", &[("a", a), ("b", b), ("c", c)]);
                    let hidden = row.cells.iter().filter(|cell| **cell == Told::Hidden).count();
                    assert!(hidden != 1 || row.total == Told::Hidden, "{a} {b} {c}: {row:?}");
                }
            }
        }
        assert_eq!(tell_row("secret", "row", &[("a", 3)]).total, Told::Hidden);
    }

    #[test]
    fn hidden_is_null() {
        assert_eq!(serde_json::to_string(&[Told::About(9), Told::Hidden]).unwrap(), "[9,null]");
    }
}
