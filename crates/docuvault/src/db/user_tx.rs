//! A transaction that acts for one user: the only way to rows that belong to someone. Row-level security sees the user it names.

use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use super::{ApiTokenId, Database, SessionId, UserId};
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

/// By what the transaction's user was let in.
#[derive(Debug, Clone, Copy)]
pub enum Entry {
    Session {
        id: SessionId,
        /// When the password was last given in it.
        authenticated_at: OffsetDateTime,
    },
    ApiToken {
        id: ApiTokenId,
        can_write: bool,
    },
    /// Nobody asked just now: a job, a signed ticket, a step of signing in.
    OnBehalf,
}

/// Rolls back unless committed.
pub struct UserTx {
    tx: Transaction<'static, Postgres>,
    user: UserId,
    entry: Entry,
    role: Role,
    totp_enabled: bool,
}

impl UserTx {
    /// Opens a transaction for the session's user, after checking in the same statement that the session still stands.
    pub async fn begin(database: &Database, session: Session) -> Result<Self, SessionError> {
        let mut tx = database.begin().await?;
        let found = sqlx::query!(
            r#"SELECT role AS "role!", totp_enabled AS "totp_enabled!", authenticated_at AS "authenticated_at!" FROM begin_session($1, $2, $3)"#,
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
            entry: Entry::Session {
                id: session.id,
                authenticated_at: found.authenticated_at,
            },
            role: Role::from_name(&found.role),
            totp_enabled: found.totp_enabled,
        })
    }

    /// The same for a personal API token, given as its hash.
    pub async fn begin_by_api_token(
        database: &Database,
        token_sha256: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Self, SessionError> {
        let mut tx = database.begin().await?;
        let found = sqlx::query!(
            r#"SELECT user_id AS "user_id!: UserId", token_id AS "token_id!: ApiTokenId", role AS "role!", totp_enabled AS "totp_enabled!", can_write AS "can_write!"
                 FROM begin_api_token($1, $2)"#,
            &token_sha256[..],
            now
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(SessionError::Ended)?;
        Ok(Self {
            tx,
            user: found.user_id,
            entry: Entry::ApiToken {
                id: found.token_id,
                can_write: found.can_write,
            },
            role: Role::from_name(&found.role),
            totp_enabled: found.totp_enabled,
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
            entry: Entry::OnBehalf,
            role: Role::User,
            totp_enabled: false,
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
            entry: Entry::OnBehalf,
            role: Role::User,
            totp_enabled: false,
        })
    }

    pub fn user(&self) -> UserId {
        self.user
    }

    pub fn entry(&self) -> Entry {
        self.entry
    }

    pub fn session(&self) -> Option<SessionId> {
        match self.entry {
            Entry::Session { id, .. } => Some(id),
            Entry::ApiToken { .. } | Entry::OnBehalf => None,
        }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn totp_enabled(&self) -> bool {
        self.totp_enabled
    }

    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}
