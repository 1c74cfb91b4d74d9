//! `peermatch serve`: matching over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;

use peermatch_server::App;
use peermatch_server::kept::example::put_example;
use peermatch_server::limits::Limits;
use peermatch_server::process::{Ended, Setup, run as run_service};
use peermatch_server::serve::NotStarted;
use peermatch_server::telemetry::LogFormat;
use peermatch_store::StoreError;

use crate::assets;
use crate::exit::{DONE, Stop};
use crate::out;

/// Answer over HTTP: with the roster in each request, or on rosters that are kept. Ends at Ctrl-C or SIGTERM, once what was begun is finished.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch serve --demo\nRoutes: GET /docs for people, /openapi.json for programs. docs/service.md says how to run it."
)]
pub(crate) struct Args {
    /// Let everybody in, keep everything in memory, and listen on this machine only: to look around, never for real people.
    #[arg(long, conflicts_with = "data")]
    demo: bool,
    /// Where to listen. Beyond this machine only once there is a key or an account; port 0 takes any that is free.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4780")]
    listen: SocketAddr,
    /// The file that everything is kept in; made if it is not there.
    #[arg(long, value_name = "FILE", default_value = "peermatch.db")]
    data: PathBuf,
    /// What is logged to standard error: a level (error, warn, info, debug, off), or pairs such as info,peermatch_server=debug. Ids only, never names.
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
    /// How log lines look.
    #[arg(long, value_enum, default_value_t = LogLines::Text)]
    log_format: LogLines,
}

/// The roster that the demonstration starts with.
const DEMO_ROSTER: &str = "service";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogLines {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

pub(crate) fn run(args: &Args, threads: Option<u16>) -> Result<u8, Stop> {
    let format = match args.log_format {
        LogLines::Text => LogFormat::Text,
        LogLines::Json => LogFormat::Json,
    };
    let setup = Setup {
        listen: args.listen,
        data: (!args.demo).then(|| args.data.clone()),
        demo: args.demo,
        threads: threads.map(usize::from),
        log: (args.log.clone(), format),
        limits: Limits::default(),
    };
    let told = |addr: SocketAddr| {
        let mut text = format!("listening on http://{addr}\n");
        if args.demo {
            text.push_str(
                "This is a demonstration: everybody on this machine is let in as coordinator, auditor, integrator and administrator,\nand nothing is kept when it ends. The shipped service (invented people) is its roster `service`. What to ask: http://",
            );
            text.push_str(&addr.to_string());
            text.push_str("/docs\n");
        }
        out::result(&text).map_err(|stop| stop.message)
    };
    let demo = args.demo;
    // Somebody to look at: the shipped service of invented people.
    let prepare = async move |app: App| {
        if !demo {
            return Ok(());
        }
        let pack = assets::DEMO.iter().filter_map(|(path, text)| {
            Some((path.strip_prefix("roster/")?.to_owned(), text.as_bytes().to_vec()))
        });
        put_example(&app, DEMO_ROSTER, pack.collect()).await.map_err(|problem| problem.detail)
    };
    match run_service(setup, prepare, told) {
        Ok(()) => Ok(DONE),
        Err(ended) => Err(stop(&ended, args)),
    }
}

fn stop(ended: &Ended, args: &Args) -> Stop {
    let data = args.data.display();
    match ended {
        Ended::NotStarted(NotStarted::Store(error)) => {
            let words = format!("{data}: {error}");
            match error {
                StoreError::Damaged(_) => Stop::check_failed(words),
                StoreError::Newer { .. } | StoreError::Held(_) => Stop::invalid(words),
                _ => Stop::internal(words),
            }
        }
        Ended::NotStarted(
            NotStarted::DemoBeyond(_) | NotStarted::Nobody(_) | NotStarted::Listen(..),
        )
        | Ended::Log(_) => Stop::invalid(ended.to_string()),
        _ => Stop::internal(ended.to_string()),
    }
}
