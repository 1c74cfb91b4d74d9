//! Suggestions for one person: who could walk alongside, with reasons, for a coordinator to talk over with the person.
//!
//! The order is the person's own: by fit as far as a coordinator may see it, then by id; nobody else's wishes count here. (By the full
//! fit the order alone would tell who has what: two workers with the same reasons, one before the other.)

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::{Audience, QueueState};
use peermatch_solve::Watch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::candidates::{Candidates, Obstacles};
use crate::choice::Costs;
use crate::eligibility;
use crate::explain::{
    ForCoordinator, PersonTold, Standing, for_coordinator, not_to_be_matched, why_not,
};
use crate::pair::{Context, Pair};
use crate::robust::firmness;
use crate::run::{Run, RunError, match_roster};
use crate::scoring::{Fit, Scorer};
use crate::view::{Seen, View};
use crate::waiting::TOLD_COUNT_MIN;

/// Suggestions for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schemars(default)]
    pub matched_with: Vec<String>,
}

/// Workers who cannot be matched with the person, counted by reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Others {
    /// Why.
    pub words: String,
    /// How many workers; a worker with several reasons counts under each. Absent if fewer than three: so few can be somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
}

/// The `top` workers for one person.
///
/// O(workers × rules) to find them, O(top × workers × wishes) to explain them. Where many people are asked about, [`Suggester`] finds the
/// same with less.
pub fn suggest(cx: &Context<'_>, user: UserIx, top: usize) -> Suggestions {
    let view = View::new(cx, Audience::Coordinator);
    let seen = view.person(user);
    let mut workers: Vec<WorkerIx> = Vec::new();
    let mut others: BTreeMap<&'static str, usize> = BTreeMap::new();
    let kept = &cx.roster.user(user).kept;
    // Whoever walks with the person already is neither suggested nor counted among those who cannot be.
    for worker in (0..cx.roster.workers().len()).map(WorkerIx::at).filter(|w| !kept.contains(w)) {
        if eligibility::eligible(&cx.pair(user, worker)) {
            workers.push(worker);
        } else {
            for words in why_not(&view.pair(&seen, worker), Audience::Coordinator) {
                *others.entry(words).or_default() += 1;
            }
        }
    }
    let told = PersonTold::of(&view, &seen, &workers, |record| {
        let all = (0..cx.roster.workers().len()).map(WorkerIx::at);
        all.filter(|&w| eligibility::eligible(&Pair { user: record, ..cx.pair(user, w) })).count()
    });
    suggestions(&view, &seen, &workers, others, &told, top)
}

/// Suggestions for many people of one roster: what is read of the workers is prepared once.
///
/// Making it is O(workers × (services + cells of the map)); it may be asked from several threads at once.
///
/// ```
/// use peermatch_core::pair::Context;
/// use peermatch_core::suggest::{Suggester, suggest};
/// use peermatch_model::policy::Policy;
/// use peermatch_testkit::rosters::{Spec, roster};
///
/// let (roster, policy) = (roster(&Spec::SERVICE, 1), Policy::shipped());
/// let cx = Context::new(&roster, &policy);
/// let suggester = Suggester::new(&cx);
/// for user in roster.waiting().take(20) {
///     assert_eq!(suggester.suggest(user, 5), suggest(&cx, user, 5));
/// }
/// ```
#[derive(Debug)]
pub struct Suggester<'a> {
    view: View<'a>,
    candidates: Candidates<'a>,
    obstacles: Obstacles,
}

impl<'a> Suggester<'a> {
    /// Prepares the workers of a roster.
    pub fn new(cx: &'a Context<'a>) -> Self {
        Self {
            view: View::new(cx, Audience::Coordinator),
            candidates: Candidates::new(cx),
            obstacles: Obstacles::new(cx),
        }
    }

    /// What [`suggest`] gives.
    ///
    /// O(workers / 64) per set looked at and O(workers) to compare times, then O(eligible workers × wishes²).
    pub fn suggest(&self, user: UserIx, top: usize) -> Suggestions {
        let roster = self.view.context().roster;
        let seen = self.view.person(user);
        let person = roster.user(user);
        let mut apart = FixedBitSet::with_capacity(roster.workers().len());
        apart.insert_range(..);
        // No rule lets a match be made twice, so nobody who is kept is among these.
        let workers = self.candidates.eligible_workers(user);
        for worker in person.kept.iter().chain(&workers) {
            apart.remove(worker.index());
        }
        let others = self.obstacles.count(&self.candidates, &self.view, &seen, &apart);
        let told = PersonTold::of(&self.view, &seen, &workers, |record| {
            self.candidates.eligible_as(user, record).count()
        });
        suggestions(&self.view, &seen, &workers, others, &told, top)
    }

    /// What [`suggest_with_costs`] gives, for the costs around a run over the same roster.
    pub fn suggest_with_costs(&self, costs: &Costs<'_>, user: UserIx, top: usize) -> Suggestions {
        let mut found = self.suggest(user, top);
        add_costs(self.view.context().roster, costs, user, &mut found);
        found
    }
}

/// The suggestions from who can be matched with the person, and from what stands in the way with the others.
fn suggestions(
    view: &View<'_>,
    seen: &Seen<'_>,
    workers: &[WorkerIx],
    others: BTreeMap<&'static str, usize>,
    told: &PersonTold,
    top: usize,
) -> Suggestions {
    let (cx, user) = (view.context(), seen.ix);
    let scorer = Scorer::for_record(cx, &seen.user);
    let mut ranked: Vec<(WorkerIx, Fit)> =
        workers.iter().map(|&worker| (worker, scorer.fit(&view.pair(seen, worker)))).collect();
    ranked.sort_by_key(|(worker, fit)| (Reverse(fit.exact()), *worker));
    let available = ranked.len();
    let id = |w: WorkerIx| cx.roster.worker(w).id.clone();
    let mut firm = firmness(&ranked, top, &id).into_iter();
    let workers = ranked
        .iter()
        .take(top)
        .map(|&(w, _)| ForCoordinator {
            firmness: firm.next(),
            ..for_coordinator(view, seen, w, Standing::of(cx, user, w), told, None)
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
        musts: told.musts.clone(),
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
        add_costs(cx.roster, &costs, user, &mut found);
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

/// Adds to each suggestion what choosing it costs everybody else.
fn add_costs(roster: &Roster, costs: &Costs<'_>, user: UserIx, found: &mut Suggestions) {
    let workers: Vec<WorkerIx> =
        found.workers.iter().filter_map(|told| roster.find_worker(&told.worker_id)).collect();
    for (told, cost) in found.workers.iter_mut().zip(costs.of_each(user, &workers)) {
        told.cost_to_others = cost;
    }
}
