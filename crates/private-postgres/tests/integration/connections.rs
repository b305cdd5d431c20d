//! Who gets in, and by which way.

use docuvault_private_postgres::{Cluster, Settings};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};

use crate::sandbox::{APP, DATABASE, OWNER, Sandbox, ask, connect};

#[tokio::test]
async fn each_login_role_gets_in_with_its_own_password_only() {
    let sandbox = Sandbox::with_cluster().await;
    let cluster = sandbox.start().await.unwrap();
    for role in [OWNER, APP] {
        let options = cluster.connect_options(role).unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        assert_eq!(
            ask(&mut connection, "SELECT current_user::text").await,
            role
        );
        assert_eq!(
            ask(&mut connection, "SELECT current_database()::text").await,
            DATABASE
        );
        let wrong = options.password("0000");
        let refused = PgConnection::connect_with(&wrong).await.unwrap_err();
        assert_eq!(
            refused
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                .as_deref(),
            Some("28P01")
        );
    }
    let mut by_url = PgConnection::connect(cluster.url(APP).unwrap().expose_secret())
        .await
        .unwrap();
    assert_eq!(ask(&mut by_url, "SELECT current_user::text").await, APP);
    let mut by_url = PgConnection::connect(cluster.superuser_url().expose_secret())
        .await
        .unwrap();
    assert_eq!(
        ask(&mut by_url, "SELECT current_user::text").await,
        "postgres"
    );
    assert!(cluster.connect_options("somebody").is_none());
    assert!(
        cluster.url("postgres").is_none(),
        "the superuser is no login role"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_socket_is_used_even_where_paths_are_odd() {
    let sandbox = Sandbox::with_cluster().await;
    let odd = sandbox.path().join("a, \"b\" ü");
    std::fs::rename(sandbox.data(), &odd).unwrap();
    let cluster = Cluster::start(crate::sandbox::settings_in(&odd))
        .await
        .unwrap();
    assert!(
        cluster
            .connect_options(APP)
            .unwrap()
            .get_socket()
            .unwrap()
            .starts_with(&odd)
    );
    let mut by_url = PgConnection::connect(cluster.url(APP).unwrap().expose_secret())
        .await
        .unwrap();
    assert_eq!(ask(&mut by_url, "SELECT current_user::text").await, APP);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_means_loopback() {
    let sandbox = Sandbox::with_cluster().await;
    let long = sandbox.path().join("long-".repeat(20));
    std::fs::rename(sandbox.data(), &long).unwrap();
    let cluster = Cluster::start(crate::sandbox::settings_in(&long))
        .await
        .unwrap();
    assert_eq!(cluster.connect_options(APP).unwrap().get_socket(), None);
    let mut superuser = connect(&cluster).await;
    assert_eq!(
        ask(&mut superuser, "SHOW listen_addresses").await,
        "127.0.0.1"
    );
    assert_eq!(
        ask(&mut superuser, "SHOW unix_socket_directories").await,
        ""
    );
    let wrong = cluster.connect_options(APP).unwrap().password("0000");
    assert!(PgConnection::connect_with(&wrong).await.is_err());

    // Left running, it is found again at the port it has.
    let pid = cluster.pid();
    drop(cluster);
    let cluster = Cluster::start(crate::sandbox::settings_in(&long))
        .await
        .unwrap();
    assert_eq!((cluster.pid(), cluster.adopted()), (pid, true));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn what_people_store_stays_out_of_the_log() {
    let sandbox = Sandbox::with_cluster().await;
    let cluster = Cluster::start(Settings {
        bootstrap_sql: String::new(),
        ..sandbox.settings()
    })
    .await
    .unwrap();
    let mut superuser = connect(&cluster).await;
    for sql in [
        "SELECT 'very private words'::uuid",
        "INSERT INTO kept VALUES ('very private words') RETURNING 1 / 0",
        "DO $$ BEGIN RAISE WARNING 'very private words'; END $$",
    ] {
        let _ = sqlx::raw_sql(sql).execute(&mut superuser).await;
    }
    let log_file = cluster.log_file().to_owned();
    cluster.stop().await.unwrap();
    let log = std::fs::read_to_string(log_file).unwrap();
    assert!(
        log.contains("database system is shut down"),
        "the log is written: {log}"
    );
    assert!(!log.contains("private"), "{log}");
}
