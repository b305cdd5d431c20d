//! The acceptance test of stores, against real ones and against one that believes everything.

#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails is a test that fails"
)]
#![expect(clippy::print_stdout, reason = "which stores are not here")]

mod lax_store;
mod real_stores;

use std::collections::BTreeMap;

use docuvault_storage::{
    S3Config, S3Keys,
    s3::acceptance::{Acceptance, AcceptanceOptions, Verdict, test_store},
};
use docuvault_test_stores::{ACCESS_KEY, BUCKET, SECRET_KEY};

pub const ORIGIN: &str = "http://vault.test:8080";

pub fn config(endpoint: &str, region: &str) -> S3Config {
    S3Config {
        endpoint: endpoint.parse().unwrap(),
        public_endpoint: endpoint.parse().unwrap(),
        region: region.to_owned(),
        bucket: BUCKET.to_owned(),
        path_style: true,
        keys: keys(ACCESS_KEY, SECRET_KEY),
        upload_keys: None,
        download_keys: None,
        part_size_bytes: 16 * 1024 * 1024,
    }
}

pub fn keys(access_key: &str, secret_key: &str) -> S3Keys {
    S3Keys {
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned().into(),
    }
}

pub async fn tested(config: &S3Config) -> Acceptance {
    test_store(
        config,
        &AcceptanceOptions {
            origin: Some(ORIGIN.to_owned()),
        },
    )
    .await
    .unwrap()
}

/// Everything that is not as it should be.
pub fn faults(acceptance: &Acceptance) -> BTreeMap<&'static str, Verdict> {
    acceptance
        .findings
        .iter()
        .filter(|finding| finding.verdict != Verdict::Enforced)
        .map(|finding| (finding.id, finding.verdict))
        .collect()
}
