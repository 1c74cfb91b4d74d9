//! Ordinal matchings and the baselines: stable, in turn, greedy, and the largest there is.
//!
//! What is found here is a claim that `peermatch_assignment` checks without knowing how it was
//! found: [`check_stable`](peermatch_assignment::check_stable),
//! [`check_in_turn`](peermatch_assignment::check_in_turn),
//! [`check_greedy`](peermatch_assignment::check_greedy),
//! [`check_largest`](peermatch_assignment::check_largest). See there for the rules: pinned lefts
//! keep their pair and take part in nothing else, costs of waiting and minimums are not read.
//!
//! # What nobody can gain by
//! A rule is *strategy-proof* for the lefts if no left ever gets something it ranks higher by
//! reporting another list than its own, whatever the others report.
//! - [`in_turn`] is, with an order and places that do not depend on reports (serial dictatorship).
//! - [`stable`] with [`Proposing::Lefts`] is, if no list on either side has ties and the rights'
//!   ranks do not depend on the reports: rank by waiting time first and by a lottery then, not by
//!   how well somebody fits what they said (Dubins and Freedman 1981; Roth 1982).
//! - [`stable`] with ties is **not**: whoever exhausts a list counts as promoted, so a shorter list
//!   can win a tie. Ties broken beforehand, by a lottery, keep it strategy-proof and may serve
//!   fewer.
//! - [`stable`] with [`Proposing::Rights`] and [`greedy`] are not.
//!
//! # References
//! - D. Gale, L. S. Shapley, "College admissions and the stability of marriage", American
//!   Mathematical Monthly 69 (1962).
//! - L. E. Dubins, D. A. Freedman, "Machiavelli and the Gale-Shapley algorithm", American
//!   Mathematical Monthly 88 (1981).
//! - A. E. Roth, "The economics of matching: stability and incentives", Mathematics of Operations
//!   Research 7 (1982); "On the allocation of residents to rural hospitals", Econometrica 54 (1986).
//! - Z. Király, "Better and simpler approximation algorithms for the stable marriage problem",
//!   Algorithmica 60 (2011); "Linear time local approximation algorithm for maximum stable
//!   marriage", Algorithms 6 (2013).

mod largest;

mod lefts;

mod rights;

use crate::best_total::{Outcome, Solution, best_total};
use crate::instance::small;
use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::{Frame, Left, Matching, PairTable, Prices, Problem, RankTable, Right};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How an ordinal solve ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrdinalOutcome {
    /// The matching by the rule asked for.
    Found(Matching),
    /// The pins cannot be kept. `peermatch_assignment::check_infeasible` verifies the prices and
    /// names the pins in the way.
    Infeasible(Prices),
    /// The watch asked to stop.
    Cancelled,
}

/// Which side proposes in deferred acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proposing {
    /// The lefts. Without ties: every left gets the best it has in any stable matching, and every
    /// right the worst.
    Lefts,
    /// The rights. Without ties: the other way round.
    Rights,
}

/// Finds a weakly stable matching: many-to-one deferred acceptance with incomplete lists and ties
/// on both sides.
///
/// Without ties the result is the stable matching that is best for every member of the proposing
/// side (Gale and Shapley 1962), and every stable matching serves the same lefts and fills each
/// right equally (Roth 1986).
///
/// # Ties
/// - [`Proposing::Lefts`]: Király's algorithm of 2013, for many-to-one. A left that has asked
///   everywhere in vain is *promoted*, asks everywhere once more, and wins ties against those who
///   are not. A left asks, among rights it ranks equal, one with a place to spare first; and one
///   that has such a right to go to instead gives up its place to whoever asks for it. The result
///   serves at least 2/3 as many of the lefts that are not pinned as the largest weakly stable
///   matching does, with ties on either side or both. Ties that remain go to the smaller index.
/// - [`Proposing::Rights`]: ties are broken by index beforehand, on both sides. Any stable matching
///   serves at least half as many as the largest one, and no more is promised here.
///
/// # Why 2/3
/// Let `M` be the result and `N` a largest stable matching. If `N` were more than half as large
/// again, there would be `u` with `w` and `v` with `x` in `N`, and `v` with `w` in `M`, where `u`
/// waits in `M` and `x` has a place to spare in `M`. As `u` waits, it was promoted and refused by
/// `w`; as `x` has a place to spare, it never refused anybody, so `v` was never promoted and ranks
/// `w` not below `x`. Not equal either: `v` would have gone to `x` instead of staying in the way of
/// `u`. So `v` ranks `w` above `x`, and `w`, which kept `v` and refused a promoted `u`, ranks `v`
/// above `u`: the pair `(v, w)` blocks `N`. A contradiction.
///
/// # Cost
/// `O(E log d + m log b)` time for rows of length `d`, `m <= 2 E` proposals and `b` places a right;
/// memory 8 bytes a pair (16 when rights propose) and `O(n + K)`, besides the table. No recursion.
///
/// # Panics
/// If the sizes of `frame` and `ranks` differ.
///
/// ```
/// use peermatch_assignment::{Frame, PairTable, RankTable, Right, check_stable};
/// use peermatch_solve::{OrdinalOutcome, Proposing, Quiet, stable};
///
/// // Left 0 goes anywhere, left 1 only to right 0, which ranks them equal: both are served.
/// let frame = Frame::simple(2, 0, vec![1, 1])?;
/// let rows = [vec![(Right(0), 0), (Right(1), 0)], vec![(Right(0), 0)]];
/// let ranks = RankTable::new(PairTable::from_rows(2, rows)?, vec![1, 2, 1], vec![1, 1, 1])?;
/// let OrdinalOutcome::Found(found) = stable(&frame, &ranks, Proposing::Lefts, &Quiet) else {
///     unreachable!("nobody is pinned and nobody stops the solve")
/// };
/// assert_eq!(check_stable(&frame, &ranks, &found)?.assigned(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stable(
    frame: &Frame,
    ranks: &RankTable,
    proposing: Proposing,
    watch: &dyn Watch,
) -> OrdinalOutcome {
    let places = match places_after_pins(frame, ranks.pairs()) {
        Ok(places) => places,
        Err(prices) => return OrdinalOutcome::Infeasible(prices),
    };
    let found = match proposing {
        Proposing::Lefts => lefts::propose(frame, ranks, &places, watch),
        Proposing::Rights => rights::propose(frame, ranks, places, watch),
    };
    outcome(found)
}

/// Serves the lefts one by one in `order`: each takes, of its eligible rights that have a place
/// left, the one of least `(key, right)`. `keys` are the costs of the pairs.
///
/// Pinned lefts hold their places from the start and are passed over in `order`; a left that
/// `order` does not name waits, and one named again keeps what it has
/// (`peermatch_assignment::check_in_turn` refuses both). `O(E + n + K)`.
///
/// # Panics
/// If the sizes of `frame` and `keys` differ, or `order` names a left that does not exist.
pub fn in_turn(
    frame: &Frame,
    keys: &PairTable,
    order: &[Left],
    watch: &dyn Watch,
) -> OrdinalOutcome {
    let mut places = match places_after_pins(frame, keys) {
        Ok(places) => places,
        Err(prices) => return OrdinalOutcome::Infeasible(prices),
    };
    let mut meter = Meter::new(watch, Stage::Proposing, order.len());
    let mut rights = frame.pins().to_vec();
    for &left in order {
        if meter.step().is_err() {
            return OrdinalOutcome::Cancelled;
        }
        if rights[left.index()].is_some() {
            continue;
        }
        let best = keys
            .row(left)
            .filter(|(right, _)| places[right.index()] > 0)
            .min_by_key(|&(right, key)| (key, right));
        if let Some((right, _)) = best {
            places[right.index()] -= 1;
            rights[left.index()] = Some(right);
        }
    }
    OrdinalOutcome::Found(Matching::new(rights))
}

/// Takes the pairs one by one in order of `(cost, left, right)`, each if its left has no place yet
/// and its right has one to give.
///
/// `O(E log d + n log n)` for rows of length `d`, memory 8 bytes a pair.
///
/// # Panics
/// If the sizes of `frame` and `pairs` differ.
pub fn greedy(frame: &Frame, pairs: &PairTable, watch: &dyn Watch) -> OrdinalOutcome {
    match places_after_pins(frame, pairs) {
        Ok(places) => outcome(take_in_order(frame, pairs, places, watch)),
        Err(prices) => OrdinalOutcome::Infeasible(prices),
    }
}

fn take_in_order(
    frame: &Frame,
    pairs: &PairTable,
    mut places: Vec<u32>,
    watch: &dyn Watch,
) -> Result<Matching, Stopped> {
    let mut meter = Meter::new(watch, Stage::Sorting, frame.lefts());
    let mut rows: Vec<(i32, Right)> = Vec::with_capacity(pairs.len());
    let mut first = BinaryHeap::with_capacity(frame.lefts());
    for left in Left::all(frame.lefts()) {
        meter.step()?;
        let start = rows.len();
        rows.extend(pairs.row(left).map(|(right, cost)| (cost, right)));
        rows[start..].sort_unstable();
        if frame.pinned(left).is_none()
            && let Some(&(cost, _)) = rows.get(start)
        {
            first.push(Reverse((cost, left)));
        }
    }

    // The heap holds every left without a place, by the first of its pairs not passed yet.
    let mut meter = Meter::new(watch, Stage::Proposing, pairs.len());
    let mut next: Vec<usize> =
        Left::all(frame.lefts()).map(|left| pairs.range(left).start).collect();
    let mut rights = frame.pins().to_vec();
    while let Some(Reverse((_, left))) = first.pop() {
        meter.step()?;
        let at = next[left.index()];
        let right = rows[at].1;
        if places[right.index()] > 0 {
            places[right.index()] -= 1;
            rights[left.index()] = Some(right);
            continue;
        }
        let rest = &rows[at + 1..pairs.range(left).end];
        if let Some(passed) = rest.iter().position(|(_, right)| places[right.index()] > 0) {
            next[left.index()] = at + 1 + passed;
            first.push(Reverse((rest[passed].0, left)));
        }
    }
    Ok(Matching::new(rights))
}

/// Finds a matching that serves as many lefts as any feasible one, minimums included, with prices
/// that prove it: `peermatch_assignment::check_largest` accepts both together.
///
/// By levels of augmenting paths, `O(E sqrt(n))` and mostly a few readings of the pairs (Hopcroft
/// and Karp 1973); only where that leaves a minimum open by [`best_total`](best_total()), with
/// every pair at cost 0 and every left's waiting at 1.
///
/// # Panics
/// If the sizes of `frame` and `pairs` differ.
pub fn largest(frame: &Frame, pairs: &PairTable, watch: &dyn Watch) -> Outcome {
    let places = match places_after_pins(frame, pairs) {
        Ok(places) => places,
        Err(prices) => return Outcome::Infeasible(prices),
    };
    let Ok((matching, prices)) = largest::serve(frame, pairs, &places, watch) else {
        return Outcome::Cancelled;
    };
    let loads = matching.loads(frame.rights());
    if loads.iter().zip(frame.minimums()).all(|(load, minimum)| load >= minimum) {
        return Outcome::Optimal(Solution { matching, prices });
    }
    best_total(&counting(frame, pairs), watch)
}

/// The same problem, counting those who wait.
fn counting(frame: &Frame, pairs: &PairTable) -> Problem {
    let counting = Frame::new(
        vec![1; frame.lefts()],
        frame.pins().to_vec(),
        frame.capacities().to_vec(),
        frame.minimums().to_vec(),
    )
    .expect("only the costs of waiting differ from those of a frame");
    let mut starts = Vec::with_capacity(pairs.lefts() + 1);
    let mut column = Vec::with_capacity(pairs.len());
    starts.push(0);
    for left in Left::all(pairs.lefts()) {
        column.extend_from_slice(pairs.rights_of(left));
        starts.push(column.len());
    }
    let costs = vec![0; column.len()];
    let pairs = PairTable::from_parts(pairs.rights(), starts, column, costs)
        .expect("only the costs differ from those of a table");
    Problem::new(counting, pairs).expect("the sizes were compared before")
}

fn outcome(found: Result<Matching, Stopped>) -> OrdinalOutcome {
    match found {
        Ok(matching) => OrdinalOutcome::Found(matching),
        Err(Stopped) => OrdinalOutcome::Cancelled,
    }
}

fn assert_sizes(frame: &Frame, pairs: &PairTable) {
    assert_eq!(frame.lefts(), pairs.lefts(), "lefts of the frame and of the pairs");
    assert_eq!(frame.rights(), pairs.rights(), "rights of the frame and of the pairs");
}

/// Places of each right once every pinned left has taken its own, or prices that prove that the
/// pins cannot be kept.
fn places_after_pins(frame: &Frame, pairs: &PairTable) -> Result<Vec<u32>, Prices> {
    assert_sizes(frame, pairs);
    let mut places = frame.capacities().to_vec();
    let mut over = None;
    for (left, pin) in Left::all(frame.lefts()).zip(frame.pins()) {
        let Some(right) = *pin else { continue };
        if pairs.cost(left, right).is_none() {
            // Needs no prices to be seen.
            return Err(Prices::zero(frame.rights()));
        }
        match places[right.index()].checked_sub(1) {
            Some(less) => places[right.index()] = less,
            None => {
                over.get_or_insert(right);
            }
        }
    }
    match over {
        None => Ok(places),
        Some(right) => {
            let mut prices = vec![0; frame.rights()];
            prices[right.index()] = 1;
            Err(Prices::new(prices))
        }
    }
}

/// Whether somebody is not pinned, by index.
fn free(frame: &Frame) -> impl Iterator<Item = u32> + '_ {
    (0..small(frame.lefts())).filter(|&left| frame.pinned(Left(left)).is_none())
}
