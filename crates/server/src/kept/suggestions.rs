//! Suggestions and explanations from a kept roster: the same documents as the command's, byte for byte, each told to the audit before it leaves.

use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use peermatch_core::explain::{Explanation, explain};
use peermatch_core::kept::what_if::{WhatIf, what_if};
use peermatch_core::kept::{Refused, Told};
use peermatch_core::suggest::Suggestions;
use peermatch_formats::to_json;
use peermatch_model::words::{Audience, QueueState, Words};
use peermatch_store::Revision;
use serde::Deserialize;

use super::{keeper, own_person, own_worker, shown};
use crate::app::App;
use crate::keeper::{MATCHING_WAIT, Seen, refused};
use crate::principal::{Principal, Role};
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Query, etag};
use crate::table::{Route, Who};

/// Suggestions at most.
pub const TOP_MAX: usize = 1_000;
/// Suggestions if nobody says how many.
const TOP: usize = 5;

/// How long suggestions wait for prices where nobody said whether they want them: long enough for a roster of some hundred people.
const COSTS_WAIT: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuggestAsked {
    top: Option<usize>,
    costs: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainAsked {
    audience: Option<String>,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let tag = "suggestions";
    let at = |route: Route| {
        route.path_param("roster", "The roster.").path_param("person", "The person's id.")
    };
    vec![
        at(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/people/{person}/suggestions",
            "suggestFor",
            get(suggestions),
        ))
        .about(
            tag,
            "Suggest workers for one person",
            "Best fit first as far as a coordinator may see it, each with its reasons and, where there are exact prices, what choosing it costs everybody else: the document of `peermatch suggest --format json`, byte for byte. The audit is told who was shown before the answer leaves. People decide.",
        )
        .who(Who::Roles(&[Role::Coordinator]))
        .query::<u32>("top", "How many, 1 to 1000 (usual: 5).")
        .query::<bool>("costs", "Whether to say what each choice costs everybody else. Usual: where that is known already; `true` waits up to two seconds for it after a change of the roster.")
        .answers::<Suggestions>(StatusCode::OK, "The suggestions."),
        at(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/people/{person}/what-if/{worker}",
            "readWhatIf",
            get(if_chosen),
        ))
        .path_param("worker", "The worker's id.")
        .about(
            tag,
            "What choosing a worker would come to",
            "Who else would be proposed somebody else or nobody (one way that costs least), who has nobody but this worker, and the worker's room. Nothing is changed by asking.",
        )
        .who(Who::Roles(&[Role::Coordinator]))
        .answers::<WhatIf>(StatusCode::OK, "What would change.")
        .problem(StatusCode::CONFLICT, "The two cannot be matched now, or no matching has such prices; the words say why."),
        at(Route::new(
            Method::GET,
            "/v1/rosters/{roster}/people/{person}/explanations/{worker}",
            "explainPair",
            get(explanation),
        ))
        .path_param("worker", "The worker's id.")
        .about(
            tag,
            "Explain a pair, or why not",
            "The reasons for, the reasons against and what would change it, as far as the audience may know. Each role has its own audience; a person is told of workers they were offered, a worker of people they were offered to.",
        )
        .who(Who::Roles(&[Role::Coordinator, Role::Auditor, Role::PeerWorker, Role::ServiceUser]))
        .query::<String>("audience", "`coordinator`, `auditor`, `peer-worker` or `service-user`; usually the role's own.")
        .answers::<Explanation>(StatusCode::OK, "The explanation."),
    ]
}

async fn if_chosen(
    State(app): State<App>,
    Path((roster, person, worker)): Path<(String, String, String)>,
    caller: Caller,
) -> Result<Json<WhatIf>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    super::decide::sweep(&app, &keeper).await?;
    if !keeper.matched(&app, MATCHING_WAIT).await? {
        return Err(Problem::busy(2));
    }
    let found: Result<(WhatIf, Told, Revision), Problem> = keeper
        .read_with(&app, move |seen| {
            let (ready, roster) = (seen.ready, seen.ready.cx.roster);
            let user = roster.find_user(&person).ok_or_else(Problem::not_found)?;
            let with = roster.find_worker(&worker).ok_or_else(Problem::not_found)?;
            let matched = ready.matched().ok_or_else(|| Problem::busy(2))?;
            let costs = matched.costs.as_ref().ok_or_else(|| {
                refused(Refused::conflict(
                    "no_prices",
                    "Under this policy nobody can say what a choice costs others: it has no least total.",
                ))
            })?;
            let told = what_if(ready.cx, seen.book, costs, user, with).ok_or_else(|| {
                refused(Refused::conflict(
                    "not_eligible",
                    "These two cannot be matched now. Ask why, to see what stands in the way.",
                ))
            })?;
            let others = told.moved.iter().map(|one| one.person_id.clone());
            let ids = others.chain(told.only_option_of.iter().cloned()).collect();
            Ok((told, shown(ready, "what_if.shown", [person, worker], ids), ready.revision))
        })
        .await?;
    let (told, entry, revision) = found?;
    keeper.tell(&app, &caller.asked(), &entry, revision).await?;
    Ok(Json(told))
}

fn document(bytes: Vec<u8>, revision: Revision) -> Response {
    ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::ETAG, etag(revision))], bytes)
        .into_response()
}

async fn suggestions(
    State(app): State<App>,
    Path((roster, person)): Path<(String, String)>,
    Query(query): Query<SuggestAsked>,
    caller: Caller,
) -> Result<Response, Problem> {
    let top = query.top.unwrap_or(TOP);
    if !(1..=TOP_MAX).contains(&top) {
        return Err(super::bad_query(&format!("`top` is 1 to {TOP_MAX}")));
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let costs = query.costs.unwrap_or(true);
    if costs {
        // A large roster takes a second or two to match after a change. Whoever did not say that they want the prices does not wait for that.
        let within = if query.costs.is_some() { MATCHING_WAIT } else { COSTS_WAIT };
        keeper.matched(&app, within).await?;
    }
    let found = keeper
        .ask(&app, move |ready| {
            let user = ready.cx.roster.find_user(&person)?;
            let suggester = ready.suggester;
            let state = ready.cx.roster.user(user).state;
            let found = if costs && state == QueueState::Ready {
                // Where the matching takes longer than somebody waits, suggestions come without prices: never in place of them.
                match ready.matched().and_then(|matched| matched.costs.as_ref()) {
                    Some(costs) => suggester.suggest_with_costs(costs, user, top),
                    None => suggester.suggest(user, top),
                }
            } else {
                suggester.suggest(user, top)
            };
            let ids = found.workers.iter().map(|worker| worker.worker_id.clone()).collect();
            let told = shown(ready, "suggestions.shown", [person], ids);
            Some((to_json(&found), told, ready.revision))
        })
        .await?;
    let (bytes, told, revision) = found.ok_or_else(Problem::not_found)?;
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    Ok(document(bytes, revision))
}

/// The audience that a principal is of, where they may ask for it.
fn audience(principal: &Principal, asked: Option<&str>) -> Result<Audience, Problem> {
    let own = [
        (Role::Coordinator, Audience::Coordinator),
        (Role::Auditor, Audience::Auditor),
        (Role::PeerWorker, Audience::PeerWorker),
        (Role::ServiceUser, Audience::ServiceUser),
    ];
    let mut may = own.iter().filter(|(role, _)| principal.roles.contains(role)).map(|(_, is)| *is);
    match asked {
        None => may.next().ok_or_else(Problem::forbidden),
        Some(word) => {
            let wanted = Audience::from_word(word).ok_or_else(|| {
                super::bad_query("`audience` is coordinator, auditor, peer-worker or service-user")
            })?;
            may.find(|is| *is == wanted).ok_or_else(Problem::forbidden)
        }
    }
}

/// Whether whoever asks may know of a pair at all: the two themselves, once one was offered to the other.
fn of_their_own(
    seen: Seen<'_, '_>,
    audience: Audience,
    own: Option<&str>,
    person: &str,
    worker: &str,
) -> bool {
    let matched = |to_worker: bool| {
        seen.book.matches().values().any(|one| {
            one.person_id == person
                && one.worker_id == worker
                && (one.status.kept() || to_worker && one.offered_at.is_some())
        })
    };
    match audience {
        Audience::Coordinator | Audience::Auditor => true,
        Audience::PeerWorker => own == Some(worker) && matched(false),
        Audience::ServiceUser => {
            let offered = || {
                seen.book.menus().values().any(|menu| {
                    menu.person_id == person && menu.options.iter().any(|option| option == worker)
                })
            };
            own == Some(person) && (matched(true) || offered())
        }
    }
}

async fn explanation(
    State(app): State<App>,
    Path((roster, person, worker)): Path<(String, String, String)>,
    Query(query): Query<ExplainAsked>,
    caller: Caller,
) -> Result<Response, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let audience = audience(&caller.principal, query.audience.as_deref())?;
    let own = own_worker(&caller.principal, &roster)
        .or_else(|| own_person(&caller.principal, &roster))
        .map(str::to_owned);
    let found = keeper
        .read_with(&app, move |seen| {
            let ready = seen.ready;
            let user = ready.cx.roster.find_user(&person)?;
            let with = ready.cx.roster.find_worker(&worker)?;
            if !of_their_own(seen, audience, own.as_deref(), &person, &worker) {
                return None;
            }
            let told = explain(ready.cx, audience, user, with, None);
            let action = format!("explanation.shown.{}", audience.word());
            let shown: Told = shown(ready, &action, [person], vec![worker]);
            Some((to_json(&told), shown, ready.revision))
        })
        .await?;
    let (bytes, told, revision) = found.ok_or_else(Problem::not_found)?;
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    Ok(document(bytes, revision))
}
