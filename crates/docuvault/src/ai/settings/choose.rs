//! Chooses a provider, or none. A key goes to the host it was given for and to no other: with another provider or address it is forgotten.

use axum::{Json, extract::State};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    show::{AiSettings, settings},
    store::{self, ChosenRow, NewChoice},
};
use crate::{
    ai::{
        address::{AddressFault, BaseAddress},
        is_model_name,
        provider::Provider,
    },
    app::AppState,
    audit,
    auth::SessionCaller,
    config::AllowedHosts,
    crypto::{SealedColumn, seal},
    db::UserTx,
    http::{
        JsonBody, Patch, Problem,
        problem::{FieldError, ProblemBody},
    },
    notifications::{self, Kind},
};

const MAX_KEY_CHARS: usize = 1_000;
const MOST_TOKENS: i64 = 1_000_000_000_000;
const HIGHEST_PRICE: f64 = 1_000_000.0;

/// What is left out is not set, but for the key: it stays while provider and address do, and `null` removes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseProvider {
    provider: Provider,
    #[schema(max_length = 200)]
    model: Option<String>,
    /// Default: the provider's own.
    #[schema(max_length = 500)]
    base_url: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1000)]
    api_key: Patch<SecretString>,
    #[serde(default)]
    auto_classify: bool,
    #[schema(minimum = 1)]
    monthly_token_limit: Option<i64>,
    /// For a million tokens, in the user's own currency.
    #[schema(minimum = 0)]
    input_price: Option<f64>,
    #[schema(minimum = 0)]
    output_price: Option<f64>,
}

/// Chooses who files documents besides the device.
#[utoipa::path(put, path = "/api/v1/me/ai", operation_id = "choose_ai_provider", tag = "ai", request_body = ChooseProvider, responses(
    (status = OK, body = AiSettings),
    (status = UNPROCESSABLE_ENTITY, description = "`required`, `invalid`, `malformed`, `address_not_allowed`, `out_of_range`", body = ProblemBody),
))]
pub async fn choose(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<ChooseProvider>,
) -> Result<Json<AiSettings>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let user_salt = store::lock_salt(&mut tx).await?;
    let before = store::chosen(&mut tx).await?;
    let host = if body.provider == Provider::Device {
        store::clear(&mut tx).await?;
        None
    } else {
        Some(save(&state, &mut tx, &body, before.as_ref(), &user_salt).await?)
    };
    tell(&state, &mut tx, &body, before.as_ref(), host).await?;
    let settings = settings(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(Json(settings))
}

async fn save(
    state: &AppState,
    tx: &mut UserTx,
    body: &ChooseProvider,
    before: Option<&ChosenRow>,
    user_salt: &[u8],
) -> Result<String, Problem> {
    let base_url = body
        .base_url
        .as_deref()
        .or(body.provider.default_base_url());
    let (address, errors) = body.check(base_url, &state.config().ai.allowed_hosts);
    let Some(address) = address.filter(|_| errors.is_empty()) else {
        return Err(Problem::invalid_fields(errors));
    };
    let user = tx.user().0;
    let is_same_place = before.is_some_and(|before| {
        before.provider == body.provider.name() && before.base_url == address.url.as_str()
    });
    let sealed = match &body.api_key {
        Patch::Set(key) => {
            let place = SealedColumn::AiApiKey.place(user, user_salt, user, 1);
            let secret = key.expose_secret().trim().as_bytes();
            Some(seal::seal(state.keys(), &place, secret).map_err(Problem::internal)?)
        }
        Patch::Keep if is_same_place => before.and_then(|before| before.api_key_sealed.clone()),
        Patch::Keep | Patch::Clear => None,
    };
    if sealed.is_none() && body.provider.needs_api_key() {
        return Err(Problem::invalid(
            "api_key",
            "required",
            "This provider wants a key.",
        ));
    }
    let new = NewChoice {
        provider: body.provider.name(),
        model: body.model.as_deref().unwrap_or_default().trim(),
        base_url: address.url.as_str(),
        api_key_sealed: sealed.as_deref(),
        auto_classify: body.auto_classify,
        monthly_token_limit: body.monthly_token_limit,
        input_price: body.input_price,
        output_price: body.output_price,
    };
    store::save(tx, &new).await?;
    Ok(address.host())
}

/// Where documents go is something that a thief of the account would rather hide.
async fn tell(
    state: &AppState,
    tx: &mut UserTx,
    body: &ChooseProvider,
    before: Option<&ChosenRow>,
    host: Option<String>,
) -> Result<(), Problem> {
    let event = audit::Event::new("ai.provider_chosen").with("provider", body.provider.name());
    let event = match &host {
        Some(host) => event.with("host", host.as_str()),
        None => event,
    };
    audit::record(tx, event).await?;
    let was =
        before.map(|before| BaseAddress::parse(&before.base_url, &state.config().ai.allowed_hosts));
    let host_before = was.and_then(Result::ok).map(|address| address.host());
    if let Some(host) = host.filter(|host| host_before.as_ref() != Some(host)) {
        let data = serde_json::Map::from_iter([("host".to_owned(), host.into())]);
        notifications::notify(state, tx, Kind::AiProviderChosen, data).await?;
    }
    Ok(())
}

impl ChooseProvider {
    /// The address, and every fault there is.
    fn check(
        &self,
        base_url: Option<&str>,
        allowed: &AllowedHosts,
    ) -> (Option<BaseAddress>, Vec<FieldError>) {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, code: &str, detail: &str| {
            errors.push(FieldError {
                field: field.to_owned(),
                code: code.to_owned(),
                detail: detail.to_owned(),
            });
        };
        match self.model.as_deref() {
            None | Some("") => refuse("model", "required", "Which model is to be asked?"),
            Some(model) if !is_model_name(model) => {
                refuse("model", "invalid", "This is no model's name.");
            }
            Some(_) => {}
        }
        if let Patch::Set(key) = &self.api_key {
            let key = key.expose_secret().trim();
            if key.is_empty()
                || key.len() > MAX_KEY_CHARS
                || !key.bytes().all(|byte| byte.is_ascii_graphic())
            {
                refuse(
                    "api_key",
                    "invalid",
                    "A key has only letters, digits and signs, and no blanks.",
                );
            }
        }
        if self
            .monthly_token_limit
            .is_some_and(|limit| !(1..=MOST_TOKENS).contains(&limit))
        {
            refuse("monthly_token_limit", "out_of_range", "A number from 1 on.");
        }
        for (field, price) in [
            ("input_price", self.input_price),
            ("output_price", self.output_price),
        ] {
            if price.is_some_and(|price| !(0.0..=HIGHEST_PRICE).contains(&price)) {
                refuse(field, "out_of_range", "A price from 0 on.");
            }
        }
        let address = base_url.map(|text| BaseAddress::parse(text, allowed));
        match &address {
            None => refuse("base_url", "required", "Where is it?"),
            Some(Err(AddressFault::Malformed)) => {
                refuse(
                    "base_url",
                    "malformed",
                    "An address such as https://ai.example.org/v1.",
                );
            }
            Some(Err(AddressFault::NotAllowed)) => refuse(
                "base_url",
                "address_not_allowed",
                "Only public hosts can be reached, and only by https. Whoever runs the vault can allow others.",
            ),
            Some(Ok(_)) => {}
        }
        (address.and_then(Result::ok), errors)
    }
}
