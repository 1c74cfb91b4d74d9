//! How firm suggestions are, from outside: the weights at which the first place is said to change hands, tried by policies with
//! weights on either side of them, and what is told where there is nothing to weigh.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::pair::Context;
use peermatch_core::robust::{Firmness, Share, Towards, WAYS};
use peermatch_core::suggest::{Suggestions, suggest};
use peermatch_model::policy::{CriterionInput, Policy, PolicyInput};
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::{Roster, UserIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{CriterionName, Words};
use peermatch_testkit::rosters::{self, Spec};
use serde_json::{Value, json};

fn people(roster: &Roster) -> impl Iterator<Item = UserIx> {
    (0..roster.people().len()).map(UserIx::at)
}

/// The shipped policy with every weight 100, but for one.
fn weighed(criterion: &str, weight: u32, others: u32) -> Policy {
    let one = |word: &str, weight: u32| {
        let mut input = CriterionInput { weight: weight.into(), ..CriterionInput::default() };
        if CriterionName::from_word(word).unwrap().reads_identity() {
            input.requires_preference = Field::Given(true);
        }
        (word.to_owned(), Field::Given(input))
    };
    let weights = CriterionName::ALL.iter().map(|name| {
        let word = name.word();
        one(word, if word == criterion { weight } else { others })
    });
    let input =
        PolicyInput { criteria: Field::Given(weights.collect()), ..Policy::shipped().to_input() };
    Policy::check(&input).unwrap()
}

/// What to weigh a criterion (now 100 like all others) so that it counts `share`, the others weighing 100 each: as a fraction.
fn weight_for(now: Share, share: Share) -> (i128, i128) {
    let odds = |s: Share| (s.part.0, s.whole.0 - s.part.0);
    let ((a, b), (c, d)) = (odds(share), odds(now));
    (100 * a * d, b * c)
}

fn first(cx: &Context<'_>, user: UserIx) -> String {
    suggest(cx, user, 1).workers[0].worker_id.clone()
}

/// The lists of a policy with the criterion weighed just beyond the flip, and just before it, by whole-number weights.
#[test]
fn a_policy_on_either_side_of_a_flip_gives_the_list_that_was_foretold() {
    let shipped = weighed("", 0, 100);
    let (mut beyond, mut before, mut hidden) = (0, 0, 0);
    for seed in 0..36 {
        let roster = rosters::roster(&Spec::WILD.undecided(), seed);
        let cx = Context::new(&roster, &shipped);
        for user in people(&roster) {
            let found = suggest(&cx, user, 30);
            for told in &found.workers {
                let Some(firmness) = &told.firmness else { continue };
                for flip in &firmness.flips {
                    let (part, whole) = weight_for(flip.now, flip.at);
                    let (below, above) = (part / whole, (part + whole - 1) / whole);
                    let exact = below == above;
                    let step = i128::from(exact);
                    let (near, far) = match flip.towards {
                        Towards::Less => (above + step, below - step),
                        Towards::More => (below - step, above + step),
                    };
                    let with = |weight: i128| {
                        let weight =
                            u32::try_from(weight).ok().filter(|w| (1..=10_000).contains(w))?;
                        let policy = weighed(&flip.criterion, weight, 100);
                        Some(first(&Context::new(&roster, &policy), user))
                    };
                    // Another flip may lie within one step of this one: then a whole-number weight cannot tell them apart.
                    let within = flip.until.is_none_or(|until| {
                        let (part, whole) = weight_for(flip.now, until);
                        match flip.towards {
                            Towards::Less => far * whole > part,
                            Towards::More => far * whole < part,
                        }
                    });
                    if !within {
                        hidden += 1;
                    } else if let Some(then) = with(far) {
                        beyond += 1;
                        assert_eq!(then, flip.then_first, "beyond {flip:?}");
                    }
                    // On the near side of the flip of whoever comes first, they still do.
                    let between = match flip.towards {
                        Towards::Less => near <= 100,
                        Towards::More => near >= 100,
                    };
                    if told.worker_id == found.workers[0].worker_id
                        && between
                        && let Some(then) = with(near)
                    {
                        before += 1;
                        assert_eq!(then, told.worker_id, "before {flip:?}");
                    }
                }
            }
        }
    }
    assert!(beyond > 150 && before > 75, "{beyond} beyond, {before} before, {hidden} hidden");
}

fn roster(wishes: &Value, workers: &[Value]) -> Roster {
    let workers: Vec<Value> = workers
        .iter()
        .enumerate()
        .map(|(i, worker)| {
            let mut whole = json!({"id": format!("w{i}"), "services": ["s"], "max_people": 2, "modes": ["telephone"],
                "languages": [{"tag": "en", "level": "whole"}], "availability": ["Mon 09:00-12:00"]});
            whole.as_object_mut().unwrap().extend(worker.as_object().unwrap().clone());
            whole
        })
        .collect();
    let input: RosterInput = serde_json::from_value(json!({
        "format": "peermatch/roster@1", "as_of": "2026-11-22", "services": [{"id": "s"}],
        "people": [{"id": "p", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
            "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"], "wishes": wishes}],
        "workers": workers,
    }))
    .unwrap();
    Roster::check(&input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn suggested(roster: &Roster) -> Suggestions {
    let policy = Policy::shipped();
    suggest(&Context::new(roster, &policy), UserIx::at(0), 9)
}

fn firm(found: &Suggestions, place: usize) -> &Firmness {
    found.workers[place].firmness.as_ref().unwrap()
}

#[test]
fn where_nothing_can_be_weighed_nothing_is_told() {
    let calm = json!([{"dimension": "style", "values": ["calm"], "strength": "nice"}]);
    let nothing_asked = suggested(&roster(&json!([]), &[json!({}), json!({})]));
    assert!(nothing_asked.workers.iter().all(|told| told.nothing_asked && told.firmness.is_none()));
    let nobody_else = suggested(&roster(&calm, &[json!({})]));
    assert!(nobody_else.workers[0].firmness.is_none());

    let one_thing = suggested(&roster(&calm, &[json!({}), json!({"styles": ["calm"]})]));
    assert_eq!(one_thing.workers[0].worker_id, "w1");
    assert_eq!([firm(&one_thing, 0).ways_first, firm(&one_thing, 1).ways_first], [WAYS, 0]);
    assert!(firm(&one_thing, 0).flips.is_empty());
    assert_eq!(
        firm(&one_thing, 1).words,
        ["One thing was asked, so no other way to weigh changes the order."]
    );
}

/// Two wishes, one each: the line between them is where they weigh the same, and the important one weighs double.
#[test]
fn the_words_tell_the_share_and_the_flip() {
    let wishes = json!([{"dimension": "style", "values": ["calm"], "strength": "important"},
        {"dimension": "interests", "values": ["gardening"], "strength": "nice"}]);
    let two = [json!({"interests": ["gardening"]}), json!({"styles": ["calm"]})];
    let found = suggested(&roster(&wishes, &two));
    let (ahead, behind) = (firm(&found, 0), firm(&found, 1));
    assert_eq!(found.workers[0].worker_id, "w1");
    assert!(
        ahead.ways_first + behind.ways_first == WAYS && ahead.ways_first.abs_diff(WAYS / 2) < 96
    );
    let [less, more] = &ahead.flips[..] else { panic!("{ahead:?}") };
    assert_eq!(
        (less.criterion.as_str(), less.towards, less.then_first.as_str()),
        ("style", Towards::Less, "w0")
    );
    assert_eq!(
        (more.criterion.as_str(), more.towards, more.then_first.as_str()),
        ("interests", Towards::More, "w0")
    );
    let fraction = |s: Share| (s.part.0, s.whole.0);
    assert_eq!(
        [less.now, less.at, more.now, more.at].map(fraction),
        [(2, 3), (1, 2), (1, 3), (1, 2)]
    );
    assert!(
        ahead.words[0].starts_with("Stays first under ")
            && ahead.words[0].ends_with(" of 100 ways to weigh what was asked.")
    );
    assert_eq!(
        ahead.words[1],
        "Stays first until the weight of style is below 50 % of everything (67 % now): then w0 would."
    );
    assert_eq!(
        behind.words[1],
        "Would come first if the weight of style were below 50 % of everything (67 % now)."
    );

    // A third who has both is first whatever they weigh.
    let found = suggested(&roster(
        &wishes,
        &[two[0].clone(), two[1].clone(), json!({"styles": ["calm"], "interests": ["gardening"]})],
    ));
    assert_eq!(firm(&found, 0).words, ["Comes first however what was asked is weighed."]);
    assert_eq!(firm(&found, 2).words, ["Does not come first however what was asked is weighed."]);
}

/// Two wishes of one criterion weigh together, and keep their proportion.
#[test]
fn wishes_of_one_criterion_weigh_together() {
    let wishes = json!([{"dimension": "style", "values": ["calm"], "strength": "important"},
        {"dimension": "style", "direction": "avoid", "values": ["practical"], "strength": "nice"},
        {"dimension": "interests", "values": ["gardening"], "strength": "nice"}]);
    let found = suggested(&roster(
        &wishes,
        &[json!({"interests": ["gardening"]}), json!({"styles": ["calm"]})],
    ));
    // Style 3 of 4; the second worker meets two thirds of it: level where 2/3 s = 1 - s.
    let flip = &firm(&found, 0).flips[0];
    assert_eq!((flip.now.part.0, flip.now.whole.0, flip.at.part.0, flip.at.whole.0), (3, 4, 3, 5));
    let ways = firm(&found, 0).ways_first;
    assert!(ways.abs_diff(WAYS * 2 / 5) < 96, "{ways}");
}
