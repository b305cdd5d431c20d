//! Where the servers' programs are.

use std::path::{Path, PathBuf};

/// The program of this name, if it is on this machine.
pub fn locate(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = std::env::var_os("DOCUVAULT_TEST_TOOLS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    ours.into_iter()
        .chain([beside])
        .map(|tools| tools.join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
