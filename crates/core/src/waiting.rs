//! Who waits on, why, and what can be done: nobody leaves a run without a reason in words and a next step.
//!
//! Made from the coordinator's view, so that a blocker never tells of a boundary or of a third person.

use std::collections::BTreeSet;

use peermatch_assignment::Left;
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{Audience, Coverage, Objective, QueueState};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::candidates::blockers;
use crate::eligibility::{self, Exclusion};
use crate::objective::right_of;
use crate::proof::Proof;
use crate::run::{Decided, Run};
use crate::view::{Seen, View};

/// Counts below this are told as "fewer than three": with so few, a count can be a name.
pub const TOLD_COUNT_MIN: usize = 3;

/// Next steps told at the most.
const STEPS_MAX: usize = 5;

/// Somebody who waits on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Person.
    pub person_id: String,
    /// Days waited on the day of the run.
    pub wait_days: u32,
    /// What kind of blocker it is.
    pub blocker: Blocker,
    /// The rule that stands in the way of most, if that is the blocker.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub most_often: Option<Exclusion>,
    /// The blocker in words.
    pub words: String,
    /// What can be done, at least one thing.
    pub next_steps: Vec<String>,
}

/// Kinds of blockers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Blocker {
    /// The person is not ready to be matched, or does not want to be now.
    NotReady,
    /// No worker can be matched with the person.
    NobodyEligible,
    /// Workers can be, but every place went to somebody else.
    PlacesTaken,
    /// A worker with a free place can be, but under this policy waiting costs less.
    WaitingCostsLess,
    /// A worker with a free place can be, but the limits of a load, of new starts, of a team or of a supervisor leave no room.
    LimitsReached,
}

/// Everybody of the roster who has fewer workers after the run than they want (but for those who withdrew), longest waiting first.
pub fn all(run: &Run<'_>) -> Vec<Waiting> {
    some(run, None, usize::MAX)
}

/// As [`all`], the first `limit` of those after a person (who need not wait any more).
///
/// O(people) to find them, O(workers × rules) for each that is told.
pub fn some(run: &Run<'_>, after: Option<UserIx>, limit: usize) -> Vec<Waiting> {
    let decided = run.decided();
    let roster = decided.context().roster;
    let view = View::new(decided.context(), Audience::Coordinator);
    let first = after.map_or(0, |after| after.index().saturating_add(1));
    let without: Vec<UserIx> = (first..roster.people().len())
        .map(UserIx::at)
        .filter(|&u| {
            let user = roster.user(u);
            user.state != QueueState::Withdrawn
                && decided.workers_of(u).len() < user.wants() as usize
        })
        .take(limit)
        .collect();
    lines(run, &view, &without)
}

/// What is told of these people, were each to wait. O(workers × rules) each.
pub fn of(run: &Run<'_>, people: &[UserIx]) -> Vec<Waiting> {
    lines(run, &View::new(run.decided().context(), Audience::Coordinator), people)
}

fn lines(run: &Run<'_>, view: &View<'_>, people: &[UserIx]) -> Vec<Waiting> {
    people.par_iter().map(|&user| one(run, view, user)).collect()
}

fn one(run: &Run<'_>, view: &View<'_>, user: UserIx) -> Waiting {
    let seen = view.person(user);
    let (person_id, wait_days) = (seen.user.id.clone(), seen.user.wait_days);
    let mut waiting = Waiting {
        person_id,
        wait_days,
        blocker: Blocker::NotReady,
        most_often: None,
        words: String::new(),
        next_steps: Vec::new(),
    };
    let (words, step) = match seen.user.state {
        QueueState::ReferralReceived => (
            "A referral came in; nobody has spoken with the person yet.",
            "Get in touch, and ask what the person wishes for.",
        ),
        QueueState::Contacted => (
            "Somebody spoke with the person, who is not marked ready yet.",
            "Ask whether the person is ready to be matched, and mark it.",
        ),
        QueueState::OnHold => {
            ("On hold.", "Ask when the person would like to go on, and note the day.")
        }
        QueueState::Ready | QueueState::Withdrawn => ("", ""),
    };
    if seen.user.state != QueueState::Ready {
        words.clone_into(&mut waiting.words);
        waiting.next_steps.push(step.to_owned());
        return waiting;
    }
    let decided = run.decided();
    let given = decided.workers_of(user);
    let mut eligible = run.eligible_workers(user);
    eligible.retain(|worker| !given.contains(worker));
    if eligible.is_empty() {
        nobody(view, &seen, given, &mut waiting);
    } else {
        places(decided, view, user, &eligible, &mut waiting);
    }
    let have = given.len() + seen.user.kept.len();
    if have > 0 {
        let another = if eligible.is_empty() { lower(&waiting.words) } else { waiting.words };
        waiting.words = format!(
            "Has {have} of {} workers, and waits for another: {}",
            seen.user.demand,
            lower(&another)
        );
    }
    meanwhile(view, &seen, &mut waiting.next_steps);
    waiting.next_steps.truncate(STEPS_MAX);
    waiting
}

/// Somebody could be matched, and was not.
fn places(
    decided: &Decided<'_>,
    view: &View<'_>,
    user: UserIx,
    eligible: &[WorkerIx],
    waiting: &mut Waiting,
) {
    let free = |w: WorkerIx| decided.load(w) < view.worker(w).places();
    let who = match eligible {
        [one] => format!("Worker {} could walk with this person", view.worker(*one).id),
        many => format!("{} workers could walk with this person", many.len()),
    };
    let policy = view.context().policy;
    let limited = match decided.proof() {
        Proof::Limited(limited) => Some(limited),
        _ => None,
    };
    if let Some(limited) = limited {
        let left = decided.people().binary_search(&user).ok().and_then(Left::from_index);
        let ways: Vec<Vec<String>> = eligible
            .iter()
            .filter(|&&w| free(w))
            .map(|&w| left.map_or_else(Vec::new, |left| limited.in_the_way(left, right_of(w))))
            .collect();
        let some_way = !ways.is_empty();
        if some_way && ways.iter().all(|way| !way.is_empty()) {
            let all: BTreeSet<String> = ways.into_iter().flatten().collect();
            let mut named: Vec<&str> = all.iter().take(3).map(String::as_str).collect();
            if all.len() > 3 {
                named.push("others");
            }
            let named = named.join(", ");
            waiting.blocker = Blocker::LimitsReached;
            waiting.words = format!(
                "{who}, but the limits leave no room where there is a free place: {named}."
            );
            waiting.next_steps.push(format!("Ask who could take one more: {named}."));
            return;
        }
        if some_way && policy.coverage == Coverage::LongestWait {
            // There is room for one alone, so others hold it by an exchange; or the search ended before it was found.
            waiting.blocker = Blocker::LimitsReached;
            waiting.words =
                format!("{who}, but no matching was found that keeps the limits and serves more.");
            waiting.next_steps.push("Look at the limits, or give the run more time.".to_owned());
            return;
        }
    }
    if eligible.iter().any(|&w| free(w)) {
        // Only where waiting has a price: otherwise everybody is served who can be.
        waiting.blocker = Blocker::WaitingCostsLess;
        let meet = if eligible.len() == 1 { "meets" } else { "they meet" };
        waiting.words = format!(
            "{who}, but {meet} so few of the wishes that the policy's price of waiting is less."
        );
        let step = "Ask whether the person would rather meet somebody than wait, and pin the pair.";
        waiting.next_steps.push(step.to_owned());
        return;
    }
    waiting.blocker = Blocker::PlacesTaken;
    let why = match (policy.objective, policy.coverage) {
        (_, Coverage::LongestWait) if limited.is_some() => {
            "went to somebody else: as many people as the limits allow are served, longest waiting first"
        }
        (
            Objective::BestTotal | Objective::MaxMin | Objective::Leximin | Objective::Nash,
            Coverage::LongestWait,
        ) => "went to somebody who has waited longer or as long, or whose match was decided before",
        (Objective::BestTotal, Coverage::Total) => {
            "went to somebody else, so that everybody together loses least"
        }
        (Objective::MaxMin | Objective::Leximin | Objective::Nash, Coverage::Total) => {
            "went to somebody else: as many people as can be are served"
        }
        (Objective::Stable, _) => {
            "went to somebody who has waited longer, or as long and came first by lot, or whose match was decided before"
        }
        (Objective::Serial, _) => "went to somebody whose turn came first by lot",
        (Objective::RankMaximal, _) => {
            "went to somebody else, so that as many as can be get their first choice, then their second"
        }
        (Objective::FirstCome | Objective::RandomEligible | Objective::Coordinator, _) => {
            "went to somebody whose turn came first: turns go by waiting time"
        }
        (Objective::Greedy, _) => "went to a pair that fits better",
    };
    waiting.words = format!("{who}, but every place {why}.");
    waiting.next_steps.push(format!("Make one place more at {}.", list(view, eligible)));
}

fn list(view: &View<'_>, workers: &[WorkerIx]) -> String {
    let ids: Vec<&str> = workers.iter().take(3).map(|&w| view.worker(w).id.as_str()).collect();
    let rest = if workers.len() > 3 { " or another of them" } else { "" };
    format!("{}{rest}", ids.join(" or "))
}

/// Nobody can be matched: which single change would free most.
fn nobody(view: &View<'_>, seen: &Seen<'_>, given: &[WorkerIx], waiting: &mut Waiting) {
    waiting.blocker = Blocker::NobodyEligible;
    let roster = view.context().roster;
    // Others are never anybody for this person, whatever changed; counting them would drown what can be changed.
    let pairs = (0..roster.workers().len())
        .map(|place| view.pair(seen, WorkerIx::at(place)))
        .filter(|pair| {
            let theirs =
                given.contains(&pair.worker_ix) || pair.user.kept.contains(&pair.worker_ix);
            !theirs
                && pair.worker.role.carries_caseload()
                && pair.worker.services.iter().any(|s| pair.user.services.contains(s))
        });
    let found = blockers(pairs, |reason| reason.visible_to(view.audience()));
    if found.workers == 0 {
        "Nobody works in the services that this person chose.".clone_into(&mut waiting.words);
        waiting.next_steps.push("Ask whether another service would be welcome.".to_owned());
        return;
    }
    let (order, alone) =
        if found.alone.is_empty() { (found.among, false) } else { (found.alone, true) };
    let Some(&(first, count)) = order.first() else {
        // Only reasons that are nobody's to tell.
        "Nobody is available for this person right now.".clone_into(&mut waiting.words);
        waiting.next_steps.push(
            "Look again at the next run; ask the team who could take somebody new.".to_owned(),
        );
        return;
    };
    waiting.most_often = Some(first);
    let workers_words = |n: usize| match n {
        n if n < TOLD_COUNT_MIN => "fewer than three workers".to_owned(),
        n => format!("{n} workers"),
    };
    let reason = lower(eligibility::words(first, Audience::Coordinator));
    waiting.words = if alone {
        format!(
            "Nobody can be matched right now. With {}, as far as can be told, one thing alone stands in the way: {reason}",
            workers_words(count)
        )
    } else {
        format!(
            "Nobody can be matched right now: with everybody more than one thing stands in the way. Most often: {reason}"
        )
    };
    for (reason, count) in order.into_iter().take(3) {
        let step = eligibility::next_step(reason);
        waiting.next_steps.push(if alone {
            // A private reason may stand beside it, and must not show.
            format!("{step} As far as can be told, that alone could open {}.", workers_words(count))
        } else {
            step.to_owned()
        });
    }
}

/// A sentence as it stands after a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What there is meanwhile: a group, the person's own network, what the service offers everybody.
fn meanwhile(view: &View<'_>, seen: &Seen<'_>, steps: &mut Vec<String>) {
    let cx = view.context();
    let roster = cx.roster;
    let user = &seen.user;
    for group in roster.groups() {
        let speaks = group.languages.is_empty()
            || user.languages.iter().any(|(l, _)| group.languages.contains(l));
        let comes = group.area.is_none_or(|area| user.area == Some(area));
        let topic = group.topics.iter().any(|&t| {
            user.experiences
                .iter()
                .any(|e| cx.cover.cov(e.concept, t).value * 2 >= peermatch_model::policy::WHOLE)
        });
        let meets = group.schedule.is_empty() || !group.schedule.both(&user.times).is_empty();
        if group.open
            && group.seats_free > 0
            && user.services.contains(&group.service)
            && speaks
            && comes
            && topic
            && meets
        {
            let when = group
                .schedule
                .windows(roster.zone().offset_minutes)
                .first()
                .map(|w| format!(", {w}"))
                .unwrap_or_default();
            let seats = if group.seats_free == 1 { "seat" } else { "seats" };
            steps.push(format!(
                "Offer group {} meanwhile ({} free {seats}{when}).",
                group.id, group.seats_free
            ));
            break;
        }
    }
    if let Some(peer) = user.nominated_peers.first() {
        let step = if peer.consented { "Ask" } else { "With the person's word, ask" };
        let relation =
            if peer.relation.is_empty() { String::new() } else { format!(" ({})", peer.relation) };
        steps.push(format!("{step} {}{relation}, whom the person named, to walk along.", peer.id));
    }
    let offers: BTreeSet<&str> = user
        .services
        .iter()
        .map(|&s| roster.service(s).while_waiting.as_str())
        .filter(|t| !t.is_empty())
        .collect();
    steps.extend(offers.into_iter().map(|text| format!("Meanwhile: {text}")));
}
