//! Matches of a kept roster.

use peermatch_model::words::MatchStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// Opaque id.
    pub id: String,
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// Where it stands.
    pub status: MatchStatus,
    /// The day it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<String>,
}

impl Match {
    /// The day it ended, if it has.
    pub fn ended_on(&self) -> Option<String> {
        self.ended_at.clone()
    }
}
