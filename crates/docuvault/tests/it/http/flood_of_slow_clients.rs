//! Hundreds of clients that drip their headers or bodies: others hardly notice, and each is cut off in time.

use std::time::{Duration, Instant};

use docuvault::http::limits::HttpLimits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::support::TestApp;

const OF_EACH: usize = 250;
/// Shortened, so that the test is; the proportions are the same.
const LIMITS: Duration = Duration::from_secs(3);
/// Of opening hundreds of connections on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

fn limits() -> HttpLimits {
    HttpLimits {
        header_time: LIMITS,
        body_time: LIMITS,
        body_silence: LIMITS / 2,
        unread_answer_time: LIMITS,
        // Fewer than the slow bodies: they must not take them.
        running: 32,
        ..HttpLimits::default()
    }
}

/// Sends `opening`, then `drip` over and over. Answers how long it was kept.
async fn drip(addr: String, opening: &'static [u8], drip: &'static [u8]) -> Duration {
    let began = Instant::now();
    let (mut read, mut write) = TcpStream::connect(&addr).await.unwrap().into_split();
    write.write_all(opening).await.unwrap();
    let dripping = async {
        while write.write_all(drip).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut told = Vec::new();
    tokio::select! {
        _ = read.read_to_end(&mut told) => {}
        () = dripping => {}
        () = tokio::time::sleep(4 * (LIMITS + SLACK)) => {}
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_net_01_slow_headers_and_bodies_delay_nobody_and_are_cut() {
    const HEADERS: &[u8] = b"GET /api/v1/me HTTP/1.1\r\nhost: vault\r\n";
    const BODY: &[u8] = b"POST /api/v1/auth/login HTTP/1.1\r\nhost: vault\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n{";
    let app = TestApp::with().http_limits(limits()).start().await;
    let alice = app.user("alice").await;
    let addr = app.base_url.trim_start_matches("http://").to_owned();
    let mut slow = JoinSet::new();
    for _ in 0..OF_EACH {
        slow.spawn(drip(addr.clone(), HEADERS, b"x: y\r\n"));
        slow.spawn(drip(addr.clone(), BODY, b" "));
    }
    let (began, mut took) = (Instant::now(), Vec::new());
    while began.elapsed() < LIMITS {
        let asked = Instant::now();
        alice.get("/api/v1/me").await.expect(200);
        took.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    took.sort_unstable();
    let p99 = took[(took.len() * 99 / 100).min(took.len() - 1)];
    assert!(p99 < Duration::from_secs(1), "{p99:?} of {}", took.len());
    let kept = slow.join_all().await;
    assert_eq!(kept.len(), 2 * OF_EACH);
    let longest = kept.into_iter().max().unwrap();
    assert!(longest < LIMITS + SLACK, "one was kept for {longest:?}");
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn rel_net_01_a_body_that_stops_is_told_so() {
    let app = TestApp::with().http_limits(limits()).start().await;
    let addr = app.base_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&addr).await.unwrap();
    stream
        .write_all(b"POST /api/v1/auth/login HTTP/1.1\r\nhost: vault\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"email\":")
        .await
        .unwrap();
    let began = Instant::now();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(
        told.starts_with("HTTP/1.1 408 ") && told.contains("body_timeout"),
        "{told}"
    );
    assert!(began.elapsed() < LIMITS, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_waits_for_nothing_is_closed() {
    let app = TestApp::with().http_limits(limits()).start().await;
    let addr = app.base_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&addr).await.unwrap();
    for _ in 0..2 {
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nhost: vault\r\n\r\n")
            .await
            .unwrap();
        tokio::time::sleep(LIMITS / 3).await;
    }
    let began = Instant::now();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    let told = String::from_utf8_lossy(&told).into_owned();
    assert_eq!(told.matches("HTTP/1.1 200").count(), 2, "{told}");
    assert!(began.elapsed() < LIMITS + SLACK, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_reader_who_stops_reading_is_cut_off() {
    let app = TestApp::with().http_limits(limits()).start().await;
    let alice = app.user("alice").await;
    let document = alice.upload("big.bin", vec![7; 16 << 20]).await;
    let download = alice
        .get(&format!("/api/v1/documents/{document}/download"))
        .await
        .expect(200)
        .json();
    let path = download["url"].as_str().unwrap().replace(&app.base_url, "");
    let addr = app.base_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: vault\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(LIMITS + Duration::from_secs(2)).await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.starts_with(b"HTTP/1.1 200"));
    assert!(rest.len() < 16 << 20, "all of it came: {}", rest.len());
}
