//! Notifications and what the user wants to know.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Kind, kind::Choice, list::Notification};
use crate::{db::UserTx, http::Problem};

pub type ChosenKind = (Kind, Choice);

/// Who gets the letters.
pub struct Recipient {
    pub email: String,
    pub locale: String,
}

pub async fn recipient(tx: &mut UserTx) -> Result<Recipient, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Recipient,
        "SELECT email, locale FROM users WHERE id = $1",
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

pub async fn insert(
    tx: &mut UserTx,
    id: Uuid,
    kind: Kind,
    data: Map<String, Value>,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO notifications (id, user_id, kind, data, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        user,
        kind.name(),
        Value::Object(data),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest, older than `before` where that is given.
pub async fn page(
    tx: &mut UserTx,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Notification>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Notification,
        "SELECT id, kind, data, created_at, read_at FROM notifications
          WHERE user_id = $1 AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) ORDER BY id DESC LIMIT $3",
        user,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn unread(tx: &mut UserTx) -> Result<i64, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM notifications WHERE user_id = $1 AND read_at IS NULL"#,
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

/// False when there is none of this id.
pub async fn mark_read(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<bool, Problem> {
    let user = tx.user().0;
    let marked = sqlx::query!(
        "UPDATE notifications SET read_at = coalesce(read_at, $3) WHERE user_id = $1 AND id = $2",
        user,
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(marked.rows_affected() > 0)
}

pub async fn mark_all_read(tx: &mut UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE notifications SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL",
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where the user wants to be told of a kind.
pub async fn choice(tx: &mut UserTx, kind: Kind) -> Result<Choice, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Choice,
        "SELECT in_app, mail FROM notification_preferences WHERE user_id = $1 AND kind = $2",
        user,
        kind.name()
    )
    .fetch_optional(tx.conn())
    .await?
    .unwrap_or_else(|| kind.default_choice()))
}

/// What differs from the defaults.
pub async fn choices(tx: &mut UserTx) -> Result<Vec<ChosenKind>, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "SELECT kind, in_app, mail FROM notification_preferences WHERE user_id = $1",
        user
    )
    .fetch_all(tx.conn())
    .await?;
    // A kind of a newer version is not shown.
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let choice = Choice {
                in_app: row.in_app,
                mail: row.mail,
            };
            Some((Kind::from_name(&row.kind)?, choice))
        })
        .collect())
}

pub async fn replace_choices(tx: &mut UserTx, chosen: &[ChosenKind]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM notification_preferences WHERE user_id = $1",
        user
    )
    .execute(tx.conn())
    .await?;
    let differing = || {
        chosen
            .iter()
            .filter(|(kind, choice)| kind.default_choice() != *choice)
    };
    let kinds: Vec<String> = differing()
        .map(|(kind, _)| kind.name().to_owned())
        .collect();
    let in_app: Vec<bool> = differing().map(|(_, choice)| choice.in_app).collect();
    let mail: Vec<bool> = differing().map(|(_, choice)| choice.mail).collect();
    // Two requests at once: the later one's choices stand.
    sqlx::query!(
        "INSERT INTO notification_preferences (user_id, kind, in_app, mail)
         SELECT $1, kind, in_app, mail FROM unnest($2::text[], $3::boolean[], $4::boolean[]) AS chosen (kind, in_app, mail)
         ON CONFLICT (user_id, kind) DO UPDATE SET in_app = excluded.in_app, mail = excluded.mail",
        user,
        &kinds,
        &in_app,
        &mail
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
