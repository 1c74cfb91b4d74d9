//! A match, where it stands, and the next step with it. What can be done is what the service says can be.

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::steps::{MatchForCoordinator, MatchTold};
use peermatch_model::words::MatchStatus;
use serde_json::{Value, json};

use super::Called;
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, to};
use crate::problem::Problem;
use crate::request::Path;

#[derive(Template)]
#[template(path = "match.html")]
struct MatchPage {
    frame: Frame,
    at: String,
    person: String,
    told: MatchForCoordinator,
    called: Called,
}

/// The word for a step in a form, and the part of its message's name.
fn word(event: EventKind) -> Option<&'static str> {
    Some(match event {
        EventKind::Accept => "accept",
        EventKind::Reject => "reject",
        EventKind::PersonYes => "person-yes",
        EventKind::PersonNo => "person-no",
        EventKind::WorkerYes => "worker-yes",
        EventKind::WorkerNo => "worker-no",
        EventKind::FirstMeeting => "first-meeting",
        EventKind::Activate => "activate",
        EventKind::Pause => "pause",
        EventKind::Resume => "resume",
        EventKind::End => "end",
        EventKind::TakeBack => "take-back",
        // A draft is put forward by whoever makes it, and time passes by itself.
        EventKind::Propose | EventKind::Expire => return None,
    })
}

impl MatchPage {
    fn status(&self) -> &'static str {
        match self.told.one.status {
            MatchStatus::Offered => "status-offered",
            MatchStatus::Accepted => "status-accepted",
            MatchStatus::FirstMeeting => "status-first-meeting",
            MatchStatus::Active => "status-active",
            MatchStatus::Paused => "status-paused",
            MatchStatus::Ended => "status-ended",
            MatchStatus::Expired => "status-expired",
            MatchStatus::Draft | MatchStatus::Proposed => "status-proposed",
            _ => "status-no",
        }
    }

    /// What can be done, each as the word of its form.
    fn steps(&self) -> Vec<&'static str> {
        self.told.possible.iter().filter_map(|&event| word(event)).collect()
    }

    fn label(&self, step: &str) -> String {
        let worker = self.called.of(&self.told.one.worker_id).to_owned();
        let person = self.called.of(&self.told.one.person_id).to_owned();
        let with = [("person", person.into()), ("worker", worker.into())];
        self.frame.visit.language.say_with(&format!("step-{step}"), &with).into_owned()
    }
}

pub(super) async fn look(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/matches/{}", part(&roster), part(&id));
    let MatchTold::Coordinator(told) = visit.get(&format!("/v1{at}")).await? else {
        return Err(Problem::forbidden());
    };
    let called = Called::ask(&visit, &roster, [&told.one.person_id, &told.one.worker_id]).await?;
    let names = [
        ("person", called.of(&told.one.person_id).to_owned().into()),
        ("worker", called.of(&told.one.worker_id).to_owned().into()),
    ];
    let title = visit.language.say_with("match-title", &names);
    let person = format!("/rosters/{}/people/{}", part(&roster), part(&told.one.person_id));
    let frame = Frame::of(visit, title, &roster, "waiting");
    show(&MatchPage { frame, at, person, told: *told, called })
}

pub(super) async fn step(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/matches/{}", part(&roster), part(&id));
    let how = form.one("how");
    let answer = |of: &str, yes: bool| ("answer", json!({ "of": of, "yes": yes, "how": how }));
    let (path, body) = match form.one("do") {
        Some(word @ ("accept" | "reject")) => ("decision", json!({ "decision": word })),
        Some("person-yes") => answer("person", true),
        Some("person-no") => answer("person", false),
        Some("worker-yes") => answer("worker", true),
        Some("worker-no") => answer("worker", false),
        Some(word @ ("first-meeting" | "activate" | "pause" | "resume" | "end" | "take-back")) => {
            (word, json!({}))
        }
        _ => return Err(Problem::not_found()),
    };
    let _ = form.visit.ask::<Value>(Method::POST, &format!("/v1{at}/{path}"), Some(&body)).await?;
    to(&at)
}
