//! `peermatch compare`: which policy? Every objective on one roster, side by side.

use std::path::PathBuf;

use peermatch_core::compare::{Comparison, compare};
use peermatch_core::pair::Context;
use peermatch_core::run::RunError;
use peermatch_model::words::{Audience, Objective, Words};

use crate::exit::{DONE, INVALID, Stop};
use crate::limits;
use crate::load::{self, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show;

/// How the comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CompareFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Run every objective on a roster, verify each, and say what each gains and gives up.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch compare examples/programmes/service/roster --objectives best-total,max-min,stable"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The policy (TOML or JSON) whose objective is exchanged; without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The objectives, in the order to show them; without it, all.
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', value_parser = objective)]
    objectives: Vec<Objective>,
    /// As whom to count: a coordinator (what a coordinator may see) or an auditor (everything).
    #[arg(long, value_parser = audience, default_value = "coordinator")]
    audience: Audience,
    /// Set every worker's minimum aside, because rules such as `stable` know none.
    #[arg(long)]
    no_minimums: bool,
    /// The seed of what is drawn by lot, under the objectives that draw.
    #[arg(long, value_name = "N", value_parser = load::seed, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = CompareFormat::Table)]
    format: CompareFormat,
}

fn objective(word: &str) -> Result<Objective, String> {
    let known: Vec<&str> = Objective::ALL.iter().map(|o| o.word()).collect();
    Objective::from_word(word).ok_or_else(|| format!("known objectives: {}", known.join(", ")))
}

fn audience(word: &str) -> Result<Audience, String> {
    let known = [Audience::Coordinator, Audience::Auditor];
    Audience::from_word(word)
        .filter(|audience| known.contains(audience))
        .ok_or_else(|| format!("a comparison is for {} or {}", known[0], known[1]))
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let (checked, set_aside) = if args.no_minimums {
        load::roster_without_minimums(&args.roster)?
    } else {
        (load::roster(&args.roster)?, false)
    };
    let policy = load::policy(args.policy.as_deref())?;
    let cx = Context::new(&checked.roster, &policy);
    let objectives =
        if args.objectives.is_empty() { Objective::ALL } else { args.objectives.as_slice() };
    if args.seed.is_some() && !objectives.iter().copied().any(Objective::draws) {
        return Err(Stop::invalid(
            "None of these objectives draws lots: leave --seed away, or compare serial, random-eligible or stable too.",
        ));
    }
    let seed = args.seed.unwrap_or(0);
    let bar = Bar::new();
    bar.say("who can walk with whom");
    let found =
        compare(&cx, objectives, args.audience, seed, &bar).map_err(|error| match error {
            RunError::Infeasible(words) => Stop::infeasible(words.join(" ")),
            RunError::Unsupported(words) => Stop::invalid(words.join(" ")),
            RunError::Cancelled => limits::stopped(),
            RunError::Refused(_) | RunError::Problem(_) => Stop::internal(error.to_string()),
        })?;
    drop(bar);
    if set_aside {
        out::note("The least that workers must be given was set aside.");
    }
    match args.format {
        CompareFormat::Table => out::result(&show::comparison(&found))?,
        CompareFormat::Json => out::result(&out::json(&found)?)?,
        CompareFormat::Csv => out::result(&csv(&found))?,
    }
    // Objectives that are refused among others are told with their reasons; where nothing is left to compare, the question was not a right one.
    Ok(if found.rows.iter().any(|row| row.figures.is_some()) { DONE } else { INVALID })
}

/// One row per objective, figures as in the JSON; empty where there is none. No field needs quoting: words and whole numbers.
fn csv(found: &Comparison) -> String {
    let mut text = "objective,served,longest_wait_left,days_left,met_mean,met_least,met_geometric,under_half,first_choices,blocking_pairs,moved,loss,price_per_mille\n".to_owned();
    for row in &found.rows {
        let cell = |value: Option<u32>| value.map(|v| v.to_string()).unwrap_or_default();
        let cells = row.figures.map_or_else(
            || vec![String::new(); 12],
            |f| {
                vec![
                    f.served.to_string(),
                    f.longest_wait_left.to_string(),
                    f.days_left.to_string(),
                    cell(f.met_mean),
                    cell(f.met_least),
                    cell(f.met_geometric),
                    f.under_half.to_string(),
                    f.first_choices.to_string(),
                    f.blocking_pairs.to_string(),
                    f.moved.to_string(),
                    f.loss.to_string(),
                    f.price_per_mille.map(|p| p.to_string()).unwrap_or_default(),
                ]
            },
        );
        text.push_str(row.objective.word());
        for cell in cells {
            text.push(',');
            text.push_str(&cell);
        }
        text.push('\n');
    }
    text
}
