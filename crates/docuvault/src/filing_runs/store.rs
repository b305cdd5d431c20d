//! The table of runs, and the documents they come to.

use time::OffsetDateTime;
use uuid::Uuid;

use super::model::{FilingRun, RunKind, RunState};
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

struct RunRow {
    id: Uuid,
    kind: String,
    state: String,
    total: i64,
    done: i64,
    failed: i64,
    created_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
}

impl From<RunRow> for FilingRun {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id,
            kind: RunKind::from_name(&row.kind),
            state: RunState::from_name(&row.state),
            total: row.total,
            done: row.done,
            failed: row.failed,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// False while another is not over.
pub async fn start(tx: &mut UserTx, id: Uuid, kind: RunKind) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "INSERT INTO filing_runs (id, user_id, kind, total)
         SELECT $1, $2, $3, count(*) FROM documents WHERE user_id = $2 AND trashed_at IS NULL AND state IN ('ready', 'failed')
         ON CONFLICT (user_id) WHERE state IN ('running', 'paused') DO NOTHING",
        id,
        user,
        kind.name()
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

pub async fn run(tx: &mut UserTx, id: Uuid) -> Result<FilingRun, Problem> {
    let user = tx.user().0;
    sqlx::query_as!(
        RunRow,
        "SELECT id, kind, state, total, done, failed, created_at, finished_at FROM filing_runs WHERE id = $1 AND user_id = $2",
        id,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .map(FilingRun::from)
    .ok_or_else(Problem::not_found)
}

pub async fn latest(tx: &mut UserTx) -> Result<Vec<FilingRun>, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query_as!(
        RunRow,
        "SELECT id, kind, state, total, done, failed, created_at, finished_at FROM filing_runs WHERE user_id = $1 ORDER BY id DESC LIMIT 20",
        user
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(FilingRun::from).collect())
}

/// False for a run that is over.
pub async fn set_paused(tx: &mut UserTx, id: Uuid, paused: bool) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE filing_runs SET state = CASE WHEN $3 THEN 'paused' ELSE 'running' END WHERE id = $1 AND user_id = $2 AND state IN ('running', 'paused')",
        id,
        user,
        paused
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

pub async fn cancel(tx: &mut UserTx, id: Uuid) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE filing_runs SET state = 'cancelled', finished_at = now() WHERE id = $1 AND user_id = $2 AND state IN ('running', 'paused')",
        id,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn finish(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE filing_runs SET state = 'finished', finished_at = $3 WHERE id = $1 AND user_id = $2",
        id,
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where a run is.
pub struct Step {
    pub kind: RunKind,
    pub reached: Option<DocumentId>,
    pub reading: Vec<Uuid>,
}

/// Locked; `None` for a run that is not to go on.
pub async fn lock_running(tx: &mut UserTx, id: Uuid) -> Result<Option<Step>, Problem> {
    let user = tx.user().0;
    let row = sqlx::query!(
        r#"SELECT kind, reached AS "reached: DocumentId", reading FROM filing_runs WHERE id = $1 AND user_id = $2 AND state = 'running' FOR UPDATE"#,
        id,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Step {
        kind: RunKind::from_name(&row.kind),
        reached: row.reached,
        reading: row.reading,
    }))
}

/// The next documents by id, locked, so that none of them is begun twice.
pub async fn documents_after(
    tx: &mut UserTx,
    after: Option<DocumentId>,
    limit: i64,
) -> Result<Vec<DocumentId>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT id AS "id: DocumentId" FROM documents
            WHERE user_id = $1 AND trashed_at IS NULL AND state IN ('ready', 'failed') AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3 FOR UPDATE"#,
        user,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Of these, the ones that are still to be read, and how many of the others could not be.
pub async fn still_reading(tx: &mut UserTx, ids: &[Uuid]) -> Result<(Vec<Uuid>, i64), Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "SELECT id, state FROM documents WHERE user_id = $1 AND id = ANY ($2)",
        user,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let failed = rows.iter().filter(|row| row.state == "failed").count();
    let reading = rows
        .into_iter()
        .filter(|row| matches!(row.state.as_str(), "stored" | "processing"))
        .map(|row| row.id);
    Ok((reading.collect(), failed as i64))
}

/// How far the run has come, and what of it is being read.
pub async fn took(
    tx: &mut UserTx,
    run: Uuid,
    reached: Option<DocumentId>,
    reading: &[Uuid],
    done: i64,
    failed: i64,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE filing_runs SET reached = $3, reading = $4, done = done + $5, failed = failed + $6 WHERE id = $1 AND user_id = $2",
        run,
        user,
        reached.map(|id| id.0),
        reading,
        done,
        failed
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts one document as done. False when the run is not to go on, or has gone on from `from` already.
pub async fn advance(
    tx: &mut UserTx,
    run: Uuid,
    from: Option<DocumentId>,
    to: DocumentId,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE filing_runs SET reached = $4, done = done + 1
          WHERE id = $1 AND user_id = $2 AND state = 'running' AND reached IS NOT DISTINCT FROM $3",
        run,
        user,
        from.map(|id| id.0),
        to.0
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
