//! What whoever runs the vault asks of each process: how it is, and its figures.

use std::net::TcpListener;

use reqwest::Method;
use serde_json::json;

use super::processes::{Ground, free_addr};
use crate::support::{Client, SendIt, TestApp, TestDatabase};

#[tokio::test]
async fn rel_ops_02_readiness_follows_the_database_and_liveness_does_not() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let ready = anon.get("/health/ready").await.expect(200).json();
    let fine = json!({"database": "ok", "schema": "ok", "keys": "ok", "storage": "ok"});
    assert_eq!(
        (&ready["status"], &ready["components"]),
        (&json!("ok"), &fine)
    );

    // A schema that this program does not know.
    let mut connection = app.database.superuser().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'newer', true, '', 0)";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    let ready = anon.get("/health/ready").await.expect(503).json();
    assert_eq!(
        (
            ready["status"].as_str(),
            ready["components"]["schema"].as_str()
        ),
        (Some("degraded"), Some("mismatch"))
    );
    anon.get("/health/live").await.expect(200);
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 9999")
        .execute(&mut connection)
        .await
        .unwrap();
    anon.get("/health/ready").await.expect(200);

    app.state.db().close().await;
    let ready = anon.get("/health/ready").await.expect(503).json();
    assert_eq!(ready["components"]["database"], "unavailable");
    anon.get("/health/live").await.expect(200);
}

#[tokio::test]
async fn rel_ops_02_without_its_store_a_process_is_alive_and_ready_and_says_what_is_missing() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let objects = app.objects_dir().parent().unwrap().to_owned();
    std::fs::rename(&objects, objects.with_extension("away")).unwrap();
    let health = anon.get("/health").await.expect(503).json();
    assert_eq!(health["components"]["storage"], "unavailable");
    let ready = anon.get("/health/ready").await.expect(200).json();
    assert_eq!(ready["components"]["storage"], "unavailable");
    anon.get("/health/live").await.expect(200);
}

#[tokio::test]
async fn sec_web_06_figures_are_for_the_management_listener_alone() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut api = ground.start("api", 0, &[]);
    api.ready().await;
    let public = Client::new(&api.base_url());
    public.get("/api/v1/me").await.expect(401);
    for (path, accept) in [
        ("/metrics", "*/*"),
        ("/metrics", "text/plain"),
        ("/metrics/", "*/*"),
        ("//metrics", "*/*"),
        ("/debug/pprof", "*/*"),
        ("/api/v1/metrics", "text/html"),
    ] {
        let answer = public
            .request(Method::GET, path)
            .header("accept", accept)
            .send_it()
            .await;
        assert_eq!(answer.status, 404, "{path} {accept}");
    }
    // A browser goes to a page of the app, whatever its address; it is the app's page then.
    let page = public
        .request(Method::GET, "/metrics")
        .header("accept", "text/html")
        .send_it()
        .await;
    assert!(!page.text().contains("docuvault_"), "{}", page.text());
    for method in [Method::TRACE, Method::CONNECT] {
        let answer = public.request(method, "/health").send_it().await;
        assert!(answer.status.is_client_error());
    }

    let management = Client::new(&format!("http://{}", api.management));
    let figures = management.get("/metrics").await.expect(200).text();
    for line in [
        "docuvault_http_requests_total{method=\"GET\",route=\"/api/v1/me\",status=\"401\"} 1\n",
        "docuvault_http_request_seconds_count{route=\"/api/v1/me\"} 1\n",
        "docuvault_problems_total{code=\"unauthenticated\"} 1\n",
        "docuvault_up{part=\"database\"} 1\n",
        "docuvault_up{part=\"storage\"} 1\n",
        "docuvault_uploads_open 0\n",
        "docuvault_sealed_values{key=\"1\"} 0\n",
        "docuvault_database_connections{state=\"most\"} 16\n",
        "docuvault_draining 0\n",
    ] {
        assert!(figures.contains(line), "{line}\n{figures}");
    }
    // And nothing of the vault's own there.
    for path in ["/", "/api/v1/setup", "/gateway/v1/x"] {
        management.get(path).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_worker_tells_how_it_and_its_queue_are() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut worker = ground.start("worker", 0, &[]);
    worker.ready().await;
    let mut connection = database.superuser().await;
    let job = "INSERT INTO jobs (kind, payload, max_attempts, run_at) VALUES ('unheard_of', '{}', 1, now() - interval '1 minute')";
    sqlx::query(job).execute(&mut connection).await.unwrap();
    let management = Client::new(&format!("http://{}", worker.management));
    management.get("/health").await.expect(200);
    let figures = management.get("/metrics").await.expect(200).text();
    assert!(
        figures.contains("docuvault_jobs{kind=\"unheard_of\",state=\"ready\"} 1\n"),
        "{figures}"
    );
    let overdue: f64 = figures
        .lines()
        .find_map(|line| line.strip_prefix("docuvault_job_overdue_seconds{kind=\"unheard_of\"} "))
        .unwrap()
        .parse()
        .unwrap();
    assert!((60.0..90.0).contains(&overdue));
}

#[tokio::test]
async fn an_address_that_was_asked_for_must_be_had() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let addr = free_addr();
    let _taken = TcpListener::bind(&addr).unwrap();
    let mut worker = ground.start("worker", 0, &[("DOCUVAULT_MANAGEMENT_ADDR", &addr)]);
    assert!(!worker.ended_well().await);
    assert!(
        worker.log().contains("DOCUVAULT_MANAGEMENT_ADDR"),
        "{}",
        worker.log()
    );
}
