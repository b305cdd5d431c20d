//! Sending bytes: as many as were promised, once; whatever goes wrong on the way leaves nothing and can be repeated.

use std::time::Duration;

use docuvault_storage::{Existing, NewObject};
use futures::{StreamExt, future::join_all, stream};
use tokio::{io::AsyncWriteExt, time::sleep};

use super::{begin_put, download_url, status_of_answer};
use crate::{
    support::{Started, TestApp, TestUser},
    uploads::{Room, room, sha256_hex, stored_objects},
};

const FILE: &[u8] = b"0123456789";

/// What went before left nothing: the right bytes are taken, and are the document's.
async fn assert_can_still_be_sent(app: &TestApp, user: &TestUser, started: &Started) {
    assert_eq!(stored_objects(app).await, []);
    user.complete(started.document)
        .await
        .expect_problem(409, "upload_incomplete");
    user.put(&started.url, FILE).await.expect(201);
    user.complete(started.document).await.expect(200);
    assert_eq!(
        user.get(&download_url(user, started.document).await)
            .await
            .expect(200)
            .bytes,
        FILE
    );
    assert_eq!(
        room(user).await,
        Room {
            used_bytes: 10,
            reserved_bytes: 0,
            documents: 1
        }
    );
}

#[tokio::test]
async fn more_or_less_than_promised_is_refused() {
    for (framing, body) in [
        ("Content-Length: 9", "012345678"),
        ("Content-Length: 11", "0123456789A"),
        ("Content-Length: 0", ""),
        ("Content-Length: 9999999999999", "0123456789"),
        ("Transfer-Encoding: chunked", "9\r\n012345678\r\n0\r\n\r\n"),
        (
            "Transfer-Encoding: chunked",
            "a\r\n0123456789\r\n1\r\nA\r\n0\r\n\r\n",
        ),
        ("Transfer-Encoding: chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "5\r\n01234\r\nnonsense"),
    ] {
        let app = TestApp::start().await;
        let alice = app.user("alice").await;
        let started = alice.start_upload("a.txt", FILE.len() as u64).await;
        let mut stream = begin_put(&app, &started.url, framing).await;
        let _ = stream.write_all(body.as_bytes()).await;
        assert_eq!(status_of_answer(stream).await, 400, "{framing} {body:?}");
        assert_can_still_be_sent(&app, &alice, &started).await;
    }
}

#[tokio::test]
async fn chunks_that_add_up_are_taken() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", FILE.len() as u64).await;
    let mut stream = begin_put(&app, &started.url, "Transfer-Encoding: chunked").await;
    stream
        .write_all(b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(status_of_answer(stream).await, 201);
    assert_eq!(
        alice.complete(started.document).await.expect(200).json()["sha256"],
        sha256_hex(FILE)
    );
}

#[tokio::test]
async fn a_transfer_that_was_cut_leaves_nothing_and_can_be_repeated() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", FILE.len() as u64).await;
    for framing in ["Content-Length: 10", "Transfer-Encoding: chunked"] {
        let mut stream = begin_put(&app, &started.url, framing).await;
        stream.write_all(b"6\r\n0123").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        drop(stream);
    }
    let temporary = app.objects_dir().parent().unwrap().join("tmp");
    for _ in 0..200 {
        if std::fs::read_dir(&temporary).unwrap().next().is_none() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        std::fs::read_dir(&temporary).unwrap().count(),
        0,
        "what came before the cut is removed"
    );
    assert_can_still_be_sent(&app, &alice, &started).await;
}

#[tokio::test]
async fn a_second_sending_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", FILE.len() as u64).await;
    alice.put(&started.url, FILE).await.expect(201);
    alice
        .put(&started.url, "9876543210")
        .await
        .expect_problem(409, "already_uploaded");
    assert_eq!(
        alice.complete(started.document).await.expect(200).json()["sha256"],
        sha256_hex(FILE)
    );
    alice
        .put(&started.url, "9876543210")
        .await
        .expect_problem(409, "already_uploaded");
    assert_eq!(
        alice
            .get(&download_url(&alice, started.document).await)
            .await
            .expect(200)
            .bytes,
        FILE
    );

    alice
        .delete(&format!(
            "/api/v1/documents/{}/permanently",
            started.document
        ))
        .await
        .expect(204);
    alice
        .put(&started.url, FILE)
        .await
        .expect_problem(410, "upload_gone");
    assert_eq!(stored_objects(&app).await, []);
}

#[tokio::test]
async fn of_many_sendings_at_once_one_is_kept_whole() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let size = 300_000;
    let started = alice.start_upload("a.bin", size).await;
    let sendings = (b'a'..b'g').map(|byte| alice.put(&started.url, vec![byte; size as usize]));
    let answers = join_all(sendings).await;
    assert!(
        answers
            .iter()
            .all(|answer| [201, 409].contains(&answer.status.as_u16()))
    );
    let sha256 = alice.complete(started.document).await.expect(200).json()["sha256"].clone();
    let kept = alice
        .get(&download_url(&alice, started.document).await)
        .await
        .expect(200)
        .bytes;
    assert!(kept.len() == size as usize && kept.iter().all(|byte| *byte == kept[0]));
    assert_eq!(sha256, sha256_hex(&kept));
}

/// The bytes came whole, but we were stopped before that was noted. Clients that send again and complete at once must not
/// take the bytes away from one another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_a_sending_whose_answer_was_lost_never_costs_the_bytes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for round in 0..8_u8 {
        let bytes = vec![round; 2_000_000];
        let started = alice.start_upload("a.bin", bytes.len() as u64).await;
        let mut connection = app.database.superuser().await;
        let key: String = sqlx::query_scalar("SELECT object_key FROM uploads WHERE id = $1")
            .bind(started.upload_id)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let object = NewObject {
            key: key.parse().unwrap(),
            size_bytes: bytes.len() as u64,
            expected_sha256: None,
            existing: Existing::Keep,
        };
        app.state
            .storage()
            .put_stream(&object, stream::iter([Ok(bytes.clone().into())]).boxed())
            .await
            .unwrap();

        let clients = (0..6).map(async |_| {
            let sent = alice.put(&started.url, bytes.clone()).await;
            assert!(
                [201, 409].contains(&sent.status.as_u16()),
                "{}",
                sent.text()
            );
            alice.complete(started.document).await.expect(200);
        });
        join_all(clients).await;
        let kept = alice
            .get(&download_url(&alice, started.document).await)
            .await
            .expect(200)
            .bytes;
        assert!(kept == bytes);
    }
}
