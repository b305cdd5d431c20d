//! A vault on a store that takes parts, and a client that sends them.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Builder, Client, Response, ScriptedStore, SendIt, TestApp};

/// Small enough to see every byte.
pub const PART_BYTES: u64 = 4;
/// Three parts, the last one shorter.
pub const FILE: &[u8] = b"abcdEFGHij";

pub async fn vault() -> (TestApp, Arc<ScriptedStore>) {
    vault_with(TestApp::with()).await
}

pub async fn vault_with(builder: Builder) -> (TestApp, Arc<ScriptedStore>) {
    on(builder, ScriptedStore::of_parts(PART_BYTES)).await
}

pub async fn on(builder: Builder, store: ScriptedStore) -> (TestApp, Arc<ScriptedStore>) {
    let store = Arc::new(store);
    let kept = Arc::clone(&store);
    (builder.store(kept).start().await, store)
}

/// An upload in parts, as its client knows it.
#[derive(Debug, Clone)]
pub struct InParts {
    pub document: Uuid,
    pub upload_id: Uuid,
    /// Number, address and length of each part that an address was given for.
    pub parts: Vec<(u32, String, u64)>,
}

impl InParts {
    /// From the answer of `POST /api/v1/documents`.
    pub fn of(answer: &Value) -> Self {
        assert_eq!(answer["upload"]["strategy"], "multipart", "{answer}");
        Self {
            document: id_in(&answer["document"]["id"]),
            upload_id: id_in(&answer["upload"]["id"]),
            parts: urls(&answer["upload"]["multipart"]),
        }
    }

    /// The address of a part.
    pub fn url(&self, number: u32) -> &str {
        &self
            .parts
            .iter()
            .find(|(known, ..)| *known == number)
            .unwrap()
            .1
    }

    /// Sends these parts of `file`, in this order; answers each with its mark, as it goes into `complete`.
    pub fn send(&self, store: &ScriptedStore, file: &[u8], numbers: &[u32]) -> Vec<Value> {
        let sent = numbers.iter().map(|&number| {
            let etag = store
                .put_part(self.url(number), piece(file, number))
                .unwrap();
            json!({"part_number": number, "etag": etag})
        });
        sent.collect()
    }

    pub fn path(&self, end: &str) -> String {
        format!("/api/v1/documents/{}{end}", self.document)
    }
}

/// The bytes of a part.
pub fn piece(file: &[u8], number: u32) -> &[u8] {
    file.chunks(PART_BYTES as usize)
        .nth(number as usize - 1)
        .unwrap()
}

/// Number, address and length of each part in an answer.
pub fn urls(answer: &Value) -> Vec<(u32, String, u64)> {
    let part = |part: &Value| {
        (
            part["part_number"].as_u64().unwrap() as u32,
            part["url"].as_str().unwrap().to_owned(),
            part["size_bytes"].as_u64().unwrap(),
        )
    };
    answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(part)
        .collect()
}

fn id_in(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

impl Client {
    pub async fn start_in_parts(&self, filename: &str, size_bytes: usize) -> InParts {
        let body = super::new_file(filename, size_bytes);
        InParts::of(
            &self
                .post("/api/v1/documents", body)
                .await
                .expect(201)
                .json(),
        )
    }

    /// The same under an Idempotency-Key.
    pub async fn start_once(&self, key: &str, body: &Value) -> Response {
        self.request(Method::POST, "/api/v1/documents")
            .header("idempotency-key", key)
            .json(body)
            .send_it()
            .await
    }

    /// `GET …/upload`.
    pub async fn progress(&self, document: Uuid) -> Value {
        self.get(&format!("/api/v1/documents/{document}/upload"))
            .await
            .expect(200)
            .json()
    }

    /// Fresh addresses.
    pub async fn renew(&self, upload: &InParts, numbers: &[u32]) -> InParts {
        let body = json!({"part_numbers": numbers});
        let answer = self.post(&upload.path("/upload/parts"), body).await;
        InParts {
            parts: urls(&answer.expect(200).json()),
            ..upload.clone()
        }
    }
}
