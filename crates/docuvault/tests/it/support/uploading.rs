//! Uploads as a browser does them: start, PUT, complete.

use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Client;

/// An upload that was started.
#[derive(Debug, Clone)]
pub struct Started {
    pub document: Uuid,
    pub upload_id: Uuid,
    /// Where to PUT the bytes.
    pub url: String,
}

impl Client {
    /// Uploads a file; answers its document.
    pub async fn upload(&self, filename: &str, bytes: impl AsRef<[u8]>) -> Uuid {
        let bytes = bytes.as_ref();
        let started = self.start_upload(filename, bytes.len() as u64).await;
        self.put(&started.url, bytes).await.expect(201);
        self.complete(started.document).await.expect(200);
        started.document
    }

    /// Uploads a file of `fixtures/`.
    pub async fn upload_fixture(&self, name: &str) -> Uuid {
        self.upload(name.rsplit('/').next().unwrap(), fixture(name))
            .await
    }

    pub async fn start_upload(&self, filename: &str, size_bytes: u64) -> Started {
        let body = json!({"filename": filename, "size_bytes": size_bytes, "content_type": "application/octet-stream"});
        Started::of(
            &self
                .post("/api/v1/documents", body)
                .await
                .expect(201)
                .json(),
        )
    }

    pub async fn complete(&self, document: Uuid) -> super::Response {
        self.post_nothing(&format!("/api/v1/documents/{document}/complete"))
            .await
    }

    pub async fn document(&self, id: Uuid) -> Value {
        self.get(&format!("/api/v1/documents/{id}"))
            .await
            .expect(200)
            .json()
    }
}

impl Started {
    /// From the answer of `POST /api/v1/documents`.
    pub fn of(answer: &Value) -> Self {
        let text = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("not a started upload: {answer}"))
                .to_owned()
        };
        Self {
            document: text(&answer["document"]["id"]).parse().unwrap(),
            upload_id: text(&answer["upload"]["id"]).parse().unwrap(),
            url: text(&answer["upload"]["single"]["url"]),
        }
    }
}

/// The bytes of a file of `fixtures/`.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
