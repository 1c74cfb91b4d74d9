//! One person's menu, in the words of a sheet.

use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::Audience;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::standing::last;
use super::{Answer, Menu, MenuDocument, MenuKind};
use crate::explain::{ForServiceUser, read_over};
use crate::pair::Context;

/// One person's menu, to read: words alone, no number, no rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    // Everything about a person is the person's own: nothing is taken out.
    for_person_read_by(cx, document, user, Audience::ServiceUser)
}

/// A menu as its person reads it, in the hands of somebody else, who prints it or reads it out: without what the person does not let `reader` see.
pub fn for_person_read_by(
    cx: &Context<'_>,
    document: &MenuDocument,
    user: UserIx,
    reader: Audience,
) -> Option<MenuForPerson> {
    let id = &cx.roster.user(user).id;
    let menu = document.menus.iter().find(|menu| &menu.person_id == id)?;
    let told = |worker: WorkerIx| Some(read_over(cx, reader, user, worker));
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
    if let Some((about, choice)) = without_a_ballot(document, menu) {
        return Some(MenuForPerson {
            about,
            options: Vec::new(),
            other_answers: Vec::new(),
            choice: choice.to_owned(),
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
    let said = document.answers.iter().rev().find(|answered| &answered.person_id == id);
    let before = said_before(menu, said.map(|answered| &answered.answer));
    Some(MenuForPerson {
        about: before.iter().chain(about).map(|&words| words.to_owned()).collect(),
        options,
        other_answers: if menu.options.is_empty() {
            Vec::new()
        } else {
            vec!["None of these.".to_owned(), "Ask me later.".to_owned()]
        },
        choice: if menu.options.is_empty() {
            ASK_US
        } else {
            "You choose. You can change your mind at any time. You do not have to say why. Whom you choose is asked too, and can say yes or no."
        }
        .to_owned(),
        crisis_text,
        complaints_text,
    })
}

/// What stands above a ballot that was looked at before: that it may be looked at again.
fn said_before(menu: &Menu, said: Option<&Answer>) -> &'static [&'static str] {
    match said {
        Some(Answer::Later) if menu.options.is_empty() => {
            &["You asked to be asked later. That is fine."]
        }
        Some(Answer::Later) => &[
            "You asked to be asked later. That is fine. We will ask you again, and you can look again whenever you like.",
        ],
        Some(Answer::TakenBack) if menu.kind == MenuKind::Shortlist => {
            &["You changed your mind. That is fine."]
        }
        Some(Answer::TakenBack) => &[
            "You changed your mind. That is fine. It can be that somebody you saw before is no longer free.",
        ],
        _ => &[],
    }
}

const CHANGE: &str = "You can change your mind at any time. You do not have to say why. We would show you again who could walk with you then.";
const SAY_NO: &str = "You can say no to this at any time. You do not have to say why.";
const ASK_US: &str =
    "You do not have to do anything for this, and you can ask us about it at any time.";

/// What a person reads in place of a ballot, and how it can be changed: of who answered, what was said, and what happens next; of who did not rank
/// before the lists were resolved, what is kept for them. `None` while there is something to choose.
fn without_a_ballot(document: &MenuDocument, menu: &Menu) -> Option<(Vec<String>, &'static str)> {
    let id = &menu.person_id;
    let resolved = document.resolved.as_ref();
    Some(match (last(document, id), resolved) {
        (Some(Answer::Pick(worker)), _) => (
            vec![
                format!("You said you would like to walk with {worker}."),
                format!("Nothing is decided yet: {worker} is asked too, and can say yes or no."),
            ],
            CHANGE,
        ),
        (Some(Answer::None), _) => (
            vec![
                "You said none of these. That is fine.".to_owned(),
                "You stay on the waiting list. We keep looking, and come back to you.".to_owned(),
            ],
            if resolved.is_none() { CHANGE } else { ASK_US },
        ),
        (Some(Answer::Ranks(ranks)), _) => {
            let said = format!(
                "You said whom you would like, the one you would like best first: {}.",
                ranks.join(", ")
            );
            let proposed = resolved.map(|resolved| resolved.matches.get(id));
            let (next, choice) = match proposed {
                None => (
                    "Nothing is decided yet: we wait for what others say, and then tell you whom we propose.".to_owned(),
                    CHANGE,
                ),
                Some(Some(worker)) => (
                    format!("We propose {worker}. Nothing is decided yet: you can say no, and {worker} is asked too."),
                    SAY_NO,
                ),
                Some(None) => (
                    "Right now every place with whom you named is taken, or kept for somebody else. We keep looking, and come back to you.".to_owned(),
                    ASK_US,
                ),
            };
            (vec![said, next], choice)
        }
        (_, Some(_)) if menu.kind != MenuKind::Nobody => {
            let first = "You have not told us whom you would like best. That is fine.".to_owned();
            match document.certificate.best.matches.get(id) {
                Some(worker) => (
                    vec![
                        first,
                        format!("A place is kept for you with {worker}. Nothing is decided yet: you can say no, and {worker} is asked too."),
                    ],
                    SAY_NO,
                ),
                None => (
                    vec![
                        first,
                        "Right now everybody who could walk with you is already asked for. We keep looking, and come back to you.".to_owned(),
                    ],
                    ASK_US,
                ),
            }
        }
        _ => return None,
    })
}
