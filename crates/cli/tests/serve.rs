//! `peermatch serve` as a process: what it prints, how it ends, and when it refuses to start.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test, where a panic is the report and what it measured is told"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A service that ends with the test.
struct Serving {
    child: Child,
    address: String,
    started: Duration,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peermatch"));
    command.current_dir(folder).arg("serve").args(args);
    command
}

fn serving(mut command: Command) -> Serving {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().expect("it says where it listens").unwrap();
    let address = first.strip_prefix("listening on http://").expect(&first).to_owned();
    Serving { child, address, started: start.elapsed() }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Ends it as a service manager would; what it wrote to standard error.
#[cfg(unix)]
fn terminate(mut serving: Serving, signal: &str) -> (Option<i32>, String) {
    let id = serving.child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    let mut log = String::new();
    serving.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    (serving.child.wait().unwrap().code(), log)
}

fn refused(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = command(folder, args).stdin(Stdio::null()).output().unwrap();
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[test]
fn the_demo_answers_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let demo = serving(command(folder.path(), &["--demo", "--listen", "127.0.0.1:0"]));
        println!("ready after {:?}", demo.started);
        assert!(get(&demo.address, "/readyz").starts_with("HTTP/1.1 200"));
        assert!(get(&demo.address, "/Aroha?name=Aroha").starts_with("HTTP/1.1 404"));
        let (code, log) = terminate(demo, signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("/readyz") && log.contains("status=404"), "{log}");
        assert!(!log.contains("Aroha"), "a path that is not ours is never logged: {log}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo writes no file");
}

#[cfg(unix)]
#[test]
fn a_file_is_kept_and_held_by_one_service_alone() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--data", "kept.db", "--listen", "127.0.0.1:0", "--log-format", "json"];
    let first = serving(command(folder.path(), &args));
    assert!(get(&first.address, "/readyz").starts_with("HTTP/1.1 200"));
    let (code, words) = refused(folder.path(), &args);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("kept.db"), "{words}");
    let (code, log) = terminate(first, "-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{log}");
    assert!(folder.path().join("kept.db").exists());
    let again = serving(command(folder.path(), &args));
    assert!(get(&again.address, "/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn what_cannot_be_served_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("other.db"), "this is no store, but some text of a length\n")
        .unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, code, said) in [
        (&["--demo", "--listen", "0.0.0.0:0"][..], 1, "lets everybody in"),
        (&["--listen", "0.0.0.0:0"], 1, "peermatch keys add"),
        (&["--demo", "--listen", &taken], 1, "cannot listen"),
        (&["--demo", "--listen", "nowhere"], 1, "--listen"),
        (&["--demo", "--data", "x.db"], 1, "--data"),
        (&["--demo", "--log", "a=b=c"], 1, "log filter"),
        (&["--demo", "--time-limit", "5"], 1, "--time-limit"),
        (&["--data", "other.db", "--listen", "127.0.0.1:0"], 3, "peermatch restore"),
    ] {
        let (found, words) = refused(folder.path(), args);
        assert!(words.contains(said), "{args:?}: {words}");
        assert_eq!(found, Some(code), "{args:?}: {words}");
    }
}

/// The service asks nothing of the outside: in a network without any route it answers the same, byte for byte.
#[cfg(target_os = "linux")]
#[test]
fn no_outside_traffic_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let alone = |inside: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rn", "sh", "-c", inside]).current_dir(folder.path());
        command
    };
    let permitted = alone("ip link set lo up").output().is_ok_and(|out| out.status.success());
    if !permitted {
        println!("skipped: this machine gives no network of one's own");
        return;
    }
    let beside = serving(command(folder.path(), &["--demo", "--listen", "127.0.0.1:0"]));
    let program = env!("CARGO_BIN_EXE_peermatch");
    let caller = r#"
exec 3<>/dev/tcp/127.0.0.1/4791
printf 'GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n' "$1" >&3
cat <&3"#;
    for path in ["/openapi.json", "/docs", "/readyz", "/v1/policies"] {
        let inside = format!(
            "ip link set lo up; '{program}' serve --demo --listen 127.0.0.1:4791 --log off >ready & pid=$!; for i in $(seq 200); do [ -s ready ] && break; sleep 0.05; done; bash -c '{}' caller {path}; kill $pid; wait $pid; rm ready",
            caller.replace('\'', "'\\''"),
        );
        let output = alone(&inside).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        let body = |answer: &str| answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        let here = get(&beside.address, path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer} {:?}", output.stderr);
        assert_eq!(body(&answer), body(&here), "{path}");
    }
}
