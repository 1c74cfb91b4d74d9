//! Result documents as JSON: what a program wrote, a program reads, so a fault ends the reading at once, with its place.
//!
//! Commands hand documents to one another, so the likeliest slip is to hand over the wrong one. What a file is, is therefore looked at before
//! anything is read from it: whoever gave a menu where a matching belongs is told so, and not which member of a matching a menu lacks.

use peermatch_core::handover::HANDOVER_FORMAT;
use peermatch_core::lottery::LOTTERY_FORMAT;
use peermatch_core::menu::MENU_FORMAT;
use peermatch_core::report::MATCHING_FORMAT;
use peermatch_model::fault::{At, Faults};
use peermatch_model::policy::POLICY_FORMAT;
use peermatch_model::raw::ROSTER_FORMAT;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use crate::edges::CERTIFICATE_FORMAT;
use crate::pack::PACK_FORMAT;
use crate::places::Places;
use crate::{report, roster_json, text};

/// The kinds of files that name their format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A roster in one document.
    Roster,
    /// The description of a roster in tables (`pack.toml`).
    Pack,
    /// A policy.
    Policy,
    /// What `match` writes.
    Matching,
    /// What `menu` and `choose` write.
    Menu,
    /// What `lottery` writes.
    Lottery,
    /// What `handover` writes.
    Handover,
    /// The certificate of a raw problem, of every objective but best-total.
    Certificate,
}

impl Kind {
    /// Every kind, in the order in which they are made.
    pub const ALL: [Self; 8] = [
        Self::Roster,
        Self::Pack,
        Self::Policy,
        Self::Matching,
        Self::Menu,
        Self::Lottery,
        Self::Handover,
        Self::Certificate,
    ];

    /// The format that a file of this kind names, with its version.
    pub fn format(self) -> &'static str {
        match self {
            Self::Roster => ROSTER_FORMAT,
            Self::Pack => PACK_FORMAT,
            Self::Policy => POLICY_FORMAT,
            Self::Matching => MATCHING_FORMAT,
            Self::Menu => MENU_FORMAT,
            Self::Lottery => LOTTERY_FORMAT,
            Self::Handover => HANDOVER_FORMAT,
            Self::Certificate => CERTIFICATE_FORMAT,
        }
    }

    /// What it is called in a sentence, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Roster => "a roster",
            Self::Pack => "the description of a CSV pack",
            Self::Policy => "a policy",
            Self::Matching => "a matching document",
            Self::Menu => "a menu document",
            Self::Lottery => "a lottery document",
            Self::Handover => "a handover document",
            Self::Certificate => "the certificate of a raw problem",
        }
    }

    /// Where such a file comes from.
    fn source(self) -> &'static str {
        match self {
            Self::Roster => "give the roster: its JSON file, or the folder of its CSV pack",
            Self::Pack => "give the folder that it stands in",
            Self::Policy => "give a policy; without one, the shipped one is used",
            Self::Matching => "give the file that `peermatch match --out` wrote",
            Self::Menu => "give the file that `peermatch menu --out` or `choose --out` wrote",
            Self::Lottery => "give the file that `peermatch lottery --out` wrote",
            Self::Handover => "give the file that `peermatch handover --out` wrote",
            Self::Certificate => "give the file that `peermatch solve --certificate` wrote",
        }
    }
}

/// What a file is, as far as it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// A document of a version that is read.
    Known(Kind),
    /// A document that names another format.
    Other(String),
    /// A result that names no format, because nothing reads it.
    Result(&'static str),
    /// A table.
    Table,
    /// Something else.
    Nothing,
}

/// A document or an answer as indented JSON with a line end: the same value gives the same bytes, wherever it is asked for.
///
/// # Panics
/// If a value has keys that are no text, or numbers that JSON has not; none of this house has.
pub fn to_json(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .expect("a document has text keys and finite numbers only");
    bytes.push(b'\n');
    bytes
}

/// Reads a document of one kind.
pub(crate) fn read<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    wanted: Kind,
) -> Result<T, Faults> {
    expect_kind(file, bytes, &[wanted])?;
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    serde_json::from_str(&text).map_err(|error| {
        if error.classify() != Category::Data {
            return roster_json::syntax(file, &text, &error);
        }
        let place = roster_json::place_of(file, &text, &error);
        let reason = format!("this is not as {} is written: {}", wanted.words(), plain(&error));
        let fix = format!("a document is not to be changed by hand: {}", wanted.source());
        report::one(place, "", "", reason, fix)
    })
}

/// Which of the kinds that are `wanted` here a document is. Nothing but what it calls itself is looked at.
///
/// ```
/// use peermatch_formats::{Kind, expect_kind};
/// let menu = br#"{"format": "peermatch/menu@1"}"#;
/// assert_eq!(expect_kind("menu.json", menu, &[Kind::Matching, Kind::Menu]).unwrap(), Kind::Menu);
/// let told = expect_kind("menu.json", menu, &[Kind::Matching]).unwrap_err().to_string();
/// assert!(told.contains("this is a menu document, and a matching document is wanted here"), "{told}");
/// ```
///
/// # Errors
/// One fault, with line and column where there is one: not text, not JSON, another kind of file (which it is and which is wanted), or another
/// version of the right one.
pub fn expect_kind(file: &str, bytes: &[u8], wanted: &[Kind]) -> Result<Kind, Faults> {
    let text = text::document(bytes).map_err(|error| error.into_faults(file, bytes))?;
    let found = found(&text);
    if let Found::Known(kind) = found
        && wanted.contains(&kind)
    {
        return Ok(kind);
    }
    if let Some(faults) = another(file, &found, wanted) {
        return Err(faults);
    }
    // Nothing is known of it: a fault of syntax has a place to look at.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        return Err(roster_json::syntax(file, &text, &error));
    }
    let reason = format!("this names no format that is known, and {} is wanted here", any(wanted));
    let mut faults = Faults::new();
    faults.report(&At::root().key("format"), "", reason, fix(wanted));
    Places::json(file, &text).locate(&mut faults);
    Err(faults)
}

/// The fault of a file that is clearly something else than what is wanted; nothing where it may be that, whatever else is wrong with it.
pub(crate) fn not_another(file: &str, text: &str, wanted: Kind) -> Result<(), Faults> {
    match found(text) {
        Found::Known(kind) if kind == wanted => Ok(()),
        // That the format is of another version, or missing, is for the check of the values to say, at its place.
        Found::Other(_) | Found::Nothing => Ok(()),
        found => another(file, &found, &[wanted]).map_or(Ok(()), Err),
    }
}

/// The fault of a table that is a document.
pub(crate) fn not_a_document(
    file: &str,
    text: &str,
    columns: impl Fn() -> String,
) -> Result<(), Faults> {
    // Tables may be long, and are looked at no further than to where they start.
    if !["{", "format", "#"].iter().any(|start| text.trim_start().starts_with(start)) {
        return Ok(());
    }
    let words = match found(text) {
        Found::Known(kind) => kind.words().to_owned(),
        Found::Result(words) => words.to_owned(),
        Found::Other(format) => format!("a document of format {format}"),
        Found::Table | Found::Nothing => return Ok(()),
    };
    let reason = format!("this is {words}, and a table is wanted here: {}", columns());
    Err(report::one(report::whole(file), "", "", reason, "give the CSV file"))
}

/// What is said of a file that is something else.
fn another(file: &str, found: &Found, wanted: &[Kind]) -> Option<Faults> {
    let one = |value: &str, reason: String, fix: String| {
        Some(report::one(report::whole(file), "", value, reason, fix))
    };
    let words = match found {
        Found::Nothing => return None,
        Found::Known(kind) => kind.words(),
        Found::Result(words) => words,
        Found::Table => "a table",
        Found::Other(format) => {
            let name = |format: &str| format.split('@').next().unwrap_or_default().to_owned();
            let version = wanted.iter().find(|kind| name(kind.format()) == name(format));
            let reason = version.map_or_else(
                || format!("no format that is known, and {} is wanted here", any(wanted)),
                |kind| format!("a version that is not known; this release reads {}", kind.format()),
            );
            let fix = version.map_or_else(
                || fix(wanted),
                |_| "use the release that wrote it, or write it again with this one".to_owned(),
            );
            return one(format, reason, fix);
        }
    };
    one("", format!("this is {words}, and {} is wanted here", any(wanted)), fix(wanted))
}

fn any(wanted: &[Kind]) -> String {
    let words: Vec<&str> = wanted.iter().map(|kind| kind.words()).collect();
    words.join(" or ")
}

fn fix(wanted: &[Kind]) -> String {
    match wanted {
        [one] => one.source().to_owned(),
        _ => "give a file that one of these commands wrote with --out".to_owned(),
    }
}

/// What a text says that it is.
fn found(text: &str) -> Found {
    let start = text.trim_start();
    if start.starts_with('{') {
        return document(start);
    }
    if start.starts_with('[') && serde_json::from_str::<IgnoredAny>(start).is_ok() {
        return Found::Result("a list, not a document");
    }
    let toml = start.lines().find_map(|line| {
        let value = line.trim().strip_prefix("format")?.trim_start().strip_prefix('=')?.trim();
        value.trim_matches(['"', '\'']).starts_with("peermatch/").then(|| value.to_owned())
    });
    if let Some(format) = toml {
        return named(
            format.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']),
        );
    }
    let head = start.lines().next().unwrap_or_default();
    let names = head.split([',', ';', '\t']).map(|name| name.trim().trim_matches('"'));
    let word = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    if head.contains([',', ';', '\t']) && names.clone().all(word) {
        Found::Table
    } else {
        Found::Nothing
    }
}

/// What a JSON document says that it is.
fn document(text: &str) -> Found {
    /// The member that says it, and those by which results are known that nothing reads back.
    #[derive(serde::Deserialize)]
    struct Members {
        format: Option<serde_json::Value>,
        against: Option<IgnoredAny>,
        rows: Option<IgnoredAny>,
        same_roster: Option<IgnoredAny>,
        changes: Option<IgnoredAny>,
        verified: Option<IgnoredAny>,
        solve_s: Option<IgnoredAny>,
        available: Option<IgnoredAny>,
        audience: Option<IgnoredAny>,
    }
    // Documents as they are written say it first, whatever is wrong with them further down; and large ones are then not read twice.
    let first = first_member(text);
    if first != Found::Nothing {
        return first;
    }
    let Ok(members) = serde_json::from_str::<Members>(text) else { return Found::Nothing };
    match members.format {
        Some(serde_json::Value::String(format)) => return named(&format),
        Some(_) => return Found::Nothing,
        None => {}
    }
    Found::Result(if members.against.is_some() && members.rows.is_some() {
        "what `peermatch compare --format json` says"
    } else if members.same_roster.is_some() && members.changes.is_some() {
        "what `peermatch diff --format json` says"
    } else if members.verified.is_some() {
        "what `peermatch verify --format json` says"
    } else if members.solve_s.is_some() {
        "the figures that `peermatch solve --stats` wrote"
    } else if members.available.is_some() {
        "what `peermatch suggest --format json` says"
    } else if members.audience.is_some() {
        "what `peermatch explain --format json` says"
    } else {
        return Found::Nothing;
    })
}

/// The format of a document that starts with it.
fn first_member(text: &str) -> Found {
    let format = text[1..].trim_start().strip_prefix("\"format\"").and_then(|rest| {
        let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split_once('"').map(|(format, _)| format)
    });
    match format {
        Some(format) if format.starts_with("peermatch/") => named(format),
        _ => Found::Nothing,
    }
}

fn named(format: &str) -> Found {
    let known = Kind::ALL.into_iter().find(|kind| kind.format() == format);
    known.map_or_else(|| Found::Other(format.to_owned()), Found::Known)
}

/// What a reader of typed values says, in the words of this program.
fn plain(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(told, _)| told);
    let quoted = |rest: &str| rest.split('`').nth(1).unwrap_or_default().to_owned();
    if told.starts_with("missing field") {
        return format!("`{}` is missing from what ends here", quoted(told));
    }
    if told.starts_with("unknown field") {
        return format!("`{}` is not a known name here", quoted(told));
    }
    if told.starts_with("duplicate field") {
        return format!("`{}` stands twice", quoted(told));
    }
    if told.starts_with("unknown variant") {
        return format!("`{}` is not a known word here", quoted(told));
    }
    let value = told
        .strip_prefix("invalid type: ")
        .or_else(|| told.strip_prefix("invalid value: "))
        .and_then(|rest| rest.split_once(", expected "))
        .map(|(value, _)| value);
    match value {
        Some("null") => "null stands where a value belongs".to_owned(),
        Some("map") => "an object stands where something else belongs".to_owned(),
        Some("sequence") => "a list stands where something else belongs".to_owned(),
        Some(value) => {
            let value = value
                .trim_start_matches("integer ")
                .trim_start_matches("floating point ")
                .trim_start_matches("string ")
                .trim_start_matches("boolean ");
            format!("{value} stands where something else belongs")
        }
        None => told.to_owned(),
    }
}
