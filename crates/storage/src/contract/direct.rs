//! Promises about URLs that clients send to and fetch from: each allows one thing, to one object, for a while.

use std::time::Duration;

use http::Method;

use super::{Broken, Outcome, Store, client::Client, ensure, sample};
use crate::{
    Disposition, DownloadAs, DownloadPlan, NewUpload, ObjectKey, PartToUpload, SignedUpload,
    SignedUrl, UploadPlan,
};

pub(super) const EXPIRES_IN: Duration = Duration::from_mins(10);

pub(super) fn upload_of(key: &ObjectKey, size_bytes: usize) -> NewUpload {
    NewUpload {
        key: key.clone(),
        size_bytes: size_bytes as u64,
        content_type: "application/octet-stream".to_owned(),
        sha256: None,
        expires_in: EXPIRES_IN,
    }
}

/// A way to send an object of one part, and the upload to end if it has to be joined.
struct OneUrl {
    to: SignedUpload,
    store_upload_id: Option<String>,
}

async fn one_url(store: &Store, upload: &NewUpload) -> Result<OneUrl, Broken> {
    match store.begin_upload(upload).await? {
        UploadPlan::Direct(to) => Ok(OneUrl {
            to,
            store_upload_id: None,
        }),
        UploadPlan::DirectParts(parts) => {
            let part = PartToUpload {
                number: 1,
                size_bytes: upload.size_bytes,
            };
            let id = parts.store_upload_id;
            let to = store
                .part_url(&upload.key, &id, part, upload.expires_in)
                .await?;
            Ok(OneUrl {
                to,
                store_upload_id: Some(id),
            })
        }
        UploadPlan::Gateway => Err(Broken::Promise("no direct upload was planned".to_owned())),
    }
}

/// Nothing has arrived by this URL; ends its upload.
async fn nothing_arrived(store: &Store, key: &ObjectKey, url: &OneUrl) -> Outcome {
    ensure(
        store.stat(key).await?.is_none(),
        "what was refused is visible",
    )?;
    if let Some(id) = &url.store_upload_id {
        let parts = store.list_parts(key, id).await?;
        ensure(parts.is_empty(), "what was refused has become a part")?;
        store.abort_upload(key, id).await?;
    }
    Ok(())
}

pub(super) async fn a_url_takes_one_length_only(store: Store) -> Outcome {
    let client = Client::new()?;
    for sent in [0, 999, 1001, 100_000] {
        let key = sample::key();
        let url = one_url(&store, &upload_of(&key, 1000)).await?;
        let reply = client.put(&url.to, &sample::bytes(sent)).await?;
        reply.refused(&format!("{sent} bytes by a URL for 1000"))?;
        nothing_arrived(&store, &key, &url).await?;
    }
    Ok(())
}

pub(super) async fn a_url_is_good_for_one_method(store: Store) -> Outcome {
    let client = Client::new()?;
    let (key, bytes) = (sample::key(), b"to stay");
    let url = one_url(&store, &upload_of(&key, bytes.len())).await?;
    for method in [Method::GET, Method::HEAD, Method::DELETE] {
        let what = format!("{method} by a URL for PUT");
        let reply = client.send(method, &url.to.url, &[], &[]).await?;
        reply.refused(&what)?;
    }
    nothing_arrived(&store, &key, &url).await?;
    sample::put(&store, &key, bytes).await?;
    let from = download_url(&store, &key, EXPIRES_IN).await?;
    for method in [Method::PUT, Method::DELETE] {
        let what = format!("{method} by a URL for GET");
        let reply = client.send(method, &from, &[], b"changed").await?;
        reply.refused(&what)?;
    }
    ensure(
        sample::get(&store, &key, None).await? == bytes,
        "a URL for GET has changed the object",
    )?;
    Ok(store.delete(&key).await?)
}

pub(super) async fn a_url_is_good_for_one_object(store: Store) -> Outcome {
    let client = Client::new()?;
    let (mine, other) = (sample::key(), sample::key());
    let url = one_url(&store, &upload_of(&mine, 5)).await?;
    let swapped = SignedUpload {
        url: moved(&url.to.url, &mine, &other),
        ..url.to.clone()
    };
    let reply = client.put(&swapped, b"12345").await?;
    reply.refused("an upload to another key")?;
    ensure(
        store.stat(&other).await?.is_none(),
        "an upload to another key has arrived",
    )?;
    nothing_arrived(&store, &mine, &url).await?;
    sample::put(&store, &mine, b"mine").await?;
    sample::put(&store, &other, b"other").await?;
    let from = moved(
        &download_url(&store, &mine, EXPIRES_IN).await?,
        &mine,
        &other,
    );
    client
        .get(&from, None)
        .await?
        .refused("a download of another key")?;
    store.delete(&mine).await?;
    Ok(store.delete(&other).await?)
}

fn moved(url: &SignedUrl, from: &ObjectKey, to: &ObjectKey) -> SignedUrl {
    SignedUrl::new(url.expose().replace(&from.to_string(), &to.to_string()))
}

pub(super) async fn an_expired_url_is_refused(store: Store) -> Outcome {
    const LIFE: Duration = Duration::from_secs(1);
    let client = Client::new()?;
    let (key, stored) = (sample::key(), sample::key());
    sample::put(&store, &stored, b"stored").await?;
    let mut upload = upload_of(&key, 4);
    upload.expires_in = LIFE;
    let url = one_url(&store, &upload).await?;
    let from = download_url(&store, &stored, LIFE).await?;
    // Signatures count in seconds.
    tokio::time::sleep(LIFE * 2 + Duration::from_millis(500)).await;
    let reply = client.put(&url.to, b"late").await?;
    reply.refused("an upload after the end")?;
    client
        .get(&from, None)
        .await?
        .refused("a download after the end")?;
    nothing_arrived(&store, &key, &url).await?;
    Ok(store.delete(&stored).await?)
}

/// Where an upload is one PUT: its URL stays valid after the object is there.
pub(super) async fn a_url_used_again_changes_nothing(store: Store) -> Outcome {
    let client = Client::new()?;
    let key = sample::key();
    let url = one_url(&store, &upload_of(&key, 5)).await?;
    let first = client.put(&url.to, b"first").await?.arrived("an upload")?;
    if let Some(id) = &url.store_upload_id {
        let part = crate::CompletedPart {
            number: 1,
            etag: first.etag()?,
        };
        store.complete_upload(&key, id, &[part]).await?;
    }
    for again in [b"other", b"first"] {
        let reply = client.put(&url.to, again).await?;
        reply.refused("a second upload by the same URL")?;
    }
    ensure(
        sample::get(&store, &key, None).await? == b"first",
        "a URL used again has changed the object",
    )?;
    Ok(store.delete(&key).await?)
}

/// Where the store compares digests and an upload is one PUT.
pub(super) async fn a_url_takes_one_digest_only(store: Store) -> Outcome {
    let client = Client::new()?;
    let (key, bytes) = (sample::key(), b"as announced");
    let mut upload = upload_of(&key, bytes.len());
    upload.sha256 = Some(sample::sha256(bytes));
    let UploadPlan::Direct(to) = store.begin_upload(&upload).await? else {
        return ensure(false, "no single PUT was planned");
    };
    let reply = client.put(&to, b"as annOunced").await?;
    reply.refused("other bytes of the same length")?;
    ensure(
        store.stat(&key).await?.is_none(),
        "bytes of another digest are visible",
    )?;
    client.put(&to, bytes).await?.arrived("the right bytes")?;
    let stat = store.stat(&key).await?;
    ensure(
        stat.is_some_and(|stat| stat.sha256 == upload.sha256),
        "the store does not say the digest it has checked",
    )?;
    Ok(store.delete(&key).await?)
}

async fn download_url(
    store: &Store,
    key: &ObjectKey,
    expires_in: Duration,
) -> Result<SignedUrl, Broken> {
    let download = DownloadAs {
        disposition: Disposition::Attachment,
        file_name: "Überweisung \"7\" & Co.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
    };
    match store.begin_download(key, &download, expires_in).await? {
        DownloadPlan::Direct { url, .. } => Ok(url),
        DownloadPlan::Gateway => Err(Broken::Promise("no direct download was planned".to_owned())),
    }
}

pub(super) async fn a_download_presents_itself_as_asked(store: Store) -> Outcome {
    let client = Client::new()?;
    let (key, bytes) = (sample::key(), sample::bytes(100_000));
    sample::put(&store, &key, &bytes).await?;
    let from = download_url(&store, &key, EXPIRES_IN).await?;
    let all = client.get(&from, None).await?.arrived("a download")?;
    ensure(all.body == bytes, "a download brought other bytes")?;
    ensure(
        all.header("content-type") == Some("application/pdf"),
        format!("a download of type {:?}", all.header("content-type")),
    )?;
    let name = "attachment; filename=\"_berweisung _7_ & Co.pdf\"; filename*=UTF-8''%C3%9Cberweisung%20%227%22%20&%20Co.pdf";
    ensure(
        all.header("content-disposition") == Some(name),
        format!("a download named {:?}", all.header("content-disposition")),
    )?;
    let range = client
        .get(&from, Some("bytes=10-99"))
        .await?
        .arrived("a range of a download")?;
    ensure(range.body == bytes[10..=99], "a range brought other bytes")?;
    ensure(
        range.header("content-range") == Some("bytes 10-99/100000"),
        "a range does not say which it is",
    )?;
    Ok(store.delete(&key).await?)
}
