//! The proof of every objective but best total: one JSON document, `peermatch/certificate@1`.
//!
//! It says what was asked for (objective, seed, who proposes, grade step) and what the checker needs beside the matching: the prices of
//! each stage, or nothing where the rule itself decides. The order of turns and the lots are not in it: they follow from the seed.
//! Prices stand by the id of the right, as decimal text (they may be beyond what some readers of JSON numbers keep); who is not named
//! has price 0.

use peermatch_assignment::side::{MULTIPLIER_MAX, SCALE_MAX, SideProof, Step};
use peermatch_assignment::{Chain, Left, PRICE_MAX, Prices, Right, Stage};
use peermatch_model::fault::{At, Faults, nearest};
use peermatch_model::words::{Objective, Words};
use serde_json::{Map, Value, json};

use super::objectives::{Asked, Proposing, Rule};
use super::{RawProblem, SCORE_MAX};
use crate::documents::{self, Kind};
use crate::places::Places;
use crate::roster_json::read_value;
use crate::{report, text};

/// The name and version of the format.
pub const CERTIFICATE_FORMAT: &str = "peermatch/certificate@1";

/// A certificate of an objective other than best total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What was asked for.
    pub rule: Rule,
    /// What proves it.
    pub proof: Proof,
}

/// What proves a matching, beside itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing more is needed: the rule decides.
    None,
    /// Prices that bound how many any matching can serve, to say how far a stable one is from that.
    Largest(Prices),
    /// Of fairness per person.
    Sums {
        /// Prices that bound how many lefts any matching can serve.
        largest: Prices,
        /// A bound of the least sum of scores of one left among those served, and what proves it, with a multiplier for every left (0 for who
        /// is not served). None where nobody is served.
        bound: Option<(i64, SideProof)>,
    },
    /// Prices for every stage, and what each stage is.
    Stages {
        /// The prices, and the witness of max-min.
        chain: Chain,
        /// What each stage minimises, as the document says; the checker derives it anew.
        stages: Vec<Stage>,
    },
}

const KEYS: [&str; 12] = [
    "format",
    "objective",
    "per_person",
    "seed",
    "proposing",
    "grade_step",
    "stages",
    "witness",
    "largest",
    "bound",
    "scale",
    "steps",
];

/// The document as indented JSON.
pub fn write_certificate_document(raw: &RawProblem, certificate: &Certificate) -> Vec<u8> {
    let rule = certificate.rule;
    let mut document = Map::new();
    document.insert("format".to_owned(), json!(CERTIFICATE_FORMAT));
    document.insert("objective".to_owned(), json!(rule.objective()));
    if rule == Rule::PerPerson {
        document.insert("per_person".to_owned(), json!(true));
    }
    if let Some(seed) = rule.seed() {
        document.insert("seed".to_owned(), json!(seed));
    }
    if let Some(proposing) = rule.proposing() {
        document.insert("proposing".to_owned(), json!(proposing));
    }
    if let Some(step) = rule.step() {
        document.insert("grade_step".to_owned(), json!(step));
    }
    match &certificate.proof {
        Proof::None => {}
        Proof::Largest(prices) => {
            document.insert("largest".to_owned(), sparse(raw, prices));
        }
        Proof::Sums { largest, bound } => {
            document.insert("largest".to_owned(), sparse(raw, largest));
            if let Some((bound, proof)) = bound {
                document.insert("bound".to_owned(), json!(bound));
                document.insert("scale".to_owned(), json!(proof.scale));
                let steps = proof.steps.iter().map(|step| written_step(raw, step)).collect();
                document.insert("steps".to_owned(), Value::Array(steps));
            }
        }
        Proof::Stages { chain, stages } => {
            let stages = stages.iter().zip(&chain.prices);
            let stages: Vec<Value> = stages
                .map(|(stage, prices)| json!({ "stage": stage, "prices": sparse(raw, prices) }))
                .collect();
            document.insert("stages".to_owned(), Value::Array(stages));
            if let Some(witness) = &chain.witness {
                document.insert("witness".to_owned(), sparse(raw, witness));
            }
        }
    }
    let mut bytes = serde_json::to_vec_pretty(&Value::Object(document)).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn sparse(raw: &RawProblem, prices: &Prices) -> Value {
    by_id(&raw.rights, prices.values())
}

fn by_id(ids: &[String], numbers: &[i64]) -> Value {
    let told = ids.iter().zip(numbers).filter(|(_, number)| **number != 0);
    Value::Object(told.map(|(id, number)| (id.clone(), json!(number.to_string()))).collect())
}

fn written_step(raw: &RawProblem, step: &Step) -> Value {
    match step {
        Step::Split(left, right) => json!({ "split": [raw.left(*left), raw.right(*right)] }),
        Step::Leaf { multipliers, prices } => json!({
            "multipliers": by_id(&raw.lefts, multipliers),
            "prices": by_id(&raw.rights, prices),
        }),
    }
}

/// Whether these bytes are a JSON document rather than a table.
pub fn is_document(bytes: &[u8]) -> bool {
    text::document(bytes).is_ok_and(|text| text.trim_start().starts_with('{'))
}

/// Reads a certificate. Whether it proves anything is the checker's to say.
///
/// # Errors
/// Every fault, with line and column: unknown or missing members, prices that are no numbers or of rights that are unknown, options
/// that do not go together.
pub fn read_certificate_document(
    raw: &RawProblem,
    file: &str,
    bytes: &[u8],
) -> Result<Certificate, Faults> {
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    documents::not_another(file, &text, Kind::Certificate)?;
    let (value, mut faults) = read_value(file, &text)?;
    let certificate = read(raw, &value, &mut faults);
    Places::json(file, &text).locate(&mut faults);
    match certificate {
        Some(certificate) => faults.into_result(certificate),
        None if faults.is_empty() => Err(report::one(
            report::whole(file),
            "",
            "",
            "not a certificate",
            "give the file that `peermatch solve --certificate` wrote",
        )),
        None => Err(faults),
    }
}

fn read(raw: &RawProblem, value: &Value, faults: &mut Faults) -> Option<Certificate> {
    let root = At::root();
    let Value::Object(members) = value else {
        faults.report(&root, "", "not an object", "give the file that `peermatch solve` wrote");
        return None;
    };
    known(members, &root, &KEYS, faults);
    if members.get("format").and_then(Value::as_str) != Some(CERTIFICATE_FORMAT) {
        let found = shown(members.get("format"));
        let fix = format!("write \"{CERTIFICATE_FORMAT}\"");
        faults.report(&root.key("format"), found, "not the format of a certificate", fix);
    }
    let objective = members.get("objective").and_then(Value::as_str).and_then(Objective::from_word);
    let Some(objective) = objective else {
        let all: Vec<&str> = Objective::ALL.iter().map(|objective| objective.word()).collect();
        let fix = format!("write one of {}", all.join(", "));
        faults.report(
            &root.key("objective"),
            shown(members.get("objective")),
            "not an objective",
            fix,
        );
        return None;
    };
    if objective == Objective::BestTotal {
        faults.report(
            &root.key("objective"),
            objective,
            "the certificate of best-total is a table",
            "give the CSV right,price",
        );
        return None;
    }
    let asked = Asked {
        objective,
        coverage: None,
        seed: whole(members, "seed", u64::MAX, faults),
        proposing: proposing(members, faults),
        grade_step: whole(members, "grade_step", u64::from(SCORE_MAX.unsigned_abs()), faults)
            .and_then(|step| u32::try_from(step).ok()),
        per_person: per_person(members, faults),
    };
    let rule = match Rule::settle(&asked, raw) {
        Ok(rule) => rule,
        Err(reasons) => {
            for reason in reasons {
                faults.report(&root.key("objective"), objective, reason, "correct the certificate");
            }
            return None;
        }
    };
    // What was asked for stands in the certificate whole, so that nothing is left to a default.
    for (key, missing) in [
        ("seed", rule.seed().is_some() && asked.seed.is_none()),
        ("proposing", rule.proposing().is_some() && asked.proposing.is_none()),
        ("grade_step", rule.step().is_some() && asked.grade_step.is_none()),
    ] {
        if missing && !members.contains_key(key) {
            let reason = format!("{objective} needs `{key}`");
            faults.report(&root.key(key), "", reason, "give the file that `peermatch solve` wrote");
        }
    }
    let staged = rule.aim().is_some();
    let stable = objective == Objective::Stable;
    let sums = rule == Rule::PerPerson;
    for (key, has) in [
        ("stages", staged),
        ("witness", matches!(rule, Rule::MaxMin { .. })),
        ("largest", stable || sums),
        ("bound", sums),
        ("scale", sums),
        ("steps", sums),
    ] {
        if members.contains_key(key) && !has {
            let of = if sums { " per person" } else { "" };
            let reason = format!("{objective}{of} has no `{key}`");
            faults.report(&root.key(key), "", reason, "take it away");
        }
    }
    let proof = if staged {
        stages(raw, members, faults)
    } else if sums {
        self::sums(raw, members, faults)
    } else {
        match members.get("largest").filter(|_| stable) {
            Some(largest) => Proof::Largest(prices(raw, largest, &root.key("largest"), faults)),
            None => Proof::None,
        }
    };
    Some(Certificate { rule, proof })
}

fn stages(raw: &RawProblem, members: &Map<String, Value>, faults: &mut Faults) -> Proof {
    let root = At::root();
    let at = root.key("stages");
    let (mut chain, mut stages) = (Chain::default(), Vec::new());
    let Some(Value::Array(list)) = members.get("stages") else {
        faults.report(&at, "", "a list of stages is missing", "give each stage with its prices");
        return Proof::Stages { chain, stages };
    };
    for (index, one) in list.iter().enumerate() {
        let at = at.index(index);
        let Value::Object(one) = one else {
            faults.report(&at, "", "not a stage", "write { \"stage\": ..., \"prices\": { ... } }");
            continue;
        };
        known(one, &at, &["stage", "prices"], faults);
        let stage = one.get("stage").and_then(|stage| serde_json::from_value(stage.clone()).ok());
        match stage {
            Some(stage) => stages.push(stage),
            None => faults.report(
                &at.key("stage"),
                shown(one.get("stage")),
                "not a stage",
                "write served, gain, cost, {\"none-above\": grade}, {\"fewest\": grade} or {\"most\": rank}",
            ),
        }
        let at = at.key("prices");
        match one.get("prices") {
            Some(of) => chain.prices.push(prices(raw, of, &at, faults)),
            None => faults.report(&at, "", "prices are missing", "write {} where all are 0"),
        }
    }
    if let Some(witness) = members.get("witness") {
        chain.witness = Some(prices(raw, witness, &root.key("witness"), faults));
    }
    Proof::Stages { chain, stages }
}

/// What proves a bound of the least sum.
fn sums(raw: &RawProblem, members: &Map<String, Value>, faults: &mut Faults) -> Proof {
    let root = At::root();
    let missing = |key: &str, faults: &mut Faults| {
        let reason = format!("fairness per person needs `{key}`");
        faults.report(&root.key(key), "", reason, "give the file that `peermatch solve` wrote");
    };
    let largest = members.get("largest").map(|of| prices(raw, of, &root.key("largest"), faults));
    if largest.is_none() {
        missing("largest", faults);
    }
    let largest = largest.unwrap_or_else(|| Prices::new(vec![0; raw.rights.len()]));
    // Where nobody is served there is nothing to be bounded, and none of the three is there.
    if ["bound", "scale", "steps"].iter().all(|key| !members.contains_key(*key)) {
        return Proof::Sums { largest, bound: None };
    }
    for key in ["bound", "scale", "steps"] {
        if !members.contains_key(key) {
            missing(key, faults);
        }
    }
    let bound = whole(members, "bound", i64::MAX.unsigned_abs(), faults).unwrap_or(0);
    let scale = whole(members, "scale", u64::from(SCALE_MAX), faults).unwrap_or(1);
    let at = root.key("steps");
    let mut steps = Vec::new();
    match members.get("steps") {
        Some(Value::Array(list)) => {
            for (index, one) in list.iter().enumerate() {
                steps.extend(read_step(raw, one, &at.index(index), faults));
            }
        }
        Some(other) => {
            faults.report(&at, shown(Some(other)), "not a list of steps", "write [ ... ]");
        }
        None => {}
    }
    let scale = u32::try_from(scale).unwrap_or(SCALE_MAX);
    let bound = (i64::try_from(bound).unwrap_or(i64::MAX), SideProof { scale, steps });
    Proof::Sums { largest, bound: Some(bound) }
}

fn read_step(raw: &RawProblem, value: &Value, at: &At<'_>, faults: &mut Faults) -> Option<Step> {
    let fix =
        "write { \"split\": [left, right] } or { \"multipliers\": { ... }, \"prices\": { ... } }";
    let Value::Object(members) = value else {
        faults.report(at, shown(Some(value)), "not a step", fix);
        return None;
    };
    if let Some(split) = members.get("split") {
        known(members, at, &["split"], faults);
        let ids = split.as_array().filter(|ids| ids.len() == 2);
        let place = |ids: &[Value], which: usize, known: &[String]| {
            let id = ids[which].as_str()?;
            known.binary_search_by(|own| own.as_str().cmp(id)).ok()
        };
        let pair = ids.and_then(|ids| {
            let left = Left::from_index(place(ids, 0, &raw.lefts)?)?;
            Some((left, Right::from_index(place(ids, 1, &raw.rights)?)?))
        });
        if pair.is_none() {
            let reason = "not a left and a right of this problem";
            faults.report(&at.key("split"), split, reason, "write [left, right]");
        }
        return pair.map(|(left, right)| Step::Split(left, right));
    }
    known(members, at, &["multipliers", "prices"], faults);
    let (Some(by_left), Some(by_right)) = (members.get("multipliers"), members.get("prices"))
    else {
        faults.report(at, "", "not a step", fix);
        return None;
    };
    let multipliers = Numbers { side: "left", name: "multiplier", least: 0, most: MULTIPLIER_MAX };
    let multipliers = multipliers.read(&raw.lefts, by_left, &at.key("multipliers"), faults);
    let prices = prices(raw, by_right, &at.key("prices"), faults).values().to_vec();
    Some(Step::Leaf { multipliers, prices })
}

/// Prices by id; 0 for who is not named.
fn prices(raw: &RawProblem, value: &Value, at: &At<'_>, faults: &mut Faults) -> Prices {
    let prices = Numbers { side: "right", name: "price", least: -PRICE_MAX, most: PRICE_MAX };
    Prices::new(prices.read(&raw.rights, value, at, faults))
}

/// Numbers by id, as decimal text.
struct Numbers {
    side: &'static str,
    name: &'static str,
    least: i64,
    most: i64,
}

impl Numbers {
    fn read(&self, ids: &[String], value: &Value, at: &At<'_>, faults: &mut Faults) -> Vec<i64> {
        let Self { side, name, least, most } = self;
        let mut numbers = vec![0; ids.len()];
        let Value::Object(members) = value else {
            let fix = format!("write {{ \"id of a {side}\": \"{name}\", ... }}");
            faults.report(at, "", format!("not an object of {name}s"), fix);
            return numbers;
        };
        for (id, number) in members {
            let at = at.key(id);
            let place = ids.binary_search(id);
            if place.is_err() {
                let among = if *side == "left" { "among the edges" } else { "in the capacities" };
                let reason = format!("there is no such {side} {among}");
                faults.report(&at, id, reason, "take it away, or correct the id");
            }
            let read =
                number.as_str().filter(|text| is_plain(text)).and_then(|text| text.parse().ok());
            match read.filter(|read: &i64| (*least..=*most).contains(read)) {
                Some(read) => {
                    if let Ok(place) = place {
                        numbers[place] = read;
                    }
                }
                None => faults.report(
                    &at,
                    shown(Some(number)),
                    format!("not a {name}"),
                    if *least < 0 {
                        format!("write a whole number within {most} of 0, in quotes")
                    } else {
                        format!("write a whole number from {least} to {most}, in quotes")
                    },
                ),
            }
        }
        numbers
    }
}

fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn whole(members: &Map<String, Value>, key: &str, most: u64, faults: &mut Faults) -> Option<u64> {
    let value = members.get(key)?;
    let number = value.as_u64().filter(|number| *number <= most);
    if number.is_none() {
        let fix = format!("write a whole number up to {most}");
        faults.report(
            &At::root().key(key),
            shown(Some(value)),
            "not a number that can stand here",
            fix,
        );
    }
    number
}

fn per_person(members: &Map<String, Value>, faults: &mut Faults) -> bool {
    match members.get("per_person") {
        None => false,
        Some(Value::Bool(true)) => true,
        Some(other) => {
            let fix = "write true, or take it away";
            faults.report(&At::root().key("per_person"), shown(Some(other)), "not true", fix);
            false
        }
    }
}

fn proposing(members: &Map<String, Value>, faults: &mut Faults) -> Option<Proposing> {
    let value = members.get("proposing")?;
    let side = serde_json::from_value(value.clone()).ok();
    if side.is_none() {
        let at = At::root();
        faults.report(
            &at.key("proposing"),
            shown(Some(value)),
            "not a side",
            "write lefts or rights",
        );
    }
    side
}

fn known(members: &Map<String, Value>, at: &At<'_>, known: &[&'static str], faults: &mut Faults) {
    for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
        let fix = match nearest(key, known.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("take it away; known here: {}", known.join(", ")),
        };
        faults.report(&at.key(key), "", format!("`{key}` is not a known name here"), fix);
    }
}

/// A value as a fault shows it: text without its quotes.
fn shown(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
