//! The worker's first day is still to come.

use peermatch_model::roster::PeerWorker;

use super::{Exclusion, Rule};
use crate::pair::{Context, Pair};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerNotStarted,
    excludes,
    staff: "The worker has not started yet.",
    person: None,
    worker: Some("You have not started yet."),
    next_step: "Wait for the worker's first day, then match again.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    of_worker(pair.cx, pair.worker)
}

/// The same for a worker alone.
pub(super) fn of_worker(cx: &Context<'_>, worker: &PeerWorker) -> bool {
    worker.available_from.is_some_and(|first| first > cx.roster.as_of())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn the_first_day_counts() {
        let first = |day: &str| reasons_with(|i| worker(i).available_from = day.to_owned().into());
        assert_eq!(first("2026-11-23"), [Exclusion::WorkerNotStarted]);
        assert_eq!(first("2026-11-22"), []);
    }
}
