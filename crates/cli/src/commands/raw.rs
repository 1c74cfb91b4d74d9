//! `solve`, and `verify` on raw problems: scored edges and capacities instead of people.

mod confirm;
mod solve;
mod verify;
mod words;

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use peermatch_formats::edges::{self, Asked, Demand, RawProblem};
use peermatch_formats::loaded::read_file;
use peermatch_model::fault::Faults;
use peermatch_model::words::{Objective, Words as _};

use crate::exit::Stop;
use crate::load;

pub(crate) use solve::{SolveArgs, solve};
pub(crate) use verify::{VerifyArgs, verify};

/// Who is served when places are short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Coverage {
    /// The largest total score; whoever has no place is worth 0.
    Total,
    /// As many lefts as can be (with --demand: as many places), then the largest total score.
    Most,
}

impl From<Coverage> for edges::Coverage {
    fn from(coverage: Coverage) -> Self {
        match coverage {
            Coverage::Total => Self::Total,
            Coverage::Most => Self::Most,
        }
    }
}

/// Which side proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Proposing {
    /// The lefts.
    Lefts,
    /// The rights.
    Rights,
}

impl From<Proposing> for edges::Proposing {
    fn from(proposing: Proposing) -> Self {
        match proposing {
            Proposing::Lefts => Self::Lefts,
            Proposing::Rights => Self::Rights,
        }
    }
}

/// What can be asked of a raw problem.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AskedArgs {
    /// Who is served when places are short (best-total: total unless said; the fair objectives serve the most anyway).
    #[arg(long, value_enum)]
    coverage: Option<Coverage>,
    /// How many different rights each left wants: a number, or a CSV left,demand[,minimum] (who is not named wants 1). Places are then
    /// counted, not lefts: one may get two while another gets none, unless the minimum is 1.
    #[arg(long, value_name = "N|FILE", allow_negative_numbers = true)]
    demand: Option<PathBuf>,
    /// Seed of the draw (serial, random-eligible). The same seed gives the same result everywhere.
    #[arg(long, value_name = "N", value_parser = load::seed, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Who proposes (stable; lefts unless said).
    #[arg(long, value_enum)]
    proposing: Option<Proposing>,
    /// Units of score per grade below the best score of each left (max-min: 1 unless said; leximin: 1 if that makes at most 100 grades, else 50000).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), allow_negative_numbers = true)]
    grade_step: Option<u32>,
    /// Judge fairness by the sum of what each left gets, not by pair (max-min): as many lefts as can be have something, and the least sum of
    /// scores of one of them is as large as was found. With several rights each this is NP-hard, so a bound is stated, and "proven" only
    /// where it is met. Sums of scores are compared as they are: with one right each, scores, where max-min without this compares how far
    /// each is below its best. Of the total score nothing is proven.
    #[arg(long)]
    per_person: bool,
}

/// A parser of an objective's word, which lists those for raw edges where it is none. The coordinator's is taken and not listed, so that its
/// refusal can say why.
fn objective() -> impl clap::builder::TypedValueParser<Value = Objective> {
    PossibleValuesParser::new(Objective::ALL.iter().map(|objective| {
        PossibleValue::new(objective.word()).hide(*objective == Objective::Coordinator)
    }))
    .map(|word| Objective::from_word(&word).unwrap_or(Objective::BestTotal))
}

impl AskedArgs {
    fn asked(&self, objective: Objective) -> Asked {
        Asked {
            objective,
            coverage: self.coverage.map(Into::into),
            seed: self.seed,
            proposing: self.proposing.map(Into::into),
            grade_step: self.grade_step,
            per_person: self.per_person,
        }
    }

    /// The table of demands, if it is one.
    fn demand_file(&self) -> Option<&Path> {
        self.demand.as_deref().filter(|demand| number(demand).is_none())
    }

    /// Reads all files of a raw problem; every fault at once.
    fn read(
        &self,
        edges: &Path,
        capacities: &Path,
        coverage: edges::Coverage,
    ) -> Result<RawProblem, Stop> {
        let mut faults = Faults::new();
        let mut read = |path: &Path| match read_file(path) {
            Ok(bytes) => bytes,
            Err(others) => {
                faults.extend(others);
                Vec::new()
            }
        };
        let bytes = (read(edges), read(capacities), self.demand_file().map(&mut read));
        faults.into_result(())?;
        let name = |path: &Path| path.display().to_string();
        let demand_name = self.demand_file().map(name).unwrap_or_default();
        let demand = match (&bytes.2, self.demand.as_deref().and_then(number)) {
            (Some(bytes), _) => Demand::Table(&demand_name, bytes),
            (None, Some(each)) if (1..=edges::DEMAND_MAX).contains(&each) => Demand::Each(each),
            (None, Some(_)) => {
                let typed = self.demand.as_deref().map(Path::display);
                let typed = typed.map(|typed| typed.to_string()).unwrap_or_default();
                return Err(Stop::invalid(format!(
                    "--demand {typed}: write a number from 1 to {}",
                    edges::DEMAND_MAX
                )));
            }
            (None, None) => Demand::Each(1),
        };
        let files = ((name(edges), bytes.0), (name(capacities), bytes.1));
        Ok(edges::read_raw_wanting(
            (&files.0.0, &files.0.1),
            (&files.1.0, &files.1.1),
            demand,
            coverage,
        )?)
    }
}

/// The number that an argument is. Whatever is written as a number is one, so that `-3` and `1.5` are refused as what they are and not taken for
/// the names of files: what is no whole number is 0, and what is too long for one is the largest, neither of which is allowed.
fn number(argument: &Path) -> Option<u32> {
    let text = argument.to_str()?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u32::MAX));
    }
    let numeral = |byte: u8| byte.is_ascii_digit() || b"+-.,".contains(&byte);
    let numeral = text.bytes().all(numeral) && text.bytes().any(|byte| byte.is_ascii_digit());
    numeral.then_some(0)
}
