//! Matching from an earlier matching after a change: the same total as afresh, never more proposals changed, and a document that
//! verifies, but not when it was changed.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use peermatch_core::pair::Context;
use peermatch_core::report::{Exact, MatchingDocument, Origin, document, verify};
use peermatch_core::run::{Run, RunError, match_from, match_roster, match_with_seed};
use peermatch_core::update::Earlier;
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::Objective;
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};

fn checked(input: &RosterInput) -> Roster {
    Roster::check(input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// No or few wishes, so that many matchings are equally good and a fresh run moves people for no gain.
fn spec(seed: u64) -> Spec {
    let mut spec = Spec::SMALL;
    (spec.people, spec.workers, spec.services, spec.areas) = (30, 12, 1, 2);
    (spec.wild, spec.decisions) = (seed % 4 == 3, false);
    spec.wish_percent = if seed.is_multiple_of(2) { 0 } else { 10 };
    spec
}

/// Without the first person from `at` on whom the roster names nowhere else.
fn without_person(input: &RosterInput, at: usize) -> RosterInput {
    let without = |at: usize| {
        let mut out = input.clone();
        if let Field::Given(people) = &mut out.people {
            people.remove(at);
        }
        out
    };
    (at..30).map(without).find(|out| Roster::check(out, Taxonomy::shipped()).is_ok()).unwrap()
}

/// Without the worker, or, where the roster names them elsewhere, without their places; and whether they are gone.
fn without_worker(input: &RosterInput, at: usize) -> (RosterInput, bool) {
    let mut out = input.clone();
    if let Field::Given(workers) = &mut out.workers {
        workers.remove(at);
    }
    if Roster::check(&out, Taxonomy::shipped()).is_ok() {
        return (out, true);
    }
    let mut out = input.clone();
    if let Field::Given(workers) = &mut out.workers
        && let Field::Given(worker) = &mut workers[at]
    {
        worker.new_starts = 0.into();
        worker.minimum = Field::Absent;
    }
    (out, false)
}

/// An earlier matching that gives anybody anybody: where many matchings are equally good, the canonical one then changes more than it must.
fn by_lot(roster: &Roster, seed: u64) -> MatchingDocument {
    let policy = Policy::shipped().with_objective(Objective::RandomEligible, None);
    let cx = Context::new(roster, &policy);
    document(&match_with_seed(&cx, seed, &Quiet).unwrap())
}

fn proposals(document: &MatchingDocument) -> BTreeMap<&str, &str> {
    let new = document.matches.iter().filter(|m| m.status != Origin::Kept);
    new.map(|m| (m.person_id.as_str(), m.worker_id.as_str())).collect()
}

fn changed(from: &BTreeMap<String, String>, to: &MatchingDocument) -> u64 {
    let now = proposals(to);
    let changes = from
        .iter()
        .filter(|(person, worker)| now.get(person.as_str()).copied() != Some(worker.as_str()));
    changes.count() as u64
}

fn cost(run: &Run<'_>) -> i128 {
    run.decided().proof().cost().unwrap()
}

#[test]
fn after_a_change_the_total_is_a_fresh_ones_and_no_more_proposals_change() {
    let policy = Policy::shipped();
    let (mut removed, mut kinder, mut moved, mut gone) = (0, 0, 0, 0);
    for seed in 0..40_u64 {
        let whole = rosters::input(&spec(seed), seed);
        let at = usize::try_from(seed % 12).unwrap();
        let (lacking, really) = without_worker(&whole, at);
        removed += u32::from(really);
        let shorter = without_person(&whole, at);
        for (before, after) in
            [(&whole, &lacking), (&lacking, &whole), (&whole, &shorter), (&shorter, &whole)]
        {
            let (before, after) = (checked(before), checked(after));
            let old = if seed % 4 < 2 {
                by_lot(&before, seed)
            } else {
                document(&match_roster(&Context::new(&before, &policy), &Quiet).unwrap())
            };
            let cx = Context::new(&after, &policy);
            let fresh = match_roster(&cx, &Quiet).unwrap();
            let earlier = Earlier::read(&after, &old).unwrap();
            let run = match_from(&cx, &earlier, 0, &Quiet).unwrap();
            assert_eq!(cost(&run), cost(&fresh), "seed {seed}");

            let (fresh, made) = (document(&fresh), document(&run));
            assert!(fresh.from.is_none());
            let from = made.from.as_ref().unwrap();
            // What was proposed then, to whom it still concerns; no more and no less.
            let expected: BTreeMap<String, String> = proposals(&old)
                .into_iter()
                .filter(|(person, worker)| {
                    after.find_user(person).is_some() && after.find_worker(worker).is_some()
                })
                .map(|(person, worker)| (person.to_owned(), worker.to_owned()))
                .collect();
            assert_eq!(from.earlier, expected);
            assert_eq!(earlier.gone(), proposals(&old).len() - expected.len());
            assert_eq!(from.moved, changed(&from.earlier, &made), "seed {seed}");
            let afresh = changed(&from.earlier, &fresh);
            assert!(from.moved <= afresh, "seed {seed}: {} {afresh}", from.moved);
            kinder += u32::from(from.moved < afresh);
            moved += from.moved;
            gone += earlier.gone();

            let text = serde_json::to_string(&made).unwrap();
            let read: MatchingDocument = serde_json::from_str(&text).unwrap();
            assert_eq!(read, made);
            let decided = verify(&cx, &read).unwrap();
            let updated = decided.proof().updated().unwrap();
            assert_eq!((updated.moved() as u64, updated.proposals()), (from.moved, expected.len()));
        }
    }
    assert!(
        removed > 10 && kinder > 30 && moved > 400 && gone > 40,
        "{removed} {kinder} {moved} {gone}"
    );
}

#[test]
fn nothing_moves_where_nothing_changed_and_nobody_counts_who_was_not_there() {
    let policy = Policy::shipped();
    for seed in 0..30 {
        let roster = rosters::roster(&spec(seed), seed);
        let cx = Context::new(&roster, &policy);
        let fresh = document(&match_roster(&cx, &Quiet).unwrap());
        let again = |old: &MatchingDocument| {
            let earlier = Earlier::read(&roster, old).unwrap();
            document(&match_from(&cx, &earlier, 0, &Quiet).unwrap())
        };
        let same = again(&fresh);
        assert_eq!((&same.matches, same.from.as_ref().unwrap().moved), (&fresh.matches, 0));
        // From what was made from an earlier one, and from nothing at all.
        assert_eq!(again(&same).matches, fresh.matches);
        let mut nothing = fresh.clone();
        nothing.matches.clear();
        let made = again(&nothing);
        let from = made.from.as_ref().unwrap();
        assert!(from.earlier.is_empty() && from.moved == 0);
        // Prices are a hint alone.
        let mut wrong = fresh.clone();
        for price in wrong.certificate.prices.values_mut() {
            price.0 = i128::MAX;
        }
        assert_eq!(again(&wrong).matches, fresh.matches);
    }
}

#[test]
fn what_a_matching_was_made_from_cannot_be_changed_afterwards() {
    let policy = Policy::shipped();
    let (mut refused, mut prices) = (0, 0);
    for seed in 0..16_u64 {
        let whole = rosters::input(&spec(seed), seed);
        let (lacking, _) = without_worker(&whole, usize::try_from(seed % 12).unwrap());
        let (before, after) = (checked(&whole), checked(&lacking));
        let old = document(&match_roster(&Context::new(&before, &policy), &Quiet).unwrap());
        let cx = Context::new(&after, &policy);
        let earlier = Earlier::read(&after, &old).unwrap();
        let made = document(&match_from(&cx, &earlier, 0, &Quiet).unwrap());
        let now: BTreeMap<String, String> = proposals(&made)
            .into_iter()
            .map(|(person, worker)| (person.to_owned(), worker.to_owned()))
            .collect();
        let from = made.from.clone().unwrap();
        let mut others = Vec::new();
        for by in [1, 2, 1000] {
            let mut other = from.clone();
            other.moved += by;
            others.push(other);
        }
        if from.moved > 0 {
            let mut other = from.clone();
            other.moved -= 1;
            others.push(other);
        }
        for (person, worker) in &from.earlier {
            // Somebody who kept the place is said to have had another; somebody who did not, to have had this one.
            let another = after.workers().iter().find(|w| w.id != *worker).unwrap();
            let told = match now.get(person) {
                Some(has) if has != worker => has.clone(),
                Some(_) => another.id.clone(),
                None => continue,
            };
            let mut other = from.clone();
            other.earlier.insert(person.clone(), told);
            others.push(other);
        }
        for (person, worker) in [("nobody", "W"), ("nobody", &after.workers()[0].id)] {
            let mut other = from.clone();
            other.earlier.insert(person.to_owned(), worker.to_owned());
            others.push(other);
        }
        if let Some(person) = from.earlier.keys().next() {
            let mut other = from.clone();
            other.earlier.insert(person.clone(), "nobody".to_owned());
            others.push(other);
        }
        for price in [-1_i128, i128::from(i64::MAX), i128::MAX] {
            let mut other = from.clone();
            other.prices.insert("nobody".to_owned(), Exact(price));
            others.push(other);
        }
        for from in others {
            let other = MatchingDocument { from: Some(from), ..made.clone() };
            assert!(verify(&cx, &other).is_err(), "seed {seed}: {:?}", other.from);
            refused += 1;
        }
        // A price that is changed is refused, unless it still proves it.
        for worker in after.workers() {
            let mut other = made.clone();
            let stated = other.from.as_mut().unwrap().prices.entry(worker.id.clone());
            stated.or_insert(Exact(0)).0 += 1_000;
            match verify(&cx, &other) {
                Err(_) => prices += 1,
                Ok(decided) => {
                    assert_eq!(
                        decided.proof().updated().unwrap().moved() as u64,
                        from_moved(&made)
                    );
                }
            }
        }
        // Without what it was made from it is a matching like any other.
        assert!(verify(&cx, &MatchingDocument { from: None, ..made }).is_ok());
    }
    assert!(refused > 250 && prices > 20, "{refused} {prices}");
}

fn from_moved(document: &MatchingDocument) -> u64 {
    document.from.as_ref().unwrap().moved
}

/// A matching of the same total that moves more than it must is refused: the canonical one, said to be made from the earlier one.
#[test]
fn more_changes_than_needed_are_refused() {
    let policy = Policy::shipped();
    let mut refused = 0;
    for seed in (0..40_u64).step_by(2) {
        let whole = rosters::input(&spec(seed), seed);
        let (before, after) = (checked(&without_person(&whole, 0)), checked(&whole));
        let old = by_lot(&before, seed);
        let cx = Context::new(&after, &policy);
        let fresh = document(&match_roster(&cx, &Quiet).unwrap());
        let earlier = Earlier::read(&after, &old).unwrap();
        let made = document(&match_from(&cx, &earlier, 0, &Quiet).unwrap());
        let mut from = made.from.unwrap();
        let afresh = changed(&from.earlier, &fresh);
        if afresh == from.moved {
            continue;
        }
        for moved in [from.moved, afresh] {
            from.moved = moved;
            let other = MatchingDocument { from: Some(from.clone()), ..fresh.clone() };
            let error = verify(&cx, &other).unwrap_err().to_string();
            assert!(error.contains("fewest moves"), "seed {seed}: {error}");
            refused += 1;
        }
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn what_has_no_such_proof_is_refused_in_words() {
    let policy = Policy::shipped();
    let roster = rosters::roster(&spec(2), 2);
    let cx = Context::new(&roster, &policy);
    let old = document(&match_roster(&cx, &Quiet).unwrap());
    let earlier = Earlier::read(&roster, &old).unwrap();
    let told = |cx: &Context<'_>| match match_from(cx, &earlier, 0, &Quiet) {
        Err(RunError::Unsupported(words)) => words.join(" "),
        other => panic!("{other:?}"),
    };
    let leximin = Policy::shipped().with_objective(Objective::Leximin, None);
    let cx = Context::new(&roster, &leximin);
    assert!(told(&cx).contains("but the objective is leximin"));
    // Nor is a document of another objective believed that states one.
    let mut stated = document(&match_roster(&cx, &Quiet).unwrap());
    stated.from = Some(peermatch_core::report::FromEarlier::default());
    let error = verify(&cx, &stated).unwrap_err().to_string();
    assert!(error.contains("only best-total"), "{error}");

    let mut several = rosters::input(&spec(2), 2);
    let id = if let Field::Given(people) = &mut several.people
        && let Field::Given(person) = people
            .iter_mut()
            .find(|p| {
                p.given().is_some_and(|p| {
                    p.id.given().map(String::as_str)
                        == old.matches.first().map(|m| m.person_id.as_str())
                })
            })
            .unwrap()
    {
        person.demand = 2.into();
        person.id.given().unwrap().clone()
    } else {
        panic!("no such person")
    };
    let several = checked(&several);
    let cx = Context::new(&several, &policy);
    assert!(told(&cx).contains(&format!("several are wanted by {id}")));
    // Nor can somebody who is to have one worker have had several.
    let many = document(&match_roster(&cx, &Quiet).unwrap());
    assert_eq!(many.matches.iter().filter(|m| m.person_id == id).count(), 2);
    assert_eq!(Earlier::read(&roster, &many), Err(vec![id]));
}

#[test]
fn another_objective_makes_no_place_free() {
    let mut got = 0;
    for seed in 0..40 {
        let roster = rosters::roster(&spec(seed), seed);
        let old = by_lot(&roster, seed);
        let policy = Policy::shipped();
        let cx = Context::new(&roster, &policy);
        let Ok(run) = match_roster(&cx, &Quiet) else { continue };
        let told = peermatch_core::change::diff(&cx, &old, &document(&run));
        assert!(!told.same_policy && !told.same_objective && told.same_but_objective);
        for change in &told.changes {
            assert!(!change.why.contains("became free"), "{change:?}");
            assert!(!change.why.contains("as well or better"), "{change:?}");
            if change.kind == peermatch_core::change::Kind::GotAPlace {
                assert!(change.why.contains("the objective is another one"), "{change:?}");
                got += 1;
            }
        }
    }
    assert!(got > 0, "nobody got a place, so nothing was tested");
}
