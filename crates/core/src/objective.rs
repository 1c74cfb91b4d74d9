//! From people to an assignment problem: what each eligible pair costs, what waiting costs, how many places there are.
//!
//! Lefts are the people to be matched, longest waiting first, then by id; rights are all workers, by id. The solver's canonical
//! answer goes by this order, so among equal totals those who waited longest are served first. Costs are integers:
//!
//! - pair: `loss(u, w) + mutual (loss_w(u) - min over the worker's eligible people)`, each loss 0..=1,000,000, `mutual` at most 1:
//!   0..=2,000,000. Taking the minimum off makes a worker with wishes no worse off than one without.
//! - waiting under `longest-wait`: `rank M`, where the person who has waited longest has the highest rank (the number of people), the
//!   next one less, down to 1, and `M = 2 V (min(n, K) + 1) + 1`. Exchanging one person served for another moves people along a path that
//!   passes each worker at most once, so it changes the pair costs by less than `M`: serving is decided by waiting alone, and the sets that
//!   can be served are those of a transversal matroid, where a strict order of weights has one best set, the greedy one. So as many as
//!   can be served are served, longest waiting first, and nobody is passed over for asking more, not even among those who have waited
//!   equally long (id decides there, not loss). At n = 1,000,000 and K = 100,000 this is 2.0e17, inside the bound of `assignment` (2^58).
//! - waiting under `total`: the policy's fixed price, for each place alike. Under `max-min`, `leximin` and `nash`, which have no sum of losses to
//!   weigh a price against, it means that as many people as can be are served: waiting costs 1.
//!
//! # Several workers for one person
//! Somebody may want more than one worker (a primary and a backup), all different. Nobody's second worker comes before anybody's first: with
//! `d` the most that anybody wants, there are `d` layers of `n` levels, the `k`-th place of a person stands on the person's level in layer `k`, and
//! waiting for it costs `((d - k) n + rank) M`. So as many first places as can be are given, longest waiting first, then as many second places, and
//! so on. Matches that stand count: somebody who has one worker waits for the second place. Where a run has to give somebody several workers, who
//! gets how many is decided first ([`Granting`]), and the objective then decides which. Under `total` every place has the same price.

mod coverage;
mod turns;
mod worths;

use peermatch_assignment::{
    Frame, FrameError, Left, PairTable, PairTableError, Pairs, Problem, ProblemError, Right,
};
use peermatch_model::policy::{Policy, WHOLE};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::words::Coverage;
use rayon::prelude::*;

use crate::candidates::Candidates;
use crate::eligibility;
use crate::pair::Context;
use crate::scoring::{self, Scorer};

pub use coverage::{AllGranting, Granting};
pub use turns::{AllKeys, AllRanks, coordinator_key, keys, order, ranks};
pub use worths::{AllWorths, aim, worths};

/// The people to be matched, in the order of lefts.
pub fn people_to_match(roster: &Roster) -> Vec<UserIx> {
    roster.waiting().collect()
}

/// A worker as a right.
pub fn right_of(worker: WorkerIx) -> Right {
    Right(u32::try_from(worker.index()).expect("a roster holds fewer than 2^32 workers"))
}

/// A right as a worker.
pub fn worker_of(right: Right) -> WorkerIx {
    WorkerIx::at(right.index())
}

/// Everything of the problem but its pairs.
///
/// # Errors
/// [`FrameError::MinimumAboveCapacity`] if a worker must be given more people than there are places;
/// [`FrameError::WaitingCost`] beyond the sizes of [`waiting_cost`].
pub fn frame(cx: &Context<'_>, people: &[UserIx]) -> Result<Frame, FrameError> {
    let layers = layers(cx, people);
    let waiting = (0..people.len()).map(|place| waiting_cost(cx, people, layers, place)).collect();
    let pins = people.iter().map(|&u| cx.roster.pinned(u).map(right_of)).collect();
    let workers = cx.roster.workers();
    let places = workers.iter().map(peermatch_model::roster::PeerWorker::places).collect();
    let minimums = workers.iter().map(|w| w.minimum).collect();
    Frame::new(waiting, pins, places, minimums)
}

/// The most workers that anybody of `people` wants at once, those of matches that stand among them.
pub fn layers(cx: &Context<'_>, people: &[UserIx]) -> u32 {
    people.iter().map(|&user| cx.roster.user(user).demand).max().unwrap_or(1)
}

/// What it costs to leave the person at `place` (0 has waited longest) of `people` without the next worker they want, if nobody wants
/// more than [`layers`]. Saturates beyond 64 bits, which [`frame`] then refuses: 1,000,000 people with 100,000 workers stay well inside.
pub fn waiting_cost(cx: &Context<'_>, people: &[UserIx], layers: u32, place: usize) -> i64 {
    let standing = whole(cx.roster.user(people[place]).kept.len());
    let below = (i64::from(layers) - 1).saturating_sub(standing);
    let in_layer = match (cx.policy.coverage, aim(cx.policy.objective)) {
        (Coverage::Total, None) => return i64::from(cx.policy.waiting_price),
        (Coverage::Total, Some(_)) => 1,
        (Coverage::LongestWait, _) => {
            whole(people.len() - place).saturating_mul(outweighs(cx, people))
        }
    };
    below.saturating_mul(waiting_fall(cx, people, layers)).saturating_add(in_layer)
}

/// How much less it costs to go without each further worker: a whole layer of levels.
fn waiting_fall(cx: &Context<'_>, people: &[UserIx], layers: u32) -> i64 {
    match (cx.policy.coverage, aim(cx.policy.objective)) {
        (Coverage::Total, None) => 0,
        // More than all places of the layers below together.
        (Coverage::Total, Some(_)) => {
            whole(people.len()).saturating_mul(i64::from(layers)).saturating_add(1)
        }
        (Coverage::LongestWait, _) => whole(people.len()).saturating_mul(outweighs(cx, people)),
    }
}

/// `M`: more than an exchange of who is served can change the costs of pairs by.
pub(crate) fn outweighs(cx: &Context<'_>, people: &[UserIx]) -> i64 {
    whole(people.len().min(cx.roster.workers().len()))
        .saturating_add(1)
        .saturating_mul(2 * i64::from(WHOLE))
        .saturating_add(1)
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What a worker's wishes add to the cost of a pair.
fn mutual(policy: &Policy, worker_loss: u32, least: u32) -> i32 {
    let share =
        u64::from(worker_loss.saturating_sub(least)) * u64::from(policy.mutual_percent) / 100;
    i32::try_from(share).expect("a loss is at most 1,000,000")
}

fn cost(loss: u32) -> i32 {
    i32::try_from(loss).expect("a loss is at most 1,000,000")
}

/// Every eligible pair with its cost, found by index and kept: the fast way, to solve.
///
/// Rows are made in parallel on the caller's rayon pool; the result does not depend on the number of threads.
///
/// # Errors
/// As [`PairTable::from_rows`]; cannot happen for a checked roster of fewer than 2^32 pairs.
pub fn pairs(cx: &Context<'_>, people: &[UserIx]) -> Result<PairTable, PairTableError> {
    let mut rows = cost_rows(own_rows(cx, people));
    add_workers_wishes(cx, people, &mut rows);
    PairTable::from_rows(cx.roster.workers().len(), rows)
}

/// By left, the eligible workers with the person's own loss, found by index.
fn own_rows(cx: &Context<'_>, people: &[UserIx]) -> Vec<Vec<(Right, u32)>> {
    let candidates = Candidates::new(cx);
    people
        .par_iter()
        .map(|&user| {
            let scorer = Scorer::for_user(cx, user);
            let row = candidates.eligible_workers(user).into_iter();
            row.map(|worker| (right_of(worker), scorer.loss(&cx.pair(user, worker)))).collect()
        })
        .collect()
}

fn cost_rows(rows: Vec<Vec<(Right, u32)>>) -> Vec<Vec<(Right, i32)>> {
    let costs = |row: Vec<(Right, u32)>| row.into_iter().map(|(right, loss)| (right, cost(loss)));
    rows.into_iter().map(|row| costs(row).collect()).collect()
}

/// Adds to each pair's cost what the worker's wishes add.
fn add_workers_wishes(cx: &Context<'_>, people: &[UserIx], rows: &mut [Vec<(Right, i32)>]) {
    if cx.policy.mutual_percent == 0 || cx.roster.workers().iter().all(|w| w.wishes.is_empty()) {
        return;
    }
    let losses: Vec<Vec<u32>> = people
        .par_iter()
        .zip(&*rows)
        .map(|(&user, row)| {
            row.iter()
                .map(|&(right, _)| scoring::worker_loss(&cx.pair(user, worker_of(right))))
                .collect()
        })
        .collect();
    let mut least = vec![u32::MAX; cx.roster.workers().len()];
    for (row, losses) in rows.iter().zip(&losses) {
        for (&(right, _), &loss) in row.iter().zip(losses) {
            least[right.index()] = least[right.index()].min(loss);
        }
    }
    for (row, losses) in rows.iter_mut().zip(&losses) {
        for ((right, cost), &loss) in row.iter_mut().zip(losses) {
            *cost += mutual(cx.policy, loss, least[right.index()]);
        }
    }
}

/// The whole problem.
///
/// # Errors
/// [`ProblemFault::Frame`] if a worker's minimum is above the places; the others cannot happen for a checked roster.
pub fn problem(cx: &Context<'_>, people: &[UserIx]) -> Result<Problem, ProblemFault> {
    Ok(Problem::new(frame(cx, people)?, pairs(cx, people)?)?)
}

/// Why there is no problem to solve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemFault {
    /// Capacities, minimums and pins do not go together.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The pairs are malformed.
    #[error(transparent)]
    Pairs(#[from] PairTableError),
    /// The two do not fit.
    #[error(transparent)]
    Problem(#[from] ProblemError),
}

/// Every eligible pair with its cost, found by walking all pairs and computed again each time it is asked: the slow and plain
/// way, to verify. It shares no index, no table and no order of work with [`pairs`], and stores no pair.
#[derive(Debug)]
pub struct AllPairs<'a> {
    cx: &'a Context<'a>,
    people: &'a [UserIx],
    /// Least loss of each worker over the worker's eligible people.
    least: Vec<u32>,
}

impl<'a> AllPairs<'a> {
    /// Prepares the stream. O(people × workers) where workers have wishes.
    pub fn new(cx: &'a Context<'a>, people: &'a [UserIx]) -> Self {
        let least = (0..cx.roster.workers().len())
            .into_par_iter()
            .map(|place| {
                let worker = WorkerIx::at(place);
                if cx.roster.worker(worker).wishes.is_empty() {
                    return 0;
                }
                let pairs = people.iter().map(|&user| cx.pair(user, worker));
                pairs
                    .filter(|pair| eligibility::eligible(pair))
                    .map(|pair| scoring::worker_loss(&pair))
                    .min()
                    .unwrap_or(0)
            })
            .collect();
        Self { cx, people, least }
    }
}

impl Pairs for AllPairs<'_> {
    fn lefts(&self) -> usize {
        self.people.len()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        let user = self.people[left.index()];
        let scorer = Scorer::for_user(self.cx, user);
        for place in 0..self.cx.roster.workers().len() {
            let worker = WorkerIx::at(place);
            let pair = self.cx.pair(user, worker);
            if eligibility::eligible(&pair) {
                let wishes = if pair.worker.wishes.is_empty() {
                    0
                } else {
                    mutual(self.cx.policy, scoring::worker_loss(&pair), self.least[place])
                };
                each(right_of(worker), cost(scorer.loss(&pair)) + wishes);
            }
        }
    }
}
