//! Who is asking: from what a request carries to a [`Principal`].

use axum::http::request::Parts;

use crate::app::App;
use crate::principal::Principal;
use crate::problem::Problem;

/// Who is asking; `None` if the request carries nothing that says so.
///
/// # Errors
/// What it carries is not good (any more), or the store cannot be asked.
#[expect(clippy::unused_async, reason = "keys and sessions are looked up in the store")]
pub async fn resolve(app: &App, _parts: &Parts) -> Result<Option<Principal>, Problem> {
    Ok(app.demo.then(Principal::demo))
}
