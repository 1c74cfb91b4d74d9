//! Laws of every objective on random rosters: what shuffling the input, one worker more, a later person or another unit of weights must not
//! change, or may change in one direction only.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use peermatch_core::compare::compare;
use peermatch_core::draw::Draws;
use peermatch_core::eligibility;
use peermatch_core::handover::handover;
use peermatch_core::lottery::{self, LotteryObjective, LotteryRequest};
use peermatch_core::objective::people_to_match;
use peermatch_core::pair::Context;
use peermatch_core::report::document;
use peermatch_core::run::{Run, match_from, match_with_seed};
use peermatch_core::scoring::Scorer;
use peermatch_core::update::Earlier;
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::raw::{Field, RosterInput, Rows};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::{Audience, Objective, Words};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec, check};

/// Few rules stand in the way, wishes pull apart, and places are short.
fn drawn(seed: u64) -> RosterInput {
    let mut spec = Spec::SERVICE.sized(14, 7);
    spec.areas = 2;
    spec.must_percent = 3;
    let mut input = rosters::input(&spec, seed);
    each(&mut input.workers, |_, worker| worker.new_starts = 1.into());
    input
}

fn each<T>(rows: &mut Rows<T>, mut with: impl FnMut(usize, &mut T)) {
    if let Field::Given(rows) = rows {
        for (at, row) in rows.iter_mut().enumerate() {
            if let Field::Given(row) = row {
                with(at, row);
            }
        }
    }
}

fn shuffle<T>(rows: &mut Rows<T>, draws: &mut Draws) {
    if let Field::Given(rows) = rows {
        for last in (1..rows.len()).rev() {
            rows.swap(last, usize::try_from(draws.below(last as u64 + 1)).unwrap());
        }
    }
}

/// The same roster with the rows of every list in another order.
fn shuffled(mut input: RosterInput, seed: u64) -> RosterInput {
    let mut draws = Draws::new("shuffle", seed);
    shuffle(&mut input.people, &mut draws);
    shuffle(&mut input.workers, &mut draws);
    shuffle(&mut input.services, &mut draws);
    shuffle(&mut input.codes, &mut draws);
    shuffle(&mut input.matches, &mut draws);
    shuffle(&mut input.conflicts, &mut draws);
    input
}

/// The same roster under other ids, in the same order: `P` becomes `PX`, `W` becomes `WX`.
fn renamed(input: &RosterInput) -> RosterInput {
    let text = serde_json::to_string(input).unwrap();
    serde_json::from_str(&text.replace("\"P0", "\"PX0").replace("\"W0", "\"WX0")).unwrap()
}

fn policy(objective: Objective) -> Policy {
    Policy::shipped().with_objective(objective, None)
}

fn run<'a>(cx: &'a Context<'a>, seed: u64) -> Run<'a> {
    match_with_seed(cx, seed, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

fn bytes(run: &Run<'_>) -> String {
    serde_json::to_string(&document(run)).unwrap()
}

/// Who has whom, by id.
fn told(roster: &Roster, policy: &Policy, seed: u64) -> BTreeMap<String, String> {
    let cx = Context::new(roster, policy);
    let pairs: Vec<_> = run(&cx, seed).decided().pairs().collect();
    pairs
        .into_iter()
        .map(|(u, w)| (roster.user(u).id.clone(), roster.worker(w).id.clone()))
        .collect()
}

fn loss(cx: &Context<'_>, user: UserIx, worker: WorkerIx) -> u32 {
    Scorer::for_user(cx, user).loss(&cx.pair(user, worker))
}

/// Whether lots decide who gets whom: then ids are part of the input.
fn draws_lots(objective: Objective) -> bool {
    matches!(objective, Objective::Serial | Objective::RandomEligible | Objective::Stable)
}

#[test]
fn the_order_of_the_input_and_the_names_change_nothing() {
    let mut matched = 0;
    for seed in 0..12 {
        let input = drawn(seed);
        let (one, other) = (check(&input), check(&shuffled(input.clone(), seed)));
        let names = check(&renamed(&input));
        for &objective in Objective::ALL {
            let policy = policy(objective);
            let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
            let first = run(&a, seed);
            assert_eq!(bytes(&first), bytes(&run(&b, seed)), "{objective} on {seed}");
            matched += first.decided().served();
            if !draws_lots(objective) {
                let new = told(&one, &policy, seed)
                    .iter()
                    .map(|(u, w)| (u.replace('P', "PX"), w.replace('W', "WX")))
                    .collect::<BTreeMap<_, _>>();
                assert_eq!(new, told(&names, &policy, seed), "{objective} on {seed}");
            }
        }
    }
    assert!(matched > 500, "{matched} matched");
}

#[test]
fn the_order_of_the_input_changes_no_byte_of_what_builds_on_matchings() {
    let policy = Policy::shipped();
    let (mut moved, mut handed) = (0, 0);
    for seed in 0..8 {
        let input = drawn(seed);
        let (one, other) = (check(&input), check(&shuffled(input.clone(), seed)));
        let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
        for objective in [LotteryObjective::BestTotal, LotteryObjective::ProbabilisticSerial] {
            let (cap, denominator, secret) = (6, 10, String::new());
            let request = LotteryRequest { objective, cap, denominator, seed, secret };
            let make = |cx: &Context<'_>| lottery::make(cx, &request, &Quiet);
            assert_eq!(make(&a), make(&b), "{objective:?} on {seed}");
        }
        let figures =
            |cx: &Context<'_>| compare(cx, Objective::ALL, Audience::Coordinator, seed, &Quiet);
        assert_eq!(figures(&a).unwrap(), figures(&b).unwrap());
        // From the matching of another objective, so that something has to move.
        let greedy = self::policy(Objective::Greedy);
        let earlier = document(&run(&Context::new(&one, &greedy), seed));
        let from = |cx: &Context<'_>| {
            let earlier = Earlier::read(cx.roster, &earlier).unwrap();
            bytes(&match_from(cx, &earlier, seed, &Quiet).unwrap())
        };
        assert_eq!(from(&a), from(&b));
        moved += usize::from(from(&a) != bytes(&run(&a, seed)));
        // Whoever a match stands with leaves.
        let kept = |w: &WorkerIx| one.people().iter().any(|person| person.kept.contains(w));
        let leaving = (0..one.workers().len()).map(WorkerIx::at).find(kept);
        if let Some(worker) = leaving {
            let again = other.find_worker(&one.worker(worker).id).unwrap();
            let mixed = shuffled(input.clone(), seed);
            let first = handover(&input, &one, &policy, &[worker], 0, &Quiet).unwrap();
            let second = handover(&mixed, &other, &policy, &[again], 0, &Quiet).unwrap();
            assert_eq!(
                serde_json::to_string(&first).unwrap(),
                serde_json::to_string(&second).unwrap()
            );
            handed += 1;
        }
    }
    assert!(moved > 0 && handed > 2, "{moved} moved, {handed} handed over");
}

/// One worker more, with the highest id, as an earlier one would be elsewhere.
fn one_worker_more(seed: u64) -> (RosterInput, RosterInput) {
    let mut more = drawn(seed);
    let gone = rosters::worker_id(6);
    let names = |id: Option<&String>| id == Some(&gone);
    // A match with that worker would make somebody wait in one of the two only.
    if let Field::Given(matches) = &mut more.matches {
        matches.retain(|m| !m.given().is_some_and(|m| names(m.worker_id.given())));
    }
    let mut fewer = more.clone();
    if let Field::Given(workers) = &mut fewer.workers {
        workers.pop();
    }
    if let Field::Given(conflicts) = &mut fewer.conflicts {
        conflicts
            .retain(|c| !c.given().is_some_and(|c| names(c.a_id.given()) || names(c.b_id.given())));
    }
    (fewer, more)
}

/// By person, the losses of what an objective gives, none for who waits.
fn losses(roster: &Roster, policy: &Policy, seed: u64) -> BTreeMap<String, Option<u32>> {
    let cx = Context::new(roster, policy);
    let run = run(&cx, seed);
    let of = |u: &UserIx| run.decided().worker_of(*u).map(|w| loss(&cx, *u, w));
    people_to_match(roster).iter().map(|u| (roster.user(*u).id.clone(), of(u))).collect()
}

#[test]
fn one_worker_more_serves_no_fewer() {
    let (mut better, mut same) = (0, 0);
    for seed in 0..40 {
        let (fewer, more) = one_worker_more(seed);
        // Wishes about a worker who is not there yet are no roster.
        let Ok(fewer) = Roster::check(&fewer, peermatch_model::taxonomy::Taxonomy::shipped())
        else {
            continue;
        };
        let more = check(&more);
        for objective in
            [Objective::BestTotal, Objective::MaxMin, Objective::Leximin, Objective::Nash]
        {
            let policy = policy(objective);
            let (few, many) = (losses(&fewer, &policy, seed), losses(&more, &policy, seed));
            let served = |all: &BTreeMap<String, Option<u32>>| all.values().flatten().count();
            assert!(served(&few) <= served(&many), "{objective} on {seed}");
            // Who was served still is: those who are served are the best set by waiting.
            let still = few
                .iter()
                .all(|(id, had)| had.is_none() || many.get(id).is_some_and(Option::is_some));
            assert!(still, "{objective} on {seed}");
            if served(&few) < served(&many) {
                better += 1;
                continue;
            }
            same += 1;
            if objective == Objective::BestTotal {
                // No workers' wishes in this sum: their part changes with who is there.
                let mut policy = policy.clone();
                policy.mutual_percent = 0;
                let sum = |roster| {
                    losses(roster, &policy, seed)
                        .values()
                        .flatten()
                        .map(|l| u64::from(*l))
                        .sum::<u64>()
                };
                assert!(sum(&more) <= sum(&fewer), "{objective} on {seed}");
            }
        }
        // Whoever ranks and chooses: nobody is worse off with one more to choose from, where all workers rank people alike.
        let stable = policy(Objective::Stable);
        let (few, many) = (losses(&fewer, &stable, seed), losses(&more, &stable, seed));
        for (id, had) in &few {
            let Some(had) = had else { continue };
            assert!(many[id].is_some_and(|has| has <= *had), "{id} on {seed}");
        }
    }
    assert!(better > 40 && same > 10, "{better} better, {same} the same");
}

/// By person, over those served: grades behind the best they could have.
fn grades(roster: &Roster, policy: &Policy, seed: u64) -> Vec<u32> {
    let cx = Context::new(roster, policy);
    let run = run(&cx, seed);
    let mut grades: Vec<u32> = run
        .decided()
        .pairs()
        .map(|(user, worker)| {
            let workers = (0..roster.workers().len()).map(WorkerIx::at);
            let eligible = workers.filter(|&w| eligibility::eligible(&cx.pair(user, w)));
            let least = eligible.map(|w| loss(&cx, user, w)).min().unwrap();
            (loss(&cx, user, worker) - least) / policy.fit_grade
        })
        .collect();
    grades.sort_unstable_by(|a, b| b.cmp(a));
    grades
}

/// A place more with a worker who is there already changes nobody's best worker, so the worst grade, and the whole list of grades from the worst
/// down, is no worse wherever as many are served.
#[test]
fn one_place_more_leaves_no_grade_worse() {
    let mut compared = 0;
    for seed in 0..40 {
        let input = drawn(seed);
        let mut more = input.clone();
        each(&mut more.workers, |at, worker| {
            if at as u64 == seed % 7 {
                worker.new_starts = 2.into();
            }
        });
        let (one, other) = (check(&input), check(&more));
        for objective in [Objective::MaxMin, Objective::Leximin] {
            let policy = policy(objective);
            let (before, after) = (grades(&one, &policy, seed), grades(&other, &policy, seed));
            assert!(before.len() <= after.len(), "{objective} on {seed}");
            if before.len() == after.len() {
                compared += 1;
                let shown = if objective == Objective::MaxMin { 1 } else { before.len() };
                let shown = shown.min(before.len());
                assert!(after[..shown] <= before[..shown], "{objective} on {seed}");
            }
        }
    }
    assert!(compared > 10, "{compared}");
}

/// Turns: whoever comes later changes nothing for those before, whichever the rule.
#[test]
fn whoever_comes_last_changes_nothing_for_those_before() {
    let mut served = 0;
    for seed in 0..30 {
        let input = drawn(seed);
        let all = check(&input);
        let order = people_to_match(&all);
        let last = order.last().map(|&u| all.user(u).id.clone()).unwrap();
        let mut fewer = input.clone();
        each(&mut fewer.people, |_, person| {
            if person.id.given() == Some(&last) {
                person.status = peermatch_model::words::QueueState::Withdrawn.into();
            }
        });
        let fewer = check(&fewer);
        assert_eq!(people_to_match(&fewer).len() + 1, order.len());
        for objective in [
            Objective::FirstCome,
            Objective::RandomEligible,
            Objective::Coordinator,
            Objective::Stable,
        ] {
            let policy = policy(objective);
            let mut with = told(&all, &policy, seed);
            served += usize::from(with.remove(&last).is_some());
            assert_eq!(with, told(&fewer, &policy, seed), "{objective} on {seed}");
        }
        // In an order by lot, the last of that order.
        let serial = policy(Objective::Serial);
        let ids: Vec<&str> = order.iter().map(|&u| all.user(u).id.as_str()).collect();
        let turns = peermatch_core::draw::order("serial", seed, &ids);
        let last = ids[*turns.last().unwrap()].to_owned();
        let mut fewer = input.clone();
        each(&mut fewer.people, |_, person| {
            if person.id.given() == Some(&last) {
                person.status = peermatch_model::words::QueueState::Withdrawn.into();
            }
        });
        let mut with = told(&all, &serial, seed);
        with.remove(&last);
        assert_eq!(with, told(&check(&fewer), &serial, seed), "serial on {seed}");
    }
    assert!(served > 0, "somebody who came last was served");
}

/// Weights are shares: all of them, and the full voice they are measured by, times one number are the same policy.
#[test]
fn weights_times_one_number_change_no_matching() {
    let weighed = |times: u32| {
        let mut input: PolicyInput = Policy::shipped().to_input();
        if let Field::Given(criteria) = &mut input.criteria {
            for (_, criterion) in criteria.iter_mut() {
                if let Field::Given(criterion) = criterion
                    && let Some(weight) = criterion.weight.given().copied()
                {
                    criterion.weight = (weight * times).into();
                }
            }
        }
        input.full_voice_wishes =
            (input.full_voice_wishes.given().copied().unwrap() * times).into();
        Policy::check(&input).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let (one, three) = (weighed(1), weighed(3));
    assert_ne!(one, three);
    for seed in 0..10 {
        let roster = check(&drawn(seed));
        for &objective in Objective::ALL {
            let of = |policy: &Policy| {
                told(&roster, &policy.clone().with_objective(objective, None), seed)
            };
            assert_eq!(of(&one), of(&three), "{objective} on {seed}");
        }
    }
}
