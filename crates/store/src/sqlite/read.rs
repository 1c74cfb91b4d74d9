//! Rows to what they mean.

use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Connection, Row};

use super::write::sum;
use super::{failed, sql};
use crate::audit::AuditRow;
use crate::records::{Kept, Record, Reply, Revision, RosterMeta};
use crate::who::{Account, ApiKey, Link, Organisation, Session};
use crate::{StoreError, chain};

pub(super) fn column<'r, T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(
    row: &'r SqliteRow,
    name: &'static str,
) -> Result<T, StoreError> {
    row.try_get(name).map_err(failed)
}

/// Compares a sum written with what it is over.
fn summed(row: &SqliteRow, parts: &[&str], what: &str) -> Result<(), StoreError> {
    let written: Option<i64> = column(row, "checksum")?;
    if written == Some(sum(parts)) {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!("{what} is not as it was written")))
    }
}

fn content<T: DeserializeOwned>(row: &SqliteRow) -> Result<T, StoreError> {
    let text: &str = column(row, "content")?;
    summed(row, &[text], "a key or an account")?;
    serde_json::from_str(text)
        .map_err(|_| StoreError::Damaged("a key or an account cannot be read".to_owned()))
}

fn small<T: TryFrom<i64>>(row: &SqliteRow, name: &'static str) -> Result<T, StoreError> {
    let number: i64 = column(row, name)?;
    T::try_from(number).map_err(|_| StoreError::Damaged(format!("column {name} is out of bounds")))
}

pub(super) fn organisation(row: &SqliteRow) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: column(row, "id")?,
        name: column(row, "name")?,
        made_at: column(row, "made_at")?,
    })
}

pub(super) fn roster(row: &SqliteRow) -> Result<RosterMeta, StoreError> {
    Ok(RosterMeta {
        organisation: column(row, "organisation")?,
        roster: column(row, "id")?,
        revision: Revision(column(row, "revision")?),
        made_at: column(row, "made_at")?,
        changed_at: column(row, "changed_at")?,
    })
}

pub(super) fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    let record = Record {
        kind: column(row, "kind")?,
        id: column(row, "id")?,
        body: column(row, "body")?,
        revision: Revision(column(row, "revision")?),
    };
    if let Some(body) = &record.body {
        summed(row, &[&record.kind, &record.id, body], "a record")?;
    }
    Ok(record)
}

/// A roster's records, all or those changed after a revision, in one view.
pub(super) async fn kept(
    readers: &SqlitePool,
    organisation: &str,
    id: &str,
    after: Option<Revision>,
) -> Result<Option<Kept>, StoreError> {
    let mut connection = readers.acquire().await.map_err(failed)?;
    // One transaction sees one state, however many statements read it.
    let mut view = connection.begin().await.map_err(failed)?;
    let meta =
        sqlx::query(sql::ROSTER).bind(organisation).bind(id).fetch_optional(&mut *view).await;
    let Some(meta) = meta.map_err(failed)?.as_ref().map(roster).transpose()? else {
        return Ok(None);
    };
    let query = match after {
        None => sqlx::query(sql::RECORDS).bind(organisation).bind(id),
        Some(after) => sqlx::query(sql::RECORDS_AFTER).bind(organisation).bind(id).bind(after.0),
    };
    let mut records = Vec::new();
    let mut rows = query.fetch(&mut *view);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        records.push(record(&row)?);
    }
    drop(rows);
    view.rollback().await.map_err(failed)?;
    Ok(Some(Kept { meta, records }))
}

pub(super) fn reply(row: &SqliteRow) -> Result<Reply, StoreError> {
    let reply = Reply {
        principal: column(row, "principal")?,
        key: column(row, "idempotency_key")?,
        request_hash: column(row, "request_hash")?,
        status: small(row, "status")?,
        headers: column(row, "headers")?,
        body: column(row, "body")?,
        at: column(row, "made_at")?,
    };
    summed(row, &[&reply.request_hash, &reply.headers, &reply.body], "a reply")?;
    Ok(reply)
}

pub(super) fn audit(row: &SqliteRow) -> Result<AuditRow, StoreError> {
    let damaged =
        |seq| StoreError::Damaged(format!("row {seq} of the audit is not as it was written"));
    let (seq, entry): (i64, &str) = (column(row, "seq")?, column(row, "entry")?);
    let (before, hash): (String, String) = (column(row, "before_hash")?, column(row, "hash")?);
    // Of the text as it stands: what reads the same need not be the same.
    if chain::hash_of_text(seq, &before, entry) != hash {
        return Err(damaged(seq));
    }
    let entry = serde_json::from_str(entry).map_err(|_| damaged(seq))?;
    Ok(AuditRow { seq, entry, before, hash })
}

pub(super) fn key(row: &SqliteRow) -> Result<ApiKey, StoreError> {
    let mut key: ApiKey = content(row)?;
    key.revoked_at = column(row, "revoked_at")?;
    Ok(key)
}

pub(super) fn account(row: &SqliteRow) -> Result<Account, StoreError> {
    let mut account: Account = content(row)?;
    account.failed_in_a_row = small(row, "failed_in_a_row")?;
    account.locked_until = column(row, "locked_until")?;
    account.closed_at = column(row, "closed_at")?;
    Ok(account)
}

pub(super) fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    Ok(Session {
        token_hash: column(row, "token_hash")?,
        organisation: column(row, "organisation")?,
        account: column(row, "account")?,
        csrf_hash: column(row, "csrf_hash")?,
        made_at: column(row, "made_at")?,
        seen_at: column(row, "seen_at")?,
        expires_at: column(row, "expires_at")?,
    })
}

pub(super) fn link(row: &SqliteRow) -> Result<Link, StoreError> {
    Ok(Link {
        id: column(row, "id")?,
        token_hash: column(row, "token_hash")?,
        code_hash: column(row, "code_hash")?,
        organisation: column(row, "organisation")?,
        roster: column(row, "roster")?,
        person: column(row, "person")?,
        menu: column(row, "menu")?,
        made_at: column(row, "made_at")?,
        expires_at: column(row, "expires_at")?,
        used_at: column(row, "used_at")?,
        tries: small(row, "tries")?,
    })
}
