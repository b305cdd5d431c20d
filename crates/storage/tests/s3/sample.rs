//! Keys, streams and questions that several tests share.

use std::{error::Error, fmt::Write, io, time::Duration};

use bytes::Bytes;
use docuvault_storage::{
    ByteRange, ByteStream, CompletedPart, Disposition, DownloadAs, Existing, NewObject, NewUpload,
    ObjectKey, S3, StorageBackend, StorageError,
};
use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

pub fn key() -> ObjectKey {
    ObjectKey::new(Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4(), "pdf")
}

pub fn object(key: &ObjectKey, size_bytes: u64) -> NewObject {
    NewObject {
        key: key.clone(),
        size_bytes,
        expected_sha256: None,
        existing: Existing::Keep,
    }
}

pub fn upload(key: &ObjectKey, size_bytes: u64) -> NewUpload {
    NewUpload {
        key: key.clone(),
        size_bytes,
        content_type: "application/octet-stream".to_owned(),
        sha256: None,
        expires_in: Duration::from_mins(15),
    }
}

pub fn download() -> DownloadAs {
    DownloadAs {
        disposition: Disposition::Attachment,
        file_name: "Divorce.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
    }
}

pub fn part(number: u32, etag: &str) -> CompletedPart {
    CompletedPart {
        number,
        etag: etag.to_owned(),
    }
}

/// `count` chunks of `chunk`, each in turn.
pub fn chunks(chunk: impl Into<Bytes>, count: usize) -> ByteStream {
    let chunk = chunk.into();
    stream::iter((0..count).map(move |_| Ok(chunk.clone()))).boxed()
}

pub async fn put(driver: &S3, key: &ObjectKey, bytes: &'static [u8]) -> Result<(), StorageError> {
    let object = object(key, bytes.len() as u64);
    driver.put_stream(&object, chunks(bytes, 1)).await.map(drop)
}

/// All bytes up to where the stream ended, and how it ended.
pub async fn read(
    driver: &S3,
    key: &ObjectKey,
    range: Option<ByteRange>,
) -> Result<(Vec<u8>, io::Result<()>), StorageError> {
    let mut stream = driver.get_stream(key, range).await?.bytes;
    let mut bytes = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok((bytes, Ok(()))),
            Err(error) => return Ok((bytes, Err(error))),
        }
    }
}

/// Everything an error would tell a log.
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    text
}
