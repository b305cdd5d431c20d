//! Is everything there? What lies in the store is compared with the rows, both ways, and the bytes are read again.

mod administration;
mod command;
mod cut_short;
mod losses;
mod on_s3;
mod orphans;
mod racing;
mod scripted;
mod verifying;

use std::{path::PathBuf, sync::Arc, time::Duration};

use docuvault::{
    app::{AppState, state::Parts},
    crypto::Keys,
    reconcile::{RunReport, reconcile_now},
};
use docuvault_storage::{ObjectKey, StorageBackend};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::support::{SETUP_TOKEN, TestApp, TestUser};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A vault in which everybody stays signed in for weeks.
async fn vault() -> TestApp {
    TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 10_000_000)
        .start()
        .await
}

/// The same vault with another store.
fn with_store(app: &TestApp, storage: Arc<dyn StorageBackend>) -> AppState {
    let config = app.state.config().clone();
    AppState::new(Parts {
        database: app.database.pool(config.database.max_connections),
        storage,
        reader: None,
        keys: Keys::open(&app.secrets_dir(), None).unwrap(),
        setup_token: SETUP_TOKEN.to_owned().into(),
        mailer: docuvault::mail::mailer(&config).unwrap(),
        clock: Arc::clone(&app.clock) as _,
        config,
    })
    .unwrap()
}

async fn compare(app: &TestApp) -> RunReport {
    reconcile_now(&app.state).await.unwrap()
}

/// Where the local disk has an object.
pub fn file_of(app: &TestApp, key: &ObjectKey) -> PathBuf {
    let document = key.document_id().to_string();
    app.objects_dir()
        .join(key.user_id().to_string())
        .join(&document[document.len() - 2..])
        .join(&document)
        .join(key.file_name())
}

/// An object that no row names.
pub fn put_orphan(app: &TestApp, bytes: &[u8]) -> ObjectKey {
    let key = ObjectKey::new(Uuid::now_v7(), Uuid::now_v7(), Uuid::new_v4(), "pdf");
    let file = file_of(app, &key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
    key
}

/// Documents with their objects, without anyone having uploaded them. Their ids rise.
async fn put_documents(app: &TestApp, user: &TestUser, count: usize) -> Vec<Uuid> {
    let mut database = app.database.superuser().await;
    let mut documents = Vec::new();
    for number in 0..count {
        let bytes = format!("bytes {number}");
        let key = insert_document(&mut database, user, bytes.as_bytes()).await;
        let file = file_of(app, &key);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &bytes).unwrap();
        documents.push(key.document_id());
    }
    documents
}

/// The row of a document that holds `bytes`, and was read; answers where they belong.
async fn insert_document(database: &mut PgConnection, user: &TestUser, bytes: &[u8]) -> ObjectKey {
    let key = ObjectKey::new(user.id.0, Uuid::now_v7(), Uuid::new_v4(), "txt");
    sqlx::query(
        "INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, sha256, object_key)
         VALUES ($1, $2, 'ready', 'a', 'a.txt', 'text/plain', $3, sha256($4), $5)",
    )
    .bind(key.document_id())
    .bind(user.id.0)
    .bind(bytes.len() as i64)
    .bind(bytes)
    .bind(key.to_string())
    .execute(database)
    .await
    .unwrap();
    key
}

pub async fn key_of(app: &TestApp, document: Uuid) -> ObjectKey {
    let key: String = sqlx::query_scalar("SELECT object_key FROM documents WHERE id = $1")
        .bind(document)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    ObjectKey::parse(&key).unwrap()
}

/// Kind and key of all that is amiss, as an administrator sees it.
async fn findings(admin: &TestUser) -> Vec<(String, String)> {
    let page = admin
        .get("/api/v1/admin/storage/findings")
        .await
        .expect(200)
        .json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(&item["kind"]), text(&item["object_key"])))
        .collect()
}

async fn problem_of(app: &TestApp, document: Uuid) -> Option<String> {
    sqlx::query_scalar("SELECT storage_problem FROM documents WHERE id = $1")
        .bind(document)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap()
}

/// What the user was notified of that has to do with the store, in the order in which it was told.
async fn told(app: &TestApp, user: &TestUser) -> Vec<Value> {
    sqlx::query_scalar("SELECT data FROM notifications WHERE user_id = $1 AND kind = 'documents.storage_problem' ORDER BY id")
        .bind(user.id.0)
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap()
}
