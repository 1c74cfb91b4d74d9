//! What a run leaves behind: the matching document, with the certificate that lets anybody verify it later.
//!
//! The document is for the service's records and for an auditor: it holds hashes and prices. What others see is made from it
//! per audience ([`crate::explain`]). It names people and workers by id alone.

use std::collections::{BTreeMap, BTreeSet};

use peermatch_assignment::{
    Chain, Flow, FlowRejection, Frame, Matching, OrdinalRejection, Prices, Right, Supply,
    VerifiedChain, VerifiedFlow, check, check_chain, check_flow, check_greedy, check_in_turn,
    check_stable,
};
use peermatch_model::fault::Faults;
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::{Audience, Coverage, Objective, QueueState, Strength};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::explain::seen_fit;
use crate::hash::{policy_hash, roster_hash};
use crate::limits::{self, LimitsDocument, LimitsError};
use crate::objective::{
    self, AllGranting, AllKeys, AllPairs, AllRanks, AllWorths, Granting, right_of,
};
use crate::pair::Context;
use crate::proof::{Proof, Refusal};
use crate::run::{Decided, Run};
use crate::scoring::Scorer;
use crate::update::Updated;
use crate::view::View;
use crate::waiting::{self, Waiting};

/// The format version that a matching document names.
pub const MATCHING_FORMAT: &str = "peermatch/matching@1";

/// A matching with its certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchingDocument {
    /// [`MATCHING_FORMAT`].
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
    /// The seed of what was drawn by lot.
    #[serde(default)]
    pub seed: Seed,
    /// Counts.
    pub summary: Summary,
    /// Who was matched with whom, by person id.
    pub matches: Vec<Matched>,
    /// Who waits on, with the blocker and the next steps, longest waiting first.
    pub waiting: Vec<Waiting>,
    /// What proves it.
    pub certificate: Certificate,
    /// The limits it was made under, where roster or policy state any: then these prove it, and the certificate above says nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limits: Option<LimitsDocument>,
    /// The earlier matching it was made from, if it was: then it is not the canonical one of a fresh run, but one of the same total that
    /// changes the fewest earlier proposals.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<FromEarlier>,
}

/// The earlier matching that a matching was made from, and what proves that it changes the fewest proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromEarlier {
    /// What was proposed before, to people who were still to be matched: worker id by person id.
    pub earlier: BTreeMap<String, String>,
    /// How many of these change: the fewest of any matching of the same total.
    pub moved: u64,
    /// The prices that prove it, per worker, among the matchings of least total, where a changed proposal costs 1; workers not named have
    /// price 0.
    #[serde(default)]
    pub prices: BTreeMap<String, Exact>,
}

impl MatchingDocument {
    /// Who is matched with whom as an audience may see it: the fit in the document is the full one, which is the auditor's to read.
    pub fn matches_seen(&self, cx: &Context<'_>, audience: Audience) -> Vec<Matched> {
        let view = View::new(cx, audience);
        let mut out = self.matches.clone();
        for pair in &mut out {
            let (user, worker) =
                (cx.roster.find_user(&pair.person_id), cx.roster.find_worker(&pair.worker_id));
            if let (Some(_), Some(user), Some(worker)) = (pair.fit, user, worker) {
                let fit = seen_fit(&view.pair(&view.person(user), worker));
                // Whether anything was asked, too: of what is hidden, not even that it is there.
                (pair.fit, pair.nothing_asked) = (Some(fit.value), fit.nothing_asked);
            }
        }
        out
    }
}

/// Counts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// What was optimised.
    pub objective: Objective,
    /// Who is served when places are short.
    pub coverage: Coverage,
    /// People who were to be matched.
    pub people: u64,
    /// Of those, matched.
    pub matched: u64,
    /// Pairs that were made, where somebody wants several workers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pairs: Option<u64>,
    /// Under `max-min` and `leximin`: the worst grade of anybody served (0 is the best each could have); under `rank-maximal` the last choice that
    /// anybody got.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worst_grade: Option<u32>,
    /// Matches that stood already and were kept.
    pub kept: u64,
    /// Workers who could take somebody new.
    pub workers_with_places: u64,
    /// Their places.
    pub places: u64,
    /// Eligible pairs considered.
    pub eligible_pairs: u64,
    /// Workers with a free place whom nobody was matched with: they may be waiting too.
    pub workers_never_suggested: Vec<String>,
    /// People with at least one `must`, and of those, matched. Who asks `must` wins scarce workers over who asks `important`.
    pub people_with_a_must: [u64; 2],
    /// People without a `must` but with an `important` wish, and of those, matched.
    pub people_with_important_only: [u64; 2],
    /// A referrer's `must` that counts as important until the person confirms it.
    pub musts_to_confirm: u64,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matched {
    /// Person.
    pub person_id: String,
    /// Worker.
    pub worker_id: String,
    /// How it came about.
    pub status: Origin,
    /// How much of what the person asked for the worker meets, 0..=1,000,000; absent for a pair that was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fit: Option<u32>,
    /// Whether the person asked for nothing in particular, so that the fit says nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub nothing_asked: bool,
}

/// How a pair came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The engine proposes it: people decide.
    Proposed,
    /// A coordinator had decided it.
    Pinned,
    /// It stood already.
    Kept,
}

/// What proves a matching: any reader with the roster can check it without trusting the solver. Workers not named in a list of prices have
/// price 0.
///
/// Under `stable` and the rules that serve in turn or pair by pair it is empty: the matching is its own proof.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Under `best-total`: the least total cost, waiting included.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total_cost: Option<Exact>,
    /// Under `best-total`: the dual price of a place, per worker.
    #[serde(default)]
    pub prices: BTreeMap<String, Exact>,
    /// Under objectives that go through stages: what each comes to and what proves it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub stages: Vec<StageProof>,
    /// Under `max-min`: prices that show that somebody must have the worst grade there is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<BTreeMap<String, Exact>>,
    /// Where somebody wants several workers: what proves how many each person gets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<CoverageProof>,
}

/// What proves one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageProof {
    /// What the stage makes as small as can be, in words.
    pub what: String,
    /// The least there is, given the stages before.
    pub cost: Exact,
    /// The dual price of a place in this stage, per worker.
    #[serde(default)]
    pub prices: BTreeMap<String, Exact>,
}

/// What proves how many workers each person gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageProof {
    /// The dual price of a place, per worker, where waiting alone counts.
    #[serde(default)]
    pub prices: BTreeMap<String, Exact>,
    /// Per person who wants several: the prices of going without the second, the third, and so on; people not named have price 0.
    #[serde(default)]
    pub stand_ins: BTreeMap<String, Vec<Exact>>,
}

/// A seed, as decimal text like every number that may be larger than 2^53.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed(pub u64);

impl Serialize for Seed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            serde::de::Error::custom(format!(
                "`{text}` is not a whole number from 0 to {}",
                u64::MAX
            ))
        })
    }
}

impl JsonSchema for Seed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seed".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{1,20}$", "description": "a whole number as decimal text" })
    }
}

/// A whole number as decimal text, because it may be larger than what many JSON readers keep exactly (2^53).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(pub i128);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a whole number")))
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^-?[0-9]{1,38}$", "description": "a whole number as decimal text" })
    }
}

/// The document of a run.
pub fn document(run: &Run<'_>) -> MatchingDocument {
    let decided = run.decided();
    let cx = decided.context();
    let roster = cx.roster;
    let mut matches = Vec::new();
    for (place, user) in roster.people().iter().enumerate() {
        let user_ix = UserIx::at(place);
        for &worker in &user.kept {
            let worker_id = roster.worker(worker).id.clone();
            matches.push(Matched {
                person_id: user.id.clone(),
                worker_id,
                status: Origin::Kept,
                fit: None,
                nothing_asked: false,
            });
        }
        for &worker in decided.workers_of(user_ix) {
            let fit = Scorer::for_user(cx, user_ix).fit(&cx.pair(user_ix, worker));
            let pinned = roster.pinned(user_ix) == Some(worker);
            matches.push(Matched {
                person_id: user.id.clone(),
                worker_id: roster.worker(worker).id.clone(),
                status: if pinned { Origin::Pinned } else { Origin::Proposed },
                fit: Some(fit.value),
                nothing_asked: fit.nothing_asked,
            });
        }
    }
    matches.sort_by(|a, b| (&a.person_id, &a.worker_id).cmp(&(&b.person_id, &b.worker_id)));
    MatchingDocument {
        format: MATCHING_FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: roster.as_of().to_string(),
        roster_hash: roster_hash(roster),
        policy_hash: policy_hash(cx.policy),
        policy: cx.policy.to_input(),
        seed: Seed(decided.seed()),
        summary: summary(decided),
        matches,
        waiting: waiting::all(run),
        certificate: Certificate {
            total_cost: decided.proof().cost().map(Exact),
            prices: decided.proof().prices().map(|p| sparse(roster, p)).unwrap_or_default(),
            stages: stages(run),
            witness: run.chain().and_then(|c| c.witness.as_ref()).map(|p| sparse(roster, p)),
            coverage: decided.proof().coverage().map(|flow| coverage(decided, flow.prices())),
        },
        limits: match decided.proof() {
            Proof::Limited(limited) => Some(limits::document(cx, decided.people(), limited)),
            _ => None,
        },
        from: decided.proof().updated().map(|updated| from_earlier(decided, updated)),
    }
}

/// What a matching was made from, with what proves that the fewest proposals change.
fn from_earlier(decided: &Decided<'_>, updated: &Updated) -> FromEarlier {
    let roster = decided.context().roster;
    let ids = updated.earlier().map(|(left, worker)| {
        let person = roster.user(decided.people()[left.index()]);
        (person.id.clone(), roster.worker(worker).id.clone())
    });
    FromEarlier {
        earlier: ids.collect(),
        moved: updated.moved() as u64,
        prices: sparse(roster, updated.second()),
    }
}

/// What each stage comes to, with its prices.
fn stages(run: &Run<'_>) -> Vec<StageProof> {
    let decided = run.decided();
    let (Some(verified), Some(chain)) = (decided.proof().chain(), run.chain()) else {
        return Vec::new();
    };
    verified
        .stages()
        .iter()
        .zip(verified.costs())
        .zip(&chain.prices)
        .map(|((stage, &cost), prices)| StageProof {
            what: stage.to_string(),
            cost: Exact(cost),
            prices: sparse(decided.context().roster, prices),
        })
        .collect()
}

/// The prices that prove how many workers each person gets. Those of stand-ins come after those of workers, by person.
fn coverage(decided: &Decided<'_>, prices: &Prices) -> CoverageProof {
    let roster = decided.context().roster;
    let mut further = prices.values().iter().skip(roster.workers().len());
    let mut stand_ins = BTreeMap::new();
    for &user in decided.people() {
        let person = roster.user(user);
        let count = person.wants().saturating_sub(1) as usize;
        let own: Vec<Exact> =
            further.by_ref().take(count).map(|&price| Exact(i128::from(price))).collect();
        if own.iter().any(|price| price.0 != 0) {
            stand_ins.insert(person.id.clone(), own);
        }
    }
    CoverageProof { prices: sparse(roster, prices), stand_ins }
}

/// Those prices from a document.
fn coverage_prices(
    cx: &Context<'_>,
    people: &[UserIx],
    stated: &CoverageProof,
) -> Result<Prices, VerifyError> {
    let mut prices = whole(cx.roster, &stated.prices)?.values().to_vec();
    let mut used = 0;
    for &user in people {
        let person = cx.roster.user(user);
        let count = person.wants().saturating_sub(1) as usize;
        match stated.stand_ins.get(&person.id) {
            None => prices.resize(prices.len() + count, 0),
            Some(own) if own.len() == count => {
                used += 1;
                for price in own {
                    prices.push(i64::try_from(price.0).map_err(|_| {
                        VerifyError::People(format!("a price of person {} is too large", person.id))
                    })?);
                }
            }
            Some(_) => {
                return Err(VerifyError::People(format!(
                    "person {} has not as many prices as workers wanted beyond the first",
                    person.id
                )));
            }
        }
    }
    if used == stated.stand_ins.len() {
        Ok(Prices::new(prices))
    } else {
        Err(VerifyError::People("somebody has a price who is not to be matched".to_owned()))
    }
}

/// Prices by worker id, those that are not 0.
fn sparse(roster: &Roster, prices: &Prices) -> BTreeMap<String, Exact> {
    roster
        .workers()
        .iter()
        .zip(prices.values())
        .filter(|(_, price)| **price != 0)
        .map(|(worker, price)| (worker.id.clone(), Exact(i128::from(*price))))
        .collect()
}

/// Prices by worker from those that a document states.
fn whole(roster: &Roster, stated: &BTreeMap<String, Exact>) -> Result<Prices, VerifyError> {
    let mut prices = vec![0; roster.workers().len()];
    for (id, price) in stated {
        let worker = roster.find_worker(id).ok_or_else(|| {
            VerifyError::People(format!("worker {id} has a price but is not in the roster"))
        })?;
        prices[worker.index()] = i64::try_from(price.0)
            .map_err(|_| VerifyError::People(format!("the price of worker {id} is too large")))?;
    }
    Ok(Prices::new(prices))
}

fn summary(decided: &Decided<'_>) -> Summary {
    let cx = decided.context();
    let roster = cx.roster;
    let open: Vec<u64> = roster
        .workers()
        .iter()
        .map(
            |w| if crate::eligibility::takes_new_people(cx, w) { u64::from(w.places()) } else { 0 },
        )
        .collect();
    let never = open
        .iter()
        .zip(roster.workers())
        .enumerate()
        .filter(|(place, (places, _))| **places > 0 && decided.load(WorkerIx::at(*place)) == 0);
    let served = |strongest: Strength| {
        let mut out = [0, 0];
        for &user in decided.people() {
            if roster.user(user).wishes.iter().map(|w| w.strength).max() == Some(strongest) {
                out[0] += 1;
                out[1] += u64::from(decided.worker_of(user).is_some());
            }
        }
        out
    };
    Summary {
        objective: cx.policy.objective,
        coverage: cx.policy.coverage,
        people: decided.people().len() as u64,
        matched: decided.served() as u64,
        pairs: several(cx, decided.people()).then(|| decided.pairs().count() as u64),
        worst_grade: match cx.policy.objective {
            Objective::Nash => None,
            _ => decided.proof().chain().and_then(VerifiedChain::worst),
        },
        kept: roster.people().iter().map(|u| u.kept.len() as u64).sum(),
        workers_with_places: open.iter().filter(|p| **p > 0).count() as u64,
        places: open.iter().sum(),
        eligible_pairs: decided.proof().pairs_checked(),
        workers_never_suggested: never.map(|(_, (_, w))| w.id.clone()).collect(),
        people_with_a_must: served(Strength::Must),
        people_with_important_only: served(Strength::Important),
        musts_to_confirm: decided
            .people()
            .iter()
            .flat_map(|&u| &roster.user(u).wishes)
            .filter(|w| w.unconfirmed_must)
            .count() as u64,
    }
}

/// Why a matching document does not hold for a roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a document this version reads.
    #[error("the file has format `{stated}`, this version reads {reads}")]
    Format {
        /// As stated.
        stated: String,
        /// What is read of its kind.
        reads: &'static str,
    },
    /// Made from another roster.
    #[error(
        "the matching was made from another roster (or another state of it): its roster hash differs"
    )]
    OtherRoster,
    /// The policy in the document is not a right one.
    #[error("the policy in the matching file has faults:\n{0}")]
    PolicyFaults(Faults),
    /// The policy was changed after the run.
    #[error("the policy in the matching file is not the one it was made with: its hash differs")]
    OtherPolicy,
    /// Somebody is named who is not in the roster, or twice.
    #[error("{0}")]
    People(String),
    /// The minimums do not fit the places.
    #[error("{0}")]
    Frame(String),
    /// The checker refused the matching or its certificate.
    #[error("the checker refuses the matching: {0}")]
    Refused(Refusal),
    /// The limits do not hold, or their proof.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// A stated figure is not what it should be.
    #[error("{what} is stated as {stated}, but is {actual}")]
    Figure {
        /// What.
        what: String,
        /// As stated.
        stated: String,
        /// As computed here.
        actual: String,
    },
}

/// What every document states of where it comes from, and the format that is read of its kind.
pub(crate) struct Stamp<'d> {
    pub(crate) format: &'d str,
    pub(crate) reads: &'static str,
    pub(crate) roster_hash: &'d str,
    pub(crate) policy_hash: &'d str,
    pub(crate) policy: &'d PolicyInput,
}

impl Stamp<'_> {
    /// The policy, if it is the one that the document was made with.
    pub(crate) fn policy(&self) -> Result<Policy, VerifyError> {
        self.readable()?;
        let policy = Policy::check(self.policy).map_err(VerifyError::PolicyFaults)?;
        if self.policy_hash == policy_hash(&policy) {
            Ok(policy)
        } else {
            Err(VerifyError::OtherPolicy)
        }
    }

    /// Whether the document was made from this roster and this policy.
    pub(crate) fn is_of(&self, cx: &Context<'_>) -> Result<(), VerifyError> {
        self.readable()?;
        if self.roster_hash != roster_hash(cx.roster) {
            return Err(VerifyError::OtherRoster);
        }
        if self.policy_hash != policy_hash(cx.policy)
            || Policy::check(self.policy).as_ref() != Ok(cx.policy)
        {
            return Err(VerifyError::OtherPolicy);
        }
        Ok(())
    }

    fn readable(&self) -> Result<(), VerifyError> {
        if self.format == self.reads {
            return Ok(());
        }
        Err(VerifyError::Format { stated: self.format.to_owned(), reads: self.reads })
    }
}

fn stamp(document: &MatchingDocument) -> Stamp<'_> {
    Stamp {
        format: &document.format,
        reads: MATCHING_FORMAT,
        roster_hash: &document.roster_hash,
        policy_hash: &document.policy_hash,
        policy: &document.policy,
    }
}

/// The policy that a matching document states it was made with.
///
/// # Errors
/// It has faults, or was changed after the run.
pub fn policy_of(document: &MatchingDocument) -> Result<Policy, VerifyError> {
    stamp(document).policy()
}

/// Verifies a matching document against a roster and the document's own policy ([`policy_of`]), from nothing but these:
/// eligibility and cost of every pair are computed again by walking all pairs, and the checker judges the matching by the
/// prices. No solver and no index is involved.
///
/// What is stated besides is compared too: the day, the fits, the summary, who waits, how long and in which order. Words (blockers, next
/// steps) and the engine's version are not: they are told, not proven.
///
/// O(people × workers); stores no pair.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify<'a>(
    cx: &'a Context<'a>,
    document: &MatchingDocument,
) -> Result<Decided<'a>, VerifyError> {
    let roster = cx.roster;
    stamp(document).is_of(cx)?;
    let people = objective::people_to_match(roster);
    let stated = Stated::read(cx, document, &people)?;
    let proof = prove(cx, document, &people, &stated)?;
    let decided = Decided::new(cx, people, document.seed.0, proof);
    figure("the day of the run", document.as_of.clone(), roster.as_of())?;
    figure("the number of matches kept", document.summary.kept.to_string(), stated.kept)?;
    let actual = summary(&decided);
    if document.summary != actual {
        return Err(VerifyError::Figure {
            what: "the summary".to_owned(),
            stated: words_of(&document.summary),
            actual: words_of(&actual),
        });
    }
    let told = document.waiting.iter().map(|w| (w.person_id.as_str(), w.wait_days));
    let actual = (0..roster.people().len()).map(UserIx::at).filter(|&user| {
        let given = decided.workers_of(user).len();
        roster.user(user).state != QueueState::Withdrawn
            && given < roster.user(user).wants() as usize
    });
    let actual = actual.map(|user| roster.user(user));
    if !told.eq(actual.map(|user| (user.id.as_str(), user.wait_days))) {
        let reason = "the waiting list is not everybody who has fewer workers than they want, longest waiting first";
        return Err(VerifyError::People(reason.to_owned()));
    }
    Ok(decided)
}

/// Has the checker judge what a document states, by the objective of its policy.
fn prove(
    cx: &Context<'_>,
    document: &MatchingDocument,
    people: &[UserIx],
    stated: &Stated,
) -> Result<Proof, VerifyError> {
    let (seed, certificate) = (document.seed.0, &document.certificate);
    let frame =
        objective::frame(cx, people).map_err(|error| VerifyError::Frame(error.to_string()))?;
    let refused = |rejection: OrdinalRejection| VerifyError::Refused(rejection.into());
    let own_proof = || {
        if *certificate == Certificate::default() {
            stated.matching()
        } else {
            let objective = cx.policy.objective;
            Err(VerifyError::Frame(format!(
                "objective {objective} has no certificate, but one is stated"
            )))
        }
    };
    let one_best_total =
        cx.policy.objective == Objective::BestTotal && !limits::any(cx) && !several(cx, people);
    if document.from.is_some() && !one_best_total {
        return Err(VerifyError::Frame(
            "an earlier matching is stated, but only best-total with one worker each and no limits can be proven to change the fewest proposals"
                .to_owned(),
        ));
    }
    if document.limits.is_some() != limits::any(cx) {
        return Err(LimitsError::Missing.into());
    }
    if let Some(limited) = &document.limits {
        let pairs = AllPairs::new(cx, people);
        let limited = limits::verify(cx, people, &frame, &pairs, &own_proof()?, limited)?;
        return Ok(Proof::Limited(Box::new(limited)));
    }
    Ok(match cx.policy.objective {
        Objective::Stable => {
            let ranks = AllRanks::new(cx, seed, people);
            Proof::Stable(check_stable(&frame, &ranks, &own_proof()?).map_err(refused)?)
        }
        Objective::Serial
        | Objective::FirstCome
        | Objective::RandomEligible
        | Objective::Coordinator => {
            let keys = AllKeys::new(cx, seed, people);
            let order = objective::order(cx, seed, people);
            Proof::InTurn(check_in_turn(&frame, &keys, &order, &own_proof()?).map_err(refused)?)
        }
        Objective::Greedy => {
            let pairs = AllPairs::new(cx, people);
            Proof::Greedy(check_greedy(&frame, &pairs, &own_proof()?).map_err(refused)?)
        }
        Objective::BestTotal if several(cx, people) => {
            let pairs = AllPairs::new(cx, people);
            let prices = whole(cx.roster, &certificate.prices)?;
            let flow = stated.flow();
            let (supply, coverage) = covered(cx, people, certificate, &flow)?;
            let flow = check_flow(&frame, &supply, &pairs, &flow, &prices).map_err(flow_refused)?;
            total_cost(certificate, flow.cost())?;
            no_stages(certificate)?;
            Proof::Flow { coverage, flow }
        }
        Objective::BestTotal => {
            let pairs = AllPairs::new(cx, people);
            let prices = whole(cx.roster, &certificate.prices)?;
            let matching = stated.matching()?;
            let proof = match &document.from {
                None => Proof::Matching(
                    check(&frame, &pairs, &matching, &prices)
                        .map_err(|rejection| VerifyError::Refused(rejection.into()))?,
                ),
                Some(from) => {
                    let start = start_of(cx.roster, people, &from.earlier)?;
                    let second = whole(cx.roster, &from.prices)?;
                    let updated = Updated::check(&frame, &pairs, start, &matching, &prices, second)
                        .map_err(|rejection| VerifyError::Refused(rejection.into()))?;
                    let what = "the number of earlier proposals that change";
                    figure(what, from.moved.to_string(), updated.moved())?;
                    Proof::Updated(Box::new(updated))
                }
            };
            total_cost(certificate, proof.cost().unwrap_or_default())?;
            no_stages(certificate)?;
            no_coverage(certificate)?;
            proof
        }
        Objective::MaxMin | Objective::Leximin | Objective::Nash | Objective::RankMaximal => {
            prove_stages(cx, people, &frame, certificate, stated)?
        }
    })
}

/// Where each left was before, from what a document states.
fn start_of(
    roster: &Roster,
    people: &[UserIx],
    earlier: &BTreeMap<String, String>,
) -> Result<Matching, VerifyError> {
    let mut start = vec![None; people.len()];
    for (person, worker) in earlier {
        let left = roster.find_user(person).and_then(|user| people.binary_search(&user).ok());
        let left = left.ok_or_else(|| {
            VerifyError::People(format!(
                "person {person} has an earlier proposal but was not to be matched"
            ))
        })?;
        let right = roster.find_worker(worker).ok_or_else(|| {
            VerifyError::People(format!(
                "worker {worker} has an earlier proposal but is not in the roster"
            ))
        })?;
        start[left] = Some(right_of(right));
    }
    Ok(Matching::new(start))
}

/// The objectives that go through stages.
fn prove_stages(
    cx: &Context<'_>,
    people: &[UserIx],
    frame: &Frame,
    certificate: &Certificate,
    stated: &Stated,
) -> Result<Proof, VerifyError> {
    let objective = cx.policy.objective;
    let unfit = |what: &str| VerifyError::Frame(format!("objective {objective} {what}"));
    let aim = objective::aim(objective).ok_or_else(|| unfit("has no stages"))?;
    if certificate.total_cost.is_some() || !certificate.prices.is_empty() {
        return Err(unfit("is proven in stages, but a total cost or its prices are stated"));
    }
    let worths = AllWorths::new(cx, people);
    let flow = stated.flow();
    let (supply, coverage) = if several(cx, people) {
        if objective == Objective::RankMaximal || cx.policy.coverage == Coverage::Total {
            return Err(unfit("gives one worker to each person, but several are wanted"));
        }
        covered(cx, people, certificate, &flow)?
    } else {
        no_coverage(certificate)?;
        (Supply::one_each(people.len()), None)
    };
    let prices = certificate.stages.iter().map(|stage| whole(cx.roster, &stage.prices));
    let chain = Chain {
        prices: prices.collect::<Result<_, _>>()?,
        witness: certificate.witness.as_ref().map(|p| whole(cx.roster, p)).transpose()?,
    };
    let chain = check_chain(aim, frame, &supply, &worths, &flow, &chain)
        .map_err(|rejection| VerifyError::Refused(rejection.into()))?;
    for (told, (stage, &cost)) in
        certificate.stages.iter().zip(chain.stages().iter().zip(chain.costs()))
    {
        figure("what a stage is", told.what.clone(), stage)?;
        figure(&format!("the cost of the stage `{stage}`"), told.cost.to_string(), cost)?;
    }
    Ok(Proof::Stages { coverage, chain })
}

/// Whether somebody is to be given several workers.
fn several(cx: &Context<'_>, people: &[UserIx]) -> bool {
    people.iter().any(|&user| cx.roster.user(user).wants() > 1)
}

/// How many workers each person gets, proven where waiting decides it; and what the objective then decides within.
fn covered(
    cx: &Context<'_>,
    people: &[UserIx],
    certificate: &Certificate,
    flow: &Flow,
) -> Result<(Supply, Option<VerifiedFlow>), VerifyError> {
    let coverage =
        Granting::new(cx, people).map_err(|error| VerifyError::Frame(error.to_string()))?;
    if cx.policy.coverage == Coverage::Total {
        no_coverage(certificate)?;
        return Ok((coverage.supply().clone(), None));
    }
    let stated = certificate.coverage.as_ref().ok_or_else(|| {
        VerifyError::Frame("nothing proves how many workers each person gets".to_owned())
    })?;
    let prices = coverage_prices(cx, people, stated)?;
    let pairs = AllGranting::new(cx, people, &coverage);
    let full = coverage.with_stand_ins(flow);
    let verified = check_flow(coverage.frame(), coverage.supply(), &pairs, &full, &prices)
        .map_err(flow_refused)?;
    Ok((Granting::granted(flow), Some(verified)))
}

fn flow_refused(rejection: FlowRejection) -> VerifyError {
    VerifyError::Refused(rejection.into())
}

fn total_cost(certificate: &Certificate, actual: i128) -> Result<(), VerifyError> {
    let stated = certificate.total_cost.map_or("nothing".to_owned(), |cost| cost.to_string());
    figure("the total cost", stated, actual)
}

fn no_stages(certificate: &Certificate) -> Result<(), VerifyError> {
    if certificate.stages.is_empty() && certificate.witness.is_none() {
        return Ok(());
    }
    Err(VerifyError::Frame("objective best-total has no stages, but some are stated".to_owned()))
}

fn no_coverage(certificate: &Certificate) -> Result<(), VerifyError> {
    if certificate.coverage.is_none() {
        return Ok(());
    }
    let reason =
        "nothing is to be proven of how many workers each person gets, but a proof is stated";
    Err(VerifyError::Frame(reason.to_owned()))
}

/// The pairs that a document states, each checked against the roster as far as one pair can be.
struct Stated {
    /// By left, the workers given, ascending.
    given: Vec<Vec<Right>>,
    /// How many matches that stand are named.
    kept: usize,
}

impl Stated {
    fn read(
        cx: &Context<'_>,
        document: &MatchingDocument,
        people: &[UserIx],
    ) -> Result<Self, VerifyError> {
        let roster = cx.roster;
        let mut given = vec![Vec::new(); people.len()];
        let mut kept = 0;
        let mut named = BTreeSet::new();
        for pair in &document.matches {
            let user = roster.find_user(&pair.person_id).ok_or_else(|| {
                VerifyError::People(format!("person {} is not in the roster", pair.person_id))
            })?;
            let worker = roster.find_worker(&pair.worker_id).ok_or_else(|| {
                VerifyError::People(format!("worker {} is not in the roster", pair.worker_id))
            })?;
            if !named.insert((user, worker)) {
                return Err(VerifyError::People(format!(
                    "person {} is matched twice with worker {}",
                    pair.person_id, pair.worker_id
                )));
            }
            if pair.status == Origin::Kept {
                if pair.fit.is_some() || pair.nothing_asked {
                    return Err(VerifyError::People(format!(
                        "the match of {} that stands has no fit",
                        pair.person_id
                    )));
                }
                if !roster.user(user).kept.contains(&worker) {
                    return Err(VerifyError::People(format!(
                        "person {} has no match that stands with worker {}",
                        pair.person_id, pair.worker_id
                    )));
                }
                kept += 1;
                continue;
            }
            let Ok(left) = people.binary_search(&user) else {
                return Err(VerifyError::People(format!(
                    "person {} was not to be matched",
                    pair.person_id
                )));
            };
            given[left].push(right_of(worker));
            let scored = cx.pair(user, worker);
            let fit = Scorer::for_user(cx, user).fit(&scored);
            figure(
                &format!("the fit of {} and {}", pair.person_id, pair.worker_id),
                pair.fit.map_or("nothing".to_owned(), |f| f.to_string()),
                fit.value,
            )?;
            let what = format!("whether {} asked for nothing", pair.person_id);
            figure(&what, pair.nothing_asked.to_string(), fit.nothing_asked)?;
            if (pair.status == Origin::Pinned) != (roster.pinned(user) == Some(worker)) {
                return Err(VerifyError::People(format!(
                    "person {} is said to be pinned, or not to be, against the roster",
                    pair.person_id
                )));
            }
        }
        let stands = roster.people().iter().map(|user| user.kept.len()).sum::<usize>();
        if kept != stands {
            let left_out = (0..roster.people().len()).map(UserIx::at).find(|&user| {
                roster.user(user).kept.iter().any(|&worker| !named.contains(&(user, worker)))
            });
            let id = left_out.map_or("nobody", |user| &roster.user(user).id);
            return Err(VerifyError::People(format!(
                "a match of person {id} that stands is missing"
            )));
        }
        for row in &mut given {
            row.sort_unstable();
        }
        Ok(Self { given, kept })
    }

    /// As a flow: every pair one place.
    fn flow(&self) -> Flow {
        let row = |row: &Vec<Right>| row.iter().map(|&right| (right, 1)).collect();
        Flow::new(self.given.iter().map(row).collect())
    }

    /// As a matching, where nobody may have two workers.
    fn matching(&self) -> Result<Matching, VerifyError> {
        let one = |row: &Vec<Right>| match row[..] {
            [] => Ok(None),
            [right] => Ok(Some(right)),
            _ => Err(VerifyError::People("somebody is matched twice".to_owned())),
        };
        self.given.iter().map(one).collect::<Result<_, _>>().map(Matching::new)
    }
}

/// A summary as it is told in an error.
fn words_of(summary: &Summary) -> String {
    serde_json::to_string(summary).unwrap_or_default()
}

fn figure(what: &str, stated: String, actual: impl std::fmt::Display) -> Result<(), VerifyError> {
    let actual = actual.to_string();
    if stated == actual {
        Ok(())
    } else {
        Err(VerifyError::Figure { what: what.to_owned(), stated, actual })
    }
}

/// A checker's sentence with ids in place of its indexes (`left 4`, `right 2`), for matchings and lotteries of this roster: who reads it knows
/// people and workers, not their order in a problem.
pub fn with_ids(roster: &Roster, text: &str) -> String {
    let people = objective::people_to_match(roster);
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (digits, rest) = word.split_at(end);
        let id = match (out.last().map(String::as_str), digits.parse::<usize>()) {
            (Some("left"), Ok(at)) => people.get(at).map(|&user| ("person", &roster.user(user).id)),
            (Some("right"), Ok(at)) => {
                roster.workers().get(at).map(|worker| ("worker", &worker.id))
            }
            _ => None,
        };
        match id {
            Some((kind, id)) => {
                out.pop();
                out.push(format!("{kind} {id}{rest}"));
            }
            None => out.push(word.to_owned()),
        }
    }
    out.join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use peermatch_model::taxonomy::Taxonomy;

    #[test]
    fn sentences_of_the_checker_name_people_and_workers() {
        let input = serde_json::from_value(serde_json::json!({
            "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "UTC", "services": [{"id": "s"}],
            "people": [
                {"id": "p2", "services": ["s"], "wait_since": "2026-10-01", "status": "ready", "age_band": "25-34",
                 "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"]},
            ],
            "workers": [
                {"id": "w7", "services": ["s"], "max_people": 8, "current_people": 0, "languages": [{"tag": "en", "level": "whole"}],
                 "modes": ["telephone"], "availability": ["Mon 08:00-12:00"]},
            ]}))
        .unwrap();
        let roster = Roster::check(&input, Taxonomy::shipped()).unwrap();
        for (said, told) in [
            ("left 0 and right 0 block the matching", "person p2 and worker w7 block the matching"),
            ("right 0, which left 0: 3", "worker w7, which person p2: 3"),
            ("left 1 of right 9 is left 12 left", "left 1 of right 9 is left 12 left"),
            ("the bound 0", "the bound 0"),
        ] {
            assert_eq!(with_ids(&roster, said), told);
        }
    }
}
