//! The contract, against each store there is. What a store is known to lack stands here by name, and is checked to be lacking still.

use std::sync::Arc;

use docuvault_storage::{StorageBackend, contract};
use docuvault_test_stores::Kind;

use crate::peers::peer;

/// Promises that a store does not help us keep.
#[derive(Default)]
struct Gaps {
    /// Each time.
    always: &'static [&'static str],
    /// When two requests happen to meet.
    at_times: &'static [&'static str],
}

fn known_gaps(kind: Kind) -> Gaps {
    match kind {
        Kind::Rclone | Kind::Garage => Gaps::default(),
        Kind::S3sFs => Gaps {
            always: &[
                "a_listing_of_parts_is_the_truth",
                "a_missing_part_is_not_made_up",
                "a_part_with_another_etag_is_refused",
                "an_aborted_upload_is_gone",
                "an_upload_belongs_to_its_key",
                "an_unfinished_upload_is_found_by_its_key",
                "all_unfinished_uploads_are_found",
            ],
            at_times: &[
                "of_parallel_writers_one_wins",
                "completing_at_once_makes_one_object",
            ],
        },
        Kind::Minio => Gaps {
            always: &[],
            // Some versions list what this process has opened, others nothing without a whole name.
            at_times: &["all_unfinished_uploads_are_found"],
        },
    }
}

async fn keeps_the_contract_but_for_known_gaps(kind: Kind) {
    let Some((_store, driver)) = peer(kind) else {
        return;
    };
    let store: Arc<dyn StorageBackend> = Arc::new(driver);
    let findings = contract::run(&store).await;
    assert!(findings.iter().filter(|finding| finding.applies).count() > 40);
    let gaps = known_gaps(kind);
    let known = [gaps.always, gaps.at_times].concat();
    assert_eq!(contract::broken_promises(&findings, &known), [""; 0]);
    for gap in gaps.always {
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
