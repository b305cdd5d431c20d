//! Shows the searchable copy of a scan, or whether there can be one.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

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
pub struct SearchableCopy {
    /// The newest one that is not in the trash.
    document: Option<Document>,
    /// Whether one can be made: text was recognised in pictures of this document.
    can_be_made: bool,
    /// Why none was made when it was tried last, such as `quota_exceeded` or `nothing_recognised`, or not of all pages: `ocr_incomplete`.
    problem: Option<String>,
}

/// The searchable copy of a scan, and whether one can be made.
#[utoipa::path(get, path = "/api/v1/documents/{id}/searchable-copy", operation_id = "get_searchable_copy", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = SearchableCopy), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Json<SearchableCopy>, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let scan = store::scan(&mut tx, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let copy = store::newest_copy(&mut tx, id).await?;
    let documents = documents_by_id(&state, &base, &mut tx, copy.as_slice()).await?;
    tx.commit().await?;
    Ok(Json(SearchableCopy {
        document: documents.into_iter().next(),
        can_be_made: scan.is_read() && scan.has_recognised_text,
        problem: scan.problem,
    }))
}
