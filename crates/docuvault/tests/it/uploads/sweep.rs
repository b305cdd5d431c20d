//! Uploads that were abandoned are taken back, well after their time, and nothing else is.

use std::time::Duration;

use bytes::Bytes;
use docuvault::uploads::sweep_uploads;
use futures::{
    future::{join, join_all},
    stream,
};
use reqwest::{Body, Method};
use tokio::sync::oneshot;

use super::{EMPTY, Room, room, stored_objects};
use crate::support::{Builder, TestApp};

const TTL: Duration = Duration::from_mins(10);
const GRACE: Duration = Duration::from_mins(30);
/// Around the moment from which an upload may be swept.
const SHORTLY_BEFORE: Duration = Duration::from_secs(TTL.as_secs() + GRACE.as_secs() - 5);
const SHORTLY_AFTER: Duration = Duration::from_secs(TTL.as_secs() + GRACE.as_secs() + 5);

/// Access tokens outlive the uploads here.
fn vault() -> Builder {
    TestApp::with()
        .setting("DOCUVAULT_UPLOAD_TTL_SECONDS", TTL.as_secs())
        .setting("DOCUVAULT_SWEEP_GRACE_SECONDS", GRACE.as_secs())
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 100_000)
}

#[tokio::test]
async fn an_abandoned_upload_is_swept_with_its_bytes_and_its_promise() {
    let app = vault().start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (without_bytes, with_bytes) = (
        alice.start_upload("a.txt", 5).await,
        alice.start_upload("b.txt", 5).await,
    );
    bob.start_upload("c.txt", 7).await;
    alice.put(&with_bytes.url, "hello").await.expect(201);

    app.clock.advance(SHORTLY_BEFORE);
    assert_eq!(
        sweep_uploads(&app.state).await.unwrap(),
        0,
        "a transfer may still be under way"
    );
    assert_eq!(
        room(&alice).await,
        Room {
            reserved_bytes: 10,
            ..EMPTY
        }
    );

    app.clock.advance(Duration::from_secs(10));
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 3);
    assert_eq!((room(&alice).await, room(&bob).await), (EMPTY, EMPTY));
    assert_eq!(stored_objects(&app).await, []);
    for upload in [without_bytes, with_bytes] {
        alice
            .complete(upload.document)
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 0);
}

#[tokio::test]
async fn what_came_in_time_can_be_completed_until_it_is_swept() {
    let app = vault().start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    app.clock.advance(SHORTLY_BEFORE);
    alice.complete(started.document).await.expect(200);

    app.clock.advance(Duration::from_hours(10));
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 0);
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5,
            reserved_bytes: 0,
            documents: 1
        }
    );
    assert_eq!(stored_objects(&app).await.len(), 1);
}

#[tokio::test]
async fn a_sweep_that_was_cut_short_is_finished_by_the_next() {
    let app = vault().start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    let mut connection = app.database.superuser().await;
    sqlx::query("UPDATE uploads SET state = 'aborting'")
        .execute(&mut connection)
        .await
        .unwrap();
    alice
        .complete(started.document)
        .await
        .expect_problem(404, "not_found");

    app.clock.advance(SHORTLY_AFTER);
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 1);
    assert_eq!(room(&alice).await, EMPTY);
    assert_eq!(stored_objects(&app).await, []);
}

#[tokio::test]
async fn rel_upl_03_against_a_sweep_an_upload_is_completed_whole_or_not_at_all() {
    let app = vault().start().await;
    let alice = app.user("alice").await;
    let mut started = Vec::new();
    for number in 0..30 {
        let upload = alice.start_upload("a.txt", 5).await;
        alice
            .put(&upload.url, format!("{number:05}"))
            .await
            .expect(201);
        started.push(upload);
    }
    app.clock.advance(SHORTLY_AFTER);
    let completing = join_all(
        started
            .iter()
            .rev()
            .map(|upload| alice.complete(upload.document)),
    );
    let (swept, answers) = join(sweep_uploads(&app.state), completing).await;

    let mut completed = 0;
    for (answer, upload) in answers.into_iter().zip(started.iter().rev()) {
        if answer.status == 200 {
            completed += 1;
            let link = alice
                .get(&format!("/api/v1/documents/{}/download", upload.document))
                .await
                .expect(200)
                .json();
            assert_eq!(
                alice
                    .get(link["url"].as_str().unwrap())
                    .await
                    .expect(200)
                    .bytes
                    .len(),
                5
            );
        } else {
            assert!(
                [404, 409].contains(&answer.status.as_u16()),
                "{}",
                answer.text()
            );
        }
    }
    swept.unwrap();
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5 * completed,
            reserved_bytes: 0,
            documents: completed
        }
    );
    assert_eq!(stored_objects(&app).await.len() as i64, completed);
}

#[tokio::test]
async fn bytes_that_arrive_after_the_sweep_are_not_kept() {
    let app = vault().start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    let mut connection = app.database.superuser().await;
    // As if the sweeping process's clock were ahead: the ticket is still good, the upload is not.
    sqlx::query("UPDATE uploads SET expires_at = now() - interval '1 day'")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 1);
    alice
        .put(&started.url, "hello")
        .await
        .expect_problem(410, "upload_gone");
    assert_eq!(stored_objects(&app).await, []);
}

#[tokio::test]
async fn rel_upl_03_a_file_that_is_still_on_its_way_when_its_time_is_over_arrives() {
    let app = vault().start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    let (go_on, told) = oneshot::channel::<()>();
    let halves = stream::unfold((0, Some(told)), async |(half, told)| match half {
        0 => Some((Ok::<_, std::io::Error>(Bytes::from("put")), (1, told))),
        1 => {
            told?.await.unwrap();
            Some((Ok(Bytes::from("lo")), (2, None)))
        }
        _ => None,
    });
    let sending = tokio::spawn(
        alice
            .request(Method::PUT, &started.url)
            .header("content-length", 5)
            .body(Body::wrap_stream(halves))
            .send(),
    );
    // As long as it takes until the gateway has begun.
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.clock.advance(SHORTLY_BEFORE);
    assert_eq!(sweep_uploads(&app.state).await.unwrap(), 0);
    go_on.send(()).unwrap();
    let answer = sending.await.unwrap().unwrap();
    assert_eq!(answer.status(), 201);
    alice.complete(started.document).await.expect(200);
    assert_eq!(stored_objects(&app).await.len(), 1);
}

#[tokio::test]
async fn a_sweep_that_fails_is_made_up_for_and_is_no_dead_job() {
    let app = TestApp::start().await;
    let mut database = app.database.superuser().await;
    sqlx::query("REVOKE EXECUTE ON FUNCTION uploads_due(timestamptz, integer) FROM docuvault_app")
        .execute(&mut database)
        .await
        .unwrap();
    app.start_worker();
    let tried = async {
        loop {
            let found: Option<String> = sqlx::query_scalar(
                "SELECT state FROM jobs WHERE kind = 'sweep' AND state <> 'running' AND attempts > 0",
            )
            .fetch_optional(&mut database)
            .await
            .unwrap();
            if let Some(state) = found {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let state = tokio::time::timeout(Duration::from_secs(30), tried)
        .await
        .expect("no sweep was tried");
    assert_eq!(state, "ready");
}
