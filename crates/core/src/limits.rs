//! Limits beside the caseloads: loads, new starts, teams and supervisors, culture-requested load, and floors of groups. From roster and policy to
//! rows over pairs, and from a result back to words.
//!
//! Limits never change who is eligible and are no part of any score: they say how much may be asked of a worker or a team at once, and what a group must
//! get at least. A roster and a policy that state none give the same bytes as before there were limits.
//!
//! - **Load**: the loads of the new people of a worker (by contact, by the policy's table) come to at most `load_max - load_now`.
//! - **New starts**: a worker is given at most `new_starts_per_week × weeks` new people; who starts in which week goes by waiting.
//! - **Teams and supervisors**: the new people of their workers together.
//! - **Culture-requested load**: the new people of one worker whose wish for a shared culture, for their iwi near, or for a language this worker
//!   meets. Being asked for because of who one is, is work; it is shared out.
//! - **Floors**: the mean fit of those of a group who are matched and asked for something. Who is served is decided without floors, so that nobody is
//!   left waiting in order to raise a mean.
//!
//! Limits that a capacity can say become one, and stay a flow. The others are rows, for `peermatch_solve::side`; the checker computes the bound.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use peermatch_assignment::number::gcd;
use peermatch_assignment::side::{
    Row, Rows, SideProof, SideRejection, StagedProof, Step, VerifiedStaged, check_side_infeasible,
    check_staged, check_staged_infeasible, serving_unit,
};
use peermatch_assignment::{
    Flow, Frame, FrameError, Left, Matching, PairTable, Pairs, Problem, Right, Supply,
};
use peermatch_model::policy::{Floor, FloorGroup, WHOLE};
use peermatch_model::roster::{ServiceUser, UserIx, WishValues, WorkerIx};
use peermatch_model::words::{Audience, Coverage, Direction, LanguageLevel, LimitOf, WishAbout};
use peermatch_solve::side::{Claim, Effort, StagedSideOutcome, best_staged};
use peermatch_solve::{Outcome, Watch, best_total};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{people_to_match, right_of, worker_of};
use crate::pair::Context;
use crate::report::{Exact, MatchingDocument};
use crate::run::RunError;
use crate::scoring::{Place, Scorer};

/// What a limit is of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// A worker's load, in hundredths of one weekly contact.
    Load,
    /// A worker's new people.
    NewStarts,
    /// A team's new people.
    Team,
    /// A supervisor's new people.
    Supervisor,
    /// A worker's new people who asked for the worker's culture, iwi or language.
    CultureLoad,
    /// The least mean fit of a group, in millionths.
    Floor,
}

/// One limit of a run, over its pairs.
#[derive(Debug, Clone)]
struct Line {
    kind: LimitKind,
    of: String,
    limit: i64,
    terms: Vec<(Left, Right, i64)>,
    /// Its place among the rows, if it is one.
    row: Option<usize>,
    /// The worker whose capacity it became, if it is this limit alone that makes it as low as it is.
    capacity_of: Option<Right>,
}

/// The limits of a run: what became of the capacities, and the rows.
#[derive(Debug, Clone)]
pub(crate) struct Stated {
    frame: Frame,
    lines: Vec<Line>,
    /// Rows that hold while it is decided who is served.
    serving: Rows,
    /// Those and the floors.
    rows: Rows,
    /// Floors that do not hold because the group is small.
    not_applied: Vec<String>,
}

/// What was found under limits, verified, with what is told of it.
#[derive(Debug, Clone)]
pub struct Limited {
    verified: VerifiedStaged,
    matching: Matching,
    proof: StagedProof,
    stated: Stated,
    told: Told,
}

/// What is told and not proven.
#[derive(Debug, Clone, Default)]
struct Told {
    stopped: bool,
    claimed: bool,
    /// Matched and total cost without any limit.
    without: Option<(u64, i128)>,
}

impl Limited {
    /// What the checker found.
    pub fn verified(&self) -> &VerifiedStaged {
        &self.verified
    }
    /// Who has a place where.
    pub fn matching(&self) -> &Matching {
        &self.matching
    }

    /// The limits that this pair more would break, in words. A worker's own limits are told as one: which of them it is could tell what the worker
    /// shares with whom. Floors are none of them, because they never decide who is served.
    pub(crate) fn in_the_way(&self, left: Left, right: Right) -> Vec<String> {
        let has = |term: &&(Left, Right, i64)| self.matching.right_of(term.0) == Some(term.1);
        let broken = self.stated.lines.iter().filter(|line| {
            let more = line.terms.iter().find(|term| (term.0, term.1) == (left, right));
            line.kind != LimitKind::Floor
                && more.is_some_and(|more| {
                    let used: i64 = line.terms.iter().filter(has).map(|term| term.2).sum();
                    used + more.2 > line.limit && more.2 > 0
                })
        });
        let words = broken.map(|line| match line.kind {
            LimitKind::Team => format!("team {}", line.of),
            LimitKind::Supervisor => format!("supervisor {}", line.of),
            _ => format!("worker {}", line.of),
        });
        words.collect()
    }
}

/// Whether roster or policy state any limit.
pub fn any(cx: &Context<'_>) -> bool {
    let (limits, roster) = (&cx.policy.limits, cx.roster);
    limits.new_starts_per_week.is_some()
        || limits.culture_load_max.is_some()
        || !cx.policy.floors.is_empty()
        || !roster.limits().is_empty()
        || roster.workers().iter().any(|worker| worker.load_max.is_some())
}

/// Why menus and lotteries are not made where limits are stated, or somebody wants several workers: they promise places one by one, and
/// could promise what a limit does not leave. Nothing if neither is so.
pub(crate) fn not_without_limits(cx: &Context<'_>, what: &str) -> Result<(), String> {
    if any(cx) {
        return Err(format!(
            "{what} cannot keep limits (on loads, new starts, teams, supervisors, culture load or groups) yet, so none is made where limits are stated. Use `match`, or set the limits aside in the policy and the roster."
        ));
    }
    Ok(())
}

/// States the limits over the eligible pairs. O(pairs × limits that name them).
///
/// # Errors
/// A group that the roster does not know; a minimum above what the limits leave.
pub(crate) fn stated(
    cx: &Context<'_>,
    people: &[UserIx],
    frame: &Frame,
    pairs: &PairTable,
) -> Result<Stated, RunError> {
    let (roster, policy) = (cx.roster, cx.policy);
    let lefts = || Left::all(people.len());
    let mut of_right: Vec<Vec<Left>> = vec![Vec::new(); frame.rights()];
    for left in lefts() {
        for right in pairs.rights_of(left) {
            of_right[right.index()].push(left);
        }
    }
    // By worker, how many of those walked with are in the roster, and what they come to.
    let mut known = vec![(0u32, 0u32); frame.rights()];
    for person in roster.people() {
        for worker in &person.kept {
            let of = &mut known[worker.index()];
            *of = (of.0 + 1, of.1.saturating_add(policy.load.of(person.contact)));
        }
    }
    let mut lines = Vec::new();
    for (place, worker) in roster.workers().iter().enumerate() {
        let right = right_of(WorkerIx::at(place));
        let on = |with: &dyn Fn(Left) -> i64| -> Vec<(Left, Right, i64)> {
            of_right[place].iter().map(|&left| (left, right, with(left))).collect()
        };
        let mut line = |kind, limit, terms| {
            lines.push(Line {
                kind,
                of: worker.id.clone(),
                limit,
                terms,
                row: None,
                capacity_of: None,
            });
        };
        if let Some(most) = worker.load_max {
            let weekly = policy.load.of(None);
            let now = worker.load_now.unwrap_or_else(|| {
                // Whose contact is known counts by it; whoever else is walked with, as one weekly contact.
                let known = &known[place];
                let rest = worker.people_now.saturating_sub(known.0);
                known.1.saturating_add(weekly.saturating_mul(rest))
            });
            let load =
                |left: Left| i64::from(policy.load.of(roster.user(people[left.index()]).contact));
            line(LimitKind::Load, i64::from(most.saturating_sub(now)), on(&load));
        }
        if let Some(starts) = policy.limits.new_starts_per_week {
            let most = starts.saturating_mul(policy.limits.weeks);
            if most < frame.capacity(right) {
                line(LimitKind::NewStarts, i64::from(most), on(&|_| 1));
            }
        }
        if let Some(most) = policy.limits.culture_load_max {
            let asked = |left: Left| {
                i64::from(asked_for_culture(cx, people[left.index()], WorkerIx::at(place)))
            };
            line(LimitKind::CultureLoad, i64::from(most), on(&asked));
        }
    }
    for limit in roster.limits() {
        let (kind, of) = (limit.kind, Some(&limit.id));
        let within = |place: usize| {
            let worker = &roster.workers()[place];
            of == match kind {
                LimitOf::Team => worker.team.as_ref(),
                LimitOf::Supervisor => worker.supervisor.as_ref(),
            }
        };
        let places = (0..frame.rights()).filter(|&place| within(place));
        let terms = places.flat_map(|place| {
            of_right[place].iter().map(move |&left| (left, right_of(WorkerIx::at(place)), 1))
        });
        let kind = match kind {
            LimitOf::Team => LimitKind::Team,
            LimitOf::Supervisor => LimitKind::Supervisor,
        };
        let (limit, of) = (i64::from(limit.new_people_max), limit.id.clone());
        let terms = terms.collect();
        lines.push(Line { kind, of, limit, terms, row: None, capacity_of: None });
    }
    let mut capacities = frame.capacities().to_vec();
    let mut serving = Vec::new();
    // By worker, the one limit that holds the capacity down: where two do, or the caseload itself, more of one alone is worth nothing.
    let mut alone: Vec<Option<usize>> = vec![None; frame.rights()];
    for (at, line) in lines.iter_mut().enumerate() {
        if let Some((right, most)) = as_capacity(line, &of_right) {
            let capacity = &mut capacities[right.index()];
            match most.cmp(capacity) {
                Ordering::Less => alone[right.index()] = Some(at),
                Ordering::Equal => alone[right.index()] = None,
                Ordering::Greater => {}
            }
            *capacity = (*capacity).min(most);
        } else if line.terms.iter().any(|term| term.2 != 0) {
            line.row = Some(serving.len());
            serving.push(tightened(&line.terms, line.limit));
        }
    }
    for (right, at) in Right::all(frame.rights()).zip(alone) {
        if let Some(at) = at {
            lines[at].capacity_of = Some(right);
        }
    }
    let mut rows = serving.clone();
    let mut not_applied = Vec::new();
    for floor in &policy.floors {
        let members = members(cx, people, floor)?;
        let asked = members
            .iter()
            .filter(|left| !Scorer::for_user(cx, people[left.index()]).nothing_asked());
        let asked: Vec<Left> = asked.copied().collect();
        let of = floor.group.to_string();
        if asked.len() < floor.at_least_people as usize {
            not_applied.push(format!(
                "The floor for {of} does not hold in this run: fewer than {} of them are to be matched and asked for something, and few say nothing of a group.",
                floor.at_least_people
            ));
            continue;
        }
        let limit = i64::from(floor.mean_fit_percent) * i64::from(WHOLE / 100);
        let mut terms = Vec::new();
        for &left in &asked {
            let user = people[left.index()];
            let scorer = Scorer::for_user(cx, user);
            for &right in pairs.rights_of(left) {
                let fit = scorer.fit(&cx.pair(user, worker_of(right))).value;
                terms.push((left, right, i64::from(fit) - limit));
            }
        }
        let row = Some(rows.len());
        rows.push(Row::at_least(terms.clone(), vec![], 0));
        lines.push(Line { kind: LimitKind::Floor, of, limit, terms, row, capacity_of: None });
    }
    let internal = |error: &dyn std::fmt::Display| {
        RunError::Unsupported(vec![format!("These limits cannot be kept exactly: {error}.")])
    };
    let rows = Rows::new(people.len(), rows).map_err(|error| internal(&error))?;
    let serving = Rows::new(people.len(), serving).map_err(|error| internal(&error))?;
    let (waiting, pins) = (frame.waiting_costs().to_vec(), frame.pins().to_vec());
    let frame = Frame::new(waiting, pins, capacities, frame.minimums().to_vec()).map_err(
        |error| match error {
            FrameError::MinimumAboveCapacity { right, minimum, capacity } => {
                RunError::Infeasible(vec![format!(
                    "Worker {} is to be given at least {minimum} new people, but the limits leave {capacity}. Lower the minimum, or loosen the limits.",
                    roster.worker(worker_of(right)).id
                )])
            }
            other => internal(&other),
        },
    )?;
    Ok(Stated { frame, lines, serving, rows, not_applied })
}

/// A limit that says the same of every pair of one worker is a capacity.
fn as_capacity(line: &Line, of_right: &[Vec<Left>]) -> Option<(Right, u32)> {
    let &(_, right, coefficient) = line.terms.first()?;
    let same = line.terms.iter().all(|term| (term.1, term.2) == (right, coefficient));
    let whole = line.terms.len() == of_right[right.index()].len();
    if !same || !whole || coefficient <= 0 {
        return None;
    }
    Some((right, u32::try_from(line.limit / coefficient).unwrap_or(u32::MAX)))
}

/// The row, with what all coefficients share divided out: the limit may then be rounded down, which loses no matching and tightens the relaxation.
fn tightened(terms: &[(Left, Right, i64)], limit: i64) -> Row {
    let shared = terms.iter().fold(0u64, |shared, term| {
        let (mut a, mut b) = (shared, term.2.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    let shared = i64::try_from(shared.max(1)).unwrap_or(1);
    let terms = terms.iter().map(|&(left, right, c)| (left, right, c / shared)).collect();
    Row::at_most(terms, vec![], limit.div_euclid(shared))
}

/// Whether the person asked for the culture, the iwi or the language of this very worker, in a wish.
pub(crate) fn asked_for_culture(cx: &Context<'_>, user: UserIx, worker: WorkerIx) -> bool {
    let person = cx.roster.user(user);
    let pair = cx.pair(user, worker);
    let met = |name: &str, place: Place| {
        cx.criteria.find(name).is_some_and(|criterion| criterion.value(&pair, place).value > 0)
    };
    let wished = person.wishes.iter().enumerate().any(|(at, wish)| {
        let towards = wish.direction == Direction::Prefer;
        match (&wish.about, &wish.values) {
            (WishAbout::SharedCulture, WishValues::Cultures(wished)) => {
                let own = |one: &peermatch_model::roster::CultureWish| {
                    *one != peermatch_model::roster::CultureWish::NotMyOwn
                };
                towards && wished.iter().any(own) && met("shared_culture", Place::Wish(at))
            }
            (WishAbout::Iwi, WishValues::IwiNear(true)) => met("iwi", Place::Wish(at)),
            _ => false,
        }
    });
    let prefers = person.languages.iter().any(|&(_, level)| level == LanguageLevel::Prefer);
    wished || (prefers && met("language", Place::Languages))
}

/// The lefts of a group.
fn members(cx: &Context<'_>, people: &[UserIx], floor: &Floor) -> Result<Vec<Left>, RunError> {
    let roster = cx.roster;
    let within: Box<dyn Fn(&ServiceUser) -> bool + '_> = match &floor.group {
        FloorGroup::Code { system, code } => {
            let found = roster
                .codes()
                .iter()
                .position(|known| (&known.system, &known.code) == (system, code))
                .map(peermatch_model::roster::CodeIx::at);
            let Some(found) = found else {
                return Err(RunError::Unsupported(vec![format!(
                    "The policy has a floor for {}, but the roster's codes have no such code. Load the code, or change the floor.",
                    floor.group
                )]));
            };
            Box::new(move |user| user.identity.iter().any(|&own| roster.code_covers(found, own)))
        }
        FloorGroup::Language(tag) => {
            let tag = tag.split('-').next().unwrap_or_default().to_lowercase();
            Box::new(move |user| {
                user.languages.iter().any(|&(language, level)| {
                    level != LanguageLevel::Can && roster.language(language) == tag
                })
            })
        }
    };
    let all = Left::all(people.len()).filter(|left| within(roster.user(people[left.index()])));
    Ok(all.collect())
}

/// Refuses in words what limits have no meaning for.
fn can(cx: &Context<'_>, people: &[UserIx]) -> Result<(), RunError> {
    let objective = cx.policy.objective;
    if objective != peermatch_model::words::Objective::BestTotal {
        return Err(RunError::Unsupported(vec![format!(
            "Limits (loads, new starts, teams, supervisors, culture load, floors) are kept under objective best-total, not under {objective}. Use best-total, or state no limits."
        )]));
    }
    if let Some(&user) = people.iter().find(|&&user| cx.roster.user(user).wants() > 1) {
        return Err(RunError::Unsupported(vec![format!(
            "Limits are kept for one worker to each person, but {} wants several. Set the demand to 1, or state no limits.",
            cx.roster.user(user).id
        )]));
    }
    Ok(())
}

/// Matches under the limits: who is served first, then at what loss; verified.
///
/// # Errors
/// [`RunError::Unsupported`] where a limit has no meaning for the objective; [`RunError::Infeasible`] where the limits cannot be kept;
/// [`RunError::Cancelled`] where nothing feasible was found before the watch said stop.
pub(crate) fn run(
    cx: &Context<'_>,
    people: &[UserIx],
    problem: &Problem,
    effort: Effort,
    watch: &dyn Watch,
) -> Result<Limited, RunError> {
    can(cx, people)?;
    let stated = stated(cx, people, problem.frame(), problem.pairs())?;
    // What it would be without limits: to say what they cost, and no more.
    let without = match best_total(problem, watch) {
        Outcome::Optimal(found) => {
            let pairs = found.matching.pairs();
            let cost =
                pairs.map(|(u, w)| i128::from(problem.pairs().cost(u, w).unwrap_or(0))).sum();
            Some((found.matching.assigned() as u64, cost))
        }
        Outcome::Infeasible(_) => None,
        Outcome::Cancelled => return Err(RunError::Cancelled),
    };
    let limited = Problem::new(stated.frame.clone(), problem.pairs().clone())
        .map_err(|fault| RunError::Problem(fault.into()))?;
    let supply = Supply::one_each(people.len());
    let by_waiting = cx.policy.coverage == Coverage::LongestWait;
    let rows = (&stated.serving, &stated.rows);
    let infeasible = |words: &str| Err(RunError::Infeasible(vec![words.to_owned()]));
    match best_staged(&limited, &supply, rows, by_waiting, effort, watch) {
        StagedSideOutcome::Found(found) => {
            let pairs = limited.pairs();
            let verified =
                check_staged(&stated.frame, &supply, pairs, rows, &found.flow, &found.proof)
                    .map_err(|refused| RunError::Refused(refused.into()))?;
            let Some(matching) = found.flow.as_matching() else {
                return infeasible("internal: somebody was given two workers");
            };
            let told = Told {
                stopped: found.stopped,
                claimed: found.claim == Claim::Solver,
                without,
            };
            Ok(Limited { verified, matching, proof: found.proof, stated, told })
        }
        // What is said not to exist was proven not to, and the proof was checked.
        StagedSideOutcome::Infeasible(proof) => {
            let broken = if by_waiting { &stated.serving } else { &stated.rows };
            check_side_infeasible(&stated.frame, &supply, limited.pairs(), broken, &proof)
                .map_err(|refused| RunError::Refused(refused.into()))?;
            // Where waiting has a price, floors are kept together with everything else.
            if !by_waiting && !cx.policy.floors.is_empty() {
                return infeasible(
                    "The limits and floors cannot all be kept together with the minimums and pins. Loosen a limit, lower a floor or a minimum, or remove a pin.",
                );
            }
            infeasible(
                "The limits cannot all be kept together with the minimums and pins. Loosen a limit, lower a minimum, or remove a pin.",
            )
        }
        StagedSideOutcome::NotWithAllRows(Some(none)) => {
            let pairs = limited.pairs();
            check_staged_infeasible(&stated.frame, &supply, pairs, rows, &none.served, &none.proof)
                .map_err(|refused| RunError::Refused(refused.into()))?;
            infeasible(
                "The floors cannot be kept by any matching that serves as many, longest waiting first. Lower a floor: nobody is left waiting in order to raise a mean.",
            )
        }
        StagedSideOutcome::NotWithAllRows(None) => infeasible(
            "No matching that serves as many, longest waiting first, and keeps the floors was found; that there is none is not proven. Lower a floor, or give it more time.",
        ),
        StagedSideOutcome::NoneFound { stopped: true, claimed_infeasible: false } => {
            Err(RunError::Cancelled)
        }
        StagedSideOutcome::NoneFound { .. } => infeasible(
            "No matching that keeps the limits together with the minimums and pins was found; that there is none is not proven. Loosen a limit, lower a minimum, or remove a pin.",
        ),
        StagedSideOutcome::TooLarge => Err(RunError::Unsupported(vec![
            "Too many people at once for limits that no capacity can say: match fewer at a time, or take these limits away.".to_owned(),
        ])),
    }
}

/// What a matching document says of the limits it was made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsDocument {
    /// Whether no other matching that keeps the limits is better: proven, only claimed by the solver, or open within the gaps.
    pub status: LimitsStatus,
    /// Whether the search ended early. Told, not proven.
    pub stopped: bool,
    /// People that a matching which keeps the limits might serve beyond those served, at most, by the proof; absent where waiting has a price.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more_people_at_most: Option<u64>,
    /// Total cost of the pairs (and of waiting, where it has a price).
    pub total_cost: Exact,
    /// No matching that keeps the limits, and serves as well, costs less.
    pub bound: Exact,
    /// Every limit, with what was used of it.
    pub limits: Vec<LimitLine>,
    /// Floors that did not hold, and why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_applied: Vec<String>,
    /// How many people would be matched without these limits. Told, not proven.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub matched_without: Option<u64>,
    /// What the limits cost, in words. Told, not proven; a sum of losses on the full records where as many are matched, so the auditor's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<String>,
    /// Where new starts per week are limited: who starts in which week, from 1, longest waiting first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub start_weeks: Vec<StartWeek>,
    /// What proves the bound.
    pub certificate: LimitsCertificate,
}

/// How sure it is that nothing better keeps the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitsStatus {
    /// The checker agrees.
    Proven,
    /// The solver says so; the checker only agrees within the gap.
    ClaimedBySolver,
    /// Within the gap.
    WithinGap,
}

/// One limit and what was used of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitLine {
    /// What kind.
    pub kind: LimitKind,
    /// Of whom.
    pub of: String,
    /// The limit: hundredths of a weekly contact for loads, people for the rest, millionths for a floor.
    pub limit: i64,
    /// What the matching comes to, in the same unit; for a floor the mean, absent if nobody of the group is matched.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used: Option<i64>,
    /// What one unit more would be worth at most in people, in words, where it could let anybody more be matched. Told, not proven.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub one_more: Option<String>,
    /// Where it could not: what one unit more would save at most, in words. A figure of losses on the full records, so the auditor's; told, not
    /// proven.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub saves: Option<String>,
}

/// Of fewer than this many people, nothing is told of a group that they are in.
pub const GROUP_MIN: usize = 6;

/// The limits of a matching as one audience may read them; nobody who is matched or walks with somebody reads any. The document holds all of them in
/// full, as its fits are: it is the auditor's, and what verifies is made from it.
///
/// For a coordinator:
/// - A worker's culture-requested load is absent. Beside the list of who is matched, each unit of it would say that this person asked for their own
///   culture, iwi or language and that this worker shares it, which either may have let be used and not be shown.
/// - The mean of a group is that of the fits as a coordinator may see them, in whole percents (an exact mean beside everybody's fit would tell who is of
///   the group), and absent where fewer than [`GROUP_MIN`] of them count for it.
/// - What one more would save is absent: it is a figure of losses on the full records. How many people one more would let be matched stays: it
///   is what a run with one more would show.
///
/// O(pairs matched + people × floors).
pub fn seen(cx: &Context<'_>, document: &MatchingDocument, audience: Audience) -> Vec<LimitLine> {
    let Some(limits) = &document.limits else { return Vec::new() };
    match audience {
        Audience::Auditor => return limits.limits.clone(),
        Audience::ServiceUser | Audience::PeerWorker => return Vec::new(),
        Audience::Coordinator => {}
    }
    let people = people_to_match(cx.roster);
    let shown = document.matches_seen(cx, audience);
    let fits: BTreeMap<&str, u32> = shown
        .iter()
        .filter(|pair| !pair.nothing_asked)
        .filter_map(|pair| Some((pair.person_id.as_str(), pair.fit?)))
        .collect();
    let mean = |of: &str| {
        let floor = cx.policy.floors.iter().find(|floor| floor.group.to_string() == of)?;
        let of_group = members(cx, &people, floor).ok()?;
        let ids = of_group.iter().map(|left| cx.roster.user(people[left.index()]).id.as_str());
        let met: Vec<i64> = ids.filter_map(|id| fits.get(id)).map(|&fit| fit.into()).collect();
        let count = i64::try_from(met.len()).unwrap_or(i64::MAX);
        let percent = i64::from(WHOLE / 100);
        (met.len() >= GROUP_MIN).then(|| met.iter().sum::<i64>() / count / percent * percent)
    };
    let lines = limits.limits.iter().filter(|line| line.kind != LimitKind::CultureLoad);
    let lines = lines.map(|line| {
        let mut line = LimitLine { saves: None, ..line.clone() };
        if line.kind == LimitKind::Floor {
            line.used = mean(&line.of);
        }
        line
    });
    lines.collect()
}

/// What is said beside the limits of a matching, to one audience: floors that do not hold, and what the limits cost. Nobody who is matched or walks with
/// somebody reads any of it.
///
/// What limits cost is told to a coordinator in people alone. What is lost in wishes is a sum on the full records, and that nothing is lost says as much.
pub fn words_seen(document: &MatchingDocument, audience: Audience) -> Vec<String> {
    let Some(limits) = &document.limits else { return Vec::new() };
    let price = match audience {
        Audience::ServiceUser | Audience::PeerWorker => return Vec::new(),
        Audience::Auditor => limits.price.clone(),
        Audience::Coordinator => {
            limits.matched_without.map(|without| people_price(without, document.summary.matched))
        }
    };
    limits.not_applied.iter().cloned().chain(price).collect()
}

/// What limits cost in people.
fn people_price(without: u64, served: u64) -> String {
    let fewer = without.saturating_sub(served);
    let people_word = if fewer == 1 { "person" } else { "people" };
    if fewer > 0 {
        format!(
            "Without these limits {without} would be matched instead of {served}: {fewer} {people_word} more."
        )
    } else {
        "Without these limits no more people would be matched.".to_owned()
    }
}

/// When somebody starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartWeek {
    /// Person.
    pub person_id: String,
    /// Worker.
    pub worker_id: String,
    /// Week, from 1.
    pub week: u32,
}

/// Multipliers and prices, by stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsCertificate {
    /// Of who is served; absent where waiting has a price.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serving: Option<StageCertificate>,
    /// Of the costs.
    pub cost: StageCertificate,
}

/// A bound: for all matchings, or for each part of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageCertificate {
    /// What multipliers and prices are divided by.
    pub scale: u32,
    /// In preorder.
    pub steps: Vec<StepDocument>,
}

/// One step: a pair to split by, or a leaf with multipliers (by row) and prices (by worker; who is not named has 0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepDocument {
    /// Matchings with this person and worker together follow, then those without.
    Split([String; 2]),
    /// A bound.
    Leaf(LeafDocument),
}

/// A bound of a step. A type of its own: generators of callers cannot name an object that stands within a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeafDocument {
    /// One per row: the limits that are no capacities, in their order; last that of who is served.
    pub multipliers: Vec<Exact>,
    /// Prices that are not 0, by worker.
    pub prices: BTreeMap<String, Exact>,
}

fn stage_document(cx: &Context<'_>, people: &[UserIx], proof: &SideProof) -> StageCertificate {
    let steps = proof.steps.iter().map(|step| match step {
        &Step::Split(left, right) => StepDocument::Split([
            cx.roster.user(people[left.index()]).id.clone(),
            cx.roster.worker(worker_of(right)).id.clone(),
        ]),
        Step::Leaf { multipliers, prices } => StepDocument::Leaf(LeafDocument {
            multipliers: multipliers.iter().map(|&m| Exact(m.into())).collect(),
            prices: cx
                .roster
                .workers()
                .iter()
                .zip(prices)
                .filter(|(_, price)| **price != 0)
                .map(|(worker, &price)| (worker.id.clone(), Exact(price.into())))
                .collect(),
        }),
    });
    StageCertificate { scale: proof.scale, steps: steps.collect() }
}

fn stage_proof(
    cx: &Context<'_>,
    people: &[UserIx],
    stage: &StageCertificate,
) -> Result<SideProof, String> {
    let whole = |exact: Exact| {
        i64::try_from(exact.0)
            .map_err(|_| format!("the number {exact} of the certificate is too large"))
    };
    let worker = |id: &str| {
        cx.roster.find_worker(id).ok_or_else(|| format!("worker {id} is not in the roster"))
    };
    let mut steps = Vec::new();
    for step in &stage.steps {
        steps.push(match step {
            StepDocument::Split([person, with]) => {
                let user = cx.roster.find_user(person);
                let left = user.and_then(|user| people.binary_search(&user).ok());
                let left = left.and_then(Left::from_index);
                let left = left.ok_or_else(|| format!("person {person} was not to be matched"))?;
                Step::Split(left, right_of(worker(with)?))
            }
            StepDocument::Leaf(LeafDocument { multipliers, prices }) => {
                let mut by_right = vec![0; cx.roster.workers().len()];
                for (id, &price) in prices {
                    by_right[worker(id)?.index()] = whole(price)?;
                }
                let multipliers = multipliers.iter().map(|&m| whole(m));
                Step::Leaf { multipliers: multipliers.collect::<Result<_, _>>()?, prices: by_right }
            }
        });
    }
    Ok(SideProof { scale: stage.scale, steps })
}

/// The part of the matching document.
pub(crate) fn document(cx: &Context<'_>, people: &[UserIx], limited: &Limited) -> LimitsDocument {
    let Limited { verified, matching, proof, stated, told } = limited;
    let has = |left: Left, right: Right| matching.right_of(left) == Some(right);
    let status = match (verified.proven(), told.claimed) {
        (true, _) => LimitsStatus::Proven,
        (false, true) => LimitsStatus::ClaimedBySolver,
        (false, false) => LimitsStatus::WithinGap,
    };
    let weight = i128::from(serving_unit(&Supply::one_each(people.len())));
    let lines = stated.lines.iter().map(|line| {
        let met: Vec<i64> =
            line.terms.iter().filter(|term| has(term.0, term.1)).map(|term| term.2).collect();
        let sum: i64 = met.iter().sum();
        let used = match (line.kind, met.len()) {
            (LimitKind::Floor, 0) => None,
            (LimitKind::Floor, n) => {
                Some(line.limit + sum.div_euclid(i64::try_from(n).unwrap_or(1)))
            }
            _ => Some(sum),
        };
        let one_more = one_more(line, proof, weight);
        LimitLine {
            kind: line.kind,
            of: line.of.clone(),
            limit: line.limit,
            used,
            one_more: one_more.clone().and_then(OneMore::people),
            saves: one_more.and_then(OneMore::saves),
        }
    });
    let price = told.without.map(|(matched, cost)| {
        let served = matching.assigned() as u64;
        let pairs = limited.verified.cost().cost();
        if matched > served {
            people_price(matched, served)
        } else if proof.serving.is_some() && pairs > cost {
            format!("Without these limits as many would be matched, with {} less lost of what they asked for, all together (1 is all that one person asked for).", thousandths(pairs - cost))
        } else {
            "Without these limits nothing would be better: they cost nothing today.".to_owned()
        }
    });
    LimitsDocument {
        status,
        stopped: told.stopped,
        more_people_at_most: more_people(verified, people.len()),
        total_cost: Exact(verified.cost().cost()),
        bound: Exact(verified.cost().bound()),
        limits: lines.collect(),
        not_applied: stated.not_applied.clone(),
        matched_without: told.without.map(|(matched, _)| matched),
        price,
        start_weeks: start_weeks(cx, people, matching),
        certificate: LimitsCertificate {
            serving: proof.serving.as_ref().map(|serving| stage_document(cx, people, serving)),
            cost: stage_document(cx, people, &proof.cost),
        },
    }
}

/// People that might be served beyond those who are, at most: what is missing of the bound, in whole people.
fn more_people(verified: &VerifiedStaged, people: usize) -> Option<u64> {
    let served = verified.serving()?;
    u64::try_from(
        (served.value - served.bound) / i128::from(serving_unit(&Supply::one_each(people))),
    )
    .ok()
}

/// Thousandths of one whole, rounded to nearest.
fn thousandths(cost: i128) -> String {
    let thousandths = (cost + 500) / 1_000;
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// What one more of a limit would be worth, in words: people or losses, because not everybody may read both.
#[derive(Debug, Clone)]
enum OneMore {
    People(String),
    Saves(String),
}

impl OneMore {
    fn people(self) -> Option<String> {
        if let Self::People(words) = self { Some(words) } else { None }
    }
    fn saves(self) -> Option<String> {
        if let Self::Saves(words) = self { Some(words) } else { None }
    }
}

/// What one more of a limit would be worth at most: by its multipliers, or, where it became a capacity, by the price of a place. Both in whichever
/// part of a split they are largest: the bound is the least of the parts', so no part alone says by how much it can fall.
fn one_more(line: &Line, proof: &StagedProof, weight: i128) -> Option<OneMore> {
    if let Some(right) = line.capacity_of {
        let price = |proof: &SideProof| place_worth(proof, right);
        let serving = proof.serving.as_ref().map(price);
        return in_words_one_more(line, serving, price(&proof.cost), weight);
    }
    let row = line.row?;
    if line.kind == LimitKind::Floor {
        let multiplier = Some(row_worth(&proof.cost, row)).filter(|m| *m > 0)?;
        // The row sums fits minus the floor over those matched: one percent less of the floor gives each of them that much.
        let saved = multiplier * i128::from(WHOLE / 100) / i128::from(proof.cost.scale);
        return Some(OneMore::Saves(format!(
            "One percent less for each of the group who is matched would save all others up to {} together.",
            thousandths(saved)
        )));
    }
    let shared = least_coefficient(line)?;
    let divisor = line.terms.iter().fold(0i64, |a, term| gcd(a, term.2.abs())).max(1);
    let units = i128::from(shared / divisor);
    let of =
        |stage: &SideProof| row_worth(stage, row) * units * 1_000 / i128::from(stage.scale.max(1));
    let serving = proof.serving.as_ref().map(of);
    in_words_one_more(line, serving, of(&proof.cost), weight)
}

/// The largest multiplier of a row, in units of the proof's scale.
fn row_worth(proof: &SideProof, row: usize) -> i128 {
    let multipliers = proof.steps.iter().filter_map(|step| match step {
        Step::Leaf { multipliers, .. } => multipliers.get(row).copied(),
        Step::Split(..) => None,
    });
    i128::from(multipliers.max().unwrap_or(0).max(0))
}

/// The least that one person takes of a limit.
fn least_coefficient(line: &Line) -> Option<i64> {
    line.terms.iter().map(|term| term.2).filter(|c| *c > 0).min()
}

/// What one place more with a worker lowers the bound by at most, in thousandths: in whichever part of a split it is worth most.
fn place_worth(proof: &SideProof, right: Right) -> i128 {
    let prices = proof.steps.iter().filter_map(|step| match step {
        Step::Leaf { prices, .. } => prices.get(right.index()).copied(),
        Step::Split(..) => None,
    });
    i128::from(prices.max().unwrap_or(0).max(0)) * 1_000 / i128::from(proof.scale.max(1))
}

/// `serving` and `cost` are what one more is worth at most in either stage, in thousandths.
fn in_words_one_more(
    line: &Line,
    serving: Option<i128>,
    cost: i128,
    weight: i128,
) -> Option<OneMore> {
    let shared = least_coefficient(line)?;
    let what = match line.kind {
        LimitKind::Load => format!("{}.{:02} more load", shared / 100, shared % 100),
        LimitKind::NewStarts => "One new start more".to_owned(),
        LimitKind::Team | LimitKind::Supervisor => "One new person more".to_owned(),
        _ => "One person more".to_owned(),
    };
    if let Some(serving) = serving {
        // Who waited longer weighs a little more than one person: what is beyond whole people is no person.
        let thousandth = serving / weight;
        match thousandth / 1_000 {
            0 => {}
            1 => {
                let words = format!("{what} would let up to one person more be matched.");
                return Some(OneMore::People(words));
            }
            people => {
                let words = format!("{what} would let up to {people} people more be matched.");
                return Some(OneMore::People(words));
            }
        }
        if thousandth > 0 {
            let words = format!("{what} could let somebody be matched who waited longer.");
            return Some(OneMore::People(words));
        }
    }
    let saved = cost / 1_000;
    (saved > 0).then(|| {
        OneMore::Saves(format!(
            "{what} would save up to {} of what people asked for.",
            thousandths(saved)
        ))
    })
}

/// Who starts when: each worker's new people, longest waiting first, so many a week.
fn start_weeks(cx: &Context<'_>, people: &[UserIx], matching: &Matching) -> Vec<StartWeek> {
    let Some(starts) = cx.policy.limits.new_starts_per_week else { return Vec::new() };
    let mut given = vec![0u32; cx.roster.workers().len()];
    let mut out: Vec<StartWeek> = matching
        .pairs()
        .map(|(left, right)| {
            let before = &mut given[right.index()];
            let week = 1 + *before / starts.max(1);
            *before += 1;
            StartWeek {
                person_id: cx.roster.user(people[left.index()]).id.clone(),
                worker_id: cx.roster.worker(worker_of(right)).id.clone(),
                week,
            }
        })
        .collect();
    out.sort_by(|a, b| a.person_id.cmp(&b.person_id));
    out
}

/// Why the limits of a document do not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The document says nothing of limits that are stated, or the other way round.
    #[error("the matching file and the roster or policy do not agree on whether there are limits")]
    Missing,
    /// The limits cannot be stated for this roster.
    #[error("{0}")]
    Stated(String),
    /// A name or a number of the certificate.
    #[error("{0}")]
    Certificate(String),
    /// The checker refused it.
    #[error("the checker refuses the matching under its limits: {0}")]
    Refused(SideRejection),
    /// A stated figure is not what it should be.
    #[error("{what} of the limits is not what the checker finds")]
    Figure {
        /// Which.
        what: &'static str,
    },
}

/// Verifies the part of a document about limits, from roster, policy and pairs alone. Compared are the certificate with its bounds, what was used of
/// each limit, floors that did not hold, and start weeks; told and not compared are whether the search ended early, whether the solver claims more than was
/// proven, what the limits cost (in people or in losses), and what one more would be worth.
///
/// # Errors
/// The first thing that does not hold.
pub(crate) fn verify(
    cx: &Context<'_>,
    people: &[UserIx],
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    document: &LimitsDocument,
) -> Result<Limited, LimitsError> {
    can(cx, people).map_err(|error| LimitsError::Stated(error.to_string()))?;
    // Limits are over pairs: here alone they are kept, not walked again for each limit.
    let mut rows = Vec::with_capacity(people.len());
    for left in Left::all(people.len()) {
        let mut row = Vec::new();
        pairs.visit(left, |right, cost| row.push((right, cost)));
        rows.push(row);
    }
    let table = PairTable::from_rows(frame.rights(), rows)
        .map_err(|error| LimitsError::Stated(error.to_string()))?;
    let stated = stated(cx, people, frame, &table)
        .map_err(|error| LimitsError::Stated(error.to_string()))?;
    let stage =
        |stage: &StageCertificate| stage_proof(cx, people, stage).map_err(LimitsError::Certificate);
    let serving = document.certificate.serving.as_ref().map(stage).transpose()?;
    if serving.is_some() != (cx.policy.coverage == Coverage::LongestWait) {
        return Err(LimitsError::Figure { what: "who is served first" });
    }
    let proof = StagedProof { serving, cost: stage(&document.certificate.cost)? };
    let supply = Supply::one_each(people.len());
    let verified = check_staged(
        &stated.frame,
        &supply,
        &table,
        (&stated.serving, &stated.rows),
        &Flow::from(matching),
        &proof,
    )
    .map_err(LimitsError::Refused)?;
    let claimed = document.status == LimitsStatus::ClaimedBySolver;
    let told = Told { stopped: document.stopped, claimed, ..Told::default() };
    let limited = Limited { verified, matching: matching.clone(), proof, stated, told };
    let mut actual = self::document(cx, people, &limited);
    let figure = |what| Err(LimitsError::Figure { what });
    if actual.status != document.status {
        return figure("the status");
    }
    if (actual.total_cost, actual.bound, actual.more_people_at_most)
        != (document.total_cost, document.bound, document.more_people_at_most)
    {
        return figure("the cost or its bound");
    }
    if actual.start_weeks != document.start_weeks {
        return figure("a start week");
    }
    actual.price.clone_from(&document.price);
    actual.matched_without = document.matched_without;
    if actual != *document {
        return figure("a limit, or what was used of it or what one more is worth,");
    }
    Ok(limited)
}
