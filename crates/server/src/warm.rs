//! A roster held warm: checked, prepared and matched once, so that a question about one person does not rebuild the world.
//!
//! What a run finds borrows what it was made from (roster, policy, context), so all of it lives on the stack of a thread of its own, and questions come to
//! it as closures over a queue. A [`Warm`] is one state of a roster and never changes; when the roster does, another one takes its place, and this one ends once
//! its last question is answered. The whole matching, which only the costs to others need, is made in the background: nobody else waits for it.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use peermatch_core::choice::Costs;
use peermatch_core::hash::{policy_hash, roster_hash};
use peermatch_core::pair::Context;
use peermatch_core::run::{Run, RunError, match_within};
use peermatch_core::suggest::Suggester;
use peermatch_model::policy::Policy;
use peermatch_model::roster::Roster;
use peermatch_solve::side::Effort;
use peermatch_solve::{Stage, Watch};
use peermatch_store::Revision;
use tokio::sync::{oneshot, watch};

/// One state of a roster, ready to be asked.
#[derive(Debug)]
pub struct Warm {
    /// The revision of the roster.
    pub revision: Revision,
    /// The day it was made for.
    pub as_of: Date,
    held: Arc<Held>,
}

/// The way to the thread that holds a state.
#[derive(Debug)]
struct Held {
    jobs: SyncSender<Job>,
    retired: Arc<AtomicBool>,
    /// Whether there is nothing more to wait for: the whole matching is there, or will never be.
    over: watch::Receiver<bool>,
}

/// What a question sees.
#[derive(Clone, Copy)]
pub struct Ready<'r> {
    /// Roster and policy, prepared.
    pub cx: &'r Context<'r>,
    /// What suggestions are made from.
    pub suggester: &'r Suggester<'r>,
    /// The revision of the roster.
    pub revision: Revision,
    /// Hash of the checked policy.
    pub policy_hash: &'r str,
    roster_hash: &'r OnceLock<String>,
    matched: &'r OnceLock<Matched<'r>>,
}

/// What the whole matching of a roster is good for.
pub struct Matched<'r> {
    /// The matching, or why there is none.
    pub run: Result<&'r Run<'r>, RunError>,
    /// What each choice costs everybody else, where the run has such prices.
    pub costs: Option<Costs<'r>>,
}

impl<'r> Ready<'r> {
    /// Hash of the checked roster. It is made while the first questions come, since it reads the whole roster; whoever comes before waits for it.
    pub fn roster_hash(&self) -> &'r str {
        self.roster_hash.get_or_init(|| roster_hash(self.cx.roster))
    }

    /// The whole matching of this state of the roster, if it is there already. Never waits, for others' questions stand behind this one: see [`Warm::matched`].
    pub fn matched(&self) -> Option<&'r Matched<'r>> {
        self.matched.get()
    }
}

/// There are more questions than can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// The queue is full: try again in a moment.
    #[error("too many questions are waiting")]
    Full,
    /// The state is gone, or the question failed.
    #[error("the roster is no longer held")]
    Gone,
}

type Job = Box<dyn for<'r> FnOnce(Ready<'r>) + Send>;

/// How a warm roster is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Threads that answer questions.
    pub threads: usize,
    /// Questions that may wait.
    pub queue: usize,
}

impl Warm {
    /// Begins to hold a state. Returns at once; the first question waits until it is prepared.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn hold(
        roster: Roster,
        policy: Policy,
        revision: Revision,
        seed: u64,
        holding: Holding,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(holding.queue);
        let retired = Arc::new(AtomicBool::new(false));
        let as_of = roster.as_of();
        let (ended, over) = watch::channel(false);
        let stop = Arc::clone(&retired);
        thread::Builder::new().name("roster".to_owned()).spawn(move || {
            live(&roster, &policy, seed, holding.threads, queue, &stop, &ended);
        })?;
        Ok(Self { revision, as_of, held: Arc::new(Held { jobs, retired, over }) })
    }

    /// The same state under a later revision: what was changed is nothing that the engine sees.
    #[must_use]
    pub fn at_revision(&self, revision: Revision) -> Self {
        Self { revision, as_of: self.as_of, held: Arc::clone(&self.held) }
    }

    /// Waits until questions are answered at once: roster and policy are prepared for them.
    pub async fn prepared(&self) {
        // If it is full or gone, there is nothing to wait for.
        let _ = self.ask(|_| ()).await;
    }

    /// Waits until the whole matching is there, and not on a thread that answers questions. `false` if it takes longer than `within`, or there will be none.
    pub async fn matched(&self, within: Duration) -> bool {
        let mut over = self.held.over.clone();
        let waited = tokio::time::timeout(within, over.wait_for(|over| *over)).await;
        matches!(waited, Ok(Ok(_)))
    }

    /// Asks: `question` runs on a thread of the roster's.
    ///
    /// # Errors
    /// [`NotAsked::Full`] at once if too many wait already.
    pub async fn ask<T, F>(&self, question: F) -> Result<T, NotAsked>
    where
        T: Send + 'static,
        F: for<'r> FnOnce(Ready<'r>) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let revision = self.revision;
        let job: Job = Box::new(move |ready| {
            let ready = Ready { revision, ..ready };
            // Whoever asked may have gone away: then there is nothing to do.
            if !answer.is_closed() {
                let _ = answer.send(question(ready));
            }
        });
        self.held.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => NotAsked::Full,
            TrySendError::Disconnected(_) => NotAsked::Gone,
        })?;
        answered.await.map_err(|_| NotAsked::Gone)
    }
}

impl Drop for Held {
    /// Questions in the queue are still answered; a matching that is being made is not finished for nobody.
    fn drop(&mut self) {
        self.retired.store(true, Ordering::Relaxed);
    }
}

fn live(
    roster: &Roster,
    policy: &Policy,
    seed: u64,
    threads: usize,
    queue: Receiver<Job>,
    retired: &AtomicBool,
    ended: &watch::Sender<bool>,
) {
    let cx = Context::new(roster, policy);
    let suggester = Suggester::new(&cx);
    let policy_hash = policy_hash(policy);
    let (run, matched, hash) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
    let queue = Mutex::new(queue);
    let ready = Ready {
        cx: &cx,
        suggester: &suggester,
        revision: Revision(0),
        policy_hash: &policy_hash,
        roster_hash: &hash,
        matched: &matched,
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            make(&matched, ended, || {
                ready.roster_hash();
                let made = match_within(&cx, seed, Effort::default(), &Until(retired));
                let made = made.map(|made| run.get_or_init(|| made));
                let costs = made.as_ref().ok().and_then(|run| Costs::of_run(run));
                Matched { run: made, costs }
            });
        });
        for _ in 0..threads.max(1) {
            scope.spawn(|| answer(&queue, ready));
        }
    });
}

fn answer(queue: &Mutex<Receiver<Job>>, ready: Ready<'_>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A question that panics is answered by its sender being dropped; the roster goes on.
        let _ = catch_unwind(AssertUnwindSafe(|| job(ready)));
    }
}

struct Until<'f>(&'f AtomicBool);

impl Watch for Until<'_> {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Makes a value that others wait for. If that panics there will be none, and whoever waits is told so at once.
fn make<T>(value: &OnceLock<T>, ended: &watch::Sender<bool>, make: impl FnOnce() -> T) {
    if let Ok(made) = catch_unwind(AssertUnwindSafe(make)) {
        let _ = value.set(made);
    } else {
        tracing::error!("the whole matching of a roster panicked");
    }
    ended.send_replace(true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use peermatch_testkit::rosters::{self, Spec};

    fn warm() -> Warm {
        let roster = rosters::roster(&Spec::SERVICE, 1);
        let holding = Holding { threads: 1, queue: 8 };
        Warm::hold(roster, Policy::shipped(), Revision(3), 0, holding).unwrap()
    }

    #[tokio::test]
    async fn what_is_made_in_the_background_is_waited_for_elsewhere() {
        let warm = warm();
        warm.prepared().await;
        assert!(warm.matched(Duration::from_mins(1)).await);
        let same = warm.at_revision(Revision(4));
        drop(warm);
        assert!(same.matched(Duration::ZERO).await);
        let asked = same.ask(|ready| {
            let run = ready.matched().unwrap().run.is_ok();
            (ready.revision, run, ready.roster_hash().to_owned())
        });
        let (revision, run, hash) = asked.await.unwrap();
        assert_eq!((revision, run), (Revision(4), true));
        assert!(hash.starts_with("sha256:"));
    }

    #[tokio::test]
    async fn nobody_waits_for_what_will_never_be() {
        let (value, (ended, mut over)) = (OnceLock::<u8>::new(), watch::channel(false));
        let waiting = tokio::spawn(async move { over.wait_for(|over| *over).await.is_ok() });
        make(&value, &ended, || panic!("on purpose"));
        assert!(waiting.await.unwrap());
        assert_eq!(value.get(), None);
    }
}
