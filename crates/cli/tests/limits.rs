//! `--time-limit` and Ctrl-C: a command that is not done stops soon, says so, and writes nothing.
//!
//! What can take long is made to take for ever: a named pipe that nobody writes to is a file that is never read to its end.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Generous: the machine may be busy. What is aimed at is 250 ms.
const SOON: Duration = Duration::from_secs(5);

fn start(folder: &Path, args: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .args(args.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The exit code and standard error of a child that must end soon.
fn end(mut child: Child) -> (Option<i32>, String) {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > SOON {
            child.kill().unwrap();
            panic!("still running after {SOON:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A raw problem whose edges never come.
fn endless() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.csv"), "right,capacity\nw,1\n").unwrap();
    let made = Command::new("mkfifo").arg(folder.path().join("e.csv")).status().unwrap();
    assert!(made.success());
    folder
}

const SOLVE: &str = "solve --edges e.csv --capacities c.csv --out m.csv --certificate p.csv";

#[test]
fn at_the_time_limit_nothing_is_written() {
    let folder = endless();
    let begun = Instant::now();
    let (code, words) = end(start(folder.path(), &format!("{SOLVE} --time-limit 0.2")));
    assert!(begun.elapsed() >= Duration::from_millis(200), "not before its time");
    assert_eq!(code, Some(2));
    assert_eq!(
        words,
        "stopped after 0.2 s as asked by --time-limit; nothing was proven, so nothing was written\n"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the two inputs alone");
}

#[test]
fn a_solve_that_takes_longer_than_its_limit_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut edges = String::from("left,right,score\n");
    let mut state = 1_u64;
    for left in 0..30_000 {
        for right in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (right, score) = (right * 25 + (state >> 33) % 25, (state >> 40) % 1_000_001);
            writeln!(edges, "u{left},w{right},{score}").unwrap();
        }
    }
    let mut capacities = String::from("right,capacity\n");
    for right in 0..300 {
        writeln!(capacities, "w{right},80").unwrap();
    }
    fs::write(folder.path().join("e.csv"), edges).unwrap();
    fs::write(folder.path().join("c.csv"), capacities).unwrap();
    let (code, words) = end(start(folder.path(), &format!("{SOLVE} --time-limit 0.03")));
    assert_eq!(code, Some(2), "{words}");
    assert!(words.starts_with("stopped after 0.03 s"), "{words}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the two inputs alone");
}

#[test]
fn ctrl_c_stops_and_writes_nothing() {
    let folder = endless();
    let child = start(folder.path(), SOLVE);
    // Opens when the command opens its end: from then on it waits for edges.
    let writer = OpenOptions::new().write(true).open(folder.path().join("e.csv")).unwrap();
    interrupt(&child);
    let (code, words) = end(child);
    assert_eq!(code, Some(2));
    assert_eq!(words, "stopped by Ctrl-C; nothing was proven, so nothing was written\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the two inputs alone");
    drop(writer);
}

#[test]
fn a_result_that_is_being_written_is_finished_unless_ctrl_c_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    // More than a pipe holds, so that the command waits for its reader in the middle of the result.
    let mut edges = String::from("left,right,score\n");
    for left in 0..30_000 {
        writeln!(edges, "somebody-{left:05},w,1").unwrap();
    }
    fs::write(folder.path().join("e.csv"), edges).unwrap();
    fs::write(folder.path().join("c.csv"), "right,capacity\nw,30000\n").unwrap();
    for twice in [false, true] {
        let mut child = start(folder.path(), "solve --edges e.csv --capacities c.csv");
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0]).unwrap();
        interrupt(&child);
        std::thread::sleep(Duration::from_millis(400));
        assert!(child.try_wait().unwrap().is_none(), "one Ctrl-C lets it finish");
        if twice {
            interrupt(&child);
            assert_eq!(end(child).0, Some(2));
        } else {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            assert_eq!(rest.lines().count(), 30_001);
            assert_eq!(end(child).0, Some(0));
        }
    }
}

#[test]
fn a_limit_in_time_changes_nothing_and_one_without_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("e.csv"), "left,right,score\na,w,1\n").unwrap();
    fs::write(folder.path().join("c.csv"), "right,capacity\nw,1\n").unwrap();
    let (code, _) = end(start(folder.path(), &format!("--time-limit 60 {SOLVE}")));
    assert_eq!(code, Some(0));
    for wrong in ["0", "-3", "soon"] {
        let (code, words) = end(start(folder.path(), &format!("{SOLVE} --time-limit={wrong}")));
        assert_eq!(code, Some(1), "{words}");
        assert!(words.contains("seconds"), "{words}");
    }
}
