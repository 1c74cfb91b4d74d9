//! What holds for every request, whatever it asks: ids, headers, problems, limits.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, where a panic is the report"
)]

mod common;

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use axum::routing::{get as on_get, post as on_post};
use common::{Answer, ask, demo, demo_with, get, post, raw, store};
use peermatch_server::request::{Caller, Json, NoBody, Path, Query, Write};
use peermatch_server::table::{Route, Who};
use peermatch_server::{Config, Limits, Problem, Role, Running, Service};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    top: u32,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Count {
    count: u32,
}

/// Routes that do what ours do, one thing each.
fn trying() -> Vec<Route> {
    const ANY: Who = Who::Roles(&[Role::Coordinator]);
    vec![
        Route::new(
            Method::GET,
            "/try/{id}",
            "try_get",
            on_get(|caller: Caller, Path(id): Path<String>, Query(asked): Query<Asked>| async move {
                Json(json!({ "id": id, "top": asked.top, "actor": caller.principal.actor, "role": caller.role }))
            }),
        )
        .who(ANY),
        Route::new(
            Method::POST,
            "/try/{id}",
            "try_post",
            on_post(|write: Write<Json<Count>>| async move {
                Json(json!({ "count": write.body.0.count, "key": write.asked.idempotency }))
            }),
        )
        .who(ANY)
        .json::<Count>(1_000),
        Route::new(
            Method::POST,
            "/nothing",
            "try_nothing",
            on_post(|_: Write<NoBody>| async move { StatusCode::NO_CONTENT }),
        )
        .who(ANY),
        Route::new(
            Method::GET,
            "/panic",
            "try_panic",
            on_get(async || -> Problem { panic!("Aroha") }),
        )
        .who(ANY),
        Route::new(
            Method::GET,
            "/slow",
            "try_slow",
            on_get(async || {
                tokio::time::sleep(Duration::from_millis(400)).await;
                Json(json!({ "slow": true }))
            }),
        )
        .who(ANY),
        Route::new(Method::GET, "/auditors", "try_auditors", on_get(async || Json(json!({}))))
            .who(Who::Roles(&[Role::PeerWorker])),
    ]
}

async fn trying_with(demo: bool, limits: Limits) -> Running {
    let config = Config { demo, limits, ..Config::new(store().await) };
    let mut routes = peermatch_server::routes();
    routes.extend(trying());
    let mut service = Service::start_with(config, routes).await.unwrap();
    service.ready().await;
    service
}

fn hardened(answer: &Answer) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() > 16));
    assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control")));
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_headers_of_the_house() {
    let service = trying_with(true, Limits::default()).await;
    let mut ids = std::collections::BTreeSet::new();
    for request in [
        get("/healthz"),
        get("/readyz"),
        get("/metrics"),
        get("/try/a"),
        get("/nowhere"),
        get("/panic"),
        ask("PUT", "/try/a"),
        ask("OPTIONS", "/try/a"),
        ask("HEAD", "/healthz"),
        get("/try/a").header("x-request-id", "mine").header("origin", "http://elsewhere.example"),
    ] {
        let answer = request.send(service.addr).await;
        hardened(&answer);
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
    service.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_a_problem() {
    let service = trying_with(true, Limits::default()).await;
    let to = service.addr;
    get("/nowhere").send(to).await.problem(404, "not_found");
    get("/").send(to).await.problem(404, "not_found");
    get("/try/%ff").send(to).await.problem(404, "not_found");
    get("/try//a").send(to).await.problem(404, "not_found");
    let answer = ask("DELETE", "/try/a").send(to).await;
    answer.problem(405, "method_not_allowed");
    let allow: Vec<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
    assert!(allow.contains(&"GET") && allow.contains(&"POST"), "{allow:?}");
    get("/try/a?top=x").send(to).await.problem(400, "bad_query");
    get("/try/a?other=1").send(to).await.problem(400, "bad_query");
    get("/auditors").send(to).await.problem(403, "forbidden");
    let panicked = get("/panic").send(to).await;
    panicked.problem(500, "internal");
    assert!(!panicked.text().contains("Aroha"));

    let count = |body: &str| ask("POST", "/try/a").body(body);
    count("{\"count\": 1}").send(to).await.problem(415, "unsupported_media_type");
    for (media, coding) in [
        ("text/plain", None),
        ("application/json; charset=latin1", None),
        ("application/json", Some("gzip")),
    ] {
        let mut request = count("{\"count\": 1}").header("content-type", media);
        if let Some(coding) = coding {
            request = request.header("content-encoding", coding);
        }
        request.send(to).await.problem(415, "unsupported_media_type");
    }
    let sent = |body: &str| count(body).header("content-type", "application/json");
    let fault = sent("{\"count\": \"x\"}").send(to).await.problem(422, "faults");
    assert_eq!(fault["errors"][0]["pointer"], "/count");
    sent("{\"count\": 1, \"more\": 2}").send(to).await.problem(422, "faults");
    sent("{\"count\": ").send(to).await.problem(400, "malformed");
    sent(&format!("{{\"count\": 1{}}}", " ".repeat(1_000)))
        .send(to)
        .await
        .problem(413, "too_large");
    ask("POST", "/nothing").body("x").send(to).await.problem(400, "no_body_here");
    ask("POST", "/nothing").body("x".repeat(65)).send(to).await.problem(413, "too_large");
    assert_eq!(post("/nothing", &json!({})).send(to).await.status, 204, "many callers send one");
    assert_eq!(ask("POST", "/nothing").send(to).await.status, 204);
    // A body that does not say how long it is, is counted as it comes.
    let chunk = format!("400\r\n{}\r\n0\r\n\r\n", " ".repeat(0x400));
    let chunked = format!(
        "POST /try/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{chunk}"
    );
    raw(to, chunked.as_bytes(), false).await.unwrap().problem(413, "too_large");

    let answer = sent("{\"count\": 1}").header("idempotency-key", "k1").send(to).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["key"][0], "k1");
    let other = sent("{\"count\": 2}").header("idempotency-key", "k1").send(to).await;
    assert_ne!(answer.json()["key"][1], other.json()["key"][1], "another body has another hash");
    sent("{\"count\": 1}")
        .header("idempotency-key", "with space")
        .send(to)
        .await
        .problem(400, "bad_idempotency_key");
    assert_eq!(
        get("/try/a%20b?top=3").send(to).await.json(),
        json!({ "id": "a b", "top": 3, "actor": "demo", "role": "coordinator" })
    );
    service.stop().await;
}

#[tokio::test]
async fn without_credentials_nothing_but_health() {
    let service = trying_with(false, Limits::default()).await;
    let to = service.addr;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(path).send(to).await.status, 200, "{path}");
    }
    let answer = get("/try/a").send(to).await;
    answer.problem(401, "unauthorized");
    assert!(answer.header("www-authenticate").is_some());
    post("/v1/check", &json!({})).send(to).await.problem(401, "unauthorized");
    // What is not there needs no credentials to be told so.
    get("/nowhere").send(to).await.problem(404, "not_found");
    service.stop().await;
}

#[tokio::test]
async fn numbers_are_for_this_machine_without_a_proxy() {
    let service = trying_with(false, Limits::default()).await;
    let to = service.addr;
    get("/try/Aroha?top=7").send(to).await;
    get("/nowhere/Aroha").send(to).await;
    let answer = get("/metrics").send(to).await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(
        text.contains(
            "peermatch_requests_total{method=\"GET\",route=\"/try/{id}\",status=\"401\"} 1"
        ),
        "{text}"
    );
    assert!(text.contains("peermatch_request_seconds_bucket"), "{text}");
    assert!(!text.contains("Aroha"), "{text}");
    for name in ["forwarded", "x-forwarded-for", "x-real-ip", "via"] {
        let passed_on = get("/metrics").header(name, "198.51.100.7").send(to).await;
        passed_on.problem(401, "unauthorized");
    }
    service.stop().await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { rate: (0.5, 3), rate_unknown: (0.001, 1), ..Limits::default() };
    let service = trying_with(true, limits).await;
    for _ in 0..3 {
        assert_eq!(get("/try/a").send(service.addr).await.status, 200);
    }
    let answer = get("/try/a").send(service.addr).await;
    answer.problem(429, "too_many_requests");
    let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(get("/healthz").send(service.addr).await.status, 200, "health is always told");
    service.stop().await;
}

#[tokio::test]
async fn beyond_what_is_answered_at_once_others_are_told_to_come_again() {
    let service = trying_with(true, Limits { in_flight: 2, ..Limits::default() }).await;
    let to = service.addr;
    let all =
        futures_util::future::join_all((0..6).map(|_| async move { get("/slow").send(to).await }))
            .await;
    let (answered, shed): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.status == 200);
    assert_eq!(answered.len(), 2);
    for answer in shed {
        answer.problem(503, "busy");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(get("/slow").send(to).await.status, 200, "there is room again");
    service.stop().await;
}

#[tokio::test]
async fn beyond_the_open_connections_others_are_told_to_come_again() {
    let service = demo_with(Limits { connections: 3, ..Limits::default() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(service.addr).await.unwrap();
        stream.write_all(&get("/healthz").bytes()).await.unwrap();
        assert_eq!(common::answer(&mut stream, false).await.unwrap().status, 200);
        held.push(stream);
    }
    let mut stream = TcpStream::connect(service.addr).await.unwrap();
    let answer = common::answer(&mut stream, false).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (503, "busy"));
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "and the connection is closed");
    drop(held);
    service.stop().await;
}

#[tokio::test]
async fn bodies_share_one_room() {
    let limits = Limits { bodies_bytes: 40 << 10, ..Limits::default() };
    let service = demo_with(limits).await;
    let large = json!({ "roster": { "padding": "x".repeat(60 << 10) } });
    post("/v1/check", &large).send(service.addr).await.problem(503, "busy");
    let small = json!({ "roster": {} });
    post("/v1/check", &small).send(service.addr).await.problem(422, "faults");
    service.stop().await;
}

/// Heads and bodies that trickle, connections that stand idle, answers that nobody takes: all are dropped in their time.
#[tokio::test]
async fn who_is_slow_is_dropped() {
    let limits = Limits {
        header_time: Duration::from_millis(300),
        stall_time: Duration::from_millis(300),
        body_time: Duration::from_millis(900),
        ..Limits::default()
    };
    let service = trying_with(true, limits).await;
    let to = service.addr;
    let closed = |mut stream: TcpStream| async move {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest));
        // Closed in order or cut: either is dropped.
        let _ = read.await.expect("the connection is dropped");
        rest
    };
    // A head that never ends.
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nx: ").await.unwrap();
    closed(stream).await;
    // A connection on which nothing more comes.
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(&get("/healthz").bytes()).await.unwrap();
    assert_eq!(common::answer(&mut stream, false).await.unwrap().status, 200);
    assert_eq!(closed(stream).await, b"");
    // A body that stops, and one that trickles for too long altogether.
    let head = b"POST /try/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{";
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(head).await.unwrap();
    common::answer(&mut stream, false).await.unwrap().problem(408, "too_slow");
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(head).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut read = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), reading.read_to_end(&mut read))
        .await
        .expect("dropped")
        .ok();
    assert!(read.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&read));
    trickle.await.unwrap();
    service.stop().await;
}

/// 200 callers that trickle their heads: all dropped in time, and others are answered meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tricklers_hold_up_nobody() {
    let limit = Duration::from_secs(2);
    let service = demo_with(Limits { header_time: limit, ..Limits::default() }).await;
    let to = service.addr;
    let p99 = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() * 99 / 100]
    };
    let measure = || async {
        let mut times = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            assert_eq!(get("/healthz").send(to).await.status, 200);
            times.push(start.elapsed());
        }
        times
    };
    let alone = p99(measure().await);
    let tricklers: Vec<_> = (0..200)
        .map(|_| {
            tokio::spawn(async move {
                let stream = TcpStream::connect(to).await.unwrap();
                let start = Instant::now();
                let (mut reading, mut writing) = stream.into_split();
                let writer = tokio::spawn(async move {
                    let _ = writing.write_all(b"GET /healthz HTTP/1.1\r\nx: ").await;
                    while writing.write_all(b"y").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                });
                let mut rest = Vec::new();
                let _ = reading.read_to_end(&mut rest).await;
                writer.abort();
                (start.elapsed(), rest)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let beside = p99(measure().await);
    for trickler in tricklers {
        let (time, rest) = tokio::time::timeout(Duration::from_secs(30), trickler)
            .await
            .expect("every trickler is dropped")
            .unwrap();
        assert!(time >= limit / 2, "dropped after {time:?}, before its time");
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
    println!("p99 of /healthz: {alone:?} alone, {beside:?} beside 200 tricklers");
    assert_eq!(get("/healthz").send(to).await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn heads_have_limits() {
    let service = demo_with(Limits { headers: 10, header_bytes: 9_000, ..Limits::default() }).await;
    let mut many = get("/healthz");
    for n in 0..20 {
        many = many.header(&format!("x-{n}"), "1");
    }
    let answer = raw(service.addr, &many.bytes(), false).await.unwrap();
    assert_eq!(answer.status, 431);
    let long = get(&format!("/healthz?{}", "x".repeat(20_000)));
    let answer = raw(service.addr, &long.bytes(), false).await.unwrap();
    assert!(matches!(answer.status, 414 | 431), "{answer:?}");
    for bad in [b"\x16\x03\x01\x02\x00".as_slice(), b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        match raw(service.addr, bad, false).await {
            Ok(answer) => assert!((400..500).contains(&answer.status), "{answer:?}"),
            Err(error) => drop(error),
        }
    }
    assert_eq!(get("/healthz").send(service.addr).await.status, 200);
    service.stop().await;
}

/// Stopping takes nothing more, but answers what was begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_is_finished_when_the_service_stops() {
    let service = trying_with(true, Limits::default()).await;
    let to = service.addr;
    let slow = tokio::spawn(async move { get("/slow").send(to).await });
    let mut idle = TcpStream::connect(to).await.unwrap();
    idle.write_all(&get("/healthz").bytes()).await.unwrap();
    assert_eq!(common::answer(&mut idle, false).await.unwrap().status, 200);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    service.stop().await;
    assert!(start.elapsed() < Duration::from_secs(10), "idle connections are not waited for");
    assert_eq!(slow.await.unwrap().json(), json!({ "slow": true }));
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(to).await.is_err());
}

/// What takes longer than the limit is cut off.
#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off() {
    let limits = Limits { stop_time: Duration::from_millis(50), ..Limits::default() };
    let service = trying_with(true, limits).await;
    let to = service.addr;
    let slow = tokio::spawn(async move { raw(to, &get("/slow").bytes(), false).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    service.stop().await;
    assert!(slow.await.unwrap().is_err());
}

#[tokio::test]
async fn beyond_this_machine_somebody_must_be_known() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let config = Config { listen: everywhere, ..Config::new(store().await) };
    let refused = Service::start(config).await.err().unwrap();
    assert!(refused.to_string().contains("peermatch keys add"), "{refused}");
    let config = Config { listen: everywhere, demo: true, ..Config::new(store().await) };
    let refused = Service::start(config).await.err().unwrap();
    assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
}

#[tokio::test]
async fn the_demo_answers_the_stateless_routes() {
    let service = demo().await;
    let told = post("/v1/check", &json!({ "roster": Value::Null })).send(service.addr).await;
    told.problem(422, "faults");
    service.stop().await;
}
