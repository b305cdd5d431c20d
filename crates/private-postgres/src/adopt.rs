//! Takes over a server that lives on after we ourselves were killed, which is quicker and kinder than a restart.

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use crate::StartError;
use crate::cluster::Plan;
use crate::endpoint::Endpoint;
use crate::launch::not_ready;
use crate::pid_file::{PidFile, Status};
use crate::prepare_database::connect;
use crate::processes::{Identity, LOOK_AGAIN};
use crate::server::Server;

/// How long a process that cannot be looked at may take to answer as a server.
const UNSEEN_PATIENCE: Duration = Duration::from_secs(10);

/// `None`: there is none worth adopting, and none is running any more.
pub(crate) async fn adopt(plan: &Plan) -> Result<Option<Server>, StartError> {
    let began = Instant::now();
    while began.elapsed() < plan.settings.start_timeout {
        let Some(file) = PidFile::read(&plan.place.data_dir) else {
            return Ok(None);
        };
        match plan.processes.identify(file.pid, &plan.workplace()) {
            Identity::NotOurs => return Ok(None),
            // Without a look at the process only the server itself can say who it is, and an old file's never will.
            Identity::Unknown
                if file.status != Status::Ready && began.elapsed() > UNSEEN_PATIENCE =>
            {
                return Ok(None);
            }
            Identity::Ours if file.single_user => {
                let pid = file.pid.as_raw_nonzero().get().cast_unsigned();
                return Err(StartError::InUse {
                    data_dir: plan.place.data_dir.clone(),
                    pid: Some(pid),
                });
            }
            identity => match (file.status, file.endpoint) {
                (Status::Ready, Some(endpoint)) => {
                    return take_over(plan, plan.server(file.pid, None, endpoint), identity).await;
                }
                // It is coming up or going down; either will be over.
                _ => tokio::time::sleep(LOOK_AGAIN).await,
            },
        }
    }
    Err(not_ready(plan, began))
}

async fn take_over(
    plan: &Plan,
    server: Server,
    identity: Identity,
) -> Result<Option<Server>, StartError> {
    match greet(plan, &server.endpoint).await {
        Ok(true) => Ok(Some(server)),
        Err(refused @ StartError::PasswordRefused { .. }) => Err(refused),
        // Ours beyond doubt, but out of reach, say because somebody tidied its socket away: it has to be started anew.
        Ok(false) | Err(_) if identity == Identity::Ours => {
            tracing::warn!("the running database server cannot be reached and is restarted");
            let pid = server.raw_pid();
            let in_use = |_| StartError::InUse {
                data_dir: plan.place.data_dir.clone(),
                pid: Some(pid),
            };
            server
                .stop(plan.settings.stop_timeout)
                .await
                .map_err(in_use)?;
            Ok(None)
        }
        Ok(false) | Err(_) => Ok(None),
    }
}

/// Whether the server at `endpoint` is the one of our data directory, by the identifier that `initdb` gave the cluster.
async fn greet(plan: &Plan, endpoint: &Endpoint) -> Result<bool, StartError> {
    let mut connection: PgConnection = connect(plan, endpoint, "postgres").await?;
    let told: i64 = sqlx::query_scalar("SELECT system_identifier FROM pg_control_system()")
        .fetch_one(&mut connection)
        .await
        .map_err(StartError::database("asking the server for its identity"))?;
    let _ = connection.close().await;
    Ok(plan.place.system_identifier()? == told.cast_unsigned())
}
