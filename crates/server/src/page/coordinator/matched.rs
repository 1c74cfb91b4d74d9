//! A match, where it stands, and the next step with it. What can be done is what the service says can be.

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use peermatch_core::kept::change::{Changed, FeedbackAsked, FeedbackTaken};
use peermatch_core::kept::feedback::Words;
use peermatch_core::kept::history::{Happened, History, ReasonOf};
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::steps::{MatchForCoordinator, MatchTold};
use peermatch_model::words::MatchStatus;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Called;
use crate::page::fields::{Layout, Part, choices_of, members_of, parts, read};
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, to};
use crate::problem::Problem;
use crate::request::{Path, Query};

#[derive(Template)]
#[template(path = "match.html")]
struct MatchPage {
    frame: Frame,
    at: String,
    person: String,
    told: MatchForCoordinator,
    called: Called,
    feedback: Vec<Part>,
    voices: Vec<(String, String)>,
    given: bool,
}

/// What is asked of those who say how it goes; nothing has to be answered.
const FEEDBACK: &[(&str, &[&str])] = &[(
    "feedback-said",
    &[
        "when",
        "right_fit",
        "got_on",
        "felt_understood",
        "choice_felt_real",
        "progress",
        "would_recommend",
        "may_be_used",
        "complaint",
    ],
)];

fn feedback_layout() -> Layout<'static> {
    let one_to_five = || (1..=5).map(|n| (n.to_string(), n.to_string())).collect::<Vec<_>>();
    let lists = ["got_on", "felt_understood", "choice_felt_real"].map(|name| (name, one_to_five()));
    Layout { parts: FEEDBACK, lists: lists.into(), without: Vec::new() }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    given: Option<String>,
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

/// The message of where a match stands.
pub(crate) fn status(status: &MatchStatus) -> &'static str {
    match status {
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

impl MatchPage {
    fn status(&self) -> &'static str {
        status(&self.told.one.status)
    }

    /// Whether the person can change their worker: the match stands, or is offered.
    fn changes(&self) -> bool {
        self.told.possible.contains(&EventKind::End)
    }

    /// What can be done, each as the word of its form.
    fn steps(&self) -> Vec<&'static str> {
        self.told.possible.iter().filter_map(|&event| word(event)).collect()
    }

    fn label(&self, step: &str) -> String {
        let worker = self.called.of(&self.told.one.worker_id).to_owned();
        let person = self.called.of(&self.told.one.person_id).to_owned();
        let with = [("person", person.into()), ("worker", worker.into())];
        self.frame.visit.say_with(&format!("step-{step}"), &with).into_owned()
    }
}

pub(super) async fn look(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
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
    let title = visit.say_with("match-title", &names);
    let person = format!("/rosters/{}/people/{}", part(&roster), part(&told.one.person_id));
    let frame = Frame::of(visit, title, &roster, "waiting");
    let (members, layout) = (members_of::<Words>(), feedback_layout());
    let feedback = parts(&members, &layout, &Value::Null, &[], frame.visit.language);
    let voices = choices_of(&members_of::<FeedbackAsked>(), "voice");
    let given = asked.given.is_some();
    show(&MatchPage { frame, at, person, told: *told, called, feedback, voices, given })
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

/// A change of worker: nobody's fault, and no reason is asked.
pub(super) async fn change(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}", part(&roster));
    let MatchTold::Coordinator(told) =
        form.visit.get(&format!("/v1{at}/matches/{}", part(&id))).await?
    else {
        return Err(Problem::forbidden());
    };
    let person = format!("{at}/people/{}", part(&told.one.person_id));
    let asked = json!({
        "match_id": id,
        "pause": form.one("pause").is_some(),
        "not_again": form.one("not_again").is_some(),
        "how": form.one("how"),
    });
    let _: Changed = form.visit.post(&format!("/v1{person}/change-worker"), &asked).await?;
    to(&person)
}

/// What somebody said of it, written down.
pub(super) async fn feedback(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let mut said = read(&members_of::<Words>(), &feedback_layout(), &form);
    for name in ["got_on", "felt_understood", "choice_felt_real"] {
        // Offered as words of a list, kept as numbers.
        if let Some(n) = said[name].as_str().and_then(|n| n.parse::<u8>().ok()) {
            said[name] = Value::from(n);
        }
    }
    let asked = json!({ "voice": form.one("voice"), "how": form.one("how"), "said": said });
    let at = format!("/rosters/{}/matches/{}", part(&roster), part(&id));
    let _: FeedbackTaken = form.visit.post(&format!("/v1{at}/feedback"), &asked).await?;
    to(&format!("{at}?given=1"))
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    back: String,
    told: History,
    called: Called,
}

impl HistoryPage {
    fn happened(&self, happened: &Happened) -> String {
        let word = match happened {
            Happened::Proposed => "happened-proposed",
            Happened::Picked => "happened-picked",
            Happened::Imported => "happened-imported",
            Happened::Agreed => "happened-agreed",
            Happened::NotAgreed => "happened-not-agreed",
            Happened::Offered => "happened-offered",
            Happened::PersonYes => "step-person-yes",
            Happened::PersonNo => "step-person-no",
            Happened::WorkerYes => "step-worker-yes",
            Happened::WorkerNo => "step-worker-no",
            Happened::Accepted => "status-accepted",
            Happened::FirstMeeting => "status-first-meeting",
            Happened::Active => "status-active",
            Happened::Paused => "status-paused",
            Happened::Ended => "status-ended",
        };
        let names = [
            ("person", self.called.of(&self.told.person_id).to_owned().into()),
            ("worker", self.called.of(&self.told.worker_id).to_owned().into()),
        ];
        self.frame.visit.say_with(word, &names).into_owned()
    }

    fn reason(of: &ReasonOf) -> &'static str {
        match of {
            ReasonOf::Met => "met",
            ReasonOf::Partly => "partly",
            ReasonOf::NotMet => "not-met",
            ReasonOf::Unknown => "unknown",
            ReasonOf::Caution => "card-caution",
            ReasonOf::NotKnown => "card-unknown",
            ReasonOf::Hint => "card-hints",
            ReasonOf::Meeting => "card-meeting",
            ReasonOf::WhyNot => "why-no",
        }
    }

    /// Who it was chosen among, if others stood beside it.
    fn shown(&self) -> Vec<&str> {
        let shown = self.told.basis.as_ref().map_or(&[][..], |basis| &basis.shown);
        shown.iter().map(|id| self.called.of(id)).collect()
    }
}

/// How a match came to be, and the same question asked again.
pub(super) async fn history(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let back = format!("/rosters/{}/matches/{}", part(&roster), part(&id));
    let told: History = visit.get(&format!("/v1{back}/history")).await?;
    let shown = told.basis.iter().flat_map(|basis| &basis.shown);
    let ids = shown.chain([&told.person_id, &told.worker_id]);
    let called = Called::ask(&visit, &roster, ids).await?;
    let names = [
        ("person", called.of(&told.person_id).to_owned().into()),
        ("worker", called.of(&told.worker_id).to_owned().into()),
    ];
    let title = visit.say_with("history-title", &names);
    show(&HistoryPage { frame: Frame::of(visit, title, &roster, "waiting"), back, told, called })
}
