//! The worker's role walks with nobody one to one.

use peermatch_model::roster::PeerWorker;

use super::{Exclusion, Rule};
use crate::pair::{Context, Pair};

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::RoleWithoutCaseload,
    excludes,
    staff: "This role does not walk with people one to one.",
    person: None,
    worker: Some("Your role does not walk with people one to one."),
    next_step: "Look at workers whose role walks with people.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    of_worker(pair.cx, pair.worker)
}

/// The same for a worker alone.
pub(super) fn of_worker(_: &Context<'_>, worker: &PeerWorker) -> bool {
    !worker.role.carries_caseload()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn leaders_of_groups_carry_nobody() {
        use peermatch_model::words::{Role, Words};
        for &role in Role::ALL {
            let found = reasons_with(|i| worker(i).role = role.into());
            assert_eq!(
                found.contains(&Exclusion::RoleWithoutCaseload),
                !role.carries_caseload(),
                "{role}"
            );
        }
    }
}
