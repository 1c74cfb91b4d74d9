//! What an audience may not see cannot show: non-interference over random pairs of rosters, and canaries.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeSet;

use peermatch_core::change::diff;
use peermatch_core::choice::{Costs, Effect, OnePlaceMore};
use peermatch_core::compare::{BASE, compare};
use peermatch_core::eligibility;
use peermatch_core::explain::{Explanation, ForServiceUser, explain, must_costs};
use peermatch_core::handover::{Handover, handover};
use peermatch_core::limits::{LimitKind, LimitsDocument, seen, words_seen};
use peermatch_core::lottery::{
    LotteryObjective, LotteryRequest, make as make_lottery, matches_seen,
};
use peermatch_core::pair::Context;
use peermatch_core::report::document;
use peermatch_core::run::{Run, match_roster};
use peermatch_core::scoring::Met;
use peermatch_core::suggest::{suggest, suggest_with_costs};
use peermatch_core::view::{user_seen, worker_seen};
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput, Rows};
use peermatch_model::roster::{
    CultureWish, PeerWorker, Roster, ServiceUser, UserIx, WishValues, WorkerIx,
};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Audience, Objective, QueueState, Strength};
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

/// Every second roster holds what stands in the way of a pair as rarely as a service does, so that more people are matched.
fn spec_of(seed: u64) -> Spec {
    let mut spec = spec();
    spec.wild = seed.is_multiple_of(2);
    spec
}

/// Everybody's outcome on both sides of a pair of rosters: who can be matched with whom, and what each must leaves.
fn same_outcomes(a: &Context<'_>, b: &Context<'_>) -> bool {
    (0..a.roster.people().len()).map(UserIx::at).all(|user| outcome(a, user) == outcome(b, user))
}

/// Who was matched with whom.
fn matched(run: &Run<'_>) -> Vec<(UserIx, WorkerIx)> {
    run.decided().pairs().collect()
}

fn json_of(told: &impl serde::Serialize) -> String {
    serde_json::to_string(told).unwrap()
}

/// The ids in a sentence.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect()
}

/// Nobody of the roster but `own` is named.
fn assert_no_other_person(text: &str, roster: &Roster, own: &str) {
    let named = names(text);
    for other in roster.people().iter().filter(|person| person.id != own) {
        assert!(!named.contains(other.id.as_str()), "{own} reads of {} in {text}", other.id);
    }
}

/// What a choice costs others, and what one place more is good for: who would wait longer follows from who can walk with whom and from waiting alone, so
/// nothing hidden shows in it. That somebody else would get less, as coarsely as it is told, is an outcome of the full records: where it is the same,
/// every byte is. No other person is named.
#[test]
fn costs_to_others_tell_of_waiting_alone() {
    let policy = Policy::shipped();
    let whole = |effect| {
        let of_waiting =
            [Effect::Proposed, Effect::NotPossible, Effect::SomebodyWaits, Effect::OneFewer];
        of_waiting.contains(&effect)
    };
    let (mut waits, mut others, mut same_bytes, mut places) = (0, 0, 0, 0);
    for seed in 0..240 {
        let input = rosters::input(&spec_of(seed).sized(16, 5), seed);
        let one = checked(&input);
        let other = checked(&hidden_changed(input, Audience::Coordinator, seed + 7));
        let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
        let (x, y) = (match_roster(&a, &Quiet).unwrap(), match_roster(&b, &Quiet).unwrap());
        let (first, second) = (Costs::of_run(&x).unwrap(), Costs::of_run(&y).unwrap());
        let same = same_outcomes(&a, &b) && matched(&x) == matched(&y);
        for user in (0..one.people().len()).map(UserIx::at) {
            let own = &one.user(user).id;
            let mut same_costs = same;
            for worker in (0..one.workers().len()).map(WorkerIx::at) {
                let Some(told) = first.of(user, worker) else { continue };
                assert_no_other_person(&json_of(&told), &one, own);
                assert_nothing_private(&told.words);
                if !same {
                    continue;
                }
                let theirs = second.of(user, worker).unwrap();
                if whole(told.effect) || whole(theirs.effect) {
                    assert_eq!(
                        (told.effect, &told.words),
                        (theirs.effect, &theirs.words),
                        "{seed}"
                    );
                    assert_eq!(told.would_wait_days, theirs.would_wait_days, "{seed}");
                    waits += usize::from(told.effect != Effect::Proposed);
                } else {
                    others += 1;
                }
                same_costs &= (told.effect, told.others_concerned)
                    == (theirs.effect, theirs.others_concerned);
            }
            if same_costs {
                let told = |run: &Run<'_>| json_of(&suggest_with_costs(run, user, 8));
                assert_eq!(told(&x), told(&y), "{seed}");
                same_bytes += 1;
            }
        }
        // One place more: whom it would serve is of waiting alone.
        let (mine, theirs) = (first.places_more(), second.places_more());
        for told in &mine {
            assert_no_other_person(&told.words, &one, "");
        }
        if same {
            let serving = |all: Vec<OnePlaceMore>| {
                all.into_iter().filter(|told| told.serves_wait_days.is_some()).collect::<Vec<_>>()
            };
            let (mine, theirs) = (serving(mine), serving(theirs));
            assert_eq!(mine, theirs, "{seed}");
            places += mine.len();
        }
    }
    assert!(
        waits > 50 && others > 50 && same_bytes > 100 && places > 10,
        "{waits} {others} {same_bytes} {places}"
    );
}

/// What changed between two matchings, who goes where when somebody leaves, and who was drawn.
#[test]
fn changes_handovers_and_draws_tell_nothing_hidden() {
    let (old_policy, policy) =
        (Policy::shipped().with_objective(Objective::FirstCome, None), Policy::shipped());
    let (mut diffs, mut changes, mut handovers, mut handed, mut draws) = (0, 0, 0, 0, 0);
    for seed in 0..80 {
        let now = rosters::input(&spec_of(seed), seed);
        let mut before = now.clone();
        // Before: somebody was on hold, and another policy dealt.
        each(&mut before.people, |at, person| {
            if at == 0 && person.status == Field::Given(QueueState::Ready) {
                person.status = Field::Given(QueueState::OnHold);
            }
        });
        for audience in [Audience::Coordinator, Audience::ServiceUser, Audience::PeerWorker] {
            let hidden = |input: &RosterInput| hidden_changed(input.clone(), audience, seed + 3);
            let (was, is, other_was, other_is) = (
                checked(&before),
                checked(&now),
                checked(&hidden(&before)),
                checked(&hidden(&now)),
            );
            let (a, b) = (Context::new(&is, &policy), Context::new(&other_is, &policy));
            if !same_outcomes(&a, &b) {
                continue;
            }
            for kind in [LotteryObjective::BestTotal, LotteryObjective::ProbabilisticSerial] {
                let request = LotteryRequest {
                    objective: kind,
                    cap: 60,
                    denominator: 100,
                    seed,
                    secret: String::new(),
                };
                let drawn = |cx: &Context<'_>| make_lottery(cx, &request, &Quiet);
                if let (Ok(x), Ok(y)) = (drawn(&a), drawn(&b))
                    && x.drawn == y.drawn
                {
                    let seen = |cx: &Context<'_>, d| json_of(&matches_seen(cx, d, audience));
                    assert_eq!(seen(&a, &x), seen(&b, &y), "{seed} {audience}");
                    draws += usize::from(x.chances != y.chances);
                }
            }
            // Changes and handovers are a coordinator's.
            if audience != Audience::Coordinator {
                continue;
            }
            let (old, other_old) =
                (Context::new(&was, &old_policy), Context::new(&other_was, &old_policy));
            let runs = [&old, &other_old, &a, &b].map(|cx| match_roster(cx, &Quiet).unwrap());
            let [first, other_first, then, other_then] = &runs;
            if same_outcomes(&old, &other_old)
                && matched(first) == matched(other_first)
                && matched(then) == matched(other_then)
            {
                let mine = diff(&a, &document(first), &document(then));
                let theirs = diff(&b, &document(other_first), &document(other_then));
                assert_eq!(json_of(&mine), json_of(&theirs), "{seed}");
                assert_nothing_private(&json_of(&mine));
                diffs += 1;
                changes += mine.changes.len();
            }
            let stands = |w: &WorkerIx| is.people().iter().any(|p| p.kept.contains(w));
            let leaving: Vec<WorkerIx> =
                (0..is.workers().len()).map(WorkerIx::at).filter(stands).take(2).collect();
            let told = |input: &RosterInput, roster: &Roster| {
                handover(input, roster, &policy, &leaving, 0, &Quiet).ok()
            };
            let found = (told(&now, &is), told(&hidden(&now), &other_is));
            let (Some(mine), Some(theirs)) = found else { continue };
            let placed = |found: &Handover| {
                found
                    .people
                    .iter()
                    .map(|p| (p.person_id.clone(), p.to.clone()))
                    .collect::<BTreeSet<_>>()
            };
            if placed(&mine) == placed(&theirs) {
                assert_eq!(json_of(&mine.people), json_of(&theirs.people), "{seed}");
                assert_eq!(mine.waiting_list, theirs.waiting_list, "{seed}");
                assert_nothing_private(&json_of(&mine.people));
                handovers += 1;
                handed += mine.people.iter().filter(|person| !person.to.is_empty()).count();
                for person in &mine.people {
                    assert_no_other_person(&json_of(person), &is, &person.person_id);
                }
            }
        }
    }
    assert!(
        diffs > 30 && changes > 10 && handovers > 20 && handed > 5 && draws > 5,
        "{diffs} {changes} {handovers} {handed} {draws}"
    );
}

/// Objectives side by side, for a coordinator: figures of the same matchings are the same figures.
#[test]
fn comparisons_tell_nothing_hidden() {
    let policy = Policy::shipped();
    let objectives = [
        Objective::FirstCome,
        Objective::Coordinator,
        Objective::RandomEligible,
        Objective::Greedy,
        Objective::Leximin,
    ];
    let mut compared = [0; 5];
    for seed in 0..72 {
        let input = rosters::input(&spec_of(seed), seed);
        let one = checked(&input);
        let other = checked(&hidden_changed(input, Audience::Coordinator, seed + 11));
        let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
        let same = |objective| {
            let policy = policy.clone().with_objective(objective, None);
            let given =
                |roster| matched(&match_roster(&Context::new(roster, &policy), &Quiet).unwrap());
            given(&one) == given(&other)
        };
        if !same_outcomes(&a, &b) || !same(BASE) {
            continue;
        }
        for (count, objective) in compared.iter_mut().zip(objectives) {
            if same(objective) {
                let told = |cx: &Context<'_>| {
                    json_of(
                        &compare(cx, &[objective, BASE], Audience::Coordinator, 0, &Quiet).unwrap(),
                    )
                };
                assert_eq!(told(&a), told(&b), "{seed} {objective}");
                *count += 1;
            }
        }
    }
    assert!(compared.iter().all(|&count| count > 5), "{compared:?}");
}

/// Limits, for a coordinator: each line, what is said beside them, and who starts when.
#[test]
fn limits_tell_nothing_hidden() {
    let policy = |culture: bool| {
        let mut limits = serde_json::json!({"new_starts_per_week": 1, "weeks": 1});
        if culture {
            limits["culture_load_max"] = 1.into();
        }
        let input = serde_json::json!({"format": "peermatch/policy@1", "name": "n", "version": "1", "limits": limits,
            "floors": [{"language": "en", "mean_fit_percent": 1, "at_least_people": 5}]});
        Policy::check(&serde_json::from_value(input).unwrap()).unwrap()
    };
    let (mut told, mut hidden, mut means) = ([0, 0], 0, 0);
    for (culture, count) in [false, true].into_iter().zip(&mut told) {
        let policy = policy(culture);
        for seed in 0..120 {
            let input = rosters::input(&spec_of(seed).sized(24, 12), seed);
            let one = checked(&input);
            let other = checked(&hidden_changed(input, Audience::Coordinator, seed + 5));
            let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
            if !same_outcomes(&a, &b) {
                continue;
            }
            let (Ok(x), Ok(y)) = (match_roster(&a, &Quiet), match_roster(&b, &Quiet)) else {
                continue;
            };
            let (first, second) = (document(&x), document(&y));
            let (mine, theirs) = (first.limits.as_ref().unwrap(), second.limits.as_ref().unwrap());
            // Whether a floor holds decides who is matched, and a limit on culture load how many one more of another limit would serve: outcomes both.
            let worth = |limits: &LimitsDocument| {
                let lines = limits.limits.iter().filter(|line| line.kind != LimitKind::CultureLoad);
                lines.map(|line| line.one_more.clone()).collect::<Vec<_>>()
            };
            if matched(&x) != matched(&y)
                || mine.not_applied != theirs.not_applied
                || (culture && worth(mine) != worth(theirs))
            {
                continue;
            }
            assert_eq!(mine.start_weeks, theirs.start_weeks);
            for audience in [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator] {
                let lines = (seen(&a, &first, audience), seen(&b, &second, audience));
                assert_eq!(lines.0, lines.1, "{seed} {audience}");
                let words = (words_seen(&first, audience), words_seen(&second, audience));
                assert_eq!(words.0, words.1, "{seed} {audience}");
                means += lines
                    .0
                    .iter()
                    .filter(|l| l.kind == LimitKind::Floor && l.used.is_some())
                    .count();
            }
            *count += 1;
            hidden += usize::from((&mine.limits, &mine.price) != (&theirs.limits, &theirs.price));
        }
    }
    assert!(
        told.iter().all(|&count| count > 10) && hidden > 10 && means > 3,
        "{told:?} pairs, in {hidden} of which the auditor reads a difference, {means} means"
    );
}

/// Not even that there is something is told: who asked for nothing that a coordinator may see asked for nothing in particular, wherever it is said.
#[test]
fn what_was_asked_and_may_not_be_seen_was_not_asked() {
    use serde_json::json;
    let asked = json!([{"concept": "alcohol", "direction": "share", "importance": 3, "consent_match": true}]);
    let told = |experiences: serde_json::Value| {
        let input: RosterInput = serde_json::from_value(json!({
            "format": "peermatch/roster@1", "as_of": "2026-11-22", "services": [{"id": "s"}],
            "people": [{"id": "p", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
                "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
                "experiences": experiences}],
            "workers": [{"id": "w", "services": ["s"], "max_people": 2, "languages": [{"tag": "en", "level": "whole"}], "modes": ["telephone"],
                "availability": ["Mon 09:00-12:00"]}],
        }))
        .unwrap();
        let (roster, policy) = (checked(&input), Policy::shipped());
        let cx = Context::new(&roster, &policy);
        let document = document(&match_roster(&cx, &Quiet).unwrap());
        (document.matches.clone(), document.matches_seen(&cx, Audience::Coordinator))
    };
    let ((full, seen), (_, nothing)) = (told(asked), told(json!([])));
    assert!(!full[0].nothing_asked && seen[0].nothing_asked, "{full:?} {seen:?}");
    assert_eq!(seen, nothing);
}

/// What a service user reads has no number, no rank and nobody else: explanations of every pair, and sheets in every mode. Times of the week and ages that
/// were asked for or shown are no ranks, and what the service wrote is its own.
#[test]
fn what_a_service_user_reads_has_no_number_no_rank_and_nobody_else() {
    use peermatch_core::menu::{
        MOST_LOSS, MenuMode, MenuRequest, for_coordinator, for_person, make,
    };
    let policy = Policy::shipped();
    let (mut texts, mut notes) = (0, 0);
    let mut read = |roster: &Roster, own: &str, text: &str| {
        assert_no_other_person(text, roster, own);
        let mut plain = text.to_owned();
        for worker in roster.workers() {
            plain = plain.replace(&worker.id, "");
        }
        let labels = roster.codes().iter().map(|code| code.label.as_str());
        let ages = ["18 to 24", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 or over"];
        for label in labels.chain(ages) {
            plain = plain.replace(label, "");
        }
        // What is quoted is a label, and those of experiences may hold any word.
        let plain: String = plain.split(['“', '”']).step_by(2).collect();
        let plain = plain.to_lowercase();
        for sign in [
            "%",
            "rank",
            "score",
            "percent",
            "optimal",
            "loss",
            "cost",
            "million",
            "best match",
            "top ",
        ] {
            assert!(!plain.contains(sign), "`{sign}` in {text}");
        }
        assert!(!plain.contains(|c: char| c.is_numeric()), "a number in {text}");
        texts += 1;
    };
    let mut told = |roster: &Roster, own: &str, told: &ForServiceUser| {
        let all = [&told.why_not, &told.meets, &told.does_not_meet, &told.not_known];
        for text in all.into_iter().flatten().chain([&told.choice]) {
            read(roster, own, text);
        }
        for text in &told.meeting {
            // Nine in the morning is a number that everybody can use.
            let open = |c: &char| !c.is_ascii_digit() && *c != ':';
            read(roster, own, &text.chars().filter(open).collect::<String>());
        }
    };
    for seed in 0..40 {
        let roster = rosters::roster(&spec_of(seed).sized(16, 6), seed);
        let cx = Context::new(&roster, &policy);
        let run = match_roster(&cx, &Quiet).unwrap();
        for user in (0..roster.people().len()).map(UserIx::at) {
            let own = &roster.user(user).id;
            for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                for decided in [None, Some(run.decided())] {
                    match explain(&cx, Audience::ServiceUser, user, worker, decided) {
                        Explanation::ServiceUser(text) => told(&roster, own, &text),
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
        for mode in [MenuMode::Safe, MenuMode::Live, MenuMode::Shortlist] {
            let request = MenuRequest { asked: None, size: 3, mode, seed, most_loss: MOST_LOSS };
            let Ok(document) = make(&cx, &request, &Quiet) else { continue };
            for menu in &document.menus {
                let user = roster.find_user(&menu.person_id).unwrap();
                let sheet = for_person(&cx, &document, user).unwrap();
                let head = ForServiceUser {
                    why_not: [sheet.about, sheet.other_answers].concat(),
                    choice: sheet.choice,
                    ..sheet.options.first().cloned().unwrap_or_else(nothing_said)
                };
                for text in sheet.options.iter().chain([&head]) {
                    told(&roster, &menu.person_id, text);
                }
            }
            // A coordinator's line of one person names nobody else either.
            for line in for_coordinator(&cx, &document).unwrap().people {
                assert_no_other_person(&line.note, &roster, &line.person_id);
                notes += usize::from(line.note.contains("Choosing"));
            }
        }
    }
    assert!(texts > 10_000 && notes > 10, "{texts} {notes}");
}

fn nothing_said() -> ForServiceUser {
    ForServiceUser {
        worker_id: String::new(),
        available: false,
        why_not: Vec::new(),
        meets: Vec::new(),
        does_not_meet: Vec::new(),
        not_known: Vec::new(),
        meeting: Vec::new(),
        choice: String::new(),
        crisis_text: Vec::new(),
        complaints_text: Vec::new(),
    }
}

/// What may be told on of a life is what the worker lets the person see, and nothing else.
#[test]
fn what_may_be_said_is_what_the_person_may_read() {
    let policy = Policy::shipped();
    let (mut aloud, mut alone) = (0, 0);
    for seed in 0..60 {
        let input = rosters::input(&spec_of(seed), seed);
        for lets in [true, false] {
            let mut input = input.clone();
            each(&mut input.workers, |_, worker| {
                each(&mut worker.experiences, |_, item| {
                    item.consent_match = true.into();
                    item.consent_coordinator = true.into();
                    item.consent_show = lets.into();
                });
            });
            let roster = checked(&input);
            let cx = Context::new(&roster, &policy);
            for user in (0..roster.people().len()).map(UserIx::at) {
                for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                    let Explanation::Coordinator(told) =
                        explain(&cx, Audience::Coordinator, user, worker, None)
                    else {
                        panic!("for a coordinator")
                    };
                    for bar in &told.bars {
                        match bar.may_be_said {
                            Some(may) => {
                                assert_eq!(may, lets, "{bar:?}");
                                assert_eq!(bar.criterion, "lived_experience");
                                if may { aloud += 1 } else { alone += 1 }
                            }
                            None => assert!(
                                bar.criterion != "lived_experience"
                                    || !matches!(bar.met, Met::Met | Met::Partly)
                            ),
                        }
                    }
                }
            }
        }
    }
    assert!(aloud > 100 && alone > 100, "{aloud} {alone}");
}
