//! A TOML document as a JSON value, and where its parts stand.

use peermatch_model::fault::Faults;
use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::json_places::steps;
use crate::report;

/// Reads a TOML document. Dates become text; numbers that JSON cannot hold (`nan`, `inf`) become text too, so that the model's
/// check says what is wrong with them.
pub(crate) fn read(file: &str, text: &str) -> Result<Value, Faults> {
    match DeTable::parse(text) {
        Ok(table) => Ok(object(table.get_ref())),
        Err(error) => {
            let mut place = report::whole(file);
            if let Some(span) = error.span() {
                (place.line, place.column) = report::line_and_column(text, span.start);
            }
            let reason = format!(
                "not valid TOML: {}",
                error.message().lines().collect::<Vec<_>>().join("; ")
            );
            Err(report::one(
                place,
                "",
                "",
                reason,
                "correct the syntax here; the rest of this file was not read",
            ))
        }
    }
}

/// The byte offset at which the value of a pointer starts; for what is not there, that of the nearest value around it.
pub(crate) fn offset(table: &Spanned<DeTable<'_>>, pointer: &str) -> usize {
    // A table made by dotted keys or by a header further down spans its header alone; the document itself starts at 0.
    let mut found = 0;
    let mut here = Here::Table(table.get_ref());
    for step in steps(pointer) {
        let next = match here {
            Here::Table(table) => {
                table.iter().find(|(key, _)| key.get_ref() == step.as_str()).map(|(_, value)| value)
            }
            Here::Value(DeValue::Array(items)) => {
                step.parse::<usize>().ok().and_then(|index| items.get(index))
            }
            Here::Value(_) => None,
        };
        let Some(value) = next else { break };
        found = value.span().start;
        here = match value.get_ref() {
            DeValue::Table(table) => Here::Table(table),
            other => Here::Value(other),
        };
    }
    found
}

enum Here<'a, 'i> {
    Table(&'a DeTable<'i>),
    Value(&'a DeValue<'i>),
}

fn object(table: &DeTable<'_>) -> Value {
    let members: Map<String, Value> = table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())))
        .collect();
    Value::Object(members)
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Number(number.into()),
            Err(_) => Value::String(integer.as_str().to_owned()),
        },
        DeValue::Float(float) => {
            match float.as_str().parse::<f64>().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => Value::String(float.as_str().to_owned()),
            }
        }
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| plain(item.get_ref())).collect())
        }
        DeValue::Table(table) => object(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_places() {
        let text = "name = \"n\"\nday = 2026-11-22\nbig = 99999999999999999999\nx = nan\n[rules]\nmeeting = 60\n[a.b]\nc = { d = 1 }\n";
        let value = read("policy.toml", text).unwrap();
        assert_eq!(value["day"], "2026-11-22");
        assert_eq!(value["big"], "99999999999999999999");
        assert_eq!(value["x"], "nan");
        let table = DeTable::parse(text).unwrap();
        let at = |pointer: &str| report::line_and_column(text, offset(&table, pointer));
        assert_eq!(at("/name"), (1, 8));
        assert_eq!(at("/rules/meeting"), (6, 11));
        assert_eq!(at("/rules/missing"), (5, 1));
        assert_eq!(at("/a/b/c/d"), (8, 11));
        assert_eq!(at("/nowhere"), (1, 1));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let faults = read("policy.toml", "a = 1\nb = = 2\n").unwrap_err();
        let fault = faults.iter().next().unwrap();
        let place = fault.place.as_ref().unwrap();
        assert_eq!((place.line, place.column), (2, 5), "{fault}");
    }
}
