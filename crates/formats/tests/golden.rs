//! Each format against its golden file: what is frozen is read, and written, byte for byte.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use peermatch_core::pair::Context;
use peermatch_core::report::{MATCHING_FORMAT, policy_of, verify};
use peermatch_formats::edges;
use peermatch_formats::matching::{matching_csv, matching_json, read_matching};
use peermatch_formats::pack::PACK_FORMAT;
use peermatch_formats::write_csv::Dialect;
use peermatch_formats::{
    Names, read_pack_dir, read_policy, read_roster, read_roster_json, schema, write_pack,
    write_policy_toml, write_roster_json,
};
use peermatch_model::policy::{DEFAULT_POLICY_TOML, POLICY_FORMAT, Policy};
use peermatch_model::raw::ROSTER_FORMAT;
use peermatch_model::taxonomy::{SHIPPED_TSV, Taxonomy};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn pack_files() -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(golden("pack")).unwrap();
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

#[test]
fn the_golden_roster_checks_and_is_written_as_it_was() {
    let loaded = read_roster(&golden("roster.json")).unwrap();
    let roster = loaded.check().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((roster.people().len(), roster.workers().len()), (4, 2));
    let written = String::from_utf8(write_roster_json(loaded.input(), None)).unwrap();
    for (number, (written, golden)) in
        written.lines().zip(text(&golden("roster.json")).lines()).enumerate()
    {
        assert_eq!(written, golden, "line {}", number + 1);
    }
    assert_eq!(written.len(), text(&golden("roster.json")).len());
}

#[test]
fn the_golden_pack_is_the_same_roster() {
    let json = read_roster(&golden("roster.json")).unwrap();
    let pack = read_roster(&golden("pack")).unwrap();
    pack.check().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(pack.input(), json.input());
    assert_eq!(pack.names().of("w2"), Some("'Ofa"));
    assert_eq!(pack.names().of("=p3"), None);
}

#[test]
fn the_golden_pack_is_written_as_it_was() {
    let loaded = read_pack_dir(&golden("pack")).unwrap();
    let written = write_pack(loaded.input(), None, loaded.names(), Dialect::PLAIN).unwrap();
    let expected = pack_files();
    assert_eq!(written.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &written {
        assert_eq!(
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&expected[name]),
            "{name}: if this change is meant, `cargo run -p peermatch-formats --example golden` writes the pack again"
        );
    }
}

#[test]
fn a_taxonomy_goes_the_whole_round() {
    let loaded = read_roster(&golden("roster.json")).unwrap();
    let taxonomy = Taxonomy::shipped().to_input();
    let files =
        write_pack(loaded.input(), Some(&taxonomy), &Names::default(), Dialect::PLAIN).unwrap();
    let pack = peermatch_formats::read_pack(&files).unwrap();
    assert_eq!(pack.taxonomy(), Some(&taxonomy));
    assert_eq!(pack.check_taxonomy().unwrap().to_input(), taxonomy);
    let json = write_roster_json(loaded.input(), Some(&taxonomy));
    let json = read_roster_json("roster.json", &json).unwrap();
    assert_eq!(json.taxonomy(), Some(&taxonomy));
    assert_eq!(json.input(), loaded.input());
    assert!(SHIPPED_TSV.starts_with("id\tlabel\tparents\t"));
}

#[test]
fn the_golden_policy_is_the_shipped_one_and_goes_the_whole_round() {
    let bytes = std::fs::read(golden("policy.toml")).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), DEFAULT_POLICY_TOML);
    let (input, _) = read_policy("policy.toml", &bytes).unwrap();
    assert_eq!(Policy::check(&input).unwrap(), Policy::shipped());
    let written = write_policy_toml(&input).unwrap();
    let (again, _) = read_policy("policy.toml", written.as_bytes()).unwrap();
    assert_eq!(again, input);
    let json = serde_json::to_vec(&input).unwrap();
    let (again, _) = read_policy("policy.json", &json).unwrap();
    assert_eq!(again, input);
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    for (name, schema) in schema::all() {
        let found = text(&folder.join(name));
        assert!(
            found == schema::published(&schema),
            "{name} is not the schema of the types; if the change is meant, `cargo run -p peermatch-formats --example schema` writes it again"
        );
    }
}

#[test]
fn the_golden_documents_are_valid_under_the_schemas_and_slips_are_not() {
    let roster = jsonschema::validator_for(&schema::roster()).unwrap();
    let mut document: serde_json::Value =
        serde_json::from_str(&text(&golden("roster.json"))).unwrap();
    let errors: Vec<String> =
        roster.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    document["taxonomy"] = serde_json::to_value(Taxonomy::shipped().to_input()).unwrap();
    assert!(roster.is_valid(&document));
    document["people"][0]["needs_lif"] = true.into();
    assert!(!roster.is_valid(&document));

    let policy = jsonschema::validator_for(&schema::policy()).unwrap();
    let (input, _) = read_policy("policy.toml", DEFAULT_POLICY_TOML.as_bytes()).unwrap();
    let mut document = serde_json::to_value(&input).unwrap();
    assert!(policy.is_valid(&document));
    document["coverage"] = "fastest".into();
    assert!(!policy.is_valid(&document));
}

#[test]
fn the_page_names_every_table_and_column() {
    let page = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md"));
    for sheet in peermatch_formats::pack::sheets::ALL {
        let columns: Vec<String> = sheet
            .columns
            .iter()
            .map(|column| format!("`{}`{}", column.name, if column.required { "*" } else { "" }))
            .collect();
        let row = format!("| `{}` | {} | {} |", sheet.file, sheet.row, columns.join(" "));
        assert!(page.contains(&row), "docs/formats.md has no row like this:\n{row}");
    }
    for format in [ROSTER_FORMAT, PACK_FORMAT, POLICY_FORMAT, MATCHING_FORMAT] {
        assert!(page.contains(format), "{format}");
    }
}

#[test]
fn the_documents_of_the_page_are_right() {
    let page = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md"));
    let block = |language: &str| {
        let start = page.find(&format!("```{language}\n")).unwrap() + language.len() + 4;
        &page[start..start + page[start..].find("```").unwrap()]
    };
    let json = read_roster_json("roster.json", block("json").as_bytes()).unwrap();
    assert_eq!(json.check().unwrap_or_else(|faults| panic!("{faults}")).people().len(), 1);
    let mut files = pack_files();
    files.insert("pack.toml".into(), block("toml").into());
    peermatch_formats::read_pack(&files)
        .unwrap()
        .check()
        .unwrap_or_else(|faults| panic!("{faults}"));
}

#[test]
fn the_golden_matching_is_read_verified_and_written_as_it_was() {
    let bytes = std::fs::read(golden("matching.json")).unwrap();
    let document = read_matching("matching.json", &bytes).unwrap();
    assert_eq!(
        String::from_utf8(matching_json(&document)).unwrap(),
        String::from_utf8(bytes).unwrap()
    );
    assert_eq!(matching_csv(&document.matches), std::fs::read(golden("matching.csv")).unwrap());

    let schema = jsonschema::validator_for(&schema::matching()).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&serde_json::to_value(&document).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");

    let again = "if this change is meant, `peermatch match crates/formats/tests/golden/roster.json --out ...` writes it again";
    let policy = policy_of(&document).unwrap_or_else(|error| panic!("{error}; {again}"));
    for roster in ["roster.json", "pack"] {
        let roster = read_roster(&golden(roster)).unwrap().check().unwrap();
        let context = Context::new(&roster, &policy);
        verify(&context, &document).unwrap_or_else(|error| panic!("{error}; {again}"));
    }
}

#[test]
fn what_is_not_a_matching_has_a_place() {
    let faults = read_matching("m.json", b"{\n  \"format\": 1\n}").unwrap_err().to_string();
    assert!(faults.starts_with("m.json:2:13: this names no format that is known"), "{faults}");
    let bare = b"{\n  \"format\": \"peermatch/matching@1\"\n}";
    let faults = read_matching("m.json", bare).unwrap_err().to_string();
    assert!(
        faults.starts_with("m.json:3:1: this is not as a matching document is written: `"),
        "{faults}"
    );
}

#[test]
fn the_golden_edges_are_a_proven_matching_and_written_as_they_were() {
    let bytes = |name: &str| std::fs::read(golden("edges").join(name)).unwrap();
    let (edges, capacities) = (bytes("edges.csv"), bytes("capacities.csv"));
    let raw = edges::read_raw(
        ("edges.csv", &edges),
        ("capacities.csv", &capacities),
        edges::Coverage::Total,
    )
    .unwrap();
    let matching = edges::read_matching(&raw, "matching.csv", &bytes("matching.csv")).unwrap();
    let prices =
        edges::read_certificate(&raw, "certificate.csv", &bytes("certificate.csv")).unwrap();
    assert_eq!(edges::write_matching(&raw, &matching), bytes("matching.csv"));
    assert_eq!(edges::write_certificate(&raw, &prices), bytes("certificate.csv"));
    let problem = raw.problem();
    let verified =
        peermatch_assignment::check(problem.frame(), problem.pairs(), &matching, &prices).unwrap();
    assert_eq!(verified.assigned(), 3);
}
