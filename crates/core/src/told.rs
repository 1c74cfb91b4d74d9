//! What is said of a roster without faults, and of a document that holds: the small answers that programs read. Command and service say them
//! in the same words because they are made here.

use peermatch_model::policy::Policy;
use peermatch_model::roster::{Roster, ServiceUser};
use peermatch_model::words::{Objective, QueueState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::handover::Handover;
use crate::limits::{LimitsDocument, LimitsStatus};
use crate::lottery::VerifiedLottery;
use crate::menu::VerifiedMenuDocument;
use crate::proof::{PROVEN_OF_CHANGES, proven};
use crate::report::{Exact, MatchingDocument};
use crate::run::Decided;

/// A roster without faults, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterTold {
    /// Always true: of a roster with faults, the faults are told.
    pub ok: bool,
    /// The day of the run.
    pub as_of: String,
    /// Service users.
    pub people: usize,
    /// Of those, ready to be matched.
    pub ready: usize,
    /// Of those, matched already and not to be matched again.
    pub matched_already: usize,
    /// Peer workers.
    pub workers: usize,
    /// Their free places.
    pub places: u64,
    /// Services.
    pub services: usize,
}

impl RosterTold {
    /// Counts a roster. O(people + workers).
    ///
    /// ```
    /// use peermatch_core::told::RosterTold;
    /// use peermatch_testkit::rosters::{Spec, roster};
    /// let told = RosterTold::of(&roster(&Spec::SERVICE, 1));
    /// assert!(told.ok && told.ready <= told.people);
    /// ```
    pub fn of(roster: &Roster) -> Self {
        let waits = |user: &ServiceUser| user.state == QueueState::Ready && user.wants() > 0;
        Self {
            ok: true,
            as_of: roster.as_of().to_string(),
            people: roster.people().len(),
            ready: roster.waiting().count(),
            matched_already: roster
                .people()
                .iter()
                .filter(|user| !user.kept.is_empty() && !waits(user))
                .count(),
            workers: roster.workers().len(),
            places: roster.workers().iter().map(|worker| u64::from(worker.places())).sum(),
            services: roster.services().len(),
        }
    }
}

/// A document that holds, and what was checked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Verified {
    /// A matching.
    Matching(VerifiedMatchingTold),
    /// Menus.
    Menus(VerifiedMenusTold),
    /// A lottery.
    Lottery(VerifiedLotteryTold),
    /// A handover.
    Handover(VerifiedHandoverTold),
}

/// A matching that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedMatchingTold {
    /// Always true: of what does not hold, the reason is told.
    pub verified: bool,
    /// People who were to be matched.
    pub people: usize,
    /// Of those, matched.
    pub matched: usize,
    /// Eligible pairs that the checker went through.
    pub eligible_pairs: u64,
    /// The least total cost, under objectives that have one.
    pub total_cost: Option<Exact>,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
    /// What was aimed at.
    pub objective: Objective,
    /// What is proven, in words.
    pub proven: String,
}

/// Menus that hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedMenusTold {
    /// Always true.
    pub verified: bool,
    /// People asked.
    pub asked: usize,
    /// People with a safe menu.
    pub safe_menus: usize,
    /// The most that picks from safe menus can lose together.
    pub safe_loss_most: Exact,
    /// What live picks so far lost together.
    pub live_loss: Exact,
    /// People whose answer stands.
    pub answers: usize,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
}

/// A lottery that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedLotteryTold {
    /// Always true.
    pub verified: bool,
    /// People who were to be matched.
    pub people: usize,
    /// Of those, drawn.
    pub drawn: usize,
    /// Eligible pairs, each with its exact chance.
    pub eligible_pairs: usize,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
}

/// A handover that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedHandoverTold {
    /// Always true.
    pub verified: bool,
    /// People handed over.
    pub people: usize,
    /// What was aimed at.
    pub objective: Objective,
    /// What is proven, in words.
    pub proven: String,
}

impl Verified {
    /// Of a matching that [`crate::report::verify`] accepted.
    pub fn matching(decided: &Decided<'_>, document: &MatchingDocument) -> Self {
        let policy = decided.context().policy;
        Self::Matching(VerifiedMatchingTold {
            verified: true,
            people: decided.people().len(),
            matched: decided.served(),
            eligible_pairs: decided.proof().pairs_checked(),
            total_cost: decided.proof().cost().map(Exact),
            policy: policy.name.clone(),
            policy_version: policy.version.clone(),
            objective: policy.objective,
            proven: document.limits.as_ref().map_or_else(
                || decided.proof().in_words(policy.objective),
                |limits| without_stop(&how_sure(limits)),
            ),
        })
    }

    /// Of menus that [`crate::menu::verify`] accepted.
    pub fn menus(held: &VerifiedMenuDocument, policy: &Policy) -> Self {
        Self::Menus(VerifiedMenusTold {
            verified: true,
            asked: held.asked,
            safe_menus: held.safe,
            safe_loss_most: Exact(held.safe_loss_most),
            live_loss: Exact(held.live_loss),
            answers: held.answers,
            policy: policy.name.clone(),
            policy_version: policy.version.clone(),
        })
    }

    /// Of a lottery that [`crate::lottery::verify`] accepted.
    pub fn lottery(held: &VerifiedLottery, policy: &Policy) -> Self {
        Self::Lottery(VerifiedLotteryTold {
            verified: true,
            people: held.people,
            drawn: held.drawn,
            eligible_pairs: held.pairs,
            policy: policy.name.clone(),
            policy_version: policy.version.clone(),
        })
    }

    /// Of a handover that [`crate::handover::verify`] accepted.
    pub fn handover(found: &Handover) -> Self {
        Self::Handover(VerifiedHandoverTold {
            verified: true,
            people: found.people.len(),
            objective: found.matching.summary.objective,
            proven: without_stop(&known(&found.matching)),
        })
    }
}

fn without_stop(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_owned()
}

/// What is known of a verified matching, as the end of "verified: ...", with its full stop.
pub fn known(document: &MatchingDocument) -> String {
    if let Some(limits) = &document.limits {
        return how_sure(limits);
    }
    let changes = if document.from.is_some() { PROVEN_OF_CHANGES } else { "" };
    format!("{}{changes}.", proven(document.summary.objective))
}

/// What is known of how good a matching under limits is, with its full stop.
pub fn how_sure(limits: &LimitsDocument) -> String {
    let early = if limits.stopped { "; the search ended early" } else { "" };
    match limits.status {
        LimitsStatus::Proven => {
            "the checker agrees that no other matching that keeps the limits is better under this policy.".to_owned()
        }
        LimitsStatus::ClaimedBySolver | LimitsStatus::WithinGap => {
            let more = match limits.more_people_at_most {
                Some(0) => "no other could serve more people".to_owned(),
                Some(1) => "no other could serve more than 1 person more".to_owned(),
                Some(more) => format!("no other could serve more than {more} people more"),
                None => String::new(),
            };
            let gap = limits.total_cost.0.saturating_sub(limits.bound.0);
            let gap = match (gap, more.is_empty()) {
                (0, _) => String::new(),
                (gap, true) => format!("no other costs less by more than {gap} millionths"),
                (gap, false) => {
                    format!(", nor lose less among those who serve as well by more than {gap} millionths")
                }
            };
            let claim = if limits.status == LimitsStatus::ClaimedBySolver {
                "; the solver claims that none is better, which is not proven"
            } else {
                ""
            };
            format!("every limit is kept, and the checker agrees that {more}{gap}{claim}{early}.")
        }
    }
}
