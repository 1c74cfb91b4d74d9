//! One person's menu, in the words of a sheet.

use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use schemars::JsonSchema;
use serde::Serialize;

use super::standing::last;
use super::{Answer, Menu, MenuDocument, MenuKind};
use crate::explain::{Explanation, ForServiceUser, explain};
use crate::pair::Context;

/// One person's menu, to read: words alone, no number, no rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MenuForPerson {
    /// Said first.
    pub about: Vec<String>,
    /// The workers, in neutral order, each as an explanation to the person.
    pub options: Vec<ForServiceUser>,
    /// The other answers: none of these, ask me later.
    pub other_answers: Vec<String>,
    /// Choice, always said.
    pub choice: String,
    /// For somebody in a crisis, in the service's words.
    pub crisis_text: Vec<String>,
    /// Where a complaint goes, in the service's words.
    pub complaints_text: Vec<String>,
}

/// A menu as its person reads it; `None` if the person was not asked. Made from what a service user may see, and from nothing else.
pub fn for_person(
    cx: &Context<'_>,
    document: &MenuDocument,
    user: UserIx,
) -> Option<MenuForPerson> {
    let id = &cx.roster.user(user).id;
    let menu = document.menus.iter().find(|menu| &menu.person_id == id)?;
    let told = |worker: WorkerIx| match explain(cx, Audience::ServiceUser, user, worker, None) {
        Explanation::ServiceUser(told) => Some(told),
        _ => None,
    };
    let workers = menu.options.iter().filter_map(|o| cx.roster.find_worker(&o.worker_id));
    let mut options: Vec<ForServiceUser> = workers.filter_map(told).collect();
    // What is the same with every worker is said once. Any worker will do to ask for it.
    let spoken = options
        .first()
        .cloned()
        .or_else(|| (!cx.roster.workers().is_empty()).then(|| told(WorkerIx::at(0))).flatten());
    let (crisis_text, complaints_text) =
        spoken.map(|told| (told.crisis_text, told.complaints_text)).unwrap_or_default();
    for option in &mut options {
        option.crisis_text.clear();
        option.complaints_text.clear();
        option.choice.clear();
    }
    if let Some(about) = after_an_answer(document, menu) {
        return Some(MenuForPerson {
            about,
            options: Vec::new(),
            other_answers: Vec::new(),
            choice: "You can change your mind at any time. You do not have to say why.".to_owned(),
            crisis_text,
            complaints_text,
        });
    }
    let about: &[&str] = match (menu.kind, options.len()) {
        (MenuKind::Nobody, _) => &[
            "Right now there is nobody we could suggest to you. This is not because of anything you did.",
            "You stay on the waiting list. We keep looking, and come back to you when that changes.",
        ],
        (_, 0) => &[
            "Right now everybody who could walk with you is already asked for. We will come back to you when that changes.",
        ],
        (_, 1) => &[
            "There is one person who could walk with you now. That is not much of a choice, and we are saying so. You can say no, and wait for others.",
        ],
        (MenuKind::Shortlist, _) => &[
            "These people could walk with you. Tell us whom you would like best, whom next, and so on. You need not name all of them.",
            "They stand in no particular order.",
        ],
        (MenuKind::Live, _) => &[
            "These people could walk with you now. Choose whom you like. They stand in no particular order.",
            "If you want to think about it, that is fine. It can be that somebody is no longer free then; we would show you who is.",
        ],
        (MenuKind::Safe, _) => &[
            "These people could walk with you. Choose whom you like. They stand in no particular order.",
            "A place is kept for you with each of them until you have answered.",
        ],
    };
    Some(MenuForPerson {
        about: about.iter().map(|&words| words.to_owned()).collect(),
        options,
        other_answers: if menu.options.is_empty() {
            Vec::new()
        } else {
            vec!["None of these.".to_owned(), "Ask me later.".to_owned()]
        },
        choice: if menu.options.is_empty() {
            "You do not have to do anything for this, and you can ask us about it at any time."
        } else {
            "You choose. You can change your mind at any time. You do not have to say why. Whom you choose is asked too, and can say yes or no."
        }
        .to_owned(),
        crisis_text,
        complaints_text,
    })
}

/// What a person who answered reads in place of the ballot: what was said, and what happens next; `None` while nothing was said.
pub(super) fn after_an_answer(document: &MenuDocument, menu: &Menu) -> Option<Vec<String>> {
    let id = &menu.person_id;
    let mut about = match last(document, id) {
        Some(Answer::Pick(worker)) => vec![
            format!("You said you would like to walk with {worker}."),
            format!("Nothing is decided yet: {worker} is asked too, and can say yes or no."),
        ],
        Some(Answer::Ranks(ranks)) => vec![format!(
            "You said whom you would like, the one you would like best first: {}.",
            ranks.join(", ")
        )],
        Some(Answer::None) => vec![
            "You said none of these. That is fine.".to_owned(),
            "You stay on the waiting list. We keep looking, and come back to you.".to_owned(),
        ],
        _ => {
            let said = document.answers.iter().rev().find(|answered| &answered.person_id == id);
            if said.is_none_or(|answered| answered.answer != Answer::Later) {
                return None;
            }
            vec![
                "You asked to be asked later. That is fine.".to_owned(),
                "We will ask you again, and show you who could walk with you then.".to_owned(),
            ]
        }
    };
    if let Some(Answer::Ranks(_)) = last(document, id) {
        about.push(match &document.resolved {
            None => "Nothing is decided yet: we wait for what others say, and then tell you whom we propose.".to_owned(),
            Some(resolved) => match resolved.matches.get(id) {
                Some(worker) => format!("We propose {worker}. Nothing is decided yet: you can say no, and {worker} is asked too."),
                None => "Right now nobody you named has a place free. We keep looking, and come back to you.".to_owned(),
            },
        });
    }
    Some(about)
}
