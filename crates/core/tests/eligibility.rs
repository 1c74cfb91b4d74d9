//! Rules over whole rosters: all of them happen, none can be outvoted, and what is private changes nothing that is shown.
//! Each rule alone is tested in its own file.

use std::collections::BTreeMap;

use peermatch_core::eligibility::{Exclusion, NEUTRAL, eligible, reasons, takes_new_people, told};
use peermatch_core::pair::{Context, Pair};
use peermatch_core::scoring::{unmet_musts, unmet_worker_musts};
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::raw::{Field, RosterInput, WishInput};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::{Audience, PinKind, Strength, WishAbout, Words};
use peermatch_testkit::rosters::{Spec, all, check, input, roster, worker_id};
use proptest::prelude::*;

fn every_pair<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = Pair<'c>> {
    let (people, workers) = (cx.roster.people().len(), cx.roster.workers().len());
    (0..people)
        .flat_map(move |u| (0..workers).map(move |w| cx.pair(UserIx::at(u), WorkerIx::at(w))))
}

/// The reasons of every pair, by ids.
fn all_reasons(roster: &Roster, policy: &Policy) -> BTreeMap<(String, String), Vec<Exclusion>> {
    let cx = Context::new(roster, policy);
    every_pair(&cx)
        .map(|pair| ((pair.user.id.clone(), pair.worker.id.clone()), reasons(&pair)))
        .collect()
}

/// A policy with its weights and shares at the extremes.
fn extreme(weight: u32, mutual: u32, floor: u32) -> Policy {
    let shipped = Policy::shipped();
    let criteria: serde_json::Map<String, serde_json::Value> = shipped
        .weights
        .keys()
        .map(|c| {
            (c.to_string(), serde_json::json!({ "weight": weight, "requires_preference": true }))
        })
        .collect();
    let text = serde_json::json!({
        "format": "peermatch/policy@1", "name": "extreme", "version": "1", "mutual_percent": mutual, "full_voice_wishes": 1,
        "unknown_floor_percent": { "lived_experience": floor, "identity": floor }, "criteria": criteria,
    });
    let input: PolicyInput = serde_json::from_value(text).expect("the text of a policy");
    Policy::check(&input).expect("a valid policy")
}

fn rows<T>(field: &mut Field<Vec<Field<T>>>) -> impl Iterator<Item = &mut T> {
    let Field::Given(rows) = field else { panic!("the list is there") };
    rows.iter_mut().map(|row| match row {
        Field::Given(row) => row,
        _ => panic!("the record is right"),
    })
}

/// The same roster with every wish that is not a must taken out, and then, if `shout`, with every person naming every worker.
fn with_other_wishes(input: &RosterInput, shout: bool) -> RosterInput {
    let mut out = input.clone();
    let workers = rows(&mut out.workers).count();
    for person in rows(&mut out.people) {
        let Field::Given(wishes) = &mut person.wishes else { continue };
        wishes.retain(|w| w.given().is_some_and(|w| w.strength == Field::Given(Strength::Must)));
        if shout {
            let named = WishInput {
                dimension: WishAbout::NamedWorker.into(),
                values: all((0..workers).map(worker_id)),
                strength: Strength::Important.into(),
                ..WishInput::default()
            };
            wishes.push(Field::Given(named));
        }
    }
    for worker in rows(&mut out.workers) {
        let Field::Given(wishes) = &mut worker.wishes else { continue };
        wishes.retain(|w| w.given().is_some_and(|w| w.strength == Field::Given(Strength::Must)));
    }
    out
}

#[test]
fn every_rule_happens_and_happens_alone() {
    let (mut among, mut alone) = (BTreeMap::new(), BTreeMap::new());
    let mut eligible_pairs = 0;
    for seed in 0..60 {
        let (roster, policy) = (roster(&Spec::WILD, seed), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        for pair in every_pair(&cx) {
            let found = reasons(&pair);
            assert!(found.is_sorted(), "in the order of reasons, each once");
            eligible_pairs += usize::from(found.is_empty());
            if let [only] = found[..] {
                *alone.entry(only).or_insert(0) += 1;
            }
            for reason in found {
                *among.entry(reason).or_insert(0) += 1;
            }
        }
    }
    assert!(eligible_pairs > 100, "{eligible_pairs}");
    for code in Exclusion::ALL {
        assert!(among.contains_key(code), "{code} never happened");
        assert!(alone.contains_key(code), "{code} never happened alone");
    }
}

#[test]
fn a_pin_makes_nobody_eligible() {
    for seed in 0..40 {
        let mut drawn = input(&Spec::WILD, seed);
        let before = all_reasons(&check(&drawn), &Policy::shipped());
        let Field::Given(pins) = &mut drawn.pins else { panic!("the list is there") };
        pins.retain(|p| p.given().is_some_and(|p| p.kind == Field::Given(PinKind::Exclude)));
        assert_eq!(all_reasons(&check(&drawn), &Policy::shipped()), before);
    }
}

#[test]
fn who_takes_nobody_new_is_eligible_for_nobody() {
    for seed in 0..20 {
        let (roster, policy) = (roster(&Spec::WILD, seed), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        for pair in every_pair(&cx).filter(|p| !takes_new_people(p.cx, p.worker)) {
            let why = reasons(&pair);
            let own = [
                Exclusion::WorkerPaused,
                Exclusion::WorkerLeaving,
                Exclusion::WorkerNotStarted,
                Exclusion::RoleWithoutCaseload,
            ];
            assert!(why.iter().any(|r| own.contains(r)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The fast way and the full way agree.
    #[test]
    fn yes_means_no_reason(seed in any::<u64>()) {
        let (roster, policy) = (roster(&Spec::SMALL, seed), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        for pair in every_pair(&cx) {
            prop_assert_eq!(eligible(&pair), reasons(&pair).is_empty(), "{:?}", reasons(&pair));
        }
    }

    /// rules are never weights. No weight, share or floor of a policy, and no wish that is not a must, changes a reason of any pair.
    #[test]
    fn nothing_outvotes_a_rule(seed in any::<u64>(), weight in 0u32..=10_000, mutual in 0u32..=100, floor in 0u32..=100, shout in any::<bool>()) {
        let drawn = input(&Spec::SMALL, seed);
        let plain = all_reasons(&check(&drawn), &Policy::shipped());
        let other = all_reasons(&check(&with_other_wishes(&drawn, shout)), &extreme(weight, mutual, floor));
        prop_assert_eq!(plain, other);
    }

    /// Safety holds under any policy: no eligible pair with a conflict, a boundary, an unvetted worker for a minor, or an unmet must.
    #[test]
    fn whoever_is_eligible_is_safe(seed in any::<u64>(), weight in 0u32..=10_000, floor in 0u32..=100) {
        let (roster, policy) = (roster(&Spec::WILD.sized(20, 15), seed), extreme(weight, 100, floor));
        let cx = Context::new(&roster, &policy);
        for pair in every_pair(&cx).filter(eligible) {
            prop_assert!(!pair.conflicts.iter().any(|(w, _)| *w == pair.worker_ix));
            prop_assert!(!pair.excluded_before());
            let age = pair.user.age.expect("a checked person has an age");
            prop_assert!(!age.minor() || pair.worker.vetting_until.is_some_and(|d| d >= roster.as_of()));
            let told = |c| pair.user.experiences.iter().any(|e| roster.taxonomy().is_ancestor(c, e.concept));
            prop_assert!(!pair.worker.not_now.iter().any(|&c| told(c)));
            prop_assert!(unmet_musts(&pair).is_empty() && unmet_worker_musts(&pair).is_empty());
            prop_assert!(pair.worker.places() > 0);
        }
    }

    /// What a coordinator may not know changes no reason that a coordinator is shown, and no byte of what is told beside one.
    #[test]
    fn private_facts_change_nothing_that_is_shown(seed in any::<u64>()) {
        let (roster, policy) = (roster(&Spec::SMALL, seed), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        let shown = |found: &[Exclusion]| found.iter().copied().filter(|r| r.visible_to(Audience::Coordinator)).collect::<Vec<_>>();
        for pair in every_pair(&cx) {
            let mut worker = pair.worker.clone();
            worker.not_now.clear();
            worker.wishes.clear();
            worker.supervision_due = None;
            let redacted = Pair { worker: &worker, conflicts: &[], ..pair };
            let (full, less) = (reasons(&pair), reasons(&redacted));
            prop_assert_eq!(shown(&full), shown(&less));
            prop_assert!(less.iter().all(|r| r.visible_to(Audience::Coordinator)));
            if !shown(&full).is_empty() {
                prop_assert_eq!(told(&full, Audience::Coordinator), told(&less, Audience::Coordinator));
            } else if !full.is_empty() {
                prop_assert_eq!(told(&full, Audience::Coordinator), vec![NEUTRAL]);
            }
        }
    }
}
