//! Kept rosters: who reads one sees a state that stood; who changes one decides on a state that nobody changed meanwhile.
//!
//! A [`Keeper`] holds one roster: its [`Book`] (everything kept, names too) and the warm state made from it ([`crate::warm`]). Changes go one after another, each
//! through the same steps: `core` decides on what is held, the change is applied to the book and the roster checked whole, the store takes the commit if
//! the roster is still at that revision, and only then anybody sees it. Whatever fails on the way is taken back whole.
//!
//! No rule stands here: what may be done is decided by the closure, which calls `core`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::civil::Date;
use peermatch_core::kept::{Book, Decision, Refused, Settings, Told};
use peermatch_model::Faults;
use peermatch_model::policy::Policy;
use peermatch_model::roster::Roster;
use peermatch_store::{AuditEntry, Commit, Put, Reply, Revision, StoreError};
use tokio::sync::{Mutex as TurnMutex, OnceCell, OwnedRwLockReadGuard, RwLock};

use crate::app::App;
use crate::problem::Problem;
use crate::warm::{Holding, NotAsked, Ready, Warm};

/// How often a decision is made anew because another process changed the roster first.
const DECIDED_ANEW_MAX: usize = 8;

/// How long whoever asks for what needs the whole matching waits for it.
pub const MATCHING_WAIT: Duration = Duration::from_secs(2);

/// All rosters that are held.
pub struct Keepers {
    held: Mutex<BTreeMap<(String, String), Arc<Slot>>>,
    in_flight: Mutex<BTreeSet<(String, String, String)>>,
    holding: Holding,
    held_max: usize,
    clock: AtomicU64,
}

#[derive(Default)]
struct Slot {
    keeper: OnceCell<Arc<Keeper>>,
    used: AtomicU64,
}

/// One kept roster.
pub struct Keeper {
    organisation: String,
    roster: String,
    /// Changed under its write lock alone, together with the warm state: whoever holds the read lock sees both of one revision.
    book: Arc<RwLock<Book>>,
    current: Mutex<Arc<Warm>>,
    /// Which day it is for this roster; as in the book.
    days: Mutex<Settings>,
    /// Whose turn it is to change something.
    turn: Arc<TurnMutex<()>>,
    holding: Holding,
}

/// What a question or a decision sees: both of the same revision.
#[derive(Clone, Copy)]
pub struct Seen<'r, 'b> {
    /// The roster as the engine sees it.
    pub ready: Ready<'r>,
    /// Everything that is kept.
    pub book: &'b Book,
}

/// Who asks for a change.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who, as the audit says it.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// The request.
    pub request_id: Option<String>,
    /// The idempotency key and the hash of the request, if there is a key.
    pub idempotency: Option<(String, String)>,
}

/// What is answered to a change, whether it was made now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Status.
    pub status: StatusCode,
    /// Headers worth repeating (`location`, `etag`).
    pub headers: BTreeMap<String, String>,
    /// JSON; empty for none.
    pub body: String,
    /// Whether this is the answer to an earlier request with the same idempotency key.
    pub repeated: bool,
}

impl Answered {
    /// A status with a JSON body.
    pub fn json(status: StatusCode, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_string(body).expect("answers are plain data");
        Self { status, headers: BTreeMap::new(), body, repeated: false }
    }

    /// As it is kept to be repeated.
    pub(crate) fn kept(&self, principal: &str, key: &str, request_hash: &str, at: i64) -> Reply {
        Reply {
            principal: principal.to_owned(),
            key: key.to_owned(),
            request_hash: request_hash.to_owned(),
            status: self.status.as_u16(),
            headers: serde_json::to_string(&self.headers).expect("headers are plain data"),
            body: self.body.clone(),
            at,
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }
}

impl axum::response::IntoResponse for Answered {
    fn into_response(self) -> axum::response::Response {
        use axum::http::{HeaderName, HeaderValue, header};
        let mut response = (self.status, self.body.clone()).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
        if self.repeated {
            headers.insert(
                HeaderName::from_static("idempotency-replayed"),
                HeaderValue::from_static("true"),
            );
        }
        response
    }
}

impl Keepers {
    /// Holds at most `held_max` rosters at once; the one that was not used for longest goes first.
    pub fn new(holding: Holding, held_max: usize) -> Self {
        Self {
            held: Mutex::default(),
            in_flight: Mutex::default(),
            holding,
            held_max,
            clock: AtomicU64::new(0),
        }
    }

    /// The keeper of a roster, read from the store if it is not held.
    ///
    /// # Errors
    /// 404 if there is no such roster; else what the store says.
    pub async fn get(
        &self,
        app: &App,
        organisation: &str,
        roster: &str,
    ) -> Result<Arc<Keeper>, Problem> {
        let key = (organisation.to_owned(), roster.to_owned());
        let slot = {
            let mut held = lock(&self.held);
            if !held.contains_key(&key) && held.len() >= self.held_max {
                let oldest = held
                    .iter()
                    .min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed))
                    .map(|(key, _)| key.clone());
                oldest.and_then(|oldest| held.remove(&oldest));
            }
            Arc::clone(held.entry(key.clone()).or_default())
        };
        slot.used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let made = slot
            .keeper
            .get_or_try_init(|| Keeper::read(app, organisation, roster, self.holding))
            .await;
        match made {
            Ok(keeper) => Ok(Arc::clone(keeper)),
            Err(problem) => {
                // What is not there must not take room.
                let mut held = lock(&self.held);
                if held
                    .get(&key)
                    .is_some_and(|there| Arc::ptr_eq(there, &slot) && !there.keeper.initialized())
                {
                    held.remove(&key);
                }
                Err(problem)
            }
        }
    }

    /// Forgets a roster that was removed or made anew.
    pub fn forget(&self, organisation: &str, roster: &str) {
        lock(&self.held).remove(&(organisation.to_owned(), roster.to_owned()));
    }

    /// How many rosters are held.
    pub fn held(&self) -> usize {
        lock(&self.held).len()
    }

    fn begin(&self, organisation: &str, actor: &str, key: &str) -> Option<InFlight<'_>> {
        let key = (organisation.to_owned(), actor.to_owned(), key.to_owned());
        let first = lock(&self.in_flight).insert(key.clone());
        // Made only where it is the first: dropping one lets the next in.
        first.then(|| InFlight { keepers: self, key })
    }
}

/// A request with an idempotency key that is being answered.
struct InFlight<'k> {
    keepers: &'k Keepers,
    key: (String, String, String),
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        lock(&self.keepers.in_flight).remove(&self.key);
    }
}

impl Keeper {
    async fn read(
        app: &App,
        organisation: &str,
        roster: &str,
        holding: Holding,
    ) -> Result<Arc<Self>, Problem> {
        let (book, warm) = load(app, organisation, roster, holding).await?;
        Ok(Arc::new(Self {
            organisation: organisation.to_owned(),
            roster: roster.to_owned(),
            days: Mutex::new(book.settings().clone()),
            book: Arc::new(RwLock::new(book)),
            current: Mutex::new(Arc::new(warm)),
            turn: Arc::default(),
            holding,
        }))
    }

    /// The revision that questions are answered from.
    pub fn revision(&self) -> Revision {
        self.warm().revision
    }

    fn warm(&self) -> Arc<Warm> {
        Arc::clone(&lock(&self.current))
    }

    /// Asks of the roster alone, as the engine sees it: never waits for somebody who is changing it.
    ///
    /// # Errors
    /// 503 when too many questions wait.
    pub async fn ask<T, F>(self: &Arc<Self>, app: &App, question: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'r> FnOnce(Ready<'r>) -> T + Send + 'static,
    {
        self.of_today(app).await?;
        self.warm().ask(question).await.map_err(not_asked)
    }

    /// Waits until the roster is matched as a whole; `false` if that takes longer than `within`, or cannot be.
    ///
    /// # Errors
    /// As [`Keeper::ask`].
    pub async fn matched(self: &Arc<Self>, app: &App, within: Duration) -> Result<bool, Problem> {
        self.of_today(app).await?;
        Ok(self.warm().matched(within).await)
    }

    /// Asks of the roster and of all that is kept beside it, in one state.
    ///
    /// # Errors
    /// 503 when too many questions wait.
    pub async fn read_with<T, F>(self: &Arc<Self>, app: &App, question: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'r, 'b> FnOnce(Seen<'r, 'b>) -> T + Send + 'static,
    {
        self.of_today(app).await?;
        self.seen(question).await
    }

    async fn seen<T, F>(&self, question: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'r, 'b> FnOnce(Seen<'r, 'b>) -> T + Send + 'static,
    {
        let book: OwnedRwLockReadGuard<Book> = Arc::clone(&self.book).read_owned().await;
        let warm = self.warm();
        warm.ask(move |ready| look(&book, ready, question)).await.map_err(not_asked)
    }

    /// Changes the roster: `decide` says what is to change, from what is held now; `reply` says what is answered, once it is known which revision that
    /// makes. Both may be called again if somebody else came first. Done whole, on disk and seen by everybody, when this returns; whoever asked may go
    /// away meanwhile.
    ///
    /// # Errors
    /// What `decide` refused, the faults of the roster that would come of it, or why the store did not take it. Then nothing has changed.
    pub async fn write<T, D, R>(
        self: &Arc<Self>,
        app: &App,
        asked: Asked,
        decide: D,
        reply: R,
    ) -> Result<Answered, Problem>
    where
        T: Send + 'static,
        D: for<'r, 'b> Fn(Seen<'r, 'b>) -> Result<Decision<T>, Refused> + Send + Sync + 'static,
        R: Fn(&T, Revision) -> Answered + Send + Sync + 'static,
    {
        let (keeper, app) = (Arc::clone(self), app.clone());
        let work =
            tokio::spawn(
                async move { keeper.write_whole(&app, asked, Arc::new(decide), reply).await },
            );
        work.await.unwrap_or_else(|_| Err(Problem::internal()))
    }

    async fn write_whole<T, D, R>(
        &self,
        app: &App,
        asked: Asked,
        decide: Arc<D>,
        reply: R,
    ) -> Result<Answered, Problem>
    where
        T: Send + 'static,
        D: for<'r, 'b> Fn(Seen<'r, 'b>) -> Result<Decision<T>, Refused> + Send + Sync + 'static,
        R: Fn(&T, Revision) -> Answered,
    {
        let _in_flight = match &asked.idempotency {
            None => None,
            Some((key, hash)) => {
                let begun = app
                    .keepers
                    .begin(&self.organisation, &asked.actor, key)
                    .ok_or_else(in_flight)?;
                if let Some(kept) =
                    app.store.reply(&self.organisation, &asked.actor, key).await.map_err(stored)?
                {
                    return repeated(kept, hash);
                }
                Some(begun)
            }
        };
        let _turn = self.turn.lock().await;
        self.be_of_today(app).await?;
        for _ in 0..DECIDED_ANEW_MAX {
            let again = Arc::clone(&decide);
            let decided = self.seen(move |seen| again(seen)).await?;
            let decision = decided.map_err(refused)?;
            match self.take(app, &asked, decision, &reply).await {
                Err(NotTaken::Moved) => self.renew(app).await?,
                Err(NotTaken::Repeated) => {
                    let Some((key, hash)) = &asked.idempotency else {
                        return Err(Problem::internal());
                    };
                    let kept = app
                        .store
                        .reply(&self.organisation, &asked.actor, key)
                        .await
                        .map_err(stored)?;
                    return kept.map_or_else(|| Err(in_flight()), |kept| repeated(kept, hash));
                }
                Err(NotTaken::Broken) => {
                    self.renew(app).await?;
                    return Err(Problem::internal());
                }
                Err(NotTaken::Problem(problem)) => return Err(problem),
                Ok(answered) => return Ok(answered),
            }
        }
        Err(Problem::busy(1))
    }

    /// Applies a decision, checks what comes of it, commits it, and shows it.
    async fn take<T>(
        &self,
        app: &App,
        asked: &Asked,
        decision: Decision<T>,
        reply: &impl Fn(&T, Revision) -> Answered,
    ) -> Result<Answered, NotTaken>
    where
        T: Send + 'static,
    {
        let before = self.warm();
        let Decision { changes, told, answer } = decision;
        let next = Revision(before.revision.0 + 1);
        let answered = reply(&answer, next);
        let at = app.clock.micros();
        let puts = changes.iter().map(|change| {
            let (kind, id, body) = change.record();
            Put { kind: kind.to_owned(), id, body }
        });
        let commit = Commit {
            organisation: self.organisation.clone(),
            roster: self.roster.clone(),
            expected: Some(before.revision),
            replace: false,
            puts: puts.collect(),
            audit: told.iter().map(|told| self.entry(asked, told, before.revision, at)).collect(),
            reply: asked
                .idempotency
                .as_ref()
                .map(|(key, hash)| answered.kept(&asked.actor, key, hash, at)),
            at,
        };
        if changes.is_empty() && commit.audit.is_empty() && commit.reply.is_none() {
            return Ok(answered);
        }
        let mut book = Arc::clone(&self.book).write_owned().await;
        let (holding, now) = (self.holding, app.clock.now());
        // Checking a large roster takes its time: not on a thread that others wait on.
        let (mut book, undo, made) = tokio::task::spawn_blocking(move || {
            let undo = book.apply(changes);
            // The day as it will be: settings may have changed it, and a roster that is wrong on its own day could not even be mended.
            let as_of = book.settings().day(now);
            let made =
                if undo.touches_roster() { prepared(&mut book, as_of).map(Some) } else { Ok(None) };
            (book, undo, made)
        })
        .await
        .map_err(|_| NotTaken::Broken)?;
        let made = match made {
            Ok(made) => made,
            Err(faults) => {
                let faults = book.as_told(&faults, &undo);
                book.undo(undo);
                return Err(NotTaken::Problem(Problem::faults(&faults)));
            }
        };
        // Held before it is committed: what is on disk must not fail afterwards for want of a thread.
        let seed = book.settings().seed();
        let held = made.map(|(roster, policy)| Warm::hold(roster, policy, next, seed, holding));
        let Ok(held) = held.transpose() else {
            book.undo(undo);
            return Err(NotTaken::Problem(Problem::busy(1)));
        };
        match app.store.commit(&commit).await {
            Ok(revision) => {
                let warm = held.map_or_else(
                    || before.at_revision(revision),
                    |held| held.at_revision(revision),
                );
                // Until then, questions are answered at once from the state before.
                warm.prepared().await;
                self.show(&book, warm);
                Ok(answered)
            }
            Err(error) => {
                book.undo(undo);
                Err(match error {
                    StoreError::Moved { .. } => NotTaken::Moved,
                    StoreError::Repeated => NotTaken::Repeated,
                    error => NotTaken::Problem(stored(error)),
                })
            }
        }
    }

    fn entry(&self, asked: &Asked, told: &Told, revision: Revision, at: i64) -> AuditEntry {
        AuditEntry {
            at,
            actor: asked.actor.clone(),
            role: asked.role.clone(),
            action: told.action.clone(),
            roster: Some(self.roster.clone()),
            revision: Some(revision.0),
            about: told.about.clone(),
            input_hash: told.input_hash.clone(),
            policy_hash: told.policy_hash.clone(),
            engine: Some(env!("CARGO_PKG_VERSION").to_owned()),
            shown: told.shown.clone(),
            picked: told.picked.clone(),
            request_id: asked.request_id.clone(),
        }
    }

    /// Tells the audit what was shown, before the answer leaves.
    ///
    /// # Errors
    /// What the store says.
    pub async fn tell(
        &self,
        app: &App,
        asked: &Asked,
        told: &Told,
        revision: Revision,
    ) -> Result<(), Problem> {
        let entry = self.entry(asked, told, revision, app.clock.micros());
        app.store.append_audit(&self.organisation, &[entry]).await.map_err(stored)?;
        Ok(())
    }

    /// A roster that lives by today's date is made anew when the day changes.
    async fn of_today(self: &Arc<Self>, app: &App) -> Result<(), Problem> {
        if self.is_of_today(app) {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        self.be_of_today(app).await
    }

    fn is_of_today(&self, app: &App) -> bool {
        let warm = self.warm();
        let day = lock(&self.days).clone();
        day.day(app.clock.now()) == warm.as_of
    }

    async fn be_of_today(&self, app: &App) -> Result<(), Problem> {
        if self.is_of_today(app) {
            return Ok(());
        }
        let mut book = Arc::clone(&self.book).write_owned().await;
        let as_of = book.settings().day(app.clock.now());
        let revision = self.revision();
        let (book, made) = tokio::task::spawn_blocking(move || {
            let made = prepared(&mut book, as_of);
            (book, made)
        })
        .await
        .map_err(|_| Problem::internal())?;
        let (roster, policy) = made.map_err(|faults| no_longer_right(&faults))?;
        let warm = Warm::hold(roster, policy, revision, book.settings().seed(), self.holding)
            .map_err(|_| Problem::busy(1))?;
        warm.prepared().await;
        self.show(&book, warm);
        Ok(())
    }

    /// From here on, questions are answered from this state.
    fn show(&self, book: &Book, warm: Warm) {
        lock(&self.days).clone_from(book.settings());
        *lock(&self.current) = Arc::new(warm);
    }

    /// Reads the roster again: another process has changed it.
    async fn renew(&self, app: &App) -> Result<(), Problem> {
        let (book, warm) = load(app, &self.organisation, &self.roster, self.holding).await?;
        let mut held = Arc::clone(&self.book).write_owned().await;
        *held = book;
        self.show(&held, warm);
        Ok(())
    }
}

/// Why a decision was not taken.
enum NotTaken {
    /// Somebody else came first.
    Moved,
    /// The same request was answered meanwhile.
    Repeated,
    /// The book may be half changed.
    Broken,
    Problem(Problem),
}

/// A closure over both of one revision. Apart, because the compiler takes the lifetimes of a closure within a closure from its uses.
fn look<T>(
    book: &Book,
    ready: Ready<'_>,
    question: impl for<'r, 'b> FnOnce(Seen<'r, 'b>) -> T,
) -> T {
    // The roster's state lives longer than this look at the book; a question sees the shorter of both.
    question(Seen { ready, book })
}

async fn load(
    app: &App,
    organisation: &str,
    roster: &str,
    holding: Holding,
) -> Result<(Book, Warm), Problem> {
    let kept = app
        .store
        .load(organisation, roster)
        .await
        .map_err(stored)?
        .ok_or_else(Problem::not_found)?;
    let revision = kept.meta.revision;
    let now = app.clock.now();
    let made = tokio::task::spawn_blocking(move || {
        let records = kept.records.iter().map(|record| {
            (record.kind.as_str(), record.id.as_str(), record.body.as_deref().unwrap_or_default())
        });
        let mut book = Book::from_records(records)?;
        let as_of = book.settings().day(now);
        let (roster, policy) = prepared(&mut book, as_of)?;
        Ok::<_, Faults>((book, roster, policy))
    })
    .await
    .map_err(|_| Problem::internal())?;
    let (book, roster, policy) = made.map_err(|faults| no_longer_right(&faults))?;
    let warm = Warm::hold(roster, policy, revision, book.settings().seed(), holding)
        .map_err(|_| Problem::busy(1))?;
    warm.prepared().await;
    Ok((book, warm))
}

/// The roster and the policy of a book, checked.
fn prepared(book: &mut Book, as_of: Date) -> Result<(Roster, Policy), Faults> {
    let policy = book.checked_policy()?;
    let taxonomy = book.checked_taxonomy()?;
    Ok((Roster::check(book.input(as_of), taxonomy)?, policy))
}

/// A roster that was right when it was kept is so no longer: a newer version asks for more, or the day has brought it.
fn no_longer_right(faults: &Faults) -> Problem {
    let mut problem = Problem::faults(faults);
    problem.status = StatusCode::CONFLICT.as_u16();
    "Conflict".clone_into(&mut problem.title);
    "The kept roster has faults today. Mend its records, or import it again."
        .clone_into(&mut problem.detail);
    problem
}

/// What the store's refusal means to a caller.
pub fn stored(error: StoreError) -> Problem {
    match error {
        StoreError::Full => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "store_full",
            "No space is left to write to. Nothing was changed; reading goes on.",
        ),
        StoreError::Busy => Problem::busy(1),
        StoreError::Taken => Problem::new(StatusCode::CONFLICT, "taken", "The id is taken."),
        StoreError::Missing => Problem::not_found(),
        StoreError::Moved { .. } => Problem::new(
            StatusCode::CONFLICT,
            "moved_on",
            "The roster has changed meanwhile. Look again, and decide again.",
        ),
        error => {
            tracing::error!(%error, "the store failed");
            Problem::internal()
        }
    }
}

/// What a refusal of `core` means to a caller.
pub fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::NotFound => Problem::not_found(),
        Refused::Conflict { code, words } => Problem::new(StatusCode::CONFLICT, code, words),
        Refused::Changed => Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "This has changed since you looked at it. Look again, and decide again.",
        ),
        Refused::NotAllowed => Problem::forbidden(),
        Refused::Invalid(faults) => Problem::faults(&faults),
    }
}

fn not_asked(error: NotAsked) -> Problem {
    match error {
        NotAsked::Full => Problem::busy(1),
        NotAsked::Gone => Problem::internal(),
    }
}

fn in_flight() -> Problem {
    let mut problem = Problem::new(
        StatusCode::CONFLICT,
        "in_flight",
        "A request with this idempotency key is being answered. Ask again in a moment.",
    );
    problem.retry_after = Some(1);
    problem
}

/// The answer to an earlier request with the same key.
///
/// # Errors
/// 422 if that was another request.
pub fn repeated(kept: Reply, hash: &str) -> Result<Answered, Problem> {
    if kept.request_hash != hash {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This idempotency key was used for another request. Use a new key for a new request.",
        ));
    }
    let status = StatusCode::from_u16(kept.status).map_err(|_| Problem::internal())?;
    let headers = serde_json::from_str(&kept.headers).map_err(|_| Problem::internal())?;
    Ok(Answered { status, headers, body: kept.body, repeated: true })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
