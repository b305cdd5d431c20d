//! The contract every driver keeps, on every store that is on this machine.

use std::sync::Arc;

use docuvault_storage::{S3, S3Config, S3Features, S3Keys, StorageBackend, contract};
use docuvault_test_stores::{ACCESS_KEY, BUCKET, Kind, SECRET_KEY, TestStore};

fn config(store: &TestStore) -> S3Config {
    let endpoint: url::Url = store.endpoint().parse().unwrap();
    S3Config {
        public_endpoint: endpoint.clone(),
        endpoint,
        region: store.region().to_owned(),
        bucket: BUCKET.to_owned(),
        path_style: true,
        keys: S3Keys {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.into(),
        },
        upload_keys: None,
        download_keys: None,
        part_size_bytes: 5 * 1024 * 1024,
    }
}

async fn keeps_its_promises(kind: Kind, features: S3Features, known_gaps: &[&str]) {
    let Some(store) = TestStore::start(kind).unwrap() else {
        panic!("there is no {} on this machine", kind.program());
    };
    let s3 = S3::open(config(&store)).unwrap();
    s3.accept(features);
    let s3: Arc<dyn StorageBackend> = Arc::new(s3);
    let findings = contract::run(&s3).await;
    let broken = contract::broken_promises(&findings, known_gaps);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[tokio::test]
async fn rclone() {
    keeps_its_promises(Kind::Rclone, S3Features::default(), &[]).await;
}

#[tokio::test]
async fn s3s_fs() {
    let features = S3Features {
        if_none_match: true,
        checksum_sha256: false,
    };
    keeps_its_promises(Kind::S3sFs, features, &[]).await;
}

#[tokio::test]
async fn garage() {
    keeps_its_promises(Kind::Garage, S3Features::default(), &[]).await;
}
