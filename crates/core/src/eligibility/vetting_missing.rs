//! The person is under 18 and the worker's vetting is missing or has run out. No option lifts this.

use peermatch_model::words::AgeBand;

use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::VettingMissing,
    excludes,
    staff: "The person is under 18, and the worker's vetting is missing or has run out.",
    person: None,
    worker: None,
    next_step: "Renew the worker's vetting first; until then look at vetted workers.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    // A record without an age is one redacted for somebody who may not know it; a checked person always has one.
    pair.user.age.is_some_and(AgeBand::minor)
        && pair.worker.vetting_until.is_none_or(|until| until < pair.roster().as_of())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn only_under_18s_need_it_and_it_may_not_have_run_out() {
        for (age, until, excluded) in [
            (AgeBand::From16, None, true),
            (AgeBand::From16, Some("2026-11-21"), true),
            (AgeBand::From16, Some("2026-11-22"), false),
            (AgeBand::From12, Some("2027-01-01"), false),
            (AgeBand::From18, None, false),
        ] {
            let found = reasons_with(|i| {
                person(i).age_band = age.into();
                worker(i).vetting_until =
                    until.map_or(Field::Absent, |day: &str| day.to_owned().into());
            });
            assert_eq!(
                found,
                if excluded { vec![Exclusion::VettingMissing] } else { vec![] },
                "{age} {until:?}"
            );
        }
    }
}
