//! Answers: recorded, taken back, and refused where they are not possible.

use peermatch_assignment::Problem;
use peermatch_model::roster::UserIx;
use peermatch_solve::Watch;

use super::make::remake;
use super::standing::{People, frame_of_asked, last, problem_of};
use super::verify::verify;
use super::{Answer, Answered, Menu, MenuDocument, MenuError, MenuKind, MenuMode, MenuOption};
use crate::pair::Context;
use crate::report::Exact;

/// Records an answer and gives the next state. A pick is a wish: nothing is matched by it.
///
/// The document is verified first. With `change`, an earlier answer of the person is taken back first, and the person chooses among what they
/// were shown and may still have:
///
/// - from a safe menu: those of its first options whose place nobody else has picked or has on a safe menu, held again. The menu stays safe: it is part
///   of the one that was proven safe. If there is only one left (or none) and a live menu shows it and more, the menu is live from then on;
/// - from a live menu: the menu as it is now;
/// - from a shortlist: the same list, until it is resolved.
///
/// [`Answer::TakenBack`] with `change` takes back alone, so that the person can look again.
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
    let Some(place) = document.menus.iter().position(|menu| menu.person_id == id) else {
        return Err(MenuError::Refused(format!(
            "{id} was not asked: there is no menu for {id} in this file"
        )));
    };
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let mut next = document.clone();
    if answer == Answer::TakenBack && (!change || last(document, id).is_none()) {
        return Err(MenuError::Refused(format!(
            "{id} has no answer to take back; give --pick or --rank with what {id} says"
        )));
    }
    if let Some(earlier) = last(document, id) {
        if !change {
            return Err(MenuError::Refused(format!(
                "{id} answered already: {}. Give --change to take that back.",
                in_words(earlier)
            )));
        }
        take_back(&people, &problem, &mut next, place, watch)?;
    }
    if answer == Answer::TakenBack {
        return Ok(next);
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
            next.menus[place].kind = MenuKind::Live;
            let free = still_free(people, problem, next, place)?;
            let again = match &free[..] {
                [] => false,
                // One of several is not much of a choice: where a live menu shows it and more, the live menu is the better one.
                [one] if next.menus[place].held.len() > 1 => {
                    remake(people, problem, next, watch)?;
                    let live = &next.menus[place].options;
                    live.len() < 2 || !live.iter().any(|option| &option.worker_id == one)
                }
                _ => true,
            };
            if again {
                let left = people.left(&next.menus[place].person_id)?;
                let options: Vec<MenuOption> = free
                    .into_iter()
                    .map(|worker_id| MenuOption { worker_id, loss: None })
                    .collect();
                next.menus[place].options = people.neutral(next.seed, left, &options);
                next.menus[place].kind = MenuKind::Safe;
            }
        }
        remake(people, problem, next, watch)?;
        note_total(next);
    }
    Ok(())
}

/// The workers of somebody's first safe menu whose places can be held for them again, by id. Whatever is promised to others stands: pins, picks, places on
/// safe menus, and the places of those who were not asked.
fn still_free(
    people: &People<'_>,
    problem: &Problem,
    document: &MenuDocument,
    place: usize,
) -> Result<Vec<String>, MenuError> {
    let mut asked = vec![false; people.users.len()];
    for menu in &document.menus {
        asked[people.left(&menu.person_id)?.index()] = true;
    }
    let best = people.matching(&document.certificate.best)?;
    let cut = frame_of_asked(problem.frame(), &best, &asked)?;
    let at = people.standings(document)?;
    let mut taken = at.held;
    for right in cut.pins().iter().zip(&at.picked).filter_map(|(pin, picked)| pin.or(*picked)) {
        taken[right.index()] += 1;
    }
    let mut free = Vec::new();
    for worker in &document.menus[place].held {
        let right = people.right(worker)?;
        if taken[right.index()] < cut.capacity(right) {
            free.push(worker.clone());
        }
    }
    Ok(free)
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
