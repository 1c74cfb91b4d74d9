//! They must not meet (a protection order, say). Private, and no option lifts it.

use peermatch_model::words::ConflictKind;

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::NoContact,
    excludes,
    staff: "They must not meet.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.apart().any(|kind| matches!(kind, ConflictKind::NoContact))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn it_keeps_the_two_apart_until_its_last_day() {
        assert_eq!(apart(ConflictKind::NoContact), [Exclusion::NoContact]);
        assert_eq!(apart_until(ConflictKind::NoContact, "2026-11-22"), [Exclusion::NoContact]);
        assert_eq!(apart_until(ConflictKind::NoContact, "2026-11-21"), []);
    }
}
