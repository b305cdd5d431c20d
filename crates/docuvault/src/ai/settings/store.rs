//! The table of what users have chosen.

use time::OffsetDateTime;

use crate::{db::UserTx, http::Problem};

/// As it is stored, with the salt that the key is sealed with.
pub struct ChosenRow {
    pub provider: String,
    pub model: String,
    pub base_url: String,
    pub api_key_sealed: Option<Vec<u8>>,
    pub auto_classify: bool,
    pub monthly_token_limit: Option<i64>,
    pub input_price: Option<f64>,
    pub output_price: Option<f64>,
    pub paused_until: Option<OffsetDateTime>,
    pub last_problem: Option<String>,
    pub user_salt: Vec<u8>,
}

pub async fn chosen(tx: &mut UserTx) -> Result<Option<ChosenRow>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        ChosenRow,
        "SELECT a.provider, a.model, a.base_url, a.api_key_sealed, a.auto_classify, a.monthly_token_limit, a.input_price, a.output_price,
                a.paused_until, a.last_problem, u.kdf_salt AS user_salt
           FROM ai_settings a JOIN users u ON u.id = a.user_id WHERE a.user_id = $1",
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The salt of the user's own keys; holds the user's row, so that two choices come one after the other.
pub async fn lock_salt(tx: &mut UserTx) -> Result<Vec<u8>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT kdf_salt FROM users WHERE id = $1 FOR NO KEY UPDATE",
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

/// What is to be stored.
pub struct NewChoice<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    pub base_url: &'a str,
    pub api_key_sealed: Option<&'a [u8]>,
    pub auto_classify: bool,
    pub monthly_token_limit: Option<i64>,
    pub input_price: Option<f64>,
    pub output_price: Option<f64>,
}

/// A new choice starts without a pause.
pub async fn save(tx: &mut UserTx, new: &NewChoice<'_>) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO ai_settings (user_id, provider, model, base_url, api_key_sealed, auto_classify, monthly_token_limit, input_price, output_price)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (user_id) DO UPDATE SET provider = excluded.provider, model = excluded.model, base_url = excluded.base_url,
             api_key_sealed = excluded.api_key_sealed, auto_classify = excluded.auto_classify, monthly_token_limit = excluded.monthly_token_limit,
             input_price = excluded.input_price, output_price = excluded.output_price, failures = 0, paused_until = NULL, last_problem = NULL",
        user,
        new.provider,
        new.model,
        new.base_url,
        new.api_key_sealed,
        new.auto_classify,
        new.monthly_token_limit,
        new.input_price,
        new.output_price
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn clear(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("DELETE FROM ai_settings WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn note_success(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE ai_settings SET failures = 0, paused_until = NULL, last_problem = NULL WHERE user_id = $1 AND (failures > 0 OR last_problem IS NOT NULL)",
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Answers how many there were in a row; `None` when nothing is chosen any more.
pub async fn note_failure(tx: &mut UserTx, problem: &str) -> Result<Option<i32>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "UPDATE ai_settings SET failures = least(failures, 1000) + 1, last_problem = $2 WHERE user_id = $1 RETURNING failures",
        user,
        problem
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub async fn pause_until(tx: &mut UserTx, until: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE ai_settings SET paused_until = $2 WHERE user_id = $1",
        user,
        until
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
