//! The `peermatch` command: reads arguments and files, calls the engine, writes what it says.
//!
//! Nothing is decided here. Results go to standard output, progress and notes to standard error. Exit 0 done, 1 invalid
//! input, 2 infeasible or stopped at a limit, 3 a check failed, 4 internal.

mod assets;
mod commands;
mod exit;
mod files;
mod limits;
mod load;
mod out;
mod progress;
mod show;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::time::Duration;

use crate::exit::Stop;

/// Who could walk alongside this person? Suggestions and whole assignments of service users to peer workers, with reasons
/// and a proof. People decide.
#[derive(Debug, Parser)]
#[command(name = "peermatch", version, about, max_term_width = 110)]
#[command(
    after_help = "Start with: peermatch demo\nROSTER is a JSON file or the folder of a CSV pack (docs/formats.md)."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Threads to use (default: all cores). The answer is the same with any number.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Stop after this many seconds if nothing was proven by then: nothing is written, exit 2. Ctrl-C does the same.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = limits::seconds, allow_negative_numbers = true)]
    time_limit: Option<Duration>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(commands::demo::Args),
    Init(commands::init::Args),
    Check(commands::check::Args),
    Match(commands::matching::Args),
    Suggest(commands::suggest::Args),
    Handover(commands::handover::Args),
    Diff(commands::diff::Args),
    Compare(commands::compare::Args),
    Explain(commands::explain::Args),
    Verify(commands::verify::Args),
    Menu(commands::menu::Args),
    Choose(commands::choose::Args),
    Lottery(commands::lottery::Args),
    Solve(commands::raw::SolveArgs),
    Serve(commands::serve::Args),
    Backup(commands::backup::BackupArgs),
    Restore(commands::backup::RestoreArgs),
    Audit(commands::audit::Args),
    Organisations(commands::who::Organisations),
    Keys(commands::who::Keys),
    Accounts(commands::who::Accounts),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is invalid input (clap's own code would be 2, which means infeasible here).
            let code = if error.use_stderr() { exit::INVALID } else { exit::DONE };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    if let Command::Serve(args) = &cli.command {
        // It runs until it is told to end, and listens to signals itself.
        return ended(match cli.time_limit {
            None => commands::serve::run(args, cli.threads),
            Some(_) => Err(Stop::invalid("--time-limit: a service has none; leave it out")),
        });
    }
    let ready = limits::start(cli.time_limit).and_then(|()| pool(cli.threads));
    let done = match ready {
        Ok(pool) => pool.install(|| run(cli.command)),
        Err(stop) => Err(stop),
    };
    ended(done)
}

fn ended(done: Result<u8, Stop>) -> ExitCode {
    match done {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            out::note(&stop.message);
            ExitCode::from(stop.code)
        }
    }
}

fn pool(threads: Option<u16>) -> Result<rayon::ThreadPool, Stop> {
    let count = threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    );
    rayon::ThreadPoolBuilder::new()
        .num_threads(count)
        .build()
        .map_err(|e| Stop::internal(format!("cannot start {count} threads: {e}")))
}

fn run(command: Command) -> Result<u8, Stop> {
    match command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Init(args) => commands::init::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Match(args) => commands::matching::run(&args),
        Command::Suggest(args) => commands::suggest::run(&args),
        Command::Handover(args) => commands::handover::run(&args),
        Command::Diff(args) => commands::diff::run(&args),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Menu(args) => commands::menu::run(&args),
        Command::Choose(args) => commands::choose::run(&args),
        Command::Lottery(args) => commands::lottery::run(&args),
        Command::Solve(args) => commands::raw::solve(&args),
        Command::Serve(args) => commands::serve::run(&args, None),
        Command::Backup(args) => commands::backup::backup(&args),
        Command::Restore(args) => commands::backup::restore(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Organisations(args) => commands::who::organisations(&args),
        Command::Keys(args) => commands::who::keys(&args),
        Command::Accounts(args) => commands::who::accounts(&args),
    }
}
