//! The peer worker's own pages: whom they are asked to walk with, in the fields that they may see before they say yes; their people; and what is held about them.

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::steps::{MatchForWorker, MatchTold, Stands};
use serde_json::json;

use super::visit::{Form, Visit, part};
use super::{Frame, form, page, show, to};
use crate::kept::Page;
use crate::principal::{Role, Subject};
use crate::problem::Problem;
use crate::request::Path;
use crate::table::{Route, Who};

const WORKERS: Who = Who::Roles(&[Role::PeerWorker]);

pub(super) fn routes() -> Vec<Route> {
    vec![
        page(Method::GET, "/work", "page_work", get(work), WORKERS),
        form("/work/matches/{match}/answer", "page_work_answer", post(answer), WORKERS)
            .path_param("match", "The match."),
        page(Method::GET, "/work/held", "page_work_held", get(held), WORKERS),
    ]
}

/// The roster and the id of the worker who looks.
fn own(visit: &Visit) -> Result<(String, String), Problem> {
    match visit.principal.as_ref().and_then(|principal| principal.subject.as_ref()) {
        Some(Subject::Worker { roster, id }) => Ok((part(roster), part(id))),
        _ => Err(Problem::forbidden()),
    }
}

#[derive(Template)]
#[template(path = "work.html")]
struct Work {
    frame: Frame,
    asked: Vec<MatchForWorker>,
    walking: Vec<MatchForWorker>,
}

impl Work {
    fn answers(id: &str) -> String {
        format!("/work/matches/{}/answer", part(id))
    }

    fn called(one: &MatchForWorker) -> &str {
        one.person_name.as_deref().unwrap_or(&one.person_id)
    }
}

async fn work(visit: Visit) -> Result<Response, Problem> {
    let (roster, _) = own(&visit)?;
    let told: Page<MatchTold> =
        visit.get(&format!("/v1/rosters/{roster}/matches?limit=500")).await?;
    let mut asked = Vec::new();
    let mut walking = Vec::new();
    for one in told.items {
        let MatchTold::Worker(one) = one else { continue };
        if one.possible.contains(&EventKind::WorkerYes) {
            // With what may be known of the person before there is an answer.
            let path = format!("/v1/rosters/{roster}/matches/{}", part(&one.id));
            match visit.get(&path).await? {
                MatchTold::Worker(one) => asked.push(*one),
                _ => return Err(Problem::internal()),
            }
        } else if matches!(one.stands, Stands::FirstMeeting | Stands::Active | Stands::Paused) {
            walking.push(*one);
        }
    }
    let title = visit.language.say("work-title");
    show(&Work { frame: Frame::new(visit, title), asked, walking })
}

async fn answer(Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let (roster, _) = own(&form.visit)?;
    let said = json!({ "yes": form.one("yes") == Some("true") });
    let path = format!("/v1/rosters/{roster}/matches/{}/answer", part(&id));
    let _: MatchTold = form.visit.post(&path, &said).await?;
    to("/work")
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    text: String,
    back: &'static str,
}

async fn held(visit: Visit) -> Result<Response, Problem> {
    let (roster, id) = own(&visit)?;
    let text = visit.text(&format!("/v1/rosters/{roster}/workers/{id}/export?format=text")).await?;
    let title = visit.language.say("held-title");
    show(&HeldPage { frame: Frame::new(visit, title), text, back: "/work" })
}
