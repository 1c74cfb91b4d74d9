//! Match a whole roster from Rust: read, check, solve, verify, explain.
//!
//! Run it with `cargo run --example match_roster` (or with the path of another roster).

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;
use std::path::PathBuf;

use peermatch::engine::report::{policy_of, verify};
use peermatch::{Audience, Context, Policy, Quiet, document, explain, match_roster, read_roster};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("examples/programmes/two-areas/roster"), PathBuf::from);

    // Every fault of the roster at once, with file, line and column, or a roster that can be relied on.
    let roster = read_roster(&path)?.check()?;
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);

    // Solved, and verified before anything can be read from it.
    let run = match_roster(&cx, &Quiet)?;
    let document = document(&run);
    println!("{} of {} people matched", document.summary.matched, document.summary.people);
    for waiting in &document.waiting {
        println!("{} waits: {} -> {}", waiting.person_id, waiting.words, waiting.next_steps[0]);
    }

    // Anybody with the roster can verify the document later; the solver is not asked.
    let stated = policy_of(&document)?;
    let again = Context::new(&roster, &stated);
    let decided = verify(&again, &document)?;
    println!("verified over {} eligible pairs", decided.proof().pairs_checked());

    // Why these two, told to the coordinator.
    if let Some(pair) = document.matches.iter().find(|m| m.fit.is_some()) {
        let user = roster.find_user(&pair.person_id).ok_or("no such person")?;
        let worker = roster.find_worker(&pair.worker_id).ok_or("no such worker")?;
        let told = explain(&again, Audience::Coordinator, user, worker, Some(&decided));
        println!("{}", serde_json::to_string_pretty(&told)?);
    }
    Ok(())
}
