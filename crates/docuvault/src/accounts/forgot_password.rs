//! A forgotten password: a link by mail, and the new password that it lets one choose. Nobody can tell from an answer, or from how
//! long it took, whether there is an account: the mail is a job's work.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    LinkPurpose, check_new_password, email_key, end_what_the_old_password_began,
    links::store as link_store,
    links::{invalid_link, make_link},
    store,
};
use crate::{
    app::AppState,
    audit, auth,
    crypto::opaque_token::{self, TokenKind},
    db::{UserId, UserTx},
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
    mail::{self, Letter},
    notifications::{self, Kind},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    email: String,
}

/// Mails a reset link, if there is such an account.
#[derive(Serialize, Deserialize)]
pub struct MailResetLink {
    /// Nobody's id where there is no such account, so that the same is written either way.
    user_id: UserId,
}

impl docuvault_jobs::Job for MailResetLink {
    const KIND: &'static str = "mail_reset_link";
    const PRIORITY: i16 = -10;
}

/// Asks for a link that lets one choose a new password.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", operation_id = "forgot_password", tag = "auth", security(()), request_body = ForgottenPassword, responses(
    (status = ACCEPTED, description = "Whether there is such an account or not."),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn forgot_password(
    State(state): State<AppState>,
    ip: ClientIp,
    JsonBody(body): JsonBody<ForgottenPassword>,
) -> Result<StatusCode, Problem> {
    let email_key = email_key(&body.email);
    auth::count_network(&state, "forgot:network", &ip).await?;
    auth::count_letter_asked_for(&state, &email_key).await?;
    let found = auth::find_login(state.db(), &email_key).await?;
    let user_id = found
        .filter(|login| !login.disabled)
        .map_or(UserId::NOBODY, |login| login.id);
    let mut tx = UserTx::on_behalf_of(state.db(), user_id).await?;
    audit::record(&mut tx, audit::Event::new("auth.reset_requested")).await?;
    store::queue_as_system(&mut tx, &MailResetLink { user_id }, None).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// The job.
pub async fn mail_reset_link(state: &AppState, job: MailResetLink) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), job.user_id).await?;
    // So that no link goes to an address that is being given up.
    store::lock_version_if_there(&mut tx).await?;
    let Some(recipient) = store::find_recipient(&mut tx).await? else {
        return Ok(());
    };
    if recipient.disabled {
        return Ok(());
    }
    let purpose = LinkPurpose::ResetPassword;
    let link = make_link(state, &mut tx, purpose, purpose.ttl()).await?;
    let letter = Letter::ResetPassword {
        url: link.url.expose_secret().to_owned(),
    };
    mail::queue_letter(state, &mut tx, &recipient.email, &recipient.locale, &letter).await?;
    tx.commit().await?;
    Ok(())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// From the link.
    #[schema(value_type = String)]
    token: SecretString,
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    new_password: SecretString,
}

/// Chooses a new password by a link. Every session ends; the second factor stays.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", operation_id = "reset_password", tag = "auth", security(()), request_body = PasswordReset, responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`invalid_link`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn reset_password(
    State(state): State<AppState>,
    ip: ClientIp,
    JsonBody(body): JsonBody<PasswordReset>,
) -> Result<StatusCode, Problem> {
    auth::count_network(&state, "reset:network", &ip).await?;
    let hash_of_link =
        opaque_token::read(TokenKind::Link, body.token.expose_secret()).ok_or_else(invalid_link)?;
    let user = link_store::link_owner(state.db(), &hash_of_link)
        .await?
        .ok_or_else(invalid_link)?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let recipient = store::find_recipient(&mut tx)
        .await?
        .filter(|recipient| !recipient.disabled)
        .ok_or_else(invalid_link)?;
    tx.commit().await?;
    check_new_password(
        "new_password",
        &body.new_password,
        &recipient.email,
        &recipient.display_name,
    )?;
    let hash = state
        .passwords()
        .hash(body.new_password)
        .await
        .map_err(Problem::internal)?;

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let purposes = [
        LinkPurpose::ResetPassword.name(),
        LinkPurpose::ChoosePassword.name(),
    ];
    let purpose = link_store::use_link(&mut tx, &hash_of_link, &purposes, state.now())
        .await?
        .ok_or_else(invalid_link)?;
    auth::set_password(&mut tx, &hash, state.now()).await?;
    store::raise_token_epoch(&mut tx).await?;
    auth::end_others(&mut tx, "password_reset").await?;
    end_what_the_old_password_began(&mut tx).await?;
    let revoked = store::revoke_api_tokens(&mut tx).await?;
    let event = audit::Event::new("auth.password_reset")
        .with("by", purpose.as_str())
        .with("api_tokens_revoked", revoked);
    audit::record(&mut tx, event).await?;
    if purpose == LinkPurpose::ResetPassword.name() {
        notifications::notify(&state, &mut tx, Kind::PasswordReset, serde_json::Map::new()).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
