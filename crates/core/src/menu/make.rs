//! Menus are made, and live ones made again.

use peermatch_assignment::{
    Frame, Left, Problem, Right, VerifiedMatching, check, check_safe_menus,
};
use peermatch_model::policy::WHOLE;
use peermatch_model::roster::UserIx;
use peermatch_solve::choice::Choices;
use peermatch_solve::menus::{LiveOption, MenusOutcome, by_loss, live_menu, safe_menus};
use peermatch_solve::{Outcome, Watch, best_total};
use std::collections::BTreeMap;

use super::standing::{People, frame_of_asked, last, problem_now, problem_of};
use super::{
    MENU_FORMAT, Menu, MenuCertificate, MenuDocument, MenuError, MenuKind, MenuMode, MenuOption,
    MenuRequest, SIZE_MAX, SafeCertificate, internal,
};
use crate::explain::not_to_be_matched;
use crate::hash::{policy_hash, roster_hash};
use crate::limits;
use crate::pair::Context;
use crate::report::Exact;

pub(super) fn solved(problem: &Problem, watch: &dyn Watch) -> Result<VerifiedMatching, MenuError> {
    match best_total(problem, watch) {
        Outcome::Optimal(found) => {
            check(problem.frame(), problem.pairs(), &found.matching, &found.prices)
                .map_err(internal)
        }
        Outcome::Infeasible(_) => Err(MenuError::Infeasible(
            "The pins of this roster cannot all be kept; `match` says which and why.".to_owned(),
        )),
        Outcome::Cancelled => Err(MenuError::Cancelled),
    }
}

/// Makes menus.
///
/// One solve for the best matching, one flow per option for safe menus, one solve for live ones, and a search per live menu.
///
/// # Errors
/// [`MenuError::Refused`] if somebody asked is not to be matched or is pinned, [`MenuError::Infeasible`] if pins
/// cannot all be kept.
pub fn make(
    cx: &Context<'_>,
    request: &MenuRequest,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    if !(2..=SIZE_MAX).contains(&request.size) {
        return Err(MenuError::Refused(format!(
            "a menu of {} options: 2 to {SIZE_MAX} are possible",
            request.size
        )));
    }
    limits::not_without_limits(cx, "A menu").map_err(MenuError::Refused)?;
    let people = People::new(cx);
    let (problem, minimums_not_promised) = problem_of(&people)?;
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let asked = asked(&people, frame, request.asked.as_deref())?;
    let best = solved(&problem, watch)?;
    let mut document = MenuDocument {
        format: MENU_FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: cx.roster.as_of().to_string(),
        roster_hash: roster_hash(cx.roster),
        policy_hash: policy_hash(cx.policy),
        policy: cx.policy.to_input(),
        seed: request.seed,
        mode: request.mode,
        size: request.size,
        most_loss: request.most_loss,
        minimums_not_promised,
        menus: Vec::new(),
        answers: Vec::new(),
        certificate: MenuCertificate {
            best: people.proven(&best),
            safe: None,
            start: None,
            now: None,
        },
        resolved: None,
    };
    let lefts: Vec<Left> = Left::all(frame.lefts()).filter(|left| asked[left.index()]).collect();
    let mut held = vec![Vec::new(); frame.lefts()];
    if request.mode == MenuMode::Safe {
        let cut = frame_of_asked(frame, best.matching(), &asked)?;
        let cut = Problem::new(cut, pairs.clone()).map_err(internal)?;
        // Who would have one option only although more workers have room for them, were others to move, chooses live instead.
        let pinned =
            frame.pins().iter().flatten().fold(vec![0; frame.rights()], |mut pinned, w| {
                pinned[w.index()] += 1;
                pinned
            });
        let open = |frame: &Frame, left: Left| {
            let row = pairs.rights_of(left).iter();
            row.filter(|right| frame.capacity(**right) > pinned[right.index()]).count()
        };
        let sure: Vec<Left> = lefts
            .iter()
            .copied()
            .filter(|&left| open(cut.frame(), left) != 1 || open(frame, left) == 1)
            .collect();
        let MenusOutcome::Found(found) = safe_menus(&cut, &sure, request.size, watch) else {
            return Err(MenuError::Cancelled);
        };
        let safe = check_safe_menus(cut.frame(), cut.pairs(), &found.menus, &found.prices)
            .map_err(internal)?;
        document.certificate.safe = Some(SafeCertificate {
            degrees: degrees(&people, safe.degrees()),
            prices: people.stated_prices(&found.prices),
            loss_most: Exact(safe.loss_most()),
        });
        held = found.menus;
    }
    for left in lefts {
        let kind = match request.mode {
            _ if pairs.rights_of(left).is_empty() => MenuKind::Nobody,
            MenuMode::Shortlist => MenuKind::Shortlist,
            MenuMode::Safe if !held[left.index()].is_empty() => MenuKind::Safe,
            MenuMode::Safe | MenuMode::Live => MenuKind::Live,
        };
        let held: Vec<String> =
            held[left.index()].iter().map(|&w| people.worker(w).to_owned()).collect();
        let options: Vec<MenuOption> =
            held.iter().map(|w| MenuOption { worker_id: w.clone(), loss: None }).collect();
        let options = people.neutral(request.seed, left, &options);
        document.menus.push(Menu {
            person_id: people.person(left).to_owned(),
            kind,
            options,
            held,
        });
    }
    if request.mode == MenuMode::Shortlist {
        shortlists(&people, &problem, &best, &mut document)?;
    } else {
        remake(&people, &problem, &mut document, watch)?;
        document.certificate.start.clone_from(&document.certificate.now);
    }
    Ok(document)
}

pub(super) fn degrees(people: &People<'_>, degrees: &[u32]) -> BTreeMap<String, u32> {
    let named = Right::all(degrees.len()).zip(degrees).filter(|(_, degree)| **degree > 0);
    named.map(|(right, degree)| (people.worker(right).to_owned(), *degree)).collect()
}

/// Who chooses, by left.
pub(super) fn asked(
    people: &People<'_>,
    frame: &Frame,
    named: Option<&[UserIx]>,
) -> Result<Vec<bool>, MenuError> {
    let Some(named) = named else {
        return Ok(frame.pins().iter().map(Option::is_none).collect());
    };
    let mut asked = vec![false; frame.lefts()];
    for &user in named {
        let id = &people.cx.roster.user(user).id;
        if let Some(why) = not_to_be_matched(people.cx, user) {
            return Err(MenuError::Refused(format!("no menu for {id}: {why}")));
        }
        let left = people.left(id)?;
        if let Some(right) = frame.pinned(left) {
            return Err(MenuError::Refused(format!(
                "no menu for {id}: a coordinator decided on {}. Remove the pin to let {id} choose.",
                people.worker(right)
            )));
        }
        asked[left.index()] = true;
    }
    Ok(asked)
}

/// The best matching just now, and every open live menu made again.
pub(super) fn remake(
    people: &People<'_>,
    problem: &Problem,
    document: &mut MenuDocument,
    watch: &dyn Watch,
) -> Result<(), MenuError> {
    let now = problem_now(people, problem, document)?;
    let best = solved(&now, watch)?;
    document.certificate.now = Some(people.proven(&best));
    let choices = Choices::new(&now, best.matching(), best.prices()).map_err(internal)?;
    let (seed, size, most) = (document.seed, document.size, i64::from(document.most_loss));
    let answered: Vec<bool> =
        document.menus.iter().map(|menu| last(document, &menu.person_id).is_some()).collect();
    for (menu, answered) in document.menus.iter_mut().zip(answered) {
        if menu.kind != MenuKind::Live || answered {
            continue;
        }
        let left = people.left(&menu.person_id)?;
        let just = by_loss(&choices, left)
            .into_iter()
            .filter(|option| passes_nobody(&choices, left, option.right));
        let shown = live_menu(just, size, most, beyond(now.frame(), left));
        menu.options = people.neutral(seed, left, &options_of(people, &shown, true));
    }
    Ok(())
}

/// What an option may cost at the most where somebody would else have no choice: less than if this person waited.
pub(super) fn beyond(frame: &Frame, left: Left) -> i64 {
    i64::from(WHOLE).max(frame.waiting_cost(left) - 1)
}

/// Whether nobody who has waited longer (lefts stand by waiting) loses a place to this choice. The bound on the loss alone does not say so:
/// where somebody gets a place by it and another one loses theirs, only the difference counts.
pub(super) fn passes_nobody(choices: &Choices<'_>, left: Left, right: Right) -> bool {
    let told = choices.who_pays(left, right);
    told.is_some_and(|told| told.lose_a_place().all(|other| other >= left))
}

pub(super) fn options_of(
    people: &People<'_>,
    shown: &[LiveOption],
    stated: bool,
) -> Vec<MenuOption> {
    let option = |option: &LiveOption| MenuOption {
        worker_id: people.worker(option.right).to_owned(),
        loss: stated.then_some(Exact(i128::from(option.loss))),
    };
    shown.iter().map(option).collect()
}

/// For each person the worker of the best matching and the next ones by what they would cost everybody.
pub(super) fn shortlists(
    people: &People<'_>,
    problem: &Problem,
    best: &VerifiedMatching,
    document: &mut MenuDocument,
) -> Result<(), MenuError> {
    let choices = Choices::new(problem, best.matching(), best.prices()).map_err(internal)?;
    let (seed, size) = (document.seed, document.size as usize);
    for menu in &mut document.menus {
        let left = people.left(&menu.person_id)?;
        let Some(own) = best.matching().right_of(left) else { continue };
        let mut options = by_loss(&choices, left);
        // It costs nothing, but so may others: it is on the list whatever their number.
        options.sort_by_key(|option| (option.right != own, *option));
        options.truncate(size);
        menu.options = people.neutral(seed, left, &options_of(people, &options, false));
    }
    Ok(())
}
