//! The private PostgreSQL as this vault wants it.

use docuvault_private_postgres::Settings;

use crate::{
    config::Config,
    db::{APP_ROLE, MIGRATE_ROLE, ROLES_SQL},
};

pub fn settings(config: &Config) -> Settings {
    let dir = &config.data.dir;
    Settings {
        bin_dir: config.database.postgres_bin_dir.clone(),
        bootstrap_sql: ROLES_SQL.to_owned(),
        logins: vec![MIGRATE_ROLE.to_owned(), APP_ROLE.to_owned()],
        ..Settings::new(
            dir.join("pg"),
            dir.join("secrets"),
            "docuvault",
            MIGRATE_ROLE,
        )
    }
}
