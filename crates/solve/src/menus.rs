//! Menus of choice: who gets a menu that is safe whatever anybody picks, and what stands on it; and what a live menu shows.
//!
//! # Safe menus
//!
//! A menu of two options holds two places until its owner has picked, so safe menus for `m` people need `2 m` places. Where places are
//! few, safe menus go by waiting order: in that order, each person gets two options (one, if no more than one right can take it)
//! if these can be found together with those of everybody before. That is a question of augmenting paths, as in a matching where a left
//! takes several places, and the answer depends on nobody's costs. When nothing more can be given out like this, what is left over
//! becomes third options, then fourth ones, as many as there can be at each step, so that choice spreads evenly. *Which* options,
//! among all ways to do so, is then decided by least total cost ([`best_flow`]).
//!
//! # The price of a bound
//!
//! `peermatch_assignment::menus` says how prices bound what picks can cost. [`safe_menus`] returns the best such prices: with them the
//! bound is the largest loss that some combination of picks really reaches. (The bound is a linear programme over prices; its dual is
//! an assignment problem that [`best_total`](crate::best_total()) solves.)
//!
//! # Live menus
//!
//! [`by_loss`] lists the options of one left by what they cost everybody together just now, and [`live_menu`] takes those that cost
//! at most a given loss. A live menu must be made again when somebody has picked.

use crate::best_total::{Outcome, best_total};
use crate::choice::Choices;
use crate::transport::{FlowOutcome, best_flow};
use crate::watch::Watch;
use peermatch_assignment::{
    COST_MAX, Frame, Left, PairTable, Prices, Problem, Right, Supply, WAITING_COST_MAX,
};
use std::collections::VecDeque;

/// Menus that are safe under any combination of picks, and prices that bound what the picks cost. A claim: have it checked by
/// `peermatch_assignment::check_safe_menus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeMenus {
    /// The options of each left, ascending by right; empty for who gets no safe menu.
    pub menus: Vec<Vec<Right>>,
    /// Prices, one per right, none below 0.
    pub prices: Prices,
}

/// How [`safe_menus`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenusOutcome {
    /// Menus were made.
    Found(SafeMenus),
    /// The watch asked to stop.
    Cancelled,
}

/// One option of a live menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveOption {
    /// What picking it costs everybody together, against the best there is just now.
    pub loss: i64,
    /// The option.
    pub right: Right,
}

/// How many options a person must have to choose at all.
pub const OPTIONS_LEAST: u32 = 2;

/// Places given out so far: who holds one of which right.
struct Holding<'p> {
    problem: &'p Problem,
    residual: Vec<u32>,
    holders: Vec<Vec<Left>>,
    held: Vec<Vec<Right>>,
    /// Rights from which no free place can be reached, now and for ever.
    dead: Vec<bool>,
    /// Rights with the same label have at most one more place between all of them that can be reached.
    thin: Vec<u32>,
    labels: u32,
}

/// One left takes a place, giving up another one or not.
#[derive(Debug, Clone, Copy)]
struct Step {
    who: Left,
    takes: Right,
    gives: Option<Right>,
}

impl<'p> Holding<'p> {
    fn new(problem: &'p Problem) -> Self {
        let rights = problem.frame().rights();
        let residual = residual(problem.frame());
        let dead = residual.iter().map(|&places| places == 0).collect();
        Self {
            problem,
            residual,
            holders: vec![Vec::new(); rights],
            held: vec![Vec::new(); problem.frame().lefts()],
            dead,
            thin: vec![0; rights],
            labels: 0,
        }
    }

    /// One more place for `left`, by the shortest path; or the rights that were reached in vain.
    fn one_more(&mut self, left: Left) -> Result<Vec<Step>, Vec<Right>> {
        let mut came: Vec<Option<Step>> = vec![None; self.residual.len()];
        let mut queue: VecDeque<Right> = VecDeque::new();
        let mut reached = Vec::new();
        let pairs = self.problem.pairs();
        let extend = |who: Left,
                      gives: Option<Right>,
                      came: &mut Vec<Option<Step>>,
                      queue: &mut VecDeque<Right>,
                      held: &[Vec<Right>],
                      dead: &[bool]| {
            for &takes in pairs.rights_of(who) {
                let place = &mut came[takes.index()];
                if place.is_none() && !dead[takes.index()] && !held[who.index()].contains(&takes) {
                    *place = Some(Step { who, takes, gives });
                    queue.push_back(takes);
                }
            }
        };
        extend(left, None, &mut came, &mut queue, &self.held, &self.dead);
        while let Some(right) = queue.pop_front() {
            reached.push(right);
            if self.holders[right.index()].len() < self.residual[right.index()] as usize {
                let mut path = Vec::new();
                let mut at = Some(right);
                while let Some(step) = at.and_then(|right| came[right.index()]) {
                    path.push(step);
                    at = step.gives;
                }
                for &step in &path {
                    self.apply(step);
                }
                return Ok(path);
            }
            for slot in 0..self.holders[right.index()].len() {
                let holder = self.holders[right.index()][slot];
                extend(holder, Some(right), &mut came, &mut queue, &self.held, &self.dead);
            }
        }
        Err(reached)
    }

    fn apply(&mut self, step: Step) {
        if let Some(gives) = step.gives {
            self.holders[gives.index()].retain(|&who| who != step.who);
            self.held[step.who.index()].retain(|&right| right != gives);
        }
        self.holders[step.takes.index()].push(step.who);
        self.held[step.who.index()].push(step.takes);
    }

    /// Takes a path back, its last step first.
    fn undo(&mut self, path: &[Step]) {
        for step in path.iter().rev() {
            self.holders[step.takes.index()].retain(|&who| who != step.who);
            self.held[step.who.index()].retain(|&right| right != step.takes);
            if let Some(gives) = step.gives {
                self.holders[gives.index()].push(step.who);
                self.held[step.who.index()].push(gives);
            }
        }
    }

    /// Gives `left` its first options if that can be done with everybody before keeping theirs. How many it got.
    fn first_options(&mut self, left: Left) -> u32 {
        let row = self.problem.pairs().rights_of(left);
        let open = row.iter().filter(|right| self.residual[right.index()] > 0).count();
        let need = OPTIONS_LEAST.min(u32::try_from(open).unwrap_or(OPTIONS_LEAST));
        let live = || row.iter().filter(|right| !self.dead[right.index()]);
        let Some(label) = live().map(|right| self.thin[right.index()]).next() else { return 0 };
        if need > 1 && label > 0 && live().all(|right| self.thin[right.index()] == label) {
            return 0;
        }
        let mut paths: Vec<Vec<Step>> = Vec::new();
        for _ in 0..need {
            match self.one_more(left) {
                Ok(path) => paths.push(path),
                Err(reached) if paths.is_empty() => {
                    // Whoever holds these can only move among them, and none has a free place: nobody will ever get one there.
                    for right in reached {
                        self.dead[right.index()] = true;
                    }
                    return 0;
                }
                Err(reached) => {
                    // With one place more given out there is none left among these, so there is at most this one.
                    self.labels += 1;
                    for right in reached.iter().chain(&self.held[left.index()]) {
                        self.thin[right.index()] = self.labels;
                    }
                    for path in paths.iter().rev() {
                        self.undo(path);
                    }
                    return 0;
                }
            }
        }
        need
    }
}

/// Places that no pin holds.
fn residual(frame: &Frame) -> Vec<u32> {
    let mut residual = frame.capacities().to_vec();
    for pin in frame.pins().iter().flatten() {
        residual[pin.index()] = residual[pin.index()].saturating_sub(1);
    }
    residual
}

/// The best safe menus of at most `size` options (at least [`OPTIONS_LEAST`]) for those `asked`, in this order where places are few.
///
/// Pinned lefts keep a place each and cannot be asked; whoever else holds places must be taken out of the capacities first. Minimums
/// are not looked at: the checker refuses menus where pins alone do not meet them.
///
/// Who gets a menu: `O(m E)` at worst, `O(E)` when places are plenty or gone. Then one flow per option up to `size`, and one
/// assignment problem for the prices. The same input gives the same menus.
///
/// # Panics
/// If somebody asked is pinned or not of the problem.
///
/// ```
/// use peermatch_assignment::{Frame, Left, PairTable, Problem, Right, check_safe_menus};
/// use peermatch_solve::{Quiet, menus::{MenusOutcome, safe_menus}};
/// // Three places, two people who could go to any of them: the first one gets a choice, for the second one place is left.
/// let frame = Frame::simple(2, 100, vec![1, 1, 1])?;
/// let row = vec![(Right(0), 1), (Right(1), 2), (Right(2), 3)];
/// let problem = Problem::new(frame, PairTable::from_rows(3, [row.clone(), row])?)?;
/// let MenusOutcome::Found(found) = safe_menus(&problem, &[Left(0), Left(1)], 3, &Quiet) else { panic!() };
/// assert_eq!(found.menus[0].len(), 3);
/// assert!(found.menus[1].is_empty());
/// let proven = check_safe_menus(problem.frame(), problem.pairs(), &found.menus, &found.prices)?;
/// assert_eq!(proven.loss_most(), 2); // right 2 rather than right 0
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn safe_menus(problem: &Problem, asked: &[Left], size: u32, watch: &dyn Watch) -> MenusOutcome {
    for &left in asked {
        assert!(problem.frame().pinned(left).is_none(), "{left} is pinned and cannot be asked");
    }
    let mut holding = Holding::new(problem);
    let mut got = vec![0u32; problem.frame().lefts()];
    for &left in asked {
        if got[left.index()] == 0 {
            got[left.index()] = holding.first_options(left);
        }
    }
    let Some(menus) = fill(problem, got, size.max(OPTIONS_LEAST), watch) else {
        return MenusOutcome::Cancelled;
    };
    match bounding_prices(problem, &menus, watch) {
        Some(prices) => MenusOutcome::Found(SafeMenus { menus, prices }),
        None => MenusOutcome::Cancelled,
    }
}

/// The options: at least `got` for each left, then as many third ones as can be, then fourth ones, at least cost.
fn fill(
    problem: &Problem,
    mut got: Vec<u32>,
    size: u32,
    watch: &dyn Watch,
) -> Option<Vec<Vec<Right>>> {
    let lefts = problem.frame().lefts();
    let mut menus = vec![Vec::new(); lefts];
    if got.iter().all(|&count| count == 0) {
        return Some(menus);
    }
    // One option more moves places along a path that passes each right at most once, so it changes costs by less than this.
    let rights = i64::try_from(problem.frame().rights()).unwrap_or(i64::MAX);
    let outweighs = (rights + 2).saturating_mul(2 * i64::from(COST_MAX) + 1).min(WAITING_COST_MAX);
    let frame = Frame::new(
        vec![outweighs; lefts],
        vec![None; lefts],
        residual(problem.frame()),
        vec![0; problem.frame().rights()],
    )
    .expect("capacities below those of a frame make a frame");
    let rows = Left::all(lefts).map(|left| {
        if got[left.index()] > 0 { problem.pairs().row(left).collect() } else { Vec::new() }
    });
    let pairs = PairTable::from_rows(problem.frame().rights(), rows)
        .expect("rows of a table of pairs make a table of pairs");
    let options = Problem::new(frame, pairs).expect("both have the same sides");
    for level in OPTIONS_LEAST..=size {
        let wanted = got
            .iter()
            .map(|&count| if count > 0 && count + 1 >= level { level.max(count) } else { count })
            .collect();
        let supply = Supply::new(wanted, got.clone(), vec![1; lefts])
            .expect("wanted at least what is got, and a menu is short");
        match best_flow(&options, &supply, watch) {
            FlowOutcome::Optimal(found) => {
                let mut more = false;
                for left in Left::all(lefts) {
                    let row = found.flow.of(left);
                    menus[left.index()] = row.iter().map(|&(right, _)| right).collect();
                    let count = u32::try_from(row.len()).unwrap_or(u32::MAX);
                    more |= std::mem::replace(&mut got[left.index()], count) != count;
                }
                if !more && level > OPTIONS_LEAST {
                    break;
                }
            }
            FlowOutcome::Infeasible(_) => {
                unreachable!("augmenting paths found these options together")
            }
            FlowOutcome::Cancelled => return None,
        }
    }
    Some(menus)
}

/// The prices with which the bound on what picks cost is exact; `None` when the watch asks to stop. What is clamped at the bounds
/// of a problem only makes the bound larger than need be, never wrong: any prices prove one.
fn bounding_prices(problem: &Problem, menus: &[Vec<Right>], watch: &dyn Watch) -> Option<Prices> {
    let frame = problem.frame();
    let mut waiting = Vec::with_capacity(frame.lefts());
    let mut rows = Vec::with_capacity(frame.lefts());
    for (left, menu) in Left::all(frame.lefts()).zip(menus) {
        let mut row = Vec::new();
        let dearest = menu.iter().filter_map(|&right| problem.pairs().cost(left, right)).max();
        waiting.push(dearest.map_or(0, |dearest| {
            (frame.waiting_cost(left) - i64::from(dearest)).clamp(-WAITING_COST_MAX, 0)
        }));
        if let Some(dearest) = dearest {
            for (right, cost) in problem.pairs().row(left).filter(|&(_, cost)| cost < dearest) {
                let below = i64::from(cost) - i64::from(dearest);
                let cost = below.max(-i64::from(COST_MAX));
                row.push((right, i32::try_from(cost).expect("clamped to the bounds of a cost")));
            }
        }
        rows.push(row);
    }
    let dual =
        Frame::new(waiting, vec![None; frame.lefts()], residual(frame), vec![0; frame.rights()])
            .expect("clamped to the bounds of a frame");
    let pairs = PairTable::from_rows(frame.rights(), rows).expect("rows of a table make a table");
    let dual = Problem::new(dual, pairs).expect("both have the same sides");
    match best_total(&dual, watch) {
        Outcome::Optimal(found) => Some(found.prices),
        Outcome::Infeasible(_) => {
            unreachable!("without minimums and pins, going without is feasible")
        }
        Outcome::Cancelled => None,
    }
}

/// The options of `left` by what picking each would cost everybody together, then by right. What no feasible matching holds is not there.
///
/// One backward search; see [`Choices::row`].
pub fn by_loss(choices: &Choices<'_>, left: Left) -> Vec<LiveOption> {
    let mut options: Vec<LiveOption> = choices
        .row(left)
        .into_iter()
        .filter_map(|(right, loss)| Some(LiveOption { loss: loss?, right }))
        .collect();
    options.sort_unstable();
    options
}

/// What a live menu shows of the options of [`by_loss`]: at most `size` that cost at most `most` each, and, if those are fewer than two,
/// the next ones as long as they cost at most `beyond`.
///
/// `beyond` is what may be passed to give somebody a choice at all: a caller sets it to what the choice of this one left may cost.
/// Options are read in their order, and no further than needed: a caller may judge each as it is read.
pub fn live_menu(
    options: impl IntoIterator<Item = LiveOption>,
    size: u32,
    most: i64,
    beyond: i64,
) -> Vec<LiveOption> {
    let least = OPTIONS_LEAST as usize;
    let size = size.max(OPTIONS_LEAST) as usize;
    let mut shown = Vec::new();
    for option in options {
        if option.loss > most && (shown.len() >= least || option.loss > beyond) {
            break;
        }
        shown.push(option);
        if shown.len() >= size {
            break;
        }
    }
    shown
}
