//! Raw edges: what is read, what is refused and in which words, and that what is written comes back.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::{Left, Matching, Prices, Right};
use peermatch_formats::edges::{
    Coverage, FAULTS_MAX, RawProblem, read_certificate, read_matching, read_raw, write_certificate,
    write_matching,
};
use proptest::prelude::*;

fn read(edges: &str, capacities: &str) -> Result<RawProblem, Vec<String>> {
    read_bytes(edges.as_bytes(), capacities.as_bytes())
}

fn read_bytes(edges: &[u8], capacities: &[u8]) -> Result<RawProblem, Vec<String>> {
    read_raw(("e.csv", edges), ("c.csv", capacities), Coverage::Total)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

const CAPACITIES: &str = "right,capacity,minimum\nw2,3,1\nw1,2,\n";

#[test]
fn rows_may_come_in_any_order_and_dress() {
    let plain = read("left,right,score\np1,w1,10\np1,w2,20\np2,w2,1000000\n", CAPACITIES).unwrap();
    assert_eq!(plain.lefts(), ["p1", "p2"]);
    assert_eq!(plain.rights(), ["w1", "w2"]);
    let problem = plain.problem();
    assert_eq!(problem.frame().capacities(), [2, 3]);
    assert_eq!(problem.frame().minimums(), [0, 1]);
    assert_eq!(problem.pairs().costs_of(Left(0)), [-10, -20]);
    for dressed in [
        "left,right,score\np2,w2,1000000\np1,w2,20\np1,w1,10\n",
        "\u{feff}Score;Right;Left\r\n20;w2;p1\r\n\r\n 10 ;w1;p1\r\n1000000;\"w2\";p2",
        "sep=;\nleft;right;score;\np1;w1;10;\n;;;\np1;w2;20;\np2;w2;1000000;\n",
        "left\tright\tscore\np1\tw1\t10\np1\tw2\t020\np2\tw2\t1000000\n",
    ] {
        assert_eq!(read(dressed, CAPACITIES).unwrap(), plain, "{dressed}");
    }
    let shuffled = "minimum,capacity,right\n0,2,w1\n1,3,w2\n";
    assert_eq!(
        read("left,right,score\np1,w1,10\np1,w2,20\np2,w2,1000000\n", shuffled).unwrap(),
        plain
    );
}

#[test]
fn ids_are_any_text() {
    let edges = "left,right,score\n\"a,b\",\" w\",1\n\"say \"\"kia ora\"\"\",w,2\n\"two\nlines\",w,3\n'=1+1,w,4\n";
    let raw = read(edges, "right,capacity\nw,9\n\" w\",1\n").unwrap();
    assert_eq!(raw.lefts(), ["=1+1", "a,b", "say \"kia ora\"", "two\nlines"]);
    assert_eq!(raw.rights(), [" w", "w"]);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let edges = "left,right,score\np1,w1,10\np1,w9,10\n,w1,5\np2,,5\np3,w1,1000001\np3,w2,-1\np4,w1,3.5\np4,w2\np5,w2,1e3\n";
    let capacities = "right,capacity,minimum\nw1,2,3\nw2,many,0\nw1,1,0\nw3,99999999999,0\n,4,\n";
    let faults = read(edges, capacities).unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "c.csv:2:3",
            "c.csv:3:2",
            "c.csv:4:1",
            "c.csv:5:2",
            "c.csv:6:1",
            "e.csv:4:1",
            "e.csv:5:2",
            "e.csv:6:3",
            "e.csv:7:3",
            "e.csv:8:3",
            "e.csv:9:",
            "e.csv:10:3"
        ],
        "{faults:#?}"
    );
    // A capacities row without an id may have been w9's: unknown rights are told once ids are whole.
    let faults = read(edges, "right,capacity\nw1,2\nw2,1\n").unwrap_err();
    assert!(
        faults[0].starts_with("e.csv:3:2 (right): `w9`: there is no such right"),
        "{faults:#?}"
    );
    assert!(faults.iter().all(|fault| fault.contains("Fix: ")));
}

#[test]
fn pairs_that_stand_twice_name_both_lines() {
    let edges = "left,right,score\np1,w1,10\n\np1,w2,10\np1,w1,10\np1,w2,11\n";
    let faults = read(edges, CAPACITIES).unwrap_err();
    assert_eq!(faults.len(), 2);
    assert!(
        faults[0].starts_with("e.csv:5:2 (right): `w1`: this pair already stands in line 2"),
        "{faults:?}"
    );
    assert!(
        faults[1].starts_with("e.csv:6:2 (right): `w2`: this pair already stands in line 4"),
        "{faults:?}"
    );
}

#[test]
fn what_stops_a_file_is_told_and_the_other_file_still_read() {
    for (edges, says) in [
        ("", "empty"),
        ("left,right\np1,w1\n", "the column `score` is missing"),
        ("left,right,scores\n", "did you mean `score`?"),
        ("left,right,score,left\n", "this column is there twice"),
        ("left,right,score\n\"p1,w1,10\n", "never closed"),
        ("left,right,score\np1,\"w\"1,10\n", "follows a closing quote"),
        ("left,right,score\np1\0,w1,10\n", "NUL"),
    ] {
        let faults = read(edges, "right,capacity\nw1,x\n").unwrap_err().join("\n");
        assert!(faults.contains(says), "{faults}");
        assert!(faults.contains("c.csv:2:2"), "{faults}");
    }
}

#[test]
fn a_spoilt_file_stays_readable() {
    let edges = format!("left,right,score\n{}", "p,w,x\n".repeat(FAULTS_MAX + 500));
    let faults = read(&edges, "right,capacity\nw,1\n").unwrap_err();
    assert_eq!(faults.len(), FAULTS_MAX + 1);
    assert!(faults[FAULTS_MAX].contains("500 more faults"), "{}", faults[FAULTS_MAX]);
}

#[test]
fn matchings_and_certificates_are_checked_against_the_problem() {
    let raw = read("left,right,score\np1,w1,10\np2,w2,20\n", CAPACITIES).unwrap();
    let words = |faults: peermatch_model::fault::Faults| faults.to_string();
    let bad = words(
        read_matching(&raw, "m.csv", b"left,right\np1,w1\np1,w2\np9,w1\np2,w9\n").unwrap_err(),
    );
    for says in [
        "m.csv:3:1 (left): `p1`: this left already",
        "m.csv:4:1 (left): `p9`: there is no such left",
        "m.csv:5:2",
    ] {
        assert!(bad.contains(says), "{bad}");
    }
    let bad =
        words(read_certificate(&raw, "z.csv", b"right,price\nw1,0\nw1,1\nw7,2.5\n").unwrap_err());
    for says in ["z.csv:3:1", "z.csv:4:1", "z.csv:4:2", "1 of 2 rights have no price"] {
        assert!(bad.contains(says), "{bad}");
    }
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-d]{1,2}",
        "[ '=+@,;\"\n\r\tāa-]{1,4}".prop_filter("ids are not blank", |id| !id.trim().is_empty()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make a reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(edges in prop::collection::vec(any::<u8>(), 0..200), tail in ".{0,80}") {
        let _ = read_bytes(&edges, b"right,capacity\nw,1\n");
        let _ = read_bytes(b"left,right,score\np,w,1\n", &edges);
        let headed = [b"left,right,score\n".as_slice(), &edges].concat();
        let _ = read_bytes(&headed, b"right,capacity\nw,1\n");
        let headed = format!("left;right;score\n{tail}");
        let _ = read_bytes(headed.as_bytes(), format!("right,capacity\n{tail}").as_bytes());
    }

    /// Whatever ids are: what is written is read back as it was.
    #[test]
    fn what_is_written_comes_back(lefts in prop::collection::btree_set(id(), 1..6), rights in prop::collection::btree_set(id(), 1..4), price in any::<i32>()) {
        use peermatch_formats::write_csv::{Cell, Dialect, write_table};
        let edges = lefts.iter().flat_map(|left| {
            rights.iter().map(move |right| vec![Cell::from(left.as_str()), Cell::from(right.as_str()), Cell::from(7u32)])
        });
        let edges = write_table(&["left", "right", "score"], edges, Dialect::PLAIN);
        let capacities = rights.iter().map(|right| vec![Cell::from(right.as_str()), Cell::from(9u32)]);
        let capacities = write_table(&["right", "capacity"], capacities, Dialect::SPREADSHEET);
        let raw = read_bytes(&edges, &capacities).unwrap();
        prop_assert_eq!(raw.lefts(), lefts.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(raw.rights(), rights.into_iter().collect::<Vec<_>>());
        let matching = Matching::new((0..raw.lefts().len()).map(|left| (left % 2 == 0).then_some(Right(0))).collect());
        prop_assert_eq!(read_matching(&raw, "m", &write_matching(&raw, &matching)).unwrap(), matching);
        let prices = Prices::new(vec![i64::from(price); raw.rights().len()]);
        prop_assert_eq!(read_certificate(&raw, "z", &write_certificate(&raw, &prices)).unwrap(), prices);
    }
}
