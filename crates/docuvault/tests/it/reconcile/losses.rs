//! Documents whose objects are not there, or not what they should be: reported, told to their owner, never given up, cleared when found again.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use docuvault::reconcile::reconcile_now;
use docuvault_storage::ObjectKey;

use super::{
    HOUR, compare, file_of, findings, key_of, problem_of, put_documents, scripted::ScriptedStore,
    told, vault, with_store,
};
use crate::{
    support::{TestApp, TestUser},
    uploads::times_recorded,
};

/// How many documents the user sees, and how much of their room is used.
async fn kept(user: &TestUser) -> (i64, i64) {
    let quota = user.get("/api/v1/me/quota").await.expect(200).json();
    (
        quota["documents"].as_i64().unwrap(),
        quota["used_bytes"].as_i64().unwrap(),
    )
}

fn one(kind: &str, key: &ObjectKey) -> Vec<(String, String)> {
    vec![(kind.to_owned(), key.to_string())]
}

#[tokio::test]
async fn rel_upl_04_a_missing_object_is_told_once_its_row_stays_and_it_can_be_found_again() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let document = alice.upload("a.txt", b"precious").await;
    alice.upload("b.txt", b"another").await;
    let key = key_of(&app, document).await;
    let elsewhere = app.objects_dir().join("elsewhere");
    std::fs::rename(file_of(&app, &key), &elsewhere).unwrap();

    for _ in 0..2 {
        let report = compare(&app).await;
        assert_eq!(
            (report.missing, report.wrong_size, report.damaged),
            (1, 0, 0)
        );
        assert!(report.has_losses());
        assert_eq!(findings(&admin).await, one("missing", &key));
        assert_eq!(problem_of(&app, document).await.as_deref(), Some("missing"));
        assert_eq!(
            kept(&alice).await,
            (2, 15),
            "no row goes, and nobody's room changes"
        );
        app.clock.advance(30 * 24 * HOUR);
    }
    let notices = told(&app, &alice).await;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0]["document_id"], document.to_string());
    assert_eq!(notices[0]["problem"], "missing");
    assert_eq!(times_recorded(&app, "document.missing", document).await, 1);

    std::fs::rename(&elsewhere, file_of(&app, &key)).unwrap();
    assert!(!compare(&app).await.has_losses());
    assert!(findings(&admin).await.is_empty());
    assert_eq!(problem_of(&app, document).await, None);
    assert_eq!(
        times_recorded(&app, "document.found_again", document).await,
        1
    );
    compare(&app).await;
    assert_eq!(
        times_recorded(&app, "document.found_again", document).await,
        1
    );
    assert_eq!(told(&app, &alice).await.len(), 1);
}

#[tokio::test]
async fn rel_upl_04_an_object_of_another_length_is_damage() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let document = alice.upload("a.txt", b"precious").await;
    let key = key_of(&app, document).await;
    std::fs::write(file_of(&app, &key), b"prec").unwrap();
    let report = compare(&app).await;
    assert_eq!(
        (report.missing, report.wrong_size, report.damaged),
        (0, 1, 0)
    );
    assert_eq!(findings(&admin).await, one("wrong_size", &key));
    let found = admin
        .get("/api/v1/admin/storage/findings?kind=wrong_size")
        .await
        .expect(200)
        .json();
    assert_eq!(found["items"][0]["size_bytes"], 4, "what lies there");
    assert_eq!(problem_of(&app, document).await.as_deref(), Some("damaged"));
    assert_eq!(told(&app, &alice).await.len(), 1);
    assert_eq!(times_recorded(&app, "document.damaged", document).await, 1);

    // First it goes altogether, then it comes back.
    std::fs::remove_file(file_of(&app, &key)).unwrap();
    let report = compare(&app).await;
    assert_eq!((report.missing, report.wrong_size), (1, 0));
    assert_eq!(problem_of(&app, document).await.as_deref(), Some("missing"));
    std::fs::write(file_of(&app, &key), b"precious").unwrap();
    assert!(!compare(&app).await.has_losses());
    assert_eq!(problem_of(&app, document).await, None);
}

#[tokio::test]
async fn a_missing_thumbnail_is_found_and_troubles_nobody() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let document = alice.upload_fixture("invoice-en.pdf").await;
    app.run_jobs().await;
    let key: String = sqlx::query_scalar(
        "SELECT thumbnail_key FROM documents WHERE thumbnail_at IS NOT NULL AND id = $1",
    )
    .bind(document)
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap();
    let key = ObjectKey::parse(&key).unwrap();
    let picture = std::fs::read(file_of(&app, &key)).unwrap();
    std::fs::remove_file(file_of(&app, &key)).unwrap();
    assert_eq!(compare(&app).await.missing, 1);
    assert_eq!(findings(&admin).await, one("missing", &key));
    assert_eq!(problem_of(&app, document).await, None);
    assert!(told(&app, &alice).await.is_empty());
    std::fs::write(file_of(&app, &key), picture).unwrap();
    assert_eq!(compare(&app).await.missing, 0);
    assert!(findings(&admin).await.is_empty());
}

#[tokio::test]
async fn a_store_that_needs_a_moment_to_agree_with_itself_frightens_nobody() {
    let app = vault().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"precious").await;
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.stat_lies.lock().unwrap().push_back(None);
    let report = reconcile_now(&with_store(&app, store)).await.unwrap();
    assert_eq!(report.missing, 0);
    assert_eq!(problem_of(&app, document).await, None);
    assert!(told(&app, &alice).await.is_empty());
}

#[tokio::test]
async fn who_loses_everything_gets_one_letter() {
    let app = vault().await;
    let (admin, alice, bob) = (
        app.user("admin").await,
        app.user("alice").await,
        app.user("bob").await,
    );
    put_documents(&app, &alice, 80).await;
    let of_bob = bob.upload("b.txt", b"of bob").await;
    for user in std::fs::read_dir(app.objects_dir()).unwrap() {
        std::fs::remove_dir_all(user.unwrap().path()).unwrap();
    }
    let report = compare(&app).await;
    assert_eq!((report.objects, report.missing), (0, 81));
    assert_eq!(
        (told(&app, &alice).await.len(), told(&app, &bob).await.len()),
        (1, 1)
    );
    assert!(told(&app, &admin).await.is_empty());
    let letters: i64 = sqlx::query_scalar("SELECT count(*) FROM mails WHERE recipient = $1")
        .bind(&alice.email)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(letters, 1);
    assert_eq!(problem_of(&app, of_bob).await.as_deref(), Some("missing"));
    assert_eq!(kept(&alice).await.0, 80);
    // A new loss, days later, is told again.
    app.clock.advance(48 * HOUR);
    let later = alice.upload("later.txt", b"later").await;
    remove(&app, later).await;
    compare(&app).await;
    assert_eq!(told(&app, &alice).await.len(), 2);
}

async fn remove(app: &TestApp, document: uuid::Uuid) {
    std::fs::remove_file(file_of(app, &key_of(app, document).await)).unwrap();
}

#[tokio::test]
async fn what_is_being_erased_by_the_second_look_is_no_loss() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let document = alice.upload("a.txt", b"precious").await;
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.stat_lies.lock().unwrap().push_back(None);
    let state = with_store(&app, store.clone());
    let running = tokio::spawn(async move { reconcile_now(&state).await });
    while store.stats.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // As `erase` does it: first the row says so, then the bytes go; then it is cut off.
    sqlx::query("UPDATE documents SET state = 'purging' WHERE id = $1")
        .bind(document)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    remove(&app, document).await;
    assert_eq!(running.await.unwrap().unwrap().missing, 0);
    assert!(findings(&admin).await.is_empty());
    assert!(told(&app, &alice).await.is_empty());
}
