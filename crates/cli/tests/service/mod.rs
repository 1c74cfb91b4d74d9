//! The service as its users meet it: the built command in a process of its own, spoken to over a socket.
//!
//! The caller is written on the standard library alone, so that what is tested is not tested with its own parts.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests that each use a part of it; a panic is the report"
)]

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use peermatch_server::Role;
use peermatch_server::auth::keys::{self, Wanted};
use peermatch_store::sqlite::{Options, Sqlite};
use peermatch_store::{Organisation, Store, StoreError};

/// How long a service may take to say where it listens and to be ready, before a test gives up on it.
pub const START_MAX: Duration = Duration::from_mins(1);

/// How long one answer may take before a test gives up on it.
pub const ANSWER_MAX: Duration = Duration::from_mins(2);

/// A running `peermatch serve`. Dropping it kills it.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    /// From the start of the process to its first `200` on `/readyz`.
    pub ready_after: Duration,
    log: PathBuf,
    _stdout: BufReader<std::process::ChildStdout>,
}

impl Service {
    /// Starts the command with `serve` and these arguments on a free port, and waits until it is ready. What it logs goes to a file in `folder`.
    ///
    /// # Errors
    /// Its status and what it logged, if it ended instead.
    pub fn start(folder: &Path, args: &[&str]) -> Result<Self, (ExitStatus, String)> {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_peermatch")), folder, args)
    }

    /// The same with a command that runs it, such as one that changes its namespace first.
    ///
    /// # Errors
    /// As [`Service::start`].
    pub fn start_by(
        mut command: Command,
        folder: &Path,
        args: &[&str],
    ) -> Result<Self, (ExitStatus, String)> {
        let log = folder.join("serve.log");
        let began = Instant::now();
        let mut child = command
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let addr = loop {
            let mut line = String::new();
            if stdout.read_line(&mut line).unwrap() == 0 {
                let status = child.wait().unwrap();
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                return Err((status, said + &log));
            }
            said += &line;
            let addr = line.split("http://").nth(1).map(|rest| {
                let end = rest.find(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c)));
                &rest[..end.unwrap_or(rest.len())]
            });
            if let Some(addr) = addr {
                break addr.parse().unwrap();
            }
        };
        let mut service = Self { child, addr, ready_after: Duration::ZERO, log, _stdout: stdout };
        loop {
            let ready = service.caller(None).get("/readyz");
            if ready.is_ok_and(|answer| answer.status == 200) {
                break;
            }
            if let Some(status) = service.child.try_wait().unwrap() {
                return Err((status, service.logged()));
            }
            assert!(began.elapsed() < START_MAX, "not ready: {}", service.logged());
            std::thread::sleep(Duration::from_millis(5));
        }
        service.ready_after = began.elapsed();
        Ok(service)
    }

    /// Somebody who calls it, with a key or without.
    pub fn caller(&self, key: Option<&str>) -> Caller {
        Caller { addr: self.addr, key: key.map(str::to_owned), stream: None }
    }

    /// What it logged so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that the process has had in RAM, in bytes, where the system tells.
    pub fn memory_peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    }

    /// Kills it on the spot (SIGKILL), as a power switch would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop (SIGTERM) and waits for it.
    pub fn stop(mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }
}

/// Somebody who calls the service, on one connection that is kept alive.
pub struct Caller {
    addr: SocketAddr,
    key: Option<String>,
    stream: Option<BufReader<TcpStream>>,
}

impl Caller {
    /// Asks for an address.
    ///
    /// # Errors
    /// What the socket says.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, &[], None)
    }

    /// Sends JSON to an address.
    ///
    /// # Errors
    /// What the socket says.
    pub fn post(&mut self, path: &str, body: &serde_json::Value) -> io::Result<Answer> {
        self.send("POST", path, &[], Some(body.to_string().as_bytes()))
    }

    /// Sends a request and reads the answer. After an error the connection is given up and the next request makes a new one; nothing is sent twice.
    ///
    /// # Errors
    /// What the socket says.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let mut request = Vec::new();
        write!(request, "{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.addr)?;
        if let Some(key) = &self.key {
            write!(request, "authorization: Bearer {key}\r\n")?;
        }
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(body) = body {
            if !typed {
                request.extend(b"content-type: application/json\r\n");
            }
            write!(request, "content-length: {}\r\n", body.len())?;
        }
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n")?;
        }
        request.extend(b"\r\n");
        request.extend_from_slice(body.unwrap_or_default());
        // An answer can come before the body is through (too large, not allowed): read it then.
        let sent = stream.get_mut().write_all(&request);
        let (answer, close) = match read_answer(&mut stream, method) {
            Ok(read) => read,
            Err(error) => return Err(sent.err().unwrap_or(error)),
        };
        if !close && sent.is_ok() {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.addr, Duration::from_secs(10))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.set_write_timeout(Some(ANSWER_MAX))?;
        Ok(BufReader::new(stream))
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn read_answer(stream: &mut BufReader<TcpStream>, method: &str) -> io::Result<(Answer, bool)> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let head = line(stream)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or_else(|| bad(&head))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| bad(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    let close = answer.header("connection").is_some_and(|value| value.contains("close"));
    if method == "HEAD" || status == 204 || status == 304 {
        return Ok((answer, close));
    }
    if answer.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        loop {
            let size = line(stream)?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16);
            let size = size.map_err(|_| bad("size of a chunk"))?;
            let start = answer.body.len();
            answer.body.resize(start + size, 0);
            stream.read_exact(&mut answer.body[start..])?;
            line(stream)?;
            if size == 0 {
                return Ok((answer, close));
            }
        }
    }
    let length = answer.header("content-length").map(str::parse::<usize>);
    if let Some(length) = length {
        answer.body.resize(length.map_err(|_| bad("content-length"))?, 0);
        stream.read_exact(&mut answer.body)?;
        return Ok((answer, close));
    }
    stream.read_to_end(&mut answer.body)?;
    Ok((answer, true))
}

/// Makes an organisation with a key in a store that no service holds; gives the key.
pub fn add_key(data: &Path, organisation: &str, roles: &[Role]) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(data, Options::default()).await.unwrap();
        let made_at = 1_760_000_000_000_000;
        let id = organisation.to_owned();
        let made =
            store.add_organisation(&Organisation { id, name: "A service".into(), made_at }).await;
        assert!(matches!(made, Ok(()) | Err(StoreError::Taken)), "{made:?}");
        let wanted = Wanted {
            organisation: organisation.to_owned(),
            label: "test".to_owned(),
            roles: roles.iter().copied().collect(),
            rosters: Vec::new(),
            worker: None,
            expires_at: None,
        };
        let (key, secret) = keys::make(wanted, made_at).unwrap();
        let entry = serde_json::from_value(serde_json::json!({
            "at": made_at, "actor": "command", "role": "administrator", "action": "key.added",
        }));
        store.add_key(&key, &entry.unwrap()).await.unwrap();
        store.close().await;
        secret
    })
}
