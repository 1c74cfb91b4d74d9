//! The check that no feasible matching exists, and who stands in the way.
//!
//! With all costs 0 the bound of the crate's front page splits by level sets of the prices: it is
//! the sum, over the thresholds `t = 1, 2, ...`, of the bounds of "price -1 on the rights with
//! `p_w <= -t`" and "price 1 on the rights with `p_w >= t`". So when it is above 0, one level set
//! alone is a witness, and that one can be told in words:
//! - rights that must have `needed` people between them, while only fewer can reach them (Hall);
//! - one right with more people pinned to it than it has places.
//!
//! A pin on a pair that is not eligible is a third kind, which needs no prices.

use crate::check::{Rejection, charge, check_prices, visit_row};
use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::pairs::Pairs;
use crate::prices::Prices;

/// Why no feasible matching exists, in indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A pinned pair is not an eligible pair.
    PinNotEligible {
        /// Who is pinned.
        left: Left,
        /// Where to.
        right: Right,
    },
    /// More lefts are pinned to a right than it has places ("these 4 people share 2 places").
    PinsOverCapacity {
        /// Which right.
        right: Right,
        /// The lefts pinned to it, ascending.
        pinned: Vec<Left>,
        /// Its capacity.
        capacity: u32,
    },
    /// Some rights must have more lefts between them than can come ("these 2 must have 5 people,
    /// but only 3 are eligible for them").
    MinimumsOutOfReach {
        /// The rights, ascending.
        rights: Vec<Right>,
        /// Sum of their minimums.
        needed: u64,
        /// All lefts that could be with one of them, ascending: those pinned to them, and those
        /// eligible and not pinned elsewhere. Fewer than `needed`.
        reachable: Vec<Left>,
    },
}

/// A checked proof that no feasible matching exists. Only [`check_infeasible`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedInfeasible {
    obstacle: Obstacle,
}

impl VerifiedInfeasible {
    /// What stands in the way.
    pub fn obstacle(&self) -> &Obstacle {
        &self.obstacle
    }
}

/// Checks that `prices` prove that the problem has no feasible matching, and derives who stands
/// in the way.
///
/// Time `O(E + K log K)`, memory `O(n + K)`. A pin on a pair that is not eligible is a proof by
/// itself, whatever the prices.
///
/// # Errors
/// [`Rejection::NotInfeasible`] when the prices prove nothing, others for malformed input.
///
/// ```
/// use peermatch_assignment::{Frame, Obstacle, PairTable, Prices, Right, check_infeasible};
/// // Right 0 must have two people, one is eligible.
/// let frame = Frame::new(vec![0, 0], vec![None, None], vec![3], vec![2])?;
/// let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)], vec![]])?;
/// let proof = check_infeasible(&frame, &pairs, &Prices::new(vec![-1]))?;
/// assert!(matches!(proof.obstacle(), Obstacle::MinimumsOutOfReach { needed: 2, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_infeasible(
    frame: &Frame,
    pairs: &impl Pairs,
    prices: &Prices,
) -> Result<VerifiedInfeasible, Rejection> {
    if frame.lefts() != pairs.lefts() {
        return Err(Rejection::Lefts {
            frame: frame.lefts(),
            pairs: pairs.lefts(),
            matching: frame.lefts(),
        });
    }
    check_prices(frame, prices)?;
    let price = |right: Right| prices.values()[right.index()];

    // Phi with costs 0: what the cheapest option of each left is worth.
    let mut bound = 0i128;
    let mut phi = Vec::with_capacity(frame.lefts());
    for left in Left::all(frame.lefts()) {
        let pinned = frame.pinned(left);
        let mut cheapest = 0i64;
        let mut pin_eligible = false;
        visit_row(pairs, left, frame.rights(), |right, _| {
            cheapest = cheapest.min(price(right));
            pin_eligible |= Some(right) == pinned;
        })?;
        if let Some(right) = pinned {
            if !pin_eligible {
                return Ok(VerifiedInfeasible {
                    obstacle: Obstacle::PinNotEligible { left, right },
                });
            }
            cheapest = price(right);
        }
        bound += i128::from(cheapest);
        phi.push(cheapest);
    }
    for right in Right::all(frame.rights()) {
        bound -= charge(price(right), frame.minimum(right), frame.capacity(right));
    }
    if bound <= 0 {
        return Err(Rejection::NotInfeasible { bound });
    }
    let obstacle = pins_over_capacity(frame)
        .or_else(|| minimums_out_of_reach(frame, &phi, prices))
        // Unreachable by the splitting argument above; an answer is still due, and "not proven"
        // is the safe one.
        .ok_or(Rejection::NotInfeasible { bound })?;
    Ok(VerifiedInfeasible { obstacle })
}

/// The first right with more pins than places. Needs no prices, so it is looked for first.
fn pins_over_capacity(frame: &Frame) -> Option<Obstacle> {
    let mut pins = vec![0u32; frame.rights()];
    for pin in frame.pins().iter().flatten() {
        pins[pin.index()] += 1;
    }
    let right =
        Right::all(frame.rights()).find(|&right| pins[right.index()] > frame.capacity(right))?;
    let pinned =
        Left::all(frame.lefts()).filter(|&left| frame.pinned(left) == Some(right)).collect();
    Some(Obstacle::PinsOverCapacity { right, pinned, capacity: frame.capacity(right) })
}

/// The smallest level set `p_w <= threshold < 0` whose minimums are more than can come.
fn minimums_out_of_reach(frame: &Frame, phi: &[i64], prices: &Prices) -> Option<Obstacle> {
    let prices = prices.values();
    let below = |values: &[i64]| {
        let mut order: Vec<usize> =
            (0..values.len()).filter(|&at| values[at].is_negative()).collect();
        order.sort_by_key(|&at| (values[at], at));
        order
    };
    let (rights, lefts) = (below(prices), below(phi));
    let mut needed = 0u64;
    for level in rights.chunk_by(|&one, &next| prices[one] == prices[next]) {
        let threshold = prices[level[0]];
        needed += level.iter().map(|&at| u64::from(frame.minimums()[at])).sum::<u64>();
        let reachable = lefts.partition_point(|&at| phi[at] <= threshold);
        if needed > reachable as u64 {
            return Some(Obstacle::MinimumsOutOfReach {
                rights: Right::all(frame.rights())
                    .filter(|right| prices[right.index()] <= threshold)
                    .collect(),
                needed,
                reachable: Left::all(frame.lefts())
                    .filter(|left| phi[left.index()] <= threshold)
                    .collect(),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::PairTable;

    #[test]
    fn pins_over_capacity_are_named() {
        let pins = vec![Some(Right(1)), None, Some(Right(1))];
        let frame = Frame::new(vec![0; 3], pins, vec![5, 1], vec![0, 0]).unwrap();
        let row = vec![(Right(0), 0), (Right(1), 0)];
        let pairs = PairTable::from_rows(2, vec![row; 3]).unwrap();
        let proof = check_infeasible(&frame, &pairs, &Prices::new(vec![0, 1])).unwrap();
        assert_eq!(
            proof.obstacle(),
            &Obstacle::PinsOverCapacity {
                right: Right(1),
                pinned: vec![Left(0), Left(2)],
                capacity: 1
            }
        );
        let nothing = check_infeasible(&frame, &pairs, &Prices::zero(2));
        assert_eq!(nothing, Err(Rejection::NotInfeasible { bound: 0 }));
    }

    #[test]
    fn pins_that_can_be_kept_are_no_obstacle() {
        // Left 0 is pinned to the one place of right 0; nobody can come to right 1, which must have one.
        let frame =
            Frame::new(vec![0; 2], vec![Some(Right(0)), None], vec![1, 1], vec![0, 1]).unwrap();
        let pairs =
            PairTable::from_rows(2, vec![vec![(Right(0), 0)], vec![(Right(0), 0)]]).unwrap();
        let proof = check_infeasible(&frame, &pairs, &Prices::new(vec![0, -1])).unwrap();
        assert_eq!(
            proof.obstacle(),
            &Obstacle::MinimumsOutOfReach {
                rights: vec![Right(1)],
                needed: 1,
                reachable: Vec::new(),
            }
        );
    }

    #[test]
    fn a_level_that_can_be_met_is_passed_over() {
        // Right 0 can have its one; but with the two of right 1 it takes three, and only two can come.
        let frame = Frame::new(vec![0; 2], vec![None; 2], vec![1, 2], vec![1, 2]).unwrap();
        let rows = [vec![(Right(0), 0), (Right(1), 0)], vec![(Right(1), 0)]];
        let pairs = PairTable::from_rows(2, rows).unwrap();
        let proof = check_infeasible(&frame, &pairs, &Prices::new(vec![-5, -3])).unwrap();
        assert_eq!(
            proof.obstacle(),
            &Obstacle::MinimumsOutOfReach {
                rights: vec![Right(0), Right(1)],
                needed: 3,
                reachable: vec![Left(0), Left(1)],
            }
        );
    }

    #[test]
    fn a_hall_set_is_read_off_mixed_prices() {
        // Rights 0 and 1 must have 2 each; lefts 0..=2 reach them, left 3 is pinned elsewhere.
        let pins = vec![None, None, None, Some(Right(2))];
        let frame = Frame::new(vec![0; 4], pins, vec![2, 2, 4], vec![2, 2, 0]).unwrap();
        let all = vec![(Right(0), 0), (Right(1), 0), (Right(2), 0)];
        let pairs = PairTable::from_rows(3, vec![all; 4]).unwrap();
        let proof = check_infeasible(&frame, &pairs, &Prices::new(vec![-3, -3, 0])).unwrap();
        assert_eq!(
            proof.obstacle(),
            &Obstacle::MinimumsOutOfReach {
                rights: vec![Right(0), Right(1)],
                needed: 4,
                reachable: vec![Left(0), Left(1), Left(2)],
            }
        );
    }

    #[test]
    fn an_ineligible_pin_needs_no_prices() {
        let frame = Frame::new(vec![0], vec![Some(Right(0))], vec![1], vec![0]).unwrap();
        let pairs = PairTable::from_rows(1, [vec![]]).unwrap();
        let proof = check_infeasible(&frame, &pairs, &Prices::zero(1)).unwrap();
        let expected = Obstacle::PinNotEligible { left: Left(0), right: Right(0) };
        assert_eq!(proof.obstacle(), &expected);
    }

    #[test]
    fn who_can_wait_never_counts_above_zero() {
        let frame = Frame::simple(2, 0, vec![1]).unwrap();
        let pairs = PairTable::from_rows(1, [vec![(Right(0), 0)], vec![]]).unwrap();
        let claim = |price| check_infeasible(&frame, &pairs, &Prices::new(vec![price]));
        assert_eq!(claim(3), Err(Rejection::NotInfeasible { bound: -3 }));
        assert_eq!(claim(-3), Err(Rejection::NotInfeasible { bound: -3 }));
    }
}
