//! `peermatch verify`: an independent run of the checker over a matching that was written earlier.

use std::path::{Path, PathBuf};

use peermatch_core::pair::Context;
use peermatch_core::report::{VerifyError, policy_of, verify, with_ids};
use peermatch_core::run::Decided;
use peermatch_core::told::{Verified, how_sure};
use peermatch_core::{lottery, menu};
use peermatch_formats::lottery::read_lottery;
use peermatch_formats::matching::read_matching;
use peermatch_formats::menu::read_menu;
use peermatch_formats::{Kind, expect_kind, read_file};

use peermatch_model::roster::Roster;

use crate::commands::{handover, raw};
use crate::exit::{DONE, Stop};
use crate::load::{self, Checked, Format, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::counted;

/// Verify a matching: feasible, eligible, and no other is better. Needs no trust in whatever found it.
///
/// Either ROSTER and MATCHING, or --edges, --capacities, --matching and --certificate for raw problems (with --demand where it was solved
/// with one).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch verify examples/programmes/service/roster matching.json\n  peermatch verify --edges edges.csv --capacities capacities.csv --matching out.csv --certificate prices.csv"
)]
pub(crate) struct Args {
    /// The roster: a JSON file, or the folder of a CSV pack.
    #[arg(value_name = "ROSTER", required_unless_present = "edges", conflicts_with = "edges")]
    roster: Option<PathBuf>,
    /// The document that `match`, `menu`, `choose`, `lottery` or `handover` wrote with --out.
    #[arg(value_name = "MATCHING", required_unless_present = "edges", conflicts_with = "edges")]
    document: Option<PathBuf>,
    /// The day of the run, if `match` was given one.
    #[arg(long, value_name = "DAY", conflicts_with = "edges")]
    as_of: Option<String>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    raw: raw::VerifyArgs,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let (Some(roster), Some(path)) = (&args.roster, &args.document) else {
        return raw::verify(&args.raw, args.format);
    };
    if let Some(name) = args.raw.named_options() {
        return Err(Stop::invalid(format!(
            "{name} is for raw problems; a matching document says itself what was asked for"
        )));
    }
    let named = RosterArgs { roster: roster.clone(), as_of: args.as_of.clone(), names: None };
    let bytes = read_file(path)?;
    let kinds = [Kind::Matching, Kind::Menu, Kind::Lottery, Kind::Handover];
    let kind = expect_kind(&path.display().to_string(), &bytes, &kinds)?;
    if kind == Kind::Handover {
        // Other rosters are derived from this one, for which it is needed as it was given.
        let (checked, input) = load::roster_and_input(&named)?;
        return handover::verified(&checked, &input, path, &bytes, args.format);
    }
    let checked = load::roster(&named)?;
    match kind {
        Kind::Menu => return menus(&checked, path, &bytes, args.format),
        Kind::Lottery => return lottery(&checked, path, &bytes, args.format),
        _ => {}
    }
    let document = read_matching(&path.display().to_string(), &bytes)?;
    let policy = policy_of(&document).map_err(|error| refused(&error))?;
    let cx = Context::new(&checked.roster, &policy);
    let decided = verify(&cx, &document).map_err(|error| refused_in(&checked.roster, &error))?;
    match args.format {
        Format::Json => out::result(&out::json(&Verified::matching(&decided, &document))?)?,
        Format::Table => match &document.limits {
            None => out::result(&line(&decided))?,
            Some(limits) => {
                out::result(&format!(
                    "verified: {} of {} matched; {}\n",
                    decided.served(),
                    counted(decided.people().len() as u64, "person", "people"),
                    how_sure(limits)
                ))?;
            }
        },
    }
    Ok(DONE)
}

/// Verifies a menu document.
fn menus(checked: &Checked, path: &Path, bytes: &[u8], format: Format) -> Result<u8, Stop> {
    let document = read_menu(&path.display().to_string(), bytes)?;
    let policy = menu::policy_of(&document).map_err(|error| refused(&error))?;
    let cx = Context::new(&checked.roster, &policy);
    let held = menu::verify(&cx, &document).map_err(|error| refused(&error))?;
    match format {
        Format::Json => out::result(&out::json(&Verified::menus(&held, &policy))?)?,
        Format::Table => {
            let asked = "millionths of what one person asked for";
            let mut said = vec![format!(
                "{} asked, {} answered",
                counted(held.asked as u64, "person", "people"),
                held.answers
            )];
            if held.safe > 0 {
                said.push(format!(
                    "{} with a safe menu, which every combination of picks keeps, losing at most {} {asked}",
                    held.safe, held.safe_loss_most
                ));
            }
            if held.live_loss != 0 {
                said.push(format!(
                    "live picks lost {} {asked}, those taken back included",
                    held.live_loss
                ));
            }
            if document.resolved.is_some() {
                said.push("what came of the shortlists checked too".to_owned());
            }
            out::result(&format!(
                "verified: {}; under policy {} version {}\n",
                said.join("; "),
                policy.name,
                policy.version
            ))?;
        }
    }
    Ok(DONE)
}

/// Verifies a lottery document, its draw included.
fn lottery(checked: &Checked, path: &Path, bytes: &[u8], format: Format) -> Result<u8, Stop> {
    let document = read_lottery(&path.display().to_string(), bytes)?;
    let policy = lottery::policy_of(&document).map_err(|error| refused(&error))?;
    let cx = Context::new(&checked.roster, &policy);
    let held = {
        let bar = Bar::new();
        lottery::verify(&cx, &document, &bar)
            .map_err(|error| refused_in(&checked.roster, &error))?
    };
    match format {
        Format::Json => out::result(&out::json(&Verified::lottery(&held, &policy))?)?,
        Format::Table => out::result(&format!(
            "verified: {} of {} drawn, with exact chances over {}, as the seed says; under policy {} version {}\n",
            held.drawn,
            counted(held.people as u64, "person", "people"),
            counted(held.pairs as u64, "eligible pair", "eligible pairs"),
            policy.name,
            policy.version
        ))?,
    }
    Ok(DONE)
}

/// What is said of a matching that holds.
pub(crate) fn line(decided: &Decided<'_>) -> String {
    let policy = decided.context().policy;
    format!(
        "verified: {} of {} matched, over {}, under policy {} version {}: {}\n",
        decided.served(),
        counted(decided.people().len() as u64, "person", "people"),
        counted(decided.proof().pairs_checked(), "eligible pair", "eligible pairs"),
        policy.name,
        policy.version,
        decided.proof().in_words(policy.objective)
    )
}

/// As [`refused`], with ids in place of the checker's indexes.
fn refused_in(roster: &Roster, error: &VerifyError) -> Stop {
    let stop = refused(error);
    Stop { message: with_ids(roster, &stop.message), ..stop }
}

/// A matching that does not hold is a failed check; one that cannot be read is invalid input.
pub(crate) fn refused(error: &VerifyError) -> Stop {
    match error {
        VerifyError::Format { .. } | VerifyError::PolicyFaults(_) => {
            Stop::invalid(format!("not verified: {error}"))
        }
        _ => Stop::check_failed(format!("not verified: {error}")),
    }
}
