//! No bytes make a reader panic, and what a reader takes, its writer gives back.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;

use peermatch_formats::write_csv::{Cell, Dialect, escape_cell, unescape_cell, write_table};
use peermatch_formats::{matching::read_matching, read_pack, read_policy, read_roster_json, text};
use peermatch_model::policy::Policy;
use proptest::prelude::*;

/// Pieces that readers have to tell apart, so that random bytes get past the first character.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"{".to_vec()),
        Just(b"}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b",".to_vec()),
        Just(b":".to_vec()),
        Just(b";".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\\".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"|".to_vec()),
        Just(b"=".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b"\xFF\xFE".to_vec()),
        Just(b"\xE4".to_vec()),
        Just("ā".as_bytes().to_vec()),
        Just(b"\"people\"".to_vec()),
        Just(b"\"taxonomy\"".to_vec()),
        Just(b"\"concepts\"".to_vec()),
        Just(b"\"id\"".to_vec()),
        Just(b"person_id".to_vec()),
        Just(b"wait_since".to_vec()),
        Just(b"03/04/2026".to_vec()),
        Just(b"1e999".to_vec()),
        Just(b"NaN".to_vec()),
        Just(b"null".to_vec()),
        Just(b"-1".to_vec()),
        Just(b"99999999999999999999".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Columns of the required files first, so that rows are reached.
fn table(header: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        pieces(),
        pieces().prop_map(move |rest| [header.as_bytes(), b"\n", &rest].concat()),
        proptest::collection::vec("[a-z0-9/:|;,'=\"é -]{0,12}", 0..60).prop_map(move |cells| {
            format!(
                "{header}\n{}\n",
                cells.chunks(8).map(|row| row.join(",")).collect::<Vec<_>>().join("\n")
            )
            .into_bytes()
        }),
    ]
}

fn never_empty(faults: &peermatch_model::fault::Faults) {
    for fault in faults {
        assert!(!fault.reason.is_empty() && !fault.fix.is_empty(), "{fault:?}");
        assert!(fault.place.is_some(), "{fault:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn roster_json_takes_any_bytes(bytes in pieces()) {
        match read_roster_json("roster.json", &bytes) {
            Err(faults) => { prop_assert!(!faults.is_empty()); never_empty(&faults); }
            Ok(loaded) => if let Err(faults) = loaded.check() { never_empty(&faults) },
        }
    }

    #[test]
    fn roster_json_takes_any_text_in_a_document(json in "[\\[\\]{}:,0-9a-z\"\\\\ \\n]{0,80}") {
        let bytes = format!("{{\"people\":[{{\"id\":{json}}}],\"taxonomy\":{{\"concepts\":[{json}]}}}}");
        if let Ok(loaded) = read_roster_json("roster.json", bytes.as_bytes()) && let Err(faults) = loaded.check() {
            never_empty(&faults);
        }
    }

    #[test]
    fn policy_takes_any_bytes(bytes in pieces(), json in any::<bool>()) {
        let name = if json { "policy.json" } else { "policy.toml" };
        if let Ok((input, places)) = read_policy(name, &bytes)
            && let Err(mut faults) = Policy::check(&input)
        {
            places.locate(&mut faults);
            never_empty(&faults);
        }
    }

    #[test]
    fn packs_take_any_bytes(
        head in prop_oneof![pieces(), Just(b"format = \"peermatch/pack@1\"\nas_of = 2026-11-22\n".to_vec())],
        people in table("person_id,services,wait_since,status,age_band,languages,modes,availability"),
        workers in table("worker_id,services,max_people,modes,availability,languages,paused_until,lat"),
        services in table("service_id,modes"),
        wishes in table("person_id,dimension,direction,values,strength"),
        identity in table("worker_id,dimension,system,value"),
        skills in table("worker_id,kind,code,level,date,expires"),
        minimums in table("worker_id,minimum"),
        taxonomy in proptest::option::of(table("id\tlabel\tparents\tsensitivity\tkind")),
    ) {
        let mut files: BTreeMap<String, Vec<u8>> = [
            ("pack.toml", head), ("people.csv", people), ("workers.csv", workers), ("services.csv", services),
            ("person_preferences.csv", wishes), ("worker_identity.csv", identity), ("worker_skills.csv", skills), ("minimums.csv", minimums),
        ].into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        if let Some(taxonomy) = taxonomy {
            files.insert("taxonomy.tsv".into(), taxonomy);
        }
        match read_pack(&files) {
            Err(faults) => never_empty(&faults),
            Ok(loaded) => if let Err(faults) = loaded.check() { never_empty(&faults) },
        }
    }

    #[test]
    fn matchings_take_any_bytes(bytes in pieces()) {
        if let Err(faults) = read_matching("matching.json", &bytes) {
            never_empty(&faults);
        }
    }

    #[test]
    fn text_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = text::table(&bytes) {
            never_empty(&error.into_faults("a.csv", &bytes));
        }
        if let Err(error) = text::document(&bytes) {
            never_empty(&error.into_faults("a.json", &bytes));
        }
    }

    #[test]
    fn cells_come_back(text in ".{0,12}", guarded in "['=+@\\t\r-]{0,3}[a-z]{0,3}") {
        for text in [text, guarded] {
            let escaped = escape_cell(&text).into_owned();
            prop_assert!(!escaped.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(unescape_cell(&escaped), text);
        }
    }

    #[test]
    fn tables_are_read_by_an_ordinary_reader(rows in proptest::collection::vec(proptest::collection::vec("[ -~\n\r;é]{0,8}", 3), 0..6), separator in prop_oneof![Just(b','), Just(b';'), Just(b'\t')]) {
        let dialect = Dialect { separator, mark: false, crlf: false };
        let bytes = write_table(&["a", "b", "c"], rows.iter().map(|row| row.iter().map(|cell| Cell::from(cell.as_str())).collect()), dialect);
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(bytes.as_slice());
        let found: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(|cell| unescape_cell(cell).to_owned()).collect()).collect();
        prop_assert_eq!(found, rows);
    }
}

#[test]
fn hostile_documents_are_faults() {
    let deep = "[".repeat(100_000);
    let toml_deep = format!("a = {}", "[".repeat(100_000));
    let cases: [&[u8]; 9] = [
        b"",
        b"   \n",
        b"NaN",
        b"{\"people\": [{\"lat\": NaN}]}",
        b"{\"people\": [{\"lat\": 1e999}]}",
        deep.as_bytes(),
        b"[]",
        b"\xFF\xFE{\0}",
        b"{\"a\": \"\xE4\"}",
    ];
    for case in cases {
        never_empty(&read_roster_json("roster.json", case).unwrap_err());
    }
    never_empty(&read_policy("policy.toml", toml_deep.as_bytes()).unwrap_err());
    let many = format!("{{\"people\": [{}0]}}", "0,".repeat(100_000));
    let loaded = read_roster_json("roster.json", many.as_bytes()).unwrap();
    // The last of them says that there are more.
    assert_eq!(loaded.check().unwrap_err().len(), peermatch_model::fault::FAULTS_MAX + 1);
}
