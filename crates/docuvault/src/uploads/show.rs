//! How an upload stands: what has arrived, and where to go on. For a sender who was interrupted.

use axum::{Json, extract::State};

use super::{
    model::{PartsOfUpload, SingleUpload, Strategy, UploadProgress, UploadState},
    plan::{OpenParts, Progress, progress},
    store::{self, UploadRow},
};
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, Entry},
    http::{PathId, Problem, problem::ProblemBody},
    storage_backends::BaseUrl,
};

/// How an upload stands.
#[utoipa::path(get, path = "/api/v1/documents/{id}/upload", operation_id = "show_upload", tag = "uploads", params(("id" = uuid::Uuid, Path)), responses(
    (status = OK, body = UploadProgress),
    (status = NOT_FOUND, body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`", body = ProblemBody),
))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Json<UploadProgress>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let upload = store::upload_of(&mut tx, DocumentId(id)).await?;
    let may_send = !matches!(
        tx.entry(),
        Entry::ApiToken {
            can_write: false,
            ..
        }
    );
    tx.commit().await?;
    let mut shown = match &*upload.state {
        "completed" => shown(&upload, UploadState::Completed),
        "reserved" => match progress(&state, &base, caller.user(), &upload).await? {
            Progress::Received => shown(&upload, UploadState::Received),
            Progress::Waiting(url) => UploadProgress {
                single: Some(SingleUpload::from(url)),
                ..shown(&upload, UploadState::Waiting)
            },
            Progress::Parts(open, stored) => UploadProgress {
                strategy: Strategy::Multipart,
                multipart: Some(parts_of(&open)),
                parts: stored.into_iter().map(Into::into).collect(),
                ..shown(&upload, UploadState::Waiting)
            },
        },
        _ => return Err(Problem::not_found()),
    };
    // An address to send to is worth as much as the right to write; and none is given out past the end.
    shown.single = shown
        .single
        .filter(|_| may_send && upload.expires_at > state.now());
    Ok(Json(shown))
}

fn shown(upload: &UploadRow, state: UploadState) -> UploadProgress {
    UploadProgress {
        id: upload.id,
        strategy: Strategy::of_name(&upload.strategy),
        state,
        size_bytes: upload.declared_bytes,
        sha256: upload.declared_sha256.as_deref().map(hex::encode),
        expires_at: upload.expires_at,
        single: None,
        multipart: OpenParts::of(upload).as_ref().map(parts_of),
        parts: Vec::new(),
    }
}

fn parts_of(open: &OpenParts) -> PartsOfUpload {
    PartsOfUpload {
        part_size_bytes: open.part_size_bytes,
        part_count: open.part_count(),
    }
}
