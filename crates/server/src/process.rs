//! The service as a process of its own: a runtime, a store, signals.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use peermatch_store::{Sqlite, Store, StoreError, sqlite};

use crate::limits::Limits;
use crate::serve::{Config, NotStarted, Running, Service};
use crate::telemetry::{self, LogError, LogFormat};

/// How the process is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where everything is kept; in memory without it.
    pub data: Option<PathBuf>,
    /// Lets everybody in, on loopback only.
    pub demo: bool,
    /// Threads of one piece of long work, and how many such pieces at once; as many as cores without it.
    pub threads: Option<usize>,
    /// What is logged, and how.
    pub log: (String, LogFormat),
    /// How much is taken on at once.
    pub limits: Limits,
}

/// Why the process ends otherwise than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// It did not start.
    #[error("{0}")]
    NotStarted(#[from] NotStarted),
    /// The log cannot be written as asked.
    #[error("{0}")]
    Log(#[from] LogError),
    /// The system gives no threads, or no signals.
    #[error("the service cannot run here: {0}")]
    System(#[from] std::io::Error),
    /// Nobody could be told that it is ready.
    #[error("{0}")]
    Ready(String),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::NotStarted(error.into())
    }
}

/// Runs until SIGTERM or Ctrl-C. Calls `prepare` with the service before anybody is told, and `ready` once it answers.
///
/// # Errors
/// See [`Ended`].
pub fn run<P, F>(
    setup: Setup,
    prepare: P,
    ready: impl FnOnce(SocketAddr) -> Result<(), String>,
) -> Result<(), Ended>
where
    P: FnOnce(crate::App) -> F,
    F: Future<Output = Result<(), String>>,
{
    telemetry::log(&setup.log.0, setup.log.1)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async move {
        // Before anything is opened: a signal that comes meanwhile must not leave the store half open.
        let told = signals()?;
        let mut running = started(&setup).await?;
        prepare(running.app.clone()).await.map_err(Ended::Ready)?;
        running.ready().await;
        ready(running.addr).map_err(Ended::Ready)?;
        told.await;
        tracing::info!("stopping: finishing what was begun");
        running.stop().await;
        Ok(())
    });
    // Threads that look at nobody's watch are not waited for.
    runtime.shutdown_background();
    ended
}

async fn started(setup: &Setup) -> Result<Running, Ended> {
    let store: Arc<dyn Store> = match &setup.data {
        Some(path) => Arc::new(Sqlite::open(path, sqlite::Options::default()).await?),
        None => Arc::new(Sqlite::memory().await?),
    };
    let mut config = Config {
        listen: setup.listen,
        demo: setup.demo,
        limits: setup.limits.clone(),
        ..Config::new(Arc::clone(&store))
    };
    if let Some(threads) = setup.threads {
        (config.jobs.threads, config.jobs.workers) = (threads, threads);
    }
    match Service::start(config).await {
        Ok(running) => Ok(running),
        Err(error) => {
            store.close().await;
            Err(error.into())
        }
    }
}

/// Done when the process is told to end.
#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut end = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Done when the process is told to end.
#[cfg(not(unix))]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
