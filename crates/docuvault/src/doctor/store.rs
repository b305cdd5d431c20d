//! Where documents lie: the acceptance test of an S3 store, or the local disk tried out.

use bytes::Bytes;
use docuvault_storage::{
    Existing, LocalDisk, NewObject, ObjectKey, StorageBackend, StorageError,
    s3::acceptance::{Finding, Verdict},
};
use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::Report;
use crate::{
    config::{Config, S3Settings},
    storage_backends::{StoreTest, local_disk},
};

const PART: &str = "store";
const SAMPLE: &[u8] = b"a test of the store";

pub async fn examine(config: &Config, report: &mut Report) {
    match &config.s3 {
        Some(s3) => s3_store(config, s3, report).await,
        None if config.data.dir.is_dir() => disk(config, report).await,
        // Told already.
        None => {}
    }
}

async fn s3_store(config: &Config, s3: &S3Settings, report: &mut Report) {
    let test = match StoreTest::new(config, s3) {
        Ok(test) => test,
        Err(error) => {
            report.problem(PART, error.to_string(), "");
            return;
        }
    };
    match test.run().await {
        Ok(acceptance) => {
            for finding in &acceptance.findings {
                tell(finding, test.is_accepted(finding), report);
            }
        }
        Err(error) => report.problem(
            PART,
            error.to_string(),
            "Check DOCUVAULT_S3_ENDPOINT, and that the store runs.",
        ),
    }
}

fn tell(finding: &Finding, is_accepted: bool, report: &mut Report) {
    let what = format!("{}: {}", finding.id, finding.what);
    match finding.verdict {
        Verdict::Enforced => report.ok(PART, what),
        Verdict::Lacking => report.warn(PART, what, finding.advice.as_str()),
        _ if is_accepted => report.warn(PART, what, "Accepted in DOCUVAULT_S3_ACCEPT."),
        Verdict::Unsafe | Verdict::Broken => {
            report.problem(PART, what, finding.advice.as_str());
        }
    }
}

async fn disk(config: &Config, report: &mut Report) {
    let disk = match local_disk(config).await {
        Ok(disk) => disk,
        Err(error) => {
            report.problem(
                PART,
                format!("the folder of objects cannot be used: {}", in_words(&error)),
                "It and its tmp must be on one filesystem, and belong to the user that the vault runs as.",
            );
            return;
        }
    };
    match written_read_and_removed(&disk).await {
        Ok(()) => report.ok(
            PART,
            "objects are written through to the local disk, read back and removed",
        ),
        Err(error) => report.problem(
            PART,
            format!(
                "the local disk does not do what it must: {}",
                in_words(&error)
            ),
            "Look at the disk, its free space and whose the folder is.",
        ),
    }
}

async fn written_read_and_removed(disk: &LocalDisk) -> Result<(), StorageError> {
    disk.check().await?;
    let key = ObjectKey::new(Uuid::nil(), Uuid::new_v4(), Uuid::new_v4(), "");
    let object = NewObject {
        key: key.clone(),
        size_bytes: SAMPLE.len() as u64,
        expected_sha256: None,
        existing: Existing::Keep,
    };
    disk.put_stream(
        &object,
        stream::iter([Ok(Bytes::from_static(SAMPLE))]).boxed(),
    )
    .await?;
    let read = disk.get_stream(&key, None).await?.bytes;
    let bytes: Vec<Bytes> = read.try_collect().await?;
    disk.delete(&key).await?;
    if bytes.concat() == SAMPLE {
        Ok(())
    } else {
        Err(StorageError::unavailable(
            "other bytes were read than written",
        ))
    }
}

fn in_words(error: &StorageError) -> String {
    std::error::Error::source(error)
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
