//! What changed between two matchings of the same people: who came, who left, who moves from whom to whom, and why.
//!
//! Compared are two matching documents, by id; the roster is the later one's. Why somebody moves is read off the roster and off the two
//! matchings, told as to a coordinator: the worker is gone or can no longer be matched with the person, or somebody else has the place
//! now. Where nothing of this is so, everybody together is better served this way, or as well.

use std::collections::{BTreeMap, BTreeSet};

use peermatch_model::roster::Roster;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::eligibility;
use crate::hash::policy_hash;
use crate::pair::Context;
use crate::report::{MatchingDocument, policy_of};

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four answers to four questions, each a member of the document"
)]
pub struct Diff {
    /// Whether both were made from the same roster.
    pub same_roster: bool,
    /// Whether both were made with the same policy.
    pub same_policy: bool,
    /// Whether both were made with the same objective.
    pub same_objective: bool,
    /// Whether the policies say the same but for the objective and who proposes.
    pub same_but_objective: bool,
    /// People whose workers are the same in both.
    pub unchanged: usize,
    /// Everybody else, by id.
    pub changes: Vec<Change>,
}

/// What changed for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The person.
    pub person_id: String,
    /// What kind of change.
    pub kind: Kind,
    /// Workers before.
    pub from: Vec<String>,
    /// Workers now.
    pub to: Vec<String>,
    /// Why, in words.
    pub why: String,
}

/// Kinds of change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Had a worker, and has nobody now.
    LostAPlace,
    /// Has another worker.
    Moved,
    /// Waited, and has a worker now.
    GotAPlace,
    /// Was not there before.
    Came,
    /// Is no longer there.
    Left,
}

/// Compares an earlier matching with a later one; `cx` holds the roster of the later one.
///
/// O(people log people).
pub fn diff(cx: &Context<'_>, old: &MatchingDocument, new: &MatchingDocument) -> Diff {
    let (before, after) = (workers(old), workers(new));
    let everybody: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let nobody = BTreeSet::new();
    let mut out = Diff {
        same_roster: old.roster_hash == new.roster_hash,
        same_policy: old.policy_hash == new.policy_hash,
        same_objective: old.summary.objective == new.summary.objective,
        same_but_objective: same_but_objective(cx, old, new),
        unchanged: 0,
        changes: Vec::new(),
    };
    for person in everybody {
        let (was, is) = (before.get(person), after.get(person));
        let (from, to) = (was.unwrap_or(&nobody), is.unwrap_or(&nobody));
        let kind = match (was, is) {
            (None, _) => Kind::Came,
            (_, None) => Kind::Left,
            _ if from == to => {
                out.unchanged += 1;
                continue;
            }
            _ if from.is_empty() => Kind::GotAPlace,
            _ if to.is_empty() => Kind::LostAPlace,
            _ => Kind::Moved,
        };
        let gone: Vec<&str> = from.difference(to).copied().collect();
        let why = match kind {
            Kind::Came => "New in the roster, or not to be matched before.".to_owned(),
            Kind::Left => "Withdrew, or is no longer in the roster.".to_owned(),
            Kind::GotAPlace => {
                let told: Vec<String> =
                    to.iter().map(|worker| why_now(worker, &out, &before, &after)).collect();
                told.join(" ")
            }
            Kind::Moved | Kind::LostAPlace => {
                let told: Vec<String> = gone
                    .iter()
                    .map(|worker| why(cx, person, worker, &out, &before, &after))
                    .collect();
                told.join(" ")
            }
        };
        let ids = |set: &BTreeSet<&str>| set.iter().map(|id| (*id).to_owned()).collect();
        let change =
            Change { person_id: person.to_owned(), kind, from: ids(from), to: ids(to), why };
        out.changes.push(change);
    }
    out
}

/// By person, the workers; nobody for those who wait.
fn workers(document: &MatchingDocument) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut out: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for waiting in &document.waiting {
        out.entry(&waiting.person_id).or_default();
    }
    for pair in &document.matches {
        out.entry(&pair.person_id).or_default().insert(&pair.worker_id);
    }
    out
}

/// Why a person no longer has a worker.
fn why(
    cx: &Context<'_>,
    person: &str,
    worker: &str,
    found: &Diff,
    before: &BTreeMap<&str, BTreeSet<&str>>,
    after: &BTreeMap<&str, BTreeSet<&str>>,
) -> String {
    let roster: &Roster = cx.roster;
    let (Some(user), Some(ix)) = (roster.find_user(person), roster.find_worker(worker)) else {
        return format!("{worker} is no longer in the roster.");
    };
    if !eligibility::eligible(&cx.pair(user, ix)) {
        // Which rule may be private; whoever may know asks for the explanation of the pair.
        return format!("{worker} and this person cannot be matched any more.");
    }
    let new_there: Vec<&str> = after
        .iter()
        .filter(|(other, has)| {
            has.contains(worker) && before.get(*other).is_none_or(|had| !had.contains(worker))
        })
        .map(|(other, _)| *other)
        .collect();
    match new_there[..] {
        [] if !found.same_policy => {
            format!("{worker} is not proposed any more; {}.", otherwise(found))
        }
        [] => format!("Without {worker}, everybody together is served as well or better."),
        [one] => format!("The place with {worker} goes to {one} now."),
        _ => format!("Places with {worker} go to {} now.", new_there.join(", ")),
    }
}

/// Why a person who waited has a worker now. Only somebody who is gone makes a place free; one who stays had to give it up.
fn why_now(
    worker: &str,
    found: &Diff,
    before: &BTreeMap<&str, BTreeSet<&str>>,
    after: &BTreeMap<&str, BTreeSet<&str>>,
) -> String {
    let had = before.iter().filter(|(_, had)| had.contains(worker)).map(|(person, _)| *person);
    let (stayed, left): (Vec<&str>, Vec<&str>) = had
        .filter(|person| after.get(person).is_none_or(|has| !has.contains(worker)))
        .partition(|person| after.contains_key(person));
    if !left.is_empty() {
        return format!(
            "A place with {worker} became free: {} is not matched any more.",
            left.join(", ")
        );
    }
    if !stayed.is_empty() {
        let rest = otherwise(found);
        return format!("{worker} was proposed to {} before; {rest}.", stayed.join(", "));
    }
    if found.same_roster {
        format!("{worker} had a free place before, too; {}.", otherwise(found))
    } else {
        format!("{worker} has a place for this person now.")
    }
}

/// That places are dealt out otherwise, and because of what where that is known.
fn otherwise(found: &Diff) -> &'static str {
    match (found.same_objective, found.same_policy) {
        (false, _) => "the objective is another one, and places are dealt out otherwise",
        (_, false) => "the policy is another one, and places are dealt out otherwise",
        _ => "places are dealt out otherwise now",
    }
}

/// Whether two policies are one but for the objective and who proposes. The context holds the later one.
fn same_but_objective(cx: &Context<'_>, old: &MatchingDocument, new: &MatchingDocument) -> bool {
    policy_of(old).is_ok_and(|policy| {
        let policy = policy.with_objective(cx.policy.objective, Some(cx.policy.proposing));
        policy_hash(&policy) == new.policy_hash
    })
}

/// How many people no longer have the worker they had.
pub fn moved(diff: &Diff) -> usize {
    diff.changes.iter().filter(|c| matches!(c.kind, Kind::Moved | Kind::LostAPlace)).count()
}
