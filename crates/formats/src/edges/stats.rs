//! What a solve came to, for machines.

use std::fmt::Write as _;

use serde::Serialize;

/// What a solve of a raw problem came to, for machines. The keys are frozen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RawStats {
    /// Number of lefts (with an edge).
    pub lefts: usize,
    /// Number of rights.
    pub rights: usize,
    /// Number of edges.
    pub edges: usize,
    /// Number of lefts with a place; none where there is no matching.
    pub assigned: Option<usize>,
    /// Total score; none where there is no matching.
    pub objective: Option<i64>,
    /// `optimal`, `infeasible`, or `checked` for a rule that has no better or worse, and where a bound is not met.
    pub status: &'static str,
    /// Seconds from opening the files to the finished index structure.
    pub read_s: f64,
    /// Seconds of solving, tie rule included.
    pub solve_s: f64,
    /// Seconds of the independent check.
    pub verify_s: f64,
    /// The most memory the process held, in MiB, where the system tells.
    pub peak_rss_mib: Option<f64>,
    /// What is said of objectives other than best total, and of demand; the keys above then read the same.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub more: Option<MoreStats>,
}

/// What a solve with another objective, or with demand, came to besides. Keys that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MoreStats {
    /// The objective's word.
    pub rule: &'static str,
    /// Number of places wanted in all, where lefts may want several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<u64>,
    /// Number of places given in all, where lefts may want several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<u64>,
    /// The seed of a draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Units of score per grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade_step: Option<u32>,
    /// Grades (or ranks) in use, worst first, each with the number of pairs that have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grades: Option<Vec<(u32, u64)>>,
    /// The smallest score of a pair in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_score: Option<i32>,
    /// The least sum of scores of one left of those served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_sum: Option<i64>,
    /// No matching that serves the same lefts has a larger one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_sum_bound: Option<i64>,
    /// No matching serves more lefts than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<u64>,
}

/// The stats as JSON with a line end.
pub fn write_stats(stats: &RawStats) -> Vec<u8> {
    // Numbers and fixed words only: this cannot fail, and an empty object would be visible at once.
    let mut text = serde_json::to_string_pretty(stats).unwrap_or_else(|_| "{}".to_owned());
    let _ = writeln!(text);
    text.into_bytes()
}
