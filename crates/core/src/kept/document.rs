//! Documents that prove what was proposed: kept whole, as they were made, so that they can be verified and read years later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a document is of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DocumentOf {
    /// A whole matching.
    Run,
    /// Menus that were made together.
    Menus,
    /// Where the people of leaving workers could go.
    Handover,
}

/// A document as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Id.
    pub id: String,
    /// What it is of.
    pub of: DocumentOf,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// Who asked for it.
    pub made_by: String,
    /// The revision it was made from.
    pub revision: i64,
    /// Hash of the checked roster it was made from.
    pub roster_hash: String,
    /// Hash of the policy.
    pub policy_hash: String,
    /// The document, JSON.
    // Text, not values: a matching of a large roster would take several times the room.
    pub body: String,
}

impl Document {
    /// Whether it names somebody: whoever is erased must be gone from here too.
    pub fn names(&self, id: &str) -> bool {
        // Ids stand as JSON strings, as values or keys.
        serde_json::to_string(id).is_ok_and(|quoted| self.body.contains(&quoted))
    }
}
