//! Who stands with whom: matches, conflicts and pins, and what contradicts what among them. Knows pairs by id; nothing of
//! what either person told.

use std::collections::BTreeMap;

use super::Checker;
use super::values::{each_index, known, optional_date};
use crate::fault::{At, Faults};
use crate::raw::{ConflictInput, Field, MatchInput, PinInput, RosterInput};
use crate::roster::{DEMAND_MAX, PeerWorker, ServiceUser, UserIx, WorkerIx};
use crate::take::{each, required, unknown};
use crate::words::{ConflictKind, MatchStatus, PinKind, QueueState};

/// What is known of pairs: earlier matches, conflicts and pins.
pub(super) struct Parties<'a> {
    user_ix: &'a BTreeMap<String, UserIx>,
    worker_ix: &'a BTreeMap<String, WorkerIx>,
    people: &'a mut [(ServiceUser, usize)],
    pub(super) conflicts: BTreeMap<UserIx, Vec<(WorkerIx, ConflictKind)>>,
    pub(super) pins: BTreeMap<UserIx, Vec<(WorkerIx, PinKind)>>,
    kept: BTreeMap<WorkerIx, u32>,
}

impl<'a> Parties<'a> {
    /// Nothing known yet. The people stand in their final order, each with its place in the input.
    pub(super) fn new(
        user_ix: &'a BTreeMap<String, UserIx>,
        worker_ix: &'a BTreeMap<String, WorkerIx>,
        people: &'a mut [(ServiceUser, usize)],
    ) -> Self {
        Self {
            user_ix,
            worker_ix,
            people,
            conflicts: BTreeMap::new(),
            pins: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    fn pair(
        &self,
        f: &mut Faults,
        at: &At<'_>,
        person: &Field<String>,
        worker: &Field<String>,
    ) -> Option<(UserIx, WorkerIx)> {
        let user = required(f, &at.key("person_id"), person, "name the person")
            .and_then(|id| known(f, &at.key("person_id"), &id, self.user_ix, "person"));
        let worker = required(f, &at.key("worker_id"), worker, "name the worker")
            .and_then(|id| known(f, &at.key("worker_id"), &id, self.worker_ix, "worker"));
        Some((user?, worker?))
    }

    /// Matches that stand, that ended and that were declined.
    pub(super) fn matches(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("matches");
        cx.ids(&at, &input.matches, |m| &m.id, "match");
        each_index(&input.matches, |i, row: &MatchInput| {
            let at = at.index(i);
            unknown(cx.f, &at, &row.unknown, MatchInput::MEMBERS);
            let status =
                required(cx.f, &at.key("status"), &row.status, "say where the match stands");
            let ended = optional_date(cx.f, &at.key("ended_at"), &row.ended_at);
            if let (Some(day), Some(status)) = (ended, status)
                && status.kept()
            {
                cx.f.report(
                    &at.key("ended_at"),
                    day,
                    format!("a match that is `{status}` has not ended"),
                    "write status = ended, or leave the day out",
                );
            }
            let (Some((user, worker)), Some(status)) =
                (self.pair(cx.f, &at, &row.person_id, &row.worker_id), status)
            else {
                return;
            };
            let person = &mut self.people[user.index()].0;
            if status.kept() {
                if person.kept.contains(&worker) {
                    cx.f.report(
                        &at.key("worker_id"),
                        row.worker_id.given().map_or("", String::as_str),
                        "a match of these two stands already",
                        "remove one of the rows",
                    );
                    return;
                }
                if person.wants() == 0 {
                    let fix = if person.kept.len() < DEMAND_MAX as usize {
                        format!(
                            "end one of them, or set the person's demand to {}",
                            person.kept.len() + 1
                        )
                    } else {
                        "end one of them".to_owned()
                    };
                    cx.f.report(
                        &at.key("person_id"),
                        &person.id,
                        if person.demand == 1 {
                            "another match of this person stands too".to_owned()
                        } else {
                            format!(
                                "as many matches of this person stand as are wanted ({})",
                                person.demand
                            )
                        },
                        fix,
                    );
                    return;
                }
                person.kept.push(worker);
                person.kept.sort_unstable();
                *self.kept.entry(worker).or_default() += 1;
            }
            match status {
                MatchStatus::Ended => {
                    person.previous_workers.push(worker);
                    person.previous_workers.sort_unstable();
                    person.previous_workers.dedup();
                }
                MatchStatus::DeclinedPerson => self
                    .conflicts
                    .entry(user)
                    .or_default()
                    .push((worker, ConflictKind::PersonDeclined)),
                MatchStatus::DeclinedWorker => self
                    .conflicts
                    .entry(user)
                    .or_default()
                    .push((worker, ConflictKind::WorkerDeclined)),
                _ => {}
            }
        });
    }

    /// Who must be kept apart on the day of the run.
    pub(super) fn conflicts(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("conflicts");
        each(cx.f, &at, &input.conflicts, |f, at, _, row: &ConflictInput| {
            unknown(f, at, &row.unknown, ConflictInput::MEMBERS);
            let kind = required(f, &at.key("kind"), &row.kind, "say what keeps them apart");
            let until = optional_date(f, &at.key("until"), &row.until);
            let a = required(f, &at.key("a_id"), &row.a_id, "name one of the two");
            let b = required(f, &at.key("b_id"), &row.b_id, "name the other");
            let (Some(a), Some(b)) = (a, b) else { return };
            let (a, b) = (a.trim(), b.trim());
            let mut resolve = |key: &str, id: &str| {
                let found = (self.user_ix.get(id).copied(), self.worker_ix.get(id).copied());
                if found == (None, None) {
                    f.report(
                        &at.key(key),
                        id,
                        "nobody in this roster has this id",
                        "use the id of a person or a worker",
                    );
                }
                found
            };
            let (a_is, b_is) = (resolve("a_id", a), resolve("b_id", b));
            let pair = match (a_is, b_is) {
                ((Some(user), _), (_, Some(worker))) | ((_, Some(worker)), (Some(user), _)) => {
                    (user, worker)
                }
                ((None, None), _) | (_, (None, None)) => return,
                _ => {
                    return f.report(
                        at,
                        format!("{a}, {b}"),
                        "both are people or both are workers",
                        "name one person and one worker",
                    );
                }
            };
            if let Some(kind) = kind
                && until.is_none_or(|day| day >= cx.as_of)
            {
                self.conflicts.entry(pair.0).or_default().push((pair.1, kind));
            }
        });
        for list in self.conflicts.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// Pairs a coordinator decided. After the matches: a person whose match stands cannot be pinned.
    pub(super) fn pins(&mut self, cx: &mut Checker<'_>, input: &RosterInput) {
        let root = At::root();
        let at = root.key("pins");
        each(cx.f, &at, &input.pins, |f, at, _, row: &PinInput| {
            unknown(f, at, &row.unknown, PinInput::MEMBERS);
            let kind = required(f, &at.key("kind"), &row.kind, "write pin or exclude");
            let (Some((user, worker)), Some(kind)) =
                (self.pair(f, at, &row.person_id, &row.worker_id), kind)
            else {
                return;
            };
            let person = &self.people[user.index()].0;
            let list = self.pins.entry(user).or_default();
            if kind == PinKind::Pin {
                if person.state != QueueState::Ready {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        "pinned, but the person is not ready to be matched",
                        "remove the pin, or set the person to ready",
                    );
                } else if person.wants() == 0 || person.kept.contains(&worker) {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        "pinned, but a match of this person stands",
                        "remove the pin, or end the match",
                    );
                }
                if list.iter().any(|&(other, k)| k == PinKind::Pin && other != worker) {
                    f.report(
                        &at.key("person_id"),
                        &person.id,
                        "pinned to two workers",
                        "keep one of the pins",
                    );
                }
            }
            if list.iter().any(|&(other, k)| other == worker && k != kind) {
                f.report(
                    at,
                    &person.id,
                    "the same pair is both pinned and excluded",
                    "keep one of the two",
                );
            }
            list.push((worker, kind));
        });
        for list in self.pins.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// Whether each worker is said to walk with as many people as matches that stand say.
    pub(super) fn counts(&self, f: &mut Faults, at: &At<'_>, workers: &[(PeerWorker, usize)]) {
        for (worker, place) in workers {
            let Some(&ix) = self.worker_ix.get(&worker.id) else { continue };
            let standing = self.kept.get(&ix).copied().unwrap_or(0);
            if standing > worker.people_now {
                f.report(
                    &at.index(*place).key("current_people"),
                    worker.people_now,
                    format!("{standing} matches that stand name this worker, but the worker is said to walk with {}", worker.people_now),
                    format!("write at least {standing}: everybody the worker walks with counts, matches that stand among them"),
                );
            }
        }
    }
}
