//! What stands between one person and all the workers, as a coordinator may see it: the reasons of every pair, without walking the rules of
//! every pair.
//!
//! Most reasons read the worker alone, or one fact of the person beside it: for these there is a set of workers, made once. What is left is
//! judged by the rule itself: journeys of the few workers who are near, and wishes that are a must. [`Obstacles::count`] gives what
//! [`reasons`](crate::eligibility::reasons) of every pair would, as far as a coordinator is told.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use peermatch_model::roster::{PeerWorker, WorkerIx};
use peermatch_model::week::WeekTimes;
use peermatch_model::words::{AgeBand, Audience, Mode, Strength, WordSet};

use super::{Candidates, set_of};
use crate::eligibility::{self, Exclusion, NEUTRAL, services};
use crate::pair::Context;
use crate::reach::{self, Journey, Unreachable};
use crate::scoring;
use crate::view::{Seen, View};

/// Sets of workers by what rules exclude, beside those of [`Candidates`].
#[derive(Debug)]
pub(crate) struct Obstacles {
    /// Reasons that read the worker alone.
    alone: Vec<(Exclusion, FixedBitSet)>,
    /// By service: works in it.
    works_in: Vec<FixedBitSet>,
    /// By service: works in it and holds its training.
    trained: Vec<FixedBitSet>,
    /// By worker: when a meeting can begin.
    begins: Vec<WeekTimes>,
    /// Has a place on record.
    placed: FixedBitSet,
    /// Makes journeys.
    travels: FixedBitSet,
    /// Makes journeys, and has something to travel by.
    moves: FixedBitSet,
}

impl Obstacles {
    /// Builds the sets. O(workers × services).
    pub(crate) fn new(cx: &Context<'_>) -> Self {
        let workers = cx.roster.workers();
        let those =
            |is_in: &dyn Fn(&PeerWorker) -> bool| set_of(workers.len(), |i| is_in(&workers[i]));
        let of_services = |is_in: &dyn Fn(&PeerWorker, usize) -> bool| -> Vec<FixedBitSet> {
            (0..cx.roster.services().len()).map(|s| those(&|worker| is_in(worker, s))).collect()
        };
        let works_in =
            |worker: &PeerWorker, service| worker.services.iter().any(|s| s.index() == service);
        Self {
            alone: eligibility::OF_WORKER
                .iter()
                .map(|&(reason, excludes)| (reason, those(&|worker| excludes(cx, worker))))
                .collect(),
            works_in: of_services(&works_in),
            trained: of_services(&|worker, service| {
                works_in(worker, service)
                    && services::holds_training(worker, &cx.roster.services()[service])
            }),
            begins: workers
                .iter()
                .map(|worker| worker.times.begins(cx.policy.rules.meeting_minutes))
                .collect(),
            placed: those(&|worker| worker.position.is_some()),
            travels: those(&|worker| worker.travel_min_max > 0),
            moves: those(&|worker| {
                worker.travel_min_max > 0 && reach::moves(&cx.policy.travel, worker.transport)
            }),
        }
    }

    /// How many of `apart` stand apart from the person by each reason, in words for a coordinator; by [`NEUTRAL`] those of whom no reason can be
    /// told. A worker with several reasons counts under each. `view` must be a coordinator's.
    pub(crate) fn count(
        &self,
        candidates: &Candidates<'_>,
        view: &View<'_>,
        seen: &Seen<'_>,
        apart: &FixedBitSet,
    ) -> BTreeMap<&'static str, usize> {
        let mut found = Found { apart, told: BTreeMap::new() };
        for (reason, workers) in &self.alone {
            found.add(*reason, workers);
        }
        self.meeting(candidates, view, seen, &mut found);
        let user = &seen.user;
        if user.age.is_some_and(AgeBand::minor) {
            found.add_all_but(Exclusion::VettingMissing, &candidates.vetted);
        }
        let begins = user.times.begins(view.context().policy.rules.meeting_minutes);
        found.add_those(Exclusion::NoCommonTime, |i| !begins.meets(&self.begins[i]));
        let mut speaking = found.everybody();
        candidates.speaking(user, &mut speaking);
        found.add_all_but(Exclusion::LanguageUnshared, &speaking);
        if user.wishes.iter().any(|wish| wish.strength == Strength::Must) {
            found.add_those(Exclusion::MustUnmet, |i| {
                !scoring::musts_met(&view.pair(seen, WorkerIx::at(i)))
            });
        }
        found.add_those(Exclusion::ExcludedByCoordinator, |i| {
            view.pair(seen, WorkerIx::at(i)).excluded_before()
        });
        found.add_those(Exclusion::AlreadyTogether, |i| user.kept.contains(&WorkerIx::at(i)));
        found.counted()
    }

    /// What belongs to a service: scope, training, ways to meet, and the way there.
    fn meeting(
        &self,
        candidates: &Candidates<'_>,
        view: &View<'_>,
        seen: &Seen<'_>,
        found: &mut Found<'_>,
    ) {
        let (user, cx) = (&seen.user, view.context());
        let roster = cx.roster;
        let count = roster.workers().len();
        let for_age: Vec<usize> = user
            .services
            .iter()
            .filter(|&&s| services::for_age(user.age, roster.service(s)))
            .map(|s| s.index())
            .collect();
        let united = |sets: &[FixedBitSet], of: &dyn Fn(usize) -> bool| {
            let mut all = FixedBitSet::with_capacity(count);
            for &service in for_age.iter().filter(|&&service| of(service)) {
                all.union_with(&sets[service]);
            }
            all
        };
        let (in_scope, trained) =
            (united(&self.works_in, &|_| true), united(&self.trained, &|_| true));
        found.add_all_but(Exclusion::ServiceScope, &in_scope);
        let mut untrained = in_scope.clone();
        untrained.difference_with(&trained);
        found.add(Exclusion::TrainingMissing, &untrained);

        // By mode: those who are judged by it. Who is out of scope is judged by what both have, the others by what the services offer
        // that they get furthest in.
        let mut out_of_scope = found.everybody();
        out_of_scope.difference_with(&in_scope);
        let judged_by = |mode: Mode| {
            let offers = |service: usize| {
                let offered = roster.services()[service].modes;
                offered.is_empty() || offered.has(mode)
            };
            let mut judged = united(&self.works_in, &offers);
            judged.intersect_with(&untrained);
            judged.union_with(&united(&self.trained, &offers));
            judged.union_with(&out_of_scope);
            judged.intersect_with(&candidates.by_mode[mode as usize]);
            judged
        };
        let judged: Vec<(Mode, FixedBitSet)> =
            user.modes.iter::<Mode>().map(|mode| (mode, judged_by(mode))).collect();
        let either = |in_person: bool| {
            let mut all = FixedBitSet::with_capacity(count);
            for (_, workers) in judged.iter().filter(|(mode, _)| mode.in_person() == in_person) {
                all.union_with(workers);
            }
            all
        };
        let (remote, mut in_person) = (either(false), either(true));
        let mut meeting = remote.clone();
        meeting.union_with(&in_person);
        found.add_all_but(Exclusion::ModeUnsupported, &meeting);

        // Whom only a journey could bring together.
        in_person.difference_with(&remote);
        in_person.intersect_with(found.apart);
        if in_person.is_clear() {
            return;
        }
        let mut near = candidates.within_reach(user);
        near.intersect_with(&in_person);
        in_person.difference_with(&near);
        let mut failures = Failures::new(count);
        for i in near.ones() {
            let modes = judged.iter().filter(|(_, workers)| workers.contains(i));
            let modes = WordSet::of(modes.map(|&(mode, _)| mode));
            let journey = Journey::of(&view.pair(seen, WorkerIx::at(i)));
            failures.add(journey.failure(modes), i);
        }
        // Nobody of the others gets to the other, so why depends on no distance.
        let travels = user.travel_min_max > 0;
        let moves = travels && reach::moves(&cx.policy.travel, user.transport);
        for i in in_person.ones() {
            let placed = user.position.is_some() && self.placed.contains(i);
            let (travels, moves) =
                (travels || self.travels.contains(i), moves || self.moves.contains(i));
            failures.add(Some(Journey::too_long(placed, travels, moves)), i);
        }
        found.add(Exclusion::OutOfArea, &failures.out_of_area);
        found.add(Exclusion::TooFar, &failures.too_far);
        found.add(Exclusion::NoTransport, &failures.no_transport);
    }
}

/// Workers by why a journey does not bring them together with the person.
struct Failures {
    out_of_area: FixedBitSet,
    too_far: FixedBitSet,
    no_transport: FixedBitSet,
}

impl Failures {
    fn new(count: usize) -> Self {
        let nobody = FixedBitSet::with_capacity(count);
        Self { out_of_area: nobody.clone(), too_far: nobody.clone(), no_transport: nobody }
    }

    fn add(&mut self, failure: Option<Unreachable>, worker: usize) {
        let Some(failure) = failure else { return };
        match failure {
            Unreachable::OutOfArea => &mut self.out_of_area,
            Unreachable::TooFar => &mut self.too_far,
            Unreachable::NoTransport => &mut self.no_transport,
        }
        .insert(worker);
    }
}

/// Who stands apart, and by which words so far.
struct Found<'s> {
    apart: &'s FixedBitSet,
    told: BTreeMap<&'static str, FixedBitSet>,
}

impl Found<'_> {
    fn everybody(&self) -> FixedBitSet {
        let mut all = FixedBitSet::with_capacity(self.apart.len());
        all.insert_range(..);
        all
    }

    /// Reasons in the same words are one: nobody counts twice under them.
    fn add(&mut self, reason: Exclusion, workers: &FixedBitSet) {
        debug_assert!(reason.visible_to(Audience::Coordinator), "{reason:?} is not told");
        let told = self
            .told
            .entry(eligibility::words(reason, Audience::Coordinator))
            .or_insert_with(|| FixedBitSet::with_capacity(self.apart.len()));
        told.union_with(workers);
    }

    fn add_all_but(&mut self, reason: Exclusion, workers: &FixedBitSet) {
        let mut others = self.apart.clone();
        others.difference_with(workers);
        self.add(reason, &others);
    }

    fn add_those(&mut self, reason: Exclusion, is_so: impl Fn(usize) -> bool) {
        let mut those = FixedBitSet::with_capacity(self.apart.len());
        self.apart.ones().filter(|&i| is_so(i)).for_each(|i| those.insert(i));
        self.add(reason, &those);
    }

    fn counted(self) -> BTreeMap<&'static str, usize> {
        let mut untold = self.apart.clone();
        let mut out = BTreeMap::new();
        for (words, workers) in self.told {
            untold.difference_with(&workers);
            let count = workers.intersection_count(self.apart);
            if count > 0 {
                out.insert(words, count);
            }
        }
        let untold = untold.count_ones(..);
        if untold > 0 {
            out.insert(NEUTRAL, untold);
        }
        out
    }
}
