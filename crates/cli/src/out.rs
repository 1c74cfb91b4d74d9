//! Standard output and standard error. A reader that goes away early (`| head`) ends the command quietly.

use std::io::{ErrorKind, Write};

use crate::exit::{DONE, Stop};
use crate::limits;

/// Writes a result to standard output.
pub(crate) fn result(text: &str) -> Result<(), Stop> {
    limits::writing();
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(i32::from(DONE)),
        Err(error) => Err(Stop::internal(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Writes a line for people to standard error.
pub(crate) fn note(text: &str) {
    // Nowhere is left to complain to if standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A value as indented JSON with a line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Stop> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Stop::internal(format!("cannot write JSON: {e}")))?;
    Ok(text + "\n")
}
