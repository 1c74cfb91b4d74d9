//! Menus of choice: made, shown as their people read them, answered, withdrawn.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use peermatch_core::kept::menus::{MenuOffer, MenuState};
use peermatch_core::kept::offers::{
    MenuAnswered, MenuSaid, MenusAsked, MenusMade, MyMenu, answer, offer, sees, sheet, withdraw,
};
use peermatch_core::kept::{Refused, Told};
use peermatch_solve::{Stage, Watch};
use serde::Deserialize;

use super::decide::{decided, listed, looked, seen_by};
use super::matches::DECIDERS;
use super::{Page, SMALL_BYTES_MAX, decides, limit, paged};
use crate::app::App;
use crate::keeper::Answered;
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, NoBody, Path, Query, Write};
use crate::table::{Route, Who};

const TAG: &str = "menus";

/// How long menus or a handover may take to be made.
const MADE_WITHIN: Duration = Duration::from_secs(30);

/// Stops what takes too long.
pub(crate) struct Within(Instant);

impl Within {
    /// From now on.
    pub(crate) fn usual() -> Self {
        Self(Instant::now() + MADE_WITHIN)
    }
}

impl Watch for Within {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        if Instant::now() < self.0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsked {
    state: Option<MenuState>,
    person: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let at = |route: Route| route.path_param("roster", "The roster.");
    let one = |route: Route| at(route).path_param("menu", "The menu.");
    let seen = Who::Roles(&[Role::Coordinator, Role::Auditor]);
    vec![
        decides(at(Route::new(Method::POST, "/v1/rosters/{roster}/menus", "makeMenus", post(make))))
            .about(
                TAG,
                "Make menus",
                "For these people, or for everybody who waits and has no open menu. A safe menu holds a place with each worker on it until it is answered, withdrawn or over, so that every pick can be kept.",
            )
            .who(DECIDERS)
            .json::<MenusAsked>(SMALL_BYTES_MAX)
            .answers::<MenusMade>(
                StatusCode::CREATED,
                "The menus, and for whom there is nothing now, each with a next step.",
            ),
        at(paged(Route::new(Method::GET, "/v1/rosters/{roster}/menus", "listMenus", get(list))))
            .about(TAG, "List menus", "By id.")
            .who(seen)
            .query::<MenuState>("state", "Only those that stand here.")
            .query::<String>("person", "Only those of this person.")
            .answers::<Page<MenuOffer>>(StatusCode::OK, "A page of them."),
        one(Route::new(Method::GET, "/v1/rosters/{roster}/menus/{menu}", "readMenu", get(read)))
            .about(TAG, "Read a menu", "")
            .who(seen)
            .answers::<MenuOffer>(StatusCode::OK, "The menu."),
        one(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/menus/{menu}/sheet",
            "readSheet",
            get(read_sheet),
        ))
        .about(
            TAG,
            "Read a menu as its person reads it",
            "Word for word, but for what the person does not let a coordinator see.",
        )
        .who(seen)
        .answers::<MyMenu>(StatusCode::OK, "The sheet."),
        decides(one(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/menus/{menu}/answer",
            "answerMenu",
            post(record),
        )))
        .about(
            TAG,
            "Record what somebody says to their menu",
            "For them, with how it was said. What a coordinator recorded can be taken back for ten minutes (`taken_back`), while nothing followed from it.",
        )
        .who(DECIDERS)
        .json::<MenuSaid>(SMALL_BYTES_MAX)
        .answers::<MenuAnswered>(StatusCode::OK, "What came of it."),
        decides(one(Route::new(
            Method::POST,
            "/v1/rosters/{roster}/menus/{menu}/withdraw",
            "withdrawMenu",
            post(take_away),
        )))
        .about(TAG, "Withdraw an open menu", "Its places are free again.")
        .who(DECIDERS)
        .answers::<MenuOffer>(StatusCode::OK, "The menu as it stands now."),
    ]
}

async fn make(
    State(app): State<App>,
    Path(roster): Path<String>,
    write: Write<Json<MenusAsked>>,
) -> Result<Answered, Problem> {
    let asked = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::CREATED, move |ground, _, by| {
        offer(ground, &asked, by, &Within::usual())
    })
    .await
}

async fn list(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(asked): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<MenuOffer>>, Problem> {
    let most = limit(asked.limit)?;
    let (lines, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let from = asked.after.as_deref().unwrap_or_default();
        let wanted = ground.book.menus().values().filter(|menu| {
            menu.id.as_str() > from
                && sees(viewer, menu)
                && asked.state.is_none_or(|state| menu.state == state)
                && asked.person.as_ref().is_none_or(|id| &menu.person_id == id)
        });
        Ok(wanted.take(most + 1).cloned().collect::<Vec<_>>())
    })
    .await?;
    let page = Page::of(lines, most, revision.0, |menu| menu.id.clone());
    let ids = page.items.iter().map(|menu| menu.id.clone());
    seen_by(&app, &roster, &caller, listed("menus.shown", ids), revision).await?;
    Ok(Json(page))
}

async fn read(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<MenuOffer>, Problem> {
    let (menu, revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let menu = ground.book.menus().get(&id).filter(|menu| sees(viewer, menu));
        menu.cloned().ok_or(Refused::NotFound)
    })
    .await?;
    let told = Told::new("menu.shown", [menu.id.clone(), menu.person_id.clone()]);
    let told = Told { shown: menu.options.clone(), ..told };
    seen_by(&app, &roster, &caller, told, revision).await?;
    Ok(Json(menu))
}

async fn read_sheet(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<MyMenu>, Problem> {
    let ((sheet, person), revision) = looked(&app, &roster, &caller, move |ground, viewer| {
        let menu = ground.book.menus().get(&id).filter(|menu| sees(viewer, menu));
        let menu = menu.ok_or(Refused::NotFound)?;
        Ok((sheet(&ground, menu, viewer).ok_or(Refused::NotFound)?, menu.person_id.clone()))
    })
    .await?;
    let shown = sheet.sheet.options.iter().map(|option| option.worker_id.clone()).collect();
    let told = Told { shown, ..Told::new("menu.shown", [sheet.id.clone(), person]) };
    seen_by(&app, &roster, &caller, told, revision).await?;
    Ok(Json(sheet))
}

async fn record(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<Json<MenuSaid>>,
) -> Result<Answered, Problem> {
    let said = write.body.0.clone();
    decided(&app, &roster, write, StatusCode::OK, move |ground, viewer, by| {
        answer(ground, &id, &said, viewer, by)
    })
    .await
}

async fn take_away(
    State(app): State<App>,
    Path((roster, id)): Path<(String, String)>,
    write: Write<NoBody>,
) -> Result<Answered, Problem> {
    decided(&app, &roster, write, StatusCode::OK, move |ground, _, by| withdraw(ground, &id, by))
        .await
}
