//! What a pair is worth under the objectives that go through stages.
//!
//! - **Grade** under `max-min` and `leximin`: how much further from the best a person could have, in steps of the policy's `fit_grade`:
//!   `(loss(u, w) - least loss of u over the workers who could walk with u) / fit_grade`, rounded down. 0 is the best. One wish that
//!   nobody can meet raises both losses and so no grade, and the wishes of workers take no part: fairness is between the people served.
//! - **Grade** under `rank-maximal`: the worker's place on the person's own list, 1 for the best; equal losses share a place.
//! - **Gain** under `nash`: `2^20 log2(1 + fit)` of the fit that is shown, by [`gain()`].

use peermatch_assignment::gain::gain;
use peermatch_assignment::{Aim, Left, PairTable, Pairs, Right, Valued, Worth, WorthTable};
use peermatch_model::policy::Policy;
use peermatch_model::roster::UserIx;
use peermatch_model::words::Objective;
use rayon::prelude::*;

use super::turns::{dense, walked};
use super::{AllPairs, ProblemFault, add_workers_wishes, cost_rows, own_rows, worker_of};
use crate::pair::Context;
use crate::scoring::Scorer;

/// The stages of an objective, if it goes through stages.
pub fn aim(objective: Objective) -> Option<Aim> {
    match objective {
        Objective::MaxMin => Some(Aim::MaxMin),
        Objective::Leximin => Some(Aim::Leximin),
        Objective::Nash => Some(Aim::Nash),
        Objective::RankMaximal => Some(Aim::RankMaximal),
        _ => None,
    }
}

/// The grades of a person's workers from the person's losses.
fn grades(policy: &Policy, losses: &[u32]) -> Vec<u32> {
    match policy.objective {
        Objective::MaxMin | Objective::Leximin => {
            let least = losses.iter().copied().min().unwrap_or(0);
            losses.iter().map(|loss| (loss - least) / policy.fit_grade).collect()
        }
        Objective::RankMaximal => dense(losses),
        _ => vec![0; losses.len()],
    }
}

/// The gains of a person's workers.
fn gains(cx: &Context<'_>, user: UserIx, row: &[(Right, u32)]) -> Vec<i32> {
    if cx.policy.objective != Objective::Nash {
        return vec![0; row.len()];
    }
    let scorer = Scorer::for_user(cx, user);
    row.iter().map(|&(right, _)| gain(scorer.fit(&cx.pair(user, worker_of(right))).value)).collect()
}

/// What every eligible pair is worth, found by index and kept: to solve.
///
/// # Errors
/// As [`super::problem`]; cannot happen for a checked roster of fewer than 2^32 pairs.
///
/// # Panics
/// Never: there is one grade and one gain per pair, and both are bounded by those of a loss.
pub fn worths(cx: &Context<'_>, people: &[UserIx]) -> Result<WorthTable, ProblemFault> {
    let rows = own_rows(cx, people);
    let both: Vec<(Vec<u32>, Vec<i32>)> = people
        .par_iter()
        .zip(&rows)
        .map(|(&user, row)| {
            let losses: Vec<u32> = row.iter().map(|&(_, loss)| loss).collect();
            (grades(cx.policy, &losses), gains(cx, user, row))
        })
        .collect();
    let (grades, gains): (Vec<_>, Vec<_>) = both.into_iter().unzip();
    let mut rows = cost_rows(rows);
    add_workers_wishes(cx, people, &mut rows);
    let pairs = PairTable::from_rows(cx.roster.workers().len(), rows)?;
    Ok(WorthTable::new(pairs, grades.concat(), gains.concat())
        .expect("one grade and one gain were made per pair, within bounds"))
}

/// As [`worths`], found by walking all pairs and computed again each time: to verify.
#[derive(Debug)]
pub struct AllWorths<'a> {
    pairs: AllPairs<'a>,
}

impl<'a> AllWorths<'a> {
    /// Prepares the stream: see [`AllPairs::new`].
    pub fn new(cx: &'a Context<'a>, people: &'a [UserIx]) -> Self {
        Self { pairs: AllPairs::new(cx, people) }
    }
}

impl Valued for AllWorths<'_> {
    fn lefts(&self) -> usize {
        self.pairs.lefts()
    }

    fn visit(&self, left: Left, mut each: impl FnMut(Right, Worth)) {
        let (cx, user) = (self.pairs.cx, self.pairs.people[left.index()]);
        let row = walked(cx, user);
        let losses: Vec<u32> = row.iter().map(|&(_, loss)| loss).collect();
        let (grades, gains) = (grades(cx.policy, &losses), gains(cx, user, &row));
        let mut at = 0;
        self.pairs.visit(left, |right, cost| {
            each(right, Worth { cost, grade: grades[at], gain: gains[at] });
            at += 1;
        });
    }
}
