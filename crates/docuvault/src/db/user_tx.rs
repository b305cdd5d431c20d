//! A transaction that acts for one user: the only way to rows that belong to someone. Row-level security sees the user it names.

use sqlx::{PgConnection, Postgres, Transaction};

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
}

impl UserTx {
    /// Opens a transaction for the session's user, after checking in the same statement that the session still stands.
    pub async fn begin(database: &Database, session: Session) -> Result<Self, SessionError> {
        let mut tx = database.begin().await?;
        let role = sqlx::query_scalar!(
            r#"SELECT role AS "role!" FROM begin_session($1, $2, $3)"#,
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
            role: Role::from_name(&role),
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
        })
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
