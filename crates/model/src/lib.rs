//! The people, checked: service users, peer workers, wishes, consent, taxonomy and policy.
//!
//! Raw input (`raw`, `policy::PolicyInput`, `taxonomy::TaxonomyInput`) is anything that was read; checked types
//! (`roster::Roster`, `policy::Policy`, `taxonomy::Taxonomy`) can only be made by their `check`, which reports every fault
//! at once. No IO, no clock and no algorithm beyond checking lives here.

pub mod fault;
pub mod raw;
pub mod taxonomy;
pub mod words;

pub use fault::{Fault, Faults};
