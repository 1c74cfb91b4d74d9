//! From a request to a decision: who looks, on what, when. What is decided, `core::kept` says.

use std::sync::Arc;

use axum::http::StatusCode;
use peermatch_core::kept::matches::{By, Party};
use peermatch_core::kept::steps::{Viewer, is_anything_due, overdue};
use peermatch_core::kept::{Decision, Ground, Refused, Told};
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{keeper, own_person, own_worker};
use crate::app::App;
use crate::keeper::{Answered, Asked, Keeper, Seen, refused};
use crate::principal::Role;
use crate::problem::Problem;
use crate::request::{Caller, Write, etag};

/// What is decided on.
pub(crate) fn ground<'g, 'r: 'g, 'b: 'g>(seen: &Seen<'r, 'b>) -> Ground<'g> {
    Ground {
        book: seen.book,
        cx: seen.ready.cx,
        roster_hash: seen.ready.roster_hash(),
        policy_hash: seen.ready.policy_hash,
        revision: seen.ready.revision.0,
    }
}

/// The same where no hash is needed, which takes its time to make.
pub(crate) fn unhashed<'g, 'r: 'g, 'b: 'g>(seen: &Seen<'r, 'b>) -> Ground<'g> {
    Ground {
        book: seen.book,
        cx: seen.ready.cx,
        roster_hash: "",
        policy_hash: seen.ready.policy_hash,
        revision: seen.ready.revision.0,
    }
}

/// With whose eyes a caller looks at a roster's matches and menus.
pub(crate) fn viewer(caller: &Caller, roster: &str) -> Result<Viewer, Problem> {
    let own = |id: Option<&str>| id.map(str::to_owned).ok_or_else(Problem::not_found);
    match caller.role {
        Role::Coordinator | Role::Integrator => Ok(Viewer::Coordinator),
        Role::Auditor => Ok(Viewer::Auditor),
        Role::PeerWorker => own(own_worker(&caller.principal, roster)).map(Viewer::Worker),
        Role::ServiceUser => own(own_person(&caller.principal, roster)).map(Viewer::Person),
        Role::Administrator => Err(Problem::forbidden()),
    }
}

fn by(caller: &Caller, party: Party, at: i64, seen: &Seen<'_, '_>) -> By {
    By { actor: caller.principal.actor.clone(), party, at, day: seen.ready.cx.roster.as_of() }
}

/// Ends what is over by time, if anything is, so that nothing is decided on places that are free already.
pub(crate) async fn sweep(app: &App, keeper: &Arc<Keeper>) -> Result<(), Problem> {
    let at = app.clock.micros();
    let due = keeper.read_with(app, move |seen| is_anything_due(&unhashed(&seen), at)).await?;
    if due {
        let clock = Asked {
            actor: "clock".to_owned(),
            role: "clock".to_owned(),
            request_id: None,
            idempotency: None,
        };
        let decide = move |seen: Seen<'_, '_>| overdue(ground(&seen), at);
        keeper.write(app, clock, decide, |done, _| Answered::json(StatusCode::OK, done)).await?;
    }
    Ok(())
}

/// Decides something in a roster and tells what came of it, with the revision it made.
pub(crate) async fn decided<B, T, D>(
    app: &App,
    roster: &str,
    write: Write<B>,
    status: StatusCode,
    decide: D,
) -> Result<Answered, Problem>
where
    T: Serialize + Send + 'static,
    D: for<'a> Fn(Ground<'a>, &Viewer, &By) -> Result<Decision<T>, Refused> + Send + Sync + 'static,
{
    let keeper = keeper(app, &write.caller, roster).await?;
    let viewer = viewer(&write.caller, roster)?;
    let party = viewer.party().ok_or_else(Problem::forbidden)?;
    sweep(app, &keeper).await?;
    let at = app.clock.micros();
    let (caller, if_match) = (write.caller, write.if_match);
    let decide = move |seen: Seen<'_, '_>| {
        // Looked at in turn, and only if this is no repetition: what was done once has changed the roster itself.
        if_match.admits(seen.ready.revision).map_err(|_| Refused::Changed)?;
        decide(ground(&seen), &viewer, &by(&caller, party, at, &seen))
    };
    let reply = move |answer: &T, revision: Revision| {
        Answered::json(status, answer).with_header("etag", etag(revision))
    };
    keeper.write(app, write.asked, decide, reply).await
}

/// Looks at something in a roster, with the eyes of whoever asks.
pub(crate) async fn looked<T, L>(
    app: &App,
    roster: &str,
    caller: &Caller,
    look: L,
) -> Result<(T, Revision), Problem>
where
    T: Send + 'static,
    L: for<'a> FnOnce(Ground<'a>, &Viewer) -> Result<T, Refused> + Send + 'static,
{
    let keeper = keeper(app, caller, roster).await?;
    let viewer = viewer(caller, roster)?;
    sweep(app, &keeper).await?;
    keeper
        .read_with(app, move |seen| {
            let found = look(unhashed(&seen), &viewer)?;
            Ok((found, seen.ready.revision))
        })
        .await?
        .map_err(refused)
}

/// Tells the audit what somebody is about to be shown. Whoever looks at what is kept of people is written down before the answer leaves, whatever their role.
pub(crate) async fn seen_by(
    app: &App,
    roster: &str,
    caller: &Caller,
    told: Told,
    revision: Revision,
) -> Result<(), Problem> {
    let keeper = keeper(app, caller, roster).await?;
    keeper.tell(app, &caller.asked(), &told, revision).await
}

/// What the audit is told of a list: the ids on this page of it, in the order shown.
pub(crate) fn listed(action: &str, ids: impl IntoIterator<Item = String>) -> Told {
    Told { shown: ids.into_iter().collect(), ..Told::new(action, Vec::<String>::new()) }
}

/// A list with the revision it was read at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListedOf{T}")]
pub struct Listed<T> {
    /// The lines.
    pub items: Vec<T>,
    /// The revision of the roster that was looked at.
    pub revision: i64,
}
