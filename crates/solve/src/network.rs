//! A flow problem as the algorithms see it: what must be used taken out, what cannot be used left out.

use crate::instance::small;
use peermatch_assignment::{Flow, Frame, Left, PairTable, Right, Supply};

/// Bounds on every pair, on waiting and on every right: a problem, or what the stages before have left of it.
///
/// A left fills its wanted places between `low` and `high` at each of its pairs, and between the bounds of
/// waiting.
pub(crate) struct Face<'p> {
    pub(crate) frame: &'p Frame,
    pub(crate) supply: &'p Supply,
    pub(crate) pairs: &'p PairTable,
    pub(crate) low: Vec<u32>,
    pub(crate) high: Vec<u32>,
    pub(crate) wait_low: Vec<u32>,
    pub(crate) wait_high: Vec<u32>,
    pub(crate) minimum: Vec<u32>,
    pub(crate) capacity: Vec<u32>,
}

/// Pins that cannot be kept; the prices prove it.
pub(crate) struct PinsImpossible(pub(crate) Vec<i64>);

impl<'p> Face<'p> {
    /// The whole problem.
    pub(crate) fn new(
        frame: &'p Frame,
        supply: &'p Supply,
        pairs: &'p PairTable,
    ) -> Result<Self, PinsImpossible> {
        let mut low = vec![0; pairs.len()];
        let mut high = vec![0; pairs.len()];
        let mut pins = vec![0u64; frame.rights()];
        for left in Left::all(frame.lefts()) {
            let most = supply.each(left).min(supply.wanted(left));
            let range = pairs.range(left);
            high[range.clone()].fill(most);
            if let Some(pin) = frame.pinned(left)
                && most > 0
            {
                let Ok(at) = pairs.rights_of(left).binary_search(&pin) else {
                    return Err(PinsImpossible(vec![0; frame.rights()]));
                };
                low[range.start + at] = most;
                pins[pin.index()] += u64::from(most);
            }
        }
        let over = |right: &Right| pins[right.index()] > u64::from(frame.capacity(*right));
        if let Some(right) = Right::all(frame.rights()).find(over) {
            let mut prices = vec![0; frame.rights()];
            prices[right.index()] = 1;
            return Err(PinsImpossible(prices));
        }
        let wait_high =
            Left::all(frame.lefts()).map(|left| supply.wanted(left) - supply.least(left)).collect();
        Ok(Self {
            frame,
            supply,
            pairs,
            low,
            high,
            wait_low: vec![0; frame.lefts()],
            wait_high,
            minimum: frame.minimums().to_vec(),
            capacity: frame.capacities().to_vec(),
        })
    }

    /// Keeps what is best by an optimum at these costs: prices and what each left pays for its last
    /// place (complementary slackness). A left of which nothing was free has nothing to lose.
    pub(crate) fn narrow(
        &mut self,
        found: &Found,
        cost: impl Fn(usize) -> i32,
        waiting: impl Fn(Left) -> i64,
    ) {
        for left in Left::all(self.frame.lefts()) {
            let Some(paid) = found.paid[left.index()] else {
                self.close(left);
                continue;
            };
            for (at, right) in self.pairs.range(left).zip(self.pairs.rights_of(left)) {
                let reduced = i64::from(cost(at)) + found.prices[right.index()] - paid;
                narrow(&mut self.low[at], &mut self.high[at], reduced);
            }
            let at = left.index();
            narrow(&mut self.wait_low[at], &mut self.wait_high[at], waiting(left) - paid);
            self.close(left);
        }
        for ((minimum, capacity), &price) in
            self.minimum.iter_mut().zip(&mut self.capacity).zip(&found.prices)
        {
            // The other way round: a place with a price is in use.
            narrow(minimum, capacity, -price);
        }
    }

    /// Fixes what is not free at `left` any more: all, when nothing is left to fill, or when all room is
    /// needed. Takes no flow away where there is one at all.
    pub(crate) fn close(&mut self, left: Left) {
        let (range, at) = (self.pairs.range(left), left.index());
        let sum = |of: &[u32]| of.iter().map(|&units| u64::from(units)).sum::<u64>();
        let low = sum(&self.low[range.clone()]) + u64::from(self.wait_low[at]);
        let high = sum(&self.high[range.clone()]) + u64::from(self.wait_high[at]);
        let wanted = u64::from(self.supply.wanted(left));
        if low == wanted {
            self.high[range.clone()].copy_from_slice(&self.low[range]);
            self.wait_high[at] = self.wait_low[at];
        } else if high == wanted {
            self.low[range.clone()].copy_from_slice(&self.high[range]);
            self.wait_low[at] = self.wait_high[at];
        }
    }

    /// The flow with these places per pair.
    pub(crate) fn flow(&self, places: &[u32]) -> Flow {
        let row = |left| {
            let used =
                |(at, &right): (usize, &Right)| (places[at] > 0).then(|| (right, places[at]));
            self.pairs.range(left).zip(self.pairs.rights_of(left)).filter_map(used).collect()
        };
        Flow::new(Left::all(self.frame.lefts()).map(row).collect())
    }
}

/// What is used at a loss goes to its lower bound, what gains to its upper.
fn narrow(low: &mut u32, high: &mut u32, reduced: i64) {
    match reduced.signum() {
        1 => *high = *low,
        -1 => *low = *high,
        _ => {}
    }
}

/// An optimum on a face.
pub(crate) struct Found {
    /// Places per pair of the table.
    pub(crate) places: Vec<u32>,
    /// Prices per right.
    pub(crate) prices: Vec<i64>,
    /// What each left pays for its last place; `None` where nothing was free.
    pub(crate) paid: Vec<Option<i64>>,
}

/// What is free on a face, at the costs of one stage. Rows hold only pairs with room, at rights with places.
pub(crate) struct Network {
    pub(crate) starts: Vec<usize>,
    /// Right of each pair.
    pub(crate) right: Vec<u32>,
    pub(crate) owner: Vec<u32>,
    pub(crate) cost: Vec<i32>,
    pub(crate) high: Vec<u32>,
    /// Where each pair stands in the table.
    pub(crate) origin: Vec<usize>,
    /// Places each left has to fill, waiting included.
    pub(crate) need: Vec<u32>,
    pub(crate) wait_cost: Vec<i64>,
    pub(crate) wait_high: Vec<u32>,
    pub(crate) minimum: Vec<u32>,
    pub(crate) places: Vec<u32>,
}

impl Network {
    pub(crate) fn new(
        face: &Face<'_>,
        cost: impl Fn(usize) -> i32,
        waiting: impl Fn(Left) -> i64,
    ) -> Self {
        let (lefts, rights) = (face.frame.lefts(), face.frame.rights());
        let mut taken = vec![0u32; rights];
        for left in Left::all(lefts) {
            for (at, right) in face.pairs.range(left).zip(face.pairs.rights_of(left)) {
                // Within the capacity: on a face there is a flow.
                taken[right.index()] += face.low[at];
            }
        }
        let left_over = |(bound, taken): (&u32, &u32)| bound.saturating_sub(*taken);
        let mut network = Self {
            starts: Vec::with_capacity(lefts + 1),
            right: Vec::new(),
            owner: Vec::new(),
            cost: Vec::new(),
            high: Vec::new(),
            origin: Vec::new(),
            need: Vec::with_capacity(lefts),
            wait_cost: Left::all(lefts).map(waiting).collect(),
            wait_high: Vec::with_capacity(lefts),
            minimum: face.minimum.iter().zip(&taken).map(left_over).collect(),
            places: face.capacity.iter().zip(&taken).map(left_over).collect(),
        };
        network.starts.push(0);
        for left in Left::all(lefts) {
            let at = left.index();
            let forced = face.low[face.pairs.range(left)].iter().sum::<u32>() + face.wait_low[at];
            let need = face.supply.wanted(left).saturating_sub(forced);
            network.need.push(need);
            network.wait_high.push(face.wait_high[at] - face.wait_low[at]);
            if need > 0 {
                for (at, right) in face.pairs.range(left).zip(face.pairs.rights_of(left)) {
                    if face.high[at] > face.low[at] && network.places[right.index()] > 0 {
                        network.right.push(right.0);
                        network.owner.push(left.0);
                        network.cost.push(cost(at));
                        network.high.push(face.high[at] - face.low[at]);
                        network.origin.push(at);
                    }
                }
            }
            network.starts.push(network.right.len());
        }
        network
    }

    pub(crate) fn lefts(&self) -> usize {
        self.need.len()
    }

    pub(crate) fn rights(&self) -> usize {
        self.places.len()
    }

    /// Number of free pairs.
    pub(crate) fn pairs(&self) -> usize {
        self.right.len()
    }

    #[inline]
    pub(crate) fn row(&self, left: usize) -> std::ops::Range<usize> {
        self.starts[left]..self.starts[left + 1]
    }

    /// Least and largest cost of a free pair; zeros if there is none.
    pub(crate) fn cost_range(&self) -> (i64, i64) {
        let least = self.cost.iter().min().copied().unwrap_or(0);
        let most = self.cost.iter().max().copied().unwrap_or(0);
        (i64::from(least), i64::from(most))
    }

    /// Largest gain of a free pair over waiting, at least 0.
    pub(crate) fn gain_max(&self) -> i64 {
        let gain = |left: usize| {
            let least = self.cost[self.row(left)].iter().min()?;
            (self.wait_high[left] > 0).then(|| self.wait_cost[left] - i64::from(*least))
        };
        (0..self.lefts()).filter_map(gain).max().unwrap_or(0).max(0)
    }

    /// A copy in which every pair costs 0.
    pub(crate) fn without_costs(&self) -> Self {
        Self {
            starts: self.starts.clone(),
            right: self.right.clone(),
            owner: self.owner.clone(),
            cost: vec![0; self.cost.len()],
            high: self.high.clone(),
            origin: Vec::new(),
            need: self.need.clone(),
            wait_cost: self.wait_cost.clone(),
            wait_high: self.wait_high.clone(),
            minimum: vec![0; self.rights()],
            places: self.places.clone(),
        }
    }

    /// Pairs by right: where each right's begin, and the pairs.
    pub(crate) fn columns(&self) -> (Vec<usize>, Vec<u32>) {
        let mut starts = vec![0usize; self.rights() + 1];
        for &right in &self.right {
            starts[right as usize + 1] += 1;
        }
        for right in 0..self.rights() {
            starts[right + 1] += starts[right];
        }
        let mut next = starts.clone();
        let mut pairs = vec![0u32; self.pairs()];
        for (pair, &right) in self.right.iter().enumerate() {
            pairs[next[right as usize]] = small(pair);
            next[right as usize] += 1;
        }
        (starts, pairs)
    }
}
