//! `peermatch suggest`: who could walk alongside one person.

use std::path::PathBuf;

use peermatch_core::pair::Context;
use peermatch_core::run::{RunError, match_roster};
use peermatch_core::suggest::{suggest, suggest_with_costs};
use peermatch_model::words::{Audience, QueueState};

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
    let found = if args.no_costs || cx.roster.user(user).state != QueueState::Ready {
        suggest(&cx, user, top)
    } else {
        let bar = Bar::new();
        bar.say("who can walk with whom");
        match match_roster(&cx, &bar) {
            Ok(run) => {
                let found = suggest_with_costs(&run, user, top);
                if !found.workers.is_empty()
                    && found.workers.iter().all(|worker| worker.cost_to_others.is_none())
                {
                    drop(bar);
                    out::note(
                        "what choices cost everybody else is told under objective best-total without limits: other rules have no exact prices",
                    );
                }
                found
            }
            Err(RunError::Cancelled) => return Err(limits::stopped()),
            Err(error) => {
                drop(bar);
                out::note(&format!("what choices cost everybody else is not told: {error}"));
                suggest(&cx, user, top)
            }
        }
    };
    match args.format {
        Format::Json => out::result(&out::json(&found)?)?,
        Format::Table => out::result(&show::suggestions(
            &found,
            &Labels::for_audience(&checked.names, Audience::Coordinator),
        ))?,
    }
    Ok(DONE)
}
