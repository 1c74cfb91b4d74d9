//! A kept roster to look around in: what a demonstration starts with.

use std::collections::BTreeMap;
use std::sync::Arc;

use peermatch_core::kept::Settings;
use peermatch_core::kept::import::{Import, ImportHow, import};
use peermatch_formats::read_pack;
use peermatch_model::raw::Field;
use peermatch_store::AuditEntry;

use super::rosters::{NewRoster, make_empty};
use crate::app::App;
use crate::auth::entry;
use crate::keeper::{Answered, Asked, MATCHING_WAIT, Seen};
use crate::principal::Principal;
use crate::problem::Problem;

/// Who did it, in the audit.
const ACTOR: &str = "demo";

/// Makes a roster of the demonstration's organisation from a CSV pack (file names and texts), as a caller would by two requests, and holds it warm. It
/// stands still at the pack's own day.
///
/// # Errors
/// The faults of the pack, or what the store says.
pub async fn put_example(
    app: &App,
    id: &str,
    pack: BTreeMap<String, Vec<u8>>,
) -> Result<(), Problem> {
    let loaded = read_pack(&pack).map_err(|faults| Problem::faults(&faults))?;
    let as_of = loaded.check().map_err(|faults| Problem::faults(&faults))?.as_of();
    let parts = loaded.into_parts().map_err(|faults| Problem::faults(&faults))?;
    let zone = match &parts.input.zone {
        Field::Given(zone) => zone.clone(),
        _ => "UTC".to_owned(),
    };
    let settings = Settings { as_of: Some(as_of), ..Settings::in_zone(&zone) };
    let at = app.clock.micros();
    let made = AuditEntry {
        roster: Some(id.to_owned()),
        ..entry(at, ACTOR, "administrator", "roster.made", id, None)
    };
    let organisation = Principal::DEMO_ORGANISATION;
    make_empty(app, organisation, &NewRoster { id: id.to_owned(), settings }, made, None).await?;
    let keeper = app.keepers.get(app, organisation, id).await?;
    let names = parts.names.iter().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    let whole = Arc::new(Import { input: parts.input, taxonomy: parts.taxonomy, names });
    let asked = Asked {
        actor: ACTOR.to_owned(),
        role: "administrator".to_owned(),
        request_id: None,
        idempotency: None,
    };
    let decide =
        move |seen: Seen<'_, '_>| import(seen.book, &whole, ImportHow::Replace, as_of, at, ACTOR);
    let reply = |_: &_, _| Answered {
        status: axum::http::StatusCode::OK,
        headers: BTreeMap::new(),
        body: String::new(),
        repeated: false,
    };
    keeper.write(app, asked, decide, reply).await?;
    // The first who asks is told what choices cost, too.
    keeper.matched(app, MATCHING_WAIT).await?;
    Ok(())
}
