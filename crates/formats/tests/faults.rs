//! More than forty planted faults in one pack, and in one document: one run reports every one of them, each with place, value, reason and fix.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::path::{Path, PathBuf};

use peermatch_formats::read_roster;
use peermatch_model::fault::Faults;

fn faulty(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faulty").join(name)
}

fn faults(name: &str) -> Faults {
    read_roster(&faulty(name)).unwrap().check().unwrap_err()
}

/// Looks for every planted fault, by place and value; the words of reasons and fixes are free to get better.
fn check(input: &str, planted: &str) {
    let found = faults(input);
    let folder = format!("{}/", faulty("").display()).replace("//", "/");
    let mut lines: Vec<String> = Vec::new();
    for fault in &found {
        assert!(!fault.reason.is_empty() && !fault.fix.is_empty(), "{fault}");
        let place = fault.place.as_ref().unwrap_or_else(|| panic!("no place: {fault}"));
        lines.push(format!("{place} `{}`", fault.value).replace(&folder, ""));
    }
    let planted = std::fs::read_to_string(faulty(planted)).unwrap();
    assert!(planted.lines().count() >= 40);
    for fault in planted.lines() {
        let times = lines.iter().filter(|line| *line == fault).count();
        assert_eq!(times, 1, "{fault}\n\n{}", lines.join("\n"));
    }
}

#[test]
fn every_fault_of_a_pack_in_one_run() {
    check("pack", "pack.places.txt");
}

#[test]
fn every_fault_of_a_document_in_one_run() {
    check("roster.json", "roster.places.txt");
}
