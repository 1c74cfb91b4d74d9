//! Keys for programs: `Authorization: Bearer pm_ID_SECRET`. The secret has 256 bits and is kept as its SHA-256; a key is looked up anew for each request, so that revoking
//! it takes effect at once.

use std::collections::BTreeSet;

use axum::http::HeaderValue;
use peermatch_store::ApiKey;

use super::{roles, secrets, worker};
use crate::app::App;
use crate::keeper::stored;
use crate::principal::{Principal, Role};
use crate::problem::Problem;

/// What a key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Organisation.
    pub organisation: String,
    /// What it is for.
    pub label: String,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// Rosters it is for; empty for all of the organisation.
    pub rosters: Vec<String>,
    /// The peer worker (roster, id) it speaks for.
    pub worker: Option<(String, String)>,
    /// From when on it is no longer good.
    pub expires_at: Option<i64>,
}

/// Why a key or an account cannot be as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// What must go together in whoever may do something.
///
/// # Errors
/// A role that no key or account has, no role at all, or a worker's role without the worker.
pub fn fit(roles: &BTreeSet<Role>, worker: Option<&(String, String)>) -> Result<(), Unfit> {
    let unfit = |words: &str| Err(Unfit(words.to_owned()));
    if roles.is_empty() {
        return unfit("Name at least one role.");
    }
    if roles.contains(&Role::ServiceUser) {
        return unfit("Service users come by a link, not by a key or an account.");
    }
    match (roles.contains(&Role::PeerWorker), worker, roles.len()) {
        (true, None, _) => {
            unfit("A peer worker's role needs the worker it speaks for, with the roster.")
        }
        (false, Some(_), _) => unfit("A worker is named, but not the role peer_worker."),
        // Whoever sees as a coordinator must not act as a worker, and the other way round: what each may see differs.
        (true, Some(_), 2..) => {
            unfit("A peer worker's role stands alone: use another key for other roles.")
        }
        _ => Ok(()),
    }
}

/// Makes a key: what is kept, and what is told once.
///
/// # Errors
/// No randomness.
pub fn make(wanted: Wanted, at: i64) -> Result<(ApiKey, String), Problem> {
    let (id, secret) = (secrets::draw::<6>()?, secrets::draw::<32>()?);
    let told = format!("pm_{id}_{secret}");
    let key = ApiKey {
        id,
        organisation: wanted.organisation,
        label: wanted.label,
        hash: secrets::hash(&secret),
        roles: wanted.roles.iter().map(|role| role.word().to_owned()).collect(),
        rosters: wanted.rosters,
        subject: wanted.worker,
        made_at: at,
        expires_at: wanted.expires_at,
        revoked_at: None,
    };
    Ok((key, told))
}

/// The end of a day (in UTC, as `2027-06-30`), in microseconds since 1970: a key that is good until a day is so all of it.
pub fn end_of_day(day: &str) -> Option<i64> {
    let next = day.parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
    Some(next.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// Who a key speaks for.
///
/// # Errors
/// 401 in the same words for every key that is not good.
pub(super) async fn resolve(app: &App, carried: &HeaderValue) -> Result<Principal, Problem> {
    let (id, secret) = parts(carried).ok_or_else(Problem::unauthorized)?;
    let found = app.store.key_by_hash(&secrets::hash(secret)).await.map_err(stored)?;
    let now = app.clock.micros();
    let good = |key: &ApiKey| {
        secrets::same(&key.id, id)
            && key.revoked_at.is_none()
            && key.expires_at.is_none_or(|expires| now < expires)
    };
    let key = found.filter(good).ok_or_else(Problem::unauthorized)?;
    Ok(Principal {
        actor: format!("key:{}", key.id),
        roles: roles(&key.roles),
        rosters: key.rosters.iter().cloned().collect(),
        subject: worker(key.subject.as_ref()),
        organisation: key.organisation,
    })
}

fn parts(carried: &HeaderValue) -> Option<(&str, &str)> {
    let (scheme, key) = carried.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    key.trim().strip_prefix("pm_")?.split_once('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_that_do_not_go_together_are_refused() {
        let worker = ("r".to_owned(), "W-1".to_owned());
        assert!(fit(&[Role::Integrator, Role::Coordinator].into(), None).is_ok());
        assert!(fit(&[Role::PeerWorker].into(), Some(&worker)).is_ok());
        for (roles, worker) in [
            (vec![], None),
            (vec![Role::ServiceUser], None),
            (vec![Role::PeerWorker], None),
            (vec![Role::Coordinator], Some(&worker)),
            (vec![Role::Coordinator, Role::PeerWorker], Some(&worker)),
        ] {
            assert!(fit(&roles.iter().copied().collect(), worker).is_err(), "{roles:?}");
        }
    }

    #[test]
    fn a_key_is_good_all_of_its_last_day() {
        assert_eq!(end_of_day("2026-03-01"), Some(1_772_409_600_000_000));
        for bad in ["", "2026-02-30", "tomorrow", "9999-12-31"] {
            assert_eq!(end_of_day(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_bearers_of_the_right_shape_are_read() {
        let read = |text: &str| {
            parts(&HeaderValue::from_str(text).unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned()))
        };
        assert_eq!(read("Bearer pm_ab_cd"), Some(("ab".into(), "cd".into())));
        assert_eq!(read("bearer pm_ab_cd"), Some(("ab".into(), "cd".into())));
        for bad in ["pm_ab_cd", "Basic pm_ab_cd", "Bearer ab_cd", "Bearer pm_abcd", "Bearer"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
