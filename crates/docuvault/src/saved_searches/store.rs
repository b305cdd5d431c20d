//! The saved_searches table.

use uuid::Uuid;

use super::model::{MAX_SEARCHES, SavedSearch, name_taken, too_many};
use crate::{
    db::{UserTx, constraint::violated_constraint},
    http::Problem,
};

/// All saved searches of the user, by name.
pub async fn list_searches(tx: &mut UserTx) -> Result<Vec<SavedSearch>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        SavedSearch,
        "SELECT id, name, query, created_at FROM saved_searches WHERE user_id = $1 ORDER BY lower(name), id",
        user
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn find_search(tx: &mut UserTx, id: Uuid) -> Result<SavedSearch, Problem> {
    let user = tx.user().0;
    sqlx::query_as!(
        SavedSearch,
        "SELECT id, name, query, created_at FROM saved_searches WHERE user_id = $1 AND id = $2",
        user,
        id
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

pub async fn insert_search(
    tx: &mut UserTx,
    id: Uuid,
    name: &str,
    query: &str,
) -> Result<(), Problem> {
    let user = tx.user().0;
    // Two that are saved at once are counted one after the other.
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('saved_searches ' || $1::uuid, 0))",
        user
    )
    .execute(tx.conn())
    .await?;
    let inserted = sqlx::query!(
        "INSERT INTO saved_searches (id, user_id, name, query)
         SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM saved_searches WHERE user_id = $2) < $5",
        id,
        user,
        name,
        query,
        MAX_SEARCHES
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    if inserted.rows_affected() == 0 {
        return Err(too_many());
    }
    Ok(())
}

pub async fn update_search(
    tx: &mut UserTx,
    id: Uuid,
    name: Option<&str>,
    query: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE saved_searches SET name = coalesce($3, name), query = coalesce($4, query) WHERE user_id = $1 AND id = $2",
        user,
        id,
        name,
        query
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    Ok(())
}

pub async fn delete_search(tx: &mut UserTx, id: Uuid) -> Result<(), Problem> {
    let user = tx.user().0;
    let deleted = sqlx::query!(
        "DELETE FROM saved_searches WHERE user_id = $1 AND id = $2",
        user,
        id
    )
    .execute(tx.conn())
    .await?;
    if deleted.rows_affected() == 0 {
        return Err(Problem::not_found());
    }
    Ok(())
}

fn taken(error: sqlx::Error) -> Problem {
    match violated_constraint(&error) {
        Some("saved_searches_name_taken") => name_taken(),
        _ => error.into(),
    }
}
