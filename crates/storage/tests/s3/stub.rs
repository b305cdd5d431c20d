//! A store written by hand that answers what it is told to: nothing a real one would ever say is beyond it.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use docuvault_storage::{S3, S3Features, S3Patience};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::peers::config_for;

/// So short that a test can wait for it.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// What arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, with the signature.
    pub target: String,
    pub headers: HashMap<String, String>,
}

impl Request {
    pub fn is(&self, method: &str) -> bool {
        self.method == method
    }

    /// Of the bucket itself.
    pub fn is_of_bucket(&self) -> bool {
        let path = self.target.split('?').next().unwrap();
        path.trim_matches('/').split('/').count() == 1
    }
}

/// One step of an answer. After the last, the connection is closed.
#[derive(Clone)]
pub enum Step {
    /// The request's body is read to its end.
    TakeBody,
    Say(Vec<u8>),
    Wait(Duration),
    /// The same again and again, until nobody listens.
    Forever(Vec<u8>),
}

/// A whole answer, after the body was taken.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<Step> {
    let length = body.as_ref().len().to_string();
    let mut all = vec![("content-length", length.as_str())];
    all.extend(headers);
    vec![
        Step::TakeBody,
        head(status, &all),
        Step::Say(body.as_ref().to_vec()),
    ]
}

/// Only the beginning of one.
pub fn head(status: u16, headers: &[(&str, &str)]) -> Step {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\nconnection: close\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    text.push_str("\r\n");
    Step::Say(text.into_bytes())
}

/// What a HEAD of an object of this length is answered with.
pub fn object_of(length: &str) -> Vec<Step> {
    vec![
        Step::TakeBody,
        head(200, &[("content-length", length), ("etag", "\"e\"")]),
    ]
}

pub fn error(status: u16, code: &str) -> Vec<Step> {
    answer(status, &[], format!("<Error><Code>{code}</Code></Error>"))
}

type Script = dyn Fn(&Request) -> Vec<Step> + Send + Sync;

/// A running stub; ends with the test's runtime.
pub struct Stub {
    port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub async fn start(script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let requests = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&requests)));
            }
        });
        Self { port, seen }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// A driver that believes in this store, and has little patience.
    pub fn driver(&self) -> S3 {
        let driver = impatient(&self.endpoint());
        driver.accept(S3Features {
            if_none_match: true,
            checksum_sha256: true,
        });
        driver
    }
}

pub fn impatient(endpoint: &str) -> S3 {
    let patience = S3Patience {
        connect: PATIENCE,
        answer: PATIENCE,
        idle: PATIENCE,
        join: PATIENCE,
        check: PATIENCE,
    };
    S3::open_with(config_for(endpoint, "us-east-1"), patience).unwrap()
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Vec<Request>>>) {
    let Some((request, rest)) = read_head(&mut stream).await else {
        return;
    };
    seen.lock().unwrap().push(request.clone());
    let length: usize = request
        .headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut left = length.saturating_sub(rest.len());
    for step in script(&request) {
        let said = match step {
            Step::TakeBody => take(&mut stream, &mut left).await,
            Step::Say(bytes) => stream.write_all(&bytes).await.is_ok(),
            Step::Wait(time) => {
                sleep(time).await;
                true
            }
            Step::Forever(bytes) => loop {
                if stream.write_all(&bytes).await.is_err() {
                    break false;
                }
            },
        };
        if !said {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

/// False if the body broke off.
async fn take(stream: &mut TcpStream, left: &mut usize) -> bool {
    let mut buffer = vec![0; 64 * 1024];
    while *left > 0 {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => *left = left.saturating_sub(count),
        }
    }
    true
}

/// The head, and what of the body came with it.
async fn read_head(stream: &mut TcpStream) -> Option<(Request, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut buffer = [0; 8192];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let rest = bytes.split_off(end + 4);
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
    };
    Some((request, rest))
}
