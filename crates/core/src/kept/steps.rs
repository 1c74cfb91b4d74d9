//! What is decided of matches: proposals, decisions, answers and every later step.

use std::collections::BTreeSet;

use peermatch_model::words::{Audience, MatchStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::DocumentOf;
use super::ground::{DAY_MICROS, Draft, Ground};
use super::matches::{By, EndKind, Event, EventKind, Match, Origin, Party};
use super::menus::MenuState;
use super::{Decision, Kind, Refused};
use crate::explain::{
    Explanation, ForPeerWorker, ForServiceUser, PERSON_ASKED, WORKER_ASKED, explain,
};
use crate::report::MatchingDocument;

/// A pair that a coordinator proposes, and what is known of it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// Whether the coordinator decides at once that it is offered: it takes a place then.
    #[serde(default)]
    pub accept: bool,
    /// Why, if they want to say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
    /// The workers that stood beside it when it was chosen, in the order shown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shown: Vec<String>,
}

/// For how long an offer made at a time waits.
fn offer_until(ground: &Ground<'_>, at: i64) -> i64 {
    at.saturating_add(i64::from(ground.book.settings().offer_days) * DAY_MICROS)
}

/// Why these two, as a coordinator may read it now.
pub(super) fn explained(
    ground: &Ground<'_>,
    person: &str,
    worker: &str,
) -> Option<serde_json::Value> {
    let (user, worker) =
        (ground.cx.roster.find_user(person)?, ground.cx.roster.find_worker(worker)?);
    serde_json::to_value(explain(ground.cx, Audience::Coordinator, user, worker, None)).ok()
}

/// A coordinator proposes two to each other, and may offer it at once.
///
/// # Errors
/// Unknown ids, a rule that keeps them apart, or no free place.
pub fn propose(ground: Ground<'_>, pair: &Pair, by: &By) -> Result<Decision<Match>, Refused> {
    let (user, worker) = (ground.person(&pair.person_id)?, ground.worker(&pair.worker_id)?);
    ground.can_meet(user, worker, false, Audience::Coordinator)?;
    not_twice(&ground, &pair.person_id, &pair.worker_id)?;
    let id = ground.fresh_id(Kind::Match, "m", 1);
    let mut one = Match::proposed(&id, &pair.person_id, &pair.worker_id, Origin::Coordinator, by);
    let why = explained(&ground, &pair.person_id, &pair.worker_id);
    one.basis = Some(Box::new(ground.basis(pair.shown.clone(), why)));
    let mut draft = Draft::new(ground);
    draft.put(one.clone(), by);
    let mut told = ground.told("match.proposed", [&id, &pair.person_id, &pair.worker_id]);
    told.shown.clone_from(&pair.shown);
    told.picked = Some(pair.worker_id.clone());
    draft.tell(told);
    if pair.accept {
        let expires_at = offer_until(&ground, by.at);
        one = draft.step(&id, Event::Accept { why: pair.why.clone(), expires_at }, by)?;
        draft.tell(ground.told("match.decided", [&id, &pair.person_id, &pair.worker_id]));
    }
    draft.decide(one, Audience::Coordinator)
}

/// The same two are not proposed twice.
fn not_twice(ground: &Ground<'_>, person: &str, worker: &str) -> Result<(), Refused> {
    let open = |one: &&Match| {
        one.person_id == person
            && one.worker_id == worker
            && matches!(one.status, MatchStatus::Draft | MatchStatus::Proposed)
    };
    match ground.book.matches().values().find(open) {
        Some(one) => Err(Refused::conflict(
            "proposed_already",
            format!("These two are proposed to each other already, as {}.", one.id),
        )),
        None => Ok(()),
    }
}

/// Turns what a run proposed into proposals, all of them. The run has to be of the roster as it is.
///
/// # Errors
/// No such run, or the roster has changed since.
pub fn propose_run(
    ground: Ground<'_>,
    run: &str,
    by: &By,
) -> Result<Decision<Vec<Match>>, Refused> {
    let document = ground.book.documents().get(run).filter(|d| d.of == DocumentOf::Run);
    let document = document.ok_or(Refused::NotFound)?;
    if document.roster_hash != ground.roster_hash || document.policy_hash != ground.policy_hash {
        return Err(Refused::conflict(
            "run_is_old",
            "The roster or the policy has changed since this run. Make a new one, and look at it.",
        ));
    }
    let read: MatchingDocument = serde_json::from_str(&document.body)
        .map_err(|_| Refused::conflict("run_unreadable", "This run cannot be read any more."))?;
    // A run's document names the pairs that stand beside those it proposes.
    let open: BTreeSet<(&str, &str)> = ground
        .book
        .matches()
        .values()
        .filter(|one| {
            matches!(one.status, MatchStatus::Draft | MatchStatus::Proposed) || one.status.kept()
        })
        .map(|one| (one.person_id.as_str(), one.worker_id.as_str()))
        .collect();
    let mut draft = Draft::new(ground);
    let mut made = Vec::new();
    for pair in &read.matches {
        if open.contains(&(pair.person_id.as_str(), pair.worker_id.as_str())) {
            continue;
        }
        let id = ground.fresh_id(Kind::Match, "m", made.len() + 1);
        let mut one = Match::proposed(&id, &pair.person_id, &pair.worker_id, Origin::Run, by);
        one.of = Some(run.to_owned());
        // Why is in the run's document, which is kept with these hashes.
        one.basis = Some(Box::new(ground.basis(Vec::new(), None)));
        draft.put(one.clone(), by);
        made.push(one);
    }
    let mut told = ground.told("run.proposed", [run]);
    told.about.extend(made.iter().map(|one| one.id.clone()));
    draft.tell(told);
    draft.decide(made, Audience::Coordinator)
}

/// Takes a step of a match, by somebody who may see it.
///
/// # Errors
/// [`Refused::NotFound`] if it is not theirs to know of; a conflict in words if it cannot be now.
pub fn step(
    ground: Ground<'_>,
    id: &str,
    event: Event,
    viewer: &Viewer,
    by: &By,
) -> Result<Decision<Match>, Refused> {
    let before = ground.book.matches().get(id).filter(|one| viewer.sees(one));
    let before = before.ok_or(Refused::NotFound)?;
    if before.is_due(by.at) && event != Event::Expire {
        return Err(Refused::conflict(
            "expired",
            "The time for an answer to this offer is over. The person waits on; look at the suggestions again.",
        ));
    }
    let audience = viewer.audience();
    let kind = event.kind();
    let leads_on = match kind {
        EventKind::Accept | EventKind::PersonYes | EventKind::WorkerYes => {
            before.status == MatchStatus::Proposed || before.status == MatchStatus::Offered
        }
        EventKind::Activate => before.status == MatchStatus::FirstMeeting,
        EventKind::Resume => before.status == MatchStatus::Paused,
        _ => false,
    };
    if leads_on {
        let (user, worker) = (ground.person(&before.person_id)?, ground.worker(&before.worker_id)?);
        if kind == EventKind::Accept
            && before.status == MatchStatus::Proposed
            && before.replaces.is_none()
        {
            ground.can_meet(user, worker, false, audience)?;
        } else {
            ground.may_go_on(user, worker, audience)?;
        }
    }
    let event = match event {
        Event::Accept { why, .. } => {
            let expires_at = before.expires_at.unwrap_or_else(|| offer_until(&ground, by.at));
            Event::Accept { why, expires_at }
        }
        other => other,
    };
    let mut draft = Draft::new(ground);
    let after = draft.step(id, event, by)?;
    if kind == EventKind::TakeBack && after.status.kept() && !before.status.kept() {
        // Somebody else may have been given the person meanwhile.
        let user = ground.person(&after.person_id)?;
        if ground.cx.roster.user(user).wants() == 0 && after.replaces.is_none() {
            return Err(Refused::conflict(
                "matched_already",
                "Something was agreed for this person meanwhile, so this cannot be taken back.",
            ));
        }
    }
    let action = match kind {
        EventKind::Propose => "match.proposed",
        EventKind::Accept | EventKind::Reject => "match.decided",
        EventKind::PersonYes | EventKind::PersonNo => "match.person_answered",
        EventKind::WorkerYes | EventKind::WorkerNo => "match.worker_answered",
        EventKind::Expire => "match.expired",
        EventKind::FirstMeeting => "match.first_meeting",
        EventKind::Activate => "match.active",
        EventKind::Pause => "match.paused",
        EventKind::Resume => "match.resumed",
        EventKind::End => "match.ended",
        EventKind::TakeBack => "match.taken_back",
    };
    let mut told = ground.told(action, [id, &after.person_id, &after.worker_id]);
    told.picked = match kind {
        EventKind::Accept => Some("accept".to_owned()),
        EventKind::Reject => Some("reject".to_owned()),
        EventKind::PersonYes | EventKind::WorkerYes => Some("yes".to_owned()),
        EventKind::PersonNo | EventKind::WorkerNo => Some("no".to_owned()),
        _ => None,
    };
    draft.tell(told);
    draft.decide(after, audience)
}

/// Everything whose time is over: offers and menus without an answer, and matches whose worker's last day has passed where somebody is to take over. Nothing if
/// there is nothing.
///
/// # Errors
/// None that can be expected: nothing here takes a place.
pub fn overdue(ground: Ground<'_>, at: i64) -> Result<Decision<usize>, Refused> {
    let by =
        By { actor: "clock".to_owned(), party: Party::Clock, at, day: ground.cx.roster.as_of() };
    let mut draft = Draft::new(ground);
    let mut about = Vec::new();
    let due: Vec<String> =
        ground.book.matches().values().filter(|m| m.is_due(at)).map(|m| m.id.clone()).collect();
    for id in due {
        draft.step(&id, Event::Expire, &by)?;
        about.push(id);
    }
    for menu in ground.book.menus().values().filter(|menu| menu.is_due(at)) {
        let mut menu = menu.clone();
        menu.state = MenuState::Expired;
        about.push(menu.id.clone());
        draft.put_menu(menu);
    }
    for (old, who) in left_behind(&ground) {
        let kind = EndKind::WorkerLeft;
        // In the name of whoever decided the handover.
        let by = By { actor: who, party: Party::Coordinator, ..by.clone() };
        if draft.step(&old, Event::End { kind }, &by).is_ok() {
            about.push(old);
        }
    }
    let done = about.len();
    if done > 0 {
        draft.tell(ground.told("time.over", about));
    }
    draft.decide(done, Audience::Coordinator)
}

/// Whether [`overdue`] would do anything. O(matches + menus).
pub fn is_anything_due(ground: &Ground<'_>, at: i64) -> bool {
    ground.book.matches().values().any(|one| one.is_due(at))
        || ground.book.menus().values().any(|menu| menu.is_due(at))
        || !left_behind(ground).is_empty()
}

/// Matches whose worker's last day has passed and for which an offer to take over stands, with who decided that.
fn left_behind(ground: &Ground<'_>) -> Vec<(String, String)> {
    let today = ground.cx.roster.as_of();
    let standing = ground.book.matches().values().filter(|one| one.status == MatchStatus::Offered);
    let mut out: Vec<(String, String)> = standing
        .filter_map(|one| {
            let old = ground.book.matches().get(one.replaces.as_deref()?)?;
            let worker = ground.cx.roster.find_worker(&old.worker_id)?;
            let last = ground.cx.roster.worker(worker).available_until?;
            let who = one.decision.as_ref()?.by.clone();
            (last < today && old.status.kept()).then(|| (old.id.clone(), who))
        })
        .collect();
    out.sort_unstable();
    out.dedup_by(|a, b| a.0 == b.0);
    out
}

/// Whose eyes a match is seen with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// A coordinator sees all.
    Coordinator,
    /// An auditor sees all, and what was known then.
    Auditor,
    /// A worker sees own offers, from the offer on.
    Worker(String),
    /// A person sees own offers, from the offer on.
    Person(String),
}

impl Viewer {
    /// Whether they may know that a match is there.
    pub fn sees(&self, one: &Match) -> bool {
        match self {
            Self::Coordinator | Self::Auditor => true,
            Self::Worker(id) => &one.worker_id == id && was_offered(one),
            Self::Person(id) => &one.person_id == id && was_offered(one),
        }
    }

    /// The audience they are.
    pub fn audience(&self) -> Audience {
        match self {
            Self::Coordinator => Audience::Coordinator,
            Self::Auditor => Audience::Auditor,
            Self::Worker(_) => Audience::PeerWorker,
            Self::Person(_) => Audience::ServiceUser,
        }
    }

    /// The part they act in; auditors act in none.
    pub fn party(&self) -> Option<Party> {
        match self {
            Self::Coordinator => Some(Party::Coordinator),
            Self::Auditor => None,
            Self::Worker(_) => Some(Party::PeerWorker),
            Self::Person(_) => Some(Party::ServiceUser),
        }
    }
}

fn was_offered(one: &Match) -> bool {
    one.offered_at.is_some() || (one.from == Origin::Import && one.status.kept())
}

/// Where a match stands, told to one of the two: that the other said no is told as that it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It waits for your answer.
    AsksYou,
    /// You said yes; it waits for others.
    WaitsForOthers,
    /// Nothing came of it.
    Over,
    /// Everybody said yes.
    Accepted,
    /// You met.
    FirstMeeting,
    /// You walk together.
    Active,
    /// Paused.
    Paused,
    /// Ended.
    Ended,
}

fn stands(one: &Match, answered: bool) -> Stands {
    match one.status {
        MatchStatus::Offered if answered => Stands::WaitsForOthers,
        MatchStatus::Offered => Stands::AsksYou,
        MatchStatus::Accepted => Stands::Accepted,
        MatchStatus::FirstMeeting => Stands::FirstMeeting,
        MatchStatus::Active => Stands::Active,
        MatchStatus::Paused => Stands::Paused,
        MatchStatus::Ended => Stands::Ended,
        _ => Stands::Over,
    }
}

/// A match told to a coordinator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatchForCoordinator {
    /// The match; what was explained when it was proposed is an auditor's.
    #[serde(flatten)]
    pub one: Match,
    /// What can be done.
    pub possible: Vec<EventKind>,
    /// What is to be done next, in words.
    pub next_steps: Vec<String>,
}

/// A match told to its worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatchForWorker {
    /// Id.
    pub id: String,
    /// The person.
    pub person_id: String,
    /// What the person is called: once they have said yes, while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_name: Option<String>,
    /// Where it stands.
    pub stands: Stands,
    /// When it was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<i64>,
    /// Until when it waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// What you said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub your_answer: Option<bool>,
    /// What you may know while it is offered or stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ForPeerWorker>,
    /// What you can do.
    pub possible: Vec<EventKind>,
}

/// A match told to its person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatchForPerson {
    /// Id.
    pub id: String,
    /// The worker.
    pub worker_id: String,
    /// What the worker is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_name: Option<String>,
    /// Where it stands.
    pub stands: Stands,
    /// When it was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<i64>,
    /// Until when it waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// What you said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub your_answer: Option<bool>,
    /// Why this worker, while it is offered or stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ForServiceUser>,
    /// What you can do.
    pub possible: Vec<EventKind>,
    /// What happens next, in words.
    pub next_steps: Vec<String>,
}

/// A match told to whoever looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MatchTold {
    /// To a coordinator or an auditor.
    Coordinator(Box<MatchForCoordinator>),
    /// To the worker.
    Worker(Box<MatchForWorker>),
    /// To the person.
    Person(Box<MatchForPerson>),
}

/// Tells a match to whoever looks; `None` if it is not theirs to know of. `explained` adds what the two may know of each other, which takes its time.
pub fn tell(
    ground: &Ground<'_>,
    one: &Match,
    viewer: &Viewer,
    explained: bool,
) -> Option<MatchTold> {
    if !viewer.sees(one) {
        return None;
    }
    let roster = ground.cx.roster;
    let name = |id: &str| ground.book.names().get(id).cloned();
    let why = |audience| {
        let open = explained && one.status.kept();
        let (user, worker) =
            (roster.find_user(&one.person_id)?, roster.find_worker(&one.worker_id)?);
        open.then(|| explain(ground.cx, audience, user, worker, None))
    };
    Some(match viewer {
        Viewer::Coordinator | Viewer::Auditor => {
            let mut told = one.clone();
            if *viewer == Viewer::Coordinator
                && let Some(basis) = &mut told.basis
            {
                basis.explanation = None;
            }
            let possible = viewer.party().map(|party| one.possible(party)).unwrap_or_default();
            MatchTold::Coordinator(Box::new(MatchForCoordinator {
                next_steps: one.next_steps(),
                possible,
                one: told,
            }))
        }
        Viewer::Worker(_) => MatchTold::Worker(Box::new(MatchForWorker {
            id: one.id.clone(),
            person_id: one.person_id.clone(),
            person_name: one
                .person_answer
                .as_ref()
                .filter(|said| said.yes && one.status.kept())
                .and_then(|_| name(&one.person_id)),
            stands: stands(one, one.worker_answer.is_some()),
            offered_at: one.offered_at,
            expires_at: one.expires_at,
            your_answer: one.worker_answer.as_ref().map(|said| said.yes),
            explanation: match why(Audience::PeerWorker) {
                Some(Explanation::PeerWorker(mut told)) => {
                    // An offer takes a place as a match does, but nobody walks together yet.
                    if one.status == MatchStatus::Offered {
                        WORKER_ASKED.clone_into(&mut told.choice);
                    }
                    Some(told)
                }
                _ => None,
            },
            possible: one.possible(Party::PeerWorker),
        })),
        Viewer::Person(_) => MatchTold::Person(Box::new(MatchForPerson {
            id: one.id.clone(),
            worker_id: one.worker_id.clone(),
            worker_name: name(&one.worker_id),
            stands: stands(one, one.person_answer.is_some()),
            offered_at: one.offered_at,
            expires_at: one.expires_at,
            your_answer: one.person_answer.as_ref().map(|said| said.yes),
            explanation: match why(Audience::ServiceUser) {
                Some(Explanation::ServiceUser(mut told)) => {
                    if one.status == MatchStatus::Offered {
                        PERSON_ASKED.clone_into(&mut told.choice);
                    }
                    Some(told)
                }
                _ => None,
            },
            possible: one.possible(Party::ServiceUser),
            next_steps: to_person(one),
        })),
    })
}

fn to_person(one: &Match) -> Vec<String> {
    let words = match stands(one, one.person_answer.is_some()) {
        Stands::AsksYou => "You can say yes or no. You do not have to say why.",
        Stands::WaitsForOthers => {
            "You said yes. Nothing is decided yet: the worker is asked too. You can still say no."
        }
        Stands::Over => {
            "This did not come about. It is not because of anything you did. You stay on the waiting list, and we come back to you."
        }
        Stands::Accepted => "Everybody said yes. We will arrange a first meeting with you.",
        Stands::FirstMeeting => "You have met. Tell us how it was, if you like.",
        Stands::Active | Stands::Paused => {
            "You can ask for somebody else at any time. You do not have to say why."
        }
        Stands::Ended => "This has ended. You can ask us about somebody else at any time.",
    };
    vec![words.to_owned()]
}
