//! A local disk that can be told to fail, and says what it was asked.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use docuvault_storage::{
    ByteRange, ByteStream, Capabilities, DownloadAs, DownloadPlan, ListPage, ListScope, LocalDisk,
    LocalDiskConfig, NewObject, NewUpload, ObjectKey, ObjectRead, ObjectStat, StorageBackend,
    StorageError, Stored, UnfinishedUpload, UploadPlan,
};

use crate::support::TestApp;

pub struct ScriptedStore {
    disk: LocalDisk,
    /// Away: everything is answered with Unavailable.
    pub down: AtomicBool,
    /// Goes away at the list call of this number, from 1; 0: never.
    pub down_at_list: AtomicUsize,
    /// Goes away at the question after an object of this number.
    pub down_at_stat: AtomicUsize,
    /// Answers that the next questions after an object get, instead of the truth.
    pub stat_lies: Mutex<VecDeque<Option<ObjectStat>>>,
    /// Reading these fails in the midst.
    pub unreadable: Mutex<Vec<ObjectKey>>,
    pub unfinished: Mutex<Vec<UnfinishedUpload>>,
    pub aborted: Mutex<Vec<String>>,
    /// Cursor, length asked for and length answered, of each whole listing.
    pub listed: Mutex<Vec<(Option<String>, usize, usize)>>,
    pub stats: AtomicUsize,
    pub read: Mutex<Vec<ObjectKey>>,
}

impl ScriptedStore {
    /// On the folder that the vault itself uses.
    pub async fn over(app: &TestApp) -> Self {
        let disk = LocalDisk::open(LocalDiskConfig {
            root: app.objects_dir().parent().unwrap().to_owned(),
            free_space_floor_bytes: 0,
        })
        .await
        .unwrap();
        Self {
            disk,
            down: AtomicBool::default(),
            down_at_list: AtomicUsize::default(),
            down_at_stat: AtomicUsize::default(),
            stat_lies: Mutex::default(),
            unreadable: Mutex::default(),
            unfinished: Mutex::default(),
            aborted: Mutex::default(),
            listed: Mutex::default(),
            stats: AtomicUsize::default(),
            read: Mutex::default(),
        }
    }

    fn ask(&self) -> Result<(), StorageError> {
        if self.down.load(Ordering::SeqCst) {
            Err(StorageError::unavailable("the store is away"))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl StorageBackend for ScriptedStore {
    fn capabilities(&self) -> Capabilities {
        self.disk.capabilities()
    }

    async fn begin_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        self.ask()?;
        self.disk.begin_upload(upload).await
    }

    async fn abort_upload(&self, _: &ObjectKey, id: &str) -> Result<(), StorageError> {
        self.ask()?;
        self.aborted.lock().unwrap().push(id.to_owned());
        Ok(())
    }

    async fn list_unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, StorageError> {
        self.ask()?;
        Ok(self.unfinished.lock().unwrap().clone())
    }

    async fn begin_download(
        &self,
        key: &ObjectKey,
        download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        self.disk.begin_download(key, download, expires_in).await
    }

    async fn stat(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        let number = self.stats.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.down_at_stat.load(Ordering::SeqCst) {
            self.down.store(true, Ordering::SeqCst);
        }
        self.ask()?;
        let lie = self.stat_lies.lock().unwrap().pop_front();
        match lie {
            Some(lie) => Ok(lie),
            None => self.disk.stat(key).await,
        }
    }

    async fn put_stream(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        self.ask()?;
        self.disk.put_stream(object, bytes).await
    }

    async fn get_stream(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        self.ask()?;
        self.read.lock().unwrap().push(key.clone());
        if self.unreadable.lock().unwrap().contains(key) {
            return Err(StorageError::unavailable("a bad sector"));
        }
        self.disk.get_stream(key, range).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        self.ask()?;
        self.disk.delete(key).await
    }

    async fn list(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError> {
        self.ask()?;
        let whole = scope == ListScope::All;
        if whole
            && self.listed.lock().unwrap().len() + 1 == self.down_at_list.load(Ordering::SeqCst)
        {
            self.down.store(true, Ordering::SeqCst);
            self.ask()?;
        }
        let page = self.disk.list(scope, cursor, limit).await?;
        if whole {
            let asked = (cursor.map(str::to_owned), limit, page.objects.len());
            self.listed.lock().unwrap().push(asked);
        }
        Ok(page)
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.ask()?;
        self.disk.check().await
    }
}
