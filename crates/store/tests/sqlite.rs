//! The store of one machine passes what any store must.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod suite;

use std::pin::Pin;
use std::sync::Arc;

use peermatch_store::Sqlite;
use peermatch_store::sqlite::Options;
use proptest::prelude::*;

use suite::Fresh;

fn file() -> Pin<Box<dyn Future<Output = Fresh>>> {
    Box::pin(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("store.db"), Options::default()).await;
        (Arc::new(store.unwrap()) as _, Some(folder))
    })
}

fn memory() -> Pin<Box<dyn Future<Output = Fresh>>> {
    Box::pin(async { (Arc::new(Sqlite::memory().await.unwrap()) as _, None) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_keeps_every_promise() {
    suite::promises::all(file).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_every_promise() {
    suite::promises::all(memory).await;
}

#[tokio::test]
async fn one_thread_is_enough() {
    suite::promises::all(memory).await;
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_file_answers_as_maps_do(commands in suite::model::commands()) {
        runtime().block_on(suite::model::agrees(file, commands));
    }

    #[test]
    fn memory_answers_as_maps_do(commands in suite::model::commands()) {
        runtime().block_on(suite::model::agrees(memory, commands));
    }
}
