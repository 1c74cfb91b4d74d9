//! Decisions on a kept roster, one after another as a service makes them: decide, apply, check the roster whole. Whatever happens, places come out right.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use jiff::civil::Date;
use peermatch_core::hash::{policy_hash, roster_hash};
use peermatch_core::kept::change::{ChangeAsked, FeedbackAsked, change_worker, feedback};
use peermatch_core::kept::entity::id_of_parts;
use peermatch_core::kept::feedback::{When, Words, of_worker};
use peermatch_core::kept::ground::DAY_MICROS;
use peermatch_core::kept::handover::{Leaving, TakeUp, propose as hand_over, take_up};
use peermatch_core::kept::matches::{By, EndKind, Event, EventKind, How, Origin, Party};
use peermatch_core::kept::menus::MenuState;
use peermatch_core::kept::offers::{
    AllWaiting, For, MenuSaid, MenusAsked, answer, offer, sheet, withdraw,
};
use peermatch_core::kept::queue::{Next, QueueLine, queue};
use peermatch_core::kept::steps::{
    MatchTold, Pair, Stands, Viewer, is_anything_due, overdue, propose, propose_run, step, tell,
};
use peermatch_core::kept::{
    Book, Change, Decision, Entity, Ground, Kind, Match, Refused, Settings, runs,
};
use peermatch_core::menu::{Answer, MenuKind, MenuMode};
use peermatch_core::pair::Context;
use peermatch_core::report::document;
use peermatch_core::run::match_roster;
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, LanguageInput, MatchInput, RosterInput, SpokenInput};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Fluency, LanguageLevel, MatchStatus, QueueState};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, AS_OF, Spec};

/// A kept roster without a store.
struct World {
    book: Book,
    revision: i64,
    at: i64,
    day: Date,
}

impl World {
    fn of(input: &RosterInput) -> Self {
        let mut settings = Settings::in_zone(input.zone.given().unwrap());
        settings.as_of = Some(AS_OF);
        let mut book = Book::new(settings);
        let id = |field: &Field<String>| field.given().unwrap().clone();
        for row in input.services.given().into_iter().flatten().filter_map(Field::given) {
            book.apply([Change::put(id(&row.id), Entity::Service(Box::new(row.clone())))]);
        }
        for row in input.people.given().into_iter().flatten().filter_map(Field::given) {
            book.apply([Change::put(id(&row.id), Entity::Person(Box::new(row.clone())))]);
        }
        for row in input.workers.given().into_iter().flatten().filter_map(Field::given) {
            book.apply([Change::put(id(&row.id), Entity::Worker(Box::new(row.clone())))]);
        }
        for row in input.codes.given().into_iter().flatten().filter_map(Field::given) {
            let key = id_of_parts([&row.system, &row.code]);
            book.apply([Change::put(key, Entity::Code(row.clone()))]);
        }
        for row in input.conflicts.given().into_iter().flatten().filter_map(Field::given) {
            let key = id_of_parts([&row.a_id, &row.b_id]);
            book.apply([Change::put(key, Entity::Conflict(row.clone()))]);
        }
        for row in input.matches.given().into_iter().flatten().filter_map(Field::given) {
            let one = Match::imported(row, 0, "command").unwrap();
            book.apply([Change::put(one.id.clone(), Entity::Match(Box::new(one)))]);
        }
        Self { book, revision: 1, at: 1_000_000, day: AS_OF }
    }

    /// Everybody can walk with everybody: what stands in the way are places alone.
    fn open(people: usize, workers: usize, places: u32) -> Self {
        let mut input =
            rosters::input(&Spec::SERVICE.sized(people + 1, workers + 1).undecided(), 5);
        input.matches = Field::Absent;
        input.conflicts = Field::Absent;
        input.groups = Field::Absent;
        input.limits = Field::Absent;
        let service = rosters::service_id(0);
        let services = vec![Field::Given(service)];
        if let Field::Given(rows) = &mut input.services {
            for row in rows.iter_mut() {
                let Field::Given(row) = row else { continue };
                row.required_training = Field::Absent;
                row.age_bands = Field::Absent;
                row.modes = Field::Absent;
                row.supervision_required = false.into();
            }
        }
        let all = || Field::Given(vec![Field::Given("Mon 09:00-12:00".to_owned())]);
        // So that the ids begin with 1.
        if let Field::Given(rows) = &mut input.people {
            rows.remove(0);
            for row in rows.iter_mut() {
                let Field::Given(row) = row else { continue };
                row.services = Field::Given(services.clone());
                row.status = QueueState::Ready.into();
                row.wishes = Field::Absent;
                row.demand = Field::Absent;
                row.needs_lift = false.into();
                row.age_band = peermatch_model::words::AgeBand::From35.into();
                row.modes = Field::Given(vec![Field::Given(peermatch_model::words::Mode::Video)]);
                row.availability = all();
                row.experiences = Field::Absent;
                row.languages = Field::Given(vec![Field::Given(LanguageInput {
                    tag: "en".to_owned().into(),
                    level: LanguageLevel::Can.into(),
                    ..LanguageInput::default()
                })]);
            }
        }
        if let Field::Given(rows) = &mut input.workers {
            rows.remove(0);
            for row in rows.iter_mut() {
                let Field::Given(row) = row else { continue };
                row.services = Field::Given(services.clone());
                row.role = Field::Absent;
                row.max_people = places.into();
                row.current_people = 0.into();
                row.new_starts = Field::Absent;
                row.minimum = Field::Absent;
                row.load_max = Field::Absent;
                row.load_now = Field::Absent;
                row.paused_until = Field::Absent;
                row.available_from = Field::Absent;
                row.available_until = Field::Absent;
                row.modes = Field::Given(vec![Field::Given(peermatch_model::words::Mode::Video)]);
                row.availability = all();
                row.not_now = Field::Absent;
                row.wishes = Field::Absent;
                row.languages = Field::Given(vec![Field::Given(SpokenInput {
                    tag: "en".to_owned().into(),
                    level: Fluency::Whole.into(),
                    ..SpokenInput::default()
                })]);
            }
        }
        Self::of(&input)
    }

    fn roster(&mut self) -> Roster {
        let taxonomy = Taxonomy::shipped();
        match Roster::check(self.book.input(self.day), taxonomy) {
            Ok(roster) => roster,
            Err(faults) => panic!("{faults}"),
        }
    }

    fn look<T>(&mut self, question: impl FnOnce(Ground<'_>) -> T) -> T {
        let roster = self.roster();
        let policy = Policy::shipped();
        let cx = Context::new(&roster, &policy);
        let (input, rules) = (roster_hash(&roster), policy_hash(&policy));
        question(Ground {
            book: &self.book,
            cx: &cx,
            roster_hash: &input,
            policy_hash: &rules,
            revision: self.revision,
        })
    }

    /// Decides, applies, and checks the roster whole and every worker's count.
    fn decide<T>(
        &mut self,
        decide: impl FnOnce(Ground<'_>) -> Result<Decision<T>, Refused>,
    ) -> Result<T, Refused> {
        let decision = self.look(decide)?;
        assert!(decision.changes.is_empty() || !decision.told.is_empty(), "no change is untold");
        let before = self.standing();
        let carried = self.carried();
        self.book.apply(decision.changes);
        self.revision += 1;
        self.roster();
        let (after, now) = (self.standing(), self.carried());
        for (worker, people) in &now {
            let matches = |of: &BTreeMap<String, i64>| of.get(worker).copied().unwrap_or(0);
            assert_eq!(
                people - carried[worker],
                matches(&after) - matches(&before),
                "{worker} carries what the matches say"
            );
        }
        Ok(decision.answer)
    }

    fn standing(&self) -> BTreeMap<String, i64> {
        let mut out = BTreeMap::new();
        for one in self.book.matches().values().filter(|one| one.status.kept()) {
            *out.entry(one.worker_id.clone()).or_default() += 1;
        }
        out
    }

    fn carried(&self) -> BTreeMap<String, i64> {
        self.book
            .ids(Kind::Worker)
            .map(|id| {
                let worker = self.book.worker(id).unwrap();
                (id.to_owned(), i64::from(worker.current_people.given().copied().unwrap_or(0)))
            })
            .collect()
    }

    fn by(&self, party: Party) -> By {
        let actor = match party {
            Party::Coordinator => "account:c",
            Party::PeerWorker => "account:w",
            Party::ServiceUser => "link:p",
            Party::Clock => "clock",
        };
        By { actor: actor.to_owned(), party, at: self.at, day: self.day }
    }

    fn pair(&mut self, person: &str, worker: &str, accept: bool) -> Result<Match, Refused> {
        let by = self.by(Party::Coordinator);
        let pair = Pair {
            person_id: person.to_owned(),
            worker_id: worker.to_owned(),
            accept,
            why: None,
            shown: Vec::new(),
        };
        self.decide(|ground| propose(ground, &pair, &by))
    }

    fn step(&mut self, id: &str, event: Event, viewer: &Viewer) -> Result<Match, Refused> {
        let by = self.by(viewer.party().unwrap());
        self.decide(|ground| step(ground, id, event, viewer, &by))
    }

    fn active(&mut self, person: &str, worker: &str) -> String {
        let one = self.pair(person, worker, true).unwrap();
        let yes = |_| true;
        let (own, theirs) = (Viewer::Person(person.to_owned()), Viewer::Worker(worker.to_owned()));
        self.step(&one.id, Event::PersonSays { yes: yes(0), how: None }, &own).unwrap();
        self.step(&one.id, Event::WorkerSays { yes: yes(1), how: None }, &theirs).unwrap();
        self.step(&one.id, Event::FirstMeeting, &theirs).unwrap();
        self.step(&one.id, Event::Activate, &Viewer::Coordinator).unwrap();
        one.id
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, Refused>) -> &'static str {
    match refused.unwrap_err() {
        Refused::Conflict { code, words } => {
            assert!(words.ends_with('.'), "{words}");
            code
        }
        other => panic!("{other}"),
    }
}

fn menus(people: For, size: u32, mode: MenuMode) -> MenusAsked {
    MenusAsked { people, size, mode, seed: None, days: None }
}

fn pick(worker: &str) -> MenuSaid {
    MenuSaid { answer: Answer::Pick(worker.to_owned()), how: None }
}

#[test]
fn from_a_proposal_to_walking_together_and_its_end() {
    let mut world = World::open(6, 3, 2);
    let proposed = world.pair("P00001", "W0001", false).unwrap();
    assert_eq!(proposed.status, MatchStatus::Proposed);
    assert_eq!(world.carried()["W0001"], 0);
    assert_eq!(code(world.pair("P00001", "W0001", false)), "proposed_already");
    // Neither of the two knows of it before it is offered.
    for viewer in [Viewer::Worker("W0001".to_owned()), Viewer::Person("P00001".to_owned())] {
        let no = Event::PersonSays { yes: false, how: None };
        assert_eq!(world.step(&proposed.id, no, &viewer), Err(Refused::NotFound));
    }
    let accept = || Event::Accept { why: None, expires_at: 0 };
    let offered = world.step(&proposed.id, accept(), &Viewer::Coordinator).unwrap();
    assert_eq!(
        (offered.status, offered.expires_at),
        (MatchStatus::Offered, Some(1_000_000 + 14 * DAY_MICROS))
    );
    assert_eq!(world.carried()["W0001"], 1);
    assert_eq!(code(world.pair("P00001", "W0002", false)), "matched_already");
    // Somebody else's worker sees nothing of it.
    let other = Viewer::Worker("W0002".to_owned());
    let yes = || Event::WorkerSays { yes: true, how: None };
    assert_eq!(world.step(&proposed.id, yes(), &other), Err(Refused::NotFound));
    let worker = Viewer::Worker("W0001".to_owned());
    let person = Viewer::Person("P00001".to_owned());
    // One does not answer for the other.
    assert_eq!(world.step(&proposed.id, yes(), &person), Err(Refused::NotAllowed));
    world.step(&proposed.id, yes(), &worker).unwrap();
    assert_eq!(code(world.step(&proposed.id, Event::FirstMeeting, &worker)), "not_now");
    let said = Event::PersonSays { yes: true, how: None };
    let accepted = world.step(&proposed.id, said, &person).unwrap();
    assert_eq!(accepted.status, MatchStatus::Accepted);
    assert!(accepted.agreed());
    assert_eq!(code(world.step(&proposed.id, Event::Activate, &worker)), "not_now");
    world.step(&proposed.id, Event::FirstMeeting, &worker).unwrap();
    world.step(&proposed.id, Event::Activate, &Viewer::Coordinator).unwrap();
    world.step(&proposed.id, Event::Pause, &person).unwrap();
    assert_eq!(world.carried()["W0001"], 1, "a pause keeps the place");
    world.step(&proposed.id, Event::Resume, &worker).unwrap();
    let end = Event::End { kind: EndKind::default() };
    let ended = world.step(&proposed.id, end, &person).unwrap();
    assert_eq!(
        (ended.ended_on.as_deref(), ended.ended_by.as_deref()),
        (Some("2026-11-22"), Some("link:p"))
    );
    assert_eq!(world.carried()["W0001"], 0);
    assert_eq!(code(world.step(&proposed.id, accept(), &Viewer::Coordinator)), "not_now");
    // The auditor can read years later why; a coordinator reads today's reasons elsewhere.
    world.look(|ground| {
        let one = &ground.book.matches()[&proposed.id];
        let basis = one.basis.as_ref().unwrap();
        assert_eq!((basis.revision, basis.day.as_str()), (1, "2026-11-22"));
        let Some(MatchTold::Coordinator(told)) = tell(&ground, one, &Viewer::Auditor, true) else {
            panic!()
        };
        assert!(told.one.basis.unwrap().explanation.unwrap()["audience"] == "coordinator");
        let Some(MatchTold::Coordinator(told)) = tell(&ground, one, &Viewer::Coordinator, true)
        else {
            panic!()
        };
        assert_eq!(told.one.basis.unwrap().explanation, None);
    });
}

#[test]
fn one_worker_with_one_place_gets_one_person() {
    let mut world = World::open(8, 1, 1);
    let mut taken = 0;
    for person in 1..=8 {
        match world.pair(&rosters::person_id(person), "W0001", true) {
            Ok(_) => taken += 1,
            refused => assert_eq!(code(refused), "no_place"),
        }
    }
    assert_eq!(taken, 1);
}

#[test]
fn proposals_for_the_same_place_are_offered_once() {
    let mut world = World::open(3, 1, 1);
    let ids: Vec<String> =
        (1..=3).map(|p| world.pair(&rosters::person_id(p), "W0001", false).unwrap().id).collect();
    let accept = || Event::Accept { why: None, expires_at: 0 };
    world.step(&ids[1], accept(), &Viewer::Coordinator).unwrap();
    assert_eq!(code(world.step(&ids[0], accept(), &Viewer::Coordinator)), "no_place");
    // A no gives the place back.
    let no = Event::PersonSays { yes: false, how: None };
    let declined = world.step(&ids[1], no, &Viewer::Person(rosters::person_id(2))).unwrap();
    assert_eq!(declined.status, MatchStatus::DeclinedPerson);
    world.step(&ids[0], accept(), &Viewer::Coordinator).unwrap();
    // To the worker the person's no is told as that nothing came of it.
    world.look(|ground| {
        let viewer = Viewer::Worker("W0001".to_owned());
        let Some(MatchTold::Worker(told)) =
            tell(&ground, &ground.book.matches()[&ids[1]], &viewer, true)
        else {
            panic!()
        };
        assert_eq!((told.stands, told.explanation), (Stands::Over, None));
        assert!(!serde_json::to_string(&told.stands).unwrap().contains("declined"));
    });
}

#[test]
fn whatever_is_picked_from_safe_menus_can_be_kept() {
    for seed in 0..12_u64 {
        let mut world = World::open(14, 6, 3);
        let by = world.by(Party::Coordinator);
        let asked = menus(For::All(AllWaiting::AllWaiting), 3, MenuMode::Safe);
        let made = world.decide(|ground| offer(ground, &asked, &by, &Quiet)).unwrap();
        let mut open: Vec<_> =
            made.menus.into_iter().filter(|menu| menu.kind == MenuKind::Safe).collect();
        assert!(open.len() >= 6, "{} safe menus", open.len());
        let mut dice = seed;
        let mut roll = move |below: usize| {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(dice >> 33).unwrap() % below
        };
        while !open.is_empty() {
            let menu = open.swap_remove(roll(open.len()));
            // Others write meanwhile: coordinators offer whatever is left.
            let (person, worker) =
                (rosters::person_id(1 + roll(14)), rosters::worker_id(1 + roll(6)));
            let _ = world.pair(&person, &worker, true);
            let taken = world.book.menus()[&menu.id].state != MenuState::Open;
            let worker = menu.options[roll(menu.options.len())].clone();
            let viewer = Viewer::Person(menu.person_id.clone());
            let own = world.by(Party::ServiceUser);
            let answered =
                world.decide(|ground| answer(ground, &menu.id, &pick(&worker), &viewer, &own));
            if taken {
                // A coordinator offered this person somebody: their menu was withdrawn for it.
                assert_eq!(code(answered), "closed");
            } else {
                let answered = answered.unwrap();
                let one = &world.book.matches()[&answered.match_id.unwrap()];
                assert_eq!((one.status, one.from), (MatchStatus::Offered, Origin::Menu));
                assert!(one.person_answer.as_ref().unwrap().yes);
            }
        }
        for (worker, carried) in world.carried() {
            assert!(carried <= 3, "{worker} carries {carried}");
            assert_eq!(world.book.held(&worker), 0, "no menu is open any more");
        }
    }
}

#[test]
fn a_menu_is_its_persons_and_closes() {
    let mut world = World::open(3, 4, 2);
    let by = world.by(Party::Coordinator);
    let person = "P00001".to_owned();
    let asked = menus(For::These(vec![person.clone()]), 3, MenuMode::Safe);
    let made = world.decide(|ground| offer(ground, &asked, &by, &Quiet)).unwrap();
    let menu = made.menus[0].clone();
    assert_eq!(menu.options.len(), 3);
    assert_eq!(world.book.held(&menu.options[0]), 1);
    assert_eq!(code(world.decide(|ground| offer(ground, &asked, &by, &Quiet))), "menu_open");
    let (own, other) = (Viewer::Person(person.clone()), Viewer::Person("P00002".to_owned()));
    let me = world.by(Party::ServiceUser);
    let said = pick(&menu.options[0]);
    let no = world.decide(|ground| answer(ground, &menu.id, &said, &other, &me));
    assert_eq!(no.unwrap_err(), Refused::NotFound);
    let worker = Viewer::Worker(menu.options[0].clone());
    let no = world.decide(|ground| answer(ground, &menu.id, &said, &worker, &me));
    assert_eq!(no.unwrap_err(), Refused::NotFound);
    let missing = (1..=4).map(rosters::worker_id).find(|id| !menu.options.contains(id)).unwrap();
    assert_eq!(
        code(world.decide(|ground| answer(ground, &menu.id, &pick(&missing), &own, &me))),
        "not_on_the_menu"
    );
    world.look(|ground| {
        let told = sheet(&ground, &menu, &Viewer::Person(menu.person_id.clone())).unwrap();
        assert_eq!(told.sheet.options.len(), 3);
        assert_eq!(told.sheet.other_answers, ["None of these.", "Ask me later."]);
    });
    let later = MenuSaid { answer: Answer::Later, how: None };
    let answered = world.decide(|ground| answer(ground, &menu.id, &later, &own, &me)).unwrap();
    assert_eq!(answered.state, MenuState::Open);
    world.decide(|ground| answer(ground, &menu.id, &said, &own, &me)).unwrap();
    assert_eq!((world.book.held(&menu.options[0]), world.carried()[&menu.options[0]]), (0, 1));
    assert_eq!(code(world.decide(|ground| answer(ground, &menu.id, &said, &own, &me))), "answered");
    // The person changes their mind before anybody followed.
    let back = MenuSaid { answer: Answer::TakenBack, how: None };
    let coordinator = world.by(Party::Coordinator);
    let no = world.decide(|g| answer(g, &menu.id, &back, &Viewer::Coordinator, &coordinator));
    assert_eq!(code(no), "theirs");
    world.decide(|ground| answer(ground, &menu.id, &back, &own, &me)).unwrap();
    assert_eq!((world.book.held(&menu.options[0]), world.book.matches().len()), (1, 0));
    // Time goes by.
    world.at += 14 * DAY_MICROS;
    let at = world.at;
    let me = world.by(Party::ServiceUser);
    assert_eq!(code(world.decide(|ground| answer(ground, &menu.id, &said, &own, &me))), "expired");
    assert!(world.look(|ground| is_anything_due(&ground, at)));
    assert_eq!(world.decide(|ground| overdue(ground, at)).unwrap(), 1);
    assert_eq!(world.book.menus()[&menu.id].state, MenuState::Expired);
    assert_eq!(world.book.held(&menu.options[0]), 0);
    assert!(!world.look(|ground| is_anything_due(&ground, at)));
    let no = world.decide(|ground| withdraw(ground, &menu.id, &by));
    assert_eq!(code(no), "not_open");
}

#[test]
fn a_live_pick_is_looked_at_again_when_it_comes() {
    let mut world = World::open(2, 2, 1);
    let by = world.by(Party::Coordinator);
    let asked = menus(For::These(vec!["P00001".to_owned()]), 2, MenuMode::Live);
    let made = world.decide(|ground| offer(ground, &asked, &by, &Quiet)).unwrap();
    let menu = made.menus[0].clone();
    assert_eq!((menu.kind, menu.options.len()), (MenuKind::Live, 2));
    world.pair("P00002", &menu.options[0], true).unwrap();
    let (own, me) = (Viewer::Person("P00001".to_owned()), world.by(Party::ServiceUser));
    world.look(|ground| {
        let told =
            sheet(&ground, &ground.book.menus()[&menu.id], &Viewer::Person(menu.person_id.clone()))
                .unwrap();
        assert_eq!(told.sheet.options.len(), 1, "who is no longer free is not shown");
    });
    let gone = world.decide(|g| answer(g, &menu.id, &pick(&menu.options[0]), &own, &me));
    let Err(Refused::Conflict { code: "no_place", words }) = gone else { panic!("{gone:?}") };
    assert!(words.contains("is not available to you right now"), "{words}");
    world.decide(|g| answer(g, &menu.id, &pick(&menu.options[1]), &own, &me)).unwrap();
}

#[test]
fn an_offer_without_answers_runs_out_and_frees_its_place() {
    let mut world = World::open(1, 1, 1);
    let one = world.pair("P00001", "W0001", true).unwrap();
    world.at = one.expires_at.unwrap();
    let yes = Event::WorkerSays { yes: true, how: None };
    assert_eq!(code(world.step(&one.id, yes, &Viewer::Worker("W0001".to_owned()))), "expired");
    let at = world.at;
    world.decide(|ground| overdue(ground, at)).unwrap();
    assert_eq!(world.book.matches()[&one.id].status, MatchStatus::Expired);
    assert_eq!(world.carried()["W0001"], 0);
    // Nobody said no, so they can be offered to each other again.
    world.pair("P00001", "W0001", true).unwrap();
}

#[test]
fn a_recorded_answer_is_taken_back_only_while_there_is_room() {
    let mut world = World::open(2, 1, 1);
    let one = world.pair("P00001", "W0001", true).unwrap();
    let no = Event::WorkerSays { yes: false, how: Some(How::Phone) };
    world.step(&one.id, no, &Viewer::Coordinator).unwrap();
    let other = world.pair("P00002", "W0001", true).unwrap();
    assert_eq!(code(world.step(&one.id, Event::TakeBack, &Viewer::Coordinator)), "no_place");
    let reject = Event::Reject { why: None };
    world.step(&other.id, reject, &Viewer::Coordinator).unwrap();
    let back = world.step(&one.id, Event::TakeBack, &Viewer::Coordinator).unwrap();
    assert_eq!((back.status, back.worker_answer), (MatchStatus::Offered, None));
}

#[test]
fn a_change_of_worker_is_nobodys_fault() {
    let mut world = World::open(2, 3, 1);
    let id = world.active("P00001", "W0001");
    let since = world.book.person("P00001").unwrap().wait_since.given().cloned();
    let me = world.by(Party::ServiceUser);
    let asked = ChangeAsked::default();
    let changed = world.decide(|g| change_worker(g, "P00001", &asked, &me)).unwrap();
    assert_eq!((changed.match_id.as_str(), changed.wait_since), (id.as_str(), since));
    let ended = &world.book.matches()[&id];
    assert_eq!((ended.status, ended.end_kind), (MatchStatus::Ended, Some(EndKind::PersonChanged)));
    // At the front again, and the worker before is not kept away unless the person says so.
    world.look(|ground| {
        let (user, worker) = (ground.person("P00001").unwrap(), ground.worker("W0001").unwrap());
        assert!(ground.cx.roster.waiting().any(|waits| waits == user));
        assert!(peermatch_core::eligibility::eligible(&ground.cx.pair(user, worker)));
    });
    world.active("P00001", "W0001");
    let not_again = ChangeAsked { not_again: true, ..ChangeAsked::default() };
    world.decide(|g| change_worker(g, "P00001", &not_again, &me)).unwrap();
    world.look(|ground| {
        let (user, worker) = (ground.person("P00001").unwrap(), ground.worker("W0001").unwrap());
        assert!(!peermatch_core::eligibility::eligible(&ground.cx.pair(user, worker)));
    });
    assert_eq!(code(world.decide(|g| change_worker(g, "P00001", &asked, &me))), "no_match");
    let coordinator = world.by(Party::Coordinator);
    assert_eq!(
        code(world.decide(|g| change_worker(g, "P00001", &asked, &coordinator))),
        "needs_more"
    );
}

#[test]
fn workers_are_summed_up_only_by_ten_voices_and_leave() {
    let mut world = World::open(12, 1, 12);
    let mut said = Words {
        when: When::SixWeeks,
        got_on: Some(4),
        felt_understood: None,
        choice_felt_real: None,
        right_fit: None,
        progress: Vec::new(),
        would_recommend: None,
        may_be_used: true,
        complaint: false,
    };
    let mut last = String::new();
    for person in (1..=10).map(rosters::person_id) {
        assert_eq!(of_worker(&world.book, "W0001"), None);
        last = world.active(&person, "W0001");
        let me = world.by(Party::ServiceUser);
        let asked = FeedbackAsked { voice: None, how: None, said: said.clone() };
        let viewer = Viewer::Person(person);
        world.decide(|g| feedback(g, &last, &asked, &viewer, &me)).unwrap();
    }
    assert_eq!(of_worker(&world.book, "W0001"), None, "the service has not agreed to look");
    let mut settings = world.book.settings().clone();
    settings.worker_averages = true;
    world.book.apply([Change::put("settings", Entity::Settings(settings))]);
    let told = of_worker(&world.book, "W0001").unwrap();
    assert_eq!(
        (told.voices, told.got_on_tenths, told.felt_understood_tenths),
        (10, Some(40), None)
    );
    // A complaint is routed out, and what is no figure is refused.
    said.complaint = true;
    let me = world.by(Party::ServiceUser);
    let own = Viewer::Person(rosters::person_id(10));
    let asked = FeedbackAsked { voice: None, how: None, said: said.clone() };
    let taken = world.decide(|g| feedback(g, &last, &asked, &own, &me)).unwrap();
    assert!(taken.next_steps[0].starts_with("A complaint goes to"));
    said.got_on = Some(9);
    let asked = FeedbackAsked { voice: None, how: None, said };
    let wrong = world.decide(|g| feedback(g, &last, &asked, &own, &me)).unwrap_err();
    assert!(matches!(wrong, Refused::Invalid(faults) if faults.len() == 1));
    let other = Viewer::Person("P00001".to_owned());
    assert_eq!(
        world.decide(|g| feedback(g, &last, &asked, &other, &me)).unwrap_err(),
        Refused::NotFound
    );
}

#[test]
fn a_handover_ends_the_old_match_when_the_new_one_is_accepted() {
    let mut world = World::open(3, 3, 3);
    let old = world.active("P00001", "W0001");
    let other = world.active("P00002", "W0001");
    let by = world.by(Party::Coordinator);
    let leaving = Leaving { worker_ids: vec!["W0001".to_owned()], seed: None };
    let made = world.decide(|g| hand_over(g, &leaving, &by, &Quiet)).unwrap();
    assert_eq!(made.handover.people.len(), 2);
    let all = TakeUp::default();
    let taken = world.decide(|g| take_up(g, &made.id, &all, &by)).unwrap();
    assert_eq!((taken.matches.len(), taken.without.len()), (2, 0));
    let again = world.decide(|g| take_up(g, &made.id, &all, &by)).unwrap();
    assert_eq!((again.matches.len(), again.without.len()), (0, 2));
    let new = taken.matches.iter().find(|one| one.person_id == "P00001").unwrap().clone();
    assert_eq!(new.replaces.as_deref(), Some(old.as_str()));
    let accept = || Event::Accept { why: None, expires_at: 0 };
    world.step(&new.id, accept(), &Viewer::Coordinator).unwrap();
    assert_eq!(world.book.matches()[&old].status, MatchStatus::Active, "nobody is left without");
    let (own, theirs) =
        (Viewer::Person("P00001".to_owned()), Viewer::Worker(new.worker_id.clone()));
    world.step(&new.id, Event::PersonSays { yes: true, how: None }, &own).unwrap();
    world.step(&new.id, Event::WorkerSays { yes: true, how: None }, &theirs).unwrap();
    let ended = &world.book.matches()[&old];
    assert_eq!((ended.status, ended.end_kind), (MatchStatus::Ended, Some(EndKind::WorkerLeft)));
    assert_eq!(world.book.matches()[&new.id].status, MatchStatus::Accepted);
    // The other one is offered only, and then the last day comes.
    let next = taken.matches.iter().find(|one| one.person_id == "P00002").unwrap().clone();
    world.step(&next.id, accept(), &Viewer::Coordinator).unwrap();
    let mut worker = world.book.worker("W0001").unwrap();
    worker.available_until = "2026-11-21".to_owned().into();
    world.book.apply([Change::put("W0001", Entity::Worker(Box::new(worker)))]);
    let at = world.at;
    world.decide(|ground| overdue(ground, at)).unwrap();
    let ended = &world.book.matches()[&other];
    assert_eq!((ended.status, ended.ended_by.as_deref()), (MatchStatus::Ended, Some("account:c")));
    assert_eq!(world.carried()["W0001"], 0);
    assert_eq!(world.book.matches()[&next.id].replaces, None);
}

#[test]
fn a_run_is_proposed_while_it_is_of_the_roster_as_it_is() {
    let mut world = World::open(5, 3, 2);
    let by = world.by(Party::Coordinator);
    let run = |world: &mut World| {
        world
            .decide(|ground| {
                let run = match_roster(ground.cx, &Quiet).unwrap();
                runs::keep(ground, &document(&run), &by)
            })
            .unwrap()
    };
    let first = run(&mut world);
    let second = run(&mut world);
    let third = run(&mut world);
    assert_eq!(world.look(|g| runs::runs(&g).len()), runs::RUNS_KEPT);
    assert!(!world.book.documents().contains_key(&first.id));
    let diff = world.look(|g| runs::diff(&g, &third.id)).unwrap();
    assert_eq!((diff.before.as_str(), diff.same), (second.id.as_str(), 5));
    assert!(diff.added.is_empty() && diff.removed.is_empty());
    assert_eq!(code(world.look(|g| runs::diff(&g, &second.id))), "no_run_before");
    assert!(second.names("P00001") && !second.names("P0000"));
    let made = world.decide(|ground| propose_run(ground, &third.id, &by)).unwrap();
    assert_eq!(made.len(), 5);
    assert!(made.iter().all(|one| one.from == Origin::Run && one.status == MatchStatus::Proposed));
    // Proposals take no place, so the run is of this roster no more only once one is offered.
    let accept = Event::Accept { why: None, expires_at: 0 };
    world.step(&made[0].id, accept, &Viewer::Coordinator).unwrap();
    assert_eq!(code(world.decide(|ground| propose_run(ground, &third.id, &by))), "run_is_old");
}

#[test]
fn decisions_in_any_order_keep_every_count_right() {
    // Random steps by random people on a small roster: the harness checks places, the roster and the audit after each.
    let mut world = World::open(7, 3, 2);
    let mut dice = 11_u64;
    let mut roll = move |below: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % below
    };
    let mut reached = BTreeMap::<MatchStatus, u32>::new();
    for _ in 0..700 {
        world.at += i64::try_from(roll(3)).unwrap() * DAY_MICROS / 8;
        let (person, worker) = (rosters::person_id(1 + roll(7)), rosters::worker_id(1 + roll(3)));
        let ids: Vec<String> = world.book.matches().keys().cloned().collect();
        match roll(10) {
            0 => drop(world.pair(&person, &worker, roll(2) == 0)),
            1 => {
                let by = world.by(Party::Coordinator);
                let asked = menus(For::These(vec![person]), 2, MenuMode::Safe);
                let _ = world.decide(|ground| offer(ground, &asked, &by, &Quiet));
            }
            2 => {
                let open: Vec<_> = world
                    .book
                    .menus()
                    .values()
                    .filter(|menu| menu.state == MenuState::Open)
                    .cloned()
                    .collect();
                if !open.is_empty() {
                    let menu = &open[roll(open.len())];
                    let (viewer, me) =
                        (Viewer::Person(menu.person_id.clone()), world.by(Party::ServiceUser));
                    let said = match roll(4) {
                        0 => MenuSaid { answer: Answer::None, how: None },
                        1 => MenuSaid { answer: Answer::TakenBack, how: None },
                        _ => pick(&menu.options[roll(menu.options.len())]),
                    };
                    let _ = world.decide(|ground| answer(ground, &menu.id, &said, &viewer, &me));
                }
            }
            3 if roll(3) == 0 => {
                let me = world.by(Party::ServiceUser);
                let asked = ChangeAsked { pause: roll(2) == 0, ..ChangeAsked::default() };
                let _ = world.decide(|g| change_worker(g, &person, &asked, &me));
            }
            4 => {
                let at = world.at;
                world.decide(|ground| overdue(ground, at)).unwrap();
            }
            _ if ids.is_empty() => {}
            _ => {
                let one = world.book.matches()[&ids[roll(ids.len())]].clone();
                let viewer = match roll(3) {
                    0 => Viewer::Coordinator,
                    1 => Viewer::Worker(one.worker_id.clone()),
                    _ => Viewer::Person(one.person_id.clone()),
                };
                let how = Some(How::Phone);
                // Mostly what is possible, so that something comes of it.
                let possible = one.possible(viewer.party().unwrap());
                let kind = if possible.is_empty() || roll(5) == 0 {
                    EventKind::Activate
                } else {
                    possible[roll(possible.len())]
                };
                let event = match kind {
                    EventKind::Accept => Event::Accept { why: None, expires_at: 0 },
                    EventKind::Reject if roll(4) == 0 => Event::Reject { why: None },
                    EventKind::PersonYes => Event::PersonSays { yes: true, how },
                    EventKind::PersonNo if roll(4) == 0 => Event::PersonSays { yes: false, how },
                    EventKind::WorkerYes => Event::WorkerSays { yes: true, how },
                    EventKind::WorkerNo if roll(4) == 0 => Event::WorkerSays { yes: false, how },
                    EventKind::FirstMeeting => Event::FirstMeeting,
                    EventKind::Pause => Event::Pause,
                    EventKind::Resume => Event::Resume,
                    EventKind::TakeBack if roll(4) == 0 => Event::TakeBack,
                    EventKind::End if roll(4) == 0 => Event::End { kind: EndKind::Unknown },
                    _ => Event::Activate,
                };
                let _ = world.step(&one.id, event, &viewer);
            }
        }
        for one in world.book.matches().values() {
            *reached.entry(one.status).or_default() += 1;
            if matches!(
                one.status,
                MatchStatus::Accepted
                    | MatchStatus::FirstMeeting
                    | MatchStatus::Active
                    | MatchStatus::Paused
            ) {
                assert!(one.agreed());
            }
        }
        for (worker, carried) in world.carried() {
            assert!(carried + i64::from(world.book.held(&worker)) <= 2, "{worker}");
        }
    }
    for status in [
        MatchStatus::Offered,
        MatchStatus::Accepted,
        MatchStatus::Active,
        MatchStatus::Ended,
        MatchStatus::DeclinedPerson,
        MatchStatus::Expired,
    ] {
        assert!(reached.contains_key(&status), "{status} was never reached: {reached:?}");
    }
    // A row of the roster for each match, as it stands.
    let rows: Vec<MatchInput> = world.book.matches().values().map(Match::row).collect();
    assert_eq!(rows.len(), world.book.matches().len());
}

fn queued(world: &mut World, after: Option<&str>, limit: usize) -> Vec<QueueLine> {
    world.look(|ground| {
        let run = match_roster(ground.cx, &Quiet).unwrap();
        let after = after.map(|id| ground.cx.roster.find_user(id).unwrap());
        queue(&run, ground.book, after, limit)
    })
}

#[test]
fn whoever_waits_is_listed_with_what_happens_next_until_somebody_walks_with_them() {
    // Three places for five people: two wait, whoever they are.
    let mut world = World::open(5, 3, 1);
    let lines = queued(&mut world, None, 100);
    assert_eq!(lines.len(), 5);
    let of = |lines: &[QueueLine], next: Next| {
        lines
            .iter()
            .filter(|line| line.next == next)
            .map(|l| l.person_id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&lines, Next::CouldBeMatched).len(), 3);
    assert_eq!(of(&lines, Next::Waits).len(), 2);
    assert!(lines.is_sorted_by(|a, b| a.wait_days >= b.wait_days), "the wait alone");
    assert!(lines.iter().all(|line| line.words.ends_with('.') && !line.next_steps.is_empty()));
    // A choice, an offer and somebody who walks with another.
    let could = of(&lines, Next::CouldBeMatched);
    let coordinator = world.by(Party::Coordinator);
    let asked = menus(For::These(vec![could[0].clone()]), 2, MenuMode::Live);
    let made = world.decide(|g| offer(g, &asked, &coordinator, &Quiet)).unwrap();
    let one = world.pair(&could[1], "W0002", true).unwrap();
    let lines = queued(&mut world, None, 100);
    let line = |id: &str| lines.iter().find(|line| line.person_id == id).unwrap();
    assert_eq!(line(&could[0]).next, Next::Chooses);
    assert_eq!(line(&could[0]).menu_id.as_deref(), Some(made.menus[0].id.as_str()));
    assert_eq!(line(&could[1]).next, Next::Offered);
    assert_eq!(line(&could[1]).match_id.as_deref(), Some(one.id.as_str()));
    assert_eq!(line(&could[1]).worker_id.as_deref(), Some("W0002"));
    for (viewer, event) in [
        (Viewer::Person(could[1].clone()), Event::PersonSays { yes: true, how: None }),
        (Viewer::Worker("W0002".to_owned()), Event::WorkerSays { yes: true, how: None }),
    ] {
        world.step(&one.id, event, &viewer).unwrap();
    }
    let lines = queued(&mut world, None, 100);
    assert!(lines.iter().all(|line| line.person_id != could[1]), "somebody walks with them");
    assert_eq!(lines.len(), 4);
    // In pages, the same.
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = queued(&mut world, after.as_deref(), 3);
        after = page.last().map(|line| line.person_id.clone());
        let more = page.len() == 3;
        paged.extend(page);
        if !more {
            break;
        }
    }
    assert_eq!(paged, lines);
}
