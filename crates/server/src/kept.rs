//! Kept rosters over HTTP: handlers that translate, ask `core::kept` what is to be, and let the keeper do it.

pub mod asks;
pub mod decide;
pub mod example;
pub mod handover;
pub mod held;
pub mod import;
pub mod link;
pub mod lists;
pub mod matches;
pub mod menus;
pub mod my;
pub mod names;
pub mod own_words;
pub mod people;
pub mod rosters;
pub mod suggestions;

use std::sync::Arc;

use axum::http::StatusCode;
use peermatch_core::kept::Told;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::keeper::Keeper;
use crate::principal::{Principal, Role, Subject};
use crate::problem::Problem;
use crate::request::Caller;
use crate::table::{Route, Who};
use crate::warm::Ready;

/// Who works with people.
pub(crate) const STAFF: Who = Who::Roles(&[Role::Coordinator, Role::Integrator]);
/// Who may know which ids there are.
pub(crate) const READERS: Who = Who::Roles(&[Role::Coordinator, Role::Integrator, Role::Auditor]);
/// Who makes rosters and says how they work.
pub(crate) const MAKERS: Who = Who::Roles(&[Role::Administrator, Role::Integrator]);

/// What kept routes belong to in the document.
pub(crate) const TAG: &str = "rosters";

/// The most lines of a page.
pub(crate) const PAGE_MAX: usize = 500;
/// The lines of a page if nobody says.
const PAGE: usize = 100;

/// The most bytes of a body about one person or thing.
pub(crate) const SMALL_BYTES_MAX: usize = 1 << 20;

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let mut all = rosters::routes();
    all.extend(import::routes());
    all.extend(people::routes());
    all.extend(suggestions::routes());
    all.extend(lists::routes());
    all.extend(names::routes());
    all.extend(asks::routes());
    all.extend(own_words::routes());
    all.extend(matches::routes());
    all.extend(menus::routes());
    all.extend(my::routes());
    all.extend(handover::routes());
    all.extend(link::routes());
    all.extend(held::routes());
    all.into_iter().map(once).collect()
}

/// Says that a write takes a key that makes it one, where it does: all but a removal, which is the same done twice, and links, whose secrets are told once.
fn once(route: Route) -> Route {
    let not = ["removeRoster", "linkToMenu", "linkToPerson"].contains(&route.id);
    let said = route.params.iter().any(|param| param.name == "Idempotency-Key");
    if !route.writes || not || said {
        return route;
    }
    route.header("Idempotency-Key", "So that a request that is sent twice is done once.")
}

/// Says what a decision takes and how it can be refused: it holds for the roster that was looked at.
pub(crate) fn decides(route: Route) -> Route {
    route
        .header("If-Match", "The `ETag` of the roster that was looked at.")
        .problem(StatusCode::CONFLICT, "It cannot be done as things stand; the words say why.")
        .problem(StatusCode::PRECONDITION_FAILED, "The roster has changed since it was looked at.")
}

/// Says how a list is paged.
pub(crate) fn paged(route: Route) -> Route {
    route
        .query::<String>("after", "Where the page before ended (`next`).")
        .query::<u32>("limit", "Lines of the page, 1 to 500 (usual: 100).")
}

/// The keeper of a roster that whoever asks may reach.
pub(crate) async fn keeper(
    app: &App,
    caller: &Caller,
    roster: &str,
) -> Result<Arc<Keeper>, Problem> {
    if !caller.principal.reaches(roster) {
        return Err(Problem::not_found());
    }
    app.keepers.get(app, &caller.principal.organisation, roster).await
}

/// The worker of a roster that a principal is, if one.
pub(crate) fn own_worker<'p>(principal: &'p Principal, roster: &str) -> Option<&'p str> {
    match &principal.subject {
        Some(Subject::Worker { roster: own, id }) if own == roster => Some(id),
        _ => None,
    }
}

/// The person of a roster that a principal is, if one.
pub(crate) fn own_person<'p>(principal: &'p Principal, roster: &str) -> Option<&'p str> {
    match &principal.subject {
        Some(Subject::Person { roster: own, id, .. }) if own == roster => Some(id),
        _ => None,
    }
}

/// What the audit is told of something that was shown.
pub(crate) fn shown(
    ready: Ready<'_>,
    action: &str,
    about: impl IntoIterator<Item = String>,
    shown: Vec<String>,
) -> Told {
    Told {
        input_hash: Some(ready.roster_hash().to_owned()),
        policy_hash: Some(ready.policy_hash.to_owned()),
        shown,
        ..Told::new(action, about)
    }
}

/// How many lines were asked for.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(PAGE),
        Some(limit) if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(bad_query(&format!("`limit` is 1 to {PAGE_MAX}"))),
    }
}

/// 400 for a query that says nothing that can be used.
pub(crate) fn bad_query(words: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bad_query",
        format!("The query cannot be used: {words}."),
    )
}

/// A page of a list, with where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The lines.
    pub items: Vec<T>,
    /// What to ask `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// The revision of the roster that was looked at.
    pub revision: i64,
}

impl<T> Page<T> {
    /// A page of at most `limit` of the lines.
    pub(crate) fn of(
        mut items: Vec<T>,
        limit: usize,
        revision: i64,
        key: impl Fn(&T) -> String,
    ) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next, revision }
    }
}
