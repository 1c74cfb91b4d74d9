//! `peermatch backup` and `peermatch restore`: a copy of a store, and back.

use std::path::PathBuf;

use peermatch_store::{StoreError, sqlite};

use crate::exit::{DONE, Stop};
use crate::out;

/// Copy a store to a file, as it is at one moment, while a service may go on writing to it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peermatch backup peermatch.db peermatch-monday.db")]
pub(crate) struct BackupArgs {
    /// The store: the file that `serve --data` names.
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// The file to write. It must not be there yet; it is readable by its owner alone.
    #[arg(value_name = "OUT")]
    to: PathBuf,
}

/// Put a backup in the place of a store, after a check of the whole backup. The file that stood there is kept beside it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example (stop the service first):\n  peermatch restore peermatch-monday.db peermatch.db"
)]
pub(crate) struct RestoreArgs {
    /// The file that `backup` wrote.
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// The store: the file that `serve --data` names. No service may have it open.
    #[arg(value_name = "DATA")]
    data: PathBuf,
}

pub(crate) fn backup(args: &BackupArgs) -> Result<u8, Stop> {
    wait(sqlite::backup(&args.data, &args.to))?.map_err(|error| stopped(&error))?;
    out::result(&format!("written: {}\n", args.to.display()))?;
    Ok(DONE)
}

pub(crate) fn restore(args: &RestoreArgs) -> Result<u8, Stop> {
    let aside =
        wait(sqlite::restore(&args.backup, &args.data))?.map_err(|error| stopped(&error))?;
    let kept = aside.map_or_else(String::new, |path| {
        format!("; what stood there is kept as {}", path.display())
    });
    out::result(&format!("restored: {}{kept}\n", args.data.display()))?;
    Ok(DONE)
}

/// The command waits for one thing only, so one thread is enough.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::internal(format!("cannot start: {error}")))?;
    Ok(runtime.block_on(work))
}

/// How the command ends where the store did not do what it should.
pub(crate) fn stopped(error: &StoreError) -> Stop {
    match error {
        StoreError::Damaged(_) | StoreError::BadBackup(_) => Stop::check_failed(error.to_string()),
        StoreError::Unsafe(_) | StoreError::Full | StoreError::Busy => {
            Stop::internal(error.to_string())
        }
        _ => Stop::invalid(error.to_string()),
    }
}
