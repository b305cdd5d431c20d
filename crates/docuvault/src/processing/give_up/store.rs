//! What a document is that was given up.

use super::Failure;
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// The document could not be read; what it is by its bytes replaces what its sender claimed. False when it is no longer waiting to be read.
pub async fn fail_reading(
    tx: &mut UserTx,
    id: DocumentId,
    failure: &Failure,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        // A digest that we have seen ourselves stays: by it the right bytes are known again should they come back. A sender's word that
        // does not hold makes room for the truth, which then counts as nobody's original.
        "UPDATE documents d SET state = 'failed', processing_error = $3, content_type = coalesce($4, content_type),
                storage_problem = coalesce($5, storage_problem), sha256 = CASE WHEN word.counts THEN $6 ELSE sha256 END,
                duplicate_allowed = duplicate_allowed OR word.counts, version = version + 1, updated_at = now()
           FROM (SELECT $6::bytea IS NOT NULL AND w.verified_at IS NULL AND NOT EXISTS (
                        SELECT FROM uploads u WHERE u.document_id = w.id AND u.user_id = w.user_id AND u.received_sha256 = w.sha256) AS counts
                   FROM documents w WHERE w.id = $1 AND w.user_id = $2) word
          WHERE d.id = $1 AND d.user_id = $2 AND d.state IN ('stored', 'processing')",
        id.0,
        user,
        failure.code,
        failure.content_type,
        failure.storage_problem,
        failure.found_sha256.as_ref().map(|digest| &digest[..]),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
