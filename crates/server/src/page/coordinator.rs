//! The coordinator's pages, from the list of those who wait to the choice that is written down.

mod asked;
mod board;
mod handover;
pub(crate) mod matched;
pub(crate) mod menu;
mod person;
pub(crate) mod record;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::future::BoxFuture;
use peermatch_core::kept::asks::AskAbout;

use super::visit::{Visit, part};
use super::{Frame, form, page, show, to};
use crate::kept::PAGE_MAX;
use crate::kept::names::Names;
use crate::kept::rosters::{RosterLine, Rosters};
use crate::principal::Role;
use crate::problem::Problem;
use crate::table::{Route, Who};

const COORDINATORS: Who = Who::Roles(&[Role::Coordinator]);

pub(super) fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    macro_rules! pages {
        ($($path:literal $id:literal $handler:path,)+) => {
            $(all.push(page(Method::GET, $path, $id, get($handler), COORDINATORS));)+
        };
    }
    macro_rules! forms {
        ($($path:literal $id:literal $handler:path,)+) => {
            $(all.push(form($path, $id, post($handler), COORDINATORS));)+
        };
    }
    pages! {
        "/rosters" "page_rosters" rosters,
        "/rosters/{roster}/waiting" "page_waiting" waiting::list,
        "/rosters/{roster}/board" "page_board" board::look,
        "/rosters/{roster}/report" "page_report" board::report,
        "/rosters/{roster}/asks" "page_asks" asked::list,
        "/rosters/{roster}/add-person" "page_add_person" record::add_person,
        "/rosters/{roster}/add-worker" "page_add_worker" record::add_worker,
        "/rosters/{roster}/people/{person}" "page_person" person::look,
        "/rosters/{roster}/people/{person}/why" "page_why" person::why,
        "/rosters/{roster}/people/{person}/compare" "page_compare" person::compare,
        "/rosters/{roster}/people/{person}/what-if" "page_what_if" person::what_if,
        "/rosters/{roster}/people/{person}/edit" "page_edit_person" record::edit_person,
        "/rosters/{roster}/workers/{worker}" "page_worker" record::worker,
        "/rosters/{roster}/workers/{worker}/edit" "page_edit_worker" record::edit_worker,
        "/rosters/{roster}/handover" "page_handover" handover::ask,
        "/rosters/{roster}/handovers/{handover}" "page_handover_look" handover::look,
        "/rosters/{roster}/matches/{match}" "page_match" matched::look,
        "/rosters/{roster}/matches/{match}/history" "page_history" matched::history,
        "/rosters/{roster}/menus/{menu}" "page_menu" menu::look,
        "/rosters/{roster}/menus/{menu}/print" "page_print_menu" menu::print,
    }
    forms! {
        "/rosters/{roster}/asks/{ask}/done" "page_ask_done" asked::done,
        "/rosters/{roster}/add-person" "page_person_added" record::person_added,
        "/rosters/{roster}/add-worker" "page_worker_added" record::worker_added,
        "/rosters/{roster}/people/{person}/edit" "page_person_changed" record::person_changed,
        "/rosters/{roster}/people/{person}/apart" "page_apart" record::apart,
        "/rosters/{roster}/people/{person}/menu" "page_make_menu" menu::make,
        "/rosters/{roster}/people/{person}/link" "page_link_person" menu::link_person,
        "/rosters/{roster}/workers/{worker}/edit" "page_worker_changed" record::worker_changed,
        "/rosters/{roster}/workers/{worker}/own-words" "page_own_words" record::own_words,
        "/rosters/{roster}/workers/{worker}/pause" "page_pause_worker" record::pause,
        "/rosters/{roster}/handover" "page_handover_propose" handover::propose,
        "/rosters/{roster}/handovers/{handover}/accept" "page_handover_accept" handover::accept,
        "/rosters/{roster}/matches/{match}/step" "page_step" matched::step,
        "/rosters/{roster}/matches/{match}/change" "page_change" matched::change,
        "/rosters/{roster}/matches/{match}/feedback" "page_feedback" matched::feedback,
        "/rosters/{roster}/menus/{menu}/answer" "page_answer_menu" menu::answer,
        "/rosters/{roster}/menus/{menu}/link" "page_link_menu" menu::link,
        "/rosters/{roster}/menus/{menu}/withdraw" "page_withdraw_menu" menu::withdraw,
    }
    all
}

/// The message of what somebody asks for.
pub(crate) fn ask_about(about: &AskAbout) -> &'static str {
    match about {
        AskAbout::ChooseTogether => "ask-choose-together",
        AskAbout::Correct => "ask-correct",
        AskAbout::Talk => "ask-talk",
    }
}

#[derive(Template)]
#[template(path = "rosters.html")]
struct RostersPage {
    frame: Frame,
    rosters: Vec<RosterLine>,
}

async fn rosters(visit: Visit) -> Result<Response, Problem> {
    let told: Rosters = visit.get("/v1/rosters").await?;
    if let [only] = told.rosters.as_slice() {
        return to(&format!("/rosters/{}/waiting", part(&only.id)));
    }
    let title = visit.say("rosters-title");
    show(&RostersPage { frame: Frame::new(visit, title), rosters: told.rosters })
}

#[derive(Template)]
#[template(path = "nothing.html")]
struct Nothing {
    frame: Frame,
}

/// For whoever is known and has no pages here (yet).
pub(super) fn nothing_here(visit: Visit) -> Result<Response, Problem> {
    let title = visit.say("nothing-title");
    show(&Nothing { frame: Frame::new(visit, title) })
}

/// Whether a letter is part of an id.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// What people and workers are called, as far as it is kept; their ids where it is not.
struct Called(BTreeMap<String, String>);

impl Called {
    /// What those are called whom words of the engine name, too.
    fn ask_with<'v>(
        visit: &'v Visit,
        roster: &str,
        ids: impl IntoIterator<Item = &'v String>,
        words: impl IntoIterator<Item = &'v String>,
    ) -> BoxFuture<'v, Result<Self, Problem>> {
        let mut all: BTreeSet<String> = ids.into_iter().cloned().collect();
        // An id without a digit can be read as it stands.
        let likely = |word: &&str| word.chars().any(|c| c.is_ascii_digit());
        for words in words {
            all.extend(words.split(|c| !joins(c)).filter(likely).map(str::to_owned));
        }
        Self::ask(visit, roster, &all)
    }

    fn ask<'v, 'i>(
        visit: &'v Visit,
        roster: &str,
        ids: impl IntoIterator<Item = &'i String>,
    ) -> BoxFuture<'v, Result<Self, Problem>> {
        let ids: Vec<String> = ids.into_iter().map(|id| format!("id={}", part(id))).collect();
        let at = format!("/v1/rosters/{}/names", part(roster));
        Box::pin(async move {
            let mut names = BTreeMap::new();
            for some in ids.chunks(PAGE_MAX) {
                let told: Names = visit.get(&format!("{at}?{}", some.join("&"))).await?;
                names.extend(told.names);
            }
            Ok(Self(names))
        })
    }

    fn of<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }

    /// What the engine says of ids, with the names beside them.
    fn told(&self, words: &str) -> String {
        let mut out = String::with_capacity(words.len());
        let mut rest = words;
        while !rest.is_empty() {
            let end = rest.find(|c| !joins(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(word);
            if let Some(name) = self.0.get(word) {
                out.push_str(" (");
                out.push_str(name);
                out.push(')');
            }
            let next = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Called;

    #[test]
    fn names_stand_beside_ids_and_beside_nothing_that_only_holds_one() {
        let called = Called([("W-2".to_owned(), "Tina".to_owned())].into());
        assert_eq!(called.told("Choosing W-2, not W-21."), "Choosing W-2 (Tina), not W-21.");
        assert_eq!(called.told("XW-2 and “W-2”"), "XW-2 and “W-2 (Tina)”");
        assert_eq!(called.told(""), "");
    }
}
