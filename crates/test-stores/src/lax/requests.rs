//! Just enough HTTP: a request read, a reply written, the connection closed.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};
use url::Url;

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Request {
    pub method: String,
    /// Without the bucket; empty for the bucket itself.
    pub key: String,
    pub query: BTreeMap<String, String>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn read(stream: &TcpStream) -> anyhow::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_ascii_whitespace();
        let (method, target) = (
            words.next().context("no method")?.to_owned(),
            words.next().context("no target")?.to_owned(),
        );
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length: usize = headers
            .get("content-length")
            .map_or(Ok(0), |length| length.parse())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let url = Url::parse("http://store")?.join(&target)?;
        let key = url.path().splitn(3, '/').nth(2).unwrap_or_default();
        Ok(Self {
            method,
            key: key.to_owned(),
            query: url.query_pairs().into_owned().collect(),
            headers,
            body,
        })
    }

    /// The bytes meant, whatever they came wrapped in.
    pub fn content(&self) -> Vec<u8> {
        let is_framed = self
            .headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "aws-chunked");
        if is_framed {
            unframed(&self.body)
        } else {
            self.body.clone()
        }
    }
}

/// What chunks hold, trailers left out.
fn unframed(mut framed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(end) = framed.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&framed[..end])
            .ok()
            .and_then(|text| usize::from_str_radix(text, 16).ok())
            .unwrap_or_default();
        framed = &framed[end + 2..];
        if length == 0 || framed.len() < length + 2 {
            break;
        }
        bytes.extend_from_slice(&framed[..length]);
        framed = &framed[length + 2..];
    }
    bytes
}

pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::status(200)
        }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn write(
        self,
        mut stream: &TcpStream,
        method: &str,
        clock_ahead_seconds: i64,
    ) -> anyhow::Result<()> {
        let now = Timestamp::now() + SignedDuration::from_secs(clock_ahead_seconds);
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now)?;
        let mut head = format!(
            "HTTP/1.1 {} Answer\r\nconnection: close\r\ndate: {date}\r\ncontent-length: {}\r\n",
            self.status,
            self.body.len()
        );
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        if method != "HEAD" {
            stream.write_all(&self.body)?;
        }
        Ok(())
    }
}
