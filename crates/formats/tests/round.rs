//! Random rosters go the whole round: document to pack to document, and the engine cannot tell which it was given.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_core::hash::roster_hash;
use peermatch_formats::write_csv::Dialect;
use peermatch_formats::{
    Loaded, Names, read_pack, read_roster_json, write_pack, write_roster_json,
};
use peermatch_testkit::rosters::{Spec, check, input};

fn hash(loaded: &Loaded) -> String {
    roster_hash(&loaded.check().unwrap_or_else(|faults| panic!("{faults}")))
}

#[test]
fn random_rosters_are_the_same_in_every_form() {
    let semicolons = Dialect { separator: b';', mark: true, crlf: true };
    let tabs = Dialect { separator: b'\t', mark: false, crlf: false };
    for seed in 0..24 {
        let drawn = input(&Spec::WILD.sized(30, 12), seed);
        let expected = roster_hash(&check(&drawn));
        let json = write_roster_json(&drawn, None);
        let document = read_roster_json("roster.json", &json).unwrap();
        assert_eq!(hash(&document), expected, "seed {seed}");
        assert_eq!(write_roster_json(document.input(), None), json, "seed {seed}");
        for dialect in [Dialect::PLAIN, Dialect::SPREADSHEET, semicolons, tabs] {
            let files = write_pack(&drawn, None, &Names::default(), dialect).unwrap();
            let pack = read_pack(&files).unwrap();
            assert_eq!(hash(&pack), expected, "seed {seed}, {dialect:?}");
            let again = write_pack(pack.input(), None, &Names::default(), dialect).unwrap();
            assert_eq!(again, files, "seed {seed}, {dialect:?}");
        }
    }
}
