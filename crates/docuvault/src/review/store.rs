//! What is proposed, and what was said to it.

use uuid::Uuid;

use super::model::{SuggestedTopic, Suggestion};
use crate::{
    db::{DocumentId, TopicId, UserTx},
    http::Problem,
};

/// More documents than this in the inbox are not counted.
const MOST_COUNTED: i64 = 1_000;

/// Who filed a document.
pub struct Filed {
    pub filed_by: Option<String>,
    pub filing_notice: Option<String>,
}

/// 404 for a document that is not there or not the user's.
pub async fn filed(tx: &mut UserTx, id: DocumentId) -> Result<Filed, Problem> {
    let user = tx.user().0;
    sqlx::query_as!(
        Filed,
        "SELECT filed_by, filing_notice FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

/// A suggestion, and whose it is.
pub struct SuggestionRow {
    pub document: Uuid,
    topic: TopicId,
    name: String,
    color: String,
    state: String,
    source: String,
    provider: Option<String>,
    confidence: Option<f32>,
    reasons: Vec<String>,
}

impl SuggestionRow {
    pub fn shown(self) -> Suggestion {
        Suggestion {
            topic: SuggestedTopic {
                id: self.topic,
                name: self.name,
                color: self.color,
            },
            state: self.state,
            source: self.source,
            provider: self.provider,
            confidence: self.confidence,
            reasons: self.reasons,
        }
    }
}

/// Of each of the documents: what is applied, then what is proposed, the likeliest first, then what was rejected.
pub async fn suggestions(
    tx: &mut UserTx,
    documents: &[Uuid],
) -> Result<Vec<SuggestionRow>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        SuggestionRow,
        r#"SELECT found.document AS "document!", t.id AS "topic: TopicId", t.name, t.color, found.state AS "state!", found.source AS "source!", found.provider,
                  found.confidence, found.reasons AS "reasons!"
             FROM (SELECT dt.document_id AS document, dt.topic_id, 1 AS place, 'applied' AS state, dt.source,
                          CASE WHEN dt.source = 'ai' THEN d.filed_by END AS provider, dt.confidence, dt.reasons
                     FROM document_topics dt JOIN documents d ON d.id = dt.document_id WHERE dt.user_id = $1 AND dt.document_id = ANY ($2)
                   UNION ALL
                   SELECT s.document_id, s.topic_id, CASE s.state WHEN 'proposed' THEN 2 ELSE 3 END, s.state,
                          CASE WHEN s.provider IN ('device', 'user') THEN s.provider ELSE 'ai' END,
                          CASE WHEN s.provider NOT IN ('device', 'user') THEN s.provider END, s.confidence, s.reasons
                     FROM topic_suggestions s WHERE s.user_id = $1 AND s.document_id = ANY ($2)) found
             JOIN topics t ON t.id = found.topic_id AND t.user_id = $1
            ORDER BY found.place, found.confidence DESC NULLS LAST, lower(t.name)"#,
        user,
        documents
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Documents with a proposal from this confidence on, on which the user has not decided, the newest first.
pub async fn waiting(
    tx: &mut UserTx,
    suggest: f32,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT d.id FROM topic_suggestions s JOIN documents d ON d.id = s.document_id AND d.user_id = $1
            WHERE s.user_id = $1 AND s.state = 'proposed' AND s.confidence >= $2 AND ($3::uuid IS NULL OR s.document_id < $3)
              AND d.topics_decided_at IS NULL AND d.trashed_at IS NULL AND d.state <> 'purging'
            ORDER BY d.id DESC LIMIT $4"#,
        user,
        suggest,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn count_waiting(tx: &mut UserTx, suggest: f32) -> Result<i64, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "waiting!" FROM (
               SELECT DISTINCT d.id FROM topic_suggestions s JOIN documents d ON d.id = s.document_id AND d.user_id = $1
                WHERE s.user_id = $1 AND s.state = 'proposed' AND s.confidence >= $2
                  AND d.topics_decided_at IS NULL AND d.trashed_at IS NULL AND d.state <> 'purging' LIMIT $3) found"#,
        user,
        suggest,
        MOST_COUNTED
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Those of `topics` that are the user's.
pub async fn known_topics(tx: &mut UserTx, topics: &[Uuid]) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT id FROM topics WHERE user_id = $1 AND id = ANY ($2)",
        user,
        topics
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The topics a document has.
pub async fn applied(tx: &mut UserTx, id: DocumentId) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT topic_id FROM document_topics WHERE user_id = $1 AND document_id = $2",
        user,
        id.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Remembers that the document is not to have these topics; that it has none of them is seen to before.
pub async fn reject(tx: &mut UserTx, id: DocumentId, topics: &[Uuid]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO topic_suggestions (document_id, topic_id, user_id, state, provider)
         SELECT $2, topic, $1, 'rejected', 'user' FROM (SELECT DISTINCT topic FROM unnest($3::uuid[]) AS topic) named
         ON CONFLICT (document_id, topic_id) DO UPDATE SET state = 'rejected'",
        user,
        id.0,
        topics
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
