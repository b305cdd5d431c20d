//! How the hits spread over topics, types, correspondents and years, for narrowing down.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    db::{TopicId, UserTx},
    http::Problem,
};

/// Correspondents that are counted.
const CORRESPONDENTS: i64 = 20;

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Facets {
    topics: Vec<TopicFacet>,
    content_types: Vec<Facet>,
    /// The most frequent ones.
    correspondents: Vec<Facet>,
    /// Of the document's date, or where it has none, of its arrival.
    years: Vec<Facet>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TopicFacet {
    id: TopicId,
    name: String,
    count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Facet {
    value: String,
    count: i64,
}

/// Counts over the documents of `ids`.
pub async fn facets(tx: &mut UserTx, ids: &[Uuid]) -> Result<Facets, Problem> {
    if ids.is_empty() {
        return Ok(Facets::default());
    }
    let user = tx.user().0;
    let topics = sqlx::query_as!(
        TopicFacet,
        r#"SELECT t.id AS "id: TopicId", t.name, count(*) AS "count!" FROM document_topics dt JOIN topics t ON t.id = dt.topic_id
            WHERE dt.user_id = $1 AND dt.document_id = ANY ($2) GROUP BY t.id, t.name ORDER BY count(*) DESC, lower(t.name)"#,
        user,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let content_types = sqlx::query_as!(
        Facet,
        r#"SELECT content_type AS "value!", count(*) AS "count!" FROM documents WHERE user_id = $1 AND id = ANY ($2) GROUP BY 1 ORDER BY 2 DESC, 1"#,
        user,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let years = sqlx::query_as!(
        Facet,
        r#"SELECT to_char(coalesce(document_date::timestamp, created_at AT TIME ZONE 'UTC'), 'YYYY') AS "value!", count(*) AS "count!"
             FROM documents WHERE user_id = $1 AND id = ANY ($2) GROUP BY 1 ORDER BY 1 DESC"#,
        user,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let correspondents = sqlx::query_as!(
        Facet,
        r#"SELECT correspondent AS "value!", count(*) AS "count!" FROM documents
            WHERE user_id = $1 AND id = ANY ($2) AND correspondent IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, lower(correspondent), 1 LIMIT $3"#,
        user,
        ids,
        CORRESPONDENTS
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Facets {
        topics,
        content_types,
        correspondents,
        years,
    })
}
