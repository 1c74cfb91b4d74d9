//! The people, checked: service users, peer workers, wishes, consent, taxonomy and policy.
//!
//! Raw input ([`raw`], [`policy::PolicyInput`], [`taxonomy::TaxonomyInput`]) is anything that was read; checked types
//! ([`roster::Roster`], [`policy::Policy`], [`taxonomy::Taxonomy`]) can only be made by their `check`, which reports every
//! fault at once. No IO, no clock and no algorithm beyond checking lives here.
//!
//! ```
//! use peermatch_model::{raw::RosterInput, roster::Roster, taxonomy::Taxonomy};
//! let raw: RosterInput = serde_json::from_str(r#"{"format": "peermatch/roster@1", "as_of": "2026-11-31"}"#)?;
//! let faults = Roster::check(&raw, Taxonomy::shipped()).unwrap_err();
//! assert_eq!(faults.iter().next().unwrap().pointer, "/as_of");
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod fault;
pub mod policy;
pub mod raw;
pub mod roster;
mod take;
pub mod taxonomy;
pub mod week;
pub mod words;

pub use fault::{Fault, Faults};
