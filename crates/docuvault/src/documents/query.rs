//! Reads documents as they are shown. The list, one document and the hits of a search all come through here, so they look alike.

use http::StatusCode;
use sqlx::{Postgres, QueryBuilder, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::model::{Amount, Document, DocumentTopic, Owner, PaymentFacts, Status};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
    storage_backends::{BaseUrl, download_url, thumbnail_as},
};

/// What every query of documents selects. `d` is the documents table.
pub(super) const SELECT_DOCUMENTS: &str = "SELECT d.id, d.user_id, d.title, d.filename, d.content_type, d.size_bytes, d.sha256, d.state, d.folder_id, d.backend_id, \
     d.document_date, d.correspondent, d.language, d.page_count, d.summary, d.amount_hundredths, d.amount_currency, d.iban, d.invoice_number, d.attached_to, d.searchable_copy_of, d.processing_error, d.storage_problem, d.ocr_missing, d.trashed_at, d.created_at, \
     d.updated_at, d.version, d.thumbnail_key, d.thumbnail_at, u.display_name AS owner_name, \
     coalesce((SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'color', t.color, 'source', dt.source) ORDER BY lower(t.name)) \
                 FROM document_topics dt JOIN topics t ON t.id = dt.topic_id WHERE dt.document_id = d.id), '[]') AS topics \
     FROM documents d JOIN users u ON u.id = d.user_id WHERE d.state <> 'purging' AND d.user_id = ";

/// Thumbnails' URLs change only so often, so that browsers can keep the pictures.
const THUMBNAIL_URL_SECONDS: i64 = 600;

#[derive(sqlx::FromRow)]
pub(super) struct DocumentRow {
    pub id: DocumentId,
    user_id: UserId,
    pub title: String,
    filename: String,
    content_type: String,
    pub size_bytes: i64,
    sha256: Option<Vec<u8>>,
    state: String,
    folder_id: Option<Uuid>,
    backend_id: Option<Uuid>,
    topics: Json<Vec<DocumentTopic>>,
    pub document_date: Option<Date>,
    correspondent: Option<String>,
    language: Option<String>,
    page_count: Option<i32>,
    summary: Option<String>,
    amount_hundredths: Option<i64>,
    amount_currency: Option<String>,
    iban: Option<String>,
    invoice_number: Option<String>,
    attached_to: Option<DocumentId>,
    searchable_copy_of: Option<DocumentId>,
    processing_error: Option<String>,
    storage_problem: Option<String>,
    ocr_missing: bool,
    trashed_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    version: i32,
    thumbnail_key: Option<String>,
    thumbnail_at: Option<OffsetDateTime>,
    owner_name: String,
}

impl DocumentRow {
    pub(super) async fn shown(self, state: &AppState, base: &BaseUrl) -> Result<Document, Problem> {
        let thumbnail = self
            .thumbnail_key
            .as_deref()
            .filter(|_| self.thumbnail_at.is_some());
        let thumbnail_url = match thumbnail {
            Some(key) => thumbnail_url(state, base, key).await?,
            None => None,
        };
        Ok(Document {
            id: self.id,
            title: self.title,
            filename: self.filename,
            content_type: self.content_type,
            size_bytes: self.size_bytes,
            sha256: self.sha256.map(hex::encode),
            status: Status::of_state(&self.state),
            folder_id: self.folder_id,
            backend_id: self.backend_id,
            topics: self.topics.0,
            document_date: self.document_date,
            correspondent: self.correspondent,
            language: self.language,
            page_count: self.page_count,
            summary: self.summary,
            payment: PaymentFacts {
                amount: self
                    .amount_hundredths
                    .zip(self.amount_currency)
                    .map(|(hundredths, currency)| Amount::of_hundredths(hundredths, currency)),
                iban: self.iban,
                invoice_number: self.invoice_number,
            },
            owner: Owner {
                id: self.user_id,
                display_name: self.owner_name,
            },
            permission: "owner".to_owned(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            trashed_at: self.trashed_at,
            attached_to: self.attached_to,
            searchable_copy_of: self.searchable_copy_of,
            thumbnail_url,
            processing_error: self.processing_error,
            storage_problem: self.storage_problem,
            ocr_missing: self.ocr_missing,
            version: self.version,
        })
    }
}

/// One document of the user; 404 for anything else.
pub async fn document(
    state: &AppState,
    base: &BaseUrl,
    tx: &mut UserTx,
    id: DocumentId,
) -> Result<Document, Problem> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT_DOCUMENTS);
    query
        .push_bind(tx.user().0)
        .push(" AND d.id = ")
        .push_bind(id.0);
    let row: Option<DocumentRow> = query.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(Problem::not_found)?.shown(state, base).await
}

/// The user's documents among `ids`, in no order.
pub async fn documents_by_id(
    state: &AppState,
    base: &BaseUrl,
    tx: &mut UserTx,
    ids: &[Uuid],
) -> Result<Vec<Document>, Problem> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT_DOCUMENTS);
    query
        .push_bind(tx.user().0)
        .push(" AND d.id = ANY (")
        .push_bind(ids)
        .push(")");
    let rows: Vec<DocumentRow> = query.build_query_as().fetch_all(tx.conn()).await?;
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        documents.push(row.shown(state, base).await?);
    }
    Ok(documents)
}

/// The key of a document's picture; 404 where there is none.
pub(super) async fn thumbnail_key(tx: &mut UserTx, id: DocumentId) -> Result<String, Problem> {
    let user = tx.user().0;
    let row = sqlx::query!("SELECT thumbnail_key, thumbnail_at FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'", id.0, user)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(Problem::not_found)?;
    row.thumbnail_key
        .filter(|_| row.thumbnail_at.is_some())
        .ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "no_thumbnail",
                "This document has no picture, or not yet.",
            )
        })
}

/// `None` while the store cannot sign: a document is shown without its picture then.
async fn thumbnail_url(
    state: &AppState,
    base: &BaseUrl,
    key: &str,
) -> Result<Option<String>, Problem> {
    let expires_at = thumbnail_expiry(state.now());
    match download_url(state, base, key, thumbnail_as(key), expires_at).await {
        Ok(link) => Ok(Some(link.url)),
        Err(problem) if problem.status == StatusCode::SERVICE_UNAVAILABLE => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Between one and two periods from now, the same for all who ask within a period.
pub(super) fn thumbnail_expiry(now: OffsetDateTime) -> OffsetDateTime {
    let period = now.unix_timestamp().div_euclid(THUMBNAIL_URL_SECONDS) + 2;
    OffsetDateTime::from_unix_timestamp(period * THUMBNAIL_URL_SECONDS).unwrap_or(now)
}
