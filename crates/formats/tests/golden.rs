//! Each format against its golden file: what is frozen is read, and written, byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use peermatch_formats::write_csv::Dialect;
use peermatch_formats::{
    Names, read_pack_dir, read_policy, read_roster, schema, write_pack, write_policy_toml,
    write_roster_json,
};
use peermatch_model::policy::{DEFAULT_POLICY_TOML, Policy};
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
    assert_eq!((roster.people().len(), roster.workers().len()), (3, 2));
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
    let json = peermatch_formats::read_roster_json("roster.json", &json).unwrap();
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
    for (name, schema) in
        [("roster.schema.json", schema::roster()), ("policy.schema.json", schema::policy())]
    {
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
