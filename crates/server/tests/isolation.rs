//! Who gets where, asked of every route in the table by every role: nobody without credentials, no role where it never may, and nothing of another
//! organisation or of a roster out of reach that differs from what is not there at all.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod common;

use std::sync::Arc;

use common::{Answer, Ask, ask, get, post, start, store};
use peermatch_server::auth::{entry, keys};
use peermatch_server::table::{Route, Who};
use peermatch_server::{Config, Role, Running, routes};
use peermatch_store::{Organisation, Store};
use serde_json::json;

const BY_KEY: [Role; 5] =
    [Role::Coordinator, Role::PeerWorker, Role::Auditor, Role::Integrator, Role::Administrator];

async fn key(
    store: &Arc<dyn Store>,
    organisation: &str,
    role: Role,
    roster: Option<&str>,
) -> String {
    let worker = (role == Role::PeerWorker)
        .then(|| (roster.unwrap_or("north").to_owned(), "W-1".to_owned()));
    let wanted = keys::Wanted {
        organisation: organisation.to_owned(),
        label: String::new(),
        roles: [role].into(),
        rosters: roster.map(ToOwned::to_owned).into_iter().collect(),
        worker,
        expires_at: None,
    };
    let (key, told) = keys::make(wanted, 0).unwrap();
    let audit = entry(0, "command", "", "key.added", &key.id, None);
    store.add_key(&key, &audit).await.unwrap();
    told
}

async fn set_up() -> (Running, Arc<dyn Store>) {
    let store = store().await;
    for id in ["a", "b"] {
        let one = Organisation { id: id.to_owned(), name: id.to_owned(), made_at: 0 };
        store.add_organisation(&one).await.unwrap();
    }
    (start(Config::new(Arc::clone(&store))).await, store)
}

/// A request to a route, with every parameter of its path filled. A parameter that is not known here fails the test: say what stands for it.
fn filled(route: &Route, roster: &str) -> Ask {
    let mut path = String::new();
    let mut rest = route.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').expect("braces in pairs");
        path.push_str(before);
        path.push_str(if name == "roster" { roster } else { "X-1" });
        rest = tail;
    }
    path.push_str(rest);
    let request = ask(route.method.as_str(), &path);
    if route.bodies.is_empty() { request } else { request.json(&json!({})) }
}

fn roles(route: &Route) -> Option<&'static [Role]> {
    match route.who {
        Who::Everybody => None,
        Who::Roles(roles) => Some(roles),
    }
}

fn alike(a: &Answer, b: &Answer) -> bool {
    let body = |answer: &Answer| match answer.header("content-type") {
        Some("application/problem+json") => answer.body_without_id().to_string(),
        _ => answer.text(),
    };
    a.status == b.status && body(a) == body(b)
}

#[tokio::test]
async fn nobody_without_credentials_and_no_role_where_it_never_may() {
    let (service, store) = set_up().await;
    let at = service.addr;
    let mut of_role = Vec::new();
    for role in BY_KEY {
        of_role.push((role, key(&store, "a", role, None).await));
    }
    let (mut shut, mut forbidden) = (0, 0);
    for route in routes() {
        let Some(admitted) = roles(&route) else { continue };
        assert!(!admitted.is_empty(), "{} is for nobody", route.id);
        filled(&route, "north").send(at).await.problem(401, "unauthorized");
        shut += 1;
        for (role, key) in &of_role {
            let answer = filled(&route, "north").key(key).send(at).await;
            if admitted.contains(role) {
                assert!(
                    !matches!(answer.status, 401 | 403),
                    "{} {role:?}: {}",
                    route.id,
                    answer.text()
                );
                assert!(answer.status < 500, "{} {role:?}: {}", route.id, answer.text());
            } else {
                answer.problem(403, "forbidden");
                forbidden += 1;
            }
        }
    }
    assert!(shut > 20 && forbidden > 20, "{shut} {forbidden}");
}

#[tokio::test]
async fn what_is_out_of_reach_is_as_what_is_not_there() {
    let (service, store) = set_up().await;
    let at = service.addr;
    let own = key(&store, "a", Role::Administrator, None).await;
    let new = json!({ "id": "north", "settings": { "zone": "Pacific/Auckland" } });
    let made = post("/v1/rosters", &new).key(&own).send(at).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (mut compared, mut there) = (0, 0);
    for role in BY_KEY {
        let strangers =
            [key(&store, "b", role, None).await, key(&store, "a", role, Some("south")).await];
        let friend = key(&store, "a", role, None).await;
        for route in routes() {
            let on_roster = route.path.contains("{roster}");
            if !on_roster || !roles(&route).is_some_and(|roles| roles.contains(&role)) {
                continue;
            }
            for stranger in &strangers {
                let hidden = filled(&route, "north").key(stranger).send(at).await;
                let missing = filled(&route, "nowhere").key(stranger).send(at).await;
                assert!(
                    alike(&hidden, &missing),
                    "{} {role:?}: {} {}",
                    route.id,
                    hidden.text(),
                    missing.text()
                );
                compared += 1;
                if hidden.status == 200 {
                    // The audit outlives the roster: of one of another organisation it is as empty as of one that never was.
                    assert_eq!((route.id, role), ("listAudit", Role::Auditor));
                    assert_eq!(hidden.json(), json!({ "items": [] }), "{role:?}");
                    continue;
                }
                assert!(hidden.status >= 400, "{} {role:?}: {}", route.id, hidden.text());
                if route.bodies.is_empty() {
                    assert_eq!(hidden.status, 404, "{} {role:?}", route.id);
                }
            }
            if route.method == "GET" {
                let seen = filled(&route, "north").key(&friend).send(at).await;
                there += usize::from(seen.status == 200);
            }
        }
    }
    // Whoever may does see something: otherwise nothing would have been hidden above.
    assert!(compared > 40 && there > 3, "{compared} {there}");
    let still = get("/v1/rosters/north").key(&own).send(at).await;
    assert_eq!(still.status, 200, "no stranger has removed it: {}", still.text());
}
