//! Signing in and out, and the keys and accounts of an organisation.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use peermatch_model::Faults;
use peermatch_model::fault::At;
use peermatch_store::{Account, ApiKey, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{entry, keys, links, origin, passwords, secrets, sessions};
use crate::app::App;
use crate::gate::{Peer, RequestId, address_word};
use crate::keeper::stored;
use crate::principal::{Principal, Role};
use crate::problem::Problem;
use crate::request::{Caller, Json, Path, Write};
use crate::table::{Route, Who};

const TAG: &str = "who may do what";
const SMALL: usize = 16 << 10;
const ADMINISTRATORS: Who = Who::Roles(&[Role::Administrator]);
const ANYBODY_KNOWN: Who = Who::Roles(&Role::ALL);

/// Tries to sign in of one name: five at once, then one a minute. Whether there is such a name or not.
const TRIES_OF_A_NAME: (f64, u32) = (1.0 / 60.0, 5);

/// Tries to sign in, or to open a link, from one address: thirty at once, then one in two seconds.
const TRIES_OF_AN_ADDRESS: (f64, u32) = (0.5, 30);

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/v1/sessions", "sign_in", post(sign_in))
            .about(TAG, "Sign in with a password", "Sets the cookie of a session. A name that was tried too often waits a minute for each further try, whether there is such a name or not.")
            .who(Who::Everybody)
            .json::<SignIn>(SMALL)
            .answers::<SignedIn>(StatusCode::OK, "Signed in. The form token goes into the header `x-csrf-token` of whatever changes something.")
            .problem(StatusCode::UNAUTHORIZED, "Name or password are not right."),
        Route::new(Method::GET, "/v1/sessions/current", "who_am_i", get(who_am_i))
            .about(TAG, "Who is asking", "As the service has made sure of it, by key or cookie.")
            .who(ANYBODY_KNOWN)
            .answers::<SignedIn>(StatusCode::OK, "Who is asking."),
        Route::new(Method::DELETE, "/v1/sessions/current", "sign_out", delete(sign_out))
            .about(TAG, "Sign out", "Ends the session of the cookie.")
            .who(ANYBODY_KNOWN)
            .answer(StatusCode::NO_CONTENT, "Signed out.", None),
        Route::new(Method::POST, "/v1/links/open", "open_link", post(open_link))
            .about(TAG, "Open a link with its code", "For a service user: the token of the link, and the code that was told by another way. The code can be tried five times and used once.")
            .who(Who::Everybody)
            .json::<OpenLink>(SMALL)
            .answers::<SignedIn>(StatusCode::OK, "Signed in as that person.")
            .problem(StatusCode::NOT_FOUND, "Link and code are not good, or no longer."),
        Route::new(Method::GET, "/v1/organisation", "organisation", get(organisation))
            .about(TAG, "The organisation", "")
            .who(ANYBODY_KNOWN)
            .answers::<OrganisationTold>(StatusCode::OK, "The organisation of whoever asks."),
        Route::new(Method::GET, "/v1/keys", "list_keys", get(list_keys))
            .about(TAG, "The keys of the organisation", "Without their secrets, which nobody keeps.")
            .who(ADMINISTRATORS)
            .answers::<Vec<KeyTold>>(StatusCode::OK, "The keys, revoked ones too."),
        Route::new(Method::POST, "/v1/keys", "add_key", post(add_key))
            .about(TAG, "Make a key", "The answer holds the key, and is the only one that ever will.")
            .who(ADMINISTRATORS)
            .json::<KeyWanted>(SMALL)
            .answers::<KeyMade>(StatusCode::CREATED, "The key."),
        Route::new(Method::DELETE, "/v1/keys/{key}", "revoke_key", delete(revoke_key))
            .about(TAG, "Revoke a key", "From the next request on it is no longer good.")
            .who(ADMINISTRATORS)
            .path_param("key", "Id of the key.")
            .answer(StatusCode::NO_CONTENT, "It is revoked.", None)
            .problem(StatusCode::NOT_FOUND, "There is no such key that is good."),
        Route::new(Method::GET, "/v1/accounts", "list_accounts", get(list_accounts))
            .about(TAG, "The accounts of the organisation", "")
            .who(ADMINISTRATORS)
            .answers::<Vec<AccountTold>>(StatusCode::OK, "The accounts, closed ones too."),
        Route::new(Method::POST, "/v1/accounts", "add_account", post(add_account))
            .about(TAG, "Open an account", "For somebody who signs in with a password.")
            .who(ADMINISTRATORS)
            .json::<AccountWanted>(SMALL)
            .answers::<AccountTold>(StatusCode::CREATED, "The account.")
            .problem(StatusCode::CONFLICT, "The name is taken."),
        Route::new(Method::POST, "/v1/accounts/{account}/password", "reset_password", post(reset_password))
            .about(TAG, "Give an account another password", "Ends all its sessions.")
            .who(ADMINISTRATORS)
            .path_param("account", "Id of the account.")
            .json::<Password>(SMALL)
            .answer(StatusCode::NO_CONTENT, "Done.", None)
            .problem(StatusCode::NOT_FOUND, "There is no such account."),
        Route::new(Method::DELETE, "/v1/accounts/{account}", "close_account", delete(close_account))
            .about(TAG, "Close an account", "Ends all its sessions; the name stays taken.")
            .who(ADMINISTRATORS)
            .path_param("account", "Id of the account.")
            .answer(StatusCode::NO_CONTENT, "It is closed.", None)
            .problem(StatusCode::NOT_FOUND, "There is no such account that is open."),
    ]
}

/// Name and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The name to sign in with.
    login: String,
    /// The password.
    password: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// Who, as the audit says it.
    pub actor: String,
    /// Organisation.
    pub organisation: String,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// Rosters they may reach; empty for all.
    pub rosters: BTreeSet<String>,
    /// With a cookie: the token that forms carry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub csrf_token: Option<String>,
}

/// A link's token with its code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenLink {
    /// The token of the link.
    token: String,
    /// The code of six digits.
    code: String,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganisationTold {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A key that is wanted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyWanted {
    /// What it is for, in your own words.
    #[serde(default)]
    label: String,
    /// What it may do.
    #[schemars(with = "Vec<Role>")]
    roles: BTreeSet<Role>,
    /// Rosters it is for; none for all of the organisation.
    #[serde(default)]
    rosters: Vec<String>,
    /// The peer worker it speaks for.
    #[serde(default)]
    worker: Option<WorkerOf>,
    /// From when on it is no longer good, in microseconds since 1970 UTC.
    #[serde(default)]
    expires_at: Option<i64>,
}

/// A peer worker of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerOf {
    /// Roster.
    pub roster: String,
    /// Id of the worker.
    pub id: String,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyTold {
    /// Id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it may do.
    pub roles: Vec<String>,
    /// Rosters it is for; none for all.
    pub rosters: Vec<String>,
    /// The peer worker it speaks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worker: Option<WorkerOf>,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// From when on it is no longer good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<i64>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<i64>,
}

/// A key that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyMade {
    /// The key itself: keep it safe, it is never told again.
    pub secret: String,
    /// What it is.
    pub key: KeyTold,
}

/// An account that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountWanted {
    /// The name to sign in with.
    login: String,
    /// The password, at least 12 characters.
    password: String,
    /// What it may do.
    #[schemars(with = "Vec<Role>")]
    roles: BTreeSet<Role>,
    /// Rosters; none for all of the organisation.
    #[serde(default)]
    rosters: Vec<String>,
    /// The peer worker it belongs to.
    #[serde(default)]
    worker: Option<WorkerOf>,
}

/// A password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Password {
    /// The new password, at least 12 characters.
    password: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountTold {
    /// Id.
    pub id: String,
    /// The name to sign in with.
    pub login: String,
    /// What it may do.
    pub roles: Vec<String>,
    /// Rosters; none for all.
    pub rosters: Vec<String>,
    /// The peer worker it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worker: Option<WorkerOf>,
    /// When it was opened, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closed_at: Option<i64>,
}

impl From<&ApiKey> for KeyTold {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.clone(),
            label: key.label.clone(),
            roles: key.roles.clone(),
            rosters: key.rosters.clone(),
            worker: key.subject.clone().map(|(roster, id)| WorkerOf { roster, id }),
            made_at: key.made_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl From<&Account> for AccountTold {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            login: account.login.clone(),
            roles: account.roles.clone(),
            rosters: account.rosters.clone(),
            worker: account.subject.clone().map(|(roster, id)| WorkerOf { roster, id }),
            made_at: account.made_at,
            closed_at: account.closed_at,
        }
    }
}

fn told(principal: &Principal, csrf_token: Option<String>) -> SignedIn {
    SignedIn {
        actor: principal.actor.clone(),
        organisation: principal.organisation.clone(),
        roles: principal.roles.clone(),
        rosters: principal.rosters.clone(),
        csrf_token,
    }
}

/// Counts a try of a secret that can be guessed.
fn try_again_later(app: &App, parts: &Parts, name: Option<&str>) -> Result<(), Problem> {
    let too_often = |seconds| {
        let mut problem = Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            "This was tried too often. Wait as long as the header `retry-after` says.",
        );
        problem.retry_after = Some(seconds);
        problem
    };
    let now = tokio::time::Instant::now();
    let address = address_word(parts.extensions.get::<Peer>().map(|peer| peer.0.ip()));
    app.rates.take(&format!("try:{address}"), TRIES_OF_AN_ADDRESS, now).map_err(too_often)?;
    if let Some(name) = name {
        // As a hash: what was typed may be somebody's password, in the wrong field.
        app.rates
            .take(&format!("try:{}", secrets::hash(name)), TRIES_OF_A_NAME, now)
            .map_err(too_often)?;
    }
    Ok(())
}

fn with_cookie(begun: sessions::Begun, principal: &Principal) -> Response {
    let body = Json(told(principal, Some(begun.csrf_token)));
    ([(header::SET_COOKIE, begun.set_cookie)], body).into_response()
}

fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map_or_else(String::new, |id| id.0.to_string())
}

async fn sign_in(
    State(app): State<App>,
    parts: Parts,
    Json(given): Json<SignIn>,
) -> Result<Response, Problem> {
    origin::not_another_site(&parts.method, &parts.headers)?;
    try_again_later(&app, &parts, Some(&given.login))?;
    let found = app.store.account_by_login(&given.login).await.map_err(stored)?;
    let open = found.filter(|account| account.closed_at.is_none());
    let kept = open.as_ref().map(|account| account.password_hash.clone());
    let right = given.password.len() <= passwords::BYTES_MAX
        && passwords::is_right(given.password, kept).await?;
    if let Some(account) = &open {
        let noted = note_try(app.clone(), account.clone(), right, request_id(&parts));
        if right {
            noted.await?;
        } else {
            // Nobody waits for it: two writes that only somebody known causes would tell by the time who is known.
            tokio::spawn(async move {
                if noted.await.is_err() {
                    tracing::warn!("a refused sign-in could not be written down");
                }
            });
        }
    }
    let Some(account) = open.filter(|_| right) else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "Name or password are not right.",
        ));
    };
    let begun = sessions::begin(&app, &account.organisation, &account.id, None).await?;
    let principal = Principal {
        actor: format!("account:{}", account.id),
        organisation: account.organisation,
        roles: super::roles(&account.roles),
        rosters: account.rosters.into_iter().collect(),
        subject: super::worker(account.subject.as_ref()),
    };
    Ok(with_cookie(begun, &principal))
}

/// Writes down that somebody tried to sign in.
async fn note_try(
    app: App,
    account: Account,
    right: bool,
    request_id: String,
) -> Result<(), Problem> {
    let failed = if right { 0 } else { account.failed_in_a_row.saturating_add(1) };
    let action = if right { "session.begun" } else { "session.refused" };
    let actor = format!("account:{}", account.id);
    let audit = entry(app.clock.micros(), &actor, "", action, &account.id, Some(&request_id));
    app.store.append_audit(&account.organisation, &[audit]).await.map_err(stored)?;
    let noted = app.store.note_sign_in(&account.organisation, &account.id, failed, None).await;
    noted.map_err(stored)
}

async fn open_link(
    State(app): State<App>,
    parts: Parts,
    Json(given): Json<OpenLink>,
) -> Result<Response, Problem> {
    origin::not_another_site(&parts.method, &parts.headers)?;
    try_again_later(&app, &parts, None)?;
    let begun = links::open(&app, &given.token, &given.code, &request_id(&parts)).await?;
    let principal = links::principal(&app, &secrets::hash(&given.token)).await?;
    Ok(with_cookie(begun, &principal))
}

async fn who_am_i(caller: Caller, parts: Parts) -> Json<SignedIn> {
    let by_cookie = !parts.headers.contains_key(header::AUTHORIZATION);
    let csrf = sessions::cookie(&parts.headers).filter(|_| by_cookie).map(secrets::csrf_of);
    Json(told(&caller.principal, csrf))
}

async fn sign_out(State(app): State<App>, parts: Parts) -> Result<Response, Problem> {
    if let Some(token) = sessions::cookie(&parts.headers) {
        app.store.end_session(&secrets::hash(token)).await.map_err(stored)?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, sessions::unset_cookie())]).into_response())
}

async fn organisation(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<OrganisationTold>, Problem> {
    let all = app.store.organisations().await.map_err(stored)?;
    let own = all.into_iter().find(|one| one.id == caller.principal.organisation);
    let Organisation { id, name, .. } = own.ok_or_else(Problem::not_found)?;
    Ok(Json(OrganisationTold { id, name }))
}

async fn list_keys(State(app): State<App>, caller: Caller) -> Result<Json<Vec<KeyTold>>, Problem> {
    let keys = app.store.keys(&caller.principal.organisation).await.map_err(stored)?;
    let seen = keys.iter().filter(|key| reaches(&caller, &key.rosters, key.subject.as_ref()));
    Ok(Json(seen.map(KeyTold::from).collect()))
}

async fn add_key(
    State(app): State<App>,
    write: Write<Json<KeyWanted>>,
) -> Result<Response, Problem> {
    // A key is told once and never kept, so there would be nothing to repeat: a second request would make a second key that nobody knows of.
    if write.asked.idempotency.is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "no_idempotency",
            "A key cannot be told twice. Leave the idempotency key out; if no answer came, look at the list of keys and revoke what is too many.",
        ));
    }
    let (caller, Json(wanted)) = (write.caller, write.body);
    let worker = wanted.worker.map(|worker| (worker.roster, worker.id));
    keys::fit(&wanted.roles, worker.as_ref()).map_err(|unfit| fault("roles", &unfit.0))?;
    within(&caller, &wanted.rosters, worker.as_ref())?;
    let now = app.clock.micros();
    let wanted = keys::Wanted {
        organisation: caller.principal.organisation.clone(),
        label: wanted.label,
        roles: wanted.roles,
        rosters: wanted.rosters,
        worker,
        expires_at: wanted.expires_at,
    };
    let (key, secret) = keys::make(wanted, now)?;
    let audit = audit(&caller, now, "key.added", &key.id);
    app.store.add_key(&key, &audit).await.map_err(stored)?;
    let made = KeyMade { secret, key: KeyTold::from(&key) };
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/v1/keys/{}", key.id))], Json(made))
        .into_response())
}

async fn revoke_key(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    let keys = app.store.keys(&caller.principal.organisation).await.map_err(stored)?;
    if !keys.iter().any(|one| one.id == key && reaches(&caller, &one.rosters, one.subject.as_ref()))
    {
        return Err(Problem::not_found());
    }
    let now = app.clock.micros();
    let audit = audit(&caller, now, "key.revoked", &key);
    let revoked = app
        .store
        .revoke_key(&caller.principal.organisation, &key, now, &audit)
        .await
        .map_err(stored)?;
    if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

async fn list_accounts(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<AccountTold>>, Problem> {
    let accounts = app.store.accounts(&caller.principal.organisation).await.map_err(stored)?;
    let seen = accounts
        .iter()
        .filter(|account| reaches(&caller, &account.rosters, account.subject.as_ref()));
    Ok(Json(seen.map(AccountTold::from).collect()))
}

async fn add_account(
    State(app): State<App>,
    write: Write<Json<AccountWanted>>,
) -> Result<Response, Problem> {
    let (caller, Json(wanted)) = (write.caller, write.body);
    let worker = wanted.worker.map(|worker| (worker.roster, worker.id));
    let mut faults = Faults::new();
    let at = At::root();
    if let Err(unfit) = keys::fit(&wanted.roles, worker.as_ref()) {
        faults.report(&at.key("roles"), "", unfit.0, "change the roles");
    }
    if let Err(reason) = passwords::fit(&wanted.password) {
        faults.report(&at.key("password"), "", reason, "choose another");
    }
    if !(1..=100).contains(&wanted.login.chars().count())
        || wanted.login.chars().any(char::is_control)
    {
        faults.report(&at.key("login"), "", "a name is 1 to 100 characters", "choose another");
    }
    if !faults.is_empty() {
        return Err(Problem::faults(&faults));
    }
    within(&caller, &wanted.rosters, worker.as_ref())?;
    let now = app.clock.micros();
    let account = Account {
        id: secrets::draw::<6>()?,
        organisation: caller.principal.organisation.clone(),
        login: wanted.login,
        password_hash: passwords::hash_aside(wanted.password).await?,
        roles: wanted.roles.iter().map(|role| role.word().to_owned()).collect(),
        rosters: wanted.rosters,
        subject: worker,
        failed_in_a_row: 0,
        locked_until: None,
        made_at: now,
        closed_at: None,
    };
    let audit = audit(&caller, now, "account.opened", &account.id);
    app.store.put_account(&account, &audit).await.map_err(stored)?;
    Ok((StatusCode::CREATED, Json(AccountTold::from(&account))).into_response())
}

async fn reset_password(
    State(app): State<App>,
    Path(account): Path<String>,
    write: Write<Json<Password>>,
) -> Result<StatusCode, Problem> {
    let (caller, Json(given)) = (write.caller, write.body);
    passwords::fit(&given.password).map_err(|reason| fault("password", reason))?;
    let mut account = own_account(&app, &caller, &account).await?;
    account.password_hash = passwords::hash_aside(given.password).await?;
    account.failed_in_a_row = 0;
    let audit = audit(&caller, app.clock.micros(), "account.password_reset", &account.id);
    put_and_end_sessions(app.clone(), account, audit).await
}

async fn close_account(
    State(app): State<App>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    let mut account = own_account(&app, &caller, &account).await?;
    let now = app.clock.micros();
    account.closed_at = Some(now);
    let audit = audit(&caller, now, "account.closed", &account.id);
    put_and_end_sessions(app.clone(), account, audit).await
}

/// Puts an account as it is to be and ends its sessions. Both, whether or not whoever asked waits for the answer: or somebody with the old password would be in still.
async fn put_and_end_sessions(
    app: App,
    account: Account,
    audit: peermatch_store::AuditEntry,
) -> Result<StatusCode, Problem> {
    let both = tokio::spawn(async move {
        app.store.put_account(&account, &audit).await.map_err(stored)?;
        let ended = app.store.end_sessions_of(&account.organisation, &account.id).await;
        ended.map_err(stored)?;
        Ok(StatusCode::NO_CONTENT)
    });
    both.await.unwrap_or_else(|_| Err(Problem::internal()))
}

async fn own_account(app: &App, caller: &Caller, id: &str) -> Result<Account, Problem> {
    let found = app.store.account(&caller.principal.organisation, id).await.map_err(stored)?;
    found
        .filter(|account| {
            account.closed_at.is_none()
                && reaches(caller, &account.rosters, account.subject.as_ref())
        })
        .ok_or_else(Problem::not_found)
}

/// A peer worker: roster and id.
type Worker = (String, String);

/// Nobody can give away more than they have: whoever is for some rosters makes keys and accounts for some of those.
fn within(caller: &Caller, rosters: &[String], worker: Option<&Worker>) -> Result<(), Problem> {
    if reaches(caller, rosters, worker) {
        return Ok(());
    }
    Err(fault("rosters", "your own key or account is for fewer rosters than these"))
}

/// Whether all that somebody else may reach is in the caller's own reach. Otherwise who is for one roster could take over an account that is for all, by giving it
/// a password. Whoever speaks for a peer worker reaches the worker's roster, and no other, whatever else is named beside it.
fn reaches(caller: &Caller, rosters: &[String], worker: Option<&Worker>) -> bool {
    let own = &caller.principal.rosters;
    let all = |rosters: &[String]| rosters.iter().all(|roster| own.contains(roster));
    own.is_empty()
        || match worker {
            Some((roster, _)) => own.contains(roster) && all(rosters),
            None => !rosters.is_empty() && all(rosters),
        }
}

fn fault(key: &str, reason: &str) -> Problem {
    let mut faults = Faults::new();
    faults.report(&At::root().key(key), "", reason, "change it");
    Problem::faults(&faults)
}

fn audit(caller: &Caller, at: i64, action: &str, about: &str) -> peermatch_store::AuditEntry {
    entry(at, &caller.principal.actor, caller.role.word(), action, about, Some(&caller.request_id))
}
