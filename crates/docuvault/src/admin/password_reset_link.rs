//! A link by which a user sets a password anew, for an administrator to hand over: for vaults without mail. The user is told.

use axum::{Json, extract::State};
use http::StatusCode;

use super::{model::PasswordLink, store};
use crate::{
    accounts::{link_url, make_link_token},
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Makes a link for setting the password: good for an hour, or a week where there is no password yet.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/password-reset-link", operation_id = "admin_password_reset_link", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = CREATED, body = PasswordLink),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`account_erasing`, `own_account`", body = ProblemBody),
))]
pub async fn password_reset_link(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<PasswordLink>), Problem> {
    use secrecy::ExposeSecret;
    let mut tx = caller.begin_change(&state).await?;
    let made = make_link_token()?;
    let (purpose, expires_at) =
        store::keep_password_link(&mut tx, id, &made.sha256, state.now()).await?;
    audit::record(
        &mut tx,
        audit::Event::new("admin.reset_link_made").with("user_id", id.to_string()),
    )
    .await?;
    tx.commit().await?;
    let link = PasswordLink {
        url: link_url(&state, purpose, &made.text),
        token: made.text.expose_secret().to_owned(),
        expires_at,
    };
    Ok((StatusCode::CREATED, Json(link)))
}
