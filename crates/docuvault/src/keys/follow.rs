//! Every running process follows the key files, so that a key can be changed without a restart.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::check::take_new_keys;
use crate::{crypto::Keys, db::Database};

/// How long a changed file may go unnoticed.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Until `stop`.
pub async fn follow_key_files(database: &Database, keys: &Keys, stop: CancellationToken) {
    let mut complained = false;
    while stop
        .run_until_cancelled(tokio::time::sleep(LOOK_EVERY))
        .await
        .is_some()
    {
        keys.look_again();
        // Nothing to ask of the database as long as there is no new key.
        let taken = take_new_keys(database, keys).await;
        if let Err(error) = &taken
            && !complained
        {
            tracing::error!(%error, "a new master key is not used");
        }
        complained = taken.is_err();
    }
}
