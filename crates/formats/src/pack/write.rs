//! A roster to the files of a pack.

use std::collections::BTreeMap;

use peermatch_model::raw::RosterInput;
use peermatch_model::taxonomy::{TSV_FILE, TaxonomyInput};
use serde_json::{Map, Value};
use thiserror::Error;

use super::records::LEVEL_SEPARATOR;
use super::sheets::{self, Sheet};
use super::{HEAD_FILE, PACK_FORMAT};
use crate::loaded::Names;
use crate::table::LIST_SEPARATOR;
use crate::write_csv::{Cell, Dialect, write_table};

/// Why a roster cannot be written as a pack.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackError {
    /// A value of a list holds the separator of lists.
    #[error(
        "{file}: `{value}` holds `{LIST_SEPARATOR}`, which stands between the values of a list"
    )]
    Separator {
        /// The file.
        file: &'static str,
        /// The value.
        value: String,
    },
    /// A member, or a whole record, that has no column.
    #[error("{file}: `{member}` has no column in a pack")]
    NoColumn {
        /// The file.
        file: &'static str,
        /// The member, or what stands in a record's place.
        member: String,
    },
    /// A tab or a line break in a taxonomy, which is written without quotes.
    #[error("{TSV_FILE}: `{value}` holds a tab or a line break")]
    Taxonomy {
        /// The value.
        value: String,
    },
}

/// Writes a roster as the files of a pack, by name. Files without rows are left out, but for those a pack must have.
///
/// Meant for rosters that a check has found right: of others, wrong values are written as they stand, and come back as text.
/// Reading what was written gives the same roster, but that a list written as `[]` comes back absent, and that space around a
/// text is lost.
///
/// # Errors
/// [`PackError`] if the roster holds what a pack cannot.
pub fn write_pack(
    input: &RosterInput,
    taxonomy: Option<&TaxonomyInput>,
    names: &Names,
    dialect: Dialect,
) -> Result<BTreeMap<String, Vec<u8>>, PackError> {
    let Ok(Value::Object(mut roster)) = serde_json::to_value(input) else {
        return Err(PackError::NoColumn {
            file: HEAD_FILE,
            member: "a roster that is not an object".to_owned(),
        });
    };
    let mut out = Out { rows: BTreeMap::new() };
    for mut person in taken(&mut roster, "people", &sheets::PEOPLE)? {
        let id = person.get("id").cloned().unwrap_or_default();
        out.side(&mut person, "experiences", &sheets::PERSON_EXPERIENCES, &id)?;
        out.side(&mut person, "wishes", &sheets::PERSON_PREFERENCES, &id)?;
        out.side(&mut person, "identity", &sheets::PERSON_IDENTITY, &id)?;
        out.side(&mut person, "nominated_peers", &sheets::NOMINATED_PEERS, &id)?;
        out.row(&sheets::PEOPLE, person)?;
    }
    for mut worker in taken(&mut roster, "workers", &sheets::WORKERS)? {
        let id = worker.get("id").cloned().unwrap_or_default();
        out.side(&mut worker, "experiences", &sheets::WORKER_EXPERIENCES, &id)?;
        out.side(&mut worker, "wishes", &sheets::WORKER_WISHES, &id)?;
        out.worker_identity(&mut worker, &id)?;
        for (member, kind) in [("training", "training"), ("competences", "competence")] {
            for mut skill in taken(&mut worker, member, &sheets::WORKER_SKILLS)? {
                if let Some(area) = skill.shift_remove("area") {
                    skill.insert("code".to_owned(), area);
                }
                skill.insert("kind".to_owned(), kind.into());
                skill.insert("worker_id".to_owned(), id.clone());
                out.row(&sheets::WORKER_SKILLS, skill)?;
            }
        }
        if let Some(minimum) = worker.shift_remove("minimum") {
            let row = [("worker_id".to_owned(), id), ("minimum".to_owned(), minimum)];
            out.row(&sheets::MINIMUMS, row.into_iter().collect())?;
        }
        out.row(&sheets::WORKERS, worker)?;
    }
    let lists = [
        ("services", &sheets::SERVICES),
        ("conflicts", &sheets::CONFLICTS),
        ("matches", &sheets::MATCHES),
        ("groups", &sheets::GROUPS),
        ("pins", &sheets::PINS),
        ("limits", &sheets::LIMITS),
        ("codes", &sheets::CODES),
    ];
    for (list, sheet) in lists {
        for record in taken(&mut roster, list, sheet)? {
            out.row(sheet, record)?;
        }
    }
    for (id, name) in names.iter() {
        let row = [("id".to_owned(), id.into()), ("name".to_owned(), name.into())];
        out.row(&sheets::NAMES, row.into_iter().collect())?;
    }

    let mut files = out.files(dialect);
    files.insert(HEAD_FILE.to_owned(), head(&mut roster)?);
    if let Some(taxonomy) = taxonomy {
        files.insert(TSV_FILE.to_owned(), tsv(taxonomy)?);
    }
    Ok(files)
}

type Members = Map<String, Value>;

struct Out {
    rows: BTreeMap<&'static str, Vec<Vec<Cell<'static>>>>,
}

impl Out {
    /// One record as one row. Every member must have a column.
    fn row(&mut self, sheet: &'static Sheet, mut record: Members) -> Result<(), PackError> {
        let mut cells = Vec::with_capacity(sheet.columns.len());
        for column in sheet.columns {
            let own_id =
                column.name.strip_suffix("_id").is_some() && !record.contains_key(column.name);
            let member = if own_id { "id" } else { column.name };
            cells.push(match record.shift_remove(member) {
                Some(value) => cell(sheet, column.name, &value)?,
                None => Cell::from(""),
            });
        }
        if let Some(member) = record.keys().next() {
            return Err(PackError::NoColumn { file: sheet.file, member: member.clone() });
        }
        self.rows.entry(sheet.file).or_default().push(cells);
        Ok(())
    }

    /// Records within a record, as rows that name it.
    fn side(
        &mut self,
        owner: &mut Members,
        member: &str,
        sheet: &'static Sheet,
        id: &Value,
    ) -> Result<(), PackError> {
        for mut record in taken(owner, member, sheet)? {
            record.insert(sheet.columns[0].name.to_owned(), id.clone());
            self.row(sheet, record)?;
        }
        Ok(())
    }

    fn worker_identity(&mut self, worker: &mut Members, id: &Value) -> Result<(), PackError> {
        let sheet = &sheets::WORKER_IDENTITY;
        let told = [
            ("gender", "gender_consent_match", "gender_consent_show"),
            ("age_band", "age_consent_match", "age_consent_show"),
        ];
        for (member, consent_match, consent_show) in told {
            let mut row = Members::new();
            for (from, to) in [
                (member, "value"),
                (consent_match, "consent_match"),
                (consent_show, "consent_show"),
            ] {
                if let Some(value) = worker.shift_remove(from) {
                    row.insert(to.to_owned(), value);
                }
            }
            if !row.is_empty() {
                row.insert("dimension".to_owned(), member.into());
                row.insert("worker_id".to_owned(), id.clone());
                self.row(sheet, row)?;
            }
        }
        for mut code in taken(worker, "identity", sheet)? {
            if let Some(value) = code.shift_remove("code") {
                code.insert("value".to_owned(), value);
            }
            code.insert("dimension".to_owned(), "code".into());
            code.insert("worker_id".to_owned(), id.clone());
            self.row(sheet, code)?;
        }
        Ok(())
    }

    fn files(mut self, dialect: Dialect) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for sheet in sheets::ALL {
            let rows = self.rows.remove(sheet.file).unwrap_or_default();
            if sheet.required || !rows.is_empty() {
                let header: Vec<&str> = sheet.columns.iter().map(|column| column.name).collect();
                files.insert(sheet.file.to_owned(), write_table(&header, rows, dialect));
            }
        }
        files
    }
}

/// Takes a list of records out of a record.
fn taken(
    record: &mut Members,
    member: &str,
    sheet: &'static Sheet,
) -> Result<Vec<Members>, PackError> {
    let no_column =
        |value: &Value| PackError::NoColumn { file: sheet.file, member: value.to_string() };
    match record.shift_remove(member) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(records)) => records
            .into_iter()
            .map(|record| match record {
                Value::Object(members) => Ok(members),
                other => Err(no_column(&other)),
            })
            .collect(),
        Some(other) => Err(no_column(&other)),
    }
}

fn cell(sheet: &'static Sheet, column: &str, value: &Value) -> Result<Cell<'static>, PackError> {
    Ok(match value {
        Value::Number(number) => Cell::Number(number.to_string()),
        Value::Array(parts) => {
            let mut text = String::new();
            for (at, part) in parts.iter().enumerate() {
                let part = word(sheet, column, part)?;
                if part.contains(LIST_SEPARATOR) {
                    return Err(PackError::Separator { file: sheet.file, value: part });
                }
                if at > 0 {
                    text.push(LIST_SEPARATOR);
                }
                text.push_str(&part);
            }
            Cell::from(text)
        }
        other => Cell::from(word(sheet, column, other)?),
    })
}

/// One value as text. The one record that a cell holds is a language with its level.
fn word(sheet: &'static Sheet, column: &str, value: &Value) -> Result<String, PackError> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(true) => Ok("yes".to_owned()),
        Value::Bool(false) => Ok("no".to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        Value::Object(members) if column == "languages" => {
            if let Some(unknown) = members.keys().find(|key| *key != "tag" && *key != "level") {
                return Err(PackError::NoColumn { file: sheet.file, member: unknown.clone() });
            }
            let part = |key: &str| {
                members.get(key).map_or(Ok(String::new()), |value| word(sheet, key, value))
            };
            let (tag, level) = (part("tag")?, part("level")?);
            Ok(if level.is_empty() { tag } else { format!("{tag}{LEVEL_SEPARATOR}{level}") })
        }
        Value::Array(_) | Value::Object(_) => {
            Err(PackError::NoColumn { file: sheet.file, member: format!("{column}: {value}") })
        }
    }
}

/// `pack.toml`, from what is left of the roster.
fn head(roster: &mut Members) -> Result<Vec<u8>, PackError> {
    roster.shift_remove("format");
    let mut text = format!("format = \"{PACK_FORMAT}\"\n");
    for key in ["as_of", "zone"] {
        match roster.shift_remove(key) {
            None | Some(Value::Null) => {}
            Some(value) => {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                // A TOML string is written as a JSON one.
                text += key;
                text += " = ";
                text += &Value::String(value).to_string();
                text.push('\n');
            }
        }
    }
    match roster.keys().next() {
        Some(member) => Err(PackError::NoColumn { file: HEAD_FILE, member: member.clone() }),
        None => Ok(text.into_bytes()),
    }
}

fn tsv(taxonomy: &TaxonomyInput) -> Result<Vec<u8>, PackError> {
    let mut text = "id\tlabel\tparents\tsensitivity\tkind\thints\tnote\n".to_owned();
    for concept in &taxonomy.concepts {
        let list = |parts: &[String]| parts.join(&LIST_SEPARATOR.to_string());
        let sensitivity = concept.sensitivity.to_string();
        let cells = [
            &concept.id,
            &concept.label,
            &list(&concept.parents),
            &sensitivity,
            &concept.kind,
            &list(&concept.hints),
            &concept.note,
        ];
        if let Some(cell) = cells.iter().find(|cell| cell.contains(['\t', '\n', '\r'])) {
            return Err(PackError::Taxonomy { value: (*cell).clone() });
        }
        text.push_str(&cells.map(String::as_str).join("\t"));
        text.push('\n');
    }
    Ok(text.into_bytes())
}
