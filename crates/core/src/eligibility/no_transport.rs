//! They could only meet in person, and there is no lift or transport: the person needs one, or neither has any.

use super::{Exclusion, Rule};
use crate::pair::Pair;
use crate::reach::{self, Unreachable};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::NoTransport,
    excludes,
    staff: "There is no lift or transport to bring the two together.",
    person: Some("There is no lift or ride to get you there."),
    worker: Some("There is no lift or transport to bring you together."),
    next_step: "Ask about a lift, a taxi chit or a home visit, or look for a worker who drives people.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    reach::failure(pair) == Some(Unreachable::NoTransport)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_lift_needs_a_car_and_a_full_licence_or_a_visit() {
        use peermatch_model::words::{Licence, Mode};
        let lift = |i: &mut RosterInput| person(i).needs_lift = true.into();
        assert_eq!(reasons_with(lift), [Exclusion::NoTransport]);
        let drives = reasons_with(|i| {
            lift(i);
            worker(i).vehicle = true.into();
            worker(i).licence = Licence::Full.into();
        });
        assert_eq!(drives, []);
        let restricted = reasons_with(|i| {
            lift(i);
            worker(i).vehicle = true.into();
            worker(i).licence = Licence::Restricted.into();
        });
        assert_eq!(restricted, [Exclusion::NoTransport]);
        let visit = reasons_with(|i| {
            lift(i);
            person(i).modes = all([Mode::OneToOne, Mode::Outreach]);
            worker(i).modes = all([Mode::OneToOne, Mode::Outreach]);
        });
        assert_eq!(visit, []);
    }
}
