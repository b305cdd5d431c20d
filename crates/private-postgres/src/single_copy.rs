//! Only one copy of us may look after a cluster: a lock that ends with our process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use crate::StartError;
use crate::place::Place;
use crate::processes::LOOK_AGAIN;

/// Right after a kill -9 the lock of the dead process is held for another moment.
const PATIENCE: Duration = Duration::from_secs(3);

/// Holds the lock until dropped. The file is close-on-exec, so the server, which outlives us, does not inherit it.
pub(crate) async fn take_lock(place: &Place) -> Result<File, StartError> {
    let path = &place.lock_file;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(StartError::io("open the lock file", path))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is only told, never relied upon.
                let _ = file.read_to_string(&mut holder);
                return Err(StartError::InUse {
                    data_dir: place.data_dir.clone(),
                    pid: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(StartError::io("lock", path)(error)),
        }
    }
    let pid = format!("{}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(pid.as_bytes()))
        .map_err(StartError::io("write the lock file", path))?;
    Ok(file)
}
