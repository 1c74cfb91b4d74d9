//! Lottery documents ([`peermatch_core::lottery::LotteryDocument`]) as JSON, and the propensity log as CSV or JSON Lines.
//!
//! The log holds what evaluation by inverse propensity needs, one line per eligible pair: who could have been drawn to whom, with
//! which exact chance, and whether it happened. It names ids and chances, and nothing of what the chances were made from; chances
//! are the auditor's and the researcher's to read.

use peermatch_core::lottery::LotteryDocument;
use peermatch_model::fault::Faults;
use serde::Serialize;

use crate::documents::{self, Kind};
use crate::write_csv::{Cell, Dialect, write_table};

/// The columns of the log.
pub const LOG_COLUMNS: [&str; 5] = ["person_id", "worker_id", "numerator", "denominator", "drawn"];

/// The document as indented JSON: the same document gives the same bytes.
pub fn lottery_json(document: &LotteryDocument) -> Vec<u8> {
    documents::to_json(document)
}

/// Reads a lottery document. Whether it holds for a roster is [`peermatch_core::lottery::verify`]'s to say.
///
/// # Errors
/// One fault, with line and column: not text, not JSON, another kind of document, or not a right lottery document.
pub fn read_lottery(file: &str, bytes: &[u8]) -> Result<LotteryDocument, Faults> {
    documents::read(file, bytes, Kind::Lottery)
}

/// Whether a pair was drawn, as 0 or 1.
fn drawn(document: &LotteryDocument, person: &str, worker: &str) -> u32 {
    u32::from(document.drawn.get(person).is_some_and(|drawn| drawn == worker))
}

/// The propensity log as a table: `numerator / denominator` is the chance of the pair, `drawn` is 1 or 0.
pub fn log_csv(document: &LotteryDocument) -> Vec<u8> {
    let denominator = document.denominator.to_string();
    let numerators: Vec<String> =
        document.chances.iter().map(|chance| chance.numerator.to_string()).collect();
    let rows = document.chances.iter().zip(&numerators).map(|(chance, numerator)| {
        let (person, worker) = (chance.person_id.as_str(), chance.worker_id.as_str());
        vec![
            person.into(),
            worker.into(),
            numerator.as_str().into(),
            denominator.as_str().into(),
            Cell::from(drawn(document, person, worker)),
        ]
    });
    write_table(&LOG_COLUMNS, rows, Dialect::PLAIN)
}

/// The propensity log as JSON Lines: one object per eligible pair, numbers as numbers (beyond 2^53 a reader must take care).
pub fn log_jsonl(document: &LotteryDocument) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        person_id: &'a str,
        worker_id: &'a str,
        numerator: i128,
        denominator: i128,
        drawn: u32,
    }
    let mut out = Vec::new();
    for chance in &document.chances {
        let line = Line {
            person_id: &chance.person_id,
            worker_id: &chance.worker_id,
            numerator: chance.numerator.0,
            denominator: document.denominator.0,
            drawn: drawn(document, &chance.person_id, &chance.worker_id),
        };
        serde_json::to_writer(&mut out, &line).expect("text and whole numbers");
        out.push(b'\n');
    }
    out
}
