//! Uploads: the promise of room, the bytes, the settling of the promise, and what becomes of those that stop halfway.

mod abort;
mod complete;
mod duplicates;
mod hostile_store;
mod idempotency;
pub mod in_parts;
mod parts;
mod quota;
mod real_stores;
mod resume;
mod start;
mod state_machine;
mod sweep;

use docuvault_storage::{ListScope, ObjectKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, TestApp};

/// A quota as its owner sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Room {
    pub used_bytes: i64,
    pub reserved_bytes: i64,
    pub documents: i64,
}

pub const EMPTY: Room = Room {
    used_bytes: 0,
    reserved_bytes: 0,
    documents: 0,
};

pub async fn room(user: &Client) -> Room {
    let quota = user.get("/api/v1/me/quota").await.expect(200).json();
    let number = |name: &str| quota[name].as_i64().unwrap();
    Room {
        used_bytes: number("used_bytes"),
        reserved_bytes: number("reserved_bytes"),
        documents: number("documents"),
    }
}

/// The body that announces a file.
pub fn new_file(filename: &str, size_bytes: usize) -> Value {
    json!({"filename": filename, "size_bytes": size_bytes, "content_type": "text/plain"})
}

/// The same with the digest of its content.
pub fn new_file_of(filename: &str, bytes: &[u8]) -> Value {
    let mut body = new_file(filename, bytes.len());
    body["sha256"] = json!(sha256_hex(bytes));
    body
}

pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Everything that lies in the vault's store.
pub async fn stored_objects(app: &TestApp) -> Vec<ObjectKey> {
    let page = app
        .state
        .storage()
        .list(ListScope::All, None, 1000)
        .await
        .unwrap();
    assert_eq!((page.unrecognised, page.next_cursor), (0, None));
    page.objects.into_iter().map(|object| object.key).collect()
}

/// How often something stands in the audit trail of a user's document.
pub async fn times_recorded(app: &TestApp, action: &str, document: uuid::Uuid) -> i64 {
    let mut connection = app.database.superuser().await;
    sqlx::query_scalar(
        "SELECT count(*) FROM audit_log WHERE action = $1 AND metadata ->> 'document_id' = $2",
    )
    .bind(action)
    .bind(document.to_string())
    .fetch_one(&mut connection)
    .await
    .unwrap()
}
