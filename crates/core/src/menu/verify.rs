//! What a menu document says is checked, with no solver.

use peermatch_assignment::{
    Frame, LedgerStep, Left, MenusRejection, Pairs, Right, VerifiedMatching, check_ledger,
    check_safe_menus,
};
use peermatch_model::policy::Policy;
use std::collections::BTreeMap;

use super::answer::in_words;
use super::make::{beyond, degrees};
use super::resolve::shortlist_problem;
use super::standing::{
    People, Standings, Without, frame_now, frame_of_asked, last, without_minimums,
};
use super::{Answer, MENU_FORMAT, Menu, MenuDocument, MenuKind, MenuMode, MenuOption, SIZE_MAX};
use crate::limits;
use crate::objective::{self, AllPairs};
use crate::pair::Context;
use crate::report::{Exact, Stamp, VerifyError};

/// What a menu document was verified to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMenuDocument {
    /// People asked.
    pub asked: usize,
    /// People with a safe menu, answered or not.
    pub safe: usize,
    /// The most that picks from safe menus can lose together.
    pub safe_loss_most: i128,
    /// What live picks so far lost together.
    pub live_loss: i128,
    /// People whose answer stands: answers taken back, and "ask me later", do not count.
    pub answers: usize,
}

fn stamp(document: &MenuDocument) -> Stamp<'_> {
    Stamp {
        format: &document.format,
        reads: MENU_FORMAT,
        roster_hash: &document.roster_hash,
        policy_hash: &document.policy_hash,
        policy: &document.policy,
    }
}

/// The policy that a menu document states it was made with.
///
/// # Errors
/// It has faults, or was changed after the run.
pub fn policy_of(document: &MenuDocument) -> Result<Policy, VerifyError> {
    stamp(document).policy()
}

pub(super) fn figure(what: &str, stated: &str, actual: &str) -> Result<(), VerifyError> {
    if stated == actual {
        return Ok(());
    }
    Err(VerifyError::Figure {
        what: what.to_owned(),
        stated: stated.to_owned(),
        actual: actual.to_owned(),
    })
}

fn wrong_menus_of(people: &People<'_>, error: &MenusRejection) -> Option<String> {
    let (person, worker) = (|left| people.person(left), |right| people.worker(right));
    Some(match *error {
        MenusRejection::TooManyMenus { right, menus, places } => format!(
            "{} stands on {menus} safe menus, but has only {places} places for them",
            worker(right)
        ),
        MenusRejection::NotEligible { left, right } => {
            format!(
                "{} cannot be matched with {} and is held for them",
                worker(right),
                person(left)
            )
        }
        MenusRejection::MenuOrder { left, right } => {
            format!("what is held for {} is out of order at {}", person(left), worker(right))
        }
        MenusRejection::NegativePrice { right, price } => {
            format!("the price {price} of {} is below 0", worker(right))
        }
        _ => return None,
    })
}

/// In ids: places in a list say nothing to a reader.
fn refused_menus(people: &People<'_>, error: &MenusRejection) -> VerifyError {
    wrong(
        wrong_menus_of(people, error)
            .unwrap_or_else(|| format!("the checker refuses the menus: {error}")),
    )
}

pub(super) fn wrong(reason: String) -> VerifyError {
    VerifyError::People(reason)
}

/// Verifies a menu document against a roster and the document's own policy ([`policy_of`]), by walking all pairs and with no solver:
/// the best matching at the start; that safe menus are safe, and their bound; every answer against the menu it was given to; the best
/// total now; and that the ledger leads there, no live pick costing more than was said. That a live option costs what is stated is
/// proven only from below (by the prices), and from above once it is picked.
///
/// O(people × workers), a few times.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(
    cx: &Context<'_>,
    document: &MenuDocument,
) -> Result<VerifiedMenuDocument, VerifyError> {
    limits::not_without_limits(cx, "A menu").map_err(VerifyError::People)?;
    holds(cx, document).map_err(with_what_to_do)
}

/// The same in the words of menus, with what to do about it.
fn with_what_to_do(error: VerifyError) -> VerifyError {
    match error {
        VerifyError::OtherRoster => wrong(
            "these menus were made from another roster, or another state of it: the hash differs. Give the roster they were made from, or make new menus from this one."
                .to_owned(),
        ),
        VerifyError::OtherPolicy => wrong(
            "the policy in these menus is not the one they were made with: the hash differs. Go back to the last state that holds, or make new menus."
                .to_owned(),
        ),
        VerifyError::People(_)
        | VerifyError::Frame(_)
        | VerifyError::Refused(_)
        | VerifyError::Figure { .. } => wrong(format!(
            "{}. The file was changed after it was written: go back to the last state that holds, or make new menus.",
            error.to_string().trim_end_matches('.').replace("the matching", "what the menus state")
        )),
        other => other,
    }
}

fn holds(cx: &Context<'_>, document: &MenuDocument) -> Result<VerifiedMenuDocument, VerifyError> {
    stamp(document).is_of(cx)?;
    figure("the day of the run", &document.as_of, &cx.roster.as_of().to_string())?;
    if !(2..=SIZE_MAX).contains(&document.size) {
        return Err(wrong(format!(
            "menus of {} options: 2 to {SIZE_MAX} are possible",
            document.size
        )));
    }
    let people = People::new(cx);
    let frame = objective::frame(cx, &people.users);
    let relaxed = frame.and_then(|frame| without_minimums(&people, &frame));
    let (frame, unmet) = relaxed.map_err(|error| VerifyError::Frame(error.to_string()))?;
    if document.minimums_not_promised != unmet {
        return Err(wrong(
            "the minimums that are not promised are not those of the roster".to_owned(),
        ));
    }
    let pairs = AllPairs::new(cx, &people.users);
    let best = people.check(&frame, &pairs, &document.certificate.best, "the best total")?;

    let mut asked = vec![false; people.users.len()];
    let mut before: Option<Left> = None;
    let mut held: Vec<Vec<Right>> = vec![Vec::new(); people.users.len()];
    for menu in &document.menus {
        let left = people.left(&menu.person_id)?;
        if before.is_some_and(|before| before >= left) {
            return Err(wrong(format!(
                "the menu of {} is out of order or stands twice",
                menu.person_id
            )));
        }
        before = Some(left);
        if frame.pinned(left).is_some() {
            return Err(wrong(format!("{} is pinned and has nothing to choose", menu.person_id)));
        }
        asked[left.index()] = true;
        let ids: Result<Vec<Right>, _> = menu.held.iter().map(|id| people.right(id)).collect();
        held[left.index()] = ids?;
        menu_holds(&people, &pairs, document, left, menu)?;
    }

    let mut safe_loss_most = 0;
    match &document.certificate.safe {
        Some(stated) => {
            let cut = frame_of_asked(&frame, best.matching(), &asked)?;
            let safe = check_safe_menus(&cut, &pairs, &held, &people.prices(&stated.prices)?)
                .map_err(|error| refused_menus(&people, &error))?;
            figure(
                "the most that safe picks can lose",
                &stated.loss_most.to_string(),
                &safe.loss_most().to_string(),
            )?;
            if stated.degrees != degrees(&people, safe.degrees()) {
                return Err(wrong(
                    "the menus that each worker stands on are not counted right".to_owned(),
                ));
            }
            safe_loss_most = safe.loss_most();
        }
        None if document.mode == MenuMode::Safe => {
            return Err(wrong("safe menus without a certificate".to_owned()));
        }
        None => {
            if held.iter().any(|held| !held.is_empty()) {
                return Err(wrong("a menu holds places without a certificate".to_owned()));
            }
        }
    }

    let live_loss = if document.mode == MenuMode::Shortlist {
        answers_hold(&people, document)?;
        if document.certificate.start.is_some() || document.certificate.now.is_some() {
            return Err(wrong("shortlists have no totals of live menus".to_owned()));
        }
        if let Some(resolved) = &document.resolved {
            let narrowed = shortlist_problem(&people, &frame, &pairs, best.matching(), document)?;
            people.check(
                narrowed.frame(),
                narrowed.pairs(),
                resolved,
                "the total of the shortlists",
            )?;
        }
        0
    } else {
        if document.resolved.is_some() {
            return Err(wrong("only shortlists are resolved".to_owned()));
        }
        let steps = answers_hold(&people, document)?;
        let (Some(start), Some(now)) = (&document.certificate.start, &document.certificate.now)
        else {
            return Err(wrong("the totals of the live menus are missing".to_owned()));
        };
        let at = people.standings(document)?;
        let open = Without { pairs: &pairs, silent: &at.silent };
        let current = people.check(&frame_now(&frame, &at)?, &open, now, "the best total now")?;
        losses_possible(&people, &open, &frame, &current, document)?;
        let first = at_the_start(&people, document)?;
        let open = Without { pairs: &pairs, silent: &first.silent };
        let from = people.check(
            &frame_now(&frame, &first)?,
            &open,
            start,
            "the best total at the start",
        )?;
        let ledger = check_ledger(from.cost(), &steps, current.cost())
            .map_err(|error| wrong(format!("the ledger does not hold: {error}")))?;
        ledger.loss()
    };
    Ok(VerifiedMenuDocument {
        asked: document.menus.len(),
        safe: held.iter().filter(|held| !held.is_empty()).count(),
        safe_loss_most,
        live_loss,
        answers: document
            .menus
            .iter()
            .filter(|menu| last(document, &menu.person_id).is_some())
            .count(),
    })
}

/// One menu: eligible options, each once, in the neutral order, as many as there may be; a safe menu shows what it holds.
pub(super) fn menu_holds(
    people: &People<'_>,
    pairs: &impl Pairs,
    document: &MenuDocument,
    left: Left,
    menu: &Menu,
) -> Result<(), VerifyError> {
    let id = &menu.person_id;
    let mut eligible = Vec::new();
    pairs.visit(left, |right, _| eligible.push(right));
    let mut shown = Vec::new();
    for option in &menu.options {
        let right = people.right(&option.worker_id)?;
        if !eligible.contains(&right) || shown.contains(&right) {
            return Err(wrong(format!("{} does not belong on the menu of {id}", option.worker_id)));
        }
        shown.push(right);
        if option.loss.is_some() != (menu.kind == MenuKind::Live) {
            return Err(wrong(format!(
                "only live options state a loss: {} of {id}",
                option.worker_id
            )));
        }
    }
    shown.sort_unstable();
    let kinds = match document.mode {
        _ if eligible.is_empty() => menu.kind == MenuKind::Nobody,
        MenuMode::Safe => matches!(menu.kind, MenuKind::Safe | MenuKind::Live),
        MenuMode::Live => menu.kind == MenuKind::Live,
        MenuMode::Shortlist => menu.kind == MenuKind::Shortlist,
    };
    if !kinds
        || menu.options.len() > document.size as usize
        || menu.held.len() > document.size as usize
    {
        return Err(wrong(format!("the menu of {id} is not of its kind or too long")));
    }
    if menu.kind == MenuKind::Safe {
        let held: Result<Vec<Right>, _> = menu.held.iter().map(|id| people.right(id)).collect();
        let held = held?;
        if shown.is_empty() || !shown.iter().all(|right| held.contains(right)) {
            return Err(wrong(format!("the safe menu of {id} does not show what it holds")));
        }
    }
    if people.neutral(document.seed, left, &menu.options) != menu.options {
        return Err(wrong(format!("the menu of {id} is not in its neutral order")));
    }
    Ok(())
}

/// What one person said so far.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    /// An answer stands.
    stands: bool,
    /// One was taken back, ever.
    taken_back: bool,
    /// One was picked from a live menu, ever: such a menu never becomes a safe one.
    chose_live: bool,
}

/// Every answer against the menu it was given to, as far as the document still shows it. Returns the ledger.
pub(super) fn answers_hold(
    people: &People<'_>,
    document: &MenuDocument,
) -> Result<Vec<LedgerStep>, VerifyError> {
    let mut steps = Vec::new();
    let mut state: BTreeMap<&str, Said> = BTreeMap::new();
    for answered in &document.answers {
        let id = answered.person_id.as_str();
        people.left(id)?;
        let menu = document.menus.iter().find(|menu| menu.person_id == id);
        let menu = menu.ok_or_else(|| wrong(format!("{id} answered, but was not asked")))?;
        let shortlist = document.mode == MenuMode::Shortlist;
        let said = state.entry(id).or_default();
        let fits = match (&answered.answer, said.stands) {
            (Answer::TakenBack, stands) => stands,
            (_, true) => false,
            (Answer::Later | Answer::None, _) => true,
            (Answer::Pick(worker), _) => {
                people.right(worker)?;
                let open = match answered.stated_loss {
                    // From a live menu, also of somebody whose safe menu could not be held again.
                    Some(_) => menu.held.is_empty() || said.taken_back,
                    // From a safe menu, which is a part of the one that was given at first.
                    None => !said.chose_live && menu.held.contains(worker),
                };
                said.chose_live |= answered.stated_loss.is_some();
                !shortlist && open
            }
            (Answer::Ranks(ranks), _) => {
                let listed = |worker: &String| menu.options.iter().any(|o| &o.worker_id == worker);
                let once = (0..ranks.len()).all(|at| !ranks[..at].contains(&ranks[at]));
                shortlist && !ranks.is_empty() && ranks.iter().all(listed) && once
            }
        };
        let picked = matches!(answered.answer, Answer::Pick(_));
        if !fits
            || (answered.stated_loss.is_some() && !picked)
            || answered.total_cost.is_some() == shortlist
        {
            return Err(wrong(format!(
                "the answer of {id} ({}) does not go with the menu",
                in_words(&answered.answer)
            )));
        }
        match &answered.answer {
            Answer::TakenBack => (said.stands, said.taken_back) = (false, true),
            Answer::Later => {}
            _ => said.stands = true,
        }
        if let Some(Exact(total)) = answered.total_cost {
            steps.push(match answered.stated_loss {
                Some(Exact(stated)) => LedgerStep::Pick { stated, total },
                None => LedgerStep::Changed { total },
            });
        }
    }
    for menu in &document.menus {
        let id = menu.person_id.as_str();
        let said = state.get(id).copied().unwrap_or_default();
        let whole = menu.kind == MenuKind::Safe && menu.options.len() == menu.held.len();
        let kept = match (menu.held.is_empty(), said.taken_back) {
            (true, _) => menu.kind != MenuKind::Safe,
            (false, true) => !(said.chose_live && menu.kind == MenuKind::Safe),
            (false, false) => whole,
        };
        if document.mode == MenuMode::Safe && !kept {
            return Err(wrong(format!(
                "the menu of {id} is not of its kind, or does not show what it holds"
            )));
        }
        // The menu of who answered stays as it was when they did.
        if let Some(Answer::Pick(worker)) = last(document, id) {
            let stated = document.answers.iter().rev().find(|a| {
                a.person_id == id && matches!(&a.answer, Answer::Pick(picked) if picked == worker)
            });
            let stated = stated.and_then(|answered| answered.stated_loss);
            if !menu.options.iter().any(|o| &o.worker_id == worker && o.loss == stated) {
                return Err(wrong(format!(
                    "{id} picked {worker}, which is not on the menu of {id}, or at another loss"
                )));
            }
        }
    }
    Ok(steps)
}

/// Where everybody stood before the first answer.
pub(super) fn at_the_start(
    people: &People<'_>,
    document: &MenuDocument,
) -> Result<Standings, VerifyError> {
    let mut first = document.clone();
    first.answers.clear();
    for menu in &mut first.menus {
        if !menu.held.is_empty() {
            menu.kind = MenuKind::Safe;
            let held = menu.held.iter().map(|id| MenuOption { worker_id: id.clone(), loss: None });
            menu.options = held.collect();
        }
    }
    people.standings(&first)
}

/// No open live option can cost less than the prices say; within the limits that a live menu keeps.
pub(super) fn losses_possible(
    people: &People<'_>,
    pairs: &impl Pairs,
    frame: &Frame,
    current: &VerifiedMatching,
    document: &MenuDocument,
) -> Result<(), VerifyError> {
    for menu in document.menus.iter().filter(|menu| menu.kind == MenuKind::Live) {
        if last(document, &menu.person_id).is_some() {
            continue;
        }
        let left = people.left(&menu.person_id)?;
        let price = |right| current.prices().of(right).unwrap_or(0);
        let mut pays = frame.waiting_cost(left);
        let mut full = Vec::new();
        pairs.visit(left, |right, cost| {
            let full_cost = i64::from(cost) + price(right);
            pays = pays.min(full_cost);
            full.push((right, full_cost));
        });
        for option in &menu.options {
            let right = people.right(&option.worker_id)?;
            let least = full.iter().find(|(w, _)| *w == right).map(|(_, full)| full - pays);
            let stated = option.loss.map_or(-1, |loss| loss.0);
            let most = i64::from(document.most_loss).max(beyond(frame, left));
            if stated < least.map_or(0, i128::from) || stated > i128::from(most) {
                return Err(wrong(format!(
                    "{} on the menu of {} cannot cost {stated}",
                    option.worker_id, menu.person_id
                )));
            }
        }
    }
    Ok(())
}
