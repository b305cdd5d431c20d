//! Completes an upload: looks at what is really in the store, then settles quota, document and job in one transaction. May be
//! repeated: a completed upload answers with its document.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use docuvault_jobs::{EnqueueOptions, enqueue};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    abort,
    join_parts::join_parts,
    model::SentPart,
    plan::{OpenParts, key_of},
    start, store,
};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserId, UserTx},
    documents::{Document, document},
    events,
    http::{OptionalJsonBody, PathId, Problem, etag::etag, problem::ProblemBody},
    processing::ReadDocument,
    quotas,
    storage_backends::BaseUrl,
};

/// For uploads in parts, and there only to be compared: what counts is what the store has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteUpload {
    #[serde(default)]
    parts: Vec<SentPart>,
}

/// Settles an upload whose bytes are there. A repeat answers the same.
#[utoipa::path(post, path = "/api/v1/documents/{id}/complete", operation_id = "complete_upload", tag = "uploads", params(("id" = uuid::Uuid, Path)), request_body = Option<CompleteUpload>, responses(
    (status = OK, body = Document),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`upload_incomplete`: nothing is there yet, or not all of it: `missing_parts`; `duplicate_document`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`size_mismatch`, `checksum_mismatch`: the object was removed and the room given back; `validation_failed`: the parts that were sent along are not those that are there", body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`", body = ProblemBody),
))]
pub async fn complete(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
    OptionalJsonBody(body): OptionalJsonBody<CompleteUpload>,
) -> Result<Response, Problem> {
    let id = DocumentId(id);
    let sent = body.map(|body| body.parts).unwrap_or_default();
    let mut tx = caller.begin(&state).await?;
    let upload = store::upload_of(&mut tx, id).await?;
    tx.commit().await?;
    match &*upload.state {
        "completed" => {}
        "reserved" => complete_upload(&state, caller.user(), id, &upload, &sent).await?,
        _ => return Err(Problem::not_found()),
    }
    let mut tx = caller.begin(&state).await?;
    let document = document(&state, &base, &mut tx, id).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(document.version))], Json(document)).into_response())
}

pub(super) async fn complete_upload(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    upload: &store::UploadRow,
    sent: &[SentPart],
) -> Result<(), Problem> {
    let key = key_of(upload)?;
    // No transaction is open while the store is asked.
    let found = match OpenParts::of(upload) {
        Some(open) => join_parts(state, &key, &open, sent).await?,
        None if !sent.is_empty() => return Err(not_multipart()),
        None => state.storage().stat(&key).await?.ok_or_else(incomplete)?,
    };
    let store_takes_bytes_directly = state.storage().capabilities().presigned_put;
    if upload.received_sha256.is_none() && !store_takes_bytes_directly {
        return Err(incomplete());
    }
    let sha256 = upload
        .received_sha256
        .clone()
        .or_else(|| found.sha256.map(|digest| digest.to_vec()));
    if found.size_bytes != upload.declared_bytes.unsigned_abs() {
        abort::discard(state, user, upload.id, "size_mismatch").await?;
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "size_mismatch",
            "What arrived is not as long as was said. It was removed; send the file again.",
        ));
    }
    if let (Some(declared), Some(real)) = (&upload.declared_sha256, &sha256)
        && declared != real
    {
        abort::discard(state, user, upload.id, "checksum_mismatch").await?;
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "checksum_mismatch",
            "What arrived is not what was sent. It was removed; send the file again.",
        ));
    }
    // A store that does not tell the digest leaves us with the sender's word for it.
    let sha256 = sha256.or_else(|| upload.declared_sha256.clone());
    settle(state, user, id, upload, sha256.as_deref()).await
}

async fn settle(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    upload: &store::UploadRow,
    sha256: Option<&[u8]>,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    match store::lock_upload(&mut tx, upload.id).await?.as_deref() {
        Some("reserved") => {}
        Some("completed") => return Ok(()),
        _ => {
            tx.commit().await?;
            // Given up while the store joined its parts: whoever gave it up may have looked for the object too early.
            if upload.store_upload_id.is_some() {
                state.storage().delete(&key_of(upload)?).await?;
            }
            return Err(Problem::not_found());
        }
    }
    if !store::settle_upload(&mut tx, upload.id, id, upload.declared_bytes, sha256).await? {
        drop(tx);
        abort::discard(state, user, upload.id, "duplicate").await?;
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        start::refuse_duplicate(&mut tx, sha256.unwrap_or_default()).await?;
        return Err(Problem::not_found());
    }
    let options = EnqueueOptions {
        user_id: Some(user.0),
        dedupe_key: Some(id.to_string()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &ReadDocument::new(id), options)
        .await
        .map_err(Problem::internal)?;
    audit::record(
        &mut tx,
        audit::Event::new("document.stored")
            .document(id)
            .with("size_bytes", upload.declared_bytes),
    )
    .await?;
    events::announce(&mut tx, events::Change::Document(id)).await?;
    events::announce(&mut tx, events::Change::Quota).await?;
    quotas::settle(&mut tx, upload.declared_bytes, upload.declared_bytes).await?;
    tx.commit().await?;
    Ok(())
}

fn incomplete() -> Problem {
    Problem::conflict(
        "upload_incomplete",
        "The file has not arrived yet. Send it, then complete.",
    )
}

fn not_multipart() -> Problem {
    Problem::invalid(
        "parts",
        "not_multipart",
        "This upload has no parts: it is sent as one.",
    )
}
