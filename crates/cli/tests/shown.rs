//! What the READMEs and docs/policies.md show is what the command prints, to the byte.
//!
//! In a block marked `console`, a line that starts with `$ ` is a command and the lines after it are its output (standard output,
//! then standard error); `| head -n N` or `| tail -n N` behind a command cut it, and a line `...` stands for any lines. `cargo run
//! --release --` is the command itself, and `cat FILE` shows a file that the next command reads. The commands of one document
//! run in one folder, with the example programmes and policies in it.
//!
//! After a change of words, `RENEW=1 cargo test -p peermatch-cli --test shown` writes the outputs anew (but for those with `...`, which are
//! mended by hand): read the difference before you commit it. Rust blocks run as doc tests of the root crate.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Whether `real` is what `shown` says, `...` standing for any lines.
fn same(shown: &[&str], real: &[String]) -> bool {
    match shown.split_first() {
        None => real.is_empty(),
        Some((&"...", rest)) => (0..=real.len()).any(|skipped| same(rest, &real[skipped..])),
        Some((line, rest)) => {
            real.split_first().is_some_and(|(first, others)| first == line && same(rest, others))
        }
    }
}

/// What a demonstration answers to the request that a `curl` would send. (No curl is needed here, and no fixed port.)
fn answered(folder: &Path, url: &str, sent: Option<(&str, &str)>) -> Vec<String> {
    let path = url.strip_prefix("http://127.0.0.1:4780").expect("the default address");
    let request = match sent {
        None => format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"),
        Some((header, file)) => {
            let body = fs::read_to_string(folder.join(file)).unwrap();
            let length = body.len();
            format!(
                "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        }
    };
    let mut demo = Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .args(["serve", "--demo", "--log", "off", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let first = BufReader::new(demo.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let mut stream =
        TcpStream::connect(first.strip_prefix("listening on http://").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    let (_, told) = answer.split_once("\r\n\r\n").unwrap();
    told.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// What a command prints, line by line without trailing space; `None` if it is not ours to run.
fn printed(folder: &Path, command: &str) -> Option<Vec<String>> {
    let (command, cut) = command.split_once(" | ").unwrap_or((command, ""));
    let words: Vec<&str> = command.split_whitespace().collect();
    let args = match words.as_slice() {
        ["cargo", "run", "--release", "--", args @ ..] | ["peermatch", args @ ..] => args,
        ["cargo", ..] => return None,
        ["curl", "-s", url, "-H", header, "-d", file] => {
            let sent = Some((*header, file.strip_prefix('@').unwrap()));
            return Some(answered(folder, url, sent));
        }
        ["curl", "-s", url] => {
            let url = url.trim_matches('"');
            return Some(answered(folder, url, None));
        }
        other => panic!("what is {other:?}?"),
    };
    let output = Command::new(env!("CARGO_BIN_EXE_peermatch"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let mut lines: Vec<String> =
        all.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
    match cut.split_whitespace().collect::<Vec<_>>()[..] {
        [] => {}
        ["head", "-n", count] => lines.truncate(count.parse().unwrap()),
        ["tail", "-n", count] => {
            drop(lines.drain(..lines.len().saturating_sub(count.parse().unwrap())));
        }
        _ => panic!("{command}: neither head nor tail"),
    }
    Some(lines)
}

/// Runs every command of a document; gives back how it should read, and what differs.
fn run(document: &Path) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for examples in ["examples/programmes", "examples/policies"] {
        copy(&root().join(examples), &folder.path().join(examples));
    }
    let text = fs::read_to_string(document).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (mut renewed, mut wrong, mut ran) = (String::new(), Vec::new(), 0);
    let mut put = |lines: &[&str]| {
        for line in lines {
            renewed.push_str(line);
            renewed.push('\n');
        }
    };
    let (mut inside, mut at) = (false, 0);
    while at < lines.len() {
        let line = lines[at];
        put(&[line]);
        at += 1;
        if line.starts_with("```") {
            inside = line == "```console";
        }
        let Some(command) = line.strip_prefix("$ ").filter(|_| inside) else { continue };
        let end = at
            + lines[at..].iter().position(|l| l.starts_with("$ ") || l.starts_with("```")).unwrap();
        let shown = &lines[at..end];
        at = end;
        let blank = shown.iter().rev().take_while(|l| l.is_empty()).count();
        let (shown, blanks) = shown.split_at(shown.len() - blank);
        if let Some(name) = command.strip_prefix("cat ") {
            fs::write(folder.path().join(name), shown.join("\n") + "\n").unwrap();
            put(shown);
        } else if let Some(real) = printed(folder.path(), command) {
            ran += 1;
            if same(shown, &real) || shown.contains(&"...") {
                put(shown);
            } else {
                put(&real.iter().map(String::as_str).collect::<Vec<_>>());
            }
            if !same(shown, &real) {
                wrong.push(format!(
                    "{}: {command}\nshows\n{}\nbut prints\n{}",
                    document.display(),
                    shown.join("\n"),
                    real.join("\n")
                ));
            }
        } else {
            put(shown);
        }
        put(blanks);
    }
    assert!(ran > 0, "{} shows no command", document.display());
    (renewed, wrong)
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let mut documents = vec![root().join("README.md"), root().join("docs/policies.md")];
    for programme in fs::read_dir(root().join("examples/programmes")).unwrap() {
        documents.push(programme.unwrap().path().join("README.md"));
    }
    documents.sort();
    assert_eq!(documents.len(), 5);
    let mut all = Vec::new();
    for document in documents {
        let (renewed, wrong) = run(&document);
        if std::env::var_os("RENEW").is_some() {
            fs::write(&document, renewed).unwrap();
        }
        all.extend(wrong);
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}
