//! `peermatch menu`: menus of choice, before anything is matched.

use std::path::{Path, PathBuf};

use peermatch_core::menu::{
    MOST_LOSS, MenuDocument, MenuError, MenuMode, MenuRequest, SIZE_MAX, for_coordinator,
    for_person, make, policy_of, verify,
};
use peermatch_core::pair::Context;
use peermatch_formats::menu::{menu_json, read_menu};
use peermatch_formats::read_file;
use peermatch_model::words::Audience;

use crate::commands::verify::refused;
use crate::exit::{DONE, Stop};
use crate::files;
use crate::limits;
use crate::load::{self, Checked, Format, RosterArgs};
use crate::out;
use crate::progress::Bar;
use crate::show::{self, Labels};

/// How menus are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// Safe menus as far as places go (whatever anybody picks can be kept), live ones for the others.
    Safe,
    /// Live menus for everybody: made again after each answer.
    Live,
    /// Shortlists: everybody ranks, then `choose --resolve` matches inside the lists.
    Shortlist,
}

/// Who reads menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Reader {
    /// Who has which menu and why, and what choice can cost.
    Coordinator,
    /// One sheet per person, to be printed or read aloud: no score, no rank.
    ServiceUser,
}

/// Make menus: a few workers each, for people to choose from. Nothing is matched by it.
///
/// Safe menus hold a place with each worker on them; where places are few, they go by waiting time and the others get live menus.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch menu examples/programmes/service/roster --out menu.json\n  peermatch menu examples/programmes/service/roster --for P-031,P-001 --mode live --audience service-user\n  peermatch menu examples/programmes/service/roster --read menu.json --audience service-user\nThen record answers with `peermatch choose`."
)]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// Who chooses (ids, with commas between).
    #[arg(long = "for", value_name = "IDS", value_delimiter = ',', conflicts_with_all = ["all_waiting", "read"])]
    people: Vec<String>,
    /// Everybody chooses who waits and is ready. So it is without --for.
    #[arg(long, conflicts_with = "read")]
    all_waiting: bool,
    /// Most options per person.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=i64::from(SIZE_MAX)), allow_negative_numbers = true, conflicts_with = "read")]
    size: u32,
    /// Kind of menus.
    #[arg(long, value_enum, default_value_t = Mode::Safe, conflicts_with = "read")]
    mode: Mode,
    /// What an option of a live menu may cost everybody together, in millionths of one person's wishes. Where a person would have
    /// fewer than two options, the next one is shown too, as long as nobody who has waited longer loses a place for it (250000 unless said).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000), allow_negative_numbers = true, conflicts_with = "read")]
    most_loss: Option<u32>,
    /// Seed of the neutral order of options.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = load::seed, allow_negative_numbers = true, conflicts_with = "read")]
    seed: u64,
    /// The policy (TOML or JSON); without it, the shipped one.
    #[arg(long, value_name = "FILE", conflicts_with = "read")]
    policy: Option<PathBuf>,
    /// Show menus that were made before, in their present state, in place of making new ones.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    read: Option<PathBuf>,
    /// Write the menu document here, for `choose` and `verify`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Who reads the table.
    #[arg(long, value_enum, default_value_t = Reader::Coordinator)]
    audience: Reader,
    /// How to write the result: for people, or the menu document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    if let Some(path) = &args.out {
        let inputs = [Some(args.roster.roster.as_path()), args.policy.as_deref()];
        files::not_an_input(&[path.as_path()], &inputs.into_iter().flatten().collect::<Vec<_>>())?;
    }
    let checked = load::roster(&args.roster)?;
    if let Some(path) = &args.read {
        let document = read(path)?;
        let policy = policy_of(&document).map_err(|error| refused(&error))?;
        let cx = Context::new(&checked.roster, &policy);
        verify(&cx, &document).map_err(|error| refused(&error))?;
        return result(&checked, &cx, &document, None, (args.audience, args.format));
    }
    let policy = load::policy(args.policy.as_deref())?;
    let named = args.people.iter().filter(|id| !id.trim().is_empty());
    let asked: Result<Vec<_>, _> = named.map(|id| load::user(&checked, id)).collect();
    let asked = asked?;
    if asked.is_empty() && !args.people.is_empty() {
        return Err(Stop::invalid("--for names nobody. Name people by id, with commas between."));
    }
    if args.most_loss.is_some() && args.mode == Mode::Shortlist {
        return Err(Stop::invalid(
            "--most-loss says what an option of a live menu may cost; a shortlist is not chosen by it",
        ));
    }
    let cx = Context::new(&checked.roster, &policy);
    let request = MenuRequest {
        asked: (!asked.is_empty()).then_some(asked),
        size: args.size,
        mode: match args.mode {
            Mode::Safe => MenuMode::Safe,
            Mode::Live => MenuMode::Live,
            Mode::Shortlist => MenuMode::Shortlist,
        },
        seed: args.seed,
        most_loss: args.most_loss.unwrap_or(MOST_LOSS),
    };
    let document = {
        let bar = Bar::new();
        bar.say("who can walk with whom");
        make(&cx, &request, &bar).map_err(stop)?
    };
    write(args.out.as_deref(), &document)?;
    result(&checked, &cx, &document, None, (args.audience, args.format))
}

pub(crate) fn read(path: &Path) -> Result<MenuDocument, Stop> {
    Ok(read_menu(&path.display().to_string(), &read_file(path)?)?)
}

pub(crate) fn write(path: Option<&Path>, document: &MenuDocument) -> Result<(), Stop> {
    if let Some(path) = path {
        files::write_whole(path, &menu_json(document))?;
        out::note(&format!("wrote {}", path.display()));
    }
    Ok(())
}

/// How a refusal ends the command.
pub(crate) fn stop(error: MenuError) -> Stop {
    match error {
        MenuError::Refused(words) => Stop::invalid(words),
        MenuError::Infeasible(words) => Stop::infeasible(words),
        MenuError::Cancelled => limits::stopped(),
        MenuError::NotVerified(error) => refused(&error),
        MenuError::Internal(_) => Stop::internal(error.to_string()),
    }
}

/// Shows the menus; to a person, the sheet of `only` where somebody is named: nobody sees what others wish for.
pub(crate) fn result(
    checked: &Checked,
    cx: &Context<'_>,
    document: &MenuDocument,
    only: Option<&str>,
    (audience, format): (Reader, Format),
) -> Result<u8, Stop> {
    if format == Format::Json {
        out::result(&String::from_utf8_lossy(&menu_json(document)))?;
        return Ok(DONE);
    }
    match audience {
        Reader::Coordinator => {
            let labels = Labels::for_audience(&checked.names, Audience::Coordinator);
            let told = for_coordinator(cx, document).map_err(stop)?;
            out::result(&show::menus(&told, &labels))?;
        }
        Reader::ServiceUser => {
            let labels = Labels::for_audience(&checked.names, Audience::ServiceUser);
            let sheets: Vec<String> = document
                .menus
                .iter()
                .filter(|menu| only.is_none_or(|only| menu.person_id == only))
                .filter_map(|menu| checked.roster.find_user(&menu.person_id))
                .filter_map(|user| {
                    let sheet = for_person(cx, document, user)?;
                    Some(show::menu_sheet(&cx.roster.user(user).id, &sheet, &labels))
                })
                .collect();
            out::result(&sheets.join("\n----------------------------------------\n\n"))?;
        }
    }
    Ok(DONE)
}
