//! Ranked shortlists: everybody who ranked is matched inside the lists.

use peermatch_assignment::{Frame, Left, Matching, PairTable, Pairs, Problem, Right};
use peermatch_solve::Watch;

use super::make::solved;
use super::standing::{People, last, problem_of};
use super::verify::verify;
use super::{Answer, MenuDocument, MenuError, MenuMode};
use crate::pair::Context;
use crate::report::VerifyError;

/// What a place further down somebody's list counts in [`resolve`]: more than any cost of one pair, not than many of them together.
pub(super) const RANK_STEP: i32 = 2_000_001;

/// The problem of [`resolve`], from any stream of pairs: those who ranked, inside their lists, a step of rank counting more than any cost
/// of one pair; what everybody else has in the best matching is taken out.
pub(super) fn shortlist_problem(
    people: &People<'_>,
    frame: &Frame,
    pairs: &impl Pairs,
    best: &Matching,
    document: &MenuDocument,
) -> Result<Problem, VerifyError> {
    let mut ranks: Vec<Option<Vec<Right>>> = vec![None; frame.lefts()];
    let mut out = vec![false; frame.lefts()];
    for menu in &document.menus {
        let left = people.left(&menu.person_id)?;
        match last(document, &menu.person_id) {
            Some(Answer::Ranks(ids)) => {
                let ids: Result<Vec<Right>, _> = ids.iter().map(|id| people.right(id)).collect();
                ranks[left.index()] = Some(ids?);
            }
            Some(Answer::None) => out[left.index()] = true,
            _ => {}
        }
    }
    let mut capacities = frame.capacities().to_vec();
    for (left, right) in best.pairs() {
        let keeps = ranks[left.index()].is_none() && !out[left.index()];
        if keeps && frame.pinned(left).is_none() {
            capacities[right.index()] -= 1;
        }
    }
    // Lists lengthen what a chain of exchanges can cost by as many steps as a list has places.
    let longer = i64::from(document.size) + 1;
    let waiting = frame.waiting_costs().iter().map(|cost| cost.saturating_mul(longer)).collect();
    let stated = |error: &dyn std::fmt::Display| VerifyError::Frame(error.to_string());
    let narrowed =
        Frame::new(waiting, frame.pins().to_vec(), capacities, frame.minimums().to_vec())
            .map_err(|error| stated(&error))?;
    let rows = Left::all(frame.lefts()).map(|left| {
        let mut row = Vec::new();
        pairs.visit(left, |right, cost| {
            if frame.pinned(left).is_some() {
                row.push((right, cost));
            } else if let Some(list) = &ranks[left.index()]
                && let Some(rank) = list.iter().position(|listed| *listed == right)
            {
                let steps = i32::try_from(rank).unwrap_or(i32::MAX).saturating_mul(RANK_STEP);
                row.push((right, cost.saturating_add(steps)));
            }
        });
        row
    });
    let rows = PairTable::from_rows(frame.rights(), rows).map_err(|error| stated(&error))?;
    Problem::new(narrowed, rows).map_err(|error| stated(&error))
}

/// Matches everybody who ranked, inside their shortlists: as many and who the policy's coverage says, then by the least sum of the policy's
/// costs and of steps down the lists. A step counts 2,000,001, more than any cost of one pair, so what one other person gains never
/// moves anybody down; it is one sum all the same, in which what many people gain together can outweigh a step. Those who have not answered keep the worker of the best matching; who said none waits.
/// The result is a proposal: people decide.
///
/// # Errors
/// As [`choose`](super::choose).
pub fn resolve(
    cx: &Context<'_>,
    document: &MenuDocument,
    watch: &dyn Watch,
) -> Result<MenuDocument, MenuError> {
    verify(cx, document)?;
    if document.mode != MenuMode::Shortlist {
        return Err(MenuError::Refused(
            "only shortlists are resolved; picks from menus stand by themselves".to_owned(),
        ));
    }
    if document.resolved.is_some() {
        return Err(MenuError::Refused(
            "these shortlists are resolved already; make new menus for whoever still waits"
                .to_owned(),
        ));
    }
    let people = People::new(cx);
    let (problem, _) = problem_of(&people)?;
    let best = people.matching(&document.certificate.best)?;
    let narrowed = shortlist_problem(&people, problem.frame(), problem.pairs(), &best, document)?;
    let mut next = document.clone();
    next.resolved = Some(people.proven(&solved(&narrowed, watch)?));
    Ok(next)
}
