//! The person's own pages: opened by a link and a code, they say who could walk with them, take their answer, and show what is held about them.

use askama::Template;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use peermatch_core::kept::change::Changed;
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::menus::MenuState;
use peermatch_core::kept::offers::{MenuAnswered, MyMenu};
use peermatch_core::kept::steps::MatchTold;
use serde_json::{Value, json};

use super::sign_in::with_cookies;
use super::visit::{Form, Visit, part};
use super::{Frame, form, page, show, shown, to};
use crate::kept::decide::Listed;
use crate::principal::{Role, Subject};
use crate::problem::Problem;
use crate::request::Path;
use crate::table::{Route, Who};

const ME: Who = Who::Roles(&[Role::ServiceUser]);

pub(super) fn routes() -> Vec<Route> {
    vec![
        page(Method::GET, "/open/{token}", "page_open", get(code), Who::Everybody)
            .path_param("token", "The token of the link."),
        form("/open", "page_open_sent", post(open), Who::Everybody),
        page(Method::GET, "/me", "page_me", get(me), ME),
        form("/me/answer", "page_me_answer", post(answer), ME),
        form("/me/matches/{match}/answer", "page_me_match", post(answer_match), ME)
            .path_param("match", "The match."),
        form("/me/change", "page_me_change", post(change), ME),
        page(Method::GET, "/me/held", "page_me_held", get(held), ME),
    ]
}

#[derive(Template)]
#[template(path = "open.html")]
struct Open {
    frame: Frame,
    token: String,
    wrong: Option<String>,
}

fn ask_code(visit: Visit, token: &str, wrong: Option<Problem>) -> Result<Response, Problem> {
    let title = visit.language.say("open-title");
    let status = match &wrong {
        Some(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST),
        None => StatusCode::OK,
    };
    let wrong = wrong.map(|_| visit.language.say("open-wrong").into_owned());
    shown(status, &Open { frame: Frame::new(visit, title), token: token.to_owned(), wrong })
}

async fn code(visit: Visit, Path(token): Path<String>) -> Result<Response, Problem> {
    ask_code(visit, &token, None)
}

async fn open(form: Form) -> Result<Response, Problem> {
    let token = form.one("token").unwrap_or_default().to_owned();
    // People write codes in groups.
    let code: String =
        form.one("code").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let given = json!({ "token": token, "code": code });
    match form.visit.ask::<Value>(Method::POST, "/v1/links/open", Some(&given)).await {
        Ok(told) => Ok(with_cookies(to("/me")?, &told.headers)),
        Err(problem) if matches!(problem.status, 404 | 422) => {
            ask_code(form.visit, &token, Some(problem))
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "me.html")]
struct Me {
    frame: Frame,
    menu: Option<MyMenu>,
    matches: Vec<MatchTold>,
}

impl Me {
    fn answers(id: &str) -> String {
        format!("/me/matches/{}/answer", part(id))
    }

    fn choosing(&self) -> bool {
        self.menu.as_ref().is_some_and(|menu| menu.state == MenuState::Open)
    }

    fn name<'a>(&'a self, worker: &'a str) -> &'a str {
        let names = self.menu.as_ref().map(|menu| &menu.names);
        names.and_then(|names| names.get(worker)).map_or(worker, String::as_str)
    }
}

async fn me(visit: Visit) -> Result<Response, Problem> {
    let menu = match visit.get::<MyMenu>("/v1/my/menu").await {
        Ok(menu) => Some(menu),
        Err(problem) if problem.status == 404 => None,
        Err(problem) => return Err(problem),
    };
    let matches: Listed<MatchTold> = visit.get("/v1/my/matches").await?;
    let title = visit.language.say("me-title");
    show(&Me { frame: Frame::new(visit, title), menu, matches: matches.items })
}

async fn answer(form: Form) -> Result<Response, Problem> {
    let answer = match form.one("answer") {
        Some(word @ ("none" | "later" | "taken_back")) => Value::from(word),
        Some(pick) => json!({ "pick": pick.strip_prefix("pick:").unwrap_or(pick) }),
        None => Value::Null,
    };
    let _: MenuAnswered =
        form.visit.post("/v1/my/menu/answer", &json!({ "answer": answer })).await?;
    to("/me")
}

async fn answer_match(Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let said = json!({ "yes": form.one("yes") == Some("true") });
    let path = format!("/v1/my/matches/{}/answer", part(&id));
    let _: MatchTold = form.visit.post(&path, &said).await?;
    to("/me")
}

async fn change(form: Form) -> Result<Response, Problem> {
    let _: Changed = form.visit.post("/v1/my/change-worker", &json!({})).await?;
    to("/me")
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    text: String,
    back: &'static str,
}

async fn held(visit: Visit) -> Result<Response, Problem> {
    let Some(Subject::Person { roster, id, .. }) =
        visit.principal.as_ref().and_then(|principal| principal.subject.as_ref())
    else {
        return Err(Problem::forbidden());
    };
    let path = format!("/v1/rosters/{}/people/{}/export?format=text", part(roster), part(id));
    let text = visit.text(&path).await?;
    let title = visit.language.say("held-title");
    show(&HeldPage { frame: Frame::new(visit, title), text, back: "/me" })
}
