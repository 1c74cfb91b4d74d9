//! Workers leave a kept roster: where their people could go, and taking that up person by person.

use peermatch_model::words::{Audience, MatchStatus};
use peermatch_solve::Watch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Document, DocumentOf};
use super::ground::{Draft, Ground};
use super::matches::{By, Match, Origin};
use super::{Change, Decision, Entity, Kind, Refused};
use crate::handover::{Handover, HandoverError, handover};

/// Who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// The workers, by id.
    pub worker_ids: Vec<String>,
    /// The seed of what is drawn by lot (default: the roster's).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seed: Option<u64>,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandoverMade {
    /// The document's id.
    pub id: String,
    /// The proposal.
    pub handover: Handover,
}

/// Proposes where the people of leaving workers could go, and keeps the proposal. Nothing else changes.
///
/// # Errors
/// Unknown workers, or what the engine says.
pub fn propose(
    ground: Ground<'_>,
    asked: &Leaving,
    by: &By,
    watch: &dyn Watch,
) -> Result<Decision<HandoverMade>, Refused> {
    let leaving = asked.worker_ids.iter().map(|id| ground.worker(id));
    let leaving = leaving.collect::<Result<Vec<_>, _>>()?;
    let seed = asked.seed.unwrap_or_else(|| ground.book.settings().seed());
    let (roster, policy) = (ground.cx.roster, ground.cx.policy);
    let made = handover(ground.book.effective(), roster, policy, &leaving, seed, watch);
    let made = made.map_err(|error| match error {
        HandoverError::Leaving(words) | HandoverError::Stated(words) => {
            Refused::conflict("leaving", words)
        }
        HandoverError::Run(error) => Refused::conflict("no_matching", error.to_string()),
        HandoverError::Roster(_) => Refused::conflict(
            "roster",
            "With these workers gone the roster has faults. Look at pins and minimums that need them.",
        ),
        HandoverError::Verify(_) => Refused::conflict(
            "not_proven",
            "The proposal could not be proven, so none was made. Tell whoever runs the service.",
        ),
    })?;
    let id = ground.fresh_id(Kind::Document, "d", 1);
    let mut draft = Draft::new(ground);
    let mut told = ground.told("handover.proposed", [id.as_str()]);
    told.about.extend(made.leaving.iter().cloned());
    draft.tell(told);
    draft.change(Change::put(
        id.clone(),
        Entity::Document(Box::new(Document {
            id: id.clone(),
            of: DocumentOf::Handover,
            made_at: by.at,
            made_by: by.actor.clone(),
            revision: ground.revision,
            roster_hash: ground.roster_hash.to_owned(),
            policy_hash: ground.policy_hash.to_owned(),
            body: serde_json::to_string(&made)
                .map_err(|_| Refused::conflict("unwritable", "The proposal cannot be written."))?,
        })),
    ));
    draft.decide(HandoverMade { id, handover: made }, Audience::Coordinator)
}

/// A kept proposal.
///
/// # Errors
/// There is no such one.
pub fn read(ground: &Ground<'_>, id: &str) -> Result<Handover, Refused> {
    let document = ground.book.documents().get(id).filter(|d| d.of == DocumentOf::Handover);
    let document = document.ok_or(Refused::NotFound)?;
    serde_json::from_str(&document.body)
        .map_err(|_| Refused::conflict("unreadable", "This proposal cannot be read any more."))
}

/// Whose handover is taken up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeUp {
    /// These people; all of the proposal, if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person_ids: Option<Vec<String>>,
}

/// What was made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TakenUp {
    /// The proposals made.
    pub matches: Vec<Match>,
    /// People for whom nothing was proposed, each with why in words.
    pub without: Vec<Without>,
}

/// Somebody for whom nothing was proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Without {
    /// The person.
    pub person_id: String,
    /// Why, and what to do.
    pub words: String,
}

/// Takes up a handover: proposals that each take the place of the match with the worker who leaves, once everybody has said yes (or that worker's last day
/// is over). The roster may have moved on since: whoever no longer can is told apart.
///
/// # Errors
/// No such proposal, or people who are not in it.
pub fn take_up(
    ground: Ground<'_>,
    id: &str,
    asked: &TakeUp,
    by: &By,
) -> Result<Decision<TakenUp>, Refused> {
    let handover = read(&ground, id)?;
    if let Some(ids) = &asked.person_ids
        && let Some(unknown) =
            ids.iter().find(|id| !handover.people.iter().any(|told| &&told.person_id == id))
    {
        return Err(Refused::conflict("not_in_it", format!("{unknown} is not in this handover.")));
    }
    let wanted = |person: &String| asked.person_ids.as_ref().is_none_or(|ids| ids.contains(person));
    let mut draft = Draft::new(ground);
    let mut taken = TakenUp { matches: Vec::new(), without: Vec::new() };
    for told in handover.people.iter().filter(|told| wanted(&told.person_id)) {
        let person = &told.person_id;
        let mut without = |words: &str| {
            taken.without.push(Without { person_id: person.clone(), words: words.to_owned() });
        };
        if told.to.is_empty() {
            without(
                "Nobody could be found for this person. Talk to them first; the proposal says what can be done.",
            );
            continue;
        }
        let mut old: Vec<&Match> = ground
            .book
            .matches()
            .values()
            .filter(|one| {
                &one.person_id == person && told.from.contains(&one.worker_id) && one.status.kept()
            })
            .collect();
        old.sort_by(|a, b| a.id.cmp(&b.id));
        let open = ground.book.matches().values().any(|one| {
            &one.person_id == person
                && one.from == Origin::Handover
                && matches!(one.status, MatchStatus::Proposed | MatchStatus::Offered)
        });
        if open {
            without("A handover of this person is on its way already.");
            continue;
        }
        if old.is_empty() {
            without("The match with the worker who leaves no longer stands.");
            continue;
        }
        for (place, worker) in told.to.iter().enumerate() {
            let new = ground.fresh_id(Kind::Match, "m", taken.matches.len() + 1);
            let mut one = Match::proposed(&new, person, worker, Origin::Handover, by);
            one.of = Some(id.to_owned());
            one.replaces = old.get(place).map(|old| old.id.clone());
            one.basis = Some(Box::new(ground.basis(told.to.clone(), None)));
            draft.put(one.clone(), by);
            taken.matches.push(one);
        }
    }
    let mut told = ground.told("handover.taken_up", [id]);
    told.about.extend(taken.matches.iter().map(|one| one.id.clone()));
    draft.tell(told);
    draft.decide(taken, Audience::Coordinator)
}
