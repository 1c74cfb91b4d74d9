//! Rosters as wholes: made, listed, how they work, by which policy, removed.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use peermatch_core::hash::policy_hash;
use peermatch_core::kept::{Change, Decision, Entity, Kind, Refused, Settings, Told};
use peermatch_model::Faults;
use peermatch_model::fault::At;
use peermatch_model::policy::Policy;
use peermatch_store::{AuditEntry, Commit, Put, Reply, Revision, StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MAKERS, READERS, SMALL_BYTES_MAX, TAG, keeper};
use crate::app::App;
use crate::keeper::{Answered, repeated, stored};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, IfMatch, Json, NoBody, Path, Write, etag};
use crate::table::{Route, Who};

/// The longest id of a roster.
pub const ID_CHARS_MAX: usize = 64;

/// A roster to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoster {
    /// Its id within the organisation: small letters, digits, `-` and `_`.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9_-]{0,63}$"))]
    pub id: String,
    /// How it works.
    pub settings: Settings,
}

/// Where a roster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterLine {
    /// Id.
    pub id: String,
    /// How many changes it has seen.
    pub revision: i64,
    /// When it was made, in microseconds since 1970 UTC.
    pub made_at: i64,
    /// When it was changed last.
    pub changed_at: i64,
}

/// The rosters that whoever asks may reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rosters {
    /// By id.
    pub rosters: Vec<RosterLine>,
}

/// A roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeptRoster")]
pub struct RosterTold {
    /// Id.
    pub id: String,
    /// How many changes it has seen.
    pub revision: i64,
    /// How it works.
    pub settings: Settings,
    /// The day it is for the roster.
    pub as_of: String,
    /// Service users.
    pub people: usize,
    /// Peer workers.
    pub workers: usize,
}

/// A policy in use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeptPolicy")]
pub struct PolicyTold {
    /// Hash of the checked policy, as results name it.
    pub hash: String,
    /// Whether it is the shipped one.
    pub shipped: bool,
    /// The policy.
    pub policy: Value,
}

/// Changes of how a roster works; what is left out stays, null takes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsChange {
    /// Members of the settings.
    #[serde(flatten)]
    pub members: serde_json::Map<String, Value>,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PolicyBody(pub Value);

/// An experience that can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConceptTold {
    /// Id.
    pub id: String,
    /// In words.
    pub label: String,
}

/// The experiences that can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaxonomyTold {
    /// All of them.
    pub concepts: Vec<ConceptTold>,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedTo {
    /// The revision that it made.
    pub revision: i64,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    let roster = "The roster.";
    vec![
        Route::new(Method::POST, "/v1/rosters", "makeRoster", post(make))
            .about(TAG, "Make a roster", "An empty roster, to import into or to fill one by one.")
            .who(MAKERS)
            .json::<NewRoster>(SMALL_BYTES_MAX)
            .answers::<RosterLine>(StatusCode::CREATED, "It is there.")
            .problem(StatusCode::CONFLICT, "A roster with this id is there already."),
        Route::new(Method::GET, "/v1/rosters", "listRosters", get(list))
            .about(TAG, "List rosters", "Those that whoever asks may reach, by id.")
            .who(Who::Roles(&Role::ALL))
            .answers::<Rosters>(StatusCode::OK, "The rosters."),
        Route::new(Method::GET, "/v1/rosters/{roster}", "readRoster", get(read))
            .about(
                TAG,
                "Read a roster's settings",
                "With its size, and the revision that `ETag` names.",
            )
            .who(Who::Roles(&[
                Role::Coordinator,
                Role::Integrator,
                Role::Auditor,
                Role::Administrator,
            ]))
            .path_param("roster", roster)
            .answers::<RosterTold>(StatusCode::OK, "The roster."),
        Route::new(Method::PATCH, "/v1/rosters/{roster}", "changeRoster", patch(change))
            .about(
                TAG,
                "Change a roster's settings",
                "Members that are given are changed (RFC 7396), the rest stays.",
            )
            .who(MAKERS)
            .path_param("roster", roster)
            .header("If-Match", "The revision that was looked at.")
            .json::<SettingsChange>(SMALL_BYTES_MAX)
            .answers::<ChangedTo>(StatusCode::OK, "Changed.")
            .problem(StatusCode::PRECONDITION_FAILED, "It has changed since it was looked at."),
        Route::new(Method::DELETE, "/v1/rosters/{roster}", "removeRoster", delete(remove))
            .about(
                TAG,
                "Remove a roster",
                "With all its records, names and contacts. The audit stays.",
            )
            .who(Who::Roles(&[Role::Administrator]))
            .path_param("roster", roster)
            .header("If-Match", "The revision that was looked at.")
            .answer(StatusCode::NO_CONTENT, "It is gone.", None)
            .problem(
                StatusCode::PRECONDITION_FAILED,
                "The roster has changed since it was looked at.",
            ),
        Route::new(Method::GET, "/v1/rosters/{roster}/policy", "readPolicy", get(read_policy))
            .about(
                TAG,
                "Read the policy",
                "What counts as a good match and as fair, with its hash.",
            )
            .who(READERS)
            .path_param("roster", roster)
            .answers::<PolicyTold>(StatusCode::OK, "The policy."),
        Route::new(
            Method::GET,
            "/v1/rosters/{roster}/taxonomy",
            "readTaxonomy",
            get(read_taxonomy),
        )
        .about(
            TAG,
            "The lived experiences that can be named",
            "The taxonomy in use, as ids with what each means; broader ones before narrower ones.",
        )
        .who(Who::Roles(&[Role::Coordinator, Role::Integrator, Role::PeerWorker]))
        .path_param("roster", roster)
        .answers::<TaxonomyTold>(StatusCode::OK, "The taxonomy."),
        Route::new(Method::PUT, "/v1/rosters/{roster}/policy", "putPolicy", put(put_policy))
            .about(TAG, "Put a policy in use", "Checked first, every fault at once.")
            .who(MAKERS)
            .path_param("roster", roster)
            .header("If-Match", "The revision that was looked at.")
            .json::<PolicyBody>(SMALL_BYTES_MAX)
            .answers::<ChangedTo>(StatusCode::OK, "It is in use from now on.")
            .problem(
                StatusCode::PRECONDITION_FAILED,
                "The roster has changed since it was looked at.",
            ),
        Route::new(
            Method::DELETE,
            "/v1/rosters/{roster}/policy",
            "dropPolicy",
            delete(drop_policy),
        )
        .about(TAG, "Go back to the shipped policy", "")
        .who(MAKERS)
        .path_param("roster", roster)
        .answers::<ChangedTo>(StatusCode::OK, "The shipped policy is in use from now on."),
    ]
}

/// An id that can stand in an address and a file name.
fn good_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=ID_CHARS_MAX).contains(&id.len())
        && id.starts_with(plain)
        && id.chars().all(|c| plain(c) || matches!(c, '-' | '_'))
}

/// Makes an empty roster in the store.
///
/// # Errors
/// The id or the settings have faults, or the id is taken.
pub(crate) async fn make_empty(
    app: &App,
    organisation: &str,
    new: &NewRoster,
    entry: AuditEntry,
    reply: Option<Reply>,
) -> Result<(), Problem> {
    let (mut faults, root) = (Faults::new(), At::root());
    if !good_id(&new.id) {
        faults.report(
            &root.key("id"),
            &new.id,
            "this cannot be an id of a roster",
            format!(
                "write 1 to {ID_CHARS_MAX} small letters, digits, - and _, a letter or digit first"
            ),
        );
    }
    if let Err(wrong) = new.settings.check() {
        for mut fault in wrong {
            fault.pointer.insert_str(0, "/settings");
            faults.push(fault);
        }
    }
    faults.into_result(()).map_err(|faults| Problem::faults(&faults))?;
    // Rounded counts are drawn from it, so nobody may guess it.
    let mut secret = [0_u8; 16];
    getrandom::fill(&mut secret).map_err(|_| Problem::internal())?;
    let secret = u128::from_be_bytes(secret);
    let records = [
        Change::put("secret", Entity::Secret(format!("{secret:032x}"))),
        Change::put("settings", Entity::Settings(new.settings.clone())),
    ];
    let puts = records.iter().map(|record| {
        let (kind, id, body) = record.record();
        Put { kind: kind.to_owned(), id, body }
    });
    let commit = Commit {
        organisation: organisation.to_owned(),
        roster: new.id.clone(),
        expected: None,
        replace: false,
        puts: puts.collect(),
        at: entry.at,
        audit: vec![entry],
        reply,
    };
    match app.store.commit(&commit).await {
        Ok(_) => Ok(()),
        Err(StoreError::Taken | StoreError::Moved { .. }) => Err(Problem::new(
            StatusCode::CONFLICT,
            "taken",
            "A roster with this id is there already. Choose another id.",
        )),
        Err(error) => Err(stored(error)),
    }
}

async fn make(
    State(app): State<App>,
    Write { caller, asked, body: Json(new), .. }: Write<Json<NewRoster>>,
) -> Result<Answered, Problem> {
    let organisation = &caller.principal.organisation;
    if !caller.principal.reaches(&new.id) {
        return Err(Problem::forbidden());
    }
    let answered = |at: i64| {
        let line = RosterLine { id: new.id.clone(), revision: 1, made_at: at, changed_at: at };
        Answered::json(StatusCode::CREATED, &line)
            .with_header("location", format!("/v1/rosters/{}", new.id))
            .with_header("etag", etag(Revision(1)))
    };
    let at = app.clock.micros();
    let reply = match &asked.idempotency {
        None => None,
        Some((key, hash)) => {
            let kept = app.store.reply(organisation, &asked.actor, key).await.map_err(stored)?;
            if let Some(kept) = kept {
                return repeated(kept, hash);
            }
            Some(answered(at).kept(&asked.actor, key, hash, at))
        }
    };
    let entry = AuditEntry {
        at,
        actor: asked.actor.clone(),
        role: asked.role.clone(),
        action: "roster.made".to_owned(),
        roster: Some(new.id.clone()),
        revision: None,
        about: Vec::new(),
        input_hash: None,
        policy_hash: None,
        engine: None,
        shown: Vec::new(),
        picked: None,
        request_id: asked.request_id.clone(),
    };
    make_empty(&app, organisation, &new, entry, reply).await?;
    Ok(answered(at))
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Rosters>, Problem> {
    let all = app.store.rosters(&caller.principal.organisation).await.map_err(stored)?;
    let rosters = all
        .into_iter()
        .filter(|meta| caller.principal.reaches(&meta.roster))
        .map(|meta| RosterLine {
            id: meta.roster,
            revision: meta.revision.0,
            made_at: meta.made_at,
            changed_at: meta.changed_at,
        })
        .collect();
    Ok(Json(Rosters { rosters }))
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(roster): Path<String>,
) -> Result<Response, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let told = keeper
        .read_with(&app, move |seen| RosterTold {
            id: roster,
            revision: seen.ready.revision.0,
            settings: seen.book.settings().clone(),
            as_of: seen.ready.cx.roster.as_of().to_string(),
            people: seen.ready.cx.roster.people().len(),
            workers: seen.ready.cx.roster.workers().len(),
        })
        .await?;
    let tag = etag(Revision(told.revision));
    Ok(([("etag", tag)], Json(told)).into_response())
}

fn changed(revision: Revision) -> Answered {
    Answered::json(StatusCode::OK, &ChangedTo { revision: revision.0 })
        .with_header("etag", etag(revision))
}

/// That the roster still is what somebody looked at.
fn still(if_match: &IfMatch, now: Revision) -> Result<(), Refused> {
    if_match.admits(now).map_err(|_| Refused::Changed)
}

async fn change(
    State(app): State<App>,
    Path(roster): Path<String>,
    Write { caller, asked, if_match, body: Json(body) }: Write<Json<SettingsChange>>,
) -> Result<Answered, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: crate::keeper::Seen<'_, '_>| {
        still(&if_match, seen.ready.revision)?;
        let mut value =
            serde_json::to_value(seen.book.settings()).map_err(|_| Refused::NotFound)?;
        if let Value::Object(members) = &mut value {
            for (name, member) in &body.members {
                // A null for what is not there stays, to be refused if settings have no such member.
                if !member.is_null() || members.shift_remove(name).is_none() {
                    members.insert(name.clone(), member.clone());
                }
            }
        }
        let settings: Settings = serde_json::from_value(value).map_err(|error| {
            let (mut faults, root) = (Faults::new(), At::root());
            let words = error.to_string();
            // The words may quote what was sent.
            let reason = if words.starts_with("unknown field") {
                "a member that settings do not have"
            } else {
                "a member is missing or is not what it should be"
            };
            faults.report(&root, "", reason, "write it as /openapi.json says");
            Refused::Invalid(faults)
        })?;
        settings.check().map_err(Refused::Invalid)?;
        Ok(Decision {
            changes: vec![Change::put("settings", Entity::Settings(settings))],
            told: vec![Told::new("roster.changed", Vec::<String>::new())],
            answer: (),
        })
    };
    keeper.write(&app, asked, decide, |&(), revision| changed(revision)).await
}

async fn remove(
    State(app): State<App>,
    Path(roster): Path<String>,
    Write { caller, asked, if_match, .. }: Write<NoBody>,
) -> Result<StatusCode, Problem> {
    let organisation = &caller.principal.organisation;
    if !caller.principal.reaches(&roster) {
        return Err(Problem::not_found());
    }
    let expected = if if_match.is_there() {
        let all = app.store.rosters(organisation).await.map_err(stored)?;
        let now = all.iter().find(|meta| meta.roster == roster).ok_or_else(Problem::not_found)?;
        if_match.admits(now.revision)?;
        Some(now.revision)
    } else {
        None
    };
    let entry = AuditEntry {
        at: app.clock.micros(),
        actor: asked.actor,
        role: asked.role,
        action: "roster.removed".to_owned(),
        roster: Some(roster.clone()),
        revision: None,
        about: Vec::new(),
        input_hash: None,
        policy_hash: None,
        engine: None,
        shown: Vec::new(),
        picked: None,
        request_id: asked.request_id,
    };
    let organisation = organisation.clone();
    // Both, whether or not whoever asked waits for the answer: what is removed must not be read from memory.
    let both = tokio::spawn(async move {
        let gone = app.store.remove_roster(&organisation, &roster, expected, &[entry]).await;
        app.keepers.forget(&organisation, &roster);
        let gone = gone.map_err(stored)?;
        app.store.forget_for_good().await.map_err(stored)?;
        if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
    });
    both.await.unwrap_or_else(|_| Err(Problem::internal()))
}

async fn read_policy(
    State(app): State<App>,
    caller: Caller,
    Path(roster): Path<String>,
) -> Result<Json<PolicyTold>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let told = keeper
        .read_with(&app, |seen| {
            let put_in = seen.book.policy();
            let shipped = Policy::shipped().to_input();
            PolicyTold {
                hash: seen.ready.policy_hash.to_owned(),
                shipped: put_in.is_none(),
                policy: serde_json::to_value(put_in.unwrap_or(&shipped)).unwrap_or_default(),
            }
        })
        .await?;
    Ok(Json(told))
}

async fn read_taxonomy(
    State(app): State<App>,
    caller: Caller,
    Path(roster): Path<String>,
) -> Result<Json<TaxonomyTold>, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let told = keeper
        .read_with(&app, |seen| {
            let taxonomy = seen.ready.cx.roster.taxonomy();
            let named = taxonomy.concepts().filter(|&concept| !taxonomy.is_root(concept));
            let told = named.map(|concept| ConceptTold {
                id: taxonomy.id(concept).to_owned(),
                label: taxonomy.label(concept).to_owned(),
            });
            TaxonomyTold { concepts: told.collect() }
        })
        .await?;
    Ok(Json(told))
}

async fn put_policy(
    State(app): State<App>,
    Path(roster): Path<String>,
    Write { caller, asked, if_match, body: Json(PolicyBody(body)) }: Write<Json<PolicyBody>>,
) -> Result<Answered, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: crate::keeper::Seen<'_, '_>| {
        still(&if_match, seen.ready.revision)?;
        let read = Change::read(Kind::Policy.word(), "policy", &body.to_string());
        let change = read.map_err(|_| {
            let (mut faults, root) = (Faults::new(), At::root());
            faults.report(
                &root,
                "",
                "this is no policy",
                "write a policy document as /openapi.json says",
            );
            Refused::Invalid(faults)
        })?;
        let Some(Entity::Policy(policy)) = &change.to else { return Err(Refused::NotFound) };
        let checked = Policy::check(policy).map_err(Refused::Invalid)?;
        let told = Told {
            policy_hash: Some(policy_hash(&checked)),
            ..Told::new("policy.changed", Vec::<String>::new())
        };
        Ok(Decision { changes: vec![change], told: vec![told], answer: () })
    };
    keeper.write(&app, asked, decide, |&(), revision| changed(revision)).await
}

async fn drop_policy(
    State(app): State<App>,
    Path(roster): Path<String>,
    Write { caller, asked, if_match, .. }: Write<NoBody>,
) -> Result<Answered, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let decide = move |seen: crate::keeper::Seen<'_, '_>| {
        still(&if_match, seen.ready.revision)?;
        let told = Told {
            policy_hash: Some(policy_hash(&Policy::shipped())),
            ..Told::new("policy.changed", Vec::<String>::new())
        };
        Ok(Decision {
            changes: vec![Change::delete(Kind::Policy, "policy")],
            told: vec![told],
            answer: (),
        })
    };
    keeper.write(&app, asked, decide, |&(), revision| changed(revision)).await
}
