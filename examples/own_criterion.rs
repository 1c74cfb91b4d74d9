//! A criterion of one's own, end to end: `cargo run --example own_criterion`.
//!
//! A service has people with assistance dogs, and knows which workers are at ease with dogs. peermatch knows nothing of dogs. The service keeps that beside the
//! roster, by id, and says what it is worth; the criterion then counts in suggestions, in the matching and in the reasons, for those
//! who asked and for nobody else.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;

use peermatch::engine::scoring::{
    Ask, Criteria, Criterion, Known, Met, Part, Place, Scorer, words,
};
use peermatch::model::policy::DEFAULT_WEIGHT;
use peermatch::model::roster::ServiceUser;
use peermatch::model::words::Strength;
use peermatch::{
    Audience, Context, Pair, Policy, Quiet, document, match_roster, read_roster_json, suggest,
};

/// At ease with dogs, for people who come with one.
#[derive(Debug)]
struct Dogs {
    /// People who asked for it.
    comes_with_a_dog: BTreeSet<String>,
    /// What workers said: yes, no, or nothing yet.
    at_ease: BTreeSet<String>,
    not_at_ease: BTreeSet<String>,
}

impl Criterion for Dogs {
    fn name(&self) -> &'static str {
        "dogs"
    }

    /// As much as any built-in criterion of the shipped policy.
    fn weight(&self, _policy: &Policy) -> u32 {
        DEFAULT_WEIGHT
    }

    /// Nobody who did not ask gets a term, so that for them nothing changes.
    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        if self.comes_with_a_dog.contains(&user.id) {
            ask(Ask { place: Place::Own(0), strength: Strength::Important });
        }
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        let id = &pair.worker.id;
        let told = self.at_ease.contains(id) || self.not_at_ease.contains(id);
        Known::from_answer(told.then(|| self.at_ease.contains(id)))
    }

    fn words(&self, _pair: &Pair<'_>, part: &Part, _audience: Audience) -> Option<String> {
        Some(
            match part.met {
                Met::Met | Met::Partly => "Is at ease with dogs",
                Met::NotMet => "Would rather not meet with a dog",
                Met::Unknown => "We cannot say: at ease with dogs",
            }
            .to_owned(),
        )
    }
}

const ROSTER: &[u8] = br#"{
  "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "Pacific/Auckland",
  "services": [{"id": "riverside"}],
  "people": [
    {"id": "p1", "services": ["riverside"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
     "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"]},
    {"id": "p2", "services": ["riverside"], "wait_since": "2026-11-02", "status": "ready", "age_band": "45-54",
     "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"]}
  ],
  "workers": [
    {"id": "w1", "services": ["riverside"], "max_people": 1, "modes": ["telephone"], "availability": ["Mon 08:00-12:00"],
     "languages": [{"tag": "en", "level": "whole"}], "supervision_due": "2026-12-01"},
    {"id": "w2", "services": ["riverside"], "max_people": 1, "modes": ["telephone"], "availability": ["Mon 08:00-12:00"],
     "languages": [{"tag": "en", "level": "whole"}], "supervision_due": "2026-12-01"}
  ]
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let roster = read_roster_json("roster.json", ROSTER)?.check()?;
    let policy = Policy::shipped();
    let set = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    let dogs =
        Dogs { comes_with_a_dog: set(&["p1"]), at_ease: set(&["w2"]), not_at_ease: set(&["w1"]) };
    let cx = Context::with_criteria(&roster, &policy, Criteria::built_in().with(dogs)?);

    // Suggestions for the person who asked, best first.
    let person = roster.find_user("p1").ok_or("no such person")?;
    let suggested = suggest(&cx, person, 2);
    let ids: Vec<&str> = suggested.workers.iter().map(|w| w.worker_id.as_str()).collect();
    assert_eq!(ids, ["w2", "w1"]);

    // What each contributes, in words.
    let scorer = Scorer::for_user(&cx, person);
    let mut out = std::io::stdout().lock();
    for id in ids {
        let pair = cx.pair(person, roster.find_worker(id).ok_or("no such worker")?);
        for part in scorer.fit(&pair).parts {
            let said = words(&pair, &part, Audience::ServiceUser).unwrap_or_default();
            writeln!(out, "{id}: {said}")?;
        }
    }

    // Everybody, proven: without the criterion the tie would have gone the other way.
    let matching = document(&match_roster(&cx, &Quiet)?);
    for one in &matching.matches {
        writeln!(out, "{} walks with {}", one.worker_id, one.person_id)?;
    }
    assert!(matching.matches.iter().any(|m| m.person_id == "p1" && m.worker_id == "w2"));
    Ok(())
}
