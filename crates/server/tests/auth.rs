//! Who gets in, by what, and for how long: keys, passwords and links, over a live socket.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use common::{Answer, ask, demo, get, post, start, store};
use jiff::Timestamp;
use peermatch_server::app::Clock;
use peermatch_server::auth::{entry, keys, links, passwords};
use peermatch_server::{Config, Role, Running};
use peermatch_store::{Account, AuditFilter, Organisation, Store};
use serde_json::json;

/// A clock that stands where it is put.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

const START: i64 = 1_767_225_600_000_000;
const MINUTE: i64 = 60_000_000;
const PASSWORD: &str = "four words that fit";

struct Set {
    service: Running,
    store: Arc<dyn Store>,
    clock: Arc<Hands>,
}

async fn set_up() -> Set {
    let store = store().await;
    for id in ["a", "b"] {
        let one = Organisation { id: id.to_owned(), name: id.to_owned(), made_at: 0 };
        store.add_organisation(&one).await.unwrap();
    }
    let clock = Arc::new(Hands(AtomicI64::new(START)));
    let config = Config { clock: clock.clone(), ..Config::new(Arc::clone(&store)) };
    Set { service: start(config).await, store, clock }
}

impl Set {
    async fn key(&self, organisation: &str, role: Role, rosters: &[&str]) -> String {
        let wanted = keys::Wanted {
            organisation: organisation.to_owned(),
            label: "test".to_owned(),
            roles: [role].into(),
            rosters: rosters.iter().map(ToString::to_string).collect(),
            worker: None,
            expires_at: Some(START + 60 * MINUTE),
        };
        let (key, told) = keys::make(wanted, START).unwrap();
        let audit = entry(START, "command", "", "key.added", &key.id, None);
        self.store.add_key(&key, &audit).await.unwrap();
        told
    }

    async fn account(&self, id: &str, rosters: &[&str]) {
        let account = Account {
            id: id.to_owned(),
            organisation: "a".to_owned(),
            login: format!("{id}-login"),
            password_hash: passwords::hash(PASSWORD).unwrap(),
            roles: vec!["coordinator".to_owned(), "administrator".to_owned()],
            rosters: rosters.iter().map(ToString::to_string).collect(),
            subject: None,
            failed_in_a_row: 0,
            locked_until: None,
            made_at: START,
            closed_at: None,
        };
        let audit = entry(START, "command", "", "account.opened", id, None);
        self.store.put_account(&account, &audit).await.unwrap();
    }

    async fn sign_in(&self, login: &str, password: &str) -> Answer {
        let body = json!({ "login": login, "password": password });
        post("/v1/sessions", &body).send(self.service.addr).await
    }

    fn after(&self, micros: i64) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    async fn actions(&self) -> Vec<String> {
        let rows = self.store.audit("a", &AuditFilter::default(), 0, 1_000).await.unwrap();
        rows.into_iter().map(|row| row.entry.action).collect()
    }
}

/// The cookie and the form token.
fn session(answer: &Answer) -> (String, String) {
    let line = answer.header("set-cookie").expect("a cookie");
    for part in ["__Host-peermatch=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(line.contains(part), "{line}");
    }
    let cookie = line.split(';').next().unwrap().to_owned();
    (cookie, answer.json()["csrf_token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_is_good_until_it_is_revoked_or_over() {
    let set = set_up().await;
    let at = set.service.addr;
    let (first, second) =
        (set.key("a", Role::Administrator, &[]).await, set.key("a", Role::Coordinator, &[]).await);
    assert_eq!(get("/v1/keys").key(&first).send(at).await.status, 200);
    get("/v1/keys").key(&second).send(at).await.problem(403, "forbidden");
    let bare = get("/v1/keys").send(at).await;
    bare.problem(401, "unauthorized");
    assert!(bare.header("www-authenticate").is_some());
    let id = second.split('_').nth(1).unwrap();
    let swapped = second.replacen(id, first.split('_').nth(1).unwrap(), 1);
    for bad in ["pm_x_y", "x", "", &swapped, &format!("{second}0"), &second.to_uppercase()] {
        let told = get("/v1/sessions/current").key(bad).send(at).await;
        told.problem(401, "unauthorized");
        assert_eq!(told.body_without_id(), bare.body_without_id(), "{bad}");
    }
    let listed = get("/v1/keys").key(&first).send(at).await.text();
    assert!(listed.contains(id) && !listed.contains(second.split('_').nth(2).unwrap()));
    let current = get("/v1/sessions/current").key(&second);
    assert_eq!(current.send(at).await.status, 200);
    let revoke = ask("DELETE", &format!("/v1/keys/{id}")).key(&first);
    assert_eq!(revoke.send(at).await.status, 204);
    current.send(at).await.problem(401, "unauthorized");
    set.after(60 * MINUTE);
    get("/v1/keys").key(&first).send(at).await.problem(401, "unauthorized");
    assert!(set.actions().await.contains(&"key.revoked".to_owned()));
}

#[tokio::test]
async fn who_is_for_some_rosters_reaches_no_key_or_account_for_others() {
    let set = set_up().await;
    let at = set.service.addr;
    let all = set.key("a", Role::Administrator, &[]).await;
    let north = set.key("a", Role::Administrator, &["north"]).await;
    let other = set.key("b", Role::Administrator, &[]).await;
    set.account("boss", &[]).await;
    set.account("near", &["north"]).await;
    let reset = |id: &str| {
        post(&format!("/v1/accounts/{id}/password"), &json!({ "password": "another four words" }))
    };
    let missing = reset("nobody").key(&north).send(at).await;
    missing.problem(404, "not_found");
    // A password given to somebody for all rosters would be a way in to all of them.
    for (key, id) in [(&north, "boss"), (&other, "boss"), (&other, "near")] {
        let told = reset(id).key(key).send(at).await;
        assert_eq!(told.body_without_id(), missing.body_without_id());
        let close = ask("DELETE", &format!("/v1/accounts/{id}")).key(key).send(at).await;
        assert_eq!(close.body_without_id(), missing.body_without_id());
        assert!(!get("/v1/accounts").key(key).send(at).await.text().contains(id));
    }
    let of_all = format!("/v1/keys/{}", all.split('_').nth(1).unwrap());
    for key in [&north, &other] {
        ask("DELETE", &of_all).key(key).send(at).await.problem(404, "not_found");
    }
    let wanted =
        |rosters: &[&str]| json!({ "label": "x", "roles": ["coordinator"], "rosters": rosters });
    for rosters in [&[][..], &["south"], &["north", "south"]] {
        let told = post("/v1/keys", &wanted(rosters)).key(&north).send(at).await;
        assert_eq!(told.status, 422, "{rosters:?}");
    }
    assert_eq!(post("/v1/keys", &wanted(&["north"])).key(&north).send(at).await.status, 201);
    // Nor for a peer worker of another roster, whatever rosters are named beside; those are not theirs to see or to close either.
    let worker = |roster: &str, rosters: &[&str]| json!({ "roles": ["peer_worker"], "rosters": rosters, "worker": { "roster": roster, "id": "W-1" } });
    for rosters in [&["north"][..], &[]] {
        let told = post("/v1/keys", &worker("south", rosters)).key(&north).send(at).await;
        assert_eq!(told.status, 422, "{}", told.text());
        let mut account = worker("south", rosters);
        account["login"] = json!("somebody");
        account["password"] = json!(PASSWORD);
        let told = post("/v1/accounts", &account).key(&north).send(at).await;
        assert_eq!(told.status, 422, "{}", told.text());
        let made = post("/v1/keys", &worker("south", rosters)).key(&all).send(at).await.json();
        let id = made["key"]["id"].as_str().unwrap();
        assert!(!get("/v1/keys").key(&north).send(at).await.text().contains(id));
        let close = ask("DELETE", &format!("/v1/keys/{id}")).key(&north).send(at).await;
        close.problem(404, "not_found");
        let made = post("/v1/keys", &worker("north", rosters)).key(&north).send(at).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    // Asked for so that it could be repeated, no key is made: nobody would know of the second.
    let count =
        || async { get("/v1/keys").key(&all).send(at).await.json().as_array().unwrap().len() };
    let before = count().await;
    let twice = post("/v1/keys", &wanted(&["north"])).header("idempotency-key", "once");
    twice.key(&all).send(at).await.problem(400, "no_idempotency");
    assert_eq!(count().await, before);
    assert_eq!(reset("near").key(&north).send(at).await.status, 204);
    assert_eq!(reset("boss").key(&all).send(at).await.status, 204);
}

#[tokio::test]
async fn a_session_needs_its_form_token_and_ends() {
    let set = set_up().await;
    let at = set.service.addr;
    set.account("mere", &[]).await;
    let signed = set.sign_in("mere-login", PASSWORD).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
    let (cookie, token) = session(&signed);
    let again = session(&set.sign_in("mere-login", PASSWORD).await);
    assert_ne!((&cookie, &token), (&again.0, &again.1), "a new one each time");
    let current = get("/v1/sessions/current").header("cookie", &cookie);
    assert_eq!(current.send(at).await.json()["csrf_token"], token.as_str());
    let change = || {
        let wanted = json!({ "label": "x", "roles": ["auditor"], "rosters": [] });
        post("/v1/keys", &wanted).header("cookie", &cookie)
    };
    change().send(at).await.problem(403, "form_token");
    change().header("x-csrf-token", &again.1).send(at).await.problem(403, "form_token");
    let forged = change().header("x-csrf-token", &token);
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        let told = forged.clone().header(name, value).send(at).await;
        told.problem(403, "another_site");
    }
    assert_eq!(forged.header("origin", "http://localhost").send(at).await.status, 201);
    // Used within the hour it goes on; unused for an hour it is over.
    for _ in 0..3 {
        set.after(59 * MINUTE);
        assert_eq!(current.send(at).await.status, 200);
    }
    let elsewhere = get("/v1/sessions/current").header("cookie", &again.0);
    elsewhere.send(at).await.problem(401, "unauthorized");
    for _ in 0..13 {
        set.after(55 * MINUTE);
        current.send(at).await;
    }
    current.send(at).await.problem(401, "unauthorized");
    assert!(set.actions().await.contains(&"session.begun".to_owned()));
}

#[tokio::test]
async fn a_new_password_and_signing_out_end_sessions() {
    let set = set_up().await;
    let at = set.service.addr;
    set.account("mere", &[]).await;
    let (cookie, token) = session(&set.sign_in("mere-login", PASSWORD).await);
    let (other, _) = session(&set.sign_in("mere-login", PASSWORD).await);
    let current = |cookie: &str| get("/v1/sessions/current").header("cookie", cookie);
    let out = ask("DELETE", "/v1/sessions/current")
        .header("cookie", &cookie)
        .header("x-csrf-token", &token);
    assert_eq!(out.send(at).await.status, 204);
    current(&cookie).send(at).await.problem(401, "unauthorized");
    assert_eq!(current(&other).send(at).await.status, 200);
    let admin = set.key("a", Role::Administrator, &[]).await;
    let given = post("/v1/accounts/mere/password", &json!({ "password": "another four words" }));
    assert_eq!(given.key(&admin).send(at).await.status, 204);
    current(&other).send(at).await.problem(401, "unauthorized");
    set.sign_in("mere-login", PASSWORD).await.problem(401, "not_signed_in");
    assert_eq!(set.sign_in("mere-login", "another four words").await.status, 200);
}

#[tokio::test]
async fn names_are_not_told_by_the_answer_and_tries_are_counted() {
    let set = set_up().await;
    set.account("mere", &[]).await;
    let mut told = Vec::new();
    for login in ["mere-login", "nobody-login"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = set.sign_in(login, "not the password").await;
            answers.push((answer.status, answer.body_without_id()));
        }
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
        told.push(answers);
    }
    assert_eq!(told[0], told[1], "a name that is there answers as one that is not");
    let right = set.sign_in("mere-login", PASSWORD).await;
    right.problem(429, "too_many_tries");
    assert!(right.header("retry-after").is_some());
}

#[tokio::test]
async fn a_link_opens_once_with_its_code_and_for_one_person() {
    let set = set_up().await;
    let at = set.service.addr;
    let make = async |person: &str| {
        let to = links::For {
            organisation: "a".to_owned(),
            roster: "north".to_owned(),
            person: person.to_owned(),
            menu: None,
            expires_at: START + links::GOOD,
        };
        links::make(&set.service.app, to, "key:x", Role::Coordinator, "r").await.unwrap()
    };
    let open = async |token: &str, code: &str| {
        post("/v1/links/open", &json!({ "token": token, "code": code })).send(at).await
    };
    let told = make("P-1").await;
    let unknown = open("0".repeat(40).as_str(), "123456").await;
    unknown.problem(404, "link_not_good");
    let wrong = if told.code == "000000" { "000001" } else { "000000" };
    // Sixteen wrong codes at once: no more than five of them can have been a try.
    let tries = futures_util::future::join_all((0..16).map(|_| open(&told.token, wrong))).await;
    for answer in tries {
        assert_eq!(answer.body_without_id(), unknown.body_without_id());
    }
    let spent = open(&told.token, &told.code).await;
    assert_eq!(spent.body_without_id(), unknown.body_without_id(), "even the right one, now");

    let told = make("P-2").await;
    let opened = open(&told.token, &told.code).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["roles"], json!(["service_user"]));
    assert_eq!(opened.json()["rosters"], json!(["north"]));
    let (cookie, _) = session(&opened);
    let current = get("/v1/sessions/current").header("cookie", &cookie);
    assert_eq!(current.send(at).await.status, 200);
    let used = open(&told.token, &told.code).await;
    assert_eq!(used.body_without_id(), unknown.body_without_id());
    get("/v1/keys").header("cookie", &cookie).send(at).await.problem(403, "forbidden");
    assert_eq!(set.store.end_links_of("a", "north", "P-2").await.unwrap(), 1);
    current.send(at).await.problem(401, "unauthorized");
    let actions: BTreeSet<String> = set.actions().await.into_iter().collect();
    for action in ["link.made", "link.opened", "link.refused"] {
        assert!(actions.contains(action), "{actions:?}");
    }
}

#[tokio::test]
async fn somebody_who_came_by_a_link_is_in_for_two_hours_at_most() {
    let set = set_up().await;
    let to = links::For {
        organisation: "a".to_owned(),
        roster: "north".to_owned(),
        person: "P-1".to_owned(),
        menu: None,
        expires_at: START + links::GOOD,
    };
    let told = links::make(&set.service.app, to, "key:x", Role::Coordinator, "r").await.unwrap();
    let body = json!({ "token": told.token, "code": told.code });
    let opened = post("/v1/links/open", &body).send(set.service.addr).await;
    let (cookie, _) = session(&opened);
    let current = get("/v1/sessions/current").header("cookie", &cookie);
    for _ in 0..2 {
        set.after(50 * MINUTE);
        assert_eq!(current.send(set.service.addr).await.status, 200);
    }
    set.after(20 * MINUTE);
    current.send(set.service.addr).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_demo_answers_to_names_of_this_machine_and_not_to_pages_of_others() {
    let service = demo().await;
    let current = || get("/v1/sessions/current");
    assert_eq!(current().send(service.addr).await.status, 200);
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1"] {
        let told = current().header("host", host).send(service.addr).await;
        told.problem(421, "misdirected");
    }
    let check = || post("/v1/check", &json!({}));
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let told = check().header(name, value).send(service.addr).await;
        told.problem(403, "another_site");
    }
    assert_ne!(
        check().header("sec-fetch-site", "same-origin").send(service.addr).await.status,
        403
    );
}
