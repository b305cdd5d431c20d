//! The checks of master keys, and what is sealed with which.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    crypto::{SealedColumn, keys::KeyId},
    db::{Database, UserId, UserTx, constraint::violated_constraint},
};

pub struct KeyCheck {
    pub id: KeyId,
    pub sealed: Vec<u8>,
}

pub async fn key_checks(database: &Database) -> Result<Vec<KeyCheck>, sqlx::Error> {
    let rows = sqlx::query!("SELECT key_id, sealed FROM key_checks ORDER BY key_id")
        .fetch_all(database.anonymous())
        .await?;
    let checks = rows.into_iter().map(|row| KeyCheck {
        id: row.key_id.cast_unsigned(),
        sealed: row.sealed,
    });
    Ok(checks.collect())
}

/// Keeps the first check of a key for good.
pub async fn add_key_check(
    database: &Database,
    id: KeyId,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO key_checks (key_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        id.cast_signed(),
        sealed
    )
    .execute(database.anonymous())
    .await
    .map(drop)
}

/// Gives up the keys before `id`. False when something is still sealed with one of them: then nothing has changed.
pub async fn forget_keys_before(database: &Database, id: KeyId) -> Result<bool, sqlx::Error> {
    let forgotten = sqlx::query!("DELETE FROM key_checks WHERE key_id < $1", id.cast_signed())
        .execute(database.anonymous())
        .await;
    match forgotten {
        Err(error) if violated_constraint(&error).is_some() => Ok(false),
        forgotten => forgotten.map(|_| true),
    }
}

/// How many rows of a column are sealed with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRows {
    pub column: String,
    pub key: KeyId,
    pub rows: i64,
}

pub async fn sealed_rows(database: &Database) -> Result<Vec<SealedRows>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT sealed_column AS "column!", key_id AS "key!", row_count AS "rows!" FROM sealed_rows_by_key()"#
    )
    .fetch_all(database.anonymous())
    .await?;
    let sealed = rows.into_iter().map(|row| SealedRows {
        column: row.column,
        key: row.key.cast_unsigned(),
        rows: row.rows,
    });
    Ok(sealed.collect())
}

pub struct OldRow {
    pub user: UserId,
    pub row: Uuid,
}

/// Rows of a column that are sealed with a key before `key`, from the one after `after` on.
pub async fn sealed_before(
    database: &Database,
    column: SealedColumn,
    key: KeyId,
    after: Uuid,
    limit: i32,
) -> Result<Vec<OldRow>, sqlx::Error> {
    sqlx::query_as!(
        OldRow,
        r#"SELECT user_id AS "user!: UserId", row_id AS "row!" FROM sealed_before_key($1, $2, $3, $4)"#,
        column.name(),
        key.cast_signed(),
        after,
        limit
    )
    .fetch_all(database.anonymous())
    .await
}

pub struct SealedValue {
    pub sealed: Option<Vec<u8>>,
    pub version: i32,
    pub user_salt: Vec<u8>,
}

/// The value as it is now, locked. `None` when the row is gone.
pub async fn lock_sealed(
    tx: &mut UserTx,
    column: SealedColumn,
    row: Uuid,
) -> Result<Option<SealedValue>, sqlx::Error> {
    let user = tx.user().0;
    let connection = tx.conn();
    match column {
        SealedColumn::RefreshSuccessor => {
            sqlx::query_as!(
                SealedValue,
                "SELECT s.successor_sealed AS sealed, s.generation AS version, u.kdf_salt AS user_salt
                   FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $2 FOR UPDATE OF s",
                row,
                user
            )
            .fetch_optional(connection)
            .await
        }
        SealedColumn::TotpSeed => {
            sqlx::query_as!(
                SealedValue,
                r#"SELECT t.seed_sealed AS "sealed?", 1 AS "version!", u.kdf_salt AS user_salt
                     FROM totp_secrets t JOIN users u ON u.id = t.user_id WHERE t.user_id = $1 AND t.user_id = $2 FOR UPDATE OF t"#,
                row,
                user
            )
            .fetch_optional(connection)
            .await
        }
        SealedColumn::MailLetter => {
            sqlx::query_as!(
                SealedValue,
                r#"SELECT m.letter_sealed AS "sealed?", 1 AS "version!", u.kdf_salt AS user_salt
                     FROM mails m JOIN users u ON u.id = m.user_id WHERE m.id = $1 AND m.user_id = $2 FOR UPDATE OF m"#,
                row,
                user
            )
            .fetch_optional(connection)
            .await
        }
        SealedColumn::AiApiKey => {
            sqlx::query_as!(
                SealedValue,
                r#"SELECT a.api_key_sealed AS sealed, 1 AS "version!", u.kdf_salt AS user_salt
                     FROM ai_settings a JOIN users u ON u.id = a.user_id WHERE a.user_id = $1 AND a.user_id = $2 FOR UPDATE OF a"#,
                row,
                user
            )
            .fetch_optional(connection)
            .await
        }
        SealedColumn::DocumentPassword => {
            sqlx::query_as!(
                SealedValue,
                r#"SELECT p.password_sealed AS "sealed?", 1 AS "version!", u.kdf_salt AS user_salt
                     FROM document_passwords p JOIN users u ON u.id = p.user_id WHERE p.document_id = $1 AND p.user_id = $2 FOR UPDATE OF p"#,
                row,
                user
            )
            .fetch_optional(connection)
            .await
        }
    }
}

/// Puts the value, sealed anew, where it was.
pub async fn keep_sealed(
    tx: &mut UserTx,
    column: SealedColumn,
    row: Uuid,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    let user = tx.user().0;
    let connection: &mut PgConnection = tx.conn();
    let update = match column {
        SealedColumn::RefreshSuccessor => sqlx::query!(
            "UPDATE sessions SET successor_sealed = $3 WHERE id = $1 AND user_id = $2",
            row,
            user,
            sealed
        ),
        SealedColumn::TotpSeed => sqlx::query!(
            "UPDATE totp_secrets SET seed_sealed = $3 WHERE user_id = $1 AND user_id = $2",
            row,
            user,
            sealed
        ),
        SealedColumn::MailLetter => sqlx::query!(
            "UPDATE mails SET letter_sealed = $3 WHERE id = $1 AND user_id = $2",
            row,
            user,
            sealed
        ),
        SealedColumn::AiApiKey => sqlx::query!(
            "UPDATE ai_settings SET api_key_sealed = $3 WHERE user_id = $1 AND user_id = $2",
            row,
            user,
            sealed
        ),
        SealedColumn::DocumentPassword => sqlx::query!(
            "UPDATE document_passwords SET password_sealed = $3 WHERE document_id = $1 AND user_id = $2",
            row,
            user,
            sealed
        ),
    };
    update.execute(connection).await.map(drop)
}
