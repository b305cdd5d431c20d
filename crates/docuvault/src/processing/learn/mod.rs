//! Learns filing from what the user decided: the topics they gave, kept or took away, and the correspondents they named.

mod store;

use docuvault_filing::{Example, Memory, Paper};
use docuvault_jobs::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};

use self::store::Lesson;
pub(super) use self::store::{lock_memory, replace_memory};
use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
};

/// Decisions learned from in one go; the rest follows at the next.
const LESSONS_AT_ONCE: i64 = 200;
const ROUNDS: usize = 100;

/// Brings one user's memory up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct LearnFiling {}

impl docuvault_jobs::Job for LearnFiling {
    const KIND: &'static str = "learn_filing";
}

/// Queues the learning, once however many decisions come in a row.
pub async fn learn_soon(state: &AppState, tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    let options = EnqueueOptions {
        user_id: Some(user),
        run_at: Some(state.now()),
        dedupe_key: Some(user.to_string()),
    };
    enqueue(tx.conn(), &LearnFiling {}, options)
        .await
        .map_err(Problem::internal)?;
    Ok(())
}

/// Learns from every decision made since the last time; answers the memory, `None` while there is nothing to remember.
pub async fn learn_from_corrections(
    state: &AppState,
    user: UserId,
) -> Result<Option<Memory>, Problem> {
    for _ in 0..ROUNDS {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        let kept = store::memory(&mut tx).await?;
        // A memory of an older make cannot be read; everything is learned anew.
        let memory = kept
            .as_ref()
            .and_then(|kept| Memory::from_bytes(&kept.memory).ok());
        let known_until = kept
            .as_ref()
            .filter(|_| memory.is_some())
            .map(|kept| kept.trained_at);
        let lessons = store::lessons_since(&mut tx, known_until, LESSONS_AT_ONCE).await?;
        tx.commit().await?;
        let Some(learned_until) = lessons.last().map(|lesson| lesson.decided_at) else {
            return Ok(memory);
        };

        let today = state.now().date();
        let learning = move || learn(memory.unwrap_or_default(), &lessons, today);
        let (bytes, examples) = tokio::task::spawn_blocking(learning)
            .await
            .map_err(Problem::internal)?;
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        // Where another process was quicker, the next round goes on from its memory.
        store::save_memory(
            &mut tx,
            &bytes,
            examples,
            learned_until,
            kept.map(|kept| kept.revision),
        )
        .await?;
        tx.commit().await?;
    }
    Err(Problem::internal(anyhow::anyhow!(
        "there was always more to learn"
    )))
}

fn learn(mut memory: Memory, lessons: &[Lesson], today: time::Date) -> (Vec<u8>, i32) {
    for lesson in lessons {
        let paper = Paper {
            filename: &lesson.filename,
            text: &lesson.text,
            language: lesson.language.as_deref(),
            sender: None,
            embedded_title: None,
            received_on: today,
        };
        memory.learn(&Example {
            document: lesson.document,
            paper,
            topics: &lesson.topics,
            rejected: &lesson.rejected,
            correspondent: lesson.correspondent.as_deref(),
        });
    }
    (memory.to_bytes(), lessons.len() as i32)
}
