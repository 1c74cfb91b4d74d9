//! Reading what the arguments name: a roster, a policy, names.

use std::path::{Path, PathBuf};

use peermatch_formats::pack::read_names;
use peermatch_formats::{Loaded, Names, read_file, read_policy, read_roster};
use peermatch_model::Faults;
use peermatch_model::fault::Place;
use peermatch_model::policy::Policy;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};

use crate::exit::Stop;

/// Arguments that every command on a roster has.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RosterArgs {
    /// The roster: a JSON file, or the folder of a CSV pack.
    #[arg(value_name = "ROSTER")]
    pub(crate) roster: PathBuf,
    /// The day of the run, in place of the roster's own (year-month-day).
    #[arg(long, value_name = "DAY")]
    pub(crate) as_of: Option<String>,
    /// Names to show beside the ids (CSV id,name), in place of the pack's own names.csv.
    #[arg(long, value_name = "FILE")]
    pub(crate) names: Option<PathBuf>,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// A checked roster with the names to show.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) roster: Roster,
    pub(crate) names: Names,
}

/// Reads and checks a roster; every fault at once.
pub(crate) fn roster(args: &RosterArgs) -> Result<Checked, Stop> {
    Ok(try_roster(args)?)
}

/// The same, with the faults as they are.
pub(crate) fn try_roster(args: &RosterArgs) -> Result<Checked, Faults> {
    check(args, read_roster(&args.roster)?)
}

/// As [`roster`], with the input it was checked from, for whatever changes a roster and checks it again.
pub(crate) fn roster_and_input(args: &RosterArgs) -> Result<(Checked, RosterInput), Stop> {
    let mut loaded = read_roster(&args.roster)?;
    if let Some(day) = &args.as_of {
        loaded.set_as_of(day);
    }
    let input = loaded.input().clone();
    Ok((check(args, loaded)?, input))
}

/// As [`roster`], with every worker's minimum set aside; whether there was one.
pub(crate) fn roster_without_minimums(args: &RosterArgs) -> Result<(Checked, bool), Stop> {
    let whole = check(args, read_roster(&args.roster)?)?;
    let had = whole.roster.workers().iter().any(|worker| worker.minimum > 0);
    if !had {
        return Ok((whole, false));
    }
    let mut loaded = read_roster(&args.roster)?;
    loaded.set_minimums_aside();
    Ok((check(args, loaded)?, true))
}

fn check(args: &RosterArgs, mut loaded: Loaded) -> Result<Checked, Faults> {
    if let Some(day) = &args.as_of {
        loaded.set_as_of(day);
    }
    let names = match &args.names {
        Some(path) => read_names(&path.display().to_string(), &read_file(path)?)?,
        None => loaded.names().clone(),
    };
    let roster = loaded.check().map_err(|mut faults| {
        if args.as_of.is_some() {
            // The day came from the command line, not from the file.
            for fault in faults.iter_mut().filter(|f| f.pointer == "/as_of") {
                fault.place =
                    Some(Place { file: "--as-of".to_owned(), line: 0, column: 0, field: None });
            }
        }
        faults
    })?;
    Ok(Checked { roster, names })
}

/// Reads and checks a policy, or takes the shipped one.
pub(crate) fn policy(path: Option<&Path>) -> Result<Policy, Stop> {
    let Some(path) = path else { return Ok(Policy::shipped()) };
    let (input, places) = read_policy(&path.display().to_string(), &read_file(path)?)?;
    Policy::check(&input).map_err(|mut faults| {
        places.locate(&mut faults);
        faults.into()
    })
}

/// The person with an id, or with a name that only one person has.
pub(crate) fn user(checked: &Checked, id: &str) -> Result<UserIx, Stop> {
    let roster = &checked.roster;
    if let Some(user) = roster.find_user(id.trim()) {
        return Ok(user);
    }
    if roster.find_worker(id.trim()).is_some() {
        return Err(Stop::invalid(format!("`{id}` is a worker; give the id of a person")));
    }
    named(checked, id, |id| roster.find_user(id))
        .ok_or_else(|| missing("person", id, roster.people().iter().map(|u| u.id.as_str())))
}

/// The worker with an id, or with a name that only one worker has.
pub(crate) fn worker(checked: &Checked, id: &str) -> Result<WorkerIx, Stop> {
    let roster = &checked.roster;
    if let Some(worker) = roster.find_worker(id.trim()) {
        return Ok(worker);
    }
    if roster.find_user(id.trim()).is_some() {
        return Err(Stop::invalid(format!("`{id}` is a person; give the id of a worker")));
    }
    named(checked, id, |id| roster.find_worker(id))
        .ok_or_else(|| missing("worker", id, roster.workers().iter().map(|w| w.id.as_str())))
}

fn named<T>(checked: &Checked, name: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let wanted = name.trim().to_lowercase();
    let mut found = checked
        .names
        .iter()
        .filter(|(_, n)| n.to_lowercase() == wanted)
        .filter_map(|(id, _)| find(id));
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

fn missing<'a>(what: &str, id: &str, ids: impl Iterator<Item = &'a str>) -> Stop {
    let near = peermatch_model::fault::nearest(id, ids);
    let fix = near
        .map_or("Use an id of the roster.".to_owned(), |near| format!("Did you mean `{near}`?"));
    Stop::invalid(format!("no {what} of the roster has the id `{id}`. {fix}"))
}

/// The seed of an argument.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("write a whole number from 0 to {}", u64::MAX))
}
