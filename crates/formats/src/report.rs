//! Making a fault that already knows its place.

use std::fmt::Display;

use peermatch_model::fault::{At, Fault, Faults, Place};

/// A place that is a whole file.
pub(crate) fn whole(file: &str) -> Place {
    Place { file: file.to_owned(), line: 0, column: 0, field: None }
}

/// Adds a fault with its place. Goes through [`Faults::report`], so that the value is cut and cleaned like every other.
pub(crate) fn push(
    faults: &mut Faults,
    place: Place,
    pointer: &str,
    value: impl Display,
    reason: impl Into<String>,
    fix: impl Into<String>,
) {
    let mut one = Faults::new();
    one.report(&At::root(), value, reason, fix);
    if let Some(fault) = one.into_iter().next() {
        faults.push(Fault { pointer: pointer.to_owned(), place: Some(place), ..fault });
    }
}

/// One fault alone.
pub(crate) fn one(
    place: Place,
    pointer: &str,
    value: impl Display,
    reason: impl Into<String>,
    fix: impl Into<String>,
) -> Faults {
    let mut faults = Faults::new();
    push(&mut faults, place, pointer, value, reason, fix);
    faults
}

/// A count as the number a place or a message holds.
pub(crate) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The line and the column, both from 1 and the column in characters, of a byte offset. An offset inside a character, or
/// beyond the end, counts as the nearest before it. O(offset).
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u64, u64) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    (number(line), number(before[start..].chars().count() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(line_and_column("a\nāb", 4), (2, 2));
        assert_eq!(line_and_column("a\nāb", 3), (2, 1), "inside a character");
        assert_eq!(line_and_column("", 9), (1, 1));
    }
}
