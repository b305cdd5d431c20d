//! Promises about `get_stream` and `stat`.

use futures::TryStreamExt;

use super::{Broken, Outcome, Store, ensure, ensure_refused, sample};
use crate::{ByteRange, StorageError};

pub(super) async fn ranges_are_exact(store: Store) -> Outcome {
    let bytes = sample::bytes(2 * 1024 * 1024 + 5);
    let (key, end) = (sample::key(), bytes.len() - 1);
    sample::put(&store, &key, &bytes).await?;
    let ranges = [
        (0, 0),
        (0, end),
        (end, end),
        (1, 524_288),
        (524_287, 524_289),
        (1_048_575, 2_000_000),
        (end - 9, end),
    ];
    for (first, last) in ranges {
        let read = sample::get(&store, &key, ByteRange::new(first as u64, last as u64)).await?;
        ensure(
            read == bytes[first..=last],
            format!("bytes {first} to {last} came back wrong"),
        )?;
    }
    let beyond = sample::get(&store, &key, ByteRange::new(end as u64 - 2, u64::MAX)).await?;
    ensure(
        beyond == bytes[end - 2..],
        "a range over the end was not shortened",
    )?;
    let stat = store.get_stream(&key, ByteRange::new(1, 2)).await?.stat;
    ensure(
        stat.size_bytes == bytes.len() as u64,
        "a range read does not say the whole size",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_range_behind_the_end_is_refused(store: Store) -> Outcome {
    let (key, empty) = (sample::key(), sample::key());
    sample::put(&store, &key, b"0123456789").await?;
    sample::put(&store, &empty, b"").await?;
    for (key, size, first) in [(&key, 10, 10), (&key, 10, u64::MAX), (&empty, 0, 0)] {
        match store.get_stream(key, ByteRange::new(first, u64::MAX)).await {
            Err(StorageError::RangeNotSatisfiable { size_bytes }) => {
                ensure(size_bytes == size, "the refusal names another size")?;
            }
            other => {
                return ensure(
                    false,
                    format!("byte {first} of {size} was answered with {other:?}"),
                );
            }
        }
    }
    store.delete(&key).await?;
    Ok(store.delete(&empty).await?)
}

pub(super) async fn a_missing_object_is_not_found(store: Store) -> Outcome {
    let (there, missing) = (sample::key(), sample::key());
    sample::put(&store, &there, b"neighbour").await?;
    let sibling = sample::key_of(there.user_id(), there.document_id());
    for key in [&missing, &sibling] {
        ensure(
            store.stat(key).await?.is_none(),
            "stat sees what is not there",
        )?;
        for range in [None, ByteRange::new(0, 1)] {
            let read = store.get_stream(key, range).await;
            ensure_refused(
                read,
                |error| matches!(error, StorageError::NotFound),
                "reading what is not there",
            )?;
        }
    }
    Ok(store.delete(&there).await?)
}

pub(super) async fn a_large_object_is_read_in_chunks(store: Store) -> Outcome {
    const LARGEST_CHUNK: usize = 8 * 1024 * 1024;
    let (key, bytes) = (sample::key(), sample::bytes(24 * 1024 * 1024));
    sample::put(&store, &key, &bytes).await?;
    let mut stream = store.get_stream(&key, None).await?.bytes;
    let mut offset = 0;
    while let Some(chunk) = stream
        .try_next()
        .await
        .map_err(|error| Broken::Promise(error.to_string()))?
    {
        ensure(
            chunk.len() <= LARGEST_CHUNK,
            format!("a chunk of {} bytes", chunk.len()),
        )?;
        ensure(
            bytes[offset..].starts_with(&chunk),
            format!("wrong bytes at {offset}"),
        )?;
        offset += chunk.len();
    }
    ensure(
        offset == bytes.len(),
        format!("the stream ended after {offset} bytes"),
    )?;
    Ok(store.delete(&key).await?)
}
