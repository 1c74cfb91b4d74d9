//! What only a store in a file can do: be copied, put back, damaged, full, or held by another.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "tests")]

mod suite;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use peermatch_store::sqlite::{Options, backup, restore, verify};
use peermatch_store::{Sqlite, Store, StoreError};
use proptest::prelude::*;

use suite::{commit, entry, organisation, put, walked};

async fn open(path: &Path) -> Sqlite {
    Sqlite::open(path, Options::default()).await.unwrap()
}

/// A store with a roster at revision 1, every record saying so, closed again.
async fn made(path: &Path, records: usize) {
    let store = open(path).await;
    store.add_organisation(&organisation("o")).await.unwrap();
    store.commit(&commit(None, told(1, records))).await.unwrap();
    store.close().await;
}

fn told(revision: i64, records: usize) -> Vec<peermatch_store::Put> {
    let body = format!("{{\"of\": {revision}, \"words\": \"{}\"}}", "as was said ".repeat(9));
    (0..records).map(|i| put("n", &i.to_string(), Some(&body))).collect()
}

/// What a store keeps, in words; refuses what is torn.
async fn whole(store: &Sqlite, records: usize) -> i64 {
    let kept = store.load("o", "r").await.unwrap().unwrap();
    assert_eq!(kept.records.len(), records);
    let expected = told(kept.meta.revision.0, 1);
    assert!(kept.records.iter().all(|r| r.body == expected[0].body), "one state");
    let rows = walked(store, "o").await;
    assert_eq!(i64::try_from(rows.len()).unwrap(), kept.meta.revision.0, "a row for each commit");
    kept.meta.revision.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_one_committed_state_while_writes_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    made(&path, 50).await;
    let store = Arc::new(open(&path).await);
    let over = Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, over) = (Arc::clone(&store), Arc::clone(&over));
        tokio::spawn(async move {
            let mut revision = 1;
            while !over.load(Ordering::Relaxed) {
                let next = commit(Some(revision), told(revision + 1, 50));
                revision = store.commit(&next).await.unwrap().0;
            }
            revision
        })
    };
    let mut copies: Vec<PathBuf> = Vec::new();
    for i in 0..6 {
        let to = folder.path().join(format!("copy-{i}.db"));
        // By the service itself, and by another process beside it.
        if i % 2 == 0 {
            store.backup_to(&to).await.unwrap();
        } else {
            backup(&path, &to).await.unwrap();
        }
        copies.push(to);
    }
    assert!(store.backup_to(&copies[0]).await.is_err(), "what is there is not overwritten");
    over.store(true, Ordering::Relaxed);
    let last = writer.await.unwrap();
    store.close().await;
    let mut revisions = Vec::new();
    for copy in &copies {
        let other = folder.path().join("restored.db");
        restore(copy, &other).await.unwrap();
        let restored = open(&other).await;
        revisions.push(whole(&restored, 50).await);
        restored.close().await;
    }
    assert!(revisions.is_sorted() && revisions[0] >= 1 && *revisions.last().unwrap() <= last);
    #[cfg(unix)]
    for private in copies.iter().chain([&path]) {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let left = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains(".part")));
}

#[tokio::test]
async fn a_restore_checks_first_and_keeps_what_stood_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    made(&path, 20).await;
    backup(&path, &copy).await.unwrap();
    let store = open(&path).await;
    store.commit(&commit(Some(1), told(2, 20))).await.unwrap();
    // While somebody has it open, nothing is touched.
    assert_eq!(restore(&copy, &path).await, Err(StoreError::Held(path.display().to_string())));
    let second = Sqlite::open(&path, Options::default()).await.map(drop);
    assert_eq!(second, Err(StoreError::Held(path.display().to_string())));
    store.close().await;
    // A backup with one flipped bit within a record, which SQLite itself does not notice.
    let mut bytes = std::fs::read(&copy).unwrap();
    let at = bytes.windows(12).rposition(|part| part == b"as was said ").unwrap();
    bytes[at] ^= 2;
    let bad = folder.path().join("bad.db");
    std::fs::write(&bad, &bytes).unwrap();
    let refused = restore(&bad, &path).await;
    assert!(
        matches!(&refused, Err(StoreError::BadBackup(why)) if why.contains("record")),
        "{refused:?}"
    );
    std::fs::write(&bad, b"no database").unwrap();
    assert!(matches!(restore(&bad, &path).await, Err(StoreError::BadBackup(_))));
    std::fs::write(&bad, b"").unwrap();
    assert!(matches!(restore(&bad, &path).await, Err(StoreError::BadBackup(_))));
    assert!(restore(&folder.path().join("nowhere.db"), &path).await.is_err());
    let unchanged = open(&path).await;
    assert_eq!(whole(&unchanged, 20).await, 2);
    unchanged.close().await;
    // And now the good one, twice: each time what stood there is kept.
    for _ in 0..2 {
        let aside = restore(&copy, &path).await.unwrap().unwrap();
        let restored = open(&path).await;
        assert_eq!(whole(&restored, 20).await, 1);
        restored.commit(&commit(Some(1), told(2, 20))).await.unwrap();
        restored.close().await;
        let old = open(&aside).await;
        assert_eq!(whole(&old, 20).await, 2);
        old.close().await;
    }
}

#[tokio::test]
async fn a_chain_that_was_touched_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await;
    for id in ["o", "p", "q"] {
        store.add_organisation(&organisation(id)).await.unwrap();
    }
    for n in 0..30 {
        store.append_audit("o", &[entry("seen", &[&format!("person-{n:02}"), "w"])]).await.unwrap();
        store.append_audit("p", &[entry("seen", &["x"])]).await.unwrap();
    }
    // While a service has it open.
    let verified = verify(&path).await.unwrap();
    assert!(verified.holds());
    let told: Vec<_> = verified.chains.iter().map(|c| (c.organisation.as_str(), c.rows)).collect();
    assert_eq!(told, [("o", 30), ("p", 30), ("q", 0)]);
    assert_eq!(verified.chains[0].head, walked(&store, "o").await[29].hash);
    store.close().await;
    let bytes = std::fs::read(&path).unwrap();
    // One byte within the entry of row 18, wherever it stands.
    let places: Vec<usize> =
        (0..bytes.len() - 9).filter(|&i| &bytes[i..i + 9] == b"person-17").collect();
    assert!(places.len() >= 2, "the entry, and what it is found by");
    for place in places {
        let mut touched = bytes.clone();
        touched[place + 8] = b'8';
        std::fs::write(&path, &touched).unwrap();
        match verify(&path).await {
            Ok(verified) => {
                let broken = verified.chains[0].broken.as_ref().expect("a broken chain");
                assert!(broken.seq <= 18, "{broken}");
                assert!(verified.chains[1].broken.is_none(), "the other organisation's holds");
            }
            // An index that no longer fits its table.
            Err(error) => assert!(matches!(error, StoreError::Damaged(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let words =
        b"something else altogether, and longer than the head of a database would be. ".repeat(20);
    std::fs::write(&path, &words).unwrap();
    assert!(matches!(
        Sqlite::open(&path, Options::default()).await.map(drop),
        Err(StoreError::Damaged(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), words);
}

#[tokio::test]
async fn a_store_that_lost_everything_is_not_taken_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    made(&path, 3).await;
    for gone in [false, true] {
        if gone {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, b"").unwrap();
        }
        assert!(matches!(
            Sqlite::open(&path, Options::default()).await.map(drop),
            Err(StoreError::Damaged(_))
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_keeps_nothing_by_halves_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    made(&path, 20).await;
    let pages = u32::try_from(std::fs::metadata(&path).unwrap().len() / 4096).unwrap() + 60;
    let options = Options { pages_max: Some(pages), ..Options::default() };
    let store = Arc::new(Sqlite::open(&path, options).await.unwrap());
    let mut revision = 1;
    let mut full = 0;
    for round in 0..20 {
        // Too much, and beside it little: what is refused takes nothing with it, and what is taken is whole.
        let mut much = commit(Some(revision), told(revision + 1, 20));
        much.audit = (0..4_000).map(|n| entry("much", &[&format!("{round}-{n}")])).collect();
        assert_eq!(store.commit(&much).await, Err(StoreError::Full));
        full += 1;
        assert_eq!(whole(&store, 20).await, revision, "reading goes on");
        // Without a new start, as soon as there is space for it.
        revision = store.commit(&commit(Some(revision), told(revision + 1, 20))).await.unwrap().0;
        assert_eq!(whole(&store, 20).await, revision);
    }
    assert_eq!(full, 20);
    store.close().await;
    let again = open(&path).await;
    assert_eq!(whole(&again, 20).await, revision);
    again.close().await;
}

/// What became of a store whose file was changed by somebody: refused in words, or read right. `None` is refused.
async fn looked_at(path: &Path, records: usize) -> Option<i64> {
    let refuses = |error: StoreError| match &error {
        StoreError::Damaged(_) | StoreError::Newer { .. } => None::<i64>,
        other => panic!("{other}"),
    };
    let store = match Sqlite::open(path, Options::default()).await {
        Ok(store) => store,
        Err(error) => return refuses(error),
    };
    let loaded = store.load("o", "r").await;
    let audit = store.audit("o", &peermatch_store::AuditFilter::default(), 0, 1_000).await;
    store.close().await;
    let kept = match loaded {
        Ok(Some(kept)) => kept,
        // A flipped bit within an id: what is asked for is not there, and the store says so.
        Ok(None) => return None,
        Err(error) => return refuses(error),
    };
    if let Err(error) = audit {
        return refuses(error);
    }
    let expected = told(1, 1);
    assert!(kept.records.iter().all(|record| record.body == expected[0].body), "wrong words");
    (kept.records.len() == records).then_some(kept.meta.revision.0)
}

fn damaged(bytes: &[u8], damage: impl Fn(&mut Vec<u8>)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut bytes = bytes.to_vec();
    damage(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(looked_at(&path, 40));
}

fn sound() -> &'static [u8] {
    static SOUND: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    SOUND.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(made(&path, 40));
        std::fs::read(&path).unwrap()
    })
}

/// A letter of the schema is a column of another name, a reference that is gone, or a rule; SQLite itself reads on.
#[tokio::test]
async fn a_schema_that_says_something_else_is_refused() {
    let words = [
        ("  revision BIGINT", "  revisiom BIGINT"),
        ("login TEXT NOT NULL UNIQUE", "login TEXT NOT NULL /*UE*/"),
        ("checksum BIGINT NOT NULL", "checksum BIGINT /*    */"),
        ("CREATE TABLE sessions", "CREATE TABLE sessionz"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    for (written, found) in words {
        let mut bytes = sound().to_vec();
        let mut places = 0;
        for at in 0..bytes.len() - written.len() {
            if bytes[at..].starts_with(written.as_bytes()) {
                bytes[at..at + found.len()].copy_from_slice(found.as_bytes());
                places += 1;
            }
        }
        assert!(places > 0, "{written}");
        std::fs::write(&path, bytes).unwrap();
        for refused in [
            Sqlite::open(&path, Options::default()).await.map(drop),
            verify(&path).await.map(drop),
            backup(&path, &folder.path().join("copy.db")).await,
            restore(&path, &folder.path().join("new.db")).await.map(drop),
        ] {
            assert!(
                matches!(refused, Err(StoreError::Damaged(_) | StoreError::BadBackup(_))),
                "{found}: {refused:?}"
            );
        }
    }
}

#[test]
#[ignore = "every byte of a store, one at a time: half an hour"]
fn every_byte_of_a_store_flipped_is_refused_or_read_right() {
    let mut wrong = Vec::new();
    for place in 0..sound().len() {
        for flip in [1, 0x80] {
            let looked = std::panic::AssertUnwindSafe(|| {
                damaged(sound(), |bytes| bytes[place] ^= flip);
            });
            if std::panic::catch_unwind(looked).is_err() {
                wrong.push((place, flip));
            }
        }
    }
    assert_eq!(wrong, []);
    println!("{} bytes, each flipped in two ways", sound().len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_byte_is_refused_or_read_right(place in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let bytes = sound();
        damaged(bytes, |bytes| bytes[place.index(sound().len())] ^= flip);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_short_is_refused(place in any::<prop::sample::Index>()) {
        let length = 1 + place.index(sound().len() - 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, &sound()[..length]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert_eq!(runtime.block_on(looked_at(&path, 40)), None);
    }
}
