//! `peermatch demo`: the main job on the shipped 26-worker service, from nothing.

use std::fs;
use std::path::{Path, PathBuf};

use peermatch_core::explain::explain;
use peermatch_core::pair::Context;
use peermatch_core::report::{self, MatchingDocument, policy_of};
use peermatch_formats::matching::matching_json;
use peermatch_model::words::Audience;

use crate::assets;
use crate::commands::{check, matching, verify};
use crate::exit::{DONE, Stop};
use crate::load::{self, RosterArgs};
use crate::out;
use crate::show::{self, Labels};

/// The person whose match is explained.
const PERSON: &str = "P-031";

/// Rows of each table that are shown.
const ROWS: usize = 12;

/// Write the shipped service of invented people, check it, match it, verify the matching, and explain one person's match.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: peermatch demo my-demo")]
pub(crate) struct Args {
    /// The folder to write.
    #[arg(value_name = "DIR", default_value = "peermatch-demo")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let folder = &args.folder;
    write_all(folder, assets::DEMO)?;
    let shown = folder.display();
    out::result(&format!("The shipped service (invented people) stands in {shown}/roster.\n\n"))?;

    let checked =
        load::roster(&RosterArgs { roster: folder.join("roster"), as_of: None, names: None })?;
    let policy = load::policy(Some(&folder.join("policy.toml")))?;
    let roster = &checked.roster;
    out::result(&format!("> peermatch check {shown}/roster\n{}\n", check::line(roster)))?;

    let cx = Context::new(roster, &policy);
    let document = matching::solve(&cx, 0)?.document;
    let path = folder.join("matching.json");
    crate::files::write_whole(&path, &matching_json(&document))?;
    let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
    let matches = document.matches_seen(&cx, Audience::Coordinator);
    out::result(&format!(
        "> peermatch match {shown}/roster --policy {shown}/policy.toml --out {shown}/matching.json\n{}\n",
        show::matching(&document, &matches, &labels, ROWS)
    ))?;

    let policy = policy_of(&document).map_err(|error| verify::refused(&error))?;
    let cx = Context::new(roster, &policy);
    let decided = report::verify(&cx, &document).map_err(|error| verify::refused(&error))?;
    out::result(&format!(
        "> peermatch verify {shown}/roster {shown}/matching.json\n{}\n",
        verify::line(&decided)
    ))?;

    if let Some(worker) = worker_of(&document, PERSON) {
        let (user, worker_ix) = (load::user(&checked, PERSON)?, load::worker(&checked, worker)?);
        let told = explain(&cx, Audience::Coordinator, user, worker_ix, Some(&decided));
        out::result(&format!(
            "> peermatch explain {shown}/roster --user {PERSON} --worker {worker} --matching {shown}/matching.json\n{}",
            show::explanation(&told, &labels)
        ))?;
        out::result(&format!(
            "\nNext: read it as {} would, with --audience service-user; see others with\n  peermatch suggest {shown}/roster --policy {shown}/policy.toml --for {PERSON}\nor start your own with\n  peermatch init my-service\n",
            labels.person(PERSON)
        ))?;
    }
    Ok(DONE)
}

fn worker_of<'d>(document: &'d MatchingDocument, person: &str) -> Option<&'d str> {
    document.matches.iter().find(|m| m.person_id == person).map(|m| m.worker_id.as_str())
}

/// Writes files into a folder that is new, empty, or holds the very same files; anything else that would be lost stops it
/// before anything is written.
pub(crate) fn write_all(folder: &Path, files: &[(&str, &str)]) -> Result<(), Stop> {
    let strange = |path: &Path| {
        Stop::invalid(format!(
            "{}: stands there already and is not what would be written; nothing was changed. Name another folder, or move it away.",
            path.display()
        ))
    };
    if folder.exists() && !folder.is_dir() {
        return Err(strange(folder));
    }
    for (name, content) in files {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) if bytes == content.as_bytes() => {}
            Ok(_) => return Err(strange(&path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Stop::invalid(format!("{}: cannot be read: {error}", path.display())));
            }
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            crate::files::folder(parent)?;
        }
        crate::files::write_whole(&path, content.as_bytes())?;
    }
    Ok(())
}
