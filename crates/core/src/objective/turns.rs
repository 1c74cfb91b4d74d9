//! What the ordinal objectives and the baselines read: who ranks whom where, whose turn it is, and by what each chooses.
//!
//! | objective | order of turns | by what a place is chosen |
//! |---|---|---|
//! | `serial` | by lot | the person's own loss |
//! | `first-come` | by waiting | the person's own loss |
//! | `random-eligible` | by waiting | by lot, pair by pair |
//! | `coordinator` | by waiting | [`coordinator_key`] |
//!
//! Equal choices go to the worker whose id comes first. Waiting means the order of lefts: longest waiting, then id.
//!
//! # Ranks of `stable`
//! People rank workers by their own loss, as suggestions do: the wishes of a worker take no part in a person's list. How workers rank
//! people is the policy's `priorities`:
//!
//! - `waiting` (the default): whoever has waited longer comes first, people who began to wait on the same day by one lot for all
//!   workers. Workers whom a person likes equally are ordered by one lot for all people. No list has ties then and no priority depends
//!   on what anybody reports, so no person ever gains by reporting wishes other than their own (Dubins and Freedman 1981, Roth 1982).
//!   As all workers agree on the order, there is one stable matching, whoever proposes: each in turn takes the best that is left.
//! - `wishes`: each worker ranks by the worker's own wishes (least loss first). Equal losses are ties on both sides, which deferred
//!   acceptance breaks so that at least two thirds as many are served as by the largest stable matching (Király 2013). A person may
//!   gain by reporting other wishes than their own; whoever chooses this should know.

use peermatch_assignment::{
    Left, PairTable, PairTableError, Pairs, RankTable, Ranked, Ranks, Right,
};
use peermatch_model::roster::{UserIx, WorkerIx};
use peermatch_model::words::{CriterionName, Objective, Priorities, Strength, WishAbout, Words};
use rayon::prelude::*;

use super::{cost, own_rows, right_of, worker_of};
use crate::draw;
use crate::eligibility;
use crate::pair::{Context, Pair};
use crate::scoring::{self, Known, Place, Scorer};

/// Whose turn comes when, under objectives that serve in turn: by lot under `serial`, by waiting otherwise.
pub fn order(cx: &Context<'_>, seed: u64, people: &[UserIx]) -> Vec<Left> {
    match cx.policy.objective {
        Objective::Serial => {
            draw::order("serial", seed, &ids(cx, people)).into_iter().map(left_at).collect()
        }
        _ => Left::all(people.len()).collect(),
    }
}

fn left_at(place: usize) -> Left {
    Left::from_index(place).expect("a roster holds fewer than 2^32 people")
}

fn ids<'r>(cx: &Context<'r>, people: &[UserIx]) -> Vec<&'r str> {
    people.iter().map(|&user| cx.roster.user(user).id.as_str()).collect()
}

/// By left, the place in the common priority of all workers, 1 for the first: who began to wait earlier, then by lot.
fn priorities(cx: &Context<'_>, seed: u64, people: &[UserIx]) -> Vec<u32> {
    // A stable sort: among the same day the lot decides.
    let mut drawn = draw::order("stable people", seed, &ids(cx, people));
    drawn.sort_by_key(|&place| cx.roster.user(people[place]).wait_since);
    places(&drawn)
}

/// By worker, the place in the lot that decides between workers whom a person likes equally.
fn lots(cx: &Context<'_>, seed: u64) -> Vec<u32> {
    let ids: Vec<&str> = cx.roster.workers().iter().map(|worker| worker.id.as_str()).collect();
    places(&draw::order("stable workers", seed, &ids))
}

/// Turns an order of things into the place of each, from 1.
fn places(order: &[usize]) -> Vec<u32> {
    let mut out = vec![0; order.len()];
    for (place, &thing) in (1..).zip(order) {
        out[thing] = place;
    }
    out
}

/// Of each loss its rank among `losses`: 1 for the least, equal losses share a rank, and no rank is left out.
pub(super) fn dense(losses: &[u32]) -> Vec<u32> {
    let mut levels = losses.to_vec();
    levels.sort_unstable();
    levels.dedup();
    let rank = |loss: &u32| levels.partition_point(|level| level < loss);
    losses
        .iter()
        .map(|loss| u32::try_from(rank(loss) + 1).expect("a row is shorter than 2^32"))
        .collect()
}

/// How one person ranks the workers of a row.
fn own_ranks(policy: Priorities, row: &[(Right, u32)], lots: &[u32]) -> Vec<u32> {
    match policy {
        Priorities::Wishes => dense(&row.iter().map(|&(_, loss)| loss).collect::<Vec<_>>()),
        Priorities::Waiting => {
            let mut order: Vec<usize> = (0..row.len()).collect();
            order.sort_unstable_by_key(|&at| (row[at].1, lots[row[at].0.index()]));
            places(&order)
        }
    }
}

/// Both sides' ranks of every eligible pair under `stable`, found by index and kept: to solve.
///
/// # Errors
/// As [`PairTable::from_rows`]; cannot happen for a checked roster of fewer than 2^32 pairs.
///
/// # Panics
/// Never: there is one of each rank per pair.
pub fn ranks(cx: &Context<'_>, seed: u64, people: &[UserIx]) -> Result<RankTable, PairTableError> {
    let rows = own_rows(cx, people);
    let (first, lots) = (priorities(cx, seed, people), lots(cx, seed));
    let both: Vec<(Vec<u32>, Vec<u32>)> = people
        .par_iter()
        .zip(&rows)
        .zip(&first)
        .map(|((&user, row), &first)| {
            let of_worker = |&(right, _): &(Right, u32)| match cx.policy.priorities {
                Priorities::Waiting => first,
                Priorities::Wishes => scoring::worker_loss(&cx.pair(user, worker_of(right))) + 1,
            };
            let of_person = own_ranks(cx.policy.priorities, row, &lots);
            (of_person, row.iter().map(of_worker).collect())
        })
        .collect();
    let (of_people, of_workers): (Vec<_>, Vec<_>) = both.into_iter().unzip();
    let pairs = table(cx, rows)?;
    Ok(RankTable::new(pairs, of_people.concat(), of_workers.concat())
        .expect("one of each rank was made per pair"))
}

fn table(cx: &Context<'_>, rows: Vec<Vec<(Right, u32)>>) -> Result<PairTable, PairTableError> {
    let rows = rows.into_iter().map(|row| row.into_iter().map(|(right, loss)| (right, cost(loss))));
    PairTable::from_rows(cx.roster.workers().len(), rows.map(Iterator::collect::<Vec<_>>))
}

/// As [`ranks`], found by walking all pairs and computed again each time: to verify. Shares no index and no table with it.
#[derive(Debug)]
pub struct AllRanks<'a> {
    cx: &'a Context<'a>,
    people: &'a [UserIx],
    first: Vec<u32>,
    lots: Vec<u32>,
}

impl<'a> AllRanks<'a> {
    /// Draws the lots. O(n log n + K log K).
    pub fn new(cx: &'a Context<'a>, seed: u64, people: &'a [UserIx]) -> Self {
        Self { cx, people, first: priorities(cx, seed, people), lots: lots(cx, seed) }
    }
}

impl Ranked for AllRanks<'_> {
    fn lefts(&self) -> usize {
        self.people.len()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, Ranks)) {
        let user = self.people[left.index()];
        let row = walked(self.cx, user);
        let of_person = own_ranks(self.cx.policy.priorities, &row, &self.lots);
        for (&(right, _), left_rank) in row.iter().zip(of_person) {
            let right_rank = match self.cx.policy.priorities {
                Priorities::Waiting => self.first[left.index()],
                Priorities::Wishes => {
                    scoring::worker_loss(&self.cx.pair(user, worker_of(right))) + 1
                }
            };
            each(right, Ranks { left: left_rank, right: right_rank });
        }
    }
}

/// A person's eligible workers with the person's own losses, by walking all workers.
pub(super) fn walked(cx: &Context<'_>, user: UserIx) -> Vec<(Right, u32)> {
    let scorer = Scorer::for_user(cx, user);
    (0..cx.roster.workers().len())
        .map(WorkerIx::at)
        .map(|worker| (worker, cx.pair(user, worker)))
        .filter(|(_, pair)| eligibility::eligible(pair))
        .map(|(worker, pair)| (right_of(worker), scorer.loss(&pair)))
        .collect()
}

/// How a coordinator would choose by hand: 0 if the worker's gender is as wished and they share an area, 1 if one of the two, 2 if
/// neither; then whoever comes first.
///
/// Gender is as wished if every wish of the person about it is met; somebody who stated none is content with all, so for them gender has no
/// effect. They share an area if the person's area is one of the worker's; for somebody without an area, it has none either. (A `must` is a
/// rule, and holds here as everywhere.)
pub fn coordinator_key(pair: &Pair<'_>) -> i32 {
    let gender = pair.cx.criteria.find(CriterionName::Gender.word());
    let mut wishes = pair.user.wishes.iter().enumerate();
    let as_wished = wishes.all(|(place, wish)| {
        wish.about != WishAbout::Gender
            || wish.strength == Strength::Must
            || gender.is_none_or(|gender| gender.value(pair, Place::Wish(place)) == Known::MET)
    });
    let same_area = pair.user.area.is_none_or(|area| pair.worker.areas.contains(&area));
    i32::from(!as_wished) + i32::from(!same_area)
}

/// By what the places of a pair are chosen in turn: lower is better.
fn key(cx: &Context<'_>, seed: u64, user: UserIx, right: Right, loss: u32) -> i32 {
    let worker = worker_of(right);
    match cx.policy.objective {
        Objective::RandomEligible => {
            let (person, worker) = (&cx.roster.user(user).id, &cx.roster.worker(worker).id);
            cost(draw::key("random-eligible", seed, person, worker))
        }
        Objective::Coordinator => coordinator_key(&cx.pair(user, worker)),
        _ => cost(loss),
    }
}

/// The keys of every eligible pair under an objective that serves in turn, found by index and kept: to solve.
///
/// # Errors
/// As [`PairTable::from_rows`]; cannot happen for a checked roster of fewer than 2^32 pairs.
pub fn keys(cx: &Context<'_>, seed: u64, people: &[UserIx]) -> Result<PairTable, PairTableError> {
    let rows = own_rows(cx, people);
    let rows: Vec<Vec<(Right, i32)>> = people
        .par_iter()
        .zip(rows)
        .map(|(&user, row)| {
            row.into_iter().map(|(right, loss)| (right, key(cx, seed, user, right, loss))).collect()
        })
        .collect();
    PairTable::from_rows(cx.roster.workers().len(), rows)
}

/// As [`keys`], found by walking all pairs and computed again each time: to verify.
#[derive(Debug)]
pub struct AllKeys<'a> {
    cx: &'a Context<'a>,
    seed: u64,
    people: &'a [UserIx],
}

impl<'a> AllKeys<'a> {
    /// The stream.
    pub fn new(cx: &'a Context<'a>, seed: u64, people: &'a [UserIx]) -> Self {
        Self { cx, seed, people }
    }
}

impl Pairs for AllKeys<'_> {
    fn lefts(&self) -> usize {
        self.people.len()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, i32)) {
        let user = self.people[left.index()];
        for (right, loss) in walked(self.cx, user) {
            each(right, key(self.cx, self.seed, user, right, loss));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_losses_share_a_rank_and_no_rank_is_left_out() {
        assert_eq!(dense(&[7, 3, 7, 0, 3]), [3, 2, 3, 1, 2]);
        assert!(dense(&[]).is_empty());
    }

    #[test]
    fn places_turn_an_order_round() {
        assert_eq!(places(&[2, 0, 1]), [2, 3, 1]);
    }
}
