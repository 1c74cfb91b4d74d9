//! Side constraints: linear rows over pairs that no flow can keep, and the check of a bound under them.
//!
//! # The problem
//!
//! The problem of the crate's front page with demand ([`Supply`], at most one place of one right), and besides rows
//!
//! ```text
//! sum over pairs (u, w) of a_uw x_uw  +  sum over u of a_u0 (wanted_u - places of u)   <=  limit
//! ```
//!
//! with integer coefficients of either sign (an "at least" row is kept as its negative). Caseloads in units of load, limits of a team,
//! and floors of a group are such rows. With them the problem is NP-hard: two workers with load limits already hold number partition.
//!
//! # The bound
//!
//! Prices alone prove nothing about rows, but a row may be moved into the cost (Lagrangian relaxation; Geoffrion 1974): whoever breaks it pays,
//! whoever leaves it slack gains. For any multipliers `lambda_r >= 0` and prices `p_w` of either sign,
//!
//! ```text
//! L(lambda, p) = sum over u of Phi_u - sum over w of max(p_w a_w, p_w b_w) - sum over r of lambda_r limit_r
//! Phi_u        = the cheapest fill of u's places at costs c_uw + sum_r lambda_r a_r,uw + p_w, waiting at c_u0 + sum_r lambda_r a_r,u0
//! ```
//!
//! is at most the cost of every matching that keeps the rows, whatever the multipliers are. They are stated as integers over a common
//! `scale`, everything is summed exactly in 128 bits, and the quotient is rounded up, because every cost is an integer.
//!
//! The best such bound is that of the linear relaxation, which may lie below the least cost. A [`SideProof`] therefore may split the
//! matchings in two, those with a pair and those without it, as often as needed: each part (a *leaf*) has multipliers and prices of its own,
//! and the bound is the least of theirs. Wherever the bound meets the cost the matching is proven, without trust in any solver.
//!
//! # Cost and overflow
//!
//! Every pair is read once: `O(E (leaves + terms per pair) + leaves (K + R))` time. Coefficients are within [`COEFFICIENT_MAX`] = 2^32, limits
//! within [`LIMIT_MAX`] = 2^58, multipliers within [`MULTIPLIER_MAX`] = 2^48, the scale within [`SCALE_MAX`] = 2^20, and there are at most
//! [`ROWS_MAX`] = 2^16 rows, so a modified cost stays below 2^97, and a sum over the at most 2^29 places that all lefts together may want here
//! stays below 2^126. What is beyond is refused, not summed.
//!
//! # References
//! - A. M. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974).
//! - M. L. Fisher, "The Lagrangian relaxation method for solving integer programming problems", Management Science 27 (1981).
//!
//! # Example
//!
//! Two people, two workers with room for both, but only one of the two may go to right 0.
//!
//! ```
//! use peermatch_assignment::side::{Row, Rows, SideProof, check_side};
//! use peermatch_assignment::{Flow, Frame, Left, Matching, PairTable, Right, Supply};
//!
//! let frame = Frame::simple(2, 100, vec![2, 2])?;
//! let pairs = PairTable::from_rows(2, [
//!     vec![(Right(0), 1), (Right(1), 9)],
//!     vec![(Right(0), 1), (Right(1), 5)],
//! ])?;
//! let row = Row::at_most(vec![(Left(0), Right(0), 1), (Left(1), Right(0), 1)], vec![], 1);
//! let rows = Rows::new(2, vec![row])?;
//!
//! let found = Flow::from(&Matching::new(vec![Some(Right(0)), Some(Right(1))]));
//! // One person more at right 0 would save 4: that is the row's multiplier.
//! let proof = SideProof::root(1, vec![4], vec![0, 0]);
//! let verified = check_side(&frame, &Supply::one_each(2), &pairs, &rows, &found, &proof)?;
//! assert_eq!((verified.cost(), verified.bound()), (6, 6));
//! assert!(verified.proven());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::check::{Rejection, charge, visit_row};
use crate::flow::Flow;
use crate::frame::{Frame, FrameError};
use crate::ids::{Left, Right};
use crate::pairs::{Pairs, Uncosted};
use crate::prices::PRICE_MAX;
use crate::supply::Supply;
use serde::{Deserialize, Serialize};

/// Largest absolute coefficient of a row: 2^32.
pub const COEFFICIENT_MAX: i64 = 1 << 32;

/// Largest absolute limit of a row: 2^58.
pub const LIMIT_MAX: i64 = 1 << 58;

/// Largest multiplier: 2^48.
pub const MULTIPLIER_MAX: i64 = 1 << 48;

/// Largest scale of multipliers: 2^20.
pub const SCALE_MAX: u32 = 1 << 20;

/// Largest number of rows: 2^16.
pub const ROWS_MAX: usize = 1 << 16;

/// Largest sum of places wanted: 2^29.
const UNITS_MAX: u64 = 1 << 29;

/// One side constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    terms: Vec<(Left, Right, i64)>,
    waiting: Vec<(Left, i64)>,
    limit: i64,
}

impl Row {
    /// `terms` (coefficient per pair) plus `waiting` (coefficient per place that a left wants and does not get) is at most `limit`.
    /// Pairs that are not named have coefficient 0; a pair named twice is refused by [`Rows::new`].
    pub fn at_most(terms: Vec<(Left, Right, i64)>, waiting: Vec<(Left, i64)>, limit: i64) -> Self {
        let mut row = Self { terms, waiting, limit };
        row.terms.retain(|term| term.2 != 0);
        row.waiting.retain(|term| term.1 != 0);
        row.terms.sort_unstable();
        row.waiting.sort_unstable();
        row
    }

    /// The same sum is at least `limit`: kept as its negative. What is beyond the bounds of [`Rows::new`] stays beyond them.
    pub fn at_least(
        mut terms: Vec<(Left, Right, i64)>,
        mut waiting: Vec<(Left, i64)>,
        limit: i64,
    ) -> Self {
        for term in &mut terms {
            term.2 = term.2.saturating_neg();
        }
        for term in &mut waiting {
            term.1 = term.1.saturating_neg();
        }
        Self::at_most(terms, waiting, limit.saturating_neg())
    }

    /// The coefficients per pair that are not 0, by left and right.
    pub fn terms(&self) -> &[(Left, Right, i64)] {
        &self.terms
    }

    /// The coefficients per place not given that are not 0, by left.
    pub fn waiting(&self) -> &[(Left, i64)] {
        &self.waiting
    }

    /// The limit.
    pub fn limit(&self) -> i64 {
        self.limit
    }
}

/// Why rows were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// More than [`ROWS_MAX`].
    #[error("{rows} side constraints: at most {ROWS_MAX} are supported")]
    TooMany {
        /// Number given.
        rows: usize,
    },
    /// A row names a left that does not exist.
    #[error("side constraint {row} names {left}, but there are only {lefts} lefts")]
    LeftOutOfRange {
        /// Which row.
        row: usize,
        /// The left named.
        left: Left,
        /// Number of lefts.
        lefts: usize,
    },
    /// A row names a pair, or the waiting of a left, twice.
    #[error("side constraint {row} names a pair of {left} twice")]
    Duplicate {
        /// Which row.
        row: usize,
        /// Whose pair.
        left: Left,
    },
    /// A coefficient or a limit is too large.
    #[error("side constraint {row} has a coefficient or a limit that is too large")]
    TooLarge {
        /// Which row.
        row: usize,
    },
}

/// The side constraints of a problem, readable by row and by left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    list: Vec<Row>,
    /// Per left the terms of its pairs: (right, row, coefficient), by right and then row.
    by_left: Vec<Vec<(Right, u32, i64)>>,
    /// Per left the terms of its waiting: (row, coefficient).
    waiting_by_left: Vec<Vec<(u32, i64)>>,
}

impl Rows {
    /// Checks and keeps the rows of a problem with `lefts` lefts. O(terms log terms).
    ///
    /// # Errors
    /// The first [`RowsError`] found.
    pub fn new(lefts: usize, rows: Vec<Row>) -> Result<Self, RowsError> {
        if rows.len() > ROWS_MAX {
            return Err(RowsError::TooMany { rows: rows.len() });
        }
        let mut by_left = vec![Vec::new(); lefts];
        let mut waiting_by_left = vec![Vec::new(); lefts];
        for (row, at) in rows.iter().zip(0u32..) {
            let which = at as usize;
            let fits = |value: i64, most: i64| (-most..=most).contains(&value);
            if !fits(row.limit, LIMIT_MAX)
                || row.terms.iter().any(|term| !fits(term.2, COEFFICIENT_MAX))
                || row.waiting.iter().any(|term| !fits(term.1, COEFFICIENT_MAX))
            {
                return Err(RowsError::TooLarge { row: which });
            }
            let named = row.terms.iter().map(|term| term.0);
            if let Some(left) = named
                .chain(row.waiting.iter().map(|term| term.0))
                .find(|left| left.index() >= lefts)
            {
                return Err(RowsError::LeftOutOfRange { row: which, left, lefts });
            }
            let twice =
                row.terms.windows(2).find(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1));
            let waits = row.waiting.windows(2).find(|two| two[0].0 == two[1].0);
            if let Some(left) = twice.map(|two| two[0].0).or(waits.map(|two| two[0].0)) {
                return Err(RowsError::Duplicate { row: which, left });
            }
            for &(left, right, coefficient) in &row.terms {
                by_left[left.index()].push((right, at, coefficient));
            }
            for &(left, coefficient) in &row.waiting {
                waiting_by_left[left.index()].push((at, coefficient));
            }
        }
        for terms in &mut by_left {
            terms.sort_unstable();
        }
        Ok(Self { list: rows, by_left, waiting_by_left })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of lefts.
    pub fn lefts(&self) -> usize {
        self.by_left.len()
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.list
    }

    /// The terms of the pairs of `left`: right, row, coefficient; by right, then row.
    ///
    /// # Panics
    /// If `left` is not of this problem.
    pub fn terms_of(&self, left: Left) -> &[(Right, u32, i64)] {
        &self.by_left[left.index()]
    }

    /// The terms of one pair: row, coefficient. O(log terms).
    ///
    /// # Panics
    /// If `left` is not of this problem.
    pub fn terms_of_pair(&self, left: Left, right: Right) -> impl Iterator<Item = (u32, i64)> + '_ {
        let terms = &self.by_left[left.index()];
        let from = terms.partition_point(|term| term.0 < right);
        terms[from..].iter().take_while(move |term| term.0 == right).map(|term| (term.1, term.2))
    }

    /// The terms of the waiting of `left`: row, coefficient.
    ///
    /// # Panics
    /// If `left` is not of this problem.
    pub fn terms_of_waiting(&self, left: Left) -> &[(u32, i64)] {
        &self.waiting_by_left[left.index()]
    }

    /// The sum of each row for a flow of this problem.
    ///
    /// # Panics
    /// If supply or flow are of another problem.
    pub fn values(&self, supply: &Supply, flow: &Flow) -> Vec<i128> {
        let mut values = vec![0i128; self.list.len()];
        for left in Left::all(self.lefts()) {
            for &(right, units) in flow.of(left) {
                for (row, coefficient) in self.terms_of_pair(left, right) {
                    values[row as usize] += i128::from(coefficient) * i128::from(units);
                }
            }
            let missing = u64::from(supply.wanted(left)).saturating_sub(flow.units(left));
            for &(row, coefficient) in self.terms_of_waiting(left) {
                values[row as usize] += i128::from(coefficient) * i128::from(missing);
            }
        }
        values
    }

    /// Whether a flow keeps every row.
    ///
    /// # Panics
    /// As [`Rows::values`].
    pub fn kept_by(&self, supply: &Supply, flow: &Flow) -> bool {
        self.values(supply, flow)
            .iter()
            .zip(&self.list)
            .all(|(&value, row)| value <= i128::from(row.limit))
    }
}

/// One step of a [`SideProof`], in preorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Those matchings that have this pair (the steps that follow), then those that do not (the steps after these).
    Split(Left, Right),
    /// A bound for all that are left here.
    Leaf {
        /// One per row, at least 0, in units of cost over the scale.
        multipliers: Vec<i64>,
        /// One per right, of either sign, in units of cost over the scale.
        prices: Vec<i64>,
    },
}

/// What proves a bound under side constraints: multipliers and prices, for all matchings or for each part of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideProof {
    /// What multipliers and prices are divided by: 1..=[`SCALE_MAX`].
    pub scale: u32,
    /// The steps, in preorder.
    pub steps: Vec<Step>,
}

impl SideProof {
    /// A proof without splits.
    pub fn root(scale: u32, multipliers: Vec<i64>, prices: Vec<i64>) -> Self {
        Self { scale, steps: vec![Step::Leaf { multipliers, prices }] }
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Leaf { .. })).count()
    }

    /// The multipliers of the first leaf: without splits, what one unit more of each limit is worth at most, times the scale.
    pub fn multipliers(&self) -> &[i64] {
        self.steps
            .iter()
            .find_map(|step| match step {
                Step::Leaf { multipliers, .. } => Some(multipliers.as_slice()),
                Step::Split(..) => None,
            })
            .unwrap_or(&[])
    }
}

/// A flow that keeps everything, with its cost and a bound that was computed here. [`check_side`] alone makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSide {
    flow: Flow,
    cost: i128,
    bound: i128,
    pairs: u64,
}

impl VerifiedSide {
    /// The flow.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }
    /// Its total cost, waiting included.
    pub fn cost(&self) -> i128 {
        self.cost
    }
    /// No flow that keeps the side constraints costs less. At most the cost.
    pub fn bound(&self) -> i128 {
        self.bound
    }
    /// `cost - bound`, never negative.
    pub fn gap(&self) -> i128 {
        self.cost - self.bound
    }
    /// Whether no other flow that keeps the side constraints costs less.
    pub fn proven(&self) -> bool {
        self.cost == self.bound
    }
    /// Number of eligible pairs that the bound ran over.
    pub fn pairs_checked(&self) -> u64 {
        self.pairs
    }
}

/// Why a flow under side constraints, or its proof, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SideRejection {
    /// What is also asked without side constraints.
    #[error(transparent)]
    Basic(#[from] Rejection),
    /// Frame, supply and rows are of different problems.
    #[error("the frame has {frame} lefts, the supply {supply}, the side constraints {rows}")]
    Lefts {
        /// Lefts of the frame.
        frame: usize,
        /// Lefts of the supply.
        supply: usize,
        /// Lefts of the rows.
        rows: usize,
    },
    /// A left may have several places of one right, or all lefts together want too many.
    #[error(
        "side constraints are for lefts that take one place of a right; {left} may take more, or too many are wanted"
    )]
    NotOneOfEach {
        /// Who.
        left: Left,
    },
    /// A left has a right twice, or several places of it, or none.
    #[error("{left} must have one place of {right}, or not name it")]
    NotOnePlace {
        /// Who.
        left: Left,
        /// Where.
        right: Right,
    },
    /// A left has too few or too many places.
    #[error("{left} has {units} places, but wants {least} to {wanted}")]
    Units {
        /// Who.
        left: Left,
        /// Places.
        units: u64,
        /// At least.
        least: u32,
        /// At most.
        wanted: u32,
    },
    /// A row is not kept.
    #[error("side constraint {row} comes to {value}, its limit is {limit}")]
    RowBroken {
        /// Which, from 0.
        row: usize,
        /// The sum.
        value: i128,
        /// The limit.
        limit: i64,
    },
    /// The scale is 0 or beyond [`SCALE_MAX`].
    #[error("the scale {scale} is not within 1 to {SCALE_MAX}")]
    Scale {
        /// As given.
        scale: u32,
    },
    /// There is not one multiplier per row, or not one price per right.
    #[error(
        "leaf {leaf} has {multipliers} multipliers and {prices} prices for {rows} side constraints and {rights} rights"
    )]
    Counts {
        /// Which leaf, from 0.
        leaf: usize,
        /// Given.
        multipliers: usize,
        /// Given.
        prices: usize,
        /// Needed multipliers.
        rows: usize,
        /// Needed prices.
        rights: usize,
    },
    /// A multiplier is negative or beyond [`MULTIPLIER_MAX`], or a price beyond [`PRICE_MAX`].
    #[error("leaf {leaf} has a multiplier that is negative or a number that is too large: {value}")]
    Number {
        /// Which leaf, from 0.
        leaf: usize,
        /// The number.
        value: i64,
    },
    /// The steps are not one whole tree: too few, too many, or a pair split twice on one way down.
    #[error(
        "step {step} of the proof does not fit: it must split every part in two, once per pair, down to leaves, and end there"
    )]
    Shape {
        /// Which, from 0.
        step: usize,
    },
    /// Too many lefts for weights that are summed exactly.
    #[error("{lefts} lefts are too many for side constraints under coverage by waiting")]
    TooLargeForStages {
        /// Number of lefts.
        lefts: usize,
    },
    /// The proof does not show that nothing is feasible.
    #[error("the proof does not show that the limits cannot all be kept")]
    NotInfeasible,
    /// Nobody wants a place, so there is no least sum.
    #[error("nobody wants a place, so there is no least sum")]
    NobodyWants,
    /// The bound of a least sum is beyond what rows take.
    #[error("the bound {bound} of the least sum is too large")]
    SumBound {
        /// As stated.
        bound: i64,
    },
}

/// A leaf with the decisions on the way down to it.
struct LeafAt<'p> {
    /// Pairs decided, by left: whether the pair is in.
    decided: Vec<(Left, Right, bool)>,
    multipliers: &'p [i64],
    prices: &'p [i64],
    /// What was summed so far; `None` once the leaf holds no flow at all.
    sum: Option<i128>,
}

/// Reads the steps as one whole tree.
fn leaves(proof: &SideProof, rows: usize, rights: usize) -> Result<Vec<LeafAt<'_>>, SideRejection> {
    if !(1..=SCALE_MAX).contains(&proof.scale) {
        return Err(SideRejection::Scale { scale: proof.scale });
    }
    let mut out = Vec::new();
    let mut path: Vec<(Left, Right, bool)> = Vec::new();
    let mut whole = false;
    for (at, step) in proof.steps.iter().enumerate() {
        if whole {
            return Err(SideRejection::Shape { step: at });
        }
        match step {
            &Step::Split(left, right) => {
                if path.iter().any(|decided| (decided.0, decided.1) == (left, right)) {
                    return Err(SideRejection::Shape { step: at });
                }
                path.push((left, right, true));
            }
            Step::Leaf { multipliers, prices } => {
                let leaf = out.len();
                if multipliers.len() != rows || prices.len() != rights {
                    return Err(SideRejection::Counts {
                        leaf,
                        multipliers: multipliers.len(),
                        prices: prices.len(),
                        rows,
                        rights,
                    });
                }
                let wrong = multipliers.iter().find(|m| !(0..=MULTIPLIER_MAX).contains(*m));
                let wrong = wrong
                    .or_else(|| prices.iter().find(|p| !(-PRICE_MAX..=PRICE_MAX).contains(*p)));
                if let Some(&value) = wrong {
                    return Err(SideRejection::Number { leaf, value });
                }
                let mut decided = path.clone();
                decided.sort_unstable();
                out.push(LeafAt { decided, multipliers, prices, sum: Some(0) });
                // Back up to the last split whose second part is still to come.
                while path.last().is_some_and(|last| !last.2) {
                    path.pop();
                }
                match path.last_mut() {
                    Some(last) => last.2 = false,
                    None => whole = true,
                }
            }
        }
    }
    if whole { Ok(out) } else { Err(SideRejection::Shape { step: proof.steps.len() }) }
}

/// Sizes that everything must agree in.
fn same_sizes(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    rows: &Rows,
) -> Result<(), SideRejection> {
    let lefts = frame.lefts();
    if supply.lefts() != lefts || rows.lefts() != lefts {
        return Err(SideRejection::Lefts {
            frame: lefts,
            supply: supply.lefts(),
            rows: rows.lefts(),
        });
    }
    if pairs.lefts() != lefts {
        let refused = Rejection::Lefts { frame: lefts, pairs: pairs.lefts(), matching: lefts };
        return Err(refused.into());
    }
    let mut units = 0u64;
    for left in Left::all(lefts) {
        units += u64::from(supply.wanted(left));
        if supply.each(left) != 1 || units > UNITS_MAX {
            return Err(SideRejection::NotOneOfEach { left });
        }
    }
    Ok(())
}

/// Adds what `left` can cost at least to each leaf. `row` holds its pairs and their costs.
fn fill(
    (frame, supply, rows): (&Frame, &Supply, &Rows),
    scale: i128,
    left: Left,
    row: &[(Right, i128)],
    waiting: i128,
    leaf: &mut LeafAt<'_>,
) {
    let Some(sum) = &mut leaf.sum else { return };
    let from = leaf.decided.partition_point(|decided| decided.0 < left);
    let to = leaf.decided.partition_point(|decided| decided.0 <= left);
    let decided = &leaf.decided[from..to];
    let terms = rows.terms_of(left);
    let mut term = 0;
    let mut forced = 0u32;
    let mut found = 0;
    let mut options = Vec::with_capacity(row.len());
    for &(right, cost) in row {
        let mut modified = scale * cost + i128::from(leaf.prices[right.index()]);
        while terms.get(term).is_some_and(|t| t.0 < right) {
            term += 1;
        }
        while let Some(&(_, r, coefficient)) = terms.get(term).filter(|t| t.0 == right) {
            modified += i128::from(leaf.multipliers[r as usize]) * i128::from(coefficient);
            term += 1;
        }
        let split = decided.iter().find(|d| d.1 == right).map(|d| d.2);
        let pinned = frame.pinned(left) == Some(right);
        match split {
            Some(true) => found += 1,
            // A pin cannot be left out: this part of the split is empty.
            Some(false) if pinned => {
                leaf.sum = None;
                return;
            }
            _ => {}
        }
        if split == Some(true) || pinned {
            forced += 1;
            *sum += modified;
        } else if split.is_none() {
            options.push(modified);
        }
    }
    let (wanted, least) = (supply.wanted(left), supply.least(left));
    let missing_pair = found < decided.iter().filter(|d| d.2).count();
    let reachable = forced as usize + options.len();
    if missing_pair || forced > wanted || reachable < least as usize {
        leaf.sum = None;
        return;
    }
    let mut wait = scale * waiting;
    for &(r, coefficient) in rows.terms_of_waiting(left) {
        wait += i128::from(leaf.multipliers[r as usize]) * i128::from(coefficient);
    }
    options.sort_unstable();
    let mut places = forced;
    for modified in options {
        if places == wanted || (places >= least && modified >= wait) {
            break;
        }
        *sum += modified;
        places += 1;
    }
    *sum += i128::from(wanted - places) * wait;
}

/// What is read of the pairs in one pass.
struct Passed {
    cost: i128,
    pairs: u64,
}

/// One pass over the pairs: fills each leaf, and checks and prices the flow if one is given. With `costs` false everything costs 0.
fn pass(
    (frame, supply, rows): (&Frame, &Supply, &Rows),
    pairs: &impl Pairs,
    flow: Option<&Flow>,
    scale: u32,
    costs: bool,
    leaves: &mut [LeafAt<'_>],
) -> Result<Passed, SideRejection> {
    let scale = i128::from(scale);
    let mut passed = Passed { cost: 0, pairs: 0 };
    let mut row: Vec<(Right, i128)> = Vec::new();
    for left in Left::all(frame.lefts()) {
        row.clear();
        passed.pairs += visit_row(pairs, left, frame.rights(), |right, cost| {
            row.push((right, if costs { i128::from(cost) } else { 0 }));
        })?;
        let waiting = if costs { i128::from(frame.waiting_cost(left)) } else { 0 };
        if let Some(pinned) = frame.pinned(left)
            && row.binary_search_by_key(&pinned, |pair| pair.0).is_err()
        {
            // Nothing is feasible then, which is a matter of its own.
            for leaf in leaves.iter_mut() {
                leaf.sum = None;
            }
        }
        for leaf in leaves.iter_mut() {
            fill((frame, supply, rows), scale, left, &row, waiting, leaf);
        }
        let Some(flow) = flow else { continue };
        let mut before = None;
        for &(right, units) in flow.of(left) {
            if right.index() >= frame.rights() {
                return Err(Rejection::NoSuchRight { left, right }.into());
            }
            if units != 1 || before.is_some_and(|before| before >= right) {
                return Err(SideRejection::NotOnePlace { left, right });
            }
            before = Some(right);
            let Ok(at) = row.binary_search_by_key(&right, |pair| pair.0) else {
                return Err(Rejection::NotEligible { left, right }.into());
            };
            passed.cost += row[at].1;
        }
        if let Some(pinned) = frame.pinned(left)
            && !flow.of(left).iter().any(|place| place.0 == pinned)
        {
            let assigned = flow.of(left).first().map(|place| place.0);
            return Err(Rejection::PinBroken { left, pinned, assigned }.into());
        }
        let (units, least, wanted) = (flow.units(left), supply.least(left), supply.wanted(left));
        if units < u64::from(least) || units > u64::from(wanted) {
            return Err(SideRejection::Units { left, units, least, wanted });
        }
        passed.cost += i128::from(u64::from(wanted) - units) * waiting;
    }
    for leaf in leaves.iter_mut() {
        let Some(sum) = &mut leaf.sum else { continue };
        for right in Right::all(frame.rights()) {
            *sum -= charge(leaf.prices[right.index()], frame.minimum(right), frame.capacity(right));
        }
        for (row, &multiplier) in rows.rows().iter().zip(leaf.multipliers) {
            *sum -= i128::from(multiplier) * i128::from(row.limit);
        }
    }
    Ok(passed)
}

/// Checks that `flow` keeps the frame, the supply and every row, and computes the bound of `proof`.
///
/// The problem is given as its frame, its supply (at most one place of one right), the stream of its eligible pairs, and its rows; the flow
/// and the proof are claims. Any well-formed proof gives a valid bound; a poor one gives a large gap, never a wrong one. See the module's
/// front page for the bound, its proof, cost and overflow.
///
/// # Errors
/// [`SideRejection`] with the first failing step.
pub fn check_side(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    rows: &Rows,
    flow: &Flow,
    proof: &SideProof,
) -> Result<VerifiedSide, SideRejection> {
    same_sizes(frame, supply, pairs, rows)?;
    if flow.lefts() != frame.lefts() {
        let (frame, matching) = (frame.lefts(), flow.lefts());
        return Err(Rejection::Lefts { frame, pairs: frame, matching }.into());
    }
    let mut leaves = leaves(proof, rows.len(), frame.rights())?;
    let passed = pass((frame, supply, rows), pairs, Some(flow), proof.scale, true, &mut leaves)?;
    let loads = flow.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let load = u32::try_from(loads[right.index()]).unwrap_or(u32::MAX);
        let (capacity, minimum) = (frame.capacity(right), frame.minimum(right));
        if load > capacity {
            return Err(Rejection::OverCapacity { right, load, capacity }.into());
        }
        if load < minimum {
            return Err(Rejection::BelowMinimum { right, load, minimum }.into());
        }
    }
    for (row, (value, stated)) in rows.values(supply, flow).into_iter().zip(rows.rows()).enumerate()
    {
        if value > i128::from(stated.limit) {
            return Err(SideRejection::RowBroken { row, value, limit: stated.limit });
        }
    }
    let scale = i128::from(proof.scale);
    // The flow itself lies in one of the parts, so not all of them are empty.
    let bound =
        leaves.iter().filter_map(|leaf| leaf.sum).map(|sum| -(-sum).div_euclid(scale)).min();
    let bound = bound.unwrap_or(passed.cost);
    assert!(bound <= passed.cost, "weak duality: no feasible flow costs less than a bound");
    Ok(VerifiedSide { flow: flow.clone(), cost: passed.cost, bound, pairs: passed.pairs })
}

/// The bound of one leaf times `scale`, for a finder that weighs multipliers: `decided` says of pairs whether they are in. `None` if no flow is left
/// there at all, by these decisions alone.
///
/// Multipliers and prices must be of the right number; their sizes are not checked here but by [`check_side`].
///
/// # Errors
/// [`SideRejection`] if the sizes of the problem differ.
///
/// # Panics
/// If there are too few multipliers or prices.
pub fn leaf_bound(
    (frame, supply, rows): (&Frame, &Supply, &Rows),
    pairs: &impl Pairs,
    scale: u32,
    decided: &[(Left, Right, bool)],
    multipliers: &[i64],
    prices: &[i64],
) -> Result<Option<i128>, SideRejection> {
    same_sizes(frame, supply, pairs, rows)?;
    let mut decided = decided.to_vec();
    decided.sort_unstable();
    let mut leaf = [LeafAt { decided, multipliers, prices, sum: Some(0) }];
    pass((frame, supply, rows), pairs, None, scale, true, &mut leaf)?;
    let [leaf] = leaf;
    Ok(leaf.sum)
}

/// Checks that no flow keeps the frame, the supply and every row: with all costs 0 every leaf of `proof` has a bound above 0, or is empty.
///
/// Arguments, cost and overflow as [`check_side`].
///
/// # Errors
/// [`SideRejection::NotInfeasible`] if the proof shows no such thing; otherwise what is malformed.
pub fn check_side_infeasible(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    rows: &Rows,
    proof: &SideProof,
) -> Result<(), SideRejection> {
    same_sizes(frame, supply, pairs, rows)?;
    let mut leaves = leaves(proof, rows.len(), frame.rights())?;
    pass((frame, supply, rows), pairs, None, proof.scale, false, &mut leaves)?;
    if leaves.iter().all(|leaf| leaf.sum.is_none_or(|sum| sum > 0)) {
        Ok(())
    } else {
        Err(SideRejection::NotInfeasible)
    }
}

/// What proves a flow under coverage by longest waiting: who is served comes first, then what it costs.
///
/// The first stage forgets what pairs cost and minimises the [`serving_weights`] of the places not given; the second minimises the costs of pairs
/// while the first stage's value is held as one more row. Without a first stage the frame's own costs of waiting count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedProof {
    /// Of the first stage, if there is one.
    pub serving: Option<SideProof>,
    /// Of the costs. With a first stage, its last multiplier is that of the held value.
    pub cost: SideProof,
}

/// A flow that keeps everything, with what was proven of it. [`check_staged`] alone makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedStaged {
    serving: Option<Served>,
    cost: VerifiedSide,
}

/// What the first stage comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Weight of the places not given.
    pub value: i128,
    /// No flow leaves less.
    pub bound: i128,
}

impl VerifiedStaged {
    /// The flow.
    pub fn flow(&self) -> &Flow {
        self.cost.flow()
    }
    /// What the first stage comes to, if there is one.
    pub fn serving(&self) -> Option<Served> {
        self.serving
    }
    /// The costs of the flow and their bound: with a first stage, among those that serve as well by its weights.
    pub fn cost(&self) -> &VerifiedSide {
        &self.cost
    }
    /// Whether both stages are proven.
    pub fn proven(&self) -> bool {
        self.serving.is_none_or(|served| served.value == served.bound) && self.cost.proven()
    }
}

/// What a place not given weighs, by left: more than all ranks together, plus the left's rank from the end. So the least sum of weights gives as
/// many places as can be, and among those the ones that let the earliest lefts be served, by the sum of their ranks.
///
/// (Side constraints break the exchange argument by which one order of lefts decides alone; a sum of ranks still has a least value.)
///
/// With `n` lefts and `U` places wanted a weight is below `n U + n + 2`.
pub fn serving_weights(supply: &Supply) -> Vec<i64> {
    let lefts = i64::try_from(supply.lefts()).unwrap_or(i64::MAX);
    let unit = serving_unit(supply);
    (1..=lefts).rev().map(|rank| unit.saturating_add(rank)).collect()
}

/// What any place not given weighs at least by [`serving_weights`]: one more than all ranks together. A difference of weights, divided by it and
/// rounded down, is a number of places.
pub fn serving_unit(supply: &Supply) -> i64 {
    let lefts = i64::try_from(supply.lefts()).unwrap_or(i64::MAX);
    (1..=lefts)
        .rev()
        .zip(Left::all(supply.lefts()))
        .map(|(rank, left)| rank.saturating_mul(i64::from(supply.wanted(left))))
        .fold(1i64, i64::saturating_add)
}

/// The frame of one stage: the same but for the costs of waiting.
///
/// # Errors
/// As [`Frame::new`], if a cost is too large.
pub fn stage_frame(frame: &Frame, waiting: Vec<i64>) -> Result<Frame, FrameError> {
    Frame::new(
        waiting,
        frame.pins().to_vec(),
        frame.capacities().to_vec(),
        frame.minimums().to_vec(),
    )
}

/// The rows of the second stage: `rows`, and that the serving weights come to at most `value`.
///
/// # Errors
/// As [`Rows::new`]: with more than about 65,000 lefts a weight is too large for a row.
pub fn rows_of_cost(rows: &Rows, weights: &[i64], value: i128) -> Result<Rows, RowsError> {
    let mut all = rows.rows().to_vec();
    let Ok(limit) = i64::try_from(value) else {
        return Err(RowsError::TooLarge { row: all.len() });
    };
    let waiting = Left::all(weights.len()).zip(weights.iter().copied()).collect();
    all.push(Row::at_most(vec![], waiting, limit));
    Rows::new(rows.lefts(), all)
}

/// Checks a flow in its stages: `serving` are the rows that hold while it is decided who is served, `rows` those that hold for the result
/// (the same ones and more).
///
/// Each stage is one [`check_side`].
///
/// # Errors
/// [`SideRejection`] of the first stage that does not hold.
pub fn check_staged(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    (serving, rows): (&Rows, &Rows),
    flow: &Flow,
    proof: &StagedProof,
) -> Result<VerifiedStaged, SideRejection> {
    let Some(first) = &proof.serving else {
        let cost = check_side(frame, supply, pairs, rows, flow, &proof.cost)?;
        return Ok(VerifiedStaged { serving: None, cost });
    };
    // Sizes must agree before weights are made of them.
    same_sizes(frame, supply, pairs, rows)?;
    let weights = serving_weights(supply);
    let too_large = |_| SideRejection::TooLargeForStages { lefts: frame.lefts() };
    let served = stage_frame(frame, weights.clone()).map_err(too_large)?;
    let served = check_side(&served, supply, &Uncosted(pairs), serving, flow, first)?;
    let held = rows_of_cost(rows, &weights, served.cost())
        .map_err(|_| SideRejection::TooLargeForStages { lefts: frame.lefts() })?;
    let costs = stage_frame(frame, vec![0; frame.lefts()]).map_err(too_large)?;
    let cost = check_side(&costs, supply, pairs, &held, flow, &proof.cost)?;
    let serving = Some(Served { value: served.cost(), bound: served.bound() });
    Ok(VerifiedStaged { serving, cost })
}

/// Checks that no flow that serves as well as can be under `serving` keeps all of `rows`: that `flow` serves best, by the first stage of `proof`, and that
/// what serves as well cannot keep the rows, by its second ([`check_side_infeasible`]). Without a first stage, that no flow keeps `rows` at all.
///
/// # Errors
/// [`SideRejection::NotInfeasible`] if `flow` is not proven to serve best, or the second stage shows no such thing; otherwise what is malformed.
pub fn check_staged_infeasible(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    (serving, rows): (&Rows, &Rows),
    flow: &Flow,
    proof: &StagedProof,
) -> Result<(), SideRejection> {
    let Some(first) = &proof.serving else {
        return check_side_infeasible(frame, supply, pairs, rows, &proof.cost);
    };
    same_sizes(frame, supply, pairs, rows)?;
    let weights = serving_weights(supply);
    let too_large = || SideRejection::TooLargeForStages { lefts: frame.lefts() };
    let served = stage_frame(frame, weights.clone()).map_err(|_| too_large())?;
    let served = check_side(&served, supply, &Uncosted(pairs), serving, flow, first)?;
    if !served.proven() {
        return Err(SideRejection::NotInfeasible);
    }
    let held = rows_of_cost(rows, &weights, served.cost()).map_err(|_| too_large())?;
    check_side_infeasible(frame, supply, pairs, &held, &proof.cost)
}

/// A flow with the least sum of a left in it, and a bound of it that was checked. [`check_least_sum`] alone makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLeastSum {
    flow: Flow,
    least: i64,
    bound: i64,
}

impl VerifiedLeastSum {
    /// The flow.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }
    /// The least sum of fits over the places of one left, of all lefts that want a place.
    pub fn least(&self) -> i64 {
        self.least
    }
    /// In no flow is the least sum larger.
    pub fn bound(&self) -> i64 {
        self.bound
    }
    /// `bound - least`, never negative.
    pub fn gap(&self) -> i64 {
        self.bound - self.least
    }
    /// Whether no flow has a larger least sum.
    pub fn proven(&self) -> bool {
        self.gap() == 0
    }
}

/// The rows that say: every left who wants a place has fits of at least `least` in sum, where a pair's fit is its cost turned round. O(E).
///
/// # Errors
/// As [`Rows::new`], if `least` is beyond [`LIMIT_MAX`].
pub fn rows_of_sums(supply: &Supply, pairs: &impl Pairs, least: i64) -> Result<Rows, RowsError> {
    let mut rows = Vec::new();
    for left in Left::all(supply.lefts()).filter(|&left| supply.wanted(left) > 0) {
        let mut terms = Vec::new();
        pairs.visit(left, |right, cost| terms.push((left, right, i64::from(cost))));
        rows.push(Row::at_most(terms, vec![], least.saturating_neg()));
    }
    Rows::new(supply.lefts(), rows)
}

/// Checks that `flow` keeps frame and supply, sums the fits (costs turned round) of each left that wants a place, and checks that no flow has all
/// these sums above `bound`: the rows that ask for `bound + 1` cannot all be kept ([`check_side_infeasible`]).
///
/// Who wants several places shares out one's sum among them, so the largest least sum is NP-hard to find (two lefts already hold number partition);
/// to check a bound is not.
///
/// # Errors
/// [`SideRejection`] with the first failing step.
pub fn check_least_sum(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    flow: &Flow,
    bound: i64,
    proof: &SideProof,
) -> Result<VerifiedLeastSum, SideRejection> {
    if supply.lefts() != frame.lefts() || pairs.lefts() != frame.lefts() {
        let (frame, rows) = (frame.lefts(), pairs.lefts());
        return Err(SideRejection::Lefts { frame, supply: supply.lefts(), rows });
    }
    let none = Rows::new(frame.lefts(), vec![]).map_err(|_| SideRejection::SumBound { bound })?;
    let nothing = SideProof::root(1, vec![], vec![0; frame.rights()]);
    check_side(frame, supply, pairs, &none, flow, &nothing)?;
    let mut least: Option<i64> = None;
    for left in Left::all(frame.lefts()).filter(|&left| supply.wanted(left) > 0) {
        let mut sum = 0i64;
        pairs.visit(left, |right, cost| {
            if flow.of(left).iter().any(|place| place.0 == right) {
                sum -= i64::from(cost);
            }
        });
        least = Some(least.map_or(sum, |least| least.min(sum)));
    }
    let least = least.ok_or(SideRejection::NobodyWants)?;
    let too_large = SideRejection::SumBound { bound };
    let above = bound.checked_add(1).ok_or_else(|| too_large.clone())?;
    let rows = rows_of_sums(supply, pairs, above).map_err(|_| too_large)?;
    check_side_infeasible(frame, supply, pairs, &rows, proof)?;
    assert!(least <= bound, "no flow has a least sum above a bound that was checked");
    Ok(VerifiedLeastSum { flow: flow.clone(), least, bound })
}
