//! A problem as the algorithms see it: pins taken out, places clamped to who could come.

use peermatch_assignment::{Left, Problem, Right};

/// "Nobody" and "nowhere" in tables of indexes. No side reaches it (`SIDE_MAX` is 2^26).
pub(crate) const NONE: u32 = u32::MAX;

/// Index of a side as `u32`.
pub(crate) fn small(index: usize) -> u32 {
    u32::try_from(index).expect("a frame has at most 2^26 members a side")
}

/// What is left of a problem when every pinned left has taken its place.
///
/// The certificate carries over: with `k` pins at `w`, `max(p (a - k), p (b - k))` differs from
/// `max(p a, p b)` by the constant `k p` that the pinned lefts pay. Where `a < k` the minimum left
/// over is 0 rather than negative, which is harmless because the algorithms never give a right
/// without a minimum a price below 0.
pub(crate) struct Instance<'p> {
    pub(crate) problem: &'p Problem,
    /// Places left per right, clamped to one more than the lefts that could come: a right that
    /// nobody can fill never looks full, so it never gets a price.
    pub(crate) places: Vec<u32>,
    /// Minimum left per right.
    pub(crate) minimum: Vec<u32>,
    /// The lefts that are not pinned, ascending.
    pub(crate) free: Vec<u32>,
    /// Least and largest cost of a pair of a free left with a right that has places.
    pub(crate) cost_min: i64,
    pub(crate) cost_max: i64,
    /// Largest gain `c_u0 - c_uw` of such a pair.
    pub(crate) gain_max: i64,
}

/// Pins that cannot be kept; the prices prove it.
pub(crate) struct PinsImpossible(pub(crate) Vec<i64>);

impl<'p> Instance<'p> {
    pub(crate) fn new(problem: &'p Problem) -> Result<Self, PinsImpossible> {
        let frame = problem.frame();
        let rights = frame.rights();
        let mut pins = vec![0u32; rights];
        let mut free = Vec::with_capacity(frame.lefts());
        for left in Left::all(frame.lefts()) {
            match frame.pinned(left) {
                None => free.push(left.0),
                Some(right) => {
                    if problem.pairs().cost(left, right).is_none() {
                        return Err(PinsImpossible(vec![0; rights]));
                    }
                    pins[right.index()] += 1;
                }
            }
        }
        let over = |right: &Right| pins[right.index()] > frame.capacity(*right);
        if let Some(right) = Right::all(rights).find(over) {
            let mut prices = vec![0; rights];
            prices[right.index()] = 1;
            return Err(PinsImpossible(prices));
        }

        let mut places: Vec<u32> = frame
            .capacities()
            .iter()
            .zip(&pins)
            .map(|(&capacity, &pins)| capacity - pins)
            .collect();
        let minimum =
            frame.minimums().iter().zip(&pins).map(|(&a, &pins)| a.saturating_sub(pins)).collect();

        let mut degree = vec![0u32; rights];
        let (mut cost_min, mut cost_max, mut gain_max) = (i64::MAX, i64::MIN, 0i64);
        for &u in &free {
            let mut row_min = i64::MAX;
            for (right, cost) in problem.pairs().row(Left(u)) {
                degree[right.index()] += 1;
                if places[right.index()] > 0 {
                    row_min = row_min.min(i64::from(cost));
                    cost_max = cost_max.max(i64::from(cost));
                }
            }
            if row_min < i64::MAX {
                cost_min = cost_min.min(row_min);
                gain_max = gain_max.max(frame.waiting_cost(Left(u)) - row_min);
            }
        }
        if cost_min > cost_max {
            (cost_min, cost_max) = (0, 0);
        }
        for (places, &degree) in places.iter_mut().zip(&degree) {
            *places = (*places).min(degree + 1);
        }
        Ok(Self { problem, places, minimum, free, cost_min, cost_max, gain_max })
    }

    pub(crate) fn lefts(&self) -> usize {
        self.problem.frame().lefts()
    }

    pub(crate) fn rights(&self) -> usize {
        self.places.len()
    }

    /// `c_u0`.
    #[inline]
    pub(crate) fn waiting(&self, u: u32) -> i64 {
        self.problem.frame().waiting_cost(Left(u))
    }

    /// The eligible pairs of `u`: `(w, c_uw)`, ascending.
    #[inline]
    pub(crate) fn row(&self, u: u32) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.problem.pairs().row(Left(u)).map(|(right, cost)| (right.index(), i64::from(cost)))
    }

    /// A price so high that no free left ever prefers the right to waiting. For rights without
    /// places: they then take no part in anything.
    pub(crate) fn price_out_of_reach(&self) -> i64 {
        // Gains are over rights with places; costs of rights without can be lower by up to 2^31.
        let waiting_max = self.free.iter().map(|&u| self.waiting(u)).max().unwrap_or(0);
        waiting_max.max(0) + (1 << 31)
    }
}

/// The eligible pairs of free lefts, by right: the transpose of the rows.
pub(crate) struct Columns {
    starts: Vec<usize>,
    lefts: Vec<u32>,
    costs: Vec<i32>,
}

impl Columns {
    pub(crate) fn new(instance: &Instance<'_>) -> Self {
        let pairs = instance.problem.pairs();
        let mut starts = vec![0usize; instance.rights() + 1];
        for &u in &instance.free {
            for right in pairs.rights_of(Left(u)) {
                starts[right.index() + 1] += 1;
            }
        }
        for right in 0..instance.rights() {
            starts[right + 1] += starts[right];
        }
        let total = starts[instance.rights()];
        let mut next = starts.clone();
        let (mut lefts, mut costs) = (vec![0u32; total], vec![0i32; total]);
        for &u in &instance.free {
            for (right, cost) in pairs.row(Left(u)) {
                let place = &mut next[right.index()];
                lefts[*place] = u;
                costs[*place] = cost;
                *place += 1;
            }
        }
        Self { starts, lefts, costs }
    }

    #[inline]
    pub(crate) fn of(&self, right: usize) -> impl Iterator<Item = (u32, i64)> + '_ {
        let range = self.starts[right]..self.starts[right + 1];
        let costs = self.costs[range.clone()].iter().map(|&cost| i64::from(cost));
        self.lefts[range].iter().copied().zip(costs)
    }
}
