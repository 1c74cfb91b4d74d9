//! Menu documents ([`peermatch_core::menu::MenuDocument`]) as JSON.

use peermatch_core::menu::MenuDocument;
use peermatch_model::fault::Faults;

use crate::documents::{self, Kind};

/// The document as indented JSON: the same document gives the same bytes.
pub fn menu_json(document: &MenuDocument) -> Vec<u8> {
    documents::to_json(document)
}

/// Reads a menu document. Whether it holds for a roster is [`peermatch_core::menu::verify`]'s to say.
///
/// # Errors
/// One fault, with line and column: not text, not JSON, another kind of document, or not a right menu document.
pub fn read_menu(file: &str, bytes: &[u8]) -> Result<MenuDocument, Faults> {
    documents::read(file, bytes, Kind::Menu)
}
