//! The example programmes, from outside: each reads, checks, matches and verifies, and what its README says to look at is so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use peermatch::engine::eligibility::{Exclusion, reasons};
use peermatch::engine::reach::reach;
use peermatch::engine::report::Origin;
use peermatch::engine::waiting::{Blocker, Waiting};
use peermatch::formats::Names;
use peermatch::model::raw::{Field, RosterInput};
use peermatch::model::roster::{UserIx, WorkerIx};
use peermatch::model::taxonomy::Taxonomy;
use peermatch::model::words::{Gender, Mode, QueueState, WordSet};
use peermatch::{
    Audience, Context, MatchingDocument, Policy, Quiet, Roster, document, explain, match_roster,
    read_policy, read_roster, suggest, verify,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/programmes")
}

/// A programme as it is committed.
struct Programme {
    input: RosterInput,
    names: Names,
    roster: Roster,
    policy: Policy,
}

impl Programme {
    /// Reads and checks; any fault fails the test with all of them in words.
    fn read(name: &str, roster: &str) -> Self {
        let folder = folder().join(name);
        let loaded = read_roster(&folder.join(roster)).unwrap_or_else(|faults| panic!("{faults}"));
        let checked = loaded.check().unwrap_or_else(|faults| panic!("{faults}"));
        let bytes = fs::read(folder.join("policy.toml")).expect("the policy is committed");
        let (policy, _) =
            read_policy("policy.toml", &bytes).unwrap_or_else(|faults| panic!("{faults}"));
        let policy = Policy::check(&policy).unwrap_or_else(|faults| panic!("{faults}"));
        assert_ne!(
            policy.name,
            Policy::shipped().name,
            "a programme has a policy under its own name"
        );
        assert!(!policy.approved_by.is_empty());
        Self {
            input: loaded.input().clone(),
            names: loaded.names().clone(),
            roster: checked,
            policy,
        }
    }

    fn two_areas() -> Self {
        Self::read("two-areas", "roster")
    }
    fn housing() -> Self {
        Self::read("housing", "roster.json")
    }
    fn service() -> Self {
        Self::read("service", "roster")
    }

    fn context(&self) -> Context<'_> {
        Context::new(&self.roster, &self.policy)
    }
    fn user(&self, id: &str) -> UserIx {
        self.roster.find_user(id).unwrap_or_else(|| panic!("no person {id}"))
    }
    fn worker(&self, id: &str) -> WorkerIx {
        self.roster.find_worker(id).unwrap_or_else(|| panic!("no worker {id}"))
    }
    fn why_not(&self, person: &str, worker: &str) -> Vec<Exclusion> {
        reasons(&self.context().pair(self.user(person), self.worker(worker)))
    }
    /// The workers with whom a person can be matched.
    fn eligible(&self, person: &str) -> Vec<&str> {
        let workers = self.roster.workers().iter().map(|worker| worker.id.as_str());
        workers.filter(|worker| self.why_not(person, worker).is_empty()).collect()
    }
}

/// A matching, by ids.
struct Matched {
    document: MatchingDocument,
    worker_of: BTreeMap<String, String>,
}

impl Matched {
    /// Matches, verifies what would be written, and holds everybody to what no run may break.
    fn of(programme: &Programme) -> Self {
        let cx = programme.context();
        let run = match_roster(&cx, &Quiet).unwrap_or_else(|error| panic!("{error}"));
        let document = document(&run);
        let decided = verify(&cx, &document).unwrap_or_else(|error| panic!("{error}"));
        let mut given: BTreeMap<WorkerIx, u32> = BTreeMap::new();
        for (place, user) in programme.roster.people().iter().enumerate() {
            let matched = decided.worker_of(UserIx::at(place));
            if !user.kept.is_empty() {
                assert_eq!(matched, None, "{}: a match that stands is no matter of a run", user.id);
            }
            if let Some(worker) = matched {
                *given.entry(worker).or_default() += 1;
                let pair = cx.pair(UserIx::at(place), worker);
                assert_eq!(reasons(&pair), [], "{} with {}", user.id, pair.worker.id);
                assert!(
                    pair.worker.services.iter().any(|service| user.services.contains(service)),
                    "{}: a service that was not agreed to",
                    user.id
                );
            }
        }
        for (place, worker) in programme.roster.workers().iter().enumerate() {
            let given = given.get(&WorkerIx::at(place)).copied().unwrap_or(0);
            assert!(
                (worker.minimum..=worker.places()).contains(&given),
                "{}: {given} new people",
                worker.id
            );
        }
        let worker_of: BTreeMap<String, String> =
            document.matches.iter().map(|m| (m.person_id.clone(), m.worker_id.clone())).collect();
        assert_eq!(worker_of.len(), document.matches.len(), "nobody is matched twice");
        for user in programme.roster.people() {
            let kept = user.kept.first().map(|&worker| programme.roster.worker(worker).id.as_str());
            if kept.is_some() {
                assert_eq!(
                    worker_of.get(&user.id).map(String::as_str),
                    kept,
                    "{}: a match that stands is kept",
                    user.id
                );
            }
            let waits = document.waiting.iter().find(|waiting| waiting.person_id == user.id);
            assert!(
                waits.is_none() || !worker_of.contains_key(&user.id),
                "{} is matched and waits",
                user.id
            );
            if user.state == QueueState::Ready && !worker_of.contains_key(&user.id) {
                let waits = waits.unwrap_or_else(|| panic!("{} is lost", user.id));
                assert!(
                    !waits.words.is_empty() && !waits.next_steps.is_empty(),
                    "{}: a blocker in words and a next step",
                    user.id
                );
            }
        }
        Self { document, worker_of }
    }

    fn worker(&self, person: &str) -> Option<&str> {
        self.worker_of.get(person).map(String::as_str)
    }
    fn waiting(&self, person: &str) -> &Waiting {
        self.document
            .waiting
            .iter()
            .find(|w| w.person_id == person)
            .unwrap_or_else(|| panic!("{person} does not wait"))
    }
}

// ---------------------------------------------------------------- two-areas

#[test]
fn nobody_is_matched_in_a_service_they_did_not_choose() {
    let programme = Programme::two_areas();
    // `Matched::of` holds every pair to a shared service; here is the person for whom it matters.
    let matched = Matched::of(&programme);
    let waiting = matched.waiting("G-05");
    assert_eq!(waiting.blocker, Blocker::NobodyEligible);
    let near = programme.why_not("G-05", "K-06");
    assert_eq!(
        near,
        [Exclusion::ServiceScope],
        "the nearest worker is kept away by the service alone"
    );
    let given = matched.worker_of.values().filter(|worker| *worker == "K-06").count();
    let places = programme.roster.worker(programme.worker("K-06")).places();
    assert!(given < places as usize, "and still has a place");

    let mut input = programme.input.clone();
    let Field::Given(people) = &mut input.people else { panic!("people") };
    let person = people.iter_mut().find_map(|row| match row {
        Field::Given(person) if person.id.given().is_some_and(|id| id == "G-05") => Some(person),
        _ => None,
    });
    person.expect("G-05 is there").services =
        vec![Field::Given("aod".to_owned()), Field::Given("distress".to_owned())].into();
    let roster =
        Roster::check(&input, Taxonomy::shipped()).unwrap_or_else(|faults| panic!("{faults}"));
    let consented = Programme { roster, ..programme };
    assert!(
        Matched::of(&consented).worker("G-05").is_some(),
        "with the person's word for the other service there is somebody"
    );
}

#[test]
fn each_service_asks_for_its_own_training() {
    let programme = Programme::two_areas();
    assert_eq!(
        programme.why_not("G-04", "K-05"),
        [Exclusion::TrainingMissing],
        "K-05's certificate for one of the two services ran out"
    );
    assert!(programme.eligible("G-06").contains(&"K-05"), "in the other service nothing changed");
    for person in ["G-01", "G-02", "G-03", "G-04", "G-05"] {
        assert!(!programme.eligible(person).contains(&"K-05"), "{person}");
    }
}

#[test]
fn what_the_two_areas_readme_says_of_people_is_so() {
    let programme = Programme::two_areas();
    let matched = Matched::of(&programme);
    assert_eq!(matched.worker("G-13"), Some("K-04"), "kept");
    assert_eq!(matched.worker("G-02"), Some("K-02"), "the worker who speaks Tongan");
    assert_eq!(programme.why_not("G-10", "K-04"), [Exclusion::KnownToEachOther]);
    assert_ne!(matched.worker("G-10"), Some("K-04"));
    assert_eq!(matched.document.summary.musts_to_confirm, 1, "G-11: a referrer's must");
    assert_eq!(matched.waiting("G-14").blocker, Blocker::NotReady);
    assert!(
        programme.roster.worker(programme.worker("K-06")).gender.is_none(),
        "told without consent is not there"
    );
    assert_eq!(programme.names.iter().count(), 20);
}

// ---------------------------------------------------------------- housing

#[test]
fn what_the_housing_readme_says_is_so() {
    let programme = Programme::housing();
    let matched = Matched::of(&programme);
    assert_eq!(matched.worker("H-08"), Some("A-02"), "kept");

    assert_eq!(programme.why_not("H-05", "A-01"), [Exclusion::NoContact]);
    let worker = matched.worker("H-05").expect("matched all the same");
    assert_eq!(
        programme.roster.worker(programme.worker(worker)).gender.map(|told| told.value),
        Some(Gender::Woman),
        "a must is met"
    );

    for person in ["H-04", "H-07"] {
        assert!(programme.roster.user(programme.user(person)).needs_lift);
        for worker in programme.eligible(person) {
            assert!(
                programme.roster.worker(programme.worker(worker)).drives_people,
                "{person} with {worker}"
            );
        }
    }
    assert!(
        programme.why_not("H-07", "A-01").contains(&Exclusion::NoTransport)
            || programme.why_not("H-07", "A-01").contains(&Exclusion::ModeUnsupported)
    );
    assert_eq!(programme.eligible("H-09"), ["A-04"], "sixteen: the one worker who is vetted");
    assert!(programme.why_not("H-09", "A-01").contains(&Exclusion::VettingMissing));

    assert_ne!(matched.worker("H-02"), Some("A-02"), "somebody different from last time");
    assert_eq!(
        matched.worker("H-06"),
        Some("A-02"),
        "alike: the earlier worker is free again, and nobody is more alike"
    );
    assert_ne!(
        matched.worker("H-03"),
        Some("A-03"),
        "the same as last time is a wish, and H-05 could be matched with nobody else"
    );
    assert_eq!(programme.eligible("H-05"), ["A-03"]);

    let waiting = matched.waiting("H-10");
    assert_eq!(waiting.blocker, Blocker::PlacesTaken);
    assert!(
        waiting.next_steps.iter().any(|step| step.contains("tenancy-table")),
        "a group with seats meanwhile"
    );
    assert!(
        waiting.next_steps.iter().any(|step| step.contains("N-01")),
        "somebody of the person's own"
    );
    assert_eq!(matched.waiting("H-07").blocker, Blocker::PlacesTaken);
    assert_eq!(programme.eligible("H-07"), ["A-03"], "the one worker who comes that far");
}

// ---------------------------------------------------------------- service

#[test]
fn the_service_has_the_size_it_says() {
    let programme = Programme::service();
    let matched = Matched::of(&programme);
    assert_eq!((programme.roster.workers().len(), programme.roster.people().len()), (26, 240));
    let summary = &matched.document.summary;
    assert_eq!((summary.kept, summary.people), (188, 47));
    assert_eq!(summary.matched, 20, "the README shows this");
    assert_eq!(programme.names.iter().count(), 266);
}

#[test]
fn pins_minimums_and_dates_are_kept() {
    let programme = Programme::service();
    let matched = Matched::of(&programme);
    let pinned =
        matched.document.matches.iter().find(|m| m.status == Origin::Pinned).expect("one pin");
    assert_eq!((pinned.person_id.as_str(), pinned.worker_id.as_str()), ("P-096", "W-12"));
    assert_eq!(programme.why_not("P-091", "W-01"), [Exclusion::ExcludedByCoordinator]);
    let new_people = |worker: &str| {
        matched
            .document
            .matches
            .iter()
            .filter(|m| m.worker_id == worker && m.status != Origin::Kept)
            .count()
    };
    assert!((3..=4).contains(&new_people("W-26")), "the new worker starts with three or four");
    for worker in ["W-13", "W-14", "W-23", "W-25"] {
        assert_eq!(
            new_people(worker),
            0,
            "{worker}: paused, leaving, supervision overdue, training run out"
        );
    }
}

#[test]
fn aroha_gets_a_woman_who_can_get_to_her() {
    let programme = Programme::service();
    let matched = Matched::of(&programme);
    assert_eq!(programme.names.of("P-031"), Some("Aroha"));
    assert_eq!(programme.eligible("P-031"), ["W-03", "W-07", "W-12", "W-21"]);
    assert_eq!(matched.worker("P-031"), Some("W-07"));

    let cx = programme.context();
    let found = suggest(&cx, programme.user("P-031"), 5);
    let order: Vec<&str> = found.workers.iter().map(|worker| worker.worker_id.as_str()).collect();
    assert_eq!((order[0], order.len()), ("W-07", 4));
    let told = explain(
        &cx,
        Audience::ServiceUser,
        programme.user("P-031"),
        programme.worker("W-07"),
        None,
    );
    let told = serde_json::to_string(&told).expect("an explanation can be written");
    for word in ["woman", "Time in a mental health unit", "gardening", "listener"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    // W-07 lets this one be used and never shown; W-12 does not let it be used at all.
    assert!(!told.contains("Low mood"), "{told}");
    let told = explain(
        &cx,
        Audience::Coordinator,
        programme.user("P-031"),
        programme.worker("W-12"),
        None,
    );
    let told = serde_json::to_string(&told).expect("an explanation can be written");
    assert!(!told.contains("Has lived through “Time in a mental health unit”"), "{told}");
}

#[test]
fn every_blocker_of_the_readme_is_there() {
    let programme = Programme::service();
    let matched = Matched::of(&programme);
    let blocked = |person: &str| {
        assert_eq!(programme.eligible(person), [""; 0], "{person}");
        let waiting = matched.waiting(person);
        assert_eq!(waiting.blocker, Blocker::NobodyEligible, "{person}");
        waiting.most_often
    };
    assert_eq!(programme.why_not("P-041", "W-13"), [Exclusion::WorkerPaused]);
    assert_eq!(blocked("P-041"), Some(Exclusion::LanguageUnshared));
    assert_eq!(blocked("P-046"), Some(Exclusion::MustUnmet));
    assert_eq!(blocked("P-051"), Some(Exclusion::NoCommonTime));
    assert_eq!(blocked("P-056"), Some(Exclusion::OutOfArea));
    assert!(
        matched
            .waiting("P-056")
            .next_steps
            .iter()
            .any(|step| step.contains("hearing-voices-online"))
    );
    assert_eq!(blocked("P-061"), Some(Exclusion::TooFar));
    assert_eq!(blocked("P-066"), Some(Exclusion::ModeUnsupported));
    assert_eq!(programme.why_not("P-071", "W-07"), [Exclusion::VettingMissing]);
    assert_eq!(blocked("P-071"), Some(Exclusion::VettingMissing));
    assert_eq!(programme.why_not("P-086", "W-19"), [Exclusion::CapacityReached]);
    blocked("P-086");
    assert_eq!(blocked("P-146"), Some(Exclusion::LanguageUnshared));

    // What a coordinator may not know (whānau, a boundary, somebody declined) reads like any other language that nobody speaks.
    assert_eq!(programme.why_not("P-076", "W-04"), [Exclusion::KnownToEachOther]);
    assert_eq!(programme.why_not("P-081", "W-11"), [Exclusion::WorkerDeclinedTopic]);
    assert_eq!(programme.why_not("P-086", "W-08"), [Exclusion::PersonDeclinedWorker]);
    for person in ["P-076", "P-081"] {
        assert_eq!(blocked(person), Some(Exclusion::LanguageUnshared), "{person}");
    }
}

#[test]
fn wishes_that_show_something_come_true_or_not_as_the_readme_says() {
    let programme = Programme::service();
    let matched = Matched::of(&programme);
    assert_eq!(
        matched.worker("P-036"),
        Some("W-10"),
        "needs sign language: the one who signs, by video"
    );
    let cx = programme.context();
    let modes = reach(&cx.pair(programme.user("P-036"), programme.worker("W-10"))).modes;
    assert_eq!(modes, WordSet::of([Mode::Video]));
    assert_eq!(matched.worker("P-116"), Some("W-09"), "te reo Māori, the same iwi");
    assert_eq!(matched.worker("P-126"), Some("W-06"), "named");
    assert_eq!(matched.worker("P-131"), Some("W-05"), "the same as last time");
    assert_ne!(matched.worker("P-136"), Some("W-01"), "somebody else than last time");
    assert_eq!(matched.document.summary.musts_to_confirm, 1, "P-121");
    let nothing =
        matched.document.matches.iter().find(|m| m.person_id == "P-181").expect("matched");
    assert!(nothing.nothing_asked);
    let worker = matched.worker("P-186").expect("a must that can be met");
    assert_eq!(
        programme.roster.worker(programme.worker(worker)).gender.map(|told| told.value),
        Some(Gender::Woman)
    );
}

// ---------------------------------------------------------------- what the command ships

#[test]
fn the_blank_pack_is_whole_and_can_be_matched_as_it_is() {
    let blank = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/assets/blank");
    for sheet in peermatch::formats::pack::sheets::ALL {
        let text = fs::read_to_string(blank.join(sheet.file))
            .unwrap_or_else(|error| panic!("{}: {error}", sheet.file));
        let columns: Vec<&str> = sheet.columns.iter().map(|column| column.name).collect();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(columns.join(",").as_str()), "{}", sheet.file);
        // A person and a worker have a name each.
        let rows = match sheet.file {
            "names.csv" => 2,
            // A limit holds for whoever stands in it: a made-up one would hold a service back.
            "limits.csv" => 0,
            _ => 1,
        };
        assert_eq!(lines.count(), rows, "{}: one filled example row", sheet.file);
    }
    let roster = read_roster(&blank)
        .and_then(|loaded| loaded.check())
        .unwrap_or_else(|faults| panic!("{faults}"));
    let bytes = fs::read(blank.join("policy.toml")).expect("the policy is committed");
    let (policy, _) =
        read_policy("policy.toml", &bytes).unwrap_or_else(|faults| panic!("{faults}"));
    let policy = Policy::check(&policy).unwrap_or_else(|faults| panic!("{faults}"));
    let cx = Context::new(&roster, &policy);
    let run = match_roster(&cx, &Quiet).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(document(&run).summary.matched, 1);
}

/// The form stands alone: nothing is fetched, and it says its language and its encoding.
#[test]
fn the_paper_form_needs_nothing_from_outside() {
    let form = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/assets/blank/paper-form.html"),
    )
    .expect("the form is committed");
    assert!(
        form.contains("<html lang=\"en-NZ\">")
            && form.contains("<meta charset=\"utf-8\">")
            && form.contains("@page { size: A4")
    );
    for outside in ["http:", "https:", "src=", "@import", "url(", "<script", "<link"] {
        assert!(!form.contains(outside), "{outside}");
    }
}
