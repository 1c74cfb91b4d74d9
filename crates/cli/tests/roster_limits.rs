//! Limits on the command line, the whole round: match, verify, a file that was changed, limits that cannot be kept, names nobody knows.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn peermatch(folder: &Path, args: &str) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .args(args.split(' '))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Adds columns to a table whose cells hold no line ends.
fn widen(file: &Path, header: &str, cells: impl Fn(usize, &str) -> String) {
    let mut out = String::new();
    for (at, line) in fs::read_to_string(file).unwrap().lines().enumerate() {
        let id = line.split(',').next().unwrap();
        let more = if at == 0 { header.to_owned() } else { cells(at, id) };
        writeln!(out, "{line},{more}").unwrap();
    }
    fs::write(file, out).unwrap();
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} stands in the file");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The default service with two teams, three loads, and a policy with every limit.
fn service() -> tempfile::TempDir {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service");
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster");
    fs::create_dir(&roster).unwrap();
    for file in fs::read_dir(from.join("roster")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), roster.join(file.file_name())).unwrap();
    }
    widen(&roster.join("workers.csv"), "load_max,team", |at, id| {
        let load = match id {
            "W-07" => "9",
            "W-12" => "11.5",
            "W-26" => "4.5",
            _ => "",
        };
        format!("{load},{}", if at % 2 == 1 { "north" } else { "south" })
    });
    let contacts = ["weekly", "fortnightly", "monthly", "group", ""];
    widen(&roster.join("people.csv"), "contact", |at, _| contacts[(at - 1) % 5].to_owned());
    fs::write(roster.join("limits.csv"), "kind,id,new_people_max\nteam,north,5\nteam,south,9\n")
        .unwrap();
    let mut policy = fs::read_to_string(from.join("policy.toml")).unwrap();
    policy.push_str(
        "\n[limits]\nnew_starts_per_week = 1\nweeks = 3\nculture_load_max = 1\n\n[[floors]]\nlanguage = \"en\"\nmean_fit_percent = 60\n",
    );
    fs::write(folder.path().join("p.toml"), policy).unwrap();
    folder
}

const MATCH: &str = "match roster --policy p.toml --out m.json";

#[test]
fn matched_under_limits_shown_and_verified() {
    let service = service();
    let (code, shown, notes) = peermatch(service.path(), MATCH);
    assert_eq!(code, Some(0), "{notes}");
    for words in [
        "Matched: 14 of 47 people",
        "the limits leave no room where there is a",
        "│ team       ┆ north                                ┆ 5    ┆ 5 ",
        "person more be matched.",
        "Without these limits 20 would be matched instead of 14: 6 people more.",
        "Start in week 3: ",
        "verified: the checker agrees that no other matching that keeps the limits is better under this policy.",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    // How much culture load each worker has is in the document, and in no table: beside a match it would say what two people share.
    assert!(shown.contains("at most 1 new person who asked for their culture"), "{shown}");
    assert!(!shown.contains("│ culture load"), "{shown}");
    assert!(!shown.contains("price of waiting"), "nobody waits for a price where there is none");
    let (code, verified, notes) = peermatch(service.path(), "verify roster m.json");
    assert_eq!(code, Some(0), "{notes}");
    assert!(verified.starts_with("verified: 14 of 47 people matched;"), "{verified}");
    // The same again, to the byte.
    let first = fs::read(service.path().join("m.json")).unwrap();
    assert_eq!(peermatch(service.path(), MATCH).0, Some(0));
    assert_eq!(fs::read(service.path().join("m.json")).unwrap(), first);

    let document: Value = serde_json::from_slice(&first).unwrap();
    let limits = document["limits"]["limits"].as_array().unwrap();
    let sum = |team: &str| limits.iter().find(|line| line["of"] == team).unwrap()["used"].clone();
    assert_eq!((sum("north"), sum("south")), (json!(5), json!(9)));
    assert!(
        limits.iter().any(|line| line["kind"] == "floor" && line["used"].as_i64() >= Some(600_000))
    );
}

#[test]
fn a_document_that_was_changed_is_not_verified() {
    let service = service();
    assert_eq!(peermatch(service.path(), MATCH).0, Some(0));
    let text = fs::read_to_string(service.path().join("m.json")).unwrap();
    let honest: Value = serde_json::from_str(&text).unwrap();
    let changes: [(&str, Value); 7] = [
        ("/limits/bound", json!("2358938")),
        ("/limits/total_cost", json!("2358938")),
        ("/limits/more_people_at_most", json!(1)),
        ("/limits/limits/0/limit", json!(2)),
        ("/limits/limits/0/used", json!(1)),
        ("/limits/start_weeks/0/week", json!(1)),
        ("/limits/certificate/cost/scale", json!(3)),
    ];
    for (place, value) in changes {
        let mut document = honest.clone();
        let member = document.pointer_mut(place).unwrap();
        assert_ne!(*member, value, "{place}");
        *member = value;
        fs::write(service.path().join("x.json"), document.to_string()).unwrap();
        let (code, _, words) = peermatch(service.path(), "verify roster x.json");
        assert_eq!(code, Some(3), "{place}: {words}");
        assert!(words.starts_with("not verified: "), "{place}: {words}");
    }
    // Without its limits it says less than was asked.
    let mut document = honest;
    document.as_object_mut().unwrap().remove("limits");
    fs::write(service.path().join("x.json"), document.to_string()).unwrap();
    assert_eq!(peermatch(service.path(), "verify roster x.json").0, Some(3));
    // A tighter limit than it was made under.
    change(&service.path().join("roster/limits.csv"), "north,5", "north,4");
    assert_eq!(peermatch(service.path(), "verify roster m.json").0, Some(3));
}

#[test]
fn limits_that_cannot_be_kept_end_in_words() {
    let cases = [
        (
            "p.toml",
            "weeks = 3",
            "weeks = 2",
            "Worker W-26 is to be given at least 3 new people, but the limits leave 2.",
        ),
        (
            "roster/limits.csv",
            "south,9",
            "south,2",
            "The limits cannot all be kept together with the minimums and pins.",
        ),
        (
            "p.toml",
            "percent = 60",
            "percent = 99",
            "Lower a floor: nobody is left waiting in order to raise a mean.",
        ),
    ];
    for (file, from, to, words) in cases {
        let service = service();
        change(&service.path().join(file), from, to);
        let (code, _, notes) = peermatch(service.path(), MATCH);
        assert_eq!(code, Some(2), "{to}: {notes}");
        assert!(notes.contains(words), "{to}: {notes}");
        assert!(!service.path().join("m.json").exists(), "{to}");
    }
}

#[test]
fn what_nobody_knows_or_means_is_refused() {
    let cases = [
        (
            "roster/limits.csv",
            "team,north,5",
            "team,nroth,5",
            "limits.csv:2:2 (id): `nroth`: no worker has this team.",
        ),
        ("roster/limits.csv", "team,north", "tram,north", "did you mean `team`?"),
        ("roster/limits.csv", "north,5", "north,-5", "limits.csv:2:3 (new_people_max): `-5`"),
        ("p.toml", "weeks = 3", "wekes = 3", "`wekes` is not a known name here."),
        (
            "p.toml",
            "language = \"en\"",
            "system = \"ethnicity\"\ncode = \"nope\"",
            "the roster's codes have no such code",
        ),
        (
            "p.toml",
            "objective = \"best-total\"",
            "objective = \"max-min\"",
            "are kept under objective best-total, not under max-min.",
        ),
    ];
    for (file, from, to, words) in cases {
        let service = service();
        change(&service.path().join(file), from, to);
        let (code, _, notes) = peermatch(service.path(), MATCH);
        assert_eq!(code, Some(1), "{to}: {notes}");
        assert!(notes.contains(words), "{to}: {notes}");
        assert!(!service.path().join("m.json").exists(), "{to}");
    }
}
