//! Why these two, why not these two, and what would change it: for any pair, per audience, made only when asked for.
//!
//! One type per audience, each an allow-list: what a type has no field for cannot be told. All of it is made from the
//! audience's [`View`] and from outcomes. The auditor's carries ids, figures and hashes; the service user's has words alone.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::{Service, ServiceUser, UserIx, WorkerIx};
use peermatch_model::words::{
    Audience, CriterionName, Direction, Goal, QueueState, Strength, WishAbout,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choice::CostToOthers;
use crate::eligibility::{self, Exclusion};
use crate::pair::{Context, Pair};
use crate::reach::reach;
use crate::robust::Firmness;
use crate::run::Decided;
use crate::scoring::{self, Fit, Met, Part, Scorer};
use crate::view::{Seen, View, worker_seen};
use crate::waiting::TOLD_COUNT_MIN;

/// Said beside every suggestion.
pub const PEOPLE_DECIDE: &str =
    "This is a suggestion. People decide, and everybody can say no without giving a reason.";

/// Said beside what would lift a reason: reasons that are private are never among them, and this sentence, which is always said, does not
/// tell whether there are any.
const MAY_BE_MORE: &str = "There may be other reasons, which are nobody's to tell.";

/// Why two people would, or would not, walk together, told to one audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "audience", rename_all = "kebab-case")]
pub enum Explanation {
    /// To the person.
    ServiceUser(ForServiceUser),
    /// To the worker, before anybody said yes.
    PeerWorker(ForPeerWorker),
    /// To the coordinator.
    Coordinator(Box<ForCoordinator>),
    /// To the auditor.
    Auditor(Box<ForAuditor>),
}

/// To the person: words, no numbers, no rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForServiceUser {
    /// The worker.
    pub worker_id: String,
    /// Whether the two can be matched.
    pub available: bool,
    /// If not: why, as far as it is the person's own.
    pub why_not: Vec<String>,
    /// What the person asked for and this worker brings.
    pub meets: Vec<String>,
    /// What the worker does not bring, or only partly.
    pub does_not_meet: Vec<String>,
    /// What is not known.
    pub not_known: Vec<String>,
    /// When and how they could meet.
    pub meeting: Vec<String>,
    /// Choice, always said.
    pub choice: String,
    /// For somebody in a crisis, in the service's words.
    pub crisis_text: Vec<String>,
    /// Where a complaint goes, in the service's words.
    pub complaints_text: Vec<String>,
}

/// To the worker: what walking with this person would be, in allowed fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForPeerWorker {
    /// The person.
    pub person_id: String,
    /// Whether the two can be matched.
    pub available: bool,
    /// If not: why, as far as it is the worker's own.
    pub why_not: Vec<String>,
    /// What the person would like support with, and what they chose to show.
    pub looking_for: Vec<String>,
    /// What of the worker's own wishes it meets, or does not.
    pub own_wishes: Vec<String>,
    /// When and how they could meet.
    pub meeting: Vec<String>,
    /// Choice, always said.
    pub choice: String,
}

/// To the coordinator: bars per criterion that add up exactly to the fit, the caution, the unknowns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForCoordinator {
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// Whether the two can be matched.
    pub eligible: bool,
    /// If not: every reason that may be told.
    pub why_not: Vec<Reason>,
    /// How much of what the person asked for the worker meets, as far as a coordinator may see: the sum of the bars, 0..=1,000,000.
    pub fit: u32,
    /// Whether the person asked for nothing in particular.
    pub nothing_asked: bool,
    /// One bar per wish.
    pub bars: Vec<Bar>,
    /// What is not known yet.
    pub not_known: Vec<String>,
    /// One thing to mind, if there is one.
    pub caution: Option<String>,
    /// Something to talk about first; never a reason against.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schemars(default)]
    pub hints: Vec<String>,
    /// When and how they could meet.
    pub meeting: Vec<String>,
    /// What would change it.
    pub changes: Vec<String>,
    /// How firm the suggestion is under other ways to weigh what was asked. Told in a list of suggestions, where there is somebody to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmness: Option<Firmness>,
    /// What choosing the worker costs everybody else. Told in a list of suggestions made beside a whole matching.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_to_others: Option<CostToOthers>,
    /// What each `must` of the person costs.
    pub musts: Vec<String>,
    /// What the matching decided, if there is one.
    pub outcome: Option<String>,
}

/// To the auditor: everything, by id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForAuditor {
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// Whether the two can be matched.
    pub eligible: bool,
    /// Every rule that excludes them.
    pub exclusions: Vec<Exclusion>,
    /// How much of what the person asked for the worker meets: the sum of the bars, 0..=1,000,000.
    pub fit: u32,
    /// Whether the person asked for nothing in particular.
    pub nothing_asked: bool,
    /// One bar per wish.
    pub bars: Vec<AuditBar>,
    /// What the assignment minimises for the person: the sum of the bars' losses.
    pub loss: u32,
    /// The same for the worker's own wishes; the assignment takes off its least over the worker's eligible people, and the policy's share.
    pub worker_loss: u32,
    /// The worker's own wishes, in words.
    pub worker_wishes: Vec<String>,
    /// Smallest single changes that would change the answer.
    pub changes: Vec<String>,
    /// What the matching decided, if there is one.
    pub outcome: Option<String>,
    /// Dual price of a place with this worker in that matching, under objectives that have one.
    pub price: Option<i64>,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the checked policy.
    pub policy_hash: String,
}

/// A reason that may be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The rule, unless it is private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Exclusion>,
    /// In words.
    pub words: String,
    /// What could be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
}

/// What one wish contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bar {
    /// The criterion.
    pub criterion: String,
    /// In words, if there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Met, partly, not met, or not known.
    pub met: Met,
    /// What it contributes to the fit; the bars add up to it exactly.
    pub points: u32,
    /// The most it could contribute.
    pub points_max: u32,
    /// Of what the two have lived through: whether the worker lets it be told to the person before they meet. Where not, it is for the coordinator alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(default)]
    pub may_be_said: Option<bool>,
}

/// What one wish contributes, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditBar {
    /// The criterion.
    pub criterion: String,
    /// In words, if there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Met, partly, not met, or not known.
    pub met: Met,
    /// Weight times strength.
    pub weight: u32,
    /// Value, 0..=1,000,000.
    pub value: u32,
    /// Contribution to the fit.
    pub fit_points: u32,
    /// Contribution to the loss.
    pub loss_points: u32,
}

/// Explains one pair to one audience; with a verified matching, what it decided too.
///
/// O(workers × wishes) for coordinator and auditor (what would change it looks at the person's other choices), O(wishes) otherwise.
pub fn explain(
    cx: &Context<'_>,
    audience: Audience,
    user: UserIx,
    worker: WorkerIx,
    decided: Option<&Decided<'_>>,
) -> Explanation {
    let view = View::new(cx, audience);
    let seen = view.person(user);
    let pair = view.pair(&seen, worker);
    let standing = Standing::of(cx, user, worker);
    match audience {
        Audience::ServiceUser => Explanation::ServiceUser(for_service_user(&pair, standing)),
        Audience::PeerWorker => Explanation::PeerWorker(for_peer_worker(&pair, standing)),
        Audience::Coordinator => {
            let person = PersonTold::new(&view, &seen);
            let told = for_coordinator(&view, &seen, worker, standing, &person, decided);
            Explanation::Coordinator(Box::new(told))
        }
        Audience::Auditor => {
            Explanation::Auditor(Box::new(for_auditor(&view, &seen, worker, standing, decided)))
        }
    }
}

/// What a person is told of a worker, as somebody else may read it who gives it to them: without what the person does not let `reader` see.
pub fn read_over(
    cx: &Context<'_>,
    reader: Audience,
    user: UserIx,
    worker: WorkerIx,
) -> ForServiceUser {
    let view = View::new(cx, Audience::ServiceUser).read_over_by(reader);
    let seen = view.person(user);
    for_service_user(&view.pair(&seen, worker), Standing::of(cx, user, worker))
}

/// How two people stand to each other: an outcome, which everybody concerned may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A match of theirs stands, whatever the rules for new ones say.
    Matched,
    /// They could be matched now.
    Eligible,
    /// The rules would let them, but the person is not to be matched now: withdrawn, not ready, or walking with somebody else. A coordinator
    /// may look ahead; to the two themselves nothing is offered, and nothing that was told for an offer is shown.
    NotNow,
    /// They cannot.
    Apart,
}

impl Standing {
    pub(crate) fn of(cx: &Context<'_>, user: UserIx, worker: WorkerIx) -> Self {
        if cx.roster.user(user).kept.contains(&worker) {
            Self::Matched
        } else if !eligibility::eligible(&cx.pair(user, worker)) {
            Self::Apart
        } else if not_to_be_matched(cx, user).is_some() {
            Self::NotNow
        } else {
            Self::Eligible
        }
    }

    /// Whether the two may read about each other.
    fn offered(self) -> bool {
        matches!(self, Self::Matched | Self::Eligible)
    }

    /// Whether the rules let them walk together, for a coordinator.
    fn together(self) -> bool {
        self != Self::Apart
    }
}

/// Why a person is not to be matched now, in words for a coordinator.
pub(crate) fn not_to_be_matched(cx: &Context<'_>, user: UserIx) -> Option<String> {
    let person = cx.roster.user(user);
    if person.wants() == 0 {
        let workers: Vec<&str> =
            person.kept.iter().map(|&w| cx.roster.worker(w).id.as_str()).collect();
        let workers = workers.join(" and ");
        return Some(format!("The person is matched with {workers} already, and stays so."));
    }
    let why = match person.state {
        QueueState::Ready => return None,
        QueueState::Withdrawn => "The person withdrew",
        QueueState::OnHold => "The person is on hold",
        QueueState::Contacted | QueueState::ReferralReceived => {
            "The person is not marked ready yet"
        }
    };
    Some(format!("{why}, and is not to be matched now."))
}

fn fit(pair: &Pair<'_>) -> Fit {
    Scorer::for_pair(pair).fit(pair)
}

/// Sentences of the parts with one of `states`.
fn sentences(pair: &Pair<'_>, fit: &Fit, audience: Audience, states: &[Met]) -> Vec<String> {
    let mut out = Vec::new();
    for part in fit.parts.iter().filter(|p| states.contains(&p.met)) {
        let Some(words) = scoring::words(pair, part, audience) else { continue };
        if !out.contains(&words) {
            out.push(words);
        }
    }
    out
}

/// Why a pair that cannot be matched cannot, as far as the audience may know: never nothing. A pair may look eligible to an
/// audience from which the reason is hidden; then, too, it is told the one neutral sentence.
pub(crate) fn why_not(pair: &Pair<'_>, audience: Audience) -> Vec<&'static str> {
    let told = eligibility::told(&eligibility::reasons(pair), audience);
    if told.is_empty() { vec![eligibility::NEUTRAL] } else { told }
}

fn why_not_unless(together: bool, pair: &Pair<'_>, audience: Audience) -> Vec<String> {
    if together {
        return Vec::new();
    }
    why_not(pair, audience).into_iter().map(str::to_owned).collect()
}

/// What a person may answer who is asked.
pub(crate) const PERSON_ASKED: &str = "You choose. You can say yes, ask for somebody else, or say none of these, and you can change your mind at any time. You do not have to say why.";

/// What a worker may answer who is asked.
pub(crate) const WORKER_ASKED: &str =
    "You can say yes or no. You do not have to say why, and nobody counts how often you say no.";

pub(crate) fn for_service_user(pair: &Pair<'_>, standing: Standing) -> ForServiceUser {
    let audience = Audience::ServiceUser;
    let together = standing.offered();
    let fit = fit(pair);
    let roster = pair.roster();
    let texts = |text: fn(&Service) -> &String| {
        let texts = pair.user.services.iter().map(|&s| text(roster.service(s)));
        let texts: BTreeSet<&String> = texts.filter(|t| !t.is_empty()).collect();
        texts.into_iter().cloned().collect::<Vec<String>>()
    };
    // Of somebody who cannot walk along nothing more is told: it would read like an offer.
    let told = |states: &[Met]| {
        if together { sentences(pair, &fit, audience, states) } else { Vec::new() }
    };
    let choice = match standing {
        Standing::Matched => {
            "You walk with this worker now. You can ask for somebody else at any time. You do not have to say why."
        }
        Standing::Eligible => PERSON_ASKED,
        Standing::Apart | Standing::NotNow => "You can ask who else could walk with you.",
    };
    ForServiceUser {
        worker_id: pair.worker.id.clone(),
        available: together,
        why_not: why_not_unless(together, pair, audience),
        meets: told(&[Met::Met]),
        does_not_meet: told(&[Met::Partly, Met::NotMet]),
        not_known: told(&[Met::Unknown]),
        meeting: if together { meeting(pair, audience) } else { Vec::new() },
        choice: choice.to_owned(),
        crisis_text: texts(|s| &s.crisis_text),
        complaints_text: texts(|s| &s.complaints_text),
    }
}

fn for_peer_worker(pair: &Pair<'_>, standing: Standing) -> ForPeerWorker {
    let audience = Audience::PeerWorker;
    let together = standing.offered();
    let mut out = ForPeerWorker {
        person_id: pair.user.id.clone(),
        available: together,
        why_not: why_not_unless(together, pair, audience),
        looking_for: Vec::new(),
        own_wishes: Vec::new(),
        meeting: Vec::new(),
        choice: String::new(),
    };
    // Of a person whom the worker cannot walk with, nothing is told.
    if !together {
        "There is nothing for you to answer.".clone_into(&mut out.choice);
        return out;
    }
    if !pair.user.goals.is_empty() {
        let goals: Vec<String> = pair.user.goals.iter::<Goal>().map(|g| g.to_string()).collect();
        let goals = goals.join(", ").replace('_', " ");
        out.looking_for.push(format!("Would like to work towards: {goals}."));
    }
    if !pair.user.support_types.is_empty() {
        let kinds = scoring::support_words(pair.user.support_types);
        out.looking_for.push(format!("Would like {kinds}."));
    }
    for item in &pair.user.experiences {
        let label = pair.roster().taxonomy().label(item.concept);
        out.looking_for.push(format!("Chose to tell you: {label}."));
    }
    let own = scoring::worker_fit(pair);
    let own = own.parts.iter().filter_map(|part| scoring::worker_words(pair, part, audience));
    out.own_wishes = own.collect();
    out.meeting = meeting(pair, audience);
    let choice = match standing {
        Standing::Matched => "You walk with this person now.",
        _ => WORKER_ASKED,
    };
    choice.clone_into(&mut out.choice);
    out
}

/// What is told of every pair of one person, made once.
#[derive(Debug)]
pub(crate) struct PersonTold {
    list: OwnList,
    /// What each `must` costs.
    pub(crate) musts: Vec<String>,
}

impl PersonTold {
    fn new(view: &View<'_>, seen: &Seen<'_>) -> Self {
        let cx = view.context();
        Self {
            list: OwnList::new(view, seen, &choices(cx, seen.ix)),
            musts: must_costs(cx, seen.ix),
        }
    }

    /// As `new`, for whoever knows the workers that can be matched with the person, and how many there are for another record of the person.
    pub(crate) fn of(
        view: &View<'_>,
        seen: &Seen<'_>,
        workers: &[WorkerIx],
        available: impl Fn(&ServiceUser) -> usize,
    ) -> Self {
        Self {
            list: OwnList::new(view, seen, workers),
            musts: must_costs_by(view.context().roster.user(seen.ix), available),
        }
    }
}

/// The workers a person can choose from. Whoever walks with the person already is not a choice; counting them would tell whether the rules
/// still let them.
fn choices(cx: &Context<'_>, user: UserIx) -> Vec<WorkerIx> {
    let kept = &cx.roster.user(user).kept;
    (0..cx.roster.workers().len())
        .map(WorkerIx::at)
        .filter(|w| !kept.contains(w) && eligibility::eligible(&cx.pair(user, *w)))
        .collect()
}

/// To the coordinator, from a view made once for many.
pub(crate) fn for_coordinator(
    view: &View<'_>,
    seen: &Seen<'_>,
    worker: WorkerIx,
    standing: Standing,
    person: &PersonTold,
    decided: Option<&Decided<'_>>,
) -> ForCoordinator {
    let audience = Audience::Coordinator;
    let pair = view.pair(seen, worker);
    let fit = fit(&pair);
    let why_not = if standing.together() { Vec::new() } else { reasons_told(&pair, audience) };
    let not_known = not_known(&pair, &fit);
    let mind = |met| sentences(&pair, &fit, audience, &[met]).into_iter().next();
    ForCoordinator {
        person_id: pair.user.id.clone(),
        worker_id: pair.worker.id.clone(),
        eligible: standing.together(),
        changes: match standing {
            Standing::Matched => Vec::new(),
            Standing::Eligible | Standing::NotNow => vec![person.list.flip(view, worker)],
            Standing::Apart => lifts(&why_not),
        },
        firmness: None,
        cost_to_others: None,
        why_not,
        fit: fit.value,
        nothing_asked: fit.nothing_asked,
        bars: bars(&pair, &fit),
        not_known,
        caution: mind(Met::NotMet).or_else(|| mind(Met::Partly)),
        hints: hints(&pair),
        meeting: if standing.together() { meeting(&pair, audience) } else { Vec::new() },
        musts: person.musts.clone(),
        outcome: outcome(view.context(), seen.ix, worker, decided),
    }
}

fn for_auditor(
    view: &View<'_>,
    seen: &Seen<'_>,
    worker: WorkerIx,
    standing: Standing,
    decided: Option<&Decided<'_>>,
) -> ForAuditor {
    let cx = view.context();
    let pair = view.pair(seen, worker);
    let fit = fit(&pair);
    let bar = |part: &Part| AuditBar {
        criterion: part.criterion.clone(),
        words: scoring::words(&pair, part, Audience::Auditor),
        met: part.met,
        weight: part.weight,
        value: part.value,
        fit_points: part.fit_points,
        loss_points: part.loss_points,
    };
    let steps = |reasons: Vec<Reason>| reasons.into_iter().filter_map(|r| r.next_step).collect();
    ForAuditor {
        person_id: pair.user.id.clone(),
        worker_id: pair.worker.id.clone(),
        eligible: standing.together(),
        changes: match standing {
            Standing::Matched => Vec::new(),
            Standing::Eligible | Standing::NotNow => {
                vec![OwnList::new(view, seen, &choices(cx, seen.ix)).flip(view, worker)]
            }
            Standing::Apart => steps(reasons_told(&pair, Audience::Auditor)),
        },
        exclusions: eligibility::reasons(&pair),
        fit: fit.value,
        nothing_asked: fit.nothing_asked,
        bars: fit.parts.iter().map(bar).collect(),
        loss: fit.parts.iter().map(|p| p.loss_points).sum(),
        worker_loss: scoring::worker_loss(&pair),
        worker_wishes: scoring::worker_fit(&pair)
            .parts
            .iter()
            .filter_map(|part| scoring::worker_words(&pair, part, Audience::Auditor))
            .collect(),
        outcome: outcome(cx, seen.ix, worker, decided),
        price: decided.and_then(|decided| decided.price(worker)),
        roster_hash: crate::hash::roster_hash(cx.roster),
        policy_hash: crate::hash::policy_hash(cx.policy),
    }
}

/// Every reason that the audience may be told, or the one neutral sentence.
fn reasons_told(pair: &Pair<'_>, audience: Audience) -> Vec<Reason> {
    let reasons = eligibility::reasons(pair);
    let visible: Vec<Reason> = reasons
        .into_iter()
        .filter(|r| r.visible_to(audience))
        .map(|r| Reason {
            code: Some(r),
            words: eligibility::words(r, audience).to_owned(),
            next_step: Some(eligibility::next_step(r).to_owned()),
        })
        .collect();
    if visible.is_empty() {
        vec![Reason { code: None, words: eligibility::NEUTRAL.to_owned(), next_step: None }]
    } else {
        visible
    }
}

fn lifts(reasons: &[Reason]) -> Vec<String> {
    let steps: Vec<String> = reasons.iter().filter_map(|r| r.next_step.clone()).collect();
    let mut out = Vec::new();
    if steps.len() > 1 {
        out.push(format!("All {} of these would have to change:", steps.len()));
    }
    out.extend(steps);
    if !out.is_empty() {
        out.push(MAY_BE_MORE.to_owned());
    }
    out
}

/// One bar per wish. The most a wish can contribute is its share of the whole, by the same rounding.
fn bars(pair: &Pair<'_>, told: &Fit) -> Vec<Bar> {
    let lived = |part: &&Part| {
        let is = part.built_in() == Some(CriterionName::LivedExperience);
        is && matches!(part.met, Met::Met | Met::Partly)
    };
    let to_person = told.parts.iter().any(|part| lived(&part)).then(|| {
        let worker = worker_seen(pair.worker, Audience::ServiceUser);
        fit(&Pair { worker: &worker, ..*pair })
    });
    let may_be_said = |part: &Part| {
        let same = to_person.iter().flat_map(|fit| &fit.parts);
        lived(&part)
            .then(|| same.filter(|one| one.place == part.place).any(|one| one.met == part.met))
    };
    let fit = told;
    let total: u64 = fit.parts.iter().map(|p| u64::from(p.weight)).sum();
    fit.parts
        .iter()
        .map(|part| Bar {
            criterion: part.criterion.clone(),
            words: scoring::words(pair, part, Audience::Coordinator),
            met: part.met,
            points: part.fit_points,
            points_max: u32::try_from(u64::from(part.weight) * u64::from(WHOLE) / total.max(1))
                .unwrap_or(WHOLE)
                .max(part.fit_points),
            may_be_said: may_be_said(part),
        })
        .collect()
}

/// What nobody told or asked yet.
fn not_known(pair: &Pair<'_>, fit: &Fit) -> Vec<String> {
    let mut out = sentences(pair, fit, Audience::Coordinator, &[Met::Unknown]);
    let not_asked: Vec<&str> = pair
        .user
        .other_answers
        .iter()
        .filter(|(_, state)| **state == peermatch_model::words::AnswerState::NotAsked)
        .map(|(about, _)| peermatch_model::words::Words::word(*about))
        .collect();
    if !not_asked.is_empty() {
        out.push(format!("Not asked yet: {}.", not_asked.join(", ").replace('_', " ")));
    }
    out
}

/// Paths that are hard to bring together, where the person said that theirs matters. A hint, not a rule and not a value: two people may well
/// find a way.
fn hints(pair: &Pair<'_>) -> Vec<String> {
    let taxonomy = pair.roster().taxonomy();
    let mut out = Vec::new();
    for asked in pair.user.experiences.iter().filter(|e| e.wanted == Some(Direction::Prefer)) {
        for told in &pair.worker.experiences {
            if let Some((one, other)) = taxonomy.clash(asked.concept, told.concept) {
                let (one, other) = (taxonomy.label(one), taxonomy.label(other));
                let hint = format!(
                    "Talk about it first: “{one}” matters to the person, and “{other}” is the worker's path."
                );
                if !out.contains(&hint) {
                    out.push(hint);
                }
            }
        }
    }
    out
}

/// When and how the two could meet.
fn meeting(pair: &Pair<'_>, audience: Audience) -> Vec<String> {
    let mut out = Vec::new();
    let roster = pair.roster();
    let common = pair.user.times.both(&pair.worker.times);
    let windows = common.windows(roster.zone().offset_minutes);
    let long: Vec<&String> = windows.iter().take(3).collect();
    if !long.is_empty() {
        let more = if windows.len() > 3 { ", and other times" } else { "" };
        let shown = long.iter().map(|w| w.as_str()).collect::<Vec<_>>().join(", ");
        let zone = if pair.user.times.is_empty() {
            String::new()
        } else {
            format!(" ({} time)", roster.zone().name)
        };
        out.push(format!("Times in common: {shown}{more}{zone}."));
    }
    let reach = reach(pair);
    let modes: Vec<String> = reach
        .modes
        .iter::<peermatch_model::words::Mode>()
        .map(|m| m.to_string().replace('_', " "))
        .collect();
    if !modes.is_empty() {
        out.push(format!("Ways to meet: {}.", modes.join(", ")));
    }
    // A journey tells roughly where the other lives: it is for the one who plans.
    if audience == Audience::Coordinator
        && let Some(minutes) = reach.minutes
    {
        out.push(match minutes {
            0 => "Journey to meet: none, they are in the same area.".to_owned(),
            minutes => format!("Journey to meet: about {minutes} minutes."),
        });
    }
    out
}

/// What is decided for this person, in words: by a match that stands, or by a matching. Read off who is matched with whom, never off
/// prices, which depend on what may not be seen.
fn outcome(
    cx: &Context<'_>,
    user: UserIx,
    worker: WorkerIx,
    decided: Option<&Decided<'_>>,
) -> Option<String> {
    let roster = cx.roster;
    let id = |w: WorkerIx| roster.worker(w).id.as_str();
    if roster.user(user).kept.contains(&worker) {
        return Some("They are matched already, and stay so.".to_owned());
    }
    if let Some(why) = not_to_be_matched(cx, user) {
        return Some(why);
    }
    let decided = decided?;
    let given = decided.workers_of(user);
    Some(match given.contains(&worker) {
        true if roster.pinned(user) == Some(worker) => {
            "These two were decided before, and the matching keeps it.".to_owned()
        }
        true => "The matching proposes these two.".to_owned(),
        false => {
            let instead = if given.is_empty() {
                "The person stays on the waiting list in this matching.".to_owned()
            } else {
                let others: Vec<&str> = given.iter().copied().map(id).collect();
                format!("The matching proposes {} instead.", others.join(" and "))
            };
            let full = decided.load(worker) >= roster.worker(worker).places();
            let taken = if full && eligibility::eligible(&cx.pair(user, worker)) {
                format!(" Every place of {} went to somebody else.", id(worker))
            } else {
                String::new()
            };
            instead + &taken
        }
    })
}

/// What each `must` of the person costs: how many workers there are with it and without. Told before it is fixed, so it has to
/// be true: it is counted on the full records, as what a run with and without the wish would give, and told coarsely.
pub fn must_costs(cx: &Context<'_>, user: UserIx) -> Vec<String> {
    must_costs_by(cx.roster.user(user), |person| {
        let workers = (0..cx.roster.workers().len()).map(WorkerIx::at);
        workers
            .filter(|&w| eligibility::eligible(&Pair { user: person, ..cx.pair(user, w) }))
            .count()
    })
}

/// As [`must_costs`], by however `available` counts the workers for a record of the person.
fn must_costs_by(person: &ServiceUser, available: impl Fn(&ServiceUser) -> usize) -> Vec<String> {
    let told = |n: usize| match n {
        0 => "nobody".to_owned(),
        n if n < TOLD_COUNT_MIN => "fewer than three".to_owned(),
        n => n.to_string(),
    };
    let mut out = Vec::new();
    let mut with = None;
    for (place, wish) in person.wishes.iter().enumerate() {
        if wish.strength != Strength::Must {
            continue;
        }
        let with = *with.get_or_insert_with(|| available(person));
        let mut without = person.clone();
        without.wishes.remove(place);
        out.push(format!(
            "The must about {} leaves {} available; without it, {}.",
            about_words(wish.about),
            told(with),
            told(available(&without))
        ));
    }
    out
}

fn about_words(about: WishAbout) -> String {
    about.to_string().replace('_', " ")
}

/// A change to one wish.
#[derive(Debug, Clone, Copy)]
enum Change {
    Strength(usize, Strength),
    Drop(usize),
}

impl Change {
    fn apply(self, user: &mut ServiceUser) {
        match self {
            Self::Strength(place, strength) => user.wishes[place].strength = strength,
            Self::Drop(place) => {
                user.wishes.remove(place);
            }
        }
    }

    fn words(self, user: &ServiceUser) -> String {
        match self {
            Self::Strength(place, strength) => format!(
                "if the wish about {} were {strength}",
                about_words(user.wishes[place].about)
            ),
            Self::Drop(place) => {
                format!("without the wish about {}", about_words(user.wishes[place].about))
            }
        }
    }
}

/// A person's own list as an audience sees it: who comes first, and who would if one wish were changed. Made once for all workers of
/// the list. O(wishes² × workers).
#[derive(Debug)]
struct OwnList {
    workers: usize,
    first: Option<WorkerIx>,
    changed: Vec<(String, Option<WorkerIx>)>,
}

impl OwnList {
    /// Strengths are tried before dropping a wish: the smaller change first.
    fn new(view: &View<'_>, seen: &Seen<'_>, workers: &[WorkerIx]) -> Self {
        let first = |seen: &Seen<'_>| {
            let scorer = Scorer::for_record(view.context(), &seen.user);
            let exact = |w| scorer.exact(&view.pair(seen, w));
            workers.iter().copied().max_by_key(|&w| (exact(w), Reverse(w)))
        };
        let wishes = seen.user.wishes.iter().enumerate();
        // A must is a rule, and what it costs is told apart.
        let weighed: Vec<(usize, Strength)> = wishes
            .map(|(place, w)| (place, w.strength))
            .filter(|w| w.1 != Strength::Must)
            .collect();
        let other = |strength| match strength {
            Strength::Nice => Strength::Important,
            Strength::Important | Strength::Must => Strength::Nice,
        };
        let changes = weighed
            .iter()
            .map(|&(place, strength)| Change::Strength(place, other(strength)))
            .chain(weighed.iter().map(|&(place, _)| Change::Drop(place)));
        let changed = changes
            .map(|change| {
                let mut changed = seen.clone();
                change.apply(&mut changed.user);
                (change.words(&seen.user), first(&changed))
            })
            .collect();
        Self { workers: workers.len(), first: first(seen), changed }
    }

    /// The smallest single change that would put this worker first, or, if the worker is first, somebody else.
    fn flip(&self, view: &View<'_>, worker: WorkerIx) -> String {
        let id = |w: WorkerIx| view.worker(w).id.as_str();
        let is_first = self.first == Some(worker);
        if self.workers < 2 {
            return "Nobody else can be matched with this person right now.".to_owned();
        }
        let flip = self.changed.iter().find_map(|(words, then)| {
            let then = (*then)?;
            if is_first {
                (then != worker).then(|| {
                    format!(
                        "Worker {} comes first on this person's list; {} would {words}.",
                        id(worker),
                        id(then)
                    )
                })
            } else {
                (then == worker).then(|| {
                    format!("Worker {} would come first on this person's list {words}.", id(worker))
                })
            }
        });
        flip.unwrap_or_else(|| {
            let does = if is_first { "comes" } else { "does not come" };
            format!(
                "Worker {} {does} first on this person's list, whichever single wish is changed.",
                id(worker)
            )
        })
    }
}

/// The fit of a pair as far as the pair's audience may see.
pub(crate) fn seen_fit(pair: &Pair<'_>) -> Fit {
    fit(pair)
}
