//! Starts an upload: holds the file to the rules, reserves room for it, and answers where to send it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use docuvault_storage::ObjectKey;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    check::{CheckedFile, NewDocument, check, title_of},
    model::{MultipartUpload, Strategy, Upload},
    parts::part_urls,
    plan::{Sending, sending},
    store::{self, Reservation, UploadRow},
    upload_completed,
};
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, UploadId, UserId, UserTx},
    documents::{Document, NewlyReserved, Owner, check_folder, document},
    events,
    http::{
        JsonBody, Problem, QueryOf,
        etag::etag,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
    quotas,
    storage_backends::BaseUrl,
};

/// What an Idempotency-Key is claimed for.
const OPERATION: &str = "documents.create";

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

/// Reserves room for a file and answers where to send it.
#[utoipa::path(post, path = "/api/v1/documents", operation_id = "start_upload", tag = "uploads", params(StartQuery), request_body = NewDocument, responses(
    (status = CREATED, body = StartedUpload),
    (status = CONFLICT, description = "`duplicate_document`, with `existing_id` and `existing_trashed`", body = ProblemBody),
    (status = PAYLOAD_TOO_LARGE, description = "`quota_exceeded`, `file_too_large`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_uploads`", body = ProblemBody),
    (status = SERVICE_UNAVAILABLE, description = "`storage_unavailable`: nothing was reserved", body = ProblemBody),
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
    if state.storage().capabilities().presigned_put {
        // Such a store is not spoken to by us when a client sends to it: ask now, rather than promise what cannot be kept.
        state.storage().check().await?;
    }
    let copy = query.allow_duplicate;
    let reserved = reserve(&state, &base, &caller, &file, copy, key.as_ref()).await?;
    let upload = match open_at_store(&state, &base, caller.user(), &reserved.upload).await {
        Err(problem) if reserved.is_new => {
            withdraw(&state, caller.user(), &reserved, key.as_ref()).await?;
            return Err(problem);
        }
        opened => opened?,
    };
    let document = reserved.document;
    Ok((
        StatusCode::CREATED,
        [(header::ETAG, etag(document.version))],
        Json(StartedUpload { document, upload }),
    )
        .into_response())
}

/// A document whose room is reserved.
pub(super) struct Reserved {
    document: Document,
    pub(super) upload: UploadRow,
    /// False when an earlier request with the same key has reserved it.
    is_new: bool,
}

/// The whole reservation, in one transaction; its commit takes the room.
async fn reserve(
    state: &AppState,
    base: &BaseUrl,
    caller: &Caller,
    file: &CheckedFile,
    allow_duplicate: bool,
    key: Option<&IdempotencyKey>,
) -> Result<Reserved, Problem> {
    let id = DocumentId::new();
    let mut tx = caller.begin(state).await?;
    if let Some(earlier) = idempotency::claim(&mut tx, key, OPERATION, id.0).await? {
        let earlier = DocumentId(earlier);
        let upload = store::upload_of(&mut tx, earlier).await?;
        let document = document(state, base, &mut tx, earlier).await?;
        tx.commit().await?;
        return Ok(Reserved {
            document,
            upload,
            is_new: false,
        });
    }
    if let (Some(sha256), false) = (&file.sha256, allow_duplicate) {
        refuse_duplicate(&mut tx, sha256).await?;
    }
    if let Some(folder) = file.folder_id {
        check_folder(&mut tx, folder).await?;
    }
    let reserved = promise(state, &mut tx, id, file, allow_duplicate).await?;
    tx.commit().await.map_err(store::refusal)?;
    Ok(reserved)
}

pub(super) async fn promise(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    file: &CheckedFile,
    duplicate_allowed: bool,
) -> Result<Reserved, Problem> {
    let extension = file
        .filename
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    let key = ObjectKey::new(tx.user().0, id.0, Uuid::new_v4(), extension);
    let reservation = Reservation {
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
        duplicate_allowed,
        folder_id: file.folder_id,
        object_key: &key.to_string(),
        expires_at: state.now() + state.config().limits.upload_ttl,
    };
    let row = store::reserve(tx, &reservation).await?;
    Ok(Reserved {
        document: newly_reserved(tx.user(), &reservation, row),
        upload: UploadRow::of(&reservation),
        is_new: true,
    })
}

fn newly_reserved(user: UserId, what: &Reservation<'_>, row: store::Reserved) -> Document {
    Document::reserved(NewlyReserved {
        id: what.document_id,
        title: what.title,
        filename: what.filename,
        content_type: what.content_type,
        size_bytes: what.size_bytes,
        folder_id: what.folder_id,
        owner: Owner {
            id: user,
            display_name: row.owner_name,
        },
        created_at: row.created_at,
    })
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

/// The reservation stands; where its bytes go is for the store to say.
async fn open_at_store(
    state: &AppState,
    base: &BaseUrl,
    user: UserId,
    upload: &UploadRow,
) -> Result<Upload, Problem> {
    match &*upload.state {
        "reserved" => {}
        "completed" => return Err(upload_completed()),
        _ => return Err(Problem::not_found()),
    }
    Ok(match sending(state, base, user, upload).await? {
        Sending::Single(url) => Upload {
            id: upload.id,
            strategy: Strategy::Single,
            expires_at: url.expires_at,
            single: Some(url.into()),
            multipart: None,
        },
        Sending::Parts(open) => {
            let urls = part_urls(state, upload, &open, 1..=open.part_count()).await?;
            Upload {
                id: upload.id,
                strategy: Strategy::Multipart,
                expires_at: urls.expires_at,
                single: None,
                multipart: Some(MultipartUpload {
                    part_size_bytes: urls.part_size_bytes,
                    parts: urls.parts,
                }),
            }
        }
    })
}

/// Takes a reservation back of which no client has heard: the store could not be asked where its bytes would go.
async fn withdraw(
    state: &AppState,
    user: UserId,
    reserved: &Reserved,
    key: Option<&IdempotencyKey>,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if let Some(reserved_bytes) = store::withdraw(&mut tx, reserved.upload.id).await? {
        idempotency::give_back(&mut tx, key, OPERATION).await?;
        events::announce(&mut tx, events::Change::Document(reserved.document.id)).await?;
        quotas::release_reserved(&mut tx, reserved_bytes).await?;
    }
    tx.commit().await?;
    Ok(())
}
