//! A person or a worker, added or changed by a form made from the schema of their record: every fault stands at its field.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use peermatch_core::kept::capacity::CapacityLine;
use peermatch_core::kept::records::{Shown, Written};
use peermatch_core::kept::steps::{MatchForCoordinator, MatchTold};
use peermatch_model::raw::{ConflictInput, PeerWorkerInput, ServiceUserInput};
use serde_json::{Value, json};

use super::Called;
use crate::kept::Page;
use crate::kept::own_words::OwnWords;
use crate::kept::rosters::TaxonomyTold;
use crate::page::fields::{Layout, Member, Part, TopFault, members_of, parts, read, top_faults};
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, shown, to};
use crate::problem::{FaultTold, Problem};
use crate::request::Path;

type Headed = (&'static str, &'static [&'static str]);

/// What is asked of a person, in the order of a first talk.
pub(crate) const PERSON: &[Headed] = &[
    ("part-who", &["id", "services", "status", "wait_since", "age_band", "demand", "contact"]),
    ("part-wishes", &["goals", "support_types", "wishes"]),
    ("part-where", &["modes", "area", "max_travel_min", "transport", "needs_lift", "lat", "lon"]),
    ("part-when", &["availability", "zone"]),
    ("part-languages", &["languages"]),
    ("part-experiences", &["experiences"]),
    ("part-culture", &["identity", "nominated_peers"]),
];

/// What is asked of a worker.
pub(crate) const WORKER: &[Headed] = &[
    ("part-who", &["id", "services", "role", "team", "supervisor"]),
    (
        "part-room",
        &[
            "max_people",
            "current_people",
            "new_starts",
            "minimum",
            "load_max",
            "load_now",
            "paused_until",
            "available_from",
            "available_until",
        ],
    ),
    (
        "part-where",
        &[
            "modes",
            "areas",
            "places",
            "max_travel_min",
            "transport",
            "licence",
            "vehicle",
            "lat",
            "lon",
        ],
    ),
    ("part-when", &["availability", "zone"]),
    ("part-languages", &["languages"]),
    ("part-work", &["support_types", "goals", "styles", "interests"]),
    ("part-training", &["training", "supervision_due", "vetting_until", "competences"]),
    ("part-experiences", &["experiences", "not_now"]),
    (
        "part-culture",
        &[
            "age_band",
            "age_consent_match",
            "age_consent_show",
            "gender",
            "gender_consent_match",
            "gender_consent_show",
            "identity",
        ],
    ),
    ("part-own-wishes", &["wishes"]),
];

/// What of a worker's record a coordinator does not read, and so does not write over.
const WORKERS_OWN: [&str; 3] = ["not_now", "wishes", "supervision_due"];
/// What a coordinator reads where the worker lets it be shown.
const WORKERS_AGE: [&str; 3] = ["age_band", "age_consent_match", "age_consent_show"];
/// The same of the gender.
const WORKERS_GENDER: [&str; 3] = ["gender", "gender_consent_match", "gender_consent_show"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Person,
    Worker,
}

impl Of {
    fn list(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::Worker => "workers",
        }
    }

    fn members(self) -> Vec<Member> {
        match self {
            Self::Person => members_of::<ServiceUserInput>(),
            Self::Worker => members_of::<PeerWorkerInput>(),
        }
    }

    fn way(self) -> &'static str {
        match self {
            Self::Person => "waiting",
            Self::Worker => "board",
        }
    }
}

/// A record that is being written.
struct Draft {
    /// Its id; absent while it is new.
    id: Option<String>,
    record: Value,
    name: String,
    tag: String,
    faults: Vec<FaultTold>,
    /// Whether somebody else changed it meanwhile.
    stale: bool,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    frame: Frame,
    action: String,
    back: String,
    name: String,
    tag: String,
    faults: Vec<TopFault>,
    parts: Vec<Part>,
    hidden: bool,
    new: bool,
    stale: bool,
}

async fn layout(
    visit: &Visit,
    roster: &str,
    of: Of,
    shown: Option<&Value>,
) -> Result<Layout<'static>, Problem> {
    let at = format!("/v1/rosters/{}", part(roster));
    let services: Page<Shown> = visit.get(&format!("{at}/records/services?limit=500")).await?;
    let taxonomy: TaxonomyTold = visit.get(&format!("{at}/taxonomy")).await?;
    let services = services.items.into_iter().map(|one| (one.id.clone(), one.id)).collect();
    let concepts: Vec<_> = taxonomy.concepts.into_iter().map(|one| (one.id, one.label)).collect();
    let lists = BTreeMap::from([
        ("services", services),
        ("concept", concepts.clone()),
        ("not_now", concepts),
    ]);
    let mut without = Vec::new();
    if let Some(record) = shown {
        without.push("id");
        if of == Of::Worker {
            without.extend(WORKERS_OWN);
            for own in [WORKERS_AGE, WORKERS_GENDER] {
                // Leave to show it is seen with what it is for, or neither is.
                if record[own[2]].is_null() {
                    without.extend(own);
                }
            }
        }
    }
    let parts = match of {
        Of::Person => PERSON,
        Of::Worker => WORKER,
    };
    Ok(Layout { parts, lists, without })
}

fn address(roster: &str, of: Of, id: &str) -> String {
    format!("/rosters/{}/{}/{}", part(roster), of.list(), part(id))
}

fn form_page(
    visit: Visit,
    roster: &str,
    of: Of,
    draft: Draft,
    layout: &Layout<'_>,
) -> Result<Response, Problem> {
    let members = of.members();
    let language = visit.language;
    let (action, back, title) = if let Some(id) = &draft.id {
        let at = address(roster, of, id);
        let called = if draft.name.is_empty() { id } else { &draft.name };
        let title = visit.say_with("record-edit", &[("name", called.clone().into())]);
        (format!("{at}/edit"), at, title)
    } else {
        let (new, title) = match of {
            Of::Person => ("add-person", "record-add-person"),
            Of::Worker => ("add-worker", "record-add-worker"),
        };
        let back = format!("/rosters/{}/{}", part(roster), of.way());
        (format!("/rosters/{}/{new}", part(roster)), back, visit.say(title))
    };
    let status =
        if draft.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RecordPage {
        action,
        back,
        name: draft.name,
        tag: draft.tag,
        faults: top_faults(&draft.faults, &members, &layout.without),
        parts: parts(&members, layout, &draft.record, &draft.faults, language),
        hidden: layout.without.len() > 1,
        new: draft.id.is_none(),
        stale: draft.stale,
        frame: Frame::of(visit, title, roster, of.way()),
    };
    shown(status, &page)
}

async fn add(visit: Visit, roster: String, of: Of) -> Result<Response, Problem> {
    let layout = layout(&visit, &roster, of, None).await?;
    let mut record = json!({});
    if of == Of::Person {
        // What is true of most who are added here.
        record["status"] = Value::from("ready");
        if let Some([only]) = layout.lists.get("services").map(Vec::as_slice) {
            record["services"] = json!([only.0]);
        }
    }
    let draft = Draft {
        id: None,
        record,
        name: String::new(),
        tag: String::new(),
        faults: Vec::new(),
        stale: false,
    };
    form_page(visit, &roster, of, draft, &layout)
}

pub(super) async fn add_person(
    visit: Visit,
    Path(roster): Path<String>,
) -> Result<Response, Problem> {
    add(visit, roster, Of::Person).await
}

pub(super) async fn add_worker(
    visit: Visit,
    Path(roster): Path<String>,
) -> Result<Response, Problem> {
    add(visit, roster, Of::Worker).await
}

async fn edit(visit: Visit, roster: String, of: Of, id: String) -> Result<Response, Problem> {
    let at = address(&roster, of, &id);
    let told: Shown = visit.get(&format!("/v1{at}")).await?;
    let layout = layout(&visit, &roster, of, Some(&told.record)).await?;
    let draft = Draft {
        id: Some(id),
        record: told.record,
        name: told.name.unwrap_or_default(),
        tag: told.etag,
        faults: Vec::new(),
        stale: false,
    };
    form_page(visit, &roster, of, draft, &layout)
}

pub(super) async fn edit_person(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    edit(visit, roster, Of::Person, id).await
}

pub(super) async fn edit_worker(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    edit(visit, roster, Of::Worker, id).await
}

async fn written(
    form: Form,
    roster: String,
    of: Of,
    id: Option<String>,
) -> Result<Response, Problem> {
    let members = of.members();
    let at = format!("/v1/rosters/{}/{}", part(&roster), of.list());
    let was: Option<Shown> = match &id {
        Some(id) => Some(form.visit.get(&format!("{at}/{}", part(id))).await?),
        None => None,
    };
    let layout = layout(&form.visit, &roster, of, was.as_ref().map(|was| &was.record)).await?;
    let record = read(&members, &layout, &form);
    let name = form.one("name").unwrap_or_default().to_owned();
    let tag = form.one("tag").unwrap_or_default().to_owned();
    let done: Result<Written, Problem> = match &id {
        Some(id) => {
            let tag = Some(tag.as_str()).filter(|tag| !tag.is_empty());
            form.visit.put_if(&format!("{at}/{}", part(id)), &record, tag).await
        }
        None => form.visit.post(&at, &record).await,
    };
    let done = match done {
        Ok(done) => done,
        Err(problem) if matches!(problem.status, 409 | 412 | 422) => {
            let mut faults = problem.errors;
            if faults.is_empty() {
                let fault = FaultTold {
                    pointer: String::new(),
                    reason: problem.detail,
                    fix: String::new(),
                    place: None,
                };
                faults.push(fault);
            }
            let stale = problem.status == 412;
            let draft = Draft { id, record, name, tag, faults, stale };
            return form_page(form.visit, &roster, of, draft, &layout);
        }
        Err(problem) => return Err(problem),
    };
    if was.and_then(|was| was.name).unwrap_or_default() != name {
        let path = format!("{at}/{}/name", part(&done.id));
        let method = if name.is_empty() { Method::DELETE } else { Method::PUT };
        let body = (!name.is_empty()).then(|| json!({ "name": name }));
        let _ = form.visit.ask::<Value>(method, &path, body.as_ref()).await?;
    }
    to(&address(&roster, of, &done.id))
}

pub(super) async fn person_added(
    Path(roster): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    written(form, roster, Of::Person, None).await
}

pub(super) async fn worker_added(
    Path(roster): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    written(form, roster, Of::Worker, None).await
}

pub(super) async fn person_changed(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    written(form, roster, Of::Person, Some(id)).await
}

pub(super) async fn worker_changed(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    written(form, roster, Of::Worker, Some(id)).await
}

#[derive(Template)]
#[template(path = "worker.html")]
struct WorkerPage {
    frame: Frame,
    at: String,
    room: CapacityLine,
    paused_until: Option<String>,
    own_words: String,
    called: Called,
    matches: Vec<MatchForCoordinator>,
}

impl WorkerPage {
    fn matched(&self, id: &str) -> String {
        let roster = self.frame.roster.as_deref().unwrap_or_default();
        format!("/rosters/{}/matches/{}", part(roster), part(id))
    }
}

pub(super) async fn worker(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let at = address(&roster, Of::Worker, &id);
    let told: Shown = visit.get(&format!("/v1{at}")).await?;
    let base = format!("/v1/rosters/{}", part(&roster));
    let room: CapacityLine = visit.get(&format!("/v1{at}/capacity")).await?;
    let matches: Page<MatchTold> =
        visit.get(&format!("{base}/matches?limit=500&worker={}", part(&id))).await?;
    let matches: Vec<MatchForCoordinator> = matches
        .items
        .into_iter()
        .filter_map(|one| match one {
            MatchTold::Coordinator(one) if one.one.status.kept() => Some(*one),
            _ => None,
        })
        .collect();
    let people = matches.iter().map(|one| &one.one.person_id);
    let called = Called::ask(&visit, &roster, people.chain([&id])).await?;
    let title = called.of(&id).to_owned().into();
    let paused_until = told.record["paused_until"].as_str().map(str::to_owned);
    let own_words: OwnWords = visit.get(&format!("/v1{at}/own-words")).await?;
    let own_words = own_words.words.unwrap_or_default();
    let frame = Frame::of(visit, title, &roster, "board");
    show(&WorkerPage { frame, at, room, paused_until, own_words, called, matches })
}

/// What people read whom the worker is offered to.
pub(super) async fn own_words(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = address(&roster, Of::Worker, &id);
    let path = format!("/v1{at}/own-words");
    form.visit.put_if::<Written>(&path, &json!({ "words": form.one("words") }), None).await?;
    to(&at)
}

/// Takes nobody new until a day; without one, takes new people again.
pub(super) async fn pause(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = address(&roster, Of::Worker, &id);
    let body = json!({ "until": form.one("until") });
    let _: Written = form.visit.post(&format!("/v1{at}/pause"), &body).await?;
    to(&at)
}

/// Keeps a person and a worker apart. Nobody is told why, and nobody who looks at the pages is told that it is so.
pub(super) async fn apart(
    Path((roster, person)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let members = members_of::<ConflictInput>();
    let layout = Layout { parts: &[], lists: BTreeMap::new(), without: vec!["a_id"] };
    let mut record = read(&members, &layout, &form);
    record["a_id"] = Value::from(person.as_str());
    let path = format!("/v1/rosters/{}/records/conflicts", part(&roster));
    let _: Written = form.visit.post(&path, &record).await?;
    to(&format!("{}?apart=1", address(&roster, Of::Person, &person)))
}

/// Why two are kept apart: the words that there are.
pub(super) fn apart_kinds() -> Vec<(String, String)> {
    crate::page::fields::choices_of(&members_of::<ConflictInput>(), "kind")
}
