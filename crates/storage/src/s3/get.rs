//! Looking at an object, and reading it.

use ::http::{HeaderMap, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use reqwest::Response;
use rusty_s3::Method;
use std::io;
use tokio::time::timeout;

use super::{
    S3, etag_of,
    http::{IDLE, QUICK, unavailable},
    refusal,
    signing::ToSign,
};
use crate::{ByteRange, ObjectKey, ObjectRead, ObjectStat, StorageError};

/// Some say simply that the request is bad.
const NOT_SATISFIABLE: [StatusCode; 2] =
    [StatusCode::RANGE_NOT_SATISFIABLE, StatusCode::BAD_REQUEST];

impl S3 {
    pub(super) async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        let name = key.to_string();
        let mut head = ToSign::object(Method::Head, &name);
        let asks_checksum = self.features().checksum_sha256;
        if asks_checksum {
            head = head.header("x-amz-checksum-mode", "ENABLED");
        }
        let mut request = self.http.head(self.signer.own(&head));
        if asks_checksum {
            request = request.header("x-amz-checksum-mode", "ENABLED");
        }
        let answer = self.http.send(request, QUICK).await?;
        match refusal::check(answer).await {
            Ok(answer) => {
                let headers = answer.headers();
                let size_bytes = number(headers, header::CONTENT_LENGTH)
                    .ok_or_else(|| StorageError::unavailable("an object without a length"))?;
                self.stat_of(headers, size_bytes).map(Some)
            }
            Err(StorageError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stat_of(&self, headers: &HeaderMap, size_bytes: u64) -> Result<ObjectStat, StorageError> {
        let sha256 = headers
            .get("x-amz-checksum-sha256")
            .filter(|_| self.features().checksum_sha256)
            // Of an object in parts it is a digest of digests, with their number behind it: no base64.
            .and_then(|digest| STANDARD.decode(digest).ok()?.try_into().ok());
        Ok(ObjectStat {
            size_bytes,
            etag: etag_of(headers)
                .ok_or_else(|| StorageError::unavailable("an object without an ETag"))?,
            sha256,
        })
    }

    pub(super) async fn get(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        let name = key.to_string();
        let mut request = self
            .http
            .get(self.signer.own(&ToSign::object(Method::Get, &name)));
        if let Some(range) = range {
            request = request.header(header::RANGE, as_header(range));
        }
        let answer = self.http.send(request, QUICK).await?;
        if range.is_some() && NOT_SATISFIABLE.contains(&answer.status()) {
            return Err(self.not_satisfiable(key).await);
        }
        let answer = refusal::check(answer).await?;
        let whole = whole_size(&answer)?;
        let stat = self.stat_of(answer.headers(), whole)?;
        let Some(range) = range else {
            let bytes = exactly(answer, 0, whole).boxed();
            return Ok(ObjectRead { stat, bytes });
        };
        let range = range
            .within(whole)
            .ok_or(StorageError::RangeNotSatisfiable { size_bytes: whole })?;
        // Some answer 200 with only the range; some with all of it.
        let skip = if answer.headers().contains_key(header::CONTENT_RANGE) {
            0
        } else {
            range.first()
        };
        let bytes = exactly(answer, skip, range.length_bytes()).boxed();
        Ok(ObjectRead { stat, bytes })
    }

    async fn not_satisfiable(&self, key: &ObjectKey) -> StorageError {
        match self.head(key).await {
            Ok(Some(stat)) => StorageError::RangeNotSatisfiable {
                size_bytes: stat.size_bytes,
            },
            Ok(None) => StorageError::NotFound,
            Err(error) => error,
        }
    }
}

/// Stores count with signs: a range to the end of all numbers is one without an end.
fn as_header(range: ByteRange) -> String {
    match i64::try_from(range.last()) {
        Ok(last) => format!("bytes={}-{last}", range.first()),
        Err(_) => format!("bytes={}-", range.first()),
    }
}

/// The size of the whole object: behind the slash of `bytes 0-9/100`, or the length of an answer that is all of it.
fn whole_size(answer: &Response) -> Result<u64, StorageError> {
    let headers = answer.headers();
    let size = match headers.get(header::CONTENT_RANGE) {
        Some(range) => range
            .to_str()
            .ok()
            .and_then(|text| text.rsplit_once('/')?.1.parse().ok()),
        None => number(headers, header::CONTENT_LENGTH),
    };
    size.ok_or_else(|| StorageError::unavailable("an object without a length"))
}

fn number(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `length` bytes of the answer's body, after `skip` of them. Fewer end in an error, silence too; more are left where they are.
fn exactly(
    answer: Response,
    skip: u64,
    length: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let state = (answer.bytes_stream().boxed(), skip, length);
    stream::try_unfold(state, |(mut chunks, mut skip, left)| async move {
        while left > 0 {
            let chunk = timeout(IDLE, chunks.next())
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
                .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
            let mut chunk = chunk.map_err(|error| io::Error::other(unavailable(error)))?;
            let skipped = chunk.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
            skip -= skipped as u64;
            let _ = chunk.split_to(skipped);
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !chunk.is_empty() {
                let left = left - chunk.len() as u64;
                return Ok(Some((chunk, (chunks, skip, left))));
            }
        }
        Ok(None)
    })
}
