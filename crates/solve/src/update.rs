//! A solution after a change: re-solved from what is there, moving the fewest.
//!
//! A problem was solved; then somebody came or left, a right lost or got a place, a pair became eligible or dearer. Most of the old
//! matching and of the old prices still fits. [`best_total_from`] starts there: whoever is not exactly at a best option at the old prices
//! stands up and is inserted again by a shortest augmenting path, one search each; places that a price no longer fits are filled or made
//! free by a backward search each. For one change this is about one search, besides a pass over the pairs. The result is exact,
//! with prices that prove it, whatever was given to start from.
//!
//! # Which of several
//!
//! [`crate::best_total()`] gives the canonical matching: a function of the problem alone, which may move many who could stay. Here, of all
//! matchings of least cost, one that *moves the fewest* is given, with a second set of prices that proves that too (see
//! [`peermatch_assignment::moves`]); and among those the one that is canonical in the same order. So the two may differ, at equal cost; the
//! result here depends on the problem and on where everybody was, and on nothing else: not on the prices to start from.
//!
//! # Example
//!
//! ```
//! use peermatch_assignment::{Frame, Matching, PairTable, Prices, Problem, Right, check_fewest_moves};
//! use peermatch_solve::update::{UpdateOutcome, best_total_from};
//! use peermatch_solve::{Outcome, Quiet, best_total};
//!
//! // Two lefts, two rights, everything equal: canonically left 0 is at right 0.
//! let frame = Frame::simple(2, 100, vec![1, 1])?;
//! let row = || vec![(Right(0), 7), (Right(1), 7)];
//! let problem = Problem::new(frame, PairTable::from_rows(2, [row(), row()])?)?;
//! let Outcome::Optimal(fresh) = best_total(&problem, &Quiet) else { unreachable!() };
//! assert_eq!(fresh.matching.rights(), [Some(Right(0)), Some(Right(1))]);
//!
//! // But left 0 was at right 1 before, and left 1 is new.
//! let before = Matching::new(vec![Some(Right(1)), None]);
//! let from = best_total_from(&problem, &before, &Prices::zero(2), &Quiet);
//! let UpdateOutcome::Optimal(update) = from else { unreachable!() };
//! assert_eq!(update.solution.matching.rights(), [Some(Right(1)), Some(Right(0))]);
//! let (matching, prices) = (&update.solution.matching, &update.solution.prices);
//! let proven = check_fewest_moves(
//!     problem.frame(), problem.pairs(), &before, matching, prices, &update.second,
//! )?;
//! assert_eq!(proven.moved(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::best_total::{Finished, Solution, chosen, finished, first_guess, matching_of};
use crate::instance::{Instance, PinsImpossible};
use crate::watch::{Stopped, Watch};
use peermatch_assignment::{Face, Left, Matching, PairTable, Pairs, Prices, Problem, Right, check};

/// A matching of least cost that moves the fewest, with both proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The matching and the prices that prove its cost least.
    pub solution: Solution,
    /// The prices that prove that none of the same cost moves fewer; `peermatch_assignment::check_fewest_moves` accepts all together.
    pub second: Prices,
    /// How many lefts had a place and do not keep it.
    pub moved: usize,
}

/// How a re-solve ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// The least total cost and the fewest moves.
    Optimal(Update),
    /// No matching keeps all capacities, minimums and pins any more. The prices are the witness for
    /// `peermatch_assignment::check_infeasible`.
    Infeasible(Prices),
    /// The watch asked to stop.
    Cancelled,
}

/// Beyond one left in this many (and a few), inserting one by one is slower than bidding from the start.
const STANDING_PART: usize = 8;
/// Lefts that are always inserted one by one.
const STANDING_FEW: usize = 64;

/// Solves `problem` from an earlier matching and its prices: the least total cost, and among equals the fewest moves.
///
/// `start` says by left where everybody was (`None`: nowhere, or new), `start_prices` by right what its places cost. Both refer to
/// the lefts and rights of `problem`: a caller who removed or added some maps the indexes first. Both are only hints for the cost: a start that
/// does not fit (pairs that are no longer eligible, too many at one right, prices of another scale) makes it slower, never wrong. For the
/// moves `start` counts as it is.
///
/// `O(E + d (E + K log K))` for `d` lefts or places that are affected; where most are, as [`crate::best_total()`].
pub fn best_total_from(
    problem: &Problem,
    start: &Matching,
    start_prices: &Prices,
    watch: &dyn Watch,
) -> UpdateOutcome {
    let instance = match Instance::new(problem) {
        Ok(instance) => instance,
        Err(PinsImpossible(prices)) => return UpdateOutcome::Infeasible(Prices::new(prices)),
    };
    solve(&instance, start, start_prices, watch).unwrap_or(UpdateOutcome::Cancelled)
}

fn solve(
    instance: &Instance<'_>,
    start: &Matching,
    start_prices: &Prices,
    watch: &dyn Watch,
) -> Result<UpdateOutcome, Stopped> {
    let prices = usable(instance, start_prices);
    let holders = holders(instance, &[start]);
    let found = near(instance, prices, &holders, watch)?;
    let (seats, prices) = match found {
        Finished::Optimal(seats, prices) => (seats, Prices::new(prices)),
        Finished::Infeasible(prices) => return Ok(UpdateOutcome::Infeasible(Prices::new(prices))),
        Finished::TooMany => unreachable!("bidding has no limit"),
    };

    // Of all that cost the same, the fewest moves: the same kind of problem, on the pairs that are left.
    let problem = instance.problem;
    let least = matching_of(instance, &seats);
    drop(seats);
    let verified = check(problem.frame(), problem.pairs(), &least, &prices)
        .expect("an exact finish ends with complementary slackness");
    let face = Face::new(problem.frame(), problem.pairs(), start, &verified)
        .expect("the face of a frame keeps its bounds");
    let rows = Left::all(problem.frame().lefts()).map(|left| {
        let mut row = Vec::new();
        face.visit(left, |right, cost| row.push((right, cost)));
        row
    });
    let pairs = PairTable::from_rows(problem.frame().rights(), rows)
        .expect("some pairs of a table, in its order");
    let staged = Problem::new(face.frame().clone(), pairs).expect("sizes are those of the problem");
    let Ok(instance) = Instance::new(&staged) else {
        unreachable!("pins were kept before");
    };
    // Whoever may keep the old place holds it; the rest sit where the least cost has them.
    let holders = self::holders(&instance, &[start, &least]);
    let nothing = usable(&instance, &Prices::zero(instance.rights()));
    let Finished::Optimal(seats, second) = near(&instance, nothing, &holders, watch)? else {
        unreachable!("the matching of least cost is feasible");
    };
    let Solution { matching, prices: second } = chosen(&instance, seats, second, watch)?;
    let moved = Left::all(matching.lefts())
        .filter(|&left| {
            let before = start.right_of(left).filter(|right| right.index() < instance.rights());
            before.is_some() && before != matching.right_of(left)
        })
        .count();
    Ok(UpdateOutcome::Optimal(Update { solution: Solution { matching, prices }, second, moved }))
}

/// An exact finish from a guess, or from bidding if the guess is far off.
fn near(
    instance: &Instance<'_>,
    prices: Vec<i64>,
    holders: &[Vec<u32>],
    watch: &dyn Watch,
) -> Result<Finished, Stopped> {
    let standing_max = instance.free.len() / STANDING_PART + STANDING_FEW;
    match finished(instance, prices, holders, standing_max, watch)? {
        Finished::TooMany => {
            let (prices, holders) = first_guess(instance, watch)?;
            finished(instance, prices, &holders, usize::MAX, watch)
        }
        found => Ok(found),
    }
}

/// Prices as the exact finish wants them: one per right, none below 0, and out of reach where there is no place.
fn usable(instance: &Instance<'_>, prices: &Prices) -> Vec<i64> {
    let out_of_reach = instance.price_out_of_reach();
    let of = |(right, &places): (Right, &u32)| match places {
        0 => out_of_reach,
        _ => prices.of(right).unwrap_or(0).clamp(0, out_of_reach),
    };
    Right::all(instance.rights()).zip(&instance.places).map(of).collect()
}

/// Who holds a place where: each free left at the first of `wishes` that gives it a pair with a place still free.
fn holders(instance: &Instance<'_>, wishes: &[&Matching]) -> Vec<Vec<u32>> {
    let mut holders = vec![Vec::new(); instance.rights()];
    for &u in &instance.free {
        let held = wishes.iter().find_map(|wish| {
            let right = wish.right_of(Left(u))?;
            instance.problem.pairs().cost(Left(u), right)?;
            let room = holders[right.index()].len() < instance.places[right.index()] as usize;
            room.then_some(right)
        });
        if let Some(right) = held {
            holders[right.index()].push(u);
        }
    }
    holders
}
