//! `solve`: finds, checks, and only then writes.

use std::path::{Path, PathBuf};
use std::time::Instant;

use peermatch_assignment::side::{SideProof, Step, rows_of_sums};
use peermatch_assignment::{
    Flow, Frame, Left, PairTable, Prices, Problem, Supply, check_flow_infeasible, check_infeasible,
};
use peermatch_formats::edges::{
    self, Certificate, MoreStats, Proof, Proposing, RawProblem, RawStats, Rule,
};
use peermatch_model::words::{Objective, Words as _};
use peermatch_solve::choice::Choices;
use peermatch_solve::side::{Effort, LeastSumOutcome, SideOutcome, best_side_flow, max_min_sums};
use peermatch_solve::{
    FlowOutcome, OrdinalOutcome, Outcome, Stage, StagesOutcome, Watch as _, best_flow, best_total,
    greedy, in_stages, in_turn, largest, stable,
};

use super::confirm::{Confirmed, Evidence, confirm};
use super::{AskedArgs, words};
use crate::exit::{DONE, Stop};
use crate::files::{not_an_input, write_whole};
use crate::limits;
use crate::out;
use crate::progress::Bar;

/// Solve a raw problem: scored edges and capacities in, a matching that was checked out.
///
/// Edges are CSV `left,right,score[,left_rank][,right_rank]` (ids are any text, scores 0 to 1000000, ranks from 1, the best, with
/// ties), capacities `right,capacity[,minimum]`. The certificate is checked before anything is written; `peermatch verify` checks it
/// again from the files. Without --out the matching goes to standard output.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch solve --edges edges.csv --capacities capacities.csv --out matching.csv --certificate prices.csv\n  peermatch solve --edges edges.csv --capacities capacities.csv --objective leximin --out matching.csv --certificate proof.json"
)]
pub(crate) struct SolveArgs {
    /// The edges: CSV left,right,score[,left_rank][,right_rank].
    #[arg(long, value_name = "FILE")]
    edges: PathBuf,
    /// The capacities: CSV right,capacity[,minimum].
    #[arg(long, value_name = "FILE")]
    capacities: PathBuf,
    /// What the matching is to be.
    #[arg(long, value_name = "NAME", value_parser = super::objective(), default_value = "best-total")]
    objective: Objective,
    #[command(flatten)]
    asked: AskedArgs,
    /// Where the matching goes: CSV left,right for the assigned (default: standard output).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where the certificate goes: CSV right,price for best-total, JSON for the others.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where goes what each edge would cost everybody else if it were forced: CSV left,right,cost in units of score (best-total).
    #[arg(long, value_name = "FILE")]
    choice: Option<PathBuf>,
    /// Where goes what one place more or less with each right is worth: CSV right,more,less in units of score (best-total).
    #[arg(long, value_name = "FILE")]
    places: Option<PathBuf>,
    /// Where sizes and times go: JSON.
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,
}

/// What each search for a least sum may spend, in counts and not in time. There are some forty of them, so each has much less than a search under
/// limits, which stands alone; what is not found leaves a gap, which is stated.
const SUMS_EFFORT: Effort =
    Effort { milp_work: 300_000, milp_seconds: None, splits: 40, flow_work: 3_000_000 };

/// What a solver came back with.
enum Found {
    Solved(Flow, Evidence),
    /// In words that were checked.
    Infeasible(String),
}

/// Solves, checks, and only then writes.
pub(crate) fn solve(args: &SolveArgs) -> Result<u8, Stop> {
    let outputs = [&args.out, &args.certificate, &args.stats, &args.choice, &args.places];
    let outputs: Vec<&Path> = outputs.into_iter().flatten().map(PathBuf::as_path).collect();
    let mut inputs = vec![args.edges.as_path(), args.capacities.as_path()];
    inputs.extend(args.asked.demand_file());
    not_an_input(&outputs, &inputs)?;
    let bar = Bar::new();
    bar.say("reading");
    let start = Instant::now();
    let asked = args.asked.asked(args.objective);
    let raw = args.asked.read(&args.edges, &args.capacities, asked.coverage.unwrap_or_default())?;
    let rule = Rule::settle(&asked, &raw).map_err(|reasons| words::refused(&reasons))?;
    let priced = rule.objective() == Objective::BestTotal;
    if args.choice.is_some() && !priced {
        return Err(Stop::invalid(
            "--choice says what an edge costs in total score: it goes with best-total",
        ));
    }
    if args.places.is_some() && !priced {
        return Err(Stop::invalid(
            "--places says what a place is worth in total score: it goes with best-total",
        ));
    }
    let read_s = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let found = find(&raw, rule, &bar)?;
    let solve_s = start.elapsed().as_secs_f64();

    bar.say("checking");
    let start = Instant::now();
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
    match found {
        Found::Solved(flow, evidence) => {
            let confirmed = confirm(&raw, rule, &flow, &evidence)
                .map_err(|refusal| words::defect(&refusal.words))?;
            stats.verify_s = start.elapsed().as_secs_f64();
            let priced = match &evidence {
                Evidence::Prices(prices) if args.choice.is_some() || args.places.is_some() => {
                    Some(Priced::new(args, &raw, &flow, prices, &bar)?)
                }
                _ => None,
            };
            stats.assigned = Some(confirmed.assigned);
            stats.objective = Some(raw.flow_score(&flow));
            let met = confirmed.sums.is_none_or(|(least, bound)| least == bound);
            stats.status = if rule.is_optimum() && met { "optimal" } else { "checked" };
            stats.peak_rss_mib = peak_rss_mib();
            stats.more = more(&raw, rule, &flow, &confirmed);
            drop(bar);
            let matching = edges::write_flow(&raw, &flow);
            if let Some(path) = &args.certificate {
                write_whole(path, &evidence.bytes(&raw))?;
            }
            if let Some(priced) = priced {
                for (path, bytes) in priced.files {
                    write_whole(path, &bytes)?;
                }
            }
            write_stats(args, &stats)?;
            let summary = words::summary(&raw, rule, &flow, &confirmed);
            if let Some(path) = &args.out {
                write_whole(path, &matching)?;
                out::result(&(summary + "\n"))?;
            } else {
                out::result(&String::from_utf8_lossy(&matching))?;
                out::note(&summary);
            }
            Ok(DONE)
        }
        Found::Infeasible(why) => {
            stats.verify_s = start.elapsed().as_secs_f64();
            stats.peak_rss_mib = peak_rss_mib();
            drop(bar);
            write_stats(args, &stats)?;
            Err(Stop::infeasible(why))
        }
    }
}

fn find(raw: &RawProblem, rule: Rule, bar: &Bar) -> Result<Found, Stop> {
    let problem = raw.problem();
    let document = |flow: Flow, proof: Proof| {
        Found::Solved(flow, Evidence::Document(Certificate { rule, proof }))
    };
    let ruled = |outcome: OrdinalOutcome| match outcome {
        OrdinalOutcome::Found(matching) => Ok(matching),
        OrdinalOutcome::Cancelled => Err(limits::stopped()),
        OrdinalOutcome::Infeasible(_) => {
            Err(Stop::internal("nobody is pinned on raw edges, and still a pin cannot be kept"))
        }
    };
    if let Some(aim) = rule.aim() {
        let (frame, worths) = (Rule::frame(raw), rule.worths(raw));
        return match in_stages(aim, &frame, raw.supply(), &worths, bar) {
            StagesOutcome::Optimal(found) => {
                let worst = found.flow.pairs().filter_map(|(left, right, _)| {
                    worths
                        .row(left)
                        .find(|(other, _)| *other == right)
                        .map(|(_, worth)| worth.grade)
                });
                let stages = aim.stages(&edges::grades(&worths), worst.max().unwrap_or(0));
                Ok(document(found.flow, Proof::Stages { chain: found.chain, stages }))
            }
            StagesOutcome::Infeasible(prices) => infeasible(raw, &prices),
            StagesOutcome::Cancelled => Err(limits::stopped()),
        };
    }
    match rule {
        Rule::BestTotal { .. } if !raw.supply().is_one_each() => {
            match best_flow(problem, raw.supply(), bar) {
                FlowOutcome::Optimal(found) => {
                    Ok(Found::Solved(found.flow, Evidence::Prices(found.prices)))
                }
                FlowOutcome::Infeasible(prices) => infeasible(raw, &prices),
                FlowOutcome::Cancelled => Err(limits::stopped()),
            }
        }
        Rule::BestTotal { .. } => match best_total(problem, bar) {
            Outcome::Optimal(found) => {
                Ok(Found::Solved(Flow::from(&found.matching), Evidence::Prices(found.prices)))
            }
            Outcome::Infeasible(prices) => infeasible(raw, &prices),
            Outcome::Cancelled => Err(limits::stopped()),
        },
        Rule::PerPerson => per_person(raw, bar),
        Rule::Stable { proposing } => {
            let proposing = match proposing {
                Proposing::Lefts => peermatch_solve::Proposing::Lefts,
                Proposing::Rights => peermatch_solve::Proposing::Rights,
            };
            let matching = ruled(stable(problem.frame(), &raw.ranked(), proposing, bar))?;
            match largest(problem.frame(), problem.pairs(), bar) {
                Outcome::Optimal(found) => {
                    Ok(document(Flow::from(&matching), Proof::Largest(found.prices)))
                }
                Outcome::Infeasible(prices) => infeasible(raw, &prices),
                Outcome::Cancelled => Err(limits::stopped()),
            }
        }
        Rule::Greedy => {
            let matching = ruled(greedy(problem.frame(), problem.pairs(), bar))?;
            Ok(document(Flow::from(&matching), Proof::None))
        }
        // Serial, first-come, random-eligible; the aims went through their stages above.
        _ => {
            let keys = rule.keys(raw);
            let matching = ruled(in_turn(problem.frame(), &keys, &rule.order(raw), bar))?;
            Ok(document(Flow::from(&matching), Proof::None))
        }
    }
}

/// Who is served first, then the largest least sum among them, then the largest total that was found with that.
fn per_person(raw: &RawProblem, bar: &Bar) -> Result<Found, Stop> {
    let (frame, pairs) = (raw.problem().frame(), raw.problem().pairs());
    let lefts = frame.lefts();
    let made = |frame: Frame, pairs: PairTable| {
        Problem::new(frame, pairs).map_err(|why| Stop::internal(why.to_string()))
    };
    let flow = |problem: &Problem, supply: &Supply| match best_flow(problem, supply, bar) {
        FlowOutcome::Optimal(found) => Ok(Ok(found)),
        FlowOutcome::Infeasible(prices) => Ok(Err(prices)),
        FlowOutcome::Cancelled => Err(limits::stopped()),
    };
    let linked = || Stop::internal("minimums that can be kept cannot be kept with who is served");
    if let Err(prices) = flow(raw.problem(), raw.supply())? {
        return infeasible(raw, &prices);
    }
    let places = |waiting: i64| {
        let places = Frame::simple(lefts, waiting, frame.capacities().to_vec());
        places.map_err(|why| Stop::internal(why.to_string()))
    };
    let counting = raw.counting_supply();
    let free = Left::all(lefts)
        .map(|left| pairs.rights_of(left).iter().map(|&right| (right, 0)).collect());
    let free = PairTable::from_rows(frame.rights(), free.collect::<Vec<_>>())
        .map_err(|why| Stop::internal(why.to_string()))?;
    let largest = flow(&made(places(1)?, free)?, &counting)?.map_err(|_| linked())?.prices;
    // Of those that serve as many, the one with the largest total: a place of a low score is no way to be served where a high one can be.
    let wanted: i64 = Left::all(lefts).map(|left| i64::from(counting.wanted(left))).sum();
    let outweighs = i64::from(edges::SCORE_MAX) * wanted + 1;
    let served = flow(&made(places(outweighs)?, pairs.clone())?, &counting)?;
    let sharing = raw.sharing_supply(&served.map_err(|_| linked())?.flow);

    // Waiting costs nothing here: whoever is served has at least one place, and everything beyond counts by its score.
    let nothing = Frame::new(
        vec![0; lefts],
        frame.pins().to_vec(),
        frame.capacities().to_vec(),
        frame.minimums().to_vec(),
    );
    let shared = made(nothing.map_err(|why| Stop::internal(why.to_string()))?, pairs.clone())?;
    let document = |flow: Flow, bound: Option<(i64, SideProof)>| {
        let proof = Proof::Sums { largest, bound };
        Ok(Found::Solved(flow, Evidence::Document(Certificate { rule: Rule::PerPerson, proof })))
    };
    let found = match max_min_sums(&shared, &sharing, SUMS_EFFORT, bar) {
        LeastSumOutcome::Found(found) if !found.stopped => found,
        LeastSumOutcome::Found(_) | LeastSumOutcome::Cancelled => return Err(limits::stopped()),
        LeastSumOutcome::NobodyWants => return document(Flow::new(vec![vec![]; lefts]), None),
        LeastSumOutcome::Infeasible(_) => return Err(linked()),
    };
    let held = rows_of_sums(&sharing, pairs, found.least)
        .map_err(|why| Stop::internal(why.to_string()))?;
    let flow = match best_side_flow(&shared, &sharing, &held, SUMS_EFFORT, bar) {
        SideOutcome::Found(better) => better.flow,
        // The flow that is known keeps the sums; only its total may be smaller.
        SideOutcome::Infeasible(_) | SideOutcome::NoneFound { .. } => found.flow,
    };
    if bar.progress(Stage::Limits, 0, 0).is_break() {
        return Err(limits::stopped());
    }
    let steps = found.proof.steps.into_iter().map(|step| match step {
        Step::Leaf { multipliers, prices } => {
            // One per left that is served, in their order: in the document every left has its own.
            let mut kept = multipliers.into_iter();
            let all = Left::all(lefts)
                .map(|left| if sharing.wanted(left) > 0 { kept.next().unwrap_or(0) } else { 0 });
            Step::Leaf { multipliers: all.collect(), prices }
        }
        split @ Step::Split(..) => split,
    });
    let proof = SideProof { scale: found.proof.scale, steps: steps.collect() };
    document(flow, Some((found.bound, proof)))
}

/// Minimums that cannot be kept, in words that were checked.
fn infeasible(raw: &RawProblem, prices: &Prices) -> Result<Found, Stop> {
    let problem = raw.problem();
    if !raw.supply().is_one_each() {
        let proof = check_flow_infeasible(problem.frame(), raw.supply(), problem.pairs(), prices)
            .map_err(|why| words::defect(&words::flow_rejection(raw, &why)))?;
        return Ok(Found::Infeasible(words::flow_obstacle(raw, proof.obstacle())));
    }
    let proof = check_infeasible(problem.frame(), problem.pairs(), prices)
        .map_err(|why| words::defect(&words::rejection(raw, &why)))?;
    Ok(Found::Infeasible(words::obstacle(raw, proof.obstacle())))
}

/// What edges and places are worth around the best, as far as it was asked for: files and what goes there.
struct Priced<'a> {
    files: Vec<(&'a Path, Vec<u8>)>,
}

impl<'a> Priced<'a> {
    fn new(
        args: &'a SolveArgs,
        raw: &RawProblem,
        flow: &Flow,
        prices: &Prices,
        bar: &Bar,
    ) -> Result<Self, Stop> {
        let choices = Choices::of_flow(raw.problem(), raw.supply(), flow, prices)
            .map_err(|why| words::defect(&words::flow_rejection(raw, &why)))?;
        let mut files = Vec::new();
        if let Some(path) = &args.choice {
            let costs = costs(raw, &choices, bar)?;
            files.push((path.as_path(), edges::write_choices(raw, &costs)));
        }
        if let Some(path) = &args.places {
            let worth: Vec<(i64, Option<i64>)> =
                choices.places().iter().map(|worth| (worth.more, worth.less)).collect();
            files.push((path.as_path(), edges::write_places(raw, &worth)));
        }
        Ok(Self { files })
    }
}

/// What each edge would cost all others, in the order of the edges.
fn costs(raw: &RawProblem, choices: &Choices<'_>, bar: &Bar) -> Result<Vec<Option<i64>>, Stop> {
    let pairs = raw.problem().pairs();
    let mut costs = vec![None; pairs.len()];
    let done = choices.all(bar, |left, right, cost| {
        if let Ok(at) = pairs.rights_of(left).binary_search(&right) {
            costs[pairs.range(left).start + at] = cost;
        }
    });
    if done.is_break() { Err(limits::stopped()) } else { Ok(costs) }
}

fn more(raw: &RawProblem, rule: Rule, flow: &Flow, confirmed: &Confirmed) -> Option<MoreStats> {
    let several = !raw.supply().is_one_each();
    if rule.objective() == Objective::BestTotal && !several {
        return None;
    }
    Some(MoreStats {
        rule: rule.objective().word(),
        wanted: several.then(|| words::wanted(raw)),
        given: several.then_some(confirmed.given),
        seed: rule.seed(),
        grade_step: rule.step(),
        grades: confirmed.grades.clone(),
        least_score: if raw.scored() { raw.least_score(flow) } else { None },
        least_sum: confirmed.sums.map(|(least, _)| least),
        least_sum_bound: confirmed.sums.map(|(_, bound)| bound),
        largest: confirmed.largest,
    })
}

fn write_stats(args: &SolveArgs, stats: &RawStats) -> Result<(), Stop> {
    match &args.stats {
        Some(path) => write_whole(path, &edges::write_stats(stats)),
        None => Ok(()),
    }
}

/// The most memory this process has held, where the system tells.
fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(f64::from(kib) / 1024.0)
}
