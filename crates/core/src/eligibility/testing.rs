//! One person and one worker who can be matched, to be changed one thing at a time.

use peermatch_model::policy::{Policy, PolicyInput};
pub(crate) use peermatch_model::raw::{
    AskedExperienceInput, ConflictInput, Field, LanguageInput, PeerWorkerInput, PinInput,
    ROSTER_FORMAT, RosterInput, Rows, ServiceInput, ServiceUserInput, SpokenInput, TrainingInput,
    WishInput, WorkerWishInput,
};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
pub(crate) use peermatch_model::words::{AgeBand, ConflictKind, Fluency, LanguageLevel};
use peermatch_model::words::{Mode, QueueState};

use super::{Exclusion, eligible, reasons};
use crate::pair::{Context, Pair};

/// A list of records.
pub(crate) fn all<T>(values: impl IntoIterator<Item = T>) -> Rows<T> {
    Field::Given(values.into_iter().map(Field::Given).collect())
}

/// A list of words.
pub(crate) fn words<'a>(values: impl IntoIterator<Item = &'a str>) -> Rows<String> {
    all(values.into_iter().map(str::to_owned))
}

fn first<T>(rows: &mut Rows<T>, place: usize) -> &mut T {
    let Field::Given(rows) = rows else { panic!("the list is there") };
    let Field::Given(row) = &mut rows[place] else { panic!("the record is right") };
    row
}

/// The person.
pub(crate) fn person(input: &mut RosterInput) -> &mut ServiceUserInput {
    first(&mut input.people, 0)
}

/// The worker.
pub(crate) fn worker(input: &mut RosterInput) -> &mut PeerWorkerInput {
    first(&mut input.workers, 0)
}

/// A service: 0 is `one`, which both are in; 1 is `two`, which neither is in.
pub(crate) fn service(input: &mut RosterInput, place: usize) -> &mut ServiceInput {
    first(&mut input.services, place)
}

fn base() -> RosterInput {
    let service = |id: &str| ServiceInput { id: id.to_owned().into(), ..ServiceInput::default() };
    let person = ServiceUserInput {
        id: "p".to_owned().into(),
        services: words(["one"]),
        wait_since: "2026-10-01".to_owned().into(),
        status: QueueState::Ready.into(),
        age_band: AgeBand::From25.into(),
        area: "north".to_owned().into(),
        languages: all([LanguageInput {
            tag: "en".to_owned().into(),
            level: LanguageLevel::Need.into(),
            ..LanguageInput::default()
        }]),
        modes: all([Mode::OneToOne]),
        availability: words(["Mon 09:00-12:00"]),
        ..ServiceUserInput::default()
    };
    let worker = PeerWorkerInput {
        id: "w".to_owned().into(),
        services: words(["one"]),
        max_people: 8.into(),
        areas: words(["north"]),
        languages: all([SpokenInput {
            tag: "en".to_owned().into(),
            level: Fluency::Whole.into(),
            ..SpokenInput::default()
        }]),
        modes: all([Mode::OneToOne]),
        availability: words(["Mon 09:00-12:00"]),
        ..PeerWorkerInput::default()
    };
    RosterInput {
        format: ROSTER_FORMAT.to_owned().into(),
        as_of: "2026-11-22".to_owned().into(),
        zone: "Pacific/Auckland".to_owned().into(),
        services: all([service("one"), service("two")]),
        people: all([person]),
        workers: all([worker]),
        ..RosterInput::default()
    }
}

fn judged<T>(
    policy: &Policy,
    change: impl FnOnce(&mut RosterInput),
    read: impl FnOnce(&Pair<'_>) -> T,
) -> T {
    let mut input = base();
    change(&mut input);
    let roster = Roster::check(&input, Taxonomy::shipped()).unwrap();
    let cx = Context::new(&roster, policy);
    read(&cx.pair(UserIx::at(0), WorkerIx::at(0)))
}

/// What `read` finds in the pair after a change.
pub(crate) fn with_pair<T>(
    change: impl FnOnce(&mut RosterInput),
    read: impl FnOnce(&Pair<'_>) -> T,
) -> T {
    judged(&Policy::shipped(), change, read)
}

fn both(pair: &Pair<'_>) -> Vec<Exclusion> {
    let reasons = reasons(pair);
    assert_eq!(eligible(pair), reasons.is_empty(), "{reasons:?}");
    reasons
}

/// The reasons of the pair after a change, under the shipped policy.
pub(crate) fn reasons_with(change: impl FnOnce(&mut RosterInput)) -> Vec<Exclusion> {
    with_pair(change, both)
}

/// The reasons of the pair after a change, where supervision may be overdue for `days`.
pub(crate) fn reasons_with_grace(
    days: u32,
    change: impl FnOnce(&mut RosterInput),
) -> Vec<Exclusion> {
    let mut input = PolicyInput {
        format: peermatch_model::policy::POLICY_FORMAT.to_owned().into(),
        name: "grace".to_owned().into(),
        version: "1".to_owned().into(),
        ..Policy::shipped().to_input()
    };
    let Field::Given(rules) = &mut input.rules else {
        panic!("the shipped policy names its rules")
    };
    rules.supervision_grace_days = days.into();
    judged(&Policy::check(&input).unwrap(), change, both)
}

fn conflict(kind: ConflictKind, until: Option<&str>) -> Vec<Exclusion> {
    reasons_with(|i| {
        i.conflicts = all([ConflictInput {
            a_id: "w".to_owned().into(),
            b_id: "p".to_owned().into(),
            kind: kind.into(),
            until: until.map_or(Field::Absent, |day| day.to_owned().into()),
            ..ConflictInput::default()
        }]);
    })
}

/// The reasons when a conflict keeps them apart for good.
pub(crate) fn apart(kind: ConflictKind) -> Vec<Exclusion> {
    conflict(kind, None)
}

/// The reasons when a conflict keeps them apart until a day.
pub(crate) fn apart_until(kind: ConflictKind, until: &str) -> Vec<Exclusion> {
    conflict(kind, Some(until))
}
