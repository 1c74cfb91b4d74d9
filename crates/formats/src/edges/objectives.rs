//! What each objective asks of a raw problem: which options go together, and the tables that its statement reads.
//!
//! Solver and checker both work on what is made here, so nothing here searches and nothing here is a claim.
//!
//! | read from an edge | how |
//! |---|---|
//! | cost | minus the score |
//! | grade (max-min, leximin) | the best score of its left less its own, in whole grade steps, rounded down: 0 is best |
//! | gain (Nash welfare) | [`gain`] of the score |
//! | ranks (stable, serial, rank-maximal) | the columns; a side without one ranks by score, equal scores equal |
//! | turn (serial) | [`draw::order`] of purpose `serial`, the seed and the ids of the lefts |
//! | key (random-eligible) | [`draw::key`] of purpose `random-eligible`, the seed and both ids |
//!
//! First-come and random-eligible serve the lefts in the order of their ids: raw edges know no arrival.

use peermatch_assignment::gain::gain;
use peermatch_assignment::{
    Aim, Flow, Frame, Left, PairTable, RankTable, Supply, Valued, WorthTable,
};
use peermatch_core::draw;
use peermatch_model::words::{Objective, Words as _};
use serde::{Deserialize, Serialize};

use super::{Coverage, RawProblem, SCORE_MAX};

/// The most grades that leximin takes as they are; beyond, it counts in steps of [`WIDE_STEP`] unless a step is named. Each grade
/// is a stage, and each stage a flow to be solved.
pub const EXACT_GRADES_MAX: usize = 100;

/// Units of score per grade where there are too many grades: 20 grades from the best to the worst.
pub const WIDE_STEP: u32 = 50_000;

/// Which side proposes in deferred acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proposing {
    /// The lefts: best for them where nobody is indifferent.
    #[default]
    Lefts,
    /// The rights.
    Rights,
}

impl Proposing {
    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lefts => "lefts",
            Self::Rights => "rights",
        }
    }
}

/// What was asked for: an objective, and options that some objectives have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The objective.
    pub objective: Objective,
    /// Who is served when places are short.
    pub coverage: Option<Coverage>,
    /// Seed of a draw.
    pub seed: Option<u64>,
    /// Who proposes.
    pub proposing: Option<Proposing>,
    /// Units of score per grade, from 1.
    pub grade_step: Option<u32>,
    /// Whether fairness goes by the sum of what each left gets, and not by pair.
    pub per_person: bool,
}

impl Asked {
    /// The objective without options.
    pub fn plain(objective: Objective) -> Self {
        Self {
            objective,
            coverage: None,
            seed: None,
            proposing: None,
            grade_step: None,
            per_person: false,
        }
    }
}

/// An objective with all that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The largest total score.
    BestTotal {
        /// Who is served when places are short.
        coverage: Coverage,
    },
    /// As many as can be, nobody further than need be below the best they could have; then the largest total score.
    MaxMin {
        /// Units of score per grade.
        step: u32,
    },
    /// As many lefts as can be have something; of these, the least sum of scores of one of them as large as was found, with a bound.
    PerPerson,
    /// As many as can be, as few as can be at the worst grade, then at the next, and so on; then the largest total score.
    Leximin {
        /// Units of score per grade.
        step: u32,
    },
    /// As many as can be, the largest sum of gains; then the largest total score.
    Nash,
    /// As many as can be at rank 1, then at rank 2, and so on; then the largest total score.
    RankMaximal,
    /// No left and right would both rather have each other.
    Stable {
        /// Who proposes.
        proposing: Proposing,
    },
    /// In an order drawn by lot, each takes the best right left, by its own ranks.
    Serial {
        /// Seed of the draw.
        seed: u64,
    },
    /// In the order of ids, each takes the best right left, by score.
    FirstCome,
    /// The best pair first, then the best of what is left.
    Greedy,
    /// In the order of ids, each takes one of the rights left, by lot.
    RandomEligible {
        /// Seed of the draw.
        seed: u64,
    },
}

impl Rule {
    /// Puts objective, options and problem together.
    ///
    /// # Errors
    /// Every reason why they do not go together, one sentence each.
    pub fn settle(asked: &Asked, raw: &RawProblem) -> Result<Self, Vec<String>> {
        let Asked { objective, coverage, seed, proposing, grade_step, per_person } = *asked;
        if objective == Objective::Coordinator {
            return Err(vec![
                "coordinator goes by gender and area, and raw edges have no people: use `peermatch match` on a roster".to_owned(),
            ]);
        }
        let rule = match objective {
            Objective::BestTotal | Objective::Coordinator => {
                Self::BestTotal { coverage: coverage.unwrap_or_default() }
            }
            Objective::MaxMin if per_person => Self::PerPerson,
            Objective::MaxMin => Self::MaxMin { step: grade_step.unwrap_or(1) },
            Objective::Leximin => {
                let step = grade_step.unwrap_or_else(|| leximin_step(raw));
                Self::Leximin { step }
            }
            Objective::Nash => Self::Nash,
            Objective::RankMaximal => Self::RankMaximal,
            Objective::Stable => Self::Stable { proposing: proposing.unwrap_or_default() },
            Objective::Serial => Self::Serial { seed: seed.unwrap_or(0) },
            Objective::FirstCome => Self::FirstCome,
            Objective::Greedy => Self::Greedy,
            Objective::RandomEligible => Self::RandomEligible { seed: seed.unwrap_or(0) },
        };
        let word = objective.word();
        let mut refused = Vec::new();
        let mut refuse = |if_so: bool, words: String| {
            if if_so {
                refused.push(words);
            }
        };
        refuse(
            seed.is_some() && rule.seed().is_none(),
            format!(
                "{word} draws no lots: leave the seed away, or ask for serial or random-eligible"
            ),
        );
        refuse(
            proposing.is_some() && objective != Objective::Stable,
            format!("{word} has nobody who proposes: leave that away, or ask for stable"),
        );
        refuse(
            per_person && objective != Objective::MaxMin,
            format!("{word} knows no fairness per person: leave that away, or ask for max-min"),
        );
        refuse(
            grade_step.is_some() && rule == Self::PerPerson,
            "fairness per person compares sums of scores and knows no grades: leave the grade step away, or ask for max-min by pair".to_owned(),
        );
        refuse(
            grade_step.is_some() && rule.step().is_none() && rule != Self::PerPerson,
            format!(
                "{word} knows no grades: leave the grade step away, or ask for max-min or leximin"
            ),
        );
        refuse(
            grade_step == Some(0),
            format!("a grade step is a whole number from 1 to {SCORE_MAX}"),
        );
        let fair = matches!(
            rule,
            Self::MaxMin { .. } | Self::PerPerson | Self::Leximin { .. } | Self::Nash
        );
        refuse(
            fair && coverage == Some(Coverage::Total),
            format!(
                "{word} serves as many as can be first, because having no place is the worst of all: leave the coverage away, or say most"
            ),
        );
        refuse(
            !fair && coverage.is_some() && objective != Objective::BestTotal,
            format!("{word} says by itself who is served: leave the coverage away"),
        );
        let one_each = !rule.is_optimum();
        refuse(
            one_each && !raw.supply().is_one_each(),
            format!(
                "{word} gives each left one right and promises none: leave the demand away, or ask for best-total, max-min, leximin, nash or rank-maximal"
            ),
        );
        let frame = raw.problem().frame();
        let minimum = raw.rights().iter().zip(frame.minimums()).find(|(_, minimum)| **minimum > 0);
        if let Some((right, minimum)) = minimum {
            refuse(
                one_each,
                format!(
                    "{word} knows no minimums, but `{right}` must have at least {minimum}: take the minimums out of the capacities, or ask for best-total, max-min, leximin, nash or rank-maximal"
                ),
            );
        }
        let ordinal = matches!(
            rule,
            Self::RankMaximal
                | Self::Stable { .. }
                | Self::Serial { .. }
                | Self::RandomEligible { .. }
        );
        refuse(
            !ordinal && !raw.scored(),
            format!(
                "{word} reads scores, and the edges have none: add the column `score`, or ask for stable, serial, rank-maximal or random-eligible"
            ),
        );
        if refused.is_empty() { Ok(rule) } else { Err(refused) }
    }

    /// The objective.
    pub fn objective(self) -> Objective {
        match self {
            Self::BestTotal { .. } => Objective::BestTotal,
            Self::MaxMin { .. } | Self::PerPerson => Objective::MaxMin,
            Self::Leximin { .. } => Objective::Leximin,
            Self::Nash => Objective::Nash,
            Self::RankMaximal => Objective::RankMaximal,
            Self::Stable { .. } => Objective::Stable,
            Self::Serial { .. } => Objective::Serial,
            Self::FirstCome => Objective::FirstCome,
            Self::Greedy => Objective::Greedy,
            Self::RandomEligible { .. } => Objective::RandomEligible,
        }
    }

    /// Whether this is the best of something (for [`Rule::PerPerson`]: within a bound), and not only what a rule gives.
    pub fn is_optimum(self) -> bool {
        matches!(self, Self::BestTotal { .. } | Self::PerPerson) || self.aim().is_some()
    }

    /// The aim, where it goes through stages.
    pub fn aim(self) -> Option<Aim> {
        match self {
            Self::MaxMin { .. } => Some(Aim::MaxMin),
            Self::Leximin { .. } => Some(Aim::Leximin),
            Self::Nash => Some(Aim::Nash),
            Self::RankMaximal => Some(Aim::RankMaximal),
            _ => None,
        }
    }

    /// The seed, where lots are drawn.
    pub fn seed(self) -> Option<u64> {
        match self {
            Self::Serial { seed } | Self::RandomEligible { seed } => Some(seed),
            _ => None,
        }
    }

    /// Units of score per grade, where there are grades.
    pub fn step(self) -> Option<u32> {
        match self {
            Self::MaxMin { step } | Self::Leximin { step } => Some(step),
            _ => None,
        }
    }

    /// Who proposes, where somebody does.
    pub fn proposing(self) -> Option<Proposing> {
        match self {
            Self::Stable { proposing } => Some(proposing),
            _ => None,
        }
    }

    /// The frame that an aim goes by: places as they are, and every place wanted and not given counts 1.
    ///
    /// # Panics
    /// Never: sizes and bounds are those of the problem's own frame.
    pub fn frame(raw: &RawProblem) -> Frame {
        let frame = raw.problem().frame();
        Frame::new(
            vec![1; frame.lefts()],
            frame.pins().to_vec(),
            frame.capacities().to_vec(),
            frame.minimums().to_vec(),
        )
        .expect("only waiting costs differ from a frame that was checked")
    }

    /// What every edge is worth to this rule: `O(E)`, and `O(E log E)` for rank-maximal without a rank column.
    ///
    /// # Panics
    /// Never: grades and gains of scores within [`SCORE_MAX`] are within their bounds.
    pub fn worths(self, raw: &RawProblem) -> WorthTable {
        let pairs = raw.problem().pairs();
        let mut grades = vec![0; pairs.len()];
        let mut gains = vec![0; pairs.len()];
        match self {
            Self::MaxMin { step } | Self::Leximin { step } => {
                for left in Left::all(pairs.lefts()) {
                    for (grade, regret) in
                        grades[pairs.range(left)].iter_mut().zip(regrets(pairs, left))
                    {
                        *grade = regret / step.max(1);
                    }
                }
            }
            Self::RankMaximal => {
                let ranks = left_ranks(raw);
                grades.copy_from_slice(&ranks);
            }
            Self::Nash => {
                for left in Left::all(pairs.lefts()) {
                    let costs = pairs.costs_of(left);
                    for (own, cost) in gains[pairs.range(left)].iter_mut().zip(costs) {
                        *own = gain(cost.unsigned_abs());
                    }
                }
            }
            _ => {}
        }
        WorthTable::new(pairs.clone(), grades, gains).expect("grades and gains of scores are small")
    }

    /// The order of turns of the rules that serve one by one.
    pub fn order(self, raw: &RawProblem) -> Vec<Left> {
        match self {
            Self::Serial { seed } => draw::order("serial", seed, raw.lefts())
                .into_iter()
                .filter_map(Left::from_index)
                .collect(),
            _ => Left::all(raw.lefts().len()).collect(),
        }
    }

    /// The edges with the key by which the one whose turn it is chooses: the least.
    ///
    /// # Panics
    /// Never: ranks and draws are within the bounds of costs.
    pub fn keys(self, raw: &RawProblem) -> PairTable {
        let pairs = raw.problem().pairs();
        let keys = match self {
            Self::Serial { .. } => left_ranks(raw),
            Self::RandomEligible { seed } => {
                let mut keys = Vec::with_capacity(pairs.len());
                for left in Left::all(pairs.lefts()) {
                    keys.extend(pairs.rights_of(left).iter().map(|&right| {
                        draw::key("random-eligible", seed, raw.left(left), raw.right(right))
                    }));
                }
                keys
            }
            _ => return pairs.clone(),
        };
        let mut starts = vec![0];
        let mut column = Vec::with_capacity(pairs.len());
        for left in Left::all(pairs.lefts()) {
            column.extend_from_slice(pairs.rights_of(left));
            starts.push(column.len());
        }
        let keys = keys.into_iter().map(|key| i32::try_from(key).unwrap_or(i32::MAX)).collect();
        PairTable::from_parts(pairs.rights(), starts, column, keys)
            .expect("ranks and draws are below 2^30, and the rows are those of a table")
    }
}

impl RawProblem {
    /// What decides how many lefts can be served at all: each wants one place, or as many as it must have, and rights have no minimums.
    ///
    /// Minimums of rights cannot change that number where they can be kept at all: of a flow that serves the lefts and a flow that keeps the
    /// minimums, a third does both (the linking property of bipartite flows, Mendelsohn and Dulmage 1958).
    ///
    /// # Panics
    /// Never: nobody wants more than the problem's own supply says.
    pub fn counting_supply(&self) -> Supply {
        let supply = &self.supply;
        let lefts = || Left::all(self.lefts.len());
        Supply::new(
            lefts().map(|left| supply.least(left).max(1)).collect(),
            lefts().map(|left| supply.least(left)).collect(),
            vec![1; self.lefts.len()],
        )
        .expect("one place of a supply that was checked is within its bounds")
    }

    /// What is shared out among those who have something in `flow`: each must keep at least one place, and all that its demand says. Who has
    /// nothing wants nothing. Nobody wants more rights than there are edges, so that sums stay small whatever the demand says.
    ///
    /// # Panics
    /// If `flow` is of another problem.
    pub fn sharing_supply(&self, flow: &Flow) -> Supply {
        let (supply, pairs) = (&self.supply, self.problem.pairs());
        let (mut wanted, mut least) = (Vec::new(), Vec::new());
        for left in Left::all(self.lefts.len()) {
            let served = flow.units(left) > 0;
            let edges = u32::try_from(pairs.range(left).len()).unwrap_or(u32::MAX);
            let needs = if served { supply.least(left).max(1) } else { 0 };
            least.push(needs);
            wanted.push(if served { supply.wanted(left).min(edges).max(needs) } else { 0 });
        }
        Supply::new(wanted, least, vec![1; self.lefts.len()])
            .expect("nobody wants more than a supply that was checked says")
    }

    /// How both sides rank each other: by their columns, and by score where there is none.
    ///
    /// # Panics
    /// Never: there is one rank per edge.
    pub fn ranked(&self) -> RankTable {
        let by_score = || RankTable::by_cost(self.problem.pairs().clone());
        match (&self.left_ranks, &self.right_ranks) {
            (None, None) => by_score(),
            (left, right) => {
                let (mut by_left, mut by_right) = (left.clone(), right.clone());
                if by_left.is_none() || by_right.is_none() {
                    let ranks = by_score();
                    let rows = || Left::all(self.lefts.len()).flat_map(|left| ranks.row(left));
                    by_left =
                        by_left.or_else(|| Some(rows().map(|(_, ranks)| ranks.left).collect()));
                    by_right =
                        by_right.or_else(|| Some(rows().map(|(_, ranks)| ranks.right).collect()));
                }
                RankTable::new(
                    self.problem.pairs().clone(),
                    by_left.unwrap_or_default(),
                    by_right.unwrap_or_default(),
                )
                .expect("one rank per edge")
            }
        }
    }
}

/// The lefts' own ranks, edge by edge.
fn left_ranks(raw: &RawProblem) -> Vec<u32> {
    if let Some(ranks) = &raw.left_ranks {
        return ranks.clone();
    }
    let ranks = raw.ranked();
    Left::all(raw.lefts.len())
        .flat_map(|left| ranks.row(left))
        .map(|(_, ranks)| ranks.left)
        .collect()
}

/// How far each edge of a left is below its best one, in units of score.
fn regrets(pairs: &PairTable, left: Left) -> impl Iterator<Item = u32> + '_ {
    let costs = pairs.costs_of(left);
    let best = costs.iter().copied().min().unwrap_or(0);
    costs.iter().map(move |cost| cost.abs_diff(best))
}

/// 1 where leximin can take every regret as a grade of its own.
fn leximin_step(raw: &RawProblem) -> u32 {
    let pairs = raw.problem().pairs();
    let mut seen = vec![false; SCORE_MAX.unsigned_abs() as usize + 1];
    let mut count = 0;
    for left in Left::all(pairs.lefts()) {
        for regret in regrets(pairs, left) {
            count += usize::from(!std::mem::replace(&mut seen[regret as usize], true));
        }
        if count > EXACT_GRADES_MAX {
            return WIDE_STEP;
        }
    }
    1
}

/// The grades that occur, ascending, each once: what [`Aim::stages`] asks for.
pub fn grades(worths: &impl Valued) -> Vec<u32> {
    let mut grades = std::collections::BTreeSet::new();
    for left in Left::all(worths.lefts()) {
        worths.visit(left, |_, worth| {
            grades.insert(worth.grade);
        });
    }
    grades.into_iter().collect()
}
