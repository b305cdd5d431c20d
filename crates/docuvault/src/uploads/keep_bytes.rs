//! Makes a document of bytes that the vault has already: of what was attached to a message, or of what was made of a scan. The promise
//! and its settling are those of every upload; only the way of the bytes to the store is short.

use bytes::Bytes;
use docuvault_storage::{Existing, NewObject};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::{
    abort,
    check::{NewDocument, check},
    complete::complete_upload,
    plan::key_of,
    start::promise,
    store,
};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// Where a document comes from that no one sent.
#[derive(Debug, Clone, Copy)]
pub enum MadeOf {
    /// It was attached to this message.
    Message(DocumentId),
    /// It is the searchable copy of this scan.
    Scan(DocumentId),
}

/// Keeps `bytes` as a document that knows what it was made of. Bytes that the vault holds already stay the one document they are, so this
/// may be repeated. Answers why they are not kept, if so: `quota_exceeded` where there is no room, `kept_in_trash` where they are there.
/// An error is worth another try.
pub async fn keep_bytes(
    state: &AppState,
    user: UserId,
    new: NewDocument,
    bytes: Bytes,
    made_of: MadeOf,
) -> Result<Option<&'static str>, Problem> {
    match keep(state, user, new, bytes, made_of).await {
        Ok(()) => Ok(None),
        // The same bytes came by another way at this very moment.
        Err(refused) if refused.code == "duplicate_document" => Ok(None),
        Err(refused) if refused.status.is_client_error() && refused.code != "too_many_uploads" => {
            Ok(Some(refused.code))
        }
        Err(failed) => Err(failed),
    }
}

async fn keep(
    state: &AppState,
    user: UserId,
    new: NewDocument,
    bytes: Bytes,
    made_of: MadeOf,
) -> Result<(), Problem> {
    let mut file = check(state, new)?;
    let sha256: [u8; 32] = Sha256::digest(&bytes).into();
    file.sha256 = Some(sha256);

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if let Some((known, is_trashed)) = store::find_duplicate(&mut tx, &sha256).await? {
        store::note_origin(&mut tx, known, made_of).await?;
        tx.commit().await?;
        return if is_trashed {
            Err(Problem::conflict(
                "kept_in_trash",
                "This document is in your trash. Restore it from there.",
            ))
        } else {
            Ok(())
        };
    }
    let id = DocumentId::new();
    let reserved = promise(state, &mut tx, id, &file, false).await?;
    store::note_origin(&mut tx, id, made_of).await?;
    tx.commit().await.map_err(store::refusal)?;

    let upload = reserved.upload;
    let object = NewObject {
        key: key_of(&upload)?,
        size_bytes: bytes.len() as u64,
        expected_sha256: Some(sha256),
        existing: Existing::Keep,
    };
    let stored = state
        .storage()
        .put_stream(&object, stream::iter([Ok(bytes)]).boxed());
    if let Err(error) = stored.await {
        abort::discard(state, user, upload.id, "not_stored").await?;
        return Err(error.into());
    }
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::mark_received(&mut tx, upload.id, &sha256).await?;
    let upload = store::upload_of(&mut tx, id).await?;
    tx.commit().await?;
    complete_upload(state, user, id, &upload, &[]).await
}
