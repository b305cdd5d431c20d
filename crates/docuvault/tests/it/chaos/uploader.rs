//! A client that does not give up: it repeats whatever got no answer until it knows what became of it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures::stream;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::http_client;

/// How far an upload is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Started, then forgotten.
    Reserve,
    /// Half of the bytes, then forgotten.
    SendHalf,
    /// All bytes, then forgotten.
    Send,
    /// A document that stays.
    Keep,
    /// A document that is erased once it has been read.
    Erase,
}

/// What its client knows of an upload in the end.
pub struct Upload {
    pub plan: Plan,
    pub document: Uuid,
    pub bytes: Vec<u8>,
}

pub struct Uploader {
    http: Client,
    base_url: String,
    access_token: String,
    /// Requests that got no answer, or one that says to come again.
    pub setbacks: AtomicUsize,
}

const PAUSE: Duration = Duration::from_millis(40);

impl Uploader {
    /// Makes the vault's first account.
    pub async fn set_up(base_url: &str, setup_token: &str) -> Self {
        let http = http_client()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let account = json!({"setup_token": setup_token, "email": "a@example.org", "password": "a good password", "display_name": "A"});
        let answer = http
            .post(format!("{base_url}/api/v1/setup"))
            .json(&account)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let session: Value = answer.json().await.unwrap();
        Self {
            http,
            base_url: base_url.to_owned(),
            access_token: session["access_token"].as_str().unwrap().to_owned(),
            setbacks: AtomicUsize::new(0),
        }
    }

    pub async fn upload(&self, plan: Plan, bytes: Vec<u8>) -> Upload {
        let started = self.begin(&bytes).await;
        let document: Uuid = started["document"]["id"].as_str().unwrap().parse().unwrap();
        let url = started["upload"]["single"]["url"].as_str().unwrap();
        match plan {
            Plan::Reserve => {}
            Plan::SendHalf => self.send_half(url, &bytes).await,
            Plan::Send => self.send(url, &bytes).await,
            Plan::Keep | Plan::Erase => self.complete(document, url, &bytes).await,
        }
        if plan == Plan::Erase {
            self.erase_when_read(document).await;
        }
        Upload {
            plan,
            document,
            bytes,
        }
    }

    /// With a key, so that a repeat starts nothing new.
    async fn begin(&self, bytes: &[u8]) -> Value {
        let body = json!({"filename": "note.txt", "size_bytes": bytes.len(), "content_type": "text/plain"});
        let key = Uuid::new_v4().to_string();
        let (status, answer) = self
            .persist(|| {
                self.api(Method::POST, "")
                    .header("idempotency-key", &key)
                    .json(&body)
            })
            .await;
        assert_eq!(status, 201, "{answer}");
        answer
    }

    async fn send(&self, url: &str, bytes: &[u8]) {
        let (status, answer) = self
            .persist(|| self.http.put(url).body(bytes.to_vec()))
            .await;
        assert!(
            status == 201 || answer["code"] == "already_uploaded",
            "{answer}"
        );
    }

    async fn send_half(&self, url: &str, bytes: &[u8]) {
        let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
        let cut = stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
        let request = self
            .http
            .put(url)
            .header("content-length", bytes.len())
            .body(reqwest::Body::wrap_stream(cut));
        assert!(request.send().await.is_err());
    }

    async fn complete(&self, document: Uuid, url: &str, bytes: &[u8]) {
        loop {
            self.send(url, bytes).await;
            let (status, answer) = self
                .persist(|| self.api(Method::POST, &format!("/{document}/complete")))
                .await;
            if status == 200 {
                return;
            }
            // The bytes are there, but were not noted when it was killed: they have to be sent again.
            assert_eq!(answer["code"], "upload_incomplete", "{answer}");
        }
    }

    async fn erase_when_read(&self, document: Uuid) {
        loop {
            let (status, answer) = self
                .persist(|| self.api(Method::GET, &format!("/{document}")))
                .await;
            assert_eq!(status, 200, "{answer}");
            if answer["status"] != "processing" {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let (status, answer) = self
            .persist(|| self.api(Method::DELETE, &format!("/{document}/permanently")))
            .await;
        // 404: it was done, only the answer was lost.
        assert!(status == 204 || status == 404, "{answer}");
    }

    fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1/documents{path}", self.base_url))
            .bearer_auth(&self.access_token)
    }

    async fn persist(&self, request: impl Fn() -> RequestBuilder) -> (StatusCode, Value) {
        loop {
            if let Ok(answer) = request().send().await {
                let status = answer.status();
                if let (Ok(body), false) = (answer.bytes().await, status.is_server_error()) {
                    return (status, serde_json::from_slice(&body).unwrap_or_default());
                }
            }
            self.setbacks.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    }
}
