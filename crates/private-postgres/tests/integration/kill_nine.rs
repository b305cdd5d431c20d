//! Kill -9, of us and of the server, and what is left lying about afterwards.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use docuvault_private_postgres::{Cluster, Settings, StartError};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};

use crate::holder::Holder;
use crate::sandbox::{Sandbox, connect, ended, is_root, keep, kept, lives, until};

/// A session with the server that another process holds.
async fn connect_to_held(sandbox: &Sandbox) -> PgConnection {
    let password = fs::read_to_string(sandbox.data().join("secrets/postgres.password")).unwrap();
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .socket(sandbox.data().join("pg.run"))
        .port(5432)
        .username("postgres")
        .password(password.trim())
        .database("vault");
    PgConnection::connect_with(&options).await.unwrap()
}

/// A process of no concern to us, which has to be left alone. Ends with the test.
struct Bystander(Child);

impl Bystander {
    /// Run as the user `uid`, where we may choose.
    fn spawn(uid: u32) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600").current_dir("/").stdin(Stdio::null());
        if is_root() {
            command.uid(uid);
        }
        Self(command.spawn().unwrap())
    }

    /// Run as the user that the server of this sandbox runs as.
    fn of_the_servers_user(sandbox: &Sandbox) -> Self {
        Self::spawn(fs::metadata(sandbox.pg()).unwrap().uid())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn is_unharmed(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file that a killed server would have left, had its process id been `pid`.
fn leave_pid_file(sandbox: &Sandbox, pid: u32) {
    let (pg, run) = (sandbox.pg(), sandbox.data().join("pg.run"));
    let text = format!(
        "{pid}\n{}\n1763900000\n5432\n{}\n\n  5432001   65539\nready   \n",
        pg.display(),
        run.display()
    );
    fs::write(pg.join("postmaster.pid"), text).unwrap();
}

async fn start_and_stop(sandbox: &Sandbox) {
    let cluster = sandbox.start().await.unwrap();
    assert!(!cluster.adopted());
    keep(&cluster, "works").await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn our_binary_killed_then_the_server_is_adopted() {
    let sandbox = Sandbox::with_cluster().await;
    let (holder, postmaster) = Holder::start(&sandbox);
    let mut session = connect_to_held(&sandbox).await;
    sqlx::query("INSERT INTO kept VALUES ('before')")
        .execute(&mut session)
        .await
        .unwrap();
    holder.kill();

    let cluster = sandbox.start().await.unwrap();
    assert!(cluster.adopted());
    assert_eq!(Pid::from_raw(cluster.pid().cast_signed()), Some(postmaster));
    assert_eq!(kept(&cluster).await, "before");
    sqlx::query("INSERT INTO kept VALUES ('during')")
        .execute(&mut session)
        .await
        .expect("the session was not cut");
    drop(session);
    cluster.stop().await.unwrap();
    ended(postmaster).await;

    let cluster = sandbox.start().await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(kept(&cluster).await, "before during");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn our_binary_and_the_server_killed_with_idle_sessions() {
    let sandbox = Sandbox::with_cluster().await;
    let (holder, postmaster) = Holder::start(&sandbox);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(connect_to_held(&sandbox).await);
    }
    sqlx::query("INSERT INTO kept VALUES ('committed')")
        .execute(&mut sessions[0])
        .await
        .unwrap();
    holder.kill();
    kill_process(postmaster, Signal::KILL).unwrap();

    let cluster = sandbox.start().await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(kept(&cluster).await, "committed");
    cluster.stop().await.unwrap();
}

/// A backend that is busy does not notice that its postmaster is gone, and keeps the shared memory from the next one.
async fn busy_orphan(sandbox: &Sandbox) -> Pid {
    let (holder, postmaster) = Holder::start(sandbox);
    let mut session = connect_to_held(sandbox).await;
    sqlx::query("INSERT INTO kept VALUES ('committed')")
        .execute(&mut session)
        .await
        .unwrap();
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut session)
        .await
        .unwrap();
    let busy = tokio::spawn(async move {
        let forever = "DO $$ DECLARE n bigint := 0; BEGIN LOOP n := n + 1; END LOOP; END $$";
        sqlx::raw_sql(forever)
            .execute(&mut session)
            .await
            .map(|_| ())
    });
    let mut watch = connect_to_held(sandbox).await;
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO $$ DECLARE n%'";
        let active: i64 = sqlx::query_scalar(active)
            .fetch_one(&mut watch)
            .await
            .unwrap();
        if active > 0 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the loop never began");
    }
    holder.kill();
    kill_process(postmaster, Signal::KILL).unwrap();
    busy.abort();
    let backend = Pid::from_raw(backend).unwrap();
    until("the helpers have noticed", Duration::from_secs(10), || {
        sandbox.processes() == [backend]
    })
    .await;
    backend
}

#[tokio::test]
async fn our_binary_and_the_server_killed_with_a_busy_session() {
    let sandbox = Sandbox::with_cluster().await;
    let orphan = busy_orphan(&sandbox).await;
    let cluster = sandbox.start().await.unwrap();
    ended(orphan).await;
    assert_eq!(kept(&cluster).await, "committed");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_orphan_that_does_not_listen_is_killed() {
    let sandbox = Sandbox::with_cluster().await;
    let orphan = busy_orphan(&sandbox).await;
    kill_process(orphan, Signal::STOP).unwrap();
    let cluster = sandbox.start().await.unwrap();
    ended(orphan).await;
    assert_eq!(kept(&cluster).await, "committed");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_whose_pid_is_another_process_of_the_same_user() {
    let sandbox = Sandbox::with_cluster().await;
    let mut bystander = Bystander::of_the_servers_user(&sandbox);
    leave_pid_file(&sandbox, bystander.pid());
    start_and_stop(&sandbox).await;
    assert!(bystander.is_unharmed());
}

#[tokio::test]
async fn a_stale_pid_file_whose_pid_is_another_users_process() {
    let sandbox = Sandbox::with_cluster().await;
    let mut bystander = Bystander::spawn(0);
    // As a normal user the first process of the system, which is root's, has to do.
    leave_pid_file(&sandbox, if is_root() { bystander.pid() } else { 1 });
    start_and_stop(&sandbox).await;
    assert!(bystander.is_unharmed());
}

#[tokio::test]
async fn a_stale_pid_file_of_no_process() {
    let sandbox = Sandbox::with_cluster().await;
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    leave_pid_file(&sandbox, gone.id());
    start_and_stop(&sandbox).await;
}

#[tokio::test]
async fn a_stale_pid_file_whose_pid_is_the_server_of_another_cluster() {
    let (sandbox, other) = (Sandbox::with_cluster().await, Sandbox::with_cluster().await);
    let stranger = other.start().await.unwrap();
    leave_pid_file(&sandbox, stranger.pid());
    start_and_stop(&sandbox).await;
    keep(&stranger, "unharmed").await;
    stranger.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_socket_lock_whose_pid_is_used_again() {
    let sandbox = Sandbox::with_cluster().await;
    let mut bystander = Bystander::of_the_servers_user(&sandbox);
    let lock = format!(
        "{}\n{}\n1763900000\n5432\n",
        bystander.pid(),
        sandbox.pg().display()
    );
    fs::write(sandbox.data().join("pg.run/.s.PGSQL.5432.lock"), lock).unwrap();
    start_and_stop(&sandbox).await;
    assert!(bystander.is_unharmed());
}

#[tokio::test]
async fn a_second_copy_is_refused_while_the_first_lives() {
    let sandbox = Sandbox::with_cluster().await;
    let (holder, postmaster) = Holder::start(&sandbox);
    let refused = sandbox.start().await.unwrap_err();
    assert!(
        matches!(refused, StartError::InUse { pid: Some(_), .. }),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("in use by another running copy (process "),
        "{refused}"
    );
    assert!(lives(postmaster));
    holder.stop();
    start_and_stop(&sandbox).await;
}

#[tokio::test]
async fn an_adopted_server_out_of_reach_is_restarted() {
    let sandbox = Sandbox::with_cluster().await;
    let (holder, postmaster) = Holder::start(&sandbox);
    holder.kill();
    fs::remove_file(sandbox.data().join("pg.run/.s.PGSQL.5432")).unwrap();
    start_and_stop(&sandbox).await;
    ended(postmaster).await;
}

#[tokio::test]
async fn a_server_that_is_just_stopping_is_waited_for() {
    let sandbox = Sandbox::with_cluster().await;
    let (holder, postmaster) = Holder::start(&sandbox);
    holder.kill();
    kill_process(postmaster, Signal::INT).unwrap();
    let cluster = sandbox.start().await.unwrap();
    connect(&cluster).await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn without_a_process_table_the_cluster_is_told_by_its_identifier() {
    let sandbox = Sandbox::with_cluster().await;
    let blind = || Settings {
        proc_dir: sandbox.path().join("no-proc"),
        ..sandbox.settings()
    };
    let (holder, postmaster) = Holder::start(&sandbox);
    holder.kill();
    let cluster = Cluster::start(blind()).await.unwrap();
    assert!(cluster.adopted());
    assert_eq!(Pid::from_raw(cluster.pid().cast_signed()), Some(postmaster));
    cluster.stop().await.unwrap();
    ended(postmaster).await;

    let cluster = Cluster::start(blind()).await.unwrap();
    assert!(!cluster.adopted());
    cluster.stop().await.unwrap();
}
