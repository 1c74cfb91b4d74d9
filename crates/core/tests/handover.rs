//! Handing people over: everybody else's match stands, the proposal is proven, and what it takes from the waiting list is counted.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::eligibility;
use peermatch_core::handover::{Handover, HandoverError, handover, verify};
use peermatch_core::pair::Context;
use peermatch_core::report::Origin;
use peermatch_core::run::{RunError, match_roster};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, MatchInput, RosterInput};
use peermatch_model::roster::{Roster, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::MatchStatus;
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};

fn checked(input: &RosterInput) -> Roster {
    Roster::check(input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// A roster in which matches stand: those that a run proposes to every second person.
fn with_matches(seed: u64) -> RosterInput {
    let mut spec = Spec::SMALL;
    (spec.people, spec.workers, spec.services, spec.areas) = (40, 14, 1, 1);
    (spec.wild, spec.decisions) = (seed.is_multiple_of(3), seed.is_multiple_of(2));
    let mut input = rosters::input(&spec, seed);
    let roster = checked(&input);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let Ok(run) = match_roster(&cx, &Quiet) else { return input };
    let pairs: Vec<_> = run
        .decided()
        .pairs()
        .filter(|(user, _)| roster.pinned(*user).is_none())
        .map(|(user, worker)| (roster.user(user).id.clone(), roster.worker(worker).id.clone()))
        .step_by(2)
        .collect();
    let mut rows = match std::mem::take(&mut input.matches) {
        Field::Given(rows) => rows,
        _ => Vec::new(),
    };
    for (place, (person, worker)) in pairs.iter().enumerate() {
        rows.push(Field::Given(MatchInput {
            id: format!("stands {place}").into(),
            person_id: person.clone().into(),
            worker_id: worker.clone().into(),
            status: MatchStatus::Active.into(),
            ..MatchInput::default()
        }));
        if let Field::Given(workers) = &mut input.workers {
            for row in workers {
                if let Field::Given(row) = row
                    && row.id.given() == Some(worker)
                {
                    let now = row.current_people.given().copied().unwrap_or(0);
                    row.current_people = (now + 1).into();
                    row.minimum = Field::Absent;
                }
            }
        }
    }
    input.matches = Field::Given(rows);
    input
}

#[test]
fn handovers_hold_and_touch_nobody_else() {
    let policy = Policy::shipped();
    let (mut done, mut placed, mut alone, mut fewer, mut refused) = (0, 0, 0, 0, 0);
    for seed in 0..90 {
        let input = with_matches(seed);
        let roster = checked(&input);
        let workers = (0..roster.workers().len()).map(WorkerIx::at);
        let leaving: Vec<WorkerIx> = workers
            .filter(|w| roster.people().iter().any(|person| person.kept.contains(w)))
            .take(1 + usize::try_from(seed % 3).unwrap())
            .collect();
        let found = match handover(&input, &roster, &policy, &leaving, 0, &Quiet) {
            Ok(found) => found,
            // Decisions for others may leave no room for each other, with or without a handover.
            Err(HandoverError::Run(RunError::Infeasible(_)) | HandoverError::Leaving(_)) => {
                continue;
            }
            Err(error) => panic!("seed {seed}: {error}"),
        };
        done += 1;
        verify(&input, &roster, &policy, &found).unwrap();

        // Everybody concerned is told of, and nobody else.
        let mut told: Vec<&str> = found.people.iter().map(|p| p.person_id.as_str()).collect();
        told.sort_unstable();
        let concerned =
            roster.people().iter().filter(|p| p.kept.iter().any(|w| leaving.contains(w)));
        let mut concerned: Vec<&str> = concerned.map(|p| p.id.as_str()).collect();
        concerned.sort_unstable();
        assert_eq!(told, concerned);

        // Every other match stands, and every decision for somebody else.
        for (place, person) in roster.people().iter().enumerate() {
            let user = peermatch_model::roster::UserIx::at(place);
            for worker in person.kept.iter().filter(|w| !leaving.contains(w)) {
                assert!(found.matching.matches.iter().any(|m| m.status == Origin::Kept
                    && m.person_id == person.id
                    && m.worker_id == roster.worker(*worker).id));
            }
            let pin = roster.pinned(user).filter(|pin| !leaving.contains(pin));
            for pair in found.matching.matches.iter().filter(|m| m.status != Origin::Kept) {
                if pair.person_id == person.id {
                    let own = told.binary_search(&person.id.as_str()).is_ok();
                    assert!(own || pin.is_some_and(|pin| roster.worker(pin).id == pair.worker_id));
                }
            }
        }
        // The new pairs keep every rule, and no place is given twice.
        let cx = Context::new(&roster, &policy);
        let mut loads = vec![0; roster.workers().len()];
        for person in &found.people {
            let user = roster.find_user(&person.person_id).unwrap();
            for to in &person.to {
                let worker = roster.find_worker(to).unwrap();
                assert!(!leaving.contains(&worker));
                assert!(eligibility::eligible(&cx.pair(user, worker)), "seed {seed}");
                loads[worker.index()] += 1;
                placed += 1;
            }
            if person.to.is_empty() {
                alone += 1;
                assert!(person.talk_first.is_some() && !person.next_steps.is_empty());
            }
        }
        for (worker, load) in roster.workers().iter().zip(&loads) {
            assert!(*load <= worker.places(), "seed {seed}");
        }
        if let Some(list) = found.waiting_list {
            assert!(list.after <= list.before, "seed {seed}");
            fewer += u32::from(list.after < list.before);
        }

        // What was changed in the document is refused.
        if !seed.is_multiple_of(2) {
            continue;
        }
        let mut changed: Vec<Handover> = Vec::new();
        for place in 0..found.people.len() {
            let mut other = found.clone();
            other.people.remove(place);
            changed.push(other);
            let mut other = found.clone();
            other.people[place].to = vec!["nobody".to_owned()];
            changed.push(other);
            let mut other = found.clone();
            other.people[place].lost.push("something".to_owned());
            changed.push(other);
        }
        let mut other = found.clone();
        other.leaving.pop();
        changed.push(other);
        let mut other = found.clone();
        other.roster_hash.push('0');
        changed.push(other);
        if let Some(place) =
            found.matching.matches.iter().position(|m| m.status == Origin::Proposed)
        {
            let mut other = found.clone();
            other.matching.matches.remove(place);
            changed.push(other);
        }
        for other in changed {
            assert!(verify(&input, &roster, &policy, &other).is_err(), "seed {seed}");
            refused += 1;
        }
    }
    assert!(
        done > 50 && placed > 100 && alone > 30 && fewer > 15 && refused > 20,
        "{done} {placed} {alone} {fewer} {refused}"
    );
}

#[test]
fn who_leaves_is_named_once() {
    let input = with_matches(1);
    let (roster, policy) = (checked(&input), Policy::shipped());
    for leaving in [vec![], vec![WorkerIx::at(0), WorkerIx::at(0)]] {
        let error = handover(&input, &roster, &policy, &leaving, 0, &Quiet).unwrap_err();
        assert!(matches!(error, HandoverError::Leaving(_)));
    }
}
