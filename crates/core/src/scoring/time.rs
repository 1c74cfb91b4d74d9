//! Times that the person would rather meet at, beyond one common hour (which is a rule).

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::WishValues;
use peermatch_model::week::WeekTimes;
use peermatch_model::words::Audience;

use super::voice::{as_wished, wished_but};
use super::{Criterion, Known, Met, Part, Place, portion, wish_at};
use crate::pair::Pair;

/// With `o` the common minutes within the wished windows and `N` what is enough: `2 o / (o + N)`, the whole from `N` on, so that the first hour counts
/// most. `N` is the policy's `enough_minutes`, or all that was wished if that is less: a wish for one hour is met by that hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time;

impl Criterion for Time {
    of_wish!(Time);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        match wished(pair, place) {
            Some(windows) => Known::of(overlap(pair, windows)),
            None => Known::UNKNOWN,
        }
    }

    /// A rule asks for one meeting within the windows, not for as much time as is enough.
    fn meets_must(&self, pair: &Pair<'_>, place: Place) -> bool {
        wished(pair, place).is_some_and(|windows| can_meet(pair, windows))
    }

    fn words(&self, pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        wished(pair, part.place)?;
        let when = if audience == Audience::ServiceUser {
            "the times you would like"
        } else {
            "the wished times"
        };
        Some(match part.met {
            Met::Met => as_wished(audience, "Has", "have", "plenty of time then"),
            Met::Partly => as_wished(audience, "Has", "have", "some time then"),
            Met::NotMet | Met::Unknown => {
                wished_but(audience, "certain times", &format!("no common time at {when}"))
            }
        })
    }
}

fn wished<'a>(pair: &Pair<'a>, place: Place) -> Option<&'a WeekTimes> {
    match &wish_at(pair, place)?.values {
        WishValues::Times(windows) => Some(windows),
        _ => None,
    }
}

/// The value of the common time within `windows`.
pub(super) fn overlap(pair: &Pair<'_>, windows: &WeekTimes) -> u32 {
    let common = u64::from(common(pair, windows).minutes());
    let enough = u64::from(pair.policy().rules.enough_minutes.min(windows.minutes()));
    if common == 0 {
        0
    } else if common >= enough {
        WHOLE
    } else {
        portion(2 * common, common + enough)
    }
}

/// Whether the two can hold one meeting within `windows`.
pub(super) fn can_meet(pair: &Pair<'_>, windows: &WeekTimes) -> bool {
    common(pair, windows).has_run(pair.policy().rules.meeting_minutes)
}

fn common(pair: &Pair<'_>, windows: &WeekTimes) -> WeekTimes {
    pair.user.times.both(&pair.worker.times).both(windows)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_hour_counts_most() {
        let mut it = Little::new();
        it.wish("time", json!(["Mon-Tue 09:00-15:00"]), "important");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        it.worker("availability", json!(["Mon 14:00-18:00"]));
        assert_eq!(it.known(), (400_000, Met::Partly), "2 · 60 / (60 + 240)");
        it.worker("availability", json!(["Mon 13:00-18:00"]));
        assert_eq!(it.known(), (666_667, Met::Partly));
        it.worker("availability", json!(["Wed 13:00-18:00"]));
        assert_eq!(it.known(), (0, Met::NotMet));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("You wished for certain times; no common time at the times you would like")
        );
    }

    #[test]
    fn a_wish_for_one_hour_is_met_by_that_hour() {
        let mut it = Little::new();
        it.wish("time", json!(["Mon 09:00-10:00"]), "important");
        assert_eq!(it.known(), (WHOLE, Met::Met));
        it.wish("time", json!(["Mon 09:00-17:00"]), "must")
            .worker("availability", json!(["Mon 16:00-18:00"]));
        assert!(it.unmet().is_empty(), "a meeting fits");
        it.worker("availability", json!(["Mon 16:30-18:00"]));
        assert_eq!(it.unmet().len(), 1);
    }
}
