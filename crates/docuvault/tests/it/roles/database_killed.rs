//! PostgreSQL is killed under load: people are told to come again, and a moment after it is back, all goes on without a restart.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use docuvault::db::{APP_ROLE, MIGRATE_ROLE, migrate};
use docuvault_private_postgres::Cluster;
use futures::StreamExt;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    processes::{Ground, SETUP_TOKEN},
    rolling_restart::set_up,
};
use crate::{chaos::postgres_settings, support::Client};

const CLIENTS: usize = 6;
const RECOVERY: Duration = Duration::from_secs(10);

fn signal(cluster: &Cluster, signal: Signal) {
    let _ = kill_process(Pid::from_raw(cluster.pid().cast_signed()).unwrap(), signal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_dep_01_a_killed_database_means_503_and_recovery_without_a_restart() {
    let mut ground = Ground::new(String::new().into());
    let cluster = Cluster::start(postgres_settings(ground.root.path()))
        .await
        .unwrap();
    migrate::migrate(&cluster.url(MIGRATE_ROLE).unwrap())
        .await
        .unwrap();
    ground.database_url = cluster.url(APP_ROLE).unwrap();
    let mut api = ground.start("api", 0, &[("DOCUVAULT_SETUP_TOKEN", SETUP_TOKEN)]);
    let mut worker = ground.start("worker", 0, &[]);
    api.ready().await;
    worker.ready().await;
    let client = Client::new(&api.base_url()).with_token(&set_up(&api.base_url()).await);
    let events = client
        .request(Method::GET, "/api/v1/events")
        .send()
        .await
        .unwrap();

    // Statuses by second, until told to stop.
    let (stop, seen) = (
        CancellationToken::new(),
        Arc::new(Mutex::new(BTreeMap::<u16, usize>::new())),
    );
    let load: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (client, stop, seen) = (client.clone(), stop.clone(), Arc::clone(&seen));
            tokio::spawn(async move {
                for round in 0.. {
                    if stop.is_cancelled() {
                        return;
                    }
                    let answer = if number % 2 == 0 {
                        client.get("/api/v1/documents").await
                    } else {
                        client
                            .post(
                                "/api/v1/topics",
                                json!({"name": format!("{number} {round}")}),
                            )
                            .await
                    };
                    if answer.status == 503 {
                        assert!(answer.header("retry-after").is_some());
                    }
                    *seen.lock().await.entry(answer.status.as_u16()).or_default() += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    signal(&cluster, Signal::KILL);
    drop(cluster);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    client.get("/health/ready").await.expect(503);
    client.get("/health/live").await.expect(200);
    let cluster = Cluster::start(postgres_settings(ground.root.path()))
        .await
        .unwrap();
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&cluster.url(APP_ROLE).unwrap()),
        secrecy::ExposeSecret::expose_secret(&ground.database_url)
    );
    let back = Instant::now();
    while client.get("/api/v1/documents").await.status != 200
        || client.get("/health/ready").await.status != 200
    {
        assert!(back.elapsed() < RECOVERY, "{}", api.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("served again {:?} after PostgreSQL was", back.elapsed());
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    for client in load {
        client.await.unwrap();
    }
    let seen = seen.lock().await.clone();
    println!("{seen:?}");
    let others: Vec<_> = seen
        .keys()
        .filter(|status| ![200, 201, 503].contains(*status))
        .collect();
    assert!(
        others.is_empty() && seen[&503] > 0,
        "{seen:?}\n{}",
        api.log()
    );

    // The streams of before hear again, and the worker takes up jobs again.
    let heard = hears_of_a_topic(events, &client).await;
    assert!(
        heard,
        "no event came after the database was back\n{}",
        api.log()
    );
    let started = client
        .post(
            "/api/v1/documents",
            json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"}),
        )
        .await
        .expect(201)
        .json();
    assert!(api.runs() && worker.runs());
    assert_eq!(started["document"]["status"], "uploading");
    jobs_run(&cluster, back).await;
    signal(&cluster, Signal::QUIT);
}

/// A change after the restart is heard on a stream from before it.
async fn hears_of_a_topic(events: reqwest::Response, client: &Client) -> bool {
    let mut events = events.bytes_stream();
    let deadline = Instant::now() + RECOVERY;
    let mut number = 0;
    while Instant::now() < deadline {
        number += 1;
        let topic: Value = client
            .post("/api/v1/topics", json!({"name": format!("heard {number}")}))
            .await
            .expect(201)
            .json();
        let id = topic["id"].as_str().unwrap().to_owned();
        let until = Instant::now() + Duration::from_secs(1);
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(
            until.saturating_duration_since(Instant::now()),
            events.next(),
        )
        .await
        {
            if String::from_utf8_lossy(&chunk).contains(&id) {
                return true;
            }
        }
    }
    false
}

/// The worker takes jobs from the queue again.
async fn jobs_run(cluster: &Cluster, back: Instant) {
    let mut connection: sqlx::PgConnection =
        <sqlx::PgConnection as sqlx::Connection>::connect_with(
            &cluster.superuser_connect_options(),
        )
        .await
        .unwrap();
    sqlx::query("INSERT INTO jobs (kind, payload, max_attempts) VALUES ('sweep', '{}', 1)")
        .execute(&mut connection)
        .await
        .unwrap();
    loop {
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM jobs WHERE kind = 'sweep' AND state <> 'dead'",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        if left == 0 {
            return;
        }
        assert!(
            back.elapsed() < RECOVERY + Duration::from_secs(20),
            "the worker does nothing"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
