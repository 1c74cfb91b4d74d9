//! What a worker says of themselves to people who may choose them. It stands beside the roster, as names do: nothing that matches ever sees it.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, put};
use peermatch_core::kept::records::{self, Written};
use peermatch_core::kept::{Refused, Told};
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SMALL_BYTES_MAX, keeper, own_worker};
use crate::app::App;
use crate::keeper::{Answered, Seen, refused};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Write};
use crate::table::{Route, Who};

/// The worker, and whoever writes for them.
const WRITERS: Who = Who::Roles(&[Role::Coordinator, Role::Integrator, Role::PeerWorker]);

/// What a worker says of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnWords {
    /// In their own words, 600 letters at most; null takes them out.
    #[serde(default)]
    #[schemars(length(max = records::OWN_WORDS_MAX))]
    pub words: Option<String>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let at = |method, id, handler| {
        Route::new(method, "/v1/rosters/{roster}/workers/{worker}/own-words", id, handler)
            .path_param("roster", "The roster.")
            .path_param("worker", "The worker.")
            .who(WRITERS)
    };
    vec![
        at(Method::GET, "readOwnWords", get(read))
            .about("workers", "Read what a worker says of themselves", "")
            .answers::<OwnWords>(StatusCode::OK, "The words."),
        at(Method::PUT, "writeOwnWords", put(write))
            .about(
                "workers",
                "Write what a worker says of themselves",
                "People whom the worker is offered to read it beside the options. It is theirs to tell, and matching never sees it.",
            )
            .json::<OwnWords>(SMALL_BYTES_MAX)
            .answers::<Written>(StatusCode::OK, "It is written."),
    ]
}

/// 404 for a worker who asks for somebody else's.
fn own(caller: &Caller, roster: &str, id: &str) -> Result<(), Problem> {
    let staff = caller.principal.is_any(&[Role::Coordinator, Role::Integrator]);
    if staff || own_worker(&caller.principal, roster) == Some(id) {
        return Ok(());
    }
    Err(Problem::not_found())
}

async fn read(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<OwnWords>, Problem> {
    own(&caller, &roster, &id)?;
    let keeper = keeper(&app, &caller, &roster).await?;
    let of = id.clone();
    let (words, revision) = keeper
        .read_with(&app, move |seen| {
            let there = seen.book.worker(&id).is_some();
            let words = there.then(|| seen.book.own_words().get(&id).cloned());
            (words.ok_or(Refused::NotFound), seen.ready.revision)
        })
        .await?;
    let words = words.map_err(refused)?;
    let told = Told::new("own_words.shown", [of]);
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    Ok(Json(OwnWords { words }))
}

async fn write(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    Write { caller, asked, body: Json(OwnWords { words }), .. }: Write<Json<OwnWords>>,
) -> Result<Answered, Problem> {
    own(&caller, &roster, &id)?;
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: Seen<'_, '_>| records::put_own_words(seen.book, &id, words.as_deref());
    let reply = |written: &Written, _: Revision| Answered::json(StatusCode::OK, written);
    keeper.write(&app, asked, decide, reply).await
}
