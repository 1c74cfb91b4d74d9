//! A policy document, `peermatch/policy@1`, as TOML or JSON.

use peermatch_model::fault::Faults;
use peermatch_model::policy::PolicyInput;
use peermatch_model::raw::Field;
use serde_json::Value;
use thiserror::Error;

use crate::documents::{self, Kind};
use crate::places::Places;
use crate::{report, roster_json, text, toml_places};

/// Reads a policy: JSON if the name ends in `.json` or the text starts with `{`, TOML otherwise.
///
/// ```
/// use peermatch_formats::read_policy;
/// use peermatch_model::policy::{DEFAULT_POLICY_TOML, Policy};
/// let (input, _) = read_policy("policy.toml", DEFAULT_POLICY_TOML.as_bytes()).unwrap();
/// assert_eq!(Policy::check(&input).unwrap(), Policy::shipped());
/// ```
///
/// # Errors
/// The one syntax error with its place, or every key that stands twice. What the values mean is for
/// [`peermatch_model::policy::Policy::check`]; [`Places::locate`] gives its faults their places.
pub fn read_policy(file: &str, bytes: &[u8]) -> Result<(PolicyInput, Places), Faults> {
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    documents::not_another(file, &text, Kind::Policy)?;
    let named_json =
        file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
    let (value, places) = if named_json || text.trim_start().starts_with('{') {
        let (value, faults) = roster_json::read_value(file, &text)?;
        (faults.into_result(value)?, Places::json(file, &text))
    } else {
        (toml_places::read(file, &text)?, Places::toml(file, &text))
    };
    let wrong = || {
        report::one(
            report::whole(file),
            "",
            "",
            "a policy is a document of names and values",
            "start with the shipped policy and change it",
        )
    };
    if !value.is_object() {
        return Err(wrong());
    }
    match Field::<PolicyInput>::from_value(value) {
        Field::Given(input) => Ok((input, places)),
        _ => Err(wrong()),
    }
}

/// Why a policy cannot be written as TOML.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this policy cannot be written as TOML: {0}")]
pub struct PolicyWriteError(String);

/// Writes a policy as TOML. What is absent is left out.
///
/// # Errors
/// [`PolicyWriteError`] if a value has no TOML form (a null among the unknown members, say).
pub fn write_policy_toml(input: &PolicyInput) -> Result<String, PolicyWriteError> {
    let value = serde_json::to_value(input).map_err(|error| PolicyWriteError(error.to_string()))?;
    // Names first, tables after: a value that follows a table would belong to it.
    let mut ordered = toml::Table::new();
    if let Value::Object(members) = value {
        for (key, value) in members {
            ordered.insert(
                key,
                toml::Value::try_from(value)
                    .map_err(|error| PolicyWriteError(error.to_string()))?,
            );
        }
    }
    toml::to_string_pretty(&ordered).map_err(|error| PolicyWriteError(error.to_string()))
}
