//! For tests and benches only: generators and oracles.
//!
//! - [`graphs`]: seeded problems of the shapes that matter, tiny and large;
//! - [`brute`]: the answer by enumeration, which also defines the canonical matching;
//! - [`flow`]: a second solver of a different kind, for sizes that enumeration cannot reach;
//! - [`ordinal`]: tiny ranked problems, and stable, in turn and greedy by definition;
//! - [`rosters`]: seeded valid rosters with wishes of every dimension, tiny and large.

pub mod graphs;

pub mod brute;

pub mod flow;

pub mod ordinal;

pub mod rosters;

pub mod side;
