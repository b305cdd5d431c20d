//! Takes the bytes of one upload: exactly as many as were promised, once.

use std::{io, time::Duration};

use axum::{body::Body, extract::State};
use docuvault_storage::{
    Existing, NewObject, ObjectKey, StorageError,
    gateway::{GatewayTicket, PutTicket},
};
use futures::StreamExt;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use super::{TicketText, bad_ticket, read_ticket};
use crate::{
    app::AppState,
    db::{UploadId, UserId, UserTx},
    http::Problem,
    uploads::{self, Awaited},
};

/// A sender who is silent for so long has gone away.
const IDLE_LIMIT: Duration = Duration::from_mins(1);

/// `PUT /gateway/v1/{ticket}`: 201 once the bytes are durable. An interrupted transfer may be repeated until the ticket expires;
/// after one that came through, the ticket is spent.
pub async fn receive(
    State(state): State<AppState>,
    TicketText(token): TicketText,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let GatewayTicket::Put(ticket) = read_ticket(&state, &token)? else {
        return Err(bad_ticket());
    };
    check_length(&headers, ticket.size_bytes)?;
    match awaits_bytes(&state, &ticket).await? {
        Awaited::Yes => {}
        Awaited::Received => return Err(already_uploaded()),
        Awaited::Gone => return Err(upload_gone()),
    }
    let sha256 = store_bytes(&state, &ticket, body).await?;

    let mut tx = UserTx::on_behalf_of(state.db(), owner(&ticket.key)).await?;
    let noted = uploads::mark_received(&mut tx, UploadId(ticket.upload_id), &sha256).await?;
    tx.commit().await?;
    if !noted {
        if awaits_bytes(&state, &ticket).await? == Awaited::Received {
            // The same bytes came another way and were completed meanwhile: the object is a document's.
            return Err(already_uploaded());
        }
        // Cancelled or swept while the bytes were on their way.
        state.storage().delete(&ticket.key).await?;
        return Err(upload_gone());
    }
    Ok(StatusCode::CREATED)
}

async fn store_bytes(
    state: &AppState,
    ticket: &PutTicket,
    body: Body,
) -> Result<[u8; 32], Problem> {
    let object = NewObject {
        key: ticket.key.clone(),
        size_bytes: ticket.size_bytes,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    let bytes = tokio_stream::StreamExt::timeout(body.into_data_stream(), IDLE_LIMIT)
        .map(|chunk| match chunk {
            Ok(chunk) => chunk.map_err(io::Error::other),
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        })
        .boxed();
    match state.storage().put_stream(&object, bytes).await {
        Ok(stored) => Ok(stored.sha256),
        // All of it came before, but we were stopped before we could note it.
        Err(StorageError::AlreadyExists) => hash_of_stored(state, ticket).await,
        Err(StorageError::SizeMismatch { .. }) => Err(size_mismatch()),
        Err(StorageError::SourceFailed(_)) => Err(Problem::bad_request(
            "body_incomplete",
            "The transfer was cut off. Send the file again.",
        )),
        Err(error) => Err(error.into()),
    }
}

/// The digest of an object that is there, provided that no other transfer has noted its own.
async fn hash_of_stored(state: &AppState, ticket: &PutTicket) -> Result<[u8; 32], Problem> {
    if awaits_bytes(state, ticket).await? != Awaited::Yes {
        return Err(already_uploaded());
    }
    let mut read = state.storage().get_stream(&ticket.key, None).await?;
    let mut hash = Sha256::new();
    while let Some(chunk) = read.bytes.next().await {
        hash.update(chunk.map_err(Problem::storage_unavailable)?);
    }
    Ok(hash.finalize().into())
}

async fn awaits_bytes(state: &AppState, ticket: &PutTicket) -> Result<Awaited, Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), owner(&ticket.key)).await?;
    let awaited = uploads::awaited(&mut tx, UploadId(ticket.upload_id)).await?;
    tx.commit().await?;
    Ok(awaited)
}

/// The ticket is ours, so its key says for whom it was made.
fn owner(key: &ObjectKey) -> UserId {
    UserId(key.user_id())
}

/// A length that is known to be wrong is refused before the first byte.
fn check_length(headers: &HeaderMap, size_bytes: u64) -> Result<(), Problem> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    if length.is_some_and(|length| length != size_bytes) {
        Err(size_mismatch())
    } else {
        Ok(())
    }
}

fn size_mismatch() -> Problem {
    Problem::bad_request(
        "size_mismatch",
        "This is not as long as was said when the upload was started. Nothing was kept.",
    )
}

fn already_uploaded() -> Problem {
    Problem::conflict(
        "already_uploaded",
        "The file is here already. Complete the upload.",
    )
}

fn upload_gone() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "upload_gone",
        "This upload is over. Start a new one.",
    )
}
