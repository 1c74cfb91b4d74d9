//! Who waits, for how long, what stands in the way, and what can be done about it.

use askama::Template;
use axum::response::Response;
use peermatch_core::kept::Ask;
use peermatch_core::kept::queue::{Next, QueueLine};
use serde::Deserialize;

use super::Called;
use crate::kept::Page;
use crate::page::visit::{Visit, part};
use crate::page::{Frame, show};
use crate::problem::Problem;
use crate::request::{Path, Query};

/// Lines of a page: few enough to read, and to find one's place again.
const LINES: u32 = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage {
    frame: Frame,
    roster: String,
    called: Called,
    lines: Vec<QueueLine>,
    next: Option<String>,
    /// How many ask for something.
    asks: Vec<Ask>,
}

impl WaitingPage {
    fn after(&self, id: &str) -> String {
        format!("/rosters/{}/waiting?after={}", part(&self.roster), part(id))
    }

    fn next(line: &QueueLine) -> &'static str {
        match line.next {
            Next::Chooses => "queue-chooses",
            Next::Offered => "queue-offered",
            Next::CouldBeMatched => "queue-could",
            Next::Waits => "queue-waits",
        }
    }

    /// The menu to write an answer down at.
    fn menu(&self, line: &QueueLine) -> Option<String> {
        let menu = line.menu_id.as_ref()?;
        Some(format!("/rosters/{}/menus/{}", part(&self.roster), part(menu)))
    }

    /// The offer, to see who has answered.
    fn matched(&self, line: &QueueLine) -> Option<String> {
        let id = line.match_id.as_ref()?;
        Some(format!("/rosters/{}/matches/{}", part(&self.roster), part(id)))
    }

    fn person(&self, id: &str) -> String {
        format!("/rosters/{}/people/{}", part(&self.roster), part(id))
    }
}

pub(super) async fn list(
    visit: Visit,
    Path(roster): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let after = asked.after.map_or_else(String::new, |after| format!("&after={}", part(&after)));
    let path = format!("/v1/rosters/{}/queue?limit={LINES}{after}", part(&roster));
    let told: Page<QueueLine> = visit.get(&path).await?;
    let asks: Page<Ask> =
        visit.get(&format!("/v1/rosters/{}/asks?limit=500", part(&roster))).await?;
    let asks = asks.items;
    let people = told.items.iter().map(|line| &line.person_id);
    let workers = told.items.iter().filter_map(|line| line.worker_id.as_ref());
    let words = told.items.iter().flat_map(|line| line.next_steps.iter().chain([&line.words]));
    let called = Called::ask_with(&visit, &roster, people.chain(workers), words).await?;
    let title = visit.say("waiting-title");
    let frame = Frame::of(visit, title, &roster, "waiting");
    show(&WaitingPage { frame, roster, called, lines: told.items, next: told.next, asks })
}
