//! One run: from a roster and a policy to a verified matching. The solver finds, the checker verifies, and nothing that was
//! not verified leaves.

use std::fmt::Write;

use peermatch_assignment::{
    FrameError, Left, Obstacle, Problem, Rejection, VerifiedMatching, check, check_infeasible,
};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use peermatch_solve::{Outcome, Watch, best_total};

use crate::explain::why_not;
use crate::objective::{self, ProblemFault, right_of, worker_of};
use crate::pair::Context;
use crate::view::View;

/// A verified matching of people and workers: what a run found, or what a document states and the checker accepted.
#[derive(Debug)]
pub struct Decided<'a> {
    cx: &'a Context<'a>,
    people: Vec<UserIx>,
    verified: VerifiedMatching,
    loads: Vec<u32>,
}

impl<'a> Decided<'a> {
    /// `people` are the lefts of the verified matching, ascending; rights are all workers.
    pub(crate) fn new(
        cx: &'a Context<'a>,
        people: Vec<UserIx>,
        verified: VerifiedMatching,
    ) -> Self {
        debug_assert!(people.is_sorted());
        let loads = verified.matching().loads(cx.roster.workers().len());
        Self { cx, people, verified, loads }
    }
    /// Roster and policy.
    pub fn context(&self) -> &'a Context<'a> {
        self.cx
    }
    /// The people to be matched, in the order of lefts.
    pub fn people(&self) -> &[UserIx] {
        &self.people
    }
    /// The matching, its prices and its cost, verified.
    pub fn verified(&self) -> &VerifiedMatching {
        &self.verified
    }
    /// The worker a person was given.
    pub fn worker_of(&self, user: UserIx) -> Option<WorkerIx> {
        self.verified.matching().right_of(self.left_of(user)?).map(worker_of)
    }
    /// What a place with this worker is worth to the others: the dual price.
    pub fn price(&self, worker: WorkerIx) -> i64 {
        self.verified.prices().of(right_of(worker)).unwrap_or(0)
    }
    /// How many people a worker was given.
    pub fn load(&self, worker: WorkerIx) -> u32 {
        self.loads[worker.index()]
    }
    fn left_of(&self, user: UserIx) -> Option<Left> {
        self.people.binary_search(&user).ok().and_then(Left::from_index)
    }
}

/// What a run found, with the problem it solves.
#[derive(Debug)]
pub struct Run<'a> {
    decided: Decided<'a>,
    problem: Problem,
}

/// Why a run gave no matching.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The minimums or pins cannot be kept; the sentences say which and why. Verified, not only claimed.
    #[error("{}", .0.join(" "))]
    Infeasible(Vec<String>),
    /// Whoever watched asked to stop.
    #[error("stopped before the matching was found")]
    Cancelled,
    /// The checker refused what the solver found: a defect of this program, never of the input.
    #[error("internal: the checker refused the solver's answer: {0}")]
    Refused(#[from] Rejection),
    /// The problem could not be stated.
    #[error("internal: {0}")]
    Problem(ProblemFault),
}

/// Matches everybody who is ready and has no match that stands.
///
/// O(eligible pairs) to score, then the solver's time; the check is one pass over the eligible pairs.
///
/// # Errors
/// [`RunError::Infeasible`] if minimums or pins cannot be kept; otherwise see [`RunError`].
pub fn match_roster<'a>(cx: &'a Context<'a>, watch: &dyn Watch) -> Result<Run<'a>, RunError> {
    let people = objective::people_to_match(cx.roster);
    let problem = match objective::problem(cx, &people) {
        Ok(problem) => problem,
        Err(ProblemFault::Frame(FrameError::MinimumAboveCapacity { right, minimum, capacity })) => {
            let worker = &cx.roster.worker(worker_of(right)).id;
            return Err(RunError::Infeasible(vec![format!(
                "Worker {worker} is to be given at least {minimum} new people, but has {capacity} places. Lower the minimum, or make room."
            )]));
        }
        Err(fault) => return Err(RunError::Problem(fault)),
    };
    match best_total(&problem, watch) {
        Outcome::Optimal(solution) => {
            let verified =
                check(problem.frame(), problem.pairs(), &solution.matching, &solution.prices)?;
            Ok(Run { decided: Decided::new(cx, people, verified), problem })
        }
        Outcome::Infeasible(prices) => {
            let proof = check_infeasible(problem.frame(), problem.pairs(), &prices)?;
            Err(RunError::Infeasible(in_words(cx, &people, proof.obstacle())))
        }
        Outcome::Cancelled => Err(RunError::Cancelled),
    }
}

/// An obstacle told with ids.
fn in_words(cx: &Context<'_>, people: &[UserIx], obstacle: &Obstacle) -> Vec<String> {
    let person = |left: &Left| cx.roster.user(people[left.index()]).id.as_str();
    let names = |lefts: &[Left]| some(lefts.iter().map(person));
    match obstacle {
        Obstacle::PinNotEligible { left, right } => {
            let user = people[left.index()];
            let worker = worker_of(*right);
            // For a coordinator, and so from what a coordinator may see.
            let view = View::new(cx, Audience::Coordinator);
            let why = why_not(&view.pair(&view.person(user), worker), Audience::Coordinator);
            vec![
                format!(
                    "Person {} is pinned to worker {}, but they cannot be matched:",
                    cx.roster.user(user).id,
                    cx.roster.worker(worker).id
                ),
                why.join(" "),
                "Remove the pin, or, where the reason is told, change it.".to_owned(),
            ]
        }
        Obstacle::PinsOverCapacity { right, pinned, capacity } => vec![format!(
            "These {} people share {} of worker {}: {}. Remove {}, or make room.",
            pinned.len(),
            places(u64::from(*capacity)),
            cx.roster.worker(worker_of(*right)).id,
            names(pinned),
            if pinned.len() - *capacity as usize == 1 {
                "a pin".to_owned()
            } else {
                format!("{} pins", pinned.len() - *capacity as usize)
            },
        )],
        Obstacle::MinimumsOutOfReach { rights, needed, reachable } => {
            let workers = some(rights.iter().map(|r| cx.roster.worker(worker_of(*r)).id.as_str()));
            let who = if rights.len() == 1 {
                format!("Worker {workers} must")
            } else {
                format!("These {} workers must together ({workers})", rights.len())
            };
            let can = match reachable.len() {
                0 => "nobody who waits can be matched with them".to_owned(),
                1 => format!("only 1 person can be: {}", names(reachable)),
                n => format!("only {n} people can be: {}", names(reachable)),
            };
            vec![format!(
                "{who} be given at least {needed} new people, but {can}. Lower a minimum, or remove a pin that takes somebody away."
            )]
        }
    }
}

fn places(count: u64) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

/// A list of ids, cut where it would be too long to read.
fn some<'s>(ids: impl ExactSizeIterator<Item = &'s str>) -> String {
    let rest = ids.len().saturating_sub(10);
    let mut out = ids.take(10).collect::<Vec<_>>().join(", ");
    if rest > 0 {
        write!(out, " and {rest} more").expect("text takes any text");
    }
    out
}

impl<'a> Run<'a> {
    /// The verified matching.
    pub fn decided(&self) -> &Decided<'a> {
        &self.decided
    }
    /// The problem that was solved.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
    /// The workers a person could be matched with.
    pub fn eligible_workers(&self, user: UserIx) -> Vec<WorkerIx> {
        let row = self.decided.left_of(user).map(|left| self.problem.pairs().rights_of(left));
        row.unwrap_or(&[]).iter().map(|&right| worker_of(right)).collect()
    }
}
