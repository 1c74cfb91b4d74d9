//! Reading the rows of a raw table, fast: no cell is copied, and every fault knows its line and column.

use peermatch_model::fault::{Faults, Place, nearest};

use super::FAULTS_MAX;
use crate::documents;
use crate::table::{Lines, quotes, separator};
use crate::write_csv::unescape_cell;
use crate::{report, text};

/// Whether a file needs a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Need {
    /// It does.
    Always,
    /// It may be left away.
    Never,
    /// Unless all of these are there, by their places among the names.
    Unless(&'static [usize]),
}

/// A column: its name, and whether it is needed.
pub(super) type Name = (&'static str, Need);

/// One row while it is being read.
pub(super) struct Row<'r, 't> {
    record: &'r csv::ByteRecord,
    at: &'r [Option<usize>],
    names: &'r [Name],
    lines: &'r mut Lines<'t>,
    offset: usize,
    told: &'r mut Told<'t>,
    faults: &'r mut Faults,
}

/// How many faults of a file were told.
struct Told<'t> {
    file: &'t str,
    count: usize,
}

impl Row<'_, '_> {
    /// Whether the file has this column.
    pub(super) fn has(&self, column: usize) -> bool {
        self.at[column].is_some()
    }

    /// The text of a cell as it stands; empty if there is none. The whole text was UTF-8 and cells end at ASCII, so a cell is.
    pub(super) fn cell(&self, column: usize) -> &str {
        let bytes = self.at[column].and_then(|at| self.record.get(at)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// An id as it stands, without its guard, unless it is empty.
    pub(super) fn id(&self, column: usize) -> Option<&str> {
        let id = unescape_cell(self.cell(column));
        (!id.trim().is_empty()).then_some(id)
    }

    pub(super) fn no_id<T>(&mut self, column: usize) -> Option<T> {
        self.fault(column, "an id is missing here", "give every row its ids")
    }

    /// The place of an id among known ones.
    pub(super) fn known(&mut self, column: usize, ids: &[String], reason: &str) -> Option<usize> {
        let Some(id) = self.id(column) else { return self.no_id(column) };
        match ids.binary_search_by(|known| known.as_str().cmp(id)) {
            Ok(found) => Some(found),
            Err(_) => self.fault(column, reason, "take the row away, or correct the id"),
        }
    }

    pub(super) fn whole_number(&mut self, column: usize, least: i64, most: i64) -> Option<i64> {
        let text = self.cell(column).trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<i64>().ok().filter(|_| plain);
        match number {
            Some(number) if (least..=most).contains(&number) => Some(number),
            _ if plain => self.fault(
                column,
                "this number is out of range",
                format!("write a whole number from {least} to {most}"),
            ),
            _ => self.fault(
                column,
                "this is not a whole number",
                format!("write a whole number from {least} to {most}"),
            ),
        }
    }

    pub(super) fn line(&mut self) -> u64 {
        self.lines.at(self.offset)
    }

    /// Tells a fault of a cell. Always `None`, so that it can stand for the value that is not there.
    pub(super) fn fault<T>(
        &mut self,
        column: usize,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Option<T> {
        self.told.count += 1;
        if self.told.count > FAULTS_MAX {
            return None;
        }
        let place = Place {
            file: self.told.file.to_owned(),
            line: self.line(),
            column: self.at[column].map_or(0, |at| report::number(at + 1)),
            field: Some(self.names[column].0.to_owned()),
        };
        let value = self.cell(column).to_owned();
        report::push(self.faults, place, "", value, reason, fix);
        None
    }

    /// Tells that a row has more or fewer cells than there are columns.
    fn misshapen(&mut self, width: usize) {
        self.told.count += 1;
        if self.told.count > FAULTS_MAX {
            return;
        }
        let place = Place { line: self.line(), ..report::whole(self.told.file) };
        let reason = format!(
            "this row has {} cells, the line of column names has {width}",
            self.record.len()
        );
        report::push(
            self.faults,
            place,
            "",
            "",
            reason,
            "write one cell per column; put quotes around a cell that holds the separator",
        );
    }
}

/// Reads the rows of a file, handing each to `each`. Whether the file could be read to its end.
pub(super) fn read_rows(
    file: &str,
    bytes: &[u8],
    names: &[Name],
    faults: &mut Faults,
    mut each: impl FnMut(&mut Row<'_, '_>),
) -> bool {
    let text = match text::table(bytes) {
        Ok(text) => text,
        Err(error) => {
            faults.extend(error.into_faults(file, bytes));
            return false;
        }
    };
    let expected = || {
        let name = |(at, &(name, need)): (usize, &Name)| match need {
            Need::Never if at > 0 => format!("[,{name}]"),
            Need::Never => format!("[{name}]"),
            _ if at > 0 => format!(",{name}"),
            _ => name.to_owned(),
        };
        names.iter().enumerate().map(name).collect::<String>()
    };
    if let Err(other) = documents::not_a_document(file, &text, expected) {
        faults.extend(other);
        return false;
    }
    let (separator, body) = separator(&text);
    let before = text.len() - body.len();
    // Almost no such file has a quote, and looking for one is much faster than following them.
    if body.contains('"')
        && let Some((offset, reason, fix)) = quotes(body, separator)
    {
        let (line, _) = report::line_and_column(&text, offset + before);
        let place = Place { line, ..report::whole(file) };
        report::push(faults, place, "", "", reason, fix);
        return false;
    }
    let mut lines = Lines::new(body, report::number(text[..before].matches('\n').count()) + 1);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut record = csv::ByteRecord::new();
    let blank = |record: &csv::ByteRecord| record.iter().all(|cell| cell.trim_ascii().is_empty());
    let mut next = |record: &mut csv::ByteRecord| {
        let offset = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        // Neither kind of error can happen: the reader is flexible, and memory cannot fail to be read.
        reader.read_byte_record(record).unwrap_or(false).then_some(offset)
    };
    let Some(offset) = next(&mut record) else { return false };
    let header: Vec<String> =
        record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
    let line = lines.at(offset);
    let mut at = vec![None; names.len()];
    let mut shaped = true;
    for (column, name) in header.iter().enumerate() {
        let place = Place { line, column: report::number(column + 1), ..report::whole(file) };
        match names.iter().position(|known| known.0 == name) {
            Some(known) if at[known].is_none() => at[known] = Some(column),
            Some(_) => {
                shaped = false;
                report::push(
                    faults,
                    place,
                    "",
                    name,
                    "this column is there twice",
                    "keep one of the two",
                );
            }
            None if name.is_empty() && column + 1 == header.len() => {}
            None => {
                shaped = false;
                let fix = match nearest(name, names.iter().map(|known| known.0)) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("take the column away; known here: {}", expected()),
                };
                report::push(faults, place, "", name, "there is no such column in this file", fix);
            }
        }
    }
    for (name, found) in names.iter().zip(&at) {
        let needed = match name.1 {
            Need::Always => true,
            Need::Never => false,
            Need::Unless(others) => others.iter().any(|&other| at[other].is_none()),
        };
        if needed && found.is_none() {
            shaped = false;
            let place = Place { line, ..report::whole(file) };
            report::push(
                faults,
                place,
                "",
                "",
                format!("the column `{}` is missing", name.0),
                format!("start the file with {}", expected()),
            );
        }
    }
    if !shaped {
        return false;
    }
    let width = header.len();
    let mut told = Told { file, count: 0 };
    while let Some(offset) = next(&mut record) {
        if blank(&record) {
            continue;
        }
        let fits = record.len() == width
            || (record.len() > width && record.iter().skip(width).all(<[u8]>::is_empty));
        let mut row = Row {
            record: &record,
            at: &at,
            names,
            lines: &mut lines,
            offset,
            told: &mut told,
            faults,
        };
        if fits {
            each(&mut row);
        } else {
            row.misshapen(width);
        }
    }
    if told.count > FAULTS_MAX {
        let reason = format!("there are {} more faults in this file", told.count - FAULTS_MAX);
        report::push(
            faults,
            report::whole(file),
            "",
            "",
            reason,
            "correct the ones named above first",
        );
    }
    true
}
