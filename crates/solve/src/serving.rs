//! Who is served, when waiting outweighs every difference between pairs; and the prices this
//! alone implies.
//!
//! With one place per left, the sets of lefts that can be served together are the independent
//! sets of a transversal matroid (Edmonds and Fulkerson 1965): taking lefts by falling cost of
//! waiting, each if an augmenting path exists, serves a set of largest total waiting cost. Where
//! no path exists, the rights that can be reached are full and closed, and every place there is
//! worth what the left that failed would have saved: these are optimal prices for costs of
//! waiting alone. They are where bidding starts, so that it never has to climb from 0 to the cost
//! of waiting.
//!
//! Near saturation augmenting paths are long and a search for each would see most of the graph.
//! So paths are walked by labels instead (Goldberg and Tarjan 1988, push-relabel, for one left at
//! a time): the label of a right is a lower bound on the moves from it to a spare place, never
//! more than one above any right that one of its members could move to. A left enters at its
//! right of least label and pushes out a member that can go one lower; where nobody can, the
//! label rises. When some label is held by nobody, all rights above it are cut off from every
//! spare place, for good.

use crate::instance::Instance;
use crate::seats::Seats;
use crate::watch::{Meter, Stopped};

/// Label of a right from which no spare place can be reached any more.
const CLOSED: u32 = u32::MAX;

/// Who is served, and what a place is worth, by waiting alone.
pub(crate) struct Served {
    /// Largest cost of waiting of a left that could not be served at this right; `None` where
    /// nobody failed, which means price 0.
    pub(crate) prices: Vec<Option<i64>>,
    /// The lefts served, at some right of theirs (pair costs are not looked at).
    #[cfg_attr(not(test), expect(dead_code, reason = "tests check the prices by it"))]
    pub(crate) seats: Seats,
}

struct Labels {
    of: Vec<u32>,
    /// How many rights hold each label.
    holders: Vec<u32>,
}

impl Labels {
    fn new(instance: &Instance<'_>) -> Self {
        let of: Vec<u32> =
            instance.places.iter().map(|&places| if places == 0 { CLOSED } else { 0 }).collect();
        let mut holders = vec![0; of.len() + 2];
        holders[0] = crate::instance::small(of.iter().filter(|&&label| label == 0).count());
        Self { of, holders }
    }

    /// Raises the label of `right`, and closes everything above a label that nobody holds.
    fn raise(&mut self, right: usize, label: u32) {
        let before = self.of[right];
        self.holders[before as usize] -= 1;
        // Labels beyond the number of rights cannot be distances.
        self.of[right] = if (label as usize) < self.holders.len() { label } else { CLOSED };
        if self.of[right] != CLOSED {
            self.holders[label as usize] += 1;
        }
        if self.holders[before as usize] == 0 {
            for label in &mut self.of {
                if *label != CLOSED && *label > before {
                    self.holders[*label as usize] -= 1;
                    *label = CLOSED;
                }
            }
        }
    }
}

/// Serves by falling cost of waiting, and prices places by who failed.
pub(crate) fn serve(instance: &Instance<'_>, meter: &mut Meter<'_>) -> Result<Served, Stopped> {
    let mut order: Vec<u32> = instance.free.clone();
    order.sort_by_key(|&u| (std::cmp::Reverse(instance.waiting(u)), u));

    let mut seats = Seats::new(instance);
    let mut labels = Labels::new(instance);
    let mut prices: Vec<Option<i64>> = vec![None; instance.rights()];
    let mut walked: Vec<(u32, usize, u32)> = Vec::new();
    let mut queue: Vec<usize> = Vec::new();
    for &u in &order {
        meter.step()?;
        // Most find a place at once; the emptiest right keeps later walks short.
        let spare = |right: usize| instance.places[right] - seats.load(right);
        let emptiest = instance
            .row(u)
            .map(|(right, _)| (spare(right), right))
            .max_by_key(|&(spare, right)| (spare, std::cmp::Reverse(right)));
        if let Some((1.., right)) = emptiest {
            seats.seat(u, right, 0);
            continue;
        }

        walked.clear();
        let mut standing = u;
        loop {
            let best = instance
                .row(standing)
                .map(|(right, _)| (labels.of[right], right))
                .min()
                .filter(|&(label, _)| label != CLOSED);
            let Some((label, right)) = best else {
                // Whoever stands can reach closed rights only, so all that was walked is closed
                // too: everybody goes back, and `u` is the one who is not served.
                for &(came, right, left) in walked.iter().rev() {
                    seats.unseat(came);
                    seats.seat(left, right, 0);
                }
                price_reachable(instance, &seats, u, &mut prices, &mut queue);
                break;
            };
            if seats.load(right) < instance.places[right] {
                seats.seat(standing, right, 0);
                break;
            }
            meter.step()?;
            let (lowest, leaver) = lowest_leaver(instance, &seats, &labels, right, label);
            if lowest < label {
                seats.unseat(leaver);
                seats.seat(standing, right, 0);
                walked.push((standing, right, leaver));
                standing = leaver;
            } else {
                labels.raise(right, lowest.saturating_add(1));
            }
        }
    }
    Ok(Served { prices, seats })
}

/// The least label that a member of `right` could move to, and who could. Stops at one below
/// `label`, than which none is lower.
fn lowest_leaver(
    instance: &Instance<'_>,
    seats: &Seats,
    labels: &Labels,
    right: usize,
    label: u32,
) -> (u32, u32) {
    let mut lowest = (CLOSED, crate::instance::NONE);
    for &v in seats.members(right) {
        for (other, _) in instance.row(v) {
            if other != right && labels.of[other] < lowest.0 {
                lowest = (labels.of[other], v);
                if lowest.0 < label {
                    return lowest;
                }
            }
        }
    }
    lowest
}

/// Prices all rights that `u`, who failed, can reach and that have no price yet. Each right is
/// priced once, so all calls together cost `O(E)`.
fn price_reachable(
    instance: &Instance<'_>,
    seats: &Seats,
    u: u32,
    prices: &mut [Option<i64>],
    queue: &mut Vec<usize>,
) {
    let waiting = Some(instance.waiting(u));
    let reach = |v: u32, prices: &mut [Option<i64>], queue: &mut Vec<usize>| {
        for (right, _) in instance.row(v) {
            if prices[right].is_none() {
                prices[right] = waiting;
                queue.push(right);
            }
        }
    };
    reach(u, prices, queue);
    while let Some(right) = queue.pop() {
        for &v in seats.members(right) {
            reach(v, prices, queue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::{Quiet, Stage};
    use peermatch_assignment::{Frame, Left, Matching, PairTable, Prices, Problem, Right, check};
    use peermatch_testkit::graphs::{self, Spec, Waiting};

    /// With all pair costs 0, seats and prices together are an optimum and its certificate.
    fn is_optimal_for_waiting_alone(problem: &Problem) {
        let frame = problem.frame();
        let waiting = frame.waiting_costs().iter().map(|cost| cost.abs() + 1).collect();
        let frame = Frame::new(
            waiting,
            vec![None; frame.lefts()],
            frame.capacities().to_vec(),
            vec![0; frame.rights()],
        );
        let rows = Left::all(problem.frame().lefts())
            .map(|u| problem.pairs().row(u).map(|(w, _)| (w, 0)).collect());
        let pairs = PairTable::from_rows(problem.frame().rights(), rows).unwrap();
        let problem = Problem::new(frame.unwrap(), pairs).unwrap();
        let Ok(instance) = Instance::new(&problem) else { panic!("no pins") };
        let served = serve(&instance, &mut Meter::new(&Quiet, Stage::Serving, 1)).unwrap();
        let matching = Left::all(problem.frame().lefts())
            .map(|u| served.seats.at(u.0).and_then(Right::from_index))
            .collect::<Vec<_>>();
        let out_of_reach = instance.price_out_of_reach();
        let prices =
            served.prices.iter().zip(&instance.places).map(|(price, &places)| {
                if places == 0 { out_of_reach } else { price.unwrap_or(0) }
            });
        let proven = check(
            problem.frame(),
            problem.pairs(),
            &Matching::new(matching),
            &Prices::new(prices.collect()),
        );
        assert!(proven.is_ok(), "{proven:?}");
    }

    #[test]
    fn the_greedy_set_is_proven_by_its_prices() {
        for seed in 0..2_000 {
            is_optimal_for_waiting_alone(&graphs::wild(30, 8, seed));
        }
        for demand in [90, 100, 105, 150] {
            for waiting in [Waiting::Most, Waiting::Levels] {
                let spec = Spec::S.waiting(waiting).demand(demand);
                is_optimal_for_waiting_alone(&graphs::structured(&spec, 5));
            }
        }
    }
}
