//! `peermatch suggest`: who could walk alongside one person.

use std::path::PathBuf;

use peermatch_core::pair::Context;
use peermatch_core::suggest::suggest_asked;
use peermatch_model::words::Audience;

use crate::exit::{DONE, Stop};
use crate::limits;
use crate::load::{self, Format, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::{self, Labels};

/// Suggest workers for one person, best fit first, each with its reasons.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch suggest examples/programmes/service/roster --for P-031 --top 3"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The person's id.
    #[arg(long = "for", value_name = "ID")]
    person: String,
    /// How many workers to suggest.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000), allow_negative_numbers = true)]
    top: u16,
    /// The policy (TOML or JSON); without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Do not say what choosing each worker costs everybody else: needs no matching of the whole roster.
    #[arg(long)]
    no_costs: bool,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let checked = load::roster(&args.roster)?;
    let policy = load::policy(args.policy.as_deref())?;
    let user = load::user(&checked, &args.person)?;
    let cx = Context::new(&checked.roster, &policy);
    let top = usize::from(args.top);
    let found = {
        let bar = Bar::new();
        bar.say("who can walk with whom");
        suggest_asked(&cx, user, top, !args.no_costs, &bar).map_err(|_| limits::stopped())?
    };
    if let Some(words) = found.no_costs {
        out::note(&words);
    }
    let found = found.suggestions;
    match args.format {
        Format::Json => out::result(&out::json(&found)?)?,
        Format::Table => out::result(&show::suggestions(
            &found,
            &Labels::for_audience(&checked.names, Audience::Coordinator),
        ))?,
    }
    Ok(DONE)
}
