//! What spreadsheets really write: every variant of one pack gives the same roster, and what could mean two things fails loudly.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;
use std::path::Path;

use peermatch_formats::write_csv::Dialect;
use peermatch_formats::{Loaded, read_pack, write_pack};
use peermatch_model::fault::Faults;

type Files = BTreeMap<String, Vec<u8>>;

fn golden() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pack");
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

fn loaded(files: &Files) -> Loaded {
    let loaded = read_pack(files).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(loaded.faults().is_empty(), "{}", loaded.faults());
    loaded
}

/// The golden pack with every table changed by `change`.
fn changed(mut change: impl FnMut(&str) -> Vec<u8>) -> Files {
    let tables =
        |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| extension == "csv");
    golden()
        .into_iter()
        .map(|(name, bytes)| {
            if tables(&name) {
                (name, change(&String::from_utf8(bytes).unwrap()))
            } else {
                (name, bytes)
            }
        })
        .collect()
}

fn same(files: &Files, what: &str) {
    let (found, expected) = (loaded(files), loaded(&golden()));
    assert_eq!(found.input(), expected.input(), "{what}");
    assert_eq!(found.names(), expected.names(), "{what}");
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn encodings() {
    same(&changed(|text| format!("\u{feff}{text}").into_bytes()), "byte-order mark");
    same(&changed(|text| utf16(text, u16::to_le_bytes)), "UTF-16, little end first");
    same(&changed(|text| utf16(text, u16::to_be_bytes)), "UTF-16, big end first");
    // Windows-1252 has no macrons, so a pack without them.
    let plain = |text: &str| text.replace('ā', "â").replace('Ō', "Ô");
    let utf8 = loaded(&changed(|text| plain(text).into_bytes()));
    let windows =
        loaded(&changed(|text| encoding_rs::WINDOWS_1252.encode(&plain(text)).0.into_owned()));
    assert_eq!(windows.input(), utf8.input());
}

#[test]
fn separators_and_line_ends() {
    let input = loaded(&golden());
    for (separator, what) in [(b';', "semicolons"), (b'\t', "tabs")] {
        let dialect = Dialect { separator, mark: true, crlf: true };
        same(&write_pack(input.input(), None, input.names(), dialect).unwrap(), what);
    }
    same(&changed(|text| text.replace('\n', "\r\n").into_bytes()), "CR LF");
    same(&changed(|text| text.replace('\n', "\r").into_bytes()), "CR");
    same(&changed(|text| text.trim_end().to_owned().into_bytes()), "no line end at the end");
    same(&changed(|text| format!("sep=,\r\n{text}").into_bytes()), "sep=");
}

#[test]
fn empty_rows_and_columns_and_spaces() {
    same(
        &changed(|text| format!("\n{}\n,,,\n\n,,,,\n", text.replace('\n', "\n\n")).into_bytes()),
        "empty rows",
    );
    same(&changed(|text| text.replace('\n', ",,\n").into_bytes()), "empty columns at the end");
    same(
        &changed(|text| {
            text.replace(",yes", ",\u{a0}TRUE ").replace(",no\n", ",FALSE\n").into_bytes()
        }),
        "TRUE and FALSE, no-break spaces",
    );
    same(
        &changed(|text| text.replacen("person_id", " Person_ID ", 1).into_bytes()),
        "a header in capitals",
    );
    let mut files = golden();
    let people = files.remove("people.csv").unwrap();
    files.insert("People.CSV".into(), people);
    for name in [
        "README.md",
        "policy.toml",
        "notes.txt",
        "form.html",
        ".~lock.people.csv#",
        "~$people.csv",
        "logo.png",
    ] {
        files.insert(name.into(), b"\0\xff".to_vec());
    }
    same(&files, "other files beside it");
}

#[test]
fn an_age_band_that_became_a_date() {
    let with = |band: &str| {
        let mut files = golden();
        let people = String::from_utf8(files["people.csv"].clone()).unwrap().replace("18-24", band);
        files.insert("people.csv".into(), people.into_bytes());
        loaded(&files)
    };
    assert_eq!(with("15-Dec").input(), with("12-15").input());
    assert_eq!(with("Dec-15").input(), with("12-15").input());
}

#[test]
fn day_first_dates_and_decimal_commas() {
    let mut files = golden();
    let input = loaded(&files);
    for separator in [b';', b'\t'] {
        let dialect = Dialect { separator, mark: true, crlf: true };
        files = write_pack(input.input(), None, input.names(), dialect).unwrap();
        for (name, from, to) in [
            ("pack.toml", "2026-11-22", "22/11/2026"),
            ("people.csv", "2026-04-23", "23/04/2026"),
            ("people.csv", "-43.53", "-43,53"),
            ("workers.csv", "2025-02-01", "2025-02-01"),
            ("workers.csv", "2027-12-31", "31.12.2027"),
            ("workers.csv", "172.6", "172,6"),
            ("worker_skills.csv", "2024-06-30", "30/6/2024"),
            ("conflicts.csv", "2027-01-31", "31-1-2027"),
        ] {
            let text = String::from_utf8(files[name].clone()).unwrap();
            assert!(text.contains(from), "{from} in {text}");
            files.insert(name.into(), text.replace(from, to).into_bytes());
        }
        same(&files, "dates and numbers of another country");
    }
}

#[test]
fn the_day_of_the_run_is_never_guessed() {
    let at = "pack.toml:2:9: `03/04/2026`: this date could be 3 April or 4 March 2026. Fix: write 2026-04-03 or 2026-03-04";
    assert_eq!(one("pack.toml", "2026-11-22", "03/04/2026"), at);
    let said = one("pack.toml", "\"2026-11-22\"", "22/11/2026 # today");
    assert!(
        said.starts_with("pack.toml:2:") && said.ends_with("Fix: write it as 2026-11-22"),
        "{said}"
    );
    let said = one("pack.toml", "\"2026-11-22\"", "22 November");
    assert!(said.ends_with("write it as year-month-day, such as 2026-11-22"), "{said}");
    let said = one("pack.toml", "\"2026-11-22\"", "20261122");
    assert!(said.contains("`20261122`: this is not a day"), "{said}");
}

#[test]
fn a_language_without_a_level_is_one_fault() {
    let said = one("people.csv", "mi:prefer|en:need", "mi:prefer|English");
    assert_eq!(
        said,
        "people.csv:2:12 (languages): `English`: this language has no level. Fix: write it as `en:need`: the language's tag, and need, prefer or can"
    );
    let said = one("workers.csv", "nzs:whole", "nzs");
    assert!(said.contains("`nzs`") && said.contains("write it as `nzs:whole`"), "{said}");
}

#[test]
fn names_are_short_and_on_one_line() {
    for name in ["\u{1b}[31mTama", "\"Ta\nma\"", "\u{202e}amaT"] {
        let said = one("names.csv", "Tama", name);
        assert!(said.contains("names.csv:3:2 (name)") && said.contains("control"), "{said}");
        assert!(!said.contains('\u{1b}') && !said.contains('\n'), "{said:?}");
    }
    assert!(one("names.csv", "Tama", &"a".repeat(101)).contains("at most 100 characters"));
}

fn faults_after(name: &str, from: &str, to: &str) -> Faults {
    let mut files = golden();
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    files.insert(name.into(), text.replace(from, to).into_bytes());
    match read_pack(&files) {
        Ok(loaded) => loaded.check().expect_err("a fault"),
        Err(faults) => faults,
    }
}

fn one(name: &str, from: &str, to: &str) -> String {
    let faults = faults_after(name, from, to);
    assert_eq!(faults.len(), 1, "{faults}");
    faults.to_string()
}

#[test]
fn what_could_mean_two_things_fails_loudly() {
    assert_eq!(
        one("people.csv", "2026-04-23", "03/04/2026"),
        "people.csv:2:3 (wait_since): `03/04/2026`: this date could be 3 April or 4 March 2026. Fix: write 2026-04-03 or 2026-03-04"
    );
    assert!(one("people.csv", "2026-04-23", "04/23/2026").contains("never month first"));
    assert!(one("worker_skills.csv", "2024-06-30", "30/06/24").contains("two digits"));
    assert!(
        one("people.csv", "172.63", "\"172,63\"").contains("people.csv:2:8 (lon): `172,63`"),
        "the comma is the separator here"
    );
}

#[test]
fn shapes_that_are_wrong_have_a_place() {
    assert!(
        one("pins.csv", "kind", "knd").starts_with("pins.csv:1"),
        "a missing column stops the file; the slip names it"
    );
    assert!(
        one("names.csv", "w1,Tama", "w1,Tama,x")
            .starts_with("names.csv:3:3: `x`: this row has more cells")
    );
    assert!(one("names.csv", "w1,Tama", "w1").starts_with("names.csv:3: this row has 1 cells"));
    let short = one(
        "people.csv",
        "Mon 09:00-12:00|Wed 13:00-17:00,Pacific/Auckland,housing|whanau_relationships,emotional",
        "Mon 9",
    );
    assert!(
        short.starts_with("people.csv:2: this row has 16 cells, the line of column names has 19."),
        "reported once, and nobody of it is unknown: {short}"
    );
    assert!(
        faults_after("names.csv", "id,name", "id,name,name")
            .to_string()
            .starts_with("names.csv:1:3: `name`: this column is there twice")
    );
    assert!(one("names.csv", "Tama", "\"Tama").starts_with("names.csv:3: a quote opens here"));
    assert!(one("names.csv", "Tama", "\"Ta\"ma").starts_with("names.csv:3: text follows"));
    assert!(
        one("person_identity.csv", "p1,iwi", "p7,iwi")
            .starts_with("person_identity.csv:3:1 (person_id): `p7`: no service user has this id")
    );
    assert!(one("worker_identity.csv", "age_band", "ageband").contains("did you mean `age_band`?"));
    assert!(
        one("worker_skills.csv", "competence,", "competense,")
            .contains("did you mean `competence`?")
    );
    assert!(
        one("worker_identity.csv", "21111", "2111")
            .starts_with("worker_identity.csv:4:4 (value): `ethnicity:2111`")
    );
    assert!(one("pack.toml", "zone", "zones").contains("pack.toml:3:9: `zones`"));
    assert!(one("pack.toml", "pack@1", "pack@9").starts_with("pack.toml:1:10: `peermatch/pack@9`"));
}

#[test]
fn a_slip_in_a_files_name_is_seen() {
    let mut files = golden();
    let preferences = files.remove("person_preferences.csv").unwrap();
    files.insert("person_preference.csv".into(), preferences);
    let faults = read_pack(&files).unwrap().check().unwrap_err();
    assert!(faults.to_string().starts_with("person_preference.csv: there is no such file in a pack. Fix: did you mean `person_preferences.csv`?"), "{faults}");
    files.remove("person_preference.csv");
    files.remove("people.csv");
    let faults = read_pack(&files).unwrap().check().unwrap_err();
    assert_eq!(faults.len(), 1, "rows of the other files are not reported as nobody's: {faults}");
}

#[test]
fn a_folder_that_is_not_a_pack_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.xlsx"), b"PK").unwrap();
    let faults = peermatch_formats::read_roster(folder.path()).unwrap_err().to_string();
    assert!(
        faults.contains("is not a pack: it holds no pack.toml (it holds people.xlsx)"),
        "{faults}"
    );
    assert!(faults.contains("peermatch init DIR"), "{faults}");
    assert!(faults.starts_with(&folder.path().display().to_string()), "{faults}");
    let missing =
        peermatch_formats::read_roster(&folder.path().join("nothing")).unwrap_err().to_string();
    assert!(missing.contains("there is no such file or folder"), "{missing}");
}

#[test]
fn a_broken_file_stops_alone() {
    let mut files = golden();
    files.insert("names.csv".into(), b"id,name\n\"p1,x\n".to_vec());
    files.insert("codes.csv".into(), b"PK\0\x01\xff".to_vec());
    let people = String::from_utf8(files["people.csv"].clone()).unwrap();
    let people = people.replace("2026-04-23", "03/04/2026").replace("on_hold", "on_hld");
    files.insert("people.csv".into(), people.into_bytes());
    let faults = read_pack(&files).unwrap().check().unwrap_err();
    let places: Vec<String> =
        faults.iter().map(|fault| fault.place.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        places,
        ["codes.csv:1", "names.csv:2", "people.csv:2:3 (wait_since)", "people.csv:3:4 (status)"],
        "values are still checked, and codes that were not read are not reported as unknown"
    );
}

#[test]
fn a_missing_file_is_one_fault() {
    for name in ["people.csv", "workers.csv", "services.csv"] {
        let mut files = golden();
        files.remove(name);
        let faults = read_pack(&files).unwrap().check().unwrap_err();
        assert_eq!(faults.len(), 1, "{faults}");
        assert!(
            faults.to_string().starts_with(&format!("{name}: this file is missing")),
            "{faults}"
        );
    }
}
