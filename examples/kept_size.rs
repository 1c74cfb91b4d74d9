//! What a kept roster of a state's size takes: time and memory of each step from its stored records to suggestions with their costs.
//!
//! `cargo run --release --example kept_size` draws 60,000 people and 5,000 workers; `-- 10` draws a tenth of them. Memory is what the
//! system counts for the process, now and at its peak, and is told on Linux alone.

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use peermatch::engine::choice::Costs;
use peermatch::engine::hash::roster_hash;
use peermatch::engine::kept::{Book, Change, Entity, Match, Settings};
use peermatch::engine::suggest::{Suggester, suggest};
use peermatch::model::raw::{Field, Rows};
use peermatch::model::roster::UserIx;
use peermatch::{Context, Policy, Quiet, match_roster};
use peermatch_testkit::rosters::{self, AS_OF, Spec};

/// Megabytes that the process holds now, and held at most.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.map_or_else(|| "?".to_owned(), |kb| (kb / 1024).to_string())
    };
    format!("{} MB now, {} MB at most", of("VmRSS:"), of("VmHWM:"))
}

/// Says how long a step took and what the process holds after it.
fn step<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let made = run();
    println!("{what:<44} {:>9.1} ms   {}", start.elapsed().as_secs_f64() * 1e3, memory());
    made
}

/// The time of each call, in milliseconds: the median, nineteen of twenty, and the longest. Of each the best of three counts, so that
/// whatever else the machine does tells little.
fn each<T>(what: &str, users: &[UserIx], mut run: impl FnMut(UserIx) -> T) {
    let mut once = |user: UserIx| {
        let start = Instant::now();
        std::hint::black_box(run(user));
        start.elapsed().as_secs_f64() * 1e3
    };
    let best = |user: &UserIx| (0..3).map(|_| once(*user)).fold(f64::INFINITY, f64::min);
    let mut times: Vec<f64> = users.iter().map(best).collect();
    times.sort_by(f64::total_cmp);
    let Some(last) = times.last() else { return };
    let (half, most) = (times[times.len() / 2], times[times.len() * 19 / 20]);
    println!("{what:<44} median {half:.2} ms, 95% {most:.2} ms, longest {last:.2} ms");
}

/// The records of a drawn roster as a store keeps them, one a line: kind, id, JSON.
fn draw(spec: &Spec, file: &Path) {
    let mut input = rosters::input(spec, 1);
    let mut lines = std::io::BufWriter::new(File::create(file).expect("a place for the roster"));
    let mut put = |id: String, entity: Entity| {
        let (kind, id, body) = Change::put(id, entity).record();
        writeln!(lines, "{kind}\t{id}\t{}", body.unwrap_or_default()).expect("room for the roster");
    };
    put("settings".to_owned(), Entity::Settings(Settings::in_zone("Pacific/Auckland")));
    for row in taken(&mut input.services) {
        put(id(&row.id), Entity::Service(Box::new(row)));
    }
    for row in taken(&mut input.people) {
        put(id(&row.id), Entity::Person(Box::new(row)));
    }
    for row in taken(&mut input.workers) {
        put(id(&row.id), Entity::Worker(Box::new(row)));
    }
    for (place, row) in taken(&mut input.conflicts).into_iter().enumerate() {
        put(place.to_string(), Entity::Conflict(row));
    }
    for row in taken(&mut input.groups) {
        put(id(&row.id), Entity::Group(Box::new(row)));
    }
    for (place, row) in taken(&mut input.codes).into_iter().enumerate() {
        put(place.to_string(), Entity::Code(row));
    }
    for row in taken(&mut input.matches) {
        let made = Match::imported(&row, 0, "drawn").expect("a whole row");
        put(id(&row.id), Entity::Match(Box::new(made)));
    }
}

fn id(id: &Field<String>) -> String {
    id.given().expect("whatever is drawn has an id").clone()
}

/// The right rows of a list.
fn taken<T>(rows: &mut Rows<T>) -> Vec<T> {
    let Field::Given(rows) = std::mem::take(rows) else { return Vec::new() };
    let right = rows.into_iter().filter_map(|row| match row {
        Field::Given(row) => Some(row),
        _ => None,
    });
    right.collect()
}

fn main() {
    let times = std::env::args().nth(1).and_then(|times| times.parse().ok()).unwrap_or(1);
    let spec = Spec::STATE.smaller(times);
    // Drawn in a process of its own: what drawing takes would hide what is measured.
    if let Some(file) = std::env::args().nth(2) {
        return draw(&spec, Path::new(&file));
    }
    let file = std::env::temp_dir().join(format!("kept-size-{}", std::process::id()));
    let mut drawing = Command::new(std::env::current_exe().expect("a running program has a file"));
    drawing.arg(times.to_string()).arg(&file);
    assert!(drawing.status().expect("drawing starts").success(), "drawing succeeds");
    println!("{} people, {} workers; {}", spec.people, spec.workers, memory());

    let text = std::fs::read_to_string(&file).expect("the drawn roster");
    let _ = std::fs::remove_file(&file);
    println!("{} records, {} MB; {}", text.lines().count(), text.len() / 1_000_000, memory());
    let mut book = step("read the records", || {
        let records = text.lines().filter_map(|line| {
            let mut parts = line.splitn(3, '\t');
            Some((parts.next()?, parts.next()?, parts.next()?))
        });
        Book::from_records(records).expect("drawn records are read")
    });
    drop(text);
    println!("without their text: {}", memory());
    let roster = step("check", || rosters::check(book.input(AS_OF)));
    let policy = Policy::shipped();
    step("hash", || roster_hash(&roster));
    let cx = step("prepare", || Context::new(&roster, &policy));
    let suggester = step("prepare suggestions", || Suggester::new(&cx));
    let users: Vec<UserIx> = roster.waiting().step_by(61).take(200).collect();
    // Whoever is the first to ask about so many things waits for what is then kept.
    users.iter().take(20).for_each(|&user| drop(suggester.suggest(user, 5)));
    each("five suggestions", &users, |user| suggester.suggest(user, 5));
    each("the same, by walking all workers", &users, |user| suggest(&cx, user, 5));
    let run = step("match", || match_roster(&cx, &Quiet)).expect("a matching");
    let costs = step("costs of choices", || Costs::of_run(&run)).expect("the run is priced");
    println!("{} are to be matched, {} are", roster.waiting().count(), run.decided().served());
    users.iter().take(20).for_each(|&user| {
        drop(suggester.suggest_with_costs(&costs, user, 5));
    });
    each("five suggestions with costs", &users, |user| {
        suggester.suggest_with_costs(&costs, user, 5)
    });
    let other = step("another state beside it", || rosters::check(book.input(AS_OF)));
    let cx = Context::new(&other, &policy);
    let run = step("and its matching", || match_roster(&cx, &Quiet)).expect("a matching");
    let costs = step("and its costs", || Costs::of_run(&run));
    assert!(costs.is_some(), "the run is priced");
}
