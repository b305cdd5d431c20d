//! Passwords of documents, sealed.

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

pub struct Kept {
    pub password_sealed: Vec<u8>,
    pub user_salt: Vec<u8>,
}

/// The salt of the user's keys.
pub async fn user_salt(tx: &mut UserTx) -> Result<Vec<u8>, Problem> {
    let user = tx.user().0;
    let salt = sqlx::query_scalar!("SELECT kdf_salt FROM users WHERE id = $1", user)
        .fetch_one(tx.conn())
        .await?;
    Ok(salt)
}

pub async fn keep(tx: &mut UserTx, id: DocumentId, password_sealed: &[u8]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO document_passwords (document_id, user_id, password_sealed) VALUES ($1, $2, $3)
         ON CONFLICT (document_id) DO UPDATE SET password_sealed = excluded.password_sealed",
        id.0,
        user,
        password_sealed
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn kept(tx: &mut UserTx, id: DocumentId) -> Result<Option<Kept>, Problem> {
    let user = tx.user().0;
    let kept = sqlx::query_as!(
        Kept,
        "SELECT p.password_sealed, u.kdf_salt AS user_salt FROM document_passwords p JOIN users u ON u.id = p.user_id
          WHERE p.document_id = $1 AND p.user_id = $2",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(kept)
}

pub async fn forget(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM document_passwords WHERE document_id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
