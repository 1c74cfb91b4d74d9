//! The roster as a folder of CSV files, `peermatch/pack@1`: what a service keeps in spreadsheets.
//!
//! [`sheets`] names the files and columns. [`read_pack`] is pure over bytes; [`read_pack_dir`] fetches them. A file that cannot be
//! read stops alone, and every other file is still read, so that one run reports everything.

mod records;
pub mod sheets;
mod write;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

use peermatch_model::fault::{Fault, Faults, nearest};
use peermatch_model::raw::{
    Field, PeerWorkerInput, ROSTER_FORMAT, RosterInput, Rows, ServiceUserInput,
};
use peermatch_model::taxonomy::{TSV_FILE, TaxonomyInput, read_tsv};
use serde_json::Value;

use crate::dates::{self, DateCell};
use crate::loaded::{Loaded, Names, read_file, spoken};
use crate::places::{CellAt, FilePlaces, NestedLines, PackPlaces, Places, RowLines};
use crate::table::{self, Cells, RecordAt};
use crate::{report, text, toml_places};

pub use write::{PackError, write_pack};

/// The format version that `pack.toml` names.
pub const PACK_FORMAT: &str = "peermatch/pack@1";

/// The file that makes a folder a pack.
pub const HEAD_FILE: &str = "pack.toml";

/// The keys of [`HEAD_FILE`].
const HEAD_KEYS: [&str; 3] = ["format", "as_of", "zone"];

/// Reads a pack from its files, by name.
///
/// ```
/// use std::collections::BTreeMap;
/// use peermatch_formats::read_pack;
/// let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
/// let files: BTreeMap<String, Vec<u8>> = [
///     file("pack.toml", "format = \"peermatch/pack@1\"\nas_of = 2026-11-22\nzone = \"Pacific/Auckland\"\n"),
///     file("services.csv", "service_id\nriverside\n"),
///     file("people.csv", "person_id;services;wait_since;status;age_band;languages;modes;availability\n\
///          p1;riverside;23/04/2026;ready;25-34;en:need;telephone;Mon 09:00-12:00\n"),
///     file("workers.csv", "worker_id,services,max_people,modes,availability\nw1,riverside,8,telephone,Mon-Fri 09:00-17:00\n"),
/// ].into();
/// let loaded = read_pack(&files).unwrap();
/// assert_eq!(loaded.check().unwrap().people().len(), 1);
/// let person = loaded.input().people.given().unwrap()[0].given().unwrap();
/// assert_eq!(person.wait_since.given().unwrap(), "2026-04-23"); // as it was written: 23/04/2026
/// ```
///
/// Time is O(bytes · log rows); memory is proportional to the bytes.
///
/// # Errors
/// No `pack.toml`, or one that cannot be read; with it all that was found while reading. Every other fault is in [`Loaded::faults`]:
/// a table that cannot be read (missing, no text, no CSV, a column missing) stops alone.
pub fn read_pack(files: &BTreeMap<String, Vec<u8>>) -> Result<Loaded, Faults> {
    let mut faults = Faults::new();
    let by_name = by_lower_name(files, &mut faults);
    let Some(&(_, head)) = by_name.get(HEAD_FILE) else { return Err(not_a_pack(files)) };
    let mut reader =
        Reader { files: by_name, faults, places: PackPlaces::default(), stopped: Vec::new() };

    let mut input =
        RosterInput { format: ROSTER_FORMAT.to_owned().into(), ..RosterInput::default() };
    reader.head(head, &mut input);
    reader.unknown_files();

    let mut people =
        reader.owners(&sheets::PEOPLE, "people", "person_id", "service user", records::person);
    let mut workers =
        reader.owners(&sheets::WORKERS, "workers", "worker_id", "peer worker", records::worker);
    input.services = reader.list(&sheets::SERVICES, "services", records::service);

    reader.side(
        &sheets::PERSON_EXPERIENCES,
        &mut people,
        "experiences",
        records::asked_experience,
        |p: &mut ServiceUserInput| &mut p.experiences,
    );
    reader
        .side(&sheets::PERSON_PREFERENCES, &mut people, "wishes", records::wish, |p| &mut p.wishes);
    reader.side(&sheets::PERSON_IDENTITY, &mut people, "identity", records::identity, |p| {
        &mut p.identity
    });
    reader.side(
        &sheets::NOMINATED_PEERS,
        &mut people,
        "nominated_peers",
        records::nominated_peer,
        |p| &mut p.nominated_peers,
    );

    reader.side(
        &sheets::WORKER_EXPERIENCES,
        &mut workers,
        "experiences",
        records::told_experience,
        |w: &mut PeerWorkerInput| &mut w.experiences,
    );
    reader.side(&sheets::WORKER_WISHES, &mut workers, "wishes", records::worker_wish, |w| {
        &mut w.wishes
    });
    reader.worker_identity(&mut workers);
    reader.worker_skills(&mut workers);
    reader.minimums(&mut workers);

    input.people = Field::Given(people.rows);
    input.workers = Field::Given(workers.rows);
    input.conflicts = reader.list(&sheets::CONFLICTS, "conflicts", records::conflict);
    input.matches = reader.list(&sheets::MATCHES, "matches", records::earlier_match);
    input.groups = reader.list(&sheets::GROUPS, "groups", records::group);
    input.pins = reader.list(&sheets::PINS, "pins", records::pin);
    input.limits = reader.list(&sheets::LIMITS, "limits", records::limit);
    input.codes = reader.list(&sheets::CODES, "codes", records::code);
    let names = reader.names();
    let taxonomy = reader.taxonomy();

    let Reader { faults, places, stopped, .. } = reader;
    if stopped.contains(&HEAD_FILE) {
        // Without the day nothing can be checked.
        return Err(faults);
    }
    Ok(Loaded { input, taxonomy, names, places: Places::pack(places), faults, stopped })
}

/// Reads a pack from a folder. Only its own files are opened; what else stands there does not matter.
///
/// # Errors
/// As [`read_pack`], and every file that cannot be read.
pub fn read_pack_dir(folder: &Path) -> Result<Loaded, Faults> {
    let shown = folder.display().to_string();
    let entries = std::fs::read_dir(folder).map_err(|error| {
        let reason = format!("this folder cannot be read: {}", spoken(&error));
        report::one(report::whole(&shown), "", "", reason, "check the name and who may read it")
    })?;
    let mut names: Vec<String> = Vec::new();
    for entry in entries.flatten() {
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut faults = Faults::new();
    let mut files = BTreeMap::new();
    for name in names {
        // Named but not opened, for the message that says what was found.
        let bytes = if is_ours(&name) { read_file(&folder.join(&name)) } else { Ok(Vec::new()) };
        match bytes {
            Ok(bytes) => {
                files.insert(name, bytes);
            }
            Err(unread) => faults.extend(unread),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    read_pack(&files).map_err(|faults| {
        let mut located = Faults::new();
        for mut fault in faults {
            if fault.place.as_ref().is_some_and(|place| place.file.is_empty()) {
                fault.place = Some(report::whole(&shown));
            }
            located.push(fault);
        }
        located
    })
}

/// Whether a fault at `pointer` may be there only because a file could not be read: it refers to what stood in that file.
pub(crate) fn follows_from(stopped: &str, pointer: &str) -> bool {
    let mut steps = pointer.split('/').skip(1);
    let (list, member) = (steps.next().unwrap_or_default(), steps.nth(1).unwrap_or_default());
    let pairs = matches!(list, "conflicts" | "matches" | "pins");
    match stopped {
        "people.csv" => pairs || list == "people",
        "workers.csv" => pairs || matches!(list, "workers" | "limits") || member == "wishes",
        "services.csv" => list == "services" || matches!(member, "services" | "service"),
        "codes.csv" => matches!(member, "identity" | "wishes"),
        // The number of matches that stand is compared with the worker's caseload; identity with wishes for it.
        "matches.csv" => member == "current_people",
        "person_identity.csv" => member == "wishes",
        _ => false,
    }
}

/// Whether a file belongs to the format: `pack.toml` and tables. Everything else in the folder is the service's own.
pub(crate) fn is_ours(name: &str) -> bool {
    let lower = name.to_lowercase();
    let table = Path::new(&lower)
        .extension()
        .is_some_and(|extension| extension == "csv" || extension == "tsv");
    // Lock files of spreadsheets start like this.
    let hidden = lower.starts_with('.') || lower.starts_with('~');
    !hidden && (table || lower == HEAD_FILE)
}

/// The files by their names in small letters, as spreadsheets on some systems write capitals.
fn by_lower_name<'a>(
    files: &'a BTreeMap<String, Vec<u8>>,
    faults: &mut Faults,
) -> BTreeMap<String, (&'a str, &'a [u8])> {
    let mut out: BTreeMap<String, (&str, &[u8])> = BTreeMap::new();
    for (name, bytes) in files.iter().filter(|(name, _)| is_ours(name)) {
        if let Some((first, _)) = out.get(&name.to_lowercase()) {
            let reason = format!("this file and `{first}` differ in capitals alone");
            report::push(faults, report::whole(name), "", "", reason, "keep one of the two");
        } else {
            out.insert(name.to_lowercase(), (name, bytes));
        }
    }
    out
}

fn not_a_pack(files: &BTreeMap<String, Vec<u8>>) -> Faults {
    const SHOWN_MAX: usize = 8;
    let mut names: Vec<&str> = files.keys().map(String::as_str).take(SHOWN_MAX).collect();
    if files.len() > SHOWN_MAX {
        names.push("...");
    }
    let found = if names.is_empty() { "no files".to_owned() } else { names.join(", ") };
    let reason = format!("this folder is not a pack: it holds no {HEAD_FILE} (it holds {found})");
    report::one(
        report::whole(""),
        "",
        "",
        reason,
        "give the folder of a pack, or write a blank one with `peermatch init DIR`",
    )
}

struct Reader<'a> {
    files: BTreeMap<String, (&'a str, &'a [u8])>,
    faults: Faults,
    places: PackPlaces,
    /// The files that could not be read, so that the roster is not whole.
    stopped: Vec<&'static str>,
}

/// The records that rows of other files belong to.
struct Owners<T> {
    list: &'static str,
    /// The column that names one in another file.
    column: &'static str,
    who: &'static str,
    file: &'static str,
    rows: Vec<Field<T>>,
    by_id: BTreeMap<String, usize>,
    /// Whether their file could be read, so that an unknown id is one.
    whole: bool,
}

impl Reader<'_> {
    /// `pack.toml`.
    fn head(&mut self, bytes: &[u8], input: &mut RosterInput) {
        let text = match text::document(bytes) {
            Ok(text) => text,
            Err(error) => return self.stop(HEAD_FILE, error.into_faults(HEAD_FILE, bytes)),
        };
        let value = match toml_places::read(HEAD_FILE, &text) {
            Ok(value) => value,
            Err(mut faults) => {
                for fault in &mut faults {
                    unquoted_day(fault, &text);
                }
                return self.stop(HEAD_FILE, faults);
            }
        };
        self.places.head = text.into_owned();
        let Value::Object(members) = value else { return };
        let named = members.contains_key("format");
        let mut faults = Faults::new();
        for (key, value) in members {
            match key.as_str() {
                "format" if value == PACK_FORMAT => {}
                "format" => {
                    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    push_head(
                        &mut faults,
                        "/format",
                        &shown,
                        "not a format this version reads",
                        format!("write format = \"{PACK_FORMAT}\""),
                    );
                }
                "as_of" => input.as_of = day(&mut faults, value),
                "zone" => input.zone = Field::from_value(value),
                _ => {
                    let fix = match nearest(&key, HEAD_KEYS) {
                        Some(known) => format!("did you mean `{known}`?"),
                        None => format!("take it away; known here: {}", HEAD_KEYS.join(", ")),
                    };
                    push_head(
                        &mut faults,
                        &format!("/{key}"),
                        &key,
                        "this is not a known name here",
                        fix,
                    );
                }
            }
        }
        Places::toml(HEAD_FILE, &self.places.head).locate(&mut faults);
        if !named {
            let reason = "the format is not named";
            report::push(
                &mut faults,
                report::whole(HEAD_FILE),
                "/format",
                "",
                reason,
                format!("write format = \"{PACK_FORMAT}\""),
            );
        }
        self.faults.extend(faults);
    }

    fn stop(&mut self, file: &'static str, faults: Faults) {
        self.faults.extend(faults);
        self.stopped.push(file);
    }

    /// Tables that no reader knows: most often a slip in a name, so that a whole list would go missing.
    fn unknown_files(&mut self) {
        let known = |name: &str| {
            name == HEAD_FILE
                || name == TSV_FILE
                || sheets::ALL.iter().any(|sheet| sheet.file == name)
        };
        for (lower, (name, _)) in self.files.iter().filter(|(lower, _)| !known(lower)) {
            let files = sheets::ALL.iter().map(|sheet| sheet.file).chain([TSV_FILE]);
            let fix = match nearest(lower, files) {
                Some(file) => {
                    // A slip in a name is one fault, and what is missing because of it is none.
                    if !self.files.contains_key(file) {
                        self.stopped.push(file);
                    }
                    format!("did you mean `{file}`?")
                }
                None => "move it out of the pack".to_owned(),
            };
            let reason = "there is no such file in a pack";
            report::push(&mut self.faults, report::whole(name), "", "", reason, fix);
        }
    }

    /// Reads a file if it is there; its number among the places.
    fn table(&mut self, sheet: &'static sheets::Sheet, each: impl FnMut(&mut Cells<'_>)) -> usize {
        let mut read = None;
        if let Some(&(name, bytes)) = self.files.get(sheet.file) {
            read = table::read(sheet, name, bytes, &mut self.faults, each);
            if read.is_none() {
                self.stopped.push(sheet.file);
            }
        } else if sheet.required && !self.stopped.contains(&sheet.file) {
            let fix = format!("write it, starting with the line {}", sheet.header());
            let reason = "this file is missing from the pack";
            report::push(&mut self.faults, report::whole(sheet.file), "", "", reason, fix);
            self.stopped.push(sheet.file);
        }
        let nothing = || FilePlaces { name: sheet.file.to_owned(), columns: Vec::new() };
        self.places.files.push(read.unwrap_or_else(nothing));
        self.places.files.len() - 1
    }

    /// A file whose rows are a list of the roster. Absent if it is not there.
    fn list<T>(
        &mut self,
        sheet: &'static sheets::Sheet,
        list: &'static str,
        mut record: impl FnMut(&mut Cells<'_>) -> T,
    ) -> Rows<T> {
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        let file = self.table(sheet, |row| {
            row.at = RecordAt::Row { list, number: rows.len() };
            rows.push(Field::Given(record(row)));
            lines.push(row.line);
        });
        self.places.rows.insert(list, RowLines { file, lines });
        if rows.is_empty() && !sheet.required { Field::Absent } else { Field::Given(rows) }
    }

    /// A file whose rows other files' rows belong to. Of equal ids the first counts; the model's check reports the rest.
    fn owners<T>(
        &mut self,
        sheet: &'static sheets::Sheet,
        list: &'static str,
        column: &'static str,
        who: &'static str,
        record: impl Fn(&mut Cells<'_>) -> T,
    ) -> Owners<T> {
        let mut by_id = BTreeMap::new();
        let rows = self.list(sheet, list, |row| {
            if let RecordAt::Row { number, .. } = row.at {
                by_id.entry(row.text(column).to_owned()).or_insert(number);
            }
            record(row)
        });
        let whole = !self.stopped.contains(&sheet.file);
        let rows = if let Field::Given(rows) = rows { rows } else { Vec::new() };
        Owners { list, column, who, file: sheet.file, rows, by_id, whole }
    }

    /// A file whose rows belong to records of another.
    fn side<T, R>(
        &mut self,
        sheet: &'static sheets::Sheet,
        owners: &mut Owners<T>,
        member: &'static str,
        record: impl Fn(&mut Cells<'_>) -> R,
        into: impl Fn(&mut T) -> &mut Rows<R>,
    ) {
        let mut lines = vec![Vec::new(); owners.rows.len()];
        let file = self.table(sheet, |row| {
            if let Some(number) = owners.find(row) {
                owners.nest(number, member, row, &mut lines, &record, &into);
            }
        });
        self.places.nested.insert((owners.list, member), NestedLines { file, of_owner: lines });
    }

    /// Gender and age band are members of the worker; every other identity is a record of its own.
    fn worker_identity(&mut self, owners: &mut Owners<PeerWorkerInput>) {
        let mut lines = vec![Vec::new(); owners.rows.len()];
        let mut cells = BTreeMap::new();
        let file = self.table(&sheets::WORKER_IDENTITY, |row| {
            let Some(number) = owners.find(row) else { return };
            let dimension = row.text("dimension").to_lowercase();
            let members = match dimension.as_str() {
                "code" => {
                    return owners.nest(
                        number,
                        "identity",
                        row,
                        &mut lines,
                        &records::told_identity,
                        &|worker| &mut worker.identity,
                    );
                }
                "gender" => ["gender", "gender_consent_match", "gender_consent_show"],
                "age_band" => ["age_band", "age_consent_match", "age_consent_show"],
                _ => {
                    let fix = one_of(&dimension, &["gender", "age_band", "code"]);
                    let value = row.text("dimension").to_owned();
                    return row.report("dimension", &value, "this is not a known word here", fix);
                }
            };
            if !row.text("system").is_empty() {
                let value = row.text("system").to_owned();
                row.report(
                    "system",
                    &value,
                    format!("only codes have a system, `{dimension}` has none"),
                    "empty this cell",
                );
            }
            if cells.contains_key(&(owners.list, number, members[0])) {
                let reason = format!("this worker has a row for `{dimension}` already");
                return row.report("dimension", &dimension, reason, "keep one of the two rows");
            }
            for (member, column) in
                members.into_iter().zip(["value", "consent_match", "consent_show"])
            {
                cells.insert((owners.list, number, member), (row.line, column));
            }
            let Field::Given(worker) = &mut owners.rows[number] else { return };
            if dimension == "gender" {
                worker.gender = row.field("value");
                worker.gender_consent_match = row.field("consent_match");
                worker.gender_consent_show = row.field("consent_show");
            } else {
                worker.age_band = Field::from_cell(records::age_band(row.text("value")));
                worker.age_consent_match = row.field("consent_match");
                worker.age_consent_show = row.field("consent_show");
            }
        });
        self.places.nested.insert((owners.list, "identity"), NestedLines { file, of_owner: lines });
        self.places.cells.extend(
            cells.into_iter().map(|(key, (line, column))| (key, CellAt { file, line, column })),
        );
    }

    /// Training and competence stand in one file, by their kind.
    fn worker_skills(&mut self, owners: &mut Owners<PeerWorkerInput>) {
        let mut training = vec![Vec::new(); owners.rows.len()];
        let mut competences = training.clone();
        let file = self.table(&sheets::WORKER_SKILLS, |row| {
            let Some(number) = owners.find(row) else { return };
            match row.text("kind").to_lowercase().as_str() {
                "training" => {
                    if !row.text("level").is_empty() {
                        let value = row.text("level").to_owned();
                        row.report("level", &value, "training has no level", "empty this cell");
                    }
                    owners.nest(
                        number,
                        "training",
                        row,
                        &mut training,
                        &records::training,
                        &|worker| &mut worker.training,
                    );
                }
                "competence" => {
                    if !row.text("date").is_empty() {
                        let value = row.text("date").to_owned();
                        row.report(
                            "date",
                            &value,
                            "a competence has no day on which it was gained",
                            "empty this cell",
                        );
                    }
                    owners.nest(
                        number,
                        "competences",
                        row,
                        &mut competences,
                        &records::competence,
                        &|worker| &mut worker.competences,
                    );
                }
                other => {
                    let fix = one_of(other, &["training", "competence"]);
                    let value = row.text("kind").to_owned();
                    row.report("kind", &value, "this is not a known word here", fix);
                }
            }
        });
        self.places
            .nested
            .insert((owners.list, "training"), NestedLines { file, of_owner: training });
        self.places
            .nested
            .insert((owners.list, "competences"), NestedLines { file, of_owner: competences });
    }

    /// Minimums are members of the worker.
    fn minimums(&mut self, owners: &mut Owners<PeerWorkerInput>) {
        let mut cells = BTreeMap::new();
        let file = self.table(&sheets::MINIMUMS, |row| {
            let Some(number) = owners.find(row) else { return };
            if cells.insert((owners.list, number, "minimum"), (row.line, "minimum")).is_some() {
                let id = row.text(owners.column).to_owned();
                return row.report(
                    owners.column,
                    &id,
                    "this worker has a minimum already",
                    "keep one of the two rows",
                );
            }
            if let Field::Given(worker) = &mut owners.rows[number] {
                worker.minimum = row.field("minimum");
            }
        });
        self.places.cells.extend(
            cells.into_iter().map(|(key, (line, column))| (key, CellAt { file, line, column })),
        );
    }

    fn names(&mut self) -> Names {
        let mut names = Names::default();
        self.table(&sheets::NAMES, |row| add_name(row, &mut names));
        names
    }

    fn taxonomy(&mut self) -> Option<TaxonomyInput> {
        let &(name, bytes) = self.files.get(TSV_FILE)?;
        let text = match text::table(bytes) {
            Ok(text) => text,
            Err(error) => {
                self.stop(TSV_FILE, error.into_faults(name, bytes));
                return None;
            }
        };
        let read = read_tsv(&text);
        for mut fault in read.faults {
            if let Some(place) = &mut fault.place {
                name.clone_into(&mut place.file);
            }
            fault.pointer.insert_str(0, "/taxonomy");
            self.faults.push(fault);
        }
        self.places.taxonomy = Some((name.to_owned(), read.places));
        Some(read.input)
    }
}

impl<T> Owners<T> {
    /// The record that a row of another file belongs to; if there is none, that is reported.
    fn find(&self, row: &mut Cells<'_>) -> Option<usize> {
        row.at = RecordAt::Nowhere;
        let id = row.text(self.column);
        if let Some(&number) = self.by_id.get(id) {
            return Some(number);
        }
        // If the file of the owners could not be read, every row would say the same again.
        if self.whole {
            let id = id.to_owned();
            if id.is_empty() {
                row.report(
                    self.column,
                    "",
                    "nothing stands here, but it is needed",
                    format!("write the id of a {} of {}", self.who, self.file),
                );
            } else {
                let fix = match nearest(&id, self.alike(&id)) {
                    Some(known) => format!(
                        "did you mean `{known}`? Otherwise add the row to {}, or take this one away",
                        self.file
                    ),
                    None => {
                        format!("add a row with this id to {}, or take this one away", self.file)
                    }
                };
                row.report(self.column, &id, format!("no {} has this id", self.who), fix);
            }
        }
        None
    }

    /// Ids that an unknown one could have been meant for: all of a short list, the neighbours in a long one.
    fn alike<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        const BESIDE: usize = 4;
        let short = self.by_id.len() <= ALIKE_MAX;
        let (all, beside) = if short { (ALIKE_MAX, 0) } else { (0, BESIDE) };
        let before =
            self.by_id.range::<str, _>((Bound::Unbounded, Bound::Excluded(id))).rev().take(beside);
        let after =
            self.by_id.range::<str, _>((Bound::Included(id), Bound::Unbounded)).take(beside);
        self.by_id.iter().take(all).chain(before).chain(after).map(|(known, _)| known.as_str())
    }

    /// Adds a row's record to the owner with this number.
    fn nest<R>(
        &mut self,
        number: usize,
        member: &'static str,
        row: &mut Cells<'_>,
        lines: &mut [Vec<u64>],
        record: &impl Fn(&mut Cells<'_>) -> R,
        into: &impl Fn(&mut T) -> &mut Rows<R>,
    ) {
        let (Some(Field::Given(owner)), Some(lines)) =
            (self.rows.get_mut(number), lines.get_mut(number))
        else {
            return;
        };
        row.at = RecordAt::Within { list: self.list, owner: number, member, number: lines.len() };
        let record = Field::Given(record(row));
        lines.push(row.line);
        match into(owner) {
            Field::Given(rows) => rows.push(record),
            empty => *empty = Field::Given(vec![record]),
        }
    }
}

/// The most ids that are all compared with one that is unknown, so that a file of wrong ids takes no time that grows with its square.
const ALIKE_MAX: usize = 200;

/// Reads a file of names alone, for whoever presents results of a roster that is not a pack.
///
/// # Errors
/// Every fault of the file, with its place.
pub fn read_names(file: &str, bytes: &[u8]) -> Result<Names, Faults> {
    let mut faults = Faults::new();
    let mut names = Names::default();
    table::read(&sheets::NAMES, file, bytes, &mut faults, |row| add_name(row, &mut names));
    faults.into_result(names)
}

/// The day of the run, in quotes or not, read like a day in a table: day first if it can be nothing else.
fn day(faults: &mut Faults, value: Value) -> Field<String> {
    let (value, reason, fix) = match value {
        Value::String(text) => match dates::read(text.trim()) {
            DateCell::AsIs => return Field::Given(text),
            DateCell::Iso(iso) => return Field::Given(iso),
            DateCell::Refused { reason, fix } => (text, reason, fix),
        },
        other => {
            let shown = if other.is_array() || other.is_object() {
                String::new()
            } else {
                other.to_string()
            };
            (shown, "this is not a day".to_owned(), "write it as as_of = 2026-11-22".to_owned())
        }
    };
    push_head(faults, "/as_of", &value, &reason, fix);
    Field::wrong(Value::String(value), reason)
}

/// Tells what to write where a syntax error stands on the line of the day: TOML knows only days that are written year-month-day.
fn unquoted_day(fault: &mut Fault, text: &str) {
    let Some(place) = &fault.place else { return };
    let Some(before) = usize::try_from(place.line).ok().and_then(|line| line.checked_sub(1)) else {
        return;
    };
    let Some((key, value)) = text.lines().nth(before).and_then(|line| line.split_once('=')) else {
        return;
    };
    if key.trim() != "as_of" {
        return;
    }
    let value = value.split('#').next().unwrap_or_default().trim();
    fault.fix = match dates::read(value.trim_matches(['"', '\''])) {
        DateCell::Iso(iso) => format!("write it as {iso}"),
        DateCell::Refused { reason, fix } => format!("{fix} ({reason})"),
        DateCell::AsIs => "write it as year-month-day, such as 2026-11-22".to_owned(),
    };
}

/// The most characters of a name.
const NAME_CHARS_MAX: usize = 100;

/// Characters that a name cannot have: they could write over what stands beside it on a screen, or turn it round.
fn disturbs(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn add_name(row: &mut Cells<'_>, names: &mut Names) {
    let (id, name) = (row.text("id").to_owned(), row.text("name").to_owned());
    if id.is_empty() {
        row.report("id", "", "nothing stands here, but it is needed", "write an id");
    } else if name.is_empty() {
        row.report(
            "name",
            "",
            "nothing stands here, but it is needed",
            "write a name, or take the row away",
        );
    } else if name.contains(disturbs) {
        row.report(
            "name",
            &name,
            "a name cannot hold line breaks or other control characters",
            "write the name on one line, in letters alone",
        );
    } else if name.chars().count() > NAME_CHARS_MAX {
        row.report(
            "name",
            &name,
            format!("a name has at most {NAME_CHARS_MAX} characters"),
            "write a shorter name",
        );
    } else if !names.add(&id, &name) {
        row.report("id", &id, "this id has a name already", "keep one of the two rows");
    }
}

fn one_of(given: &str, known: &[&'static str]) -> String {
    match nearest(given, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? Known: {}", known.join(", ")),
        None => format!("use one of: {}", known.join(", ")),
    }
}

fn push_head(faults: &mut Faults, pointer: &str, value: &str, reason: &str, fix: String) {
    report::push(faults, report::whole(HEAD_FILE), pointer, value, reason, fix);
    // The place is found from the pointer, with those of the other faults of this file.
    if let Some(fault) = faults.iter_mut().next_back() {
        fault.place = None;
    }
}
