//! The stateless routes over a live socket: the bytes of the engine, jobs from their beginning to their end, and who may see them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, where a panic or a print is the report"
)]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use common::{Answer, ask, get, post, store};
use jiff::Timestamp;
use peermatch_formats::members::Bounds;
use peermatch_formats::write_roster_json;
use peermatch_server::app::Clock;
use peermatch_server::jobs::{End, Settings};
use peermatch_server::stateless::ask::Ask;
use peermatch_server::stateless::routes;
use peermatch_server::{Config, Limits, Principal, Running, Service};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{Spec, input};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A clock that is put forward by hand.
struct ByHand(AtomicI64);

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A service whose callers say who they are: `x-test-actor: ACTOR ORGANISATION`.
async fn started(jobs: Settings, limits: Limits, clock: Option<Arc<ByHand>>) -> Running {
    let mut config = Config { demo: true, jobs, limits, ..Config::new(store().await) };
    if let Some(clock) = clock {
        config.clock = clock;
    }
    let named = routes().into_iter().map(|mut route| {
        // Inside of the gate, so that it takes the place of whom the gate made sure of.
        route.handler =
            route.handler.layer(from_fn(|mut request: Request, next: Next| async move {
                let said =
                    request.headers().get("x-test-actor").and_then(|said| said.to_str().ok());
                if let Some((actor, organisation)) = said.and_then(|said| said.split_once(' ')) {
                    let (actor, organisation) = (actor.to_owned(), organisation.to_owned());
                    request.extensions_mut().insert(Principal {
                        actor,
                        organisation,
                        ..Principal::demo()
                    });
                }
                next.run(request).await
            }));
        route
    });
    Service::start_with(config, named.collect()).await.expect("it starts")
}

async fn service() -> Running {
    started(Settings::default(), Limits::default(), None).await
}

fn roster_of(spec: &Spec, seed: u64) -> Value {
    serde_json::from_slice(&write_roster_json(&input(spec, seed), None)).unwrap()
}

fn small() -> Value {
    roster_of(&Spec::SMALL.undecided(), 4)
}

/// A roster whose matching takes seconds where nothing is optimised.
fn large() -> Value {
    roster_of(&Spec::SERVICE.sized(2_500, 700), 1)
}

fn answer_of(what: Ask, body: &Value) -> Vec<u8> {
    let body = serde_json::to_vec(body).unwrap();
    match what.answer(&body, Bounds::default(), &Quiet) {
        Ok(bytes) => bytes,
        Err(End::Problem(problem)) => panic!("{problem:?}"),
        Err(End::Stopped) => panic!("nobody stopped it"),
    }
}

/// Every route with a right body.
fn right() -> Vec<(&'static str, Ask, Value)> {
    let roster = small();
    let (person, worker) = (&roster["people"][0]["id"], &roster["workers"][0]["id"]);
    let parse = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    let matching = parse(answer_of(Ask::Match, &json!({ "roster": roster })));
    let menu = parse(answer_of(Ask::Menu, &json!({ "roster": roster, "mode": "live" })));
    let mut menus = menu["menus"].as_array().unwrap().iter();
    let asked = menus.find(|menu| !menu["options"].as_array().unwrap().is_empty()).unwrap();
    vec![
        ("/v1/check", Ask::Check, json!({ "roster": roster })),
        ("/v1/match", Ask::Match, json!({ "roster": roster })),
        ("/v1/suggest", Ask::Suggest, json!({ "roster": roster, "person_id": person })),
        (
            "/v1/explain",
            Ask::Explain,
            json!({ "roster": roster, "person_id": person, "worker_id": worker }),
        ),
        ("/v1/menu", Ask::Menu, json!({ "roster": roster })),
        (
            "/v1/choose",
            Ask::Choose,
            json!({ "roster": roster, "menu": menu, "person_id": asked["person_id"], "answer": "none" }),
        ),
        ("/v1/verify", Ask::Verify, json!({ "roster": roster, "document": matching })),
        ("/v1/handover", Ask::Handover, json!({ "roster": roster, "leaving": [worker] })),
        ("/v1/compare", Ask::Compare, json!({ "roster": roster })),
        ("/v1/policies", Ask::Policy, json!({})),
    ]
}

async fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_mins(1);
    while !so() {
        assert!(Instant::now() < until, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asks for a job; its address.
async fn job(to: SocketAddr, path: &str, body: &Value, actor: &str) -> String {
    let answer = post(path, body)
        .header("prefer", "respond-async")
        .header("x-test-actor", actor)
        .send(to)
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.header("preference-applied"), Some("respond-async"));
    assert!(answer.header("retry-after").is_some());
    let location = answer.header("location").unwrap().to_owned();
    let body = answer.json();
    assert_eq!(body["job"], location);
    assert_eq!(body["keep_seconds"], 600);
    location
}

async fn told(to: SocketAddr, path: &str, actor: &str) -> Answer {
    get(path).header("x-test-actor", actor).send(to).await
}

/// Waits until a job is over; its body.
async fn over(to: SocketAddr, location: &str, actor: &str) -> Value {
    loop {
        let body = told(to, location, actor).await.json();
        if matches!(body["state"].as_str(), Some("done" | "failed")) {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const ANNA: &str = "key:anna north";
const BEN: &str = "key:ben north";
const CARL: &str = "key:anna south";

#[tokio::test(flavor = "multi_thread")]
async fn every_route_gives_the_bytes_of_the_engine() {
    let service = service().await;
    for (path, what, body) in right() {
        let answer = post(path, &body).send(service.addr).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.body, answer_of(what, &body), "{path}");
    }
    let lottery = json!({ "roster": roster_of(&Spec::SERVICE.sized(20, 10), 2), "seed": 3 });
    let answer = post("/v1/lottery", &lottery).send(service.addr).await;
    assert_eq!((answer.status, &answer.body), (200, &answer_of(Ask::Lottery, &lottery)));
    let policies = get("/v1/policies").send(service.addr).await.json();
    let shipped = post("/v1/policies", &json!({})).send(service.addr).await.json();
    assert_eq!(policies["shipped"], shipped);
    assert_eq!(policies["objectives"].as_array().unwrap().len(), 11);
    assert!(policies["objectives"].as_array().unwrap().iter().any(|o| o["draws"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_what_it_cannot_use() {
    let limits = Limits { body_bytes: 1 << 20, ..Limits::default() };
    let service = started(Settings::default(), limits, None).await;
    let to = service.addr;
    for (path, what, body) in right() {
        let mut wrong = body.clone();
        wrong["surprise"] = json!(1);
        let problem = post(path, &wrong).send(to).await.problem(422, "faults");
        assert_eq!(problem["errors"][0]["pointer"], "/surprise", "{path}");
        if what != Ask::Policy {
            let problem = post(path, &json!({})).send(to).await.problem(422, "faults");
            let pointers = problem["errors"].as_array().unwrap().iter();
            assert!(pointers.clone().any(|fault| fault["pointer"] == "/roster"), "{path}");
        }
        let text = body.to_string();
        let sent = |media: &str| ask("POST", path).header("content-type", media).body(text.clone());
        assert_eq!(sent("text/plain").send(to).await.status, 415, "{path}");
        assert_eq!(sent("application/json; charset=utf-16").send(to).await.status, 415, "{path}");
        assert_eq!(ask("POST", path).body(text.clone()).send(to).await.status, 415, "{path}");
        let json =
            |body: Vec<u8>| ask("POST", path).header("content-type", "application/json").body(body);
        assert_eq!(json(b"\xEF\xBB\xBF{}".to_vec()).send(to).await.status, 400, "{path}");
        assert_eq!(json(b"{\"roster\": NaN}".to_vec()).send(to).await.status, 400, "{path}");
        assert_eq!(json(Vec::new()).send(to).await.status, 400, "{path}");
        assert_eq!(json(vec![b' '; (1 << 20) + 1]).send(to).await.status, 413, "{path}");
        assert_eq!(get(path).send(to).await.status, if path == "/v1/policies" { 200 } else { 405 });
    }
    let mut changed = right().remove(6).2;
    changed["document"]["summary"]["matched"] = json!(99_999);
    post("/v1/verify", &changed).send(to).await.problem(422, "not_verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_from_queued_to_done_and_its_result_is_the_direct_answer() {
    let service = service().await;
    let to = service.addr;
    for (path, what, body) in right() {
        let location = job(to, path, &body, ANNA).await;
        let done = over(to, &location, ANNA).await;
        assert_eq!(done["state"], "done", "{path}: {done}");
        let created: Timestamp = done["created_at"].as_str().unwrap().parse().unwrap();
        let finished: Timestamp = done["finished_at"].as_str().unwrap().parse().unwrap();
        let kept: Timestamp = done["kept_until"].as_str().unwrap().parse().unwrap();
        assert!(created <= finished);
        assert_eq!(kept.as_second() - finished.as_second(), 600);
        let result = told(to, done["result"].as_str().unwrap(), ANNA).await;
        assert_eq!(result.status, 200);
        assert_eq!(result.body, answer_of(what, &body), "{path}");
        // Deleting it forgets the result.
        let gone = ask("DELETE", &location).header("x-test-actor", ANNA).send(to).await;
        assert_eq!((gone.status, gone.body.len()), (204, 0));
        told(to, &location, ANNA).await.problem(404, "not_found");
        told(to, &format!("{location}/result"), ANNA).await.problem(404, "not_found");
    }
    assert_eq!(service.app.jobs.load().listed, 0);
    assert_eq!(service.app.jobs.load().kept_bytes, 0);

    let wrong = json!({ "roster": small(), "person_id": "nobody" });
    let direct = post("/v1/suggest", &wrong).send(to).await;
    let location = job(to, "/v1/suggest", &wrong, ANNA).await;
    assert_eq!(over(to, &location, ANNA).await["state"], "failed");
    let result = told(to, &format!("{location}/result"), ANNA).await;
    result.problem(422, "faults");
    assert_eq!(result.body_without_id(), direct.body_without_id());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_becomes_a_job_unless_the_caller_waits() {
    let at_once = Settings { answer_within: Duration::ZERO, ..Settings::default() };
    let service = started(at_once, Limits::default(), None).await;
    let body = json!({ "roster": small() });
    let answer = post("/v1/match", &body).send(service.addr).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.header("preference-applied"), None);
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(get(&location).send(service.addr).await.json()["operation"], "match");
    let waited = post("/v1/match", &body).header("prefer", "wait=30").send(service.addr).await;
    assert_eq!(waited.status, 200);
    wait_for("the job ends", || service.app.jobs.load().running == 0).await;
    let result = get(&format!("{location}/result")).send(service.addr).await;
    assert_eq!(result.body, waited.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_others_are_not_there() {
    let service = service().await;
    let to = service.addr;
    let location = job(to, "/v1/match", &json!({ "roster": small() }), ANNA).await;
    assert_eq!(over(to, &location, ANNA).await["state"], "done");
    let missing = format!("/v1/jobs/{}", "0".repeat(32));
    for other in [BEN, CARL] {
        for (method, rest) in [("GET", ""), ("GET", "/result"), ("GET", "/events"), ("DELETE", "")]
        {
            let theirs = ask(method, &format!("{location}{rest}"));
            let theirs = theirs.header("x-test-actor", other).send(to).await;
            let nothing = ask(method, &format!("{missing}{rest}"));
            let nothing = nothing.header("x-test-actor", other).send(to).await;
            theirs.problem(404, "not_found");
            assert_eq!(theirs.body_without_id(), nothing.body_without_id());
            assert_eq!(theirs.body.len(), nothing.body.len());
        }
    }
    assert_eq!(told(to, &location, ANNA).await.status, 200);
}

/// Reads a stream of events to its end: names and bodies.
async fn events(to: SocketAddr, path: &str, actor: &str) -> Vec<(String, Value)> {
    let answer = told(to, path, actor).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let text = answer.text();
    let blocks = text.split("\n\n").filter(|block| block.contains("event:"));
    let events = blocks.map(|block| {
        let line = |name: &str| {
            let mut lines = block.lines();
            lines.find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
        };
        (line("event:"), serde_json::from_str(&line("data:")).unwrap())
    });
    events.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_as_it_comes_and_ends_with_the_job() {
    let service = service().await;
    let to = service.addr;
    let location = job(to, "/v1/match", &json!({ "roster": large() }), ANNA).await;
    let told = events(to, &format!("{location}/events"), ANNA).await;
    let (last, before) = told.split_last().unwrap();
    assert_eq!((last.0.as_str(), &last.1["state"]), ("done", &json!("done")));
    assert!(last.1["kept_until"].is_string());
    assert!(before.iter().all(|(name, _)| name == "progress"));
    let stages: Vec<&str> = before.iter().filter_map(|(_, body)| body["stage"].as_str()).collect();
    assert!(stages.contains(&"who can walk with whom"), "{stages:?}");
    // Whoever comes later is told the end at once.
    let late = events(to, &format!("{location}/events"), ANNA).await;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].0, "done");

    let location = job(to, "/v1/match", &json!({ "roster": large() }), ANNA).await;
    let (path, actor) = (format!("{location}/events"), ANNA);
    let listening = tokio::spawn(async move { events(to, &path, actor).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    get(&format!("{location}/result"))
        .header("x-test-actor", ANNA)
        .send(to)
        .await
        .problem(409, "not_finished");
    let gone = ask("DELETE", &location).header("x-test-actor", ANNA).send(to).await;
    assert_eq!(gone.status, 204);
    assert_eq!(listening.await.unwrap().last().unwrap().0, "cancelled");
    wait_for("the work stops", || service.app.jobs.load().running == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_caller_who_goes_away_stops() {
    let settings =
        Settings { workers: 1, answer_within: Duration::from_secs(30), ..Settings::default() };
    let service = started(settings, Limits::default(), None).await;
    let body = json!({ "roster": large() });
    let mut callers = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(service.addr).await.unwrap();
        stream.write_all(&post("/v1/compare", &body).bytes()).await.unwrap();
        callers.push(stream);
    }
    let load = || service.app.jobs.load();
    wait_for("one runs and two wait", || (load().running, load().queued) == (1, 2)).await;
    drop(callers);
    let began = Instant::now();
    wait_for("all stop", || (load().running, load().queued) == (0, 0)).await;
    println!("stopped after {} ms", began.elapsed().as_millis());
    assert_eq!(load().listed, 0);
    // The thread is free for others.
    let answer = post("/v1/check", &json!({ "roster": small() })).send(service.addr).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_at_once_is_told_to_come_again() {
    let settings =
        Settings { workers: 1, queued_max: 2, unfinished_each_max: 2, ..Settings::default() };
    let service = started(settings, Limits::default(), None).await;
    let to = service.addr;
    let body = json!({ "roster": large() });
    let mut held = Vec::new();
    for actor in [ANNA, ANNA, BEN] {
        held.push((job(to, "/v1/compare", &body, actor).await, actor));
        wait_for("the first runs", || service.app.jobs.load().running == 1).await;
    }
    let more = |actor: &'static str| post("/v1/check", &body).header("x-test-actor", actor);
    let full = more(CARL).send(to).await;
    full.problem(503, "busy");
    assert!(full.header("retry-after").is_some());
    let (location, actor) = held.remove(1);
    ask("DELETE", &location).header("x-test-actor", actor).send(to).await;
    // There is room again, but not for whoever has two unfinished.
    let location = job(to, "/v1/compare", &body, BEN).await;
    ask("DELETE", &held[1].0).header("x-test-actor", BEN).send(to).await;
    held.push((job(to, "/v1/compare", &body, BEN).await, BEN));
    ask("DELETE", &held[0].0).header("x-test-actor", ANNA).send(to).await;
    wait_for("the next runs", || service.app.jobs.load().queued == 1).await;
    let too_many = more(BEN).send(to).await;
    too_many.problem(429, "too_many_jobs");
    assert!(too_many.header("retry-after").is_some());
    for location in [location, held[2].0.clone()] {
        ask("DELETE", &location).header("x-test-actor", BEN).send(to).await;
    }
    wait_for("all stop", || service.app.jobs.load().running == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_kept_as_long_as_was_said_and_as_much_as_there_is_room() {
    let clock = Arc::new(ByHand(AtomicI64::new(1_790_000_000_000_000)));
    let body = json!({ "roster": small() });
    let size = answer_of(Ask::Match, &body).len();
    let settings =
        Settings { listed_max: 3, kept_bytes_max: size + size / 2, ..Settings::default() };
    let service = started(settings, Limits::default(), Some(Arc::clone(&clock))).await;
    let to = service.addr;
    let first = job(to, "/v1/match", &body, ANNA).await;
    assert_eq!(over(to, &first, ANNA).await["kept_until"], "2026-09-21T14:23:20Z");
    let second = job(to, "/v1/match", &body, ANNA).await;
    assert_eq!(over(to, &second, ANNA).await["state"], "failed");
    told(to, &format!("{second}/result"), ANNA).await.problem(503, "no_room");
    let third = job(to, "/v1/check", &body, ANNA).await;
    over(to, &third, ANNA).await;
    let full = post("/v1/match", &body).header("prefer", "respond-async").send(to).await;
    full.problem(503, "busy");
    // A direct answer needs no place on the list.
    assert_eq!(post("/v1/match", &body).send(to).await.status, 200);
    clock.0.fetch_add(599_999_999, Ordering::SeqCst);
    assert_eq!(told(to, &first, ANNA).await.status, 200);
    clock.0.fetch_add(1, Ordering::SeqCst);
    for location in [first, second, third] {
        told(to, &location, ANNA).await.problem(404, "not_found");
    }
    let load = service.app.jobs.load();
    assert_eq!((load.listed, load.kept_bytes), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_with_one_two_and_eight_threads() {
    let body = json!({ "roster": roster_of(&Spec::SERVICE, 3) });
    let mut answers = Vec::new();
    for threads in [1, 2, 8] {
        let settings =
            Settings { threads, answer_within: Duration::from_secs(30), ..Settings::default() };
        let service = started(settings, Limits::default(), None).await;
        let of = |path: &'static str| post(path, &body);
        let (matched, menu) =
            (of("/v1/match").send(service.addr).await, of("/v1/menu").send(service.addr).await);
        assert_eq!((matched.status, menu.status), (200, 200));
        answers.push((matched.body, menu.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_leaves_no_work_behind() {
    let service = service().await;
    let to = service.addr;
    let body = json!({ "roster": large() });
    for _ in 0..3 {
        job(to, "/v1/compare", &body, ANNA).await;
    }
    let app = service.app.clone();
    service.stop().await;
    assert_eq!(app.jobs.load().queued, 0);
    wait_for("what ran stops", || app.jobs.load().running == 0).await;
    assert!(
        TcpStream::connect(to).await.is_err() || {
            let mut stream = TcpStream::connect(to).await.unwrap();
            stream.write_all(&get("/v1/policies").bytes()).await.is_err()
                || stream.read(&mut [0; 1]).await.unwrap_or(0) == 0
        }
    );
}

/// Whether a value is what a schema of the table says.
fn says(schema: peermatch_server::table::SchemaOf, value: &Value) -> Result<(), String> {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let root = schema(&mut generator).to_value();
    let mut document = json!({ "$defs": generator.take_definitions(true) });
    document.as_object_mut().unwrap().extend(root.as_object().unwrap().clone());
    let validator = jsonschema::draft202012::new(&document).map_err(|error| error.to_string())?;
    let wrong: Vec<String> = validator
        .iter_errors(value)
        .take(3)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").chars().take(2_000).collect()) }
}

#[test]
fn the_table_says_what_goes_in_and_what_comes_out() {
    let table = routes();
    let mut seen = 0;
    for (path, what, body) in right() {
        let route =
            table.iter().find(|route| route.path == path && route.method == "POST").unwrap();
        assert_eq!(says(route.bodies[0].schema, &body), Ok(()), "body of {path}");
        let mut wrong = body.clone();
        wrong["surprise"] = json!(1);
        assert!(says(route.bodies[0].schema, &wrong).is_err(), "{path}");
        let answer: Value = serde_json::from_slice(&answer_of(what, &body)).unwrap();
        let ok = route.answers.iter().find(|answer| answer.status == 200).unwrap();
        assert_eq!(says(ok.body.unwrap().1, &answer), Ok(()), "answer of {path}");
        seen += 1;
    }
    assert_eq!(seen, 10);
    let mut ids: Vec<&str> = table.iter().map(|route| route.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), table.len(), "operations have one name each");
}
