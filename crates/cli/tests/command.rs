//! The command as its users run it: what it prints, how it exits, what it leaves behind, and what it does with broken input.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn programmes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes")
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch")).current_dir(folder).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn done(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}\n{}{}", out(&output), err(&output));
    out(&output)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A folder with a copy of the default service in `roster/`.
fn service() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&programmes().join("service/roster"), &folder.path().join("roster"));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn demo_ends_with_a_verified_matching_and_an_explanation_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = done(folder.path(), &["demo", "shown"]);
    assert!(first.lines().any(|line| line.starts_with("verified")), "{first}");
    assert!(first.contains("What was asked:") && first.contains("People decide"), "{first}");
    assert_eq!(first, done(folder.path(), &["demo", "shown"]));
    // What the demo shows can be done by hand on what it wrote.
    let verified = done(folder.path(), &["verify", "shown/roster", "shown/matching.json"]);
    assert!(verified.starts_with("verified"));
}

#[test]
fn demo_overwrites_nothing_of_anybody_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("shown/roster")).unwrap();
    fs::write(folder.path().join("shown/roster/people.csv"), "mine").unwrap();
    let output = run(folder.path(), &["demo", "shown"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("people.csv"));
    assert_eq!(fs::read_to_string(folder.path().join("shown/roster/people.csv")).unwrap(), "mine");
    assert_eq!(
        fs::read_dir(folder.path().join("shown")).unwrap().count(),
        1,
        "nothing else was written"
    );
}

#[test]
fn a_blank_pack_is_right_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["init", "mine"]);
    assert!(done(folder.path(), &["check", "mine"]).starts_with("ok"));
    done(folder.path(), &["match", "mine"]);
    assert!(folder.path().join("mine/paper-form.html").exists());
}

#[test]
fn every_objective_is_matched_and_verified_and_says_what_it_proves() {
    let folder = service();
    let at = folder.path();
    // The service gives one worker a minimum, which rules that serve in turn refuse.
    let refused = run(at, &["match", "roster", "--objective", "serial"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("knows no minimums"), "{}", err(&refused));
    fs::remove_file(at.join("roster/minimums.csv")).unwrap();
    for (objective, proven) in [
        ("max-min", "leaves the worst off better off"),
        ("leximin", "down to the best off"),
        ("nash", "larger product of fits"),
        ("rank-maximal", "first choice"),
        ("stable", "nobody prefers a worker who would prefer them too"),
        ("serial", "by lot"),
        ("first-come", "nothing is best about it"),
        ("greedy", "nothing is best about it"),
        ("random-eligible", "nothing is best about it"),
        ("coordinator", "nothing is best about it"),
    ] {
        let lots = ["serial", "random-eligible", "stable"].contains(&objective);
        let mut match_args = vec!["match", "roster", "--objective", objective, "--out", "m.json"];
        if lots {
            match_args.extend(["--seed", "7"]);
        }
        let table = done(at, &match_args);
        let last = table.lines().last().unwrap();
        assert!(last.starts_with("verified: ") && last.contains(proven), "{last}");
        let document = json(&fs::read_to_string(at.join("m.json")).unwrap());
        assert_eq!(document["policy"]["objective"], objective);
        assert_eq!(document["seed"], if lots { "7" } else { "0" });
        assert!(done(at, &["verify", "roster", "m.json"]).contains(proven));
    }
    // What would change nothing is refused, and so is what has no meaning here.
    for (asked, words) in [
        ("match roster --objective leximin --seed 7", "leximin draws no lots"),
        ("match roster --objective greedy --seed 0", "greedy draws no lots"),
        ("match roster --seed 7", "best-total draws no lots"),
        ("match roster --proposing workers", "Under best-total nobody proposes"),
        ("match roster --objective serial --proposing people", "Under serial nobody proposes"),
        ("match roster --objective stable --grade-step 5", "unexpected argument"),
        ("match roster --objective stable --seed -1", "write a whole number from 0 to"),
        ("match roster --objective stable --seed 1.5", "write a whole number from 0 to"),
        ("compare roster --objectives greedy,nash --seed 7", "None of these objectives draws lots"),
        ("compare roster --objectives greedy,lexmin", "known objectives: best-total, max-min"),
        ("lottery roster --objective leximin", "possible values: best-total, probabilistic-serial"),
        ("lottery roster --denominator -1", "-1 is not in"),
        ("menu roster --size -1", "-1 is not in 2..="),
        ("suggest roster --for P-031 --top -1", "-1 is not in 1..=1000"),
    ] {
        let refused = run(at, &asked.split(' ').collect::<Vec<_>>());
        assert_eq!(refused.status.code(), Some(1), "{asked}: {}", err(&refused));
        assert!(err(&refused).contains(words), "{asked}: {}", err(&refused));
    }
    // A minimum that a rule knows nothing of: told beside the others, and no comparison at all where nothing else was asked for.
    fs::write(at.join("roster/minimums.csv"), "worker_id,minimum\nW-26,1\n").unwrap();
    let some = done(at, &["compare", "roster", "--objectives", "stable,nash"]);
    assert!(some.contains("stable: no matching, so no figures. Objective stable follows a rule that knows no minimums"), "{some}");
    let none = run(at, &["compare", "roster", "--objectives", "stable,serial"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(out(&none).contains("W-26 at least 1"), "{}", out(&none));
    let wrong = run(at, &["match", "roster", "--objective", "fairest"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err(&wrong).contains("leximin") && err(&wrong).contains("coordinator"));
}

#[test]
fn match_verify_and_explain_go_together_in_every_format() {
    let folder = service();
    let at = folder.path();
    let table = done(at, &["match", "roster", "--out", "m.json"]);
    assert!(table.contains("verified"));
    let document = json(&fs::read_to_string(at.join("m.json")).unwrap());
    assert_eq!(document["format"], "peermatch/matching@1");
    assert_eq!(
        done(at, &["match", "roster", "--format", "json"]),
        fs::read_to_string(at.join("m.json")).unwrap()
    );
    let csv = done(at, &["match", "roster", "--format", "csv"]);
    assert_eq!(csv.lines().count(), document["matches"].as_array().unwrap().len() + 1);
    assert_eq!(
        json(&done(at, &["verify", "roster", "m.json", "--format", "json"]))["verified"],
        true
    );
    for audience in ["service-user", "peer-worker", "coordinator", "auditor"] {
        let args = [
            "explain",
            "roster",
            "--user",
            "P-031",
            "--worker",
            "W-07",
            "--matching",
            "m.json",
            "--audience",
            audience,
        ];
        let told = done(at, &args);
        assert!(!told.trim().is_empty());
        let told = json(&done(at, &[&args[..], &["--format", "json"]].concat()));
        assert_eq!(told["audience"], audience);
        assert_eq!(told.to_string().contains("sha256"), audience == "auditor");
    }
    let found =
        json(&done(at, &["suggest", "roster", "--for", "P-031", "--top", "2", "--format", "json"]));
    assert_eq!(found["workers"].as_array().unwrap().len(), 2);
}

#[test]
fn the_bars_of_a_coordinator_add_up_exactly() {
    let folder = service();
    let people: Vec<String> = fs::read_to_string(folder.path().join("roster/people.csv"))
        .unwrap()
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().to_owned())
        .collect();
    for person in people.iter().take(60) {
        let found =
            json(&done(folder.path(), &["suggest", "roster", "--for", person, "--format", "json"]));
        for worker in found["workers"].as_array().unwrap() {
            let bars = worker["bars"].as_array().unwrap();
            let sum: u64 = bars.iter().map(|b| b["points"].as_u64().unwrap()).sum();
            if !worker["nothing_asked"].as_bool().unwrap() {
                assert_eq!(Some(sum), worker["fit"].as_u64(), "{worker}");
            }
        }
    }
}

#[test]
fn any_number_of_threads_prints_the_same() {
    let folder = service();
    let one = done(folder.path(), &["match", "roster", "--format", "json", "--threads", "1"]);
    for threads in ["2", "8"] {
        assert_eq!(
            one,
            done(folder.path(), &["match", "roster", "--format", "json", "--threads", threads])
        );
    }
}

#[test]
fn a_changed_matching_or_roster_fails_the_check() {
    let folder = service();
    let at = folder.path();
    done(at, &["match", "roster", "--out", "m.json"]);
    let right = fs::read_to_string(at.join("m.json")).unwrap();
    let mut document = json(&right);
    let matches = document["matches"].as_array_mut().unwrap();
    let place = matches.iter().position(|m| m["status"] == "proposed").unwrap();
    matches.remove(place);
    fs::write(at.join("changed.json"), document.to_string()).unwrap();
    let output = run(at, &["verify", "roster", "changed.json"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert!(err(&output).starts_with("not verified"));
    assert!(out(&output).is_empty());

    // The same roster on another day is another roster.
    let output = run(at, &["verify", "roster", "m.json", "--as-of", "2026-12-24"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));

    fs::write(at.join("cut.json"), &right[..right.len() / 2]).unwrap();
    let output = run(at, &["verify", "roster", "cut.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(err(&output).contains("cut.json:"), "{}", err(&output));
}

#[test]
fn minimums_and_pins_that_cannot_be_kept_exit_2_in_words() {
    let folder = service();
    let at = folder.path();
    fs::write(at.join("roster/minimums.csv"), "worker_id,minimum\nW-07,9\n").unwrap();
    let output = run(at, &["match", "roster", "--out", "m.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("W-07"), "{}", err(&output));
    assert!(!at.join("m.json").exists(), "nothing is written");
    fs::remove_file(at.join("roster/minimums.csv")).unwrap();
    fs::write(at.join("roster/pins.csv"), "person_id,worker_id,kind\nP-031,W-04,pin\n").unwrap();
    let output = run(at, &["match", "roster"]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("P-031") && err(&output).contains("W-04"), "{}", err(&output));
}

#[test]
fn broken_input_is_told_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("empty")).unwrap();
    fs::write(at.join("empty.json"), "").unwrap();
    fs::write(at.join("broken.json"), "{ \"format\": \"peermatch/roster@1\", }").unwrap();
    fs::write(at.join("image.json"), [0x89, 0x50, 0x4e, 0x47, 0, 0, 0]).unwrap();
    for roster in ["nowhere.json", "empty", "empty.json", "broken.json", "image.json"] {
        for args in
            [vec!["check", roster], vec!["match", roster], vec!["suggest", roster, "--for", "x"]]
        {
            let output = run(at, &args);
            assert_eq!(output.status.code(), Some(1), "{args:?}: {}", err(&output));
            assert!(
                err(&output).contains(roster) && err(&output).contains("Fix:"),
                "{args:?}: {}",
                err(&output)
            );
            assert!(out(&output).is_empty());
        }
    }
    let service = service();
    for args in [
        vec!["suggest", "roster", "--for", "P-0031"],
        vec!["explain", "roster", "--user", "P-031", "--worker", "W-99"],
        vec!["explain", "roster", "--user", "P-031", "--worker", "W-07", "--audience", "neighbour"],
        vec!["match", "roster", "--as-of", "22/11/2026"],
        vec!["match", "roster", "--policy", "nowhere.toml"],
        vec!["match", "roster", "--format", "xml"],
        vec!["match"],
        vec!["dance"],
    ] {
        let output = run(service.path(), &args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", err(&output));
        assert!(!err(&output).is_empty());
    }
}

#[test]
fn help_shows_an_example_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["demo", "init", "check", "match", "suggest", "explain", "verify", "solve"] {
        let help = done(folder.path(), &[command, "--help"]);
        assert!(help.contains("Example"), "{command}: {help}");
    }
}

/// Private words do not reach what a coordinator, a person or a worker is shown, nor errors.
#[test]
fn names_and_private_reasons_stay_where_they_belong() {
    let folder = service();
    let at = folder.path();
    let names = fs::read_to_string(at.join("roster/names.csv")).unwrap();
    let name = |id: &str| {
        names
            .lines()
            .find(|l| l.starts_with(&format!("{id},")))
            .unwrap()
            .split(',')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let pair = ["explain", "roster", "--user", "P-031", "--worker", "W-07", "--audience"];
    let told = |audience: &str| done(at, &[&pair[..], &[audience]].concat());
    assert!(
        told("coordinator").contains(&name("P-031")) && told("coordinator").contains(&name("W-07"))
    );
    assert!(told("service-user").contains(&name("W-07")));
    for audience in ["peer-worker", "auditor"] {
        assert!(
            !told(audience).contains(&name("P-031")) && !told(audience).contains(&name("W-07")),
            "{}",
            told(audience)
        );
    }
    // A matching document names nobody.
    let document = done(at, &["match", "roster", "--format", "json"]);
    assert!(!document.contains(&name("P-031")));
}

#[test]
fn a_result_does_not_go_into_the_pack_that_is_read() {
    let folder = service();
    let at = folder.path();
    let people = fs::read_to_string(at.join("roster/people.csv")).unwrap();
    for out in ["roster/people.csv", "roster/m.json"] {
        let output = run(at, &["match", "roster", "--out", out]);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    }
    assert_eq!(fs::read_to_string(at.join("roster/people.csv")).unwrap(), people);
    assert!(!at.join("roster/m.json").exists());
}

#[test]
fn people_are_found_by_name_and_the_day_of_the_command_line_is_named_as_such() {
    let folder = service();
    let at = folder.path();
    let names = fs::read_to_string(at.join("roster/names.csv")).unwrap();
    let name = names
        .lines()
        .find(|l| l.starts_with("W-07,"))
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .to_owned();
    let by_name = done(at, &["explain", "roster", "--user", "P-031", "--worker", &name]);
    assert_eq!(by_name, done(at, &["explain", "roster", "--user", "P-031", "--worker", "W-07"]));
    let output = run(at, &["suggest", "roster", "--for", "W-07"]);
    assert!(err(&output).contains("is a worker"), "{}", err(&output));
    let output = run(at, &["check", "roster", "--as-of", "22/11/2026"]);
    assert!(
        err(&output).contains("--as-of") && !err(&output).contains("pack.toml"),
        "{}",
        err(&output)
    );
}

#[test]
fn faults_are_told_to_programs_too() {
    let folder = service();
    let at = folder.path();
    fs::write(at.join("roster/minimums.csv"), "worker_id,minimum\nW-99,many\n").unwrap();
    let output = run(at, &["check", "roster", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = json(&out(&output));
    assert_eq!(told["ok"], false);
    let fault = &told["faults"][0];
    assert_eq!(
        (fault["place"]["file"].as_str(), fault["place"]["line"].as_u64()),
        (Some("minimums.csv"), Some(2))
    );
    assert!(fault["reason"].is_string() && fault["fix"].is_string() && fault["value"].is_string());
}

#[test]
fn compare_tells_the_same_in_every_format_and_lists_what_it_knows() {
    let folder = service();
    let with = |more: &[&str]| {
        let args =
            ["compare", "roster", "--objectives", "greedy,best-total,greedy", "--no-minimums"];
        done(folder.path(), &[&args, more].concat())
    };
    let table = with(&[]);
    assert!(table.contains("what a coordinator may see"), "{table}");
    let found = json(&with(&["--format", "json"]));
    let rows = found["rows"].as_array().unwrap();
    let csv = with(&["--format", "csv"]);
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), lines.len()), (2, 3));
    for (row, line) in rows.iter().zip(&lines[1..]) {
        assert_eq!((row["objective"].as_str().unwrap(), line.len()), (line[0], lines[0].len()));
        assert!(table.contains(&format!("│ {} ", line[0])), "{table}");
        for (name, cell) in lines[0].iter().zip(line).skip(1) {
            let figure = &row["figures"][*name];
            assert_eq!(
                figure.as_i64().map(|f| f.to_string()).unwrap_or_default(),
                **cell,
                "{name}"
            );
        }
    }
    let other = with(&["--audience", "auditor", "--format", "json"]);
    assert_ne!(json(&other)["rows"], found["rows"], "an auditor's figures are the full ones");
    for (args, says) in [
        (["--objectives", "fairest"], "rank-maximal"),
        (["--audience", "service-user"], "coordinator or auditor"),
    ] {
        let refused = run(folder.path(), &[&["compare", "roster"][..], &args].concat());
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains(says), "{}", err(&refused));
    }
}

#[test]
fn each_way_to_end_has_its_code() {
    let folder = service();
    done(folder.path(), &["match", "roster", "--out", "matching.json"]);
    let mut changed: Value =
        json(&fs::read_to_string(folder.path().join("matching.json")).unwrap());
    changed["summary"]["matched"] = 21.into();
    fs::write(folder.path().join("changed.json"), changed.to_string()).unwrap();
    for (code, args, says) in [
        (0, &["check", "roster"][..], ""),
        (1, &["check", "nothing"], "no such file or folder"),
        (1, &["match", "roster", "--objective", "stable"], "minimums.csv"),
        (1, &["match", "roster", "--time-limit", "-1"], "number of seconds above 0"),
        (1, &["menu", "roster", "--for", ","], "names nobody"),
        (1, &["menu", "roster", "--mode", "shortlist", "--most-loss", "5"], "shortlist"),
        (
            1,
            &["lottery", "roster", "--objective", "probabilistic-serial", "--cap", "1/3"],
            "--cap goes with",
        ),
        (
            1,
            &["lottery", "roster", "--objective", "probabilistic-serial", "--denominator", "7"],
            "--denominator goes with",
        ),
        (2, &["match", "roster", "--time-limit", "0.000001"], "stopped after"),
        (3, &["verify", "roster", "changed.json"], "not verified"),
    ] {
        let output = run(folder.path(), args);
        let told = err(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains(says) && told.is_empty() == says.is_empty(), "{args:?}: {told}");
    }
    // Where nothing can be written, nothing is taken for done.
    if cfg!(target_os = "linux") {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_peermatch"))
            .current_dir(folder.path())
            .args(["check", "roster"])
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", err(&output));
        assert!(err(&output).contains("cannot write"), "{}", err(&output));
    }
}
