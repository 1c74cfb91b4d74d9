//! Flows and chains of stages against their definitions: what is claimed of thousands of tiny problems, right or wrong, judged by both.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod chain;
mod oracle;
mod transport;
