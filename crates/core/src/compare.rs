//! Which policy? Every objective run on one roster, each verified, told side by side: what each gains and gives up against `best-total`.
//!
//! All figures are made from the records as one audience may see them ([`crate::view`]): for a coordinator, fits and losses from which
//! everything hidden was taken out. The matchings themselves are made from the full records, so that a coordinator may read blocking
//! pairs in a matching that is stable; the auditor's figures are the full ones. (Sums of full fits, told for a roster of few people, or before
//! and after one was added, would tell what nobody may see.)
//!
//! No time is measured here: this room has no clock.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use peermatch_assignment::gain;
use peermatch_model::policy::WHOLE;
use peermatch_model::roster::{PeerWorker, UserIx, WorkerIx};
use peermatch_model::words::{Audience, Objective};
use peermatch_solve::Watch;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::candidates::Candidates;
use crate::objective::people_to_match;
use crate::pair::Context;
use crate::run::{Decided, RunError, match_with_seed};
use crate::scoring::Scorer;
use crate::view::View;

/// What the others are compared with.
pub const BASE: Objective = Objective::BestTotal;

/// Objectives side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// As whom the figures may be read: all fits and losses are as far as this audience may see.
    pub audience: Audience,
    /// The day of the roster.
    pub as_of: String,
    /// People to be matched.
    pub people: u64,
    /// Places that workers have for them, at most.
    pub places: u64,
    /// Eligible pairs.
    pub eligible_pairs: u64,
    /// The seed of what was drawn by lot, under the objectives that draw.
    pub seed: u64,
    /// What the others are compared with.
    pub against: Objective,
    /// One for each objective that was asked for, in the order asked, once.
    pub rows: Vec<Row>,
}

/// One objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Which.
    pub objective: Objective,
    /// Its figures, from a verified matching; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schemars(default)]
    pub refused: Vec<String>,
    /// What it does better than [`Comparison::against`], in words.
    pub gains: Vec<String>,
    /// What it does worse.
    pub gives_up: Vec<String>,
}

/// What a matching comes to. Shares are in millionths. Whoever wants several workers counts once for each pair where fits are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// People who got somebody.
    pub served: u64,
    /// The most days that anybody who stays on the waiting list has waited.
    pub longest_wait_left: u32,
    /// The days that all who stay have waited, together.
    pub days_left: u64,
    /// How much of what was asked is met, on average over pairs of people who asked for something; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met_mean: Option<u32>,
    /// The same for whoever has the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met_least: Option<u32>,
    /// The fit `f` for which everybody having `f` gives the same product of `1 + fit` (in millionths): the geometric mean. It falls where the same
    /// sum is shared out less evenly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met_geometric: Option<u32>,
    /// Pairs that meet less than half of what was asked.
    pub under_half: u64,
    /// People who got a worker than whom nobody eligible meets more of what they asked.
    pub first_choices: u64,
    /// Blocking pairs: a person who would lose less with a worker than with their own (or has none), and that worker has a free place, or
    /// holds somebody who has not waited as long. Whoever was pinned takes part in none.
    pub blocking_pairs: u64,
    /// People who would have another worker (or none, or somebody) than under [`Comparison::against`].
    pub moved: u64,
    /// The loss of all pairs together, the people's own wishes alone.
    pub loss: u64,
    /// The price of this objective: how much more is lost than under [`Comparison::against`], in thousandths of that. Only where the same people
    /// are served, because whoever waits loses nothing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_per_mille: Option<i64>,
}

/// Runs each of `objectives` once on a roster, with everything else as the context's policy says, and compares. `seed` is for what is drawn by lot.
///
/// Each run is verified by the checker as any run is. O(eligible pairs) for the figures of each, beside the runs.
///
/// # Errors
/// [`RunError::Cancelled`] if `watch` says so, and internal errors. An objective that cannot do what the roster asks is told in its row.
pub fn compare(
    cx: &Context<'_>,
    objectives: &[Objective],
    audience: Audience,
    seed: u64,
    watch: &dyn Watch,
) -> Result<Comparison, RunError> {
    let people = people_to_match(cx.roster);
    let choices = choices(cx, &people, audience);
    let run = |objective: Objective| -> Result<Result<Given, Vec<String>>, RunError> {
        let policy = cx.policy.clone().with_objective(objective, None);
        let cx = Context::with_criteria(cx.roster, &policy, cx.criteria.clone());
        match match_with_seed(&cx, seed, watch) {
            Ok(run) => Ok(Ok(Given::new(run.decided()))),
            Err(RunError::Infeasible(words) | RunError::Unsupported(words)) => Ok(Err(words)),
            Err(other) => Err(other),
        }
    };
    let base = run(BASE)?;
    let judge = |given: &Given| figures(cx, &people, &choices, given, base.as_ref().ok());
    let base_figures = base.as_ref().ok().map(judge);
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for &objective in objectives.iter().filter(|&&objective| seen.insert(objective)) {
        let given = if objective == BASE { base.clone() } else { run(objective)? };
        rows.push(match given {
            Ok(given) => {
                let figures = judge(&given);
                let (gains, gives_up) =
                    base_figures.map_or_else(Default::default, |base| told(&figures, &base));
                Row { objective, figures: Some(figures), refused: Vec::new(), gains, gives_up }
            }
            Err(refused) => {
                Row { objective, figures: None, refused, gains: Vec::new(), gives_up: Vec::new() }
            }
        });
    }
    let open = cx.roster.workers().iter().filter(|w| crate::eligibility::takes_new_people(cx, w));
    Ok(Comparison {
        audience,
        as_of: cx.roster.as_of().to_string(),
        people: people.len() as u64,
        places: open.map(|w| u64::from(w.places())).sum(),
        eligible_pairs: choices.iter().map(|row| row.len() as u64).sum(),
        seed,
        against: BASE,
        rows,
    })
}

/// Whom everybody was given, by the order of people to be matched.
#[derive(Debug, Clone)]
struct Given {
    workers: Vec<Vec<WorkerIx>>,
}

impl Given {
    fn new(decided: &Decided<'_>) -> Self {
        let people = decided.people().iter();
        Self { workers: people.map(|&user| decided.workers_of(user).to_vec()).collect() }
    }
}

/// Somebody whom a person could have.
#[derive(Debug, Clone, Copy)]
struct Choice {
    worker: WorkerIx,
    /// The fit before rounding, to compare a person's own choices.
    exact: u64,
    /// The fit; `None` if nothing was asked.
    fit: Option<u32>,
    loss: u32,
}

/// Per person, whom they could have, by id, as `audience` sees it.
fn choices(cx: &Context<'_>, people: &[UserIx], audience: Audience) -> Vec<Vec<Choice>> {
    let candidates = Candidates::new(cx);
    let view = View::new(cx, audience);
    let row = |&user: &UserIx| -> Vec<Choice> {
        let seen = view.person(user);
        let workers = candidates.eligible_workers(user);
        let Some(&first) = workers.first() else { return Vec::new() };
        let scorer = Scorer::for_pair(&view.pair(&seen, first));
        let choice = |worker| {
            let fit = scorer.fit(&view.pair(&seen, worker));
            let asked = (!fit.nothing_asked).then_some(fit.value);
            Choice { worker, exact: fit.exact(), fit: asked, loss: fit.loss }
        };
        workers.into_iter().map(choice).collect()
    };
    people.par_iter().map(row).collect()
}

fn figures(
    cx: &Context<'_>,
    people: &[UserIx],
    choices: &[Vec<Choice>],
    given: &Given,
    base: Option<&Given>,
) -> Figures {
    let waits: Vec<u32> = people.iter().map(|&u| cx.roster.user(u).wait_days).collect();
    let left = || waits.iter().zip(&given.workers).filter(|(_, w)| w.is_empty()).map(|(d, _)| *d);
    let own = |place: usize| {
        choices[place].iter().filter(move |c| given.workers[place].contains(&c.worker))
    };
    let fits: Vec<u32> = (0..people.len()).flat_map(own).filter_map(|choice| choice.fit).collect();
    let first_choices = (0..people.len()).filter(|&place| {
        let best = choices[place].iter().map(|choice| choice.exact).max();
        own(place).any(|choice| Some(choice.exact) == best)
    });
    let loss = |given: &Given| -> u64 {
        let pairs = choices
            .iter()
            .zip(&given.workers)
            .flat_map(|(row, own)| row.iter().filter(|choice| own.contains(&choice.worker)));
        pairs.map(|choice| u64::from(choice.loss)).sum()
    };
    let moved = base.map_or(0, |base| {
        given.workers.iter().zip(&base.workers).filter(|(a, b)| a != b).count() as u64
    });
    let price = base
        .filter(|base| given.workers.iter().zip(&base.workers).all(|(a, b)| a.len() == b.len()));
    let lost = loss(given);
    Figures {
        served: given.workers.iter().filter(|own| !own.is_empty()).count() as u64,
        longest_wait_left: left().max().unwrap_or(0),
        days_left: left().map(u64::from).sum(),
        met_mean: mean(&fits),
        met_least: fits.iter().min().copied(),
        met_geometric: geometric(&fits),
        under_half: fits.iter().filter(|&&fit| fit < WHOLE / 2).count() as u64,
        first_choices: first_choices.count() as u64,
        blocking_pairs: blocking_pairs(cx, people, choices, given, &waits),
        moved,
        loss: lost,
        price_per_mille: price.and_then(|base| per_mille(lost, loss(base))),
    }
}

fn mean(fits: &[u32]) -> Option<u32> {
    let count = fits.len() as u64;
    let sum: u64 = fits.iter().map(|&fit| u64::from(fit)).sum();
    let rounded = (2 * sum + count).checked_div(2 * count)?;
    u32::try_from(rounded).ok()
}

/// The largest fit whose gain, for everybody, is not above the mean gain: `gain` is what Nash welfare sums.
fn geometric(fits: &[u32]) -> Option<u32> {
    let count = i64::try_from(fits.len()).ok().filter(|&count| count > 0)?;
    let sum: i64 = fits.iter().map(|&fit| i64::from(gain::gain(fit))).sum();
    let (mut low, mut high) = (0, WHOLE);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if i64::from(gain::gain(middle)) * count <= sum { low = middle } else { high = middle - 1 }
    }
    Some(low)
}

/// How much more `lost` is than `base`, in thousandths of `base`, rounded to nearest; `None` if nothing was lost to compare with.
fn per_mille(lost: u64, base: u64) -> Option<i64> {
    let (lost, base) = (i64::try_from(lost).ok()?, i64::try_from(base).ok()?);
    if base == 0 {
        return (lost == 0).then_some(0);
    }
    Some(((lost - base) * 2000 + base).div_euclid(2 * base))
}

fn blocking_pairs(
    cx: &Context<'_>,
    people: &[UserIx],
    choices: &[Vec<Choice>],
    given: &Given,
    waits: &[u32],
) -> u64 {
    let workers = cx.roster.workers();
    let pinned: Vec<bool> = people.iter().map(|&u| cx.roster.pinned(u).is_some()).collect();
    let mut free: Vec<u32> = workers.iter().map(PeerWorker::places).collect();
    // Of those who are held and could make room: the shortest wait.
    let mut shortest: Vec<Option<u32>> = vec![None; workers.len()];
    for (place, own) in given.workers.iter().enumerate() {
        for worker in own.iter().map(|w| w.index()) {
            free[worker] = free[worker].saturating_sub(1);
            if !pinned[place] {
                let least = shortest[worker].map_or(waits[place], |least| least.min(waits[place]));
                shortest[worker] = Some(least);
            }
        }
    }
    let mut blocking = 0;
    for (place, row) in choices.iter().enumerate().filter(|(place, _)| !pinned[*place]) {
        let own = &given.workers[place];
        let wants_more = (own.len() as u64) < u64::from(cx.roster.user(people[place]).wants());
        let worst = row.iter().filter(|c| own.contains(&c.worker)).map(|c| c.loss).max();
        blocking += row
            .iter()
            .filter(|choice| !own.contains(&choice.worker))
            .filter(|choice| wants_more || worst.is_some_and(|worst| choice.loss < worst))
            .filter(|choice| {
                let worker = choice.worker.index();
                free[worker] > 0 || shortest[worker].is_some_and(|least| least < waits[place])
            })
            .count() as u64;
    }
    blocking
}

/// What a matching does better and worse than another, as sentences would say it; what reads the same in whole percents is left out.
fn told(one: &Figures, base: &Figures) -> (Vec<String>, Vec<String>) {
    let mut out = (Vec::new(), Vec::new());
    let mut put = |order: Ordering, words: String| match order {
        Ordering::Greater => out.0.push(words),
        Ordering::Less => out.1.push(words),
        Ordering::Equal => {}
    };
    let more =
        |a: u64, b: u64| if a > b { format!("{} more", a - b) } else { format!("{} fewer", b - a) };
    let people = |a: u64, b: u64| {
        format!("{} {}", more(a, b), if a.abs_diff(b) == 1 { "person" } else { "people" })
    };
    put(one.served.cmp(&base.served), format!("{} served", people(one.served, base.served)));
    put(
        base.longest_wait_left.cmp(&one.longest_wait_left),
        format!(
            "longest wait left {} days instead of {}",
            one.longest_wait_left, base.longest_wait_left
        ),
    );
    put(
        base.days_left.cmp(&one.days_left),
        format!("{} days of waiting left", more(one.days_left, base.days_left)),
    );
    let percent = |fit: Option<u32>| fit.map_or(0, |fit| fit / (WHOLE / 100));
    let shares = [
        ("wishes met on average", one.met_mean, base.met_mean),
        ("the least met of all", one.met_least, base.met_least),
        ("geometric mean", one.met_geometric, base.met_geometric),
    ];
    for (what, one, base) in shares {
        put(
            percent(one).cmp(&percent(base)),
            format!("{what} {} % instead of {} %", percent(one), percent(base)),
        );
    }
    put(
        base.under_half.cmp(&one.under_half),
        format!("{} under half", people(one.under_half, base.under_half)),
    );
    put(
        one.first_choices.cmp(&base.first_choices),
        format!("{} with a first choice", people(one.first_choices, base.first_choices)),
    );
    put(
        base.blocking_pairs.cmp(&one.blocking_pairs),
        format!("{} blocking pairs", more(one.blocking_pairs, base.blocking_pairs)),
    );
    if let Some(price) = one.price_per_mille {
        let tenths = price.unsigned_abs();
        let words = if price > 0 { "more lost in all" } else { "less lost in all" };
        put(0.cmp(&price), format!("{}.{} % {words}", tenths / 10, tenths % 10));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_what_they_say() {
        assert_eq!((mean(&[]), geometric(&[])), (None, None));
        assert_eq!(mean(&[1, 2]), Some(2));
        assert_eq!(mean(&[WHOLE, 0, 0]), Some(333_333));
        for fit in [0, 1, 2, 499_999, WHOLE] {
            assert_eq!(geometric(&[fit; 7]), Some(fit));
        }
        // The root of 250,001 * 1,000,001, less 1.
        assert!(geometric(&[250_000, WHOLE]).unwrap().abs_diff(500_001) < 2);
        assert!(geometric(&[500_000, 750_000]) > geometric(&[250_000, WHOLE]));
    }

    #[test]
    fn prices_are_rounded_to_nearest_and_none_of_nothing() {
        let cases = [
            (100, 100, 0),
            (103, 100, 30),
            (97, 100, -30),
            (10_004, 10_000, 0),
            (10_005, 10_000, 1),
            (9_996, 10_000, 0),
        ];
        for (lost, base, price) in cases {
            assert_eq!(per_mille(lost, base), Some(price), "{lost} against {base}");
        }
        assert_eq!((per_mille(0, 0), per_mille(1, 0)), (Some(0), None));
    }

    #[test]
    fn only_what_differs_is_told_and_on_the_right_side() {
        let base = Figures {
            served: 20,
            longest_wait_left: 47,
            days_left: 900,
            met_mean: Some(705_000),
            met_least: Some(400_000),
            met_geometric: Some(690_000),
            under_half: 3,
            first_choices: 10,
            blocking_pairs: 4,
            moved: 0,
            loss: 5_000_000,
            price_per_mille: Some(0),
        };
        assert_eq!(told(&base, &base), (Vec::new(), Vec::new()));
        let other = Figures {
            served: 19,
            days_left: 947,
            met_mean: Some(701_000),
            met_least: Some(550_000),
            met_geometric: Some(700_000),
            under_half: 0,
            first_choices: 9,
            blocking_pairs: 0,
            moved: 7,
            price_per_mille: None,
            ..base
        };
        let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
        let gains = [
            "the least met of all 55 % instead of 40 %",
            "geometric mean 70 % instead of 69 %",
            "3 fewer people under half",
            "4 fewer blocking pairs",
        ];
        let gives_up = [
            "1 fewer person served",
            "47 more days of waiting left",
            "1 fewer person with a first choice",
        ];
        assert_eq!(told(&other, &base), (words(&gains), words(&gives_up)));
        let dear =
            Figures { price_per_mille: Some(31), longest_wait_left: 40, days_left: 912, ..base };
        assert_eq!(
            told(&dear, &base),
            (
                words(&["longest wait left 40 days instead of 47"]),
                words(&["12 more days of waiting left", "3.1 % more lost in all"])
            )
        );
    }
}
