//! Every connection is an open file, and many systems allow a process few of them unless it asks for more.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for as many as the system grants; says so when that is fewer than connections and their files could need.
pub fn allow_many_open_files(connections: usize) {
    let granted = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: granted.maximum,
        ..granted
    };
    if let Err(error) = setrlimit(Resource::Nofile, most) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
    let allowed = getrlimit(Resource::Nofile).current;
    let wanted = 2 * connections as u64;
    if allowed.is_some_and(|allowed| allowed < wanted) {
        tracing::warn!(
            allowed,
            wanted,
            "the system allows few open files: a crowd of connections could use them up"
        );
    }
}
