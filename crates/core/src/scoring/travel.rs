//! Little travel between the two, beyond the limits of both (which are a rule).

use peermatch_model::policy::WHOLE;
use peermatch_model::words::{Audience, Mode};

use super::voice::{as_wished, wished_but};
use super::{Criterion, Known, Met, Part, Place, portion};
use crate::pair::Pair;
use crate::reach::reach;

/// `1 - minutes / limit` with the larger of the two limits: the whole with no journey at all, nothing at the limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Travel;

impl Criterion for Travel {
    of_wish!(Travel);

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        Known::of(nearness(pair))
    }

    fn words(&self, _pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        Some(match part.met {
            Met::Met => as_wished(audience, "Can be met", "can meet", "without a journey"),
            Met::Partly => as_wished(audience, "Can be met", "can meet", "with some travel"),
            Met::NotMet | Met::Unknown => {
                wished_but(audience, "little travel", "the journey is as long as it may be")
            }
        })
    }
}

/// How near the two are. Whoever meets from afar alone travels nowhere.
pub(super) fn nearness(pair: &Pair<'_>) -> u32 {
    let reach = reach(pair);
    let in_person = reach.modes.iter::<Mode>().any(Mode::in_person);
    let minutes = if in_person { reach.minutes.unwrap_or(0) } else { 0 };
    let limit = pair.user.travel_min_max.max(pair.worker.travel_min_max);
    if minutes == 0 {
        WHOLE
    } else {
        portion(u64::from(limit.saturating_sub(minutes)), u64::from(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::words::CriterionName;
    use serde_json::json;

    #[test]
    fn less_travel_is_better() {
        let mut it = Little::new();
        it.user("wishes", json!([{"dimension": "travel", "strength": "nice"}]));
        assert_eq!(it.part().built_in(), Some(CriterionName::Travel));
        assert_eq!(it.known(), (WHOLE, Met::Met), "same area, nothing more known");
        it.user("area", json!("south")).user("lat", json!(-36.80)).user("lon", json!(174.70));
        it.worker("lat", json!(-36.90))
            .worker("lon", json!(174.70))
            .worker("transport", json!(["car"]))
            .worker("max_travel_min", json!(60));
        let (near, met) = it.known();
        assert!(0 < near && near < WHOLE && met == Met::Partly, "{near}");
        it.worker("lat", json!(-37.00));
        assert!(it.known().0 < near);
        it.user("modes", json!(["telephone"]));
        assert_eq!(it.known(), (WHOLE, Met::Met), "nobody travels to a telephone");
    }
}
