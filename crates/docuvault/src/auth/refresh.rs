//! Exchanges the refresh cookie for a new access token and a new cookie, under one row lock:
//!
//! 1. the newest token rotates;
//! 2. the one before it, within the grace, gets the *same* successor (a lost answer, two tabs waking together);
//! 3. any other genuine token has been used before: someone holds a copy, so the whole family ends;
//! 4. anything this vault never made changes nothing.

use axum::extract::State;
use http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::{SessionAnswer, SignedIn, limits, origin::SameOrigin, session, store};
use crate::{
    app::AppState,
    audit,
    crypto::{
        SealedColumn,
        refresh_token::{self, GenuineToken},
        seal,
    },
    db::{SessionId, UserId, UserTx},
    events,
    http::{Problem, client_ip::ClientIp, problem::ProblemBody},
    notifications::{self, Kind},
};

/// Renews the session.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(("refresh_cookie" = [])), responses(
    (status = OK, body = SessionAnswer, description = "Also sets the next refresh cookie."),
    (status = UNAUTHORIZED, description = "`refresh_invalid`, `refresh_expired`, `refresh_reused`", body = ProblemBody),
))]
pub async fn refresh(
    State(state): State<AppState>,
    _: SameOrigin,
    ip: ClientIp,
    headers: HeaderMap,
) -> Result<SignedIn, Problem> {
    let refused = |code, detail| {
        Problem::new(StatusCode::UNAUTHORIZED, code, detail)
            .with_header_value(header::SET_COOKIE, state.refresh_cookie().clear())
    };
    let invalid = || {
        refused(
            "refresh_invalid",
            "There is no session to renew. Sign in again.",
        )
    };
    let token = state
        .refresh_cookie()
        .read(&headers)
        .and_then(|token| refresh_token::read(state.refresh_key(), token.expose_secret()));
    let Some(token) = token else {
        limits::count_failure(&state, &ip).await?;
        return Err(invalid());
    };
    let user = session_owner(&state, token.session)
        .await?
        .ok_or_else(invalid)?;
    limits::count_renewal(&state, token.session).await?;

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let family = store::lock_family(&mut tx, token.session)
        .await?
        .ok_or_else(invalid)?;
    let signed_in = match judge(
        &family,
        &token,
        state.now(),
        state.config().sessions.refresh_grace,
    ) {
        Verdict::Rotate => {
            let next = rotate(&state, &mut tx, &family, token.session).await?;
            session::answer(&state, &mut tx, token.session, &next).await?
        }
        Verdict::Repeat => {
            let next = open_successor(&state, &family, user, token.session)?;
            session::answer(&state, &mut tx, token.session, &next).await?
        }
        Verdict::Reused => {
            if store::revoke(&mut tx, token.session, "refresh_reused").await? {
                let event = audit::Event::new("auth.refresh_reuse");
                audit::record(
                    &mut tx,
                    event
                        .with("session_id", token.session.to_string())
                        .with("generation", token.generation),
                )
                .await?;
                let data = serde_json::Map::from_iter([(
                    "session_id".to_owned(),
                    token.session.to_string().into(),
                )]);
                notifications::notify(&state, &mut tx, Kind::RefreshReused, data).await?;
                events::announce(&mut tx, events::Change::SessionEnded).await?;
            }
            // The revocation must stand although the answer is an error.
            tx.commit().await?;
            return Err(refused(
                "refresh_reused",
                "This session was used from two places and has been ended. Sign in again, and change your password if this was not you.",
            ));
        }
        Verdict::Ended => return Err(invalid()),
        Verdict::Expired => {
            return Err(refused(
                "refresh_expired",
                "The session was not used for too long. Sign in again.",
            ));
        }
    };
    tx.commit().await?;
    Ok(signed_in)
}

/// Whose session it is, asked before a user is known.
pub(super) async fn session_owner(
    state: &AppState,
    id: SessionId,
) -> Result<Option<UserId>, Problem> {
    Ok(
        sqlx::query_scalar!(r#"SELECT session_owner($1) AS "owner: UserId""#, id.0)
            .fetch_one(state.db().anonymous())
            .await?,
    )
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Rotate,
    Repeat,
    Reused,
    Ended,
    Expired,
}

fn judge(
    family: &store::Family,
    token: &GenuineToken,
    now: OffsetDateTime,
    grace: std::time::Duration,
) -> Verdict {
    if family.user_disabled || family.revoked_at.is_some() {
        return Verdict::Ended;
    }
    if family.idle_expires_at <= now || family.absolute_expires_at <= now {
        return Verdict::Expired;
    }
    if family.current_hash == token.sha256 {
        return Verdict::Rotate;
    }
    let is_previous = family.previous_hash.as_deref() == Some(&token.sha256[..])
        && token.generation == family.generation - 1;
    let within_grace = family.rotated_at.is_some_and(|at| now - at <= grace);
    if is_previous && within_grace && family.successor_sealed.is_some() {
        Verdict::Repeat
    } else {
        Verdict::Reused
    }
}

async fn rotate(
    state: &AppState,
    tx: &mut UserTx,
    family: &store::Family,
    id: SessionId,
) -> Result<SecretString, Problem> {
    let generation = family.generation + 1;
    let next = refresh_token::make(state.refresh_key(), id, generation)?;
    let place = successor_place(tx.user(), id, &family.user_salt, generation);
    let sealed = seal::seal(state.keys(), &place, next.expose_secret().as_bytes())
        .map_err(Problem::internal)?;
    let now = state.now();
    let idle_expires_at = (now + state.config().sessions.idle_ttl).min(family.absolute_expires_at);
    store::rotate(
        tx,
        id,
        &refresh_token::sha256(&next),
        generation,
        &sealed,
        now,
        idle_expires_at,
    )
    .await?;
    Ok(next)
}

fn open_successor(
    state: &AppState,
    family: &store::Family,
    user: UserId,
    id: SessionId,
) -> Result<SecretString, Problem> {
    let place = successor_place(user, id, &family.user_salt, family.generation);
    let sealed = family.successor_sealed.as_deref().unwrap_or_default();
    let opened = seal::open(state.keys(), &place, sealed).map_err(Problem::internal)?;
    let text = std::str::from_utf8(&opened).map_err(Problem::internal)?;
    Ok(SecretString::from(text))
}

fn successor_place(
    user: UserId,
    id: SessionId,
    user_salt: &[u8],
    generation: i32,
) -> seal::Place<'_> {
    SealedColumn::RefreshSuccessor.place(user.0, user_salt, id.0, generation.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_token_of_a_family_gets_its_verdict() {
        let now = OffsetDateTime::now_utc();
        let grace = Duration::from_secs(10);
        let family = || store::Family {
            current_hash: vec![3; 32],
            previous_hash: Some(vec![2; 32]),
            generation: 3,
            rotated_at: Some(now - Duration::from_secs(5)),
            successor_sealed: Some(vec![1]),
            idle_expires_at: now + Duration::from_mins(1),
            absolute_expires_at: now + Duration::from_mins(1),
            revoked_at: None,
            user_disabled: false,
            user_salt: vec![0; 32],
        };
        let token = |generation, byte| GenuineToken {
            session: SessionId::new(),
            generation,
            sha256: [byte; 32],
        };
        assert_eq!(judge(&family(), &token(3, 3), now, grace), Verdict::Rotate);
        assert_eq!(judge(&family(), &token(2, 2), now, grace), Verdict::Repeat);
        assert_eq!(
            judge(&family(), &token(2, 2), now + Duration::from_secs(6), grace),
            Verdict::Reused
        );
        assert_eq!(judge(&family(), &token(1, 1), now, grace), Verdict::Reused);
        assert_eq!(
            judge(
                &store::Family {
                    revoked_at: Some(now),
                    ..family()
                },
                &token(3, 3),
                now,
                grace
            ),
            Verdict::Ended
        );
        assert_eq!(
            judge(
                &store::Family {
                    user_disabled: true,
                    ..family()
                },
                &token(3, 3),
                now,
                grace
            ),
            Verdict::Ended
        );
        assert_eq!(
            judge(
                &store::Family {
                    idle_expires_at: now,
                    ..family()
                },
                &token(3, 3),
                now,
                grace
            ),
            Verdict::Expired
        );
        assert_eq!(
            judge(
                &store::Family {
                    absolute_expires_at: now,
                    ..family()
                },
                &token(3, 3),
                now,
                grace
            ),
            Verdict::Expired
        );
    }
}
