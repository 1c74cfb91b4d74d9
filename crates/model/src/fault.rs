//! Faults in input: what is wrong, where, and what to do about it, all of them at once.
//!
//! Every checker in the house collects into [`Faults`] and goes on, so that one run reports everything.
//! This file knows nothing of files: a fault's place is a JSON pointer into the raw input, and `formats` adds file,
//! line and column where it knows them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest value that is repeated in a fault, in characters; the rest is cut with an ellipsis.
pub const VALUE_CHARS_MAX: usize = 60;

/// The most faults that are kept of one input. Whoever sends a hundred thousand wrong values is told of enough of them.
pub const FAULTS_MAX: usize = 10_000;

/// One thing wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into the raw input, such as `/people/3/wishes/0/strength`.
    pub pointer: String,
    /// Where that is in a file, if it came from one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
    /// What stood there, cut to [`VALUE_CHARS_MAX`]; empty if nothing did.
    pub value: String,
    /// Why that cannot be used.
    pub reason: String,
    /// What to write instead.
    pub fix: String,
}

/// A place in a file. Lines and columns count from 1; a column is a character column in JSON and TOML, and a field's number in CSV.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file's name as the user gave it, or its name within the pack.
    pub file: String,
    /// The line, from 1; 0 if the fault is about the file as a whole.
    pub line: u64,
    /// The column, from 1; 0 if the fault is about the line as a whole.
    pub column: u64,
    /// The column's name where it has one (CSV).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        if let Some(field) = &self.field {
            write!(f, " ({field})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}")?,
            None if self.pointer.is_empty() => write!(f, "(whole input)")?,
            None => write!(f, "{}", self.pointer)?,
        }
        if !self.value.is_empty() {
            write!(f, ": `{}`", self.value)?;
        }
        write!(f, ": {}. Fix: {}", self.reason, self.fix)
    }
}

/// All the faults of one input, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports one fault at `at`.
    pub fn report(
        &mut self,
        at: &At<'_>,
        value: impl fmt::Display,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.0.len() > FAULTS_MAX {
            return;
        }
        self.push(Fault {
            pointer: at.pointer(),
            place: None,
            value: cut(&value.to_string()),
            reason: reason.into(),
            fix: fix.into(),
        });
    }

    /// Adds a fault made elsewhere. After [`FAULTS_MAX`] of them only says that there are more.
    pub fn push(&mut self, fault: Fault) {
        match self.0.len() {
            kept if kept < FAULTS_MAX => self.0.push(fault),
            FAULTS_MAX => self.0.push(Fault {
                pointer: String::new(),
                place: None,
                value: String::new(),
                reason: "there are more faults than these".to_owned(),
                fix: "correct these first".to_owned(),
            }),
            _ => {}
        }
    }

    /// Adds all of another's faults, as far as [`Faults::push`] takes them.
    pub fn extend(&mut self, other: Self) {
        for fault in other.0 {
            self.push(fault);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many things are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// The faults, in order, to be given places.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Fault> {
        self.0.iter_mut()
    }

    /// Puts the faults in the order in which a reader of the files meets them: by file, line and column; those without a place last,
    /// as they were found.
    pub fn sort_by_place(&mut self) {
        self.0.sort_by(|a, b| match (&a.place, &b.place) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => std::cmp::Ordering::Equal,
        });
    }

    /// `Ok(value)` if nothing is wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a mut Faults {
    type Item = &'a mut Fault;
    type IntoIter = std::slice::IterMut<'a, Fault>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A place in the raw input while it is being walked. Costs nothing until a fault is reported.
///
/// ```
/// use peermatch_model::fault::At;
/// let root = At::root();
/// let people = root.key("people");
/// let third = people.index(3);
/// assert_eq!(third.key("id").pointer(), "/people/3/id");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl At<'static> {
    /// The whole input.
    pub const fn root() -> At<'static> {
        At { parent: None, step: Step::Root }
    }
}

impl<'a> At<'a> {
    /// The member `key` of the object here.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> At<'a> {
        At { parent: Some(self), step: Step::Key(key) }
    }

    /// The element `index` of the list here.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> At<'a> {
        At { parent: Some(self), step: Step::Index(index) }
    }

    /// RFC 6901 JSON pointer.
    pub fn pointer(&self) -> String {
        let mut out = self.parent.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                out.push('/');
                out.push_str(&index.to_string());
            }
        }
        out
    }
}

fn cut(value: &str) -> String {
    let clean: String =
        value.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= VALUE_CHARS_MAX {
        clean
    } else {
        let mut out: String = clean.chars().take(VALUE_CHARS_MAX - 1).collect();
        out.push('…');
        out
    }
}

/// The known word nearest to `given`, if one is near enough to be worth suggesting (a third of its letters may differ).
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.trim().to_lowercase();
    known
        .into_iter()
        .map(|word| (distance(&given, word), word))
        .filter(|&(d, word)| d * 3 <= word.chars().count().max(3))
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein distance in characters; inputs are short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_escape_as_rfc_6901() {
        assert_eq!(At::root().key("a/b~c").pointer(), "/a~1b~0c");
        assert_eq!(At::root().pointer(), "");
    }

    #[test]
    fn values_are_cut_and_cleaned() {
        let mut faults = Faults::new();
        faults.report(&At::root(), "x".repeat(100) + "\n", "r", "f");
        let fault = faults.iter().next().unwrap();
        assert_eq!(fault.value.chars().count(), VALUE_CHARS_MAX);
        assert!(fault.value.ends_with('…'));
    }

    #[test]
    fn a_flood_of_faults_is_cut_and_says_so() {
        let mut faults = Faults::new();
        for _ in 0..FAULTS_MAX + 10 {
            faults.report(&At::root(), "x", "r", "f");
        }
        let mut twice = faults.clone();
        twice.extend(faults.clone());
        for faults in [faults, twice] {
            assert_eq!(faults.len(), FAULTS_MAX + 1);
            assert!(faults.iter().last().unwrap().reason.contains("more faults"));
        }
    }

    #[test]
    fn nearest_suggests_only_what_is_near() {
        assert_eq!(nearest("importnt", ["nice", "important", "must"]), Some("important"));
        assert_eq!(nearest("zebra", ["nice", "important", "must"]), None);
    }
}
