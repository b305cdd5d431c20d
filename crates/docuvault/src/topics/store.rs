//! The topics table.

use super::{Topic, model::name_taken};
use crate::{
    db::{TopicId, UserTx, constraint::violated_constraint},
    http::Problem,
};

/// All topics of the user, by name.
pub async fn list_topics(tx: &mut UserTx) -> Result<Vec<Topic>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Topic,
        r#"SELECT t.id AS "id: TopicId", t.name, t.color, t.starter_key, t.version,
                  (SELECT count(*) FROM document_topics dt JOIN documents d ON d.id = dt.document_id
                    WHERE dt.user_id = $1 AND dt.topic_id = t.id AND d.trashed_at IS NULL) AS "documents!"
             FROM topics t WHERE t.user_id = $1 ORDER BY lower(t.name), t.id"#,
        user
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn find_topic(tx: &mut UserTx, id: TopicId) -> Result<Topic, Problem> {
    let user = tx.user().0;
    sqlx::query_as!(
        Topic,
        r#"SELECT t.id AS "id: TopicId", t.name, t.color, t.starter_key, t.version,
                  (SELECT count(*) FROM document_topics dt JOIN documents d ON d.id = dt.document_id
                    WHERE dt.user_id = $1 AND dt.topic_id = t.id AND d.trashed_at IS NULL) AS "documents!"
             FROM topics t WHERE t.user_id = $1 AND t.id = $2"#,
        user,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

pub async fn insert_topic(
    tx: &mut UserTx,
    id: TopicId,
    name: &str,
    color: &str,
    starter_key: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO topics (id, user_id, name, color, starter_key) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        user,
        name,
        color,
        starter_key
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    Ok(())
}

pub async fn update_topic(
    tx: &mut UserTx,
    id: TopicId,
    name: Option<&str>,
    color: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE topics SET name = coalesce($3, name), color = coalesce($4, color), version = version + 1 WHERE user_id = $1 AND id = $2",
        user,
        id.0,
        name,
        color
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    Ok(())
}

pub async fn lock_topic(tx: &mut UserTx, id: TopicId) -> Result<i32, Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!(
        "SELECT version FROM topics WHERE user_id = $1 AND id = $2 FOR UPDATE",
        user,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

/// Documents keep existing; they only leave the topic.
pub async fn delete_topic(tx: &mut UserTx, id: TopicId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM topics WHERE user_id = $1 AND id = $2",
        user,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The documents under a topic: their search entries name it.
pub async fn documents_of(
    tx: &mut UserTx,
    id: TopicId,
) -> Result<Vec<crate::db::DocumentId>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT document_id AS "id: crate::db::DocumentId" FROM document_topics WHERE user_id = $1 AND topic_id = $2"#,
        user,
        id.0
    )
    .fetch_all(tx.conn())
    .await?)
}

fn taken(error: sqlx::Error) -> Problem {
    match violated_constraint(&error) {
        Some("topics_name_taken") => name_taken(),
        _ => error.into(),
    }
}
