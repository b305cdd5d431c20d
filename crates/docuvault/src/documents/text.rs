//! What was read of a document, page by page.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    auth::Caller,
    http::{PathId, Problem, problem::ProblemBody},
};

#[derive(Serialize, ToSchema)]
pub struct DocumentText {
    pages: Vec<Page>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DocumentPage)]
pub struct Page {
    /// From 1. Pages without text are left out.
    number: i32,
    text: String,
    /// `text`, or `ocr` when it was recognised in a picture.
    source: String,
}

/// The extracted text.
#[utoipa::path(get, path = "/api/v1/documents/{id}/text", operation_id = "document_text", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = DocumentText), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn text(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<DocumentText>, Problem> {
    let mut tx = caller.begin(&state).await?;
    sqlx::query_scalar!(
        "SELECT id FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id,
        caller.user().0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)?;
    let pages = sqlx::query_as!(Page, "SELECT number, text, source FROM document_pages WHERE document_id = $1 AND user_id = $2 ORDER BY number", id, caller.user().0)
        .fetch_all(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(Json(DocumentText { pages }))
}
