//! What a kept roster of a state's size takes: time and memory of each step from its stored records to suggestions with their costs.
//!
//! `cargo run --release --example kept_size` draws 60,000 people and 5,000 workers; `-- 10` draws a tenth of them. Memory is what the
//! system counts for the process, now and at its peak, and is told on Linux alone.

use std::time::Instant;

use peermatch::engine::choice::Costs;
use peermatch::engine::suggest::{Suggester, suggest};
use peermatch::model::raw::RosterInput;
use peermatch::model::roster::UserIx;
use peermatch::{Context, Policy, Quiet, match_roster};
use peermatch_testkit::rosters::{self, Spec};

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

/// The time of each call, in milliseconds: the median, nineteen of twenty, and the longest.
fn each<T>(what: &str, users: &[UserIx], mut run: impl FnMut(UserIx) -> T) {
    let mut times: Vec<f64> = users
        .iter()
        .map(|&user| {
            let start = Instant::now();
            std::hint::black_box(run(user));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let Some(last) = times.last() else { return };
    let (half, most) = (times[times.len() / 2], times[times.len() * 19 / 20]);
    println!("{what:<44} median {half:.2} ms, 95% {most:.2} ms, longest {last:.2} ms");
}

/// A roster as its stored records: one JSON text each.
fn records(spec: &Spec) -> String {
    serde_json::to_string(&rosters::input(spec, 1)).expect("a roster is written")
}

fn main() {
    let times = std::env::args().nth(1).and_then(|times| times.parse().ok()).unwrap_or(1);
    let spec = Spec::STATE.smaller(times);
    // Drawn in a process of its own: what drawing takes would hide what is measured.
    let file = std::env::temp_dir().join(format!("kept-size-{}.json", std::process::id()));
    if std::env::args().nth(2).as_deref() == Some("draw") {
        print!("{}", records(&spec));
        return;
    }
    let me = std::env::current_exe().expect("a running program has a file");
    let drawn = std::fs::File::create(&file).expect("a place for the drawn roster");
    let mut draw = std::process::Command::new(me);
    draw.args([times.to_string().as_str(), "draw"]).stdout(drawn);
    assert!(draw.status().expect("drawing starts").success(), "drawing succeeds");
    println!("{} people, {} workers; {}", spec.people, spec.workers, memory());

    let text = std::fs::read_to_string(&file).expect("the drawn roster");
    let _ = std::fs::remove_file(&file);
    println!("{} MB of JSON; {}", text.len() / 1_000_000, memory());
    let input: RosterInput =
        step("read", || serde_json::from_str(&text)).expect("a drawn roster is read");
    drop(text);
    println!("without the text: {}", memory());
    let roster = step("check", || rosters::check(&input));
    let policy = Policy::shipped();
    let cx = step("prepare", || Context::new(&roster, &policy));
    let users: Vec<UserIx> = roster.waiting().step_by(61).take(200).collect();
    let suggester = step("prepare suggestions", || Suggester::new(&cx));
    // The first of each asks for what is then kept.
    users.iter().take(20).for_each(|&user| drop(suggester.suggest(user, 5)));
    each("five suggestions", &users, |user| suggester.suggest(user, 5));
    each("the same, by walking all workers", &users, |user| suggest(&cx, user, 5));
    let run = step("match", || match_roster(&cx, &Quiet)).expect("a matching");
    let costs = step("costs of choices", || Costs::of_run(&run)).expect("the run is priced");
    let waiting: Vec<UserIx> = roster.waiting().collect();
    println!("{} are to be matched, {} are", waiting.len(), run.decided().served());
    suggester.suggest_with_costs(&costs, waiting[waiting.len() - 1], 5);
    each("five suggestions with costs", &users, |user| {
        suggester.suggest_with_costs(&costs, user, 5)
    });
    step("another roster beside it", || rosters::check(&input));
}
