//! The table of what is never sent.

use uuid::Uuid;

use super::{NeverSendRule, RuleKind};
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

pub async fn rules(tx: &mut UserTx) -> Result<Vec<NeverSendRule>, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        r#"SELECT r.id, r.topic_id, r.folder_id, r.document_id, r.created_at, coalesce(t.name, f.name, d.title) AS "name!"
             FROM ai_never_send r LEFT JOIN topics t ON t.id = r.topic_id LEFT JOIN folders f ON f.id = r.folder_id
             LEFT JOIN documents d ON d.id = r.document_id
            WHERE r.user_id = $1 ORDER BY r.created_at DESC, r.id DESC"#,
        user
    )
    .fetch_all(tx.conn())
    .await?;
    let rules = rows.into_iter().filter_map(|row| {
        let (kind, target_id) = match (row.topic_id, row.folder_id, row.document_id) {
            (Some(topic), _, _) => (RuleKind::Topic, topic),
            (_, Some(folder), _) => (RuleKind::Folder, folder),
            (_, _, document) => (RuleKind::Document, document?),
        };
        Some(NeverSendRule {
            id: row.id,
            kind,
            target_id,
            name: row.name,
            created_at: row.created_at,
        })
    });
    Ok(rules.collect())
}

/// Whether the user has such a thing.
pub async fn exists(tx: &mut UserTx, kind: RuleKind, target: Uuid) -> Result<bool, Problem> {
    let user = tx.user().0;
    let query = match kind {
        RuleKind::Topic => sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM topics WHERE id = $1 AND user_id = $2) AS "it!""#, target, user)
            .fetch_one(tx.conn()).await?,
        RuleKind::Folder => sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM folders WHERE id = $1 AND user_id = $2) AS "it!""#, target, user)
            .fetch_one(tx.conn()).await?,
        RuleKind::Document => sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging') AS "it!""#, target, user)
            .fetch_one(tx.conn()).await?,
    };
    Ok(query)
}

pub async fn add(tx: &mut UserTx, kind: RuleKind, target: Uuid) -> Result<(), Problem> {
    let user = tx.user().0;
    let is = |wanted: RuleKind| (kind == wanted).then_some(target);
    sqlx::query!(
        "INSERT INTO ai_never_send (id, user_id, topic_id, folder_id, document_id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        Uuid::now_v7(),
        user,
        is(RuleKind::Topic),
        is(RuleKind::Folder),
        is(RuleKind::Document)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Answers what it was about; `None` when there is no such rule.
pub async fn remove(tx: &mut UserTx, id: Uuid) -> Result<Option<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"DELETE FROM ai_never_send WHERE id = $1 AND user_id = $2 RETURNING coalesce(topic_id, folder_id, document_id) AS "target!""#,
        id,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Topics of which nothing is sent, their names included.
pub async fn forbidden_topics(tx: &mut UserTx) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT topic_id AS "topic!" FROM ai_never_send WHERE user_id = $1 AND topic_id IS NOT NULL"#,
        user
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whether a rule forbids to send this document, which has its topics and may have `proposed` ones too.
pub async fn forbids(
    tx: &mut UserTx,
    document: DocumentId,
    proposed: &[Uuid],
) -> Result<bool, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"WITH RECURSIVE around AS (
               SELECT f.id, f.parent_id FROM folders f JOIN documents d ON d.folder_id = f.id WHERE d.id = $2 AND d.user_id = $1
               UNION
               SELECT f.id, f.parent_id FROM folders f JOIN around a ON f.id = a.parent_id WHERE f.user_id = $1)
           SELECT EXISTS (SELECT FROM ai_never_send r WHERE r.user_id = $1 AND (
               r.document_id = $2 OR r.topic_id = ANY ($3) OR r.folder_id IN (SELECT id FROM around)
               OR r.topic_id IN (SELECT dt.topic_id FROM document_topics dt WHERE dt.document_id = $2 AND dt.user_id = $1))) AS "forbidden!""#,
        user,
        document.0,
        proposed
    )
    .fetch_one(tx.conn())
    .await?)
}
