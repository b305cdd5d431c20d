//! Shows what the user chose for filing.

use axum::{Json, extract::State};

use super::{
    languages::available_languages,
    model::{FilingSettings, Thresholds},
    store,
};
use crate::{app::AppState, auth::Caller, db::UserTx, http::Problem};

/// How sure filing must be, and the languages of scans.
#[utoipa::path(get, path = "/api/v1/me/filing", operation_id = "show_filing_settings", tag = "filing", responses((status = OK, body = FilingSettings)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<FilingSettings>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let settings = settings(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(Json(settings))
}

pub async fn settings(state: &AppState, tx: &mut UserTx) -> Result<FilingSettings, Problem> {
    let Thresholds { apply, suggest } = store::thresholds(tx).await?;
    Ok(FilingSettings {
        apply_threshold: apply,
        suggest_threshold: suggest,
        ocr_languages: store::languages(tx).await?,
        available_ocr_languages: available_languages(state),
    })
}
