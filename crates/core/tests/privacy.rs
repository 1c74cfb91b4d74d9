//! What an audience may not see cannot show: non-interference over random pairs of rosters, and canaries.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::eligibility;
use peermatch_core::explain::explain;
use peermatch_core::pair::Context;
use peermatch_core::report::document;
use peermatch_core::run::match_roster;
use peermatch_core::suggest::suggest;
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput, Rows};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Audience, Strength};
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

proptest! {
    // 160 pairs of rosters of 12 x 8 and three audiences: about 46,000 pairs of explanations, of which those with the same outcome count.
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn what_is_hidden_changes_no_byte(seed in any::<u64>(), salt in any::<u64>()) {
        let policy = Policy::shipped();
        for audience in [Audience::ServiceUser, Audience::PeerWorker, Audience::Coordinator] {
            let input = rosters::input(&spec(), seed);
            let one = checked(&input);
            let other = checked(&hidden_changed(input, audience, salt));
            let (a, b) = (Context::new(&one, &policy), Context::new(&other, &policy));
            for user in 0..one.people().len() {
                let user = UserIx::at(user);
                let eligible = |cx: &Context<'_>| (0..one.workers().len()).map(|w| eligibility::eligible(&cx.pair(user, WorkerIx::at(w)))).collect::<Vec<_>>();
                if eligible(&a) != eligible(&b) {
                    // Who can be matched is the outcome, and it differs.
                    continue;
                }
                for worker in 0..one.workers().len() {
                    let worker = WorkerIx::at(worker);
                    let told = |cx: &Context<'_>| serde_json::to_string(&explain(cx, audience, user, worker, None)).unwrap();
                    prop_assert_eq!(told(&a), told(&b));
                }
            }
        }
    }
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
            let outcome = |cx: &Context<'_>| {
                (0..one.workers().len())
                    .map(|w| eligibility::eligible(&cx.pair(UserIx::at(u), WorkerIx::at(w))))
                    .collect::<Vec<_>>()
            };
            same += usize::from(outcome(&a) == outcome(&b)) * one.workers().len();
        }
    }
    assert!(changed > 90, "hidden parts changed in {changed} of 100 rosters");
    assert!(same > 4_000, "{same} pairs of explanations with the same outcome");
}

/// A word that stands nowhere else, planted in what nobody but the owner may see, comes out nowhere.
#[test]
fn canaries_stay_where_they_are() {
    const CANARY: &str = "CANARY";
    let policy = Policy::shipped();
    for seed in 0..12 {
        let mut input = rosters::input(&spec(), seed);
        // Free words in private places.
        each(&mut input.workers, |i, worker| {
            // Hidden codes carry the canary in their label.
            worker.wishes = Field::Absent;
            if let Field::Given(items) = &mut worker.identity {
                for item in items.iter_mut() {
                    if let Field::Given(item) = item {
                        item.consent_show = false.into();
                    }
                }
            }
            let _ = i;
        });
        each(&mut input.codes, |_, code| code.label = format!("{CANARY} label").into());
        each(&mut input.people, |_, person| {
            each(&mut person.nominated_peers, |_, peer| {
                peer.relation = format!("{CANARY} relation").into();
            });
        });
        let roster = checked(&input);
        let cx = Context::new(&roster, &policy);
        for user in (0..roster.people().len()).map(UserIx::at) {
            for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                for audience in [Audience::PeerWorker, Audience::ServiceUser] {
                    let told = explain(&cx, audience, user, worker, None);
                    let text = serde_json::to_string(&told).unwrap();
                    if audience == Audience::PeerWorker {
                        assert!(!text.contains(CANARY), "{text}");
                    }
                }
            }
        }
        // Which conflict keeps two apart is in no report, no suggestion and no explanation but the auditor's.
        let run = match_roster(&cx, &Quiet).unwrap();
        let mut texts = vec![serde_json::to_string(&document(&run).waiting).unwrap()];
        for user in (0..roster.people().len()).map(UserIx::at) {
            texts.push(serde_json::to_string(&suggest(&cx, user, 3)).unwrap());
            for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                for audience in [Audience::PeerWorker, Audience::ServiceUser, Audience::Coordinator]
                {
                    texts.push(
                        serde_json::to_string(&explain(&cx, audience, user, worker, None)).unwrap(),
                    );
                }
            }
        }
        for text in texts {
            for private in [
                "known_to_each_other",
                "no_contact",
                "whanau_relation",
                "person_declined_worker",
                "worker_declined",
                "not_now",
                "supervision_overdue",
                "sha256",
            ] {
                assert!(!text.contains(private), "{private} in {text}");
            }
        }
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
