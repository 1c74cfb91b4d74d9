//! What the service carries, measured from outside: `cargo bench -p peermatch-cli --bench load`.
//!
//! Draws a state (5,000 workers, 60,000 people), sends it to a service over HTTP as a case system would, restarts the service on the same file, and then
//! asks it for suggestions at fixed rates. Requests are sent at the times that the rate says, whether or not earlier ones are answered, and each
//! latency counts from the time at which its request *should* have gone out: a service that stands still for a second is charged for everybody who
//! would have come in that second. The caller runs on the same machine, so its own work is part of the figures.
//!
//! Options behind `--`: `--people N`, `--workers N`, `--rates 50,200`, `--seconds 30`, `--top 5`, `--connections 64`, `--strict` (fail beyond what is promised).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers: a panic is the report"
)]

#[path = "../tests/service/mod.rs"]
mod service;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use peermatch_server::Role;
use peermatch_testkit::rosters::{self, Spec};
use serde_json::{Value, json};
use service::{Caller, Service};

/// What is promised: seconds to take a roster in, seconds from a start to ready, milliseconds for 95 of 100 suggestions at the first rate, memory.
const IMPORT_MAX: Duration = Duration::from_secs(20);
const READY_MAX: Duration = Duration::from_secs(5);
const P95_MAX: Duration = Duration::from_millis(20);
const MEMORY_MAX: u64 = 1 << 30;
/// Of the page of somebody who waits: so many are opened a second, milliseconds for 95 of 100, bytes as they are sent.
const PAGES: usize = 20;
const PAGE_P95_MAX: Duration = Duration::from_millis(100);
const PAGE_BYTES_MAX: usize = 150_000;

struct Options {
    people: usize,
    workers: usize,
    rates: Vec<usize>,
    seconds: usize,
    top: usize,
    connections: usize,
    strict: bool,
}

impl Options {
    /// `None` where this is run by `cargo test`, which is told to build benches only.
    fn read() -> Option<Self> {
        let mut options = Self {
            people: Spec::STATE.people,
            workers: Spec::STATE.workers,
            rates: vec![50, 200],
            seconds: 30,
            top: 5,
            connections: 64,
            strict: false,
        };
        let mut bench = false;
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().unwrap_or_else(|| panic!("{arg} needs a value"));
            match arg.as_str() {
                "--bench" => bench = true,
                "--strict" => options.strict = true,
                "--people" => options.people = value().parse().unwrap(),
                "--workers" => options.workers = value().parse().unwrap(),
                "--seconds" => options.seconds = value().parse().unwrap(),
                "--top" => options.top = value().parse().unwrap(),
                "--connections" => options.connections = value().parse().unwrap(),
                "--rates" => {
                    options.rates = value().split(',').map(|rate| rate.parse().unwrap()).collect();
                }
                other => panic!("what is {other}?"),
            }
        }
        bench.then_some(options)
    }
}

/// What came of one rate.
struct Load {
    latencies: Vec<Duration>,
    errors: Vec<String>,
    took: Duration,
}

impl Load {
    fn at(&self, percent: usize) -> Duration {
        let index = (self.latencies.len() * percent).div_ceil(100).max(1) - 1;
        self.latencies.get(index).copied().unwrap_or_default()
    }
}

/// Sends `rate * seconds` requests at their times; `path` says what the n-th asks for.
fn load(
    callers: impl Fn() -> Caller + Sync,
    connections: usize,
    rate: usize,
    seconds: usize,
    path: impl Fn(usize) -> String + Sync,
) -> Load {
    let next = AtomicUsize::new(0);
    let began = Instant::now() + Duration::from_millis(100);
    let (latencies, errors): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut caller = callers();
                    let (mut latencies, mut errors) = (Vec::new(), Vec::new());
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= rate * seconds {
                            return (latencies, errors);
                        }
                        let nanos = u64::try_from(n).unwrap() * 1_000_000_000
                            / u64::try_from(rate).unwrap();
                        let due = began + Duration::from_nanos(nanos);
                        std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        match caller.get(&path(n)) {
                            Ok(answer) if answer.status == 200 => latencies.push(due.elapsed()),
                            Ok(answer) => errors.push(format!(
                                "{} {}",
                                answer.status,
                                String::from_utf8_lossy(&answer.body)
                            )),
                            Err(error) => errors.push(error.to_string()),
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).unzip()
    });
    let took = began.elapsed();
    let mut latencies: Vec<Duration> = latencies.concat();
    latencies.sort_unstable();
    Load { latencies, errors: errors.concat(), took }
}

fn mib(bytes: u64) -> u64 {
    bytes >> 20
}

fn main() {
    let Some(options) = Options::read() else { return };
    let mut broken = Vec::new();
    let mut promise = |held: bool, words: String| {
        println!("{words}{}", if held { "" } else { "  <- more than promised" });
        if !held {
            broken.push(words);
        }
    };

    let mut spec = Spec::STATE.sized(options.people, options.workers);
    spec.areas = (Spec::STATE.areas * options.workers / Spec::STATE.workers).max(1);
    let input = rosters::input(&spec, 7);
    let document = serde_json::to_vec(&input).unwrap();
    drop(input);
    // Whoever asks for suggestions asks for somebody who waits.
    let roster: Value = serde_json::from_slice(&document).unwrap();
    let waiting: Vec<String> = roster["people"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|person| person["status"] == "ready")
        .map(|person| person["id"].as_str().unwrap().to_owned())
        .collect();
    let zone = roster["zone"].clone();
    drop(roster);
    println!(
        "{} people ({} of them ready), {} workers; {} MiB of JSON",
        options.people,
        waiting.len(),
        options.workers,
        mib(document.len() as u64)
    );

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service.db");
    let key =
        service::add_key(&data, "org", &[Role::Administrator, Role::Integrator, Role::Coordinator]);
    let data = data.to_str().unwrap();
    let service = Service::start(folder.path(), &["--data", data]).unwrap();
    let mut caller = service.caller(Some(&key));
    let settings = json!({ "zone": zone, "as_of": rosters::AS_OF.to_string() });
    let made = caller.post("/v1/rosters", &json!({ "id": "state", "settings": settings })).unwrap();
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let began = Instant::now();
    let taken = caller.send("POST", "/v1/rosters/state/import", &[], Some(&document)).unwrap();
    let took = began.elapsed();
    assert!(taken.status < 300, "{} {}", taken.status, String::from_utf8_lossy(&taken.body));
    promise(took <= IMPORT_MAX, format!("import over HTTP: {:.1} s", took.as_secs_f64()));
    println!("memory at most, importing: {} MiB", mib(service.memory_peak().unwrap_or(0)));
    drop(document);
    assert!(service.stop().success());

    let service = Service::start(folder.path(), &["--data", data]).unwrap();
    let ready = service.ready_after;
    promise(ready <= READY_MAX, format!("from start to ready: {:.1} s", ready.as_secs_f64()));

    let path = |n: usize| {
        // Neighbours in the file are neighbours in the country: go round in great strides.
        let person = &waiting[n * 7_919 % waiting.len()];
        format!("/v1/rosters/state/people/{person}/suggestions?top={}", options.top)
    };
    for (index, &rate) in options.rates.iter().enumerate() {
        let load =
            load(|| service.caller(Some(&key)), options.connections, rate, options.seconds, path);
        let words = format!(
            "{rate} suggestions a second for {} s: {} answered, {} errors; p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; done after {:.1} s",
            options.seconds,
            load.latencies.len(),
            load.errors.len(),
            load.at(50).as_secs_f64() * 1e3,
            load.at(95).as_secs_f64() * 1e3,
            load.at(99).as_secs_f64() * 1e3,
            load.at(100).as_secs_f64() * 1e3,
            load.took.as_secs_f64(),
        );
        promise(load.errors.is_empty() && (index > 0 || load.at(95) <= P95_MAX), words);
        for error in load.errors.iter().take(3) {
            println!("  {error}");
        }
    }
    // The page that a coordinator opens for them.
    let page = |n: usize| format!("/rosters/state/people/{}", waiting[n * 7_919 % waiting.len()]);
    let opened =
        load(|| service.caller(Some(&key)), options.connections, PAGES, options.seconds, page);
    promise(
        opened.errors.is_empty() && opened.at(95) <= PAGE_P95_MAX,
        format!(
            "{PAGES} pages of people a second for {} s: {} answered, {} errors; p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
            options.seconds,
            opened.latencies.len(),
            opened.errors.len(),
            opened.at(50).as_secs_f64() * 1e3,
            opened.at(95).as_secs_f64() * 1e3,
            opened.at(99).as_secs_f64() * 1e3,
        ),
    );
    for error in opened.errors.iter().take(3) {
        println!("  {error}");
    }
    let mut caller = service.caller(Some(&key));
    let heaviest = (0..50).map(|n| caller.get(&page(n)).unwrap().body.len()).max().unwrap();
    let around: usize =
        ["/look.css", "/page.js"].iter().map(|path| caller.get(path).unwrap().body.len()).sum();
    promise(
        heaviest + around <= PAGE_BYTES_MAX,
        format!(
            "the heaviest of 50 of them: {heaviest} bytes, with {around} of stylesheet and script, none of it compressed"
        ),
    );
    // The same while somebody changes one record after another: each makes another state of the whole roster.
    let rate = options.rates[0];
    let over = AtomicBool::new(false);
    let (load, mut writes) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut caller = service.caller(Some(&key));
            let mut writes = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let person = format!("/v1/rosters/state/people/{}", waiting[writes.len()]);
                let minutes = json!({ "max_travel_min": 20 + writes.len() % 50 }).to_string();
                let began = Instant::now();
                let answer = caller.send("PATCH", &person, &[], Some(minutes.as_bytes())).unwrap();
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                writes.push(began.elapsed());
                std::thread::sleep(Duration::from_secs(1));
            }
            writes
        });
        let load =
            load(|| service.caller(Some(&key)), options.connections, rate, options.seconds, path);
        over.store(true, Ordering::Relaxed);
        (load, writing.join().unwrap())
    });
    writes.sort_unstable();
    println!(
        "{rate} a second while one record after another is changed, a second between: {} answered, {} errors; p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms; {} changes, median {:.2} s",
        load.latencies.len(),
        load.errors.len(),
        load.at(50).as_secs_f64() * 1e3,
        load.at(95).as_secs_f64() * 1e3,
        load.at(99).as_secs_f64() * 1e3,
        writes.len(),
        writes[writes.len() / 2].as_secs_f64(),
    );
    let memory = service.memory_peak().unwrap_or(0);
    promise(
        memory <= MEMORY_MAX,
        format!("memory at most, since the restart: {} MiB", mib(memory)),
    );
    assert!(service.stop().success());
    assert!(broken.is_empty() || !options.strict, "beyond what is promised: {broken:#?}");
}
