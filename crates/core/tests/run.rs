//! Whole runs: who is served, by laws that do not know how it is done; and verification that trusts nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeSet;

use peermatch_core::eligibility;
use peermatch_core::objective::people_to_match;
use peermatch_core::pair::Context;
use peermatch_core::report::{
    Exact, MatchingDocument, Origin, VerifyError, document, policy_of, verify,
};
use peermatch_core::run::{RunError, match_roster};
use peermatch_core::waiting::{Blocker, Waiting};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{QueueState, Strength};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};
use proptest::prelude::*;

/// Tight and full of what can stand in the way, without decisions made before (so that it always has a matching).
fn tight() -> Spec {
    let mut spec = Spec::SMALL;
    spec.people = 24;
    spec.decisions = false;
    spec
}

fn checked(input: &RosterInput) -> Roster {
    Roster::check(input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn served(roster: &Roster, policy: &Policy) -> BTreeSet<String> {
    let cx = Context::new(roster, policy);
    let run = match_roster(&cx, &Quiet).unwrap();
    run.decided()
        .people()
        .iter()
        .filter(|&&u| run.decided().worker_of(u).is_some())
        .map(|&u| roster.user(u).id.clone())
        .collect()
}

fn try_served(roster: &Roster, policy: &Policy) -> Option<BTreeSet<UserIx>> {
    let cx = Context::new(roster, policy);
    let run = match_roster(&cx, &Quiet).ok()?;
    let people = run.decided().people().iter().copied();
    Some(people.filter(|&u| run.decided().worker_of(u).is_some()).collect())
}

/// Who is served, by nothing but waiting time: in order of waiting (then id), a person is served if all served before still can be.
/// Plain augmenting paths over all pairs; knows no cost, no price and no index.
fn greedy(roster: &Roster, policy: &Policy) -> BTreeSet<String> {
    fn place(cx: &Context<'_>, user: UserIx, held: &mut [Vec<UserIx>], seen: &mut [bool]) -> bool {
        for w in 0..held.len() {
            if seen[w] || !eligibility::eligible(&cx.pair(user, WorkerIx::at(w))) {
                continue;
            }
            seen[w] = true;
            if held[w].len() < cx.roster.workers()[w].places() as usize {
                held[w].push(user);
                return true;
            }
            for i in 0..held[w].len() {
                let other = held[w][i];
                if place(cx, other, held, seen) {
                    held[w][i] = user;
                    return true;
                }
            }
        }
        false
    }
    let cx = Context::new(roster, policy);
    let mut held = vec![Vec::new(); roster.workers().len()];
    let mut out = BTreeSet::new();
    for user in people_to_match(roster) {
        let mut seen = vec![false; held.len()];
        if place(&cx, user, &mut held, &mut seen) {
            out.insert(roster.user(user).id.clone());
        }
    }
    out
}

/// Makes places scarce, so that somebody waits.
fn scarce(mut input: RosterInput, places: u32) -> RosterInput {
    if let Field::Given(workers) = &mut input.workers {
        for worker in workers {
            if let Field::Given(worker) = worker {
                worker.new_starts = places.into();
            }
        }
    }
    input
}

/// Turns every `nice` into `important` and back, and drops every third such wish.
fn other_wishes(mut input: RosterInput) -> RosterInput {
    let Field::Given(people) = &mut input.people else { return input };
    for (i, person) in people.iter_mut().enumerate() {
        let Field::Given(person) = person else { continue };
        let Field::Given(wishes) = &mut person.wishes else { continue };
        let mut place = 0;
        wishes.retain_mut(|wish| {
            let Field::Given(wish) = wish else { return true };
            place += 1;
            match wish.strength {
                Field::Given(Strength::Must) | Field::Absent | Field::Wrong(_) => true,
                Field::Given(_) if (i + place) % 3 == 0 => false,
                Field::Given(Strength::Nice) => {
                    wish.strength = Strength::Important.into();
                    true
                }
                Field::Given(Strength::Important) => {
                    wish.strength = Strength::Nice.into();
                    true
                }
            }
        });
    }
    input
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn who_is_served_is_decided_by_waiting_alone(seed in any::<u64>(), places in 0u32..3) {
        let policy = Policy::shipped();
        let input = scarce(rosters::input(&tight(), seed), places);
        let roster = checked(&input);
        let served_now = served(&roster, &policy);
        prop_assert_eq!(&served_now, &greedy(&roster, &policy));
        let changed = checked(&other_wishes(input));
        prop_assert_eq!(served_now, served(&changed, &policy));
    }

    /// With pins, exclusions and minimums too, as far as they can be kept.
    #[test]
    fn wishes_serve_nobody_and_pass_nobody_over(seed in any::<u64>(), places in 1u32..4) {
        let policy = Policy::shipped();
        let mut spec = Spec::SMALL;
        spec.people = 24;
        let input = scarce(rosters::input(&spec, seed), places);
        let now = try_served(&checked(&input), &policy);
        prop_assert_eq!(now, try_served(&checked(&other_wishes(input)), &policy));
    }

    #[test]
    fn rows_in_any_order_give_the_same_document(seed in any::<u64>()) {
        let policy = Policy::shipped();
        let input = rosters::input(&tight(), seed);
        let mut turned = input.clone();
        for rows in [&mut turned.people] {
            if let Field::Given(rows) = rows { rows.reverse(); }
        }
        if let Field::Given(rows) = &mut turned.workers { rows.rotate_left(3); }
        if let Field::Given(rows) = &mut turned.conflicts { rows.reverse(); }
        if let Field::Given(rows) = &mut turned.matches { rows.reverse(); }
        if let Field::Given(rows) = &mut turned.codes { rows.reverse(); }
        if let Field::Given(rows) = &mut turned.services { rows.reverse(); }
        let one = made(&checked(&input), &policy);
        prop_assert_eq!(one, made(&checked(&turned), &policy));
    }

    /// Other ids for the workers: the same people are served at the same cost, whatever ties break otherwise.
    #[test]
    fn other_ids_serve_the_same_people_as_well(seed in any::<u64>(), places in 0u32..3) {
        let policy = Policy::shipped();
        let input = scarce(rosters::input(&tight(), seed), places);
        let count = tight().workers;
        let mut text = serde_json::to_string(&input).unwrap();
        for i in 0..count {
            text = text.replace(&format!("\"{}\"", rosters::worker_id(i)), &format!("\"@{i}\""));
        }
        for i in 0..count {
            text = text.replace(&format!("\"@{i}\""), &format!("\"{}\"", rosters::worker_id(count - 1 - i)));
        }
        let renamed: RosterInput = serde_json::from_str(&text).unwrap();
        prop_assert_ne!(&renamed, &input);
        let (one, other) = (checked(&input), checked(&renamed));
        prop_assert_eq!(served(&one, &policy), served(&other, &policy));
        let cost = |roster: &Roster| made(roster, &policy).certificate.total_cost;
        prop_assert_eq!(cost(&one), cost(&other));
    }

    #[test]
    fn a_document_verifies_and_a_changed_one_does_not(seed in any::<u64>(), at in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let policy = Policy::shipped();
        let roster = checked(&scarce(rosters::input(&tight(), seed), 2));
        let right = made(&roster, &policy);
        let stated = policy_of(&right).unwrap();
        let cx = Context::new(&roster, &stated);
        prop_assert!(verify(&cx, &right).is_ok());

        // Another worker for somebody: refused, or just as good (the least total cost again) and then accepted rightly.
        let proposed: Vec<usize> = right.matches.iter().enumerate().filter(|(_, m)| m.status == Origin::Proposed).map(|(i, _)| i).collect();
        prop_assume!(!proposed.is_empty());
        let place = proposed[at.index(proposed.len())];
        let mut changed = right.clone();
        let other = roster.workers()[to.index(roster.workers().len())].id.clone();
        let same = other == changed.matches[place].worker_id;
        changed.matches[place].worker_id = other;
        match verify(&cx, &changed) {
            // Just as good, and yet no longer what the summary says of who was never suggested.
            Err(VerifyError::Figure { what, .. }) if what == "the summary" => prop_assert!(!same),
            found => prop_assert_eq!(found.is_ok(), same || equally_good(&cx, &right, &changed)),
        }

        for break_it in [
            |d: &mut MatchingDocument, i: usize| { d.matches.remove(i); },
            |d: &mut MatchingDocument, i: usize| { let twice = d.matches[i].clone(); d.matches.push(twice); },
            |d: &mut MatchingDocument, i: usize| d.matches[i].fit = d.matches[i].fit.map(|f| f ^ 1),
            |d: &mut MatchingDocument, i: usize| d.matches[i].person_id.push('x'),
            |d: &mut MatchingDocument, _: usize| d.certificate.total_cost = d.certificate.total_cost.map(|cost| Exact(cost.0 + 1)),
            |d: &mut MatchingDocument, _: usize| d.roster_hash.push('0'),
            |d: &mut MatchingDocument, _: usize| d.policy_hash.push('0'),
            |d: &mut MatchingDocument, _: usize| d.policy.mutual_percent = 21.into(),
            |d: &mut MatchingDocument, _: usize| d.summary.matched += 1,
            |d: &mut MatchingDocument, _: usize| d.format = "peermatch/matching@2".into(),
            |d: &mut MatchingDocument, _: usize| d.as_of = "2026-11-23".into(),
            |d: &mut MatchingDocument, _: usize| d.summary.places += 1,
            |d: &mut MatchingDocument, _: usize| d.summary.people_with_a_must[0] += 1,
            |d: &mut MatchingDocument, _: usize| d.summary.workers_never_suggested.push("nobody".into()),
            |d: &mut MatchingDocument, i: usize| d.matches[i].nothing_asked = !d.matches[i].nothing_asked,
            |d: &mut MatchingDocument, i: usize| {
                let id = d.matches[i].person_id.clone();
                let mut waiting = d.waiting.first().cloned().unwrap_or_else(|| waiting(&id));
                waiting.wait_days += 1;
                d.waiting.insert(0, waiting);
            },
        ] {
            let mut broken = right.clone();
            break_it(&mut broken, place);
            prop_assert!(verify(&cx, &broken).is_err());
        }
    }
}

fn waiting(id: &str) -> Waiting {
    Waiting {
        person_id: id.to_owned(),
        wait_days: 0,
        blocker: Blocker::PlacesTaken,
        most_often: None,
        words: String::new(),
        next_steps: Vec::new(),
    }
}

/// Whether a changed document is feasible, states its fits rightly, and costs the same by a sum made here.
fn equally_good(cx: &Context<'_>, right: &MatchingDocument, changed: &MatchingDocument) -> bool {
    use peermatch_assignment::{Matching, Pairs, Right};
    let people = people_to_match(cx.roster);
    let stream = peermatch_core::objective::AllPairs::new(cx, &people);
    let cost = |document: &MatchingDocument| {
        let mut rights = vec![None; people.len()];
        for m in document.matches.iter().filter(|m| m.status != Origin::Kept) {
            let left = people.binary_search(&cx.roster.find_user(&m.person_id)?).ok()?;
            rights[left] =
                Some(Right(u32::try_from(cx.roster.find_worker(&m.worker_id)?.index()).ok()?));
        }
        let matching = Matching::new(rights);
        let loads = matching.loads(cx.roster.workers().len());
        if loads.iter().zip(cx.roster.workers()).any(|(load, w)| *load > w.places()) {
            return None;
        }
        let mut sum = 0i64;
        for (left, right) in matching.pairs() {
            let mut found = None;
            stream.visit(left, |r, c| {
                if r == right {
                    found = Some(c);
                }
            });
            sum += i64::from(found?);
        }
        Some(sum)
    };
    let fits = changed.matches.iter().all(|m| {
        let (Some(user), Some(worker)) =
            (cx.roster.find_user(&m.person_id), cx.roster.find_worker(&m.worker_id))
        else {
            return false;
        };
        m.status == Origin::Kept
            || m.fit
                == Some(
                    peermatch_core::scoring::Scorer::for_user(cx, user)
                        .fit(&cx.pair(user, worker))
                        .value,
                )
    });
    fits && cost(changed).is_some() && cost(changed) == cost(right)
}

fn made(roster: &Roster, policy: &Policy) -> MatchingDocument {
    let cx = Context::new(roster, policy);
    let run = match_roster(&cx, &Quiet).unwrap();
    document(&run)
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let policy = Policy::shipped();
    for seed in 0..4 {
        let mut spec = Spec::WILD;
        spec.decisions = false;
        let roster = rosters::roster(&spec, seed);
        let with = |threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
                .install(|| serde_json::to_string(&made(&roster, &policy)).unwrap())
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(8));
    }
}

#[test]
fn matches_that_stand_are_kept_and_everybody_else_is_accounted_for() {
    let policy = Policy::shipped();
    for seed in 0..24 {
        let mut spec = Spec::WILD;
        spec.decisions = false;
        let roster = rosters::roster(&spec, seed);
        let cx = Context::new(&roster, &policy);
        let run = match_roster(&cx, &Quiet).unwrap();
        let document = document(&run);
        for (place, user) in roster.people().iter().enumerate() {
            let pair = document.matches.iter().find(|m| m.person_id == user.id);
            let waiting = document.waiting.iter().find(|w| w.person_id == user.id);
            if let Some(&kept) = user.kept.first() {
                let pair = pair.expect("a match that stands is in the document");
                assert_eq!(
                    (pair.status, pair.worker_id.as_str()),
                    (Origin::Kept, roster.worker(kept).id.as_str())
                );
            } else if user.state == QueueState::Withdrawn {
                assert!(pair.is_none() && waiting.is_none());
            } else {
                assert!(
                    pair.is_some() != waiting.is_some(),
                    "{} is neither matched nor waiting, or both",
                    user.id
                );
            }
            if let Some(waiting) = waiting {
                assert!(!waiting.words.is_empty(), "{} has no reason", user.id);
                assert!(!waiting.next_steps.is_empty(), "{} has no next step", user.id);
            }
            if let Some(worker) = run.decided().worker_of(UserIx::at(place)) {
                assert!(eligibility::eligible(&cx.pair(UserIx::at(place), worker)));
            }
        }
    }
}

#[test]
fn pins_are_kept_and_what_cannot_be_kept_is_told() {
    let policy = Policy::shipped();
    let (mut feasible, mut infeasible) = (0, 0);
    for seed in 0..80 {
        let roster = rosters::roster(&Spec::SMALL, seed);
        let cx = Context::new(&roster, &policy);
        match match_roster(&cx, &Quiet) {
            Ok(run) => {
                feasible += 1;
                for &user in run.decided().people() {
                    if let Some(worker) = roster.pinned(user) {
                        assert_eq!(run.decided().worker_of(user), Some(worker));
                    }
                }
                let mut loads = vec![0; roster.workers().len()];
                for &user in run.decided().people() {
                    if let Some(worker) = run.decided().worker_of(user) {
                        loads[worker.index()] += 1;
                    }
                }
                for (worker, load) in roster.workers().iter().zip(loads) {
                    assert!(load >= worker.minimum && load <= worker.places());
                }
                assert!(verify(&cx, &document(&run)).is_ok());
            }
            Err(RunError::Infeasible(words)) => {
                infeasible += 1;
                assert!(!words.is_empty() && words.iter().all(|w| !w.is_empty()));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(feasible > 5 && infeasible > 5, "both kinds are met: {feasible} and {infeasible}");
}
