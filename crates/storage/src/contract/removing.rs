//! Promises about `delete` and `list`.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Outcome, Store, ensure, ensure_refused, sample};
use crate::{ListScope, ObjectKey, StorageError};

pub(super) async fn delete_removes_and_may_be_repeated(store: Store) -> Outcome {
    let key = sample::key();
    store.delete(&key).await?;
    sample::put(&store, &key, b"here").await?;
    store.delete(&key).await?;
    ensure(
        store.stat(&key).await?.is_none(),
        "a deleted object is still there",
    )?;
    store.delete(&key).await?;
    sample::put(&store, &key, b"again").await?;
    ensure(
        sample::get(&store, &key, None).await? == b"again",
        "a key could not be used again",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn delete_spares_its_neighbours(store: Store) -> Outcome {
    let (user, document) = (Uuid::new_v4(), Uuid::new_v4());
    let gone = sample::key_of(user, document);
    let other_extension = ObjectKey::new(user, document, gone.object_id(), "txt");
    let neighbours = [
        other_extension,
        sample::key_of(user, document),
        sample::key_of(user, Uuid::new_v4()),
    ];
    for key in neighbours.iter().chain([&gone]) {
        sample::put(&store, key, b"x").await?;
    }
    store.delete(&gone).await?;
    for key in &neighbours {
        ensure(
            store.stat(key).await?.is_some(),
            "delete took a neighbour along",
        )?;
        store.delete(key).await?;
    }
    Ok(())
}

pub(super) async fn a_listing_is_complete_and_paged(store: Store) -> Outcome {
    let (user, document) = (Uuid::new_v4(), Uuid::new_v4());
    let mut keys: BTreeSet<ObjectKey> = (0..5).map(|_| sample::key_of(user, document)).collect();
    let of_document = keys.clone();
    keys.extend((0..6).map(|_| sample::key_of(user, Uuid::new_v4())));
    let stranger = sample::key();
    for key in keys.iter().chain([&stranger]) {
        sample::put(&store, key, key.to_string().as_bytes()).await?;
    }
    for limit in [1, 2, 3, 100] {
        lists_exactly(&store, ListScope::User(user), limit, &keys).await?;
        let scope = ListScope::Document {
            user_id: user,
            document_id: document,
        };
        lists_exactly(&store, scope, limit, &of_document).await?;
    }
    lists_exactly(
        &store,
        ListScope::User(Uuid::new_v4()),
        10,
        &BTreeSet::new(),
    )
    .await?;
    for key in keys.iter().chain([&stranger]) {
        store.delete(key).await?;
    }
    lists_exactly(&store, ListScope::User(user), 10, &BTreeSet::new()).await
}

async fn lists_exactly(
    store: &Store,
    scope: ListScope,
    limit: usize,
    keys: &BTreeSet<ObjectKey>,
) -> Outcome {
    let (mut listed, mut count, mut cursor) = (BTreeSet::new(), 0, None);
    loop {
        let page = store.list(scope, cursor.as_deref(), limit).await?;
        ensure(
            page.objects.len() <= limit,
            "a page is longer than asked for",
        )?;
        for object in page.objects {
            let size = object.key.to_string().len() as u64;
            ensure(object.size_bytes == size, "a listing says a wrong size")?;
            count += 1;
            listed.insert(object.key);
        }
        ensure(
            count <= keys.len(),
            format!("{count} objects were listed, {} are there", keys.len()),
        )?;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    ensure(
        listed == *keys,
        format!(
            "{} objects were listed, {} are there",
            listed.len(),
            keys.len()
        ),
    )
}

pub(super) async fn a_foreign_cursor_is_refused(store: Store) -> Outcome {
    for cursor in ["../../etc", "\0", ""] {
        let page = store
            .list(ListScope::User(Uuid::new_v4()), Some(cursor), 10)
            .await;
        ensure_refused(
            page,
            |error| matches!(error, StorageError::InvalidKey(_)),
            "a foreign cursor",
        )?;
    }
    Ok(())
}
