//! Streams of our own to a store and from it: in parts where they must be, thrown away when they fail, in little memory.

use std::{io, time::Duration};

use bytes::Bytes;
use docuvault_storage::{S3, StorageBackend, StorageError};
use docuvault_test_stores::Kind;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    peers::{features_of, peer, unaccepted},
    sample::{chunks, key, object, read},
};

const MIB: usize = 1024 * 1024;

/// A driver that must send anything above 6 MiB in parts.
fn in_parts(store: &docuvault_test_stores::TestStore) -> S3 {
    let driver = unaccepted(store).with_largest_put_bytes(6 * MIB as u64);
    driver.accept(features_of(store.kind()));
    driver
}

type Wanted = fn(&StorageError) -> bool;

fn numbered(count: usize) -> Vec<u8> {
    (0..count as u32).flat_map(u32::to_be_bytes).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_for_one_request_goes_in_parts() {
    for kind in [Kind::Rclone, Kind::S3sFs, Kind::Minio] {
        let Some((store, _)) = peer(kind) else {
            continue;
        };
        let driver = in_parts(&store);
        for length in [6 * MIB + 4, 10 * MIB, 16 * MIB + 8] {
            let (key, bytes) = (key(), numbered(length / 4));
            let source: Vec<_> = bytes
                .chunks(700_001)
                .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
                .collect();
            let stored = driver
                .put_stream(&object(&key, length as u64), stream::iter(source).boxed())
                .await
                .unwrap();
            let stat = driver.stat(&key).await.unwrap().unwrap();
            assert_eq!((stat.size_bytes, &stat.etag), (length as u64, &stored.etag));
            assert!(
                read(&driver, &key, None).await.unwrap().0 == bytes,
                "{kind:?}: changed"
            );
            let again = driver
                .put_stream(&object(&key, length as u64), chunks(bytes, 1))
                .await;
            assert!(
                matches!(again, Err(StorageError::AlreadyExists)),
                "{again:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_a_stream_that_fails_are_thrown_away() {
    let Some((store, _)) = peer(Kind::Rclone) else {
        return;
    };
    let driver = in_parts(&store);
    let announced = 12 * MIB as u64;
    let chunk = || Bytes::from(vec![7; MIB]);
    let cut = || stream::once(async { Err(io::Error::from(io::ErrorKind::ConnectionReset)) });
    let cases: [(docuvault_storage::ByteStream, Option<[u8; 32]>, Wanted); 4] = [
        (chunks(chunk(), 11), None, |e| {
            matches!(e, StorageError::SizeMismatch { .. })
        }),
        (chunks(chunk(), 13), None, |e| {
            matches!(e, StorageError::SizeMismatch { .. })
        }),
        (chunks(chunk(), 11).chain(cut()).boxed(), None, |e| {
            matches!(e, StorageError::SourceFailed(_))
        }),
        (chunks(chunk(), 12), Some([0; 32]), |e| {
            matches!(e, StorageError::ChecksumMismatch)
        }),
    ];
    for (source, sha256, wanted) in cases {
        let mut object = object(&key(), announced);
        object.expected_sha256 = sha256;
        let error = driver.put_stream(&object, source).await.unwrap_err();
        assert!(wanted(&error), "{error:?}");
        assert_eq!(driver.stat(&object.key).await.unwrap(), None);
        assert_eq!(driver.unfinished_uploads_of(&object.key).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_a_stream_nobody_waits_for_are_thrown_away() {
    let Some((store, _)) = peer(Kind::Rclone) else {
        return;
    };
    let driver = in_parts(&store);
    let object = object(&key(), 12 * MIB as u64);
    let stuck = chunks(vec![7; MIB], 11).chain(stream::pending()).boxed();
    {
        let mut put = driver.put_stream(&object, stuck);
        let waited = tokio::time::timeout(Duration::from_secs(2), &mut put).await;
        assert!(waited.is_err(), "it ended before its source");
        let unfinished = driver.unfinished_uploads_of(&object.key).await.unwrap();
        assert_eq!(unfinished.len(), 1, "it was not sent in parts");
    }
    for _ in 0..100 {
        if driver
            .unfinished_uploads_of(&object.key)
            .await
            .unwrap()
            .is_empty()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("its parts are still there");
}

/// Of this process, the most it ever had.
fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes and reads a GiB; prints what that took"]
async fn a_gibibyte_needs_little_memory() {
    let Some((store, driver)) = peer(Kind::Rclone) else {
        return;
    };
    for driver in [driver, in_parts(&store)] {
        let before = peak_memory_bytes();
        let key = key();
        let began = std::time::Instant::now();
        let source = stream::iter(0..1024 * 4).map(|_| Ok(Bytes::from(vec![7; MIB / 4])));
        driver
            .put_stream(&object(&key, 1 << 30), source.boxed())
            .await
            .unwrap();
        let (put, put_bytes) = (began.elapsed(), peak_memory_bytes().saturating_sub(before));
        let began = std::time::Instant::now();
        let read = driver.get_stream(&key, None).await.unwrap();
        let length = read
            .bytes
            .try_fold(
                0,
                |length, chunk| async move { Ok(length + chunk.len() as u64) },
            )
            .await
            .unwrap();
        assert_eq!(length, 1 << 30);
        let more = peak_memory_bytes().saturating_sub(before);
        println!(
            "put {put:?}, {put_bytes} bytes more; then get {:?}, {more} bytes more in all",
            began.elapsed()
        );
        assert!(more < 32 * MIB as u64, "{more} bytes");
        driver.delete(&key).await.unwrap();
    }
}
