//! A coordinator decided before the run that the two are not to be matched.

use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::ExcludedByCoordinator,
    excludes,
    staff: "A coordinator decided that these two are not to be matched.",
    person: None,
    worker: None,
    next_step: "Look at the decision again, if the reason for it has passed.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.excluded_before()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_decision_before_the_run_holds() {
        use peermatch_model::words::PinKind;
        let pin = |kind: PinKind| {
            reasons_with(|i| {
                let row = PinInput {
                    person_id: "p".to_owned().into(),
                    worker_id: "w".to_owned().into(),
                    kind: kind.into(),
                    ..PinInput::default()
                };
                i.pins = all([row]);
            })
        };
        assert_eq!(pin(PinKind::Exclude), [Exclusion::ExcludedByCoordinator]);
        assert_eq!(pin(PinKind::Pin), []);
    }
}
