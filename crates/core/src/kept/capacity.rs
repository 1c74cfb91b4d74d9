//! Who has room: load and places by worker.
//!
//! Nothing that a worker lived through, told or did not tell is read here, so nothing of it can show: not listing something never makes a worker look less.

use peermatch_model::roster::WorkerIx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Book;
use crate::eligibility::takes_new_people;
use crate::pair::Context;

/// A worker's room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityLine {
    /// The worker.
    pub worker_id: String,
    /// What the worker is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// How many people the worker may walk with.
    pub max_people: u32,
    /// How many the worker walks with.
    pub people: u32,
    /// Places that open menus hold.
    pub held: u32,
    /// Places for new people now; 0 while the worker takes nobody.
    pub places: u32,
    /// Whether the worker takes new people now. No reason is kept or told.
    pub takes_new_people: bool,
    /// The most load, in hundredths of one weekly contact, if the worker has such a limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub load_max: Option<u32>,
    /// The load now, in the same hundredths, if it is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub load_now: Option<u32>,
    /// How many new people the worker can start with in one run, if that is limited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub new_starts: Option<u32>,
    /// The days of the week on which the worker has time, in the roster's zone.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub days: Vec<String>,
    /// The areas the worker works in.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub areas: Vec<String>,
    /// The day from which on the worker takes new people again, if that is ahead. No reason is kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paused_until: Option<String>,
    /// The worker's first day, if that is ahead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub begins: Option<String>,
    /// The worker's last day, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_day: Option<String>,
}

/// A page of the workers, by id after `after`. Gives one more than `limit` if there are more. O(log workers + limit).
pub fn capacity(
    cx: &Context<'_>,
    book: &Book,
    after: Option<&str>,
    limit: usize,
) -> Vec<CapacityLine> {
    let workers = cx.roster.workers();
    let first =
        after.map_or(0, |after| workers.partition_point(|worker| worker.id.as_str() <= after));
    (first..workers.len())
        .take(limit.saturating_add(1))
        .map(|at| room(cx, book, WorkerIx::at(at)))
        .collect()
}

/// The room of one worker.
pub fn room(cx: &Context<'_>, book: &Book, worker: WorkerIx) -> CapacityLine {
    let worker = cx.roster.worker(worker);
    let held = book.held(&worker.id);
    let takes = takes_new_people(cx, worker);
    let today = cx.roster.as_of();
    let mut days: Vec<String> = worker
        .times
        .windows(cx.roster.zone().offset_minutes)
        .iter()
        .filter_map(|window| window.split(' ').next().map(str::to_owned))
        .collect();
    days.dedup();
    CapacityLine {
        worker_id: worker.id.clone(),
        name: book.names().get(&worker.id).cloned(),
        max_people: worker.people_max,
        people: worker.people_now.saturating_sub(held),
        held,
        places: if takes { worker.places() } else { 0 },
        takes_new_people: takes,
        load_max: worker.load_max,
        load_now: worker.load_now,
        new_starts: worker.new_starts_max,
        days,
        areas: worker.areas.iter().map(|&area| cx.roster.tag(area).to_owned()).collect(),
        paused_until: worker.paused_until.filter(|day| *day > today).map(|day| day.to_string()),
        begins: worker.available_from.filter(|day| *day > today).map(|day| day.to_string()),
        last_day: worker.available_until.map(|day| day.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use peermatch_model::policy::Policy;
    use peermatch_model::raw::Field;
    use peermatch_model::roster::Roster;
    use peermatch_model::taxonomy::Taxonomy;
    use peermatch_testkit::rosters::{self, Spec};

    use super::*;
    use crate::kept::Settings;

    /// Whatever a worker tells of their life or takes back, what is said of their room stays the same, byte for byte.
    #[test]
    fn what_a_worker_tells_never_changes_their_room() {
        let policy = Policy::shipped();
        let book = Book::new(Settings::in_zone("UTC"));
        for seed in 0..40 {
            let input = rosters::input(&Spec::SERVICE.sized(20, 10), seed);
            let mut without = input.clone();
            if let Field::Given(rows) = &mut without.workers {
                for row in rows {
                    if let Field::Given(worker) = row {
                        worker.experiences = Field::Absent;
                        worker.identity = Field::Absent;
                        worker.not_now = Field::Absent;
                        worker.age_band = Field::Absent;
                        worker.gender = Field::Absent;
                        worker.wishes = Field::Absent;
                    }
                }
            }
            let told = |input| {
                let roster = Roster::check(input, Taxonomy::shipped()).unwrap();
                let lines = capacity(&Context::new(&roster, &policy), &book, None, 100);
                assert_eq!(lines.len(), 10);
                serde_json::to_string(&lines).unwrap()
            };
            assert_eq!(told(&input), told(&without));
        }
    }

    #[test]
    fn pages_follow_each_other() {
        let policy = Policy::shipped();
        let book = Book::new(Settings::in_zone("UTC"));
        let roster = rosters::roster(&Spec::SERVICE.sized(5, 23), 1);
        let cx = Context::new(&roster, &policy);
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = capacity(&cx, &book, after.as_deref(), 7);
            all.extend(page.iter().take(7).map(|line| line.worker_id.clone()));
            if page.len() <= 7 {
                break;
            }
            after = all.last().cloned();
        }
        let ids: Vec<String> = roster.workers().iter().map(|worker| worker.id.clone()).collect();
        assert_eq!(all, ids);
    }
}
