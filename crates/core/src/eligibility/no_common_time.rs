//! No time of the week suits both for a whole meeting in one piece.

use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::NoCommonTime,
    excludes,
    staff: "They have no common time long enough to meet.",
    person: Some("You are not free at the same time."),
    worker: Some("You are not free at the same time."),
    next_step: "Ask whether another day or time could work.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    !pair.user.times.both(&pair.worker.times).has_run(pair.policy().rules.meeting_minutes)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn the_time_must_be_in_one_piece() {
        let at = |windows: &[&str]| {
            reasons_with(|i| person(i).availability = words(windows.iter().copied()))
        };
        assert_eq!(at(&["Mon 11:00-12:00"]), []);
        assert_eq!(
            at(&["Mon 11:15-13:00"]),
            [Exclusion::NoCommonTime],
            "only 45 minutes are common"
        );
        assert_eq!(at(&["Mon 09:00-09:30", "Mon 10:00-10:30"]), [Exclusion::NoCommonTime]);
        assert_eq!(at(&["Tue 09:00-17:00"]), [Exclusion::NoCommonTime]);
    }

    #[test]
    fn zones_meet_when_they_really_can() {
        // Auckland is at +13 on the day of the run (summer time), Brisbane at +10 the whole year.
        let brisbane = |window: &str| {
            reasons_with(|i| {
                person(i).zone = "Australia/Brisbane".to_owned().into();
                person(i).availability = words([window]);
            })
        };
        assert_eq!(brisbane("Mon 06:00-07:00"), [], "Mon 09:00 in Auckland");
        assert_eq!(brisbane("Mon 09:00-10:00"), [Exclusion::NoCommonTime], "Mon 12:00 in Auckland");
    }

    #[test]
    fn the_week_of_the_clock_change_moves_one_zone_and_not_the_other() {
        // New Zealand puts its clocks forward on 27 September 2026: until then Auckland is at +12, from then on at +13.
        let on = |day: &str, window: &str| {
            reasons_with(|i| {
                i.as_of = day.to_owned().into();
                person(i).wait_since = "2026-09-01".to_owned().into();
                person(i).zone = "Australia/Brisbane".to_owned().into();
                person(i).availability = words([window]);
            })
        };
        assert_eq!(on("2026-09-26", "Mon 07:00-08:00"), []);
        assert_eq!(on("2026-09-26", "Mon 06:00-07:00"), [Exclusion::NoCommonTime]);
        assert_eq!(on("2026-09-27", "Mon 06:00-07:00"), []);
        assert_eq!(on("2026-09-27", "Mon 07:00-10:00"), [], "10:00 to 13:00 in Auckland");
        assert_eq!(on("2026-09-27", "Mon 09:00-10:00"), [Exclusion::NoCommonTime]);
    }
}
