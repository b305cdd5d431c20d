//! Erases everything of a user whose account goes.

use super::{erase::erase_for_owner, store};
use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
    uploads,
};

/// Every document and every upload under way, bytes first. May be repeated: what is gone already is not looked for again.
pub async fn erase_all(state: &AppState, user: UserId) -> Result<(), Problem> {
    loop {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let batch = store::some_documents(&mut tx).await?;
        tx.commit().await?;
        if batch.is_empty() {
            return Ok(());
        }
        for document in batch {
            if document.state == "reserved" {
                uploads::abort_upload(state, user, document.id).await?;
            } else {
                erase_for_owner(state, user, document.id).await?;
            }
        }
    }
}
