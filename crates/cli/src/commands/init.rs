//! `peermatch init`: a blank pack to fill in, with one filled example row a file, and a paper form for the kitchen table.

use std::path::PathBuf;

use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{
    AgeBand, AnswerState, Comfort, CompetenceLevel, ConflictKind, Direction, ExperienceDirection,
    Fluency, Gender, Goal, LanguageLevel, Licence, MatchStatus, Mode, Perspective, PinKind,
    QueueState, Role, StatedBy, Strength, SupportType, Transport, WishAbout, Words,
    WorkerWishAbout,
};

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
    let words = words();
    let mut files = assets::BLANK.to_vec();
    files.push(("words.txt", &words));
    write_all(&args.folder, &files)?;
    let folder = args.folder.display();
    out::result(&format!(
        "wrote a blank pack to {folder}: fill in people.csv, workers.csv and services.csv (replace the example rows), write the day of the run\ninto pack.toml, then run\n  peermatch check {folder}\nA form to fill in by hand: {folder}/paper-form.html\n"
    ))?;
    Ok(DONE)
}

/// Every word that a list of the pack takes, from the lists themselves, so that it is never out of date.
fn words() -> String {
    let mut out = String::from(
        "The words that the lists take. Several in one cell are separated by |, as in one_to_one|telephone.\n",
    );
    list::<QueueState>(&mut out, "status (people)");
    list::<AgeBand>(&mut out, "age_band, age_bands");
    list::<Mode>(&mut out, "modes");
    list::<Transport>(&mut out, "transport");
    list::<LanguageLevel>(&mut out, "languages of people, as in en:need");
    list::<Fluency>(&mut out, "languages of workers, as in en:whole");
    list::<Goal>(&mut out, "goals");
    list::<SupportType>(&mut out, "support_types");
    list::<Role>(&mut out, "role");
    list::<Licence>(&mut out, "licence");
    list::<WishAbout>(&mut out, "dimension (person_preferences)");
    list::<WorkerWishAbout>(&mut out, "dimension (worker_wishes)");
    list::<Direction>(&mut out, "direction (preferences and wishes)");
    list::<Strength>(&mut out, "strength");
    list::<AnswerState>(&mut out, "status (preferences and wishes)");
    list::<StatedBy>(&mut out, "stated_by");
    list::<Gender>(&mut out, "gender");
    list::<Perspective>(&mut out, "perspective");
    list::<ExperienceDirection>(&mut out, "direction (person_experiences)");
    list::<Comfort>(&mut out, "comfort");
    list::<CompetenceLevel>(&mut out, "level (competence)");
    list::<ConflictKind>(&mut out, "kind (conflicts)");
    list::<MatchStatus>(&mut out, "status (matches)");
    list::<PinKind>(&mut out, "kind (pins)");
    out.push_str("\nconcept, topics, not_now: lived experience\n");
    let taxonomy = Taxonomy::shipped();
    for concept in taxonomy.concepts().filter(|&c| !taxonomy.is_root(c)) {
        out.push_str("  ");
        out.push_str(taxonomy.id(concept));
        out.push_str(": ");
        out.push_str(taxonomy.label(concept));
        out.push('\n');
    }
    out
}

fn list<W: Words>(out: &mut String, heading: &str) {
    let words: Vec<&str> = W::ALL.iter().map(|w| w.word()).collect();
    out.push('\n');
    out.push_str(heading);
    out.push_str("\n  ");
    out.push_str(&words.join(", "));
    out.push('\n');
}
