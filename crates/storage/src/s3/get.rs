//! Reading: a range of exactly the wanted length, whatever way the store has of answering.

use std::io;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use reqwest::Response;
use rusty_s3::Method;
use tokio::time::{Duration, timeout};

use super::{
    S3,
    errors::{Trouble, no_answer, nonsense},
    signing::ToSign,
    stat::{etag, length},
};
use crate::{ByteRange, ByteStream, ObjectKey, ObjectRead, ObjectStat, StorageError};

/// Larger than any object; many stores cannot read a larger number.
const FAR_BEHIND_ANY_END: u64 = i64::MAX.cast_unsigned();

impl S3 {
    pub(super) async fn read(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        if range.is_some_and(|range| range.first() >= FAR_BEHIND_ANY_END) {
            return Err(self.outside(key).await);
        }
        let mut headers = HeaderMap::new();
        if let Some(value) = range.and_then(|range| range_header(range).parse().ok()) {
            headers.insert(header::RANGE, value);
        }
        let name = key.to_string();
        let what = ToSign::object(Method::Get, &name);
        let client = &self.client;
        let response = client
            .open(&what, headers, None, client.answer_due())
            .await?;
        match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => self.deliver(response, range),
            StatusCode::RANGE_NOT_SATISFIABLE => Err(self.outside(key).await),
            _ => Err(client.refused(response).await),
        }
    }

    /// The refusal of a range, with the size the object really has.
    async fn outside(&self, key: &ObjectKey) -> StorageError {
        match self.look(key).await {
            Ok(Some(stat)) => StorageError::RangeNotSatisfiable {
                size_bytes: stat.size_bytes,
            },
            Ok(None) => StorageError::NotFound,
            Err(error) => error,
        }
    }

    fn deliver(
        &self,
        response: Response,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        let given = Given::read(response.status(), response.headers())?;
        let etag = etag(response.headers())?;
        let size_bytes = given.size_bytes;
        let wanted = match range {
            Some(range) => range
                .within(size_bytes)
                .ok_or(StorageError::RangeNotSatisfiable { size_bytes })?,
            None if size_bytes == 0 => {
                return Ok(read_of(size_bytes, etag, stream::empty().boxed()));
            }
            None => ByteRange::new(0, size_bytes - 1).ok_or_else(|| nonsense("no bytes"))?,
        };
        let Some(skip) = given.skip_to(wanted) else {
            return Err(nonsense("another range than was asked for"));
        };
        let bytes = exactly(
            response,
            skip,
            wanted.length_bytes(),
            self.client.patience.idle,
        );
        Ok(read_of(size_bytes, etag, bytes))
    }
}

fn read_of(size_bytes: u64, etag: String, bytes: ByteStream) -> ObjectRead {
    let stat = ObjectStat {
        size_bytes,
        etag,
        sha256: None,
    };
    ObjectRead { stat, bytes }
}

/// Open at the end where the end is anything behind the object.
fn range_header(range: ByteRange) -> String {
    if range.last() >= FAR_BEHIND_ANY_END {
        format!("bytes={}-", range.first())
    } else {
        format!("bytes={}-{}", range.first(), range.last())
    }
}

/// Which bytes of an object of which size the store says it is sending.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    size_bytes: u64,
    /// `None`: all of them.
    range: Option<ByteRange>,
}

impl Given {
    /// Some stores answer a range with 200, and still with the range; some ignore it and send everything.
    fn read(status: StatusCode, headers: &HeaderMap) -> Result<Self, StorageError> {
        let length = length(headers);
        let Some(value) = headers.get(header::CONTENT_RANGE) else {
            if status == StatusCode::PARTIAL_CONTENT {
                return Err(nonsense("a range without saying which"));
            }
            let size_bytes = length.ok_or_else(|| nonsense("an object without a length"))?;
            return Ok(Self {
                size_bytes,
                range: None,
            });
        };
        let (range, size_bytes) = value
            .to_str()
            .ok()
            .and_then(content_range)
            .ok_or_else(|| nonsense("a range that cannot be read"))?;
        if length.is_some_and(|length| length != range.length_bytes()) {
            return Err(nonsense("a range and a length that differ"));
        }
        Ok(Self {
            size_bytes,
            range: Some(range),
        })
    }

    /// How many bytes come before the wanted ones, if those come at all.
    fn skip_to(&self, wanted: ByteRange) -> Option<u64> {
        match self.range {
            None => Some(wanted.first()),
            Some(range) => (range == wanted).then_some(0),
        }
    }
}

/// `bytes first-last/size`
fn content_range(value: &str) -> Option<(ByteRange, u64)> {
    let (range, size) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let range = ByteRange::new(first.parse().ok()?, last.parse().ok()?)?;
    let size = size.parse().ok()?;
    (range.last() < size).then_some((range, size))
}

struct Reading {
    response: Response,
    skip: u64,
    left: u64,
    idle: Duration,
}

/// `length` bytes behind the first `skip`; fewer end the stream with an error, more are not read.
fn exactly(response: Response, skip: u64, length: u64, idle: Duration) -> ByteStream {
    let reading = Reading {
        response,
        skip,
        left: length,
        idle,
    };
    stream::try_unfold(reading, |mut reading| async move {
        while reading.left > 0 {
            let chunk = reading.next_chunk().await?;
            if !chunk.is_empty() {
                return Ok(Some((chunk, reading)));
            }
        }
        Ok(None)
    })
    .boxed()
}

impl Reading {
    async fn next_chunk(&mut self) -> io::Result<Bytes> {
        let chunk = timeout(self.idle, self.response.chunk())
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, Trouble::TimedOut))?
            .map_err(|error| io::Error::other(no_answer(error)))?;
        let Some(mut chunk) = chunk else {
            let text = "the S3 store sent fewer bytes than it announced";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
        };
        let skipped = (chunk.len() as u64).min(self.skip);
        self.skip -= skipped;
        let mut chunk = chunk.split_off(skipped as usize);
        chunk.truncate(self.left.min(chunk.len() as u64) as usize);
        self.left -= chunk.len() as u64;
        Ok(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(length: &str, range: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, length.parse().unwrap());
        if let Some(range) = range {
            headers.insert(header::CONTENT_RANGE, range.parse().unwrap());
        }
        headers
    }

    fn skip(status: u16, length: &str, range: Option<&str>) -> Option<u64> {
        let status = StatusCode::from_u16(status).unwrap();
        let given = Given::read(status, &headers(length, range)).ok()?;
        given.skip_to(ByteRange::new(2, 4).unwrap().within(given.size_bytes)?)
    }

    #[test]
    fn all_ways_of_answering_a_range_give_the_same_bytes() {
        assert_eq!(skip(206, "3", Some("bytes 2-4/10")), Some(0));
        assert_eq!(
            skip(200, "3", Some("bytes 2-4/10")),
            Some(0),
            "as rclone does"
        );
        assert_eq!(skip(200, "10", None), Some(2), "all of it");
    }

    #[test]
    fn another_range_than_asked_for_is_refused() {
        for (status, length, range) in [
            (206, "3", None),
            (206, "3", Some("bytes 0-2/10")),
            (206, "4", Some("bytes 2-5/10")),
            (206, "9", Some("bytes 2-4/10")),
            (206, "3", Some("bytes 2-4/*")),
            (206, "3", Some("bytes 2-4/4")),
            (206, "3", Some("2-4/10")),
            (206, "3", Some("bytes 4-2/10")),
            (206, "3", Some("bytes -1-2/10")),
        ] {
            assert_eq!(
                skip(status, length, range),
                None,
                "{status} {length} {range:?}"
            );
        }
    }
}
