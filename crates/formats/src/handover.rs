//! The handover document ([`peermatch_core::handover::Handover`]) as JSON, with the certificate of its matching.

use peermatch_core::handover::Handover;
use peermatch_model::fault::{Faults, Place};

use crate::{report, text};

/// The document as indented JSON: the same document gives the same bytes.
pub fn handover_json(handover: &Handover) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(handover)
        .expect("a document has text keys and finite numbers only");
    bytes.push(b'\n');
    bytes
}

/// Reads a handover document. Whether it holds for a roster is [`peermatch_core::handover::verify`]'s to say.
///
/// # Errors
/// One fault, with line and column: not text, not JSON, or not a handover document.
pub fn read_handover(file: &str, bytes: &[u8]) -> Result<Handover, Faults> {
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
            format!("not a handover document: {reason}"),
            "give the file that `peermatch handover --out` wrote",
        )
    })
}
