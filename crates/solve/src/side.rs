//! Side constraints: the least cost under linear rows, with a bound that the checker computes again.
//!
//! The problem is that of `peermatch_assignment::side`: an assignment (or a demand of several places each) with rows that no flow can
//! keep. Found is a flow that keeps everything, and a [`SideProof`]; how far from the least cost it can be at most is for the checker to say.
//!
//! # How
//! 1. **Multipliers.** Rows move into the cost at a price each; what is left is a flow, solved exactly. The best multipliers are
//!    found by cutting planes in the space of multipliers alone (Kelley 1960, in a box around the best so far): each flow found is a cut, and
//!    the master problem has one variable per row that was ever broken, so it stays small however many pairs there are. A flow without integer
//!    gap, and limits that happen not to bind, end here with a proof.
//! 2. **Feasible flows.** Flows on the way that keep all rows, and flows repaired to keep them.
//! 3. **MILP**, where pairs that the bound leaves open are few enough: a 0/1 programme for `microlp`, asked directly because `good_lp`, which states
//!    the master problems, passes on its clock but not its limit of nodes. Its floats stay inside: what it says is rounded, checked in integers, and
//!    counts as a claim alone.
//! 4. **Proof.** What gap is left is closed by splitting: matchings with a pair and those without, each with multipliers of its own, until every
//!    part costs as much as the best flow known, or the number of splits allowed is used up.
//!
//! Nothing here draws lots, and what may be spent is counted (flows, nodes, splits), so the same input gives the same answer on every machine. Only a
//! caller who asks for a clock ([`Effort::milp_seconds`], or a watch that stops) may get another one; it is feasible all the same, and its gap is stated.
//!
//! # References
//! - J. E. Kelley, "The cutting-plane method for solving convex programs", Journal of SIAM 8 (1960).
//! - R. E. Marsten, W. W. Hogan, J. W. Blankenship, "The BOXSTEP method for large-scale optimization", Operations Research 23 (1975).
//! - M. L. Fisher, "The Lagrangian relaxation method for solving integer programming problems", Management Science 27 (1981).

use crate::transport::{FlowOutcome, best_flow};
use crate::watch::{Stage, Stopped, Watch};
use good_lp::solvers::microlp::microlp;
use good_lp::{
    Expression, Solution as _, SolverModel as _, Variable, constraint, variable, variables,
};
use microlp::{
    ComparisonOp, Error as MilpError, OptimizationDirection, Problem as Programme, SolveOptions,
    TerminationReason, Variable as Chosen,
};
use peermatch_assignment::side::{
    MULTIPLIER_MAX, Rows, SCALE_MAX, SideProof, StagedProof, Step, leaf_bound, rows_of_cost,
    rows_of_sums, serving_weights, stage_frame,
};
use peermatch_assignment::{
    COST_MAX, Flow, Frame, Left, PRICE_MAX, PairTable, Prices, Problem, Right, Supply,
    WAITING_COST_MAX,
};
use std::ops::ControlFlow;
use std::time::Duration;

/// The largest number of pairs given to the MILP: about two seconds of its relaxation.
pub const MILP_PAIRS_MAX: usize = 12_000;

/// Flows that a search may solve whatever their size.
pub const FLOWS_MIN: usize = 40;

/// What the search may spend, counted and not timed: the same input gives the same answer on every machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// For the MILP: the nodes it solves at most, times its pairs (a node of twice the pairs takes about twice the time); 0 leaves it out.
    pub milp_work: usize,
    /// Seconds for the MILP, if a caller must be served by a clock: where they end it, the answer may differ between machines.
    pub milp_seconds: Option<f64>,
    /// Splits to close the gap with.
    pub splits: usize,
    /// The flows it solves at most, times the pairs; [`FLOWS_MIN`] are solved in any case.
    pub flow_work: usize,
}

impl Default for Effort {
    /// For the MILP 30,000,000 (15,000 nodes of 2,000 pairs; some ten seconds where it needs them all), no clock, 400 splits, for flows 30,000,000
    /// (150 flows of 200,000 pairs; below 5,000 pairs the splits end first).
    fn default() -> Self {
        Self { milp_work: 30_000_000, milp_seconds: None, splits: 400, flow_work: 30_000_000 }
    }
}

/// What is known beyond what the checker finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// The proof meets the cost: the checker will say so.
    Proven,
    /// The MILP solver says that nothing costs less. Its floats prove nothing.
    Solver,
    /// Nobody says so.
    Open,
}

/// A flow that keeps everything, and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideSolution {
    /// The flow.
    pub flow: Flow,
    /// Multipliers and prices; `peermatch_assignment::side::check_side` computes the bound.
    pub proof: SideProof,
    /// What is said of its cost.
    pub claim: Claim,
    /// Whether the search ended because the watch said stop or the splits were used up.
    pub stopped: bool,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideOutcome {
    /// A feasible flow.
    Found(SideSolution),
    /// The limits cannot all be kept: `peermatch_assignment::side::check_side_infeasible` verifies it.
    Infeasible(SideProof),
    /// No feasible flow was found, and none was proven not to exist.
    NoneFound {
        /// Whether the MILP solver claims that there is none.
        claimed_infeasible: bool,
        /// Whether the watch said stop.
        stopped: bool,
    },
}

/// Searches the least cost under `rows` for lefts that want one place each. As [`best_side_flow`].
///
/// ```
/// use peermatch_assignment::side::{Row, Rows, check_side};
/// use peermatch_assignment::{Frame, Left, PairTable, Problem, Right, Supply};
/// use peermatch_solve::side::{Effort, SideOutcome, best_side};
/// use peermatch_solve::Quiet;
///
/// // Three people at one worker with 100 units of load: 60 + 60 does not fit, 60 + 30 does.
/// let frame = Frame::simple(3, 50, vec![3])?;
/// let pairs = PairTable::from_rows(1, vec![vec![(Right(0), 1)]; 3])?;
/// let problem = Problem::new(frame, pairs)?;
/// let load = vec![(Left(0), Right(0), 60), (Left(1), Right(0), 60), (Left(2), Right(0), 30)];
/// let rows = Rows::new(3, vec![Row::at_most(load, vec![], 100)])?;
/// let SideOutcome::Found(found) = best_side(&problem, &rows, Effort::default(), &Quiet) else {
///     unreachable!()
/// };
/// let one = Supply::one_each(3);
/// let checked = check_side(problem.frame(), &one, problem.pairs(), &rows, &found.flow, &found.proof)?;
/// assert_eq!(checked.cost(), 1 + 1 + 50);
/// assert!(checked.proven());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn best_side(problem: &Problem, rows: &Rows, effort: Effort, watch: &dyn Watch) -> SideOutcome {
    let supply = Supply::one_each(problem.frame().lefts());
    best_side_flow(problem, &supply, rows, effort, watch)
}

/// Searches the least cost under `rows`: `problem` with `supply` places wanted, at most one of each right.
///
/// When the watch says stop, the best flow known so far comes back with the bound known so far.
///
/// Time: a flow per cut, a few dozen to a few hundred cuts, then the MILP's nodes, then at most a dozen flows per split. Memory O(pairs + terms).
///
/// # Panics
/// If frame, supply and rows differ in their number of lefts, or somebody may take several places of one right.
pub fn best_side_flow(
    problem: &Problem,
    supply: &Supply,
    rows: &Rows,
    effort: Effort,
    watch: &dyn Watch,
) -> SideOutcome {
    search(problem, supply, rows, effort, None, None, watch)
}

/// With a feasible flow known, and multipliers to begin with beside 0.
fn search(
    problem: &Problem,
    supply: &Supply,
    rows: &Rows,
    effort: Effort,
    known: Option<&Flow>,
    begin: Option<Vec<i64>>,
    watch: &dyn Watch,
) -> SideOutcome {
    let lefts = problem.frame().lefts();
    assert!(supply.lefts() == lefts && rows.lefts() == lefts, "all parts are of one problem");
    let one_of_each = Left::all(lefts).all(|left| supply.each(left) == 1);
    assert!(one_of_each, "side constraints are for lefts that take one place of a right");
    let mut search = Search::new(problem, supply, rows, watch);
    search.learn(known.cloned());
    // Units of cost to multipliers: the scale is the search's own.
    let begin = begin.map(|begin| {
        let scaled = begin.into_iter().map(|m| m.saturating_mul(search.scale).min(MULTIPLIER_MAX));
        scaled.collect()
    });
    let stopped = search.run(effort, begin).is_err();
    search.outcome(stopped)
}

/// What was found in stages: see [`StagedProof`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedSide {
    /// The flow.
    pub flow: Flow,
    /// What `peermatch_assignment::side::check_staged` computes the bounds from.
    pub proof: StagedProof,
    /// The less sure of what is said of the stages.
    pub claim: Claim,
    /// Whether a search ended early.
    pub stopped: bool,
}

/// What `peermatch_assignment::side::check_staged_infeasible` takes: nothing that serves as well as `served` keeps all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotWithAllRows {
    /// A flow that serves best.
    pub served: Flow,
    /// That it serves best, and that what serves as well breaks a row.
    pub proof: StagedProof,
}

/// How a staged search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagedSideOutcome {
    /// A feasible flow.
    Found(StagedSide),
    /// No flow keeps the rows of serving: proven.
    Infeasible(SideProof),
    /// The rows of serving can be kept, but nothing that serves as well keeps the other rows too, or was found.
    NotWithAllRows(Option<NotWithAllRows>),
    /// Nothing feasible was found.
    NoneFound {
        /// Whether the MILP solver claims that there is nothing.
        claimed_infeasible: bool,
        /// Whether the watch said stop.
        stopped: bool,
    },
    /// Too many lefts for weights that are summed exactly.
    TooLarge,
}

/// Serves as many as `serving` rows allow, earliest lefts first by the sum of their ranks, and among those who do searches the least cost of pairs
/// under `rows` (the same rows and more). With `by_waiting` false there is one stage, and the frame's costs of waiting count.
///
/// # Panics
/// As [`best_side_flow`].
pub fn best_staged(
    problem: &Problem,
    supply: &Supply,
    (serving, rows): (&Rows, &Rows),
    by_waiting: bool,
    effort: Effort,
    watch: &dyn Watch,
) -> StagedSideOutcome {
    let none = |outcome| match outcome {
        SideOutcome::NoneFound { claimed_infeasible, stopped } => {
            StagedSideOutcome::NoneFound { claimed_infeasible, stopped }
        }
        SideOutcome::Infeasible(proof) => StagedSideOutcome::Infeasible(proof),
        SideOutcome::Found(_) => unreachable!("what was found is dealt with"),
    };
    if !by_waiting {
        return match best_side_flow(problem, supply, rows, effort, watch) {
            SideOutcome::Found(found) => StagedSideOutcome::Found(StagedSide {
                flow: found.flow,
                proof: StagedProof { serving: None, cost: found.proof },
                claim: found.claim,
                stopped: found.stopped,
            }),
            other => none(other),
        };
    }
    let weights = serving_weights(supply);
    let frame = problem.frame();
    let stage = |waiting: Vec<i64>, pairs: PairTable| {
        let frame = stage_frame(frame, waiting).ok()?;
        Problem::new(frame, pairs).ok()
    };
    let free = Left::all(frame.lefts())
        .map(|left| problem.pairs().rights_of(left).iter().map(|&right| (right, 0)).collect());
    let free = PairTable::from_rows(frame.rights(), free.collect::<Vec<_>>());
    let Some(first) = free.ok().and_then(|free| stage(weights.clone(), free)) else {
        return StagedSideOutcome::TooLarge;
    };
    let served = match best_side_flow(&first, supply, serving, effort, watch) {
        SideOutcome::Found(served) => served,
        other => return none(other),
    };
    let value: i128 = Left::all(frame.lefts())
        .map(|left| {
            let missing = u64::from(supply.wanted(left)) - served.flow.units(left);
            i128::from(weights[left.index()]) * i128::from(missing)
        })
        .sum();
    let Ok(held) = rows_of_cost(rows, &weights, value) else {
        return StagedSideOutcome::TooLarge;
    };
    let Some(second) = stage(vec![0; frame.lefts()], problem.pairs().clone()) else {
        return StagedSideOutcome::TooLarge;
    };
    // Where serving has no integer gap, a multiplier of the held value that outweighs every pair is right at once.
    let costs = Left::all(frame.lefts()).flat_map(|left| problem.pairs().costs_of(left));
    let dearest = costs.map(|&cost| i64::from(cost).abs()).max().unwrap_or(0);
    let mut begin = vec![0; held.len()];
    if let Some(last) = begin.last_mut() {
        *last = 2 * dearest + 1;
    }
    match search(&second, supply, &held, effort, Some(&served.flow), Some(begin), watch) {
        SideOutcome::Found(found) => StagedSideOutcome::Found(StagedSide {
            flow: found.flow,
            proof: StagedProof { serving: Some(served.proof), cost: found.proof },
            claim: found.claim.max(served.claim),
            stopped: found.stopped || served.stopped,
        }),
        // Proven only if what is held is the best there is.
        SideOutcome::Infeasible(proof) if served.claim == Claim::Proven => {
            let proof = StagedProof { serving: Some(served.proof), cost: proof };
            let none = NotWithAllRows { served: served.flow, proof };
            StagedSideOutcome::NotWithAllRows(Some(none))
        }
        // Time ended it, not the rows.
        SideOutcome::NoneFound { stopped: true, .. } => {
            StagedSideOutcome::NoneFound { claimed_infeasible: false, stopped: true }
        }
        SideOutcome::Infeasible(_) | SideOutcome::NoneFound { .. } => {
            StagedSideOutcome::NotWithAllRows(None)
        }
    }
}

/// A flow whose least sum is as large as was found, and what proves a bound of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeastSum {
    /// The flow.
    pub flow: Flow,
    /// The least sum of fits of a left in it.
    pub least: i64,
    /// No flow has a larger one: `peermatch_assignment::side::check_least_sum` verifies it by `proof`.
    pub bound: i64,
    /// That what asks for `bound + 1` cannot be kept.
    pub proof: SideProof,
    /// What is said of the least sum: proven only where it meets the bound.
    pub claim: Claim,
    /// Whether the watch said stop.
    pub stopped: bool,
}

/// How a search for the largest least sum ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeastSumOutcome {
    /// A flow with a bound.
    Found(LeastSum),
    /// Frame and supply cannot be kept: `peermatch_assignment::check_flow_infeasible` verifies it.
    Infeasible(Prices),
    /// Nobody wants a place.
    NobodyWants,
    /// The watch said stop before there was a flow.
    Cancelled,
}

/// The supply that gives everybody just as many places as `flow` does, each of another right: who is served is then decided, and
/// [`max_min_sums`] shares out the rest. Who has no place wants none there.
///
/// # Panics
/// Never for a flow that was checked: nobody has more places than a supply can want.
pub fn as_given(flow: &Flow) -> Supply {
    let lefts = flow.lefts();
    let units = Left::all(lefts).map(|left| u32::try_from(flow.units(left)).unwrap_or(u32::MAX));
    let units: Vec<u32> = units.collect();
    Supply::new(units.clone(), units, vec![1; lefts]).expect("a checked flow fits a supply")
}

/// Searches the flow in which the least sum of fits over the places of one left is largest, of all lefts that want a place; a pair's fit is its
/// cost turned round, and waiting counts nothing. With one place each this is a flow problem; with several it is NP-hard.
///
/// Bisection: that everybody has at least so much is one row for each left, and whether all rows can be kept is a search as [`best_side_flow`]'s.
/// What can be kept raises the least sum, what is proven not to lowers the bound. A step that ends without either leaves a gap, which is stated.
///
/// Who is served is decided before: hand over [`as_given`] of the flow that says so (such as `best_flow`'s), or a supply with what everybody must have.
/// Time: at most about `2 log2` of the largest sum such searches, each with `effort` for itself.
///
/// ```
/// use peermatch_assignment::side::check_least_sum;
/// use peermatch_assignment::{Frame, PairTable, Problem, Right, Supply};
/// use peermatch_solve::Quiet;
/// use peermatch_solve::side::{Effort, LeastSumOutcome, max_min_sums};
///
/// // Two people want two workers each, of four with one place: fits 9, 7, 5 and 3 for both.
/// let frame = Frame::simple(2, 0, vec![1; 4])?;
/// let row = vec![(Right(0), -9), (Right(1), -7), (Right(2), -5), (Right(3), -3)];
/// let problem = Problem::new(frame, PairTable::from_rows(4, vec![row; 2])?)?;
/// let two = Supply::new(vec![2; 2], vec![2; 2], vec![1; 2])?;
/// let LeastSumOutcome::Found(found) = max_min_sums(&problem, &two, Effort::default(), &Quiet) else {
///     unreachable!()
/// };
/// let (frame, pairs) = (problem.frame(), problem.pairs());
/// let checked = check_least_sum(frame, &two, pairs, &found.flow, found.bound, &found.proof)?;
/// assert_eq!((checked.least(), checked.bound()), (12, 12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If the parts are of different problems, or somebody may take several places of one right.
pub fn max_min_sums(
    problem: &Problem,
    supply: &Supply,
    effort: Effort,
    watch: &dyn Watch,
) -> LeastSumOutcome {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let lefts = || Left::all(frame.lefts());
    assert!(
        supply.lefts() == frame.lefts() && lefts().all(|left| supply.each(left) == 1),
        "all parts are of one problem, with one place of a right"
    );
    let first = match best_flow(problem, supply, &Hush(watch)) {
        FlowOutcome::Optimal(found) => found.flow,
        FlowOutcome::Infeasible(prices) => return LeastSumOutcome::Infeasible(prices),
        FlowOutcome::Cancelled => return LeastSumOutcome::Cancelled,
    };
    let sum = |flow: &Flow| {
        let wanting = lefts().filter(|&left| supply.wanted(left) > 0);
        let sums = wanting.map(|left| {
            let fits = flow.of(left).iter();
            fits.map(|&(right, _)| -i64::from(pairs.cost(left, right).unwrap_or(0))).sum::<i64>()
        });
        sums.min()
    };
    let Some(least) = sum(&first) else { return LeastSumOutcome::NobodyWants };
    let (bound, proof) = at_most_alone(problem, supply);
    let free = lefts().map(|left| pairs.rights_of(left).iter().map(|&right| (right, 0)).collect());
    let free = PairTable::from_rows(frame.rights(), free.collect::<Vec<_>>());
    let free = free.expect("the rights are those of the table");
    let nothing = stage_frame(frame, vec![0; frame.lefts()]).expect("0 is a cost of waiting");
    let free = Problem::new(nothing, free).expect("sizes agree");

    let mut found =
        LeastSum { flow: first, least, bound, proof, claim: Claim::Open, stopped: false };
    // Least sums from here on were asked for in vain; what is above the bound is proven not to be.
    let mut in_vain = found.bound + 1;
    let mut claimed = false;
    let probe = |least: i64, known: Option<&Flow>| {
        let rows = rows_of_sums(supply, pairs, least).ok()?;
        Some(search(&free, supply, &rows, effort, known, None, watch))
    };
    while found.least + 1 < in_vain {
        let asked = found.least + (in_vain - found.least) / 2;
        match probe(asked, None) {
            Some(SideOutcome::Found(better)) => {
                found.least = sum(&better.flow).unwrap_or(asked).max(asked);
                found.flow = better.flow;
            }
            Some(SideOutcome::Infeasible(proof)) => {
                (found.bound, found.proof, in_vain) = (asked - 1, proof, asked);
                claimed = false;
            }
            Some(SideOutcome::NoneFound { claimed_infeasible, stopped }) => {
                (in_vain, claimed) = (asked, claimed_infeasible);
                if stopped && watch.progress(Stage::Limits, 0, 0).is_break() {
                    found.stopped = true;
                    return LeastSumOutcome::Found(found);
                }
            }
            None => break,
        }
    }
    // What was asked for in vain and not proven: the least that can be proven not to be.
    let mut open = in_vain + 1;
    while open <= found.bound {
        let asked = open + (found.bound - open) / 2;
        match probe(asked, Some(&found.flow)) {
            Some(SideOutcome::Infeasible(proof)) => {
                (found.bound, found.proof) = (asked - 1, proof);
            }
            Some(SideOutcome::Found(better)) if sum(&better.flow) > Some(found.least) => {
                found.least = sum(&better.flow).unwrap_or(found.least);
                found.flow = better.flow;
                (open, claimed) = (asked + 1, false);
            }
            Some(_) => open = asked + 1,
            None => break,
        }
        if watch.progress(Stage::Limits, 0, 0).is_break() {
            found.stopped = true;
            break;
        }
    }
    found.claim = if found.bound == found.least {
        Claim::Proven
    } else if claimed && found.least + 1 == in_vain {
        Claim::Solver
    } else {
        Claim::Open
    };
    LeastSumOutcome::Found(found)
}

/// The most that the left who can have least would have with all places to itself, and the proof: that left's row alone, at a multiplier of 1.
fn at_most_alone(problem: &Problem, supply: &Supply) -> (i64, SideProof) {
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let wanting: Vec<Left> =
        Left::all(frame.lefts()).filter(|&left| supply.wanted(left) > 0).collect();
    let alone = wanting.iter().map(|&left| {
        let pinned = frame.pinned(left);
        let row = pairs.row(left).map(|(right, cost)| (Some(right) != pinned, cost));
        let mut row: Vec<(bool, i32)> = row.collect();
        row.sort_unstable();
        let (least, wanted) = (supply.least(left) as usize, supply.wanted(left) as usize);
        let taken = row.into_iter().take(wanted).enumerate();
        let taken = taken.take_while(|&(place, (free, cost))| !free || place < least || cost < 0);
        let fits: i64 = taken.map(|(_, (_, cost))| -i64::from(cost)).sum();
        fits
    });
    let (at, bound) = alone
        .enumerate()
        .min_by_key(|&(_, most)| most)
        .expect("somebody wants a place, or there is no least sum");
    let mut multipliers = vec![0; wanting.len()];
    multipliers[at] = 1;
    (bound, SideProof::root(1, multipliers, vec![0; frame.rights()]))
}

/// Passes on whether to stop, and shows the whole search as one stage.
struct Hush<'w>(&'w dyn Watch);

impl Watch for Hush<'_> {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        self.0.progress(Stage::Limits, 0, 0)
    }
}

/// A pair decided on the way down the splits.
type Decided = (Left, Right, bool);

/// A flow seen: a cut of the bound as a function of the multipliers.
struct Cut {
    flow: Flow,
    cost: i128,
    /// What each row is over its limit.
    excess: Vec<i128>,
}

/// Multipliers and prices with the bound that they give.
#[derive(Clone)]
struct Priced {
    multipliers: Vec<i64>,
    prices: Vec<i64>,
    /// Bound times scale; `None` where no flow exists at all.
    value: Option<i128>,
}

struct Search<'a> {
    frame: &'a Frame,
    pairs: &'a PairTable,
    supply: &'a Supply,
    rows: &'a Rows,
    watch: &'a dyn Watch,
    scale: i64,
    /// Every feasible flow costs less than this.
    ceiling: i128,
    /// A unit in which costs are of the size of 1.
    unit: f64,
    cuts: Vec<Cut>,
    best: Option<(i128, Flow)>,
    root: Option<Priced>,
    /// The whole tree, once every part is closed.
    tree: Option<Vec<Step>>,
    claimed_infeasible: bool,
    claimed_best: bool,
    out_of_splits: bool,
    /// Flows that may still be solved.
    flows_left: usize,
}

/// Cuts kept at most: older ones hardly bind.
const CUTS_MAX: usize = 400;

/// Cuts times rows that the choice of multipliers looks at, at most; but always at [`CUTS_MIN`] cuts.
const CUT_CELLS_MAX: usize = 20_000;

const CUTS_MIN: usize = 24;

fn float(value: i128) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "a guide for the search; nothing proven rests on it"
    )]
    let value = value as f64;
    value
}

/// To the nearest whole number within `0..=most`.
fn whole(value: f64, most: i64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    #[allow(clippy::cast_precision_loss, reason = "a power of two")]
    let most_float = most as f64;
    if value >= most_float {
        return most;
    }
    #[allow(clippy::cast_possible_truncation, reason = "within 0..most, which fits")]
    let whole = value.max(0.0).round() as i64;
    whole
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem, supply: &'a Supply, rows: &'a Rows, watch: &'a dyn Watch) -> Self {
        let (frame, pairs) = (problem.frame(), problem.pairs());
        let mut ceiling = 1i128;
        let mut range = 1i64;
        for left in Left::all(frame.lefts()) {
            let costs = pairs.costs_of(left).iter().map(|&cost| i64::from(cost));
            let low = costs.clone().min().unwrap_or(0);
            let high = costs.max().unwrap_or(0);
            range = range.max(high - low);
            range = range.max((high - frame.waiting_cost(left)).abs());
            let most = frame.waiting_cost(left).max(high);
            // A demand above one fills at most its number of places, each at most at the dearest.
            ceiling += i128::from(supply.wanted(left)) * i128::from(most);
        }
        // Pair costs times the scale must stay well inside what the flow takes, to leave room for multipliers.
        let room = i64::from(COST_MAX) / 4 / range;
        let scale = if room >= 1 { (1i64 << room.ilog2()).min(i64::from(SCALE_MAX)) } else { 1 };
        Self {
            frame,
            pairs,
            supply,
            rows,
            watch,
            scale,
            ceiling,
            unit: float(i128::from(range)),
            cuts: Vec::new(),
            best: None,
            root: None,
            tree: None,
            claimed_infeasible: false,
            claimed_best: false,
            out_of_splits: false,
            flows_left: FLOWS_MIN,
        }
    }

    fn run(&mut self, effort: Effort, begin: Option<Vec<i64>>) -> Result<(), Stopped> {
        self.flows_left = (effort.flow_work / self.pairs.len().max(1)).max(FLOWS_MIN);
        let mut start = vec![0; self.rows.len()];
        if let Some(begin) = begin {
            let (at_zero, flow) = self.relaxed(&[], start.clone())?;
            self.learn(flow);
            let (at_begin, flow) = self.relaxed(&[], begin)?;
            self.learn(flow);
            if at_begin.value.zip(at_zero.value).is_some_and(|(begin, zero)| begin > zero) {
                start = at_begin.multipliers;
            }
        }
        let rounds = 60 + 4 * self.rows.len().min(100);
        let root = self.raise(&[], start, rounds)?;
        self.root = Some(root);
        if self.closed(self.root.as_ref()) {
            return Ok(());
        }
        if effort.milp_work > 0 {
            self.milp(effort);
            if self.closed(self.root.as_ref()) {
                return Ok(());
            }
        }
        self.watch_says()?;
        self.split(effort.splits)
    }

    fn outcome(self, stopped: bool) -> SideOutcome {
        let root_closed = self.closed(self.root.as_ref());
        let by_watch = stopped;
        let stopped = stopped || self.out_of_splits;
        let zero = || Step::Leaf {
            multipliers: vec![0; self.rows.len()],
            prices: vec![0; self.frame.rights()],
        };
        let whole = root_closed || self.tree.is_some();
        let root = self.root.as_ref().map_or_else(zero, |priced| Step::Leaf {
            multipliers: priced.multipliers.clone(),
            prices: priced.prices.clone(),
        });
        let steps = match self.tree {
            Some(steps) if !root_closed => steps,
            _ => vec![root],
        };
        let scale = u32::try_from(self.scale).expect("a scale is at most 2^20");
        let proof = SideProof { scale, steps };
        match self.best {
            Some((_, flow)) => {
                let claim = match (whole, self.claimed_best) {
                    (true, _) => Claim::Proven,
                    (false, true) => Claim::Solver,
                    (false, false) => Claim::Open,
                };
                let stopped = stopped && !whole;
                SideOutcome::Found(SideSolution { flow, proof, claim, stopped })
            }
            None if whole => SideOutcome::Infeasible(proof),
            None => SideOutcome::NoneFound {
                claimed_infeasible: self.claimed_infeasible,
                stopped: by_watch,
            },
        }
    }

    fn watch_says(&self) -> Result<(), Stopped> {
        if self.watch.progress(Stage::Limits, 0, 0).is_break() { Err(Stopped) } else { Ok(()) }
    }

    /// What a part must cost at least to be done with.
    fn cutoff(&self) -> i128 {
        self.best.as_ref().map_or(self.ceiling, |best| best.0)
    }

    fn closed(&self, priced: Option<&Priced>) -> bool {
        priced.is_some_and(|priced| {
            let scale = i128::from(self.scale);
            priced.value.is_none_or(|value| -(-value).div_euclid(scale) >= self.cutoff())
        })
    }

    /// Total cost of a flow of this problem.
    fn cost(&self, flow: &Flow) -> i128 {
        let pairs = flow.pairs().map(|(left, right, units)| {
            i128::from(self.pairs.cost(left, right).unwrap_or(0)) * i128::from(units)
        });
        let waiting = Left::all(self.frame.lefts()).map(|left| {
            let missing = u64::from(self.supply.wanted(left)).saturating_sub(flow.units(left));
            i128::from(self.frame.waiting_cost(left)) * i128::from(missing)
        });
        pairs.sum::<i128>() + waiting.sum::<i128>()
    }

    /// Keeps a flow as the best if it keeps every row and costs less. Frame and supply it must keep already.
    fn offer(&mut self, flow: &Flow, cost: i128, excess: &[i128]) {
        if excess.iter().all(|&over| over <= 0)
            && self.best.as_ref().is_none_or(|best| cost < best.0)
        {
            self.best = Some((cost, flow.clone()));
        }
    }

    fn excess(&self, flow: &Flow) -> Vec<i128> {
        let values = self.rows.values(self.supply, flow);
        values.iter().zip(self.rows.rows()).map(|(v, row)| v - i128::from(row.limit())).collect()
    }

    /// The modified costs of a row at `multipliers`, times the scale.
    fn modified(&self, left: Left, multipliers: &[i64], out: &mut Vec<(Right, i128)>) -> i128 {
        out.clear();
        let scale = i128::from(self.scale);
        let terms = self.rows.terms_of(left);
        let mut at = 0;
        for (right, cost) in self.pairs.row(left) {
            let mut modified = scale * i128::from(cost);
            while terms.get(at).is_some_and(|term| term.0 < right) {
                at += 1;
            }
            while let Some(&(_, row, coefficient)) = terms.get(at).filter(|term| term.0 == right) {
                modified += i128::from(multipliers[row as usize]) * i128::from(coefficient);
                at += 1;
            }
            out.push((right, modified));
        }
        let mut waiting = scale * i128::from(self.frame.waiting_cost(left));
        for &(row, coefficient) in self.rows.terms_of_waiting(left) {
            waiting += i128::from(multipliers[row as usize]) * i128::from(coefficient);
        }
        waiting
    }

    /// The best flow of a part at given multipliers, as a cut and a bound. `None` for the cut if the part is empty.
    fn relaxed(
        &mut self,
        decided: &[Decided],
        multipliers: Vec<i64>,
    ) -> Result<(Priced, Option<Flow>), Stopped> {
        self.watch_says()?;
        self.flows_left = self.flows_left.saturating_sub(1);
        let lefts = self.frame.lefts();
        let empty = |multipliers: Vec<i64>| Priced {
            multipliers,
            prices: vec![0; self.frame.rights()],
            value: None,
        };
        let mut pins = self.frame.pins().to_vec();
        let mut out = vec![Vec::new(); lefts];
        // A frame pins one right of a left. What a left must have besides is taken out of the problem with its place, and put back after.
        let mut given: Vec<(Left, Right)> = Vec::new();
        for &(left, right, with) in decided {
            match (with, pins[left.index()]) {
                (true, Some(pin)) if pin == right => {}
                (false, pin) if pin != Some(right) => out[left.index()].push(right),
                (true, None) => pins[left.index()] = Some(right),
                (true, Some(_)) if self.supply.wanted(left) > 1 => {
                    out[left.index()].push(right);
                    given.push((left, right));
                }
                _ => return Ok((empty(multipliers), None)),
            }
        }
        let Some(rest) = Rest::without(self.frame, self.supply, &given) else {
            // A right must give more places than it has, or a left must have more than it wants.
            let mut priced = empty(multipliers);
            priced.prices = self.lifted(&overfull(self.frame, &pins, &given));
            priced.multipliers = vec![0; self.rows.len()];
            return Ok((priced, None));
        };
        let mut rows = Vec::with_capacity(lefts);
        let mut waiting = Vec::with_capacity(lefts);
        let mut row = Vec::new();
        for left in Left::all(lefts) {
            let wait = self.modified(left, &multipliers, &mut row);
            row.retain(|pair| !out[left.index()].contains(&pair.0));
            let low = row.iter().map(|pair| pair.1).min().unwrap_or(0);
            // What is dearer than the flow takes is made less dear. That bends the search, not the bound, which is computed from the prices.
            let most = i128::from(COST_MAX);
            let priced = row.iter().map(|&(right, modified)| {
                (right, i32::try_from((modified - low).min(most)).expect("within 0..=2^30"))
            });
            rows.push(priced.collect::<Vec<_>>());
            let wait = (wait - low).min(i128::from(WAITING_COST_MAX));
            let Ok(wait) = i64::try_from(wait.max(-i128::from(WAITING_COST_MAX))) else {
                unreachable!("within the bounds of waiting")
            };
            waiting.push(wait);
        }
        let frame = Frame::new(waiting, pins, rest.capacities, rest.minimums.clone())
            .expect("sizes are those of the frame");
        let table = PairTable::from_rows(self.frame.rights(), rows).expect("a part of the table");
        let problem = Problem::new(frame, table).expect("sizes agree");
        // A right without a minimum never needs to be cheap. Places put back would pay such a price in vain.
        let kept = |prices: &Prices| -> Vec<i64> {
            let bounded = prices.values().iter().zip(&rest.minimums);
            let floor = |(&price, &minimum): (&i64, &u32)| {
                if given.is_empty() || minimum > 0 { price } else { price.max(0) }
            };
            bounded.map(floor).collect()
        };
        match solve_flow(&problem, &rest.supply, &Hush(self.watch))? {
            Ok((flow, prices)) => {
                let scale = u32::try_from(self.scale).expect("a scale is at most 2^20");
                let of = (self.frame, self.supply, self.rows);
                let prices = kept(&prices);
                let value = leaf_bound(of, self.pairs, scale, decided, &multipliers, &prices);
                let value = value.expect("the parts are of one problem");
                let flow = if given.is_empty() { flow } else { with_given(&flow, &given) };
                Ok((Priced { multipliers, prices, value }, Some(flow)))
            }
            Err(witness) => {
                let prices = self.lifted(&kept(&witness));
                let multipliers = vec![0; self.rows.len()];
                Ok((Priced { multipliers, prices, value: None }, None))
            }
        }
    }

    /// A witness that nothing is feasible, times so much that it lifts the bound above every cost: at costs 0 it lifts it above 0.
    fn lifted(&self, witness: &[i64]) -> Vec<i64> {
        let times = (self.ceiling.unsigned_abs() + self.floor().unsigned_abs() + 1)
            .saturating_mul(self.scale.unsigned_abs().into());
        let times = i64::try_from(times).unwrap_or(PRICE_MAX);
        let lift = |price: &i64| price.saturating_mul(times).clamp(-PRICE_MAX, PRICE_MAX);
        witness.iter().map(lift).collect()
    }

    /// No flow costs less than this.
    fn floor(&self) -> i128 {
        let least = Left::all(self.frame.lefts()).map(|left| {
            let costs = self.pairs.costs_of(left).iter().map(|&cost| i64::from(cost));
            let least = costs.min().unwrap_or(0).min(self.frame.waiting_cost(left));
            i128::from(least) * i128::from(self.supply.wanted(left))
        });
        least.sum()
    }

    /// Raises the bound of a part by choosing multipliers, from `start` on, in at most `rounds` flows.
    fn raise(
        &mut self,
        decided: &[Decided],
        start: Vec<i64>,
        rounds: usize,
    ) -> Result<Priced, Stopped> {
        let (mut best, flow) = self.relaxed(decided, start)?;
        self.learn(flow);
        let mut radius = 1.0;
        for _ in 0..rounds {
            if self.closed(Some(&best)) || self.flows_left == 0 {
                break;
            }
            let Some((next, gain)) = self.master(decided, &best, radius) else { break };
            if gain <= 1e-9 || next == best.multipliers {
                break;
            }
            let (priced, flow) = self.relaxed(decided, next)?;
            self.learn(flow);
            let better = match (priced.value, best.value) {
                (None, _) => true,
                (Some(new), Some(old)) => new > old,
                (Some(_), None) => false,
            };
            if better {
                best = priced;
                radius *= 2.0;
            } else {
                radius = (radius / 2.0).max(1e-4);
            }
        }
        Ok(best)
    }

    /// Keeps a flow as a cut, and offers it and its repair as feasible.
    fn learn(&mut self, flow: Option<Flow>) {
        let Some(flow) = flow else { return };
        if self.cuts.iter().any(|cut| cut.flow == flow) {
            return;
        }
        let (cost, excess) = (self.cost(&flow), self.excess(&flow));
        self.offer(&flow, cost, &excess);
        if let Some(repaired) = self.repaired(&flow, &excess) {
            let (cost, excess) = (self.cost(&repaired), self.excess(&repaired));
            self.offer(&repaired, cost, &excess);
        }
        if self.cuts.len() == CUTS_MAX {
            self.cuts.remove(0);
        }
        self.cuts.push(Cut { flow, cost, excess });
    }

    /// The multipliers that the cuts like best, within a box around `centre`, and what they promise in units. `None` if the floats fail.
    fn master(&self, decided: &[Decided], centre: &Priced, radius: f64) -> Option<(Vec<i64>, f64)> {
        let value = centre.value?;
        let scale = float(i128::from(self.scale));
        let fits = |cut: &&Cut| {
            decided.iter().all(|&(left, right, with)| {
                cut.flow.of(left).iter().any(|place| place.0 == right) == with
            })
        };
        let cuts: Vec<&Cut> = self.cuts.iter().filter(fits).collect();
        // A row that no cut breaks is best left at 0.
        let active: Vec<usize> = (0..self.rows.len())
            .filter(|&row| {
                centre.multipliers[row] > 0 || cuts.iter().any(|cut| cut.excess[row] > 0)
            })
            .collect();
        if active.is_empty() || cuts.is_empty() {
            return None;
        }
        // The latest know most of where the search stands; a programme of all of them would cost more than the flows.
        let latest = cuts.len().saturating_sub((CUT_CELLS_MAX / active.len()).max(CUTS_MIN));
        let cuts = &cuts[latest..];
        let size: Vec<f64> = active
            .iter()
            .map(|&row| {
                let most = cuts.iter().map(|cut| cut.excess[row].unsigned_abs()).max();
                most.map_or(1.0, |most| float(i128::try_from(most).unwrap_or(i128::MAX))).max(1.0)
            })
            .collect();
        let mut vars = variables!();
        let height = vars.add(variable());
        let chosen: Vec<Variable> = active
            .iter()
            .zip(&size)
            .map(|(&row, size)| {
                let at = float(i128::from(centre.multipliers[row])) / scale * size / self.unit;
                vars.add(variable().min((at - radius).max(0.0)).max(at + radius))
            })
            .collect();
        let mut model = vars.maximise(height).using(microlp);
        for cut in cuts {
            let level = float(cut.cost * i128::from(self.scale) - value) / scale / self.unit;
            let mut line = Expression::from(level);
            for ((&row, size), &multiplier) in active.iter().zip(&size).zip(&chosen) {
                line += (float(cut.excess[row]) / size) * multiplier;
            }
            model = model.with(constraint!(height <= line));
        }
        let solved = model.solve().ok()?;
        let rounded = |up: f64| {
            let mut multipliers = vec![0; self.rows.len()];
            for ((&row, size), &multiplier) in active.iter().zip(&size).zip(&chosen) {
                let at = solved.value(multiplier) / size * self.unit * scale;
                multipliers[row] = whole(at + up, MULTIPLIER_MAX);
            }
            multipliers
        };
        // Coefficients far above the costs ask for multipliers of a few steps of the scale: where rounding goes nowhere, upwards may.
        let nearest = rounded(0.0);
        let next = if nearest == centre.multipliers { rounded(0.499) } else { nearest };
        Some((next, solved.value(height)))
    }

    /// Takes away what breaks rows, dearest per relief first, and gives places to those who wait where all rows allow it. A heuristic: the result
    /// may still break rows, or be nothing.
    fn repaired(&self, flow: &Flow, excess: &[i128]) -> Option<Flow> {
        let mut over = excess.to_vec();
        let mut rows = flow.rows().to_vec();
        let mut loads = flow.loads(self.frame.rights());
        let change = |over: &mut Vec<i128>, left: Left, right: Right, sign: i128| {
            for (row, coefficient) in self.rows.terms_of_pair(left, right) {
                over[row as usize] += sign * i128::from(coefficient);
            }
            for &(row, coefficient) in self.rows.terms_of_waiting(left) {
                over[row as usize] -= sign * i128::from(coefficient);
            }
        };
        for broken in 0..over.len() {
            while over[broken] > 0 {
                let mut found: Option<(i128, Left, Right)> = None;
                for &(left, right, coefficient) in self.rows.rows()[broken].terms() {
                    let has = rows[left.index()].iter().any(|place| place.0 == right);
                    let spare = loads[right.index()] > u64::from(self.frame.minimum(right))
                        && rows[left.index()].len() > self.supply.least(left) as usize
                        && self.frame.pinned(left) != Some(right);
                    if !has || !spare || coefficient <= 0 {
                        continue;
                    }
                    let loss = i128::from(self.frame.waiting_cost(left))
                        - i128::from(self.pairs.cost(left, right).unwrap_or(0));
                    if found.is_none_or(|found| loss < found.0) {
                        found = Some((loss, left, right));
                    }
                }
                let Some((_, left, right)) = found else { break };
                rows[left.index()].retain(|place| place.0 != right);
                loads[right.index()] -= 1;
                change(&mut over, left, right, -1);
            }
        }
        // Those who wait at the highest cost come first, as lefts do among equals.
        let mut order: Vec<Left> = Left::all(rows.len()).collect();
        order.sort_by_key(|&left| (std::cmp::Reverse(self.frame.waiting_cost(left)), left));
        for left in order {
            while (rows[left.index()].len() as u64) < u64::from(self.supply.wanted(left))
                && self.frame.pinned(left).is_none()
            {
                let mut found: Option<(i32, Right)> = None;
                for (right, cost) in self.pairs.row(left) {
                    if rows[left.index()].iter().any(|place| place.0 == right)
                        || loads[right.index()] >= u64::from(self.frame.capacity(right))
                        || i64::from(cost) > self.frame.waiting_cost(left)
                        || found.is_some_and(|found| found.0 <= cost)
                    {
                        continue;
                    }
                    if self.fits(&over, left, right) {
                        found = Some((cost, right));
                    }
                }
                let Some((_, right)) = found else { break };
                rows[left.index()].push((right, 1));
                loads[right.index()] += 1;
                change(&mut over, left, right, 1);
            }
        }
        over.iter().all(|&over| over <= 0).then(|| Flow::new(rows))
    }

    /// Whether one place more of this pair breaks no row, nor breaks one further. Looks at the rows that it touches alone.
    fn fits(&self, over: &[i128], left: Left, right: Right) -> bool {
        let pair = self.rows.terms_of_pair(left, right).map(|(row, c)| (row, i128::from(c)));
        let wait = self.rows.terms_of_waiting(left).iter().map(|&(row, c)| (row, -i128::from(c)));
        let mut changes: Vec<(u32, i128)> = pair.chain(wait).collect();
        changes.sort_unstable();
        changes.chunk_by(|a, b| a.0 == b.0).all(|of_row| {
            let before = over[of_row[0].0 as usize];
            before + of_row.iter().map(|change| change.1).sum::<i128>() <= 0.max(before)
        })
    }

    /// Pairs that a flow better than the best may still have, by the bound of the root: a pair whose reduced cost fills the gap is out.
    fn open_pairs(&self) -> Vec<(Left, Right, i32)> {
        let root = self.root.as_ref().and_then(|root| Some((root, root.value?)));
        let mut open = Vec::new();
        let mut row = Vec::new();
        for left in Left::all(self.frame.lefts()) {
            let pin = self.frame.pinned(left);
            let slack = root.map(|(priced, value)| {
                let wait = self.modified(left, &priced.multipliers, &mut row);
                let mut costs: Vec<i128> = row
                    .iter()
                    .map(|&(right, cost)| cost + i128::from(priced.prices[right.index()]))
                    .collect();
                costs.sort_unstable();
                // The dearest of the places that the bound fills: below it nothing is ever worse than the bound.
                let wanted = self.supply.wanted(left) as usize;
                let last = costs.get(wanted.wrapping_sub(1)).copied().unwrap_or(wait).min(wait);
                (self.cutoff() * i128::from(self.scale) - value, last)
            });
            for (at, (right, cost)) in self.pairs.row(left).enumerate() {
                let dear = match (&slack, root) {
                    (Some((gap, last)), Some((priced, _)))
                        if pin.is_none() && self.supply.least(left) == 0 =>
                    {
                        row[at].1 + i128::from(priced.prices[right.index()]) - last >= *gap
                    }
                    _ => false,
                };
                if !dear && pin.is_none_or(|pin| pin == right || self.supply.wanted(left) > 1) {
                    open.push((left, right, cost));
                }
            }
        }
        open
    }

    /// A 0/1 programme over the open pairs. What it finds is checked and offered; what it claims is kept as a claim.
    fn milp(&mut self, effort: Effort) {
        let open = self.open_pairs();
        let gains = open
            .iter()
            .map(|&(left, _, cost)| i128::from(cost) - i128::from(self.frame.waiting_cost(left)));
        // Beyond 2^40 a float of this solver no longer tells one unit from none.
        if open.len() > MILP_PAIRS_MAX || gains.clone().any(|gain| gain.abs() > 1 << 40) {
            return;
        }
        let mut programme = Programme::new(OptimizationDirection::Minimize);
        let chosen: Vec<Chosen> =
            gains.map(|gain| programme.add_binary_var(float(gain) / self.unit)).collect();
        let mut of_left: Vec<Vec<(Chosen, f64)>> = vec![Vec::new(); self.frame.lefts()];
        let mut of_right: Vec<Vec<(Chosen, f64)>> = vec![Vec::new(); self.frame.rights()];
        for (&(left, right, _), &x) in open.iter().zip(&chosen) {
            of_left[left.index()].push((x, 1.0));
            of_right[right.index()].push((x, 1.0));
            if self.frame.pinned(left) == Some(right) {
                programme.add_constraint([(x, 1.0)], ComparisonOp::Ge, 1.0);
            }
        }
        let mut between = |taken: Vec<(Chosen, f64)>, least: u32, most: u32| {
            if least > 0 {
                programme.add_constraint(taken.clone(), ComparisonOp::Ge, f64::from(least));
            }
            programme.add_constraint(taken, ComparisonOp::Le, f64::from(most));
        };
        for (left, taken) in Left::all(self.frame.lefts()).zip(of_left) {
            between(taken, self.supply.least(left), self.supply.wanted(left));
        }
        for (right, taken) in Right::all(self.frame.rights()).zip(of_right) {
            between(taken, self.frame.minimum(right), self.frame.capacity(right));
        }
        for row in self.rows.rows() {
            let size = row.terms().iter().map(|term| term.2.unsigned_abs());
            let size = size.chain(row.waiting().iter().map(|term| term.1.unsigned_abs())).max();
            let size = float(i128::from(size.unwrap_or(1).max(1)));
            let mut limit = i128::from(row.limit());
            let mut sum = Vec::new();
            let mut waits = vec![0i64; self.frame.lefts()];
            for &(left, coefficient) in row.waiting() {
                waits[left.index()] = coefficient;
                limit -= i128::from(coefficient) * i128::from(self.supply.wanted(left));
            }
            let mut terms = row.terms().iter().peekable();
            for (&(left, right, _), &x) in open.iter().zip(&chosen) {
                while terms.peek().is_some_and(|term| (term.0, term.1) < (left, right)) {
                    terms.next();
                }
                let here = terms.peek().filter(|term| (term.0, term.1) == (left, right));
                let coefficient = here.map_or(0, |term| term.2) - waits[left.index()];
                if coefficient != 0 {
                    sum.push((x, float(i128::from(coefficient)) / size));
                }
            }
            programme.add_constraint(sum, ComparisonOp::Le, float(limit) / size);
        }
        let nodes = (effort.milp_work / open.len().max(1)).max(1);
        let mut options = SolveOptions::default();
        options.node_limit = u64::try_from(nodes).ok();
        options.time_limit = effort.milp_seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
        options.warm_start = self.best.as_ref().and_then(|(_, flow)| {
            let known = flow.pairs().all(|(left, right, _)| {
                open.binary_search_by_key(&(left, right), |pair| (pair.0, pair.1)).is_ok()
            });
            let has = |left: Left, right: Right| flow.of(left).iter().any(|p| p.0 == right);
            let start = open.iter().zip(&chosen);
            let start = start.map(|(&(left, right, _), &x)| (x, f64::from(has(left, right))));
            known.then(|| start.collect())
        });
        match programme.solve_with(options) {
            Ok(outcome) => {
                let Some(solved) = outcome.solution() else { return };
                let mut rows = vec![Vec::new(); self.frame.lefts()];
                for (&(left, right, _), &x) in open.iter().zip(&chosen) {
                    if solved.var_value(x) > 0.5 {
                        rows[left.index()].push((right, 1));
                    }
                }
                let flow = Flow::new(rows);
                if self.keeps_frame(&flow) {
                    let (cost, excess) = (self.cost(&flow), self.excess(&flow));
                    self.offer(&flow, cost, &excess);
                    let done = solved.termination_reason() == TerminationReason::ProvenOptimal;
                    self.claimed_best =
                        done && self.best.as_ref().is_some_and(|best| best.0 <= cost);
                }
            }
            Err(MilpError::Infeasible) => {
                // Only pairs that a better flow may have were given: with a flow known, this says that it is the best.
                self.claimed_best = self.best.is_some();
                self.claimed_infeasible = self.best.is_none();
            }
            Err(_) => {}
        }
    }

    /// Capacities, minimums, pins and demands, of a flow over eligible pairs.
    fn keeps_frame(&self, flow: &Flow) -> bool {
        let loads = flow.loads(self.frame.rights());
        let rights = Right::all(self.frame.rights()).all(|right| {
            let load = loads[right.index()];
            load >= u64::from(self.frame.minimum(right))
                && load <= u64::from(self.frame.capacity(right))
        });
        rights
            && Left::all(self.frame.lefts()).all(|left| {
                let units = flow.units(left);
                let pin = self.frame.pinned(left);
                units >= u64::from(self.supply.least(left))
                    && units <= u64::from(self.supply.wanted(left))
                    && pin.is_none_or(|pin| flow.of(left).iter().any(|place| place.0 == pin))
            })
    }

    /// Splits until every part costs as much as the best flow known, or `splits` are used up.
    fn split(&mut self, splits: usize) -> Result<(), Stopped> {
        let Some(root) = self.root.clone() else { return Ok(()) };
        let mut steps: Vec<Step> = Vec::new();
        // Parts to do, the next one last, each with the multipliers of the part it comes from.
        let mut open: Vec<(Vec<Decided>, Vec<i64>)> = vec![(Vec::new(), root.multipliers.clone())];
        let mut used = 0;
        while let Some((decided, start)) = open.pop() {
            let rounds = if decided.is_empty() { 0 } else { 12 };
            let priced = if decided.is_empty() {
                root.clone()
            } else {
                self.raise(&decided, start, rounds)?
            };
            if !self.closed(Some(&priced)) {
                let pair = self.pair_to_split(&decided);
                if pair.is_none() {
                    // One matching is left, or none: only more multipliers can close it.
                    let last = self.raise(&decided, priced.multipliers, 200)?;
                    if self.closed(Some(&last)) {
                        let Priced { multipliers, prices, .. } = last;
                        steps.push(Step::Leaf { multipliers, prices });
                        continue;
                    }
                    self.out_of_splits = true;
                    return Ok(());
                }
                if let Some((left, right)) = pair.filter(|_| used < splits && self.flows_left > 0) {
                    used += 1;
                    steps.push(Step::Split(left, right));
                    for with in [false, true] {
                        let mut part = decided.clone();
                        part.push((left, right, with));
                        open.push((part, priced.multipliers.clone()));
                    }
                    continue;
                }
                self.out_of_splits = true;
                return Ok(());
            }
            let Priced { multipliers, prices, .. } = priced;
            steps.push(Step::Leaf { multipliers, prices });
        }
        self.tree = Some(steps);
        Ok(())
    }

    /// The pair that the flows seen in this part disagree about most; or one that breaks a row; or any that is not decided.
    fn pair_to_split(&self, decided: &[Decided]) -> Option<(Left, Right)> {
        let fits = |cut: &&Cut| {
            decided.iter().all(|&(left, right, with)| {
                cut.flow.of(left).iter().any(|place| place.0 == right) == with
            })
        };
        // Once a left must have as many as it wants, the rest is decided.
        let open = |left: Left, right: Right| {
            let pin = self.frame.pinned(left);
            let with = decided.iter().filter(|d| d.0 == left && d.2 && pin != Some(d.1)).count();
            pin != Some(right)
                && !decided.iter().any(|d| (d.0, d.1) == (left, right))
                && with + usize::from(pin.is_some()) < self.supply.wanted(left) as usize
        };
        let recent: Vec<&Cut> = self.cuts.iter().rev().filter(fits).take(16).collect();
        let mut counts = std::collections::BTreeMap::new();
        for cut in &recent {
            for (left, right, _) in cut.flow.pairs() {
                *counts.entry((left, right)).or_insert(0usize) += 1;
            }
        }
        let half = recent.len();
        let mixed = counts
            .iter()
            .filter(|&(&(left, right), &count)| count < half && open(left, right))
            .map(|(&pair, &count)| {
                let weight = self.rows.terms_of_pair(pair.0, pair.1).count();
                ((2 * count).abs_diff(half), std::cmp::Reverse(weight), pair)
            })
            .min();
        if let Some((_, _, pair)) = mixed {
            return Some(pair);
        }
        let used = counts.keys().copied().find(|&(left, right)| open(left, right));
        used.or_else(|| {
            Left::all(self.frame.lefts()).find_map(|left| {
                let rights = self.pairs.rights_of(left).iter();
                rights.copied().find(|&right| open(left, right)).map(|right| (left, right))
            })
        })
    }
}

/// What is left of frame and supply once some pairs are given.
struct Rest {
    supply: Supply,
    capacities: Vec<u32>,
    minimums: Vec<u32>,
}

impl Rest {
    /// `None` if a right has too few places for what is given, or a left wants less.
    fn without(frame: &Frame, supply: &Supply, given: &[(Left, Right)]) -> Option<Self> {
        let (mut capacities, mut minimums) =
            (frame.capacities().to_vec(), frame.minimums().to_vec());
        if given.is_empty() {
            return Some(Self { supply: supply.clone(), capacities, minimums });
        }
        let lefts = || Left::all(frame.lefts());
        let mut wanted: Vec<u32> = lefts().map(|left| supply.wanted(left)).collect();
        let mut least: Vec<u32> = lefts().map(|left| supply.least(left)).collect();
        for &(left, right) in given {
            capacities[right.index()] = capacities[right.index()].checked_sub(1)?;
            minimums[right.index()] = minimums[right.index()].saturating_sub(1);
            wanted[left.index()] = wanted[left.index()].checked_sub(1)?;
            least[left.index()] = least[left.index()].saturating_sub(1);
        }
        // Who has something given has a pin as well, which wants its place.
        if given.iter().any(|&(left, _)| wanted[left.index()] == 0) {
            return None;
        }
        let supply = Supply::new(wanted, least, lefts().map(|left| supply.each(left)).collect());
        Some(Self { supply: supply.ok()?, capacities, minimums })
    }
}

/// 1 for the rights of which more places are decided than there are.
fn overfull(frame: &Frame, pins: &[Option<Right>], given: &[(Left, Right)]) -> Vec<i64> {
    let mut taken = vec![0u64; frame.rights()];
    for right in pins.iter().flatten().chain(given.iter().map(|pair| &pair.1)) {
        taken[right.index()] += 1;
    }
    let full = |right: Right| taken[right.index()] > u64::from(frame.capacity(right));
    Right::all(frame.rights()).map(|right| i64::from(full(right))).collect()
}

/// A flow with what was given put back.
fn with_given(flow: &Flow, given: &[(Left, Right)]) -> Flow {
    let mut rows = flow.rows().to_vec();
    for &(left, right) in given {
        rows[left.index()].push((right, 1));
    }
    for row in &mut rows {
        row.sort_unstable();
    }
    Flow::new(rows)
}

/// The flow of least cost: its rows and prices, or the witness that there is none.
fn solve_flow(
    problem: &Problem,
    supply: &Supply,
    watch: &dyn Watch,
) -> Result<Result<(Flow, Prices), Prices>, Stopped> {
    match best_flow(problem, supply, watch) {
        FlowOutcome::Optimal(found) => Ok(Ok((found.flow, found.prices))),
        FlowOutcome::Infeasible(prices) => Ok(Err(prices)),
        FlowOutcome::Cancelled => Err(Stopped),
    }
}
