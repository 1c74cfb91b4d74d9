//! The peer worker's own pages: whom they are asked to walk with, in the fields that they may see before they say yes; their people; and what is held about them.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use peermatch_core::kept::Ask;
use peermatch_core::kept::capacity::CapacityLine;
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::records::{Shown, Written};
use peermatch_core::kept::steps::{MatchForWorker, MatchTold, Stands};
use peermatch_model::raw::{Field, PeerWorkerInput};
use serde::Deserialize;
use serde_json::json;

use super::me::HeldPage;
use super::visit::{Form, Visit, part};
use super::{Frame, form, page, show, to};
use crate::kept::Page;
use crate::kept::own_words::OwnWords;
use crate::kept::rosters::TaxonomyTold;
use crate::principal::{Role, Subject};
use crate::problem::Problem;
use crate::request::{Path, Query};
use crate::table::{Route, Who};

const WORKERS: Who = Who::Roles(&[Role::PeerWorker]);

pub(super) fn routes() -> Vec<Route> {
    vec![
        page(Method::GET, "/mine", "page_work", get(work), WORKERS),
        form("/mine/matches/{match}/answer", "page_work_answer", post(answer), WORKERS),
        form("/mine/own-words", "page_work_own_words", post(own_words), WORKERS),
        form("/mine/pause", "page_work_pause", post(pause), WORKERS),
        form("/mine/ask", "page_work_ask", post(ask), WORKERS),
        page(Method::GET, "/mine/held", "page_work_held", get(held), WORKERS),
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
    room: CapacityLine,
    uses: Vec<(String, Vec<Use>)>,
    paused_until: String,
    own_words: String,
    said: bool,
}

/// Something that a worker told, and what it is used for.
struct Use {
    what: String,
    /// Messages.
    uses: Vec<&'static str>,
}

/// What of a worker's listing is used for what, by what they agreed to. What they did not agree to is used for nothing.
fn uses(record: &PeerWorkerInput, concepts: &BTreeMap<String, String>) -> Vec<(String, Vec<Use>)> {
    let yes = |field: &Field<bool>| field.given() == Some(&true);
    let of = |matching: bool, coordinator: bool, person: bool| {
        if !matching {
            return vec!["use-nothing"];
        }
        let mut uses = vec!["use-matching"];
        if coordinator {
            uses.push("use-coordinator");
        }
        if person {
            uses.push("use-person");
        }
        uses
    };
    let mut told = Vec::new();
    for item in
        record.experiences.given().map_or(&[][..], Vec::as_slice).iter().filter_map(Field::given)
    {
        let id = item.concept.given().cloned().unwrap_or_default();
        told.push(Use {
            what: concepts.get(&id).cloned().unwrap_or(id),
            uses: of(
                yes(&item.consent_match),
                yes(&item.consent_coordinator),
                yes(&item.consent_show),
            ),
        });
    }
    let mut own = Vec::new();
    if let Some(age) = record.age_band.given() {
        let (matching, show) = (yes(&record.age_consent_match), yes(&record.age_consent_show));
        own.push(Use { what: age.to_string(), uses: of(matching, show, show) });
    }
    if let Some(gender) = record.gender.given() {
        let (matching, show) =
            (yes(&record.gender_consent_match), yes(&record.gender_consent_show));
        own.push(Use {
            what: gender.to_string().replace('_', " "),
            uses: of(matching, show, show),
        });
    }
    for item in
        record.identity.given().map_or(&[][..], Vec::as_slice).iter().filter_map(Field::given)
    {
        let code = item.code.given().cloned().unwrap_or_default();
        let show = yes(&item.consent_show);
        own.push(Use { what: code, uses: of(yes(&item.consent_match), show, show) });
    }
    [("part-experiences".to_owned(), told), ("part-culture".to_owned(), own)]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .collect()
}

impl Work {
    fn answers(id: &str) -> String {
        format!("/mine/matches/{}/answer", part(id))
    }

    fn called(one: &MatchForWorker) -> &str {
        one.person_name.as_deref().unwrap_or(&one.person_id)
    }
}

#[derive(Deserialize)]
struct WorkAsked {
    said: Option<String>,
}

async fn work(visit: Visit, Query(asked_for): Query<WorkAsked>) -> Result<Response, Problem> {
    let (roster, id) = own(&visit)?;
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
    let title = visit.say("work-title");
    let at = format!("/v1/rosters/{roster}/workers/{id}");
    let room: CapacityLine = visit.get(&format!("{at}/capacity")).await?;
    let shown: Shown = visit.get(&at).await?;
    let record: PeerWorkerInput =
        serde_json::from_value(shown.record).map_err(|_| Problem::internal())?;
    let taxonomy: TaxonomyTold = visit.get(&format!("/v1/rosters/{roster}/taxonomy")).await?;
    let concepts = taxonomy.concepts.into_iter().map(|one| (one.id, one.label)).collect();
    let uses = uses(&record, &concepts);
    let paused_until = record.paused_until.given().cloned().unwrap_or_default();
    let own_words: OwnWords = visit.get(&format!("{at}/own-words")).await?;
    let own_words = own_words.words.unwrap_or_default();
    let said = asked_for.said.is_some();
    let frame = Frame::new(visit, title);
    show(&Work { frame, asked, walking, room, uses, paused_until, own_words, said })
}

async fn answer(Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let (roster, _) = own(&form.visit)?;
    let said = json!({ "yes": form.one("yes") == Some("true") });
    let path = format!("/v1/rosters/{roster}/matches/{}/answer", part(&id));
    let _: MatchTold = form.visit.post(&path, &said).await?;
    to("/mine?said=1")
}

/// Takes nobody new until a day; without one, takes new people again. No reason is asked.
async fn pause(form: Form) -> Result<Response, Problem> {
    let (roster, id) = own(&form.visit)?;
    let body = json!({ "until": form.one("until") });
    let _: Written =
        form.visit.post(&format!("/v1/rosters/{roster}/workers/{id}/pause"), &body).await?;
    to("/mine?said=1")
}

/// What people read whom they are offered to.
async fn own_words(form: Form) -> Result<Response, Problem> {
    let (roster, id) = own(&form.visit)?;
    let path = format!("/v1/rosters/{roster}/workers/{id}/own-words");
    form.visit.put_if::<Written>(&path, &json!({ "words": form.one("words") }), None).await?;
    to("/mine?said=1")
}

async fn ask(form: Form) -> Result<Response, Problem> {
    let (roster, _) = own(&form.visit)?;
    let new = json!({ "about": form.one("about"), "words": form.one("words") });
    let _: Ask = form.visit.post(&format!("/v1/rosters/{roster}/asks"), &new).await?;
    to("/mine?said=1")
}

async fn held(visit: Visit) -> Result<Response, Problem> {
    let (roster, id) = own(&visit)?;
    let text = visit.text(&format!("/v1/rosters/{roster}/workers/{id}/export?format=text")).await?;
    let title = visit.say("held-title");
    show(&HeldPage { frame: Frame::new(visit, title), text, back: "/mine", ask: "/mine/ask" })
}
