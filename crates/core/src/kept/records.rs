//! People, workers and whatever else a roster is made of, one record at a time: read, made, changed, ended.
//!
//! Whether a record is right is for [`peermatch_model::roster::Roster::check`] to say, on the roster that would come of it. What stands here is what concerns one record:
//! whether it is there, whether it still is what somebody looked at, what of it a reader sees ([`super::seen`]), and what follows from an end.

use jiff::civil::Date;
use peermatch_model::fault::{At, Faults};
use peermatch_model::raw::{Field, PeerWorkerInput};
use peermatch_model::words::QueueState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::entity::{audited, id_of_parts};
use super::menus::{MenuOffer, MenuState};
use super::seen::{self, Reader};
use super::{Book, Change, Contact, Decision, Entity, Kind, Refused, Told};
use crate::hash::hexadecimal;

/// The longest name that is kept, in characters.
pub const NAME_CHARS_MAX: usize = 200;

/// A record as somebody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// The record, in the shape that a roster document has.
    pub record: Value,
    /// The name, where whoever reads may know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What the record is now, to be given back when it is changed.
    pub etag: String,
}

/// What a write came to. Ids only, so that what is repeated to a caller tells nothing of anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// What the record is now; empty if it is gone.
    pub etag: String,
    /// Whether it was made just now.
    pub made: bool,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It must not be there yet.
    Make,
    /// Whole: made if it is not there.
    Put,
    /// What is given is changed, null takes out (RFC 7396), the rest stays.
    Merge,
}

/// What somebody wants written.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// What it is.
    pub kind: Kind,
    /// Its id; `None` if the body says it.
    pub id: Option<String>,
    /// The body.
    pub body: Value,
    /// How.
    pub how: How,
    /// What it was when somebody looked at it ([`Shown::etag`]); `*` for any.
    pub if_match: Option<String>,
    /// How much whoever writes sees of it.
    pub reader: Reader,
}

/// What a text is now: the same for the same bytes.
pub fn etag_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("\"{}\"", hexadecimal(&digest[..16]))
}

/// A record as a reader may see it.
fn seen_by(entity: Entity, reader: Reader) -> Entity {
    match entity {
        Entity::Person(record) => Entity::Person(Box::new(seen::person(&record, reader))),
        Entity::Worker(record) => Entity::Worker(Box::new(seen::worker(&record, reader))),
        other => other,
    }
}

fn value_of(entity: &Entity) -> Value {
    serde_json::from_str(&entity.text()).expect("records are written as JSON")
}

/// One record.
///
/// # Errors
/// [`Refused::NotFound`].
pub fn read(book: &Book, kind: Kind, id: &str, reader: Reader) -> Result<Shown, Refused> {
    let entity = seen_by(book.get(kind, id).ok_or(Refused::NotFound)?, reader);
    let text = entity.text();
    Ok(Shown {
        id: id.to_owned(),
        record: serde_json::from_str(&text).expect("records are written as JSON"),
        name: book.names().get(id).cloned(),
        etag: etag_of(&text),
    })
}

/// Writes one record.
///
/// Its faults are found by the check of the roster that would come of it.
///
/// # Errors
/// It is there already, or is not, or is not what somebody looked at; the body is no object or names another id; places that open menus promise would be gone.
pub fn write(book: &Book, write: &Write) -> Result<Decision<Written>, Refused> {
    let Write { kind, how, reader, .. } = *write;
    let root = At::root();
    if !write.body.is_object() {
        return Err(one(&root, "this is not an object", "write { ... }"));
    }
    let id = id_of(write)?;
    let was = book.get(kind, &id);
    match (how, &was) {
        (How::Make, Some(_)) => {
            return Err(Refused::conflict(
                "taken",
                format!(
                    "A {} with the id {id} is there already. Change it, or choose another id.",
                    kind.word()
                ),
            ));
        }
        (How::Merge, None) => return Err(Refused::NotFound),
        _ => {}
    }
    let seen_text = was.clone().map(|was| seen_by(was, reader).text());
    still(write.if_match.as_deref(), seen_text.as_deref())?;

    let mut body = match (how, &seen_text) {
        (How::Merge, Some(seen)) => {
            let mut merged: Value =
                serde_json::from_str(seen).expect("records are written as JSON");
            merge(&mut merged, &write.body);
            merged
        }
        _ => write.body.clone(),
    };
    if let (Kind::Person | Kind::Worker | Kind::Service | Kind::Group, Value::Object(members)) =
        (kind, &mut body)
    {
        members.entry("id").or_insert_with(|| Value::String(id.clone()));
    }
    let read = Change::read(kind.word(), &id, &body.to_string()).map_err(Refused::Invalid)?;
    let to = match (read.to.ok_or(Refused::NotFound)?, &was) {
        (Entity::Person(to), Some(Entity::Person(was))) => {
            Entity::Person(Box::new(seen::person_written(was, *to, reader)))
        }
        (Entity::Worker(to), Some(Entity::Worker(was))) => {
            Entity::Worker(Box::new(seen::worker_written(was, *to, reader)))
        }
        (to, _) => to,
    };
    if let (Entity::Worker(to), Some(Entity::Worker(was))) = (&to, &was) {
        promised(book, &id, was, to)?;
    }
    let etag = etag_of(&seen_by(to.clone(), reader).text());
    let mut about = audited(kind, &id);
    let mut changes = Vec::new();
    if was.as_ref() != Some(&to) {
        if let Entity::Person(person) = &to
            && person.status.given() == Some(&QueueState::Withdrawn)
        {
            withdraw_menus(book, |menu| menu.person_id == id, &mut changes, &mut about);
        }
        changes.push(Change::put(id.clone(), to));
    }
    // Whether two were kept apart before is not told to whoever says that they are to be.
    let made = was.is_none() || kind == Kind::Conflict;
    let action = if made { "made" } else { "changed" };
    let told = Told::new(&format!("{}.{action}", kind.word()), about);
    Ok(Decision { changes, told: vec![told], answer: Written { id, etag, made } })
}

/// Ends a person's wait: the record says `withdrawn`, and open menus are withdrawn with it. Nothing is deleted.
///
/// # Errors
/// There is no such person, the record is not what somebody looked at, or matches are still under way.
pub fn end_person(
    book: &Book,
    id: &str,
    if_match: Option<&str>,
    reader: Reader,
) -> Result<Decision<Written>, Refused> {
    let was = book.person(id).ok_or(Refused::NotFound)?;
    let seen = Entity::Person(Box::new(seen::person(was, reader))).text();
    still(if_match, Some(&seen))?;
    under_way(book, |one| one.person_id == id, "End them, or let the offers be answered, first.")?;
    let mut to = was.clone();
    to.status = QueueState::Withdrawn.into();
    let mut changes = Vec::new();
    let mut about = vec![id.to_owned()];
    withdraw_menus(book, |menu| menu.person_id == id, &mut changes, &mut about);
    delete_pins(book, |pin_person, _| pin_person == id, &mut changes);
    let etag = etag_of(&Entity::Person(Box::new(seen::person(&to, reader))).text());
    changes.push(Change::put(id, Entity::Person(Box::new(to))));
    Ok(Decision {
        changes,
        told: vec![Told::new("person.ended", about)],
        answer: Written { id: id.to_owned(), etag, made: false },
    })
}

/// Ends a worker's time at the service: from `day` on the worker takes nobody, and open menus that offer the worker are withdrawn. Nothing is deleted.
///
/// # Errors
/// There is no such worker, the record is not what somebody looked at, or people still walk with the worker: they are handed over first.
pub fn end_worker(
    book: &Book,
    id: &str,
    if_match: Option<&str>,
    reader: Reader,
    day: Date,
) -> Result<Decision<Written>, Refused> {
    let mut to = book.worker(id).ok_or(Refused::NotFound)?;
    let seen = Entity::Worker(Box::new(seen::worker(&to, reader))).text();
    still(if_match, Some(&seen))?;
    under_way(
        book,
        |one| one.worker_id == id,
        "Make a handover for the people who walk with this worker, or end the matches, first.",
    )?;
    let mut changes = Vec::new();
    let mut about = vec![id.to_owned()];
    withdraw_menus(
        book,
        |menu| menu.options.iter().any(|option| option == id),
        &mut changes,
        &mut about,
    );
    delete_pins(book, |_, pin_worker| pin_worker == id, &mut changes);
    ended(&mut to, day);
    let etag = etag_of(&Entity::Worker(Box::new(seen::worker(&to, reader))).text());
    changes.push(Change::put(id, Entity::Worker(Box::new(to))));
    Ok(Decision {
        changes,
        told: vec![Told::new("worker.ended", about)],
        answer: Written { id: id.to_owned(), etag, made: false },
    })
}

/// Says in a worker's record that the day before `day` was the last.
pub(super) fn ended(worker: &mut PeerWorkerInput, day: Date) {
    let last = day.yesterday().unwrap_or(day).to_string();
    // A first day after the last one would be a fault.
    if worker.available_from.given().is_some_and(|from| from.trim() > last.as_str()) {
        worker.available_from = Field::Absent;
    }
    worker.available_until = last.into();
    worker.minimum = Field::Absent;
}

/// Deletes one record that nobody's history depends on: a service, a group, a code, a limit, a pin, a conflict.
///
/// # Errors
/// There is no such record, or it is not what somebody looked at. That others name it, the check of the roster finds.
pub fn delete(
    book: &Book,
    kind: Kind,
    id: &str,
    if_match: Option<&str>,
) -> Result<Decision<Written>, Refused> {
    let was = book.get(kind, id).ok_or(Refused::NotFound)?;
    still(if_match, Some(&was.text()))?;
    Ok(Decision {
        changes: vec![Change::delete(kind, id)],
        told: vec![Told::new(&format!("{}.ended", kind.word()), audited(kind, id))],
        answer: Written { id: id.to_owned(), etag: String::new(), made: false },
    })
}

/// Writes or takes out the name that somebody is called by.
///
/// # Errors
/// Nobody has that id; the name is empty or too long.
pub fn put_name(book: &Book, id: &str, name: Option<&str>) -> Result<Decision<Written>, Refused> {
    somebody(book, id)?;
    let root = At::root();
    let at = root.key("name");
    let name = name.map(str::trim);
    if name.is_some_and(str::is_empty) {
        return Err(one(&at, "this is empty", "write the name that the person wants used"));
    }
    if name.is_some_and(|name| name.chars().count() > NAME_CHARS_MAX) {
        return Err(one(
            &at,
            "this is too long",
            &format!("write at most {NAME_CHARS_MAX} letters"),
        ));
    }
    let change = match name {
        Some(name) => Change::put(id, Entity::Name(name.to_owned())),
        None => Change::delete(Kind::Name, id),
    };
    Ok(beside(change, "name", id))
}

/// The most letters that a worker says of themselves: as much as is read of several side by side.
pub const OWN_WORDS_MAX: usize = 600;

/// Writes or takes out what a worker says of themselves to people who may choose them.
///
/// # Errors
/// There is no such worker; the words are too long.
pub fn put_own_words(
    book: &Book,
    id: &str,
    words: Option<&str>,
) -> Result<Decision<Written>, Refused> {
    if book.worker(id).is_none() {
        return Err(Refused::NotFound);
    }
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    if words.is_some_and(|words| words.chars().count() > OWN_WORDS_MAX) {
        let fix = format!("write at most {OWN_WORDS_MAX} letters");
        return Err(one(&At::root().key("words"), "this is too long", &fix));
    }
    let change = match words {
        Some(words) => Change::put(id, Entity::OwnWords(words.to_owned())),
        None => Change::delete(Kind::OwnWords, id),
    };
    Ok(beside(change, "own_words", id))
}

/// Writes or takes out how somebody is reached.
///
/// # Errors
/// Nobody has that id.
pub fn put_contact(
    book: &Book,
    id: &str,
    contact: Option<Contact>,
) -> Result<Decision<Written>, Refused> {
    somebody(book, id)?;
    let change = match contact {
        Some(contact) => Change::put(id, Entity::Contact(contact)),
        None => Change::delete(Kind::Contact, id),
    };
    Ok(beside(change, "contact", id))
}

fn beside(change: Change, what: &str, id: &str) -> Decision<Written> {
    Decision {
        changes: vec![change],
        told: vec![Told::new(&format!("{what}.changed"), [id])],
        answer: Written { id: id.to_owned(), etag: String::new(), made: false },
    }
}

fn somebody(book: &Book, id: &str) -> Result<(), Refused> {
    if book.person(id).is_some() || book.worker(id).is_some() {
        Ok(())
    } else {
        Err(Refused::NotFound)
    }
}

/// Whether a record still is what somebody looked at.
fn still(if_match: Option<&str>, seen: Option<&str>) -> Result<(), Refused> {
    let Some(wanted) = if_match else { return Ok(()) };
    let now = seen.map(etag_of);
    let same = |tag: &str| tag == "*" || Some(tag) == now.as_deref();
    if now.is_some() && wanted.split(',').map(str::trim).any(same) {
        return Ok(());
    }
    Err(Refused::Changed)
}

/// The id that is meant.
fn id_of(write: &Write) -> Result<String, Refused> {
    let root = At::root();
    let text =
        |key: &str| Field::<String>::from_value(write.body.get(key).cloned().unwrap_or_default());
    if write.kind == Kind::Conflict {
        // One that is said here is kept beside what imports say of the same two, or the next import would undo it.
        let of_import = id_of_parts([&text("a_id"), &text("b_id"), &text("kind")]);
        let here = "here".to_owned().into();
        let made_here = id_of_parts([&text("a_id"), &text("b_id"), &text("kind"), &here]);
        return match &write.id {
            Some(id) if *id != made_here && *id != of_import && write.how != How::Merge => {
                Err(one(
                    &root,
                    "this is another record than the path names",
                    "write what the path names",
                ))
            }
            Some(id) => Ok(id.clone()),
            None => Ok(made_here),
        };
    }
    let of_parts = match write.kind {
        Kind::Pin => Some(id_of_parts([&text("person_id"), &text("worker_id")])),
        Kind::Code => Some(id_of_parts([&text("system"), &text("code")])),
        Kind::Limit => Some(id_of_parts([&text("kind"), &text("id")])),
        _ => None,
    };
    if let Some(of_parts) = of_parts {
        return match &write.id {
            Some(id) if *id != of_parts && write.how != How::Merge => Err(one(
                &root,
                "this is another record than the path names",
                "write what the path names",
            )),
            Some(id) => Ok(id.clone()),
            None => Ok(of_parts),
        };
    }
    let at = root.key("id");
    let said = match write.body.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(said)) => Some(said.trim().to_owned()),
        Some(_) => return Err(one(&at, "this is not a text", "write an id in quotes")),
    };
    match (&write.id, said) {
        (Some(id), Some(said)) if *id != said => Err(one(
            &at,
            "this is another id than the path names",
            "leave it out: an id never changes",
        )),
        (Some(id), _) => Ok(id.clone()),
        (None, Some(said)) if !said.is_empty() => Ok(said),
        (None, _) => Err(one(
            &at,
            "there is no id",
            "write an opaque id: no name, no number of an authority",
        )),
    }
}

fn one(at: &At<'_>, reason: &str, fix: &str) -> Refused {
    let mut faults = Faults::new();
    faults.report(at, "", reason, fix);
    Refused::Invalid(faults)
}

/// RFC 7396: members are replaced, null takes them out, objects are merged within. A null for what is not there stays: it is read as nothing where the name is known, and as
/// a fault where it is not.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = into else { return };
    for (name, value) in patch {
        if value.is_null() && members.shift_remove(name).is_none() {
            members.insert(name.clone(), Value::Null);
        } else if !value.is_null() {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Places that open menus promise are not written away.
fn promised(
    book: &Book,
    id: &str,
    was: &PeerWorkerInput,
    to: &PeerWorkerInput,
) -> Result<(), Refused> {
    let free = |worker: &PeerWorkerInput| {
        let count = |field: &Field<u32>| field.given().copied().unwrap_or(0);
        count(&worker.max_people).saturating_sub(count(&worker.current_people))
    };
    let held = book.held(id);
    // What is not there cannot be promised away once more: a worker who was over full before may be written as before.
    if free(to) < held && free(to) < free(was) {
        return Err(Refused::conflict(
            "places_promised",
            format!(
                "Open menus promise places with worker {id} ({held}), and this would leave fewer. Withdraw a menu, or wait for the answers, first."
            ),
        ));
    }
    Ok(())
}

/// Refuses while matches that hold a place are there.
fn under_way(book: &Book, of: impl Fn(&super::Match) -> bool, fix: &str) -> Result<(), Refused> {
    let standing: Vec<&str> = book
        .matches()
        .values()
        .filter(|one| one.status.kept() && of(one))
        .map(|one| one.id.as_str())
        .collect();
    if standing.is_empty() {
        return Ok(());
    }
    let count = standing.len();
    let named = standing.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if count > 5 { ", and others" } else { "" };
    Err(Refused::conflict("matches_stand", format!("Matches are under way ({named}{more}). {fix}")))
}

/// Withdraws the open menus that `of` names; their ids go to `about`.
pub(super) fn withdraw_menus(
    book: &Book,
    of: impl Fn(&MenuOffer) -> bool,
    changes: &mut Vec<Change>,
    about: &mut Vec<String>,
) {
    for menu in book.menus().values().filter(|menu| of(menu)) {
        if menu.state == MenuState::Open {
            let withdrawn = MenuOffer { state: MenuState::Withdrawn, ..menu.clone() };
            about.push(menu.id.clone());
            changes.push(Change::put(menu.id.clone(), Entity::Menu(Box::new(withdrawn))));
        }
    }
}

/// Deletes what was decided beforehand about somebody (person, worker).
pub(super) fn delete_pins(book: &Book, of: impl Fn(&str, &str) -> bool, changes: &mut Vec<Change>) {
    for id in book.ids(Kind::Pin) {
        if let Some(Entity::Pin(pin)) = book.get(Kind::Pin, id)
            && let (Some(person), Some(worker)) = (pin.person_id.given(), pin.worker_id.given())
            && of(person, worker)
        {
            changes.push(Change::delete(Kind::Pin, id));
        }
    }
}

/// A line of the list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonLine {
    /// Id.
    pub id: String,
    /// Name, for whoever may know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where the person stands in the queue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<QueueState>,
    /// Waiting since.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait_since: Option<String>,
    /// Services the person agreed to be matched in.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub services: Vec<String>,
}

/// A line of the list of workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerLine {
    /// Id.
    pub id: String,
    /// Name, for whoever may know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Services the worker works in.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub services: Vec<String>,
    /// How many people the worker may walk with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_people: Option<u32>,
    /// How many the worker walks with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_people: Option<u32>,
    /// Places that open menus hold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held: Option<u32>,
    /// The last day, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub available_until: Option<String>,
}

/// Who reads a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFor {
    /// Whoever works with them: names too.
    Coordinator,
    /// Ids alone.
    Auditor,
}

/// A page of people, by id after `after`, `status` alone if given. Gives one more than `limit` if there are more.
pub fn people(
    book: &Book,
    reader: ListFor,
    status: Option<QueueState>,
    after: Option<&str>,
    limit: usize,
) -> Vec<PersonLine> {
    let line = |id: &str| {
        let person = book.person(id)?;
        let of = |wanted: QueueState| person.status.given() == Some(&wanted);
        if !status.is_none_or(of) {
            return None;
        }
        Some(match reader {
            ListFor::Auditor => PersonLine {
                id: id.to_owned(),
                name: None,
                status: None,
                wait_since: None,
                services: Vec::new(),
            },
            ListFor::Coordinator => PersonLine {
                id: id.to_owned(),
                name: book.names().get(id).cloned(),
                status: person.status.given().copied(),
                wait_since: person.wait_since.given().cloned(),
                services: texts(&person.services),
            },
        })
    };
    page(book, Kind::Person, after, limit, line)
}

/// A page of workers, by id after `after`. Gives one more than `limit` if there are more.
pub fn workers(book: &Book, reader: ListFor, after: Option<&str>, limit: usize) -> Vec<WorkerLine> {
    let line = |id: &str| {
        let worker = book.worker(id)?;
        Some(match reader {
            ListFor::Auditor => WorkerLine {
                id: id.to_owned(),
                name: None,
                services: Vec::new(),
                max_people: None,
                current_people: None,
                held: None,
                available_until: None,
            },
            ListFor::Coordinator => WorkerLine {
                id: id.to_owned(),
                name: book.names().get(id).cloned(),
                services: texts(&worker.services),
                max_people: worker.max_people.given().copied(),
                current_people: worker.current_people.given().copied(),
                held: Some(book.held(id)).filter(|&held| held > 0),
                available_until: worker.available_until.given().cloned(),
            },
        })
    };
    page(book, Kind::Worker, after, limit, line)
}

/// A page of the ids and contents of a kind, by id after `after`. Gives one more than `limit` if there are more.
pub fn records(book: &Book, kind: Kind, after: Option<&str>, limit: usize) -> Vec<Shown> {
    page(book, kind, after, limit, |id| {
        let entity = book.get(kind, id)?;
        Some(Shown {
            id: id.to_owned(),
            etag: etag_of(&entity.text()),
            record: value_of(&entity),
            name: None,
        })
    })
}

fn page<T>(
    book: &Book,
    kind: Kind,
    after: Option<&str>,
    limit: usize,
    line: impl FnMut(&str) -> Option<T>,
) -> Vec<T> {
    let ids = book.ids(kind).filter(|id| after.is_none_or(|after| *id > after));
    ids.filter_map(line).take(limit.saturating_add(1)).collect()
}

fn texts(rows: &Field<Vec<Field<String>>>) -> Vec<String> {
    let rows = rows.given().map_or(&[][..], Vec::as_slice);
    rows.iter().filter_map(Field::given).cloned().collect()
}
