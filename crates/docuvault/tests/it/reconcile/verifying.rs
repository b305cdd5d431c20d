//! Bytes are read again and compared with their digest.

use std::sync::Arc;

use docuvault::reconcile::{Verified, VerifyBudget, verify_documents};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    DAY, HOUR, compare, file_of, findings, key_of, problem_of, scripted::ScriptedStore, told,
    vault, with_store,
};
use crate::{
    support::TestApp,
    uploads::{sha256_hex, times_recorded},
};

async fn verify_all(app: &TestApp) -> Verified {
    verify_documents(&app.state, app.state.now(), VerifyBudget::ALL)
        .await
        .unwrap()
}

async fn verified_at(app: &TestApp, document: Uuid) -> Option<OffsetDateTime> {
    sqlx::query_scalar("SELECT verified_at FROM documents WHERE id = $1")
        .bind(document)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn damaged_bytes_are_found_told_and_cleared_when_repaired() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let sound = alice.upload("a.txt", b"sound").await;
    let document = alice.upload("b.txt", b"precious").await;
    let key = key_of(&app, document).await;
    std::fs::write(file_of(&app, &key), b"preciOus").unwrap();
    assert!(
        !compare(&app).await.has_losses(),
        "the length alone tells nothing"
    );

    let verified = verify_all(&app).await;
    assert_eq!((verified.sound, verified.damaged, verified.lost), (1, 1, 0));
    assert_eq!(
        verified.bytes,
        5 + 2 * 8,
        "read twice before anyone is told"
    );
    assert!(verified_at(&app, sound).await.is_some());
    assert_eq!(verified_at(&app, document).await, None);
    assert_eq!(problem_of(&app, document).await.as_deref(), Some("damaged"));
    assert_eq!(
        findings(&admin).await,
        [("damaged".to_owned(), key.to_string())]
    );
    assert_eq!(told(&app, &alice).await[0]["problem"], "damaged");
    assert_eq!(times_recorded(&app, "document.damaged", document).await, 1);
    assert_eq!(
        compare(&app).await.damaged,
        1,
        "a run counts it, and does not clear it"
    );

    // Not again within a day, then without telling again.
    app.clock.advance(HOUR);
    assert_eq!(verify_all(&app).await.damaged, 0);
    app.clock.advance(DAY);
    assert_eq!(verify_all(&app).await.damaged, 1);
    assert_eq!(told(&app, &alice).await.len(), 1);

    std::fs::write(file_of(&app, &key), b"precious").unwrap();
    app.clock.advance(DAY + HOUR);
    verify_all(&app).await;
    assert_eq!(problem_of(&app, document).await, None);
    assert!(verified_at(&app, document).await.is_some());
    assert!(findings(&admin).await.is_empty());
    assert_eq!(
        times_recorded(&app, "document.found_again", document).await,
        1
    );
}

#[tokio::test]
async fn the_longest_unread_come_first_and_the_budget_is_kept() {
    let app = vault().await;
    let alice = app.user("alice").await;
    let mut documents = Vec::new();
    for number in 0..6 {
        documents.push(alice.upload("a.txt", format!("text {number}")).await);
    }
    let mut database = app.database.superuser().await;
    for (document, days) in [(documents[4], 200), (documents[2], 100), (documents[0], 10)] {
        sqlx::query(
            "UPDATE documents SET verified_at = now() - make_interval(days => $2) WHERE id = $1",
        )
        .bind(document)
        .bind(days)
        .execute(&mut database)
        .await
        .unwrap();
    }
    let store = Arc::new(ScriptedStore::over(&app).await);
    let state = with_store(&app, store.clone());
    let before = app.state.now() - 90 * DAY;
    let budget = |documents, bytes| VerifyBudget {
        documents,
        bytes,
        yields_to_reading: false,
    };
    verify_documents(&state, before, budget(4, u64::MAX))
        .await
        .unwrap();
    let mut read = Vec::new();
    for key in store.read.lock().unwrap().drain(..) {
        read.push(key.document_id());
    }
    assert_eq!(
        read,
        [documents[1], documents[3], documents[5], documents[4]]
    );
    verify_documents(&state, before, budget(9, 1))
        .await
        .unwrap();
    let read: Vec<Uuid> = store
        .read
        .lock()
        .unwrap()
        .drain(..)
        .map(|key| key.document_id())
        .collect();
    assert_eq!(read, [documents[2]], "and not the one of ten days ago");
}

#[tokio::test]
async fn the_job_reads_what_is_due_and_nothing_when_told_so() {
    for (days, expected) in [("90", true), ("0", false)] {
        let app = TestApp::with()
            .without_reader()
            .setting("DOCUVAULT_VERIFY_DAYS", days)
            .start()
            .await;
        let alice = app.user("alice").await;
        let document = alice.upload("a.txt", b"text").await;
        let mut database = app.database.superuser().await;
        sqlx::query("DELETE FROM jobs WHERE kind = 'read_document'")
            .execute(&mut database)
            .await
            .unwrap();
        app.run_jobs().await;
        assert_eq!(
            verified_at(&app, document).await.is_some(),
            expected,
            "every {days} days"
        );
    }
}

#[tokio::test]
async fn new_documents_come_first() {
    let app = vault().await;
    let alice = app.user("alice").await;
    for number in 0..15 {
        alice.upload("a.txt", format!("text {number}")).await;
    }
    let verified = verify_documents(&app.state, app.state.now(), VerifyBudget::HOURLY)
        .await
        .unwrap();
    assert_eq!(verified.sound, 10, "some, and then reading, which waits");
    app.run_jobs().await;
    let left = verify_documents(&app.state, app.state.now(), VerifyBudget::HOURLY)
        .await
        .unwrap();
    assert!(left.sound >= 5, "{left:?}");
}

#[tokio::test]
async fn a_digest_that_nobody_knew_is_kept_also_of_the_same_bytes_twice() {
    let app = vault().await;
    let alice = app.user("alice").await;
    let (one, two) = (
        alice.upload("a.txt", b"same").await,
        alice.upload("b.txt", b"other").await,
    );
    let key = key_of(&app, two).await;
    std::fs::write(file_of(&app, &key), b"same").unwrap();
    let forget = "UPDATE documents SET sha256 = NULL, size_bytes = 4 WHERE id = ANY ($1)";
    let mut database = app.database.superuser().await;
    sqlx::query(forget)
        .bind([one, two])
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(verify_all(&app).await.sound, 2);
    let digests: Vec<String> = sqlx::query_scalar("SELECT encode(sha256, 'hex') FROM documents")
        .fetch_all(&mut database)
        .await
        .unwrap();
    assert_eq!(digests, [sha256_hex(b"same"), sha256_hex(b"same")]);
}

#[tokio::test]
async fn an_object_that_cannot_be_read_holds_up_no_other_and_a_missing_one_is_reported() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let bad = alice.upload("a.txt", b"bad sector").await;
    let missing = alice.upload("b.txt", b"missing").await;
    let sound = alice.upload("c.txt", b"sound").await;
    let store = Arc::new(ScriptedStore::over(&app).await);
    store
        .unreadable
        .lock()
        .unwrap()
        .push(key_of(&app, bad).await);
    let gone = key_of(&app, missing).await;
    std::fs::remove_file(file_of(&app, &gone)).unwrap();
    let state = with_store(&app, store.clone());
    let verified = verify_documents(&state, app.state.now(), VerifyBudget::ALL)
        .await
        .unwrap();
    assert_eq!(
        (verified.sound, verified.lost, verified.unreadable),
        (1, 1, 1)
    );
    assert!(verified_at(&app, sound).await.is_some());
    assert_eq!(problem_of(&app, bad).await, None);
    assert_eq!(
        findings(&admin).await,
        [("missing".to_owned(), gone.to_string())]
    );

    store.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let ended = verify_documents(&state, app.state.now(), VerifyBudget::ALL).await;
    assert_eq!(ended.unwrap_err().code, "storage_unavailable");
}

#[tokio::test]
async fn what_is_being_erased_is_not_read() {
    let app = vault().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"text").await;
    sqlx::query("UPDATE documents SET state = 'purging' WHERE id = $1")
        .bind(document)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(verify_all(&app).await, Verified::default());
    std::fs::remove_file(file_of(&app, &key_of(&app, document).await)).unwrap();
    assert_eq!(compare(&app).await.missing, 0);
}
