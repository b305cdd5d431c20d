//! Several processes that start at the same time, on a folder that holds nothing yet.

use std::{collections::BTreeSet, fs};

use docuvault::db::{APP_ROLE, MIGRATE_ROLE, migrate};
use docuvault_private_postgres::Cluster;
use futures::future::join_all;
use serde_json::{Value, json};

use super::processes::Ground;
use crate::{
    chaos::postgres_settings,
    support::{Client, TestDatabase},
};

const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_agree_on_keys_and_setup_token() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut processes: Vec<_> = (0..AT_ONCE)
        .map(|number| ground.start("api", number, &[]))
        .collect();
    join_all(processes.iter_mut().map(super::processes::Process::ready)).await;

    let secrets = ground.data_dir().join("secrets");
    let names: BTreeSet<String> = fs::read_dir(&secrets)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted = [
        "access-token.key",
        "master.key",
        "setup-token",
        "signing.key",
    ];
    assert_eq!(names, wanted.map(str::to_owned).into());
    let token = fs::read_to_string(secrets.join("setup-token")).unwrap();
    for process in &processes {
        let told = process.says("setup token: ").await;
        assert_eq!(told, token, "another setup token was told");
    }

    // What one has signed, each other knows as its own.
    let account = json!({"setup_token": token, "email": "a@example.org", "password": "a good password", "display_name": "A"});
    let clients: Vec<_> = processes
        .iter()
        .map(|process| Client::new(&process.base_url()))
        .collect();
    let session: Value = clients[0]
        .post("/api/v1/setup", account)
        .await
        .expect(201)
        .json();
    let token = session["access_token"].as_str().unwrap();
    for client in &clients {
        client.with_token(token).get("/api/v1/me").await.expect(200);
    }
    let started = clients[1]
        .with_token(token)
        .post(
            "/api/v1/documents",
            json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"}),
        )
        .await
        .expect(201)
        .json();
    // Signed with the third key, for a gateway that has seen nothing of this yet.
    let mut gateway = ground.start("gateway", 0, &[]);
    gateway.ready().await;
    let url = started["upload"]["single"]["url"].as_str().unwrap();
    let path = &url[url.find("/gateway/").unwrap()..];
    Client::new(&gateway.base_url())
        .put(path, b"a".to_vec())
        .await
        .expect(201);
}

#[tokio::test]
async fn keys_can_be_made_beforehand_and_are_then_only_read() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let init = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_docuvault"))
            .args(["keys", "init"])
            .env_clear()
            .env("DOCUVAULT_DATA_DIR", ground.data_dir())
            .output()
            .unwrap()
    };
    let made = init();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let paths = String::from_utf8(made.stdout).unwrap();
    let keys = || -> Vec<String> {
        paths
            .lines()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    };
    let before = keys();
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 3, "{paths}");
    assert!(init().status.success());
    let mut worker = ground.start("worker", 0, &[]);
    worker.ready().await;
    assert_eq!(keys(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_starts_while_the_database_is_away_waits_for_it() {
    let mut ground = Ground::new(String::new().into());
    let settings = || postgres_settings(ground.root.path());
    let cluster = Cluster::start(settings()).await.unwrap();
    let url = |role: &str| cluster.url(role).unwrap();
    migrate::migrate(&url(MIGRATE_ROLE)).await.unwrap();
    let app_url = url(APP_ROLE);
    cluster.stop().await.unwrap();
    let cluster_settings = settings();
    ground.database_url = app_url;

    let mut waiting = ground.start("api", 0, &[]);
    waiting.says("waiting for the database").await;
    // Who gives up waiting for it is not kept.
    let mut told_to_stop = ground.start("worker", 0, &[]);
    told_to_stop.says("waiting for the database").await;
    told_to_stop.terminate();
    assert!(told_to_stop.ended_well().await, "{}", told_to_stop.log());

    let cluster = Cluster::start(cluster_settings).await.unwrap();
    waiting.ready().await;
    waiting.terminate();
    assert!(waiting.ended_well().await, "{}", waiting.log());
    cluster.stop().await.unwrap();
}
