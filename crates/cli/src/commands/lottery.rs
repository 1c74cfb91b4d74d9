//! `peermatch lottery`: exact chances, and one draw that anybody can replay.

use std::path::PathBuf;

use peermatch_core::lottery::{
    DENOMINATOR_MAX, LotteryError, LotteryObjective, LotteryRequest, cap_over, make, matches_seen,
};
use peermatch_core::pair::Context;
use peermatch_formats::lottery::{log_csv, log_jsonl, lottery_json};
use peermatch_model::words::Audience;

use crate::exit::{DONE, Stop};
use crate::files;
use crate::limits;
use crate::load::{self, Format, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::{self, Labels};

/// Kinds of lotteries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Objective {
    /// Best on average under the policy, with no pair above the cap.
    BestTotal,
    /// Everybody takes from the best of their own list that has something left.
    ProbabilisticSerial,
}

/// Draw a matching by lot, with exact chances that are known beforehand.
///
/// The draw is a proposal; people decide. The document and the log hold the chance of every eligible pair, so that what works can
/// be learnt later without bias.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch lottery examples/programmes/service/roster --cap 1/2 --seed 7 --out lottery.json --log chances.csv\n  peermatch lottery examples/programmes/service/roster --objective probabilistic-serial --log chances.jsonl"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// No pair has a chance above this (a fraction), but for people with few eligible workers (best-total; 1/2 unless said).
    #[arg(long, value_name = "A/B", value_parser = fraction)]
    cap: Option<(u32, u32)>,
    /// Chances are whole numbers over this; the cap is rounded down to it (best-total; 60 unless said). Probabilistic serial finds its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(DENOMINATOR_MAX)), allow_negative_numbers = true)]
    denominator: Option<u32>,
    /// Kind of lottery.
    #[arg(long, value_enum, default_value_t = Objective::BestTotal)]
    objective: Objective,
    /// Seed of the draw.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = load::seed, allow_negative_numbers = true)]
    seed: u64,
    /// Words that are kept secret until the draw, so that a published commitment cannot be guessed. They are written into the document.
    #[arg(long, value_name = "WORDS", default_value = "")]
    secret: String,
    /// Only print the commitment of seed and secret, to publish it before the draw.
    #[arg(long)]
    commit: bool,
    /// The policy (TOML or JSON); without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Write the lottery document here, for `verify`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the chance of every eligible pair here: CSV, or JSON Lines if the name ends in .jsonl.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// How to write the result: for people, or the lottery document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn fraction(text: &str) -> Result<(u32, u32), String> {
    peermatch_core::lottery::fraction(text)
        .ok_or_else(|| "give a fraction above 0 and at most 1, such as 1/2".to_owned())
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    if args.commit {
        out::result(&format!("{}\n", peermatch_core::draw::commitment(&args.secret, args.seed)))?;
        return Ok(DONE);
    }
    let outputs: Vec<_> =
        [&args.out, &args.log].into_iter().flatten().map(PathBuf::as_path).collect();
    let inputs = [Some(args.roster.roster.as_path()), args.policy.as_deref()];
    files::not_an_input(&outputs, &inputs.into_iter().flatten().collect::<Vec<_>>())?;
    let checked = load::roster(&args.roster)?;
    let policy = load::policy(args.policy.as_deref())?;
    let cx = Context::new(&checked.roster, &policy);
    if args.objective == Objective::ProbabilisticSerial
        && let Some(name) =
            args.cap.map(|_| "--cap").or_else(|| args.denominator.map(|_| "--denominator"))
    {
        return Err(Stop::invalid(format!(
            "{name} goes with --objective best-total: probabilistic serial has no cap, and finds its own denominator"
        )));
    }
    let denominator = args.denominator.unwrap_or(60);
    let (over, under) = args.cap.unwrap_or((1, 2));
    let Some(cap) = cap_over((over, under), denominator) else {
        return Err(Stop::invalid(format!(
            "a cap of {over}/{under} is less than one part of {denominator}; give a larger --denominator"
        )));
    };
    let request = LotteryRequest {
        objective: match args.objective {
            Objective::BestTotal => LotteryObjective::BestTotal,
            Objective::ProbabilisticSerial => LotteryObjective::ProbabilisticSerial,
        },
        cap,
        denominator,
        seed: args.seed,
        secret: args.secret.clone(),
    };
    let document = {
        let bar = Bar::new();
        bar.say("who can walk with whom");
        make(&cx, &request, &bar).map_err(|error| match error {
            LotteryError::Refused(words) => Stop::invalid(words),
            LotteryError::Infeasible(words) => Stop::infeasible(words),
            LotteryError::Cancelled => limits::stopped(),
            LotteryError::Internal(_) => Stop::internal(error.to_string()),
        })?
    };
    if let Some(path) = &args.out {
        files::write_whole(path, &lottery_json(&document))?;
        out::note(&format!("wrote {}", path.display()));
    }
    if let Some(path) = &args.log {
        let lines = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl"));
        files::write_whole(path, &if lines { log_jsonl(&document) } else { log_csv(&document) })?;
        out::note(&format!("wrote {}", path.display()));
    }
    match args.format {
        Format::Json => out::result(&String::from_utf8_lossy(&lottery_json(&document)))?,
        Format::Table => {
            let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
            let matches = matches_seen(&cx, &document, Audience::Coordinator);
            out::result(&show::lottery(&document, &matches, &labels))?;
        }
    }
    Ok(DONE)
}
