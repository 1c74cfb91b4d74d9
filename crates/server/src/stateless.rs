//! The stateless API: roster and policy in the body, nothing kept. What comes back is what the command of the same name prints for programs, byte for
//! byte.
//!
//! A request that takes long becomes a job ([`crate::jobs`]): the caller gets its address and comes back for the result.

pub mod ask;
pub mod bodies;
mod request;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use bytes::Bytes;
use futures_util::stream;
use peermatch_core::compare::Comparison;
use peermatch_core::explain::Explanation;
use peermatch_core::handover::Handover;
use peermatch_core::lottery::LotteryDocument;
use peermatch_core::menu::MenuDocument;
use peermatch_core::report::MatchingDocument;
use peermatch_core::suggest::Suggestions;
use peermatch_core::told::{RosterTold, Verified};
use peermatch_formats::to_json;

use crate::app::App;
use crate::jobs::{Job, JobBody, JobState, Outcome, WhileWaited};
use crate::principal::{Principal, Role};
use crate::problem::Problem;
use crate::request::{Path, Whole};
use crate::table::{Route, SchemaOf, Who, schema};
use ask::Ask;
use bodies::{
    CheckRequest, ChooseRequest, CompareRequest, ExplainRequest, HandoverRequest,
    LotteryRequestBody, MatchRequest, MenuRequestBody, Policies, PolicyRequest, PolicyTold,
    SuggestRequest, VerifyRequest,
};

/// Bytes of a body at most, unless the service is set up otherwise.
pub const BODY_BYTES_MAX: usize = 64 << 20;

/// How often something is said on a stream of events where nothing happens, so that nothing between closes it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Who may ask without keeping anything: whoever brings the roster sees no more by asking than they brought.
const CALLERS: Who = Who::Roles(&[Role::Integrator, Role::Coordinator, Role::Auditor]);

const TAG: &str = "stateless";
const JOBS: &str = "jobs";

/// The routes.
pub fn routes() -> Vec<Route> {
    let asked = |ask: Ask, path, id, summary, about, taken: SchemaOf, given: SchemaOf| {
        let handler = post(
            move |State(app): State<App>,
                  Extension(who): Extension<Principal>,
                  request: Request| async move {
                answered(ask, id, app, who, request).await
            },
        );
        Route::new(Method::POST, path, id, handler)
            .about(TAG, summary, about)
            .who(CALLERS)
            .reads()
            .header(
                "Prefer",
                "`respond-async` for a job at once; `wait=SECONDS` to wait longer for a direct answer (RFC 7240).",
            )
            .body("application/json", taken, BODY_BYTES_MAX)
            .answer(
                StatusCode::OK,
                "The answer: byte for byte what the command of this name prints with `--format json`.",
                Some(("application/json", given)),
            )
            .answers::<JobBody>(
                StatusCode::ACCEPTED,
                "It takes long, or `Prefer: respond-async` was asked for: a job. Its address is in `Location`.",
            )
    };
    let mut routes = vec![
        asked(
            Ask::Check,
            "/v1/check",
            "check",
            "Check a roster",
            "Every fault at once, by pointer into the body; without faults, how many people, workers, places and services there are.",
            schema::<CheckRequest>,
            schema::<RosterTold>,
        ),
        asked(
            Ask::Match,
            "/v1/match",
            "match",
            "Match everybody who is ready",
            "The matching document with its certificate, verified before it leaves. A proposal: people decide. Whoever cannot be matched waits with a reason and next steps.",
            schema::<MatchRequest>,
            schema::<MatchingDocument>,
        ),
        asked(
            Ask::Suggest,
            "/v1/suggest",
            "suggest",
            "Suggest workers for one person",
            "Best fit first as far as a coordinator may see it, each with its reasons and, where there are exact prices, what choosing it costs everybody else.",
            schema::<SuggestRequest>,
            schema::<Suggestions>,
        ),
        asked(
            Ask::Explain,
            "/v1/explain",
            "explain",
            "Explain a pair to an audience",
            "The reasons for, the reasons against and what would change it, as far as the audience may know.",
            schema::<ExplainRequest>,
            schema::<Explanation>,
        ),
        asked(
            Ask::Menu,
            "/v1/menu",
            "menu",
            "Make menus of choice",
            "A few workers each, for people to choose from, with what proves them. Nothing is matched by it.",
            schema::<MenuRequestBody>,
            schema::<MenuDocument>,
        ),
        asked(
            Ask::Choose,
            "/v1/choose",
            "choose",
            "Record an answer to a menu",
            "Gives the next state of the menu document: a pick is a wish, never a match. Or resolves shortlists.",
            schema::<ChooseRequest>,
            schema::<MenuDocument>,
        ),
        asked(
            Ask::Verify,
            "/v1/verify",
            "verify",
            "Verify a document",
            "An independent run of the checker over a matching, menus, a lottery or a handover: no trust in whatever made it. What does not hold is a problem with code `not_verified`.",
            schema::<VerifyRequest>,
            schema::<Verified>,
        ),
        asked(
            Ask::Handover,
            "/v1/handover",
            "handover",
            "Propose where the people of leaving workers could go",
            "Everybody else's match stands.",
            schema::<HandoverRequest>,
            schema::<Handover>,
        ),
        asked(
            Ask::Lottery,
            "/v1/lottery",
            "lottery",
            "Draw a matching by lot",
            "Exact chances that are known beforehand, and one draw that anybody can replay from its seed.",
            schema::<LotteryRequestBody>,
            schema::<LotteryDocument>,
        ),
        asked(
            Ask::Compare,
            "/v1/compare",
            "compare",
            "Compare objectives on a roster",
            "Runs each, verifies each, and says what each gains and gives up. An objective that cannot do what the roster asks says so in its row.",
            schema::<CompareRequest>,
            schema::<Comparison>,
        ),
        asked(
            Ask::Policy,
            "/v1/policies",
            "check_policy",
            "Check a policy",
            "Every fault at once; without faults, the whole policy with everything that was left out as it counts.",
            schema::<PolicyRequest>,
            schema::<PolicyTold>,
        ),
    ];
    routes.push(
        Route::new(
            Method::GET,
            "/v1/policies",
            "policies",
            get(|| async { json(Bytes::from(to_json(&Policies::told()))) }),
        )
        .about(
            TAG,
            "The shipped policy and every objective",
            "What a policy can aim at, what is proven of each, and the policy that counts where none is sent.",
        )
        .who(CALLERS)
        .answers::<Policies>(StatusCode::OK, "The policies."),
    );
    let job = |method, path, id, handler| {
        Route::new(method, path, id, handler)
            .who(CALLERS)
            .path_param("id", "The job, as `Location` named it.")
    };
    routes.extend([
        job(Method::GET, "/v1/jobs/{id}", "job", get(job_told))
            .about(JOBS, "Where a job stands", "Only whoever asked for it can see it; for everybody else it is not there.")
            .answers::<JobBody>(StatusCode::OK, "The job."),
        job(Method::GET, "/v1/jobs/{id}/result", "job_result", get(job_result))
            .about(
                JOBS,
                "The result of a job",
                "The same bytes as the direct answer, or the problem that there would have been. Kept until `kept_until`, then gone.",
            )
            .answer(
                StatusCode::OK,
                "What the request would have been answered.",
                Some(("application/json", any_answer)),
            )
            .problem(StatusCode::CONFLICT, "It is not finished.")
            .problem(StatusCode::UNPROCESSABLE_ENTITY, "The request could not be answered: the problem that it would have had."),
        job(Method::GET, "/v1/jobs/{id}/events", "job_events", get(job_events))
            .about(
                JOBS,
                "How a job goes on",
                "Server-sent events: `progress` with the job's body at once and whenever it changes, and as the last `done`, `failed` or `cancelled`.",
            )
            .answer(
                StatusCode::OK,
                "The events.",
                Some(("text/event-stream", any_event)),
            ),
        job(Method::DELETE, "/v1/jobs/{id}", "cancel_job", delete(job_cancelled))
            .about(JOBS, "Cancel a job", "It stops, and nothing of it is kept. Also for a job that is done, to have its result forgotten at once.")
            .answer(StatusCode::NO_CONTENT, "It is gone.", None),
    ]);
    routes
}

/// One event of a stream, as an object of its fields.
fn any_event(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let body = generator.subschema_for::<JobBody>();
    schemars::json_schema!({
        "description": "One event.",
        "type": "object",
        "properties": {
            "event": { "type": "string", "enum": ["progress", "done", "failed", "cancelled"] },
            "data": {
                "type": "string",
                "description": "The job's body.",
                "contentMediaType": "application/json",
                "contentSchema": body,
            },
        },
        "required": ["event", "data"],
    })
}

/// What any of the stateless routes can answer.
fn any_answer(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let all: [SchemaOf; 10] = [
        schema::<RosterTold>,
        schema::<MatchingDocument>,
        schema::<Suggestions>,
        schema::<Explanation>,
        schema::<MenuDocument>,
        schema::<Verified>,
        schema::<Handover>,
        schema::<LotteryDocument>,
        schema::<Comparison>,
        schema::<PolicyTold>,
    ];
    let any: Vec<_> = all.iter().map(|schema| schema(generator).to_value()).collect();
    schemars::json_schema!({ "anyOf": any })
}

fn json(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}

fn outcome(outcome: Outcome) -> Response {
    outcome.map_or_else(IntoResponse::into_response, json)
}

/// What a caller prefers (RFC 7240).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Preference {
    job: bool,
    wait: Option<Duration>,
}

impl Preference {
    fn of(headers: &HeaderMap) -> Self {
        let mut preference = Self::default();
        let said = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for said in said.flat_map(|value| value.split([',', ';'])) {
            let (name, value) = said.split_once('=').unwrap_or((said, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => preference.job = true,
                "wait" => {
                    let seconds = value.trim().trim_matches('"').parse::<u32>().ok();
                    preference.wait = seconds.map(|s| Duration::from_secs(s.into()));
                }
                _ => {}
            }
        }
        preference
    }
}

async fn answered(
    ask: Ask,
    id: &'static str,
    app: App,
    who: Principal,
    request: Request,
) -> Result<Response, Problem> {
    let preference = Preference::of(request.headers());
    let settings = *app.jobs.settings();
    let whole = Whole::from_request(request, &app).await?;
    whole.is_json()?;
    let body = whole.bytes;
    let bounds = settings.bounds;
    let size = body.len();
    let work = Box::new(move |watch: &crate::jobs::Watched<'_>| ask.answer(&body, bounds, watch));
    if preference.job {
        let job = app.jobs.submit_listed(&who, id, size, work)?;
        return Ok(accepted(&job, true));
    }
    let job = app.jobs.submit(&who, id, size, work)?;
    let waited = WhileWaited::new(&app.jobs, &job);
    let wait = preference.wait.unwrap_or(settings.answer_within);
    let wait = wait.min(settings.answer_within_max);
    if tokio::time::timeout(wait, job.finished()).await.is_ok() {
        return Ok(ended(&job));
    }
    match app.jobs.list(&job) {
        Ok(true) => {
            waited.let_go();
            Ok(accepted(&job, false))
        }
        // It ended in the meantime.
        Ok(false) => Ok(ended(&job)),
        // There is no room to keep it, so the caller waits for it.
        Err(_) => {
            job.finished().await;
            Ok(ended(&job))
        }
    }
}

/// The answer of a job that has ended.
fn ended(job: &Job) -> Response {
    // Without an outcome it was stopped from elsewhere: the service is closing.
    job.outcome().map_or_else(|| Problem::busy(2).into_response(), outcome)
}

fn accepted(job: &Arc<Job>, asked: bool) -> Response {
    let body = job.body();
    let location = HeaderValue::from_str(&body.job);
    let mut response = (StatusCode::ACCEPTED, json(Bytes::from(to_json(&body)))).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = location {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    if asked {
        headers.insert("preference-applied", HeaderValue::from_static("respond-async"));
    }
    response
}

fn find(app: &App, who: &Principal, id: &str) -> Result<Arc<Job>, Problem> {
    app.jobs.find(who, id).ok_or_else(Problem::not_found)
}

async fn job_told(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(json(Bytes::from(to_json(&find(&app, &who, &id)?.body()))))
}

async fn job_result(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = find(&app, &who, &id)?;
    if let Some(found) = job.outcome() {
        return Ok(outcome(found));
    }
    let mut problem = Problem::new(
        StatusCode::CONFLICT,
        "not_finished",
        "The job is not finished. Ask again, or listen to its events.",
    );
    problem.retry_after = Some(1);
    Err(problem)
}

async fn job_events(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let changes = find(&app, &who, &id)?.changes();
    let events = stream::unfold(changes, |mut changes| async move {
        let body = changes.next().await?;
        let name = match body.state {
            JobState::Queued | JobState::Running => "progress",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        };
        let data = serde_json::to_string(&body).unwrap_or_default();
        Some((Ok::<_, Infallible>(Event::default().event(name).data(data)), changes))
    });
    let mut response =
        Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

async fn job_cancelled(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let job = find(&app, &who, &id)?;
    app.jobs.cancel(&job);
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_as_they_are_written() {
        let of = |said: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_static(said));
            Preference::of(&headers)
        };
        assert_eq!(of("respond-async"), Preference { job: true, wait: None });
        let both = Preference { job: true, wait: Some(Duration::from_secs(10)) };
        assert_eq!(of("Respond-Async, wait=10"), both);
        assert_eq!(of("return=minimal; wait=\"7\"").wait, Some(Duration::from_secs(7)));
        assert_eq!(of("wait=soon"), Preference::default());
    }
}
