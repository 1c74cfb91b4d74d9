//! How a match came to be: each step with its time and by whom, what was known when it was proposed, and the same question asked again today.
//!
//! Why two were proposed is kept as it could be read then. Since then somebody may have taken back leave to tell it, so whoever coordinates reads of it what
//! could still be told today; that something else stood there is said, and not what. An auditor reads it whole.

use peermatch_model::words::Audience;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Refused;
use super::ground::Ground;
use super::matches::{Basis, How, Match, Origin, Party, Said};
use super::steps::Viewer;
use crate::explain::{Explanation, ForCoordinator, explain};
use crate::scoring::Met;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Proposed, by somebody or by a run.
    Proposed,
    /// The person picked the worker from a menu.
    Picked,
    /// It came with an import: what was before is not known here.
    Imported,
    /// A coordinator agreed that it is offered.
    Agreed,
    /// A coordinator did not agree.
    NotAgreed,
    /// Offered: from here on it takes a place.
    Offered,
    /// The person said yes.
    PersonYes,
    /// The person said no.
    PersonNo,
    /// The worker said yes.
    WorkerYes,
    /// The worker said no.
    WorkerNo,
    /// The last yes of three came.
    Accepted,
    /// They met first.
    FirstMeeting,
    /// They walk together.
    Active,
    /// Paused.
    Paused,
    /// Ended.
    Ended,
}

/// One step of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryStep {
    /// What happened.
    pub happened: Happened,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who did or recorded it, where that is kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// By which way it was said, where somebody else recorded it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// What a reason is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReasonOf {
    /// A wish that is met.
    Met,
    /// A wish that is met in part.
    Partly,
    /// A wish that is not met.
    NotMet,
    /// A wish of which it is not known.
    Unknown,
    /// Something to mind.
    Caution,
    /// What is not known yet.
    NotKnown,
    /// Something to talk about first.
    Hint,
    /// When and how they could meet.
    Meeting,
    /// Why they cannot be matched.
    WhyNot,
}

/// A reason, then and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayLine {
    /// What it is about.
    pub of: ReasonOf,
    /// In words.
    pub words: String,
    /// Whether it stood there then.
    pub then: bool,
    /// Whether it stands there now.
    pub now: bool,
}

/// The question that was answered then, asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Whether roster and policy are the very same as then, by their hashes.
    pub same_input: bool,
    /// Whether the engine is of the same version.
    pub same_engine: bool,
    /// The reasons, then and now. What stood there then alone is an auditor's.
    pub lines: Vec<ReplayLine>,
    /// How many stood there then and do not now, or may no longer be told.
    pub gone: usize,
}

/// How a match came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The match.
    pub match_id: String,
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// What happened, in order.
    pub steps: Vec<HistoryStep>,
    /// What was known when it was proposed: day, hashes, who was shown beside. Absent for matches that came from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Basis>,
    /// The same question today, where why was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replay: Option<Replay>,
}

fn steps(one: &Match) -> Vec<HistoryStep> {
    let plain = |happened, at: Option<i64>, by: Option<&String>| {
        at.map(|at| HistoryStep { happened, at, by: by.cloned(), how: None })
    };
    let said = |said: &Option<Said>, yes, no| {
        said.as_ref().map(|said| HistoryStep {
            happened: if said.yes { yes } else { no },
            at: said.at,
            by: Some(said.by.clone()),
            how: said.how,
        })
    };
    let decided = one.decision.as_ref().map(|verdict| HistoryStep {
        happened: if verdict.accept { Happened::Agreed } else { Happened::NotAgreed },
        at: verdict.at,
        by: Some(verdict.by.clone()),
        how: None,
    });
    let began = match one.from {
        Origin::Coordinator | Origin::Run | Origin::Handover => Happened::Proposed,
        Origin::Menu => Happened::Picked,
        Origin::Import => Happened::Imported,
    };
    let mut steps: Vec<HistoryStep> = [
        plain(began, Some(one.made_at), Some(&one.made_by)),
        plain(Happened::Offered, one.offered_at, None),
        said(&one.person_answer, Happened::PersonYes, Happened::PersonNo),
        decided,
        said(&one.worker_answer, Happened::WorkerYes, Happened::WorkerNo),
        plain(Happened::Accepted, one.accepted_at, None),
        plain(Happened::FirstMeeting, one.first_meeting_at, None),
        plain(Happened::Active, one.active_at, None),
        plain(Happened::Paused, one.paused_at, None),
        plain(Happened::Ended, one.ended_at, one.ended_by.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    // As they happened; of the same moment, as they stand above.
    steps.sort_by_key(|step| step.at);
    steps
}

fn lines(told: &ForCoordinator) -> Vec<(ReasonOf, String)> {
    let bars = told.bars.iter().filter_map(|bar| {
        let of = match bar.met {
            Met::Met => ReasonOf::Met,
            Met::Partly => ReasonOf::Partly,
            Met::NotMet => ReasonOf::NotMet,
            Met::Unknown => ReasonOf::Unknown,
        };
        Some((of, bar.words.clone()?))
    });
    let plain = |of: ReasonOf, words: &[String]| {
        words.iter().map(move |words| (of, words.clone())).collect::<Vec<_>>()
    };
    bars.chain(told.caution.iter().map(|words| (ReasonOf::Caution, words.clone())))
        .chain(plain(ReasonOf::NotKnown, &told.not_known))
        .chain(plain(ReasonOf::Hint, &told.hints))
        .chain(plain(ReasonOf::Meeting, &told.meeting))
        .chain(told.why_not.iter().map(|reason| (ReasonOf::WhyNot, reason.words.clone())))
        .collect()
}

fn replay(ground: &Ground<'_>, one: &Match, basis: &Basis, viewer: &Viewer) -> Option<Replay> {
    let then: Explanation = serde_json::from_value(basis.explanation.clone()?).ok()?;
    let Explanation::Coordinator(then) = then else { return None };
    let then = lines(&then);
    let (user, worker) = (
        ground.cx.roster.find_user(&one.person_id)?,
        ground.cx.roster.find_worker(&one.worker_id)?,
    );
    let now = match explain(ground.cx, Audience::Coordinator, user, worker, None) {
        Explanation::Coordinator(now) => lines(&now),
        _ => return None,
    };
    let mut all: Vec<ReplayLine> = now
        .iter()
        .map(|(of, words)| {
            let before = then.iter().any(|(was, same)| was == of && same == words);
            ReplayLine { of: *of, words: words.clone(), then: before, now: true }
        })
        .collect();
    let gone: Vec<&(ReasonOf, String)> = then.iter().filter(|line| !now.contains(line)).collect();
    let count = gone.len();
    if *viewer == Viewer::Auditor {
        let gone = gone.into_iter();
        all.extend(gone.map(|(of, words)| ReplayLine {
            of: *of,
            words: words.clone(),
            then: true,
            now: false,
        }));
    }
    Some(Replay {
        same_input: basis.roster_hash == ground.roster_hash
            && basis.policy_hash == ground.policy_hash,
        same_engine: basis.engine == env!("CARGO_PKG_VERSION"),
        lines: all,
        gone: count,
    })
}

/// How a match came to be, for whoever coordinates or audits.
///
/// # Errors
/// There is no such match, or whoever looks is neither.
pub fn history(ground: &Ground<'_>, id: &str, viewer: &Viewer) -> Result<History, Refused> {
    let one = ground.book.matches().get(id).ok_or(Refused::NotFound)?;
    if viewer.party().is_some_and(|party| party != Party::Coordinator) {
        return Err(Refused::NotFound);
    }
    let replayed = one.basis.as_ref().and_then(|basis| replay(ground, one, basis, viewer));
    let mut basis = one.basis.as_deref().cloned();
    if let Some(basis) = &mut basis
        && *viewer != Viewer::Auditor
    {
        basis.explanation = None;
    }
    Ok(History {
        match_id: one.id.clone(),
        person_id: one.person_id.clone(),
        worker_id: one.worker_id.clone(),
        steps: steps(one),
        basis,
        replay: replayed,
    })
}
