//! Raw problems: scored edges and capacities in, a matching and its certificate out, as CSV.
//!
//! For benchmarks, for published instances and for anybody who scores pairs elsewhere. No people and no rules here.
//!
//! | file | columns |
//! |---|---|
//! | edges | `left,right,score[,left_rank][,right_rank]`: ids are any text, score is a whole number 0..=1,000,000; a pair stands at most once |
//! | capacities | `right,capacity[,minimum]`: every right once, also those without edges |
//! | demand | `left,demand[,minimum]`: how many different rights a left wants, and needs at least; who is not named wants 1 |
//! | matching | `left,right`: the assigned lefts only, a row for each right they have |
//! | certificate of best total | `right,price`: the price of a place in units of score, of either sign |
//! | certificate of anything else | one JSON document: see [`Certificate`] |
//!
//! Ranks are whole numbers from 1 (the best); equal ranks are ties. A rank column that is there has a number in every row. Where
//! one is not there, that side ranks by score. Where both are there, `score` may be left away; objectives that read scores are
//! then refused ([`Rule::settle`]).
//!
//! Encodings and separators are read as everywhere ([`crate::text`]; `,`, `;` or tab). Ids are taken exactly as they stand,
//! space included, but for the apostrophe that guards what a spreadsheet would take for a formula ([`crate::write_csv`]): it is
//! written where needed and taken away in reading, so that every id comes back as it was.
//!
//! Lefts and rights are numbered in the byte order of their ids, so nothing depends on the order of rows.
//!
//! # What the certificate proves
//! With prices `p`, best total (an unassigned left is worth 0):
//! `sum over lefts of max(0, max over its edges of score - p) + sum over rights of (p * capacity if p >= 0 else p * minimum)`
//! is at least the total score of any matching that keeps capacities and minimums, whatever `p` is; where it equals the total
//! score of a given one, that one is best. For as many as can be, 0 is replaced by `-M`, with `M = 1,000,000 * lefts + 1`, and the total
//! score has `M` taken off for every left without a place. Where lefts want several places, `M = 1,000,000 * places wanted + 1`
//! is taken off for every place that is wanted and not given, and a left that wants `d` rights and needs `m` of them is bounded by the best
//! sum, over `k` from `m` to `d`, of its `k` largest `score - p` and `d - k` times `-M`.
//!
//! Modules in reading order: `rows` (a table, cell by cell), `read` (edges, capacities, demand), `objectives` (what each
//! objective asks of a raw problem), `written` (matching and prices), `certificate` (the proof of the other objectives).

mod certificate;
mod objectives;
mod read;
mod rows;
mod stats;
mod written;

pub use certificate::{
    CERTIFICATE_FORMAT, Certificate, Proof, is_document, read_certificate_document,
    write_certificate_document,
};
pub use objectives::{Asked, EXACT_GRADES_MAX, Proposing, Rule, WIDE_STEP, grades};
pub use read::{Demand, read_raw, read_raw_wanting};
pub use stats::{MoreStats, RawStats, write_stats};
pub use written::{
    read_certificate, read_flow, read_matching, write_certificate, write_choices, write_flow,
    write_matching, write_places,
};

use peermatch_assignment::{Flow, Left, Matching, Problem, Right, Supply};

/// The largest score of an edge.
pub const SCORE_MAX: i32 = 1_000_000;

/// The most faults that are told of one file; the rest is counted.
pub const FAULTS_MAX: usize = 1_000;

/// The largest demand of a left.
pub const DEMAND_MAX: u32 = 1_000_000;

/// The most places that all lefts may want together, so that serving one more can outweigh all scores within the bound of costs.
pub const DEMANDS_MAX: u64 = 1 << 38;

/// The largest rank of a pair.
pub const RANK_MAX: u32 = 1_000_000;

/// What is best, where the total is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coverage {
    /// The largest total score; a left without a place is worth 0.
    #[default]
    Total,
    /// As many lefts as can be, then the largest total score.
    Most,
}

impl Coverage {
    /// What a place costs that is wanted and not given, in units of score, where `places` are wanted in all.
    fn waiting_cost(self, places: u64) -> i64 {
        match self {
            Self::Total => 0,
            // One place more outweighs what all others together can lose by it.
            Self::Most => {
                i64::from(SCORE_MAX) * i64::try_from(places).unwrap_or(i64::MAX >> 24) + 1
            }
        }
    }
}

/// A raw problem in memory: ids in byte order, and the problem to solve, in which a pair costs minus its score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawProblem {
    lefts: Vec<String>,
    rights: Vec<String>,
    problem: Problem,
    supply: Supply,
    scored: bool,
    left_ranks: Option<Vec<u32>>,
    right_ranks: Option<Vec<u32>>,
}

impl RawProblem {
    /// The ids of the lefts that have an edge, ascending: left `u` is `lefts()[u]`.
    pub fn lefts(&self) -> &[String] {
        &self.lefts
    }

    /// The ids of the rights, ascending.
    pub fn rights(&self) -> &[String] {
        &self.rights
    }

    /// The problem to solve.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// How many places each left wants.
    pub fn supply(&self) -> &Supply {
        &self.supply
    }

    /// Whether the edges have scores; where they have none, every score is 0 and stands for nothing.
    pub fn scored(&self) -> bool {
        self.scored
    }

    /// Whether either side gives ranks of its own.
    pub fn ranks_given(&self) -> bool {
        self.left_ranks.is_some() || self.right_ranks.is_some()
    }

    /// Number of edges.
    pub fn edges(&self) -> usize {
        self.problem.pairs().len()
    }

    /// The id of a left.
    pub fn left(&self, left: Left) -> &str {
        self.lefts.get(left.index()).map_or("", String::as_str)
    }

    /// The id of a right.
    pub fn right(&self, right: Right) -> &str {
        self.rights.get(right.index()).map_or("", String::as_str)
    }

    /// Total score of a matching; pairs that are no edges count 0.
    pub fn score(&self, matching: &Matching) -> i64 {
        self.score_of(matching.pairs())
    }

    /// Total score of a flow; pairs that are no edges count 0.
    pub fn flow_score(&self, flow: &Flow) -> i64 {
        self.score_of(flow.pairs().map(|(left, right, _)| (left, right)))
    }

    /// The smallest score of a pair in use; none where nobody has a place.
    pub fn least_score(&self, flow: &Flow) -> Option<i32> {
        let costs =
            flow.pairs().filter_map(|(left, right, _)| self.problem.pairs().cost(left, right));
        costs.map(|cost| -cost).min()
    }

    fn score_of(&self, pairs: impl Iterator<Item = (Left, Right)>) -> i64 {
        pairs
            .filter_map(|(left, right)| self.problem.pairs().cost(left, right))
            .map(|cost| -i64::from(cost))
            .sum()
    }
}
