//! The ledger's table: a row before anything leaves, settled once, gone after thirteen months.

use time::OffsetDateTime;
use uuid::Uuid;

use super::Outcome;
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// What is about to be sent.
pub struct NewEntry {
    pub id: Uuid,
    pub sent_at: OffsetDateTime,
    pub purpose: &'static str,
    pub provider: &'static str,
    pub host: String,
    pub model: String,
    pub document: Option<DocumentId>,
    pub sent_bytes: i64,
}

/// Writes a row, and lets go of those that are too old.
pub async fn begin(tx: &mut UserTx, new: &NewEntry) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM ai_ledger WHERE user_id = $1 AND sent_at < now() - interval '13 months'",
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO ai_ledger (id, user_id, sent_at, purpose, provider, host, model, document_id, sent_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        user,
        new.sent_at,
        new.purpose,
        new.provider,
        new.host,
        new.model,
        new.document.map(|id| id.0),
        new.sent_bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn settle(tx: &mut UserTx, id: Uuid, outcome: &Outcome) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE ai_ledger SET status = $3, problem = $4, received_bytes = $5, input_tokens = $6, output_tokens = $7, cost_micros = $8
          WHERE id = $1 AND user_id = $2 AND status = 'sending'",
        id,
        user,
        outcome.status,
        outcome.problem,
        outcome.received_bytes,
        outcome.input_tokens,
        outcome.output_tokens,
        outcome.cost_micros
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was sent in all.
pub struct Totals {
    pub requests: i64,
    pub sent_bytes: i64,
    /// Where the provider did not count them, by the bytes that were sent.
    pub tokens: i64,
    pub cost_micros: Option<i64>,
}

pub async fn totals_since(tx: &mut UserTx, since: OffsetDateTime) -> Result<Totals, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Totals,
        r#"SELECT count(*) AS "requests!", coalesce(sum(sent_bytes), 0)::bigint AS "sent_bytes!",
                  coalesce(sum(CASE WHEN status IN ('answered', 'sending') THEN coalesce(input_tokens + output_tokens, sent_bytes / 3) ELSE 0 END), 0)::bigint AS "tokens!",
                  sum(cost_micros)::bigint AS cost_micros
             FROM ai_ledger WHERE user_id = $1 AND sent_at >= $2"#,
        user,
        since
    )
    .fetch_one(tx.conn())
    .await?)
}

/// A row with the title that its document has now.
pub struct EntryRow {
    pub id: Uuid,
    pub sent_at: OffsetDateTime,
    pub purpose: String,
    pub provider: String,
    pub host: String,
    pub model: String,
    pub document_id: Option<DocumentId>,
    pub document_title: Option<String>,
    pub status: String,
    pub problem: Option<String>,
    pub sent_bytes: i64,
    pub received_bytes: Option<i64>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost_micros: Option<i64>,
}

/// The newest first, from the one after `before` on.
pub async fn entries(
    tx: &mut UserTx,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<EntryRow>, Problem> {
    let user = tx.user().0;
    let (before_at, before_id) = before.unzip();
    Ok(sqlx::query_as!(
        EntryRow,
        r#"SELECT l.id, l.sent_at, l.purpose, l.provider, l.host, l.model, d.id AS "document_id?: DocumentId", d.title AS "document_title?",
                  l.status, l.problem, l.sent_bytes, l.received_bytes, l.input_tokens, l.output_tokens, l.cost_micros
             FROM ai_ledger l LEFT JOIN documents d ON d.id = l.document_id AND d.user_id = $1 AND d.state <> 'purging'
            WHERE l.user_id = $1 AND ($2::timestamptz IS NULL OR (l.sent_at, l.id) < ($2, $3))
            ORDER BY l.sent_at DESC, l.id DESC LIMIT $4"#,
        user,
        before_at,
        before_id,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
