//! In and out, by name and password. Who comes by a link opens it at their own pages.

use askama::Template;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::visit::{Form, Visit};
use super::{Frame, form, own_address, page, shown, to};
use crate::problem::Problem;
use crate::request::Query;
use crate::table::{Route, Who};

pub(super) fn routes() -> Vec<Route> {
    vec![
        page(Method::GET, "/sign-in", "page_sign_in", get(ask), Who::Everybody)
            .query::<String>("to", "Where to go then."),
        form("/sign-in", "page_sign_in_sent", post(sign_in), Who::Everybody),
        form("/sign-out", "page_sign_out", post(sign_out), Who::Everybody),
    ]
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    to: String,
    wrong: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    to: Option<String>,
}

fn form_of(visit: Visit, to: &str, wrong: Option<Problem>) -> Result<Response, Problem> {
    let title = visit.say("sign-in-title");
    let status = match &wrong {
        Some(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST),
        None => StatusCode::OK,
    };
    let wrong = wrong.map(|problem| problem.detail);
    shown(status, &SignIn { frame: Frame::new(visit, title), to: to.to_owned(), wrong })
}

async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let to = own_address(asked.to.as_deref()).to_owned();
    form_of(visit, &to, None)
}

async fn sign_in(form: Form) -> Result<Response, Problem> {
    let given = json!({
        "login": form.one("login").unwrap_or_default(),
        "password": form.one("password").unwrap_or_default(),
    });
    let address = own_address(form.one("to")).to_owned();
    match form.visit.ask::<serde_json::Value>(Method::POST, "/v1/sessions", Some(&given)).await {
        Ok(told) => Ok(with_cookies(to(&address)?, &told.headers)),
        // Wrong, or too often: said at the form, with what was typed but for the password.
        Err(problem) if matches!(problem.status, 401 | 422 | 429) => {
            form_of(form.visit, &address, Some(problem))
        }
        Err(problem) => Err(problem),
    }
}

async fn sign_out(form: Form) -> Result<Response, Problem> {
    let path = "/v1/sessions/current";
    let told = form.visit.ask::<serde_json::Value>(Method::DELETE, path, None::<&()>).await?;
    Ok(with_cookies(to("/sign-in")?, &told.headers))
}

/// The cookies that the service set.
pub(super) fn with_cookies(mut response: Response, told: &axum::http::HeaderMap) -> Response {
    let cookies: Vec<HeaderValue> = told.get_all(header::SET_COOKIE).iter().cloned().collect();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
