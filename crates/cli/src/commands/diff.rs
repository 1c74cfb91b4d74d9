//! `peermatch diff`: who moves between two matchings, and why.

use std::path::{Path, PathBuf};

use peermatch_core::change::{Diff, Kind, diff, moved};
use peermatch_core::hash::roster_hash;
use peermatch_core::pair::Context;
use peermatch_core::report::{MatchingDocument, VerifyError, policy_of};
use peermatch_formats::{read_file, read_matching};
use peermatch_model::words::Audience;

use crate::commands::verify::refused;
use crate::exit::{DONE, Stop};
use crate::load::{self, Format, RosterArgs};
use crate::out;
use crate::show::{self, Labels};

/// Compare two matchings: who came, who left, who moves from whom to whom, and why. Verifies neither: see `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: peermatch diff roster monday.json tuesday.json")]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The earlier matching document, from any roster.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later one, made from ROSTER.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let checked = load::roster(&args.roster)?;
    let read = |path: &Path| -> Result<MatchingDocument, Stop> {
        Ok(read_matching(&path.display().to_string(), &read_file(path)?)?)
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    policy_of(&old).map_err(|error| refused(&error))?;
    let policy = policy_of(&new).map_err(|error| refused(&error))?;
    if new.roster_hash != roster_hash(&checked.roster) {
        return Err(refused(&VerifyError::OtherRoster));
    }
    let found = diff(&Context::new(&checked.roster, &policy), &old, &new);
    match args.format {
        Format::Json => out::result(&out::json(&found)?)?,
        Format::Table => {
            let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
            out::result(&table(&found, &labels))?;
        }
    }
    Ok(DONE)
}

fn table(found: &Diff, labels: &Labels<'_>) -> String {
    let people = |n: usize| show::counted(n as u64, "person", "people");
    let mut text = if found.changes.is_empty() {
        format!("{} as before; nobody changed.\n", people(found.unchanged))
    } else {
        format!(
            "{} as before; {} changed, of whom {} had a worker and no longer do, or have another.\n",
            people(found.unchanged),
            people(found.changes.len()),
            moved(found)
        )
    };
    text.push_str(match (found.same_policy, found.same_objective, found.same_but_objective) {
        (true, ..) => "",
        (_, false, true) => {
            "The objective is another one, which alone can move people; the policy is the same otherwise.\n"
        }
        (_, false, false) => {
            "The objective and more of the policy are other ones, which alone can move people.\n"
        }
        (_, true, true) => "Who proposes is another side, which alone can move people.\n",
        (_, true, false) => "The policy is another one, which alone can move people.\n",
    });
    if found.changes.is_empty() {
        return text;
    }
    let workers = |ids: &[String]| {
        let ids: Vec<String> = ids.iter().map(|id| labels.worker(id)).collect();
        if ids.is_empty() { "nobody".to_owned() } else { ids.join(", ") }
    };
    let rows = found.changes.iter().map(|change| {
        let kind = match change.kind {
            Kind::LostAPlace => "lost a place",
            Kind::Moved => "moved",
            Kind::GotAPlace => "got a place",
            Kind::Came => "came",
            Kind::Left => "left",
        };
        [
            labels.person(&change.person_id),
            kind.to_owned(),
            workers(&change.from),
            workers(&change.to),
            labels.sentence(&change.why),
        ]
    });
    text.push_str(&show::grid(&["person", "change", "from", "to", "why"], rows));
    text
}
