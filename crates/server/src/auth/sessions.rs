//! Cookies: for whoever signed in with a password, and for service users who came by a link.
//!
//! The cookie is `__Host-peermatch`: for this host alone, over TLS alone (browsers take it over plain HTTP from this machine's own names as well), out of reach of scripts, and not sent along
//! when another site leads here. A request that may change something carries the form token of its session in `x-csrf-token`, too.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use peermatch_store::{Account, Session};

use super::{links, origin, roles, secrets, worker};
use crate::app::App;
use crate::keeper::stored;
use crate::principal::Principal;
use crate::problem::Problem;

/// Name of the cookie.
pub const COOKIE: &str = "__Host-peermatch";

/// Name of the header that carries the form token.
pub const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

const SECOND: i64 = 1_000_000;

/// After so long without a request a session is over: an hour.
pub const IDLE: i64 = 3_600 * SECOND;

/// After so long it is over in any case: twelve hours.
pub const WHOLE: i64 = 12 * 3_600 * SECOND;

/// How exactly it is kept when a session was used last: a minute.
const TOUCH: i64 = 60 * SECOND;

/// A session that has begun: what the browser gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The header that sets the cookie.
    pub set_cookie: String,
    /// The token that forms carry.
    pub csrf_token: String,
    /// From when on it is over.
    pub expires_at: i64,
}

/// Begins a session of somebody who has been made sure of: an account's id, or `link:` and the hash of a link's token. Ends at `until` at the latest.
///
/// # Errors
/// No randomness, or the store fails.
pub async fn begin(
    app: &App,
    organisation: &str,
    account: &str,
    until: Option<i64>,
) -> Result<Begun, Problem> {
    let now = app.clock.micros();
    let token = secrets::draw::<32>()?;
    let csrf_token = secrets::csrf_of(&token);
    let expires_at = until.map_or(now + WHOLE, |until| until.min(now + WHOLE));
    let session = Session {
        token_hash: secrets::hash(&token),
        organisation: organisation.to_owned(),
        account: account.to_owned(),
        csrf_hash: secrets::hash(&csrf_token),
        made_at: now,
        seen_at: now,
        expires_at,
    };
    app.store.add_session(&session).await.map_err(stored)?;
    let seconds = (expires_at - now).max(0) / SECOND;
    let set_cookie =
        format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    Ok(Begun { set_cookie, csrf_token, expires_at })
}

/// The header that takes the cookie away.
pub fn unset_cookie() -> String {
    format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// The token of the cookie, if there is one.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// Whose session it is.
///
/// # Errors
/// 401 if it is over; 403 if the request (other than for a page, see above) may change something and does not carry the form token, or comes from another site's page.
pub(super) async fn resolve(
    app: &App,
    parts: &Parts,
    token: &str,
    page: bool,
) -> Result<Principal, Problem> {
    let token_hash = secrets::hash(token);
    let session =
        app.store.session(&token_hash).await.map_err(stored)?.ok_or_else(Problem::unauthorized)?;
    let now = app.clock.micros();
    if now >= session.expires_at || now >= session.seen_at + IDLE {
        app.store.end_session(&token_hash).await.map_err(stored)?;
        return Err(Problem::unauthorized());
    }
    let principal = match session.account.strip_prefix("link:") {
        Some(link) => links::principal(app, link).await?,
        None => account(app, &session).await?,
    };
    if !parts.method.is_safe() {
        origin::not_another_site(&parts.method, &parts.headers)?;
        let carried =
            parts.headers.get(&CSRF).and_then(|token| token.to_str().ok()).unwrap_or_default();
        if !page && !secrets::same(&secrets::hash(carried), &session.csrf_hash) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "form_token",
                "Send the session's form token in the header `x-csrf-token`.",
            ));
        }
    }
    if now >= session.seen_at + TOUCH {
        // Reading goes on when nothing can be written.
        if let Err(error) = app.store.touch_session(&token_hash, now).await {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    }
    Ok(principal)
}

async fn account(app: &App, session: &Session) -> Result<Principal, Problem> {
    let found = app.store.account(&session.organisation, &session.account).await.map_err(stored)?;
    let open = |account: &Account| account.closed_at.is_none();
    let account = found.filter(open).ok_or_else(Problem::unauthorized)?;
    Ok(Principal {
        actor: format!("account:{}", account.id),
        roles: roles(&account.roles),
        rosters: account.rosters.iter().cloned().collect(),
        subject: worker(account.subject.as_ref()),
        organisation: account.organisation,
    })
}
