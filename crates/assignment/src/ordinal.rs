//! The checks of the ordinal objectives and the baselines: no blocking pair, each in turn, greedy.
//!
//! None of them needs a certificate. Each rule is a property that one or two readings of the
//! pairs decide, so a matching is its own proof:
//!
//! - [`check_stable`]: no left and right would both rather have each other;
//! - [`check_in_turn`]: along an order, each took the best place that was left;
//! - [`check_greedy`]: the pairs in order of cost, each taken if both sides were still free;
//! - [`check_largest`]: no matching serves more. This one needs prices, and says how far a stable
//!   matching is from serving as many as can be served.
//!
//! Pinned lefts keep their pair, hold a place by it and take part in nothing else: they block
//! nothing, and nobody displaces them. Waiting costs are not read: by these rules a left takes any
//! eligible right rather than wait. Minimums are not part of the rules either, because under a
//! minimum there may be no stable matching at all (Hamada, Iwama and Miyazaki, "The
//! hospitals/residents problem with lower quotas", Algorithmica 74, 2016): whoever states a problem
//! refuses minimums beforehand. A matching that does not reach a minimum of its frame is refused
//! here.
//!
//! # References
//! - D. Gale, L. S. Shapley, "College admissions and the stability of marriage", American
//!   Mathematical Monthly 69 (1962).
//! - R. W. Irving, D. F. Manlove, S. Scott, "The hospitals/residents problem with ties", SWAT 2000
//!   (weak stability).

use crate::check::{Guard, Rejection, check};
use crate::frame::Frame;
use crate::ids::{Left, Right};
use crate::matching::Matching;
use crate::pairs::{Pairs, Uncosted};
use crate::prices::Prices;
use crate::ranks::{Ranked, Ranks};

/// Why a right would rather have a left that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocking {
    /// It has a place to spare.
    SparePlace {
        /// Lefts it has.
        load: u32,
        /// Its capacity.
        capacity: u32,
    },
    /// It has somebody, not pinned, whom it ranks below.
    Rather {
        /// The one it ranks lowest among those it has and that are not pinned.
        than: Left,
    },
}

impl std::fmt::Display for Blocking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SparePlace { load, capacity } => {
                write!(f, "has a place to spare ({load} of {capacity} taken)")
            }
            Self::Rather { than } => write!(f, "ranks them above {than}, whom it has"),
        }
    }
}

/// Why a matching does not keep an ordinal rule: the first fault found, with indexes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrdinalRejection {
    /// The matching is not feasible, or the inputs do not go together.
    #[error(transparent)]
    Feasibility(#[from] Rejection),
    /// A rank is 0: ranks count from 1.
    #[error("the ranks of {left} and {right} must be 1 or more")]
    RankZero {
        /// Left of the pair.
        left: Left,
        /// Right of the pair.
        right: Right,
    },
    /// A blocking pair: both would rather have each other. By [`check_greedy`], the pair comes
    /// before what the left has, and before something the right has.
    #[error("{left} and {right} block the matching: {left} ranks {right} above {}, and {right} {why}", Having(*.assigned))]
    Blocked {
        /// Left of the blocking pair.
        left: Left,
        /// Right of the blocking pair.
        right: Right,
        /// What the left has instead.
        assigned: Option<Right>,
        /// Why the right would rather have the left.
        why: Blocking,
    },
    /// The order names a left that does not exist.
    #[error("the order names {left}, but there are only {lefts} lefts")]
    OrderNamesNobody {
        /// The left named.
        left: Left,
        /// Number of lefts.
        lefts: usize,
    },
    /// The order names a left twice.
    #[error("the order names {left} twice")]
    OrderTwice {
        /// The left named.
        left: Left,
    },
    /// The order leaves out a left that is not pinned.
    #[error("the order leaves out {left}")]
    OrderMisses {
        /// The left left out.
        left: Left,
    },
    /// A left did not get the best place that was left when its turn came.
    #[error("in its turn {left} must have {}, but has {}", Having(*.due), Having(*.assigned))]
    OutOfTurn {
        /// Whose turn.
        left: Left,
        /// What was best then; `None` if no eligible right had a place left.
        due: Option<Right>,
        /// What the matching says.
        assigned: Option<Right>,
    },
}

/// A right in words, or the waiting list.
struct Having(Option<Right>);

impl std::fmt::Display for Having {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(right) => right.fmt(f),
            None => f.write_str("waiting"),
        }
    }
}

macro_rules! verified {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            matching: Matching,
            assigned: usize,
            pairs: u64,
        }

        impl $name {
            fn new(matching: &Matching, pairs: u64) -> Self {
                Self { matching: matching.clone(), assigned: matching.assigned(), pairs }
            }

            /// The matching itself.
            pub fn matching(&self) -> &Matching {
                &self.matching
            }

            /// Its size: the number of lefts that have a place, pinned ones included.
            pub fn assigned(&self) -> usize {
                self.assigned
            }

            /// Number of eligible pairs that the check ran over.
            pub fn pairs_checked(&self) -> u64 {
                self.pairs
            }
        }
    };
}

verified!(
    /// A matching that was checked: feasible and without a blocking pair. Only [`check_stable`]
    /// makes one.
    VerifiedStable
);
verified!(
    /// A matching that was checked: feasible, and what serving in turn gives. Only
    /// [`check_in_turn`] makes one.
    VerifiedInTurn
);
verified!(
    /// A matching that was checked: feasible, and the greedy one. Only [`check_greedy`] makes one.
    VerifiedGreedy
);
verified!(
    /// A matching that was checked: feasible, and no feasible matching serves more. Only
    /// [`check_largest`] makes one.
    VerifiedLargest
);

/// Checks that `matching` is feasible and weakly stable.
///
/// Feasible: every assigned pair is eligible, capacities and pins are kept. Stable: there is no
/// *blocking pair*, an eligible pair of a left `u` that is not pinned and a right `w` such that `u`
/// ranks `w` strictly above what it has (anything is above waiting), and `w` has a place to spare
/// or ranks `u` strictly above the lowest of its lefts that are not pinned. Equal ranks block
/// nothing, which is the word "weakly".
///
/// Two readings of the pairs: `O(E + n + K)` time, `O(n + K)` memory.
///
/// # Errors
/// [`OrdinalRejection`]: `Feasibility`, `RankZero`, or the first `Blocked` pair by left and then
/// by right, in that order.
///
/// ```
/// use peermatch_assignment::{
///     Frame, Left, Matching, OrdinalRejection, PairTable, RankTable, Right, check_stable,
/// };
///
/// // Both want right 0 most, which has one place and ranks left 1 first.
/// let frame = Frame::simple(2, 0, vec![1, 1])?;
/// let row = || vec![(Right(0), 0), (Right(1), 0)];
/// let pairs = PairTable::from_rows(2, [row(), row()])?;
/// let ranks = RankTable::new(pairs, vec![1, 2, 1, 2], vec![2, 1, 1, 2])?;
///
/// let stable = Matching::new(vec![Some(Right(1)), Some(Right(0))]);
/// assert_eq!(check_stable(&frame, &ranks, &stable)?.assigned(), 2);
///
/// let swapped = Matching::new(vec![Some(Right(0)), Some(Right(1))]);
/// let refused = check_stable(&frame, &ranks, &swapped);
/// assert!(matches!(refused, Err(OrdinalRejection::Blocked { left: Left(1), .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_stable(
    frame: &Frame,
    ranked: &impl Ranked,
    matching: &Matching,
) -> Result<VerifiedStable, OrdinalRejection> {
    let pairs = no_blocking_pair(frame, &RankRows(ranked), matching)?;
    Ok(VerifiedStable::new(matching, pairs))
}

/// Checks that `matching` is what comes of taking the pairs one by one in order of
/// `(cost, left, right)`, each kept if its left has no place yet and its right has one to give.
///
/// No pair needs sorting for this. In that order every pair ranks every other, for its left and for
/// its right alike, so there is one stable matching and it is the greedy one: the first pair of all
/// must be in it, and so on among what is then left. The scan of [`check_stable`] with these keys
/// therefore decides. Two readings of the pairs: `O(E + n + K)` time, `O(n + K)` memory.
///
/// # Errors
/// [`OrdinalRejection`]: `Feasibility`, or `Blocked` by a pair whose turn came before what both
/// have.
pub fn check_greedy(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
) -> Result<VerifiedGreedy, OrdinalRejection> {
    let pairs = no_blocking_pair(frame, &CostRows(pairs), matching)?;
    Ok(VerifiedGreedy::new(matching, pairs))
}

/// Checks that `matching` is what comes of serving the lefts one by one in `order`: each gets, of
/// its eligible rights that have a place left, the one of least `(key, right)`, and waits only if
/// none has.
///
/// `keys` are the costs of the pairs, lower is better. `order` names every left that is not pinned,
/// once; pinned lefts may stand in it too, once, and are passed over. Places of pinned lefts are
/// taken before the first turn. One reading of the pairs: `O(E + n + K)` time, `O(n + K)` memory.
///
/// Served in an order that does not depend on what they report, no left gains by reporting other
/// keys than its own (serial dictatorship).
///
/// # Errors
/// [`OrdinalRejection`]: a fault of the order, `Feasibility`, or the first `OutOfTurn` in order.
///
/// ```
/// use peermatch_assignment::{Frame, Left, Matching, PairTable, Right, check_in_turn};
/// let frame = Frame::simple(2, 0, vec![1, 1])?;
/// let row = || vec![(Right(0), 3), (Right(1), 7)];
/// let pairs = PairTable::from_rows(2, [row(), row()])?;
/// let matching = Matching::new(vec![Some(Right(1)), Some(Right(0))]);
/// assert!(check_in_turn(&frame, &pairs, &[Left(1), Left(0)], &matching).is_ok());
/// assert!(check_in_turn(&frame, &pairs, &[Left(0), Left(1)], &matching).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_in_turn(
    frame: &Frame,
    keys: &impl Pairs,
    order: &[Left],
    matching: &Matching,
) -> Result<VerifiedInTurn, OrdinalRejection> {
    let rows = CostRows(keys);
    shape(frame, rows.lefts(), matching)?;
    check_order(frame, order)?;

    let mut places = frame.capacities().to_vec();
    let mut pairs = 0;
    for (left, right) in pins(frame) {
        pairs += eligible(frame, &rows, left, right)?;
        let Some(less) = places[right.index()].checked_sub(1) else {
            return Err(over_capacity(frame, matching, right).into());
        };
        places[right.index()] = less;
    }
    for &left in order {
        if frame.pinned(left).is_some() {
            continue;
        }
        let assigned = matching.right_of(left);
        let mut due: Option<(i32, Right)> = None;
        let mut assigned_eligible = assigned.is_none();
        pairs += rows.guarded(frame, left, |right, key| {
            assigned_eligible |= Some(right) == assigned;
            if places[right.index()] > 0 && due.is_none_or(|best| key < best.0) {
                due = Some((key, right));
            }
        })?;
        if let Some(right) = assigned
            && !assigned_eligible
        {
            return Err(Rejection::NotEligible { left, right }.into());
        }
        let due = due.map(|(_, right)| right);
        if due != assigned {
            return Err(OrdinalRejection::OutOfTurn { left, due, assigned });
        }
        if let Some(right) = due {
            places[right.index()] -= 1;
        }
    }
    check_loads(frame, matching)?;
    Ok(VerifiedInTurn::new(matching, pairs))
}

/// Checks that `matching` is feasible, minimums included, and that `prices` prove that no feasible
/// matching serves more lefts.
///
/// This is [`check`](check()) with every pair costing 0 and every left's waiting 1: the cost is the
/// number of those who wait, and the bound of the prices is that of König's theorem (D. König,
/// "Gráfok és mátrixok", Matematikai és Fizikai Lapok 38, 1931). `O(E + n + K)`.
///
/// # Errors
/// As [`check`](check()).
pub fn check_largest(
    frame: &Frame,
    pairs: &impl Pairs,
    matching: &Matching,
    prices: &Prices,
) -> Result<VerifiedLargest, Rejection> {
    let counting = Frame::new(
        vec![1; frame.lefts()],
        frame.pins().to_vec(),
        frame.capacities().to_vec(),
        frame.minimums().to_vec(),
    )
    .expect("only the costs of waiting differ from those of a frame");
    let verified = check(&counting, &Uncosted(pairs), matching, prices)?;
    Ok(VerifiedLargest::new(matching, verified.pairs_checked()))
}

/// Rows of either kind, and the keys by which each side of a pair orders its own pairs: less is
/// better.
trait Rows {
    type Item: Copy;
    type Key: Copy + Ord;

    fn lefts(&self) -> usize;

    fn visit(&self, left: Left, each: impl FnMut(Right, Self::Item));

    /// The keys of the pair for its left and for its right.
    fn keys(
        left: Left,
        right: Right,
        item: Self::Item,
    ) -> Result<(Self::Key, Self::Key), OrdinalRejection>;

    /// Visits a row, refusing a stream that breaks its contract. Returns the length of the row.
    fn guarded(
        &self,
        frame: &Frame,
        left: Left,
        mut each: impl FnMut(Right, Self::Item),
    ) -> Result<u64, Rejection> {
        let mut guard = Guard::new(frame.rights());
        self.visit(left, |right, item| {
            if guard.admits(right) {
                each(right, item);
            }
        });
        guard.finish(left)
    }
}

struct RankRows<'r, R>(&'r R);

impl<R: Ranked> Rows for RankRows<'_, R> {
    type Item = Ranks;
    type Key = u32;

    fn lefts(&self) -> usize {
        self.0.lefts()
    }

    fn visit(&self, left: Left, each: impl FnMut(Right, Ranks)) {
        self.0.visit(left, each);
    }

    fn keys(left: Left, right: Right, ranks: Ranks) -> Result<(u32, u32), OrdinalRejection> {
        if ranks.left == 0 || ranks.right == 0 {
            return Err(OrdinalRejection::RankZero { left, right });
        }
        Ok((ranks.left, ranks.right))
    }
}

struct CostRows<'p, P>(&'p P);

impl<P: Pairs> Rows for CostRows<'_, P> {
    type Item = i32;
    type Key = (i32, u32);

    fn lefts(&self) -> usize {
        self.0.lefts()
    }

    fn visit(&self, left: Left, each: impl FnMut(Right, i32)) {
        self.0.visit(left, each);
    }

    fn keys(
        left: Left,
        right: Right,
        cost: i32,
    ) -> Result<((i32, u32), (i32, u32)), OrdinalRejection> {
        // Among the pairs of one left (cost, left, right) orders as (cost, right) does, among
        // those of one right as (cost, left) does.
        Ok(((cost, right.0), (cost, left.0)))
    }
}

/// Feasibility and the scan for a blocking pair. Returns the number of pairs.
fn no_blocking_pair<R: Rows>(
    frame: &Frame,
    rows: &R,
    matching: &Matching,
) -> Result<u64, OrdinalRejection> {
    shape(frame, rows.lefts(), matching)?;
    let mut pairs = 0;
    // What each left has, by its own key, and whom each right ranks lowest of those it has.
    let mut own: Vec<Option<R::Key>> = vec![None; frame.lefts()];
    let mut lowest: Vec<Option<(R::Key, Left)>> = vec![None; frame.rights()];
    for left in Left::all(frame.lefts()) {
        let assigned = matching.right_of(left);
        let mut kept = None;
        let mut fault = None;
        pairs += rows.guarded(frame, left, |right, item| match R::keys(left, right, item) {
            Ok(keys) => {
                if Some(right) == assigned {
                    kept = Some((right, keys));
                }
            }
            Err(why) => {
                fault.get_or_insert(why);
            }
        })?;
        if let Some(why) = fault {
            return Err(why);
        }
        match (assigned, kept) {
            (None, _) => {}
            (Some(right), None) => return Err(Rejection::NotEligible { left, right }.into()),
            (Some(_), Some((right, (by_left, by_right)))) => {
                own[left.index()] = Some(by_left);
                let lowest = &mut lowest[right.index()];
                if frame.pinned(left).is_none() && lowest.is_none_or(|(key, _)| key < by_right) {
                    *lowest = Some((by_right, left));
                }
            }
        }
    }
    let loads = check_loads(frame, matching)?;

    for left in Left::all(frame.lefts()) {
        if frame.pinned(left).is_some() {
            continue;
        }
        let own = own[left.index()];
        let mut blocked = None;
        rows.guarded(frame, left, |right, item| {
            // The keys were good when the row was read first; a stream that says otherwise now is
            // not to be trusted with a panic.
            let Ok((by_left, by_right)) = R::keys(left, right, item) else { return };
            if blocked.is_some() || own.is_some_and(|own| own <= by_left) {
                return;
            }
            let (load, capacity) = (loads[right.index()], frame.capacity(right));
            let why = if load < capacity {
                Blocking::SparePlace { load, capacity }
            } else if let Some((key, than)) = lowest[right.index()]
                && by_right < key
            {
                Blocking::Rather { than }
            } else {
                return;
            };
            blocked = Some((right, why));
        })?;
        if let Some((right, why)) = blocked {
            let assigned = matching.right_of(left);
            return Err(OrdinalRejection::Blocked { left, right, assigned, why });
        }
    }
    Ok(pairs)
}

/// The lengths agree, every right named exists, every pin is kept.
fn shape(frame: &Frame, pairs: usize, matching: &Matching) -> Result<(), Rejection> {
    if frame.lefts() != pairs || frame.lefts() != matching.lefts() {
        return Err(Rejection::Lefts { frame: frame.lefts(), pairs, matching: matching.lefts() });
    }
    for left in Left::all(frame.lefts()) {
        let assigned = matching.right_of(left);
        if let Some(right) = assigned
            && right.index() >= frame.rights()
        {
            return Err(Rejection::NoSuchRight { left, right });
        }
        if let Some(pinned) = frame.pinned(left)
            && assigned != Some(pinned)
        {
            return Err(Rejection::PinBroken { left, pinned, assigned });
        }
    }
    Ok(())
}

/// The load of each right, if within its minimum and capacity.
fn check_loads(frame: &Frame, matching: &Matching) -> Result<Vec<u32>, Rejection> {
    let loads = matching.loads(frame.rights());
    for right in Right::all(frame.rights()) {
        let (load, minimum) = (loads[right.index()], frame.minimum(right));
        if load > frame.capacity(right) {
            return Err(over_capacity(frame, matching, right));
        }
        if load < minimum {
            return Err(Rejection::BelowMinimum { right, load, minimum });
        }
    }
    Ok(loads)
}

fn over_capacity(frame: &Frame, matching: &Matching, right: Right) -> Rejection {
    let load = matching.loads(frame.rights())[right.index()];
    Rejection::OverCapacity { right, load, capacity: frame.capacity(right) }
}

fn pins(frame: &Frame) -> impl Iterator<Item = (Left, Right)> + '_ {
    Left::all(frame.lefts()).filter_map(|left| Some((left, frame.pinned(left)?)))
}

/// The length of the row of `left`, if it contains `right`.
fn eligible(frame: &Frame, rows: &impl Rows, left: Left, right: Right) -> Result<u64, Rejection> {
    let mut found = false;
    let length = rows.guarded(frame, left, |other, _| found |= other == right)?;
    if found { Ok(length) } else { Err(Rejection::NotEligible { left, right }) }
}

/// Every left that is not pinned once, pinned ones at most once, nobody else.
fn check_order(frame: &Frame, order: &[Left]) -> Result<(), OrdinalRejection> {
    let mut named = vec![false; frame.lefts()];
    for &left in order {
        let Some(named) = named.get_mut(left.index()) else {
            return Err(OrdinalRejection::OrderNamesNobody { left, lefts: frame.lefts() });
        };
        if std::mem::replace(named, true) {
            return Err(OrdinalRejection::OrderTwice { left });
        }
    }
    match Left::all(frame.lefts())
        .find(|&left| !named[left.index()] && frame.pinned(left).is_none())
    {
        Some(left) => Err(OrdinalRejection::OrderMisses { left }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One left with the same rights in both kinds of stream, as they are given.
    struct Stream(Vec<u32>);

    impl Pairs for Stream {
        fn lefts(&self) -> usize {
            1
        }

        fn visit(&self, _: Left, mut each: impl FnMut(Right, i32)) {
            self.0.iter().for_each(|&right| each(Right(right), 0));
        }
    }

    impl Ranked for Stream {
        fn lefts(&self) -> usize {
            1
        }

        fn visit(&self, _: Left, mut each: impl FnMut(Right, Ranks)) {
            self.0.iter().for_each(|&right| each(Right(right), Ranks { left: 1, right: 1 }));
        }
    }

    fn verdicts(rights: &[u32], assigned: Option<u32>) -> [Result<usize, OrdinalRejection>; 3] {
        let frame = Frame::simple(1, 0, vec![1, 1]).unwrap();
        let stream = Stream(rights.to_vec());
        let matching = Matching::new(vec![assigned.map(Right)]);
        [
            check_stable(&frame, &stream, &matching).map(|verified| verified.assigned()),
            check_greedy(&frame, &stream, &matching).map(|verified| verified.assigned()),
            check_in_turn(&frame, &stream, &[Left(0)], &matching)
                .map(|verified| verified.assigned()),
        ]
    }

    #[test]
    fn streams_and_matchings_that_break_their_contract_are_refused_by_every_rule() {
        for verdict in verdicts(&[0, 1], Some(0)) {
            assert_eq!(verdict, Ok(1));
        }
        for (rights, at) in [(&[1, 0][..], 0), (&[0, 0], 0), (&[0, 2], 2)] {
            let broken = Rejection::BrokenStream { left: Left(0), right: Right(at) };
            for verdict in verdicts(rights, Some(0)) {
                assert_eq!(verdict, Err(broken.clone().into()), "{rights:?}");
            }
        }
        for verdict in verdicts(&[0], Some(1)) {
            let left = Left(0);
            assert_eq!(verdict, Err(Rejection::NotEligible { left, right: Right(1) }.into()));
        }
        for verdict in verdicts(&[0], Some(2)) {
            let left = Left(0);
            assert_eq!(verdict, Err(Rejection::NoSuchRight { left, right: Right(2) }.into()));
        }
    }

    #[test]
    fn a_pinned_left_is_nobody_to_displace_and_blocks_nothing() {
        // Left 0 is pinned to right 0, which ranks left 1 above it; both lefts rank right 0 first.
        let row = || vec![(Right(0), 0), (Right(1), 0)];
        let pairs = crate::PairTable::from_rows(2, [row(), row()]).unwrap();
        let ranks = crate::RankTable::new(pairs, vec![1, 2, 1, 2], vec![2, 1, 1, 2]).unwrap();
        let pins = vec![Some(Right(0)), None];
        let frame = Frame::new(vec![0, 0], pins, vec![1, 1], vec![0, 0]).unwrap();
        let kept = Matching::new(vec![Some(Right(0)), Some(Right(1))]);
        assert_eq!(check_stable(&frame, &ranks, &kept).unwrap().assigned(), 2);
        let waiting = Matching::new(vec![Some(Right(0)), None]);
        assert_eq!(
            check_stable(&frame, &ranks, &waiting),
            Err(OrdinalRejection::Blocked {
                left: Left(1),
                right: Right(1),
                assigned: None,
                why: Blocking::SparePlace { load: 0, capacity: 1 },
            })
        );
        // The same without the pin: left 1 and right 0 would rather have each other.
        let free = Frame::simple(2, 0, vec![1, 1]).unwrap();
        let why = Blocking::Rather { than: Left(0) };
        let assigned = Some(Right(1));
        assert_eq!(
            check_stable(&free, &ranks, &kept),
            Err(OrdinalRejection::Blocked { left: Left(1), right: Right(0), assigned, why })
        );
    }
}
