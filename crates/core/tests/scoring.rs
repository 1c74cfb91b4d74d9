//! Laws of fit and loss over random rosters, and an embedder's own criterion.

use peermatch_core::pair::{Context, Pair};
use peermatch_core::scoring::{
    Ask, Criteria, CriteriaError, Criterion, Fit, Known, Met, Part, Place, Scorer, musts_met,
    unmet_musts, unmet_worker_musts, words, worker_fit, worker_loss, worker_musts_met,
    worker_words,
};
use peermatch_model::policy::{Policy, WHOLE};
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{Roster, ServiceUser, UserIx, WorkerIx};
use peermatch_model::words::{Audience, CriterionName, Direction, Strength, Words};
use peermatch_testkit::rosters::{Spec, check, input};
use proptest::prelude::*;
use serde_json::{Value, json};

fn spec() -> Spec {
    let mut spec = Spec::SMALL.undecided();
    spec.wish_percent = 40;
    spec
}

fn drawn(seed: u64) -> Value {
    serde_json::to_value(input(&spec(), seed)).expect("input is JSON")
}

fn checked(roster: &Value) -> Roster {
    let input: RosterInput = serde_json::from_value(roster.clone()).expect("a roster was drawn");
    check(&input)
}

fn each_pair(roster: &Roster, mut with: impl FnMut(&Scorer<'_>, &Pair<'_>)) {
    let policy = Policy::shipped();
    let cx = Context::new(roster, &policy);
    for user in (0..roster.people().len()).map(UserIx::at) {
        let scorer = Scorer::for_user(&cx, user);
        for worker in (0..roster.workers().len()).map(WorkerIx::at) {
            with(&scorer, &cx.pair(user, worker));
        }
    }
}

fn fits(roster: &Value) -> Vec<Fit> {
    let roster = checked(roster);
    let mut out = Vec::new();
    each_pair(&roster, |scorer, pair| out.push(scorer.fit(pair)));
    out
}

/// Rounded to nearest, halves up, by another road than the engine's.
fn nearest(amount: u128, whole: u128) -> u32 {
    let (floor, rest) = (amount / whole, amount % whole);
    u32::try_from(floor + u128::from(rest * 2 >= whole)).expect("a value")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn fit_and_loss_are_what_the_parts_add_to(seed in any::<u64>()) {
        let roster = checked(&drawn(seed));
        let voice = u128::from(Policy::shipped().full_voice);
        each_pair(&roster, |scorer, pair| {
            let fit = scorer.fit(pair);
            assert_eq!(scorer.loss(pair), fit.loss);
            assert_eq!(Scorer::for_pair(pair).fit(pair), fit);
            assert_eq!(fit.nothing_asked, fit.parts.is_empty());
            let sum: u128 = fit.parts.iter().map(|p| u128::from(p.weight)).sum();
            let gained: u128 = fit.parts.iter().map(|p| u128::from(p.weight) * u128::from(p.value)).sum();
            let lost: u128 = fit.parts.iter().map(|p| u128::from(p.weight) * u128::from(WHOLE - p.value)).sum();
            if fit.nothing_asked {
                assert_eq!((fit.value, fit.loss), (WHOLE, 0));
            } else {
                assert_eq!(fit.value, nearest(gained, sum));
                assert_eq!(fit.value, fit.parts.iter().map(|p| p.fit_points).sum::<u32>());
            }
            assert_eq!(fit.loss, nearest(lost, sum.max(voice)));
            assert_eq!(fit.loss, fit.parts.iter().map(|p| p.loss_points).sum::<u32>());
            for part in &fit.parts {
                assert!(part.known <= part.value && part.value <= WHOLE && part.weight > 0);
                assert!(part.value > 0 || part.fit_points == 0);
                assert!(part.value < WHOLE || part.loss_points == 0);
                assert_eq!(part.met == Met::Met, part.known == WHOLE);
            }
            let theirs = worker_fit(pair);
            assert_eq!(worker_loss(pair), theirs.loss);
            assert_eq!(theirs.loss, theirs.parts.iter().map(|p| p.loss_points).sum::<u32>());
            assert!(theirs.loss <= WHOLE);
            assert_eq!(musts_met(pair), unmet_musts(pair).is_empty());
            assert_eq!(worker_musts_met(pair), unmet_worker_musts(pair).is_empty());
        });
    }

    #[test]
    fn words_never_tell_a_worker_of_wishes_about_who_they_are(seed in any::<u64>()) {
        let roster = checked(&drawn(seed));
        each_pair(&roster, |scorer, pair| {
            for part in scorer.fit(pair).parts {
                let said = Audience::ALL.iter().map(|&a| (a, words(pair, &part, a)));
                for (audience, sentence) in said {
                    let identity = part.built_in().is_some_and(CriterionName::reads_identity);
                    assert!(!(identity && audience == Audience::PeerWorker) || sentence.is_none());
                    // Whoever may hear of a part at all hears something.
                    assert!(sentence.is_some() || audience == Audience::PeerWorker, "{part:?}");
                    assert!(sentence.is_none_or(|s| !s.is_empty() && !s.contains('%')));
                }
            }
            for part in worker_fit(pair).parts {
                assert!(worker_words(pair, &part, Audience::ServiceUser).is_none());
                assert!(worker_words(pair, &part, Audience::PeerWorker).is_some());
            }
        });
    }

    /// Who tells nothing of who they are loses at most `1 - floor` of the wishes that ask for it, and nothing anywhere else.
    #[test]
    fn silence_costs_at_most_what_the_floor_leaves(seed in any::<u64>()) {
        let told = drawn(seed);
        let mut silent = told.clone();
        for worker in silent["workers"].as_array_mut().unwrap() {
            worker["gender_consent_match"] = json!(false);
            worker["age_consent_match"] = json!(false);
            for list in ["identity", "experiences"] {
                for item in worker[list].as_array_mut().into_iter().flatten() {
                    item["consent_match"] = json!(false);
                }
            }
        }
        let mut gone = silent.clone();
        for worker in gone["workers"].as_array_mut().unwrap() {
            for key in ["gender", "age_band", "identity", "experiences"] {
                worker[key] = Value::Null;
            }
        }
        let policy = Policy::shipped();
        let silent = fits(&silent);
        prop_assert_eq!(&silent, &fits(&gone), "no consent and nothing on record are the same");
        for (told, silent) in fits(&told).iter().zip(&silent) {
            for (told, silent) in told.parts.iter().zip(&silent.parts) {
                let floor = match told.built_in() {
                    Some(CriterionName::LivedExperience) => policy.floor_lived_experience,
                    Some(name) if name.reads_identity() => policy.floor_identity,
                    _ => {
                        prop_assert_eq!((told.value, told.known), (silent.value, silent.known));
                        continue;
                    }
                };
                prop_assert!(silent.value >= floor);
                prop_assert!(told.value.saturating_sub(silent.value) <= WHOLE - floor);
            }
        }
    }

    /// Telling more never lowers what somebody wants to share or to find.
    #[test]
    fn telling_more_never_lowers_a_wish_towards(seed in any::<u64>(), extra in 0usize..119) {
        let mut less = drawn(seed);
        for user in less["people"].as_array_mut().unwrap() {
            for item in user["experiences"].as_array_mut().into_iter().flatten() {
                if item["direction"] == "avoid" {
                    item["direction"] = json!("share");
                }
            }
        }
        let taxonomy = peermatch_model::taxonomy::Taxonomy::shipped();
        let concept = taxonomy.concepts().filter(|&c| !taxonomy.is_root(c)).nth(extra).unwrap();
        let mut more = less.clone();
        for worker in more["workers"].as_array_mut().unwrap() {
            let items = worker["experiences"].as_array_mut().unwrap();
            if items.iter().all(|i| i["concept"] != taxonomy.id(concept)) {
                items.push(json!({"concept": taxonomy.id(concept), "comfort": "happy_to_work_with", "consent_match": true}));
            }
        }
        let (less_roster, more_roster) = (checked(&less), checked(&more));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        each_pair(&less_roster, |scorer, pair| before.push(lived(&scorer.fit(pair))));
        each_pair(&more_roster, |scorer, pair| after.push(lived(&scorer.fit(pair))));
        prop_assert!(before.iter().zip(&after).all(|(b, a)| b <= a));
    }

    /// Told of an identity more, whoever wishes for it is never further from it.
    #[test]
    fn telling_of_an_identity_never_lowers_a_wish_for_it(seed in any::<u64>(), code in 0usize..4) {
        let less = drawn(seed);
        let mut more = less.clone();
        for worker in more["workers"].as_array_mut().unwrap() {
            let items = worker["identity"].as_array_mut().unwrap();
            let code = ["1", "3", "31", "4"][code];
            items.retain(|i| i["system"] != "ethnicity" || i["code"] != code);
            items.push(json!({"system": "ethnicity", "code": code, "consent_match": true}));
        }
        let wished = |roster: &Value| {
            let mut out = Vec::new();
            each_pair(&checked(roster), |scorer, pair| {
                for part in scorer.fit(pair).parts {
                    let Place::Wish(place) = part.place else { continue };
                    let wish = &pair.user.wishes[place];
                    let outside = format!("{:?}", wish.values).contains("NotMyOwn");
                    if part.built_in() == Some(CriterionName::SharedCulture) && wish.direction == Direction::Prefer && !outside {
                        out.push(part.value);
                    }
                }
            });
            out
        };
        prop_assert!(wished(&less).iter().zip(wished(&more)).all(|(&b, a)| b <= a));
    }

    /// Up to a full voice one more wish changes neither what the others weigh, nor what they are worth, nor what they are a share of.
    #[test]
    fn one_more_wish_weakens_none_up_to_a_full_voice(seed in any::<u64>()) {
        let mut before = drawn(seed);
        for user in before["people"].as_array_mut().unwrap() {
            if let Some(wishes) = user["wishes"].as_array_mut() {
                wishes.retain(|w| w["dimension"] != "interests");
            }
        }
        let mut after = before.clone();
        for user in after["people"].as_array_mut().unwrap() {
            let wish = json!({"dimension": "interests", "values": ["music"], "strength": "important"});
            match user["wishes"].as_array_mut() {
                Some(wishes) => wishes.push(wish),
                None => user["wishes"] = json!([wish]),
            }
        }
        let voice = Policy::shipped().full_voice;
        for (before, after) in fits(&before).iter().zip(fits(&after)) {
            let is_new = |p: &&Part| p.built_in() == Some(CriterionName::Interests);
            let new = after.parts.iter().find(is_new).unwrap();
            let others: Vec<&Part> = after.parts.iter().filter(|p| !is_new(p)).collect();
            prop_assert_eq!(others.len(), before.parts.len());
            let sum: u32 = after.parts.iter().map(|p| p.weight).sum();
            for (b, a) in before.parts.iter().zip(&others) {
                prop_assert_eq!((b.weight, b.value), (a.weight, a.value));
                // The exact part is a (1 - v) / A0 in both; its points may differ by the one of rounding.
                prop_assert!(sum > voice || b.loss_points.abs_diff(a.loss_points) <= 1);
            }
            if sum <= voice {
                let alone = nearest(u128::from(new.weight) * u128::from(WHOLE - new.value), u128::from(voice));
                prop_assert!((before.loss + alone).abs_diff(after.loss) <= 1);
            }
        }
    }
}

fn lived(fit: &Fit) -> Option<u32> {
    fit.parts.iter().find(|p| p.built_in() == Some(CriterionName::LivedExperience)).map(|p| p.value)
}

#[test]
fn a_referrers_must_counts_as_important_until_the_person_confirms_it() {
    let mut roster = drawn(3);
    let wish = |confirmed: bool| json!([{"dimension": "gender", "values": ["woman"], "strength": "must", "stated_by": "referrer", "confirmed": confirmed}]);
    for user in roster["people"].as_array_mut().unwrap() {
        user["wishes"] = wish(false);
    }
    each_pair(&checked(&roster), |scorer, pair| {
        assert!(unmet_musts(pair).is_empty());
        let fit = scorer.fit(pair);
        let part = fit.parts.iter().find(|p| p.built_in() == Some(CriterionName::Gender)).unwrap();
        assert_eq!(part.weight, 200);
    });
    for user in roster["people"].as_array_mut().unwrap() {
        user["wishes"] = wish(true);
    }
    let mut unmet = 0;
    each_pair(&checked(&roster), |scorer, pair| {
        unmet += unmet_musts(pair).len();
        assert!(
            scorer.fit(pair).parts.iter().all(|p| p.built_in() != Some(CriterionName::Gender)),
            "a rule is no term"
        );
    });
    assert!(unmet > 0);
}

/// Records that were redacted for an audience are judged as they stand: what is not there is not known, and cannot be said.
#[test]
fn redacted_records_are_judged_as_they_stand() {
    let mut roster = drawn(4);
    for user in roster["people"].as_array_mut().unwrap() {
        user["wishes"] = json!([{"dimension": "gender", "values": ["woman"], "strength": "important"},
            {"dimension": "style", "values": ["calm"], "strength": "nice"}]);
    }
    for worker in roster["workers"].as_array_mut().unwrap() {
        worker["gender"] = json!("woman");
        worker["gender_consent_match"] = json!(true);
    }
    each_pair(&checked(&roster), |scorer, pair| {
        let gender =
            |fit: Fit| fit.parts.into_iter().find(|p| p.built_in() == Some(CriterionName::Gender));
        let part = gender(scorer.fit(pair)).unwrap();
        assert_eq!(
            words(pair, &part, Audience::ServiceUser).as_deref(),
            Some("Is a woman, as you wished")
        );

        let mut worker = pair.worker.clone();
        worker.gender = None;
        let redacted = Pair { worker: &worker, ..*pair };
        let part = gender(Scorer::for_pair(&redacted).fit(&redacted)).unwrap();
        assert_eq!((part.known, part.met), (0, Met::Unknown));
        assert_eq!(
            words(&redacted, &part, Audience::ServiceUser).as_deref(),
            Some("We cannot say: gender")
        );

        let mut user = pair.user.clone();
        user.wishes.retain(|w| w.about != peermatch_model::words::WishAbout::Gender);
        let redacted = Pair { user: &user, ..*pair };
        assert!(gender(Scorer::for_pair(&redacted).fit(&redacted)).is_none());
        // Words about a part that the records no longer hold are not made up.
        assert_eq!(
            words(&Pair { user: &user, ..*pair }, &part_at(&part, 7), Audience::Coordinator),
            None
        );
    });
}

fn part_at(part: &Part, wish: usize) -> Part {
    let mut out = part.clone();
    out.place = Place::Wish(wish);
    out
}

/// A criterion of an embedder's own: who is at ease with dogs, asked of nobody but those it lists.
#[derive(Debug)]
struct Dogs {
    asked_by: Vec<String>,
    at_ease: Vec<String>,
}

impl Criterion for Dogs {
    fn name(&self) -> &'static str {
        "dogs"
    }

    fn weight(&self, _policy: &Policy) -> u32 {
        50
    }

    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        if self.asked_by.contains(&user.id) {
            ask(Ask { place: Place::Own(0), strength: Strength::Must });
        }
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        Known::from_answer(Some(self.at_ease.contains(&pair.worker.id)))
    }

    fn words(&self, _pair: &Pair<'_>, part: &Part, _audience: Audience) -> Option<String> {
        (part.met == Met::Met).then(|| "Is at ease with dogs".to_owned())
    }
}

#[test]
fn an_own_criterion_counts_for_those_who_asked_and_nobody_else() {
    let roster = checked(&drawn(5));
    let policy = Policy::shipped();
    let (asker, at_ease) =
        (roster.user(UserIx::at(0)).id.clone(), roster.worker(WorkerIx::at(1)).id.clone());
    let criteria =
        Criteria::built_in().with(Dogs { asked_by: vec![asker], at_ease: vec![at_ease] }).unwrap();
    let (plain, own) =
        (Context::new(&roster, &policy), Context::with_criteria(&roster, &policy, criteria));
    for user in (0..roster.people().len()).map(UserIx::at) {
        let (a, b) = (Scorer::for_user(&plain, user), Scorer::for_user(&own, user));
        for worker in (0..roster.workers().len()).map(WorkerIx::at) {
            let (before, after) =
                (a.fit(&plain.pair(user, worker)), b.fit(&own.pair(user, worker)));
            if user.index() > 0 {
                assert_eq!(before, after);
                continue;
            }
            let part = after.parts.last().unwrap();
            assert_eq!(
                (part.criterion.as_str(), part.built_in(), part.weight),
                ("dogs", None, 100),
                "a must of one's own counts as important"
            );
            assert_eq!(part.value, if worker.index() == 1 { WHOLE } else { 0 });
            assert_eq!(
                words(&own.pair(user, worker), part, Audience::ServiceUser).is_some(),
                worker.index() == 1
            );
            assert_eq!(
                unmet_musts(&own.pair(user, worker)),
                unmet_musts(&plain.pair(user, worker))
            );
        }
    }
}

#[test]
fn a_name_is_taken_once() {
    #[derive(Debug)]
    struct Named(&'static str);
    impl Criterion for Named {
        fn name(&self) -> &str {
            self.0
        }
        fn weight(&self, _policy: &Policy) -> u32 {
            1
        }
        fn asks(&self, _user: &ServiceUser, _ask: &mut dyn FnMut(Ask)) {}
        fn value(&self, _pair: &Pair<'_>, _place: Place) -> Known {
            Known::UNKNOWN
        }
        fn words(&self, _pair: &Pair<'_>, _part: &Part, _audience: Audience) -> Option<String> {
            None
        }
    }
    let taken =
        |name| Criteria::built_in().with(Named("mine")).unwrap().with(Named(name)).unwrap_err();
    assert_eq!(taken("gender"), CriteriaError::NameTaken("gender".to_owned()));
    assert_eq!(taken("mine"), CriteriaError::NameTaken("mine".to_owned()));
    assert_eq!(taken(" "), CriteriaError::NoName);
    assert_eq!(Criteria::built_in().iter().count(), CriterionName::ALL.len());
    assert!(CriterionName::ALL.iter().all(|c| Criteria::built_in().find(c.word()).is_some()));
}
