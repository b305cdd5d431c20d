//! Promises about `put_stream`: exact, whole or nothing, written once, in bounded memory.

use std::time::Duration;

use futures::future::join_all;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Outcome, Store, ensure, ensure_refused, sample};
use crate::{Existing, ObjectKey, StorageError};

/// Longer than any driver's buffer, and not a multiple of one.
const SEVERAL_BUFFERS: usize = 3 * 1024 * 1024 + 17;

pub(super) async fn what_is_put_is_what_is_got(store: Store) -> Outcome {
    for length in [1, 4096, SEVERAL_BUFFERS] {
        let (key, bytes) = (sample::key(), sample::bytes(length));
        let stored = sample::put(&store, &key, &bytes).await?;
        ensure(
            stored.size_bytes == length as u64,
            format!("stored size {} of {length}", stored.size_bytes),
        )?;
        ensure(
            stored.sha256 == sample::sha256(&bytes),
            "the digest is not that of the bytes",
        )?;
        let Some(stat) = store.stat(&key).await? else {
            return ensure(false, "stat does not see the object");
        };
        ensure(stat.size_bytes == length as u64, "stat says another size")?;
        ensure(stat.etag == stored.etag, "stat says another etag than put")?;
        ensure(
            stat.sha256.is_none_or(|sha256| sha256 == stored.sha256),
            "stat says another digest",
        )?;
        ensure(
            sample::get(&store, &key, None).await? == bytes,
            format!("{length} bytes came back changed"),
        )?;
        store.delete(&key).await?;
    }
    Ok(())
}

pub(super) async fn an_empty_object_is_an_object(store: Store) -> Outcome {
    let key = sample::key();
    let stored = sample::put(&store, &key, &[]).await?;
    ensure(
        stored.size_bytes == 0 && stored.sha256 == sample::sha256(&[]),
        "an empty object was stored wrongly",
    )?;
    ensure(
        store
            .stat(&key)
            .await?
            .is_some_and(|stat| stat.size_bytes == 0),
        "stat does not see it",
    )?;
    ensure(
        sample::get(&store, &key, None).await?.is_empty(),
        "it did not come back empty",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn every_valid_key_works(store: Store) -> Outcome {
    let (user, document) = (Uuid::new_v4(), Uuid::new_v4());
    let object = Uuid::new_v4();
    let keys = ["", "0", "zzzzzzzz", "con", "tmp"]
        .map(|extension| ObjectKey::new(user, document, object, extension));
    let extreme = [Uuid::nil(), Uuid::max()]
        .map(|document| ObjectKey::new(user, document, Uuid::new_v4(), "pdf"));
    let keys = || keys.iter().chain(&extreme);
    for key in keys() {
        sample::put(&store, key, key.to_string().as_bytes()).await?;
    }
    for key in keys() {
        let bytes = sample::get(&store, key, None).await?;
        ensure(
            bytes == key.to_string().as_bytes(),
            "two keys name one object",
        )?;
        store.delete(key).await?;
    }
    Ok(())
}

pub(super) async fn a_short_stream_stores_nothing(store: Store) -> Outcome {
    for (announced, sent) in [(1, 0), (SEVERAL_BUFFERS, SEVERAL_BUFFERS - 1)] {
        refuses_length(&store, announced, sent).await?;
    }
    Ok(())
}

pub(super) async fn a_long_stream_stores_nothing(store: Store) -> Outcome {
    for (announced, sent) in [
        (0, 1),
        (SEVERAL_BUFFERS - 1, SEVERAL_BUFFERS),
        (10, SEVERAL_BUFFERS),
    ] {
        refuses_length(&store, announced, sent).await?;
    }
    Ok(())
}

async fn refuses_length(store: &Store, announced: usize, sent: usize) -> Outcome {
    let (key, bytes) = (sample::key(), sample::bytes(sent));
    let put = store
        .put_stream(&sample::object(&key, announced), sample::stream_of(&bytes))
        .await;
    let what = format!("a stream of {sent} bytes instead of {announced}");
    ensure_refused(
        put,
        |error| matches!(error, StorageError::SizeMismatch { .. }),
        &what,
    )?;
    leaves_nothing(store, &key).await
}

/// Nothing is visible under `key`, and it can still be used.
async fn leaves_nothing(store: &Store, key: &ObjectKey) -> Outcome {
    ensure(
        store.stat(key).await?.is_none(),
        "a refused object is visible",
    )?;
    let read = store.get_stream(key, None).await;
    ensure_refused(
        read,
        |error| matches!(error, StorageError::NotFound),
        "reading a refused object",
    )?;
    sample::put(store, key, b"second try").await?;
    ensure(
        sample::get(store, key, None).await? == b"second try",
        "the second try stored something else",
    )?;
    Ok(store.delete(key).await?)
}

pub(super) async fn a_wrong_checksum_stores_nothing(store: Store) -> Outcome {
    let (key, bytes) = (sample::key(), sample::bytes(SEVERAL_BUFFERS));
    let mut object = sample::object(&key, bytes.len());
    object.expected_sha256 = Some(sample::sha256(b"something else"));
    let put = store.put_stream(&object, sample::stream_of(&bytes)).await;
    ensure_refused(
        put,
        |error| matches!(error, StorageError::ChecksumMismatch),
        "a wrong checksum",
    )?;
    leaves_nothing(&store, &key).await
}

pub(super) async fn a_right_checksum_is_accepted(store: Store) -> Outcome {
    let (key, bytes) = (sample::key(), sample::bytes(SEVERAL_BUFFERS));
    let mut object = sample::object(&key, bytes.len());
    object.expected_sha256 = Some(sample::sha256(&bytes));
    store.put_stream(&object, sample::stream_of(&bytes)).await?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn an_object_is_written_once(store: Store) -> Outcome {
    let key = sample::key();
    let first = sample::put(&store, &key, b"first").await?;
    for second in [b"other".as_slice(), b"first", b"longer than the first"] {
        let put = sample::put(&store, &key, second).await;
        ensure_refused(
            put,
            |error| matches!(error, StorageError::AlreadyExists),
            "a second write",
        )?;
    }
    ensure(
        sample::get(&store, &key, None).await? == b"first",
        "the first content is gone",
    )?;
    ensure(
        store
            .stat(&key)
            .await?
            .is_some_and(|stat| stat.etag == first.etag),
        "the etag has changed",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_derived_object_can_be_replaced(store: Store) -> Outcome {
    let key = sample::key();
    let mut etags = Vec::new();
    for bytes in [
        b"thumbnail, first".as_slice(),
        b"second",
        b"third, the longest of them",
    ] {
        let mut object = sample::object(&key, bytes.len());
        object.existing = Existing::Replace;
        etags.push(
            store
                .put_stream(&object, sample::stream_of(bytes))
                .await?
                .etag,
        );
        ensure(
            sample::get(&store, &key, None).await? == bytes,
            "the replacement did not come back",
        )?;
    }
    etags.dedup();
    ensure(etags.len() == 3, "a replaced object kept its etag")?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_failed_replacement_keeps_the_old_object(store: Store) -> Outcome {
    let key = sample::key();
    sample::put(&store, &key, b"old").await?;
    let mut object = sample::object(&key, SEVERAL_BUFFERS);
    object.existing = Existing::Replace;
    let put = store
        .put_stream(
            &object,
            sample::stream_cut_after(&sample::bytes(SEVERAL_BUFFERS / 2)),
        )
        .await;
    ensure_refused(
        put,
        |error| matches!(error, StorageError::SourceFailed(_)),
        "a cut replacement",
    )?;
    ensure(
        sample::get(&store, &key, None).await? == b"old",
        "a failed replacement destroyed the old object",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_failing_source_stores_nothing(store: Store) -> Outcome {
    for arrived in [0, 3, SEVERAL_BUFFERS / 2] {
        let key = sample::key();
        let stream = sample::stream_cut_after(&sample::bytes(arrived));
        let put = store
            .put_stream(&sample::object(&key, SEVERAL_BUFFERS), stream)
            .await;
        ensure_refused(
            put,
            |error| matches!(error, StorageError::SourceFailed(_)),
            "a cut stream",
        )?;
        leaves_nothing(&store, &key).await?;
    }
    Ok(())
}

pub(super) async fn a_dropped_upload_stores_nothing(store: Store) -> Outcome {
    for arrived in [0, 3, SEVERAL_BUFFERS / 2] {
        let key = sample::key();
        let object = sample::object(&key, SEVERAL_BUFFERS);
        let put = store.put_stream(&object, sample::stream_stuck_after(&sample::bytes(arrived)));
        let waited = tokio::time::timeout(Duration::from_millis(100), put).await;
        ensure(
            waited.is_err(),
            "an upload finished before all bytes had come",
        )?;
        leaves_nothing(&store, &key).await?;
    }
    Ok(())
}

pub(super) async fn of_parallel_writers_one_wins(store: Store) -> Outcome {
    if !store.capabilities().if_none_match {
        return Ok(());
    }
    let key = sample::key();
    let contents: Vec<Vec<u8>> = (0..20)
        .map(|writer| format!("written by {writer}").into_bytes())
        .collect();
    let results = join_all(
        contents
            .iter()
            .map(|bytes| sample::put(&store, &key, bytes)),
    )
    .await;
    let winners: Vec<usize> = (0..results.len())
        .filter(|writer| results[*writer].is_ok())
        .collect();
    for result in results.into_iter().filter(Result::is_err) {
        ensure_refused(
            result,
            |error| matches!(error, StorageError::AlreadyExists),
            "a losing writer",
        )?;
    }
    let [winner] = winners[..] else {
        return ensure(false, format!("{} writers won", winners.len()));
    };
    ensure(
        sample::get(&store, &key, None).await? == contents[winner],
        "the winner's bytes are not there",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_large_object_needs_little_memory(store: Store) -> Outcome {
    const MIB: u64 = 1024 * 1024;
    let (key, chunk, count) = (sample::key(), sample::bytes(256 * 1024), 4 * 96);
    let held = sample::HeldBytes::default();
    let stored = store
        .put_stream(
            &sample::object(&key, chunk.len() * count),
            held.stream(&chunk, count),
        )
        .await?;
    let mut sha256 = Sha256::new();
    (0..count).for_each(|_| sha256.update(&chunk));
    ensure(
        stored.sha256[..] == sha256.finalize()[..],
        "the digest of a large object is wrong",
    )?;
    // One chunk of the user clouds is 20 MiB; nothing may hold more than that and a little.
    ensure(
        held.most() <= 24 * MIB,
        format!("{} MiB of 96 were held at once", held.most() / MIB),
    )?;
    Ok(store.delete(&key).await?)
}
