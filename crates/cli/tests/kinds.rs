//! A file of the wrong kind, handed to every command that reads one: which it is and which is wanted, never what a reader of JSON makes of it.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch")).current_dir(folder).args(args).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with one file of each kind, as the commands themselves write them.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let roster = root.join("examples/programmes/service/roster");
    fs::create_dir(at.join("roster")).unwrap();
    for entry in fs::read_dir(roster).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), at.join("roster").join(entry.file_name())).unwrap();
    }
    fs::copy(at.join("roster/pack.toml"), at.join("pack.toml")).unwrap();
    let golden = root.join("crates/formats/tests/golden");
    fs::copy(golden.join("roster.json"), at.join("roster.json")).unwrap();
    fs::copy(golden.join("policy.toml"), at.join("policy.toml")).unwrap();
    fs::write(at.join("edges.csv"), "left,right,score\na,x,10\nb,x,9\n").unwrap();
    fs::write(at.join("capacities.csv"), "right,capacity\nx,1\n").unwrap();
    for (command, stdout) in [
        ("match roster --out matching.json", ""),
        ("match roster --format csv", "table.csv"),
        ("menu roster --for P-031 --out menu.json", ""),
        ("lottery roster --out lottery.json", ""),
        ("handover roster --leaving W-01 --out handover.json", ""),
        ("compare roster --objectives greedy --no-minimums --format json", "compare.json"),
        ("diff roster matching.json matching.json --format json", "diff.json"),
        ("verify roster matching.json --format json", "verify.json"),
        ("suggest roster --for P-031 --format json", "suggest.json"),
        (
            "solve --edges edges.csv --capacities capacities.csv --objective leximin --out raw.csv --certificate certificate.json --stats stats.json",
            "",
        ),
    ] {
        let done = run(at, &command.split(' ').collect::<Vec<_>>());
        assert_eq!(done.status.code(), Some(0), "{command}: {}", told(&done));
        if !stdout.is_empty() {
            fs::write(at.join(stdout), done.stdout).unwrap();
        }
    }
    folder
}

/// Every file, and what it is called.
const FILES: [(&str, &str); 14] = [
    ("roster.json", "a roster"),
    ("pack.toml", "the description of a CSV pack"),
    ("policy.toml", "a policy"),
    ("matching.json", "a matching document"),
    ("menu.json", "a menu document"),
    ("lottery.json", "a lottery document"),
    ("handover.json", "a handover document"),
    ("certificate.json", "the certificate of a raw problem"),
    ("compare.json", "what `peermatch compare --format json` says"),
    ("diff.json", "what `peermatch diff --format json` says"),
    ("verify.json", "what `peermatch verify --format json` says"),
    ("suggest.json", "what `peermatch suggest --format json` says"),
    ("stats.json", "the figures that `peermatch solve --stats` wrote"),
    ("table.csv", "a table"),
];

const CERTIFIED: &str =
    "verify --edges edges.csv --capacities capacities.csv --matching raw.csv --certificate FILE";

/// Every command that reads a document, what it wants, and the files that are that.
const READERS: [(&str, &str, &[&str]); 11] = [
    ("menu roster --read FILE", "a menu document", &["menu.json"]),
    ("choose roster FILE --for P-031 --pick none", "a menu document", &["menu.json"]),
    ("diff roster FILE matching.json", "a matching document", &["matching.json"]),
    ("diff roster matching.json FILE", "a matching document", &["matching.json"]),
    ("match roster --from FILE", "a matching document", &["matching.json"]),
    ("handover roster --verify FILE", "a handover document", &["handover.json"]),
    (
        "verify roster FILE",
        "a matching document or a menu document or a lottery document or a handover document",
        &["matching.json", "menu.json", "lottery.json", "handover.json"],
    ),
    ("check FILE", "a roster", &["roster.json"]),
    ("match roster --policy FILE", "a policy", &["policy.toml"]),
    ("lottery roster --policy FILE", "a policy", &["policy.toml"]),
    (CERTIFIED, "the certificate of a raw problem", &["certificate.json"]),
];

fn ask(at: &Path, reader: &str, file: &str) -> Output {
    let args: Vec<&str> =
        reader.split(' ').map(|word| if word == "FILE" { file } else { word }).collect();
    run(at, &args)
}

#[test]
fn a_file_of_another_kind_is_called_what_it_is() {
    let folder = files();
    let at = folder.path();
    for (reader, wanted, right) in READERS {
        for (file, kind) in FILES {
            let in_a_pack = file == "pack.toml" || file == "table.csv";
            if reader == CERTIFIED && file == "table.csv" || in_a_pack && wanted == "a roster" {
                // A table is a certificate too, that of best-total; and what could be one file of a pack is told as that.
                assert_eq!(ask(at, reader, file).status.code(), Some(1), "{reader} {file}");
                continue;
            }
            let done = ask(at, reader, file);
            let words = told(&done);
            if right.contains(&file) {
                assert_eq!(done.status.code(), Some(0), "{reader} {file}: {words}");
                continue;
            }
            assert_eq!(done.status.code(), Some(1), "{reader} {file}: {words}");
            assert!(done.stdout.is_empty(), "{reader} {file}");
            let wanted = if reader == CERTIFIED && ["pack.toml", "policy.toml"].contains(&file) {
                // What is no JSON is read as the certificate of best-total.
                "a table is wanted here: right,price".to_owned()
            } else {
                format!("{wanted} is wanted here")
            };
            let sentence = format!("{file}: this is {kind}, and {wanted}. Fix: give ");
            assert!(
                words.starts_with("1 fault:\n") && words.contains(&sentence),
                "{reader} {file}: {words}"
            );
        }
    }
}

#[test]
fn what_is_cut_off_or_no_document_is_told_with_its_place() {
    let folder = files();
    let at = folder.path();
    let whole = fs::read_to_string(at.join("matching.json")).unwrap();
    let cut = &whole[..whole.len() / 2];
    fs::write(at.join("cut.json"), cut).unwrap();
    let line = cut.lines().count();
    fs::write(at.join("comma.json"), whole.replacen("\"as_of\": ", "\"as_of\" ", 1)).unwrap();
    fs::write(at.join("words.txt"), "Dear Sam,\nhere is the matching.\n").unwrap();
    fs::write(at.join("empty.json"), "").unwrap();
    fs::write(at.join("bytes.json"), b"{\"format\": \"M\xE4ori\"}").unwrap();
    fs::write(at.join("list.json"), "[1, 2]").unwrap();
    fs::write(at.join("bare.json"), "{}").unwrap();
    fs::write(at.join("number.json"), "{\"format\": 1}").unwrap();
    fs::write(at.join("other.json"), "{\"format\": \"shoes@1\"}").unwrap();
    for (kind, version) in ["matching", "menu", "lottery", "handover"].map(|kind| (kind, "@1\"")) {
        let text = fs::read_to_string(at.join(format!("{kind}.json"))).unwrap();
        let text = text.replacen(&format!("{kind}{version}"), &format!("{kind}@2\""), 1);
        fs::write(at.join(format!("{kind}2.json")), text).unwrap();
    }
    fs::write(at.join("less.json"), whole.replacen("\"as_of\"", "\"as_off\"", 1)).unwrap();
    fs::write(
        at.join("null.json"),
        whole.replacen("\"matches\": [", "\"matches\": null, \"x\": [", 1),
    )
    .unwrap();
    for (file, place, words) in [
        (
            "cut.json",
            format!("cut.json:{line}:"),
            "so it was cut off. Fix: write it again, or copy the whole file",
        ),
        ("comma.json", "comma.json:".to_owned(), "not valid JSON: expected `:`"),
        ("words.txt", "words.txt:1:1: ".to_owned(), "not valid JSON: "),
        ("empty.json", "empty.json: ".to_owned(), "the file is empty"),
        ("bytes.json", "bytes.json:1: ".to_owned(), "the file is not UTF-8"),
        (
            "list.json",
            "list.json: ".to_owned(),
            "this is a list, not a document, and a matching document is wanted here",
        ),
        (
            "bare.json",
            "bare.json:1:1: ".to_owned(),
            "names no format that is known, and a matching document is wanted here",
        ),
        (
            "number.json",
            "number.json:1:12: ".to_owned(),
            "names no format that is known, and a matching document is wanted here",
        ),
        (
            "other.json",
            "other.json: ".to_owned(),
            "`shoes@1`: no format that is known, and a matching document is wanted here",
        ),
        (
            "matching2.json",
            "matching2.json: ".to_owned(),
            "a version that is not known; this release reads peermatch/matching@1",
        ),
        (
            "less.json",
            "less.json:".to_owned(),
            "this is not as a matching document is written: `as_off` is not a known name here",
        ),
        (
            "null.json",
            "null.json:".to_owned(),
            "this is not as a matching document is written: null stands where a value belongs",
        ),
    ] {
        for reader in ["diff roster FILE matching.json", "match roster --from FILE"] {
            let done = ask(at, reader, file);
            let told = told(&done);
            assert_eq!(done.status.code(), Some(1), "{reader} {file}: {told}");
            assert!(
                told.contains(&format!("\n{place}")) && told.contains(words),
                "{reader} {file}: {told}"
            );
            assert!(told.contains("Fix: "), "{told}");
            assert!(!told.contains("invalid type") && !told.contains("EOF"), "{told}");
        }
    }
    for (reader, file, kind) in [
        ("menu roster --read FILE", "menu2.json", "menu"),
        ("choose roster FILE --for P-031 --pick none", "menu2.json", "menu"),
        ("verify roster FILE", "menu2.json", "menu"),
        ("verify roster FILE", "lottery2.json", "lottery"),
        ("verify roster FILE", "handover2.json", "handover"),
        ("handover roster --verify FILE", "handover2.json", "handover"),
    ] {
        let done = ask(at, reader, file);
        let told = told(&done);
        assert_eq!(done.status.code(), Some(1), "{reader}: {told}");
        assert!(
            told.contains(&format!("this release reads peermatch/{kind}@1")),
            "{reader}: {told}"
        );
    }
    // A document for a table says so too.
    for reader in [
        "solve --edges FILE --capacities capacities.csv",
        "solve --edges edges.csv --capacities FILE",
        "solve --edges edges.csv --capacities capacities.csv --demand FILE",
        "verify --edges edges.csv --capacities capacities.csv --matching FILE --certificate certificate.json",
    ] {
        let told = told(&ask(at, reader, "menu.json"));
        assert!(
            told.contains("menu.json: this is a menu document, and a table is wanted here: "),
            "{reader}: {told}"
        );
    }
}
