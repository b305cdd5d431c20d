//! A change of address: it takes effect once both the old and the new address have agreed to it by the link that each was mailed.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LinkPurpose, create::is_email, email_key, links::make_link, store};
use crate::{
    app::AppState,
    audit,
    auth::{self, SessionCaller},
    db::UserTx,
    http::{JsonBody, Problem, problem::ProblemBody},
    mail::{self, Letter},
    notifications::{self, Kind},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    #[schema(value_type = String)]
    password: SecretString,
    new_email: String,
}

/// Begins a change of address.
#[utoipa::path(post, path = "/api/v1/me/email", operation_id = "change_email", tag = "me", request_body = NewEmail, responses(
    (status = ACCEPTED, description = "Both addresses were mailed a link."),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
))]
pub async fn change_email(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<NewEmail>,
) -> Result<StatusCode, Problem> {
    let new_email = body.new_email.trim().to_owned();
    if !is_email(&new_email) {
        return Err(Problem::invalid(
            "new_email",
            "invalid_email",
            "This is not an e-mail address.",
        ));
    }
    let verified = auth::verify_password(&state, &caller, body.password).await?;
    auth::count_letter_caused(&state, caller.user()).await?;
    let mut tx = verified.begin(&state, &caller).await?;
    let present = recipient(&mut tx).await?;
    if email_key(&present.email) == email_key(&new_email) {
        return Err(Problem::invalid(
            "new_email",
            "unchanged",
            "This is your address already.",
        ));
    }
    // Whether another account has the address is told only to whoever reads its mail.
    let expires_at = state.now() + LinkPurpose::TakeEmail.ttl();
    store::drop_email_change(&mut tx).await?;
    store::begin_email_change(&mut tx, &new_email, expires_at).await?;
    let leave = link(&state, &mut tx, LinkPurpose::LeaveEmail).await?;
    let take = link(&state, &mut tx, LinkPurpose::TakeEmail).await?;
    let (to_old, to_new) = (
        Letter::LeaveEmail {
            url: leave,
            new_email: new_email.clone(),
        },
        Letter::TakeEmail { url: take },
    );
    mail::queue_letter(&state, &mut tx, &present.email, &present.locale, &to_old).await?;
    mail::queue_letter(&state, &mut tx, &new_email, &present.locale, &to_new).await?;
    audit::record(&mut tx, audit::Event::new("account.email_change_started")).await?;
    notifications::notify(
        &state,
        &mut tx,
        Kind::EmailChangeStarted,
        serde_json::Map::new(),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Calls a change of address off.
#[utoipa::path(delete, path = "/api/v1/me/email", operation_id = "cancel_email_change", tag = "me", responses((status = NO_CONTENT)))]
pub async fn cancel_email_change(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_unenrolled(&state).await?;
    if store::drop_email_change(&mut tx).await? {
        audit::record(&mut tx, audit::Event::new("account.email_change_cancelled")).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails the link that shows the address to be the user's once more.
#[utoipa::path(post, path = "/api/v1/me/email/verification", operation_id = "send_email_verification", tag = "me", responses(
    (status = ACCEPTED),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn send_verification(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<StatusCode, Problem> {
    auth::count_letter_caused(&state, caller.user()).await?;
    let mut tx = caller.begin_unenrolled(&state).await?;
    if !recipient(&mut tx).await?.verified {
        queue_verification(&state, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Queues the mail with the link that shows the address to be the user's.
pub(super) async fn queue_verification(state: &AppState, tx: &mut UserTx) -> Result<(), Problem> {
    let to = recipient(tx).await?;
    let letter = Letter::VerifyEmail {
        url: link(state, tx, LinkPurpose::VerifyEmail).await?,
    };
    mail::queue_letter(state, tx, &to.email, &to.locale, &letter).await
}

async fn recipient(tx: &mut UserTx) -> Result<store::Recipient, Problem> {
    store::find_recipient(tx)
        .await?
        .ok_or_else(Problem::unauthenticated)
}

async fn link(state: &AppState, tx: &mut UserTx, purpose: LinkPurpose) -> Result<String, Problem> {
    let made = make_link(state, tx, purpose, purpose.ttl()).await?;
    Ok(made.url.expose_secret().to_owned())
}
