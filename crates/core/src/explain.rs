//! Why these two, why not these two, and what would change it: for any pair, per audience, made only when asked for.
//!
//! One type per audience, each an allow-list: what a type has no field for cannot be told. All of it is made from the
//! audience's [`View`] and from outcomes. The auditor's carries ids, figures and hashes; the service user's has words alone.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::{ServiceUser, UserIx, WishValues, WorkerIx};
use peermatch_model::words::{Audience, Direction, Strength, WishAbout};
use schemars::JsonSchema;
use serde::Serialize;

use crate::eligibility::{self, Exclusion};
use crate::pair::{Context, Pair};
use crate::reach::reach;
use crate::run::Decided;
use crate::scoring::{self, Fit, Met, Part, Scorer};
use crate::view::{Seen, View};

/// What is told of what both agreed to share, said of nobody in particular.
pub const PEOPLE_DECIDE: &str =
    "This is a suggestion. People decide, and everybody can say no without giving a reason.";

/// Why two people would, or would not, walk together, told to one audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// When and how they could meet.
    pub meeting: Vec<String>,
    /// What would change it.
    pub changes: Vec<String>,
    /// What each `must` of the person costs.
    pub musts: Vec<String>,
    /// What the matching decided, if there is one.
    pub outcome: Option<String>,
}

/// To the auditor: everything, by id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// The same for the worker's own wishes.
    pub worker_loss: u32,
    /// Smallest single changes that would change the answer.
    pub changes: Vec<String>,
    /// What the matching decided, if there is one.
    pub outcome: Option<String>,
    /// Dual price of a place with this worker in that matching.
    pub price: Option<i64>,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the checked policy.
    pub policy_hash: String,
}

/// A reason that may be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
}

/// What one wish contributes, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    let eligible = eligibility::eligible(&cx.pair(user, worker));
    match audience {
        Audience::ServiceUser => Explanation::ServiceUser(for_service_user(&pair, eligible)),
        Audience::PeerWorker => Explanation::PeerWorker(for_peer_worker(&pair, eligible)),
        Audience::Coordinator => Explanation::Coordinator(Box::new(for_coordinator(
            &view, &seen, worker, eligible, decided,
        ))),
        Audience::Auditor => {
            Explanation::Auditor(Box::new(for_auditor(&view, &seen, worker, eligible, decided)))
        }
    }
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

fn why_not_unless(eligible: bool, pair: &Pair<'_>, audience: Audience) -> Vec<String> {
    if eligible {
        return Vec::new();
    }
    why_not(pair, audience).into_iter().map(str::to_owned).collect()
}

fn for_service_user(pair: &Pair<'_>, eligible: bool) -> ForServiceUser {
    let audience = Audience::ServiceUser;
    let fit = fit(pair);
    let roster = pair.roster();
    let texts = |text: fn(&peermatch_model::roster::Service) -> &String| {
        let mut out: Vec<String> = pair
            .user
            .services
            .iter()
            .map(|&s| text(roster.service(s)).clone())
            .filter(|t| !t.is_empty())
            .collect();
        out.dedup();
        out
    };
    ForServiceUser {
        worker_id: pair.worker.id.clone(),
        available: eligible,
        why_not: why_not_unless(eligible, pair, audience),
        meets: sentences(pair, &fit, audience, &[Met::Met]),
        does_not_meet: sentences(pair, &fit, audience, &[Met::Partly, Met::NotMet]),
        not_known: sentences(pair, &fit, audience, &[Met::Unknown]),
        meeting: if eligible { meeting(pair, audience) } else { Vec::new() },
        choice: "You choose. You can say yes, ask for somebody else, or say none of these, and you can change your mind at any time. You do not have to say why.".to_owned(),
        crisis_text: texts(|s| &s.crisis_text),
        complaints_text: texts(|s| &s.complaints_text),
    }
}

fn for_peer_worker(pair: &Pair<'_>, eligible: bool) -> ForPeerWorker {
    let roster = pair.roster();
    let mut looking_for = Vec::new();
    let words = |set: Vec<String>| set.join(", ").replace('_', " ");
    if !pair.user.goals.is_empty() {
        let goals =
            pair.user.goals.iter::<peermatch_model::words::Goal>().map(|g| g.to_string()).collect();
        looking_for.push(format!("Would like to work towards: {}.", words(goals)));
    }
    if !pair.user.support_types.is_empty() {
        let types = pair
            .user
            .support_types
            .iter::<peermatch_model::words::SupportType>()
            .map(|t| t.to_string())
            .collect();
        looking_for.push(format!("Asked for support that is {}.", words(types)));
    }
    for item in &pair.user.experiences {
        looking_for.push(format!("Chose to tell you: {}.", roster.taxonomy().label(item.concept)));
    }
    ForPeerWorker {
        person_id: pair.user.id.clone(),
        available: eligible,
        why_not: why_not_unless(eligible, pair, Audience::PeerWorker),
        looking_for,
        own_wishes: scoring::worker_fit(pair).parts.iter().filter_map(|part| scoring::worker_words(pair, part, Audience::PeerWorker)).collect(),
        meeting: if eligible { meeting(pair, Audience::PeerWorker) } else { Vec::new() },
        choice: "You can say yes or no. You do not have to say why, and nobody counts how often you say no.".to_owned(),
    }
}

/// To the coordinator, from a view made once for many.
pub(crate) fn for_coordinator(
    view: &View<'_>,
    seen: &Seen<'_>,
    worker: WorkerIx,
    eligible: bool,
    decided: Option<&Decided<'_>>,
) -> ForCoordinator {
    let audience = Audience::Coordinator;
    let pair = view.pair(seen, worker);
    let fit = fit(&pair);
    let reasons = if eligible { Vec::new() } else { reasons_told(&pair) };
    let not_known = not_known(&pair, &fit);
    let caution = sentences(&pair, &fit, audience, &[Met::NotMet])
        .into_iter()
        .next()
        .or_else(|| sentences(&pair, &fit, audience, &[Met::Partly]).into_iter().next());
    ForCoordinator {
        person_id: pair.user.id.clone(),
        worker_id: pair.worker.id.clone(),
        eligible,
        changes: if eligible { flips(view, seen, worker) } else { lifts(&reasons) },
        why_not: reasons,
        fit: fit.value,
        nothing_asked: fit.nothing_asked,
        bars: bars(&pair, &fit),
        not_known,
        caution,
        hints: hints(&pair),
        meeting: if eligible { meeting(&pair, audience) } else { Vec::new() },
        musts: must_costs(view, seen),
        outcome: decided.map(|decided| outcome(decided, seen.ix, worker)),
    }
}

fn for_auditor(
    view: &View<'_>,
    seen: &Seen<'_>,
    worker: WorkerIx,
    eligible: bool,
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
    let exclusions = eligibility::reasons(&pair);
    ForAuditor {
        person_id: pair.user.id.clone(),
        worker_id: pair.worker.id.clone(),
        eligible,
        changes: if eligible { flips(view, seen, worker) } else { lifts(&reasons_told(&pair)) },
        exclusions,
        fit: fit.value,
        nothing_asked: fit.nothing_asked,
        bars: fit.parts.iter().map(bar).collect(),
        loss: fit.parts.iter().map(|p| p.loss_points).sum(),
        worker_loss: scoring::worker_loss(&pair),
        outcome: decided.map(|decided| outcome(decided, seen.ix, worker)),
        price: decided.map(|decided| decided.price(worker)),
        roster_hash: crate::hash::roster_hash(cx.roster),
        policy_hash: crate::hash::policy_hash(cx.policy),
    }
}

/// Every reason that the pair's own audience may be told, or the one neutral sentence.
fn reasons_told(pair: &Pair<'_>) -> Vec<Reason> {
    let reasons = eligibility::reasons(pair);
    let audience = Audience::Coordinator;
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
    match steps.len() {
        0 => Vec::new(),
        1 => steps,
        n => {
            let mut out = vec![format!("All {n} of these would have to change:")];
            out.extend(steps);
            out
        }
    }
}

/// One bar per wish. The most a wish can contribute is its share of the whole, by the same rounding.
fn bars(pair: &Pair<'_>, fit: &Fit) -> Vec<Bar> {
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
        out.push(format!("Journey to meet: about {minutes} minutes."));
    }
    out
}

/// What the matching decided for this person, in words.
fn outcome(decided: &Decided<'_>, user: UserIx, worker: WorkerIx) -> String {
    let cx = decided.context();
    let roster = cx.roster;
    let id = |w: WorkerIx| roster.worker(w).id.as_str();
    if let Some(kept) = roster.user(user).kept {
        return if kept == worker {
            "They are matched already, and stay so.".to_owned()
        } else {
            format!("The person is matched with {} already, and stays so.", id(kept))
        };
    }
    match decided.worker_of(user) {
        Some(given) if given == worker => "The matching proposes these two.".to_owned(),
        given => {
            let instead = match given {
                Some(other) => format!("The matching proposes {} instead.", id(other)),
                None => "The person stays on the waiting list in this matching.".to_owned(),
            };
            let scarce = if decided.price(worker) > 0
                && eligibility::eligible(&cx.pair(user, worker))
            {
                format!(
                    " Every place of {} went to somebody who would lose more, or has waited longer.",
                    id(worker)
                )
            } else {
                String::new()
            };
            instead + &scarce
        }
    }
}

/// What each `must` of the person costs: how many workers there are with it and without. Told before it is fixed.
pub fn must_costs(view: &View<'_>, seen: &Seen<'_>) -> Vec<String> {
    let cx = view.context();
    let mut out = Vec::new();
    for (place, wish) in seen.user.wishes.iter().enumerate() {
        if wish.strength != Strength::Must {
            continue;
        }
        let mut changed = seen.clone();
        changed.user.wishes.remove(place);
        let (mut with, mut without) = (0, 0);
        for worker in (0..cx.roster.workers().len()).map(WorkerIx::at) {
            if eligibility::eligible(&cx.pair(seen.ix, worker)) {
                // Who can be matched is an outcome, and stands in the same suggestions.
                with += 1;
                without += 1;
            } else {
                // Who else could be, as far as the audience may know.
                let open = |seen: &Seen<'_>| eligibility::eligible(&view.pair(seen, worker));
                without += usize::from(open(&changed) && !open(seen));
            }
        }
        let told = |n: usize| {
            if n == 0 {
                "nobody".to_owned()
            } else if n < 3 {
                "fewer than three".to_owned()
            } else {
                n.to_string()
            }
        };
        out.push(format!(
            "The must about {} leaves {} available; without it, {}.",
            about_words(wish.about),
            told(with),
            told(without)
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

/// The smallest single changes to a wish of the person that would put this worker first on the person's own list, or, if the
/// worker is first, that would put somebody else there. Strengths are tried before dropping a wish.
fn flips(view: &View<'_>, seen: &Seen<'_>, worker: WorkerIx) -> Vec<String> {
    let cx = view.context();
    let rivals: Vec<WorkerIx> = (0..cx.roster.workers().len())
        .map(WorkerIx::at)
        .filter(|&w| eligibility::eligible(&cx.pair(seen.ix, w)))
        .collect();
    let first = |seen: &Seen<'_>| first_of(view, seen, &rivals);
    let now = first(seen);
    if rivals.len() < 2 {
        return vec!["Nobody else can be matched with this person right now.".to_owned()];
    }
    let mut changes = Vec::new();
    for (place, wish) in seen.user.wishes.iter().enumerate() {
        match wish.strength {
            Strength::Nice => changes.push(Change::Strength(place, Strength::Important)),
            Strength::Important => changes.push(Change::Strength(place, Strength::Nice)),
            // A must is a rule, and what it costs is told apart.
            Strength::Must => {}
        }
    }
    changes.extend(
        seen.user
            .wishes
            .iter()
            .enumerate()
            .filter(|(_, w)| {
                w.strength != Strength::Must && !matches!(w.values, WishValues::Workers(_))
            })
            .map(|(p, _)| Change::Drop(p)),
    );
    let id = |w: WorkerIx| view.worker(w).id.as_str();
    for change in changes {
        let mut changed = seen.clone();
        change.apply(&mut changed.user);
        let then = first(&changed);
        if now != Some(worker) && then == Some(worker) {
            return vec![format!(
                "Worker {} would come first on this person's list {}.",
                id(worker),
                change.words(&seen.user)
            )];
        }
        if now == Some(worker)
            && let Some(other) = then
            && other != worker
        {
            return vec![format!(
                "Worker {} comes first on this person's list; {} would {}.",
                id(worker),
                id(other),
                change.words(&seen.user)
            )];
        }
    }
    if now == Some(worker) {
        vec![format!(
            "Worker {} comes first on this person's list, whichever single wish is changed.",
            id(worker)
        )]
    } else {
        vec![format!(
            "Worker {} does not come first on this person's list, whichever single wish is changed.",
            id(worker)
        )]
    }
}

/// Who comes first on a person's list: the greatest fit, then by id.
fn first_of(view: &View<'_>, seen: &Seen<'_>, rivals: &[WorkerIx]) -> Option<WorkerIx> {
    rivals
        .iter()
        .map(|&w| {
            let pair = view.pair(seen, w);
            (Scorer::for_pair(&pair).fit(&pair).value, std::cmp::Reverse(w))
        })
        .max()
        .map(|(_, w)| w.0)
}
