//! The person's own pages: opened by a link and a code, they say who could walk with them, take their answer, and show what is held about them.

use askama::Template;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use peermatch_core::kept::Ask;
use peermatch_core::kept::asks::AskAbout;
use peermatch_core::kept::change::{Changed, FeedbackTaken};
use peermatch_core::kept::matches::EventKind;
use peermatch_core::kept::menus::MenuState;
use peermatch_core::kept::offers::{MenuAnswered, MyMenu};
use peermatch_core::kept::steps::{MatchTold, Stands};
use serde::Deserialize;
use serde_json::{Value, json};

use super::coordinator::menu::Print;
use super::sign_in::with_cookies;
use super::visit::{Form, Visit, part};
use super::{Frame, form, page, show, shown, to};
use crate::kept::Page;
use crate::kept::decide::Listed;
use crate::principal::{Role, Subject};
use crate::problem::Problem;
use crate::request::{Path, Query};
use crate::table::{Route, Who};

const ME: Who = Who::Roles(&[Role::ServiceUser]);

pub(super) fn routes() -> Vec<Route> {
    vec![
        page(Method::GET, "/open/{token}", "page_open", get(code), Who::Everybody),
        form("/open", "page_open_sent", post(open), Who::Everybody),
        page(Method::GET, "/me", "page_me", get(me), ME),
        form("/me/answer", "page_me_answer", post(answer), ME),
        form("/me/matches/{match}/answer", "page_me_match", post(answer_match), ME),
        form("/me/change", "page_me_change", post(change), ME),
        form("/me/matches/{match}/feedback", "page_me_feedback", post(feedback), ME),
        form("/me/ask", "page_me_ask", post(ask), ME),
        page(Method::GET, "/me/print", "page_me_print", get(print), ME),
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
    let title = visit.say("open-title");
    let status = match &wrong {
        Some(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST),
        None => StatusCode::OK,
    };
    let wrong = wrong.map(|_| visit.say("open-wrong").into_owned());
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
    asks: Vec<Ask>,
    said: bool,
}

impl Me {
    fn answers(id: &str) -> String {
        format!("/me/matches/{}/answer", part(id))
    }

    fn feedback(id: &str) -> String {
        format!("/me/matches/{}/feedback", part(id))
    }

    /// Whether the person asked to choose together with somebody, and nobody has seen to it.
    fn together(&self) -> bool {
        self.open(AskAbout::ChooseTogether)
    }

    fn talk(&self) -> bool {
        self.open(AskAbout::Talk)
    }

    fn open(&self, about: AskAbout) -> bool {
        self.asks.iter().any(|ask| ask.about == about && ask.done_at.is_none())
    }

    /// Whether they walk together, so that there is something to say of it.
    fn walking(stands: &Stands) -> bool {
        matches!(stands, Stands::FirstMeeting | Stands::Active | Stands::Paused | Stands::Ended)
    }

    fn choosing(&self) -> bool {
        self.menu.as_ref().is_some_and(|menu| menu.state == MenuState::Open)
    }

    fn name<'a>(&'a self, worker: &'a str) -> &'a str {
        let names = self.menu.as_ref().map(|menu| &menu.names);
        names.and_then(|names| names.get(worker)).map_or(worker, String::as_str)
    }
}

/// The roster of the person who looks, as it stands in an address, and their id.
fn own(visit: &Visit) -> Result<(String, String), Problem> {
    match visit.principal.as_ref().and_then(|principal| principal.subject.as_ref()) {
        Some(Subject::Person { roster, id, .. }) => Ok((part(roster), part(id))),
        _ => Err(Problem::forbidden()),
    }
}

#[derive(Deserialize)]
struct MeAsked {
    said: Option<String>,
}

async fn me(visit: Visit, Query(asked): Query<MeAsked>) -> Result<Response, Problem> {
    let (roster, _) = own(&visit)?;
    let asks: Page<Ask> = visit.get(&format!("/v1/rosters/{roster}/asks?limit=500")).await?;
    let menu = match visit.get::<MyMenu>("/v1/my/menu").await {
        Ok(menu) => Some(menu),
        Err(problem) if problem.status == 404 => None,
        Err(problem) => return Err(problem),
    };
    let matches: Listed<MatchTold> = visit.get("/v1/my/matches").await?;
    let title = visit.say("me-title");
    let said = asked.said.is_some();
    let frame = Frame::new(visit, title);
    show(&Me { frame, menu, matches: matches.items, asks: asks.items, said })
}

async fn answer(form: Form) -> Result<Response, Problem> {
    let answer = match form.one("answer") {
        Some(word @ ("none" | "later" | "taken_back")) => Value::from(word),
        Some(pick) => json!({ "pick": pick.strip_prefix("pick:").unwrap_or(pick) }),
        None => Value::Null,
    };
    let _: MenuAnswered =
        form.visit.post("/v1/my/menu/answer", &json!({ "answer": answer })).await?;
    to("/me?said=1")
}

async fn answer_match(Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let said = json!({ "yes": form.one("yes") == Some("true") });
    let path = format!("/v1/my/matches/{}/answer", part(&id));
    let _: MatchTold = form.visit.post(&path, &said).await?;
    to("/me?said=1")
}

/// How it goes: whether it is right is all that is asked here.
async fn feedback(Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let said = json!({
        "when": form.one("when").unwrap_or("6w"),
        "right_fit": form.one("right_fit"),
        "complaint": form.one("complaint").is_some(),
    });
    let path = format!("/v1/my/matches/{}/feedback", part(&id));
    let _: FeedbackTaken = form.visit.post(&path, &json!({ "said": said })).await?;
    to("/me?said=1")
}

/// Something for somebody to talk with them about.
async fn ask(form: Form) -> Result<Response, Problem> {
    let (roster, _) = own(&form.visit)?;
    let new = json!({ "about": form.one("about"), "words": form.one("words") });
    let _: Ask = form.visit.post(&format!("/v1/rosters/{roster}/asks"), &new).await?;
    to("/me?said=1")
}

#[derive(Deserialize)]
struct PrintAsked {
    large: Option<String>,
}

/// The choice on paper.
async fn print(visit: Visit, Query(asked): Query<PrintAsked>) -> Result<Response, Problem> {
    let sheet: MyMenu = visit.get("/v1/my/menu").await?;
    let large = asked.large.is_some();
    let other = if large { "/me/print" } else { "/me/print?large=1" }.to_owned();
    let title = visit.say("print-title");
    let frame = Frame::new(visit, title);
    show(&Print { frame, large, other, back: "/me".to_owned(), sheet })
}

async fn change(form: Form) -> Result<Response, Problem> {
    let _: Changed = form.visit.post("/v1/my/change-worker", &json!({})).await?;
    to("/me?said=1")
}

#[derive(Template)]
#[template(path = "held.html")]
pub(super) struct HeldPage {
    pub(super) frame: Frame,
    pub(super) text: String,
    pub(super) back: &'static str,
    pub(super) ask: &'static str,
}

async fn held(visit: Visit) -> Result<Response, Problem> {
    let (roster, id) = own(&visit)?;
    let text = visit.text(&format!("/v1/rosters/{roster}/people/{id}/export?format=text")).await?;
    let title = visit.say("held-title");
    show(&HeldPage { frame: Frame::new(visit, title), text, back: "/me", ask: "/me/ask" })
}
