//! No free place: the caseload is full, or the worker starts with nobody new in this run.

use peermatch_model::roster::PeerWorker;

use super::{Exclusion, Rule};
use crate::pair::{Context, Pair};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::CapacityReached,
    excludes,
    staff: "The worker has no free place.",
    person: None,
    worker: Some("You have no free place now."),
    next_step: "Ask whether the worker could take one more person, or wait for a place.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    of_worker(pair.cx, pair.worker)
}

/// The same for a worker alone.
pub(super) fn of_worker(_: &Context<'_>, worker: &PeerWorker) -> bool {
    worker.places() == 0
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn full_caseloads_and_no_new_starts_exclude() {
        let full = |max: u32, now: u32, starts: Option<u32>| {
            reasons_with(|i| {
                let w = worker(i);
                w.max_people = max.into();
                w.current_people = now.into();
                w.new_starts = starts.map_or(Field::Absent, Into::into);
            })
        };
        assert_eq!(full(8, 7, None), []);
        assert_eq!(full(8, 8, None), [Exclusion::CapacityReached]);
        assert_eq!(full(8, 9, None), [Exclusion::CapacityReached]);
        assert_eq!(full(8, 0, Some(0)), [Exclusion::CapacityReached]);
    }
}
