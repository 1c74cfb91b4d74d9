//! Imports into a kept roster that nobody should send: each is refused as a problem that says where, nothing is kept of any, and the roster is read as before.

mod common;
mod keyed;

use common::{ask, get};
use keyed::Keyed;
use peermatch_testkit::rosters::{self, Spec};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn hostile_imports_are_refused_and_leave_nothing() {
    let keyed = Keyed::new().await;
    let right = rosters::input(&Spec::SERVICE.sized(8, 4).undecided(), 1);
    let right = serde_json::to_value(right).expect("plain data");
    keyed.roster("main", &right).await;
    // What spreadsheets put before a text is no fault, and changes nothing.
    let marked = [b"\xef\xbb\xbf".as_slice(), right.to_string().as_bytes()].concat();
    let marked = ask("POST", "/v1/rosters/main/import")
        .header("content-type", "application/json")
        .body(marked);
    let told = keyed.by(&keyed.integrator, marked).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.json()["counts"]["people"]["same"], 8);
    let before = keyed.by(&keyed.integrator, get("/v1/rosters/main")).await.json();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = right.clone();
        change(&mut value);
        value.to_string().into_bytes()
    };
    let text = right.to_string();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let json_type = "application/json";
    let pack = "application/vnd.peermatch.pack+json";
    let deep = format!("{{\"people\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let million = format!("{{\"people\":[{}0]}}", "0,".repeat(1_000_000));
    // What it is, how it is sent, its bytes, and what a pointer or a reason has to name.
    let cases: Vec<(&str, &str, Vec<u8>, &str)> = vec![
        (
            "ids twice",
            json_type,
            changed(&|v| v["people"][1]["id"] = v["people"][0]["id"].clone()),
            "/people/",
        ),
        (
            "keys twice",
            json_type,
            text.replacen('{', "{\"as_of\":\"2026-11-22\",", 1).into_bytes(),
            "/as_of",
        ),
        ("UTF-16", json_type, utf16, ""),
        ("no UTF-8", json_type, b"{\"people\":[{\"id\":\"\xff\"}]}".to_vec(), ""),
        ("deep", json_type, deep.into_bytes(), ""),
        ("a million items", json_type, million.into_bytes(), ""),
        (
            "1e999",
            json_type,
            text.replacen("\"max_people\":", "\"max_people\":1e999,\"x\":", 1).into_bytes(),
            "",
        ),
        (
            "NaN",
            json_type,
            text.replacen("\"max_people\":", "\"max_people\":NaN,\"x\":", 1).into_bytes(),
            "",
        ),
        ("a list", json_type, b"[]".to_vec(), ""),
        (
            "codes in a circle",
            json_type,
            changed(&|v| {
                v["codes"][0]["parent"] = v["codes"][1]["code"].clone();
                v["codes"][1]["parent"] = v["codes"][0]["code"].clone();
            }),
            "/codes/",
        ),
        (
            "a taxonomy in a circle",
            pack,
            json!({ "taxonomy.tsv": "id\tparent\tlabel\na\tb\tA\nb\ta\tB\n" })
                .to_string()
                .into_bytes(),
            "",
        ),
        (
            "files beside the pack",
            pack,
            json!({ "../../etc/passwd": "x" }).to_string().into_bytes(),
            "",
        ),
        ("no texts", pack, json!({ "people.csv": 7 }).to_string().into_bytes(), ""),
    ];
    for (what, media, bytes, named) in cases {
        let request =
            ask("POST", "/v1/rosters/main/import").header("content-type", media).body(bytes);
        let told = keyed.by(&keyed.integrator, request).await;
        assert!((400..500).contains(&told.status), "{what}: {} {}", told.status, told.text());
        assert_eq!(told.header("content-type"), Some("application/problem+json"), "{what}");
        let problem = told.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        if !named.is_empty() {
            let names = |one: &Value| one["pointer"].as_str().is_some_and(|p| p.contains(named));
            assert!(errors.iter().any(names), "{what}: {problem}");
        }
        let now = keyed.by(&keyed.integrator, get("/v1/rosters/main")).await.json();
        assert_eq!(now, before, "{what}");
    }
}
