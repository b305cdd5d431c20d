//! The same against S3 servers: the client's requests go to the store itself.

use docuvault_test_stores::Kind;
use reqwest::Method;
use serde_json::json;

use super::{
    EMPTY,
    in_parts::{InParts, urls},
    new_file_of, room, sha256_hex, stored_objects,
};
use crate::support::{Client, PART_BYTES, Response, SendIt, Started, TestApp, TestUser};

/// Two parts, the second short.
fn file() -> Vec<u8> {
    (0..PART_BYTES as usize + 1000)
        .map(|at| (at % 251) as u8)
        .collect()
}

fn piece(file: &[u8], number: u32) -> Vec<u8> {
    file.chunks(PART_BYTES as usize)
        .nth(number as usize - 1)
        .unwrap()
        .to_vec()
}

async fn start(user: &TestUser, file: &[u8]) -> InParts {
    let answer = user
        .post("/api/v1/documents", new_file_of("a.bin", file))
        .await;
    InParts::of(&answer.expect(201).json())
}

async fn send(user: &Client, upload: &InParts, file: &[u8], numbers: &[u32]) {
    for &number in numbers {
        user.put(upload.url(number), piece(file, number))
            .await
            .expect(200);
    }
}

/// By an answer, or by closing the connection on a sender who does not stop.
async fn assert_refused(user: &Client, url: &str, bytes: Vec<u8>) {
    let sent = user.request(Method::PUT, url).body(bytes).send().await;
    if let Ok(answer) = sent {
        assert!(answer.status().is_client_error(), "{}", answer.status());
    }
}

async fn download(user: &Client, document: uuid::Uuid) -> Response {
    let link = user
        .get(&format!("/api/v1/documents/{document}/download"))
        .await
        .expect(200)
        .json();
    user.get(link["url"].as_str().unwrap()).await.expect(200)
}

/// Garage takes minutes to build, and is not on every machine.
fn is_there(kind: Kind) -> bool {
    docuvault_test_stores::locate(kind.program()).is_some()
}

async fn goes_in_parts(kind: Kind) {
    let app = TestApp::with().s3(kind).start().await;
    let alice = app.user("alice").await;
    let file = file();
    let upload = start(&alice, &file).await;
    send(&alice, &upload, &file, &[2]).await;
    let too_long = [piece(&file, 1), vec![0]].concat();
    assert_refused(&alice, upload.url(1), too_long).await;
    let shown = alice.progress(upload.document).await;
    assert_eq!(shown["parts"][0]["part_number"], 2, "{shown}");
    assert_eq!(shown["parts"].as_array().unwrap().len(), 1);

    let fresh = alice.renew(&upload, &[1]).await;
    send(&alice, &fresh, &file, &[1]).await;
    alice.complete(upload.document).await.expect(200);

    // The addresses are of no use any more, and change nothing.
    for url in [upload.url(1), upload.url(2), fresh.url(1)] {
        assert_refused(&alice, url, piece(&file, 1)).await;
    }
    let answer = download(&alice, upload.document).await;
    assert_eq!(sha256_hex(&answer.bytes), sha256_hex(&file));
    assert_eq!(
        answer.header("content-disposition").unwrap(),
        "attachment; filename=\"a.bin\""
    );
    app.run_jobs().await;
    let document = alice.document(upload.document).await;
    assert_eq!(document["storage_problem"], json!(null));
    let verified: bool = sqlx::query_scalar("SELECT verified_at IS NOT NULL FROM documents")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(verified, "{document}");
}

#[tokio::test]
async fn sec_obj_03_after_completion_no_address_of_a_part_changes_the_file() {
    goes_in_parts(Kind::Rclone).await;
}

#[tokio::test]
async fn sec_obj_03_nor_on_a_distributed_store() {
    if is_there(Kind::Garage) {
        goes_in_parts(Kind::Garage).await;
    }
}

#[tokio::test]
async fn sec_obj_03_nor_can_a_single_address_be_used_twice() {
    let app = TestApp::with().s3(Kind::S3sFs).start().await;
    let alice = app.user("alice").await;
    let answer = alice
        .post("/api/v1/documents", new_file_of("a.txt", b"hello"))
        .await
        .expect(201)
        .json();
    let put = async |url: &str, bytes: &'static str| {
        let mut request = alice.request(Method::PUT, url).body(bytes);
        for (name, value) in answer["upload"]["single"]["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        request.send_it().await
    };
    let started = Started::of(&answer);
    put(&started.url, "hello").await.expect(200);
    assert_eq!(put(&started.url, "jello").await.status, 412);
    alice.complete(started.document).await.expect(200);
    assert_eq!(put(&started.url, "jello").await.status, 412);
    assert_eq!(download(&alice, started.document).await.bytes, "hello");
}

#[tokio::test]
async fn a_store_that_was_killed_and_lost_its_parts_is_sent_to_again() {
    let app = TestApp::with().s3(Kind::Rclone).start().await;
    let alice = app.user("alice").await;
    let file = file();
    let upload = start(&alice, &file).await;
    send(&alice, &upload, &file, &[1]).await;

    let mut server = app.store_server.lock().await.take().unwrap();
    server.kill();
    let refused = alice.complete(upload.document).await;
    let refused = refused.expect_problem(503, "storage_unavailable");
    assert!(refused.header("retry-after").is_some());
    alice
        .post("/api/v1/documents", new_file_of("b.bin", &file[1..]))
        .await
        .expect_problem(503, "storage_unavailable");

    server.run().unwrap();
    // rclone keeps parts in memory only.
    let shown = patiently(async || alice.get(&upload.path("/upload")).await).await;
    assert_eq!(shown.expect(200).json()["parts"], json!([]));
    let body = json!({"part_numbers": [1, 2]});
    let renewed = alice.post(&upload.path("/upload/parts"), body).await;
    let fresh = InParts {
        parts: urls(&renewed.expect(200).json()),
        ..upload.clone()
    };
    send(&alice, &fresh, &file, &[2, 1]).await;
    alice.complete(upload.document).await.expect(200);
    let answer = download(&alice, upload.document).await;
    assert_eq!(sha256_hex(&answer.bytes), sha256_hex(&file));

    alice.delete(&upload.path("/permanently")).await.expect(204);
    app.run_jobs().await;
    assert_eq!(
        (room(&alice).await, stored_objects(&app).await),
        (EMPTY, vec![])
    );
}

/// Until the store is taken for well again.
async fn patiently(request: impl AsyncFn() -> Response) -> Response {
    for _ in 0..100 {
        let answer = request().await;
        if answer.status != 503 {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the store is back, and the vault does not see it");
}

#[tokio::test]
async fn giving_up_leaves_nothing_at_the_store() {
    for kind in [Kind::Rclone, Kind::Garage]
        .into_iter()
        .filter(|kind| *kind == Kind::Rclone || is_there(*kind))
    {
        let app = TestApp::with().s3(kind).start().await;
        let alice = app.user("alice").await;
        let file = file();
        let upload = start(&alice, &file).await;
        send(&alice, &upload, &file, &[1]).await;
        alice.delete(&upload.path("/upload")).await.expect(204);
        let open = app.state.storage().list_unfinished_uploads().await.unwrap();
        assert_eq!((open, stored_objects(&app).await), (vec![], vec![]));
        assert_refused(&alice, upload.url(2), piece(&file, 2)).await;
        assert_eq!(room(&alice).await, EMPTY);
    }
}
