//! Runs of a kept roster: whole matchings, kept as documents, from which proposals can be made.

use std::collections::BTreeSet;

use peermatch_model::words::Audience;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Document, DocumentOf};
use super::ground::{Draft, Ground};
use super::matches::By;
use super::{Change, Decision, Entity, Kind, Refused};
use crate::report::{Matched, MatchingDocument};
use crate::waiting::Waiting;

/// How many runs are kept: the last, and the one before to compare with. What older ones proposed stands in its matches.
pub const RUNS_KEPT: usize = 2;

/// Runs that are kept, latest first.
pub fn runs<'b>(ground: &Ground<'b>) -> Vec<&'b Document> {
    let mut runs: Vec<&Document> =
        ground.book.documents().values().filter(|d| d.of == DocumentOf::Run).collect();
    runs.sort_by(|a, b| (b.made_at, &b.id).cmp(&(a.made_at, &a.id)));
    runs
}

/// Keeps a matching that was made of this roster.
///
/// # Errors
/// It is of another roster or policy: somebody has changed something meanwhile.
pub fn keep(
    ground: Ground<'_>,
    matching: &MatchingDocument,
    by: &By,
) -> Result<Decision<Document>, Refused> {
    if matching.roster_hash != ground.roster_hash || matching.policy_hash != ground.policy_hash {
        return Err(Refused::conflict(
            "moved_on",
            "The roster has changed while it was matched. Ask again.",
        ));
    }
    let id = ground.fresh_id(Kind::Document, "r", 1);
    let document = Document {
        id: id.clone(),
        of: DocumentOf::Run,
        made_at: by.at,
        made_by: by.actor.clone(),
        revision: ground.revision,
        roster_hash: matching.roster_hash.clone(),
        policy_hash: matching.policy_hash.clone(),
        body: serde_json::to_string(matching)
            .map_err(|_| Refused::conflict("unwritable", "The matching cannot be written."))?,
    };
    let mut draft = Draft::new(ground);
    draft.tell(ground.told("run.made", [id.as_str()]));
    for old in runs(&ground).into_iter().skip(RUNS_KEPT - 1) {
        draft.change(Change::delete(Kind::Document, old.id.clone()));
    }
    draft.change(Change::put(id, Entity::Document(Box::new(document.clone()))));
    draft.decide(document, Audience::Coordinator)
}

/// A run as a coordinator may read it. Its document holds full fits, prices and what proves them: from those it could be worked out what somebody does not show, so it is an
/// auditor's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunSeen {
    /// Id.
    pub id: String,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// The revision it was made from.
    pub revision: i64,
    /// Who is matched with whom, each with the fit as far as a coordinator may see it, by the records as they are now; absent where one of the two is no longer there.
    pub matches: Vec<Matched>,
    /// Who waits on, with the blocker and the next steps, longest waiting first.
    pub waiting: Vec<Waiting>,
}

/// A run as a coordinator may read it.
///
/// # Errors
/// There is no such run, or it cannot be read any more.
pub fn seen(ground: &Ground<'_>, id: &str) -> Result<RunSeen, Refused> {
    let run = ground.book.documents().get(id).filter(|run| run.of == DocumentOf::Run);
    let run = run.ok_or(Refused::NotFound)?;
    let mut document = document_of(run)?;
    let there = |pair: &Matched| {
        ground.cx.roster.find_user(&pair.person_id).is_some()
            && ground.cx.roster.find_worker(&pair.worker_id).is_some()
    };
    for pair in document.matches.iter_mut().filter(|pair| !there(pair)) {
        (pair.fit, pair.nothing_asked) = (None, false);
    }
    Ok(RunSeen {
        id: run.id.clone(),
        made_at: run.made_at,
        revision: run.revision,
        matches: document.matches_seen(ground.cx, Audience::Coordinator),
        waiting: document.waiting,
    })
}

fn document_of(run: &Document) -> Result<MatchingDocument, Refused> {
    serde_json::from_str(&run.body)
        .map_err(|_| Refused::conflict("run_unreadable", "This run cannot be read any more."))
}

/// What one run proposes otherwise than another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunDiff {
    /// The earlier run.
    pub before: String,
    /// The later run.
    pub after: String,
    /// How many pairs are in both.
    pub same: usize,
    /// Pairs of the later run alone, by person and worker.
    pub added: Vec<RunPair>,
    /// Pairs of the earlier run alone, by person and worker.
    pub removed: Vec<RunPair>,
}

/// A pair of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RunPair {
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
}

/// What a run proposes otherwise than the one before it.
///
/// # Errors
/// There is no such run, or none before it.
pub fn diff(ground: &Ground<'_>, id: &str) -> Result<RunDiff, Refused> {
    let all = runs(ground);
    let at = all.iter().position(|run| run.id == id).ok_or(Refused::NotFound)?;
    let Some(before) = all.get(at + 1) else {
        return Err(Refused::conflict(
            "no_run_before",
            "There is no run before this one to compare with.",
        ));
    };
    let pairs = |run: &Document| -> Result<BTreeSet<RunPair>, Refused> {
        let pairs = document_of(run)?.matches.into_iter();
        Ok(pairs
            .map(|pair| RunPair { person_id: pair.person_id, worker_id: pair.worker_id })
            .collect())
    };
    let (old, new) = (pairs(before)?, pairs(all[at])?);
    Ok(RunDiff {
        before: before.id.clone(),
        after: id.to_owned(),
        same: old.intersection(&new).count(),
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
    })
}
