//! The check of a raw result, the same after a solve and in `verify`: from edges, capacities, demand, matching and certificate alone.

use std::collections::BTreeMap;

use peermatch_assignment::side::{SideProof, Step, check_least_sum};
use peermatch_assignment::{
    Flow, FlowRejection, Frame, Left, Matching, Pairs, Prices, Ranked as _, Ranks, Right, Stage,
    Uncosted, check, check_chain, check_flow, check_greedy, check_in_turn, check_stable,
    check_within,
};
use peermatch_formats::edges::{
    self, Certificate, Proof, RawProblem, Rule, write_certificate_document,
};

use super::words;

/// What stands in the certificate file.
#[derive(Debug, Clone)]
pub(crate) enum Evidence {
    /// Of best total: a table of prices.
    Prices(Prices),
    /// Of everything else.
    Document(Certificate),
}

impl Evidence {
    pub(crate) fn bytes(&self, raw: &RawProblem) -> Vec<u8> {
        match self {
            Self::Prices(prices) => edges::write_certificate(raw, prices),
            Self::Document(certificate) => write_certificate_document(raw, certificate),
        }
    }
}

/// What is known of a result that passed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Confirmed {
    /// Lefts with a place.
    pub(crate) assigned: usize,
    /// Places given.
    pub(crate) given: u64,
    /// Edges that the check ran over.
    pub(crate) edges: u64,
    /// Pairs in use by grade, worst first; by rank, best first.
    pub(crate) grades: Option<Vec<(u32, u64)>>,
    /// No matching serves more than this.
    pub(crate) largest: Option<u64>,
    /// The least sum of scores of one left of those served, and a bound of it.
    pub(crate) sums: Option<(i64, i64)>,
    /// Whether somebody ranks two equally.
    pub(crate) ties: bool,
}

/// Why a result did not pass.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) words: String,
    /// Whether what was meant by best changes nothing about it.
    pub(crate) decisive: bool,
}

impl Refusal {
    fn decisive(words: String) -> Self {
        Self { words, decisive: true }
    }
}

/// Checks a result.
pub(crate) fn confirm(
    raw: &RawProblem,
    rule: Rule,
    flow: &Flow,
    evidence: &Evidence,
) -> Result<Confirmed, Refusal> {
    let (assigned, given) = served(flow);
    let edges = raw.edges() as u64;
    let plain = Confirmed { assigned, given, edges, ..Confirmed::default() };
    let problem = raw.problem();
    let (frame, pairs) = (problem.frame(), problem.pairs());
    match (rule, evidence) {
        (Rule::BestTotal { .. }, Evidence::Prices(prices)) => {
            if let Some(matching) = flow.as_matching().filter(|_| raw.supply().is_one_each()) {
                check(frame, pairs, &matching, prices).map_err(|why| Refusal {
                    decisive: !words::is_not_optimal(&why),
                    words: words::rejection(raw, &why),
                })?;
            } else {
                check_flow(frame, raw.supply(), pairs, flow, prices).map_err(|why| Refusal {
                    decisive: !words::flow_is_not_optimal(&why),
                    words: words::flow_rejection(raw, &why),
                })?;
            }
            Ok(plain)
        }
        (_, Evidence::Document(Certificate { proof: Proof::Stages { chain, stages }, .. })) => {
            let Some(aim) = rule.aim() else { return Err(mismatch()) };
            // The checker would say so too, but what it looks at first (grades in use) makes no sense then.
            if let Some((left, right)) = no_edge(raw, flow) {
                let why = FlowRejection::NotEligible { left, right };
                return Err(Refusal::decisive(words::flow_rejection(raw, &why)));
            }
            let worths = rule.worths(raw);
            let verified = check_chain(aim, &Rule::frame(raw), raw.supply(), &worths, flow, chain)
                .map_err(|why| Refusal::decisive(words::chain_rejection(raw, &why)))?;
            named_rightly(stages, verified.stages())?;
            let mut grades = BTreeMap::new();
            for (left, right, places) in flow.pairs() {
                if let Some((_, worth)) = worths.row(left).find(|(other, _)| *other == right) {
                    *grades.entry(worth.grade).or_insert(0) += u64::from(places);
                }
            }
            let grades: Option<Vec<(u32, u64)>> = match rule {
                Rule::RankMaximal => Some(grades.into_iter().collect()),
                Rule::MaxMin { .. } | Rule::Leximin { .. } => {
                    Some(grades.into_iter().rev().collect())
                }
                _ => None,
            };
            Ok(Confirmed { grades, ..plain })
        }
        (
            Rule::PerPerson,
            Evidence::Document(Certificate { proof: Proof::Sums { largest, bound }, .. }),
        ) => Ok(Confirmed {
            sums: sums(raw, flow, largest, bound.as_ref())?,
            largest: Some(assigned as u64),
            ..plain
        }),
        (Rule::Stable { .. }, Evidence::Document(Certificate { proof, .. })) => {
            let matching = matching(flow)?;
            let ranked = raw.ranked();
            check_stable(frame, &ranked, &matching)
                .map_err(|why| Refusal::decisive(words::ordinal_rejection(raw, &why)))?;
            let largest = match proof {
                Proof::Largest(prices) => Some(largest(frame, pairs, &matching, prices)?),
                _ => None,
            };
            let ties = ties(raw, |left, each| ranked.visit(left, each));
            Ok(Confirmed { largest, ties, ..plain })
        }
        (Rule::Greedy, Evidence::Document(Certificate { proof: Proof::None, .. })) => {
            check_greedy(frame, pairs, &matching(flow)?)
                .map_err(|why| Refusal::decisive(words::ordinal_rejection(raw, &why)))?;
            Ok(plain)
        }
        (
            Rule::Serial { .. } | Rule::FirstCome | Rule::RandomEligible { .. },
            Evidence::Document(Certificate { proof: Proof::None, .. }),
        ) => {
            check_in_turn(frame, &rule.keys(raw), &rule.order(raw), &matching(flow)?)
                .map_err(|why| Refusal::decisive(words::ordinal_rejection(raw, &why)))?;
            Ok(plain)
        }
        _ => Err(mismatch()),
    }
}

/// Lefts with a place, and places given.
fn served(flow: &Flow) -> (usize, u64) {
    let assigned = flow.rows().iter().filter(|row| !row.is_empty()).count();
    (assigned, flow.pairs().map(|(_, _, places)| u64::from(places)).sum())
}

/// The first pair in use that is no edge.
fn no_edge(raw: &RawProblem, flow: &Flow) -> Option<(Left, Right)> {
    let mut pairs = flow.pairs().map(|(left, right, _)| (left, right));
    pairs.find(|(left, right)| raw.problem().pairs().cost(*left, *right).is_none())
}

fn mismatch() -> Refusal {
    Refusal::decisive("the certificate is that of another objective".to_owned())
}

fn matching(flow: &Flow) -> Result<Matching, Refusal> {
    flow.as_matching().ok_or_else(|| Refusal::decisive("a left has more than one right".to_owned()))
}

/// The stages are what the checker says; their names in the document must say the same.
fn named_rightly(named: &[Stage], due: &[Stage]) -> Result<(), Refusal> {
    match named.iter().zip(due).position(|(named, due)| named != due) {
        Some(at) => Err(Refusal::decisive(format!(
            "stage {} of the certificate is called \"{}\", but it is \"{}\"",
            at + 1,
            named[at],
            due[at]
        ))),
        None if named.len() == due.len() => Ok(()),
        None => Err(Refusal::decisive(format!(
            "the certificate names {} stages, but there are {}",
            named.len(),
            due.len()
        ))),
    }
}

/// How many any matching can serve at most: lefts less the bound on how many must wait (König), of which any prices give one.
fn largest(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    prices: &Prices,
) -> Result<u64, Refusal> {
    let lefts = frame.lefts();
    let counting = Frame::simple(lefts, 1, frame.capacities().to_vec())
        .map_err(|why| Refusal::decisive(why.to_string()))?;
    let gap = check_within(&counting, &Uncosted(pairs), matching, prices)
        .map_err(|why| Refusal::decisive(why.to_string()))?;
    let waiting = usize::try_from(gap.bound().max(0)).unwrap_or(lefts).min(lefts);
    Ok((lefts - waiting) as u64)
}

/// Fairness per person: nobody more can be served, and the least sum of those served has the bound that the certificate says.
fn sums(
    raw: &RawProblem,
    flow: &Flow,
    largest: &Prices,
    bound: Option<&(i64, SideProof)>,
) -> Result<Option<(i64, i64)>, Refusal> {
    let (frame, pairs) = (raw.problem().frame(), raw.problem().pairs());
    if let Some((left, right)) = no_edge(raw, flow) {
        let why = FlowRejection::NotEligible { left, right };
        return Err(Refusal::decisive(words::flow_rejection(raw, &why)));
    }
    // What a left has beyond what it needs to be served does not count for how many are served, so it is left away.
    let counting = raw.counting_supply();
    let needed = Left::all(frame.lefts()).map(|left| {
        let wanted = usize::try_from(counting.wanted(left)).unwrap_or(usize::MAX);
        flow.of(left).iter().copied().take(wanted).collect()
    });
    let needed = Flow::new(needed.collect());
    let places = Frame::simple(frame.lefts(), 1, frame.capacities().to_vec())
        .map_err(|why| Refusal::decisive(why.to_string()))?;
    check_flow(&places, &counting, &Uncosted(pairs), &needed, largest).map_err(|why| {
        Refusal::decisive(match why {
            FlowRejection::NotOptimal { .. } => {
                "the certificate does not prove that nobody more can be served".to_owned()
            }
            why => words::flow_rejection(raw, &why),
        })
    })?;
    let sharing = raw.sharing_supply(flow);
    let Some((bound, proof)) = bound else {
        return if flow.pairs().next().is_none() {
            // Nobody has anything: there is no sum to bound, but minimums must hold.
            let nothing = Prices::new(vec![0; frame.rights()]);
            match check_flow(frame, raw.supply(), &Uncosted(pairs), flow, &nothing) {
                Ok(_) | Err(FlowRejection::NotOptimal { .. }) => {}
                Err(why) => return Err(Refusal::decisive(words::flow_rejection(raw, &why))),
            }
            Ok(None)
        } else {
            Err(Refusal::decisive("the certificate bounds no sum".to_owned()))
        };
    };
    // The rows are those of who is served, in their order; the document has a number for every left.
    let mut steps = Vec::with_capacity(proof.steps.len());
    for step in &proof.steps {
        steps.push(match step {
            Step::Split(left, right) => Step::Split(*left, *right),
            Step::Leaf { multipliers, prices } => {
                let mut kept = Vec::new();
                for (left, &multiplier) in Left::all(frame.lefts()).zip(multipliers) {
                    if sharing.wanted(left) > 0 {
                        kept.push(multiplier);
                    } else if multiplier != 0 {
                        let left = raw.left(left);
                        return Err(Refusal::decisive(format!(
                            "the certificate counts on `{left}`, who has nothing"
                        )));
                    }
                }
                Step::Leaf { multipliers: kept, prices: prices.clone() }
            }
        });
    }
    let proof = SideProof { scale: proof.scale, steps };
    let verified = check_least_sum(frame, &sharing, pairs, flow, *bound, &proof)
        .map_err(|why| Refusal::decisive(words::side_rejection(raw, &why)))?;
    Ok(Some((verified.least(), verified.bound())))
}

/// Whether a left or a right ranks two equally.
fn ties(raw: &RawProblem, visit: impl Fn(Left, &mut dyn FnMut(Right, Ranks))) -> bool {
    let mut by_right = Vec::with_capacity(raw.edges());
    let mut row = Vec::new();
    for left in Left::all(raw.lefts().len()) {
        row.clear();
        visit(left, &mut |right, ranks| {
            row.push(ranks.left);
            by_right.push((right, ranks.right));
        });
        row.sort_unstable();
        if row.windows(2).any(|two| two[0] == two[1]) {
            return true;
        }
    }
    by_right.sort_unstable();
    by_right.windows(2).any(|two| two[0] == two[1])
}
