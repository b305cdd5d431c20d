//! A run from its beginning to its end: step after step, page after page, taken up where an earlier attempt was cut off.

mod store;

use docuvault_jobs::{EnqueueOptions, Job, JobContext, JobError, enqueue};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    RunReport, compare, quarantine,
    store::{begin_as_system, findings_of, forget_unseen_orphans},
    unfinished_uploads,
};
use crate::{app::AppState, audit, db::UserTx, http::Problem};

/// The code of a run that another is at work on.
const RUNNING: &str = "reconcile_running";
/// A run of which nothing was heard for longer is not gone on with: what it saw is too old.
const GIVEN_UP_AFTER: std::time::Duration = std::time::Duration::from_hours(24);
/// Until another may take a run over, from each page on.
const HELD: std::time::Duration = std::time::Duration::from_mins(15);
/// Of so many orphans at least, and more than half of all objects, none is removed: this is another vault's store, or another's database.
const MANY_ORPHANS: i64 = 100;
const MOSTLY_ORPHANS: &str = "mostly_orphans";

/// The job that compares the store with the tables.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reconcile {}

impl Job for Reconcile {
    const KIND: &'static str = "reconcile";
    /// Each goes on where the one before ended; enough to wait out most of a day without the store.
    const MAX_ATTEMPTS: i32 = 30;
    const PRIORITY: i16 = 50;
    const TIMEOUT: std::time::Duration = std::time::Duration::from_hours(6);
}

/// What a run does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Lists the store, for objects that no row names.
    Objects,
    /// Goes through the documents, for objects that are not there.
    Documents,
    /// Removes orphans whose time is over.
    Orphans,
    /// Gives up uploads in parts that no one goes on with.
    Uploads,
}

impl Step {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Documents => "documents",
            Self::Orphans => "orphans",
            Self::Uploads => "uploads",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        [Self::Documents, Self::Orphans, Self::Uploads]
            .into_iter()
            .find(|step| step.name() == name)
            .unwrap_or(Self::Objects)
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Objects => Some(Self::Documents),
            Self::Documents => Some(Self::Orphans),
            Self::Orphans => Some(Self::Uploads),
            Self::Uploads => None,
        }
    }
}

/// What a page of a step adds to the totals.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub objects: i64,
    pub bytes: i64,
    pub orphans: i64,
    pub orphan_bytes: i64,
    pub unfinished_uploads: i64,
    pub removed: i64,
}

/// What came of a page.
#[derive(Debug)]
pub(super) struct Page {
    pub counted: Counted,
    /// Where the next one begins; `None`: the step is done.
    pub reached: Option<String>,
    /// The store does not know the place any more: the step begins anew, its totals too.
    pub from_the_start: bool,
}

impl Page {
    pub(super) fn of(counted: Counted, reached: Option<String>) -> Self {
        Self {
            counted,
            reached,
            from_the_start: false,
        }
    }
}

/// A run that is held by this process.
pub(super) struct Run {
    pub id: Uuid,
    pub fence: i32,
    pub started_at: time::OffsetDateTime,
    pub step: Step,
    pub reached: Option<String>,
}

/// Queues a run, in the transaction of an administrator. One that waits already is enough.
pub async fn request_reconcile(tx: &mut UserTx) -> Result<(), Problem> {
    super::store::act_as_worker(tx, true).await?;
    let options = EnqueueOptions {
        dedupe_key: Some(Reconcile::KIND.to_owned()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &Reconcile {}, options)
        .await
        .map_err(Problem::internal)?;
    super::store::act_as_worker(tx, false).await
}

/// The job.
pub async fn reconcile(state: &AppState, context: &JobContext) -> Result<(), JobError> {
    let ended = reconcile_for(state, Some(context.id()), context.is_last_attempt()).await;
    ended.map(drop).map_err(|problem| {
        if let Some(cause) = problem.cause() {
            let (code, cause) = (problem.code, format!("{cause:#}"));
            tracing::warn!(
                code,
                cause,
                "the comparison of store and tables was cut short"
            );
        }
        match problem.code {
            RUNNING => JobError::RetryAfter(HELD, RUNNING),
            code => JobError::Retry(code),
        }
    })
}

/// From the command line: to the end, or to what stops it. 409 `reconcile_running` while a worker is at it.
pub async fn reconcile_now(state: &AppState) -> Result<RunReport, Problem> {
    reconcile_for(state, None, false).await
}

async fn reconcile_for(
    state: &AppState,
    job: Option<i64>,
    is_last_attempt: bool,
) -> Result<RunReport, Problem> {
    let mut run = store::take(state, job).await?.ok_or_else(running_already)?;
    let ended = go_on(state, &mut run).await;
    match ended {
        Ok(left_undone) => finish(state, &run, left_undone).await,
        // The run belongs to another now.
        Err(problem) if problem.code == RUNNING => Err(problem),
        Err(problem) => {
            store::note_error(state, &run, problem.code, is_last_attempt).await?;
            Err(problem)
        }
    }
}

/// Answers what was left undone on purpose.
async fn go_on(state: &AppState, run: &mut Run) -> Result<Option<&'static str>, Problem> {
    loop {
        if run.step == Step::Orphans && run.reached.is_none() {
            let (objects, orphans) = store::objects_and_orphans(state, run).await?;
            if orphans >= MANY_ORPHANS && orphans > objects / 2 {
                tracing::error!(
                    objects,
                    orphans,
                    "most objects of the store are named by no row; none is removed. Is this the right store, and the right database?"
                );
                return Ok(Some(MOSTLY_ORPHANS));
            }
        }
        let page = match run.step {
            Step::Objects => compare::objects_page(state, run.reached.as_deref()).await?,
            Step::Documents => compare::documents_page(state, run.reached.as_deref()).await?,
            Step::Orphans => quarantine::remove_page(state, run.reached.as_deref()).await?,
            Step::Uploads => {
                unfinished_uploads::give_up_page(state, run.reached.as_deref()).await?
            }
        };
        if run.step == Step::Objects && page.reached.is_none() && !page.from_the_start {
            forget_unseen_orphans(state, run.started_at).await?;
        }
        let next = match &page.reached {
            None if !page.from_the_start => run.step.next(),
            _ => Some(run.step),
        };
        run.step = next.unwrap_or(run.step);
        run.reached.clone_from(&page.reached);
        if !store::advance(state, run, &page).await? {
            return Err(running_already());
        }
        if next.is_none() {
            return Ok(None);
        }
    }
}

async fn finish(
    state: &AppState,
    run: &Run,
    left_undone: Option<&'static str>,
) -> Result<RunReport, Problem> {
    let mut tx = begin_as_system(state).await?;
    let found = findings_of(&mut tx).await?;
    let report = store::finish(&mut tx, run, &found, left_undone, state.now())
        .await?
        .ok_or_else(running_already)?;
    // In the trail of nobody: it is the vault's own business.
    let event = audit::Event::new("storage.reconciled")
        .with("objects", report.objects)
        .with("orphans", report.orphans)
        .with("missing", report.missing)
        .with("wrong_size", report.wrong_size)
        .with("damaged", report.damaged)
        .with("removed", report.removed);
    audit::record(&mut tx, event).await?;
    tx.commit().await?;
    tracing::info!(
        objects = report.objects,
        orphans = report.orphans,
        missing = report.missing,
        wrong_size = report.wrong_size,
        damaged = report.damaged,
        removed = report.removed,
        "compared the store with the tables"
    );
    Ok(report)
}

fn running_already() -> Problem {
    Problem::conflict(
        RUNNING,
        "The store is being compared with the tables right now.",
    )
}
