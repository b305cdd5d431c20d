//! A store that lives in memory, behaves as S3 does, and can be told to fail and to lie. Its URLs lead nowhere: `put_part` and
//! `put_object` are what the store does when a client sends to one.

mod backend;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use docuvault_storage::{ObjectKey, ObjectStat, SignedUpload, SignedUrl, StorageError};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::sync::Notify;
use url::Url;

/// What the store does wrong from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lie {
    /// Complete answers well and keeps nothing.
    CompleteKeepsNothing,
    /// Complete joins the parts and says it was busy.
    CompleteDenies,
    /// The length it tells of an object is one too many.
    LongerStat,
    /// Every part it lists is one byte short.
    ShorterParts,
    /// It opens an upload in parts, and the answer is lost.
    OpensUnheard,
}

#[derive(Default)]
struct Kept {
    objects: HashMap<String, Bytes>,
    uploads: BTreeMap<String, Open>,
    opened: usize,
    lies: HashSet<Lie>,
}

struct Open {
    key: ObjectKey,
    parts: BTreeMap<u32, Bytes>,
    started_at: OffsetDateTime,
}

pub struct ScriptedStore {
    part_size_bytes: u64,
    /// Takes a file of one part by a single PUT, which cannot be repeated.
    writes_once: bool,
    kept: Mutex<Kept>,
    down: AtomicBool,
    /// So many calls are still refused.
    busy: AtomicUsize,
    hanging: AtomicBool,
    go_on: Notify,
    calls: AtomicUsize,
}

impl ScriptedStore {
    pub fn of_parts(part_size_bytes: u64) -> Self {
        Self {
            part_size_bytes,
            writes_once: false,
            kept: Mutex::default(),
            down: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            hanging: AtomicBool::new(false),
            go_on: Notify::new(),
            calls: AtomicUsize::new(0),
        }
    }

    /// The same that honours `If-None-Match`.
    pub fn writing_once(part_size_bytes: u64) -> Self {
        Self {
            writes_once: true,
            ..Self::of_parts(part_size_bytes)
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    pub fn tell_lie(&self, lie: Lie) {
        self.kept().lies.insert(lie);
    }

    pub fn be_honest(&self) {
        self.kept().lies.clear();
    }

    pub fn set_down(&self, down: bool) {
        self.down.store(down, SeqCst);
    }

    /// Refuses the next so many calls with 503.
    pub fn refuse_next(&self, calls: usize) {
        self.busy.store(calls, SeqCst);
    }

    /// No call is answered until `release`.
    pub fn hang(&self) {
        self.hanging.store(true, SeqCst);
    }

    pub fn release(&self) {
        self.hanging.store(false, SeqCst);
        self.go_on.notify_waiters();
    }

    /// How many calls have come so far.
    pub fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }

    /// As a lifecycle rule does it, or a store that was set up anew.
    pub fn forget_uploads(&self) {
        self.kept().uploads.clear();
    }

    pub fn lose_object(&self, key: &ObjectKey) {
        self.kept().objects.remove(&key.to_string());
    }

    /// Other bytes than were sent.
    pub fn replace_object(&self, key: &ObjectKey, bytes: impl Into<Bytes>) {
        self.kept().objects.insert(key.to_string(), bytes.into());
    }

    pub fn objects(&self) -> Vec<ObjectKey> {
        let keys = self.kept().objects.keys().cloned().collect::<Vec<_>>();
        keys.iter()
            .map(|key| ObjectKey::parse(key).unwrap())
            .collect()
    }

    pub fn bytes_of(&self, key: &ObjectKey) -> Bytes {
        self.kept().objects[&key.to_string()].clone()
    }

    pub fn open_uploads(&self) -> usize {
        self.kept().uploads.len()
    }

    /// A client PUTs a part to `url`: its mark, or the status of the refusal.
    pub fn put_part(&self, url: &str, bytes: &[u8]) -> Result<String, u16> {
        let url = Signed::of(url)?;
        let number: u32 = url.text("partNumber").parse().map_err(|_| 400_u16)?;
        let mut kept = self.kept();
        let upload = kept
            .uploads
            .get_mut(&url.text("uploadId"))
            .filter(|upload| upload.key.to_string() == url.key)
            .ok_or(404_u16)?;
        if url.text("length") != bytes.len().to_string() {
            return Err(403);
        }
        upload.parts.insert(number, Bytes::copy_from_slice(bytes));
        Ok(format!("\"{}\"", etag(bytes)))
    }

    /// A client PUTs a whole file to `url`: the status of the answer.
    pub fn put_object(&self, url: &str, bytes: &[u8]) -> Result<(), u16> {
        let url = Signed::of(url)?;
        if url.text("length") != bytes.len().to_string() || !url.text("partNumber").is_empty() {
            return Err(403);
        }
        let mut kept = self.kept();
        if kept.objects.contains_key(&url.key) {
            return Err(412);
        }
        kept.objects.insert(url.key, Bytes::copy_from_slice(bytes));
        Ok(())
    }

    /// Every call passes here.
    async fn answer(&self) -> Result<(), StorageError> {
        self.calls.fetch_add(1, SeqCst);
        while self.hanging.load(SeqCst) {
            let released = self.go_on.notified();
            if self.hanging.load(SeqCst) {
                released.await;
            }
        }
        let was_busy = self
            .busy
            .fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1))
            .is_ok();
        if self.down.load(SeqCst) || was_busy {
            return Err(StorageError::Unavailable {
                retry_after: was_busy.then_some(Duration::from_secs(7)),
                source: "503 SlowDown".into(),
            });
        }
        Ok(())
    }
}

fn sign(key: &ObjectKey, query: &[(&str, String)], life: Duration) -> SignedUpload {
    let mut url = format!(
        "https://store.example/vault/{key}?X-Amz-Expires={}",
        life.as_secs()
    );
    for (name, value) in query {
        write!(url, "&{name}={value}").unwrap();
    }
    SignedUpload {
        url: SignedUrl::new(url),
        headers: vec![(
            "content-type".to_owned(),
            "application/octet-stream".to_owned(),
        )],
        expires_at: OffsetDateTime::now_utc() + life,
    }
}

/// A URL of ours, taken apart.
struct Signed {
    key: String,
    query: HashMap<String, String>,
}

impl Signed {
    fn of(url: &str) -> Result<Self, u16> {
        let url = Url::parse(url).map_err(|_| 400_u16)?;
        Ok(Self {
            key: url
                .path()
                .strip_prefix("/vault/")
                .ok_or(404_u16)?
                .to_owned(),
            query: url.query_pairs().into_owned().collect(),
        })
    }

    fn text(&self, name: &str) -> String {
        self.query.get(name).cloned().unwrap_or_default()
    }
}

fn etag(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..16])
}

fn stat_of(bytes: &Bytes) -> ObjectStat {
    ObjectStat {
        size_bytes: bytes.len() as u64,
        etag: etag(bytes),
        sha256: None,
    }
}
