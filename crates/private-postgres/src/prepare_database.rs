//! Brings roles, passwords and the database to what the settings ask for; the same on the first start and every later one.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::cluster::Plan;
use crate::endpoint::{Endpoint, Login};
use crate::passwords::file_of;
use crate::{SUPERUSER, StartError};

/// How long a server that says it is ready may take to let us in.
const ANSWER_PATIENCE: Duration = Duration::from_secs(20);

/// Returns the server's version, such as `15.18`.
pub(crate) async fn prepare_database(
    plan: &Plan,
    endpoint: &Endpoint,
) -> Result<String, StartError> {
    let mut connection = connect(plan, endpoint, "postgres").await?;
    let version: String = sqlx::query_scalar("SHOW server_version")
        .fetch_one(&mut connection)
        .await
        .map_err(StartError::database("asking for the server's version"))?;
    have_roles(plan, &mut connection).await?;
    have_database(plan, &mut connection).await?;
    let _ = connection.close().await;

    let mut connection = connect(plan, endpoint, &plan.settings.database).await?;
    sqlx::raw_sql(AssertSqlSafe(plan.settings.bootstrap_sql.as_str()))
        .execute(&mut connection)
        .await
        .map_err(StartError::database("running the bootstrap SQL"))?;
    let _ = connection.close().await;
    Ok(version
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}

/// A connection of the superuser. A server that hangs must not make us hang.
pub(crate) async fn connect(
    plan: &Plan,
    endpoint: &Endpoint,
    database: &str,
) -> Result<PgConnection, StartError> {
    let login = Login {
        role: SUPERUSER,
        password: plan.passwords.superuser(),
        database,
    };
    let options = endpoint.connect_options(login);
    let connected =
        match tokio::time::timeout(ANSWER_PATIENCE, PgConnection::connect_with(&options)).await {
            Ok(connected) => connected,
            Err(_) => Err(sqlx::Error::Io(ErrorKind::TimedOut.into())),
        };
    connected.map_err(|source| {
        let code = source
            .as_database_error()
            .and_then(|error| error.code().map(Cow::into_owned));
        match code.as_deref() {
            Some("28P01") => StartError::PasswordRefused {
                file: file_of(&plan.settings, SUPERUSER),
            },
            _ => StartError::Database {
                doing: "connecting",
                source,
            },
        }
    })
}

/// Passwords are set anew each time: the files say what they are, even after one was lost and made again.
async fn have_roles(plan: &Plan, connection: &mut PgConnection) -> Result<(), StartError> {
    for (role, password) in plan.passwords.iter() {
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
                .bind(role)
                .fetch_one(&mut *connection)
                .await
                .map_err(StartError::database("looking for the login roles"))?;
        // Role names are checked to be plain, passwords are hexadecimal.
        let verb = if exists { "ALTER" } else { "CREATE" };
        let statement = format!(
            "{verb} ROLE {role} LOGIN PASSWORD '{}'",
            password.expose_secret()
        );
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .map_err(StartError::database("setting up the login roles"))?;
    }
    Ok(())
}

async fn have_database(plan: &Plan, connection: &mut PgConnection) -> Result<(), StartError> {
    let (database, owner) = (&plan.settings.database, &plan.settings.owner);
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(database)
            .fetch_one(&mut *connection)
            .await
            .map_err(StartError::database("looking for the database"))?;
    if exists {
        return Ok(());
    }
    sqlx::raw_sql(AssertSqlSafe(format!(
        "CREATE DATABASE {database} OWNER {owner}"
    )))
    .execute(connection)
    .await
    .map_err(StartError::database("creating the database"))?;
    Ok(())
}
