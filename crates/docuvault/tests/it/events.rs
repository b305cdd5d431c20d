//! What open pages are told as it happens.

use std::time::Duration;

use docuvault::notifications::Kind;
use futures::{Stream, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    notifications::tell,
    support::{Client, SendIt, TestApp},
};

/// Every event must come within this.
const SOON: Duration = Duration::from_secs(10);

/// An ended session's page must know, and be cut off, within this.
const AT_ONCE: Duration = Duration::from_secs(1);

/// An open stream of server-sent events.
struct EventStream {
    bytes: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    unread: String,
}

impl EventStream {
    async fn open(user: &Client) -> Self {
        let response = user
            .request(Method::GET, "/api/v1/events")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(
            ["no-store", "no-cache"]
                .contains(&response.headers()["cache-control"].to_str().unwrap())
        );
        Self {
            bytes: Box::pin(response.bytes_stream()),
            unread: String::new(),
        }
    }

    /// The next event's name and data; `None` once the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(end) = self.unread.find("\n\n") {
                let event: String = self.unread.drain(..end + 2).collect();
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                // Anything else keeps the connection open.
                if let Some((name, data)) = field("event:").zip(field("data:")) {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = tokio::time::timeout(SOON, self.bytes.next())
                .await
                .expect("no event came")?
                .ok()?;
            self.unread.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads on to the first event of this name; answers its data.
    async fn until(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().await.expect("the stream ended");
            if name == wanted {
                return data;
            }
        }
    }

    /// Fails the test unless it is told at once that its session has ended, and nothing more.
    async fn ends_at_once(&mut self) {
        let told = async {
            assert_eq!(self.until("session.ended").await, json!({}));
            assert_eq!(self.next().await, None, "the stream goes on");
        };
        tokio::time::timeout(AT_ONCE, told)
            .await
            .expect("that took too long");
    }
}

#[tokio::test]
async fn a_page_hears_of_its_own_users_changes_only() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (mut of_alice, mut of_bob) = (
        EventStream::open(&alice).await,
        EventStream::open(&bob).await,
    );
    let hidden = bob.upload("b.txt", b"b").await.to_string();
    bob.post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    let shown = alice.upload("a.txt", b"a").await.to_string();

    // All of bob's changes were committed before the first of alice's.
    let mut heard = Vec::new();
    while !heard.iter().any(|(name, _)| name == "quota.updated") {
        heard.push(of_alice.next().await.unwrap());
    }
    assert!(
        heard.contains(&("document.updated".to_owned(), json!({"document_id": shown}))),
        "{heard:?}"
    );
    assert!(!format!("{heard:?}").contains(&hidden), "{heard:?}");
    assert!(
        heard.iter().all(|(name, _)| name != "topic.updated"),
        "{heard:?}"
    );
    assert_eq!(
        of_bob.until("document.updated").await,
        json!({"document_id": hidden})
    );
    assert!(of_bob.until("topic.updated").await["topic_id"].is_string());
}

#[tokio::test]
async fn a_page_sees_its_document_become_ready_without_asking() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.start_worker();
    let mut events = EventStream::open(&alice).await;
    let id = alice.upload("a.txt", b"umbrella").await;
    loop {
        let heard = events.until("document.updated").await;
        assert_eq!(heard["document_id"], id.to_string());
        if alice.document(id).await["status"] == "ready" {
            break;
        }
    }
}

#[tokio::test]
async fn a_page_hears_of_a_notification() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut events = EventStream::open(&alice).await;
    tell(&app, &alice, Kind::NewSignIn).await;
    let heard = events.until("notification.created").await;
    let list = alice.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!(heard, json!({"notification_id": list["items"][0]["id"]}));
}

#[tokio::test]
async fn what_was_rolled_back_is_not_told() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut events = EventStream::open(&alice).await;
    let too_large = json!({"filename": "a.txt", "size_bytes": 1_i64 << 50, "content_type": ""});
    alice.post("/api/v1/documents", too_large).await.expect(413);
    let shown = alice.start_upload("b.txt", 1).await.document;
    assert_eq!(
        events.until("document.updated").await["document_id"],
        shown.to_string()
    );
}

#[tokio::test]
async fn the_stream_ends_with_its_access_token() {
    let app = TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 1)
        .start()
        .await;
    let alice = app.user("alice").await;
    let mut events = EventStream::open(&alice).await;
    while events.next().await.is_some() {}
}

#[tokio::test]
async fn sec_ses_12_an_ended_session_hears_so_and_its_stream_ends_at_once() {
    let app = TestApp::start().await;
    let admin = app.user("admin").await;
    let (here, there) = (app.user("alice").await, app.user("alice").await);
    let replica = app.replica().await;
    let of_replica = |user: &Client| replica.anon().with_token(user.token());
    let mut of_here = [
        EventStream::open(&here).await,
        EventStream::open(&of_replica(&here)).await,
    ];
    let mut of_there = [
        EventStream::open(&there).await,
        EventStream::open(&of_replica(&there)).await,
    ];
    let mut of_admin = EventStream::open(&admin).await;

    let listed = here.get("/api/v1/auth/sessions").await.expect(200).json();
    let mut sessions = listed["items"].as_array().unwrap().iter();
    let ended = sessions.find(|session| session["current"] == false);
    let path = format!(
        "/api/v1/auth/sessions/{}",
        ended.unwrap()["id"].as_str().unwrap()
    );
    here.delete(&path).await.expect(204);
    // The very next request is refused, by whichever process.
    for ended in [of_replica(&there), (*there).clone()] {
        ended
            .get("/api/v1/me")
            .await
            .expect_problem(401, "unauthenticated");
    }
    for stream in &mut of_there {
        stream.ends_at_once().await;
    }
    for stream in &mut of_here {
        assert_eq!(stream.until("session.updated").await, json!({}));
    }

    admin
        .patch(
            &format!("/api/v1/admin/users/{}", here.id),
            json!({"disabled": true}),
        )
        .await
        .expect(200);
    for disabled in [of_replica(&here), (*here).clone()] {
        disabled
            .get("/api/v1/me")
            .await
            .expect_problem(401, "unauthenticated");
    }
    for stream in &mut of_here {
        stream.ends_at_once().await;
    }
    // Nobody else has heard of any of this.
    admin
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    while let Some((name, _)) = of_admin.next().await {
        assert!(!name.starts_with("session."), "{name}");
        if name == "topic.updated" {
            break;
        }
    }
}

#[tokio::test]
async fn only_a_signed_in_user_may_listen() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.anon()
        .get("/api/v1/events")
        .await
        .expect_problem(401, "unauthenticated");
    // A token in the address would end up in logs.
    let in_the_address = format!("/api/v1/events?access_token={}", alice.token());
    app.anon()
        .request(Method::GET, &in_the_address)
        .send_it()
        .await
        .expect_problem(401, "unauthenticated");
    app.anon().logout(&alice.refresh_cookie).await.expect(204);
    alice
        .get("/api/v1/events")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_page_hears_how_far_a_reading_is_and_can_show_what_is_read_already() {
    let app = TestApp::start().await;
    if app.state.reader().unwrap().ocr().is_none() {
        // Without OCR a reading is over before there is anything to tell.
        return;
    }
    let alice = app.user("alice").await;
    let mut events = EventStream::open(&alice).await;
    let id = alice.upload_fixture("typed-and-scanned.pdf").await;
    let watching = async {
        let told = events.until("document.progress").await;
        let text = alice.get(&format!("/api/v1/documents/{id}/text")).await;
        (told, text.expect(200).json(), alice.document(id).await)
    };
    let ((told, text, document), ()) = tokio::join!(watching, app.run_jobs());
    assert_eq!(told["document_id"], json!(id));
    assert_eq!(told["pages"], 3);
    assert!(told["page"].as_u64().unwrap() < 3, "{told}");
    assert_eq!(document["status"], "processing");
    assert_eq!(text["pages"][0]["number"], 1, "{text}");
    let whole = alice.get(&format!("/api/v1/documents/{id}/text")).await;
    assert_eq!(
        whole.expect(200).json()["pages"].as_array().unwrap().len(),
        2
    );
}
