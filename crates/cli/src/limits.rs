//! When a command must stop before it is done: at `--time-limit`, and at Ctrl-C.
//!
//! A solver asks now and then (by way of [`crate::progress::Bar`]) and stops cleanly; a search under limits then has what it found checked and
//! written, for which it is given time. Work that asks nobody (reading a large file,
//! scoring pairs, checking a proof) is ended from outside a moment later. Either way nothing is written: from the
//! first byte of a result on, the command is let finish, because by then everything is proven. A second Ctrl-C ends at once.
//!
//! A process has one clock and one Ctrl-C, so this is the one thing of this program that is global.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::exit::{INFEASIBLE, Stop};
use crate::out;

/// How long work that asks has to stop by itself before the process is ended.
const GRACE: Duration = Duration::from_millis(100);

/// How long work that asked, and was told to stop, has to check and write what it has: as long again as the limit, within these bounds.
const FINISH: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// How far the command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was written.
    Working,
    /// Something was.
    Writing,
    /// Stopped, and said so.
    Stopped,
}

/// What a command is held to.
#[derive(Debug)]
pub(crate) struct Limits {
    deadline: OnceLock<(Instant, Duration)>,
    interrupted: AtomicBool,
    /// Whether work asked and was told to stop: it comes back by itself, with what is feasible by then or with nothing.
    told: AtomicBool,
    phase: Mutex<Phase>,
    bar: Mutex<Option<ProgressBar>>,
}

static LIMITS: Limits = Limits::new();

/// Those of this process.
pub(crate) fn of_process() -> &'static Limits {
    &LIMITS
}

/// From now on results are written, and no limit applies any more.
pub(crate) fn writing() {
    LIMITS.writing();
}

/// The end of a command whose solver was stopped.
pub(crate) fn stopped() -> Stop {
    LIMITS.stopped()
}

/// Starts the clock of `--time-limit`, and listens to Ctrl-C.
pub(crate) fn start(limit: Option<Duration>) -> Result<(), Stop> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Stop::internal(format!("cannot listen to {what}: {error}"))
    };
    if let Some(limit) = limit {
        LIMITS.set(Instant::now(), limit);
        std::thread::Builder::new()
            .name("time-limit".to_owned())
            .spawn(move || {
                std::thread::sleep(limit + GRACE);
                LIMITS.let_finish(limit);
                LIMITS.end();
            })
            .map_err(|error| failed("the clock", &error))?;
    }
    ctrlc::set_handler(|| {
        if LIMITS.interrupted.swap(true, Ordering::Relaxed) {
            LIMITS.clear();
            std::process::exit(i32::from(INFEASIBLE));
        }
        // The handler must be free for the second Ctrl-C. Without a thread, that one ends it.
        let _ = std::thread::Builder::new().name("interrupted".to_owned()).spawn(|| {
            std::thread::sleep(GRACE);
            LIMITS.let_finish(FINISH.1);
            LIMITS.end();
        });
    })
    .map_err(|error| failed("Ctrl-C", &error))
}

/// The seconds of an argument: above 0, at most a year, parts of a second allowed.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if seconds > 0.0 && seconds <= 31_536_000.0 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("write a number of seconds above 0, at most a year".to_owned())
    }
}

impl Limits {
    pub(crate) const fn new() -> Self {
        Self {
            deadline: OnceLock::new(),
            interrupted: AtomicBool::new(false),
            told: AtomicBool::new(false),
            phase: Mutex::new(Phase::Working),
            bar: Mutex::new(None),
        }
    }

    pub(crate) fn set(&self, start: Instant, limit: Duration) {
        let _ = self.deadline.set((start, limit));
    }

    /// Whether the work is to stop. Whoever asks is taken at their word: they come back soon.
    pub(crate) fn reached(&self) -> bool {
        let reached =
            self.interrupted.load(Ordering::Relaxed) || self.remaining() == Some(Duration::ZERO);
        if reached {
            self.told.store(true, Ordering::Relaxed);
        }
        reached
    }

    /// Waits for work that was told to stop.
    fn let_finish(&self, limit: Duration) {
        if self.told.load(Ordering::Relaxed) {
            std::thread::sleep(limit.clamp(FINISH.0, FINISH.1));
        }
    }

    /// How much time is left, where there is a limit: for a solver that keeps its own clock.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        self.deadline.get().map(|(start, limit)| limit.saturating_sub(start.elapsed()))
    }

    /// Shows `bar`, to be cleared if the process is ended from outside.
    pub(crate) fn show(&self, bar: Option<ProgressBar>) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }

    fn clear(&self) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }

    fn writing(&self) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if *phase == Phase::Working {
            *phase = Phase::Writing;
        }
    }

    fn stopped(&self) -> Stop {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = Phase::Stopped;
        Stop::infeasible(self.words())
    }

    /// Ends the process unless a result is being written. Holds the phase while it does, so that no writing can begin.
    fn end(&self) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if *phase == Phase::Working {
            *phase = Phase::Stopped;
            self.clear();
            out::note(&self.words());
            std::process::exit(i32::from(INFEASIBLE));
        }
    }

    fn words(&self) -> String {
        let rest = "nothing was proven, so nothing was written";
        match self.deadline.get() {
            Some((_, limit)) if !self.interrupted.load(Ordering::Relaxed) => {
                format!("stopped after {} s as asked by --time-limit; {rest}", limit.as_secs_f64())
            }
            _ => format!("stopped by Ctrl-C; {rest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_reached_when_its_time_is_over_or_ctrl_c_was_pressed() {
        let limits = Limits::new();
        assert!(!limits.reached());
        assert_eq!(limits.remaining(), None);
        limits.set(Instant::now(), Duration::from_hours(1));
        assert!(!limits.reached());
        assert!(limits.remaining().is_some_and(|left| left > Duration::from_secs(3500)));
        limits.interrupted.store(true, Ordering::Relaxed);
        assert!(limits.reached());
        assert!(limits.words().starts_with("stopped by Ctrl-C; "));

        let limits = Limits::new();
        limits.set(Instant::now(), Duration::from_nanos(1));
        std::thread::sleep(Duration::from_millis(1));
        assert!(limits.reached());
        assert!(limits.words().contains("--time-limit"));
    }

    #[test]
    fn what_is_being_written_is_not_ended() {
        let limits = Limits::new();
        limits.writing();
        limits.end();
        assert_eq!(*limits.phase.lock().unwrap(), Phase::Writing);
    }

    #[test]
    fn seconds_are_above_nothing() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for wrong in ["0", "-1", "nan", "inf", "1e9", "five", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
