//! Finding solutions of assignment problems, each with its certificate.
//!
//! This crate sees indexes and integer costs only: no people (a solver that sees people can
//! favour them), no clock, no randomness, no threads. The same problem gives the same answer to
//! the last bit everywhere. What it finds is a claim; `peermatch_assignment::check` verifies it
//! without knowing anything written here.
//!
//! - [`best_total`](best_total()): the matching of least total cost, exact, with prices.
//! - [`choice::Choices`]: what forcing one pair, or one place more or less, costs everyone else, exact.
//! - [`stable`], [`in_turn`], [`greedy`]: matchings by order alone, and the baselines;
//! - [`largest`]: how many can be served at all, with its proof.
//! - [`update::best_total_from`]: the same after a change, from what is there, moving the fewest.
//! - [`best_flow`]: the same where people want several places, with prices.
//! - [`in_stages`]: max-min, leximin, Nash welfare, rank-maximal and fewest moves, with a chain of prices.
//! - [`Watch`]: how a caller follows a long solve, and stops it.
//!
//! # Example
//!
//! ```
//! use peermatch_assignment::{Frame, PairTable, Problem, Right, check};
//! use peermatch_solve::{Outcome, Quiet, best_total};
//!
//! // Three people, two rights with one place each; waiting costs 100.
//! let frame = Frame::simple(3, 100, vec![1, 1])?;
//! let rows = [
//!     vec![(Right(0), 10), (Right(1), 12)],
//!     vec![(Right(0), 11)],
//!     vec![(Right(1), 30)],
//! ];
//! let problem = Problem::new(frame, PairTable::from_rows(2, rows)?)?;
//! let Outcome::Optimal(found) = best_total(&problem, &Quiet) else { unreachable!() };
//! let proven = check(problem.frame(), problem.pairs(), &found.matching, &found.prices)?;
//! assert_eq!(proven.cost(), 12 + 11 + 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod best_total;

pub mod watch;

mod instance;

mod seats;

mod serving;

mod bidding;

mod finish;

mod ties;

mod network;

mod lots;

mod places;

pub mod transport;

pub mod stages;

pub mod ordinal;

pub mod choice;

pub mod update;

pub mod side;

pub mod menus;

pub mod lottery;

pub use best_total::{Outcome, Solution, best_total};
pub use ordinal::{OrdinalOutcome, Proposing, greedy, in_turn, largest, stable};
pub use stages::{StagedSolution, StagesOutcome, in_stages};
pub use transport::{FlowOutcome, FlowSolution, best_flow};
pub use watch::{Quiet, Stage, Watch};
