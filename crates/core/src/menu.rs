//! Menus of choice: people pick among workers who could walk with them, before anything is matched.
//!
//! A [`MenuDocument`] is made once ([`make`]) and then goes from answer to answer ([`choose`]); each state is a document of its own,
//! and a pick is a wish, never a match: people decide. Three kinds of menus:
//!
//! - **safe**: whatever anybody picks, every pick can be kept. A safe menu holds a place with each worker on it until it is answered. Where
//!   places are few, safe menus go by waiting order, two options each before anybody gets a third.
//! - **live**: the options that cost everybody together little *just now*; made again after each answer. Those who get no safe menu get
//!   a live one, from places that no safe menu holds and no pick has taken. (In mode `live`, everybody.)
//! - **shortlist**: everybody ranks a few workers, the one of the best matching among them; then [`resolve`] matches inside the lists.
//!
//! People who are not asked keep the place that the best matching gives them where others choose from safe menus. A live menu goes further,
//! because a proposal is no promise: nothing stands before people decide. Whoever has waited longer than the one who chooses is served all
//! the same (it may be with somebody else), but where a person would have fewer than two options, one may cost the place of somebody who has
//! waited less; coordinators are told so in words, and it is part of the stated loss. Whom a safe menu would leave with one option
//! although more could be had in this way chooses from a live one. Losses are those of the policy's costs summed up (best total),
//! whatever the policy's objective; everybody chooses one worker, also who wants several.
//!
//! What is proven, by `peermatch_assignment` and from the document alone ([`verify`]): the best matching at the start, safety and the
//! bound on what safe picks can lose, the best total now, and that the ledger of live picks leads from one to the other.

mod answer;
mod coordinator;
mod make;
mod resolve;
mod sheet;
mod standing;
mod verify;

use peermatch_assignment::Rejection;
use peermatch_model::policy::{PolicyInput, WHOLE};
use peermatch_model::roster::UserIx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::report::{Exact, VerifyError};

pub use answer::choose;
pub use coordinator::{MenuLine, MenusForCoordinator, for_coordinator};
pub use make::make;
pub use resolve::resolve;
pub use sheet::{MenuForPerson, for_person, for_person_read_by};
pub use verify::{VerifiedMenuDocument, policy_of, verify};

/// The format version that a menu document names.
pub const MENU_FORMAT: &str = "peermatch/menu@1";

/// Most options on a menu.
pub const SIZE_MAX: u32 = 10;

/// What an option of a live menu may cost everybody together unless said otherwise: a quarter of one person's wishes.
pub const MOST_LOSS: u32 = WHOLE / 4;

/// How menus are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MenuMode {
    /// Safe menus as far as places go, live ones for the others.
    Safe,
    /// Live menus for everybody.
    Live,
    /// Ranked shortlists.
    Shortlist,
}

/// What kind of menu one person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MenuKind {
    /// Holds its places until it is answered.
    Safe,
    /// Made again after each answer.
    Live,
    /// To be ranked.
    Shortlist,
    /// No worker can be matched with this person at all.
    Nobody,
}

/// What is wanted of [`make`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRequest {
    /// Who chooses; `None` for everybody who is to be matched and not pinned.
    pub asked: Option<Vec<UserIx>>,
    /// Most options per person, 2..=[`SIZE_MAX`].
    pub size: u32,
    /// How.
    pub mode: MenuMode,
    /// Seed of the neutral order of options.
    pub seed: u64,
    /// What an option of a live menu may cost everybody together, in millionths of one person's wishes.
    pub most_loss: u32,
}

/// Menus, the answers so far, and what proves them. For the service's records and an auditor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuDocument {
    /// [`MENU_FORMAT`].
    pub format: String,
    /// Version of the engine that made it.
    pub engine: String,
    /// The day of the run.
    pub as_of: String,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the checked policy.
    pub policy_hash: String,
    /// The policy, whole.
    pub policy: PolicyInput,
    /// Seed of the neutral order.
    pub seed: u64,
    /// How the menus were made.
    pub mode: MenuMode,
    /// Most options per person.
    pub size: u32,
    /// What an option of a live menu may cost everybody together.
    pub most_loss: u32,
    /// Workers who are to be given a least number of new people: choice cannot promise that, since everybody may say none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub minimums_not_promised: Vec<String>,
    /// Who was asked, longest waiting first.
    pub menus: Vec<Menu>,
    /// The answers, in the order in which they came: the ledger.
    pub answers: Vec<Answered>,
    /// What proves it.
    pub certificate: MenuCertificate,
    /// What came of the ranked shortlists, once resolved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolved: Option<Proven>,
}

/// One person's menu as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Person.
    pub person_id: String,
    /// Kind.
    pub kind: MenuKind,
    /// The options, in neutral seeded order.
    pub options: Vec<MenuOption>,
    /// The workers of the safe menu that this person was given at first, by id; empty for others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub held: Vec<String>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuOption {
    /// Worker.
    pub worker_id: String,
    /// What picking it costs everybody together just now, on a live menu.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loss: Option<Exact>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Person.
    pub person_id: String,
    /// What was said.
    pub answer: Answer,
    /// What a live option was said to cost everybody together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stated_loss: Option<Exact>,
    /// The best total after it: of the picks so far, and at best of everybody who has not answered. Absent in shortlists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total_cost: Option<Exact>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// This worker, by id.
    Pick(String),
    /// These workers, best first, by id.
    Ranks(Vec<String>),
    /// None of these.
    None,
    /// Ask me later.
    Later,
    /// An earlier answer is taken back.
    TakenBack,
}

/// A matching of least cost with the prices that prove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// Worker by person.
    pub matches: BTreeMap<String, String>,
    /// Dual price of a place, per worker; workers not named have price 0.
    pub prices: BTreeMap<String, Exact>,
    /// The least total cost, waiting included.
    pub total_cost: Exact,
}

/// What proves menus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuCertificate {
    /// The best matching of everybody before any menu: those who are not asked keep their place of it.
    pub best: Proven,
    /// Safe menus: how many hold a place with each worker, prices that bound the loss, and the bound.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safe: Option<SafeCertificate>,
    /// The best total when the first live menus were made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start: Option<Proven>,
    /// The best total now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub now: Option<Proven>,
}

/// What proves safe menus safe, and bounds what picks from them lose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeCertificate {
    /// On how many safe menus each worker stands.
    pub degrees: BTreeMap<String, u32>,
    /// Prices of the bound; workers not named have price 0.
    pub prices: BTreeMap<String, Exact>,
    /// No combination of picks from safe menus costs more than this above the best for those who picked.
    pub loss_most: Exact,
}

/// Why there is no menu, or an answer was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MenuError {
    /// What was asked for cannot be done; the words say why, and what can.
    #[error("{0}")]
    Refused(String),
    /// Minimums or pins stand in the way.
    #[error("{0}")]
    Infeasible(String),
    /// Whoever watched asked to stop.
    #[error("stopped before the menus were made")]
    Cancelled,
    /// The document does not hold for this roster.
    #[error("{0}")]
    NotVerified(#[from] VerifyError),
    /// A defect of this program.
    #[error("internal: {0}")]
    Internal(String),
}

fn internal(error: impl std::fmt::Display) -> MenuError {
    MenuError::Internal(error.to_string())
}

impl From<Rejection> for MenuError {
    fn from(rejection: Rejection) -> Self {
        internal(rejection)
    }
}
