//! The user's own AI, over real HTTP: what is sent, to whom, what comes of the answer, and what never leaves.

mod choosing;
mod filing;
mod never_send;
mod peer;
mod trouble;

use serde_json::{Value, json};
use uuid::Uuid;

pub use peer::{Peer, Reply};

use crate::support::{TestApp, TestUser};

/// A vault whose users may have a provider at this peer.
async fn vault(peer: &Peer) -> TestApp {
    TestApp::with()
        .setting("DOCUVAULT_AI_ALLOWED_HOSTS", &peer.host)
        .start()
        .await
}

fn choice(peer: &Peer) -> Value {
    json!({"provider": "openai_compatible", "model": "tiny", "base_url": peer.base_url, "api_key": "sk-secret-1234", "auto_classify": true})
}

/// Alice, who has chosen the peer.
async fn chosen(app: &TestApp, peer: &Peer) -> TestUser {
    let alice = app.user("alice").await;
    alice
        .put_json("/api/v1/me/ai", choice(peer))
        .await
        .expect(200);
    alice
}

async fn topic(user: &TestUser, name: &str) -> Uuid {
    user.post("/api/v1/topics", json!({"name": name}))
        .await
        .expect(201)
        .id()
}

async fn settings(user: &TestUser) -> Value {
    user.get("/api/v1/me/ai").await.expect(200).json()
}

async fn ledger(user: &TestUser) -> Value {
    user.get("/api/v1/me/ai/ledger").await.expect(200).json()
}

async fn suggestions(user: &TestUser, document: Uuid) -> Value {
    let path = format!("/api/v1/documents/{document}/suggestions");
    user.get(&path).await.expect(200).json()
}

fn topics(document: &Value) -> Vec<&str> {
    let topics = document["topics"].as_array().unwrap();
    topics
        .iter()
        .map(|topic| topic["name"].as_str().unwrap())
        .collect()
}
