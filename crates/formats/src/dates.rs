//! Dates as spreadsheets write them, to ISO 8601.
//!
//! Day first is read when it can be nothing else. Month first is never guessed, and a date that could be either fails loudly:
//! a waiting time that is months wrong decides who is served.

/// What a date cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DateCell {
    /// Text to hand on: ISO already, or no date at all, which the model's check says.
    AsIs,
    /// A day-first date, as ISO.
    Iso(String),
    /// A date that is not read.
    Refused {
        /// Why.
        reason: String,
        /// What to write.
        fix: String,
    },
}

/// Reads a date cell: `d/m/Y`, with `/`, `.` or `-` between the parts.
pub(crate) fn read(cell: &str) -> DateCell {
    let Some((first, second, year)) = parts(cell) else { return DateCell::AsIs };
    if year.len() == 2 {
        return DateCell::Refused {
            reason: format!(
                "the year `{year}` has two digits, so the date could be of any century, or {year} could be a day"
            ),
            fix:
                "write the date as year-month-day with four digits for the year, such as 2026-06-30"
                    .to_owned(),
        };
    }
    let (a, b) = (small(first), small(second));
    let iso = |day: u8, month: u8| format!("{year}-{month:02}-{day:02}");
    if a == b && (1..=12).contains(&a) || (13..=31).contains(&a) && (1..=12).contains(&b) {
        return DateCell::Iso(iso(a, b));
    }
    if (1..=12).contains(&a) && (1..=12).contains(&b) {
        return DateCell::Refused {
            reason: format!(
                "this date could be {a} {} or {b} {} {year}",
                MONTHS[usize::from(b) - 1],
                MONTHS[usize::from(a) - 1]
            ),
            fix: format!("write {} or {}", iso(a, b), iso(b, a)),
        };
    }
    if (1..=12).contains(&a) && (13..=31).contains(&b) {
        return DateCell::Refused {
            reason:
                "the month would be after the twelfth; dates are read day first, never month first"
                    .to_owned(),
            fix: format!("write {} if that is the day meant", iso(b, a)),
        };
    }
    DateCell::Refused {
        reason: "there is no such day".to_owned(),
        fix: "write the date as year-month-day, such as 2026-06-30".to_owned(),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// One or two digits, one or two digits, two or four digits; `None` for anything else, ISO among it.
fn parts(cell: &str) -> Option<(&str, &str, &str)> {
    let separator = cell.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = cell.split(separator);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, lengths: &[usize]| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let right = parts.next().is_none()
        && digits(first, &[1, 2])
        && digits(second, &[1, 2])
        && digits(year, &[2, 4]);
    right.then_some((first, second, year))
}

fn small(digits: &str) -> u8 {
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_first_is_read_when_it_can_be_nothing_else() {
        assert_eq!(read("23/04/2026"), DateCell::Iso("2026-04-23".into()));
        assert_eq!(read("4/4/2026"), DateCell::Iso("2026-04-04".into()));
        assert_eq!(read("23.4.2026"), DateCell::Iso("2026-04-23".into()));
        assert_eq!(read("2026-04-23"), DateCell::AsIs);
        assert_eq!(read("soon"), DateCell::AsIs);
        assert_eq!(read(""), DateCell::AsIs);
    }

    #[test]
    fn what_could_be_two_days_is_refused_with_both() {
        let DateCell::Refused { reason, fix } = read("03/04/2026") else { panic!("read") };
        assert_eq!(reason, "this date could be 3 April or 4 March 2026");
        assert_eq!(fix, "write 2026-04-03 or 2026-03-04");
    }

    #[test]
    fn month_first_two_digits_and_no_day_are_refused() {
        for cell in ["04/23/2026", "30/06/26", "31/31/2026", "0/1/2026", "00/00/2026", "26-06-30"] {
            assert!(matches!(read(cell), DateCell::Refused { .. }), "{cell}");
        }
    }
}
