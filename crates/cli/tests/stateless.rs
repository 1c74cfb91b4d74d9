//! The stateless API and the command give the same bytes: every route and its command, on the shipped packs.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use peermatch_formats::members::Bounds;
use peermatch_formats::{read_policy, read_roster, write_roster_json};
use peermatch_model::words::{Audience, Objective, Words};
use peermatch_server::Problem;
use peermatch_server::jobs::End;
use peermatch_server::stateless::ask::Ask;
use peermatch_solve::Quiet;
use serde_json::{Value, json};

/// A pack as the command reads it, and as a request holds it.
struct Pack {
    path: PathBuf,
    policy_path: Option<PathBuf>,
    roster: Value,
    policy: Option<Value>,
    folder: tempfile::TempDir,
    /// How many answers were the same.
    same: Cell<usize>,
    /// How many refusals were.
    refused: Cell<usize>,
}

fn pack(roster: &str, policy: Option<&str>) -> Pack {
    let programmes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/programmes");
    let path = programmes.join(roster);
    let parts = read_roster(&path).unwrap().into_parts().unwrap();
    let written = write_roster_json(&parts.input, parts.taxonomy.as_ref());
    let policy_path = policy.map(|policy| programmes.join(policy));
    let policy = policy_path.as_ref().map(|path| {
        let (input, _) = read_policy("policy.toml", &fs::read(path).unwrap()).unwrap();
        serde_json::to_value(input).unwrap()
    });
    Pack {
        path,
        policy_path,
        roster: serde_json::from_slice(&written).unwrap(),
        policy,
        folder: tempfile::tempdir().unwrap(),
        same: Cell::new(0),
        refused: Cell::new(0),
    }
}

fn ask(ask: Ask, body: &Value) -> Result<Vec<u8>, Box<Problem>> {
    let body = serde_json::to_vec(body).unwrap();
    ask.answer(&body, Bounds::default(), &Quiet).map_err(|end| match end {
        End::Problem(problem) => problem,
        End::Stopped => panic!("nobody stopped it"),
    })
}

impl Pack {
    fn command(&self, name: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peermatch"));
        command.arg(name).arg(&self.path).args(args).args(["--format", "json"]);
        command.current_dir(self.folder.path()).output().unwrap()
    }

    /// Asks both for the same; `policy` says whether the pack's policy goes with it. The answer, where there is one.
    fn both(
        &self,
        what: Ask,
        name: &str,
        args: &[&str],
        policy: bool,
        more: &Value,
    ) -> Option<Value> {
        let mut body = json!({ "roster": self.roster });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let mut args: Vec<&str> = args.to_vec();
        let policy_path = self.policy_path.as_ref().map(|path| path.to_str().unwrap());
        if let (true, Some(policy), Some(path)) = (policy, &self.policy, policy_path) {
            body["policy"] = policy.clone();
            args.extend(["--policy", path]);
        }
        let output = self.command(name, &args);
        let told = || format!("{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        match ask(what, &body) {
            Ok(bytes) => {
                assert!(matches!(output.status.code(), Some(0 | 1)), "{}", told());
                assert_eq!(
                    String::from_utf8(bytes.clone()).unwrap(),
                    String::from_utf8(output.stdout.clone()).unwrap(),
                    "{}",
                    told()
                );
                self.same.set(self.same.get() + 1);
                Some(serde_json::from_slice(&bytes).unwrap())
            }
            Err(problem) => {
                let code = output.status.code();
                let expected = match problem.code.as_str() {
                    "infeasible" => 2,
                    "not_verified" => 3,
                    _ => 1,
                };
                assert_eq!(code, Some(expected), "{problem:?}\n{}", told());
                assert_eq!(problem.status, 422);
                self.refused.set(self.refused.get() + 1);
                None
            }
        }
    }

    /// A document in a file, for the command.
    fn file(&self, name: &str, document: &Value) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, serde_json::to_vec(document).unwrap()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn ids(&self, list: &str) -> Vec<String> {
        let rows = self.roster[list].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    fn everything(&self) {
        let (people, workers) = (self.ids("people"), self.ids("workers"));
        self.both(Ask::Check, "check", &[], false, &json!({}));
        self.both(
            Ask::Check,
            "check",
            &["--as-of", "2026-12-24"],
            false,
            &json!({ "as_of": "2026-12-24" }),
        );

        let matching = self.both(Ask::Match, "match", &[], true, &json!({}));
        for objective in Objective::ALL {
            let word = objective.word();
            let (args, more) = if objective.draws() {
                (
                    vec!["--objective", word, "--seed", "7"],
                    json!({ "objective": word, "seed": "7" }),
                )
            } else {
                (vec!["--objective", word], json!({ "objective": word }))
            };
            self.both(Ask::Match, "match", &args, true, &more);
        }
        let proposing = json!({ "objective": "stable", "proposing": "workers", "seed": u64::MAX });
        let seed = u64::MAX.to_string();
        let args = ["--objective", "stable", "--proposing", "workers", "--seed", &seed];
        self.both(Ask::Match, "match", &args, true, &proposing);
        self.both(
            Ask::Match,
            "match",
            &["--objective", "nash", "--seed", "1"],
            true,
            &json!({ "objective": "nash", "seed": 1 }),
        );

        for (at, person) in people.iter().enumerate().step_by(people.len().div_ceil(5)) {
            let asked = json!({ "person_id": person, "top": 3 });
            self.both(Ask::Suggest, "suggest", &["--for", person, "--top", "3"], true, &asked);
            let asked = json!({ "person_id": person, "costs": false });
            self.both(Ask::Suggest, "suggest", &["--for", person, "--no-costs"], true, &asked);
            for (place, audience) in Audience::ALL.iter().enumerate() {
                let worker = &workers[(at + place) % workers.len()];
                let args = ["--user", person, "--worker", worker, "--audience", audience.word()];
                let asked = json!({ "person_id": person, "worker_id": worker, "audience": audience.word() });
                self.both(Ask::Explain, "explain", &args, true, &asked);
            }
        }
        self.both(
            Ask::Suggest,
            "suggest",
            &["--for", "nobody"],
            true,
            &json!({ "person_id": "nobody" }),
        );

        if let Some(matching) = &matching {
            let file = self.file("matching.json", matching);
            let pair = &matching["matches"][0];
            let (person, worker) =
                (pair["person_id"].as_str().unwrap(), pair["worker_id"].as_str().unwrap());
            for audience in Audience::ALL {
                let args = [
                    "--user",
                    person,
                    "--worker",
                    worker,
                    "--audience",
                    audience.word(),
                    "--matching",
                    &file,
                ];
                let asked = json!({ "person_id": person, "worker_id": worker, "audience": audience.word(), "matching": matching });
                self.both(Ask::Explain, "explain", &args, false, &asked);
            }
            self.both(Ask::Match, "match", &["--from", &file], true, &json!({ "from": matching }));
            self.verified(&file, matching);
            let mut other = matching.clone();
            other["matches"][0]["worker_id"] = json!("somebody else");
            self.verified(&self.file("other.json", &other), &other);
        }

        for mode in ["safe", "live", "shortlist"] {
            let menu = self.both(
                Ask::Menu,
                "menu",
                &["--mode", mode, "--seed", "3"],
                true,
                &json!({ "mode": mode, "seed": 3 }),
            );
            let Some(menu) = menu else { continue };
            let file = self.file("menu.json", &menu);
            self.verified(&file, &menu);
            let with_options = menu["menus"].as_array().unwrap().iter();
            let asked =
                with_options.filter(|menu| !menu["options"].as_array().unwrap().is_empty()).nth(1);
            let Some(asked) = asked else { continue };
            let person = asked["person_id"].as_str().unwrap();
            let option = asked["options"][0]["worker_id"].as_str().unwrap();
            let (word, answer) = if mode == "shortlist" {
                ("--rank", json!({ "ranks": [option] }))
            } else {
                ("--pick", json!({ "pick": option }))
            };
            let choose = |menu: &Value, file: &str, args: &[&str], mut more: Value| {
                more["menu"] = menu.clone();
                let mut all = vec![file];
                all.extend(args);
                self.both(Ask::Choose, "choose", &all, false, &more)
            };
            let next = choose(
                &menu,
                &file,
                &["--for", person, word, option],
                json!({ "person_id": person, "answer": answer }),
            );
            let next = next.expect("an option can be picked");
            let file = self.file("next.json", &next);
            self.verified(&file, &next);
            choose(
                &next,
                &file,
                &["--for", person, "--pick", "none"],
                json!({ "person_id": person, "answer": "none" }),
            );
            choose(
                &next,
                &file,
                &["--for", person, "--pick", "later", "--change"],
                json!({ "person_id": person, "answer": "later", "change": true }),
            );
            choose(
                &next,
                &file,
                &["--for", person, "--change"],
                json!({ "person_id": person, "answer": "taken_back", "change": true }),
            );
            choose(&next, &file, &["--resolve"], json!({ "resolve": true }));
        }
        let two = format!("{},{}", people[0], people[1]);
        self.both(
            Ask::Menu,
            "menu",
            &["--for", &two, "--size", "2"],
            true,
            &json!({ "people": [people[0], people[1]], "size": 2 }),
        );
        self.both(
            Ask::Menu,
            "menu",
            &["--mode", "live", "--most-loss", "0"],
            true,
            &json!({ "mode": "live", "most_loss": 0 }),
        );

        for leaving in [&workers[..1], &workers[1..3]] {
            let handover = self.both(
                Ask::Handover,
                "handover",
                &["--leaving", &leaving.join(",")],
                true,
                &json!({ "leaving": leaving }),
            );
            if let Some(handover) = handover {
                self.verified(&self.file("handover.json", &handover), &handover);
            }
        }
        for (args, more) in [
            (vec!["--seed", "5"], json!({ "seed": 5 })),
            (
                vec!["--cap", "1/3", "--denominator", "30"],
                json!({ "cap": "1/3", "denominator": 30 }),
            ),
            (vec!["--cap", "1/100"], json!({ "cap": "1/100" })),
            (
                vec!["--objective", "probabilistic-serial", "--secret", "a b"],
                json!({ "objective": "probabilistic_serial", "secret": "a b" }),
            ),
        ] {
            if let Some(lottery) = self.both(Ask::Lottery, "lottery", &args, true, &more) {
                self.verified(&self.file("lottery.json", &lottery), &lottery);
            }
        }
        self.both(Ask::Compare, "compare", &[], true, &json!({}));
        let asked = json!({ "objectives": ["max-min", "stable"], "audience": "auditor", "no_minimums": true, "seed": 2 });
        let args = [
            "--objectives",
            "max-min,stable",
            "--audience",
            "auditor",
            "--no-minimums",
            "--seed",
            "2",
        ];
        self.both(Ask::Compare, "compare", &args, true, &asked);
    }

    fn verified(&self, file: &str, document: &Value) {
        self.both(Ask::Verify, "verify", &[file], false, &json!({ "document": document }));
    }
}

#[test]
fn the_same_bytes_as_the_command_on_the_default_service() {
    let pack = pack("service/roster", Some("service/policy.toml"));
    pack.everything();
    assert!(pack.same.get() >= 60 && pack.refused.get() >= 4, "{:?}", (pack.same, pack.refused));
}

#[test]
fn the_same_bytes_as_the_command_under_limits() {
    let pack = pack("service/roster", Some("service/limits.toml"));
    let matching = pack.both(Ask::Match, "match", &[], true, &json!({})).unwrap();
    assert!(matching["limits"].is_object());
    pack.verified(&pack.file("matching.json", &matching), &matching);
    pack.both(Ask::Menu, "menu", &[], true, &json!({}));
    assert_eq!(pack.same.get() + pack.refused.get(), 3);
}

#[test]
fn the_same_bytes_as_the_command_on_a_housing_programme() {
    let pack = pack("housing/roster.json", Some("housing/policy.toml"));
    pack.everything();
    assert!(pack.same.get() >= 60 && pack.refused.get() >= 4, "{:?}", (pack.same, pack.refused));
}

#[test]
fn the_same_bytes_as_the_command_in_two_areas() {
    let pack = pack("two-areas/roster", Some("two-areas/policy.toml"));
    pack.everything();
    assert!(pack.same.get() >= 60 && pack.refused.get() >= 4, "{:?}", (pack.same, pack.refused));
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    let pack = pack("service/roster", Some("service/policy.toml"));
    let body = json!({ "roster": pack.roster, "policy": pack.policy });
    let person = pack.ids("people")[3].clone();
    let answers = |threads: usize| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        threads.install(|| {
            [Ask::Match, Ask::Menu, Ask::Compare, Ask::Lottery, Ask::Suggest].map(|what| {
                let mut body = body.clone();
                if what == Ask::Suggest {
                    body["person_id"] = json!(person);
                }
                ask(what, &body).unwrap()
            })
        })
    };
    let one = answers(1);
    assert_eq!(one, answers(2));
    assert_eq!(one, answers(8));
}
