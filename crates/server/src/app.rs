//! What every handler shares.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use peermatch_store::Store;
use tokio::sync::Semaphore;

use crate::jobs::Jobs;
use crate::keeper::Keepers;
use crate::limits::{Limits, Rates, Room};
use crate::serve::Config;
use crate::telemetry::Telemetry;
use crate::warm::Holding;

/// Rosters held in memory at once; the one that was not used for longest goes first.
pub const HELD_MAX: usize = 64;

/// What every handler shares; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What stands behind an [`App`].
pub struct Shared {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Rosters that are held in memory.
    pub keepers: Keepers,
    /// Long work.
    pub jobs: Jobs,
    /// Whether everybody is let in ([`crate::principal::Principal::demo`]).
    pub demo: bool,
    /// How much is taken on at once.
    pub limits: Limits,
    /// How often each caller came.
    pub rates: Rates,
    /// Room for bodies.
    pub room: Room,
    /// Requests that may still be begun.
    pub in_flight: Arc<Semaphore>,
    /// What is counted and timed.
    pub telemetry: Telemetry,
    /// Whether what was promised to be warm is so.
    pub warmed: AtomicBool,
}

impl App {
    /// What handlers share, as a service is set up.
    ///
    /// # Errors
    /// The machine gives no threads.
    pub fn new(config: &Config) -> std::io::Result<Self> {
        let limits = config.limits.clone();
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let holding = Holding { threads: cores.clamp(1, 8), queue: limits.in_flight };
        Ok(Self(Arc::new(Shared {
            store: Arc::clone(&config.store),
            clock: Arc::clone(&config.clock),
            keepers: Keepers::new(holding, HELD_MAX),
            jobs: Jobs::start(config.jobs, Arc::clone(&config.clock))?,
            demo: config.demo,
            rates: Rates::default(),
            room: Room::new(limits.bodies_bytes),
            in_flight: Arc::new(Semaphore::new(limits.in_flight)),
            telemetry: Telemetry::new(),
            warmed: AtomicBool::new(true),
            limits,
        })))
    }
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl From<Shared> for App {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

/// What time it is. Everything else takes times as arguments.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Now in microseconds since 1970, as the store keeps times.
    fn micros(&self) -> i64 {
        self.now().as_microsecond()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
