//! What people and workers asked of those who coordinate, from their own pages.

use askama::Template;
use axum::response::Response;
use peermatch_core::kept::Ask;
use peermatch_core::kept::matches::Party;

use super::Called;
use crate::kept::Page;
use crate::page::visit::{Form, Visit, part};
use crate::page::{Frame, show, to};
use crate::problem::Problem;
use crate::request::Path;

#[derive(Template)]
#[template(path = "asks.html")]
struct AsksPage {
    frame: Frame,
    roster: String,
    asks: Vec<Ask>,
    called: Called,
}

impl AsksPage {
    fn of(&self, ask: &Ask) -> String {
        let list = if ask.party == Party::PeerWorker { "workers" } else { "people" };
        format!("/rosters/{}/{list}/{}", part(&self.roster), part(&ask.of))
    }

    fn done(&self, id: &str) -> String {
        format!("/rosters/{}/asks/{}/done", part(&self.roster), part(id))
    }
}

pub(super) async fn list(visit: Visit, Path(roster): Path<String>) -> Result<Response, Problem> {
    let told: Page<Ask> =
        visit.get(&format!("/v1/rosters/{}/asks?limit=500", part(&roster))).await?;
    let called = Called::ask(&visit, &roster, told.items.iter().map(|ask| &ask.of)).await?;
    let title = visit.say("asks-title");
    let frame = Frame::of(visit, title, &roster, "asks");
    show(&AsksPage { frame, roster, asks: told.items, called })
}

pub(super) async fn done(
    Path((roster, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/asks", part(&roster));
    let _: Ask =
        form.visit.post(&format!("/v1{at}/{}/done", part(&id)), &serde_json::json!({})).await?;
    to(&at)
}
