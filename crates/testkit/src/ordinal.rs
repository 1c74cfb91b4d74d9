//! Tiny ranked problems, and what stable, in turn and greedy mean, by definition and enumeration.

use peermatch_assignment::{Frame, Left, Matching, PairTable, RankTable, Ranked, Ranks, Right};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// What a drawn problem may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kind {
    /// Lists of lefts have ties.
    pub left_ties: bool,
    /// Lists of rights have ties.
    pub right_ties: bool,
    /// Some lefts are pinned, always so that the pins can be kept.
    pub pins: bool,
}

/// A wild small problem with ranks: up to `lefts_max` x `rights_max`, lists from empty to complete,
/// capacities from 0.
///
/// # Panics
/// Never for sides within the bounds of a frame.
pub fn ranked(lefts_max: usize, rights_max: usize, kind: Kind, seed: u64) -> (Frame, RankTable) {
    let mut random = Pcg64::seed_from_u64(seed);
    let lefts = random.random_range(0..=lefts_max);
    let rights = random.random_range(1..=rights_max);
    let density = random.random_range(40..=100u32);
    let wide = u32::try_from(lefts / rights).unwrap_or(0) + 1;
    let capacity: Vec<u32> = (0..rights).map(|_| random.random_range(0..=wide)).collect();
    let eligible: Vec<Vec<Right>> = (0..lefts)
        .map(|_| {
            let all: Vec<Right> = Right::all(rights).collect();
            all.into_iter().filter(|_| random.random_range(0..100u32) < density).collect()
        })
        .collect();

    let levels = random.random_range(1..=3u32);
    let mut line = |ties: bool, length: usize| -> Vec<u32> {
        if ties {
            return (0..length).map(|_| random.random_range(1..=levels)).collect();
        }
        let mut ranks: Vec<u32> = (1..).take(length).collect();
        ranks.shuffle(&mut random);
        ranks
    };
    let by_left: Vec<Vec<u32>> =
        eligible.iter().map(|row| line(kind.left_ties, row.len())).collect();
    let by_right: Vec<Vec<u32>> = (0..rights).map(|_| line(kind.right_ties, lefts)).collect();

    let mut pinned = vec![None; lefts];
    if kind.pins {
        let mut places = capacity.clone();
        for (pin, row) in pinned.iter_mut().zip(&eligible) {
            if row.is_empty() || random.random_range(0..4u8) != 0 {
                continue;
            }
            let right = row[random.random_range(0..row.len())];
            if places[right.index()] > 0 {
                places[right.index()] -= 1;
                *pin = Some(right);
            }
        }
    }

    let (mut left_ranks, mut right_ranks) = (Vec::new(), Vec::new());
    for (left, row) in eligible.iter().enumerate() {
        left_ranks.extend(&by_left[left]);
        right_ranks.extend(row.iter().map(|right| by_right[right.index()][left]));
    }
    let rows = eligible.into_iter().map(|row| row.into_iter().map(|right| (right, 0)).collect());
    let pairs = PairTable::from_rows(rights, rows).expect("rows are in order");
    let minimum = vec![0; rights];
    let frame = Frame::new(vec![0; lefts], pinned, capacity, minimum).expect("tables fit");
    (frame, RankTable::new(pairs, left_ranks, right_ranks).expect("one rank per pair"))
}

/// A large ranked problem: every left has `length` rights drawn at random (fewer where one was
/// drawn twice), ranks are independent, in three classes where they may tie; `demand_percent`
/// lefts per 100 places.
///
/// # Panics
/// If there are no rights.
pub fn wide(
    lefts: usize,
    rights: usize,
    length: usize,
    demand_percent: usize,
    kind: Kind,
    seed: u64,
) -> (Frame, RankTable) {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut capacity = vec![0u32; rights];
    for _ in 0..lefts * 100 / demand_percent {
        capacity[random.random_range(0..rights)] += 1;
    }
    let rows = (0..lefts).map(|_| {
        let mut row: Vec<(Right, i32)> = (0..length)
            .filter_map(|_| Right::from_index(random.random_range(0..rights)))
            .map(|right| (right, 0))
            .collect();
        row.sort_unstable();
        row.dedup();
        row
    });
    let pairs = PairTable::from_rows(rights, rows).expect("rows are in order");
    let mut left_ranks = Vec::with_capacity(pairs.len());
    for left in Left::all(lefts) {
        let mut ranks: Vec<u32> = (1..).take(pairs.rights_of(left).len()).collect();
        ranks.shuffle(&mut random);
        if kind.left_ties {
            ranks = ranks.into_iter().map(|rank| 1 + rank % 3).collect();
        }
        left_ranks.extend(ranks);
    }
    // Strict for all purposes: ranks of 31 random bits hardly ever tie.
    let classes = if kind.right_ties { 3 } else { 1 << 31 };
    let right_ranks = (0..pairs.len()).map(|_| random.random_range(1..=classes)).collect();
    let minimum = vec![0; rights];
    let frame = Frame::new(vec![0; lefts], vec![None; lefts], capacity, minimum);
    let ranks = RankTable::new(pairs, left_ranks, right_ranks);
    (frame.expect("tables fit"), ranks.expect("one rank per pair"))
}

/// Every feasible matching: eligible pairs, capacities and pins kept. Exponential.
pub fn feasible(frame: &Frame, pairs: &PairTable) -> Vec<Matching> {
    let mut found = vec![Vec::new()];
    for left in Left::all(frame.lefts()) {
        let row = pairs.rights_of(left).iter().map(|&right| Some(right));
        let choices: Vec<Option<Right>> = match frame.pinned(left) {
            None => std::iter::once(None).chain(row).collect(),
            pin => vec![pin],
        };
        found = found
            .iter()
            .flat_map(|rights: &Vec<Option<Right>>| {
                choices.iter().map(|&choice| {
                    let mut rights = rights.clone();
                    rights.push(choice);
                    rights
                })
            })
            .filter(|rights| {
                rights.last().copied().flatten().is_none_or(|right| {
                    let load = rights.iter().filter(|other| **other == Some(right)).count();
                    load <= frame.capacity(right) as usize
                })
            })
            .collect();
    }
    found
        .into_iter()
        .map(Matching::new)
        .filter(|matching| is_feasible(frame, pairs, matching))
        .collect()
}

/// Whether a matching is feasible, by definition. Minimums are left out.
pub fn is_feasible(frame: &Frame, pairs: &PairTable, matching: &Matching) -> bool {
    matching.lefts() == frame.lefts()
        && Left::all(frame.lefts()).all(|left| {
            let right = matching.right_of(left);
            right.is_none_or(|right| pairs.cost(left, right).is_some())
                && frame.pinned(left).is_none_or(|pin| right == Some(pin))
        })
        && Right::all(frame.rights()).all(|right| {
            matching.pairs().filter(|pair| pair.1 == right).count()
                <= frame.capacity(right) as usize
        })
}

/// The ranks of a pair.
pub fn ranks_of(ranks: &RankTable, left: Left, right: Right) -> Option<Ranks> {
    let mut found = None;
    ranks.visit(left, |other, ranks| {
        if other == right {
            found = Some(ranks);
        }
    });
    found
}

/// All blocking pairs of a feasible matching, by definition.
pub fn blocking_pairs(frame: &Frame, ranks: &RankTable, matching: &Matching) -> Vec<(Left, Right)> {
    let mut found = Vec::new();
    for left in Left::all(frame.lefts()).filter(|&left| frame.pinned(left).is_none()) {
        for right in Right::all(frame.rights()) {
            let Some(pair) = ranks_of(ranks, left, right) else { continue };
            let rather = matching
                .right_of(left)
                .and_then(|has| ranks_of(ranks, left, has))
                .is_none_or(|has| pair.left < has.left);
            let there: Vec<Left> =
                matching.pairs().filter(|there| there.1 == right).map(|there| there.0).collect();
            let wanted = there.len() < frame.capacity(right) as usize
                || there.iter().any(|&other| {
                    frame.pinned(other).is_none()
                        && ranks_of(ranks, other, right).is_some_and(|has| pair.right < has.right)
                });
            if rather && wanted {
                found.push((left, right));
            }
        }
    }
    found
}

/// Who gets what in turn, replayed word for word.
pub fn in_turn(frame: &Frame, keys: &PairTable, order: &[Left]) -> Matching {
    let mut rights = frame.pins().to_vec();
    for &left in order {
        if frame.pinned(left).is_some() {
            continue;
        }
        let mut options: Vec<(i32, Right)> =
            keys.row(left).map(|(right, key)| (key, right)).collect();
        options.sort_unstable();
        rights[left.index()] = options.into_iter().map(|(_, right)| right).find(|right| {
            let load = rights.iter().filter(|has| **has == Some(*right)).count();
            load < frame.capacity(*right) as usize
        });
    }
    Matching::new(rights)
}

/// The greedy matching, replayed word for word.
pub fn greedy(frame: &Frame, pairs: &PairTable) -> Matching {
    let mut all: Vec<(i32, Left, Right)> = Left::all(frame.lefts())
        .flat_map(|left| pairs.row(left).map(move |(right, cost)| (cost, left, right)))
        .collect();
    all.sort_unstable();
    let mut rights = frame.pins().to_vec();
    for (_, left, right) in all {
        let load = rights.iter().filter(|has| **has == Some(right)).count();
        if rights[left.index()].is_none() && load < frame.capacity(right) as usize {
            rights[left.index()] = Some(right);
        }
    }
    Matching::new(rights)
}
