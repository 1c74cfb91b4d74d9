//! How the command ends: one code per kind of end, the same for every subcommand.

use peermatch_model::Faults;

/// Done.
pub(crate) const DONE: u8 = 0;
/// The input is not right.
pub(crate) const INVALID: u8 = 1;
/// No answer keeps the minimums and pins, or a limit was reached.
pub(crate) const INFEASIBLE: u8 = 2;
/// A verification failed.
pub(crate) const CHECK_FAILED: u8 = 3;
/// A defect of this program or of the machine.
pub(crate) const INTERNAL: u8 = 4;

/// Why a command stopped, in words for standard error.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Stop {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { code: INVALID, message: message.into() }
    }

    pub(crate) fn infeasible(message: impl Into<String>) -> Self {
        Self { code: INFEASIBLE, message: message.into() }
    }

    pub(crate) fn check_failed(message: impl Into<String>) -> Self {
        Self { code: CHECK_FAILED, message: message.into() }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { code: INTERNAL, message: message.into() }
    }
}

impl From<Faults> for Stop {
    fn from(mut faults: Faults) -> Self {
        faults.sort_by_place();
        let count = match faults.len() {
            1 => "1 fault:".to_owned(),
            n => format!("{n} faults:"),
        };
        Self::invalid(format!("{count}\n{faults}"))
    }
}
