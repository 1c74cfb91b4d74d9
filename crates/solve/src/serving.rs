//! Who is served, when waiting outweighs every difference between pairs; and the prices this
//! alone implies.
//!
//! With one place per left, the sets of lefts that can be served together are the independent
//! sets of a transversal matroid (Edmonds and Fulkerson 1965): taking lefts by falling cost of
//! waiting, each if an augmenting path exists, serves a set of largest total waiting cost. A
//! search that fails has visited a closed set of full rights, and there every place is worth what
//! the left that failed would have saved: these are optimal prices for costs of waiting alone.
//! They are where bidding starts, so that it never has to climb from 0 to the cost of waiting.

use crate::instance::{Instance, NONE};
use crate::seats::Seats;
use crate::watch::{Meter, Stopped};

/// Prices from waiting alone. `None` of a right means that nobody fails there: price 0.
///
/// Each right fails at most once, so failing searches cost `O(E)` together; a search that
/// succeeds costs `O(E)` at worst and `O(1)` mostly.
pub(crate) fn waiting_prices(
    instance: &Instance<'_>,
    meter: &mut Meter<'_>,
) -> Result<Vec<Option<i64>>, Stopped> {
    let mut order: Vec<u32> = instance.free.clone();
    order.sort_by_key(|&u| (std::cmp::Reverse(instance.waiting(u)), u));

    let rights = instance.rights();
    let mut seats = Seats::new(instance);
    let mut failed: Vec<Option<i64>> = vec![None; rights];
    // Whom a visited right would receive, and in which search it was visited.
    let mut by = vec![NONE; rights];
    let mut visited_in = vec![NONE; rights];
    let mut queue: Vec<usize> = Vec::new();
    for &u in &order {
        meter.step()?;
        // Most find a place at once; the emptiest right keeps later searches short.
        let spare = |right: usize| instance.places[right] - seats.load(right);
        let emptiest = instance
            .row(u)
            .map(|(right, _)| (spare(right), right))
            .max_by_key(|&(spare, right)| (spare, std::cmp::Reverse(right)));
        match emptiest {
            None => continue,
            Some((0, _)) => {}
            Some((_, right)) => {
                seats.seat(u, right, 0);
                continue;
            }
        }
        queue.clear();
        let mut goal = None;
        for (right, _) in instance.row(u) {
            if failed[right].is_none() {
                visited_in[right] = u;
                by[right] = u;
                queue.push(right);
            }
        }
        let mut next = 0;
        'search: while let Some(&here) = queue.get(next) {
            next += 1;
            for &v in seats.members(here) {
                for (right, _) in instance.row(v) {
                    if failed[right].is_some() || visited_in[right] == u {
                        continue;
                    }
                    visited_in[right] = u;
                    by[right] = v;
                    if seats.load(right) < instance.places[right] {
                        goal = Some(right);
                        break 'search;
                    }
                    queue.push(right);
                }
            }
        }
        let Some(mut right) = goal else {
            for &right in &queue {
                failed[right] = Some(instance.waiting(u));
            }
            continue;
        };
        loop {
            let v = by[right];
            let from = seats.at(v);
            if from.is_some() {
                seats.unseat(v);
            }
            seats.seat(v, right, 0);
            match from {
                Some(from) => right = from,
                None => break,
            }
        }
    }
    Ok(failed)
}
