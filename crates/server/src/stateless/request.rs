//! The body of a stateless request: a roster, a policy, documents and options in one JSON object. Every fault of all of them is told at once, by
//! pointer into this body, and no value of it is repeated.

use axum::http::StatusCode;
use peermatch_core::report::VerifyError;
use peermatch_formats::members::{Bounds, Member, keys_twice, length, members};
use peermatch_formats::{Kind, Loaded, expect_kind, read_policy, read_roster_json};
use peermatch_model::fault::{At, Fault, Faults, nearest};
use peermatch_model::policy::Policy;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::problem::Problem;
use crate::request::unreadable;

/// Records in one list of a roster at most: what a record comes to in memory does not depend on how little stands in it.
const RECORDS_MAX: usize = 200_000;

/// What a seed is to be.
const SEED: &str = "write a whole number from 0 to 18446744073709551615";

/// A body that is being read.
#[derive(Debug)]
pub(crate) struct Request<'t> {
    members: Vec<Member<'t>>,
    known: Vec<&'static str>,
    faults: Faults,
    bounds: Bounds,
}

impl<'t> Request<'t> {
    /// Takes a body apart.
    pub(crate) fn read(body: &'t [u8], bounds: Bounds) -> Result<Self, Problem> {
        let (members, faults) =
            members("body", body, bounds).map_err(|error| unreadable(&error))?;
        Ok(Self { members, known: Vec::new(), faults, bounds })
    }

    /// Adds a fault.
    pub(crate) fn fault(
        &mut self,
        pointer: &str,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.faults.push(Fault {
            pointer: pointer.to_owned(),
            place: None,
            value: String::new(),
            reason: reason.into(),
            fix: fix.into(),
        });
    }

    /// Adds the faults of a member, which were found with pointers into it.
    fn within(&mut self, name: &str, faults: Faults) {
        for mut fault in faults {
            fault.pointer.insert_str(0, &pointer(name));
            fault.place = None;
            self.faults.push(fault);
        }
    }

    /// A member as it is written; null is nothing.
    fn text(&mut self, name: &'static str) -> Option<&'t str> {
        self.known.push(name);
        let place = self.members.iter().position(|member| member.name == name)?;
        let text = self.members.remove(place).text;
        (text != "null").then_some(text)
    }

    /// Whether a member is there that an option would read.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name && member.text != "null")
    }

    /// An option of a type, if it is there.
    pub(crate) fn option<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        fix: &str,
    ) -> Option<T> {
        self.option_if(name, fix, |_| true)
    }

    /// As [`Request::option`], of a value that is right.
    pub(crate) fn option_if<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        fix: &str,
        right: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let text = self.text(name)?;
        match serde_json::from_str(text) {
            Ok(value) if right(&value) => Some(value),
            _ => {
                self.fault(&pointer(name), "this is not what belongs here", fix);
                None
            }
        }
    }

    /// A seed: a number, or text of digits, because many writers of JSON keep numbers exactly only up to 2^53.
    pub(crate) fn seed(&mut self) -> Option<u64> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Seed {
            Number(u64),
            Text(String),
        }
        match self.option::<Seed>("seed", SEED)? {
            Seed::Number(seed) => Some(seed),
            Seed::Text(text) => {
                let seed = text.parse().ok();
                if seed.is_none() {
                    self.fault("/seed", "this is not what belongs here", SEED);
                }
                seed
            }
        }
    }

    /// The roster, checked, on the day of `as_of` if there is one.
    pub(crate) fn roster(&mut self) -> Option<Roster> {
        self.loaded().and_then(|(loaded, day)| self.checked(&loaded, day))
    }

    /// As [`Request::roster`], with the input it was checked from.
    pub(crate) fn roster_and_input(&mut self) -> Option<(Roster, RosterInput)> {
        let (loaded, day) = self.loaded()?;
        let roster = self.checked(&loaded, day)?;
        Some((roster, loaded.input().clone()))
    }

    /// As [`Request::roster`], with every worker's minimum set aside.
    pub(crate) fn roster_without_minimums(&mut self) -> Option<Roster> {
        let (mut loaded, day) = self.loaded()?;
        let whole = self.checked(&loaded, day)?;
        if whole.workers().iter().all(|worker| worker.minimum == 0) {
            return Some(whole);
        }
        loaded.set_minimums_aside();
        self.checked(&loaded, day)
    }

    fn loaded(&mut self) -> Option<(Loaded, bool)> {
        let day: Option<String> =
            self.option("as_of", "write the day as year-month-day, in quotes");
        let Some(text) = self.text("roster") else {
            self.fault(
                "/roster",
                "nothing stands here, but it is needed",
                "send the roster: { \"format\": \"peermatch/roster@1\", ...",
            );
            return None;
        };
        if let Ok((lists, _)) = members("roster", text.as_bytes(), self.bounds) {
            let long = lists.iter().filter(|list| length(list.text) > RECORDS_MAX);
            let long: Vec<String> = long.map(|list| pointer(&list.name)).collect();
            if !long.is_empty() {
                for at in long {
                    self.fault(
                        &format!("/roster{at}"),
                        format!("there are more than {RECORDS_MAX} records in this list"),
                        "send fewer at once",
                    );
                }
                return None;
            }
        }
        match read_roster_json("roster", text.as_bytes()) {
            Ok(mut loaded) => {
                if let Some(day) = &day {
                    loaded.set_as_of(day);
                }
                Some((loaded, day.is_some()))
            }
            Err(faults) => {
                self.within("roster", faults);
                None
            }
        }
    }

    fn checked(&mut self, loaded: &Loaded, day: bool) -> Option<Roster> {
        match loaded.check() {
            Ok(roster) => Some(roster),
            Err(faults) => {
                // A day that was sent beside the roster has its fault there.
                let (own, rest): (Vec<Fault>, Vec<Fault>) =
                    faults.into_iter().partition(|fault| day && fault.pointer == "/as_of");
                for fault in own {
                    self.faults.push(Fault { place: None, ..fault });
                }
                let mut within = Faults::new();
                for fault in rest {
                    within.push(fault);
                }
                self.within("roster", within);
                None
            }
        }
    }

    /// The policy, checked; without one, the shipped one.
    pub(crate) fn policy(&mut self) -> Option<Policy> {
        let Some(text) = self.text("policy") else { return Some(Policy::shipped()) };
        if !text.starts_with('{') {
            self.fault(
                "/policy",
                "a policy is a document of names and values",
                "send the policy as an object, or leave it out to use the shipped one",
            );
            return None;
        }
        let checked = read_policy("policy.json", text.as_bytes())
            .and_then(|(input, _)| Policy::check(&input));
        checked.map_err(|faults| self.within("policy", faults)).ok()
    }

    /// A document of one of some kinds, as it is written, and which it is.
    pub(crate) fn kind(&mut self, name: &'static str, kinds: &[Kind]) -> Option<(&'t str, Kind)> {
        let text = self.text(name)?;
        if !text.starts_with('{') {
            self.fault(
                &pointer(name),
                "this is not an object",
                "send the document as it was given",
            );
            return None;
        }
        let twice = keys_twice(text);
        if !twice.is_empty() {
            self.within(name, twice);
            return None;
        }
        match expect_kind(name, text.as_bytes(), kinds) {
            Ok(kind) => Some((text, kind)),
            Err(faults) => {
                self.within(name, faults);
                None
            }
        }
    }

    /// Reads a document that [`Request::kind`] gave.
    pub(crate) fn parse<T: DeserializeOwned>(&mut self, name: &str, text: &str) -> Option<T> {
        let mut reader = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize(&mut reader) {
            Ok(document) => Some(document),
            Err(error) => {
                let mut at = pointer(name);
                for segment in error.path() {
                    match segment {
                        Segment::Seq { index } => at.push_str(&pointer(&index.to_string())),
                        Segment::Map { key } => at.push_str(&pointer(key)),
                        Segment::Enum { .. } | Segment::Unknown => {}
                    }
                }
                let said = error.inner().to_string();
                // What is missing or unknown is a name of ours; values are not told.
                let reason = if said.starts_with("missing field") {
                    let missing = said.split('`').nth(1).unwrap_or_default();
                    format!("`{missing}` is missing here")
                } else if said.starts_with("unknown field") {
                    "this is not a known name here".to_owned()
                } else {
                    "this is not as it was written".to_owned()
                };
                self.fault(
                    &at,
                    reason,
                    "send the document as it was given: it is not to be changed",
                );
                None
            }
        }
    }

    /// A document of one kind, if it is there.
    pub(crate) fn document<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        kind: Kind,
    ) -> Option<T> {
        let (text, _) = self.kind(name, &[kind])?;
        self.parse(name, text)
    }

    /// Tells that a member must be there, if it was neither there nor wrong.
    pub(crate) fn needed<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        fix: &str,
    ) -> Option<T> {
        let at = pointer(name);
        if value.is_none() && !self.faults.iter().any(|fault| fault.pointer.starts_with(&at)) {
            self.fault(&at, "nothing stands here, but it is needed", fix);
        }
        value
    }

    /// The person of an id that stands at a pointer.
    pub(crate) fn person(&mut self, at: &str, id: &str, roster: &Roster) -> Option<UserIx> {
        let found = roster.find_user(id.trim());
        if found.is_none() {
            self.fault(at, "no person of the roster has this id", "write the id of a person");
        }
        found
    }

    /// The worker of an id that stands at a pointer.
    pub(crate) fn worker(&mut self, at: &str, id: &str, roster: &Roster) -> Option<WorkerIx> {
        let found = roster.find_worker(id.trim());
        if found.is_none() {
            self.fault(at, "no worker of the roster has this id", "write the id of a worker");
        }
        found
    }

    /// Tells members that nothing has read.
    pub(crate) fn unknown(&mut self) {
        for member in std::mem::take(&mut self.members) {
            // A name that stands twice was told as such.
            if self.known.iter().any(|known| *known == member.name) {
                continue;
            }
            let fix = match nearest(&member.name, self.known.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("remove it; known here: {}", self.known.join(", ")),
            };
            self.fault(&pointer(&member.name), "this is not a known name here", fix);
        }
    }

    /// Every fault so far, if there is any.
    pub(crate) fn settled(&self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.refused()) }
    }

    /// The problem of a body that cannot be used.
    pub(crate) fn refused(&self) -> Problem {
        Problem::faults(&self.faults)
    }

    /// A document that does not hold: faults of the policy in it by pointer, anything else in words.
    pub(crate) fn not_verified(
        name: &str,
        roster: Option<&Roster>,
        error: &VerifyError,
    ) -> Problem {
        if let VerifyError::PolicyFaults(faults) = error {
            let mut told = Faults::new();
            for fault in faults {
                let pointer = format!("{}/policy{}", pointer(name), fault.pointer);
                told.push(Fault { pointer, place: None, ..fault.clone() });
            }
            return Problem::faults(&told);
        }
        let words = error.to_string();
        let words =
            roster.map_or_else(|| words.clone(), |r| peermatch_core::report::with_ids(r, &words));
        refused("not_verified", format!("Not verified: {words}"))
    }
}

/// 422 of something that is well written and cannot be done.
pub(crate) fn refused(code: &str, words: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, words)
}

fn pointer(name: &str) -> String {
    At::root().key(name).pointer()
}
