//! The job that sends one letter. At least once: one that is cut off between sending and noting it goes out again, with the same
//! Message-ID.

use std::time::Duration;

use docuvault_jobs::JobError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Letter, Mail, MailError,
    queue::{Envelope, place},
    store,
};
use crate::{
    app::AppState,
    crypto::seal,
    db::{UserId, UserTx},
    http::Problem,
};

/// Sends one waiting letter.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMail {
    pub mail_id: Uuid,
}

impl docuvault_jobs::Job for SendMail {
    const KIND: &'static str = "send_mail";
    /// With growing pauses, enough for a mail server that is away for half a day.
    const MAX_ATTEMPTS: i32 = 24;
    /// Somebody waits for it: before documents are read.
    const PRIORITY: i16 = -10;
    const TIMEOUT: Duration = Duration::from_mins(5);
}

enum Setback {
    Problem(Problem),
    Mail(MailError),
}

impl From<Problem> for Setback {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<sqlx::Error> for Setback {
    fn from(error: sqlx::Error) -> Self {
        Self::Problem(error.into())
    }
}

pub async fn send_mail(state: &AppState, user: UserId, job: &SendMail) -> Result<(), JobError> {
    send(state, user, job.mail_id)
        .await
        .map_err(|setback| match setback {
            Setback::Mail(MailError::Later(code)) => JobError::Retry(code),
            Setback::Mail(MailError::Never(code)) => JobError::Fail(code),
            Setback::Problem(problem) => {
                if let Some(cause) = problem.cause() {
                    tracing::warn!(
                        code = problem.code,
                        cause = format!("{cause:#}"),
                        "a letter could not be sent just now"
                    );
                }
                JobError::Retry(problem.code)
            }
        })
}

async fn send(state: &AppState, user: UserId, id: Uuid) -> Result<(), Setback> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(waiting) = store::find(&mut tx, id).await? else {
        return Ok(());
    };
    let salt = store::user_salt(&mut tx).await?;
    tx.commit().await?;

    let unreadable = MailError::Never("letter_unreadable");
    let plain = seal::open(
        state.keys(),
        &place(user.0, &salt, id),
        &waiting.letter_sealed,
    )
    .map_err(|_| Setback::Mail(unreadable))?;
    let Envelope { locale, letter } =
        serde_json::from_slice(&plain).map_err(|_| Setback::Mail(unreadable))?;
    if letter.is_outdated(waiting.created_at, state.now()) {
        tracing::warn!(
            letter = letter.name(),
            "a letter was dropped: its link had expired before it could be sent"
        );
    } else {
        let mail = address(state, id, &waiting.recipient, &locale, &letter);
        state.mailer().send(&mail).await.map_err(Setback::Mail)?;
    }

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends a letter at once, without the queue: for when the account it is about is gone.
pub async fn send_now(
    state: &AppState,
    recipient: &str,
    locale: &str,
    letter: &Letter,
) -> anyhow::Result<()> {
    let mail = address(state, Uuid::now_v7(), recipient, locale, letter);
    state.mailer().send(&mail).await?;
    Ok(())
}

fn address(state: &AppState, id: Uuid, recipient: &str, locale: &str, letter: &Letter) -> Mail {
    let written = letter.write(locale, &state.config().public_url());
    Mail {
        id,
        recipient: recipient.to_owned(),
        subject: written.subject,
        text: written.text,
        written_at: state.now(),
    }
}
