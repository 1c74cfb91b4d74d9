//! What is held of somebody: told to them whole, and erased whole.

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use peermatch_core::kept::held::{Erased, Held, erase, held};
use peermatch_core::kept::{Kind, Refused, Told};
use peermatch_formats::to_json;
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SMALL_BYTES_MAX, keeper, own_person, own_worker};
use crate::app::App;
use crate::keeper::{Answered, Seen, refused, stored};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Query, Write};
use crate::table::{Route, Who, schema};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Json,
    Csv,
    Text,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportAsked {
    format: Option<Shape>,
}

/// An erasure that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// Why it goes although the record of support is under retention. Not kept: the audit says that there was a reason.
    #[serde(default)]
    pub why: Option<String>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    for (kind, tag, param, export, export_id, erase, erase_id) in [
        (
            Kind::Person,
            "people",
            "person",
            "/v1/rosters/{roster}/people/{person}/export",
            "exportPerson",
            "/v1/rosters/{roster}/people/{person}/erase",
            "erasePerson",
        ),
        (
            Kind::Worker,
            "workers",
            "worker",
            "/v1/rosters/{roster}/workers/{worker}/export",
            "exportWorker",
            "/v1/rosters/{roster}/workers/{worker}/erase",
            "eraseWorker",
        ),
    ] {
        let read = move |State(app): State<App>,
                         Path((roster, id)): Path<(String, String)>,
                         Query(query): Query<ExportAsked>,
                         caller: Caller| async move {
            exported(app, roster, id, kind, query.format.unwrap_or(Shape::Json), caller).await
        };
        let gone = move |State(app): State<App>,
                         Path((roster, id)): Path<(String, String)>,
                         write: Write<Json<EraseBody>>| async move {
            erased(app, roster, id, kind, write).await
        };
        // All that is held, hidden things too: for whoever it is about, and for the case system which holds the same.
        let who: &'static [Role] = match kind {
            Kind::Person => &[Role::Integrator, Role::ServiceUser],
            _ => &[Role::Integrator, Role::PeerWorker],
        };
        all.push(
            Route::new(Method::GET, export, export_id, get(read))
                .about(
                    tag,
                    "Export everything held",
                    "Everything that is held about them, as JSON, as a table or as plain text: for whoever it is about, and for the case system that answers for it. Audited.",
                )
                .who(Who::Roles(who))
                .path_param("roster", "The roster.")
                .path_param(param, "The id.")
                .query::<String>("format", "`json` (usual), `csv` or `text`.")
                .answers::<Held>(StatusCode::OK, "Everything that is held.")
                .answer(StatusCode::OK, "The same as a table.", Some(("text/csv", schema::<String>)))
                .answer(StatusCode::OK, "The same as plain text.", Some(("text/plain", schema::<String>))),
        );
        all.push(
            Route::new(Method::POST, erase, erase_id, post(gone))
                .about(
                    tag,
                    "Erase",
                    "Record, name, contact, links, menus, answers, feedback, kept replies and the documents that name them. Of a match a tombstone stays that leads to nobody; the audit keeps its chain. Under retention (ten years after support ended) only with a reason.",
                )
                .who(Who::Roles(&[Role::Integrator, Role::Administrator]))
                .path_param("roster", "The roster.")
                .path_param(param, "The id.")
                .header("If-Match", "The `ETag` of the roster that was looked at.")
                .json::<EraseBody>(SMALL_BYTES_MAX)
                .answers::<Erased>(StatusCode::OK, "They are gone.")
                .problem(StatusCode::CONFLICT, "A match is under way, or the record is under retention.")
                .problem(
                    StatusCode::PRECONDITION_FAILED,
                    "The roster has changed since it was looked at.",
                ),
        );
    }
    all
}

async fn exported(
    app: App,
    roster: String,
    id: String,
    kind: Kind,
    shape: Shape,
    caller: Caller,
) -> Result<Response, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let own = match kind {
        Kind::Person => own_person(&caller.principal, &roster),
        _ => own_worker(&caller.principal, &roster),
    };
    if !caller.principal.roles.contains(&Role::Integrator) && own != Some(id.as_str()) {
        return Err(Problem::not_found());
    }
    let told = Told::new(&format!("{}.exported", kind.word()), [id.clone()]);
    let (found, revision) = keeper
        .read_with(&app, move |seen| (held(seen.book, kind, &id), seen.ready.revision))
        .await?;
    let found = found.map_err(refused)?;
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    let (media, bytes) = match shape {
        Shape::Json => ("application/json", to_json(&found)),
        Shape::Csv => ("text/csv; charset=utf-8", found.csv().into_bytes()),
        Shape::Text => ("text/plain; charset=utf-8", found.text().into_bytes()),
    };
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

async fn erased(
    app: App,
    roster: String,
    id: String,
    kind: Kind,
    Write { caller, asked, if_match, body: Json(body) }: Write<Json<EraseBody>>,
) -> Result<Answered, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let organisation = caller.principal.organisation.clone();
    let (of, now) = (id.clone(), app.clock.micros());
    let decide = move |seen: Seen<'_, '_>| {
        if_match.admits(seen.ready.revision).map_err(|_| Refused::Changed)?;
        erase(seen.book, kind, &id, body.why.as_deref(), now)
    };
    let reply = |erased: &Erased, _: Revision| Answered::json(StatusCode::OK, erased);
    // All of it, whether or not whoever asked waits for the answer: what leads to somebody must not outlive them because a connection was cut.
    let all = tokio::spawn(async move {
        let done = keeper.write(&app, asked, decide, reply).await?;
        // What was answered about them, and what leads to them. Asked for again after a failure here, the erasure itself is repeated by its key.
        app.store.end_links_of(&organisation, &roster, &of).await.map_err(stored)?;
        app.store.forget_replies_naming(&organisation, &of).await.map_err(stored)?;
        app.store.forget_for_good().await.map_err(stored)?;
        Ok(done)
    });
    all.await.unwrap_or_else(|_| Err(Problem::internal()))
}
