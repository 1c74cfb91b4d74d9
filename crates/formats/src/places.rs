//! From a fault's pointer to file, line and column.
//!
//! A check of the model knows JSON pointers into raw input and nothing of files. What was read remembers where its parts
//! stood, and [`Places::locate`] gives every fault its [`Place`].

use std::collections::BTreeMap;
use std::sync::Arc;

use peermatch_model::fault::{Faults, Place};
use peermatch_model::taxonomy::TsvPlaces;
use toml::de::DeTable;

use crate::json_places::{self, steps};
use crate::report;
use crate::toml_places;

/// Where the parts of one input stood.
#[derive(Debug, Clone)]
pub struct Places(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Json { file: String, text: Arc<str> },
    Toml { file: String, text: Arc<str> },
    Pack(Box<PackPlaces>),
}

impl Places {
    pub(crate) fn json(file: &str, text: &str) -> Self {
        Self(Kind::Json { file: file.to_owned(), text: text.into() })
    }

    pub(crate) fn toml(file: &str, text: &str) -> Self {
        Self(Kind::Toml { file: file.to_owned(), text: text.into() })
    }

    pub(crate) fn pack(pack: PackPlaces) -> Self {
        Self(Kind::Pack(Box::new(pack)))
    }

    /// Gives a place to every fault that has none. What is missing is placed where it should stand: at the object or the row
    /// around it. One pass over the text however many faults: O(length + faults · log faults).
    pub fn locate(&self, faults: &mut Faults) {
        match &self.0 {
            Kind::Json { file, text } => {
                fill(file, text, faults, |pointers| json_places::offsets(text, pointers));
            }
            Kind::Toml { file, text } => {
                // The text was read before, so that it parses; if not, the faults keep their pointers.
                if let Ok(table) = DeTable::parse(text) {
                    fill(file, text, faults, |pointers| {
                        pointers
                            .iter()
                            .map(|pointer| toml_places::offset(&table, pointer))
                            .collect()
                    });
                }
            }
            Kind::Pack(pack) => {
                for fault in faults.iter_mut().filter(|fault| fault.place.is_none()) {
                    fault.place = Some(pack.place(&fault.pointer));
                }
            }
        }
    }
}

/// Places by byte offsets into one text.
fn fill(file: &str, text: &str, faults: &mut Faults, offsets: impl FnOnce(&[&str]) -> Vec<usize>) {
    let found = {
        let pointers: Vec<&str> = faults
            .iter()
            .filter(|fault| fault.place.is_none())
            .map(|fault| fault.pointer.as_str())
            .collect();
        lines_and_columns(text, &offsets(&pointers))
    };
    for (fault, (line, column)) in
        faults.iter_mut().filter(|fault| fault.place.is_none()).zip(found)
    {
        fault.place = Some(Place { file: file.to_owned(), line, column, field: None });
    }
}

/// [`report::line_and_column`] of many offsets in one pass.
pub(crate) fn lines_and_columns(text: &str, offsets: &[usize]) -> Vec<(u64, u64)> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_by_key(|&i| offsets[i]);
    let mut out = vec![(0, 0); offsets.len()];
    let (mut done, mut line, mut column) = (0_usize, 1_u64, 1_u64);
    for i in order {
        let mut end = offsets[i].clamp(done, text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        for c in text[done..end].chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        done = end;
        out[i] = (line, column);
    }
    out
}

/// Where the records of a pack stood: each knows its file and line, and its last key is a column.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackPlaces {
    /// `pack.toml`, for the members of the roster itself.
    pub(crate) head: String,
    /// Every file read.
    pub(crate) files: Vec<FilePlaces>,
    /// Rows that are records of the roster, by list.
    pub(crate) rows: BTreeMap<&'static str, RowLines>,
    /// Rows that are records within a record, by list and member.
    pub(crate) nested: BTreeMap<(&'static str, &'static str), NestedLines>,
    /// Members that stand in another file than their record's, by list, record and member.
    pub(crate) cells: BTreeMap<(&'static str, usize, &'static str), CellAt>,
    /// The taxonomy's own.
    pub(crate) taxonomy: Option<(String, TsvPlaces)>,
}

/// One file of a pack.
#[derive(Debug, Clone)]
pub(crate) struct FilePlaces {
    /// As it is called in the pack at hand.
    pub(crate) name: String,
    /// Its known columns and the number each has in the file, from 1.
    pub(crate) columns: Vec<(&'static str, u64)>,
}

/// The rows of a list.
#[derive(Debug, Clone)]
pub(crate) struct RowLines {
    /// The file, as a number in [`PackPlaces::files`].
    pub(crate) file: usize,
    /// For each record its line.
    pub(crate) lines: Vec<u64>,
}

/// The rows of records within records.
#[derive(Debug, Clone)]
pub(crate) struct NestedLines {
    /// The file, as a number in [`PackPlaces::files`].
    pub(crate) file: usize,
    /// For each owner, for each of its records, the line.
    pub(crate) of_owner: Vec<Vec<u64>>,
}

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct CellAt {
    /// The file, as a number in [`PackPlaces::files`].
    pub(crate) file: usize,
    /// The line.
    pub(crate) line: u64,
    /// The column's name.
    pub(crate) column: &'static str,
}

impl PackPlaces {
    fn place(&self, pointer: &str) -> Place {
        let steps: Vec<String> = steps(pointer).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        match steps.as_slice() {
            ["taxonomy", ..] => match &self.taxonomy {
                Some((file, places)) => Place {
                    file: file.clone(),
                    ..places.place(pointer.strip_prefix("/taxonomy").unwrap_or(pointer))
                },
                None => report::whole("taxonomy.tsv"),
            },
            [list, index, rest @ ..] => match (self.rows.get(list), index.parse::<usize>()) {
                (Some(rows), Ok(index)) => self.record(list, rows, index, rest),
                _ => self.head(pointer),
            },
            [list] => match self.rows.get(list) {
                Some(rows) => self.file(rows.file, 0, None),
                None => self.head(pointer),
            },
            [] => self.head(pointer),
        }
    }

    fn record(&self, list: &str, rows: &RowLines, index: usize, rest: &[&str]) -> Place {
        let line = rows.lines.get(index).copied().unwrap_or(0);
        let Some(&member) = rest.first() else { return self.file(rows.file, line, None) };
        if let Some(cell) = self.cells.get(&(list, index, member)) {
            return self.file(cell.file, cell.line, Some(cell.column));
        }
        let Some(nested) = self.nested.get(&(list, member)) else {
            return self.file(rows.file, line, Some(column_of(list, None, member)));
        };
        let number = rest.get(1).and_then(|step| step.parse::<usize>().ok());
        let line = number.and_then(|number| nested.of_owner.get(index)?.get(number));
        let column = rest.get(2).map(|key| column_of(list, Some(member), key));
        self.file(nested.file, line.copied().unwrap_or(0), column)
    }

    /// A line of a file, and a column if it is there.
    fn file(&self, file: usize, line: u64, column: Option<&str>) -> Place {
        let Some(file) = self.files.get(file) else { return report::whole("") };
        let known = column.filter(|_| line > 0);
        let number = known
            .and_then(|name| file.columns.iter().find(|(column, _)| *column == name))
            .map_or(0, |&(_, number)| number);
        Place { file: file.name.clone(), line, column: number, field: known.map(str::to_owned) }
    }

    fn head(&self, pointer: &str) -> Place {
        let mut place = report::whole("pack.toml");
        if let Ok(table) = DeTable::parse(&self.head)
            && !pointer.is_empty()
        {
            (place.line, place.column) =
                report::line_and_column(&self.head, toml_places::offset(&table, pointer));
        }
        place
    }
}

/// What the column is called that holds `key` of a record, or of a record within it. Most are called alike.
fn column_of<'a>(list: &str, within: Option<&str>, key: &'a str) -> &'a str {
    match (list, within, key) {
        ("people", None, "id") => "person_id",
        ("workers", None, "id") => "worker_id",
        ("services", None, "id") => "service_id",
        ("groups", None, "id") => "group_id",
        ("matches", None, "id") => "match_id",
        ("workers", Some("competences"), "area") => "code",
        ("workers", Some("identity"), "code") => "value",
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_offsets_in_one_pass_are_as_one_by_one() {
        let text = "ā\nbc\n\ndé";
        let offsets = [9, 0, 3, 2, 99, 5, 3];
        let one_by_one: Vec<(u64, u64)> =
            offsets.iter().map(|&at| report::line_and_column(text, at)).collect();
        assert_eq!(lines_and_columns(text, &offsets), one_by_one);
    }
}
