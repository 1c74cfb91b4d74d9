//! The pages for people: for coordinators at `/`, for service users at `/me`, for peer workers at `/mine`.
//!
//! They are made on this side, in plain HTML with plain forms; nothing is loaded from outside, and nothing needs a script. A page knows no rule, no threshold and no number: it
//! asks the routes for programs on its visitor's behalf (`visit`) and lays out what they tell that visitor. So what a role may not see cannot come into a page, and what is
//! looked at is audited as it is for programs.

#![allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates hand on by reference what they hold"
)]

mod coordinator;
mod fields;
mod look;
mod me;
mod office;
mod sign_in;
mod visit;
mod words;
mod work;

use std::borrow::Cow;

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use fluent_bundle::FluentValue;

use crate::principal::Role;
use crate::problem::{FaultTold, Problem};
use crate::table::{Route, SchemaOf, Who, schema};
use visit::{Form, Visit, part};
use words::{LANGUAGE, Language};

const HTML: &str = "text/html; charset=utf-8";

/// The most bytes of a form.
const FORM_BYTES: usize = 256 << 10;

/// Nothing from outside, no script but our own, forms for this service alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let mut all = vec![
        page(Method::GET, "/", "page_home", get(home), Who::Everybody),
        form("/language", "page_language", post(language), Who::Everybody),
    ];
    all.extend(look::routes());
    all.extend(sign_in::routes());
    all.extend(coordinator::routes());
    all.extend(me::routes());
    all.extend(work::routes());
    all.extend(office::routes());
    all
}

/// A page.
fn page(
    method: Method,
    path: &'static str,
    id: &'static str,
    handler: axum::routing::MethodRouter<crate::App>,
    who: Who,
) -> Route {
    let page: (&str, SchemaOf) = (HTML, schema::<String>);
    let route = Route::new(method, path, id, handler)
        .about("pages", "A page", "")
        .who(who)
        .answer(StatusCode::OK, "The page.", Some(page))
        .page();
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.fold(route, |route, name| route.path_param(name, "What the page is about."))
}

/// Where a form of a page is sent.
fn form(
    path: &'static str,
    id: &'static str,
    handler: axum::routing::MethodRouter<crate::App>,
    who: Who,
) -> Route {
    page(Method::POST, path, id, handler, who).body(
        "application/x-www-form-urlencoded",
        schema::<String>,
        FORM_BYTES,
    )
}

/// What every page has around what it is about.
struct Frame {
    visit: Visit,
    /// The title, said first by whatever reads the page aloud.
    title: Cow<'static, str>,
    /// The roster that the page is about, if one.
    roster: Option<String>,
    /// Which of the ways through the roster the page is on.
    here: &'static str,
}

impl Frame {
    fn new(visit: Visit, title: Cow<'static, str>) -> Self {
        Self { visit, title, roster: None, here: "" }
    }

    fn of(visit: Visit, title: Cow<'static, str>, roster: &str, here: &'static str) -> Self {
        Self { visit, title, roster: Some(roster.to_owned()), here }
    }

    /// A message in the language of the page.
    fn say(&self, id: &str) -> Cow<'static, str> {
        self.visit.say(id)
    }

    /// A message with a number.
    fn count(&self, id: &str, n: impl Into<FluentValue<'static>>) -> Cow<'static, str> {
        self.visit.say_with(id, &[("n", n.into())])
    }

    /// So many of so many.
    fn of_most(&self, n: u32, most: u32) -> Cow<'static, str> {
        let with = [("n", FluentValue::from(n)), ("most", FluentValue::from(most))];
        self.visit.say_with("of-most", &with)
    }

    /// A message with a name.
    fn name(&self, id: &str, name: &str) -> Cow<'static, str> {
        self.visit.say_with(id, &[("name", name.to_owned().into())])
    }

    fn is_in(&self, language: Language) -> bool {
        self.visit.language == language
    }

    fn languages() -> [Language; 2] {
        Language::ALL
    }

    fn form_token(&self) -> String {
        self.visit.form_token()
    }

    fn coordinates(&self) -> bool {
        self.visit.is(Role::Coordinator)
    }

    /// Whether the words of this language still need somebody who speaks it well.
    fn draft(&self) -> bool {
        self.visit.language != Language::English
    }

    fn administers(&self) -> bool {
        self.visit.is(Role::Administrator)
    }

    /// Whether the page is the person's own.
    fn is_persons(&self) -> bool {
        self.visit.is(Role::ServiceUser)
    }

    /// What marks words that the engine says, where the page is in another language.
    fn engine(&self) -> &'static str {
        if self.visit.language == Language::English { "" } else { " lang=\"en\"" }
    }

    /// The day and time of a moment, UTC.
    fn moment(at: &i64) -> String {
        jiff::Timestamp::from_microsecond(*at)
            .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
            .unwrap_or_default()
    }

    fn signed_in(&self) -> bool {
        self.visit.has_session()
    }
}

/// The page of a template.
fn show(template: &impl Template) -> Result<Response, Problem> {
    shown(StatusCode::OK, template)
}

fn shown(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Problem::internal()
    })?;
    let headers = [
        (header::CONTENT_TYPE, HTML),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // A browser that may tell nobody where a form comes from says "null" to us too, and would be turned away.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    Ok((status, headers, html).into_response())
}

/// To another page, after a form was sent.
fn to(path: &str) -> Result<Response, Problem> {
    let to = HeaderValue::from_str(path).map_err(|_| Problem::not_found())?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// An address of this service alone, as a form may name it; the first page for anything else.
fn own_address(asked: Option<&str>) -> &str {
    asked
        .filter(|to| {
            to.starts_with('/')
                && !to.starts_with("//")
                && to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        })
        .unwrap_or("/")
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Trouble {
    frame: Frame,
    detail: String,
    errors: Vec<FaultTold>,
    request_id: String,
}

/// Tells people of a problem in a page, and leads whoever has not said who they are to where they can.
pub(crate) async fn told(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // Whoever looks is known only behind the gate; what is needed of them here is the language and the way back.
    let visit = Visit::bare(&mut parts);
    let method = parts.method.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if problem.status == 401 && problem.code == "unauthorized" {
        let back = if method == Method::GET { part(&visit.at) } else { "%2F".to_owned() };
        return to(&format!("/sign-in?to={back}")).unwrap_or_else(IntoResponse::into_response);
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = visit.language.say("problem-title");
    let request_id = visit.request_id();
    let page = Trouble {
        frame: Frame::new(visit, title),
        detail: problem.detail.clone(),
        errors: problem.errors.clone(),
        request_id,
    };
    let mut page = shown(status, &page).unwrap_or_else(IntoResponse::into_response);
    if let Some(seconds) = problem.retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    page
}

/// To where somebody's work begins.
async fn home(visit: Visit) -> Result<Response, Problem> {
    let Some(principal) = &visit.principal else { return Err(Problem::unauthorized()) };
    if principal.roles.contains(&Role::Coordinator) {
        return to("/rosters");
    }
    if principal.roles.contains(&Role::ServiceUser) {
        return to("/me");
    }
    if principal.roles.contains(&Role::PeerWorker) {
        return to("/mine");
    }
    if principal.roles.contains(&Role::Administrator) {
        return to("/office");
    }
    coordinator::nothing_here(visit)
}

/// Another language, for whoever reads on here.
async fn language(form: Form) -> Result<Response, Problem> {
    let chosen = form.one("language").and_then(Language::from_tag).unwrap_or(Language::English);
    let mut response = to(own_address(form.one("to")))?;
    let cookie =
        format!("{LANGUAGE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", chosen.tag());
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The message of how well a wish is met; the class of its line, too.
pub(crate) fn met(met: peermatch_core::scoring::Met) -> &'static str {
    use peermatch_core::scoring::Met;
    match met {
        Met::Met => "met",
        Met::Partly => "partly",
        Met::NotMet => "not-met",
        Met::Unknown => "unknown",
    }
}

/// The reasons of a pair, what is met first; without what stands below them in words of its own: the one thing to mind, and what is not known.
pub(crate) fn reasons(
    pair: &peermatch_core::explain::ForCoordinator,
) -> Vec<(&'static str, &String, Option<&'static str>)> {
    let mut all: Vec<_> = pair
        .bars
        .iter()
        .filter_map(|bar| Some((bar.met, bar.words.as_ref()?, bar.may_be_said)))
        .filter(|(_, words, may)| {
            may.is_some() || pair.caution.as_ref() != Some(words) && !pair.not_known.contains(words)
        })
        .collect();
    all.sort_by_key(|(met, ..)| *met);
    let aloud = |may| if may { "reason-may-be-said" } else { "reason-not-aloud" };
    all.into_iter().map(|(is, words, may)| (met(is), words, may.map(aloud))).collect()
}

/// The message of a way to say something.
pub(crate) fn how(word: &&str) -> String {
    format!("how-{word}")
}

/// The same of how somebody said something.
pub(crate) fn how_of(how: &peermatch_core::kept::matches::How) -> String {
    let word = serde_json::to_value(how).unwrap_or_default();
    format!("how-{}", word.as_str().unwrap_or_default())
}

/// The message of a role.
pub(crate) fn role(word: &str) -> String {
    format!("role-{}", word.replace('_', "-"))
}
