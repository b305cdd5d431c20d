//! Ends one session, or all. Its access token is refused with the next request, and its open pages are told at once.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionCaller, caller::require_recent_password, session, store};
use crate::{
    app::AppState,
    audit,
    db::SessionId,
    events,
    http::{OptionalJsonBody, PathId, Problem, problem::ProblemBody},
};

/// Ends a session. Another one than that which asks wants a recent password.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{id}", operation_id = "end_session", tag = "auth", params(("id" = uuid::Uuid, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
))]
pub async fn end_session(
    State(state): State<AppState>,
    caller: SessionCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = SessionId(id);
    let mut tx = caller.begin_unenrolled(&state).await?;
    if id != caller.session().id {
        require_recent_password(&tx, state.now())?;
    }
    if !store::revoke(&mut tx, id, "ended_by_user").await? {
        return Err(Problem::not_found());
    }
    let event = audit::Event::new("auth.session_ended");
    audit::record(&mut tx, event.with("session_id", id.to_string())).await?;
    events::announce(&mut tx, events::Change::SessionEnded).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoutAll {
    /// True to stay signed in here.
    #[serde(default)]
    keep_current: bool,
}

/// Ends all sessions of the user.
#[utoipa::path(post, path = "/api/v1/auth/logout-all", operation_id = "logout_all", tag = "auth", request_body = Option<LogoutAll>, responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`reauth_required`", body = ProblemBody),
))]
pub async fn logout_all(
    State(state): State<AppState>,
    caller: SessionCaller,
    OptionalJsonBody(body): OptionalJsonBody<LogoutAll>,
) -> Result<Response, Problem> {
    let keep_current = body.unwrap_or_default().keep_current;
    let mut tx = caller.begin_unenrolled(&state).await?;
    require_recent_password(&tx, state.now())?;
    let ended = session::end_others(&mut tx, "ended_by_user").await?;
    if !keep_current {
        store::revoke(&mut tx, caller.session().id, "ended_by_user").await?;
    }
    let event = audit::Event::new("auth.sessions_ended").with("others", ended);
    audit::record(&mut tx, event.with("kept_current", keep_current)).await?;
    tx.commit().await?;
    let answer = StatusCode::NO_CONTENT.into_response();
    Ok(if keep_current {
        answer
    } else {
        (
            [(header::SET_COOKIE, state.refresh_cookie().clear())],
            answer,
        )
            .into_response()
    })
}
