//! The worker asked not to be matched with this person. Private to the worker.

use peermatch_model::words::ConflictKind;

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerDeclinedPerson,
    excludes,
    staff: "The worker asked not to be matched with this person.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.apart().any(|kind| matches!(kind, ConflictKind::WorkerDeclined))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn it_keeps_the_two_apart_until_its_last_day() {
        assert_eq!(apart(ConflictKind::WorkerDeclined), [Exclusion::WorkerDeclinedPerson]);
        assert_eq!(
            apart_until(ConflictKind::WorkerDeclined, "2026-11-22"),
            [Exclusion::WorkerDeclinedPerson]
        );
        assert_eq!(apart_until(ConflictKind::WorkerDeclined, "2026-11-21"), []);
    }
}
