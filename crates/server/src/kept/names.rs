//! What people and workers are called, for lists that name them by id.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGE_MAX;
use super::decide::{listed, looked, seen_by};
use crate::app::App;
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Query};
use crate::table::{Route, Who};

/// Names by id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Names {
    /// Of those whose name is kept.
    pub names: BTreeMap<String, String>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/v1/rosters/{roster}/names", "readNames", get(names))
            .about(
                "overview",
                "What people and workers are called",
                "For lists that name them by id. Ids of nobody are passed over.",
            )
            .who(Who::Roles(&[Role::Coordinator]))
            .path_param("roster", "The roster.")
            .query::<Vec<String>>(
                "id",
                "Ids of people and workers, as often as there are, 500 at most.",
            )
            .answers::<Names>(StatusCode::OK, "The names that are kept."),
    ]
}

async fn names(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
    caller: Caller,
) -> Result<Json<Names>, Problem> {
    if asked.len() > PAGE_MAX || asked.iter().any(|(name, _)| name != "id") {
        return Err(super::bad_query(&format!("it is `id`, {PAGE_MAX} times at most")));
    }
    let (names, revision) = looked(&app, &roster, &caller, move |ground, _| {
        let kept = ground.book.names();
        let found = asked.into_iter().filter_map(|(_, id)| Some((kept.get(&id)?.clone(), id)));
        Ok(found.map(|(name, id)| (id, name)).collect::<BTreeMap<_, _>>())
    })
    .await?;
    seen_by(&app, &roster, &caller, listed("names.shown", names.keys().cloned()), revision).await?;
    Ok(Json(Names { names }))
}
