//! Explanations, beyond privacy: what they say of known pairs.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::explain::{Explanation, ForCoordinator, explain};
use peermatch_core::pair::Context;
use peermatch_core::run::match_roster;
use peermatch_core::suggest::suggest;
use peermatch_model::policy::Policy;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::Audience;
use peermatch_solve::Quiet;
use serde_json::{Value, json};

/// A person who wishes a listener (important) and gardening (nice), and two workers: w1 listens, w2 gardens.
fn two() -> Value {
    let worker = |id: &str, styles: Value, interests: Value| {
        json!({
            "id": id, "services": ["s"], "max_people": 1, "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
            "languages": [{"tag": "en", "level": "whole"}], "styles": styles, "interests": interests, "supervision_due": "2027-01-01",
        })
    };
    json!({
        "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "Pacific/Auckland", "services": [{"id": "s"}],
        "people": [{
            "id": "p1", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
            "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 10:00-17:00"],
            "wishes": [
                {"dimension": "style", "values": ["listener"], "strength": "important"},
                {"dimension": "interests", "values": ["gardening"], "strength": "nice"},
                {"dimension": "gender", "status": "not_asked"},
            ],
        }],
        "workers": [worker("w1", json!(["listener"]), json!([])), worker("w2", json!([]), json!(["gardening"]))],
    })
}

fn roster(value: Value) -> Roster {
    let input: RosterInput = serde_json::from_value(value).unwrap();
    Roster::check(&input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn told(roster: &Roster, worker: usize) -> ForCoordinator {
    let policy = Policy::shipped();
    let cx = Context::new(roster, &policy);
    match explain(&cx, Audience::Coordinator, UserIx::at(0), WorkerIx::at(worker), None) {
        Explanation::Coordinator(told) => *told,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_smallest_change_that_flips_the_answer_is_named_and_does_flip_it() {
    let roster_now = roster(two());
    let second = told(&roster_now, 1);
    assert_eq!(
        second.changes,
        ["Worker w2 would come first on this person's list without the wish about style."]
    );
    let mut changed = two();
    changed["people"][0]["wishes"].as_array_mut().unwrap().remove(0);
    let policy = Policy::shipped();
    let changed = roster(changed);
    assert_eq!(
        suggest(&Context::new(&changed, &policy), UserIx::at(0), 1).workers[0].worker_id,
        "w2"
    );

    let first = told(&roster_now, 0);
    assert_eq!(
        first.changes,
        ["Worker w1 comes first on this person's list; w2 would without the wish about style."]
    );
}

#[test]
fn what_nobody_asked_yet_is_named() {
    assert!(told(&roster(two()), 0).not_known.iter().any(|s| s == "Not asked yet: gender."));
}

#[test]
fn the_bars_say_what_each_wish_adds() {
    let told = told(&roster(two()), 0);
    let bars: Vec<(&str, u32, u32)> =
        told.bars.iter().map(|b| (b.criterion.as_str(), b.points, b.points_max)).collect();
    assert_eq!(bars, [("style", 666_667, 666_667), ("interests", 0, 333_333)]);
    assert_eq!(told.fit, 666_667);
}

#[test]
fn the_matching_is_told_and_so_is_scarcity() {
    let mut crowded = two();
    let mut other = crowded["people"][0].clone();
    other["id"] = json!("p2");
    other["wait_since"] = json!("2026-10-01");
    crowded["people"].as_array_mut().unwrap().push(other);
    crowded["workers"].as_array_mut().unwrap().pop();
    let roster = roster(crowded);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let run = match_roster(&cx, &Quiet).unwrap();
    let outcome = |id: &str| match explain(
        &cx,
        Audience::Coordinator,
        roster.find_user(id).unwrap(),
        WorkerIx::at(0),
        Some(run.decided()),
    ) {
        Explanation::Coordinator(told) => told.outcome.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome("p2"), "The matching proposes these two.");
    assert!(
        outcome("p1").starts_with(
            "The person stays on the waiting list in this matching. Every place of w1 went"
        ),
        "{}",
        outcome("p1")
    );
}

#[test]
fn a_must_shows_what_it_costs() {
    let mut strict = two();
    strict["people"][0]["wishes"][0]["strength"] = json!("must");
    let told = told(&roster(strict), 0);
    assert_eq!(
        told.musts,
        ["The must about style leaves fewer than three available; without it, fewer than three."]
    );
}

#[test]
fn paths_that_clash_are_a_hint_only_where_the_person_says_that_theirs_matters() {
    let mut paths = two();
    let path = |concept: &str, direction: &str| json!([{"concept": concept, "direction": direction, "consent_match": true, "consent_coordinator": true}]);
    paths["people"][0]["experiences"] = path("abstinence", "share");
    paths["workers"][0]["experiences"] =
        json!([{"concept": "harm_reduction", "consent_match": true, "consent_coordinator": true}]);
    let with = told(&roster(paths.clone()), 0);
    assert_eq!(with.hints.len(), 1, "{:?}", with.hints);
    assert!(with.eligible);
    paths["people"][0]["experiences"] = path("abstinence", "fine");
    assert!(told(&roster(paths.clone()), 0).hints.is_empty());
    paths["people"][0]["experiences"] = path("abstinence", "share");
    paths["workers"][0]["experiences"][0]["consent_coordinator"] = json!(false);
    assert!(
        told(&roster(paths), 0).hints.is_empty(),
        "what a coordinator may not see gives no hint"
    );
}

#[test]
fn a_pair_that_cannot_be_matched_is_never_told_nothing() {
    let mut apart = two();
    apart["conflicts"] = json!([{"a_id": "p1", "b_id": "w1", "kind": "known_to_each_other"}]);
    let roster = roster(apart);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    for audience in [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator] {
        let told =
            serde_json::to_value(explain(&cx, audience, UserIx::at(0), WorkerIx::at(0), None))
                .unwrap();
        let why = &told["why_not"];
        assert_eq!(why.as_array().unwrap().len(), 1, "{told}");
        assert!(why.to_string().contains(peermatch_core::eligibility::NEUTRAL), "{told}");
    }
    let found = suggest(&cx, UserIx::at(0), 5);
    assert_eq!(found.others.len(), 1);
    assert_eq!(found.others[0].words, peermatch_core::eligibility::NEUTRAL);
}

#[test]
fn nobody_and_nothing_is_a_matching_too() {
    let mut empty = two();
    empty["people"] = json!([]);
    empty["workers"] = json!([]);
    let roster = roster(empty);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let run = match_roster(&cx, &Quiet).unwrap();
    assert_eq!(run.decided().served(), 0);
    assert!(peermatch_core::report::verify(&cx, &peermatch_core::report::document(&run)).is_ok());
}

/// Who withdrew, is not ready, or walks with somebody else is offered to nobody, and what they told for an offer is not shown.
#[test]
fn nothing_is_offered_to_or_about_somebody_who_is_not_to_be_matched() {
    let shown = json!([{"concept": "alcohol", "consent_match": true, "consent_coordinator": true, "consent_show": true}]);
    for state in ["withdrawn", "on_hold", "contacted", "ready"] {
        let mut away = two();
        away["people"][0]["experiences"] = shown.clone();
        away["people"][0]["status"] = json!(state);
        if state == "ready" {
            away["workers"][0]["current_people"] = json!(1);
            away["matches"] =
                json!([{"id": "m", "person_id": "p1", "worker_id": "w1", "status": "active"}]);
        }
        let roster = roster(away);
        let policy = Policy::shipped();
        let cx = Context::new(&roster, &policy);
        for audience in [Audience::PeerWorker, Audience::ServiceUser] {
            let told =
                serde_json::to_value(explain(&cx, audience, UserIx::at(0), WorkerIx::at(1), None))
                    .unwrap();
            assert_eq!(told["available"], false, "{told}");
            assert!(
                !told.to_string().contains("Alcohol") && !told.to_string().contains("say yes"),
                "{told}"
            );
        }
        let found = suggest(&cx, UserIx::at(0), 5);
        assert!(found.why_not_matched_now.is_some());
        if state == "ready" {
            // The worker the person walks with is neither suggested nor told to be unavailable.
            assert_eq!(found.workers.len() + found.others.len(), 1, "{found:?}");
        }
    }
}
