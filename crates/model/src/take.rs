//! Taking values out of raw fields while collecting every fault. Shared by the checkers of roster and policy.

use serde_json::Value;

use crate::fault::{At, Faults, nearest};
use crate::raw::{Field, Unknown};

/// Takes what is there; a wrong shape is reported.
pub(crate) fn optional<T: Clone>(faults: &mut Faults, at: &At<'_>, field: &Field<T>) -> Option<T> {
    match field {
        Field::Absent => None,
        Field::Given(value) => Some(value.clone()),
        Field::Wrong { found, reason } => {
            wrong(faults, at, found, reason);
            None
        }
    }
}

/// Takes what must be there; its absence is reported too.
pub(crate) fn required<T: Clone>(
    faults: &mut Faults,
    at: &At<'_>,
    field: &Field<T>,
    fix: &str,
) -> Option<T> {
    if field.is_absent() {
        faults.report(at, "", "nothing stands here, but it is needed", fix);
    }
    optional(faults, at, field)
}

/// Walks a list of fields, reporting each wrong one, and hands each right one on with its place.
pub(crate) fn each<T>(
    faults: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
    mut with: impl FnMut(&mut Faults, &At<'_>, usize, &T),
) {
    match rows {
        Field::Absent => {}
        Field::Wrong { found, reason } => wrong(faults, at, found, reason),
        Field::Given(rows) => {
            for (index, row) in rows.iter().enumerate() {
                let at = at.index(index);
                match row {
                    Field::Absent => faults.report(&at, "null", "an empty element", "remove it"),
                    Field::Wrong { found, reason } => wrong(faults, &at, found, reason),
                    Field::Given(row) => with(faults, &at, index, row),
                }
            }
        }
    }
}

/// The right values of a list, reporting the wrong ones.
pub(crate) fn list<T: Clone>(
    faults: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
) -> Vec<T> {
    let mut out = Vec::new();
    each(faults, at, rows, |_, _, _, row| out.push(row.clone()));
    out
}

/// Reports members that no reader knows.
pub(crate) fn unknown(faults: &mut Faults, at: &At<'_>, unknown: &Unknown, known: &[&'static str]) {
    for (key, value) in unknown {
        let fix = match nearest(key, known.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("remove it; known here: {}", known.join(", ")),
        };
        faults.report(&at.key(key), short(value), format!("`{key}` is not a known name here"), fix);
    }
}

/// Reports a value of the wrong shape, in words.
fn wrong(faults: &mut Faults, at: &At<'_>, found: &Value, reason: &str) {
    let shown = short(found);
    // serde says: unknown variant `x`, expected one of `a`, `b` | invalid type: string "x", expected u32 | invalid value: ...
    let expected = reason.split_once("expected ").map_or("", |(_, e)| e).trim();
    if reason.starts_with("unknown variant") {
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let mut fix = format!("use one of: {}", known.join(", "));
        if let Some(word) = nearest(&shown, known.iter().copied()) {
            fix = format!("did you mean `{word}`? Known: {}", known.join(", "));
        }
        return faults.report(at, &shown, format!("`{shown}` is not a known word here"), fix);
    }
    let plain = plain_expected(expected);
    let what = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes/no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    faults.report(at, &shown, format!("{what} that is not {plain}"), format!("write {plain}"));
}

fn plain_expected(expected: &str) -> &'static str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative and not too large",
        "i32" | "i64" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false (in a spreadsheet: yes or no)",
        "a string" => "a text",
        "a sequence" => "a list",
        "a map" | "struct" => "an object",
        e if e.starts_with("struct") => "an object",
        _ => "a value of the documented kind",
    }
}

/// A value as it is repeated in a fault.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}
