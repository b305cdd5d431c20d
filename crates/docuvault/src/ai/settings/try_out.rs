//! Tries a provider out: which models it has, and whether the chosen one answers. No document is sent.

use std::time::Instant;

use axum::{Json, extract::State};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Choice;
use crate::{
    ai::{
        address::{AddressFault, BaseAddress},
        ask::{Answer, Purpose, ask},
        provider::Provider,
        trouble::Trouble,
        wire::{self, Prompt},
    },
    app::AppState,
    auth::SessionCaller,
    db::UserId,
    http::{JsonBody, Problem, problem::ProblemBody},
};

const TEST_TOKENS: u32 = 500;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListModels {
    provider: Provider,
    #[schema(max_length = 500)]
    base_url: Option<String>,
    /// Default: the one that is stored for this provider at this address.
    #[schema(value_type = Option<String>, max_length = 1000)]
    api_key: Option<SecretString>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    items: Vec<Model>,
}

/// A model of a provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct Model {
    id: String,
}

/// Which models a provider has. Nothing but the key is sent.
#[utoipa::path(post, path = "/api/v1/me/ai/models", operation_id = "list_ai_models", tag = "ai", request_body = ListModels, responses(
    (status = OK, body = Models),
    (status = BAD_GATEWAY, description = "`provider_unreachable`, `timeout`, `wrong_key`, `rate_limited`, `model_missing`, `provider_refused`, `bad_answer`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`required`, `malformed`, `address_not_allowed`", body = ProblemBody),
))]
pub async fn models(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<ListModels>,
) -> Result<Json<Models>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let stored = super::choice(&state, &mut tx).await?;
    tx.commit().await?;
    let choice = body.as_choice(&state, stored)?;
    let items = models_of(&state, caller.user(), &choice)
        .await?
        .map_err(bad_gateway)?;
    let items = items.into_iter().map(|id| Model { id }).collect();
    Ok(Json(Models { items }))
}

impl ListModels {
    fn as_choice(&self, state: &AppState, stored: Option<Choice>) -> Result<Choice, Problem> {
        let base_url = self
            .base_url
            .as_deref()
            .or(self.provider.default_base_url());
        let base_url =
            base_url.ok_or_else(|| Problem::invalid("base_url", "required", "Where is it?"))?;
        let address = BaseAddress::parse(base_url, &state.config().ai.allowed_hosts).map_err(|fault| match fault {
            AddressFault::Malformed => Problem::invalid("base_url", "malformed", "An address such as https://ai.example.org/v1."),
            AddressFault::NotAllowed => Problem::invalid(
                "base_url",
                "address_not_allowed",
                "Only public hosts can be reached, and only by https. Whoever runs the vault can allow others.",
            ),
        })?;
        let base_url = address.url.to_string();
        // A stored key goes only where it was given for.
        let stored_key = stored
            .filter(|stored| stored.provider == self.provider && stored.base_url == base_url)
            .and_then(|stored| stored.api_key);
        let given = self.api_key.as_ref().map(|key| key.expose_secret().trim());
        Ok(Choice {
            provider: self.provider,
            model: String::new(),
            base_url,
            api_key: given
                .filter(|key| !key.is_empty())
                .map(SecretString::from)
                .or(stored_key),
            auto_classify: false,
            monthly_token_limit: None,
            input_price: None,
            output_price: None,
            paused_until: None,
        })
    }
}

async fn models_of(
    state: &AppState,
    user: UserId,
    choice: &Choice,
) -> Result<Result<Vec<String>, Trouble>, Problem> {
    let Some(request) = wire::list_models(choice.provider, choice.api_key.as_ref()) else {
        return Ok(Err(Trouble::WrongKey));
    };
    let answer = match ask(state, user, choice, Purpose::Models, None, &request).await? {
        Ok(answer) => answer,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let models = wire::read_models(choice.provider, &answer.body).ok_or(Trouble::BadAnswer);
    let said = wire::Said::default();
    answer
        .close(
            state,
            user,
            choice,
            models.as_ref().map(|_| &said).map_err(|trouble| *trouble),
        )
        .await?;
    Ok(models)
}

fn bad_gateway(trouble: Trouble) -> Problem {
    Problem::new(
        http::StatusCode::BAD_GATEWAY,
        trouble.code(),
        "The provider gave no list of models.",
    )
}

/// How a try went.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResult {
    ok: bool,
    latency_ms: u64,
    /// `ok`, or what is wrong: a code.
    detail: String,
}

/// Asks the chosen model to answer with a single word.
#[utoipa::path(post, path = "/api/v1/me/ai/test", operation_id = "test_ai_provider", tag = "ai", responses(
    (status = OK, body = TestResult),
    (status = CONFLICT, description = "`provider_needed`", body = ProblemBody),
))]
pub async fn test(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<TestResult>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let choice = super::choice(&state, &mut tx).await?;
    tx.commit().await?;
    let choice = choice.ok_or_else(|| {
        Problem::conflict("provider_needed", "Choose a provider and a model first.")
    })?;
    let begun = Instant::now();
    let outcome = try_out(&state, caller.user(), &choice).await?;
    Ok(Json(TestResult {
        ok: outcome.is_ok(),
        latency_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        detail: outcome.map_or_else(Trouble::code, |()| "ok").to_owned(),
    }))
}

async fn try_out(
    state: &AppState,
    user: UserId,
    choice: &Choice,
) -> Result<Result<(), Trouble>, Problem> {
    let request = wire::ask(&Prompt {
        provider: choice.provider,
        model: &choice.model,
        api_key: choice.api_key.as_ref(),
        system: "You are being tried out.",
        user: "Answer with the word: ready",
        schema: None,
        max_output_tokens: TEST_TOKENS,
    });
    let Some(request) = request else {
        return Ok(Err(Trouble::WrongKey));
    };
    let answer: Answer = match ask(state, user, choice, Purpose::Test, None, &request).await? {
        Ok(answer) => answer,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let said = wire::read_answer(choice.provider, &answer.body).ok_or(Trouble::BadAnswer);
    answer
        .close(
            state,
            user,
            choice,
            said.as_ref().map_err(|trouble| *trouble),
        )
        .await?;
    Ok(said.map(drop))
}
