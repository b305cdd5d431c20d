//! What real stores enforce. A change here is a change of the store: look at it, then at docs/OPERATIONS.md.

use std::collections::BTreeMap;

use docuvault_storage::{
    S3Features,
    s3::acceptance::{AcceptanceOptions, Verdict, test_store},
};
use docuvault_test_stores::{DOWNLOAD_KEY, Kind, SECRET_KEY, TestStore, UPLOAD_KEY};

use crate::{ORIGIN, config, faults, keys, tested};

/// `None` where the program is not on this machine, unless `DOCUVAULT_REQUIRE_STORE` names it.
fn start(kind: Kind) -> Option<TestStore> {
    let store = TestStore::start_for(kind, ORIGIN).unwrap();
    let required = std::env::var("DOCUVAULT_REQUIRE_STORE").unwrap_or_default();
    assert!(
        store.is_some() || required != kind.program(),
        "there is no {} on this machine",
        kind.program()
    );
    if store.is_none() {
        println!("there is no {} on this machine", kind.program());
    }
    store
}

#[tokio::test]
async fn sec_obj_01_rclone_is_safe_and_lacks_what_the_driver_does_without() {
    let Some(store) = start(Kind::Rclone) else {
        return;
    };
    let acceptance = tested(&config(&store.endpoint(), store.region())).await;
    assert_eq!(
        faults(&acceptance),
        BTreeMap::from([
            ("write-once", Verdict::Lacking),
            ("checksum", Verdict::Lacking),
            ("keys-apart", Verdict::Lacking),
            ("browser-ranges", Verdict::Lacking),
        ]),
        "{acceptance:#?}"
    );
    assert_eq!(acceptance.features, S3Features::default());
}

#[tokio::test]
async fn sec_obj_01_s3s_fs_is_refused_for_what_it_lets_through() {
    let Some(store) = start(Kind::S3sFs) else {
        return;
    };
    let acceptance = tested(&config(&store.endpoint(), store.region())).await;
    assert_eq!(
        faults(&acceptance),
        BTreeMap::from([
            ("unsigned-header", Verdict::Unsafe),
            ("unsigned-copy", Verdict::Unsafe),
            // It looks when the request comes in, so of two at once both are stored.
            ("write-once", Verdict::Lacking),
            ("checksum", Verdict::Lacking),
            ("keys-apart", Verdict::Lacking),
            ("browser-upload", Verdict::Broken),
            ("browser-download", Verdict::Broken),
        ]),
        "{acceptance:#?}"
    );
    assert_eq!(acceptance.features, S3Features::default());
}

#[tokio::test]
async fn sec_obj_01_garage_is_safe() {
    let Some(store) = start(Kind::Garage) else {
        return;
    };
    let acceptance = tested(&config(&store.endpoint(), store.region())).await;
    assert_eq!(
        faults(&acceptance),
        BTreeMap::from([
            ("write-once", Verdict::Lacking),
            ("keys-apart", Verdict::Lacking),
        ]),
        "{acceptance:#?}"
    );
    assert_eq!(
        acceptance.features,
        S3Features {
            if_none_match: false,
            checksum_sha256: true,
        }
    );
}

#[tokio::test]
async fn sec_obj_10_keys_of_their_own_can_neither_read_nor_write_what_is_not_theirs() {
    let Some(store) = start(Kind::Garage) else {
        return;
    };
    let mut config = config(&store.endpoint(), store.region());
    config.upload_keys = Some(keys(UPLOAD_KEY[0], UPLOAD_KEY[1]));
    config.download_keys = Some(keys(DOWNLOAD_KEY[0], DOWNLOAD_KEY[1]));
    assert_eq!(
        faults(&tested(&config).await),
        BTreeMap::from([
            ("write-once", Verdict::Lacking),
            // Garage has rights to read and to write, and none finer.
            ("upload-key", Verdict::Lacking),
            ("download-key", Verdict::Lacking),
        ])
    );
    std::mem::swap(&mut config.upload_keys, &mut config.download_keys);
    let acceptance = tested(&config).await;
    assert_eq!(faults(&acceptance)["public-endpoint"], Verdict::Broken);
    assert!(!acceptance.can_be_used(), "no refusal would mean anything");
}

#[tokio::test]
async fn sec_obj_01_minio_without_a_guard_is_refused() {
    let Some(store) = start(Kind::Minio) else {
        return;
    };
    let acceptance = tested(&config(&store.endpoint(), store.region())).await;
    println!("{:?}", faults(&acceptance));
    assert!(acceptance.can_be_used(), "{acceptance:#?}");
    let found: Vec<_> = acceptance.unsafe_findings().map(|f| f.id).collect();
    // Which of them depends on the release; none but these may be there.
    let known = [
        "unsigned-trailer",
        "unsigned-trailer-authorization",
        "unsigned-trailer-part",
        "unsigned-archive",
        "unsigned-copy",
    ];
    assert!(found.iter().all(|id| known.contains(id)), "{acceptance:#?}");
}

#[tokio::test]
async fn a_real_store_refuses_a_wrong_secret_and_is_not_tested_further() {
    let Some(store) = start(Kind::Rclone) else {
        return;
    };
    let mut config = config(&store.endpoint(), store.region());
    config.keys = keys(
        &config.keys.access_key.clone(),
        &SECRET_KEY.replace('b', "c"),
    );
    let acceptance = test_store(&config, &AcceptanceOptions::default())
        .await
        .unwrap();
    assert!(!acceptance.can_be_used());
}

#[tokio::test]
async fn what_the_test_made_is_gone_afterwards() {
    let Some(store) = start(Kind::Rclone) else {
        return;
    };
    tested(&config(&store.endpoint(), store.region())).await;
    let bucket = store
        .folder()
        .join("data")
        .join(docuvault_test_stores::BUCKET);
    let left = files_below(&bucket);
    assert!(left.is_empty(), "{left:?}");
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}
