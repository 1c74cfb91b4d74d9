//! `solve`, and `verify` on raw problems: scored edges and capacities instead of people.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Instant;

use peermatch_assignment::{Left, Obstacle, Rejection, Right, check, check_infeasible};
use peermatch_formats::edges::{self, RawProblem, RawStats};
use peermatch_formats::loaded::read_file;
use peermatch_solve::{Outcome, best_total};

use crate::exit::{DONE, Stop};
use crate::files::{not_an_input, write_whole};
use crate::limits;
use crate::out;
use crate::progress::Bar;

/// The most ids that one sentence names; the rest is counted.
const NAMED_MAX: usize = 10;

/// What is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Coverage {
    /// The largest total score; whoever has no place is worth 0.
    #[default]
    Total,
    /// As many lefts as can be, then the largest total score.
    Most,
}

impl From<Coverage> for edges::Coverage {
    fn from(coverage: Coverage) -> Self {
        match coverage {
            Coverage::Total => Self::Total,
            Coverage::Most => Self::Most,
        }
    }
}

/// Solve a raw problem: scored edges and capacities in, a proven best matching out.
///
/// Edges are CSV `left,right,score` (ids are any text, scores 0 to 1000000), capacities `right,capacity[,minimum]`. Each left gets
/// at most one right. The certificate (a price per right) is checked before anything is written; `peermatch verify` checks it
/// again from the files. Without --out the matching goes to standard output.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example: peermatch solve --edges edges.csv --capacities capacities.csv --out matching.csv --certificate prices.csv"
)]
pub(crate) struct SolveArgs {
    /// The edges: CSV left,right,score.
    #[arg(long, value_name = "FILE")]
    edges: PathBuf,
    /// The capacities: CSV right,capacity[,minimum].
    #[arg(long, value_name = "FILE")]
    capacities: PathBuf,
    /// What is best.
    #[arg(long, value_enum, default_value_t)]
    coverage: Coverage,
    /// Where the matching goes: CSV left,right for the assigned (default: standard output).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where the certificate goes: CSV right,price.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where sizes and times go: JSON.
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,
}

/// The arguments of `verify` for a raw problem: all four files or none.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VerifyArgs {
    /// A raw problem's edges: CSV left,right,score.
    #[arg(long, value_name = "FILE", requires_all = ["capacities", "matching", "certificate"])]
    edges: Option<PathBuf>,
    /// Its capacities: CSV right,capacity[,minimum].
    #[arg(long, value_name = "FILE", requires = "edges")]
    capacities: Option<PathBuf>,
    /// The matching to check: CSV left,right.
    #[arg(long, value_name = "FILE", requires = "edges")]
    matching: Option<PathBuf>,
    /// The certificate that should prove it: CSV right,price.
    #[arg(long, value_name = "FILE", requires = "edges")]
    certificate: Option<PathBuf>,
    /// What was asked for (default: whichever the proof is of).
    #[arg(long, value_enum, requires = "edges")]
    coverage: Option<Coverage>,
}

/// Reads both files of a raw problem; every fault at once.
fn read(edges: &Path, capacities: &Path, coverage: Coverage) -> Result<RawProblem, Stop> {
    let (edges_bytes, capacities_bytes) = (read_file(edges), read_file(capacities));
    let (edges_bytes, capacities_bytes) = match (edges_bytes, capacities_bytes) {
        (Ok(edges), Ok(capacities)) => (edges, capacities),
        (Err(mut faults), Err(others)) => {
            faults.extend(others);
            return Err(faults.into());
        }
        (Err(faults), _) | (_, Err(faults)) => return Err(faults.into()),
    };
    let names = (edges.display().to_string(), capacities.display().to_string());
    Ok(edges::read_raw((&names.0, &edges_bytes), (&names.1, &capacities_bytes), coverage.into())?)
}

/// Solves, checks, and only then writes.
pub(crate) fn solve(args: &SolveArgs) -> Result<u8, Stop> {
    let outputs = [&args.out, &args.certificate, &args.stats];
    let outputs: Vec<&Path> = outputs.into_iter().flatten().map(PathBuf::as_path).collect();
    not_an_input(&outputs, &[&args.edges, &args.capacities])?;
    let bar = Bar::new();
    bar.say("reading");
    let start = Instant::now();
    let raw = read(&args.edges, &args.capacities, args.coverage)?;
    let read_s = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let outcome = best_total(raw.problem(), &bar);
    let solve_s = start.elapsed().as_secs_f64();

    bar.say("checking");
    let start = Instant::now();
    let problem = raw.problem();
    let mut stats = RawStats {
        lefts: raw.lefts().len(),
        rights: raw.rights().len(),
        edges: raw.edges(),
        assigned: None,
        objective: None,
        status: "infeasible",
        read_s,
        solve_s,
        verify_s: 0.0,
        peak_rss_mib: None,
        more: None,
    };
    match outcome {
        Outcome::Optimal(found) => {
            let verified = check(problem.frame(), problem.pairs(), &found.matching, &found.prices)
                .map_err(|why| defect(&raw, &why))?;
            stats.verify_s = start.elapsed().as_secs_f64();
            stats.assigned = Some(verified.assigned());
            stats.objective = Some(raw.score(verified.matching()));
            stats.status = "optimal";
            stats.peak_rss_mib = peak_rss_mib();
            drop(bar);
            let matching = edges::write_matching(&raw, verified.matching());
            if let Some(path) = &args.certificate {
                write_whole(path, &edges::write_certificate(&raw, verified.prices()))?;
            }
            write_stats(args, &stats)?;
            let summary = format!(
                "{} of {} {} a place at {}; total score {}. Proven best over {}.",
                verified.assigned(),
                counted(stats.lefts, "left"),
                if stats.lefts == 1 { "has" } else { "have" },
                counted(stats.rights, "right"),
                raw.score(verified.matching()),
                counted(stats.edges, "edge")
            );
            if let Some(path) = &args.out {
                write_whole(path, &matching)?;
                out::result(&(summary + "\n"))?;
            } else {
                out::result(&String::from_utf8_lossy(&matching))?;
                out::note(&summary);
            }
            Ok(DONE)
        }
        Outcome::Infeasible(prices) => {
            let proof = check_infeasible(problem.frame(), problem.pairs(), &prices)
                .map_err(|why| defect(&raw, &why))?;
            stats.verify_s = start.elapsed().as_secs_f64();
            stats.peak_rss_mib = peak_rss_mib();
            drop(bar);
            write_stats(args, &stats)?;
            Err(Stop::infeasible(obstacle_words(&raw, proof.obstacle())))
        }
        Outcome::Cancelled => Err(limits::stopped()),
    }
}

fn write_stats(args: &SolveArgs, stats: &RawStats) -> Result<(), Stop> {
    match &args.stats {
        Some(path) => write_whole(path, &edges::write_stats(stats)),
        None => Ok(()),
    }
}

/// The solver's own result did not pass.
fn defect(raw: &RawProblem, why: &Rejection) -> Stop {
    Stop::check_failed(format!(
        "the result did not pass its check, so nothing was written; please report this: {}",
        rejection_words(raw, why)
    ))
}

/// Checks a matching and its certificate against the files of a raw problem.
pub(crate) fn verify(args: &VerifyArgs) -> Result<u8, Stop> {
    let (Some(edges_file), Some(capacities), Some(matching), Some(certificate)) =
        (&args.edges, &args.capacities, &args.matching, &args.certificate)
    else {
        return Err(Stop::invalid(
            "give a roster and a matching, or --edges, --capacities, --matching and --certificate",
        ));
    };
    // The files do not say what was asked for. Each meaning of best has its own proof, so where none is named both are tried.
    let meanings = args.coverage.map_or(vec![Coverage::Total, Coverage::Most], |one| vec![one]);
    let mut refused = None;
    for coverage in meanings {
        let raw = read(edges_file, capacities, coverage)?;
        let matching =
            edges::read_matching(&raw, &matching.display().to_string(), &read_file(matching)?);
        let prices = edges::read_certificate(
            &raw,
            &certificate.display().to_string(),
            &read_file(certificate)?,
        );
        let (matching, prices) = match (matching, prices) {
            (Ok(matching), Ok(prices)) => (matching, prices),
            (Err(mut faults), Err(others)) => {
                faults.extend(others);
                return Err(faults.into());
            }
            (Err(faults), _) | (_, Err(faults)) => return Err(faults.into()),
        };
        let problem = raw.problem();
        match check(problem.frame(), problem.pairs(), &matching, &prices) {
            Ok(verified) => {
                let best = match coverage {
                    Coverage::Total => "no matching is better",
                    Coverage::Most => {
                        "no matching serves more, and none that serves as many is better"
                    }
                };
                out::result(&format!(
                    "verified: {} of {} {} a place, total score {}; {best} (proof checked over {}).\n",
                    verified.assigned(),
                    counted(raw.lefts().len(), "left"),
                    if raw.lefts().len() == 1 { "has" } else { "have" },
                    raw.score(verified.matching()),
                    counted(verified.pairs_checked(), "edge")
                ))?;
                return Ok(DONE);
            }
            Err(why) => {
                // What was meant by best changes nothing about any other refusal.
                let decisive = !matches!(why, Rejection::NotOptimal { .. });
                refused.get_or_insert(format!("not verified: {}", rejection_words(&raw, &why)));
                if decisive {
                    break;
                }
            }
        }
    }
    Err(Stop::check_failed(refused.unwrap_or_default()))
}

/// A count with its noun: "1 left", "2 lefts".
fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let s = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// Why a matching or certificate was refused, with ids.
fn rejection_words(raw: &RawProblem, why: &Rejection) -> String {
    let (left, right) = (|left: &Left| raw.left(*left), |right: &Right| raw.right(*right));
    match why {
        Rejection::NotEligible { left: u, right: w } => {
            format!("`{}` and `{}` are no edge", left(u), right(w))
        }
        Rejection::OverCapacity { right: w, load, capacity } => {
            let (lefts, places) = (counted(load, "left"), counted(capacity, "place"));
            format!("`{}` has {lefts} but only {places}", right(w))
        }
        Rejection::BelowMinimum { right: w, load, minimum } => {
            format!("`{}` has {} but must have {minimum}", right(w), counted(load, "left"))
        }
        Rejection::NotOptimal { cost, bound } => {
            format!(
                "the prices do not prove that nothing is better: the matching is worth {}, the bound is {}",
                -cost, -bound
            )
        }
        // The rest cannot come from files that were read whole; indexes are then the honest answer.
        other => other.to_string(),
    }
}

/// Why no matching exists, with ids.
fn obstacle_words(raw: &RawProblem, obstacle: &Obstacle) -> String {
    let lefts = |lefts: &[Left]| named(lefts.len(), lefts.iter().map(|left| raw.left(*left)));
    match obstacle {
        Obstacle::MinimumsOutOfReach { rights, needed, reachable } => {
            let who = named(rights.len(), rights.iter().map(|right| raw.right(*right)));
            let needed = counted(needed, "left");
            let to = if rights.len() == 1 { "it" } else { "them" };
            let between = if rights.len() == 1 { "" } else { " between them" };
            let few = match reachable.len() {
                0 => format!("none has an edge to {to}"),
                1 => format!("only 1 has an edge to {to}: {}", lefts(reachable)),
                count => format!("only {count} have an edge to {to}: {}", lefts(reachable)),
            };
            format!(
                "no matching keeps the minimums: {who} must have {needed}{between}, but {few}. Lower a minimum or add edges."
            )
        }
        Obstacle::PinsOverCapacity { right, pinned, capacity } => {
            format!(
                "`{}` has {}, but these must stay there: {}",
                raw.right(*right),
                counted(capacity, "place"),
                lefts(pinned)
            )
        }
        Obstacle::PinNotEligible { left, right } => {
            format!(
                "`{}` must stay with `{}`, but they are no edge",
                raw.left(*left),
                raw.right(*right)
            )
        }
    }
}

/// Ids in a sentence.
fn named<'a>(count: usize, ids: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<String> = ids.take(NAMED_MAX).map(|id| format!("`{id}`")).collect();
    let rest = count.saturating_sub(NAMED_MAX);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The most memory this process has held, where the system tells.
fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(f64::from(kib) / 1024.0)
}
