//! Who is asking: from what a request carries to a [`Principal`].
//!
//! Three ways in, one door ([`resolve`]): a key for programs ([`keys`]), a cookie for whoever signed in with a password ([`sessions`]), and the same cookie for a service user who came by a link
//! with its one-time code ([`links`]). Another way to sign in (OpenID Connect) ends where [`sessions::begin`] begins: it makes sure of an account and gets a cookie for it.
//!
//! Secrets are drawn here, told once, and kept as hashes; the store and the log never see one.

pub mod keys;
pub mod links;
pub mod origin;
pub mod passwords;
pub mod routes;
pub mod secrets;
pub mod sessions;

use axum::http::header;
use axum::http::request::Parts;
use peermatch_store::AuditEntry;

use crate::app::App;
use crate::principal::{Principal, Role, Subject};
use crate::problem::Problem;

/// Who is asking; `None` if the request carries nothing that says so. A page carries the form token in its form: it is looked at when the page asks
/// for the change from within, and a page changes nothing in another way.
///
/// # Errors
/// What it carries is not good (any more), it comes from another site's page, or the store cannot be asked.
pub async fn resolve(app: &App, parts: &Parts, page: bool) -> Result<Option<Principal>, Problem> {
    if let Some(carried) = parts.headers.get(header::AUTHORIZATION) {
        return keys::resolve(app, carried).await.map(Some);
    }
    if let Some(token) = sessions::cookie(&parts.headers) {
        return sessions::resolve(app, parts, token, page).await.map(Some);
    }
    if app.demo {
        origin::of_this_machine(&parts.headers)?;
        origin::not_another_site(&parts.method, &parts.headers)?;
        return Ok(Some(Principal::demo()));
    }
    Ok(None)
}

/// The roles of words; unknown ones, which a later version may have written, give nothing.
fn roles(words: &[String]) -> std::collections::BTreeSet<Role> {
    words.iter().filter_map(|word| Role::from_word(word)).collect()
}

/// The worker a key or account speaks for.
fn worker(subject: Option<&(String, String)>) -> Option<Subject> {
    subject.map(|(roster, id)| Subject::Worker { roster: roster.clone(), id: id.clone() })
}

/// An entry of the audit that is about who may do what.
pub fn entry(
    at: i64,
    actor: &str,
    role: &str,
    action: &str,
    about: &str,
    request_id: Option<&str>,
) -> AuditEntry {
    AuditEntry {
        at,
        actor: actor.to_owned(),
        role: role.to_owned(),
        action: action.to_owned(),
        roster: None,
        revision: None,
        about: vec![about.to_owned()],
        input_hash: None,
        policy_hash: None,
        engine: None,
        shown: Vec::new(),
        picked: None,
        request_id: request_id.map(str::to_owned),
    }
}
