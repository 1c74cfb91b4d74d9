//! `peermatch check`: is this roster right, and if not, everything that is wrong with it.

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
    let ready = roster.waiting().count();
    let kept = roster.people().iter().filter(|u| !u.kept.is_empty() && !waits(u)).count();
    match args.format {
        Format::Json => out::result(&out::json(&serde_json::json!({
            "ok": true,
            "as_of": roster.as_of().to_string(),
            "people": roster.people().len(),
            "ready": ready,
            "matched_already": kept,
            "workers": roster.workers().len(),
            "places": roster.workers().iter().map(|w| u64::from(w.places())).sum::<u64>(),
            "services": roster.services().len(),
        }))?)?,
        Format::Table => out::result(&line(&checked.roster))?,
    }
    Ok(DONE)
}

/// Whether somebody is to be matched: ready, and wants a worker more than there are.
fn waits(user: &ServiceUser) -> bool {
    user.state == QueueState::Ready && user.wants() > 0
}

/// What is said of a roster without faults.
pub(crate) fn line(roster: &Roster) -> String {
    let ready = roster.waiting().count();
    let kept = roster.people().iter().filter(|u| !u.kept.is_empty() && !waits(u)).count();
    let withdrawn = |u: &&ServiceUser| u.state == QueueState::Withdrawn && u.kept.is_empty();
    let withdrawn = roster.people().iter().filter(withdrawn).count();
    let people = roster.people().len();
    format!(
        "ok: {} ({ready} ready to be matched, {kept} matched already, {} not ready, {withdrawn} withdrawn), {}, {}, as of {}\n",
        counted(people as u64, "person", "people"),
        people - ready - kept - withdrawn,
        counted(roster.workers().len() as u64, "worker", "workers"),
        counted(roster.services().len() as u64, "service", "services"),
        roster.as_of()
    )
}
