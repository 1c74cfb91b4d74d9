//! (being written)
pub mod similarity;
