//! The hash chain of the audit: each row's hash covers the row before, so nothing can be changed, taken out or put between without every later hash
//! being wrong.

use sha2::{Digest, Sha256};

use crate::audit::{AuditEntry, AuditRow};

/// What the first row of an organisation's chain follows.
pub fn root(organisation: &str) -> String {
    hex(&Sha256::digest(format!("peermatch/audit@1\n{organisation}").as_bytes()))
}

/// The hash of a row: of its number, of the hash before, and of the entry's JSON.
pub fn hash(seq: i64, before: &str, entry: &AuditEntry) -> String {
    let entry = serde_json::to_string(entry).expect("an entry is plain data");
    hash_of_text(seq, before, &entry)
}

/// The same of an entry's JSON as it is kept.
pub fn hash_of_text(seq: i64, before: &str, entry: &str) -> String {
    hex(&Sha256::digest(format!("{seq}\n{before}\n{entry}").as_bytes()))
}

/// Where a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[error("the audit of organisation {organisation} breaks at row {seq}: {reason}")]
pub struct Broken {
    /// Organisation.
    pub organisation: String,
    /// The row that does not follow from those before.
    pub seq: i64,
    /// Why.
    pub reason: &'static str,
}

/// Walks a chain row by row, in order.
#[derive(Debug, Clone)]
pub struct Walk {
    organisation: String,
    seq: i64,
    head: String,
}

impl Walk {
    /// At the beginning of an organisation's chain.
    pub fn new(organisation: &str) -> Self {
        Self { organisation: organisation.to_owned(), seq: 0, head: root(organisation) }
    }

    /// Goes on by one row.
    ///
    /// # Errors
    /// The row does not follow.
    pub fn step(&mut self, row: &AuditRow) -> Result<(), Broken> {
        let broken =
            |reason| Broken { organisation: self.organisation.clone(), seq: row.seq, reason };
        if row.seq != self.seq + 1 {
            return Err(broken("a row is missing or stands twice"));
        }
        if row.before != self.head {
            return Err(broken("it does not follow the row before"));
        }
        if row.hash != hash(row.seq, &row.before, &row.entry) {
            return Err(broken("its content is not what was written"));
        }
        self.seq = row.seq;
        self.head.clone_from(&row.hash);
        Ok(())
    }

    /// How many rows were walked, and the hash of the last: written down elsewhere, it shows that nothing was cut off the end.
    pub fn head(&self) -> (i64, &str) {
        (self.seq, &self.head)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
