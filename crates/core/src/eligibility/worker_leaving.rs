//! The worker leaves within the policy's notice, or has left: nobody begins with somebody who is about to go.

use jiff::ToSpan;
use peermatch_model::roster::PeerWorker;

use super::{Exclusion, Rule};
use crate::pair::{Context, Pair};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::WorkerLeaving,
    excludes,
    staff: "The worker is about to leave.",
    person: None,
    worker: Some("You are about to leave."),
    next_step: "Look at other workers; this one is about to leave.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    of_worker(pair.cx, pair.worker)
}

/// The same for a worker alone.
pub(super) fn of_worker(cx: &Context<'_>, worker: &PeerWorker) -> bool {
    let notice = i64::from(cx.policy.rules.leaving_notice_days);
    // Adding days is dear, so only for those who have a last day.
    worker
        .available_until
        .is_some_and(|last| last <= cx.roster.as_of().saturating_add(notice.days()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn the_notice_counts_from_the_day_of_the_run() {
        let last = |day: &str| reasons_with(|i| worker(i).available_until = day.to_owned().into());
        assert_eq!(
            last("2026-12-20"),
            [Exclusion::WorkerLeaving],
            "28 days, the notice of the shipped policy"
        );
        assert_eq!(last("2026-12-21"), []);
        assert_eq!(last("2026-11-01"), [Exclusion::WorkerLeaving], "gone already");
    }
}
