//! Entries of the audit: who did what to whom, from which state, and what was shown. Ids and hashes only.

use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who: `key:ID`, `account:ID`, `link:ID`, `demo`, `command`.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// What (`suggestions.shown`, `menu.answered`, `match.decided`, ...).
    pub action: String,
    /// Roster, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub roster: Option<String>,
    /// The roster's revision that was looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<i64>,
    /// Ids of the people, workers, matches, menus it is about.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub about: Vec<String>,
    /// Hash of the input (the checked roster).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input_hash: Option<String>,
    /// Hash of the policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy_hash: Option<String>,
    /// Version of the engine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engine: Option<String>,
    /// Ids of what was shown, in the order shown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shown: Vec<String>,
    /// Id of what was picked, or `none`, `later`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub picked: Option<String>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
}

/// One link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Number in the organisation's chain, from 1.
    pub seq: i64,
    /// The entry.
    pub entry: AuditEntry,
    /// Hash of the row before; of the organisation's id for the first.
    pub before: String,
    /// Hash of this row.
    pub hash: String,
}

/// Which rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of this roster only.
    pub roster: Option<String>,
    /// About this id only.
    pub about: Option<String>,
    /// By this actor only.
    pub actor: Option<String>,
}
