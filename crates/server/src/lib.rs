//! The service: matching over HTTP. It translates, calls `core`, and translates back; no rule, threshold or score stands here.
//!
//! What the service offers is one table ([`table`]): each route with who may call it and what goes in and out. The router, the OpenAPI document and
//! the tests of who sees what are all made from it.

pub mod app;
pub mod jobs;
pub mod keeper;
pub mod principal;
pub mod problem;
pub mod stateless;
pub mod table;
pub mod warm;

pub use app::App;
pub use principal::{Principal, Role};
pub use problem::Problem;
