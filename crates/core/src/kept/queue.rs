//! Everybody who waits in a kept roster, longest wait first, with what happens next for each.
//!
//! The order is the wait and nothing else. Somebody waits until as many have agreed to walk with them as they want: a choice that lies with them, an offer
//! that waits for answers and a worker whom a matching proposes are on the way there, and no end of waiting.

use std::collections::BTreeMap;

use peermatch_model::roster::UserIx;
use peermatch_model::words::{MatchStatus, QueueState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Book;
use super::matches::Match;
use super::menus::{MenuOffer, MenuState};
use crate::run::Run;
use crate::waiting;

/// What happens next for somebody who waits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// They have a menu, and choose.
    Chooses,
    /// An offer waits for answers.
    Offered,
    /// A worker with a free place could walk with them: a matching of today proposes one.
    CouldBeMatched,
    /// Nobody now; the words say what stands in the way.
    Waits,
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueLine {
    /// Person.
    pub person_id: String,
    /// Days waited.
    pub wait_days: u32,
    /// What happens next.
    pub next: Next,
    /// The menu that is open, if one is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub menu_id: Option<String>,
    /// The offer that waits for answers, if one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub match_id: Option<String>,
    /// The worker whom that offer is with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worker_id: Option<String>,
    /// The same in words.
    pub words: String,
    /// What can be done, at least one thing.
    pub next_steps: Vec<String>,
}

/// The first `limit` of those who wait, after a person (who need not wait any more).
///
/// O(people + matches + menus) to find them, O(workers × rules) for each of the page for whom there is nobody now.
pub fn queue(run: &Run<'_>, book: &Book, after: Option<UserIx>, limit: usize) -> Vec<QueueLine> {
    let decided = run.decided();
    let roster = decided.context().roster;
    let mut menus: BTreeMap<&str, &MenuOffer> = BTreeMap::new();
    for menu in book.menus().values().filter(|menu| menu.state == MenuState::Open) {
        menus.insert(&menu.person_id, menu);
    }
    let mut offers: BTreeMap<&str, Vec<&Match>> = BTreeMap::new();
    for one in book.matches().values().filter(|one| one.status == MatchStatus::Offered) {
        offers.entry(&one.person_id).or_default().push(one);
    }
    let first = after.map_or(0, |after| after.index().saturating_add(1));
    let page: Vec<UserIx> = (first..roster.people().len())
        .map(UserIx::at)
        .filter(|&user| {
            let person = roster.user(user);
            let offered = offers.get(person.id.as_str()).map_or(0, Vec::len);
            person.state != QueueState::Withdrawn
                && person.kept.len().saturating_sub(offered) < person.demand as usize
        })
        .take(limit)
        .collect();
    let on_the_way = |user: UserIx| {
        let person = roster.user(user);
        let line = |next, words: &str, next_steps| QueueLine {
            person_id: person.id.clone(),
            wait_days: person.wait_days,
            next,
            menu_id: None,
            match_id: None,
            worker_id: None,
            words: words.to_owned(),
            next_steps,
        };
        if let Some(menu) = menus.get(person.id.as_str()) {
            let words = format!("Chooses among {} workers.", menu.options.len());
            let step = "Ask what they say, and write it down.".to_owned();
            let menu_id = Some(menu.id.clone());
            return Some(QueueLine { menu_id, ..line(Next::Chooses, &words, vec![step]) });
        }
        if let Some(one) = offers.get(person.id.as_str()).and_then(|offers| offers.first()) {
            let words = format!("An offer with {} waits for answers.", one.worker_id);
            return Some(QueueLine {
                match_id: Some(one.id.clone()),
                worker_id: Some(one.worker_id.clone()),
                ..line(Next::Offered, &words, one.next_steps())
            });
        }
        if !decided.workers_of(user).is_empty() {
            let words = "Somebody with a free place could walk with this person.";
            let step = "Look at who could, and offer a choice.".to_owned();
            return Some(line(Next::CouldBeMatched, words, vec![step]));
        }
        None
    };
    let lines: Vec<Option<QueueLine>> = page.iter().map(|&user| on_the_way(user)).collect();
    let others: Vec<UserIx> =
        page.iter().zip(&lines).filter(|(_, line)| line.is_none()).map(|(&user, _)| user).collect();
    let mut others = waiting::of(run, &others).into_iter();
    let waits = |line: Option<QueueLine>| {
        line.or_else(|| {
            let told = others.next()?;
            Some(QueueLine {
                person_id: told.person_id,
                wait_days: told.wait_days,
                next: Next::Waits,
                menu_id: None,
                match_id: None,
                worker_id: None,
                words: told.words,
                next_steps: told.next_steps,
            })
        })
    };
    lines.into_iter().filter_map(waits).collect()
}
