//! Writing files whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::exit::Stop;

/// Writes a file by way of a neighbour that takes its place at the end, so that a reader never finds half of it and a failed
/// write leaves what was there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let failed = |what: &str, error: std::io::Error| {
        Stop::invalid(format!("{}: cannot {what}: {error}", path.display()))
    };
    let name = path
        .file_name()
        .ok_or_else(|| Stop::invalid(format!("{}: not the name of a file", path.display())))?;
    let mut neighbour_name = std::ffi::OsString::from(".");
    neighbour_name.push(name);
    neighbour_name.push(format!(".{}.part", std::process::id()));
    let neighbour: PathBuf = path.with_file_name(neighbour_name);
    let written = fs::File::create(&neighbour).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&neighbour, path)) {
        let _ = fs::remove_file(&neighbour);
        return Err(failed("be written", error));
    }
    Ok(())
}

/// Creates a folder and those above it.
pub(crate) fn folder(path: &Path) -> Result<(), Stop> {
    fs::create_dir_all(path)
        .map_err(|error| Stop::invalid(format!("{}: cannot be created: {error}", path.display())))
}
