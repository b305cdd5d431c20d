//! The filing settings table.

use super::model::Thresholds;
use crate::{db::UserTx, http::Problem};

/// How sure filing must be for the transaction's user.
pub async fn thresholds(tx: &mut UserTx) -> Result<Thresholds, Problem> {
    let user = tx.user().0;
    let chosen = sqlx::query_as!(
        Thresholds,
        "SELECT apply_threshold AS apply, suggest_threshold AS suggest FROM filing_settings WHERE user_id = $1",
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(chosen.unwrap_or_default())
}

/// Languages of scans; empty: as the server is set.
pub async fn languages(tx: &mut UserTx) -> Result<Vec<String>, Problem> {
    let user = tx.user().0;
    let chosen = sqlx::query_scalar!(
        "SELECT ocr_languages FROM filing_settings WHERE user_id = $1",
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(chosen.unwrap_or_default())
}

pub async fn save(
    tx: &mut UserTx,
    thresholds: Thresholds,
    languages: &[String],
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO filing_settings (user_id, apply_threshold, suggest_threshold, ocr_languages) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET apply_threshold = excluded.apply_threshold, suggest_threshold = excluded.suggest_threshold,
             ocr_languages = excluded.ocr_languages",
        user,
        thresholds.apply,
        thresholds.suggest,
        languages
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
