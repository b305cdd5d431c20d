//! The list of the words in a user's documents: kept by what indexing notes down, counted in here soon after.

use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
};

/// Changes that one transaction counts.
const AT_ONCE: i64 = 500;
const USERS_AT_ONCE: i32 = 200;
/// Longer ones are no words that anybody types.
const MAX_LETTERS: i32 = 60;

/// Counts what was indexed for a user since the last time.
pub async fn count_words(state: &AppState, user: UserId) -> Result<(), Problem> {
    loop {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let counted = count_some(&mut tx).await?;
        tx.commit().await?;
        if counted < AT_ONCE {
            return Ok(());
        }
    }
}

/// Counts for every user what is left.
pub async fn count_all_words(state: &AppState) -> Result<(), Problem> {
    let due = sqlx::query_scalar!(
        r#"SELECT user_id AS "user_id!: UserId" FROM search_words_due($1)"#,
        USERS_AT_ONCE
    )
    .fetch_all(state.db().anonymous())
    .await?;
    for user in due {
        count_words(state, user).await?;
    }
    Ok(())
}

/// How many changes were counted. Rows are taken and words written in one order, so that two who count for one user only wait.
async fn count_some(tx: &mut UserTx) -> Result<i64, Problem> {
    let user = tx.user().0;
    let row = sqlx::query!(
        r#"WITH due AS (
               SELECT id FROM search_word_changes WHERE user_id = $1 ORDER BY id LIMIT $2 FOR UPDATE),
           taken AS (
               DELETE FROM search_word_changes c USING due WHERE c.id = due.id AND c.user_id = $1 RETURNING c.added, c.removed),
           counted AS (
               SELECT word COLLATE "C" AS word, sum(step) AS step
                 FROM (SELECT unnest(added) AS word, 1 AS step FROM taken
                       UNION ALL SELECT unnest(removed), -1 FROM taken) AS steps
                WHERE length(word) <= $3 GROUP BY 1 HAVING sum(step) <> 0),
           written AS (
               INSERT INTO search_words AS w (user_id, word, documents)
               SELECT $1, word, step FROM counted ORDER BY word
               ON CONFLICT (user_id, word) DO UPDATE SET documents = w.documents + EXCLUDED.documents
               RETURNING word, documents)
           SELECT (SELECT count(*) FROM taken) AS "taken!", (SELECT array_agg(word) FROM written WHERE documents <= 0) AS gone"#,
        user,
        AT_ONCE,
        MAX_LETTERS
    )
    .fetch_one(tx.conn())
    .await?;
    if let Some(gone) = row.gone {
        sqlx::query!(
            "DELETE FROM search_words WHERE user_id = $1 AND word = ANY ($2) AND documents <= 0",
            user,
            &gone
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(row.taken)
}
