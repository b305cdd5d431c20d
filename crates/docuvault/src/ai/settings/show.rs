//! Shows what the user has chosen, and what there is to choose from.

use axum::{Json, extract::State};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::store;
use crate::{
    ai::{ask::month_begin, ledger, provider::Provider},
    app::AppState,
    auth::SessionCaller,
    db::UserTx,
    http::Problem,
};

/// The user's choice. The key itself is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct AiSettings {
    provider: Provider,
    model: Option<String>,
    base_url: Option<String>,
    has_api_key: bool,
    /// Whether new documents are sent by themselves; if not, only when the user asks.
    auto_classify: bool,
    monthly_token_limit: Option<i64>,
    /// For a million tokens, in the user's own currency; the ledger counts costs by it.
    input_price: Option<f64>,
    output_price: Option<f64>,
    tokens_this_month: i64,
    /// After failures in a row the provider is left alone until then.
    #[serde(with = "time::serde::rfc3339::option")]
    paused_until: Option<OffsetDateTime>,
    /// What came of the last try, where it failed: a code.
    last_problem: Option<String>,
}

/// The user's AI settings.
#[utoipa::path(get, path = "/api/v1/me/ai", operation_id = "show_ai_settings", tag = "ai", responses((status = OK, body = AiSettings)))]
pub async fn show(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<AiSettings>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let settings = settings(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(Json(settings))
}

pub async fn settings(state: &AppState, tx: &mut UserTx) -> Result<AiSettings, Problem> {
    let month = ledger::totals_since(tx, month_begin(state.now())).await?;
    let chosen = store::chosen(tx).await?;
    Ok(AiSettings {
        provider: chosen
            .as_ref()
            .map_or(Provider::Device, |row| Provider::from_name(&row.provider)),
        has_api_key: chosen
            .as_ref()
            .is_some_and(|row| row.api_key_sealed.is_some()),
        auto_classify: chosen.as_ref().is_some_and(|row| row.auto_classify),
        monthly_token_limit: chosen.as_ref().and_then(|row| row.monthly_token_limit),
        input_price: chosen.as_ref().and_then(|row| row.input_price),
        output_price: chosen.as_ref().and_then(|row| row.output_price),
        tokens_this_month: month.tokens,
        paused_until: chosen
            .as_ref()
            .and_then(|row| row.paused_until)
            .filter(|until| *until > state.now()),
        last_problem: chosen.as_ref().and_then(|row| row.last_problem.clone()),
        model: chosen.as_ref().map(|row| row.model.clone()),
        base_url: chosen.map(|row| row.base_url),
    })
}

/// A provider to choose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderChoice {
    id: Provider,
    needs_api_key: bool,
    /// `null`: only the user knows where it is.
    default_base_url: Option<String>,
    base_url_editable: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderChoices {
    items: Vec<ProviderChoice>,
    /// Hosts that may be named although they are not public; whoever runs the vault has allowed them.
    allowed_private_hosts: Vec<String>,
}

/// The providers there are.
#[utoipa::path(get, path = "/api/v1/me/ai/providers", operation_id = "list_ai_providers", tag = "ai", responses((status = OK, body = ProviderChoices)))]
pub async fn providers(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<ProviderChoices>, Problem> {
    caller.begin(&state).await?.commit().await?;
    let items = Provider::REMOTE.into_iter().map(|provider| ProviderChoice {
        id: provider,
        needs_api_key: provider.needs_api_key(),
        default_base_url: provider.default_base_url().map(str::to_owned),
        base_url_editable: true,
    });
    Ok(Json(ProviderChoices {
        items: items.collect(),
        allowed_private_hosts: state.config().ai.allowed_hosts.names(),
    }))
}
