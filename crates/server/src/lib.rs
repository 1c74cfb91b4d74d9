//! The service: matching over HTTP. It translates, calls `core`, and translates back; no rule, threshold or score stands here.
//!
//! What the service offers is one table ([`table`], filled by [`routes`]): each route with who may call it and what goes in and out. The router, the
//! OpenAPI document and the tests of who sees what are all made from it.
//!
//! A request passes [`accept`] (sockets and their time limits), [`gate`] (request id, caps, who is asking, whether they may), the extractors of [`request`], and
//! then its handler. Whatever goes wrong is a [`Problem`].

pub mod accept;
pub mod app;
pub mod auth;
pub mod docs;
pub mod gate;
pub mod health;
pub mod jobs;
pub mod keeper;
pub mod kept;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod principal;
pub mod problem;
pub mod process;
pub mod request;
pub mod serve;
pub mod stateless;
pub mod table;
pub mod telemetry;
pub mod warm;

pub use app::App;
pub use limits::Limits;
pub use principal::{Principal, Role};
pub use problem::Problem;
pub use serve::{Config, Running, Service};

/// Everything the service offers to programs. Pages for people ([`page::routes`]) stand in no document for programs.
pub fn routes() -> Vec<table::Route> {
    let mut all = Vec::new();
    all.extend(auth::routes::routes());
    all.extend(docs::routes());
    all.extend(health::routes());
    all.extend(openapi::routes());
    all.extend(stateless::routes());
    all.extend(kept::routes());
    all
}
