//! Limits beside the caseloads: each kind alone, all together, what is verified, and that without them nothing changes.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::limits::{
    LeafDocument, LimitKind, LimitLine, LimitsDocument, LimitsStatus, StepDocument, seen,
    words_seen,
};
use peermatch_core::pair::Context;
use peermatch_core::report::{Exact, MatchingDocument, Origin, VerifyError, document, verify};
use peermatch_core::run::{RunError, match_roster};
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::Audience;
use peermatch_solve::Quiet;
use serde_json::{Value, json};

fn roster(value: &Value) -> Roster {
    let input = serde_json::from_value(value.clone()).unwrap();
    Roster::check(&input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Six people who wait in the order of their ids, and two workers with room for all.
fn service() -> Value {
    let person = |n: usize| {
        json!({"id": format!("p{n}"), "services": ["s"], "wait_since": format!("2026-10-0{n}"), "status": "ready", "age_band": "25-34",
            "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"]})
    };
    let worker = |n: usize| {
        json!({"id": format!("w{n}"), "services": ["s"], "max_people": 8, "current_people": 0, "languages": [{"tag": "en", "level": "whole"}],
            "modes": ["telephone"], "availability": ["Mon 08:00-12:00"]})
    };
    json!({"format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "UTC", "services": [{"id": "s"}],
        "people": (1..=6).map(person).collect::<Vec<_>>(), "workers": [worker(1), worker(2)]})
}

fn policy(more: &Value) -> Policy {
    let mut input = json!({"format": "peermatch/policy@1", "name": "n", "version": "1"});
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    let input: PolicyInput = serde_json::from_value(input).unwrap();
    Policy::check(&input).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Runs, verifies, and gives the document.
fn run(service: &Value, more: &Value) -> Result<MatchingDocument, RunError> {
    let (roster, policy) = (roster(service), policy(more));
    let cx = Context::new(&roster, &policy);
    let document = document(&match_roster(&cx, &Quiet)?);
    verify(&cx, &document).unwrap_or_else(|error| panic!("{error}"));
    // What was written is read again as it was.
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<MatchingDocument>(&text).unwrap(), document);
    Ok(document)
}

fn matched(document: &MatchingDocument) -> Vec<&str> {
    document.matches.iter().map(|pair| pair.person_id.as_str()).collect()
}

fn of(document: &MatchingDocument) -> &LimitsDocument {
    document.limits.as_ref().unwrap()
}

#[test]
fn without_limits_nothing_is_said_of_them() {
    let document = run(&service(), &json!({})).unwrap();
    assert_eq!(document.limits, None);
    assert!(!serde_json::to_string(&document).unwrap().contains("limits"));
    assert_eq!(matched(&document).len(), 6);
}

#[test]
fn loads_are_kept_in_hundredths() {
    let mut service = service();
    service["workers"][0]["load_max"] = json!(2.5);
    service["workers"][0]["load_now"] = json!(1.0);
    service["workers"][1]["load_max"] = json!(1.0);
    for (person, contact) in [(0, "fortnightly"), (1, "fortnightly"), (2, "monthly"), (3, "group")]
    {
        service["people"][person]["contact"] = json!(contact);
    }
    // 150 and 100 hundredths for 60, 60, 30, 10, 100 and 100: the five lightest come to 260, so four fit, and the first four do.
    let document = run(&service, &json!({})).unwrap();
    let limits = of(&document);
    assert_eq!(limits.status, LimitsStatus::Proven);
    let used: Vec<(i64, i64)> =
        limits.limits.iter().map(|line| (line.limit, line.used.unwrap())).collect();
    assert_eq!((used[0].0, used[1].0), (150, 100));
    assert!(used.iter().all(|(limit, used)| used <= limit), "{used:?}");
    assert_eq!(matched(&document), ["p1", "p2", "p3", "p4"]);
    assert!(limits.price.as_ref().unwrap().contains("Without these limits 6 would be matched"));
    // A policy's own table counts.
    let light =
        run(&service, &json!({"load": {"weekly": 10, "fortnightly": 10, "monthly": 10}})).unwrap();
    assert_eq!(matched(&light).len(), 6);
    assert!(of(&light).price.as_ref().unwrap().contains("they cost nothing today"));
}

#[test]
fn a_load_that_is_full_takes_nobody() {
    let mut service = service();
    for worker in 0..2 {
        service["workers"][worker]["load_max"] = json!(3);
        service["workers"][worker]["current_people"] = json!(3);
    }
    // Without load_now each of those walked with is one weekly contact.
    let document = run(&service, &json!({})).unwrap();
    assert!(matched(&document).is_empty());
    assert_eq!(of(&document).status, LimitsStatus::Proven);
}

#[test]
fn new_starts_are_planned_by_week_and_by_waiting() {
    let document =
        run(&service(), &json!({"limits": {"new_starts_per_week": 1, "weeks": 2}})).unwrap();
    assert_eq!(matched(&document), ["p1", "p2", "p3", "p4"]);
    let limits = of(&document);
    assert_eq!(limits.status, LimitsStatus::Proven);
    let week = |id: &str| limits.start_weeks.iter().find(|s| s.person_id == id).unwrap().week;
    let mut weeks: Vec<u32> = ["p1", "p2", "p3", "p4"].map(week).to_vec();
    weeks.sort_unstable();
    assert_eq!(weeks, [1, 1, 2, 2]);
    assert_eq!(week("p1"), 1, "who waited longest starts first");
    // A start week that is not so is found out.
    let (roster, policy) =
        (roster(&service()), policy(&json!({"limits": {"new_starts_per_week": 1, "weeks": 2}})));
    let cx = Context::new(&roster, &policy);
    let mut wrong = document.clone();
    wrong.limits.as_mut().unwrap().start_weeks[0].week = 9;
    assert!(matches!(verify(&cx, &wrong), Err(VerifyError::Limits(_))));
}

#[test]
fn teams_and_supervisors_share_a_number_of_new_people() {
    let mut service = service();
    for worker in 0..2 {
        service["workers"][worker]["team"] = json!("north");
        service["workers"][worker]["supervisor"] = json!(format!("sup{worker}"));
    }
    service["limits"] = json!([{"kind": "team", "id": "north", "new_people_max": 3},
        {"kind": "supervisor", "id": "sup0", "new_people_max": 1}]);
    let document = run(&service, &json!({})).unwrap();
    assert_eq!(matched(&document), ["p1", "p2", "p3"]);
    let limits = of(&document);
    assert_eq!(limits.status, LimitsStatus::Proven);
    let team = limits.limits.iter().find(|line| line.kind == LimitKind::Team).unwrap();
    assert_eq!((team.limit, team.used), (3, Some(3)));
    assert!(team.one_more.as_ref().unwrap().contains("more be matched"), "{team:?}");
    // The stated team, and faults of those that are none.
    service["limits"][0]["id"] = json!("nort");
    service["limits"][1]["new_people_max"] = json!(-1);
    let input = serde_json::from_value(service.clone()).unwrap();
    let faults = Roster::check(&input, Taxonomy::shipped()).unwrap_err().to_string();
    assert!(faults.contains("did you mean `north`?") && faults.contains("/limits/1"), "{faults}");
    service["workers"][0]["load_max"] = json!(1.234);
    let input = serde_json::from_value(service).unwrap();
    let faults = Roster::check(&input, Taxonomy::shipped()).unwrap_err().to_string();
    assert!(faults.contains("at most two decimals"), "{faults}");
}

/// The same people, all of whom ask for a worker who shares their culture, which w1 does.
fn asked_for() -> Value {
    let mut service = service();
    service["codes"] = json!([{"system": "ethnicity", "code": "21", "label": "A"},
        {"system": "ethnicity", "code": "211", "label": "B", "parent": "21"}]);
    for person in service["people"].as_array_mut().unwrap() {
        person["identity"] =
            json!([{"system": "ethnicity", "code": "211", "use_for_matching": true}]);
        person["wishes"] =
            json!([{"dimension": "shared_culture", "values": ["same"], "strength": "important"}]);
    }
    service["workers"][0]["identity"] = json!([{"system": "ethnicity", "code": "211", "consent_match": true, "consent_show": true}]);
    service
}

#[test]
fn being_asked_for_because_of_who_one_is_is_shared_out() {
    let free = run(&asked_for(), &json!({"limits": {"culture_load_max": 6}})).unwrap();
    let with_w1 = |document: &MatchingDocument| {
        document.matches.iter().filter(|pair| pair.worker_id == "w1").count()
    };
    assert_eq!(with_w1(&free), 6);
    let document = run(&asked_for(), &json!({"limits": {"culture_load_max": 2}})).unwrap();
    assert_eq!((with_w1(&document), matched(&document).len()), (2, 6));
    let limits = of(&document);
    assert_eq!(limits.status, LimitsStatus::Proven);
    assert!(limits.price.as_ref().unwrap().contains("less lost"), "{:?}", limits.price);
}

#[test]
fn what_a_limit_would_tell_of_somebody_is_absent_where_it_may_not_be_read() {
    let floor = json!({"limits": {"culture_load_max": 6}, "floors": [{"system": "ethnicity", "code": "21", "mean_fit_percent": 20, "at_least_people": 5}]});
    // The worker shares a culture that may be matched on and not shown, with six people and then with five.
    for people in [6, 5] {
        for show in [true, false] {
            let mut service = asked_for();
            service["people"].as_array_mut().unwrap().truncate(people);
            service["workers"][0]["identity"][0]["consent_show"] = json!(show);
            let document = run(&service, &floor).unwrap();
            let (roster, policy) = (roster(&service), policy(&floor));
            let cx = Context::new(&roster, &policy);
            let all = |audience| seen(&cx, &document, audience);
            assert_eq!(all(Audience::Auditor), of(&document).limits);
            let load = of(&document).limits.iter().find(|line| line.kind == LimitKind::CultureLoad);
            assert_eq!(
                load.unwrap().used,
                i64::try_from(people).ok(),
                "there is something to hide"
            );
            assert!(all(Audience::ServiceUser).is_empty() && all(Audience::PeerWorker).is_empty());
            let told = all(Audience::Coordinator);
            assert!(told.iter().all(|line| line.kind != LimitKind::CultureLoad), "{told:?}");
            let line = told.iter().find(|line| line.kind == LimitKind::Floor).unwrap();
            match (people, show) {
                (6, true) => assert_eq!(line.used, Some(1_000_000)),
                // The fit in the document is whole, what may be seen of it is less.
                (6, false) => assert!(line.used.unwrap() < 1_000_000, "{line:?}"),
                _ => assert_eq!(line.used, None),
            }
        }
    }
}

/// A sum of losses is made from what nobody may show: a coordinator is told what limits cost in people, and a mean in whole percents.
#[test]
fn what_limits_cost_is_told_to_a_coordinator_in_people_alone() {
    let policy_of = |value: Value| (policy(&value), value);
    let (culture, one_each) = (
        policy_of(json!({"limits": {"culture_load_max": 2}})),
        policy_of(json!({"limits": {"new_starts_per_week": 1, "weeks": 2}})),
    );
    let told = |service: &Value, (policy, value): &(Policy, Value)| {
        let (document, roster) = (run(service, value).unwrap(), roster(service));
        let cx = Context::new(&roster, policy);
        for audience in [Audience::ServiceUser, Audience::PeerWorker] {
            assert_eq!(words_seen(&document, audience), [""; 0]);
        }
        let price = of(&document).price.clone().unwrap();
        assert_eq!(words_seen(&document, Audience::Auditor), [price.as_str()]);
        let lines = seen(&cx, &document, Audience::Coordinator);
        assert!(lines.iter().all(|line| line.saves.is_none()), "{lines:?}");
        let saves = of(&document).limits.iter().filter(|line| line.saves.is_some()).count();
        (price, words_seen(&document, Audience::Coordinator), saves)
    };
    let nobody = "Without these limits no more people would be matched.";
    // Four of six lose what they asked for: the auditor reads how much, and what one more would save.
    let (price, words, saves) = told(&asked_for(), &culture);
    assert!(price.contains("less lost") && saves > 0, "{price}, {saves}");
    assert_eq!(words, [nobody]);
    // Nothing lost reads the same.
    let (price, words, saves) = told(&service(), &culture);
    assert!(price.contains("cost nothing") && saves == 0, "{price}, {saves}");
    assert_eq!(words, [nobody]);
    let (price, words, _) = told(&service(), &one_each);
    assert_eq!(price, "Without these limits 6 would be matched instead of 4: 2 people more.");
    assert_eq!(words, [price.as_str()]);
    // A mean of 100, 20, 20, 20, 20 and 20 percent, in whole percents.
    let floor = json!({"limits": {"culture_load_max": 1},
        "floors": [{"system": "ethnicity", "code": "21", "mean_fit_percent": 20, "at_least_people": 6}]});
    let (document, roster, policy) =
        (run(&asked_for(), &floor).unwrap(), roster(&asked_for()), policy(&floor));
    let exact = of(&document).limits.last().unwrap().used.unwrap();
    let line = seen(&Context::new(&roster, &policy), &document, Audience::Coordinator).pop();
    assert_eq!((exact, line.unwrap().used), (333_333, Some(330_000)));
}

#[test]
fn floors_hold_for_groups_that_are_large_enough() {
    let mut service = asked_for();
    service["workers"][0]["max_people"] = json!(3);
    // Three of six get the worker they asked for: a mean of (3 x 100 + 3 x 20) / 6 = 60 %.
    let floor = |percent: u32, least: u32| json!({"floors": [{"system": "ethnicity", "code": "21", "mean_fit_percent": percent, "at_least_people": least}]});
    let document = run(&service, &floor(60, 6)).unwrap();
    let line = &of(&document).limits[0];
    assert_eq!((line.kind, line.limit, line.used), (LimitKind::Floor, 600_000, Some(600_000)));
    assert_eq!(matched(&document).len(), 6, "nobody is left waiting in order to raise a mean");
    match run(&service, &floor(61, 6)) {
        Err(RunError::Infeasible(words)) => {
            assert!(words[0].contains("The floors cannot be kept"), "{words:?}");
        }
        other => panic!("{other:?}"),
    }
    let document = run(&service, &floor(61, 7)).unwrap();
    assert!(of(&document).not_applied[0].contains("does not hold in this run"));
    let unknown = json!({"floors": [{"system": "ethnicity", "code": "9", "mean_fit_percent": 1}]});
    assert!(matches!(run(&service, &unknown), Err(RunError::Unsupported(_))));
    let language =
        json!({"floors": [{"language": "en-NZ", "mean_fit_percent": 60, "at_least_people": 5}]});
    assert_eq!(of(&run(&service, &language).unwrap()).limits[0].used, Some(600_000));
}

#[test]
fn minimums_above_what_limits_leave_are_told() {
    let mut service = service();
    service["workers"][0]["minimum"] = json!(2);
    match run(&service, &json!({"limits": {"new_starts_per_week": 1}})) {
        Err(RunError::Infeasible(words)) => {
            assert!(words[0].contains("the limits leave 1"), "{words:?}");
        }
        other => panic!("{other:?}"),
    }
    // Two who must come and do not fit together.
    service["workers"][0]["load_max"] = json!(1.5);
    service["people"][0]["contact"] = json!("fortnightly");
    match run(&service, &json!({"load": {"weekly": 100}})) {
        Err(RunError::Infeasible(words)) => {
            assert!(words[0].contains("cannot all be kept"), "{words:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_objectives_refuse_limits_in_words() {
    let limits = json!({"objective": "stable", "limits": {"new_starts_per_week": 1}});
    assert!(matches!(run(&service(), &limits), Err(RunError::Unsupported(_))));
}

#[test]
fn a_changed_certificate_or_matching_is_found_out() {
    let mut service = asked_for();
    service["workers"][0]["load_max"] = json!(2.0);
    service["people"][1]["contact"] = json!("fortnightly");
    let more = json!({"limits": {"culture_load_max": 2}});
    let document = run(&service, &more).unwrap();
    let (roster, policy) = (roster(&service), policy(&more));
    let cx = Context::new(&roster, &policy);
    let refused = |change: &dyn Fn(&mut MatchingDocument)| {
        let mut changed = document.clone();
        change(&mut changed);
        assert_ne!(changed, document);
        assert!(verify(&cx, &changed).is_err(), "{changed:?}");
    };
    refused(&|d| d.limits = None);
    refused(&|d| d.limits.as_mut().unwrap().bound.0 += 1);
    refused(&|d| d.limits.as_mut().unwrap().total_cost.0 -= 1);
    refused(&|d| d.limits.as_mut().unwrap().more_people_at_most = Some(7));
    refused(&|d| d.limits.as_mut().unwrap().status = LimitsStatus::WithinGap);
    refused(&|d| d.limits.as_mut().unwrap().limits[0].used = Some(0));
    refused(&|d| d.limits.as_mut().unwrap().limits[0].one_more = Some("99 more".to_owned()));
    refused(&|d| d.limits.as_mut().unwrap().limits[0].saves = Some("99 more".to_owned()));
    refused(&|d| d.limits.as_mut().unwrap().not_applied.push("x".to_owned()));
    refused(&|d| d.limits.as_mut().unwrap().certificate.serving = None);
    refused(&|d| d.limits.as_mut().unwrap().certificate.cost.scale = 0);
    refused(&|d| {
        let steps = &mut d.limits.as_mut().unwrap().certificate.cost.steps;
        if let StepDocument::Leaf(LeafDocument { multipliers, .. }) = &mut steps[0] {
            multipliers[0] = Exact(-1);
        }
    });
    refused(&|d| d.certificate.total_cost = Some(Exact(1)));
    // Somebody with w2 moves to w1, who is full.
    refused(&|d| {
        d.matches.iter_mut().find(|pair| pair.worker_id == "w2").unwrap().worker_id = "w1".into();
    });
}

#[test]
fn who_waits_because_of_a_limit_is_told_which() {
    use peermatch_core::waiting::Blocker;
    let mut service = service();
    service["workers"][0]["team"] = json!("north");
    service["workers"][1]["load_max"] = json!(1);
    service["limits"] = json!([{"kind": "team", "id": "north", "new_people_max": 2}]);
    let document = run(&service, &json!({})).unwrap();
    assert_eq!(matched(&document), ["p1", "p2", "p3"]);
    assert_eq!(document.waiting.len(), 3);
    for waiting in &document.waiting {
        assert_eq!(waiting.blocker, Blocker::LimitsReached);
        assert!(
            waiting.words.contains(
                "the limits leave no room where there is a free place: team north, worker w2."
            ),
            "{}",
            waiting.words
        );
        assert!(waiting.next_steps[0].contains("team north, worker w2"));
    }
}

#[test]
fn one_more_of_a_limit_that_is_a_capacity_is_worth_what_comes_of_it() {
    let starts = |weeks: u32| json!({"limits": {"new_starts_per_week": 1, "weeks": weeks}});
    let told = |document: &MatchingDocument, at: usize| of(document).limits[at].one_more.clone();
    let more = "One new start more would let up to one person more be matched.";
    let three = run(&service(), &starts(2)).unwrap();
    let four = run(&service(), &starts(3)).unwrap();
    // Two workers with two weeks each take four of six; with three weeks, all.
    assert_eq!((matched(&three).len(), matched(&four).len()), (4, 6));
    for at in 0..2 {
        assert_eq!(told(&three, at).as_deref(), Some(more));
        assert_eq!(told(&four, at), None);
    }
    // Where the caseload or another limit is as low, more of this one alone is worth nothing.
    let mut full = service();
    full["workers"][0]["max_people"] = json!(2);
    full["workers"][1]["load_max"] = json!(2);
    let both = run(&full, &starts(2)).unwrap();
    assert_eq!(matched(&both).len(), 4);
    let silent = |line: &LimitLine| line.one_more.is_none() && line.saves.is_none();
    assert!(of(&both).limits.iter().all(silent), "{:?}", of(&both).limits);
    // Where the load alone is the lowest, it is the one that matters.
    full["workers"][0]["max_people"] = json!(8);
    full["workers"][1]["load_max"] = json!(1);
    let load = run(&full, &json!({})).unwrap();
    assert_eq!(matched(&load).len(), 6, "the other has room for all");
    full["workers"][0]["max_people"] = json!(1);
    let load = run(&full, &json!({})).unwrap();
    assert_eq!(matched(&load).len(), 2);
    let more = "1.00 more load would let up to one person more be matched.";
    assert_eq!(told(&load, 0).as_deref(), Some(more));
}

#[test]
fn whoever_is_walked_with_counts_by_the_contact_that_is_known() {
    let mut service = service();
    service["workers"][0]["load_max"] = json!(2.0);
    service["workers"][0]["current_people"] = json!(3);
    service["workers"][1]["max_people"] = json!(0);
    // Three weekly contacts leave nothing of two.
    assert!(matched(&run(&service, &json!({})).unwrap()).is_empty());
    // Two of the three are known to meet monthly: 30 + 30 + 100 of 200 leave 40, which one more monthly contact fits.
    service["matches"] = json!([
        {"id": "m1", "person_id": "p1", "worker_id": "w1", "status": "active"},
        {"id": "m2", "person_id": "p2", "worker_id": "w1", "status": "active"},
    ]);
    for person in 0..6 {
        service["people"][person]["contact"] = json!("monthly");
    }
    let document = run(&service, &json!({})).unwrap();
    let new = document.matches.iter().filter(|pair| pair.status != Origin::Kept).count();
    assert_eq!(new, 1);
    assert_eq!(of(&document).limits[0].limit, 40);
}
