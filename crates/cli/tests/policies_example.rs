//! The example of objectives that part ways: `examples/policies`. Each gives a matching of its own, each verifies, and each is the only best
//! one by its own definition, which is decided here by enumeration.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const OBJECTIVES: [&str; 5] = ["best-total", "max-min", "leximin", "nash", "rank-maximal"];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policies")
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(examples().join(file)).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

struct Example {
    lefts: Vec<String>,
    rights: Vec<(String, usize)>,
    /// Of each left, by right: in hundredths.
    scores: Vec<Vec<i64>>,
}

impl Example {
    fn read() -> Self {
        let scores: BTreeMap<(String, String), i64> = rows("edges.csv")
            .into_iter()
            .map(|row| ((row[0].clone(), row[1].clone()), row[2].parse::<i64>().unwrap() / 10_000))
            .collect();
        let lefts: BTreeSet<String> = scores.keys().map(|(left, _)| left.clone()).collect();
        let lefts: Vec<String> = lefts.into_iter().collect();
        let rights: Vec<(String, usize)> = rows("capacities.csv")
            .into_iter()
            .map(|row| (row[0].clone(), row[1].parse().unwrap()))
            .collect();
        let of = |left: &String| {
            let one = |(right, _): &(String, usize)| scores[&(left.clone(), right.clone())];
            rights.iter().map(one).collect()
        };
        let scores = lefts.iter().map(of).collect();
        Self { lefts, rights, scores }
    }

    /// Every matching that serves all, as the place of each left's right.
    fn all(&self) -> Vec<Vec<usize>> {
        let mut all: Vec<Vec<usize>> = vec![vec![]];
        for _ in &self.lefts {
            let longer = |start: Vec<usize>| {
                let taken = |place: usize| start.iter().filter(|one| **one == place).count();
                let free: Vec<usize> = (0..self.rights.len())
                    .filter(|&place| taken(place) < self.rights[place].1)
                    .collect();
                free.into_iter().map(move |place| [start.clone(), vec![place]].concat())
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all
    }

    fn fits(&self, matching: &[usize]) -> Vec<i64> {
        matching.iter().zip(&self.scores).map(|(&place, scores)| scores[place]).collect()
    }

    /// How far each is behind the best they could have, largest first.
    fn behind(&self, matching: &[usize]) -> Vec<i64> {
        let best = self.scores.iter().map(|scores| scores.iter().max().unwrap());
        let mut behind: Vec<i64> =
            self.fits(matching).iter().zip(best).map(|(fit, best)| best - fit).collect();
        behind.sort_unstable_by(|a, b| b.cmp(a));
        behind
    }

    /// How many have their first, second, third, fourth choice.
    fn choices(&self, matching: &[usize]) -> Vec<i64> {
        let mut counts = vec![0; self.rights.len()];
        for (fit, scores) in self.fits(matching).iter().zip(&self.scores) {
            counts[scores.iter().filter(|score| *score > fit).count()] += 1;
        }
        counts
    }

    /// What is to be as large as can be, compared from the front.
    fn key(&self, objective: &str, matching: &[usize]) -> Vec<i64> {
        let total = self.fits(matching).iter().sum();
        let mut key = match objective {
            "best-total" => vec![],
            "max-min" => vec![-self.behind(matching)[0]],
            "leximin" => self.behind(matching).iter().map(|behind| -behind).collect(),
            "nash" => vec![self.fits(matching).iter().product()],
            "rank-maximal" => self.choices(matching),
            other => panic!("{other} has no key"),
        };
        key.push(total);
        key
    }
}

fn run(folder: &Path, args: &[&str]) {
    let examples = examples();
    let files = ["edges.csv", "capacities.csv"].map(|file| examples.join(file));
    let done = Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .arg(args[0])
        .arg("--edges")
        .arg(&files[0])
        .arg("--capacities")
        .arg(&files[1])
        .args(&args[1..])
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn five_objectives_give_five_matchings_and_each_is_the_only_best_of_its_kind() {
    let example = Example::read();
    let all = example.all();
    assert_eq!(all.len(), 180);
    let folder = tempfile::tempdir().unwrap();
    let mut found = BTreeMap::new();
    for objective in OBJECTIVES {
        let solve = ["solve", "--objective", objective, "--out", "m.csv", "--certificate", "proof"];
        run(folder.path(), &solve);
        let verify = ["verify", "--objective", objective, "--matching", "m.csv"];
        run(folder.path(), &[&verify[..], &["--certificate", "proof"]].concat());
        let text = std::fs::read_to_string(folder.path().join("m.csv")).unwrap();
        let pairs: BTreeMap<&str, &str> =
            text.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect();
        let place = |left: &String| {
            example.rights.iter().position(|(right, _)| right == pairs[left.as_str()]).unwrap()
        };
        let matching: Vec<usize> = example.lefts.iter().map(place).collect();
        let key = example.key(objective, &matching);
        let as_good = all.iter().filter(|other| example.key(objective, other) >= key);
        assert_eq!(as_good.collect::<Vec<_>>(), [&matching], "{objective}");
        found.insert(objective, matching);
    }
    let different: BTreeSet<_> = found.values().collect();
    assert_eq!(different.len(), OBJECTIVES.len());
}
