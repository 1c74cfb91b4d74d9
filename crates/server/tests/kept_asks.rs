//! What people and workers ask and say for themselves: asks, pauses, own words. Who may, what comes of it, and that it goes with them.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;
mod keyed;

use common::{Ask, ask, get, post};
use keyed::{Keyed, ORGANISATION};
use peermatch_server::Role;
use peermatch_testkit::rosters::{self, Spec};
use serde_json::{Value, json};

struct World {
    keyed: Keyed,
    worker: String,
    worker_id: String,
    other: String,
    person_id: String,
}

async fn world() -> World {
    let keyed = Keyed::new().await;
    let input = rosters::input(&Spec::SERVICE.sized(20, 6).undecided(), 5);
    let input = serde_json::to_value(input).unwrap();
    keyed.roster("main", &input).await;
    let id = |list: &str, at: usize| input[list][at]["id"].as_str().unwrap().to_owned();
    let (worker_id, other_id) = (id("workers", 0), id("workers", 1));
    let worker = keyed.key(Role::PeerWorker, Some(("main", &worker_id))).await;
    let other = keyed.key(Role::PeerWorker, Some(("main", &other_id))).await;
    World { worker, other, worker_id, person_id: id("people", 0), keyed }
}

impl World {
    async fn sent(&self, key: &str, ask: Ask) -> (u16, Value) {
        let answer = self.keyed.by(key, ask).await;
        let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
        (answer.status, body)
    }

    fn own(&self, rest: &str) -> String {
        format!("/v1/rosters/main/workers/{}/{rest}", self.worker_id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_is_of_whoever_asks_and_for_those_who_coordinate() {
    let world = world().await;
    let at = "/v1/rosters/main/asks";
    let person = world.keyed.person("main", &world.person_id).await;
    let new = json!({ "about": "choose_together", "words": "my sister helps me" });
    let made = person.sign(post(at, &new)).send(world.keyed.addr()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["party"], &made["of"]), (&json!("service_user"), &json!(world.person_id)));
    // Asked again before anybody saw to it: the same, in other words.
    let again = json!({ "about": "choose_together", "words": " " });
    let again = person.sign(post(at, &again)).send(world.keyed.addr()).await.json();
    assert_eq!(again["id"], made["id"]);
    assert_eq!(again.get("words"), None);
    let (status, of_worker) = world
        .sent(&world.worker, post(at, &json!({ "about": "correct", "words": "my area" })))
        .await;
    assert_eq!(status, 201, "{of_worker}");
    // Each sees their own; those who coordinate see all; who coordinates asks nobody.
    let seen = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|ask| ask["of"].as_str().unwrap().to_owned()).collect()
    };
    let theirs = person.sign(get(at)).send(world.keyed.addr()).await.json();
    assert_eq!(seen(&theirs), [world.person_id.as_str()]);
    assert_eq!(seen(&world.sent(&world.worker, get(at)).await.1), [world.worker_id.as_str()]);
    assert_eq!(seen(&world.sent(&world.other, get(at)).await.1), [""; 0]);
    let coordinator = world.keyed.coordinator.clone();
    assert_eq!(seen(&world.sent(&coordinator, get(at)).await.1).len(), 2);
    assert_eq!(world.sent(&coordinator, post(at, &json!({ "about": "talk" }))).await.0, 403);
    let long = json!({ "about": "talk", "words": "x".repeat(2_001) });
    let (status, refused) = world.sent(&world.worker, post(at, &long)).await;
    assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/words")));
    // Somebody sees to it: it is no more to be done, and whoever asked knows.
    let done = format!("{at}/{}/done", of_worker["id"].as_str().unwrap());
    assert_eq!(world.sent(&world.worker, ask("POST", &done)).await.0, 403);
    assert_eq!(world.sent(&coordinator, ask("POST", &done)).await.0, 200);
    assert_eq!(seen(&world.sent(&coordinator, get(at)).await.1), [world.person_id.as_str()]);
    let own = world.sent(&world.worker, get(at)).await.1;
    assert!(own["items"][0]["done_at"].is_i64(), "{own}");
    assert_eq!(world.sent(&coordinator, ask("POST", &format!("{at}/nothing/done"))).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_pauses_and_speaks_for_themselves_alone() {
    let world = world().await;
    let words = json!({ "words": "  I listen, and I laugh. " });
    let put = |body: &Value| ask("PUT", &world.own("own-words")).json(body);
    assert_eq!(world.sent(&world.other, put(&words)).await.0, 404);
    assert_eq!(world.sent(&world.other, get(&world.own("own-words"))).await.0, 404);
    assert_eq!(world.sent(&world.worker, put(&words)).await.0, 200);
    let told = world.sent(&world.worker, get(&world.own("own-words"))).await.1;
    assert_eq!(told, json!({ "words": "I listen, and I laugh." }));
    let (status, refused) =
        world.sent(&world.worker, put(&json!({ "words": "x".repeat(601) }))).await;
    assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/words")));
    let nobody = ask("PUT", "/v1/rosters/main/workers/nobody/own-words").json(&words);
    assert_eq!(world.sent(&world.keyed.coordinator, nobody).await.0, 404);

    let pause = |until: Value| post(&world.own("pause"), &json!({ "until": until }));
    assert_eq!(world.sent(&world.other, pause(json!("2099-01-01"))).await.0, 404);
    assert_eq!(world.sent(&world.worker, pause(json!("2099-01-01"))).await.0, 200);
    let line = world.sent(&world.worker, get(&world.own("capacity"))).await.1;
    assert_eq!(
        (&line["paused_until"], &line["takes_new_people"]),
        (&json!("2099-01-01"), &json!(false))
    );
    assert_eq!(world.sent(&world.worker, pause(json!("2099-13-01"))).await.0, 422);
    assert_eq!(world.sent(&world.worker, pause(Value::Null)).await.0, 200);
    let line = world.sent(&world.worker, get(&world.own("capacity"))).await.1;
    assert_eq!(line.get("paused_until"), None, "{line}");
    assert_eq!(world.sent(&world.other, get(&world.own("capacity"))).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_asked_and_said_is_told_with_what_is_held_and_goes_with_them() {
    let world = world().await;
    let words = json!({ "words": "CANARY of mine" });
    let put = ask("PUT", &world.own("own-words")).json(&words);
    assert_eq!(world.sent(&world.worker, put).await.0, 200);
    let new = json!({ "about": "talk", "words": "CANARY asked" });
    assert_eq!(world.sent(&world.worker, post("/v1/rosters/main/asks", &new)).await.0, 201);
    let held = world.sent(&world.worker, get(&world.own("export"))).await.1;
    assert_eq!(held["own_words"], "CANARY of mine");
    assert_eq!(held["asks"][0]["words"], "CANARY asked");
    let erase = post(&world.own("erase"), &json!({ "why": "asked for" }));
    let (status, erased) = world.sent(&world.keyed.integrator, erase).await;
    assert_eq!(status, 200, "{erased}");
    let store = &world.keyed.running.app.store;
    let all = store.load(ORGANISATION, "main").await.unwrap().unwrap();
    for record in &all.records {
        let body = record.body.as_deref().unwrap_or_default();
        assert!(!body.contains("CANARY"), "{} {}", record.kind, record.id);
    }
}
