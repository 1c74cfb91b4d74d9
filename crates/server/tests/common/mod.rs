//! A service for a test, and a caller small enough to send what no proper caller would.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use peermatch_server::{Config, Limits, Running, Service};
use peermatch_store::{Sqlite, Store};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a test waits for an answer before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A store in memory.
pub async fn store() -> Arc<dyn Store> {
    Arc::new(Sqlite::memory().await.expect("a store in memory"))
}

/// A service on a free port that lets everybody in, over a store in memory.
pub async fn demo() -> Running {
    demo_with(Limits::default()).await
}

/// The same with other limits.
pub async fn demo_with(limits: Limits) -> Running {
    start(Config { demo: true, limits, ..Config::new(store().await) }).await
}

/// A service as it is set up.
pub async fn start(config: Config) -> Running {
    let mut service = Service::start(config).await.expect("the service starts");
    service.ready().await;
    service
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, put together if it came in chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.text()))
    }

    /// That it is a problem of this status with a code, a request id and the right media type; gives it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{problem}");
        problem
    }

    /// The body without what differs between two answers to the same question.
    pub fn body_without_id(&self) -> Value {
        let mut body = self.json();
        if let Some(body) = body.as_object_mut() {
            body.remove("request_id");
        }
        body
    }
}

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// A request without a body.
pub fn ask(method: &str, path: &str) -> Ask {
    Ask { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: None }
}

/// A GET.
pub fn get(path: &str) -> Ask {
    ask("GET", path)
}

/// A POST of JSON.
pub fn post(path: &str, body: &Value) -> Ask {
    ask("POST", path).json(body)
}

impl Ask {
    /// With a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a key.
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With a body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// As it goes over the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let Self { method, path, headers, body } = self;
        let mut head = vec![format!("{method} {path} HTTP/1.1")];
        if !headers.iter().any(|(name, _)| name == "host") {
            head.push("host: localhost".to_owned());
        }
        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        if let Some(body) = body {
            head.push(format!("content-length: {}", body.len()));
        }
        let mut bytes = (head.join("\r\n") + "\r\n\r\n").into_bytes();
        bytes.extend(body.as_deref().unwrap_or_default());
        bytes
    }

    /// Sends it on a connection of its own and waits for the answer.
    pub async fn send(&self, to: SocketAddr) -> Answer {
        let head = self.method == "HEAD";
        let bytes = self.clone().header("connection", "close").bytes();
        raw(to, &bytes, head).await.expect("an answer")
    }
}

/// Sends bytes as they are and reads one answer.
pub async fn raw(to: SocketAddr, bytes: &[u8], head: bool) -> io::Result<Answer> {
    let work = async {
        let mut stream = TcpStream::connect(to).await?;
        // The other end may answer and close before it has read everything.
        let _ = stream.write_all(bytes).await;
        answer(&mut stream, head).await
    };
    tokio::time::timeout(PATIENCE, work).await.expect("an answer in time")
}

/// Reads one answer.
pub async fn answer(stream: &mut TcpStream, head: bool) -> io::Result<Answer> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut read = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(cut());
        }
        read.extend(&buffer[..count]);
    };
    let text = String::from_utf8(read[..end].to_vec()).expect("a head is text");
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let status: u16 = status.parse().expect("a number");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut rest = read[end + 4..].to_vec();
    let of = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let body = if head || matches!(status, 204 | 304) {
        Vec::new()
    } else if of("transfer-encoding") == Some("chunked") {
        loop {
            if let Some(body) = unchunked(&rest) {
                break body;
            }
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(cut());
            }
            rest.extend(&buffer[..count]);
        }
    } else {
        let length: usize = of("content-length").map_or(0, |n| n.parse().expect("a number"));
        while rest.len() < length {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(cut());
            }
            rest.extend(&buffer[..count]);
        }
        rest.truncate(length);
        rest
    };
    Ok(Answer { status, headers, body })
}

/// A chunked body put together, once it is whole.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        let chunk = rest.get(line + 2..line + 2 + size)?;
        rest = rest.get(line + 4 + size..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend(chunk);
    }
}
