//! Fresh addresses for the parts of an upload: those of the start are good for minutes, a large file takes hours.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use docuvault_storage::{PartToUpload, StorageError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{PartUrl, PartUrls},
    plan::{OpenParts, Progress, key_of, progress, url_life},
    store::{self, UploadRow},
    upload_completed,
};
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, UserId},
    http::{JsonBody, PathId, Problem, problem::ProblemBody},
    storage_backends::BaseUrl,
};

const MAX_AT_ONCE: usize = 1000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedParts {
    /// From 1.
    #[schema(min_items = 1, max_items = 1000)]
    part_numbers: Vec<u32>,
}

/// Answers where to send parts, as often as it is asked.
#[utoipa::path(post, path = "/api/v1/documents/{id}/upload/parts", operation_id = "renew_upload_parts", tag = "uploads", params(("id" = uuid::Uuid, Path)), request_body = WantedParts, responses(
    (status = OK, body = PartUrls),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`not_multipart`, `upload_completed`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`", body = ProblemBody),
))]
pub async fn parts(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
    JsonBody(body): JsonBody<WantedParts>,
) -> Result<Json<PartUrls>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let upload = store::upload_of(&mut tx, DocumentId(id)).await?;
    tx.commit().await?;
    let open = open_parts(&state, &base, caller.user(), &upload).await?;
    let numbers = check_numbers(&open, &body.part_numbers)?;
    Ok(Json(part_urls(&state, &upload, &open, numbers).await?))
}

/// The upload at the store that parts can be sent to.
async fn open_parts(
    state: &AppState,
    base: &BaseUrl,
    user: UserId,
    upload: &UploadRow,
) -> Result<OpenParts, Problem> {
    match &*upload.state {
        "completed" => return Err(upload_completed()),
        "reserved" if upload.expires_at > state.now() => {}
        _ => return Err(Problem::not_found()),
    }
    match progress(state, base, user, upload).await? {
        Progress::Parts(open, _) => Ok(open),
        Progress::Received if upload.strategy == "multipart" => Err(upload_completed()),
        Progress::Received | Progress::Waiting(_) => Err(Problem::conflict(
            "not_multipart",
            "This upload has no parts: it is sent as one.",
        )),
    }
}

/// Each number once, in order.
fn check_numbers(open: &OpenParts, wanted: &[u32]) -> Result<BTreeSet<u32>, Problem> {
    if wanted.is_empty() || wanted.len() > MAX_AT_ONCE {
        return Err(Problem::invalid(
            "part_numbers",
            "invalid_length",
            "Ask for 1 to 1000 parts at a time.",
        ));
    }
    if wanted
        .iter()
        .any(|&number| open.length_of(number).is_none())
    {
        return Err(Problem::invalid(
            "part_numbers",
            "unknown_part",
            format!("This upload has the parts 1 to {}.", open.part_count()),
        ));
    }
    Ok(wanted.iter().copied().collect())
}

/// Signed addresses for these parts, all of which the upload has.
pub async fn part_urls(
    state: &AppState,
    upload: &UploadRow,
    open: &OpenParts,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<PartUrls, Problem> {
    let key = key_of(upload)?;
    let life = url_life(state, upload);
    let mut urls = PartUrls {
        expires_at: state.now() + life,
        part_size_bytes: open.part_size_bytes,
        parts: Vec::new(),
    };
    for number in numbers {
        let size_bytes = open
            .length_of(number)
            .ok_or_else(|| Problem::internal(StorageError::InvalidParts))?;
        let part = PartToUpload { number, size_bytes };
        let signed = state
            .storage()
            .part_url(&key, &open.store_upload_id, part, life)
            .await?;
        urls.parts.push(PartUrl {
            part_number: number,
            url: signed.url.expose().to_owned(),
            size_bytes,
        });
    }
    Ok(urls)
}
