//! What an audience may not see cannot show: non-interference over random pairs of rosters, and canaries.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::compare::{BASE, compare};
use peermatch_core::eligibility;
use std::collections::BTreeSet;

use peermatch_core::explain::{explain, must_costs};
use peermatch_core::pair::Context;
use peermatch_core::report::document;
use peermatch_core::run::{Run, match_roster};
use peermatch_core::suggest::suggest;
use peermatch_core::view::{user_seen, worker_seen};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput, Rows};
use peermatch_model::roster::{
    CultureWish, PeerWorker, Roster, ServiceUser, UserIx, WishValues, WorkerIx,
};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Audience, Objective, Strength};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec};
use proptest::prelude::*;

fn spec() -> Spec {
    let mut spec = Spec::SMALL;
    spec.decisions = false;
    spec
}

fn each<T>(rows: &mut Rows<T>, mut with: impl FnMut(usize, &mut T)) {
    if let Field::Given(rows) = rows {
        for (i, row) in rows.iter_mut().enumerate() {
            if let Field::Given(row) = row {
                with(i, row);
            }
        }
    }
}

/// Changes, at random, what `audience` may not see: removes hidden items, boundaries and reasons, and changes hidden values.
fn hidden_changed(mut input: RosterInput, audience: Audience, salt: u64) -> RosterInput {
    let mut dice = salt;
    let mut toss = move || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        dice >> 62 != 0
    };
    let yes = |field: &Field<bool>| field.given().copied().unwrap_or(false);
    if audience != Audience::PeerWorker {
        each(&mut input.workers, |_, worker| {
            let coordinator = audience == Audience::Coordinator;
            if let Field::Given(items) = &mut worker.experiences {
                items.retain(|item| {
                    item.given().is_none_or(|i| {
                        yes(&i.consent_show)
                            || (coordinator && yes(&i.consent_coordinator))
                            || !toss()
                    })
                });
            }
            if let Field::Given(items) = &mut worker.not_now {
                items.retain(|_| !toss());
            }
            if let Field::Given(items) = &mut worker.identity {
                items.retain(|item| item.given().is_none_or(|i| yes(&i.consent_show) || !toss()));
            }
            if !yes(&worker.gender_consent_show) && toss() {
                worker.gender = Field::Absent;
            }
            if !yes(&worker.age_consent_show) && toss() {
                worker.age_band = Field::Absent;
            }
            if let Field::Given(wishes) = &mut worker.wishes {
                wishes.retain(|_| !toss());
            }
        });
    }
    if matches!(audience, Audience::Coordinator | Audience::PeerWorker) {
        each(&mut input.people, |_, person| {
            let worker = audience == Audience::PeerWorker;
            if let Field::Given(items) = &mut person.experiences {
                items.retain(|item| item.given().is_none_or(|i| if worker { yes(&i.consent_show) } else { yes(&i.consent_coordinator) } || !toss()));
            }
            if worker && let Field::Given(wishes) = &mut person.wishes {
                wishes.retain(|w| {
                    w.given().is_some_and(|w| w.strength == Field::Given(Strength::Must)) || !toss()
                });
            }
        });
    }
    if let Field::Given(conflicts) = &mut input.conflicts {
        conflicts.retain(|_| !toss());
    }
    input
}

fn checked(input: &RosterInput) -> Roster {
    Roster::check(input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What everybody may know of one person: with whom a match stands, who can be matched, and what each must leaves and would leave.
fn outcome(cx: &Context<'_>, user: UserIx) -> (Vec<bool>, Vec<String>) {
    let workers = (0..cx.roster.workers().len()).map(WorkerIx::at);
    (workers.map(|w| eligibility::eligible(&cx.pair(user, w))).collect(), must_costs(cx, user))
}

proptest! {
    // 160 pairs of rosters of 12 x 8 and three audiences: about 46,000 pairs of explanations, of which those with the same outcome count.
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn what_is_hidden_changes_no_byte(seed in any::<u64>(), salt in any::<u64>()) {
        // Every kind of objective has to keep the law.
        let objectives = [Objective::BestTotal, Objective::Leximin, Objective::Stable, Objective::Coordinator];
        let objective = objectives[usize::try_from(salt % 4).unwrap()];
        let policy = Policy::shipped().with_objective(objective, None);
        for audience in [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator] {
            let input = rosters::input(&spec(), seed);
            let one = checked(&input);
            let other = checked(&hidden_changed(input, audience, salt));
            let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
            let people = || (0..one.people().len()).map(UserIx::at);
            for user in people() {
                if outcome(&a, user) != outcome(&b, user) {
                    continue;
                }
                for worker in (0..one.workers().len()).map(WorkerIx::at) {
                    let told = |cx: &Context<'_>| serde_json::to_string(&explain(cx, audience, user, worker, None)).unwrap();
                    prop_assert_eq!(told(&a), told(&b));
                }
                if audience == Audience::Coordinator {
                    // The order of suggestions included.
                    prop_assert_eq!(suggest(&a, user, 8), suggest(&b, user, 8));
                }
            }
            if audience != Audience::Coordinator {
                continue;
            }
            // With a matching: the same people matched with the same workers, and everybody's outcome the same.
            let (x, y) = (match_roster(&a, &Quiet).unwrap(), match_roster(&b, &Quiet).unwrap());
            let same = people().all(|u| outcome(&a, u) == outcome(&b, u) && x.decided().worker_of(u) == y.decided().worker_of(u));
            if !same {
                continue;
            }
            let (first, second) = (document(&x), document(&y));
            prop_assert_eq!(&first.waiting, &second.waiting);
            prop_assert_eq!(first.matches_seen(&a, audience), second.matches_seen(&b, audience));
            // What is compared is the matching of least loss, which has to be the same one.
            if objective == BASE {
                let figures = |cx: &Context<'_>| compare(cx, &[BASE], audience, 0, &Quiet);
                prop_assert_eq!(figures(&a).unwrap(), figures(&b).unwrap());
            }
            for user in people() {
                for worker in (0..one.workers().len()).map(WorkerIx::at) {
                    let told = |cx: &Context<'_>, run: &Run<'_>| explain(cx, audience, user, worker, Some(run.decided()));
                    prop_assert_eq!(told(&a, &x), told(&b, &y));
                }
            }
        }
    }
}

/// What is said to be so is so: no sentence about a wish to be apart, or to avoid something, rests on a list that was cut.
#[test]
fn what_is_hidden_is_never_said_not_to_be_there() {
    use serde_json::json;
    let yes = |show: bool| json!({"system": "ethnicity", "code": "31111", "consent_match": true, "consent_show": show});
    let roster = |identity: serde_json::Value,
                  experiences: serde_json::Value,
                  wishes: serde_json::Value,
                  asked: serde_json::Value| {
        let input: RosterInput = serde_json::from_value(json!({
            "format": "peermatch/roster@1", "as_of": "2026-11-22", "services": [{"id": "s"}],
            "codes": [{"system": "ethnicity", "code": "3", "label": "Pacific"}, {"system": "ethnicity", "code": "31111", "label": "Samoan", "parent": "3"},
                      {"system": "ethnicity", "code": "36111", "label": "Fijian", "parent": "3"}],
            "people": [{"id": "p", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
                "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
                "identity": [{"system": "ethnicity", "code": "31111", "use_for_matching": true}], "wishes": wishes, "experiences": asked}],
            "workers": [{"id": "w", "services": ["s"], "max_people": 2, "languages": [{"tag": "en", "level": "whole"}], "modes": ["telephone"],
                "availability": ["Mon 09:00-12:00"], "identity": identity, "experiences": experiences}],
        }))
        .unwrap();
        checked(&input)
    };
    let policy = Policy::shipped();
    let fijian = json!({"system": "ethnicity", "code": "36111", "consent_match": true, "consent_show": true});
    let wish = |direction: &str, value: &str| json!([{"dimension": "shared_culture", "direction": direction, "values": [value], "strength": "important"}]);
    let hidden_alcohol = json!([{"concept": "alcohol", "consent_match": true}]);
    let avoids = json!([{"concept": "alcohol", "direction": "avoid", "importance": 3, "consent_match": true, "consent_coordinator": true, "consent_show": true}]);
    for case in [
        roster(json!([fijian, yes(false)]), json!([]), wish("prefer", "not_my_own"), json!([])),
        roster(json!([fijian, yes(false)]), json!([]), wish("avoid", "ethnicity:31111"), json!([])),
        roster(json!([fijian, yes(false)]), json!([]), wish("prefer", "same"), json!([])),
        roster(json!([]), hidden_alcohol, json!([]), avoids),
    ] {
        let cx = Context::new(&case, &policy);
        for audience in [Audience::ServiceUser, Audience::Coordinator] {
            let told =
                serde_json::to_value(explain(&cx, audience, UserIx::at(0), WorkerIx::at(0), None))
                    .unwrap();
            let said = told.get("meets").or(told.get("bars")).unwrap();
            assert!(
                !said.to_string().contains("\"met\":\"met\"")
                    && told.get("meets").is_none_or(|m| m == &json!([])),
                "{told}"
            );
            assert!(told["does_not_meet"].as_array().is_none_or(Vec::is_empty), "{told}");
            assert!(!told["not_known"].as_array().unwrap().is_empty(), "{told}");
        }
    }
}

/// A match that stands is told as one, whatever the rules for new ones would say.
#[test]
fn whoever_walks_together_is_never_told_that_they_cannot() {
    let policy = Policy::shipped();
    let (mut kept, mut against) = (0, 0);
    for seed in 0..40 {
        let roster = rosters::roster(&spec(), seed);
        let cx = Context::new(&roster, &policy);
        for user in (0..roster.people().len()).map(UserIx::at) {
            let Some(&worker) = roster.user(user).kept.first() else { continue };
            kept += 1;
            against += usize::from(!eligibility::eligible(&cx.pair(user, worker)));
            for audience in [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator] {
                let told =
                    serde_json::to_value(explain(&cx, audience, user, worker, None)).unwrap();
                assert!(told["why_not"].as_array().unwrap().is_empty(), "{told}");
            }
        }
    }
    assert!(
        kept > 20 && against > 5,
        "{kept} matches that stand, {against} against the rules for new ones"
    );
}

/// Enough of the pairs above have the same outcome, so that the law is not empty.
#[test]
fn the_law_meets_many_pairs() {
    let policy = Policy::shipped();
    let (mut same, mut changed) = (0, 0);
    for seed in 0..100 {
        let input = rosters::input(&spec(), seed);
        let one = checked(&input);
        let other_input = hidden_changed(input.clone(), Audience::Coordinator, seed);
        let other = checked(&other_input);
        changed += usize::from(other_input != input);
        let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
        for u in 0..one.people().len() {
            let user = UserIx::at(u);
            same += usize::from(outcome(&a, user) == outcome(&b, user)) * one.workers().len();
        }
    }
    assert!(changed > 90, "hidden parts changed in {changed} of 100 rosters");
    assert!(same > 4_000, "{same} pairs of explanations with the same outcome");
}

/// Labels of what an audience may not see come out nowhere: experiences, boundaries and identities of either, unless the same label stands
/// in what it may see. Which conflict keeps two apart comes out nowhere at all.
#[test]
fn labels_of_what_is_hidden_stay_hidden() {
    let policy = Policy::shipped();
    let mut planted = 0;
    for seed in 0..24 {
        let roster = rosters::roster(&spec(), seed);
        let cx = Context::new(&roster, &policy);
        let run = match_roster(&cx, &Quiet).unwrap();
        let taxonomy = roster.taxonomy();
        let document = document(&run);
        let waiting = serde_json::to_string(&document.waiting).unwrap();
        for user in (0..roster.people().len()).map(UserIx::at) {
            let person = roster.user(user);
            let suggestions = serde_json::to_string(&suggest(&cx, user, 8)).unwrap();
            assert_nothing_private(&suggestions);
            for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                let them = roster.worker(worker);
                for audience in [Audience::PeerWorker, Audience::ServiceUser, Audience::Coordinator]
                {
                    let text = serde_json::to_string(&explain(
                        &cx,
                        audience,
                        user,
                        worker,
                        Some(run.decided()),
                    ))
                    .unwrap();
                    assert_nothing_private(&text);
                    let (person_seen, them_seen) =
                        (user_seen(person, audience, taxonomy), worker_seen(them, audience));
                    let concepts = |p: &ServiceUser, w: &PeerWorker| {
                        let told = p
                            .experiences
                            .iter()
                            .map(|e| e.concept)
                            .chain(w.experiences.iter().map(|e| e.concept));
                        told.chain(w.not_now.iter().copied())
                            .map(|c| taxonomy.label(c).to_owned())
                            .collect::<BTreeSet<String>>()
                    };
                    let codes = |p: &ServiceUser, w: &PeerWorker| {
                        let wished = p.wishes.iter().flat_map(|wish| match &wish.values {
                            WishValues::Cultures(all) => all
                                .iter()
                                .filter_map(|c| {
                                    if let CultureWish::Code(c) = c { Some(*c) } else { None }
                                })
                                .collect(),
                            _ => Vec::new(),
                        });
                        let all = p
                            .identity
                            .iter()
                            .copied()
                            .chain(w.identity.iter().map(|t| t.value))
                            .chain(wished);
                        all.map(|c| roster.code(c).label.clone()).collect::<BTreeSet<String>>()
                    };
                    let visible =
                        &concepts(&person_seen, &them_seen) | &codes(&person_seen, &them_seen);
                    let all = &concepts(person, them) | &codes(person, them);
                    for label in all.difference(&visible) {
                        if visible.iter().any(|v| v.contains(label.as_str())) {
                            continue;
                        }
                        planted += 1;
                        assert!(
                            !text.contains(label.as_str()),
                            "{audience} reads `{label}` in {text}"
                        );
                    }
                }
                for concept in &them.not_now {
                    assert!(!waiting.contains(taxonomy.label(*concept)));
                }
            }
        }
        assert_nothing_private(&waiting);
    }
    assert!(planted > 10_000, "{planted} labels were hidden from somebody");
}

fn assert_nothing_private(text: &str) {
    for private in [
        "known_to_each_other",
        "no_contact",
        "whanau_relation",
        "person_declined_worker",
        "worker_declined",
        "worker_must_unmet",
        "not_now",
        "supervision_overdue",
        "sha256",
    ] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

/// Hashes are the auditor's alone, and the auditor's explanation does carry them.
#[test]
fn the_auditor_sees_what_others_do_not() {
    let policy = Policy::shipped();
    let roster = rosters::roster(&spec(), 1);
    let cx = Context::new(&roster, &policy);
    let told = serde_json::to_string(&explain(
        &cx,
        Audience::Auditor,
        UserIx::at(0),
        WorkerIx::at(0),
        None,
    ))
    .unwrap();
    assert!(told.contains("sha256:"));
}

/// Menus in all modes, before and after answers: what a service user may not see changes no byte of a sheet, what a coordinator may not see changes
/// nothing of theirs, hidden labels occur in neither, and a sheet names nobody else who waits.
#[test]
fn menus_tell_nothing_hidden_before_and_after_answers() {
    use peermatch_core::menu::{
        Answer, MOST_LOSS, MenuDocument, MenuMode, MenuRequest, choose, for_coordinator,
        for_person, make, resolve,
    };
    let policy = Policy::shipped();
    let (mut sheets, mut answered, mut tables, mut labels) = (0, 0, 0, 0);
    // All states of a menu, made by the same answers.
    let states = |cx: &Context<'_>, mode: MenuMode, seed: u64| -> Vec<MenuDocument> {
        let request = MenuRequest { asked: None, size: 3, mode, seed, most_loss: MOST_LOSS };
        let Ok(mut document) = make(cx, &request, &Quiet) else { return Vec::new() };
        let mut states = vec![document.clone()];
        for at in 0..document.menus.len().min(4) {
            let menu = &document.menus[at];
            let user = cx.roster.find_user(&menu.person_id).unwrap();
            let first = menu.options.first().map(|option| option.worker_id.clone());
            let answer = match (at, mode, first) {
                (3, ..) => Answer::Later,
                (2, ..) | (_, _, None) => Answer::None,
                (_, MenuMode::Shortlist, Some(worker)) => Answer::Ranks(vec![worker]),
                (_, _, Some(worker)) => Answer::Pick(worker),
            };
            document = choose(cx, &document, user, answer, false, &Quiet).unwrap();
            if at == 0 {
                states.push(document.clone());
                document = choose(cx, &document, user, Answer::TakenBack, true, &Quiet).unwrap();
            }
            states.push(document.clone());
        }
        if mode == MenuMode::Shortlist {
            states.push(resolve(cx, &document, &Quiet).unwrap());
        }
        states
    };
    for seed in 0..16 {
        for audience in [Audience::ServiceUser, Audience::Coordinator] {
            let input = rosters::input(&spec(), seed);
            let one = checked(&input);
            let other = checked(&hidden_changed(input, audience, seed));
            let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
            for mode in [MenuMode::Safe, MenuMode::Live, MenuMode::Shortlist] {
                for (x, y) in states(&a, mode, seed).iter().zip(&states(&b, mode, seed)) {
                    let same_outcome = |id: &String| {
                        let user = one.find_user(id).unwrap();
                        outcome(&a, user) == outcome(&b, user)
                    };
                    if audience == Audience::Coordinator {
                        // What an option costs others is said of the matching now, which has to be the same one.
                        let everybody = (0..one.people().len()).map(UserIx::at);
                        if x.menus == y.menus
                            && x.answers == y.answers
                            && x.certificate == y.certificate
                            && x.resolved == y.resolved
                            && everybody.clone().all(|u| outcome(&a, u) == outcome(&b, u))
                        {
                            let told = |cx: &Context<'_>, d| {
                                serde_json::to_string(&for_coordinator(cx, d).unwrap()).unwrap()
                            };
                            assert_eq!(told(&a, x), told(&b, y), "{seed} {mode:?}");
                            assert_nothing_private(&told(&a, x));
                            tables += 1;
                        }
                        continue;
                    }
                    for (mine, theirs) in x.menus.iter().zip(&y.menus) {
                        let id = &mine.person_id;
                        let user = one.find_user(id).unwrap();
                        let sheet = |cx: &Context<'_>, d| {
                            serde_json::to_string(&for_person(cx, d, user).unwrap()).unwrap()
                        };
                        let text = sheet(&a, x);
                        assert_nothing_private(&text);
                        for other in one.people().iter().filter(|other| &other.id != id) {
                            assert!(
                                !text.contains(&format!("{}\"", other.id))
                                    && !text.contains(&format!("{} ", other.id)),
                                "{text}"
                            );
                        }
                        let person = user_seen(one.user(user), audience, one.taxonomy());
                        for worker in one.workers() {
                            let seen = worker_seen(worker, audience);
                            for hidden in worker.not_now.iter().copied().chain(
                                worker.experiences.iter().map(|experience| experience.concept),
                            ) {
                                let label = one.taxonomy().label(hidden);
                                let open = |c| one.taxonomy().label(c).contains(label);
                                // What the person said, or any worker shows, may stand on the sheet.
                                let shown = person.experiences.iter().any(|e| open(e.concept))
                                    || one.workers().iter().any(|w| {
                                        worker_seen(w, audience)
                                            .experiences
                                            .iter()
                                            .any(|e| open(e.concept))
                                    });
                                if !shown && !seen.not_now.contains(&hidden) {
                                    labels += 1;
                                    assert!(!text.contains(label), "`{label}` in {text}");
                                }
                            }
                        }
                        let said = |d: &MenuDocument| {
                            let said = d.answers.iter().filter(|a| &a.person_id == id);
                            let said = said.map(|a| a.answer.clone()).collect::<Vec<_>>();
                            let resolved = d.resolved.as_ref();
                            let given = resolved.map(|r| r.matches.get(id).cloned());
                            (said, given, d.certificate.best.matches.get(id).cloned())
                        };
                        let ids = |menu: &peermatch_core::menu::Menu| {
                            let ids = menu.options.iter().map(|o| o.worker_id.clone());
                            (menu.kind, ids.collect::<Vec<_>>())
                        };
                        if id == &theirs.person_id
                            && ids(mine) == ids(theirs)
                            && said(x) == said(y)
                            && same_outcome(id)
                        {
                            assert_eq!(text, sheet(&b, y), "{seed} {mode:?} {id}");
                            sheets += 1;
                            answered += usize::from(!said(x).0.is_empty());
                        }
                    }
                }
            }
        }
    }
    assert!(
        sheets > 500 && answered > 100 && tables > 20 && labels > 500,
        "{sheets} {answered} {tables} {labels}"
    );
}
