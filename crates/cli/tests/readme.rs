//! The README's commands, run as they stand there: what it shows is the real output.
//!
//! In a block marked `console`, a line that starts with `$ ` is a command and the lines after it are its output; a line `...`
//! stands for any lines. `cargo run --release --` is the command itself. Rust blocks run as doc tests of the root crate.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shown(text: &str) -> Vec<Shown> {
    let mut out: Vec<Shown> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            if let Some(command) = line.strip_prefix("$ ") {
                out.push(Shown { line: number + 1, command: command.to_owned(), output: Vec::new() });
            } else if let Some(last) = out.last_mut() {
                last.output.push(line.to_owned());
            }
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { drop(fs::copy(entry.path(), target).unwrap()) }
    }
}

/// Whether `real` is what `shown` says, `...` standing for any lines.
fn same(shown: &[String], real: &[&str]) -> bool {
    match shown.split_first() {
        None => real.is_empty(),
        Some((line, rest)) if line.trim() == "..." => (0..=real.len()).any(|skipped| same(rest, &real[skipped..])),
        Some((line, rest)) => real.split_first().is_some_and(|(first, others)| first.trim_end() == line.trim_end() && same(rest, others)),
    }
}

fn run_all(document: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/programmes"), &folder.path().join("examples/programmes"));
    let text = fs::read_to_string(document).unwrap();
    let mut ran = 0;
    for shown in shown(&text) {
        let place = format!("{}:{}", document.display(), shown.line);
        let words: Vec<&str> = shown.command.split_whitespace().collect();
        let args: Vec<&str> = match words.as_slice() {
            ["cargo", "run", "--release", "--", args @ ..] | ["peermatch", args @ ..] => args.to_vec(),
            // What the test runner itself does, or another tool of the reader's.
            ["cargo", ..] | ["git", ..] | ["cd", ..] => continue,
            // A small file that a command of the block reads.
            ["cat", name] => {
                fs::write(folder.path().join(name), shown.output.join("\n") + "\n").unwrap();
                continue;
            }
            other => panic!("{place}: what is {other:?}?"),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_peermatch")).current_dir(folder.path()).args(&args).output().unwrap();
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let real: Vec<&str> = all.lines().collect();
        let wanted: Vec<String> = shown.output.iter().rev().skip_while(|l| l.is_empty()).cloned().collect::<Vec<_>>().into_iter().rev().collect();
        assert!(same(&wanted, &real), "{place}: {} shows\n{}\nbut prints\n{all}", shown.command, wanted.join("\n"));
        ran += 1;
    }
    assert!(ran > 0, "{} shows no command", document.display());
}

#[test]
fn readme_shows_what_is_printed() {
    run_all(&root().join("README.md"));
}
