//! Opens the store that the settings name. A store that is away does not keep the vault from starting: what needs no bytes works, and
//! the store is tested, and trusted, when it comes back.

use std::{sync::Arc, time::Duration};

use docuvault_storage::{
    LocalDisk, LocalDiskConfig, S3, StorageBackend, StorageError, s3::acceptance::Unreachable,
};
use tokio_util::sync::CancellationToken;

use super::trust::StoreTest;
use crate::config::Config;

/// Objects stop short of filling the disk, so that the database on it keeps room to breathe.
const FREE_SPACE_FLOOR_BYTES: u64 = 512 * 1024 * 1024;

/// Between two tries of a store that is away; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// The store, and what is still to be found out about it.
pub struct OpenStore {
    pub backend: Arc<dyn StorageBackend>,
    /// `None`: it is trusted.
    pub untested: Option<UntestedStore>,
}

/// Fails for a store in which documents would not be safe.
pub async fn open_store(config: &Config) -> anyhow::Result<OpenStore> {
    let Some(s3) = &config.s3 else {
        return Ok(OpenStore {
            backend: Arc::new(local_disk(config).await?),
            untested: None,
        });
    };
    let untested = UntestedStore {
        test: StoreTest::new(config, s3)?,
        store: Arc::new(S3::open(s3.store.clone())?),
    };
    Ok(OpenStore {
        backend: Arc::clone(&untested.store) as Arc<dyn StorageBackend>,
        untested: if untested.passes().await? {
            None
        } else {
            Some(untested)
        },
    })
}

/// The objects' folder of the vault.
pub async fn local_disk(config: &Config) -> Result<LocalDisk, StorageError> {
    LocalDisk::open(LocalDiskConfig {
        root: config.data.dir.join("objects"),
        free_space_floor_bytes: FREE_SPACE_FLOOR_BYTES,
    })
    .await
}

/// Hands out no address until it has passed its test.
pub struct UntestedStore {
    test: StoreTest,
    store: Arc<S3>,
}

impl UntestedStore {
    /// Tries until it passes or `stop`. Fails when the store turns out to be unsafe: then the process is to end.
    pub async fn test_until_trusted(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut wait = FIRST_WAIT;
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
            if self.passes().await? {
                tracing::info!("the store has passed its test; documents can be sent and fetched");
                return Ok(());
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn passes(&self) -> anyhow::Result<bool> {
        match self.test.run().await {
            Ok(acceptance) => {
                self.test.judge(&acceptance)?;
                if acceptance.can_be_used() {
                    self.store.accept(acceptance.features);
                }
                Ok(acceptance.can_be_used())
            }
            Err(error @ Unreachable { .. }) => {
                tracing::warn!(%error, "documents can be neither sent nor fetched until the store is there");
                Ok(false)
            }
        }
    }
}
