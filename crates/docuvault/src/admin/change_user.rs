//! Changes an account's role, quota, or whether it may be used. A new role and disabling end its sessions at once.

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{AdminUser, check_limit, shown},
    store,
};
use crate::{
    accounts::Role,
    app::AppState,
    audit,
    auth::AdminCaller,
    db::UserTx,
    http::{JsonBody, PathId, Problem, etag::check_if_match, problem::ProblemBody},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    role: Option<Role>,
    disabled: Option<bool>,
    #[schema(minimum = 0)]
    limit_bytes: Option<i64>,
}

/// Changes an account.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", operation_id = "admin_change_user", tag = "admin", params(("id" = uuid::Uuid, Path)), request_body = UserChange, responses(
    (status = OK, body = AdminUser),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`last_admin`, `account_erasing`", body = ProblemBody),
    (status = PRECONDITION_FAILED, body = ProblemBody),
))]
pub async fn change_user(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonBody(body): JsonBody<UserChange>,
) -> Result<Response, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    check_limit(body.limit_bytes)?;
    let version = store::lock_user(&mut tx, id).await?;
    check_if_match(&headers, version)?;
    let before = store::user(&mut tx, id, state.now()).await?;
    apply(&state, &mut tx, &before, &body).await?;
    let steps_down =
        tx.user().0 == id && (body.role == Some(Role::User) || body.disabled == Some(true));
    let user = if steps_down {
        // They see no accounts any more.
        after(before, &body)
    } else {
        store::user(&mut tx, id, state.now()).await?
    };
    tx.commit().await?;
    Ok(shown(StatusCode::OK, user.version, &user))
}

/// What differs, the role last: who takes it from themselves may do nothing after.
async fn apply(
    state: &AppState,
    tx: &mut UserTx,
    before: &AdminUser,
    change: &UserChange,
) -> Result<(), Problem> {
    let (id, now) = (before.id, state.now());
    let told = |action| audit::Event::new(action).with("user_id", id.to_string());
    if let Some(bytes) = change
        .limit_bytes
        .filter(|&bytes| bytes != before.quota.limit_bytes)
    {
        store::set_quota(tx, id, bytes, now).await?;
        audit::record(tx, told("admin.quota_changed").with("limit_bytes", bytes)).await?;
    }
    if let Some(disabled) = change
        .disabled
        .filter(|&disabled| disabled != before.disabled)
    {
        store::set_disabled(tx, id, disabled, now).await?;
        let action = if disabled {
            "admin.user_disabled"
        } else {
            "admin.user_enabled"
        };
        audit::record(tx, told(action)).await?;
    }
    if let Some(role) = change.role.filter(|role| role.name() != before.role) {
        store::set_role(tx, id, role, now).await?;
        audit::record(tx, told("admin.role_changed").with("role", role.name())).await?;
    }
    Ok(())
}

fn after(before: AdminUser, change: &UserChange) -> AdminUser {
    let mut user = before;
    if let Some(role) = change.role {
        role.name().clone_into(&mut user.role);
    }
    user.disabled = change.disabled.unwrap_or(user.disabled);
    user.quota.limit_bytes = change.limit_bytes.unwrap_or(user.quota.limit_bytes);
    user.sessions = 0;
    user
}
