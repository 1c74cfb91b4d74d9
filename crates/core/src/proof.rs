//! What was proven of a matching of people, and by what: one kind of proof per family of objectives.
//!
//! | objective | what is proven | by |
//! |---|---|---|
//! | `best-total` | no other matching costs less | dual prices |
//! | `stable` | nobody prefers a worker who would prefer them too | a scan for blocking pairs |
//! | `serial`, `first-come`, `random-eligible`, `coordinator` | each took the best that was left | going through the turns again |
//! | `greedy` | the best pair came first, and so on | a scan in the order of costs |
//!
//! The last two rows and `stable` need no certificate: the matching itself, and for what is drawn by lot the seed, are all there is to check.

use peermatch_assignment::{
    Matching, OrdinalRejection, Prices, Rejection, VerifiedGreedy, VerifiedInTurn,
    VerifiedMatching, VerifiedStable,
};
use peermatch_model::roster::WorkerIx;
use peermatch_model::words::Objective;

use crate::objective::worker_of;

/// What was proven. Only a checker makes what is inside.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof {
    /// No other matching costs less: dual prices.
    Matching(VerifiedMatching),
    /// There is no blocking pair.
    Stable(VerifiedStable),
    /// Each in turn took the best that was left.
    InTurn(VerifiedInTurn),
    /// The pairs one by one in the order of their costs.
    Greedy(VerifiedGreedy),
}

impl Proof {
    /// Eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        match self {
            Self::Matching(verified) => verified.pairs_checked(),
            Self::Stable(verified) => verified.pairs_checked(),
            Self::InTurn(verified) => verified.pairs_checked(),
            Self::Greedy(verified) => verified.pairs_checked(),
        }
    }
    /// The matching of least total cost, one worker each, where that is what was proven.
    pub fn least_cost(&self) -> Option<&VerifiedMatching> {
        match self {
            Self::Matching(verified) => Some(verified),
            Self::Stable(_) | Self::InTurn(_) | Self::Greedy(_) => None,
        }
    }
    /// The dual prices of places, where what was proven is a least total cost.
    pub fn prices(&self) -> Option<&Prices> {
        match self {
            Self::Matching(verified) => Some(verified.prices()),
            Self::Stable(_) | Self::InTurn(_) | Self::Greedy(_) => None,
        }
    }
    /// The least total cost, where that is what was proven.
    pub fn cost(&self) -> Option<i128> {
        match self {
            Self::Matching(verified) => Some(verified.cost()),
            Self::Stable(_) | Self::InTurn(_) | Self::Greedy(_) => None,
        }
    }
    /// By left, the workers given, ascending.
    pub(crate) fn given(&self) -> Vec<Vec<WorkerIx>> {
        let one_each = |matching: &Matching| {
            let rights = matching.rights().iter();
            rights.map(|right| right.iter().copied().map(worker_of).collect()).collect()
        };
        match self {
            Self::Matching(verified) => one_each(verified.matching()),
            Self::Stable(verified) => one_each(verified.matching()),
            Self::InTurn(verified) => one_each(verified.matching()),
            Self::Greedy(verified) => one_each(verified.matching()),
        }
    }
}

/// Why a checker refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not feasible, or the prices do not prove it.
    #[error(transparent)]
    Matching(#[from] Rejection),
    /// Not what the rule gives.
    #[error(transparent)]
    Ordinal(#[from] OrdinalRejection),
}

/// What a verified matching under an objective is known to be, as the end of "verified: ...".
pub fn proven(objective: Objective) -> &'static str {
    match objective {
        Objective::BestTotal => "no other matching is better under this policy",
        Objective::MaxMin => {
            "no other matching that serves as it does leaves the worst off better off"
        }
        Objective::Leximin => {
            "no other matching that serves as it does leaves the worst off better off, nor then the next, down to the best off"
        }
        Objective::Nash => "no other matching that serves as it does has a larger product of fits",
        Objective::RankMaximal => {
            "no other matching gives more people their first choice, nor then their second, and so on"
        }
        Objective::Stable => "nobody prefers a worker who would prefer them too",
        Objective::Serial => "each in turn, by lot, has the best that was left",
        Objective::FirstCome => {
            "it follows the rule of `first-come`; it is a baseline to compare with, nothing is best about it"
        }
        Objective::Greedy => {
            "it follows the rule of `greedy`; it is a baseline to compare with, nothing is best about it"
        }
        Objective::RandomEligible => {
            "it follows the rule of `random-eligible`; it is a baseline to compare with, nothing is best about it"
        }
        Objective::Coordinator => {
            "it follows the rule of `coordinator`; it is a baseline to compare with, nothing is best about it"
        }
    }
}
