//! When a start is refused, with words that help, and with nothing changed.

use std::fs;

use docuvault_private_postgres::{Cluster, Settings, StartError};

use crate::sandbox::{APP, Sandbox, ask, connect};

#[tokio::test]
async fn a_cluster_of_another_major_version() {
    let sandbox = Sandbox::with_cluster().await;
    let version_file = sandbox.pg().join("PG_VERSION");
    let version = fs::read_to_string(&version_file).unwrap();
    fs::write(&version_file, "99\n").unwrap();
    let refused = sandbox.start().await.unwrap_err();
    assert!(
        matches!(&refused, StartError::OtherMajor { data_major: 99, available, .. } if !available.is_empty()),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("install PostgreSQL 99"),
        "{refused}"
    );
    fs::write(&version_file, version).unwrap();
    sandbox
        .start()
        .await
        .expect("nothing was changed")
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_directory_of_other_things() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.pg()).unwrap();
    fs::write(sandbox.pg().join("holiday.jpg"), "x").unwrap();
    let refused = sandbox.start().await.unwrap_err();
    assert!(
        matches!(refused, StartError::NotACluster { .. }),
        "{refused}"
    );
    assert_eq!(fs::read_dir(sandbox.pg()).unwrap().count(), 1);
}

#[tokio::test]
async fn no_programs_where_the_settings_say() {
    let sandbox = Sandbox::new();
    let bin_dir = Some(sandbox.path().to_owned());
    let refused = Cluster::start(Settings {
        bin_dir,
        ..sandbox.settings()
    })
    .await
    .unwrap_err();
    assert!(
        matches!(refused, StartError::BinDirUnusable { .. }),
        "{refused}"
    );
    assert!(!sandbox.pg().exists());
}

#[tokio::test]
async fn names_that_are_not_plain() {
    let sandbox = Sandbox::new();
    let logins = vec!["app\"; DROP DATABASE vault; --".to_owned()];
    let refused = Cluster::start(Settings {
        logins,
        ..sandbox.settings()
    })
    .await
    .unwrap_err();
    assert!(matches!(refused, StartError::BadName { .. }), "{refused}");
    assert!(!sandbox.data().exists());
}

#[tokio::test]
async fn a_superuser_password_that_is_lost_or_wrong() {
    let sandbox = Sandbox::with_cluster().await;
    let file = sandbox.data().join("secrets/postgres.password");
    let right = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let refused = sandbox.start().await.unwrap_err();
    assert!(
        matches!(refused, StartError::PasswordMissing { .. }),
        "{refused}"
    );

    fs::write(&file, format!("{}\n", "0".repeat(64))).unwrap();
    let refused = sandbox.start().await.unwrap_err();
    assert!(
        matches!(refused, StartError::PasswordRefused { .. }),
        "{refused}"
    );
    assert!(
        sandbox.processes().is_empty(),
        "a server that is of no use to us is stopped again"
    );

    fs::write(&file, right).unwrap();
    sandbox.start().await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn bootstrap_sql_that_fails() {
    let sandbox = Sandbox::with_cluster().await;
    let bootstrap_sql = "CREATE TABLE half (); SELECT 1 / 0".to_owned();
    let refused = Cluster::start(Settings {
        bootstrap_sql,
        ..sandbox.settings()
    })
    .await
    .unwrap_err();
    assert!(
        matches!(
            refused,
            StartError::Database {
                doing: "running the bootstrap SQL",
                ..
            }
        ),
        "{refused}"
    );
    assert!(sandbox.processes().is_empty());
    let cluster = sandbox.start().await.unwrap();
    let half = ask(
        &mut connect(&cluster).await,
        "SELECT (to_regclass('half') IS NULL)::text",
    )
    .await;
    assert_eq!(half, "true", "all of it or nothing");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_option_that_does_not_exist_is_told_at_once() {
    let sandbox = Sandbox::with_cluster().await;
    let server_options = vec![("no_such_option".to_owned(), "1".to_owned())];
    let refused = Cluster::start(Settings {
        server_options,
        ..sandbox.settings()
    })
    .await
    .unwrap_err();
    let StartError::ServerFailed { reason, .. } = &refused else {
        panic!("{refused}")
    };
    assert!(
        reason.contains("unrecognized configuration parameter \"no_such_option\""),
        "{reason}"
    );
    let password =
        fs::read_to_string(sandbox.data().join(format!("secrets/{APP}.password"))).unwrap();
    assert!(!refused.to_string().contains(password.trim()));
}
