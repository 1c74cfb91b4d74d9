//! A roster that a service keeps: what stands in it, and what may become of it by whose decision.
//!
//! [`Book`] is a kept roster in memory. Whoever wants something changed asks a function of this module, which looks at the book and at the checked roster
//! made from it and answers with a [`Decision`]: the changes, what the audit is told, and the answer. It changes nothing itself; the book takes the
//! changes whole ([`Book::apply`]) or not at all.
//!
//! No files, no clock, no store: times and days come as arguments, records leave and come back as text.

pub mod asks;
pub mod book;
pub mod capacity;
pub mod change;
pub mod document;
pub mod entity;
pub mod feedback;
pub mod ground;
pub mod handover;
pub mod held;
pub mod history;
pub mod import;
pub mod matches;
pub mod menus;
pub mod offers;
pub mod queue;
pub mod records;
pub mod report;
pub mod runs;
pub mod seen;
pub mod settings;
pub mod steps;
pub mod what_if;

use peermatch_model::Faults;

pub use asks::Ask;
pub use book::{Book, Undo};
pub use document::{Document, DocumentOf};
pub use entity::{Change, Contact, Entity, Kind};
pub use feedback::Feedback;
pub use ground::Ground;
pub use held::Tombstone;
pub use matches::Match;
pub use menus::MenuOffer;
pub use settings::Settings;

/// What somebody's request comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<T> {
    /// What changes; taken whole or not at all.
    pub changes: Vec<Change>,
    /// What the audit is told.
    pub told: Vec<Told>,
    /// What is answered.
    pub answer: T,
}

/// What the audit is told: ids and hashes alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What happened (`match.decided`).
    pub action: String,
    /// Ids of whom and what it is about.
    pub about: Vec<String>,
    /// Hash of the checked roster it was decided on.
    pub input_hash: Option<String>,
    /// Hash of the policy.
    pub policy_hash: Option<String>,
    /// Ids of what was shown, in the order shown.
    pub shown: Vec<String>,
    /// Id of what was picked, or `none`, `later`.
    pub picked: Option<String>,
}

impl Told {
    /// An action and whom it is about.
    pub fn new(action: &str, about: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            action: action.to_owned(),
            about: about.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// Why a request comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such thing, or none that whoever asks may know of: the two are never told apart.
    #[error("there is nothing here that may be seen")]
    NotFound,
    /// It cannot be done as things stand.
    #[error("{words}")]
    Conflict {
        /// A word for programs.
        code: &'static str,
        /// What stands in the way, and what can be done.
        words: String,
    },
    /// It is no longer what whoever asks has looked at.
    #[error("this has changed since it was looked at; look again, and decide again")]
    Changed,
    /// Whoever asks does not do this.
    #[error("this is for somebody else to do")]
    NotAllowed,
    /// What was sent has faults.
    #[error("{0}")]
    Invalid(Faults),
}

impl Refused {
    /// It cannot be done as things stand.
    pub fn conflict(code: &'static str, words: impl Into<String>) -> Self {
        Self::Conflict { code, words: words.into() }
    }
}
