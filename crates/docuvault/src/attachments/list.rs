//! Shows which documents came with a message.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    db::DocumentId,
    documents::{Document, documents_by_id},
    http::{PathId, Problem, problem::ProblemBody},
    storage_backends::BaseUrl,
};

#[derive(Serialize, ToSchema)]
pub struct KeptAttachments {
    /// Documents that came with the message, by name. Those in the trash are not among them.
    items: Vec<Document>,
    /// Why not all of them were kept when it was tried last, such as `quota_exceeded`, `too_much_attached` or `nothing_attached`.
    problem: Option<String>,
}

/// The documents that were attached to a message and kept.
#[utoipa::path(get, path = "/api/v1/documents/{id}/attachments", operation_id = "list_attachments", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = KeptAttachments), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Json<KeptAttachments>, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let problem = store::problem(&mut tx, id).await?;
    let ids: Vec<Uuid> = store::kept(&mut tx, id).await?;
    let mut items = documents_by_id(&state, &base, &mut tx, &ids).await?;
    tx.commit().await?;
    items.sort_by_cached_key(|document| document.filename.to_lowercase());
    Ok(Json(KeptAttachments { items, problem }))
}
