//! How firm a suggestion is: under which other ways to weigh what the person asked it would stay.
//!
//! A person's wishes are weighed by a policy, and no weight is the right one. So a coordinator is told two things about each
//! suggestion, from nothing but what a coordinator may see:
//!
//! 1. **The share of plausible weights** under which the worker comes first, and under which the worker is among the first three
//!    (stochastic multicriteria acceptability, SMAA: Lahdelma, Hokkanen and Salminen 1998). Weights are drawn [`WAYS`] times, uniformly from the
//!    simplex of the criteria that *this person asked about*; a criterion that nobody asked about stays without effect. Two wishes of one
//!    criterion keep their proportion. [`WAYS`] draws put a share within 0.01 with 95 % confidence (`1.96 sqrt(0.25 / 9600) = 0.01`).
//! 2. **The exact weight at which it flips.** Let one criterion count for the share `s` of everything while the others keep their
//!    proportions. The fit of each worker is then `s V + (1 - s) R`, a straight line in `s`, where `V` is how far the worker meets this criterion
//!    and `R` how far the others: who comes first changes only where lines cross, and each crossing is a fraction of whole numbers.
//!
//! Nothing here is rounded before it is told: values are whole numbers, fits are compared as whole numbers (they share one
//! denominator), and crossings are compared by continued fractions, which cannot overflow. Ties go by id, as in every list of suggestions.
//!
//! The draws are the same for everybody who asked about as many criteria: a fixed generator (SplitMix64; Steele, Lea and Flood 2014)
//! from a fixed start. They measure the list; they decide nothing, so that no seed is an input.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::sync::OnceLock;

use peermatch_assignment::number::gcd;
use peermatch_model::roster::WorkerIx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::Exact;
use crate::scoring::Fit;

/// How many ways to weigh are tried.
pub const WAYS: u32 = 9_600;

/// How many places count as "among the first".
pub const FIRST_PLACES: usize = 3;

/// How firm one suggestion is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Firmness {
    /// How many ways to weigh what was asked were tried.
    pub ways: u32,
    /// Under how many of them this worker comes first on the person's list.
    pub ways_first: u32,
    /// Under how many of them this worker is among the first three.
    pub ways_in_first_three: u32,
    /// For whoever comes first: what each criterion would have to count for somebody else to come first. For the others: what it would have to
    /// count for this worker to come first. Only criteria that can do it alone, in the order of the bars.
    pub flips: Vec<Flip>,
    /// The same in sentences.
    pub words: Vec<String>,
}

/// A weight at which the first place of a list changes hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flip {
    /// The criterion whose weight changes, the others keeping their proportions.
    pub criterion: String,
    /// What it counts now, of everything that was asked.
    pub now: Share,
    /// Where the first place changes hands, exactly: beyond `at`, seen from `now`.
    pub at: Share,
    /// Whether the criterion would have to count for less or for more than `at`.
    pub towards: Towards,
    /// Who comes first beyond `at`.
    pub then_first: String,
    /// Where the next worker takes over in turn, if before the end: `then_first` comes first between `at` and `until` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Share>,
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Towards {
    /// Counting for less.
    Less,
    /// Counting for more.
    More,
}

/// A part of a whole, as a fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// The part.
    pub part: Exact,
    /// The whole, above 0.
    pub whole: Exact,
}

impl Share {
    /// `part / whole` in lowest terms; `0 <= part <= whole` and `whole > 0`.
    fn new(part: i128, whole: i128) -> Self {
        debug_assert!(0 <= part && part <= whole && whole > 0);
        let common = gcd(part, whole).max(1);
        Self { part: Exact(part / common), whole: Exact(whole / common) }
    }

    /// In tenths of a percent, rounded to nearest, halves up.
    pub fn per_mille(self) -> u32 {
        let (part, whole) = (self.part.0, self.whole.0);
        u32::try_from((2 * part * 1000 + whole) / (2 * whole)).unwrap_or(1000)
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        compare((self.part.0, self.whole.0), (other.part.0, other.whole.0))
    }
}

/// `a.0 / a.1` against `b.0 / b.1`, all non-negative, wholes above 0: by their continued fractions, so that nothing is multiplied.
fn compare(mut a: (i128, i128), mut b: (i128, i128)) -> Ordering {
    let mut turned = false;
    loop {
        let (rest_a, rest_b) = (a.0 % a.1, b.0 % b.1);
        let order = (a.0 / a.1).cmp(&(b.0 / b.1)).then_with(|| (rest_a > 0).cmp(&(rest_b > 0)));
        if order != Ordering::Equal || rest_a == 0 {
            return if turned { order.reverse() } else { order };
        }
        // Equal but for what is left: turned upside down, the larger becomes the smaller.
        (a, b) = ((a.1, rest_a), (b.1, rest_b));
        turned = !turned;
    }
}

/// One person's list: what was asked, by criterion, and how far each worker meets it.
#[derive(Debug)]
struct List {
    criteria: Vec<Asked>,
    /// In the order of the list.
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Asked {
    name: String,
    /// Weight of the criterion: the sum of its terms' weights.
    weight: u64,
    /// The same in lowest terms, as the wishes of the criterion share it.
    unit: u64,
}

#[derive(Debug)]
struct Row {
    worker: WorkerIx,
    /// Per criterion: the sum of its terms' values, each times its part of the unit. At most `unit * 1,000,000`.
    points: Vec<u64>,
}

impl List {
    /// All fits must be of one person, as one audience sees them.
    fn new(ranked: &[(WorkerIx, Fit)]) -> Self {
        let mut criteria: Vec<Asked> = Vec::new();
        let mut of_term: Vec<usize> = Vec::new();
        let mut weights: Vec<u64> = Vec::new();
        for part in ranked.first().map_or(&[][..], |(_, fit)| &fit.parts) {
            let known = criteria.iter().position(|asked| asked.name == part.criterion);
            let place = known.unwrap_or_else(|| {
                criteria.push(Asked { name: part.criterion.clone(), weight: 0, unit: 0 });
                criteria.len() - 1
            });
            of_term.push(place);
            weights.push(u64::from(part.weight));
            let asked = &mut criteria[place];
            asked.weight += u64::from(part.weight);
            // First the common divisor of the terms' weights, then what is left of the sum.
            asked.unit = gcd(asked.unit, u64::from(part.weight));
        }
        for (weight, &place) in weights.iter_mut().zip(&of_term) {
            *weight /= criteria[place].unit;
        }
        for asked in &mut criteria {
            asked.unit = asked.weight / asked.unit;
        }
        let rows = ranked.iter().map(|(worker, fit)| {
            let mut points = vec![0; criteria.len()];
            for ((part, &place), &weight) in fit.parts.iter().zip(&of_term).zip(&weights) {
                points[place] += weight * u64::from(part.value);
            }
            Row { worker: *worker, points }
        });
        let rows = rows.collect();
        Self { criteria, rows }
    }

    /// Per row: under how many ways it comes first, and under how many among the first [`FIRST_PLACES`].
    ///
    /// One way to weigh is what one unit of each criterion counts: a gap of [`gaps`], shared out over the criterion's unit, and what was
    /// asked never counts for nothing. With `u` the sum of the units, a score is at most `(2^32 + u) * 1,000,000`: 64 bits hold more than
    /// 10^12 wishes.
    fn acceptability(&self) -> Vec<[u32; 2]> {
        let mut out = vec![[0; 2]; self.rows.len()];
        let mut contenders = self.contenders();
        // Of equal scores the first id comes first.
        contenders.sort_by_key(|&row| self.rows[row].worker);
        let points: Vec<u64> =
            contenders.iter().flat_map(|&row| self.rows[row].points.iter().copied()).collect();
        let units: Vec<u64> = self.criteria.iter().map(|asked| asked.unit).collect();
        let mut counts = vec![0; units.len()];
        for way in gaps(units.len()).chunks_exact(units.len()) {
            for ((count, &gap), &unit) in counts.iter_mut().zip(way).zip(&units) {
                // Most are asked by one wish, and a division takes as long as all the rest.
                *count = if unit == 1 { gap } else { gap / unit } + 1;
            }
            let mut first = [(0, usize::MAX); FIRST_PLACES];
            let mut held = 0;
            for (place, row) in points.chunks_exact(units.len()).enumerate() {
                let score: u64 = row.iter().zip(&counts).map(|(&p, &count)| p * count).sum();
                if held == FIRST_PLACES && score <= first[FIRST_PLACES - 1].0 {
                    continue;
                }
                let mut at = held.min(FIRST_PLACES - 1);
                while at > 0 && first[at - 1].0 < score {
                    first[at] = first[at - 1];
                    at -= 1;
                }
                first[at] = (score, place);
                held = FIRST_PLACES.min(held + 1);
            }
            for &(_, place) in &first[..held] {
                out[contenders[place]][1] += 1;
            }
            if held > 0 {
                out[contenders[first[0].1]][0] += 1;
            }
        }
        out
    }

    /// The rows that can be among the first at all: whoever stands behind [`FIRST_PLACES`] others under every way to weigh is left out. It is
    /// enough to look at rows that were kept: whoever stands behind one that was left out stands behind what left that one out.
    fn contenders(&self) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let ahead = kept.iter().filter(|&&other| self.rows[other].always_before(row)).count();
            if ahead < FIRST_PLACES {
                kept.push(place);
            }
        }
        kept
    }

    /// Every change of the first place when one criterion counts for more or less.
    fn hands(&self, criterion: usize) -> Option<Hands> {
        let all: u64 = self.criteria.iter().map(|asked| asked.weight).sum();
        let own = self.criteria[criterion].weight;
        if own == all {
            return None;
        }
        // Each line by its ends, at s = 0 the others alone, at s = 1 this criterion alone, over the one denominator `others * unit`.
        let others = i128::from(all - own);
        let unit = i128::from(self.criteria[criterion].unit);
        let lines = self.rows.iter().map(|row| {
            let rest: i128 = self
                .criteria
                .iter()
                .zip(&row.points)
                .enumerate()
                .filter(|&(place, _)| place != criterion)
                .map(|(_, (asked, &points))| {
                    i128::from(points) * i128::from(asked.weight / asked.unit)
                })
                .sum();
            let alone = i128::from(row.points[criterion]);
            Line { worker: row.worker, none: rest * unit, whole: alone * others }
        });
        let lines: Vec<Line> = lines.collect();
        Some(Hands { now: Share::new(i128::from(own), i128::from(all)), hull: hull(&lines) })
    }
}

impl Row {
    /// Whether this worker stands before the other under every way to weigh, each criterion counting for something.
    fn always_before(&self, other: &Self) -> bool {
        let both = || self.points.iter().zip(&other.points);
        both().all(|(a, b)| a >= b) && (self.worker < other.worker || both().any(|(a, b)| a > b))
    }
}

/// A worker's fit as one criterion goes from counting for nothing to counting for everything.
#[derive(Debug, Clone, Copy)]
struct Line {
    worker: WorkerIx,
    none: i128,
    whole: i128,
}

/// Who comes first, from counting for nothing to counting for everything, and where it changes hands: always one more worker than changes.
#[derive(Debug)]
struct Hands {
    now: Share,
    hull: (Vec<WorkerIx>, Vec<Share>),
}

/// The upper envelope of the lines over 0..=1, ties (lines that are equal all along, or at the start) by id. O(lines × pieces).
fn hull(lines: &[Line]) -> (Vec<WorkerIx>, Vec<Share>) {
    let slope = |line: &Line| line.whole - line.none;
    // Just after 0: the highest there, of these the steepest, of these the first id.
    let first = lines.iter().max_by_key(|l| (l.none, slope(l), Reverse(l.worker)));
    let (mut workers, mut changes) = (Vec::new(), Vec::new());
    let Some(mut at) = first else { return (workers, changes) };
    loop {
        workers.push(at.worker);
        // The next to overtake is the one that crosses first; of those that cross together, the steepest, then the first id.
        let crossings = lines.iter().filter(|l| slope(l) > slope(at)).map(|line| {
            let (behind, ahead) = (at.none - line.none, line.whole - at.whole);
            (behind, ahead, line)
        });
        // A crossing at 1 or beyond is no change: nothing lies after it.
        let next = crossings.filter(|&(_, ahead, _)| ahead > 0).min_by(|a, b| {
            compare((a.0, a.0 + a.1), (b.0, b.0 + b.1))
                .then_with(|| slope(b.2).cmp(&slope(a.2)))
                .then_with(|| a.2.worker.cmp(&b.2.worker))
        });
        let Some((behind, ahead, line)) = next else { return (workers, changes) };
        changes.push(Share::new(behind, behind + ahead));
        at = line;
    }
}

/// Where `first` loses the first place, in each direction from what the criterion counts now.
fn flips_from(
    name: &str,
    hands: &Hands,
    first: WorkerIx,
    id: &dyn Fn(WorkerIx) -> String,
) -> Vec<Flip> {
    let (workers, changes) = &hands.hull;
    // Whoever comes first now by id alone, at a point where two others change hands, loses the place at once in both directions.
    let own = workers.iter().position(|&w| w == first);
    let level = changes.iter().position(|&at| at == hands.now);
    let (less, more) = match (own, level) {
        (Some(own), _) => (own.checked_sub(1), Some(own).filter(|&at| at < changes.len())),
        (None, level) => (level, level),
    };
    let flip = |at: usize, towards, then: usize, until: Option<&Share>| Flip {
        criterion: name.to_owned(),
        now: hands.now,
        at: changes[at],
        towards,
        then_first: id(workers[then]),
        until: until.copied(),
    };
    let less = less.map(|at| {
        flip(at, Towards::Less, at, at.checked_sub(1).and_then(|until| changes.get(until)))
    });
    let more = more.map(|at| flip(at, Towards::More, at + 1, changes.get(at + 1)));
    less.into_iter().chain(more).collect()
}

/// Where `worker`, who does not come first now, would.
fn flip_to(
    name: &str,
    hands: &Hands,
    worker: WorkerIx,
    id: &dyn Fn(WorkerIx) -> String,
) -> Option<Flip> {
    let (workers, changes) = &hands.hull;
    let own = workers.iter().position(|&w| w == worker)?;
    let (from, until) = (own.checked_sub(1).map(|at| changes[at]), changes.get(own).copied());
    let (at, towards, until) = match (from, until) {
        (Some(from), until) if hands.now <= from => (from, Towards::More, until),
        (from, Some(until)) => (until, Towards::Less, from),
        (_, None) => return None,
    };
    let criterion = name.to_owned();
    Some(Flip { criterion, now: hands.now, at, towards, then_first: id(worker), until })
}

/// How firm each of a person's suggestions is, for the first `top` of the list.
///
/// `ranked` is the whole list in its order, each worker with their fit as one audience sees it; all fits are of one person. `id` tells a worker's
/// id. Nothing to tell if nothing was asked, or if there is nobody else: then it is empty.
///
/// O(`WAYS` × criteria × contenders) for the shares, contenders being the workers that fewer than three others surpass in everything asked;
/// O(criteria × workers × changes of hands) for the exact weights.
pub(crate) fn firmness(
    ranked: &[(WorkerIx, Fit)],
    top: usize,
    id: &dyn Fn(WorkerIx) -> String,
) -> Vec<Firmness> {
    let list = List::new(ranked);
    if top == 0 || list.criteria.is_empty() || list.rows.len() < 2 {
        return Vec::new();
    }
    let shares = list.acceptability();
    let hands: Vec<Option<Hands>> = (0..list.criteria.len()).map(|c| list.hands(c)).collect();
    let first = list.rows[0].worker;
    let told = list.rows.iter().zip(shares).take(top).map(|(row, [ways_first, in_first_three])| {
        let mut flips = Vec::new();
        for (asked, hands) in list.criteria.iter().zip(&hands) {
            let Some(hands) = hands else { continue };
            if row.worker == first {
                flips.extend(flips_from(&asked.name, hands, first, id));
            } else {
                flips.extend(flip_to(&asked.name, hands, row.worker, id));
            }
        }
        let mut firmness = Firmness {
            ways: WAYS,
            ways_first,
            ways_in_first_three: in_first_three,
            flips,
            words: Vec::new(),
        };
        firmness.words = words(&list, row, &firmness);
        firmness
    });
    told.collect()
}

/// The sentences of one suggestion: the share, and the nearest weight at which the first place changes hands. What holds under all weights is
/// said without counting, because it was not counted but seen.
fn words(list: &List, row: &Row, firmness: &Firmness) -> Vec<String> {
    let is_first = row.worker == list.rows[0].worker;
    if list.criteria.len() == 1 {
        return vec!["One thing was asked, so no other way to weigh changes the order.".to_owned()];
    }
    let others = || list.rows.iter().filter(|other| other.worker != row.worker);
    if others().all(|other| row.always_before(other)) {
        return vec!["Comes first however what was asked is weighed.".to_owned()];
    }
    let among = match firmness.ways_in_first_three {
        0 => String::new(),
        _ if is_first || list.rows.len() <= FIRST_PLACES => String::new(),
        ways => format!(", and is among the first three under {}", of_a_hundred(ways)),
    };
    if others().any(|other| other.always_before(row)) {
        return vec![format!("Does not come first however what was asked is weighed{among}.")];
    }
    let ways = of_a_hundred(firmness.ways_first);
    let stays = if is_first { "Stays" } else { "Comes" };
    let mut out = vec![format!("{stays} first under {ways} to weigh what was asked{among}.")];
    let nearest = firmness.flips.iter().min_by_key(|flip| {
        i64::from(flip.at.per_mille()).abs_diff(i64::from(flip.now.per_mille()))
    });
    out.push(match nearest {
        Some(flip) if is_first => {
            format!("Stays first until {}: then {} would.", beyond(flip, false), flip.then_first)
        }
        Some(flip) => format!("Would come first if {}.", beyond(flip, true)),
        None if is_first => {
            "Stays first however much or little any one thing that was asked weighs.".to_owned()
        }
        None => {
            "Would come first only if several things that were asked weighed otherwise.".to_owned()
        }
    });
    out
}

/// "the weight of place were above 62 % of everything (9 % now)".
fn beyond(flip: &Flip, would: bool) -> String {
    let criterion = flip.criterion.replace('_', " ");
    let is = if would { "were" } else { "is" };
    let (now, at) = (flip.now.per_mille(), flip.at.per_mille());
    let (side, other) = match flip.towards {
        Towards::Less => ("below", "above"),
        Towards::More => ("above", "below"),
    };
    if now == at {
        return format!(
            "the weight of {criterion} {is} the least bit {side} what it is now ({})",
            percent(now, false)
        );
    }
    // Tenths only where whole percents would read the same.
    let fine = (now + 5) / 10 == (at + 5) / 10;
    let until = flip.until.filter(|_| would).map(Share::per_mille);
    let until =
        until.map_or(String::new(), |until| format!(" and {other} {}", percent(until, fine)));
    let (at, now) = (percent(at, fine), percent(now, fine));
    format!("the weight of {criterion} {is} {side} {at}{until} of everything ({now} now)")
}

fn percent(per_mille: u32, fine: bool) -> String {
    if fine {
        format!("{}.{} %", per_mille / 10, per_mille % 10)
    } else {
        format!("{} %", (per_mille + 5) / 10)
    }
}

/// "93 of 100 ways"; all is only said of all, and none of none.
fn of_a_hundred(ways: u32) -> String {
    match (200 * ways + WAYS) / (2 * WAYS) {
        _ if ways == 0 => "none of the ways that were tried".to_owned(),
        _ if ways == WAYS => "all the ways that were tried".to_owned(),
        0 => "fewer than 1 of 100 ways".to_owned(),
        100 => "more than 99 of 100 ways".to_owned(),
        n => format!("{n} of 100 ways"),
    }
}

/// Up to as many criteria the drawn gaps are kept: few people ask about more.
const KEPT_CRITERIA: usize = 16;

/// The gaps between sorted uniform cuts of a line of 2^32, [`WAYS`] times as many as there are criteria: uniform on the simplex. They depend on the
/// number of criteria alone, so they are drawn once.
fn gaps(criteria: usize) -> Cow<'static, [u64]> {
    static KEPT: [OnceLock<Vec<u64>>; KEPT_CRITERIA + 1] =
        [const { OnceLock::new() }; KEPT_CRITERIA + 1];
    match KEPT.get(criteria) {
        Some(kept) => Cow::Borrowed(kept.get_or_init(|| draw_gaps(criteria))),
        None => Cow::Owned(draw_gaps(criteria)),
    }
}

fn draw_gaps(criteria: usize) -> Vec<u64> {
    let mut draws = Draws::start();
    let mut out = Vec::new();
    for _ in 0..WAYS {
        let start = out.len();
        out.extend((1..criteria).map(|_| draws.next() >> 32));
        out[start..].sort_unstable();
        out.push(1 << 32);
        let mut before = 0;
        for cut in &mut out[start..] {
            (*cut, before) = (*cut - before, *cut);
        }
    }
    out
}

/// SplitMix64 from a fixed start.
#[derive(Debug)]
struct Draws(u64);

impl Draws {
    /// The start is the number of ways, which is as good as any other.
    fn start() -> Self {
        Self(u64::from(WAYS))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peermatch_model::policy::WHOLE;

    /// One way to weigh, drawn anew.
    fn way(list: &List, draws: &mut Draws, out: &mut Vec<u64>) {
        out.clear();
        out.extend((1..list.criteria.len()).map(|_| draws.next() >> 32));
        out.sort_unstable();
        out.push(1 << 32);
        let mut before = 0;
        for (cut, asked) in out.iter_mut().zip(&list.criteria) {
            let gap = *cut - before;
            before = *cut;
            *cut = gap / asked.unit + 1;
        }
    }

    /// A list from rows of values (one criterion each, millionths) and weights.
    fn list(weights: &[u64], rows: &[Vec<u64>]) -> List {
        let criteria = weights.iter().enumerate().map(|(c, &weight)| Asked {
            name: format!("c{c}"),
            weight,
            unit: 1,
        });
        let mut rows: Vec<Row> = rows
            .iter()
            .enumerate()
            .map(|(w, points)| Row { worker: WorkerIx::at(w), points: points.clone() })
            .collect();
        rows.sort_by_key(|row| {
            let sum: u64 = row.points.iter().zip(weights).map(|(p, w)| p * w).sum();
            (Reverse(sum), row.worker)
        });
        List { criteria: criteria.collect(), rows }
    }

    /// Random lists with many ties: few values, few workers, equal rows.
    fn random(draws: &mut Draws) -> List {
        let mut below = |n: u64| usize::try_from(draws.next() % n).unwrap();
        let criteria = 2 + below(4);
        let workers = 2 + below(7);
        let steps = [2, 3, 5, 1_000_001][below(4)];
        let weights: Vec<u64> = (0..criteria).map(|_| 1 + below(5) as u64).collect();
        let rows: Vec<Vec<u64>> = (0..workers)
            .map(|_| {
                (0..criteria)
                    .map(|_| below(steps) as u64 * u64::from(WHOLE) / (steps - 1))
                    .collect()
            })
            .collect();
        list(&weights, &rows)
    }

    /// Who comes first if `criterion` counts for `part / whole`, by exact fractions and nothing else.
    fn first_at(list: &List, criterion: usize, part: i128, whole: i128) -> WorkerIx {
        let others: u64 =
            list.criteria.iter().map(|c| c.weight).sum::<u64>() - list.criteria[criterion].weight;
        let fit = |row: &Row| {
            let rest: i128 = (0..list.criteria.len())
                .filter(|&c| c != criterion)
                .map(|c| i128::from(row.points[c]) * i128::from(list.criteria[c].weight))
                .sum();
            part * i128::from(row.points[criterion]) * i128::from(others) + (whole - part) * rest
        };
        list.rows.iter().max_by_key(|row| (fit(row), Reverse(row.worker))).unwrap().worker
    }

    #[test]
    fn fractions_are_compared_as_they_are() {
        for a in 0..12 {
            for b in 1..12 {
                for c in 0..12 {
                    for d in 1..12 {
                        assert_eq!(
                            compare((a, b), (c, d)),
                            (a * d).cmp(&(c * b)),
                            "{a}/{b} {c}/{d}"
                        );
                    }
                }
            }
        }
        let big = i128::MAX;
        assert_eq!(compare((big - 1, big), (big - 2, big - 1)), Ordering::Greater);
    }

    #[test]
    fn the_first_place_changes_hands_exactly_where_it_is_said() {
        let mut draws = Draws(1);
        let (mut flips, mut level, mut with_until, mut silent) = (0, 0, 0, 0);
        for _ in 0..6_000 {
            let list = random(&mut draws);
            for criterion in 0..list.criteria.len() {
                let hands = list.hands(criterion).unwrap();
                let first = list.rows[0].worker;
                let name = &list.criteria[criterion].name;
                let id = |w: WorkerIx| w.index().to_string();
                let now = hands.now;
                assert_eq!(first_at(&list, criterion, now.part.0, now.whole.0), first);
                // A step so small that no line crosses between: crossings are fractions with denominators below 10^9.
                let tiny = 1_000_000_000_000_000_000;
                let beside = |at: Share, up: bool| {
                    let step = if up { 1 } else { -1 };
                    (at.part.0 * tiny + step * at.whole.0, at.whole.0 * tiny)
                };
                let at = |(part, whole): (i128, i128)| {
                    let common = gcd(part, whole).max(1);
                    id(first_at(&list, criterion, part / common, whole / common))
                };
                let from = flips_from(name, &hands, first, &id);
                for flip in &from {
                    flips += 1;
                    level += usize::from(flip.at == flip.now);
                    with_until += usize::from(flip.until.is_some());
                    let up = flip.towards == Towards::More;
                    assert!(if up { flip.at >= now } else { flip.at <= now });
                    assert_eq!(at(beside(flip.at, up)), flip.then_first);
                    if flip.at != now {
                        assert_eq!(at(beside(flip.at, !up)), id(first));
                    }
                    if let Some(until) = flip.until {
                        assert_eq!(at(beside(until, !up)), flip.then_first);
                        assert_ne!(at(beside(until, up)), flip.then_first);
                    }
                }
                // A direction of which nothing is said: nobody takes over, up to (but not at) the end.
                for (towards, end) in
                    [(Towards::Less, (1, tiny)), (Towards::More, (tiny - 1, tiny))]
                {
                    if from.iter().all(|flip| flip.towards != towards) {
                        silent += 1;
                        assert_eq!(at(end), id(first));
                    }
                }
                for row in &list.rows[1..] {
                    match flip_to(name, &hands, row.worker, &id) {
                        Some(flip) => {
                            let up = flip.towards == Towards::More;
                            assert_eq!(flip.then_first, id(row.worker));
                            assert!(if up { flip.at >= now } else { flip.at <= now });
                            assert_eq!(at(beside(flip.at, up)), id(row.worker));
                            assert_ne!(at(beside(flip.at, !up)), id(row.worker));
                        }
                        None => {
                            for k in 1..50 {
                                // Only where others are level can somebody come first of whom nothing is said, and then at that point alone.
                                let here = at((k, 50));
                                if here == id(row.worker) {
                                    assert_ne!(at(beside(Share::new(k, 50), true)), here);
                                }
                            }
                        }
                    }
                }
            }
        }
        assert!(
            flips > 10_000 && level > 500 && with_until > 500 && silent > 5_000,
            "{flips} {level} {with_until} {silent}"
        );
    }

    /// The shares, by counting every draw over every worker, with the fits as exact fractions and the whole list sorted.
    #[test]
    fn shares_are_what_counting_gives() {
        let mut draws = Draws(2);
        let mut left_out = 0;
        for _ in 0..40 {
            let list = random(&mut draws);
            let mut counted = vec![[0u32; 2]; list.rows.len()];
            let (mut again, mut cuts) = (Draws::start(), Vec::new());
            for _ in 0..WAYS {
                way(&list, &mut again, &mut cuts);
                let mut order: Vec<usize> = (0..list.rows.len()).collect();
                order.sort_by_key(|&row| {
                    let points = &list.rows[row].points;
                    let sum: u128 = points
                        .iter()
                        .zip(&cuts)
                        .map(|(&p, &g)| u128::from(p) * u128::from(g))
                        .sum();
                    (Reverse(sum), list.rows[row].worker)
                });
                counted[order[0]][0] += 1;
                for &row in order.iter().take(3) {
                    counted[row][1] += 1;
                }
            }
            assert_eq!(list.acceptability(), counted);
            left_out += list.rows.len() - list.contenders().len();
        }
        assert!(left_out > 10, "{left_out} workers left out");
    }

    /// Against figures known without any draw: with two criteria, the share is the length of the interval; with three, an area.
    #[test]
    fn shares_are_within_a_hundredth_of_the_truth() {
        let whole = u64::from(WHOLE);
        let near = |list: &List, worker: usize, truth: f64| {
            let row = list.rows.iter().position(|r| r.worker.index() == worker).unwrap();
            let share = f64::from(list.acceptability()[row][0]) / f64::from(WAYS);
            assert!((share - truth).abs() < 0.01, "{share} instead of {truth}");
        };
        // First where s * 0.3 > (1 - s) * 0.7: above 0.7.
        near(&list(&[1, 1], &[vec![whole * 3 / 10, 0], vec![0, whole * 7 / 10]]), 0, 0.3);
        near(&list(&[1, 1], &[vec![whole * 3 / 10, 0], vec![0, whole * 7 / 10]]), 1, 0.7);
        // Each meets one criterion wholly: a third of the triangle each.
        let apart = [vec![whole, 0, 0], vec![0, whole, 0], vec![0, 0, whole]];
        for worker in 0..3 {
            near(&list(&[5, 1, 9], &apart), worker, 1.0 / 3.0);
        }
        // The first criterion above a half of all: a quarter of the triangle.
        near(&list(&[1, 1, 1], &[vec![whole, 0, 0], vec![0, whole, whole]]), 0, 0.25);
    }

    #[test]
    fn words_say_all_only_of_all() {
        let told = [0, 1, 47, 48, 4_800, WAYS - 1, WAYS].map(of_a_hundred);
        assert_eq!(
            told,
            [
                "none of the ways that were tried",
                "fewer than 1 of 100 ways",
                "fewer than 1 of 100 ways",
                "1 of 100 ways",
                "50 of 100 ways",
                "more than 99 of 100 ways",
                "all the ways that were tried"
            ]
        );
    }
}
