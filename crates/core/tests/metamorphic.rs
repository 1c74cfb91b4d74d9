//! What nobody asked about changes nothing: one test a dimension.
//!
//! Random rosters are drawn, everything that asks about one dimension is taken out of them, and then everything the dimension reads is changed on every
//! worker and every person. No value, fit or loss of any pair may change by a bit.

use peermatch_core::pair::Context;
use peermatch_core::scoring::{Fit, Scorer, WorkerFit, unmet_musts, worker_fit};
use peermatch_model::policy::Policy;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::WishAbout;
use peermatch_testkit::rosters::{Spec, check, input};
use serde_json::{Value, json};

const SEEDS: std::ops::Range<u64> = 0..6;

/// Few rules stand in the way of values: musts are drawn rarely, wishes often.
fn spec() -> Spec {
    let mut spec = Spec::SMALL.undecided();
    spec.wish_percent = 40;
    spec.must_percent = 5;
    spec
}

fn judged(roster: &Value) -> Vec<(Fit, Vec<WishAbout>, WorkerFit)> {
    let input: RosterInput = serde_json::from_value(roster.clone()).expect("a roster was drawn");
    let roster = check(&input);
    let policy = Policy::shipped();
    let cx = Context::new(&roster, &policy);
    let mut out = Vec::new();
    for user in (0..roster.people().len()).map(UserIx::at) {
        let scorer = Scorer::for_user(&cx, user);
        for worker in (0..roster.workers().len()).map(WorkerIx::at) {
            let pair = cx.pair(user, worker);
            let fit = scorer.fit(&pair);
            assert_eq!(scorer.loss(&pair), fit.loss);
            out.push((fit, unmet_musts(&pair), worker_fit(&pair)));
        }
    }
    out
}

fn each(roster: &mut Value, list: &str, mut with: impl FnMut(usize, &mut Value)) {
    for (i, row) in roster[list].as_array_mut().into_iter().flatten().enumerate() {
        with(i, row);
    }
}

/// Takes every wish about `dimension` out, on one side.
fn unask(roster: &mut Value, list: &str, dimension: &str) {
    each(roster, list, |_, row| {
        if let Some(wishes) = row["wishes"].as_array_mut() {
            wishes.retain(|w| w["dimension"] != dimension);
        }
    });
}

/// Checks that `change` changes nothing once `silence` took out everything that asks, and that it does change something where somebody asks: a
/// dimension that the engine never read would pass the first check alone.
fn changes_nothing(silence: impl Fn(&mut Value), change: impl Fn(&mut Value)) {
    let noticed = SEEDS.clone().any(|seed| {
        let mut roster = drawn(seed);
        let before = judged(&roster);
        change(&mut roster);
        before != judged(&roster)
    });
    assert!(noticed, "nobody reads this");
    changes_nothing_at_all(silence, change);
}

/// As [`changes_nothing`], for what is never read as a wish.
fn changes_nothing_at_all(silence: impl Fn(&mut Value), change: impl Fn(&mut Value)) {
    for seed in SEEDS {
        let mut roster = drawn(seed);
        silence(&mut roster);
        let before = judged(&roster);
        change(&mut roster);
        assert_eq!(before, judged(&roster), "seed {seed}");
    }
}

fn drawn(seed: u64) -> Value {
    serde_json::to_value(input(&spec(), seed)).expect("input is JSON")
}

/// Something else for every row, so that a reader of the field would notice.
fn pick(i: usize, of: &[Value]) -> Value {
    of[i % of.len()].clone()
}

#[test]
fn gender() {
    changes_nothing(
        |r| unask(r, "people", "gender"),
        |r| {
            each(r, "workers", |i, w| {
                w["gender"] = pick(i, &[json!("woman"), json!("man"), json!("another_gender")]);
                w["gender_consent_match"] = json!(i % 4 != 0);
            });
        },
    );
}

#[test]
fn age() {
    changes_nothing(
        |r| {
            unask(r, "people", "age");
            // A service may be for certain ages: that is a rule, and it decides how two people can meet.
            each(r, "services", |_, s| s["age_bands"] = json!([]));
        },
        |r| {
            each(r, "people", |i, u| u["age_band"] = pick(i, &[json!("18-24"), json!("65+")]));
            each(r, "workers", |i, w| {
                w["age_band"] = pick(i, &[json!("65+"), json!("18-24"), json!("35-44")]);
                w["age_consent_match"] = json!(true);
            });
        },
    );
}

#[test]
fn shared_culture_and_iwi() {
    changes_nothing(
        |r| {
            unask(r, "people", "shared_culture");
            unask(r, "people", "iwi");
        },
        |r| {
            let codes = [("ethnicity", "1"), ("ethnicity", "31"), ("iwi", "a1"), ("iwi", "b")];
            each(r, "workers", |i, w| {
                let (system, code) = codes[i % codes.len()];
                w["identity"] = json!([{"system": system, "code": code, "consent_match": true}]);
            });
            each(r, "people", |i, u| {
                let (own, iwi) = [("3", "a"), ("1", "b")][i % 2];
                u["identity"] = json!([{"system": "ethnicity", "code": own, "use_for_matching": true}, {"system": "iwi", "code": iwi, "use_for_matching": true}]);
            });
        },
    );
}

#[test]
fn cultural_competence() {
    changes_nothing(
        |r| unask(r, "people", "cultural_competence"),
        |r| {
            each(r, "workers", |i, w| {
                w["competences"] = pick(
                    i,
                    &[
                        json!([]),
                        json!([{"area": "tikanga", "level": "confident"}, {"area": "deaf", "level": "developing"}]),
                    ],
                );
            });
        },
    );
}

#[test]
fn kaupapa() {
    changes_nothing(
        |r| unask(r, "people", "kaupapa"),
        |r| {
            each(r, "services", |i, s| {
                s["kaupapa"] =
                    pick(i, &[json!(["pacific"]), json!([]), json!(["kaupapa_maori", "rainbow"])]);
            });
        },
    );
}

#[test]
fn lived_experience() {
    let unwanted = |r: &mut Value| {
        unask(r, "people", "lived_experience");
        unask(r, "workers", "topics");
        each(r, "people", |_, u| {
            for item in u["experiences"].as_array_mut().into_iter().flatten() {
                item["direction"] = json!("fine");
            }
        });
    };
    changes_nothing(unwanted, |r| {
        each(r, "workers", |i, w| {
            w["experiences"] = pick(
                i,
                &[
                    json!([]),
                    json!([{"concept": "voices", "consent_match": true, "comfort": "happy_to_work_with"}]),
                ],
            );
        });
        each(r, "people", |i, u| {
            u["experiences"] = pick(
                i,
                &[
                    json!([]),
                    json!([{"concept": "voices", "direction": "fine", "importance": 3, "consent_match": true}]),
                ],
            );
        });
    });
}

#[test]
fn style_and_interests() {
    changes_nothing(
        |r| {
            unask(r, "people", "style");
            unask(r, "people", "interests");
            unask(r, "people", "previous_worker");
        },
        |r| {
            each(r, "workers", |i, w| {
                w["styles"] = pick(i, &[json!([]), json!(["calm", "direct"])]);
                w["interests"] = pick(i, &[json!(["music", "art"]), json!([])]);
            });
        },
    );
}

#[test]
fn place() {
    changes_nothing(
        |r| unask(r, "people", "place"),
        |r| {
            each(r, "workers", |i, w| {
                w["places"] = pick(i, &[json!([]), json!(["marae", "cafe"]), json!(["park"])]);
            });
        },
    );
}

#[test]
fn mode() {
    changes_nothing(
        |r| {
            for (list, dimension) in [
                ("people", "mode"),
                ("workers", "mode"),
                ("people", "travel"),
                ("workers", "travel"),
            ] {
                unask(r, list, dimension);
            }
        },
        |r| {
            each(r, "workers", |i, w| {
                w["modes"] = pick(i, &[json!(["telephone"]), json!(["one_to_one", "video"])]);
            });
            each(r, "people", |i, u| {
                u["modes"] = pick(i, &[json!(["text", "video"]), json!(["telephone"])]);
            });
        },
    );
}

#[test]
fn time() {
    changes_nothing(
        |r| {
            unask(r, "people", "time");
            unask(r, "workers", "time");
        },
        |r| {
            each(r, "workers", |i, w| {
                w["availability"] =
                    pick(i, &[json!(["Mon 09:00-10:00"]), json!(["Sun 00:00-24:00"])]);
            });
            each(r, "people", |i, u| {
                u["availability"] =
                    pick(i, &[json!(["Sun 08:00-10:00"]), json!(["Mon 09:00-17:00"])]);
            });
        },
    );
}

#[test]
fn travel() {
    changes_nothing(
        |r| {
            for (list, dimension) in [
                ("people", "mode"),
                ("workers", "mode"),
                ("people", "travel"),
                ("workers", "travel"),
            ] {
                unask(r, list, dimension);
            }
        },
        |r| {
            for list in ["people", "workers"] {
                each(r, list, |i, row| {
                    row["lat"] = json!(-36.9);
                    row["lon"] = json!(174.7 + if i % 2 == 0 { 0.1 } else { 0.0 });
                    row["max_travel_min"] = pick(i, &[json!(10), json!(60), json!(0)]);
                });
            }
        },
    );
}

#[test]
fn named_worker() {
    // Only a wish names a worker; what a coordinator decides about a pair is no wish.
    changes_nothing_at_all(
        |r| unask(r, "people", "named_worker"),
        |r| r["pins"] = json!([{"person_id": r["people"][0]["id"], "worker_id": r["workers"][0]["id"], "kind": "exclude"}]),
    );
}

#[test]
fn previous_worker() {
    changes_nothing(
        |r| {
            unask(r, "people", "previous_worker");
            r["matches"] = json!([]);
        },
        |r| {
            let rows: Vec<Value> = r["people"]
                .as_array()
                .unwrap()
                .iter()
                .enumerate()
                .map(|(i, u)| json!({"id": format!("M{i}"), "person_id": u["id"], "worker_id": r["workers"][i % 3]["id"], "status": "ended"}))
                .collect();
            r["matches"] = json!(rows);
        },
    );
}

#[test]
fn languages() {
    changes_nothing(
        |r| {
            each(r, "people", |_, u| {
                for language in u["languages"].as_array_mut().into_iter().flatten() {
                    if language["level"] == "prefer" {
                        language["level"] = json!("can");
                    }
                }
            });
        },
        |r| {
            each(r, "workers", |i, w| {
                w["languages"] = pick(
                    i,
                    &[
                        json!([{"tag": "mi", "level": "whole"}]),
                        json!([{"tag": "en", "level": "some"}]),
                    ],
                );
            });
            each(r, "people", |i, u| {
                u["languages"] = pick(
                    i,
                    &[
                        json!([{"tag": "mi", "level": "can"}]),
                        json!([{"tag": "en", "level": "need"}]),
                    ],
                );
            });
        },
    );
}

#[test]
fn goals() {
    changes_nothing(
        |r| {
            unask(r, "workers", "goals");
            each(r, "people", |_, u| u["goals"] = json!([]));
        },
        |r| {
            each(r, "workers", |i, w| {
                w["goals"] = pick(i, &[json!([]), json!(["housing", "employment"])]);
            });
        },
    );
}

#[test]
fn support_types() {
    changes_nothing(
        |r| {
            unask(r, "workers", "support_types");
            unask(r, "people", "previous_worker");
            each(r, "people", |_, u| u["support_types"] = json!([]));
        },
        |r| {
            each(r, "workers", |i, w| {
                w["support_types"] = pick(i, &[json!([]), json!(["emotional"])]);
            });
        },
    );
}

/// The other answers are no values: they change nothing, whichever of the three they are.
#[test]
fn an_answer_that_is_not_a_wish() {
    for state in ["no_preference", "declined", "not_asked"] {
        changes_nothing_at_all(
            |r| unask(r, "people", "gender"),
            |r| {
                each(r, "people", |_, u| {
                    let wish = json!({"dimension": "gender", "status": state});
                    match u["wishes"].as_array_mut() {
                        Some(wishes) => wishes.push(wish),
                        None => u["wishes"] = json!([wish]),
                    }
                });
            },
        );
    }
}

/// What one person asks changes nothing for anybody else.
#[test]
fn one_persons_wish_is_nobody_elses() {
    for seed in SEEDS {
        let mut roster = drawn(seed);
        unask(&mut roster, "people", "gender");
        let by_person = |roster: &Value| {
            let judged = judged(roster);
            let workers = roster["workers"].as_array().unwrap().len();
            judged.chunks(workers).map(<[_]>::to_vec).collect::<Vec<_>>()
        };
        let before = by_person(&roster);
        let wish = json!({"dimension": "gender", "values": ["woman"], "strength": "important"});
        match roster["people"][0]["wishes"].as_array_mut() {
            Some(wishes) => wishes.push(wish),
            None => roster["people"][0]["wishes"] = json!([wish]),
        }
        let after = by_person(&roster);
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert_eq!(changed, 1, "seed {seed}");
    }
}
