//! The invites table: administrators' alone, by its policy.

use time::OffsetDateTime;
use uuid::Uuid;

use super::model::Invite;
use crate::{accounts::Role, db::UserTx, http::Problem};

pub struct NewInvite<'a> {
    pub id: Uuid,
    pub token_sha256: [u8; 32],
    pub email: Option<&'a str>,
    pub role: Role,
    pub limit_bytes: Option<i64>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

pub async fn insert_invite(tx: &mut UserTx, invite: &NewInvite<'_>) -> Result<(), Problem> {
    let admin = tx.user().0;
    sqlx::query!(
        "INSERT INTO invites (id, token_hash, email, role, limit_bytes, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        invite.id,
        &invite.token_sha256[..],
        invite.email,
        invite.role.name(),
        invite.limit_bytes,
        admin,
        invite.created_at,
        invite.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest first; one (`id`), or those before `before`.
pub async fn invites(
    tx: &mut UserTx,
    id: Option<Uuid>,
    before: Option<Uuid>,
    limit: i64,
    now: OffsetDateTime,
) -> Result<Vec<Invite>, Problem> {
    let rows = sqlx::query!(
        r#"SELECT id, email, role, limit_bytes, created_at, expires_at, created_by, accepted_at, revoked_at IS NOT NULL AS "revoked!"
             FROM invites WHERE id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) AND ($1::uuid IS NULL OR id = $1)
            ORDER BY id DESC LIMIT $3"#,
        id,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let invites = rows.into_iter().map(|row| Invite {
        id: row.id,
        email: row.email,
        role: row.role,
        limit_bytes: row.limit_bytes,
        created_at: row.created_at,
        expires_at: row.expires_at,
        created_by: row.created_by,
        accepted_at: row.accepted_at,
        status: Invite::status_of(row.accepted_at.is_some(), row.revoked, row.expires_at, now),
    });
    Ok(invites.collect())
}

/// Revokes an invitation that nobody has accepted. Answers whether that changed anything.
pub async fn revoke_invite(
    tx: &mut UserTx,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool, Problem> {
    let rows = sqlx::query!(
        "UPDATE invites SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND accepted_at IS NULL",
        id,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
