//! The gateway: a signed URL lets exactly what it was made for go by, and nothing else.

mod fetching;
mod presentation;
mod ranges;
mod sending;
mod tickets;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use crate::support::{Client, TestApp};

/// Where a document can be fetched.
pub async fn download_link(user: &Client, document: Uuid, disposition: &str) -> Value {
    user.get(&format!(
        "/api/v1/documents/{document}/download?disposition={disposition}"
    ))
    .await
    .expect(200)
    .json()
}

pub async fn download_url(user: &Client, document: Uuid) -> String {
    download_link(user, document, "attachment").await["url"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A connection on which a PUT was begun by hand, to say things no proper client would.
pub async fn begin_put(app: &TestApp, url: &str, framing: &str) -> TcpStream {
    let host = app.base_url.strip_prefix("http://").unwrap();
    let path = url.strip_prefix(&app.base_url).unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream
        .write_all(
            format!(
                "PUT {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{framing}\r\n\r\n"
            )
            .as_bytes(),
        )
        .await
        .unwrap();
    stream
}

/// The status of what the server answers, 0 when it answers nothing.
pub async fn status_of_answer(mut stream: TcpStream) -> u16 {
    let mut answer = Vec::new();
    // The server may close while we still send; what it said before counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer)
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default()
}
