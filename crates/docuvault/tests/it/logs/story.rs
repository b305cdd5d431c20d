//! A vault's whole life in a few chapters, with a canary in every place that must not be logged.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    accounts::{self, Stage},
    canaries::Canaries,
    letterbox::Letterbox,
};
use crate::{
    chaos::program::Program,
    support::{Client, SendIt},
};

pub const SETUP_TOKEN: &str = "canary-setup-token-5531";
pub const EMAIL: &str = "canary.keller@example.org";
const NAME: &str = "Canary Keller";
const PASSWORD: &str = "canary plain words of 7714";
const WRONG_PASSWORD: &str = "canary wrong words of 2290";
const FILE_NAME: &str = "canary invoice 9046.txt";
const CONTENT: &str = "The canary umbrella zirkonbrot costs 12.50 EUR.";
const TITLE: &str = "Canary title of 6627";
const TOPIC: &str = "Canary topic 3381";
const SEARCH: &str = "canary search kranichflug";

pub async fn play(program: &Program, letterbox: &Letterbox, canaries: &mut Canaries) {
    for (what, text) in [
        ("the address", EMAIL),
        ("the name", NAME),
        ("the password", PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a file name", FILE_NAME),
        ("a document's text", CONTENT),
        ("a word of a document", "zirkonbrot"),
        ("a title", TITLE),
        ("a topic", TOPIC),
        ("a search", SEARCH),
        ("a word of a search", "kranichflug"),
    ] {
        canaries.add(what, text);
    }
    let anon = Client::new(&program.base_url);
    let user = signing_in(&anon, canaries).await;
    let document = storing(&user, canaries).await;
    finding(&user).await;
    arranging(&user, document).await;
    fetching(&user, document, canaries).await;
    going_wrong(&user, canaries).await;
    let stage = Stage {
        program,
        letterbox,
        anon: &anon,
        admin: &user,
    };
    accounts::play(&stage, canaries).await;
}

/// The first account, wrong and right passwords, renewals, a replay.
async fn signing_in(anon: &Client, canaries: &mut Canaries) -> Client {
    let account = json!({"setup_token": SETUP_TOKEN, "email": EMAIL, "password": PASSWORD, "display_name": NAME});
    let wrong = json!({"setup_token": "canary-wrong-token-8807", "email": EMAIL, "password": PASSWORD, "display_name": "x"});
    canaries.add("a wrong setup token", "canary-wrong-token-8807");
    anon.post("/api/v1/setup", wrong).await;
    let made = anon.post("/api/v1/setup", account).await.expect(201);
    anon.login(EMAIL, WRONG_PASSWORD).await.expect(401);
    anon.login("canary.nobody@example.org", WRONG_PASSWORD)
        .await
        .expect(401);
    canaries.add("an unknown address", "canary.nobody@example.org");
    let first = made.refresh_cookie().unwrap();
    let renewed = anon.refresh(&first).await.expect(200);
    let second = renewed.refresh_cookie().unwrap();
    canaries.add("a refresh token", first);
    canaries.add("a renewed refresh token", second.clone());
    let signed_in = anon.login(EMAIL, PASSWORD).await.expect(200);
    canaries.add(
        "another session's refresh token",
        signed_in.refresh_cookie().unwrap(),
    );
    for answer in [&made, &renewed, &signed_in] {
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        canaries.add("an access token", token);
    }
    anon.logout(&second).await.expect(204);
    anon.refresh(&second).await.expect(401);
    anon.with_token(signed_in.json()["access_token"].as_str().unwrap())
}

/// A document, until it is read.
async fn storing(user: &Client, canaries: &mut Canaries) -> uuid::Uuid {
    let started = user.start_upload(FILE_NAME, CONTENT.len() as u64).await;
    canaries.add(
        "an upload's ticket",
        started.url.rsplit('/').next().unwrap(),
    );
    user.put(&started.url, &b"too short"[..]).await;
    user.put(&started.url, CONTENT).await.expect(201);
    user.complete(started.document).await.expect(200);
    let deadline = Instant::now() + Duration::from_mins(1);
    while user.document(started.document).await["status"] != "ready" {
        assert!(Instant::now() < deadline, "it is not read");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    started.document
}

async fn finding(user: &Client) {
    let asked = SEARCH.replace(' ', "%20");
    user.get(&format!("/api/v1/search?q={asked}"))
        .await
        .expect(200);
    let found = user.get("/api/v1/search?q=zirkonbrot").await.expect(200);
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    user.get(&format!("/api/v1/documents?q={asked}")).await;
}

async fn arranging(user: &Client, document: uuid::Uuid) {
    let topic = user
        .post("/api/v1/topics", json!({"name": TOPIC}))
        .await
        .expect(201)
        .id();
    let change =
        json!({"title": TITLE, "correspondent": "Canary correspondent", "topic_ids": [topic]});
    user.patch(&format!("/api/v1/documents/{document}"), change)
        .await
        .expect(200);
}

async fn fetching(user: &Client, document: uuid::Uuid, canaries: &mut Canaries) {
    let download: Value = user
        .get(&format!("/api/v1/documents/{document}/download"))
        .await
        .expect(200)
        .json();
    let url = download["url"].as_str().unwrap();
    canaries.add("a download's ticket", url.rsplit('/').next().unwrap());
    assert_eq!(user.get(url).await.expect(200).text(), CONTENT);
    user.get(&format!("{url}x")).await.expect(403);
    let text = user
        .get(&format!("/api/v1/documents/{document}/text"))
        .await;
    assert!(text.text().contains("zirkonbrot"));
}

/// Secrets in all the wrong places.
async fn going_wrong(user: &Client, canaries: &mut Canaries) {
    let misplaced = "canary-misplaced-4471";
    canaries.add("something misplaced", misplaced);
    for path in [
        format!("/{misplaced}"),
        format!("/api/v1/{misplaced}"),
        format!("/api/v1/documents/{misplaced}"),
        format!("/api/v1/documents?{misplaced}={misplaced}"),
        format!("/api/v1/documents?limit={misplaced}"),
        format!("/gateway/v1/{misplaced}"),
    ] {
        user.get(&path).await;
    }
    for body in [
        format!("{{\"name\":\"{misplaced}"),
        format!("{{\"{misplaced}\":1}}"),
        format!("{{\"name\":[\"{misplaced}\"]}}"),
        format!("{{\"name\":\"{misplaced}\\u0000\"}}"),
    ] {
        let request = user
            .request(Method::POST, "/api/v1/topics")
            .header("content-type", "application/json")
            .header("idempotency-key", misplaced)
            .header("if-match", misplaced)
            .header("cookie", misplaced)
            .header("referer", misplaced)
            .header("x-canary", misplaced)
            .body(body);
        request.send_it().await;
    }
    user.with_token(misplaced)
        .get("/api/v1/me")
        .await
        .expect(401);
}
