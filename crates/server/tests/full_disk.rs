//! The disk is full: what cannot be kept is refused in words and done not even by halves, what needs nothing written goes on, and once there is space again the same service
//! goes on.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;
mod keyed;

use std::sync::Arc;

use common::{ask, get, post};
use keyed::Keyed;
use peermatch_server::Role;
use peermatch_store::sqlite::Options;
use peermatch_store::{Sqlite, Store};
use peermatch_testkit::rosters::{self, Spec, person_id};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_passes_without_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let options = Options { pages_max: Some(220), ..Options::default() };
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file, options).await.unwrap());
    let keyed = Keyed::over(Arc::clone(&store)).await;
    let administrator = keyed.key(Role::Administrator, None).await;
    let input = |people| {
        serde_json::to_value(rosters::input(&Spec::SERVICE.sized(people, 6).undecided(), 1))
            .unwrap()
    };
    keyed.roster("main", &input(8)).await;
    let put = |text: String| {
        let path = format!("/v1/rosters/main/people/{}/contact", person_id(0));
        ask("PUT", &path).json(&json!({ "address": text }))
    };
    let state = || async {
        let told = keyed.by(&keyed.integrator, get("/v1/rosters/main")).await;
        assert_eq!(told.status, 200, "{}", told.text());
        told.json()
    };
    // Space that can be given back.
    keyed.roster("spare", &input(60)).await;
    for round in 0..3 {
        let before = state().await;
        // More than there is space for, as one write.
        let much = put("x".repeat(900_000)).header("idempotency-key", format!("much-{round}"));
        let told = keyed.by(&keyed.integrator, much.clone()).await;
        told.problem(507, "store_full");
        assert_eq!(state().await, before, "nothing was changed, and reading goes on");
        // Told again, it is tried again: a refusal that will pass is not kept for the key.
        keyed.by(&keyed.integrator, much).await.problem(507, "store_full");
        // What needs little is taken as before.
        let little = keyed.by(&keyed.integrator, put(format!("street {round}"))).await;
        assert_eq!(little.status, 200, "{}", little.text());
    }
    // Filled to the last page, little by little.
    let mut full = None;
    for number in 0..2_000 {
        let input = json!({ "label": "y".repeat(190), "roles": ["auditor"] });
        let told = keyed.by(&administrator, post("/v1/keys", &input)).await;
        if told.status != 201 {
            full = Some((number, told));
            break;
        }
    }
    let (number, told) = full.expect("it gets full");
    assert!(number > 10, "{number}");
    told.problem(507, "store_full");
    for path in
        ["/v1/rosters", "/v1/rosters/main", "/v1/rosters/main/policy", "/healthz", "/openapi.json"]
    {
        let told = keyed.by(&keyed.integrator, get(path)).await;
        assert_eq!(told.status, 200, "{path}: {}", told.text());
    }
    // Who was shown to whom has to stand in the audit before the answer leaves: without space for that, nobody is shown, and it is said why.
    let path = format!("/v1/rosters/main/people/{}/suggestions", person_id(0));
    let mut shown = keyed.by(&keyed.coordinator, get(&path)).await;
    for _ in 0..200 {
        if shown.status != 200 {
            break;
        }
        shown = keyed.by(&keyed.coordinator, get(&path)).await;
    }
    shown.problem(507, "store_full");
    // There is space again: the same service goes on.
    let gone = keyed.by(&administrator, ask("DELETE", "/v1/rosters/spare")).await;
    assert_eq!(gone.status, 204, "what frees space can be done without any: {}", gone.text());
    let told = keyed.by(&keyed.coordinator, get(&path)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let told = keyed.by(&keyed.integrator, put("at home".to_owned())).await;
    assert_eq!(told.status, 200, "{}", told.text());
    keyed.running.stop().await;
    // Opened anew, all of it is there.
    drop(store);
    let again = Sqlite::open(&file, Options::default()).await.unwrap();
    assert!(again.roster(keyed::ORGANISATION, "main").await.unwrap().is_some());
    assert!(again.roster(keyed::ORGANISATION, "spare").await.unwrap().is_none());
    again.close().await;
}
