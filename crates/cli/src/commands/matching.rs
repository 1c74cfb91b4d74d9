//! `peermatch match`: a whole assignment, verified before anything is written.

use std::path::{Path, PathBuf};

use peermatch_core::choice::{Costs, OnePlaceMore};
use peermatch_core::pair::Context;
use peermatch_core::report::{MatchingDocument, document, policy_of};
use peermatch_core::run::{Run, RunError, match_from, match_within};
use peermatch_core::update::Earlier;
use peermatch_formats::matching::{matching_csv, matching_json, read_matching};
use peermatch_formats::read_file;
use peermatch_model::words::{Audience, Objective, Proposing, Words};
use peermatch_solve::side::Effort;

use crate::commands::verify::refused;
use crate::exit::{DONE, Stop};
use crate::files;
use crate::limits;
use crate::load::{self, Checked, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::{self, Labels};

/// How the matching is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MatchFormat {
    /// For people.
    Table,
    /// The matching document with its certificate.
    Json,
    /// For spreadsheets: person, worker, status, fit.
    Csv,
}

/// Match everybody who is ready, prove it, and say who waits and why.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch match examples/programmes/service/roster --out monday.json\n  peermatch match examples/programmes/service/roster --from monday.json --out tuesday.json"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The policy (TOML or JSON); without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Start from this earlier matching document, made from an earlier state of the roster: of all matchings of the best total, one that changes
    /// the fewest of its proposals. Without it the run is fresh, and its matching is the canonical one. For best-total with one worker each.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Write the matching document here, for `verify` and `explain`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What the matching is to be, instead of what the policy says: best-total, max-min, leximin, nash, stable, serial, rank-maximal, or a
    /// baseline to compare with: first-come, greedy, random-eligible, coordinator.
    #[arg(long, value_name = "NAME", value_parser = word::<Objective>)]
    objective: Option<Objective>,
    /// Who asks and who answers under `stable`, instead of what the policy says: people or workers.
    #[arg(long, value_name = "WHO", value_parser = word::<Proposing>)]
    proposing: Option<Proposing>,
    /// The seed of what is drawn by lot (serial, random-eligible, ties of stable): the same seed gives the same matching.
    #[arg(long, value_name = "N", value_parser = load::seed, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = MatchFormat::Table)]
    format: MatchFormat,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    if let Some(path) = &args.out {
        let inputs =
            [Some(args.roster.roster.as_path()), args.policy.as_deref(), args.from.as_deref()];
        files::not_an_input(&[path.as_path()], &inputs.into_iter().flatten().collect::<Vec<_>>())?;
    }
    let checked = load::roster(&args.roster)?;
    let mut policy = load::policy(args.policy.as_deref())?;
    let objective = args.objective.unwrap_or(policy.objective);
    means_something(objective, args.seed.is_some(), args.proposing.is_some())?;
    let seed = args.seed.unwrap_or(0);
    policy = policy.with_objective(objective, args.proposing);
    let cx = Context::new(&checked.roster, &policy);
    let Made { document, places_more } = match &args.from {
        None => solve(&cx, seed)?,
        Some(path) => solve_from(&cx, path, seed)?,
    };
    if let Some(path) = &args.out {
        files::write_whole(path, &matching_json(&document))?;
        out::note(&format!("wrote {}", path.display()));
    }
    match args.format {
        MatchFormat::Json => out::result(&String::from_utf8_lossy(&matching_json(&document)))?,
        // A spreadsheet and a table are a coordinator's; the document is the auditor's.
        MatchFormat::Csv => {
            let matches = document.matches_seen(&cx, Audience::Coordinator);
            out::result(&String::from_utf8_lossy(&matching_csv(&matches)))?;
        }
        MatchFormat::Table => out::result(&table(&checked, &cx, &document, &places_more))?,
    }
    Ok(DONE)
}

/// Refuses options that would change nothing: whoever gives one expects that it does.
fn means_something(objective: Objective, seed: bool, proposing: bool) -> Result<(), Stop> {
    let mut words = Vec::new();
    if seed && !objective.draws() {
        words.push(format!(
            "{objective} draws no lots: leave --seed away, or ask for serial, random-eligible or stable."
        ));
    }
    if proposing && objective != Objective::Stable {
        words.push(format!(
            "Under {objective} nobody proposes: leave --proposing away, or ask for stable."
        ));
    }
    if words.is_empty() { Ok(()) } else { Err(Stop::invalid(words.join(" "))) }
}

/// A word of a closed list; an unknown one is told the known ones.
pub(crate) fn word<W: Words>(text: &str) -> Result<W, String> {
    W::from_word(text).ok_or_else(|| {
        let known: Vec<&str> = W::ALL.iter().map(|value| value.word()).collect();
        format!("not a known word for {}; write one of: {}", W::LIST, known.join(", "))
    })
}

fn table(
    checked: &Checked,
    cx: &Context<'_>,
    document: &MatchingDocument,
    places_more: &[OnePlaceMore],
) -> String {
    let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
    let matches = document.matches_seen(cx, Audience::Coordinator);
    let mut text = show::matching(document, &matches, &labels, usize::MAX);
    text.push_str(&show::places_more(places_more, &labels));
    if let Some(limits) = &document.limits {
        let seen = peermatch_core::limits::seen(cx, document, Audience::Coordinator);
        let said = peermatch_core::limits::words_seen(document, Audience::Coordinator);
        text.push_str(&show::limits(limits, &seen, &said, &labels));
    }
    text.push_str(&show::verified(document));
    text
}

/// A verified matching as a document, and what is told beside it.
pub(crate) struct Made {
    pub(crate) document: MatchingDocument,
    /// With whom one place more would help; nothing where the run has no such prices.
    pub(crate) places_more: Vec<OnePlaceMore>,
}

/// Matches, with a progress bar.
pub(crate) fn solve(cx: &Context<'_>, seed: u64) -> Result<Made, Stop> {
    let bar = Bar::new();
    bar.say("who can walk with whom");
    // One part of a search under limits cannot be stopped from here: it gets a share of what time there is, and no clock where none was asked for.
    let mut effort = Effort::default();
    if let Some(left) = limits::of_process().remaining() {
        effort.milp_seconds = Some(left.as_secs_f64() / 4.0);
    }
    written(match_within(cx, seed, effort, &bar), &bar)
}

/// As [`solve`], from the earlier matching in a file.
fn solve_from(cx: &Context<'_>, path: &Path, seed: u64) -> Result<Made, Stop> {
    let old = read_matching(&path.display().to_string(), &read_file(path)?)?;
    let policy = policy_of(&old).map_err(|error| refused(&error))?;
    let earlier = Earlier::read(cx.roster, &old).map_err(|several| {
        Stop::invalid(format!(
            "Matching from an earlier matching gives one worker to each person, but it proposes several to {}. Match afresh, or use an earlier matching with one worker each.",
            several.join(", ")
        ))
    })?;
    if policy != *cx.policy {
        out::note("the earlier matching was made with another policy, which alone can move people");
    }
    if earlier.gone() > 0 {
        let gone = show::counted(earlier.gone() as u64, "earlier match", "earlier matches");
        out::note(&format!("{gone} left out: the person or the worker is no longer in the roster"));
    }
    let bar = Bar::new();
    bar.say("who can walk with whom");
    written(match_from(cx, &earlier, seed, &bar), &bar)
}

/// The document of a run, or why there is none.
fn written(run: Result<Run<'_>, RunError>, bar: &Bar) -> Result<Made, Stop> {
    let run = run.map_err(|error| match error {
        RunError::Infeasible(words) => Stop::infeasible(words.join(" ")),
        RunError::Unsupported(words) => Stop::invalid(words.join(" ")),
        RunError::Cancelled => limits::stopped(),
        RunError::Refused(_) | RunError::Problem(_) => Stop::internal(error.to_string()),
    })?;
    bar.say("reasons");
    let places_more = Costs::of_run(&run).map(|costs| costs.places_more()).unwrap_or_default();
    Ok(Made { document: document(&run), places_more })
}
