//! What every request and job can reach.

use std::sync::Arc;

use docuvault_extract::Reader;
use docuvault_storage::{StorageBackend, gateway::TicketKey};
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::health::StorageWatch;
use crate::{
    accounts::SetupToken,
    auth::AccessTokens,
    config::Config,
    crypto::{Keys, PasswordHasher, keys::Key, password::PasswordCost},
    db::Database,
    events::EventHub,
    http::{paging::CursorKey, request_figures::RequestFigures},
    mail::Mailer,
};

/// Where the time comes from; tests bring their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> OffsetDateTime;
}

pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    config: Config,
    database: Database,
    storage: Arc<dyn StorageBackend>,
    reader: Option<Reader>,
    keys: Keys,
    refresh_key: Key,
    access_tokens: AccessTokens,
    cursors: CursorKey,
    tickets: TicketKey,
    passwords: PasswordHasher,
    setup_token: SetupToken,
    events: EventHub,
    mailer: Arc<dyn Mailer>,
    clock: Arc<dyn Clock>,
    draining: CancellationToken,
    storage_watch: StorageWatch,
    figures: RequestFigures,
}

/// What [`AppState`] is made of.
pub struct Parts {
    pub config: Config,
    pub database: Database,
    pub storage: Arc<dyn StorageBackend>,
    /// `None`: documents wait until `docuvault-extract` is there.
    pub reader: Option<Reader>,
    pub keys: Keys,
    pub setup_token: SecretString,
    pub mailer: Arc<dyn Mailer>,
    pub clock: Arc<dyn Clock>,
}

impl AppState {
    pub fn new(parts: Parts) -> anyhow::Result<Self> {
        let Parts {
            config,
            database,
            storage,
            reader,
            keys,
            setup_token,
            mailer,
            clock,
        } = parts;
        let cost = PasswordCost {
            memory_kib: config.sessions.password_memory_kib,
            ..PasswordCost::default()
        };
        Ok(Self(Arc::new(Inner {
            access_tokens: AccessTokens::new(
                Arc::clone(keys.access_tokens()),
                config.sessions.access_token_ttl,
            ),
            refresh_key: keys.system("refresh-token-tag"),
            cursors: CursorKey::new(*keys.system("list-cursors")),
            tickets: TicketKey::new(*keys.system("gateway-tickets")),
            passwords: PasswordHasher::new(cost)?,
            setup_token: SetupToken::new(&setup_token),
            events: EventHub::new(),
            config,
            database,
            storage,
            reader,
            keys,
            mailer,
            clock,
            draining: CancellationToken::new(),
            storage_watch: StorageWatch::default(),
            figures: RequestFigures::default(),
        })))
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn db(&self) -> &Database {
        &self.0.database
    }

    pub fn storage(&self) -> &dyn StorageBackend {
        &*self.0.storage
    }

    pub fn reader(&self) -> Option<&Reader> {
        self.0.reader.as_ref()
    }

    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub fn refresh_key(&self) -> &Key {
        &self.0.refresh_key
    }

    pub fn access_tokens(&self) -> &AccessTokens {
        &self.0.access_tokens
    }

    pub fn refresh_cookie(&self) -> crate::auth::RefreshCookie {
        crate::auth::RefreshCookie::for_public_url(&self.0.config.public_url())
    }

    pub fn cursors(&self) -> &CursorKey {
        &self.0.cursors
    }

    pub fn tickets(&self) -> &TicketKey {
        &self.0.tickets
    }

    pub fn passwords(&self) -> &PasswordHasher {
        &self.0.passwords
    }

    pub fn setup_token(&self) -> &SetupToken {
        &self.0.setup_token
    }

    pub fn events(&self) -> &EventHub {
        &self.0.events
    }

    pub fn mailer(&self) -> &dyn Mailer {
        &*self.0.mailer
    }

    /// Cancelled when this process has been told to stop: it still answers for a while, but asks to be left out.
    pub fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }

    pub(super) fn storage_watch(&self) -> &StorageWatch {
        &self.0.storage_watch
    }

    /// What this process has answered so far.
    pub fn figures(&self) -> &RequestFigures {
        &self.0.figures
    }

    pub fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }
}
