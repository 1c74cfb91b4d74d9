//! The eligible pairs, found by index instead of by walking all pairs, with the same result.
//!
//! For each thing that a rule reads of a worker alone there is a set of workers, one bit each: who takes new people and has a place, who
//! works in a service with its training held and supervision in order, who speaks a language for a whole meeting, who meets in
//! which way, who works in an area or may come to a part of the map, who has the gender, style or place that somebody must
//! have. A person's row is what these sets have in common, and every pair left is then judged by [`eligible`] itself: an index can
//! only save work, never decide.
//!
//! Rows are independent of each other: they are made in parallel and come out in the order asked, whatever the number of threads.

mod obstacles;

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
pub(crate) use obstacles::Obstacles;
use peermatch_model::roster::{Position, ServiceUser, Tag, UserIx, WishValues, WorkerIx};
use peermatch_model::words::{
    AgeBand, Direction, Fluency, Gender, LanguageLevel, Mode, Strength, WishAbout, Words,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::eligibility::{self, Exclusion, eligible, reasons, services};
use crate::pair::{Context, Pair};
use crate::reach::{self, Cell};

/// The most cells of the map that people may live in: beyond that, cells are made larger.
const CELLS_MAX: usize = 1_024;
/// The least side of a cell, hundredths of a degree (about eleven kilometres).
const CELL_SIZE_MIN: i32 = 10;

/// Sets of workers by what rules ask of them.
#[derive(Debug)]
pub struct Candidates<'a> {
    cx: &'a Context<'a>,
    /// By service: takes new people, has a place, holds the training, supervision in order.
    by_service: Vec<FixedBitSet>,
    /// By mode, in the order of its list.
    by_mode: Vec<FixedBitSet>,
    /// By language: runs a whole meeting in it.
    by_language: Vec<FixedBitSet>,
    /// Vetted on the day of the run.
    vetted: FixedBitSet,
    by_area: BTreeMap<Tag, FixedBitSet>,
    map: Map,
    /// By gender, in the order of its list.
    by_gender: Vec<FixedBitSet>,
    by_style: BTreeMap<Tag, FixedBitSet>,
    by_interest: BTreeMap<Tag, FixedBitSet>,
    by_place: BTreeMap<Tag, FixedBitSet>,
}

impl<'a> Candidates<'a> {
    /// Builds the sets. O(workers × (services + cells of the map)), cells being at most 1,024.
    pub fn new(cx: &'a Context<'a>) -> Self {
        let workers = cx.roster.workers();
        let open = set_of(workers.len(), |i| eligibility::open(cx, &workers[i]));
        let by_service = cx.roster.services().iter().enumerate().map(|(place, service)| {
            set_of(workers.len(), |i| {
                let worker = &workers[i];
                open.contains(i)
                    && worker.services.iter().any(|s| s.index() == place)
                    && services::staffs(cx, worker, service)
            })
        });
        let by_mode =
            Mode::ALL.iter().map(|&m| set_of(workers.len(), |i| workers[i].modes.has(m))).collect();
        let languages = cx
            .roster
            .workers()
            .iter()
            .flat_map(|w| w.languages.iter().map(|(l, _)| l.index() + 1))
            .max()
            .unwrap_or(0);
        let by_language = (0..languages)
            .map(|l| {
                set_of(workers.len(), |i| {
                    workers[i]
                        .languages
                        .iter()
                        .any(|&(spoken, level)| spoken.index() == l && level == Fluency::Whole)
                })
            })
            .collect();
        Self {
            cx,
            by_service: by_service.collect(),
            by_mode,
            by_language,
            vetted: set_of(workers.len(), |i| {
                workers[i].vetting_until.is_some_and(|until| until >= cx.roster.as_of())
            }),
            by_area: by_tag(workers.len(), |i| &workers[i].areas),
            map: Map::new(cx),
            by_gender: Gender::ALL
                .iter()
                .map(|&g| {
                    set_of(workers.len(), |i| workers[i].gender.is_some_and(|told| told.value == g))
                })
                .collect(),
            by_style: by_tag(workers.len(), |i| &workers[i].styles),
            by_interest: by_tag(workers.len(), |i| &workers[i].interests),
            by_place: by_tag(workers.len(), |i| &workers[i].places),
        }
    }

    /// The workers a person can be matched with, in the roster's order: exactly those of whom [`eligible`] says yes. O(workers / 64) per
    /// set looked at, then O(1) rules per worker left.
    ///
    /// ```
    /// use peermatch_core::candidates::Candidates;
    /// use peermatch_core::eligibility::eligible;
    /// use peermatch_core::pair::Context;
    /// use peermatch_model::policy::Policy;
    /// use peermatch_model::roster::WorkerIx;
    /// use peermatch_testkit::rosters::{Spec, roster};
    ///
    /// let (roster, policy) = (roster(&Spec::SERVICE, 1), Policy::shipped());
    /// let cx = Context::new(&roster, &policy);
    /// let candidates = Candidates::new(&cx);
    /// for user in roster.waiting() {
    ///     let all = (0..26).map(WorkerIx::at).filter(|&w| eligible(&cx.pair(user, w)));
    ///     assert_eq!(candidates.eligible_workers(user), all.collect::<Vec<_>>());
    /// }
    /// ```
    pub fn eligible_workers(&self, user: UserIx) -> Vec<WorkerIx> {
        self.eligible_as(user, self.cx.roster.user(user)).collect()
    }

    /// The workers a person could be matched with if their record were `record`, in the roster's order.
    pub(crate) fn eligible_as<'s>(
        &'s self,
        user: UserIx,
        record: &'s ServiceUser,
    ) -> impl Iterator<Item = WorkerIx> + 's {
        let left = self.likely(record);
        left.into_ones()
            .map(WorkerIx::at)
            .filter(move |&worker| eligible(&Pair { user: record, ..self.cx.pair(user, worker) }))
    }

    /// The rows of many people, in the order asked, in parallel on the caller's rayon pool.
    pub fn rows(&self, users: &[UserIx]) -> Vec<Vec<WorkerIx>> {
        users.par_iter().map(|&user| self.eligible_workers(user)).collect()
    }

    /// Everybody eligible for a person, and hardly anybody else.
    fn likely(&self, user: &ServiceUser) -> FixedBitSet {
        let mut left = self.meeting(user);
        if user.age.is_some_and(AgeBand::minor) {
            left.intersect_with(&self.vetted);
        }
        self.speaking(user, &mut left);
        for wish in user.wishes.iter().filter(|w| w.strength == Strength::Must) {
            self.must(wish.about, wish.direction, &wish.values, &mut left);
        }
        left
    }

    /// Those of a shared service, for the person's age, who meet in a way that both have and that the service offers.
    fn meeting(&self, user: &ServiceUser) -> FixedBitSet {
        let count = self.cx.roster.workers().len();
        let mut comes = None;
        let mut left = FixedBitSet::with_capacity(count);
        for &service in &user.services {
            let offered = self.cx.roster.service(service);
            if !services::for_age(user.age, offered) {
                continue;
            }
            let modes =
                if offered.modes.is_empty() { user.modes } else { user.modes.both(offered.modes) };
            let mut meets = FixedBitSet::with_capacity(count);
            let mut in_person = FixedBitSet::with_capacity(count);
            for (&mode, workers) in Mode::ALL.iter().zip(&self.by_mode) {
                if modes.has(mode) {
                    if mode.in_person() { &mut in_person } else { &mut meets }.union_with(workers);
                }
            }
            if !in_person.is_clear() {
                in_person.intersect_with(comes.get_or_insert_with(|| self.within_reach(user)));
                meets.union_with(&in_person);
            }
            meets.intersect_with(&self.by_service[service.index()]);
            left.union_with(&meets);
        }
        left
    }

    /// Those who share the person's area, and those whom the one or the other might travel to.
    fn within_reach(&self, user: &ServiceUser) -> FixedBitSet {
        let mut out = FixedBitSet::with_capacity(self.cx.roster.workers().len());
        if let Some(workers) = user.area.and_then(|area| self.by_area.get(&area)) {
            out.union_with(workers);
        }
        if let Some(at) = user.position {
            self.map.add(
                at,
                reach::radius(&self.cx.policy.travel, user.transport, user.travel_min_max),
                &mut out,
            );
        }
        out
    }

    /// As the rule of language has it: every language needed, or else any in common.
    fn speaking(&self, user: &ServiceUser, left: &mut FixedBitSet) {
        let mut needed =
            user.languages.iter().filter(|(_, level)| *level == LanguageLevel::Need).peekable();
        if needed.peek().is_some() {
            for (language, _) in needed {
                keep(left, self.by_language.get(language.index()));
            }
            return;
        }
        let mut any = FixedBitSet::with_capacity(left.len());
        for (language, _) in &user.languages {
            if let Some(workers) = self.by_language.get(language.index()) {
                any.union_with(workers);
            }
        }
        left.intersect_with(&any);
    }

    /// A must that reads one fact of a worker. Others are left to the rule.
    fn must(
        &self,
        about: WishAbout,
        direction: Direction,
        values: &WishValues,
        left: &mut FixedBitSet,
    ) {
        match (about, values) {
            // A gender that was not told meets neither a wish for one nor a wish away from one.
            (WishAbout::Gender, &WishValues::Genders(wished)) => {
                let wanted = direction == Direction::Prefer;
                let mut any = FixedBitSet::with_capacity(left.len());
                for (&gender, workers) in Gender::ALL.iter().zip(&self.by_gender) {
                    if wished.has(gender) == wanted {
                        any.union_with(workers);
                    }
                }
                left.intersect_with(&any);
            }
            (about, WishValues::Tags(tags)) if direction == Direction::Prefer => {
                let by_tag = match about {
                    WishAbout::Style => &self.by_style,
                    WishAbout::Interests => &self.by_interest,
                    WishAbout::Place => &self.by_place,
                    _ => return,
                };
                for tag in tags {
                    keep(left, by_tag.get(tag));
                }
            }
            _ => {}
        }
    }
}

fn set_of(count: usize, is_in: impl Fn(usize) -> bool) -> FixedBitSet {
    let mut set = FixedBitSet::with_capacity(count);
    (0..count).filter(|&i| is_in(i)).for_each(|i| set.insert(i));
    set
}

fn by_tag<'t>(count: usize, tags: impl Fn(usize) -> &'t [Tag]) -> BTreeMap<Tag, FixedBitSet> {
    let mut out = BTreeMap::new();
    for i in 0..count {
        for &tag in tags(i) {
            out.entry(tag).or_insert_with(|| FixedBitSet::with_capacity(count)).insert(i);
        }
    }
    out
}

/// Keeps those who are in `set`; no set holds nobody.
fn keep(left: &mut FixedBitSet, set: Option<&FixedBitSet>) {
    match set {
        Some(set) => left.intersect_with(set),
        None => left.clear(),
    }
}

/// Workers by where they are and where they may travel to. Cells are coarse and distances lower bounds, so that nobody is left out.
#[derive(Debug)]
struct Map {
    size: i32,
    /// By cell that people live in: workers whose own journey may reach it.
    coming: BTreeMap<Cell, FixedBitSet>,
    /// By cell that workers live in: those workers.
    living: BTreeMap<Cell, FixedBitSet>,
}

impl Map {
    fn new(cx: &Context<'_>) -> Self {
        let (people, workers) = (cx.roster.people(), cx.roster.workers());
        let cells = |at: &mut dyn Iterator<Item = Position>,
                     size: i32|
         -> BTreeMap<Cell, FixedBitSet> {
            at.map(|at| (Cell::of(at, size), FixedBitSet::with_capacity(workers.len()))).collect()
        };
        let mut size = CELL_SIZE_MIN;
        let (mut coming, mut living) = loop {
            let coming = cells(&mut people.iter().filter_map(|u| u.position), size);
            let living = cells(&mut workers.iter().filter_map(|w| w.position), size);
            if (coming.len() <= CELLS_MAX && living.len() <= CELLS_MAX) || size >= 4_000 {
                break (coming, living);
            }
            size *= 2;
        };
        for (i, worker) in workers.iter().enumerate() {
            let Some(home) = worker.position.map(|at| Cell::of(at, size)) else { continue };
            if let Some(here) = living.get_mut(&home) {
                here.insert(i);
            }
        }
        // Workers of one cell are as far from a cell as each other: the distance is computed once for all of them.
        let radii: Vec<Option<u32>> = workers
            .iter()
            .map(|w| reach::radius(&cx.policy.travel, w.transport, w.travel_min_max))
            .collect();
        coming.par_iter_mut().for_each(|(&cell, set)| {
            for (&home, here) in &living {
                let away = reach::metres_at_least(cell, home);
                here.ones()
                    .filter(|&i| radii[i].is_some_and(|far| away <= far))
                    .for_each(|i| set.insert(i));
            }
        });
        Self { size, coming, living }
    }

    /// Adds those who may come to a place, and those whom somebody there may get to within `radius` metres.
    fn add(&self, at: Position, radius: Option<u32>, out: &mut FixedBitSet) {
        let cell = Cell::of(at, self.size);
        if let Some(workers) = self.coming.get(&cell) {
            out.union_with(workers);
        }
        let Some(radius) = radius else { return };
        for (&home, workers) in &self.living {
            if reach::metres_at_least(cell, home) <= radius {
                out.union_with(workers);
            }
        }
    }
}

/// What stands between a person and the workers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Blockers {
    /// Workers judged.
    pub workers: usize,
    /// Of these, eligible ones.
    pub eligible: usize,
    /// For each reason: the workers for whom it is the only one, most first, then in the order of reasons. What changing it alone would open.
    pub alone: Vec<(Exclusion, usize)>,
    /// For each reason: the workers for whom it is one of the reasons, in the same order.
    pub among: Vec<(Exclusion, usize)>,
}

/// What stands in the way of `pairs`, as far as `counts` lets a reason count: a reason that does not count is as if it were not there,
/// so that the counts of those which do say nothing of it. A pair whose reasons all do not count is in neither list. O(pairs).
pub fn blockers<'p>(
    pairs: impl Iterator<Item = Pair<'p>>,
    counts: impl Fn(Exclusion) -> bool,
) -> Blockers {
    let mut out = Blockers::default();
    let (mut alone, mut among) = (BTreeMap::new(), BTreeMap::new());
    for pair in pairs {
        out.workers += 1;
        let all = reasons(&pair);
        out.eligible += usize::from(all.is_empty());
        let seen: Vec<Exclusion> = all.into_iter().filter(|&r| counts(r)).collect();
        if let [only] = seen[..] {
            *alone.entry(only).or_default() += 1;
        }
        for reason in seen {
            *among.entry(reason).or_default() += 1;
        }
    }
    let most_first = |counted: BTreeMap<Exclusion, usize>| {
        let mut list: Vec<(Exclusion, usize)> = counted.into_iter().collect();
        // A stable sort keeps equal counts in the order of reasons.
        list.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        list
    };
    (out.alone, out.among) = (most_first(alone), most_first(among));
    out
}
