//! `peermatch handover`: workers leave, and where the people they walk with could go.

use std::path::{Path, PathBuf};

use peermatch_core::handover::{Handover, HandoverError, handover, verify};
use peermatch_core::report::policy_of;
use peermatch_core::run::RunError;
use peermatch_core::told::{Verified, known};
use peermatch_formats::handover::{handover_json, read_handover};
use peermatch_formats::read_file;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::WorkerIx;
use peermatch_model::words::Audience;

use crate::commands::verify::refused;
use crate::exit::{DONE, Stop};
use crate::files;
use crate::limits;
use crate::load::{self, Checked, Format, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::{self, Labels};

/// Propose where the people of leaving workers could go: everybody else's match stands.
///
/// The people of those who leave come before the waiting list; what that takes from it is counted by two exact runs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch handover examples/programmes/service/roster --leaving W-01,W-05 --out handover.json\n  peermatch handover examples/programmes/service/roster --verify handover.json"
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The workers who leave, by id, with commas between.
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        required_unless_present = "verify",
        conflicts_with = "verify"
    )]
    leaving: Vec<String>,
    /// Verify a handover document instead, without trust in whatever made it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "out"])]
    verify: Option<PathBuf>,
    /// The policy (TOML or JSON); without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The seed of what is drawn by lot, under policies whose objective draws.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = load::seed, allow_negative_numbers = true, conflicts_with = "verify")]
    seed: u64,
    /// Write the handover document here.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    if let Some(path) = &args.out {
        let inputs = [Some(args.roster.roster.as_path()), args.policy.as_deref()];
        files::not_an_input(&[path.as_path()], &inputs.into_iter().flatten().collect::<Vec<_>>())?;
    }
    let (checked, input) = load::roster_and_input(&args.roster)?;
    if let Some(path) = &args.verify {
        return verified(&checked, &input, path, &read_file(path)?, args.format);
    }
    let policy = load::policy(args.policy.as_deref())?;
    let ids = args.leaving.iter().filter(|id| !id.trim().is_empty());
    let leaving: Vec<WorkerIx> =
        ids.map(|id| load::worker(&checked, id)).collect::<Result<_, _>>()?;
    let bar = Bar::new();
    bar.say("who can walk with whom");
    let found =
        handover(&input, &checked.roster, &policy, &leaving, args.seed, &bar).map_err(failed)?;
    drop(bar);
    if let Some(path) = &args.out {
        files::write_whole(path, &handover_json(&found))?;
        out::note(&format!("wrote {}", path.display()));
    }
    match args.format {
        Format::Json => out::result(&String::from_utf8_lossy(&handover_json(&found)))?,
        Format::Table => {
            let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
            out::result(&table(&found, &labels))?;
        }
    }
    Ok(DONE)
}

/// Verifies a handover document.
pub(crate) fn verified(
    checked: &Checked,
    input: &RosterInput,
    path: &Path,
    bytes: &[u8],
    format: Format,
) -> Result<u8, Stop> {
    let found = read_handover(&path.display().to_string(), bytes)?;
    let policy = policy_of(&found.matching).map_err(|error| refused(&error))?;
    verify(input, &checked.roster, &policy, &found).map_err(failed)?;
    match format {
        Format::Json => out::result(&out::json(&Verified::handover(&found))?)?,
        Format::Table => out::result(&format!(
            "verified: the matching of {} holds: {}\n",
            show::counted(found.people.len() as u64, "person handed over", "people handed over"),
            known(&found.matching).trim_end_matches('.')
        ))?,
    }
    Ok(DONE)
}

fn failed(error: HandoverError) -> Stop {
    match error {
        HandoverError::Leaving(_) | HandoverError::Roster(_) => Stop::invalid(error.to_string()),
        HandoverError::Run(RunError::Infeasible(words)) => Stop::infeasible(words.join(" ")),
        HandoverError::Run(RunError::Unsupported(words)) => Stop::invalid(words.join(" ")),
        HandoverError::Run(RunError::Cancelled) => limits::stopped(),
        HandoverError::Run(error) => Stop::internal(error.to_string()),
        HandoverError::Stated(_) => Stop::check_failed(format!("not verified: {error}")),
        HandoverError::Verify(error) => refused(&error),
    }
}

fn table(found: &Handover, labels: &Labels<'_>) -> String {
    let leaving: Vec<String> = found.leaving.iter().map(|id| labels.worker(id)).collect();
    let placed = found.people.iter().filter(|person| !person.to.is_empty()).count();
    let mut text = format!(
        "Leaving: {}. {} to hand over; {} could go on with somebody else.\n",
        leaving.join(", "),
        show::counted(found.people.len() as u64, "person", "people"),
        if placed == found.people.len() { "all of them".to_owned() } else { placed.to_string() },
    );
    if !found.people.is_empty() {
        let workers =
            |ids: &[String]| ids.iter().map(|id| labels.worker(id)).collect::<Vec<_>>().join(", ");
        let rows = found.people.iter().map(|person| {
            let mut note = Vec::new();
            note.extend(person.talk_first.iter().cloned());
            note.extend(person.next_steps.iter().map(|step| labels.sentence(step)));
            if !person.lost.is_empty() {
                note.push(format!("Met less: {}.", person.lost.join("; ")));
            }
            if !person.gained.is_empty() {
                note.push(format!("Met now: {}.", person.gained.join("; ")));
            }
            let to = if person.to.is_empty() { "nobody".to_owned() } else { workers(&person.to) };
            [
                labels.person(&person.person_id),
                workers(&person.from),
                to,
                person.kept.join(", "),
                note.join(" "),
            ]
        });
        text.push_str(&show::grid(&["person", "from", "to", "stays met", "note"], rows));
    }
    match found.waiting_list {
        None => text.push_str(
            "The waiting list cannot be matched on its own: a minimum, a decision or a limit cannot be kept there.\n",
        ),
        Some(list) => {
            let fewer = list.before.saturating_sub(list.after);
            let words = if fewer == 0 {
                let now = list.after;
                format!("It takes nobody's place on the waiting list: {now} could be matched now, with it or without.")
            } else {
                format!(
                    "{} from the waiting list could be matched now: {} instead of {}.",
                    show::counted(fewer, "person fewer", "people fewer"),
                    list.after,
                    list.before
                )
            };
            text.push_str(&words);
            text.push('\n');
        }
    }
    text.push_str(&show::verified(&found.matching));
    text.push_str(peermatch_core::explain::PEOPLE_DECIDE);
    text.push('\n');
    text
}
