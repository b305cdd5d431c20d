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
    /// Some bytes, then taken back.
    Abort,
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
    /// Processes that serve the same vault; each request goes to the next.
    bases: Vec<String>,
    turn: AtomicUsize,
    access_token: String,
    /// Requests that got no answer, or one that says to come again.
    pub setbacks: AtomicUsize,
}

const PAUSE: Duration = Duration::from_millis(40);

impl Uploader {
    /// Makes the vault's first account.
    pub async fn set_up(bases: Vec<String>, setup_token: &str) -> Self {
        let http = http_client()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let account = json!({"setup_token": setup_token, "email": "a@example.org", "password": "a good password", "display_name": "A"});
        let answer = http
            .post(format!("{}/api/v1/setup", bases[0]))
            .json(&account)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let session: Value = answer.json().await.unwrap();
        Self {
            http,
            bases,
            turn: AtomicUsize::default(),
            access_token: session["access_token"].as_str().unwrap().to_owned(),
            setbacks: AtomicUsize::new(0),
        }
    }

    pub async fn upload(&self, plan: Plan, bytes: Vec<u8>) -> Upload {
        loop {
            let started = self.begin(&bytes).await;
            let document: Uuid = started["document"]["id"].as_str().unwrap().parse().unwrap();
            if self
                .carry_out(plan, document, &started["upload"], &bytes)
                .await
            {
                return Upload {
                    plan,
                    document,
                    bytes,
                };
            }
        }
    }

    /// False: a crash of the database took the reservation with it, as it may, and all begins anew.
    async fn carry_out(&self, plan: Plan, document: Uuid, upload: &Value, bytes: &[u8]) -> bool {
        match plan {
            Plan::Reserve => true,
            Plan::SendHalf => {
                self.send_half(upload, bytes).await;
                true
            }
            Plan::Send => self.send(document, upload, bytes).await,
            Plan::Abort => {
                self.send_half(upload, bytes).await;
                self.take_back(document).await;
                true
            }
            Plan::Keep => self.complete(document, upload, bytes).await,
            Plan::Erase => {
                let complete = self.complete(document, upload, bytes).await;
                if complete {
                    self.erase_when_read(document).await;
                }
                complete
            }
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

    /// All the bytes, as the vault wants them; what has arrived is not sent again. False when the vault no longer knows the upload.
    async fn send(&self, document: Uuid, upload: &Value, bytes: &[u8]) -> bool {
        let mut upload = upload.clone();
        loop {
            let sent = if upload["strategy"] == "multipart" {
                self.send_parts(&upload["multipart"]["parts"], part_bytes(&upload), bytes)
                    .await
            } else {
                self.put(&upload["single"], bytes).await
            };
            if sent {
                return true;
            }
            // The address has run out, or the store has forgotten the upload: the vault knows what is there, and has new ones.
            match self.renewed(document).await {
                Some(renewed) => upload = renewed,
                None => return false,
            }
        }
    }

    async fn send_parts(&self, parts: &Value, part_bytes: usize, bytes: &[u8]) -> bool {
        for part in parts.as_array().unwrap() {
            let from = (part["part_number"].as_u64().unwrap() as usize - 1) * part_bytes;
            let to = bytes.len().min(from + part_bytes);
            if !self.put(part, &bytes[from..to]).await {
                return false;
            }
        }
        true
    }

    /// What is still to be sent, with fresh addresses; `None` when there is no such upload.
    async fn renewed(&self, document: Uuid) -> Option<Value> {
        let path = format!("/{document}/upload");
        let (status, upload) = self.persist(|| self.api(Method::GET, &path)).await;
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{upload}");
        if upload["strategy"] == "single" {
            return Some(upload);
        }
        let there: Vec<u64> = upload["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["part_number"].as_u64().unwrap())
            .collect();
        let wanted: Vec<u64> = (1..=upload["multipart"]["part_count"].as_u64().unwrap())
            .filter(|number| !there.contains(number))
            .collect();
        if wanted.is_empty() || upload["state"] == "completed" {
            return Some(
                json!({"strategy": "multipart", "multipart": {"part_size_bytes": 1, "parts": []}}),
            );
        }
        let body = json!({"part_numbers": wanted});
        let (status, answer) = self
            .persist(|| self.api(Method::POST, &format!("{path}/parts")).json(&body))
            .await;
        (status == 200).then(|| json!({"strategy": "multipart", "multipart": answer}))
    }

    /// One PUT, repeated until it is answered. False when the address is of no use (any more).
    async fn put(&self, target: &Value, bytes: &[u8]) -> bool {
        let url = target["url"].as_str().unwrap();
        let (status, answer) = self
            .persist(|| {
                let mut request = self.http.put(url).body(bytes.to_vec());
                for (name, value) in target["headers"].as_object().into_iter().flatten() {
                    request = request.header(name, value.as_str().unwrap());
                }
                request
            })
            .await;
        let arrived = status.is_success()
            || answer["code"] == "already_uploaded"
            || status == StatusCode::PRECONDITION_FAILED;
        assert!(
            arrived || [400, 403, 404, 410].contains(&status.as_u16()),
            "{status} {answer}"
        );
        arrived
    }

    /// As a client that goes away in the middle.
    async fn send_half(&self, upload: &Value, bytes: &[u8]) {
        let (target, whole) = if upload["strategy"] == "multipart" {
            let first = &upload["multipart"]["parts"][0];
            (first, bytes.len().min(part_bytes(upload)))
        } else {
            (&upload["single"], bytes.len())
        };
        let half = Bytes::copy_from_slice(&bytes[..whole / 2]);
        let cut = stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
        let request = self
            .http
            .put(target["url"].as_str().unwrap())
            .header("content-length", whole)
            .body(reqwest::Body::wrap_stream(cut));
        if let Ok(answer) = request.send().await {
            assert!(
                !answer.status().is_success(),
                "half of a file was taken for all of it"
            );
        }
    }

    async fn take_back(&self, document: Uuid) {
        let (status, answer) = self
            .persist(|| self.api(Method::DELETE, &format!("/{document}/upload")))
            .await;
        // 404: it was done, only the answer was lost.
        assert!(status == 204 || status == 404, "{answer}");
    }

    async fn complete(&self, document: Uuid, upload: &Value, bytes: &[u8]) -> bool {
        let mut upload = upload.clone();
        loop {
            if !self.send(document, &upload, bytes).await {
                return false;
            }
            let (status, answer) = self
                .persist(|| self.api(Method::POST, &format!("/{document}/complete")))
                .await;
            if status == 200 || status == 404 {
                return status == 200;
            }
            // The bytes are there, but were not noted when it was killed, or the store has lost them: they have to be sent again.
            assert_eq!(answer["code"], "upload_incomplete", "{answer}");
            match self.renewed(document).await {
                Some(renewed) => upload = renewed,
                None => return false,
            }
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
        let base = &self.bases[self.turn.fetch_add(1, Ordering::Relaxed) % self.bases.len()];
        self.http
            .request(method, format!("{base}/api/v1/documents{path}"))
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

fn part_bytes(upload: &Value) -> usize {
    upload["multipart"]["part_size_bytes"].as_u64().unwrap() as usize
}
