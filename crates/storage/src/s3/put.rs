//! Writing a stream: in one request, or in parts where it is too large for one.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use rusty_s3::Method;
use tokio::runtime::Handle;

use super::{
    S3, client::Client, errors::nonsense, outgoing::Outgoing, plans::part_size_for,
    signing::ToSign, stat::etag,
};
use crate::{
    ByteStream, CompletedPart, Existing, NewObject, ObjectKey, ObjectStat, StorageError, Stored,
};

/// What bytes are to a store: it must never guess.
pub(super) const BINARY: &str = "application/octet-stream";

impl S3 {
    pub(super) async fn put(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        let size_bytes = object.size_bytes;
        let part_size_bytes = part_size_for(size_bytes, self.part_size_bytes)?;
        // Stores that ignore the condition below are asked before; two writers at the same moment are then not told apart.
        if object.existing == Existing::Keep && self.head(&object.key).await?.is_some() {
            return Err(StorageError::AlreadyExists);
        }
        let outgoing = Outgoing::new(object, bytes);
        let sent = if size_bytes <= self.largest_put_bytes {
            self.put_at_once(object, &outgoing).await
        } else {
            self.put_in_parts(object, &outgoing, part_size_bytes).await
        };
        // What was wrong with the source explains what the store says about it.
        if let Some(fault) = outgoing.fault() {
            return Err(fault);
        }
        sent?;
        let sha256 = outgoing
            .proved()
            .ok_or_else(|| nonsense("a success before all bytes had come"))?;
        let stat = self.confirm(object).await?;
        Ok(Stored {
            size_bytes,
            sha256,
            etag: stat.etag,
        })
    }

    async fn put_at_once(
        &self,
        object: &NewObject,
        outgoing: &Outgoing,
    ) -> Result<(), StorageError> {
        if object.size_bytes == 0 {
            outgoing.prove_empty().await?;
        }
        let name = object.key.to_string();
        let mut what = ToSign::object(Method::Put, &name);
        let conditional = self.features().is_some_and(|found| found.if_none_match);
        if object.existing == Existing::Keep && conditional {
            what = what.header("if-none-match", "*");
        }
        self.send_body(&what, outgoing, object.size_bytes)
            .await
            .map(drop)
    }

    /// Answers the ETag.
    async fn send_body(
        &self,
        what: &ToSign<'_>,
        outgoing: &Outgoing,
        length: u64,
    ) -> Result<String, StorageError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, length.into());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(BINARY));
        let (body, _let_go) = outgoing.body(length);
        let stalled = outgoing.stalled(self.client.patience.idle);
        let response = self.client.open(what, headers, Some(body), stalled).await?;
        if response.status().is_success() {
            etag(response.headers())
        } else {
            Err(self.client.refused(response).await)
        }
    }

    async fn put_in_parts(
        &self,
        object: &NewObject,
        outgoing: &Outgoing,
        part_size_bytes: u64,
    ) -> Result<(), StorageError> {
        let upload = Unfinished {
            client: Arc::clone(&self.client),
            key: object.key.clone(),
            id: Some(self.client.open_upload(&object.key, BINARY).await?),
        };
        let sent = self
            .send_parts(object, upload.id(), outgoing, part_size_bytes)
            .await;
        let joined = match sent {
            Ok(parts) => self.join(&object.key, upload.id(), &parts).await.map(drop),
            Err(error) => Err(error),
        };
        upload.end(joined).await
    }

    async fn send_parts(
        &self,
        object: &NewObject,
        upload_id: &str,
        outgoing: &Outgoing,
        part_size_bytes: u64,
    ) -> Result<Vec<CompletedPart>, StorageError> {
        let name = object.key.to_string();
        let mut parts = Vec::new();
        let mut left = object.size_bytes;
        while left > 0 {
            let length = left.min(part_size_bytes);
            let number = parts.len() as u32 + 1;
            let what = ToSign::object(Method::Put, &name)
                .query("partNumber", number.to_string())
                .query("uploadId", upload_id);
            let etag = self.send_body(&what, outgoing, length).await?;
            parts.push(CompletedPart { number, etag });
            left -= length;
        }
        Ok(parts)
    }

    /// What the store really has now.
    async fn confirm(&self, object: &NewObject) -> Result<ObjectStat, StorageError> {
        match self.head(&object.key).await? {
            Some(stat) if stat.size_bytes == object.size_bytes => Ok(stat),
            Some(_) => Err(nonsense("an object of another length than was sent")),
            None => Err(nonsense("a success, and has nothing")),
        }
    }
}

/// An upload of our own in parts: thrown away unless it ends well, also when nobody waits for it any more.
struct Unfinished {
    client: Arc<Client>,
    key: ObjectKey,
    id: Option<String>,
}

impl Unfinished {
    fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// Passes `joined` on, and cleans up if it is a failure.
    async fn end(mut self, joined: Result<(), StorageError>) -> Result<(), StorageError> {
        if let (Err(_), Some(id)) = (&joined, &self.id) {
            throw_away(&self.client, &self.key, id).await;
        }
        self.id = None;
        joined
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), Handle::try_current()) else {
            return;
        };
        let (client, key) = (Arc::clone(&self.client), self.key.clone());
        runtime.spawn(async move { throw_away(&client, &key, &id).await });
    }
}

/// What is left behind here is found again by the sweeper.
async fn throw_away(client: &Client, key: &ObjectKey, id: &str) {
    if let Err(error) = client.abort_upload(key, id).await {
        tracing::warn!(%error, "the parts of a failed upload are left to the sweeper");
    }
}
