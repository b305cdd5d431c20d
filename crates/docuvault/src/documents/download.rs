//! A URL for a document's bytes: good for one minute, made after asking once more whether the caller may.

use axum::{Json, extract::State};
use docuvault_storage::{Disposition, DownloadAs, ObjectKey};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::AppState,
    audit,
    auth::Caller,
    http::{PathId, Problem, QueryOf, problem::ProblemBody},
    storage_backends::{BaseUrl, download_url},
};

const URL_LIFE: Duration = Duration::seconds(60);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// `inline` to show it (types that are safe to show), `attachment` (the default) to save it.
    #[param(value_type = Option<String>)]
    disposition: Option<Disposition>,
}

#[derive(Serialize, ToSchema)]
pub struct Download {
    /// Honours `Range`.
    url: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    filename: String,
    content_type: String,
    size_bytes: i64,
}

/// A short-lived URL of the file.
#[utoipa::path(get, path = "/api/v1/documents/{id}/download", operation_id = "download_document", tag = "documents", params(("id" = uuid::Uuid, Path), DownloadQuery), responses(
    (status = OK, body = Download),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`upload_incomplete`, `file_missing`", body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`", body = ProblemBody),
))]
pub async fn download(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
    QueryOf(query): QueryOf<DownloadQuery>,
) -> Result<Json<Download>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let file = sqlx::query!(
        "SELECT state, object_key, filename, content_type, size_bytes FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id,
        caller.user().0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)?;
    if file.state == "reserved" {
        return Err(Problem::conflict(
            "upload_incomplete",
            "The file has not arrived yet.",
        ));
    }
    audit::record(
        &mut tx,
        audit::Event::new("document.downloaded").document(crate::db::DocumentId(id)),
    )
    .await?;
    tx.commit().await?;

    let shown = DownloadAs {
        disposition: query.disposition.unwrap_or(Disposition::Attachment),
        file_name: file.filename.clone(),
        content_type: file.content_type.clone(),
    };
    refuse_if_gone(&state, &file.object_key).await?;
    let link = download_url(
        &state,
        &base,
        &file.object_key,
        shown,
        state.now() + URL_LIFE,
    )
    .await?;
    Ok(Json(Download {
        url: link.url,
        expires_at: link.expires_at,
        filename: file.filename,
        content_type: file.content_type,
        size_bytes: file.size_bytes,
    }))
}

/// A store that is fetched from directly answers in its own words when it is down or has lost the file. We say it in ours, beforehand.
async fn refuse_if_gone(state: &AppState, object_key: &str) -> Result<(), Problem> {
    if !state.storage().capabilities().presigned_get {
        return Ok(());
    }
    let key = ObjectKey::parse(object_key).map_err(Problem::internal)?;
    match state.storage().stat(&key).await? {
        Some(_) => Ok(()),
        None => Err(Problem::conflict(
            "file_missing",
            "The store does not have this file. Tell whoever runs the vault.",
        )),
    }
}
