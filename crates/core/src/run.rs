//! One run: from a roster and a policy to a verified matching. The solver finds, the checker verifies, and nothing that was
//! not verified leaves.

use std::fmt::Write;

use peermatch_assignment::{
    Chain, ChainRejection, Flow, FlowObstacle, FlowRejection, Frame, FrameError, Left, Matching,
    Obstacle, OrdinalRejection, PairTable, Prices, Problem, Rejection, Supply, VerifiedFlow, check,
    check_chain, check_flow, check_flow_infeasible, check_greedy, check_in_turn, check_infeasible,
    check_stable,
};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{self, Audience, Objective};
use peermatch_solve::side::Effort;
use peermatch_solve::update::{UpdateOutcome, best_total_from};
use peermatch_solve::{
    FlowOutcome, OrdinalOutcome, Outcome, Proposing, StagesOutcome, Watch, best_flow, best_total,
    greedy, in_stages, in_turn, stable,
};

use crate::explain::why_not;
use crate::limits;
use crate::objective::{self, Granting, ProblemFault, right_of, worker_of};
use crate::pair::Context;
use crate::proof::{Proof, Refusal};
use crate::update::{Earlier, Updated};
use crate::view::View;

/// A verified matching of people and workers: what a run found, or what a document states and the checker accepted.
#[derive(Debug)]
pub struct Decided<'a> {
    cx: &'a Context<'a>,
    people: Vec<UserIx>,
    seed: u64,
    proof: Proof,
    given: Vec<Vec<WorkerIx>>,
    loads: Vec<u32>,
}

impl<'a> Decided<'a> {
    /// `people` are the lefts of what was proven, ascending; rights are all workers.
    pub(crate) fn new(cx: &'a Context<'a>, people: Vec<UserIx>, seed: u64, proof: Proof) -> Self {
        debug_assert!(people.is_sorted());
        let given = proof.given();
        let mut loads = vec![0; cx.roster.workers().len()];
        for worker in given.iter().flatten() {
            loads[worker.index()] += 1;
        }
        Self { cx, people, seed, proof, given, loads }
    }
    /// Roster and policy.
    pub fn context(&self) -> &'a Context<'a> {
        self.cx
    }
    /// The people to be matched, in the order of lefts.
    pub fn people(&self) -> &[UserIx] {
        &self.people
    }
    /// The seed of what was drawn by lot; objectives that draw none carry it all the same.
    pub fn seed(&self) -> u64 {
        self.seed
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
    chain: Option<Chain>,
    covered: Option<Box<Covered>>,
}

/// Why a run gave no matching.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The minimums, pins or limits cannot be kept; the sentences say which and why. Verified, not only claimed, unless they say that it is not proven.
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
    Refused(#[from] Refusal),
    /// The problem could not be stated.
    #[error("internal: {0}")]
    Problem(ProblemFault),
}

impl From<Rejection> for RunError {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl From<FlowRejection> for RunError {
    fn from(rejection: FlowRejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl From<ChainRejection> for RunError {
    fn from(rejection: ChainRejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl From<OrdinalRejection> for RunError {
    fn from(rejection: OrdinalRejection) -> Self {
        Self::Refused(rejection.into())
    }
}

/// Matches everybody who is ready and wants a worker more than there are, by the policy's objective, with seed 0 for what is drawn by lot.
///
/// O(eligible pairs) to score, then the solver's time; the check is one pass over the eligible pairs (one per stage for objectives that go
/// through stages).
///
/// # Errors
/// [`RunError::Infeasible`] if minimums or pins cannot be kept; otherwise see [`RunError`].
pub fn match_roster<'a>(cx: &'a Context<'a>, watch: &dyn Watch) -> Result<Run<'a>, RunError> {
    match_with_seed(cx, 0, watch)
}

/// As [`match_roster`], with a seed for what is drawn by lot (`serial`, `random-eligible`, and the ties of `stable`).
///
/// # Errors
/// As [`match_roster`].
pub fn match_with_seed<'a>(
    cx: &'a Context<'a>,
    seed: u64,
    watch: &dyn Watch,
) -> Result<Run<'a>, RunError> {
    match_within(cx, seed, Effort::default(), watch)
}

/// As [`match_with_seed`], with what a search under limits may spend ([`crate::limits`]); nothing else spends any of it.
///
/// # Errors
/// As [`match_roster`].
pub fn match_within<'a>(
    cx: &'a Context<'a>,
    seed: u64,
    effort: Effort,
    watch: &dyn Watch,
) -> Result<Run<'a>, RunError> {
    let people = objective::people_to_match(cx.roster);
    objective_can(cx, &people)?;
    let frame = frame_of(cx, &people)?;
    let task = Task { cx, people: &people, seed, watch };
    let found = match cx.policy.objective {
        _ if limits::any(cx) => task.limited(frame, effort)?,
        Objective::Stable => task.stable(frame)?,
        Objective::Serial
        | Objective::FirstCome
        | Objective::RandomEligible
        | Objective::Coordinator => task.in_turn(frame)?,
        Objective::Greedy => task.greedy(frame)?,
        Objective::BestTotal if task.several() => task.best_flow(frame)?,
        Objective::BestTotal => task.best_total(frame)?,
        Objective::MaxMin | Objective::Leximin | Objective::Nash | Objective::RankMaximal => {
            task.in_stages(frame)?
        }
    };
    let decided = Decided::new(cx, people, seed, found.proof);
    Ok(Run { decided, problem: found.problem, chain: found.chain, covered: found.covered })
}

/// Matches from an earlier matching: the least total of [`match_with_seed`], and among the matchings of that total one that changes the
/// fewest earlier proposals. It may differ from the canonical matching of a fresh run, at the same total.
///
/// For `best-total` with one worker each and no limits. O(eligible pairs) to score and to check, and about one search per person or place that
/// the change affects.
///
/// # Errors
/// [`RunError::Unsupported`] for another objective, limits, or several workers for one person; otherwise as [`match_roster`].
pub fn match_from<'a>(
    cx: &'a Context<'a>,
    earlier: &Earlier,
    seed: u64,
    watch: &dyn Watch,
) -> Result<Run<'a>, RunError> {
    let people = objective::people_to_match(cx.roster);
    let task = Task { cx, people: &people, seed, watch };
    task.can_start_from_earlier()?;
    let found = task.best_total_from(frame_of(cx, &people)?, earlier)?;
    let decided = Decided::new(cx, people, seed, found.proof);
    Ok(Run { decided, problem: found.problem, chain: found.chain, covered: found.covered })
}

/// Everything of the problem but its pairs; a minimum that no number of places can keep is told in words.
fn frame_of(cx: &Context<'_>, people: &[UserIx]) -> Result<Frame, RunError> {
    objective::frame(cx, people).map_err(|fault| match fault {
        FrameError::MinimumAboveCapacity { right, minimum, capacity } => {
            let worker = &cx.roster.worker(worker_of(right)).id;
            RunError::Infeasible(vec![format!(
                "Worker {worker} is to be given at least {minimum} new people, but has {capacity} places. Lower the minimum, or make room."
            )])
        }
        fault => RunError::Problem(fault.into()),
    })
}

/// What a way of matching found, and had checked.
struct Found {
    proof: Proof,
    problem: Problem,
    /// What proves the stages, for the document.
    chain: Option<Chain>,
    covered: Option<Box<Covered>>,
}

impl Found {
    fn new(proof: Proof, problem: Problem) -> Self {
        Self { proof, problem, chain: None, covered: None }
    }
}

/// How many workers each person gets, as it was found.
#[derive(Debug)]
pub(crate) struct Covered {
    coverage: Granting,
    problem: Problem,
    prices: Prices,
    granted: Supply,
}

impl Covered {
    /// The problem, its pairs included: stand-ins are numbered after the workers.
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }
    /// How many each person wants.
    pub(crate) fn wanted(&self) -> &Supply {
        self.coverage.supply()
    }
    /// How many each person gets.
    pub(crate) fn granted(&self) -> &Supply {
        &self.granted
    }
    /// Has checked that what `flow` gives is best by waiting alone.
    fn check(&self, flow: &Flow) -> Result<VerifiedFlow, FlowRejection> {
        let flow = self.coverage.with_stand_ins(flow);
        let (frame, pairs) = (self.problem.frame(), self.problem.pairs());
        check_flow(frame, self.coverage.supply(), pairs, &flow, &self.prices)
    }
}

/// One run: each way finds, and then has the finding checked.
struct Task<'t, 'a> {
    cx: &'a Context<'a>,
    people: &'t [UserIx],
    seed: u64,
    watch: &'t dyn Watch,
}

impl Task<'_, '_> {
    fn limited(&self, frame: Frame, effort: Effort) -> Result<Found, RunError> {
        let pairs = fine(objective::pairs(self.cx, self.people))?;
        let problem = fine(Problem::new(frame, pairs))?;
        let limited = limits::run(self.cx, self.people, &problem, effort, self.watch)?;
        Ok(Found::new(Proof::Limited(Box::new(limited)), problem))
    }

    fn best_total(&self, frame: Frame) -> Result<Found, RunError> {
        let pairs = fine(objective::pairs(self.cx, self.people))?;
        let problem = fine(Problem::new(frame, pairs))?;
        match best_total(&problem, self.watch) {
            Outcome::Optimal(solution) => {
                let (frame, pairs) = (problem.frame(), problem.pairs());
                let verified = check(frame, pairs, &solution.matching, &solution.prices)?;
                Ok(Found::new(Proof::Matching(verified), problem))
            }
            Outcome::Infeasible(prices) => {
                Err(self.infeasible(problem.frame(), problem.pairs(), &prices)?)
            }
            Outcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    fn best_total_from(&self, frame: Frame, earlier: &Earlier) -> Result<Found, RunError> {
        let pairs = fine(objective::pairs(self.cx, self.people))?;
        let problem = fine(Problem::new(frame, pairs))?;
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let start = earlier.start(self.people);
        match best_total_from(&problem, &start, earlier.prices(), self.watch) {
            UpdateOutcome::Optimal(update) => {
                let solution = update.solution;
                let (matching, prices) = (&solution.matching, &solution.prices);
                let updated = Updated::check(frame, pairs, start, matching, prices, update.second)
                    .map_err(|rejection| RunError::Refused(rejection.into()))?;
                Ok(Found::new(Proof::Updated(Box::new(updated)), problem))
            }
            UpdateOutcome::Infeasible(prices) => Err(self.infeasible(frame, pairs, &prices)?),
            UpdateOutcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    /// Refuses in words what has no proof of the fewest changes.
    fn can_start_from_earlier(&self) -> Result<(), RunError> {
        let mut words = Vec::new();
        let objective = self.cx.policy.objective;
        if objective != Objective::BestTotal {
            words.push(format!(
                "Matching from an earlier matching is for objective best-total, but the objective is {objective}. Use objective best-total, or match afresh."
            ));
        }
        if limits::any(self.cx) {
            words.push(
                "Matching from an earlier matching knows no limits, but roster or policy state some. Match afresh."
                    .to_owned(),
            );
        }
        let people = self.people.iter().map(|&user| self.cx.roster.user(user));
        let several: Vec<&str> =
            people.filter(|user| user.wants() > 1).map(|user| user.id.as_str()).collect();
        if !several.is_empty() {
            words.push(format!(
                "Matching from an earlier matching gives one worker to each person, but several are wanted by {}. Match afresh, or set their demand to 1.",
                some(several.into_iter())
            ));
        }
        if words.is_empty() { Ok(()) } else { Err(RunError::Unsupported(words)) }
    }

    /// Whether somebody is to be given several workers in this run.
    fn several(&self) -> bool {
        self.people.iter().any(|&user| self.cx.roster.user(user).wants() > 1)
    }

    /// How many workers each person gets: decided first, by waiting alone.
    fn coverage(&self, pairs: &PairTable) -> Result<Covered, RunError> {
        let coverage = fine(Granting::new(self.cx, self.people))?;
        let pairs = fine(coverage.pairs(pairs))?;
        let problem = fine(Problem::new(coverage.frame().clone(), pairs))?;
        match best_flow(&problem, coverage.supply(), self.watch) {
            FlowOutcome::Optimal(found) => {
                let granted = Granting::granted(&coverage.without_stand_ins(&found.flow));
                Ok(Covered { coverage, problem, prices: found.prices, granted })
            }
            FlowOutcome::Infeasible(prices) => Err(self.flow_infeasible(
                problem.frame(),
                coverage.supply(),
                problem.pairs(),
                &prices,
            )?),
            FlowOutcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    fn best_flow(&self, frame: Frame) -> Result<Found, RunError> {
        let pairs = fine(objective::pairs(self.cx, self.people))?;
        let covered = match self.cx.policy.coverage {
            words::Coverage::LongestWait => Some(self.coverage(&pairs)?),
            words::Coverage::Total => None,
        };
        let supply = match &covered {
            Some(covered) => covered.granted.clone(),
            None => fine(Granting::new(self.cx, self.people))?.supply().clone(),
        };
        let problem = fine(Problem::new(frame, pairs))?;
        let (frame, pairs) = (problem.frame(), problem.pairs());
        match best_flow(&problem, &supply, self.watch) {
            FlowOutcome::Optimal(found) => {
                let flow = check_flow(frame, &supply, pairs, &found.flow, &found.prices)?;
                let coverage =
                    covered.as_ref().map(|covered| covered.check(flow.flow())).transpose()?;
                let found = Found::new(Proof::Flow { coverage, flow }, problem);
                Ok(Found { covered: covered.map(Box::new), ..found })
            }
            FlowOutcome::Infeasible(prices) => {
                Err(self.flow_infeasible(frame, &supply, pairs, &prices)?)
            }
            FlowOutcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    fn in_stages(&self, frame: Frame) -> Result<Found, RunError> {
        let Some(aim) = objective::aim(self.cx.policy.objective) else {
            return self.best_total(frame);
        };
        let worths = fine(objective::worths(self.cx, self.people))?;
        let covered = self.several().then(|| self.coverage(worths.pairs())).transpose()?;
        let supply = match &covered {
            Some(covered) => covered.granted.clone(),
            None => Supply::one_each(self.people.len()),
        };
        match in_stages(aim, &frame, &supply, &worths, self.watch) {
            StagesOutcome::Optimal(found) => {
                let chain = check_chain(aim, &frame, &supply, &worths, &found.flow, &found.chain)?;
                let coverage =
                    covered.as_ref().map(|covered| covered.check(chain.flow())).transpose()?;
                Ok(Found {
                    proof: Proof::Stages { coverage, chain },
                    problem: fine(Problem::new(frame, worths.pairs().clone()))?,
                    chain: Some(found.chain),
                    covered: None,
                })
            }
            StagesOutcome::Infeasible(prices) => {
                Err(self.flow_infeasible(&frame, &supply, worths.pairs(), &prices)?)
            }
            StagesOutcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    /// What stands in the way of a flow, verified and in words.
    fn flow_infeasible(
        &self,
        frame: &Frame,
        supply: &Supply,
        pairs: &PairTable,
        prices: &Prices,
    ) -> Result<RunError, FlowRejection> {
        let proof = check_flow_infeasible(frame, supply, pairs, prices)?;
        let obstacle = match proof.obstacle().clone() {
            FlowObstacle::PinNotEligible { left, right } => {
                Obstacle::PinNotEligible { left, right }
            }
            FlowObstacle::PinsOverCapacity { right, pinned, capacity, .. } => {
                Obstacle::PinsOverCapacity { right, pinned, capacity }
            }
            FlowObstacle::MinimumsOutOfReach { rights, needed, lefts, .. } => {
                Obstacle::MinimumsOutOfReach { rights, needed, reachable: lefts }
            }
            // Nobody must have a place, but for those who were just found to have it.
            FlowObstacle::LeastOutOfReach { .. } | FlowObstacle::TooFewPlaces { .. } => {
                return Ok(RunError::Infeasible(vec![
                    "The minimums and pins cannot be kept together.".to_owned(),
                ]));
            }
        };
        Ok(RunError::Infeasible(in_words(self.cx, self.people, &obstacle)))
    }

    fn stable(&self, frame: Frame) -> Result<Found, RunError> {
        let ranks = fine(objective::ranks(self.cx, self.seed, self.people))?;
        let proposing = match self.cx.policy.proposing {
            words::Proposing::People => Proposing::Lefts,
            words::Proposing::Workers => Proposing::Rights,
        };
        let found = stable(&frame, &ranks, proposing, self.watch);
        let matching = self.found(&frame, ranks.pairs(), found)?;
        let verified = check_stable(&frame, &ranks, &matching)?;
        let problem = fine(Problem::new(frame, ranks.into_pairs()))?;
        Ok(Found::new(Proof::Stable(verified), problem))
    }

    fn in_turn(&self, frame: Frame) -> Result<Found, RunError> {
        let keys = fine(objective::keys(self.cx, self.seed, self.people))?;
        let order = objective::order(self.cx, self.seed, self.people);
        let found = in_turn(&frame, &keys, &order, self.watch);
        let matching = self.found(&frame, &keys, found)?;
        let verified = check_in_turn(&frame, &keys, &order, &matching)?;
        Ok(Found::new(Proof::InTurn(verified), fine(Problem::new(frame, keys))?))
    }

    fn greedy(&self, frame: Frame) -> Result<Found, RunError> {
        let pairs = fine(objective::pairs(self.cx, self.people))?;
        let found = greedy(&frame, &pairs, self.watch);
        let matching = self.found(&frame, &pairs, found)?;
        let verified = check_greedy(&frame, &pairs, &matching)?;
        Ok(Found::new(Proof::Greedy(verified), fine(Problem::new(frame, pairs))?))
    }

    fn found(
        &self,
        frame: &Frame,
        pairs: &PairTable,
        outcome: OrdinalOutcome,
    ) -> Result<Matching, RunError> {
        match outcome {
            OrdinalOutcome::Found(matching) => Ok(matching),
            OrdinalOutcome::Infeasible(prices) => Err(self.infeasible(frame, pairs, &prices)?),
            OrdinalOutcome::Cancelled => Err(RunError::Cancelled),
        }
    }

    /// What stands in the way, verified and in words.
    fn infeasible(
        &self,
        frame: &Frame,
        pairs: &PairTable,
        prices: &Prices,
    ) -> Result<RunError, Rejection> {
        let proof = check_infeasible(frame, pairs, prices)?;
        Ok(RunError::Infeasible(in_words(self.cx, self.people, proof.obstacle())))
    }
}

/// What is stated here of a checked roster cannot be malformed; if it is, that is told and not a panic.
fn fine<T, E: Into<ProblemFault>>(stated: Result<T, E>) -> Result<T, RunError> {
    stated.map_err(|fault| RunError::Problem(fault.into()))
}

/// Refuses in words what the objective has no meaning for.
fn objective_can(cx: &Context<'_>, people: &[UserIx]) -> Result<(), RunError> {
    let objective = cx.policy.objective;
    let mut words = Vec::new();
    let by_rule = matches!(
        objective,
        Objective::Stable
            | Objective::Serial
            | Objective::FirstCome
            | Objective::Greedy
            | Objective::RandomEligible
            | Objective::Coordinator
    );
    let minimums = cx.roster.workers().iter().filter(|worker| by_rule && worker.minimum > 0);
    let minimums: Vec<String> =
        minimums.map(|worker| format!("{} at least {}", worker.id, worker.minimum)).collect();
    if !minimums.is_empty() {
        words.push(format!(
            "Objective {objective} follows a rule that knows no minimums, but some are asked for (minimums.csv, or `minimums` in JSON): {}. Use objective best-total, or remove the minimums.",
            some(minimums.iter().map(String::as_str))
        ));
    }
    let several = people.iter().map(|&user| cx.roster.user(user)).filter(|user| user.wants() > 1);
    let several: Vec<&str> = several.map(|user| user.id.as_str()).collect();
    let total = cx.policy.coverage == words::Coverage::Total;
    let one_each = by_rule || objective == Objective::RankMaximal;
    if !several.is_empty() && !one_each && total && objective != Objective::BestTotal {
        words.push(format!(
            "Under coverage total, objective {objective} gives one worker to each person, but several are wanted by {}. Use coverage longest-wait or objective best-total.",
            some(several.iter().copied())
        ));
    }
    if !several.is_empty() && one_each {
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
    /// What proves the stages, under objectives that go through stages.
    pub(crate) fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }
    /// The problem that was solved. Its costs are those that are minimised; under objectives that serve in turn, what each chooses by,
    /// and under `stable` the people's own losses.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
    /// How it was decided how many workers each person gets, if that came first and the objective is one of costs.
    pub(crate) fn covered(&self) -> Option<&Covered> {
        self.covered.as_deref()
    }
    /// The workers a person could be matched with.
    pub fn eligible_workers(&self, user: UserIx) -> Vec<WorkerIx> {
        let row = self.decided.left_of(user).map(|left| self.problem.pairs().rights_of(left));
        row.unwrap_or(&[]).iter().map(|&right| worker_of(right)).collect()
    }
}
