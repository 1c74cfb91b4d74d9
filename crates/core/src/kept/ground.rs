//! On what something is decided, and the draft of what changes: places are counted here, and nowhere else.

use std::collections::BTreeMap;

use peermatch_model::raw::{Field, PeerWorkerInput};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{Audience, MatchStatus, PinKind, QueueState};

use super::matches::{Basis, By, Event, Illegal, Party};
use super::menus::MenuState;
use super::{Book, Change, Decision, Entity, Kind, Match, MenuOffer, Refused, Told};
use crate::eligibility::{Exclusion, NEUTRAL, reasons, told};
use crate::pair::Context;

/// Micros of a day.
pub const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// On what something is decided: the book, and the checked roster made from it.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Everything that is kept.
    pub book: &'a Book,
    /// The roster as the engine sees it, and the policy.
    pub cx: &'a Context<'a>,
    /// Hash of the checked roster.
    pub roster_hash: &'a str,
    /// Hash of the policy.
    pub policy_hash: &'a str,
    /// The roster's revision.
    pub revision: i64,
}

impl Ground<'_> {
    /// An id that nothing of its kind has: the same decision on the same revision gives the same.
    pub fn fresh_id(&self, kind: Kind, letter: &str, after: usize) -> String {
        let mut number = after;
        loop {
            let id = format!("{letter}{}-{number}", self.revision + 1);
            let taken = match kind {
                Kind::Match => self.book.matches().contains_key(&id),
                Kind::Menu => self.book.menus().contains_key(&id),
                Kind::Ask => self.book.asks().contains_key(&id),
                Kind::Feedback => self.book.feedback().contains_key(&id),
                Kind::Document => self.book.documents().contains_key(&id),
                _ => false,
            };
            if !taken {
                return id;
            }
            number += 1_000_000;
        }
    }

    /// A person of the roster.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn person(&self, id: &str) -> Result<UserIx, Refused> {
        self.cx.roster.find_user(id).ok_or(Refused::NotFound)
    }

    /// A worker of the roster.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn worker(&self, id: &str) -> Result<WorkerIx, Refused> {
        self.cx.roster.find_worker(id).ok_or(Refused::NotFound)
    }

    /// What a match is founded on, now.
    pub fn basis(&self, shown: Vec<String>, explanation: Option<serde_json::Value>) -> Basis {
        Basis {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            roster_hash: self.roster_hash.to_owned(),
            policy_hash: self.policy_hash.to_owned(),
            revision: self.revision,
            day: self.cx.roster.as_of().to_string(),
            shown,
            explanation,
        }
    }

    /// What the audit is told, with the hashes of what was looked at.
    pub fn told(&self, action: &str, about: impl IntoIterator<Item = impl Into<String>>) -> Told {
        Told {
            input_hash: Some(self.roster_hash.to_owned()),
            policy_hash: Some(self.policy_hash.to_owned()),
            ..Told::new(action, about)
        }
    }

    /// Whether two could be offered to each other now, by every rule; `held` says that the person has a place with the worker held already, so that a full caseload
    /// does not count.
    ///
    /// # Errors
    /// A conflict in words for the audience.
    pub fn can_meet(
        &self,
        user: UserIx,
        worker: WorkerIx,
        held: bool,
        audience: Audience,
    ) -> Result<(), Refused> {
        let person = self.cx.roster.user(user);
        let id = &self.cx.roster.worker(worker).id;
        if person.state != QueueState::Ready {
            return Err(Refused::conflict(
                "not_ready",
                "This person is not ready to be matched. Say that they are ready first, if they are.",
            ));
        }
        let mut why = reasons(&self.cx.pair(user, worker));
        if held {
            why.retain(|reason| *reason != Exclusion::CapacityReached);
        }
        if let [Exclusion::CapacityReached] = why[..] {
            return Err(no_place(id, audience));
        }
        if !why.is_empty() {
            let words = told(&why, audience).join(" ");
            return Err(match audience {
                Audience::ServiceUser => Refused::conflict(
                    "not_available",
                    format!("{id} is not available to you right now. {LOOK_AGAIN}"),
                ),
                _ => Refused::conflict("not_eligible", words),
            });
        }
        if person.wants() == 0 {
            return Err(Refused::conflict(
                "matched_already",
                "This person has an offer or a match that stands, and does not wish for one more.",
            ));
        }
        Ok(())
    }

    /// Whether a match that was proposed or offered may still come a step nearer to two who walk together. What was decided when it was made stands, but for what keeps
    /// people safe: whoever must not meet since then does not, whoever said yes before.
    ///
    /// # Errors
    /// A conflict in words for the audience; they name no reason, for every one of these is a third person's or the other's alone.
    pub fn may_go_on(
        &self,
        user: UserIx,
        worker: WorkerIx,
        audience: Audience,
    ) -> Result<(), Refused> {
        let why = reasons(&self.cx.pair(user, worker));
        if !why.iter().any(|reason| HOLDS_THROUGHOUT.contains(reason)) {
            return Ok(());
        }
        Err(match audience {
            Audience::ServiceUser | Audience::PeerWorker => {
                Refused::conflict("not_available", format!("{NEUTRAL} {LOOK_AGAIN}"))
            }
            _ => Refused::conflict(
                "not_eligible",
                format!(
                    "{NEUTRAL} Something has changed since these two were proposed to each other. Reject the offer, or end the match, and look at the suggestions again."
                ),
            ),
        })
    }
}

/// Rules for somebody's safety or by somebody's own word: they may come to be known while an offer waits, and hold then as they did before it.
const HOLDS_THROUGHOUT: [Exclusion; 5] = [
    Exclusion::VettingMissing,
    Exclusion::KnownToEachOther,
    Exclusion::NoContact,
    Exclusion::PersonDeclinedWorker,
    Exclusion::WorkerDeclinedPerson,
];

/// What is said with a choice that is no longer there.
const LOOK_AGAIN: &str =
    "This is not because of anything you did. Look again who could walk with you now.";

fn no_place(worker: &str, audience: Audience) -> Refused {
    let words = match audience {
        Audience::ServiceUser => {
            format!("{worker} is not available to you right now. {LOOK_AGAIN}")
        }
        _ => format!(
            "{worker} has no free place now. Look at the suggestions again, or wait for a place."
        ),
    };
    Refused::conflict("no_place", words)
}

/// How much more (or less) a worker carries by what is being decided.
#[derive(Debug, Clone, Copy, Default)]
struct Carried {
    people: i64,
    hundredths: i64,
    starts: i64,
    held: i64,
}

/// What is being decided. Matches and menus go in through here, so that what workers carry changes with them, in the same set of changes.
#[derive(Debug)]
pub struct Draft<'a> {
    ground: Ground<'a>,
    matches: BTreeMap<String, Option<Match>>,
    menus: BTreeMap<String, MenuOffer>,
    carried: BTreeMap<String, Carried>,
    other: Vec<Change>,
    told: Vec<Told>,
}

impl<'a> Draft<'a> {
    /// Nothing decided yet.
    pub fn new(ground: Ground<'a>) -> Self {
        Self {
            ground,
            matches: BTreeMap::new(),
            menus: BTreeMap::new(),
            carried: BTreeMap::new(),
            other: Vec::new(),
            told: Vec::new(),
        }
    }

    /// On what it is decided.
    pub fn ground(&self) -> Ground<'a> {
        self.ground
    }

    /// A match as it would be.
    pub fn get(&self, id: &str) -> Option<&Match> {
        match self.matches.get(id) {
            Some(drafted) => drafted.as_ref(),
            None => self.ground.book.matches().get(id),
        }
    }

    /// All matches as they would be.
    pub fn all(&self) -> impl Iterator<Item = &Match> {
        let kept = self.ground.book.matches();
        let untouched = kept.values().filter(|one| !self.matches.contains_key(&one.id));
        self.matches.values().flatten().chain(untouched)
    }

    /// Writes or removes a match.
    fn set(&mut self, id: &str, to: Option<Match>) {
        let before = self.get(id).cloned();
        let step = super::matches::places(before.as_ref(), to.as_ref());
        if let Some(one) = to.as_ref().or(before.as_ref()).filter(|_| step != 0) {
            let person = self.ground.cx.roster.find_user(&one.person_id);
            let contact = person.and_then(|user| self.ground.cx.roster.user(user).contact);
            let load = i64::from(self.ground.cx.policy.load.of(contact));
            // A start is given back where nothing came of an offer, not where two part who have begun.
            let begun = to.as_ref().is_some_and(|to| to.status == MatchStatus::Ended);
            let carried = self.carried.entry(one.worker_id.clone()).or_default();
            let step = i64::from(step);
            carried.people += step;
            carried.hundredths += step * load;
            if !begun {
                carried.starts += step;
            }
        }
        self.matches.insert(id.to_owned(), to);
    }

    /// Writes a match, and what follows from where it now stands: once a person has what they want, their open menus hold no places any more; a match that
    /// takes the place of another ends that one when it is accepted.
    pub fn put(&mut self, to: Match, by: &By) {
        let (id, person) = (to.id.clone(), to.person_id.clone());
        let before = self.get(&id).map(|one| one.status);
        let (status, replaces) = (to.status, to.replaces.clone());
        let from_menu = to.of.clone();
        self.set(&id, Some(to));
        if status == MatchStatus::Offered
            && before != Some(MatchStatus::Offered)
            && replaces.is_none()
        {
            self.close_menus(&person, from_menu.as_deref());
        }
        if status == MatchStatus::Accepted
            && let Some(old) = replaces.as_deref().and_then(|old| self.get(old)).cloned()
        {
            let kind = super::matches::EndKind::WorkerLeft;
            // Somebody who may end it has decided this one.
            let actor = By { party: Party::Coordinator, ..by.clone() };
            if let Ok(ended) = old.after(Event::End { kind }, &actor) {
                self.put(ended, by);
            }
        }
        if status == MatchStatus::Ended {
            // Whoever was to take over stands alone from now on.
            let beside: Vec<Match> = self
                .all()
                .filter(|one| {
                    one.replaces.as_deref() == Some(id.as_str())
                        && matches!(one.status, MatchStatus::Proposed | MatchStatus::Offered)
                })
                .cloned()
                .collect();
            for mut one in beside {
                one.replaces = None;
                let id = one.id.clone();
                self.set(&id, Some(one));
            }
        }
    }

    /// Removes a match of which nothing came.
    pub fn remove(&mut self, id: &str) {
        self.set(id, None);
    }

    /// Takes a step of a match.
    ///
    /// # Errors
    /// A conflict in words.
    pub fn step(&mut self, id: &str, event: Event, by: &By) -> Result<Match, Refused> {
        let before = self.get(id).ok_or(Refused::NotFound)?;
        let next = before.after(event, by).map_err(|illegal| match illegal {
            Illegal::Stands(words) => Refused::conflict("not_now", words),
            Illegal::NotYours(_) => Refused::NotAllowed,
            Illegal::Needs(words) => Refused::conflict("needs_more", words),
        })?;
        self.put(next.clone(), by);
        Ok(next)
    }

    /// Writes a menu.
    pub fn put_menu(&mut self, to: MenuOffer) {
        let id = to.id.clone();
        let before = self.menus.get(&id).or_else(|| self.ground.book.menus().get(&id)).cloned();
        for (menu, by) in before.iter().map(|menu| (menu, -1)).chain([(&to, 1)]) {
            for worker in menu.options.iter().filter(|_| menu.holds()) {
                self.carried.entry(worker.clone()).or_default().held += by;
            }
        }
        self.menus.insert(id, to);
    }

    /// A menu as it would be.
    pub fn menu(&self, id: &str) -> Option<&MenuOffer> {
        self.menus.get(id).or_else(|| self.ground.book.menus().get(id))
    }

    /// Withdraws the open menus of a person, but one.
    pub fn close_menus(&mut self, person: &str, but: Option<&str>) {
        let open: Vec<MenuOffer> = self
            .ground
            .book
            .menus()
            .values()
            .filter(|menu| menu.person_id == person && Some(menu.id.as_str()) != but)
            .filter_map(|menu| self.menu(&menu.id))
            .filter(|menu| menu.state == MenuState::Open)
            .cloned()
            .collect();
        for mut menu in open {
            menu.state = MenuState::Withdrawn;
            self.put_menu(menu);
        }
    }

    /// Changes something that takes no places.
    pub fn change(&mut self, change: Change) {
        self.other.push(change);
    }

    /// Tells the audit.
    pub fn tell(&mut self, told: Told) {
        self.told.push(told);
    }

    /// How many places with a worker would be free.
    pub fn free(&self, worker: WorkerIx) -> i64 {
        let worker = self.ground.cx.roster.worker(worker);
        let more = self.carried.get(&worker.id).copied().unwrap_or_default();
        i64::from(worker.places()) - more.people - more.held
    }

    /// Whether every worker who would carry more has room for it.
    fn check_room(&self, audience: Audience) -> Result<(), Refused> {
        for (id, more) in &self.carried {
            let more_places = more.people + more.held;
            if more_places <= 0 {
                continue;
            }
            let ix = self.ground.worker(id)?;
            let worker = self.ground.cx.roster.worker(ix);
            if more_places > i64::from(worker.places()) {
                return Err(no_place(id, audience));
            }
            if let Some(most) = worker.load_max {
                let weekly = self.ground.cx.policy.load.of(None);
                let now = worker.load_now.unwrap_or(worker.people_now.saturating_mul(weekly));
                if more.hundredths > 0 && i64::from(now) + more.hundredths > i64::from(most) {
                    return Err(no_place(id, audience));
                }
            }
        }
        Ok(())
    }

    /// A pin says who is to be matched with whom in a run. What has come about so is no longer to be; what is decided otherwise needs the pin taken out first.
    fn serve_pins(&mut self) -> Result<(), Refused> {
        let book = self.ground.book;
        let stands = |one: &Match| one.status.kept();
        let begun = self.matches.iter().filter_map(|(id, to)| {
            let to = to.as_ref().filter(|to| stands(to))?;
            (!book.matches().get(id).is_some_and(stands)).then_some(to)
        });
        let mut served = Vec::new();
        for one in begun {
            for id in book.ids(Kind::Pin) {
                let Some(Entity::Pin(pin)) = book.get(Kind::Pin, id) else { continue };
                if pin.kind.given() != Some(&PinKind::Pin)
                    || pin.person_id.given() != Some(&one.person_id)
                {
                    continue;
                }
                if pin.worker_id.given() == Some(&one.worker_id) {
                    served.push(Change::delete(Kind::Pin, id));
                    continue;
                }
                let theirs = |other: &&Match| other.person_id == one.person_id && stands(other);
                let now = self.matches.values().flatten().filter(theirs).count()
                    + book
                        .matches()
                        .iter()
                        .filter(|(id, other)| !self.matches.contains_key(*id) && theirs(other))
                        .count();
                let wanted = book.person(&one.person_id).and_then(|p| p.demand.given().copied());
                if now >= usize::try_from(wanted.unwrap_or(1)).unwrap_or(usize::MAX) {
                    return Err(Refused::conflict(
                        "pinned",
                        "It was decided beforehand that this person is matched with somebody else. Take that out first, or match them so.",
                    ));
                }
            }
        }
        self.other.extend(served);
        Ok(())
    }

    /// The decision, if there is room for all of it.
    ///
    /// # Errors
    /// A conflict in words for the audience, where a worker has no place left, or it was decided beforehand that the person is matched with somebody else.
    pub fn decide<T>(mut self, answer: T, audience: Audience) -> Result<Decision<T>, Refused> {
        self.check_room(audience)?;
        self.serve_pins()?;
        let mut changes = self.other;
        for (id, more) in self.carried.iter().filter(|(_, more)| more.people != 0) {
            let Some(mut worker) = self.ground.book.worker(id) else { continue };
            carry(&mut worker, *more);
            changes.push(Change::put(id.clone(), Entity::Worker(Box::new(worker))));
        }
        for (id, to) in self.matches {
            changes.push(match to {
                Some(to) => Change::put(id, Entity::Match(Box::new(to))),
                None => Change::delete(Kind::Match, id),
            });
        }
        let menus = self.menus.into_iter();
        changes.extend(menus.map(|(id, to)| Change::put(id, Entity::Menu(Box::new(to)))));
        Ok(Decision { changes, told: self.told, answer })
    }
}

/// Counts what a worker carries more or less.
fn carry(worker: &mut PeerWorkerInput, more: Carried) {
    let count = |now: u32, by: i64| u32::try_from(i64::from(now) + by).unwrap_or(0);
    let now = worker.current_people.given().copied().unwrap_or(0);
    worker.current_people = Field::Given(count(now, more.people));
    if let Field::Given(load) = &mut worker.load_now {
        // Loads are told with at most two decimals; sums of hundredths stay exact that way.
        let hundredths = (*load * 100.0).round() + hundredths(more.hundredths);
        *load = hundredths.max(0.0) / 100.0;
    }
    if let Field::Given(starts) = &mut worker.new_starts {
        *starts = count(*starts, -more.starts);
    }
    if let Field::Given(minimum) = &mut worker.minimum
        && more.starts > 0
    {
        *minimum = count(*minimum, -more.starts);
    }
}

/// A sum of loads as a number with decimals. What one decision moves is far below what these hold exactly.
fn hundredths(of: i64) -> f64 {
    f64::from(i32::try_from(of).unwrap_or(if of < 0 { i32::MIN } else { i32::MAX }))
}
