//! Every kind of job, and what runs by the clock.

use std::time::Duration;

use docuvault_jobs::{
    Cadence, DeadJob, Job, JobContext, JobError, Worker, WorkerConfigError, dead_letters,
};
use serde::{Deserialize, Serialize};
use time::Weekday;

use super::AppState;
use crate::{
    accounts::{
        EraseAccount, MailResetLink, TellUser, erase_account, mail_reset_link, resume_erasings,
        tell_user,
    },
    ai::{Summarize, summarize},
    attachments::{KeepAttachments, keep_attachments},
    db::UserId,
    documents::{EraseDocument, erase_document, erase_overdue_trash},
    filing_runs::{WorkOnRun, work_on_run},
    http::{Problem, rate_limit::forget_old_tries},
    likeness::note_all_likeness,
    mail::{SendMail, send_mail, sweep_mails},
    notifications::sweep_notifications,
    processing::{
        FileDocument, LearnFiling, ReadDocument, file_document_again, give_up_reading,
        learn_from_corrections, read_document,
    },
    reconcile::{Reconcile, Verify, reconcile, verify_some},
    search::count_all_words,
    searchable_copies::{MakeSearchableCopy, make_searchable_copy},
    uploads::sweep_uploads,
};

/// Jobs other than reading that may run at once. Two of them may take hours: comparing the store with the tables, and reading bytes again.
const OTHER_JOBS: usize = 6;
/// Fewer, so that a mail server which does not answer holds up nothing else.
const MAILS_AT_ONCE: usize = 2;
/// Fewer, so that a slow provider holds up nothing else.
const SUMMARIES_AT_ONCE: usize = 2;
/// Dead jobs looked at in one sweep, the newest first.
const DEAD_AT_ONCE: i64 = 100;

/// Takes back abandoned uploads and empties the trash of what is overdue.
#[derive(Serialize, Deserialize)]
struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "sweep";
    /// Half an hour without the database: a sweep that waits is the next one too, so they do not pile up.
    const MAX_ATTEMPTS: i32 = 30;
}

pub fn worker(state: &AppState) -> Result<Worker, WorkerConfigError> {
    let reading = state.config().reading.concurrency;
    let [
        read,
        file,
        sum_up,
        work,
        erase,
        learn,
        mail,
        sweep,
        dead,
        erase_user,
        reset,
        tell,
        compare,
        verify,
        attached,
        copied,
    ] = std::array::from_fn(|_| state.clone());
    Worker::builder(state.db().anonymous())
        .register(move |job: ReadDocument, context| {
            let state = read.clone();
            async move { read_document(&state, job, &context).await }
        })
        .register(move |job: FileDocument, context: JobContext| {
            let state = file.clone();
            async move { settled(file_document_again(&state, user_of(&context)?, job).await) }
        })
        .register(move |job: WorkOnRun, context: JobContext| {
            let state = work.clone();
            async move { settled(work_on_run(&state, user_of(&context)?, job).await) }
        })
        .register(move |job: Summarize, context: JobContext| {
            let state = sum_up.clone();
            async move { summarize(&state, job, &context).await }
        })
        .register(move |job: KeepAttachments, context: JobContext| {
            let state = attached.clone();
            async move { settled(keep_attachments(&state, user_of(&context)?, job).await) }
        })
        .register(move |job: MakeSearchableCopy, context: JobContext| {
            let state = copied.clone();
            async move { settled(make_searchable_copy(&state, user_of(&context)?, job).await) }
        })
        .register(move |job: EraseDocument, context: JobContext| {
            let state = erase.clone();
            async move { settled(erase_document(&state, user_of(&context)?, job.document_id).await) }
        })
        .register(move |_: LearnFiling, context: JobContext| {
            let state = learn.clone();
            async move { settled(learn_from_corrections(&state, user_of(&context)?).await.map(drop)) }
        })
        .register(move |job: EraseAccount, _| {
            let state = erase_user.clone();
            async move { settled(erase_account(&state, job.user_id).await) }
        })
        .register(move |job: MailResetLink, _| {
            let state = reset.clone();
            async move { settled(mail_reset_link(&state, job).await) }
        })
        .register(move |job: SendMail, context: JobContext| {
            let state = mail.clone();
            async move { send_mail(&state, user_of(&context)?, &job).await }
        })
        .register(move |job: TellUser, context: JobContext| {
            let state = tell.clone();
            async move { settled(tell_user(&state, user_of(&context)?, job).await) }
        })
        .register(move |_: Sweep, _| {
            let state = sweep.clone();
            async move {
                let uploads = sweep_uploads(&state).await.map(drop);
                let trash = erase_overdue_trash(&state).await;
                let notifications = sweep_notifications(&state).await;
                let mails = sweep_mails(&state).await;
                let tries = forget_old_tries(state.db(), state.now()).await;
                let accounts = resume_erasings(&state).await;
                let readings = give_up_dead_readings(&state).await;
                let words = count_all_words(&state).await;
                let likeness = note_all_likeness(&state).await;
                settled(
                    uploads
                        .and(trash)
                        .and(notifications)
                        .and(mails)
                        .and(tries)
                        .and(accounts)
                        .and(readings)
                        .and(words)
                        .and(likeness),
                )
            }
        })
        .register(move |_: Reconcile, context: JobContext| {
            let state = compare.clone();
            async move { reconcile(&state, &context).await }
        })
        .register(move |_: Verify, context: JobContext| {
            let state = verify.clone();
            async move { verify_some(&state, &context).await }
        })
        .on_dead(move |job: DeadJob| {
            let state = dead.clone();
            async move { mourn(&state, job).await }
        })
        .schedule("sweep", Cadence::every(Duration::from_mins(1)), Sweep {})
        // At night, at the end of the week.
        .schedule(Reconcile::KIND, Cadence::weekly_at(Weekday::Sunday, 2, 30), Reconcile {})
        .schedule(Verify::KIND, Cadence::every(Duration::from_hours(1)), Verify {})
        .concurrency(reading + OTHER_JOBS)
        .concurrency_of(ReadDocument::KIND, reading)
        .concurrency_of(KeepAttachments::KIND, reading)
        .concurrency_of(MakeSearchableCopy::KIND, reading)
        .concurrency_of(Summarize::KIND, SUMMARIES_AT_ONCE)
        .concurrency_of(SendMail::KIND, MAILS_AT_ONCE)
        .concurrency_of(Reconcile::KIND, 1)
        .concurrency_of(Verify::KIND, 1)
        .build()
}

fn user_of(context: &JobContext) -> Result<UserId, JobError> {
    context
        .user_id()
        .map(UserId)
        .ok_or(JobError::Fail("no_user"))
}

fn settled(result: Result<(), Problem>) -> Result<(), JobError> {
    result.map_err(|problem| {
        if let Some(cause) = problem.cause() {
            tracing::warn!(
                code = problem.code,
                cause = format!("{cause:#}"),
                "a job failed"
            );
        }
        JobError::Retry(problem.code)
    })
}

/// A document whose reading brought the worker itself down too often must not look as if it were still being read.
async fn mourn(state: &AppState, job: DeadJob) {
    tracing::error!(
        job = job.id,
        kind = job.kind,
        error = job.last_error,
        "a job was given up"
    );
    give_up_reading_of(state, job).await;
}

/// The same for jobs whose death nobody was told of, because the process that buried them ended too soon.
pub async fn give_up_dead_readings(state: &AppState) -> Result<(), Problem> {
    let mut tx = state.db().anonymous().begin().await?;
    sqlx::query("SELECT set_config('docuvault.worker', 'on', true)")
        .execute(&mut *tx)
        .await?;
    let dead = dead_letters(&mut tx, None, DEAD_AT_ONCE)
        .await
        .map_err(Problem::internal)?;
    tx.commit().await?;
    for job in dead {
        give_up_reading_of(state, job).await;
    }
    Ok(())
}

/// Does nothing for a document that is no longer waiting to be read.
async fn give_up_reading_of(state: &AppState, job: DeadJob) {
    let reading: Option<ReadDocument> = (job.kind == ReadDocument::KIND)
        .then(|| serde_json::from_value(job.payload).ok())
        .flatten();
    if let (Some(reading), Some(user)) = (reading, job.user_id) {
        let _ = give_up_reading(state, UserId(user), reading.document_id, "gave_up").await;
    }
}
