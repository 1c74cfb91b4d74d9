//! The binary on raw problems: exit codes, files, words.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const EDGES: &str =
    "left,right,score\nAroha,w1,900000\nAroha,w2,800000\nTama,w1,850000\nMere,w2,100\nMere,w1,5\n";
const CAPACITIES: &str = "right,capacity,minimum\nw1,1,0\nw2,1,0\n";

fn run(folder: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .args(args.split(' '))
        .output()
        .unwrap()
}

fn folder(edges: &str, capacities: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("e.csv"), edges).unwrap();
    fs::write(folder.path().join("c.csv"), capacities).unwrap();
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const SOLVE: &str = "solve --edges e.csv --capacities c.csv";
const FILES: &str = "--out m.csv --certificate p.csv --stats s.json";
const VERIFY: &str = "verify --edges e.csv --capacities c.csv --matching m.csv --certificate p.csv";

#[test]
fn the_matching_goes_to_standard_output_or_to_its_file() {
    let folder = folder(EDGES, CAPACITIES);
    let done = run(folder.path(), SOLVE);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(text(&done.stdout), "left,right\nAroha,w2\nTama,w1\n");
    assert!(text(&done.stderr).contains("total score 1650000"), "{}", text(&done.stderr));

    let done = run(folder.path(), &format!("{SOLVE} {FILES}"));
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(
        fs::read_to_string(folder.path().join("m.csv")).unwrap(),
        "left,right\nAroha,w2\nTama,w1\n"
    );
    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    let keys: Vec<&str> = stats.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "lefts",
            "rights",
            "edges",
            "assigned",
            "objective",
            "status",
            "read_s",
            "solve_s",
            "verify_s",
            "peak_rss_mib"
        ]
    );
    assert_eq!(stats["lefts"], 3);
    assert_eq!(stats["edges"], 5);
    assert_eq!(stats["assigned"], 2);
    assert_eq!(stats["objective"], 1_650_000);
    assert_eq!(stats["status"], "optimal");
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 5, "nothing half-written stays: {left:?}");
}

/// What an outsider adds up from the files alone.
#[test]
fn the_certificate_adds_up_without_this_program() {
    let folder = folder(EDGES, "right,capacity,minimum\nw1,2,0\nw2,2,2\n");
    assert_eq!(run(folder.path(), &format!("{SOLVE} {FILES}")).status.code(), Some(0));
    let rows = |name: &str| -> Vec<Vec<String>> {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let number = |text: &str| text.parse::<i64>().unwrap();
    let price = |right: &str| number(&rows("p.csv").iter().find(|row| row[0] == right).unwrap()[1]);
    let mut bound = 0;
    for left in ["Aroha", "Tama", "Mere"] {
        let gains = rows("e.csv")
            .into_iter()
            .filter(|row| row[0] == left)
            .map(|row| number(&row[2]) - price(&row[1]));
        bound += gains.max().unwrap().max(0);
    }
    for row in rows("c.csv") {
        let price = price(&row[0]);
        bound += price * number(&row[if price >= 0 { 1 } else { 2 }]);
    }
    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    assert_eq!(stats["objective"], bound);
    assert_eq!(bound, 800_000 + 850_000 + 100);
}

#[test]
fn most_serves_as_many_as_can_be() {
    let edges = "left,right,score\na,w,1000000\na,x,0\nb,w,1\n";
    let folder = folder(edges, "right,capacity\nw,1\nx,1\n");
    assert_eq!(text(&run(folder.path(), SOLVE).stdout), "left,right\na,w\n");
    let most = run(folder.path(), &format!("{SOLVE} --coverage most {FILES}"));
    assert_eq!(most.status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("m.csv")).unwrap(), "left,right\na,x\nb,w\n");
    // Without a word on what was asked, the proof says which it is.
    let said = |args: &str| {
        let done = run(folder.path(), args);
        (done.status.code(), text(&done.stdout))
    };
    for args in [VERIFY.to_owned(), format!("{VERIFY} --coverage most")] {
        let (code, words) = said(&args);
        assert_eq!(code, Some(0));
        assert!(words.contains("no matching serves more"), "{words}");
    }
    assert_eq!(said(&format!("{VERIFY} --coverage total")).0, Some(3), "it is not the best total");
    assert_eq!(run(folder.path(), &format!("{SOLVE} {FILES}")).status.code(), Some(0));
    let (code, words) = said(VERIFY);
    assert_eq!(code, Some(0));
    assert!(words.contains("no matching is better"), "{words}");
    assert_eq!(said(&format!("{VERIFY} --coverage most")).0, Some(3), "it does not serve the most");
}

/// Whatever is named as a result, what is read is not lost, and a link or a device stays what it is.
#[test]
fn results_destroy_nothing() {
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    for outputs in ["--out e.csv", "--certificate c.csv", "--out m.csv --certificate m.csv"] {
        let done = run(at, &format!("{SOLVE} {outputs}"));
        assert_eq!(done.status.code(), Some(1), "{outputs}");
        assert!(!text(&done.stderr).is_empty());
    }
    assert_eq!(fs::read_to_string(at.join("e.csv")).unwrap(), EDGES);
    assert_eq!(fs::read_to_string(at.join("c.csv")).unwrap(), CAPACITIES);
    #[cfg(unix)]
    {
        fs::write(at.join("real.csv"), "old").unwrap();
        std::os::unix::fs::symlink("real.csv", at.join("link.csv")).unwrap();
        assert_eq!(run(at, &format!("{SOLVE} --out link.csv")).status.code(), Some(0));
        assert!(fs::symlink_metadata(at.join("link.csv")).unwrap().is_symlink());
        assert!(fs::read_to_string(at.join("real.csv")).unwrap().starts_with("left,right"));
    }
}

#[test]
fn one_of_a_thing_is_told_as_one() {
    let folder = folder("left,right,score\na,w,5\n", "right,capacity\nw,1\n");
    let done = run(folder.path(), &format!("{SOLVE} {FILES}"));
    assert_eq!(
        text(&done.stdout).lines().next(),
        Some("1 of 1 left has a place at 1 right; total score 5. Proven best over 1 edge.")
    );
}

#[test]
fn the_order_of_rows_changes_no_byte() {
    let one = folder(EDGES, CAPACITIES);
    let other = folder(
        "score;left;right\n5;Mere;w1\n850000;Tama;w1\n800000;Aroha;w2\n100;Mere;w2\n900000;Aroha;w1\n",
        "right,capacity\nw2,1\nw1,1\n",
    );
    for folder in [&one, &other] {
        assert_eq!(run(folder.path(), &format!("{SOLVE} {FILES}")).status.code(), Some(0));
    }
    for name in ["m.csv", "p.csv"] {
        assert_eq!(
            fs::read(one.path().join(name)).unwrap(),
            fs::read(other.path().join(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = folder(EDGES, CAPACITIES);
    let mut written = Vec::new();
    for threads in [1, 2, 8] {
        let done = run(folder.path(), &format!("--threads {threads} {SOLVE} {FILES}"));
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        written.push(["m.csv", "p.csv"].map(|name| fs::read(folder.path().join(name)).unwrap()));
    }
    assert!(written.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn verify_accepts_what_solve_wrote_and_nothing_else() {
    let folder = folder(EDGES, CAPACITIES);
    assert_eq!(run(folder.path(), &format!("{SOLVE} {FILES}")).status.code(), Some(0));
    let done = run(folder.path(), VERIFY);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).starts_with("verified: 2 of 3 lefts"), "{}", text(&done.stdout));
    for (matching, code, says) in [
        ("left,right\nAroha,w1\nMere,w2\n", 3, "nothing is better"),
        ("left,right\nAroha,w1\nTama,w1\n", 3, "`w1` has 2 lefts but only 1 place"),
        ("left,right\nTama,w2\n", 3, "`Tama` and `w2` are no edge"),
        ("left,right\nAroha,w9\n", 1, "m.csv:2:2 (right): `w9`"),
        ("left\n", 1, "the column `right` is missing"),
    ] {
        fs::write(folder.path().join("m.csv"), matching).unwrap();
        let done = run(folder.path(), VERIFY);
        assert_eq!(done.status.code(), Some(code), "{matching}");
        assert!(text(&done.stderr).contains(says), "{}", text(&done.stderr));
        assert!(done.stdout.is_empty());
    }
}

#[test]
fn minimums_out_of_reach_are_told_by_id_and_nothing_is_matched() {
    let folder = folder(EDGES, "right,capacity,minimum\nw1,5,2\nw2,5,2\n");
    let done = run(folder.path(), &format!("{SOLVE} {FILES}"));
    assert_eq!(done.status.code(), Some(2));
    let words = text(&done.stderr);
    assert!(words.contains("`w1`, `w2` must have 4 lefts between them, but only 3 have an edge to them: `Aroha`, `Mere`, `Tama`"), "{words}");
    assert!(!folder.path().join("m.csv").exists() && !folder.path().join("p.csv").exists());
    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    assert_eq!(stats["status"], "infeasible");
    assert!(stats["assigned"].is_null());
}

#[test]
fn faults_of_both_files_are_told_at_once() {
    let folder = folder("left,right,score\na,w,x\na,w7,1\n", "right,capacity\nw,-1\n");
    let done = run(folder.path(), SOLVE);
    assert_eq!(done.status.code(), Some(1));
    let words = text(&done.stderr);
    for says in [
        "3 faults",
        "c.csv:2:2 (capacity): `-1`",
        "e.csv:2:3 (score): `x`",
        "e.csv:3:2 (right): `w7`",
    ] {
        assert!(words.contains(says), "{words}");
    }
    let done = run(folder.path(), "solve --edges no.csv --capacities nor.csv");
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("no.csv") && text(&done.stderr).contains("nor.csv"));
}
