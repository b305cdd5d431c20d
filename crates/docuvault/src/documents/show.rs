//! Shows one document.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;

use super::{Document, document};
use crate::{
    app::AppState,
    auth::Caller,
    db::DocumentId,
    http::{PathId, Problem, etag::etag, problem::ProblemBody},
    storage_backends::BaseUrl,
};

/// One document. Its `ETag` can be sent back as `If-Match` when changing it.
#[utoipa::path(get, path = "/api/v1/documents/{id}", operation_id = "show_document", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = Document), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Response, Problem> {
    let mut tx = caller.begin(&state).await?;
    let document = document(&state, &base, &mut tx, DocumentId(id)).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(document.version))], Json(document)).into_response())
}
