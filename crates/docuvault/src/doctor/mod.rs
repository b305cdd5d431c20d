//! Looks at everything a vault needs and says what to do about what is missing. Changes nothing, and shows no secret.

mod data_folder;
mod database;
mod keys;
mod mail;
mod public_address;
mod reader;
mod report;
mod store;
mod table;

pub use report::{Level, Line, Report};
pub use table::store_table;

use secrecy::SecretString;

use crate::config::Config;

/// All that can be looked at without the database.
pub async fn examine_surroundings(config: &Config, report: &mut Report) {
    report.ok("settings", "every setting is known and can be read");
    data_folder::examine(config, report);
    store::examine(config, report).await;
    reader::examine(config, report).await;
    mail::examine(config, report).await;
    public_address::examine(config, report).await;
}

/// The database at `url`, and whether the keys are those it was sealed with.
pub async fn examine_database(config: &Config, url: &SecretString, report: &mut Report) {
    if let Some(database) = database::examine(url, report).await {
        keys::examine(config, &database, report).await;
        database.close().await;
    }
}
