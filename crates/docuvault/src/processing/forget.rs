//! Takes what was learned from an erased document or a deleted topic out of the user's memory: nothing of either is left behind.

use docuvault_filing::Memory;

use super::learn;
use crate::{
    db::{DocumentId, TopicId, UserTx},
    http::Problem,
};

pub async fn forget_document(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    rewrite(tx, move |memory| memory.forget(id.0)).await
}

pub async fn forget_topic(tx: &mut UserTx, id: TopicId) -> Result<(), Problem> {
    rewrite(tx, move |memory| memory.forget_topic(id.0)).await
}

/// Only a user who has taught something has a memory to rewrite.
async fn rewrite(
    tx: &mut UserTx,
    forget: impl FnOnce(&mut Memory) + Send + 'static,
) -> Result<(), Problem> {
    let Some(bytes) = learn::lock_memory(tx).await? else {
        return Ok(());
    };
    // One that cannot be read is of an older make and will be learned anew.
    let Ok(mut memory) = Memory::from_bytes(&bytes) else {
        return Ok(());
    };
    let bytes = tokio::task::spawn_blocking(move || {
        forget(&mut memory);
        memory.to_bytes()
    })
    .await
    .map_err(Problem::internal)?;
    learn::replace_memory(tx, &bytes).await
}
