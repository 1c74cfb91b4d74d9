//! The person told of something that the worker does not work with now: a boundary, private.
//!
//! A boundary covers what is narrower too: who does not work with thoughts of suicide now is not asked to work with a
//! survived attempt. Whatever the person wants of the experience, and from whichever perspective, the two would meet it.

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerDeclinedTopic,
    excludes,
    staff: "The person told of something the worker does not work with now.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    let taxonomy = pair.roster().taxonomy();
    let told =
        |&boundary| pair.user.experiences.iter().any(|e| taxonomy.is_ancestor(boundary, e.concept));
    pair.worker.not_now.iter().any(told)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_boundary_covers_what_is_narrower_and_only_what_was_told_for_matching() {
        let told = |concept: &str, consent: bool| {
            reasons_with(|i| {
                worker(i).not_now = words(["suicidal"]);
                let item = AskedExperienceInput {
                    concept: concept.to_owned().into(),
                    consent_match: consent.into(),
                    ..AskedExperienceInput::default()
                };
                person(i).experiences = all([item]);
            })
        };
        assert_eq!(told("suicidal", true), [Exclusion::WorkerDeclinedTopic]);
        assert_eq!(told("suicide_attempt", true), [Exclusion::WorkerDeclinedTopic]);
        assert_eq!(told("distress", true), [], "broader than the boundary");
        assert_eq!(
            told("suicidal", false),
            [],
            "no consent: nobody may read it, this rule neither"
        );
    }
}
