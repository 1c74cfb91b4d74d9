//! What any store must do. Another store's test file gives a factory and calls the same.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::map_entry,
    reason = "each test file uses what it needs"
)]

pub mod model;
pub mod promises;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use peermatch_store::{
    Account, ApiKey, AuditEntry, AuditFilter, AuditRow, Commit, Link, Organisation, Put, Reply,
    Revision, Session, Store, chain,
};

/// A store with nothing in it, and whatever must live as long as it.
pub type Fresh = (Arc<dyn Store>, Option<tempfile::TempDir>);

/// Makes stores with nothing in them.
pub type Factory = fn() -> Pin<Box<dyn Future<Output = Fresh>>>;

pub fn organisation(id: &str) -> Organisation {
    Organisation { id: id.into(), name: format!("The {id}"), made_at: 3 }
}

pub fn entry(action: &str, about: &[&str]) -> AuditEntry {
    AuditEntry {
        at: 1,
        actor: "key:k".into(),
        role: "coordinator".into(),
        action: action.into(),
        roster: Some("r".into()),
        revision: Some(1),
        about: about.iter().map(|id| (*id).to_owned()).collect(),
        input_hash: Some("i".into()),
        policy_hash: None,
        engine: None,
        shown: vec!["w1".into(), "w2".into()],
        picked: None,
        request_id: Some("q".into()),
    }
}

pub fn put(kind: &str, id: &str, body: Option<&str>) -> Put {
    Put { kind: kind.into(), id: id.into(), body: body.map(str::to_owned) }
}

/// A commit to roster `r` of organisation `o`, with an entry about each record.
pub fn commit(expected: Option<i64>, puts: Vec<Put>) -> Commit {
    let about: Vec<&str> = puts.iter().map(|put| put.id.as_str()).collect();
    Commit {
        organisation: "o".into(),
        roster: "r".into(),
        expected: expected.map(Revision),
        replace: false,
        audit: vec![entry("changed", &about)],
        reply: None,
        at: 5,
        puts,
    }
}

pub fn reply(key: &str, body: &str) -> Reply {
    Reply {
        principal: "key:k".into(),
        key: key.into(),
        request_hash: "h".into(),
        status: 201,
        headers: "{}".into(),
        body: body.into(),
        at: 9,
    }
}

pub fn key(id: &str) -> ApiKey {
    ApiKey {
        id: id.into(),
        organisation: "o".into(),
        label: "for a test".into(),
        hash: format!("hash of {id}"),
        roles: vec!["coordinator".into()],
        rosters: vec!["r".into()],
        subject: None,
        made_at: 1,
        expires_at: Some(100),
        revoked_at: None,
    }
}

pub fn account(id: &str) -> Account {
    Account {
        id: id.into(),
        organisation: "o".into(),
        login: format!("login of {id}"),
        password_hash: "argon".into(),
        roles: vec!["peer_worker".into()],
        rosters: vec![],
        subject: Some(("r".into(), "w1".into())),
        failed_in_a_row: 0,
        locked_until: None,
        made_at: 1,
        closed_at: None,
    }
}

pub fn session(token: &str, account: &str, expires_at: i64) -> Session {
    Session {
        token_hash: token.into(),
        organisation: "o".into(),
        account: account.into(),
        csrf_hash: "c".into(),
        made_at: 1,
        seen_at: 1,
        expires_at,
    }
}

pub fn link(id: &str, person: &str) -> Link {
    Link {
        id: id.into(),
        token_hash: format!("token of {id}"),
        code_hash: "code".into(),
        organisation: "o".into(),
        roster: "r".into(),
        person: person.into(),
        menu: Some("m".into()),
        made_at: 1,
        expires_at: 100,
        used_at: None,
        tries: 0,
    }
}

/// All rows of an organisation, page by page, with the chain walked.
pub async fn walked(store: &dyn Store, organisation: &str) -> Vec<AuditRow> {
    let mut walk = chain::Walk::new(organisation);
    let mut rows: Vec<AuditRow> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.seq);
        let page =
            store.audit(organisation, &AuditFilter::default(), after, 97).await.expect("rows");
        if page.is_empty() {
            return rows;
        }
        for row in &page {
            walk.step(row).expect("a chain that holds");
        }
        rows.extend(page);
    }
}
