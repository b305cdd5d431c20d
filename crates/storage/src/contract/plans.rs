//! Promises about capabilities, plans and health: what a driver says it can do is what it plans.

use std::time::Duration;

use super::{Outcome, Store, ensure, ensure_refused, sample};
use crate::{
    DirectParts, Disposition, DownloadAs, DownloadPlan, NewUpload, PartToUpload, StorageError,
    UploadPlan,
};

const EXPIRES_IN: Duration = Duration::from_mins(10);
/// One in a single PUT, one that stores with multipart take in parts.
const SIZES: [u64; 2] = [1000, 300 * 1024 * 1024];

pub(super) async fn plans_follow_from_capabilities(store: Store) -> Outcome {
    for size_bytes in SIZES {
        let key = sample::key();
        let upload = NewUpload {
            key: key.clone(),
            size_bytes,
            content_type: "application/octet-stream".to_owned(),
            sha256: None,
            expires_in: EXPIRES_IN,
        };
        match store.begin_upload(&upload).await? {
            UploadPlan::Direct(put) => {
                let able = store.capabilities().presigned_put;
                ensure(able, "a direct upload is planned without presigned PUT")?;
                ensure(
                    put.url.expose().starts_with("http"),
                    "a direct upload without a URL",
                )?;
                ensure(
                    size_bytes <= store.capabilities().max_single_put_bytes,
                    "a single PUT beyond the limit",
                )?;
            }
            UploadPlan::DirectParts(parts) => {
                plans_possible_parts(&store, &upload, &parts).await?;
                store.abort_upload(&key, &parts.store_upload_id).await?;
            }
            UploadPlan::Gateway => takes_bytes_itself(&store, &upload).await?,
        }
        ensure(
            store.stat(&key).await?.is_none(),
            "a plan alone created an object",
        )?;
    }
    download_follows(&store).await
}

async fn plans_possible_parts(store: &Store, upload: &NewUpload, parts: &DirectParts) -> Outcome {
    let able = store.capabilities();
    let (size, count) = (parts.part_size_bytes, parts.part_count);
    ensure(
        able.presigned_multipart,
        "parts are planned without presigned multipart",
    )?;
    ensure(
        (able.min_part_bytes..=able.max_part_bytes).contains(&size),
        format!("parts of {size} bytes"),
    )?;
    ensure(
        u64::from(count) == upload.size_bytes.div_ceil(size),
        "the part count does not fit the size",
    )?;
    ensure(count <= able.max_parts, format!("{count} parts"))?;
    let part = PartToUpload {
        number: 1,
        size_bytes: size.min(upload.size_bytes),
    };
    store
        .part_url(&upload.key, &parts.store_upload_id, part, EXPIRES_IN)
        .await?;
    let arrived = store
        .list_parts(&upload.key, &parts.store_upload_id)
        .await?;
    ensure(arrived.is_empty(), "parts have arrived that nobody sent")
}

/// A driver that sends clients to the gateway must take a stream of that kind, and no parts.
async fn takes_bytes_itself(store: &Store, upload: &NewUpload) -> Outcome {
    let part = PartToUpload {
        number: 1,
        size_bytes: upload.size_bytes,
    };
    let url = store
        .part_url(&upload.key, "no-such-upload", part, EXPIRES_IN)
        .await;
    ensure_refused(
        url,
        |error| !error.is_temporary(),
        "a part of an upload through the gateway",
    )?;
    store.abort_upload(&upload.key, "no-such-upload").await?;
    sample::put(store, &upload.key, b"through the gateway").await?;
    ensure(
        sample::get(store, &upload.key, None).await? == b"through the gateway",
        "the gateway stored other bytes",
    )?;
    Ok(store.delete(&upload.key).await?)
}

async fn download_follows(store: &Store) -> Outcome {
    let download = DownloadAs {
        disposition: Disposition::Attachment,
        file_name: "Überweisung \"7\".pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
    };
    let key = sample::key();
    sample::put(store, &key, b"to be read").await?;
    match store.begin_download(&key, &download, EXPIRES_IN).await? {
        DownloadPlan::Direct { url, .. } => {
            ensure(
                store.capabilities().presigned_get,
                "a direct download is planned without presigned GET",
            )?;
            ensure(
                url.expose().starts_with("http"),
                "a direct download without a URL",
            )?;
        }
        DownloadPlan::Gateway => {
            ensure(
                sample::get(store, &key, None).await? == b"to be read",
                "the gateway cannot read the object",
            )?;
        }
    }
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_healthy_store_says_so(store: Store) -> Outcome {
    store
        .check()
        .await
        .map_err(|error: StorageError| error.into())
}
