//! One run: from a roster and a policy to a verified matching. The solver finds, the checker verifies, and nothing that was
//! not verified leaves.

use std::fmt::Write;

use peermatch_assignment::{
    FrameError, Left, Obstacle, Prices, Problem, Rejection, VerifiedMatching, check,
    check_infeasible,
};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use peermatch_solve::{Outcome, Watch, best_total};

use crate::explain::why_not;
use crate::objective::{self, ProblemFault, right_of, worker_of};
use crate::pair::Context;
use crate::view::View;

/// What was proven of a matching, and by what: one kind per family of objectives.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof {
    /// No other matching costs less: dual prices.
    Matching(VerifiedMatching),
}

impl Proof {
    /// Eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        match self {
            Self::Matching(verified) => verified.pairs_checked(),
        }
    }
    /// The matching of least total cost, one worker each, where that is what was proven.
    pub fn least_cost(&self) -> Option<&VerifiedMatching> {
        match self {
            Self::Matching(verified) => Some(verified),
        }
    }
    /// The dual prices of places, where what was proven is a least total cost.
    pub fn prices(&self) -> Option<&Prices> {
        match self {
            Self::Matching(verified) => Some(verified.prices()),
        }
    }
    /// The least total cost, where that is what was proven.
    pub fn cost(&self) -> Option<i128> {
        match self {
            Self::Matching(verified) => Some(verified.cost()),
        }
    }
    /// By left, the workers given, ascending.
    fn given(&self) -> Vec<Vec<WorkerIx>> {
        match self {
            Self::Matching(verified) => {
                let rights = verified.matching().rights().iter();
                rights.map(|right| right.iter().copied().map(worker_of).collect()).collect()
            }
        }
    }
}

/// A verified matching of people and workers: what a run found, or what a document states and the checker accepted.
#[derive(Debug)]
pub struct Decided<'a> {
    cx: &'a Context<'a>,
    people: Vec<UserIx>,
    proof: Proof,
    given: Vec<Vec<WorkerIx>>,
    loads: Vec<u32>,
}

impl<'a> Decided<'a> {
    /// `people` are the lefts of what was proven, ascending; rights are all workers.
    pub(crate) fn new(cx: &'a Context<'a>, people: Vec<UserIx>, proof: Proof) -> Self {
        debug_assert!(people.is_sorted());
        let given = proof.given();
        let mut loads = vec![0; cx.roster.workers().len()];
        for worker in given.iter().flatten() {
            loads[worker.index()] += 1;
        }
        Self { cx, people, proof, given, loads }
    }
    /// Roster and policy.
    pub fn context(&self) -> &'a Context<'a> {
        self.cx
    }
    /// The people to be matched, in the order of lefts.
    pub fn people(&self) -> &[UserIx] {
        &self.people
    }
    /// What was proven.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }
    /// The workers a person was given, ascending: one, or several where the person wants several; none on the waiting list.
    pub fn workers_of(&self, user: UserIx) -> &[WorkerIx] {
        self.left_of(user).map_or(&[], |left| &self.given[left.index()])
    }
    /// The first of the workers a person was given.
    pub fn worker_of(&self, user: UserIx) -> Option<WorkerIx> {
        self.workers_of(user).first().copied()
    }
    /// Every pair that was made, by person and then worker.
    pub fn pairs(&self) -> impl Iterator<Item = (UserIx, WorkerIx)> + '_ {
        self.people
            .iter()
            .zip(&self.given)
            .flat_map(|(&user, given)| given.iter().map(move |&worker| (user, worker)))
    }
    /// How many people were given at least one worker.
    pub fn served(&self) -> usize {
        self.given.iter().filter(|given| !given.is_empty()).count()
    }
    /// What a place with this worker is worth to the others: the dual price, under objectives that have one.
    pub fn price(&self, worker: WorkerIx) -> Option<i64> {
        self.proof.prices().map(|prices| prices.of(right_of(worker)).unwrap_or(0))
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
    /// The policy's objective cannot do what the roster asks; the sentences say what and what to do instead.
    #[error("{}", .0.join(" "))]
    Unsupported(Vec<String>),
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
    objective_can(cx, &people)?;
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
            Ok(Run { decided: Decided::new(cx, people, Proof::Matching(verified)), problem })
        }
        Outcome::Infeasible(prices) => {
            let proof = check_infeasible(problem.frame(), problem.pairs(), &prices)?;
            Err(RunError::Infeasible(in_words(cx, &people, proof.obstacle())))
        }
        Outcome::Cancelled => Err(RunError::Cancelled),
    }
}

/// Refuses in words what the objective has no meaning for.
fn objective_can(cx: &Context<'_>, people: &[UserIx]) -> Result<(), RunError> {
    let objective = cx.policy.objective;
    let mut words = Vec::new();
    let several = people.iter().map(|&user| cx.roster.user(user)).filter(|user| user.wants() > 1);
    let several: Vec<&str> = several.map(|user| user.id.as_str()).collect();
    if !several.is_empty() {
        words.push(format!(
            "Objective {objective} gives one worker to each person, but several are wanted by {}. Use objective best-total, or set their demand to 1.",
            some(several.into_iter())
        ));
    }
    if words.is_empty() { Ok(()) } else { Err(RunError::Unsupported(words)) }
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
