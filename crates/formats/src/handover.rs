//! The handover document ([`peermatch_core::handover::Handover`]) as JSON, with the certificate of its matching.

use peermatch_core::handover::Handover;
use peermatch_model::fault::Faults;

use crate::documents::{self, Kind};

/// The document as indented JSON: the same document gives the same bytes.
pub fn handover_json(handover: &Handover) -> Vec<u8> {
    documents::to_json(handover)
}

/// Reads a handover document. Whether it holds for a roster is [`peermatch_core::handover::verify`]'s to say.
///
/// # Errors
/// One fault, with line and column: not text, not JSON, another kind of document, or not a right handover document.
pub fn read_handover(file: &str, bytes: &[u8]) -> Result<Handover, Faults> {
    documents::read(file, bytes, Kind::Handover)
}
