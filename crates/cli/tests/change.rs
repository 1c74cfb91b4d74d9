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
    let plainly = ["verify", roster, "handover.json"];
    assert_eq!(done(folder.path(), &plainly), done(folder.path(), &args));

    let document = fs::read_to_string(folder.path().join("handover.json")).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&document).unwrap();
    changed["people"][0]["to"] = serde_json::json!(["W-02"]);
    fs::write(folder.path().join("handover.json"), changed.to_string()).unwrap();
    assert_eq!(run(folder.path(), &args).status.code(), Some(3));
    assert_eq!(run(folder.path(), &plainly).status.code(), Some(3));
    fs::write(folder.path().join("handover.json"), "{}").unwrap();
    assert_eq!(run(folder.path(), &args).status.code(), Some(1));

    for wrong in ["W-99", "P-001", "W-01,W-01"] {
        let output = run(folder.path(), &["handover", roster, "--leaving", wrong]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
    }
}

#[test]
fn what_has_no_exact_price_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let roster = roster();
    let policy = fs::read_to_string(roster.parent().unwrap().join("policy.toml")).unwrap();
    let policy = policy.replace("objective = \"best-total\"", "objective = \"leximin\"");
    fs::write(folder.path().join("policy.toml"), policy).unwrap();
    let args = ["suggest", roster.to_str().unwrap(), "--for", "P-031", "--policy", "policy.toml"];
    let output = run(folder.path(), &args);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("is told under objective best-total"), "{told}");
    assert!(!String::from_utf8(output.stdout).unwrap().contains("   Choosing "));
}

#[test]
fn a_handover_claims_what_its_objective_proves_and_needs_no_waiting_list() {
    let folder = tempfile::tempdir().unwrap();
    let roster = roster();
    let roster = roster.to_str().unwrap();
    let shipped =
        fs::read_to_string(Path::new(roster).parent().unwrap().join("policy.toml")).unwrap();
    assert!(shipped.contains("objective = \"best-total\""));
    for (objective, proves) in [
        ("leximin", "down to the best off"),
        ("stable", "nobody prefers a worker who would prefer them too"),
    ] {
        let policy =
            shipped.replace("objective = \"best-total\"", &format!("objective = \"{objective}\""));
        fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let leaving = ["handover", roster, "--leaving", "W-01", "--policy", "policy.toml"];
        let shown = done(folder.path(), &[&leaving[..], &["--out", "handover.json"]].concat());
        assert!(shown.contains(proves) && !shown.contains("is better"), "{shown}");
        // The waiting list has a worker's minimum, of which stable knows nothing.
        let alone = shown.contains("cannot be matched on its own");
        assert_eq!(alone, objective == "stable", "{shown}");
        let verified = done(folder.path(), &["verify", roster, "handover.json"]);
        assert!(verified.contains(proves) && !verified.contains("is better"), "{verified}");
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

#[test]
fn a_diff_says_who_moves_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("roster");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(roster()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    done(folder.path(), &["match", "roster", "--out", "old.json"]);
    let same = done(folder.path(), &["diff", "roster", "old.json", "old.json"]);
    assert!(same.contains("; nobody changed."), "{same}");

    // Whoever the matching proposes to P-031 takes nobody any more.
    let old = fs::read_to_string(folder.path().join("old.json")).unwrap();
    let old: serde_json::Value = serde_json::from_str(&old).unwrap();
    let of = |document: &serde_json::Value| {
        let found = document["matches"].as_array().unwrap().iter();
        found.clone().find(|m| m["person_id"] == "P-031").map(|m| m["worker_id"].clone())
    };
    let worker = of(&old).unwrap();
    let worker = worker.as_str().unwrap();
    let people = fs::read_to_string(copy.join("pins.csv")).unwrap();
    fs::write(copy.join("pins.csv"), format!("{}\nP-031,{worker},exclude\n", people.trim_end()))
        .unwrap();
    done(folder.path(), &["match", "roster", "--out", "new.json"]);
    let told = done(folder.path(), &["diff", "roster", "old.json", "new.json", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let change = told["changes"].as_array().unwrap().iter().find(|c| c["person_id"] == "P-031");
    let change = change.unwrap();
    assert_eq!(change["from"][0], worker);
    assert!(change["why"].as_str().unwrap().contains("cannot be matched any more"), "{change}");
    assert_eq!(told["same_roster"], false);
    // The earlier one was not made from this roster.
    let output = run(folder.path(), &["diff", "roster", "new.json", "old.json"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_matching_from_an_earlier_one_says_what_changes_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("roster");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(roster()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(folder.path().join(name)).unwrap()).unwrap()
    };
    let shown = done(folder.path(), &["match", "roster", "--out", "old.json"]);
    assert!(!shown.contains("Incremental"), "{shown}");
    let old = read("old.json");
    assert!(old.get("from").is_none());

    // P-031 may not walk with whom the matching proposed.
    let rows = old["matches"].as_array().unwrap();
    let worker = rows.iter().find(|m| m["person_id"] == "P-031").unwrap()["worker_id"].clone();
    let worker = worker.as_str().unwrap();
    let pins = fs::read_to_string(copy.join("pins.csv")).unwrap();
    fs::write(copy.join("pins.csv"), format!("{}\nP-031,{worker},exclude\n", pins.trim_end()))
        .unwrap();
    let from = ["match", "roster", "--from", "old.json", "--out", "new.json"];
    let shown = done(folder.path(), &from);
    done(folder.path(), &["match", "roster", "--out", "fresh.json"]);
    let (new, fresh) = (read("new.json"), read("fresh.json"));
    let (moved, earlier) = (&new["from"]["moved"], new["from"]["earlier"].as_object().unwrap());
    assert!(moved.as_u64().unwrap() >= 1 && earlier["P-031"] == worker);
    let line = format!(
        "Incremental: {moved} of {} earlier proposals change; a fresh run may place people differently at the same total.\n",
        earlier.len()
    );
    assert!(shown.contains(&line), "{shown}");
    assert!(shown.contains("none as good changes fewer earlier proposals"), "{shown}");
    assert_eq!(new["certificate"]["total_cost"], fresh["certificate"]["total_cost"]);
    assert!(fresh.get("from").is_none());
    let verified = done(folder.path(), &["verify", "roster", "new.json"]);
    assert!(verified.contains("none as good changes fewer earlier proposals"), "{verified}");
    assert!(!done(folder.path(), &["verify", "roster", "fresh.json"]).contains("changes fewer"));

    // What is changed is refused.
    let mut changed = new.clone();
    changed["from"]["moved"] = serde_json::json!(moved.as_u64().unwrap() - 1);
    fs::write(folder.path().join("changed.json"), changed.to_string()).unwrap();
    let output = run(folder.path(), &["verify", "roster", "changed.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("earlier proposals that change"));

    // People who are no longer there are left out, and that is said.
    let mut gone = old.clone();
    gone["matches"].as_array_mut().unwrap().push(serde_json::json!({
        "person_id": "P-gone", "worker_id": worker, "status": "proposed", "fit": 0
    }));
    fs::write(folder.path().join("gone.json"), gone.to_string()).unwrap();
    let output = run(folder.path(), &["match", "roster", "--from", "gone.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("1 earlier match left out"), "{output:?}");

    // Other objectives, and files that are no matching.
    let leximin = ["match", "roster", "--from", "old.json", "--objective", "leximin"];
    let output = run(folder.path(), &leximin);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is for objective best-total"), "{output:?}");
    fs::write(folder.path().join("wrong.json"), "{}").unwrap();
    let output = run(folder.path(), &["match", "roster", "--from", "wrong.json"]);
    assert_eq!(output.status.code(), Some(1));
    let output =
        run(folder.path(), &["match", "roster", "--from", "old.json", "--out", "old.json"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_place_more_serves_who_it_is_said_to_serve() {
    let folder = tempfile::tempdir().unwrap();
    let shipped =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/housing/roster.json");
    let mut roster: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(shipped).unwrap()).unwrap();
    let write = |roster: &serde_json::Value| {
        fs::write(folder.path().join("roster.json"), roster.to_string()).unwrap();
    };
    write(&roster);
    let told = done(folder.path(), &["match", "roster.json"]);
    let line = told.lines().find(|line| line.starts_with("One place more with ")).unwrap();
    let worker = line.split_whitespace().nth(4).unwrap();
    assert!(line.ends_with("would serve one more person, who has waited 41 days."), "{line}");
    let matched = |told: &str| -> u32 {
        told.strip_prefix("Matched: ").unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    for row in roster["workers"].as_array_mut().unwrap() {
        if row["id"] == worker {
            row["max_people"] = (row["max_people"].as_u64().unwrap() + 1).into();
        }
    }
    write(&roster);
    let more = done(folder.path(), &["match", "roster.json"]);
    assert_eq!(matched(&more), matched(&told) + 1);
    // Where nobody waits for a place, nothing is said of one.
    for row in roster["workers"].as_array_mut().unwrap() {
        row["max_people"] = 99.into();
    }
    write(&roster);
    assert!(!done(folder.path(), &["match", "roster.json"]).contains("One place more"));
}
