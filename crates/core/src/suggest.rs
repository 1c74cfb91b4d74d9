//! Suggestions for one person: who could walk alongside, with reasons, for a coordinator to talk over with the person.
//!
//! The order is the person's own: by fit as far as a coordinator may see it, then by id; nobody else's wishes count here. (By the full
//! fit the order alone would tell who has what: two workers with the same reasons, one before the other.)

use std::cmp::Reverse;
use std::collections::BTreeMap;

use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{Audience, QueueState};
use peermatch_solve::Watch;
use schemars::JsonSchema;
use serde::Serialize;

use crate::choice::Costs;
use crate::eligibility;
use crate::explain::{
    ForCoordinator, PersonTold, Standing, for_coordinator, not_to_be_matched, seen_fit, why_not,
};
use crate::pair::Context;
use crate::robust::firmness;
use crate::run::{Run, RunError, match_roster};
use crate::scoring::Fit;
use crate::view::View;
use crate::waiting::TOLD_COUNT_MIN;

/// Suggestions for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suggestions {
    /// The person.
    pub person_id: String,
    /// Days waited.
    pub wait_days: u32,
    /// The workers, best fit first, each explained.
    pub workers: Vec<ForCoordinator>,
    /// How many could be matched in all.
    pub available: usize,
    /// How many options the person's services promise to offer.
    pub options_promised: u32,
    /// What each `must` costs.
    pub musts: Vec<String>,
    /// What stands in the way with the others.
    pub others: Vec<Others>,
    /// Why the person is not to be matched now, if that is so: a match stands, or the person is not ready or withdrew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not_matched_now: Option<String>,
    /// The person's workers, if matches stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matched_with: Vec<String>,
}

/// Workers who cannot be matched with the person, counted by reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Others {
    /// Why.
    pub words: String,
    /// How many workers; a worker with several reasons counts under each. Absent if fewer than three: so few can be somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
}

/// The `top` workers for one person.
///
/// O(workers × rules) to find them, O(top × workers × wishes) to explain them.
pub fn suggest(cx: &Context<'_>, user: UserIx, top: usize) -> Suggestions {
    let view = View::new(cx, Audience::Coordinator);
    let seen = view.person(user);
    let mut ranked: Vec<(WorkerIx, Fit)> = Vec::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let kept = &cx.roster.user(user).kept;
    // Whoever walks with the person already is neither suggested nor counted among those who cannot be.
    for worker in (0..cx.roster.workers().len()).map(WorkerIx::at).filter(|w| !kept.contains(w)) {
        let pair = view.pair(&seen, worker);
        if eligibility::eligible(&cx.pair(user, worker)) {
            ranked.push((worker, seen_fit(&pair)));
        } else {
            for words in why_not(&pair, Audience::Coordinator) {
                *others.entry(words).or_default() += 1;
            }
        }
    }
    ranked.sort_by_key(|(worker, fit)| (Reverse(fit.exact()), *worker));
    let available = ranked.len();
    let told = PersonTold::new(&view, &seen);
    let id = |w: WorkerIx| cx.roster.worker(w).id.clone();
    let mut firm = firmness(&ranked, top, &id).into_iter();
    let workers = ranked
        .iter()
        .take(top)
        .map(|&(w, _)| ForCoordinator {
            firmness: firm.next(),
            ..for_coordinator(&view, &seen, w, Standing::of(cx, user, w), &told, None)
        })
        .collect();
    let mut others: Vec<Others> = others
        .into_iter()
        .map(|(words, count)| Others {
            words: words.to_owned(),
            workers: (count >= TOLD_COUNT_MIN).then_some(count),
        })
        .collect();
    others.sort_by(|a, b| b.workers.cmp(&a.workers).then_with(|| a.words.cmp(&b.words)));
    let person = cx.roster.user(user);
    let promised = person.services.iter().map(|&s| cx.roster.service(s).min_options_to_offer).max();
    Suggestions {
        person_id: person.id.clone(),
        wait_days: person.wait_days,
        workers,
        available,
        options_promised: promised.unwrap_or(2),
        musts: told.musts,
        others,
        why_not_matched_now: not_to_be_matched(cx, user),
        matched_with: person.kept.iter().map(|&w| cx.roster.worker(w).id.clone()).collect(),
    }
}

/// As [`suggest`], each with what choosing it costs everybody else, beside a run over the whole roster.
///
/// Costs are left out where the run has no exact ones ([`Costs::of_run`]), and for somebody who is not to be matched now. Besides the run:
/// O(eligible pairs) once, and one search over the workers per suggestion.
pub fn suggest_with_costs(run: &Run<'_>, user: UserIx, top: usize) -> Suggestions {
    let cx = run.decided().context();
    let mut found = suggest(cx, user, top);
    if let Some(costs) = Costs::of_run(run) {
        for told in &mut found.workers {
            let worker = cx.roster.find_worker(&told.worker_id);
            told.cost_to_others = worker.and_then(|worker| costs.of(user, worker));
        }
    }
    found
}

/// Suggestions as they are asked for, and why costs are left out of them, if they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// The suggestions.
    pub suggestions: Suggestions,
    /// Why what choices cost everybody else is not told, in words; `None` if it is, or if it was not asked for or says nothing here.
    pub no_costs: Option<String>,
}

/// The `top` workers for one person, with what choosing each costs everybody else if `costs` are asked for and there are any: whatever stands
/// in the way of them is said beside the suggestions and never in place of them.
///
/// With costs, the whole roster is matched first.
///
/// # Errors
/// [`RunError::Cancelled`] if `watch` says so, and nothing else.
pub fn suggest_asked(
    cx: &Context<'_>,
    user: UserIx,
    top: usize,
    costs: bool,
    watch: &dyn Watch,
) -> Result<Suggested, RunError> {
    if !costs || cx.roster.user(user).state != QueueState::Ready {
        return Ok(Suggested { suggestions: suggest(cx, user, top), no_costs: None });
    }
    match match_roster(cx, watch) {
        Ok(run) => {
            let suggestions = suggest_with_costs(&run, user, top);
            let workers = &suggestions.workers;
            let none = !workers.is_empty() && workers.iter().all(|w| w.cost_to_others.is_none());
            let no_costs = none.then(|| {
                "what choices cost everybody else is told under objective best-total without limits: other rules have no exact prices".to_owned()
            });
            Ok(Suggested { suggestions, no_costs })
        }
        Err(RunError::Cancelled) => Err(RunError::Cancelled),
        Err(error) => Ok(Suggested {
            suggestions: suggest(cx, user, top),
            no_costs: Some(format!("what choices cost everybody else is not told: {error}")),
        }),
    }
}
