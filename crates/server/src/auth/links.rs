//! Links for service users: a link in a message or on paper, and a code of six digits told by another way. Who has one without the other gets nowhere; who has both gets
//! the pages of that one person, for as long as the link is good.

use axum::http::StatusCode;
use peermatch_store::Link;

use super::{entry, secrets, sessions};
use crate::app::App;
use crate::keeper::stored;
use crate::principal::{Principal, Role, Subject};
use crate::problem::Problem;

/// How often a code may be tried.
pub const TRIES_MAX: u32 = 5;

/// How long a link is good, unless it is for a menu that ends before: two weeks.
pub const GOOD: i64 = 14 * 24 * 3_600 * 1_000_000;

/// How long somebody is in who came by a link, at most: two hours, since the device may not be theirs alone.
pub const IN: i64 = 2 * 3_600 * 1_000_000;

/// Who a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct For {
    /// Organisation.
    pub organisation: String,
    /// Roster.
    pub roster: String,
    /// The person.
    pub person: String,
    /// The menu it leads to, if to one.
    pub menu: Option<String>,
    /// From when on it is no longer good.
    pub expires_at: i64,
}

/// A link as it is told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id, for whoever made it.
    pub id: String,
    /// For the link. Long enough that nobody guesses it.
    pub token: String,
    /// The code, to be told by another way.
    pub code: String,
}

/// Makes a link; those that the person had before are over.
///
/// # Errors
/// No randomness, or the store fails.
pub async fn make(
    app: &App,
    to: For,
    actor: &str,
    role: Role,
    request_id: &str,
) -> Result<Told, Problem> {
    let told =
        Told { id: secrets::draw::<6>()?, token: secrets::draw::<20>()?, code: secrets::code()? };
    let now = app.clock.micros();
    app.store.end_links_of(&to.organisation, &to.roster, &to.person).await.map_err(stored)?;
    let link = Link {
        code_hash: secrets::hash_of_code(&told.id, &told.code),
        token_hash: secrets::hash(&told.token),
        id: told.id.clone(),
        organisation: to.organisation,
        person: to.person,
        menu: to.menu,
        made_at: now,
        expires_at: to.expires_at,
        used_at: None,
        tries: 0,
        roster: to.roster,
    };
    let mut audit = entry(now, actor, role.word(), "link.made", &link.person, Some(request_id));
    audit.about.push(format!("link:{}", link.id));
    audit.roster = Some(link.roster.clone());
    app.store.add_link(&link, &audit).await.map_err(stored)?;
    Ok(told)
}

/// Opens a link by its code: begins a session of the person.
///
/// # Errors
/// 404 in the same words whether the link or the code is wrong, used, or over.
pub async fn open(
    app: &App,
    token: &str,
    code: &str,
    request_id: &str,
) -> Result<sessions::Begun, Problem> {
    let hash = secrets::hash(token);
    let now = app.clock.micros();
    let link = app.store.link(&hash).await.map_err(stored)?.ok_or_else(not_good)?;
    let right = secrets::same(&secrets::hash_of_code(&link.id, code.trim()), &link.code_hash);
    let tried = app.store.try_link(&hash, right, TRIES_MAX, now).await.map_err(stored)?;
    let action = if right && tried.is_some() { "link.opened" } else { "link.refused" };
    let mut audit = entry(
        now,
        &format!("link:{}", link.id),
        Role::ServiceUser.word(),
        action,
        &link.person,
        Some(request_id),
    );
    audit.roster = Some(link.roster.clone());
    app.store.append_audit(&link.organisation, &[audit]).await.map_err(stored)?;
    if !right || tried.is_none() {
        return Err(not_good());
    }
    sessions::begin(
        app,
        &link.organisation,
        &format!("link:{hash}"),
        Some(link.expires_at.min(now + IN)),
    )
    .await
}

fn not_good() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "link_not_good",
        "This link and code are not good, or no longer. Ask for new ones.",
    )
}

/// Who a session of a link is.
pub(super) async fn principal(app: &App, token_hash: &str) -> Result<Principal, Problem> {
    let link = app.store.link(token_hash).await.map_err(stored)?;
    let now = app.clock.micros();
    let link = link.filter(|link| now < link.expires_at).ok_or_else(Problem::unauthorized)?;
    Ok(Principal {
        actor: format!("link:{}", link.id),
        organisation: link.organisation,
        roles: [Role::ServiceUser].into(),
        rosters: [link.roster.clone()].into(),
        subject: Some(Subject::Person {
            roster: link.roster,
            id: link.person,
            link: link.id,
            menu: link.menu,
        }),
    })
}
