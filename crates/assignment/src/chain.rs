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
//! | fewest moves | least total cost; fewest pairs of grade 1 (those that were not there before) |
//!
//! Source of the leximin chain: lexicographic linear programming on optimal faces; rank-maximal matchings: Irving et al., "Rank-maximal
//! matchings", ACM Transactions on Algorithms 2 (2006).

use crate::prices::Prices;
use crate::worth::Worth;
use serde::{Deserialize, Serialize};

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
    /// Of the flows of least total cost, one with the fewest pairs of grade 1 (grades are 0 or 1).
    FewestMoves,
}

/// What one stage minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Costs of pairs and costs of waiting, as they are.
    Total,
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

impl Stage {
    /// What a pair costs in this stage. Within 2^30.
    #[inline]
    pub fn pair(self, worth: Worth) -> i32 {
        match self {
            Self::Total | Self::Cost => worth.cost,
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
            Self::Total | Self::Served => waiting,
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
            Self::FewestMoves => vec![Stage::Total, Stage::Fewest(1)],
        }
    }
}

/// What proves a result of stages: prices per stage, in the order of [`Aim::stages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chain {
    /// One set of prices per stage.
    pub prices: Vec<Prices>,
    /// Max-min alone, unless the worst grade is the best there is: prices that show, among those who serve whom stage 1 says, that
    /// somebody must have the worst grade or one beyond it.
    pub witness: Option<Prices>,
}
