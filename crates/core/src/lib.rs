//! (being written)
pub mod similarity;
pub mod pair;
pub mod scoring;
pub mod eligibility;
pub mod reach;
pub mod candidates;
