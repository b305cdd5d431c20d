//! The store: how much lies there, what the last comparison with the tables has found, and another one on request. Keys hold ids and no
//! names.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::refusal;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    db::UserTx,
    http::{
        Problem, QueryOf,
        paging::{Page, page_limit},
        problem::ProblemBody,
    },
    reconcile::{RunReport, request_reconcile},
};

const CURSOR: &str = "admin.storage.findings";

#[derive(Serialize, ToSchema)]
pub struct Storage {
    kind: StoreKind,
    documents: i64,
    bytes: i64,
    /// The newest one; `null` before the first.
    last_run: Option<RunReport>,
    /// Or waiting for its turn, or for the store.
    is_running: bool,
    checked: Checked,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    LocalDisk,
    S3,
}

/// How far the bytes of documents have been compared with their digests.
#[derive(Serialize, ToSchema)]
pub struct Checked {
    documents_verified: i64,
    documents_unverified: i64,
    #[serde(with = "time::serde::rfc3339::option")]
    oldest_verified_at: Option<OffsetDateTime>,
}

/// What lies in the store, and what the last comparison has found.
#[utoipa::path(get, path = "/api/v1/admin/storage", operation_id = "admin_show_storage", tag = "admin", responses(
    (status = OK, body = Storage),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn show_storage(
    State(state): State<AppState>,
    caller: AdminCaller,
) -> Result<Json<Storage>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let mut storage = totals(&mut tx).await?;
    storage.last_run = last_run(&mut tx).await?;
    tx.commit().await?;
    if state.config().s3.is_some() {
        storage.kind = StoreKind::S3;
    }
    Ok(Json(storage))
}

async fn totals(tx: &mut UserTx) -> Result<Storage, Problem> {
    let row = sqlx::query!(
        r#"SELECT documents AS "documents!", bytes AS "bytes!", documents_verified AS "documents_verified!", documents_unverified AS "documents_unverified!",
                  oldest_verified_at, is_running AS "is_running!"
             FROM admin_storage()"#
    )
    .fetch_one(tx.conn())
    .await
    .map_err(refusal)?;
    Ok(Storage {
        kind: StoreKind::LocalDisk,
        documents: row.documents,
        bytes: row.bytes,
        last_run: None,
        is_running: row.is_running,
        checked: Checked {
            documents_verified: row.documents_verified,
            documents_unverified: row.documents_unverified,
            oldest_verified_at: row.oldest_verified_at,
        },
    })
}

async fn last_run(tx: &mut UserTx) -> Result<Option<RunReport>, Problem> {
    sqlx::query_as!(
        RunReport,
        r#"SELECT started_at AS "started_at!", finished_at, objects AS "objects!", bytes AS "bytes!", orphans AS "orphans!", orphan_bytes AS "orphan_bytes!",
                  missing AS "missing!", wrong_size AS "wrong_size!", damaged AS "damaged!", unfinished_uploads AS "unfinished_uploads!", removed AS "removed!", error
             FROM admin_last_storage_run()"#
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(refusal)
}

#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An object that no document names; removed after a while.
    Orphan,
    /// A document whose object is not there.
    Missing,
    /// A document whose object has another length.
    WrongSize,
    /// A document whose object has other bytes.
    Damaged,
}

impl FindingKind {
    fn name(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::Missing => "missing",
            Self::WrongSize => "wrong_size",
            Self::Damaged => "damaged",
        }
    }
}

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FindingsQuery {
    /// Only these.
    kind: Option<FindingKind>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct StorageFinding {
    id: Uuid,
    #[schema(value_type = FindingKind)]
    kind: String,
    /// User, document, object: ids.
    object_key: String,
    size_bytes: i64,
    #[serde(with = "time::serde::rfc3339")]
    first_seen_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    last_seen_at: OffsetDateTime,
    /// For an orphan: from when on it is removed, if it still is one.
    #[serde(with = "time::serde::rfc3339::option")]
    removal_due_at: Option<OffsetDateTime>,
}

/// What is amiss in the store, the newest first.
#[utoipa::path(get, path = "/api/v1/admin/storage/findings", operation_id = "admin_list_storage_findings", tag = "admin", params(FindingsQuery), responses(
    (status = OK, body = Page<StorageFinding>),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn list_findings(
    State(state): State<AppState>,
    caller: AdminCaller,
    QueryOf(query): QueryOf<FindingsQuery>,
) -> Result<Json<Page<StorageFinding>>, Problem> {
    let limit = page_limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(state.cursors().open::<Uuid>(CURSOR, cursor)?),
        None => None,
    };
    let mut tx = caller.begin(&state).await?;
    let mut items = findings(&mut tx, query.kind, before, limit + 1).await?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR, &mut items, limit, |finding| finding.id)?;
    Ok(Json(Page { items, next_cursor }))
}

async fn findings(
    tx: &mut UserTx,
    kind: Option<FindingKind>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StorageFinding>, Problem> {
    sqlx::query_as!(
        StorageFinding,
        r#"SELECT id AS "id!", kind AS "kind!", object_key AS "object_key!", size_bytes AS "size_bytes!", first_seen_at AS "first_seen_at!",
                  last_seen_at AS "last_seen_at!", removal_due_at
             FROM admin_storage_findings($1, $2, $3)"#,
        kind.map(FindingKind::name),
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)
}

/// Has the store compared with the tables, soon. Asked again while that waits, nothing more happens.
#[utoipa::path(post, path = "/api/v1/admin/storage/reconcile", operation_id = "admin_reconcile_storage", tag = "admin", responses(
    (status = ACCEPTED),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
))]
pub async fn reconcile(
    State(state): State<AppState>,
    caller: AdminCaller,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    request_reconcile(&mut tx).await?;
    audit::record(&mut tx, audit::Event::new("admin.reconcile_requested")).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
