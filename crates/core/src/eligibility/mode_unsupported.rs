//! No way to meet that the person, the worker and a service they share all have.

use super::services;
use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::ModeUnsupported,
    excludes,
    staff: "They share no way to meet that the service offers.",
    person: Some("There is no way to meet that works for you both."),
    worker: Some("There is no way to meet that works for you both."),
    next_step: "Ask whether another way to meet could work, such as by phone.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    services::modes_judged(pair).is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn all_three_must_have_the_mode() {
        use peermatch_model::words::Mode;
        let modes = |p: &[Mode], w: &[Mode], s: &[Mode]| {
            reasons_with(|i| {
                person(i).modes = all(p.iter().copied());
                worker(i).modes = all(w.iter().copied());
                service(i, 0).modes = all(s.iter().copied());
            })
        };
        assert_eq!(
            modes(&[Mode::Video], &[Mode::Video, Mode::Text], &[]),
            [],
            "no list of a service means all"
        );
        assert_eq!(modes(&[Mode::Video], &[Mode::Text], &[]), [Exclusion::ModeUnsupported]);
        assert_eq!(
            modes(&[Mode::Video], &[Mode::Video], &[Mode::Text]),
            [Exclusion::ModeUnsupported]
        );
    }
}
