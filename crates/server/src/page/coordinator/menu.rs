//! A menu: made, looked at as its person reads it, and what the person says to it written down.

use askama::Template;
use axum::response::Response;
use peermatch_core::kept::menus::{MenuOffer, MenuState};
use peermatch_core::kept::offers::{MenuAnswered, MenusMade, MyMenu};
use peermatch_core::menu::Answer;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Called;
use crate::kept::Page;
use crate::kept::link::LinkMade;
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, to};
use crate::problem::Problem;
use crate::request::{Path, Query};

#[derive(Template)]
#[template(path = "menu.html")]
struct MenuPage {
    frame: Frame,
    at: String,
    person: String,
    menu: MenuOffer,
    sheet: MyMenu,
    called: Called,
}

impl MenuPage {
    fn state(&self) -> &'static str {
        match self.menu.state {
            MenuState::Open => "menu-state-open",
            MenuState::Answered => "menu-state-answered",
            MenuState::Expired => "menu-state-expired",
            MenuState::Withdrawn => "menu-state-withdrawn",
        }
    }

    /// The match that the pick made.
    fn matched(&self) -> Option<String> {
        let id = self.menu.match_id.as_ref()?;
        let roster = self.frame.roster.as_deref()?;
        Some(format!("/rosters/{}/matches/{}", part(roster), part(id)))
    }

    fn open(&self) -> bool {
        self.menu.state == MenuState::Open
    }

    /// What was said last, as a message; a pick names its worker.
    fn said(&self) -> Option<String> {
        let said = match &self.menu.answer.as_ref()?.answer {
            Answer::Pick(worker) => self.frame.name("menu-said-pick", self.called.of(worker)),
            Answer::None => self.frame.say("menu-said-none"),
            Answer::Later => self.frame.say("menu-said-later"),
            _ => return None,
        };
        Some(said.into_owned())
    }
}

#[derive(Template)]
#[template(path = "no_menu.html")]
struct NoMenu {
    frame: Frame,
    person: String,
    why: Vec<String>,
}

pub(super) async fn make(
    Path((roster, person)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let mut asked = json!({ "for": [&person] });
    if let Some(size) = form.one("size").and_then(|size| size.parse::<u32>().ok()) {
        asked["size"] = Value::from(size);
    }
    let visit = form.visit;
    // Asked twice, or from an old page: there is one choice at a time.
    if let Some(menu) = open_of(&visit, &roster, &person).await? {
        return to(&menu);
    }
    let at = format!("/v1/rosters/{}/menus", part(&roster));
    let made: MenusMade = visit.post(&at, &asked).await?;
    if let Some(menu) = made.menus.first() {
        return to(&format!("/rosters/{}/menus/{}", part(&roster), part(&menu.id)));
    }
    let title = visit.say("no-menu-title");
    let why = made.nothing_now.into_iter().map(|one| one.next_step).collect();
    let person = format!("/rosters/{}/people/{}", part(&roster), part(&person));
    show(&NoMenu { frame: Frame::of(visit, title, &roster, "waiting"), person, why })
}

/// Where the open menu of somebody is, if they have one.
pub(super) async fn open_of(
    visit: &Visit,
    roster: &str,
    person: &str,
) -> Result<Option<String>, Problem> {
    let roster = part(roster);
    let path = format!("/v1/rosters/{roster}/menus?state=open&person={}", part(person));
    let open: Page<MenuOffer> = visit.get(&path).await?;
    Ok(open.items.first().map(|menu| format!("/rosters/{roster}/menus/{}", part(&menu.id))))
}

pub(super) async fn look(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let at = format!("/v1/rosters/{}/menus/{}", part(&roster), part(&id));
    let menu: MenuOffer = visit.get(&at).await?;
    let sheet: MyMenu = visit.get(&format!("{at}/sheet")).await?;
    let ids = menu.options.iter().chain([&menu.person_id]);
    let called = Called::ask(&visit, &roster, ids).await?;
    let person_name = called.of(&menu.person_id).to_owned();
    let title = visit.say_with("menu-title", &[("name", person_name.into())]);
    let person = format!("/rosters/{}/people/{}", part(&roster), part(&menu.person_id));
    let at = format!("/rosters/{}/menus/{}", part(&roster), part(&id));
    let frame = Frame::of(visit, title, &roster, "waiting");
    show(&MenuPage { frame, at, person, menu, sheet, called })
}

pub(super) async fn answer(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let answer = match form.one("answer") {
        Some(word @ ("none" | "later" | "taken_back")) => Value::from(word),
        Some(pick) => json!({ "pick": pick.strip_prefix("pick:").unwrap_or(pick) }),
        None => Value::Null,
    };
    let said = json!({ "answer": answer, "how": form.one("how") });
    let at = format!("/rosters/{}/menus/{}", part(&roster), part(&id));
    let _: MenuAnswered = form.visit.post(&format!("/v1{at}/answer"), &said).await?;
    to(&at)
}

pub(super) async fn withdraw(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/menus/{}", part(&roster), part(&id));
    let _: MenuOffer = form.visit.post(&format!("/v1{at}/withdraw"), &json!({})).await?;
    to(&at)
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    frame: Frame,
    back: String,
    link: LinkMade,
}

pub(super) async fn link(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let visit = form.visit;
    let at = format!("/rosters/{}/menus/{}", part(&roster), part(&id));
    let menu: MenuOffer = visit.get(&format!("/v1{at}")).await?;
    let link: LinkMade = visit.post(&format!("/v1{at}/link"), &json!({})).await?;
    let called = Called::ask(&visit, &roster, [&menu.person_id]).await?;
    let name = called.of(&menu.person_id).to_owned();
    let title = visit.say_with("link-title", &[("name", name.into())]);
    show(&LinkPage { frame: Frame::of(visit, title, &roster, "waiting"), back: at, link })
}

/// A link to the person's own pages, whether or not they have a choice open.
pub(super) async fn link_person(
    Path((roster, person)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let visit = form.visit;
    let at = format!("/rosters/{}/people/{}", part(&roster), part(&person));
    let link: LinkMade = visit.post(&format!("/v1{at}/link"), &json!({})).await?;
    let called = Called::ask(&visit, &roster, [&person]).await?;
    let name = called.of(&person).to_owned();
    let title = visit.say_with("link-title", &[("name", name.into())]);
    show(&LinkPage { frame: Frame::of(visit, title, &roster, "waiting"), back: at, link })
}

#[derive(Deserialize)]
pub(super) struct PrintAsked {
    large: Option<String>,
}

#[derive(Template)]
#[template(path = "print.html")]
pub(in crate::page) struct Print {
    pub(in crate::page) frame: Frame,
    pub(in crate::page) large: bool,
    pub(in crate::page) other: String,
    pub(in crate::page) back: String,
    pub(in crate::page) sheet: MyMenu,
}

impl Print {
    fn name<'a>(&'a self, worker: &'a str) -> &'a str {
        self.sheet.names.get(worker).map_or(worker, String::as_str)
    }
}

/// The choice on paper: one side of A4, or in large print.
pub(super) async fn print(
    visit: Visit,
    Path((roster, id)): Path<(String, String)>,
    Query(asked): Query<PrintAsked>,
) -> Result<Response, Problem> {
    let back = format!("/rosters/{}/menus/{}", part(&roster), part(&id));
    let sheet: MyMenu = visit.get(&format!("/v1{back}/sheet")).await?;
    let title = visit.say("print-title");
    let large = asked.large.is_some();
    let other = if large { format!("{back}/print") } else { format!("{back}/print?large=1") };
    show(&Print { frame: Frame::new(visit, title), large, other, back, sheet })
}
