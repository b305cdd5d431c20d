//! Gives up uploads in parts that the store still holds and that belong to no open upload of ours: what a crash between the two left.

use docuvault_storage::{StorageError, UnfinishedUpload};

use super::{
    compare::SETTLED_AFTER,
    runs::{Counted, Page},
    store,
};
use crate::{app::AppState, http::Problem};

const AT_ONCE: usize = 500;

/// All of them: stores hand them out at once, and there are few. Repeating it does no harm.
pub(super) async fn give_up_page(state: &AppState, _: Option<&str>) -> Result<Page, Problem> {
    let unfinished = match state.storage().list_unfinished_uploads().await {
        Err(StorageError::Unsupported(_)) => Vec::new(),
        unfinished => unfinished?,
    };
    let settled_before = state.now() - SETTLED_AFTER;
    let old: Vec<UnfinishedUpload> = unfinished
        .into_iter()
        .filter(|upload| upload.started_at < settled_before)
        .collect();
    let mut counted = Counted::default();
    for some in old.chunks(AT_ONCE) {
        let open = store::open_uploads(state, some).await?;
        for upload in some {
            let key = upload.key.to_string();
            // A row without the store's id may be about to get it, or is swept soon, with all that the store has under its key.
            let belongs = open.iter().any(|(open_key, id)| {
                *open_key == key && id.as_ref().is_none_or(|id| *id == upload.store_upload_id)
            });
            if !belongs {
                state
                    .storage()
                    .abort_upload(&upload.key, &upload.store_upload_id)
                    .await?;
                counted.unfinished_uploads += 1;
            }
        }
    }
    Ok(Page::of(counted, None))
}
