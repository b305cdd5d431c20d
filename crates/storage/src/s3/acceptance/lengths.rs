//! Bodies longer or shorter than was signed, of whole objects and of parts.

use rusty_s3::Method;

use super::{
    Finding, Unreachable,
    catalog::{LONGER_BODY, PART_LENGTH, SHORTER_BODY},
    ground::{Ground, Sample, URL_LIFE},
    own_key::{list_parts, part_of},
};
use crate::s3::signing::{Sender, ToSign};

pub(super) async fn check(ground: &Ground) -> Result<Vec<Finding>, Unreachable> {
    Ok(vec![
        LONGER_BODY.judge(!takes_object(ground, longer).await?),
        SHORTER_BODY.judge(!takes_object(ground, shorter).await?),
        PART_LENGTH
            .judge(!(takes_part(ground, longer).await? || takes_part(ground, shorter).await?)),
    ])
}

fn longer(sample: &Sample) -> Vec<u8> {
    [&sample.bytes[..], b" and more than was signed"].concat()
}

fn shorter(sample: &Sample) -> Vec<u8> {
    let mut bytes = sample.bytes.clone();
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// Whether what is there afterwards has another length than was signed.
async fn takes_object(ground: &Ground, body: fn(&Sample) -> Vec<u8>) -> Result<bool, Unreachable> {
    let absent = ground.sample();
    let put = ToSign::object(Method::Put, &absent.key).header("content-length", absent.length());
    send(ground, &put, body(&absent)).await?;
    let stored = ground.read(&absent.key).await?;
    Ok(stored.is_some_and(|bytes| bytes.len() != absent.bytes.len()))
}

async fn takes_part(ground: &Ground, body: fn(&Sample) -> Vec<u8>) -> Result<bool, Unreachable> {
    let sample = ground.sample();
    let Ok(id) = ground.begin_parts(&sample.key).await? else {
        // Reported as such; without parts there is nothing to send.
        return Ok(false);
    };
    send(ground, &part_of(&sample, &id), body(&sample)).await?;
    let listed = ground
        .own(&list_parts(&sample.key, &id), Vec::new())
        .await?
        .require_success("listing parts")?;
    let sizes = listed.text_of("Size");
    Ok(sizes.iter().any(|size| *size != sample.length()))
}

/// With the length that the body has, not the one that was signed.
async fn send(ground: &Ground, what: &ToSign<'_>, body: Vec<u8>) -> Result<(), Unreachable> {
    let url = ground.signer.by(Sender::Uploader, what, URL_LIFE);
    ground.forged(reqwest::Method::PUT, url, &[], body).await?;
    Ok(())
}
