//! Objectives that go through stages: first this, then, among all that is best in this, that.
//!
//! # The stages, and what proves them
//!
//! Each [`Stage`] gives every pair and every place not given a cost; stage `t` is minimised among
//! all flows that are best in the stages before it. Those flows are a face of the flow polytope:
//! by complementary slackness with the prices `p^t` that prove stage `t`, exactly the flows that
//! use no pair and no waiting of positive reduced cost, use in full those of negative reduced cost
//! (they only exist where somebody wants several places), and keep every right full whose price is
//! above 0, at its minimum whose price is below 0. So a chain of prices, one set per stage, proves the whole: at
//! every stage the checker narrows the problem to that face and tests `L(p^t) = cost^t` there.
//!
//! | aim | stages |
//! |---|---|
//! | max-min | who is served; nobody above grade `T`; least cost. And prices that show that the grade below `T` cannot be kept |
//! | leximin | who is served; fewest at the worst grade; fewest at the next; ...; least cost |
//! | Nash welfare | who is served; largest sum of gains; least cost |
//! | rank-maximal | most at rank 1; most at rank 2; ...; least cost |
//!
//! Source of the leximin chain: lexicographic linear programming on optimal faces; rank-maximal matchings: Irving et al., "Rank-maximal
//! matchings", ACM Transactions on Algorithms 2 (2006).

use crate::check::{Rejection, charge, check_prices};
use crate::flow::Flow;
use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::pairs::COST_MAX;
use crate::prices::Prices;
use crate::supply::Supply;
use crate::transport::{Fill, FlowRejection, Row, check_loads, check_sizes};
use crate::worth::{GRADE_MAX, Valued, Worth};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What is wanted, in stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// The worst grade of anybody served is as good as can be.
    MaxMin,
    /// As few as can be at the worst grade, then at the next, and so on.
    Leximin,
    /// The largest sum of gains.
    Nash,
    /// As many as can be at rank 1, then at rank 2, and so on. Grades are ranks.
    RankMaximal,
}

/// What one stage minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Costs of waiting alone: who is served.
    Served,
    /// Pairs above this grade, each counting 1.
    NoneAbove(u32),
    /// Pairs of this grade, each counting 1.
    Fewest(u32),
    /// Pairs of this grade, each counting -1.
    Most(u32),
    /// Gains, each counting against.
    Gain,
    /// Costs of pairs alone.
    Cost,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served => f.write_str("who is served"),
            Self::NoneAbove(grade) => write!(f, "nobody above grade {grade}"),
            Self::Fewest(grade) => write!(f, "fewest at grade {grade}"),
            Self::Most(grade) => write!(f, "most at grade {grade}"),
            Self::Gain => f.write_str("largest sum of gains"),
            Self::Cost => f.write_str("least cost of pairs"),
        }
    }
}

impl Stage {
    /// What a pair costs in this stage. Within 2^30.
    #[inline]
    pub fn pair(self, worth: Worth) -> i32 {
        match self {
            Self::Cost => worth.cost,
            Self::Served => 0,
            Self::NoneAbove(grade) => i32::from(worth.grade > grade),
            Self::Fewest(grade) => i32::from(worth.grade == grade),
            Self::Most(grade) => -i32::from(worth.grade == grade),
            Self::Gain => -worth.gain,
        }
    }

    /// What a place not given costs in this stage, where the frame says `waiting`.
    #[inline]
    pub fn waiting(self, waiting: i64) -> i64 {
        match self {
            Self::Served => waiting,
            _ => 0,
        }
    }
}

impl Aim {
    /// The stages of an aim. `grades` are those that occur, ascending, each once; `worst` is the worst grade in use, which max-min
    /// needs (0 if nobody is served).
    pub fn stages(self, grades: &[u32], worst: u32) -> Vec<Stage> {
        let down = |from: &[u32]| from.iter().rev().map(|&grade| Stage::Fewest(grade)).collect();
        match self {
            Self::MaxMin => vec![Stage::Served, Stage::NoneAbove(worst), Stage::Cost],
            Self::Leximin => {
                let mut stages = vec![Stage::Served];
                let counted: Vec<Stage> = down(grades);
                // The best grade is what is left over.
                stages.extend(counted.iter().take(grades.len().saturating_sub(1)));
                stages.push(Stage::Cost);
                stages
            }
            Self::Nash => vec![Stage::Served, Stage::Gain, Stage::Cost],
            Self::RankMaximal => {
                let mut stages: Vec<Stage> =
                    grades.iter().map(|&grade| Stage::Most(grade)).collect();
                stages.push(Stage::Cost);
                stages
            }
        }
    }
}

/// What proves a result of stages: prices per stage, in the order of [`Aim::stages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chain {
    /// One set of prices per stage; an empty one stands for price 0 everywhere.
    pub prices: Vec<Prices>,
    /// Max-min alone, unless the worst grade in use is 0, the best there can be: prices that show, among those who serve whom stage 1 says, that
    /// somebody must have the worst grade or one beyond it.
    pub witness: Option<Prices>,
}

/// A result of stages that was checked. Private fields, and [`check_chain`] is the only
/// constructor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChain {
    aim: Aim,
    flow: Flow,
    stages: Vec<Stage>,
    costs: Vec<i128>,
    worst: Option<u32>,
    pairs: u64,
}

impl VerifiedChain {
    /// What was wanted.
    pub fn aim(&self) -> Aim {
        self.aim
    }

    /// The flow itself.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The stages, which follow from the aim and from the grades that occur.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// What each stage costs: the least there is, given the stages before.
    pub fn costs(&self) -> &[i128] {
        &self.costs
    }

    /// The worst grade in use; `None` if nobody has a place.
    pub fn worst(&self) -> Option<u32> {
        self.worst
    }

    /// Number of eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        self.pairs
    }
}

/// Why a result of stages was refused: the failing stage and step. Stages count from 1 in words and
/// from 0 in fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainRejection {
    /// The flow is not feasible, or the input is malformed.
    #[error(transparent)]
    Flow(#[from] FlowRejection),
    /// What a pair is worth is beyond its bounds.
    #[error("what the pair of {left} and {right} is worth is beyond its bounds")]
    Worth {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// Not one set of prices per stage.
    #[error("there are {stages} stages, but prices for {prices}")]
    StageCount {
        /// Stages that the aim and the grades ask for.
        stages: usize,
        /// Sets of prices given.
        prices: usize,
    },
    /// The prices of a stage are malformed.
    #[error("stage {} ({stage}): {why}", .at + 1)]
    Prices {
        /// Which, from 0.
        at: usize,
        /// What it minimises.
        stage: Stage,
        /// Why.
        why: Rejection,
    },
    /// The prices of a stage do not prove that it costs least among all that is best so far.
    #[error(
        "stage {} ({stage}): the flow costs {cost}, the prices only prove that none costs less than {bound}", .at + 1
    )]
    NotBest {
        /// Which, from 0.
        at: usize,
        /// What it minimises.
        stage: Stage,
        /// What the flow costs in this stage.
        cost: i128,
        /// The bound of its prices.
        bound: i128,
    },
    /// Nothing shows that the worst grade in use cannot be avoided.
    #[error("nothing shows that grade {worst}, the worst in use, cannot be avoided")]
    WitnessMissing {
        /// The worst grade in use.
        worst: u32,
    },
    /// Something shows that a grade cannot be avoided, where nothing is to be shown.
    #[error("a witness is given where nothing is to be witnessed")]
    WitnessNeedless,
    /// The prices of the witness are malformed.
    #[error("the witness of the worst grade: {0}")]
    WitnessPrices(Rejection),
    /// The witness does not show that the worst grade cannot be avoided.
    #[error(
        "the witness does not show that grade {worst}, the worst in use, cannot be avoided (bound {bound} is not above 0)"
    )]
    WitnessFails {
        /// The worst grade in use.
        worst: u32,
        /// The bound of its prices.
        bound: i128,
    },
}

/// One stage in the making: its prices, the bound they give, and what the flow costs.
struct Ledger<'c> {
    stage: Stage,
    /// Empty for price 0 everywhere.
    prices: &'c [i64],
    bound: i128,
    cost: i128,
}

impl<'c> Ledger<'c> {
    /// Charges what the rights charge, within the bounds left by the stages before.
    fn new(
        frame: &Frame,
        stage: Stage,
        prices: &'c Prices,
        bounds: &[(u32, u32)],
    ) -> Result<Self, Rejection> {
        if !prices.values().is_empty() {
            check_prices(frame, prices)?;
        }
        let prices = prices.values();
        let charges = prices
            .iter()
            .zip(bounds)
            .map(|(&price, &(minimum, capacity))| charge(price, minimum, capacity));
        Ok(Self { stage, prices, bound: -charges.sum::<i128>(), cost: 0 })
    }

    fn value(&self, right: Right, worth: Worth) -> i64 {
        let price = if self.prices.is_empty() { 0 } else { self.prices[right.index()] };
        i64::from(self.stage.pair(worth)) + price
    }

    /// Adds what the left of `row` chooses alone, and what it has.
    fn add(&mut self, row: &mut Row<'_, Worth>, waiting: i64) -> Result<Fill, FlowRejection> {
        let waiting = self.stage.waiting(waiting);
        self.cost += row.cost(|&worth| self.stage.pair(worth), waiting);
        let fill = row.fill(|right, &worth| self.value(right, worth), waiting)?;
        self.bound += fill.cost;
        Ok(fill)
    }
}

/// Checks that `flow` is feasible and that `chain` proves it best in every stage of `aim`.
///
/// The stages are derived here, from the aim, from the grades that occur in the stream and from the
/// worst grade in use, so that a chain can leave none out. An empty list of prices stands for price
/// 0 everywhere. Max-min needs a witness exactly where the worst grade in use is above 0, which is
/// the best grade there can be; where nobody has a place the worst grade counts as 0.
///
/// The stream is read once, or twice where grades must be known first. Time `O(stages * (E log d + n + K))` at
/// worst, less as rows shrink with each stage; memory `O(d + stages + K)` besides the inputs.
/// Sums are bounded as in [`crate::transport`].
///
/// # Errors
/// [`ChainRejection`] with the failing stage and step.
///
/// ```
/// use peermatch_assignment::{
///     Aim, Chain, Flow, Frame, PairTable, Prices, Right, Supply, WorthTable, check_chain,
/// };
/// // Two lefts, two rights with one place each. Left 0 could have the best grade at right 0, but then
/// // left 1 would have grade 9; so both have grade 2.
/// let frame = Frame::simple(2, 1, vec![1, 1])?;
/// let row = [vec![(Right(0), 0), (Right(1), 0)], vec![(Right(0), 0), (Right(1), 0)]];
/// let pairs = PairTable::from_rows(2, row)?;
/// let worth = WorthTable::new(pairs, vec![0, 2, 2, 9], vec![0; 4])?;
/// let flow = Flow::new(vec![vec![(Right(1), 1)], vec![(Right(0), 1)]]);
/// // Who is served; nobody above grade 2; least cost. And: at most one of them can have less than 2.
/// let none = Prices::default();
/// let chain = Chain {
///     prices: vec![none.clone(), none.clone(), none],
///     witness: Some(Prices::new(vec![1, 0])),
/// };
/// let proven = check_chain(Aim::MaxMin, &frame, &Supply::one_each(2), &worth, &flow, &chain)?;
/// assert_eq!(proven.worst(), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_chain(
    aim: Aim,
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Valued,
    flow: &Flow,
    chain: &Chain,
) -> Result<VerifiedChain, ChainRejection> {
    check_sizes(frame, supply, pairs.lefts(), flow.lefts())?;
    let mut row = Row::new(frame, supply);
    let (grades, needed) = match aim {
        Aim::Leximin | Aim::RankMaximal => (occurring(pairs), 0),
        Aim::MaxMin => (Vec::new(), worst_in_use(pairs, flow)),
        Aim::Nash => (Vec::new(), 0),
    };
    let stages = aim.stages(&grades, needed);
    if chain.prices.len() != stages.len() {
        return Err(ChainRejection::StageCount {
            stages: stages.len(),
            prices: chain.prices.len(),
        });
    }

    let mut bounds: Vec<(u32, u32)> =
        frame.minimums().iter().copied().zip(frame.capacities().iter().copied()).collect();
    let mut made = Vec::with_capacity(stages.len());
    let mut witness = None;
    for (at, (&stage, prices)) in stages.iter().zip(&chain.prices).enumerate() {
        let bound = Ledger::new(frame, stage, prices, &bounds)
            .map_err(|why| ChainRejection::Prices { at, stage, why })?;
        narrow_rights(&mut bounds, bound.prices);
        made.push(bound);
        if at == 0 {
            witness = witness_bound(aim, frame, chain, needed, &bounds)?;
        }
    }

    let mut worst = None;
    let mut count = 0;
    for left in Left::all(frame.lefts()) {
        row.read(left, |each| pairs.visit(left, each))?;
        row.claim(flow.of(left))?;
        count += row.pairs();
        for (right, worth, room) in row.options() {
            let within = -COST_MAX..=COST_MAX;
            if !within.contains(&worth.cost)
                || !within.contains(&worth.gain)
                || worth.grade > GRADE_MAX
            {
                return Err(ChainRejection::Worth { left, right: *right });
            }
            if room.given > 0 {
                worst = worst.max(Some(worth.grade));
            }
        }
        let waiting = frame.waiting_cost(left);
        for (at, bound) in made.iter_mut().enumerate() {
            let fill = bound.add(&mut row, waiting)?;
            row.narrow(
                &fill,
                |right, &worth| bound.value(right, worth),
                bound.stage.waiting(waiting),
            );
            if at == 0
                && let Some(witness) = &mut witness
            {
                witness.add(&mut row, waiting)?;
            }
        }
    }
    check_loads(frame, flow)?;
    for (at, bound) in made.iter().enumerate() {
        let Ledger { stage, bound, cost, .. } = *bound;
        if cost != bound {
            return Err(ChainRejection::NotBest { at, stage, cost, bound });
        }
    }
    if let Some(Ledger { bound, .. }) = witness
        && bound <= 0
    {
        return Err(ChainRejection::WitnessFails { worst: needed, bound });
    }
    let costs = made.iter().map(|bound| bound.cost).collect();
    Ok(VerifiedChain { aim, flow: flow.clone(), stages, costs, worst, pairs: count })
}

/// The witness of max-min, which counts every place at the worst grade or beyond.
fn witness_bound<'c>(
    aim: Aim,
    frame: &Frame,
    chain: &'c Chain,
    worst: u32,
    bounds: &[(u32, u32)],
) -> Result<Option<Ledger<'c>>, ChainRejection> {
    let below = if aim == Aim::MaxMin { worst.checked_sub(1) } else { None };
    match (below, &chain.witness) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ChainRejection::WitnessNeedless),
        (Some(_), None) => Err(ChainRejection::WitnessMissing { worst }),
        (Some(below), Some(prices)) => Ledger::new(frame, Stage::NoneAbove(below), prices, bounds)
            .map(Some)
            .map_err(ChainRejection::WitnessPrices),
    }
}

/// A right whose price is above 0 stays full in all that is best, one below 0 at its minimum.
fn narrow_rights(bounds: &mut [(u32, u32)], prices: &[i64]) {
    for ((minimum, capacity), &price) in bounds.iter_mut().zip(prices) {
        match price.signum() {
            1 => *minimum = *capacity,
            -1 => *capacity = *minimum,
            _ => {}
        }
    }
}

/// The grades that occur, ascending, each once.
fn occurring(pairs: &impl Valued) -> Vec<u32> {
    let mut grades = BTreeSet::new();
    for left in Left::all(pairs.lefts()) {
        pairs.visit(left, |_, worth| {
            grades.insert(worth.grade);
        });
    }
    grades.into_iter().collect()
}

/// The worst grade of a pair in use, 0 if none is. What the flow claims beyond the pairs is refused
/// later.
fn worst_in_use(pairs: &impl Valued, flow: &Flow) -> u32 {
    let mut worst = 0;
    for left in Left::all(pairs.lefts()) {
        let places = flow.of(left);
        if !places.is_empty() {
            pairs.visit(left, |right, worth| {
                if places.iter().any(|place| place.0 == right) {
                    worst = worst.max(worth.grade);
                }
            });
        }
    }
    worst
}
