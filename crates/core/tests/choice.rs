//! What choices cost everybody else, against solving again with the choice made; and that words tell no more than they say.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{Flow, Frame, Left, Matching, Problem, Right, Supply};
use peermatch_core::choice::{Costs, Effect};
use peermatch_core::objective::{Granting, right_of, worker_of};
use peermatch_core::pair::Context;
use peermatch_core::run::match_roster;
use peermatch_core::suggest::{suggest, suggest_with_costs};
use peermatch_model::policy::Policy;
use peermatch_model::raw::Field;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::Coverage;
use peermatch_solve::choice::Choices;
use peermatch_solve::{FlowOutcome, Outcome, Quiet, best_flow, best_total};
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
    let mut seen = [0; 8];
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

#[test]
fn choices_asked_together_and_by_several_at_once_cost_what_each_does() {
    let mut told = 0;
    for seed in 0..30 {
        // Every third roster has people who want several workers, so that numbers are decided first.
        let mut input = rosters::input(&Spec::SERVICE.sized(30, 8), seed);
        if seed % 3 == 0
            && let Field::Given(people) = &mut input.people
        {
            for person in people.iter_mut().step_by(4) {
                if let Field::Given(person) = person {
                    person.demand = Field::Given(2);
                }
            }
        }
        let Ok(roster) = Roster::check(&input, Taxonomy::shipped()) else { continue };
        let policy = Policy::shipped();
        let cx = Context::new(&roster, &policy);
        let Ok(run) = match_roster(&cx, &Quiet) else { continue };
        let Some(costs) = Costs::of_run(&run) else { continue };
        let workers: Vec<WorkerIx> = (0..roster.workers().len()).rev().map(WorkerIx::at).collect();
        let all = |costs: &Costs<'_>| -> Vec<_> {
            let users = (0..roster.people().len()).map(UserIx::at);
            users.map(|user| costs.of_each(user, &workers)).collect()
        };
        let at_once = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(|| all(&costs)));
            threads.map(|thread| thread.join().unwrap())
        });
        // Asked anew, one at a time.
        let anew = Costs::of_run(&run).unwrap();
        for (user, row) in (0..roster.people().len()).map(UserIx::at).zip(all(&anew)) {
            let each: Vec<_> = workers.iter().map(|&worker| costs.of(user, worker)).collect();
            assert_eq!(row, each, "roster {seed}, {user:?}");
            told += row.iter().flatten().count();
            for rows in &at_once {
                assert_eq!(rows[user.index()], row, "roster {seed}, {user:?}");
            }
        }
    }
    assert!(told > 500, "{told}");
}

fn flow_of(problem: &Problem, supply: &Supply) -> Option<Flow> {
    match best_flow(problem, supply, &Quiet) {
        FlowOutcome::Optimal(found) => Some(found.flow),
        _ => None,
    }
}

/// How many workers each person gets: decided first, by waiting alone, with one pair decided or one place more.
fn numbers(
    granting: &Granting,
    problem: &Problem,
    pin: Option<(Left, Right)>,
    more: Option<Right>,
) -> Option<Vec<u64>> {
    let pairs = granting.pairs(problem.pairs()).unwrap();
    let all = Problem::new(granting.frame().clone(), pairs).unwrap();
    let flow = granting.without_stand_ins(&flow_of(&with(&all, pin, more), granting.supply())?);
    Some(Left::all(flow.lefts()).map(|left| flow.units(left)).collect())
}

fn cost_of(problem: &Problem, flow: &Flow) -> i64 {
    flow.pairs().map(|(u, w, _)| i64::from(problem.pairs().cost(u, w).unwrap())).sum()
}

/// Where people want several workers: who goes without, who has one fewer, and whether the others lose, against deciding the numbers
/// and then the pairs again with the choice made.
#[test]
fn words_say_what_solving_again_gives_where_people_want_several_workers() {
    let (mut seen, mut serves, mut further) = ([0; 8], 0, 0);
    let mut longest = Policy::shipped();
    longest.coverage = Coverage::LongestWait;
    let mut total = longest.clone();
    total.coverage = Coverage::Total;
    for seed in 0..150u64 {
        let mut spec = Spec::SMALL;
        spec.wild = seed.is_multiple_of(4);
        spec.decisions = seed.is_multiple_of(3);
        (spec.services, spec.areas, spec.workers) = (1, 1, 12);
        spec.people = 12 + usize::try_from(seed % 3).unwrap() * 8;
        spec.wish_percent = 60;
        let mut input = rosters::input(&spec, seed);
        if let Field::Given(people) = &mut input.people {
            for (place, person) in people.iter_mut().enumerate() {
                if let Field::Given(person) = person {
                    person.demand = [1, 2, 1, 3, 2][place % 5].into();
                }
            }
        }
        let roster = Roster::check(&input, Taxonomy::shipped()).unwrap();
        let policy = if seed % 5 == 4 { &total } else { &longest };
        let cx = Context::new(&roster, policy);
        let Ok(run) = match_roster(&cx, &Quiet) else { continue };
        let people = run.decided().people();
        if people.iter().all(|&user| roster.user(user).wants() == 1) {
            continue;
        }
        let costs = Costs::of_run(&run).unwrap();
        let granting = Granting::new(&cx, people).unwrap();
        let before: Vec<u64> =
            people.iter().map(|&user| run.decided().workers_of(user).len() as u64).collect();
        let mut rows = Vec::new();
        for &user in people {
            let row = run.decided().workers_of(user).iter();
            rows.push(row.map(|&worker| (right_of(worker), 1)).collect());
        }
        let base = cost_of(run.problem(), &Flow::new(rows));
        let days = |left: Left| roster.user(people[left.index()]).wait_days;
        for (left, &user) in Left::all(people.len()).zip(people) {
            if run.problem().frame().pinned(left).is_some() {
                continue;
            }
            for worker in run.eligible_workers(user) {
                let told = costs.of(user, worker).unwrap();
                seen[told.effect as usize] += 1;
                let pin = Some((left, right_of(worker)));
                let given = run.decided().workers_of(user).contains(&worker);
                assert_eq!(told.effect == Effect::Proposed, given, "seed {seed}");
                if policy.coverage == Coverage::Total {
                    let forced = with(run.problem(), pin, None);
                    let possible = flow_of(&forced, granting.supply()).is_some();
                    assert_eq!(told.effect == Effect::NotPossible, !possible, "seed {seed}");
                    continue;
                }
                let Some(after) = numbers(&granting, run.problem(), pin, None) else {
                    assert_eq!(told.effect, Effect::NotPossible, "seed {seed}");
                    continue;
                };
                let lose: Vec<Left> = Left::all(people.len())
                    .filter(|&u| u != left && after[u.index()] < before[u.index()])
                    .collect();
                let mut waits: Vec<u32> =
                    lose.iter().filter(|u| after[u.index()] == 0).map(|&u| days(u)).collect();
                waits.sort_unstable_by(|a, b| b.cmp(a));
                assert_eq!(told.would_wait_days, waits, "seed {seed}: {told:?}");
                if !waits.is_empty() {
                    assert_eq!(told.effect, Effect::SomebodyWaits);
                } else if !lose.is_empty() {
                    assert_eq!(told.effect, Effect::OneFewer, "seed {seed}");
                } else if !given {
                    assert_eq!(after, before, "seed {seed}: all keep their number");
                    let wants: Vec<u32> =
                        after.iter().map(|&n| u32::try_from(n).unwrap()).collect();
                    let each = vec![1; wants.len()];
                    let supply = Supply::new(wants.clone(), wants, each).unwrap();
                    let forced = with(run.problem(), pin, None);
                    let after = flow_of(&forced, &supply).unwrap();
                    let own = |flow: &Flow| -> i64 {
                        let row = flow.of(left).iter();
                        row.map(|&(w, _)| i64::from(run.problem().pairs().cost(left, w).unwrap()))
                            .sum()
                    };
                    let mut mine = 0;
                    for &worker in run.decided().workers_of(user) {
                        let cost = run.problem().pairs().cost(left, right_of(worker)).unwrap();
                        mine += i64::from(cost);
                    }
                    // If all others together lose, somebody does, whichever of the cheapest ways is taken.
                    let change = (cost_of(run.problem(), &after) - own(&after)) - (base - mine);
                    let well = [Effect::AsWellOff, Effect::BetterOff].contains(&told.effect);
                    let less = [Effect::ALittleLess, Effect::Less].contains(&told.effect);
                    assert!(well || less, "seed {seed}: {told:?}");
                    assert!(change <= 0 || !well, "seed {seed}");
                }
            }
        }
        if policy.coverage == Coverage::Total {
            continue;
        }
        let more = costs.places_more();
        for worker in (0..roster.workers().len()).map(WorkerIx::at) {
            let after = numbers(&granting, run.problem(), None, Some(right_of(worker)));
            let after = after.expect("more places break nothing");
            let told = more.iter().find(|told| told.worker_id == roster.worker(worker).id);
            let extra = Left::all(people.len()).find(|u| after[u.index()] > before[u.index()]);
            let first = extra.filter(|u| before[u.index()] == 0).map(days);
            assert_eq!(told.and_then(|told| told.serves_wait_days), first, "seed {seed}");
            serves += u32::from(first.is_some());
            if extra.is_some() && first.is_none() {
                further += 1;
                assert!(told.unwrap().words.contains("one more worker"), "seed {seed}");
            }
        }
    }
    for effect in
        [Effect::Proposed, Effect::AsWellOff, Effect::Less, Effect::OneFewer, Effect::SomebodyWaits]
    {
        assert!(seen[effect as usize] > 30, "{effect:?}: {seen:?}");
    }
    assert!(serves > 5 && further > 5, "{serves} {further}");
}
