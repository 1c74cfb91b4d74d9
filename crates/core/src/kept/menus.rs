//! Menus that a kept roster has offered to people, one by one.
//!
//! Menus are made together by [`crate::menu`] (the [`Document`](super::Document) that proves them is kept), and live on one by one: each is open until its person
//! answers, its time is over, or it is withdrawn. An open safe menu holds a place with each of its workers (the book counts them), so whatever somebody
//! picks from it can be kept, whatever others do meanwhile. A live menu holds nothing: the pick is looked at again when it comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matches::{How, Party};
use crate::menu::{Answer, MenuKind, MenuMode};

/// Where a menu stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MenuState {
    /// It waits for an answer.
    Open,
    /// Its person answered.
    Answered,
    /// Its time is over.
    Expired,
    /// Taken back, or something else was agreed meanwhile.
    Withdrawn,
}

/// What was answered to a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenuAnswer {
    /// What was said.
    pub answer: Answer,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who recorded it.
    pub by: String,
    /// In which part.
    pub party: Party,
    /// By which way it was said, where somebody else recorded it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// One person's menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenuOffer {
    /// Id.
    pub id: String,
    /// The person.
    pub person_id: String,
    /// How the menus were made that this is one of.
    pub mode: MenuMode,
    /// What kind it is.
    pub kind: MenuKind,
    /// The workers, in neutral order.
    pub options: Vec<String>,
    /// Where it stands.
    pub state: MenuState,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// Who made it.
    pub made_by: String,
    /// From when on it is over.
    pub expires_at: i64,
    /// The last answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<MenuAnswer>,
    /// The match that the pick made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub match_id: Option<String>,
    /// The document that proves it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub document: Option<String>,
    /// Hash of the checked roster it was made from.
    pub roster_hash: String,
    /// Hash of the policy.
    pub policy_hash: String,
}

impl MenuOffer {
    /// An open safe menu that nothing else is known of.
    pub fn safe(id: &str, person_id: &str, options: Vec<String>) -> Self {
        Self {
            id: id.to_owned(),
            person_id: person_id.to_owned(),
            mode: MenuMode::Safe,
            kind: MenuKind::Safe,
            options,
            state: MenuState::Open,
            made_at: 0,
            made_by: String::new(),
            expires_at: i64::MAX,
            answer: None,
            match_id: None,
            document: None,
            roster_hash: String::new(),
            policy_hash: String::new(),
        }
    }

    /// Whether it holds a place with each of its workers now.
    pub fn holds(&self) -> bool {
        self.state == MenuState::Open && self.kind == MenuKind::Safe
    }

    /// Whether its time is over at a time.
    pub fn is_due(&self, at: i64) -> bool {
        self.state == MenuState::Open && self.expires_at <= at
    }
}
