//! Lived experience of both sides. Knows concepts and consent; what is not consented to goes no further than this file.

use std::collections::BTreeSet;

use super::Checker;
use super::values::gather;
use crate::fault::{At, nearest};
use crate::raw::{
    AskedExperienceInput, Field, PeerWorkerInput, ServiceUserInput, ToldExperienceInput,
};
use crate::roster::{AskedExperience, ToldExperience};
use crate::take::{optional, required, unknown};
use crate::taxonomy::Concept;
use crate::words::{Comfort, Direction, ExperienceDirection, Perspective};

/// What an item of experience says, whoever told it.
struct Experience {
    concept: Concept,
    consent: bool,
    coordinator_may_see: bool,
    show: bool,
}

impl Checker<'_> {
    /// What a service user told and lets be used for matching.
    pub(super) fn asked_experiences(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
    ) -> Vec<AskedExperience> {
        let at = at.key("experiences");
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for (i, row) in gather::<AskedExperienceInput>(self.f, &at, &row.experiences) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, AskedExperienceInput::MEMBERS);
            let perspective = optional(self.f, &at.key("perspective"), &row.perspective)
                .unwrap_or(Perspective::OneSelf);
            let direction = optional(self.f, &at.key("direction"), &row.direction)
                .unwrap_or(ExperienceDirection::NotAsked);
            let importance = optional(self.f, &at.key("importance"), &row.importance).unwrap_or(1);
            if importance > 3 {
                self.f.report(
                    &at.key("importance"),
                    importance,
                    "more than the most",
                    "write 0 (least) to 3 (most)",
                );
            }
            let consents = [&row.consent_match, &row.consent_coordinator, &row.consent_show];
            let Some(item) = self.experience(&at, &row.concept, perspective, consents, &mut seen)
            else {
                continue;
            };
            if item.consent {
                let wanted = match direction {
                    ExperienceDirection::Share => Some(Direction::Prefer),
                    ExperienceDirection::Avoid => Some(Direction::Avoid),
                    ExperienceDirection::Fine | ExperienceDirection::NotAsked => None,
                };
                out.push(AskedExperience {
                    concept: item.concept,
                    perspective,
                    wanted,
                    importance: importance.clamp(1, 3),
                    coordinator_may_see: item.coordinator_may_see,
                    show: item.show,
                });
            }
        }
        out.sort_unstable();
        out
    }

    /// What a peer worker told and lets be used for matching; and apart from it, what the worker does not work with now, which
    /// binds whether or not the rest may be used.
    pub(super) fn told_experiences(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
    ) -> (Vec<ToldExperience>, Vec<Concept>) {
        let at = at.key("experiences");
        let (mut out, mut not_now, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (i, row) in gather::<ToldExperienceInput>(self.f, &at, &row.experiences) {
            let at = at.index(i);
            unknown(self.f, &at, &row.unknown, ToldExperienceInput::MEMBERS);
            let perspective = optional(self.f, &at.key("perspective"), &row.perspective)
                .unwrap_or(Perspective::OneSelf);
            let comfort =
                optional(self.f, &at.key("comfort"), &row.comfort).unwrap_or(Comfort::Happy);
            let consents = [&row.consent_match, &row.consent_coordinator, &row.consent_show];
            let Some(item) = self.experience(&at, &row.concept, perspective, consents, &mut seen)
            else {
                continue;
            };
            if comfort == Comfort::NotNow {
                not_now.push(item.concept);
            } else if item.consent {
                out.push(ToldExperience {
                    concept: item.concept,
                    perspective,
                    coordinator_may_see: item.coordinator_may_see,
                    show: item.show,
                });
            }
        }
        out.sort_unstable();
        (out, not_now)
    }

    /// What an item says on either side, read after what is its side's own, so that faults stand in the order of the members.
    /// `consents` are: match, coordinator, show. `None` if the item names nothing, or what an earlier one named.
    fn experience(
        &mut self,
        at: &At<'_>,
        concept: &Field<String>,
        perspective: Perspective,
        consents: [&Field<bool>; 3],
        seen: &mut BTreeSet<(Concept, Perspective)>,
    ) -> Option<Experience> {
        let keys = ["consent_match", "consent_coordinator", "consent_show"];
        let mut given = [false; 3];
        for ((key, field), given) in keys.into_iter().zip(consents).zip(&mut given) {
            *given = optional(self.f, &at.key(key), field).unwrap_or(false);
        }
        let [consent, coordinator_may_see, show] = given;
        let at = at.key("concept");
        let id = required(self.f, &at, concept, "name a concept of the taxonomy")?;
        let concept = self.concept(&at, &id)?;
        if !seen.insert((concept, perspective)) {
            self.f.report(
                &at,
                &id,
                "the same experience from the same perspective stands twice",
                "keep one of the two",
            );
            return None;
        }
        Some(Experience { concept, consent, coordinator_may_see, show })
    }

    /// The concept an id names; the root is none that a record may name.
    pub(super) fn concept(&mut self, at: &At<'_>, id: &str) -> Option<Concept> {
        let found = self.taxonomy.find(id.trim());
        match found {
            None => {
                let ids = self.taxonomy.concepts().map(|c| self.taxonomy.id(c));
                let fix = match nearest(id, ids) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "use an id of the taxonomy".to_owned(),
                };
                self.f.report(at, id, "not a concept of the taxonomy", fix);
                None
            }
            Some(concept) if self.taxonomy.is_root(concept) => {
                self.f.report(
                    at,
                    id,
                    "the root stands for everything and says nothing",
                    "name the experience, or its area",
                );
                None
            }
            found => found,
        }
    }
}
