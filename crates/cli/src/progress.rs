//! What watches a solve: a progress bar on standard error (none when that is not a terminal), the time limit and Ctrl-C.

use std::cell::Cell;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use peermatch_solve::{Stage, Watch};

use crate::limits::{self, Limits};

/// Hand it to whatever can take long. Where that comes back cancelled, the command ends with [`limits::stopped`].
pub(crate) struct Bar {
    shown: ProgressBar,
    stage: Cell<Option<Stage>>,
    limits: &'static Limits,
}

impl Bar {
    pub(crate) fn new() -> Self {
        Self::within(limits::of_process())
    }

    fn within(limits: &'static Limits) -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:<24} [{bar:30}] {pos}/{len} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        bar.set_draw_target(target);
        bar.enable_steady_tick(Duration::from_millis(250));
        limits.show(Some(bar.clone()));
        Self { shown: bar, stage: Cell::new(None), limits }
    }

    /// Says what is being done outside the solver.
    pub(crate) fn say(&self, what: &'static str) {
        self.shown.set_message(what);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.shown.finish_and_clear();
        self.limits.show(None);
    }
}

impl Watch for Bar {
    fn progress(&self, stage: Stage, done: u64, of: u64) -> ControlFlow<()> {
        if self.stage.replace(Some(stage)) != Some(stage) {
            self.shown.set_message(match stage {
                Stage::Serving => "who is served",
                Stage::Bidding => "prices",
                Stage::Placing => "placing the rest",
                Stage::Settling => "settling places",
                Stage::Minimums => "keeping minimums",
                Stage::Ties => "choosing among equals",
                Stage::Sorting => "sorting lists",
                Stage::Proposing => "proposing",
                _ => "solving",
            });
            self.shown.set_length(of);
        }
        self.shown.set_position(done);
        if self.limits.reached() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OVER: Limits = Limits::new();
    static FREE: Limits = Limits::new();

    #[test]
    fn a_solve_is_stopped_at_the_limit_and_not_before() {
        OVER.set(std::time::Instant::now(), Duration::ZERO);
        for stage in [Stage::Bidding, Stage::Ties] {
            assert!(Bar::within(&OVER).progress(stage, 1, 2).is_break());
            assert!(Bar::within(&FREE).progress(stage, 1, 2).is_continue());
        }
    }
}
