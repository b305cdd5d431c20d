//! Stopping and starting again.

use std::fs;
use std::time::{Duration, Instant};

use docuvault_private_postgres::{Cluster, Settings};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret;

use crate::sandbox::{APP, OWNER, Sandbox, ask, connect, ended, keep, kept};

#[tokio::test]
async fn data_and_passwords_outlast_a_restart() {
    let sandbox = Sandbox::with_cluster().await;
    let passwords = || {
        ["postgres", OWNER, APP].map(|role| {
            fs::read_to_string(sandbox.data().join(format!("secrets/{role}.password"))).unwrap()
        })
    };
    let cluster = sandbox.start().await.unwrap();
    keep(&cluster, "hello").await;
    let (before, url) = (passwords(), cluster.url(APP).unwrap());
    cluster.stop().await.unwrap();
    assert!(!sandbox.pg().join("postmaster.pid").exists());
    assert!(sandbox.processes().is_empty());

    let cluster = sandbox.start().await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(kept(&cluster).await, "hello");
    assert_eq!(passwords(), before);
    assert_eq!(
        cluster.url(APP).unwrap().expose_secret(),
        url.expose_secret()
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_lost_login_password_is_made_anew() {
    let sandbox = Sandbox::with_cluster().await;
    let file = sandbox.data().join(format!("secrets/{APP}.password"));
    let before = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let cluster = sandbox.start().await.unwrap();
    assert_ne!(fs::read_to_string(&file).unwrap(), before);
    let options = cluster.connect_options(APP).unwrap();
    assert!(
        <sqlx::PgConnection as sqlx::Connection>::connect_with(&options)
            .await
            .is_ok()
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_warm_start_and_a_stop_are_quick() {
    let sandbox = Sandbox::with_cluster().await;
    let (mut starts, mut stops) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let began = Instant::now();
        let cluster = sandbox.start().await.unwrap();
        starts.push(began.elapsed());
        // An open session, idle in a transaction, does not hold the stop up.
        let mut session = connect(&cluster).await;
        sqlx::raw_sql("BEGIN; INSERT INTO kept VALUES ('never committed')")
            .execute(&mut session)
            .await
            .unwrap();
        let began = Instant::now();
        cluster.stop().await.unwrap();
        stops.push(began.elapsed());
    }
    println!("starts {starts:?}, stops {stops:?}");
    // The best of three, as other tests run beside it. A smart shutdown would wait for the session for ever.
    assert!(
        starts.iter().min().unwrap() < &Duration::from_millis(1500),
        "{starts:?}"
    );
    assert!(
        stops.iter().min().unwrap() < &Duration::from_millis(1500),
        "{stops:?}"
    );
}

#[tokio::test]
async fn the_callers_options_reach_the_server() {
    let sandbox = Sandbox::with_cluster().await;
    let server_options = vec![("work_mem".to_owned(), "33MB".to_owned())];
    let cluster = Cluster::start(Settings {
        server_options,
        ..sandbox.settings()
    })
    .await
    .unwrap();
    assert_eq!(
        ask(&mut connect(&cluster).await, "SHOW work_mem").await,
        "33MB"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_unexpected_end_of_the_server_is_noticed() {
    let sandbox = Sandbox::with_cluster().await;
    let mut cluster = sandbox.start().await.unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(50), cluster.exited()).await;
    assert!(waited.is_err(), "it has not ended yet");
    kill_process(sandbox.postmaster().unwrap(), Signal::QUIT).unwrap();
    tokio::time::timeout(Duration::from_secs(10), cluster.exited())
        .await
        .expect("the end is noticed");
    cluster.stop().await.expect("nothing is left to stop");
}

#[tokio::test]
async fn a_server_that_does_not_stop_is_cut_short() {
    let sandbox = Sandbox::with_cluster().await;
    let cluster = Cluster::start(Settings {
        stop_timeout: Duration::from_millis(300),
        ..sandbox.settings()
    })
    .await
    .unwrap();
    keep(&cluster, "committed").await;
    let mut session = connect(&cluster).await;
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut session)
        .await
        .unwrap();
    let backend = Pid::from_raw(backend).unwrap();
    // A stopped process does not answer the polite request.
    kill_process(backend, Signal::STOP).unwrap();
    let postmaster = sandbox.postmaster().unwrap();
    cluster.stop().await.unwrap();
    ended(postmaster).await;
    let cluster = sandbox.start().await.unwrap();
    assert_eq!(kept(&cluster).await, "committed");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_log_is_put_aside() {
    let sandbox = Sandbox::with_cluster().await;
    let log = sandbox.data().join("pg.log");
    fs::write(&log, "x".repeat(9 << 20)).unwrap();
    let cluster = sandbox.start().await.unwrap();
    cluster.stop().await.unwrap();
    assert!(fs::metadata(&log).unwrap().len() < 1 << 20);
    assert!(
        fs::metadata(sandbox.data().join("pg.log.old"))
            .unwrap()
            .len()
            > 8 << 20
    );
}
