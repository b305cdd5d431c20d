//! Comparing while users upload, abort, trash and erase finds nothing amiss that is not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use docuvault::{
    accounts::erase_account,
    reconcile::{VerifyBudget, reconcile_now, verify_documents},
};
use futures::future::join_all;
use uuid::Uuid;

use super::{HOUR, compare, findings, vault};
use crate::support::{TestApp, TestUser};

/// A user who never rests. What they do follows from their number.
async fn busy_user(user: TestUser, number: usize, stop: Arc<AtomicBool>) -> usize {
    let mut done = 0;
    let mut kept: Vec<Uuid> = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let bytes = format!("bytes {number} {done}");
        match (number + done * 7) % 5 {
            0 => {
                let started = user.start_upload("a.txt", bytes.len() as u64).await;
                user.put(&started.url, bytes).await.expect(201);
                let path = format!("/api/v1/documents/{}/upload", started.document);
                user.delete(&path).await.expect(204);
            }
            1 | 2 => kept.push(user.upload("b.txt", bytes).await),
            3 => {
                let id = user.upload("c.txt", bytes).await;
                let path = format!("/api/v1/documents/{id}/permanently");
                user.delete(&path).await.expect(204);
            }
            _ => {
                if let Some(id) = kept.pop() {
                    let path = format!("/api/v1/documents/{id}/permanently");
                    user.delete(&path).await.expect(204);
                }
            }
        }
        done += 1;
    }
    done
}

/// Whatever happens here seems to have happened two days ago, so that nothing is spared for being young.
fn make_old(app: &TestApp) {
    app.clock.advance(48 * HOUR);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uploading_and_erasing_meanwhile_is_never_taken_for_a_loss_or_an_orphan() {
    let app = Arc::new(vault().await);
    let admin = app.user("admin").await;
    make_old(&app);
    let stop = Arc::new(AtomicBool::new(false));
    let mut users = Vec::new();
    for number in 0..8 {
        let user = app.user(&format!("user{number}")).await;
        users.push(tokio::spawn(busy_user(user, number, Arc::clone(&stop))));
    }
    let mut runs = 0;
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_secs(12) {
        let report = compare(&app).await;
        assert_eq!(
            (
                report.orphans,
                report.missing,
                report.wrong_size,
                report.damaged
            ),
            (0, 0, 0, 0),
            "run {runs}"
        );
        let verified = verify_documents(&app.state, app.state.now(), VerifyBudget::HOURLY)
            .await
            .unwrap();
        assert_eq!((verified.damaged, verified.unreadable), (0, 0));
        assert!(findings(&admin).await.is_empty());
        runs += 1;
    }
    stop.store(true, Ordering::SeqCst);
    let done: usize = join_all(users).await.into_iter().map(Result::unwrap).sum();
    assert!(
        runs >= 3 && done >= 100,
        "{runs} runs beside {done} changes prove nothing"
    );
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action IN ('document.missing', 'document.damaged', 'document.found_again', 'storage.object_removed')")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(told, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_goes_meanwhile_leaves_no_finding() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let alice = app.user("alice").await;
    for number in 0..60 {
        alice.upload("a.txt", format!("text {number}")).await;
    }
    make_old(&app);
    let mut database = app.database.superuser().await;
    sqlx::query("UPDATE users SET erasing_at = now() WHERE id = $1")
        .bind(alice.id.0)
        .execute(&mut database)
        .await
        .unwrap();
    let (state, user) = (app.state.clone(), alice.id);
    let erasing = tokio::spawn(async move { erase_account(&state, user).await });
    while !erasing.is_finished() {
        let report = reconcile_now(&app.state).await.unwrap();
        assert_eq!((report.orphans, report.missing), (0, 0));
    }
    erasing.await.unwrap().unwrap();
    assert_eq!(compare(&app).await.objects, 0);
    assert!(findings(&admin).await.is_empty());
}
