//! What must hold whatever happened: I1 to I5 of the design, checked against rows, files and what the clients know.

use std::collections::{HashMap, HashSet};

use docuvault_storage::{ListScope, ObjectKey, StorageBackend};
use futures::StreamExt;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::uploader::{Plan, Upload};

/// Fails with everything that is wrong.
pub async fn assert_hold(
    database: &mut PgConnection,
    store: &dyn StorageBackend,
    uploads: &[Upload],
) {
    let mut wrong = Vec::new();
    quota_is_what_is_there(database, &mut wrong).await;
    objects_and_rows_agree(database, store, &mut wrong).await;
    every_document_is_told_of_once(database, uploads, &mut wrong).await;
    nothing_is_stuck(database, &mut wrong).await;
    clients_were_not_lied_to(database, store, uploads, &mut wrong).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// I1: what is used is the sum of what lives, and nothing is promised any more.
async fn quota_is_what_is_there(database: &mut PgConnection, wrong: &mut Vec<String>) {
    let row = sqlx::query("SELECT used_bytes, reserved_bytes, (SELECT coalesce(sum(size_bytes), 0)::bigint FROM documents) AS living FROM quotas")
        .fetch_one(database)
        .await
        .unwrap();
    let [used, reserved, living] = [0, 1, 2].map(|column| row.get::<i64, _>(column));
    if used != living || reserved != 0 {
        wrong.push(format!(
            "I1: used {used}, living {living}, reserved {reserved}"
        ));
    }
}

/// I2 and I3: no object without its row, no document without its object.
async fn objects_and_rows_agree(
    database: &mut PgConnection,
    store: &dyn StorageBackend,
    wrong: &mut Vec<String>,
) {
    let mut found: HashMap<String, u64> = objects(store).await;
    let rows = sqlx::query("SELECT id, state, object_key, size_bytes, thumbnail_key, thumbnail_at IS NOT NULL FROM documents").fetch_all(database).await.unwrap();
    for row in rows {
        let (id, state, key, size_bytes): (Uuid, String, String, i64) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        if !["ready", "failed"].contains(&state.as_str()) {
            wrong.push(format!("I3: document {id} is still {state}"));
        }
        if found.remove(&key) != Some(size_bytes.unsigned_abs()) {
            wrong.push(format!(
                "I3: document {id} is {state}, but its object is not there or not whole"
            ));
        }
        let (thumbnail, stored): (Option<String>, bool) = (row.get(4), row.get(5));
        if thumbnail.is_some_and(|key| found.remove(&key).is_none() && stored) {
            wrong.push(format!("I3: the thumbnail of document {id} is not there"));
        }
    }
    wrong.extend(
        found
            .into_keys()
            .map(|key| format!("I2: object {key} belongs to no document")),
    );
}

async fn objects(store: &dyn StorageBackend) -> HashMap<String, u64> {
    let mut found = HashMap::new();
    let mut cursor = None;
    loop {
        let page = store
            .list(ListScope::All, cursor.as_deref(), 500)
            .await
            .unwrap();
        found.extend(
            page.objects
                .into_iter()
                .map(|object| (object.key.to_string(), object.size_bytes)),
        );
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

/// I4: the trail has each ending once, and each upload that was given up or kept stands in it.
async fn every_document_is_told_of_once(
    database: &mut PgConnection,
    uploads: &[Upload],
    wrong: &mut Vec<String>,
) {
    let rows = sqlx::query("SELECT (metadata ->> 'document_id')::uuid, action, count(*) FROM audit_log WHERE metadata ? 'document_id' GROUP BY 1, 2")
        .fetch_all(database)
        .await
        .unwrap();
    let told: HashMap<(Uuid, String), i64> = rows
        .into_iter()
        .map(|row| ((row.get(0), row.get(1)), row.get(2)))
        .collect();
    for upload in uploads {
        let times = |action: &str| {
            told.get(&(upload.document, action.to_owned()))
                .copied()
                .unwrap_or_default()
        };
        let (stored, erased, discarded) = (
            times("document.stored"),
            times("document.erased"),
            times("upload.discarded"),
        );
        let expected = match upload.plan {
            Plan::Keep => (1, 0, 0),
            Plan::Erase => (1, 1, 0),
            Plan::Reserve | Plan::SendHalf | Plan::Send | Plan::Abort => (0, 0, 1),
        };
        if (stored, erased, discarded) != expected {
            wrong.push(format!(
                "I4: {:?} {}: stored {stored}, erased {erased}, discarded {discarded} times",
                upload.plan, upload.document
            ));
        }
    }
    let known: HashSet<Uuid> = uploads.iter().map(|upload| upload.document).collect();
    let strangers: HashSet<Uuid> = told
        .into_keys()
        .map(|(document, _)| document)
        .filter(|document| !known.contains(document))
        .collect();
    wrong.extend(
        strangers
            .into_iter()
            .map(|document| format!("I4: document {document} was made by no client")),
    );
}

/// I5: no job waits, runs or was given up, and no upload is open.
async fn nothing_is_stuck(database: &mut PgConnection, wrong: &mut Vec<String>) {
    // The sweep comes by the clock and may be running as we look.
    let jobs: Vec<String> = sqlx::query_scalar("SELECT concat_ws(' ', 'job', kind, state, last_error) FROM jobs WHERE kind <> 'sweep' OR state = 'dead'").fetch_all(&mut *database).await.unwrap();
    let uploads: Vec<String> =
        sqlx::query_scalar("SELECT 'upload ' || state FROM uploads WHERE state <> 'completed'")
            .fetch_all(database)
            .await
            .unwrap();
    wrong.extend(
        jobs.into_iter()
            .chain(uploads)
            .map(|what| format!("I5: {what}")),
    );
}

/// What a client was told is stored is there, byte by byte; nothing else is.
async fn clients_were_not_lied_to(
    database: &mut PgConnection,
    store: &dyn StorageBackend,
    uploads: &[Upload],
    wrong: &mut Vec<String>,
) {
    let rows = sqlx::query("SELECT id, object_key FROM documents")
        .fetch_all(database)
        .await
        .unwrap();
    let mut keys: HashMap<Uuid, String> = rows
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    for upload in uploads {
        match (keys.remove(&upload.document), upload.plan) {
            (Some(key), Plan::Keep) => {
                if read(store, &key).await.as_deref() != Some(&upload.bytes[..]) {
                    wrong.push(format!(
                        "the bytes of {} are not those that were sent",
                        upload.document
                    ));
                }
            }
            (None, Plan::Keep) => wrong.push(format!("{} is lost", upload.document)),
            (Some(_), plan) => wrong.push(format!("{} is still there: {plan:?}", upload.document)),
            (None, _) => {}
        }
    }
    wrong.extend(
        keys.into_keys()
            .map(|document| format!("{document} was asked for by no client")),
    );
}

async fn read(store: &dyn StorageBackend, key: &str) -> Option<Vec<u8>> {
    let mut read = store
        .get_stream(&ObjectKey::parse(key).unwrap(), None)
        .await
        .ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = read.bytes.next().await {
        bytes.extend_from_slice(&chunk.ok()?);
    }
    Some(bytes)
}
