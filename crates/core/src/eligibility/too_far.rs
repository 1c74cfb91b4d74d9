//! They could only meet in person, and the way is longer than either would travel.

use super::{Exclusion, Rule};
use crate::pair::Pair;
use crate::reach::{self, Unreachable};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::TooFar,
    excludes,
    staff: "The way is longer than either would travel.",
    person: Some("It is too far away."),
    worker: Some("It is too far away."),
    next_step: "Ask whether a longer way, or meeting by phone or video, could work.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    reach::failure(pair) == Some(Unreachable::TooFar)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn either_of_the_two_may_travel() {
        use peermatch_model::words::Transport;
        // 0.10 degrees north is 11.1 km: by car 5 + 1.5 * 11.12 = 22 minutes, on foot about three hours.
        let far = |worker_max: u32, worker_by: Transport, person_max: u32, person_by: Transport| {
            reasons_with(|i| {
                let p = person(i);
                (p.area, p.lat, p.lon) = (Field::Absent, (-36.80).into(), 174.70.into());
                (p.max_travel_min, p.transport) = (person_max.into(), all([person_by]));
                let w = worker(i);
                (w.lat, w.lon) = ((-36.90).into(), 174.70.into());
                (w.max_travel_min, w.transport) = (worker_max.into(), all([worker_by]));
            })
        };
        assert_eq!(far(22, Transport::Car, 0, Transport::Walk), []);
        assert_eq!(far(21, Transport::Car, 0, Transport::Walk), [Exclusion::TooFar]);
        assert_eq!(far(60, Transport::Walk, 0, Transport::Walk), [Exclusion::TooFar]);
        assert_eq!(far(0, Transport::Walk, 22, Transport::Car), []);
    }
}
