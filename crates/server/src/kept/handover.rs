//! Workers who leave, and whole matchings: proposals that coordinators take up pair by pair.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use peermatch_core::handover::Handover;
use peermatch_core::kept::handover::{self, HandoverMade, Leaving, TakeUp, Without};
use peermatch_core::kept::runs::{self, RunDiff, RunSeen};
use peermatch_core::kept::steps::{MatchTold, Viewer, propose_run, tell};
use peermatch_core::kept::{Decision, Document, DocumentOf, Refused, Told};
use peermatch_core::report::{self, MatchingDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{Listed, decided, ground, looked, seen_by};
use super::matches::DECIDERS;
use super::menus::Within;
use super::{SMALL_BYTES_MAX, decides, keeper};
use crate::app::App;
use crate::keeper::{Answered, MATCHING_WAIT, Seen};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, NoBody, Path, Write, etag};
use crate::table::{Route, Who};

const READERS: Who = Who::Roles(&[Role::Coordinator, Role::Auditor]);

/// A run that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunLine {
    /// Id.
    pub id: String,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// Who asked for it.
    pub made_by: String,
    /// The revision it was made from.
    pub revision: i64,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the policy.
    pub policy_hash: String,
}

impl From<&Document> for RunLine {
    fn from(run: &Document) -> Self {
        Self {
            id: run.id.clone(),
            made_at: run.made_at,
            made_by: run.made_by.clone(),
            revision: run.revision,
            roster_hash: run.roster_hash.clone(),
            policy_hash: run.policy_hash.clone(),
        }
    }
}

/// A run told to whoever reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RunTold {
    /// To a coordinator.
    Coordinator(Box<RunSeen>),
    /// To an auditor.
    Auditor(Box<MatchingDocument>),
}

/// What was made of a handover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TakenUpTold {
    /// The proposals made.
    pub matches: Vec<MatchTold>,
    /// People for whom nothing was proposed, each with why in words.
    pub without: Vec<Without>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let at = |route: Route| route.path_param("roster", "The roster.");
    let tagged = |route: Route| decides(at(route));
    let one = |route: Route| route.path_param("handover", "The handover.");
    let run = |route: Route| route.path_param("run", "The run.");
    vec![
        tagged(Route::new(Method::POST, "/v1/rosters/{roster}/handovers", "proposeHandover", post(propose)))
            .about(
                "handovers",
                "Propose where the people of leaving workers could go",
                "The document of the library; nothing else changes.",
            )
            .who(DECIDERS)
            .json::<Leaving>(SMALL_BYTES_MAX)
            .answers::<HandoverMade>(StatusCode::CREATED, "The proposal."),
        one(at(Route::new(Method::GET, "/v1/rosters/{roster}/handovers/{handover}", "readHandover", get(read))))
            .about("handovers", "Read a handover", "")
            .who(READERS)
            .answers::<Handover>(StatusCode::OK, "The proposal."),
        one(tagged(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/handovers/{handover}/accept",
            "takeUpHandover",
            post(take_up),
        )))
        .about(
            "handovers",
            "Take up a handover, whole or person by person",
            "Makes proposals. The match with the worker who leaves ends only when the new one is accepted, or that worker's last day is over.",
        )
        .who(DECIDERS)
        .json::<TakeUp>(SMALL_BYTES_MAX)
        .answers::<TakenUpTold>(StatusCode::CREATED, "The proposals."),
        tagged(Route::new(Method::POST, "/v1/rosters/{roster}/runs", "makeRun", post(make_run)))
            .about(
                "runs",
                "Match everybody who waits, and keep the matching",
                "By the roster's policy and seed. The last two are kept. 503 with `Retry-After` while it is still being made.",
            )
            .who(DECIDERS)
            .answers::<RunLine>(StatusCode::CREATED, "The run."),
        at(Route::new(Method::GET, "/v1/rosters/{roster}/runs", "listRuns", get(list_runs)))
            .about("runs", "List the runs that are kept", "Latest first.")
            .who(READERS)
            .answers::<Listed<RunLine>>(StatusCode::OK, "The runs."),
        run(at(Route::new(Method::GET, "/v1/rosters/{roster}/runs/{run}", "readRun", get(read_run))))
            .about(
                "runs",
                "Read a run",
                "To an auditor the matching document, with its certificate. To a coordinator who is matched with whom, with fits as far as a coordinator may see them, and who waits on.",
            )
            .who(READERS)
            .answers::<RunTold>(StatusCode::OK, "The run."),
        run(at(Route::new(Method::GET, "/v1/rosters/{roster}/runs/{run}/diff", "diffRun", get(diff_run))))
            .about("runs", "What a run proposes otherwise than the one before", "")
            .who(READERS)
            .problem(StatusCode::CONFLICT, "There is no run before it.")
            .answers::<RunDiff>(StatusCode::OK, "The difference."),
        run(tagged(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/runs/{run}/propose",
            "proposeRun",
            post(propose_all),
        )))
        .about(
            "runs",
            "Turn what a run proposes into proposals",
            "Only while the roster and the policy are as they were.",
        )
        .who(DECIDERS)
        .answers::<Vec<MatchTold>>(StatusCode::CREATED, "The proposals."),
    ]
}

async fn propose(
    State(app): State<App>,
    Path(roster): Path<String>,
    write: Write<Json<Leaving>>,
) -> Result<Answered, Problem> {
    let asked = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, _, by| {
        handover::propose(ground, &asked, by, &Within::usual())
    })
    .await
}

async fn read(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Handover>, Problem> {
    let about = id.clone();
    let (told, revision) =
        looked(&app, &roster, &caller, move |ground, _| handover::read(&ground, &id)).await?;
    seen_by(&app, &roster, &caller, Told::new("handover.shown", [about]), revision).await?;
    Ok(Json(told))
}

async fn take_up(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<TakeUp>>,
) -> Result<Answered, Problem> {
    let asked = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        let Decision { changes, told, answer } = handover::take_up(ground, &id, &asked, by)?;
        let matches =
            answer.matches.iter().filter_map(|one| tell(&ground, one, viewer, false)).collect();
        Ok(Decision { changes, told, answer: TakenUpTold { matches, without: answer.without } })
    })
    .await
}

async fn make_run(
    State(app): State<App>,
    Path(roster): Path<String>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    use peermatch_core::kept::matches::{By, Party};
    let keeper = keeper(&app, &write.caller, &roster).await?;
    super::decide::sweep(&app, &keeper).await?;
    let (at, if_match) = (app.clock.micros(), write.if_match);
    let actor = write.caller.principal.actor.clone();
    // Whether it is there yet is asked before anything is begun, so that whoever has to wait can ask again with the same key.
    if !keeper.matched(&app, MATCHING_WAIT).await? {
        return Err(Problem::busy(2));
    }
    let decide = move |seen: Seen<'_, '_>| {
        if_match.admits(seen.ready.revision).map_err(|_| Refused::Changed)?;
        let Some(matched) = seen.ready.matched() else {
            return Err(Refused::conflict(
                "moved_on",
                "The roster has changed, and is being matched anew. Ask again in a moment.",
            ));
        };
        let run = matched
            .run
            .as_ref()
            .map_err(|error| Refused::conflict("no_matching", error.to_string()))?;
        let by = By {
            actor: actor.clone(),
            party: Party::Coordinator,
            at,
            day: seen.ready.cx.roster.as_of(),
        };
        let Decision { changes, told, answer } =
            runs::keep(ground(&seen), &report::document(run), &by)?;
        Ok(Decision { changes, told, answer: RunLine::from(&answer) })
    };
    keeper
        .write(&app, write.asked, decide, |line, revision| {
            Answered::json(StatusCode::CREATED, line).with_header("etag", etag(revision))
        })
        .await
}

async fn list_runs(
    State(app): State<App>,
    Path(roster): Path<String>,
    caller: Caller,
) -> Result<Json<Listed<RunLine>>, Problem> {
    let (items, revision) = looked(&app, &roster, &caller, |ground, _| {
        Ok(runs::runs(&ground).into_iter().map(RunLine::from).collect::<Vec<_>>())
    })
    .await?;
    Ok(Json(Listed { items, revision: revision.0 }))
}

async fn read_run(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Answered, Problem> {
    let about = id.clone();
    let (body, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        if *viewer != Viewer::Auditor {
            let seen = runs::seen(&ground, &id)?;
            return Ok(serde_json::to_string(&seen).expect("answers are plain data"));
        }
        // As it was kept, without reading it.
        let run = ground.book.documents().get(&id).filter(|run| run.of == DocumentOf::Run);
        run.map(|run| run.body.clone()).ok_or(Refused::NotFound)
    })
    .await?;
    seen_by(&app, &roster, &caller, Told::new("run.shown", [about]), revision).await?;
    Ok(Answered {
        status: StatusCode::OK,
        headers: std::collections::BTreeMap::new(),
        body,
        repeated: false,
    })
}

async fn diff_run(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<RunDiff>, Problem> {
    let about = id.clone();
    let (told, revision) =
        looked(&app, &roster, &caller, move |ground, _| runs::diff(&ground, &id)).await?;
    seen_by(&app, &roster, &caller, Told::new("run.shown", [about]), revision).await?;
    Ok(Json(told))
}

async fn propose_all(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, viewer, by| {
        let Decision { changes, told, answer } = propose_run(ground, &id, by)?;
        let answer: Vec<MatchTold> =
            answer.iter().filter_map(|one| tell(&ground, one, viewer, false)).collect();
        Ok(Decision { changes, told, answer })
    })
    .await
}
