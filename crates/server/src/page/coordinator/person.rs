//! Who could walk with this person, why, and why not somebody else.

use askama::Template;
use axum::response::Response;
use peermatch_core::explain::{Explanation, ForCoordinator};
use peermatch_core::kept::Ask;
use peermatch_core::kept::records::WorkerLine;
use peermatch_core::kept::steps::{MatchForCoordinator, MatchTold};
use peermatch_core::kept::what_if::WhatIf;
use peermatch_core::suggest::Suggestions;
use serde::Deserialize;

use super::Called;
use super::menu::open_of;
use super::record::apart_kinds;
use crate::kept::Page;
use crate::page::visit::{Visit, part};
use crate::page::{Frame, show};
use crate::problem::Problem;
use crate::request::{Path, Query};

/// Cards of a page unless somebody wants more: as many as can be held side by side.
const CARDS: u32 = 5;
/// All that a page shows.
const CARDS_MAX: u32 = 1_000;

#[derive(Deserialize)]
pub(super) struct LookAsked {
    top: Option<u32>,
    apart: Option<String>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    roster: String,
    called: Called,
    told: Suggestions,
    workers: Vec<WorkerLine>,
    /// Whether there are more workers than the list offers.
    many: bool,
    matches: Vec<MatchForCoordinator>,
    asks: Vec<Ask>,
    kinds: Vec<(String, String)>,
    apart: bool,
    /// Where the choice is that they have now.
    menu: Option<String>,
}

impl PersonPage {
    fn at(&self) -> String {
        format!("/rosters/{}/people/{}", part(&self.roster), part(&self.told.person_id))
    }

    fn worker(id: &str) -> String {
        part(id)
    }

    fn matched(&self, id: &str) -> String {
        format!("/rosters/{}/matches/{}", part(&self.roster), part(id))
    }

    fn more(&self) -> bool {
        self.told.workers.len() < self.told.available
    }
}

pub(super) async fn look(
    visit: Visit,
    Path((roster, person)): Path<(String, String)>,
    Query(asked): Query<LookAsked>,
) -> Result<Response, Problem> {
    let top = asked.top.unwrap_or(CARDS).clamp(1, CARDS_MAX);
    let at = format!("/v1/rosters/{}", part(&roster));
    let path = format!("{at}/people/{}/suggestions?top={top}&costs=true", part(&person));
    let told: Suggestions = visit.get(&path).await?;
    let workers: Page<WorkerLine> = visit.get(&format!("{at}/workers?limit=500")).await?;
    let matches: Page<MatchTold> =
        visit.get(&format!("{at}/matches?limit=500&person={}", part(&person))).await?;
    let matches: Vec<MatchForCoordinator> = matches
        .items
        .into_iter()
        .filter_map(|one| match one {
            MatchTold::Coordinator(one) => Some(*one),
            _ => None,
        })
        .collect();
    let asks: Page<Ask> = visit.get(&format!("{at}/asks?limit=500")).await?;
    let asks = asks.items.into_iter().filter(|ask| ask.of == person).collect();
    let ids = told.workers.iter().map(|one| &one.worker_id);
    let ids = ids.chain(matches.iter().map(|one| &one.one.worker_id)).chain([&told.person_id]);
    let costs = told.workers.iter().filter_map(|one| Some(&one.cost_to_others.as_ref()?.words));
    let firm = told.workers.iter().filter_map(|one| one.firmness.as_ref());
    let words = costs.chain(firm.flat_map(|firm| &firm.words));
    let called = Called::ask_with(&visit, &roster, ids, words).await?;
    let title = visit.say_with("person-title", &[("name", called.of(&person).to_owned().into())]);
    let frame = Frame::of(visit, title, &roster, "waiting");
    let many = workers.next.is_some();
    let menu = open_of(&frame.visit, &roster, &person).await?;
    show(&PersonPage {
        frame,
        roster,
        called,
        told,
        workers: workers.items,
        many,
        matches,
        asks,
        kinds: apart_kinds(),
        apart: asked.apart.is_some(),
        menu,
    })
}

#[derive(Deserialize)]
pub(super) struct WhyAsked {
    worker: String,
}

#[derive(Template)]
#[template(path = "why.html")]
struct WhyPage {
    frame: Frame,
    back: String,
    called: Called,
    pairs: Vec<ForCoordinator>,
}

/// One pair, as the coordinator may know it.
async fn pair(
    visit: &Visit,
    roster: &str,
    person: &str,
    worker: &str,
) -> Result<ForCoordinator, Problem> {
    let path = format!(
        "/v1/rosters/{}/people/{}/explanations/{}?audience=coordinator",
        part(roster),
        part(person),
        part(worker)
    );
    match visit.get(&path).await? {
        Explanation::Coordinator(told) => Ok(*told),
        _ => Err(Problem::internal()),
    }
}

async fn pairs(
    visit: Visit,
    roster: String,
    person: String,
    workers: &[&str],
    title: &str,
) -> Result<Response, Problem> {
    let mut pairs = Vec::new();
    for worker in workers {
        pairs.push(pair(&visit, &roster, &person, worker).await?);
    }
    let ids = pairs.iter().map(|pair| &pair.worker_id).chain([&person]);
    let words = pairs.iter().flat_map(|pair| &pair.changes);
    let called = Called::ask_with(&visit, &roster, ids, words).await?;
    let title = visit.say_with(title, &[("name", called.of(&person).to_owned().into())]);
    let back = format!("/rosters/{}/people/{}", part(&roster), part(&person));
    let frame = Frame::of(visit, title, &roster, "waiting");
    show(&WhyPage { frame, back, called, pairs })
}

pub(super) async fn why(
    visit: Visit,
    Path((roster, person)): Path<(String, String)>,
    Query(asked): Query<WhyAsked>,
) -> Result<Response, Problem> {
    pairs(visit, roster, person, &[&asked.worker], "why-title").await
}

/// As many as can be read side by side.
const BESIDE_MAX: usize = 4;

pub(super) async fn compare(
    visit: Visit,
    Path((roster, person)): Path<(String, String)>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let with: Vec<&str> = asked
        .iter()
        .filter(|(name, worker)| name == "with" && !worker.is_empty())
        .map(|(_, worker)| worker.as_str())
        .take(BESIDE_MAX)
        .collect();
    pairs(visit, roster, person, &with, "compare-title").await
}

#[derive(Template)]
#[template(path = "what_if.html")]
struct WhatIfPage {
    frame: Frame,
    person: String,
    told: WhatIf,
    called: Called,
}

/// What choosing a worker would come to, for everybody. Looking at it changes nothing, so there is nothing to undo.
pub(super) async fn what_if(
    visit: Visit,
    Path((roster, person)): Path<(String, String)>,
    Query(asked): Query<WhyAsked>,
) -> Result<Response, Problem> {
    let at = format!("/rosters/{}/people/{}", part(&roster), part(&person));
    let told: WhatIf = visit.get(&format!("/v1{at}/what-if/{}", part(&asked.worker))).await?;
    let moved = told
        .moved
        .iter()
        .flat_map(|one| [Some(&one.person_id), one.from.as_ref(), one.to.as_ref()])
        .flatten();
    let ids = moved.chain(&told.only_option_of).chain([&told.person_id, &told.worker_id]);
    let called = Called::ask_with(&visit, &roster, ids, [&told.cost.words]).await?;
    let names = [
        ("person", called.of(&told.person_id).to_owned().into()),
        ("worker", called.of(&told.worker_id).to_owned().into()),
    ];
    let title = visit.say_with("what-if-title", &names);
    let frame = Frame::of(visit, title, &roster, "waiting");
    show(&WhatIfPage { frame, person: at, told, called })
}
