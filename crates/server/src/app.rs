//! What every handler shares.

use std::sync::Arc;

use jiff::Timestamp;
use peermatch_store::Store;

use crate::jobs::Jobs;
use crate::keeper::Keepers;

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
