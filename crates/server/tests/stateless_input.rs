//! Whatever stands in the body of a stateless request, it is answered or refused: never a defect, never a panic, and no value of it is repeated in the
//! refusal.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::OnceLock;

use peermatch_formats::members::Bounds;
use peermatch_formats::{read_roster, write_roster_json};
use peermatch_server::Problem;
use peermatch_server::jobs::End;
use peermatch_server::stateless::ask::Ask;
use peermatch_solve::Quiet;
use peermatch_testkit::rosters::{Spec, input};
use serde_json::{Value, json};

fn ask_bytes(ask: Ask, body: &[u8]) -> Result<Vec<u8>, Box<Problem>> {
    ask.answer(body, Bounds::default(), &Quiet).map_err(|end| match end {
        End::Problem(problem) => problem,
        End::Stopped => panic!("nobody stopped it"),
    })
}

fn ask(what: Ask, body: &Value) -> Result<Value, Box<Problem>> {
    let bytes = ask_bytes(what, &serde_json::to_vec(body).unwrap())?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

fn small() -> Value {
    let roster = write_roster_json(&input(&Spec::SMALL.undecided(), 4), None);
    serde_json::from_slice(&roster).unwrap()
}

fn service() -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes/service/roster");
    let parts = read_roster(&path).unwrap().into_parts().unwrap();
    serde_json::from_slice(&write_roster_json(&parts.input, parts.taxonomy.as_ref())).unwrap()
}

/// A right body for everything that can be asked, made of one roster.
fn right(roster: &Value) -> Vec<(Ask, Value)> {
    let policy = ask(Ask::Policy, &json!({})).unwrap()["policy"].clone();
    let id = |list: &str, place: usize| roster[list][place]["id"].clone();
    let (person, worker) = (id("people", 0), id("workers", 0));
    let matching = ask(Ask::Match, &json!({ "roster": roster })).unwrap();
    let menu = ask(Ask::Menu, &json!({ "roster": roster, "mode": "live" })).unwrap();
    let mut bodies = vec![
        (Ask::Check, json!({ "roster": roster, "policy": policy, "as_of": "2026-11-22" })),
        (Ask::Policy, json!({ "policy": policy })),
        (
            Ask::Match,
            json!({ "roster": roster, "policy": policy, "objective": "stable", "proposing": "people", "seed": "7" }),
        ),
        (Ask::Match, json!({ "roster": roster, "from": matching })),
        (
            Ask::Suggest,
            json!({ "roster": roster, "policy": policy, "person_id": person, "top": 3, "costs": true }),
        ),
        (
            Ask::Explain,
            json!({ "roster": roster, "person_id": person, "worker_id": worker, "audience": "auditor", "matching": matching }),
        ),
        (
            Ask::Menu,
            json!({ "roster": roster, "policy": policy, "size": 3, "mode": "safe", "most_loss": 7, "seed": 1 }),
        ),
        (Ask::Verify, json!({ "roster": roster, "document": matching })),
        (Ask::Verify, json!({ "roster": roster, "document": menu })),
        (Ask::Handover, json!({ "roster": roster, "policy": policy, "leaving": [worker] })),
        (
            Ask::Compare,
            json!({ "roster": roster, "objectives": ["best-total", "greedy"], "audience": "coordinator" }),
        ),
    ];
    let lottery =
        json!({ "roster": roster, "cap": "1/2", "denominator": 12, "seed": 3, "secret": "s" });
    if let Ok(document) = ask(Ask::Lottery, &lottery) {
        bodies.push((Ask::Verify, json!({ "roster": roster, "document": document })));
        bodies.push((Ask::Lottery, lottery));
    }
    if let Ok(document) = ask(Ask::Handover, &json!({ "roster": roster, "leaving": [worker] })) {
        bodies.push((Ask::Verify, json!({ "roster": roster, "document": document })));
    }
    let menus = menu["menus"].as_array().unwrap();
    if let Some(asked) = menus.iter().find(|menu| !menu["options"].as_array().unwrap().is_empty()) {
        let answer = json!({ "pick": asked["options"][0]["worker_id"] });
        let body = json!({ "roster": roster, "menu": menu, "person_id": asked["person_id"], "answer": answer });
        bodies.push((Ask::Choose, body));
    }
    for (what, body) in &bodies {
        if let Err(problem) = ask(*what, body) {
            assert!(
                matches!(problem.code.as_str(), "unsupported" | "infeasible"),
                "{what:?}: {problem:?}"
            );
        }
    }
    bodies
}

/// Right bodies of a small roster and of the shipped service.
fn bodies() -> &'static [Vec<(Ask, Value)>; 2] {
    static BODIES: OnceLock<[Vec<(Ask, Value)>; 2]> = OnceLock::new();
    BODIES.get_or_init(|| [right(&small()), right(&service())])
}

/// One of them: the large ones take long, so they are one in sixteen.
fn one_of(lot: &mut Lot) -> &'static (Ask, Value) {
    let bodies = &bodies()[usize::from(lot.below(16) == 0)];
    &bodies[lot.below(bodies.len())]
}

/// Numbers that are the same on every machine (splitmix).
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at a place in the order of a walk.
fn at<'v>(value: &'v mut Value, place: &mut usize) -> Option<&'v mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at(item, place)),
        Value::Object(members) => members.values_mut().find_map(|item| at(item, place)),
        _ => None,
    }
}

fn hostile(lot: &mut Lot) -> Value {
    match lot.below(24) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1e308),
        6 => json!(0.5),
        7 => json!(""),
        8 => json!("x".repeat(70_000)),
        9 => json!("\u{0}\u{202e}\u{feff}"),
        10 => json!([]),
        11 => json!({}),
        12 => json!([null, null]),
        13 => json!([[[[]]]]),
        14 => json!("2026-02-30"),
        15 => json!("170141183460469231731687303715884105727"),
        16 => json!("-170141183460469231731687303715884105728"),
        17 => json!(4_294_967_296_u64),
        18 => json!("9999-12-31"),
        19 => json!("-009999-01-01"),
        20 => json!(4_294_967_295_u32),
        21 => json!({ "$serde_json::private::Number": "1" }),
        22 => json!("Mon 00:00-24:00"),
        _ => json!(0),
    }
}

/// The places of leaves, by the name of the member that they stand in.
fn leaves<'v>(value: &'v Value, name: &'v str, place: &mut usize, out: &mut Vec<(&'v str, usize)>) {
    let here = *place;
    *place += 1;
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, name, place, out)),
        Value::Object(members) => {
            members.iter().for_each(|(name, item)| leaves(item, name, place, out));
        }
        _ => out.push((name, here)),
    }
}

/// Puts in one place what stands in another of the same name: mostly right, seldom meant.
fn exchanged(body: &Value, lot: &mut Lot) -> Value {
    let mut all = Vec::new();
    leaves(body, "", &mut 0, &mut all);
    let (name, mut place) = all[lot.below(all.len())];
    let same: Vec<usize> =
        all.iter().filter(|(other, _)| *other == name).map(|leaf| leaf.1).collect();
    let mut from = same[lot.below(same.len())];
    let value = at(&mut body.clone(), &mut from).cloned().unwrap();
    let mut body = body.clone();
    *at(&mut body, &mut place).unwrap() = value;
    body
}

/// Changes a body in one to three places.
fn mutated(body: &Value, lot: &mut Lot) -> Vec<u8> {
    if lot.below(4) == 0 {
        return serde_json::to_vec(&exchanged(body, lot)).unwrap();
    }
    let mut body = body.clone();
    for _ in 0..=lot.below(6).saturating_sub(3) {
        let total = count(&body);
        // The outermost members are few among many: they are meant every fourth time.
        let mut place = if lot.below(4) == 0 { 1 + lot.below(12) } else { lot.below(total) };
        let other = at(&mut body.clone(), &mut lot.below(total)).cloned().unwrap_or(Value::Null);
        let Some(found) = at(&mut body, &mut place) else { continue };
        match (lot.below(7), found) {
            (0, found) => *found = other,
            (1, Value::Array(items)) if !items.is_empty() => {
                let item = items[lot.below(items.len())].clone();
                items.push(item);
            }
            (1 | 2, Value::Array(items)) if !items.is_empty() => {
                items.remove(lot.below(items.len()));
            }
            (1, Value::Object(members)) if !members.is_empty() => {
                let key = members.keys().nth(lot.below(members.len())).unwrap().clone();
                members.remove(&key);
            }
            (2, Value::Object(members)) => {
                members.insert(format!("m{}", lot.below(3)), other);
            }
            (3, Value::Array(items)) => items.push(other),
            (3, Value::Number(number)) => {
                let old = number.as_u64().unwrap_or(0);
                *number = serde_json::Number::from(old.wrapping_sub(1));
            }
            (_, found) => *found = hostile(lot),
        }
    }
    let mut bytes = serde_json::to_vec(&body).unwrap();
    // One in eight is spoilt as text, too.
    if lot.below(8) == 0 {
        let place = lot.below(bytes.len());
        match lot.below(5) {
            0 => bytes.truncate(place),
            1 => bytes[place] = u8::try_from(lot.below(256)).unwrap(),
            2 => {
                bytes.remove(place);
            }
            3 => bytes.insert(place, b"{}[],:\"\\0"[lot.below(9)]),
            _ => {
                let tail = bytes[place..].to_vec();
                bytes.extend(tail);
            }
        }
    }
    bytes
}

fn never_a_defect(seed: u64, cases: usize) {
    let mut lot = Lot(seed);
    let (mut answered, mut refused) = (0, 0);
    for case in 0..cases {
        let (what, body) = one_of(&mut lot);
        let bytes = mutated(body, &mut lot);
        let told = || {
            let file = std::env::temp_dir().join(format!("peermatch-case-{seed}-{case}.json"));
            let _ = std::fs::write(&file, &bytes);
            format!("case {case} of seed {seed}, {what:?}: {}", file.display())
        };
        match catch_unwind(AssertUnwindSafe(|| ask_bytes(*what, &bytes))) {
            Ok(Ok(_)) => answered += 1,
            Ok(Err(problem)) => {
                assert!((400..500).contains(&problem.status), "{problem:?} {}", told());
                assert!(
                    problem.code == "faults" || problem.errors.is_empty() || problem.status == 400
                );
                refused += 1;
            }
            Err(panicked) => panic!("{panicked:?} {}", told()),
        }
    }
    // A test that refuses everything, or nothing, would prove little.
    assert!(answered * 20 > cases && refused * 4 > cases, "{answered} answered, {refused} refused");
}

#[test]
fn no_change_of_a_right_body_is_a_defect() {
    never_a_defect(1, 2_000);
}

#[test]
#[ignore = "10,000 cases take minutes"]
fn no_change_of_a_right_body_is_a_defect_at_full_size() {
    never_a_defect(2, 10_000);
}

fn refused(what: Ask, body: &[u8]) -> Box<Problem> {
    ask_bytes(what, body).expect_err("this is refused")
}

fn pointers(problem: &Problem) -> Vec<&str> {
    problem.errors.iter().map(|fault| fault.pointer.as_str()).collect()
}

#[test]
fn every_fault_of_every_part_is_told_at_once() {
    let mut roster = small();
    roster["people"][0]["wait_since"] = json!("some day");
    roster["workers"][1]["max_people"] = json!("eight");
    roster["surprise"] = json!(1);
    let body = json!({
        "roster": roster,
        "policy": { "format": "peermatch/policy@1", "name": "x", "version": "1", "weights": 5 },
        "objective": "best",
        "seed": -4,
        "as_off": 1,
    });
    let problem = ask(Ask::Match, &body).unwrap_err();
    assert_eq!((problem.status, problem.code.as_str()), (422, "faults"));
    let found = pointers(&problem);
    for wanted in [
        "/roster/people/0/wait_since",
        "/roster/workers/1/max_people",
        "/roster/surprise",
        "/policy/weights",
        "/objective",
        "/seed",
        "/as_off",
    ] {
        assert!(found.contains(&wanted), "{wanted} is not in {found:?}");
    }
    let near = problem.errors.iter().find(|fault| fault.pointer == "/as_off").unwrap();
    assert_eq!(near.fix, "did you mean `as_of`?");
    assert!(problem.errors.iter().all(|fault| fault.place.is_none()));
}

#[test]
fn a_day_has_its_fault_where_it_stands() {
    let problem =
        ask(Ask::Check, &json!({ "roster": small(), "as_of": "2026-02-30" })).unwrap_err();
    assert_eq!(pointers(&problem), ["/as_of"]);
    let mut roster = small();
    roster["as_of"] = json!("2026-02-30");
    let problem = ask(Ask::Check, &json!({ "roster": roster })).unwrap_err();
    assert_eq!(pointers(&problem), ["/roster/as_of"]);
}

#[test]
fn keys_that_stand_twice_are_faults_wherever_they_stand() {
    let roster = serde_json::to_string(&small()).unwrap();
    let twice = roster.replacen("{\"id\":", "{\"id\":\"twice\",\"id\":", 1);
    for (body, pointer) in [
        (format!("{{\"roster\":{roster},\"roster\":{roster}}}"), "/roster"),
        (format!("{{\"roster\":{twice}}}"), "/roster/services/0/id"),
        (
            format!("{{\"roster\":{roster},\"policy\":{{\"name\":\"a\",\"name\":\"b\"}}}}"),
            "/policy/name",
        ),
    ] {
        let problem = refused(Ask::Check, body.as_bytes());
        let twice = problem.errors.iter().filter(|fault| fault.reason.contains("twice"));
        let twice: Vec<&str> = twice.map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(twice, [pointer], "{problem:?}");
    }
    let matching = ask(Ask::Match, &json!({ "roster": small() })).unwrap();
    let matching =
        serde_json::to_string(&matching).unwrap().replacen("{\"", "{\"engine\":\"x\",\"", 1);
    let body = format!("{{\"roster\":{roster},\"document\":{matching}}}");
    assert_eq!(pointers(&refused(Ask::Verify, body.as_bytes())), ["/document/engine"]);
}

#[test]
fn what_is_no_json_is_refused_as_such() {
    let roster = serde_json::to_string(&small()).unwrap();
    let deep = format!("{{\"roster\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        b"".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{\"roster\":NaN}".to_vec(),
        b"{\"roster\":Infinity}".to_vec(),
        format!("\u{feff}{{\"roster\":{roster}}}").into_bytes(),
        format!("{{\"roster\":{roster}}}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        [b"{\"roster\":\"".as_slice(), b"\xff\xfe\"}"].concat(),
        format!("{{\"roster\":{roster}").into_bytes(),
        format!("{{\"roster\":{roster}}} trailing").into_bytes(),
        deep.into_bytes(),
    ] {
        for what in Ask::ALL {
            assert_eq!(refused(what, &body).status, 400, "{what:?}");
        }
    }
    let long = format!("{{\"roster\":{{\"people\":[{}0]}}}}", "0,".repeat(7_000_000));
    assert_eq!(refused(Ask::Check, long.as_bytes()).status, 413);
}

#[test]
fn numbers_that_no_number_holds_are_faults() {
    let roster = serde_json::to_string(&small()).unwrap();
    for number in ["1e999", "-1e999", "123456789012345678901234567890"] {
        let body =
            roster.replacen("\"max_people\":", &format!("\"max_people\":{number},\"x\":"), 1);
        let problem = refused(Ask::Check, format!("{{\"roster\":{body}}}").as_bytes());
        assert_eq!(problem.status, 422);
        assert!(problem.errors.iter().all(|fault| fault.pointer.starts_with("/roster")));
        let seed = format!("{{\"roster\":{roster},\"seed\":{number}}}");
        assert_eq!(pointers(&refused(Ask::Menu, seed.as_bytes())), ["/seed"]);
    }
}

#[test]
fn ids_and_concepts_go_together_or_are_faults() {
    let mut roster = small();
    roster["people"][1]["id"] = roster["people"][0]["id"].clone();
    let problem = ask(Ask::Check, &json!({ "roster": roster })).unwrap_err();
    assert!(pointers(&problem).contains(&"/roster/people/1/id"), "{problem:?}");

    let mut roster = small();
    let concept = |id: &str, parent: &str| json!({ "id": id, "label": id, "sensitivity": 0, "kind": "topic", "parents": [parent] });
    roster["taxonomy"] = json!({ "concepts": [concept("a", "b"), concept("b", "a")] });
    let problem = ask(Ask::Check, &json!({ "roster": roster })).unwrap_err();
    assert!(
        pointers(&problem).iter().any(|at| at.starts_with("/roster/taxonomy/concepts")),
        "{problem:?}"
    );
}

#[test]
fn a_flood_of_wrong_records_is_refused_in_bounds() {
    let zeros = |count: usize| format!("{{\"roster\":{{\"people\":[{}0]}}}}", "0,".repeat(count));
    let problem = refused(Ask::Check, zeros(100_000).as_bytes());
    assert_eq!(problem.status, 422);
    assert!(problem.errors.len() < 20_000, "{}", problem.errors.len());
    assert!(problem.errors.iter().any(|fault| fault.reason.contains("more faults")));
    // Many more are not read at all: each would take as much room as a person.
    let problem = refused(Ask::Check, zeros(1_000_000).as_bytes());
    assert_eq!(pointers(&problem), ["/roster/people"]);
}

#[test]
fn a_refusal_repeats_no_value() {
    const CANARY: &str = "Zq9canary";
    let mut lot = Lot(77);
    let mut refusals = 0;
    for _ in 0..1_000 {
        let (what, body) = one_of(&mut lot);
        let mut body = body.clone();
        let total = count(&body);
        let Some(found) = at(&mut body, &mut lot.below(total)) else { continue };
        *found = match lot.below(3) {
            0 => json!([CANARY]),
            1 => json!({ "value": CANARY }),
            _ => json!(CANARY),
        };
        if let Err(problem) = ask(*what, &body) {
            refusals += 1;
            let told = serde_json::to_string(&problem).unwrap();
            assert!(!told.contains(CANARY), "{what:?}: {told}");
        }
    }
    assert!(refusals > 300, "{refusals}");
}
