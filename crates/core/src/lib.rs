//! (being written)
pub mod similarity;
pub mod pair;
pub mod scoring;
