//! Lotteries: exact chances of every eligible pair, and one draw that anybody can replay.
//!
//! Where a service wants to learn what works, or wants nobody to be certain of a scarce worker, pairs are drawn: with chances that
//! are known exactly beforehand ([`LotteryDocument::chances`]), from a seed that can be committed to before ([`draw::commitment`]).
//! Two kinds:
//!
//! - `best_total`: no pair has a chance above the cap (or above 1 out of the person's eligible workers, if these are few), and among all
//!   such lotteries this one costs least on average under the policy. Pins are certain, minimums hold in every draw.
//! - `probabilistic_serial`: everybody takes, at the same speed, from the worker they would like best who has something left. Reads
//!   nothing but the order of each person's own list. The policy's coverage has no say in it.
//!
//! What is drawn is a proposal, as every matching here is.

use std::collections::BTreeMap;

use peermatch_assignment::lottery::{Marginals, capped, check_eating, check_outcome};
use peermatch_assignment::{
    Frame, Left, Matching, Pairs, Prices, Problem, Right, VerifiedFlow, check_flow,
};
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::roster::UserIx;
use peermatch_model::words::Audience;
use peermatch_solve::Watch;
use peermatch_solve::lottery::{Eaten, draw as drawn_from, eating};
use peermatch_solve::transport::{FlowOutcome, best_flow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draw::{self, Draws};
use crate::explain::seen_fit;
use crate::hash::{policy_hash, roster_hash};
use crate::limits;
use crate::objective::{self, AllPairs, right_of, worker_of};
use crate::pair::Context;
use crate::report::{Exact, Matched, Origin, Stamp, VerifyError};
use crate::scoring::Scorer;
use crate::view::View;

/// The format version that a lottery document names.
pub const LOTTERY_FORMAT: &str = "peermatch/lottery@1";

/// What the draws of a lottery are for, as [`Draws`] hashes it.
pub const PURPOSE: &str = "lottery";

/// Largest denominator of a capped lottery.
pub const DENOMINATOR_MAX: u32 = 10_000;

/// What kind of lottery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LotteryObjective {
    /// Least cost on average under a cap on every pair's chance.
    BestTotal,
    /// Everybody eats from the best of their list that has something left.
    ProbabilisticSerial,
}

/// A lottery with its draw and what proves it. For the service's records and an auditor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LotteryDocument {
    /// [`LOTTERY_FORMAT`].
    pub format: String,
    /// Version of the engine that made it.
    pub engine: String,
    /// The day of the run.
    pub as_of: String,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the checked policy.
    pub policy_hash: String,
    /// The policy, whole.
    pub policy: PolicyInput,
    /// What kind of lottery.
    pub objective: LotteryObjective,
    /// The seed of the draw.
    pub seed: u64,
    /// The secret words of the commitment; empty if there were none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub secret: String,
    /// What could be published before the draw: SHA-256 of secret and seed.
    pub commitment: String,
    /// The denominator of all chances.
    pub denominator: Exact,
    /// No pair has a chance above this numerator, but for people with few eligible workers; absent in probabilistic serial.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cap: Option<u32>,
    /// The chance of every eligible pair, 0 included: longest waiting person first, then by worker.
    pub chances: Vec<Chance>,
    /// What proves that no such lottery costs less on average; absent in probabilistic serial, which needs no certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<LotteryCertificate>,
    /// Who was drawn to whom: worker by person.
    pub drawn: BTreeMap<String, String>,
}

/// The chance of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chance {
    /// Person.
    pub person_id: String,
    /// Worker.
    pub worker_id: String,
    /// The chance is this over the denominator.
    pub numerator: Exact,
}

/// What proves a capped lottery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LotteryCertificate {
    /// The average total cost times the denominator.
    pub total_cost: Exact,
    /// Dual price of one part of a place, per worker; workers not named have price 0.
    pub prices: BTreeMap<String, Exact>,
}

/// What is wanted of [`make`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotteryRequest {
    /// Kind.
    pub objective: LotteryObjective,
    /// Largest chance of a pair, over the denominator. Not looked at in probabilistic serial.
    pub cap: u32,
    /// Denominator, 1..=[`DENOMINATOR_MAX`]. Probabilistic serial finds its own.
    pub denominator: u32,
    /// Seed.
    pub seed: u64,
    /// Secret words of the commitment.
    pub secret: String,
}

/// A cap as people write it: a fraction above 0 and at most 1, such as `1/2`; `None` if it is none.
pub fn fraction(text: &str) -> Option<(u32, u32)> {
    let whole = |part: &str| part.trim().parse::<u32>().ok();
    let parsed = text.split_once('/').and_then(|(over, under)| Some((whole(over)?, whole(under)?)));
    parsed
        .or_else(|| whole(text).map(|over| (over, 1)))
        .filter(|&(over, under)| over > 0 && over <= under)
}

/// The largest whole number over `denominator` that a cap allows; `None` if that is less than one.
pub fn cap_over((over, under): (u32, u32), denominator: u32) -> Option<u32> {
    let cap = u64::from(denominator) * u64::from(over) / u64::from(under.max(1));
    u32::try_from(cap).ok().filter(|&cap| cap > 0)
}

/// Why there is no lottery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LotteryError {
    /// What was asked for cannot be done; the words say why.
    #[error("{0}")]
    Refused(String),
    /// Minimums or pins stand in the way.
    #[error("{0}")]
    Infeasible(String),
    /// Whoever watched asked to stop.
    #[error("stopped before the lottery was found")]
    Cancelled,
    /// A defect of this program.
    #[error("internal: {0}")]
    Internal(String),
}

fn internal(error: impl std::fmt::Display) -> LotteryError {
    LotteryError::Internal(error.to_string())
}

/// Each person's eligible workers, the one they would like best first, then by id.
fn orders(cx: &Context<'_>, people: &[UserIx], pairs: &impl Pairs) -> Vec<Vec<Right>> {
    Left::all(people.len())
        .zip(people)
        .map(|(left, &user)| {
            let scorer = Scorer::for_user(cx, user);
            let mut order: Vec<(u32, Right)> = Vec::new();
            pairs.visit(left, |right, _| {
                order.push((scorer.loss(&cx.pair(user, worker_of(right))), right));
            });
            order.sort_unstable();
            order.into_iter().map(|(_, right)| right).collect()
        })
        .collect()
}

/// Whether a lottery can be made for this roster at all, or why not.
fn possible(cx: &Context<'_>) -> Result<(), String> {
    limits::not_without_limits(cx, "A lottery")?;
    let several = cx.roster.waiting().find(|&user| cx.roster.user(user).demand > 1);
    several.map_or(Ok(()), |user| {
        let id = &cx.roster.user(user).id;
        Err(format!("Person {id} wants several workers, and a lottery deals out one each. Use `match`, or ask for one worker."))
    })
}

fn replay(marginals: &Marginals, workers: usize, seed: u64, watch: &dyn Watch) -> Option<Matching> {
    let mut draws = Draws::new(PURPOSE, seed);
    drawn_from(marginals, workers, &mut |bound| draws.below(bound), watch)
}

/// Makes a lottery and draws from it once.
///
/// # Errors
/// See [`LotteryError`].
pub fn make(
    cx: &Context<'_>,
    request: &LotteryRequest,
    watch: &dyn Watch,
) -> Result<LotteryDocument, LotteryError> {
    possible(cx).map_err(LotteryError::Refused)?;
    let people = objective::people_to_match(cx.roster);
    let problem = objective::problem(cx, &people)
        .map_err(|fault| LotteryError::Infeasible(fault.to_string()))?;
    let workers = cx.roster.workers().len();
    let id = |right: Right| cx.roster.worker(worker_of(right)).id.clone();
    let (marginals, cap, certificate) = match request.objective {
        LotteryObjective::BestTotal => {
            if request.denominator > DENOMINATOR_MAX {
                return Err(LotteryError::Refused(format!(
                    "a denominator of {}: at most {DENOMINATOR_MAX} is supported",
                    request.denominator
                )));
            }
            let (wide, verified) = least_cost(&problem, request, watch)?;
            let prices = Right::all(wide.frame().rights()).zip(verified.prices().values());
            let certificate = LotteryCertificate {
                total_cost: Exact(verified.cost()),
                prices: prices
                    .filter(|(_, price)| **price != 0)
                    .map(|(right, price)| (id(right), Exact(i128::from(*price))))
                    .collect(),
            };
            let marginals = Marginals::of_flow(request.denominator, verified.flow());
            (marginals, Some(request.cap), Some(certificate))
        }
        LotteryObjective::ProbabilisticSerial => {
            let orders = orders(cx, &people, problem.pairs());
            let marginals = match eating(problem.frame(), &orders, watch) {
                Eaten::Found(marginals) => marginals,
                Eaten::TooFine => {
                    return Err(LotteryError::Refused(
                        "the chances of probabilistic serial need a common denominator beyond 2^62 on this roster, and nothing is rounded here; use the objective best-total with a cap".to_owned(),
                    ));
                }
                Eaten::Cancelled => return Err(LotteryError::Cancelled),
            };
            check_eating(problem.frame(), problem.pairs(), &orders, &marginals).map_err(
                |rejection| match rejection {
                    peermatch_assignment::LotteryRejection::UnmetMinimum { right, .. } => {
                        LotteryError::Refused(format!(
                            "Worker {} must be given new people (minimums.csv, or `minimums` in JSON), and probabilistic serial cannot promise that. Lower the minimum, or use best-total.",
                            id(right)
                        ))
                    }
                    other => internal(other),
                },
            )?;
            (marginals, None, None)
        }
    };
    let drawn = replay(&marginals, workers, request.seed, watch).ok_or(LotteryError::Cancelled)?;
    check_outcome(workers, &marginals, &drawn).map_err(internal)?;
    let mut chances = Vec::new();
    let person = |left: Left| cx.roster.user(people[left.index()]).id.clone();
    for left in Left::all(people.len()) {
        for &right in problem.pairs().rights_of(left) {
            chances.push(Chance {
                person_id: person(left),
                worker_id: id(right),
                numerator: Exact(i128::from(marginals.chance(left, right))),
            });
        }
    }
    Ok(LotteryDocument {
        format: LOTTERY_FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: cx.roster.as_of().to_string(),
        roster_hash: roster_hash(cx.roster),
        policy_hash: policy_hash(cx.policy),
        policy: cx.policy.to_input(),
        objective: request.objective,
        seed: request.seed,
        secret: request.secret.clone(),
        commitment: draw::commitment(&request.secret, request.seed),
        denominator: Exact(i128::from(marginals.parts())),
        cap,
        chances,
        certificate,
        drawn: drawn.pairs().map(|(left, right)| (person(left), id(right))).collect(),
    })
}

/// The lottery of least cost as a flow, verified.
fn least_cost(
    problem: &Problem,
    request: &LotteryRequest,
    watch: &dyn Watch,
) -> Result<(Problem, VerifiedFlow), LotteryError> {
    let (frame, supply) =
        capped(problem.frame(), problem.pairs(), request.denominator, request.cap)
            .map_err(|rejection| LotteryError::Refused(rejection.to_string()))?;
    let wide = Problem::new(frame, problem.pairs().clone()).map_err(internal)?;
    match best_flow(&wide, &supply, watch) {
        FlowOutcome::Optimal(found) => {
            let verified =
                check_flow(wide.frame(), &supply, wide.pairs(), &found.flow, &found.prices)
                    .map_err(internal)?;
            Ok((wide, verified))
        }
        FlowOutcome::Infeasible(_) => Err(LotteryError::Infeasible(
            "Minimums and pins cannot all be kept under this cap. Raise the cap, or lower a minimum; `match` says more.".to_owned(),
        )),
        FlowOutcome::Cancelled => Err(LotteryError::Cancelled),
    }
}

/// Who was drawn to whom, with the fit as an audience may see it.
pub fn matches_seen(
    cx: &Context<'_>,
    document: &LotteryDocument,
    audience: Audience,
) -> Vec<Matched> {
    let view = View::new(cx, audience);
    let pairs = document.drawn.iter().filter_map(|(person, worker)| {
        Some((cx.roster.find_user(person)?, cx.roster.find_worker(worker)?))
    });
    pairs
        .map(|(user, worker)| {
            let fit = seen_fit(&view.pair(&view.person(user), worker));
            let pinned = cx.roster.pinned(user) == Some(worker);
            Matched {
                person_id: cx.roster.user(user).id.clone(),
                worker_id: cx.roster.worker(worker).id.clone(),
                status: if pinned { Origin::Pinned } else { Origin::Proposed },
                fit: Some(fit.value),
                nothing_asked: fit.nothing_asked,
            }
        })
        .collect()
}

fn stamp(document: &LotteryDocument) -> Stamp<'_> {
    Stamp {
        format: &document.format,
        reads: LOTTERY_FORMAT,
        roster_hash: &document.roster_hash,
        policy_hash: &document.policy_hash,
        policy: &document.policy,
    }
}

/// The policy that a lottery document states it was made with.
///
/// # Errors
/// It has faults, or was changed after the run.
pub fn policy_of(document: &LotteryDocument) -> Result<Policy, VerifyError> {
    stamp(document).policy()
}

/// What a lottery document was verified to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedLottery {
    /// People who were to be matched.
    pub people: usize,
    /// Of those, drawn.
    pub drawn: usize,
    /// Eligible pairs, each with its exact chance.
    pub pairs: usize,
}

fn wrong(reason: String) -> VerifyError {
    VerifyError::People(reason)
}

/// Verifies a lottery document against a roster and the document's own policy ([`policy_of`]): eligibility and cost by walking all
/// pairs; that the chances are those of every eligible pair and of the lottery that is stated (by prices, or by what characterises
/// probabilistic serial); the commitment; and the draw, replayed from its seed.
///
/// O(people × workers).
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(
    cx: &Context<'_>,
    document: &LotteryDocument,
    watch: &dyn Watch,
) -> Result<VerifiedLottery, VerifyError> {
    possible(cx).map_err(wrong)?;
    stamp(document).is_of(cx)?;
    let figure = |what: &str, stated: String, actual: String| {
        if stated == actual {
            Ok(())
        } else {
            Err(VerifyError::Figure { what: what.to_owned(), stated, actual })
        }
    };
    figure("the day of the run", document.as_of.clone(), cx.roster.as_of().to_string())?;
    let promised = draw::commitment(&document.secret, document.seed);
    figure("the commitment", document.commitment.clone(), promised)?;

    let people = objective::people_to_match(cx.roster);
    let frame =
        objective::frame(cx, &people).map_err(|error| VerifyError::Frame(error.to_string()))?;
    let pairs = AllPairs::new(cx, &people);
    let marginals = chances_of(cx, document, &people, &pairs)?;
    let workers = cx.roster.workers().len();
    let refused =
        |error: &dyn std::fmt::Display| wrong(format!("the checker refuses the lottery: {error}"));
    match (document.objective, &document.certificate, document.cap) {
        (LotteryObjective::BestTotal, Some(certificate), Some(cap)) => {
            let cost = proven_cost(cx, &frame, &pairs, &marginals, cap, certificate)?;
            figure("the total cost", certificate.total_cost.to_string(), cost.to_string())?;
        }
        (LotteryObjective::ProbabilisticSerial, None, None) => {
            let orders = orders(cx, &people, &pairs);
            check_eating(&frame, &pairs, &orders, &marginals).map_err(|error| refused(&error))?;
        }
        _ => {
            return Err(wrong("cap and certificate do not go with the kind of lottery".to_owned()));
        }
    }

    let mut rights = vec![None; people.len()];
    for (person, worker) in &document.drawn {
        let user = cx.roster.find_user(person);
        let left = user.and_then(|user| people.binary_search(&user).ok());
        let left = left.ok_or_else(|| wrong(format!("person {person} was not to be drawn")))?;
        let worker = cx.roster.find_worker(worker);
        let worker =
            worker.ok_or_else(|| wrong(format!("the worker of {person} is not in the roster")))?;
        rights[left] = Some(right_of(worker));
    }
    let drawn = Matching::new(rights);
    check_outcome(workers, &marginals, &drawn).map_err(|error| refused(&error))?;
    // A replay that was stopped proves nothing.
    match replay(&marginals, workers, document.seed, watch) {
        Some(again) if again == drawn => {}
        Some(_) => return Err(wrong("the draw is not the one that its seed gives".to_owned())),
        None => {
            return Err(wrong(
                "stopped before the draw was replayed: nothing is proven".to_owned(),
            ));
        }
    }
    Ok(VerifiedLottery {
        people: people.len(),
        drawn: drawn.assigned(),
        pairs: document.chances.len(),
    })
}

/// The chances as marginals; refuses a list that is not every eligible pair once, in order.
fn chances_of(
    cx: &Context<'_>,
    document: &LotteryDocument,
    people: &[UserIx],
    pairs: &impl Pairs,
) -> Result<Marginals, VerifyError> {
    let number = |figure: Exact| {
        u64::try_from(figure.0).map_err(|_| wrong(format!("{figure} is no chance")))
    };
    let mut stated = document.chances.iter();
    let mut rows = Vec::with_capacity(people.len());
    for (left, &user) in Left::all(people.len()).zip(people) {
        let mut eligible = Vec::new();
        pairs.visit(left, |right, _| eligible.push(right));
        let mut row = Vec::new();
        for right in eligible {
            let (person, worker) =
                (&cx.roster.user(user).id, &cx.roster.worker(worker_of(right)).id);
            let chance = stated.next();
            let chance = chance.filter(|c| &c.person_id == person && &c.worker_id == worker);
            let chance = chance.ok_or_else(|| {
                wrong(format!("the chance of {person} and {worker} is missing or out of order"))
            })?;
            let units = number(chance.numerator)?;
            if units > 0 {
                row.push((right, units));
            }
        }
        rows.push(row);
    }
    if let Some(more) = stated.next() {
        return Err(wrong(format!(
            "{} and {} are no eligible pair",
            more.person_id, more.worker_id
        )));
    }
    Ok(Marginals::new(number(document.denominator)?, rows))
}

/// The cost of a capped lottery that its prices prove.
fn proven_cost(
    cx: &Context<'_>,
    frame: &Frame,
    pairs: &impl Pairs,
    marginals: &Marginals,
    cap: u32,
    certificate: &LotteryCertificate,
) -> Result<i128, VerifyError> {
    let refused =
        |error: &dyn std::fmt::Display| wrong(format!("the checker refuses the lottery: {error}"));
    let parts = u32::try_from(marginals.parts())
        .map_err(|_| wrong(format!("a denominator of {} is too large", marginals.parts())))?;
    let (wide, supply) = capped(frame, pairs, parts, cap).map_err(|error| refused(&error))?;
    let flow = marginals.to_flow().ok_or_else(|| wrong("a chance is too large".to_owned()))?;
    let mut prices = vec![0; cx.roster.workers().len()];
    for (id, price) in &certificate.prices {
        let worker = cx.roster.find_worker(id);
        let worker = worker
            .ok_or_else(|| wrong(format!("worker {id} has a price but is not in the roster")))?;
        prices[worker.index()] = i64::try_from(price.0)
            .map_err(|_| wrong(format!("the price of worker {id} is too large")))?;
    }
    let verified = check_flow(&wide, &supply, pairs, &flow, &Prices::new(prices))
        .map_err(|error| refused(&error))?;
    Ok(verified.cost())
}
