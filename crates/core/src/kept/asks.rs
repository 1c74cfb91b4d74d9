//! What people and workers ask of those who coordinate, from their own pages: to choose together with somebody who helps them, to have something put right, to be called.
//!
//! An ask is for somebody to talk with them about. It changes no record, and nothing that matches ever sees one.

use peermatch_model::Faults;
use peermatch_model::fault::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::matches::{By, Party};
use super::steps::Viewer;
use super::{Book, Change, Decision, Entity, Kind, Refused};

/// The most letters of an ask.
pub const WORDS_MAX: usize = 2_000;

/// What somebody asks for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AskAbout {
    /// To choose together with somebody who helps them.
    ChooseTogether,
    /// That something that is kept of them is put right.
    Correct,
    /// That somebody talks with them.
    Talk,
}

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Id.
    pub id: String,
    /// In which part they asked: as the person or as the worker.
    pub party: Party,
    /// The person or worker.
    pub of: String,
    /// What it is about.
    pub about: AskAbout,
    /// In their words, if they wrote any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// When, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// When somebody saw to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done_at: Option<i64>,
    /// Who saw to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done_by: Option<String>,
}

/// What somebody writes to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAsk {
    /// What it is about.
    pub about: AskAbout,
    /// In their words; nobody has to write any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(length(max = WORDS_MAX))]
    pub words: Option<String>,
}

/// Whether whoever looks may know of an ask: those who coordinate, and whoever asked.
fn sees(viewer: &Viewer, ask: &Ask) -> bool {
    match viewer {
        Viewer::Coordinator => true,
        Viewer::Auditor => false,
        Viewer::Worker(id) => ask.party == Party::PeerWorker && &ask.of == id,
        Viewer::Person(id) => ask.party == Party::ServiceUser && &ask.of == id,
    }
}

/// The asks that whoever looks may know of, by id after `after`: those that nobody has seen to, and their own. Gives one more than `limit` if there are more.
pub fn asks(book: &Book, viewer: &Viewer, after: Option<&str>, limit: usize) -> Vec<Ask> {
    let from = after.unwrap_or_default();
    let open = |ask: &&Ask| *viewer != Viewer::Coordinator || ask.done_at.is_none();
    let seen = book.asks().values().filter(|ask| ask.id.as_str() > from && sees(viewer, ask));
    seen.filter(open).take(limit.saturating_add(1)).cloned().collect()
}

/// Takes down what somebody asks for. Asking for the same again, before anybody saw to it, changes its words.
///
/// # Errors
/// Whoever asks is neither person nor worker; the words are too long.
pub fn ask(
    ground: Ground<'_>,
    new: &NewAsk,
    viewer: &Viewer,
    by: &By,
) -> Result<Decision<Ask>, Refused> {
    let of = match viewer {
        Viewer::Person(id) => ground.person(id).map(|_| id)?,
        Viewer::Worker(id) => ground.worker(id).map(|_| id)?,
        Viewer::Coordinator | Viewer::Auditor => return Err(Refused::NotAllowed),
    };
    let words = new.words.as_deref().map(str::trim).filter(|words| !words.is_empty());
    if words.is_some_and(|words| words.chars().count() > WORDS_MAX) {
        let mut faults = Faults::new();
        faults.report(
            &At::root().key("words"),
            "",
            "this is too long",
            format!("write at most {WORDS_MAX} letters"),
        );
        return Err(Refused::Invalid(faults));
    }
    let same = ground
        .book
        .asks()
        .values()
        .find(|ask| sees(viewer, ask) && ask.about == new.about && ask.done_at.is_none());
    let id = same.map_or_else(|| ground.fresh_id(Kind::Ask, "a", 1), |ask| ask.id.clone());
    let ask = Ask {
        id: id.clone(),
        party: by.party,
        of: of.clone(),
        about: new.about,
        words: words.map(str::to_owned),
        made_at: by.at,
        done_at: None,
        done_by: None,
    };
    Ok(Decision {
        changes: vec![Change::put(id.clone(), Entity::Ask(Box::new(ask.clone())))],
        told: vec![super::Told::new("ask.made", [id, of.clone()])],
        answer: ask,
    })
}

/// Says that somebody saw to an ask.
///
/// # Errors
/// There is no such ask, or somebody saw to it already.
pub fn done(ground: Ground<'_>, id: &str, by: &By) -> Result<Decision<Ask>, Refused> {
    let mut ask = ground.book.asks().get(id).ok_or(Refused::NotFound)?.clone();
    if ask.done_at.is_some() {
        return Err(Refused::conflict("done_already", "Somebody has seen to this already."));
    }
    ask.done_at = Some(by.at);
    ask.done_by = Some(by.actor.clone());
    Ok(Decision {
        changes: vec![Change::put(id, Entity::Ask(Box::new(ask.clone())))],
        told: vec![super::Told::new("ask.done", [id, ask.of.as_str()])],
        answer: ask,
    })
}
