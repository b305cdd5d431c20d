//! What the scripted store answers to the vault.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use docuvault_storage::{
    ByteRange, ByteStream, Capabilities, CompletedPart, DirectParts, DownloadAs, DownloadPlan,
    ListPage, ListScope, ListedObject, NewObject, NewUpload, ObjectKey, ObjectRead, ObjectStat,
    PartToUpload, SignedUpload, StorageBackend, StorageError, Stored, StoredPart, UnfinishedUpload,
    UploadPlan,
};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{Lie, Open, ScriptedStore, etag, sign, stat_of};

#[async_trait]
impl StorageBackend for ScriptedStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            presigned_put: true,
            presigned_get: true,
            presigned_multipart: true,
            range_read: true,
            min_part_bytes: 1,
            max_part_bytes: 1 << 30,
            max_parts: 10_000,
            max_single_put_bytes: 1 << 30,
            needs_known_length: true,
            if_none_match: self.writes_once,
            server_checksum: false,
            durable_delete: true,
        }
    }

    async fn begin_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        if self.writes_once && upload.size_bytes <= self.part_size_bytes {
            // Signing asks no store.
            let length = [("length", upload.size_bytes.to_string())];
            return Ok(UploadPlan::Direct(sign(
                &upload.key,
                &length,
                upload.expires_in,
            )));
        }
        self.answer().await?;
        let mut kept = self.kept();
        kept.opened += 1;
        let store_upload_id = format!("upload-{}", kept.opened);
        let open = Open {
            key: upload.key.clone(),
            parts: BTreeMap::new(),
            started_at: OffsetDateTime::now_utc(),
        };
        kept.uploads.insert(store_upload_id.clone(), open);
        if kept.lies.contains(&Lie::OpensUnheard) {
            return Err(StorageError::unavailable("the answer was lost"));
        }
        Ok(UploadPlan::DirectParts(DirectParts {
            store_upload_id,
            part_size_bytes: self.part_size_bytes,
            part_count: u32::try_from(upload.size_bytes.div_ceil(self.part_size_bytes)).unwrap(),
            expires_at: OffsetDateTime::now_utc() + upload.expires_in,
        }))
    }

    async fn part_url(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        part: PartToUpload,
        expires_in: Duration,
    ) -> Result<SignedUpload, StorageError> {
        let query = [
            ("length", part.size_bytes.to_string()),
            ("partNumber", part.number.to_string()),
            ("uploadId", store_upload_id.to_owned()),
        ];
        Ok(sign(key, &query, expires_in))
    }

    async fn list_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        self.answer().await?;
        let kept = self.kept();
        let upload = kept
            .uploads
            .get(store_upload_id)
            .filter(|upload| upload.key == *key)
            .ok_or(StorageError::NotFound)?;
        let short = u64::from(kept.lies.contains(&Lie::ShorterParts));
        let parts = upload.parts.iter().map(|(&number, bytes)| StoredPart {
            number,
            size_bytes: bytes.len() as u64 - short,
            etag: etag(bytes),
        });
        Ok(parts.collect())
    }

    async fn complete_upload(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        self.answer().await?;
        let mut kept = self.kept();
        let Some(upload) = kept.uploads.get(store_upload_id) else {
            return kept
                .objects
                .get(&key.to_string())
                .map(stat_of)
                .ok_or(StorageError::NotFound);
        };
        let mut whole = Vec::new();
        for part in parts {
            match upload.parts.get(&part.number) {
                Some(bytes) if etag(bytes) == part.etag => whole.extend_from_slice(bytes),
                _ => return Err(StorageError::InvalidParts),
            }
        }
        let in_order = parts.windows(2).all(|two| two[0].number < two[1].number);
        if upload.key != *key || parts.is_empty() || !in_order {
            return Err(StorageError::InvalidParts);
        }
        let whole = Bytes::from(whole);
        let stat = stat_of(&whole);
        kept.uploads.remove(store_upload_id);
        if !kept.lies.contains(&Lie::CompleteKeepsNothing) {
            kept.objects.insert(key.to_string(), whole);
        }
        if kept.lies.contains(&Lie::CompleteDenies) {
            return Err(StorageError::unavailable("200 with an error in it"));
        }
        Ok(stat)
    }

    async fn abort_upload(
        &self,
        _key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<(), StorageError> {
        self.answer().await?;
        self.kept().uploads.remove(store_upload_id);
        Ok(())
    }

    async fn list_unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, StorageError> {
        self.answer().await?;
        let kept = self.kept();
        let open = kept.uploads.iter().map(|(id, upload)| UnfinishedUpload {
            key: upload.key.clone(),
            store_upload_id: id.clone(),
            started_at: upload.started_at,
        });
        Ok(open.collect())
    }

    async fn begin_download(
        &self,
        key: &ObjectKey,
        _download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        let signed = sign(key, &[], expires_in);
        Ok(DownloadPlan::Direct {
            url: signed.url,
            expires_at: signed.expires_at,
        })
    }

    async fn stat(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        self.answer().await?;
        let kept = self.kept();
        let longer = u64::from(kept.lies.contains(&Lie::LongerStat));
        let found = kept.objects.get(&key.to_string()).map(stat_of);
        Ok(found.map(|stat| ObjectStat {
            size_bytes: stat.size_bytes + longer,
            ..stat
        }))
    }

    async fn put_stream(
        &self,
        object: &NewObject,
        mut bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        self.answer().await?;
        let mut whole = Vec::new();
        while let Some(chunk) = bytes.next().await {
            whole.extend_from_slice(&chunk.map_err(StorageError::SourceFailed)?);
        }
        let (whole, sha256) = (Bytes::from(whole.clone()), Sha256::digest(&whole).into());
        let stored = Stored {
            size_bytes: whole.len() as u64,
            sha256,
            etag: etag(&whole),
        };
        self.kept().objects.insert(object.key.to_string(), whole);
        Ok(stored)
    }

    async fn get_stream(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        self.answer().await?;
        assert!(range.is_none(), "nobody reads ranges here");
        let bytes = self.kept().objects.get(&key.to_string()).cloned();
        let bytes = bytes.ok_or(StorageError::NotFound)?;
        Ok(ObjectRead {
            stat: stat_of(&bytes),
            bytes: stream::iter([Ok(bytes)]).boxed(),
        })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        self.answer().await?;
        self.kept().objects.remove(&key.to_string());
        Ok(())
    }

    async fn list(
        &self,
        scope: ListScope,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<ListPage, StorageError> {
        self.answer().await?;
        let kept = self.kept();
        let objects = kept.objects.iter().map(|(key, bytes)| ListedObject {
            key: ObjectKey::parse(key).unwrap(),
            size_bytes: bytes.len() as u64,
            modified_at: OffsetDateTime::now_utc(),
        });
        Ok(ListPage {
            objects: objects
                .filter(|object| scope.contains(&object.key))
                .collect(),
            ..ListPage::default()
        })
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.answer().await
    }
}
