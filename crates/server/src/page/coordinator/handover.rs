//! Workers leave: where their people could go, whom to talk to first, and what of it is taken up.

use askama::Template;
use axum::response::Response;
use peermatch_core::handover::Handover;
use peermatch_core::kept::handover::HandoverMade;
use peermatch_core::kept::records::WorkerLine;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Called;
use crate::kept::Page;
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, to};
use crate::problem::Problem;
use crate::request::{Path, Query};

#[derive(Deserialize)]
pub(super) struct Asked {
    worker: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "handover_ask.html")]
struct AskPage {
    frame: Frame,
    at: String,
    chosen: String,
    workers: Vec<WorkerLine>,
    next: Option<String>,
}

pub(super) async fn ask(
    visit: Visit,
    Path(roster): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let after = asked.after.map_or_else(String::new, |after| format!("&after={}", part(&after)));
    let path = format!("/v1/rosters/{}/workers?limit=500{after}", part(&roster));
    let workers: Page<WorkerLine> = visit.get(&path).await?;
    let at = format!("/rosters/{}/handover", part(&roster));
    let next = workers.next.map(|next| format!("{at}?after={}", part(&next)));
    let title = visit.say("handover-title");
    let frame = Frame::of(visit, title, &roster, "board");
    let chosen = asked.worker.unwrap_or_default();
    show(&AskPage { frame, at, chosen, workers: workers.items, next })
}

pub(super) async fn propose(Path(roster): Path<String>, form: Form) -> Result<Response, Problem> {
    let workers: Vec<&str> = form.all("worker").collect();
    let path = format!("/v1/rosters/{}/handovers", part(&roster));
    let made: HandoverMade = form.visit.post(&path, &json!({ "worker_ids": workers })).await?;
    to(&format!("/rosters/{}/handovers/{}", part(&roster), part(&made.id)))
}

#[derive(Template)]
#[template(path = "handover.html")]
struct HandoverPage {
    frame: Frame,
    at: String,
    told: Handover,
    called: Called,
    taken: bool,
}

impl HandoverPage {
    fn list(&self, before: &u64, after: &u64) -> String {
        let with = [("before", (*before).into()), ("after", (*after).into())];
        self.frame.visit.say_with("handover-list", &with).into_owned()
    }
}

#[derive(Deserialize)]
pub(super) struct LookAsked {
    taken: Option<String>,
}

pub(super) async fn look(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
    Query(asked): Query<LookAsked>,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/handovers/{}", part(&roster), part(&id));
    let told: Handover = visit.get(&format!("/v1{at}")).await?;
    let people = told
        .people
        .iter()
        .flat_map(|one| std::iter::once(&one.person_id).chain(&one.from).chain(&one.to));
    let words = told.people.iter().flat_map(|one| {
        one.lost.iter().chain(&one.gained).chain(&one.next_steps).chain(&one.talk_first)
    });
    let called = Called::ask_with(&visit, &roster, people.chain(&told.leaving), words).await?;
    let title = visit.say("handover-title");
    let frame = Frame::of(visit, title, &roster, "board");
    show(&HandoverPage { frame, at, told, called, taken: asked.taken.is_some() })
}

pub(super) async fn accept(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let people: Vec<&str> = form.all("person").collect();
    let at = format!("/rosters/{}/handovers/{}", part(&roster), part(&id));
    let _: Value =
        form.visit.post(&format!("/v1{at}/accept"), &json!({ "person_ids": people })).await?;
    to(&format!("{at}?taken=1"))
}
