//! Promises about uploads in parts that clients send to the store themselves.

use futures::future::{join_all, try_join_all};

use super::{
    Broken, Outcome, Store,
    client::Client,
    direct::{EXPIRES_IN, upload_of},
    ensure, ensure_refused, in_full, sample,
};
use crate::{
    CompletedPart, DirectParts, ObjectKey, PartToUpload, SignedUpload, StorageError, UploadPlan,
};

/// So large that it is sent in parts everywhere.
const LARGE: usize = 300 * 1024 * 1024;

/// An upload of three parts, opened at the store.
struct Upload {
    store: Store,
    client: Client,
    key: ObjectKey,
    bytes: Vec<u8>,
    id: String,
    part_size: usize,
}

impl Upload {
    async fn open(store: &Store) -> Result<Self, Broken> {
        let key = sample::key();
        let planned = in_parts(store, &key, LARGE).await?;
        store.abort_upload(&key, &planned.store_upload_id).await?;
        let part_size = planned.part_size_bytes as usize;
        let bytes = sample::bytes(2 * part_size + 7);
        let opened = in_parts(store, &key, bytes.len()).await?;
        ensure(
            opened.part_count == 3,
            format!("{} parts instead of 3", opened.part_count),
        )?;
        Ok(Self {
            store: store.clone(),
            client: Client::new()?,
            key,
            bytes,
            id: opened.store_upload_id,
            part_size,
        })
    }

    fn part(&self, number: u32) -> &[u8] {
        let from = (number as usize - 1) * self.part_size;
        &self.bytes[from..self.bytes.len().min(from + self.part_size)]
    }

    async fn url(&self, number: u32) -> Result<SignedUpload, StorageError> {
        let part = PartToUpload {
            number,
            size_bytes: self.part(number).len() as u64,
        };
        self.store
            .part_url(&self.key, &self.id, part, EXPIRES_IN)
            .await
    }

    async fn send(&self, number: u32) -> Result<CompletedPart, Broken> {
        let url = self.url(number).await?;
        let reply = self.client.put(&url, self.part(number)).await?;
        let etag = reply.arrived("a part")?.etag()?;
        Ok(CompletedPart { number, etag })
    }

    async fn send_all(&self) -> Result<Vec<CompletedPart>, Broken> {
        try_join_all([3, 1, 2].map(|number| self.send(number))).await
    }

    async fn complete(&self, parts: &[CompletedPart]) -> Result<crate::ObjectStat, StorageError> {
        self.store.complete_upload(&self.key, &self.id, parts).await
    }

    async fn is_not_there(&self) -> Outcome {
        ensure(
            self.store.stat(&self.key).await?.is_none(),
            "an object of some of its parts is visible",
        )
    }

    async fn is_whole(&self) -> Outcome {
        ensure(
            sample::get(&self.store, &self.key, None).await? == self.bytes,
            "the parts came back in another order, or changed",
        )
    }

    async fn clean_up(&self) -> Outcome {
        let aborted = self.store.abort_upload(&self.key, &self.id).await;
        self.store.delete(&self.key).await?;
        Ok(aborted?)
    }
}

async fn in_parts(store: &Store, key: &ObjectKey, size: usize) -> Result<DirectParts, Broken> {
    match store.begin_upload(&upload_of(key, size)).await? {
        UploadPlan::DirectParts(parts) => Ok(parts),
        other => Err(Broken::Promise(format!(
            "{size} bytes were planned as {other:?}"
        ))),
    }
}

pub(super) async fn parts_arrive_in_any_order(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let parts = upload.send_all().await?;
    upload.is_not_there().await?;
    let stat = upload.complete(&parts).await?;
    ensure(
        stat.size_bytes == upload.bytes.len() as u64,
        "the joined object has another size",
    )?;
    upload.is_whole().await?;
    Ok(store.delete(&upload.key).await?)
}

pub(super) async fn an_object_of_one_part_can_be_sent(store: Store) -> Outcome {
    let (key, client) = (sample::key(), Client::new()?);
    let bytes = sample::bytes(1000);
    // What small objects are planned as is the driver's affair; a store must take a single small part either way.
    let opened = in_parts(&store, &key, LARGE).await?;
    let part = PartToUpload {
        number: 1,
        size_bytes: 1000,
    };
    let url = store
        .part_url(&key, &opened.store_upload_id, part, EXPIRES_IN)
        .await?;
    let etag = client.put(&url, &bytes).await?.arrived("a part")?.etag()?;
    let part = CompletedPart { number: 1, etag };
    store
        .complete_upload(&key, &opened.store_upload_id, &[part])
        .await?;
    ensure(
        sample::get(&store, &key, None).await? == bytes,
        "an object of one part came back changed",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_listing_of_parts_is_the_truth(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let third = upload.send(3).await?;
    upload.send(1).await?;
    let again = upload.send(1).await?;
    let listed = store.list_parts(&upload.key, &upload.id).await?;
    let numbers: Vec<_> = listed
        .iter()
        .map(|part| (part.number, part.size_bytes))
        .collect();
    let wanted = [1, 3].map(|number| (number, upload.part(number).len() as u64));
    ensure(
        numbers == wanted,
        format!("parts were listed as {numbers:?}"),
    )?;
    ensure(
        listed[0].etag == again.etag && listed[1].etag == third.etag,
        "a part is listed with another ETag than it was answered with",
    )?;
    upload.clean_up().await
}

pub(super) async fn a_missing_part_is_not_made_up(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let mut parts = vec![upload.send(1).await?, upload.send(3).await?];
    parts.push(CompletedPart {
        number: 2,
        etag: parts[0].etag.clone(),
    });
    let completed = upload.complete(&parts).await;
    ensure_refused(
        completed,
        |error| matches!(error, StorageError::InvalidParts),
        "a part that was never sent",
    )?;
    upload.is_not_there().await?;
    upload.clean_up().await
}

pub(super) async fn a_part_with_another_etag_is_refused(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let mut parts = upload.send_all().await?;
    parts[0] = CompletedPart {
        number: parts[0].number,
        etag: "0123456789abcdef0123456789abcdef".to_owned(),
    };
    let completed = upload.complete(&parts).await;
    ensure_refused(
        completed,
        |error| matches!(error, StorageError::InvalidParts),
        "a part with another ETag",
    )?;
    upload.is_not_there().await?;
    upload.clean_up().await
}

pub(super) async fn completing_twice_answers_the_same(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let parts = upload.send_all().await?;
    let first = upload.complete(&parts).await?;
    let again = join_all((0..4).map(|_| upload.complete(&parts))).await;
    for stat in again {
        ensure(stat? == first, "completing again answered something else")?;
    }
    upload.is_whole().await?;
    Ok(store.delete(&upload.key).await?)
}

pub(super) async fn completing_at_once_makes_one_object(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let parts = upload.send_all().await?;
    let completed = join_all((0..4).map(|_| upload.complete(&parts))).await;
    ensure(
        completed.iter().any(Result::is_ok),
        "of several completions none succeeded",
    )?;
    ensure_all_temporary(completed)?;
    upload.complete(&parts).await?;
    upload.is_whole().await?;
    Ok(store.delete(&upload.key).await?)
}

/// Those that lost the race may say so, as long as they do not say that the upload is lost.
fn ensure_all_temporary(completed: Vec<Result<crate::ObjectStat, StorageError>>) -> Outcome {
    for error in completed.into_iter().filter_map(Result::err) {
        ensure(
            error.is_temporary(),
            format!(
                "one of several completions was refused for good: {}",
                in_full(&error)
            ),
        )?;
    }
    Ok(())
}

pub(super) async fn an_aborted_upload_is_gone(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let parts = vec![upload.send(1).await?];
    let url = upload.url(2).await?;
    store.abort_upload(&upload.key, &upload.id).await?;
    ensure_not_found(
        store.list_parts(&upload.key, &upload.id).await,
        "listing the parts of an aborted upload",
    )?;
    ensure_not_found(
        upload.complete(&parts).await,
        "completing an aborted upload",
    )?;
    let reply = upload.client.put(&url, upload.part(2)).await?;
    reply.refused("a part of an aborted upload")?;
    upload.is_not_there().await?;
    store.abort_upload(&upload.key, &upload.id).await?;
    ensure(
        store.unfinished_uploads_of(&upload.key).await?.is_empty(),
        "an aborted upload is still listed",
    )
}

fn ensure_not_found<T>(result: Result<T, StorageError>, what: &str) -> Outcome {
    ensure_refused(
        result,
        |error| matches!(error, StorageError::NotFound),
        what,
    )
}

pub(super) async fn an_upload_belongs_to_its_key(store: Store) -> Outcome {
    let (upload, other) = (Upload::open(&store).await?, sample::key());
    let parts = upload.send_all().await?;
    let part = PartToUpload {
        number: 1,
        size_bytes: upload.part(1).len() as u64,
    };
    let url = store.part_url(&other, &upload.id, part, EXPIRES_IN).await?;
    let reply = upload.client.put(&url, upload.part(1)).await?;
    reply.refused("a part for another's upload")?;
    ensure_not_found(
        store.list_parts(&other, &upload.id).await,
        "listing another's parts",
    )?;
    ensure_not_found(
        store.complete_upload(&other, &upload.id, &parts).await,
        "completing another's upload",
    )?;
    ensure(
        store.stat(&other).await?.is_none(),
        "another's parts have become an object",
    )?;
    let _ = store.abort_upload(&other, &upload.id).await;
    upload.complete(&parts).await?;
    upload.is_whole().await?;
    Ok(store.delete(&upload.key).await?)
}

pub(super) async fn after_completion_part_urls_are_dead(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let parts = upload.send_all().await?;
    let first = upload.complete(&parts).await?;
    let url = upload.url(1).await?;
    let mut changed = upload.part(1).to_vec();
    changed[0] ^= 1;
    let reply = upload.client.put(&url, &changed).await?;
    reply.refused("a part after completion")?;
    ensure(
        upload.complete(&parts).await? == first,
        "a part sent after completion has changed the object",
    )?;
    upload.is_whole().await?;
    Ok(store.delete(&upload.key).await?)
}

pub(super) async fn an_unfinished_upload_is_found_by_its_key(store: Store) -> Outcome {
    let upload = Upload::open(&store).await?;
    let found = store.unfinished_uploads_of(&upload.key).await?;
    let ids: Vec<_> = found.iter().map(|found| &found.store_upload_id).collect();
    ensure(
        ids == [&upload.id],
        format!("{} unfinished uploads of a key with one", ids.len()),
    )?;
    upload.clean_up().await
}

pub(super) async fn all_unfinished_uploads_are_found(store: Store) -> Outcome {
    let uploads = [Upload::open(&store).await?, Upload::open(&store).await?];
    let found = store.list_unfinished_uploads().await?;
    for upload in &uploads {
        let is_listed = found
            .iter()
            .any(|found| found.key == upload.key && found.store_upload_id == upload.id);
        upload.clean_up().await?;
        ensure(is_listed, "an unfinished upload is not listed")?;
    }
    Ok(())
}
