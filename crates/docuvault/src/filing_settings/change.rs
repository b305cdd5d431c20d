//! Changes how sure filing must be, and the languages of scans.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    languages::check_languages,
    model::{FilingSettings, Thresholds},
    show::settings,
    store,
};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    http::{JsonBody, Problem, problem::ProblemBody},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeFilingSettings {
    #[schema(minimum = 0.3, maximum = 0.99)]
    apply_threshold: f32,
    /// At most `apply_threshold`.
    #[schema(minimum = 0.3, maximum = 0.99)]
    suggest_threshold: f32,
    /// Of those that are installed, the likeliest first. Empty: as the server is set.
    #[serde(default)]
    #[schema(max_items = 8)]
    ocr_languages: Vec<String>,
}

/// Sets how sure filing must be, and the languages of scans.
///
/// What is filed already stays so; the review inbox follows `suggest_threshold` at once. File all again to have the rest follow.
#[utoipa::path(put, path = "/api/v1/me/filing", operation_id = "change_filing_settings", tag = "filing", request_body = ChangeFilingSettings, responses(
    (status = OK, body = FilingSettings),
    (status = UNPROCESSABLE_ENTITY, description = "`out_of_range`, `above_apply`, `too_many`, `language_not_installed`", body = ProblemBody),
))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody<ChangeFilingSettings>,
) -> Result<Json<FilingSettings>, Problem> {
    let thresholds = Thresholds {
        apply: body.apply_threshold,
        suggest: body.suggest_threshold,
    };
    let mut tx = caller.begin(&state).await?;
    thresholds.check()?;
    check_languages(&state, &body.ocr_languages)?;
    store::save(&mut tx, thresholds, &body.ocr_languages).await?;
    audit::record(&mut tx, audit::Event::new("filing.settings_changed")).await?;
    let settings = settings(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(Json(settings))
}
