//! Jobs by themselves: stopped wherever they are, never half done, and never more than was allowed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, where a panic or a print is the report"
)]

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use peermatch_formats::members::Bounds;
use peermatch_formats::write_roster_json;
use peermatch_server::Principal;
use peermatch_server::app::SystemClock;
use peermatch_server::jobs::{End, JobState, Jobs, Settings, Stages, Watched};
use peermatch_server::stateless::ask::Ask;
use peermatch_solve::{Quiet, Stage, Watch};
use peermatch_testkit::rosters::{Spec, input};
use serde_json::json;

/// Stops when it was asked for the `after`th time, and remembers when.
struct StopAfter {
    asked: Cell<u64>,
    after: u64,
    told: Cell<Option<Instant>>,
}

impl StopAfter {
    fn new(after: u64) -> Self {
        Self { asked: Cell::new(0), after, told: Cell::new(None) }
    }
    fn over(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        let over = self.asked.get() > self.after;
        if over && self.told.get().is_none() {
            self.told.set(Some(Instant::now()));
        }
        over
    }
}

impl Watch for StopAfter {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        if self.over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Stages for StopAfter {
    fn stage(&self, _: &'static str) -> Result<(), End> {
        if self.over() { Err(End::Stopped) } else { Ok(()) }
    }
}

#[test]
fn work_stopped_at_any_point_gives_nothing_or_the_whole() {
    let roster: serde_json::Value =
        serde_json::from_slice(&write_roster_json(&input(&Spec::SERVICE, 5), None)).unwrap();
    let worker = roster["workers"][0]["id"].clone();
    let asks = [
        (Ask::Match, json!({ "roster": roster })),
        (Ask::Match, json!({ "roster": roster, "objective": "leximin" })),
        (Ask::Menu, json!({ "roster": roster })),
        (Ask::Lottery, json!({ "roster": roster })),
        (Ask::Handover, json!({ "roster": roster, "leaving": [worker] })),
    ];
    // What stops has 250 ms; where nothing is optimised it takes a multiple of what it would.
    let most = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 250 });
    let (mut nothing, mut slowest, mut lot) = (0, Duration::ZERO, 7_u64);
    for (what, body) in asks {
        let body = serde_json::to_vec(&body).unwrap();
        let never = StopAfter::new(u64::MAX);
        let Ok(whole) = what.answer(&body, Bounds::default(), &never) else { panic!("{what:?}") };
        let calls = never.asked.get();
        assert!(calls >= 3, "{what:?} asks {calls} times");
        for _ in 0..20 {
            lot =
                lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let watch = StopAfter::new((lot >> 33) % calls);
            match what.answer(&body, Bounds::default(), &watch) {
                Err(End::Stopped) => nothing += 1,
                Ok(bytes) => assert_eq!(bytes, whole, "{what:?} stopped after {}", watch.after),
                Err(End::Problem(problem)) => panic!("{what:?}: {problem:?}"),
            }
            slowest = slowest.max(watch.told.get().map_or(Duration::ZERO, |told| told.elapsed()));
        }
    }
    println!("{nothing} of 100 gave nothing; the slowest stopped after {} ms", slowest.as_millis());
    assert!(nothing >= 80, "{nothing}");
    assert!(slowest <= most, "{slowest:?}");
}

fn jobs(settings: Settings) -> Jobs {
    Jobs::start(settings, Arc::new(SystemClock)).unwrap()
}

/// Works until it is stopped.
fn forever(watch: &Watched<'_>) -> Result<Vec<u8>, End> {
    let mut step = 0;
    loop {
        if watch.progress(Stage::Bidding, step, 10_000).is_break() {
            return Err(End::Stopped);
        }
        step += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_stops_soon_after_it_is_cancelled() {
    let jobs = jobs(Settings { workers: 2, ..Settings::default() });
    let who = Principal::demo();
    let mut slowest = Duration::ZERO;
    for round in 0..100_u64 {
        let job = jobs.submit(&who, "match", 10, Box::new(forever)).unwrap();
        assert!(jobs.list(&job).unwrap());
        // Some are cancelled while they wait, some while they run.
        tokio::time::sleep(Duration::from_micros(round * 97 % 5_000)).await;
        let began = Instant::now();
        jobs.cancel(&job);
        job.finished().await;
        assert_eq!(job.body().state, JobState::Cancelled);
        assert!(job.outcome().is_none());
        while jobs.load().running > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(began.elapsed() < Duration::from_secs(10), "it goes on");
        }
        slowest = slowest.max(began.elapsed());
        assert!(jobs.find(&who, job.id()).is_none());
    }
    println!("the slowest of 100 stopped after {} ms", slowest.as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_panics_fails_alone() {
    let jobs = jobs(Settings { workers: 1, ..Settings::default() });
    let who = Principal::demo();
    let broken = jobs.submit(&who, "match", 1, Box::new(|_| panic!("on purpose"))).unwrap();
    broken.finished().await;
    let problem = broken.outcome().unwrap().unwrap_err();
    assert_eq!((problem.status, problem.code.as_str()), (500, "internal"));
    assert!(!serde_json::to_string(&problem).unwrap().contains("purpose"));
    let next = jobs.submit(&who, "match", 1, Box::new(|_| Ok(b"x".to_vec()))).unwrap();
    next.finished().await;
    assert_eq!(next.outcome().unwrap().unwrap(), "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_too_long_is_told_so() {
    let jobs = jobs(Settings { run_max: Duration::from_millis(50), ..Settings::default() });
    let job = jobs.submit(&Principal::demo(), "match", 1, Box::new(forever)).unwrap();
    job.finished().await;
    let problem = job.outcome().unwrap().unwrap_err();
    assert_eq!((problem.status, problem.code.as_str()), (503, "time_limit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_holds_so_many_jobs_and_so_many_bytes() {
    let jobs = jobs(Settings {
        workers: 1,
        queued_max: 2,
        queued_bytes_max: 100,
        unfinished_each_max: 100,
        ..Settings::default()
    });
    let who = Principal::demo();
    let first = jobs.submit(&who, "match", 1_000, Box::new(forever));
    assert!(first.is_err(), "more bytes than the queue takes at all");
    let first = jobs.submit(&who, "match", 100, Box::new(forever)).unwrap();
    while jobs.load().running == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let second = jobs.submit(&who, "match", 60, Box::new(forever)).unwrap();
    assert_eq!(jobs.submit(&who, "match", 60, Box::new(forever)).unwrap_err().status, 503);
    let third = jobs.submit(&who, "match", 40, Box::new(forever)).unwrap();
    assert_eq!(jobs.submit(&who, "match", 0, Box::new(forever)).unwrap_err().status, 503);
    for job in [third, second, first] {
        jobs.cancel(&job);
    }
    // All the room is there again.
    while jobs.load().running > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let one = jobs.submit(
        &who,
        "match",
        100,
        Box::new(|watch| Quiet.stage("").and(watch.stage("x")).map(|()| Vec::new())),
    );
    one.unwrap().finished().await;
}

#[test]
fn closing_waits_for_whoever_waits_and_for_nobody_else() {
    let jobs = jobs(Settings { workers: 2, ..Settings::default() });
    let who = Principal::demo();
    let listed = jobs.submit(&who, "match", 1, Box::new(forever)).unwrap();
    assert!(jobs.list(&listed).unwrap());
    let waited = jobs
        .submit(
            &who,
            "check",
            1,
            Box::new(|_| {
                std::thread::sleep(Duration::from_millis(200));
                Ok(b"answer".to_vec())
            }),
        )
        .unwrap();
    jobs.close(Duration::from_secs(30));
    assert_eq!(waited.outcome().unwrap().unwrap(), "answer");
    assert_eq!(listed.body().state, JobState::Cancelled);
    assert!(jobs.submit(&who, "check", 1, Box::new(forever)).is_err());
}
