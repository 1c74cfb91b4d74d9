//! What the service acknowledged is kept, whatever happens to its process: the built command, killed while callers write over HTTP.
//!
//! CI kills it some ten times; `cargo test -p peermatch-cli --test service_durability -- --ignored` a thousand times.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test, where a panic is the report and what it counted is told"
)]

mod service;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use peermatch_server::Role;
use peermatch_store::chain::Walk;
use peermatch_store::sqlite::{Options, Sqlite};
use peermatch_store::{AuditFilter, AuditRow, Store};
use serde_json::{Value, json};
use service::{Service, add_key};

const ROLES: [Role; 4] = [Role::Administrator, Role::Integrator, Role::Coordinator, Role::Auditor];

/// Callers that write at once, each for people of its own.
const WRITERS: usize = 4;

/// How long to wait for a few writes before the service is killed all the same.
const WRITES_MAX: Duration = Duration::from_secs(20);

fn housing() -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/housing/roster.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A service on a file, with the shipped housing programme in a roster `r`; the ids of its people, and a key.
fn with_roster(folder: &Path) -> (Service, String, Vec<String>) {
    let data = folder.join("service.db");
    let key = add_key(&data, "org", &ROLES);
    let service = Service::start(folder, &["--data", data.to_str().unwrap()]).unwrap();
    let mut caller = service.caller(Some(&key));
    let roster = housing();
    let settings = json!({ "zone": roster["zone"], "as_of": roster["as_of"] });
    let made = caller.post("/v1/rosters", &json!({ "id": "r", "settings": settings })).unwrap();
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let taken = caller.post("/v1/rosters/r/import", &roster).unwrap();
    assert_eq!(taken.status, 200, "{}", String::from_utf8_lossy(&taken.body));
    let people = roster["people"].as_array().unwrap().iter();
    let people = people.map(|person| person["id"].as_str().unwrap().to_owned()).collect();
    (service, key, people)
}

/// What one writer knows of one person: the last number that was acknowledged, and the one that was under way when the service went away.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    acknowledged: u64,
    begun: u64,
}

/// Kills the service `kills` times while [`WRITERS`] callers write, and looks after each start whether everything acknowledged is there.
fn killed(kills: u32, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (service, key, people) = with_roster(folder.path());
    let data = folder.path().join("service.db");
    let mut known: BTreeMap<String, Known> =
        people.iter().map(|id| (id.clone(), Known::default())).collect();
    let mut writes_acknowledged = 0_u64;
    let mut cut_off = 0_u64;
    let mut requests: Vec<String> = Vec::new();
    let mut service = Some(service);
    for kill in 0..kills {
        let running = service.take().unwrap();
        // When to kill is drawn from the number of the kill: after some writes, and then anywhere within the next few. A slow machine kills later, not less well.
        let drawn = (seed + u64::from(kill)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let (writes, delay) = (drawn % 12, Duration::from_micros(drawn / 12 % 8_000));
        let acknowledged = AtomicU64::new(0);
        let numbers = AtomicU64::new(known.values().map(|known| known.begun).max().unwrap() + 1);
        let parts: Vec<Vec<String>> = (0..WRITERS)
            .map(|writer| people.iter().skip(writer).step_by(WRITERS).cloned().collect())
            .collect();
        let told: Vec<_> = std::thread::scope(|scope| {
            let writers: Vec<_> = parts
                .iter()
                .map(|people| {
                    let (numbers, acknowledged) = (&numbers, &acknowledged);
                    let (known, key) = (&known, &key);
                    let mut caller = running.caller(Some(key));
                    scope.spawn(move || {
                        let mut mine: BTreeMap<String, Known> =
                            people.iter().map(|id| (id.clone(), known[id])).collect();
                        let (mut count, mut requests) = (0, Vec::new());
                        for id in people.iter().cycle() {
                            let number = numbers.fetch_add(1, Ordering::Relaxed);
                            let of_person = mine.get_mut(id).unwrap();
                            of_person.begun = number;
                            let body = json!({ "name": format!("Name {number}") }).to_string();
                            let path = format!("/v1/rosters/r/people/{id}/name");
                            match caller.send("PUT", &path, &[], Some(body.as_bytes())) {
                                Ok(answer) => {
                                    let words = String::from_utf8_lossy(&answer.body);
                                    assert!(answer.status < 300, "{} {words}", answer.status);
                                    of_person.acknowledged = number;
                                    requests
                                        .extend(answer.header("x-request-id").map(str::to_owned));
                                    count += 1;
                                    acknowledged.fetch_add(1, Ordering::Relaxed);
                                }
                                Err(_) => return (mine, count, requests),
                            }
                        }
                        unreachable!("people go round and round")
                    })
                })
                .collect();
            let began = Instant::now();
            while acknowledged.load(Ordering::Relaxed) < writes && began.elapsed() < WRITES_MAX {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(delay);
            running.kill();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        for (mine, count, of_writer) in told {
            known.extend(mine);
            writes_acknowledged += count;
            requests.extend(of_writer);
        }
        let started = Service::start(folder.path(), &["--data", data.to_str().unwrap()]).unwrap();
        let mut caller = started.caller(Some(&key));
        for (id, known) in &mut known {
            let person = caller.get(&format!("/v1/rosters/r/people/{id}")).unwrap().json();
            let number = person["name"]
                .as_str()
                .map_or(0, |name| name.strip_prefix("Name ").unwrap().parse().unwrap());
            assert!(
                number == known.acknowledged || number == known.begun,
                "kill {kill}: {id} has {number}, {known:?}"
            );
            if known.begun != known.acknowledged {
                cut_off += 1;
            }
            // What was under way when the service went away was done whole or not at all; from here on that stands.
            *known = Known { acknowledged: number, begun: known.begun };
        }
        service = Some(started);
    }
    assert!(service.unwrap().stop().success());
    let audit = audit(&data);
    let mut told = BTreeMap::<&str, usize>::new();
    for row in &audit {
        *told.entry(row.entry.request_id.as_deref().unwrap_or_default()).or_default() += 1;
    }
    for request in &requests {
        assert_eq!(told.get(request.as_str()), Some(&1), "the audit of {request}");
    }
    assert_eq!(requests.len() as u64, writes_acknowledged);
    assert!(writes_acknowledged > u64::from(kills), "{writes_acknowledged} writes in all");
    assert!(cut_off > 0, "no kill hit a write");
    println!(
        "{kills} kills, {writes_acknowledged} writes acknowledged and kept, {cut_off} cut off; {} rows of the audit hold",
        audit.len()
    );
}

/// Every row of the audit, whose chain must hold.
fn audit(data: &Path) -> Vec<AuditRow> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(data, Options::default()).await.unwrap();
        let mut rows = Vec::<AuditRow>::new();
        loop {
            let after = rows.last().map_or(0, |row| row.seq);
            let more = store.audit("org", &AuditFilter::default(), after, 500).await.unwrap();
            if more.is_empty() {
                break;
            }
            rows.extend(more);
        }
        store.close().await;
        let mut walk = Walk::new("org");
        for row in &rows {
            walk.step(row).unwrap();
        }
        rows
    })
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    killed(12, 1);
}

#[test]
#[ignore = "a thousand kills take many minutes"]
fn what_was_acknowledged_is_there_after_a_thousand_kills() {
    killed(1_000, 2);
}

#[test]
fn a_file_that_is_damaged_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (service, _, _) = with_roster(folder.path());
    assert!(service.stop().success());
    let data = folder.path().join("service.db");
    let mut bytes = fs::read(&data).unwrap();
    // Tables start behind the first page, which holds what the file says of itself.
    for byte in bytes.iter_mut().skip(4_096).step_by(97) {
        *byte ^= 0x5a;
    }
    let refused = |bytes: &[u8], why: &str, code: i32| {
        fs::write(&data, bytes).unwrap();
        let start = Service::start(folder.path(), &["--data", data.to_str().unwrap()]);
        let (status, said) = start.err().expect("it does not start");
        assert_eq!(status.code(), Some(code), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    };
    refused(&bytes, "peermatch restore", 3);
    refused(
        b"this is a letter to somebody, and no store at all".as_slice(),
        "peermatch restore",
        3,
    );
}
