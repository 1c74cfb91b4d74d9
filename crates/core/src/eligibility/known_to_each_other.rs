//! They know each other, or are whānau. Private: it tells of a third person or of a life outside the service.

use peermatch_model::words::ConflictKind;

use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::KnownToEachOther,
    excludes,
    staff: "They know each other or are whānau.",
    person: None,
    worker: None,
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.apart()
        .any(|kind| matches!(kind, ConflictKind::KnownToEachOther | ConflictKind::WhanauRelation))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn it_keeps_the_two_apart_until_its_last_day() {
        assert_eq!(apart(ConflictKind::KnownToEachOther), [Exclusion::KnownToEachOther]);
        assert_eq!(apart(ConflictKind::WhanauRelation), [Exclusion::KnownToEachOther]);
        assert_eq!(
            apart_until(ConflictKind::KnownToEachOther, "2026-11-22"),
            [Exclusion::KnownToEachOther]
        );
        assert_eq!(apart_until(ConflictKind::KnownToEachOther, "2026-11-21"), []);
    }
}
