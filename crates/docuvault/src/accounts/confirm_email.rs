//! Follows a link that was mailed to an address: the address is the user's, or agrees to a change.

use axum::{Json, extract::State};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LinkPurpose, email_key, links::invalid_link, links::store as link_store, store};
use crate::{
    app::AppState,
    audit, auth,
    crypto::opaque_token::{self, TokenKind},
    db::UserTx,
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
    notifications::{self, Kind},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailConfirmation {
    /// From the link.
    #[schema(value_type = String)]
    token: SecretString,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailOutcome {
    /// The address is now known to be the user's.
    Verified,
    /// Both addresses agreed: the new one is in force.
    Changed,
    WaitingForOtherAddress,
}

#[derive(Serialize, ToSchema)]
pub struct EmailConfirmed {
    outcome: EmailOutcome,
}

/// Confirms an address by the link that was mailed to it.
#[utoipa::path(post, path = "/api/v1/auth/email/confirm", operation_id = "confirm_email", tag = "auth", security(()), request_body = EmailConfirmation, responses(
    (status = OK, body = EmailConfirmed),
    (status = FORBIDDEN, description = "`invalid_link`", body = ProblemBody),
    (status = CONFLICT, description = "`email_taken`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn confirm_email(
    State(state): State<AppState>,
    ip: ClientIp,
    JsonBody(body): JsonBody<EmailConfirmation>,
) -> Result<Json<EmailConfirmed>, Problem> {
    auth::count_network(&state, "confirm:network", &ip).await?;
    let hash =
        opaque_token::read(TokenKind::Link, body.token.expose_secret()).ok_or_else(invalid_link)?;
    let user = link_store::link_owner(state.db(), &hash)
        .await?
        .ok_or_else(invalid_link)?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let purposes = [
        LinkPurpose::VerifyEmail,
        LinkPurpose::LeaveEmail,
        LinkPurpose::TakeEmail,
    ]
    .map(LinkPurpose::name);
    let purpose = link_store::use_link(&mut tx, &hash, &purposes, state.now())
        .await?
        .ok_or_else(invalid_link)?;
    let outcome = if purpose == LinkPurpose::VerifyEmail.name() {
        store::verify_email(&mut tx, state.now()).await?;
        audit::record(&mut tx, audit::Event::new("account.email_verified")).await?;
        EmailOutcome::Verified
    } else {
        let old_side = purpose == LinkPurpose::LeaveEmail.name();
        agree(&state, &mut tx, old_side).await?
    };
    tx.commit().await?;
    Ok(Json(EmailConfirmed { outcome }))
}

async fn agree(state: &AppState, tx: &mut UserTx, old_side: bool) -> Result<EmailOutcome, Problem> {
    let change = store::confirm_email_side(tx, old_side, state.now())
        .await?
        .ok_or_else(invalid_link)?;
    if !change.complete {
        let side = if old_side { "old" } else { "new" };
        let event = audit::Event::new("account.email_change_agreed").with("side", side);
        audit::record(tx, event).await?;
        return Ok(EmailOutcome::WaitingForOtherAddress);
    }
    // Before the change, so that the letter goes to the old address: its owner would miss it most.
    notifications::notify(state, tx, Kind::EmailChanged, serde_json::Map::new()).await?;
    let key = email_key(&change.new_email);
    store::change_email(tx, &change.new_email, &key, state.now()).await?;
    store::drop_email_change(tx).await?;
    // A reset link that went to the old address is void.
    link_store::void_links_and_logins(tx).await?;
    audit::record(tx, audit::Event::new("account.email_changed")).await?;
    Ok(EmailOutcome::Changed)
}
