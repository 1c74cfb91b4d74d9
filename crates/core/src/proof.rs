//! What was proven of a matching of people, and by what: one kind of proof per family of objectives.
//!
//! | objective | what is proven | by |
//! |---|---|---|
//! | `best-total` | no other matching costs less | dual prices |
//! | `best-total`, from an earlier matching | no other matching costs less, and none of that cost changes fewer earlier proposals | two sets of dual prices |
//! | `best-total`, where somebody wants several workers | nobody's second worker comes before anybody's first; then no other choice costs less | two sets of dual prices |
//! | `max-min`, `leximin`, `nash`, `rank-maximal` | each stage is best among all that is best in the stages before | dual prices per stage, and for `max-min` a witness |
//! | `stable` | nobody prefers a worker who would prefer them too | a scan for blocking pairs |
//! | `serial`, `first-come`, `random-eligible`, `coordinator` | each took the best that was left | going through the turns again |
//! | `best-total` under limits | every limit is kept, and how much better another could be at most | multipliers and prices |
//! | `greedy` | the best pair came first, and so on | a scan in the order of costs |
//!
//! The last two rows and `stable` need no certificate: the matching itself, and for what is drawn by lot the seed, are all there is to check.

use peermatch_assignment::side::SideRejection;
use peermatch_assignment::{
    ChainRejection, Flow, FlowRejection, Matching, MovesRejection, OrdinalRejection, Prices,
    Rejection, Right, VerifiedChain, VerifiedFlow, VerifiedGreedy, VerifiedInTurn,
    VerifiedMatching, VerifiedStable,
};
use peermatch_model::roster::WorkerIx;
use peermatch_model::words::Objective;

use crate::limits::Limited;
use crate::objective::worker_of;
use crate::update::Updated;

/// What was proven. Only a checker makes what is inside.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof {
    /// No other matching costs less: dual prices.
    Matching(VerifiedMatching),
    /// Made from an earlier matching: no other costs less, and none of that cost changes fewer earlier proposals.
    Updated(Box<Updated>),
    /// Where somebody wants several workers: how many each person gets is best by waiting alone (with the stand-ins of
    /// [`crate::objective::Granting`]), and among all that give as many, no other costs less.
    Flow {
        /// How many each person gets; `None` under coverage `total`, where places have a price.
        coverage: Option<VerifiedFlow>,
        /// Which they are.
        flow: VerifiedFlow,
    },
    /// Each stage is best among all that is best in the stages before.
    Stages {
        /// How many each person gets, where somebody wants several.
        coverage: Option<VerifiedFlow>,
        /// The stages.
        chain: VerifiedChain,
    },
    /// There is no blocking pair.
    Stable(VerifiedStable),
    /// Each in turn took the best that was left.
    InTurn(VerifiedInTurn),
    /// The pairs one by one in the order of their costs.
    Greedy(VerifiedGreedy),
    /// Feasible under limits, with a bound: multipliers and prices.
    Limited(Box<Limited>),
}

impl Proof {
    /// Eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        match self {
            Self::Matching(verified) => verified.pairs_checked(),
            Self::Updated(updated) => updated.verified().pairs_checked(),
            Self::Flow { flow, .. } => flow.pairs_checked(),
            Self::Stages { chain, .. } => chain.pairs_checked(),
            Self::Stable(verified) => verified.pairs_checked(),
            Self::InTurn(verified) => verified.pairs_checked(),
            Self::Greedy(verified) => verified.pairs_checked(),
            Self::Limited(limited) => limited.verified().cost().pairs_checked(),
        }
    }
    /// The matching of least total cost, one worker each, where that is what was proven.
    pub fn least_cost(&self) -> Option<&VerifiedMatching> {
        match self {
            Self::Matching(verified) => Some(verified),
            Self::Updated(updated) => Some(updated.verified()),
            _ => None,
        }
    }
    /// The dual prices of places, where what was proven is a least total cost.
    pub fn prices(&self) -> Option<&Prices> {
        match self {
            Self::Matching(verified) => Some(verified.prices()),
            Self::Updated(updated) => Some(updated.verified().prices()),
            Self::Flow { flow, .. } => Some(flow.prices()),
            Self::Stages { .. }
            | Self::Stable(_)
            | Self::InTurn(_)
            | Self::Greedy(_)
            | Self::Limited(_) => None,
        }
    }
    /// The least total cost, where that is what was proven.
    pub fn cost(&self) -> Option<i128> {
        match self {
            Self::Matching(verified) => Some(verified.cost()),
            Self::Updated(updated) => Some(updated.verified().cost()),
            Self::Flow { flow, .. } => Some(flow.cost()),
            Self::Stages { .. }
            | Self::Stable(_)
            | Self::InTurn(_)
            | Self::Greedy(_)
            | Self::Limited(_) => None,
        }
    }
    /// How many workers each person gets, where that was proven apart.
    pub fn coverage(&self) -> Option<&VerifiedFlow> {
        match self {
            Self::Flow { coverage, .. } | Self::Stages { coverage, .. } => coverage.as_ref(),
            _ => None,
        }
    }
    /// The stages, where that is what was proven.
    pub fn chain(&self) -> Option<&VerifiedChain> {
        match self {
            Self::Stages { chain, .. } => Some(chain),
            _ => None,
        }
    }
    /// What was proven of the changes to an earlier matching, where it was made from one.
    pub fn updated(&self) -> Option<&Updated> {
        match self {
            Self::Updated(updated) => Some(updated),
            _ => None,
        }
    }
    /// What is known, as the end of "verified: ...": [`proven`], and more where it was made from an earlier matching.
    pub fn in_words(&self, objective: Objective) -> String {
        match self {
            Self::Updated(_) => format!("{}{PROVEN_OF_CHANGES}", proven(objective)),
            _ => proven(objective).to_owned(),
        }
    }
    /// By left, the workers given, ascending.
    pub(crate) fn given(&self) -> Vec<Vec<WorkerIx>> {
        let one_each = |matching: &Matching| {
            let rights = matching.rights().iter();
            rights.map(|right| right.iter().copied().map(worker_of).collect()).collect()
        };
        let several = |flow: &Flow| {
            let workers =
                |row: &Vec<(Right, u32)>| row.iter().map(|&(right, _)| worker_of(right)).collect();
            flow.rows().iter().map(workers).collect()
        };
        match self {
            Self::Flow { flow, .. } => several(flow.flow()),
            Self::Stages { chain, .. } => several(chain.flow()),
            Self::Matching(verified) => one_each(verified.matching()),
            Self::Updated(updated) => one_each(updated.verified().matching()),
            Self::Stable(verified) => one_each(verified.matching()),
            Self::InTurn(verified) => one_each(verified.matching()),
            Self::Greedy(verified) => one_each(verified.matching()),
            Self::Limited(limited) => one_each(limited.matching()),
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
    /// The fewest changes to an earlier matching are not proven.
    #[error(transparent)]
    Moves(MovesRejection),
    /// Not feasible where people want several workers, or the prices do not prove it.
    #[error(transparent)]
    Flow(#[from] FlowRejection),
    /// A stage is not proven.
    #[error(transparent)]
    Chain(#[from] ChainRejection),
    /// Not what the rule gives.
    #[error(transparent)]
    Ordinal(#[from] OrdinalRejection),
    /// Not feasible under the limits, or the certificate is malformed.
    #[error(transparent)]
    Limits(#[from] SideRejection),
}

/// What more is known of a matching made from an earlier one, after [`proven`].
pub const PROVEN_OF_CHANGES: &str = ", and none as good changes fewer earlier proposals";

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
