//! As whom the server runs. All but the last need root, which can be any user; as somebody else they have nothing to show.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use docuvault_private_postgres::StartError;
use rustix::process::Pid;

use crate::holder::Holder;
use crate::sandbox::{Sandbox, is_root, keep, uid_of};

const NOBODY: u32 = 65_534;

/// The id of the user that a new cluster goes to.
fn server_uid() -> u32 {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let postgres = passwd.lines().find_map(|line| {
        line.strip_prefix("postgres:")?
            .split(':')
            .nth(1)?
            .parse()
            .ok()
    });
    postgres.unwrap_or(NOBODY)
}

#[tokio::test]
async fn root_hands_the_server_to_another_user() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::with_cluster().await;
    let cluster = sandbox.start().await.unwrap();
    let postmaster = Pid::from_raw(cluster.pid().cast_signed()).unwrap();
    assert_eq!(uid_of(postmaster), server_uid());
    let status = fs::read_to_string(format!("/proc/{}/status", cluster.pid())).unwrap();
    assert!(
        status.lines().any(|line| line.trim_end() == "Groups:"),
        "root's groups are left behind: {status}"
    );
    let environment = fs::read(format!("/proc/{}/environ", cluster.pid())).unwrap();
    assert!(
        !String::from_utf8_lossy(&environment).contains("CARGO"),
        "our environment is left behind"
    );
    for (path, uid) in [
        ("pg", server_uid()),
        ("pg.run", server_uid()),
        ("secrets", 0),
        ("pg.log", 0),
        ("pg.lock", 0),
    ] {
        assert_eq!(
            fs::metadata(sandbox.data().join(path)).unwrap().uid(),
            uid,
            "{path}"
        );
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_does_not_share_our_process_group() {
    let sandbox = Sandbox::with_cluster().await;
    let cluster = sandbox.start().await.unwrap();
    let postmaster = Pid::from_raw(cluster.pid().cast_signed()).unwrap();
    assert_eq!(
        rustix::process::getpgid(Some(postmaster)).unwrap(),
        postmaster,
        "Ctrl-C would reach it"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_existing_cluster_keeps_its_user() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::with_cluster().await;
    let given = std::process::Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(sandbox.pg())
        .status();
    assert!(given.unwrap().success());
    let cluster = sandbox.start().await.unwrap();
    assert_eq!(
        uid_of(Pid::from_raw(cluster.pid().cast_signed()).unwrap()),
        NOBODY
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_put_back_by_root_becomes_the_servers() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::with_cluster().await;
    let taken = std::process::Command::new("chown")
        .args(["-R", "0:0"])
        .arg(sandbox.pg())
        .status();
    assert!(taken.unwrap().success());
    let cluster = sandbox.start().await.unwrap();
    keep(&cluster, "works").await;
    assert_eq!(
        fs::metadata(sandbox.pg().join("base")).unwrap().uid(),
        server_uid()
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_directory_that_the_server_may_not_pass_is_named() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    let closed = sandbox.path().join("closed");
    fs::create_dir_all(closed.join("data")).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let refused = docuvault_private_postgres::Cluster::start(crate::sandbox::settings_in(
        &closed.join("data"),
    ))
    .await
    .unwrap_err();
    let closed = fs::canonicalize(closed).unwrap();
    assert!(
        matches!(&refused, StartError::NotSearchable { dir, .. } if *dir == closed),
        "{refused}"
    );
    assert!(refused.to_string().contains("chmod o+x"), "{refused}");
    assert!(!closed.join("data/pg").exists());
}

/// As nobody where we are root; where we are not, all the other tests are of a normal user.
#[tokio::test]
async fn a_normal_user_runs_it_all() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.data()).unwrap();
    chown(sandbox.data(), Some(NOBODY), Some(NOBODY)).unwrap();
    // Our own program may lie where nobody gets at it.
    let program = sandbox.path().join("holder");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let as_nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ]
    .map(Path::new);
    let command: Vec<&Path> = as_nobody.into_iter().chain([program.as_path()]).collect();

    let mut holder = Holder::spawn(&sandbox, &command);
    let first = holder.ready();
    assert_eq!(uid_of(first), NOBODY);
    holder.kill();
    let mut holder = Holder::spawn(&sandbox, &command);
    assert_eq!(holder.ready(), first, "adopted");
    holder.stop();
    let mut holder = Holder::spawn(&sandbox, &command);
    assert_ne!(holder.ready(), first);
    holder.stop();
}

#[tokio::test]
async fn a_cluster_of_another_user_is_refused_to_a_normal_user() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::with_cluster().await;
    chown(sandbox.data(), Some(NOBODY), Some(NOBODY)).unwrap();
    let lock = sandbox.data().join("pg.lock");
    chown(lock, Some(NOBODY), Some(NOBODY)).unwrap();
    let program = sandbox.path().join("holder");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let as_nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ]
    .map(Path::new);
    let command: Vec<&Path> = as_nobody.into_iter().chain([program.as_path()]).collect();
    let mut holder = Holder::spawn(&sandbox, &command);
    let told = holder.told();
    assert!(
        told.starts_with("failed")
            && told.contains(&format!("belongs to user id {}", server_uid())),
        "{told}"
    );
    holder.end();
}
