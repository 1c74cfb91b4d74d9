//! A wish that the worker calls a must is not met. Private: it is the worker's boundary.

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;
use crate::scoring;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerMustUnmet,
    excludes,
    staff: "A wish that is a must for the worker is not met.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    !scoring::worker_musts_met(pair)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_workers_must_is_a_rule_too() {
        use peermatch_model::words::{Goal, Strength, WorkerWishAbout};
        let wants = |strength: Strength, goal: Goal| {
            reasons_with(|i| {
                let wish = WorkerWishInput {
                    dimension: WorkerWishAbout::Goals.into(),
                    values: words(["housing"]),
                    strength: strength.into(),
                    ..WorkerWishInput::default()
                };
                worker(i).wishes = all([wish]);
                person(i).goals = all([goal]);
            })
        };
        assert_eq!(wants(Strength::Must, Goal::Housing), []);
        assert_eq!(wants(Strength::Must, Goal::Employment), [Exclusion::WorkerMustUnmet]);
        assert_eq!(wants(Strength::Important, Goal::Employment), []);
    }
}
