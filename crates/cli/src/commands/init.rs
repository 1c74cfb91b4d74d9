//! `peermatch init`: a blank pack to fill in, with one filled example row a file, and a paper form for the kitchen table.

use std::path::PathBuf;

use crate::assets;
use crate::commands::demo::write_all;
use crate::exit::{DONE, Stop};
use crate::out;

/// Write a blank CSV pack with one filled example row a file, and a printable paper form.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: peermatch init my-service, then peermatch check my-service")]
pub(crate) struct Args {
    /// The folder to write; it must not exist yet, or be empty.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    write_all(&args.folder, assets::BLANK)?;
    let folder = args.folder.display();
    out::result(&format!(
        "wrote a blank pack to {folder}: fill in people.csv, workers.csv and services.csv (replace the example rows), write the day of the run\ninto pack.toml, then run\n  peermatch check {folder}\nA form to fill in by hand: {folder}/paper-form.html\n"
    ))?;
    Ok(DONE)
}
