//! Writing tables that a spreadsheet opens and that are read back as they were.
//!
//! A text cell that a spreadsheet would take for a formula (it starts with `= + - @`, a tab or a carriage return) is written
//! with an apostrophe before it; so is one that starts with apostrophes and then such a character, so that reading, which takes
//! one apostrophe away in just these cases, gives every text back. Numbers written as numbers are left alone.

use std::borrow::Cow;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells: `,`, `;` or a tab.
    pub separator: u8,
    /// Whether a byte-order mark stands first, which spreadsheets need to see that a file is UTF-8.
    pub mark: bool,
    /// Whether lines end in CR LF.
    pub crlf: bool,
}

impl Dialect {
    /// For programs: `,`, no mark, LF.
    pub const PLAIN: Self = Self { separator: b',', mark: false, crlf: false };
    /// For spreadsheets: `,`, a mark, CR LF.
    pub const SPREADSHEET: Self = Self { separator: b',', mark: true, crlf: true };
}

/// A cell to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text: guarded if it looks like a formula.
    Text(Cow<'a, str>),
    /// A number, as it is.
    Number(String),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

macro_rules! number_cells {
    ($($number:ty),+) => {
        $(impl From<$number> for Cell<'_> {
            fn from(number: $number) -> Self {
                Self::Number(number.to_string())
            }
        })+
    };
}
number_cells!(i64, u32, u64, usize);

/// Writes a table: a line of column names, then the rows.
///
/// ```
/// use peermatch_formats::write_csv::{Cell, Dialect, write_table};
/// let bytes = write_table(&["id", "name", "price"], [vec!["w1".into(), "=1+1".into(), Cell::from(-5_i64)]], Dialect::PLAIN);
/// assert_eq!(bytes, b"id,name,price\nw1,'=1+1,-5\n");
/// ```
pub fn write_table<'a>(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell<'a>>>,
    dialect: Dialect,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    if dialect.mark {
        bytes.extend("\u{feff}".as_bytes());
    }
    let mut line = |cells: &mut dyn Iterator<Item = Cow<'_, str>>| {
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                bytes.push(dialect.separator);
            }
            let special = |b: u8| b == dialect.separator || matches!(b, b'"' | b'\n' | b'\r');
            // Quoted too: space at either end, which would be taken for padding, and a row of one empty cell, which would be no row.
            if cell.bytes().any(special)
                || cell.trim().len() != cell.len()
                || (cell.is_empty() && header.len() == 1)
            {
                bytes.push(b'"');
                bytes.extend(cell.replace('"', "\"\"").as_bytes());
                bytes.push(b'"');
            } else {
                bytes.extend(cell.as_bytes());
            }
        }
        bytes.extend(if dialect.crlf { "\r\n" } else { "\n" }.as_bytes());
    };
    line(&mut header.iter().map(|name| Cow::Borrowed(*name)));
    for row in rows {
        debug_assert_eq!(row.len(), header.len(), "a row has a cell for every column");
        line(&mut row.iter().map(|cell| match cell {
            Cell::Text(text) => escape_cell(text),
            Cell::Number(number) => Cow::Borrowed(number.as_str()),
        }));
    }
    bytes
}

/// The text of a cell, guarded by an apostrophe if a spreadsheet could take it for a formula.
///
/// ```
/// use peermatch_formats::write_csv::{escape_cell, unescape_cell};
/// assert_eq!(escape_cell("@home"), "'@home");
/// assert_eq!(escape_cell("'Ofa"), "'Ofa");
/// assert_eq!(unescape_cell(&escape_cell("'=1")), "'=1");
/// ```
pub fn escape_cell(text: &str) -> Cow<'_, str> {
    if formula_after(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell without the apostrophe of [`escape_cell`].
pub fn unescape_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if formula_after(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn formula_after(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for text in
            ["=1", "+1", "-1", "@a", "\tx", "\rx", "'=1", "''=1", "'", "''", "'Ofa", "a=1", "", "-"]
        {
            let escaped = escape_cell(text);
            assert!(!formula_after(&escaped), "{text:?}");
            assert_eq!(unescape_cell(&escaped), text);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows = [vec!["a\"b".into(), "x;y".into()], vec!["two\nlines".into(), " padded".into()]];
        let dialect = Dialect { separator: b';', mark: true, crlf: true };
        let text = String::from_utf8(write_table(&["a", "b"], rows, dialect)).unwrap();
        assert_eq!(text, "\u{feff}a;b\r\n\"a\"\"b\";\"x;y\"\r\n\"two\nlines\";\" padded\"\r\n");
    }
}
