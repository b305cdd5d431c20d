//! Whether a URL that was used can change what it made, and whether the store compares digests: the two things the driver makes use of.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rusty_s3::Method;
use sha2::{Digest, Sha256};

use super::{
    Finding, Unreachable,
    catalog::{CHECKSUM, PART_AFTER_COMPLETE, WRITE_ONCE},
    exchange::PAUSE,
    ground::{Ground, URL_LIFE, was_let_through},
    own_key::{complete, part_of},
};
use crate::s3::{
    S3Features,
    signing::{Sender, ToSign},
};

pub(super) async fn check(
    ground: &Ground,
    findings: &mut Vec<Finding>,
) -> Result<S3Features, Unreachable> {
    let if_none_match = writes_once(ground).await?;
    findings.push(WRITE_ONCE.judge(if_none_match));
    findings.extend(part_after_complete(ground).await?);
    let (checksum_sha256, finding) = compares_checksum(ground).await?;
    findings.push(finding);
    Ok(S3Features {
        if_none_match,
        checksum_sha256,
    })
}

async fn writes_once(ground: &Ground) -> Result<bool, Unreachable> {
    let sample = ground.sample();
    let put = ToSign::object(Method::Put, &sample.key)
        .header("content-length", sample.length())
        .header("if-none-match", "*");
    let send = |body| ground.client(Sender::Uploader, &put, body);
    if !was_let_through(send(sample.bytes.clone()).await?.as_ref()) {
        return Ok(false);
    }
    let replayed = send(sample.tampered()).await?;
    // The condition left out is a header that was signed and is not there.
    let url = ground.signer.by(Sender::Uploader, &put, URL_LIFE);
    let unconditional = ground
        .forged(reqwest::Method::PUT, url, &[], sample.tampered())
        .await?;
    Ok(!was_let_through(replayed.as_ref())
        && !was_let_through(unconditional.as_ref())
        && ground.holds(&sample).await?
        && one_of_two_wins(ground).await?)
}

/// Two at once, the first with half its body sent when the second comes: a store that looks when a request comes in, and not again
/// when it publishes, lets both in. Who holds a URL twice could then replace what was stored in between.
async fn one_of_two_wins(ground: &Ground) -> Result<bool, Unreachable> {
    let sample = ground.sample();
    let put = ToSign::object(Method::Put, &sample.key)
        .header("content-length", sample.length())
        .header("if-none-match", "*");
    let url = ground.signer.by(Sender::Uploader, &put, URL_LIFE);
    let slow = ground
        .caller
        .put_slowly(url, &[("if-none-match", "*")], sample.tampered());
    let quick = async {
        tokio::time::sleep(PAUSE / 2).await;
        ground
            .client(Sender::Uploader, &put, sample.bytes.clone())
            .await
    };
    let (slow, quick) = tokio::join!(slow, quick);
    let quick_won = was_let_through(quick?.as_ref());
    let slow_won = was_let_through(slow.ok().as_ref());
    let stored = ground.read(&sample.key).await?;
    Ok(match (quick_won, slow_won) {
        (true, false) => stored.as_ref() == Some(&sample.bytes),
        (false, true) => stored == Some(sample.tampered()),
        _ => false,
    })
}

async fn part_after_complete(ground: &Ground) -> Result<Option<Finding>, Unreachable> {
    let sample = ground.sample();
    let Ok(id) = ground.begin_parts(&sample.key).await? else {
        // Reported as such.
        return Ok(None);
    };
    let part = part_of(&sample, &id);
    let sent = ground
        .client(Sender::Uploader, &part, sample.bytes.clone())
        .await?;
    let Some(etag) = sent.as_ref().and_then(|answer| answer.header("etag")) else {
        return Ok(None);
    };
    complete(ground, &sample, &id, etag).await?;
    if !ground.holds(&sample).await? {
        return Ok(None);
    }
    ground
        .client(Sender::Uploader, &part, sample.tampered())
        .await?;
    Ok(Some(
        PART_AFTER_COMPLETE.judge(ground.holds(&sample).await?),
    ))
}

async fn compares_checksum(ground: &Ground) -> Result<(bool, Finding), Unreachable> {
    let sample = ground.sample();
    let put = ToSign::object(Method::Put, &sample.key)
        .header("content-length", sample.length())
        .header(
            "x-amz-checksum-sha256",
            STANDARD.encode(Sha256::digest(&sample.bytes)),
        );
    let send = |body| ground.client(Sender::Uploader, &put, body);
    let wrong = send(sample.tampered()).await?;
    if was_let_through(wrong.as_ref()) {
        return Ok((false, CHECKSUM.failed()));
    }
    if ground.read(&sample.key).await?.is_some() {
        let what =
            "A body that does not match its signed SHA-256 is refused, and stored all the same.";
        return Ok((false, CHECKSUM.failed_because(what)));
    }
    if !was_let_through(send(sample.bytes.clone()).await?.as_ref()) {
        let what = "A body with its SHA-256 is refused, the right one too.";
        return Ok((false, CHECKSUM.failed_because(what)));
    }
    Ok((true, CHECKSUM.passed()))
}
