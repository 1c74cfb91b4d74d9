//! What a role may not see does not change what it is answered: two services keep rosters that differ in that alone and come to the same outcome, and every route of the
//! table that reads answers the role with the same bytes.
//!
//! Apart from ids of requests, hashes of whole rosters (a hash is of what is hidden too; nobody who does not know all of it learns anything from one) and the one-page
//! report, whose counts are rounded by a secret of each roster.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, where a panic is the report"
)]

mod common;
mod keyed;

use common::{Answer, Ask, ask, get, post};
use keyed::{Keyed, Person};
use peermatch_core::eligibility;
use peermatch_core::pair::{Context, Pair};
use peermatch_core::run::match_roster;
use peermatch_model::policy::Policy;
use peermatch_model::raw::{Field, RosterInput, Rows, ServiceUserInput};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{MatchStatus, Strength};
use peermatch_server::table::{Route, Who};
use peermatch_server::{Role, routes};
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{self, Spec, person_id, worker_id};
use serde_json::{Value, json};

const PEOPLE: usize = 10;
const WORKERS: usize = 6;

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// One time in three: so little is changed that the outcome often stays.
    fn toss(&mut self) -> bool {
        self.next().is_multiple_of(3)
    }
}

fn each<T>(rows: &mut Rows<T>, mut with: impl FnMut(&mut T)) {
    if let Field::Given(rows) = rows {
        for row in rows {
            if let Field::Given(row) = row {
                with(row);
            }
        }
    }
}

fn keep<T>(rows: &mut Rows<T>, mut stays: impl FnMut(&T) -> bool) {
    if let Field::Given(rows) = rows {
        rows.retain(|row| row.given().is_none_or(&mut stays));
    }
}

fn yes(field: &Field<bool>) -> bool {
    field.given() == Some(&true)
}

fn is(field: &Field<String>, id: &str) -> bool {
    field.given().is_some_and(|is| is == id)
}

/// Takes out what nobody but the worker sees, and what is not to be shown; `coordinator` leaves what a coordinator may see.
fn workers_hidden(input: &mut RosterInput, but: &str, coordinator: bool, dice: &mut Dice) {
    each(&mut input.workers, |worker| {
        if is(&worker.id, but) {
            return;
        }
        keep(&mut worker.experiences, |item| {
            yes(&item.consent_show) || coordinator && yes(&item.consent_coordinator) || !dice.toss()
        });
        keep(&mut worker.not_now, |_| !dice.toss());
        keep(&mut worker.identity, |item| yes(&item.consent_show) || !dice.toss());
        keep(&mut worker.wishes, |_| !dice.toss());
        if !yes(&worker.gender_consent_show) && dice.toss() {
            worker.gender = Field::Absent;
        }
        if !yes(&worker.age_consent_show) && dice.toss() {
            worker.age_band = Field::Absent;
        }
        if worker.supervision_due.is_absent() && dice.toss() {
            worker.supervision_due = "2031-03-07".to_owned().into();
        }
    });
}

/// Takes out of people what they did not let be shown.
fn people_hidden(
    input: &mut RosterInput,
    dice: &mut Dice,
    hide: impl Fn(&mut ServiceUserInput, &mut Dice),
) {
    each(&mut input.people, |person| hide(person, dice));
}

/// The roster with other hidden parts for a role; whose eyes a peer worker or a service user look with, `own` says.
fn other(mut input: RosterInput, role: Role, own: &str, dice: &mut Dice) -> RosterInput {
    match role {
        Role::Coordinator => {
            workers_hidden(&mut input, "", true, dice);
            people_hidden(&mut input, dice, |person, dice| {
                keep(&mut person.experiences, |item| {
                    yes(&item.consent_coordinator) || !dice.toss()
                });
            });
        }
        Role::PeerWorker => {
            workers_hidden(&mut input, own, false, dice);
            people_hidden(&mut input, dice, |person, dice| {
                keep(&mut person.experiences, |item| yes(&item.consent_show) || !dice.toss());
                keep(&mut person.wishes, |wish| {
                    wish.strength == Field::Given(Strength::Must) || !dice.toss()
                });
                if dice.toss() {
                    person.nominated_peers = Field::Absent;
                }
            });
        }
        _ => {
            workers_hidden(&mut input, "", false, dice);
            people_hidden(&mut input, dice, |person, dice| {
                if !is(&person.id, own) {
                    keep(&mut person.experiences, |_| !dice.toss());
                    keep(&mut person.wishes, |_| !dice.toss());
                    keep(&mut person.goals, |_| !dice.toss());
                }
            });
        }
    }
    // Who of the two said no is told to neither but the one who did.
    let no = if role == Role::PeerWorker {
        MatchStatus::DeclinedPerson
    } else {
        MatchStatus::DeclinedWorker
    };
    each(&mut input.matches, |one| {
        if role != Role::Coordinator && one.status == Field::Given(no) {
            one.status = MatchStatus::Expired.into();
        }
    });
    // That they are kept apart from somebody, whoever it is about may know; from whom and why, nobody.
    keep(&mut input.conflicts, |one| is(&one.a_id, own) || is(&one.b_id, own) || !dice.toss());
    input
}

/// Who can be matched with whom, who could be without each must (a count of them is told, and changes with the places that are free), and who is matched
/// with whom.
type Outcome = (Vec<bool>, Vec<bool>, Vec<(UserIx, WorkerIx)>);

/// What has to be the same in two rosters of which the same is to be told.
fn outcome(roster: &Roster) -> Option<Outcome> {
    let policy = Policy::shipped();
    let cx = Context::new(roster, &policy);
    let people = || (0..roster.people().len()).map(UserIx::at);
    let workers = || (0..roster.workers().len()).map(WorkerIx::at);
    let eligible: Vec<bool> = people()
        .flat_map(|user| workers().map(move |worker| (user, worker)))
        .map(|(user, worker)| eligibility::eligible(&cx.pair(user, worker)))
        .collect();
    let mut without_musts = Vec::new();
    for user in people() {
        let person = roster.user(user);
        let musts = (0..person.wishes.len())
            .filter(|&place| person.wishes[place].strength == Strength::Must);
        for place in musts {
            let mut without = person.clone();
            without.wishes.remove(place);
            without_musts.extend(workers().map(|worker| {
                eligibility::eligible(&Pair { user: &without, ..cx.pair(user, worker) })
            }));
        }
    }
    let run = match_roster(&cx, &Quiet).ok()?;
    Some((eligible, without_musts, run.decided().pairs().collect()))
}

/// Two rosters that differ in what a role may not see, and come to the same.
fn pair(role: Role, seed: u64) -> Option<(RosterInput, RosterInput, String)> {
    let mut spec = Spec::SMALL.sized(PEOPLE, WORKERS).undecided();
    spec.wild = seed.is_multiple_of(4);
    (spec.services, spec.areas) = (1, 1);
    (spec.wish_percent, spec.must_percent, spec.matched_percent) = (40, 10, 25);
    let one = rosters::input(&spec, seed);
    let mut dice = Dice(seed);
    // Of a worker or a person whom somebody walks with, if anybody does: they are told most. Or of two who were asked and where one said no.
    let kept = seed.is_multiple_of(3);
    let mut matches = one.matches.given().into_iter().flatten().filter_map(Field::given);
    let first = matches.find(|one| one.status.given().is_some_and(|is| is.kept() != kept));
    let (person, worker) = first.map_or((person_id(0), worker_id(0)), |one| {
        (one.person_id.given().unwrap().clone(), one.worker_id.given().unwrap().clone())
    });
    let own = if role == Role::PeerWorker { worker } else { person };
    let two = other(one.clone(), role, &own, &mut dice);
    let check = |input: &RosterInput| Roster::check(input, Taxonomy::shipped()).ok();
    let (a, b) = (outcome(&check(&one)?)?, outcome(&check(&two)?)?);
    // Something is decided, so that there is something to be told.
    (one != two && a == b && a.2.len() > 3).then_some((one, two, own))
}

/// Who asks, of each service.
enum Asks {
    Key(String),
    Link(Box<(Person, Person)>),
}

/// Two services with the same keys.
struct Two {
    a: Keyed,
    b: Keyed,
    administrator: Asks,
}

/// What may differ.
fn alike(answer: &Answer) -> (u16, Vec<Option<&str>>, String) {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["request_id", "roster_hash", "input_hash", "before", "hash"] {
                    members.shift_remove(name);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(rows) => rows.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let headers = ["content-type", "etag", "location"].map(|name| answer.header(name)).to_vec();
    let text = if let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) {
        strip(&mut value);
        value.to_string()
    } else {
        let text = answer.text();
        let lines = text.lines().filter(|line| !line.contains("sha256:"));
        lines.collect::<Vec<_>>().join("\n")
    };
    (answer.status, headers, text)
}

impl Two {
    async fn new() -> Self {
        let a = Keyed::new().await;
        let administrator = Asks::Key(a.key(Role::Administrator, None).await);
        let b = a.twin().await;
        Self { a, b, administrator }
    }

    async fn key(&self, role: Role, worker: Option<(&str, &str)>) -> String {
        let (key, told) = Keyed::made(role, worker);
        self.a.admit(&key).await;
        self.b.admit(&key).await;
        told
    }

    /// Asks both, and gives what they answer.
    async fn ask(&self, asks: &Asks, request: &Ask) -> (Answer, Answer) {
        let (one, two) = match asks {
            Asks::Key(key) => (request.clone().key(key), request.clone().key(key)),
            Asks::Link(of) => (of.0.sign(request.clone()), of.1.sign(request.clone())),
        };
        tokio::join!(one.send(self.a.addr()), two.send(self.b.addr()))
    }

    /// Asks both every route that reads and that a role may call; gives how many were answered.
    async fn compare(&self, roster: &str, role: Role, asks: &Asks, seed: u64) -> usize {
        let mut answered = 0;
        let ids = self.ids(roster).await;
        for route in routes() {
            for path in paths(&route, roster, role, &ids) {
                let (one, two) = self.ask(asks, &get(&path)).await;
                assert!(one.status < 500, "{path}: {}", one.text());
                assert_eq!(alike(&one), alike(&two), "{role:?}, pair {seed}: {path}");
                answered += usize::from(one.status == 200);
            }
        }
        answered
    }

    /// Ids of matches, menus and runs, which both have.
    async fn ids(&self, roster: &str) -> Vec<(&'static str, Vec<String>)> {
        let mut all = Vec::new();
        for (name, list) in
            [("match", "matches?limit=500"), ("menu", "menus?limit=500"), ("run", "runs")]
        {
            // Of both, since both write down who looks.
            let path = format!("/v1/rosters/{roster}/{list}");
            let by = Asks::Key(self.a.coordinator.clone());
            let (lines, _) = self.ask(&by, &get(&path)).await;
            let lines = lines.json()["items"].as_array().expect("lines").clone();
            let ids = lines.iter().map(|line| line["id"].as_str().unwrap().to_owned());
            all.push((name, ids.collect()));
        }
        all
    }

    /// Puts both into their services, asks, and takes them out again. Gives how many answers were compared, and whether also beside
    /// menus and a run.
    async fn tried(&self, role: Role, seed: u64, admitted: &str) -> Option<(usize, bool)> {
        let (one, two, own) = pair(role, seed)?;
        let id = format!("r{seed}");
        for (keyed, input) in [(&self.a, &one), (&self.b, &two)] {
            keyed.roster(&id, &serde_json::to_value(input).unwrap()).await;
        }
        let asks = match role {
            Role::PeerWorker => Asks::Key(self.key(role, Some((&id, &own))).await),
            Role::ServiceUser => Asks::Link(Box::new((
                self.a.person(&id, &own).await,
                self.b.person(&id, &own).await,
            ))),
            _ => Asks::Key(admitted.to_owned()),
        };
        let mut compared = self.compare(&id, role, &asks, seed).await;
        let mut beside = false;
        // With menus and a run, where they offer the same: whom a menu offers is an outcome.
        let by = Asks::Key(self.a.coordinator.clone());
        let asked = json!({ "for": "all_waiting", "size": 3 });
        let menus = self.ask(&by, &post(&format!("/v1/rosters/{id}/menus"), &asked)).await;
        let offers = |answer: &Answer| {
            let menus = answer.json()["menus"].as_array().cloned().unwrap_or_default();
            menus.iter().map(|menu| menu["options"].clone()).collect::<Vec<_>>()
        };
        if offers(&menus.0) == offers(&menus.1) {
            let made = loop {
                let made = self.ask(&by, &ask("POST", &format!("/v1/rosters/{id}/runs"))).await;
                if made.0.status != 503 && made.1.status != 503 {
                    break made;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            };
            assert_eq!((made.0.status, made.1.status), (201, 201), "{}", made.0.text());
            // Whom the run proposes, now that the menus hold places, is one too.
            let run = made.0.json()["id"].as_str().unwrap().to_owned();
            let runs = self.ask(&by, &get(&format!("/v1/rosters/{id}/runs/{run}"))).await;
            let proposes = |answer: &Answer| {
                let pairs = answer.json()["matches"].as_array().cloned().unwrap_or_default();
                let pair = |one: &Value| ["person_id", "worker_id"].map(|of| one[of].clone());
                pairs.iter().map(pair).collect::<Vec<_>>()
            };
            if proposes(&runs.0) == proposes(&runs.1) {
                compared += self.compare(&id, role, &asks, seed).await;
                beside = true;
            }
        }
        let gone = ask("DELETE", &format!("/v1/rosters/{id}"));
        let (one, two) = self.ask(&self.administrator, &gone).await;
        assert_eq!((one.status, two.status), (204, 204), "{}", one.text());
        Some((compared, beside))
    }
}

/// Every address of a route that reads and that a role may call.
fn paths(route: &Route, roster: &str, role: Role, ids: &[(&str, Vec<String>)]) -> Vec<String> {
    let admitted = matches!(route.who, Who::Roles(roles) if roles.contains(&role));
    let kept = route.path.contains("{roster}") || route.path.contains("/my/");
    // What one choice would come to for everybody is told of the matching as a whole, as costs are (below).
    let whole = matches!(route.id, "readReport" | "readWhatIf");
    if route.method != "GET" || !admitted || !kept || whole {
        return Vec::new();
    }
    let mut all = vec![String::new()];
    let mut rest = route.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').expect("braces in pairs");
        let of: Vec<String> = match name {
            "roster" => vec![roster.to_owned()],
            "person" => (0..PEOPLE).map(person_id).collect(),
            "worker" => (0..WORKERS).map(worker_id).collect(),
            "list" => ["services", "groups", "codes", "limits", "pins", "conflicts"]
                .map(str::to_owned)
                .to_vec(),
            "handover" => vec!["h1".to_owned()],
            _ => ids.iter().find(|(is, _)| *is == name).expect("known ids").1.clone(),
        };
        all = all
            .iter()
            .flat_map(|path| of.iter().map(move |id| format!("{path}{before}{id}")))
            .collect();
        rest = tail;
    }
    let queries: &[&str] = match route.id {
        // What each choice costs others is told of the matching as a whole, which core holds to the same law.
        "suggestFor" => &["?costs=false&top=6"],
        "exportPerson" | "exportWorker" => &["", "?format=csv", "?format=text"],
        _ => &[""],
    };
    all.iter()
        .flat_map(|path| queries.iter().map(move |query| format!("{path}{rest}{query}")))
        .collect()
}

/// So many pairs for a role.
async fn law(role: Role, pairs: usize) {
    let two = Two::new().await;
    let key = if role == Role::Coordinator { two.a.coordinator.clone() } else { String::new() };
    let (mut tried, mut compared, mut beside) = (0, 0, 0);
    for seed in 0.. {
        if let Some((answers, with)) = two.tried(role, seed, &key).await {
            tried += 1;
            compared += answers;
            beside += usize::from(with);
        }
        if tried == pairs {
            println!(
                "{role:?}: {tried} pairs of {}, {beside} of them beside menus and a run too, {compared} answers the same",
                seed + 1
            );
            break;
        }
    }
    let least = if role == Role::Coordinator { 80 } else { 5 };
    assert!(compared >= pairs * least, "{role:?} was told little: {compared}");
    assert!(beside >= pairs / 2, "{role:?} saw few menus and runs: {beside}");
}

/// Pairs of each role in the ordinary run, and at full size.
const SOME: usize = 8;
const MANY: usize = 3_334;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_from_a_coordinator_changes_no_byte() {
    law(Role::Coordinator, SOME).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_from_a_worker_changes_no_byte() {
    law(Role::PeerWorker, SOME).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_from_a_person_changes_no_byte() {
    law(Role::ServiceUser, SOME).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "half an hour or more"]
async fn what_is_hidden_from_a_coordinator_changes_no_byte_at_full_size() {
    law(Role::Coordinator, MANY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a quarter of an hour or more"]
async fn what_is_hidden_from_a_worker_changes_no_byte_at_full_size() {
    law(Role::PeerWorker, MANY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a quarter of an hour or more"]
async fn what_is_hidden_from_a_person_changes_no_byte_at_full_size() {
    law(Role::ServiceUser, MANY).await;
}

/// Names and contacts are not an auditor's; of people and workers an administrator sees nothing.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_no_auditors_and_people_no_administrators() {
    let two = Two::new().await;
    let spec = Spec::SERVICE.sized(PEOPLE, WORKERS).undecided();
    let input = |seed| serde_json::to_value(rosters::input(&spec, seed)).unwrap();
    for seed in 0..6 {
        let auditor = Asks::Key(two.key(Role::Auditor, None).await);
        let id = format!("n{seed}");
        for (number, keyed) in [&two.a, &two.b].into_iter().enumerate() {
            keyed.roster(&id, &input(seed)).await;
            let text = format!("Name {}", number + 1);
            for (list, who) in [("people", person_id(0)), ("workers", worker_id(0))] {
                let at = |what: &str| format!("/v1/rosters/{id}/{list}/{who}/{what}");
                let name = ask("PUT", &at("name")).json(&json!({ "name": text }));
                assert_eq!(keyed.by(&keyed.integrator, name).await.status, 200);
                let contact = ask("PUT", &at("contact")).json(&json!({ "telephone": text }));
                assert_eq!(keyed.by(&keyed.integrator, contact).await.status, 200);
            }
        }
        let by = Asks::Key(two.a.coordinator.clone());
        two.ask(&by, &ask("POST", &format!("/v1/rosters/{id}/runs"))).await;
        assert!(two.compare(&id, Role::Auditor, &auditor, seed).await > PEOPLE * WORKERS);

        // Other people altogether.
        let administrator = Asks::Key(two.key(Role::Administrator, None).await);
        let id = format!("o{seed}");
        two.a.roster(&id, &input(seed)).await;
        two.b.roster(&id, &input(seed + 100)).await;
        assert!(two.compare(&id, Role::Administrator, &administrator, seed).await > 0);
    }
}
