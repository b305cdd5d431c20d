//! Uploads in parts, from the store's side: opened, looked at, joined, thrown away.

use std::{fmt::Write, time::Duration};

use rusty_s3::Method;

use super::{
    S3, answers,
    http::{QUICK, text},
    refusal,
    signing::ToSign,
};
use crate::{CompletedPart, ObjectKey, ObjectStat, StorageError, StoredPart, UnfinishedUpload};

/// A store may copy all the bytes to join them.
const JOIN_TIME: Duration = Duration::from_mins(5);
const PAGE: &str = "1000";
/// A listing that goes on for longer goes in circles.
const MOST_PAGES: usize = 10_000;

impl S3 {
    /// The store's id of a new upload.
    pub(super) async fn open_parts(&self, key: &ObjectKey) -> Result<String, StorageError> {
        let name = key.to_string();
        let open = ToSign::object(Method::Post, &name)
            .query("uploads", "")
            .header("content-type", "application/octet-stream");
        let request = self
            .http
            .post(self.signer.own(&open))
            .header("content-type", "application/octet-stream")
            .header("content-length", "0");
        let answer = refusal::check(self.http.send(request, QUICK).await?).await?;
        answers::upload_id(&text(answer).await?)
    }

    pub(super) async fn stored_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        let name = key.to_string();
        let (mut parts, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let mut list = ToSign::object(Method::Get, &name)
                .query("max-parts", PAGE)
                .query("uploadId", store_upload_id);
            if let Some(after) = after.take() {
                list = list.query("part-number-marker", after);
            }
            let request = self.http.get(self.signer.own(&list));
            let answer = refusal::check(self.http.send(request, QUICK).await?).await?;
            let page = answers::parts(&text(answer).await?)?;
            let last = page
                .entries
                .last()
                .map(|part: &StoredPart| part.number.to_string());
            parts.extend(page.entries);
            after = page
                .next
                .into_iter()
                .map(|(_, marker)| marker)
                .next()
                .or(last);
            if page.is_last || after.is_none() {
                parts.sort_by_key(|part| part.number);
                return Ok(parts);
            }
        }
        Err(StorageError::unavailable("a listing without end"))
    }

    pub(super) async fn join_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        let joined = self.ask_to_join(key, store_upload_id, parts).await;
        // The upload is gone when it was joined before, and an answer that was lost may have been a yes: the object tells.
        match (joined, self.head(key).await?) {
            (
                Ok(()) | Err(StorageError::NotFound | StorageError::Unavailable { .. }),
                Some(stat),
            ) => Ok(stat),
            (Ok(()), None) => Err(StorageError::unavailable(
                "the store joined an object and does not have it",
            )),
            (Err(error), _) => Err(error),
        }
    }

    async fn ask_to_join(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<(), StorageError> {
        let name = key.to_string();
        let join = ToSign::object(Method::Post, &name).query("uploadId", store_upload_id);
        let request = self
            .http
            .post(self.signer.own(&join))
            .header("content-type", "application/xml")
            .body(parts_as_xml(parts)?);
        let answer = refusal::check(self.http.send(request, JOIN_TIME).await?).await?;
        // The head of the answer can be a yes long before the store knows; the body counts.
        match answers::error_code(&text(answer).await?) {
            Some(code) => Err(refusal::of_code(&code)),
            None => Ok(()),
        }
    }

    pub(super) async fn drop_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<(), StorageError> {
        let name = key.to_string();
        let drop = ToSign::object(Method::Delete, &name).query("uploadId", store_upload_id);
        let request = self.http.delete(self.signer.own(&drop));
        match refusal::check(self.http.send(request, QUICK).await?).await {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Uploads under way of keys that begin with `prefix`. Those of other keys than ours are left out.
    pub(super) async fn unfinished(
        &self,
        prefix: &str,
    ) -> Result<Vec<UnfinishedUpload>, StorageError> {
        let (mut found, mut markers) = (Vec::new(), Vec::new());
        for _ in 0..MOST_PAGES {
            let mut list = ToSign::bucket(Method::Get)
                .query("uploads", "")
                .query("max-uploads", PAGE)
                .query("prefix", prefix);
            for (name, marker) in std::mem::take(&mut markers) {
                let parameter = if name == "NextKeyMarker" {
                    "key-marker"
                } else {
                    "upload-id-marker"
                };
                list = list.query(parameter, marker);
            }
            let request = self.http.get(self.signer.own(&list));
            let answer = refusal::check(self.http.send(request, QUICK).await?).await?;
            let page = answers::uploads(&text(answer).await?)?;
            found.extend(page.entries.into_iter().filter_map(|begun| {
                Some(UnfinishedUpload {
                    key: ObjectKey::parse(&begun.name).ok()?,
                    store_upload_id: begun.store_upload_id,
                    started_at: begun.started_at,
                })
            }));
            markers = page.next;
            if page.is_last || markers.is_empty() {
                return Ok(found);
            }
        }
        Err(StorageError::unavailable("a listing without end"))
    }
}

/// In the order of their numbers, which stores insist on.
fn parts_as_xml(parts: &[CompletedPart]) -> Result<String, StorageError> {
    let mut parts: Vec<_> = parts.iter().collect();
    parts.sort_by_key(|part| part.number);
    let mut xml =
        String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for part in parts {
        if part
            .etag
            .contains(|char: char| !char.is_ascii_graphic() || "<>&\"'".contains(char))
        {
            return Err(StorageError::InvalidParts);
        }
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<Part><PartNumber>{}</PartNumber><ETag>&quot;{}&quot;</ETag></Part>",
            part.number, part.etag
        );
    }
    xml.push_str("</CompleteMultipartUpload>");
    Ok(xml)
}
