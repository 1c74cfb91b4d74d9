//! The coordinator's pages, from the list of those who wait to the choice that is written down.

mod board;
mod matched;
mod menu;
mod person;
mod waiting;

use std::collections::BTreeMap;

use askama::Template;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};

use super::visit::{Visit, part};
use super::{Frame, form, page, show, to};
use crate::kept::names::Names;
use crate::kept::rosters::{RosterLine, Rosters};
use crate::principal::Role;
use crate::problem::Problem;
use crate::table::{Route, Who};

const COORDINATORS: Who = Who::Roles(&[Role::Coordinator]);

pub(super) fn routes() -> Vec<Route> {
    let at = |route: Route| route.path_param("roster", "The roster.");
    let of = |route: Route| at(route).path_param("person", "The person.");
    let one = |route: Route| at(route).path_param("match", "The match.");
    let menu = |route: Route| at(route).path_param("menu", "The menu.");
    vec![
        page(Method::GET, "/rosters", "page_rosters", get(rosters), COORDINATORS),
        at(page(
            Method::GET,
            "/rosters/{roster}/waiting",
            "page_waiting",
            get(waiting::list),
            COORDINATORS,
        ))
        .query::<String>("after", "Where the page before ended."),
        at(page(
            Method::GET,
            "/rosters/{roster}/board",
            "page_board",
            get(board::look),
            COORDINATORS,
        ))
        .query::<String>("after", "Where the page before ended."),
        at(page(
            Method::GET,
            "/rosters/{roster}/report",
            "page_report",
            get(board::report),
            COORDINATORS,
        ))
        .query::<String>("from", "First day.")
        .query::<String>("until", "Last day."),
        of(page(
            Method::GET,
            "/rosters/{roster}/people/{person}",
            "page_person",
            get(person::look),
            COORDINATORS,
        ))
        .query::<u32>("top", "How many workers."),
        of(page(
            Method::GET,
            "/rosters/{roster}/people/{person}/why",
            "page_why",
            get(person::why),
            COORDINATORS,
        ))
        .query::<String>("worker", "The worker."),
        of(page(
            Method::GET,
            "/rosters/{roster}/people/{person}/compare",
            "page_compare",
            get(person::compare),
            COORDINATORS,
        ))
        .query::<String>("with", "The workers, each once."),
        of(form(
            "/rosters/{roster}/people/{person}/menu",
            "page_make_menu",
            post(menu::make),
            COORDINATORS,
        )),
        one(page(
            Method::GET,
            "/rosters/{roster}/matches/{match}",
            "page_match",
            get(matched::look),
            COORDINATORS,
        )),
        one(form(
            "/rosters/{roster}/matches/{match}/step",
            "page_step",
            post(matched::step),
            COORDINATORS,
        )),
        menu(page(
            Method::GET,
            "/rosters/{roster}/menus/{menu}",
            "page_menu",
            get(menu::look),
            COORDINATORS,
        )),
        menu(form(
            "/rosters/{roster}/menus/{menu}/answer",
            "page_answer_menu",
            post(menu::answer),
            COORDINATORS,
        )),
        menu(form(
            "/rosters/{roster}/menus/{menu}/link",
            "page_link_menu",
            post(menu::link),
            COORDINATORS,
        )),
        menu(form(
            "/rosters/{roster}/menus/{menu}/withdraw",
            "page_withdraw_menu",
            post(menu::withdraw),
            COORDINATORS,
        )),
    ]
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
    let title = visit.language.say("rosters-title");
    show(&RostersPage { frame: Frame::new(visit, title), rosters: told.rosters })
}

#[derive(Template)]
#[template(path = "nothing.html")]
struct Nothing {
    frame: Frame,
}

/// For whoever is known and has no pages here (yet).
pub(super) fn nothing_here(visit: Visit) -> Result<Response, Problem> {
    let title = visit.language.say("nothing-title");
    show(&Nothing { frame: Frame::new(visit, title) })
}

/// What people and workers are called, as far as it is kept; their ids where it is not.
struct Called(BTreeMap<String, String>);

impl Called {
    async fn ask(
        visit: &Visit,
        roster: &str,
        ids: impl IntoIterator<Item = &String>,
    ) -> Result<Self, Problem> {
        let ids: Vec<String> = ids.into_iter().map(|id| format!("id={}", part(id))).collect();
        let path = format!("/v1/rosters/{}/names?{}", part(roster), ids.join("&"));
        let told: Names = visit.get(&path).await?;
        Ok(Self(told.names))
    }

    fn of<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }

    /// What the engine says of ids, with the names beside them.
    fn told(&self, words: &str) -> String {
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
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
