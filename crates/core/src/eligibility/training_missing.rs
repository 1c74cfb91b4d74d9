//! The worker lacks, or let expire, a training that the shared service asks for.

use super::services::{self, Furthest};
use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::TrainingMissing,
    excludes,
    staff: "The worker lacks a training that the service asks for.",
    person: None,
    worker: Some("You lack a training that the service asks for."),
    next_step: "Plan the training that is missing, or renew it.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    services::furthest(pair) == Furthest::Scope
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn expired_training_counts_for_nothing_and_one_service_is_enough() {
        let asks = |i: &mut RosterInput| service(i, 0).required_training = words(["safe_talk"]);
        assert_eq!(reasons_with(asks), [Exclusion::TrainingMissing]);
        let held = |until: &str| {
            reasons_with(|i| {
                asks(i);
                worker(i).training = all([TrainingInput {
                    code: "safe_talk".to_owned().into(),
                    expires: until.to_owned().into(),
                    ..TrainingInput::default()
                }]);
            })
        };
        assert_eq!(held("2026-11-22"), []);
        assert_eq!(held("2026-11-21"), [Exclusion::TrainingMissing]);
        let other = reasons_with(|i| {
            asks(i);
            worker(i).services = words(["one", "two"]);
            person(i).services = words(["one", "two"]);
        });
        assert_eq!(other, []);
    }
}
