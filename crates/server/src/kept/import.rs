//! A whole roster, or part of one, put into a kept roster.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use peermatch_core::kept::Refused;
use peermatch_core::kept::import::{Import, ImportHow, Imported, import};
use peermatch_formats::{Loaded, Places, read_pack, read_roster_json};
use peermatch_model::Faults;
use peermatch_model::raw::RosterInput;
use peermatch_store::Revision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MAKERS, TAG, keeper};
use crate::app::App;
use crate::keeper::{Answered, Seen, refused};
use crate::problem::Problem;
use crate::request::{Json, Path, Query, Whole, Write, etag, read_json};
use crate::table::{Route, schema};

/// Media type of a pack: a JSON object of file names and their texts.
pub const PACK_JSON: &str = "application/vnd.peermatch.pack+json";

/// The most bytes of an import: a state of 60,000 people takes some 90 MiB.
pub const IMPORT_BYTES_MAX: usize = 256 << 20;

/// A CSV pack: `pack.toml`, `people.csv` and so on, each with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pack(pub BTreeMap<String, String>);

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    dry_run: bool,
    how: Option<ImportHow>,
}

/// What an import came to, or would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportTold {
    /// Whether nothing was changed, because only that was asked for.
    pub dry_run: bool,
    /// The revision that it made, or that was looked at.
    pub revision: i64,
    /// How many records it changes.
    pub counts: Imported,
}

/// The routes of this module.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/v1/rosters/{roster}/import", "importRoster", post(put_in))
            .about(
                TAG,
                "Import a roster",
                "A roster document, or a CSV pack as an object of file names and texts. All of it or nothing; every fault at once, with file, line and column. What was decided here stays: an import that leaves out somebody with a match under way is refused. Caseloads are taken as knowing of the matches that the import lists and of no other.",
            )
            .who(MAKERS)
            .path_param("roster", "The roster.")
            .query::<bool>("dry_run", "Only say what would change.")
            .query::<ImportHow>(
                "how",
                "`replace` (usual): whoever is left out is ended. `merge`: whoever is left out stays.",
            )
            .body("application/json", schema::<RosterInput>, IMPORT_BYTES_MAX)
            .body(PACK_JSON, schema::<Pack>, IMPORT_BYTES_MAX)
            .answers::<ImportTold>(StatusCode::OK, "What changed, or would change.")
            .problem(StatusCode::CONFLICT, "It would break what was decided here."),
    ]
}

/// What was read: the import, and where everything stood.
struct ReadIn {
    import: Import,
    places: Places,
}

fn read_in(whole: &Whole, day: &str, how: ImportHow) -> Result<ReadIn, Problem> {
    let faults = |faults: Faults| Problem::faults(&faults);
    let mut loaded: Loaded = if whole.media == PACK_JSON {
        let Pack(files) = read_json(&whole.bytes)?;
        let files = files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        read_pack(&files).map_err(faults)?
    } else {
        whole.is_json()?;
        read_roster_json("roster.json", &whole.bytes).map_err(faults)?
    };
    loaded.set_as_of(day);
    if !loaded.faults().is_empty() {
        // What could not be read and what is wrong otherwise, in one answer; but part of a roster is not checked alone.
        let all = match how {
            ImportHow::Replace => loaded.check().err(),
            ImportHow::Merge => None,
        };
        return Err(Problem::faults(&all.unwrap_or_else(|| loaded.faults().clone())));
    }
    let parts = loaded.into_parts().map_err(faults)?;
    let names = parts.names.iter().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    Ok(ReadIn {
        import: Import { input: parts.input, taxonomy: parts.taxonomy, names },
        places: parts.places,
    })
}

/// Faults with their places.
fn located(why: Refused, places: &Places) -> Refused {
    match why {
        Refused::Invalid(mut faults) => {
            places.locate(&mut faults);
            Refused::Invalid(faults)
        }
        other => other,
    }
}

async fn put_in(
    State(app): State<App>,
    Path(roster): Path<String>,
    Query(query): Query<Asked>,
    Write { caller, asked, if_match, body }: Write<Whole>,
) -> Result<Response, Problem> {
    let keeper = keeper(&app, &caller, &roster).await?;
    let how = query.how.unwrap_or(ImportHow::Replace);
    let day = keeper.ask(&app, |ready| ready.cx.roster.as_of()).await?;
    // Reading takes seconds where a roster is large: not on a thread that others wait on.
    let read = tokio::task::spawn_blocking(move || read_in(&body, &day.to_string(), how))
        .await
        .map_err(|_| Problem::internal())??;
    let read = Arc::new(read);
    let (at, actor) = (app.clock.micros(), asked.actor.clone());
    let decide = move |seen: Seen<'_, '_>| {
        if_match.admits(seen.ready.revision).map_err(|_| Refused::Changed)?;
        let day = seen.ready.cx.roster.as_of();
        import(seen.book, &read.import, how, day, at, &actor)
            .map_err(|why| located(why, &read.places))
    };
    if query.dry_run {
        let (decided, revision) =
            keeper.read_with(&app, move |seen| (decide(seen), seen.ready.revision)).await?;
        let counts = decided.map_err(refused)?.answer;
        let told = ImportTold { dry_run: true, revision: revision.0, counts };
        return Ok(Json(told).into_response());
    }
    let reply = |counts: &Imported, revision: Revision| {
        let told = ImportTold { dry_run: false, revision: revision.0, counts: counts.clone() };
        Answered::json(StatusCode::OK, &told).with_header("etag", etag(revision))
    };
    Ok(keeper.write(&app, asked, decide, reply).await?.into_response())
}
