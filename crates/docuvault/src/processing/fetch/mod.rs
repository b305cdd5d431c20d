//! Gets a document's bytes from the store, as an unnamed file on local disk, hashes them on the way, and holds them to their digest.

mod store;

use std::{fs::File, io::Write};

use docuvault_storage::{ObjectKey, StorageError};
use futures::StreamExt;
use sha2::{Digest, Sha256};

use super::store::Source;
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// As much of a file tells what it is.
const HEAD_BYTES: usize = 64 * 1024;

pub struct Fetched {
    pub file: File,
    /// How it begins.
    pub head: Vec<u8>,
    pub size_bytes: u64,
    pub sha256: [u8; 32],
}

/// The bytes of an object, at their beginning; `None` when the store has no such object.
pub async fn fetch_object(state: &AppState, object_key: &str) -> Result<Option<File>, Problem> {
    let fetched = fetch_key(state, object_key).await?;
    Ok(fetched.map(|fetched| fetched.file))
}

/// `None` when the store has no such object.
pub async fn fetch(state: &AppState, source: &Source) -> Result<Option<Fetched>, Problem> {
    fetch_key(state, &source.object_key).await
}

async fn fetch_key(state: &AppState, object_key: &str) -> Result<Option<Fetched>, Problem> {
    let key = ObjectKey::parse(object_key).map_err(Problem::internal)?;
    let mut read = match state.storage().get_stream(&key, None).await {
        Err(StorageError::NotFound) => return Ok(None),
        read => read?,
    };
    let mut head = Vec::new();
    let (mut size_bytes, mut hash) = (0, Sha256::new());
    let dir = state.config().data.dir.join("tmp");
    let mut file = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&dir)?;
        tempfile::tempfile_in(&dir)
    })
    .await
    .map_err(Problem::internal)?
    .map_err(Problem::internal)?;
    while let Some(chunk) = read.bytes.next().await {
        let chunk = chunk.map_err(Problem::storage_unavailable)?;
        size_bytes += chunk.len() as u64;
        head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - head.len())]);
        (file, hash) = tokio::task::spawn_blocking(move || {
            hash.update(&chunk);
            file.write_all(&chunk).map(|()| (file, hash))
        })
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    }
    std::io::Seek::rewind(&mut file).map_err(Problem::internal)?;
    Ok(Some(Fetched {
        file,
        head,
        size_bytes,
        sha256: hash.finalize().into(),
    }))
}

/// Whether the bytes are those that were sent, as far as anyone said what those are. If so, it is written down.
pub async fn confirm(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    source: &Source,
    fetched: &Fetched,
) -> Result<bool, Problem> {
    let known = source.sha256.as_deref();
    if fetched.size_bytes != source.size_bytes.unsigned_abs()
        || known.is_some_and(|known| known != fetched.sha256)
    {
        return Ok(false);
    }
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let noted = store::note_verified(&mut tx, id, &fetched.sha256, false).await?;
    if noted {
        tx.commit().await?;
        return Ok(true);
    }
    // Nobody had said what the bytes are, and they turn out to be another document's too: now it is a copy that is allowed.
    drop(tx);
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::note_verified(&mut tx, id, &fetched.sha256, true).await?;
    tx.commit().await?;
    Ok(true)
}
