//! The whole story of a match over HTTP, as a coordinator, a person by their link and a worker by their key live it; and what none of them can do.

mod common;

use std::net::SocketAddr;
use std::path::Path;

use common::{Answer, Ask, get, post, start, store};
use peermatch_formats::read_roster;
use peermatch_server::auth::keys::{Wanted, make};
use peermatch_server::{Config, Limits, Role, Running};
use peermatch_store::{AuditEntry, Organisation};
use serde_json::{Value, json};

const ORGANISATION: &str = "org";

struct World {
    running: Running,
    coordinator: String,
    auditor: String,
}

fn told() -> AuditEntry {
    AuditEntry {
        at: 0,
        actor: "test".to_owned(),
        role: "administrator".to_owned(),
        action: "key.added".to_owned(),
        roster: None,
        revision: None,
        about: Vec::new(),
        input_hash: None,
        policy_hash: None,
        engine: None,
        shown: Vec::new(),
        picked: None,
        request_id: None,
    }
}

impl World {
    /// A service with keys, and the shipped example kept as `main`.
    async fn new() -> Self {
        let store = store().await;
        let organisation =
            Organisation { id: ORGANISATION.to_owned(), name: "One".to_owned(), made_at: 0 };
        store.add_organisation(&organisation).await.expect("made");
        // Races ask more often than any one caller may.
        let limits = Limits { rate: (1e9, u32::MAX), ..Limits::default() };
        let running = start(Config { warm: true, limits, ..Config::new(store) }).await;
        let mut world = Self { running, coordinator: String::new(), auditor: String::new() };
        let maker = world.key(&[Role::Integrator], None).await;
        world.coordinator = world.key(&[Role::Coordinator], None).await;
        world.auditor = world.key(&[Role::Auditor], None).await;
        let pack =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
        let loaded = read_roster(&pack).expect("the example");
        let day = loaded.check().expect("no faults").as_of().to_string();
        let settings = json!({ "zone": "Pacific/Auckland", "as_of": day });
        let made = post("/v1/rosters", &json!({ "id": "main", "settings": settings }));
        let answer = made.key(&maker).send(world.addr()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let files: serde_json::Map<String, Value> = std::fs::read_dir(&pack)
            .expect("the example")
            .map(|entry| {
                let entry = entry.expect("an entry");
                let text = std::fs::read_to_string(entry.path()).expect("text");
                (entry.file_name().into_string().expect("text"), json!(text))
            })
            .collect();
        let answer = common::ask("POST", "/v1/rosters/main/import")
            .header("content-type", "application/vnd.peermatch.pack+json")
            .body(Value::Object(files).to_string())
            .key(&maker)
            .send(world.addr())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        world
    }

    fn addr(&self) -> SocketAddr {
        self.running.addr
    }

    async fn key(&self, roles: &[Role], worker: Option<&str>) -> String {
        let wanted = Wanted {
            organisation: ORGANISATION.to_owned(),
            label: "test".to_owned(),
            roles: roles.iter().copied().collect(),
            rosters: Vec::new(),
            worker: worker.map(|id| ("main".to_owned(), id.to_owned())),
            expires_at: None,
        };
        let Ok((key, secret)) = make(wanted, 0) else { panic!("a key") };
        self.running.app.store.add_key(&key, &told()).await.expect("kept");
        secret
    }

    async fn as_coordinator(&self, ask: Ask) -> Answer {
        ask.key(&self.coordinator).send(self.addr()).await
    }

    /// Opens a link and gives the cookie and the token that writes carry.
    async fn open(&self, link: &Value) -> Person {
        let body = json!({ "token": link["token"], "code": link["code"] });
        let answer = post("/v1/links/open", &body).send(self.addr()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().expect("a value").to_owned();
        let csrf = answer.json()["csrf_token"].as_str().expect("a token").to_owned();
        Person { cookie, csrf }
    }

    /// Somebody who waits and has suggestions, and the suggested workers.
    async fn somebody(&self, but: &[&str]) -> (String, Vec<String>) {
        let waiting =
            self.as_coordinator(get("/v1/rosters/main/people?status=ready&limit=200")).await;
        for line in waiting.json()["items"].as_array().expect("lines") {
            let id = line["id"].as_str().or(line["person_id"].as_str()).expect("an id");
            if but.contains(&id) {
                continue;
            }
            let path = format!("/v1/rosters/main/people/{id}/suggestions?top=3");
            let told = self.as_coordinator(get(&path)).await;
            if told.status != 200 {
                continue;
            }
            let told = told.json();
            let workers: Vec<String> = told["workers"]
                .as_array()
                .map(|all| {
                    all.iter()
                        .filter_map(|one| one["worker_id"].as_str().map(str::to_owned))
                        .collect()
                })
                .unwrap_or_default();
            if workers.len() >= 2 {
                return (id.to_owned(), workers);
            }
        }
        panic!("nobody waits who has two to choose from: {}", waiting.text());
    }
}

/// Somebody who came by a link.
struct Person {
    cookie: String,
    csrf: String,
}

impl Person {
    fn sign(&self, ask: Ask) -> Ask {
        ask.header("cookie", self.cookie.clone()).header("x-csrf-token", self.csrf.clone())
    }
}

fn to(id: &str, what: &str) -> String {
    format!("/v1/rosters/main/matches/{id}/{what}")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_waiting_list_to_walking_together() {
    let world = World::new().await;
    // A menu, made by a coordinator, for the first who can choose today: who has waited longer comes first.
    let mut tried: Vec<String> = Vec::new();
    let (person, menu) = loop {
        let but: Vec<&str> = tried.iter().map(String::as_str).collect();
        let (person, _) = world.somebody(&but).await;
        let asked = json!({ "for": [person], "size": 3, "mode": "safe" });
        let made = world.as_coordinator(post("/v1/rosters/main/menus", &asked)).await;
        if made.status == 409 {
            // Ready by the list, and walked with already.
            made.problem(409, "not_to_be_matched");
            tried.push(person);
            continue;
        }
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        match made["menus"].get(0) {
            Some(menu) if menu["options"].as_array().is_some_and(|all| all.len() >= 2) => {
                break (person, menu.clone());
            }
            Some(_) => {}
            None => assert_eq!(made["nothing_now"][0]["person_id"], json!(person), "{made}"),
        }
        tried.push(person);
    };
    let options = menu["options"].as_array().expect("options");
    assert!(options.len() >= 2, "{menu}");
    let menu_id = menu["id"].as_str().expect("an id");
    // Its link, told once; the code goes another way.
    let link = world
        .as_coordinator(common::ask("POST", &format!("/v1/rosters/main/menus/{menu_id}/link")))
        .await;
    assert_eq!(link.status, 201, "{}", link.text());
    let me = world.open(&link.json()).await;
    let sheet = me.sign(get("/v1/my/menu")).send(world.addr()).await;
    assert_eq!(sheet.status, 200, "{}", sheet.text());
    let same = world.as_coordinator(get(&format!("/v1/rosters/main/menus/{menu_id}/sheet"))).await;
    assert_eq!(sheet.json(), same.json(), "a coordinator sees what the person sees");
    assert_eq!(sheet.json()["sheet"]["other_answers"].as_array().expect("answers").len(), 2);
    // Whom they could walk with has a name.
    let names = sheet.json()["names"].clone();
    for option in options {
        assert!(names[option.as_str().expect("an id")].is_string(), "{names}");
    }
    // The person's pages are the person's: nothing of the coordinator's is there for them.
    me.sign(get("/v1/rosters/main/menus")).send(world.addr()).await.problem(403, "forbidden");
    let pick = json!({ "answer": { "pick": options[0] } });
    let without = post("/v1/my/menu/answer", &pick).header("cookie", me.cookie.clone());
    assert_eq!(without.send(world.addr()).await.status, 403, "no token of the form");
    let picked = me.sign(post("/v1/my/menu/answer", &pick)).send(world.addr()).await;
    assert_eq!(picked.status, 200, "{}", picked.text());
    let id = picked.json()["match_id"].as_str().expect("a match").to_owned();
    let again = me.sign(post("/v1/my/menu/answer", &pick)).send(world.addr()).await;
    again.problem(409, "answered");

    // A worker learns what somebody is called once that person has said yes, and not before.
    let read = get(&format!("/v1/rosters/main/matches/{id}"));
    let told = read.key(&world.key(&[Role::PeerWorker], options[0].as_str()).await);
    assert!(told.send(world.addr()).await.json()["person_name"].is_string());
    let (asked_for, of) = world.somebody(&[&person]).await;
    let pair = json!({ "person_id": asked_for, "worker_id": of[0] });
    let proposed = world.as_coordinator(post("/v1/rosters/main/matches", &pair)).await;
    assert_eq!(proposed.status, 201, "{}", proposed.text());
    let proposed = proposed.json()["id"].as_str().expect("an id").to_owned();
    let offered = json!({ "decision": "accept" });
    let offered = world.as_coordinator(post(&to(&proposed, "decision"), &offered)).await;
    assert_eq!(offered.json()["status"], "offered", "{}", offered.text());
    let read = get(&format!("/v1/rosters/main/matches/{proposed}"));
    let read = read.key(&world.key(&[Role::PeerWorker], Some(&of[0])).await);
    let read = read.send(world.addr()).await;
    assert_eq!(read.json()["person_id"], json!(asked_for), "{}", read.text());
    assert!(read.json().get("person_name").is_none(), "{}", read.text());

    // Nothing moves on before everybody said yes.
    let worker_id = options[0].as_str().expect("an id");
    let worker = world.key(&[Role::PeerWorker], Some(worker_id)).await;
    for step in ["first-meeting", "activate", "pause", "resume"] {
        world.as_coordinator(common::ask("POST", &to(&id, step))).await.problem(409, "not_now");
    }
    // Another worker, and the auditor, cannot answer for this one.
    let other_id = options[1].as_str().expect("an id");
    let other = world.key(&[Role::PeerWorker], Some(other_id)).await;
    let yes = json!({ "yes": true });
    let hidden = post(&to(&id, "answer"), &yes).key(&other).send(world.addr()).await;
    let missing = post(&to("m0-0", "answer"), &yes).key(&other).send(world.addr()).await;
    assert_eq!(hidden.body_without_id(), missing.body_without_id());
    hidden.problem(404, "not_found");
    let no_role = post(&to(&id, "answer"), &yes).key(&world.auditor).send(world.addr()).await;
    no_role.problem(403, "forbidden");
    // A coordinator says how it was told.
    let for_them = json!({ "yes": true, "of": "worker" });
    world.as_coordinator(post(&to(&id, "answer"), &for_them)).await.problem(409, "needs_more");
    let said = post(&to(&id, "answer"), &yes).key(&worker).send(world.addr()).await;
    assert_eq!(said.json()["stands"], "waits_for_others", "{}", said.text());
    let decision = json!({ "decision": "accept", "why": "they both want it" });
    let decided = world.as_coordinator(post(&to(&id, "decision"), &decision)).await;
    assert_eq!(decided.json()["status"], "accepted", "{}", decided.text());
    // The two read it in their own words, and nothing of why.
    let own = me.sign(get("/v1/my/matches")).send(world.addr()).await;
    assert_eq!(own.json()["items"][0]["stands"], "accepted");
    assert_eq!(own.json()["items"][0]["worker_name"], names[worker_id]);
    for told in [
        own.text(),
        get(&format!("/v1/rosters/main/matches/{id}")).key(&worker).send(world.addr()).await.text(),
    ] {
        assert!(!told.contains("they both want it") && !told.contains("decision"), "{told}");
    }
    for step in ["first-meeting", "activate"] {
        let moved = common::ask("POST", &to(&id, step)).key(&worker).send(world.addr()).await;
        assert_eq!(moved.status, 200, "{}", moved.text());
    }
    let one = world.as_coordinator(get(&format!("/v1/rosters/main/matches/{id}"))).await.json();
    assert_eq!(one["status"], "active");
    assert_eq!(one["decision"]["by"].as_str().map(|by| by.starts_with("key:")), Some(true));
    assert_eq!(one["person_answer"]["party"], "service_user");
    assert_eq!(one["basis"]["shown"], menu["options"], "what was shown is known");

    // How it goes; a complaint is routed out.
    let said = json!({ "said": { "when": "6w", "got_on": 5, "complaint": true } });
    let path = format!("/v1/my/matches/{id}/feedback");
    let taken = me.sign(post(&path, &said)).send(world.addr()).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    let wrong = json!({ "said": { "when": "6w", "got_on": 9 } });
    let wrong = me.sign(post(&path, &wrong)).send(world.addr()).await;
    assert_eq!(wrong.problem(422, "faults")["errors"][0]["pointer"], "/got_on");
    let record = me.sign(get("/v1/my/record")).send(world.addr()).await.json();
    assert_eq!(record["record"]["id"], json!(person));
    assert_eq!(record["feedback"].as_array().expect("what was said").len(), 1);
    let summed = format!("/v1/rosters/main/workers/{worker_id}/feedback");
    let summed = world.as_coordinator(get(&summed)).await.json();
    assert!(summed.get("told").is_none(), "one voice is not summed up: {summed}");

    // Somebody else, please: no reason, and the day of waiting stays.
    let changed = me.sign(post("/v1/my/change-worker", &json!({}))).send(world.addr()).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["wait_since"], record["record"]["wait_since"]);
    let ended = world.as_coordinator(get(&format!("/v1/rosters/main/matches/{id}"))).await.json();
    assert_eq!((&ended["status"], &ended["end_kind"]), (&json!("ended"), &json!("person_changed")));
    let again = format!("/v1/rosters/main/people/{person}/suggestions");
    let again = world.as_coordinator(get(&again)).await.json();
    assert!(again["why_not_matched_now"].is_null(), "waits for somebody else: {again}");
    assert!(again["workers"].as_array().is_some_and(|all| !all.is_empty()), "{again}");
    // What happened is in the audit, from what was shown to what was picked.
    let audit =
        get("/v1/rosters/main/audit?limit=500").key(&world.auditor).send(world.addr()).await;
    let text = audit.text();
    for action in [
        "menu.made",
        "menu.shown",
        "menu.answered",
        "match.worker_answered",
        "match.decided",
        "match.active",
        "feedback.given",
        "match.change_asked",
    ] {
        assert!(text.contains(action), "{action} is not in the audit");
    }
    world.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_and_a_handover_become_proposals() {
    let world = World::new().await;
    let run = loop {
        let made = world.as_coordinator(common::ask("POST", "/v1/rosters/main/runs")).await;
        if made.status == 201 {
            break made.json();
        }
        made.problem(503, "busy");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    };
    let run = run["id"].as_str().expect("an id");
    let document = world.as_coordinator(get(&format!("/v1/rosters/main/runs/{run}"))).await.json();
    let pairs = document["matches"].as_array().expect("pairs").len();
    let path = format!("/v1/rosters/main/runs/{run}/propose");
    let made = world.as_coordinator(common::ask("POST", &path)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    // The document names pairs that stand, too; those are no proposals.
    let proposed = made.json().as_array().expect("proposals").len();
    assert!(proposed > 0 && proposed <= pairs, "{proposed} of {pairs}");
    let path = format!("/v1/rosters/main/runs/{run}/diff");
    world.as_coordinator(get(&path)).await.problem(409, "no_run_before");

    // Somebody who walks with a worker who leaves.
    let one = made.json()[0].clone();
    let (id, worker) = (one["id"].as_str().expect("id"), one["worker_id"].as_str().expect("id"));
    let accept = json!({ "decision": "accept" });
    let offered = world.as_coordinator(post(&to(id, "decision"), &accept)).await;
    assert_eq!(offered.json()["status"], "offered", "{}", offered.text());
    for of in ["person", "worker"] {
        let yes = json!({ "yes": true, "of": of, "how": "phone" });
        assert_eq!(world.as_coordinator(post(&to(id, "answer"), &yes)).await.status, 200);
    }
    let leaving = json!({ "worker_ids": [worker] });
    let made = world.as_coordinator(post("/v1/rosters/main/handovers", &leaving)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let handover = made["id"].as_str().expect("an id");
    let people = made["handover"]["people"].as_array().expect("people").clone();
    assert!(people.iter().any(|told| told["person_id"] == one["person_id"]));
    let path = format!("/v1/rosters/main/handovers/{handover}/accept");
    let taken = world.as_coordinator(post(&path, &json!({}))).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    let taken = taken.json();
    let found: usize = people.iter().map(|told| told["to"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(taken["matches"].as_array().expect("matches").len(), found);
    for new in taken["matches"].as_array().expect("matches") {
        assert_eq!((&new["from"], &new["status"]), (&json!("handover"), &json!("proposed")));
        assert!(new["replaces"].is_string(), "{new}");
    }
    world.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_menus_are_open_others_are_matched_still() {
    let world = World::new().await;
    let asked = json!({ "for": "all_waiting", "size": 3 });
    let made = world.as_coordinator(post("/v1/rosters/main/menus", &asked)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let held = made.json()["menus"]
        .as_array()
        .expect("menus")
        .iter()
        .any(|menu| menu["kind"] == "safe" && menu["options"].to_string().contains("\"W-26\""));
    assert!(held, "a place is held with a worker who is to be given a least number of people");
    for _ in 0..20 {
        let waiting = world.as_coordinator(get("/v1/rosters/main/waiting")).await;
        if waiting.status != 503 {
            assert_eq!(waiting.status, 200, "{}", waiting.text());
            return;
        }
    }
    panic!("no matching was made in time");
}

/// A pin is a conflict in words for whoever decides otherwise, and is gone once it has come about.
#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_served_by_the_match_it_asks_for_and_by_no_other() {
    let world = World::new().await;
    // Nobody who is pinned in the example, or walks with somebody: as a match would find out.
    let (mut tried, mut found) = (Vec::<String>::new(), None);
    while found.is_none() {
        let but: Vec<&str> = tried.iter().map(String::as_str).collect();
        let (person, workers) = world.somebody(&but).await;
        let pin = json!({ "person_id": person, "worker_id": workers[0], "kind": "pin" });
        let made = world.as_coordinator(post("/v1/rosters/main/records/pins", &pin)).await;
        if made.status == 201 {
            found = Some((person.clone(), workers, made.json()["id"].clone()));
        }
        tried.push(person);
    }
    let (person, workers, pin) = found.expect("somebody");
    let pair = |worker: &str| json!({ "person_id": person, "worker_id": worker, "accept": true });
    let other = world.as_coordinator(post("/v1/rosters/main/matches", &pair(&workers[1]))).await;
    other.problem(409, "pinned");
    let so = world.as_coordinator(post("/v1/rosters/main/matches", &pair(&workers[0]))).await;
    assert_eq!(so.status, 201, "{}", so.text());
    let pins = world.as_coordinator(get("/v1/rosters/main/records/pins?limit=500")).await.json();
    let left = pins["items"].as_array().expect("pins").iter();
    assert!(left.clone().all(|one| one["id"] != pin), "it has come about: {pins}");
    world.running.stop().await;
}

/// Callers that race for the last place with one worker.
const CALLERS: usize = 64;

async fn races(rounds: usize) {
    let world = World::new().await;
    let (_, workers) = world.somebody(&[]).await;
    let worker = &workers[0];
    // One place, and no more.
    let path = format!("/v1/rosters/main/workers/{worker}");
    let record = world.as_coordinator(get(&path)).await.json();
    let record = record.get("record").unwrap_or(&record).clone();
    let carries = record["current_people"].as_u64().unwrap_or(0);
    let one = json!({ "max_people": carries + 1, "new_starts": null, "minimum": null });
    let changed = world.as_coordinator(common::ask("PATCH", &path).json(&one)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let waiting = world.as_coordinator(get("/v1/rosters/main/people?status=ready&limit=500")).await;
    let ids: Vec<String> = waiting.json()["items"]
        .as_array()
        .expect("people")
        .iter()
        .filter_map(|line| line["id"].as_str().or(line["person_id"].as_str()).map(str::to_owned))
        .collect();
    let mut able = Vec::new();
    for id in &ids {
        let pair = json!({ "person_id": id, "worker_id": worker });
        let tried = world.as_coordinator(post("/v1/rosters/main/matches", &pair)).await;
        if tried.status == 201 {
            able.push(tried.json()["id"].as_str().expect("an id").to_owned());
        }
    }
    for id in &able {
        let reject = json!({ "decision": "reject" });
        assert_eq!(world.as_coordinator(post(&to(id, "decision"), &reject)).await.status, 200);
    }
    assert!(able.len() >= 2, "only {} can walk with {worker}", able.len());
    let mut people = Vec::new();
    for id in &able {
        let one = world.as_coordinator(get(&format!("/v1/rosters/main/matches/{id}"))).await.json();
        people.push(one["person_id"].as_str().expect("an id").to_owned());
    }
    for round in 0..rounds {
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..CALLERS {
            let person = &people[(round + caller) % people.len()];
            let pair = json!({ "person_id": person, "worker_id": worker, "accept": true });
            let ask = post("/v1/rosters/main/matches", &pair).key(&world.coordinator);
            let addr = world.addr();
            callers.spawn(async move { ask.send(addr).await });
        }
        let mut won = Vec::new();
        while let Some(answer) = callers.join_next().await {
            let answer = answer.expect("an answer");
            match answer.status {
                201 => won.push(answer.json()["id"].as_str().expect("an id").to_owned()),
                _ => assert_eq!(answer.status, 409, "{}", answer.text()),
            }
        }
        assert_eq!(won.len(), 1, "round {round}: one gets the last place");
        let reject = json!({ "decision": "reject" });
        let freed = world.as_coordinator(post(&to(&won[0], "decision"), &reject)).await;
        assert_eq!(freed.status, 200, "{}", freed.text());
    }
    world.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_last_place() {
    races(3).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: 1,000 rounds of 64 callers"]
async fn of_many_at_once_one_gets_the_last_place_a_thousand_times() {
    races(1_000).await;
}
