//! The database takes no writes for a while, as after a fail-over to a standby.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    support::{Response, TestApp},
    uploads::{new_file, room},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// From the next connection on; the ones there are end.
async fn read_only(superuser: &mut PgConnection, database: &str, on: bool) {
    let value = if on { "on" } else { "off" };
    for sql in [
        format!("ALTER DATABASE {database} SET default_transaction_read_only = {value}"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()".to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *superuser).await.unwrap();
    }
}

async fn until<F: Future<Output = Response>>(status: u16, request: impl Fn() -> F) -> Response {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = request().await;
        if answer.status == status {
            return answer;
        }
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            answer.text()
        );
        assert_eq!(answer.problem_code(), "database_unavailable");
        assert!(Instant::now() < deadline, "still {}", answer.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_database_that_takes_no_writes_means_503_until_it_does() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    let mut superuser = app.database.superuser().await;

    read_only(&mut superuser, &app.database.name, true).await;
    until(200, || alice.get("/api/v1/documents")).await;
    for refused in [
        alice.post("/api/v1/documents", new_file("b.txt", 5)).await,
        alice.complete(started.document).await,
        alice
            .get(&format!("/api/v1/documents/{}", started.document))
            .await
            .expect(200),
    ] {
        if refused.status != 200 {
            let refused = refused.expect_problem(503, "database_unavailable");
            assert!(refused.header("retry-after").is_some());
        }
    }

    read_only(&mut superuser, &app.database.name, false).await;
    until(200, || alice.complete(started.document)).await;
    until(201, || {
        alice.post("/api/v1/documents", new_file("b.txt", 5))
    })
    .await;
    let room = room(&alice).await;
    assert_eq!((room.used_bytes, room.reserved_bytes), (5, 5));
}
