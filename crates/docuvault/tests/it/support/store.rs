//! The store a test's vault keeps its bytes in: a folder, a real S3 server, or one that follows a script.

use std::sync::Arc;

use docuvault::config::Config;
use docuvault_storage::{
    LocalDisk, LocalDiskConfig, S3, S3Config, S3Features, S3Keys, StorageBackend,
};
use docuvault_test_stores::{ACCESS_KEY, BUCKET, Kind, SECRET_KEY, TestStore};

/// What S3 itself allows: files of more are sent in parts.
pub const PART_BYTES: u64 = 5 * 1024 * 1024;

/// The usual one, where `config` says.
pub async fn local_disk(config: &Config) -> Arc<dyn StorageBackend> {
    let disk = LocalDisk::open(LocalDiskConfig {
        root: config.data.dir.join("objects"),
        free_space_floor_bytes: 0,
    });
    Arc::new(disk.await.unwrap())
}

/// A server of this kind, and the driver to it, told what such a server enforces.
pub fn s3(kind: Kind) -> (TestStore, Arc<dyn StorageBackend>) {
    let server = TestStore::start(kind)
        .unwrap()
        .unwrap_or_else(|| panic!("there is no {} on this machine", kind.program()));
    let driver = S3::open(s3_config(&server, &server.endpoint())).unwrap();
    driver.accept(S3Features {
        if_none_match: kind == Kind::S3sFs,
        checksum_sha256: false,
    });
    (server, Arc::new(driver))
}

/// How to reach this server, perhaps by way of something else at `endpoint`.
pub fn s3_config(server: &TestStore, endpoint: &str) -> S3Config {
    let endpoint: url::Url = endpoint.parse().unwrap();
    S3Config {
        public_endpoint: endpoint.clone(),
        endpoint,
        region: server.region().to_owned(),
        bucket: BUCKET.to_owned(),
        path_style: true,
        keys: S3Keys {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.into(),
        },
        upload_keys: None,
        download_keys: None,
        part_size_bytes: PART_BYTES,
    }
}
