//! `peermatch choose`: record what somebody answered to a menu, and give the next state.

use std::path::PathBuf;

use peermatch_core::menu::{Answer, choose, policy_of, resolve};
use peermatch_core::pair::Context;

use crate::commands::menu::{self, Reader};
use crate::commands::verify::refused;
use crate::exit::Stop;
use crate::files;
use crate::load::{self, Format, RosterArgs};
use crate::progress::Bar;

/// Record an answer to a menu: a worker, none of these, or later. A pick is a wish; people decide.
///
/// The menu file is verified first and never changed in place unless --out names it. The roster must be the one it was made from.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch choose examples/programmes/service/roster menu.json --for P-031 --pick W-21 --out next.json\n  peermatch choose examples/programmes/service/roster menu.json --for P-031 --pick none --out next.json\n  peermatch choose examples/programmes/service/roster next.json --for P-031 --change --audience service-user\n  peermatch choose examples/programmes/service/roster shortlists.json --for P-031 --rank W-21,W-07 --out next.json\n  peermatch choose examples/programmes/service/roster next.json --resolve --out resolved.json"
)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["pick", "rank", "resolve", "change"]))]
pub(crate) struct Args {
    #[command(flatten)]
    roster: RosterArgs,
    /// The menu document that `menu --out` or an earlier `choose --out` wrote.
    #[arg(value_name = "MENU")]
    document: PathBuf,
    /// Who answers.
    #[arg(
        long = "for",
        value_name = "ID",
        required_unless_present = "resolve",
        conflicts_with = "resolve"
    )]
    person: Option<String>,
    /// The worker picked, or `none`, or `later`.
    #[arg(long, value_name = "WORKER", conflicts_with_all = ["rank", "resolve"])]
    pick: Option<String>,
    /// On a shortlist: the workers, best first, with commas between. Whom the person does not want is left out.
    #[arg(long, value_name = "IDS", value_delimiter = ',', conflicts_with = "resolve")]
    rank: Vec<String>,
    /// On shortlists: match everybody who ranked, inside the lists.
    #[arg(long)]
    resolve: bool,
    /// Take back what the person answered before. Alone, it shows them again what they may still have.
    #[arg(long, conflicts_with = "resolve")]
    change: bool,
    /// Write the next state here.
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
        files::not_an_input(&[path.as_path()], &[args.roster.roster.as_path()])?;
    }
    let checked = load::roster(&args.roster)?;
    let document = menu::read(&args.document)?;
    let policy = policy_of(&document).map_err(|error| refused(&error))?;
    let cx = Context::new(&checked.roster, &policy);
    let worker = |id: &String| {
        load::worker(&checked, id).map(|worker| checked.roster.worker(worker).id.clone())
    };
    let bar = Bar::new();
    bar.say("what is possible now");
    let next = match (&args.person, &args.pick) {
        (None, _) => resolve(&cx, &document, &bar).map_err(menu::stop)?,
        (Some(person), pick) => {
            let person = load::user(&checked, person)?;
            let answer = match pick.as_deref().map(str::trim) {
                Some(word) if word.eq_ignore_ascii_case("none") => Answer::None,
                Some(word) if word.eq_ignore_ascii_case("later") => Answer::Later,
                Some(_) => Answer::Pick(pick.as_ref().map(worker).transpose()?.unwrap_or_default()),
                None if args.rank.is_empty() => Answer::TakenBack,
                None => Answer::Ranks(args.rank.iter().map(worker).collect::<Result<_, _>>()?),
            };
            choose(&cx, &document, person, answer, args.change, &bar).map_err(menu::stop)?
        }
    };
    drop(bar);
    menu::write(args.out.as_deref(), &next)?;
    let only = args.person.as_ref().map(|person| load::user(&checked, person)).transpose()?;
    let only = only.map(|user| checked.roster.user(user).id.as_str());
    menu::result(&checked, &cx, &next, only, (args.audience, args.format))
}
