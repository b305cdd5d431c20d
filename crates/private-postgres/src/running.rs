//! A cluster that another copy of us looks after: found and connected to, never started, changed or stopped.

use std::fs::{self, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Instant;

use secrecy::SecretString;

use crate::endpoint::{Endpoint, Login};
use crate::passwords::{self, file_of};
use crate::pid_file::{PidFile, Status};
use crate::place::Place;
use crate::processes::LOOK_AGAIN;
use crate::{Settings, StartError};

/// Somebody else's running private PostgreSQL, for commands beside it.
#[derive(Debug)]
pub struct RunningCluster {
    settings: Settings,
    endpoint: Endpoint,
}

impl RunningCluster {
    /// `None` when no copy of us looks after the cluster (or there is none yet): then it can be started. One that is just
    /// starting is waited for.
    pub async fn find(settings: &Settings) -> Result<Option<Self>, StartError> {
        if !settings.data_dir.exists() {
            return Ok(None);
        }
        let place = Place::new(&settings.data_dir)?;
        let began = Instant::now();
        while is_looked_after(&place.lock_file)? {
            let file = PidFile::read(&place.data_dir).filter(|file| file.status == Status::Ready);
            if let Some(endpoint) = file.and_then(|file| file.endpoint) {
                return Ok(Some(Self {
                    settings: settings.clone(),
                    endpoint,
                }));
            }
            if began.elapsed() > settings.start_timeout {
                return Err(StartError::NotReady {
                    waited_seconds: began.elapsed().as_secs(),
                    log: place.log_file,
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(None)
    }

    /// How to connect as one of the login roles, which holds its password.
    pub fn url(&self, role: &str) -> Result<SecretString, StartError> {
        let file = file_of(&self.settings, role);
        let password = passwords::read(&file)?.ok_or(StartError::PasswordMissing { file })?;
        Ok(self.endpoint.url(Login {
            role,
            password: &password,
            database: &self.settings.database,
        }))
    }
}

/// Whether some process holds the lock; it is not kept.
fn is_looked_after(lock_file: &Path) -> Result<bool, StartError> {
    if fs::metadata(lock_file).is_err() {
        return Ok(false);
    }
    // Shared, so that two such looks never take each other for a copy of us.
    let file = OpenOptions::new()
        .read(true)
        .open(lock_file)
        .map_err(StartError::io("open the lock file", lock_file))?;
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => {
            Err(StartError::io("look at the lock", lock_file)(error))
        }
    }
}
