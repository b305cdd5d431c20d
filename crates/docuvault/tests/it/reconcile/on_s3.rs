//! The same on real S3 servers.

use std::time::Duration;

use bytes::Bytes;
use docuvault::reconcile::{VerifyBudget, reconcile_now, verify_documents};
use docuvault_storage::{Existing, NewObject, NewUpload, ObjectKey, UploadPlan};
use docuvault_test_stores::Kind;
use futures::{StreamExt, stream};
use uuid::Uuid;

use super::{DAY, HOUR, findings, insert_document, problem_of};
use crate::support::TestApp;

async fn put(app: &TestApp, key: &ObjectKey, bytes: &'static [u8]) {
    let object = NewObject {
        key: key.clone(),
        size_bytes: bytes.len() as u64,
        expected_sha256: None,
        existing: Existing::Replace,
    };
    let stream = stream::iter([Ok(Bytes::from_static(bytes))]).boxed();
    app.state
        .storage()
        .put_stream(&object, stream)
        .await
        .unwrap();
}

/// An upload in parts that no row knows.
async fn begin_parts(app: &TestApp) -> bool {
    let upload = NewUpload {
        key: ObjectKey::new(Uuid::now_v7(), Uuid::now_v7(), Uuid::new_v4(), "pdf"),
        size_bytes: 20 * 1024 * 1024,
        content_type: "application/octet-stream".to_owned(),
        sha256: None,
        expires_in: Duration::from_mins(10),
    };
    let plan = app.state.storage().begin_upload(&upload).await.unwrap();
    assert!(matches!(plan, UploadPlan::DirectParts(_)));
    !app.state
        .storage()
        .list_unfinished_uploads()
        .await
        .unwrap()
        .is_empty()
}

async fn all_is_found_on(kind: Kind) {
    let app = TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 10_000_000)
        .s3(kind)
        .start()
        .await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let mut database = app.database.superuser().await;
    let mut keys = Vec::new();
    for bytes in [&b"sound"[..], b"precious", b"lost", b"too short"] {
        keys.push(insert_document(&mut database, &alice, bytes).await);
    }
    let [sound, damaged, lost, short] = <[ObjectKey; 4]>::try_from(keys).unwrap();
    let orphan = ObjectKey::new(Uuid::now_v7(), Uuid::now_v7(), Uuid::new_v4(), "pdf");
    put(&app, &sound, b"sound").await;
    put(&app, &damaged, b"preciOus").await;
    put(&app, &short, b"too").await;
    put(&app, &orphan, b"nobody's").await;
    let store_lists_parts = begin_parts(&app).await;

    app.clock.advance(25 * HOUR);
    let verified = verify_documents(&app.state, app.state.now(), VerifyBudget::ALL)
        .await
        .unwrap();
    assert_eq!((verified.sound, verified.damaged, verified.lost), (1, 1, 2));
    let report = reconcile_now(&app.state).await.unwrap();
    assert_eq!((report.objects, report.orphans, report.removed), (4, 1, 0));
    assert_eq!(
        (report.missing, report.wrong_size, report.damaged),
        (1, 1, 1)
    );
    assert_eq!(report.unfinished_uploads, i64::from(store_lists_parts));
    assert!(
        app.state
            .storage()
            .list_unfinished_uploads()
            .await
            .unwrap()
            .is_empty()
    );
    let mut found = findings(&admin).await;
    found.sort();
    let mut expected = [
        ("damaged", &damaged),
        ("missing", &lost),
        ("orphan", &orphan),
        ("wrong_size", &short),
    ]
    .map(|(kind, key)| (kind.to_owned(), key.to_string()));
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(problem_of(&app, sound.document_id()).await, None);

    app.clock.advance(8 * DAY);
    put(&app, &lost, b"lost").await;
    let report = reconcile_now(&app.state).await.unwrap();
    assert_eq!((report.missing, report.removed), (0, 1));
    assert!(app.state.storage().stat(&orphan).await.unwrap().is_none());
}

#[tokio::test]
async fn rel_upl_04_all_is_found_on_rclone() {
    all_is_found_on(Kind::Rclone).await;
}

#[tokio::test]
async fn rel_upl_04_all_is_found_on_s3s_fs() {
    all_is_found_on(Kind::S3sFs).await;
}
