//! Canaries: marks that stand nowhere else, planted in every sensitive field of a kept roster and sent in every part of every request. None of them comes out in the
//! log, the figures, a problem or the audit, and none of a hidden field in an answer to a role that may not see it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, where a panic is the report"
)]

mod common;
mod keyed;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::{Answer, Ask, ask, get, post};
use keyed::{Keyed, ORGANISATION, Person};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_server::table::{ParamIn, Route};
use peermatch_server::{Role, page, routes};
use peermatch_store::AuditFilter;
use peermatch_testkit::rosters::{self, Spec};
use serde_json::{Value, json};

/// Sent in every part of every request, by everybody.
const SENT: &str = "kanarie-sent";
/// The same where a member is named so: a pointer may repeat it, since it says where.
const NAMED: &str = "kanarie-named";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum As {
    Integrator,
    Coordinator,
    Auditor,
    Administrator,
    /// The worker whose record holds the canaries.
    Worker,
    /// Another one.
    OtherWorker,
    /// The person whose record holds the canaries.
    Person,
    /// Another one.
    OtherPerson,
    Nobody,
}

const EVERYBODY: [As; 9] = [
    As::Integrator,
    As::Coordinator,
    As::Auditor,
    As::Administrator,
    As::Worker,
    As::OtherWorker,
    As::Person,
    As::OtherPerson,
    As::Nobody,
];

/// What was planted, and who may read it in an answer.
struct Planted {
    mark: String,
    what: &'static str,
    may: &'static [As],
    /// Operations in which others may too.
    but: &'static [(As, &'static str)],
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Everything that our crates have to say, from now on and for the whole process.
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_env_filter("peermatch=trace,hyper=off,sqlx=trace")
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Whether a text holds a mark, where digits and letters around it do not make it another word.
fn holds(text: &str, mark: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(mark).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part)
            && !text[at + mark.len()..].chars().next().is_some_and(part)
    })
}

/// Takes every row out of a list that names one of these.
fn without(value: &mut Value, words: &[&str]) {
    match value {
        Value::Array(rows) => {
            rows.retain(|row| match row {
                Value::String(text) => !words.contains(&text.as_str()),
                Value::Object(members) => !members
                    .values()
                    .any(|value| value.as_str().is_some_and(|text| words.contains(&text))),
                _ => true,
            });
            for row in rows {
                without(row, words);
            }
        }
        Value::Object(members) => members.values_mut().for_each(|value| without(value, words)),
        _ => {}
    }
}

fn add(record: &mut Value, list: &str, row: Value) {
    let members = record.as_object_mut().unwrap();
    members.entry(list).or_insert_with(|| json!([])).as_array_mut().unwrap().push(row);
}

/// Lived experiences that stand nowhere but where they are planted: of the person and of the worker, with and without leave for a coordinator.
const LIVED: [&str; 5] =
    ["gambling", "eating_distress", "hearing_voices", "suicide_bereavement", "prison"];

/// A roster of 24 people and 8 workers with everything planted in the first person and the first worker.
fn planted() -> (Value, Vec<Planted>) {
    let taxonomy = Taxonomy::shipped();
    let ids: Vec<String> = taxonomy.concepts().map(|c| taxonomy.id(c).to_owned()).collect();
    let label = |id: &str| taxonomy.label(taxonomy.find(id).unwrap()).to_owned();
    let lived: Vec<&str> = LIVED
        .iter()
        .copied()
        .filter(|id| ids.iter().any(|is| is == id))
        .chain(ids.iter().rev().map(String::as_str).filter(|id| id.len() > 7))
        .take(5)
        .collect();
    let mut input =
        serde_json::to_value(rosters::input(&Spec::SERVICE.sized(24, 8).undecided(), 5)).unwrap();
    for list in ["people", "workers", "groups", "conflicts"] {
        without(&mut input[list], &lived);
        without(&mut input[list], &["no_contact"]);
    }
    input["codes"].as_array_mut().unwrap().extend([
        json!({ "system": "ethnicity", "code": "kanarie-own", "label": "Kanarie Own" }),
        json!({ "system": "ethnicity", "code": "kanarie-told", "label": "Kanarie Told" }),
    ]);
    // The two can be matched.
    for service in input["services"].as_array_mut().unwrap() {
        *service = json!({ "id": service["id"] });
    }
    let both = json!({ "services": [input["services"][0]["id"]], "modes": ["telephone"], "availability": ["Mon 09:00-17:00"], "support_types": [], "wishes": [], "zone": "Pacific/Auckland" });
    for list in ["people", "workers"] {
        let record = input[list][0].as_object_mut().unwrap();
        record.extend(both.as_object().unwrap().clone());
    }
    input["people"][0]["languages"] = json!([{ "tag": "en", "level": "need" }]);
    input["people"][0]["wait_since"] = json!("2026-01-05");
    let worker = input["workers"][0].as_object_mut().unwrap();
    worker.extend(
        json!({ "max_people": 9, "languages": [{ "tag": "en", "level": "whole" }] })
            .as_object()
            .unwrap()
            .clone(),
    );
    for limit in [
        "new_starts",
        "minimum",
        "load_max",
        "load_now",
        "paused_until",
        "available_from",
        "available_until",
    ] {
        worker.remove(limit);
    }
    let person = &mut input["people"][0];
    person["status"] = json!("ready");
    person["lat"] = json!(-41.37);
    person["lon"] = json!(174.83);
    if let Some(wishes) = person["wishes"].as_array_mut() {
        wishes.retain(|wish| wish["dimension"] != "shared_culture" && wish["dimension"] != "iwi");
    }
    let own = |concept: &str, coordinator: bool| json!({ "concept": concept, "direction": "share", "importance": 2, "consent_match": true, "consent_coordinator": coordinator });
    add(person, "experiences", own(lived[0], false));
    add(person, "experiences", own(lived[1], true));
    add(
        person,
        "identity",
        json!({ "system": "ethnicity", "code": "kanarie-own", "use_for_matching": true }),
    );
    add(person, "nominated_peers", json!({ "id": "kanarie-peer", "relation": "kanarie-relation" }));
    let worker = &mut input["workers"][0];
    worker["lat"] = json!(-40.63);
    worker["lon"] = json!(175.29);
    worker["supervision_due"] = json!("2031-03-07");
    add(worker, "styles", json!("kanarie-style"));
    add(worker, "experiences", json!({ "concept": lived[2], "consent_match": true }));
    add(
        worker,
        "experiences",
        json!({ "concept": lived[3], "consent_match": true, "consent_coordinator": true }),
    );
    add(worker, "not_now", json!(lived[4]));
    add(
        worker,
        "identity",
        json!({ "system": "ethnicity", "code": "kanarie-told", "consent_match": true }),
    );
    let apart = json!({ "a_id": input["people"][0]["id"], "b_id": input["workers"][7]["id"], "kind": "no_contact" });
    add(&mut input, "conflicts", apart);

    let staff: &[As] = &[As::Integrator, As::Coordinator, As::Person];
    let of_worker: &[As] = &[As::Integrator, As::Coordinator, As::Worker];
    let own: &[As] = &[As::Integrator, As::Person];
    let own_of_worker: &[As] = &[As::Integrator, As::Worker];
    // An auditor is told every score with what it comes from, and what a coordinator had read when a match was proposed.
    let auditor: &[(As, &str)] = &[
        (As::Auditor, "explainPair"),
        (As::Auditor, "readMatch"),
        (As::Auditor, "listMatches"),
        (As::Auditor, "readHistory"),
    ];
    let mut all = Vec::new();
    let mut plant = |mark: &str, what, may, but| {
        all.push(Planted { mark: mark.to_owned(), what, may, but });
    };
    for word in [lived[0].to_owned(), label(lived[0])] {
        plant(&word, "lived experience of the person", own, auditor);
    }
    for word in [lived[1].to_owned(), label(lived[1])] {
        plant(&word, "lived experience of the person, for coordinators", staff, auditor);
    }
    for word in [lived[2].to_owned(), label(lived[2])] {
        plant(&word, "lived experience of the worker", own_of_worker, auditor);
    }
    for word in [lived[3].to_owned(), label(lived[3])] {
        plant(&word, "lived experience of the worker, for coordinators", of_worker, auditor);
    }
    for word in [lived[4].to_owned(), label(lived[4])] {
        plant(&word, "a boundary of the worker", own_of_worker, auditor);
    }
    // Which codes there are is the service's list; that it holds one says nothing of anybody.
    let codes: &[(As, &str)] = &[(As::Coordinator, "listRecords"), (As::Auditor, "explainPair")];
    plant("kanarie-own", "culture of the person", own, codes);
    plant("Kanarie Own", "culture of the person", own, codes);
    plant("kanarie-told", "culture of the worker", own_of_worker, codes);
    plant("Kanarie Told", "culture of the worker", own_of_worker, codes);
    plant("kanarie-relation", "somebody of the person's own", staff, &[]);
    plant("174.83", "where the person lives", staff, &[]);
    plant("175.29", "where the worker lives", of_worker, &[]);
    plant("2031-03-07", "supervision of the worker", own_of_worker, &[]);
    plant(
        "no_contact",
        "why two are kept apart",
        &[As::Integrator],
        &[(As::Auditor, "explainPair")],
    );
    let offered = &[As::Integrator, As::Coordinator, As::Worker, As::Person, As::OtherPerson];
    plant("kanarie-birds", "what the worker says of themselves", offered, &[]);
    plant("kanarie-style", "the worker's own words", &EVERYBODY, &[]);
    // Once the person has said yes, which the story below comes to.
    let with_worker = &[As::Integrator, As::Coordinator, As::Person, As::Worker];
    plant("Kanarie Person", "name of the person", with_worker, &[]);
    plant("kanarie-telephone", "telephone of the person", staff, &[]);
    plant("Kanarie Worker", "name of the worker", with_worker, &[]);
    plant("kanarie-street", "address of the worker", of_worker, &[]);
    plant(
        "kanarie-because",
        "why a coordinator decided so",
        staff,
        &[(As::Auditor, "readMatch"), (As::Auditor, "listMatches")],
    );
    plant("kanarie-erased", "why somebody was erased", &[], &[]);
    plant("kanarie-password-1", "a password", &[], &[]);
    plant("kanarie-password-2", "a password that is wrong", &[], &[]);
    plant("kanarie-login", "the name of an account", &[As::Administrator], &[]);
    plant("kanarie-unknown", "a name that nobody signs in with", &[], &[]);
    plant("kanarie-label", "what a key is for", &[As::Administrator], &[]);
    (input, all)
}

/// Everybody who asks, with what lets them in.
struct World {
    keyed: Keyed,
    keys: Vec<(As, String)>,
    person: Person,
    other: Person,
    /// What stands for each parameter of a path.
    ids: Vec<(&'static str, String)>,
}

impl World {
    fn sign(&self, who: As, ask: Ask) -> Ask {
        match who {
            As::Person => self.person.sign(ask),
            As::OtherPerson => self.other.sign(ask),
            As::Nobody => ask,
            _ => {
                let key = self.keys.iter().find(|(is, _)| *is == who);
                ask.key(&key.unwrap().1)
            }
        }
    }

    async fn send(&self, who: As, ask: Ask) -> Answer {
        self.sign(who, ask).send(self.keyed.addr()).await
    }

    async fn done(&self, who: As, ask: Ask) -> Value {
        let answer = self.send(who, ask).await;
        assert!(answer.status < 300, "{}", answer.text());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

/// Lives through a match of the person and the worker, so that there is something of every kind to be read.
async fn world(input: &Value) -> (World, Vec<String>) {
    let keyed = Keyed::new().await;
    keyed.roster("main", input).await;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let (p, w) = (word(&input["people"][0]["id"]), word(&input["workers"][0]["id"]));
    let (other_p, other_w) = (word(&input["people"][1]["id"]), word(&input["workers"][1]["id"]));
    let mut keys = Vec::new();
    for (who, role, worker) in [
        (As::Integrator, Role::Integrator, None),
        (As::Coordinator, Role::Coordinator, None),
        (As::Auditor, Role::Auditor, None),
        (As::Administrator, Role::Administrator, None),
        (As::Worker, Role::PeerWorker, Some(("main", w.as_str()))),
        (As::OtherWorker, Role::PeerWorker, Some(("main", other_w.as_str()))),
    ] {
        keys.push((who, keyed.key(role, worker).await));
    }
    let at = |rest: &str| format!("/v1/rosters/main/{rest}");
    let name = |name: &str| json!({ "name": name });
    let sends = [
        (format!("people/{p}/name"), name("Kanarie Person")),
        (format!("workers/{w}/name"), name("Kanarie Worker")),
        (format!("people/{p}/contact"), json!({ "telephone": "kanarie-telephone" })),
        (format!("workers/{w}/contact"), json!({ "address": "kanarie-street" })),
        (format!("workers/{w}/own-words"), json!({ "words": "I like kanarie-birds." })),
    ];
    for (path, body) in sends {
        let done = keyed.by(&keyed.integrator, ask("PUT", &at(&path)).json(&body)).await;
        assert_eq!(done.status, 200, "{}", done.text());
    }
    let person = keyed.person("main", &p).await;
    // Until there is a choice for somebody.
    let other = keyed.person("main", &other_p).await;
    let mut secrets: Vec<String> = keys.iter().map(|(_, key)| key.clone()).collect();
    for one in [&person, &other] {
        secrets.extend([one.cookie.clone(), one.csrf.clone(), one.link.0.clone()]);
    }
    let mut world = World { keyed, keys, person, other, ids: Vec::new() };

    // Somebody signs in, and somebody fails to; a key is made.
    let account = json!({ "login": "kanarie-login", "password": "kanarie-password-1", "roles": ["coordinator"] });
    let account = world.done(As::Administrator, post("/v1/accounts", &account)).await;
    for (login, password) in [
        ("kanarie-login", "kanarie-password-1"),
        ("kanarie-login", "kanarie-password-2"),
        ("kanarie-unknown", "kanarie-password-2"),
    ] {
        let body = json!({ "login": login, "password": password });
        world.send(As::Nobody, post("/v1/sessions", &body)).await;
    }
    let key = json!({ "label": "kanarie-label", "roles": ["auditor"] });
    let key = world.done(As::Administrator, post("/v1/keys", &key)).await;

    // The two walk together.
    let pair = json!({ "person_id": p, "worker_id": w });
    let made = world.done(As::Coordinator, post(&at("matches"), &pair)).await;
    let id = word(&made["id"]);
    let step = |what: &str| at(&format!("matches/{id}/{what}"));
    let decision = json!({ "decision": "accept", "why": "kanarie-because" });
    world.done(As::Coordinator, post(&step("decision"), &decision)).await;
    world.done(As::Worker, post(&step("answer"), &json!({ "yes": true }))).await;
    let before = world.done(As::Worker, get(&at(&format!("matches/{id}")))).await;
    assert!(!before.to_string().contains("Kanarie Person"), "before the person's yes: {before}");
    let yes = post(&format!("/v1/my/matches/{id}/answer"), &json!({ "yes": true }));
    world.done(As::Person, yes).await;
    let said = json!({ "said": { "when": "first_meeting", "got_on": 4 } });
    world.done(As::Coordinator, ask("POST", &step("first-meeting"))).await;
    world.done(As::Person, post(&format!("/v1/my/matches/{id}/feedback"), &said)).await;
    // Two more are to be kept apart, and then are not.
    let apart = json!({ "a_id": input["people"][2]["id"], "b_id": other_w, "kind": "no_contact" });
    let made = world.done(As::Integrator, post(&at("records/conflicts"), &apart)).await;
    let gone = at(&format!("records/conflicts/{}", word(&made["id"])));
    world.done(As::Integrator, ask("DELETE", &gone)).await;
    // Somebody is erased.
    let gone = word(&input["people"][5]["id"]);
    let erase = post(&at(&format!("people/{gone}/erase")), &json!({ "why": "kanarie-erased" }));
    world.send(As::Integrator, erase).await;
    let run = world.done(As::Coordinator, ask("POST", &at("runs"))).await;
    let asked = json!({ "for": "all_waiting", "size": 3 });
    let menus = world.done(As::Coordinator, post(&at("menus"), &asked)).await;
    let menu = menus["menus"][0]["id"].as_str().expect("a menu for somebody").to_owned();
    let chooses = menus["menus"][0]["person_id"].as_str().expect("for whom").to_owned();
    world.other = world.keyed.person("main", &chooses).await;
    let other = &world.other;
    secrets.extend([other.cookie.clone(), other.csrf.clone(), other.link.0.clone()]);

    let leaving = json!({ "worker_ids": [input["workers"][2]["id"]] });
    let handover = world.done(As::Coordinator, post(&at("handovers"), &leaving)).await;

    world.ids = vec![
        ("roster", "main".to_owned()),
        ("person", p),
        ("worker", w),
        ("match", id),
        ("menu", menu),
        ("run", word(&run["id"])),
        ("handover", word(&handover["id"])),
        ("list", "conflicts".to_owned()),
        ("id", "1".to_owned()),
        ("key", word(&key["key"]["id"])),
        ("account", word(&account["id"])),
    ];
    (world, secrets)
}

/// The address of a route, with something for each parameter.
fn address(route: &Route, with: impl Fn(&str) -> String) -> String {
    let mut path = String::new();
    let mut rest = route.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').expect("braces in pairs");
        path.push_str(before);
        path.push_str(&with(name));
        rest = tail;
    }
    path + rest
}

/// Requests to a route that only read and are right, as far as the table can tell.
fn reading(world: &World, route: &Route) -> Vec<Ask> {
    if route.method != "GET" {
        return Vec::new();
    }
    let of = |name: &str| world.ids.iter().find(|(is, _)| *is == name).unwrap().1.clone();
    let mut paths = vec![address(route, of)];
    if route.path.contains("{list}") {
        let lists = ["services", "groups", "codes", "limits", "pins"];
        paths.extend(lists.map(|list| {
            address(route, |name| if name == "list" { list.to_owned() } else { of(name) })
        }));
    }
    for format in ["csv", "text"] {
        if route.id.starts_with("export") {
            paths.push(format!("{}?format={format}", paths[0]));
        }
    }
    paths.iter().map(|path| get(path)).collect()
}

/// Requests to a route with the mark in one part each; none of them is right.
fn wrong(world: &World, route: &Route) -> Vec<Ask> {
    let of = |name: &str| world.ids.iter().find(|(is, _)| *is == name).unwrap().1.clone();
    let method = route.method.as_str();
    let body = |request: Ask| {
        if route.bodies.is_empty() { request } else { request.json(&json!({ NAMED: SENT })) }
    };
    // What is not there, so that nothing is changed that others read.
    let main = |name: &str| name == "roster" && route.id != "removeRoster";
    let nowhere = |name: &str| if main(name) { "main".to_owned() } else { SENT.to_owned() };
    let mut all = vec![
        body(ask(method, &address(route, nowhere))),
        body(ask(method, &address(route, |_| SENT.to_owned()))),
        body(ask(method, &format!("{}?{SENT}={SENT}", address(route, nowhere)))),
    ];
    for param in route.params.iter().filter(|param| param.place == ParamIn::Query) {
        let path = if route.method == "GET" { address(route, of) } else { address(route, nowhere) };
        all.push(body(ask(method, &format!("{path}?{}={SENT}", param.name))));
    }
    if route.method == "GET" {
        let mut headers = ask(method, &address(route, of));
        for name in ["user-agent", "referer", "x-request-id", "if-none-match", "accept", "prefer"] {
            headers = headers.header(name, SENT);
        }
        all.push(headers);
    }
    for text in [
        format!("{{\"{SENT}"),
        SENT.to_owned(),
        json!([SENT]).to_string(),
        json!({ "id": SENT, "roster": SENT, "policy": SENT, "name": [SENT], "said": SENT, "roles": [SENT], "for": SENT, "decision": SENT })
            .to_string(),
    ] {
        let request = ask(method, &address(route, nowhere)).header("if-match", SENT);
        let request = request.header("idempotency-key", SENT).header("prefer", SENT);
        all.push(request.header("content-type", "application/json").body(text));
    }
    all.push(ask(method, &address(route, nowhere)).header("content-type", SENT).body(SENT));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mark_comes_out_where_it_may_not() {
    let log = Log::begin();
    let (input, planted) = planted();
    let (world, secrets) = world(&input).await;
    let mut faults: Vec<String> = Vec::new();
    let mut seen = vec![0_usize; planted.len()];
    let (mut read, mut refused) = (0, 0);
    for route in routes() {
        for who in EVERYBODY {
            let right = reading(&world, &route);
            let many = right.len();
            for (number, request) in right.into_iter().chain(wrong(&world, &route)).enumerate() {
                // A stream that never ends, and what would end the session of whoever asks.
                if route.id == "sign_out" || route.id == "open_link" && number < many {
                    continue;
                }
                let answer = world.send(who, request).await;
                let (text, status) = (String::from_utf8_lossy(&answer.body), answer.status);
                let head = format!("{:?}", answer.headers);
                if status >= 500 {
                    faults.push(format!("{} as {who:?}: {status} {text}", route.id));
                }
                if status < 300 {
                    read += 1;
                    for (planted, seen) in planted.iter().zip(&mut seen) {
                        if !holds(&text, &planted.mark) && !holds(&head, &planted.mark) {
                            continue;
                        }
                        *seen += 1;
                        // What the taxonomy and the documents are is everybody's.
                        let open = !route.path.contains("rosters") && !route.path.contains("/my/")
                            || route.id == "readTaxonomy";
                        let may = open && !planted.mark.contains("anarie")
                            || planted.may.contains(&who)
                            || planted.but.contains(&(who, route.id));
                        if !may {
                            let (what, mark) = (planted.what, &planted.mark);
                            faults.push(format!("{}: {who:?} reads {what} ({mark})", route.id));
                        }
                    }
                    continue;
                }
                refused += 1;
                for planted in &planted {
                    if holds(&text, &planted.mark) || holds(&head, &planted.mark) {
                        faults.push(format!(
                            "{}: a problem for {who:?} tells {}",
                            route.id, planted.what
                        ));
                    }
                }
                if text.contains(SENT) || head.contains(SENT) {
                    faults.push(format!(
                        "{}, request {number}: {status} repeats what was sent: {text}",
                        route.id
                    ));
                }
            }
        }
    }
    // What was planted is there: whoever may see it has seen it, unless nobody may.
    for one in planted.iter().filter(|one| !one.may.is_empty()) {
        let mut same = planted.iter().zip(&seen).filter(|(other, _)| other.what == one.what);
        if same.all(|(_, seen)| *seen == 0) {
            faults.push(format!("nobody reads {}", one.what));
        }
    }
    let figures = world.done_text(As::Auditor, "/metrics").await;
    let mut audit = String::new();
    let mut after = 0;
    loop {
        let store = &world.keyed.running.app.store;
        let rows = store.audit(ORGANISATION, &AuditFilter::default(), after, 500).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in &rows {
            audit.push_str(&serde_json::to_string(&row.entry).unwrap());
            audit.push('\n');
        }
    }
    let log = log.text();
    assert!(log.lines().count() > 1_000 && log.contains("answered"), "there is a log");
    assert!(audit.lines().count() > 20, "{}", audit.lines().count());
    assert!(figures.contains("peermatch_requests_total"), "{figures}");
    for (place, text) in [("log", &log), ("figures", &figures), ("audit", &audit)] {
        for mark in planted.iter().map(|planted| planted.mark.as_str()).chain([SENT, NAMED]) {
            if let Some(line) = text.lines().find(|line| holds(line, mark)) {
                faults.push(format!("the {place} tells {mark}: {line}"));
            }
        }
        for secret in &secrets {
            if text.contains(secret.as_str()) {
                faults.push(format!("the {place} tells a secret"));
            }
        }
    }
    println!("{read} answers read, {refused} refused, {} lines of log", log.lines().count());
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(read > 200 && refused > 2_000, "{read} {refused}");
}

impl World {
    async fn done_text(&self, who: As, path: &str) -> String {
        let answer = self.send(who, get(path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }
}

/// A page without what it offers to everybody alike: choices that nobody made, and its own address.
fn told(page: &str) -> String {
    let mut kept = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<option") {
        kept.push_str(before);
        let (option, after) = after.split_once("</option>").expect("an option ends");
        let (head, _) = option.split_once('>').expect("a tag ends");
        if head.ends_with(" selected") {
            kept.push_str(option);
        }
        rest = after;
    }
    kept.push_str(rest);
    let mut lines = String::with_capacity(kept.len());
    let mut rest = kept.as_str();
    while let Some((before, after)) = rest.split_once("<label class=\"check\">") {
        lines.push_str(before);
        let (label, after) = after.split_once("</label>").expect("a label ends");
        let (field, _) = label.split_once('>').expect("a tag ends");
        if field.contains(" checked") || !field.contains(" value=") || field.contains("form_token")
        {
            lines.push_str(label);
        }
        rest = after;
    }
    lines.push_str(rest);
    match lines.split_once("name=\"to\" value=\"") {
        Some((before, after)) => before.to_owned() + after.split_once('"').expect("a value ends").1,
        None => lines,
    }
}

/// Whether an address is one of a route.
fn leads(route: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap();
    route.split('/').count() == address.split('/').count()
        && route
            .split('/')
            .zip(address.split('/'))
            .all(|(is, part)| is == part || is.starts_with('{'))
}

/// Every page as everybody: those of the table with what the world holds, and whatever their links lead to.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_tells_a_mark() {
    let (input, planted) = planted();
    let (world, _) = world(&input).await;
    let mut faults: Vec<String> = Vec::new();
    let mut opened = std::collections::BTreeSet::new();
    let pages = page::routes();
    let of = |name: &str| {
        let id = world.ids.iter().find(|(is, _)| *is == name);
        id.map_or_else(|| SENT.to_owned(), |(_, id)| id.clone())
    };
    let (mut read, mut refused, mut seen) = (0, 0, 0);
    for who in EVERYBODY {
        let mut to_open: Vec<String> = Vec::new();
        for route in pages.iter().filter(|route| route.method == "GET") {
            let path = address(route, of);
            let asked: &[&str] = match route.id {
                "page_person" => &["", "?top=8", "?top=kanarie-sent"],
                "page_why" | "page_what_if" => &["?worker="],
                "page_compare" => &["", "?with="],
                "page_print_menu" => &["", "?large=true"],
                _ => &["", "?kanarie-sent=kanarie-sent"],
            };
            to_open.extend(asked.iter().map(|query| {
                let worker = if query.ends_with("er=") || query.ends_with("th=") {
                    of("worker")
                } else {
                    String::new()
                };
                format!("{path}{query}{worker}")
            }));
            to_open.push(address(route, |_| SENT.to_owned()));
        }
        let mut met: std::collections::BTreeSet<String> = to_open.iter().cloned().collect();
        while let Some(path) = to_open.pop() {
            let answer = world.send(who, get(&path)).await;
            let (text, head) = (answer.text(), format!("{:?}", answer.headers));
            if answer.status >= 500 {
                faults.push(format!("{path} as {who:?}: {} {text}", answer.status));
            }
            let shown = told(&text);
            for planted in &planted {
                if !holds(&shown, &planted.mark) && !holds(&head, &planted.mark) {
                    continue;
                }
                let code = planted.mark.to_lowercase().contains("kanarie")
                    && planted.but.contains(&(who, "listRecords"));
                let may = answer.status < 300 && (planted.may.contains(&who) || code);
                seen += 1;
                let in_title = shown.split_once("</title>").is_some_and(|(title, _)| {
                    holds(title, &planted.mark) && !planted.what.starts_with("name")
                });
                if !may || in_title || holds(&path, &planted.mark) {
                    faults
                        .push(format!("{path}: {who:?} reads {} ({})", planted.what, planted.mark));
                }
            }
            if answer.status >= 300 {
                refused += 1;
                if shown.contains(SENT) || head.contains(SENT) && answer.status != 303 {
                    faults.push(format!(
                        "{path} as {who:?}: {} repeats what was sent",
                        answer.status
                    ));
                }
                continue;
            }
            read += 1;
            let is = |route: &&Route| route.method == "GET" && leads(route.path, &path);
            opened.extend(pages.iter().find(is).map(|route| route.id));
            for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let link = link.split('#').next().unwrap().replace("&amp;", "&");
                if link.starts_with('/') && met.insert(link.clone()) {
                    to_open.push(link);
                }
            }
        }
        // Forms that are not as they should be.
        for route in pages.iter().filter(|route| route.method == "POST") {
            for path in [address(route, of), address(route, |_| SENT.to_owned())] {
                for body in [
                    "kanarie-sent=kanarie-sent",
                    "form_token=kanarie-sent&to=kanarie-sent",
                    "%ff=%fe&\0",
                ] {
                    // What would end the session of whoever asks, or be done.
                    if who != As::Nobody && !matches!(who, As::Person | As::OtherPerson)
                        || route.id == "page_sign_out"
                        || route.id == "page_language"
                    {
                        continue;
                    }
                    let form = ask("POST", &path)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .body(body);
                    let answer = world.keyed_form(who, form).await;
                    let (text, head) = (answer.text(), format!("{:?}", answer.headers));
                    if answer.status < 400 && answer.status != 303 || answer.status >= 500 {
                        faults.push(format!("{path} as {who:?}: {} {text}", answer.status));
                    }
                    let shown = told(&text);
                    if shown.contains(SENT) || head.contains(SENT) {
                        faults.push(format!(
                            "{path} as {who:?}: {} repeats what was sent",
                            answer.status
                        ));
                    }
                    for planted in &planted {
                        if holds(&shown, &planted.mark) || holds(&head, &planted.mark) {
                            faults.push(format!(
                                "{path}: a problem for {who:?} tells {}",
                                planted.what
                            ));
                        }
                    }
                    refused += 1;
                }
            }
        }
    }
    println!("{read} pages read, {refused} refused, marks seen where they may be {seen} times");
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // Every page was open to somebody.
    let shut: Vec<&str> = pages
        .iter()
        .filter(|route| route.method == "GET" && !opened.contains(route.id))
        .map(|route| route.id)
        .collect();
    // A list of rosters is shown where there are several.
    assert_eq!(shut, ["page_rosters"], "{opened:?}");
    assert!(read > 300 && refused > 300 && seen > 20, "{read} {refused} {seen}");
}

impl World {
    /// A form without the token of its page.
    async fn keyed_form(&self, who: As, form: Ask) -> Answer {
        let form = match who {
            As::Person => form.header("cookie", self.person.cookie.clone()),
            As::OtherPerson => form.header("cookie", self.other.cookie.clone()),
            _ => form,
        };
        form.header("sec-fetch-site", "same-origin").send(self.keyed.addr()).await
    }
}
