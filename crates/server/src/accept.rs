//! The accept loop: sockets, and the time limits that a server for everybody needs and a router cannot give.
//!
//! A caller that trickles its head, stands idle, sends its body slowly or does not take its answer is dropped, and holds up nobody else meanwhile. Beyond
//! [`Limits::connections`] further ones are told to come again at once.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout_at};
use tower::ServiceExt;

use crate::app::App;
use crate::gate::Peer;
use crate::limits::Limits;
use crate::problem::{PROBLEM_JSON, Problem};

/// What a connection beyond the cap is told, and nothing else.
fn full() -> Vec<u8> {
    let problem = Problem::busy(1);
    let body = serde_json::to_vec(&problem).expect("a problem is plain data");
    let mut told = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {PROBLEM_JSON}\r\nretry-after: 1\r\ncache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    told.extend(body);
    told
}

/// How long to wait when the system gives no more sockets.
const BREATH: Duration = Duration::from_millis(50);

/// Answers until told to stop; then finishes what was begun, within [`Limits::stop_time`].
pub async fn run(listener: TcpListener, router: Router, app: App, mut stop: watch::Receiver<bool>) {
    let limits = app.limits.clone();
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut open = JoinSet::new();
    let full = full();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // A connection that went away again, or no more sockets: neither is a reason to stop.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(BREATH).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            app.telemetry.shed("connections");
            // Into the empty buffer of a new socket this goes whole or not at all; nobody waits for it.
            let _ = stream.writable().now_or_never();
            let _ = stream.try_write(&full);
            continue;
        };
        app.telemetry.gauge(
            "peermatch_connections",
            Vec::new(),
            u32::try_from(limits.connections - permits.available_permits()).unwrap_or(u32::MAX),
        );
        let (router, limits, stop) = (router.clone(), limits.clone(), stop.clone());
        open.spawn(async move {
            serve(stream, peer, router, limits, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    let until = Instant::now() + limits.stop_time;
    while let Ok(Some(_)) = timeout_at(until, open.join_next()).await {}
    if !open.is_empty() {
        tracing::warn!(left = open.len(), "connections were cut off at the limit");
        open.shutdown().await;
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    // Small answers should not wait for each other.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Patient::new(stream, limits.stall_time));
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.header_bytes)
        .keep_alive(true)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let stopped = async {
        // The sender going away is as good as being told.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let done = tokio::select! {
        done = connection.as_mut() => done,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = done {
        // Callers that break off, trickle or send what is no HTTP: their affair, worth a line only when looked for.
        tracing::debug!(%error, "a connection ended");
    }
}

/// A socket that gives up when the other end takes nothing for too long. (Reading has its own limits: for heads and for bodies.)
struct Patient {
    stream: TcpStream,
    stall: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream, stall: Duration) -> Self {
        Self { stream, stall, waiting: None }
    }

    fn waited<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let until = Instant::now() + self.stall;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep_until(until)));
        waiting.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.waited(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.waited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
