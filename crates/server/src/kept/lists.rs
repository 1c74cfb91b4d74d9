//! Who waits and why, who has room, and what was done by whom.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use jiff::ToSpan;
use jiff::civil::Date;
use peermatch_core::kept::capacity::{CapacityLine, capacity, room};
use peermatch_core::kept::queue::{QueueLine, queue};
use peermatch_core::kept::report::{ServiceReport, report};
use peermatch_core::kept::{Book, Refused};
use peermatch_core::run::{Run, RunError};
use peermatch_core::waiting::{Waiting, some};
use peermatch_model::roster::UserIx;
use peermatch_store::{AuditFilter, AuditRow, Revision};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::listed;
use super::{Page, keeper, limit, own_worker, paged};
use crate::app::App;
use crate::keeper::{MATCHING_WAIT, refused, stored};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Query};
use crate::table::{Route, Who};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageAsked {
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportAsked {
    from: Option<Date>,
    until: Option<Date>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditAsked {
    after: Option<i64>,
    limit: Option<u32>,
    about: Option<String>,
}

/// What was done: a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// Number in the organisation's chain.
    pub seq: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// What.
    pub action: String,
    /// The revision that was looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<i64>,
    /// Ids of whom and what it is about.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub about: Vec<String>,
    /// Hash of the checked roster.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input_hash: Option<String>,
    /// Hash of the policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy_hash: Option<String>,
    /// Version of the engine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engine: Option<String>,
    /// Ids of what was shown, in the order shown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shown: Vec<String>,
    /// Id of what was picked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub picked: Option<String>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// Hash of the link before.
    pub before: String,
    /// Hash of this one.
    pub hash: String,
}

impl From<AuditRow> for Done {
    fn from(row: AuditRow) -> Self {
        let AuditRow { seq, entry, before, hash } = row;
        Self {
            seq,
            at: entry.at,
            actor: entry.actor,
            role: entry.role,
            action: entry.action,
            revision: entry.revision,
            about: entry.about,
            input_hash: entry.input_hash,
            policy_hash: entry.policy_hash,
            engine: entry.engine,
            shown: entry.shown,
            picked: entry.picked,
            request_id: entry.request_id,
            before,
            hash,
        }
    }
}

/// A page of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditPage {
    /// The rows, oldest first.
    pub items: Vec<Done>,
    /// What to ask `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<i64>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let listed = |route: Route| paged(route.path_param("roster", "The roster."));
    let coordinator = Who::Roles(&[Role::Coordinator]);
    vec![
        listed(Route::new(Method::GET, "/v1/rosters/{roster}/waiting", "listWaiting", get(waiting)))
            .about(
                "overview",
                "Who waits, and why",
                "Longest waiting first, each with what stands in the way and at least one next step: what a matching of today would leave waiting.",
            )
            .who(coordinator)
            .answers::<Page<Waiting>>(StatusCode::OK, "A page.")
            .problem(StatusCode::CONFLICT, "No matching keeps what must be kept, so nobody can say who would wait."),
        listed(Route::new(Method::GET, "/v1/rosters/{roster}/queue", "listQueue", get(queued)))
            .about(
                "overview",
                "Everybody who waits, with what happens next",
                "Longest wait first, and nothing else decides the order: who chooses among workers, who waits for an answer, who could be matched today, and what stands in the way of the others.",
            )
            .who(coordinator)
            .answers::<Page<QueueLine>>(StatusCode::OK, "A page.")
            .problem(StatusCode::CONFLICT, "No matching keeps what must be kept, so nobody can say who would wait."),
        listed(Route::new(Method::GET, "/v1/rosters/{roster}/capacity", "listCapacity", get(capacities)))
            .about(
                "overview",
                "Who has room",
                "Load and places by worker. Nothing that a worker lived through stands here or changes anything here.",
            )
            .who(coordinator)
            .answers::<Page<CapacityLine>>(StatusCode::OK, "A page."),
        Route::new(
            Method::GET,
            "/v1/rosters/{roster}/workers/{worker}/capacity",
            "readCapacity",
            get(capacity_of),
        )
        .about("overview", "A worker's room", "As in the list of everybody's.")
        .who(Who::Roles(&[Role::Coordinator, Role::PeerWorker]))
        .path_param("roster", "The roster.")
        .path_param("worker", "The worker. A worker asks for their own.")
        .answers::<CapacityLine>(StatusCode::OK, "Their room."),
        Route::new(Method::GET, "/v1/rosters/{roster}/report", "readReport", get(page))
            .about(
                "overview",
                "The service on one page",
                "Choice, answers, wishes, waits, load, offers and decisions, in counts that tell of nobody: small ones left out, the others rounded.",
            )
            .who(Who::Roles(&[Role::Coordinator, Role::Auditor, Role::Administrator]))
            .path_param("roster", "The roster.")
            .query::<String>("from", "First day (usual: 90 days before the last).")
            .query::<String>("until", "Last day (usual: the roster's day).")
            .answers::<ServiceReport>(StatusCode::OK, "The page.")
            .problem(StatusCode::CONFLICT, "The last day is before the first."),
        Route::new(Method::GET, "/v1/rosters/{roster}/audit", "listAudit", get(audit))
            .about(
                "audit",
                "What was done by whom",
                "Ids and hashes only, each row chained to the one before by its hash. An auditor sees everything, a coordinator what they did themselves.",
            )
            .who(Who::Roles(&[Role::Auditor, Role::Coordinator]))
            .path_param("roster", "The roster.")
            .query::<i64>("after", "Where the page before ended (`next`).")
            .query::<u32>("limit", "Rows of the page, at most 500.")
            .query::<String>("about", "Only rows about this id.")
            .answers::<AuditPage>(StatusCode::OK, "A page."),
    ]
}

async fn waiting(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<PageAsked>,
    caller: Caller,
) -> Result<Json<Page<Waiting>>, Problem> {
    let lines = |run: &Run<'_>, _: &Book, after, limit| some(run, after, limit);
    who_waits(app, roster, query, caller, "waiting.shown", lines, |line| &line.person_id).await
}

async fn queued(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<PageAsked>,
    caller: Caller,
) -> Result<Json<Page<QueueLine>>, Problem> {
    who_waits(app, roster, query, caller, "queue.shown", queue, |line| &line.person_id).await
}

/// A page of those who wait, as a matching of today leaves them.
async fn who_waits<T: Send + 'static>(
    app: App,
    roster: String,
    query: PageAsked,
    caller: Caller,
    action: &str,
    lines: impl Fn(&Run<'_>, &Book, Option<UserIx>, usize) -> Vec<T> + Send + 'static,
    person: impl Fn(&T) -> &String + Send + Copy + 'static,
) -> Result<Json<Page<T>>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let limit = limit(query.limit)?;
    super::decide::sweep(&app, &keeper).await?;
    if !keeper.matched(&app, MATCHING_WAIT).await? {
        return Err(Problem::busy(2));
    }
    let page: Result<Page<T>, Problem> = keeper
        .read_with(&app, move |seen| {
            let ready = seen.ready;
            let roster = ready.cx.roster;
            let after = match &query.after {
                None => None,
                // Who is no longer there cannot be gone on from.
                Some(id) => Some(roster.find_user(id).ok_or_else(|| {
                    super::bad_query("`after` names nobody; begin again without it")
                })?),
            };
            let matched = ready.matched().ok_or_else(|| Problem::busy(2))?;
            let run = matched.run.as_ref().map_err(|error| match error {
                RunError::Cancelled => Problem::busy(1),
                error => refused(Refused::conflict(
                    "no_matching",
                    format!("There is no matching to say who would wait: {error}."),
                )),
            })?;
            let lines = lines(run, seen.book, after, limit.saturating_add(1));
            Ok(Page::of(lines, limit, ready.revision.0, |line| person(line).clone()))
        })
        .await?;
    let page = page?;
    let ids = page.items.iter().map(|line| person(line).clone());
    let told = listed(action, ids);
    keeper.tell(&app, &caller.asked(), &told, Revision(page.revision)).await?;
    Ok(Json(page))
}

async fn capacities(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<PageAsked>,
    caller: Caller,
) -> Result<Json<Page<CapacityLine>>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let limit = limit(query.limit)?;
    let page = keeper
        .read_with(&app, move |seen| {
            let lines = capacity(seen.ready.cx, seen.book, query.after.as_deref(), limit);
            Page::of(lines, limit, seen.ready.revision.0, |line| line.worker_id.clone())
        })
        .await?;
    let ids = page.items.iter().map(|line| line.worker_id.clone());
    let told = listed("capacity.shown", ids);
    keeper.tell(&app, &caller.asked(), &told, Revision(page.revision)).await?;
    Ok(Json(page))
}

async fn capacity_of(
    State(app): State<App>,
    Path((roster, worker)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<CapacityLine>, Problem> {
    let coordinates = caller.principal.roles.contains(&Role::Coordinator);
    if !coordinates && own_worker(&caller.principal, &roster) != Some(worker.as_str()) {
        return Err(Problem::not_found());
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let id = worker.clone();
    let found = keeper
        .read_with(&app, move |seen| {
            let worker = seen.ready.cx.roster.find_worker(&id)?;
            Some((room(seen.ready.cx, seen.book, worker), seen.ready.revision))
        })
        .await?;
    let (line, revision) = found.ok_or_else(Problem::not_found)?;
    keeper.tell(&app, &caller.asked(), &listed("capacity.shown", [worker]), revision).await?;
    Ok(Json(line))
}

async fn page(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<ReportAsked>,
    caller: Caller,
) -> Result<Json<ServiceReport>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let made = keeper
        .read_with(&app, move |seen| {
            let until = query.until.unwrap_or_else(|| seen.ready.cx.roster.as_of());
            let from = query.from.unwrap_or_else(|| until.saturating_sub(90.days()));
            report(seen.book, seen.ready.cx, from, until)
        })
        .await?;
    made.map(Json).map_err(refused)
}

async fn audit(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<AuditAsked>,
    caller: Caller,
) -> Result<Json<AuditPage>, Problem> {
    if !caller.principal.reaches(&roster) {
        return Err(Problem::not_found());
    }
    let limit = match query.limit {
        None => 100,
        Some(limit) if (1..=500).contains(&limit) => limit,
        Some(_) => return Err(super::bad_query("`limit` is 1 to 500")),
    };
    let organisation = &caller.principal.organisation;
    let all = caller.principal.roles.contains(&Role::Auditor);
    // The audit outlives its roster, for auditors; nobody else learns that there was one.
    if !all && app.store.roster(organisation, &roster).await.map_err(stored)?.is_none() {
        return Err(Problem::not_found());
    }
    let filter = AuditFilter {
        roster: Some(roster),
        about: query.about,
        actor: (!all).then(|| caller.principal.actor.clone()),
    };
    let after = query.after.unwrap_or(0);
    let rows = app
        .store
        .audit(organisation, &filter, after, limit.saturating_add(1))
        .await
        .map_err(stored)?;
    let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    let mut items: Vec<Done> = rows.into_iter().map(Done::from).collect();
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = if more { items.last().map(|row| row.seq) } else { None };
    Ok(Json(AuditPage { items, next }))
}
