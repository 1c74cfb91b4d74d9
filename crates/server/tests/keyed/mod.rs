//! A service with keys and one organisation, whose rosters are sent over HTTP as a case system sends them.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::net::SocketAddr;
use std::sync::Mutex;

use jiff::Timestamp;
use peermatch_server::app::Clock;
use peermatch_server::auth::{entry, keys, links};
use peermatch_server::{Config, Limits, Role, Running};
use peermatch_store::{ApiKey, Organisation, Store};
use serde_json::{Value, json};

use crate::common::{Answer, Ask, get, post, start, store};

/// The only organisation.
pub const ORGANISATION: &str = "org";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_500_000).expect("a time")
    }
}

/// A service with keys.
pub struct Keyed {
    pub running: Running,
    /// A key of the case system.
    pub integrator: String,
    pub coordinator: String,
    made: Mutex<Vec<ApiKey>>,
}

/// Somebody who came by a link.
#[derive(Debug, Clone)]
pub struct Person {
    pub cookie: String,
    pub csrf: String,
    /// What opened the door: the link's token and code.
    pub link: (String, String),
}

impl Person {
    /// A request by them.
    pub fn sign(&self, ask: Ask) -> Ask {
        ask.header("cookie", self.cookie.clone()).header("x-csrf-token", self.csrf.clone())
    }
}

impl Keyed {
    /// Over a store in memory.
    pub async fn new() -> Self {
        Self::over(store().await).await
    }

    /// Over a store. Nobody is too often there for it: what is asked here is asked by one machine, fast.
    pub async fn over(store: std::sync::Arc<dyn Store>) -> Self {
        let mut keyed = Self::without_keys(store).await;
        keyed.integrator = keyed.key(Role::Integrator, None).await;
        keyed.coordinator = keyed.key(Role::Coordinator, None).await;
        keyed
    }

    async fn without_keys(store: std::sync::Arc<dyn Store>) -> Self {
        let organisation =
            Organisation { id: ORGANISATION.to_owned(), name: "One".to_owned(), made_at: 0 };
        store.add_organisation(&organisation).await.expect("made");
        let often = (1e6, 1_000_000);
        let limits = Limits { rate: often, rate_unknown: often, ..Limits::default() };
        // A clock that stands still: two services do not differ by when they were asked.
        let clock = std::sync::Arc::new(Still);
        let running = start(Config { limits, clock, ..Config::new(store) }).await;
        let (integrator, coordinator) = (String::new(), String::new());
        Self { running, integrator, coordinator, made: Mutex::default() }
    }

    /// Another service, into which the same keys lead.
    pub async fn twin(&self) -> Self {
        let mut twin = Self::without_keys(store().await).await;
        let made = self.made.lock().expect("no panic before").clone();
        for key in made {
            twin.admit(&key).await;
        }
        (twin.integrator, twin.coordinator) = (self.integrator.clone(), self.coordinator.clone());
        twin
    }

    pub fn addr(&self) -> SocketAddr {
        self.running.addr
    }

    /// A key of a role, for a worker of a roster if it speaks for one.
    pub async fn key(&self, role: Role, worker: Option<(&str, &str)>) -> String {
        let (key, told) = Self::made(role, worker);
        self.admit(&key).await;
        self.made.lock().expect("no panic before").push(key);
        told
    }

    /// A key that is good where it is taken ([`Keyed::admit`]).
    pub fn made(role: Role, worker: Option<(&str, &str)>) -> (ApiKey, String) {
        let wanted = keys::Wanted {
            organisation: ORGANISATION.to_owned(),
            label: "test".to_owned(),
            roles: [role].into(),
            rosters: Vec::new(),
            worker: worker.map(|(roster, id)| (roster.to_owned(), id.to_owned())),
            expires_at: None,
        };
        let Ok(made) = keys::make(wanted, 0) else { panic!("a key") };
        made
    }

    /// Takes a key that was made.
    pub async fn admit(&self, key: &ApiKey) {
        let audit = entry(0, "command", "", "key.added", &key.id, None);
        self.running.app.store.add_key(key, &audit).await.expect("kept");
    }

    /// Makes a roster and fills it.
    pub async fn roster(&self, id: &str, input: &Value) {
        let settings = json!({ "zone": input["zone"], "as_of": input["as_of"] });
        let made = post("/v1/rosters", &json!({ "id": id, "settings": settings }));
        let made = made.key(&self.integrator).send(self.addr()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let filled = post(&format!("/v1/rosters/{id}/import"), input);
        let filled = filled.key(&self.integrator).send(self.addr()).await;
        assert_eq!(filled.status, 200, "{}", filled.text());
    }

    pub async fn by(&self, key: &str, ask: Ask) -> Answer {
        ask.key(key).send(self.addr()).await
    }

    /// Opens a link for a person.
    pub async fn person(&self, roster: &str, id: &str) -> Person {
        let path = format!("/v1/rosters/{roster}/people/{id}/link");
        let link = self.by(&self.coordinator, crate::common::ask("POST", &path)).await;
        assert_eq!(link.status, 201, "{}", link.text());
        self.open(&link.json()).await
    }

    /// Opens a link that was made.
    pub async fn open(&self, link: &Value) -> Person {
        let body = json!({ "token": link["token"], "code": link["code"] });
        let answer = post("/v1/links/open", &body).send(self.addr()).await;
        let word = |name: &str| link[name].as_str().expect("told").to_owned();
        let (token, code) = (word("token"), word("code"));
        let (cookie, csrf) = if answer.status == 429 {
            // One address may try so often. Thousands of people do not share one, so the rest come in behind what counts.
            let begun = links::open(&self.running.app, &token, &code, "test").await;
            let Ok(begun) = begun else { panic!("a link that is good") };
            (begun.set_cookie, begun.csrf_token)
        } else {
            assert_eq!(answer.status, 200, "{}", answer.text());
            let csrf = answer.json()["csrf_token"].as_str().expect("a token").to_owned();
            (answer.header("set-cookie").expect("a cookie").to_owned(), csrf)
        };
        let cookie = cookie.split(';').next().expect("a value").to_owned();
        Person { cookie, csrf, link: (token, code) }
    }

    /// Every line of a list of a roster.
    pub async fn list(&self, key: &str, path: &str) -> Vec<Value> {
        let answer = self.by(key, get(path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].as_array().expect("lines").clone()
    }
}
