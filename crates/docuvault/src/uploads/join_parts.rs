//! Has the store make one object of an upload's parts. What counts is what the store says it has; what the sender says is compared.

use std::collections::{BTreeMap, BTreeSet};

use docuvault_storage::{CompletedPart, ObjectKey, ObjectStat, StorageError, StoredPart};

use super::{
    model::SentPart,
    plan::{OpenParts, stored_parts},
};
use crate::{app::AppState, http::Problem};

/// A part may be sent once more between our look at it and the joining.
const TRIES: usize = 3;

/// The object, whole at the store. Repeating it, also at the same time, changes nothing. 409 `upload_incomplete` with `missing_parts`.
pub async fn join_parts(
    state: &AppState,
    key: &ObjectKey,
    open: &OpenParts,
    sent: &[SentPart],
) -> Result<ObjectStat, Problem> {
    check_numbers(open, sent)?;
    for _ in 0..TRIES {
        let stored = match stored_parts(state, key, open).await {
            Ok(stored) => stored,
            // Joined already, or forgotten.
            Err(StorageError::NotFound) => break,
            Err(error) => return Err(error.into()),
        };
        check_etags(&stored, sent)?;
        let there: BTreeSet<u32> = stored.iter().map(|part| part.number).collect();
        let missing: Vec<u32> = (1..=open.part_count())
            .filter(|number| !there.contains(number))
            .collect();
        if !missing.is_empty() {
            return Err(incomplete(missing));
        }
        let parts: Vec<CompletedPart> = stored.into_iter().map(completed).collect();
        match state
            .storage()
            .complete_upload(key, &open.store_upload_id, &parts)
            .await
        {
            Ok(_) | Err(StorageError::NotFound) => break,
            Err(StorageError::InvalidParts) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Whatever was answered: what is there counts.
    match state.storage().stat(key).await? {
        Some(found) => Ok(found),
        None => Err(incomplete((1..=open.part_count()).collect())),
    }
}

fn completed(part: StoredPart) -> CompletedPart {
    CompletedPart {
        number: part.number,
        etag: part.etag,
    }
}

/// 422 for parts that this upload does not have, or named twice.
fn check_numbers(open: &OpenParts, sent: &[SentPart]) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for part in sent {
        if open.length_of(part.part_number).is_none() {
            return Err(Problem::invalid(
                "parts",
                "unknown_part",
                format!("This upload has the parts 1 to {}.", open.part_count()),
            ));
        }
        if !seen.insert(part.part_number) {
            return Err(Problem::invalid(
                "parts",
                "repeated_part",
                format!("Part {} is named twice.", part.part_number),
            ));
        }
    }
    Ok(())
}

/// 422 when the store has something else under a number than its sender believes.
fn check_etags(stored: &[StoredPart], sent: &[SentPart]) -> Result<(), Problem> {
    let stored: BTreeMap<u32, &str> = stored
        .iter()
        .map(|part| (part.number, &*part.etag))
        .collect();
    for part in sent {
        if stored
            .get(&part.part_number)
            .is_some_and(|etag| *etag != part.etag.trim_matches('"'))
        {
            return Err(Problem::invalid(
                "parts",
                "etag_mismatch",
                format!(
                    "Part {} is not what was sent. Send it again.",
                    part.part_number
                ),
            ));
        }
    }
    Ok(())
}

fn incomplete(missing: Vec<u32>) -> Problem {
    Problem::conflict(
        "upload_incomplete",
        "Not all parts have arrived. Send those that are missing, then complete.",
    )
    .with("missing_parts", missing)
}
