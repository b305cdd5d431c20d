//! Uploads in parts: opening, looking, joining, throwing away.

use bytes::Bytes;
use quick_xml::escape::escape;
use rusty_s3::Method;

use super::{S3, answers, client::Client, errors::nonsense, signing::ToSign};
use crate::{CompletedPart, ObjectKey, ObjectStat, StorageError, StoredPart, UnfinishedUpload};

/// S3's own limit, and the length of its pages.
const PAGE: &str = "1000";
/// A store that has more pages of unfinished uploads than this is left for the next sweep.
const MOST_PAGES: usize = 1000;

impl Client {
    /// Answers the store's id of it.
    pub(super) async fn open_upload(
        &self,
        key: &ObjectKey,
        content_type: &str,
    ) -> Result<String, StorageError> {
        let name = key.to_string();
        let what = ToSign::object(Method::Post, &name)
            .query("uploads", "")
            .header("content-type", content_type);
        let answer = self.call(&what).await?.success()?;
        Ok(answers::upload_id(&answer.body)?)
    }

    pub(super) async fn abort_upload(
        &self,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<(), StorageError> {
        let name = key.to_string();
        let what = ToSign::object(Method::Delete, &name).query("uploadId", upload_id);
        match self.call(&what).await?.success() {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl S3 {
    /// All parts that have arrived, in order of their numbers.
    pub(super) async fn arrived(
        &self,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        let name = key.to_string();
        let mut arrived: Vec<StoredPart> = Vec::new();
        let mut after = None;
        loop {
            let mut what = ToSign::object(Method::Get, &name)
                .query("max-parts", PAGE)
                .query("uploadId", upload_id);
            if let Some(number) = after {
                what = what.query("part-number-marker", format!("{number}"));
            }
            let answer = self.client.call(&what).await?.success()?;
            let page = answers::parts(&answer.body)?;
            arrived.extend(page.parts);
            match page.next {
                None => break,
                Some(number) if after.is_none_or(|after| after < number) => after = Some(number),
                Some(_) => return Err(nonsense("the same page for ever")),
            }
        }
        arrived.sort_unstable_by_key(|part| part.number);
        Ok(arrived)
    }

    /// Joins the parts, or finds that somebody has.
    pub(super) async fn join(
        &self,
        key: &ObjectKey,
        upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        let list = joining(parts)?;
        let joined = self.ask_to_join(key, upload_id, list).await;
        let refused = match joined {
            Ok(()) => None,
            // The parts are wrong, and stay so whatever is there.
            Err(error @ StorageError::InvalidParts) => return Err(error),
            // Done already, done and the answer lost, or not done: what is there tells.
            Err(error) => Some(error),
        };
        match (self.head(key).await, refused) {
            (Ok(Some(stat)), _) => Ok(stat),
            (Ok(None), None) => Err(nonsense("a success, and has nothing")),
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(error),
        }
    }

    async fn ask_to_join(
        &self,
        key: &ObjectKey,
        upload_id: &str,
        list: String,
    ) -> Result<(), StorageError> {
        let name = key.to_string();
        let what = ToSign::object(Method::Post, &name)
            .query("uploadId", upload_id)
            .header("content-type", "application/xml");
        let within = self.client.patience.join;
        let answer = self
            .client
            .call_with(&what, Bytes::from(list), within)
            .await?
            .success()?;
        // The status was sent before the store knew.
        if answers::is_success(&answer.body)? {
            Ok(())
        } else {
            Err(answer.refusal())
        }
    }

    /// Uploads that were opened and not ended; with a `prefix`, only those of such names.
    pub(super) async fn unfinished(
        &self,
        prefix: Option<&str>,
    ) -> Result<Vec<UnfinishedUpload>, StorageError> {
        let mut unfinished = Vec::new();
        let mut after: Option<(String, String)> = None;
        for _ in 0..MOST_PAGES {
            let mut what = ToSign::bucket(Method::Get)
                .query("max-uploads", PAGE)
                .query("uploads", "");
            if let Some(prefix) = prefix {
                what = what.query("prefix", prefix);
            }
            if let Some((key, id)) = &after {
                what = what.query("key-marker", key);
                if !id.is_empty() {
                    what = what.query("upload-id-marker", id);
                }
            }
            let answer = self.client.call(&what).await?.success()?;
            let page = answers::uploads(&answer.body)?;
            // Names that are no keys are not ours.
            unfinished.extend(page.uploads.into_iter().filter_map(|upload| {
                Some(UnfinishedUpload {
                    key: ObjectKey::parse(&upload.name).ok()?,
                    store_upload_id: upload.store_upload_id,
                    started_at: upload.started_at,
                })
            }));
            if page.next.is_some() && page.next == after {
                return Err(nonsense("the same page for ever"));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(unfinished)
    }
}

/// The request's list of parts, in order.
fn joining(parts: &[CompletedPart]) -> Result<String, StorageError> {
    let mut parts: Vec<_> = parts.iter().collect();
    parts.sort_unstable_by_key(|part| part.number);
    let twice = parts
        .windows(2)
        .any(|pair| pair[0].number == pair[1].number);
    if parts.is_empty() || twice {
        return Err(StorageError::InvalidParts);
    }
    let parts: String = parts
        .iter()
        .map(|part| {
            let etag = escape(&part.etag);
            let number = part.number;
            format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>")
        })
        .collect();
    Ok(format!(
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{parts}</CompleteMultipartUpload>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u32, etag: &str) -> CompletedPart {
        CompletedPart {
            number,
            etag: etag.to_owned(),
        }
    }

    #[test]
    fn parts_are_named_in_order_and_cannot_break_out() {
        let list = joining(&[part(2, "b"), part(1, "a<&\"")]).unwrap();
        let (first, second) = (list.find("<PartNumber>1<"), list.find("<PartNumber>2<"));
        assert!(first < second && first.is_some(), "{list}");
        assert!(list.contains("\"a&lt;&amp;&quot;\""), "{list}");
    }

    #[test]
    fn no_parts_and_parts_twice_are_refused_before_the_store_is_asked() {
        assert!(joining(&[]).is_err());
        assert!(joining(&[part(1, "a"), part(1, "b")]).is_err());
    }
}
