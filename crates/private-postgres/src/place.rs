//! Where everything of the cluster lies, as absolute paths.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::StartError;

/// Unix socket paths are limited to 104 bytes on macOS and 108 on Linux, the NUL included.
const LONGEST_SOCKET_PATH_BYTES: usize = 100;

const INIT_SUFFIX: &str = ".init-";

/// The paths of one cluster. All of them are siblings of the data directory, so that a backup of it holds nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub data_dir: PathBuf,
    pub parent: PathBuf,
    /// The cluster while it is being made; a new name each time, so that an attempt that was cut short cannot meddle.
    pub init_dir: PathBuf,
    /// Holds the socket; only the server's user may enter.
    pub run_dir: PathBuf,
    pub lock_file: PathBuf,
    pub log_file: PathBuf,
}

impl Place {
    /// Resolves `data_dir` and makes its parent where that is missing.
    pub fn new(data_dir: &Path) -> Result<Self, StartError> {
        let data_dir =
            std::path::absolute(data_dir).map_err(StartError::io("resolve", data_dir))?;
        let (Some(parent), Some(_)) = (data_dir.parent(), data_dir.file_name()) else {
            return Err(StartError::NotACluster { dir: data_dir });
        };
        if !parent.exists() {
            fs::create_dir_all(parent).map_err(StartError::io("make", parent))?;
            // Others may pass through, which the server's user must when we are root, but not look around.
            fs::set_permissions(parent, fs::Permissions::from_mode(0o711))
                .map_err(StartError::io("set the mode of", parent))?;
        }
        // Two ways to the same directory must meet at the same lock.
        let data_dir = match fs::canonicalize(&data_dir) {
            Ok(resolved) => resolved,
            Err(_) => fs::canonicalize(parent)
                .map_err(StartError::io("resolve", parent))?
                .join(data_dir.file_name().unwrap_or_default()),
        };
        Ok(Self {
            parent: data_dir.parent().map(Path::to_owned).unwrap_or_default(),
            init_dir: sibling(
                &data_dir,
                &format!("{INIT_SUFFIX}{:08x}", rand::random::<u32>()),
            ),
            run_dir: sibling(&data_dir, ".run"),
            lock_file: sibling(&data_dir, ".lock"),
            log_file: sibling(&data_dir, ".log"),
            data_dir,
        })
    }

    /// Whether a socket in the run directory has a path short enough to connect to.
    pub fn has_room_for_socket(&self) -> bool {
        self.run_dir.as_os_str().len() + "/.s.PGSQL.5432".len() <= LONGEST_SOCKET_PATH_BYTES
    }

    /// The major version that made the cluster; `None` when there is no cluster yet.
    pub fn data_major(&self) -> Result<Option<u32>, StartError> {
        let not_a_cluster = || StartError::NotACluster {
            dir: self.data_dir.clone(),
        };
        let mut entries = match fs::read_dir(&self.data_dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StartError::io("look into", &self.data_dir)(error)),
        };
        if entries.next().is_none() {
            return Ok(None);
        }
        let version =
            fs::read_to_string(self.data_dir.join("PG_VERSION")).map_err(|_| not_a_cluster())?;
        version
            .trim()
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .map(Some)
            .ok_or_else(not_a_cluster)
    }

    /// What earlier attempts at making the cluster left.
    pub fn abandoned_init_dirs(&self) -> Vec<PathBuf> {
        let prefix = sibling(&self.data_dir, INIT_SUFFIX);
        let is_one = |path: &PathBuf| {
            path.as_os_str()
                .as_encoded_bytes()
                .starts_with(prefix.as_os_str().as_encoded_bytes())
        };
        let entries = fs::read_dir(&self.parent).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(is_one).collect()
    }

    /// A name by which the command lines of this cluster's processes can be told from others'. It comes from the directory and
    /// not from the cluster, of which there may be a running copy elsewhere.
    pub fn cluster_name(&self) -> Result<String, StartError> {
        let dir =
            fs::metadata(&self.data_dir).map_err(StartError::io("look at", &self.data_dir))?;
        Ok(format!("private-{:016x}-{:016x}", dir.dev(), dir.ino()))
    }

    /// The number that `initdb` gave the cluster: the first field of `pg_control`, in the machine's own byte order.
    pub fn system_identifier(&self) -> Result<u64, StartError> {
        let path = self.data_dir.join("global/pg_control");
        let mut identifier = [0; 8];
        File::open(&path)
            .and_then(|mut file| file.read_exact(&mut identifier))
            .map_err(StartError::io("read", &path))?;
        Ok(u64::from_ne_bytes(identifier))
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_lie_beside_the_data_directory() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(&root.path().join("data/pg/")).unwrap();
        let parent = fs::canonicalize(root.path()).unwrap().join("data");
        assert_eq!(place.parent, parent);
        assert_eq!(place.run_dir, parent.join("pg.run"));
        assert_eq!(
            fs::metadata(&parent).unwrap().permissions().mode() & 0o777,
            0o711
        );
    }

    #[test]
    fn a_foreign_directory_is_no_cluster() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(&root.path().join("pg")).unwrap();
        assert!(matches!(place.data_major(), Ok(None)));
        fs::create_dir(&place.data_dir).unwrap();
        assert!(
            matches!(place.data_major(), Ok(None)),
            "an empty directory may be filled"
        );
        fs::write(place.data_dir.join("holiday.jpg"), b"x").unwrap();
        assert!(matches!(
            place.data_major(),
            Err(StartError::NotACluster { .. })
        ));
        fs::write(place.data_dir.join("PG_VERSION"), b"16\n").unwrap();
        assert!(matches!(place.data_major(), Ok(Some(16))));
    }

    #[test]
    fn long_paths_have_no_room_for_a_socket() {
        let root = tempfile::tempdir().unwrap();
        assert!(
            Place::new(&root.path().join("pg"))
                .unwrap()
                .has_room_for_socket()
        );
        assert!(
            !Place::new(&root.path().join("x".repeat(100)).join("pg"))
                .unwrap()
                .has_room_for_socket()
        );
    }
}
