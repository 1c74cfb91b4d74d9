//! Change over time, as its users run it.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn roster() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster")
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch")).current_dir(folder).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn done(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}\n{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_handover_is_written_verified_and_refused_when_changed() {
    let folder = tempfile::tempdir().unwrap();
    let roster = roster();
    let roster = roster.to_str().unwrap();
    let shown = done(
        folder.path(),
        &["handover", roster, "--leaving", "W-01,Marijke", "--out", "handover.json"],
    );
    assert!(
        shown.starts_with("Leaving: Dean (W-01), Marijke (W-05). 16 people to hand over"),
        "{shown}"
    );
    assert!(shown.contains("fewer from the waiting list"), "{shown}");
    let args = ["handover", roster, "--verify", "handover.json"];
    assert!(done(folder.path(), &args).starts_with("verified"));

    let document = fs::read_to_string(folder.path().join("handover.json")).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&document).unwrap();
    changed["people"][0]["to"] = serde_json::json!(["W-02"]);
    fs::write(folder.path().join("handover.json"), changed.to_string()).unwrap();
    assert_eq!(run(folder.path(), &args).status.code(), Some(3));
    fs::write(folder.path().join("handover.json"), "{}").unwrap();
    assert_eq!(run(folder.path(), &args).status.code(), Some(1));

    for wrong in ["W-99", "P-001", "W-01,W-01"] {
        let output = run(folder.path(), &["handover", roster, "--leaving", wrong]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
    }
}

#[test]
fn suggestions_say_what_choices_cost_others_unless_told_not_to() {
    let folder = tempfile::tempdir().unwrap();
    let roster = roster();
    let roster = roster.to_str().unwrap();
    let with = done(folder.path(), &["suggest", roster, "--for", "P-031"]);
    let without = done(folder.path(), &["suggest", roster, "--for", "P-031", "--no-costs"]);
    let rest: Vec<&str> = with.lines().filter(|line| !line.starts_with("   Choosing ")).collect();
    assert_eq!(rest, without.lines().collect::<Vec<_>>());
    assert!(with.lines().count() > without.lines().count());
}
