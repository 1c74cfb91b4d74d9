//! Who has room, and the service on one page.

use askama::Template;
use axum::response::Response;
use peermatch_core::kept::capacity::CapacityLine;
use peermatch_core::kept::report::{GroupPart, Part, ServiceReport};
use serde::Deserialize;

use crate::kept::Page;
use crate::page::visit::{Visit, part};
use crate::page::{Frame, show};
use crate::problem::Problem;
use crate::request::{Path, Query};

#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "board.html")]
struct Board {
    frame: Frame,
    lines: Vec<CapacityLine>,
    next: Option<String>,
}

impl Board {
    fn called(line: &CapacityLine) -> &str {
        line.name.as_deref().unwrap_or(&line.worker_id)
    }

    fn worker(&self, id: &str) -> String {
        let roster = self.frame.roster.as_deref().unwrap_or_default();
        format!("/rosters/{}/workers/{}", part(roster), part(id))
    }

    /// The load in units of one weekly contact.
    fn load(&self, now: &u32, most: &u32) -> String {
        let units = |hundredths: u32| format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let with = [("n", units(*now).into()), ("most", units(*most).into())];
        self.frame.visit.say_with("board-load", &with).into_owned()
    }
}

/// A page of workers: as many as a service of the usual size has.
const LINES: u32 = 100;

pub(super) async fn look(
    visit: Visit,
    Path(roster): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let after = asked.after.map_or_else(String::new, |after| format!("&after={}", part(&after)));
    let path = format!("/v1/rosters/{}/capacity?limit={LINES}{after}", part(&roster));
    let told: Page<CapacityLine> = visit.get(&path).await?;
    let title = visit.say("board-title");
    let next =
        told.next.map(|next| format!("/rosters/{}/board?after={}", part(&roster), part(&next)));
    let frame = Frame::of(visit, title, &roster, "board");
    show(&Board { frame, lines: told.items, next })
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    from: String,
    until: String,
    parts: Vec<Part>,
    groups: Vec<GroupPart>,
    note: String,
}

impl ReportPage {
    /// What is told of each group.
    fn heads(&self) -> Vec<&Part> {
        self.groups.first().map(Self::of_group).into_iter().flatten().collect()
    }

    fn of_group(group: &GroupPart) -> [&Part; 2] {
        [&group.wishes, &group.waits]
    }
}

#[derive(Deserialize)]
pub(super) struct ReportAsked {
    from: Option<String>,
    until: Option<String>,
}

pub(super) async fn report(
    visit: Visit,
    Path(roster): Path<String>,
    Query(asked): Query<ReportAsked>,
) -> Result<Response, Problem> {
    let given = |name: &str, day: Option<String>| {
        day.filter(|day| !day.is_empty()).map(|day| format!("{name}={}", part(&day)))
    };
    let days: Vec<String> =
        [given("from", asked.from), given("until", asked.until)].into_iter().flatten().collect();
    let path = format!("/v1/rosters/{}/report?{}", part(&roster), days.join("&"));
    let told: ServiceReport = visit.get(&path).await?;
    let title = visit.say("report-title");
    let frame = Frame::of(visit, title, &roster, "report");
    let ServiceReport {
        from,
        until,
        choice,
        answers,
        wishes,
        culture,
        groups,
        waits,
        load,
        culture_load,
        offers,
        ends,
        decisions,
        note,
    } = told;
    let parts =
        vec![choice, answers, wishes, culture, waits, load, culture_load, offers, ends, decisions];
    show(&ReportPage { frame, from, until, parts, groups, note })
}
