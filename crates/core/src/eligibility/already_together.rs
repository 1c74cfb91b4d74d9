//! A match of the two stands: nobody is matched with the same worker twice. Only whoever wants several workers meets this rule in a run.

use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::AlreadyTogether,
    excludes,
    staff: "They walk together already.",
    person: Some("You walk together already."),
    worker: Some("You walk together already."),
    next_step: "Nothing has to change: their match stands.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    pair.user.kept.contains(&pair.worker_ix)
}

#[cfg(test)]
mod tests {
    use peermatch_model::raw::MatchInput;
    use peermatch_model::words::MatchStatus;

    use super::super::testing::*;
    use super::*;

    #[test]
    fn nobody_is_matched_with_the_same_worker_twice() {
        let stands = |status: MatchStatus| {
            reasons_with(|i| {
                person(i).demand = 2.into();
                worker(i).current_people = 1.into();
                i.matches = all([MatchInput {
                    id: "m".to_owned().into(),
                    person_id: "p".to_owned().into(),
                    worker_id: "w".to_owned().into(),
                    status: status.into(),
                    ..MatchInput::default()
                }]);
            })
        };
        assert_eq!(stands(MatchStatus::Active), [Exclusion::AlreadyTogether]);
        assert_eq!(stands(MatchStatus::Ended), []);
    }
}
