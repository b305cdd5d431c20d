//! What filing has learned from a user, and the decisions it learns from.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{db::UserTx, http::Problem};

pub struct KeptMemory {
    pub memory: Vec<u8>,
    pub trained_at: OffsetDateTime,
    pub revision: i32,
}

pub async fn memory(tx: &mut UserTx) -> Result<Option<KeptMemory>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        KeptMemory,
        "SELECT memory, trained_at, revision FROM filing_memories WHERE user_id = $1",
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Keeps a memory that goes on from the one of `revision`; does nothing when another was kept meanwhile.
pub async fn save_memory(
    tx: &mut UserTx,
    memory: &[u8],
    examples: i32,
    trained_at: OffsetDateTime,
    revision: Option<i32>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO filing_memories (user_id, memory, examples, trained_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET memory = excluded.memory, examples = filing_memories.examples + excluded.examples, trained_at = excluded.trained_at,
             revision = filing_memories.revision + 1
          WHERE filing_memories.revision = $5",
        user,
        memory,
        examples,
        trained_at,
        revision
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The memory's bytes, locked so that learning going on elsewhere cannot bring back what is being forgotten.
pub async fn lock_memory(tx: &mut UserTx) -> Result<Option<Vec<u8>>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT memory FROM filing_memories WHERE user_id = $1 FOR UPDATE",
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Keeps a memory from which something was taken.
pub async fn replace_memory(tx: &mut UserTx, memory: &[u8]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE filing_memories SET memory = $2, revision = revision + 1 WHERE user_id = $1",
        user,
        memory
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A document on whose topics or correspondent the user has decided.
pub struct Lesson {
    pub document: Uuid,
    pub decided_at: OffsetDateTime,
    pub filename: String,
    pub language: Option<String>,
    pub correspondent: Option<String>,
    pub text: String,
    pub topics: Vec<Uuid>,
    pub rejected: Vec<Uuid>,
}

/// Decisions since `known_until`, the oldest first.
pub async fn lessons_since(
    tx: &mut UserTx,
    known_until: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Lesson>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Lesson,
        r#"SELECT d.id AS document, d.taught_at AS "decided_at!", d.filename, d.language,
                  CASE WHEN d.correspondent_source = 'user' THEN d.correspondent END AS correspondent,
                  coalesce((SELECT left(string_agg(p.text, E'\f' ORDER BY p.number), 100000) FROM document_pages p WHERE p.document_id = d.id), '') AS "text!",
                  ARRAY (SELECT dt.topic_id FROM document_topics dt WHERE dt.document_id = d.id AND dt.source = 'user') AS "topics!",
                  ARRAY (SELECT s.topic_id FROM topic_suggestions s WHERE s.document_id = d.id AND s.state = 'rejected') AS "rejected!"
             FROM documents d
            WHERE d.user_id = $1 AND d.taught_at IS NOT NULL AND ($2::timestamptz IS NULL OR d.taught_at > $2) AND d.state IN ('ready', 'failed')
            ORDER BY d.taught_at LIMIT $3"#,
        user,
        known_until,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
