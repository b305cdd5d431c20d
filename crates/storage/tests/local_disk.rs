//! The local disk driver: the contract, and what only a file system can get wrong.

#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails is a test that fails"
)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use docuvault_storage::{
    ByteStream, Existing, ListScope, LocalDisk, LocalDiskConfig, NewObject, NewUpload, ObjectKey,
    StorageBackend, StorageError, contract,
};
use futures::{StreamExt, stream};
use tempfile::TempDir;
use uuid::Uuid;

async fn open(root: &Path) -> LocalDisk {
    let config = LocalDiskConfig {
        root: root.to_owned(),
        free_space_floor_bytes: 0,
    };
    LocalDisk::open(config).await.unwrap()
}

fn key() -> ObjectKey {
    ObjectKey::new(Uuid::new_v4(), Uuid::now_v7(), Uuid::new_v4(), "pdf")
}

fn stream_of(bytes: &'static [u8]) -> ByteStream {
    stream::iter([Ok(Bytes::from_static(bytes))]).boxed()
}

async fn put(disk: &LocalDisk, key: &ObjectKey, bytes: &'static [u8]) -> Result<(), StorageError> {
    let size_bytes = bytes.len() as u64;
    let object = NewObject {
        key: key.clone(),
        size_bytes,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    disk.put_stream(&object, stream_of(bytes)).await.map(drop)
}

fn temporary_files(root: &Path) -> Vec<PathBuf> {
    fs::read_dir(root.join("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn path_of(root: &Path, key: &ObjectKey) -> PathBuf {
    let document = key.document_id().to_string();
    let folder = root
        .join("objects")
        .join(key.user_id().to_string())
        .join(&document[34..])
        .join(&document);
    folder.join(key.file_name())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract() {
    let root = TempDir::new().unwrap();
    let store: Arc<dyn StorageBackend> = Arc::new(open(root.path()).await);
    let findings = contract::run(&store).await;
    assert!(findings.len() > 20);
    assert_eq!(contract::broken_promises(&findings, &[]), [""; 0]);
    assert!(temporary_files(root.path()).is_empty());
    let folders = fs::read_dir(root.path().join("objects")).unwrap().count();
    assert_eq!(folders, 0, "deleted objects left their folders behind");
}

#[tokio::test]
async fn files_are_private_and_lie_where_documented() {
    let root = TempDir::new().unwrap();
    let disk = open(&root.path().join("deep/vault")).await;
    let key = key();
    put(&disk, &key, b"hello").await.unwrap();
    let path = path_of(&root.path().join("deep/vault"), &key);
    assert_eq!(fs::read(&path).unwrap(), b"hello");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for folder in path.ancestors().skip(1).take(6) {
        assert_eq!(
            fs::metadata(folder).unwrap().permissions().mode() & 0o777,
            0o700,
            "{}",
            folder.display()
        );
    }
}

#[tokio::test]
async fn an_upload_dropped_at_any_moment_leaves_no_temporary_file() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let chunk = Bytes::from(vec![7; 700_000]);
    for milliseconds in 0..30 {
        let object = NewObject {
            key: key(),
            size_bytes: 1 << 30,
            expected_sha256: None,
            existing: Existing::Keep,
        };
        let endless = stream::repeat_with({
            let chunk = chunk.clone();
            move || Ok(chunk.clone())
        })
        .boxed();
        let put = disk.put_stream(&object, endless);
        assert!(
            tokio::time::timeout(Duration::from_millis(milliseconds), put)
                .await
                .is_err()
        );
    }
    // The write that was under way on a blocking thread may still have to end.
    for _ in 0..200 {
        if temporary_files(root.path()).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("left behind: {:?}", temporary_files(root.path()));
}

#[tokio::test]
async fn what_a_crash_left_is_swept_once_it_is_old() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let kept = key();
    put(&disk, &kept, b"kept").await.unwrap();
    let (old, young) = (root.path().join("tmp/old"), root.path().join("tmp/young"));
    for path in [&old, &young] {
        fs::write(path, b"half an upload").unwrap();
    }
    let yesterday = SystemTime::now() - Duration::from_hours(25);
    fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(yesterday)
        .unwrap();
    let again = open(root.path()).await;
    assert_eq!(temporary_files(root.path()), [young]);
    assert_eq!(
        again.sweep_temporary_files(Duration::ZERO).await.unwrap(),
        1
    );
    assert!(temporary_files(root.path()).is_empty());
    assert!(again.stat(&kept).await.unwrap().is_some());
}

/// Not a test of its own: what `a_killed_process…` runs as a process of its own, in order to kill it.
#[tokio::test]
#[ignore = "runs only as the child of another test"]
async fn endless_upload() {
    let disk = open(Path::new(&std::env::var_os(KILLED_ROOT).unwrap())).await;
    let object = NewObject {
        key: key(),
        size_bytes: 1 << 30,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    let first = stream::iter([Ok(Bytes::from(vec![7; 3 << 20]))]);
    let _ = disk
        .put_stream(&object, first.chain(stream::pending()).boxed())
        .await;
}

const KILLED_ROOT: &str = "DOCUVAULT_TEST_KILLED_ROOT";

#[tokio::test]
async fn a_killed_process_leaves_only_what_the_sweep_removes() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "endless_upload", "--ignored"])
        .env(KILLED_ROOT, root.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let written_bytes = || {
        temporary_files(root.path())
            .first()
            .map_or(0, |path| fs::metadata(path).unwrap().len())
    };
    let started = Instant::now();
    while written_bytes() < 2 << 20 {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "the child never wrote"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(temporary_files(root.path()).len(), 1);
    assert!(
        disk.list(ListScope::All, None, 10)
            .await
            .unwrap()
            .objects
            .is_empty()
    );
    assert_eq!(
        disk.sweep_temporary_files(Duration::from_hours(24))
            .await
            .unwrap(),
        0
    );
    assert_eq!(disk.sweep_temporary_files(Duration::ZERO).await.unwrap(), 1);
    assert!(temporary_files(root.path()).is_empty());
}

#[tokio::test]
async fn below_the_floor_nothing_is_taken() {
    let root = TempDir::new().unwrap();
    let config = LocalDiskConfig {
        root: root.path().to_owned(),
        free_space_floor_bytes: 1 << 60,
    };
    let disk = LocalDisk::open(config).await.unwrap();
    let upload = NewUpload {
        key: key(),
        size_bytes: 5,
        content_type: "application/pdf".into(),
        sha256: None,
        expires_in: Duration::from_secs(1),
    };
    assert!(matches!(
        disk.begin_upload(&upload).await,
        Err(StorageError::NoSpace)
    ));
    assert!(matches!(
        put(&disk, &upload.key, b"12345").await,
        Err(StorageError::NoSpace)
    ));
    assert!(matches!(disk.check().await, Err(StorageError::NoSpace)));
    assert!(temporary_files(root.path()).is_empty());
}

#[tokio::test]
async fn an_announced_size_beyond_the_disk_is_refused_before_a_byte_is_read() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let object = NewObject {
        key: key(),
        size_bytes: 1 << 60,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    assert!(matches!(
        disk.put_stream(&object, stream_of(b"x")).await,
        Err(StorageError::NoSpace)
    ));
}

#[tokio::test]
async fn symbolic_links_are_never_followed() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let secret = root.path().join("secret");
    fs::write(&secret, b"not yours").unwrap();

    let linked_file = key();
    put(&disk, &linked_file, b"x").await.unwrap();
    let path = path_of(root.path(), &linked_file);
    fs::remove_file(&path).unwrap();
    symlink(&secret, &path).unwrap();
    assert!(matches!(
        disk.stat(&linked_file).await,
        Err(StorageError::Unavailable { .. })
    ));
    assert!(matches!(
        disk.get_stream(&linked_file, None).await,
        Err(StorageError::Unavailable { .. })
    ));
    assert!(put(&disk, &linked_file, b"x").await.is_err());

    let linked_folder = key();
    let elsewhere = root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(
        &elsewhere,
        root.path()
            .join("objects")
            .join(linked_folder.user_id().to_string()),
    )
    .unwrap();
    assert!(put(&disk, &linked_folder, b"x").await.is_err());
    assert!(disk.stat(&linked_folder).await.is_err());
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);

    let page = disk.list(ListScope::All, None, 10).await.unwrap();
    assert!(page.objects.is_empty());
    assert_eq!(page.unrecognised, 2);
    assert_eq!(fs::read(&secret).unwrap(), b"not yours");
}

#[tokio::test]
async fn a_listing_counts_what_is_not_ours_and_leaves_it_alone() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let kept = key();
    put(&disk, &kept, b"x").await.unwrap();
    fs::write(root.path().join("objects/README"), b"?").unwrap();
    fs::write(
        path_of(root.path(), &kept).with_file_name("notes.txt"),
        b"?",
    )
    .unwrap();
    let page = disk.list(ListScope::All, None, 10).await.unwrap();
    assert_eq!(page.objects.len(), 1);
    assert_eq!(page.objects[0].key, kept);
    assert_eq!((page.unrecognised, page.next_cursor), (2, None));
}

#[tokio::test]
async fn a_swapped_folder_is_noticed() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    disk.check().await.unwrap();
    fs::rename(root.path().join("objects"), root.path().join("moved")).unwrap();
    assert!(disk.check().await.is_err());
    fs::create_dir(root.path().join("objects")).unwrap();
    assert!(disk.check().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_deleters_of_one_document_do_not_trip_each_other() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let (user, document) = (Uuid::new_v4(), Uuid::now_v7());
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let disk = disk.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    let key = ObjectKey::new(user, document, Uuid::new_v4(), "");
                    put(&disk, &key, b"x").await.unwrap();
                    disk.delete(&key).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        fs::read_dir(root.path().join("objects")).unwrap().count(),
        0
    );
}

#[tokio::test]
async fn a_file_cut_short_while_it_is_read_ends_in_an_error() {
    let root = TempDir::new().unwrap();
    let disk = open(root.path()).await;
    let key = key();
    let object = NewObject {
        key: key.clone(),
        size_bytes: 4 << 20,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    disk.put_stream(
        &object,
        stream::iter([Ok(Bytes::from(vec![1; 4 << 20]))]).boxed(),
    )
    .await
    .unwrap();
    let mut bytes = disk.get_stream(&key, None).await.unwrap().bytes;
    assert!(bytes.next().await.unwrap().is_ok());
    fs::File::options()
        .write(true)
        .open(path_of(root.path(), &key))
        .unwrap()
        .set_len(600_000)
        .unwrap();
    assert!(bytes.next().await.unwrap().is_err());
}
