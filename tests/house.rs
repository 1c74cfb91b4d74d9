//! The edges that must never exist, held by `cargo test` alone (cargo-deny holds them a second time in CI).
//!
//! Reads `cargo metadata`: for every crate of the workspace, what it may depend on. An edge that is not listed here is refused,
//! so a new one is a decision that shows in this file.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crate, what of the house it may use, and what of the house its tests and benches may use besides.
const HOUSE: &[(&str, &[&str], &[&str])] = &[
    ("peermatch-assignment", &[], &[]),
    ("peermatch-solve", &["peermatch-assignment"], &["peermatch-testkit"]),
    ("peermatch-model", &[], &["peermatch-testkit"]),
    (
        "peermatch-core",
        &["peermatch-assignment", "peermatch-model", "peermatch-solve"],
        &["peermatch-testkit"],
    ),
    (
        "peermatch-formats",
        &["peermatch-assignment", "peermatch-core", "peermatch-model"],
        &["peermatch-testkit"],
    ),
    ("peermatch-store", &[], &[]),
    (
        "peermatch-server",
        &[
            "peermatch-assignment",
            "peermatch-core",
            "peermatch-formats",
            "peermatch-model",
            "peermatch-solve",
            "peermatch-store",
        ],
        &["peermatch-testkit"],
    ),
    (
        "peermatch-cli",
        &[
            "peermatch-assignment",
            "peermatch-core",
            "peermatch-formats",
            "peermatch-model",
            "peermatch-server",
            "peermatch-solve",
            "peermatch-store",
        ],
        &["peermatch-testkit"],
    ),
    ("peermatch-testkit", &["peermatch-assignment", "peermatch-model"], &["peermatch-formats"]),
    (
        "peermatch",
        &[
            "peermatch-assignment",
            "peermatch-core",
            "peermatch-formats",
            "peermatch-model",
            "peermatch-solve",
        ],
        &["peermatch-testkit"],
    ),
];

/// Outside crates that stop at one door.
const DOORS: &[(&str, &[&str])] = &[
    ("good_lp", &["peermatch-solve"]),
    ("microlp", &["good_lp", "peermatch-solve"]),
    ("petgraph", &["peermatch-model"]),
    ("axum", &["peermatch-server"]),
    ("hyper", &["peermatch-server"]),
    ("hyper-util", &["peermatch-server"]),
    ("tower", &["peermatch-server"]),
    ("sqlx", &["peermatch-store"]),
    ("rusqlite", &[]),
    ("clap", &["peermatch-cli"]),
];

/// Everything the checker may lean on.
const CHECKER_LEANS_ON: &[&str] = &["serde", "thiserror"];

/// What each crate depends on: (normal and build, dev).
type Edges = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

fn edges(metadata: &Value) -> Edges {
    let mut out = Edges::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        let (normal, dev) = out.entry(name).or_default();
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let to = dependency["name"].as_str().expect("a name").to_owned();
            if dependency["kind"].as_str() == Some("dev") {
                dev.insert(to)
            } else {
                normal.insert(to)
            };
        }
    }
    out
}

/// Every edge that must not be, in words.
fn broken(edges: &Edges) -> Vec<String> {
    let mut out = Vec::new();
    let ours = |name: &str| name == "peermatch" || name.starts_with("peermatch-");
    for (from, (normal, dev)) in edges {
        let Some((_, may, tests_may)) = HOUSE.iter().find(|(name, _, _)| name == from) else {
            out.push(format!("{from} is not a room of the house: add it to tests/house.rs, deny.toml and ARCHITECTURE.md"));
            continue;
        };
        for to in normal.iter().filter(|to| ours(to) && !may.contains(&to.as_str())) {
            out.push(format!("{from} -> {to}"));
        }
        for to in dev.iter().filter(|to| {
            ours(to) && !may.contains(&to.as_str()) && !tests_may.contains(&to.as_str())
        }) {
            out.push(format!("{from} -> {to} (tests)"));
        }
        for (outside, doors) in DOORS {
            if normal.contains(*outside) && !doors.contains(&from.as_str()) {
                out.push(format!(
                    "{from} -> {outside}, which only {} may use",
                    doors.join(" and ")
                ));
            }
        }
        if from == "peermatch-assignment" {
            for to in normal.iter().filter(|to| !CHECKER_LEANS_ON.contains(&to.as_str())) {
                out.push(format!(
                    "{from} -> {to}: the checker leans on nothing but {}",
                    CHECKER_LEANS_ON.join(" and ")
                ));
            }
        }
    }
    out
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn no_forbidden_edge_exists() {
    let edges = edges(&metadata());
    assert!(edges.len() >= HOUSE.len(), "some rooms are missing: {:?}", edges.keys());
    assert_eq!(broken(&edges), Vec::<String>::new());
}

/// The test above can fail: each edge that must never be, put in, is refused.
#[test]
fn each_forbidden_edge_would_be_refused() {
    let real = edges(&metadata());
    for (from, to) in [
        ("peermatch-assignment", "peermatch-solve"),
        ("peermatch-solve", "peermatch-model"),
        ("peermatch-model", "peermatch-core"),
        ("peermatch-core", "peermatch-formats"),
        ("peermatch-formats", "peermatch-solve"),
        ("peermatch-core", "peermatch-testkit"),
        ("peermatch-core", "good_lp"),
        ("peermatch-formats", "axum"),
        ("peermatch-core", "petgraph"),
        ("peermatch-assignment", "rayon"),
        ("peermatch-core", "peermatch-store"),
        ("peermatch-store", "peermatch-core"),
        ("peermatch-server", "sqlx"),
        ("peermatch-cli", "axum"),
        ("peermatch-cli", "hyper"),
        ("peermatch-store", "tower"),
        ("peermatch-store", "axum"),
    ] {
        let mut edges = real.clone();
        edges.get_mut(from).expect("a room").0.insert(to.to_owned());
        assert!(
            broken(&edges).iter().any(|edge| edge.starts_with(&format!("{from} -> {to}"))),
            "{from} -> {to} is not refused"
        );
    }
    let mut edges = real;
    edges.insert("peermatch-attic".to_owned(), Default::default());
    assert_eq!(broken(&edges).len(), 1);
}

/// The pure crates read no file, clock, environment or network and print nothing: clippy's lists say so where clippy runs, and
/// this says so where only the tests do.
#[test]
fn pure_crates_touch_nothing_outside() {
    const NEVER: &[&str] = &[
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "SystemTime",
        "Instant::now",
        "println!",
        "eprintln!",
        "Zoned::now",
        "Timestamp::now",
        "TimeZone::system",
        "thread_rng",
        "HashMap",
        "HashSet",
    ];
    for room in ["assignment", "solve", "model", "core"] {
        let mut files = vec![
            std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("crates")
                .join(room)
                .join("src"),
        ];
        let mut seen = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(
                    std::fs::read_dir(&path)
                        .expect("a folder")
                        .map(|entry| entry.expect("an entry").path()),
                );
                continue;
            }
            if path.extension().is_none_or(|e| e != "rs") {
                continue;
            }
            seen += 1;
            let text = std::fs::read_to_string(&path).expect("a file");
            let lines: Vec<&str> = text.lines().collect();
            // Tests of a file come last in it, and may read what they like; a test module of its own (`mod testing;`) does not end the file.
            let tests = |at: usize| {
                lines[at] == "#[cfg(test)]"
                    && lines.get(at + 1).is_some_and(|next| next.starts_with("mod tests"))
            };
            let end = (0..lines.len()).find(|&at| tests(at)).unwrap_or(lines.len());
            if path.file_name().is_some_and(|name| name == "testing.rs") {
                continue;
            }
            for (number, line) in lines[..end].iter().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in NEVER {
                    assert!(!code.contains(word), "{}:{} uses {word}", path.display(), number + 1);
                }
            }
        }
        assert!(seen > 3, "{room} has hardly any source: is the path right?");
    }
}
