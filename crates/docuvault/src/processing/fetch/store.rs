//! What is known of the bytes after they were fetched.

use crate::{
    db::{DocumentId, UserTx, constraint::violated_constraint},
    http::Problem,
};

/// The bytes in the store were read, and have this digest. False when another document has the same bytes and `as_copy` is not said:
/// the transaction is void then.
pub async fn note_verified(
    tx: &mut UserTx,
    id: DocumentId,
    sha256: &[u8; 32],
    as_copy: bool,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let noted = sqlx::query!(
        "UPDATE documents SET sha256 = $3, verified_at = now(), storage_problem = NULL, duplicate_allowed = duplicate_allowed OR $4
          WHERE id = $1 AND user_id = $2 AND state = 'processing'",
        id.0,
        user,
        &sha256[..],
        as_copy
    )
    .execute(tx.conn())
    .await;
    match noted {
        Ok(_) => Ok(true),
        Err(error) if violated_constraint(&error) == Some("documents_duplicate") => Ok(false),
        Err(error) => Err(error.into()),
    }
}
