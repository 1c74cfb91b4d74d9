//! What if this person had this worker: who else would be proposed somebody else, and what becomes of the worker's places.
//!
//! Nothing is changed by asking. It is the same search that says what a choice costs everybody else ([`crate::choice`]), told with ids: pairs that a matching would propose
//! are an outcome, and whoever coordinates may look at those.

use peermatch_model::roster::{UserIx, WorkerIx};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Book;
use super::capacity::{CapacityLine, room};
use crate::choice::{CostToOthers, Costs, Moved};
use crate::pair::Context;

/// What choosing a worker for a person would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// The person.
    pub person_id: String,
    /// The worker.
    pub worker_id: String,
    /// What it costs everybody else, in words.
    pub cost: CostToOthers,
    /// Whom the matching would propose somebody else, or nobody: one way that costs least, the person first. Empty if it proposes this anyway.
    pub moved: Vec<Moved>,
    /// Others who wait and could be matched with this worker alone.
    pub only_option_of: Vec<String>,
    /// The worker's room as it is, without the choice.
    pub room: CapacityLine,
}

/// What choosing `worker` for `user` would come to; `None` if the two cannot be matched, or the person is not to be matched now.
///
/// One search over the workers, and O(people).
pub fn what_if(
    cx: &Context<'_>,
    book: &Book,
    costs: &Costs<'_>,
    user: UserIx,
    worker: WorkerIx,
) -> Option<WhatIf> {
    let cost = costs.of(user, worker)?;
    let person = |user: UserIx| cx.roster.user(user).id.clone();
    Some(WhatIf {
        person_id: person(user),
        worker_id: cx.roster.worker(worker).id.clone(),
        cost,
        moved: costs.moved(user, worker).unwrap_or_default(),
        only_option_of: costs
            .only_with(worker)
            .filter(|&other| other != user)
            .map(person)
            .collect(),
        room: room(cx, book, worker),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;

    use peermatch_model::policy::Policy;
    use peermatch_solve::Quiet;
    use peermatch_testkit::rosters::{Spec, roster};

    use super::*;
    use crate::choice::Effect;
    use crate::kept::Settings;
    use crate::run::match_roster;

    /// The moves are a matching again: nobody is moved twice, nobody comes from where they are not, and no worker takes more than there are places.
    #[test]
    fn whoever_moves_comes_from_where_the_matching_has_them_and_fits_where_they_go() {
        let policy = Policy::shipped();
        let book = Book::new(Settings::in_zone("UTC"));
        let (mut asked, mut moved_others) = (0, 0);
        for seed in 0..12 {
            let roster = roster(&Spec::SERVICE.sized(30, 8), seed);
            let cx = Context::new(&roster, &policy);
            let Ok(run) = match_roster(&cx, &Quiet) else { continue };
            let Some(costs) = Costs::of_run(&run) else { continue };
            let decided = run.decided();
            for user in roster.waiting() {
                for worker in (0..roster.workers().len()).map(WorkerIx::at) {
                    let Some(told) = what_if(&cx, &book, &costs, user, worker) else { continue };
                    asked += 1;
                    let mut after: BTreeMap<&str, Vec<WorkerIx>> = roster
                        .waiting()
                        .map(|user| {
                            (roster.user(user).id.as_str(), decided.workers_of(user).to_vec())
                        })
                        .collect();
                    for one in &told.moved {
                        let now = after.get_mut(one.person_id.as_str()).unwrap();
                        if let Some(from) = &one.from {
                            let from = roster.find_worker(from).unwrap();
                            let at = now.iter().position(|worker| *worker == from).unwrap();
                            now.remove(at);
                        }
                        now.extend(one.to.as_ref().map(|to| roster.find_worker(to).unwrap()));
                    }
                    let wanted = &after[roster.user(user).id.as_str()];
                    assert!(
                        wanted.contains(&worker) || told.cost.effect == Effect::NotPossible,
                        "{told:?}"
                    );
                    let mut taken = vec![0_u32; roster.workers().len()];
                    for worker in after.values().flatten() {
                        taken[worker.index()] += 1;
                    }
                    for (worker, taken) in roster.workers().iter().zip(taken) {
                        assert!(taken <= worker.places(), "{}: {told:?}", worker.id);
                    }
                    let others = told.moved.iter().filter(|one| one.person_id != told.person_id);
                    assert_eq!(others.clone().count(), told.cost.others_concerned);
                    moved_others += others.count();
                    for other in &told.only_option_of {
                        let other = roster.find_user(other).unwrap();
                        let with = (0..roster.workers().len()).map(WorkerIx::at);
                        let with: Vec<WorkerIx> = with
                            .filter(|&w| crate::eligibility::eligible(&cx.pair(other, w)))
                            .collect();
                        assert_eq!(with, [worker]);
                    }
                }
            }
        }
        assert!(asked > 300 && moved_others > 100, "{asked} {moved_others}");
    }
}
