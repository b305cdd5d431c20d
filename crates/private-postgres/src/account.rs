//! Which user the server runs as: PostgreSQL refuses root, so as root we hand its files, and only those, to another user.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::StartError;
use crate::place::Place;

/// The user that the server runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub name: String,
    pub uid: u32,
    gid: u32,
    /// We are root and become this user for the server; otherwise it is ourselves.
    switch: bool,
}

impl Account {
    /// The owner of an existing cluster; for a new one ourselves or, when we are root, `postgres` or else `nobody`.
    pub fn choose(place: &Place) -> Result<Self, StartError> {
        let (our_uid, our_gid) = (
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw(),
        );
        let owner = fs::metadata(&place.data_dir)
            .ok()
            .map(|data_dir| (data_dir.uid(), data_dir.gid()));
        if our_uid != 0 {
            return match owner {
                Some((owner_uid, _)) if owner_uid != our_uid => Err(StartError::WrongOwner {
                    data_dir: place.data_dir.clone(),
                    owner_uid,
                    our_uid,
                }),
                _ => Ok(Self {
                    name: format!("user id {our_uid}"),
                    uid: our_uid,
                    gid: our_gid,
                    switch: false,
                }),
            };
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        match owner {
            Some((uid, gid)) if uid != 0 => {
                let known = accounts(&passwd).find(|account| account.uid == uid);
                Ok(known.unwrap_or(Self {
                    name: format!("user id {uid}"),
                    uid,
                    gid,
                    switch: true,
                }))
            }
            _ => {
                let named = |name: &str| {
                    accounts(&passwd).find(|account| account.name == name && account.uid != 0)
                };
                named("postgres")
                    .or_else(|| named("nobody"))
                    .ok_or(StartError::NoAccount)
            }
        }
    }

    /// `program` to be run as this user in `work_dir`, with nothing of our environment, input or process group: a Ctrl-C
    /// meant for us must not reach the server.
    pub fn command(&self, program: &Path, work_dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir(work_dir)
            .stdin(Stdio::null())
            .process_group(0);
        if self.switch {
            // Supplementary groups are dropped along with root.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes `dir` if missing, and in any case this user's alone.
    pub fn make_private_dir(&self, dir: &Path) -> Result<(), StartError> {
        let make = || {
            DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
            fs::set_permissions(dir, Permissions::from_mode(0o700))?;
            self.own(dir)
        };
        make().map_err(StartError::io("make", dir))
    }

    /// Writes a new file that only this user may read.
    pub fn write_private_file(&self, path: &Path, content: &str) -> Result<(), StartError> {
        let write = || {
            let _ = fs::remove_file(path);
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?;
            if self.switch {
                fchown(&file, Some(self.uid), Some(self.gid))?;
            }
            file.write_all(content.as_bytes())
        };
        write().map_err(StartError::io("write", path))
    }

    /// A cluster that was put back as root, say from a backup, still has to become the server's.
    pub fn take_over(&self, place: &Place) -> Result<(), StartError> {
        let is_roots = fs::metadata(&place.data_dir).is_ok_and(|data_dir| data_dir.uid() == 0);
        if !self.switch || !is_roots {
            return Ok(());
        }
        self.own_tree(&place.data_dir)
            .map_err(StartError::io("change the owner of", &place.data_dir))
    }

    /// The first directory on the way to `path` that this user may not pass through, by its mode.
    pub fn obstacle(&self, path: &Path) -> Option<PathBuf> {
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        let blocked = way
            .into_iter()
            .find(|dir| fs::metadata(dir).is_ok_and(|dir| !self.may_pass(&dir)));
        blocked.map(Path::to_owned)
    }

    fn may_pass(&self, dir: &fs::Metadata) -> bool {
        let shift = if dir.uid() == self.uid {
            6
        } else if dir.gid() == self.gid {
            3
        } else {
            0
        };
        !dir.is_dir() || (dir.mode() >> shift) & 1 == 1
    }

    fn own(&self, path: &Path) -> io::Result<()> {
        if self.switch {
            lchown(path, Some(self.uid), Some(self.gid))
        } else {
            Ok(())
        }
    }

    fn own_tree(&self, path: &Path) -> io::Result<()> {
        self.own(path)?;
        if fs::symlink_metadata(path)?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own_tree(&entry?.path())?;
            }
        }
        Ok(())
    }
}

/// Opens the server's log for appending; a long one is put aside first, so that the two together stay small.
pub(crate) fn open_log(place: &Place) -> Result<File, StartError> {
    const LONGEST_LOG_BYTES: u64 = 8 << 20;
    let path = &place.log_file;
    if fs::metadata(path).is_ok_and(|log| log.len() > LONGEST_LOG_BYTES) {
        fs::rename(path, path.with_extension("log.old"))
            .map_err(StartError::io("put aside", path))?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(StartError::io("open the log", path))
}

/// The users of a passwd file. Some systems write nobody's id as -2.
fn accounts(passwd: &str) -> impl Iterator<Item = Account> {
    let id = |field: &str| {
        field
            .parse::<u32>()
            .ok()
            .or_else(|| Some(field.parse::<i32>().ok()?.cast_unsigned()))
    };
    passwd.lines().filter_map(move |line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let (uid, gid) = (id(fields.nth(1)?)?, id(fields.next()?)?);
        Some(Account {
            name,
            uid,
            gid,
            switch: true,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwd_lines_become_accounts() {
        let passwd = "# users\nroot:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\nnobody:*:-2:-2::/:/usr/bin/false\nbroken:x\n";
        let found: Vec<(String, u32, u32)> = accounts(passwd)
            .map(|account| (account.name, account.uid, account.gid))
            .collect();
        let expected = [
            ("root", 0, 0),
            ("postgres", 101, 104),
            ("nobody", 4_294_967_294, 4_294_967_294),
        ];
        assert_eq!(
            found,
            expected.map(|(name, uid, gid)| (name.to_owned(), uid, gid))
        );
    }

    #[test]
    fn the_first_closed_directory_is_named() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("open/closed/deep");
        fs::create_dir_all(&deep).unwrap();
        let mode =
            |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        mode(root.path(), 0o711);
        mode(&root.path().join("open"), 0o755);
        mode(&root.path().join("open/closed"), 0o750);
        let stranger = Account {
            name: "stranger".to_owned(),
            uid: 54_321,
            gid: 54_321,
            switch: true,
        };
        assert_eq!(
            stranger.obstacle(&deep),
            Some(root.path().join("open/closed"))
        );
        assert_eq!(stranger.obstacle(&root.path().join("open")), None);
        let owner = fs::metadata(&deep).unwrap().uid();
        let owner = Account {
            uid: owner,
            ..stranger
        };
        assert_eq!(owner.obstacle(&deep), None);
    }
}
