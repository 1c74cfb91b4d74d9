//! The best total: the matching of least total cost, with capacities, minimums, pins and a
//! waiting list.

use crate::bidding;
use crate::finish::{Finish, OutOfReach};
use crate::instance::{Columns, Instance, PinsImpossible};
use crate::seats::Seats;
use crate::serving;
use crate::ties;
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Left, Matching, Prices, Problem, Right};

/// A matching and the prices that prove it optimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The canonical matching of least cost.
    pub matching: Matching,
    /// One price per right; `peermatch_assignment::check` accepts both together.
    pub prices: Prices,
}

/// How a solve ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The least total cost was reached.
    Optimal(Solution),
    /// No matching keeps all capacities, minimums and pins. The prices are the witness that
    /// `peermatch_assignment::check_infeasible` verifies and puts into indexes.
    Infeasible(Prices),
    /// The watch asked to stop.
    Cancelled,
}

/// Where waiting outweighs the differences between pairs by this factor, who is served is found
/// out first. Below it, bidding climbs to the cost of waiting in few enough steps.
const WAITING_OUTWEIGHS: i64 = 2;

/// Finds the matching of least total cost, with prices that prove it, and among equals the
/// canonical one.
///
/// The problem: each of `n` lefts takes one of its eligible pairs, at its cost, or waits, at its
/// waiting cost; each of `K` rights takes at least its minimum and at most its capacity; pinned
/// lefts keep their pair. Costs may be of either sign. There is no limit on how costs of waiting
/// relate to costs of pairs, but the solver is fastest where waiting is either of the size of
/// the pair costs or far above all of them, on one or on many levels.
///
/// # Which of several optimal matchings
/// Lefts count in index order, rights in index order. Left 0 is served if any matching of least
/// cost serves it, then left 1 given that, and so on (this serves as many as any of them does);
/// among those, left 0 gets the smallest right possible, then left 1, and so on. The result
/// depends on the problem alone. The prices are deterministic too, but not canonical: other
/// optimal prices may exist.
///
/// # How
/// 1. Where waiting outweighs all else: who is served, by augmenting paths in order of waiting
///    cost (a transversal matroid), and the prices that implies.
/// 2. Nearly optimal prices by a capacitated auction with falling steps (Bertsekas 1988).
/// 3. Those not exactly at a best option stand up, and are inserted one at a time by shortest
///    augmenting paths over the rights; then places with a price and nobody in them are filled or
///    made free, then minimums are kept, by the same searches backwards. Exact from any prices,
///    so steps 1 and 2 decide speed only.
/// 4. The canonical matching, by alternating paths among pairs of reduced cost 0.
///
/// Worst case `O(n (E + K log K))` for step 3; on structured instances the time is that of about a
/// dozen passes over the pairs. Memory `O(E + n + K)`.
///
/// # Overflow
/// None: with the bounds of `peermatch_assignment` (pair costs within 2^30, waiting within 2^58,
/// at most 2^26 members a side) a price stays within 2^58 + 2^31 upwards, because nobody pays
/// more than waiting costs, and within 2^26 * 2^31 + 2^58 < 2^59 downwards, because an
/// augmenting path passes each right once. Distances are differences of two such sums.
pub fn best_total(problem: &Problem, watch: &dyn Watch) -> Outcome {
    let instance = match Instance::new(problem) {
        Ok(instance) => instance,
        Err(PinsImpossible(prices)) => return Outcome::Infeasible(Prices::new(prices)),
    };
    solve(&instance, watch).unwrap_or(Outcome::Cancelled)
}

fn solve(instance: &Instance<'_>, watch: &dyn Watch) -> Result<Outcome, Stopped> {
    let (prices, holders) = first_guess(instance, watch)?;
    match finished(instance, prices, &holders, usize::MAX, watch)? {
        Finished::Optimal(seats, prices) => {
            Ok(Outcome::Optimal(chosen(instance, seats, prices, watch)?))
        }
        Finished::Infeasible(prices) => Ok(Outcome::Infeasible(Prices::new(prices))),
        Finished::TooMany => unreachable!("no limit was given"),
    }
}

/// Nearly optimal prices and who holds a place at them, from nothing.
pub(crate) fn first_guess(
    instance: &Instance<'_>,
    watch: &dyn Watch,
) -> Result<(Vec<i64>, Vec<Vec<u32>>), Stopped> {
    let prices = starting_prices(instance, watch)?;
    let mut meter = Meter::new(watch, Stage::Bidding, instance.free.len() * 16);
    let bids = bidding::bid(instance, prices, &mut meter)?;
    Ok((bids.prices, bids.holders))
}

/// How an exact finish ended.
pub(crate) enum Finished {
    /// Optimal seats, and the prices that prove it.
    Optimal(Seats, Vec<i64>),
    /// Minimums cannot be kept; the prices prove it.
    Infeasible(Vec<i64>),
    /// More lefts stand than the caller wanted to insert one by one.
    TooMany,
}

/// From prices (none below 0) and a proposal of who holds places to an optimum, unless more than `standing_max` lefts would
/// have to be inserted.
pub(crate) fn finished(
    instance: &Instance<'_>,
    prices: Vec<i64>,
    holders: &[Vec<u32>],
    standing_max: usize,
    watch: &dyn Watch,
) -> Result<Finished, Stopped> {
    let (mut finish, standing) = Finish::new(instance, prices, holders);
    if standing.len() > standing_max {
        return Ok(Finished::TooMany);
    }
    let mut meter = Meter::new(watch, Stage::Placing, standing.len());
    for u in standing {
        meter.step()?;
        finish.insert(u);
    }
    if finish.settled() {
        let Finish { prices, seats, .. } = finish;
        return Ok(Finished::Optimal(seats, prices));
    }

    let columns = Columns::new(instance);
    let mut meter = Meter::new(watch, Stage::Settling, instance.rights());
    finish.settle(&columns, &mut meter)?;
    let mut meter = Meter::new(watch, Stage::Minimums, instance.rights());
    if let Err(OutOfReach(rights)) = finish.keep_minimums(&columns, &mut meter)? {
        let mut prices = vec![0; instance.rights()];
        for right in rights {
            prices[right as usize] = -1;
        }
        return Ok(Finished::Infeasible(prices));
    }
    let Finish { prices, seats, .. } = finish;
    Ok(Finished::Optimal(seats, prices))
}

/// The canonical matching among those of least cost, with its prices.
pub(crate) fn chosen(
    instance: &Instance<'_>,
    seats: Seats,
    prices: Vec<i64>,
    watch: &dyn Watch,
) -> Result<Solution, Stopped> {
    let mut meter = Meter::new(watch, Stage::Ties, instance.free.len());
    let seats = ties::canonical(instance, seats, &prices, &mut meter)?;
    Ok(Solution { matching: matching_of(instance, &seats), prices: Prices::new(prices) })
}

/// Who sits where, pinned lefts included.
pub(crate) fn matching_of(instance: &Instance<'_>, seats: &Seats) -> Matching {
    let frame = instance.problem.frame();
    let rights = Left::all(frame.lefts())
        .map(|left| frame.pinned(left).or_else(|| seats.at(left.0).and_then(Right::from_index)));
    Matching::new(rights.collect())
}

/// Where bidding starts: 0, or what waiting alone says.
fn starting_prices(instance: &Instance<'_>, watch: &dyn Watch) -> Result<Vec<i64>, Stopped> {
    let range = instance.cost_max - instance.cost_min;
    let mut prices = vec![0i64; instance.rights()];
    if instance.gain_max > WAITING_OUTWEIGHS * range.max(1) {
        let mut meter = Meter::new(watch, Stage::Serving, instance.free.len());
        let served = serving::serve(instance, &mut meter)?;
        for (price, waiting) in prices.iter_mut().zip(served.prices) {
            // The marginal left pays what its waiting costs less what its pair costs, at least
            // about this; bidding raises the rest, the exact finish lowers what was too much.
            if let Some(waiting) = waiting {
                *price = (waiting - instance.cost_max).max(0);
            }
        }
    }
    let out_of_reach = instance.price_out_of_reach();
    for (price, &places) in prices.iter_mut().zip(&instance.places) {
        if places == 0 {
            *price = out_of_reach;
        }
    }
    Ok(prices)
}
