//! No signature, a wrong one, one for something else, one that has run out, and what a right one does not cover.

use std::time::Duration;

use reqwest::Method as HttpMethod;
use rusty_s3::Method;
use secrecy::SecretString;
use url::Url;

use super::{
    Finding, Unreachable,
    catalog::{
        EXPIRED, OTHER_KEY, OTHER_METHOD, UNSIGNED_COPY, UNSIGNED_DELETE, UNSIGNED_HEADER,
        UNSIGNED_LIST, UNSIGNED_READ, UNSIGNED_WRITE, WRONG_SECRET,
    },
    ground::{Ground, Sample, URL_LIFE, an_hour_ago, was_let_through},
    own_key::{list_parts, part_of},
};
use crate::s3::{
    S3Config, S3Keys,
    signing::{Sender, Signer, ToSign},
};

pub(super) async fn check(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    let mut findings = unsigned(ground).await?;
    findings.push(WRONG_SECRET.judge(!wrong_secret(ground).await?));
    findings.push(OTHER_METHOD.judge(!other_method(ground).await?));
    findings.push(OTHER_KEY.judge(!other_key(ground).await?));
    findings.push(EXPIRED.judge(!expired(ground).await?));
    findings.push(UNSIGNED_HEADER.judge(!unsigned_header(ground).await?));
    findings.push(UNSIGNED_COPY.judge(!unsigned_copy(ground).await?));
    Ok(findings)
}

async fn unsigned(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    let there = ground.stored_sample().await?;
    let absent = ground.sample();
    let address = |sample: &Sample| ground.signer.unsigned(Sender::Uploader, Some(&sample.key));
    let mut list = ground.signer.unsigned(Sender::Uploader, None);
    list.query_pairs_mut()
        .append_pair("list-type", "2")
        .append_pair("prefix", &there.key);
    let read = read_by(ground, address(&there)).await?;
    let write = written_by(ground, &absent, address(&absent)).await?;
    let listed = read_by(ground, list).await?;
    let deleted = deleted_by(ground, &there, address(&there)).await?;
    Ok(vec![
        UNSIGNED_READ.judge(!read),
        UNSIGNED_WRITE.judge(!write),
        UNSIGNED_LIST.judge(!listed),
        UNSIGNED_DELETE.judge(!deleted),
    ])
}

async fn wrong_secret(ground: &Ground) -> Result<bool, Unreachable> {
    let wrong = |keys: &S3Keys| S3Keys {
        access_key: keys.access_key.clone(),
        secret_key: SecretString::from("0123456789012345678901234567890123456789"),
    };
    let config = &ground.config;
    let signer = Signer::new(&S3Config {
        keys: wrong(&config.keys),
        upload_keys: config.upload_keys.as_ref().map(wrong),
        download_keys: config.download_keys.as_ref().map(wrong),
        ..config.clone()
    })
    .map_err(|error| Unreachable::new(error.to_string()))?;
    let (there, absent) = (ground.stored_sample().await?, ground.sample());
    let read = signer.by(Sender::Downloader, &get(&there), URL_LIFE);
    let write = signer.by(Sender::Uploader, &put(&absent), URL_LIFE);
    Ok(read_by(ground, read).await? || written_by(ground, &absent, write).await?)
}

async fn other_method(ground: &Ground) -> Result<bool, Unreachable> {
    let there = ground.stored_sample().await?;
    let for_reading = ground.signer.by(Sender::Downloader, &get(&there), URL_LIFE);
    let for_writing = ground.signer.by(Sender::Uploader, &put(&there), URL_LIFE);
    Ok(read_by(ground, for_writing.clone()).await?
        || changed_by(ground, &there, for_reading.clone()).await?
        || deleted_by(ground, &there, for_reading).await?
        || deleted_by(ground, &there, for_writing).await?)
}

async fn other_key(ground: &Ground) -> Result<bool, Unreachable> {
    let (ours, theirs) = (ground.stored_sample().await?, ground.stored_sample().await?);
    let moved = |mut url: Url| {
        let path = url.path().replace(&ours.key, &theirs.key);
        url.set_path(&path);
        url
    };
    let for_reading = moved(ground.signer.by(Sender::Downloader, &get(&ours), URL_LIFE));
    let for_writing = moved(ground.signer.by(Sender::Uploader, &put(&ours), URL_LIFE));
    Ok(read_by(ground, for_reading).await? || changed_by(ground, &theirs, for_writing).await?)
}

async fn expired(ground: &Ground) -> Result<bool, Unreachable> {
    let (there, absent) = (ground.stored_sample().await?, ground.sample());
    let (life, then) = (Duration::from_mins(1), an_hour_ago());
    let for_reading = ground
        .signer
        .at(Sender::Downloader, &get(&there), life, then);
    let for_writing = ground
        .signer
        .at(Sender::Uploader, &put(&absent), life, then);
    Ok(read_by(ground, for_reading).await? || written_by(ground, &absent, for_writing).await?)
}

/// Stored with the header or without: it was not signed, so the whole request is to be refused.
async fn unsigned_header(ground: &Ground) -> Result<bool, Unreachable> {
    let absent = ground.sample();
    let url = ground.signer.by(Sender::Uploader, &put(&absent), URL_LIFE);
    let headers = [("x-amz-meta-docuvault-test", "unsigned")];
    ground
        .forged(HttpMethod::PUT, url, &headers, absent.bytes.clone())
        .await?;
    Ok(ground.read(&absent.key).await?.is_some())
}

/// Whoever may send could read every object whose name they know, by having the store copy it into theirs.
async fn unsigned_copy(ground: &Ground) -> Result<bool, Unreachable> {
    let theirs = ground.stored_sample().await?;
    let source = format!("/{}/{}", ground.config.bucket, theirs.key);
    let headers = [("x-amz-copy-source", source.as_str())];
    // With and without a body: a copy has none, but the URL was signed for one.
    let absent = ground.sample();
    for (signed, body) in [
        (put(&absent), absent.bytes.clone()),
        (put(&absent), Vec::new()),
        (ToSign::object(Method::Put, &absent.key), Vec::new()),
    ] {
        let url = ground.signer.by(Sender::Uploader, &signed, URL_LIFE);
        ground.forged(HttpMethod::PUT, url, &headers, body).await?;
        if ground.read(&absent.key).await? == Some(theirs.bytes.clone()) {
            return Ok(true);
        }
    }
    part_copied(ground, &theirs, &headers).await
}

/// The same into a part, which is sent shorter than the copy would be.
async fn part_copied(
    ground: &Ground,
    theirs: &Sample,
    headers: &[(&str, &str)],
) -> Result<bool, Unreachable> {
    let mut sample = ground.sample();
    sample.bytes.truncate(sample.bytes.len() / 2);
    let Ok(id) = ground.begin_parts(&sample.key).await? else {
        // Reported as such; without parts there is nothing to copy into.
        return Ok(false);
    };
    for body in [sample.bytes.clone(), Vec::new()] {
        let part = part_of(&sample, &id);
        let url = ground.signer.by(Sender::Uploader, &part, URL_LIFE);
        ground.forged(HttpMethod::PUT, url, headers, body).await?;
    }
    let listed = ground
        .own(&list_parts(&sample.key, &id), Vec::new())
        .await?
        .require_success("listing parts")?;
    Ok(listed.text_of("Size").contains(&theirs.length()))
}

fn get(sample: &Sample) -> ToSign<'_> {
    ToSign::object(Method::Get, &sample.key)
}

fn put(sample: &Sample) -> ToSign<'_> {
    ToSign::object(Method::Put, &sample.key).header("content-length", sample.length())
}

pub(super) async fn read_by(ground: &Ground, url: Url) -> Result<bool, Unreachable> {
    let answer = ground.forged(HttpMethod::GET, url, &[], Vec::new()).await?;
    Ok(was_let_through(answer.as_ref()))
}

/// The object was not there before.
pub(super) async fn written_by(
    ground: &Ground,
    absent: &Sample,
    url: Url,
) -> Result<bool, Unreachable> {
    ground
        .forged(HttpMethod::PUT, url, &[], absent.bytes.clone())
        .await?;
    Ok(ground.read(&absent.key).await?.is_some())
}

/// The object was there before, and should still be what it was.
pub(super) async fn changed_by(
    ground: &Ground,
    there: &Sample,
    url: Url,
) -> Result<bool, Unreachable> {
    ground
        .forged(HttpMethod::PUT, url, &[], there.tampered())
        .await?;
    Ok(!ground.holds(there).await?)
}

pub(super) async fn deleted_by(
    ground: &Ground,
    there: &Sample,
    url: Url,
) -> Result<bool, Unreachable> {
    ground
        .forged(HttpMethod::DELETE, url, &[], Vec::new())
        .await?;
    Ok(ground.read(&there.key).await?.is_none())
}
