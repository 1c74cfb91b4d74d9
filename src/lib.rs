//! peermatch: who could walk alongside this person?
//!
//! The face of the house: re-exports, no code of its own. It takes a roster (service users, peer workers, their wishes, their
//! limits) and a policy (what counts as a good match and what counts as fair), and gives back suggestions or a whole assignment
//! with reasons for every audience and a proof that a small independent checker verifies. People decide; the engine never does.
//!
//! ```
//! use peermatch::{Audience, Context, Policy, Quiet, document, explain, match_roster, read_roster_json, suggest};
//!
//! let json = br#"{
//!   "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "Pacific/Auckland",
//!   "services": [{"id": "riverside"}],
//!   "people": [{
//!     "id": "p1", "services": ["riverside"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
//!     "languages": [{"tag": "en", "level": "need"}], "modes": ["telephone"], "availability": ["Mon 09:00-12:00"],
//!     "wishes": [{"dimension": "style", "values": ["listener"], "strength": "important"}]
//!   }],
//!   "workers": [
//!     {"id": "w1", "services": ["riverside"], "max_people": 8, "modes": ["telephone"], "availability": ["Mon 08:00-11:00"],
//!      "languages": [{"tag": "en", "level": "whole"}], "styles": ["practical"], "supervision_due": "2026-12-01"},
//!     {"id": "w2", "services": ["riverside"], "max_people": 8, "modes": ["telephone"], "availability": ["Mon 10:00-17:00"],
//!      "languages": [{"tag": "en", "level": "whole"}], "styles": ["listener"], "supervision_due": "2026-12-01"}
//!   ]
//! }"#;
//! let roster = read_roster_json("roster.json", json)?.check()?;
//! let policy = Policy::shipped();
//! let cx = Context::new(&roster, &policy);
//!
//! // One person: suggestions with reasons.
//! let person = roster.find_user("p1").ok_or("no such person")?;
//! let found = suggest(&cx, person, 2);
//! assert_eq!(found.workers[0].worker_id, "w2");
//!
//! // Everybody: a matching that was verified before anybody could read it.
//! let run = match_roster(&cx, &Quiet)?;
//! let document = document(&run);
//! assert_eq!(document.matches[0].worker_id, "w2");
//!
//! // Why, in words, for one audience.
//! let worker = roster.find_worker("w2").ok_or("no such worker")?;
//! let told = explain(&cx, Audience::ServiceUser, person, worker, Some(run.decided()));
//! assert!(serde_json::to_string(&told)?.contains("listener"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Raw assignment problems (no people, only indexes and costs) are in [`assignment`] and [`solve`].

/// The mathematics, stated: a problem, a solution, a certificate, and the check that one follows from another.
pub use peermatch_assignment as assignment;
/// From people to a proven matching, step by step.
pub use peermatch_core as engine;
/// Bytes to raw input and back.
pub use peermatch_formats as formats;
/// The people, checked.
pub use peermatch_model as model;
/// Finding solutions, each with its certificate.
pub use peermatch_solve as solve;

pub use peermatch_core::explain::{Explanation, explain};
pub use peermatch_core::pair::{Context, Pair};
pub use peermatch_core::proof::{Proof, Refusal, proven};
pub use peermatch_core::report::{MatchingDocument, document, policy_of, verify};
pub use peermatch_core::run::{Decided, Run, RunError, match_roster, match_with_seed};
pub use peermatch_core::scoring::{Criteria, Criterion};
pub use peermatch_core::suggest::{Suggestions, suggest};
pub use peermatch_formats::{
    matching_json, read_matching, read_policy, read_roster, read_roster_json,
};
pub use peermatch_model::policy::Policy;
pub use peermatch_model::roster::Roster;
pub use peermatch_model::words::Audience;
pub use peermatch_model::{Fault, Faults};
pub use peermatch_solve::{Quiet, Watch};

/// The README's Rust blocks, run as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
