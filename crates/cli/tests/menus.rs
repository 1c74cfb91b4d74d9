//! Menus and lotteries from the command line: made, answered, verified, refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

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

fn ends(folder: &Path, code: i32, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{}{}", out(&output), err(&output));
    err(&output)
}

/// A folder with a copy of the default service in `roster/`.
fn service() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
    let to = folder.path().join("roster");
    fs::create_dir_all(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    folder
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn menus<'v>(document: &'v Value, kind: &str) -> Vec<&'v Value> {
    let menus = document["menus"].as_array().unwrap().iter();
    menus.filter(|menu| menu["kind"] == kind).collect()
}

fn options(menu: &Value) -> Vec<String> {
    let options = menu["options"].as_array().unwrap().iter();
    options.map(|option| option["worker_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn safe_menus_are_made_verified_answered_and_changed() {
    let service = service();
    let folder = service.path();
    let told = done(folder, &["menu", "roster", "--out", "menu.json"]);
    assert!(told.contains("every pick can be kept") && told.contains("A pick is a wish"), "{told}");
    assert!(told.contains("W-26. Choice cannot promise that"), "{told}");
    assert!(done(folder, &["verify", "roster", "menu.json"]).starts_with("verified: "));

    let document = read(folder, "menu.json");
    let safe = menus(&document, "safe");
    let menu = safe.iter().find(|menu| options(menu).len() > 1).unwrap();
    let (person, picked) = (menu["person_id"].as_str().unwrap(), options(menu)[1].clone());
    let told = done(
        folder,
        &[
            "choose",
            "roster",
            "menu.json",
            "--for",
            person,
            "--pick",
            &picked,
            "--out",
            "next.json",
        ],
    );
    assert!(told.contains(&format!("picked {picked}")) || told.contains("picked "), "{told}");
    assert!(done(folder, &["verify", "roster", "next.json"]).contains("1 answer"));
    assert_eq!(read(folder, "menu.json"), document, "the first state stands");
    // The place that is free again makes somebody else's live menu.
    let open =
        |document: &Value| menus(document, "live").iter().map(|m| options(m).len()).sum::<usize>();
    assert!(open(&read(folder, "next.json")) >= open(&document));

    let again = ["choose", "roster", "next.json", "--for", person, "--pick", "none"];
    assert!(ends(folder, 1, &again).contains("answered already"));
    done(folder, &[&again[..], &["--change", "--out", "none.json"]].concat());
    done(folder, &["verify", "roster", "none.json"]);

    let live = menus(&document, "live").into_iter().find(|menu| options(menu).is_empty()).unwrap();
    let waits = live["person_id"].as_str().unwrap();
    let refused =
        ends(folder, 1, &["choose", "roster", "menu.json", "--for", waits, "--pick", &picked]);
    assert!(refused.contains("no option just now"), "{refused}");
    done(
        folder,
        &[
            "choose",
            "roster",
            "menu.json",
            "--for",
            waits,
            "--pick",
            "later",
            "--out",
            "later.json",
        ],
    );
    done(folder, &["verify", "roster", "later.json"]);
    assert!(
        ends(folder, 1, &["choose", "roster", "menu.json", "--for", person]).contains("--pick")
    );
}

#[test]
fn who_changes_their_mind_is_shown_the_ballot_again() {
    let service = service();
    let folder = service.path();
    done(folder, &["menu", "roster", "--out", "menu.json"]);
    let document = read(folder, "menu.json");
    let safe = menus(&document, "safe");
    let menu = safe.iter().find(|menu| options(menu).len() > 1).unwrap();
    let (person, all) = (menu["person_id"].as_str().unwrap(), options(menu));
    let choose = |file: &'static str| ["choose", "roster", file, "--for", person];
    assert!(
        ends(folder, 1, &[&choose("menu.json")[..], &["--change"]].concat())
            .contains("no answer to take back")
    );
    let pick = ["--pick", &all[0], "--out", "next.json"];
    done(folder, &[&choose("menu.json")[..], &pick].concat());
    done(folder, &[&choose("next.json")[..], &["--change", "--out", "back.json"]].concat());
    let back = read(folder, "back.json");
    let again = menus(&back, "safe").into_iter().find(|m| m["person_id"] == person).unwrap();
    assert_eq!(options(again), all, "nobody else has picked");
    done(folder, &["verify", "roster", "back.json"]);
    let sheets =
        done(folder, &["menu", "roster", "--read", "back.json", "--audience", "service-user"]);
    assert!(sheets.contains("You changed your mind. That is fine."), "{sheets}");
    let both = ["--pick", "none", "--rank", "W-03"];
    assert!(
        ends(folder, 1, &[&choose("menu.json")[..], &both].concat()).contains("cannot be used")
    );
}

#[test]
fn a_sheet_has_words_and_both_other_answers_and_no_rank() {
    let service = service();
    let folder = service.path();
    let sheet = done(folder, &["menu", "roster", "--audience", "service-user", "--seed", "5"]);
    for words in ["None of these.", "Ask me later.", "no particular order", "You choose."] {
        assert!(sheet.contains(words), "{words}: {sheet}");
    }
    assert!(!sheet.contains('%'), "{sheet}");
    let one = done(folder, &["menu", "roster", "--for", "P-031", "--audience", "service-user"]);
    assert!(one.contains("(for P-031)") && !one.contains("-----"), "{one}");
    assert_eq!(
        sheet,
        done(folder, &["menu", "roster", "--audience", "service-user", "--seed", "5"])
    );
}

#[test]
fn what_was_changed_or_belongs_to_another_roster_is_refused() {
    let service = service();
    let folder = service.path();
    done(folder, &["menu", "roster", "--mode", "live", "--out", "menu.json"]);
    let mut document = read(folder, "menu.json");
    document["certificate"]["now"]["total_cost"] = "0".into();
    fs::write(folder.join("changed.json"), document.to_string()).unwrap();
    assert!(ends(folder, 3, &["verify", "roster", "changed.json"]).contains("total"));
    ends(folder, 3, &["choose", "roster", "changed.json", "--for", "P-031", "--pick", "none"]);
    ends(folder, 3, &["verify", "roster", "menu.json", "--as-of", "2026-11-30"]);
    fs::write(folder.join("broken.json"), "{\"format\": \"peermatch/menu@1\"}").unwrap();
    assert!(
        ends(folder, 1, &["verify", "roster", "broken.json"])
            .contains("not as a menu document is written")
    );
    assert!(ends(folder, 1, &["menu", "roster", "--for", "P-999"]).contains("P-999"));
}

#[test]
fn shortlists_are_ranked_and_resolved() {
    let service = service();
    let folder = service.path();
    done(
        folder,
        &["menu", "roster", "--for", "P-031,P-191", "--mode", "shortlist", "--out", "lists.json"],
    );
    let document = read(folder, "lists.json");
    let menu = menus(&document, "shortlist")
        .into_iter()
        .find(|m| m["person_id"] == "P-031")
        .unwrap()
        .clone();
    let ranks = options(&menu).join(",");
    assert!(
        ends(folder, 1, &["choose", "roster", "lists.json", "--for", "P-031", "--pick", "W-03"])
            .contains("--rank")
    );
    done(
        folder,
        &[
            "choose",
            "roster",
            "lists.json",
            "--for",
            "P-031",
            "--rank",
            &ranks,
            "--out",
            "ranked.json",
        ],
    );
    let told =
        done(folder, &["choose", "roster", "ranked.json", "--resolve", "--out", "resolved.json"]);
    assert!(told.contains("proposed"), "{told}");
    done(folder, &["verify", "roster", "resolved.json"]);
}

#[test]
fn a_lottery_is_drawn_logged_and_verified() {
    let service = service();
    let folder = service.path();
    let args = ["lottery", "roster", "--cap", "1/2", "--seed", "7", "--out", "lottery.json"];
    let told = done(folder, &[&args[..], &["--log", "chances.csv"]].concat());
    assert!(told.contains("People decide") && !told.contains("/60 chance"), "{told}");
    assert!(done(folder, &["verify", "roster", "lottery.json"]).starts_with("verified: "));
    let promised = done(folder, &["lottery", "roster", "--seed", "7", "--commit"]);
    assert_eq!(read(folder, "lottery.json")["commitment"], promised.trim());

    // Another program can evaluate the log: chances are at most 1 each person, and who was drawn had one.
    let log = fs::read_to_string(folder.join("chances.csv")).unwrap();
    let mut lines = log.lines();
    assert_eq!(lines.next(), Some("person_id,worker_id,numerator,denominator,drawn"));
    let mut sums = std::collections::BTreeMap::new();
    let mut drawn = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let (numerator, denominator): (u64, u64) =
            (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        assert_eq!(denominator, 60);
        *sums.entry(cells[0].to_owned()).or_insert(0) += numerator;
        if cells[4] == "1" {
            assert!(numerator > 0, "{line}");
            drawn += 1;
        }
    }
    assert!(sums.values().all(|sum| *sum <= 60) && drawn > 5);

    done(folder, &[&args[..7], &["again.json", "--log", "chances.jsonl"]].concat());
    assert_eq!(
        fs::read(folder.join("again.json")).unwrap(),
        fs::read(folder.join("lottery.json")).unwrap()
    );
    let lines = fs::read_to_string(folder.join("chances.jsonl")).unwrap();
    assert_eq!(lines.lines().count() + 1, log.lines().count());
    serde_json::from_str::<Value>(lines.lines().next().unwrap()).unwrap();

    let mut document = read(folder, "lottery.json");
    document["seed"] = 8.into();
    fs::write(folder.join("changed.json"), document.to_string()).unwrap();
    assert!(ends(folder, 3, &["verify", "roster", "changed.json"]).contains("commitment"));
    assert!(ends(folder, 1, &["lottery", "roster", "--cap", "3/2"]).contains("at most 1"));
    // A worker of this service must be given people, which neither eating nor deferred acceptance can promise: what was asked for has no
    // meaning here, whatever the roster leaves, so both are invalid input and say where the minimum stands.
    for asked in [
        ["lottery", "roster", "--objective", "probabilistic-serial"],
        ["match", "roster", "--objective", "stable"],
    ] {
        let told = ends(folder, 1, &asked);
        assert!(told.contains("W-26") && told.contains("minimums.csv"), "{told}");
    }
}

#[test]
fn an_answer_shows_the_sheet_of_who_answered_alone_with_names() {
    let folder = service();
    let folder = folder.path();
    done(folder, &["menu", "roster", "--mode", "shortlist", "--out", "lists.json"]);
    let document: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("lists.json")).unwrap()).unwrap();
    let menu = document["menus"].as_array().unwrap().iter();
    let menu = menu.clone().find(|m| m["options"].as_array().unwrap().len() > 1).unwrap();
    let person = menu["person_id"].as_str().unwrap();
    let worker = menu["options"][0]["worker_id"].as_str().unwrap();
    let args = ["choose", "roster", "lists.json", "--for", person, "--rank", worker];
    let sheet = done(folder, &[&args[..], &["--audience", "service-user"]].concat());
    assert_eq!(sheet.matches("Who could walk with you?").count(), 1, "{sheet}");
    assert!(sheet.contains(&format!("(for {person})")), "{sheet}");
    assert!(sheet.contains(&format!("({worker})")), "the name beside the id: {sheet}");
    let resolve =
        |from: &str, to: &str| run(folder, &["choose", "roster", from, "--resolve", "--out", to]);
    assert_eq!(resolve("lists.json", "resolved.json").status.code(), Some(0));
    let again = resolve("resolved.json", "again.json");
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("resolved already"), "{}", err(&again));
    assert!(!folder.join("again.json").exists());
}
