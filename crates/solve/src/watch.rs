//! How a caller watches a long solve, and stops it.

use std::ops::ControlFlow;

/// What a solver is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Finding out who is served, where waiting outweighs everything else.
    Serving,
    /// Finding prices by bidding.
    Bidding,
    /// Placing the rest at least cost.
    Placing,
    /// Filling or freeing places whose price does not fit their use.
    Settling,
    /// Keeping minimums.
    Minimums,
    /// Choosing the canonical matching among equals.
    Ties,
    /// Pricing choices.
    Choices,
    /// Sorting the lists of one side.
    Sorting,
    /// Proposing, or serving one by one.
    Proposing,
    /// Keeping limits that no flow can keep, and proving how good what was found is.
    Limits,
}

/// Somebody who watches a solve. Called every few steps, thousands of times a second, from the
/// solving thread: it should answer quickly.
pub trait Watch {
    /// `done` of `of` steps of `stage` are done (an estimate: a stage may end early). Answer
    /// `ControlFlow::Break(())` to stop; the solve then returns
    /// [`Outcome::Cancelled`](crate::Outcome::Cancelled) within milliseconds.
    fn progress(&self, stage: Stage, done: u64, of: u64) -> ControlFlow<()>;
}

/// Watches nothing and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn progress(&self, _: Stage, _: u64, _: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Stage {
    /// Steps between two calls of the watch: a bid is one row, a path may pass every pair.
    fn stride(self) -> u64 {
        match self {
            Self::Serving | Self::Bidding => 256,
            Self::Sorting | Self::Proposing => 1024,
            Self::Placing | Self::Settling | Self::Minimums | Self::Ties => 8,
            Self::Choices | Self::Limits => 1,
        }
    }
}

/// Counts steps of one stage and asks the watch now and then.
pub(crate) struct Meter<'w> {
    watch: &'w dyn Watch,
    stage: Stage,
    done: u64,
    of: u64,
}

/// The watch asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

impl<'w> Meter<'w> {
    pub(crate) fn new(watch: &'w dyn Watch, stage: Stage, of: usize) -> Self {
        Self { watch, stage, done: 0, of: of as u64 }
    }

    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Stopped> {
        if self.done.is_multiple_of(self.stage.stride())
            && self.watch.progress(self.stage, self.done.min(self.of), self.of).is_break()
        {
            return Err(Stopped);
        }
        self.done += 1;
        Ok(())
    }
}
