//! One LISTEN connection a process, fanned out to the pages that are open here.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::CHANNEL;
use crate::db::{Database, UserId};

/// What a page may have to catch up on: more than this and it is told to load everything anew.
const BACKLOG: usize = 1024;

const NAMES: [&str; 7] = [
    "document.updated",
    "document.progress",
    "filing_run.updated",
    "topic.updated",
    "quota.updated",
    "notification.created",
    super::SESSION_ENDED,
];

/// An event as heard.
#[derive(Debug, Clone)]
pub enum Heard {
    Change {
        user: UserId,
        name: String,
        id: Option<Uuid>,
        /// Pages read, and all there are.
        progress: Option<(u32, u32)>,
    },
    /// Some may have been missed.
    Gap,
}

pub struct EventHub {
    sender: broadcast::Sender<Heard>,
    closing: CancellationToken,
}

impl EventHub {
    pub fn new() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            closing: CancellationToken::new(),
        }
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Heard> {
        self.sender.subscribe()
    }

    /// Cancelled when this process stops, so that open streams end instead of holding it up.
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Listens until `shutdown`; a lost connection is made again, and the pages are told that they may have missed something.
    pub async fn listen(&self, database: &Database, shutdown: CancellationToken) {
        let _closes = self.closing.clone().drop_guard();
        let mut wait = Duration::from_millis(200);
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                result = self.listen_once(database, &mut wait) => {
                    if let Err(error) = result {
                        tracing::warn!(%error, "not hearing of changes; trying again");
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(Duration::from_secs(10)),
            }
        }
    }

    async fn listen_once(
        &self,
        database: &Database,
        wait: &mut Duration,
    ) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(database.anonymous()).await?;
        listener.listen(CHANNEL).await?;
        *wait = Duration::from_millis(200);
        self.pass_on(Heard::Gap);
        loop {
            match listener.try_recv().await? {
                Some(notification) => {
                    if let Some(heard) = read_payload(notification.payload()) {
                        self.pass_on(heard);
                    }
                }
                None => self.pass_on(Heard::Gap),
            }
        }
    }

    fn pass_on(&self, heard: Heard) {
        // Nobody listening is fine.
        let _ = self.sender.send(heard);
    }
}

impl Default for EventHub {
    fn default() -> Self {
        Self::new()
    }
}

/// Any role of the database may NOTIFY: what is not of our form is dropped.
fn read_payload(payload: &str) -> Option<Heard> {
    let mut words = payload.split(' ');
    let user = UserId(Uuid::try_parse(words.next()?).ok()?);
    let name = words.next().filter(|name| NAMES.contains(name))?.to_owned();
    let id = words.next().and_then(|word| Uuid::try_parse(word).ok());
    let progress = words.next().zip(words.next());
    let progress =
        progress.and_then(|(page, pages)| Some((page.parse().ok()?, pages.parse().ok()?)));
    Some(Heard::Change {
        user,
        name,
        id,
        progress,
    })
}
