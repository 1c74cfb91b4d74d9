//! For whoever administers: who may sign in, which programs may call, and rosters put in from files.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::visit::{Form, Visit, part};
use super::{Frame, form, page, shown, to};
use crate::auth::routes::{AccountTold, KeyMade, KeyTold};
use crate::kept::import::{IMPORT_BYTES_MAX, ImportTold, PACK_JSON};
use crate::kept::rosters::{RosterLine, Rosters};
use crate::principal::Role;
use crate::problem::{FaultTold, Problem};
use crate::request::Path;
use crate::table::{Route, Who, schema};

const OFFICE: Who = Who::Roles(&[Role::Administrator]);

pub(super) fn routes() -> Vec<Route> {
    let mut import = form("/rosters/{roster}/import", "page_import_sent", post(put_in), OFFICE);
    import.bodies.clear();
    vec![
        page(Method::GET, "/office", "page_office", get(office), OFFICE),
        form("/office/keys", "page_add_key", post(add_key), OFFICE),
        form("/office/keys/{key}/revoke", "page_revoke_key", post(revoke_key), OFFICE),
        form("/office/accounts", "page_add_account", post(add_account), OFFICE),
        form("/office/accounts/{account}/close", "page_close_account", post(close_account), OFFICE),
        page(Method::GET, "/rosters/{roster}/import", "page_import", get(ask_import), OFFICE),
        import.body("multipart/form-data", schema::<String>, IMPORT_BYTES_MAX),
    ]
}

#[derive(Template)]
#[template(path = "office.html")]
struct Office {
    frame: Frame,
    rosters: Vec<RosterLine>,
    keys: Vec<KeyTold>,
    accounts: Vec<AccountTold>,
    /// A key that was made just now: told once.
    secret: Option<String>,
    faults: Vec<String>,
    now: i64,
}

impl Office {
    fn import(id: &str) -> String {
        format!("/rosters/{}/import", part(id))
    }

    fn revoke(id: &str) -> String {
        format!("/office/keys/{}/revoke", part(id))
    }

    fn close(id: &str) -> String {
        format!("/office/accounts/{}/close", part(id))
    }

    /// Whether a key is good still.
    fn good(&self, key: &KeyTold) -> bool {
        key.revoked_at.is_none() && key.expires_at.is_none_or(|at| at > self.now)
    }

    fn roles() -> [&'static str; 5] {
        [Role::Coordinator, Role::PeerWorker, Role::Auditor, Role::Integrator, Role::Administrator]
            .map(Role::word)
    }
}

async fn office_of(
    visit: Visit,
    secret: Option<String>,
    faults: Vec<String>,
) -> Result<Response, Problem> {
    let rosters: Rosters = visit.get("/v1/rosters").await?;
    let keys: Vec<KeyTold> = visit.get("/v1/keys").await?;
    let accounts: Vec<AccountTold> = visit.get("/v1/accounts").await?;
    let title = visit.say("office-title");
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let now = visit.now;
    let frame = Frame::new(visit, title);
    let rosters = rosters.rosters;
    shown(status, &Office { frame, rosters, keys, accounts, secret, faults, now })
}

async fn office(visit: Visit) -> Result<Response, Problem> {
    office_of(visit, None, Vec::new()).await
}

/// What was refused, to be told above the form.
fn told(problem: Problem) -> Result<Vec<String>, Problem> {
    if !matches!(problem.status, 400 | 409 | 422) {
        return Err(problem);
    }
    if problem.errors.is_empty() {
        return Ok(vec![problem.detail]);
    }
    let words = |fault: &FaultTold| {
        let at = fault.pointer.trim_start_matches('/');
        format!("{at}: {}. {}", fault.reason, fault.fix)
    };
    Ok(problem.errors.iter().map(words).collect())
}

/// The peer worker that a key or an account is for, as the form names it.
fn worker(form: &Form) -> Option<Value> {
    let id = form.one("worker")?;
    Some(json!({ "roster": form.one("worker_roster").unwrap_or_default(), "id": id }))
}

async fn add_key(form: Form) -> Result<Response, Problem> {
    let roles: Vec<&str> = form.all("role").collect();
    let rosters: Vec<&str> = form.all("roster").collect();
    let mut wanted = json!({
        "label": form.one("label").unwrap_or_default(), "roles": roles, "rosters": rosters,
    });
    if let Some(worker) = worker(&form) {
        wanted["worker"] = worker;
    }
    match form.visit.post::<KeyMade>("/v1/keys", &wanted).await {
        Ok(made) => office_of(form.visit, Some(made.secret), Vec::new()).await,
        Err(problem) => {
            let faults = told(problem)?;
            office_of(form.visit, None, faults).await
        }
    }
}

async fn revoke_key(Path(key): Path<String>, form: Form) -> Result<Response, Problem> {
    let path = format!("/v1/keys/{}", part(&key));
    let _ = form.visit.ask::<Value>(Method::DELETE, &path, None::<&()>).await?;
    to("/office")
}

async fn add_account(form: Form) -> Result<Response, Problem> {
    let roles: Vec<&str> = form.all("role").collect();
    let mut wanted = json!({
        "login": form.one("login").unwrap_or_default(),
        "password": form.one("password").unwrap_or_default(),
        "roles": roles,
        "rosters": form.all("roster").collect::<Vec<_>>(),
    });
    if let Some(worker) = worker(&form) {
        wanted["worker"] = worker;
    }
    match form.visit.post::<AccountTold>("/v1/accounts", &wanted).await {
        Ok(_) => to("/office"),
        Err(problem) => {
            let faults = told(problem)?;
            office_of(form.visit, None, faults).await
        }
    }
}

async fn close_account(Path(account): Path<String>, form: Form) -> Result<Response, Problem> {
    let path = format!("/v1/accounts/{}", part(&account));
    let _ = form.visit.ask::<Value>(Method::DELETE, &path, None::<&()>).await?;
    to("/office")
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    at: String,
    faults: Vec<FaultTold>,
    told: Option<ImportTold>,
}

impl ImportPage {
    /// Where in the files a fault is, if in one.
    fn place(fault: &FaultTold) -> Option<&String> {
        fault.place.as_ref().filter(|place| !place.is_empty())
    }

    /// What becomes of each kind of record: new, changed, ended, as it was.
    fn counts(told: &ImportTold) -> Vec<(&'static str, [usize; 4])> {
        let line = |name, counted: &peermatch_core::kept::import::Counted| {
            (name, [counted.added, counted.changed, counted.ended, counted.same])
        };
        let counts = &told.counts;
        vec![
            line("import-people", &counts.people),
            line("import-workers", &counts.workers),
            line("import-services", &counts.services),
            line("import-matches", &counts.matches),
            line("import-names", &counts.names),
            line("import-others", &counts.others),
        ]
    }
}

fn import_page(
    visit: Visit,
    roster: &str,
    told: Option<ImportTold>,
    faults: Vec<FaultTold>,
) -> Result<Response, Problem> {
    let title = visit.say("import-title");
    let at = format!("/rosters/{}/import", part(roster));
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::of(visit, title, roster, "import");
    shown(status, &ImportPage { frame, at, faults, told })
}

async fn ask_import(visit: Visit, Path(roster): Path<String>) -> Result<Response, Problem> {
    import_page(visit, &roster, None, Vec::new())
}

/// Files as they were chosen become what the route for programs takes: one roster in JSON, or a pack of tables.
async fn put_in(Path(roster): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let files = std::mem::take(&mut form.files);
    let dry = if form.one("do") == Some("put-in") { "false" } else { "true" };
    let how = if form.one("how") == Some("merge") { "merge" } else { "replace" };
    let path = format!("/v1/rosters/{}/import?dry_run={dry}&how={how}", part(&roster));
    let fault = |reason: &str, fix: &str, place: Option<&String>| FaultTold {
        pointer: String::new(),
        reason: reason.to_owned(),
        fix: fix.to_owned(),
        place: place.cloned(),
    };
    let done = match files.as_slice() {
        [] => {
            let faults = vec![fault(
                "no file was chosen",
                "choose a roster in JSON, or the files of a pack",
                None,
            )];
            return import_page(form.visit, &roster, None, faults);
        }
        [(name, bytes)] if is_json(name) => {
            form.visit.post_bytes::<ImportTold>(&path, "application/json", bytes.clone()).await
        }
        all => {
            let mut pack: BTreeMap<&str, &str> = BTreeMap::new();
            let mut faults = Vec::new();
            for (name, bytes) in all {
                match std::str::from_utf8(bytes) {
                    Ok(text) => drop(pack.insert(name, text)),
                    Err(_) => faults.push(fault(
                        "this is not UTF-8",
                        "save it as “CSV UTF-8”",
                        Some(name),
                    )),
                }
            }
            if !faults.is_empty() {
                return import_page(form.visit, &roster, None, faults);
            }
            let body = serde_json::to_vec(&pack).map_err(|_| Problem::internal())?;
            form.visit.post_bytes::<ImportTold>(&path, PACK_JSON, body.into()).await
        }
    };
    match done {
        Ok(told) => import_page(form.visit, &roster, Some(told), Vec::new()),
        Err(problem) if matches!(problem.status, 400 | 409 | 422) => {
            let mut faults = problem.errors;
            if faults.is_empty() {
                faults.push(fault(&problem.detail, "", None));
            }
            import_page(form.visit, &roster, None, faults)
        }
        Err(problem) => Err(problem),
    }
}

fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|is| is.eq_ignore_ascii_case("json"))
}
