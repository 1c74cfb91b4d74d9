//! Records of a roster, and what is committed at once.

use serde::{Deserialize, Serialize};

use crate::audit::AuditEntry;

/// How many commits a roster has seen: 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i64);

/// Where a roster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterMeta {
    /// Organisation.
    pub organisation: String,
    /// Id within the organisation.
    pub roster: String,
    /// How many commits it has seen.
    pub revision: Revision,
    /// When it was made.
    pub made_at: i64,
    /// When it was changed last.
    pub changed_at: i64,
}

/// One record: what it means is known to whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is (`person`, `worker`, `match`, ...).
    pub kind: String,
    /// Id within its kind.
    pub id: String,
    /// JSON; `None` only in answers about what changed, where it was deleted.
    pub body: Option<String>,
    /// The revision that wrote it.
    pub revision: Revision,
}

/// A roster's records at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where the roster is.
    pub meta: RosterMeta,
    /// Its records, by kind and then id.
    pub records: Vec<Record>,
}

/// One record to be written or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// What it is.
    pub kind: String,
    /// Id within its kind.
    pub id: String,
    /// JSON; `None` deletes.
    pub body: Option<String>,
}

/// What was answered to a request that carried an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Whose request.
    pub principal: String,
    /// The key.
    pub key: String,
    /// Hash of method, path and body: the same key with another request is an error.
    pub request_hash: String,
    /// HTTP status.
    pub status: u16,
    /// Headers worth repeating, as JSON.
    pub headers: String,
    /// The body.
    pub body: String,
    /// When.
    pub at: i64,
}

/// All that one decision changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Organisation.
    pub organisation: String,
    /// Roster.
    pub roster: String,
    /// The revision at which it was decided; `None` to make the roster ([`crate::StoreError::Taken`] if it is there).
    pub expected: Option<Revision>,
    /// Deletes all records first, for an import that replaces.
    pub replace: bool,
    /// Records written and deleted.
    pub puts: Vec<Put>,
    /// What is told to the audit, in the same transaction.
    pub audit: Vec<AuditEntry>,
    /// What is answered, kept in the same transaction.
    pub reply: Option<Reply>,
    /// When.
    pub at: i64,
}
