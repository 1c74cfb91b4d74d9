//! One CSV file to rows of cells, with every fault of its shape.
//!
//! What stops a file (bytes that are not text, quotes that do not close, a column that is missing) is told apart from what is
//! wrong with one row, so that everything else is still read.

use peermatch_model::fault::{Faults, Place, nearest};
use peermatch_model::raw::{Field, Raw};
use serde_json::Value;

use crate::dates::{self, DateCell};
use crate::pack::sheets::Sheet;
use crate::places::FilePlaces;
use crate::write_csv::unescape_cell;
use crate::{report, text};

/// The most faults of shape that are reported of one file, so that a spoilt file of a million rows stays readable.
pub(crate) const ROW_FAULTS_MAX: usize = 1_000;

/// Between the values of a list in a cell.
pub(crate) const LIST_SEPARATOR: char = '|';

/// Reads the rows of a file, handing each to `each`. Gives the columns, or nothing if the file could not be read, which is then among the faults.
/// O(length).
pub(crate) fn read(
    sheet: &'static Sheet,
    file: &str,
    bytes: &[u8],
    faults: &mut Faults,
    mut each: impl FnMut(&mut Cells<'_>),
) -> Option<FilePlaces> {
    let text = match text::table(bytes) {
        Ok(text) => text,
        Err(error) => {
            faults.extend(error.into_faults(file, bytes));
            return None;
        }
    };
    let (separator, body) = separator(&text);
    if let Some((offset, reason, fix)) = quotes(body, separator) {
        let (line, _) = report::line_and_column(&text, offset + text.len() - body.len());
        report::push(faults, Place { line, ..report::whole(file) }, "", "", reason, fix);
        return None;
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut lines = Lines {
        text: body,
        done: 0,
        line: 1 + report::number(text[..text.len() - body.len()].matches('\n').count()),
    };
    let mut record = csv::StringRecord::new();

    let header_line = loop {
        match next(&mut reader, &mut record, &mut lines) {
            Some(_) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Some(line) => break line,
            None => {
                report::push(
                    faults,
                    report::whole(file),
                    "",
                    "",
                    "the file has no line of column names",
                    format!("start it with {}", sheet.header()),
                );
                return None;
            }
        }
    };
    let columns = header(sheet, file, &record, header_line, separator, faults)?;
    let open = Open {
        file: file.to_owned(),
        decimal_comma: separator != b',',
        width: columns.width,
        columns: columns.at,
        sheet,
        unnamed: columns.unnamed,
    };
    let mut shape_faults = 0_usize;
    while let Some(line) = next(&mut reader, &mut record, &mut lines) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let shape = open.shape(&record);
        let shapeless = shape.is_some();
        if let Some((column, value, reason, fix)) = shape {
            shape_faults += 1;
            if shape_faults <= ROW_FAULTS_MAX {
                let place = Place { line, column, ..report::whole(file) };
                report::push(faults, place, "", value, reason, fix);
            }
            // The row is read all the same, so that its id is known to rows of other files. Its cells may stand in the wrong columns,
            // so nothing is said of them: not here, and not in `Loaded::all_faults`.
        }
        each(&mut Cells {
            open: &open,
            record: &record,
            line,
            faults,
            shapeless,
            at: RecordAt::Nowhere,
        });
    }
    if shape_faults > ROW_FAULTS_MAX {
        let reason = format!(
            "{} more rows of this file have too many or too few cells",
            shape_faults - ROW_FAULTS_MAX
        );
        report::push(
            faults,
            report::whole(file),
            "",
            "",
            reason,
            "correct the rows named above first",
        );
    }
    Some(FilePlaces { name: file.to_owned(), columns: open.numbered() })
}

/// The separator, and the text without a spreadsheet's `sep=` line. The one that stands most often in the first line wins; column names hold none.
pub(crate) fn separator(text: &str) -> (u8, &str) {
    let body = text.trim_start_matches(['\r', '\n']);
    let first = body.lines().next().unwrap_or_default();
    if first.get(..4).is_some_and(|told| told.eq_ignore_ascii_case("sep="))
        && let Some(&separator @ (b',' | b';' | b'\t')) = first.as_bytes().get(4)
    {
        return (separator, body[first.len()..].trim_start_matches(['\r', '\n']));
    }
    let count = |separator: u8| first.bytes().filter(|&b| b == separator).count();
    let mut best = b',';
    for separator in [b';', b'\t'] {
        if count(separator) > count(best) {
            best = separator;
        }
    }
    (best, body)
}

/// The first quote that is never closed, or is closed in the middle of a cell: the CSV reader would take the rest of the file for one cell.
pub(crate) fn quotes(text: &str, separator: u8) -> Option<(usize, &'static str, &'static str)> {
    let bytes = text.as_bytes();
    let ends =
        |at: usize| bytes.get(at).is_none_or(|&b| b == separator || b == b'\n' || b == b'\r');
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let opened = at;
            at += 1;
            loop {
                match bytes.get(at) {
                    None => {
                        return Some((
                            opened,
                            "a quote opens here and is never closed",
                            "close the quote, or double it if it belongs to the text",
                        ));
                    }
                    Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 2,
                    Some(b'"') => break,
                    Some(_) => at += 1,
                }
            }
            at += 1;
            if !ends(at) {
                return Some((
                    at,
                    "text follows a closing quote",
                    "double every quote that belongs to the text, and quote the whole cell",
                ));
            }
        } else {
            while !ends(at) {
                at += 1;
            }
        }
        at += 1;
    }
    None
}

/// Counts lines up to ascending offsets.
pub(crate) struct Lines<'t> {
    text: &'t str,
    done: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    /// Counts from `line`, the number of the first line of `text`.
    pub(crate) fn new(text: &'t str, line: u64) -> Self {
        Self { text, done: 0, line }
    }

    /// The line of the first character at or after `offset` that is no line end.
    pub(crate) fn at(&mut self, offset: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let mut end = offset.min(bytes.len());
        while bytes.get(end).is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            end += 1;
        }
        for at in self.done..end {
            // A carriage return alone ends a line too; with a line feed after it, the two are one end.
            if bytes[at] == b'\n' || bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                self.line += 1;
            }
        }
        self.done = self.done.max(end);
        self.line
    }
}

/// The next record and its line.
fn next(
    reader: &mut csv::Reader<&[u8]>,
    record: &mut csv::StringRecord,
    lines: &mut Lines<'_>,
) -> Option<u64> {
    let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
    // Neither kind of error can happen: the text is UTF-8, the reader flexible, and memory cannot fail to be read.
    let more = reader.read_record(record).unwrap_or(false);
    more.then(|| lines.at(start))
}

struct Header {
    at: Vec<Option<usize>>,
    width: usize,
    unnamed: Vec<usize>,
}

fn header(
    sheet: &'static Sheet,
    file: &str,
    record: &csv::StringRecord,
    line: u64,
    separator: u8,
    faults: &mut Faults,
) -> Option<Header> {
    let names: Vec<String> = record.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let width = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    let mut at = vec![None; sheet.columns.len()];
    let mut unnamed = Vec::new();
    let mut meant = Vec::new();
    let place =
        |column: usize| Place { line, column: report::number(column + 1), ..report::whole(file) };
    for (column, name) in names.iter().enumerate().take(width) {
        match sheet.columns.iter().position(|known| known.name == name) {
            Some(known) if at[known].is_none() => at[known] = Some(column),
            Some(_) => report::push(
                faults,
                place(column),
                "",
                name,
                "this column is there twice",
                "keep one of the two",
            ),
            None if name.is_empty() => unnamed.push(column),
            None => {
                let fix = match nearest(name, sheet.columns.iter().map(|known| known.name)) {
                    Some(known) => {
                        meant.push(known);
                        format!("did you mean `{known}`?")
                    }
                    None => format!("take the column away; known here: {}", sheet.header()),
                };
                report::push(
                    faults,
                    place(column),
                    "",
                    name,
                    "there is no such column in this file",
                    fix,
                );
            }
        }
    }
    let missing: Vec<&str> = sheet
        .columns
        .iter()
        .zip(&at)
        .filter(|(known, at)| known.required && at.is_none())
        .map(|(known, _)| known.name)
        .collect();
    // A slip in a name is one fault, not two.
    for name in missing.iter().filter(|name| !meant.contains(*name)) {
        let fix =
            format!("add the column `{name}` (cells are separated by {} here)", spoken(separator));
        report::push(
            faults,
            Place { line, ..report::whole(file) },
            "",
            "",
            format!("the column `{name}` is missing"),
            fix,
        );
    }
    missing.is_empty().then_some(Header { at, width, unnamed })
}

fn spoken(separator: u8) -> &'static str {
    match separator {
        b';' => "`;`",
        b'\t' => "tabs",
        _ => "`,`",
    }
}

/// A file whose header is known.
pub(crate) struct Open {
    file: String,
    decimal_comma: bool,
    /// How many columns the header names; empty ones at its end do not count.
    width: usize,
    /// For each column of the sheet its place in the file.
    columns: Vec<Option<usize>>,
    sheet: &'static Sheet,
    /// Columns without a name, between others.
    unnamed: Vec<usize>,
}

impl Open {
    fn numbered(&self) -> Vec<(&'static str, u64)> {
        let known = self.sheet.columns.iter().zip(&self.columns);
        known
            .filter_map(|(column, at)| at.map(|at| (column.name, report::number(at + 1))))
            .collect()
    }

    /// What is wrong with the shape of a row: column, value, reason and fix.
    fn shape(&self, record: &csv::StringRecord) -> Option<(u64, String, String, String)> {
        if record.len() < self.width {
            let reason = format!(
                "this row has {} cells, the line of column names has {}",
                record.len(),
                self.width
            );
            return Some((
                0,
                String::new(),
                reason,
                "add what is missing, or empty cells at the end".to_owned(),
            ));
        }
        let filled = |&(_, cell): &(usize, &str)| !cell.trim().is_empty();
        if let Some((at, cell)) = record.iter().enumerate().skip(self.width).find(filled) {
            let reason =
                format!("this row has more cells than the {} columns that have names", self.width);
            let fix = "put quotes around a cell that holds the separator, or name the column";
            return Some((report::number(at + 1), cell.to_owned(), reason, fix.to_owned()));
        }
        let (at, cell) = self
            .unnamed
            .iter()
            .filter_map(|&at| record.get(at).map(|cell| (at, cell)))
            .find(filled)?;
        Some((
            report::number(at + 1),
            cell.to_owned(),
            "this cell stands in a column without a name".to_owned(),
            "name the column, or empty it".to_owned(),
        ))
    }
}

/// The record that a row becomes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordAt {
    /// None, or none yet.
    Nowhere,
    /// One of a list of the roster.
    Row { list: &'static str, number: usize },
    /// One within such a record.
    Within { list: &'static str, owner: usize, member: &'static str, number: usize },
}

/// The cells of one row, by the names of their columns.
pub(crate) struct Cells<'a> {
    open: &'a Open,
    record: &'a csv::StringRecord,
    /// The line the row starts on.
    pub(crate) line: u64,
    /// Where what cannot be read is reported.
    faults: &'a mut Faults,
    /// Whether the row has too many or too few cells, which has been reported.
    shapeless: bool,
    /// The record that the row becomes.
    pub(crate) at: RecordAt,
}

impl Cells<'_> {
    /// A cell without surrounding space (no-break space too) and without the apostrophe that guards it. Empty if there is no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        let known = self.open.sheet.columns.iter().position(|known| known.name == column);
        debug_assert!(known.is_some(), "{column} is not in {}", self.open.sheet.file);
        let at = known.and_then(|known| self.open.columns[known]);
        unescape_cell(at.and_then(|at| self.record.get(at)).unwrap_or_default().trim())
    }

    /// A cell as a field.
    pub(crate) fn field<T: Raw>(&self, column: &str) -> Field<T> {
        Field::from_cell(self.text(column))
    }

    /// A cell as a number that may have a decimal comma, in files where the comma is free for that.
    pub(crate) fn decimal(&self, column: &str) -> Field<f64> {
        let text = self.text(column);
        if self.open.decimal_comma && text.matches(',').count() == 1 && !text.contains('.') {
            return match Field::from_cell(&text.replace(',', ".")) {
                Field::Wrong(wrong) => Field::wrong(Value::String(text.to_owned()), wrong.reason),
                right => right,
            };
        }
        Field::from_cell(text)
    }

    /// A cell as a date, in ISO 8601 if it can be nothing else.
    pub(crate) fn date(&mut self, column: &'static str) -> Field<String> {
        let text = self.text(column);
        match dates::read(text) {
            DateCell::AsIs => Field::from_cell(text),
            DateCell::Iso(iso) => Field::Given(iso),
            DateCell::Refused { reason, fix } => {
                let text = text.to_owned();
                self.report(column, &text, reason.clone(), fix);
                Field::wrong(Value::String(text), reason)
            }
        }
    }

    /// A cell as a list.
    pub(crate) fn list<T: Raw>(&self, column: &str) -> Field<Vec<Field<T>>> {
        self.list_of(column, Field::from_cell)
    }

    /// A cell as a list whose parts are read by `part`.
    pub(crate) fn list_of<T>(
        &self,
        column: &str,
        part: impl FnMut(&str) -> Field<T>,
    ) -> Field<Vec<Field<T>>> {
        let text = self.text(column);
        let parts: Vec<Field<T>> = text
            .split(LIST_SEPARATOR)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(part)
            .collect();
        if parts.is_empty() { Field::Absent } else { Field::Given(parts) }
    }

    /// Reports what cannot be read at a cell.
    pub(crate) fn report(
        &mut self,
        column: &'static str,
        value: &str,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.report_at(column, None, value, reason, fix);
    }

    /// Reports what cannot be read at one of the values of a list in a cell.
    pub(crate) fn report_part(
        &mut self,
        column: &'static str,
        part: usize,
        value: &str,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.report_at(column, Some(part), value, reason, fix);
    }

    fn report_at(
        &mut self,
        column: &'static str,
        part: Option<usize>,
        value: &str,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.shapeless {
            return;
        }
        let mut pointer = match self.at {
            RecordAt::Nowhere => String::new(),
            RecordAt::Row { list, number } => format!("/{list}/{number}/{column}"),
            RecordAt::Within { list, owner, member, number } => {
                format!("/{list}/{owner}/{member}/{number}/{column}")
            }
        };
        if let Some(part) = part
            && !pointer.is_empty()
        {
            pointer = format!("{pointer}/{part}");
        }
        let number = self
            .open
            .numbered()
            .iter()
            .find(|(name, _)| *name == column)
            .map_or(0, |&(_, number)| number);
        let place = Place {
            file: self.open.file.clone(),
            line: self.line,
            column: number,
            field: Some(column.to_owned()),
        };
        report::push(self.faults, place, &pointer, value, reason, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_of_the_first_line() {
        assert_eq!(separator("a,b;c,d\n1;2;3;4").0, b',');
        assert_eq!(separator("a;b\n1,5;2").0, b';');
        assert_eq!(separator("a\tb").0, b'\t');
        assert_eq!(separator("id\n1").0, b',');
        assert_eq!(separator("sep=;\r\na;b\r\n"), (b';', "a;b\r\n"));
    }

    #[test]
    fn open_quotes_are_found_where_they_open() {
        assert!(quotes("a,b\n\"x\"\"y\",\"1\n2\"\n", b',').is_none());
        assert!(quotes("a,b\n5\" pipe,2\n", b',').is_none(), "a quote in the middle is text");
        assert_eq!(quotes("a,b\n\"x,2\n", b',').unwrap().0, 4);
        assert_eq!(quotes("a,b\n\"x\"y,2\n", b',').unwrap().0, 7);
    }

    #[test]
    fn lines_count_over_empty_lines_and_every_line_end() {
        let mut lines = Lines { text: "a\r\n\r\n\nb\rc\n", done: 0, line: 1 };
        assert_eq!(lines.at(0), 1);
        assert_eq!(lines.at(3), 4);
        assert_eq!(lines.at(8), 5);
    }
}
