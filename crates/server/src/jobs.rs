//! Long work, off the threads that serve connections: a few threads of its own, a queue with a cap, progress, cancelling, and results that are
//! kept for a stated time.
//!
//! Work is submitted as a job. Whoever asked waits for it; if it takes too long, the job is *listed*: it gets an address of its own, goes on, and
//! its result is kept. A job that is not listed is stopped when whoever asked goes away. Jobs live in memory alone: they hold personal data
//! that nobody asked us to keep.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use bytes::Bytes;
use jiff::Timestamp;
use peermatch_formats::members::Bounds;
use peermatch_solve::{Quiet, Stage, Watch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::app::Clock;
use crate::principal::Principal;
use crate::problem::Problem;

/// How long idle threads sleep between two looks at what is no longer to be kept.
const SWEEP: Duration = Duration::from_secs(2);

/// The least time between two tellings of progress.
const TELLING: Duration = Duration::from_millis(100);

/// What jobs may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What is read of a request's body, besides its bytes.
    pub bounds: Bounds,
    /// Jobs that run at once.
    pub workers: usize,
    /// Threads that each of them scores pairs with. The answer is the same with any number.
    pub threads: usize,
    /// Jobs that wait to run; beyond, 503.
    pub queued_max: usize,
    /// What the requests of those may come to in bytes; beyond, 503.
    pub queued_bytes_max: usize,
    /// Jobs of one principal that are not finished; beyond, 429.
    pub unfinished_each_max: usize,
    /// Listed jobs, finished or not; beyond, nothing more is listed.
    pub listed_max: usize,
    /// What kept results may come to in bytes.
    pub kept_bytes_max: usize,
    /// How long a result is kept after it is there.
    pub keep: Duration,
    /// How long a request is waited for before its job is listed, unless the caller says otherwise.
    pub answer_within: Duration,
    /// The longest a caller may ask to wait.
    pub answer_within_max: Duration,
    /// How long one job may run.
    pub run_max: Duration,
}

impl Default for Settings {
    /// As many jobs and threads as cores; 32 in the queue with 256 MiB; 8 for each principal; 256 listed with 256 MiB, kept for ten minutes; two
    /// seconds to answer, thirty if the caller asks; ten minutes to run.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            bounds: Bounds::default(),
            workers: cores,
            threads: cores,
            queued_max: 32,
            queued_bytes_max: 256 << 20,
            unfinished_each_max: 8,
            listed_max: 256,
            kept_bytes_max: 256 << 20,
            keep: Duration::from_mins(10),
            answer_within: Duration::from_secs(2),
            answer_within_max: Duration::from_secs(30),
            run_max: Duration::from_mins(10),
        }
    }
}

/// Why work has no answer.
#[derive(Debug)]
pub enum End {
    /// It was told to stop, and did.
    Stopped,
    /// What was asked cannot be answered.
    Problem(Box<Problem>),
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// What came of a job.
pub type Outcome = Result<Bytes, Problem>;

/// Work to be done, watched.
pub type Work = Box<dyn FnOnce(&Watched<'_>) -> Result<Vec<u8>, End> + Send>;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// Is being worked on.
    Running,
    /// The result is there.
    Done,
    /// There is a problem instead of a result.
    Failed,
    /// Was cancelled; only told to whoever listens just then.
    Cancelled,
}

impl JobState {
    /// Whether nothing comes after it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobBody {
    /// Its id.
    pub id: String,
    /// What was asked: the operation's id.
    pub operation: String,
    /// Where it stands.
    pub state: JobState,
    /// What is being done, in words, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stage: Option<String>,
    /// Steps of this stage done.
    pub done: u64,
    /// Steps of this stage, estimated; 0 where nobody knows.
    pub of: u64,
    /// When it was asked for.
    pub created_at: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<String>,
    /// Until when the result can be had, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kept_until: Option<String>,
    /// How many seconds a result is kept.
    pub keep_seconds: u64,
    /// Where the job is.
    pub job: String,
    /// Where its result will be.
    pub result: String,
    /// Where its progress is told.
    pub events: String,
}

/// Where a job stands, as its watchers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    state: JobState,
    stage: Option<&'static str>,
    done: u64,
    of: u64,
    finished: Option<i64>,
}

/// Whose a job is: nobody else can know of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Owner {
    organisation: String,
    actor: String,
}

impl Owner {
    fn of(principal: &Principal) -> Self {
        Self { organisation: principal.organisation.clone(), actor: principal.actor.clone() }
    }
}

/// One job.
#[derive(Debug)]
pub struct Job {
    id: String,
    operation: &'static str,
    owner: Owner,
    created: i64,
    keep: Duration,
    stop: AtomicBool,
    standing: watch::Sender<Standing>,
    /// Whether it is listed, and what came of it; under one lock, so that it cannot finish while it is being listed.
    end: Mutex<EndOfJob>,
}

#[derive(Debug, Default)]
struct EndOfJob {
    listed: bool,
    outcome: Option<Outcome>,
}

impl Job {
    /// Its id: 32 hexadecimal digits that nobody can guess.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As it is told.
    pub fn body(&self) -> JobBody {
        let now = *self.standing.borrow();
        let keep = i64::try_from(self.keep.as_micros()).unwrap_or(i64::MAX);
        let at = |micros: i64| {
            Timestamp::from_microsecond(micros).map(|time| time.to_string()).unwrap_or_default()
        };
        JobBody {
            id: self.id.clone(),
            operation: self.operation.to_owned(),
            state: now.state,
            stage: now.stage.map(str::to_owned),
            done: now.done,
            of: now.of,
            created_at: at(self.created),
            finished_at: now.finished.map(at),
            kept_until: now.finished.map(|finished| at(finished.saturating_add(keep))),
            keep_seconds: self.keep.as_secs(),
            job: format!("/v1/jobs/{}", self.id),
            result: format!("/v1/jobs/{}/result", self.id),
            events: format!("/v1/jobs/{}/events", self.id),
        }
    }

    /// What came of it, if it is finished.
    pub fn outcome(&self) -> Option<Outcome> {
        lock(&self.end).outcome.clone()
    }

    /// Waits until it ends.
    pub async fn finished(&self) {
        let mut standing = self.standing.subscribe();
        // The sender is this job, so it cannot be gone.
        let _ = standing.wait_for(|now| now.state.is_final()).await;
    }

    /// Its bodies from now on: one at once, then one for each change until it ends.
    pub fn changes(self: &Arc<Self>) -> Changes {
        let mut standing = self.standing.subscribe();
        standing.mark_changed();
        Changes { job: Arc::clone(self), standing, over: false }
    }

    fn tell(&self, change: impl FnOnce(&mut Standing)) {
        self.standing.send_modify(change);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// How a job goes on.
#[derive(Debug)]
pub struct Changes {
    job: Arc<Job>,
    standing: watch::Receiver<Standing>,
    over: bool,
}

impl Changes {
    /// The next body; `None` after the last.
    pub async fn next(&mut self) -> Option<JobBody> {
        if self.over || self.standing.changed().await.is_err() {
            return None;
        }
        self.over = self.standing.borrow_and_update().state.is_final();
        Some(self.job.body())
    }
}

/// Watches one job's work: tells its progress, and says when it is to stop.
#[derive(Debug)]
pub struct Watched<'j> {
    job: &'j Job,
    until: Instant,
    told: std::cell::Cell<Option<(&'static str, Instant)>>,
}

/// Somebody who watches a solve and what is done around it.
pub trait Stages: Watch {
    /// Says what is being done outside the solver.
    ///
    /// # Errors
    /// [`End::Stopped`] if the work is to stop.
    fn stage(&self, words: &'static str) -> Result<(), End>;
}

impl Stages for Quiet {
    fn stage(&self, _: &'static str) -> Result<(), End> {
        Ok(())
    }
}

impl Stages for Watched<'_> {
    fn stage(&self, words: &'static str) -> Result<(), End> {
        self.tell(words, 0, 0);
        if self.over() { Err(End::Stopped) } else { Ok(()) }
    }
}

impl Watched<'_> {
    fn over(&self) -> bool {
        self.job.stopped() || Instant::now() >= self.until
    }

    fn tell(&self, words: &'static str, done: u64, of: u64) {
        let now = Instant::now();
        if let Some((last, at)) = self.told.get()
            && last == words
            && now.duration_since(at) < TELLING
        {
            return;
        }
        self.told.set(Some((words, now)));
        self.job.tell(|standing| {
            (standing.stage, standing.done, standing.of) = (Some(words), done, of);
        });
    }
}

impl Watch for Watched<'_> {
    fn progress(&self, stage: Stage, done: u64, of: u64) -> ControlFlow<()> {
        self.tell(in_words(stage), done, of);
        if self.over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Serving => "who is served",
        Stage::Bidding => "prices",
        Stage::Placing => "placing the rest",
        Stage::Settling => "settling places",
        Stage::Minimums => "keeping minimums",
        Stage::Ties => "choosing among equals",
        Stage::Choices => "pricing choices",
        Stage::Sorting => "sorting lists",
        Stage::Proposing => "proposing",
        Stage::Limits => "keeping limits",
        _ => "solving",
    }
}

/// A job in the queue.
struct Queued {
    job: Arc<Job>,
    bytes: usize,
    work: Work,
}

#[derive(Default)]
struct Registry {
    queue: VecDeque<Queued>,
    queued_bytes: usize,
    running: Vec<Arc<Job>>,
    unfinished: BTreeMap<Owner, usize>,
    listed: BTreeMap<String, Arc<Job>>,
    kept_bytes: usize,
    closing: bool,
}

struct Inner {
    settings: Settings,
    clock: Arc<dyn Clock>,
    registry: Mutex<Registry>,
    /// There is work, or there will be none any more.
    work: Condvar,
    /// Something ended.
    ended: Condvar,
}

/// The jobs of a service, and the threads that do them.
pub struct Jobs {
    inner: Arc<Inner>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// How busy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Jobs that wait.
    pub queued: usize,
    /// Jobs that run.
    pub running: usize,
    /// Jobs that are listed.
    pub listed: usize,
    /// Bytes of kept results.
    pub kept_bytes: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks: whoever panicked left what it found.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jobs {
    /// Starts the threads.
    ///
    /// # Errors
    /// The machine gives no threads.
    pub fn start(settings: Settings, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let inner = Arc::new(Inner {
            settings,
            clock,
            registry: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
        });
        let mut threads = Vec::new();
        for number in 0..settings.workers.max(1) {
            // Each has threads of its own to score pairs with: in a common pool one job could wait in the middle of another.
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(settings.threads.max(1))
                .thread_name(move |thread| format!("job-{number}-{thread}"))
                .build()
                .map_err(std::io::Error::other)?;
            let inner = Arc::clone(&inner);
            let name = format!("job-{number}");
            threads.push(
                std::thread::Builder::new().name(name).spawn(move || work_on(&inner, &pool))?,
            );
        }
        Ok(Self { inner, threads: Mutex::new(threads) })
    }

    /// What they may take.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// How busy it is.
    pub fn load(&self) -> Load {
        let registry = lock(&self.inner.registry);
        Load {
            queued: registry.queue.len(),
            running: registry.running.len(),
            listed: registry.listed.len(),
            kept_bytes: registry.kept_bytes,
        }
    }

    /// Puts work in the queue. `bytes` is what the request keeps in memory until it is done.
    ///
    /// # Errors
    /// 503 where the queue is full or the service is closing, 429 where this principal has too much unfinished.
    pub fn submit(
        &self,
        principal: &Principal,
        operation: &'static str,
        bytes: usize,
        work: Work,
    ) -> Result<Arc<Job>, Problem> {
        self.queue(principal, operation, bytes, work, false)
    }

    /// The same, with an address from the start ([`Jobs::list`]), however soon it is done.
    ///
    /// # Errors
    /// As [`Jobs::submit`], and 503 if too many are listed.
    pub fn submit_listed(
        &self,
        principal: &Principal,
        operation: &'static str,
        bytes: usize,
        work: Work,
    ) -> Result<Arc<Job>, Problem> {
        self.queue(principal, operation, bytes, work, true)
    }

    fn queue(
        &self,
        principal: &Principal,
        operation: &'static str,
        bytes: usize,
        work: Work,
        listed: bool,
    ) -> Result<Arc<Job>, Problem> {
        let settings = &self.inner.settings;
        let owner = Owner::of(principal);
        let id = random_id()?;
        let created = self.inner.clock.micros();
        let mut registry = lock(&self.inner.registry);
        let full = registry.queue.len() >= settings.queued_max
            || registry.queued_bytes.saturating_add(bytes) > settings.queued_bytes_max;
        if full || registry.closing {
            return Err(Problem::busy(2));
        }
        if listed {
            self.inner.sweep(&mut registry);
            if registry.listed.len() >= settings.listed_max {
                return Err(Problem::busy(10));
            }
        }
        let unfinished = registry.unfinished.entry(owner.clone()).or_default();
        if *unfinished >= settings.unfinished_each_max {
            let mut problem = Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_jobs",
                format!(
                    "You have {unfinished} requests that are not finished. Wait for one of them, or cancel one."
                ),
            );
            problem.retry_after = Some(2);
            return Err(problem);
        }
        *unfinished += 1;
        let standing =
            Standing { state: JobState::Queued, stage: None, done: 0, of: 0, finished: None };
        let job = Arc::new(Job {
            id,
            operation,
            owner,
            created,
            keep: settings.keep,
            stop: AtomicBool::new(false),
            standing: watch::Sender::new(standing),
            end: Mutex::default(),
        });
        if listed {
            lock(&job.end).listed = true;
            registry.listed.insert(job.id.clone(), Arc::clone(&job));
        }
        registry.queued_bytes += bytes;
        registry.queue.push_back(Queued { job: Arc::clone(&job), bytes, work });
        drop(registry);
        self.inner.work.notify_one();
        Ok(job)
    }

    /// Gives a job an address, so that it goes on and is kept whoever waits for it. Whether it has one now: not if it is finished, for then whoever
    /// waits has the answer already.
    ///
    /// # Errors
    /// 503 if too many are listed.
    pub fn list(&self, job: &Arc<Job>) -> Result<bool, Problem> {
        let mut registry = lock(&self.inner.registry);
        self.inner.sweep(&mut registry);
        let mut end = lock(&job.end);
        if end.outcome.is_some() || job.stopped() {
            return Ok(false);
        }
        if registry.listed.len() >= self.inner.settings.listed_max || registry.closing {
            return Err(Problem::busy(10));
        }
        end.listed = true;
        registry.listed.insert(job.id.clone(), Arc::clone(job));
        Ok(true)
    }

    /// A listed job of this principal. Others' are not there.
    pub fn find(&self, principal: &Principal, id: &str) -> Option<Arc<Job>> {
        let mut registry = lock(&self.inner.registry);
        self.inner.sweep(&mut registry);
        registry.listed.get(id).filter(|job| job.owner == Owner::of(principal)).cloned()
    }

    /// Cancels a job, whether it is listed or not: it stops, and nothing of it is kept.
    pub fn cancel(&self, job: &Arc<Job>) {
        self.inner.cancel(job);
    }

    /// Takes nothing more, and waits for what is being done: at most `within` for those that somebody waits for. What is listed is cancelled at
    /// once: nobody could come for it.
    ///
    /// Blocks the thread that calls it.
    pub fn close(&self, within: Duration) {
        let until = Instant::now() + within;
        let inner = &self.inner;
        let listed: Vec<Arc<Job>> = {
            let mut registry = lock(&inner.registry);
            registry.closing = true;
            registry.listed.values().cloned().collect()
        };
        for job in listed {
            inner.cancel(&job);
        }
        let mut registry = lock(&inner.registry);
        while !(registry.queue.is_empty() && registry.running.is_empty()) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            registry = match inner.ended.wait_timeout(registry, left) {
                Ok((registry, _)) => registry,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        let rest: Vec<Arc<Job>> = registry
            .queue
            .iter()
            .map(|queued| &queued.job)
            .chain(&registry.running)
            .cloned()
            .collect();
        drop(registry);
        for job in rest {
            inner.cancel(&job);
        }
        inner.work.notify_all();
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A thread that does not end at once is in work that asks nobody; the process ends without it.
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

/// Stops the work of a request when whoever asked goes away before there is an answer.
#[derive(Debug)]
pub struct WhileWaited<'j> {
    jobs: &'j Jobs,
    job: Option<Arc<Job>>,
}

impl<'j> WhileWaited<'j> {
    /// From now until it is dropped or let go.
    pub fn new(jobs: &'j Jobs, job: &Arc<Job>) -> Self {
        Self { jobs, job: Some(Arc::clone(job)) }
    }

    /// Lets the job go on by itself.
    pub fn let_go(mut self) {
        self.job = None;
    }
}

impl Drop for WhileWaited<'_> {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            self.jobs.cancel(&job);
        }
    }
}

fn random_id() -> Result<String, Problem> {
    use std::fmt::Write;
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|_| Problem::internal())?;
    Ok(random.iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    }))
}

fn work_on(inner: &Inner, pool: &rayon::ThreadPool) {
    while let Some(Queued { job, work, .. }) = inner.next() {
        let until = Instant::now() + inner.settings.run_max;
        let done = pool.install(|| {
            let watched = Watched { job: &job, until, told: std::cell::Cell::new(None) };
            // What a panic leaves behind is dropped here with the work; nothing outside of it was touched.
            catch_unwind(AssertUnwindSafe(|| work(&watched)))
        });
        let outcome = match done {
            Ok(Ok(bytes)) => Some(Ok(Bytes::from(bytes))),
            Ok(Err(End::Problem(problem))) => Some(Err(*problem)),
            Ok(Err(End::Stopped)) if job.stopped() => None,
            Ok(Err(End::Stopped)) => Some(Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "time_limit",
                format!(
                    "Nothing was found within {} s, which is the longest one request may take here. Ask for less at once, or tell whoever runs the service.",
                    inner.settings.run_max.as_secs()
                ),
            ))),
            Err(_) => {
                tracing::error!(job = %job.id, operation = job.operation, "work panicked");
                Some(Err(Problem::internal()))
            }
        };
        inner.finish(&job, outcome);
    }
}

impl Inner {
    /// The next job to do; `None` when there will be none any more.
    fn next(&self) -> Option<Queued> {
        let mut registry = lock(&self.registry);
        loop {
            if let Some(queued) = registry.queue.pop_front() {
                registry.queued_bytes -= queued.bytes;
                registry.running.push(Arc::clone(&queued.job));
                queued.job.tell(|standing| standing.state = JobState::Running);
                return Some(queued);
            }
            if registry.closing {
                return None;
            }
            registry = match self.work.wait_timeout(registry, SWEEP) {
                Ok((registry, _)) => registry,
                Err(poisoned) => poisoned.into_inner().0,
            };
            self.sweep(&mut registry);
        }
    }

    /// A running job has ended; `None` if it was stopped.
    fn finish(&self, job: &Arc<Job>, outcome: Option<Outcome>) {
        let mut registry = lock(&self.registry);
        registry.running.retain(|running| !Arc::ptr_eq(running, job));
        Self::one_less(&mut registry, job);
        let mut end = lock(&job.end);
        // Whatever was found after it was cancelled: nobody asks for it any more.
        let outcome = outcome.filter(|_| !job.stopped());
        let Some(mut outcome) = outcome else {
            return self.ended.notify_all();
        };
        if end.listed
            && let Ok(bytes) = &outcome
        {
            if registry.kept_bytes.saturating_add(bytes.len()) > self.settings.kept_bytes_max {
                outcome = Err(Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no_room",
                    "There is a result, but no room to keep it just now. Ask again later, or wait for the answer of the request itself.",
                ));
            } else {
                registry.kept_bytes += bytes.len();
            }
        }
        let state = if outcome.is_ok() { JobState::Done } else { JobState::Failed };
        end.outcome = Some(outcome);
        let now = self.clock.micros();
        drop(end);
        job.tell(|standing| {
            (standing.state, standing.stage, standing.finished) = (state, None, Some(now));
        });
        drop(registry);
        self.ended.notify_all();
    }

    fn cancel(&self, job: &Arc<Job>) {
        let mut registry = lock(&self.registry);
        let over = job.standing.borrow().state.is_final();
        job.stop.store(true, Ordering::Relaxed);
        Self::forget(&mut registry, job);
        if let Some(place) = registry.queue.iter().position(|queued| Arc::ptr_eq(&queued.job, job))
            && let Some(queued) = registry.queue.remove(place)
        {
            registry.queued_bytes -= queued.bytes;
            Self::one_less(&mut registry, job);
        }
        drop(registry);
        if !over {
            job.tell(|standing| standing.state = JobState::Cancelled);
        }
        self.ended.notify_all();
    }

    fn one_less(registry: &mut Registry, job: &Job) {
        if let Some(unfinished) = registry.unfinished.get_mut(&job.owner) {
            *unfinished -= 1;
            if *unfinished == 0 {
                registry.unfinished.remove(&job.owner);
            }
        }
    }

    /// Takes a job off the list, with its result.
    fn forget(registry: &mut Registry, job: &Job) {
        if registry.listed.remove(&job.id).is_some()
            && let Some(Ok(bytes)) = lock(&job.end).outcome.take()
        {
            registry.kept_bytes -= bytes.len();
        }
    }

    /// Forgets what has been kept for as long as was said.
    fn sweep(&self, registry: &mut Registry) {
        let keep = i64::try_from(self.settings.keep.as_micros()).unwrap_or(i64::MAX);
        let now = self.clock.micros();
        let over: Vec<Arc<Job>> = registry
            .listed
            .values()
            .filter(|job| {
                let finished = job.standing.borrow().finished;
                finished.is_some_and(|finished| finished.saturating_add(keep) <= now)
            })
            .cloned()
            .collect();
        for job in over {
            Self::forget(registry, &job);
        }
    }
}
