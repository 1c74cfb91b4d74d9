//! `verify` on raw problems: from the files alone, whatever found the matching.

use std::path::{Path, PathBuf};

use peermatch_formats::edges::{self, Asked, Certificate, Coverage, Proof, RawProblem, Rule};
use peermatch_formats::loaded::read_file;
use peermatch_model::fault::Faults;
use peermatch_model::words::{Objective, Words as _};

use super::confirm::{Confirmed, Evidence, Refusal, confirm};
use super::{AskedArgs, words};
use crate::exit::{DONE, Stop};
use crate::load::Format;
use crate::out;

/// The arguments of `verify` for a raw problem: all files or none.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VerifyArgs {
    /// A raw problem's edges: CSV left,right,score[,left_rank][,right_rank].
    #[arg(long, value_name = "FILE", requires_all = ["capacities", "matching"])]
    edges: Option<PathBuf>,
    /// Its capacities: CSV right,capacity[,minimum].
    #[arg(long, value_name = "FILE", requires = "edges")]
    capacities: Option<PathBuf>,
    /// The matching to check: CSV left,right.
    #[arg(long, value_name = "FILE", requires = "edges")]
    matching: Option<PathBuf>,
    /// The certificate that should prove it: CSV right,price, or JSON.
    #[arg(long, value_name = "FILE", requires = "edges")]
    certificate: Option<PathBuf>,
    /// What was asked for (default: whatever the certificate is of). Stable, greedy, first-come, serial and random-eligible need no certificate.
    #[arg(long, value_name = "NAME", value_parser = super::objective(), requires = "edges")]
    objective: Option<Objective>,
    #[command(flatten)]
    asked: AskedArgs,
}

impl VerifyArgs {
    /// Whether anything of a raw problem is named.
    pub(crate) fn named_options(&self) -> Option<&'static str> {
        [
            ("--demand", self.asked.demand.is_some()),
            ("--coverage", self.asked.coverage.is_some()),
            ("--seed", self.asked.seed.is_some()),
            ("--proposing", self.asked.proposing.is_some()),
            ("--grade-step", self.asked.grade_step.is_some()),
            ("--per-person", self.asked.per_person),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// Checks a matching and its certificate against the files of a raw problem.
pub(crate) fn verify(args: &VerifyArgs, format: Format) -> Result<u8, Stop> {
    let (Some(edges_file), Some(capacities), Some(matching)) =
        (&args.edges, &args.capacities, &args.matching)
    else {
        return Err(Stop::invalid(
            "give a roster and a matching, or --edges, --capacities, --matching and --certificate",
        ));
    };
    let certificate =
        args.certificate.as_deref().map(|path| read_file(path).map(|bytes| (path, bytes)));
    let certificate = certificate.transpose()?;
    let document = match &certificate {
        Some((_, bytes)) => edges::is_document(bytes),
        None => true,
    };
    let read = |coverage| args.asked.read(edges_file, capacities, coverage);
    if document {
        let raw = read(Coverage::Total)?;
        let (flow, certificate) = both(
            edges::read_flow(&raw, &name(matching), &read_file(matching)?),
            document_of(args, &raw, certificate.as_ref().map(|(path, bytes)| (*path, &bytes[..])))?,
        )?;
        let rule = certificate.rule;
        let confirmed = agrees(args, &raw, rule)
            .and_then(|()| confirm(&raw, rule, &flow, &Evidence::Document(certificate)))
            .map_err(|refusal| not_verified(&refusal))?;
        return tell(&raw, rule, &flow, &confirmed, format);
    }
    let Some((path, bytes)) = certificate else { return Err(Stop::invalid(NO_CERTIFICATE)) };
    // The table does not say what was asked for. Each meaning of best has its own proof, so where none is named both are tried.
    let meanings = match args.asked.coverage {
        Some(one) => vec![one.into()],
        None => vec![Coverage::Total, Coverage::Most],
    };
    let mut refused = None;
    for coverage in meanings {
        let raw = read(coverage)?;
        let objective = args.objective.unwrap_or(Objective::BestTotal);
        let asked = Asked { coverage: Some(coverage), ..args.asked.asked(objective) };
        if objective != Objective::BestTotal {
            return Err(not_verified(&Refusal {
                words: format!(
                    "{objective} was asked for, but the certificate is a table of prices, which is that of best-total"
                ),
                decisive: true,
            }));
        }
        let rule = Rule::settle(&asked, &raw).map_err(|reasons| words::refused(&reasons))?;
        let (flow, prices) = both(
            edges::read_flow(&raw, &name(matching), &read_file(matching)?),
            edges::read_certificate(&raw, &name(path), &bytes),
        )?;
        match confirm(&raw, rule, &flow, &Evidence::Prices(prices)) {
            Ok(confirmed) => return tell(&raw, rule, &flow, &confirmed, format),
            Err(refusal) => {
                let decisive = refusal.decisive;
                refused.get_or_insert(refusal);
                if decisive {
                    break;
                }
            }
        }
    }
    Err(refused
        .map_or_else(|| Stop::internal("nothing was tried"), |refusal| not_verified(&refusal)))
}

const NO_CERTIFICATE: &str = "give --certificate; without it, name with --objective a rule that needs none: stable, greedy, first-come, serial or random-eligible";

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Both, or the faults of both.
fn both<A, B>(one: Result<A, Faults>, other: Result<B, Faults>) -> Result<(A, B), Stop> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(mut faults), Err(others)) => {
            faults.extend(others);
            Err(faults.into())
        }
        (Err(faults), _) | (_, Err(faults)) => Err(faults.into()),
    }
}

/// The certificate that was given, or the one that says no more than what was asked.
fn document_of(
    args: &VerifyArgs,
    raw: &RawProblem,
    given: Option<(&Path, &[u8])>,
) -> Result<Result<Certificate, Faults>, Stop> {
    if let Some((path, bytes)) = given {
        return Ok(edges::read_certificate_document(raw, &name(path), bytes));
    }
    let Some(objective) = args.objective else { return Err(Stop::invalid(NO_CERTIFICATE)) };
    let rule = Rule::settle(&args.asked.asked(objective), raw)
        .map_err(|reasons| words::refused(&reasons))?;
    if rule.is_optimum() {
        return Err(Stop::invalid(NO_CERTIFICATE));
    }
    Ok(Ok(Certificate { rule, proof: Proof::None }))
}

/// What was asked for, where it was named, is what the certificate is of.
fn agrees(args: &VerifyArgs, raw: &RawProblem, rule: Rule) -> Result<(), Refusal> {
    let refuse = |words: String| Err(Refusal { words, decisive: true });
    if let Some(objective) = args.objective
        && objective != rule.objective()
    {
        return refuse(format!(
            "{objective} was asked for, but the certificate is that of {}",
            rule.objective()
        ));
    }
    let asked = args.asked.asked(rule.objective());
    if asked.per_person && matches!(rule, Rule::MaxMin { .. }) {
        return refuse(
            "fairness per person was asked for, but the certificate is that of fairness by pair"
                .to_owned(),
        );
    }
    let asked = Asked {
        seed: asked.seed.or(rule.seed()),
        proposing: asked.proposing.or(rule.proposing()),
        grade_step: asked.grade_step.or(rule.step()),
        per_person: asked.per_person || rule == Rule::PerPerson,
        ..asked
    };
    match Rule::settle(&asked, raw) {
        Ok(settled) if settled == rule => Ok(()),
        Ok(_) => refuse(format!(
            "the certificate is of {} with another seed, grade step or side that proposes than was asked for",
            rule.objective()
        )),
        Err(reasons) => refuse(reasons.join("; ")),
    }
}

fn not_verified(refusal: &Refusal) -> Stop {
    Stop::check_failed(format!("not verified: {}", refusal.words))
}

fn tell(
    raw: &RawProblem,
    rule: Rule,
    flow: &peermatch_assignment::Flow,
    confirmed: &Confirmed,
    format: Format,
) -> Result<u8, Stop> {
    let mut line = words::verified(raw, rule, flow, confirmed);
    line.push('\n');
    match format {
        Format::Table => out::result(&line)?,
        Format::Json => {
            let mut told = serde_json::json!({
                "verified": true,
                "objective": rule.objective().word(),
                "lefts": raw.lefts().len(),
                "assigned": confirmed.assigned,
                "places": confirmed.given,
                "total_score": raw.scored().then(|| raw.flow_score(flow)),
                "edges": confirmed.edges,
                "grades": confirmed.grades,
                "largest": confirmed.largest,
            });
            if let Some((least, bound)) = confirmed.sums {
                told["least_sum"] = least.into();
                told["least_sum_bound"] = bound.into();
            }
            out::result(&out::json(&told)?)?;
        }
    }
    Ok(DONE)
}
