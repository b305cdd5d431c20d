//! Removes orphans whose time is over: a week after they were first seen, and only if they still are orphans at that moment.

use docuvault_storage::{ListScope, ObjectKey};

use super::{
    compare::SETTLED_AFTER,
    runs::{Counted, Page},
    store::{self, begin_as_system},
};
use crate::{app::AppState, audit, http::Problem};

const AT_ONCE: i64 = 100;
/// A document has a handful of objects; more than these are not looked through for the one that is sought.
const OF_ONE_DOCUMENT: usize = 1000;

pub(super) async fn remove_page(state: &AppState, reached: Option<&str>) -> Result<Page, Problem> {
    let due = store::orphans_due(state, reached.unwrap_or_default(), AT_ONCE).await?;
    let mut counted = Counted::default();
    for text in &due {
        let Ok(key) = ObjectKey::parse(text) else {
            continue;
        };
        if remove(state, &key).await? {
            counted.removed += 1;
        }
    }
    Ok(Page::of(counted, due.last().cloned()))
}

/// Answers whether it was removed. What a row names now, or is young again, is an orphan no more.
async fn remove(state: &AppState, key: &ObjectKey) -> Result<bool, Problem> {
    let scope = ListScope::Document {
        user_id: key.user_id(),
        document_id: key.document_id(),
    };
    let listed = state.storage().list(scope, None, OF_ONE_DOCUMENT).await?;
    let settled_before = state.now() - SETTLED_AFTER;
    let found = listed
        .objects
        .into_iter()
        .find(|object| object.key == *key && object.modified_at < settled_before);
    let is_known = !store::known_objects(state, std::iter::once(key))
        .await?
        .is_empty();
    let removed = found.filter(|_| !is_known);
    if removed.is_some() {
        state.storage().delete(key).await?;
    }
    let mut tx = begin_as_system(state).await?;
    let text = key.to_string();
    store::forget_orphan(&mut tx, &text).await?;
    if let Some(object) = &removed {
        let event = audit::Event::new("storage.object_removed")
            .with("object_key", text.as_str())
            .with("size_bytes", object.size_bytes);
        audit::record(&mut tx, event).await?;
        tracing::info!(key = text, "removed an object that no row names");
    }
    tx.commit().await?;
    Ok(removed.is_some())
}
