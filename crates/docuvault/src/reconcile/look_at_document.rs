//! Looks at one document that seems to lack its bytes, and settles what is so.

use docuvault_storage::{ObjectKey, StorageBackend, StorageError};

use super::{
    store::{self, Finding, Row},
    tell_owner::{Loss, report_found, report_loss},
};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// The length of an object; `None` where there is none. A key that no store could have is as good as none.
pub(super) async fn length_of(
    storage: &dyn StorageBackend,
    key: &str,
) -> Result<Option<i64>, StorageError> {
    let Ok(key) = ObjectKey::parse(key) else {
        return Ok(None);
    };
    let stat = storage.stat(&key).await?;
    Ok(stat.map(|stat| stat.size_bytes.cast_signed()))
}

/// Asks the row, then the store, then the row once more: only if it still wants the same bytes does it count that they are not there, because
/// whoever erases a document says so in the row before touching the bytes.
pub(super) async fn look_at_document(
    state: &AppState,
    user: UserId,
    id: DocumentId,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let before = store::lock_document(&mut tx, id).await?;
    tx.commit().await?;
    let Some(before) = before else {
        return Ok(());
    };
    let length = length_of(state.storage(), &before.object_key).await?;
    let thumbnail = match &before.thumbnail_key {
        Some(key) => Some((key, length_of(state.storage(), key).await?)),
        None => None,
    };

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(row) = store::lock_document(&mut tx, id).await? else {
        return Ok(());
    };
    if row.object_key == before.object_key && row.size_bytes == before.size_bytes {
        settle(state, &mut tx, id, &row, length).await?;
    }
    if let Some((key, length)) = thumbnail
        && row.thumbnail_key.as_ref() == Some(key)
    {
        settle_thumbnail(state, &mut tx, id, key, length).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn settle(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    row: &Row,
    length: Option<i64>,
) -> Result<(), Problem> {
    match length {
        None => report_loss(state, tx, id, row, Loss::Missing, row.size_bytes).await,
        Some(length) if length != row.size_bytes => {
            report_loss(state, tx, id, row, Loss::WrongSize, length).await
        }
        Some(_) => {
            let forgotten =
                store::forget_findings(tx, &row.object_key, &["missing", "wrong_size"]).await?;
            let is_missing = row.storage_problem.as_deref() == Some("missing");
            // Other damage is not seen by the length: reading found it, and only reading can say that it is over.
            if is_missing || (forgotten > 0 && row.storage_problem.is_some()) {
                report_found(tx, id).await?;
            }
            Ok(())
        }
    }
}

/// A thumbnail can be made again: it is found amiss, and no more.
async fn settle_thumbnail(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    key: &str,
    length: Option<i64>,
) -> Result<(), Problem> {
    if length.is_some() {
        return store::forget_findings(tx, key, &["missing"])
            .await
            .map(drop);
    }
    let finding = Finding {
        kind: "missing",
        document: id,
        object_key: key,
        size_bytes: 0,
    };
    store::note_finding(tx, &finding, state.now()).await
}
