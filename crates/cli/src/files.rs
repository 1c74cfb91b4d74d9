//! Writing files whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::exit::Stop;
use crate::limits;

/// Writes a file by way of a neighbour that takes its place at the end, so that a reader never finds half of it and a failed
/// write leaves what was there. A link is followed; what is not a file (a pipe, a device) is written to as it is.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    limits::writing();
    let failed = |error: &std::io::Error| {
        Stop::invalid(format!("{}: cannot be written: {}", path.display(), plain(error)))
    };
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(failed(&error)),
    };
    if target.exists() && !target.is_file() {
        let written = fs::OpenOptions::new().write(true).open(&target).and_then(|mut to| {
            to.write_all(bytes)?;
            to.flush()
        });
        return written.map_err(|error| failed(&error));
    }
    let name = target
        .file_name()
        .ok_or_else(|| Stop::invalid(format!("{}: not the name of a file", path.display())))?;
    let mut neighbour_name = std::ffi::OsString::from(".");
    neighbour_name.push(name);
    neighbour_name.push(format!(".{}.part", std::process::id()));
    let neighbour: PathBuf = target.with_file_name(neighbour_name);
    let written = fs::File::create(&neighbour).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&neighbour, &target)) {
        let _ = fs::remove_file(&neighbour);
        return Err(failed(&error));
    }
    Ok(())
}

/// Refuses outputs that would destroy an input, each other, or a file in the folder of a pack that is read.
pub(crate) fn not_an_input(outputs: &[&Path], inputs: &[&Path]) -> Result<(), Stop> {
    let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for (at, output) in outputs.iter().enumerate() {
        let shown = output.display();
        if outputs[..at].iter().any(|other| place(other) == place(output)) {
            return Err(Stop::invalid(format!("{shown}: two results cannot go to one file")));
        }
        for input in inputs {
            if place(input) == place(output) {
                return Err(Stop::invalid(format!(
                    "{shown}: this is what is read; name another file"
                )));
            }
            let folder =
                output.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
            if input.is_dir() && folder.is_some_and(|folder| place(folder) == place(input)) {
                let reason = "the folder of the pack is for the pack; name a file outside it";
                return Err(Stop::invalid(format!("{shown}: {reason}")));
            }
        }
    }
    Ok(())
}

/// What went wrong with a file, without the system's number for it.
fn plain(error: &std::io::Error) -> String {
    let told = error.to_string();
    told.split(" (os error").next().unwrap_or(&told).to_lowercase()
}

/// Creates a folder and those above it.
pub(crate) fn folder(path: &Path) -> Result<(), Stop> {
    limits::writing();
    fs::create_dir_all(path).map_err(|error| {
        Stop::invalid(format!("{}: cannot be created: {}", path.display(), plain(&error)))
    })
}
