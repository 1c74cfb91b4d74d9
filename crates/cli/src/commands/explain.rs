//! `peermatch explain`: why these two, or why not, told to one audience.

use std::path::PathBuf;

use peermatch_core::explain::explain;
use peermatch_core::pair::Context;
use peermatch_core::report::{policy_of, verify};
use peermatch_formats::matching::read_matching;
use peermatch_formats::read_file;
use peermatch_model::words::{Audience, Words};

use crate::commands::verify::refused;
use crate::exit::{DONE, Stop};
use crate::load::{self, Format, RosterArgs};
use crate::out;
use crate::show::{self, Labels};

/// Explain one pair: the reasons for, the reasons against, what would change it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch explain examples/programmes/service/roster --user P-031 --worker W-03 --audience service-user"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The person's id.
    #[arg(long, value_name = "ID")]
    user: String,
    /// The worker's id.
    #[arg(long, value_name = "ID")]
    worker: String,
    /// A matching document, verified before it is explained.
    #[arg(long, value_name = "FILE")]
    matching: Option<PathBuf>,
    /// Who it is for: service-user, peer-worker, coordinator or auditor.
    #[arg(long, value_parser = audience, default_value = "coordinator")]
    audience: Audience,
    /// The policy (TOML or JSON); without it, the matching's, or the shipped one.
    #[arg(long, value_name = "FILE", conflicts_with = "matching")]
    policy: Option<PathBuf>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn audience(word: &str) -> Result<Audience, String> {
    let known: Vec<&str> = Audience::ALL.iter().map(|a| a.word()).collect();
    Audience::from_word(word).ok_or_else(|| format!("known audiences: {}", known.join(", ")))
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let checked = load::roster(&args.roster)?;
    let user = load::user(&checked, &args.user)?;
    let worker = load::worker(&checked, &args.worker)?;
    let told = match &args.matching {
        None => {
            let policy = load::policy(args.policy.as_deref())?;
            explain(&Context::new(&checked.roster, &policy), args.audience, user, worker, None)
        }
        Some(path) => {
            let document = read_matching(&path.display().to_string(), &read_file(path)?)?;
            let policy = policy_of(&document).map_err(|error| refused(&error))?;
            let cx = Context::new(&checked.roster, &policy);
            let decided = verify(&cx, &document).map_err(|error| refused(&error))?;
            explain(&cx, args.audience, user, worker, Some(&decided))
        }
    };
    match args.format {
        Format::Json => out::result(&out::json(&told)?)?,
        Format::Table => out::result(&show::explanation(
            &told,
            &Labels::for_audience(&checked.names, args.audience),
        ))?,
    }
    Ok(DONE)
}
