//! They could only meet in person, share no area, and neither travels beyond.

use super::{Exclusion, Rule};
use crate::pair::Pair;
use crate::reach::{self, Unreachable};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::OutOfArea,
    excludes,
    staff: "They share no area, and neither travels to the other.",
    person: Some("This helper does not work where you live."),
    worker: Some("This person lives outside your areas."),
    next_step: "Ask whether meeting by phone or video could work, or whether somebody could travel.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    reach::failure(pair) == Some(Unreachable::OutOfArea)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn another_area_excludes_only_who_must_meet_in_person() {
        use peermatch_model::words::Mode;
        assert_eq!(
            reasons_with(|i| person(i).area = "elsewhere".to_owned().into()),
            [Exclusion::OutOfArea]
        );
        let by_phone = reasons_with(|i| {
            person(i).area = "elsewhere".to_owned().into();
            person(i).modes = all([Mode::OneToOne, Mode::Telephone]);
            worker(i).modes = all([Mode::OneToOne, Mode::Telephone]);
        });
        assert_eq!(by_phone, []);
    }
}
