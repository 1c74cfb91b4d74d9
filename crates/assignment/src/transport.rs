//! The check that a flow is feasible and, by its prices, of least cost; and the check that no flow
//! is feasible at all.
//!
//! This is [`check`](crate::check()) for lefts that want several places (see [`Supply`]). The bound is the same but for
//! what a left does when it pays prices alone:
//!
//! ```text
//! L(p)  = sum over u of Phi_u(p)  -  sum over w of max(p_w * a_w, p_w * b_w)
//! Phi_u = the cheapest way to fill the places that u wants: from its pairs at c_uw + p_w, at most
//!         `each` from one right, and by waiting at c_u0, at most wanted - least of them;
//!         a pin fills its pair first, whatever it costs
//! ```
//!
//! The cheapest fill takes options by rising value, so `L(p)` is found by sorting each row. Weak
//! duality holds as before, whatever `p` is: the bound lets every left choose alone. It is tight
//! for some integer `p` because the constraints are those of a flow (Ahuja, Magnanti and Orlin
//! 1993, ch. 9).
//!
//! # Overflow
//! A left wants at most 2^20 places, each at a value below 2^61, and there are at most 2^26 lefts:
//! the first sum stays below 2^107. The second stays below 2^26 * 2^32 * 2^60 = 2^118. Both fit
//! the `i128` they are made in.
//!
//! # When nothing is feasible
//! With all costs 0 the bound splits by level sets of the prices, as [`crate::infeasible`] says:
//! the cheapest fill by `p` is at the same time the cheapest by each of its level sets. So one
//! level set alone is a witness, and it is told in words.

use crate::check::{Gap, Guard, Rejection, charge, check_prices};
use crate::flow::Flow;
use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::pairs::Pairs;
use crate::prices::Prices;
use crate::supply::Supply;

/// A flow that was checked: feasible, and of least total cost. Only [`check_flow`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFlow {
    flow: Flow,
    prices: Prices,
    cost: i128,
    units: u64,
    served: usize,
    pairs: u64,
}

impl VerifiedFlow {
    /// The flow itself.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The prices that prove it.
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Its total cost, waiting included: the least there is.
    pub fn cost(&self) -> i128 {
        self.cost
    }

    /// Number of places given.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// Number of lefts that have a place at all.
    pub fn served(&self) -> usize {
        self.served
    }

    /// Number of eligible pairs that the proof ran over.
    pub fn pairs_checked(&self) -> u64 {
        self.pairs
    }
}

/// Why a flow or a certificate was refused: the failing step, with indexes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlowRejection {
    /// The prices or the stream of pairs are malformed.
    #[error(transparent)]
    Input(#[from] Rejection),
    /// The parts do not have the same number of lefts.
    #[error("the frame has {frame} lefts, the pairs {pairs}, the supply {supply}, the flow {flow}")]
    Lefts {
        /// Lefts of the frame.
        frame: usize,
        /// Lefts of the pairs.
        pairs: usize,
        /// Lefts of the supply.
        supply: usize,
        /// Lefts of the flow.
        flow: usize,
    },
    /// A left names a right twice, or out of order.
    #[error("{left} has places at {right} twice, or out of order")]
    Twice {
        /// Whose row.
        left: Left,
        /// The right that stands wrongly.
        right: Right,
    },
    /// A left stands at a right with no place.
    #[error("{left} stands at {right} with no place")]
    NoPlace {
        /// Whose row.
        left: Left,
        /// The right named.
        right: Right,
    },
    /// The flow names a right that does not exist.
    #[error("{left} has places at {right}, which does not exist")]
    NoSuchRight {
        /// Whose row.
        left: Left,
        /// The right named.
        right: Right,
    },
    /// A pair in use is not an eligible pair.
    #[error("{left} has places at {right}, but they are not an eligible pair")]
    NotEligible {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// A left has more places of one right than it may.
    #[error("{left} has {units} places at {right} but may have only {most} of one")]
    TooManyOfOne {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
        /// Places it has there.
        units: u32,
        /// How many it may have there.
        most: u32,
    },
    /// A left has more places than it wants.
    #[error("{left} has {units} places but wants {wanted}")]
    MoreThanWanted {
        /// Who.
        left: Left,
        /// Places it has.
        units: u64,
        /// Places it wants.
        wanted: u32,
    },
    /// A left has fewer places than it must have.
    #[error("{left} has {units} places but must have {least}")]
    FewerThanLeast {
        /// Who.
        left: Left,
        /// Places it has.
        units: u64,
        /// Places it must have.
        least: u32,
    },
    /// A pin was not kept in full.
    #[error("{left} must have {must} places at {pinned} but has {units}")]
    PinBroken {
        /// Who is pinned.
        left: Left,
        /// Where to.
        pinned: Right,
        /// Places it must have there.
        must: u32,
        /// Places it has there.
        units: u32,
    },
    /// A right gives more places than it has.
    #[error("{right} gives {load} places but has only {capacity}")]
    OverCapacity {
        /// Which right.
        right: Right,
        /// Places it gives.
        load: u64,
        /// Its capacity.
        capacity: u32,
    },
    /// A right gives fewer places than it must.
    #[error("{right} gives {load} places but must give {minimum}")]
    BelowMinimum {
        /// Which right.
        right: Right,
        /// Places it gives.
        load: u64,
        /// Its minimum.
        minimum: u32,
    },
    /// The prices do not prove that the flow costs least.
    #[error("the flow costs {cost}, the prices only prove that none costs less than {bound}")]
    NotOptimal {
        /// Total cost of the flow.
        cost: i128,
        /// The bound `L(p)` of the prices.
        bound: i128,
    },
    /// The prices do not prove that no flow is feasible.
    #[error(
        "the prices do not prove that there is no feasible flow (bound {bound} is not above 0)"
    )]
    NotInfeasible {
        /// The bound `L(p)` with all costs 0.
        bound: i128,
    },
}

/// Checks that `flow` is feasible and that `prices` prove it of least cost: `L(p) = cost`, exactly.
///
/// Costs of pairs and prices are per place. Time `O(E log d + n + K)` for rows of `d` pairs (`O(E)`
/// where everybody wants one place), memory `O(d + K)` besides the inputs and the copies handed out.
///
/// # Errors
/// [`FlowRejection`] with the first failing step and its indexes.
///
/// ```
/// use peermatch_assignment::{Flow, Frame, PairTable, Prices, Right, Supply, check_flow};
/// // One left wants two places, of different rights; waiting for one costs 10.
/// let frame = Frame::simple(1, 10, vec![1, 1, 1])?;
/// let pairs = PairTable::from_rows(3, [vec![(Right(0), 4), (Right(1), 2), (Right(2), 3)]])?;
/// let supply = Supply::new(vec![2], vec![1], vec![1])?;
/// let flow = Flow::new(vec![vec![(Right(1), 1), (Right(2), 1)]]);
/// assert_eq!(check_flow(&frame, &supply, &pairs, &flow, &Prices::zero(3))?.cost(), 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_flow(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    flow: &Flow,
    prices: &Prices,
) -> Result<VerifiedFlow, FlowRejection> {
    let measured = measure(frame, supply, pairs, flow, prices)?;
    if measured.cost != measured.bound {
        return Err(FlowRejection::NotOptimal { cost: measured.cost, bound: measured.bound });
    }
    Ok(VerifiedFlow {
        flow: flow.clone(),
        prices: prices.clone(),
        cost: measured.cost,
        units: Left::all(flow.lefts()).map(|left| flow.units(left)).sum(),
        served: flow.rows().iter().filter(|row| !row.is_empty()).count(),
        pairs: measured.pairs,
    })
}

/// Checks that `flow` is feasible and says how far from the least cost it can be, by `prices`.
///
/// Any prices give a valid bound; poor prices give a large gap, never a wrong one. Costs as
/// [`check_flow`].
///
/// # Errors
/// [`FlowRejection`] as [`check_flow`], but never `NotOptimal`.
pub fn check_flow_within(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    flow: &Flow,
    prices: &Prices,
) -> Result<Gap, FlowRejection> {
    let measured = measure(frame, supply, pairs, flow, prices)?;
    Ok(Gap::new(measured.cost, measured.bound))
}

struct Measured {
    cost: i128,
    bound: i128,
    pairs: u64,
}

fn measure(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    flow: &Flow,
    prices: &Prices,
) -> Result<Measured, FlowRejection> {
    check_sizes(frame, supply, pairs.lefts(), flow.lefts())?;
    check_prices(frame, prices)?;
    let prices = prices.values();
    let mut row = Row::new(frame, supply);
    let mut measured = Measured { cost: 0, bound: 0, pairs: 0 };
    for left in Left::all(frame.lefts()) {
        row.read(left, |each| pairs.visit(left, each))?;
        row.claim(flow.of(left))?;
        measured.pairs += row.pairs();
        measured.cost += row.cost(|&cost| cost, frame.waiting_cost(left));
        let value = |right: Right, &cost: &i32| i64::from(cost) + prices[right.index()];
        measured.bound += row.fill(value, frame.waiting_cost(left))?.cost;
    }
    check_loads(frame, flow)?;
    for right in Right::all(frame.rights()) {
        measured.bound -=
            charge(prices[right.index()], frame.minimum(right), frame.capacity(right));
    }
    Ok(measured)
}

/// Every part has the lefts of the frame.
pub(crate) fn check_sizes(
    frame: &Frame,
    supply: &Supply,
    pairs: usize,
    flow: usize,
) -> Result<(), FlowRejection> {
    let sizes = [supply.lefts(), pairs, flow];
    if sizes.iter().any(|&size| size != frame.lefts()) {
        return Err(FlowRejection::Lefts {
            frame: frame.lefts(),
            pairs,
            supply: supply.lefts(),
            flow,
        });
    }
    Ok(())
}

/// Every right gives as many places as it must, and no more than it has. The flow names only rights
/// that exist.
pub(crate) fn check_loads(frame: &Frame, flow: &Flow) -> Result<(), FlowRejection> {
    let loads = flow.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let (load, capacity, minimum) =
            (loads[right.index()], frame.capacity(right), frame.minimum(right));
        if load > u64::from(capacity) {
            return Err(FlowRejection::OverCapacity { right, load, capacity });
        }
        if load < u64::from(minimum) {
            return Err(FlowRejection::BelowMinimum { right, load, minimum });
        }
    }
    Ok(())
}

/// One way to fill a place: a pair, or waiting. Between `low` and `high` places go there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) low: u32,
    pub(crate) high: u32,
    /// Places that the claimed flow puts there.
    pub(crate) given: u32,
}

impl Room {
    /// Narrows to what the cheapest fill with this margin may do at this value.
    fn narrow(&mut self, value: i64, margin: i64) {
        if value > margin {
            self.high = self.low;
        } else if value < margin {
            self.low = self.high;
        }
    }
}

/// The pairs of one left with their room, and its room to wait: all that a check holds of the pairs
/// at any time.
pub(crate) struct Row<'p, T> {
    frame: &'p Frame,
    supply: &'p Supply,
    left: Left,
    pairs: Vec<(Right, T, Room)>,
    length: u64,
    wait: Room,
    /// Values and room of a fill, kept for its memory.
    order: Vec<(i64, u32)>,
}

/// The cheapest fill of a row.
pub(crate) struct Fill {
    pub(crate) cost: i128,
    /// Value of the last place filled freely; `None` if nothing was free. Cheaper options are full,
    /// dearer ones at their lower bound: exactly the fills of this cost do so.
    margin: Option<i64>,
}

impl<'p, T> Row<'p, T> {
    pub(crate) fn new(frame: &'p Frame, supply: &'p Supply) -> Self {
        Self {
            frame,
            supply,
            left: Left(0),
            pairs: Vec::new(),
            length: 0,
            wait: Room { low: 0, high: 0, given: 0 },
            order: Vec::new(),
        }
    }

    /// Reads the row of `left` from a stream, refusing one that breaks its contract.
    pub(crate) fn read(
        &mut self,
        left: Left,
        visit: impl FnOnce(&mut dyn FnMut(Right, T)),
    ) -> Result<(), FlowRejection> {
        let (wanted, least) = (self.supply.wanted(left), self.supply.least(left));
        let high = self.supply.each(left).min(wanted);
        let pinned = self.frame.pinned(left);
        self.left = left;
        self.wait = Room { low: 0, high: wanted - least, given: 0 };
        self.pairs.clear();
        let pairs = &mut self.pairs;
        let mut guard = Guard::new(self.frame.rights());
        visit(&mut |right, what| {
            if guard.admits(right) {
                let low = if Some(right) == pinned { high } else { 0 };
                pairs.push((right, what, Room { low, high, given: 0 }));
            }
        });
        self.length = guard.finish(left)?;
        Ok(())
    }

    /// Notes what a flow claims for the left just read, refusing what it may not have.
    pub(crate) fn claim(&mut self, places: &[(Right, u32)]) -> Result<(), FlowRejection> {
        let left = self.left;
        let wanted = self.supply.wanted(left);
        let most = self.supply.each(left).min(wanted);
        let mut before = None;
        let mut at = 0;
        let mut total = 0u64;
        for &(right, units) in places {
            if right.index() >= self.frame.rights() {
                return Err(FlowRejection::NoSuchRight { left, right });
            }
            if before.is_some_and(|before| right <= before) {
                return Err(FlowRejection::Twice { left, right });
            }
            before = Some(right);
            if units == 0 {
                return Err(FlowRejection::NoPlace { left, right });
            }
            while self.pairs.get(at).is_some_and(|pair| pair.0 < right) {
                at += 1;
            }
            let Some(pair) = self.pairs.get_mut(at).filter(|pair| pair.0 == right) else {
                return Err(FlowRejection::NotEligible { left, right });
            };
            if units > most {
                return Err(FlowRejection::TooManyOfOne { left, right, units, most });
            }
            pair.2.given = units;
            total += u64::from(units);
        }
        if total > u64::from(wanted) {
            return Err(FlowRejection::MoreThanWanted { left, units: total, wanted });
        }
        let least = self.supply.least(left);
        if total < u64::from(least) {
            return Err(FlowRejection::FewerThanLeast { left, units: total, least });
        }
        // Not above `wanted`, which is a `u32`.
        self.wait.given = wanted - u32::try_from(total).unwrap_or(wanted);
        if let Some(pinned) = self.frame.pinned(left) {
            let units = places.iter().find(|place| place.0 == pinned).map_or(0, |place| place.1);
            if units != most {
                return Err(FlowRejection::PinBroken { left, pinned, must: most, units });
            }
        }
        Ok(())
    }

    /// Length of the row as it was read.
    pub(crate) fn pairs(&self) -> u64 {
        self.length
    }

    /// The pairs that still have room, with it.
    pub(crate) fn options(&self) -> &[(Right, T, Room)] {
        &self.pairs
    }

    /// What the places claimed cost, with the rest waiting.
    pub(crate) fn cost(&self, cost: impl Fn(&T) -> i32, waiting: i64) -> i128 {
        let pairs = self
            .pairs
            .iter()
            .filter(|pair| pair.2.given != 0)
            .map(|(_, what, room)| i128::from(cost(what)) * i128::from(room.given));
        pairs.sum::<i128>() + i128::from(waiting) * i128::from(self.wait.given)
    }

    /// How many of the places that are wanted the pairs could give at most.
    fn reach(&self) -> u64 {
        let pairs = self.pairs.iter().map(|pair| u64::from(pair.2.high)).sum::<u64>();
        pairs.min(u64::from(self.supply.wanted(self.left)))
    }

    /// The cheapest fill, where a place costs `value` at a pair and `waiting` on the waiting list.
    ///
    /// # Errors
    /// If there is none, which [`Row::claim`] excludes.
    pub(crate) fn fill(
        &mut self,
        value: impl Fn(Right, &T) -> i64,
        waiting: i64,
    ) -> Result<Fill, FlowRejection> {
        let mut rest = u64::from(self.supply.wanted(self.left));
        let mut cost = 0i128;
        self.order.clear();
        let pairs = self.pairs.iter().map(|(right, what, room)| (value(*right, what), room));
        for (value, room) in std::iter::once((waiting, &self.wait)).chain(pairs) {
            cost += i128::from(value) * i128::from(room.low);
            rest = rest.checked_sub(u64::from(room.low)).ok_or_else(|| self.none())?;
            let free = room.high.saturating_sub(room.low);
            if free != 0 {
                self.order.push((value, free));
            }
        }
        let mut margin = None;
        if rest == 1 {
            // One place alone: no need to sort.
            if let Some(&least) = self.order.iter().min() {
                self.order[0] = least;
            }
        } else {
            self.order.sort_unstable();
        }
        for &(value, room) in &self.order {
            if rest == 0 {
                break;
            }
            let taken = rest.min(u64::from(room));
            cost += i128::from(value) * i128::from(taken);
            rest -= taken;
            margin = Some(value);
        }
        if rest != 0 {
            return Err(self.none());
        }
        Ok(Fill { cost, margin })
    }

    /// Says that there is no fill.
    fn none(&self) -> FlowRejection {
        let (left, least) = (self.left, self.supply.least(self.left));
        FlowRejection::FewerThanLeast { left, units: self.reach(), least }
    }

    /// Narrows all room to the fills that cost what `fill` does, at the same values; pairs without
    /// room are dropped.
    pub(crate) fn narrow(&mut self, fill: &Fill, value: impl Fn(Right, &T) -> i64, waiting: i64) {
        // Where nothing is free nothing can be chosen.
        let Some(margin) = fill.margin else { return };
        self.wait.narrow(waiting, margin);
        for (right, what, room) in &mut self.pairs {
            room.narrow(value(*right, what), margin);
        }
        self.pairs.retain(|pair| pair.2.high != 0);
    }
}

/// Why no flow is feasible, in indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowObstacle {
    /// A pinned pair is not an eligible pair.
    PinNotEligible {
        /// Who is pinned.
        left: Left,
        /// Where to.
        right: Right,
    },
    /// The pins to a right take more places than it has.
    PinsOverCapacity {
        /// Which right.
        right: Right,
        /// The lefts pinned to it, ascending.
        pinned: Vec<Left>,
        /// How many places they take there.
        needed: u64,
        /// Its capacity.
        capacity: u32,
    },
    /// One left must have more places than its rights can give it ("needs 2 different ones, but
    /// only 1 is eligible").
    LeastOutOfReach {
        /// Who.
        left: Left,
        /// How many places it must have.
        least: u32,
        /// The rights eligible for it, ascending.
        rights: Vec<Right>,
        /// How many places it may have of them together. Fewer than `least`.
        reachable: u64,
    },
    /// Some lefts must have more places of some rights between them than there are ("these 3 need
    /// 4 places of these 2, which have only 3").
    TooFewPlaces {
        /// The lefts, ascending: all that must have a place of one of `rights`.
        lefts: Vec<Left>,
        /// How many places of `rights` they must have together.
        needed: u64,
        /// The rights, ascending.
        rights: Vec<Right>,
        /// Sum of their capacities. Fewer than `needed`.
        places: u64,
    },
    /// Some rights must give more places between them than anybody can take.
    MinimumsOutOfReach {
        /// The rights, ascending.
        rights: Vec<Right>,
        /// Sum of their minimums.
        needed: u64,
        /// All lefts that could have a place of one of them, ascending.
        lefts: Vec<Left>,
        /// How many places of `rights` they could take together. Fewer than `needed`.
        reachable: u64,
    },
}

/// A checked proof that no flow is feasible. Only [`check_flow_infeasible`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFlowInfeasible {
    obstacle: FlowObstacle,
}

impl VerifiedFlowInfeasible {
    /// What stands in the way.
    pub fn obstacle(&self) -> &FlowObstacle {
        &self.obstacle
    }
}

/// Checks that `prices` prove that no flow is feasible, and derives who stands in the way.
///
/// A pin on a pair that is not eligible, and a left whose rights cannot give it what it must have,
/// are proofs by themselves, whatever the prices. Time `O(E log d + K log K)`, memory `O(n + K)`.
///
/// # Errors
/// [`FlowRejection::NotInfeasible`] when the prices prove nothing, others for malformed input.
///
/// ```
/// use peermatch_assignment::{
///     FlowObstacle, Frame, PairTable, Prices, Right, Supply, check_flow_infeasible,
/// };
/// // Two lefts need two places each, of different rights; right 1 has only one.
/// let frame = Frame::simple(2, 0, vec![2, 1])?;
/// let pairs = PairTable::from_rows(2, vec![vec![(Right(0), 0), (Right(1), 0)]; 2])?;
/// let supply = Supply::new(vec![2; 2], vec![2; 2], vec![1; 2])?;
/// let proof = check_flow_infeasible(&frame, &supply, &pairs, &Prices::new(vec![0, 1]))?;
/// assert!(matches!(proof.obstacle(), FlowObstacle::TooFewPlaces { needed: 2, places: 1, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_flow_infeasible(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    prices: &Prices,
) -> Result<VerifiedFlowInfeasible, FlowRejection> {
    check_sizes(frame, supply, pairs.lefts(), frame.lefts())?;
    check_prices(frame, prices)?;
    let prices = prices.values();
    let mut row = Row::new(frame, supply);
    let mut bound = 0i128;
    for left in Left::all(frame.lefts()) {
        row.read(left, |each| pairs.visit(left, each))?;
        if let Some(obstacle) = alone(frame, supply, left, &row) {
            return Ok(VerifiedFlowInfeasible { obstacle });
        }
        bound += row.fill(|right, _| prices[right.index()], 0)?.cost;
    }
    for right in Right::all(frame.rights()) {
        bound -= charge(prices[right.index()], frame.minimum(right), frame.capacity(right));
    }
    if bound <= 0 {
        return Err(FlowRejection::NotInfeasible { bound });
    }
    let obstacle = match pins_over_capacity(frame, supply) {
        Some(obstacle) => obstacle,
        // Some level set is a witness, by the splitting argument above; "not proven" is the safe
        // answer should that ever be wrong.
        None => level_set(frame, supply, pairs, prices, &mut row)?
            .ok_or(FlowRejection::NotInfeasible { bound })?,
    };
    Ok(VerifiedFlowInfeasible { obstacle })
}

/// What stands in the way of `left` by itself.
fn alone(frame: &Frame, supply: &Supply, left: Left, row: &Row<'_, i32>) -> Option<FlowObstacle> {
    if let Some(right) = frame.pinned(left)
        && supply.wanted(left) > 0
        && row.pairs.iter().all(|pair| pair.0 != right)
    {
        return Some(FlowObstacle::PinNotEligible { left, right });
    }
    let (least, reachable) = (supply.least(left), row.reach());
    (reachable < u64::from(least)).then(|| FlowObstacle::LeastOutOfReach {
        left,
        least,
        rights: row.pairs.iter().map(|pair| pair.0).collect(),
        reachable,
    })
}

/// The first right whose pins take more places than it has. Needs no prices.
fn pins_over_capacity(frame: &Frame, supply: &Supply) -> Option<FlowObstacle> {
    let takes = |left: Left| u64::from(supply.each(left).min(supply.wanted(left)));
    let mut pins = vec![0u64; frame.rights()];
    for left in Left::all(frame.lefts()) {
        if let Some(pin) = frame.pinned(left) {
            pins[pin.index()] += takes(left);
        }
    }
    let right = Right::all(frame.rights())
        .find(|&right| pins[right.index()] > u64::from(frame.capacity(right)))?;
    let pinned = Left::all(frame.lefts())
        .filter(|&left| frame.pinned(left) == Some(right) && takes(left) > 0)
        .collect();
    let (needed, capacity) = (pins[right.index()], frame.capacity(right));
    Some(FlowObstacle::PinsOverCapacity { right, pinned, needed, capacity })
}

/// A level set of the prices that is a witness alone, the smallest first.
fn level_set(
    frame: &Frame,
    supply: &Supply,
    pairs: &impl Pairs,
    prices: &[i64],
    row: &mut Row<'_, i32>,
) -> Result<Option<FlowObstacle>, FlowRejection> {
    // The cheapest fill by `prices` is at the same time cheapest by each level set, so its places,
    // counted by price and summed from the far end, give the bound of every level set at once.
    let mut levels: Vec<i64> = prices.iter().copied().filter(|&price| price != 0).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut at_level = vec![0i128; levels.len()];
    for right in Right::all(frame.rights()) {
        if let Ok(level) = levels.binary_search(&prices[right.index()]) {
            at_level[level] -=
                charge(levels[level].signum(), frame.minimum(right), frame.capacity(right));
        }
    }
    for left in Left::all(frame.lefts()) {
        row.read(left, |each| pairs.visit(left, each))?;
        let fill = row.fill(|right, _| prices[right.index()], 0)?;
        row.narrow(&fill, |right, _| prices[right.index()], 0);
        // After narrowing, what is free all has the same price, the margin.
        let mut rest = u64::from(supply.wanted(left)) - u64::from(row.wait.low);
        for (right, _, room) in &row.pairs {
            rest -= u64::from(room.low);
            if let Ok(level) = levels.binary_search(&prices[right.index()]) {
                at_level[level] += i128::from(levels[level].signum()) * i128::from(room.low);
            }
        }
        if let Some(level) = fill.margin.and_then(|margin| levels.binary_search(&margin).ok()) {
            at_level[level] += i128::from(levels[level].signum()) * i128::from(rest);
        }
    }
    // Cumulated from the far end inward: the bound of each level set.
    let negative = levels.partition_point(|level| level.is_negative());
    let mut bound = 0i128;
    let low = (0..negative).find(|&level| {
        bound += at_level[level];
        bound > 0
    });
    bound = 0;
    let high = (negative..levels.len()).rev().find(|&level| {
        bound += at_level[level];
        bound > 0
    });
    let Some(level) = low.or(high).map(|level| levels[level]) else { return Ok(None) };
    let inside = |right: Right| {
        let price = prices[right.index()];
        if level.is_negative() { price <= level } else { price >= level }
    };
    let sign = level.signum();
    let (mut lefts, mut total) = (Vec::new(), 0u64);
    for left in Left::all(frame.lefts()) {
        row.read(left, |each| pairs.visit(left, each))?;
        let taken =
            row.fill(|right, _| if inside(right) { sign } else { 0 }, 0)?.cost.unsigned_abs();
        if taken > 0 {
            lefts.push(left);
            total += u64::try_from(taken).unwrap_or(u64::MAX);
        }
    }
    let rights: Vec<Right> = Right::all(frame.rights()).filter(|&right| inside(right)).collect();
    let sum = |of: &dyn Fn(Right) -> u32| rights.iter().map(|&right| u64::from(of(right))).sum();
    Ok(Some(if level.is_negative() {
        let needed = sum(&|right| frame.minimum(right));
        FlowObstacle::MinimumsOutOfReach { rights, needed, lefts, reachable: total }
    } else {
        let places = sum(&|right| frame.capacity(right));
        FlowObstacle::TooFewPlaces { lefts, needed: total, rights, places }
    }))
}
