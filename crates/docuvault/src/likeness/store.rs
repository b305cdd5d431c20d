//! Likeness in the database: digests of texts, and what is like a document.

use uuid::Uuid;

use crate::{
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// Bits in which the digests of almost the same texts differ at most; the indexes of migration 0018 are made for three.
const ALMOST: i64 = 3;

/// `simhash` NULL: the text is too short.
pub async fn note(tx: &mut UserTx, id: DocumentId, simhash: Option<u64>) -> Result<(), Problem> {
    sqlx::query!(
        "INSERT INTO document_likeness (document_id, user_id, simhash, is_known) VALUES ($1, $2, $3, true)
         ON CONFLICT (document_id) DO UPDATE SET simhash = EXCLUDED.simhash, is_known = true",
        id.0,
        tx.user().0,
        simhash.map(u64::cast_signed)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The text of a document, from its pages.
pub async fn text(tx: &mut UserTx, id: DocumentId) -> Result<String, Problem> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(string_agg(text, ' ' ORDER BY number), '') AS "text!" FROM document_pages WHERE document_id = $1 AND user_id = $2"#,
        id.0,
        tx.user().0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Documents from before digests were kept.
pub async fn due(
    db: &crate::db::Database,
    limit: i32,
) -> Result<Vec<(DocumentId, UserId)>, Problem> {
    Ok(sqlx::query!(
        r#"SELECT document_id AS "document_id!: DocumentId", user_id AS "user_id!: UserId" FROM likeness_due($1)"#,
        limit
    )
    .fetch_all(db.anonymous())
    .await?
    .into_iter()
    .map(|row| (row.document_id, row.user_id))
    .collect())
}

/// The digest of a document's text, if there is one.
pub async fn digest(tx: &mut UserTx, id: DocumentId) -> Result<Option<u64>, Problem> {
    let digest = sqlx::query_scalar!(
        "SELECT simhash FROM document_likeness WHERE document_id = $1 AND user_id = $2",
        id.0,
        tx.user().0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(digest.flatten().map(i64::cast_unsigned))
}

/// A document whose text is almost that of another.
pub struct Same {
    pub id: Uuid,
    pub in_trash: bool,
}

/// Documents other than `id` whose text is almost the one of this digest, the nearest first.
pub async fn almost_the_same(
    tx: &mut UserTx,
    id: DocumentId,
    digest: u64,
    limit: i64,
) -> Result<Vec<Same>, Problem> {
    Ok(sqlx::query_as!(
        Same,
        r#"SELECT near.document_id AS "id!", d.trashed_at IS NOT NULL AS "in_trash!"
             FROM (SELECT document_id, simhash FROM document_likeness WHERE user_id = $2 AND simhash IS NOT NULL AND (simhash & 65535) = ($3::bigint & 65535)
                   UNION
                   SELECT document_id, simhash FROM document_likeness WHERE user_id = $2 AND simhash IS NOT NULL AND ((simhash >> 16) & 65535) = (($3::bigint >> 16) & 65535)
                   UNION
                   SELECT document_id, simhash FROM document_likeness WHERE user_id = $2 AND simhash IS NOT NULL AND ((simhash >> 32) & 65535) = (($3::bigint >> 32) & 65535)
                   UNION
                   SELECT document_id, simhash FROM document_likeness WHERE user_id = $2 AND simhash IS NOT NULL AND ((simhash >> 48) & 65535) = (($3::bigint >> 48) & 65535)) AS near
             JOIN documents d ON d.id = near.document_id AND d.user_id = $2 AND d.state = 'ready'
            WHERE near.document_id <> $1 AND bit_count((near.simhash # $3::bigint)::bit(64)) <= $4
            ORDER BY bit_count((near.simhash # $3::bigint)::bit(64)), near.document_id DESC LIMIT $5"#,
        id.0,
        tx.user().0,
        digest.cast_signed(),
        ALMOST,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A word of a document, and how many documents have it.
pub struct RareWord {
    pub word: String,
    pub documents: i64,
}

/// The words of a document that at least so many documents have, the rarest first.
pub async fn rare_words(
    tx: &mut UserTx,
    id: DocumentId,
    at_least: i64,
    limit: i64,
) -> Result<Vec<RareWord>, Problem> {
    // A word that begins with a character of which there are no keys is the vault's own (migrations 0016, 0017).
    Ok(sqlx::query_as!(
        RareWord,
        r#"SELECT w.word, w.documents
             FROM document_search s CROSS JOIN unnest(tsvector_to_array(s.tsv)) AS own (word)
             JOIN search_words w ON w.user_id = $2 AND w.word = own.word COLLATE "C"
            WHERE s.document_id = $1 AND s.user_id = $2 AND s.window_no = 0 AND own.word COLLATE "C" > ' ' AND w.documents >= $4
            ORDER BY w.documents, w.word LIMIT $3"#,
        id.0,
        tx.user().0,
        limit,
        at_least
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A document that shares words with another.
pub struct Sharing {
    pub id: Uuid,
    /// Words in common.
    pub shared: i64,
    /// The sum of their weights.
    pub weight: f32,
}

/// The documents that share most.
pub async fn sharing(
    tx: &mut UserTx,
    id: DocumentId,
    words: &[String],
    weights: &[f32],
    limit: i32,
) -> Result<Vec<Sharing>, Problem> {
    Ok(sqlx::query_as!(
        Sharing,
        r#"SELECT document_id AS "id!", shared AS "shared!", weight AS "weight!" FROM similar_documents($1, $2, $3, $4)"#,
        words,
        weights,
        id.0,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}
