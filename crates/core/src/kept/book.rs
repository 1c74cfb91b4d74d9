//! A kept roster in memory: every record once, in the shape in which the engine's check reads it.
//!
//! The roster is *effective*: rows of matches that stand are in it, and a place that an open menu holds counts as taken, so whatever the engine is asked, it
//! sees every place that is promised. What is written to the store and exported is what was put in ([`Book::worker`]).
//!
//! A change costs about what its records cost, whatever the size of the roster: rows are replaced in place, and the last row takes the place of a deleted one
//! (their order means nothing to the check, which sorts them).

use std::collections::BTreeMap;

use jiff::civil::Date;
use peermatch_model::fault::Faults;
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::raw::{
    Field, PeerWorkerInput, ROSTER_FORMAT, RosterInput, Rows, ServiceUserInput,
};
use peermatch_model::taxonomy::{Taxonomy, TaxonomyInput};

use super::{
    Ask, Change, Contact, Document, Entity, Feedback, Kind, Match, MenuOffer, Settings, Tombstone,
};

/// A kept roster in memory.
#[derive(Debug)]
pub struct Book {
    settings: Settings,
    policy: Option<Box<PolicyInput>>,
    taxonomy: Option<Box<TaxonomyInput>>,
    input: RosterInput,
    at: Places,
    matches: BTreeMap<String, Match>,
    menus: BTreeMap<String, MenuOffer>,
    feedback: BTreeMap<String, Feedback>,
    asks: BTreeMap<String, Ask>,
    documents: BTreeMap<String, Document>,
    tombstones: BTreeMap<String, Tombstone>,
    secret: Option<String>,
    names: BTreeMap<String, String>,
    contacts: BTreeMap<String, Contact>,
    own_words: BTreeMap<String, String>,
    /// By worker: places that open menus hold.
    held: BTreeMap<String, u32>,
    /// Of workers with whom places are held: how many new people their record asks for at least. A held place may yet be one of these, so the effective roster asks for
    /// as many fewer; or one open menu could make every matching impossible.
    asked: BTreeMap<String, Field<u32>>,
}

/// Where the rows of the roster stand, by id.
#[derive(Debug, Default)]
struct Places {
    services: Index,
    people: Index,
    workers: Index,
    conflicts: Index,
    groups: Index,
    codes: Index,
    limits: Index,
    pins: Index,
    matches: Index,
}

/// What takes changes back.
#[derive(Debug)]
pub struct Undo {
    /// The inverse of each change, in the order in which the changes were made.
    inverse: Vec<Change>,
    touches_roster: bool,
}

impl Undo {
    /// Whether the engine sees anything of what was changed.
    pub fn touches_roster(&self) -> bool {
        self.touches_roster
    }
}

/// Where a fault of the effective roster is, in records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRecord {
    /// What the record is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Pointer within it.
    pub pointer: String,
}

impl Book {
    /// An empty roster.
    pub fn new(settings: Settings) -> Self {
        let input = RosterInput {
            format: ROSTER_FORMAT.to_owned().into(),
            zone: settings.zone.clone().into(),
            ..RosterInput::default()
        };
        Self {
            settings,
            policy: None,
            taxonomy: None,
            input,
            at: Places::default(),
            matches: BTreeMap::new(),
            menus: BTreeMap::new(),
            feedback: BTreeMap::new(),
            asks: BTreeMap::new(),
            documents: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            secret: None,
            names: BTreeMap::new(),
            contacts: BTreeMap::new(),
            own_words: BTreeMap::new(),
            held: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Reads a roster from its records: kind, id, JSON each.
    ///
    /// # Errors
    /// Every record that this version cannot read.
    pub fn from_records<'r>(
        records: impl IntoIterator<Item = (&'r str, &'r str, &'r str)>,
    ) -> Result<Self, Faults> {
        let (mut book, mut faults) = (Self::new(Settings::in_zone("UTC")), Faults::new());
        for (kind, id, body) in records {
            match Change::read(kind, id, body) {
                Ok(change) => drop(book.change(change)),
                Err(unread) => faults.extend(unread),
            }
        }
        faults.into_result(book)
    }

    /// Every record, in the order of kinds and ids: what [`Book::from_records`] reads.
    pub fn records(&self) -> Vec<Change> {
        let mut out = vec![Change::put("settings", Entity::Settings(self.settings.clone()))];
        out.extend(self.policy.clone().map(|policy| Change::put("policy", Entity::Policy(policy))));
        out.extend(
            self.taxonomy
                .clone()
                .map(|taxonomy| Change::put("taxonomy", Entity::Taxonomy(taxonomy))),
        );
        let kinds = Kind::ALL.iter().copied();
        for kind in
            kinds.filter(|kind| !matches!(kind, Kind::Settings | Kind::Policy | Kind::Taxonomy))
        {
            let ids =
                self.ids(kind).map(|id| Change { kind, id: id.to_owned(), to: self.get(kind, id) });
            out.extend(ids);
        }
        out
    }

    /// What holds for the roster as a whole.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The policy as it was put in, if it is not the shipped one.
    pub fn policy(&self) -> Option<&PolicyInput> {
        self.policy.as_deref()
    }

    /// The policy, checked.
    ///
    /// # Errors
    /// Its faults.
    pub fn checked_policy(&self) -> Result<Policy, Faults> {
        self.policy.as_deref().map_or_else(|| Ok(Policy::shipped()), Policy::check)
    }

    /// The taxonomy, checked.
    ///
    /// # Errors
    /// Its faults.
    pub fn checked_taxonomy(&self) -> Result<Taxonomy, Faults> {
        self.taxonomy.as_deref().map_or_else(|| Ok(Taxonomy::shipped()), Taxonomy::check)
    }

    /// The effective roster on a day, to be checked.
    pub fn input(&mut self, as_of: Date) -> &RosterInput {
        self.input.as_of = as_of.to_string().into();
        &self.input
    }

    /// The effective roster as it was checked last.
    pub fn effective(&self) -> &RosterInput {
        &self.input
    }

    /// Feedback by id.
    pub fn feedback(&self) -> &BTreeMap<String, Feedback> {
        &self.feedback
    }

    /// What was asked of those who coordinate, by id.
    pub fn asks(&self) -> &BTreeMap<String, Ask> {
        &self.asks
    }

    /// Documents by id: what proves runs, menus and handovers.
    pub fn documents(&self) -> &BTreeMap<String, Document> {
        &self.documents
    }

    /// A person's record.
    pub fn person(&self, id: &str) -> Option<&ServiceUserInput> {
        row(&self.input.people, self.at.people.of(id)?)
    }

    /// A worker's record as it was put in: places that menus hold are not in it.
    pub fn worker(&self, id: &str) -> Option<PeerWorkerInput> {
        let mut worker = row(&self.input.workers, self.at.workers.of(id)?)?.clone();
        add(&mut worker, -i64::from(self.held(id)));
        if let Some(asked) = self.asked.get(id) {
            worker.minimum.clone_from(asked);
        }
        Some(worker)
    }

    /// How many places with a worker open menus hold.
    pub fn held(&self, worker: &str) -> u32 {
        self.held.get(worker).copied().unwrap_or(0)
    }

    /// Matches by id.
    pub fn matches(&self) -> &BTreeMap<String, Match> {
        &self.matches
    }

    /// Menus by id.
    pub fn menus(&self) -> &BTreeMap<String, MenuOffer> {
        &self.menus
    }

    /// What rounding is drawn from; told to nobody.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Names by id of person or worker.
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// Contacts by id of person or worker.
    pub fn contacts(&self) -> &BTreeMap<String, Contact> {
        &self.contacts
    }

    /// What workers say of themselves, by id.
    pub fn own_words(&self) -> &BTreeMap<String, String> {
        &self.own_words
    }

    /// The ids of a kind, ascending.
    pub fn ids(&self, kind: Kind) -> Box<dyn Iterator<Item = &str> + '_> {
        fn of<T>(map: &BTreeMap<String, T>) -> Box<dyn Iterator<Item = &str> + '_> {
            Box::new(map.keys().map(String::as_str))
        }
        let whole = |there: bool, id: &'static str| -> Box<dyn Iterator<Item = &str> + '_> {
            Box::new(there.then_some(id).into_iter())
        };
        match kind {
            Kind::Settings => whole(true, "settings"),
            Kind::Policy => whole(self.policy.is_some(), "policy"),
            Kind::Taxonomy => whole(self.taxonomy.is_some(), "taxonomy"),
            Kind::Service => of(&self.at.services.0),
            Kind::Person => of(&self.at.people.0),
            Kind::Worker => of(&self.at.workers.0),
            Kind::Conflict => of(&self.at.conflicts.0),
            Kind::Group => of(&self.at.groups.0),
            Kind::Code => of(&self.at.codes.0),
            Kind::Limit => of(&self.at.limits.0),
            Kind::Pin => of(&self.at.pins.0),
            Kind::Match => of(&self.matches),
            Kind::Menu => of(&self.menus),
            Kind::Feedback => of(&self.feedback),
            Kind::Ask => of(&self.asks),
            Kind::Document => of(&self.documents),
            Kind::Tombstone => of(&self.tombstones),
            Kind::Secret => whole(self.secret.is_some(), "secret"),
            Kind::Name => of(&self.names),
            Kind::Contact => of(&self.contacts),
            Kind::OwnWords => of(&self.own_words),
        }
    }

    /// A record as it was put in.
    pub fn get(&self, kind: Kind, id: &str) -> Option<Entity> {
        let (at, input) = (&self.at, &self.input);
        Some(match kind {
            Kind::Settings => Entity::Settings(self.settings.clone()),
            Kind::Policy => Entity::Policy(self.policy.clone()?),
            Kind::Taxonomy => Entity::Taxonomy(self.taxonomy.clone()?),
            Kind::Service => {
                Entity::Service(Box::new(row(&input.services, at.services.of(id)?)?.clone()))
            }
            Kind::Person => Entity::Person(Box::new(self.person(id)?.clone())),
            Kind::Worker => Entity::Worker(Box::new(self.worker(id)?)),
            Kind::Conflict => {
                Entity::Conflict(row(&input.conflicts, at.conflicts.of(id)?)?.clone())
            }
            Kind::Group => Entity::Group(Box::new(row(&input.groups, at.groups.of(id)?)?.clone())),
            Kind::Code => Entity::Code(row(&input.codes, at.codes.of(id)?)?.clone()),
            Kind::Limit => Entity::Limit(row(&input.limits, at.limits.of(id)?)?.clone()),
            Kind::Pin => Entity::Pin(row(&input.pins, at.pins.of(id)?)?.clone()),
            Kind::Match => Entity::Match(Box::new(self.matches.get(id)?.clone())),
            Kind::Menu => Entity::Menu(Box::new(self.menus.get(id)?.clone())),
            Kind::Feedback => Entity::Feedback(Box::new(self.feedback.get(id)?.clone())),
            Kind::Ask => Entity::Ask(Box::new(self.asks.get(id)?.clone())),
            Kind::Document => Entity::Document(Box::new(self.documents.get(id)?.clone())),
            Kind::Tombstone => Entity::Tombstone(self.tombstones.get(id)?.clone()),
            Kind::Secret => Entity::Secret(self.secret.clone()?),
            Kind::Name => Entity::Name(self.names.get(id)?.clone()),
            Kind::Contact => Entity::Contact(self.contacts.get(id)?.clone()),
            Kind::OwnWords => Entity::OwnWords(self.own_words.get(id)?.clone()),
        })
    }

    /// Makes the changes, one after another, and says how to take them back.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Undo {
        let mut undo = Undo { inverse: Vec::new(), touches_roster: false };
        for change in changes {
            undo.touches_roster |= seen_by_the_engine(change.kind);
            undo.inverse.push(self.change(change));
        }
        undo
    }

    /// Takes changes back that [`Book::apply`] made, if nothing was changed since.
    pub fn undo(&mut self, undo: Undo) {
        for change in undo.inverse.into_iter().rev() {
            self.change(change);
        }
    }

    /// Makes one change and gives its inverse.
    fn change(&mut self, change: Change) -> Change {
        let Change { kind, id, to } = change;
        let (at, input) = (&mut self.at, &mut self.input);
        let before = match (kind, to) {
            (Kind::Settings, Some(Entity::Settings(to))) => {
                input.zone = to.zone.clone().into();
                Some(Entity::Settings(std::mem::replace(&mut self.settings, to)))
            }
            (Kind::Policy, to) => {
                let to =
                    to.and_then(|to| if let Entity::Policy(to) = to { Some(to) } else { None });
                std::mem::replace(&mut self.policy, to).map(Entity::Policy)
            }
            (Kind::Taxonomy, to) => {
                let to =
                    to.and_then(|to| if let Entity::Taxonomy(to) = to { Some(to) } else { None });
                std::mem::replace(&mut self.taxonomy, to).map(Entity::Taxonomy)
            }
            (Kind::Service, to) => {
                let to =
                    to.and_then(|to| if let Entity::Service(to) = to { Some(*to) } else { None });
                at.services
                    .put(&mut input.services, &id, to)
                    .map(|was| Entity::Service(Box::new(was)))
            }
            (Kind::Person, to) => {
                let to =
                    to.and_then(|to| if let Entity::Person(to) = to { Some(*to) } else { None });
                at.people.put(&mut input.people, &id, to).map(|was| Entity::Person(Box::new(was)))
            }
            (Kind::Worker, to) => {
                let held = self.held.get(&id).copied().unwrap_or(0);
                let to =
                    to.and_then(|to| if let Entity::Worker(to) = to { Some(*to) } else { None });
                let asked = self.asked.remove(&id);
                let to = to.map(|mut to| {
                    add(&mut to, i64::from(held));
                    if held > 0 {
                        self.asked.insert(id.clone(), to.minimum.clone());
                        lower(&mut to.minimum, held);
                    }
                    to
                });
                at.workers.put(&mut input.workers, &id, to).map(|mut was| {
                    add(&mut was, -i64::from(held));
                    if let Some(asked) = asked {
                        was.minimum = asked;
                    }
                    Entity::Worker(Box::new(was))
                })
            }
            (Kind::Conflict, to) => {
                let to =
                    to.and_then(|to| if let Entity::Conflict(to) = to { Some(to) } else { None });
                at.conflicts.put(&mut input.conflicts, &id, to).map(Entity::Conflict)
            }
            (Kind::Group, to) => {
                let to =
                    to.and_then(|to| if let Entity::Group(to) = to { Some(*to) } else { None });
                at.groups.put(&mut input.groups, &id, to).map(|was| Entity::Group(Box::new(was)))
            }
            (Kind::Code, to) => {
                let to = to.and_then(|to| if let Entity::Code(to) = to { Some(to) } else { None });
                at.codes.put(&mut input.codes, &id, to).map(Entity::Code)
            }
            (Kind::Limit, to) => {
                let to = to.and_then(|to| if let Entity::Limit(to) = to { Some(to) } else { None });
                at.limits.put(&mut input.limits, &id, to).map(Entity::Limit)
            }
            (Kind::Pin, to) => {
                let to = to.and_then(|to| if let Entity::Pin(to) = to { Some(to) } else { None });
                at.pins.put(&mut input.pins, &id, to).map(Entity::Pin)
            }
            (Kind::Match, to) => {
                let to =
                    to.and_then(|to| if let Entity::Match(to) = to { Some(*to) } else { None });
                at.matches.put(&mut input.matches, &id, to.as_ref().map(Match::row));
                swap(&mut self.matches, &id, to).map(|was| Entity::Match(Box::new(was)))
            }
            (Kind::Menu, to) => {
                let to = to.and_then(|to| if let Entity::Menu(to) = to { Some(*to) } else { None });
                let was = swap(&mut self.menus, &id, to);
                let now = self.menus.get(&id).cloned();
                self.hold(was.as_ref(), -1);
                self.hold(now.as_ref(), 1);
                was.map(|was| Entity::Menu(Box::new(was)))
            }
            (Kind::Feedback, to) => {
                let to =
                    to.and_then(|to| if let Entity::Feedback(to) = to { Some(*to) } else { None });
                swap(&mut self.feedback, &id, to).map(|was| Entity::Feedback(Box::new(was)))
            }
            (Kind::Ask, to) => {
                let to = to.and_then(|to| if let Entity::Ask(to) = to { Some(*to) } else { None });
                swap(&mut self.asks, &id, to).map(|was| Entity::Ask(Box::new(was)))
            }
            (Kind::Document, to) => {
                let to =
                    to.and_then(|to| if let Entity::Document(to) = to { Some(*to) } else { None });
                swap(&mut self.documents, &id, to).map(|was| Entity::Document(Box::new(was)))
            }
            (Kind::Tombstone, to) => {
                let to =
                    to.and_then(|to| if let Entity::Tombstone(to) = to { Some(to) } else { None });
                swap(&mut self.tombstones, &id, to).map(Entity::Tombstone)
            }
            (Kind::Secret, to) => {
                let to =
                    to.and_then(|to| if let Entity::Secret(to) = to { Some(to) } else { None });
                std::mem::replace(&mut self.secret, to).map(Entity::Secret)
            }
            (Kind::Name, to) => {
                let to = to.and_then(|to| if let Entity::Name(to) = to { Some(to) } else { None });
                swap(&mut self.names, &id, to).map(Entity::Name)
            }
            (Kind::Contact, to) => {
                let to =
                    to.and_then(|to| if let Entity::Contact(to) = to { Some(to) } else { None });
                swap(&mut self.contacts, &id, to).map(Entity::Contact)
            }
            (Kind::OwnWords, to) => {
                let to =
                    to.and_then(|to| if let Entity::OwnWords(to) = to { Some(to) } else { None });
                swap(&mut self.own_words, &id, to).map(Entity::OwnWords)
            }
            // A roster is never without settings.
            (Kind::Settings, _) => Some(Entity::Settings(self.settings.clone())),
        };
        Change { kind, id, to: before }
    }

    /// Takes or gives back the places that a menu holds.
    fn hold(&mut self, menu: Option<&MenuOffer>, by: i64) {
        let Some(menu) = menu.filter(|menu| menu.holds()) else { return };
        for worker in &menu.options {
            let held = self.held.entry(worker.clone()).or_default();
            *held = u32::try_from(i64::from(*held) + by).unwrap_or(0);
            let held = *held;
            if held == 0 {
                self.held.remove(worker);
            }
            let at = self.at.workers.of(worker);
            if let (Some(at), Field::Given(rows)) = (at, &mut self.input.workers)
                && let Some(Field::Given(row)) = rows.get_mut(at)
            {
                add(row, by);
                let asked = self.asked.remove(worker).unwrap_or_else(|| row.minimum.clone());
                row.minimum.clone_from(&asked);
                if held > 0 {
                    lower(&mut row.minimum, held);
                    self.asked.insert(worker.clone(), asked);
                }
            }
        }
    }

    /// Faults of the effective roster after changes, as whoever asked for the changes can read them: a fault within a record that was changed by its pointer in that
    /// record, any other with the record's kind and id in words.
    #[must_use]
    pub fn as_told(&self, faults: &Faults, undo: &Undo) -> Faults {
        let changed =
            |at: &InRecord| undo.inverse.iter().any(|was| was.kind == at.kind && was.id == at.id);
        let mut told = Faults::new();
        for fault in faults {
            let mut fault = fault.clone();
            match self.in_record(&fault.pointer) {
                Some(at) if changed(&at) => fault.pointer = at.pointer,
                Some(at) => {
                    fault.reason =
                        format!("{} {}{}: {}", at.kind.word(), at.id, at.pointer, fault.reason);
                    fault.pointer.clear();
                }
                None => {}
            }
            told.push(fault);
        }
        told
    }

    /// The record and the pointer within it that a pointer into the effective roster means.
    pub fn in_record(&self, pointer: &str) -> Option<InRecord> {
        let mut parts = pointer.strip_prefix('/')?.splitn(3, '/');
        let (list, index) = (parts.next()?, parts.next()?.parse::<usize>().ok()?);
        let (kind, places) = match list {
            "services" => (Kind::Service, &self.at.services),
            "people" => (Kind::Person, &self.at.people),
            "workers" => (Kind::Worker, &self.at.workers),
            "conflicts" => (Kind::Conflict, &self.at.conflicts),
            "groups" => (Kind::Group, &self.at.groups),
            "codes" => (Kind::Code, &self.at.codes),
            "limits" => (Kind::Limit, &self.at.limits),
            "pins" => (Kind::Pin, &self.at.pins),
            "matches" => (Kind::Match, &self.at.matches),
            _ => return None,
        };
        let id = places.0.iter().find(|(_, at)| **at == index).map(|(id, _)| id.clone())?;
        let pointer = parts.next().map(|rest| format!("/{rest}")).unwrap_or_default();
        Some(InRecord { kind, id, pointer })
    }
}

/// Whether the engine sees records of a kind.
fn seen_by_the_engine(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Name
            | Kind::Contact
            | Kind::OwnWords
            | Kind::Feedback
            | Kind::Ask
            | Kind::Document
            | Kind::Tombstone
    )
}

/// Counts more or fewer people that a worker walks with.
fn add(worker: &mut PeerWorkerInput, by: i64) {
    if by == 0 {
        return;
    }
    let now = worker.current_people.given().copied();
    // A count that cannot be read stays, to be reported.
    if now.is_none() && !worker.current_people.is_absent() {
        return;
    }
    let next = u32::try_from(i64::from(now.unwrap_or(0)) + by).unwrap_or(0);
    worker.current_people = Field::Given(next);
}

fn lower(minimum: &mut Field<u32>, held: u32) {
    if let Field::Given(minimum) = minimum {
        *minimum = minimum.saturating_sub(held);
    }
}

fn swap<T>(map: &mut BTreeMap<String, T>, id: &str, to: Option<T>) -> Option<T> {
    match to {
        Some(to) => map.insert(id.to_owned(), to),
        None => map.remove(id),
    }
}

fn row<T>(rows: &Rows<T>, at: usize) -> Option<&T> {
    rows.given()?.get(at)?.given()
}

/// Which row of a list has which id.
#[derive(Debug, Default)]
struct Index(BTreeMap<String, usize>);

impl Index {
    fn of(&self, id: &str) -> Option<usize> {
        self.0.get(id).copied()
    }

    /// Puts a row in, in place of the one with this id, or takes that one out; gives what was there.
    fn put<T>(&mut self, rows: &mut Rows<T>, id: &str, to: Option<T>) -> Option<T> {
        if !matches!(rows, Field::Given(_)) {
            *rows = Field::Given(Vec::new());
        }
        let Field::Given(rows) = rows else { return None };
        let was = match (self.of(id), to) {
            (Some(at), Some(to)) => std::mem::replace(&mut rows[at], Field::Given(to)),
            (None, Some(to)) => {
                self.0.insert(id.to_owned(), rows.len());
                rows.push(Field::Given(to));
                return None;
            }
            (None, None) => return None,
            (Some(at), None) => {
                self.0.remove(id);
                let last = rows.len() - 1;
                // The last row comes to stand here. O(rows) to find whose it is; deleting is rare.
                if at != last
                    && let Some(moved) = self.0.values_mut().find(|place| **place == last)
                {
                    *moved = at;
                }
                rows.swap_remove(at)
            }
        };
        match was {
            Field::Given(was) => Some(was),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use peermatch_model::roster::Roster;
    use peermatch_testkit::rosters::{self, Spec};
    use proptest::prelude::*;

    use super::*;
    use crate::kept::menus::MenuState;

    /// A book of a random roster: its records under their ids.
    fn book(seed: u64) -> Book {
        let input = rosters::input(&Spec::SERVICE.sized(30, 8), seed);
        let mut settings = Settings::in_zone(input.zone.given().unwrap());
        settings.as_of = Some(rosters::AS_OF);
        let mut book = Book::new(settings);
        let given = |id: &Field<String>| id.given().unwrap().clone();
        for row in input.services.given().unwrap() {
            let row = row.given().unwrap();
            book.apply([Change::put(given(&row.id), Entity::Service(Box::new(row.clone())))]);
        }
        for row in input.people.given().unwrap() {
            let row = row.given().unwrap();
            book.apply([Change::put(given(&row.id), Entity::Person(Box::new(row.clone())))]);
        }
        for row in input.workers.given().unwrap() {
            let row = row.given().unwrap();
            book.apply([Change::put(given(&row.id), Entity::Worker(Box::new(row.clone())))]);
        }
        for row in input.codes.given().unwrap() {
            let row = row.given().unwrap();
            let id = crate::kept::entity::id_of_parts([&row.system, &row.code]);
            book.apply([Change::put(id, Entity::Code(row.clone()))]);
        }
        book
    }

    fn written(book: &Book) -> Vec<(String, String, Option<String>)> {
        let records = book.records().iter().map(Change::record).collect::<Vec<_>>();
        records.into_iter().map(|(kind, id, body)| (kind.to_owned(), id, body)).collect()
    }

    fn hash(book: &mut Book) -> String {
        let taxonomy = book.checked_taxonomy().unwrap();
        crate::hash::roster_hash(&Roster::check(book.input(rosters::AS_OF), taxonomy).unwrap())
    }

    #[test]
    fn records_lead_to_the_same_book() {
        let mut first = book(3);
        let records = written(&first);
        let read = records
            .iter()
            .map(|(kind, id, body)| (kind.as_str(), id.as_str(), body.as_deref().unwrap()));
        let mut again = Book::from_records(read.clone()).unwrap();
        assert_eq!(written(&again), records);
        assert_eq!(hash(&mut again), hash(&mut first));
        // In any order.
        let mut back = Book::from_records(read.rev()).unwrap();
        assert_eq!(hash(&mut back), hash(&mut first));
        assert!(
            Book::from_records([("ghost", "1", "{}"), ("match", "2", "[]")]).unwrap_err().len()
                == 2
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn what_was_undone_leaves_no_trace(seed in 0_u64..50, picks in proptest::collection::vec((0_usize..3, 0_usize..30, any::<bool>()), 1..12)) {
            let mut book = book(seed);
            let (records, roster) = (written(&book), hash(&mut book));
            let changes: Vec<Change> = picks.iter().map(|&(list, at, delete)| {
                let kind = [Kind::Person, Kind::Worker, Kind::Code][list];
                let ids: Vec<String> = book.ids(kind).map(str::to_owned).collect();
                let id = ids[at % ids.len()].clone();
                if delete {
                    Change::delete(kind, id)
                } else {
                    // Another's content under this id, and a new id.
                    Change { kind, to: book.get(kind, &ids[(at + 1) % ids.len()]), id: format!("{id}-{}", at % 3) }
                }
            }).collect();
            let undo = book.apply(changes);
            book.undo(undo);
            prop_assert_eq!(written(&book), records);
            prop_assert_eq!(hash(&mut book), roster);
        }
    }

    #[test]
    fn open_menus_hold_places_that_no_record_tells_of() {
        let mut book = book(1);
        let worker = book.ids(Kind::Worker).next().unwrap().to_owned();
        let (record, effective) = (book.worker(&worker), hash(&mut book));
        let menu = |open| {
            let mut menu = MenuOffer::safe("m1", "P00001", vec![worker.clone()]);
            menu.state = if open { MenuState::Open } else { MenuState::Withdrawn };
            menu
        };
        book.apply([Change::put("m1", Entity::Menu(Box::new(menu(true))))]);
        assert_eq!(book.held(&worker), 1);
        assert_eq!(book.worker(&worker), record);
        assert_ne!(hash(&mut book), effective);
        // A record that is written while places are held says what it was given.
        let put = book.get(Kind::Worker, &worker).unwrap();
        book.apply([Change::put(worker.clone(), put)]);
        assert_eq!(book.worker(&worker), record);
        book.apply([Change::put("m1", Entity::Menu(Box::new(menu(false))))]);
        assert_eq!((book.held(&worker), hash(&mut book)), (0, effective));
    }

    /// A held place may yet be given, so a menu takes nothing from what a least number can be kept with; the record still says what it was given.
    #[test]
    fn a_held_place_counts_towards_the_least_number_of_new_people() {
        let mut book = book(1);
        let worker = book.ids(Kind::Worker).next().unwrap().to_owned();
        let menu = |id: &str, open| {
            let mut menu = MenuOffer::safe(id, "P00001", vec![worker.clone()]);
            menu.state = if open { MenuState::Open } else { MenuState::Withdrawn };
            Change::put(id, Entity::Menu(Box::new(menu)))
        };
        let asks = |minimum: u32| {
            let mut record = PeerWorkerInput { id: worker.clone().into(), ..Default::default() };
            record.minimum = minimum.into();
            Change::put(worker.clone(), Entity::Worker(Box::new(record)))
        };
        let least = |book: &Book| {
            let rows = book.effective().workers.given().unwrap();
            let mut rows = rows.iter().filter_map(Field::given);
            *rows.find(|row| row.id.given() == Some(&worker)).unwrap().minimum.given().unwrap()
        };
        let said = |book: &Book| *book.worker(&worker).unwrap().minimum.given().unwrap();
        book.apply([asks(2)]);
        for (change, effective, asked) in [
            (menu("m1", true), 1, 2),
            (menu("m2", true), 0, 2),
            (menu("m3", true), 0, 2),
            (asks(5), 2, 5),
            (menu("m1", false), 3, 5),
        ] {
            let before = (least(&book), said(&book));
            let undo = book.apply([change.clone()]);
            assert_eq!((least(&book), said(&book)), (effective, asked));
            book.undo(undo);
            assert_eq!((least(&book), said(&book)), before);
            book.apply([change]);
        }
        book.apply([menu("m2", false), menu("m3", false)]);
        assert_eq!((least(&book), said(&book), book.held(&worker)), (5, 5, 0));
    }

    #[test]
    fn faults_are_told_by_record() {
        let mut book = book(2);
        let id = book.ids(Kind::Person).nth(4).unwrap().to_owned();
        let mut person = book.person(&id).unwrap().clone();
        person.wait_since = "2026-02-31".to_owned().into();
        let undo = book.apply([Change::put(id, Entity::Person(Box::new(person)))]);
        let taxonomy = book.checked_taxonomy().unwrap();
        let faults = Roster::check(book.input(rosters::AS_OF), taxonomy).unwrap_err();
        let told = book.as_told(&faults, &undo);
        assert_eq!(
            told.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(),
            ["/wait_since"]
        );
    }
}
