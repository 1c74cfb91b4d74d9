//! Nearly optimal prices by a capacitated auction with falling step (Bertsekas 1988; Bertsekas
//! and Castanon 1989).
//!
//! Lefts bid for places. The price of a right that is full is its lowest accepted bid; of one that
//! is not, the price it started with. A left bids what makes it indifferent to its second choice
//! (waiting is one of its choices), plus a step `epsilon`. Each phase starts from the prices of
//! the phase before, lowered a little, with everybody standing and a smaller step.
//!
//! The steps end far above 1: what follows is exact from any prices, and repairing the last few
//! hundred lefts there is cheaper than bidding to the end.

use crate::instance::{Instance, NONE};
use crate::watch::{Meter, Stopped};
use std::collections::VecDeque;

/// First step, as a part of the range of costs.
const STEP_FIRST: i64 = 4;
/// Each phase divides the step by this.
const STEP_FALL: i64 = 10;
/// The step is not made smaller than this part of the range of costs.
const STEP_LAST: i64 = 4_000;

/// Accepted bids of one phase: a min-heap of `(bid, left)` per right, in one array.
struct Books {
    start: Vec<usize>,
    load: Vec<u32>,
    bids: Vec<(i64, u32)>,
}

impl Books {
    fn new(places: &[u32]) -> Self {
        let mut start = Vec::with_capacity(places.len());
        let mut total = 0usize;
        for &places in places {
            start.push(total);
            total += places as usize;
        }
        Self { start, load: vec![0; places.len()], bids: vec![(0, NONE); total] }
    }

    fn lowest(&self, right: usize) -> i64 {
        self.bids[self.start[right]].0
    }

    fn push(&mut self, right: usize, bid: (i64, u32)) {
        let heap = &mut self.bids[self.start[right]..];
        let mut at = self.load[right] as usize;
        self.load[right] += 1;
        while at > 0 {
            let parent = (at - 1) / 2;
            if heap[parent] <= bid {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = bid;
    }

    /// Puts `bid` in the place of the lowest one and returns who made that.
    fn replace_lowest(&mut self, right: usize, bid: (i64, u32)) -> u32 {
        let size = self.load[right] as usize;
        let heap = &mut self.bids[self.start[right]..][..size];
        let out = heap[0].1;
        let mut at = 0;
        loop {
            let mut child = 2 * at + 1;
            if child >= size {
                break;
            }
            if child + 1 < size && heap[child + 1] < heap[child] {
                child += 1;
            }
            if heap[child] >= bid {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = bid;
        out
    }
}

/// Prices and who holds a place where (by right), when bidding has ended.
pub(crate) struct Bids {
    pub(crate) prices: Vec<i64>,
    pub(crate) holders: Vec<Vec<u32>>,
}

/// Bids from the starting `prices`; rights without places must already be out of reach.
pub(crate) fn bid(
    instance: &Instance<'_>,
    mut prices: Vec<i64>,
    meter: &mut Meter<'_>,
) -> Result<Bids, Stopped> {
    let range = (instance.cost_max - instance.cost_min).max(1);
    let mut step = (range / STEP_FIRST).max(1);
    loop {
        let books = phase(instance, &mut prices, step, meter)?;
        let smaller = (step / STEP_FALL).max(1);
        if smaller == step || smaller < range / STEP_LAST {
            let holders = books
                .start
                .iter()
                .zip(&books.load)
                .map(|(&start, &load)| {
                    books.bids[start..][..load as usize].iter().map(|bid| bid.1).collect()
                })
                .collect();
            return Ok(Bids { prices, holders });
        }
        // Prices overshoot by about a step. Too low costs more bids, too high more searches later;
        // one and a half steps was the best of 1, 1.5, 2 and 4 on structured problems.
        for (price, &places) in prices.iter_mut().zip(&instance.places) {
            if places > 0 {
                *price = (*price - step * 3 / 2).max(0);
            }
        }
        step = smaller;
    }
}

fn phase(
    instance: &Instance<'_>,
    prices: &mut [i64],
    step: i64,
    meter: &mut Meter<'_>,
) -> Result<Books, Stopped> {
    let mut books = Books::new(&instance.places);
    let mut standing: VecDeque<u32> = instance.free.iter().copied().collect();
    while let Some(u) = standing.pop_front() {
        meter.step()?;
        let waiting = instance.waiting(u);
        let (mut best, mut second, mut right) = (i64::MAX, i64::MAX, NONE as usize);
        for (w, cost) in instance.row(u) {
            let value = cost + prices[w];
            if value < second {
                if value < best {
                    second = best;
                    best = value;
                    right = w;
                } else {
                    second = value;
                }
            }
        }
        if best >= waiting {
            // Prices only rise within a phase: this left waits until the next one.
            continue;
        }
        let offer = prices[right] + (second.min(waiting) - best) + step;
        if books.load[right] < instance.places[right] {
            books.push(right, (offer, u));
        } else {
            standing.push_back(books.replace_lowest(right, (offer, u)));
        }
        if books.load[right] == instance.places[right] {
            prices[right] = books.lowest(right).max(prices[right]);
        }
    }
    Ok(books)
}
