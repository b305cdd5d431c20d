//! What the user is told of, and where. Notifications of security are always shown in the app.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Kind,
    kind::Choice,
    store::{self, ChosenKind},
};
use crate::{
    app::AppState,
    audit,
    auth::{Caller, SessionCaller, require_recent_password},
    db::UserTx,
    http::{
        JsonBody, Problem,
        problem::{FieldError, ProblemBody},
    },
};

#[derive(Serialize, ToSchema)]
pub struct Preferences {
    items: Vec<Preference>,
}

#[derive(Serialize, ToSchema)]
pub struct Preference {
    kind: &'static str,
    in_app: bool,
    mail: bool,
    /// It cannot be switched off in the app.
    locked: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePreferences {
    /// Kinds that are left out get their defaults.
    #[schema(max_items = 100)]
    items: Vec<ChangePreference>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePreference {
    kind: String,
    in_app: bool,
    mail: bool,
}

/// Which kinds there are, and where the user is told of them.
#[utoipa::path(get, path = "/api/v1/me/notification-preferences", operation_id = "show_notification_preferences", tag = "notifications", responses((status = OK, body = Preferences)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Preferences>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let preferences = preferences(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(preferences))
}

/// Chooses where the user is told of what.
///
/// Not to be mailed of security any more wants a recent password: a thief would begin with that.
#[utoipa::path(put, path = "/api/v1/me/notification-preferences", operation_id = "change_notification_preferences", tag = "notifications", request_body = ChangePreferences, responses(
    (status = OK, body = Preferences),
    (status = FORBIDDEN, description = "`session_required`, `reauth_required`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`unknown_kind`, `repeated_kind`, `locked`", body = ProblemBody),
))]
pub async fn change(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<ChangePreferences>,
) -> Result<Json<Preferences>, Problem> {
    let chosen = check(&body.items)?;
    let mut tx = caller.begin(&state).await?;
    if silences_security(&mut tx, &chosen).await? {
        require_recent_password(&tx, state.now())?;
    }
    store::replace_choices(&mut tx, &chosen).await?;
    audit::record(
        &mut tx,
        audit::Event::new("account.notification_preferences_changed"),
    )
    .await?;
    let preferences = preferences(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(preferences))
}

/// Whether letters of security stop that come now.
async fn silences_security(tx: &mut UserTx, chosen: &[ChosenKind]) -> Result<bool, Problem> {
    let before = store::choices(tx).await?;
    Ok(Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_locked())
        .any(|kind| choice_of(&before, kind).mail && !choice_of(chosen, kind).mail))
}

fn choice_of(chosen: &[ChosenKind], kind: Kind) -> Choice {
    chosen
        .iter()
        .find(|(other, _)| *other == kind)
        .map_or(kind.default_choice(), |(_, choice)| *choice)
}

async fn preferences(tx: &mut UserTx) -> Result<Preferences, Problem> {
    let chosen = store::choices(tx).await?;
    let items = Kind::ALL.into_iter().map(|kind| {
        let choice = choice_of(&chosen, kind);
        Preference {
            kind: kind.name(),
            in_app: choice.in_app || kind.is_locked(),
            mail: choice.mail,
            locked: kind.is_locked(),
        }
    });
    Ok(Preferences {
        items: items.collect(),
    })
}

fn check(items: &[ChangePreference]) -> Result<Vec<ChosenKind>, Problem> {
    let mut chosen: Vec<ChosenKind> = Vec::new();
    let mut errors = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let mut refuse = |code: &str, detail: &str| {
            errors.push(FieldError {
                field: format!("items[{place}]"),
                code: code.to_owned(),
                detail: detail.to_owned(),
            });
        };
        match Kind::from_name(&item.kind) {
            None => refuse("unknown_kind", "There is no such kind of notification."),
            Some(kind) if chosen.iter().any(|(other, _)| *other == kind) => {
                refuse("repeated_kind", "This kind is named twice.");
            }
            Some(kind) if kind.is_locked() && !item.in_app => refuse(
                "locked",
                "Notifications of security are always shown in the app.",
            ),
            Some(kind) => chosen.push((
                kind,
                Choice {
                    in_app: item.in_app,
                    mail: item.mail,
                },
            )),
        }
    }
    if errors.is_empty() {
        Ok(chosen)
    } else {
        Err(Problem::invalid_fields(errors))
    }
}
