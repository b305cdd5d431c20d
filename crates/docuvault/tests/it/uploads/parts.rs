//! Uploads in parts: sent in any order, joined by what the store has, settled once.

use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    EMPTY, Room,
    in_parts::{FILE, InParts, vault, vault_with},
    new_file, new_file_of, room, sha256_hex, times_recorded,
};
use crate::support::TestApp;

const STORED: Room = Room {
    used_bytes: FILE.len() as i64,
    reserved_bytes: 0,
    documents: 1,
};

#[tokio::test]
async fn a_file_arrives_in_parts_in_any_order() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let lengths: Vec<(u32, u64)> = upload.parts.iter().map(|part| (part.0, part.2)).collect();
    assert_eq!(lengths, [(1, 4), (2, 4), (3, 2)]);

    upload.send(&store, b"xxxxyyyyzz", &[2]);
    let sent = upload.send(&store, FILE, &[3, 1, 2]);
    let answer = alice
        .post(&upload.path("/complete"), json!({"parts": sent}))
        .await;
    let document = answer.expect(200).json();
    assert_eq!(document["status"], "processing");
    assert_eq!(document["sha256"], Value::Null, "nobody has said it yet");
    assert_eq!(room(&alice).await, STORED);
    assert_eq!(store.open_uploads(), 0);

    app.run_jobs().await;
    let document = alice.document(upload.document).await;
    assert_eq!(
        (&document["status"], &document["sha256"]),
        (&json!("ready"), &json!(sha256_hex(FILE)))
    );
}

#[tokio::test]
async fn sec_obj_04_parts_that_are_missing_are_named_and_nothing_is_charged() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    for (sent, missing) in [(&[][..], json!([1, 2, 3])), (&[3, 1][..], json!([2]))] {
        let marks = upload.send(&store, FILE, sent);
        for body in [json!({}), json!({ "parts": marks })] {
            let refused = alice.post(&upload.path("/complete"), body).await;
            let refused = refused.expect_problem(409, "upload_incomplete").json();
            assert_eq!(refused["missing_parts"], missing);
        }
    }
    assert_eq!(
        room(&alice).await,
        Room {
            reserved_bytes: FILE.len() as i64,
            ..EMPTY
        }
    );
    assert_eq!(store.objects(), []);
    upload.send(&store, FILE, &[2]);
    alice.complete(upload.document).await.expect(200);
    assert_eq!(room(&alice).await, STORED);
}

#[tokio::test]
async fn what_the_sender_says_of_its_parts_is_compared() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let sent = upload.send(&store, FILE, &[1, 2, 3]);
    let part = |number: u32, etag: &str| json!({"part_number": number, "etag": etag});
    let twice = [sent.clone(), vec![sent[0].clone()]].concat();
    for (parts, code) in [
        (json!([part(0, "x")]), "unknown_part"),
        (json!([part(4, "x")]), "unknown_part"),
        (json!(twice), "repeated_part"),
        (json!([sent[0], part(2, "\"0000\"")]), "etag_mismatch"),
        (json!([part(1, "")]), "etag_mismatch"),
    ] {
        let refused = alice
            .post(&upload.path("/complete"), json!({ "parts": parts }))
            .await;
        let refused = refused.expect_problem(422, "validation_failed").json();
        assert_eq!(
            (
                &refused["errors"][0]["field"],
                &refused["errors"][0]["code"]
            ),
            (&json!("parts"), &json!(code)),
            "{parts}"
        );
    }
    assert_eq!(alice.document(upload.document).await["status"], "uploading");
    let bare = |part: &Value| part["etag"].as_str().unwrap().trim_matches('"').to_owned();
    let some = json!([part(3, &bare(&sent[2])), sent[0]]);
    alice
        .post(&upload.path("/complete"), json!({ "parts": some }))
        .await
        .expect(200);
}

#[tokio::test]
async fn rel_upl_02_completing_and_erasing_twenty_times_at_once_happens_once() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let sent = json!({"parts": upload.send(&store, FILE, &[1, 2, 3])});
    let path = upload.path("/complete");
    let answers = join_all((0..20).map(|_| alice.post(&path, &sent))).await;
    for answer in &answers {
        assert_eq!(answer.clone().expect(200).json(), answers[0].json());
    }
    assert_eq!(room(&alice).await, STORED);
    let mut connection = app.database.superuser().await;
    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE kind = 'read_document'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(jobs, 1);
    assert_eq!(
        times_recorded(&app, "document.stored", upload.document).await,
        1
    );

    let path = upload.path("/permanently");
    let answers = join_all((0..20).map(|_| alice.delete(&path))).await;
    assert!(
        answers
            .iter()
            .all(|answer| [204, 404].contains(&answer.status.as_u16())),
        "{answers:?}"
    );
    app.run_jobs().await;
    assert_eq!((room(&alice).await, store.objects()), (EMPTY, vec![]));
    assert_eq!(
        times_recorded(&app, "document.erased", upload.document).await,
        1
    );
}

#[tokio::test]
async fn addresses_of_parts_are_renewed_for_parts_that_there_are() {
    let (app, store) = vault().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let fresh = alice.renew(&upload, &[3, 1, 3]).await;
    let numbers: Vec<u32> = fresh.parts.iter().map(|part| part.0).collect();
    assert_eq!(numbers, [1, 3]);

    let path = upload.path("/upload/parts");
    for numbers in [
        json!([]),
        json!([0]),
        json!([4]),
        json!([1, 4]),
        json!(vec![1; 1001]),
    ] {
        let refused = alice.post(&path, json!({ "part_numbers": numbers })).await;
        let refused = refused.expect_problem(422, "validation_failed").json();
        assert_eq!(refused["errors"][0]["field"], "part_numbers");
    }
    for body in [json!({"part_numbers": [-1]}), json!({}), json!([1])] {
        assert!(alice.post(&path, body).await.status.is_client_error());
    }
    bob.post(&path, json!({"part_numbers": [1]}))
        .await
        .expect_problem(404, "not_found");

    fresh.send(&store, FILE, &[1, 3]);
    upload.send(&store, FILE, &[2]);
    alice.complete(upload.document).await.expect(200);
    alice
        .post(&path, json!({"part_numbers": [1]}))
        .await
        .expect_problem(409, "upload_completed");
}

#[tokio::test]
async fn an_upload_that_is_sent_as_one_has_no_parts() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    let path = format!("/api/v1/documents/{}/upload/parts", started.document);
    alice
        .post(&path, json!({"part_numbers": [1]}))
        .await
        .expect_problem(409, "not_multipart");
}

#[tokio::test]
async fn a_start_that_is_repeated_opens_nothing_more_at_the_store() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let body = new_file("a.txt", FILE.len());
    let answers = join_all((0..8).map(|_| alice.start_once("key", &body))).await;
    let started: Vec<InParts> = answers
        .into_iter()
        .map(|answer| InParts::of(&answer.expect(201).json()))
        .collect();
    assert!(
        started
            .iter()
            .all(|upload| upload.upload_id == started[0].upload_id)
    );
    assert_eq!(store.open_uploads(), 1, "the others were taken back");
    for (number, upload) in [(1, &started[7]), (2, &started[0]), (3, &started[3])] {
        upload.send(&store, FILE, &[number]);
    }
    alice.complete(started[0].document).await.expect(200);
    alice
        .start_once("key", &body)
        .await
        .expect_problem(409, "upload_completed");
}

#[tokio::test]
async fn giving_up_takes_parts_back_that_were_never_written_down() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    for forgotten in [false, true] {
        let upload = alice.start_in_parts("a.txt", FILE.len()).await;
        upload.send(&store, FILE, &[1]);
        if forgotten {
            // As a process leaves it that was killed between the store's answer and noting it.
            sqlx::query("UPDATE uploads SET store_upload_id = NULL, part_size_bytes = NULL, strategy = 'single'")
                .execute(&mut app.database.superuser().await)
                .await
                .unwrap();
        }
        alice.delete(&upload.path("/upload")).await.expect(204);
        assert_eq!(store.open_uploads(), 0);
        assert_eq!(store.put_part(upload.url(2), b"EFGH"), Err(404));
        assert_eq!(room(&alice).await, EMPTY);
        alice
            .complete(upload.document)
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_promised_digest_finds_a_duplicate_among_files_in_parts() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let body = new_file_of("a.txt", FILE);
    let two = [
        alice.start_once("1", &body).await,
        alice.start_once("2", &body).await,
    ];
    let [first, second] = two.map(|answer| InParts::of(&answer.expect(201).json()));
    for upload in [&first, &second] {
        upload.send(&store, FILE, &[1, 2, 3]);
    }
    alice.complete(first.document).await.expect(200);
    let refused = alice.complete(second.document).await;
    let refused = refused.expect_problem(409, "duplicate_document").json();
    assert_eq!(refused["existing_id"], first.document.to_string());
    assert_eq!(room(&alice).await, STORED);
    assert_eq!(store.objects().len(), 1);
}

#[tokio::test]
async fn sec_obj_11_one_user_has_only_so_many_uploads_open() {
    let (app, store) = vault_with(TestApp::with()).await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let set = async |count: i32| {
        sqlx::query("UPDATE quotas SET open_uploads = $1 WHERE user_id = $2")
            .bind(count)
            .bind(alice.id.0)
            .execute(&mut app.database.superuser().await)
            .await
            .unwrap();
    };
    set(100_000).await;
    let refused = alice.post("/api/v1/documents", new_file("b.txt", 1)).await;
    let refused = refused.expect_problem(429, "too_many_uploads");
    assert!(refused.header("retry-after").is_some());
    bob.start_in_parts("b.txt", 1).await;

    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    alice.start_in_parts("b.txt", 1).await;
}
