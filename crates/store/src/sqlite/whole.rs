//! The file as a whole: backup while others write, restore, and a look at every chain of the audit.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::{BUSY, MIGRATIONS, failed, lock_file, mark, private, read, safe, sql, told, version};
use crate::chain::{Broken, Walk};
use crate::{AuditEntry, AuditRow, StoreError};

/// The chain of one organisation, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The organisation.
    pub organisation: String,
    /// How many rows follow from one another, from the first.
    pub rows: i64,
    /// Hash of the last of them. Written down elsewhere, it shows later that nothing was cut off the end or written anew.
    pub head: String,
    /// Where it breaks, if it does.
    pub broken: Option<Broken>,
}

/// The audit of a store, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// One chain for each organisation, by id.
    pub chains: Vec<Chain>,
}

impl Verified {
    /// Whether every chain holds.
    pub fn holds(&self) -> bool {
        self.chains.iter().all(|chain| chain.broken.is_none())
    }
}

/// Walks every chain of the audit in a store, while others may write to it.
///
/// A chain shows that no row was changed, taken out or put between; that none was cut off its end shows only whoever compares [`Chain::head`]
/// with one that was written down before.
///
/// # Errors
/// The file is not there, cannot be read, is no store, or of a newer version. A broken chain is no error but an answer.
pub async fn verify(path: &Path) -> Result<Verified, StoreError> {
    let mut connection = look_into(path).await?;
    version(&mut connection, &MIGRATIONS).await?;
    let verified = chains(&mut connection).await?;
    if verified.holds() {
        // What is found by an index was looked at; that the tables say the same is SQLite's to tell.
        every_page(&mut connection).await?;
    }
    let _ = connection.close().await;
    Ok(verified)
}

/// Puts a backup in the place of a store, after a check of the whole of it. Gives where the file that stood there is kept, if there was one.
///
/// # Errors
/// [`StoreError::BadBackup`] if the backup is not whole; [`StoreError::Held`] if a service has the store open; a disk that is full or cannot be written.
/// Nothing is changed then.
pub async fn restore(backup: &Path, store: &Path) -> Result<Option<PathBuf>, StoreError> {
    let mut lock = lock_file(store)?;
    let log = beside(backup, "-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let reason = format!(
            "a log stands beside it, so it is a store in use and not a copy of one: {}",
            log.display()
        );
        return Err(StoreError::BadBackup(reason));
    }
    // What is checked is what will stand there: not the backup, which may change meanwhile.
    let made = beside(store, ".restoring");
    let copied = copy(backup, &made);
    let checked = match copied {
        Ok(()) => whole(&made).await,
        Err(error) => Err(error),
    };
    if let Err(error) = checked {
        remove_all(&made);
        return Err(match error {
            StoreError::Damaged(reason) => StoreError::BadBackup(reason),
            other => other,
        });
    }
    let aside = put_aside(store).await?;
    std::fs::rename(&made, store).map_err(|error| told(&error, store))?;
    sync_folder(store)?;
    mark(&mut lock).map_err(|error| told(&error, store))?;
    Ok(aside)
}

/// Writes one consistent state of a store to a file that is not there yet, while a service may have the store open and write to it.
///
/// # Errors
/// The store cannot be read or is none; the file is there already or cannot be written.
pub async fn backup(store: &Path, to: &Path) -> Result<(), StoreError> {
    let mut connection = look_into(store).await?;
    let (tables, _) = version(&mut connection, &MIGRATIONS).await?;
    if tables == 0 {
        return Err(StoreError::Damaged("it is empty".to_owned()));
    }
    let written = copy_out(&mut connection, to).await;
    let _ = connection.close().await;
    written
}

/// Writes one consistent state to a file that is not there yet, for its owner alone; others write on meanwhile.
pub(super) async fn copy_out(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let taken = |path: &Path| {
        StoreError::Failed(format!("{} is there already: name a new file", path.display()))
    };
    if path.exists() {
        return Err(taken(path));
    }
    // Under another name until it is whole and on disk: what has the name that was asked for can be relied on.
    let part = beside(path, ".part");
    remove_all(&part);
    private(&part)?;
    let name =
        part.to_str().ok_or_else(|| StoreError::Failed("the path is not text".to_owned()))?;
    let written = sqlx::query("VACUUM INTO $1").bind(name).execute(connection).await;
    let finished = written.map_err(failed).and_then(|_| {
        let file = OpenOptions::new().write(true).open(&part).map_err(|e| told(&e, &part))?;
        file.sync_all().map_err(|error| told(&error, &part))?;
        if path.exists() {
            return Err(taken(path));
        }
        std::fs::rename(&part, path).map_err(|error| told(&error, path))?;
        sync_folder(path)
    });
    if finished.is_err() {
        remove_all(&part);
    }
    finished
}

/// A check of everything that can be checked: every page, every reference, every sum, every chain.
async fn whole(path: &Path) -> Result<(), StoreError> {
    let mut connection = look_into(path).await?;
    let (tables, _) = version(&mut connection, &MIGRATIONS).await?;
    if tables == 0 {
        return Err(StoreError::Damaged("it is empty".to_owned()));
    }
    every_page(&mut connection).await?;
    let lost = sqlx::query("PRAGMA foreign_key_check")
        .fetch_optional(&mut connection)
        .await
        .map_err(failed)?;
    if lost.is_some() {
        return Err(StoreError::Damaged("a row refers to one that is not there".to_owned()));
    }
    each(&mut connection, sql::EVERY_RECORD, |row| read::record(row).map(drop)).await?;
    each(&mut connection, sql::EVERY_REPLY, |row| read::reply(row).map(drop)).await?;
    each(&mut connection, sql::EVERY_KEY, |row| read::key(row).map(drop)).await?;
    each(&mut connection, sql::EVERY_ACCOUNT, |row| read::account(row).map(drop)).await?;
    let verified = chains(&mut connection).await?;
    let _ = connection.close().await;
    match verified.chains.into_iter().find_map(|chain| chain.broken) {
        Some(broken) => Err(StoreError::Damaged(broken.to_string())),
        None => Ok(()),
    }
}

/// Every page, and that indices and tables say the same.
async fn every_page(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let told: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    if told == ["ok"] {
        return Ok(());
    }
    let reason = told.into_iter().next().unwrap_or_else(|| "it cannot be checked".to_owned());
    Err(StoreError::Damaged(reason))
}

async fn each(
    connection: &mut SqliteConnection,
    sql: &'static str,
    look: impl Fn(&sqlx::sqlite::SqliteRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut rows = sqlx::query(sql).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        look(&row)?;
    }
    Ok(())
}

async fn chains(connection: &mut SqliteConnection) -> Result<Verified, StoreError> {
    // All in one view: a row that comes meanwhile is either wholly there or not.
    let mut view = connection.begin().await.map_err(failed)?;
    let organisations: Vec<String> =
        sqlx::query_scalar(sql::AUDITED).fetch_all(&mut *view).await.map_err(failed)?;
    let mut chains = Vec::with_capacity(organisations.len());
    for organisation in organisations {
        let mut walk = Walk::new(&organisation);
        let broken = match walked(&mut view, &organisation, &mut walk).await {
            Ok(()) => None,
            Err(Stopped::Broken(reason)) => {
                Some(Broken { organisation: organisation.clone(), seq: walk.head().0 + 1, reason })
            }
            Err(Stopped::Failed(error)) => return Err(error),
        };
        let (rows, head) = walk.head();
        chains.push(Chain { rows, head: head.to_owned(), broken, organisation });
    }
    view.rollback().await.map_err(failed)?;
    Ok(Verified { chains })
}

enum Stopped {
    Broken(&'static str),
    Failed(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

const CHANGED: &str = "its content is not what was written";
const MISPLACED: &str = "what it is found by is not what its content says";

/// Walks one chain to its end or to where it breaks, and along it what its rows are found by.
async fn walked(
    connection: &mut SqliteConnection,
    organisation: &str,
    walk: &mut Walk,
) -> Result<(), Stopped> {
    let mut about: Vec<(i64, String)> = sqlx::query_as(sql::ABOUT)
        .bind(organisation)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    // Taken from its end as the rows come.
    about.reverse();
    let mut rows = sqlx::query(sql::CHAIN).bind(organisation).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        // A column of another type than was written is a change too.
        let changed = |_| Stopped::Broken(CHANGED);
        let text: &str = read::column(&row, "entry").map_err(changed)?;
        let entry: AuditEntry = serde_json::from_str(text).map_err(|_| Stopped::Broken(CHANGED))?;
        // The walk hashes the entry as this program writes it: a text that only reads the same is a change.
        if serde_json::to_string(&entry).ok().as_deref() != Some(text) {
            return Err(Stopped::Broken(CHANGED));
        }
        let roster: Option<String> = read::column(&row, "roster").map_err(changed)?;
        let actor: String = read::column(&row, "actor").map_err(changed)?;
        let row = AuditRow {
            seq: read::column(&row, "seq").map_err(changed)?,
            before: read::column(&row, "before_hash").map_err(changed)?,
            hash: read::column(&row, "hash").map_err(changed)?,
            entry,
        };
        let mut named: Vec<&str> = row.entry.about.iter().map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        let start = about.iter().rposition(|(seq, _)| *seq != row.seq).map_or(0, |last| last + 1);
        let mut found = about.split_off(start);
        found.reverse();
        if roster != row.entry.roster
            || actor != row.entry.actor
            || !found.iter().map(|(_, about)| about.as_str()).eq(named)
        {
            return Err(Stopped::Broken(MISPLACED));
        }
        walk.step(&row).map_err(|broken| Stopped::Broken(broken.reason))?;
    }
    if about.is_empty() { Ok(()) } else { Err(Stopped::Broken("a row is missing or stands twice")) }
}

/// A connection that cannot write.
async fn look_into(path: &Path) -> Result<SqliteConnection, StoreError> {
    // SQLite's own words for a file that is not there say nothing of which.
    File::open(path).map_err(|error| told(&error, path))?;
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let mut connection = connect.connect().await.map_err(failed)?;
    safe(&mut connection).await?;
    Ok(connection)
}

/// A path with something added to its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Copies a file for its owner alone, on disk when this returns.
fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = File::open(from).map_err(|error| told(&error, from))?;
    remove_all(to);
    private(to)?;
    let mut target = OpenOptions::new().write(true).open(to).map_err(|e| told(&e, to))?;
    std::io::copy(&mut source, &mut target).map_err(|error| told(&error, to))?;
    target.sync_all().map_err(|error| told(&error, to))
}

/// Keeps the store that stands there under another name, with its log.
async fn put_aside(store: &Path) -> Result<Option<PathBuf>, StoreError> {
    if !store.exists() {
        return Ok(None);
    }
    fold(store).await;
    let free = |number: u32| beside(store, &format!(".before-restore-{number}"));
    let aside = (1..=u32::MAX)
        .map(free)
        .find(|path| !path.exists())
        .ok_or_else(|| StoreError::Failed("no free name to keep the old file under".to_owned()))?;
    // The file first, so that no moment sees a log without its file.
    std::fs::rename(store, &aside).map_err(|error| told(&error, store))?;
    for suffix in ["-wal", "-shm"] {
        let from = beside(store, suffix);
        if from.exists() {
            let to = beside(&aside, suffix);
            std::fs::rename(&from, &to).map_err(|error| told(&error, &from))?;
        }
    }
    Ok(Some(aside))
}

/// Folds the log of a store into its file, so that one file is all there is to keep. A store that is damaged keeps its log.
async fn fold(store: &Path) {
    let connect =
        SqliteConnectOptions::new().filename(store).busy_timeout(BUSY).disable_statement_logging();
    if let Ok(mut connection) = connect.connect().await {
        let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
        if folded.is_ok() {
            let _ = connection.close().await;
        }
    }
}

fn remove_all(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
}

/// A name is on disk once its folder is.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| told(&e, folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
