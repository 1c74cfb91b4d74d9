//! From people to a proven matching, and back to people with reasons, in the order in which data flows:
//!
//! pair → eligibility (with reach) → similarity → scoring → candidates → objective → run (with proof) → report, waiting, explain, suggest (with robust), compare.
//!
//! Pure: the same roster and policy give the same bytes on every machine and with any number of threads. No files, no clock, no
//! names; ids only. What leaves was verified by `peermatch_assignment::check` first.

pub mod candidates;
pub mod change;
pub mod choice;
pub mod compare;
pub mod counts;
pub mod draw;
pub mod eligibility;
pub mod explain;
pub mod handover;
pub mod hash;
pub mod kept;
pub mod limits;
pub mod lottery;
pub mod menu;
pub mod objective;
pub mod pair;
pub mod proof;
pub mod reach;
pub mod report;
pub mod robust;
pub mod run;
pub mod scoring;
pub mod similarity;
pub mod suggest;
pub mod told;
pub mod update;
pub mod view;
pub mod waiting;
