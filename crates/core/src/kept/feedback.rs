//! What people say of a match. Nobody has to say anything, and nothing said here is a grade of anybody.

use std::collections::BTreeSet;

use peermatch_model::Faults;
use peermatch_model::fault::At;
use peermatch_model::words::Goal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Book;
use super::matches::{How, Party};

/// Fewer voices than these say nothing of a worker.
pub const VOICES_MIN: usize = 10;

/// Who speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The person.
    Person,
    /// The worker.
    Worker,
    /// The person's whānau, with the person's consent.
    Whanau,
}

/// When it is said.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum When {
    /// After the first meeting.
    #[serde(rename = "first_meeting")]
    FirstMeeting,
    /// After six weeks.
    #[serde(rename = "6w")]
    SixWeeks,
    /// After three months.
    #[serde(rename = "3m")]
    ThreeMonths,
    /// At the end.
    #[serde(rename = "end")]
    End,
}

/// Whether the match is right.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RightFit {
    /// Yes.
    Yes,
    /// Not sure.
    NotSure,
    /// A change, please.
    ChangePlease,
}

/// What is said; every answer may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// When it is said.
    pub when: When,
    /// How they got on, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 5))]
    pub got_on: Option<u8>,
    /// Whether they felt understood, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 5))]
    pub felt_understood: Option<u8>,
    /// Whether the choice felt real, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 5))]
    pub choice_felt_real: Option<u8>,
    /// Whether it is the right match.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub right_fit: Option<RightFit>,
    /// Goals on which there was progress.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub progress: Vec<Goal>,
    /// Whether they would recommend it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub would_recommend: Option<bool>,
    /// Whether it may be used to match better.
    #[serde(default)]
    pub may_be_used: bool,
    /// Whether it is a complaint: then it goes to those who deal with complaints, not here.
    #[serde(default)]
    pub complaint: bool,
}

/// What somebody said of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Feedback {
    /// Id.
    pub id: String,
    /// The match.
    pub match_id: String,
    /// Who speaks.
    pub voice: Voice,
    /// When it was recorded, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who recorded it.
    pub by: String,
    /// In which part.
    pub party: Party,
    /// By which way it was said, where somebody else recorded it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
    /// What was said.
    pub said: Words,
}

impl Words {
    /// Every fault.
    ///
    /// # Errors
    /// Figures that are not 1 to 5.
    pub fn check(&self) -> Result<(), Faults> {
        let (mut faults, at) = (Faults::new(), At::root());
        for (key, value) in [
            ("got_on", self.got_on),
            ("felt_understood", self.felt_understood),
            ("choice_felt_real", self.choice_felt_real),
        ] {
            if let Some(value) = value.filter(|value| !(1..=5).contains(value)) {
                faults.report(
                    &at.key(key),
                    value,
                    "out of bounds",
                    "write 1 to 5, or leave it out",
                );
            }
        }
        faults.into_result(())
    }
}

/// What people said of a worker, summed up. Only where enough people said something and the service agreed with its workers to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfWorker {
    /// How many people spoke.
    pub voices: usize,
    /// How they got on: the mean, in tenths.
    pub got_on_tenths: Option<u32>,
    /// Whether they felt understood: the mean, in tenths.
    pub felt_understood_tenths: Option<u32>,
}

/// What people said of a worker, if it may be told: at least [`VOICES_MIN`] different people answered each figure with leave to use it, and the roster's settings
/// say that this is looked at.
pub fn of_worker(book: &Book, worker: &str) -> Option<OfWorker> {
    if !book.settings().worker_averages {
        return None;
    }
    let said: Vec<(&str, &Words)> = book
        .feedback()
        .values()
        .filter(|feedback| feedback.voice == Voice::Person && feedback.said.may_be_used)
        .filter_map(|feedback| {
            let of = book.matches().get(&feedback.match_id)?;
            (of.worker_id == worker).then_some((of.person_id.as_str(), &feedback.said))
        })
        .collect();
    let mean = |figure: fn(&Words) -> Option<u8>| {
        let told: Vec<(&str, u32)> = said
            .iter()
            .filter_map(|(person, words)| Some((*person, u32::from(figure(words)?))))
            .collect();
        let people: BTreeSet<&str> = told.iter().map(|(person, _)| *person).collect();
        if people.len() < VOICES_MIN {
            return None;
        }
        let count = u32::try_from(told.len()).ok()?;
        Some((told.iter().map(|(_, value)| value * 10).sum::<u32>() + count / 2) / count)
    };
    let (got_on, understood) = (mean(|words| words.got_on), mean(|words| words.felt_understood));
    let people: BTreeSet<&str> = said.iter().map(|(person, _)| *person).collect();
    (got_on.is_some() || understood.is_some()).then_some(OfWorker {
        voices: people.len(),
        got_on_tenths: got_on,
        felt_understood_tenths: understood,
    })
}
