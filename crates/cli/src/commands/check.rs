//! `peermatch check`: is this roster right, and if not, everything that is wrong with it.

use peermatch_core::told::RosterTold;
use peermatch_model::roster::{Roster, ServiceUser};
use peermatch_model::words::QueueState;

use crate::exit::{DONE, INVALID, Stop};
use crate::load::{self, Format, RosterArgs};
use crate::out;
use crate::show::counted;

/// Check a roster: every fault at once, with its place, the reason and the fix.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: peermatch check examples/programmes/housing/roster.json")]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let checked = match load::try_roster(&args.roster) {
        Ok(checked) => checked,
        Err(mut faults) if args.format == Format::Json => {
            faults.sort_by_place();
            let told = serde_json::json!({ "ok": false, "faults": faults });
            out::result(&out::json(&told)?)?;
            return Ok(INVALID);
        }
        Err(faults) => return Err(faults.into()),
    };
    let roster = &checked.roster;
    match args.format {
        Format::Json => out::result(&out::json(&RosterTold::of(roster))?)?,
        Format::Table => out::result(&line(&checked.roster))?,
    }
    Ok(DONE)
}

/// What is said of a roster without faults.
pub(crate) fn line(roster: &Roster) -> String {
    let RosterTold { people, ready, matched_already: kept, .. } = RosterTold::of(roster);
    let withdrawn = |u: &&ServiceUser| u.state == QueueState::Withdrawn && u.kept.is_empty();
    let withdrawn = roster.people().iter().filter(withdrawn).count();
    format!(
        "ok: {} ({ready} ready to be matched, {kept} matched already, {} not ready, {withdrawn} withdrawn), {}, {}, as of {}\n",
        counted(people as u64, "person", "people"),
        people - ready - kept - withdrawn,
        counted(roster.workers().len() as u64, "worker", "workers"),
        counted(roster.services().len() as u64, "service", "services"),
        roster.as_of()
    )
}
