//! Answers: recorded, taken back, and refused where they are not possible.

use peermatch_assignment::Problem;
use peermatch_model::roster::UserIx;
use peermatch_solve::Watch;

use super::make::remake;
use super::standing::{People, last, problem_of};
use super::verify::verify;
use super::{Answer, Answered, Menu, MenuDocument, MenuError, MenuKind, MenuMode};
use crate::pair::Context;
use crate::report::Exact;

/// Records an answer and gives the next state. A pick is a wish: nothing is matched by it.
///
/// The document is verified first. With `change`, an earlier answer of the person is taken back; the place it held may have gone to
/// somebody else meanwhile, so the person then chooses from a live menu.
///
/// # Errors
/// [`MenuError::Refused`] with what is possible now, if the answer is not; [`MenuError::NotVerified`] if the document does not hold.
pub fn choose(
    cx: &Context<'_>,
    document: &MenuDocument,
    person: UserIx,
    answer: Answer,
    change: bool,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    verify(cx, document)?;
    let id = cx.roster.user(person).id.as_str();
    if document.resolved.is_some() {
        return Err(MenuError::Refused(
            "these shortlists are resolved already; make new ones to ask again".to_owned(),
        ));
    }
    if answer == Answer::TakenBack {
        return Err(MenuError::Refused(format!("say what {id} answers instead")));
    }
    let Some(place) = document.menus.iter().position(|menu| menu.person_id == id) else {
        return Err(MenuError::Refused(format!(
            "{id} was not asked: there is no menu for {id} in this file"
        )));
    };
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let mut next = document.clone();
    if let Some(earlier) = last(document, id) {
        if !change {
            return Err(MenuError::Refused(format!(
                "{id} answered already: {}. Give --change to take that back.",
                in_words(earlier)
            )));
        }
        take_back(&people, &problem, &mut next, place, watch)?;
    }
    let menu = &next.menus[place];
    let stated = possible(menu, &answer)?;
    next.answers.push(Answered {
        person_id: id.to_owned(),
        answer,
        stated_loss: stated,
        total_cost: None,
    });
    if document.mode != MenuMode::Shortlist {
        remake(&people, &problem, &mut next, watch)?;
        note_total(&mut next);
    }
    Ok(next)
}

pub(super) fn take_back(
    people: &People<'_>,
    problem: &Problem,
    next: &mut MenuDocument,
    place: usize,
    watch: &dyn Watch,
) -> Result<(), MenuError> {
    next.answers.push(Answered {
        person_id: next.menus[place].person_id.clone(),
        answer: Answer::TakenBack,
        stated_loss: None,
        total_cost: None,
    });
    if next.mode != MenuMode::Shortlist {
        if next.menus[place].kind == MenuKind::Safe {
            // The place that was held may be somebody else's by now.
            next.menus[place].kind = MenuKind::Live;
        }
        remake(people, problem, next, watch)?;
        note_total(next);
    }
    Ok(())
}

pub(super) fn note_total(document: &mut MenuDocument) {
    let total = document.certificate.now.as_ref().map(|now| now.total_cost);
    if let Some(answered) = document.answers.last_mut() {
        answered.total_cost = total;
    }
}

/// Whether a menu has this answer now, and what its option was said to cost.
pub(super) fn possible(menu: &Menu, answer: &Answer) -> Result<Option<Exact>, MenuError> {
    let ids: Vec<&str> = menu.options.iter().map(|o| o.worker_id.as_str()).collect();
    let now = if ids.is_empty() {
        format!("{} has no option just now; possible are none and later", menu.person_id)
    } else {
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        format!("possible now for {}: {}, none or later", menu.person_id, sorted.join(", "))
    };
    let refused = |why: String| Err(MenuError::Refused(format!("{why}; {now}")));
    match answer {
        Answer::Pick(_) if menu.kind == MenuKind::Shortlist => {
            refused("a shortlist is ranked: give --rank with the workers, best first".to_owned())
        }
        Answer::Pick(worker) => match menu.options.iter().find(|o| &o.worker_id == worker) {
            Some(option) => Ok(option.loss),
            None => refused(format!("{worker} cannot be picked")),
        },
        Answer::Ranks(_) if menu.kind != MenuKind::Shortlist => {
            refused("only a shortlist is ranked: give --pick with one worker".to_owned())
        }
        Answer::Ranks(ranks) => {
            if ranks.is_empty() {
                return refused("a ranking names at least one worker".to_owned());
            }
            for (place, worker) in ranks.iter().enumerate() {
                if !ids.contains(&worker.as_str()) {
                    return refused(format!("{worker} cannot be ranked"));
                }
                if ranks[..place].contains(worker) {
                    return refused(format!("{worker} is ranked twice"));
                }
            }
            Ok(None)
        }
        Answer::None | Answer::Later | Answer::TakenBack => Ok(None),
    }
}

pub(super) fn in_words(answer: &Answer) -> String {
    match answer {
        Answer::Pick(worker) => format!("picked {worker}"),
        Answer::Ranks(ranks) => format!("ranked {}", ranks.join(", ")),
        Answer::None => "none of these".to_owned(),
        Answer::Later => "ask me later".to_owned(),
        Answer::TakenBack => "took the answer back".to_owned(),
    }
}
