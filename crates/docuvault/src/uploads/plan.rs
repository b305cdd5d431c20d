//! The way of an open upload's bytes: sent as one or in parts, and how far they have come at the store.
//!
//! A store that takes parts opens an upload of its own for them. Its name for that is written down right after; what falls between the
//! two is litter at the store, which is cleared away with the upload or found by reconciling.

use std::time::Duration;

use docuvault_storage::{DirectParts, NewUpload, ObjectKey, StorageError, StoredPart};

use super::store::{self, UploadRow};
use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
    storage_backends::{BaseUrl, UploadUrl, UploadWay, begin_upload},
};

/// No URL for sending bytes is good for longer.
pub const UPLOAD_URL_LIFE: Duration = Duration::from_mins(15);

/// How the bytes of an open upload are to be sent.
pub enum Sending {
    Single(UploadUrl),
    Parts(OpenParts),
}

/// An upload in parts as the store has opened it.
#[derive(Debug, Clone)]
pub struct OpenParts {
    pub store_upload_id: String,
    pub size_bytes: u64,
    pub part_size_bytes: u64,
}

impl OpenParts {
    /// `None` for an upload that is sent as one, or not opened at the store yet.
    pub fn of(upload: &UploadRow) -> Option<Self> {
        Some(Self {
            store_upload_id: upload.store_upload_id.clone()?,
            size_bytes: upload.declared_bytes.unsigned_abs(),
            part_size_bytes: upload.part_size_bytes?.unsigned_abs().max(1),
        })
    }

    pub fn part_count(&self) -> u32 {
        u32::try_from(self.size_bytes.div_ceil(self.part_size_bytes)).unwrap_or(u32::MAX)
    }

    /// The exact length of a part; `None` for a number that this upload does not have.
    pub fn length_of(&self, number: u32) -> Option<u64> {
        let before = u64::from(number.checked_sub(1)?).checked_mul(self.part_size_bytes)?;
        let left = self
            .size_bytes
            .checked_sub(before)
            .filter(|&left| left > 0)?;
        Some(left.min(self.part_size_bytes))
    }
}

/// How far an open upload has come.
pub enum Progress {
    /// Nothing is there of what is sent as one.
    Waiting(UploadUrl),
    /// The parts that have arrived with the length they must have, by number.
    Parts(OpenParts, Vec<StoredPart>),
    /// The object is there; it only has to be completed.
    Received,
}

/// The way for an open upload. One that goes in parts is opened at the store if it is not yet.
pub async fn sending(
    state: &AppState,
    base: &BaseUrl,
    user: UserId,
    upload: &UploadRow,
) -> Result<Sending, Problem> {
    match OpenParts::of(upload) {
        Some(parts) => Ok(Sending::Parts(parts)),
        None => begin(state, base, user, upload).await,
    }
}

/// Asks the store how far an open upload has come. One in parts that the store has forgotten is opened anew: a lifecycle rule, or a
/// store that was set up again, must not be the end of it.
pub async fn progress(
    state: &AppState,
    base: &BaseUrl,
    user: UserId,
    upload: &UploadRow,
) -> Result<Progress, Problem> {
    if let Some(open) = OpenParts::of(upload) {
        match stored_parts(state, &key_of(upload)?, &open).await {
            Ok(stored) => return Ok(Progress::Parts(open, stored)),
            Err(StorageError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if is_received(state, upload).await? {
        return Ok(Progress::Received);
    }
    Ok(match begin(state, base, user, upload).await? {
        Sending::Single(url) => Progress::Waiting(url),
        Sending::Parts(open) => Progress::Parts(open, Vec::new()),
    })
}

/// The parts at the store that have the length they must have, by number.
pub async fn stored_parts(
    state: &AppState,
    key: &ObjectKey,
    open: &OpenParts,
) -> Result<Vec<StoredPart>, StorageError> {
    let mut stored = state
        .storage()
        .list_parts(key, &open.store_upload_id)
        .await?;
    stored.retain(|part| open.length_of(part.number) == Some(part.size_bytes));
    stored.sort_by_key(|part| part.number);
    stored.dedup_by_key(|part| part.number);
    Ok(stored)
}

async fn is_received(state: &AppState, upload: &UploadRow) -> Result<bool, Problem> {
    if state.storage().capabilities().presigned_put {
        Ok(state.storage().stat(&key_of(upload)?).await?.is_some())
    } else {
        Ok(upload.received_sha256.is_some())
    }
}

/// Has the store say where the bytes go, and writes down its name for an upload in parts.
async fn begin(
    state: &AppState,
    base: &BaseUrl,
    user: UserId,
    upload: &UploadRow,
) -> Result<Sending, Problem> {
    let new = NewUpload {
        key: key_of(upload)?,
        size_bytes: upload.declared_bytes.unsigned_abs(),
        content_type: "application/octet-stream".to_owned(),
        sha256: upload
            .declared_sha256
            .clone()
            .and_then(|digest| digest.try_into().ok()),
        expires_in: url_life(state, upload),
    };
    match begin_upload(state, base, upload.id.0, &new).await? {
        UploadWay::Single(url) => {
            if upload.store_upload_id.is_some() {
                note_single(state, user, upload).await?;
            }
            Ok(Sending::Single(url))
        }
        UploadWay::Parts(parts) => note_parts(state, user, upload, parts).await,
    }
}

/// 15 minutes, but never past the time the upload may take.
pub fn url_life(state: &AppState, upload: &UploadRow) -> Duration {
    Duration::try_from(upload.expires_at - state.now())
        .unwrap_or_default()
        .clamp(Duration::from_secs(1), UPLOAD_URL_LIFE)
}

async fn note_single(state: &AppState, user: UserId, upload: &UploadRow) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let known = upload.store_upload_id.as_deref();
    let noted = store::note_way(&mut tx, upload.id, known, None).await?;
    tx.commit().await?;
    if noted {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

async fn note_parts(
    state: &AppState,
    user: UserId,
    upload: &UploadRow,
    parts: DirectParts,
) -> Result<Sending, Problem> {
    let part_size_bytes = i64::try_from(parts.part_size_bytes).map_err(Problem::internal)?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let known = upload.store_upload_id.as_deref();
    let name = (&*parts.store_upload_id, part_size_bytes);
    let noted = store::note_way(&mut tx, upload.id, known, Some(name)).await?;
    let now = store::upload_by_id(&mut tx, upload.id).await?;
    tx.commit().await?;
    if !noted {
        // Another call was quicker, or the upload is over. What we opened holds nothing; should it stay, reconciling finds it.
        let key = key_of(upload)?;
        if let Err(error) = (state.storage())
            .abort_upload(&key, &parts.store_upload_id)
            .await
        {
            tracing::warn!(%error, "an upload that nobody needs stays open at the store");
        }
    }
    now.filter(|now| now.state == "reserved")
        .and_then(|now| OpenParts::of(&now))
        .map(Sending::Parts)
        .ok_or_else(Problem::not_found)
}

pub fn key_of(upload: &UploadRow) -> Result<ObjectKey, Problem> {
    ObjectKey::parse(&upload.object_key).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(size_bytes: u64, part_size_bytes: u64) -> OpenParts {
        OpenParts {
            store_upload_id: "u".to_owned(),
            size_bytes,
            part_size_bytes,
        }
    }

    #[test]
    fn parts_cover_the_file_exactly() {
        for (size, part) in [
            (1, 1),
            (1, 5),
            (5, 5),
            (6, 5),
            (10, 5),
            (5 << 30, 16 << 20),
            (999, 7),
        ] {
            let open = parts(size, part);
            let count = open.part_count();
            let lengths: Vec<u64> = (1..=count).map(|n| open.length_of(n).unwrap()).collect();
            assert_eq!(lengths.iter().sum::<u64>(), size, "{size}/{part}");
            assert!(lengths[..lengths.len() - 1].iter().all(|&l| l == part));
            assert_eq!(
                (open.length_of(0), open.length_of(count + 1)),
                (None, None),
                "{size}/{part}"
            );
        }
        assert_eq!(parts(u64::MAX, 1).length_of(u32::MAX), Some(1));
    }
}
