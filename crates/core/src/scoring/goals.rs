//! What the person wants to work towards.

use peermatch_model::roster::ServiceUser;
use peermatch_model::words::{Audience, Direction, Goal, Strength, WordSet};

use super::tags::{self, Verb};
use super::{Ask, Criterion, Known, Part, Place};
use crate::pair::Pair;

/// The share of the person's goals that the worker can help with. One important wish.
#[derive(Debug, Clone, Copy)]
pub(super) struct Goals;

impl Criterion for Goals {
    named!(Goals);

    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        if !user.goals.is_empty() {
            ask(Ask { place: Place::Goals, strength: Strength::Important });
        }
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        tags::set_share(pair.user.goals, pair.worker.goals)
    }

    fn words(&self, pair: &Pair<'_>, _part: &Part, audience: Audience) -> Option<String> {
        let asked = pair.user.goals;
        if asked.is_empty() {
            return None;
        }
        let missing: Vec<String> = asked
            .iter()
            .filter(|&g: &Goal| !pair.worker.goals.has(g))
            .map(|g| spoken(g).to_owned())
            .collect();
        let verb = Verb::named("Can help with", "can help with", "help with ");
        Some(tags::told(
            audience,
            Direction::Prefer,
            verb,
            &names(asked.both(pair.worker.goals)),
            &missing,
        ))
    }
}

pub(super) fn names(goals: WordSet) -> Vec<String> {
    goals.iter::<Goal>().map(|g| spoken(g).to_owned()).collect()
}

/// A goal in plain words, after "help with".
fn spoken(goal: Goal) -> &'static str {
    match goal {
        Goal::Employment => "work",
        Goal::Housing => "housing",
        Goal::Recreation => "recreation",
        Goal::EducationTraining => "education and training",
        Goal::MoneyBudgeting => "money and budgeting",
        Goal::CommunityConnection => "connecting with the community",
        Goal::WhanauRelationships => "whānau and relationships",
        Goal::HealthWellbeing => "health and wellbeing",
        Goal::SelfAdvocacy => "self-advocacy",
        Goal::PurposeActivity => "purpose and activity",
        Goal::CultureIdentity => "culture and identity",
        Goal::DigitalSkills => "digital skills",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn goals_count_by_their_share() {
        let mut it = Little::new();
        it.worker("goals", json!(["housing", "employment"]));
        assert!(it.fit().nothing_asked);
        it.user("goals", json!(["housing", "recreation", "digital_skills"]));
        assert_eq!(it.known(), (333_333, Met::Partly));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Can help with housing, as you wished; not recreation or digital skills")
        );
    }
}
