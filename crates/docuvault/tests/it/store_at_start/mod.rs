//! Starting with an S3 store: a good one, a bad one, one that is away.

mod process;

use docuvault_storage::s3::acceptance::finding_ids;
use docuvault_test_stores::{Kind, LaxStore, Manners, TestStore};

use self::process::{Vault, free_port};
use crate::support::TestApp;

#[tokio::test]
async fn sec_obj_01_a_store_that_is_not_safe_keeps_the_vault_from_starting() {
    let store = LaxStore::start(Manners::default()).unwrap();
    let mut vault = Vault::start(&store.endpoint(), &[]).await;
    assert!(!vault.ended().await.success());
    let log = vault.log();
    for id in [
        "unsigned-trailer",
        "unsigned-archive",
        "unsigned-read",
        "expired",
    ] {
        assert!(log.contains(&format!("{id} (")), "{id}: {log}");
    }
    assert!(log.contains("DOCUVAULT_S3_ACCEPT"), "{log}");
    assert!(!log.contains("X-Amz"), "{log}");
}

#[tokio::test]
async fn sec_obj_01_what_is_accepted_by_name_is_logged_at_every_start() {
    let store = LaxStore::start(Manners::default()).unwrap();
    let all = finding_ids().join(",");
    let mut vault = Vault::start(&store.endpoint(), &[("DOCUVAULT_S3_ACCEPT", &all)]).await;
    vault.wait_for_health(200).await;
    let warnings = |log: &str| {
        log.lines()
            .filter(|line| {
                line.contains("WARN") && line.contains("accepted in DOCUVAULT_S3_ACCEPT")
            })
            .count()
    };
    let log = vault.log();
    assert!(warnings(&log) >= 15, "{log}");
    assert!(log.contains("unsigned-trailer"), "{log}");
    assert!(vault.stop().await.success());

    let but_one = all.replace("unsigned-archive,", "");
    let mut vault = Vault::start(&store.endpoint(), &[("DOCUVAULT_S3_ACCEPT", &but_one)]).await;
    assert!(!vault.ended().await.success());
    assert!(
        vault.log().contains("unsigned-archive ("),
        "{}",
        vault.log()
    );
}

#[tokio::test]
async fn a_finding_that_does_not_exist_cannot_be_accepted() {
    let store = LaxStore::start(Manners::default()).unwrap();
    let settings = [("DOCUVAULT_S3_ACCEPT", "all")];
    let mut vault = Vault::start(&store.endpoint(), &settings).await;
    assert!(!vault.ended().await.success());
    assert!(
        vault.log().contains("DOCUVAULT_S3_ACCEPT names \"all\""),
        "{}",
        vault.log()
    );
}

#[tokio::test]
async fn sec_obj_07_a_store_at_the_vaults_own_address_keeps_it_from_starting() {
    let settings = [
        ("DOCUVAULT_PUBLIC_URL", "https://vault.example.org"),
        ("DOCUVAULT_S3_PUBLIC_ENDPOINT", "https://vault.example.org"),
    ];
    let mut vault = Vault::start("http://127.0.0.1:9", &settings).await;
    assert!(!vault.ended().await.success());
    assert!(vault.log().contains("the same address"), "{}", vault.log());
}

#[tokio::test]
async fn a_safe_store_is_trusted() {
    let Some(store) = TestStore::start(Kind::Rclone).unwrap() else {
        return;
    };
    let mut vault = Vault::start(&store.endpoint(), &[]).await;
    vault.wait_for_health(200).await;
    let log = vault.log();
    assert!(!log.contains("ERROR"), "{log}");
    assert!(
        log.contains("keys-apart"),
        "one line for what is lacking: {log}"
    );
    assert!(vault.stop().await.success());
}

#[tokio::test]
async fn a_store_that_is_away_does_not_keep_the_vault_from_starting() {
    let port = free_port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let all = finding_ids().join(",");
    let mut vault = Vault::start(&endpoint, &[("DOCUVAULT_S3_ACCEPT", &all)]).await;
    vault.wait_for_health(503).await;
    assert_eq!(vault.status_of("/health/live").await, Some(200));
    assert_eq!(
        vault.status_of("/api/v1/setup").await,
        Some(200),
        "what needs no bytes works"
    );
    assert!(
        vault.log().contains("until the store is there"),
        "{}",
        vault.log()
    );

    let _store = LaxStore::start_at(port, Manners::default()).unwrap();
    vault.wait_for_log("the store has passed its test").await;
    vault.wait_for_health(200).await;
    assert!(vault.stop().await.success());
}

#[tokio::test]
async fn sec_obj_01_a_store_that_comes_back_unsafe_ends_the_vault() {
    let port = free_port();
    let mut vault = Vault::start(&format!("http://127.0.0.1:{port}"), &[]).await;
    vault.wait_for_health(503).await;
    let _store = LaxStore::start_at(port, Manners::default()).unwrap();
    assert!(!vault.ended().await.success());
    let log = vault.log();
    assert!(
        log.contains("stopping, because the store is not safe"),
        "{log}"
    );
    assert!(
        log.contains("unsigned-trailer ("),
        "the last word names them: {log}"
    );
}

#[tokio::test]
async fn the_pages_may_talk_to_the_store_and_to_nobody_else() {
    let app = TestApp::with()
        .setting("DOCUVAULT_S3_ENDPOINT", "http://10.0.0.5:9000")
        .setting("DOCUVAULT_S3_PUBLIC_ENDPOINT", "https://s3.example.org/")
        .setting("DOCUVAULT_S3_BUCKET", "vault")
        .setting("DOCUVAULT_S3_ACCESS_KEY", "some-key")
        .setting("DOCUVAULT_S3_SECRET_KEY", "some-secret")
        .start()
        .await;
    let answer = app.anon().get("/").await;
    let policy = answer.header("content-security-policy").unwrap();
    let directive = |name: &str| {
        let mut all = policy.split("; ");
        all.find(|text| text.starts_with(name)).unwrap_or_default()
    };
    assert_eq!(
        directive("connect-src"),
        "connect-src 'self' https://s3.example.org"
    );
    assert_eq!(
        directive("img-src"),
        "img-src 'self' blob: https://s3.example.org"
    );
    assert_eq!(policy.matches("s3.example.org").count(), 2, "{policy}");
    assert!(
        !policy.contains("10.0.0.5"),
        "the inner address is nobody's business"
    );
}
