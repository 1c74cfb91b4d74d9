//! A whole roster, or part of one, put into a kept roster: all of it or nothing.
//!
//! The case system that it comes from is believed in all that it is the source of. What was decided here is not undone by it: matches that were made or answered here stay, whoever
//! walks with somebody is neither deleted nor ended by being left out, and a caseload that the import states is taken as one that knows of the matches which the import
//! lists, and of no other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use peermatch_model::fault::{At, Fault, Faults};
use peermatch_model::raw::{
    ConflictInput, Field, LimitInput, MatchInput, PeerWorkerInput, RosterInput, Rows,
};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::{Taxonomy, TaxonomyInput};
use peermatch_model::words::{QueueState, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entity::id_of_parts;
use super::matches::Origin;
use super::records::{ended, withdraw_menus};
use super::{Book, Change, Decision, Entity, Kind, Match, Refused, Told};

/// What is put in, as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Import {
    /// The roster. Its day is the kept roster's, whatever stands there.
    pub input: RosterInput,
    /// The service's own taxonomy, if it came with one.
    pub taxonomy: Option<TaxonomyInput>,
    /// Names by id.
    pub names: BTreeMap<String, String>,
}

/// What becomes of what the import does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportHow {
    /// It is ended: people withdrawn and workers no longer there where they have a history here, deleted where they have none.
    Replace,
    /// It stays.
    Merge,
}

/// How many records of a kind an import changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// New.
    pub added: usize,
    /// There, and changed.
    pub changed: usize,
    /// Withdrawn, ended or deleted.
    pub ended: usize,
    /// As it was.
    pub same: usize,
}

/// What an import comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// Services.
    pub services: Counted,
    /// Service users.
    pub people: Counted,
    /// Peer workers.
    pub workers: Counted,
    /// Matches. Those that were made or answered here stay, and count as they were.
    pub matches: Counted,
    /// Everything else: conflicts, groups, codes, limits, pins, the taxonomy.
    pub others: Counted,
    /// Names.
    pub names: Counted,
    /// Open menus that were withdrawn because somebody of them is no longer there.
    pub menus_withdrawn: usize,
}

/// Decides what an import comes to.
///
/// O(records · log records), and one check of the roster that comes of it.
///
/// # Errors
/// Every fault of that roster, by its pointer into the import (or, of a record that is not in it, by kind and id in words); that somebody is left out who is still
/// walked with; that the import lives in another time zone.
pub fn import(
    book: &Book,
    import: &Import,
    how: ImportHow,
    day: Date,
    at: i64,
    actor: &str,
) -> Result<Decision<Imported>, Refused> {
    zone(book, import)?;
    let mut effective = import.input.clone();
    effective.as_of = day.to_string().into();
    effective.zone = book.settings().zone.clone().into();
    let own = sizes(&effective);

    let mut plan = Plan {
        book,
        changes: Vec::new(),
        menus: Vec::new(),
        standing: Vec::new(),
        told: Imported::default(),
    };
    let standing = plan.matches(import, how, at, actor, &mut effective);
    adjust(&mut effective.workers, &standing);
    plan.left_out(import, how, day, &mut effective)?;

    let taxonomy = match (&import.taxonomy, how) {
        (Some(taxonomy), _) => Taxonomy::check(taxonomy)
            .map_err(|faults| Refused::Invalid(within(faults, "/taxonomy")))?,
        (None, ImportHow::Replace) => Taxonomy::shipped(),
        (None, ImportHow::Merge) => book.checked_taxonomy().map_err(Refused::Invalid)?,
    };
    if let Err(faults) = Roster::check(&effective, taxonomy) {
        return Err(Refused::Invalid(as_imported(&faults, &effective, &own)));
    }
    // Rows that were added to the import's own come after them.
    plan.rows(import, how, &effective, &own);
    plan.names(&import.names);

    let Plan { changes, mut menus, standing, told, .. } = plan;
    menus.sort_unstable();
    menus.dedup();
    let action = match how {
        ImportHow::Replace => "roster.replaced",
        ImportHow::Merge => "roster.merged",
    };
    let mut audit = vec![Told::new(action, menus)];
    // What a first import finds is the caseload of the day. Later ones state what was decided elsewhere, so the audit says of which matches.
    if !standing.is_empty() && book.ids(Kind::Person).next().is_some() {
        audit.push(Told::new("matches.decided_elsewhere", standing));
    }
    Ok(Decision { changes, told: audit, answer: told })
}

fn zone(book: &Book, import: &Import) -> Result<(), Refused> {
    let kept = &book.settings().zone;
    match import.input.zone.given() {
        Some(zone) if zone.trim() != kept => {
            let (mut faults, root) = (Faults::new(), At::root());
            faults.report(
                &root.key("zone"),
                zone,
                format!("the kept roster lives in {kept}"),
                format!("write times in {kept}, give the rows a zone of their own, or change the roster's settings first"),
            );
            Err(Refused::Invalid(faults))
        }
        _ => Ok(()),
    }
}

/// How many rows of each list are the import's own.
fn sizes(input: &RosterInput) -> BTreeMap<&'static str, usize> {
    fn of<T>(rows: &Rows<T>) -> usize {
        rows.given().map_or(0, Vec::len)
    }
    [
        ("services", of(&input.services)),
        ("people", of(&input.people)),
        ("workers", of(&input.workers)),
        ("conflicts", of(&input.conflicts)),
        ("matches", of(&input.matches)),
        ("groups", of(&input.groups)),
        ("pins", of(&input.pins)),
        ("codes", of(&input.codes)),
        ("limits", of(&input.limits)),
    ]
    .into()
}

/// Faults as whoever sent the import can read them.
fn as_imported(
    faults: &Faults,
    effective: &RosterInput,
    own: &BTreeMap<&'static str, usize>,
) -> Faults {
    let mut told = Faults::new();
    for fault in faults {
        let mut fault = fault.clone();
        let mut steps = fault.pointer.splitn(4, '/').skip(1);
        let list = steps.next().unwrap_or_default().to_owned();
        let index = steps.next().and_then(|index| index.parse::<usize>().ok());
        let rest = steps.next().map(|rest| format!("/{rest}")).unwrap_or_default();
        if let (Some(index), Some(&own)) = (index, own.get(list.as_str()))
            && index >= own
        {
            let kept = id_at(effective, &list, index);
            fault.reason = format!(
                "{} {kept}{rest} of the kept roster would no longer be right: {}",
                list.trim_end_matches('s'),
                fault.reason
            );
            fault.pointer = format!("/{list}");
        }
        told.push(fault);
    }
    told
}

fn id_at(input: &RosterInput, list: &str, index: usize) -> String {
    fn of<T>(rows: &Rows<T>, index: usize, id: impl Fn(&T) -> &Field<String>) -> Option<String> {
        id(rows.given()?.get(index)?.given()?).given().cloned()
    }
    match list {
        "services" => of(&input.services, index, |row| &row.id),
        "people" => of(&input.people, index, |row| &row.id),
        "workers" => of(&input.workers, index, |row| &row.id),
        "matches" => of(&input.matches, index, |row| &row.id),
        "groups" => of(&input.groups, index, |row| &row.id),
        _ => None,
    }
    .unwrap_or_default()
}

fn within(faults: Faults, of: &str) -> Faults {
    let mut told = Faults::new();
    for fault in faults {
        told.push(Fault { pointer: format!("{of}{}", fault.pointer), place: None, ..fault });
    }
    told
}

/// Whether a match was made or answered here, so that no import undoes it.
fn decided_here(one: &Match) -> bool {
    one.from != Origin::Import
        || one.decision.is_some()
        || one.person_answer.is_some()
        || one.worker_answer.is_some()
        || one.first_meeting_at.is_some()
        || one.active_at.is_some()
        || one.paused_at.is_some()
        || one.ended_by.is_some()
}

/// Takes a stated caseload as one that knows of the matches which the import lists alone.
fn adjust(workers: &mut Rows<PeerWorkerInput>, unknown: &BTreeMap<String, i64>) {
    let Field::Given(rows) = workers else { return };
    for row in rows {
        let Field::Given(worker) = row else { continue };
        let Some(by) = worker.id.given().and_then(|id| unknown.get(id.trim())) else { continue };
        let now = worker.current_people.given().copied();
        if now.is_none() && !worker.current_people.is_absent() {
            continue;
        }
        let next = i64::from(now.unwrap_or(0)).saturating_add(*by).max(0);
        worker.current_people = u32::try_from(next).unwrap_or(u32::MAX).into();
    }
}

fn push<T>(rows: &mut Rows<T>, row: T) {
    match rows {
        Field::Given(rows) => rows.push(Field::Given(row)),
        Field::Absent => *rows = Field::Given(vec![Field::Given(row)]),
        // The list is wrong as a whole, which the check reports.
        Field::Wrong(_) => {}
    }
}

fn ids_in<'i, T: 'i>(
    rows: &'i Rows<T>,
    id: impl Fn(&'i T) -> &'i Field<String>,
) -> BTreeSet<&'i str> {
    let rows = rows.given().map_or(&[][..], Vec::as_slice);
    rows.iter()
        .filter_map(Field::given)
        .filter_map(|row| id(row).given())
        .map(|id| id.trim())
        .collect()
}

struct Plan<'b> {
    book: &'b Book,
    changes: Vec<Change>,
    menus: Vec<String>,
    /// Matches that the import says stand, and that are new here or stood otherwise.
    standing: Vec<String>,
    told: Imported,
}

impl Plan<'_> {
    /// Puts the rows of the matches that will be there in place of the import's, and says by how much each worker's caseload differs from what the import knows.
    fn matches(
        &mut self,
        import: &Import,
        how: ImportHow,
        at: i64,
        actor: &str,
        effective: &mut RosterInput,
    ) -> BTreeMap<String, i64> {
        let mut unknown: BTreeMap<String, i64> = BTreeMap::new();
        let listed = ids_in(&import.input.matches, |row: &MatchInput| &row.id);
        let mut count = |worker: &str, by: i64| {
            if by != 0 {
                *unknown.entry(worker.to_owned()).or_default() += by;
            }
        };
        if let Field::Given(rows) = &mut effective.matches {
            for row in rows {
                let Field::Given(row) = row else { continue };
                let Some(imported) = Match::imported(row, at, actor) else { continue };
                let Some(kept) = self.book.matches().get(&imported.id) else {
                    if imported.status.kept() {
                        self.standing.push(imported.id.clone());
                    }
                    self.told.matches.added += 1;
                    self.changes
                        .push(Change::put(imported.id.clone(), Entity::Match(Box::new(imported))));
                    continue;
                };
                if decided_here(kept) {
                    count(&imported.worker_id, -i64::from(imported.status.kept()));
                    count(&kept.worker_id, i64::from(kept.status.kept()));
                    self.told.matches.same += 1;
                    *row = kept.row();
                } else if (&kept.person_id, &kept.worker_id, kept.status, &kept.ended_on)
                    == (
                        &imported.person_id,
                        &imported.worker_id,
                        imported.status,
                        &imported.ended_on,
                    )
                {
                    self.told.matches.same += 1;
                } else {
                    if imported.status.kept() {
                        self.standing.push(imported.id.clone());
                    }
                    self.told.matches.changed += 1;
                    self.changes
                        .push(Change::put(imported.id.clone(), Entity::Match(Box::new(imported))));
                }
            }
        }
        for kept in self.book.matches().values().filter(|kept| !listed.contains(kept.id.as_str())) {
            if decided_here(kept) {
                count(&kept.worker_id, i64::from(kept.status.kept()));
            } else if how == ImportHow::Replace {
                self.told.matches.ended += 1;
                self.changes.push(Change::delete(Kind::Match, kept.id.clone()));
                continue;
            }
            self.told.matches.same += 1;
            push(&mut effective.matches, kept.row());
        }
        unknown
    }

    /// What becomes of people and workers that the import does not name.
    fn left_out(
        &mut self,
        import: &Import,
        how: ImportHow,
        day: Date,
        effective: &mut RosterInput,
    ) -> Result<(), Refused> {
        let book = self.book;
        let named = ids_in(&import.input.people, |row| &row.id);
        let gone: BTreeSet<&str> = self
            .changes
            .iter()
            .filter(|change| change.to.is_none())
            .map(|change| change.id.as_str())
            .collect();
        let (mut with_history, mut standing) = (BTreeSet::new(), BTreeMap::new());
        for one in book.matches().values().filter(|one| !gone.contains(one.id.as_str())) {
            for id in [&one.person_id, &one.worker_id] {
                with_history.insert(id.as_str());
                if one.status.kept() {
                    standing.insert(id.as_str(), one.id.as_str());
                }
            }
        }
        for menu in book.menus().values() {
            with_history.insert(menu.person_id.as_str());
        }
        let mut broken = Vec::new();
        let (mut ended_people, mut ended_workers) = (BTreeSet::new(), BTreeSet::new());
        let mut changes = Vec::new();
        for id in book.ids(Kind::Person).filter(|id| !named.contains(id)) {
            let Some(person) = book.person(id) else { continue };
            let stays = how == ImportHow::Merge
                || person.status.given() == Some(&QueueState::Withdrawn)
                    && with_history.contains(id);
            if stays {
                self.told.people.same += 1;
                push(&mut effective.people, person.clone());
                continue;
            }
            if let Some(one) = standing.get(id) {
                broken.push(format!("person {id} (match {one})"));
                continue;
            }
            self.told.people.ended += 1;
            ended_people.insert(id);
            if with_history.contains(id) {
                let mut person = person.clone();
                person.status = QueueState::Withdrawn.into();
                push(&mut effective.people, person.clone());
                changes.push(Change::put(id, Entity::Person(Box::new(person))));
            } else {
                changes.push(Change::delete(Kind::Person, id));
                forget_beside(book, id, &mut changes);
            }
        }
        let named = ids_in(&import.input.workers, |row| &row.id);
        for id in book.ids(Kind::Worker).filter(|id| !named.contains(id)) {
            let Some(mut worker) = book.worker(id) else { continue };
            let over = worker
                .available_until
                .given()
                .is_some_and(|until| until.trim() < day.to_string().as_str());
            if how == ImportHow::Merge || over && with_history.contains(id) {
                self.told.workers.same += 1;
                push(&mut effective.workers, worker);
                continue;
            }
            if let Some(one) = standing.get(id) {
                broken.push(format!("worker {id} (match {one})"));
                continue;
            }
            self.told.workers.ended += 1;
            ended_workers.insert(id);
            if with_history.contains(id) {
                ended(&mut worker, day);
                push(&mut effective.workers, worker.clone());
                changes.push(Change::put(id, Entity::Worker(Box::new(worker))));
            } else {
                changes.push(Change::delete(Kind::Worker, id));
                forget_beside(book, id, &mut changes);
            }
        }
        if !broken.is_empty() {
            let more = broken.len().saturating_sub(10);
            broken.truncate(10);
            let others = if more == 0 { String::new() } else { format!(", and {more} others") };
            return Err(Refused::conflict(
                "matches_stand",
                format!(
                    "The import leaves out people or workers with matches under way: {}{others}. Leave them in, or end the matches first.",
                    broken.join(", ")
                ),
            ));
        }
        if how == ImportHow::Replace {
            for (_, row) in made_here(book, effective) {
                push(&mut effective.conflicts, row);
            }
        }
        let before = self.menus.len();
        withdraw_menus(
            book,
            |menu| {
                ended_people.contains(menu.person_id.as_str())
                    || menu.options.iter().any(|worker| ended_workers.contains(worker.as_str()))
            },
            &mut changes,
            &mut self.menus,
        );
        self.told.menus_withdrawn = self.menus.len() - before;
        if how == ImportHow::Merge {
            self.others_that_stay(import, effective);
        }
        self.changes.extend(changes);
        Ok(())
    }

    /// Adds the rows of everything else that a merge leaves as it is.
    fn others_that_stay(&self, import: &Import, effective: &mut RosterInput) {
        let (book, input) = (self.book, &import.input);
        let services = ids_in(&input.services, |row| &row.id);
        let groups = ids_in(&input.groups, |row| &row.id);
        for kind in [Kind::Service, Kind::Group, Kind::Conflict, Kind::Code, Kind::Limit, Kind::Pin]
        {
            let named = derived(input, kind);
            for id in book.ids(kind) {
                if services.contains(id) && kind == Kind::Service
                    || groups.contains(id) && kind == Kind::Group
                    || named.contains(id)
                {
                    continue;
                }
                match book.get(kind, id) {
                    Some(Entity::Service(row)) => push(&mut effective.services, *row),
                    Some(Entity::Group(row)) => push(&mut effective.groups, *row),
                    Some(Entity::Conflict(row)) => push(&mut effective.conflicts, row),
                    Some(Entity::Code(row)) => push(&mut effective.codes, row),
                    Some(Entity::Limit(row)) => push(&mut effective.limits, row),
                    Some(Entity::Pin(row)) => push(&mut effective.pins, row),
                    _ => {}
                }
            }
        }
    }

    /// What becomes of the records that the import names, and of those of the plain kinds that it does not.
    fn rows(
        &mut self,
        import: &Import,
        how: ImportHow,
        effective: &RosterInput,
        own: &BTreeMap<&'static str, usize>,
    ) {
        fn own_rows<'r, T>(rows: &'r Rows<T>, own: Option<&usize>) -> impl Iterator<Item = &'r T> {
            let rows = rows.given().map_or(&[][..], Vec::as_slice);
            rows.iter().take(own.copied().unwrap_or(0)).filter_map(Field::given)
        }
        let id = |field: &Field<String>| {
            field.given().map(|id| id.trim().to_owned()).unwrap_or_default()
        };
        let book = self.book;
        for row in own_rows(&effective.people, own.get("people")) {
            let (id, was) = (id(&row.id), row.id.given().and_then(|id| book.person(id.trim())));
            if counted(&mut self.told.people, was, row) {
                self.changes.push(Change::put(id, Entity::Person(Box::new(row.clone()))));
            }
        }
        for row in own_rows(&effective.workers, own.get("workers")) {
            let id = id(&row.id);
            if counted(&mut self.told.workers, book.worker(&id).as_ref(), row) {
                self.changes.push(Change::put(id, Entity::Worker(Box::new(row.clone()))));
            }
        }
        for row in own_rows(&effective.services, own.get("services")) {
            let (id, to) = (id(&row.id), Entity::Service(Box::new(row.clone())));
            if counted(&mut self.told.services, book.get(Kind::Service, &id).as_ref(), &to) {
                self.changes.push(Change::put(id, to));
            }
        }
        let mut others: Vec<(String, Entity)> = Vec::new();
        others.extend(
            own_rows(&effective.groups, own.get("groups"))
                .map(|row| (id(&row.id), Entity::Group(Box::new(row.clone())))),
        );
        others.extend(
            own_rows(&effective.conflicts, own.get("conflicts"))
                .map(|row| (id_of_conflict(row), Entity::Conflict(row.clone()))),
        );
        others.extend(
            own_rows(&effective.codes, own.get("codes"))
                .map(|row| (id_of_parts([&row.system, &row.code]), Entity::Code(row.clone()))),
        );
        others.extend(
            own_rows(&effective.limits, own.get("limits"))
                .map(|row| (id_of_limit(row), Entity::Limit(row.clone()))),
        );
        others.extend(
            own_rows(&effective.pins, own.get("pins")).map(|row| {
                (id_of_parts([&row.person_id, &row.worker_id]), Entity::Pin(row.clone()))
            }),
        );
        if let Some(taxonomy) = &import.taxonomy {
            others.push(("taxonomy".to_owned(), Entity::Taxonomy(Box::new(taxonomy.clone()))));
        }
        let mut named: BTreeSet<(Kind, String)> = BTreeSet::new();
        for (id, to) in others {
            named.insert((to.kind(), id.clone()));
            if counted(&mut self.told.others, book.get(to.kind(), &id).as_ref(), &to) {
                self.changes.push(Change::put(id, to));
            }
        }
        if how == ImportHow::Merge {
            return;
        }
        let services = ids_in(&import.input.services, |row| &row.id);
        for id in book.ids(Kind::Service).filter(|id| !services.contains(id)) {
            self.told.services.ended += 1;
            self.changes.push(Change::delete(Kind::Service, id));
        }
        named.extend(made_here(book, effective).into_iter().map(|(id, _)| (Kind::Conflict, id)));
        for kind in
            [Kind::Group, Kind::Conflict, Kind::Code, Kind::Limit, Kind::Pin, Kind::Taxonomy]
        {
            for id in book.ids(kind).filter(|id| !named.contains(&(kind, (*id).to_owned()))) {
                self.told.others.ended += 1;
                self.changes.push(Change::delete(kind, id));
            }
        }
    }

    fn names(&mut self, names: &BTreeMap<String, String>) {
        for (id, name) in names {
            if counted(&mut self.told.names, self.book.names().get(id), name) {
                self.changes.push(Change::put(id.clone(), Entity::Name(name.clone())));
            }
        }
    }
}

/// The ids under which rows of the plain kinds are kept.
fn derived(input: &RosterInput, kind: Kind) -> BTreeSet<String> {
    fn of<T>(rows: &Rows<T>, id: impl Fn(&T) -> String) -> BTreeSet<String> {
        let rows = rows.given().map_or(&[][..], Vec::as_slice);
        rows.iter().filter_map(Field::given).map(id).collect()
    }
    match kind {
        Kind::Conflict => of(&input.conflicts, id_of_conflict),
        Kind::Code => of(&input.codes, |row| id_of_parts([&row.system, &row.code])),
        Kind::Pin => of(&input.pins, |row| id_of_parts([&row.person_id, &row.worker_id])),
        Kind::Limit => of(&input.limits, id_of_limit),
        _ => BTreeSet::new(),
    }
}

/// A word of a list as the text that stands for it.
fn text(word: Option<impl Words>) -> Field<String> {
    word.map_or(Field::Absent, |word| word.word().to_owned().into())
}

/// Two may be kept apart for several reasons, each until a day of its own.
fn id_of_conflict(row: &ConflictInput) -> String {
    id_of_parts([&row.a_id, &row.b_id, &text(row.kind.given().copied())])
}

fn id_of_limit(row: &LimitInput) -> String {
    id_of_parts([&text(row.kind.given().copied()), &row.id])
}

/// Deletes the name, the contact and the own words of somebody who is deleted.
fn forget_beside(book: &Book, id: &str, changes: &mut Vec<Change>) {
    if book.names().contains_key(id) {
        changes.push(Change::delete(Kind::Name, id));
    }
    if book.contacts().contains_key(id) {
        changes.push(Change::delete(Kind::Contact, id));
    }
    if book.own_words().contains_key(id) {
        changes.push(Change::delete(Kind::OwnWords, id));
    }
}

/// What keeps two apart and was said here, not by an import: an order that came in the middle of a day, or a person who does not want to be asked about a worker again. No
/// import undoes it, for the case system may not know of it; it goes with whoever it is about.
fn made_here(book: &Book, effective: &RosterInput) -> Vec<(String, ConflictInput)> {
    let mut there = ids_in(&effective.people, |row| &row.id);
    there.extend(ids_in(&effective.workers, |row| &row.id));
    let known = |id: &Field<String>| id.given().is_some_and(|id| there.contains(id.trim()));
    book.ids(Kind::Conflict)
        .filter_map(|id| match book.get(Kind::Conflict, id) {
            Some(Entity::Conflict(row)) if id != id_of_conflict(&row) => {
                (known(&row.a_id) && known(&row.b_id)).then(|| (id.to_owned(), row))
            }
            _ => None,
        })
        .collect()
}

/// Counts a record, and says whether it is to be written.
fn counted<T: PartialEq>(counted: &mut Counted, was: Option<&T>, to: &T) -> bool {
    match was {
        None => counted.added += 1,
        Some(was) if was != to => counted.changed += 1,
        Some(_) => {
            counted.same += 1;
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use peermatch_model::words::MatchStatus;
    use peermatch_testkit::rosters::{self, Spec};
    use proptest::prelude::*;

    use super::*;
    use crate::kept::Settings;

    fn empty(input: &RosterInput) -> Book {
        let mut settings = Settings::in_zone(input.zone.given().unwrap());
        settings.as_of = Some(rosters::AS_OF);
        Book::new(settings)
    }

    fn of(input: RosterInput) -> Import {
        Import { input, ..Import::default() }
    }

    fn put_in(book: &mut Book, what: &Import, how: ImportHow) -> Result<Imported, Refused> {
        let decision = import(book, what, how, rosters::AS_OF, 1, "command")?;
        book.apply(decision.changes);
        Ok(decision.answer)
    }

    fn hash(book: &mut Book) -> String {
        let taxonomy = book.checked_taxonomy().unwrap();
        crate::hash::roster_hash(&Roster::check(book.input(rosters::AS_OF), taxonomy).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// What was put in is what stands there; put in again, nothing changes; put in part by part, the same stands there.
        #[test]
        fn what_is_put_in_stands_there(seed in 0_u64..10_000) {
            let input = rosters::input(&Spec::SERVICE.sized(30, 8), seed);
            let wanted = crate::hash::roster_hash(&Roster::check(&input, Taxonomy::shipped()).unwrap());
            let mut book = empty(&input);
            let first = put_in(&mut book, &of(input.clone()), ImportHow::Replace).unwrap();
            prop_assert_eq!(first.people.added, 30);
            prop_assert_eq!(hash(&mut book), wanted.clone());
            for how in [ImportHow::Replace, ImportHow::Merge] {
                let decision = import(&book, &of(input.clone()), how, rosters::AS_OF, 2, "command").unwrap();
                prop_assert_eq!(decision.changes, Vec::new());
            }
            // People one half after the other.
            let mut halves = empty(&input);
            let people = input.people.given().unwrap();
            for part in [&people[..15], &people[15..]] {
                let named: BTreeSet<&str> = part.iter().map(|row| row.given().unwrap().id.given().unwrap().as_str()).collect();
                let mut half = input.clone();
                half.people = Field::Given(part.to_vec());
                if let Field::Given(rows) = &mut half.matches {
                    rows.retain(|row| named.contains(row.given().unwrap().person_id.given().unwrap().as_str()));
                }
                if let Field::Given(rows) = &mut half.pins {
                    rows.retain(|row| named.contains(row.given().unwrap().person_id.given().unwrap().as_str()));
                }
                if let Field::Given(rows) = &mut half.conflicts {
                    let workers: BTreeSet<&str> = input.workers.given().unwrap().iter().map(|row| row.given().unwrap().id.given().unwrap().as_str()).collect();
                    rows.retain(|row| {
                        let row = row.given().unwrap();
                        [&row.a_id, &row.b_id].iter().all(|id| { let id = id.given().unwrap().as_str(); named.contains(id) || workers.contains(id) })
                    });
                }
                put_in(&mut halves, &of(half), ImportHow::Merge).unwrap();
            }
            prop_assert_eq!(hash(&mut halves), wanted);
        }
    }

    #[test]
    fn whoever_is_left_out_is_ended_or_deleted_but_never_while_walked_with() {
        let input = rosters::input(&Spec::SERVICE.sized(30, 8), 4);
        let mut book = empty(&input);
        let mut bare = input.clone();
        bare.matches = Field::Absent;
        bare.pins = Field::Absent;
        bare.conflicts = Field::Absent;
        put_in(&mut book, &of(bare.clone()), ImportHow::Replace).unwrap();
        let id = |at: usize| {
            bare.people.given().unwrap()[at].given().unwrap().id.given().unwrap().clone()
        };
        let worker = bare.workers.given().unwrap()[0].given().unwrap().id.given().unwrap().clone();
        let row = |status: MatchStatus, person: &str| MatchInput {
            id: format!("m-{person}").into(),
            person_id: person.to_owned().into(),
            worker_id: worker.clone().into(),
            status: status.into(),
            ..MatchInput::default()
        };
        let ended = Match::imported(&row(MatchStatus::Ended, &id(0)), 1, "x").unwrap();
        let mut decided = Match::imported(&row(MatchStatus::Active, &id(1)), 1, "x").unwrap();
        decided.from = Origin::Coordinator;
        let mut ended = ended;
        ended.from = Origin::Coordinator;
        let mut taken = book.worker(&worker).unwrap();
        let before = taken.current_people.given().copied().unwrap_or(0);
        taken.current_people = (before + 1).into();
        book.apply([
            Change::put(ended.id.clone(), Entity::Match(Box::new(ended))),
            Change::put(decided.id.clone(), Entity::Match(Box::new(decided))),
            Change::put(worker.clone(), Entity::Worker(Box::new(taken))),
        ]);
        let mut without = bare.clone();
        let drop = |without: &mut RosterInput, ids: &[String]| {
            if let Field::Given(rows) = &mut without.people {
                rows.retain(|row| !ids.contains(row.given().unwrap().id.given().unwrap()));
            }
        };
        drop(&mut without, &[id(0), id(1), id(2)]);
        let refused = put_in(&mut book, &of(without), ImportHow::Replace).unwrap_err();
        let Refused::Conflict { code: "matches_stand", words } = &refused else {
            panic!("{refused}")
        };
        assert!(words.contains(&id(1)) && !words.contains(&id(0)), "{words}");
        let mut without = bare.clone();
        drop(&mut without, &[id(0), id(2)]);
        let told = put_in(&mut book, &of(without), ImportHow::Replace).unwrap();
        assert_eq!(told.people.ended, 2);
        // A history stays, withdrawn; who had none is gone.
        assert_eq!(book.person(&id(0)).unwrap().status.given(), Some(&QueueState::Withdrawn));
        assert!(book.person(&id(2)).is_none());
        // The import knows nothing of the match that was decided here, so its caseload is counted on top.
        let kept = book.worker(&worker).unwrap();
        assert_eq!(kept.current_people.given(), Some(&(before + 1)));
        assert_eq!(book.matches()[&format!("m-{}", id(1))].status, MatchStatus::Active);
    }

    #[test]
    fn another_zone_is_refused_by_its_pointer() {
        let input = rosters::input(&Spec::SERVICE.sized(3, 2), 1);
        let mut book = Book::new(Settings::in_zone("Europe/Paris"));
        let refused = put_in(&mut book, &of(input), ImportHow::Replace).unwrap_err();
        let Refused::Invalid(faults) = refused else { panic!("{refused}") };
        assert_eq!(faults.iter().next().unwrap().pointer, "/zone");
    }

    /// A first import brings the caseload of the day; what later ones say was decided elsewhere, the audit names.
    #[test]
    fn the_audit_names_matches_that_were_decided_elsewhere() {
        let input = rosters::input(&Spec::SERVICE.sized(120, 26), 3);
        let told = |book: &Book, input: &RosterInput| {
            let decision =
                import(book, &of(input.clone()), ImportHow::Replace, rosters::AS_OF, 2, "key:k");
            let told = decision
                .unwrap()
                .told
                .into_iter()
                .filter(|told| told.action == "matches.decided_elsewhere");
            told.flat_map(|told| told.about).collect::<Vec<_>>()
        };
        let standing = |row: &Field<MatchInput>| {
            Match::imported(row.given().unwrap(), 0, "").is_some_and(|one| one.status.kept())
        };
        let mut without = input.clone();
        let Field::Given(rows) = &mut without.matches else { panic!("matches") };
        let place = rows.iter().position(standing).expect("somebody walks with somebody");
        let gone = rows.remove(place).given().unwrap().id.given().unwrap().clone();
        let mut book = empty(&without);
        assert_eq!(told(&book, &without), Vec::<String>::new(), "the first import");
        put_in(&mut book, &of(without.clone()), ImportHow::Replace).unwrap();
        assert_eq!(told(&book, &without), Vec::<String>::new(), "nothing new");
        assert_eq!(told(&book, &input), [gone]);
    }
}
