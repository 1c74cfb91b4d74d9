//! What reading a roster gives: raw input, names, and where everything stood; and reading whatever a path names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use peermatch_model::fault::{Fault, Faults};
use peermatch_model::raw::{Field, RosterInput};
use peermatch_model::roster::Roster;
use peermatch_model::taxonomy::{TSV_FILE, Taxonomy, TaxonomyInput};

use crate::pack::follows_from;
use crate::places::Places;
use crate::text::FILE_BYTES_MAX;
use crate::{pack, report, roster_json};

/// A roster as it was read, nothing of it checked.
///
/// What could not be read of it (a row of somebody unknown, a date that could be two days) stands in `faults` and is not
/// lost on the way: only [`Loaded::into_parts`] gives the input away, and it fails if there are any.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub(crate) input: RosterInput,
    pub(crate) taxonomy: Option<TaxonomyInput>,
    pub(crate) names: Names,
    pub(crate) places: Places,
    pub(crate) faults: Faults,
    /// The files of a pack that could not be read.
    pub(crate) stopped: Vec<&'static str>,
}

/// A roster that was read without faults, in its parts.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The roster.
    pub input: RosterInput,
    /// The service's own taxonomy, if it came with one.
    pub taxonomy: Option<TaxonomyInput>,
    /// Names, for whoever presents results.
    pub names: Names,
    /// From a fault's pointer to file, line and column.
    pub places: Places,
}

impl Loaded {
    /// The roster as far as it could be read.
    pub fn input(&self) -> &RosterInput {
        &self.input
    }

    /// The service's own taxonomy, if it came with one.
    pub fn taxonomy(&self) -> Option<&TaxonomyInput> {
        self.taxonomy.as_ref()
    }

    /// Names, for whoever presents results.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// From a fault's pointer to file, line and column.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Sets the day of the run, in place of the one that was read.
    pub fn set_as_of(&mut self, day: &str) {
        self.input.as_of = day.to_owned().into();
    }

    /// Takes out every worker's minimum, so that objectives which know none can be compared with those which do.
    pub fn set_minimums_aside(&mut self) {
        let Field::Given(workers) = &mut self.input.workers else { return };
        for worker in workers {
            // What is wrong stays, to be reported.
            if let Field::Given(worker) = worker
                && matches!(worker.minimum, Field::Given(_))
            {
                worker.minimum = Field::Absent;
            }
        }
    }

    /// What could not be read.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The parts, to be worked with unchecked. [`Loaded::check`] reports more faults at once.
    ///
    /// # Errors
    /// What could not be read.
    pub fn into_parts(self) -> Result<Parts, Faults> {
        let Self { input, taxonomy, names, places, faults, .. } = self;
        faults.into_result(Parts { input, taxonomy, names, places })
    }

    /// Checks the taxonomy that came with the roster, or takes the shipped one.
    ///
    /// # Errors
    /// Every fault of the taxonomy, with its place.
    pub fn check_taxonomy(&self) -> Result<Taxonomy, Faults> {
        let Some(taxonomy) = &self.taxonomy else { return Ok(Taxonomy::shipped()) };
        Taxonomy::check(taxonomy).map_err(|faults| {
            let mut located = Faults::new();
            for mut fault in faults {
                // The taxonomy's own pointers start at the taxonomy; its places, if any, are this crate's to give.
                fault.pointer.insert_str(0, "/taxonomy");
                fault.place = None;
                located.push(fault);
            }
            self.places.locate(&mut located);
            located
        })
    }

    /// Checks the roster, against the taxonomy that came with it or the shipped one.
    ///
    /// ```
    /// use peermatch_formats::read_roster_json;
    /// let json = br#"{
    ///   "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "Pacific/Auckland",
    ///   "services": [{"id": "riverside"}], "people": [], "workers": [{"id": "w1", "services": ["riversde"], "max_people": 8}]
    /// }"#;
    /// let faults = read_roster_json("roster.json", json).unwrap().check().unwrap_err();
    /// let places: Vec<String> = faults.iter().filter_map(|fault| Some(fault.place.as_ref()?.to_string())).collect();
    /// assert!(places.contains(&"roster.json:3:90".to_owned()), "{places:?}");
    /// ```
    ///
    /// # Errors
    /// Every fault at once, of reading and of checking, with its place. Under a taxonomy that has faults the roster's concepts
    /// mean nothing, so then only what was found while reading is reported with it.
    pub fn check(&self) -> Result<Roster, Faults> {
        if self.stopped.contains(&TSV_FILE) {
            return Err(self.all_faults(Faults::new()));
        }
        let taxonomy = match self.check_taxonomy() {
            Ok(taxonomy) => taxonomy,
            Err(faults) => return Err(self.all_faults(faults)),
        };
        match Roster::check(&self.input, taxonomy) {
            Ok(roster) if self.faults.is_empty() => Ok(roster),
            Ok(_) => Err(self.all_faults(Faults::new())),
            Err(faults) => Err(self.all_faults(faults)),
        }
    }

    /// Puts the faults of a check, made from this input, together with those of reading: each with its place, each once, by place.
    #[must_use]
    pub fn all_faults(&self, checked: Faults) -> Faults {
        // What could not be read stands as a wrong value in the input, which the check reports again with less to say.
        let told: BTreeSet<&str> = self
            .faults
            .iter()
            .map(|fault| fault.pointer.as_str())
            .filter(|pointer| !pointer.is_empty())
            .collect();
        let follows =
            |fault: &Fault| self.stopped.iter().any(|file| follows_from(file, &fault.pointer));
        let again = |fault: &Fault| {
            let within = || {
                fault
                    .pointer
                    .match_indices('/')
                    .any(|(end, _)| told.contains(&fault.pointer[..end]))
            };
            told.contains(fault.pointer.as_str())
                || (fault.pointer.starts_with("/taxonomy/")
                    || fault.pointer.contains("/languages/"))
                    && within()
        };
        // A row of the wrong shape is reported as a whole, so its cells are not.
        let shapeless: BTreeSet<(&str, u64)> = self
            .faults
            .iter()
            .filter(|fault| fault.pointer.is_empty())
            .filter_map(|fault| fault.place.as_ref())
            .filter(|place| place.line > 0)
            .map(|place| (place.file.as_str(), place.line))
            .collect();
        let mut all: Vec<Fault> = self.faults.clone().into_iter().collect();
        let mut located = Faults::new();
        for fault in checked.into_iter().filter(|fault| !again(fault) && !follows(fault)) {
            located.push(fault);
        }
        self.places.locate(&mut located);
        let mut seen = BTreeSet::new();
        for fault in located {
            let shapeless = fault
                .place
                .as_ref()
                .is_some_and(|place| shapeless.contains(&(place.file.as_str(), place.line)));
            if !shapeless
                && seen.insert((fault.pointer.clone(), fault.value.clone(), fault.reason.clone()))
            {
                all.push(fault);
            }
        }
        // In the order in which somebody goes through the files.
        all.sort_by(|a, b| a.place.cmp(&b.place));
        let mut faults = Faults::new();
        for fault in all {
            faults.push(fault);
        }
        faults
    }
}

/// What people and workers are called, by id. No reader of the engine sees this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The name that goes with an id, if one is known.
    pub fn of(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// Every id with its name, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// Whether no name is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a name; whether the id had none before. If it had, the first stays.
    pub(crate) fn add(&mut self, id: &str, name: &str) -> bool {
        if self.0.contains_key(id) {
            return false;
        }
        self.0.insert(id.to_owned(), name.to_owned());
        true
    }
}

impl<I: Into<String>, N: Into<String>> FromIterator<(I, N)> for Names {
    fn from_iter<T: IntoIterator<Item = (I, N)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(id, name)| (id.into(), name.into())).collect())
    }
}

/// Reads the roster that a path names: a JSON file, or the folder of a CSV pack.
///
/// # Errors
/// What stops the reading: nothing there, a folder that is not a pack, a syntax error. Faults of values are in
/// [`Loaded::faults`] instead, so that a check can add to them.
pub fn read_roster(path: &Path) -> Result<Loaded, Faults> {
    let shown = path.display().to_string();
    if path.is_dir() {
        return pack::read_pack_dir(path);
    }
    let name =
        path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    if pack::is_ours(&name) {
        let reason = "this is one file of a pack; a pack is read as a whole";
        return Err(report::one(
            report::whole(&shown),
            "",
            "",
            reason,
            "give the folder that it stands in",
        ));
    }
    roster_json::read_roster_json(&shown, &read_file(path)?)
}

/// The bytes of a file of at most [`FILE_BYTES_MAX`].
///
/// # Errors
/// A fault that names the file: it is not there, cannot be read, or is too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Faults> {
    let fault = |reason: String, fix: &str| {
        report::one(report::whole(&path.display().to_string()), "", "", reason, fix)
    };
    let length = std::fs::metadata(path)
        .map_err(|error| fault(unreadable(&error), "check the name and who may read it"))?
        .len();
    if length > FILE_BYTES_MAX {
        return Err(fault(
            format!("the file has {length} bytes; at most {FILE_BYTES_MAX} are read"),
            "split the roster",
        ));
    }
    std::fs::read(path)
        .map_err(|error| fault(unreadable(&error), "check the name and who may read it"))
}

/// What a system says of an error, without its number.
pub(crate) fn spoken(error: &std::io::Error) -> String {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this file may not be read".to_owned(),
        std::io::ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        _ => format!("this cannot be read: {}", spoken(error)),
    }
}
