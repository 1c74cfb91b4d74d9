//! One promise after the other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use peermatch_store::{AuditFilter, Revision, StoreError};

use super::{
    Factory, account, commit, entry, key, link, organisation, put, reply, session, walked,
};

/// Every promise in turn, each on a store of its own.
pub async fn all(fresh: Factory) {
    records_live_and_die_by_revision(fresh).await;
    a_commit_is_whole_or_nothing(fresh).await;
    of_many_who_decide_on_one_state_one_is_taken(fresh).await;
    a_load_sees_one_state(fresh).await;
    a_reply_is_kept_once(fresh).await;
    the_audit_is_one_chain_whoever_writes(fresh).await;
    the_audit_is_found_by_what_it_is_about(fresh).await;
    organisations_are_kept_apart(fresh).await;
    keys_are_found_until_revoked(fresh).await;
    accounts_and_sessions(fresh).await;
    a_code_is_used_once_and_tried_so_often(fresh).await;
    nothing_is_done_after_the_end(fresh).await;
}

async fn records_live_and_die_by_revision(fresh: Factory) {
    let (store, _folder) = fresh().await;
    assert_eq!(store.commit(&commit(None, vec![])).await, Err(StoreError::Missing));
    store.add_organisation(&organisation("o")).await.unwrap();
    assert_eq!(store.add_organisation(&organisation("o")).await, Err(StoreError::Taken));
    assert_eq!(store.organisations().await.unwrap(), [organisation("o")]);
    assert_eq!(store.load("o", "r").await.unwrap(), None);
    assert_eq!(store.commit(&commit(Some(1), vec![])).await, Err(StoreError::Missing));
    let first = vec![put("worker", "b", Some("1")), put("person", "b", Some("\"ä\\u0000\""))];
    assert_eq!(store.commit(&commit(None, first)).await, Ok(Revision(1)));
    assert_eq!(store.commit(&commit(None, vec![])).await, Err(StoreError::Taken));
    let mut second = commit(Some(1), vec![put("person", "a", Some("2")), put("worker", "b", None)]);
    second.at = 8;
    assert_eq!(store.commit(&second).await, Ok(Revision(2)));
    let kept = store.load("o", "r").await.unwrap().unwrap();
    assert_eq!((kept.meta.made_at, kept.meta.changed_at, kept.meta.revision), (5, 8, Revision(2)));
    let told: Vec<_> = kept
        .records
        .iter()
        .map(|r| (r.kind.as_str(), r.id.as_str(), r.body.as_deref(), r.revision.0))
        .collect();
    assert_eq!(told, [("person", "a", Some("2"), 2), ("person", "b", Some("\"ä\\u0000\""), 1)]);
    let changed = store.changed_since("o", "r", Revision(1)).await.unwrap().unwrap();
    let told: Vec<_> = changed.records.iter().map(|r| (r.id.as_str(), r.body.as_deref())).collect();
    assert_eq!(told, [("a", Some("2")), ("b", None)]);
    // An import that replaces leaves nothing of before, and tells that it went.
    let mut replace = commit(Some(2), vec![put("person", "c", Some("3"))]);
    replace.replace = true;
    assert_eq!(store.commit(&replace).await, Ok(Revision(3)));
    let kept = store.load("o", "r").await.unwrap().unwrap();
    assert_eq!(kept.records.len(), 1);
    let gone = store.changed_since("o", "r", Revision(2)).await.unwrap().unwrap();
    assert_eq!(gone.records.iter().filter(|record| record.body.is_none()).count(), 2);
    // Removed with all that is kept of it; the audit stays.
    let mut kept_reply = commit(Some(3), vec![]);
    kept_reply.reply = Some(reply("k", "x"));
    store.commit(&kept_reply).await.unwrap();
    let remove =
        async |expected| store.remove_roster("o", "r", expected, &[entry("removed", &[])]).await;
    assert_eq!(remove(Some(Revision(3))).await, Err(StoreError::Moved { now: 4 }));
    assert_eq!(store.load("o", "r").await.unwrap().unwrap().meta.revision, Revision(4));
    assert_eq!(remove(Some(Revision(4))).await, Ok(true));
    assert_eq!(remove(Some(Revision(4))).await, Ok(false));
    assert_eq!(remove(None).await, Ok(false));
    assert_eq!(store.load("o", "r").await.unwrap(), None);
    assert_eq!(store.reply("o", "key:k", "k").await.unwrap(), None);
    assert_eq!(walked(&*store, "o").await.len(), 5);
    assert_eq!(store.rosters("o").await.unwrap(), []);
    store.ready().await.unwrap();
    store.close().await;
}

async fn a_commit_is_whole_or_nothing(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let mut first = commit(None, vec![put("person", "a", Some("1"))]);
    first.reply = Some(reply("k", "first"));
    store.commit(&first).await.unwrap();
    // The last thing it would do cannot be done: so nothing was.
    let mut second = commit(Some(1), vec![put("person", "a", Some("2"))]);
    second.reply = Some(reply("k", "second"));
    assert_eq!(store.commit(&second).await, Err(StoreError::Repeated));
    let kept = store.load("o", "r").await.unwrap().unwrap();
    assert_eq!((kept.meta.revision.0, kept.records[0].body.as_deref()), (1, Some("1")));
    assert_eq!(walked(&*store, "o").await.len(), 1);
    assert_eq!(store.reply("o", "key:k", "k").await.unwrap(), Some(reply("k", "first")));
    store.close().await;
}

async fn of_many_who_decide_on_one_state_one_is_taken(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    store.commit(&commit(None, vec![])).await.unwrap();
    for round in 1..=50_i64 {
        let racing: Vec<_> = (0..64)
            .map(|i| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let puts = vec![put("place", "last", Some(&i.to_string()))];
                    (i, store.commit(&commit(Some(round), puts)).await)
                })
            })
            .collect();
        let mut won = Vec::new();
        for racer in racing {
            match racer.await.unwrap() {
                (i, Ok(revision)) => {
                    assert_eq!(revision, Revision(round + 1));
                    won.push(i);
                }
                (_, Err(error)) => assert_eq!(error, StoreError::Moved { now: round + 1 }),
            }
        }
        let kept = store.load("o", "r").await.unwrap().unwrap();
        let [won] = won[..] else { panic!("{} won", won.len()) };
        assert_eq!(kept.records[0].body.as_deref(), Some(won.to_string().as_str()));
    }
    assert_eq!(walked(&*store, "o").await.len(), 51);
    store.close().await;
}

async fn a_load_sees_one_state(fresh: Factory) {
    const RECORDS: usize = 40;
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let puts = |revision: i64| {
        (0..RECORDS).map(|i| put("n", &i.to_string(), Some(&revision.to_string()))).collect()
    };
    store.commit(&commit(None, puts(1))).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, over) = (Arc::clone(&store), Arc::clone(&over));
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                while !over.load(Ordering::Relaxed) {
                    let kept = store.load("o", "r").await.unwrap().unwrap();
                    let now = kept.meta.revision.0.to_string();
                    assert_eq!(kept.records.len(), RECORDS);
                    for record in &kept.records {
                        assert_eq!(record.body.as_deref(), Some(now.as_str()), "a torn view");
                    }
                    seen.insert(now);
                }
                seen.len()
            })
        })
        .collect();
    for revision in 2..=150 {
        store.commit(&commit(Some(revision - 1), puts(revision))).await.unwrap();
        // What was acknowledged is seen by whoever asks afterwards.
        let now = store.roster("o", "r").await.unwrap().unwrap();
        assert_eq!(now.revision, Revision(revision));
    }
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 1, "readers went on while there were writes");
    }
    store.close().await;
}

async fn a_reply_is_kept_once(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    store.commit(&commit(None, vec![])).await.unwrap();
    // Ten same requests, each trying again from where the roster is: one effect.
    let racing: Vec<_> = (0..10)
        .map(|i| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut at = 1;
                loop {
                    let id = format!("p{i}");
                    let mut once = commit(Some(at), vec![put("person", &id, Some("1"))]);
                    once.reply = Some(reply("key", &id));
                    match store.commit(&once).await {
                        Err(StoreError::Moved { now }) => at = now,
                        other => return other,
                    }
                }
            })
        })
        .collect();
    let mut taken = 0;
    for racer in racing {
        match racer.await.unwrap() {
            Ok(_) => taken += 1,
            Err(error) => assert_eq!(error, StoreError::Repeated),
        }
    }
    assert_eq!(taken, 1);
    let kept = store.load("o", "r").await.unwrap().unwrap();
    let told = store.reply("o", "key:k", "key").await.unwrap().unwrap();
    assert_eq!(kept.records.len(), 1);
    assert_eq!(kept.records[0].id, told.body);
    assert_eq!(store.reply("o", "key:other", "key").await.unwrap(), None);
    assert_eq!(store.forget_replies(9).await, Ok(0));
    assert_eq!(store.forget_replies(10).await, Ok(1));
    assert_eq!(store.reply("o", "key:k", "key").await.unwrap(), None);
    store.close().await;
}

async fn the_audit_is_one_chain_whoever_writes(fresh: Factory) {
    let (store, _folder) = fresh().await;
    for id in ["o", "p"] {
        store.add_organisation(&organisation(id)).await.unwrap();
    }
    let writers: Vec<_> = (0..32)
        .map(|i| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let of = if i % 3 == 0 { "p" } else { "o" };
                let mut last = 0;
                for n in 0..10 {
                    let entries = [entry("a", &[&format!("{i}-{n}")]), entry("b", &[])];
                    let seq = store.append_audit(of, &entries).await.unwrap();
                    assert!(seq > last + 1, "two rows of one call stand behind what came before");
                    last = seq;
                    // Acknowledged is there.
                    let row = store.audit(of, &AuditFilter::default(), seq - 2, 1).await.unwrap();
                    assert_eq!(row[0].entry.about, [format!("{i}-{n}")]);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(walked(&*store, "o").await.len(), 21 * 20);
    assert_eq!(walked(&*store, "p").await.len(), 11 * 20);
    let missing = store.append_audit("nobody", &[entry("a", &[])]).await;
    assert_eq!(missing, Err(StoreError::Missing));
    store.close().await;
}

async fn the_audit_is_found_by_what_it_is_about(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let mut other = entry("other", &["x"]);
    (other.roster, other.actor) = (None, "key:z".into());
    let entries = [entry("one", &["x", "y", "x"]), other, entry("three", &["y"])];
    assert_eq!(store.append_audit("o", &entries).await, Ok(3));
    let rows = |filter: AuditFilter, after: i64, limit: u32| {
        let store = Arc::clone(&store);
        async move {
            let rows = store.audit("o", &filter, after, limit).await.unwrap();
            rows.into_iter().map(|row| row.entry.action).collect::<Vec<_>>()
        }
    };
    let any = AuditFilter::default;
    let about = AuditFilter { about: Some("x".into()), ..any() };
    let roster = AuditFilter { roster: Some("r".into()), ..any() };
    let actor = AuditFilter { actor: Some("key:z".into()), ..any() };
    let both = AuditFilter { about: Some("y".into()), roster: Some("r".into()), ..any() };
    assert_eq!(rows(any(), 0, 10).await, ["one", "other", "three"]);
    assert_eq!(rows(any(), 1, 1).await, ["other"]);
    assert_eq!(rows(about, 0, 10).await, ["one", "other"]);
    assert_eq!(rows(roster, 0, 10).await, ["one", "three"]);
    assert_eq!(rows(actor, 0, 10).await, ["other"]);
    assert_eq!(rows(both, 1, 10).await, ["three"]);
    assert_eq!(
        walked(&*store, "o").await.iter().map(|r| r.entry.clone()).collect::<Vec<_>>(),
        entries
    );
    store.close().await;
}

async fn organisations_are_kept_apart(fresh: Factory) {
    let (store, _folder) = fresh().await;
    for id in ["o", "p"] {
        store.add_organisation(&organisation(id)).await.unwrap();
        let mut make = commit(None, vec![put("person", "same", Some(id))]);
        make.organisation = id.into();
        make.reply = Some(reply("k", id));
        store.commit(&make).await.unwrap();
    }
    for id in ["o", "p"] {
        let kept = store.load(id, "r").await.unwrap().unwrap();
        assert_eq!(kept.records[0].body.as_deref(), Some(id));
        assert_eq!(store.reply(id, "key:k", "k").await.unwrap().unwrap().body, id);
        assert_eq!(store.rosters(id).await.unwrap().len(), 1);
    }
    store.add_key(&key("k"), &entry("key.made", &["k"])).await.unwrap();
    assert_eq!(store.keys("p").await.unwrap(), []);
    assert_eq!(store.revoke_key("p", "k", 1, &entry("key.revoked", &[])).await, Ok(false));
    store.remove_roster("o", "r", None, &[]).await.unwrap();
    assert!(store.load("p", "r").await.unwrap().is_some());
    assert!(store.reply("p", "key:k", "k").await.unwrap().is_some());
    store.close().await;
}

async fn keys_are_found_until_revoked(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    assert_eq!(store.anybody(0).await, Ok(false));
    let audit = entry("key", &["k1"]);
    for id in ["k2", "k1"] {
        store.add_key(&key(id), &audit).await.unwrap();
    }
    assert_eq!(store.add_key(&key("k1"), &audit).await, Err(StoreError::Taken));
    assert_eq!(store.keys("o").await.unwrap(), [key("k1"), key("k2")]);
    assert_eq!(store.key_by_hash("hash of k1").await.unwrap(), Some(key("k1")));
    assert_eq!(store.key_by_hash("hash of k3").await.unwrap(), None);
    assert_eq!((store.anybody(99).await, store.anybody(100).await), (Ok(true), Ok(false)));
    assert_eq!(store.revoke_key("o", "k1", 7, &audit).await, Ok(true));
    assert_eq!(store.revoke_key("o", "k1", 8, &audit).await, Ok(false));
    assert_eq!(store.key_by_hash("hash of k1").await.unwrap().unwrap().revoked_at, Some(7));
    assert_eq!(store.revoke_key("o", "k2", 7, &audit).await, Ok(true));
    assert_eq!(store.anybody(0).await, Ok(false));
    // Two made and two revoked; what was refused told nothing.
    assert_eq!(walked(&*store, "o").await.len(), 4);
    store.close().await;
}

async fn accounts_and_sessions(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let audit = entry("account", &["a"]);
    for id in ["b", "a"] {
        store.put_account(&account(id), &audit).await.unwrap();
    }
    assert_eq!(store.accounts("o").await.unwrap(), [account("a"), account("b")]);
    assert_eq!(store.account("o", "c").await.unwrap(), None);
    let mut same_login = account("c");
    same_login.login = "login of a".into();
    assert_eq!(store.put_account(&same_login, &audit).await, Err(StoreError::Taken));
    store.note_sign_in("o", "a", 4, Some(50)).await.unwrap();
    let locked = store.account_by_login("login of a").await.unwrap().unwrap();
    assert_eq!((locked.failed_in_a_row, locked.locked_until), (4, Some(50)));
    assert_eq!(store.account("o", "b").await.unwrap(), Some(account("b")));
    assert_eq!(store.anybody(0).await, Ok(true));
    for id in ["a", "b"] {
        let mut closed = account(id);
        closed.closed_at = Some(9);
        store.put_account(&closed, &audit).await.unwrap();
        assert_eq!(store.account("o", id).await.unwrap(), Some(closed));
    }
    assert_eq!(store.anybody(0).await, Ok(false));

    for (token, of, until) in [("s1", "a", 10), ("s2", "a", 20), ("s3", "b", 30)] {
        store.add_session(&session(token, of, until)).await.unwrap();
    }
    store.touch_session("s1", 5).await.unwrap();
    store.touch_session("s1", 4).await.unwrap();
    assert_eq!(store.session("s1").await.unwrap().unwrap().seen_at, 5);
    assert_eq!(store.end_session("s1").await, Ok(true));
    assert_eq!(store.end_session("s1").await, Ok(false));
    assert_eq!(store.session("s1").await.unwrap(), None);
    assert_eq!(store.end_sessions_of("o", "a").await, Ok(1));
    assert_eq!(store.session("s3").await.unwrap(), Some(session("s3", "b", 30)));
    assert_eq!((store.forget_ended(30).await, store.forget_ended(31).await), (Ok(0), Ok(1)));
    store.close().await;
}

async fn a_code_is_used_once_and_tried_so_often(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    for (id, person) in [("right", "p1"), ("wrong", "p1"), ("late", "p2")] {
        store.add_link(&link(id, person), &entry("link.made", &[person])).await.unwrap();
    }
    let race = |token: &'static str, right: bool| {
        let racing: Vec<_> = (0..40)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.try_link(token, right, 5, 50).await.unwrap() })
            })
            .collect();
        async move {
            let mut counted = Vec::new();
            for racer in racing {
                counted.extend(racer.await.unwrap());
            }
            counted
        }
    };
    let used = race("token of right", true).await;
    assert_eq!(used.len(), 1, "one alone is the first");
    assert_eq!((used[0].used_at, used[0].tries), (Some(50), 1));
    assert_eq!(race("token of wrong", false).await.len(), 5, "no more tries than were allowed");
    assert_eq!(store.try_link("token of wrong", true, 5, 50).await, Ok(None));
    assert_eq!(store.link("token of wrong").await.unwrap().unwrap().tries, 5);
    assert_eq!(store.try_link("token of late", true, 5, 100).await, Ok(None));
    assert_eq!(store.try_link("token of nobody", true, 5, 50).await, Ok(None));
    assert_eq!(store.end_links_of("o", "r", "p1").await, Ok(2));
    assert_eq!(store.link("token of right").await.unwrap(), None);
    assert_eq!(store.link("token of late").await.unwrap(), Some(link("late", "p2")));
    assert_eq!(store.forget_ended(101).await, Ok(1));
    store.close().await;
}

async fn nothing_is_done_after_the_end(fresh: Factory) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let begun: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.append_audit("o", &[entry("a", &[])]).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    store.close().await;
    for one in begun {
        // Done or refused: nobody is left without an answer.
        let _ = one.await.unwrap();
    }
    assert!(store.append_audit("o", &[entry("a", &[])]).await.is_err());
    assert!(store.load("o", "r").await.is_err());
    assert!(store.ready().await.is_err());
}
