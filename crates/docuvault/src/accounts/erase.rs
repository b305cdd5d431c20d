//! Erases an account for good: it is closed at once; a job then removes its objects and rows, and with the rows the salt without
//! which nothing that was sealed for it can be opened. The audit trail stays: it holds ids and codes, no names and no content.

use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::{self, Proof, SessionCaller},
    db::{UserId, UserTx},
    documents,
    http::{JsonBody, Problem, problem::ProblemBody},
    mail::{self, Letter},
};

/// The job that erases one account.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseAccount {
    pub user_id: UserId,
}

impl docuvault_jobs::Job for EraseAccount {
    const KIND: &'static str = "erase_account";
    const MAX_ATTEMPTS: i32 = 20;
    const TIMEOUT: std::time::Duration = std::time::Duration::from_hours(2);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountErasure {
    #[schema(value_type = String)]
    password: SecretString,
    #[schema(value_type = Option<String>)]
    totp_code: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    recovery_code: Option<SecretString>,
}

/// Erases the signed-in user's account with all documents.
#[utoipa::path(delete, path = "/api/v1/me", operation_id = "erase_account", tag = "me", request_body = AccountErasure, responses(
    (status = ACCEPTED, description = "The account is closed; a job erases it."),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = CONFLICT, description = "`last_admin`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`invalid_totp`", body = ProblemBody),
))]
pub async fn erase(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<AccountErasure>,
) -> Result<StatusCode, Problem> {
    let verified = auth::verify_password(&state, &caller, body.password).await?;
    let counted = auth::count_code_within(&state, caller.session()).await?;
    let mut tx = caller.begin_unenrolled(&state).await?;
    // The lock of administration comes before the user's, as in everything that administrators do.
    let is_last_admin = store::is_last_admin(&mut tx).await?;
    verified.confirm(&mut tx).await?;
    let proof = Proof::of(body.totp_code, body.recovery_code);
    let mut tx = auth::require_totp(&state, tx, proof).await?;
    if is_last_admin {
        return Err(Problem::conflict(
            "last_admin",
            "This is the only administrator. Make someone else one first.",
        ));
    }
    audit::record(&mut tx, audit::Event::new("account.erasing")).await?;
    auth::end_others(&mut tx, "erasing").await?;
    store::begin_erasing(&mut tx, state.now()).await?;
    tx.commit().await?;
    counted.was_right().await;
    Ok(StatusCode::ACCEPTED)
}

/// Finishes the erasing of an account; may be repeated, also after a crash in its midst.
pub async fn erase_account(state: &AppState, user: UserId) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let erasing = store::is_erasing(&mut tx).await?;
    tx.commit().await?;
    if !erasing {
        return Ok(());
    }
    documents::erase_all(state, user).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let farewell = store::find_recipient(&mut tx).await?;
    store::delete_user(&mut tx).await?;
    audit::record(&mut tx, audit::Event::new("account.erased")).await?;
    tx.commit().await?;
    if let Some(to) = farewell {
        let sent = mail::send_now(state, &to.email, &to.locale, &Letter::AccountErased).await;
        if let Err(error) = sent {
            tracing::warn!(%error, "a farewell could not be mailed");
        }
    }
    Ok(())
}

/// Takes up erasings whose job was lost.
pub async fn resume_erasings(state: &AppState) -> Result<(), Problem> {
    for user in store::accounts_erasing(state.db()).await? {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let job = EraseAccount { user_id: user };
        store::queue_as_system(&mut tx, &job, Some(user.to_string())).await?;
        tx.commit().await?;
    }
    Ok(())
}
