//! The taxonomy as a tab-separated table: rows in, unchecked input out, every cell that cannot be read reported.

use super::{CONCEPTS_MAX, ConceptInput, TaxonomyInput};
use crate::fault::{At, Faults, Place, nearest};

/// The file name in the places of faults; whoever knows a better one replaces it.
pub const TSV_FILE: &str = "taxonomy.tsv";

/// Columns and whether they must be there. The order in the file is free.
const COLUMNS: [(&str, bool); 7] = [
    ("id", true),
    ("label", true),
    ("parents", true),
    ("sensitivity", true),
    ("kind", true),
    ("hints", false),
    ("note", false),
];

/// Between the ids of a cell.
const SEPARATOR: char = '|';

/// What [`read_tsv`] found.
#[derive(Debug, Clone)]
pub struct TsvRead {
    /// The rows that could be read; a cell that could not be stands empty (or 0) and has a fault.
    pub input: TaxonomyInput,
    /// Where each row of `input` stood.
    pub places: TsvPlaces,
    /// What could not be read.
    pub faults: Faults,
}

/// Where the rows of a taxonomy stood in its file.
#[derive(Debug, Clone, Default)]
pub struct TsvPlaces {
    /// For each concept its line.
    lines: Vec<u64>,
    /// For each of [`COLUMNS`] its column, if it is there.
    columns: [Option<usize>; COLUMNS.len()],
}

impl TsvPlaces {
    /// The place of a fault of [`super::Taxonomy::check`], whose pointers are `/concepts/ROW[/FIELD[/...]]`; the file as a whole for others.
    pub fn place(&self, pointer: &str) -> Place {
        let mut steps = pointer.split('/').skip(2);
        let row = steps.next().and_then(|step| step.parse::<usize>().ok());
        let line = row.and_then(|row| self.lines.get(row)).copied().unwrap_or(0);
        let field = if line == 0 { None } else { steps.next() };
        let column = field
            .and_then(|field| COLUMNS.iter().position(|&(name, _)| name == field))
            .and_then(|known| self.columns[known]);
        place(line, column, field)
    }
}

/// Reads a taxonomy table, as [`read_tsv`].
///
/// # Errors
/// Every fault found while reading. What the rows mean is left to [`super::Taxonomy::check`].
pub fn parse_tsv(text: &str) -> Result<TaxonomyInput, Faults> {
    let read = read_tsv(text);
    read.faults.into_result(read.input)
}

/// Reads a taxonomy table: one line of column names (`id label parents sensitivity kind`, and if wished `hints` and `note`, in any
/// order), then one line a concept; tabs between cells, `|` between the ids of a cell.
///
/// A byte-order mark, CR LF, empty lines, spaces around cells, and a spreadsheet's quotes around a cell do not matter.
/// Rows after the first [`CONCEPTS_MAX`] + 1 are not read. O(length).
pub fn read_tsv(text: &str) -> TsvRead {
    let mut read = TsvRead {
        input: TaxonomyInput::default(),
        places: TsvPlaces::default(),
        faults: Faults::new(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1_u64..)
        .zip(text.split('\n'))
        .map(|(number, line)| (number, line.strip_suffix('\r').unwrap_or(line)))
        .filter(|(_, line)| !line.trim().is_empty());

    let Some((header_line, header)) = lines.next() else {
        report(
            &mut read.faults,
            &At::root(),
            place(0, None, None),
            "",
            "the taxonomy is empty",
            format!("start with {}", header_wanted()),
        );
        return read;
    };
    let names: Vec<String> =
        header.split('\t').map(|cell| unquote(cell).to_ascii_lowercase()).collect();
    read_header(&names, header_line, &mut read);
    if !read.faults.is_empty() {
        // Without the columns every row would be a fault that says the same again.
        return read;
    }

    for (line, text) in lines.take(CONCEPTS_MAX + 1) {
        let cells: Vec<&str> = text.split('\t').collect();
        read_row(&cells, line, names.len(), &mut read);
    }
    read
}

fn read_header(names: &[String], line: u64, read: &mut TsvRead) {
    for (at, name) in names.iter().enumerate() {
        match COLUMNS.iter().position(|(known, _)| known == name) {
            Some(known) if read.places.columns[known].is_none() => {
                read.places.columns[known] = Some(at);
            }
            Some(_) => {
                let fix = "keep one of the two columns";
                report(
                    &mut read.faults,
                    &At::root(),
                    place(line, Some(at), None),
                    name,
                    "this column is there twice",
                    fix,
                );
            }
            // Spreadsheets leave empty columns at the end.
            None if name.is_empty() => {}
            None => {
                let fix = match nearest(name, COLUMNS.iter().map(|&(known, _)| known)) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("use {}", header_wanted()),
                };
                report(
                    &mut read.faults,
                    &At::root(),
                    place(line, Some(at), None),
                    name,
                    "there is no such column",
                    fix,
                );
            }
        }
    }
    for (known, &(name, required)) in COLUMNS.iter().enumerate() {
        if required && read.places.columns[known].is_none() {
            let reason = "this column is missing";
            report(
                &mut read.faults,
                &At::root(),
                place(line, None, None),
                name,
                reason,
                format!("use {}", header_wanted()),
            );
        }
    }
}

fn read_row(cells: &[&str], line: u64, width: usize, read: &mut TsvRead) {
    let row = read.input.concepts.len();
    let here = At::root();
    let here = here.key("concepts");
    let here = here.index(row);
    if let Some((at, extra)) =
        cells.iter().enumerate().skip(width).find(|(_, cell)| !cell.trim().is_empty())
    {
        let fix = format!("keep to {width} cells a line, and no tab inside a cell");
        let reason = "this line has more cells than there are columns";
        report(&mut read.faults, &here, place(line, Some(at), None), extra, reason, fix);
    }
    // Cells that an editor dropped from the end of the line count as empty.
    let cell = |name: &str| -> String {
        let known = COLUMNS.iter().position(|&(known, _)| known == name);
        let at = known.and_then(|known| read.places.columns[known]);
        at.and_then(|at| cells.get(at)).map(|cell| unquote(cell)).unwrap_or_default()
    };
    let list = |name: &str| -> Vec<String> {
        let text = cell(name);
        if text.is_empty() {
            Vec::new()
        } else {
            text.split(SEPARATOR).map(|part| part.trim().to_owned()).collect()
        }
    };
    let sensitivity = cell("sensitivity");
    let concept = ConceptInput {
        id: cell("id"),
        label: cell("label"),
        parents: list("parents"),
        sensitivity: sensitivity.parse().unwrap_or(0),
        kind: cell("kind"),
        hints: list("hints"),
        note: cell("note"),
    };
    if sensitivity.parse::<i64>().is_err() {
        let column = read.places.columns[3];
        let at = place(line, column, Some("sensitivity"));
        report(
            &mut read.faults,
            &here.key("sensitivity"),
            at,
            &sensitivity,
            "the sensitivity is not a whole number",
            "write 0, 1 or 2",
        );
    }
    read.input.concepts.push(concept);
    read.places.lines.push(line);
}

/// A cell without the quotes that spreadsheets put around one that holds a quote. A cell that merely starts with a quoted word is left alone.
fn unquote(cell: &str) -> String {
    let cell = cell.trim();
    let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.replace("\"\"", "").contains('"') => {
            inner.replace("\"\"", "\"").trim().to_owned()
        }
        _ => cell.to_owned(),
    }
}

fn header_wanted() -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|&(name, _)| name).collect();
    format!("the columns {} (the last two if wished), with tabs between", names.join(" "))
}

fn place(line: u64, column: Option<usize>, field: Option<&str>) -> Place {
    let column = column.and_then(|at| u64::try_from(at + 1).ok()).unwrap_or(0);
    Place { file: TSV_FILE.to_owned(), line, column, field: field.map(str::to_owned) }
}

fn report(
    faults: &mut Faults,
    at: &At<'_>,
    place: Place,
    value: &str,
    reason: &str,
    fix: impl Into<String>,
) {
    faults.report(at, value, reason, fix);
    if let Some(last) = faults.iter_mut().last() {
        last.place = Some(place);
    }
}
