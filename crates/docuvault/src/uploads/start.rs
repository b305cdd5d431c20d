//! Starts an upload: holds the file to the rules, reserves room for it, and answers where to send it.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use docuvault_storage::{NewUpload, ObjectKey};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::{self, Reservation};
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, UploadId, UserTx},
    documents::{Document, check_folder, document},
    events,
    http::{
        JsonBody, Problem, QueryOf,
        etag::etag,
        idempotency::{self, IdempotencyKey},
        problem::{FieldError, ProblemBody},
    },
    storage_backends::{BaseUrl, begin_upload},
};

const MAX_FILENAME_CHARS: usize = 255;
const MAX_TITLE_CHARS: usize = 300;

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Without any folders.
    #[schema(min_length = 1, max_length = 255)]
    pub filename: String,
    /// Exactly as many bytes as will be sent.
    #[schema(minimum = 1)]
    pub size_bytes: i64,
    /// What the sender takes it for; what it is, is found by looking at it.
    pub content_type: String,
    /// Hexadecimal. Sent along, it finds duplicates before a byte is sent, and damage after.
    pub sha256: Option<String>,
    pub folder_id: Option<Uuid>,
    /// Made from the file name when left out.
    pub title: Option<String>,
    pub backend_id: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StartQuery {
    /// True: keep a second copy of bytes that the vault has already.
    #[serde(default)]
    allow_duplicate: bool,
}

#[derive(Serialize, ToSchema)]
pub struct StartedUpload {
    document: Document,
    upload: Upload,
}

#[derive(Serialize, ToSchema)]
pub struct Upload {
    id: UploadId,
    /// `single`
    strategy: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    single: SingleUpload,
}

/// One request that sends the whole file.
#[derive(Serialize, ToSchema)]
pub struct SingleUpload {
    /// `PUT`
    method: &'static str,
    url: String,
    /// To be sent exactly so.
    headers: BTreeMap<String, String>,
}

/// Reserves room for a file and answers where to send it.
#[utoipa::path(post, path = "/api/v1/documents", operation_id = "start_upload", tag = "uploads", params(StartQuery), request_body = NewDocument, responses(
    (status = CREATED, body = StartedUpload),
    (status = CONFLICT, description = "`duplicate_document`, with `existing_id` and `existing_trashed`", body = ProblemBody),
    (status = PAYLOAD_TOO_LARGE, description = "`quota_exceeded`, `file_too_large`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, body = ProblemBody),
))]
pub async fn start(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    QueryOf(query): QueryOf<StartQuery>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewDocument>,
) -> Result<Response, Problem> {
    let key = IdempotencyKey::of(&headers, &(&body, query.allow_duplicate))?;
    let file = check(&state, body)?;
    let mut tx = caller.begin(&state).await?;
    let id = start_upload(&state, &mut tx, &file, query.allow_duplicate, key.as_ref()).await?;
    let document = document(&state, &base, &mut tx, id).await?;
    let reservation = store::open_reservation(&mut tx, id).await?;
    tx.commit().await?;
    let upload = plan(&state, &base, reservation).await?;
    Ok((
        StatusCode::CREATED,
        [(header::ETAG, etag(document.version))],
        Json(StartedUpload { document, upload }),
    )
        .into_response())
}

/// A file that may be uploaded.
struct CheckedFile {
    filename: String,
    title: String,
    size_bytes: i64,
    content_type: String,
    sha256: Option<[u8; 32]>,
    folder_id: Option<Uuid>,
}

async fn start_upload(
    state: &AppState,
    tx: &mut UserTx,
    file: &CheckedFile,
    allow_duplicate: bool,
    key: Option<&IdempotencyKey>,
) -> Result<DocumentId, Problem> {
    let id = DocumentId::new();
    if let Some(earlier) = idempotency::claim(tx, key, "documents.create", id.0).await? {
        return Ok(DocumentId(earlier));
    }
    if let (Some(sha256), false) = (&file.sha256, allow_duplicate) {
        refuse_duplicate(tx, sha256).await?;
    }
    if let Some(folder) = file.folder_id {
        check_folder(tx, folder).await?;
    }
    let extension = file
        .filename
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    let key = ObjectKey::new(tx.user().0, id.0, Uuid::new_v4(), extension);
    let reserved = store::reserve(
        tx,
        &Reservation {
            upload_id: UploadId::new(),
            document_id: id,
            filename: &file.filename,
            title: &file.title,
            title_source: if file.title == title_of(&file.filename) {
                "filename"
            } else {
                "user"
            },
            content_type: &file.content_type,
            size_bytes: file.size_bytes,
            sha256: file.sha256.as_ref().map(|digest| &digest[..]),
            duplicate_allowed: allow_duplicate,
            folder_id: file.folder_id,
            object_key: &key.to_string(),
            expires_at: state.now() + state.config().limits.upload_ttl,
        },
    )
    .await?;
    if !reserved {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "quota_exceeded",
            "There is not enough room left in your vault for this file.",
        ));
    }
    events::announce(tx, events::Change::Document(id)).await?;
    Ok(id)
}

/// 409 `duplicate_document` when the vault holds these bytes.
pub(super) async fn refuse_duplicate(tx: &mut UserTx, sha256: &[u8]) -> Result<(), Problem> {
    match store::find_duplicate(tx, sha256).await? {
        None => Ok(()),
        Some((existing, trashed)) => Err(Problem::conflict(
            "duplicate_document",
            if trashed {
                "This very file is in your trash."
            } else {
                "This very file is in your vault already."
            },
        )
        .with("existing_id", existing.to_string())
        .with("existing_trashed", trashed)),
    }
}

async fn plan(
    state: &AppState,
    base: &BaseUrl,
    open: store::OpenReservation,
) -> Result<Upload, Problem> {
    let expires_in = std::time::Duration::try_from(open.expires_at - state.now())
        .unwrap_or(std::time::Duration::from_secs(1));
    let new = NewUpload {
        key: ObjectKey::parse(&open.object_key).map_err(Problem::internal)?,
        size_bytes: open.declared_bytes.unsigned_abs(),
        content_type: "application/octet-stream".to_owned(),
        sha256: open
            .declared_sha256
            .and_then(|digest| digest.try_into().ok()),
        expires_in,
    };
    let target = begin_upload(state, base, open.id.0, &new, open.expires_at).await?;
    Ok(Upload {
        id: open.id,
        strategy: "single",
        expires_at: open.expires_at,
        single: SingleUpload {
            method: "PUT",
            url: target.url,
            headers: target.headers,
        },
    })
}

fn check(state: &AppState, body: NewDocument) -> Result<CheckedFile, Problem> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: &str| {
        errors.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            detail: detail.to_owned(),
        });
    };
    let filename = body.filename.trim();
    if filename.is_empty() || filename.chars().count() > MAX_FILENAME_CHARS {
        refuse(
            "filename",
            "invalid_length",
            "A file name has 1 to 255 characters.",
        );
    } else if filename.chars().any(char::is_control)
        || filename.contains('/')
        || matches!(filename, "." | "..")
    {
        refuse(
            "filename",
            "invalid_filename",
            "A file name has no slashes and no control characters.",
        );
    }
    if body.size_bytes == 0 {
        refuse("size_bytes", "empty_file", "The file is empty.");
    } else if body.size_bytes < 0 {
        refuse(
            "size_bytes",
            "out_of_range",
            "A size is a positive number of bytes.",
        );
    }
    let sha256 = body.sha256.as_deref().map(parse_sha256);
    if matches!(sha256, Some(None)) {
        refuse(
            "sha256",
            "invalid",
            "A SHA-256 digest has 64 hexadecimal digits.",
        );
    }
    if body.content_type.len() > 200
        || !body
            .content_type
            .bytes()
            .all(|byte| (0x20..0x7f).contains(&byte))
    {
        refuse(
            "content_type",
            "invalid",
            "A content type such as application/pdf.",
        );
    }
    if body.backend_id.is_some() {
        refuse(
            "backend_id",
            "not_found",
            "There is no such storage backend.",
        );
    }
    let title = body
        .title
        .as_deref()
        .map_or_else(|| title_of(filename), |title| title.trim().to_owned());
    if title.is_empty()
        || title.chars().count() > MAX_TITLE_CHARS
        || title.chars().any(char::is_control)
    {
        refuse(
            "title",
            "invalid_length",
            "A title has 1 to 300 characters.",
        );
    }
    if !errors.is_empty() {
        return Err(Problem::invalid_fields(errors));
    }
    if body.size_bytes > state.config().limits.max_file_bytes {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "file_too_large",
            "The file is larger than this vault takes.",
        )
        .with("max_bytes", state.config().limits.max_file_bytes));
    }
    Ok(CheckedFile {
        filename: filename.to_owned(),
        title,
        size_bytes: body.size_bytes,
        content_type: if body.content_type.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            body.content_type
        },
        sha256: sha256.flatten(),
        folder_id: body.folder_id,
    })
}

fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

/// A file name as a title: without its extension, unless nothing else would be left.
fn title_of(filename: &str) -> String {
    match filename.rsplit_once('.') {
        Some((stem, _)) if !stem.trim().is_empty() => stem.trim().to_owned(),
        _ => filename.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_come_from_names() {
        assert_eq!(title_of("Rechnung März.pdf"), "Rechnung März");
        assert_eq!(title_of(".env"), ".env");
        assert_eq!(title_of("archive.tar.gz"), "archive.tar");
    }

    #[test]
    fn digests_are_sixty_four_hexadecimal_digits() {
        assert_eq!(parse_sha256(&"0f".repeat(32)), Some([15; 32]));
        for bad in [
            String::new(),
            "0f".repeat(31),
            "0g".repeat(32),
            "é".repeat(32),
        ] {
            assert_eq!(parse_sha256(&bad), None);
        }
    }
}
