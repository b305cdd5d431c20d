//! Clients that take their time: a connection that does not finish its headers is closed, so that a few of them cannot hold the
//! vault's places.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::TestApp;

/// The listener allows ten seconds.
const LATEST: Duration = Duration::from_secs(14);

/// How long the vault keeps a connection on which `opening` is sent at once and `drip` every half second.
async fn kept_for(addr: &str, opening: &[u8], drip: &[u8]) -> Option<Duration> {
    let began = Instant::now();
    let (mut read, mut write) = TcpStream::connect(addr).await.unwrap().into_split();
    write.write_all(opening).await.unwrap();
    let dripping = async {
        // Once it is closed from the other side, this fails.
        while write.write_all(drip).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut rest = Vec::new();
    tokio::select! {
        _ = read.read_to_end(&mut rest) => Some(began.elapsed()),
        () = dripping => None,
        () = tokio::time::sleep(LATEST) => None,
    }
}

#[tokio::test]
async fn headers_that_never_end_are_cut_off() {
    let app = TestApp::start().await;
    let addr = app.base_url.trim_start_matches("http://").to_owned();
    let (dripped, silent, undecided) = tokio::join!(
        kept_for(
            &addr,
            b"GET /health HTTP/1.1\r\nhost: vault\r\n",
            b"x: y\r\n"
        ),
        kept_for(&addr, b"", b""),
        kept_for(&addr, b"PRI * HTTP/2.0\r\n", b""),
    );
    for (what, kept) in [
        ("dripping headers", dripped),
        ("nothing at all", silent),
        ("half a preface", undecided),
    ] {
        assert!(
            kept.is_some(),
            "a client that sends {what} keeps its connection"
        );
    }
    app.anon().get("/health").await.expect(200);
}
