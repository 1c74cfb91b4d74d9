//! Suggestions for one person: who could walk alongside, with reasons, for a coordinator to talk over with the person.
//!
//! The order is the person's own: by fit alone, then by id; nobody else's wishes count here.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use schemars::JsonSchema;
use serde::Serialize;

use crate::eligibility;
use crate::explain::{ForCoordinator, for_coordinator, must_costs, why_not};
use crate::pair::Context;
use crate::scoring::Scorer;
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
    /// The person's worker, if a match stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_with: Option<String>,
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
    let scorer = Scorer::for_user(cx, user);
    let mut ranked: Vec<(Reverse<u32>, WorkerIx)> = Vec::new();
    let view = View::new(cx, Audience::Coordinator);
    let seen = view.person(user);
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for place in 0..cx.roster.workers().len() {
        let worker = WorkerIx::at(place);
        let pair = cx.pair(user, worker);
        if eligibility::eligible(&pair) {
            ranked.push((Reverse(scorer.fit(&pair).value), worker));
        } else {
            for words in why_not(&view.pair(&seen, worker), Audience::Coordinator) {
                *others.entry(words).or_default() += 1;
            }
        }
    }
    ranked.sort_unstable();
    let available = ranked.len();
    let workers = ranked
        .into_iter()
        .take(top)
        .map(|(_, worker)| for_coordinator(&view, &seen, worker, true, None))
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
    Suggestions {
        person_id: person.id.clone(),
        wait_days: person.wait_days,
        workers,
        available,
        options_promised: person
            .services
            .iter()
            .map(|&s| cx.roster.service(s).min_options_to_offer)
            .max()
            .unwrap_or(2),
        musts: must_costs(&view, &seen),
        others,
        matched_with: person.kept.map(|w| cx.roster.worker(w).id.clone()),
    }
}
