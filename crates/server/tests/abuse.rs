//! What somebody tries who has a way in and wants more than it gives: another roster, another person's answer, a step that safety forbids, a figure that tells of one person.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;

use std::net::SocketAddr;
use std::path::Path;

use common::{Answer, Ask, ask, get, post, start, store};
use peermatch_formats::read_roster;
use peermatch_server::auth::{entry, keys};
use peermatch_server::table::Who;
use peermatch_server::{Config, Role, Running, routes};
use peermatch_store::{AuditFilter, Organisation};
use serde_json::{Value, json};

struct World {
    running: Running,
    maker: String,
    coordinator: String,
    auditor: String,
}

impl World {
    /// A service with the shipped example kept as `main`, and a key for each of three roles.
    async fn new() -> Self {
        let store = store().await;
        let one = Organisation { id: "one".to_owned(), name: "One".to_owned(), made_at: 0 };
        store.add_organisation(&one).await.unwrap();
        let running = start(Config { warm: true, ..Config::new(store) }).await;
        let mut world = Self {
            running,
            maker: String::new(),
            coordinator: String::new(),
            auditor: String::new(),
        };
        world.maker = world.key(Role::Integrator, &[], None).await;
        world.coordinator = world.key(Role::Coordinator, &[], None).await;
        world.auditor = world.key(Role::Auditor, &[], None).await;
        let pack =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
        let day = read_roster(&pack).unwrap().check().unwrap().as_of().to_string();
        let settings = json!({ "zone": "Pacific/Auckland", "as_of": day });
        let made = post("/v1/rosters", &json!({ "id": "main", "settings": settings }));
        assert_eq!(world.make(made).await.status, 201);
        let put_in = ask("POST", "/v1/rosters/main/import")
            .header("content-type", "application/vnd.peermatch.pack+json")
            .body(example().to_string());
        let answer = world.make(put_in).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        world
    }

    fn addr(&self) -> SocketAddr {
        self.running.addr
    }

    async fn key(&self, role: Role, rosters: &[&str], worker: Option<&str>) -> String {
        let wanted = keys::Wanted {
            organisation: "one".to_owned(),
            label: "test".to_owned(),
            roles: [role].into(),
            rosters: rosters.iter().map(ToString::to_string).collect(),
            worker: worker.map(|id| ("main".to_owned(), id.to_owned())),
            expires_at: None,
        };
        let (key, secret) = keys::make(wanted, 0).unwrap();
        let audit = entry(0, "test", "", "key.added", &key.id, None);
        self.running.app.store.add_key(&key, &audit).await.unwrap();
        secret
    }

    async fn make(&self, ask: Ask) -> Answer {
        ask.key(&self.maker).send(self.addr()).await
    }

    async fn decide(&self, ask: Ask) -> Answer {
        ask.key(&self.coordinator).send(self.addr()).await
    }

    /// Somebody who waits, and workers suggested to them.
    async fn somebody(&self) -> (String, Vec<String>) {
        let people = self.decide(get("/v1/rosters/main/people?status=ready&limit=200")).await;
        for line in people.json()["items"].as_array().unwrap() {
            let id = line["id"].as_str().unwrap();
            let path = format!("/v1/rosters/main/people/{id}/suggestions?top=3&costs=false");
            let told = self.decide(get(&path)).await;
            let workers: Vec<String> = told.json()["workers"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|one| one["worker_id"].as_str().map(str::to_owned))
                .collect();
            if workers.len() >= 2 {
                return (id.to_owned(), workers);
            }
        }
        panic!("nobody waits who has two to choose from");
    }

    /// Somebody who waits and has no match of any kind.
    async fn unmatched(&self) -> String {
        let people = self.decide(get("/v1/rosters/main/people?status=ready&limit=200")).await;
        for line in people.json()["items"].as_array().unwrap() {
            let id = line["id"].as_str().unwrap();
            let path = format!("/v1/rosters/main/matches?person={id}");
            if self.decide(get(&path)).await.json()["items"] == json!([]) {
                return id.to_owned();
            }
        }
        panic!("everybody who waits has a match");
    }

    /// Offers a worker to a person; gives the match.
    async fn offered(&self, person: &str, worker: &str) -> String {
        let pair = json!({ "person_id": person, "worker_id": worker, "accept": true });
        let made = self.decide(post("/v1/rosters/main/matches", &pair)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn says(&self, one: &str, of: &str, yes: bool) -> Answer {
        let said = json!({ "yes": yes, "of": of, "how": "phone" });
        self.decide(post(&format!("/v1/rosters/main/matches/{one}/answer"), &said)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_not_meet_does_not_whoever_said_yes_before() {
    let world = World::new().await;
    let (person, workers) = world.somebody().await;
    let worker = &workers[0];
    let one = world.offered(&person, worker).await;
    assert_eq!(world.says(&one, "person", true).await.status, 200);
    // The order comes while the worker is still being asked.
    let order = json!({ "a_id": person, "b_id": worker, "kind": "no_contact" });
    let kept = world.make(post("/v1/rosters/main/records/conflicts", &order)).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let own = world.key(Role::PeerWorker, &[], Some(worker)).await;
    let path = format!("/v1/rosters/main/matches/{one}/answer");
    let yes = post(&path, &json!({ "yes": true })).key(&own).send(world.addr()).await;
    let told = yes.problem(409, "not_available");
    assert!(!told["detail"].as_str().unwrap().contains("meet"), "no reason is told: {told}");
    world.says(&one, "worker", true).await.problem(409, "not_eligible");
    // A no is always possible.
    assert_eq!(
        post(&path, &json!({ "yes": false })).key(&own).send(world.addr()).await.status,
        200
    );

    // The same where they have met already, and once they are paused.
    let (person, workers) = world.somebody().await;
    let worker = &workers[0];
    let one = world.offered(&person, worker).await;
    for of in ["person", "worker"] {
        assert_eq!(world.says(&one, of, true).await.status, 200);
    }
    let step = |what: &str| ask("POST", &format!("/v1/rosters/main/matches/{one}/{what}"));
    assert_eq!(world.decide(step("first-meeting")).await.status, 200);
    let order = json!({ "a_id": worker, "b_id": person, "kind": "no_contact" });
    assert_eq!(world.make(post("/v1/rosters/main/records/conflicts", &order)).await.status, 201);
    world.decide(step("activate")).await.problem(409, "not_eligible");
    assert_eq!(world.decide(step("end").json(&json!({}))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_again_with_a_key_gets_the_first_answer_though_what_they_looked_at_has_changed() {
    let world = World::new().await;
    let (person, workers) = world.somebody().await;
    let tag = world.decide(get("/v1/rosters/main")).await.header("etag").unwrap().to_owned();
    let pair = json!({ "person_id": person, "worker_id": workers[0] });
    let asked = post("/v1/rosters/main/matches", &pair)
        .header("if-match", tag.clone())
        .header("idempotency-key", "once");
    let first = world.decide(asked.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = world.decide(asked).await;
    assert_eq!((again.status, &again.body), (201, &first.body), "{}", again.text());
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = json!({ "person_id": person, "worker_id": workers[1] });
    let late = post("/v1/rosters/main/matches", &other).header("if-match", tag.clone());
    world.decide(late).await.problem(412, "changed_meanwhile");
    let run = ask("POST", "/v1/rosters/main/runs").header("if-match", tag);
    world.decide(run).await.problem(412, "changed_meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_said_is_not_told_by_asking_for_everything_that_is_held() {
    let world = World::new().await;
    let (person, workers) = world.somebody().await;
    let worker = &workers[0];
    let own = world.key(Role::PeerWorker, &[], Some(worker)).await;
    let export = |id: &str, kind: &str, format: &str| {
        get(&format!("/v1/rosters/main/{kind}/{id}/export?format={format}"))
    };
    // The worker says no: to the person that reads as an offer of which nothing came.
    let pair = json!({ "person_id": person, "worker_id": worker, "accept": true, "shown": workers, "why": "WORDS-OF-A-COORDINATOR" });
    let made = world.decide(post("/v1/rosters/main/matches", &pair)).await;
    let one = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(world.says(&one, "worker", false).await.status, 200);
    for format in ["json", "csv", "text"] {
        let told = world.make(export(&person, "people", format)).await.text();
        assert!(told.contains(&one), "{told}");
        for secret in ["declined", "worker_answer", "worker answer", "worker_no", &workers[1]] {
            assert!(!told.contains(secret), "{format}: {secret}");
        }
        let told = export(worker, "workers", format).key(&own).send(world.addr()).await.text();
        assert!(told.contains("declined_worker"), "their own no: {told}");
        assert!(!told.contains("WORDS-OF-A-COORDINATOR") && !told.contains(&workers[1]));
    }
    // And the other way round; and who ended it, and how.
    let one = world.offered(&person, &workers[1]).await;
    let own = world.key(Role::PeerWorker, &[], Some(&workers[1])).await;
    assert_eq!(world.says(&one, "person", false).await.status, 200);
    let told = export(&workers[1], "workers", "json").key(&own).send(world.addr()).await.text();
    assert!(told.contains(&one) && !told.contains("declined") && !told.contains("person_answer"));
    // What is erased is found by what is kept, not by what is told.
    let why = json!({ "why": "asked for" });
    let erased = post(&format!("/v1/rosters/main/people/{person}/erase"), &why);
    let erased = world.make(erased).await;
    assert_eq!(erased.json()["matches"], 2, "{}", erased.text());
    let stones = world.running.app.store.load("one", "main").await.unwrap().unwrap();
    let stones: Vec<&str> = stones
        .records
        .iter()
        .filter(|record| record.kind == "tombstone")
        .filter_map(|record| record.body.as_deref())
        .collect();
    assert!(stones.iter().any(|stone| stone.contains("declined_worker")), "{stones:?}");
}

/// What tells of nobody: how a roster works, counts that were made safe, when runs were made, and the audit itself.
const OF_NOBODY: [&str; 7] = [
    "readRoster",
    "readPolicy",
    "readReport",
    "readTaxonomy",
    "readWords",
    "listAudit",
    "listRuns",
];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_what_is_kept_of_people_is_written_down() {
    let world = World::new().await;
    let (person, workers) = world.somebody().await;
    let worker = workers[0].clone();
    let put = ask("PUT", &format!("/v1/rosters/main/people/{person}/contact"));
    assert_eq!(world.make(put.json(&json!({ "telephone": "1" }))).await.status, 200);
    let put = ask("PUT", &format!("/v1/rosters/main/workers/{worker}/contact"));
    assert_eq!(world.make(put.json(&json!({ "telephone": "1" }))).await.status, 200);
    let mut runs = Vec::new();
    while runs.len() < 2 {
        let run = world.decide(ask("POST", "/v1/rosters/main/runs")).await;
        match run.status {
            201 => runs.push(run.json()["id"].as_str().unwrap().to_owned()),
            503 => {}
            _ => panic!("{}", run.text()),
        }
    }
    let asked = json!({ "for": "all_waiting", "mode": "live" });
    let menus = world.decide(post("/v1/rosters/main/menus", &asked)).await;
    assert_eq!(menus.status, 201, "{}", menus.text());
    let menu = menus.json()["menus"][0]["id"].as_str().unwrap().to_owned();
    let leaving = json!({ "worker_ids": [worker] });
    let handover = world.decide(post("/v1/rosters/main/handovers", &leaving)).await;
    assert_eq!(handover.status, 201, "{}", handover.text());
    let handover = handover.json()["id"].as_str().unwrap().to_owned();
    let matches = world.decide(get("/v1/rosters/main/matches?limit=500")).await.json();
    let one = matches["items"].as_array().unwrap().iter().find(|one| one["status"] == "active");
    let one = one.unwrap();
    let (id, walks) = (one["id"].as_str().unwrap(), one["worker_id"].as_str().unwrap());
    let own = world.key(Role::PeerWorker, &[], Some(walks)).await;
    let keys = [
        (Role::Coordinator, &world.coordinator),
        (Role::Integrator, &world.maker),
        (Role::Auditor, &world.auditor),
        (Role::PeerWorker, &own),
    ];
    let mut looks = 0;
    for route in routes() {
        let Who::Roles(roles) = route.who else { continue };
        if route.method != "GET"
            || !route.path.contains("{roster}")
            || OF_NOBODY.contains(&route.id)
        {
            continue;
        }
        for (role, key) in keys.iter().filter(|(role, _)| roles.contains(role)) {
            let peer = *role == Role::PeerWorker;
            for list in ["conflicts", "pins"] {
                if list == "conflicts" && *role == Role::Coordinator {
                    continue;
                }
                let path = route
                    .path
                    .replace("{roster}", "main")
                    .replace(
                        "{person}",
                        if peer { one["person_id"].as_str().unwrap() } else { &person },
                    )
                    .replace("{worker}", if peer { walks } else { &worker })
                    .replace("{match}", id)
                    .replace("{menu}", &menu)
                    .replace("{handover}", &handover)
                    .replace("{run}", &runs[1])
                    .replace("{list}", list);
                let before = written(&world, key).await;
                let answer = get(&path).key(key).send(world.addr()).await;
                assert_eq!(answer.status, 200, "{path} {role:?}: {}", answer.text());
                let after = written(&world, key).await;
                assert!(after > before, "{path} was shown to a {role:?}, and nobody knows");
                looks += 1;
            }
        }
    }
    assert!(looks > 40, "{looks}");
}

/// How much the audit tells of whoever has a key.
async fn written(world: &World, key: &str) -> usize {
    let actor = format!("key:{}", key.split('_').nth(1).unwrap());
    let filter = AuditFilter { actor: Some(actor), ..AuditFilter::default() };
    world.running.app.store.audit("one", &filter, 0, 10_000).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leads_to_somebody_does_not_outlive_them_because_a_connection_was_cut() {
    use std::time::{Duration, Instant};

    use peermatch_server::auth::secrets;
    use tokio::io::AsyncWriteExt;

    let world = World::new().await;
    for (method, what) in [("POST", "/erase"), ("DELETE", "")] {
        let id = world.unmatched().await;
        let at = format!("/v1/rosters/main/people/{id}");
        let link = world.decide(ask("POST", &format!("{at}/link"))).await.json();
        let hash = secrets::hash(link["token"].as_str().unwrap());
        let store = &world.running.app.store;
        assert!(store.link(&hash).await.unwrap().is_some());
        let before = store.roster("one", "main").await.unwrap().unwrap().revision;
        let begun =
            || async { store.roster("one", "main").await.unwrap().unwrap().revision > before };
        // Cut when it has been begun and long before it is done; on a busy machine that is later.
        for millis in [10, 20, 40, 80, 160, 320] {
            let mut request = ask(method, &format!("{at}{what}"));
            if method == "POST" {
                request = request.json(&json!({ "why": "asked for" }));
            }
            let mut stream = tokio::net::TcpStream::connect(world.addr()).await.unwrap();
            stream.write_all(&request.key(&world.maker).bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(millis)).await;
            drop(stream);
            let until = Instant::now() + Duration::from_secs(2);
            while !begun().await && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if begun().await {
                break;
            }
        }
        assert!(begun().await, "{method} was never begun");
        let until = Instant::now() + Duration::from_secs(5);
        while store.link(&hash).await.unwrap().is_some() {
            assert!(Instant::now() < until, "{id} is gone, and the link is still good");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_setting_shuts_everybody_out_of_a_roster() {
    let world = World::new().await;
    let change = |body: Value| ask("PATCH", "/v1/rosters/main").json(&body);
    let day = world.make(get("/v1/rosters/main")).await.json()["as_of"].clone();
    // A year that cannot be, and a day before which people were waiting already.
    for wrong in ["9999-12-31", "-9999-01-01", "1990-01-01"] {
        let told = world.make(change(json!({ "as_of": wrong }))).await;
        assert_eq!(told.status, 422, "{wrong}: {}", told.text());
        let read = world.make(get("/v1/rosters/main")).await;
        assert_eq!((read.status, &read.json()["as_of"]), (200, &day), "{}", read.text());
        let new = json!({ "id": "other", "settings": { "zone": "UTC", "as_of": wrong } });
        let made = world.make(post("/v1/rosters", &new)).await;
        assert_eq!(made.status == 201, wrong == "1990-01-01", "{}", made.text());
    }
    assert_eq!(world.make(change(json!({ "offer_days": 3 }))).await.status, 200);
    assert_eq!(world.decide(get("/v1/rosters/main/people")).await.status, 200);
    assert_eq!(world.make(get("/v1/rosters/other")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_import_undoes_what_keeps_two_apart_and_was_said_here() {
    let world = World::new().await;
    let (person, workers) = world.somebody().await;
    // An order that the case system has not heard of, and a person who asks for somebody else and not to be asked about this one again.
    let order = json!({ "a_id": person, "b_id": workers[0], "kind": "no_contact" });
    let kept = world.decide(post("/v1/rosters/main/records/conflicts", &order)).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let one = world.offered(&person, &workers[1]).await;
    for of in ["person", "worker"] {
        assert_eq!(world.says(&one, of, true).await.status, 200);
    }
    let change = json!({ "not_again": true, "how": "phone" });
    let path = format!("/v1/rosters/main/people/{person}/change-worker");
    let changed = world.decide(post(&path, &change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    for how in ["replace", "merge", "replace"] {
        let path = format!("/v1/rosters/main/import?how={how}");
        let put_in = ask("POST", &path)
            .header("content-type", "application/vnd.peermatch.pack+json")
            .body(example().to_string());
        let answer = world.make(put_in).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        for worker in &workers[..2] {
            let pair = json!({ "person_id": person, "worker_id": worker, "accept": true });
            let made = world.decide(post("/v1/rosters/main/matches", &pair)).await;
            made.problem(409, "not_eligible");
        }
    }
    // Said again it is the same; taken back it is gone; and with the person it goes.
    let again = world.decide(post("/v1/rosters/main/records/conflicts", &order)).await;
    assert_eq!(again.json()["id"], kept.json()["id"]);
    let path =
        format!("/v1/rosters/main/records/conflicts/{}", kept.json()["id"].as_str().unwrap());
    assert_eq!(world.make(ask("PUT", &path).json(&order)).await.status, 201);
    assert_eq!(world.make(ask("DELETE", &path)).await.status, 200);
    let pair = json!({ "person_id": person, "worker_id": workers[0] });
    let made = world.decide(post("/v1/rosters/main/matches", &pair)).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

/// The shipped example as one body.
fn example() -> Value {
    let pack =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
    let files = std::fs::read_dir(&pack).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), json!(text))
    });
    Value::Object(files.collect())
}
