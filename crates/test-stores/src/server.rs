//! What can be asked of any of the servers before there is a client for it.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use url::Url;

use crate::{ACCESS_KEY, BUCKET, SECRET_KEY};

const START_LIMIT: Duration = Duration::from_mins(1);
const TRY_EVERY: Duration = Duration::from_millis(20);
const SIGNATURE_LIFE: Duration = Duration::from_mins(5);

pub fn wait_until_listening(port: u16, mut ended: impl FnMut() -> bool) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect_timeout(&address, TRY_EVERY * 10).is_err() {
        ensure!(!ended(), "the server ended");
        ensure!(Instant::now() < deadline, "the server does not listen");
        std::thread::sleep(TRY_EVERY);
    }
    Ok(())
}

/// Tries for a while: a server listens a little before it serves.
pub fn create_bucket(endpoint: &str, region: &'static str) -> anyhow::Result<()> {
    let bucket = Bucket::new(endpoint.parse()?, UrlStyle::Path, BUCKET, region)
        .context("not an address of a bucket")?;
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let url = bucket.create_bucket(&credentials).sign(SIGNATURE_LIFE);
        let status = put(&url, &[], b"");
        match status {
            Ok(200 | 409) => return Ok(()),
            _ if Instant::now() < deadline => std::thread::sleep(TRY_EVERY * 5),
            Ok(status) => bail!("creating the bucket was answered {status}"),
            Err(error) => return Err(error),
        }
    }
}

/// A PUT by hand; answers the status.
pub fn put(url: &Url, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<u16> {
    let (host, port) = (
        url.host_str().context("no host")?,
        url.port_or_known_default().context("no port")?,
    );
    let mut stream = TcpStream::connect((host, port))?;
    let target = &url[url::Position::BeforePath..];
    let mut request = format!(
        "PUT {target} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let status = answer
        .split_ascii_whitespace()
        .nth(1)
        .context("no HTTP answer")?;
    Ok(status.parse()?)
}
