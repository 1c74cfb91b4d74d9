//! A match and where it stands: one table says what can happen to it, to whom that is open, and where it leads.
//!
//! `draft → proposed → offered → accepted → first_meeting → active ⇄ paused → ended`, and from an offer also `declined_person`, `declined_worker`,
//! `expired`. While a match is `offered` three things are collected, in any order: the decision of a named coordinator, the person's own answer and
//! the worker's. It is accepted exactly when all three are yes. So nothing becomes active that a named person did not decide and that both did
//! not want, and an accepted pair is only parted by one of the two or by an end that a named person stands for.
//!
//! A match from [`MatchStatus::Offered`] to [`MatchStatus::Paused`] holds a place with its worker ([`MatchStatus::kept`]); [`places`] says by how many a step changes
//! what the worker carries, and is the only one to say so.
//!
//! No step asks for a reason, and nothing here counts how often somebody said no (a change of worker is nobody's fault).

use jiff::civil::Date;
use peermatch_model::raw::{Field, MatchInput};
use peermatch_model::words::{MatchStatus, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For how long a coordinator can take back what was recorded, in microseconds: ten minutes.
pub const TAKE_BACK_MICROS: i64 = 10 * 60 * 1_000_000;

/// In which part somebody acts on a match.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A coordinator.
    Coordinator,
    /// The worker of the match.
    PeerWorker,
    /// The person of the match.
    ServiceUser,
    /// Time that has passed.
    Clock,
}

/// Who acts, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who, as the audit names them (`account:ID`, `key:ID`, `link:ID`).
    pub actor: String,
    /// In which part.
    pub party: Party,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// The roster's day.
    pub day: Date,
}

/// By which way somebody said what another records for them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Face to face.
    InPerson,
    /// By telephone.
    Phone,
    /// By video.
    Video,
    /// By text message or mail.
    Message,
    /// In a letter or on a form.
    Letter,
    /// Through somebody who supports them, with their consent.
    Supporter,
}

/// What somebody said to an offer. No reason is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// Yes or no.
    pub yes: bool,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who recorded it.
    pub by: String,
    /// In which part they recorded it.
    pub party: Party,
    /// By which way it was said, where somebody else recorded it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// What a coordinator decided of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Accepted or rejected.
    pub accept: bool,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who decided.
    pub by: String,
    /// Why, in their words, if they want to say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

/// How a match came to be.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MatchOrigin")]
pub enum Origin {
    /// A coordinator proposed it.
    Coordinator,
    /// A run proposed it.
    Run,
    /// The person picked it from a menu.
    Menu,
    /// It takes the place of one whose worker leaves.
    Handover,
    /// It came with an import: what was decided before is not known here.
    Import,
}

/// How a match ended. Nobody has to say; `unknown` is as good as any other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// What they set out for is reached.
    GoalsMet,
    /// The person moved on.
    MovedOn,
    /// The person moved away.
    MovedArea,
    /// The person wished for somebody else.
    PersonChanged,
    /// The worker wished for a change.
    WorkerChanged,
    /// The worker left.
    WorkerLeft,
    /// They lost touch.
    NoContact,
    /// The service ended.
    ServiceEnded,
    /// Not said.
    #[default]
    Unknown,
}

/// What was known when a match was proposed, so that "why these two" can be answered from it years later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// Version of the engine.
    pub engine: String,
    /// Hash of the checked roster.
    pub roster_hash: String,
    /// Hash of the policy.
    pub policy_hash: String,
    /// Revision of the kept roster that was looked at.
    pub revision: i64,
    /// The roster's day.
    pub day: String,
    /// The workers that stood beside it, in the order shown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shown: Vec<String>,
    /// Why these two, as a coordinator could read it then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub explanation: Option<serde_json::Value>,
}

/// Where a match stood before the last answer or decision, so that it can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Before {
    /// Where it stood.
    pub status: MatchStatus,
    /// The decision before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Verdict>,
    /// The person's answer before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person_answer: Option<Said>,
    /// The worker's answer before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worker_answer: Option<Said>,
    /// When it was offered before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offered_at: Option<i64>,
    /// When it would have expired before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<i64>,
    /// When what can be taken back was recorded.
    pub at: i64,
    /// What was recorded.
    pub event: EventKind,
}

/// A match of a person and a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// Id.
    pub id: String,
    /// Person.
    pub person_id: String,
    /// Worker.
    pub worker_id: String,
    /// Where it stands.
    pub status: MatchStatus,
    /// How it came to be.
    pub from: Origin,
    /// The run, menu or handover it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<String>,
    /// The match that ends when this one is accepted, where it takes the place of one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<String>,
    /// When it was made, in microseconds since 1970 UTC, like every time here.
    pub made_at: i64,
    /// Who made it.
    pub made_by: String,
    /// From when on an offer without all its answers is over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<i64>,
    /// The decision of a coordinator.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Verdict>,
    /// When it was offered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offered_at: Option<i64>,
    /// What the person said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person_answer: Option<Said>,
    /// What the worker said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub worker_answer: Option<Said>,
    /// When the last yes of three came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted_at: Option<i64>,
    /// When they met first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_meeting_at: Option<i64>,
    /// Since when they walk together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub active_at: Option<i64>,
    /// Since when it is paused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paused_at: Option<i64>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<i64>,
    /// The roster's day on which it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_on: Option<String>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_by: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_kind: Option<EndKind>,
    /// What was known when it was proposed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Box<Basis>>,
    /// Where it stood before what can still be taken back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Box<Before>>,
}

/// What can happen to a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A draft is put before a coordinator.
    Propose,
    /// A coordinator accepts it.
    Accept {
        /// Why, if they want to say.
        why: Option<String>,
        /// From when on the offer is over.
        expires_at: i64,
    },
    /// A coordinator rejects it.
    Reject {
        /// Why, if they want to say.
        why: Option<String>,
    },
    /// The person says yes or no.
    PersonSays {
        /// Yes or no.
        yes: bool,
        /// By which way, where a coordinator records it.
        how: Option<How>,
    },
    /// The worker says yes or no.
    WorkerSays {
        /// Yes or no.
        yes: bool,
        /// By which way, where a coordinator records it.
        how: Option<How>,
    },
    /// The time for an answer is over.
    Expire,
    /// They met.
    FirstMeeting,
    /// They walk together.
    Activate,
    /// Paused by either.
    Pause,
    /// They go on.
    Resume,
    /// It is over.
    End {
        /// How it ended.
        kind: EndKind,
    },
    /// The last answer or decision that a coordinator recorded is taken back.
    TakeBack,
}

impl Event {
    /// Which kind it is.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Propose => EventKind::Propose,
            Self::Accept { .. } => EventKind::Accept,
            Self::Reject { .. } => EventKind::Reject,
            Self::PersonSays { yes: true, .. } => EventKind::PersonYes,
            Self::PersonSays { yes: false, .. } => EventKind::PersonNo,
            Self::WorkerSays { yes: true, .. } => EventKind::WorkerYes,
            Self::WorkerSays { yes: false, .. } => EventKind::WorkerNo,
            Self::Expire => EventKind::Expire,
            Self::FirstMeeting => EventKind::FirstMeeting,
            Self::Activate => EventKind::Activate,
            Self::Pause => EventKind::Pause,
            Self::Resume => EventKind::Resume,
            Self::End { .. } => EventKind::End,
            Self::TakeBack => EventKind::TakeBack,
        }
    }
}

/// The kinds of [`Event`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A draft is put before a coordinator.
    Propose,
    /// A coordinator accepts.
    Accept,
    /// A coordinator rejects.
    Reject,
    /// The person says yes.
    PersonYes,
    /// The person says no.
    PersonNo,
    /// The worker says yes.
    WorkerYes,
    /// The worker says no.
    WorkerNo,
    /// The time is over.
    Expire,
    /// They met.
    FirstMeeting,
    /// They walk together.
    Activate,
    /// Paused.
    Pause,
    /// They go on.
    Resume,
    /// Over.
    End,
    /// Taken back.
    TakeBack,
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    /// There.
    Is(MatchStatus),
    /// To `accepted` if the decision and both answers are yes, else to `offered`.
    Settled,
    /// To where it stood before.
    Back,
}

/// One line of the table: what can happen, from where, by whom, and where it leads.
struct Line {
    event: EventKind,
    words: &'static str,
    from: &'static [MatchStatus],
    by: &'static [Party],
    to: To,
}

use MatchStatus as S;
use Party::{Clock, Coordinator, PeerWorker, ServiceUser};

/// Every step there is. What is not here cannot happen.
const TABLE: &[Line] = &[
    Line {
        event: EventKind::Propose,
        words: "proposed",
        from: &[S::Draft],
        by: &[Coordinator],
        to: To::Is(S::Proposed),
    },
    Line {
        event: EventKind::Accept,
        words: "accepted by a coordinator",
        from: &[S::Proposed, S::Offered],
        by: &[Coordinator],
        to: To::Settled,
    },
    // Nobody said no, so neither is kept from being matched with the other later.
    Line {
        event: EventKind::Reject,
        words: "rejected by a coordinator",
        from: &[S::Draft, S::Proposed, S::Offered],
        by: &[Coordinator],
        to: To::Is(S::Expired),
    },
    Line {
        event: EventKind::PersonYes,
        words: "answered by the person with yes",
        from: &[S::Offered],
        by: &[ServiceUser, Coordinator],
        to: To::Settled,
    },
    Line {
        event: EventKind::PersonNo,
        words: "answered by the person with no",
        from: &[S::Offered],
        by: &[ServiceUser, Coordinator],
        to: To::Is(S::DeclinedPerson),
    },
    Line {
        event: EventKind::WorkerYes,
        words: "answered by the worker with yes",
        from: &[S::Offered],
        by: &[PeerWorker, Coordinator],
        to: To::Settled,
    },
    Line {
        event: EventKind::WorkerNo,
        words: "answered by the worker with no",
        from: &[S::Offered],
        by: &[PeerWorker, Coordinator],
        to: To::Is(S::DeclinedWorker),
    },
    Line {
        event: EventKind::Expire,
        words: "expired",
        from: &[S::Offered],
        by: &[Clock],
        to: To::Is(S::Expired),
    },
    Line {
        event: EventKind::FirstMeeting,
        words: "said to have had its first meeting",
        from: &[S::Accepted],
        by: &[Coordinator, PeerWorker],
        to: To::Is(S::FirstMeeting),
    },
    Line {
        event: EventKind::Activate,
        words: "made active",
        from: &[S::FirstMeeting],
        by: &[Coordinator, PeerWorker],
        to: To::Is(S::Active),
    },
    Line {
        event: EventKind::Pause,
        words: "paused",
        from: &[S::Active],
        by: &[Coordinator, PeerWorker, ServiceUser],
        to: To::Is(S::Paused),
    },
    Line {
        event: EventKind::Resume,
        words: "resumed",
        from: &[S::Paused],
        by: &[Coordinator, PeerWorker, ServiceUser],
        to: To::Is(S::Active),
    },
    Line {
        event: EventKind::End,
        words: "ended",
        from: &[S::Accepted, S::FirstMeeting, S::Active, S::Paused],
        by: &[Coordinator, PeerWorker, ServiceUser],
        to: To::Is(S::Ended),
    },
    Line {
        event: EventKind::TakeBack,
        words: "taken back",
        from: &[S::Offered, S::Accepted, S::DeclinedPerson, S::DeclinedWorker, S::Expired],
        by: &[Coordinator],
        to: To::Back,
    },
];

fn line(event: EventKind) -> &'static Line {
    TABLE.iter().find(|line| line.event == event).expect("every event has its line")
}

/// Why a step was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// From where the match stands this is not possible.
    #[error("{0}")]
    Stands(String),
    /// This is not for them to do.
    #[error("{0}")]
    NotYours(String),
    /// Something that is needed was not given.
    #[error("{0}")]
    Needs(String),
}

/// Where a match stands, in words.
pub fn in_words(status: MatchStatus) -> &'static str {
    match status {
        S::Draft => "a draft",
        S::Proposed => "proposed",
        S::Offered => "offered and waits for answers",
        S::DeclinedPerson => "over: the person would rather not",
        S::DeclinedWorker => "over: the worker is not available",
        S::Expired => "over: the offer ended without answers",
        S::Accepted => "accepted by both",
        S::FirstMeeting => "past its first meeting",
        S::Active => "active",
        S::Paused => "paused",
        S::Ended => "ended",
    }
}

impl Match {
    /// A new proposal. It holds no place.
    pub fn proposed(
        id: impl Into<String>,
        person_id: impl Into<String>,
        worker_id: impl Into<String>,
        from: Origin,
        by: &By,
    ) -> Self {
        Self {
            id: id.into(),
            person_id: person_id.into(),
            worker_id: worker_id.into(),
            status: S::Proposed,
            from,
            of: None,
            replaces: None,
            made_at: by.at,
            made_by: by.actor.clone(),
            expires_at: None,
            decision: None,
            offered_at: None,
            person_answer: None,
            worker_answer: None,
            accepted_at: None,
            first_meeting_at: None,
            active_at: None,
            paused_at: None,
            ended_at: None,
            ended_on: None,
            ended_by: None,
            end_kind: None,
            basis: None,
            before: None,
        }
    }

    /// An offer made by a person's own pick from a menu: with the person's yes, waiting for a coordinator and the worker.
    pub fn picked(
        id: impl Into<String>,
        person_id: impl Into<String>,
        worker_id: impl Into<String>,
        menu: impl Into<String>,
        how: Option<How>,
        expires_at: i64,
        by: &By,
    ) -> Self {
        Self {
            status: S::Offered,
            of: Some(menu.into()),
            offered_at: Some(by.at),
            expires_at: Some(expires_at),
            person_answer: Some(Said {
                yes: true,
                at: by.at,
                by: by.actor.clone(),
                party: by.party,
                how,
            }),
            ..Self::proposed(id, person_id, worker_id, Origin::Menu, by)
        }
    }

    /// A match that came with an import, as far as its row is whole; what is not is a fault of the roster's check.
    pub fn imported(row: &MatchInput, at: i64, actor: &str) -> Option<Self> {
        let id = row.id.given()?.trim();
        let person = row.person_id.given()?.trim();
        let worker = row.worker_id.given()?.trim();
        let status = *row.status.given()?;
        // No day is compared here, so whichever will do.
        let by = By { actor: actor.to_owned(), party: Coordinator, at, day: Date::MIN };
        Some(Self {
            status,
            ended_on: row.ended_at.given().map(|day| day.trim().to_owned()),
            ..Self::proposed(id, person, worker, Origin::Import, &by)
        })
    }

    /// Its row in the roster that the engine sees.
    ///
    /// An offer that takes the place of another match stands beside it until it is accepted: the place with the new worker is counted, but the person
    /// walks with the one they walk with.
    pub fn row(&self) -> MatchInput {
        let beside = self.status == S::Offered && self.replaces.is_some();
        MatchInput {
            id: self.id.clone().into(),
            person_id: self.person_id.clone().into(),
            worker_id: self.worker_id.clone().into(),
            status: if beside { S::Proposed } else { self.status }.into(),
            ended_at: self.ended_on.clone().map_or(Field::Absent, Into::into),
            ..MatchInput::default()
        }
    }

    /// Whether a named person decided it and both said yes. Of an imported match nothing is known of that.
    pub fn agreed(&self) -> bool {
        let yes = |said: &Option<Said>| said.as_ref().is_some_and(|said| said.yes);
        self.decision.as_ref().is_some_and(|decision| decision.accept && !decision.by.is_empty())
            && yes(&self.person_answer)
            && yes(&self.worker_answer)
    }

    /// What can happen to it by somebody in this part, in the table's order. What time brings about is not among it.
    pub fn possible(&self, party: Party) -> Vec<EventKind> {
        let open = TABLE.iter().filter(|line| {
            line.from.contains(&self.status)
                && line.by.contains(&party)
                && match line.event {
                    EventKind::TakeBack => self.before.is_some(),
                    EventKind::Accept => !self.decision.as_ref().is_some_and(|d| d.accept),
                    EventKind::PersonYes => !self.person_answer.as_ref().is_some_and(|s| s.yes),
                    EventKind::WorkerYes => !self.worker_answer.as_ref().is_some_and(|s| s.yes),
                    _ => true,
                }
        });
        open.map(|line| line.event).collect()
    }

    /// What is to be done next, in words; never empty.
    pub fn next_steps(&self) -> Vec<String> {
        let mut next = Vec::new();
        match self.status {
            S::Draft => next.push("Propose it, or leave it."),
            S::Proposed => next.push("A coordinator decides whether it is offered."),
            S::Offered => {
                if self.decision.is_none() {
                    next.push("A coordinator decides.");
                }
                if self.person_answer.is_none() {
                    next.push("The person is asked, and can say yes or no without a reason.");
                }
                if self.worker_answer.is_none() {
                    next.push("The worker is asked, and can say yes or no without a reason.");
                }
            }
            S::DeclinedPerson | S::DeclinedWorker | S::Expired => {
                next.push("The person waits on, since the same day as before. Look at the suggestions with them.");
            }
            S::Accepted => next.push("Arrange the first meeting."),
            S::FirstMeeting => {
                next.push("Ask both how it was, then say that they walk together or end it.");
            }
            S::Active => next.push("Ask from time to time how it goes."),
            S::Paused => next.push("Ask when they want to go on."),
            S::Ended => {
                next.push("Ask the person whether they want to walk with somebody else.");
            }
        }
        if next.is_empty() {
            next.push("Wait for nothing more: all three are known.");
        }
        next.into_iter().map(str::to_owned).collect()
    }

    /// Whether an offer is over at a time.
    pub fn is_due(&self, at: i64) -> bool {
        self.status == S::Offered && self.expires_at.is_some_and(|expires| expires <= at)
    }

    /// The match after an event. Whether the worker has room is not asked here: [`places`] says what the step takes.
    ///
    /// # Errors
    /// [`Illegal`], with what is possible instead.
    pub fn after(&self, event: Event, by: &By) -> Result<Self, Illegal> {
        let kind = event.kind();
        let line = line(kind);
        if !line.by.contains(&by.party) {
            return Err(Illegal::NotYours(format!(
                "That a match is {} is not for {} to say.",
                line.words,
                who(by.party)
            )));
        }
        if !line.from.contains(&self.status) {
            return Err(self.cannot(line));
        }
        let mut next = self.clone();
        // What follows from an answer or decision makes it too late to take that back.
        next.before = None;
        match event {
            Event::Propose => {}
            Event::Accept { why, expires_at } => {
                if self.decision.as_ref().is_some_and(|decision| decision.accept) {
                    return Err(self.cannot(line));
                }
                if self.status == S::Proposed {
                    next.offered_at = Some(by.at);
                }
                next.expires_at = Some(expires_at);
                next.decision = Some(verdict(true, why, by));
                next.remember(self, kind, by);
            }
            Event::Reject { why } => {
                next.decision = Some(verdict(false, why, by));
                next.remember(self, kind, by);
            }
            Event::PersonSays { yes, how } => {
                next.person_answer =
                    Some(self.said(line, yes, how, self.person_answer.as_ref(), by)?);
                next.remember(self, kind, by);
            }
            Event::WorkerSays { yes, how } => {
                next.worker_answer =
                    Some(self.said(line, yes, how, self.worker_answer.as_ref(), by)?);
                next.remember(self, kind, by);
            }
            Event::Expire => {
                if !self.is_due(by.at) {
                    return Err(Illegal::Stands(
                        "The time for an answer is not over yet.".to_owned(),
                    ));
                }
            }
            Event::FirstMeeting => next.first_meeting_at = Some(by.at),
            Event::Activate => next.active_at = Some(by.at),
            Event::Pause => next.paused_at = Some(by.at),
            Event::Resume => next.paused_at = None,
            Event::End { kind } => {
                next.ended_at = Some(by.at);
                next.ended_on = Some(by.day.to_string());
                next.ended_by = Some(by.actor.clone());
                next.end_kind = Some(kind);
            }
            Event::TakeBack => return self.taken_back(by),
        }
        next.status = match line.to {
            To::Is(status) => status,
            To::Settled if next.agreed() => {
                next.accepted_at = Some(by.at);
                // Nothing is left to wait for.
                next.expires_at = None;
                S::Accepted
            }
            To::Settled | To::Back => S::Offered,
        };
        Ok(next)
    }

    fn cannot(&self, line: &Line) -> Illegal {
        Illegal::Stands(format!(
            "This match is {}; it cannot be {} now.",
            in_words(self.status),
            line.words
        ))
    }

    fn said(
        &self,
        line: &Line,
        yes: bool,
        how: Option<How>,
        before: Option<&Said>,
        by: &By,
    ) -> Result<Said, Illegal> {
        if yes && before.is_some_and(|said| said.yes) {
            return Err(self.cannot(line));
        }
        let how = match (by.party, how) {
            (Coordinator, None) => {
                return Err(Illegal::Needs(
                    "Say how the answer was given: it is not yours but theirs.".to_owned(),
                ));
            }
            (Coordinator, how) => how,
            _ => None,
        };
        Ok(Said { yes, at: by.at, by: by.actor.clone(), party: by.party, how })
    }

    /// Only what a coordinator recorded can be taken back by one: what people said themselves is theirs.
    fn remember(&mut self, before: &Self, event: EventKind, by: &By) {
        if by.party == Coordinator {
            self.before = Some(Box::new(Before {
                status: before.status,
                decision: before.decision.clone(),
                person_answer: before.person_answer.clone(),
                worker_answer: before.worker_answer.clone(),
                offered_at: before.offered_at,
                expires_at: before.expires_at,
                at: by.at,
                event,
            }));
        }
    }

    fn taken_back(&self, by: &By) -> Result<Self, Illegal> {
        let Some(before) = &self.before else {
            return Err(Illegal::Stands(
                "There is nothing to take back: only what a coordinator recorded last can be, while nothing followed from it.".to_owned(),
            ));
        };
        if by.at.saturating_sub(before.at) > TAKE_BACK_MICROS {
            return Err(Illegal::Stands(
                "It is more than ten minutes ago: what followed from it stands. Record what is so now instead.".to_owned(),
            ));
        }
        Ok(Self {
            status: before.status,
            decision: before.decision.clone(),
            person_answer: before.person_answer.clone(),
            worker_answer: before.worker_answer.clone(),
            offered_at: before.offered_at,
            expires_at: before.expires_at,
            accepted_at: None,
            before: None,
            ..self.clone()
        })
    }
}

fn verdict(accept: bool, why: Option<String>, by: &By) -> Verdict {
    Verdict { accept, at: by.at, by: by.actor.clone(), why }
}

fn who(party: Party) -> &'static str {
    match party {
        Coordinator => "a coordinator",
        PeerWorker => "the worker",
        ServiceUser => "the person",
        Clock => "the clock",
    }
}

/// How many places more (or fewer) the worker of a match carries by a step from `before` to `after`; either may not be there.
pub fn places(before: Option<&Match>, after: Option<&Match>) -> i32 {
    let holds = |one: Option<&Match>| i32::from(one.is_some_and(|one| one.status.kept()));
    holds(after) - holds(before)
}

/// The statuses from which a match can still come to something, and those in which it holds a place, for documents.
pub fn statuses() -> impl Iterator<Item = (MatchStatus, bool)> {
    MatchStatus::ALL.iter().map(|&status| (status, status.kept()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn by(party: Party, at: i64) -> By {
        let actor = match party {
            Coordinator => "account:c",
            PeerWorker => "account:w",
            ServiceUser => "link:p",
            Clock => "clock",
        };
        By { actor: actor.to_owned(), party, at, day: date(2026, 11, 22) }
    }

    /// SplitMix64: the same sequences on every machine.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)) % n
        }

        fn event(&mut self, now: i64) -> Event {
            let yes = self.below(4) > 0;
            let how = (self.below(3) > 0).then_some(How::Phone);
            match self.below(12) {
                0 => Event::Propose,
                1 => Event::Accept { why: None, expires_at: now + 600_000_000 },
                2 => Event::Reject { why: Some("not now".to_owned()) },
                3 => Event::PersonSays { yes, how },
                4 => Event::WorkerSays { yes, how },
                5 => Event::Expire,
                6 => Event::FirstMeeting,
                7 => Event::Activate,
                8 => Event::Pause,
                9 => Event::Resume,
                10 => Event::End { kind: EndKind::Unknown },
                _ => Event::TakeBack,
            }
        }

        fn party(&mut self) -> Party {
            [Coordinator, Coordinator, PeerWorker, ServiceUser, Clock]
                [usize::try_from(self.below(5)).unwrap()]
        }
    }

    const LATE: [S; 4] = [S::Accepted, S::FirstMeeting, S::Active, S::Paused];

    #[test]
    fn no_path_leads_on_without_a_decision_and_both_yeses() {
        let mut dice = Dice(7);
        let mut reached = std::collections::BTreeMap::<S, u32>::new();
        for sequence in 0..20_000 {
            let mut now = 0i64;
            let mut one = if sequence % 2 == 0 {
                Match::proposed("m", "p", "w", Origin::Coordinator, &by(Coordinator, 0))
            } else {
                Match::picked("m", "p", "w", "menu", None, 600_000_000, &by(ServiceUser, 0))
            };
            let mut carried = i32::from(one.status.kept());
            for _ in 0..60 {
                now += i64::try_from(dice.below(3)).unwrap() * 60_000_000;
                let (event, party) = (dice.event(now), dice.party());
                let kind = event.kind();
                let who = by(party, now);
                let listed = one.possible(party).contains(&kind);
                let Ok(next) = one.after(event, &who) else { continue };
                assert!(listed, "{kind:?} happened although it was not said to be possible");
                if LATE.contains(&next.status) {
                    assert!(next.agreed(), "{:?} without all three yeses", next.status);
                    assert!(next.accepted_at.is_some());
                }
                // An accepted pair is parted by one of the two, or a named person stands for it.
                if LATE.contains(&one.status) && !LATE.contains(&next.status) {
                    match next.status {
                        S::Ended => {
                            assert_ne!(party, Clock);
                            assert_eq!(next.ended_by.as_deref(), Some(who.actor.as_str()));
                        }
                        S::Offered => {
                            assert_eq!((kind, party), (EventKind::TakeBack, Coordinator));
                        }
                        other => panic!("parted into {other:?} by {kind:?}"),
                    }
                }
                // Time alone ends offers, and nothing else.
                if party == Clock {
                    assert!(one.is_due(now) && next.status == S::Expired);
                }
                carried += places(Some(&one), Some(&next));
                assert_eq!(carried, i32::from(next.status.kept()));
                *reached.entry(next.status).or_default() += 1;
                one = next;
            }
            let written = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Match>(&written).unwrap(), one);
        }
        // The property was tried where it could fail: every status but a draft's came up, and often.
        for &status in MatchStatus::ALL.iter().filter(|&&s| !matches!(s, S::Draft | S::Proposed)) {
            assert!(reached.get(&status).is_some_and(|&n| n > 100), "{status}: {reached:?}");
        }
    }

    fn yes(who: Party) -> Event {
        if who == PeerWorker {
            Event::WorkerSays { yes: true, how: None }
        } else {
            Event::PersonSays { yes: true, how: None }
        }
    }

    #[test]
    fn the_three_come_in_any_order() {
        let accept = || Event::Accept { why: None, expires_at: 100 };
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut one = Match::proposed("m", "p", "w", Origin::Coordinator, &by(Coordinator, 0));
            // An answer needs an offer: an imported one, that nobody decided here.
            one.status = S::Offered;
            for (done, which) in order.into_iter().enumerate() {
                assert_eq!(one.status, S::Offered);
                assert!(!one.agreed());
                one = match which {
                    0 => one.after(accept(), &by(Coordinator, 1)),
                    1 => one.after(yes(ServiceUser), &by(ServiceUser, 1)),
                    _ => one.after(yes(PeerWorker), &by(PeerWorker, 1)),
                }
                .unwrap();
                assert_eq!(one.status == S::Accepted, done == 2);
            }
            assert_eq!(one.expires_at, None, "an accepted match does not run out");
        }
    }

    #[test]
    fn every_step_that_the_table_does_not_have_is_refused_in_words() {
        let mut taken = Vec::new();
        for &status in MatchStatus::ALL {
            for line in TABLE {
                for party in [Coordinator, PeerWorker, ServiceUser, Clock] {
                    let mut one = Match::proposed("m", "p", "w", Origin::Run, &by(Coordinator, 0));
                    one.status = status;
                    one.expires_at = Some(5);
                    let how = (party == Coordinator).then_some(How::Phone);
                    let event = match line.event {
                        EventKind::Propose => Event::Propose,
                        EventKind::Accept => Event::Accept { why: None, expires_at: 9 },
                        EventKind::Reject => Event::Reject { why: None },
                        EventKind::PersonYes => Event::PersonSays { yes: true, how },
                        EventKind::PersonNo => Event::PersonSays { yes: false, how },
                        EventKind::WorkerYes => Event::WorkerSays { yes: true, how },
                        EventKind::WorkerNo => Event::WorkerSays { yes: false, how },
                        EventKind::Expire => Event::Expire,
                        EventKind::FirstMeeting => Event::FirstMeeting,
                        EventKind::Activate => Event::Activate,
                        EventKind::Pause => Event::Pause,
                        EventKind::Resume => Event::Resume,
                        EventKind::End => Event::End { kind: EndKind::MovedOn },
                        // There is nothing recorded to take back.
                        EventKind::TakeBack => Event::TakeBack,
                    };
                    match one.after(event, &by(party, 5)) {
                        Ok(next) => taken.push((status, line.event, party, next.status)),
                        Err(Illegal::NotYours(words)) => {
                            assert!(!line.by.contains(&party));
                            assert!(words.starts_with("That a match is "), "{words}");
                        }
                        Err(Illegal::Stands(words)) => {
                            assert!(words.ends_with('.'), "{words}");
                            assert!(!line.from.contains(&status) || line.to == To::Back);
                        }
                        Err(Illegal::Needs(words)) => panic!("{words}"),
                    }
                }
            }
        }
        // Counted by hand from the machine in the module's words: a step more or less is a decision, not an accident.
        assert_eq!(taken.len(), 37);
        assert!(!taken.iter().any(|&(from, .., to)| {
            to == S::Active && !matches!(from, S::FirstMeeting | S::Paused)
        }));
    }

    #[test]
    fn a_coordinator_says_how_somebody_answered() {
        let offered = Match::picked("m", "p", "w", "menu", None, 100, &by(ServiceUser, 0));
        let no_how = offered.after(yes(PeerWorker), &by(Coordinator, 1));
        assert!(matches!(no_how, Err(Illegal::Needs(_))));
        let said = Event::WorkerSays { yes: true, how: Some(How::Phone) };
        let next = offered.after(said.clone(), &by(Coordinator, 1)).unwrap();
        assert_eq!(next.worker_answer.unwrap().how, Some(How::Phone));
        // Who answers themselves need not, and it is not kept.
        let own = offered.after(said, &by(PeerWorker, 1)).unwrap();
        assert_eq!(own.worker_answer.unwrap().how, None);
    }

    #[test]
    fn what_a_coordinator_recorded_can_be_taken_back_for_ten_minutes() {
        let offered = Match::picked("m", "p", "w", "menu", None, 100, &by(ServiceUser, 0));
        let no = Event::WorkerSays { yes: false, how: Some(How::Phone) };
        let declined = offered.after(no.clone(), &by(Coordinator, 1)).unwrap();
        assert_eq!(declined.status, S::DeclinedWorker);
        let back = declined.after(Event::TakeBack, &by(Coordinator, 1 + TAKE_BACK_MICROS)).unwrap();
        assert_eq!(back, offered);
        let late = declined.after(Event::TakeBack, &by(Coordinator, 2 + TAKE_BACK_MICROS));
        assert!(matches!(late, Err(Illegal::Stands(_))));
        // The worker's own no is the worker's.
        let own = offered.after(no, &by(PeerWorker, 1)).unwrap();
        assert!(own.after(Event::TakeBack, &by(Coordinator, 2)).is_err());
        // What followed makes it too late.
        let decided =
            offered.after(Event::Accept { why: None, expires_at: 9 }, &by(Coordinator, 1)).unwrap();
        let settled = decided.after(yes(PeerWorker), &by(PeerWorker, 2)).unwrap();
        assert_eq!(settled.status, S::Accepted);
        assert!(settled.after(Event::TakeBack, &by(Coordinator, 3)).is_err());
    }

    #[test]
    fn an_imported_row_comes_back_as_it_was() {
        for &status in MatchStatus::ALL {
            let mut row = MatchInput {
                id: "m1".to_owned().into(),
                person_id: "p1".to_owned().into(),
                worker_id: "w1".to_owned().into(),
                status: status.into(),
                ..MatchInput::default()
            };
            if status == S::Ended {
                row.ended_at = "2026-01-02".to_owned().into();
            }
            assert_eq!(Match::imported(&row, 0, "command").unwrap().row(), row);
        }
        assert_eq!(Match::imported(&MatchInput::default(), 0, "command"), None);
    }

    #[test]
    fn every_status_has_a_next_step() {
        for (status, _) in statuses() {
            let mut one = Match::proposed("m", "p", "w", Origin::Run, &by(Coordinator, 0));
            one.status = status;
            assert!(!one.next_steps().is_empty());
            assert!(!in_words(status).is_empty());
        }
    }
}
