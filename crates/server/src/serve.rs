//! Starting and stopping the service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use peermatch_store::{Organisation, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::{App, Clock, HELD_MAX, SystemClock};
use crate::limits::Limits;
use crate::principal::Principal;
use crate::table::Route;
use crate::{accept, gate, jobs, page, routes, telemetry};

/// What a service is started with.
pub struct Config {
    /// Where to listen; port 0 for any that is free.
    pub listen: SocketAddr,
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Lets everybody in. On loopback only.
    pub demo: bool,
    /// How much is taken on at once.
    pub limits: Limits,
    /// What long work may take.
    pub jobs: jobs::Settings,
    /// Whether kept rosters are read into memory at the start, as many as are held at once.
    pub warm: bool,
}

impl Config {
    /// On a free port of this machine, by its clock, with the usual limits.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            store,
            clock: Arc::new(SystemClock),
            demo: false,
            limits: Limits::default(),
            jobs: jobs::Settings::default(),
            warm: true,
        }
    }
}

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotStarted {
    /// Everybody would be let in from everywhere.
    #[error(
        "{0} can be reached from other machines, and --demo lets everybody in: listen on 127.0.0.1"
    )]
    DemoBeyond(SocketAddr),
    /// Nobody could get in.
    #[error(
        "{0} can be reached from other machines, and there is no key or account yet: make one with `peermatch keys add`, or listen on 127.0.0.1"
    )]
    Nobody(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The machine gives no more threads.
    #[error("cannot start threads: {0}")]
    Threads(std::io::Error),
    /// The store cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// The service.
#[derive(Debug, Clone, Copy)]
pub struct Service;

/// A service that runs. Dropping it stops it without waiting for anything.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What its handlers share.
    pub app: App,
    stop: watch::Sender<bool>,
    upkeep: JoinHandle<()>,
    warming: Option<JoinHandle<()>>,
    accepting: JoinHandle<()>,
}

impl Service {
    /// Starts with everything that the service offers, to programs and to people.
    ///
    /// # Errors
    /// See [`NotStarted`].
    pub async fn start(config: Config) -> Result<Running, NotStarted> {
        let all = routes().into_iter().chain(page::routes()).collect();
        Self::start_with(config, all).await
    }

    /// Starts with routes of one's own choice.
    ///
    /// # Errors
    /// See [`NotStarted`].
    pub async fn start_with(config: Config, routes: Vec<Route>) -> Result<Running, NotStarted> {
        let listen = config.listen;
        if !listen.ip().is_loopback() {
            if config.demo {
                return Err(NotStarted::DemoBeyond(listen));
            }
            if !config.store.anybody(config.clock.micros()).await? {
                return Err(NotStarted::Nobody(listen));
            }
        }
        if config.demo {
            let demo = Organisation {
                id: Principal::DEMO_ORGANISATION.to_owned(),
                name: "Demonstration".to_owned(),
                made_at: config.clock.micros(),
            };
            match config.store.add_organisation(&demo).await {
                Ok(()) | Err(StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let app = App::new(&config).map_err(NotStarted::Threads)?;
        let listener =
            TcpListener::bind(listen).await.map_err(|error| NotStarted::Listen(listen, error))?;
        let addr = listener.local_addr().map_err(|error| NotStarted::Listen(listen, error))?;
        let router = gate::router(&app, routes);
        let (stop, stopped) = watch::channel(false);
        let upkeep = tokio::spawn(upkeep(app.clone()));
        let warming = config.warm.then(|| {
            app.warmed.store(false, Ordering::Release);
            tokio::spawn(warm_up(app.clone()))
        });
        let accepting = tokio::spawn(accept::run(listener, router, app.clone(), stopped));
        Ok(Running { addr, app, stop, upkeep, warming, accepting })
    }
}

impl Running {
    /// Waits until what was promised to be warm is so; before, `/readyz` says that the service is not ready.
    pub async fn ready(&mut self) {
        if let Some(warming) = self.warming.take() {
            let _ = warming.await;
        }
    }

    /// Takes no more, finishes what was begun (within [`Limits::stop_time`]), and closes the store.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // Requests may be waiting for jobs: both come to their end together.
        let app = self.app.clone();
        let within = app.limits.stop_time;
        let jobs = tokio::task::spawn_blocking(move || app.jobs.close(within));
        let _ = tokio::join!(&mut self.accepting, jobs);
        self.end_tasks();
        self.app.store.close().await;
    }
}

impl Running {
    fn end_tasks(&self) {
        self.upkeep.abort();
        if let Some(warming) = &self.warming {
            warming.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        self.end_tasks();
    }
}

/// What has to be done now and then.
async fn upkeep(app: App) {
    /// How long replies to idempotency keys are kept.
    const REPLIES_KEPT: i64 = 24 * 3_600 * 1_000_000;
    const HOUR: u64 = 3_600;
    let mut ticks = tokio::time::interval(telemetry::UPKEEP);
    let mut count = 0_u64;
    loop {
        ticks.tick().await;
        app.telemetry.upkeep();
        if count.is_multiple_of(HOUR / telemetry::UPKEEP.as_secs()) {
            let before = app.clock.micros();
            for forgotten in [
                app.store.forget_replies(before.saturating_sub(REPLIES_KEPT)).await,
                app.store.forget_ended(before).await,
            ] {
                if let Err(error) = forgotten {
                    tracing::warn!(%error, "what is over could not be forgotten");
                }
            }
        }
        count += 1;
    }
}

/// Reads the kept rosters, so that the first question to each does not wait for it.
async fn warm_up(app: App) {
    let mut held = 0;
    'all: for organisation in app.store.organisations().await.unwrap_or_default() {
        for roster in app.store.rosters(&organisation.id).await.unwrap_or_default() {
            if held == HELD_MAX {
                break 'all;
            }
            held += 1;
            if app.keepers.get(&app, &organisation.id, &roster.roster).await.is_err() {
                tracing::warn!(roster = roster.roster, "a kept roster could not be read");
            }
        }
    }
    app.warmed.store(true, Ordering::Release);
}
