//! The contract, against each store there is. What a store is known to lack stands here by name, and is checked to be lacking still.

use std::sync::Arc;

use docuvault_storage::{StorageBackend, contract};
use docuvault_test_stores::Kind;

use crate::peers::peer;

/// Promises that this store cannot help us keep.
fn known_gaps(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Rclone | Kind::S3sFs | Kind::Garage | Kind::Minio => &[],
    }
}

async fn keeps_the_contract_but_for_known_gaps(kind: Kind) {
    let Some((_store, driver)) = peer(kind) else {
        return;
    };
    let store: Arc<dyn StorageBackend> = Arc::new(driver);
    let findings = contract::run(&store).await;
    assert!(findings.len() > 20);
    assert_eq!(
        contract::broken_promises(&findings, known_gaps(kind)),
        [""; 0]
    );
    for gap in known_gaps(kind) {
        let still = findings
            .iter()
            .any(|finding| finding.case == *gap && finding.outcome.is_err());
        assert!(still, "{} can do this by now: {gap}", kind.program());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rclone_keeps_the_contract() {
    keeps_the_contract_but_for_known_gaps(Kind::Rclone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s3s_fs_keeps_the_contract() {
    keeps_the_contract_but_for_known_gaps(Kind::S3sFs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn garage_keeps_the_contract() {
    keeps_the_contract_but_for_known_gaps(Kind::Garage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn minio_keeps_the_contract() {
    keeps_the_contract_but_for_known_gaps(Kind::Minio).await;
}
