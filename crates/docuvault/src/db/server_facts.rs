//! What the server says of itself, for `docuvault doctor`.

use time::OffsetDateTime;

use super::Database;

pub struct ServerFacts {
    /// `170006` for 17.6.
    pub version: i32,
    /// Its clock.
    pub now: OffsetDateTime,
}

pub async fn server_facts(database: &Database) -> Result<ServerFacts, sqlx::Error> {
    sqlx::query_as!(
        ServerFacts,
        r#"SELECT current_setting('server_version_num')::int AS "version!", clock_timestamp() AS "now!""#
    )
    .fetch_one(database.anonymous())
    .await
}
