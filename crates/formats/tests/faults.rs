//! More than forty planted faults in one pack, and in one document: one run reports every one of them, each with place, value, reason and fix.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::path::{Path, PathBuf};

use peermatch_formats::{read_policy, read_roster};
use peermatch_model::fault::Faults;
use peermatch_model::policy::Policy;

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

#[test]
fn faults_of_a_policy_have_their_places_in_both_forms() {
    let toml = "format = \"peermatch/policy@1\"\nname = \"n\"\nversion = \"1\"\n\n[criteria]\ngender = { weight = 5 }\n\n[rules]\nmeeting_minutes = 5\n";
    let json = "{\"format\": \"peermatch/policy@1\", \"name\": \"n\", \"version\": \"1\",\n \"criteria\": {\"gender\": {\"weight\": 5}},\n \"rules\": {\"meeting_minutes\": 5}}";
    for (file, text, expected) in [
        ("policy.toml", toml, ["policy.toml:6:10", "policy.toml:9:19"]),
        ("policy.json", json, ["policy.json:2:25", "policy.json:3:31"]),
    ] {
        let (input, places) = read_policy(file, text.as_bytes()).unwrap();
        let mut faults = Policy::check(&input).unwrap_err();
        places.locate(&mut faults);
        let found: Vec<String> =
            faults.iter().map(|fault| fault.place.as_ref().unwrap().to_string()).collect();
        assert_eq!(found, expected, "{faults}");
    }
}
