//! Takes a document out of the trash.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;

use super::{Document, document, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::DocumentId,
    events,
    http::{PathId, Problem, etag::etag, problem::ProblemBody},
    storage_backends::BaseUrl,
};

/// Restores a document from the trash. One that is not there is answered as it is.
#[utoipa::path(post, path = "/api/v1/documents/{id}/restore", operation_id = "restore_document", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = Document), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn restore(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Response, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    store::lock_version(&mut tx, id).await?;
    if store::restore(&mut tx, id).await? {
        audit::record(&mut tx, audit::Event::new("document.restored").document(id)).await?;
        events::announce(&mut tx, events::Change::Document(id)).await?;
    }
    let document = document(&state, &base, &mut tx, id).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(document.version))], Json(document)).into_response())
}
