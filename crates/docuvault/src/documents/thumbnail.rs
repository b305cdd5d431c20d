//! A URL for the picture of a document's first page.

use axum::{Json, extract::State};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::query::{thumbnail_expiry, thumbnail_key};
use crate::{
    app::AppState,
    auth::Caller,
    db::DocumentId,
    http::{PathId, Problem, problem::ProblemBody},
    storage_backends::{BaseUrl, download_url, thumbnail_as},
};

#[derive(Serialize, ToSchema)]
pub struct ThumbnailUrl {
    url: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// A short-lived URL of the document's picture: WebP or JPEG.
#[utoipa::path(get, path = "/api/v1/documents/{id}/thumbnail", operation_id = "document_thumbnail", tag = "documents", params(("id" = uuid::Uuid, Path)), responses(
    (status = OK, body = ThumbnailUrl),
    (status = NOT_FOUND, description = "`not_found`; `no_thumbnail` where none could be drawn, or not yet", body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`", body = ProblemBody),
))]
pub async fn thumbnail(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Json<ThumbnailUrl>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let key = thumbnail_key(&mut tx, DocumentId(id)).await?;
    tx.commit().await?;
    let expires_at = thumbnail_expiry(state.now());
    let link = download_url(&state, &base, &key, thumbnail_as(&key), expires_at).await?;
    Ok(Json(ThumbnailUrl {
        url: link.url,
        expires_at: link.expires_at,
    }))
}
