//! The two ways of comparing, a page at a time: the store's objects with the rows that should name them, and the documents with the
//! objects that should be there. Memory holds one page.

use std::time::Duration;

use docuvault_storage::{ListScope, ListedObject, StorageBackend, StorageError};
use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::{
    look_at_document::{length_of, look_at_document},
    runs::{Counted, Page},
    store::{self, Expected},
};
use crate::{app::AppState, http::Problem};

const OBJECTS_AT_ONCE: usize = 1000;
const DOCUMENTS_AT_ONCE: i32 = 200;
/// Questions that the store gets at once.
const QUESTIONS_AT_ONCE: usize = 8;
/// Younger objects may belong to something that is still under way in another process.
pub(super) const SETTLED_AFTER: Duration = Duration::from_hours(24);
/// Before the second look at what seems to be missing, for stores that need a moment to agree with themselves.
const SECOND_LOOK_AFTER: Duration = Duration::from_secs(1);

/// Lists some of the store's objects and notes those that no row names.
pub(super) async fn objects_page(state: &AppState, reached: Option<&str>) -> Result<Page, Problem> {
    let listed = state
        .storage()
        .list(ListScope::All, reached, OBJECTS_AT_ONCE)
        .await;
    let listed = match listed {
        Err(StorageError::InvalidKey(_) | StorageError::NotFound) if reached.is_some() => {
            return Ok(Page {
                counted: Counted::default(),
                reached: None,
                from_the_start: true,
            });
        }
        listed => listed?,
    };
    let known =
        store::known_objects(state, listed.objects.iter().map(|object| &object.key)).await?;
    let settled_before = state.now() - SETTLED_AFTER;
    let unknown: Vec<&ListedObject> = listed
        .objects
        .iter()
        .filter(|object| object.modified_at < settled_before)
        .filter(|object| !known.contains(&object.key.to_string()))
        .collect();
    let orphans = those_still_there(state, unknown).await?;
    store::note_orphans(state, &orphans).await?;
    let counted = Counted {
        objects: count(listed.objects.len()),
        bytes: total(&listed.objects),
        orphans: count(orphans.len()),
        orphan_bytes: total(&orphans),
        ..Counted::default()
    };
    Ok(Page::of(counted, listed.next_cursor))
}

/// Without what was erased between the listing and the question to the tables: there the row goes last.
async fn those_still_there(
    state: &AppState,
    objects: Vec<&ListedObject>,
) -> Result<Vec<ListedObject>, StorageError> {
    let storage = state.storage();
    stream::iter(objects.into_iter().cloned())
        .map(|object| async move {
            let stat = storage.stat(&object.key).await?;
            Ok::<_, StorageError>(stat.map(|_| object))
        })
        .buffered(QUESTIONS_AT_ONCE)
        .try_filter_map(|object| std::future::ready(Ok(object)))
        .try_collect()
        .await
}

/// Asks the store for the objects of some documents, in the order of their ids.
pub(super) async fn documents_page(
    state: &AppState,
    reached: Option<&str>,
) -> Result<Page, Problem> {
    let after = reached
        .and_then(|reached| reached.parse().ok())
        .unwrap_or(Uuid::nil());
    let expected = store::documents_after(state, after, DOCUMENTS_AT_ONCE).await?;
    let last = expected.last().map(|document| document.id.to_string());
    let storage = state.storage();
    let suspects: Vec<(Expected, bool)> = stream::iter(expected)
        .map(|document| async move {
            let is_there = is_as_expected(storage, &document).await?;
            Ok::<_, StorageError>(
                (!is_there || document.is_suspect).then_some((document, is_there)),
            )
        })
        .buffered(QUESTIONS_AT_ONCE)
        .try_filter_map(|suspect| std::future::ready(Ok(suspect)))
        .try_collect()
        .await?;
    if suspects.iter().any(|(_, is_there)| !is_there) {
        tokio::time::sleep(SECOND_LOOK_AFTER).await;
    }
    for (document, _) in suspects {
        look_at_document(state, document.user, document.id).await?;
    }
    Ok(Page::of(Counted::default(), last))
}

async fn is_as_expected(
    storage: &dyn StorageBackend,
    document: &Expected,
) -> Result<bool, StorageError> {
    if length_of(storage, &document.object_key).await? != Some(document.size_bytes) {
        return Ok(false);
    }
    match &document.thumbnail_key {
        Some(key) => Ok(length_of(storage, key).await?.is_some()),
        None => Ok(true),
    }
}

fn count(objects: usize) -> i64 {
    i64::try_from(objects).unwrap_or(i64::MAX)
}

fn total(objects: &[ListedObject]) -> i64 {
    objects
        .iter()
        .map(|object| object.size_bytes.cast_signed())
        .sum()
}
