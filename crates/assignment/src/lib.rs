//! The mathematics of matching, stated: a problem, a solution, a certificate, and the CHECK that
//! one follows from another.
//!
//! This crate knows indexes and integers only. It does not know people, and it does not know how
//! solutions are found: the checker must not trust the finder, so nothing here searches.
//!
//! # The problem
//!
//! There are `n` *lefts* `u` (people who each want at most one place) and `K` *rights* `w` (each
//! with several places). An *eligible pair* `(u, w)` costs `c_uw`; staying on the waiting list
//! costs `c_u0`. Right `w` takes at least `a_w` (its minimum) and at most `b_w` (its capacity)
//! lefts. A left may be *pinned* to a right: that pair is kept whatever it costs. Wanted is a
//! matching `s` of least total cost
//!
//! ```text
//! cost(s) = sum over assigned u of c_{u,s(u)}  +  sum over waiting u of c_u0
//! ```
//!
//! # The bound, and when it proves a matching optimal
//!
//! For any prices `p_w`, of either sign, weak linear-programming duality gives the lower bound
//!
//! ```text
//! L(p)  = sum over u of Phi_u(p)  -  sum over w of max(p_w * a_w, p_w * b_w)
//! Phi_u = min(c_u0, min over eligible w of c_uw + p_w)      if u is not pinned
//! Phi_u = c_uw + p_w                                        if u is pinned to w
//! ```
//!
//! Reading: somebody who pays `p_w` for a place lets every left choose the cheapest option alone;
//! a right charges `p_w` for each of its places if `p_w > 0`, and pays people to come, up to its
//! minimum, if `p_w < 0`. No feasible matching costs less than `L(p)`, whatever `p` is, so a
//! certificate cannot fool the checker; and a feasible matching is optimal exactly when some `p`
//! gives `L(p) = cost`, because the constraint matrix is totally unimodular (Ahuja, Magnanti and
//! Orlin 1993, ch. 9 and 12), and with integer costs that `p` may be taken integer.
//! [`check`](check()) tests this equality in integers, with no tolerance.
//!
//! A problem has no feasible matching exactly when some `p` makes `L(p) > 0` with all costs set
//! to 0. [`check_infeasible`] verifies that and names the people and places in the way.
//!
//! # Several places, and objectives in stages
//!
//! Where lefts want several places ([`Supply`]) a solution is a [`Flow`]. Its certificate is again one price per
//! right: the same bound, with `Phi_u` the cheapest way to fill all places that `u` wants.
//! [`check_flow`] tests `L(p) = cost`, [`check_flow_within`] gives the gap for any prices, and
//! [`check_flow_infeasible`] verifies that nothing is feasible and names who stands in the way. See [`transport`].
//!
//! Objectives that put one thing before another (max-min, leximin, Nash welfare, rank-maximal, fewest moves) are
//! proven by a [`Chain`]: prices per [`Stage`], each of which narrows the problem to what is best so far.
//! [`check_chain`] derives the stages itself, so that none can be left out. See [`mod@chain`].
//!
//! # Cost and bounds
//!
//! A check reads every eligible pair once: `O(E + n + K)` time, `O(n + K)` memory. The pairs come
//! as a stream (the [`Pairs`] trait), so a proof can run over pairs that were never stored.
//!
//! Overflow cannot happen: pair costs are within [`COST_MAX`] = 2^30, waiting costs within
//! [`WAITING_COST_MAX`] = 2^58, prices within [`PRICE_MAX`] = 2^60, so each term fits an `i64`;
//! there are at most [`SIDE_MAX`] = 2^26 lefts and as many rights, and capacities are below 2^32,
//! so sums stay below 2^119 and fit the `i128` they are made in.
//!
//! # Reading order
//!
//! [`ids`], [`frame`], [`pairs`], [`problem`], [`matching`], [`prices`], [`mod@check`],
//! [`infeasible`], [`moves`].
//!
//! # References
//!
//! - D. P. Bertsekas, "The auction algorithm: a distributed relaxation method for the assignment
//!   problem", Annals of Operations Research 14 (1988); *Linear Network Optimization*, MIT Press
//!   (1991).
//! - R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, Prentice Hall (1993).
//! - P. Hall, "On representatives of subsets", J. London Math. Soc. 10 (1935).
//!
//! # Example
//!
//! Two people, one place: the cheaper of the two outcomes, proven by one price.
//!
//! ```
//! use peermatch_assignment::{Frame, Left, Matching, PairTable, Prices, Problem, Right, check};
//!
//! let frame = Frame::new(vec![10, 10], vec![None, None], vec![1], vec![0])?;
//! let pairs = PairTable::from_rows(1, [vec![(Right(0), 2)], vec![(Right(0), 5)]])?;
//! let problem = Problem::new(frame, pairs)?;
//!
//! let matching = Matching::new(vec![Some(Right(0)), None]);
//! let prices = Prices::new(vec![5]); // a place is worth what the second person would save
//! let verified = check(problem.frame(), problem.pairs(), &matching, &prices)?;
//! assert_eq!(verified.cost(), 2 + 10);
//! assert_eq!(verified.matching().right_of(Left(0)), Some(Right(0)));
//!
//! // The other way round costs 15, and no price can prove it optimal.
//! let worse = Matching::new(vec![None, Some(Right(0))]);
//! assert!(check(problem.frame(), problem.pairs(), &worse, &prices).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod ids;

pub mod frame;

pub mod pairs;

pub mod problem;

pub mod matching;

pub mod prices;

pub mod check;

pub mod infeasible;

pub mod supply;

pub mod flow;

pub mod transport;

pub mod worth;

pub mod gain;

pub mod number;

pub mod chain;

pub mod ranks;

pub mod ordinal;

pub mod moves;

pub mod side;

pub mod menus;

pub mod lottery;

pub use chain::{Aim, Chain, ChainRejection, Stage, VerifiedChain, check_chain};
pub use check::{Gap, Rejection, VerifiedMatching, check, check_within};
pub use flow::Flow;
pub use frame::{Frame, FrameError, SIDE_MAX, WAITING_COST_MAX};
pub use ids::{Left, Right};
pub use infeasible::{Obstacle, VerifiedInfeasible, check_infeasible};
pub use lottery::{LotteryRejection, Marginals, check_eating, check_outcome};
pub use matching::Matching;
pub use menus::{
    LedgerRejection, LedgerStep, MenusRejection, VerifiedLedger, VerifiedMenus, check_ledger,
    check_safe_menus,
};
pub use moves::{Face, MovesRejection, VerifiedMoves, check_fewest_moves};
pub use ordinal::{
    Blocking, OrdinalRejection, VerifiedGreedy, VerifiedInTurn, VerifiedLargest, VerifiedStable,
    check_greedy, check_in_turn, check_largest, check_stable,
};
pub use pairs::{COST_MAX, PairTable, PairTableError, Pairs, Uncosted};
pub use prices::{PRICE_MAX, Prices};
pub use problem::{Problem, ProblemError};
pub use ranks::{RankTable, RankTableError, Ranked, Ranks};
pub use supply::{Supply, SupplyError, WANTED_MAX};
pub use transport::{
    FlowObstacle, FlowRejection, VerifiedFlow, VerifiedFlowInfeasible, check_flow,
    check_flow_infeasible, check_flow_within,
};
pub use worth::{GRADE_MAX, Valued, Worth, WorthTable, WorthTableError};
