//! A change of worker that is nobody's fault, and what people say of a match.

use peermatch_model::raw::ConflictInput;
use peermatch_model::words::{Audience, ConflictKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entity::id_of_parts;
use super::feedback::{Feedback, RightFit, Voice, Words};
use super::ground::{Draft, Ground};
use super::matches::{By, EndKind, Event, How, Match, Party};
use super::steps::Viewer;
use super::{Change, Decision, Entity, Kind, Refused};

/// How a change of worker is asked for. No reason is asked, and none is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAsked {
    /// The match; may be left out where only one stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub match_id: Option<String>,
    /// To pause it and think about it, instead of ending it. The place stays.
    #[serde(default)]
    pub pause: bool,
    /// Whether the person does not want to be asked about this worker again. Unless they say so, they may be.
    #[serde(default)]
    pub not_again: bool,
    /// By which way it was said, where somebody else records it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// The match.
    pub match_id: String,
    /// The person.
    pub person_id: String,
    /// Whether it was paused instead of ended.
    pub paused: bool,
    /// Since when the person waits: since they first did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_since: Option<String>,
    /// What happens next, in words.
    pub next_steps: Vec<String>,
}

/// A person changes their worker: the match ends (or pauses) and the person waits again, since the day on which they first did.
///
/// # Errors
/// No such match, several that stand, or one that has not begun.
pub fn change_worker(
    ground: Ground<'_>,
    person: &str,
    asked: &ChangeAsked,
    by: &By,
) -> Result<Decision<Changed>, Refused> {
    ground.person(person)?;
    if by.party == Party::Coordinator && asked.how.is_none() {
        return Err(Refused::conflict(
            "needs_more",
            "Say how the person told you: it is their wish, not yours.",
        ));
    }
    let mine: Vec<&Match> = ground
        .book
        .matches()
        .values()
        .filter(|one| one.person_id == person && one.status.kept())
        .collect();
    let one = match (&asked.match_id, &mine[..]) {
        (Some(id), _) => mine.iter().find(|one| &one.id == id).copied().ok_or(Refused::NotFound)?,
        (None, [one]) => one,
        (None, []) => {
            return Err(Refused::conflict("no_match", "There is no match that stands to change."));
        }
        (None, _) => {
            return Err(Refused::conflict(
                "which",
                "More than one match stands: say which of them is to change.",
            ));
        }
    };
    let (id, worker) = (one.id.clone(), one.worker_id.clone());
    let mut draft = Draft::new(ground);
    let event = if asked.pause {
        Event::Pause
    } else if one.possible(Party::ServiceUser).contains(&super::matches::EventKind::PersonNo) {
        // Not yet accepted: then it is a no, which the person may say at any time.
        Event::PersonSays { yes: false, how: asked.how }
    } else {
        Event::End { kind: EndKind::PersonChanged }
    };
    draft.step(&id, event, by)?;
    if asked.not_again && !asked.pause {
        let conflict = ConflictInput {
            a_id: person.to_owned().into(),
            b_id: worker.clone().into(),
            kind: ConflictKind::PersonDeclined.into(),
            ..ConflictInput::default()
        };
        let key = id_of_parts([&conflict.a_id, &conflict.b_id, &"changed".to_owned().into()]);
        draft.change(Change::put(key, Entity::Conflict(conflict)));
    }
    draft.tell(ground.told("match.change_asked", [id.as_str(), person, worker.as_str()]));
    let wait_since =
        ground.book.person(person).and_then(|record| record.wait_since.given().cloned());
    let next_steps = if asked.pause {
        vec!["The match is paused and its place stays. Ask the person when they want to go on, or whether they want somebody else.".to_owned()]
    } else {
        vec![
            "The person waits again, since the same day as the first time.".to_owned(),
            "Look at the suggestions with them, or make a menu.".to_owned(),
        ]
    };
    let changed = Changed {
        match_id: id,
        person_id: person.to_owned(),
        paused: asked.pause,
        wait_since,
        next_steps,
    };
    draft.decide(changed, Audience::Coordinator)
}

/// Feedback, and who gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedbackAsked {
    /// Who speaks; whoever is signed in speaks for themselves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub voice: Option<Voice>,
    /// By which way it was said, where somebody else records it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
    /// What is said.
    pub said: Words,
}

/// What comes of feedback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedbackTaken {
    /// Its id.
    pub id: String,
    /// Where a complaint goes, in the services' words, if it was one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub complaints_text: Vec<String>,
    /// What happens next, in words.
    pub next_steps: Vec<String>,
}

/// Takes down what somebody says of a match.
///
/// # Errors
/// No such match for them, faults of what is said.
pub fn feedback(
    ground: Ground<'_>,
    id: &str,
    asked: &FeedbackAsked,
    viewer: &Viewer,
    by: &By,
) -> Result<Decision<FeedbackTaken>, Refused> {
    let one = ground.book.matches().get(id).filter(|one| viewer.sees(one));
    let one = one.ok_or(Refused::NotFound)?;
    asked.said.check().map_err(Refused::Invalid)?;
    let (voice, how) = match by.party {
        Party::ServiceUser => (Voice::Person, None),
        Party::PeerWorker => (Voice::Worker, None),
        Party::Coordinator | Party::Clock => {
            let Some(how) = asked.how else {
                return Err(Refused::conflict(
                    "needs_more",
                    "Say how this was told: it is not yours but theirs.",
                ));
            };
            let Some(voice) = asked.voice else {
                return Err(Refused::conflict("needs_more", "Say who speaks."));
            };
            (voice, Some(how))
        }
    };
    let taken = Feedback {
        id: ground.fresh_id(Kind::Feedback, "f", 1),
        match_id: id.to_owned(),
        voice,
        at: by.at,
        by: by.actor.clone(),
        party: by.party,
        how,
        said: asked.said.clone(),
    };
    let mut complaints_text = Vec::new();
    let mut next_steps = Vec::new();
    if asked.said.complaint {
        let roster = ground.cx.roster;
        if let Some(user) = roster.find_user(&one.person_id) {
            let services = roster.user(user).services.iter().map(|s| roster.service(*s));
            complaints_text.extend(
                services.map(|s| s.complaints_text.clone()).filter(|text| !text.is_empty()),
            );
        }
        complaints_text.dedup();
        next_steps.push(
            "A complaint goes to those who deal with complaints. What it is about is not kept here."
                .to_owned(),
        );
    }
    if asked.said.right_fit == Some(RightFit::ChangePlease) {
        next_steps.push(
            "A change is nobody's fault and needs no reason. Ask for it whenever you like."
                .to_owned(),
        );
    }
    if next_steps.is_empty() {
        next_steps.push("Thank you. Nothing else has to be done.".to_owned());
    }
    let mut draft = Draft::new(ground);
    draft.tell(ground.told("feedback.given", [taken.id.as_str(), id]));
    let answer = FeedbackTaken { id: taken.id.clone(), complaints_text, next_steps };
    draft.change(Change::put(taken.id.clone(), Entity::Feedback(Box::new(taken))));
    draft.decide(answer, viewer.audience())
}
