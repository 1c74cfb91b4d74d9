//! Tiny problems and what the definitions say of them, by listing all that one left can have.

use peermatch_assignment::{
    COST_MAX, Flow, FlowRejection, Frame, Left, PRICE_MAX, PairTable, Prices, Right, Supply,
    WAITING_COST_MAX, Worth, WorthTable,
};

/// A generator of its own, so that this room stays alone.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub(crate) fn small(&mut self, n: usize) -> u32 {
        u32::try_from(self.below(n)).unwrap()
    }

    /// Between `-n` and `n`.
    pub(crate) fn around(&mut self, n: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(2 * n + 1).unwrap())).unwrap() - n
    }

    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// The places of each left.
type Rows = Vec<Vec<(Right, u32)>>;

/// Units by right: one way to fill the places of a left.
pub(crate) type FillOf = Vec<u32>;

#[derive(Debug)]
pub(crate) struct Tiny {
    pub(crate) frame: Frame,
    pub(crate) supply: Supply,
    /// By left, by right.
    pub(crate) worth: Vec<Vec<Option<Worth>>>,
}

impl Tiny {
    /// `extreme`: costs at their bounds.
    pub(crate) fn new(dice: &mut Dice, extreme: bool) -> Self {
        let (n, k) = (1 + dice.below(3), 1 + dice.below(3));
        let (cost, waiting) = if extreme { (COST_MAX, WAITING_COST_MAX) } else { (1, 1) };
        let worth = (0..n)
            .map(|_| {
                let pair = |dice: &mut Dice| Worth {
                    cost: cost * i32::try_from(dice.around(1)).unwrap(),
                    grade: dice.small(3),
                    gain: cost * i32::try_from(dice.around(1)).unwrap(),
                };
                (0..k).map(|_| (dice.below(5) > 0).then(|| pair(dice))).collect()
            })
            .collect();
        let capacity: Vec<u32> = (0..k).map(|_| dice.small(4)).collect();
        let minimum =
            capacity.iter().map(|&b| if dice.below(4) == 0 { dice.small(4).min(b) } else { 0 });
        let minimum = minimum.collect();
        let pins = (0..n).map(|_| (dice.below(6) == 0).then(|| Right(dice.small(k)))).collect();
        let waits = (0..n).map(|_| waiting * dice.around(2).clamp(-1, 1)).collect();
        let frame = Frame::new(waits, pins, capacity, minimum).unwrap();
        let wanted: Vec<u32> = (0..n).map(|_| *dice.one_of(&[0, 1, 1, 1, 2, 3])).collect();
        let least =
            wanted.iter().map(|&w| if dice.below(3) == 0 { dice.small(3).min(w) } else { 0 });
        let least = least.collect();
        let each = (0..n).map(|_| 1 + dice.small(3)).collect();
        Self { frame, supply: Supply::new(wanted, least, each).unwrap(), worth }
    }

    pub(crate) fn pairs(&self) -> PairTable {
        let row = |row: &Vec<Option<Worth>>| -> Vec<(Right, i32)> {
            Right::all(row.len()).zip(row).filter_map(|(r, w)| Some((r, (*w)?.cost))).collect()
        };
        PairTable::from_rows(self.frame.rights(), self.worth.iter().map(row)).unwrap()
    }

    pub(crate) fn table(&self) -> WorthTable {
        let all = || self.worth.iter().flatten().flatten();
        let (grades, gains) = (all().map(|w| w.grade), all().map(|w| w.gain));
        WorthTable::new(self.pairs(), grades.collect(), gains.collect()).unwrap()
    }

    pub(crate) fn edges(&self) -> u64 {
        self.worth.iter().flatten().flatten().count() as u64
    }

    pub(crate) fn of(&self, left: Left, right: Right) -> Option<Worth> {
        self.worth[left.index()][right.index()]
    }

    /// How many places of one right the left may have.
    pub(crate) fn most(&self, left: Left) -> u32 {
        self.supply.each(left).min(self.supply.wanted(left))
    }

    /// Every way to fill the places of one left: eligible pairs, pins, at least, at most.
    pub(crate) fn fills(&self, left: Left) -> Vec<FillOf> {
        let (most, k) = (self.most(left), self.frame.rights());
        let mut all: Vec<FillOf> = vec![vec![]];
        for right in Right::all(k) {
            let pinned = self.frame.pinned(left) == Some(right);
            let eligible = self.of(left, right).is_some();
            all = all
                .into_iter()
                .flat_map(|fill| (0..=most).map(move |units| [fill.clone(), vec![units]].concat()))
                .filter(|fill| {
                    let units = fill[right.index()];
                    (units == 0 || eligible) && (!pinned || units == most)
                })
                .collect();
        }
        let within = self.supply.least(left)..=self.supply.wanted(left);
        all.retain(|fill| within.contains(&fill.iter().sum()));
        all
    }

    /// Cost of a fill at these values per place.
    pub(crate) fn value(
        &self,
        left: Left,
        fill: &FillOf,
        waiting: i64,
        pair: impl Fn(Right, Worth) -> i64,
    ) -> i128 {
        let rest = self.supply.wanted(left) - fill.iter().sum::<u32>();
        let given = Right::all(fill.len()).zip(fill).filter(|given| *given.1 > 0);
        given
            .map(|(right, &units)| {
                i128::from(units) * i128::from(pair(right, self.of(left, right).unwrap()))
            })
            .sum::<i128>()
            + i128::from(rest) * i128::from(waiting)
    }

    /// Units by right, without regard to anything else.
    pub(crate) fn units(&self, flow: &Flow, left: Left) -> FillOf {
        let mut fill = vec![0; self.frame.rights()];
        for &(right, units) in flow.of(left) {
            fill[right.index()] = units;
        }
        fill
    }

    /// Every feasible flow.
    pub(crate) fn flows(&self) -> Vec<Flow> {
        let k = self.frame.rights();
        let mut all: Vec<(Rows, Vec<u32>)> = vec![(vec![], vec![0; k])];
        for left in Left::all(self.frame.lefts()) {
            let fills = self.fills(left);
            let mut more = Vec::new();
            for (rows, load) in &all {
                for fill in &fills {
                    let load: Vec<u32> = load.iter().zip(fill).map(|(a, b)| a + b).collect();
                    let fits = Right::all(k).all(|r| load[r.index()] <= self.frame.capacity(r));
                    if fits {
                        let row = Right::all(k).zip(fill.clone()).filter(|p| p.1 > 0).collect();
                        more.push(([rows.clone(), vec![row]].concat(), load));
                    }
                }
            }
            all = more;
        }
        all.retain(|(_, load)| Right::all(k).all(|r| load[r.index()] >= self.frame.minimum(r)));
        all.into_iter().map(|(rows, _)| Flow::new(rows)).collect()
    }

    /// A feasible flow if there is one, changed here and there; sometimes anything at all.
    pub(crate) fn wild(&self, dice: &mut Dice, feasible: &[Flow]) -> Flow {
        let (n, k) = (self.frame.lefts(), self.frame.rights());
        let start = if feasible.is_empty() || dice.below(4) == 0 {
            vec![vec![]; n]
        } else {
            dice.one_of(feasible).rows().to_vec()
        };
        let mut rows = start;
        for _ in 0..dice.below(4) {
            let left = dice.below(n);
            let beyond = usize::from(dice.below(8) == 0);
            let to = Right(dice.small(k + beyond));
            let units = dice.small(4);
            let row = &mut rows[left];
            match row.iter_mut().find(|place| place.0 == to) {
                Some(place) if dice.below(8) > 0 => place.1 = units,
                _ => row.push((to, units)),
            }
            if dice.below(3) > 0 {
                row.retain(|place| place.1 > 0);
            }
        }
        Flow::new(rows)
    }

    /// What is wrong with the row of a left, first fault first.
    pub(crate) fn fault_of_row(&self, left: Left, row: &[(Right, u32)]) -> Option<FlowRejection> {
        let (wanted, most) = (self.supply.wanted(left), self.most(left));
        for (at, &(right, units)) in row.iter().enumerate() {
            if right.index() >= self.frame.rights() {
                return Some(FlowRejection::NoSuchRight { left, right });
            }
            if row[..at].iter().any(|place| place.0 == right) {
                return Some(FlowRejection::Twice { left, right });
            }
            if units == 0 {
                return Some(FlowRejection::NoPlace { left, right });
            }
            if self.of(left, right).is_none() {
                return Some(FlowRejection::NotEligible { left, right });
            }
            if units > most {
                return Some(FlowRejection::TooManyOfOne { left, right, units, most });
            }
        }
        let units = row.iter().map(|place| u64::from(place.1)).sum::<u64>();
        if units > u64::from(wanted) {
            return Some(FlowRejection::MoreThanWanted { left, units, wanted });
        }
        let least = self.supply.least(left);
        if units < u64::from(least) {
            return Some(FlowRejection::FewerThanLeast { left, units, least });
        }
        let pinned = self.frame.pinned(left)?;
        let units = row.iter().find(|place| place.0 == pinned).map_or(0, |place| place.1);
        let must = most;
        (units != must).then_some(FlowRejection::PinBroken { left, pinned, must, units })
    }

    /// What is wrong with the places given, first fault first.
    pub(crate) fn fault_of_loads(&self, flow: &Flow) -> Option<FlowRejection> {
        for right in Right::all(self.frame.rights()) {
            let mine = flow.rows().iter().flatten().filter(|place| place.0 == right);
            let load = mine.map(|place| u64::from(place.1)).sum::<u64>();
            let (capacity, minimum) = (self.frame.capacity(right), self.frame.minimum(right));
            if load > u64::from(capacity) {
                return Some(FlowRejection::OverCapacity { right, load, capacity });
            }
            if load < u64::from(minimum) {
                return Some(FlowRejection::BelowMinimum { right, load, minimum });
            }
        }
        None
    }

    /// What is wrong with a flow, first fault first.
    pub(crate) fn fault(&self, flow: &Flow) -> Option<FlowRejection> {
        Left::all(self.frame.lefts())
            .find_map(|left| self.fault_of_row(left, flow.of(left)))
            .or_else(|| self.fault_of_loads(flow))
    }
}

/// All prices of a small grid.
pub(crate) fn grid(rights: usize, reach: i64) -> Vec<Vec<i64>> {
    let mut all: Vec<Vec<i64>> = vec![vec![]];
    for _ in 0..rights {
        all = all
            .into_iter()
            .flat_map(|some| (-reach..=reach).map(move |p| [some.clone(), vec![p]].concat()))
            .collect();
    }
    all
}

pub(crate) fn prices(dice: &mut Dice, rights: usize, extreme: bool) -> Prices {
    let by = if extreme { PRICE_MAX } else { 1 };
    Prices::new((0..rights).map(|_| by * dice.around(if extreme { 1 } else { 2 })).collect())
}

/// What rights charge within these bounds.
pub(crate) fn charges(bounds: &[(u32, u32)], prices: &[i64]) -> i128 {
    let of = |(&(a, b), &p): (&(u32, u32), &i64)| {
        (i128::from(p) * i128::from(a)).max(i128::from(p) * i128::from(b))
    };
    bounds.iter().zip(prices).map(of).sum()
}

pub(crate) fn bounds(frame: &Frame) -> Vec<(u32, u32)> {
    frame.minimums().iter().copied().zip(frame.capacities().iter().copied()).collect()
}
