//! The job that files a document anew from what was read of it. Nothing is read again.

use docuvault_jobs::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};

use super::{keep, propose, store};
use crate::{
    app::AppState,
    audit,
    db::{DocumentId, UserId, UserTx},
    events,
    http::Problem,
    search,
};

/// Files one document that was read before.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileDocument {
    pub document_id: DocumentId,
    /// By the user just now: then their provider is asked even where new documents are not sent to it.
    #[serde(default)]
    pub by_request: bool,
}

impl docuvault_jobs::Job for FileDocument {
    const KIND: &'static str = "file_document";
}

/// Queues the filing of a document.
pub async fn file_soon(tx: &mut UserTx, id: DocumentId, by_request: bool) -> Result<(), Problem> {
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        ..EnqueueOptions::default()
    };
    let job = FileDocument {
        document_id: id,
        by_request,
    };
    enqueue(tx.conn(), &job, options)
        .await
        .map_err(Problem::internal)?;
    Ok(())
}

/// Does nothing for a document that is being read: it is filed at the end of that.
pub async fn file_document_again(
    state: &AppState,
    user: UserId,
    job: FileDocument,
) -> Result<(), Problem> {
    let id = job.document_id;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(text) = store::stored_paper(&mut tx, id).await? else {
        return Ok(());
    };
    tx.commit().await?;
    let filed = propose(state, user, id, text, job.by_request).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if !store::lock_ready(&mut tx, id).await? {
        return Ok(());
    }
    keep(&mut tx, id, &filed).await?;
    search::index_document(&mut tx, id).await?;
    audit::record(&mut tx, audit::Event::new("document.filed").document(id)).await?;
    events::announce(&mut tx, events::Change::Document(id)).await?;
    events::announce(&mut tx, events::Change::TopicCounts).await?;
    tx.commit().await?;
    Ok(())
}
