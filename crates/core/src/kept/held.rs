//! Everything that is held of one person or worker: told to them whole, and erased whole.
//!
//! Whoever it is about sees all of it, in three shapes: JSON, a table, and plain sentences. What two people are kept apart for is also somebody else's, so of that it is
//! told that there is something, until when, and who can be asked; never with whom.
//!
//! Erasure takes out the record, the name, the contact, what others wished of them by id, menus, answers, feedback, and the documents that name them. Of a match a
//! tombstone stays, which says that there was one and leads to nobody; the audit keeps its chain, with ids that lead nowhere any more.

use std::collections::BTreeSet;

use peermatch_model::raw::{Field, PinInput, Rows};
use peermatch_model::words::{MatchStatus, WishAbout};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::matches::{EndKind, Party};
use super::menus::MenuState;
use super::{
    Ask, Book, Change, Contact, Decision, Entity, Feedback, Kind, Match, MenuOffer, Refused, Told,
};

/// Days for which the record of support that was given is kept after its last match ended, unless a reason to erase it sooner is given: ten years.
pub const KEPT_DAYS: i64 = 3_653;

/// Everything held of one person or worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// The id.
    pub id: String,
    /// `person` or `worker`.
    pub kind: String,
    /// The name they are called by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// How they are reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<Contact>,
    /// What they say of themselves to people who may choose them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub own_words: Option<String>,
    /// The record, whole.
    pub record: Value,
    /// Matches, each as far as it is theirs: not what the other one said.
    pub matches: Vec<Match>,
    /// Menus, each whole.
    pub menus: Vec<MenuOffer>,
    /// What was said of their matches by them.
    pub feedback: Vec<Feedback>,
    /// What they asked of those who coordinate.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub asks: Vec<Ask>,
    /// What was decided beforehand about them: with whom they are to be matched, or not.
    pub decided_before: Vec<PinInput>,
    /// That they are kept apart from somebody, each with the last day if there is one.
    pub kept_apart: Vec<KeptApart>,
    /// Ids of documents that prove earlier proposals and name them.
    pub documents: Vec<String>,
}

/// That somebody is kept apart from somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptApart {
    /// The last day; absent for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
    /// What can be done about it.
    pub words: String,
}

/// Everything held of somebody, as they may read it: what the other one of a match said is the other's to tell.
///
/// # Errors
/// [`Refused::NotFound`].
pub fn held(book: &Book, kind: Kind, id: &str) -> Result<Held, Refused> {
    let mut held = everything(book, kind, id)?;
    for one in &mut held.matches {
        own_side(one, kind);
    }
    Ok(held)
}

/// Leaves of a match what one of the two may know of it: that the other said no is told as that nothing came of it, as it is everywhere else.
fn own_side(one: &mut Match, kind: Kind) {
    let (said_no, changed) = match kind {
        Kind::Person => (MatchStatus::DeclinedWorker, EndKind::WorkerChanged),
        _ => (MatchStatus::DeclinedPerson, EndKind::PersonChanged),
    };
    match kind {
        Kind::Person => one.worker_answer = None,
        _ => one.person_answer = None,
    }
    if one.status == said_no {
        one.status = MatchStatus::Expired;
    }
    if one.end_kind == Some(changed) {
        one.end_kind = Some(EndKind::Unknown);
    }
    // Who ended it may be the other; and where it stood before a step holds what the other had said.
    (one.ended_by, one.before) = (None, None);
    if let (Kind::Worker, Some(decision)) = (kind, &mut one.decision) {
        // A coordinator's words about the person.
        decision.why = None;
    }
    if let Some(basis) = &mut one.basis {
        // Made for a coordinator: it tells what the other side lets a coordinator see. Each side has an explanation of its own.
        basis.explanation = None;
        // Others who were thought of: they are others'. What was offered to a person stands in the menu.
        basis.shown.clear();
    }
}

fn everything(book: &Book, kind: Kind, id: &str) -> Result<Held, Refused> {
    let record = match kind {
        Kind::Person | Kind::Worker => book.get(kind, id).ok_or(Refused::NotFound)?,
        _ => return Err(Refused::NotFound),
    };
    let own =
        |one: &Match| if kind == Kind::Person { one.person_id == id } else { one.worker_id == id };
    let matches: Vec<Match> = book.matches().values().filter(|one| own(one)).cloned().collect();
    let of_matches: BTreeSet<&str> = matches.iter().map(|one| one.id.as_str()).collect();
    let voice_is_own = |said: &Feedback| {
        use super::feedback::Voice;
        match kind {
            Kind::Person => said.voice != Voice::Worker,
            _ => said.voice == Voice::Worker,
        }
    };
    let feedback: Vec<Feedback> = book
        .feedback()
        .values()
        .filter(|said| of_matches.contains(said.match_id.as_str()) && voice_is_own(said))
        .cloned()
        .collect();
    // Which menus a worker stood on is what others chose from, not the worker's.
    let menus: Vec<MenuOffer> = book
        .menus()
        .values()
        .filter(|menu| kind == Kind::Person && menu.person_id == id)
        .cloned()
        .collect();
    let party = if kind == Kind::Person { Party::ServiceUser } else { Party::PeerWorker };
    let asks = book.asks().values().filter(|ask| ask.party == party && ask.of == id);
    let asks: Vec<Ask> = asks.cloned().collect();
    let mut decided_before = Vec::new();
    for pin in book.ids(Kind::Pin).filter_map(|pin| book.get(Kind::Pin, pin)) {
        if let Entity::Pin(pin) = &pin
            && [&pin.person_id, &pin.worker_id]
                .iter()
                .any(|is| is.given().is_some_and(|is| is == id))
        {
            decided_before.push(pin.clone());
        }
    }
    let mut kept_apart = Vec::new();
    for conflict in book.ids(Kind::Conflict).filter_map(|one| book.get(Kind::Conflict, one)) {
        if let Entity::Conflict(conflict) = &conflict
            && [&conflict.a_id, &conflict.b_id]
                .iter()
                .any(|is| is.given().is_some_and(|is| is == id))
        {
            kept_apart.push(KeptApart {
                until: conflict.until.given().cloned(),
                words: "You are not matched with somebody. It concerns somebody else too, so ask the service about it.".to_owned(),
            });
        }
    }
    let record = serde_json::from_str(&record.text()).expect("records are written as JSON");
    Ok(Held {
        id: id.to_owned(),
        kind: kind.word().to_owned(),
        name: book.names().get(id).cloned(),
        contact: book.contacts().get(id).cloned(),
        own_words: book.own_words().get(id).cloned(),
        record,
        matches,
        menus,
        feedback,
        asks,
        decided_before,
        kept_apart,
        documents: book
            .documents()
            .values()
            .filter(|document| document.names(id))
            .map(|document| document.id.clone())
            .collect(),
    })
}

impl Held {
    /// Every single thing that is held: where it stands, and what it says.
    pub fn lines(&self) -> Vec<(String, String)> {
        let value = serde_json::to_value(self).expect("what is held is plain data");
        let mut lines = Vec::new();
        walk(&value, &mut String::new(), &mut lines);
        lines
    }

    /// A table for a spreadsheet: where it stands, and what it says (RFC 4180).
    pub fn csv(&self) -> String {
        let mut out = String::from("field,value\r\n");
        for (at, value) in self.lines() {
            out.push_str(&cell(&at));
            out.push(',');
            out.push_str(&cell(&value));
            out.push_str("\r\n");
        }
        out
    }

    /// Plain text for whoever it is about.
    pub fn text(&self) -> String {
        let mut out = format!("Everything that is held about {}\n", self.id);
        let mut section = "";
        let lines = self.lines();
        for (at, value) in &lines {
            let (first, rest) = at.split_once('.').unwrap_or((at, ""));
            if first != section {
                section = first;
                out.push('\n');
                out.push_str(&heading(first));
                out.push('\n');
            }
            out.push_str("  ");
            if !rest.is_empty() {
                out.push_str(&rest.replace('_', " ").replace('.', ", "));
                out.push_str(": ");
            }
            out.push_str(&value.replace('\n', "\n    "));
            out.push('\n');
        }
        out.push_str("\nIf something here is not right, say so: it can be corrected. You can ask for it to be erased.\n");
        out
    }
}

fn heading(section: &str) -> String {
    match section {
        "id" => "Number or sign under which this is kept".to_owned(),
        "kind" => "Kind of record".to_owned(),
        "kept_apart" => "Kept apart".to_owned(),
        "decided_before" => "Decided beforehand".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + letters.as_str()
            })
        }
    }
}

fn walk(value: &Value, at: &mut String, lines: &mut Vec<(String, String)>) {
    let length = at.len();
    let mut step = |key: &str, inner: &Value, lines: &mut Vec<(String, String)>| {
        if !at.is_empty() {
            at.push('.');
        }
        at.push_str(key);
        walk(inner, at, lines);
        at.truncate(length);
    };
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, inner) in members {
                step(key, inner, lines);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                step(&(i + 1).to_string(), inner, lines);
            }
        }
        Value::String(text) => lines.push((at.clone(), text.clone())),
        other => lines.push((at.clone(), other.to_string())),
    }
}

fn cell(text: &str) -> String {
    // A cell that a spreadsheet would take for a formula is told as text.
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A match of which one side was erased: that there was one, and nothing that leads to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tombstone {
    /// The side that is still there: `person` or `worker`.
    pub left: String,
    /// Its id; gone too once that side is erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left_id: Option<String>,
    /// Where the match stood.
    pub status: MatchStatus,
    /// The year in which it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub year: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_kind: Option<EndKind>,
}

/// What an erasure came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// Matches of which a tombstone stays.
    pub matches: usize,
    /// Menus deleted.
    pub menus: usize,
    /// Feedback deleted.
    pub feedback: usize,
    /// Documents deleted, which named them among others.
    pub documents: usize,
}

/// Erases somebody.
///
/// Record of support that was given is kept for [`KEPT_DAYS`] after the last match ended, unless whoever erases says why it goes sooner. `now` is the time in
/// microseconds since 1970 UTC. The `why` goes to nobody's record: the audit says that there was one.
///
/// # Errors
/// There is nobody, a match of theirs stands, or the record is under retention and no reason is given.
pub fn erase(
    book: &Book,
    kind: Kind,
    id: &str,
    why: Option<&str>,
    now: i64,
) -> Result<Decision<Erased>, Refused> {
    let held = everything(book, kind, id)?;
    let standing: Vec<&str> =
        held.matches.iter().filter(|one| one.status.kept()).map(|one| one.id.as_str()).collect();
    if !standing.is_empty() {
        return Err(Refused::conflict(
            "matches_stand",
            format!("Matches are under way ({}). End them first.", standing.join(", ")),
        ));
    }
    let why = why.map(str::trim).filter(|why| !why.is_empty());
    if why.is_none() && held.matches.iter().any(|one| under_retention(one, now)) {
        return Err(Refused::conflict(
            "under_retention",
            "Support was given less than ten years ago, and its record is kept for so long. Say why it goes sooner (`why`), if it must.",
        ));
    }
    let mut changes = vec![Change::delete(kind, id)];
    if held.name.is_some() {
        changes.push(Change::delete(Kind::Name, id));
    }
    if held.contact.is_some() {
        changes.push(Change::delete(Kind::Contact, id));
    }
    if held.own_words.is_some() {
        changes.push(Change::delete(Kind::OwnWords, id));
    }
    let mut erased = Erased::default();
    let of_matches: BTreeSet<&str> = held.matches.iter().map(|one| one.id.as_str()).collect();
    let mut number = book
        .ids(Kind::Tombstone)
        .filter_map(|id| id.strip_prefix('t')?.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    for one in &held.matches {
        number += 1;
        let (left, left_id) = match kind {
            Kind::Person => ("worker", &one.worker_id),
            _ => ("person", &one.person_id),
        };
        changes.push(Change::delete(Kind::Match, one.id.clone()));
        changes.push(Change::put(
            format!("t{number:08}"),
            Entity::Tombstone(Tombstone {
                left: left.to_owned(),
                left_id: Some(left_id.clone()),
                status: one.status,
                year: one.ended_on.as_deref().and_then(|day| day.get(..4)).map(str::to_owned),
                end_kind: one.end_kind,
            }),
        ));
        erased.matches += 1;
    }
    for said in book.feedback().values().filter(|said| of_matches.contains(said.match_id.as_str()))
    {
        changes.push(Change::delete(Kind::Feedback, said.id.clone()));
        erased.feedback += 1;
    }
    changes.extend(held.asks.iter().map(|ask| Change::delete(Kind::Ask, ask.id.clone())));
    for menu in book.menus().values() {
        if menu.person_id == id && kind == Kind::Person {
            changes.push(Change::delete(Kind::Menu, menu.id.clone()));
            erased.menus += 1;
        } else if kind == Kind::Worker && menu.options.iter().any(|option| option == id) {
            // Others chose from it: it stays theirs, without the one who is gone.
            let mut menu = menu.clone();
            menu.options.retain(|option| option != id);
            if menu.state == MenuState::Open {
                menu.state = MenuState::Withdrawn;
            }
            menu.answer = None;
            changes.push(Change::put(menu.id.clone(), Entity::Menu(Box::new(menu))));
            erased.menus += 1;
        }
    }
    for document in &held.documents {
        changes.push(Change::delete(Kind::Document, document.clone()));
        erased.documents += 1;
    }
    // Matches of others that remember who was shown beside, or explain by them.
    for one in book.matches().values().filter(|one| !of_matches.contains(one.id.as_str())) {
        if let Some(basis) = &one.basis
            && named(&serde_json::to_value(basis).unwrap_or_default(), id)
        {
            let mut one = one.clone();
            if let Some(basis) = &mut one.basis {
                basis.shown.retain(|shown| shown != id);
                basis.explanation = None;
            }
            changes.push(Change::put(one.id.clone(), Entity::Match(Box::new(one))));
        }
    }
    beside(book, kind, id, &mut changes);
    tombstones(book, kind, id, &mut changes);
    let action = match (kind, why.is_some()) {
        (Kind::Person, false) => "person.erased",
        (Kind::Person, true) => "person.erased_with_reason",
        (_, false) => "worker.erased",
        (_, true) => "worker.erased_with_reason",
    };
    Ok(Decision { changes, told: vec![Told::new(action, [id])], answer: erased })
}

/// Whether support was given, less than ten years ago.
fn under_retention(one: &Match, now: i64) -> bool {
    const DAY: i64 = 86_400_000_000;
    let given = one.status == MatchStatus::Ended;
    let ended = one.ended_at.unwrap_or(one.made_at);
    given && now.saturating_sub(ended) < KEPT_DAYS.saturating_mul(DAY)
}

fn named(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id,
        Value::Array(items) => items.iter().any(|item| named(item, id)),
        Value::Object(members) => members.iter().any(|(key, inner)| key == id || named(inner, id)),
        _ => false,
    }
}

/// What others' records say of somebody by id.
fn beside(book: &Book, kind: Kind, id: &str, changes: &mut Vec<Change>) {
    let is = |field: &Field<String>| field.given().is_some_and(|is| is.trim() == id);
    for conflict in book.ids(Kind::Conflict) {
        if let Some(Entity::Conflict(row)) = book.get(Kind::Conflict, conflict)
            && (is(&row.a_id) || is(&row.b_id))
        {
            changes.push(Change::delete(Kind::Conflict, conflict));
        }
    }
    for pin in book.ids(Kind::Pin) {
        if let Some(Entity::Pin(row)) = book.get(Kind::Pin, pin)
            && (is(&row.person_id) || is(&row.worker_id))
        {
            changes.push(Change::delete(Kind::Pin, pin));
        }
    }
    for limit in book.ids(Kind::Limit) {
        if let Some(Entity::Limit(row)) = book.get(Kind::Limit, limit)
            && kind == Kind::Worker
            && is(&row.id)
        {
            changes.push(Change::delete(Kind::Limit, limit));
        }
    }
    for other in book.ids(Kind::Person).filter(|other| *other != id) {
        let Some(person) = book.person(other) else { continue };
        let mut to = person.clone();
        let dropped = if kind == Kind::Worker {
            drop_worker_wishes(&mut to.wishes, id)
        } else {
            drop_rows(&mut to.nominated_peers, |peer| is(&peer.id))
        };
        if dropped {
            changes.push(Change::put(other, Entity::Person(Box::new(to))));
        }
    }
    if kind == Kind::Worker {
        for other in book.ids(Kind::Worker).filter(|other| *other != id) {
            let Some(mut worker) = book.worker(other) else { continue };
            if is(&worker.supervisor) {
                worker.supervisor = Field::Absent;
                changes.push(Change::put(other, Entity::Worker(Box::new(worker))));
            }
        }
    }
}

fn drop_rows<T>(rows: &mut Rows<T>, drop: impl Fn(&T) -> bool) -> bool {
    let Field::Given(rows) = rows else { return false };
    let before = rows.len();
    rows.retain(|row| !row.given().is_some_and(&drop));
    rows.len() < before
}

/// Takes a worker out of a person's wishes; a wish for that worker alone goes whole.
fn drop_worker_wishes(wishes: &mut Rows<peermatch_model::raw::WishInput>, id: &str) -> bool {
    let Field::Given(rows) = wishes else { return false };
    let mut dropped = false;
    for row in rows.iter_mut() {
        if let Field::Given(wish) = row
            && wish.dimension.given() == Some(&WishAbout::NamedWorker)
            && let Field::Given(values) = &mut wish.values
        {
            let before = values.len();
            values.retain(|value| value.given().is_none_or(|value| value.trim() != id));
            dropped |= values.len() < before;
        }
    }
    if dropped {
        rows.retain(|row| {
            row.given().is_none_or(|wish| {
                wish.dimension.given() != Some(&WishAbout::NamedWorker)
                    || wish.values.given().is_none_or(|values| !values.is_empty())
            })
        });
    }
    dropped
}

/// Earlier tombstones that still lead to somebody who is erased now.
fn tombstones(book: &Book, kind: Kind, id: &str, changes: &mut Vec<Change>) {
    for stone in book.ids(Kind::Tombstone) {
        if let Some(Entity::Tombstone(row)) = book.get(Kind::Tombstone, stone)
            && row.left == kind.word()
            && row.left_id.as_deref() == Some(id)
        {
            changes.push(Change::put(stone, Entity::Tombstone(Tombstone { left_id: None, ..row })));
        }
    }
}
