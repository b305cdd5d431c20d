//! Objects that no row names: reported, kept for a week, removed only if they still are orphans then.

use std::{sync::Arc, time::Duration};

use docuvault::reconcile::reconcile_now;
use docuvault_storage::{ObjectKey, UnfinishedUpload};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    DAY, HOUR, compare, file_of, findings, key_of, put_orphan, scripted::ScriptedStore, vault,
    with_store,
};

#[tokio::test]
async fn rel_upl_04_an_orphan_is_reported_kept_for_a_week_and_removed_then() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let document = admin.upload("kept.txt", b"kept").await;
    let orphan = put_orphan(&app, b"nobody's");

    app.clock.advance(23 * HOUR);
    let report = compare(&app).await;
    assert_eq!(
        (report.objects, report.bytes, report.orphans),
        (2, 12, 0),
        "too young to be sure of"
    );
    assert!(findings(&admin).await.is_empty());

    app.clock.advance(2 * HOUR);
    let report = compare(&app).await;
    assert_eq!(
        (report.orphans, report.orphan_bytes, report.removed),
        (1, 8, 0)
    );
    assert!(report.finished_at.is_some() && report.error.is_none() && !report.has_losses());
    let found = vec![("orphan".to_owned(), orphan.to_string())];
    assert_eq!(findings(&admin).await, found);

    app.clock.advance(7 * DAY - HOUR);
    assert_eq!(compare(&app).await.removed, 0, "its week is not over");
    assert_eq!(
        findings(&admin).await,
        found,
        "seen again, and still one finding"
    );
    assert!(file_of(&app, &orphan).exists());

    app.clock.advance(2 * HOUR);
    let report = compare(&app).await;
    assert_eq!((report.orphans, report.removed), (1, 1));
    assert!(!file_of(&app, &orphan).exists());
    assert!(findings(&admin).await.is_empty());
    assert!(file_of(&app, &key_of(&app, document).await).exists());
    assert_eq!(compare(&app).await.objects, 1);
    let trail: Vec<String> = sqlx::query_scalar(
        "SELECT metadata ->> 'object_key' FROM audit_log WHERE user_id = $1 AND action = 'storage.object_removed'",
    )
    .bind(Uuid::nil())
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert_eq!(trail, [orphan.to_string()]);
}

#[tokio::test]
async fn an_orphan_that_a_row_names_by_now_is_spared() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let document = admin.upload("a.txt", b"a").await;
    let key = key_of(&app, document).await;
    let mut database = app.database.superuser().await;
    let rename = "UPDATE documents SET object_key = $2 WHERE id = $1";
    let elsewhere = ObjectKey::new(admin.id.0, document, Uuid::new_v4(), "txt");
    for (sql, key) in [
        (rename, &elsewhere),
        (
            "UPDATE uploads SET object_key = $2 WHERE document_id = $1",
            &elsewhere,
        ),
    ] {
        sqlx::query(sql)
            .bind(document)
            .bind(key.to_string())
            .execute(&mut database)
            .await
            .unwrap();
    }
    app.clock.advance(25 * HOUR);
    assert_eq!(compare(&app).await.orphans, 1);

    // The listing of the run in which it falls due has seen it as an orphan; the row comes back before it is removed.
    app.clock.advance(8 * DAY);
    let store = Arc::new(ScriptedStore::over(&app).await);
    store
        .down_at_stat
        .store(2, std::sync::atomic::Ordering::SeqCst);
    let state = with_store(&app, store.clone());
    assert_eq!(
        reconcile_now(&state).await.unwrap_err().code,
        "storage_unavailable"
    );
    sqlx::query(rename)
        .bind(document)
        .bind(key.to_string())
        .execute(&mut database)
        .await
        .unwrap();
    store.down.store(false, std::sync::atomic::Ordering::SeqCst);
    let report = reconcile_now(&state).await.unwrap();
    assert_eq!((report.orphans, report.removed), (1, 0));
    assert!(file_of(&app, &key).exists());
    assert!(findings(&admin).await.is_empty());
}

#[tokio::test]
async fn an_orphan_that_was_written_anew_waits_anew() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let orphan = put_orphan(&app, b"nobody's");
    app.clock.advance(25 * HOUR);
    assert_eq!(compare(&app).await.orphans, 1);
    app.clock.advance(8 * DAY);
    let file = std::fs::File::options()
        .write(true)
        .open(file_of(&app, &orphan))
        .unwrap();
    let soon = app_now(&app) - Duration::from_hours(1);
    file.set_modified(soon.into()).unwrap();
    let report = compare(&app).await;
    assert_eq!((report.orphans, report.removed), (0, 0));
    assert!(file_of(&app, &orphan).exists());
    assert!(findings(&admin).await.is_empty());
}

#[tokio::test]
async fn of_a_store_that_is_mostly_orphans_nothing_is_removed() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let document = admin.upload("kept.txt", b"kept").await;
    let orphans: Vec<ObjectKey> = (0..150)
        .map(|_| put_orphan(&app, b"another vault's"))
        .collect();
    app.clock.advance(25 * HOUR);
    for _ in 0..2 {
        let report = compare(&app).await;
        assert_eq!((report.orphans, report.removed), (150, 0));
        assert_eq!(report.error.as_deref(), Some("mostly_orphans"));
        app.clock.advance(8 * DAY);
    }
    assert!(orphans.iter().all(|key| file_of(&app, key).exists()));
    let last = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(last["last_run"]["error"], "mostly_orphans");
    assert!(file_of(&app, &key_of(&app, document).await).exists());
}

#[tokio::test]
async fn what_an_upload_or_a_thumbnail_has_is_no_orphan() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let waiting = admin.start_upload("waiting.txt", 5).await;
    admin.put(&waiting.url, "hello").await.expect(201);
    admin.upload_fixture("invoice-en.pdf").await;
    app.run_jobs().await;
    app.clock.advance(25 * HOUR);
    let report = compare(&app).await;
    assert_eq!((report.objects, report.orphans), (3, 0));
    assert!(findings(&admin).await.is_empty());
}

#[tokio::test]
async fn uploads_in_parts_that_no_one_goes_on_with_are_given_up() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let open = admin.start_upload("open.bin", 5).await;
    let other = admin.start_upload("other.bin", 5).await;
    let unnamed = admin.start_upload("unnamed.bin", 5).await;
    let done = admin.upload("done.txt", b"done").await;
    let mut database = app.database.superuser().await;
    for (document, id) in [(open.document, "open"), (other.document, "newer")] {
        sqlx::query("UPDATE uploads SET store_upload_id = $2 WHERE document_id = $1")
            .bind(document)
            .bind(id)
            .execute(&mut database)
            .await
            .unwrap();
    }
    let store = Arc::new(ScriptedStore::over(&app).await);
    let at = |hours| OffsetDateTime::now_utc() - Duration::from_hours(hours);
    let unfinished = |key: ObjectKey, id: &str, hours| UnfinishedUpload {
        key,
        store_upload_id: id.to_owned(),
        started_at: at(hours),
    };
    let stranger = ObjectKey::new(Uuid::now_v7(), Uuid::now_v7(), Uuid::new_v4(), "");
    *store.unfinished.lock().unwrap() = vec![
        unfinished(key_of(&app, open.document).await, "open", 30),
        unfinished(key_of(&app, other.document).await, "older", 30),
        unfinished(key_of(&app, unnamed.document).await, "not noted", 30),
        unfinished(key_of(&app, done).await, "done", 30),
        unfinished(stranger.clone(), "nobody's", 30),
        unfinished(stranger, "young", 23),
    ];
    let report = reconcile_now(&with_store(&app, store.clone()))
        .await
        .unwrap();
    let mut aborted = store.aborted.lock().unwrap().clone();
    aborted.sort();
    assert_eq!(aborted, ["done", "nobody's", "older"]);
    assert_eq!(report.unfinished_uploads, 3);
}

fn app_now(app: &crate::support::TestApp) -> std::time::SystemTime {
    app.state.now().into()
}
