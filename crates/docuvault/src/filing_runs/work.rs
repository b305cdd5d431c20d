//! The job that takes a run a step further and then makes room for others: each step is short, and the next one is queued with it.

use std::time::Instant;

use docuvault_jobs::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    model::RunKind,
    store::{self, Step},
};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    documents::read_again,
    events,
    http::Problem,
    processing::{FileDocument, file_document_again},
};

/// Documents of a run that wait to be read or are being read.
const READ_AT_ONCE: usize = 8;
/// How long one step files documents.
const STEP: std::time::Duration = std::time::Duration::from_secs(1);
/// Between two looks at what is being read.
const PAUSE: Duration = Duration::seconds(1);

/// One step of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct WorkOnRun {
    pub run_id: Uuid,
}

impl docuvault_jobs::Job for WorkOnRun {
    const KIND: &'static str = "work_on_run";
    /// Half an hour without the database ends no run.
    const MAX_ATTEMPTS: i32 = 30;
}

/// Queues the next step, once however often it is wanted.
pub async fn work_soon(
    tx: &mut UserTx,
    run: Uuid,
    at: Option<OffsetDateTime>,
) -> Result<(), Problem> {
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        run_at: at,
        dedupe_key: Some(run.to_string()),
    };
    enqueue(tx.conn(), &WorkOnRun { run_id: run }, options)
        .await
        .map_err(Problem::internal)?;
    Ok(())
}

pub async fn work_on_run(state: &AppState, user: UserId, job: WorkOnRun) -> Result<(), Problem> {
    let run = job.run_id;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(step) = store::lock_running(&mut tx, run).await? else {
        return Ok(());
    };
    let next = match step.kind {
        RunKind::Reprocess => read_some(&mut tx, run, step).await?,
        RunKind::Refile => {
            tx.commit().await?;
            let next = file_some(state, user, run, step.reached).await?;
            tx = UserTx::on_behalf_of(state.db(), user).await?;
            next
        }
    };
    match next {
        Next::Nothing => store::finish(&mut tx, run, state.now()).await?,
        Next::AtOnce => work_soon(&mut tx, run, None).await?,
        Next::Later => work_soon(&mut tx, run, Some(state.now() + PAUSE)).await?,
        Next::Stop => {}
    }
    events::announce(&mut tx, events::Change::FilingRun(run)).await?;
    tx.commit().await?;
    Ok(())
}

/// When the next step is due.
enum Next {
    AtOnce,
    Later,
    /// The run is done.
    Nothing,
    /// It was paused or cancelled, or another step is being made.
    Stop,
}

/// Files documents for a while. One counts once it is filed, so that none is left out; one that is filed twice is filed the same.
async fn file_some(
    state: &AppState,
    user: UserId,
    run: Uuid,
    mut reached: Option<DocumentId>,
) -> Result<Next, Problem> {
    let begun = Instant::now();
    while begun.elapsed() < STEP {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let taken = store::documents_after(&mut tx, reached, 1).await?;
        tx.commit().await?;
        let Some(&id) = taken.first() else {
            return Ok(Next::Nothing);
        };
        let filing = FileDocument {
            document_id: id,
            by_request: false,
        };
        file_document_again(state, user, filing).await?;
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let advanced = store::advance(&mut tx, run, reached, id).await?;
        tx.commit().await?;
        if !advanced {
            return Ok(Next::Stop);
        }
        reached = Some(id);
    }
    Ok(Next::AtOnce)
}

/// Counts what has been read since the last look, and has as many more read.
async fn read_some(tx: &mut UserTx, run: Uuid, step: Step) -> Result<Next, Problem> {
    let (mut reading, failed) = store::still_reading(tx, &step.reading).await?;
    let done = step.reading.len() - reading.len();
    let room = READ_AT_ONCE.saturating_sub(reading.len());
    let taken = store::documents_after(tx, step.reached, room as i64).await?;
    for id in &taken {
        read_again(tx, *id, None).await?;
        reading.push(id.0);
    }
    let reached = taken.last().copied().or(step.reached);
    store::took(tx, run, reached, &reading, done as i64, failed).await?;
    Ok(if reading.is_empty() {
        Next::Nothing
    } else {
        Next::Later
    })
}
