//! Where `docuvault-extract` and other programs lie on this machine.

use std::path::{Path, PathBuf};

/// Name of the reading program.
pub(crate) const PROGRAM_NAME: &str = "docuvault-extract";

/// The given path, or the program beside the running one, or the one on `PATH`.
pub(crate) fn locate_program(explicit: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = explicit {
        return path.is_file().then(|| path.to_owned());
    }
    beside_current_program(PROGRAM_NAME).or_else(|| find_on_path(PROGRAM_NAME))
}

fn beside_current_program(name: &str) -> Option<PathBuf> {
    let current = std::env::current_exe().ok()?;
    // Test binaries lie one folder deeper, in `target/<profile>/deps`.
    current
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// The first file of that name in the folders of `PATH` and where package managers put programs.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .chain(usual)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
