//! Stores the picture of a document's first page. Its key is written down before the object exists, so none is ever lost sight of.

use bytes::Bytes;
use docuvault_extract::Thumbnail;
use docuvault_storage::{Existing, NewObject, ObjectKey};
use futures::{StreamExt, stream};
use uuid::Uuid;

use super::store;
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

pub async fn store_thumbnail(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    thumbnail: Thumbnail,
) -> Result<(), Problem> {
    let extension = if thumbnail.content_type == "image/webp" {
        "webp"
    } else {
        "jpg"
    };
    let wanted = ObjectKey::new(user.0, id.0, Uuid::new_v4(), extension);
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    // A repeat of the job writes over what the attempt before it left.
    let Some(key) = store::thumbnail_key(&mut tx, id, &wanted.to_string()).await? else {
        return Ok(());
    };
    tx.commit().await?;

    let object = NewObject {
        key: ObjectKey::parse(&key).map_err(Problem::internal)?,
        size_bytes: thumbnail.bytes.len() as u64,
        expected_sha256: None,
        existing: Existing::Replace,
    };
    state
        .storage()
        .put_stream(
            &object,
            stream::iter([Ok(Bytes::from(thumbnail.bytes))]).boxed(),
        )
        .await?;

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let noted = store::note_thumbnail(&mut tx, id).await?;
    tx.commit().await?;
    if !noted {
        // Erased meanwhile.
        state.storage().delete(&object.key).await?;
    }
    Ok(())
}
