//! Suggestions for one person from Rust, as a case system would ask for them.
//!
//! Run it with `cargo run --example suggestions` (or with the path of a roster and a person's id).

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;
use std::path::PathBuf;

use peermatch::{Context, Policy, read_roster, suggest};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let path = args
        .next()
        .map_or_else(|| PathBuf::from("examples/programmes/service/roster"), PathBuf::from);
    let person =
        args.next().and_then(|id| id.into_string().ok()).unwrap_or_else(|| "P-031".to_owned());

    let roster = read_roster(&path)?.check()?;
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let user = roster.find_user(&person).ok_or("no such person")?;

    let found = suggest(&cx, user, 3);
    println!(
        "{} of {} workers who could walk alongside {person}:",
        found.workers.len(),
        found.available
    );
    for worker in &found.workers {
        println!("{}: meets {} % of what was asked", worker.worker_id, worker.fit / 10_000);
        for bar in &worker.bars {
            println!(
                "   {} of {} millionths: {}",
                bar.points,
                bar.points_max,
                bar.words.as_deref().unwrap_or(&bar.criterion)
            );
        }
        if let Some(caution) = &worker.caution {
            println!("   mind: {caution}");
        }
    }
    Ok(())
}
