//! A wish that the person calls a must is not met, or not known to be met.

use super::{Exclusion, Rule};
use crate::pair::Pair;
use crate::scoring;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::MustUnmet,
    excludes,
    staff: "A wish that is a must for the person is not met, or not known to be.",
    person: Some("Something you said you must have is not there."),
    worker: None,
    next_step: "Ask whether this wish is a must, or could be important instead.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    !scoring::musts_met(pair)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn unknown_is_unmet_and_important_is_no_rule() {
        use peermatch_model::words::{Gender, Strength, WishAbout};
        let wants = |strength: Strength, told: bool| {
            reasons_with(|i| {
                let wish = WishInput {
                    dimension: WishAbout::Gender.into(),
                    values: words(["woman"]),
                    strength: strength.into(),
                    ..WishInput::default()
                };
                person(i).wishes = all([wish]);
                worker(i).gender = Gender::Woman.into();
                worker(i).gender_consent_match = told.into();
            })
        };
        assert_eq!(wants(Strength::Must, true), []);
        assert_eq!(wants(Strength::Must, false), [Exclusion::MustUnmet]);
        assert_eq!(wants(Strength::Important, false), []);
    }
}
