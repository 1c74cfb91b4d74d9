//! The check that a matching is feasible and, by its prices, optimal.
//!
//! Nothing here trusts the finder: the matching, the prices and the stream of pairs are all
//! claims. What passes leaves as a [`VerifiedMatching`], which only this module can make.

use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::matching::Matching;
use crate::pairs::Pairs;
use crate::prices::{PRICE_MAX, Prices};

/// A matching that was checked: feasible, and of least total cost. Private fields, and
/// [`check`](check()) is the only constructor (so there is no `Deserialize`, on purpose).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMatching {
    matching: Matching,
    prices: Prices,
    cost: i128,
    assigned: usize,
    pairs: u64,
}

impl VerifiedMatching {
    /// The matching itself.
    pub fn matching(&self) -> &Matching {
        &self.matching
    }

    /// The prices that prove it.
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Its total cost, waiting included: the least there is.
    pub fn cost(&self) -> i128 {
        self.cost
    }

    /// Number of lefts that have a place.
    pub fn assigned(&self) -> usize {
        self.assigned
    }

    /// Number of eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        self.pairs
    }
}

/// A feasible matching and how far from the least total cost it can be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    cost: i128,
    bound: i128,
}

impl Gap {
    pub(crate) fn new(cost: i128, bound: i128) -> Self {
        Self { cost, bound }
    }

    /// Total cost of the matching.
    pub fn cost(&self) -> i128 {
        self.cost
    }

    /// No feasible matching costs less than this.
    pub fn bound(&self) -> i128 {
        self.bound
    }

    /// `cost - bound`, never negative; 0 means optimal.
    pub fn gap(&self) -> i128 {
        self.cost - self.bound
    }
}

/// Why a matching or a certificate was refused: the failing step, with indexes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The stream of pairs, the frame and the matching do not have the same number of lefts.
    #[error("the frame has {frame} lefts, the pairs {pairs}, the matching {matching}")]
    Lefts {
        /// Lefts of the frame.
        frame: usize,
        /// Lefts of the pairs.
        pairs: usize,
        /// Lefts of the matching.
        matching: usize,
    },
    /// There is not one price per right.
    #[error("{rights} rights, but {prices} prices")]
    PriceCount {
        /// Rights of the frame.
        rights: usize,
        /// Prices given.
        prices: usize,
    },
    /// A price is beyond [`PRICE_MAX`].
    #[error("the price {price} of {right} is beyond +-{PRICE_MAX}")]
    PriceBeyondBound {
        /// Whose price.
        right: Right,
        /// The price given.
        price: i64,
    },
    /// The matching names a right that does not exist.
    #[error("{left} is assigned to {right}, which does not exist")]
    NoSuchRight {
        /// Who is assigned.
        left: Left,
        /// The right named.
        right: Right,
    },
    /// The stream of pairs broke its contract (a right out of range, out of order, or twice).
    #[error(
        "the stream of pairs of {left} is broken at {right}: out of range, out of order or twice"
    )]
    BrokenStream {
        /// Whose row.
        left: Left,
        /// Where.
        right: Right,
    },
    /// An assigned pair is not an eligible pair.
    #[error("{left} is assigned to {right}, but they are not an eligible pair")]
    NotEligible {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// A pin was not kept.
    #[error("{left} must stay with {pinned}")]
    PinBroken {
        /// Who is pinned.
        left: Left,
        /// Where to.
        pinned: Right,
        /// Where the matching has them.
        assigned: Option<Right>,
    },
    /// A right has more lefts than places.
    #[error("{right} has {load} lefts but only {capacity} places")]
    OverCapacity {
        /// Which right.
        right: Right,
        /// Lefts assigned to it.
        load: u32,
        /// Its capacity.
        capacity: u32,
    },
    /// A right has fewer lefts than it must have.
    #[error("{right} has {load} lefts but must have {minimum}")]
    BelowMinimum {
        /// Which right.
        right: Right,
        /// Lefts assigned to it.
        load: u32,
        /// Its minimum.
        minimum: u32,
    },
    /// The prices do not prove the matching optimal.
    #[error("the matching costs {cost}, the prices only prove that none costs less than {bound}")]
    NotOptimal {
        /// Total cost of the matching.
        cost: i128,
        /// The bound `L(p)` of the prices.
        bound: i128,
    },
    /// The prices do not prove that no feasible matching exists.
    #[error(
        "the prices do not prove that there is no feasible matching (bound {bound} is not above 0)"
    )]
    NotInfeasible {
        /// The bound `L(p)` with all costs 0.
        bound: i128,
    },
}

/// Checks that `matching` is feasible and that `prices` prove it optimal: `L(p) = cost`, exactly.
///
/// The problem is given as its frame and the stream of its eligible pairs, `n` lefts and `K`
/// rights; the prices are one per right, in units of cost. See the crate's front page for the
/// bound `L(p)`, its proof and the reason why no sum can overflow.
///
/// Time `O(E + n + K)`, memory `O(K)` besides the inputs and the copies handed out.
///
/// # Errors
/// [`Rejection`] with the first failing step and its indexes.
pub fn check(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    prices: &Prices,
) -> Result<VerifiedMatching, Rejection> {
    let measured = measure(frame, pairs, matching, prices)?;
    if measured.cost != measured.bound {
        return Err(Rejection::NotOptimal { cost: measured.cost, bound: measured.bound });
    }
    Ok(VerifiedMatching {
        matching: matching.clone(),
        prices: prices.clone(),
        cost: measured.cost,
        assigned: matching.assigned(),
        pairs: measured.pairs,
    })
}

/// Checks that `matching` is feasible and says how far from optimal it can be, by `prices`.
///
/// Any prices give a valid bound; poor prices give a large gap, never a wrong one. Costs as
/// [`check`](check()).
///
/// # Errors
/// [`Rejection`] as [`check`](check()), but never `NotOptimal`.
pub fn check_within(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    prices: &Prices,
) -> Result<Gap, Rejection> {
    let measured = measure(frame, pairs, matching, prices)?;
    Ok(Gap { cost: measured.cost, bound: measured.bound })
}

struct Measured {
    cost: i128,
    bound: i128,
    pairs: u64,
}

fn measure(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    prices: &Prices,
) -> Result<Measured, Rejection> {
    if frame.lefts() != pairs.lefts() || frame.lefts() != matching.lefts() {
        return Err(Rejection::Lefts {
            frame: frame.lefts(),
            pairs: pairs.lefts(),
            matching: matching.lefts(),
        });
    }
    check_prices(frame, prices)?;
    let prices = prices.values();

    let mut cost = 0i128;
    let mut bound = 0i128;
    let mut pair_count = 0u64;
    for left in Left::all(frame.lefts()) {
        let assigned = matching.right_of(left);
        let pinned = frame.pinned(left);
        if let Some(right) = assigned
            && right.index() >= frame.rights()
        {
            return Err(Rejection::NoSuchRight { left, right });
        }
        if let Some(pinned) = pinned
            && assigned != Some(pinned)
        {
            return Err(Rejection::PinBroken { left, pinned, assigned });
        }
        let waiting = frame.waiting_cost(left);
        let mut cheapest = waiting;
        let mut own = None;
        pair_count += visit_row(pairs, left, frame.rights(), |right, pair_cost| {
            cheapest = cheapest.min(i64::from(pair_cost) + prices[right.index()]);
            if Some(right) == assigned {
                own = Some(pair_cost);
            }
        })?;
        match (assigned, own) {
            (None, _) => {
                cost += i128::from(waiting);
                bound += i128::from(cheapest);
            }
            (Some(right), None) => return Err(Rejection::NotEligible { left, right }),
            (Some(right), Some(own)) => {
                cost += i128::from(own);
                bound += if pinned.is_some() {
                    i128::from(own) + i128::from(prices[right.index()])
                } else {
                    i128::from(cheapest)
                };
            }
        }
    }

    let loads = matching.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let (load, capacity, minimum) =
            (loads[right.index()], frame.capacity(right), frame.minimum(right));
        if load > capacity {
            return Err(Rejection::OverCapacity { right, load, capacity });
        }
        if load < minimum {
            return Err(Rejection::BelowMinimum { right, load, minimum });
        }
        bound -= charge(prices[right.index()], minimum, capacity);
    }
    Ok(Measured { cost, bound, pairs: pair_count })
}

/// `max(p a, p b)` for `a <= b`: what a right charges in the bound.
pub(crate) fn charge(price: i64, minimum: u32, capacity: u32) -> i128 {
    i128::from(price) * i128::from(if price >= 0 { capacity } else { minimum })
}

/// One price per right, each within [`PRICE_MAX`].
pub(crate) fn check_prices(frame: &Frame, prices: &Prices) -> Result<(), Rejection> {
    if prices.values().len() != frame.rights() {
        return Err(Rejection::PriceCount {
            rights: frame.rights(),
            prices: prices.values().len(),
        });
    }
    for (right, &price) in Right::all(frame.rights()).zip(prices.values()) {
        if !(-PRICE_MAX..=PRICE_MAX).contains(&price) {
            return Err(Rejection::PriceBeyondBound { right, price });
        }
    }
    Ok(())
}

/// Visits a row, refusing a stream that breaks its contract. Returns the length of the row.
pub(crate) fn visit_row(
    pairs: &impl Pairs,
    left: Left,
    rights: usize,
    mut each: impl FnMut(Right, i32),
) -> Result<u64, Rejection> {
    let mut guard = Guard::new(rights);
    pairs.visit(left, |right, cost| {
        if guard.admits(right) {
            each(right, cost);
        }
    });
    guard.finish(left)
}

/// Holds one row of a stream to the contract: rights in range, ascending, each at most once.
pub(crate) struct Guard {
    rights: usize,
    next: usize,
    count: u64,
    broken: Option<Right>,
}

impl Guard {
    pub(crate) fn new(rights: usize) -> Self {
        Self { rights, next: 0, count: 0, broken: None }
    }

    /// Whether the pair may be used. Only the first fault is told; later pairs are not trusted.
    #[inline]
    pub(crate) fn admits(&mut self, right: Right) -> bool {
        if right.index() < self.next || right.index() >= self.rights {
            self.broken.get_or_insert(right);
        }
        if self.broken.is_some() {
            return false;
        }
        self.next = right.index() + 1;
        self.count += 1;
        true
    }

    /// The length of the row, if it kept the contract.
    pub(crate) fn finish(self, left: Left) -> Result<u64, Rejection> {
        match self.broken {
            Some(right) => Err(Rejection::BrokenStream { left, right }),
            None => Ok(self.count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::PairTable;

    fn two_by_two() -> (Frame, PairTable) {
        let frame = Frame::new(vec![10, 10, 10], vec![None; 3], vec![1, 1], vec![0, 0]).unwrap();
        let pairs = PairTable::from_rows(
            2,
            [vec![(Right(0), 1), (Right(1), 4)], vec![(Right(0), 2)], vec![(Right(1), 9)]],
        )
        .unwrap();
        (frame, pairs)
    }

    fn matching(rights: &[Option<u32>]) -> Matching {
        Matching::new(rights.iter().map(|right| right.map(Right)).collect())
    }

    #[test]
    fn accepts_the_optimum_and_only_with_prices_that_prove_it() {
        let (frame, pairs) = two_by_two();
        let best = matching(&[Some(1), Some(0), None]);
        let verified = check(&frame, &pairs, &best, &Prices::new(vec![4, 1])).unwrap();
        assert_eq!(verified.cost(), 4 + 2 + 10);
        assert_eq!(verified.assigned(), 2);
        assert_eq!(verified.pairs_checked(), 4);
        assert_eq!((verified.matching(), verified.prices()), (&best, &Prices::new(vec![4, 1])));
        let poor = Prices::new(vec![0, 0]);
        assert_eq!(
            check(&frame, &pairs, &best, &poor),
            Err(Rejection::NotOptimal { cost: 16, bound: 12 })
        );
        let gap = check_within(&frame, &pairs, &best, &poor).unwrap();
        assert_eq!((gap.cost(), gap.bound(), gap.gap()), (16, 12, 4));
    }

    #[test]
    fn a_pin_is_charged_at_the_price_of_its_place() {
        let (_, pairs) = two_by_two();
        let pinned =
            Frame::new(vec![10, 10, 10], vec![Some(Right(0)), None, None], vec![1, 1], vec![0, 0])
                .unwrap();
        // Left 0 holds the only place of right 0, whatever it is priced at; left 1 waits, left 2 goes to right 1.
        let best = matching(&[Some(0), None, Some(1)]);
        let verified = check(&pinned, &pairs, &best, &Prices::new(vec![8, 1])).unwrap();
        assert_eq!(verified.cost(), 1 + 10 + 9);
    }

    #[test]
    fn refuses_what_is_not_feasible() {
        let (frame, pairs) = two_by_two();
        let prices = Prices::zero(2);
        let refused = |rights: &[Option<u32>]| check(&frame, &pairs, &matching(rights), &prices);
        assert_eq!(
            refused(&[None, Some(1), None]),
            Err(Rejection::NotEligible { left: Left(1), right: Right(1) })
        );
        assert_eq!(
            refused(&[Some(0), Some(0), None]),
            Err(Rejection::OverCapacity { right: Right(0), load: 2, capacity: 1 })
        );
        assert_eq!(
            refused(&[Some(2), None, None]),
            Err(Rejection::NoSuchRight { left: Left(0), right: Right(2) })
        );
        for lefts in [1, 4] {
            assert!(matches!(refused(&vec![None; lefts]), Err(Rejection::Lefts { .. })));
        }
        let few = Prices::zero(1);
        assert!(matches!(
            check(&frame, &pairs, &matching(&[None; 3]), &few),
            Err(Rejection::PriceCount { .. })
        ));
        let huge = Prices::new(vec![i64::MAX, 0]);
        assert!(matches!(
            check(&frame, &pairs, &matching(&[None; 3]), &huge),
            Err(Rejection::PriceBeyondBound { .. })
        ));
    }

    #[test]
    fn pins_and_minimums_are_kept() {
        let (_, pairs) = two_by_two();
        let frame =
            Frame::new(vec![0, 0, 0], vec![Some(Right(1)), None, None], vec![1, 1], vec![1, 0])
                .unwrap();
        let broken = check(&frame, &pairs, &matching(&[Some(0), None, None]), &Prices::zero(2));
        assert!(matches!(broken, Err(Rejection::PinBroken { .. })));
        let below = check(&frame, &pairs, &matching(&[Some(1), None, None]), &Prices::zero(2));
        assert!(matches!(below, Err(Rejection::BelowMinimum { .. })));
        // Serving left 1 costs 2 more than letting it wait: the minimum's price is -2.
        let kept =
            check(&frame, &pairs, &matching(&[Some(1), Some(0), None]), &Prices::new(vec![-2, 0]));
        assert_eq!(kept.unwrap().cost(), 4 + 2);
    }

    #[test]
    fn a_broken_stream_is_refused() {
        struct Twice;
        impl Pairs for Twice {
            fn lefts(&self) -> usize {
                1
            }
            fn visit(&self, _: Left, mut each: impl FnMut(Right, i32)) {
                each(Right(0), 5);
                each(Right(0), 1);
            }
        }
        let frame = Frame::simple(1, 10, vec![1]).unwrap();
        assert_eq!(
            check(&frame, &Twice, &matching(&[Some(0)]), &Prices::zero(1)),
            Err(Rejection::BrokenStream { left: Left(0), right: Right(0) })
        );
    }
}
