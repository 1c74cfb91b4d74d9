//! The store of one machine: one SQLite file.
//!
//! Writes go through one task that owns the only writing connection. It takes whatever waits, does it in one transaction (each in a savepoint of its own, so that one refusal does not touch the others),
//! and answers once the transaction is on disk: so many small writes share one sync, and none is acknowledged before it. Reads have connections of their own and see
//! what was last committed.
//!
//! Durability: write-ahead log with `synchronous=FULL`, and a version of SQLite that is known not to lose committed writes ([`Sqlite::open`] refuses others).

mod read;
mod sql;
mod whole;
mod write;

pub use whole::{Chain, Verified, backup, restore, verify};

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::audit::{AuditEntry, AuditFilter, AuditRow};
use crate::records::{Commit, Kept, Reply, Revision, RosterMeta};
use crate::who::{Account, ApiKey, Link, Organisation, Session};
use crate::{Store, StoreError};

use write::{Done, Job, Writer};

/// Marks a file as a store of this program ("pmat").
const APPLICATION_ID: i64 = 0x706d_6174;

/// The steps from nothing to the schema of this version, in order. One that was published is never changed.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_first.sql")];

/// How long one process waits for another that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// Connections for readers.
const READERS: u32 = 4;

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The most pages the file may have, for tests of a full disk.
    pub pages_max: Option<u32>,
    /// How much is synced to disk.
    pub sync: Sync,
}

/// How much is synced to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sync {
    /// Every commit, before it is acknowledged.
    #[default]
    Full,
    /// Nothing: a power cut loses what was acknowledged. Only so that a test of the above can fail.
    Off,
}

/// The store of one machine.
#[derive(Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
    /// Held for as long as the store is open: two services must not write one file.
    lock: Mutex<Option<File>>,
    closed: Mutex<bool>,
}

impl Sqlite {
    /// Opens the store in a file, made if it is not there.
    ///
    /// # Errors
    /// The file is damaged, of a newer version, no store, or held by another service; or the SQLite linked in is not safe.
    pub async fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let mut lock = lock_file(path)?;
        let empty = std::fs::metadata(path).map_or(0, |file| file.len()) == 0;
        if empty && marked(&mut lock) {
            return Err(StoreError::Damaged(format!(
                "{} is empty or gone, and was a store once (to begin anew, delete {} too)",
                path.display(),
                lock_path(path).display()
            )));
        }
        private(path)?;
        let connect = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let store = Self::with(connect, options, true).await?;
        mark(&mut lock).map_err(|error| told(&error, &lock_path(path)))?;
        *store.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        Ok(store)
    }

    /// A store in memory, gone when it is closed: for tests and demonstrations.
    ///
    /// # Errors
    /// The SQLite linked in is not safe.
    pub async fn memory() -> Result<Self, StoreError> {
        // A name of its own, known to the connections of this store alone. A name that begins with a slash is shared between connections.
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let connect = SqliteConnectOptions::new()
            .filename(format!("/peermatch-{number}"))
            .vfs("memdb")
            .create_if_missing(true);
        Self::with(connect, Options::default(), false).await
    }

    async fn with(
        connect: SqliteConnectOptions,
        options: Options,
        file: bool,
    ) -> Result<Self, StoreError> {
        let mut connect = connect
            .busy_timeout(BUSY)
            .foreign_keys(true)
            // What is deleted or overwritten is zeroed in the file: who was erased is not to be found in free pages.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        if file {
            connect =
                connect.journal_mode(SqliteJournalMode::Wal).synchronous(match options.sync {
                    Sync::Full => SqliteSynchronous::Full,
                    Sync::Off => SqliteSynchronous::Off,
                });
        }
        if let Some(pages) = options.pages_max {
            connect = connect.pragma("max_page_count", pages.to_string());
        }
        let mut first = connect.connect().await.map_err(failed)?;
        safe(&mut first).await?;
        prepare(&mut first, file, &MIGRATIONS).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(connect.clone())
            .await
            .map_err(failed)?;
        Ok(Self {
            readers,
            writer: Writer::start(first, connect),
            lock: Mutex::new(None),
            closed: Mutex::new(false),
        })
    }

    async fn write(&self, job: Job) -> Result<Done, StoreError> {
        self.writer.run(job).await
    }
}

/// The file beside the store that says that somebody has it open.
pub(crate) fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Takes the lock beside a store.
pub(crate) fn lock_file(path: &Path) -> Result<File, StoreError> {
    let lock = lock_path(path);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&lock)
        .map_err(|error| told(&error, &lock))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Held(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(told(&error, &lock)),
    }
}

/// What stands in the lock's file once there was a store beside it: an empty store is then no new one but one that lost everything.
const MARK: &[u8] = b"a store of peermatch stands beside this file\n";

fn marked(lock: &mut File) -> bool {
    let mut found = Vec::new();
    lock.rewind().is_ok() && lock.read_to_end(&mut found).is_ok() && found == MARK
}

pub(crate) fn mark(lock: &mut File) -> std::io::Result<()> {
    if marked(lock) {
        return Ok(());
    }
    lock.rewind()?;
    lock.set_len(0)?;
    lock.write_all(MARK)?;
    lock.sync_all()
}

/// What an error of a file means.
pub(crate) fn told(error: &std::io::Error, path: &Path) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Failed(format!("{}: {error}", path.display())),
    }
}

/// Only the owner may read a store: it holds names and what people have told.
pub(crate) fn private(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let made = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        made.map_err(|error| told(&error, path))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Refuses versions of SQLite that can lose committed writes of a write-ahead log.
async fn safe(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    if safe_version(&version) { Ok(()) } else { Err(StoreError::Unsafe(version)) }
}

/// 3.51.3 and later, and the two earlier ones that were mended.
fn safe_version(version: &str) -> bool {
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [3, 44, 6] | [3, 50, 7] => true,
        [major, minor, patch, ..] => (major, minor, patch) >= (3, 51, 3),
        _ => false,
    }
}

/// Makes the schema, or brings it up to this version; refuses what is damaged, newer or not ours.
async fn prepare(
    connection: &mut SqliteConnection,
    file: bool,
    migrations: &[&'static str],
) -> Result<(), StoreError> {
    let (tables, found) = version(connection, migrations).await?;
    if file && tables > 0 {
        check_whole(connection).await?;
    }
    for (number, migration) in (1_i64..).zip(migrations).skip(usize::try_from(found).unwrap_or(0)) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(failed)?;
        // Pragmas take no parameters; these are numbers of our own.
        let marks =
            format!("PRAGMA user_version = {number}; PRAGMA application_id = {APPLICATION_ID};");
        sqlx::raw_sql(sqlx::AssertSqlSafe(marks))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
    }
    Ok(())
}

/// How many tables and indices there are, and the version of the schema. Refuses what is not ours, newer than what is known, or not what its steps make.
async fn version(
    connection: &mut SqliteConnection,
    migrations: &[&'static str],
) -> Result<(i64, i64), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let mut told = [0_i64; 3];
    let asked =
        ["SELECT count(*) FROM sqlite_schema", "PRAGMA application_id", "PRAGMA user_version"];
    for (told, sql) in told.iter_mut().zip(asked) {
        *told = sqlx::query_scalar(sql).fetch_one(&mut *connection).await.map_err(failed)?;
    }
    let [tables, ours, found] = told;
    if tables > 0 && ours != APPLICATION_ID {
        return Err(StoreError::Damaged("the file is a database of another program".to_owned()));
    }
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let steps = usize::try_from(found).ok().and_then(|found| migrations.get(..found));
    match steps {
        // SQLite checks that a schema can be read, not that it is the one that was written: a letter that changed in it is another column, or a rule that is gone.
        Some(steps) if schema(connection).await? == made_by(steps).await? => Ok((tables, found)),
        _ => Err(StoreError::Damaged("its schema is not what was written".to_owned())),
    }
}

/// What is made, its name, the table it is for, and the text that made it (SQLite's own indices have none).
type Made = (String, String, String, Option<String>);

/// Every table, index and trigger, as it was made. What SQLite counts for itself (`ANALYZE`) is an operator's to have or not.
async fn schema(connection: &mut SqliteConnection) -> Result<Vec<Made>, StoreError> {
    sqlx::query_as(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema \
         WHERE substr(name, 1, 11) <> 'sqlite_stat' ORDER BY type, name",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// The schema that these steps make from nothing.
async fn made_by(steps: &[&'static str]) -> Result<Vec<Made>, StoreError> {
    let mut empty = SqliteConnectOptions::new()
        .in_memory(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(failed)?;
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut empty).await.map_err(failed)?;
    }
    let made = schema(&mut empty).await;
    let _ = empty.close().await;
    made
}

/// Reads every page once.
pub(crate) async fn check_whole(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let told: Vec<String> =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_all(connection).await.map_err(failed)?;
    match told.first().map(String::as_str) {
        Some("ok") => Ok(()),
        Some(other) => Err(StoreError::Damaged(other.to_owned())),
        None => Err(StoreError::Damaged("it cannot be checked".to_owned())),
    }
}

/// What an error of SQLite means.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(told) = &error {
        // The primary result code is in the low byte of the extended one.
        let code = told.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
        match (code & 0xff, code) {
            (5 | 6, _) => return StoreError::Busy,
            // Damaged, no database; and of errors of reading and writing: a read that came short, and a file system that found itself damaged.
            (11 | 26, _) | (10, 522 | 8_458) => {
                return StoreError::Damaged(told.message().to_owned());
            }
            // The head of the file names a format that was never written; SQLite has no code of its own for it.
            (1, _) if told.message() == "unsupported file format" => {
                return StoreError::Damaged(told.message().to_owned());
            }
            // Of errors of reading and writing: the log's index could not be made longer.
            (13, _) | (10, 4_874) => return StoreError::Full,
            _ => {}
        }
        if told.is_unique_violation() {
            return StoreError::Taken;
        }
        if told.is_foreign_key_violation() {
            return StoreError::Missing;
        }
    }
    match error {
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            StoreError::Full
        }
        // Values are never told: they may be somebody's.
        sqlx::Error::ColumnDecode { index, .. } => {
            StoreError::Damaged(format!("column {index} cannot be read"))
        }
        error => StoreError::Failed(error.to_string()),
    }
}

fn text<T: serde::Serialize>(content: &T) -> String {
    serde_json::to_string(content).expect("records of the store are plain data")
}

#[async_trait]
impl Store for Sqlite {
    async fn add_organisation(&self, organisation: &Organisation) -> Result<(), StoreError> {
        let organisation = organisation.clone();
        self.write(Box::new(move |c| {
            Box::pin(async move { write::add_organisation(c, &organisation).await })
        }))
        .await?;
        Ok(())
    }

    async fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        let rows =
            sqlx::query(sql::ORGANISATIONS).fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(read::organisation).collect()
    }

    async fn rosters(&self, organisation: &str) -> Result<Vec<RosterMeta>, StoreError> {
        let rows = sqlx::query(sql::ROSTERS)
            .bind(organisation)
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        rows.iter().map(read::roster).collect()
    }

    async fn roster(
        &self,
        organisation: &str,
        roster: &str,
    ) -> Result<Option<RosterMeta>, StoreError> {
        let row = sqlx::query(sql::ROSTER)
            .bind(organisation)
            .bind(roster)
            .fetch_optional(&self.readers)
            .await;
        row.map_err(failed)?.as_ref().map(read::roster).transpose()
    }

    async fn load(&self, organisation: &str, roster: &str) -> Result<Option<Kept>, StoreError> {
        read::kept(&self.readers, organisation, roster, None).await
    }

    async fn changed_since(
        &self,
        organisation: &str,
        roster: &str,
        after: Revision,
    ) -> Result<Option<Kept>, StoreError> {
        read::kept(&self.readers, organisation, roster, Some(after)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<Revision, StoreError> {
        let commit = commit.clone();
        let done = self
            .write(Box::new(move |c| Box::pin(async move { write::commit(c, &commit).await })))
            .await?;
        Ok(Revision(done))
    }

    async fn remove_roster(
        &self,
        organisation: &str,
        roster: &str,
        expected: Option<Revision>,
        audit: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        let (organisation, roster, audit) =
            (organisation.to_owned(), roster.to_owned(), audit.to_vec());
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::remove_roster(c, &organisation, &roster, expected, &audit).await
            })
        });
        Ok(self.write(job).await? > 0)
    }

    async fn reply(
        &self,
        organisation: &str,
        principal: &str,
        key: &str,
    ) -> Result<Option<Reply>, StoreError> {
        let query = sqlx::query(sql::REPLY).bind(organisation).bind(principal).bind(key);
        query
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?
            .as_ref()
            .map(read::reply)
            .transpose()
    }

    async fn forget_replies_naming(&self, organisation: &str, id: &str) -> Result<u64, StoreError> {
        // Ids may hold what a pattern takes for something else.
        let mut plain = String::with_capacity(id.len());
        for letter in id.chars() {
            if matches!(letter, '!' | '%' | '_') {
                plain.push('!');
            }
            plain.push(letter);
        }
        let organisation = organisation.to_owned();
        // As a value of the body; and in an address, of which headers hold those that lead to what was made.
        let (body, headers) = (format!("%\"{plain}\"%"), format!("%/{plain}%"));
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                let query = sqlx::query(sql::FORGET_REPLIES_NAMING);
                let query = query.bind(organisation).bind(body).bind(headers);
                write::count(query.execute(c).await)
            })
        });
        Ok(self.write(job).await?.unsigned_abs())
    }

    async fn forget_for_good(&self) -> Result<(), StoreError> {
        // Pages are zeroed where they stand; the log holds them as they were until it is folded and cut to nothing.
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_replies(&self, before: i64) -> Result<u64, StoreError> {
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::count(sqlx::query(sql::FORGET_REPLIES).bind(before).execute(c).await)
            })
        });
        Ok(self.write(job).await?.unsigned_abs())
    }

    async fn append_audit(
        &self,
        organisation: &str,
        entries: &[AuditEntry],
    ) -> Result<i64, StoreError> {
        let (organisation, entries) = (organisation.to_owned(), entries.to_vec());
        self.write(Box::new(move |c| {
            Box::pin(async move { write::audit(c, &organisation, &entries).await })
        }))
        .await
    }

    async fn audit(
        &self,
        organisation: &str,
        filter: &AuditFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let query = sqlx::query(sql::AUDIT)
            .bind(organisation)
            .bind(after)
            .bind(filter.roster.as_deref())
            .bind(filter.actor.as_deref())
            .bind(filter.about.as_deref())
            .bind(i64::from(limit));
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(read::audit).collect()
    }

    async fn add_key(&self, key: &ApiKey, audit: &AuditEntry) -> Result<(), StoreError> {
        let (key, audit) = (key.clone(), audit.clone());
        self.write(Box::new(move |c| {
            Box::pin(async move { write::add_key(c, &key, &audit).await })
        }))
        .await?;
        Ok(())
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = sqlx::query(sql::KEY_BY_HASH)
            .bind(hash)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(read::key).transpose()
    }

    async fn keys(&self, organisation: &str) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(sql::KEYS)
            .bind(organisation)
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        rows.iter().map(read::key).collect()
    }

    async fn revoke_key(
        &self,
        organisation: &str,
        id: &str,
        at: i64,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let (organisation, id, audit) = (organisation.to_owned(), id.to_owned(), audit.clone());
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                let revoke = sqlx::query(sql::REVOKE_KEY).bind(&organisation).bind(&id).bind(at);
                let revoked = write::count(revoke.execute(&mut *c).await)?;
                if revoked > 0 {
                    write::audit(c, &organisation, &[audit]).await?;
                }
                Ok(revoked)
            })
        });
        Ok(self.write(job).await? > 0)
    }

    async fn anybody(&self, at: i64) -> Result<bool, StoreError> {
        let found: i64 = sqlx::query_scalar(sql::ANYBODY)
            .bind(at)
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        Ok(found > 0)
    }

    async fn put_account(&self, account: &Account, audit: &AuditEntry) -> Result<(), StoreError> {
        let (account, audit) = (account.clone(), audit.clone());
        self.write(Box::new(move |c| {
            Box::pin(async move { write::put_account(c, &account, &audit).await })
        }))
        .await?;
        Ok(())
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let row =
            sqlx::query(sql::ACCOUNT_BY_LOGIN).bind(login).fetch_optional(&self.readers).await;
        row.map_err(failed)?.as_ref().map(read::account).transpose()
    }

    async fn account(&self, organisation: &str, id: &str) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(sql::ACCOUNT)
            .bind(organisation)
            .bind(id)
            .fetch_optional(&self.readers)
            .await;
        row.map_err(failed)?.as_ref().map(read::account).transpose()
    }

    async fn accounts(&self, organisation: &str) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query(sql::ACCOUNTS)
            .bind(organisation)
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        rows.iter().map(read::account).collect()
    }

    async fn note_sign_in(
        &self,
        organisation: &str,
        id: &str,
        failed_in_a_row: u32,
        locked_until: Option<i64>,
    ) -> Result<(), StoreError> {
        let (organisation, id) = (organisation.to_owned(), id.to_owned());
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                let note = sqlx::query(sql::NOTE_SIGN_IN).bind(organisation).bind(id);
                write::count(
                    note.bind(i64::from(failed_in_a_row)).bind(locked_until).execute(c).await,
                )
            })
        });
        self.write(job).await?;
        Ok(())
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        let session = session.clone();
        self.write(Box::new(move |c| {
            Box::pin(async move { write::add_session(c, &session).await })
        }))
        .await?;
        Ok(())
    }

    async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(sql::SESSION)
            .bind(token_hash)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(read::session).transpose()
    }

    async fn touch_session(&self, token_hash: &str, seen: i64) -> Result<(), StoreError> {
        let token_hash = token_hash.to_owned();
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::count(
                    sqlx::query(sql::TOUCH_SESSION).bind(token_hash).bind(seen).execute(c).await,
                )
            })
        });
        self.write(job).await?;
        Ok(())
    }

    async fn end_session(&self, token_hash: &str) -> Result<bool, StoreError> {
        let token_hash = token_hash.to_owned();
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::count(sqlx::query(sql::END_SESSION).bind(token_hash).execute(c).await)
            })
        });
        Ok(self.write(job).await? > 0)
    }

    async fn end_sessions_of(&self, organisation: &str, account: &str) -> Result<u64, StoreError> {
        let (organisation, account) = (organisation.to_owned(), account.to_owned());
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::count(
                    sqlx::query(sql::END_SESSIONS_OF)
                        .bind(organisation)
                        .bind(account)
                        .execute(c)
                        .await,
                )
            })
        });
        Ok(self.write(job).await?.unsigned_abs())
    }

    async fn forget_ended(&self, before: i64) -> Result<u64, StoreError> {
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                let sessions = write::count(
                    sqlx::query(sql::FORGET_SESSIONS).bind(before).execute(&mut *c).await,
                )?;
                let links =
                    write::count(sqlx::query(sql::FORGET_LINKS).bind(before).execute(c).await)?;
                Ok(sessions + links)
            })
        });
        Ok(self.write(job).await?.unsigned_abs())
    }

    async fn add_link(&self, link: &Link, audit: &AuditEntry) -> Result<(), StoreError> {
        let (link, audit) = (link.clone(), audit.clone());
        self.write(Box::new(move |c| {
            Box::pin(async move { write::add_link(c, &link, &audit).await })
        }))
        .await?;
        Ok(())
    }

    async fn link(&self, token_hash: &str) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query(sql::LINK)
            .bind(token_hash)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(read::link).transpose()
    }

    async fn try_link(
        &self,
        token_hash: &str,
        right: bool,
        tries_max: u32,
        at: i64,
    ) -> Result<Option<Link>, StoreError> {
        let hash = token_hash.to_owned();
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                let used = right.then_some(at);
                let try_it = sqlx::query(sql::TRY_LINK)
                    .bind(hash)
                    .bind(used)
                    .bind(i64::from(tries_max))
                    .bind(at);
                write::count(try_it.execute(c).await)
            })
        });
        if self.write(job).await? == 0 {
            return Ok(None);
        }
        self.link(token_hash).await
    }

    async fn end_links_of(
        &self,
        organisation: &str,
        roster: &str,
        person: &str,
    ) -> Result<u64, StoreError> {
        let (organisation, roster, person) =
            (organisation.to_owned(), roster.to_owned(), person.to_owned());
        let job: Job = Box::new(move |c| {
            Box::pin(async move {
                write::count(
                    sqlx::query(sql::END_LINKS_OF)
                        .bind(organisation)
                        .bind(roster)
                        .bind(person)
                        .execute(c)
                        .await,
                )
            })
        });
        Ok(self.write(job).await?.unsigned_abs())
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let _: i64 =
            sqlx::query_scalar("SELECT 1").fetch_one(&self.readers).await.map_err(failed)?;
        // A write of nothing: the task that writes is there and gets its turn.
        self.write(Box::new(|_| Box::pin(async { Ok(0) }))).await?;
        Ok(())
    }

    async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        whole::copy_out(&mut connection, path).await
    }

    async fn close(&self) {
        {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::replace(&mut *closed, true) {
                return;
            }
        }
        // Readers first: the last connection to close folds the log into the file.
        self.readers.close().await;
        self.writer.close().await;
        // Others may have the file now, even while somebody still holds this.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, Options, Sqlite, prepare, safe_version, version};
    use crate::{Commit, Organisation, Put, Store, StoreError};
    use sqlx::Connection;
    use sqlx::sqlite::SqliteConnection;

    /// A step that comes after all of this version.
    const NEXT: &str = "CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY); \
        INSERT INTO later SELECT id FROM organisations;";

    #[tokio::test]
    async fn a_store_of_the_version_before_is_brought_up_and_one_of_a_later_version_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let store = Sqlite::open(&path, Options::default()).await.expect("a store");
        let o = Organisation { id: "o".into(), name: "O".into(), made_at: 1 };
        store.add_organisation(&o).await.expect("added");
        store.close().await;
        let later: Vec<&'static str> = MIGRATIONS.into_iter().chain([NEXT]).collect();
        let known = i64::try_from(later.len()).expect("few");
        let name = format!("sqlite:{}", path.display());
        let mut connection = SqliteConnection::connect(&name).await.expect("a connection");
        // Twice: the second time there is nothing to do.
        for _ in 0..2 {
            prepare(&mut connection, true, &later).await.expect("brought up");
            assert_eq!(version(&mut connection, &later).await.expect("ours").1, known);
            let kept: Vec<String> = sqlx::query_scalar("SELECT id FROM later")
                .fetch_all(&mut connection)
                .await
                .expect("what was there, by the new step");
            assert_eq!(kept, ["o"]);
        }
        connection.close().await.expect("closed");
        let refused = Sqlite::open(&path, Options::default()).await.map(drop);
        assert_eq!(refused, Err(StoreError::Newer { found: known, known: known - 1 }));
    }

    #[tokio::test]
    async fn a_step_that_fails_leaves_the_version_before() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("memory");
        prepare(&mut connection, false, &MIGRATIONS).await.expect("made");
        let broken: Vec<&'static str> = MIGRATIONS
            .into_iter()
            .chain(["CREATE TABLE half (id TEXT); CREATE TABLE records (id TEXT);"])
            .collect();
        assert!(prepare(&mut connection, false, &broken).await.is_err());
        let half: i64 =
            sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")
                .fetch_one(&mut connection)
                .await
                .expect("a count");
        let found = version(&mut connection, &broken).await.expect("ours").1;
        assert_eq!((half, usize::try_from(found).ok()), (0, Some(MIGRATIONS.len())));
    }

    /// Somebody who reads the disk (or a copy of it) finds nothing of what was erased: not in the file, not in its free pages, not in the log.
    #[tokio::test]
    async fn what_is_forgotten_for_good_is_in_none_of_the_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("store.db"), Options::default()).await;
        let store = store.expect("a store");
        let o = Organisation { id: "o".into(), name: "O".into(), made_at: 1 };
        store.add_organisation(&o).await.expect("added");
        let found = || {
            let files = std::fs::read_dir(folder.path()).expect("a folder");
            let texts = files.map(|file| {
                String::from_utf8_lossy(
                    &std::fs::read(file.expect("a file").path()).expect("bytes"),
                )
                .into_owned()
            });
            texts.map(|text| text.matches("CANARY").count()).sum::<usize>()
        };
        // Small ones, which share pages with others, and some that fill pages of their own.
        let puts = |body: &dyn Fn(usize) -> Option<String>| -> Vec<Put> {
            let put = |i| Put { kind: "person".into(), id: format!("P-{i}"), body: body(i) };
            (0..60).map(put).collect()
        };
        let commit = |expected, puts| Commit {
            organisation: "o".into(),
            roster: "r".into(),
            expected,
            replace: false,
            puts,
            audit: Vec::new(),
            reply: None,
            at: 1,
        };
        let told = puts(&|i| Some("CANARY ".repeat(if i % 3 == 0 { 3_000 } else { 20 })));
        let first = store.commit(&commit(None, told)).await.expect("kept");
        assert!(found() > 1_000, "it is looked for where it stands");
        let less = puts(&|i| (i % 2 == 0).then(|| "{}".to_owned()));
        store.commit(&commit(Some(first), less)).await.expect("erased");
        store.forget_for_good().await.expect("forgotten");
        assert_eq!(found(), 0);
    }

    #[test]
    fn versions_that_lose_writes_are_refused() {
        for good in ["3.51.3", "3.52.0", "3.44.6", "3.50.7", "4.0.0"] {
            assert!(safe_version(good), "{good}");
        }
        for bad in ["3.51.2", "3.50.8", "3.44.7", "3.7.0", "3", "", "x.y.z"] {
            assert!(!safe_version(bad), "{bad}");
        }
    }
}
