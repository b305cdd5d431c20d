//! Real stores, and drivers for them.

use docuvault_storage::{S3, S3Config, S3Features, S3Keys};
use docuvault_test_stores::{ACCESS_KEY, BUCKET, Kind, SECRET_KEY, TestStore};

/// What each store enforces, as the acceptance test finds it.
pub fn features_of(kind: Kind) -> S3Features {
    let (if_none_match, checksum_sha256) = match kind {
        Kind::Rclone => (false, false),
        // Refuses wrong bytes, and has published them all the same.
        Kind::S3sFs => (true, false),
        Kind::Garage => (false, true),
        Kind::Minio => (true, true),
    };
    S3Features {
        if_none_match,
        checksum_sha256,
    }
}

pub fn config_for(endpoint: &str, region: &str) -> S3Config {
    S3Config {
        endpoint: endpoint.parse().unwrap(),
        public_endpoint: endpoint.parse().unwrap(),
        region: region.to_owned(),
        bucket: BUCKET.to_owned(),
        path_style: true,
        keys: S3Keys {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned().into(),
        },
        upload_keys: None,
        download_keys: None,
        part_size_bytes: 5 * 1024 * 1024,
    }
}

/// A driver that has not been told anything about its store.
pub fn unaccepted(store: &TestStore) -> S3 {
    S3::open(config_for(&store.endpoint(), store.region())).unwrap()
}

/// A running store and a driver for it. `None`, and a word about it, when its program is not on this machine; with
/// `DOCUVAULT_REQUIRE_STORE=name` that is a failure.
pub fn peer(kind: Kind) -> Option<(TestStore, S3)> {
    let Some(store) = TestStore::start(kind).unwrap() else {
        let program = kind.program();
        let required = std::env::var("DOCUVAULT_REQUIRE_STORE").is_ok_and(|name| name == program);
        assert!(!required, "there is no {program} on this machine");
        println!("there is no {program} on this machine: nothing was tested against it");
        return None;
    };
    let driver = unaccepted(&store);
    driver.accept(features_of(kind));
    Some((store, driver))
}
