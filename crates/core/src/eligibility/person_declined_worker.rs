//! The person asked not to be matched with this worker. Private to the person.

use peermatch_model::words::ConflictKind;

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::PersonDeclinedWorker,
    excludes,
    staff: "The person asked not to be matched with this worker.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.apart().any(|kind| matches!(kind, ConflictKind::PersonDeclined))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn it_keeps_the_two_apart_until_its_last_day() {
        assert_eq!(apart(ConflictKind::PersonDeclined), [Exclusion::PersonDeclinedWorker]);
        assert_eq!(
            apart_until(ConflictKind::PersonDeclined, "2026-11-22"),
            [Exclusion::PersonDeclinedWorker]
        );
        assert_eq!(apart_until(ConflictKind::PersonDeclined, "2026-11-21"), []);
    }
}
