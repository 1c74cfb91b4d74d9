//! The store, from outside.
#![allow(missing_docs, reason = "tests")]

use std::sync::Arc;

use peermatch_store::sqlite::{Options, Sqlite};
use peermatch_store::{
    AuditEntry, AuditFilter, Commit, Organisation, Put, Revision, Store, StoreError, chain,
};

fn entry(action: &str, about: &str) -> AuditEntry {
    AuditEntry {
        at: 1,
        actor: "demo".into(),
        role: "coordinator".into(),
        action: action.into(),
        roster: Some("r".into()),
        revision: None,
        about: vec![about.into()],
        input_hash: None,
        policy_hash: None,
        engine: None,
        shown: vec![],
        picked: None,
        request_id: None,
    }
}

fn commit(expected: Option<i64>, id: &str, body: Option<&str>) -> Commit {
    Commit {
        organisation: "o".into(),
        roster: "r".into(),
        expected: expected.map(Revision),
        replace: false,
        puts: vec![Put { kind: "person".into(), id: id.into(), body: body.map(str::to_owned) }],
        audit: vec![entry("changed", id)],
        reply: None,
        at: 5,
    }
}

async fn both() -> Vec<(Arc<dyn Store>, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = Sqlite::open(&folder.path().join("store.db"), Options::default()).await.unwrap();
    vec![(Arc::new(Sqlite::memory().await.unwrap()), None), (Arc::new(file), Some(folder))]
}

#[tokio::test]
async fn of_many_who_decide_on_one_state_one_is_taken() {
    for (store, _folder) in both().await {
        store
            .add_organisation(&Organisation { id: "o".into(), name: "O".into(), made_at: 0 })
            .await
            .unwrap();
        assert_eq!(store.commit(&commit(Some(1), "p", None)).await, Err(StoreError::Missing));
        store.commit(&commit(None, "p0", Some("0"))).await.unwrap();
        assert_eq!(store.commit(&commit(None, "p0", Some("0"))).await, Err(StoreError::Taken));
        for round in 1..20_i64 {
            let racing: Vec<_> = (0..64)
                .map(|i| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move {
                        store.commit(&commit(Some(round), &format!("p{i}"), Some("1"))).await
                    })
                })
                .collect();
            let (mut won, mut moved) = (0, 0);
            for racer in racing {
                match racer.await.unwrap() {
                    Ok(revision) => {
                        assert_eq!(revision, Revision(round + 1));
                        won += 1;
                    }
                    Err(StoreError::Moved { now }) => {
                        assert_eq!(now, round + 1);
                        moved += 1;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!((won, moved), (1, 63));
        }
        let kept = store.load("o", "r").await.unwrap().unwrap();
        assert_eq!(kept.meta.revision, Revision(20));
        let mut walk = chain::Walk::new("o");
        for row in store.audit("o", &AuditFilter::default(), 0, 1_000).await.unwrap() {
            walk.step(&row).unwrap();
        }
        assert_eq!(walk.head().0, 20);
        store.close().await;
    }
}
