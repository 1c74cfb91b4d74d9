//! People, workers and everything else a roster is made of, one record at a time; and names and contacts beside them.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use peermatch_core::kept::entity::audited;
use peermatch_core::kept::records::{self, How, ListFor, PersonLine, Shown, WorkerLine, Written};
use peermatch_core::kept::seen::Reader;
use peermatch_core::kept::{Book, Contact, Decision, Kind, Refused, Told};
use peermatch_model::raw::{PeerWorkerInput, ServiceUserInput};
use peermatch_model::words::QueueState;
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decide::listed;
use super::{Page, READERS, SMALL_BYTES_MAX, STAFF, keeper, limit, own_worker, paged};
use crate::app::App;
use crate::keeper::{Answered, Seen, refused};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Json, NoBody, Path, Query, Write};
use crate::table::{Route, Who};

const WORKER_READERS: Who = Who::Roles(&[Role::Coordinator, Role::Integrator, Role::PeerWorker]);

/// A record to be written. What its members mean, the roster document says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RecordBody(pub serde_json::Map<String, Value>);

/// The name that somebody is called by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameBody {
    /// The name that the person wants used.
    pub name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsked {
    after: Option<String>,
    limit: Option<usize>,
    status: Option<QueueState>,
}

/// What a kind of record is called in addresses.
struct Named {
    kind: Kind,
    list: &'static str,
    one: &'static str,
    param: &'static str,
    ids: [&'static str; 12],
    word: &'static str,
}

const PEOPLE: Named = Named {
    kind: Kind::Person,
    list: "/v1/rosters/{roster}/people",
    one: "/v1/rosters/{roster}/people/{person}",
    param: "person",
    ids: [
        "listPeople",
        "addPerson",
        "readPerson",
        "putPerson",
        "changePerson",
        "endPerson",
        "putPersonName",
        "dropPersonName",
        "readPersonContact",
        "putPersonContact",
        "dropPersonContact",
        "",
    ],
    word: "person",
};

const WORKERS: Named = Named {
    kind: Kind::Worker,
    list: "/v1/rosters/{roster}/workers",
    one: "/v1/rosters/{roster}/workers/{worker}",
    param: "worker",
    ids: [
        "listWorkers",
        "addWorker",
        "readWorker",
        "putWorker",
        "changeWorker",
        "endWorker",
        "putWorkerName",
        "dropWorkerName",
        "readWorkerContact",
        "putWorkerContact",
        "dropWorkerContact",
        "",
    ],
    word: "worker",
};

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let mut all = of(&PEOPLE);
    all.extend(of(&WORKERS));
    all.extend(other_records());
    all
}

fn of(named: &'static Named) -> Vec<Route> {
    let Named { kind, list, one, param, ids, word } = *named;
    let tag = if kind == Kind::Person { "people" } else { "workers" };
    let changed = |route: Route| {
        route
            .answers::<Written>(StatusCode::OK, "It is written; `ETag` says what it is now.")
            .problem(StatusCode::CONFLICT, "It cannot be done as things stand.")
            .problem(
                StatusCode::PRECONDITION_FAILED,
                "The record has changed since it was looked at.",
            )
    };
    let record = |route: Route| match kind {
        Kind::Person => route.json::<ServiceUserInput>(SMALL_BYTES_MAX),
        _ => route.json::<PeerWorkerInput>(SMALL_BYTES_MAX),
    };
    let at = |route: Route| route.path_param("roster", "The roster.").path_param(param, "The id.");
    let tagged =
        |route: Route| at(route).header("If-Match", "The `ETag` of the record that was looked at.");
    let kept_beside = |route: Route| {
        at(changed(route)).header("If-Match", "The `ETag` of the roster that was looked at.")
    };
    let name_path: &'static str = if kind == Kind::Person {
        "/v1/rosters/{roster}/people/{person}/name"
    } else {
        "/v1/rosters/{roster}/workers/{worker}/name"
    };
    let contact_path: &'static str = if kind == Kind::Person {
        "/v1/rosters/{roster}/people/{person}/contact"
    } else {
        "/v1/rosters/{roster}/workers/{worker}/contact"
    };
    let listed = match kind {
        Kind::Person => get(list_people),
        _ => get(list_workers),
    };
    let listed = paged(Route::new(Method::GET, list, ids[0], listed))
        .about(tag, "List, by id", "An auditor sees ids alone.")
        .who(READERS)
        .path_param("roster", "The roster.");
    let listed = match kind {
        Kind::Person => listed
            .query::<QueueState>("status", "Only those who stand there in the queue.")
            .answers::<Page<PersonLine>>(StatusCode::OK, "A page."),
        _ => listed.answers::<Page<WorkerLine>>(StatusCode::OK, "A page."),
    };
    let add = move |State(app): State<App>,
                    Path(roster): Path<String>,
                    write: Write<Json<RecordBody>>| async move {
        written(app, roster, None, kind, How::Make, write).await
    };
    let read =
        move |State(app): State<App>,
              Path((roster, id)): Path<(String, String)>,
              caller: Caller| async move { read_one(app, roster, id, kind, caller).await };
    let replace = move |State(app): State<App>,
                        Path((roster, id)): Path<(String, String)>,
                        write: Write<Json<RecordBody>>| async move {
        written(app, roster, Some(id), kind, How::Put, write).await
    };
    let merge = move |State(app): State<App>,
                      Path((roster, id)): Path<(String, String)>,
                      write: Write<Json<RecordBody>>| async move {
        written(app, roster, Some(id), kind, How::Merge, write).await
    };
    let end =
        move |State(app): State<App>,
              Path((roster, id)): Path<(String, String)>,
              write: Write<NoBody>| async move { ended(app, roster, id, kind, write).await };
    let put_name = move |State(app): State<App>,
                         Path(at): Path<(String, String)>,
                         write: Write<Json<NameBody>>| async move {
        beside(app, at, kind, write, |book, id, body| {
            records::put_name(book, id, Some(&body.0.name))
        })
        .await
    };
    let drop_name = move |State(app): State<App>,
                          Path(at): Path<(String, String)>,
                          write: Write<NoBody>| async move {
        beside(app, at, kind, write, |book, id, _| records::put_name(book, id, None)).await
    };
    let put_contact = move |State(app): State<App>,
                            Path(at): Path<(String, String)>,
                            write: Write<Json<Contact>>| async move {
        beside(app, at, kind, write, |book, id, body| {
            records::put_contact(book, id, Some(body.0.clone()))
        })
        .await
    };
    let drop_contact = move |State(app): State<App>,
                             Path(at): Path<(String, String)>,
                             write: Write<NoBody>| async move {
        beside(app, at, kind, write, |book, id, _| records::put_contact(book, id, None)).await
    };
    let read_contact =
        move |State(app): State<App>,
              Path((roster, id)): Path<(String, String)>,
              caller: Caller| async move { contact_of(app, roster, id, kind, caller).await };
    let end_about = match kind {
        Kind::Person => {
            "The record says `withdrawn` from now on, and open menus are withdrawn. Nothing is deleted: see erasure for that. Refused while matches are under way."
        }
        _ => {
            "The worker takes nobody from today on, and open menus that offer the worker are withdrawn. Nothing is deleted. Refused while people walk with the worker: hand them over first."
        }
    };
    let _ = word;
    vec![
        listed,
        record(
            changed(Route::new(Method::POST, list, ids[1], post(add)))
                .about(tag, "Add", "Every fault at once, by pointer into the body.")
                .who(STAFF)
                .path_param("roster", "The roster."),
        )
        .answers::<Written>(StatusCode::CREATED, "It is there."),
        at(Route::new(Method::GET, one, ids[2], get(read)))
            .about(
                tag,
                "Read",
                "A coordinator sees what there is consent for; the case system and the worker concerned see all of it.",
            )
            .who(if kind == Kind::Person { STAFF } else { WORKER_READERS })
            .answers::<Shown>(StatusCode::OK, "The record."),
        record(tagged(changed(Route::new(Method::PUT, one, ids[3], put(replace)))))
            .about(tag, "Write whole", "Made if it is not there. What whoever writes may not see stays.")
            .who(STAFF)
            .answers::<Written>(StatusCode::CREATED, "It was made."),
        record(tagged(changed(Route::new(Method::PATCH, one, ids[4], patch(merge)))))
            .about(tag, "Change", "Members that are given are changed, null takes out (RFC 7396), the rest stays.")
            .who(STAFF),
        tagged(changed(Route::new(Method::DELETE, one, ids[5], delete(end))))
            .about(tag, "End", end_about)
            .who(STAFF),
        kept_beside(Route::new(Method::PUT, name_path, ids[6], put(put_name)))
            .about(tag, "Write the name", "Names are kept beside the roster: nothing that matches ever sees one.")
            .who(STAFF)
            .json::<NameBody>(SMALL_BYTES_MAX),
        kept_beside(Route::new(Method::DELETE, name_path, ids[7], delete(drop_name)))
            .about(tag, "Take out the name", "")
            .who(STAFF),
        at(Route::new(Method::GET, contact_path, ids[8], get(read_contact)))
            .about(tag, "Read how somebody is reached", "Audited.")
            .who(STAFF)
            .answers::<Contact>(StatusCode::OK, "How they are reached."),
        kept_beside(Route::new(Method::PUT, contact_path, ids[9], put(put_contact)))
            .about(tag, "Write how somebody is reached", "")
            .who(STAFF)
            .json::<Contact>(SMALL_BYTES_MAX),
        kept_beside(Route::new(Method::DELETE, contact_path, ids[10], delete(drop_contact)))
            .about(tag, "Take out how somebody is reached", "")
            .who(STAFF),
    ]
}

/// How much of a record somebody sees and writes.
fn reader(caller: &Caller) -> Reader {
    // Whoever has both roles came as the case system where the route admits it only so; a coordinator sees what a coordinator may.
    if caller.principal.roles.contains(&Role::Coordinator) {
        Reader::Coordinator
    } else {
        Reader::Whole
    }
}

fn there(seen: Seen<'_, '_>, kind: Kind, id: &str) -> Result<(), Refused> {
    let there = match kind {
        Kind::Person => seen.book.person(id).is_some(),
        _ => seen.book.worker(id).is_some(),
    };
    if there { Ok(()) } else { Err(Refused::NotFound) }
}

fn list_for(caller: &Caller) -> ListFor {
    if caller.principal.is_any(&[Role::Coordinator, Role::Integrator]) {
        ListFor::Coordinator
    } else {
        ListFor::Auditor
    }
}

async fn list_people(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<PersonLine>>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let (limit, reader) = (limit(query.limit)?, list_for(&caller));
    let page = keeper
        .read_with(&app, move |seen| {
            let lines =
                records::people(seen.book, reader, query.status, query.after.as_deref(), limit);
            Page::of(lines, limit, seen.ready.revision.0, |line| line.id.clone())
        })
        .await?;
    let told = listed("people.shown", page.items.iter().map(|line| line.id.clone()));
    keeper.tell(&app, &caller.asked(), &told, Revision(page.revision)).await?;
    Ok(Json(page))
}

async fn list_workers(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<WorkerLine>>, Problem> {
    if query.status.is_some() {
        return Err(super::bad_query("workers have no status"));
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let (limit, reader) = (limit(query.limit)?, list_for(&caller));
    let page = keeper
        .read_with(&app, move |seen| {
            let lines = records::workers(seen.book, reader, query.after.as_deref(), limit);
            Page::of(lines, limit, seen.ready.revision.0, |line| line.id.clone())
        })
        .await?;
    let told = listed("workers.shown", page.items.iter().map(|line| line.id.clone()));
    keeper.tell(&app, &caller.asked(), &told, Revision(page.revision)).await?;
    Ok(Json(page))
}

async fn read_one(
    app: App,
    roster: String,
    id: String,
    kind: Kind,
    caller: Caller,
) -> Result<Response, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let staff = caller.principal.is_any(&[Role::Coordinator, Role::Integrator]);
    let reader = if staff { reader(&caller) } else { Reader::Whole };
    if !staff && own_worker(&caller.principal, &roster) != Some(id.as_str()) {
        return Err(Problem::not_found());
    }
    let (shown, revision) = keeper
        .read_with(&app, move |seen| {
            (records::read(seen.book, kind, &id, reader), seen.ready.revision)
        })
        .await?;
    let shown = shown.map_err(refused)?;
    let told = Told::new(&format!("{}.shown", kind.word()), [shown.id.clone()]);
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    let tag = shown.etag.clone();
    Ok(([("etag", tag)], Json(shown)).into_response())
}

fn answered(written: &Written, _: Revision) -> Answered {
    let status = if written.made { StatusCode::CREATED } else { StatusCode::OK };
    let answered = Answered::json(status, written);
    if written.etag.is_empty() { answered } else { answered.with_header("etag", &written.etag) }
}

async fn written(
    app: App,
    roster: String,
    id: Option<String>,
    kind: Kind,
    how: How,
    write: Write<Json<RecordBody>>,
) -> Result<Answered, Problem> {
    let Write { caller, asked, if_match, body: Json(RecordBody(body)) } = write;
    let keeper = keeper(&app, &caller, &roster).await?;
    let write = records::Write {
        kind,
        id,
        body: Value::Object(body),
        how,
        if_match: if_match.tags(),
        reader: reader(&caller),
    };
    let decide = move |seen: Seen<'_, '_>| records::write(seen.book, &write);
    keeper.write(&app, asked, decide, answered).await
}

async fn ended(
    app: App,
    roster: String,
    id: String,
    kind: Kind,
    Write { caller, asked, if_match, .. }: Write<NoBody>,
) -> Result<Answered, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let reader = reader(&caller);
    let organisation = caller.principal.organisation.clone();
    let person = id.clone();
    let decide = move |seen: Seen<'_, '_>| {
        let tags = if_match.tags();
        if kind == Kind::Person {
            return records::end_person(seen.book, &id, tags.as_deref(), reader);
        }
        let day = seen.ready.cx.roster.as_of();
        records::end_worker(seen.book, &id, tags.as_deref(), reader, day)
    };
    // All of it, whether or not whoever asked waits for the answer.
    let all = tokio::spawn(async move {
        let done = keeper.write(&app, asked, decide, answered).await?;
        if kind == Kind::Person {
            // Links lead to what is no longer offered.
            let ended = app.store.end_links_of(&organisation, &roster, &person).await;
            ended.map_err(crate::keeper::stored)?;
        }
        Ok(done)
    });
    all.await.unwrap_or_else(|_| Err(Problem::internal()))
}

/// Writes what is kept beside a record: its name, or how somebody is reached.
async fn beside<B: Send + Sync + 'static>(
    app: App,
    (roster, id): (String, String),
    kind: Kind,
    write: Write<B>,
    decide: impl Fn(&Book, &str, &B) -> Result<Decision<Written>, Refused> + Send + Sync + 'static,
) -> Result<Answered, Problem> {
    let Write { caller, asked, if_match, body } = write;
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: Seen<'_, '_>| {
        if_match.admits(seen.ready.revision).map_err(|_| Refused::Changed)?;
        there(seen, kind, &id)?;
        decide(seen.book, &id, &body)
    };
    keeper.write(&app, asked, decide, answered).await
}

async fn contact_of(
    app: App,
    roster: String,
    id: String,
    kind: Kind,
    caller: Caller,
) -> Result<Json<Contact>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let of = id.clone();
    let (contact, revision) = keeper
        .read_with(&app, move |seen| {
            let contact = there(seen, kind, &id)
                .and_then(|()| seen.book.contacts().get(&id).cloned().ok_or(Refused::NotFound));
            (contact, seen.ready.revision)
        })
        .await?;
    let contact = contact.map_err(refused)?;
    let told = Told::new("contact.shown", [of]);
    keeper.tell(&app, &caller.asked(), &told, revision).await?;
    Ok(Json(contact))
}

/// The plain kinds, by what they are called in addresses.
const OTHERS: [(&str, Kind); 6] = [
    ("services", Kind::Service),
    ("groups", Kind::Group),
    ("codes", Kind::Code),
    ("limits", Kind::Limit),
    ("pins", Kind::Pin),
    ("conflicts", Kind::Conflict),
];

fn other(list: &str) -> Result<Kind, Problem> {
    let found = OTHERS.iter().find(|(name, _)| *name == list);
    found.map(|(_, kind)| *kind).ok_or_else(Problem::not_found)
}

fn other_records() -> Vec<Route> {
    const LIST: &str = "/v1/rosters/{roster}/records/{list}";
    const ONE: &str = "/v1/rosters/{roster}/records/{list}/{id}";
    let at = |route: Route| {
        route
            .path_param("roster", "The roster.")
            .path_param("list", "`services`, `groups`, `codes`, `limits`, `pins` or `conflicts`.")
    };
    let changed = |route: Route| {
        route
            .answers::<Written>(StatusCode::OK, "It is written.")
            .problem(StatusCode::CONFLICT, "It cannot be done as things stand.")
            .problem(
                StatusCode::PRECONDITION_FAILED,
                "The record has changed since it was looked at.",
            )
    };
    let tag = "records";
    vec![
        at(paged(Route::new(Method::GET, LIST, "listRecords", get(list_others))))
            .about(
                tag,
                "List",
                "Conflicts are for the case system alone: why two are kept apart is nobody else's.",
            )
            .who(STAFF)
            .answers::<Page<Shown>>(StatusCode::OK, "A page."),
        at(changed(Route::new(Method::POST, LIST, "addRecord", post(add_other))))
            .about(tag, "Add", "What has no id of its own gets one, which the answer tells.")
            .who(STAFF)
            .json::<RecordBody>(SMALL_BYTES_MAX)
            .answers::<Written>(StatusCode::CREATED, "It is there."),
        at(changed(Route::new(Method::PUT, ONE, "putRecord", put(put_other))))
            .path_param("id", "The id.")
            .about(tag, "Write whole", "")
            .who(STAFF)
            .header("If-Match", "The `etag` of the record that was looked at.")
            .json::<RecordBody>(SMALL_BYTES_MAX)
            .answers::<Written>(StatusCode::CREATED, "It was made."),
        at(changed(Route::new(Method::DELETE, ONE, "dropRecord", delete(drop_other))))
            .path_param("id", "The id.")
            .about(tag, "Delete", "Refused where other records name it.")
            .who(STAFF)
            .header("If-Match", "The `etag` of the record that was looked at."),
    ]
}

async fn list_others(
    State(app): State<App>,
    Path((roster, list)): Path<(String, String)>,
    Query(query): Query<ListAsked>,
    caller: Caller,
) -> Result<Json<Page<Shown>>, Problem> {
    let kind = other(&list)?;
    if kind == Kind::Conflict && reader(&caller) == Reader::Coordinator {
        return Err(Problem::forbidden());
    }
    if query.status.is_some() {
        return Err(super::bad_query("these records have no status"));
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let limit = limit(query.limit)?;
    let page = keeper
        .read_with(&app, move |seen| {
            let lines = records::records(seen.book, kind, query.after.as_deref(), limit);
            Page::of(lines, limit, seen.ready.revision.0, |line| line.id.clone())
        })
        .await?;
    // The other kinds hold nothing of anybody.
    if matches!(kind, Kind::Conflict | Kind::Pin) {
        let ids = page.items.iter().flat_map(|line| audited(kind, &line.id));
        let told = listed(&format!("{list}.shown"), ids);
        keeper.tell(&app, &caller.asked(), &told, Revision(page.revision)).await?;
    }
    Ok(Json(page))
}

async fn add_other(
    State(app): State<App>,
    Path((roster, list)): Path<(String, String)>,
    write: Write<Json<RecordBody>>,
) -> Result<Answered, Problem> {
    let kind = other(&list)?;
    // Whether two are kept apart already is not told to whoever may not see it: writing it again changes nothing.
    let how = if kind == Kind::Conflict { How::Put } else { How::Make };
    written(app, roster, None, kind, how, write).await
}

async fn put_other(
    State(app): State<App>,
    Path((roster, list, id)): Path<(String, String, String)>,
    write: Write<Json<RecordBody>>,
) -> Result<Answered, Problem> {
    let kind = other(&list)?;
    written(app, roster, Some(id), kind, How::Put, write).await
}

async fn drop_other(
    State(app): State<App>,
    Path((roster, list, id)): Path<(String, String, String)>,
    Write { caller, asked, if_match, .. }: Write<NoBody>,
) -> Result<Answered, Problem> {
    let kind = other(&list)?;
    if kind == Kind::Conflict && reader(&caller) == Reader::Coordinator {
        return Err(Problem::forbidden());
    }
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide =
        move |seen: Seen<'_, '_>| records::delete(seen.book, kind, &id, if_match.tags().as_deref());
    keeper.write(&app, asked, decide, answered).await
}
