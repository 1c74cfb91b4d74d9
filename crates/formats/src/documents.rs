//! Result documents as JSON: what a program wrote, a program reads, so a fault ends the reading at once, with its place.

use peermatch_model::fault::{Faults, Place};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{report, text};

/// A document as indented JSON: the same document gives the same bytes.
pub(crate) fn to_json(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .expect("a document has text keys and finite numbers only");
    bytes.push(b'\n');
    bytes
}

/// Reads a document; `what` it should be and which `command` writes it are told if it is not.
pub(crate) fn read<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    what: &str,
    command: &str,
) -> Result<T, Faults> {
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    serde_json::from_str(&text).map_err(|error| {
        let place = Place {
            line: report::number(error.line()),
            column: report::number(error.column()),
            ..report::whole(file)
        };
        let told = error.to_string();
        let reason = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
        report::one(
            place,
            "",
            "",
            format!("not {what}: {reason}"),
            format!("give the file that `{command}` wrote"),
        )
    })
}

/// The format that a JSON document names, if it is one that names any.
pub fn format_of(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        format: String,
    }
    let text = text::document(bytes).ok()?;
    serde_json::from_str::<Named>(&text).ok().map(|named| named.format)
}
