//! What people and workers ask of those who coordinate, and that a worker takes nobody new for a while.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use peermatch_core::kept::asks::{self, Ask, NewAsk};
use peermatch_core::kept::records::{self, How, Written};
use peermatch_core::kept::seen::Reader;
use peermatch_core::kept::{Kind, Refused, Told};
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::decide::{decided, listed, looked, seen_by};
use super::matches::DECIDERS;
use super::{Page, SMALL_BYTES_MAX, decides, keeper, limit, own_worker, paged};
use crate::app::App;
use crate::keeper::{Answered, Seen};
use crate::principal::{Role, Subject};
use crate::problem::Problem;
use crate::request::{Caller, Json, NoBody, Path, Query, Write};
use crate::table::{Route, Who};

/// Who asks, and who sees to it.
const ALL: Who = Who::Roles(&[Role::Coordinator, Role::PeerWorker, Role::ServiceUser]);
const TAG: &str = "asks";

/// Until when a worker takes nobody new. No reason is asked, and none is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The day on which the worker takes new people again (ISO 8601); null goes on now.
    pub until: Option<String>,
}

/// The words that a service speaks in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceWords {
    /// The word for the person (`guest`, `tangata whaiora`), where the services have one and agree.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person_word: Option<String>,
    /// What somebody in a crisis is told.
    pub crisis_text: Vec<String>,
    /// Where a complaint goes.
    pub complaints_text: Vec<String>,
    /// What somebody who waits can do meanwhile.
    pub while_waiting: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsked {
    after: Option<String>,
    limit: Option<usize>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let at = |route: Route| route.path_param("roster", "The roster.");
    vec![
        at(Route::new(Method::GET, "/v1/rosters/{roster}/words", "readWords", get(words)))
            .about(
                "overview",
                "The words that the services speak in",
                "What a person in a crisis is told, where a complaint goes, the word for the person. To a person, those of their own services.",
            )
            .who(ALL)
            .answers::<ServiceWords>(StatusCode::OK, "The words."),
        at(paged(Route::new(Method::GET, "/v1/rosters/{roster}/asks", "listAsks", get(list))))
            .about(
                TAG,
                "What is asked of those who coordinate",
                "Those that nobody has seen to; to a person and a worker, their own.",
            )
            .who(ALL)
            .answers::<Page<Ask>>(StatusCode::OK, "A page of them."),
        decides(at(Route::new(Method::POST, "/v1/rosters/{roster}/asks", "makeAsk", post(make))))
            .about(
                TAG,
                "Ask for something",
                "To choose together with somebody who helps, to have something put right, to be talked with. It changes no record; asking for the same again changes the words.",
            )
            .who(Who::Roles(&[Role::PeerWorker, Role::ServiceUser]))
            .json::<NewAsk>(SMALL_BYTES_MAX)
            .answers::<Ask>(StatusCode::CREATED, "It is taken down."),
        decides(at(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/asks/{ask}/done",
            "seeToAsk",
            post(done),
        )))
        .path_param("ask", "The ask.")
        .about(TAG, "Say that somebody saw to it", "")
        .who(DECIDERS)
        .answers::<Ask>(StatusCode::OK, "The ask as it is now."),
        at(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/workers/{worker}/pause",
            "pauseWorker",
            post(pause),
        ))
        .path_param("worker", "The worker.")
        .about(
            TAG,
            "Take nobody new for a while",
            "A worker says so for themselves, without a reason. Whoever they walk with, and places that open menus hold, stay.",
        )
        .who(Who::Roles(&[Role::Coordinator, Role::Integrator, Role::PeerWorker]))
        .json::<Pause>(SMALL_BYTES_MAX)
        .answers::<Written>(StatusCode::OK, "It is written.")
        .problem(StatusCode::CONFLICT, "It cannot be done as things stand; the words say why."),
    ]
}

async fn words(
    State(app): State<App>,
    Path(roster): Path<String>,
    caller: Caller,
) -> Result<Json<ServiceWords>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let person = match &caller.principal.subject {
        Some(Subject::Person { id, .. }) => Some(id.clone()),
        _ => None,
    };
    let found = keeper
        .read_with(&app, move |seen| {
            let roster = seen.ready.cx.roster;
            let services: Vec<_> = match person {
                Some(id) => {
                    let user = roster.find_user(&id)?;
                    roster.user(user).services.iter().map(|&s| roster.service(s)).collect()
                }
                None => roster.services().iter().collect(),
            };
            let texts = |text: fn(&peermatch_model::roster::Service) -> &String| {
                let mut all: Vec<String> =
                    services.iter().map(|s| text(s).clone()).filter(|t| !t.is_empty()).collect();
                all.dedup();
                all
            };
            let mut called = texts(|service| &service.person_word);
            called.sort();
            called.dedup();
            Some(ServiceWords {
                person_word: if called.len() == 1 { called.pop() } else { None },
                crisis_text: texts(|service| &service.crisis_text),
                complaints_text: texts(|service| &service.complaints_text),
                while_waiting: texts(|service| &service.while_waiting),
            })
        })
        .await?;
    found.map(Json).ok_or_else(Problem::not_found)
}

async fn list(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(asked): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<Ask>>, Problem> {
    let most = limit(asked.limit)?;
    let (page, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let lines = asks::asks(ground.book, viewer, asked.after.as_deref(), most);
        Ok(Page::of(lines, most, ground.revision, |ask| ask.id.clone()))
    })
    .await?;
    let ids = page.items.iter().map(|ask| ask.id.clone());
    seen_by(&app, &roster, &caller, listed("asks.shown", ids), revision).await?;
    Ok(Json(page))
}

async fn make(
    State(app): State<App>,
    Path(roster): Path<String>,
    write: Write<Json<NewAsk>>,
) -> Result<Answered, Problem> {
    let new = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        asks::ask(ground, &new, viewer, by)
    })
    .await
}

async fn done(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    decided(&app, &roster, write, StatusCode::OK, move |ground, _, by| asks::done(ground, &id, by))
        .await
}

async fn pause(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    Write { caller, asked, if_match, body: Json(Pause { until }) }: Write<Json<Pause>>,
) -> Result<Answered, Problem> {
    let staff = caller.principal.is_any(&[Role::Coordinator, Role::Integrator]);
    if !staff && own_worker(&caller.principal, &roster) != Some(id.as_str()) {
        return Err(Problem::not_found());
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: Seen<'_, '_>| {
        let write = records::Write {
            kind: Kind::Worker,
            id: Some(id.clone()),
            body: json!({ "paused_until": until }),
            how: How::Merge,
            if_match: if_match.tags(),
            // One member is written, and nothing of the record is told.
            reader: Reader::Whole,
        };
        let mut decision = records::write(seen.book, &write)?;
        decision.told = vec![Told::new("worker.paused", [id.clone()])];
        // What the record is now is for those who may read it.
        decision.answer.etag.clear();
        Ok::<_, Refused>(decision)
    };
    let reply = |written: &Written, _: Revision| Answered::json(StatusCode::OK, written);
    keeper.write(&app, asked, decide, reply).await
}
