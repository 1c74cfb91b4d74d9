//! One service user and one peer worker, with everything a rule or a criterion may read about the two.
//!
//! Rules and criteria read a [`Pair`] and nothing else, so that the same code judges the real records (to match) and records
//! redacted for an audience (to explain): what an audience may not see cannot reach its explanation, because it is not there.

use peermatch_model::policy::Policy;
use peermatch_model::roster::{PeerWorker, Roster, ServiceUser, UserIx, WorkerIx};
use peermatch_model::taxonomy::Concept;
use peermatch_model::words::{ConflictKind, PinKind};

use crate::scoring::Criteria;
use crate::similarity::CoverTable;

/// A roster, a policy, and what was computed once from both.
#[derive(Debug)]
pub struct Context<'a> {
    /// The roster.
    pub roster: &'a Roster,
    /// The policy.
    pub policy: &'a Policy,
    /// How far experiences cover each other.
    pub cover: CoverTable,
    /// What counts as a wish: the built-in criteria and an embedder's own.
    pub criteria: Criteria,
}

impl<'a> Context<'a> {
    /// Prepares a roster and a policy, with the built-in criteria. O(concepts asked × concepts told).
    pub fn new(roster: &'a Roster, policy: &'a Policy) -> Self {
        Self::with_criteria(roster, policy, Criteria::built_in())
    }

    /// Prepares a roster and a policy, with criteria of an embedder's own beside the built-in ones.
    pub fn with_criteria(roster: &'a Roster, policy: &'a Policy, criteria: Criteria) -> Self {
        let asked = roster.people().iter().flat_map(|u| u.experiences.iter().map(|e| e.concept));
        let topics =
            roster.workers().iter().flat_map(|w| w.not_now.iter().copied().chain(wished_topics(w)));
        let groups = roster.groups().iter().flat_map(|g| g.topics.iter().copied());
        let concepts: Vec<Concept> = asked.chain(topics).chain(groups).collect();
        Self { roster, policy, cover: CoverTable::new(roster.taxonomy(), concepts), criteria }
    }

    /// A person and a worker as they are.
    pub fn pair(&self, user: UserIx, worker: WorkerIx) -> Pair<'_> {
        Pair {
            cx: self,
            user_ix: user,
            worker_ix: worker,
            user: self.roster.user(user),
            worker: self.roster.worker(worker),
            conflicts: self.roster.conflicts(user),
            pins: self.roster.pins(user),
            partial: false,
        }
    }
}

fn wished_topics(worker: &PeerWorker) -> impl Iterator<Item = Concept> + '_ {
    use peermatch_model::roster::WorkerWishValues;
    worker
        .wishes
        .iter()
        .flat_map(|w| match &w.values {
            WorkerWishValues::Concepts(concepts) => concepts.as_slice(),
            _ => &[],
        })
        .copied()
}

/// One person and one worker.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// What both stand in.
    pub cx: &'a Context<'a>,
    /// Which person.
    pub user_ix: UserIx,
    /// Which worker.
    pub worker_ix: WorkerIx,
    /// The person, as far as whoever asks may see.
    pub user: &'a ServiceUser,
    /// The worker, as far as whoever asks may see.
    pub worker: &'a PeerWorker,
    /// The person's conflicts, as far as whoever asks may see.
    pub conflicts: &'a [(WorkerIx, ConflictKind)],
    /// What a coordinator decided about the person before the run.
    pub pins: &'a [(WorkerIx, PinKind)],
    /// Whether the records were cut to what an audience may see: then what is not in a list may be there all the same, and only what is
    /// in it can be said.
    pub partial: bool,
}

impl Pair<'_> {
    /// The roster.
    pub fn roster(&self) -> &Roster {
        self.cx.roster
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        self.cx.policy
    }

    /// What keeps these two apart.
    pub fn apart(&self) -> impl Iterator<Item = ConflictKind> + '_ {
        self.conflicts.iter().filter(|(worker, _)| *worker == self.worker_ix).map(|&(_, kind)| kind)
    }

    /// Whether a coordinator excluded the two before the run.
    pub fn excluded_before(&self) -> bool {
        self.pins.contains(&(self.worker_ix, PinKind::Exclude))
    }
}
