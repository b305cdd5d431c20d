//! Wakes the worker when a commit announces jobs.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgListener;

use super::{FIRST_PAUSE, LONGEST_PAUSE, engine::Engine};
use crate::CHANNEL;

/// Listens, connecting anew as often as it takes. Meanwhile polling finds the jobs.
pub(super) async fn wake_on_notify(engine: Arc<Engine>) {
    let mut pause = FIRST_PAUSE;
    loop {
        if let Err(error) = listen(&engine, &mut pause).await {
            tracing::debug!(%error, "not listening for jobs; polling only");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Ends when the connection does.
async fn listen(engine: &Engine, pause: &mut Duration) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&engine.pool).await?;
    listener.listen(CHANNEL).await?;
    *pause = FIRST_PAUSE;
    // What was announced before we listened.
    engine.wake.notify_one();
    while listener.try_recv().await?.is_some() {
        engine.wake.notify_one();
    }
    Ok(())
}
