//! A ticket is good for one thing, for a while, and only as it was signed.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use docuvault_storage::gateway::{GatewayTicket, TicketKey};
use reqwest::Method;

use super::download_url;
use crate::{
    support::{SendIt, TestApp},
    uploads::stored_objects,
};

#[tokio::test]
async fn an_upload_ticket_runs_out() {
    let app = TestApp::with()
        .setting("DOCUVAULT_UPLOAD_TTL_SECONDS", 60)
        .start()
        .await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    app.clock.advance(Duration::from_secs(58));
    assert_ne!(
        alice
            .put(&started.url, "wrong length")
            .await
            .expect(400)
            .problem_code(),
        "ticket_expired"
    );
    app.clock.advance(Duration::from_secs(3));
    alice
        .put(&started.url, "hello")
        .await
        .expect_problem(403, "ticket_expired");
    assert_eq!(stored_objects(&app).await, []);
}

#[tokio::test]
async fn a_download_ticket_runs_out_after_a_minute() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = download_url(&alice, alice.upload("a.txt", "hello").await).await;
    app.clock.advance(Duration::from_secs(58));
    app.anon().get(&url).await.expect(200);
    app.clock.advance(Duration::from_secs(3));
    app.anon()
        .get(&url)
        .await
        .expect_problem(403, "ticket_expired");
}

#[tokio::test]
async fn a_ticket_that_was_touched_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (put, get) = (
        alice.start_upload("a.txt", 5).await.url,
        download_url(&alice, alice.upload("b.txt", "hello").await).await,
    );
    for url in [&put, &get] {
        let (base, token) = url.rsplit_once('/').unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let [version, payload, mac] = parts[..] else {
            panic!("{token}")
        };
        let other_payload = flip(payload);
        let larger = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap())
            .unwrap()
            .replace("\"size_bytes\":5", "\"size_bytes\":9");
        for forged in [
            format!("{version}.{other_payload}.{mac}"),
            format!("{version}.{}.{mac}", URL_SAFE_NO_PAD.encode(larger + " ")),
            format!("{version}.{payload}.{}", flip(mac)),
            format!("{version}.{payload}."),
            format!("{version}.{payload}"),
            format!("v2.{payload}.{mac}"),
            format!("{token}A"),
            "x".repeat(10_000),
            "v1..".to_owned(),
        ] {
            let url = format!("{base}/{forged}");
            app.anon()
                .put(&url, "hello")
                .await
                .expect_problem(403, "invalid_ticket");
            app.anon()
                .get(&url)
                .await
                .expect_problem(403, "invalid_ticket");
        }
    }
    app.anon().put(&put, "hello").await.expect(201);
}

/// Another character in the middle.
fn flip(text: &str) -> String {
    let middle = text.len() / 2;
    let other = if &text[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &text[..middle], &text[middle + 1..])
}

#[tokio::test]
async fn a_ticket_signed_by_another_vault_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    let (base, token) = started.url.rsplit_once('/').unwrap();
    let ticket = GatewayTicket::verify(token, app.state.tickets(), app.state.now()).unwrap();
    let foreign = ticket.sign(&TicketKey::new([9; 32]));
    app.anon()
        .put(&format!("{base}/{foreign}"), "hello")
        .await
        .expect_problem(403, "invalid_ticket");
    let ours = ticket.sign(app.state.tickets());
    app.anon()
        .put(&format!("{base}/{ours}"), "hello")
        .await
        .expect(201);
}

#[tokio::test]
async fn a_ticket_is_not_good_for_the_other_direction_or_another_method() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("b.txt", "hello").await;
    let (put, get) = (
        alice.start_upload("a.txt", 5).await.url,
        download_url(&alice, id).await,
    );
    app.anon()
        .put(&get, "hallo")
        .await
        .expect_problem(403, "invalid_ticket");
    app.anon()
        .get(&put)
        .await
        .expect_problem(403, "invalid_ticket");
    for method in [Method::POST, Method::DELETE, Method::PATCH] {
        app.anon()
            .request(method, &get)
            .send_it()
            .await
            .expect_problem(405, "method_not_allowed");
    }
    assert_eq!(app.anon().get(&get).await.expect(200).bytes, "hello");
}

#[tokio::test]
async fn a_download_ticket_outlives_neither_document_nor_need_of_a_session() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let url = download_url(&alice, id).await;
    for _ in 0..2 {
        app.anon().get(&url).await.expect(200);
    }
    alice
        .delete(&format!("/api/v1/documents/{id}/permanently"))
        .await
        .expect(204);
    app.anon().get(&url).await.expect_problem(404, "not_found");
}
