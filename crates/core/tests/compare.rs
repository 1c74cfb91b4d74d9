//! Objectives side by side: every figure counted again by walking all pairs, on random rosters.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::compare::{BASE, Figures, compare};
use peermatch_core::eligibility;
use peermatch_core::objective::people_to_match;
use peermatch_core::pair::Context;
use peermatch_core::run::match_with_seed;
use peermatch_core::scoring::Scorer;
use peermatch_model::policy::{Policy, WHOLE};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{Audience, Objective, Words};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};

const SEED: u64 = 5;

/// Tight: several people for every place.
fn tight() -> Spec {
    let mut spec = Spec::WILD.undecided().sized(40, 12);
    spec.areas = 2;
    spec
}

/// Everything, by definition and nothing else, on the full records.
fn counted(cx: &Context<'_>, objective: Objective) -> Figures {
    let roster = cx.roster;
    let people = people_to_match(roster);
    let given = |objective| -> Vec<Vec<WorkerIx>> {
        let policy = cx.policy.clone().with_objective(objective, None);
        let cx = Context::new(roster, &policy);
        let run = match_with_seed(&cx, SEED, &Quiet).unwrap();
        people.iter().map(|&u| run.decided().workers_of(u).to_vec()).collect()
    };
    let (own, base) = (given(objective), given(BASE));
    let could = |u: UserIx| {
        let workers = (0..roster.workers().len()).map(WorkerIx::at);
        workers.filter(move |&w| eligibility::eligible(&cx.pair(u, w)))
    };
    let fit = |u: UserIx, w| Scorer::for_user(cx, u).fit(&cx.pair(u, w));
    let loss = |u: UserIx, w| Scorer::for_user(cx, u).loss(&cx.pair(u, w));
    let wait = |u: UserIx| roster.user(u).wait_days;
    let held =
        |w: WorkerIx| people.iter().zip(&own).filter(move |(_, o)| o.contains(&w)).map(|(&u, _)| u);

    let mut out = Figures {
        served: 0,
        longest_wait_left: 0,
        days_left: 0,
        met_mean: None,
        met_least: None,
        met_geometric: None,
        under_half: 0,
        first_choices: 0,
        blocking_pairs: 0,
        moved: 0,
        loss: 0,
        price_per_mille: None,
    };
    let (mut sum, mut count, mut ratio) = (0.0, 0.0, 0.0);
    for (&u, mine) in people.iter().zip(&own) {
        out.served += u64::from(!mine.is_empty());
        if mine.is_empty() {
            out.longest_wait_left = out.longest_wait_left.max(wait(u));
            out.days_left += u64::from(wait(u));
        }
        let mut first = false;
        for &w in mine {
            let of = fit(u, w);
            out.loss += u64::from(loss(u, w));
            first |= could(u).all(|x| fit(u, x).exact() <= of.exact());
            if of.nothing_asked {
                continue;
            }
            out.met_least = Some(out.met_least.map_or(of.value, |least| least.min(of.value)));
            out.under_half += u64::from(of.value < WHOLE / 2);
            (sum, count, ratio) =
                (sum + f64::from(of.value), count + 1.0, ratio + f64::from(of.value + 1).ln());
        }
        out.first_choices += u64::from(first);
        for w in could(u).filter(|w| !mine.contains(w)) {
            let rather = mine.len() < roster.user(u).wants() as usize
                || mine.iter().any(|&m| loss(u, w) < loss(u, m));
            let room = held(w).count() < roster.worker(w).places() as usize;
            out.blocking_pairs += u64::from(rather && (room || held(w).any(|v| wait(v) < wait(u))));
        }
    }
    out.moved = own.iter().zip(&base).filter(|(a, b)| a != b).count() as u64;
    if count > 0.0 {
        // As whole millionths, to be compared with a tolerance.
        let whole = |x: f64| format!("{x:.0}").parse::<u32>().unwrap();
        out.met_mean = Some(whole(sum / count));
        out.met_geometric = Some(whole((ratio / count).exp() - 1.0));
    }
    out
}

#[test]
fn every_figure_is_what_walking_all_pairs_counts() {
    let policy = Policy::shipped();
    let (mut waited, mut blocked, mut under) = (0, 0, 0);
    for seed in 0..24 {
        let roster = rosters::roster(&tight(), seed);
        let cx = Context::new(&roster, &policy);
        let found = compare(&cx, Objective::ALL, Audience::Auditor, SEED, &Quiet).unwrap();
        for row in &found.rows {
            let Some(figures) = row.figures else { panic!("{row:?}") };
            let mut by_hand = counted(&cx, row.objective);
            let near =
                |a: Option<u32>, b: Option<u32>| a.unwrap_or(0).abs_diff(b.unwrap_or(0)) <= 2;
            assert!(near(figures.met_mean, by_hand.met_mean), "{figures:?} {by_hand:?}");
            assert!(near(figures.met_geometric, by_hand.met_geometric), "{figures:?} {by_hand:?}");
            (by_hand.met_mean, by_hand.met_geometric) = (figures.met_mean, figures.met_geometric);
            by_hand.price_per_mille = figures.price_per_mille;
            assert_eq!(figures, by_hand, "{} on roster {seed}", row.objective);
            // What the checker proved, counted by hand too.
            assert!(row.objective != Objective::Stable || figures.blocking_pairs == 0);
            waited += u64::from(figures.days_left > 0);
            blocked += figures.blocking_pairs;
            under += figures.under_half;
        }
    }
    assert!(waited > 20 && blocked > 50 && under > 20, "{waited} {blocked} {under}");
}

/// The base has no price and moves nobody; each objective is told once; a coordinator's figures are made from what a coordinator may see.
#[test]
fn rows_are_told_once_and_against_the_base() {
    let policy = Policy::shipped();
    let roster = rosters::roster(&tight(), 3);
    let cx = Context::new(&roster, &policy);
    let asked = [Objective::BestTotal, Objective::BestTotal];
    let [full, seen] = [Audience::Auditor, Audience::Coordinator]
        .map(|audience| compare(&cx, &asked, audience, SEED, &Quiet).unwrap());
    assert_eq!(full.rows.len(), 1);
    let figures = full.rows[0].figures.unwrap();
    assert_eq!((figures.moved, figures.price_per_mille), (0, Some(0)));
    assert!(full.rows[0].gains.is_empty() && full.rows[0].gives_up.is_empty());
    assert_eq!(full.people, people_to_match(&roster).len() as u64);
    let seen = seen.rows[0].figures.unwrap();
    assert_eq!((seen.served, seen.days_left), (figures.served, figures.days_left));
    assert_ne!(seen.loss, figures.loss);
}
