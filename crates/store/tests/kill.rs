//! Killed without a warning while it writes, a store has everything it acknowledged, and nothing by halves.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod suite;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use peermatch_store::sqlite::Options;
use peermatch_store::{Sqlite, Store, StoreError};

use suite::{commit, entry, put, reply, walked};

/// Says that this process is the one to be killed, and in which file it writes.
const WRITES_TO: &str = "PEERMATCH_TEST_WRITES_TO";

/// Not a test of its own: what the killed process does. Tells each write on its standard output once it is acknowledged.
#[test]
fn writes_until_killed() {
    let Some(path) = std::env::var_os(WRITES_TO) else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Arc::new(Sqlite::open(Path::new(&path), Options::default()).await.unwrap());
        if store.organisations().await.unwrap().is_empty() {
            store.add_organisation(&suite::organisation("o")).await.unwrap();
        }
        if store.roster("o", "r").await.unwrap().is_none() {
            store.commit(&commit(None, told(1))).await.unwrap();
        }
        tell("ready");
        for writer in 0..4 {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0_u64.. {
                    let id = format!("{}-{writer}-{n}", std::process::id());
                    let seq = store.append_audit("o", &[entry("seen", &[&id])]).await.unwrap();
                    tell(&format!("seen {seq} {id}"));
                }
            });
        }
        loop {
            let now = store.roster("o", "r").await.unwrap().unwrap().revision.0;
            let mut next = commit(Some(now), told(now + 1));
            next.reply = Some(reply(&(now + 1).to_string(), "done"));
            let done = store.commit(&next).await.unwrap();
            tell(&format!("at {}", done.0));
        }
    });
}

fn tell(words: &str) {
    // One write of one line: a killed process leaves no half of it in the pipe.
    std::io::stdout().lock().write_all(format!("\n@{words}\n").as_bytes()).unwrap();
}

/// Ten records that say which revision they are of.
fn told(revision: i64) -> Vec<peermatch_store::Put> {
    (0..10).map(|i| put("n", &i.to_string(), Some(&revision.to_string()))).collect()
}

async fn killed(times: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (mut acknowledged, mut audited) = (0, 0);
    for time in 0..times {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_killed", "--nocapture", "--test-threads", "1"])
            .env(WRITES_TO, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            let told = lines.map_while(Result::ok);
            told.filter_map(|line| line.strip_prefix('@').map(str::to_owned)).collect::<Vec<_>>()
        });
        // At another moment each time: while it opens, between writes, within one.
        std::thread::sleep(Duration::from_micros(20_000 + time * 7_919 % 180_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = reader.join().unwrap();

        let store = match Sqlite::open(&path, Options::default()).await {
            Ok(store) => store,
            Err(error) => panic!("{error} after kill {time}"),
        };
        let rows = if store.organisations().await.unwrap().is_empty() {
            assert!(told.is_empty(), "what was acknowledged is gone");
            vec![]
        } else {
            walked(&store, "o").await
        };
        for line in &told {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["at", revision] => acknowledged = revision.parse::<i64>().unwrap(),
                ["seen", seq, id] => {
                    let seq: usize = seq.parse().unwrap();
                    assert_eq!(rows[seq - 1].entry.about, [id], "acknowledged and gone");
                    audited += 1;
                }
                _ => assert_eq!(line, "ready"),
            }
        }
        match store.load("o", "r").await.unwrap() {
            None => assert_eq!(acknowledged, 0),
            Some(kept) => {
                let now = kept.meta.revision.0;
                assert!(now >= acknowledged, "at {now}, acknowledged {acknowledged}");
                assert_eq!(kept.records.len(), 10);
                assert!(kept.records.iter().all(|r| r.body == Some(now.to_string())), "torn");
                let changes = rows.iter().filter(|row| row.entry.action == "changed").count();
                assert_eq!(
                    i64::try_from(changes).unwrap(),
                    now,
                    "the audit of each commit with it"
                );
                if now > 1 {
                    let last = store.reply("o", "key:k", &now.to_string()).await.unwrap();
                    assert!(last.is_some(), "the answer of each commit with it");
                }
                acknowledged = now;
            }
        }
        store.close().await;
    }
    assert!(
        acknowledged > i64::try_from(times).unwrap() / 4 && audited > times / 4,
        "it did write"
    );
    println!("{times} kills: revision {acknowledged}, {audited} entries acknowledged, none lost");
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    killed(60).await;
}

#[tokio::test]
#[ignore = "minutes: the same at full size"]
async fn a_thousand_kills_lose_nothing_that_was_acknowledged() {
    killed(1_000).await;
}

#[tokio::test]
async fn a_killed_service_leaves_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_until_killed", "--nocapture"])
        .env(WRITES_TO, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "@ready"));
    let held = Sqlite::open(&path, Options::default()).await.map(drop);
    assert!(matches!(held, Err(StoreError::Held(_))), "{held:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    Sqlite::open(&path, Options::default()).await.unwrap().close().await;
}
