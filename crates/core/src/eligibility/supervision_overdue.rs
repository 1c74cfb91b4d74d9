//! Supervision is overdue in every service in which the two could meet.
//!
//! It is the last of the rules bound to a service, so that it never decides what is told of the others: whoever may not
//! know of supervision learns nothing from the reasons that are shown.

use super::services;
use super::{Exclusion, PRIVATE_STEP, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::SupervisionOverdue,
    excludes,
    staff: "The worker's supervision is overdue.",
    person: None,
    worker: Some("Your supervision is overdue."),
    next_step: PRIVATE_STEP,
};

fn excludes(pair: &Pair<'_>) -> bool {
    services::supervision_overdue_everywhere(pair)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn overdue_only_where_a_service_asks_and_after_the_grace() {
        let due = |day: &str| reasons_with(|i| worker(i).supervision_due = day.to_owned().into());
        assert_eq!(due("2026-11-22"), []);
        assert_eq!(due("2026-11-21"), [Exclusion::SupervisionOverdue]);
        let not_asked = reasons_with(|i| {
            worker(i).supervision_due = "2026-01-01".to_owned().into();
            service(i, 0).supervision_required = false.into();
        });
        assert_eq!(not_asked, []);
        let grace =
            reasons_with_grace(7, |i| worker(i).supervision_due = "2026-11-15".to_owned().into());
        assert_eq!(grace, []);
    }

    #[test]
    fn it_hides_no_other_reason_and_shows_none() {
        use peermatch_model::words::Mode;
        let no_mode = |i: &mut RosterInput| service(i, 0).modes = all([Mode::Text]);
        let visible = reasons_with(no_mode);
        let with_hidden = reasons_with(|i| {
            no_mode(i);
            worker(i).supervision_due = "2026-01-01".to_owned().into();
        });
        assert_eq!(visible, [Exclusion::ModeUnsupported]);
        assert_eq!(with_hidden, [Exclusion::SupervisionOverdue, Exclusion::ModeUnsupported]);
    }

    #[test]
    fn one_service_must_pass_everything_by_itself() {
        use peermatch_model::words::Mode;
        // Service one offers a way to meet but asks for supervision; service two asks for none but offers no way they share.
        let found = reasons_with(|i| {
            worker(i).services = words(["one", "two"]);
            person(i).services = words(["one", "two"]);
            worker(i).supervision_due = "2026-01-01".to_owned().into();
            service(i, 1).supervision_required = false.into();
            service(i, 1).modes = all([Mode::Text]);
        });
        assert_eq!(found, [Exclusion::SupervisionOverdue]);
    }
}
