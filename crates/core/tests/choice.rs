//! What choices cost everybody else, against solving again with the choice made; and that words tell no more than they say.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{Frame, Left, Matching, Problem, Right};
use peermatch_core::choice::{Costs, Effect};
use peermatch_core::objective::{right_of, worker_of};
use peermatch_core::pair::Context;
use peermatch_core::run::match_roster;
use peermatch_core::suggest::{suggest, suggest_with_costs};
use peermatch_model::policy::Policy;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_solve::choice::Choices;
use peermatch_solve::{Outcome, Quiet, best_total};
use peermatch_testkit::rosters::{self, Spec};

fn roster(spec: &Spec, seed: u64) -> Roster {
    Roster::check(&rosters::input(spec, seed), Taxonomy::shipped()).unwrap()
}

fn solved(problem: &Problem) -> Option<Matching> {
    match best_total(problem, &Quiet) {
        Outcome::Optimal(found) => Some(found.matching),
        _ => None,
    }
}

fn with(problem: &Problem, pin: Option<(Left, Right)>, more: Option<Right>) -> Problem {
    let frame = problem.frame();
    let (mut pins, mut places) = (frame.pins().to_vec(), frame.capacities().to_vec());
    if let Some((left, right)) = pin {
        pins[left.index()] = Some(right);
    }
    if let Some(right) = more {
        places[right.index()] += 1;
    }
    let frame = Frame::new(frame.waiting_costs().to_vec(), pins, places, frame.minimums().to_vec());
    Problem::new(frame.unwrap(), problem.pairs().clone()).unwrap()
}

/// Sum of what everybody but `but` loses who has a place both before and after.
fn loss(problem: &Problem, matching: &Matching, but: Left) -> i64 {
    let pairs = matching.pairs().filter(|pair| pair.0 != but);
    pairs.map(|(left, right)| i64::from(problem.pairs().cost(left, right).unwrap())).sum()
}

#[test]
fn words_say_what_solving_again_gives() {
    let policy = Policy::shipped();
    let mut seen = [0; 7];
    let mut serves = 0;
    let mut made_up_for = 0u32;
    for seed in 0..120u64 {
        let mut spec = Spec::SMALL;
        spec.wild = seed.is_multiple_of(4);
        spec.services = 1;
        (spec.areas, spec.workers) = (1, 16);
        spec.people = 20 + usize::try_from(seed % 3).unwrap() * 15;
        spec.wish_percent = 60;
        let roster = roster(&spec, seed);
        let cx = Context::new(&roster, &policy);
        let Ok(run) = match_roster(&cx, &Quiet) else { continue };
        let costs = Costs::of_run(&run).unwrap();
        let proven = run.decided().proof().least_cost().unwrap();
        let choices = Choices::new(run.problem(), proven.matching(), proven.prices()).unwrap();
        let before = run.decided().proof().least_cost().unwrap().matching();
        let people = run.decided().people();
        for (place, &user) in people.iter().enumerate() {
            let left = Left::from_index(place).unwrap();
            for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                let eligible = run.eligible_workers(user).contains(&worker);
                let told = costs.of(user, worker);
                assert_eq!(told.is_some(), eligible);
                let Some(told) = told else { continue };
                seen[told.effect as usize] += 1;
                assert!(told.words.contains(&roster.worker(worker).id));
                let after = solved(&with(run.problem(), Some((left, right_of(worker))), None));
                let Some(after) = after else {
                    assert_eq!(told.effect, Effect::NotPossible);
                    continue;
                };
                // Who is served is decided by waiting alone, so it is the same whichever way is cheapest.
                let days = |left: Left| roster.user(people[left.index()]).wait_days;
                let mut waits: Vec<u32> = Left::all(people.len())
                    .filter(|&u| u != left)
                    .filter(|&u| before.right_of(u).is_some() && after.right_of(u).is_none())
                    .map(days)
                    .collect();
                waits.sort_unstable_by(|a, b| b.cmp(a));
                assert_eq!(told.would_wait_days, waits, "seed {seed}");
                if waits.is_empty() {
                    let change =
                        loss(run.problem(), &after, left) - loss(run.problem(), before, left);
                    // What somebody loses is told of the one who loses most: gains of others do not make up for it.
                    let paid = choices.who_pays(left, right_of(worker)).unwrap();
                    let most = paid.moves.iter().filter(|m| m.left != left).filter_map(|m| {
                        let cost = |w| run.problem().pairs().cost(m.left, w).unwrap();
                        Some(cost(m.to?) - cost(m.from?))
                    });
                    let most = most.max().unwrap_or(0);
                    let expected = match most {
                        _ if before.right_of(left).map(worker_of) == Some(worker) => {
                            vec![Effect::Proposed]
                        }
                        100_001.. => vec![Effect::Less],
                        1.. => vec![Effect::ALittleLess],
                        _ => vec![Effect::AsWellOff, Effect::BetterOff],
                    };
                    assert!(expected.contains(&told.effect), "seed {seed}: {most} {told:?}");
                    // If all others together lose, somebody does, whichever of the cheapest ways is taken.
                    let well = [Effect::AsWellOff, Effect::BetterOff].contains(&told.effect);
                    assert!(change <= 0 || !well, "seed {seed}: {change} {told:?}");
                    made_up_for += u32::from(change <= 0 && most > 0);
                } else {
                    assert_eq!(told.effect, Effect::SomebodyWaits);
                }
            }
        }
        let more = costs.places_more();
        for worker in (0..roster.workers().len()).map(WorkerIx::at) {
            let after = solved(&with(run.problem(), None, Some(right_of(worker)))).unwrap();
            let told = more.iter().find(|told| told.worker_id == roster.worker(worker).id);
            let extra = Left::all(people.len())
                .find(|&u| before.right_of(u).is_none() && after.right_of(u).is_some());
            let expected = extra.map(|u| roster.user(people[u.index()]).wait_days);
            assert_eq!(told.and_then(|told| told.serves_wait_days), expected, "seed {seed}");
            serves += u32::from(extra.is_some());
        }
    }
    for effect in [
        Effect::Proposed,
        Effect::AsWellOff,
        Effect::ALittleLess,
        Effect::Less,
        Effect::SomebodyWaits,
    ] {
        assert!(seen[effect as usize] > 30, "{effect:?}: {seen:?}");
    }
    assert!(serves > 5, "{serves}");
    assert!(made_up_for > 0, "somebody gains what somebody else loses");
}

#[test]
fn suggestions_with_costs_are_the_same_suggestions() {
    let policy = Policy::shipped();
    for seed in 0..10 {
        let roster = roster(&Spec::SMALL, seed);
        let cx = Context::new(&roster, &policy);
        let Ok(run) = match_roster(&cx, &Quiet) else { continue };
        for user in (0..roster.people().len()).map(UserIx::at) {
            let mut with = suggest_with_costs(&run, user, 5);
            let to_be_matched = run.decided().people().contains(&user);
            for told in &mut with.workers {
                let cost = told.cost_to_others.take();
                assert_eq!(cost.is_some(), to_be_matched);
                // No other person, and no figure but days and how many are concerned.
                for other in roster.people() {
                    let own = other.id == told.person_id;
                    assert!(own || cost.as_ref().is_none_or(|c| !c.words.contains(&other.id)));
                }
            }
            assert_eq!(with, suggest(&cx, user, 5));
        }
    }
}
