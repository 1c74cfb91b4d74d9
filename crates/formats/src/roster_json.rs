//! The roster as one JSON document, `peermatch/roster@1`.

use peermatch_model::fault::{Faults, Place};
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::taxonomy::{ConceptInput, TaxonomyInput};
use serde::Deserialize;
use serde_json::Value;

use crate::documents::{self, Kind};
use crate::loaded::{Loaded, Names};
use crate::places::{Places, lines_and_columns};
use crate::{json_places, report, text};

/// The most keys standing twice that are reported of one document.
pub const DUPLICATES_MAX: usize = 1_000;

/// Reads a roster document. `file` is what it is called in places.
///
/// ```
/// use peermatch_formats::read_roster_json;
/// let faults = read_roster_json("roster.json", b"{\n  \"people\": [1,]\n}").unwrap_err();
/// let fault = faults.iter().next().unwrap();
/// assert_eq!(fault.place.as_ref().unwrap().to_string(), "roster.json:2:16");
/// ```
///
/// Memory and time are proportional to the bytes.
///
/// # Errors
/// One fault if the bytes are not text, not JSON (`NaN`, `1e999` and nesting deeper than 128 among it), or not an object. What
/// is wrong with values is for the model's check; a key that stands twice is in [`Loaded::faults`].
pub fn read_roster_json(file: &str, bytes: &[u8]) -> Result<Loaded, Faults> {
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    documents::not_another(file, &text, Kind::Roster)?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let read = Field::<RosterInput>::deserialize(&mut reader)
        .and_then(|read| reader.end().map(|()| read))
        .map_err(|error| syntax(file, &text, &error))?;
    let mut faults = standing_twice(file, &text);
    let Field::Given(mut input) = read else {
        let reason = "the document is not an object";
        return Err(report::one(
            Place { line: 1, column: 1, ..report::whole(file) },
            "",
            "",
            reason,
            "start with { \"format\": \"peermatch/roster@1\", ...",
        ));
    };
    let places = Places::json(file, &text);
    // A roster knows no taxonomy: the document does.
    let taxonomy =
        input.unknown.remove("taxonomy").filter(|taxonomy| !taxonomy.is_null()).map(|taxonomy| {
            let mut wrong = Faults::new();
            let input = read_taxonomy(taxonomy, &mut wrong);
            places.locate(&mut wrong);
            faults.extend(wrong);
            input
        });
    Ok(Loaded { input, taxonomy, names: Names::default(), places, faults, stopped: Vec::new() })
}

/// A roster document. What is absent is left out; the same input gives the same bytes.
pub fn write_roster_json(input: &RosterInput, taxonomy: Option<&TaxonomyInput>) -> Vec<u8> {
    let mut document = serde_json::to_value(input).unwrap_or_default();
    if let (Some(taxonomy), Value::Object(members)) = (taxonomy, &mut document) {
        members.insert("taxonomy".to_owned(), serde_json::to_value(taxonomy).unwrap_or_default());
    }
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads any JSON document, with a fault for every key that stands twice.
pub(crate) fn read_value(file: &str, text: &str) -> Result<(Value, Faults), Faults> {
    let value: Value = serde_json::from_str(text).map_err(|error| syntax(file, text, &error))?;
    Ok((value, standing_twice(file, text)))
}

/// A fault for every key that stands twice.
fn standing_twice(file: &str, text: &str) -> Faults {
    let mut faults = Faults::new();
    let twice = json_places::duplicates(text, DUPLICATES_MAX);
    let offsets: Vec<usize> = twice.iter().map(|one| one.offset).collect();
    for (one, (line, column)) in twice.iter().zip(lines_and_columns(text, &offsets)) {
        let place = Place { file: file.to_owned(), line, column, field: None };
        report::push(
            &mut faults,
            place,
            &one.pointer,
            &one.key,
            "this key stands twice in one object",
            "keep one of the two",
        );
    }
    faults
}

/// Where the reader of JSON stopped. It counts columns in bytes, from 1, and stands on the last byte it read.
pub(crate) fn place_of(file: &str, text: &str, error: &serde_json::Error) -> Place {
    let line = error.line();
    let start =
        text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let (line, column) = report::line_and_column(text, start + error.column().saturating_sub(1));
    Place { file: file.to_owned(), line, column, field: None }
}

/// The one fault of a text that is not JSON.
pub(crate) fn syntax(file: &str, text: &str, error: &serde_json::Error) -> Faults {
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let (reason, fix) = if error.is_eof() {
        (
            "not valid JSON: the file ends here, in the middle of the document, so it was cut off"
                .to_owned(),
            "write it again, or copy the whole file",
        )
    } else {
        (
            format!("not valid JSON: {reason}"),
            "correct the syntax here; nothing after this place was read",
        )
    };
    report::one(place_of(file, text, error), "", "", reason, fix)
}

fn read_taxonomy(value: Value, faults: &mut Faults) -> TaxonomyInput {
    use peermatch_model::fault::At;
    let root = At::root();
    let at = root.key("taxonomy");
    let concepts = match value {
        Value::Object(mut members) => {
            let concepts = members.shift_remove("concepts");
            for key in members.keys() {
                faults.report(
                    &at.key(key),
                    "",
                    format!("`{key}` is not a known name here"),
                    "remove it; known here: concepts",
                );
            }
            concepts
        }
        _ => None,
    };
    let Some(Value::Array(rows)) = concepts else {
        faults.report(
            &at,
            "",
            "the taxonomy has no list of concepts",
            "write { \"concepts\": [ ... ] }, or leave the taxonomy out to use the shipped one",
        );
        return TaxonomyInput::default();
    };
    let at = at.key("concepts");
    let mut concepts = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        match ConceptInput::deserialize(&row) {
            Ok(concept) => concepts.push(concept),
            Err(error) => {
                let fix = "write id, label, sensitivity (0, 1 or 2), kind and, if wished, parents, hints and note";
                faults.report(&at.index(index), "", error.to_string(), fix);
                // Keeps the numbers of those after it. Its own emptiness is reported by the check as well.
                concepts.push(ConceptInput::default());
            }
        }
    }
    TaxonomyInput { concepts }
}
