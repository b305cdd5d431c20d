//! A small file that only its owner may read, made once: of several processes that want it at the same time one makes it, and all
//! read the same.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Makes the file unless it is there. It appears whole or not at all; its folder is made too.
pub fn make_once(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    // A random name: process ids are the same in every container, and the folder may be shared between some.
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let aside = path.with_extension(format!("{}.new", hex::encode(random)));
    let written = write_new(&aside, content);
    // Linked into place: who comes second finds the file there, and leaves it.
    let linked = written.and_then(|()| fs::hard_link(&aside, path));
    let _ = fs::remove_file(&aside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(dir)?.sync_all(),
    }
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets/token");
        make_once(&path, b"first").unwrap();
        make_once(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn of_many_at_once_all_read_the_same() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("token");
            let read: Vec<Vec<u8>> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8_u8)
                    .map(|number| {
                        let path = path.clone();
                        scope.spawn(move || {
                            make_once(&path, &[number; 64]).unwrap();
                            fs::read(&path).unwrap()
                        })
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert_eq!(read[0].len(), 64);
            assert!(read.iter().all(|other| *other == read[0]));
        }
    }
}
