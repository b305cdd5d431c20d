//! Makes an API token, which is shown this once.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{ApiToken, TokenScope, store};
use crate::{
    app::AppState,
    audit,
    auth::{SessionCaller, caller::require_recent_password, limits},
    crypto::opaque_token::{self, TokenKind},
    db::ApiTokenId,
    http::{
        JsonBody, Problem,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
    notifications::{self, Kind},
};

const MAX_NAME_CHARS: usize = 100;
const MOST_TOKENS: i64 = 100;
/// Prefix and six characters more: 36 bits, of no help to whoever guesses at the other 220.
const SHOWN_CHARS: usize = 11;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `["read"]`, or `["read", "write"]`.
    scopes: Vec<TokenScope>,
    /// Never, when left out.
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

#[derive(Serialize, ToSchema)]
pub struct MadeApiToken {
    #[serde(flatten)]
    api_token: ApiToken,
    /// The token itself, shown this once.
    token: String,
}

/// Makes an API token.
#[utoipa::path(post, path = "/api/v1/auth/tokens", operation_id = "create_api_token", tag = "auth", request_body = NewToken, responses(
    (status = CREATED, body = MadeApiToken),
    (status = FORBIDDEN, description = "`reauth_required`, `session_required`", body = ProblemBody),
    (status = CONFLICT, description = "`too_many_tokens`; `already_created` when an Idempotency-Key is repeated, because a token is shown once", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
))]
pub async fn create(
    State(state): State<AppState>,
    caller: SessionCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewToken>,
) -> Result<(StatusCode, Json<MadeApiToken>), Problem> {
    let key = IdempotencyKey::of(&headers, &body)?;
    check(&body, state.now())?;
    limits::count_letter_caused(&state, caller.user()).await?;
    let mut tx = caller.begin(&state).await?;
    require_recent_password(&tx, state.now())?;
    if store::count(&mut tx).await? >= MOST_TOKENS {
        return Err(Problem::conflict(
            "too_many_tokens",
            "There are a hundred tokens already. Take one back first.",
        ));
    }
    let id = ApiTokenId::new();
    if let Some(earlier) =
        idempotency::claim(&mut tx, key.as_ref(), "api_tokens.create", id.0).await?
    {
        return Err(Problem::conflict(
            "already_created",
            "This token was made before, and is shown only once.",
        )
        .with("existing_id", earlier.to_string()));
    }
    let made = opaque_token::make(TokenKind::Api)?;
    let can_write = body.scopes.contains(&TokenScope::Write);
    let prefix: String = made
        .text
        .expose_secret()
        .chars()
        .take(SHOWN_CHARS)
        .collect();
    let new = store::NewApiToken {
        id,
        name: body.name.trim(),
        prefix: &prefix,
        sha256: made.sha256,
        can_write,
        expires_at: body.expires_at,
    };
    store::insert(&mut tx, &new).await?;
    let event = audit::Event::new("api_token.created").with("token_id", id.to_string());
    audit::record(&mut tx, event.with("can_write", can_write)).await?;
    let data = serde_json::Map::from_iter([("token_id".to_owned(), id.to_string().into())]);
    notifications::notify(&state, &mut tx, Kind::ApiTokenMade, data).await?;
    let api_token = store::list(&mut tx)
        .await?
        .into_iter()
        .find(|token| token.id == id)
        .ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    let token = made.text.expose_secret().to_owned();
    Ok((StatusCode::CREATED, Json(MadeApiToken { api_token, token })))
}

fn check(new: &NewToken, now: OffsetDateTime) -> Result<(), Problem> {
    let name = new.name.trim();
    if name.is_empty()
        || name.chars().count() > MAX_NAME_CHARS
        || name.chars().any(char::is_control)
    {
        return Err(Problem::invalid(
            "name",
            "invalid_length",
            "A name has 1 to 100 characters.",
        ));
    }
    if !new.scopes.contains(&TokenScope::Read) {
        return Err(Problem::invalid(
            "scopes",
            "invalid",
            "A token reads at least: [\"read\"].",
        ));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::invalid(
            "expires_at",
            "in_the_past",
            "This time is over already.",
        ));
    }
    Ok(())
}
