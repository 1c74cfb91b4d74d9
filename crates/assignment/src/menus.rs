//! Menus of choice, and the proof that they stay safe whatever people pick.
//!
//! # Safe menus
//!
//! Some lefts get a *menu*, a few of their eligible rights, and each picks one or none. Menus are *safe* if every combination of
//! picks can be kept. That is so exactly when each right stands on at most as many menus as it has *residual* places (its capacity
//! without its pins): then even if everybody whose menu shows it picks it there is room, and if it stands on more, all of them
//! picking it is a combination that cannot be kept. A minimum that the pins alone do not meet rules menus out, for everybody may
//! pick none.
//!
//! # What the picks can cost
//!
//! Let `b_w` be the residual places, `p_w >= 0` any prices, `y_u = min(c_u0, min over eligible w of c_uw + p_w)`. For any set `S` of
//! lefts who picked, `x(u)` the pick of `u`, weak duality says that no matching of `S` alone costs less than
//! `sum over S of y_u - sum over w of p_w b_w`. Therefore
//!
//! ```text
//! cost of the picks - least cost for those who picked  <=  sum_w p_w b_w + sum_u max(0, max over the menu of c_ux - y_u)
//! ```
//!
//! which is [`VerifiedMenus::loss_most`]: with the reduced cost `r_ux = c_ux + p_x - y_u`, the last term is `r_ux - p_x`. Any prices
//! give a valid bound. The best ones make it exact: they are the prices of the assignment problem in which a pair costs
//! `c_uw - (dearest option on the menu of u)` and going without costs `min(0, c_u0 - (the same))`, because its least cost is the
//! largest loss that some combination of picks reaches, with the sign turned round.
//!
//! # Live menus
//!
//! A live menu states for each option what it costs everybody together at that moment, and is made again after each pick. The
//! ledger of such picks is checked by [`check_ledger`].

use crate::check::{Rejection, check_prices, visit_row};
use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::pairs::Pairs;
use crate::prices::Prices;

/// Menus that were checked: eligible, safe under any combination of picks, with a bound on what the picks cost. Only
/// [`check_safe_menus`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMenus {
    menus: Vec<Vec<Right>>,
    degrees: Vec<u32>,
    residual: Vec<u32>,
    loss_most: i128,
}

impl VerifiedMenus {
    /// The menus, by left; empty for who was not asked.
    pub fn menus(&self) -> &[Vec<Right>] {
        &self.menus
    }

    /// On how many menus each right stands.
    pub fn degrees(&self) -> &[u32] {
        &self.degrees
    }

    /// The places of each right that no pin holds: never fewer than its degree.
    pub fn residual(&self) -> &[u32] {
        &self.residual
    }

    /// No combination of picks costs more than this above the least cost for those who picked. Never negative.
    pub fn loss_most(&self) -> i128 {
        self.loss_most
    }
}

/// Why menus were refused: the failing step, with indexes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MenusRejection {
    /// Sizes, prices or the stream of pairs are malformed.
    #[error(transparent)]
    Malformed(#[from] Rejection),
    /// A price below 0 proves nothing here.
    #[error("the price {price} of {right} is below 0")]
    NegativePrice {
        /// Whose price.
        right: Right,
        /// The price given.
        price: i64,
    },
    /// A left who keeps a place is asked to choose.
    #[error("{left} keeps {right} and has nothing to choose")]
    PinnedHasMenu {
        /// Who.
        left: Left,
        /// Where to.
        right: Right,
    },
    /// A pin is not an eligible pair.
    #[error("{left} must stay with {right}, but they are not an eligible pair")]
    PinNotEligible {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// More lefts are pinned to a right than it has places.
    #[error("{right} has {pinned} pins but only {capacity} places")]
    PinsOverCapacity {
        /// Which right.
        right: Right,
        /// Lefts pinned to it.
        pinned: u32,
        /// Its capacity.
        capacity: u32,
    },
    /// A minimum is not met by pins: everybody may pick none.
    #[error("{right} must have {minimum} lefts, but only {pinned} are certain")]
    UnmetMinimum {
        /// Which right.
        right: Right,
        /// Its minimum.
        minimum: u32,
        /// Lefts pinned to it.
        pinned: u32,
    },
    /// A menu does not ascend: an option stands twice or out of order.
    #[error("the menu of {left} is out of order at {right}")]
    MenuOrder {
        /// Whose menu.
        left: Left,
        /// Where.
        right: Right,
    },
    /// An option is not an eligible pair.
    #[error("{right} is on the menu of {left}, but they are not an eligible pair")]
    NotEligible {
        /// Whose menu.
        left: Left,
        /// The option.
        right: Right,
    },
    /// A right stands on more menus than it has places.
    #[error("{right} stands on {menus} menus but has only {places} places")]
    TooManyMenus {
        /// Which right.
        right: Right,
        /// Menus it stands on.
        menus: u32,
        /// Its residual places.
        places: u32,
    },
}

/// Checks that `menus`, one per left and ascending each, are safe under any combination of picks ("none" included), and bounds what
/// the picks cost by `prices` (one per right, none below 0; see the head of this module).
///
/// The problem is the one in which only those with a menu and those pinned take part: whoever else holds a place must be taken out
/// of the frame's capacities first. Time `O(E + n + K)`; sums stay within 128 bits by the bounds of the crate's front page.
///
/// # Errors
/// [`MenusRejection`] with the first failing step.
///
/// ```
/// use peermatch_assignment::{Frame, PairTable, Prices, Right, check_safe_menus};
/// let frame = Frame::simple(2, 100, vec![2, 1, 1])?;
/// let pairs = PairTable::from_rows(3, [
///     vec![(Right(0), 1), (Right(1), 4)],
///     vec![(Right(0), 2), (Right(2), 2)],
/// ])?;
/// let menus = vec![vec![Right(0), Right(1)], vec![Right(0), Right(2)]];
/// let safe = check_safe_menus(&frame, &pairs, &menus, &Prices::zero(3))?;
/// assert_eq!(safe.loss_most(), 3); // at worst the first one picks right 1, which costs 4 and not 1
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_safe_menus(
    frame: &Frame,
    pairs: &impl Pairs,
    menus: &[Vec<Right>],
    prices: &Prices,
) -> Result<VerifiedMenus, MenusRejection> {
    if frame.lefts() != pairs.lefts() || frame.lefts() != menus.len() {
        return Err(MenusRejection::Malformed(Rejection::Lefts {
            frame: frame.lefts(),
            pairs: pairs.lefts(),
            matching: menus.len(),
        }));
    }
    check_prices(frame, prices)?;
    let prices = prices.values();
    for (right, &price) in Right::all(frame.rights()).zip(prices) {
        if price < 0 {
            return Err(MenusRejection::NegativePrice { right, price });
        }
    }

    let mut degrees = vec![0u32; frame.rights()];
    let mut pins = vec![0u32; frame.rights()];
    let mut loss_most = 0i128;
    for (left, menu) in Left::all(frame.lefts()).zip(menus) {
        let pinned = frame.pinned(left);
        if let (Some(right), false) = (pinned, menu.is_empty()) {
            return Err(MenusRejection::PinnedHasMenu { left, right });
        }
        if let Some(pair) = menu.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(MenusRejection::MenuOrder { left, right: pair[1] });
        }
        let mut cheapest = frame.waiting_cost(left);
        let mut dearest = i64::MIN;
        let mut found = 0;
        let mut pin_eligible = false;
        visit_row(pairs, left, frame.rights(), |right, cost| {
            let cost = i64::from(cost);
            cheapest = cheapest.min(cost + prices[right.index()]);
            pin_eligible |= pinned == Some(right);
            if menu.get(found) == Some(&right) {
                dearest = dearest.max(cost);
                found += 1;
            }
        })?;
        // Rows and menus both ascend, so the first option that was passed over is no eligible pair.
        if let Some(&right) = menu.get(found) {
            return Err(MenusRejection::NotEligible { left, right });
        }
        if let Some(right) = pinned {
            if !pin_eligible {
                return Err(MenusRejection::PinNotEligible { left, right });
            }
            pins[right.index()] += 1;
        }
        for right in menu {
            degrees[right.index()] += 1;
        }
        if !menu.is_empty() {
            loss_most += (i128::from(dearest) - i128::from(cheapest)).max(0);
        }
    }

    let mut residual = Vec::with_capacity(frame.rights());
    for right in Right::all(frame.rights()) {
        let (pinned, menus) = (pins[right.index()], degrees[right.index()]);
        let (capacity, minimum) = (frame.capacity(right), frame.minimum(right));
        let Some(places) = capacity.checked_sub(pinned) else {
            return Err(MenusRejection::PinsOverCapacity { right, pinned, capacity });
        };
        if pinned < minimum {
            return Err(MenusRejection::UnmetMinimum { right, minimum, pinned });
        }
        if menus > places {
            return Err(MenusRejection::TooManyMenus { right, menus, places });
        }
        loss_most += i128::from(prices[right.index()]) * i128::from(places);
        residual.push(places);
    }
    Ok(VerifiedMenus { menus: menus.to_vec(), degrees, residual, loss_most })
}

/// One step of a ledger of live picks. Totals are least costs: of the picks so far and, at best, of everybody who has not chosen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerStep {
    /// Somebody picked an option whose stated loss was `stated`; the total is now `total`.
    Pick {
        /// What the option was said to cost everybody together.
        stated: i128,
        /// The total after it.
        total: i128,
    },
    /// The question itself changed (somebody chose none, or took an answer back): no pick's loss, and the total is now `total`.
    Changed {
        /// The total after it.
        total: i128,
    },
}

/// What a ledger adds up to. Only [`check_ledger`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedLedger {
    loss: i128,
    stated: i128,
    end: i128,
}

impl VerifiedLedger {
    /// What all picks together cost.
    pub fn loss(&self) -> i128 {
        self.loss
    }

    /// The sum of what the options picked were said to cost: never less than [`VerifiedLedger::loss`].
    pub fn stated(&self) -> i128 {
        self.stated
    }

    /// The total at the end.
    pub fn end(&self) -> i128 {
        self.end
    }
}

/// Why a ledger was refused. Steps count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerRejection {
    /// A pick cost more than was said.
    #[error("step {step} cost {loss}, but its option was stated at {stated}")]
    BeyondStated {
        /// Which step.
        step: usize,
        /// What it cost.
        loss: i128,
        /// What was said.
        stated: i128,
    },
    /// The total fell by a pick: a least total before it cannot have been the least.
    #[error("step {step} lowered the total by {gain}: the one before was not the least")]
    Gained {
        /// Which step.
        step: usize,
        /// By how much.
        gain: i128,
    },
    /// The steps do not lead to the total that is stated for the end.
    #[error("the steps lead to a total of {end}, but {stated} is stated")]
    End {
        /// Where the steps lead.
        end: i128,
        /// What is stated.
        stated: i128,
    },
    /// A figure is beyond what 120 bits hold.
    #[error("the figure {figure} of the ledger is beyond +-2^120")]
    Beyond {
        /// Which figure.
        figure: i128,
    },
}

/// Checks that the ledger of live picks holds: each pick cost at most what its option was said to cost, none lowered the total, and
/// the totals lead from `start` to `end`. As losses are differences of totals, their sum is what all picks together cost.
///
/// `start` and `end` are claims too: have each certified by its own matching and prices. `O(steps)`.
///
/// # Errors
/// [`LedgerRejection`] with the first failing step.
pub fn check_ledger(
    start: i128,
    steps: &[LedgerStep],
    end: i128,
) -> Result<VerifiedLedger, LedgerRejection> {
    let within = |figure: i128| {
        if figure.unsigned_abs() <= 1 << 120 {
            Ok(figure)
        } else {
            Err(LedgerRejection::Beyond { figure })
        }
    };
    let mut ledger = VerifiedLedger { loss: 0, stated: 0, end: within(start)? };
    for (step, entry) in steps.iter().enumerate() {
        match *entry {
            LedgerStep::Pick { stated, total } => {
                let loss = within(total)? - ledger.end;
                if loss < 0 {
                    return Err(LedgerRejection::Gained { step, gain: -loss });
                }
                if loss > within(stated)? {
                    return Err(LedgerRejection::BeyondStated { step, loss, stated });
                }
                // Totals within 2^120 make each loss at most 2^121; the sum is watched like the figures.
                ledger.loss = within(ledger.loss + loss)?;
                ledger.stated = within(ledger.stated + stated)?;
                ledger.end = total;
            }
            LedgerStep::Changed { total } => ledger.end = within(total)?,
        }
    }
    if ledger.end != end {
        return Err(LedgerRejection::End { end: ledger.end, stated: end });
    }
    Ok(ledger)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::PairTable;

    fn frame() -> Frame {
        Frame::new(vec![9, 9, 9], vec![None, None, Some(Right(0))], vec![2, 1, 1], vec![1, 0, 0])
            .unwrap()
    }

    fn pairs() -> PairTable {
        let row = vec![(Right(0), 1), (Right(1), 4), (Right(2), 12)];
        PairTable::from_rows(3, [row.clone(), row[..2].to_vec(), row]).unwrap()
    }

    fn judged(menus: &[&[u32]], prices: &[i64]) -> Result<VerifiedMenus, MenusRejection> {
        let menus: Vec<Vec<Right>> =
            menus.iter().map(|menu| menu.iter().map(|&w| Right(w)).collect()).collect();
        check_safe_menus(&frame(), &pairs(), &menus, &Prices::new(prices.to_vec()))
    }

    #[test]
    fn what_holds_is_accepted_with_its_bound() {
        let safe = judged(&[&[0, 2], &[1], &[]], &[3, 0, 0]).unwrap();
        assert_eq!(safe.menus(), [vec![Right(0), Right(2)], vec![Right(1)], vec![]]);
        assert_eq!(safe.degrees(), [1, 1, 1]);
        assert_eq!(safe.residual(), [1, 1, 1]);
        // y = min(9, 1 + 3, 4) = 4 for both; 12 - 4, 4 - 4, and one residual place at 3.
        assert_eq!(safe.loss_most(), 8 + 3);
        let waits = judged(&[&[0], &[], &[]], &[20, 20, 20]).unwrap();
        assert_eq!(waits.loss_most(), 60, "a pick cheaper than y counts 0, not against the others");
    }

    #[test]
    fn every_fault_is_named() {
        let zero = [0, 0, 0];
        let (left, right) = (Left(0), Right(0));
        assert_eq!(
            judged(&[&[0], &[0], &[]], &zero),
            Err(MenusRejection::TooManyMenus { right, menus: 2, places: 1 })
        );
        assert_eq!(
            judged(&[&[], &[2], &[]], &zero),
            Err(MenusRejection::NotEligible { left: Left(1), right: Right(2) })
        );
        assert_eq!(
            judged(&[&[7], &[], &[]], &zero),
            Err(MenusRejection::NotEligible { left, right: Right(7) })
        );
        for menu in [&[1, 1][..], &[1, 0]] {
            assert_eq!(
                judged(&[menu, &[], &[]], &zero),
                Err(MenusRejection::MenuOrder { left, right: Right(menu[1]) })
            );
        }
        assert_eq!(
            judged(&[&[], &[], &[1]], &zero),
            Err(MenusRejection::PinnedHasMenu { left: Left(2), right })
        );
        assert_eq!(
            judged(&[&[], &[], &[]], &[0, -1, 0]),
            Err(MenusRejection::NegativePrice { right: Right(1), price: -1 })
        );
        assert!(matches!(judged(&[&[], &[]], &zero), Err(MenusRejection::Malformed(_))));
        assert!(matches!(judged(&[&[], &[], &[]], &[0]), Err(MenusRejection::Malformed(_))));
        let none = vec![vec![]; 1];
        let row = PairTable::from_rows(1, [vec![(right, 0)]]).unwrap();
        let framed = |pin, capacity, minimum| {
            let frame = Frame::new(vec![0], vec![pin], vec![capacity], vec![minimum]).unwrap();
            check_safe_menus(&frame, &row, &none, &Prices::zero(1)).map(|_| ())
        };
        assert_eq!(
            framed(None, 1, 1),
            Err(MenusRejection::UnmetMinimum { right, minimum: 1, pinned: 0 })
        );
        assert_eq!(
            framed(Some(right), 0, 0),
            Err(MenusRejection::PinsOverCapacity { right, pinned: 1, capacity: 0 })
        );
        assert_eq!(framed(Some(right), 1, 1), Ok(()));
        let apart = PairTable::from_rows(1, [vec![]]).unwrap();
        let frame = Frame::new(vec![0], vec![Some(right)], vec![1], vec![0]).unwrap();
        assert_eq!(
            check_safe_menus(&frame, &apart, &none, &Prices::zero(1)),
            Err(MenusRejection::PinNotEligible { left, right })
        );
    }

    #[test]
    fn a_ledger_telescopes() {
        use LedgerStep::{Changed, Pick};
        let steps =
            [Pick { stated: 5, total: 14 }, Changed { total: 3 }, Pick { stated: 0, total: 3 }];
        let ledger = check_ledger(10, &steps, 3).unwrap();
        assert_eq!((ledger.loss(), ledger.stated(), ledger.end()), (4, 5, 3));
        assert_eq!(check_ledger(10, &steps, 4), Err(LedgerRejection::End { end: 3, stated: 4 }));
        assert_eq!(
            check_ledger(8, &steps, 3),
            Err(LedgerRejection::BeyondStated { step: 0, loss: 6, stated: 5 })
        );
        assert_eq!(check_ledger(15, &steps, 3), Err(LedgerRejection::Gained { step: 0, gain: 1 }));
        let figure = i128::MAX;
        assert_eq!(check_ledger(figure, &[], figure), Err(LedgerRejection::Beyond { figure }));
        let beyond = [Pick { stated: figure, total: 0 }];
        assert_eq!(check_ledger(0, &beyond, 0), Err(LedgerRejection::Beyond { figure }));
        let beyond = [Changed { total: -figure }];
        assert_eq!(check_ledger(0, &beyond, 0), Err(LedgerRejection::Beyond { figure: -figure }));
    }
}
