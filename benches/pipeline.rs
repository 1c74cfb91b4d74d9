//! The stages of the main job, from bytes to a verified matching and its reasons, on the shipped 26-worker service and on larger
//! random rosters. `cargo bench --bench pipeline`.

use std::fs;
use std::path::Path;

use divan::Bencher;
use peermatch::engine::report::verify;
use peermatch::formats::{matching_json, read_pack_dir};
use peermatch::{
    Audience, Context, Policy, Quiet, Roster, document, explain, match_roster, read_roster, suggest,
};
use peermatch_testkit::rosters::{self, Spec};

fn main() {
    divan::main();
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/programmes/service/roster")
}

fn service() -> Roster {
    read_roster(&folder())
        .and_then(|loaded| loaded.check())
        .expect("the shipped service is a right one")
}

/// Bytes of the pack to raw input.
#[divan::bench]
fn service_read(bencher: Bencher<'_, '_>) {
    assert!(fs::metadata(folder()).is_ok());
    bencher.bench(|| read_pack_dir(&folder()).expect("a pack"));
}

/// Raw input to a checked roster.
#[divan::bench]
fn service_check(bencher: Bencher<'_, '_>) {
    let loaded = read_pack_dir(&folder()).expect("a pack");
    bencher.bench(|| loaded.check().expect("no faults"));
}

/// The engine time of a re-match: preparation, eligibility, scoring, solve and check; no words.
#[divan::bench]
fn service_match(bencher: Bencher<'_, '_>) {
    let roster = service();
    let policy = Policy::shipped();
    bencher.bench(|| {
        let cx = Context::new(&roster, &policy);
        match_roster(&cx, &Quiet).expect("feasible").decided().served()
    });
}

/// The document with who waits and why.
#[divan::bench]
fn service_document(bencher: Bencher<'_, '_>) {
    let roster = service();
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let run = match_roster(&cx, &Quiet).expect("feasible");
    bencher.bench(|| matching_json(&document(&run)));
}

/// An independent verification of that document.
#[divan::bench]
fn service_verify(bencher: Bencher<'_, '_>) {
    let roster = service();
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let document = document(&match_roster(&cx, &Quiet).expect("feasible"));
    bencher.bench(|| verify(&cx, &document).expect("verified").served());
}

/// Five suggestions for one person, explained.
#[divan::bench]
fn service_suggest(bencher: Bencher<'_, '_>) {
    let roster = service();
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let person = roster.find_user("P-031").expect("the person of the demo");
    bencher.bench(|| suggest(&cx, person, 5));
}

/// The same on larger random rosters (people, workers), for the ten who have waited longest: most of it is how firm each suggestion is.
#[divan::bench(args = [(1_000, 100), (10_000, 1_000)], max_time = 5)]
fn random_suggest_for_ten(bencher: Bencher<'_, '_>, (people, workers): (usize, usize)) {
    let mut spec = Spec::SERVICE;
    (spec.people, spec.workers, spec.areas) = (people, workers, workers / 20);
    let roster = rosters::roster(&spec, 1);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let people: Vec<_> = roster.waiting().take(10).collect();
    bencher.bench(|| people.iter().map(|&user| suggest(&cx, user, 5).available).sum::<usize>());
}

/// One pair explained to each audience.
#[divan::bench(args = [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator, Audience::Auditor])]
fn service_explain(bencher: Bencher<'_, '_>, audience: Audience) {
    let roster = service();
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let (person, worker) = (
        roster.find_user("P-031").expect("a person"),
        roster.find_worker("W-07").expect("a worker"),
    );
    bencher.bench(|| explain(&cx, audience, person, worker, None));
}

/// The engine time of a match on larger random rosters: people, workers.
#[divan::bench(args = [(1_000, 100), (10_000, 1_000)], max_time = 20)]
fn random_match(bencher: Bencher<'_, '_>, (people, workers): (usize, usize)) {
    let mut spec = Spec::SERVICE;
    (spec.people, spec.workers, spec.areas) = (people, workers, workers / 20);
    let roster = rosters::roster(&spec, 1);
    let policy = Policy::shipped();
    bencher.bench(|| {
        let cx = Context::new(&roster, &policy);
        match_roster(&cx, &Quiet).map(|run| run.problem().pairs().len()).ok()
    });
}
