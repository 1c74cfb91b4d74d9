//! Whether the service is there, whether it is ready, and what it counts.

use std::sync::atomic::Ordering;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth;
use crate::gate::Peer;
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::Json;
use crate::table::{Route, Who, schema};

const TAG: &str = "operation";

/// Media type of numbers for Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How the service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok` or `ready`.
    pub status: String,
    /// Version of this program.
    pub version: String,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/healthz", "health", get(healthz))
            .about(TAG, "Whether the service runs", "Says nothing of the store: see /readyz.")
            .who(Who::Everybody)
            .always()
            .answers::<Health>(StatusCode::OK, "It runs."),
        Route::new(Method::GET, "/readyz", "ready", get(readyz))
            .about(
                TAG,
                "Whether the service can answer",
                "The store can be read and written, and the rosters that are held from the start are in memory.",
            )
            .who(Who::Everybody)
            .always()
            .answers::<Health>(StatusCode::OK, "It can.")
            .problem(StatusCode::SERVICE_UNAVAILABLE, "Not yet, or not now."),
        Route::new(Method::GET, "/metrics", "metrics", get(metrics))
            .about(
                TAG,
                "Numbers for Prometheus",
                "For callers on the same machine that no proxy stands between, and for keys of administrators and auditors. Counts and times by templates of paths; no ids.",
            )
            .who(Who::Everybody)
            .always()
            .answer(StatusCode::OK, "The numbers.", Some((PROMETHEUS, schema::<String>)))
            .problem(StatusCode::UNAUTHORIZED, "From elsewhere, without a key.")
            .problem(StatusCode::FORBIDDEN, "With a key of another role."),
    ]
}

fn healthy(status: &str) -> Json<Health> {
    Json(Health { status: status.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
}

async fn healthz() -> Json<Health> {
    healthy("ok")
}

async fn readyz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let not_yet = || {
        let mut problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "The service cannot answer just now. Try again in a moment.",
        );
        problem.retry_after = Some(1);
        problem
    };
    if !app.warmed.load(Ordering::Acquire) {
        return Err(not_yet());
    }
    app.store.ready().await.map_err(|error| {
        tracing::warn!(%error, "the store is not ready");
        not_yet()
    })?;
    Ok(healthy("ready"))
}

async fn metrics(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    // A proxy on this machine makes the whole world look like this machine.
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| parts.headers.contains_key(*name));
    let here = parts.extensions.get::<Peer>().is_some_and(|peer| peer.0.ip().is_loopback());
    if !here || passed_on {
        let principal =
            auth::resolve(&app, &parts, false).await?.ok_or_else(Problem::unauthorized)?;
        if !principal.is_any(&[Role::Administrator, Role::Auditor]) {
            return Err(Problem::forbidden());
        }
    }
    let held = u32::try_from(app.keepers.held()).unwrap_or(u32::MAX);
    app.telemetry.gauge("peermatch_rosters_held", Vec::new(), held);
    Ok(([(header::CONTENT_TYPE, PROMETHEUS)], app.telemetry.render()).into_response())
}
