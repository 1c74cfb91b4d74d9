//! The worker takes nobody new before a day; why is nobody's business and stored nowhere.

use peermatch_model::roster::PeerWorker;

use super::{Exclusion, Rule};
use crate::pair::{Context, Pair};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerPaused,
    excludes,
    staff: "The worker takes nobody new for now.",
    person: None,
    worker: Some("You take nobody new for now."),
    next_step: "Wait until the worker takes new people again, or ask the worker.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    of_worker(pair.cx, pair.worker)
}

/// The same for a worker alone.
pub(super) fn of_worker(cx: &Context<'_>, worker: &PeerWorker) -> bool {
    worker.paused_until.is_some_and(|day| day > cx.roster.as_of())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn the_day_itself_is_open_again() {
        let paused = |day: &str| reasons_with(|i| worker(i).paused_until = day.to_owned().into());
        assert_eq!(paused("2026-11-23"), [Exclusion::WorkerPaused]);
        assert_eq!(paused("2026-11-22"), []);
    }
}
