//! Lotteries: drawing a matching whose chances are exactly the marginals, and probabilistic serial.
//!
//! # Drawing
//!
//! [`draw`] is dependent rounding. Chances between 0 and 1 form a graph of lefts and rights. Take a cycle in it, or a path that cannot
//! be made longer, colour its pairs alternately, and shift chance from one colour to the other until some pair reaches 0 or 1: by
//! `up` one way with probability `down / (up + down)`, by `down` the other way otherwise. So every pair's chance stays what it was on
//! average, and what nodes within the path have does not change. At least one pair is settled by each shift; when none is left, what
//! stands at 1 is the matching. Everything is in whole parts, and a shift draws one whole number below `up + down`: the probabilities
//! are exact.
//!
//! What holds in every outcome, not only on average: only pairs with a chance; everybody whose chances add up to 1 is served; every
//! right has its average load rounded down or up.
//!
//! Source: R. Gandhi, S. Khuller, S. Parthasarathy, A. Srinivasan, "Dependent rounding and its applications to approximation
//! algorithms", Journal of the ACM 53 (2006).
//!
//! # Eating
//!
//! [`eating`] is probabilistic serial (Bogomolnaia and Moulin 2001) with capacities: everybody eats at the same speed from the best
//! right in its order that has something left, from time 0 to time 1. Times are exact fractions; all chances come out over one
//! common denominator.

use crate::watch::{Meter, Stage, Stopped, Watch};
use peermatch_assignment::lottery::{Marginals, PARTS_MAX};
use peermatch_assignment::number::gcd;
use peermatch_assignment::{Frame, Left, Matching, Right};

/// A pair whose chance is neither 0 nor 1.
#[derive(Debug, Clone, Copy)]
struct Open {
    left: u32,
    right: u32,
    units: u64,
}

/// What is not settled yet, by node. Nodes are the lefts, then the rights.
struct Rounding {
    parts: u64,
    lefts: usize,
    pairs: Vec<Open>,
    /// Pairs that touch a node; settled ones are taken out when they are met.
    at: Vec<Vec<u32>>,
    settled: Vec<bool>,
    drawn: Vec<Option<Right>>,
}

impl Rounding {
    fn new(marginals: &Marginals, rights: usize) -> Self {
        let lefts = marginals.rows().len();
        let mut out = Self {
            parts: marginals.parts(),
            lefts,
            pairs: Vec::new(),
            at: vec![Vec::new(); lefts + rights],
            settled: Vec::new(),
            drawn: vec![None; lefts],
        };
        for (left, row) in Left::all(lefts).zip(marginals.rows()) {
            for &(right, units) in row {
                if units == out.parts {
                    out.drawn[left.index()] = Some(right);
                } else if units > 0 {
                    let pair = u32::try_from(out.pairs.len()).expect("fewer than 2^32 pairs");
                    out.at[left.index()].push(pair);
                    out.at[lefts + right.index()].push(pair);
                    out.pairs.push(Open { left: left.0, right: right.0, units });
                    out.settled.push(false);
                }
            }
        }
        out
    }

    /// The node at the other end of a pair.
    fn across(&self, pair: u32, node: usize) -> usize {
        let pair = self.pairs[pair as usize];
        if node < self.lefts { self.lefts + pair.right as usize } else { pair.left as usize }
    }

    /// An open pair at `node` other than `but`.
    fn open_at(&mut self, node: usize, but: Option<u32>) -> Option<u32> {
        let settled = &self.settled;
        let list = &mut self.at[node];
        while list.last().is_some_and(|&pair| settled[pair as usize]) {
            list.pop();
        }
        list.iter().rev().copied().find(|&pair| !settled[pair as usize] && Some(pair) != but)
    }

    /// Pairs of a cycle, or of a path that cannot be made longer, in order, from an open pair on. `seen` holds, per node, its place
    /// on the walk, and is left as it was found.
    fn walk(&mut self, from: usize, seen: &mut [Option<u32>]) -> Vec<u32> {
        let mut start = from;
        // The second walk begins where the first one ended, so its path has two ends that lead nowhere.
        for again in [true, false] {
            let mut path: Vec<u32> = Vec::new();
            let mut nodes = vec![start];
            seen[start] = Some(0);
            let mut cycle = None;
            while let Some(pair) =
                self.open_at(*nodes.last().unwrap_or(&start), path.last().copied())
            {
                let node = self.across(pair, *nodes.last().unwrap_or(&start));
                path.push(pair);
                if let Some(place) = seen[node] {
                    cycle = Some(place as usize);
                    break;
                }
                seen[node] = u32::try_from(nodes.len()).ok();
                nodes.push(node);
            }
            for &node in &nodes {
                seen[node] = None;
            }
            if let Some(place) = cycle {
                return path.split_off(place);
            }
            if !again {
                return path;
            }
            start = *nodes.last().unwrap_or(&start);
        }
        Vec::new()
    }

    /// Shifts chance along `path`: `coin(a, b)` is true with probability `a / b`.
    fn shift(&mut self, path: &[u32], coin: &mut dyn FnMut(u64, u64) -> bool) {
        let (mut up, mut down) = (self.parts, self.parts);
        for (place, &pair) in path.iter().enumerate() {
            let units = self.pairs[pair as usize].units;
            let (room, held) = (self.parts - units, units);
            let (rise, fall) = if place % 2 == 0 { (room, held) } else { (held, room) };
            up = up.min(rise);
            down = down.min(fall);
        }
        let rises = coin(down, up + down);
        for (place, &pair) in path.iter().enumerate() {
            let open = &mut self.pairs[pair as usize];
            match (rises, place % 2 == 0) {
                (true, true) => open.units += up,
                (true, false) => open.units -= up,
                (false, true) => open.units -= down,
                (false, false) => open.units += down,
            }
            if open.units == self.parts {
                self.drawn[open.left as usize] = Some(Right(open.right));
            }
            self.settled[pair as usize] = open.units == 0 || open.units == self.parts;
        }
    }

    fn run(
        mut self,
        coin: &mut dyn FnMut(u64, u64) -> bool,
        meter: &mut Meter<'_>,
    ) -> Result<Matching, Stopped> {
        let mut seen = vec![None; self.at.len()];
        for pair in 0..self.pairs.len() {
            while !self.settled[pair] {
                meter.step()?;
                let path = self.walk(self.pairs[pair].left as usize, &mut seen);
                self.shift(&path, coin);
            }
        }
        Ok(Matching::new(self.drawn))
    }
}

/// Draws a matching from `marginals`, so that each pair is drawn with exactly its chance.
///
/// `below(n)` must give each of `0..n` equally likely; it is asked once per shift, at most as often as there are pairs with a chance
/// between 0 and 1, and never for more than `2 parts`. The order of shifts depends on the marginals alone, so the same draws give
/// the same matching. `None` when `watch` asks to stop.
///
/// `marginals` must be those of a lottery that the checker accepts: chances of a left at most 1 in all, at most
/// [`PARTS_MAX`] parts. `O(F (n + K))` for `F` such pairs, in practice far less: paths are short.
///
/// ```
/// use peermatch_assignment::{Left, Right, lottery::{Marginals, check_outcome}};
/// use peermatch_solve::{Quiet, lottery::draw};
/// // One place, two people, a third and two thirds.
/// let chances = Marginals::new(3, vec![vec![(Right(0), 1)], vec![(Right(0), 2)]]);
/// let mut served = [0, 0];
/// for number in 0..3 {
///     let drawn = draw(&chances, 1, &mut |bound| number % bound, &Quiet).unwrap();
///     check_outcome(1, &chances, &drawn)?;
///     served[usize::from(drawn.right_of(Left(1)).is_some())] += 1;
/// }
/// assert_eq!(served, [1, 2]);
/// # Ok::<(), peermatch_assignment::lottery::LotteryRejection>(())
/// ```
pub fn draw(
    marginals: &Marginals,
    rights: usize,
    below: &mut dyn FnMut(u64) -> u64,
    watch: &dyn Watch,
) -> Option<Matching> {
    let rounding = Rounding::new(marginals, rights);
    let mut meter = Meter::new(watch, Stage::Settling, rounding.pairs.len());
    rounding.run(&mut |rise, of| below(of) < rise, &mut meter).ok()
}

/// What [`eating`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eaten {
    /// The chances.
    Found(Marginals),
    /// The fractions need a common denominator beyond [`PARTS_MAX`] = 2^62: too many rights run out, one after the other, each at
    /// a time of its own.
    TooFine,
    /// Whoever watched asked to stop.
    Cancelled,
}

/// A fraction at least 0, in lowest terms. `None` where 128 bits do not hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    over: u128,
    under: u128,
}

impl Share {
    const NOTHING: Self = Self { over: 0, under: 1 };
    const WHOLE: Self = Self { over: 1, under: 1 };

    fn of(over: u128, under: u128) -> Self {
        let common = gcd(over, under).max(1);
        Self { over: over / common, under: under / common }
    }

    /// `self + other`, or `self - other` if that is not below 0.
    fn add(self, other: Self, sign: bool) -> Option<Self> {
        let common = gcd(self.under, other.under);
        let a = self.over.checked_mul(other.under / common)?;
        let b = other.over.checked_mul(self.under / common)?;
        let under = self.under.checked_mul(other.under / common)?;
        let over = if sign { a.checked_add(b)? } else { a.checked_sub(b)? };
        Some(Self::of(over, under))
    }

    fn divided(self, by: u128) -> Option<Self> {
        let common = gcd(self.over, by);
        Some(Self { over: self.over / common, under: self.under.checked_mul(by / common)? })
    }

    fn times(self, by: u128) -> Option<Self> {
        let common = gcd(self.under, by);
        Some(Self { over: self.over.checked_mul(by / common)?, under: self.under / common })
    }

    fn less(self, other: Self) -> Option<bool> {
        Some(self.over.checked_mul(other.under)? < other.over.checked_mul(self.under)?)
    }
}

/// Probabilistic serial over `frame` (capacities; minimums are not looked at): everybody eats from the best right of its row of `orders`
/// (eligible rights, best first, no ties) that has something left. Pinned lefts have their place for certain and eat nothing.
///
/// At most `K + 1` rounds, each `O(n + K)`, and `O(E)` in all to move on in the orders. Exact in fractions of 128 bits; as every round
/// can multiply the denominator by the number of those who eat together, rosters with very many rights that run out give
/// [`Eaten::TooFine`] and nothing is rounded.
///
/// # Panics
/// If `orders` has not one row per left, or names a right that does not exist.
pub fn eating(frame: &Frame, orders: &[Vec<Right>], watch: &dyn Watch) -> Eaten {
    assert_eq!(orders.len(), frame.lefts(), "one order per left");
    let mut meter = Meter::new(watch, Stage::Serving, frame.rights() + 1);
    match eat(frame, orders, &mut meter) {
        Ok(Some(marginals)) => Eaten::Found(marginals),
        Ok(None) => Eaten::TooFine,
        Err(Stopped) => Eaten::Cancelled,
    }
}

fn eat(
    frame: &Frame,
    orders: &[Vec<Right>],
    meter: &mut Meter<'_>,
) -> Result<Option<Marginals>, Stopped> {
    let mut left_over: Vec<Share> = frame
        .capacities()
        .iter()
        .map(|&capacity| Share { over: u128::from(capacity), under: 1 })
        .collect();
    let mut shares: Vec<Vec<(Right, Share)>> = vec![Vec::new(); frame.lefts()];
    for left in Left::all(frame.lefts()) {
        if let Some(right) = frame.pinned(left) {
            let Some(rest) = left_over[right.index()].add(Share::WHOLE, false) else {
                // More pins than places: the checker of pins says so; here nothing is left.
                continue;
            };
            left_over[right.index()] = rest;
            shares[left.index()].push((right, Share::WHOLE));
        }
    }
    // Where each left stands in its order, and since when it eats there.
    let mut place = vec![0usize; frame.lefts()];
    let mut now = Share::NOTHING;
    let mut since = vec![Share::NOTHING; frame.lefts()];
    let mut eaters = vec![0u128; frame.rights()];
    let on = |left: usize, place: usize, left_over: &[Share]| {
        orders[left][place..]
            .iter()
            .position(|right| left_over[right.index()] != Share::NOTHING)
            .map(|further| place + further)
    };
    let mut hungry: Vec<usize> = Vec::new();
    for left in Left::all(frame.lefts()) {
        if frame.pinned(left).is_none()
            && let Some(first) = on(left.index(), 0, &left_over)
        {
            place[left.index()] = first;
            eaters[orders[left.index()][first].index()] += 1;
            hungry.push(left.index());
        }
    }
    let mut steps = || -> Result<Option<()>, Stopped> {
        while !hungry.is_empty() && now != Share::WHOLE {
            meter.step()?;
            // The time at which the first right runs out, or time 1.
            let mut until = Share::WHOLE;
            for right in 0..frame.rights() {
                if eaters[right] > 0 {
                    let Some(out) = left_over[right]
                        .divided(eaters[right])
                        .and_then(|lasts| now.add(lasts, true))
                    else {
                        return Ok(None);
                    };
                    let Some(sooner) = out.less(until) else { return Ok(None) };
                    if sooner {
                        until = out;
                    }
                }
            }
            let Some(passed) = until.add(now, false) else { return Ok(None) };
            for right in 0..frame.rights() {
                if eaters[right] > 0 {
                    let Some(rest) = passed
                        .times(eaters[right])
                        .and_then(|eaten| left_over[right].add(eaten, false))
                    else {
                        return Ok(None);
                    };
                    left_over[right] = rest;
                }
            }
            now = until;
            let mut fed = Vec::with_capacity(hungry.len());
            for &left in &hungry {
                let right = orders[left][place[left]];
                if now == Share::WHOLE || left_over[right.index()] == Share::NOTHING {
                    let Some(share) = now.add(since[left], false) else { return Ok(None) };
                    shares[left].push((right, share));
                    eaters[right.index()] -= 1;
                    since[left] = now;
                    if now != Share::WHOLE
                        && let Some(next) = on(left, place[left], &left_over)
                    {
                        place[left] = next;
                        eaters[orders[left][next].index()] += 1;
                        fed.push(left);
                    }
                } else {
                    fed.push(left);
                }
            }
            hungry = fed;
        }
        Ok(Some(()))
    };
    if steps()?.is_none() {
        return Ok(None);
    }
    Ok(common(shares))
}

/// Shares over one denominator, if it is within [`PARTS_MAX`].
fn common(shares: Vec<Vec<(Right, Share)>>) -> Option<Marginals> {
    let mut parts = 1u128;
    for (_, share) in shares.iter().flatten() {
        parts = parts / gcd(parts, share.under) * share.under;
        if parts > u128::from(PARTS_MAX) {
            return None;
        }
    }
    let units = |(right, share): (Right, Share)| {
        Some((right, u64::try_from(share.over * (parts / share.under)).ok()?))
    };
    let rows = shares
        .into_iter()
        .map(|row| row.into_iter().map(units).collect::<Option<Vec<_>>>())
        .collect::<Option<Vec<_>>>()?;
    Some(Marginals::new(u64::try_from(parts).ok()?, rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Quiet;
    use peermatch_assignment::lottery::{check_eating, check_outcome};
    use peermatch_assignment::{Pairs, Problem};
    use peermatch_testkit::graphs;

    /// Every outcome of the rounding with its exact probability, as numerators over a product of denominators.
    fn tree(marginals: &Marginals, rights: usize) -> Vec<(Matching, Share)> {
        let mut leaves = Vec::new();
        let mut prefixes: Vec<Vec<bool>> = vec![Vec::new()];
        while let Some(prefix) = prefixes.pop() {
            let mut asked = 0;
            let mut chance = Share::WHOLE;
            let mut open = false;
            let mut coin = |rise: u64, of: u64| {
                let side = prefix.get(asked).copied();
                open |= side.is_none();
                let side = side.unwrap_or(true);
                asked += 1;
                let over = if side { rise } else { of - rise };
                chance = chance.times(u128::from(over)).unwrap().divided(u128::from(of)).unwrap();
                chance = Share::of(chance.over, chance.under);
                side
            };
            let rounding = Rounding::new(marginals, rights);
            let mut meter = Meter::new(&Quiet, Stage::Settling, 1);
            let drawn = rounding.run(&mut coin, &mut meter).unwrap();
            if open {
                // Something was asked beyond the prefix: take both sides of the first such question.
                for side in [false, true] {
                    let mut longer = prefix.clone();
                    longer.push(side);
                    prefixes.push(longer);
                }
            } else {
                leaves.push((drawn, chance));
            }
        }
        leaves
    }

    /// Random marginals: every left deals its parts among random rights.
    fn random_marginals(seed: u64) -> (Marginals, usize) {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |bound: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % bound
        };
        let (lefts, rights, parts) = (1 + next(4), 1 + next(3), 1 + next(6));
        let rows = (0..lefts).map(|_| {
            let mut row = vec![0u64; usize::try_from(rights).unwrap()];
            for _ in 0..(if next(2) == 0 { parts } else { next(parts + 1) }) {
                row[usize::try_from(next(rights)).unwrap()] += 1;
            }
            (0..).map(Right).zip(row).filter(|&(_, units)| units > 0).collect()
        });
        (Marginals::new(parts, rows.collect()), usize::try_from(rights).unwrap())
    }

    #[test]
    fn every_pair_is_drawn_with_exactly_its_chance() {
        let mut outcomes = 0;
        for seed in 0..5_000 {
            let (marginals, rights) = random_marginals(seed);
            let leaves = tree(&marginals, rights);
            outcomes += leaves.len();
            let mut all = Share::NOTHING;
            let mut chances = vec![vec![Share::NOTHING; rights]; marginals.rows().len()];
            for (drawn, chance) in &leaves {
                check_outcome(rights, &marginals, drawn)
                    .unwrap_or_else(|why| panic!("seed {seed}: {why}"));
                all = all.add(*chance, true).unwrap();
                for (left, right) in drawn.pairs() {
                    let sum = &mut chances[left.index()][right.index()];
                    *sum = sum.add(*chance, true).unwrap();
                }
            }
            assert_eq!(all, Share::WHOLE, "seed {seed}");
            for left in Left::all(marginals.rows().len()) {
                for right in Right::all(rights) {
                    let stated = Share::of(
                        u128::from(marginals.chance(left, right)),
                        u128::from(marginals.parts()),
                    );
                    let drawn = chances[left.index()][right.index()];
                    assert_eq!(drawn, stated, "seed {seed}: {left} and {right}");
                }
            }
        }
        assert!(outcomes > 20_000, "{outcomes}: too few to say anything");
    }

    /// Eligible rights by cost, then by right.
    fn orders(problem: &Problem) -> Vec<Vec<Right>> {
        Left::all(problem.pairs().lefts())
            .map(|left| {
                let mut row: Vec<(i32, Right)> = Vec::new();
                problem.pairs().visit(left, |right, cost| row.push((cost, right)));
                row.sort_unstable();
                row.into_iter().map(|(_, right)| right).collect()
            })
            .collect()
    }

    /// Whether `a` is at least as good as `b` for somebody with this order, whatever values go with it: at every place of the order,
    /// at least as much of what stands up to there.
    fn dominates(order: &[Right], a: &[(Right, u64)], b: &[(Right, u64)]) -> bool {
        let upto = |row: &[(Right, u64)], place: usize| -> u64 {
            row.iter().filter(|(right, _)| order[..=place].contains(right)).map(|&(_, u)| u).sum()
        };
        (0..order.len()).all(|place| upto(a, place) >= upto(b, place))
    }

    /// Whether somebody could have more of what they like better without anybody having less: there is a cycle of exchanges, or a
    /// chain that ends in something left over (Bogomolnaia and Moulin, lemma 3, with places left over as one more right).
    fn efficient(problem: &Problem, orders: &[Vec<Right>], marginals: &Marginals) -> bool {
        let rights = problem.frame().rights();
        // Node `rights` is "nothing": a left that is not surely served has some of it and likes everything better.
        let mut better = vec![vec![false; rights + 1]; rights + 1];
        let whole = marginals.parts();
        for left in Left::all(orders.len()) {
            let order = &orders[left.index()];
            for (place, liked) in order.iter().enumerate() {
                for worse in &order[place + 1..] {
                    better[liked.index()][worse.index()] |= marginals.chance(left, *worse) > 0;
                }
                better[liked.index()][rights] |= marginals.served(left) < u128::from(whole);
            }
        }
        for right in Right::all(rights) {
            let load: u64 = Left::all(orders.len()).map(|left| marginals.chance(left, right)).sum();
            // What is left over can be had by giving up anything for it.
            if load < whole * u64::from(problem.frame().capacity(right)) {
                better[rights][right.index()] = true;
            }
        }
        // Transitive closure; a node that reaches itself is a cycle.
        for via in 0..=rights {
            for a in 0..=rights {
                for b in 0..=rights {
                    better[a][b] |= better[a][via] && better[via][b];
                }
            }
        }
        (0..=rights).all(|node| !better[node][node])
    }

    #[test]
    fn eating_is_fair_and_efficient() {
        let (mut shared, mut checked) = (0, 0);
        for seed in 0..6_000 {
            let wild = graphs::wild(6, 4, 9_000_000 + seed);
            let frame =
                Frame::simple(wild.frame().lefts(), 0, wild.frame().capacities().to_vec()).unwrap();
            let problem = Problem::new(frame, wild.pairs().clone()).unwrap();
            let orders = orders(&problem);
            let Eaten::Found(marginals) = eating(problem.frame(), &orders, &Quiet) else {
                panic!("seed {seed}: tiny fractions fit")
            };
            check_eating(problem.frame(), problem.pairs(), &orders, &marginals)
                .unwrap_or_else(|why| panic!("seed {seed}: {why}\n{marginals:?}"));
            assert!(efficient(&problem, &orders, &marginals), "seed {seed}");
            // Nobody would rather have the chances of somebody who may go to the same rights.
            for a in Left::all(orders.len()) {
                for b in Left::all(orders.len()) {
                    let same = problem.pairs().rights_of(a) == problem.pairs().rights_of(b);
                    if same {
                        let (own, other) = (marginals.of(a), marginals.of(b));
                        assert!(dominates(&orders[a.index()], own, other), "seed {seed}");
                        shared += 1;
                    }
                }
            }
            // Any part moved from one right to another is no longer what the lottery should be.
            for left in Left::all(orders.len()) {
                for at in 0..marginals.of(left).len() {
                    let mut rows = marginals.rows().to_vec();
                    rows[left.index()][at].1 -= 1;
                    rows[left.index()].retain(|&(_, units)| units > 0);
                    let fewer = Marginals::new(marginals.parts(), rows.clone());
                    let judged = check_eating(problem.frame(), problem.pairs(), &orders, &fewer);
                    assert!(judged.is_err(), "seed {seed}: one part less is accepted");
                    for &right in problem.pairs().rights_of(left) {
                        if right == marginals.of(left)[at].0 {
                            continue;
                        }
                        let mut rows = rows.clone();
                        match rows[left.index()].iter_mut().find(|(w, _)| *w == right) {
                            Some((_, units)) => *units += 1,
                            None => rows[left.index()].push((right, 1)),
                        }
                        let moved = Marginals::new(marginals.parts(), rows);
                        let judged =
                            check_eating(problem.frame(), problem.pairs(), &orders, &moved);
                        assert!(judged.is_err(), "seed {seed}: a moved part is accepted");
                        checked += 1;
                    }
                }
            }
        }
        assert!(shared > 10_000 && checked > 15_000, "{shared} {checked}");
    }

    #[test]
    fn the_published_example_comes_out() {
        // Bogomolnaia and Moulin 2001, section 1: two people like a, b, c, d in this order, two like b, a, d, c.
        let frame = Frame::simple(4, 0, vec![1; 4]).unwrap();
        let order = |ids: [u32; 4]| ids.map(Right).to_vec();
        let orders =
            [order([0, 1, 2, 3]), order([0, 1, 2, 3]), order([1, 0, 3, 2]), order([1, 0, 3, 2])];
        let Eaten::Found(marginals) = eating(&frame, &orders, &Quiet) else { panic!() };
        let half = |a, b| vec![(Right(a), 1), (Right(b), 1)];
        let expected = vec![half(0, 2), half(0, 2), half(1, 3), half(1, 3)];
        assert_eq!(marginals, Marginals::new(2, expected));
    }

    #[test]
    fn fractions_beyond_the_limit_are_refused_not_rounded() {
        // Rights run out one after the other, each with one more prime number of people at it.
        let primes = [2usize, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67];
        let mut orders = Vec::new();
        for (at, &count) in primes.iter().enumerate() {
            for _ in 0..count {
                orders.push(
                    (at..primes.len())
                        .filter_map(|w| Some(Right(u32::try_from(w).ok()?)))
                        .collect(),
                );
            }
        }
        let frame = Frame::simple(orders.len(), 0, vec![1; primes.len()]).unwrap();
        assert_eq!(eating(&frame, &orders, &Quiet), Eaten::TooFine);
    }
}
