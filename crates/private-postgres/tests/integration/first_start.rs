//! What a new cluster is like.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use docuvault_private_postgres::{Cluster, Settings};

use crate::holder::Holder;
use crate::sandbox::{APP, OWNER, Sandbox, ask, connect, until};

/// Clusters in the making.
fn init_dirs(sandbox: &Sandbox) -> Vec<PathBuf> {
    let siblings = fs::read_dir(sandbox.data())
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    siblings
        .filter(|path| path.to_string_lossy().contains("pg.init"))
        .collect()
}

#[tokio::test]
async fn a_new_cluster_is_durable_and_knows_all_letters() {
    let sandbox = Sandbox::new();
    let cluster = Cluster::start(Settings {
        durable: true,
        server_options: Vec::new(),
        ..sandbox.settings()
    })
    .await
    .unwrap();
    assert!(!cluster.adopted());
    let mut superuser = connect(&cluster).await;
    for (sql, expected) in [
        ("SHOW fsync", "on"),
        ("SHOW full_page_writes", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW data_checksums", "on"),
        ("SHOW server_encoding", "UTF8"),
        ("SHOW password_encryption", "scram-sha-256"),
        ("SHOW listen_addresses", ""),
        ("SHOW timezone", "UTC"),
        (
            "SELECT datcollate::text FROM pg_database WHERE datname = current_database()",
            "C",
        ),
        (
            "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'vault'",
            OWNER,
        ),
        ("SELECT lower('ÄPFEL ÉTÉ ŁÓDŹ ДОМ')", "äpfel été łódź дом"),
        ("SELECT ('Äpfel' ILIKE 'äPFEL')::text", "true"),
        (
            "SELECT to_tsvector('simple', 'Größe ÄPFEL')::text",
            "'größe':1 'äpfel':2",
        ),
        (
            "SELECT rolsuper::text FROM pg_roles WHERE rolname = 'vault_app'",
            "false",
        ),
        (
            "SELECT rolcanlogin::text FROM pg_roles WHERE rolname = 'vault_app'",
            "true",
        ),
    ] {
        assert_eq!(ask(&mut superuser, sql).await, expected, "{sql}");
    }
    let methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules";
    assert_eq!(ask(&mut superuser, methods).await, "scram-sha-256");
    assert!(
        cluster
            .server_version()
            .split('.')
            .next()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            >= 15
    );

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = sandbox.data();
    assert_eq!(mode(&data.join("pg")), 0o700);
    assert_eq!(mode(&data.join("pg.run")), 0o700);
    assert_eq!(mode(&data.join("pg.log")), 0o600);
    for role in ["postgres", OWNER, APP] {
        assert_eq!(mode(&data.join(format!("secrets/{role}.password"))), 0o600);
    }
    let left: Vec<_> = fs::read_dir(data.join("pg.run"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("password")),
        "{left:?}"
    );
    assert_eq!(init_dirs(&sandbox), Vec::<PathBuf>::new());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_first_start_killed_half_way_leaves_no_half_cluster() {
    let sandbox = Sandbox::new();
    let holder = Holder::spawn(&sandbox, &[&std::env::current_exe().unwrap()]);
    // By now initdb has begun to fill the directory, and has a second or so to go.
    until("initdb at work", Duration::from_secs(30), || {
        init_dirs(&sandbox)
            .iter()
            .any(|dir| dir.join("base/1").exists())
    })
    .await;
    holder.kill();
    assert!(
        !sandbox.pg().exists(),
        "the killed start was over too soon to tell anything"
    );

    let cluster = sandbox.start().await.unwrap();
    assert_eq!(init_dirs(&sandbox), Vec::<PathBuf>::new());
    assert_eq!(
        ask(&mut connect(&cluster).await, "SELECT 'whole'").await,
        "whole"
    );
    cluster.stop().await.unwrap();
}
