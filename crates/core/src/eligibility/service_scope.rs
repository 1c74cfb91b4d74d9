//! No service in common that is for the person's age.

use super::services::{self, Furthest};
use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::ServiceScope,
    excludes,
    staff: "They share no service, or none that is for the person's age.",
    person: Some("This helper works in another service."),
    worker: None,
    next_step: "Ask whether another service would be welcome, and whether it is for this age.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    services::furthest(pair) == Furthest::None
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_shared_service_must_be_for_the_age() {
        use peermatch_model::words::AgeBand;
        assert_eq!(
            reasons_with(|i| worker(i).services = words(["two"])),
            [Exclusion::ServiceScope]
        );
        let young = |i: &mut RosterInput| service(i, 0).age_bands = all([AgeBand::From18]);
        assert_eq!(reasons_with(young), [Exclusion::ServiceScope]);
        let both = reasons_with(|i| {
            young(i);
            worker(i).services = words(["one", "two"]);
            person(i).services = words(["one", "two"]);
        });
        assert_eq!(both, [], "the other service they share is for every age");
    }
}
