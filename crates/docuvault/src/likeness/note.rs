//! Keeps the digest of each document's text.

use super::{simhash::simhash, store};
use crate::{
    app::AppState,
    db::{DocumentId, UserTx},
    http::Problem,
};

/// Documents that one sweep looks at.
const AT_ONCE: i32 = 200;

/// Called when a document's text is kept.
pub async fn note_likeness(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let text = store::text(tx, id).await?;
    store::note(tx, id, simhash(&text)).await
}

/// For documents that were read before digests were kept.
pub async fn note_all_likeness(state: &AppState) -> Result<(), Problem> {
    for (id, user) in store::due(state.db(), AT_ONCE).await? {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        note_likeness(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(())
}
