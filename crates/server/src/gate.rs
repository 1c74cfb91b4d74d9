//! What every request passes before its handler and every answer after it.
//!
//! Outside (`outer`): a request id, the cap on how much is answered at once, what is counted and logged, security headers, and a problem instead of a panic.
//! Inside, for each route of the table (`inner`): the caller's rate, who is asking, whether the table admits them, and the limits of the body.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use bytes::Bytes;
use futures_util::FutureExt;
use hyper::body::{Frame, SizeHint};
use metrics::Label;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::app::App;
use crate::auth;
use crate::limits::Hold;
use crate::page;
use crate::principal::{Principal, Role};
use crate::problem::Problem;
use crate::table::{Route, Who};

/// The id of a request: in the log, in the header `x-request-id`, in problems and in the audit. Always our own, since a caller's could carry anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// The other end of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// The route that is being answered.
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    /// Template of its path.
    pub template: &'static str,
    /// Name of its operation.
    pub id: &'static str,
    /// Who may.
    pub who: Who,
    /// The most bytes of its body.
    pub bytes_max: usize,
    /// Whether it changes something.
    pub writes: bool,
    /// Whether it is answered however much there is to do.
    pub always: bool,
    /// Whether it is a page for people.
    pub page: bool,
}

/// What routes that take no body read nevertheless: many callers send `{}` with every request that changes something.
const NO_BODY_BYTES: usize = 64;

/// What an answer was about, for the log.
#[derive(Debug, Clone)]
struct Trace {
    template: &'static str,
    actor: Option<String>,
}

/// The routes for programs, as a page asks them from within.
#[derive(Clone)]
pub(crate) struct Inside(pub(crate) Router);

/// Marks a request that a page makes of the routes for programs: it was counted when the page was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within;

/// The router made of a table.
pub fn router(app: &App, routes: Vec<Route>) -> Router {
    let (pages, routes): (Vec<_>, Vec<_>) = routes.into_iter().partition(|route| route.page);
    let inside = passed(app, routes).with_state(app.clone());
    let pages = passed(app, pages)
        .layer(Extension(Inside(inside.clone())))
        .layer(from_fn(page::told))
        .with_state(app.clone());
    inside
        .merge(pages)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { not_allowed() })
        .layer(from_fn_with_state(app.clone(), outer))
}

/// The routes of a table, each behind its gate.
fn passed(app: &App, routes: Vec<Route>) -> Router<App> {
    let mut router = Router::new();
    for route in routes {
        let none = if route.writes { NO_BODY_BYTES } else { 0 };
        let largest = route.bodies.iter().map(|body| body.bytes_max).max().unwrap_or(none);
        let passed = Passed {
            template: route.path,
            id: route.id,
            who: route.who,
            bytes_max: largest.min(app.limits.body_bytes),
            writes: route.writes,
            always: route.always,
            page: route.page,
        };
        let gate = from_fn_with_state((app.clone(), passed), inner);
        router = router.route(route.path, route.handler.route_layer(gate));
    }
    router
}

fn not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This cannot be done with this method here; the header `allow` says which can.",
    )
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

impl RequestId {
    /// A new one: unique in this process by its count, and among processes by its random part.
    fn new() -> Self {
        use std::sync::OnceLock;
        static PROCESS: OnceLock<u64> = OnceLock::new();
        // Ids need not be secret, only different: without randomness the clock serves.
        let process = PROCESS.get_or_init(|| {
            getrandom::u64().unwrap_or_else(|_| {
                u64::from(std::process::id()) << 32
                    ^ jiff::Timestamp::now().as_microsecond().unsigned_abs()
            })
        });
        let count = REQUESTS.fetch_add(1, Ordering::Relaxed);
        Self(format!("{process:016x}-{count:x}").into())
    }
}

fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Counts a request whose caller went away before it was answered.
struct Unanswered<'a> {
    app: &'a App,
    id: &'a RequestId,
    method: &'static str,
    started: Instant,
    answered: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.app.telemetry.count(
                "peermatch_aborted_total",
                vec![Label::from_static_parts("method", self.method)],
            );
            tracing::info!(
                request_id = %self.id.0,
                method = self.method,
                micros = micros(self.started),
                "gone before the answer"
            );
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

async fn outer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let method = method_word(request.method());
    let started = Instant::now();
    request.extensions_mut().insert(id.clone());
    let mut unanswered = Unanswered { app: &app, id: &id, method, started, answered: false };
    let ran = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = ran.unwrap_or_else(|_| {
        // The panic's own message went to standard error by the hook; it may quote input, so it goes no further.
        tracing::error!(request_id = %id.0, "a handler panicked");
        Problem::internal().into_response()
    });
    unanswered.answered = true;
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = Some(id.0.to_string());
        let body = serde_json::to_vec(&problem).expect("a problem is plain data");
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    let status = response.status().as_u16();
    let trace = response.extensions_mut().remove::<Trace>();
    let template = trace.as_ref().map_or("", |trace| trace.template);
    app.telemetry.answered(method, template, status, started.elapsed());
    let actor = trace.and_then(|trace| trace.actor).unwrap_or_default();
    tracing::info!(
        request_id = %id.0,
        method,
        route = template,
        status,
        micros = micros(started),
        actor,
        "answered"
    );
    harden(response.headers_mut(), &id);
    response
}

/// Headers of every answer. What a handler has said itself stays (the docs page has its own policy).
fn harden(headers: &mut HeaderMap, id: &RequestId) {
    const ALWAYS: [(HeaderName, &str); 7] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

async fn inner(
    State((app, passed)): State<(App, Passed)>,
    request: Request,
    next: Next,
) -> Response {
    let mut trace = Trace { template: passed.template, actor: None };
    let mut response = match admitted(&app, passed, request, &mut trace).await {
        Err(problem) => problem.into_response(),
        Ok((request, _in_flight, hold)) => {
            let response = next.run(request).await;
            drop(hold);
            response
        }
    };
    response.extensions_mut().insert(trace);
    response
}

type Admitted = (Request, Option<tokio::sync::OwnedSemaphorePermit>, Arc<Hold>);

async fn admitted(
    app: &App,
    passed: Passed,
    request: Request,
    trace: &mut Trace,
) -> Result<Admitted, Problem> {
    let within = request.extensions().get::<Within>().is_some();
    let in_flight = if passed.always || within {
        None
    } else {
        let permit = Arc::clone(&app.in_flight).try_acquire_owned().map_err(|_| {
            app.telemetry.shed("in_flight");
            Problem::busy(1)
        })?;
        let free = app.limits.in_flight.saturating_sub(app.in_flight.available_permits());
        app.telemetry.gauge(
            "peermatch_in_flight",
            Vec::new(),
            u32::try_from(free).unwrap_or(u32::MAX),
        );
        Some(permit)
    };
    let (mut parts, body) = request.into_parts();
    let length = body.size_hint().exact().or_else(|| said_length(&parts.headers));
    if length.is_some_and(|length| length > passed.bytes_max as u64) {
        return Err(too_large(passed.bytes_max));
    }
    let address = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
    // A caller is known by its credentials; who shows none, or wrong ones, by the address.
    let known = auth::resolve(app, &parts, passed.page).await;
    let (caller, rate) = match &known {
        Ok(Some(principal)) => (principal.actor.clone(), app.limits.rate),
        Ok(None) | Err(_) => (address_word(address), app.limits.rate_unknown),
    };
    if !passed.always && !within {
        app.rates.take(&caller, rate, Instant::now()).map_err(|seconds| {
            app.telemetry.shed("rate");
            let mut problem = Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "You ask too often. Wait as long as the header `retry-after` says.",
            );
            problem.retry_after = Some(seconds);
            problem
        })?;
    }
    let principal = match (passed.who, known) {
        // What is open to everybody is so to somebody whose key has expired, too.
        (Who::Everybody, known) => known.ok().flatten(),
        (Who::Roles(_), Err(problem)) => return Err(problem),
        (Who::Roles(_), Ok(None)) => return Err(Problem::unauthorized()),
        (Who::Roles(roles), Ok(Some(principal))) => {
            trace.actor = Some(principal.actor.clone());
            let role = principal.role_for(roles).ok_or_else(Problem::forbidden)?;
            parts.extensions.insert(role);
            Some(principal)
        }
    };
    if let Some(principal) = principal {
        trace.actor = Some(principal.actor.clone());
        parts.extensions.insert(principal);
    }
    let hold = Arc::new(app.room.hold());
    let timed = Timed {
        inner: body,
        read: 0,
        bytes_max: passed.bytes_max,
        hold: Arc::clone(&hold),
        stall: app.limits.stall_time,
        ends: Instant::now() + app.limits.body_time,
        sleep: Box::pin(sleep_until(Instant::now() + app.limits.stall_time)),
    };
    parts.extensions.insert(passed);
    Ok((Request::from_parts(parts, Body::new(timed)), in_flight, hold))
}

fn said_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// One caller without credentials, as tries and requests are counted.
pub(crate) fn address_word(address: Option<IpAddr>) -> String {
    // Where one socket hears both kinds, an address of version 4 comes within one of version 6; all of those are one /64.
    match address.map(|address| address.to_canonical()) {
        None => "nobody".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        // Whoever has one address of IPv6 has 2^64 of them.
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// 413 with the limit.
pub(crate) fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("The body is larger than the {bytes_max} bytes that are read here."),
    )
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the body came too slowly")]
    TooSlow,
    #[error("there is no room for the body")]
    NoRoom,
    #[error("the body broke off")]
    Broken,
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(bytes_max) => too_large(bytes_max),
            BodyError::TooSlow => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "too_slow",
                "The body did not come in time. Nothing was changed; send it again.",
            ),
            BodyError::NoRoom => Self::busy(2),
            BodyError::Broken => Self::new(
                StatusCode::BAD_REQUEST,
                "body_broken",
                "The body broke off. Nothing was changed; send it again.",
            ),
        }
    }
}

/// A body that is neither too large nor too slow, and takes room while it is held.
struct Timed {
    inner: Body,
    read: usize,
    bytes_max: usize,
    hold: Arc<Hold>,
    stall: Duration,
    ends: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Pending => match this.sleep.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Some(Err(BodyError::TooSlow))),
                Poll::Pending => Poll::Pending,
            },
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Err(_))) => Poll::Ready(Some(Err(BodyError::Broken))),
            Poll::Ready(Some(Ok(frame))) => {
                let now = Instant::now();
                if now >= this.ends {
                    return Poll::Ready(Some(Err(BodyError::TooSlow)));
                }
                this.sleep.as_mut().reset((now + this.stall).min(this.ends));
                this.read += frame.data_ref().map_or(0, Bytes::len);
                if this.read > this.bytes_max {
                    return Poll::Ready(Some(Err(BodyError::TooLarge(this.bytes_max))));
                }
                if !this.hold.grow_to(this.read) {
                    return Poll::Ready(Some(Err(BodyError::NoRoom)));
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The caller that [`inner`] has made sure of, with the role in which the table admits it.
pub(crate) fn caller(parts: &Parts) -> Option<(Principal, Option<Role>)> {
    let principal = parts.extensions.get::<Principal>()?;
    Some((principal.clone(), parts.extensions.get::<Role>().copied()))
}

#[cfg(test)]
mod tests {
    use super::address_word;

    #[test]
    fn whoever_has_one_address_of_version_6_is_one_caller_and_those_of_version_4_are_each_their_own()
     {
        let word = |text: &str| address_word(Some(text.parse().unwrap()));
        assert_eq!(word("2001:db8:1:2::3"), word("2001:db8:1:2:ffff::1"));
        assert_ne!(word("2001:db8:1:2::3"), word("2001:db8:1:3::3"));
        assert_ne!(word("::ffff:192.0.2.1"), word("::ffff:192.0.2.2"));
        assert_eq!(word("::ffff:192.0.2.1"), word("192.0.2.1"));
    }
}
