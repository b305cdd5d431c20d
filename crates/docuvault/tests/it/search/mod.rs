//! Search: documents are found by their words, whatever people type.

mod bounds;
mod changes;
mod fields;
mod forms;
mod hostile;
mod narrowing;
mod ordering;
mod results;
mod words;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::support::{Client, Response, TestApp, TestUser};

/// A search as the page sends it, its text percent-encoded.
pub async fn search(user: &Client, q: &str) -> Response {
    search_with(user, q, &[]).await
}

pub async fn search_with(user: &Client, q: &str, filters: &[(&str, &str)]) -> Response {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = [("q", q)]
        .iter()
        .chain(filters)
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    user.get(&format!("/api/v1/search?{}", pairs.join("&")))
        .await
}

/// The titles of what is found, best first.
pub async fn found(user: &Client, q: &str) -> Vec<String> {
    titles(&search(user, q).await.expect(200).json())
}

pub fn titles(results: &Value) -> Vec<String> {
    results["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["document"]["title"].as_str().unwrap().to_owned())
        .collect()
}

/// A vault whose only user has these notes, each `title: text`, read and ready.
pub async fn vault_with(notes: &[(&str, &str)]) -> (TestApp, TestUser) {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (title, text) in notes {
        let id = alice.upload(&format!("{title}.txt"), text).await;
        alice
            .patch(
                &format!("/api/v1/documents/{id}"),
                serde_json::json!({"title": title}),
            )
            .await
            .expect(200);
    }
    app.run_jobs().await;
    (app, alice)
}
