//! The binary on raw problems with every objective: what is written is right, and nothing else verifies.
//!
//! The instance is small enough that every matching can be listed, so that "right" is decided here by enumeration, from the
//! definitions alone, and not by the code under test.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const EDGES: &str = "left,right,score\n\
    ana,kim,900000\nana,lee,750000\nbo,kim,850000\nbo,max,300000\ncy,kim,820000\ncy,lee,400000\ndi,lee,100000\ndi,max,100000\n";
const CAPACITIES: &str = "right,capacity\nkim,1\nlee,1\nmax,1\n";
const OBJECTIVES: [&str; 9] = [
    "max-min",
    "leximin",
    "nash",
    "stable",
    "serial",
    "rank-maximal",
    "first-come",
    "greedy",
    "random-eligible",
];

fn run(folder: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .args(args.split_whitespace())
        .output()
        .unwrap()
}

fn folder(edges: &str, capacities: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("e.csv"), edges).unwrap();
    fs::write(folder.path().join("c.csv"), capacities).unwrap();
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

const SOLVE: &str =
    "solve --edges e.csv --capacities c.csv --out m.csv --certificate z.json --stats s.json";
const VERIFY: &str =
    "verify --edges e.csv --capacities c.csv --matching m.csv --certificate z.json";

/// Pairs of a written matching.
fn pairs(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("m.csv")).unwrap();
    let pair = |line: &str| line.split_once(',').map(|(u, w)| (u.to_owned(), w.to_owned()));
    text.lines().skip(1).filter_map(pair).collect()
}

type Matching = Vec<Option<usize>>;

/// The instance by numbers, and every matching of it.
struct Listed {
    lefts: Vec<&'static str>,
    rights: Vec<&'static str>,
    score: BTreeMap<(usize, usize), i64>,
    all: Vec<Matching>,
}

fn listed() -> Listed {
    let rows = || EDGES.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let names = |column: usize| {
        let mut names: Vec<&str> = rows().map(|row| row[column]).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let (lefts, rights) = (names(0), names(1));
    let at = |names: &[&str], name: &str| names.iter().position(|one| *one == name).unwrap();
    let score: BTreeMap<_, _> = rows()
        .map(|row| ((at(&lefts, row[0]), at(&rights, row[1])), row[2].parse().unwrap()))
        .collect();
    let mut all: Vec<Matching> = vec![vec![]];
    for left in 0..lefts.len() {
        all = all
            .into_iter()
            .flat_map(|start| {
                let free = (0..rights.len())
                    .filter(|right| !start.contains(&Some(*right)))
                    .filter(|right| score.contains_key(&(left, *right)))
                    .map(Some)
                    .chain([None])
                    .collect::<Vec<_>>();
                free.into_iter().map(move |right| [start.clone(), vec![right]].concat())
            })
            .collect();
    }
    Listed { lefts, rights, score, all }
}

fn used(matching: &Matching) -> impl Iterator<Item = (usize, usize)> + '_ {
    matching.iter().enumerate().filter_map(|(left, right)| right.map(|right| (left, right)))
}

impl Listed {
    fn regret(&self, pair: (usize, usize)) -> i64 {
        let best = self.score.iter().filter(|((left, _), _)| *left == pair.0).map(|(_, s)| *s);
        best.max().unwrap() - self.score[&pair]
    }

    fn rank(&self, pair: (usize, usize)) -> usize {
        let better = |(other, score): (&(usize, usize), &i64)| {
            other.0 == pair.0 && *score > self.score[&pair]
        };
        1 + self.score.iter().filter(|one| better(*one)).count()
    }

    fn total(&self, matching: &Matching) -> i64 {
        used(matching).map(|pair| self.score[&pair]).sum()
    }

    /// What is to be as large as can be, compared from the front.
    fn key(&self, objective: &str, matching: &Matching) -> Vec<f64> {
        let size = used(matching).count();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let float = |number: i64| number as f64;
        let mut key = Vec::new();
        match objective {
            "max-min" => {
                let worst = used(matching).map(|pair| self.regret(pair)).max().unwrap_or(0);
                key.extend([float(i64::try_from(size).unwrap()), float(-worst)]);
            }
            "leximin" => {
                let mut regrets: Vec<i64> = used(matching).map(|pair| self.regret(pair)).collect();
                regrets.sort_unstable_by(|a, b| b.cmp(a));
                key.push(float(i64::try_from(size).unwrap()));
                key.extend(regrets.into_iter().map(|regret| float(-regret)));
            }
            "nash" => {
                let product: f64 =
                    used(matching).map(|pair| float(1 + self.score[&pair]).ln()).sum();
                key.extend([float(i64::try_from(size).unwrap()), (product * 1e6).round()]);
            }
            "rank-maximal" => {
                for rank in 1..=3 {
                    let count = used(matching).filter(|pair| self.rank(*pair) == rank).count();
                    key.push(float(i64::try_from(count).unwrap()));
                }
            }
            other => panic!("{other} has no key"),
        }
        key.push(float(self.total(matching)));
        key
    }

    fn stable(&self, matching: &Matching) -> bool {
        self.score.iter().all(|(&(left, right), &score)| {
            let has = matching[left].map_or(-1, |own| self.score[&(left, own)]);
            let holder = matching.iter().position(|own| *own == Some(right));
            let held = holder.map_or(-1, |other| self.score[&(other, right)]);
            !(score > has && score > held)
        })
    }

    /// In the order given, each the best left by (key, id).
    fn in_turn(&self, order: &[usize], key: impl Fn(usize, usize) -> i64) -> Matching {
        let mut matching = vec![None; self.lefts.len()];
        for &left in order {
            matching[left] = (0..self.rights.len())
                .filter(|right| self.score.contains_key(&(left, *right)))
                .filter(|right| !matching.contains(&Some(*right)))
                .min_by_key(|&right| (key(left, right), right));
        }
        matching
    }

    /// Whether the matching is what the objective asks for.
    fn right(&self, objective: &str, seed: u64, matching: &Matching) -> bool {
        use peermatch_core::draw;
        let byid: Vec<usize> = (0..self.lefts.len()).collect();
        match objective {
            "stable" => self.stable(matching),
            "first-come" => *matching == self.in_turn(&byid, |u, w| -self.score[&(u, w)]),
            "serial" => {
                let order = draw::order("serial", seed, &self.lefts);
                let rank = |u, w| i64::try_from(self.rank((u, w))).unwrap();
                *matching == self.in_turn(&order, rank)
            }
            "random-eligible" => {
                let lot = |u: usize, w: usize| {
                    i64::from(draw::key("random-eligible", seed, self.lefts[u], self.rights[w]))
                };
                *matching == self.in_turn(&byid, lot)
            }
            "greedy" => {
                let mut by_score: Vec<_> = self.score.iter().map(|(pair, s)| (-s, *pair)).collect();
                by_score.sort_unstable();
                let mut taken = vec![None; self.lefts.len()];
                for (_, (left, right)) in by_score {
                    if taken[left].is_none() && !taken.contains(&Some(right)) {
                        taken[left] = Some(right);
                    }
                }
                *matching == taken
            }
            other => {
                let best = self.all.iter().map(|one| self.key(other, one));
                let best = best.max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
                self.key(other, matching) == best
            }
        }
    }

    fn csv(&self, matching: &Matching) -> String {
        let rows = used(matching).map(|(u, w)| format!("{},{}\n", self.lefts[u], self.rights[w]));
        rows.fold("left,right\n".to_owned(), |all, row| all + &row)
    }

    fn read(&self, folder: &Path) -> Matching {
        let mut matching = vec![None; self.lefts.len()];
        for (left, right) in pairs(folder) {
            let left = self.lefts.iter().position(|one| **one == left).unwrap();
            matching[left] = self.rights.iter().position(|one| **one == right);
        }
        matching
    }
}

#[test]
fn every_objective_is_met_and_every_other_matching_refused() {
    let listed = listed();
    assert_eq!(listed.all.len(), 34);
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    for objective in OBJECTIVES {
        let done = run(at, &format!("{SOLVE} --objective {objective}"));
        assert_eq!(code(&done), 0, "{objective}: {}", text(&done.stderr));
        assert!(listed.right(objective, 0, &listed.read(at)), "{objective}: {:?}", pairs(at));
        let done = run(at, VERIFY);
        assert_eq!(code(&done), 0, "{objective}: {}", text(&done.stderr));
        for matching in &listed.all {
            fs::write(at.join("m.csv"), listed.csv(matching)).unwrap();
            let done = run(at, VERIFY);
            let right = listed.right(objective, 0, matching);
            assert_eq!(
                code(&done),
                if right { 0 } else { 3 },
                "{objective}: {matching:?}: {}{}",
                text(&done.stdout),
                text(&done.stderr)
            );
        }
    }
}

/// Every number, word and member of a JSON document changed or taken away, one at a time.
fn mutations(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::{Value, json};
    match value {
        Value::Object(members) => {
            let mut out = Vec::new();
            for (key, member) in members {
                let mut less = members.clone();
                less.remove(key);
                out.push(Value::Object(less));
                for changed in mutations(member) {
                    let mut one = members.clone();
                    one.insert(key.clone(), changed);
                    out.push(Value::Object(one));
                }
            }
            out
        }
        Value::Array(list) => {
            let mut out = Vec::new();
            for (at, one) in list.iter().enumerate() {
                let mut less = list.clone();
                less.remove(at);
                out.push(Value::Array(less));
                let mut twice = list.clone();
                twice.insert(at, one.clone());
                out.push(Value::Array(twice));
                for changed in mutations(one) {
                    let mut other = list.clone();
                    other[at] = changed;
                    out.push(Value::Array(other));
                }
            }
            out
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            vec![json!(number + 1), json!(number.saturating_sub(1)), json!("x")]
        }
        Value::String(word) => match word.parse::<i64>() {
            Ok(price) => {
                vec![json!((price + 1).to_string()), json!((price - 1).to_string()), json!("0")]
            }
            Err(_) if word == "lefts" => vec![json!("rights"), json!("x")],
            Err(_) => vec![json!("x"), json!("nash"), json!("served"), json!("cost")],
        },
        Value::Bool(yes) => vec![json!(!yes), json!(1)],
        Value::Null => vec![],
    }
}

#[test]
fn a_changed_certificate_is_refused_or_true() {
    let listed = listed();
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    let (mut refused, mut accepted) = (0, 0);
    for objective in ["max-min", "leximin", "nash", "rank-maximal", "stable", "serial"] {
        // Few grades, so that there are few stages to change.
        let step = if objective == "leximin" { " --grade-step 200000" } else { "" };
        assert_eq!(code(&run(at, &format!("{SOLVE} --objective {objective}{step}"))), 0);
        let own = listed.read(at);
        let written: serde_json::Value =
            serde_json::from_slice(&fs::read(at.join("z.json")).unwrap()).unwrap();
        for changed in mutations(&written) {
            if changed == written {
                continue;
            }
            fs::write(at.join("z.json"), serde_json::to_vec(&changed).unwrap()).unwrap();
            let done = run(at, VERIFY);
            match code(&done) {
                0 => {
                    // What was accepted must be true of the matching: the document may say so in other numbers.
                    accepted += 1;
                    let claimed = changed["objective"].as_str().unwrap();
                    assert_eq!(claimed, objective, "{changed}");
                    let seed = changed["seed"].as_u64().unwrap_or(0);
                    let plain = changed["grade_step"].as_u64().is_none_or(|step| step == 1);
                    assert!(!plain || listed.right(claimed, seed, &own), "{changed}");
                }
                1 | 3 => {
                    refused += 1;
                    assert!(done.stdout.is_empty() && !done.stderr.is_empty(), "{changed}");
                }
                other => panic!("{other}: {changed}: {}", text(&done.stderr)),
            }
        }
    }
    assert!(refused > 100 && refused > 3 * accepted, "{refused} refused, {accepted} accepted");
}

#[test]
fn what_was_asked_must_be_what_is_proven() {
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    assert_eq!(code(&run(at, &format!("{SOLVE} --objective serial --seed 7"))), 0);
    for (asked, expected, says) in [
        ("--objective serial --seed 7", 0, "drawn with seed 7"),
        ("--seed 7", 0, "drawn with seed 7"),
        ("--seed 8", 3, "another seed"),
        ("--objective leximin", 3, "leximin was asked for, but the certificate is that of serial"),
        ("--coverage most", 3, "serial says by itself who is served"),
        ("--objective best", 1, "possible values"),
    ] {
        let done = run(at, &format!("{VERIFY} {asked}"));
        let words = text(&done.stdout) + &text(&done.stderr);
        assert_eq!(code(&done), expected, "{asked}: {words}");
        assert!(words.contains(says), "{asked}: {words}");
    }
    // A rule that needs no certificate is checked without one.
    let bare = "verify --edges e.csv --capacities c.csv --matching m.csv";
    assert_eq!(code(&run(at, &format!("{bare} --objective serial --seed 7"))), 0);
    for objective in ["leximin", "best-total"] {
        let done = run(at, &format!("{bare} --objective {objective}"));
        assert_eq!(code(&done), 1);
        assert!(text(&done.stderr).contains("give --certificate"));
    }
    assert_eq!(code(&run(at, bare)), 1);
    // A table of prices is of best total.
    assert_eq!(code(&run(at, SOLVE)), 0);
    let done = run(at, &format!("{VERIFY} --objective nash"));
    assert_eq!(code(&done), 3);
    assert!(text(&done.stderr).contains("which is that of best-total"), "{}", text(&done.stderr));
    let done = run(at, &format!("{VERIFY} --format json"));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["verified"], true);
    assert_eq!(told["objective"], "best-total");
    assert_eq!(told["total_score"], 750_000 + 300_000 + 820_000);
}

#[test]
fn a_refusal_names_who_is_wronged() {
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    for (objective, matching, says) in [
        (
            "stable",
            "ana,lee\nbo,kim\ndi,max\n",
            "`ana` and `kim` block the matching: `ana` prefers `kim` to `lee`, and `kim` would rather have `ana` than `bo`, whom it has",
        ),
        (
            "first-come",
            "ana,lee\nbo,kim\n",
            "when the turn of `ana` came, `kim` was the best that was left, but the matching says `lee`",
        ),
        (
            "greedy",
            "ana,kim\nbo,max\n",
            "`cy` and `lee` block the matching: `cy` prefers `lee` to having none, and `lee` has a place to spare (0 of 1 taken)",
        ),
        ("nash", "ana,kim\nbo,kim\n", "`kim` has 2 lefts but only 1 place"),
        ("leximin", "ana,kim\nbo,max\n", "stage 1 (who is served)"),
        ("max-min", "ana,max\n", "`ana` and `max` are no edge"),
    ] {
        assert_eq!(code(&run(at, &format!("{SOLVE} --objective {objective}"))), 0);
        fs::write(at.join("m.csv"), format!("left,right\n{matching}")).unwrap();
        let done = run(at, VERIFY);
        assert_eq!(code(&done), 3, "{objective}");
        assert!(text(&done.stderr).contains(says), "{objective}: {}", text(&done.stderr));
    }
}

#[test]
fn what_does_not_go_together_is_refused_in_words() {
    let folder = folder(EDGES, "right,capacity,minimum\nkim,1,1\nlee,1,0\nmax,1,0\n");
    let at = folder.path();
    for (asked, says) in [
        ("coordinator", "raw edges have no people"),
        (
            "lexmin",
            "possible values: best-total, max-min, leximin, nash, stable, serial, rank-maximal, first-come, greedy, random-eligible]",
        ),
        ("stable", "stable knows no minimums, but `kim` must have at least 1"),
        ("leximin --coverage total", "leximin serves as many as can be first"),
        ("rank-maximal --coverage most", "says by itself who is served"),
        ("nash --seed 3", "nash draws no lots"),
        ("nash --grade-step 3", "nash knows no grades"),
        ("nash --proposing rights", "nobody who proposes"),
        ("leximin --grade-step 0", "0 is not in 1..=1000000"),
        ("serial --demand 2", "gives each left one right"),
        ("best-total --demand 0", "write a number from 1 to 1000000"),
        (
            "best-total --demand 9999999999999",
            "--demand 9999999999999: write a number from 1 to 1000000",
        ),
        ("best-total --demand -3", "--demand -3: write a number from 1 to 1000000"),
        ("best-total --demand 1.5", "--demand 1.5: write a number from 1 to 1000000"),
        ("serial --seed -1", "write a whole number from 0 to 18446744073709551615"),
        ("leximin --grade-step -1", "-1 is not in 1..=1000000"),
        ("best-total --demand nowhere.csv", "nowhere.csv"),
    ] {
        let done = run(at, &format!("{SOLVE} --objective {asked}"));
        assert_eq!(code(&done), 1, "{asked}");
        assert!(text(&done.stderr).contains(says), "{asked}: {}", text(&done.stderr));
        assert!(!at.join("m.csv").exists());
    }
    let done = run(at, &format!("{SOLVE} --objective serial --demand 2 --grade-step 2"));
    assert_eq!(
        text(&done.stderr).lines().count(),
        3,
        "all reasons at once: {}",
        text(&done.stderr)
    );
    let done = run(at, "verify roster.json matching.json --seed 3");
    assert!(text(&done.stderr).contains("--seed is for raw problems"), "{}", text(&done.stderr));
}

#[test]
fn lefts_may_want_several_rights() {
    let folder = folder(EDGES, "right,capacity\nkim,2\nlee,2\nmax,1\n");
    let at = folder.path();
    fs::write(at.join("d.csv"), "left,demand,minimum\nana,2,0\ndi,2,2\n").unwrap();
    // di must have lee and max; of lee's other place and kim's two, ana's two and bo or cy are worth most.
    let done = run(at, &format!("{SOLVE} --demand d.csv"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let expected = "left,right\nana,kim\nana,lee\nbo,kim\ndi,lee\ndi,max\n";
    assert_eq!(fs::read_to_string(at.join("m.csv")).unwrap(), expected);
    assert!(
        text(&done.stdout).contains(
            "3 of 4 lefts have a place at 3 rights, 5 of 6 places wanted given; total score 2700000"
        ),
        "{}",
        text(&done.stdout)
    );
    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(at.join("s.json")).unwrap()).unwrap();
    assert_eq!(
        (&stats["rule"], &stats["wanted"], &stats["given"]),
        (&"best-total".into(), &6.into(), &5.into())
    );
    let verify = format!("{VERIFY} --demand d.csv");
    assert_eq!(code(&run(at, &verify)), 0);
    for (matching, says) in [
        ("ana,kim\nana,lee\nbo,kim\ndi,lee\n", "`di` has 1 right but needs 2"),
        ("ana,kim\nana,lee\nbo,kim\nbo,max\ndi,lee\ndi,max\n", "`bo` has 2 rights but wants 1"),
        (
            "ana,kim\ncy,kim\nana,lee\ndi,lee\ndi,max\n",
            "the prices do not prove that nothing is better",
        ),
        ("ana,kim\nbo,kim\ncy,kim\ndi,lee\ndi,max\n", "`kim` has 3 lefts but only 2 places"),
    ] {
        fs::write(at.join("m.csv"), format!("left,right\n{matching}")).unwrap();
        let done = run(at, &verify);
        assert_eq!(code(&done), 3, "{matching}");
        assert!(text(&done.stderr).contains(says), "{}", text(&done.stderr));
    }
    // As many places as can be: cy and bo both need kim or nothing better, so ana goes to lee alone.
    let done = run(at, &format!("{SOLVE} --demand d.csv --coverage most"));
    assert!(text(&done.stdout).contains("5 of 6 places wanted given"), "{}", text(&done.stdout));
    assert_eq!(code(&run(at, &verify)), 0);
    for objective in ["max-min", "leximin", "nash", "rank-maximal"] {
        let done = run(at, &format!("{SOLVE} --demand 2 --objective {objective}"));
        assert_eq!(code(&done), 0, "{objective}: {}", text(&done.stderr));
        let done = run(at, &format!("{VERIFY} --demand 2"));
        assert_eq!(code(&done), 0, "{objective}: {}", text(&done.stderr));
    }
    // Who needs more than can be had is named, and nothing is written.
    fs::remove_file(at.join("m.csv")).unwrap();
    for (demand, says) in [
        ("bo,3,3\n", "`bo` needs 3 different rights, but only 2 can be had: `kim`, `max`"),
        (
            "bo,2,2\ndi,2,2\n",
            "no matching gives everybody what they need: `bo`, `di` must have 2 of the places at `max`, which has only 1",
        ),
    ] {
        fs::write(at.join("d.csv"), format!("left,demand,minimum\n{demand}")).unwrap();
        let done = run(at, &format!("{SOLVE} --demand d.csv"));
        assert_eq!(code(&done), 2, "{}", text(&done.stdout));
        assert!(text(&done.stderr).contains(says), "{}", text(&done.stderr));
        assert!(!at.join("m.csv").exists());
    }
}

/// Every edge forced, by enumeration.
/// One left with two places and another with none is as many places as one each: the words must not claim more than that.
#[test]
fn where_lefts_want_several_rights_places_are_counted() {
    let folder = folder("left,right,score\na,x,10\na,y,10\nb,x,9\n", "right,capacity\nx,1\ny,1\n");
    for objective in ["best-total --coverage most", "leximin", "max-min", "nash"] {
        let done = run(folder.path(), &format!("{SOLVE} --demand 2 --objective {objective}"));
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        let done = run(folder.path(), &format!("{VERIFY} --demand 2"));
        let told = text(&done.stdout);
        assert!(code(&done) == 0 && told.contains("places") && !told.contains("serve"), "{told}");
    }
    fs::write(folder.path().join("d.csv"), "left,demand,minimum\na,2,1\nb,2,1\n").unwrap();
    let done = run(folder.path(), &format!("{SOLVE} --demand d.csv --coverage most"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let both = [("a", "y"), ("b", "x")].map(|(u, w)| (u.to_owned(), w.to_owned()));
    assert_eq!(pairs(folder.path()), both);
}

#[test]
fn what_a_choice_costs_is_what_is_lost_by_it() {
    let listed = listed();
    let folder = folder(EDGES, CAPACITIES);
    let at = folder.path();
    let done = run(at, &format!("{SOLVE} --choice choice.csv"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let best = listed.all.iter().map(|one| listed.total(one)).max().unwrap();
    let expected = listed.score.keys().fold("left,right,cost\n".to_owned(), |all, &(u, w)| {
        let forced = listed.all.iter().filter(|one| one[u] == Some(w));
        let cost = best - forced.map(|one| listed.total(one)).max().unwrap();
        all + &format!("{},{},{cost}\n", listed.lefts[u], listed.rights[w])
    });
    assert_eq!(fs::read_to_string(at.join("choice.csv")).unwrap(), expected);
    let done = run(at, &format!("{SOLVE} --objective nash --choice choice.csv"));
    assert_eq!(code(&done), 1);
    assert!(text(&done.stderr).contains("--choice says"), "{}", text(&done.stderr));
}

#[test]
fn what_a_place_is_worth_is_what_solving_again_gives() {
    let edges = "left,right,score\na,x,10\na,y,7\nb,x,9\nb,y,3\nc,x,8\nc,z,2\nd,y,5\n";
    let capacity = ["x", "y", "z"];
    let write = |places: [u32; 3]| {
        let rows = capacity.iter().zip(places).map(|(right, places)| format!("{right},{places}\n"));
        format!("right,capacity\n{}", rows.collect::<String>())
    };
    for demand in ["1", "2"] {
        let folder = folder(edges, &write([1, 1, 1]));
        let at = folder.path();
        let total = |places: [u32; 3]| -> i64 {
            fs::write(at.join("c.csv"), write(places)).unwrap();
            let done = run(at, &format!("{SOLVE} --demand {demand}"));
            assert_eq!(code(&done), 0, "{}", text(&done.stderr));
            let stats: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(at.join("s.json")).unwrap()).unwrap();
            stats["objective"].as_i64().unwrap()
        };
        let best = total([1, 1, 1]);
        let expected =
            capacity.iter().enumerate().fold("right,more,less\n".to_owned(), |all, (at, right)| {
                let (mut more, mut less) = ([1; 3], [1; 3]);
                more[at] = 2;
                less[at] = 0;
                all + &format!("{right},{},{}\n", total(more) - best, best - total(less))
            });
        fs::write(at.join("c.csv"), write([1, 1, 1])).unwrap();
        let done = run(at, &format!("{SOLVE} --demand {demand} --places places.csv"));
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        assert_eq!(fs::read_to_string(at.join("places.csv")).unwrap(), expected);
        // Both files of one run, and a place that a minimum needs.
        fs::write(at.join("c.csv"), "right,capacity,minimum\nx,1,1\ny,1,0\nz,0,0\n").unwrap();
        let both = format!("{SOLVE} --demand {demand} --places places.csv --choice choice.csv");
        assert_eq!(code(&run(at, &both)), 0);
        let told = fs::read_to_string(at.join("places.csv")).unwrap();
        let x = told.lines().find(|line| line.starts_with("x,")).unwrap();
        let z = told.lines().find(|line| line.starts_with("z,")).unwrap();
        assert!(x.ends_with(',') && z.ends_with(','), "{told}");
        assert!(at.join("choice.csv").exists());
    }
    let folder = folder(edges, &write([1, 1, 1]));
    let done = run(folder.path(), &format!("{SOLVE} --objective nash --places places.csv"));
    assert_eq!(code(&done), 1);
    assert!(text(&done.stderr).contains("--places says"), "{}", text(&done.stderr));
}

/// Costs against the best by hand: a choice may come beside what a left has, or instead of it.
#[test]
fn what_a_choice_costs_where_lefts_want_several_rights() {
    let edges = "left,right,score\na,x,10\na,y,10\na,z,4\nb,x,9\nb,y,3\n";
    let folder = folder(edges, "right,capacity\nx,1\ny,1\nz,1\n");
    let at = folder.path();
    let done = run(at, &format!("{SOLVE} --demand 2 --choice choice.csv"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let told = fs::read_to_string(at.join("choice.csv")).unwrap();
    // The best is a with y and z, b with x, 23. With x for a it is 20, with y for b 10 + 4 + 3 or, with x besides, 4 + 9 + 3.
    assert_eq!(told, "left,right,cost\na,x,3\na,y,0\na,z,0\nb,x,0\nb,y,6\n");
}

#[test]
fn ranks_decide_what_is_ordinal_and_nothing_else() {
    let edges = "left,right,left_rank,right_rank\na,w,1,2\na,x,2,1\nb,w,1,1\nb,x,2,2\n";
    let ranked = folder(edges, "right,capacity\nw,1\nx,1\n");
    let at = ranked.path();
    let done = run(at, &format!("{SOLVE} --objective stable"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert_eq!(fs::read_to_string(at.join("m.csv")).unwrap(), "left,right\na,x\nb,w\n");
    assert!(text(&done.stdout).contains("Nobody ranks two equally"), "{}", text(&done.stdout));
    assert!(!text(&done.stdout).contains("score"), "{}", text(&done.stdout));
    assert_eq!(code(&run(at, VERIFY)), 0);
    let done = run(at, SOLVE);
    assert_eq!(code(&done), 1);
    assert!(text(&done.stderr).contains("best-total reads scores, and the edges have none"));

    // Ties: somebody must be told that another stable matching may be larger.
    let edges = "left,right,score,left_rank,right_rank\na,w,5,1,1\na,x,5,2,1\nb,w,5,1,1\n";
    let tied = folder(edges, "right,capacity\nw,1\nx,1\n");
    let at = tied.path();
    let done = run(at, &format!("{SOLVE} --objective stable"));
    assert_eq!(fs::read_to_string(at.join("m.csv")).unwrap(), "left,right\na,x\nb,w\n");
    assert!(text(&done.stdout).contains("Király"), "{}", text(&done.stdout));
    let done = run(at, &format!("{SOLVE} --objective stable --proposing rights"));
    assert!(
        text(&done.stdout).contains("no matching serves more than 2"),
        "{}",
        text(&done.stdout)
    );
    assert!(text(&done.stdout).contains("at least half"), "{}", text(&done.stdout));
    assert_eq!(code(&run(at, &format!("{VERIFY} --proposing rights"))), 0);
    assert_eq!(code(&run(at, &format!("{VERIFY} --proposing lefts"))), 3);
    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(at.join("s.json")).unwrap()).unwrap();
    assert_eq!((&stats["status"], &stats["largest"]), (&"checked".into(), &2.into()));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let shuffled: Vec<&str> = EDGES.lines().collect();
    let shuffled = [&shuffled[..1], &shuffled[4..], &shuffled[1..4]].concat().join("\n");
    let (one, other) = (folder(EDGES, CAPACITIES), folder(&shuffled, CAPACITIES));
    for objective in OBJECTIVES {
        for (folder, threads) in [(&one, 1), (&other, 2)] {
            let args = format!("--threads {threads} {SOLVE} --objective {objective}");
            assert_eq!(code(&run(folder.path(), &args)), 0);
        }
        for name in ["m.csv", "z.json"] {
            let read = |folder: &tempfile::TempDir| fs::read(folder.path().join(name)).unwrap();
            assert_eq!(read(&one), read(&other), "{objective}: {name}");
        }
    }
}

#[test]
fn with_demand_the_words_are_of_places_and_a_minimum_gives_everybody_one() {
    let folder = folder("left,right,score\na,x,10\na,y,10\nb,x,9\n", "right,capacity\nx,1\ny,1\n");
    let at = folder.path();
    let note = "one left may have several while another has none";
    for asked in
        ["--coverage most", "--objective leximin", "--objective max-min", "--objective nash"]
    {
        let done = run(at, &format!("{SOLVE} --demand 2 {asked}"));
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        assert_eq!(
            fs::read_to_string(at.join("m.csv")).unwrap(),
            "left,right\na,x\na,y\n",
            "{asked}"
        );
        let coverage = if asked.starts_with("--coverage") { asked } else { "" };
        let checked = run(at, &format!("{VERIFY} --demand 2 {coverage}"));
        assert_eq!(code(&checked), 0, "{asked}: {}", text(&checked.stderr));
        for words in [text(&done.stdout), text(&checked.stdout)] {
            assert!(words.contains(note), "{asked}: {words}");
            assert!(words.contains("places wanted given"), "{asked}: {words}");
            assert!(!words.contains("serve"), "{asked}: {words}");
            assert!(
                !words.contains("everybody") && !words.contains("worst off"),
                "{asked}: {words}"
            );
        }
    }
    fs::write(at.join("d.csv"), "left,demand,minimum\na,2,1\nb,2,1\n").unwrap();
    let done = run(at, &format!("{SOLVE} --demand d.csv --coverage most"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert_eq!(fs::read_to_string(at.join("m.csv")).unwrap(), "left,right\na,y\nb,x\n");
    assert!(!text(&done.stdout).contains(note), "nobody has none: {}", text(&done.stdout));
    let plain = run(at, &format!("{SOLVE} --coverage most"));
    assert!(!text(&plain.stdout).contains(note), "{}", text(&plain.stdout));
    for command in ["solve", "verify"] {
        let help = text(&run(at, &format!("{command} --help")).stdout);
        assert!(help.contains("one may get two while"), "{help}");
        assert!(!help.contains("coordinator,") && !help.contains(", coordinator]"), "{help}");
    }
}

#[test]
fn five_policies_part_as_the_docs_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let (edges, capacities) =
        (read("examples/policies/edges.csv"), read("examples/policies/capacities.csv"));
    let mut scores: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for line in edges.lines().skip(1) {
        let [left, right, score] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        scores.entry(left).or_default().insert(right, score.parse().unwrap());
    }
    let docs = read("docs/policies.md");
    let rows: Vec<Vec<&str>> = docs
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 5);
    let folder = folder(&edges, &capacities);
    let mut seen = Vec::new();
    for row in rows {
        let objective = row[0].trim_matches('`');
        let solved = run(folder.path(), &format!("{SOLVE} --objective {objective}"));
        assert_eq!(code(&solved), 0, "{}", text(&solved.stderr));
        assert_eq!(code(&run(folder.path(), VERIFY)), 0, "{objective}");
        let found = pairs(folder.path());
        let rights: Vec<&str> = found.iter().map(|(_, right)| right.as_str()).collect();
        assert_eq!(rights, row[1..7], "{objective}");
        let own = || found.iter().map(|(left, right)| scores[left.as_str()][right.as_str()]);
        let best = || found.iter().map(|(left, _)| *scores[left.as_str()].values().max().unwrap());
        let percent = |score: u64| format!("{} %", score / 10_000);
        assert_eq!(percent(own().sum()), row[7], "{objective}");
        assert_eq!(percent(own().min().unwrap()), row[8], "{objective}");
        let mut behind: Vec<u64> = best().zip(own()).map(|(best, own)| best - own).collect();
        behind.sort_unstable_by(|a, b| b.cmp(a));
        let furthest = if row[9].contains("then") {
            format!("{}, then {}", percent(behind[0]), percent(behind[1]))
        } else {
            percent(behind[0])
        };
        assert_eq!(furthest, row[9], "{objective}");
        assert_eq!(
            behind.iter().filter(|&&by| by == 0).count().to_string(),
            row[10],
            "{objective}"
        );
        assert!(!seen.contains(&found), "{objective} gives what another gives");
        seen.push(found);
    }
}

/// What each left wants and must have, and every flow of it: a set of rights per left, as bits.
struct Wanting {
    listed: Listed,
    demand: Vec<(u32, u32)>,
    capacity: Vec<u32>,
    minimum: Vec<u32>,
    all: Vec<Vec<u32>>,
}

/// Ana, bo, cy and di, of whom not all can be served where places are few.
fn wanting(demand: &[(u32, u32)], capacity: &[u32], minimum: &[u32]) -> Wanting {
    let listed = listed();
    let mut all: Vec<Vec<u32>> = vec![vec![]];
    for (left, (most, least)) in demand.iter().enumerate() {
        let own = (0..1u32 << listed.rights.len()).filter(|set| {
            let edges = |right: &usize| listed.score.contains_key(&(left, *right));
            (0..listed.rights.len()).filter(|right| set >> right & 1 == 1).all(|w| edges(&w))
                && (*least..=*most).contains(&set.count_ones())
        });
        let own: Vec<u32> = own.collect();
        all = all
            .into_iter()
            .flat_map(|start| own.iter().map(move |set| [start.clone(), vec![*set]].concat()))
            .collect();
    }
    let load = |flow: &[u32], right: usize| {
        u32::try_from(flow.iter().filter(|set| *set >> right & 1 == 1).count()).unwrap()
    };
    all.retain(|flow| {
        (0..capacity.len()).all(|w| (minimum[w]..=capacity[w]).contains(&load(flow, w)))
    });
    let (capacity, minimum) = (capacity.to_vec(), minimum.to_vec());
    Wanting { listed, demand: demand.to_vec(), capacity, minimum, all }
}

impl Wanting {
    fn folder(&self) -> tempfile::TempDir {
        let rows = self.listed.rights.iter().zip(&self.capacity).zip(&self.minimum);
        let capacities = rows.map(|((right, most), least)| format!("{right},{most},{least}\n"));
        let folder = folder(
            EDGES,
            &("right,capacity,minimum\n".to_owned() + &capacities.collect::<String>()),
        );
        let rows = self.listed.lefts.iter().zip(&self.demand);
        let rows = rows.map(|(left, (most, least))| format!("{left},{most},{least}\n"));
        let demand = "left,demand,minimum\n".to_owned() + &rows.collect::<String>();
        fs::write(folder.path().join("d.csv"), demand).unwrap();
        folder
    }

    fn of(flow: &[u32]) -> impl Iterator<Item = (usize, usize)> + '_ {
        flow.iter().enumerate().flat_map(|(left, set)| {
            (0..32).filter(move |right| set >> right & 1 == 1).map(move |right| (left, right))
        })
    }

    fn csv(&self, flow: &[u32]) -> String {
        let names = |(u, w): (usize, usize)| {
            format!("{},{}\n", self.listed.lefts[u], self.listed.rights[w])
        };
        "left,right\n".to_owned() + &Self::of(flow).map(names).collect::<String>()
    }

    fn read(&self, folder: &Path) -> Vec<u32> {
        let mut flow = vec![0; self.listed.lefts.len()];
        for (left, right) in pairs(folder) {
            let at = |names: &[&str], name: &str| names.iter().position(|n| *n == name).unwrap();
            flow[at(&self.listed.lefts, &left)] |= 1 << at(&self.listed.rights, &right);
        }
        flow
    }

    fn served(flow: &[u32]) -> Vec<bool> {
        flow.iter().map(|set| *set > 0).collect()
    }

    fn count(flow: &[u32]) -> usize {
        flow.iter().filter(|set| **set > 0).count()
    }

    /// The least sum of who has something; none where nobody has.
    fn least(&self, flow: &[u32]) -> Option<i64> {
        let sum = |left: usize| {
            Self::of(flow).filter(|pair| pair.0 == left).map(|p| self.listed.score[&p]).sum()
        };
        (0..flow.len()).filter(|left| flow[*left] > 0).map(sum).min()
    }

    fn most(&self) -> usize {
        self.all.iter().map(|flow| Self::count(flow)).max().unwrap()
    }

    /// The largest least sum of the flows that serve the same lefts.
    fn best(&self, flow: &[u32]) -> Option<i64> {
        let same = |other: &&Vec<u32>| Self::served(other) == Self::served(flow);
        self.all.iter().filter(same).filter_map(|other| self.least(other)).max()
    }
}

/// One right each, two, with minimums on either side, and places too few for everybody.
fn several_wantings() -> Vec<Wanting> {
    vec![
        wanting(&[(1, 0); 4], &[1, 1, 1], &[0; 3]),
        wanting(&[(2, 0); 4], &[2, 2, 2], &[0; 3]),
        wanting(&[(2, 0); 4], &[1, 1, 1], &[0; 3]),
        wanting(&[(2, 0); 4], &[3, 3, 2], &[3, 3, 2]),
        wanting(&[(2, 0), (2, 2), (2, 0), (2, 0)], &[2, 1, 1], &[0, 0, 1]),
        wanting(&[(2, 0), (2, 0), (2, 0), (2, 2)], &[1, 2, 1], &[1, 2, 0]),
        wanting(&[(2, 0); 4], &[0, 1, 0], &[0; 3]),
        wanting(&[(2, 0); 4], &[0, 0, 0], &[0; 3]),
    ]
}

const SOLVE_SUMS: &str = "solve --edges e.csv --capacities c.csv --demand d.csv --objective max-min --per-person --out m.csv --certificate z.json --stats s.json";

#[test]
fn per_person_serves_the_most_and_shares_out_as_said() {
    let mut refused = 0;
    for wanting in several_wantings() {
        let folder = wanting.folder();
        let at = folder.path();
        let done = run(at, SOLVE_SUMS);
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        let own = wanting.read(at);
        assert!(wanting.all.contains(&own), "{own:?}");
        assert_eq!(Wanting::count(&own), wanting.most(), "{own:?}");
        assert_eq!(wanting.least(&own), wanting.best(&own), "{own:?}");
        let told = text(&done.stdout);
        assert!(
            told.contains("Proven over")
                && told.contains("of the total score nothing is proven") == (wanting.most() > 0),
            "{told}"
        );
        let stats: serde_json::Value =
            serde_json::from_slice(&fs::read(at.join("s.json")).unwrap()).unwrap();
        let least = wanting.least(&own).map_or(serde_json::Value::Null, Into::into);
        assert_eq!((&stats["least_sum"], &stats["least_sum_bound"]), (&least, &least));
        assert_eq!(stats["status"], "optimal");
        let verify = format!("{VERIFY} --demand d.csv");
        for asked in ["", "--per-person", "--objective max-min --per-person"] {
            let done = run(at, &format!("{verify} {asked}"));
            assert_eq!(code(&done), 0, "{asked}: {}", text(&done.stderr));
        }
        // Every other flow: accepted just where it serves the most, and what is said of it is true.
        for flow in wanting.all.iter().take(90) {
            fs::write(at.join("m.csv"), wanting.csv(flow)).unwrap();
            let done = run(at, &format!("{verify} --format json"));
            match code(&done) {
                0 => {
                    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
                    assert_eq!(Wanting::count(flow), wanting.most(), "{flow:?}");
                    assert_eq!(told["least_sum"].as_i64(), wanting.least(flow), "{flow:?}");
                    assert!(told["least_sum_bound"].as_i64() >= wanting.best(flow), "{flow:?}");
                }
                3 => {
                    refused += 1;
                    // The bound is of who was served: the same lefts are never refused.
                    assert_ne!(Wanting::served(flow), Wanting::served(&own), "{flow:?}");
                }
                other => panic!("{other}: {}", text(&done.stderr)),
            }
        }
        // A pair more or less than may be is refused.
        for left in 0..own.len() {
            for right in 0..3 {
                let mut other = own.clone();
                other[left] ^= 1 << right;
                if !wanting.all.contains(&other) {
                    fs::write(at.join("m.csv"), wanting.csv(&other)).unwrap();
                    let done = run(at, &verify);
                    // Where all want one, a second right is a fault of the file.
                    let due =
                        [if wanting.demand.iter().all(|own| *own == (1, 0)) { 1 } else { 3 }, 3];
                    assert!(due.contains(&code(&done)), "{other:?}: {}", text(&done.stdout));
                    assert!(done.stdout.is_empty() && !done.stderr.is_empty(), "{other:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 60, "{refused}");
}

#[test]
fn a_changed_certificate_per_person_is_refused_or_true() {
    let (mut refused, mut accepted) = (0, 0);
    for wanting in several_wantings().into_iter().take(6) {
        let folder = wanting.folder();
        let at = folder.path();
        assert_eq!(code(&run(at, SOLVE_SUMS)), 0);
        let own = wanting.read(at);
        let (least, best) = (wanting.least(&own), wanting.best(&own));
        let written: serde_json::Value =
            serde_json::from_slice(&fs::read(at.join("z.json")).unwrap()).unwrap();
        for changed in mutations(&written) {
            if changed == written {
                continue;
            }
            fs::write(at.join("z.json"), serde_json::to_vec(&changed).unwrap()).unwrap();
            let done = run(at, &format!("{VERIFY} --demand d.csv --format json"));
            match code(&done) {
                0 => {
                    accepted += 1;
                    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
                    assert_eq!(told["least_sum"].as_i64(), least, "{changed}");
                    assert!(told["least_sum_bound"].as_i64() >= best, "{changed}");
                    let words = text(&run(at, &format!("{VERIFY} --demand d.csv")).stdout);
                    let met = told["least_sum_bound"] == told["least_sum"];
                    assert_eq!(words.contains("(gap "), !met, "{words}");
                }
                1 | 3 => {
                    refused += 1;
                    assert!(done.stdout.is_empty() && !done.stderr.is_empty(), "{changed}");
                }
                other => panic!("{other}: {changed}: {}", text(&done.stderr)),
            }
        }
    }
    assert!(refused > 100 && refused > accepted && accepted > 0, "{refused}, {accepted}");
}

#[test]
fn per_person_goes_with_max_min_alone_and_says_why() {
    let wanting = wanting(&[(2, 0); 4], &[2, 2, 2], &[0; 3]);
    let folder = wanting.folder();
    let at = folder.path();
    for (asked, says) in [
        ("--objective leximin", "leximin knows no fairness per person"),
        ("--objective best-total", "best-total knows no fairness per person"),
        ("--objective serial", "serial knows no fairness per person"),
        ("--objective max-min --grade-step 2", "compares sums of scores and knows no grades"),
        ("--objective max-min --coverage total", "max-min serves as many as can be first"),
        ("--objective max-min --choice w.csv", "--choice says"),
    ] {
        let done = run(at, &format!("{SOLVE} --per-person {asked}"));
        assert_eq!(code(&done), 1, "{asked}");
        assert!(text(&done.stderr).contains(says), "{asked}: {}", text(&done.stderr));
        assert!(!at.join("m.csv").exists());
    }
    // Sums and pairs are two kinds of fairness, and the certificate of one is not that of the other.
    assert_eq!(code(&run(at, &format!("{SOLVE} --demand 2 --objective max-min"))), 0);
    let done = run(at, &format!("{VERIFY} --demand 2 --per-person"));
    assert_eq!(code(&done), 3);
    assert!(text(&done.stderr).contains("by pair"), "{}", text(&done.stderr));
    let done = run(at, "verify roster.json matching.json --per-person");
    assert!(text(&done.stderr).contains("--per-person is for raw problems"));
    // A demand beyond all edges is as good as all edges.
    let done = run(at, &format!("{SOLVE} --demand 1000000 --objective max-min --per-person"));
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert_eq!(code(&run(at, &format!("{VERIFY} --demand 1000000"))), 0);
    // Minimums that cannot be kept are named as everywhere.
    fs::write(at.join("d.csv"), "left,demand,minimum\nbo,3,3\n").unwrap();
    let done = run(at, SOLVE_SUMS);
    assert_eq!(code(&done), 2);
    assert!(text(&done.stderr).contains("`bo` needs 3 different rights"), "{}", text(&done.stderr));
    for command in ["solve", "verify"] {
        let help = text(&run(at, &format!("{command} --help")).stdout);
        assert!(help.contains("--per-person") && help.contains("how far each is below"), "{help}");
    }
}
