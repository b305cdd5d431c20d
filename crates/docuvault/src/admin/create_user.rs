//! Makes an account for someone. Nobody but them chooses the password, by the link that is answered here and mailed.

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{CreatedUser, shown},
    store,
};
use crate::{
    accounts::{AccountFor, Role, create_account_for},
    app::AppState,
    audit,
    auth::AdminCaller,
    db::UserId,
    http::{
        JsonBody, Problem,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    email: String,
    display_name: String,
    /// `user` when left out.
    role: Option<Role>,
    /// The vault's usual quota when left out.
    #[schema(minimum = 0)]
    limit_bytes: Option<i64>,
    /// `en` or `de`: the language of the starter topics and of mail.
    locale: Option<String>,
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/admin/users", operation_id = "admin_create_user", tag = "admin", request_body = NewUser, responses(
    (status = CREATED, body = CreatedUser),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = CONFLICT, description = "`email_taken`", body = ProblemBody),
))]
pub async fn create_user(
    State(state): State<AppState>,
    caller: AdminCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewUser>,
) -> Result<Response, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    let key = IdempotencyKey::of(&headers, &body)?;
    let id = UserId::new();
    let earlier = idempotency::claim(&mut tx, key.as_ref(), "admin.create_user", id.0).await?;
    if let Some(earlier) = earlier {
        tx.commit().await?;
        return answer(&state, &caller, earlier, None).await;
    }
    let account = AccountFor {
        email: body.email,
        display_name: body.display_name,
        role: body.role.unwrap_or(Role::User),
        locale: body
            .locale
            .filter(|locale| locale == "de")
            .unwrap_or_else(|| "en".to_owned()),
        limit_bytes: body.limit_bytes,
    };
    account.check()?;
    audit::record(
        &mut tx,
        audit::Event::new("admin.user_created").with("user_id", id.to_string()),
    )
    .await?;
    let link = create_account_for(&state, tx, id, account).await?;
    answer(&state, &caller, id.0, Some(link)).await
}

async fn answer(
    state: &AppState,
    caller: &AdminCaller,
    id: Uuid,
    link: Option<crate::accounts::MadeLink>,
) -> Result<Response, Problem> {
    let mut tx = caller.begin(state).await?;
    let user = store::user(&mut tx, id, state.now()).await?;
    tx.commit().await?;
    let created = CreatedUser {
        user,
        password_link: link.map(Into::into),
    };
    Ok(shown(StatusCode::CREATED, created.user.version, &created))
}
