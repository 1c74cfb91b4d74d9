//! Seeded problems: structured ones of any size, shaped like a region's services, and tiny wild
//! ones that enumeration can solve.

use peermatch_assignment::{
    COST_MAX, Frame, Left, PairTable, Problem, Right, Supply, WAITING_COST_MAX, WorthTable,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Unit of fit and loss.
pub const FIT_MAX: i32 = 1_000_000;

/// How costs of pairs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Costs {
    /// Losses from a few weighted wishes with coarse values: many near-ties, as real wishes make.
    Wishes,
    /// Independent uniform losses.
    Uniform,
    /// Every pair costs the same.
    AllEqual,
}

/// What it costs to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Waiting costs 0 and pairs cost minus their score: raw edges, best total.
    Zero,
    /// One price above every sum of losses: as many served as can be.
    Most,
    /// `(1 + days) * M` with days drawn up to 4095: longest wait first.
    Levels,
}

/// A structured problem to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Number of lefts.
    pub lefts: usize,
    /// Number of rights.
    pub rights: usize,
    /// Number of regions, on a ring; a left reaches its own region and most of the two next to it.
    pub regions: usize,
    /// Lefts per 100 places: 105 is a little too much demand.
    pub demand_percent: usize,
    /// How pairs are priced.
    pub costs: Costs,
    /// How waiting is priced.
    pub waiting: Waiting,
}

impl Spec {
    /// 300 x 30, a smoke test.
    pub const TINY: Self = Self {
        lefts: 300,
        rights: 30,
        regions: 4,
        demand_percent: 105,
        costs: Costs::Wishes,
        waiting: Waiting::Zero,
    };
    /// 1,000 x 100, about 31,000 pairs.
    pub const S: Self = Self { lefts: 1_000, rights: 100, regions: 9, ..Self::TINY };
    /// 10,000 x 1,000, about 1.3 million pairs.
    pub const M: Self = Self { lefts: 10_000, rights: 1_000, regions: 20, ..Self::TINY };
    /// 100,000 x 10,000, about 4.5 million pairs.
    pub const L: Self = Self { lefts: 100_000, rights: 10_000, regions: 580, ..Self::TINY };

    /// The same shape with other waiting costs.
    #[must_use]
    pub const fn waiting(self, waiting: Waiting) -> Self {
        Self { waiting, ..self }
    }

    /// The same shape with other pair costs.
    #[must_use]
    pub const fn costs(self, costs: Costs) -> Self {
        Self { costs, ..self }
    }

    /// The same shape with another ratio of people to places.
    #[must_use]
    pub const fn demand(self, demand_percent: usize) -> Self {
        Self { demand_percent, ..self }
    }
}

const CRITERIA: usize = 6;

/// Draws the problem of `spec`. The same spec and seed give the same problem everywhere.
///
/// # Panics
/// If `spec` has no rights or no regions.
pub fn structured(spec: &Spec, seed: u64) -> Problem {
    let mut random = Pcg64::seed_from_u64(seed);
    let region_of = |right: usize| right * spec.regions / spec.rights;
    let mut in_region = vec![Vec::new(); spec.regions];
    for right in 0..spec.rights {
        in_region[region_of(right)].push(right);
    }
    let offers: Vec<[i32; CRITERIA]> = (0..spec.rights)
        .map(|_| std::array::from_fn(|_| random.random_range(0..=10i32) * 100_000))
        .collect();
    let flags: Vec<u8> = (0..spec.rights).map(|_| random.random_range(0..4u8)).collect();

    // 5..=20 places each, then taken away or added one by one until the ratio is met.
    let mut capacity: Vec<u32> = (0..spec.rights).map(|_| random.random_range(5..=20)).collect();
    let target = spec.lefts * 100 / spec.demand_percent;
    let mut places: usize = capacity.iter().map(|&c| c as usize).sum();
    while places != target {
        let right = random.random_range(0..spec.rights);
        if places > target && capacity[right] > 1 {
            capacity[right] -= 1;
            places -= 1;
        } else if places < target {
            capacity[right] += 1;
            places += 1;
        } else if places <= spec.rights {
            break;
        }
    }

    let mut rows = Vec::with_capacity(spec.lefts);
    for _ in 0..spec.lefts {
        let home = random.random_range(0..spec.regions);
        let near = [(home + spec.regions - 1) % spec.regions, home, (home + 1) % spec.regions];
        let must = (random.random_range(0..10u8) == 0).then(|| random.random_range(0..4u8));
        let weights: [i32; CRITERIA] = std::array::from_fn(|_| {
            if random.random_range(0..2u8) == 0 { 0 } else { random.random_range(1..=4i32) * 50 }
        });
        let asked = weights.iter().sum::<i32>().max(400);
        let mut row = Vec::new();
        let mut seen = Vec::new();
        for region in near {
            if seen.contains(&region) {
                continue;
            }
            seen.push(region);
            for &right in &in_region[region] {
                let reached = region == home || random.random_range(0..100u8) < 85;
                if !reached || must.is_some_and(|flag| flags[right] == flag) {
                    continue;
                }
                let cost = match spec.costs {
                    Costs::AllEqual => FIT_MAX / 2,
                    Costs::Uniform => random.random_range(0..=FIT_MAX),
                    Costs::Wishes => {
                        let lost: i64 = weights
                            .iter()
                            .zip(&offers[right])
                            .map(|(&weight, &value)| i64::from(weight) * i64::from(FIT_MAX - value))
                            .sum();
                        i32::try_from(lost / i64::from(asked)).unwrap_or(FIT_MAX)
                    }
                };
                row.push((right, cost));
            }
        }
        row.sort_unstable();
        rows.push(row);
    }

    let million = i64::from(FIT_MAX);
    let level = 2 * i64::try_from(spec.lefts).unwrap_or(i64::MAX) * million + 1;
    let waiting_cost = (0..spec.lefts)
        .map(|_| match spec.waiting {
            Waiting::Zero => 0,
            Waiting::Most => level,
            Waiting::Levels => (1 + random.random_range(0..=4095i64)) * level,
        })
        .collect();
    let shift = if spec.waiting == Waiting::Zero { FIT_MAX } else { 0 };
    let rows = rows.into_iter().map(|row| {
        row.into_iter()
            .filter_map(|(right, cost)| Some((Right::from_index(right)?, cost - shift)))
            .collect()
    });
    let pairs = PairTable::from_rows(spec.rights, rows).expect("rows are sorted and in range");
    let minimum = vec![0; spec.rights];
    let frame = Frame::new(waiting_cost, vec![None; spec.lefts], capacity, minimum)
        .expect("tables have one entry each");
    Problem::new(frame, pairs).expect("sizes agree")
}

/// A small problem at the bounds of what a frame and a table may hold: costs up to `COST_MAX`,
/// costs of waiting up to `WAITING_COST_MAX`, of either sign, with minimums.
///
/// # Panics
/// Never for `lefts_max` and `rights_max` within the bounds of a frame.
pub fn extreme(lefts_max: usize, rights_max: usize, seed: u64) -> Problem {
    let mut random = Pcg64::seed_from_u64(seed);
    let lefts = random.random_range(0..=lefts_max);
    let rights = random.random_range(1..=rights_max);
    let waits = [-WAITING_COST_MAX, WAITING_COST_MAX - 1, WAITING_COST_MAX, 0, i64::from(COST_MAX)];
    let waiting_cost = (0..lefts).map(|_| waits[random.random_range(0..waits.len())]).collect();
    let costs = [-COST_MAX, COST_MAX, COST_MAX - 1, 0, 1];
    let capacity: Vec<u32> =
        (0..rights).map(|_| [0, 1, 2, u32::MAX][random.random_range(0..4usize)]).collect();
    let minimum =
        capacity.iter().map(|&capacity| random.random_range(0..=capacity.min(2))).collect();
    let rows: Vec<Vec<(Right, i32)>> = (0..lefts)
        .map(|_| {
            Right::all(rights)
                .filter(|_| random.random_range(0..3u8) != 0)
                .collect::<Vec<_>>()
                .into_iter()
                .map(|right| (right, costs[random.random_range(0..costs.len())]))
                .collect()
        })
        .collect();
    let pairs = PairTable::from_rows(rights, rows).expect("rows are in order");
    let frame = Frame::new(waiting_cost, vec![None; lefts], capacity, minimum).expect("tables fit");
    Problem::new(frame, pairs).expect("sizes agree")
}

/// A wild small problem: up to `lefts_max` x `rights_max`, with ties, zero capacities, minimums,
/// pins (now and then impossible ones), negative costs and waiting costs on one or many levels.
///
/// # Panics
/// Never for `lefts_max` and `rights_max` within the bounds of a frame.
pub fn wild(lefts_max: usize, rights_max: usize, seed: u64) -> Problem {
    let mut random = Pcg64::seed_from_u64(seed);
    let lefts = random.random_range(0..=lefts_max);
    let rights = random.random_range(1..=rights_max);
    // Few distinct costs make many ties.
    let cost_range = [0, 1, 3, 10, 1_000_000][random.random_range(0..5usize)];
    let cost_base = [0, -cost_range, -cost_range / 2][random.random_range(0..3usize)];
    let density = random.random_range(15..=100u32);
    let waiting_kind = random.random_range(0..5u8);
    let level = 2 * 1_000_000i64 * 6 + 1;
    let waiting_cost = (0..lefts)
        .map(|_| match waiting_kind {
            0 => 0,
            1 => i64::from(random.random_range(-2..=cost_range + 2)),
            2 => level,
            3 => level * random.random_range(1..=3i64),
            _ => level * random.random_range(1..=4096i64) * 1_000,
        })
        .collect::<Vec<_>>();
    let wide = u32::try_from(lefts / rights).unwrap_or(0) + 2;
    let capacity: Vec<u32> = (0..rights).map(|_| random.random_range(0..=wide)).collect();
    let with_minimums = random.random_range(0..3u8) == 0;
    let minimum = capacity
        .iter()
        .map(
            |&capacity| {
                if with_minimums { random.random_range(0..=capacity.min(wide - 1)) } else { 0 }
            },
        )
        .collect();
    let rows: Vec<Vec<(Right, i32)>> = (0..lefts)
        .map(|_| {
            Right::all(rights)
                .filter(|_| random.random_range(0..100u32) < density)
                .collect::<Vec<_>>()
                .into_iter()
                .map(|right| (right, cost_base + random.random_range(0..=cost_range)))
                .collect()
        })
        .collect();
    let with_pins = random.random_range(0..3u8) == 0;
    let pinned = rows
        .iter()
        .map(|row| {
            if !with_pins || random.random_range(0..4u8) != 0 {
                None
            } else if row.is_empty() || random.random_range(0..30u8) == 0 {
                // Possibly a pin on a pair that is not eligible.
                (random.random_range(0..3u8) == 0).then_some(Right(0))
            } else {
                Some(row[random.random_range(0..row.len())].0)
            }
        })
        .collect();
    let pairs = PairTable::from_rows(rights, rows).expect("rows are in order");
    let frame = Frame::new(waiting_cost, pinned, capacity, minimum).expect("tables fit");
    Problem::new(frame, pairs).expect("sizes agree")
}

/// A wild supply for `lefts` lefts: up to `wanted_max` places each, some of them needed, of one right
/// one or several.
///
/// # Panics
/// Never for sizes within the bounds of a supply.
pub fn wild_supply(lefts: usize, wanted_max: u32, seed: u64) -> Supply {
    let mut random = Pcg64::seed_from_u64(seed ^ 0x5u64.rotate_right(4));
    let with_least = random.random_range(0..3u8) == 0;
    let several = random.random_range(0..3u8) == 0;
    let wanted: Vec<u32> = (0..lefts).map(|_| random.random_range(0..=wanted_max)).collect();
    let least = wanted
        .iter()
        .map(|&wanted| {
            if with_least && random.random_range(0..2u8) == 0 {
                random.random_range(0..=wanted)
            } else {
                0
            }
        })
        .collect();
    let each = wanted
        .iter()
        .map(|_| if several { random.random_range(1..=wanted_max.max(1)) } else { 1 })
        .collect();
    Supply::new(wanted, least, each).expect("tables fit")
}

/// Wild grades and gains for the pairs of a problem: few and many distinct grades, gains of either sign.
///
/// # Panics
/// Never: grades and gains are within their bounds.
pub fn wild_worth(pairs: &PairTable, seed: u64) -> WorthTable {
    let mut random = Pcg64::seed_from_u64(seed ^ 0x9u64.rotate_right(4));
    let (base, top) =
        [(0, 1), (0, 3), (1, 4), (0, 1_000_000), (2, 2)][random.random_range(0..5usize)];
    let gain = [0, 2, 1_000][random.random_range(0..3usize)];
    let grades = (0..pairs.len()).map(|_| random.random_range(base..=top)).collect();
    let gains = (0..pairs.len()).map(|_| random.random_range(-gain..=gain)).collect();
    WorthTable::new(pairs.clone(), grades, gains).expect("one of each per pair")
}

/// Grades and gains of a structured problem whose costs are losses: the grade is how much a pair loses
/// against the best that its left has, in `levels` steps of the scale (for rank-maximal 1 is added, as ranks
/// start there); the gain is 2^20 times the binary logarithm of 1 and the fit.
///
/// # Panics
/// If costs are not losses between 0 and [`FIT_MAX`], or `levels` is 0.
pub fn structured_worth(problem: &Problem, levels: i32, ranks: bool) -> WorthTable {
    let pairs = problem.pairs();
    let step = (FIT_MAX / levels).max(1);
    let (mut grades, mut gains) = (Vec::new(), Vec::new());
    for left in Left::all(pairs.lefts()) {
        let best = pairs.costs_of(left).iter().min().copied().unwrap_or(0);
        for &cost in pairs.costs_of(left) {
            grades.push((cost - best).unsigned_abs() / step.unsigned_abs() + u32::from(ranks));
            gains.push(gain(FIT_MAX - cost));
        }
    }
    WorthTable::new(pairs.clone(), grades, gains).expect("one of each per pair")
}

/// 2^20 times the binary logarithm of 1 + `fit`, good enough for a test.
fn gain(fit: i32) -> i32 {
    let value = f64::from(1 + fit).log2() * f64::from(1 << 20);
    #[expect(clippy::cast_possible_truncation, reason = "below 2^25 for fits up to a million")]
    let rounded = value.round() as i32;
    rounded
}
