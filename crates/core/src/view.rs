//! What an audience may see, by allow-list: records with everything else taken out.
//!
//! Explanations, suggestions and blockers are made from a view and from the outcome (who is eligible, who was matched), never
//! from the full records. So two rosters that differ only in what an audience may not see, and that give the same outcome, give
//! it the same bytes: what is not there cannot show. This goes further than merging a hidden part into a sum, which a reader with
//! two explanations could take apart again.

use peermatch_model::roster::{PeerWorker, ServiceUser, UserIx, WorkerIx};
use peermatch_model::taxonomy::{Sensitivity, Taxonomy};
use peermatch_model::words::{Audience, ConflictKind, PinKind, WishAbout};

use crate::pair::{Context, Pair};

/// All workers as one audience may see them, and people one at a time.
#[derive(Debug)]
pub struct View<'a> {
    cx: &'a Context<'a>,
    audience: Audience,
    over: Option<Audience>,
    workers: Vec<PeerWorker>,
}

/// A person as one audience may see them.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// Which person.
    pub ix: UserIx,
    /// What may be seen.
    pub user: ServiceUser,
    conflicts: &'a [(WorkerIx, ConflictKind)],
    pins: &'a [(WorkerIx, PinKind)],
}

impl<'a> View<'a> {
    /// The view of an audience. O(workers).
    pub fn new(cx: &'a Context<'a>, audience: Audience) -> Self {
        let workers = cx.roster.workers().iter().map(|w| worker_seen(w, audience)).collect();
        Self { cx, audience, over: None, workers }
    }

    /// The view that is left of this one where another audience reads it too: of what is told to one, what the other may see as well. O(workers).
    #[must_use]
    pub fn read_over_by(mut self, other: Audience) -> Self {
        for worker in &mut self.workers {
            *worker = worker_seen(worker, other);
        }
        self.over = Some(other);
        self
    }

    /// Whose view it is.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// Roster and policy. What is asked of the roster directly must be an outcome or open to everybody.
    pub fn context(&self) -> &'a Context<'a> {
        self.cx
    }

    /// A worker.
    pub fn worker(&self, worker: WorkerIx) -> &PeerWorker {
        &self.workers[worker.index()]
    }

    /// A person.
    pub fn person(&self, user: UserIx) -> Seen<'a> {
        let roster = self.cx.roster;
        let full = self.audience == Audience::Auditor;
        let mut told = user_seen(roster.user(user), self.audience, roster.taxonomy());
        if let Some(over) = self.over {
            told = user_seen(&told, over, roster.taxonomy());
        }
        Seen {
            ix: user,
            user: told,
            conflicts: if full { roster.conflicts(user) } else { &[] },
            // What a coordinator decided, a coordinator may see.
            pins: if matches!(self.audience, Audience::Coordinator | Audience::Auditor) {
                roster.pins(user)
            } else {
                &[]
            },
        }
    }

    /// A person and a worker.
    pub fn pair<'s>(&'s self, seen: &'s Seen<'_>, worker: WorkerIx) -> Pair<'s> {
        Pair {
            cx: self.cx,
            user_ix: seen.ix,
            worker_ix: worker,
            user: &seen.user,
            worker: self.worker(worker),
            conflicts: seen.conflicts,
            pins: seen.pins,
            partial: self.audience != Audience::Auditor,
        }
    }
}

/// A service user as `audience` may see them.
pub fn user_seen(user: &ServiceUser, audience: Audience, taxonomy: &Taxonomy) -> ServiceUser {
    let mut seen = user.clone();
    match audience {
        // Everything about a person is the person's own.
        Audience::ServiceUser | Audience::Auditor => {}
        Audience::Coordinator => {
            seen.experiences.retain(|e| e.coordinator_may_see);
            // Identity stays only where the person's own wish reads it.
            let reads_identity = seen
                .wishes
                .iter()
                .any(|w| matches!(w.about, WishAbout::SharedCulture | WishAbout::Iwi));
            if !reads_identity {
                seen.identity.clear();
            }
        }
        // Before anybody said yes: what the meeting would be, and what the person chose to show, never what is most sensitive.
        Audience::PeerWorker => {
            seen.experiences.retain(|e| {
                e.show && taxonomy.sensitivity(e.concept) != Sensitivity::HighlySensitive
            });
            seen.wishes.clear();
            seen.other_answers.clear();
            seen.identity.clear();
            seen.age = None;
            seen.nominated_peers.clear();
            seen.previous_workers.clear();
        }
    }
    seen
}

/// A peer worker as `audience` may see them.
pub fn worker_seen(worker: &PeerWorker, audience: Audience) -> PeerWorker {
    let mut seen = worker.clone();
    match audience {
        Audience::PeerWorker | Audience::Auditor => {}
        Audience::Coordinator | Audience::ServiceUser => {
            let coordinator = audience == Audience::Coordinator;
            seen.experiences.retain(|e| e.show || (coordinator && e.coordinator_may_see));
            seen.not_now.clear();
            seen.age = seen.age.filter(|told| told.show);
            seen.gender = seen.gender.filter(|told| told.show);
            seen.identity.retain(|told| told.show);
            seen.wishes.clear();
            seen.supervision_due = None;
        }
    }
    seen
}
