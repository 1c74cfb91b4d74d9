//! A progress bar on standard error while a solve runs; none when standard error is not a terminal.

use std::cell::Cell;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use peermatch_solve::{Stage, Watch};

pub(crate) struct Bar {
    bar: ProgressBar,
    stage: Cell<Option<Stage>>,
}

impl Bar {
    pub(crate) fn new() -> Self {
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
        Self { bar, stage: Cell::new(None) }
    }

    /// Says what is being done outside the solver.
    pub(crate) fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Bar {
    fn progress(&self, stage: Stage, done: u64, of: u64) -> ControlFlow<()> {
        if self.stage.replace(Some(stage)) != Some(stage) {
            self.bar.set_message(match stage {
                Stage::Serving => "who is served",
                Stage::Bidding => "prices",
                Stage::Placing => "placing the rest",
                Stage::Settling => "settling places",
                Stage::Minimums => "keeping minimums",
                Stage::Ties => "choosing among equals",
                _ => "solving",
            });
            self.bar.set_length(of);
        }
        self.bar.set_position(done);
        ControlFlow::Continue(())
    }
}
