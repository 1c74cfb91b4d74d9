//! The one task that writes, and what it writes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteQueryResult};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{failed, sql, text};
use crate::audit::AuditEntry;
use crate::records::{Commit, Revision};
use crate::who::{Account, ApiKey, Link, Organisation, Session};
use crate::{StoreError, chain};

/// What a write gives: a revision, a sequence number, or how many rows it changed.
pub(super) type Done = i64;

/// One write, to be done within a transaction.
pub(super) type Job = Box<
    dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<Done, StoreError>> + Send,
>;

/// Writes that may wait; beyond them, whoever writes waits to be let in.
const WAITING_MAX: usize = 1_024;

/// The most writes in one transaction: readers see them, and the log is folded, in between.
const TOGETHER_MAX: usize = 256;

type Answer = oneshot::Sender<Result<Done, StoreError>>;

/// The way to the task that writes.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` once it is closed.
    jobs: Mutex<Option<mpsc::Sender<(Job, Answer)>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts on a connection; others like it are made where one is in doubt.
    pub(super) fn start(connection: SqliteConnection, others: SqliteConnectOptions) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(work(connection, others, waiting));
        Self { jobs: Mutex::new(Some(jobs)), task: Mutex::new(Some(task)) }
    }

    /// Done and on disk, or not done at all, when this returns. Whoever asked may go away: what was let in is done all the same.
    pub(super) async fn run(&self, job: Job) -> Result<Done, StoreError> {
        let closed = || StoreError::Failed("the store is closed".to_owned());
        let jobs = lock(&self.jobs).clone().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        jobs.send((job, answer)).await.map_err(|_| closed())?;
        drop(jobs);
        answered.await.map_err(|_| closed())?
    }

    /// Finishes what was let in and closes the connection.
    pub(super) async fn close(&self) {
        drop(lock(&self.jobs).take());
        let task = lock(&self.task).take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn work(
    mut connection: SqliteConnection,
    others: SqliteConnectOptions,
    mut waiting: mpsc::Receiver<(Job, Answer)>,
) {
    let mut together = Vec::new();
    let mut doubtful = false;
    while waiting.recv_many(&mut together, TOGETHER_MAX).await > 0 {
        if doubtful {
            match others.connect().await.map_err(failed) {
                // The old one goes after the new one is there: a store in memory lives as long as somebody is connected.
                Ok(new) => drop(std::mem::replace(&mut connection, new)),
                Err(error) => {
                    for (_, answer) in together.drain(..) {
                        let _ = answer.send(Err(error.clone()));
                    }
                    continue;
                }
            }
        }
        doubtful = !transaction(&mut connection, &mut together).await;
    }
    let _ = connection.close().await;
}

/// Does all that came together in one transaction, and answers once it is on disk. Gives whether the connection may be used on: where a
/// transaction could not be ended as it was meant to, nobody knows what state it is in.
async fn transaction(connection: &mut SqliteConnection, together: &mut Vec<(Job, Answer)>) -> bool {
    let mut transaction = match connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed) {
        Ok(transaction) => transaction,
        Err(error) => {
            for (_, answer) in together.drain(..) {
                let _ = answer.send(Err(error.clone()));
            }
            return false;
        }
    };
    let mut done = Vec::with_capacity(together.len());
    let mut broken: Option<StoreError> = None;
    for (job, answer) in together.drain(..) {
        let result = match &broken {
            Some(error) => Err(error.clone()),
            None => match one(&mut transaction, job).await {
                Ok(result) => result,
                Err(error) => {
                    // The savepoint could not be left: nothing of this transaction can be kept.
                    broken = Some(error.clone());
                    Err(error)
                }
            },
        };
        done.push((answer, result));
    }
    let ended = match broken {
        None => transaction.commit().await.map_err(failed),
        Some(error) => {
            let _ = transaction.rollback().await;
            Err(error)
        }
    };
    for (answer, result) in done {
        let _ = answer.send(match &ended {
            Ok(()) => result,
            Err(error) => Err(error.clone()),
        });
    }
    ended.is_ok()
}

/// One write in a savepoint of its own: its refusal takes back nothing but itself. The outer error says that the transaction is broken.
async fn one(
    connection: &mut SqliteConnection,
    job: Job,
) -> Result<Result<Done, StoreError>, StoreError> {
    sqlx::raw_sql("SAVEPOINT one").execute(&mut *connection).await.map_err(failed)?;
    let result = job(&mut *connection).await;
    let leave = if result.is_ok() { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
    let left = sqlx::raw_sql(leave).execute(&mut *connection).await.map_err(failed);
    match (result, left) {
        (result, Ok(_)) => Ok(result),
        // A full disk ends the whole transaction by itself: the first reason is the one to tell.
        (Err(error), Err(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

pub(super) fn count(done: Result<SqliteQueryResult, sqlx::Error>) -> Result<Done, StoreError> {
    Ok(i64::try_from(done.map_err(failed)?.rows_affected()).unwrap_or(i64::MAX))
}

pub(super) async fn add_organisation(
    c: &mut SqliteConnection,
    of: &Organisation,
) -> Result<Done, StoreError> {
    count(
        sqlx::query(sql::ADD_ORGANISATION)
            .bind(&of.id)
            .bind(&of.name)
            .bind(of.made_at)
            .execute(c)
            .await,
    )
}

/// A sum over what is written, looked at when it is read: SQLite itself does not notice a flipped bit within a text.
pub(super) fn sum(parts: &[&str]) -> i64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize()[..8]);
    i64::from_le_bytes(first)
}

/// Appends entries to the chain of an organisation.
pub(super) async fn audit(
    c: &mut SqliteConnection,
    organisation: &str,
    entries: &[AuditEntry],
) -> Result<Done, StoreError> {
    let head = sqlx::query(sql::AUDIT_HEAD)
        .bind(organisation)
        .fetch_optional(&mut *c)
        .await
        .map_err(failed)?;
    let (mut seq, mut before) = match head {
        None => (0, chain::root(organisation)),
        Some(row) => (row.try_get("seq").map_err(failed)?, row.try_get("hash").map_err(failed)?),
    };
    for entry in entries {
        seq += 1;
        let hash = chain::hash(seq, &before, entry);
        let add = sqlx::query(sql::ADD_AUDIT)
            .bind(organisation)
            .bind(seq)
            .bind(text(entry))
            .bind(&before)
            .bind(&hash);
        count(add.bind(&entry.roster).bind(&entry.actor).execute(&mut *c).await)?;
        for about in &entry.about {
            count(
                sqlx::query(sql::ADD_ABOUT)
                    .bind(organisation)
                    .bind(about)
                    .bind(seq)
                    .execute(&mut *c)
                    .await,
            )?;
        }
        before = hash;
    }
    Ok(seq)
}

/// All that a decision changes, if the roster is where it was decided.
pub(super) async fn commit(c: &mut SqliteConnection, commit: &Commit) -> Result<Done, StoreError> {
    let (organisation, roster) = (commit.organisation.as_str(), commit.roster.as_str());
    let revision = match commit.expected {
        None => {
            count(
                sqlx::query(sql::MAKE_ROSTER)
                    .bind(organisation)
                    .bind(roster)
                    .bind(commit.at)
                    .execute(&mut *c)
                    .await,
            )?;
            1
        }
        Some(expected) => {
            let move_on = sqlx::query(sql::MOVE_ON)
                .bind(organisation)
                .bind(roster)
                .bind(expected.0)
                .bind(commit.at);
            if count(move_on.execute(&mut *c).await)? == 0 {
                let now = now(c, organisation, roster).await?.ok_or(StoreError::Missing)?;
                return Err(StoreError::Moved { now });
            }
            expected.0 + 1
        }
    };
    if commit.replace {
        count(
            sqlx::query(sql::CLEAR_RECORDS)
                .bind(organisation)
                .bind(roster)
                .bind(revision)
                .execute(&mut *c)
                .await,
        )?;
    }
    for put in &commit.puts {
        let sum = put.body.as_deref().map(|body| sum(&[&put.kind, &put.id, body]));
        let query = sqlx::query(sql::PUT_RECORD)
            .bind(organisation)
            .bind(roster)
            .bind(&put.kind)
            .bind(&put.id);
        count(query.bind(put.body.as_deref()).bind(revision).bind(sum).execute(&mut *c).await)?;
    }
    audit(c, organisation, &commit.audit).await?;
    if let Some(reply) = &commit.reply {
        let keep = sqlx::query(sql::KEEP_REPLY)
            .bind(organisation)
            .bind(&reply.principal)
            .bind(&reply.key)
            .bind(&reply.request_hash)
            .bind(i64::from(reply.status))
            .bind(&reply.headers)
            .bind(&reply.body)
            .bind(reply.at)
            .bind(roster)
            .bind(sum(&[&reply.request_hash, &reply.headers, &reply.body]));
        match count(keep.execute(&mut *c).await) {
            Err(StoreError::Taken) => return Err(StoreError::Repeated),
            other => other?,
        };
    }
    Ok(revision)
}

pub(super) async fn remove_roster(
    c: &mut SqliteConnection,
    organisation: &str,
    roster: &str,
    expected: Option<Revision>,
    entries: &[AuditEntry],
) -> Result<Done, StoreError> {
    match (now(c, organisation, roster).await?, expected) {
        (None, _) => return Ok(0),
        (Some(now), Some(expected)) if now != expected.0 => {
            return Err(StoreError::Moved { now });
        }
        _ => {}
    }
    for sql in [sql::REMOVE_RECORDS, sql::REMOVE_REPLIES, sql::REMOVE_LINKS] {
        count(sqlx::query(sql).bind(organisation).bind(roster).execute(&mut *c).await)?;
    }
    let removed = count(
        sqlx::query(sql::REMOVE_ROSTER).bind(organisation).bind(roster).execute(&mut *c).await,
    )?;
    audit(c, organisation, entries).await?;
    Ok(removed)
}

/// Where a roster stands, if it is there. What is asked within a writing transaction holds to its end.
async fn now(
    c: &mut SqliteConnection,
    organisation: &str,
    roster: &str,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(sql::ROSTER).bind(organisation).bind(roster).fetch_optional(c).await;
    row.map_err(failed)?.map(|row| row.try_get("revision").map_err(failed)).transpose()
}

pub(super) async fn add_key(
    c: &mut SqliteConnection,
    key: &ApiKey,
    entry: &AuditEntry,
) -> Result<Done, StoreError> {
    let content = text(key);
    let add = sqlx::query(sql::ADD_KEY)
        .bind(&key.organisation)
        .bind(&key.id)
        .bind(&key.hash)
        .bind(&content)
        .bind(sum(&[&content]));
    count(add.bind(key.expires_at).bind(key.revoked_at).execute(&mut *c).await)?;
    audit(c, &key.organisation, std::slice::from_ref(entry)).await
}

pub(super) async fn put_account(
    c: &mut SqliteConnection,
    account: &Account,
    entry: &AuditEntry,
) -> Result<Done, StoreError> {
    let content = text(account);
    let put = sqlx::query(sql::PUT_ACCOUNT)
        .bind(&account.organisation)
        .bind(&account.id)
        .bind(&account.login)
        .bind(&content)
        .bind(sum(&[&content]))
        .bind(i64::from(account.failed_in_a_row))
        .bind(account.locked_until)
        .bind(account.closed_at);
    count(put.execute(&mut *c).await)?;
    audit(c, &account.organisation, std::slice::from_ref(entry)).await
}

pub(super) async fn add_session(
    c: &mut SqliteConnection,
    session: &Session,
) -> Result<Done, StoreError> {
    let add = sqlx::query(sql::ADD_SESSION)
        .bind(&session.token_hash)
        .bind(&session.organisation)
        .bind(&session.account)
        .bind(&session.csrf_hash)
        .bind(session.made_at)
        .bind(session.seen_at)
        .bind(session.expires_at);
    count(add.execute(c).await)
}

pub(super) async fn add_link(
    c: &mut SqliteConnection,
    link: &Link,
    entry: &AuditEntry,
) -> Result<Done, StoreError> {
    let add = sqlx::query(sql::ADD_LINK)
        .bind(&link.token_hash)
        .bind(&link.id)
        .bind(&link.code_hash)
        .bind(&link.organisation)
        .bind(&link.roster)
        .bind(&link.person)
        .bind(link.menu.as_deref())
        .bind(link.made_at)
        .bind(link.expires_at)
        .bind(link.used_at)
        .bind(i64::from(link.tries));
    count(add.execute(&mut *c).await)?;
    audit(c, &link.organisation, std::slice::from_ref(entry)).await
}
