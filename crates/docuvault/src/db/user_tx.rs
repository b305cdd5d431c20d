//! A transaction that acts for one user: the only way to rows that belong to someone. Row-level security sees the user it names.

use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use super::{Database, SessionId, UserId};
use crate::accounts::Role;

/// Who is asking: what a verified access token says. Whether the session is still good is asked of the database.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    pub user: UserId,
    pub id: SessionId,
    /// The user's token epoch at the time the token was made.
    pub epoch: i32,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Revoked, expired, disabled, or made before the password changed.
    #[error("the session has ended")]
    Ended,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Rolls back unless committed.
pub struct UserTx {
    tx: Transaction<'static, Postgres>,
    user: UserId,
    session: Option<SessionId>,
    role: Role,
    authenticated_at: Option<OffsetDateTime>,
}

impl UserTx {
    /// Opens a transaction for the session's user, after checking in the same statement that the session still stands.
    pub async fn begin(database: &Database, session: Session) -> Result<Self, SessionError> {
        let mut tx = database.begin().await?;
        let begun = sqlx::query!(
            r#"SELECT role AS "role!", authenticated_at AS "authenticated_at!" FROM begin_session($1, $2, $3)"#,
            session.user.0,
            session.id.0,
            session.epoch
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(SessionError::Ended)?;
        Ok(Self {
            tx,
            user: session.user,
            session: Some(session.id),
            role: Role::from_name(&begun.role),
            authenticated_at: Some(begun.authenticated_at),
        })
    }

    /// For work that a user has set in motion earlier: jobs, signed gateway tickets, and the steps of signing in.
    pub async fn on_behalf_of(database: &Database, user: UserId) -> Result<Self, sqlx::Error> {
        let mut tx = database.begin().await?;
        sqlx::query!(
            "SELECT set_config('docuvault.user_id', $1, true)",
            user.to_string()
        )
        .fetch_one(&mut *tx)
        .await?;
        Ok(Self {
            tx,
            user,
            session: None,
            role: Role::User,
            authenticated_at: None,
        })
    }

    /// The same transaction, from here on for an account that is made in it.
    pub async fn for_newborn(mut self, newborn: UserId) -> Result<Self, sqlx::Error> {
        sqlx::query!(
            "SELECT set_config('docuvault.user_id', $1, true)",
            newborn.to_string()
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(Self {
            tx: self.tx,
            user: newborn,
            session: None,
            role: Role::User,
            authenticated_at: None,
        })
    }

    /// When the session's user last gave their password.
    pub fn authenticated_at(&self) -> Option<OffsetDateTime> {
        self.authenticated_at
    }

    pub fn user(&self) -> UserId {
        self.user
    }

    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}
