//! Nearly optimal prices where lefts want several places: the auction of [`crate::bidding`] with
//! bids for lots (Bertsekas and Castanon 1989).
//!
//! A left bids for as many places as it still wants, at its best option that it does not hold in
//! full yet, a price that makes it indifferent to the next such option, plus a step. What it gets
//! here decides the speed of the exact finish only.

use crate::network::Network;
use crate::watch::{Meter, Stopped};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// First step, as a part of the range of costs.
const STEP_FIRST: i64 = 4;
/// Each phase divides the step by this.
const STEP_FALL: i64 = 10;
/// The step is not made smaller than this part of the range of costs.
const STEP_LAST: i64 = 4_000;

/// Prices, and places held per pair, when bidding has ended.
pub(crate) struct Lots {
    pub(crate) prices: Vec<i64>,
    pub(crate) held: Vec<u32>,
}

/// A lot: price per place, pair, places.
type Lot = (i64, u32, u32);

/// Bids from the starting `prices`, never below `floor`. Who may not wait bids up to `last`.
pub(crate) fn bid(
    network: &Network,
    mut prices: Vec<i64>,
    floor: &[i64],
    meter: &mut Meter<'_>,
) -> Result<Lots, Stopped> {
    let (least, most) = network.cost_range();
    let range = (most - least).max(1);
    // Who may not wait gives up there; the exact finish knows no such limit.
    let waiting = network.wait_cost.iter().copied().max().unwrap_or(0);
    let last = waiting.max(most) + 4 * range;
    let mut step = (range / STEP_FIRST).max(1);
    loop {
        let held = phase(network, &mut prices, step, last, meter)?;
        let smaller = (step / STEP_FALL).max(1);
        if smaller == step || smaller < range / STEP_LAST {
            return Ok(Lots { prices, held });
        }
        // Prices overshoot by about a step, as in bidding for one place each.
        for (price, &floor) in prices.iter_mut().zip(floor) {
            *price = (*price - step * 3 / 2).max(floor);
        }
        step = smaller;
    }
}

fn phase(
    network: &Network,
    prices: &mut [i64],
    step: i64,
    last: i64,
    meter: &mut Meter<'_>,
) -> Result<Vec<u32>, Stopped> {
    let mut books: Vec<BinaryHeap<Reverse<Lot>>> = vec![BinaryHeap::new(); network.rights()];
    let mut load = vec![0u32; network.rights()];
    let mut held = vec![0u32; network.pairs()];
    let mut standing = network.need.clone();
    let mut queue: VecDeque<usize> =
        (0..network.lefts()).filter(|&left| standing[left] > 0).collect();
    while let Some(left) = queue.pop_front() {
        // Prices only rise within a phase, so a place given up once stays given up.
        let waiting = if network.wait_high[left] > 0 { network.wait_cost[left] } else { last };
        while standing[left] > 0 {
            meter.step()?;
            let (mut best, mut second, mut pair) = (i64::MAX, i64::MAX, usize::MAX);
            for at in network.row(left) {
                let value = i64::from(network.cost[at]) + prices[network.right[at] as usize];
                if value < second && held[at] < network.high[at] {
                    if value < best {
                        second = best;
                        best = value;
                        pair = at;
                    } else {
                        second = value;
                    }
                }
            }
            if best >= waiting {
                standing[left] = 0;
                break;
            }
            let right = network.right[pair] as usize;
            let units =
                standing[left].min(network.high[pair] - held[pair]).min(network.places[right]);
            let offer = prices[right] + (second.min(waiting) - best) + step;
            standing[left] -= units;
            held[pair] += units;
            books[right].push(Reverse((offer, crate::instance::small(pair), units)));
            let mut excess = units.saturating_sub(network.places[right] - load[right]);
            load[right] += units - excess;
            while excess > 0 {
                let Some(mut lowest) = books[right].peek_mut() else { break };
                let Reverse((_, out, lot)) = &mut *lowest;
                let gone = excess.min(*lot);
                let (out, empty) = (*out as usize, gone == *lot);
                *lot -= gone;
                if empty {
                    std::collections::binary_heap::PeekMut::pop(lowest);
                } else {
                    drop(lowest);
                }
                excess -= gone;
                held[out] -= gone;
                let loser = network.owner[out] as usize;
                if standing[loser] == 0 && loser != left {
                    queue.push_back(loser);
                }
                standing[loser] += gone;
            }
            if load[right] == network.places[right]
                && let Some(Reverse((lowest, ..))) = books[right].peek()
            {
                prices[right] = prices[right].max(*lowest);
            }
        }
    }
    Ok(held)
}
