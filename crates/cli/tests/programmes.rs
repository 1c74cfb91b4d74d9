//! What the READMEs of the example programmes show is what the command says, to the byte.
//!
//! A block of kind `console` holds commands (`$ peermatch ...`, with `| head -n N` or `| tail -n N` behind if the output is long), each with its
//! output. After a change of words, `cargo test -p peermatch-cli --test programmes -- --ignored` writes the output anew: read the difference
//! before you commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readmes() -> Vec<PathBuf> {
    let folders =
        fs::read_dir(root().join("examples/programmes")).expect("the programmes are committed");
    let mut found: Vec<PathBuf> = folders
        .map(|entry| entry.expect("an entry can be read").path().join("README.md"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

/// What a command of a README writes to stdout, run from the top of the repository.
fn output(line: &str) -> String {
    let (command, cut) = line.split_once(" | ").unwrap_or((line, ""));
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("peermatch"), "{line}");
    let ran = Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .args(words)
        .current_dir(root())
        .output()
        .expect("the command starts");
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).expect("the command writes UTF-8");
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    let cut: Vec<&str> = cut.split_whitespace().collect();
    let shown = match cut[..] {
        [] => &lines[..],
        ["head", "-n", count] => {
            &lines[..lines.len().min(count.parse().expect("a number of lines"))]
        }
        ["tail", "-n", count] => {
            &lines[lines.len().saturating_sub(count.parse().expect("a number of lines"))..]
        }
        _ => panic!("{line}: neither head nor tail"),
    };
    let mut out = shown.join("\n");
    out.push('\n');
    out
}

/// A README with the output of every command written anew.
fn renewed(readme: &str) -> String {
    let mut out = String::new();
    let (mut in_console, mut first) = (false, false);
    for line in readme.lines() {
        if in_console && line != "```" {
            if let Some(command) = line.strip_prefix("$ ") {
                if !first {
                    out.push('\n');
                }
                first = false;
                write!(out, "$ {command}\n{}", output(command)).expect("text can be written");
            }
            continue;
        }
        in_console = line == "```console";
        first = in_console;
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[test]
fn what_the_readmes_show_is_what_the_command_says() {
    let readmes = readmes();
    assert_eq!(readmes.len(), 3);
    for path in readmes {
        let readme = fs::read_to_string(&path).expect("a README can be read");
        assert!(
            readme.contains("```console\n$ peermatch check"),
            "{}: shows a command",
            path.display()
        );
        let renewed = renewed(&readme);
        let first = readme.lines().zip(renewed.lines()).find(|(shown, said)| shown != said);
        assert!(
            readme == renewed,
            "{}: the command says something else now, first {first:?}. `cargo test -p peermatch-cli --test programmes -- --ignored` writes it anew.",
            path.display()
        );
    }
}

#[test]
#[ignore = "writes the READMEs of the example programmes anew"]
fn write_the_readmes_anew() {
    for path in readmes() {
        let readme = fs::read_to_string(&path).expect("a README can be read");
        fs::write(&path, renewed(&readme)).expect("a README can be written");
    }
}
