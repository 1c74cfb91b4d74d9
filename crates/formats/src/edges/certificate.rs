//! The proof of every objective but best total: one JSON document, `peermatch/certificate@1`.
//!
//! It says what was asked for (objective, seed, who proposes, grade step) and what the checker needs beside the matching: the prices of
//! each stage, or nothing where the rule itself decides. The order of turns and the lots are not in it: they follow from the seed.
//! Prices stand by the id of the right, as decimal text (they may be beyond what some readers of JSON numbers keep); who is not named
//! has price 0.

use peermatch_assignment::{Chain, PRICE_MAX, Prices, Stage};
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
    /// Prices for every stage, and what each stage is.
    Stages {
        /// The prices, and the witness of max-min.
        chain: Chain,
        /// What each stage minimises, as the document says; the checker derives it anew.
        stages: Vec<Stage>,
    },
}

const KEYS: [&str; 8] =
    ["format", "objective", "seed", "proposing", "grade_step", "stages", "witness", "largest"];

/// The document as indented JSON.
pub fn write_certificate_document(raw: &RawProblem, certificate: &Certificate) -> Vec<u8> {
    let rule = certificate.rule;
    let mut document = Map::new();
    document.insert("format".to_owned(), json!(CERTIFICATE_FORMAT));
    document.insert("objective".to_owned(), json!(rule.objective()));
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
    let priced = raw.rights.iter().zip(prices.values()).filter(|(_, price)| **price != 0);
    Value::Object(priced.map(|(right, price)| (right.clone(), json!(price.to_string()))).collect())
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
    for (key, has) in
        [("stages", staged), ("witness", objective == Objective::MaxMin), ("largest", stable)]
    {
        if members.contains_key(key) && !has {
            let reason = format!("{objective} has no `{key}`");
            faults.report(&root.key(key), "", reason, "take it away");
        }
    }
    let proof = if staged {
        stages(raw, members, faults)
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

/// Prices by id; 0 for who is not named.
fn prices(raw: &RawProblem, value: &Value, at: &At<'_>, faults: &mut Faults) -> Prices {
    let mut prices = vec![0; raw.rights.len()];
    let Value::Object(members) = value else {
        faults.report(
            at,
            "",
            "not an object of prices",
            "write { \"id of a right\": \"price\", ... }",
        );
        return Prices::new(prices);
    };
    for (id, price) in members {
        let at = at.key(id);
        let place = raw.rights.binary_search(id);
        if place.is_err() {
            let reason = "there is no such right in the capacities";
            faults.report(&at, id, reason, "take it away, or correct the id");
        }
        let number =
            price.as_str().filter(|text| is_plain(text)).and_then(|text| text.parse().ok());
        match number.filter(|number: &i64| (-PRICE_MAX..=PRICE_MAX).contains(number)) {
            Some(number) => {
                if let Ok(place) = place {
                    prices[place] = number;
                }
            }
            None => faults.report(
                &at,
                shown(Some(price)),
                "not a price",
                format!("write a whole number within {PRICE_MAX} of 0, in quotes"),
            ),
        }
    }
    Prices::new(prices)
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
