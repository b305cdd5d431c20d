//! A run that is cut off goes on where it was; only one runs at a time; none runs while the store is away.

use std::sync::{Arc, atomic::Ordering};

use docuvault::{app::job_registry, reconcile::reconcile_now};
use sqlx::Connection;
use tokio_util::sync::CancellationToken;

use super::{DAY, HOUR, compare, put_orphan, scripted::ScriptedStore, vault, with_store};
use crate::support::TestApp;

async fn runs(app: &TestApp) -> Vec<(bool, Option<String>)> {
    sqlx::query_as("SELECT finished_at IS NOT NULL, error FROM storage_runs ORDER BY id")
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_listing_of_5000_objects_is_paged_and_taken_up_where_it_was_cut_off() {
    let app = vault().await;
    app.user("admin").await;
    for _ in 0..5000 {
        put_orphan(&app, b"x");
    }
    app.clock.advance(25 * HOUR);
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.down_at_list.store(4, Ordering::SeqCst);
    let state = with_store(&app, store.clone());
    assert_eq!(
        reconcile_now(&state).await.unwrap_err().code,
        "storage_unavailable"
    );
    assert_eq!(
        runs(&app).await,
        [(false, Some("storage_unavailable".to_owned()))]
    );
    assert_eq!(store.listed.lock().unwrap().len(), 3);

    store.down_at_list.store(0, Ordering::SeqCst);
    store.down.store(false, Ordering::SeqCst);
    let report = reconcile_now(&state).await.unwrap();
    assert_eq!(
        (
            report.objects,
            report.bytes,
            report.orphans,
            report.orphan_bytes
        ),
        (5000, 5000, 5000, 5000)
    );
    assert_eq!(runs(&app).await.len(), 1, "the same run");
    let listed = store.listed.lock().unwrap();
    assert!(
        listed.iter().all(|(_, limit, _)| *limit == 1000),
        "memory holds one page"
    );
    assert_eq!(
        listed
            .iter()
            .filter(|(cursor, ..)| cursor.is_none())
            .count(),
        1,
        "it did not begin anew"
    );
    assert_eq!(
        listed.iter().map(|(.., objects)| objects).sum::<usize>(),
        5000,
        "and listed nothing twice"
    );
}

#[tokio::test]
async fn a_place_that_the_store_does_not_know_any_more_begins_the_listing_anew() {
    let app = vault().await;
    let alice = app.user("alice").await;
    alice.upload("a.txt", b"text").await;
    put_orphan(&app, b"x");
    app.clock.advance(25 * HOUR);
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.down_at_stat.store(2, Ordering::SeqCst);
    let state = with_store(&app, store.clone());
    reconcile_now(&state).await.unwrap_err();
    sqlx::query("UPDATE storage_runs SET step = 'objects', reached = 'of another time'")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    store.down.store(false, Ordering::SeqCst);
    let report = reconcile_now(&state).await.unwrap();
    assert_eq!((report.objects, report.orphans), (2, 1));
}

#[tokio::test]
async fn documents_are_gone_on_with_behind_the_last_page() {
    let app = vault().await;
    let alice = app.user("alice").await;
    for number in 0..250 {
        alice.upload("a.txt", format!("text {number}")).await;
    }
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.down_at_stat.store(230, Ordering::SeqCst);
    let state = with_store(&app, store.clone());
    reconcile_now(&state).await.unwrap_err();
    store.down.store(false, Ordering::SeqCst);
    store.stats.store(0, Ordering::SeqCst);
    store.down_at_stat.store(0, Ordering::SeqCst);
    assert_eq!(reconcile_now(&state).await.unwrap().missing, 0);
    assert_eq!(
        store.stats.load(Ordering::SeqCst),
        50,
        "the page that was cut off, and no other"
    );
}

#[tokio::test]
async fn one_runs_at_a_time_and_one_that_was_left_alone_can_be_taken_over() {
    let app = vault().await;
    app.user("admin").await;
    let mut database = app.database.superuser().await;
    let held = "INSERT INTO storage_runs (id, started_at, held_until, job_id) VALUES (gen_random_uuid(), now(), now() + interval '1 minute', 7)";
    sqlx::query(held).execute(&mut database).await.unwrap();
    assert_eq!(
        reconcile_now(&app.state).await.unwrap_err().code,
        "reconcile_running"
    );
    assert_eq!(runs(&app).await, [(false, None)]);

    sqlx::query("UPDATE storage_runs SET held_until = now() - interval '1 second', step = 'uploads', objects = 77").execute(&mut database).await.unwrap();
    assert_eq!(
        compare(&app).await.objects,
        77,
        "it went on with the run that was there"
    );

    let old = "INSERT INTO storage_runs (id, started_at, held_until, objects) VALUES (gen_random_uuid(), now(), now() - interval '25 hours', 77)";
    sqlx::query(old).execute(&mut database).await.unwrap();
    assert_eq!(compare(&app).await.objects, 0, "what it saw was too old");
    assert_eq!(
        runs(&app)
            .await
            .iter()
            .filter(|(_, error)| error.as_deref() == Some("given_up"))
            .count(),
        1
    );
}

#[tokio::test]
async fn who_lost_the_run_to_another_changes_nothing_more() {
    let app = vault().await;
    let alice = app.user("alice").await;
    alice.upload("a.txt", b"text").await;
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.stat_lies.lock().unwrap().push_back(None);
    let state = with_store(&app, store.clone());
    // It waits a second before the second look: time for another to take it over.
    let running = tokio::spawn(async move { reconcile_now(&state).await });
    let mut database = app.database.superuser().await;
    let take = "UPDATE storage_runs SET fence = fence + 1, removed = 5 WHERE step = 'documents'";
    while sqlx::query(take)
        .execute(&mut database)
        .await
        .unwrap()
        .rows_affected()
        == 0
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(
        running.await.unwrap().unwrap_err().code,
        "reconcile_running"
    );
    let left: (String, i64, bool) =
        sqlx::query_as("SELECT step, removed, finished_at IS NULL FROM storage_runs")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert_eq!(left, ("documents".to_owned(), 5, true));
}

#[tokio::test]
async fn a_killed_worker_s_job_is_gone_on_with_by_the_next() {
    let app = vault().await;
    let admin = app.user("admin").await;
    admin.upload("a.txt", b"text").await;
    app.run_jobs().await;
    let before = runs(&app).await.len();
    admin
        .post_nothing("/api/v1/admin/storage/reconcile")
        .await
        .expect(202);
    // As after kill -9: the job and the run are still taken by a process that is no more.
    let mut database = app.database.superuser().await;
    let job: i64 = sqlx::query_scalar(
        "UPDATE jobs SET state = 'running', worker = gen_random_uuid(), attempts = 1, lease_until = now() - interval '1 second' WHERE kind = 'reconcile' RETURNING id",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    let held = "INSERT INTO storage_runs (id, started_at, held_until, job_id, step, objects) VALUES (gen_random_uuid(), now(), now() + interval '14 minutes', $1, 'documents', 42)";
    sqlx::query(held)
        .bind(job)
        .execute(&mut database)
        .await
        .unwrap();
    let shown = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(shown["is_running"], true);
    app.run_jobs().await;
    let objects: Vec<i64> = sqlx::query_scalar(
        "SELECT objects FROM storage_runs WHERE job_id = $1 AND finished_at IS NOT NULL",
    )
    .bind(job)
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert_eq!((objects, runs(&app).await.len()), (vec![42], before + 1));
}

#[tokio::test]
async fn the_job_waits_for_a_store_that_is_away() {
    let app = vault().await;
    app.user("admin").await;
    let store = Arc::new(ScriptedStore::over(&app).await);
    store.down.store(true, Ordering::SeqCst);
    let state = with_store(&app, store.clone());
    let stop = CancellationToken::new();
    let working = tokio::spawn(job_registry::worker(&state).unwrap().run(stop.clone()));
    let mut database = app.database.superuser().await;
    let waits = "SELECT attempts FROM jobs WHERE kind = 'reconcile' AND state = 'ready' AND last_error = 'storage_unavailable'";
    while sqlx::query_scalar::<_, i32>(waits)
        .fetch_optional(&mut database)
        .await
        .unwrap()
        .is_none()
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(
        runs(&app).await,
        [(false, Some("storage_unavailable".to_owned()))]
    );
    store.down.store(false, Ordering::SeqCst);
    sqlx::query("UPDATE jobs SET run_at = now() WHERE kind = 'reconcile'")
        .execute(&mut database)
        .await
        .unwrap();
    while runs(&app).await != [(true, None)] {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.cancel();
    working.await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn the_newest_hundred_runs_are_kept() {
    let app = vault().await;
    app.user("admin").await;
    let many = "INSERT INTO storage_runs (id, started_at, finished_at, held_until)
                SELECT lpad(to_hex(n), 32, '0')::uuid, now(), now(), now() FROM generate_series(1, 120) AS n";
    sqlx::query(many)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    compare(&app).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM storage_runs")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(left, 100);
    app.clock.advance(DAY);
}
