//! Links by which people reach their own pages: made by a coordinator, told once.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use peermatch_core::kept::menus::MenuState;
use peermatch_core::kept::{Ground, Refused};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::looked;
use super::matches::DECIDERS;
use crate::app::App;
use crate::auth::links;
use crate::keeper::Answered;
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{NoBody, Path, Write};
use crate::table::Route;

/// A link, told this once. The code goes another way than the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkMade {
    /// Its id, for the audit.
    pub id: String,
    /// The token of the link.
    pub token: String,
    /// The one-time code, to be told by another way.
    pub code: String,
    /// From when on it is no longer good, in microseconds since 1970 UTC.
    pub expires_at: i64,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let made = |route: Route| {
        route
            .path_param("roster", "The roster.")
            .who(DECIDERS)
            .problem(StatusCode::CONFLICT, "The menu is closed.")
            .answers::<LinkMade>(StatusCode::CREATED, "The link. It is not told again.")
    };
    let about =
        "With a code that is told by another way. Links that the person had before are over.";
    vec![
        made(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/menus/{menu}/link",
            "linkToMenu",
            post(to_menu),
        ))
        .path_param("menu", "The menu.")
        .about("menus", "Make a link to a menu for its person", about),
        made(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/people/{person}/link",
            "linkToPerson",
            post(to_person),
        ))
        .path_param("person", "The person.")
        .about("my", "Make a link to a person's own pages", about),
    ]
}

/// A person, the menu the link leads to, and until when that is open.
type Leads = (String, Option<(String, i64)>);

async fn made(
    app: App,
    roster: String,
    write: Write<NoBody>,
    leads: impl for<'a> FnOnce(Ground<'a>) -> Result<Leads, Refused> + Send + 'static,
) -> Result<Answered, Problem> {
    // A token is told once and never kept, so there would be nothing to repeat.
    if write.asked.idempotency.is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "no_idempotency",
            "A link cannot be told twice. Leave the idempotency key out; making another link ends this one.",
        ));
    }
    let ((person, menu), _) =
        looked(&app, &roster, &write.caller, move |ground, _| leads(ground)).await?;
    let good = app.clock.micros().saturating_add(links::GOOD);
    let expires_at = menu.as_ref().map_or(good, |(_, until)| good.min(*until));
    let to = links::For {
        organisation: write.caller.principal.organisation.clone(),
        roster,
        person,
        menu: menu.map(|(id, _)| id),
        expires_at,
    };
    let actor = &write.caller.principal.actor;
    let told = links::make(&app, to, actor, Role::Coordinator, &write.caller.request_id).await?;
    let made = LinkMade { id: told.id, token: told.token, code: told.code, expires_at };
    Ok(Answered::json(StatusCode::CREATED, &made))
}

async fn to_menu(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    made(app, roster, write, move |ground| {
        let menu = ground.book.menus().get(&id).ok_or(Refused::NotFound)?;
        if menu.state != MenuState::Open {
            return Err(Refused::conflict("not_open", "This menu is not open any more."));
        }
        Ok((menu.person_id.clone(), Some((id, menu.expires_at))))
    })
    .await
}

async fn to_person(
    State(app): State<App>,
    Path((roster, person)): Path<(String, String)>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    made(app, roster, write, move |ground| {
        ground.person(&person)?;
        Ok((person, None))
    })
    .await
}
