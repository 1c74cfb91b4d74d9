//! The matching document ([`peermatch_core::report::MatchingDocument`]) as JSON, with its certificate, and as a table for
//! spreadsheets.
//!
//! A program writes it and a program reads it, so a fault ends the reading at once, with its place.

use peermatch_core::report::{Matched, MatchingDocument, Origin};
use peermatch_model::fault::Faults;

use crate::documents::{self, Kind};
use crate::write_csv::{Cell, Dialect, write_table};

/// The columns of the table.
pub const MATCHING_COLUMNS: [&str; 4] = ["person_id", "worker_id", "status", "fit"];

/// The document as indented JSON: the same document gives the same bytes.
pub fn matching_json(document: &MatchingDocument) -> Vec<u8> {
    documents::to_json(document)
}

/// Who is matched with whom as a table that a spreadsheet opens: person, worker, how it came about, and the fit in millionths
/// (empty where it says nothing: kept pairs, and people who asked for nothing).
///
/// Spreadsheets are a coordinator's: give it [`MatchingDocument::matches_seen`], not the document's own matches, whose fit is the auditor's.
pub fn matching_csv(matches: &[Matched]) -> Vec<u8> {
    let rows = matches.iter().map(|pair| {
        let status = match pair.status {
            Origin::Proposed => "proposed",
            Origin::Pinned => "pinned",
            Origin::Kept => "kept",
        };
        let fit = match pair.fit {
            Some(fit) if !pair.nothing_asked => Cell::from(fit),
            _ => Cell::from(""),
        };
        vec![pair.person_id.as_str().into(), pair.worker_id.as_str().into(), status.into(), fit]
    });
    write_table(&MATCHING_COLUMNS, rows, Dialect::SPREADSHEET)
}

/// Reads a matching document. Whether it holds for a roster is [`peermatch_core::report::verify`]'s to say.
///
/// # Errors
/// One fault, with line and column: not text, not JSON, another kind of document, or not a right matching document.
pub fn read_matching(file: &str, bytes: &[u8]) -> Result<MatchingDocument, Faults> {
    documents::read(file, bytes, Kind::Matching)
}
